"""The client: one importer, what it says of itself, and whether what it answers is what the protocol wants."""

from typing import Any

from attrs import define, field, frozen

from conformance.oracle.state import ALL_HEADERS, OracleState, Strictness
from conformance.protocol.requests import Request
from conformance.protocol.responses import Hello, decode
from conformance.transport.base import Target, ask

STARTED_ANEW = 40  # confirmed differences, until which the importer is started anew, twice, for each
ASKED = 4  # times at most that one conversation is held again


@define
class Rechecks:
    """How many differences a fresh importer has confirmed."""

    confirmed: int = 0


@frozen
class Importer:
    """An importer that has said hello: its target, and what it claims."""

    target: Target
    hello: Hello
    rechecks: Rechecks = field(factory=Rechecks, repr=False)

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

    def known(self, strictness: Strictness = "exact") -> OracleState:
        """What the oracle knows of it before anything has happened."""
        return OracleState(strictness=strictness, columns=self.columns)


def introduced(target: Target) -> Importer:
    """The importer at a target. Fault where it does not say hello as the protocol wants."""
    hello = ask(target, {"op": "hello", "protocol": 1})
    assert isinstance(hello, Hello)
    return Importer(target, hello)


def check_shape(target: Target, request: Request, response: dict[str, object]) -> None:
    """Fault where a response has not the shape that its request asks for."""
    try:
        decode(request["op"], response)
    except ValueError as error:
        raise target.fault("shape", str(error), request) from None
