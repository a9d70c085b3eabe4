"""Requests and values in words, and texts in which nothing hides."""

import re
from collections.abc import Iterator, Mapping
from string import Formatter

from attrs import frozen

from conformance.oracle.judge import as_text
from conformance.protocol.requests import Request
from conformance.protocol.responses import Response
from refmodel.actions import NAMED

LONGEST = 200  # characters of one value that are shown
SENTENCES: Mapping[str, str] = {
    "import": "{institution} imports a file in {article} {mode} job{setting}, dates as {date_format}",
    "preview": "{institution} previews a file in {article} {mode} job{setting}, dates as {date_format}",
    **{name: kind.sentence for name, kind in NAMED.items()},
    "password": "{email} signs in with a password",
    "sso": "{email} signs in through the single sign-on of {institution}, which returns {attribute}",
}
PLAIN = re.compile(r"[\w.@+/*-]+", re.ASCII)


def visible(text: str) -> str:
    """A text as it is, but what does not print (save line breaks and tabs) spelled out, as `\\x1b` is."""
    return "".join(c if c.isprintable() or c in "\n\t" else spelled_out(c) for c in text)


def on_one_line(text: str) -> str:
    """A text with nothing hidden in it, line breaks and tabs spelled out too."""
    return "".join(c if c.isprintable() else spelled_out(c) for c in text)


def spelled_out(text: str) -> str:
    """A character by its number."""
    return text.encode("unicode_escape").decode("ascii")


def shortened(text: str) -> str:
    """The beginning of a text that is very long, and how long it is."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"


def value_in_words(value: object) -> str:
    """A value as JSON, so that a text and a number can be told apart; of an account only what is not empty."""
    if isinstance(value, dict):
        value = {name: item for name, item in value.items() if item not in (None, [], False)}
    if isinstance(value, list) and any(isinstance(item, list) for item in value):
        return "\n".join(on_one_line(as_text(item)) for item in value)  # the records of a file
    return "nothing" if value is None else on_one_line(as_text(value))


# Sentences, in which the values stay apart from the words, so that they can be set off.


@frozen
class Piece:
    """A part of a sentence: words of ours, or a value that somebody sent."""

    text: str
    is_value: bool = False


def sentence(request: Request) -> tuple[Piece, ...]:
    """What a request asks for, as a person would say it."""
    kind = request.get("via") or request.get("action") or request["op"]
    return tuple(pieces(SENTENCES.get(kind, f"{kind} {{rest}}"), arguments(request)))


def arguments(request: Request) -> dict[str, object]:
    """What the sentences speak of."""
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
    """A value without quotes, where it is one plain word."""
    if isinstance(value, str) and PLAIN.fullmatch(value):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value_in_words(value)


def answer_in_words(request: Request, response: Response) -> str:
    """What the importer answered, in a few words."""
    if request["op"] == "do":
        return _action_in_words(request, response)
    report = response.get("report") or {}
    if report.get("refused") is not None:
        return f"the file is refused: {on_one_line(str(report['refused']))}"
    outcomes = [row["outcome"] for row in report.get("rows") or ()]
    counts = [f"{outcomes.count(name)} {name}" for name in dict.fromkeys(outcomes)]
    return ", ".join(counts) or "no row"


def _action_in_words(request: Request, response: Response) -> str:
    if not response.get("done"):
        return f"refused: {on_one_line(str(response.get('refused') or 'no reason given'))}"
    if request["action"] != "sign_in":
        return "done"
    return "let in" if response.get("access") else "not let in"


def row_in_words(row: Response) -> str:
    """The outcome of a row, and why it failed."""
    errors = (row.get("response") or {}).get("errors")
    return str(row["outcome"]) if errors is None else f"{row['outcome']}: {value_in_words(errors)}"
