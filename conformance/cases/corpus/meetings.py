"""Histories in which rules meet: found once, shrunk, and kept beside this module, a line each.

In each of them leaving out any of its rules changes what the oracle answers; for every pair of rules that were seen to
meet there is one, or an example of the pages, which then is named. Only what happens is kept: what must come of it is
always what the model says.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from attrs import asdict, fields, frozen

from conformance.cases.corpus.arrays import DIGITS
from conformance.cases.scenarios.parser import Example, examples
from conformance.generation.history import ActionStep, FileStep, History, Step
from conformance.generation.rows import HEADERS
from conformance.generation.value_pools import WORLDS
from conformance.protocol.requests import Request

DATA = files("conformance.cases.corpus") / "meetings.jsonl"
PLAIN = FileStep("", (), ())


@frozen
class Meeting:
    """The rules that meet in a history, or in an example of the pages, which goes by its name in the corpus."""

    rules: tuple[str, ...]
    history: History | None = None
    scenario: str | None = None

    @property
    def the_history(self) -> History:
        """The history, of what is none of the examples."""
        assert self.history is not None
        return self.history


def scenario_name(example: Example) -> str:
    """The name of an example in the corpus."""
    return f"{example.page}_{example.slug}".replace("-", "_")


def named_scenarios() -> Mapping[str, tuple[Request, ...]]:
    """The examples of the pages, by their names in the corpus."""
    return {scenario_name(example): example.requests for example in examples()}


@cache
def meetings() -> tuple[Meeting, ...]:
    """All that are kept."""
    return read(DATA.read_text("ascii"))


def written(found: Sequence[Meeting]) -> str:
    """Meetings as they are kept: a line with the names of the rules, then one a meeting, with their places there."""
    names = sorted({name for meeting in found for name in meeting.rules})
    lines = ({"rules": [names.index(name) for name in m.rules], **_happening(m)} for m in found)
    return "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in ({"names": names}, *lines))


def _happening(meeting: Meeting) -> dict[str, Any]:
    if meeting.scenario:
        return {"scenario": meeting.scenario}
    history = meeting.the_history
    return {"world": WORLDS.index(history.world), "steps": [list(_written(step)) for step in history.steps]}


def read(text: str) -> tuple[Meeting, ...]:
    """The meetings of a text."""
    head, *lines = map(json.loads, text.splitlines())
    return tuple(_meeting(line, tuple(head["names"][place] for place in line["rules"])) for line in lines)


def _meeting(line: Mapping[str, Any], rules: tuple[str, ...]) -> Meeting:
    if "scenario" in line:
        return Meeting(rules, scenario=line["scenario"])
    return Meeting(rules, History(WORLDS[line["world"]], tuple(_read(kind, said) for kind, said in line["steps"])))


SHORT = {field.name: field.name for field in fields(FileStep)} | {  # the names of what is written of a file
    "institution": "at",
    "header": "h",
    "rows": "r",
    "change_sensitive_fields": "s",
    "date_format": "dates",
    "line_ending": "end",
    "bom": "mark",
    "final_line_ending": "ended",
    "trailing_garbage": "spoilt",
}


def _written(step: Step) -> Iterator[Any]:
    if isinstance(step, ActionStep):
        yield from (step.action, dict(step.arguments))
        return
    said = {name: value for name, value in asdict(step).items() if value != getattr(PLAIN, name)}
    if set(step.header) <= set(HEADERS):
        said["header"] = "".join(DIGITS[HEADERS.index(name)] for name in step.header)
    if step.trailing_garbage:
        said["trailing_garbage"] = step.trailing_garbage.decode("latin-1")
    yield from ("file", {SHORT[name]: value for name, value in said.items()})


def _read(kind: str, said: Mapping[str, Any]) -> Step:
    if kind != "file":
        return ActionStep(kind, said)
    given = {name: said.get(short, getattr(PLAIN, name)) for name, short in SHORT.items()}
    if isinstance(given["header"], str):  # a digit a column, unless there are others than those of the table
        given["header"] = [HEADERS[DIGITS.index(digit)] for digit in given["header"]]
    rows = tuple(tuple(row) for row in given["rows"])
    garbage = given["trailing_garbage"]
    garbage = garbage if isinstance(garbage, bytes) else garbage.encode("latin-1")
    return FileStep(**given | {"header": tuple(given["header"]), "rows": rows, "trailing_garbage": garbage})
