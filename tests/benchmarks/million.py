"""So many steps of the search against an importer, whatever they show: every difference is written down as a trace.

    python -m tests.benchmarks.million TARGET --steps 1000000 --seed 0 > million.log

The steps come in blocks of 10,000, each from a seed of its own, so that a run that was ended goes on with `--done
STEPS`, and comes to the same histories as one that was not. A history is played to its end: a block may be a few steps
longer.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import define, field

from conformance.generation.randomness import RandomSource
from conformance.protocol.trace import Exchange, trace_of, write
from conformance.search.random_search import generator_for, one_history
from conformance.search.results import SearchResult
from conformance.session.client import Importer, introduced
from conformance.session.lockstep import Lockstep
from conformance.transport.faults import BadTarget, Fault
from conformance.transport.targets import connect

BLOCK = 10_000  # steps
MOST = 100  # differences and faults, after which going on would tell nothing new


@define
class Tally:
    """How far a run has come: what was played, and where the differences are."""

    played: SearchResult = field(factory=SearchResult)
    traces: list[Path] = field(factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether something was played, and nothing was wrong."""
        return self.played.steps > 0 and not self.traces and not self.played.faults

    @property
    def is_hopeless(self) -> bool:
        """Whether so much is wrong that nobody needs more of it."""
        return len(self.played.faults) + len(self.traces) >= MOST

    def __str__(self) -> str:
        played = self.played
        counts = f"{played.steps:,} steps, {played.files:,} files, {played.histories:,} histories"
        return f"{counts}: {len(self.traces)} differences, {len(played.faults)} faults"


def run(importer: Importer, steps: int, seed: int, done: int, folder: Path) -> Iterator[Tally]:
    """Play blocks until there are so many steps, counted from the first block on; the tally after each."""
    tally = Tally()
    for begin in range(done // BLOCK * BLOCK, steps, BLOCK):
        play_block(importer, f"{seed}:{begin}", min(BLOCK, steps - begin), folder, tally)
        yield tally
        if tally.is_hopeless:
            return


def play_block(importer: Importer, seed: str, steps: int, folder: Path, tally: Tally) -> None:
    """Play histories from one seed until there are so many steps."""
    source, lockstep = RandomSource.seeded(seed), Lockstep(importer, importer.known())
    enough = tally.played.steps + steps
    while tally.played.steps < enough and not tally.is_hopeless:
        tally.played.histories += 1
        try:
            _, exchanges, differs = one_history(lockstep, generator_for(importer, source), tally.played)
        except Fault as fault:
            tally.played.faults.append(str(fault))
            print(f"fault in the block of seed {seed}: {fault}", flush=True)
            continue
        if differs:
            tally.traces.append(written(exchanges, seed, len(tally.traces) + 1, folder))


def written(exchanges: Sequence[Exchange], seed: str, number: int, folder: Path) -> Path:
    """The trace of a history that differs, in its file."""
    path = folder / f"difference-{seed.replace(':', '-')}-{number}.jsonl"
    write(trace_of(f"Found in the block of seed {seed}", (), exchanges), path)
    print(f"difference: {path}", flush=True)
    return path


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.million", description=__doc__.partition("\n")[0])
    parser.add_argument("target", metavar="TARGET", help="the importer, as PROTOCOL.md names it")
    parser.add_argument("--steps", type=int, default=1_000_000, metavar="N", help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="other histories (%(default)s)")
    parser.add_argument("--done", type=int, default=0, metavar="N", help="go on after so many steps (%(default)s)")
    parser.add_argument("--traces", type=Path, default=Path("differences"), metavar="FOLDER", help="(%(default)s)")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """The exit status: 0 if nothing differed, 1 if anything did or the importer failed, 2 if there is none."""
    chosen, begun, tally = arguments(words), time.monotonic(), Tally()
    try:
        with connect(chosen.target) as target:
            for tally in run(introduced(target), chosen.steps, chosen.seed, chosen.done, chosen.traces):
                print(f"{time.monotonic() - begun:8.0f} s  {tally}", flush=True)
    except (BadTarget, Fault) as error:
        print(error, file=sys.stderr)
        return 2
    print(verdict(tally, chosen.traces))
    return 0 if tally.is_clean else 1


def verdict(tally: Tally, folder: Path) -> str:
    """The last line."""
    if not tally.played.steps:
        return "Nothing was played: as many steps are done as are wanted"
    return "Nothing differed" if tally.is_clean else f"{tally}; the traces are in {folder}"


if __name__ == "__main__":
    sys.exit(main())
