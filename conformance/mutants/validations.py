"""Mutants of validating cells, names and addresses."""

from collections.abc import Callable, Iterator

from attrs import evolve

from conformance.mutants.operators import Mutant, and_replace_rule, drop_rule, in_place, replace_rule
from refmodel.cell import CLEAR, KEEP, Malformed, domain_of
from refmodel.columns import EMAIL_ADDRESS, FIRST_NAME, LAST_NAME, Column
from refmodel.failures import BLANK, INVALID, TAKEN, Complaint
from refmodel.readings import required_values_when_creating
from refmodel.row import Changes, Row, about
from refmodel.rules.effect import values_replace
from refmodel.rules.validation import (
    ValidationRule,
    a_new_student_has_a_name,
    card_id_is_unique_in_the_institution,
    cells_are_well_formed,
    email_domain_is_not_anothers,
    email_is_unique_everywhere,
)
from refmodel.rules.whole_file import rows_run_in_order
from refmodel.world import NOTHING, Account, Draft

Complaints = tuple[Complaint, ...]

# Malformed cells, and names.


malformed_cells_are_ignored = drop_rule(
    cells_are_well_formed, "malformed_cells_are_ignored", "A malformed cell is left out, and the row applied."
)


def malformed_as_nothing(row: Row) -> Changes:
    """The changes that empty the fields of malformed cells."""
    malformed = (column for column in row.columns if isinstance(row.cell(column), Malformed))
    return {column.attribute: NOTHING[column] for column in malformed if column.clearable and not column.sensitive}


malformed_cells_clear = and_replace_rule(
    values_replace,
    lambda row: {**values_replace(row), **malformed_as_nothing(row)},
    in_place(cells_are_well_formed, "malformed_cells_clear", "A malformed cell empties the field.", lambda row: ()),
)


@replace_rule(cells_are_well_formed)
def only_one_malformed_cell_is_told(row: Row) -> Complaints:
    """Of several malformed cells only the first is reported."""
    return cells_are_well_formed(row)[:1]


@replace_rule(cells_are_well_formed)
def malformed_cells_of_new_students_are_ignored(row: Row) -> Complaints:
    """A malformed cell fails an update only."""
    return cells_are_well_formed(row) if row.student else ()


def _named(name: str, statement: str, columns: tuple[Column, ...], *, updates: bool = False) -> Mutant:
    def check(row: Row) -> Complaints:
        blank = [c for c in columns if row.cell(c) in (KEEP, CLEAR) and (updates or row.student is None)]
        return tuple(Complaint("a_new_student_has_a_name", column, BLANK) for column in blank)

    return in_place(a_new_student_has_a_name, name, statement, check)


names_required_otherwise = (
    drop_rule(a_new_student_has_a_name, "nobody_needs_a_name", "A new student needs no names."),
    _named("a_first_name_is_enough", "A new student may be without a last name.", (FIRST_NAME,)),
    _named("a_last_name_is_enough", "A new student may be without a first name.", (LAST_NAME,)),
    _named(
        "updates_need_a_name",
        "A row that updates fails without names.",
        (FIRST_NAME, LAST_NAME),
        updates=True,
    ),
)
new_students_need_all_that_is_starred = in_place(
    a_new_student_has_a_name,
    "new_students_need_all_that_is_starred",
    "A new student needs a value in every starred column.",
    required_values_when_creating,
)

# Addresses.


def others_with(row: Row, email: object) -> Iterator[Account]:
    """Other students with an address."""
    own = row.student.key if row.student else 0
    return (s for s in row.world.students() if s.email_address == email and s.key != own)


def unique_but(
    name: str,
    statement: str,
    *,
    of_student: Callable[[Row, Account], bool] = lambda row, holder: True,
    of_other: Callable[[Row, str], bool] = lambda row, email: email in row.world.directory.other_users,
) -> Mutant:
    """An address is taken only if one of these says so."""

    def check(row: Row) -> Complaints:
        email = row.would_be(EMAIL_ADDRESS)
        taken = of_other(row, email) or any(of_student(row, holder) for holder in others_with(row, email))
        return about(EMAIL_ADDRESS, email_is_unique_everywhere, TAKEN) if taken else ()

    return in_place(email_is_unique_everywhere, name, statement, check)


def is_employers(row: Row, email: str) -> bool:
    """Whether an address is an employer's."""
    return email in row.world.directory.employers


def is_own_staffs(row: Row, email: str) -> bool:
    """Whether an address belongs to the institution's staff or to an employer."""
    return email in row.institution.staff or is_employers(row, email)


def is_staffs(row: Row, email: str) -> bool:
    """Whether an address belongs to the staff of any institution."""
    return email in row.world.directory.other_users and not is_employers(row, email)


addresses_half_unique = (
    drop_rule(email_is_unique_everywhere, "addresses_may_be_taken", "An address may be another user's."),
    unique_but("addresses_of_staff_are_free", "Staff's addresses count as free.", of_other=is_employers),
    unique_but(
        "addresses_of_others_staff_are_free",
        "Other institutions' staff do not count.",
        of_other=is_own_staffs,
    ),
    unique_but("addresses_of_employers_are_free", "Employers' addresses count as free.", of_other=is_staffs),
    unique_but(
        "addresses_of_the_archived_are_free",
        "Archived students' addresses count as free.",
        of_student=lambda row, holder: not holder.disabled,
    ),
    unique_but(
        "addresses_of_other_schools_are_free",
        "Addresses of other institutions' students count as free.",
        of_student=lambda row, holder: holder.institution in (None, row.institution.id),
    ),
    unique_but(
        "addresses_of_the_unconnected_are_free",
        "Addresses of unconnected students count as free.",
        of_student=lambda row, holder: holder.institution is not None,
    ),
    unique_but(
        "addresses_of_the_pending_are_free",
        "Addresses of pending students count as free.",
        of_student=lambda row, holder: holder.pending_at is None,
    ),
    unique_but(
        "addresses_are_checked_for_new_students_only",
        "A row that updates may take an address that is another student's.",
        of_student=lambda row, holder: row.student is None,
    ),
    unique_but(
        "addresses_are_checked_for_updates_only",
        "A row that creates may take an address that is another student's.",
        of_student=lambda row, holder: row.student is not None,
    ),
)


@replace_rule(email_is_unique_everywhere)
def requested_addresses_are_reserved(row: Row) -> Complaints:
    """An address that another student has asked for counts as taken."""
    own, email = row.student.key if row.student else 0, row.would_be(EMAIL_ADDRESS)
    reserved = any(s.requested_email == email and s.key != own for s in row.world.students())
    return about(EMAIL_ADDRESS, email_is_unique_everywhere, TAKEN) if reserved else email_is_unique_everywhere(row)


@replace_rule(email_is_unique_everywhere)
def a_taken_address_is_told_otherwise(row: Row) -> Complaints:
    """The error about a taken address does not have the stated text."""
    taken = email_is_unique_everywhere(row)
    return about(EMAIL_ADDRESS, email_is_unique_everywhere, "is already in use") if taken else ()


def before_the_file(validate: ValidationRule) -> ValidationRule:
    """A validation of a row against the world before its file."""

    def validated(row: Row) -> Complaints:
        return validate(evolve(row, world=row.world.original) if isinstance(row.world, Draft) else row)

    return validated


addresses_are_compared_before_the_file = in_place(
    email_is_unique_everywhere,
    "addresses_are_compared_before_the_file",
    "Addresses are compared with those before the file, not with those after the rows above.",
    before_the_file(email_is_unique_everywhere),
    breaks=rows_run_in_order,
)
cards_are_compared_before_the_file = in_place(
    card_id_is_unique_in_the_institution,
    "cards_are_compared_before_the_file",
    "Card numbers are compared with those before the file, not with those after the rows above.",
    before_the_file(card_id_is_unique_in_the_institution),
    breaks=rows_run_in_order,
)


domains_are_told_before_addresses = and_replace_rule(
    email_domain_is_not_anothers,
    email_is_unique_everywhere,
    in_place(
        email_is_unique_everywhere,
        "domains_are_told_before_addresses",
        "For a taken address of another institution's domain, the domain is reported.",
        email_domain_is_not_anothers,
    ),
)


def _domains(name: str, statement: str, wrong: Callable[[Row, str], bool]) -> Mutant:
    def check(row: Row) -> Complaints:
        email = row.would_be(EMAIL_ADDRESS)
        refused = isinstance(email, str) and wrong(row, email)
        return about(EMAIL_ADDRESS, email_domain_is_not_anothers, INVALID) if refused else ()

    return in_place(email_domain_is_not_anothers, name, statement, check)


def is_anothers(row: Row, email: str) -> bool:
    """Whether the domain of an address is another institution's."""
    return row.world.domain_is_anothers(email, row.institution.id)


def owned_by_another(row: Row, matches: Callable[[str], bool]) -> bool:
    """Whether the matching domains belong to other institutions only."""
    owners = {name for domain, names in row.world.directory.owners.items() if matches(domain) for name in names}
    return bool(owners) and row.institution.id not in owners


domains_checked_otherwise = (
    drop_rule(email_domain_is_not_anothers, "any_domain_is_taken", "An address may be of any domain."),
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
