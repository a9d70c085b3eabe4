"""Measuring: contestants in turn, the best of their rounds, and whether what they did was right.

Seconds are the processor's, so that other programs on the machine and waiting for a disk do not count. They
are this machine's, today: only what they come to beside another contestant's says anything. So all contestants
run in each round, and the rounds follow each other until there are enough of them or time is up.
"""

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from attrs import field, frozen

SHORTEST = 1e-9  # seconds: some clocks stand still for as long as a small step takes
Outcome = Mapping[str, int]  # what happened → to how many rows


def everything(result: Any) -> Outcome:
    """The outcome of a contestant that counts for itself."""
    outcome: Outcome = result
    return outcome


@frozen
class Contestant:
    """Something to be timed: what it is, how many rows it goes through, and what has to come of it."""

    name: str
    rows: int
    run: Callable[[], Any] = field(repr=False)
    expected: Outcome
    outcome: Callable[[Any], Outcome] = field(default=everything, repr=False)  # of what `run` gave, not timed


@frozen
class Round:
    """One run of a contestant."""

    seconds: float
    outcome: Outcome


@frozen
class Measure:
    """What came of a contestant: the best of its rounds, and what was wrong, if anything was."""

    name: str
    rows: int
    seconds: float
    rounds: int
    wrong: str | None = None

    @property
    def rows_per_second(self) -> float:
        """How many rows go through in a second."""
        return self.rows / self.seconds


def timed(contestant: Contestant) -> Round:
    """One run. What it gave is still there when the clock stops: taking it apart is not timed."""
    gc.collect()
    start = time.process_time()
    result = contestant.run()
    seconds = time.process_time() - start
    return Round(seconds, dict(contestant.outcome(result)))


def compete(contestants: Sequence[Contestant], rounds: int, limit: float) -> tuple[Measure, ...]:
    """All contestants, round by round; no round begins once `limit` seconds have gone by, save the first."""
    runs: dict[str, list[Round]] = {contestant.name: [] for contestant in contestants}
    with collector_apart():
        for turn in turns(rounds, limit):
            for contestant in rotated(contestants, turn):
                runs[contestant.name].append(timed(contestant))
    return tuple(measure(contestant, runs[contestant.name]) for contestant in contestants)


def turns(rounds: int, limit: float) -> Iterator[int]:
    """The numbers of the rounds, as long as there is time."""
    deadline = time.perf_counter() + limit
    for turn in range(rounds):
        if turn and time.perf_counter() > deadline:
            return
        yield turn


@contextmanager
def collector_apart() -> Iterator[None]:
    """Keep the collector, which stays on, from what is there already: no contestant pays for another's worlds."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def rotated(contestants: Sequence[Contestant], turn: int) -> Iterator[Contestant]:
    """The contestants in another order in every round: nobody always runs behind the same one."""
    start = turn % len(contestants)
    yield from (*contestants[start:], *contestants[:start])


def measure(contestant: Contestant, runs: Sequence[Round]) -> Measure:
    """What some runs of a contestant come to."""
    odd = next((run.outcome for run in runs if run.outcome != contestant.expected), None)
    wrong = None if odd is None else f"{contestant.name}: {told(odd)}, where {told(contestant.expected)} was right"
    seconds = max(min(run.seconds for run in runs), SHORTEST)
    return Measure(contestant.name, contestant.rows, seconds, len(runs), wrong)


def told(outcome: Outcome) -> str:
    """An outcome in words."""
    return ", ".join(f"{count:,} {what}" for what, count in outcome.items()) or "nothing"
