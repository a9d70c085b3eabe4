"""A history that shows a difference, made small, and asked of a fresh importer again."""

from collections.abc import Iterable, Sequence

from attrs import Factory, define, evolve, field

from conformance.attribution.attribution import Attribution, attribution_of
from conformance.generation.history import History
from conformance.generation.limits import Limit
from conformance.generation.shrinking import shrunk
from conformance.mutants.known import DEVIATIONS
from conformance.oracle.judge import judgements
from conformance.oracle.state import OracleState
from conformance.protocol.requests import Request
from conformance.protocol.trace import Exchange
from conformance.search.masking import is_allowed
from conformance.search.results import Finding
from conformance.session.client import Importer
from conformance.session.lockstep import Play, asked_anew, confirmed, play
from conformance.transport.faults import Fault

SHRINKING = (400, 60.0)  # replays, and the seconds that nobody waits beyond


@define
class Lockstep:
    """One importer and the oracle, side by side; `truth` is what a right importer goes by.

    `known` deviates from it where the search goes around something that was found.
    """

    importer: Importer
    known: OracleState
    truth: OracleState = field(default=Factory(lambda self: self.known, takes_self=True))

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


def smallest(lockstep: Lockstep, history: History, exchanges: Sequence[Exchange]) -> Finding:
    """A history shrunk, and what accounts for the difference; as it was, where a fresh importer does not show it.

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
    if not attribution.mutants:
        return True
    rulesets = (DEVIATIONS[name].upon(lockstep.known.ruleset) for name in attribution.mutants)
    return any(is_allowed(exchanges, evolve(lockstep.known, ruleset=ruleset)) for ruleset in rulesets)
