"""Who is timed: the model, and tools that do a part of what it does over the same bytes."""

import csv
import io
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

from attrs import frozen

from refmodel.columns import COLUMNS, SENSITIVE, Column, Kind
from refmodel.engine import import_file, preview
from refmodel.report import Report
from refmodel.value_lists import LEVELS, YEARS
from refmodel.world import World
from tests.benchmarks.measures import Contestant, Outcome
from tests.benchmarks.students import (
    CHANGED_IN,
    FAULTY_IN,
    HEADER,
    JOB,
    changed,
    empty_world,
    faulty,
    file_of,
    one_in,
    students,
)

FULL = "import, all new"
UNCHANGED = "import, unchanged"
CHANGED = "import, 1 % changed"
FAULTY = "import, 5 % faulty"
PREVIEW = "preview, all new"
DICT_READER = "csv.DictReader"
FRICTIONLESS = "frictionless"
IN_MEMORY = "sqlite3 in memory"
IN_A_FILE = "sqlite3 in a file"


@frozen
class Files:
    """The files of one term and the next, and the world after the first."""

    count: int
    first: bytes
    changed: bytes
    faulty: bytes
    before: World
    after: World

    @classmethod
    def of(cls, count: int) -> "Files":
        """The files of so many students."""
        rows, world = tuple(islice(students(), count)), empty_world()
        first = file_of(rows)
        after, _ = import_file(world, JOB, first)
        return cls(count, first, file_of(changed(rows)), file_of(faulty(rows)), world, after)


def contestants(files: Files) -> list[Contestant]:
    """Everybody, the model first; frictionless only if it is installed."""
    others = [dict_reader(files), *upserts(files)]
    return [*models(files), *others, *([frictionless(files)] if find_spec("frictionless") else [])]


# The model.


def models(files: Files) -> Iterator[Contestant]:
    """What the model does with files in which all, nothing, a little or something wrong is new."""
    count = files.count
    some, wrong = one_in(CHANGED_IN, count), one_in(FAULTY_IN, count)
    yield model(FULL, files.before, files.first, count, {"created": count})
    yield model(UNCHANGED, files.after, files.first, count, {"unchanged": count})
    yield model(CHANGED, files.after, files.changed, count, {"updated": some, "unchanged": count - some})
    yield model(FAULTY, files.before, files.faulty, count, {"created": count - wrong, "failed": wrong})
    yield Contestant(PREVIEW, count, lambda: preview(files.before, JOB, files.first), {"created": count}, counts)


def model(name: str, world: World, data: bytes, rows: int, expected: Outcome) -> Contestant:
    """The model with one file."""
    return Contestant(name, rows, lambda: import_file(world, JOB, data), expected, lambda result: counts(result[1]))


def counts(report: Report) -> Outcome:
    """How many rows had which outcome."""
    every = {outcome: report.count(outcome) for outcome in ("created", "updated", "unchanged", "failed")}
    return {outcome: count for outcome, count in every.items() if count} | ({"refused": 1} if report.refused else {})


# The standard library's reader: every row becomes a dict and is let go.


def dict_reader(files: Files) -> Contestant:
    """Every row as a dict, and nothing done with it."""
    return Contestant(DICT_READER, files.count, lambda: read_dicts(files.first), {"read": files.count})


def text_of(data: bytes) -> io.TextIOWrapper:
    """A file's bytes as a stream of text for the reader."""
    return io.TextIOWrapper(io.BytesIO(data), "utf-8", newline="")


def read_dicts(data: bytes) -> Outcome:
    """Count the rows."""
    return {"read": sum(1 for _ in csv.DictReader(text_of(data)))}


# A database that believes everything: the same rows as text, by their usernames.

UPSERT = "insert into students values ({}) on conflict (username) do update set {}".format(
    ", ".join("?" for _ in HEADER),
    ", ".join(f'"{name}" = excluded."{name}"' for name in HEADER if name != "username"),
)
TABLE = "create table students ({}, primary key (username), unique (email_address))".format(
    ", ".join(f'"{name}" text' for name in HEADER)
)


def upserts(files: Files) -> Iterator[Contestant]:
    """Bare upserts, into memory and into a file that is made anew each time."""
    expected = {"stored": files.count}
    yield Contestant(IN_MEMORY, files.count, lambda: upsert(":memory:", files.first), expected)
    yield Contestant(IN_A_FILE, files.count, lambda: upsert_into_a_file(files.first), expected)


def upsert_into_a_file(data: bytes) -> Outcome:
    """Upsert into a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return upsert(str(Path(folder, "students.db")), data)


def upsert(database: str, data: bytes) -> Outcome:
    """Read the file, put every row into the table in one transaction, and count."""
    with closing(sqlite3.connect(database)) as connection:
        with connection:
            rows = csv.reader(text_of(data))
            next(rows)
            connection.execute(TABLE)
            connection.executemany(UPSERT, rows)
        return {"stored": connection.execute("select count(*) from students").fetchone()[0]}


# frictionless: the schema says as much of the rules as it can say.


def frictionless(files: Files) -> Contestant:
    """A validation of the file."""
    validated(file_of(islice(students(), 10)))  # what it loads at its first use is not timed
    return Contestant(FRICTIONLESS, files.count, lambda: validated(files.first), {"valid": files.count}, verdict)


def validated(data: bytes) -> Any:
    """What frictionless has to say about a file."""
    package: Any = import_module("frictionless")
    schema = package.Schema.from_descriptor({"fields": [described(column) for column in COLUMNS]})
    return package.Resource(data=data, format="csv", schema=schema).validate()


def verdict(report: Any) -> Outcome:
    """How many rows were read and found valid, and how many errors there were."""
    stats = report.tasks[0].stats
    return {"errors": stats["errors"]} if not report.valid else {"valid": stats["rows"]}


TYPES: dict[Kind, dict[str, object]] = {
    Kind.EMAIL: {"type": "string", "format": "email"},
    Kind.TEXT: {"type": "string"},
    Kind.LEVEL: {"type": "string"},
    Kind.YEAR: {"type": "string"},
    Kind.DATE: {"type": "date", "format": "%Y-%m-%d"},
    Kind.LIST: {"type": "list", "delimiter": ";"},
    Kind.LABELS: {"type": "list", "delimiter": ";"},
    Kind.BOOLEAN: {"type": "boolean", "trueValues": ["TRUE"], "falseValues": ["FALSE"]},
    Kind.MOBILE: {"type": "string"},
}
ENUMERATIONS = {Kind.LEVEL: LEVELS["eu"], Kind.YEAR: YEARS["eu"]}


def described(column: Column) -> dict[str, object]:
    """A column as a field of a table schema: name, type, value list, pattern, required, unique.

    What looks at a second column, at the world or at a list's items has no place there.
    """
    constraints: dict[str, object] = {}
    if column.identity:
        constraints["required"] = True
    if column in SENSITIVE:
        constraints["unique"] = True
    if column.kind in ENUMERATIONS:
        constraints["enum"] = list(ENUMERATIONS[column.kind])
    if column.kind is Kind.MOBILE:
        constraints["pattern"] = r"\+?[0-9]+"
    return {"name": column.header, **TYPES[column.kind], "constraints": constraints}
