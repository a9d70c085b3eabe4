"""The search: histories in lockstep, importer and model, until something differs or the limit is reached.

The fast driver: the moves are fed from a seeded random source, and nothing else is needed. A difference that a fresh
importer shows again is shrunk, and put down to the rules that account for it; where a rule accounts for it exactly, the
search goes on around it, with the oracle deviating too, and so finds other bugs as well. What does not show again is
flaky, and put down to no rule.
"""

import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import combinations

from attrs import Factory, define, evolve, field, frozen

from conformance.attribution.attribution import Grounds, grounds_of
from conformance.attribution.relevance import telling
from conformance.generation.generator import Moves
from conformance.generation.history import FileStep, History, Step
from conformance.generation.limits import Limit
from conformance.generation.randomness import RandomSource, Source
from conformance.generation.shrinking import shrunk
from conformance.mutants.known import DEVIATIONS, deviating
from conformance.oracle.invariants import breaches
from conformance.oracle.judge import Judgement, judge, judgements, own_answers
from conformance.oracle.state import Known
from conformance.protocol.requests import ACTIONS, OBSERVE, Request
from conformance.protocol.trace import Exchange
from conformance.session.client import Importer
from conformance.session.lockstep import Play, asked_anew, confirmed, play
from conformance.transport.faults import Fault
from refmodel.catalogue import CATALOGUE

SHRINKING = (400, 60.0)  # replays, and the seconds that nobody waits beyond
SAMPLED = 8  # one history in so many is asked which rules it could tell about
FAULTS = 3  # after so many the importer is not asked any more
MOST_FLAKY = 3  # likewise, after so many differences that did not show again


@frozen
class Found:
    """A difference that the search has found: the smallest history that shows it, and what accounts for it."""

    history: History
    exchanges: tuple[Exchange, ...]
    judgements: tuple[Judgement, ...]
    grounds: Grounds
    is_flaky: bool = False  # whether a fresh importer, asked the same, did not show it again


@define
class Searched:
    """What a search has gone through, and what it has found."""

    histories: int = 0
    steps: int = 0
    files: int = 0
    seconds: float = 0.0
    is_cut_short: bool = False  # the time was up before all its histories were made
    outcomes: Counter[str] = field(factory=Counter)
    reached: Counter[str] = field(factory=Counter)  # rule → sampled histories that could tell
    pairs: Counter[tuple[str, str]] = field(factory=Counter)
    found: list[Found] = field(factory=list)
    flaky: list[Found] = field(factory=list)  # what did not show again
    faults: list[str] = field(factory=list)

    def note(self, found: Found | None) -> None:
        """Keep what was found, if it is a new bug, or flaky."""
        if found is None:
            return
        if found.is_flaky:
            self.flaky.append(found)
        elif not any(_same_bug(found.grounds, other.grounds) for other in self.found):
            self.found.append(found)


@define
class Lockstep:
    """One importer and the oracle, side by side; `truth` is what a right importer goes by.

    `known` deviates from it where the search goes around something that was found.
    """

    importer: Importer
    known: Known
    truth: Known = field(default=Factory(lambda self: self.known, takes_self=True))

    @property
    def is_direct(self) -> bool:
        """Whether the search goes around nothing."""
        return self.known.ruleset == self.truth.ruleset

    def only_seems_wrong(self, exchanges: Iterable[Exchange]) -> bool:
        """Whether what differs for the oracle, as it goes around something, is what a right importer gives."""
        return not self.is_direct and is_allowed(exchanges, self.truth)

    def play(self, requests: Iterable[Request]) -> Play:
        """Play requests until an observation after the first difference."""
        return play(self.importer, requests, self.known)


def moves_for(importer: Importer, source: Source) -> Moves:
    """A generator of the moves that an importer can take."""
    actions = tuple(action for action in ACTIONS if action in importer.supports)
    return Moves(source, importer.columns, actions, "preview" in importer.supports)


def one_history(lockstep: Lockstep, moves: Moves, searched: Searched) -> tuple[History, tuple[Exchange, ...], bool]:
    """Make a history while it is played; whether the last step differs."""
    world, steps = moves.start(), []
    exchanges = [Exchange(request, lockstep.importer.ask(request)) for request in History(world).requests()]
    known = judge(lockstep.known, exchanges[0].request, exchanges[0].response).known
    for _ in range(moves.steps):
        steps.append(moves.next_step(known.world))
        judged = []
        for request in (steps[-1].request(), OBSERVE):
            exchanges.append(Exchange(request, lockstep.importer.ask(request)))
            judged.append(judge(known, request, exchanges[-1].response))
            known = judged[-1].known
            _count(judged[-1], steps[-1], request, moves, searched)
        if not all(judgement.allowed for judgement in judged) or _breaks_a_law(exchanges, judged):
            return History(world, tuple(steps)), tuple(exchanges), True
    return History(world, tuple(steps)), tuple(exchanges), False


def _breaks_a_law(exchanges: Sequence[Exchange], judged: Sequence[Judgement]) -> bool:
    # The standard rules obey the laws, and so does who answers to the letter as they do.
    if all(judgement.identical and not judgement.known.ruleset.deviations for judgement in judged):
        return False
    return bool(breaches((exchanges[0], *exchanges[-3:])))


def _count(judgement: Judgement, step: Step, request: Request, moves: Moves, searched: Searched) -> None:
    if request["op"] == "observe":
        searched.steps += 1
    elif isinstance(step, FileStep):
        outcomes = [row["outcome"] for row in judgement.expected["report"]["rows"]]
        moves.remember(step, outcomes)
        searched.files += 1
        searched.outcomes.update(outcomes or ["refused"])


def search(importer: Importer, known: Known, seed: str, limit: Limit, most: int = 8) -> Searched:
    """Search for differences until the limit is reached, or so many different ones (or a few faults) are found.

    `limit` counts histories.
    """
    begun = time.monotonic()
    searched, lockstep, detours = Searched(), Lockstep(importer, known), Detours(known)
    source, chance = RandomSource.seeded(seed), RandomSource.seeded(f"{seed}-sampling")
    while len(searched.found) < most and not is_given_up(searched) and limit.spend():
        searched.histories += 1
        try:
            history, exchanges, differs = one_history(lockstep, moves_for(importer, source), searched)
            if differs:
                lockstep = _settle(lockstep, detours, history, exchanges, searched)
        except Fault as fault:
            searched.faults.append(str(fault))
            continue
        if not differs and searched.histories % SAMPLED == 1:
            sample(exchanges, chance, lockstep.known, searched)
    searched.seconds, searched.is_cut_short = time.monotonic() - begun, limit.is_cut_short
    return searched


def is_given_up(searched: Searched) -> bool:
    """Whether an importer has failed, or differed and then did not, too often to go on."""
    return len(searched.faults) >= FAULTS or len(searched.flaky) >= MOST_FLAKY


def sample(
    exchanges: Sequence[Exchange], source: Source, known: Known, searched: Searched, reached: Collection[str] = ()
) -> None:
    """Find out which rules a history could tell about: of those not reached yet, by others either, and of some more."""
    own = own_answers([exchange.request for exchange in exchanges], known)
    old = {*reached, *searched.reached}
    asked = [name for name in CATALOGUE if name not in old or source.pick(8) == 0]
    told = telling(asked, own, known)
    searched.reached.update(told)
    searched.pairs.update(combinations(told, 2))


@define
class Detours:
    """The bugs that a search goes around: for each the deviations that account for all that was seen of it.

    The first of them is in use. It may be one that accounts for it by chance, and then the importer is right elsewhere
    where the oracle, deviating so, is wrong.
    """

    truth: Known
    ways: list[tuple[str, ...]] = field(factory=list)

    @property
    def known(self) -> Known:
        """What the oracle knows if it goes around all of them."""
        return evolve(self.truth, ruleset=deviating(self.truth.ruleset, (names[0] for names in self.ways)))

    def account_for(self, exchanges: Sequence[Exchange]) -> bool:
        """Go another way around a bug, or around it no more, if that makes a difference none; whether it does."""
        for ways in (*self._others(), []):
            other = evolve(self, ways=ways)
            if self.ways and is_allowed(exchanges, other.known):
                self.ways = ways
                return True
        return False

    def _others(self) -> Iterator[list[tuple[str, ...]]]:
        for place, names in enumerate(self.ways):
            before, after = self.ways[:place], self.ways[place + 1 :]
            for number in range(1, len(names)):
                yield [*before, names[number:], *after]
            yield [*before, *after]


def is_allowed(exchanges: Iterable[Exchange], known: Known) -> bool:
    """Whether a right importer gives these answers."""
    return all(judgement.allowed for judgement in judgements(exchanges, known))


def _settle(
    lockstep: Lockstep, detours: Detours, history: History, exchanges: Sequence[Exchange], searched: Searched
) -> Lockstep:
    """Keep what was found, shrunk, unless it is there already; go on around it where a deviation accounts for it."""
    if is_allowed(exchanges, lockstep.known) or not detours.account_for(exchanges):
        found = smallest(lockstep, history, exchanges)
        searched.note(found)
        detours.ways += [found.grounds.like] if found.grounds.like else []
    return evolve(lockstep, known=detours.known)


def smallest(lockstep: Lockstep, history: History, exchanges: Sequence[Exchange]) -> Found:
    """A history shrunk, and what accounts for the difference; as it was, where a fresh importer does not show it.

    Fault where the importer, asked again, does not answer as the protocol wants.
    """
    came = Play(tuple(exchanges), tuple(judgements(exchanges, lockstep.known)))
    again = confirmed(came, lockstep.importer, tuple(history.requests()), lockstep.known)
    if again is None:
        return Found(history, came.exchanges, came.judgements, Grounds(), is_flaky=True)
    first = grounds_of(again.exchanges, lockstep.known)
    small = shrunk(history, lambda candidate: shows(lockstep, candidate, first), Limit.of(*SHRINKING))
    less = asked_anew(lockstep.importer, small.requests(), lockstep.known)
    small, shown = (small, less) if less.is_wrong else (history, again)
    return Found(small, shown.exchanges, shown.judgements, grounds_of(shown.exchanges, lockstep.known))


def shows(lockstep: Lockstep, history: History, grounds: Grounds) -> bool:
    """Whether a history still shows the difference that these rules account for."""
    try:
        played = lockstep.play(history.requests())
    except Fault:
        return False
    exchanges = played.exchanges
    if not played.differs:
        return played.is_wrong
    if lockstep.only_seems_wrong(exchanges):
        return False
    if not grounds.like:
        return True
    rulesets = (DEVIATIONS[name].upon(lockstep.known.ruleset) for name in grounds.like)
    return any(is_allowed(exchanges, evolve(lockstep.known, ruleset=ruleset)) for ruleset in rulesets)


def _same_bug(one: Grounds, other: Grounds) -> bool:
    return one.rules[:1] == other.rules[:1]
