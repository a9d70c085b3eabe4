"""The search: histories in lockstep, importer and model, until something differs or the limit is reached.

The fast driver: the moves are fed from a seeded random source, and nothing else is needed. A difference that a fresh
importer shows again is shrunk, and put down to the rules that account for it; where a rule accounts for it exactly, the
search goes on around it, with the oracle deviating too, and so finds other bugs as well. What does not show again is
flaky, and put down to no rule.
"""

import time
from collections.abc import Collection, Sequence
from itertools import combinations

from attrs import evolve

from conformance.attribution.relevance import discriminating_rules
from conformance.generation.generator import HistoryGenerator
from conformance.generation.history import FileStep, History, Step
from conformance.generation.limits import Limit
from conformance.generation.randomness import RandomSource, Source
from conformance.oracle.invariants import breaches
from conformance.oracle.judge import Judgement, judge, own_answers
from conformance.oracle.state import OracleState
from conformance.protocol.requests import ACTIONS, OBSERVE, Request
from conformance.protocol.trace import Exchange
from conformance.search.masking import KnownBugs, is_allowed
from conformance.search.minimise import Lockstep, smallest
from conformance.search.results import SearchResult
from conformance.session.client import Importer
from conformance.transport.faults import Fault
from refmodel.catalogue import CATALOGUE

SAMPLED = 8  # one history in so many is asked which rules it could tell about
FAULTS = 3  # after so many the importer is not asked any more
MOST_FLAKY = 3  # likewise, after so many differences that did not show again


def moves_for(importer: Importer, source: Source) -> HistoryGenerator:
    """A generator of the moves that an importer can take."""
    actions = tuple(action for action in ACTIONS if action in importer.supports)
    return HistoryGenerator(source, importer.columns, actions, "preview" in importer.supports)


def one_history(
    lockstep: Lockstep, moves: HistoryGenerator, searched: SearchResult
) -> tuple[History, tuple[Exchange, ...], bool]:
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
    if all(judgement.exact_match and not judgement.known.ruleset.deviations for judgement in judged):
        return False
    return bool(breaches((exchanges[0], *exchanges[-3:])))


def _count(judgement: Judgement, step: Step, request: Request, moves: HistoryGenerator, searched: SearchResult) -> None:
    if request["op"] == "observe":
        searched.steps += 1
    elif isinstance(step, FileStep):
        outcomes = [row["outcome"] for row in judgement.expected["report"]["rows"]]
        moves.remember(step, outcomes)
        searched.files += 1
        searched.outcomes.update(outcomes or ["refused"])


def search(importer: Importer, known: OracleState, seed: str, limit: Limit, most: int = 8) -> SearchResult:
    """Search for differences until the limit is reached, or so many different ones (or a few faults) are found.

    `limit` counts histories.
    """
    begun = time.monotonic()
    searched, lockstep, detours = SearchResult(), Lockstep(importer, known), KnownBugs(known)
    source, one_in = RandomSource.seeded(seed), RandomSource.seeded(f"{seed}-sampling")
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
            sample(exchanges, one_in, lockstep.known, searched)
    searched.seconds, searched.is_cut_short = time.monotonic() - begun, limit.is_cut_short
    return searched


def is_given_up(searched: SearchResult) -> bool:
    """Whether an importer has failed, or differed and then did not, too often to go on."""
    return len(searched.faults) >= FAULTS or len(searched.flaky) >= MOST_FLAKY


def sample(
    exchanges: Sequence[Exchange],
    source: Source,
    known: OracleState,
    searched: SearchResult,
    reached: Collection[str] = (),
) -> None:
    """Find out which rules a history could tell about: of those not reached yet, by others either, and of some more."""
    own = own_answers([exchange.request for exchange in exchanges], known)
    old = {*reached, *searched.reached}
    asked = [name for name in CATALOGUE if name not in old or source.randbelow(8) == 0]
    told = discriminating_rules(asked, own, known)
    searched.reached.update(told)
    searched.pairs.update(combinations(told, 2))


def _settle(
    lockstep: Lockstep, detours: KnownBugs, history: History, exchanges: Sequence[Exchange], searched: SearchResult
) -> Lockstep:
    """Keep what was found, shrunk, unless it is there already; go on around it where a deviation accounts for it."""
    if is_allowed(exchanges, lockstep.known) or not detours.account_for(exchanges):
        found = smallest(lockstep, history, exchanges)
        searched.note(found)
        detours.ways += [found.grounds.like] if found.grounds.like else []
    return evolve(lockstep, known=detours.known)
