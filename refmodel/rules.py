"""Every rule about a row of a file, in the tuples that give their order.

A row is taken in steps: SHAPE and IDENTITY look at the row alone, SHARING at all rows of the file, LOOKUPS
find the student, SKIPS leave what is not new, REFUSALS and VALIDATIONS may fail the row, and EFFECTS, in the
end, say what changes. Steps up to REFUSALS each may end the row, and the first that does decides; VALIDATIONS
are all tried.

    SHAPE, IDENTITY  row → failure               REFUSALS     row → text, or None
    SHARING          rows → numbers that fail    VALIDATIONS  row → complaints
    LOOKUPS          row → student, or None      EFFECTS      row → field: new value
    SKIPS            row → whether to skip it
"""

import datetime
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from attrs import evolve, frozen

from refmodel.cells import CLEAR, KEEP, Cell, Cells, Malformed
from refmodel.errors import (
    BLANK,
    END_BEFORE_START,
    INVALID,
    NOT_IN_LIST,
    SENSITIVE_FIELDS,
    TAKEN,
    Complaint,
)
from refmodel.jobs import Job
from refmodel.rulesets import Rule, otherwise
from refmodel.schema import (
    ASSIGNED_TO,
    AUTH_IDENTIFIER,
    CAMPUS_NAME,
    CARD_ID,
    COLUMNS,
    DISABLED,
    EMAIL_ADDRESS,
    END_DATE,
    FIRST_NAME,
    LAST_NAME,
    REPLACED,
    SENSITIVE,
    START_DATE,
    SYSTEM_LABEL_NAMES,
    USERNAME,
    Column,
)
from refmodel.world import NOTHING, Account, Answers, Institution

T = TypeVar("T")
Changes = Mapping[str, Any]  # field of an account → its new value


@frozen
class Move:
    """A student on the way to an institution (or to none): what actions and rows have in common."""

    world: Answers
    destination: str | None
    student: Account | None

    def would_be(self, column: Column) -> Any:
        """What the account would store in a column afterwards."""
        return self.student.stored(column) if self.student else NOTHING[column]

    def another_holds(self, column: Column) -> bool:
        """Whether another student at the destination has the identifier that this one would have."""
        value = self.would_be(column)
        if value is None or self.destination is None or isinstance(value, Malformed):
            return False
        holder = self.world.holder(self.destination, column, value)
        return holder is not None and (self.student is None or holder.key != self.student.key)


@frozen
class Row(Move):
    """A row of a file against the world that the rows before it left; `student` is whom it is about."""

    institution: Institution
    job: Job
    columns: tuple[Column, ...]  # those that the file has
    cells: Cells

    def cell(self, column: Column) -> Cell:
        """What the row says in a column; an absent column keeps."""
        return self.cells[column.index]

    def would_be(self, column: Column) -> Any:
        """What the account would store in a column: after keeps and clears, and Malformed where the cell is."""
        cell = self.cells[column.index]
        if cell is KEEP:
            return self.student.stored(column) if self.student else NOTHING[column]
        return NOTHING[column] if cell is CLEAR else cell


def connection(institution: str, student: Account | None) -> Changes:
    """Connected to an institution: whatever was pending is over, and so is this institution's refusal."""
    declined_by = student.declined_by if student else frozenset()
    return {"institution": institution, "pending_at": None, "declined_by": declined_by - {institution}}


def _about(column: Column, rule: Rule, message: str) -> tuple[Complaint, ...]:
    return (Complaint(rule.__name__, column, message),)


# 1. Shape and identity: the row alone.


def ragged_rows_fail(record: list[str], header: tuple[str, ...]) -> str | None:
    """A row with fewer or more cells than the header fails, alone: its blanks would be guesses.

    Source: the articles are silent
    Basis: chosen
    """
    if len(record) == len(header):
        return None
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
            complaints += _about(column, username_and_email_are_required, BLANK)
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


# 5. Refusals: the first one ends the row of a student who was found.


def excluded_students_are_not_updated(row: Row, student: Account) -> str | None:
    """No job of the institution that excluded a student from the sync updates them.

    Source: 004:25
    Basis: stated
    """
    if student.excluded_from_sync and student.home == row.institution.id:
        return "The student is excluded from the sync"
    return None


def sensitive_fields_need_the_setting(row: Row, student: Account) -> str | None:
    """A sensitive field changes only under the setting: from nothing to a value is a change, a kept cell none.

    Source: 000:7, 003:13
    Basis: stated
    """
    if row.job.change_sensitive_fields:
        return None
    differs = any(row.would_be(column) != student.stored(column) for column in SENSITIVE)
    return SENSITIVE_FIELDS if differs else None


def an_unconnected_student_needs_the_setting(row: Row, student: Account) -> str | None:
    """A student neither connected to nor pending at the institution is updated under the setting only.

    Source: the articles are silent
    Basis: chosen
    """
    if student.home == row.institution.id or row.job.change_sensitive_fields:
        return None
    return "The student is not connected to the institution: a manual job that changes sensitive fields connects them"


def a_declined_student_is_not_connected(row: Row, student: Account) -> str | None:
    """The setting does not connect a student whose request this institution has declined.

    Source: the product's other public pages
    Basis: chosen
    """
    if student.institution is None and row.institution.id in student.declined_by:
        return "The institution has declined the student"
    return None


REFUSALS = (
    excluded_students_are_not_updated,
    sensitive_fields_need_the_setting,
    an_unconnected_student_needs_the_setting,
    a_declined_student_is_not_connected,
)


# 6. Validations: all are tried, and a field carries the first complaint about it.


def cells_are_well_formed(row: Row) -> tuple[Complaint, ...]:
    """Each cell is what its column takes, or the row fails with a complaint under that column.

    Source: 002:24-39
    Basis: stated
    """
    return tuple(
        Complaint(cell.rule, column, cell.message)
        for column, cell in zip(COLUMNS, row.cells)
        if isinstance(cell, Malformed)
    )


def a_new_student_has_a_name(row: Row) -> tuple[Complaint, ...]:
    """A row that creates has a first and a last name.

    Source: 002:19, 002:20, the product's other public pages
    Basis: inferred
    """
    if row.student is not None:
        return ()
    blank = [column for column in (FIRST_NAME, LAST_NAME) if row.cell(column) in (KEEP, CLEAR)]
    return tuple(Complaint("a_new_student_has_a_name", column, BLANK) for column in blank)


def email_is_unique_everywhere(row: Row) -> tuple[Complaint, ...]:
    """The e-mail address that the account would have is nobody else's: no student's, no staff's, no employer's.

    Source: 002:17, 003:17, 004:51
    Basis: stated
    """
    if row.world.another_user_has(row.would_be(EMAIL_ADDRESS), row.student):
        return _about(EMAIL_ADDRESS, email_is_unique_everywhere, TAKEN)
    return ()


def email_domain_is_not_anothers(row: Row) -> tuple[Complaint, ...]:
    """The domain of the e-mail address is not another institution's, unless it is this one's as well.

    A domain that belongs to none is personal and fine.

    Source: 002:17, 001:25-26
    Basis: stated
    """
    email = row.would_be(EMAIL_ADDRESS)
    if isinstance(email, str) and row.world.domain_is_anothers(email, row.institution.id):
        return _about(EMAIL_ADDRESS, email_domain_is_not_anothers, INVALID)
    return ()


def username_is_unique_in_the_institution(move: Move) -> tuple[Complaint, ...]:
    """No two students connected to or pending at an institution have the same username.

    For rows it follows from the lookup; where an action brings a student in, it is checked.

    Source: 002:18
    Basis: stated
    """
    return (
        _about(USERNAME, username_is_unique_in_the_institution, TAKEN) if move.another_holds(USERNAME) else ()
    )


def auth_identifier_is_unique_in_the_institution(move: Move) -> tuple[Complaint, ...]:
    """No two students connected to or pending at an institution have the same `auth_identifier`.

    Source: 002:23
    Basis: inferred
    """
    if move.another_holds(AUTH_IDENTIFIER):
        return _about(AUTH_IDENTIFIER, auth_identifier_is_unique_in_the_institution, TAKEN)
    return ()


def card_id_is_unique_in_the_institution(move: Move) -> tuple[Complaint, ...]:
    """No two students connected to or pending at an institution have the same `card_id`.

    Source: 002:32
    Basis: inferred
    """
    return _about(CARD_ID, card_id_is_unique_in_the_institution, TAKEN) if move.another_holds(CARD_ID) else ()


def end_date_is_not_before_start_date(row: Row) -> tuple[Complaint, ...]:
    """On the account as it would be, the end date is the start date or a later one.

    Kept dates count as much as those in the file; where one is missing or malformed there is nothing to check.

    Source: 001:11-13
    Basis: stated
    """
    start, end = row.would_be(START_DATE), row.would_be(END_DATE)
    if isinstance(start, datetime.date) and isinstance(end, datetime.date) and end < start:
        return _about(END_DATE, end_date_is_not_before_start_date, END_BEFORE_START)
    return ()


def assignee_is_own_staff(row: Row) -> tuple[Complaint, ...]:
    """The person a student is assigned to is one of the institution's staff.

    Source: 002:37
    Basis: inferred
    """
    assignee = row.cell(ASSIGNED_TO)
    if isinstance(assignee, str) and assignee not in row.institution.staff:
        return _about(ASSIGNED_TO, assignee_is_own_staff, NOT_IN_LIST)
    return ()


def campus_is_known(row: Row) -> tuple[Complaint, ...]:
    """A campus is one of the institution's.

    Source: 002:39
    Basis: chosen
    """
    campus = row.cell(CAMPUS_NAME)
    if isinstance(campus, str) and campus not in row.institution.campuses:
        return _about(CAMPUS_NAME, campus_is_known, NOT_IN_LIST)
    return ()


VALIDATIONS = (
    cells_are_well_formed,
    a_new_student_has_a_name,
    email_is_unique_everywhere,
    email_domain_is_not_anothers,
    auth_identifier_is_unique_in_the_institution,
    card_id_is_unique_in_the_institution,
    end_date_is_not_before_start_date,
    assignee_is_own_staff,
    campus_is_known,
)

UNIQUENESS = (  # what an action that brings a student in has to look at
    username_is_unique_in_the_institution,
    auth_identifier_is_unique_in_the_institution,
    card_id_is_unique_in_the_institution,
)


# 7. Effects: what changes, the later ones upon the earlier.


def leaving_leaves_nothing_behind(move: Move) -> Changes:
    """An account that leaves an institution loses what was that institution's.

    Its labels, assignee and campus, the exclusion from the sync, the e-mail address asked for, and the
    memory of the row last applied.

    Source: the articles are silent
    Basis: chosen
    """
    student = move.student
    if student is None or student.home in (None, move.destination):
        return {}
    return {
        "system_label_names": frozenset(),
        "assigned_to_email_address": None,
        "campus_name": None,
        "excluded_from_sync": False,
        "requested_email": None,
        "last_applied": None,
    }


def values_replace(row: Row) -> Changes:
    """Values take the place of what is stored, and clears empty it.

    Source: 000:5
    Basis: stated
    """
    return {
        column.attribute: NOTHING[column] if cell is CLEAR else cell
        for column in REPLACED
        if (cell := row.cells[column.index]) is not KEEP and not isinstance(cell, Malformed)
    }


def labels_are_exactly_the_cell(row: Row) -> Changes:
    """Where the labels column is there, the labels become exactly what its cell says, however many.

    Source: 002:36, 002:45
    Basis: stated
    """
    cell = row.cell(SYSTEM_LABEL_NAMES)
    if cell is KEEP or isinstance(cell, Malformed):
        return {}
    return {SYSTEM_LABEL_NAMES.attribute: NOTHING[SYSTEM_LABEL_NAMES] if cell is CLEAR else cell}


def disabled_only_by_word(row: Row) -> Changes:
    """TRUE archives, FALSE brings back, and nothing else in a file does either.

    Source: 000:34, 001:14-17, 002:35
    Basis: stated
    """
    cell = row.cell(DISABLED)
    if cell is KEEP or isinstance(cell, Malformed):
        return {}
    return {DISABLED.attribute: cell is True}


def a_sensitive_update_connects_and_approves(row: Row) -> Changes:
    """A manual job with the setting connects the unconnected student whom it updates, pending or not.

    Whether or not a sensitive field differed. A job without the setting leaves a pending student pending.

    Source: 003:15, 004:40
    Basis: stated
    """
    if row.student and row.student.institution is None and row.job.change_sensitive_fields:
        return connection(row.institution.id, row.student)
    return {}


def a_created_student_is_connected(row: Row) -> Changes:
    """A row that finds nobody creates an account, connected to the institution, with the row's values.

    Source: 000:5, 002:3
    Basis: stated
    """
    return connection(row.institution.id, None) if row.student is None else {}


def imports_need_no_confirmation(row: Row) -> Changes:
    """An import changes an e-mail address at once, and drops the request for one that it makes equal.

    Source: the product's other public pages
    Basis: chosen
    """
    if row.student and row.student.requested_email == row.would_be(EMAIL_ADDRESS):
        return {"requested_email": None}
    return {}


EFFECTS = (
    leaving_leaves_nothing_behind,
    values_replace,
    labels_are_exactly_the_cell,
    disabled_only_by_word,
    a_sensitive_update_connects_and_approves,
    a_created_student_is_connected,
    imports_need_no_confirmation,
)


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


def labels_stay_behind(row: Row) -> Changes:
    """An importer that writes the labels before it validates the row."""
    return labels_are_exactly_the_cell(row)


@otherwise(labels_stay_behind)
def a_failed_row_changes_nothing(row: Row) -> Changes:
    """A row does all that it says or nothing, and what happens to it does not stop another.

    Source: 003:7
    Basis: stated
    """
    return {}


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
    a_failed_row_changes_nothing,
    absence_changes_nothing,
)
