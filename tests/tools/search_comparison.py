"""Compare the random search with the state machine: `python -m tests.tools.search_comparison`.

Both look for what is wrong with importers whose mistakes are known: a sample of the mutants, in process, and importers
with planted mistakes, each a process of its own, where to ask takes longer than to draw. For each it is said after how
many steps and seconds they caught it, and how large the smallest history is: steps, and rows in them.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, NoReturn

import hypothesis
from attrs import evolve, frozen
from hypothesis import Phase

from conformance.generation.history import FileStep, History
from conformance.generation.limits import Limit
from conformance.generation.randomness import RandomSource
from conformance.mutants import MUTANTS
from conformance.search.budget import Budget
from conformance.search.minimise import smallest
from conformance.search.random_search import generator_for, one_history
from conformance.search.results import SearchResult
from conformance.search.state_machine import Differs, ImporterMachine, draw, machine_for, runs
from conformance.session.client import Importer, introduced
from conformance.session.lockstep import Lockstep
from conformance.transport.targets import connect
from tests.tools.planted import Subject, environment_of, mistakes, plant, subjects, target_of

SHRINKING = (*Budget(1).phases, Phase.shrink)


@frozen
class Trial:
    """What came of one search for one mistake."""

    caught: bool
    steps: int
    seconds: float
    size: tuple[int, int] | None = None  # of the smallest history, where it was made small: steps, and rows

    def __str__(self) -> str:
        size = f", {self.size[0]} steps of {self.size[1]} rows left" if self.size else ""
        return f"{self.steps} steps, {self.seconds:.1f} s{size}" if self.caught else f"not in {self.seconds:.0f} s"


def size_of(history: History | None) -> tuple[int, int] | None:
    """Steps and rows of a history."""
    if history is None:
        return None
    return len(history.steps), sum(len(step.rows) for step in history.steps if isinstance(step, FileStep))


# The two searches.


def by_chance(importer: Importer, cap: float, shrink: bool) -> Trial:
    """The random search, until it has caught the importer or so many seconds are up."""
    searched, source, begun = SearchResult(), RandomSource.seeded("0-0"), time.monotonic()
    lockstep, differs = Lockstep(importer, importer.known()), False
    while not differs and time.monotonic() - begun < cap:
        history, exchanges, differs = one_history(lockstep, generator_for(importer, source), searched)
    seconds = time.monotonic() - begun
    small = smallest(lockstep, history, exchanges).history if differs and shrink else None
    return Trial(differs, searched.steps, seconds, size_of(small))


class Noting(ImporterMachine):
    """The state machine, which notes how far it had come when it first caught the importer."""

    begun: ClassVar[float]
    caught: ClassVar[Trial | None] = None

    def fail(self, text: str) -> NoReturn:
        """Note it, and fail."""
        if self.caught is None:
            type(self).caught = Trial(True, self.searched.steps, time.monotonic() - self.begun)
        super().fail(text)


def by_hypothesis(importer: Importer, cap: float, shrink: bool) -> Trial:
    """The state machine as the suite runs it, until it has caught the importer or so many seconds are up."""
    begun, budget = time.monotonic(), Budget(1)
    bases = (Noting, machine_for(importer, importer.known()))
    machine: type[Noting] = type("NotingMachine", bases, {"begun": begun})
    phases = SHRINKING if shrink else budget.phases
    for seed in runs(budget, Limit.of(inf, cap)):
        with suppress(Differs, hypothesis.errors.Flaky):
            draw(machine, seed, budget, database=None, phases=phases)
        if machine.caught:
            return evolve(machine.caught, size=size_of(machine.last) if shrink else None)
    return Trial(False, machine.searched.steps, time.monotonic() - begun)


SEARCHES: Mapping[str, Callable[[Importer, float, bool], Trial]] = {
    "random search": by_chance,
    "state machine": by_hypothesis,
}


# The importers.


@contextmanager
def mutant(name: str) -> Iterator[Importer]:
    """A mutant, in this process."""
    with connect(f"python:conformance.mutants:{name}") as target:
        yield introduced(target)


@contextmanager
def planted(subject: Subject) -> Iterator[Importer]:
    """An importer with planted mistakes, in a process of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="compared-")))
        there = plant(subject.importer, [mistake.patch for mistake in subject.mistakes], folder)
        path = environment_of(there)["PYTHONPATH"]
        sql = f"cmd:env PYTHONPATH={path} {sys.executable} -m {there.name}"
        target = sql if subject.importer == "sql" else target_of(subject.importer, there)
        yield introduced(stack.enter_context(connect(target)))


def chosen(mutants: int, from_planted: int) -> Mapping[str, Callable[[], Any]]:
    """Name → how the importer is reached: a sample, the same one each time, of the mutants and of the planted ones."""
    drawn = random.Random(7).sample(sorted(MUTANTS), mutants)
    alone = random.Random(7).sample(sorted(mistakes()), from_planted)
    there = subjects()
    return {name: partial(mutant, name) for name in drawn} | {
        f"planted: {name}": partial(planted, there[name]) for name in alone
    }


# What came.


def compared(importers: Mapping[str, Callable[[], Any]], cap: float, shrink: bool) -> Iterator[tuple[str, list[Trial]]]:
    """The trials of each importer, one for each search, as they come."""
    for name, reached in importers.items():
        trials = []
        for try_it in SEARCHES.values():
            with reached() as importer:
                trials.append(try_it(importer, cap, shrink))
        yield name, trials


def summary(rows: Iterable[Sequence[Trial]]) -> str:
    """How many each search has caught, its seconds, and the ratio of these."""
    columns = list(zip(*rows))
    caught = [sum(trial.caught for trial in column) for column in columns]
    seconds = [sum(trial.seconds for trial in column) for column in columns]
    said = (f"{name}: {number} caught, {took:.0f} s" for name, number, took in zip(SEARCHES, caught, seconds))
    return f"{'; '.join(said)}; the machine took {seconds[1] / seconds[0]:.1f} times as long"


def main(words: Sequence[str] | None = None) -> int:
    """Print the comparison, row by row, and its sums."""
    parser = argparse.ArgumentParser(prog="python -m tests.tools.search_comparison", description=__doc__)
    parser.add_argument("--mutants", type=int, default=30, metavar="N", help="how many of the mutants")
    parser.add_argument("--planted", type=int, default=60, metavar="N", help="how many of the planted mistakes")
    parser.add_argument("--cap", type=float, default=20.0, metavar="SECONDS", help="for each search and importer")
    parser.add_argument("--shrink", action="store_true", help="let Hypothesis shrink what it finds, which takes longer")
    given = parser.parse_args(words)
    all_trials: list[list[Trial]] = []
    for name, trials in compared(chosen(given.mutants, given.planted), given.cap, given.shrink):
        all_trials.append(trials)
        print(f"{name:<70}", *(f"{trial!s:<50}" for trial in trials), flush=True)
    print(summary(all_trials))
    return 0


if __name__ == "__main__":
    sys.exit(main())
