"""The conversations that are written down, examples and edge cases, with the answers of a right importer."""

from collections import Counter
from collections.abc import Iterator, Sequence

from attrs import define, field, frozen

from conformance.cases.edge_cases import edge_cases
from conformance.cases.scenarios.parser import examples
from conformance.oracle.judge import COMPARISONS, own_answers
from conformance.oracle.state import OracleState
from conformance.protocol.requests import Request
from conformance.protocol.trace import Exchange
from conformance.session.client import Importer, introduced
from conformance.transport.targets import connect
from conformance.verdict.run_case import with_preview
from tests.support.paths import ROOT
from tests.tools.importer_mutation.mutants import digest
from tests.tools.mutation_matrix.running import meant

JUDGE = ROOT / "conformance" / "oracle" / "judge.py"
REFERENCE = "python:conformance.reference:importer"


@frozen
class Conversation:
    """Requests, and what a right importer answers to them."""

    name: str
    exchanges: tuple[Exchange, ...] = field(repr=False)
    size: int = field(repr=False)  # of its files
    key: str = field(repr=False)  # a digest of it, and of how answers are compared

    @classmethod
    def of(cls, name: str, requests: Sequence[Request]) -> "Conversation":
        """The conversation that these requests make."""
        exchanges = own_answers(requests, OracleState())
        size = sum(len(request.get("csv", "")) for request in requests)
        return cls(name, exchanges, size, digest(repr(exchanges), meant(JUDGE)))


def written_down() -> tuple[Conversation, ...]:
    """All of them; the last file of an edge case is previewed too, as in a run."""
    with connect(REFERENCE) as target:
        named = tuple(requests_of(introduced(target)))
    return tuple(Conversation.of(name, requests) for name, requests in named)


def requests_of(importer: Importer) -> Iterator[tuple[str, Sequence[Request]]]:
    """Name and requests of each."""
    yield from ((example.id, example.requests) for example in examples())
    yield from ((case.id, tuple(with_preview(case.requests, importer))) for case in edge_cases())


def differs(importer: Importer, conversation: Conversation) -> bool:
    """Whether an importer answers otherwise than a right one. Fault where it does not answer as the protocol wants."""
    for exchange in conversation.exchanges:
        response, compare = importer.ask(exchange.request), COMPARISONS[exchange.request["op"]]
        known = OracleState()
        if response != exchange.response and any(compare(exchange.response, response, known, exchange.request)):
            return True
    return False


@define
class Order:
    """The order in which conversations are tried: first those that have shown most mutants of the module."""

    conversations: tuple[Conversation, ...]
    seen: Counter[tuple[str, str]] = field(factory=Counter)

    def learn(self, module: str, name: str) -> None:
        """Note that a conversation has shown a mutant of a module."""
        self.seen[module, name] += 1
        self.seen["", name] += 1

    def of(self, module: str) -> list[Conversation]:
        """The conversations in the order for a module; at last the small before the large."""

        def rank(one: Conversation) -> tuple[int, int, int]:
            return -self.seen[module, one.name], -self.seen["", one.name], one.size

        return sorted(self.conversations, key=rank)
