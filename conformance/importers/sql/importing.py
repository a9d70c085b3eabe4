"""A file against the database: each row by itself, all of them in one transaction."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from attrs import frozen
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from . import store
from .cells import TAKEN
from .columns import COLUMNS, SENSITIVE, canonical
from .files import Errors, Refusal, failed_rows_file, read_sheet
from .people import Student
from .roll import Roll, called
from .rows import (
    Case,
    Job,
    Line,
    advice,
    complaints,
    counts,
    effect,
    read_line,
    refusal,
    says_nothing_new,
    shape_and_identity,
)

Outcome = Literal["created", "updated", "unchanged", "failed"]
TWINS = "Another row of the file has the same username, e-mail, auth identifier or card number"


@frozen
class Result:
    """What became of a row."""

    line: Line
    outcome: Outcome
    errors: Errors | None = None
    advice: tuple[str, ...] = ()

    def wire(self) -> dict[str, Any]:
        """The result as the protocol has it."""
        response = {"success": True} if self.errors is None else {"success": False, "errors": self.errors}
        return {"row": self.line.number, "outcome": self.outcome, "response": response}


@frozen
class Report:
    """What became of a file."""

    refused: str | None = None
    results: Sequence[Result] = ()
    warnings: Sequence[str] = ()
    failed_rows: bytes | None = None


def import_file(connection: Connection, job: Job, data: bytes) -> Report:
    """Apply the file; the caller commits, or rolls back for a preview."""
    sheet = read_sheet(data, job.institution.uses_sso)
    if isinstance(sheet, Refusal):
        return Report(refused=sheet.reason)
    lines = [read_line(job, number, sheet.header, raw) for number, raw in enumerate(sheet.rows, start=1)]
    results = _import_lines(connection, job, lines)
    failures = [(result.line.raw, result.errors) for result in results if result.errors is not None]
    return Report(
        results=results,
        warnings=[*_ignored(sheet.header, job), *(text for result in results for text in result.advice)],
        failed_rows=failed_rows_file(sheet.header, failures),
    )


def _import_lines(connection: Connection, job: Job, lines: Sequence[Line]) -> list[Result]:
    faults = faults_within_the_file(lines)
    sound = [line.cells for line in lines if line.number not in faults]
    roll = called(connection, job.institution.id, sound)
    return [
        Result(line, "failed", faults[line.number])
        if line.number in faults
        else _import_line(connection, job, roll, line)
        for line in lines
    ]


def faults_within_the_file(lines: Iterable[Line]) -> Mapping[int, Errors]:
    """Which rows fail whatever the world is like, by number."""
    misshapen = {line.number: fault for line in lines if (fault := shape_and_identity(line)) is not None}
    shaped = [line for line in lines if line.number not in misshapen]
    times = Counter(key for line in shaped for key in _identifiers(line))
    twins = {line.number: TWINS for line in shaped if any(times[key] > 1 for key in _identifiers(line))}
    return {**misshapen, **twins}


def _identifiers(line: Line) -> list[tuple[str, str]]:
    texts = {header: line.text(header) for header in SENSITIVE}
    return [(header, text) for header, text in texts.items() if text is not None]


def _import_line(connection: Connection, job: Job, roll: Roll, line: Line) -> Result:
    student = roll.found(line.text("username") or "", line.text("email_address") or "")
    case = Case(job, line, roll, student)
    if says_nothing_new(case):
        return Result(line, "unchanged")
    errors = refusal(case) or complaints(case)
    return Result(line, "failed", errors) if errors else _apply(connection, case)


def _apply(connection: Connection, case: Case) -> Result:
    """Write what the row does behind a savepoint: what the database refuses leaves nothing."""
    after = effect(case)
    try:
        with connection.begin_nested():
            written = _write(connection, case.student, after)
    except IntegrityError as error:
        return Result(case.line, "failed", errors_of(error))
    case.roll.enter(written)
    return Result(case.line, _outcome(case.student, written), advice=tuple(advice(case)))


def _write(connection: Connection, before: Student | None, after: Student) -> Student:
    if before is None:
        return store.added(connection, after)
    store.replace(connection, before, after)
    return after


def _outcome(before: Student | None, after: Student) -> Outcome:
    if before is None:
        return "created"
    return "unchanged" if before == after else "updated"


def errors_of(error: IntegrityError) -> Errors:
    """A violated constraint as complaints; the digests' columns are named in its text by every database."""
    text = str(error.orig)
    named = [header for header in SENSITIVE if f"{header}_digest" in text]
    return {COLUMNS[header].field: [TAKEN] for header in named} or "The database does not allow the row"


def _ignored(header: Iterable[str], job: Job) -> list[str]:
    known = [(name, canonical(name)) for name in header]
    unknown = [f"The column {name!r} is not known and was ignored" for name, meant in known if meant is None]
    unheeded = [
        f"The column {name!r} was ignored: the institution has no campuses"
        for name, meant in known
        if meant is not None and not counts(meant, job.institution)
    ]
    return unknown + unheeded
