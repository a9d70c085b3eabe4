"""The files in the folder of a case: name → bytes, the same on any machine."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence

import msgspec
from attrs import define, field, frozen

from conformance.cases.corpus.cases import CorpusCase
from conformance.protocol.requests import ACTIONS, Request
from conformance.protocol.trace import Exchange, line_of, trace_of
from refmodel.formats import Format

CORPUS = Format("refmodel-corpus", "corpus", 2, first_key="corpus")
CASE = Format("refmodel-corpus-case", "case", 2)  # version 1 named neither its format nor its version
Files = Mapping[str, bytes]


def as_bytes(data: object) -> bytes:
    """Data as JSON for people and programs: indented, in ASCII."""
    return msgspec.json.format(json.dumps(data).encode("ascii"), indent=2) + b"\n"


@frozen
class Step:
    """One step: its entry in `case.json`, and its files."""

    said: Mapping[str, object] = field(factory=dict)
    files: Files = field(factory=dict)


@define
class Made:
    """A cache for the exchanges that many cases share."""

    known: dict[tuple[int, int], tuple[Exchange, str, Step]] = field(factory=dict)

    def of(self, number: int, exchange: Exchange, is_shared: bool) -> tuple[str, Step]:
        """The line of an exchange in a trace, and its step with a number."""
        key = (number, id(exchange))
        if key in self.known:
            return self.known[key][1:]
        made = (line_of(exchange), step_of(number, exchange))
        if is_shared:
            self.known[key] = (exchange, *made)  # with the exchange itself, so that no other can have its id
        return made


def contents(case: CorpusCase, exchanges: Sequence[Exchange], made: Made) -> Files:
    """The files of a case, with what the model answers."""
    lines, steps = list(trace_of(case.case.title, case.case.rules, exchanges[:1]).lines()), list[Step]()
    for place, exchange in enumerate(exchanges[1:], start=1):
        line, step = made.of(len(steps) + 1, exchange, place < case.shared)
        lines.append(line)
        steps += [step] if step.said else []
    files = {name: data for step in steps for name, data in step.files.items()}
    return {
        "case.json": as_bytes(CASE.head | described(case) | {"steps": [step.said for step in steps]}),
        "world-before.json": as_bytes(dict(case.case.world) | {"accounts": []}),
        **files,
        "world-after.json": as_bytes(exchanges[-1].response),
        "trace.jsonl": "".join(f"{line}\n" for line in lines).encode("ascii"),
    }


def described(case: CorpusCase) -> dict[str, object]:
    """The entry of a case in `case.json` and in the index."""
    return {
        "name": case.name,
        "id": case.id,
        "part": case.part,
        "side": case.polarity,
        "rules": list(case.case.rules),
        "title": case.case.title,
        "wrong": case.case.wrong,
        "choices": dict(case.choices),
    }


def step_of(number: int, exchange: Exchange) -> Step:
    """The step of an exchange: its entry and its files; an observation has neither."""
    match exchange.request["op"]:
        case "do":
            return Step({"step": number, **action_said(exchange)})
        case "import" | "preview":
            files = dict(files_of(number, exchange))
            return Step({"step": number, **file_said(exchange.request), "files": list(files)}, files)
        case _:
            return Step()


def action_said(exchange: Exchange) -> dict[str, object]:
    """An action, who or what it is about, and whether it is done."""
    request, response = exchange.request, exchange.response
    arguments = {name: request[name] for name in ACTIONS[request["action"]] if name in request}
    return {"action": request["action"], "arguments": arguments, "expected": dict(response)}


def file_said(request: Request) -> dict[str, object]:
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
