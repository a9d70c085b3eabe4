"""The search: histories in lockstep, importer and model, until something differs or the time is up.

The fast driver: the moves are fed from a seeded random source, and nothing else is needed. A difference is shrunk, and
put down to the rules that account for it; where a rule accounts for it exactly, the search goes on around it, with the
oracle deviating too, and so finds other bugs as well.
"""

import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from attrs import define, evolve, field, frozen

from conformance.deviations import DEVIATIONS
from conformance.histories import FileStep, History, Step
from conformance.judge import Exchange, Grounds, Judgement, Known, grounds_of, judge, judgements, own_answers, telling
from conformance.moves import Moves
from conformance.oracle import Request
from conformance.playing import Importer, check_shape
from conformance.protocol import ACTIONS
from conformance.shrinking import Budget, shrunk
from conformance.universe import WORLDS
from refmodel.catalogue import CATALOGUE

STEPS = 7  # in one history, at most
SHRINKING = (400, 20.0)  # replays, seconds
OBSERVE: Request = {"op": "observe"}


@define
class RandomSource:
    """Choices from a seeded random source: the same seed, the same choices, on any machine."""

    random: random.Random

    @classmethod
    def seeded(cls, seed: str) -> "RandomSource":
        """A source that begins at a seed."""
        return cls(random.Random(seed))

    def pick(self, n: int) -> int:
        """A number from 0 to n-1."""
        return int(self.random.random() * n)


@frozen
class Found:
    """A difference that the search has found: the smallest history that shows it, and what accounts for it."""

    history: History
    exchanges: tuple[Exchange, ...]
    judgements: tuple[Judgement, ...]
    grounds: Grounds
    steady: bool  # whether the importer showed it again when it was asked again


@define
class Searched:
    """What a search has gone through, and what it has found."""

    histories: int = 0
    steps: int = 0
    files: int = 0
    seconds: float = 0.0
    outcomes: Counter[str] = field(factory=Counter)
    reached: Counter[str] = field(factory=Counter)  # rule → sampled histories that could tell
    pairs: Counter[tuple[str, str]] = field(factory=Counter)
    found: list[Found] = field(factory=list)


@define
class Lockstep:
    """One importer and the oracle, side by side."""

    importer: Importer
    known: Known

    def play(self, requests: Iterable[Request]) -> tuple[tuple[Exchange, ...], tuple[Judgement, ...]]:
        """Play requests until an observation after the first difference."""
        exchanges, judged, known, differs = [], [], self.known, False
        for request in requests:
            response = self.ask(request)
            exchanges.append(Exchange(request, response))
            judged.append(judge(known, request, response))
            known, differs = judged[-1].known, differs or not judged[-1].allowed
            if differs and request["op"] == "observe":
                break
        return tuple(exchanges), tuple(judged)

    def ask(self, request: Request) -> dict[str, object]:
        """One response of the importer, of the right shape; else a Fault."""
        response = self.importer.target.handle(dict(request))
        check_shape(self.importer.target, request, response)
        return response


def moves_for(importer: Importer, source: RandomSource) -> Moves:
    """A generator of the moves that an importer can take."""
    actions = tuple(action for action in ACTIONS if action in importer.supports)
    return Moves(source, importer.columns, actions, "preview" in importer.supports)


def one_history(lockstep: Lockstep, moves: Moves, searched: Searched) -> tuple[History, tuple[Exchange, ...], bool]:
    """Make a history while it is played; whether the last step differs."""
    history = History(moves.one_of(WORLDS))
    exchanges = [Exchange(request, lockstep.ask(request)) for request in history.requests()]
    known = judge(lockstep.known, exchanges[0].request, exchanges[0].response).known
    for _ in range(STEPS):
        step = moves.next_step(known.world)
        history = evolve(history, steps=(*history.steps, step))
        differs = False
        for request in (step.request(), OBSERVE):
            exchange = Exchange(request, lockstep.ask(request))
            exchanges.append(exchange)
            judgement = judge(known, exchange.request, exchange.response)
            known, differs = judgement.known, differs or not judgement.allowed
            _count(judgement, step, request, moves, searched)
        if differs:
            return history, tuple(exchanges), True
    return history, tuple(exchanges), False


def _count(judgement: Judgement, step: Step, request: Request, moves: Moves, searched: Searched) -> None:
    if request["op"] == "observe":
        searched.steps += 1
    elif isinstance(step, FileStep):
        outcomes = [row["outcome"] for row in judgement.expected["report"]["rows"]]
        moves.remember(step, outcomes)
        searched.files += 1
        searched.outcomes.update(outcomes or ["refused"])


def search(importer: Importer, known: Known, seed: str, seconds: float, most: int = 8) -> Searched:
    """Search for differences until the time is up, or as many as `most` different ones are found."""
    begun = time.monotonic()
    searched, lockstep = Searched(), Lockstep(importer, known)
    source = RandomSource.seeded(seed)
    sampling = 0.0
    while time.monotonic() - begun < seconds and len(searched.found) < most:
        searched.histories += 1
        history, exchanges, differs = one_history(lockstep, moves_for(importer, source), searched)
        if differs:
            lockstep = _settle(lockstep, history, exchanges, searched)
        elif sampling <= (time.monotonic() - begun) * 0.15:
            sampling += _sample(exchanges, source, lockstep.known, searched)
    searched.seconds = time.monotonic() - begun
    return searched


def _sample(exchanges: Sequence[Exchange], source: RandomSource, known: Known, searched: Searched) -> float:
    """Find out which rules a history could tell about, of those not reached yet and some others; the seconds taken."""
    begun = time.monotonic()
    own = own_answers([exchange.request for exchange in exchanges], known)
    asked = [name for name in CATALOGUE if name not in searched.reached or source.pick(8) == 0]
    told = telling(asked, own, known)
    searched.reached.update(told)
    searched.pairs.update(combinations(told, 2))
    return time.monotonic() - begun


def _settle(lockstep: Lockstep, history: History, exchanges: Sequence[Exchange], searched: Searched) -> Lockstep:
    """Shrink what was found and keep it; go on around it where a rule accounts for it exactly."""
    first = grounds_of(exchanges, lockstep.known)
    smallest = shrunk(history, lambda candidate: shows(lockstep, candidate, first), Budget.of(*SHRINKING))
    played, judged = lockstep.play(smallest.requests())
    steady = any(not judgement.allowed for judgement in judged)
    if not steady:
        played, judged = tuple(exchanges), tuple(judgements(exchanges, lockstep.known))
    grounds = grounds_of(played, lockstep.known)
    if not any(_same_bug(grounds, found.grounds) for found in searched.found):
        searched.found.append(Found(smallest, played, judged, grounds, steady))
    around = [name for name in first.like if name in grounds.like]
    if not around:
        return lockstep
    ruleset = DEVIATIONS[around[0]].upon(lockstep.known.ruleset)
    return evolve(lockstep, known=evolve(lockstep.known, ruleset=ruleset))


def shows(lockstep: Lockstep, history: History, grounds: Grounds) -> bool:
    """Whether a history still shows the difference that these rules account for."""
    exchanges, judged = lockstep.play(history.requests())
    if all(judgement.allowed for judgement in judged):
        return False
    if not grounds.like:
        return True
    rulesets = [DEVIATIONS[name].upon(lockstep.known.ruleset) for name in grounds.like]
    deviating = (evolve(lockstep.known, ruleset=ruleset) for ruleset in rulesets)
    return any(all(j.allowed for j in judgements(exchanges, other)) for other in deviating)


def _same_bug(one: Grounds, other: Grounds) -> bool:
    return one.rules[:1] == other.rules[:1]


def steps_of(found: Found) -> Iterator[Step]:
    """The steps of the smallest history."""
    return iter(found.history.steps)
