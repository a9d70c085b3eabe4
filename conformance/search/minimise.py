"""Minimising: a history that shows a difference is confirmed with a fresh importer, and shrunk."""

from collections.abc import Sequence

from attrs import evolve

from conformance.attribution.attribution import Attribution, attribution_of
from conformance.generation.history import History
from conformance.generation.limits import Limit
from conformance.generation.shrinking import shrunk
from conformance.mutants.known import DEVIATIONS
from conformance.oracle.judge import judgements
from conformance.protocol.trace import Exchange
from conformance.search.results import Finding
from conformance.session.lockstep import Lockstep, Play, agrees, asked_anew, confirmed
from conformance.transport.faults import Fault

SHRINKING = (400, 60.0)  # replays, and seconds


def smallest(lockstep: Lockstep, history: History, exchanges: Sequence[Exchange]) -> Finding:
    """Shrink a history, and find what accounts for its difference; flaky where a fresh importer does not show it.

    Fault where the importer, asked again, does not answer as the protocol wants.
    """
    came = Play(tuple(exchanges), tuple(judgements(exchanges, lockstep.known)))
    again = confirmed(came, lockstep.importer, tuple(history.requests()), lockstep.known)
    if again is None:
        return Finding(history, came.exchanges, came.judgements, Attribution(), is_flaky=True)
    first = attribution_of(again.exchanges, lockstep.known)
    small = shrunk(history, lambda candidate: shows(lockstep, candidate, first), Limit.of(*SHRINKING))
    less = asked_anew(lockstep.importer, small.requests(), lockstep.known)
    small, shown = (small, less) if less.is_wrong else (history, again)
    return Finding(small, shown.exchanges, shown.judgements, attribution_of(shown.exchanges, lockstep.known))


def shows(lockstep: Lockstep, history: History, attribution: Attribution) -> bool:
    """Whether a history still shows the difference for which these rules account."""
    try:
        played = lockstep.play(history.requests())
    except Fault:
        return False
    exchanges = played.exchanges
    if not played.differs:
        return played.is_wrong
    if lockstep.only_seems_wrong(exchanges):
        return False
    if not attribution.mutants:
        return True
    rulesets = (DEVIATIONS[name].upon(lockstep.known.ruleset) for name in attribution.mutants)
    return any(agrees(exchanges, evolve(lockstep.known, ruleset=ruleset)) for ruleset in rulesets)
