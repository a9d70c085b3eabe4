"""A history that is generated while it is played: how every search takes, judges and counts a step."""

from collections.abc import Sequence

from attrs import define, evolve, field

from conformance.generation.generator import HistoryGenerator
from conformance.generation.history import FileStep, History
from conformance.oracle.invariants import breaches
from conformance.oracle.judge import Judgement, judge
from conformance.oracle.state import OracleState
from conformance.protocol.requests import OBSERVE, Request
from conformance.protocol.trace import Exchange
from conformance.search.results import SearchResult
from conformance.session.lockstep import Lockstep


@define
class HistoryPlay:
    """The steps so far, their exchanges, and the oracle's knowledge after them."""

    lockstep: Lockstep
    generator: HistoryGenerator
    searched: SearchResult
    history: History
    known: OracleState
    exchanges: list[Exchange] = field(factory=list)

    @classmethod
    def begun(cls, lockstep: Lockstep, generator: HistoryGenerator, searched: SearchResult) -> "HistoryPlay":
        """A history without any step yet, in a world of the theme. Fault where the importer does not answer."""
        play = cls(lockstep, generator, searched, History(generator.start()), lockstep.known)
        for request in play.history.requests():
            play._asked(request)
        return play

    def step(self) -> bool:
        """Take the next step and observe; whether anything was wrong. Fault where the importer does not answer."""
        step = self.generator.next_step(self.known.world)
        self.history = evolve(self.history, steps=(*self.history.steps, step))
        judged = self._asked(step.request())
        if isinstance(step, FileStep):
            self._count_file(step, judged)
        observed = self._asked(OBSERVE)
        self.searched.steps += 1
        return not (judged.allowed and observed.allowed) or self._breaks_an_invariant((judged, observed))

    def _asked(self, request: Request) -> Judgement:
        response = self.lockstep.importer.ask(request)
        self.exchanges.append(Exchange(request, response))
        judgement = judge(self.known, request, response)
        self.known = judgement.known
        return judgement

    def _count_file(self, step: FileStep, judged: Judgement) -> None:
        outcomes = [row["outcome"] for row in judged.expected["report"]["rows"]]
        self.generator.remember(step, outcomes)
        self.searched.files += 1
        self.searched.outcomes.update(outcomes or ["refused"])

    def _breaks_an_invariant(self, judged: Sequence[Judgement]) -> bool:
        # The standard rules keep the invariants, and so do exactly the same responses.
        if all(judgement.exact_match and not judgement.known.ruleset.deviations for judgement in judged):
            return False
        return bool(breaches((self.exchanges[0], *self.exchanges[-3:])))
