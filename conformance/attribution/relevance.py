"""Relevance: about which rules a conversation can tell."""

from collections.abc import Iterable, Sequence

from conformance.attribution.divergence import Change, Heard, left_out, listened
from conformance.oracle.answers import answer
from conformance.oracle.judge import COMPARISONS, own_answers
from conformance.oracle.state import Known
from conformance.protocol.requests import Request
from conformance.protocol.trace import Exchange

FEW = 2  # changes for which it does not pay to listen first: nearly all are heard


def matters(name: str, requests: Iterable[Request], known: Known) -> bool:
    """Whether a conversation could tell: whether the model answers it otherwise without the rule."""
    return name in telling((name,), own_answers(requests, known), known)


def telling(names: Iterable[str], own: Sequence[Exchange], known: Known) -> tuple[str, ...]:
    """Those of some rules about which a conversation can tell: the model answers otherwise without them."""
    without = {name: left_out(name) for name in names}
    if len(without) > FEW:
        heard = listened([exchange.request for exchange in own], known.world, known.ruleset, without.values())
    else:
        heard = Heard.at_once(known.world, without.values())
    return tuple(name for name, change in without.items() if _tells(change, own, known, heard))


def _tells(change: Change, own: Sequence[Exchange], known: Known, heard: Heard) -> bool:
    until = heard.until([change])
    world, ruleset = heard.worlds[until], known.ruleset.replacing(*change)
    for exchange in own[until:]:
        response, world = answer(world, exchange.request, ruleset)
        compare = COMPARISONS[exchange.request["op"]]
        if response != exchange.response and any(compare(exchange.response, response, known, exchange.request)):
            return True
    return False
