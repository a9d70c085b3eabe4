"""Recordings: traces that are checked before they are used, and replayed.

Anybody may have written a recording, so nothing in it is trusted: a request that the oracle cannot answer, and a
response that is not of the protocol, are reported with their file and line.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from conformance.oracle.answers import NOWHERE, answer
from conformance.oracle.judge import Judgement, judgements
from conformance.oracle.state import ALL_HEADERS, OracleState
from conformance.protocol.narrowing import narrowed_requests
from conformance.protocol.request_checks import complaint_of
from conformance.protocol.requests import Request
from conformance.protocol.responses import Response, decode
from conformance.protocol.trace import Exchange, Trace, read
from conformance.session.client import Importer, check_shape
from conformance.session.lockstep import Play
from refmodel.catalogue import CATALOGUE
from refmodel.world import World


class BadTrace(ValueError):
    """An invalid trace; the text names the file, the line and what is wrong."""


def found(paths: Iterable[Path]) -> list[Path]:
    """The traces at some paths: files, and all .jsonl files in folders. BadTrace if a folder has none."""
    traces: list[Path] = []
    for path in paths:
        inside = sorted(path.rglob("*.jsonl")) if os.path.isdir(path) else [path]
        if not inside:
            raise BadTrace(f"{path}: there is no trace in this folder; traces end in .jsonl")
        traces += inside
    return traces


def read_trace(path: Path) -> Trace:
    """Read a trace, and check that the model can answer all of it. BadTrace if not."""
    try:
        trace = read(path)
    except OSError as error:
        raise BadTrace(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise BadTrace(f"{path}: is not UTF-8: {error.reason} at byte {error.start}") from None
    except ValueError as error:
        raise BadTrace(str(error)) from None
    _check(path, trace)
    return trace


def _check(path: Path, trace: Trace) -> None:
    _, world = _answered(path, 1, NOWHERE, trace.reset)
    for number, exchange in enumerate(trace.exchanges, start=2):
        complaint = complaint_of(exchange.request)
        if complaint:
            raise BadTrace(f"{path}, line {number}: the request is not of the protocol: {complaint}")
        _, world = _answered(path, number, world, exchange.request)
        try:
            decode(exchange.request["op"], exchange.response)
        except ValueError as error:
            raise BadTrace(f"{path}, line {number}: the response is not of the protocol: {error}") from None


def _answered(path: Path, number: int, world: World, request: Request) -> tuple[Response, World]:
    try:
        return answer(world, request)
    except (ValueError, TypeError) as error:
        what = "the world" if request["op"] == "reset" else "the request"
        raise BadTrace(f"{path}, line {number}: {what} makes no sense: {why(error)}") from None


def why(error: Exception) -> str:
    """Why the model could not answer a request, by its own message if it has one."""
    ours = isinstance(error, ValueError) and not isinstance(error, UnicodeError)
    return str(error) if ours else "a value in it is missing, or of another kind than the protocol has"


def conversation(trace: Trace) -> tuple[Exchange, ...]:
    """All exchanges, beginning with the reset."""
    return (Exchange(trace.reset, {"ok": True}), *trace.exchanges)


def rules_of(trace: Trace) -> tuple[str, ...]:
    """The rules that a trace is about, without unknown names."""
    return tuple(name for name in trace.rules if name in CATALOGUE)


def columns_of(trace: Trace) -> frozenset[str]:
    """The columns that the recorded importer stores, if a hello names them; else all."""
    said = (exchange.response.get("columns") for exchange in trace.exchanges if exchange.request["op"] == "hello")
    return next((frozenset(columns) for columns in said if columns), ALL_HEADERS)


def operations_of(requests: Iterable[Request]) -> frozenset[str]:
    """The optional operations that some requests need: preview, and actions."""
    return frozenset(request.get("action", "preview") for request in requests if request["op"] in ("do", "preview"))


# Replayed.


def requests_for(trace: Trace, columns: frozenset[str]) -> tuple[Request, ...]:
    """The requests of a trace, with its reset, and without the columns that an importer does not store."""
    requests = [exchange.request for exchange in trace.exchanges if exchange.request["op"] not in ("hello", "bye")]
    return (trace.reset, *narrowed_requests(requests, columns))


def conversed(importer: Importer, requests: Iterable[Request]) -> tuple[Exchange, ...]:
    """Send all requests, whatever the responses. Fault where one is not of the protocol."""
    exchanges = []
    for request in requests:
        response = importer.target.handle(dict(request))
        check_shape(importer.target, request, response)
        exchanges.append(Exchange(request, response))
    return tuple(exchanges)


def played_whole(importer: Importer, requests: Iterable[Request], known: OracleState) -> Play:
    """Play the whole conversation, whatever differs. Fault as in `conversed`."""
    exchanges = conversed(importer, requests)
    return Play(exchanges, tuple(judgements(exchanges, known)))


def played_whole_anew(importer: Importer, requests: Iterable[Request], known: OracleState) -> Play:
    """The same with the importer started anew."""
    importer.target.restart()
    return played_whole(importer, requests, known)


def differing_again(played: Play, importer: Importer, requests: Iterable[Request], known: OracleState) -> Play | None:
    """The conversation, if a fresh importer that is asked the same differs too. Fault as in `conversed`."""
    return played if played_whole_anew(importer, requests, known).differs else None


def until_difference(
    exchanges: Sequence[Exchange], known: OracleState
) -> tuple[tuple[Exchange, ...], tuple[Judgement, ...]]:
    """A conversation up to the observation after the first difference; empty where nothing differs."""
    judged: list[Judgement] = []
    differs = False
    for exchange, judgement in zip(exchanges, judgements(exchanges, known)):
        judged.append(judgement)
        differs = differs or not judgement.allowed
        if differs and exchange.request["op"] == "observe":
            break
    return (tuple(exchanges[: len(judged)]), tuple(judged)) if differs else ((), ())


def agreeing(exchanges: Sequence[Exchange], known: OracleState) -> int:
    """How many exchanges there are before the first difference."""
    allowed = [judgement.allowed for judgement in judgements(exchanges, known)]
    return [*allowed, False].index(False)
