"""The random search: histories with importer and oracle in lockstep, until the limit is reached.

The histories come from a seeded random source. A difference that a fresh importer shows again is shrunk, and attributed
to the rules that account for it. Where a deviation accounts for it exactly, the oracle deviates too from then on, which
masks the bug, so that the search finds others. A difference that does not show again is flaky, and attributed to no
rule.
"""

import time
from collections.abc import Callable, Collection, Sequence
from functools import partial
from itertools import combinations

from attrs import evolve

from conformance.attribution.relevance import discriminating_rules
from conformance.generation.generator import HistoryGenerator
from conformance.generation.history import History
from conformance.generation.limits import Limit
from conformance.generation.randomness import Choices, RandomSource, Source
from conformance.generation.scene import Scene
from conformance.oracle.judge import own_answers
from conformance.oracle.state import OracleState
from conformance.protocol.requests import ACTIONS
from conformance.protocol.trace import Exchange
from conformance.search.history_play import HistoryPlay
from conformance.search.masking import KnownBugs
from conformance.search.minimise import smallest
from conformance.search.results import SearchResult
from conformance.session.client import Importer
from conformance.session.lockstep import Lockstep, agrees
from conformance.transport.faults import Fault
from refmodel.catalogue import CATALOGUE

SAMPLED = 8  # one history in this many is asked which rules it discriminates
FAULTS = 3  # after which the importer is given up
MOST_FLAKY = 3  # likewise, of flaky differences


def generator_for(importer: Importer, source: Source, *, goes_far: bool = False) -> HistoryGenerator:
    """A generator of histories that an importer can take; whether their files may be larger than usual."""
    return HistoryGenerator(Choices(source), evolve(scene_for(importer), goes_far=goes_far))


def scene_for(importer: Importer) -> Scene:
    """The scene of a history that an importer can take: nothing that it does not claim is asked."""
    actions = tuple(action for action in ACTIONS if action in importer.supports)
    return Scene(importer.columns, actions, "preview" in importer.supports)


def one_history(
    lockstep: Lockstep, generator: HistoryGenerator, searched: SearchResult
) -> tuple[History, tuple[Exchange, ...], bool]:
    """Generate a history while it is played; and whether its last step was wrong."""
    play = HistoryPlay.begun(lockstep, generator.scene, generator.start(), searched)
    differs = any(play.take(generator.next_step(play.known.world)) for _ in range(generator.steps))
    return play.history, tuple(play.exchanges), differs


# What to do about a history that was played, and whether it differed; the lockstep with which the search goes on.
Settle = Callable[[Lockstep, History, tuple[Exchange, ...], bool], Lockstep]


def play_histories(
    lockstep: Lockstep,
    seed: str,
    limit: Limit,
    searched: SearchResult,
    settle: Settle,
    most: int = 8,
    reached: Collection[str] = (),
    *,
    goes_far: bool = False,
) -> SearchResult:
    """Play histories until the limit, until `settle` has found `most` differences, or until the importer is given up.

    `limit` counts histories; `reached` are rules that some other search has reached.
    """
    begun = time.monotonic()
    source, sampling = RandomSource.seeded(seed), RandomSource.seeded(f"{seed}-sampling")
    while len(searched.found) < most and not is_given_up(searched) and limit.spend():
        searched.histories += 1
        try:
            generator = generator_for(lockstep.importer, source, goes_far=goes_far)
            history, exchanges, differs = one_history(lockstep, generator, searched)
            lockstep = settle(lockstep, history, exchanges, differs)
        except Fault as fault:
            searched.faults.append(str(fault))
            continue
        if not differs and searched.histories % SAMPLED == 1:
            sample(exchanges, sampling, lockstep.known, searched, reached)
    searched.seconds, searched.is_cut_short = time.monotonic() - begun, limit.is_cut_short
    return searched


def search(
    importer: Importer, known: OracleState, seed: str, limit: Limit, most: int = 8, *, goes_far: bool = False
) -> SearchResult:
    """Search for bugs until the limit, until `most` are found, or until the importer is given up.

    `limit` counts histories; where it `goes_far`, some files are larger than usual.
    """
    searched, lockstep = SearchResult(), Lockstep(importer, known)
    settle = partial(_settle, KnownBugs(known), searched)
    return play_histories(lockstep, seed, limit, searched, settle, most, goes_far=goes_far)


def is_given_up(searched: SearchResult) -> bool:
    """Whether an importer has failed, or been flaky, too often to go on."""
    return len(searched.faults) >= FAULTS or len(searched.flaky) >= MOST_FLAKY


def sample(
    exchanges: Sequence[Exchange],
    source: Source,
    known: OracleState,
    searched: SearchResult,
    reached: Collection[str] = (),
) -> None:
    """Find the rules that a history discriminates: among those that were not reached yet, and some others."""
    own = own_answers([exchange.request for exchange in exchanges], known)
    old = {*reached, *searched.reached}
    asked = [name for name in CATALOGUE if name not in old or source.randbelow(8) == 0]
    told = discriminating_rules(asked, own, known)
    searched.reached.update(told)
    searched.pairs.update(combinations(told, 2))


def _settle(
    known_bugs: KnownBugs,
    searched: SearchResult,
    lockstep: Lockstep,
    history: History,
    exchanges: Sequence[Exchange],
    differs: bool,
) -> Lockstep:
    """Shrink and keep a new finding, and mask it where a deviation accounts for it."""
    if not differs:
        return lockstep
    if agrees(exchanges, lockstep.known) or not known_bugs.account_for(exchanges):
        found = smallest(lockstep, history, exchanges)
        searched.note(found)
        known_bugs.mask(found.attribution.mutants)
    return evolve(lockstep, known=known_bugs.known)
