"""Playing a conversation against an importer, in lockstep with the oracle."""

from collections.abc import Iterable, Sequence
from typing import Any

from attrs import field, frozen

from conformance.judge import ALL_HEADERS, Exchange, Judgement, Known, Strictness, judge
from conformance.oracle import Request
from conformance.protocol import Hello, decode
from conformance.targets import Target, ask


@frozen
class Importer:
    """An importer that has said hello: its target, and what it claims."""

    target: Target
    hello: Hello

    @property
    def supports(self) -> frozenset[str]:
        """The optional operations that it claims."""
        return frozenset(self.hello.supports)

    @property
    def columns(self) -> frozenset[str]:
        """The columns that it stores."""
        return ALL_HEADERS if self.hello.columns is None else frozenset(self.hello.columns)

    @property
    def introduction(self) -> dict[str, Any]:
        """What a report says of it: who it is, and the columns that it named."""
        return {name: getattr(self.hello, name) for name in ("name", "version", "language", "columns")}

    def ask(self, request: Request) -> dict[str, Any]:
        """One response, of the right shape; else a Fault."""
        response = self.target.handle(dict(request))
        check_shape(self.target, request, response)
        return response

    def known(self, strictness: Strictness = "exact") -> Known:
        """What the oracle knows of it before anything has happened."""
        return Known(strictness=strictness, columns=self.columns)


def introduced(target: Target) -> Importer:
    """The importer at a target. Fault where it does not say hello as the protocol wants."""
    hello = ask(target, {"op": "hello", "protocol": 1})
    assert isinstance(hello, Hello)
    return Importer(target, hello)


@frozen
class Play:
    """A conversation as it went: up to its end, or to the observation after the first difference."""

    exchanges: tuple[Exchange, ...]
    judgements: tuple[Judgement, ...] = field(repr=False)

    @property
    def differs(self) -> bool:
        """Whether the importer answered anything that a right one does not."""
        return any(not judgement.allowed for judgement in self.judgements)


def play(importer: Importer, requests: Iterable[Request], known: Known) -> Play:
    """Play requests until one is answered otherwise than expected, and then one observation more.

    Fault where the importer does not answer as the protocol wants.
    """
    exchanges: list[Exchange] = []
    judgements: list[Judgement] = []
    for request in until_observed(requests, judgements):
        exchanges.append(Exchange(request, importer.ask(request)))
        judgements.append(judge(known, request, exchanges[-1].response))
        known = judgements[-1].known
    return Play(tuple(exchanges), tuple(judgements))


def until_observed(requests: Iterable[Request], judgements: Sequence[Judgement]) -> Iterable[Request]:
    """The requests, as long as all is well, and on to the next observation once something is not."""
    for request in requests:
        yield request
        differs = any(not judgement.allowed for judgement in judgements)
        if differs and request["op"] == "observe":
            return


def check_shape(target: Target, request: Request, response: dict[str, object]) -> None:
    """Fault where a response has not the shape that its request asks for."""
    try:
        decode(request["op"], response)
    except ValueError as error:
        raise target.fault("shape", str(error), request) from None
