"""What holds for a file as a whole: its order, the columns and the students that it does not have."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from attrs import evolve

from refmodel.cell import KEEP, Cell, Cells, Decoder
from refmodel.columns import USERNAME
from refmodel.job import Job
from refmodel.ruleset import Rule, fallback
from refmodel.world import Account, Answers

T = TypeVar("T")
AbsenceRule = Callable[[Decoder], Cell]  # what the cells of a column say that is not there


def absent_reads_as_blank(decode: Decoder) -> Cell:
    """An importer that fills absent columns up with blanks."""
    return decode("")


@fallback(absent_reads_as_blank)
def absent_column_keeps(decode: Decoder) -> Cell:
    """A column that the file does not have keeps what is stored, labels too.

    Source: 002:36
    Basis: inferred
    Remedy: Leave out the columns that the file should not touch.
    Consequence: A small update file wipes everything that it does not mention.
    Example: a_file_without_labels
    """
    return KEEP


def last_row_first(rows: tuple[T, ...]) -> tuple[T, ...]:
    """An importer that works a file through from its end."""
    return rows[::-1]


@fallback(last_row_first)
def rows_run_in_order(rows: tuple[T, ...]) -> tuple[T, ...]:
    """Rows are taken in the order of the file, each against the world that the rows before it left.

    Source: the articles are silent
    Basis: chosen
    Remedy: Put the row that frees a value in front of the row that takes it.
    Consequence: Rows that give up and take over an identifier work or fail depending on luck.
    Example: a_card_changes_hands
    """
    return rows


def missing_students_are_archived(world: Answers, job: Job, rows: Iterable[Cells]) -> list[Account]:
    """An importer that archives whoever is not in the file."""
    usernames = {cells[USERNAME.index] for cells in rows}
    return [evolve(a, disabled=True) for a in world.connected(job.institution) if a.username not in usernames]


@fallback(missing_students_are_archived)
def absence_changes_nothing(world: Answers, job: Job, rows: Iterable[Cells]) -> list[Account]:
    """A student who is not in the file is left alone.

    Source: 001:8
    Basis: stated
    Remedy: To archive somebody, send their row with disabled TRUE.
    Consequence: Students who are not in a partial file are archived or deleted.
    Example: a_file_without_a_student
    """
    return []


WHOLE_FILE: tuple[Rule, ...] = (
    rows_run_in_order,
    absent_column_keeps,
    absence_changes_nothing,
)
