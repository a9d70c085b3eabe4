"""Telling a difference to a person: the step, the file, what was expected, what came, and the rule."""

import base64
from collections.abc import Iterable, Iterator, Sequence

from attrs import evolve

from conformance.attribution.diagnosis import MISTAKES, Diagnosis
from conformance.oracle.invariants import breaches
from conformance.oracle.judge import Judgement, as_text
from conformance.protocol.requests import Request
from conformance.protocol.trace import Exchange
from conformance.verdict.case import Case
from conformance.verdict.verdict import settled
from refmodel.catalogue import CATALOGUE

MOST_OF_A_LINE, MOST_OF_A_VALUE = 400, 4_000  # characters that are shown; an account without long texts has 1000


FLAKY = "Flaky: the importer, started anew and asked the same, did not differ so again. No rule is accused by it."


def told(title: str, exchanges: Sequence[Exchange], judged: Sequence[Judgement], why: Iterable[str]) -> str:
    """The whole story of a conversation that differs; `why` are the lines that say what to put it down to."""
    return "\n".join((title, *why, *_lines(exchanges, judged)))


def _lines(exchanges: Sequence[Exchange], judged: Sequence[Judgement]) -> Iterator[str]:
    for breach in breaches(exchanges):
        yield f"Breaks law {breach.law}, whatever the model says: {breach.text}"
    for number, (exchange, judgement) in enumerate(zip(exchanges, judged)):
        if exchange.request["op"] not in ("reset", "observe") or not judgement.allowed:
            yield f"Step {number}: {told_request(exchange.request)}"
        for difference in judgement.differences:
            yield f"  {difference.where}"
            yield f"    expected {_shortened(as_text(difference.expected), MOST_OF_A_VALUE)}"
            yield f"    got      {_shortened(as_text(difference.got), MOST_OF_A_VALUE)}"


def reasons(case: Case) -> Iterator[str]:
    """The rule that a case is put down to, and the known mistakes that answer so."""
    entry = CATALOGUE[case.suspects[0]]
    yield f"Rule: {entry.name} ({entry.basis}, {entry.source}): {entry.statement}"
    for name in case.like:
        yield f"Behaves like {name}: {MISTAKES[name].statement}"


def retold(case: Case, diagnosis: Diagnosis) -> Case:
    """A case that was told before the diagnosis was made: its story gives the reasons that the diagnosis has."""
    now = settled(case, diagnosis)
    title, *lines = case.text.split("\n")
    before = list(reasons(case)) if case.status == "differs" else []
    if now == case or lines[: len(before)] != before:
        return now
    return evolve(now, text="\n".join((title, *reasons(now), *lines[len(before) :])))


def told_request(request: Request) -> str:
    """A request as a person would say it, a file with its text."""
    match request["op"]:
        case "import" | "preview" as op:
            setting = " with change_sensitive_fields" if request.get("change_sensitive_fields") else ""
            head = f"{op} for {request['institution']}, {request['mode']}{setting}, dates as {request['date_format']}"
            return f"{head}\n{told_file(base64.b64decode(request['csv']))}"
        case "do":
            arguments = {name: value for name, value in request.items() if name not in ("op", "action")}
            return f"{request['action']} {' '.join(f'{name}={as_text(value)}' for name, value in arguments.items())}"
        case "observe":
            return "what can be observed then"
        case op:
            return str(op)


def told_file(data: bytes) -> str:
    """A file as text, indented; what a terminal would not show as it is, is spelled out."""
    text = data.decode("utf-8", errors="backslashreplace")
    lines = text.splitlines(keepends=True)
    shown = [line.removesuffix("\n") for line in lines[:40]]
    more = [f"… and {len(lines) - 40} lines more"] if len(lines) > 40 else []
    return "\n".join(f"    | {_visible(line)}" for line in [*shown, *more])


def _visible(line: str) -> str:
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
    return _shortened(shown, MOST_OF_A_LINE)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"
