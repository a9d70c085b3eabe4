"""The client: one importer, its hello, and the shape of its responses."""

from typing import TypedDict

from attrs import define, field, frozen

from conformance.oracle.state import ALL_HEADERS, OracleState, Strictness
from conformance.protocol.requests import Request
from conformance.protocol.responses import Hello, Response, decode
from conformance.transport.base import Target, ask

STARTED_ANEW = 40  # confirmed differences up to which the importer is started anew, twice, for each
ASKED = 4  # repetitions of one conversation, at most


@define
class Rechecks:
    """How many differences a fresh importer has confirmed."""

    confirmed: int = 0


class Introduction(TypedDict, total=False):
    """An importer as a report names it: what it says of itself, and the target by which it was reached."""

    target: str
    name: str | None
    version: str | None
    language: str | None
    columns: list[str] | None  # None: it stores them all


def stored_columns(columns: list[str] | None) -> frozenset[str]:
    """The columns that an importer stores, as its hello names them: all, where it names none."""
    return ALL_HEADERS if columns is None else frozenset(columns)


@frozen
class Importer:
    """An importer that has answered hello: its target, and what it claims."""

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
        return stored_columns(self.hello.columns)

    @property
    def introduction(self) -> Introduction:
        """What it says of itself."""
        hello = self.hello
        return {"name": hello.name, "version": hello.version, "language": hello.language, "columns": hello.columns}

    def ask(self, request: Request) -> Response:
        """One response, of the right shape; else a Fault."""
        response = self.target.handle(dict(request))
        check_shape(self.target, request, response)
        return response

    def known(self, strictness: Strictness = "exact") -> OracleState:
        """The oracle's knowledge of it before the first request."""
        return OracleState(strictness=strictness, columns=self.columns)


def introduced(target: Target) -> Importer:
    """The importer at a target. Fault where it does not answer hello as the protocol demands."""
    hello = ask(target, {"op": "hello", "protocol": 1})
    assert isinstance(hello, Hello)
    return Importer(target, hello)


def check_shape(target: Target, request: Request, response: dict[str, object]) -> None:
    """Fault where a response has not the shape that its request asks for."""
    try:
        decode(request["op"], response)
    except ValueError as error:
        raise target.fault("shape", str(error), request) from None
