"""The checker: the serial orders of calls that overlapped, and whether one of them explains the responses.

The specification is the model, one judgement a call. Orders are tried depth first, and none is followed beyond the
first response that the model would not have given, so that a few calls are checked quickly.
"""

from collections.abc import Iterator, Sequence

from attrs import evolve, frozen

from conformance.oracle.judge import Judgement, judge
from conformance.oracle.state import OracleState
from conformance.protocol.trace import Exchange


@frozen
class Call:
    """One request of one client, its response, and when both were, in seconds of one clock."""

    client: int
    exchange: Exchange
    begun: float
    ended: float

    def precedes(self, other: "Call") -> bool:
        """Whether this call had ended before the other began."""
        return self.ended < other.begun


@frozen
class Order:
    """Calls one after the other, the judgement of each, and of the observation, up to the first that differs."""

    calls: tuple[Call, ...]
    judged: tuple[Judgement, ...] = ()

    @property
    def explains(self) -> bool:
        """Whether the model answers all calls in this order, and the observation behind them, as the importer did."""
        return len(self.judged) > len(self.calls) and self.judged[-1].allowed


def first_of(calls: Sequence[Call]) -> Iterator[Call]:
    """The calls that may have taken effect before all the others."""
    return (call for call in calls if not any(other.precedes(call) for other in calls))


def orders(known: OracleState, calls: Sequence[Call], observation: Exchange) -> Iterator[Order]:
    """Every order that real time allows, up to the first response in it that the model does not allow."""
    return _orders(Order(()), known, tuple(calls), observation)


def _orders(begun: Order, known: OracleState, remaining: tuple[Call, ...], observation: Exchange) -> Iterator[Order]:
    if not remaining:
        yield evolve(begun, judged=(*begun.judged, judge(known, observation.request, observation.response)))
    for call in first_of(remaining):
        judgement = judge(known, call.exchange.request, call.exchange.response)
        order = Order((*begun.calls, call), (*begun.judged, judgement))
        if judgement.allowed:
            others = tuple(other for other in remaining if other is not call)
            yield from _orders(order, judgement.known, others, observation)
        else:
            yield order


def explanation(known: OracleState, calls: Sequence[Call], observation: Exchange) -> Order:
    """An order that explains the calls; where there is none, the one with which the model agrees longest."""
    farthest = Order(())
    for order in orders(known, calls, observation):
        if order.explains:
            return order
        farthest = max(farthest, order, key=lambda tried: len(tried.judged))
    return farthest
