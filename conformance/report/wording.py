"""Requests, responses and values in words."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from string import Formatter

from attrs import frozen

from conformance.oracle.judge import as_text
from conformance.protocol.requests import Request
from conformance.protocol.responses import Response
from conformance.verdict.description import on_one_line, shortened
from refmodel.actions import NAMED

SENTENCES: Mapping[str, str] = {
    "import": "{institution} imports a file in {article} {mode} job{setting}, dates as {date_format}",
    "preview": "{institution} previews a file in {article} {mode} job{setting}, dates as {date_format}",
    **{name: kind.sentence for name, kind in NAMED.items()},
    "password": "{email} signs in with a password",
    "sso": "{email} signs in through the single sign-on of {institution}, which returns {attribute}",
}
PLAIN = re.compile(r"[\w.@+/*-]+", re.ASCII)


def value_in_words(value: object) -> str:
    """A value as JSON, which distinguishes a text from a number; of an account only what is not empty."""
    if isinstance(value, dict):
        value = {name: item for name, item in value.items() if item not in (None, [], False)}
    if isinstance(value, list) and any(isinstance(item, list) for item in value):
        return "\n".join(on_one_line(as_text(item)) for item in value)  # the records of a file
    return "nothing" if value is None else on_one_line(as_text(value))


# Sentences in which values are kept apart from words, so that they can be formatted.


@frozen
class Piece:
    """A part of a sentence: words of ours, or a value that somebody sent."""

    text: str
    is_value: bool = False


def sentence(request: Request) -> tuple[Piece, ...]:
    """A request as a sentence."""
    kind = request.get("via") or request.get("action") or request["op"]
    return tuple(pieces(SENTENCES.get(kind, f"{kind} {{rest}}"), arguments(request)))


def arguments(request: Request) -> dict[str, object]:
    """The values in the sentences."""
    rest = {name: value for name, value in request.items() if name not in ("op", "action")}
    setting = " with change_sensitive_fields" if request.get("change_sensitive_fields") else ""
    article = "an" if request.get("mode") == "automatic" else "a"
    return {"setting": setting, "article": article, "rest": rest} | rest


def pieces(template: str, values: Mapping[str, object]) -> Iterator[Piece]:
    """A sentence with its blanks filled in."""
    for literal, name, _, _ in Formatter().parse(template):
        if literal:
            yield Piece(literal)
        if name in ("setting", "article", "mode", "date_format"):
            yield Piece(str(values[name]))
        elif name:
            yield Piece(shortened(in_a_sentence(values.get(name))), is_value=True)


def in_a_sentence(value: object) -> str:
    """A value, without quotes if it is one plain word."""
    if isinstance(value, str) and PLAIN.fullmatch(value):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value_in_words(value)


def answer_in_words(request: Request, response: Response) -> str:
    """A response in a few words."""
    if request["op"] == "do":
        return _action_in_words(request, response)
    report = response.get("report") or {}
    if report.get("refused") is not None:
        return f"the file is refused: {on_one_line(str(report['refused']))}"
    counts = Counter(row["outcome"] for row in report.get("rows") or ())
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "no row"


def _action_in_words(request: Request, response: Response) -> str:
    if not response.get("done"):
        return f"refused: {on_one_line(str(response.get('refused') or 'no reason given'))}"
    if request["action"] != "sign_in":
        return "done"
    return "let in" if response.get("access") else "not let in"


def row_in_words(row: Response) -> str:
    """The outcome of a row and, if it failed, why."""
    errors = (row.get("response") or {}).get("errors")
    return str(row["outcome"]) if errors is None else f"{row['outcome']}: {value_in_words(errors)}"
