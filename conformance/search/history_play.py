"""A history that is made while it is played: how every search takes, judges and counts a step."""

from collections.abc import Mapping

from attrs import define, evolve, field

from conformance.generation.history import FileStep, History, Step
from conformance.generation.scene import Scene
from conformance.oracle.invariants import Breach, breaches
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
    scene: Scene
    searched: SearchResult
    history: History
    known: OracleState
    exchanges: list[Exchange] = field(factory=list)
    last: tuple[Judgement, ...] = ()  # of the last step, and of the observation after it

    @classmethod
    def begun(
        cls, lockstep: Lockstep, scene: Scene, world: Mapping[str, object], searched: SearchResult
    ) -> "HistoryPlay":
        """A history without any step yet, in a world. Fault where the importer does not answer."""
        play = cls(lockstep, scene, searched, History(world), lockstep.known)
        searched.count_kind(scene.twins)
        play.last = tuple(map(play._asked, play.history.requests()))
        scene.world = play.known.world
        return play

    def take(self, step: Step) -> bool:
        """Take a step and observe; whether anything was wrong. Fault where the importer does not answer."""
        self.history = evolve(self.history, steps=(*self.history.steps, step))
        judged = self._asked(step.request())
        if isinstance(step, FileStep):
            self._count_file(step, judged)
        self.last = (judged, self._asked(OBSERVE))
        self.scene.world = self.known.world
        self.searched.steps += 1
        return self.differs or bool(self.breaches)

    def observe(self) -> None:
        """Have everything shown once more, though nothing has happened; it is kept only where it is wrong."""
        judged = self._asked(OBSERVE)
        if judged.allowed:
            self.exchanges.pop()
        else:
            self.last = (judged,)

    @property
    def differs(self) -> bool:
        """Whether the importer answered the last step, or showed then, what a right one does not."""
        return not all(judgement.allowed for judgement in self.last)

    @property
    def may_breach(self) -> bool:
        """Whether the last step may have broken a law: the standard rules, and exactly their responses, never do."""
        return any(not judgement.exact_match or judgement.known.ruleset.deviations for judgement in self.last)

    @property
    def breaches(self) -> tuple[Breach, ...]:
        """The laws of the semantics that the last step broke."""
        return breaches((self.exchanges[0], *self.exchanges[-3:])) if self.may_breach else ()

    def _asked(self, request: Request) -> Judgement:
        response = self.lockstep.importer.ask(request)
        self.exchanges.append(Exchange(request, response))
        judgement = judge(self.known, request, response)
        self.known = judgement.known
        return judgement

    def _count_file(self, step: FileStep, judged: Judgement) -> None:
        outcomes = [row["outcome"] for row in judged.expected["report"]["rows"]]
        self.scene.remember(step, outcomes)
        self.searched.count_file(step)
        self.searched.outcomes.update(outcomes or ["refused"])
