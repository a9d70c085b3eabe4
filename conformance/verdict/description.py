"""A difference described for people: the step, the file, what was expected, and what came."""

import base64
from collections.abc import Iterator, Sequence

from conformance.oracle.invariants import breaches
from conformance.oracle.judge import Judgement, as_text
from conformance.protocol.requests import Request
from conformance.protocol.trace import Exchange

MOST_OF_A_TEXT, MOST_OF_A_LINE, MOST_OF_A_VALUE = 200, 400, 4_000  # characters; an account usually has 1000


def visible(text: str) -> str:
    """A text as it is, but what does not print (save line breaks and tabs) is escaped, as `\\x1b` is."""
    return "".join(c if c in "\n\t" else on_one_line(c) for c in text)


def on_one_line(text: str) -> str:
    """A text in which everything that does not print is escaped, line breaks and tabs too."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def shortened(text: str, most: int = MOST_OF_A_TEXT) -> str:
    """The beginning of a text that is very long, and its length."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"


def describe(exchanges: Sequence[Exchange], judged: Sequence[Judgement]) -> str:
    """A conversation, step by step, with all that differs in it."""
    return "\n".join(_lines(exchanges, judged))


def _lines(exchanges: Sequence[Exchange], judged: Sequence[Judgement]) -> Iterator[str]:
    for breach in breaches(exchanges):
        yield f"Breaks invariant {breach.law}, whatever the model says: {breach.text}"
    for number, (exchange, judgement) in enumerate(zip(exchanges, judged)):
        if exchange.request["op"] not in ("reset", "observe") or not judgement.allowed:
            yield f"Step {number}: {describe_request(exchange.request)}"
        for difference in judgement.differences:
            yield f"  {difference.where}"
            yield f"    expected {shortened(as_text(difference.expected), MOST_OF_A_VALUE)}"
            yield f"    got      {shortened(as_text(difference.got), MOST_OF_A_VALUE)}"


def describe_request(request: Request) -> str:
    """A request in words, a file with its text."""
    match request["op"]:
        case "import" | "preview" as op:
            setting = " with change_sensitive_fields" if request.get("change_sensitive_fields") else ""
            head = f"{op} for {request['institution']}, {request['mode']}{setting}, dates as {request['date_format']}"
            return f"{head}\n{describe_file(base64.b64decode(request['csv']))}"
        case "do":
            arguments = {name: value for name, value in request.items() if name not in ("op", "action")}
            return f"{request['action']} {' '.join(f'{name}={as_text(value)}' for name, value in arguments.items())}"
        case "observe":
            return "what can be observed then"
        case op:
            return str(op)


def describe_file(data: bytes) -> str:
    """A file as text, indented; what does not print is escaped."""
    text = data.decode("utf-8", errors="backslashreplace")
    lines = text.splitlines(keepends=True)
    shown = [line.removesuffix("\n") for line in lines[:40]]
    more = [f"… and {len(lines) - 40} more lines"] if len(lines) > 40 else []
    return "\n".join(f"    | {shortened(on_one_line(line), MOST_OF_A_LINE)}" for line in [*shown, *more])
