"""The search as a Hypothesis state machine: the same steps, drawn, shrunk and remembered by Hypothesis.

Hypothesis draws one number for each step, from which the choices of the step follow: to draw every choice would take
twenty times as long. It drops steps when it shrinks; what is in them is made smaller by the shrinking of the search.

It draws a few histories at a time, each time with a new seed. Of many histories it would spend five in six on
variations of earlier ones, which here find less than new ones do.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import hypothesis
import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from conformance.generation.history import History
from conformance.generation.limits import Limit
from conformance.generation.randomness import RandomSource
from conformance.oracle.state import OracleState
from conformance.protocol.trace import Exchange
from conformance.search.budget import Budget
from conformance.search.history_play import HistoryPlay
from conformance.search.minimise import smallest
from conformance.search.random_search import generator_for, is_given_up
from conformance.search.results import Finding, SearchResult
from conformance.session.client import Importer
from conformance.session.lockstep import Lockstep
from conformance.transport.faults import Fault

SEEDS = st.integers(0, 2**32 - 1)
SEEDS_APART = 1_000_003  # the seeds of two runs of Hypothesis, so that two budgets have none in common


class Differs(AssertionError):
    """The importer answered otherwise than a right one does."""


class ImporterMachine(RuleBasedStateMachine):
    """Model and importer in lockstep; `machine_for` sets `importer`, `start` and `searched`."""

    importer: Importer
    start: OracleState
    searched: SearchResult
    last: History | None = None  # that differed last: the smallest, once Hypothesis has shrunk it
    said: tuple[Exchange, ...] = ()  # in that history
    fault: Fault | None = None  # the last fault of the importer

    def __init__(self) -> None:
        super().__init__()
        self.searched.histories += 1
        self.play: HistoryPlay

    @initialize(seed=SEEDS)
    def begin(self, seed: int) -> None:
        """A theme, and a world without students."""
        generator = generator_for(self.importer, RandomSource.seeded(str(seed)))
        with self.keeping_faults():
            self.play = HistoryPlay.begun(Lockstep(self.importer, self.start), generator, self.searched)

    @rule(seed=SEEDS)
    def step(self, seed: int) -> None:
        """A file, or something that somebody does in the app."""
        self.play.generator.draw.source = RandomSource.seeded(str(seed))
        self.take()

    def take(self) -> None:
        """Take the next step. Differs where the importer does."""
        with self.keeping_faults():
            differs = self.play.step()
        if differs:
            type(self).last, type(self).said = self.play.history, tuple(self.play.exchanges)
            raise Differs

    @contextmanager
    def keeping_faults(self) -> Iterator[None]:
        """Keep the fault that is raised, since Hypothesis may wrap it."""
        try:
            yield
        except Fault as fault:
            type(self).fault = fault
            raise


def machine_for(importer: Importer, known: OracleState) -> type[ImporterMachine]:
    """The state machine for one importer."""
    attributes = {"importer": importer, "start": known, "searched": SearchResult()}
    return type("ImporterMachineOfTheRun", (ImporterMachine,), attributes)


def runs(budget: Budget, limit: Limit) -> Iterator[int]:
    """The seed of each run of Hypothesis, as long as the limit allows; there is always one."""
    for run in count():
        if not limit.spend() and run:
            return
        yield budget.seed + run * SEEDS_APART


def draw(machine: type[ImporterMachine], seed: int, budget: Budget, **changes: Any) -> None:
    """Draw a few histories until one differs, which is an error; `changes` are to Hypothesis' settings."""
    machine.last = None
    settings = hypothesis.settings(budget.settings, **changes)
    run_state_machine_as_test(hypothesis.seed(seed)(machine), settings=settings)


def searched_by(machine: type[ImporterMachine], budget: Budget) -> SearchResult:
    """What the machine has gone through until the budget was spent or something differed. Fault where there was one."""
    searched, begun, limit = machine.searched, time.monotonic(), budget.machine
    for seed in runs(budget, limit):
        found = found_by(machine, seed, budget)
        searched.note(found)
        if searched.found or is_given_up(searched):
            break
    searched.seconds, searched.is_cut_short = time.monotonic() - begun, limit.is_cut_short
    return searched


def found_by(machine: type[ImporterMachine], seed: int, budget: Budget) -> Finding | None:
    """What a run of Hypothesis has found, made small. Fault where the importer was at fault."""
    try:
        draw(machine, seed, budget)
    except (Differs, Fault, hypothesis.errors.Flaky) as error:
        # An importer that answers otherwise each time is wrapped by Hypothesis: what it did was kept.
        if machine.fault is not None:
            raise machine.fault from None
        if machine.last is None:
            raise AssertionError("Hypothesis failed without a history") from error
        return smallest(Lockstep(machine.importer, machine.start), machine.last, machine.said)
    return None
