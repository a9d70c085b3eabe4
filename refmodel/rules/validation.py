"""Validations: what is wrong with a row. All are tried, and a field carries the first complaint about it."""

import datetime

from refmodel.cell import CLEAR, KEEP, Malformed
from refmodel.columns import (
    ASSIGNED_TO,
    AUTH_IDENTIFIER,
    CAMPUS_NAME,
    CARD_ID,
    COLUMNS,
    EMAIL_ADDRESS,
    END_DATE,
    FIRST_NAME,
    LAST_NAME,
    START_DATE,
    USERNAME,
)
from refmodel.failures import BLANK, END_BEFORE_START, INVALID, NOT_IN_LIST, TAKEN, Complaint
from refmodel.row import Move, Row, about


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
