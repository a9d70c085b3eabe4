"""Histories for the property tests of the model: those of `conformance.strategies`, as calls of the model.

A history is data: a world without students, and the files and actions that follow. Here its files are sheets, whose
rows a test can count, reorder and split, and its actions are those of `refmodel.actions`.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from attrs import field, frozen
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from conformance import strategies
from conformance.oracle.answers import action_of
from refmodel.actions import Action, Done, Refused
from refmodel.cell import is_blank
from refmodel.columns import BY_HEADER, YEAR_ALIAS
from refmodel.dispatch import act
from refmodel.engine import import_file
from refmodel.job import DateFormat, Job, Mode
from refmodel.report import Report
from refmodel.ruleset import STANDARD, Ruleset
from refmodel.serialization import world_of
from refmodel.world import World

ROUNDS = int(os.environ.get("ROUNDS", "8"))  # more of them for a long night
EXAMPLES_A_ROUND = 10  # in a longer run Hypothesis turns to variations of what it has seen


def bounded(examples: int = EXAMPLES_A_ROUND, **more: Any) -> settings:
    """Settings under which a property sees the same examples every time it is run."""
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        **more,
    )


# What a file and a history are.


@frozen
class Sheet:
    """A file before it is bytes; `tail` is put behind its last row, to spoil it."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    tail: bytes = b""
    data: bytes = field(init=False, eq=False, repr=False)

    @data.default
    def _data(self) -> bytes:
        output = io.StringIO(newline="")
        csv.writer(output).writerows([self.header, *self.rows])
        return output.getvalue().encode() + self.tail

    @classmethod
    def of(cls, header: Iterable[str], rows: Iterable[Mapping[str, str]]) -> Sheet:
        """The sheet with these columns; a row says nothing in those that it does not mention."""
        names = tuple(header)
        return cls(names, tuple(tuple(row.get(name, "") for name in names) for row in rows))

    @classmethod
    def read(cls, data: bytes) -> Sheet:
        """The sheet that a sound file is."""
        header, *rows = csv.reader(io.StringIO(data.decode(), newline=""))
        return cls(tuple(header), tuple(map(tuple, rows)))

    @property
    def numbered(self) -> dict[int, tuple[str, ...]]:
        """The rows by their number: those of blank cells only have none."""
        counted = (row for row in self.rows if not all(map(is_blank, row)))
        return dict(enumerate(counted, start=1))

    def texts(self, number: int) -> dict[str, str]:
        """Header → text of the row with a number, in the columns that are known; nothing where it is too short."""
        named = ("school_year_name" if name == YEAR_ALIAS else name for name in self.header)
        row = self.numbered[number] + ("",) * len(self.header)
        return {name: text for name, text in zip(named, row) if name in BY_HEADER}


@frozen
class Import:
    """One step of a history: a file is imported."""

    job: Job
    sheet: Sheet


Step = Import | Action
Answer = Report | Done | Refused


@frozen
class History:
    """A world without students and what happens in it."""

    world: World
    steps: tuple[Step, ...]


@frozen
class Moment:
    """A step that was played: the world on both sides of it, and what was answered."""

    before: World
    step: Step
    after: World
    answer: Answer


def played(world: World, step: Step, ruleset: Ruleset = STANDARD) -> tuple[World, Answer]:
    """One step: the world after it, and the answer."""
    if isinstance(step, Import):
        return import_file(world, step.job, step.sheet.data, ruleset)
    return act(world, step, ruleset)


def play(world: World, steps: Iterable[Step], ruleset: Ruleset = STANDARD) -> Iterator[Moment]:
    """The steps of a history, one after the other."""
    for step in steps:
        after, answer = played(world, step, ruleset)
        yield Moment(world, step, after, answer)
        world = after


# Every job that can be expressed.

MODES: tuple[tuple[Mode, bool], ...] = (("automatic", False), ("manual", False), ("manual", True))
JOBS = tuple(
    Job(place, mode, setting, dates)
    for place in ("north", "south")
    for mode, setting in MODES
    for dates in get_args(DateFormat)
)


# Histories.

WORLDS = strategies.worlds().filter(lambda world: len(world.directory.institutions) == 2)  # some jobs are at the other


def histories(most: int = 8) -> st.SearchStrategy[History]:
    """A world and up to `most` steps in it, each made from the state before it."""
    return strategies.histories(WORLDS, most).map(as_called)


def as_called(history: strategies.History) -> History:
    """A history as calls of the model."""
    return History(world_of(history.world), tuple(map(step_of, history.steps)))


def step_of(step: strategies.FileStep | strategies.ActionStep) -> Step:
    """A step as a call of the model; files are imported, however they are written, and previews are too."""
    if isinstance(step, strategies.ActionStep):
        return action_of(step.request())
    return Import(step.job, Sheet(step.header, step.rows, step.trailing_garbage))
