"""The search as a Hypothesis state machine: the same moves, drawn, shrunk and remembered by Hypothesis.

Hypothesis draws one number for each step, from which the choices of the step follow: to draw every choice would take
twenty times as long. It drops steps when it shrinks; what is in them is made smaller by the shrinking of the search.
"""

from typing import Any

import hypothesis.strategies as st
from attrs import evolve
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from conformance.histories import FileStep, History, Step
from conformance.judge import Known, judge
from conformance.moves import Moves
from conformance.oracle import OBSERVE
from conformance.playing import Importer
from conformance.search import Lockstep, RandomSource, moves_for
from conformance.targets import Fault
from conformance.universe import WORLDS

SEEDS = st.integers(0, 2**32 - 1)


class Differs(AssertionError):
    """The importer answered otherwise than a right one does."""


class ImporterMachine(RuleBasedStateMachine):
    """Model and importer in lockstep; `importer` and `start` are set by `machine_for`, `last` is read off it."""

    importer: Importer
    start: Known
    last: History | None = None  # of the run that differed last: the smallest, once Hypothesis has shrunk it
    fault: Fault | None = None  # what the importer did last that is no answer

    def __init__(self) -> None:
        super().__init__()
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
        outcomes, differs = self._exchange(step.request())
        if isinstance(step, FileStep):
            self.moves.remember(step, outcomes)
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
    return type("ImporterMachineOfTheRun", (ImporterMachine,), {"importer": importer, "start": known})
