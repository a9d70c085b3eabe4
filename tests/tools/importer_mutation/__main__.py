"""Change the two independent importers in every small way, and see whether the suite notices.

python -m tests.tools.importer_mutation [MODULE …]    or `make mutate-importers`

Cosmic Ray changes the SQL importer, Stryker the JavaScript one. Each mutant is asked the examples of the pages and the
edge cases; who answers them all right is searched at the default budget. It takes hours, and goes on where it was.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from attrs import frozen

from tests.support.arguments import whole_number
from tests.tools.importer_mutation import javascript_mutants, python_mutants
from tests.tools.importer_mutation.conversations import Conversation, Order, written_down
from tests.tools.importer_mutation.findings import (
    DATA,
    Findings,
    Module,
    Search,
    Survivor,
    as_text,
    explained,
    explanations,
    problems,
    read,
)
from tests.tools.importer_mutation.judging import apart, asked, searched, targets_of
from tests.tools.importer_mutation.memory import Basis, Memory
from tests.tools.importer_mutation.mutants import IMPORTERS, Mutant
from tests.tools.importer_mutation.page import MARKDOWN, markdown
from tests.tools.importer_mutation.sample import failures, modules, sample
from tests.tools.mutation_matrix.findings import BadData

MODULES = {"sql": python_mutants.modules(), "javascript": javascript_mutants.modules()}
NAMES = [f"{importer}.{module}" for importer in IMPORTERS for module in MODULES[importer]]
OFTEN = 30.0  # seconds between two words of how far it is


def mutants_of(names: Sequence[str], copy: Path) -> list[Mutant]:
    """The mutants of some modules, in their order; `copy` is where the instrumented JavaScript goes."""
    switched = javascript_mutants.instrumented(copy) if any(name.startswith("javascript") for name in names) else []
    found: list[Mutant] = []
    for name in names:
        importer, module = name.split(".")
        found += python_mutants.mutants(module) if importer == "sql" else []
        found += [mutant for mutant in switched if f"javascript.{mutant.module}" == name]
    return found


# Asking them.


@frozen
class Measurement:
    """What is needed to ask mutants: the conversations, where the copy is, and the memory with what it rests on."""

    conversations: tuple[Conversation, ...]
    copy: Path
    cache: Path
    basis: Basis

    def memory(self) -> Memory:
        """What is known by now."""
        return Memory.of(self.cache, self.basis)

    def ask(self, mutants: Sequence[Mutant]) -> None:
        """Ask mutants all that is written down, as far as it is not known what comes of it."""
        memory, order = self.memory(), Order(self.conversations)
        waiting = [mutant for mutant in mutants if memory.left(mutant, self.conversations)]
        for mutant in told("asked", explained_last(waiting)):
            targets = targets_of(mutant, self.copy)
            verdict = apart(mutant, partial(asked, targets, memory.left(mutant, order.of(mutant.module))))
            order.learn(mutant.module, verdict.by)
            memory.keep("written", mutant, verdict)

    def search(self, mutants: Sequence[Mutant]) -> None:
        """Search those that were not noticed; first those that nobody has explained."""
        memory = self.memory()
        waiting = [each for each in mutants if memory.is_survivor(each) and each.key not in memory.searched]
        for mutant in told("searched", explained_last(waiting)):
            memory.keep("searched", mutant, apart(mutant, partial(searched, targets_of(mutant, self.copy))))


def explained_last(mutants: Sequence[Mutant]) -> list[Mutant]:
    """The mutants, first those that nobody has explained: what comes of the others is known, and takes longest."""
    known = explanations()
    return sorted(mutants, key=lambda each: explained(each, known) is not None)


def side_by_side(work: Callable[[Sequence[Mutant]], None], mutants: Sequence[Mutant], workers: int) -> None:
    """Have as many processes do a part each; they share the file of the memory."""
    if workers == 1:
        return work(mutants)
    forked = get_context("fork")
    processes = [forked.Process(target=work, args=(mutants[part::workers],)) for part in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return None


def told(what: str, mutants: Sequence[Mutant]) -> Iterator[Mutant]:
    """The mutants, with a word now and then about how far it is."""
    begun = last = time.monotonic()
    for done, mutant in enumerate(mutants, start=1):
        yield mutant
        if time.monotonic() - last > OFTEN or done == len(mutants):
            last = time.monotonic()
            print(
                f"{done} of {len(mutants)} {what}, {last - begun:.0f} s ({mutant.importer}.{mutant.module})",
                flush=True,
            )


# What came of it.


def modules_of(mutants: Sequence[Mutant], memory: Memory) -> Iterator[Module]:
    """What is known of each module."""
    for name in dict.fromkeys((mutant.importer, mutant.module) for mutant in mutants):
        yield module_of([mutant for mutant in mutants if (mutant.importer, mutant.module) == name], memory)


def module_of(mutants: Sequence[Mutant], memory: Memory) -> Module:
    """What is known of one module, whose mutants these are."""
    noticed = [memory.noticed[mutant.key] for mutant in mutants if mutant.key in memory.noticed]
    staged = [verdict for verdict in noticed if verdict.staged]
    survivors = tuple(survivor(each, memory) for each in mutants if memory.is_survivor(each))
    first = mutants[0]
    asked_whole = len(noticed) + len(survivors)
    return Module(first.importer, first.module, len(mutants), asked_whole, len(noticed), len(staged), survivors)


def survivor(mutant: Mutant, memory: Memory) -> Survivor:
    """A mutant that was not noticed, with what the search said."""
    facts = (mutant.importer, mutant.module, mutant.function, mutant.operator, mutant.before, mutant.after)
    verdict = memory.searched.get(mutant.key)
    search: Search = "not_asked" if verdict is None else "noticed" if verdict.killed else "survives"
    return Survivor(*facts, search, memory.is_current(mutant))


def with_modules(measured: Iterable[Module], path: Path) -> Findings:
    """The findings with some modules measured anew; the others are as they were."""
    rows = {(each.importer, each.name): each for each in (read(path).modules if path.exists() else ())}
    rows |= {(each.importer, each.name): each for each in measured}
    ordered = [rows[importer, name] for importer in IMPORTERS for name in MODULES[importer] if (importer, name) in rows]
    return Findings(tuple(ordered))


def write(findings: Findings, data: Path) -> None:
    """The findings as data, and the page beside it."""
    data.write_text(as_text(findings), "utf-8")
    data.with_name(MARKDOWN.name).write_text(markdown(findings, explanations()), "utf-8")


# The command line.


def name(text: str) -> str:
    """The name of a module."""
    if text not in NAMES:
        raise argparse.ArgumentTypeError(f"there is no module {text!r}; there are {', '.join(NAMES)}")
    return text


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.tools.importer_mutation", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument(
        "modules", nargs="*", type=name, metavar="MODULE", help="such as sql.rows; all, if none is named"
    )
    parser.add_argument("--sample", action="store_true", help="only see whether the few of sample.toml are noticed")
    parser.add_argument("--no-search", action="store_true", help="ask only what is written down")
    parser.add_argument("--render", action="store_true", help="measure nothing, write what is known")
    parser.add_argument("--workers", type=whole_number, default=1, metavar="N", help="processes side by side (1)")
    parser.add_argument(
        "--data", type=Path, default=DATA, metavar="FILE", help="the findings; the page comes beside them"
    )
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path(sys.prefix) / "importer-mutants.jsonl",
        metavar="FILE",
        help="what was measured (in this Python's environment)",
    )
    return parser.parse_args(words)


def measure(chosen: argparse.Namespace, copy: Path) -> Findings:
    """Ask, search, and write what is known, also where it was stopped."""
    mutants = mutants_of(chosen.modules or NAMES, copy)
    conversations = written_down()
    measurement = Measurement(conversations, copy, chosen.cache, Basis.of(conversations))
    try:
        if not chosen.render:
            side_by_side(measurement.ask, mutants, chosen.workers)
        if not (chosen.render or chosen.no_search):
            side_by_side(measurement.search, mutants, chosen.workers)
    finally:
        findings = with_modules(modules_of(mutants, measurement.memory()), chosen.data)
        write(findings, chosen.data)
    return findings


def sampled(copy: Path) -> int:
    """The exit status: 1 where a mutant of the sample is not noticed, or an importer without a change is."""
    found = list(failures(mutants_of(modules(), copy), written_down(), copy))
    print("\n".join(found) or f"all {len(sample())} mutants of the sample are noticed")
    return 1 if found else 0


def main(words: Sequence[str] | None = None) -> int:
    """The exit status: 1 where a survivor is not explained, 2 where it came to nothing, 130 where it was stopped."""
    chosen = arguments(words)
    try:
        with tempfile.TemporaryDirectory() as folder:
            if chosen.sample:
                return sampled(Path(folder))
            findings = measure(chosen, Path(folder))
        found = problems(findings.modules, explanations())
    except (BadData, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        return 130
    print("\n".join(found) or "every mutant that was asked is noticed or explained")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
