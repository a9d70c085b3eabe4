"""Traces: conversations as JSON lines, which anybody can replay or judge."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

from conformance.judge import Exchange
from conformance.oracle import Request

VERSION = 1


@frozen
class Trace:
    """A conversation, the world that it starts in, and what it is about."""

    title: str
    rules: tuple[str, ...]
    world: dict[str, Any]
    exchanges: tuple[Exchange, ...]

    @property
    def reset(self) -> Request:
        """The request that brings the trace's world about."""
        return {"op": "reset", "world": self.world}

    def lines(self) -> Iterator[str]:
        """The trace as it is written: ASCII only, an object a line."""
        yield json.dumps({"trace": VERSION, "title": self.title, "rules": list(self.rules), "world": self.world})
        yield from map(line_of, self.exchanges)


def line_of(exchange: Exchange) -> str:
    """One exchange as it is written in a trace."""
    return json.dumps({"request": dict(exchange.request), "response": exchange.response})


def trace_of(title: str, rules: Iterable[str], exchanges: Iterable[Exchange]) -> Trace:
    """The trace of a conversation that begins with a reset."""
    reset, *rest = exchanges
    return Trace(title, tuple(rules), dict(reset.request["world"]), tuple(rest))


def write(trace: Trace, path: Path) -> None:
    """Write a trace; the folder is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in trace.lines()), encoding="ascii")


def read(path: Path) -> Trace:
    """Read a trace. ValueError where the file is none: the text names the file, the line and what is wrong."""
    text = path.read_text("utf-8").removesuffix("\n")
    return parsed(text.split("\n") if text else (), path)  # a text in a trace may hold other line ends, as they are


def parsed(lines: Iterable[str], path: Path = Path("trace")) -> Trace:
    """The trace that some lines are. ValueError as in `read`; what an exchange has beside its two parts is left out."""
    found = [_object(path, number, line) for number, line in enumerate(lines, start=1)]
    if not found or found[0].get("trace") != VERSION or not isinstance(found[0].get("world"), dict):
        raise ValueError(f'{path}, line 1: a trace begins with {{"trace":{VERSION},…,"world":{{…}}}}')
    head, *rest = found
    exchanges = tuple(_exchange(path, number, entry) for number, entry in enumerate(rest, start=2))
    rules = head.get("rules") or []
    if not isinstance(rules, list):
        raise ValueError(f"{path}, line 1: `rules` is a list of names")
    return Trace(str(head.get("title", "")), tuple(rules), head["world"], exchanges)


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError as error:
        raise ValueError(f"{path}, line {number}: no JSON: {error}") from None
    if not isinstance(entry, dict):
        raise ValueError(f"{path}, line {number}: no JSON object")
    return entry


def _exchange(path: Path, number: int, entry: dict[str, Any]) -> Exchange:
    if not isinstance(entry.get("request"), dict) or not isinstance(entry.get("response"), dict):
        raise ValueError(f'{path}, line {number}: a step is {{"request":{{…}},"response":{{…}}}}')
    return Exchange(entry["request"], entry["response"])
