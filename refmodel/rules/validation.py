"""Validations: what is wrong with a row. All are tried, and a field carries the first complaint about it."""

import datetime
from collections.abc import Callable

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

ValidationRule = Callable[[Row], tuple[Complaint, ...]]
UniquenessRule = Callable[[Move], tuple[Complaint, ...]]  # which is asked of actions too


def cells_are_well_formed(row: Row) -> tuple[Complaint, ...]:
    """Each cell is what its column takes, or the row fails with a complaint under that column.

    Source: 002:24-39
    Basis: stated
    Remedy: Correct each field that the response names.
    Consequence: Unusable values are stored, or a row fails without saying under which column.
    Example: a_mobile_number_of_letters
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
    Remedy: Fill in first and last name; or correct the username, if the student is not new.
    Consequence: Nameless accounts appear in every list.
    Example: a_new_student_without_a_last_name
    """
    if row.student is not None:
        return ()
    blank = [column for column in (FIRST_NAME, LAST_NAME) if row.cell(column) in (KEEP, CLEAR)]
    return tuple(Complaint(a_new_student_has_a_name.__name__, column, BLANK) for column in blank)


def email_is_unique_everywhere(row: Row) -> tuple[Complaint, ...]:
    """The e-mail address that the account would have is nobody else's.

    No other student's, connected anywhere or not, archived or not; no staff's; no employer's.

    Source: 002:17, 003:17, 004:51
    Basis: stated
    Remedy: Find out who has the address: often an account at another school, which support can switch, or that of
        staff.
    Consequence: Two accounts share an address, and mail and sign-in reach the wrong person.
    Example: the_address_of_an_employer
    """
    if row.world.another_user_has(row.would_be(EMAIL_ADDRESS), row.student):
        return about(EMAIL_ADDRESS, email_is_unique_everywhere, TAKEN)
    return ()


def email_domain_is_not_anothers(row: Row) -> tuple[Complaint, ...]:
    """The domain of the e-mail address is not another institution's, unless it is this one's as well.

    A domain that belongs to none is personal and fine.

    Source: 002:17, 001:25-26
    Basis: stated
    Remedy: Use an address of your own institution's domain, or a personal one.
    Consequence: A university claims addresses that belong to another one.
    Example: an_address_of_another_institution
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
    Remedy: Find who has the username there, and correct one of the two.
    Consequence: Two students have one username, and the next file updates the wrong one.
    Example: a_request_with_a_username_that_is_taken
    """
    return about(USERNAME, username_is_unique_in_the_institution, TAKEN) if move.another_holds(USERNAME) else ()


def auth_identifier_is_unique_in_the_institution(move: Move) -> tuple[Complaint, ...]:
    """No two students connected to or pending at an institution have the same `auth_identifier`.

    Source: 002:23
    Basis: inferred
    Remedy: Find who has this auth_identifier, and correct one of the two.
    Consequence: Two students are signed in to the same account.
    Example: an_auth_identifier_that_is_taken
    """
    if move.another_holds(AUTH_IDENTIFIER):
        return about(AUTH_IDENTIFIER, auth_identifier_is_unique_in_the_institution, TAKEN)
    return ()


def card_id_is_unique_in_the_institution(move: Move) -> tuple[Complaint, ...]:
    """No two students connected to or pending at an institution have the same `card_id`.

    Source: 002:32
    Basis: inferred
    Remedy: Find who has this card_id, and correct one; clear a lost card's first.
    Consequence: A card opens the account of somebody else.
    Example: a_card_that_is_taken
    """
    return about(CARD_ID, card_id_is_unique_in_the_institution, TAKEN) if move.another_holds(CARD_ID) else ()


def end_date_is_not_before_start_date(row: Row) -> tuple[Complaint, ...]:
    """On the account as it would be, the end date is the start date or a later one.

    Kept dates count as much as those in the file. Where one is missing or malformed, nothing is checked.

    Source: 001:11-13
    Basis: stated
    Remedy: Correct one of the dates, or write **CLEAR** for an old end date: a blank cell leaves it where it is.
    Consequence: A returning student's old end date stays, and they count as graduated.
    Example: a_start_date_after_the_stored_end_date
    """
    start, end = row.would_be(START_DATE), row.would_be(END_DATE)
    if isinstance(start, datetime.date) and isinstance(end, datetime.date) and end < start:
        return about(END_DATE, end_date_is_not_before_start_date, END_BEFORE_START)
    return ()


def assignee_is_own_staff(row: Row) -> tuple[Complaint, ...]:
    """The person a student is assigned to is one of the institution's staff.

    Source: 002:37
    Basis: inferred
    Remedy: Name one of the institution's own staff by their e-mail address, or leave it blank.
    Consequence: Students are assigned to strangers, who then see their data.
    Example: an_assignee_who_is_not_staff
    """
    assignee = row.cell(ASSIGNED_TO)
    if isinstance(assignee, str) and assignee not in row.institution.staff:
        return about(ASSIGNED_TO, assignee_is_own_staff, NOT_IN_LIST)
    return ()


def campus_is_known(row: Row) -> tuple[Complaint, ...]:
    """A campus is one of the institution's.

    Source: 002:39
    Basis: chosen
    Remedy: Copy the campus from the institution's list, capitals included.
    Consequence: Students belong to campuses that nobody looks after.
    Example: a_campus_in_lower_case
    """
    campus = row.cell(CAMPUS_NAME)
    if isinstance(campus, str) and campus not in row.institution.campuses:
        return about(CAMPUS_NAME, campus_is_known, NOT_IN_LIST)
    return ()


VALIDATIONS: tuple[ValidationRule, ...] = (
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

UNIQUENESS: tuple[UniquenessRule, ...] = (  # what an action that brings a student in has to look at
    username_is_unique_in_the_institution,
    auth_identifier_is_unique_in_the_institution,
    card_id_is_unique_in_the_institution,
)
