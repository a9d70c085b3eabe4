"""The rules that decide about a row whose student has been looked up: steps 5 to 7, each in its order.

REFUSALS are for a student who was found, and the first ends the row. VALIDATIONS are all tried, and a field
carries the first complaint about it. EFFECTS say what changes, the later ones upon the earlier.

    REFUSALS  row and student → text, or None    VALIDATIONS  row → complaints    EFFECTS  row → changes
"""

import datetime

from refmodel.cells import CLEAR, KEEP, Malformed
from refmodel.errors import (
    BLANK,
    END_BEFORE_START,
    INVALID,
    NOT_IN_LIST,
    SENSITIVE_FIELDS,
    TAKEN,
    Complaint,
)
from refmodel.rows import Changes, Move, Row, about, connection
from refmodel.rulesets import otherwise
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
)
from refmodel.world import NOTHING, Account

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
    """A sensitive field changes only under the setting.

    From nothing to a value is a change, a kept cell is none.

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
    return "The student is not connected here: a manual job that changes sensitive fields connects them"


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
    """The e-mail address that the account would have is nobody else's.

    No other student's, connected anywhere or not, archived or not; no staff's; no employer's.

    Source: 002:17, 003:17, 004:51
    Basis: stated
    """
    if row.world.another_user_has(row.would_be(EMAIL_ADDRESS), row.student):
        return about(EMAIL_ADDRESS, email_is_unique_everywhere, TAKEN)
    return ()


def email_domain_is_not_anothers(row: Row) -> tuple[Complaint, ...]:
    """The domain of the e-mail address is not another institution's, unless it is this one's as well.

    A domain that belongs to none is personal and fine.

    Source: 002:17, 001:25-26
    Basis: stated
    """
    email = row.would_be(EMAIL_ADDRESS)
    if isinstance(email, str) and row.world.domain_is_anothers(email, row.institution.id):
        return about(EMAIL_ADDRESS, email_domain_is_not_anothers, INVALID)
    return ()


def username_is_unique_in_the_institution(move: Move) -> tuple[Complaint, ...]:
    """No two students connected to or pending at an institution have the same username.

    For rows it follows from the lookup; where an action brings a student in, it is checked.

    Source: 002:18
    Basis: stated
    """
    return about(USERNAME, username_is_unique_in_the_institution, TAKEN) if move.another_holds(USERNAME) else ()


def auth_identifier_is_unique_in_the_institution(move: Move) -> tuple[Complaint, ...]:
    """No two students connected to or pending at an institution have the same `auth_identifier`.

    Source: 002:23
    Basis: inferred
    """
    if move.another_holds(AUTH_IDENTIFIER):
        return about(AUTH_IDENTIFIER, auth_identifier_is_unique_in_the_institution, TAKEN)
    return ()


def card_id_is_unique_in_the_institution(move: Move) -> tuple[Complaint, ...]:
    """No two students connected to or pending at an institution have the same `card_id`.

    Source: 002:32
    Basis: inferred
    """
    return about(CARD_ID, card_id_is_unique_in_the_institution, TAKEN) if move.another_holds(CARD_ID) else ()


def end_date_is_not_before_start_date(row: Row) -> tuple[Complaint, ...]:
    """On the account as it would be, the end date is the start date or a later one.

    Kept dates count as much as those in the file. Where one is missing or malformed, nothing is checked.

    Source: 001:11-13
    Basis: stated
    """
    start, end = row.would_be(START_DATE), row.would_be(END_DATE)
    if isinstance(start, datetime.date) and isinstance(end, datetime.date) and end < start:
        return about(END_DATE, end_date_is_not_before_start_date, END_BEFORE_START)
    return ()


def assignee_is_own_staff(row: Row) -> tuple[Complaint, ...]:
    """The person a student is assigned to is one of the institution's staff.

    Source: 002:37
    Basis: inferred
    """
    assignee = row.cell(ASSIGNED_TO)
    if isinstance(assignee, str) and assignee not in row.institution.staff:
        return about(ASSIGNED_TO, assignee_is_own_staff, NOT_IN_LIST)
    return ()


def campus_is_known(row: Row) -> tuple[Complaint, ...]:
    """A campus is one of the institution's.

    Source: 002:39
    Basis: chosen
    """
    campus = row.cell(CAMPUS_NAME)
    if isinstance(campus, str) and campus not in row.institution.campuses:
        return about(CAMPUS_NAME, campus_is_known, NOT_IN_LIST)
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


# What a failed row leaves behind.


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
