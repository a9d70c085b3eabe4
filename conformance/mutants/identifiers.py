"""Mutants of checking identifiers, dates, assignees and campuses."""

import datetime
from collections.abc import Callable, Iterator

from conformance.mutants.operators import Mutant, drop_rule, in_place
from conformance.mutants.refusals import folded
from refmodel.cell import CLEAR, KEEP, Cell, Malformed, domain_of
from refmodel.columns import ASSIGNED_TO, AUTH_IDENTIFIER, CAMPUS_NAME, CARD_ID, END_DATE, START_DATE, USERNAME, Column
from refmodel.failures import END_BEFORE_START, NOT_IN_LIST, TAKEN, Complaint
from refmodel.row import Move, Row, about
from refmodel.rules.validation import (
    assignee_is_own_staff,
    auth_identifier_is_unique_in_the_institution,
    campus_is_known,
    card_id_is_unique_in_the_institution,
    end_date_is_not_before_start_date,
    username_is_unique_in_the_institution,
)
from refmodel.ruleset import Rule
from refmodel.world import Account

Complaints = tuple[Complaint, ...]

# Other identifiers.


def competing_students(
    move: Move, column: Column, same: Callable[[object, object], bool] = lambda one, other: one == other
) -> Iterator[Account]:
    """Other students with the identifier that this one would have."""
    value, own = move.would_be(column), move.student.key if move.student else 0
    if value is not None and not isinstance(value, Malformed):
        yield from (s for s in move.world.students() if s.key != own and same(s.stored(column), value))


def identifier_taken(column: Column, rule: Rule, name: str, statement: str, held: Callable[[Move], bool]) -> Mutant:
    """An identifier counts as taken where `held` says so."""

    def check(move: Move) -> Complaints:
        return about(column, rule, TAKEN) if held(move) else ()

    return in_place(rule, name, statement, check)


def _identifiers(column: Column, rule: Rule) -> Iterator[Mutant]:
    """Mutants of the uniqueness of one identifier."""
    name = column.header
    yield drop_rule(rule, f"{name}_may_be_taken", f"Two students of an institution may have the same {name}.")
    yield identifier_taken(
        column,
        rule,
        f"{name}_of_the_archived_is_free",
        f"An archived student's {name} counts as free.",
        lambda move: any(s.home == move.destination and not s.disabled for s in competing_students(move, column)),
    )
    yield identifier_taken(
        column,
        rule,
        f"{name}_is_unique_everywhere",
        f"A {name} that a student elsewhere has counts as taken.",
        lambda move: any(competing_students(move, column)),
    )
    yield identifier_taken(
        column,
        rule,
        f"{name}_is_unique_in_any_case",
        f"A {name} that differs in capitals only counts as taken.",
        lambda move: any(
            s.home == move.destination
            for s in competing_students(move, column, lambda one, other: folded(one) == folded(other))
        ),
    )


def _row_identifiers(column: Column, rule: Rule) -> Iterator[Mutant]:
    """Mutants that check one identifier in rows only, or in actions only."""
    name = column.header
    yield identifier_taken(
        column,
        rule,
        f"{name}_is_checked_for_new_students_only",
        f"A row that updates may take another's {name}.",
        lambda move: move.another_holds(column) and not (isinstance(move, Row) and move.student),
    )
    yield identifier_taken(
        column,
        rule,
        f"{name}_of_who_arrives_is_not_checked",
        f"An action may bring a {name} that is taken.",
        lambda move: move.another_holds(column) and isinstance(move, Row),
    )


auth_identifiers = (
    *_identifiers(AUTH_IDENTIFIER, auth_identifier_is_unique_in_the_institution),
    *_row_identifiers(AUTH_IDENTIFIER, auth_identifier_is_unique_in_the_institution),
)
card_ids = (
    *_identifiers(CARD_ID, card_id_is_unique_in_the_institution),
    *_row_identifiers(CARD_ID, card_id_is_unique_in_the_institution),
)
usernames = (
    *_identifiers(USERNAME, username_is_unique_in_the_institution),
    # A pending student has neither auth_identifier nor card_id: only the setting gives them, and it connects.
    identifier_taken(
        USERNAME,
        username_is_unique_in_the_institution,
        "username_of_the_pending_is_free",
        "A pending student's username counts as free.",
        lambda move: any(s.institution == move.destination for s in competing_students(move, USERNAME)),
    ),
)

# Dates, assignees and campuses.


END_BEFORE = Complaint("end_date_is_not_before_start_date", END_DATE, END_BEFORE_START)


def dates_compared(
    name: str,
    statement: str,
    checked: Callable[[Row], bool],
    wrong: Callable[[datetime.date, datetime.date], bool] = lambda start, end: end < start,
    value: Callable[[Row, Column], object] = lambda row, column: row.would_be(column),
    complaint: Complaint = END_BEFORE,
) -> Mutant:
    """The two dates compared only where `checked` says so, in another way, or with another error."""

    def check(row: Row) -> Complaints:
        start, end = value(row, START_DATE), value(row, END_DATE)
        if not isinstance(start, datetime.date) or not isinstance(end, datetime.date):
            return ()
        return (complaint,) if checked(row) and wrong(start, end) else ()

    return in_place(end_date_is_not_before_start_date, name, statement, check)


def always(row: Row) -> bool:
    """True of every row."""
    return True


def says(row: Row, column: Column) -> bool:
    """Whether a row has a value in a column."""
    return row.cell(column) not in (KEEP, CLEAR)


def stored_instead(instead_of_what: Callable[[Cell], bool]) -> Callable[[Row, Column], object]:
    """The stored value for such cells, and the new value for others."""

    def value(row: Row, column: Column) -> object:
        stored = row.student.stored(column) if row.student else None
        return stored if instead_of_what(row.cell(column)) else row.would_be(column)

    return value


dates_compared_otherwise = (
    drop_rule(end_date_is_not_before_start_date, "dates_are_not_compared", "A student may end before they start."),
    dates_compared(
        "only_dates_of_the_file_are_compared",
        "The dates are compared only where the row has both.",
        lambda row: says(row, START_DATE) and says(row, END_DATE),
    ),
    dates_compared(
        "dates_are_compared_with_a_new_end_date",
        "A new start date is not compared with the end date that is stored.",
        lambda row: says(row, END_DATE),
    ),
    dates_compared(
        "dates_are_compared_with_a_new_start_date",
        "A new end date is not compared with the start date that is stored.",
        lambda row: says(row, START_DATE),
    ),
    dates_compared(
        "dates_are_compared_for_new_students_only",
        "An update may put the end before the start.",
        lambda row: row.student is None,
    ),
    dates_compared(
        "equal_dates_fail",
        "A student may not start and end on one day.",
        always,
        lambda start, end: end <= start,
    ),
    dates_compared(
        "only_years_are_compared",
        "A student may end before they start, in the same year.",
        always,
        lambda start, end: end.year < start.year,
    ),
    dates_compared(
        "cleared_dates_still_count",
        "A date that the row clears is still compared.",
        always,
        value=stored_instead(lambda cell: cell is CLEAR),
    ),
    dates_compared(
        "malformed_dates_leave_the_stored_one",
        "Where a date is malformed, the one that is stored is compared.",
        always,
        value=stored_instead(lambda cell: isinstance(cell, Malformed)),
    ),
    dates_compared(
        "stored_dates_are_compared",
        "The dates that are stored are compared, not those that would be.",
        always,
        value=stored_instead(lambda cell: True),
    ),
    dates_compared(
        "the_start_date_is_to_blame",
        "The error about the dates is reported for the start date.",
        always,
        complaint=Complaint("end_date_is_not_before_start_date", START_DATE, END_BEFORE_START),
    ),
    dates_compared(
        "the_error_about_dates_has_the_slip",
        "The error about the dates lacks a space, as in an earlier release.",
        always,
        complaint=Complaint("end_date_is_not_before_start_date", END_DATE, END_BEFORE_START.replace("after ", "after")),
    ),
)


def chosen_from(column: Column, rule: Rule, name: str, statement: str, right: Callable[[Row, str], bool]) -> Mutant:
    """A value passes where `right` says so, and else is not in the list."""

    def check(row: Row) -> Complaints:
        value = row.cell(column)
        return about(column, rule, NOT_IN_LIST) if isinstance(value, str) and not right(row, value) else ()

    return in_place(rule, name, statement, check)


assignees_checked_otherwise = (
    drop_rule(assignee_is_own_staff, "anybody_is_an_assignee", "Anybody can be assigned."),
    chosen_from(
        ASSIGNED_TO,
        assignee_is_own_staff,
        "any_staff_is_an_assignee",
        "Staff of other institutions can be assigned.",
        lambda row, email: any(email in i.staff for i in row.world.directory.institutions.values()),
    ),
    chosen_from(
        ASSIGNED_TO,
        assignee_is_own_staff,
        "own_domains_are_assignees",
        "Any address of an own domain can be assigned.",
        lambda row, email: domain_of(email) in row.institution.domains,
    ),
    chosen_from(
        ASSIGNED_TO,
        assignee_is_own_staff,
        "students_are_assignees",
        "A student can be assigned.",
        lambda row, email: email in row.institution.staff or row.world.student(email) is not None,
    ),
)
campuses_checked_otherwise = (
    drop_rule(campus_is_known, "any_campus_is_stored", "A campus that the institution has not is stored."),
    chosen_from(
        CAMPUS_NAME,
        campus_is_known,
        "campuses_ignore_case",
        "A campus may be in any capitals.",
        lambda row, campus: campus.lower() in map(str.lower, row.institution.campuses),
    ),
    chosen_from(
        CAMPUS_NAME,
        campus_is_known,
        "the_first_campus_is_the_only_one",
        "Only the first campus of an institution is known.",
        lambda row, campus: campus in row.institution.campuses[:1],
    ),
)
