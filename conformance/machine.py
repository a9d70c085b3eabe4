"""The search as a Hypothesis state machine: the same moves, drawn, shrunk and remembered by Hypothesis.

Hypothesis draws one number for each step, from which the choices of the step follow: to draw every choice would take
twenty times as long. It drops steps when it shrinks; what is in them is made smaller by the shrinking of the search.

It draws a few histories at a time, under a new seed each time. Of many it would spend five in six on varying those that
it has had, which here leads to less that is new than drawing others does.
"""

import time
from itertools import count
from typing import Any

import hypothesis
import hypothesis.strategies as st
from attrs import evolve
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from conformance.budgets import Budget
from conformance.histories import FileStep, History, Step
from conformance.judge import Known, judge
from conformance.moves import Moves
from conformance.oracle import OBSERVE
from conformance.playing import Importer
from conformance.search import Lockstep, RandomSource, Searched, moves_for, settled
from conformance.targets import Fault
from conformance.universe import WORLDS

SEEDS = st.integers(0, 2**32 - 1)
SEEDS_APART = 1_000_003  # the seeds of two runs of Hypothesis, so that two budgets have none in common


class Differs(AssertionError):
    """The importer answered otherwise than a right one does."""


class ImporterMachine(RuleBasedStateMachine):
    """Model and importer in lockstep; `machine_for` sets `importer`, `start` and `searched`, `last` is read off it."""

    importer: Importer
    start: Known
    searched: Searched
    last: History | None = None  # of the run that differed last: the smallest, once Hypothesis has shrunk it
    fault: Fault | None = None  # what the importer did last that is no answer

    def __init__(self) -> None:
        super().__init__()
        self.searched.histories += 1
        self.lockstep = Lockstep(self.importer, self.start)
        self.known = self.start
        self.history = History(WORLDS[0])
        self.moves: Moves

    @initialize(seed=SEEDS)
    def begin(self, seed: int) -> None:
        """A theme, and a world without students."""
        self.moves = moves_for(self.importer, RandomSource.seeded(str(seed)))
        self.history = History(self.moves.start())
        for request in self.history.requests():
            self._exchange(request)

    @rule(seed=SEEDS)
    def step(self, seed: int) -> None:
        """A file, or something that somebody does in the app."""
        self.moves.source = RandomSource.seeded(str(seed))
        self._step(self.moves.next_step(self.known.world))

    def _step(self, step: Step) -> None:
        self.history = evolve(self.history, steps=(*self.history.steps, step))
        self.searched.steps += 1
        outcomes, differs = self._exchange(step.request())
        if isinstance(step, FileStep):
            self.moves.remember(step, outcomes)
            self.searched.files += 1
        if self._exchange(OBSERVE)[1] or differs:
            type(self).last = self.history
            raise Differs

    def _exchange(self, request: Any) -> tuple[list[str], bool]:
        try:
            response = self.lockstep.importer.ask(request)
        except Fault as fault:
            type(self).fault = fault
            raise
        judgement = judge(self.known, request, response)
        self.known = judgement.known
        rows = judgement.expected.get("report", {}).get("rows", ())
        return [row["outcome"] for row in rows], not judgement.allowed


def machine_for(importer: Importer, known: Known) -> type[ImporterMachine]:
    """The state machine for one importer."""
    attributes = {"importer": importer, "start": known, "searched": Searched()}
    return type("ImporterMachineOfTheRun", (ImporterMachine,), attributes)


def draw(machine: type[ImporterMachine], budget: Budget, **changes: Any) -> None:
    """Draw histories until one differs, which is an error, or the time is up; `changes` are to Hypothesis' settings."""
    begun, settings = time.monotonic(), hypothesis.settings(budget.settings, **changes)
    for run in count():
        run_state_machine_as_test(hypothesis.seed(budget.seed + run * SEEDS_APART)(machine), settings=settings)
        if time.monotonic() - begun >= budget.drawing:
            return


def searched_by(machine: type[ImporterMachine], budget: Budget) -> Searched:
    """What the machine has gone through until the time was up or something differed. Fault where there was one."""
    searched, begun = machine.searched, time.monotonic()
    try:
        draw(machine, budget)
    except (Differs, Fault, hypothesis.errors.Flaky) as error:
        # An importer that answers otherwise each time is wrapped by Hypothesis: what it did was kept.
        if machine.fault is not None:
            raise machine.fault from None
        if machine.last is None:
            raise AssertionError("Hypothesis failed without a history") from error
        searched.found.append(settled(machine.importer, machine.start, machine.last))
    searched.seconds = time.monotonic() - begun
    return searched
