"""The search as a Hypothesis state machine: the same moves, drawn, shrunk and remembered by Hypothesis."""

from typing import Any

import hypothesis.strategies as st
from attrs import evolve, frozen
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from conformance.histories import FileStep, History, Step
from conformance.judge import Known, judge
from conformance.moves import Moves
from conformance.oracle import OBSERVE
from conformance.playing import Importer
from conformance.search import Lockstep, moves_for
from conformance.targets import Fault
from conformance.universe import WORLDS


class Differs(AssertionError):
    """The importer answered otherwise than a right one does."""


@frozen
class DrawnSource:
    """Choices that Hypothesis draws."""

    data: Any

    def pick(self, n: int) -> int:
        """A number from 0 to n-1."""
        drawn: int = self.data.draw(st.integers(0, n - 1))
        return drawn


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

    @initialize(world=st.sampled_from(range(len(WORLDS))), data=st.data())
    def begin(self, world: int, data: Any) -> None:
        """A world without students."""
        self.moves = moves_for(self.importer, DrawnSource(data))
        self.history = History(WORLDS[world])
        for request in self.history.requests():
            self._exchange(request)

    @rule(data=st.data())
    def file(self, data: Any) -> None:
        """A file is imported, or previewed."""
        self._step(self._drawing(data).file(self.known.world))

    @rule(data=st.data())
    def action(self, data: Any) -> None:
        """Somebody does something in the app."""
        moves = self._drawing(data)
        self._step(moves.action(self.known.world) or moves.file(self.known.world))

    @rule(data=st.data())
    def in_between(self, data: Any) -> None:
        """Something happens to a student who is not simply connected."""
        moves = self._drawing(data)
        self._step(moves.in_between(self.known.world) or moves.file(self.known.world))

    def _drawing(self, data: Any) -> Moves:
        self.moves.source = DrawnSource(data)
        return self.moves

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
            response = self.lockstep.ask(request)
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
