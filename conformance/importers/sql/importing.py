"""A file against the database: each row by itself, all of them in one transaction."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from attrs import frozen
from sqlalchemy import Connection

from .columns import SENSITIVE, canonical
from .files import Errors, Refusal, failed_rows_file, read_sheet
from .ledger import CarefulLedger, Ledger
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
    known_columns,
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


def import_file(connection: Connection, job: Job, data: bytes, carefully: bool = False) -> Report:
    """Apply the file; the caller commits, or rolls back for a preview.

    Raises IntegrityError where the database refuses what the rules allow, as when another process was faster. Done
    once more, and carefully, only the rows that it refuses fail.
    """
    sheet = read_sheet(data, job.institution.uses_sso)
    if isinstance(sheet, Refusal):
        return Report(refused=sheet.reason)
    columns = known_columns(sheet.header, job)
    lines = [read_line(job, columns, number, raw) for number, raw in enumerate(sheet.rows, start=1)]
    ledger = CarefulLedger(connection) if carefully else Ledger(connection)
    results = _import_lines(job, lines, ledger)
    failures = [(result.line.raw, result.errors) for result in results if result.errors is not None]
    return Report(
        results=results,
        warnings=[*_ignored(sheet.header, job), *(text for result in results for text in result.advice)],
        failed_rows=failed_rows_file(sheet.header, failures),
    )


def _import_lines(job: Job, lines: Sequence[Line], ledger: Ledger) -> list[Result]:
    faults = faults_within_the_file(lines)
    sound = [line.cells for line in lines if line.number not in faults]
    roll = called(ledger.connection, job.institution.id, sound)
    results = [
        Result(line, "failed", faults[line.number]) if line.number in faults else _import_line(job, roll, ledger, line)
        for line in lines
    ]
    ledger.close()
    return results


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


def _import_line(job: Job, roll: Roll, ledger: Ledger, line: Line) -> Result:
    student = roll.found(line.text("username") or "", line.text("email_address") or "")
    case = Case(job, line, roll, student)
    if says_nothing_new(case):
        return Result(line, "unchanged")
    errors = refusal(case) or complaints(case)
    return Result(line, "failed", errors) if errors else _apply(case, ledger)


def _apply(case: Case, ledger: Ledger) -> Result:
    after = effect(case)
    errors = ledger.enter((case.student, after))
    if errors is not None:
        return Result(case.line, "failed", errors)
    case.roll.enter(after)
    return Result(case.line, _outcome(case.student, after), advice=tuple(advice(case)))


def _outcome(before: Student | None, after: Student) -> Outcome:
    if before is None:
        return "created"
    return "unchanged" if before == after else "updated"


def _ignored(header: Iterable[str], job: Job) -> list[str]:
    known = [(name, canonical(name)) for name in header]
    unknown = [f"The column {name!r} is not known and was ignored" for name, meant in known if meant is None]
    unheeded = [
        f"The column {name!r} was ignored: the institution has no campuses"
        for name, meant in known
        if meant is not None and not counts(meant, job.institution)
    ]
    return unknown + unheeded
