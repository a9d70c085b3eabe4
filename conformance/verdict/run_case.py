"""Running a case: an example, an edge case or another conversation is sent to an importer, and judged."""

import base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Literal

from attrs import evolve, frozen

from conformance.attribution.attribution import Attribution, attribution_of
from conformance.attribution.relevance import discriminating_rules
from conformance.cases.edge_cases import EdgeCase
from conformance.cases.scenarios.parser import Example, narrowed
from conformance.oracle.judge import Judgement, own_answers
from conformance.oracle.state import OracleState
from conformance.oracle.symptom import complained_of, symptom_of
from conformance.protocol.narrowing import without_columns
from conformance.protocol.requests import Request
from conformance.protocol.trace import Exchange, trace_of
from conformance.session.client import Importer
from conformance.session.lockstep import Play, confirmed, play
from conformance.session.replay import operations_of
from conformance.verdict.case import Case
from conformance.verdict.description import describe
from refmodel.columns import BY_HEADER

LARGE = 50_000  # characters of all files of a conversation, in base64
Hold = Callable[[Importer, Sequence[Request], OracleState], Play]
Confirm = Callable[[Play, Importer, Sequence[Request], OracleState], Play | None]


@frozen
class Ran:
    """The result of a conversation; if it differs, the conversation with the fresh importer that differed again."""

    status: Literal["passed", "differs", "flaky"]
    play: Play


def run_case(
    importer: Importer, requests: Sequence[Request], known: OracleState, hold: Hold = play, confirm: Confirm = confirmed
) -> Ran:
    """Hold a conversation with an importer; if it differs, repeat it with a fresh one, else it is flaky.

    Fault where the importer does not answer as the protocol wants.
    """
    played = hold(importer, requests, known)
    if not played.differs:
        return Ran("passed", played)
    again = confirm(played, importer, requests, known)
    return Ran("differs", again) if again else Ran("flaky", played)


def not_claimed(requests: Iterable[Request], importer: Importer) -> str:
    """What the requests need and the importer does not claim, in words; empty where it claims everything."""
    missing = operations_of(requests) - importer.supports
    return f"the importer does not claim {', '.join(sorted(missing))}" if missing else ""


def checked(example: Example, importer: Importer, known: OracleState) -> Case:
    """Check an example. Fault where the importer does not answer as the protocol demands."""
    case = Case(example.id, example.rules, "passed", kind="example", basis=example.basis)
    if text := not_claimed(example.requests, importer):
        return evolve(case, status="not_applicable", details=text)
    whole, example = example, narrowed(example, importer.columns)
    ran = run_case(importer, example.requests, known)
    own = own_answers(example.requests, known)
    case = evolve(case, reached=discriminating_rules(example.rules, own, known))
    if ran.status != "passed":
        title = f"{example.heading} ({example.page}.md, line {example.line})"
        return failed(case, title, ran, lambda exchanges: attribution_of(exchanges, known))
    if not case.reached and example != whole:
        text = "it shows nothing without the columns that the importer does not store"
        return evolve(case, status="not_applicable", details=text)
    return case


def checked_edge_case(edge_case: EdgeCase, importer: Importer, known: OracleState) -> Case:
    """Check an edge case, whose last file is previewed too where the importer claims that. Fault as above.

    One that is about previews says itself what is previewed.

    A file is sent as it is or not at all: without a column it would be another file.
    """
    case = Case(edge_case.id, edge_case.rules, "passed", kind="edge case", basis=edge_case.basis)
    if text := not_claimed(edge_case.requests, importer):
        return evolve(case, status="not_applicable", details=text)
    if unstored := columns_not_stored(edge_case.requests, importer):
        return evolve(case, status="not_applicable", details=f"the importer does not store {', '.join(unstored)}")
    ran = run_case(importer, tuple(with_preview(edge_case.requests, importer)), known)
    if ran.status != "passed":
        note = f"A common mistake: {edge_case.wrong}"
        near = partial(attribution_near, case, known=known)
        return failed(case, edge_case.title, ran, near, note)
    return evolve(case, reached=discriminating_rules(case.involved, own_answers(edge_case.requests, known), known))


def failed(
    case: Case, title: str, ran: Ran, attribute: Callable[[Sequence[Exchange]], Attribution], *notes: str
) -> Case:
    """A case that did not pass: it differs, or it is flaky."""
    exchanges, judged = ran.play.exchanges, ran.play.judgements
    if ran.status == "flaky":
        return flaky(case, title, exchanges, judged)
    return differing(case, title, exchanges, judged, attribute(exchanges), *notes)


def attribution_near(case: Case, exchanges: Sequence[Exchange], known: OracleState) -> Attribution:
    """What accounts for a difference: first deviations from its rules, then, if its files are small, from any.

    Trying hundreds of deviations on hundreds of cases, or on thousands of rows, takes minutes.
    """
    large = is_large(exchange.request for exchange in exchanges)
    near = attribution_of(exchanges, known, (*(case.involved if large else case.rules), "preview"))
    return near if near.rules or large else attribution_of(exchanges, known)


def is_large(requests: Iterable[Request]) -> bool:
    """Whether it would take long to ask a conversation again and again."""
    return sum(len(request.get("csv", "")) for request in requests) > LARGE


def columns_not_stored(requests: Iterable[Request], importer: Importer) -> list[str]:
    """The columns that the files name and the importer does not store."""
    files = [base64.b64decode(request["csv"]) for request in requests if "csv" in request]
    absent = [name for name in BY_HEADER if name not in importer.columns]
    return [name for name in absent if any(without_columns(data, {name}) != data for data in files)]


def with_preview(requests: Sequence[Request], importer: Importer) -> Iterator[Request]:
    """The requests; where none is a preview, the last file is previewed before its import, if the importer can."""
    last = max((number for number, request in enumerate(requests) if "csv" in request), default=None)
    previews = "preview" in importer.supports and all(request["op"] != "preview" for request in requests)
    for number, request in enumerate(requests):
        if number == last and previews:
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
    """A case that differs: what accounts for it, the differences step by step, and the trace that shows it."""
    details = "\n".join((describe(exchanges, judged), *notes))
    symptom, complaints = symptom_of(judged), complained_of(exchanges, judged)
    case = evolve(case, status="differs", attribution=attribution, title=title, details=details)
    case = evolve(case, symptom=symptom, complaints=complaints)
    return evolve(case, trace=trace_of(title, case.suspects[:1], exchanges))


def flaky(case: Case, title: str, exchanges: Sequence[Exchange], judged: Sequence[Judgement]) -> Case:
    """A flaky case: it differed, and not again in a fresh importer, so no rule is accused."""
    trace = trace_of(title, case.rules[:1], exchanges)
    return evolve(case, status="flaky", title=title, details=describe(exchanges, judged), trace=trace)
