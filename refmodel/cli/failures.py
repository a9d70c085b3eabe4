"""The failed rows of a file as they are shown: whose row it is, what is wrong, and what the cell said."""

from collections.abc import Iterator, Mapping

from attrs import frozen

from refmodel.columns import EMAIL_ADDRESS, USERNAME, Column
from refmodel.csv_reader import Record, no_limit_on_cells
from refmodel.engine import File
from refmodel.explain.summary import Problem, Summary, problems_of
from refmodel.report import Failed
from refmodel.rules.file import records
from refmodel.ruleset import STANDARD


@frozen
class Failure:
    """A failed row: its number, what it says of whom it is about, its problems, and the response."""

    row: int
    email: str | None
    username: str | None
    problems: tuple[tuple[Problem, str | None], ...]  # each with the text of the cell, if it is about one
    response: Mapping[str, object]

    @property
    def student(self) -> str:
        """Whose row it is, as far as it says so."""
        return self.email or self.username or ""


def failures_of(summary: Summary, file: File, data: bytes) -> tuple[Failure, ...]:
    """The failed rows of a file, in its order, with the texts as they came."""
    failed = {result.row: result for result in summary.failed}
    if not failed:
        return ()
    places = file.header.places
    with no_limit_on_cells(data):
        return tuple(failure_of(failed[row], record, places) for row, record in numbered(data) if row in failed)


def numbered(data: bytes) -> Iterator[tuple[int, Record]]:
    """The rows of a file below the header, from 1."""
    rows = records(data, STANDARD)
    next(rows)
    return enumerate(rows, start=1)


def failure_of(result: Failed, record: Record, places: Mapping[Column, int]) -> Failure:
    """A failed row from its result and its texts; a ragged row may lack some."""

    def text(column: Column | None) -> str | None:
        place = places.get(column, len(record)) if column else len(record)
        return record[place] if place < len(record) else None

    problems = tuple((problem, text(problem.column)) for problem in problems_of(result.failure))
    return Failure(result.row, text(EMAIL_ADDRESS), text(USERNAME), problems, result.response)
