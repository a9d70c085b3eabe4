"""Which rows of a file are taken, and whom each is about: steps 1 to 4, and what holds for the whole file.

SHAPE and IDENTITY look at a row alone, SHARING at all rows of the file, LOOKUPS find the student, SKIPS leave
what is not new. Each of these steps may end a row, and the first that does decides its outcome.

    SHAPE     record and header → text, or None      LOOKUPS  cells and world → student, or None
    IDENTITY  cells → complaints                     SKIPS    row → whether to skip it
    SHARING   all rows → number: text
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from attrs import evolve

from refmodel.cells import CLEAR, KEEP, Cell, Cells, Malformed
from refmodel.csv_reader import Record
from refmodel.errors import (
    BLANK,
    Complaint,
)
from refmodel.jobs import Job
from refmodel.rows import Row, about
from refmodel.rulesets import Rule, otherwise
from refmodel.schema import (
    EMAIL_ADDRESS,
    SENSITIVE,
    USERNAME,
)
from refmodel.spans import span_of
from refmodel.world import Account, Answers, Institution

T = TypeVar("T")


# 1. Shape and identity: the row alone.


def ragged_rows_fail(record: Record, header: Sequence[str]) -> str | None:
    """A row with fewer or more cells than the header fails, alone: its blanks would be guesses.

    Source: the articles are silent
    Basis: chosen
    """
    if len(record) == len(header):
        return None
    if span := span_of(record, header):
        return f"The row has {len(record)} cells and the header {len(header)}; it runs {span}"
    return f"The row has {len(record)} cells and the header {len(header)}"


def username_and_email_are_required(cells: Cells) -> tuple[Complaint, ...]:
    """Every row has a username and a well-formed e-mail address, also one that updates.

    Source: 002:17, 002:18
    Basis: stated
    """
    complaints: tuple[Complaint, ...] = ()
    for column in (EMAIL_ADDRESS, USERNAME):
        cell = cells[column.index]
        if cell is KEEP or cell is CLEAR:
            complaints += about(column, username_and_email_are_required, BLANK)
        elif isinstance(cell, Malformed):
            complaints += (Complaint(cell.rule, column, cell.message),)
    return complaints


SHAPE = (ragged_rows_fail,)
IDENTITY = (username_and_email_are_required,)


# 2. Sharing: all rows of the file.


def rows_that_share_an_identifier_fail(rows: Iterable[tuple[int, Cells]]) -> Mapping[int, str]:
    """Rows of one file that hold the same username, e-mail, `auth_identifier` or `card_id` all fail.

    Compared as they decode, within one column; rows that have already failed do not count.

    Source: the product's other public pages
    Basis: chosen
    """
    failing: dict[int, str] = {}
    for column in SENSITIVE:
        first_with: dict[Cell, int] = {}
        for number, cells in rows:
            cell = cells[column.index]
            if cell is KEEP or cell is CLEAR:
                continue
            first = first_with.setdefault(cell, number)
            if first != number:
                failing.setdefault(first, f"Row {number} has the same {column.header}")
                failing.setdefault(number, f"Row {first} has the same {column.header}")
    return failing


SHARING = (rows_that_share_an_identifier_fail,)


# 3. Lookup: the student whom the row is about.


def username_is_looked_up_first(cells: Cells, world: Answers, institution: Institution) -> Account | None:
    """The student is looked for by username first, among those connected to or pending at the institution.

    Source: 000:5, 002:18
    Basis: stated (their order: inferred)
    """
    username = cells[USERNAME.index]
    return world.holder(institution.id, USERNAME, username) if isinstance(username, str) else None


def email_is_looked_up_second(cells: Cells, world: Answers, institution: Institution) -> Account | None:
    """The student is looked for by e-mail address next, also among students who are connected nowhere.

    Source: 000:5, 002:18
    Basis: stated (their order: inferred)
    """
    email = cells[EMAIL_ADDRESS.index]
    return world.student(email) if isinstance(email, str) else None


LOOKUPS = (username_is_looked_up_first, email_is_looked_up_second)


def everybody_is_visible(student: Account, institution: Institution) -> bool:
    """A lookup that finds students wherever they are connected."""
    return True


@otherwise(everybody_is_visible)
def other_schools_students_are_invisible(student: Account, institution: Institution) -> bool:
    """No lookup finds a student who is connected to another institution, nor staff, nor an employer.

    Source: 003:17-19
    Basis: inferred
    """
    return student.institution is None or student.institution == institution.id


# 4. Skips: rows that say nothing new.


def unchanged_rows_are_skipped(row: Row) -> bool:
    """A row that says what the row last applied to its student said is left alone, excluded or not.

    It counts only for a student connected to the institution, and only the columns that the file has; one
    that the row last applied lacked counts as kept there.

    Source: 002:47, 004:40
    Basis: stated (what it is compared with: inferred)
    """
    student = row.student
    if student is None or student.institution != row.institution.id or student.last_applied is None:
        return False
    last = student.last_applied
    return row.cells == last or all(row.cell(column) == last[column.index] for column in row.columns)


SKIPS = (unchanged_rows_are_skipped,)


# What holds for the file as a whole.


def absent_reads_as_blank(decode: Callable[[str], Cell]) -> Cell:
    """An importer that fills absent columns up with blanks."""
    return decode("")


@otherwise(absent_reads_as_blank)
def absent_column_keeps(decode: Callable[[str], Cell]) -> Cell:
    """A column that the file does not have keeps what is stored, labels too.

    Source: 002:36
    Basis: inferred
    """
    return KEEP


def last_row_first(rows: tuple[T, ...]) -> tuple[T, ...]:
    """An importer that works a file through from its end."""
    return rows[::-1]


@otherwise(last_row_first)
def rows_run_in_order(rows: tuple[T, ...]) -> tuple[T, ...]:
    """Rows are taken in the order of the file, each against the world that the rows before it left.

    Source: the articles are silent
    Basis: chosen
    """
    return rows


def missing_students_are_archived(world: Answers, job: Job, rows: Iterable[Cells]) -> list[Account]:
    """An importer that archives whoever is not in the file."""
    usernames = {cells[USERNAME.index] for cells in rows}
    return [evolve(a, disabled=True) for a in world.connected(job.institution) if a.username not in usernames]


@otherwise(missing_students_are_archived)
def absence_changes_nothing(world: Answers, job: Job, rows: Iterable[Cells]) -> list[Account]:
    """A student who is not in the file is left alone.

    Source: 001:8
    Basis: stated
    """
    return []


WHOLE_FILE: tuple[Rule, ...] = (
    rows_run_in_order,
    absent_column_keeps,
    absence_changes_nothing,
)
