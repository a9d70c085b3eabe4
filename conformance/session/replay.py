"""Recordings: traces that are checked before anybody goes by them, and played anew.

A recording may have been written by anybody, so nothing in it is trusted: whatever the oracle could not answer, and
whatever is no response of the protocol, is said with its file and line.
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
    """A recording that is none; the text names the file, the line and what is wrong."""


def found(paths: Iterable[Path]) -> list[Path]:
    """The traces that are meant: files as they are, and of a folder all that end in .jsonl. BadTrace if it has none."""
    traces: list[Path] = []
    for path in paths:
        inside = sorted(path.rglob("*.jsonl")) if os.path.isdir(path) else [path]
        if not inside:
            raise BadTrace(f"{path}: there is no trace in this folder; traces end in .jsonl")
        traces += inside
    return traces


def read_trace(path: Path) -> Trace:
    """A trace that the model can answer from its beginning to its end. BadTrace where it cannot."""
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
    """Why the model could not answer a request: in its own words, or, where it did not expect this, in general."""
    ours = isinstance(error, ValueError) and not isinstance(error, UnicodeError)
    return str(error) if ours else "a value in it is missing, or of another kind than the protocol has"


def conversation(trace: Trace) -> tuple[Exchange, ...]:
    """All that was said, with the reset in front."""
    return (Exchange(trace.reset, {"ok": True}), *trace.exchanges)


def rules_of(trace: Trace) -> tuple[str, ...]:
    """The rules that a trace says it is about, as far as there are such."""
    return tuple(name for name in trace.rules if name in CATALOGUE)


def columns_of(trace: Trace) -> frozenset[str]:
    """The columns that the recorded importer stores, if it says so anywhere; else all."""
    said = (exchange.response.get("columns") for exchange in trace.exchanges if exchange.request["op"] == "hello")
    return next((frozenset(columns) for columns in said if columns), ALL_HEADERS)


def operations_of(requests: Iterable[Request]) -> frozenset[str]:
    """What of the optional some requests need: preview, and actions."""
    return frozenset(request.get("action", "preview") for request in requests if request["op"] in ("do", "preview"))


# Played anew.


def requests_for(trace: Trace, columns: frozenset[str]) -> tuple[Request, ...]:
    """The requests of a trace, the reset in front, without the columns that an importer does not store."""
    requests = [exchange.request for exchange in trace.exchanges if exchange.request["op"] not in ("hello", "bye")]
    return (trace.reset, *narrowed_requests(requests, columns))


def conversed(importer: Importer, requests: Iterable[Request]) -> tuple[Exchange, ...]:
    """The importer's answers to all of some requests, whatever they are. Fault where they are not the protocol's."""
    exchanges = []
    for request in requests:
        response = importer.target.handle(dict(request))
        check_shape(importer.target, request, response)
        exchanges.append(Exchange(request, response))
    return tuple(exchanges)


def played_whole(importer: Importer, requests: Iterable[Request], known: OracleState) -> Play:
    """The whole conversation, whatever differs in it. Fault as in `conversed`."""
    exchanges = conversed(importer, requests)
    return Play(exchanges, tuple(judgements(exchanges, known)))


def played_whole_anew(importer: Importer, requests: Iterable[Request], known: OracleState) -> Play:
    """The same, once the importer is started anew."""
    importer.target.restart()
    return played_whole(importer, requests, known)


def differing_again(played: Play, importer: Importer, requests: Iterable[Request], known: OracleState) -> Play | None:
    """A whole conversation, if a fresh importer, asked the same, differs too. Fault as in `conversed`."""
    return played if played_whole_anew(importer, requests, known).differs else None


def until_difference(
    exchanges: Sequence[Exchange], known: OracleState
) -> tuple[tuple[Exchange, ...], tuple[Judgement, ...]]:
    """A conversation up to the observation after the first difference; nothing, where there is none."""
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
