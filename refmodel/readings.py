"""Other readings of the rules that no article states outright: each by a name, each a ruleset.

An importer that follows one of these is not wrong, only different; `READINGS` lets it be judged by its own lights.
"""

from collections.abc import Iterable, Mapping

from attrs import frozen

from refmodel.cell import (
    CLEAR,
    KEEP,
    Cell,
    Cells,
    Place,
    calendar_date,
    is_email,
    is_shaped_as_an_email,
    items_of,
    malformed,
    normal_email,
)
from refmodel.columns import (
    AUTH_IDENTIFIER,
    CAMPUS_NAME,
    COLUMNS,
    EMAIL_ADDRESS,
    START_DATE,
    USERNAME,
    Kind,
)
from refmodel.csv_reader import Record
from refmodel.failures import BLANK, INVALID, SENSITIVE_FIELDS, Complaint
from refmodel.header import Header
from refmodel.row import Changes, Move, Row, connection
from refmodel.rules.cell import (
    booleans_cannot_be_cleared,
    emails_ignore_case,
    list_items_are_trimmed,
    start_date_follows_the_job_too,
    values_are_verbatim,
)
from refmodel.rules.effect import (
    a_sensitive_update_connects_and_approves,
    imports_need_no_confirmation,
    leaving_leaves_nothing_behind,
)
from refmodel.rules.file import empty_rows_are_ignored, headers_match_exactly
from refmodel.rules.identity import (
    ragged_rows_fail,
    rows_that_find_the_same_student_fail,
    rows_that_share_an_identifier_fail,
)
from refmodel.rules.lookup import (
    email_is_looked_up_second,
    other_schools_students_are_invisible,
    unchanged_rows_are_skipped,
    username_is_looked_up_first,
)
from refmodel.rules.refusal import (
    a_declined_student_is_not_connected,
    an_unconnected_student_needs_the_setting,
    sensitive_fields_need_the_setting,
)
from refmodel.rules.validation import a_new_student_has_a_name, campus_is_known
from refmodel.ruleset import STANDARD, Rule, Ruleset, applies_to
from refmodel.world import Account, Answers, Institution


@frozen
class Reading:
    """Another reading: the rule that it reads otherwise, what it says, and the rules that follow from it."""

    name: str
    rule: Rule
    statement: str
    ruleset: Ruleset


def any_success_approves(row: Row) -> Changes:
    """Every row that is applied to a pending student approves them, with the setting or without."""
    student = row.student
    if student and student.institution is None and (row.job.change_sensitive_fields or student.pending_at):
        return connection(row.institution.id, student)
    return {}


def unchanged_against_the_record(row: Row) -> bool:
    """A row is left alone if it would change nothing that is stored, whatever was applied last."""
    student = row.student
    if student is None or student.institution != row.institution.id:
        return False
    return all(row.would_be(column) == student.stored(column) for column in COLUMNS)


def first_of_duplicates_wins(rows: Iterable[tuple[int, Cells]]) -> Mapping[int, str]:
    """Of the rows that share an identifier the first is applied and the others fail."""
    failing = dict(rows_that_share_an_identifier_fail(rows))
    seen: set[tuple[int, Cell]] = set()
    for number, cells in rows:
        held = {(c.index, cells[c.index]) for c in COLUMNS if c.sensitive and cells[c.index] not in (KEEP, CLEAR)}
        if number in failing and not held & seen:
            del failing[number]
        seen |= held
    return failing


def last_of_duplicates_wins(rows: Iterable[tuple[int, Cells]]) -> Mapping[int, str]:
    """Of the rows that share an identifier the last is applied and the others fail."""
    return first_of_duplicates_wins([*rows][::-1])


@applies_to(Kind.EMAIL)
def emails_are_compared_exactly(cell: Cell, place: Place) -> Cell:
    """An e-mail address is taken as it is typed, capitals and all."""
    return cell if is_email(str(cell)) and str(cell) == str(cell).strip() else malformed(emails_ignore_case, INVALID)


@applies_to(Kind.EMAIL)
def emails_may_look_like_others(cell: Cell, place: Place) -> Cell:
    """An e-mail address may hold what cannot be seen, and its domain may begin or end with a dot."""
    email = normal_email(str(cell))
    return email if is_shaped_as_an_email(email) else malformed(emails_ignore_case, INVALID)


def only_the_number_of_cells_counts(record: Record, header: Header) -> str | None:
    """A row is ragged only where it has fewer or more cells than the header, wherever its texts stand."""
    return None if len(record) == len(header.cells) else ragged_rows_fail(record, header)


def only_username_and_auth_identifier_are_sensitive(row: Row, student: Account) -> str | None:
    """A changed e-mail address or card number needs no setting."""
    columns = (USERNAME, AUTH_IDENTIFIER)
    differs = any(row.would_be(column) != student.stored(column) for column in columns)
    return SENSITIVE_FIELDS if differs and not row.job.change_sensitive_fields else None


def required_values_when_creating(row: Row) -> tuple[Complaint, ...]:
    """A row that creates has a value under every starred header."""
    if row.student is not None:
        return ()
    starred = [c for c in COLUMNS if c.starred or (c is AUTH_IDENTIFIER and row.institution.uses_sso)]
    blank = [column for column in starred if row.cell(column) in (KEEP, CLEAR)]
    return tuple(Complaint(a_new_student_has_a_name.__name__, column, BLANK) for column in blank)


@applies_to(START_DATE)
def start_date_is_always_iso(cell: Cell, place: Place) -> Cell:
    """The start date is yyyy-mm-dd, whatever the job says."""
    is_iso = calendar_date(str(cell)) and str(cell)[4] == "-"
    return cell if is_iso else malformed(start_date_follows_the_job_too, INVALID)


def only_connected_students_are_found(student: Account, institution: Institution) -> bool:
    """A student who is neither connected to nor pending at the institution is never found."""
    return student.home == institution.id


def email_is_looked_up_in_their_place(cells: Cells, world: Answers, institution: Institution) -> Account | None:
    """The e-mail address is looked for first, and the username second."""
    found = email_is_looked_up_second(cells, world, institution)
    if found is not None and other_schools_students_are_invisible(found, institution):
        return found
    return username_is_looked_up_first(cells, world, institution)


@applies_to(Kind.LIST, Kind.LABELS)
def items_that_differ_in_case_are_one(cell: Cell, place: Place) -> Cell:
    """Items of a list that differ only in capitals are repeats, and the first stays."""
    first: dict[str, str] = {}
    for item in items_of(list_items_are_trimmed(cell, place)):
        first.setdefault(item.lower(), item)
    return tuple(first.values())


def blank_rows_fail(record: list[str]) -> bool:
    """Only a line without any character is no row."""
    return not record


def unknown_campuses_are_taken(row: Row) -> tuple[Complaint, ...]:
    """A campus that the institution does not list is stored all the same."""
    return ()


def emails_wait_for_confirmation(row: Row) -> Changes:
    """An import that changes an e-mail address only asks for it; the student has to confirm."""
    student, email = row.student, row.would_be(EMAIL_ADDRESS)
    if student is None or email == student.email_address:
        return {}
    return {EMAIL_ADDRESS.attribute: student.email_address, "requested_email": email}


def campus_stays(move: Move) -> Changes:
    """An account that leaves takes its labels, assignee and campus with it."""
    return {name: value for name, value in leaving_leaves_nothing_behind(move).items() if name not in _TAKEN_ALONG}


_TAKEN_ALONG = ("system_label_names", "assigned_to_email_address", CAMPUS_NAME.attribute)


def _reading(name: str, rule: Rule, statement: str, other: Rule | None, *more: tuple[Rule, Rule | None]) -> Reading:
    ruleset = STANDARD.replacing(rule, other) if other else STANDARD.without(rule)
    for also, instead in more:
        ruleset = ruleset.replacing(also, instead)
    return Reading(name, rule, statement, ruleset)


def _by(rule: Rule, other: Rule, *more: tuple[Rule, Rule | None]) -> Reading:
    return _reading(other.__name__, rule, (other.__doc__ or "").strip(), other, *more)


READINGS: Mapping[str, Reading] = {
    reading.name: reading
    for reading in (
        _by(a_sensitive_update_connects_and_approves, any_success_approves),
        _by(unchanged_rows_are_skipped, unchanged_against_the_record),
        _by(rows_that_share_an_identifier_fail, first_of_duplicates_wins),
        _by(rows_that_share_an_identifier_fail, last_of_duplicates_wins),
        _by(emails_ignore_case, emails_are_compared_exactly),
        _by(emails_ignore_case, emails_may_look_like_others),
        _by(ragged_rows_fail, only_the_number_of_cells_counts),
        _by(sensitive_fields_need_the_setting, only_username_and_auth_identifier_are_sensitive),
        _by(a_new_student_has_a_name, required_values_when_creating),
        _by(start_date_follows_the_job_too, start_date_is_always_iso),
        _by(other_schools_students_are_invisible, only_connected_students_are_found),
        _by(
            username_is_looked_up_first,
            email_is_looked_up_in_their_place,
            (email_is_looked_up_second, None),
        ),
        _by(list_items_are_trimmed, items_that_differ_in_case_are_one),
        _by(empty_rows_are_ignored, blank_rows_fail),
        _by(campus_is_known, unknown_campuses_are_taken),
        _by(imports_need_no_confirmation, emails_wait_for_confirmation),
        _by(leaving_leaves_nothing_behind, campus_stays),
        _reading("texts_are_trimmed", values_are_verbatim, "A text is stored without the white space around it.", None),
        _reading("headers_match_loosely", headers_match_exactly, "Headers are known in whatever capitals.", None),
        _reading("short_rows_are_filled_up", ragged_rows_fail, "A short row is filled up with blanks.", None),
        _reading(
            "a_student_may_have_several_rows",
            rows_that_find_the_same_student_fail,
            "Rows that find the same student are applied one after the other.",
            None,
        ),
        _reading("booleans_can_be_cleared", booleans_cannot_be_cleared, "The token empties a boolean.", None),
        _reading(
            "a_declined_student_can_be_connected",
            a_declined_student_is_not_connected,
            "The setting connects a student whom the institution has declined.",
            None,
        ),
        _reading(
            "an_unconnected_student_is_updated_by_any_job",
            an_unconnected_student_needs_the_setting,
            "A job without the setting updates an unconnected student, and leaves them unconnected.",
            None,
        ),
    )
}
