"""Checking an importer case by case: an example or an edge case played, or a search made, and what came of it."""

import base64
from collections.abc import Iterable, Iterator, Sequence

from attrs import evolve

from conformance.attribution.attribution import Attribution, attribution_of
from conformance.attribution.relevance import discriminating_rules
from conformance.cases.edge_cases import EdgeCase
from conformance.cases.scenarios.parser import Example, narrowed, without_columns
from conformance.oracle.judge import Judgement, own_answers
from conformance.oracle.state import OracleState
from conformance.protocol.requests import Request
from conformance.protocol.trace import Exchange, trace_of
from conformance.session.client import Importer
from conformance.session.lockstep import confirmed, play
from conformance.verdict.case import Case
from conformance.verdict.description import described
from refmodel.columns import BY_HEADER

LARGE = 50_000  # characters of all files of a conversation, in base64


def checked(example: Example, importer: Importer, known: OracleState) -> Case:
    """What comes of an example. Fault where the importer does not answer as the protocol wants."""
    missing = example.operations - importer.supports
    if missing:
        text = f"the importer does not claim {', '.join(sorted(missing))}"
        return Case(example.id, example.rules, "not applicable", details=text, kind="example")
    whole, example = example, narrowed(example, importer.columns)
    played = play(importer, example.requests, known)
    case = Case(
        example.id,
        example.rules,
        "passed",
        discriminating_rules(example.rules, own_answers(example.requests, known), known),
        kind="example",
    )
    if played.differs:
        title = f"{example.heading} ({example.page}.md, line {example.line})"
        again = confirmed(played, importer, example.requests, known)
        if again is None:
            return flaky(case, title, played.exchanges, played.judgements)
        return differing(case, title, again.exchanges, again.judgements, attribution_of(again.exchanges, known))
    if not case.reached and example != whole:
        text = "without the columns that the importer does not store it shows nothing"
        return evolve(case, status="not applicable", details=text)
    return case


def checked_edge_case(edge_case: EdgeCase, importer: Importer, known: OracleState) -> Case:
    """What comes of an edge case, whose last file is previewed too where the importer can. Fault as above.

    A file is sent as it is or not at all: written anew without a column it would be another one.
    """
    case = Case(edge_case.id, edge_case.rules, "passed", kind="edge case")
    if unstored := columns_not_stored(edge_case.requests, importer):
        return evolve(case, status="not applicable", details=f"the importer does not store {', '.join(unstored)}")
    requests = tuple(with_preview(edge_case.requests, importer))
    played = play(importer, requests, known)
    if played.differs:
        again = confirmed(played, importer, requests, known)
        if again is None:
            return flaky(case, edge_case.title, played.exchanges, played.judgements)
        grounds = grounds_near(edge_case.rules, again.exchanges, known)
        wrong = f"What often goes wrong here: {edge_case.wrong}"
        return differing(case, edge_case.title, again.exchanges, again.judgements, grounds, wrong)
    return evolve(case, reached=discriminating_rules(case.rules, own_answers(edge_case.requests, known), known))


def grounds_near(rules: Sequence[str], exchanges: Sequence[Exchange], known: OracleState) -> Attribution:
    """What accounts for a difference: something about these rules or, if nothing is and the files are small, about any.

    To try hundreds of deviations on hundreds of cases, or on thousands of rows, takes minutes.
    """
    near = attribution_of(exchanges, known, (*rules, "preview"))
    large = sum(len(exchange.request.get("csv", "")) for exchange in exchanges) > LARGE
    return near if near.rules or large else attribution_of(exchanges, known)


def columns_not_stored(requests: Iterable[Request], importer: Importer) -> list[str]:
    """The columns that the files name and the importer does not store."""
    files = [base64.b64decode(request["csv"]) for request in requests if "csv" in request]
    absent = [name for name in BY_HEADER if name not in importer.columns]
    return [name for name in absent if any(without_columns(data, {name}) != data for data in files)]


def with_preview(requests: Sequence[Request], importer: Importer) -> Iterator[Request]:
    """The requests, the last file previewed before it is imported if the importer claims to preview."""
    last = max((number for number, request in enumerate(requests) if "csv" in request), default=None)
    for number, request in enumerate(requests):
        if number == last and "preview" in importer.supports:
            yield {**request, "op": "preview"}
        yield request


def differing(
    case: Case,
    title: str,
    exchanges: Sequence[Exchange],
    judged: Sequence[Judgement],
    attribution: Attribution,
    *notes: str,
) -> Case:
    """A case that differs: what accounts for it, what happened, step by step, and the trace that shows it."""
    details = "\n".join((described(exchanges, judged), *notes))
    case = evolve(case, status="differs", attribution=attribution, title=title, details=details)
    return evolve(case, trace=trace_of(title, case.suspects[:1], exchanges))


def flaky(case: Case, title: str, exchanges: Sequence[Exchange], judged: Sequence[Judgement]) -> Case:
    """A case that differed, and did not differ so again in a fresh importer: what came, and no rule to blame for it."""
    trace = trace_of(title, case.rules[:1], exchanges)
    return evolve(case, status="flaky", title=title, details=described(exchanges, judged), trace=trace)
