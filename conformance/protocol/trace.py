"""Traces: conversations as JSON lines, which anybody can replay or judge.

Version 2 starts with `{"format":"refmodel-trace","version":2,"title":…,"rules":[…],"world":{…}}`. Version 1 started
with `{"trace":1,…}` and is read as well; unknown keys of its first line are ignored, as they always were.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from conformance.protocol.requests import Request
from conformance.protocol.responses import Response
from refmodel.formats import Format
from refmodel.wording import did_you_mean, expected


@frozen
class Times:
    """Which of several clients sent a request, and when it was under way."""

    client: int  # from 1
    begun_ms: float
    ended_ms: float


@frozen
class Exchange:
    """A request and the response to it; its times, where several clients sent at once."""

    request: Request
    response: Response
    times: Times | None = None


TRACE = Format("refmodel-trace", "trace", 2, first_key="trace")
KEYS = (*TRACE.head, "title", "rules", "world")


@frozen
class Trace:
    """A conversation, the world that it starts in, its title and the rules it is about."""

    title: str
    rules: tuple[str, ...]
    world: dict[str, object]
    exchanges: tuple[Exchange, ...]

    @property
    def reset(self) -> Request:
        """The request that sets up the trace's world."""
        return {"op": "reset", "world": self.world}

    def lines(self) -> Iterator[str]:
        """The lines of the file: ASCII only, one object per line."""
        yield json.dumps({**TRACE.head, "title": self.title, "rules": list(self.rules), "world": self.world})
        yield from map(line_of, self.exchanges)

    @property
    def text(self) -> str:
        """The content of the file."""
        return "".join(f"{line}\n" for line in self.lines())


def line_of(exchange: Exchange) -> str:
    """The line of one exchange."""
    times = asdict(exchange.times) if exchange.times else {}
    return json.dumps({"request": dict(exchange.request), "response": exchange.response, **times})


def trace_of(title: str, rules: Iterable[str], exchanges: Iterable[Exchange]) -> Trace:
    """The trace of a conversation that begins with a reset."""
    reset, *rest = exchanges
    return Trace(title, tuple(rules), dict(reset.request["world"]), tuple(rest))


def write(trace: Trace, path: Path) -> None:
    """Write a trace; create its folder if necessary."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(trace.text, encoding="ascii")


def read(path: Path) -> Trace:
    """Read a trace. ValueError for an invalid trace: the text names the file, the line and what is wrong."""
    text = path.read_text("utf-8").removesuffix("\n")
    return parsed(text.split("\n") if text else (), path)  # not splitlines: a text may hold U+2028


def parsed(lines: Iterable[str], path: Path = Path("trace")) -> Trace:
    """The trace in some lines. ValueError as in `read`; other keys of an exchange are ignored."""
    found = [_object(path, number, line) for number, line in enumerate(lines, start=1)]
    if not found:
        raise ValueError(f"{path}: the file is empty; a trace begins with {TRACE.beginning}")
    head, *rest = found
    try:
        _check_head(head)
    except ValueError as error:
        raise ValueError(f"{path}, line 1: {error}") from None
    exchanges = tuple(_exchange(path, number, entry) for number, entry in enumerate(rest, start=2))
    return Trace(head.get("title") or "", tuple(head.get("rules") or ()), head["world"], exchanges)


def _check_head(head: Mapping[str, object]) -> None:
    version = TRACE.version_of(head)
    for key in head:
        if version > 1 and key not in KEYS:
            raise ValueError(f'"{key}" is not a key of a trace{did_you_mean(key, KEYS)}')
    title, rules, world = (head.get(key) for key in ("title", "rules", "world"))
    if not isinstance(world, dict):
        raise ValueError(f"world: {expected('an object with institutions and employers', world)}")
    if not isinstance(title, str | None):
        raise ValueError(f"title: {expected('a text', title)}")
    if not isinstance(rules, list | None) or not all(isinstance(rule, str) for rule in rules or ()):
        raise ValueError(f"rules: {expected('a list of names', rules)}")


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}, line {number}, column {error.colno}: this is not JSON ({error.msg})") from None
    except (ValueError, RecursionError):
        raise ValueError(
            f"{path}, line {number}: this JSON cannot be read: it is nested too deeply, or a number in it is too long"
        ) from None
    if not isinstance(entry, dict):
        raise ValueError(f"{path}, line {number}: {expected('a JSON object', entry)}")
    return entry


def _exchange(path: Path, number: int, entry: dict[str, Any]) -> Exchange:
    for key in ("request", "response"):
        if not isinstance(entry.get(key), dict):
            wrong = f"{key}: {expected('an object', entry.get(key))}"
            raise ValueError(f'{path}, line {number}: a step is {{"request":{{…}},"response":{{…}}}}; {wrong}')
    return Exchange(entry["request"], entry["response"])
