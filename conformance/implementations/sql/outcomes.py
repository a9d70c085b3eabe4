"""What becomes of rows and files."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from attrs import define, field, frozen
from msgspec import Struct
from sqlalchemy import Connection

from .columns import canonical
from .files import Errors, Row, Sheet, failed_rows_file
from .ledger import CarefulLedger, Ledger
from .rows import Job, Layout, counts

Outcome = Literal["created", "updated", "unchanged", "failed"]
TWINS = "Another row of the file has the same username, e-mail, auth identifier or card number"
SAME_STUDENT = "Another row of the file finds the same student: take one of them out"
_SUCCESS = {"success": True}


class Result(Struct, frozen=True, gc=False):
    """What became of a row."""

    number: int
    outcome: Outcome
    errors: Errors | None = None
    advice: tuple[str, ...] = ()

    def wire(self) -> dict[str, Any]:
        """The result as the protocol has it."""
        response = _SUCCESS if self.errors is None else {"success": False, "errors": self.errors}
        return {"row": self.number, "outcome": self.outcome, "response": response}


@frozen
class Report:
    """What became of a file."""

    refused: str | None = None
    results: Sequence[Result] = ()
    warnings: Sequence[str] = ()
    failed_rows: bytes | None = None


@define
class Run:
    """A file on its way: what it is, how it is taken, and what has become of its rows so far."""

    connection: Connection
    job: Job
    sheet: Sheet
    layout: Layout
    carefully: bool
    results: list[Result] = field(factory=list)
    failed: list[tuple[Row, Errors]] = field(factory=list)

    def ledger(self, in_order: bool = True) -> Ledger:
        """A new ledger for the changes of rows that may have to do with each other, or of rows that have not."""
        kind = CarefulLedger if self.carefully else Ledger
        return kind(self.connection, in_order)

    def settle(self, raw: Row, result: Result) -> None:
        """Note what became of the next row."""
        self.results.append(result)
        if result.errors is not None:
            self.failed.append((raw, result.errors))

    def report(self) -> Report:
        """What has become of all."""
        told = (text for result in self.results for text in result.advice)
        return Report(
            results=self.results,
            warnings=[*_ignored(self.sheet.header, self.job), *told],
            failed_rows=failed_rows_file(self.sheet.header, self.failed),
        )


def _ignored(header: Iterable[str], job: Job) -> list[str]:
    known = [(name, canonical(name)) for name in header]
    unknown = [f"The column {name!r} is not known and was ignored" for name, meant in known if meant is None]
    unheeded = [
        f"The column {name!r} was ignored: the institution has no campuses"
        for name, meant in known
        if meant is not None and not counts(meant, job.institution)
    ]
    return unknown + unheeded
