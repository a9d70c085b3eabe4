"""What stands in the folder of a case: name of a file → its bytes, the same on any machine."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from conformance.corpus.cases import CorpusCase
from conformance.judge import Exchange
from conformance.oracle import Request
from conformance.protocol import ACTIONS
from conformance.traces import trace_of

FORMAT = 1  # the version of the corpus's format
Files = Mapping[str, bytes]


def as_bytes(data: Any) -> bytes:
    """Data as JSON for people and programs: indented, in ASCII."""
    return msgspec.json.format(json.dumps(data).encode("ascii"), indent=2) + b"\n"


def contents(case: CorpusCase, exchanges: Sequence[Exchange]) -> Files:
    """The files of a case, with what the model answers."""
    steps = list(steps_of(exchanges))
    files = {name: data for step in steps for name, data in step["files"].items()}
    trace = trace_of(case.case.title, case.case.rules, exchanges)
    return {
        "case.json": as_bytes(described(case) | {"steps": [step["said"] for step in steps]}),
        "world-before.json": as_bytes(dict(case.case.world) | {"accounts": []}),
        **files,
        "world-after.json": as_bytes(exchanges[-1].response),
        "trace.jsonl": "".join(f"{line}\n" for line in trace.lines()).encode("ascii"),
    }


def described(case: CorpusCase) -> dict[str, Any]:
    """What is said of a case, also in the index."""
    return {
        "name": case.name,
        "id": case.id,
        "part": case.part,
        "side": case.side,
        "rules": list(case.case.rules),
        "title": case.case.title,
        "wrong": case.case.wrong,
        "choices": dict(case.choices),
    }


def steps_of(exchanges: Sequence[Exchange]) -> Iterator[dict[str, Any]]:
    """The steps of a conversation, numbered: what is said of each, and its files."""
    asked = [e for e in exchanges if e.request["op"] not in ("reset", "observe")]
    for number, exchange in enumerate(asked, start=1):
        if exchange.request["op"] == "do":
            yield {"said": {"step": number, **action_said(exchange)}, "files": {}}
        else:
            files = dict(files_of(number, exchange))
            said = {"step": number, **file_said(exchange.request), "files": list(files)}
            yield {"said": said, "files": files}


def action_said(exchange: Exchange) -> dict[str, Any]:
    """An action, who or what it is about, and whether it is done."""
    request, response = exchange.request, exchange.response
    arguments = {name: request[name] for name in ACTIONS[request["action"]] if name in request}
    return {"action": request["action"], "arguments": arguments, "expected": dict(response)}


def file_said(request: Request) -> dict[str, Any]:
    """A file's job."""
    names = ("institution", "mode", "change_sensitive_fields", "date_format")
    return {"file": request["op"], **{name: request.get(name, False) for name in names}}


def files_of(number: int, exchange: Exchange) -> Iterator[tuple[str, bytes]]:
    """The file that is sent, the report that is expected, and the failed rows, if there are any."""
    prefix, report = f"{number:02}", dict(exchange.response["report"])
    yield f"{prefix}-{exchange.request['op']}.csv", base64.b64decode(exchange.request["csv"])
    failed = report.pop("failed_rows_csv", None)
    yield f"{prefix}-report.json", as_bytes(report)
    if failed is not None and any(row["outcome"] == "failed" for row in report["rows"]):
        yield f"{prefix}-failed-rows.csv", base64.b64decode(failed)
