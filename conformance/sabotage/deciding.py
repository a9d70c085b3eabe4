"""Importers that refuse a row, or pass it, where they must not: refusals and validations."""

import datetime
from collections.abc import Callable, Iterator
from typing import Any

from conformance.sabotage.making import Sabotage, and_instead_of, in_place, instead_of, left_out
from refmodel.cells import CLEAR, KEEP, Malformed, domain_of
from refmodel.errors import BLANK, END_BEFORE_START, INVALID, NOT_IN_LIST, SENSITIVE_FIELDS, TAKEN, Complaint
from refmodel.finding import rows_run_in_order
from refmodel.readings import required_values_when_creating
from refmodel.rows import Move, Row, about
from refmodel.rules import (
    a_declined_student_is_not_connected,
    a_new_student_has_a_name,
    a_sensitive_update_connects_and_approves,
    an_unconnected_student_needs_the_setting,
    assignee_is_own_staff,
    auth_identifier_is_unique_in_the_institution,
    campus_is_known,
    card_id_is_unique_in_the_institution,
    cells_are_well_formed,
    email_domain_is_not_anothers,
    email_is_unique_everywhere,
    end_date_is_not_before_start_date,
    excluded_students_are_not_updated,
    sensitive_fields_need_the_setting,
    username_is_unique_in_the_institution,
    values_replace,
)
from refmodel.rulesets import Rule
from refmodel.schema import (
    ASSIGNED_TO,
    AUTH_IDENTIFIER,
    CAMPUS_NAME,
    CARD_ID,
    EMAIL_ADDRESS,
    END_DATE,
    FIRST_NAME,
    LAST_NAME,
    SENSITIVE,
    START_DATE,
    USERNAME,
    Column,
)
from refmodel.world import NOTHING, Account

Complaints = tuple[Complaint, ...]
from conformance.sabotage.finding import before_the_file  # noqa: E402

# Refusals.


def _refused_only(rule: Rule, name: str, statement: str, only: Callable[[Row, Account], bool]) -> Sabotage:
    """A refusal that is forgotten, but for some."""

    def refuse(row: Row, student: Account) -> str | None:
        return rule(row, student) if only(row, student) else None

    return in_place(rule, refuse, name, statement)


exclusions_half_honoured = (
    left_out(excluded_students_are_not_updated, "exclusions_are_forgotten", "Excluded students are updated."),
    _refused_only(
        excluded_students_are_not_updated,
        "exclusions_hold_for_automatic_jobs_only",
        "A manual job updates an excluded student.",
        lambda row, student: row.job.mode == "automatic",
    ),
    _refused_only(
        excluded_students_are_not_updated,
        "the_setting_overrides_exclusions",
        "A job with the setting updates an excluded student.",
        lambda row, student: not row.job.change_sensitive_fields,
    ),
    _refused_only(
        excluded_students_are_not_updated,
        "exclusions_of_the_pending_are_forgotten",
        "A student who is excluded and pending is updated.",
        lambda row, student: student.pending_at is None,
    ),
    _refused_only(
        excluded_students_are_not_updated,
        "exclusions_protect_the_address_only",
        "An excluded student is updated where the address stays.",
        lambda row, student: row.would_be(EMAIL_ADDRESS) != student.email_address,
    ),
)


@instead_of(excluded_students_are_not_updated)
def every_institution_honours_an_exclusion(row: Row, student: Account) -> str | None:
    """An exclusion by one institution stops the jobs of all."""
    return "The student is excluded from the sync" if student.excluded_from_sync else None


def _sensitive(name: str, statement: str, differs: Callable[[Row, Account, Column], bool]) -> Sabotage:
    """Sensitive columns that count as different otherwise than they should."""

    def refuse(row: Row, student: Account) -> str | None:
        found = any(differs(row, student, column) for column in SENSITIVE)
        return SENSITIVE_FIELDS if found and not row.job.change_sensitive_fields else None

    return in_place(sensitive_fields_need_the_setting, refuse, name, statement)


def is_changed(row: Row, student: Account, column: Column) -> bool:
    """Whether a row changes a column."""
    return bool(row.would_be(column) != student.stored(column))


def _not_sensitive(forgotten: Column) -> Sabotage:
    return _sensitive(
        f"{forgotten.header}_is_not_sensitive",
        f"A job without the setting changes {forgotten.header}.",
        lambda row, student, column: column is not forgotten and is_changed(row, student, column),
    )


def folded(value: Any) -> str:
    """A text without capitals, and nothing as a text."""
    return str(value or "").lower()


sensitive_columns_half_protected = (
    *map(_not_sensitive, SENSITIVE),
    _sensitive(
        "a_first_value_needs_no_setting",
        "A job without the setting fills a sensitive field that is empty.",
        lambda row, student, column: student.stored(column) is not None and is_changed(row, student, column),
    ),
    _sensitive(
        "clears_need_no_setting",
        "A job without the setting clears a sensitive field.",
        lambda row, student, column: row.cell(column) is not CLEAR and is_changed(row, student, column),
    ),
    _sensitive(
        "blank_sensitive_cells_need_the_setting",
        "A blank cell counts as a change of a sensitive field that is stored.",
        lambda row, student, column: is_changed(row, student, column)
        or (column in row.columns and row.cell(column) is KEEP and student.stored(column) is not None),
    ),
    _sensitive(
        "capitals_need_no_setting",
        "A job without the setting changes capitals in a sensitive field.",
        lambda row, student, column: folded(row.would_be(column)) != folded(student.stored(column)),
    ),
)
sensitive_refusals_forgotten = (
    left_out(sensitive_fields_need_the_setting, "no_field_is_sensitive", "No field needs the setting."),
    _refused_only(
        sensitive_fields_need_the_setting,
        "manual_jobs_need_no_setting",
        "A manual job changes sensitive fields without the setting.",
        lambda row, student: row.job.mode == "automatic",
    ),
    _refused_only(
        sensitive_fields_need_the_setting,
        "pending_students_need_no_setting",
        "A job without the setting changes sensitive fields of a pending student.",
        lambda row, student: student.pending_at is None,
    ),
    _refused_only(
        sensitive_fields_need_the_setting,
        "archived_students_need_no_setting",
        "A job without the setting changes sensitive fields of an archived student.",
        lambda row, student: not student.disabled,
    ),
)


@instead_of(sensitive_fields_need_the_setting)
def the_setting_is_ignored(row: Row, student: Account) -> str | None:
    """A changed sensitive field fails also under the setting."""
    return SENSITIVE_FIELDS if any(is_changed(row, student, column) for column in SENSITIVE) else None


@instead_of(sensitive_fields_need_the_setting)
def the_sensitive_error_is_paraphrased(row: Row, student: Account) -> str | None:
    """The error about sensitive fields has not the text that is stated."""
    refused = sensitive_fields_need_the_setting(row, student)
    return "attempting to update sensitive fields without sensitive fields setting" if refused else None


unconnected_students_half_refused = (
    left_out(
        an_unconnected_student_needs_the_setting,
        "any_job_updates_the_unconnected",
        "A job without the setting updates a student who is connected nowhere.",
    ),
    _refused_only(
        an_unconnected_student_needs_the_setting,
        "manual_jobs_update_the_unconnected",
        "A manual job without the setting updates a student who is connected nowhere.",
        lambda row, student: row.job.mode == "automatic",
    ),
    _refused_only(
        an_unconnected_student_needs_the_setting,
        "any_job_updates_those_pending_elsewhere",
        "A job without the setting updates a student who is pending at another institution.",
        lambda row, student: student.pending_at is None,
    ),
)


@instead_of(an_unconnected_student_needs_the_setting)
def pending_students_need_the_setting(row: Row, student: Account) -> str | None:
    """A job without the setting fails on students who are pending at the institution."""
    needed = student.institution is None and not row.job.change_sensitive_fields
    return "The student is not connected" if needed else None


@instead_of(an_unconnected_student_needs_the_setting)
def students_pending_elsewhere_fail(row: Row, student: Account) -> str | None:
    """A student who is pending at another institution fails under any setting."""
    if student.pending_at not in (None, row.institution.id):
        return "The student is pending elsewhere"
    return an_unconnected_student_needs_the_setting(row, student)


declines_half_remembered = (
    left_out(
        a_declined_student_is_not_connected, "the_setting_connects_the_declined", "The setting connects the declined."
    ),
    _refused_only(
        a_declined_student_is_not_connected,
        "a_new_request_makes_up_for_a_decline",
        "The setting connects a declined student who is pending elsewhere.",
        lambda row, student: student.pending_at is None,
    ),
)


@instead_of(a_declined_student_is_not_connected)
def a_decline_holds_for_all(row: Row, student: Account) -> str | None:
    """A student whom another institution has declined is not connected either."""
    return "The student was declined" if student.institution is None and student.declined_by else None


# Malformed cells, and names.


malformed_cells_are_ignored = left_out(
    cells_are_well_formed, "malformed_cells_are_ignored", "A malformed cell is left out, and the row applied."
)
malformed_cells_clear = and_instead_of(
    values_replace,
    lambda row: values_replace(row) | {
        column.attribute: NOTHING[column]
        for column in row.columns
        if isinstance(row.cell(column), Malformed) and column not in SENSITIVE
    },
    in_place(
        cells_are_well_formed, lambda row: (), "malformed_cells_clear", "A malformed cell empties the field."
    ),
)


@instead_of(cells_are_well_formed)
def only_one_malformed_cell_is_told(row: Row) -> Complaints:
    """Of several malformed cells only the first is told."""
    return cells_are_well_formed(row)[:1]


@instead_of(cells_are_well_formed)
def malformed_cells_of_new_students_are_ignored(row: Row) -> Complaints:
    """A malformed cell fails an update only."""
    return cells_are_well_formed(row) if row.student else ()


def _named(name: str, statement: str, columns: tuple[Column, ...], *, updates: bool = False) -> Sabotage:
    def check(row: Row) -> Complaints:
        blank = [c for c in columns if row.cell(c) in (KEEP, CLEAR) and (updates or row.student is None)]
        return tuple(Complaint("a_new_student_has_a_name", column, BLANK) for column in blank)

    return in_place(a_new_student_has_a_name, check, name, statement)


names_required_otherwise = (
    left_out(a_new_student_has_a_name, "nobody_needs_a_name", "A new student may be without names."),
    _named("a_first_name_is_enough", "A new student may be without a last name.", (FIRST_NAME,)),
    _named("a_last_name_is_enough", "A new student may be without a first name.", (LAST_NAME,)),
    _named("updates_need_a_name", "A row that updates fails without names.", (FIRST_NAME, LAST_NAME), updates=True),
)
new_students_need_all_that_is_starred = in_place(
    a_new_student_has_a_name,
    required_values_when_creating,
    "new_students_need_all_that_is_starred",
    "A new student needs a value in every starred column.",
)


# Addresses.


def others_with(row: Row, email: Any) -> Iterator[Account]:
    """Other students with an address."""
    own = row.student.key if row.student else 0
    return (s for s in row.world.students() if s.email_address == email and s.key != own)


def _unique(
    name: str,
    statement: str,
    *,
    of_student: Callable[[Row, Account], bool] = lambda row, holder: True,
    of_other: Callable[[Row, str], bool] = lambda row, email: email in row.world.directory.other_users,
) -> Sabotage:
    """An address that counts as taken only where these say so."""

    def check(row: Row) -> Complaints:
        email = row.would_be(EMAIL_ADDRESS)
        taken = of_other(row, email) or any(of_student(row, holder) for holder in others_with(row, email))
        return about(EMAIL_ADDRESS, email_is_unique_everywhere, TAKEN) if taken else ()

    return in_place(email_is_unique_everywhere, check, name, statement)


def is_employers(row: Row, email: str) -> bool:
    """Whether an address is an employer's."""
    return email in row.world.directory.employers


def is_own_staffs(row: Row, email: str) -> bool:
    """Whether an address is one of the institution's staff's, or an employer's."""
    return email in row.institution.staff or is_employers(row, email)


def is_staffs(row: Row, email: str) -> bool:
    """Whether an address is some institution's staff's."""
    return email in row.world.directory.other_users and not is_employers(row, email)


addresses_half_unique = (
    left_out(email_is_unique_everywhere, "addresses_may_be_taken", "An address may be another user's."),
    _unique("addresses_of_staff_are_free", "Staff's addresses count as free.", of_other=is_employers),
    _unique("addresses_of_others_staff_are_free", "Other institutions' staff do not count.", of_other=is_own_staffs),
    _unique("addresses_of_employers_are_free", "Employers' addresses count as free.", of_other=is_staffs),
    _unique(
        "addresses_of_the_archived_are_free",
        "Archived students' addresses count as free.",
        of_student=lambda row, holder: not holder.disabled,
    ),
    _unique(
        "addresses_of_other_schools_are_free",
        "Addresses of other institutions' students count as free.",
        of_student=lambda row, holder: holder.institution in (None, row.institution.id),
    ),
    _unique(
        "addresses_of_the_unconnected_are_free",
        "Addresses of students who are connected nowhere count as free.",
        of_student=lambda row, holder: holder.institution is not None,
    ),
    _unique(
        "addresses_of_the_pending_are_free",
        "Addresses of pending students count as free.",
        of_student=lambda row, holder: holder.pending_at is None,
    ),
    _unique(
        "addresses_are_checked_for_new_students_only",
        "A row that updates may take an address that is another student's.",
        of_student=lambda row, holder: row.student is None,
    ),
    _unique(
        "addresses_are_checked_for_updates_only",
        "A row that creates may take an address that is another student's.",
        of_student=lambda row, holder: row.student is not None,
    ),
)


@instead_of(email_is_unique_everywhere)
def requested_addresses_are_reserved(row: Row) -> Complaints:
    """An address that another student has asked for counts as taken."""
    own, email = row.student.key if row.student else 0, row.would_be(EMAIL_ADDRESS)
    reserved = any(s.requested_email == email and s.key != own for s in row.world.students())
    return about(EMAIL_ADDRESS, email_is_unique_everywhere, TAKEN) if reserved else email_is_unique_everywhere(row)


@instead_of(email_is_unique_everywhere)
def a_taken_address_is_told_otherwise(row: Row) -> Complaints:
    """The error about a taken address has not the text that is stated."""
    taken = email_is_unique_everywhere(row)
    return about(EMAIL_ADDRESS, email_is_unique_everywhere, "is already in use") if taken else ()


@instead_of(email_is_unique_everywhere, breaks=rows_run_in_order)
def addresses_are_compared_before_the_file(row: Row) -> Complaints:
    """An address counts as taken by who had it before the file, whatever the rows above have changed."""
    email, world = row.would_be(EMAIL_ADDRESS), before_the_file(row.world)
    taken = world.another_user_has(email, row.student)
    return about(EMAIL_ADDRESS, email_is_unique_everywhere, TAKEN) if taken else ()


domains_are_told_before_addresses = and_instead_of(
    email_domain_is_not_anothers,
    email_is_unique_everywhere,
    in_place(
        email_is_unique_everywhere,
        email_domain_is_not_anothers,
        "domains_are_told_before_addresses",
        "Of an address that is taken and of another's domain, the domain is told.",
    ),
)


def _domains(name: str, statement: str, wrong: Callable[[Row, str], bool]) -> Sabotage:
    def check(row: Row) -> Complaints:
        email = row.would_be(EMAIL_ADDRESS)
        refused = isinstance(email, str) and wrong(row, email)
        return about(EMAIL_ADDRESS, email_domain_is_not_anothers, INVALID) if refused else ()

    return in_place(email_domain_is_not_anothers, check, name, statement)


def is_anothers(row: Row, email: str) -> bool:
    """Whether the domain of an address is another institution's."""
    return row.world.domain_is_anothers(email, row.institution.id)


def owned_by_another(row: Row, matches: Callable[[str], bool]) -> bool:
    """Whether a domain that matches is another institution's, and none that matches is the own."""
    owners = {id for domain, ids in row.world.directory.owners.items() if matches(domain) for id in ids}
    return bool(owners) and row.institution.id not in owners


domains_checked_otherwise = (
    left_out(email_domain_is_not_anothers, "any_domain_is_taken", "An address may be of any domain."),
    _domains(
        "subdomains_are_anothers_too",
        "An address in a subdomain of another institution's domain fails.",
        lambda row, email: owned_by_another(row, lambda d: f".{domain_of(email)}".endswith(f".{d}")),
    ),
    _domains(
        "domains_match_at_their_end",
        "An address whose domain ends like another institution's fails.",
        lambda row, email: owned_by_another(row, domain_of(email).endswith),
    ),
    _domains(
        "domains_are_checked_for_new_students_only",
        "An address of any domain passes in an update.",
        lambda row, email: row.student is None and is_anothers(row, email),
    ),
    _domains(
        "domains_are_checked_for_updates_only",
        "An address of any domain passes for a new student.",
        lambda row, email: row.student is not None and is_anothers(row, email),
    ),
    _domains(
        "domains_are_checked_where_the_address_changes",
        "An address of another institution's domain passes where it stays.",
        lambda row, email: is_anothers(row, email) and (row.student is None or email != row.student.email_address),
    ),
    _domains(
        "shared_domains_are_refused",
        "An address of a domain that another institution has too fails.",
        lambda row, email: bool(row.world.directory.owners.get(domain_of(email), frozenset()) - {row.institution.id}),
    ),
    _domains(
        "personal_domains_are_refused",
        "An address of a domain that no institution has fails.",
        lambda row, email: domain_of(email) not in row.institution.domains,
    ),
)


# Other identifiers.


def rivals(move: Move, column: Column, same: Callable[[Any, Any], bool] = lambda one, other: one == other) -> Iterator[Account]:
    """Other students who hold the identifier that this one would have."""
    value, own = move.would_be(column), move.student.key if move.student else 0
    if value is not None and not isinstance(value, Malformed):
        yield from (s for s in move.world.students() if s.key != own and same(s.stored(column), value))


def _identifier(
    column: Column, rule: Rule, name: str, statement: str, held: Callable[[Move], bool]
) -> Sabotage:
    def check(move: Move) -> Complaints:
        return about(column, rule, TAKEN) if held(move) else ()

    return in_place(rule, check, name, statement)


def _identifiers(column: Column, rule: Rule) -> Iterator[Sabotage]:
    """What is forgotten of an identifier's uniqueness, for one column."""
    name = column.header
    yield left_out(rule, f"{name}_may_be_taken", f"Two students of an institution may have the same {name}.")
    yield _identifier(
        column, rule, f"{name}_of_the_pending_is_free", f"A pending student's {name} counts as free.",
        lambda move: any(s.institution == move.destination for s in rivals(move, column)),
    )
    yield _identifier(
        column, rule, f"{name}_of_the_archived_is_free", f"An archived student's {name} counts as free.",
        lambda move: any(s.home == move.destination and not s.disabled for s in rivals(move, column)),
    )
    yield _identifier(
        column, rule, f"{name}_is_unique_everywhere", f"A {name} that a student elsewhere has counts as taken.",
        lambda move: any(rivals(move, column)),
    )
    yield _identifier(
        column, rule, f"{name}_is_unique_in_any_case", f"A {name} that differs in capitals only counts as taken.",
        lambda move: any(
            s.home == move.destination for s in rivals(move, column, lambda one, other: folded(one) == folded(other))
        ),
    )


def _row_identifiers(column: Column, rule: Rule) -> Iterator[Sabotage]:
    """What is forgotten where rows are concerned, or where actions are."""
    name = column.header
    yield _identifier(
        column, rule, f"{name}_is_checked_for_new_students_only", f"A row that updates may take another's {name}.",
        lambda move: move.another_holds(column) and not (isinstance(move, Row) and move.student),
    )
    yield _identifier(
        column, rule, f"a_kept_{name}_is_not_checked", f"A {name} that a row keeps is not compared.",
        lambda move: move.another_holds(column) and not (isinstance(move, Row) and move.cell(column) is KEEP),
    )
    yield _identifier(
        column, rule, f"{name}_of_who_arrives_is_not_checked", f"An action may bring a {name} that is taken.",
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
usernames = tuple(_identifiers(USERNAME, username_is_unique_in_the_institution))


# Dates, assignees and campuses.


def _dates(
    name: str,
    statement: str,
    checked: Callable[[Row], bool],
    wrong: Callable[[datetime.date, datetime.date], bool] = lambda start, end: end < start,
    value: Callable[[Row, Column], Any] = lambda row, column: row.would_be(column),
    complaint: Complaint = Complaint("end_date_is_not_before_start_date", END_DATE, END_BEFORE_START),
) -> Sabotage:
    """The two dates compared only where `checked` says so, in another way, or with another complaint."""

    def check(row: Row) -> Complaints:
        start, end = value(row, START_DATE), value(row, END_DATE)
        both = isinstance(start, datetime.date) and isinstance(end, datetime.date)
        return (complaint,) if both and checked(row) and wrong(start, end) else ()

    return in_place(end_date_is_not_before_start_date, check, name, statement)


def always(row: Row) -> bool:
    """Of every row."""
    return True


def says(row: Row, column: Column) -> bool:
    """Whether a row has a value in a column."""
    return row.cell(column) not in (KEEP, CLEAR)


def stored_instead(instead_of_what: Callable[[Any], bool]) -> Callable[[Row, Column], Any]:
    """What is stored counts where a cell is so, and else what the cell makes of it."""

    def value(row: Row, column: Column) -> Any:
        stored = row.student.stored(column) if row.student else None
        return stored if instead_of_what(row.cell(column)) else row.would_be(column)

    return value


dates_compared_otherwise = (
    left_out(end_date_is_not_before_start_date, "dates_are_not_compared", "A student may end before they start."),
    _dates(
        "only_dates_of_the_file_are_compared",
        "The dates are compared only where the row has both.",
        lambda row: says(row, START_DATE) and says(row, END_DATE),
    ),
    _dates(
        "dates_are_compared_with_a_new_end_date",
        "A new start date is not compared with the end date that is stored.",
        lambda row: says(row, END_DATE),
    ),
    _dates(
        "dates_are_compared_with_a_new_start_date",
        "A new end date is not compared with the start date that is stored.",
        lambda row: says(row, START_DATE),
    ),
    _dates(
        "dates_are_compared_for_new_students_only",
        "An update may put the end before the start.",
        lambda row: row.student is None,
    ),
    _dates("equal_dates_fail", "A student may not start and end on one day.", always, lambda start, end: end <= start),
    _dates(
        "only_years_are_compared",
        "A student may end before they start, in the same year.",
        always,
        lambda start, end: end.year < start.year,
    ),
    _dates(
        "cleared_dates_still_count",
        "A date that the row clears is still compared.",
        always,
        value=stored_instead(lambda cell: cell is CLEAR),
    ),
    _dates(
        "malformed_dates_leave_the_stored_one",
        "Where a date is malformed, the one that is stored is compared.",
        always,
        value=stored_instead(lambda cell: isinstance(cell, Malformed)),
    ),
    _dates(
        "stored_dates_are_compared",
        "The dates that are stored are compared, not those that would be.",
        always,
        value=stored_instead(lambda cell: True),
    ),
    _dates(
        "the_start_date_is_to_blame",
        "The complaint about the dates is told of the start date.",
        always,
        complaint=Complaint("end_date_is_not_before_start_date", START_DATE, END_BEFORE_START),
    ),
    _dates(
        "the_error_about_dates_has_the_slip",
        "The error about the dates lacks a space, as it was once printed.",
        always,
        complaint=Complaint(
            "end_date_is_not_before_start_date", END_DATE, END_BEFORE_START.replace("after ", "after")
        ),
    ),
)


def _chosen(
    column: Column, rule: Rule, name: str, statement: str, right: Callable[[Row, str], bool]
) -> Sabotage:
    def check(row: Row) -> Complaints:
        value = row.cell(column)
        return about(column, rule, NOT_IN_LIST) if isinstance(value, str) and not right(row, value) else ()

    return in_place(rule, check, name, statement)


assignees_checked_otherwise = (
    left_out(assignee_is_own_staff, "anybody_is_an_assignee", "Anybody can be assigned."),
    _chosen(
        ASSIGNED_TO,
        assignee_is_own_staff,
        "any_staff_is_an_assignee",
        "Staff of other institutions can be assigned.",
        lambda row, email: any(email in i.staff for i in row.world.directory.institutions.values()),
    ),
    _chosen(
        ASSIGNED_TO,
        assignee_is_own_staff,
        "own_domains_are_assignees",
        "Any address of an own domain can be assigned.",
        lambda row, email: domain_of(email) in row.institution.domains,
    ),
    _chosen(
        ASSIGNED_TO,
        assignee_is_own_staff,
        "students_are_assignees",
        "A student can be assigned.",
        lambda row, email: email in row.institution.staff or row.world.student(email) is not None,
    ),
)
campuses_checked_otherwise = (
    left_out(campus_is_known, "any_campus_is_stored", "A campus that the institution has not is stored."),
    _chosen(
        CAMPUS_NAME,
        campus_is_known,
        "campuses_ignore_case",
        "A campus may be in any capitals.",
        lambda row, campus: campus.lower() in map(str.lower, row.institution.campuses),
    ),
    _chosen(
        CAMPUS_NAME,
        campus_is_known,
        "the_first_campus_is_the_only_one",
        "Only the first campus of an institution is known.",
        lambda row, campus: campus in row.institution.campuses[:1],
    ),
)


@instead_of(a_sensitive_update_connects_and_approves)
def only_changed_identity_connects(row: Row) -> Any:
    """An unconnected student is connected only where a sensitive field differs."""
    changed = row.student and any(is_changed(row, row.student, column) for column in SENSITIVE)
    return a_sensitive_update_connects_and_approves(row) if changed else {}
