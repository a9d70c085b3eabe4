"""Relevance: the rules that a conversation discriminates, as the model answers it otherwise without them."""

from collections.abc import Iterable, Sequence

from conformance.attribution.divergence import Change, Divergences, find_divergences, without_rule
from conformance.oracle.answers import answer
from conformance.oracle.judge import COMPARISONS, own_answers
from conformance.oracle.state import OracleState
from conformance.protocol.requests import Request
from conformance.protocol.trace import Exchange

FEW = 2  # changes for which it does not pay to look for divergences: nearly all diverge at once


def is_relevant(name: str, requests: Iterable[Request], known: OracleState) -> bool:
    """Whether the model answers a conversation otherwise without the rule."""
    return name in discriminating_rules((name,), own_answers(requests, known), known)


def discriminating_rules(names: Iterable[str], own: Sequence[Exchange], known: OracleState) -> tuple[str, ...]:
    """Those of some rules without which the model answers a conversation otherwise."""
    without = {name: without_rule(name) for name in names}
    if len(without) > FEW:
        divergences = find_divergences(
            [exchange.request for exchange in own], known.world, known.ruleset, without.values()
        )
    else:
        divergences = Divergences.at_once(known.world, without.values())
    return tuple(name for name, change in without.items() if _tells(change, own, known, divergences))


def _tells(change: Change, own: Sequence[Exchange], known: OracleState, divergences: Divergences) -> bool:
    until = divergences.until([change])
    world, ruleset = divergences.worlds[until], known.ruleset.replacing(*change)
    for exchange in own[until:]:
        response, world = answer(world, exchange.request, ruleset)
        compare = COMPARISONS[exchange.request["op"]]
        if response != exchange.response and any(compare(exchange.response, response, known, exchange.request)):
            return True
    return False
