"""Playing a conversation against an importer, in lockstep with the oracle; and again, where it differs.

A difference may have its cause outside the conversation: a lock that timed out, a full disk, something that an earlier
conversation left behind. So it counts only if the importer, started anew and asked the same, differs again in the same
places. Any other difference is flaky, and no rule is accused by it.

Two fresh importers are asked, since one that fails now and then may fail twice. After many confirmed differences the
importer is not started anew any more, since that may take long.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from attrs import Factory, define, field, frozen

from conformance.oracle.invariants import breaches
from conformance.oracle.judge import Judgement, judge, judgements, places_of
from conformance.oracle.location import Place
from conformance.oracle.state import OracleState
from conformance.protocol.requests import Request
from conformance.protocol.trace import Exchange
from conformance.session.client import ASKED, STARTED_ANEW, Importer

Law = tuple[int, Literal["law"]]  # an invariant that is broken, by its number


@frozen
class Play:
    """A conversation that took place: up to its end, or to the observation after the first difference."""

    exchanges: tuple[Exchange, ...]
    judgements: tuple[Judgement, ...] = field(repr=False)

    @property
    def differs(self) -> bool:
        """Whether the importer answered anything that a right one does not."""
        return any(not judgement.allowed for judgement in self.judgements)

    @property
    def is_wrong(self) -> bool:
        """Whether it differs, or breaks an invariant."""
        return self.differs or bool(breaches(self.exchanges))

    @property
    def places(self) -> set[Place | Law]:
        """Where it is wrong: which exchange, and where in it; or which invariant is broken."""
        return {*places_of(self.judgements), *((breach.law, "law") for breach in breaches(self.exchanges))}


@define
class Lockstep:
    """An importer and the oracle, step by step beside each other.

    `truth` is what a right importer goes by; `known` deviates from it where a search masks bugs that it has found.
    """

    importer: Importer
    known: OracleState
    truth: OracleState = field(default=Factory(lambda self: self.known, takes_self=True))

    def only_seems_wrong(self, exchanges: Iterable[Exchange]) -> bool:
        """Whether a right importer gives these answers, and only an oracle that masks bugs expects others."""
        return self.known.ruleset != self.truth.ruleset and agrees(exchanges, self.truth)

    def play(self, requests: Iterable[Request]) -> Play:
        """Play requests until an observation after the first difference. Fault as in `play`."""
        return play(self.importer, requests, self.known)


def agrees(exchanges: Iterable[Exchange], known: OracleState) -> bool:
    """Whether the oracle expects every response of a conversation."""
    return all(judgement.allowed for judgement in judgements(exchanges, known))


def play(importer: Importer, requests: Iterable[Request], known: OracleState) -> Play:
    """Send requests until a response differs, and on to the next observation.

    Fault where the importer does not answer as the protocol wants.
    """
    exchanges: list[Exchange] = []
    judgements: list[Judgement] = []
    for request in until_observed(requests, judgements):
        exchanges.append(Exchange(request, importer.ask(request)))
        judgements.append(judge(known, request, exchanges[-1].response))
        known = judgements[-1].known
    return Play(tuple(exchanges), tuple(judgements))


def confirmed(played: Play, importer: Importer, requests: Sequence[Request], known: OracleState) -> Play | None:
    """A wrong conversation, repeated with fresh importers; None where they do not differ in the same places.

    Fault where the importer does not answer as the protocol wants.
    """
    if importer.rechecks.confirmed >= STARTED_ANEW:
        again = play(importer, requests, known)
        return again if again.is_wrong else None
    previous, same = played, 0
    for _ in range(ASKED):
        again = asked_anew(importer, requests, known)
        if not again.is_wrong:
            return None
        same = same + 1 if again.places == previous.places else 0
        if same == 2:
            importer.rechecks.confirmed += 1
            return again
        previous = again
    return None


def asked_anew(importer: Importer, requests: Iterable[Request], known: OracleState) -> Play:
    """Start the importer anew, and repeat the conversation. Fault as in `play`."""
    importer.target.restart()
    return play(importer, requests, known)


def until_observed(requests: Iterable[Request], judgements: Sequence[Judgement]) -> Iterable[Request]:
    """The requests, up to the first observation after a difference."""
    for request in requests:
        yield request
        differs = any(not judgement.allowed for judgement in judgements)
        if differs and request["op"] == "observe":
            return
