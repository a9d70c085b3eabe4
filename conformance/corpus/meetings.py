"""Histories in which rules meet: found once, shrunk, and kept beside this module, a line each.

In each of them leaving out any of its rules changes what the oracle answers; for every pair of rules that were seen to
meet there is one, or an example of the pages, which then is named. Only what happens is kept: what must come of it is
always what the model says.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from attrs import asdict, fields, frozen

from conformance.histories import ActionStep, FileStep, History, Step
from conformance.oracle import Request
from conformance.scenarios import Example, examples
from conformance.universe import WORLDS

DATA = files("conformance.corpus") / "meetings.jsonl"
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
    """All histories that are kept."""
    return tuple(map(read, DATA.read_text("ascii").splitlines()))


def written(meeting: Meeting) -> str:
    """A meeting as a line; what is as usual is left out."""
    if meeting.scenario:
        return _line({"rules": meeting.rules, "scenario": meeting.scenario})
    history = meeting.the_history
    steps = [list(_written(step)) for step in history.steps]
    return _line({"rules": meeting.rules, "world": WORLDS.index(history.world), "steps": steps})


def _line(data: Mapping[str, Any]) -> str:
    return json.dumps(data, separators=(",", ":"))


def read(line: str) -> Meeting:
    """The meeting of a line."""
    data = json.loads(line)
    if "scenario" in data:
        return Meeting(tuple(data["rules"]), scenario=data["scenario"])
    steps = tuple(_read(kind, said) for kind, said in data["steps"])
    return Meeting(tuple(data["rules"]), History(WORLDS[data["world"]], steps))


def _written(step: Step) -> Iterator[Any]:
    if isinstance(step, ActionStep):
        yield from (step.action, dict(step.arguments))
        return
    said = {name: value for name, value in asdict(step).items() if value != getattr(PLAIN, name)}
    if step.spoilt:
        said["spoilt"] = step.spoilt.decode("latin-1")
    yield from ("file", said)


def _read(kind: str, said: Mapping[str, Any]) -> Step:
    if kind != "file":
        return ActionStep(kind, said)
    given = {name: said.get(name, getattr(PLAIN, name)) for name in (each.name for each in fields(FileStep))}
    rows = tuple(tuple(row) for row in given["rows"])
    spoilt = given["spoilt"] if isinstance(given["spoilt"], bytes) else given["spoilt"].encode("latin-1")
    return FileStep(**given | {"header": tuple(given["header"]), "rows": rows, "spoilt": spoilt})
