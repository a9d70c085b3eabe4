"""Mutants of finding the student of a row: identity, repeats in a file, lookup, the order of rows."""

from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import pairwise

from attrs import evolve

from conformance.mutants.operators import Mutant, and_replace_rule, drop_rule, in_place, replace_rule
from refmodel.cell import CLEAR, KEEP, Cell, Cells
from refmodel.columns import COLUMNS, EMAIL_ADDRESS, SENSITIVE, USERNAME, Column
from refmodel.engine import FileRow
from refmodel.failures import Complaint
from refmodel.job import Job
from refmodel.readings import (
    email_is_looked_up_in_their_place,
    first_of_duplicates_wins,
    last_of_duplicates_wins,
)
from refmodel.rules.identity import (
    rows_that_find_the_same_student_fail,
    rows_that_share_an_identifier_fail,
    username_and_email_are_required,
)
from refmodel.rules.lookup import (
    LookupRule,
    email_is_looked_up_second,
    other_schools_students_are_invisible,
    username_is_looked_up_first,
)
from refmodel.rules.validation import a_new_student_has_a_name
from refmodel.rules.whole_file import absence_changes_nothing, rows_run_in_order
from refmodel.world import Account, Answers, Institution

# Identity.


def _complaints_kept(name: str, statement: str, kept: Callable[[Complaint], bool]) -> Mutant:
    def check(cells: Cells) -> tuple[Complaint, ...]:
        return tuple(filter(kept, username_and_email_are_required(cells)))

    return in_place(username_and_email_are_required, name, statement, check)


def is_of_a_blank(complaint: Complaint, column: Column) -> bool:
    """Whether an error says that a column is blank, not that it is malformed."""
    return complaint.column is column and complaint.rule == "username_and_email_are_required"


identity_half_checked = (
    _complaints_kept(
        "a_blank_username_passes",
        "A row without a username is taken.",
        lambda c: not is_of_a_blank(c, USERNAME),
    ),
    and_replace_rule(
        a_new_student_has_a_name,
        lambda row: (
            a_new_student_has_a_name(row) + (username_and_email_are_required(row.cells) if not row.student else ())
        ),
        _complaints_kept(
            "a_blank_email_passes",
            "A row without an e-mail address updates the student of its username.",
            lambda c: not is_of_a_blank(c, EMAIL_ADDRESS),
        ),
    ),
    _complaints_kept(
        "malformed_emails_are_seen_late",
        "A malformed address is reported after refusals, with all other errors.",
        lambda c: c.rule != "emails_ignore_case",
    ),
)


@replace_rule(username_and_email_are_required)
def only_one_identity_error_is_told(cells: Cells) -> tuple[Complaint, ...]:
    """For a malformed address and a blank username only the address is reported."""
    return username_and_email_are_required(cells)[:1]


# Rows that share an identifier.


NumberedCells = Iterable[tuple[int, Cells]]


def sharing(name: str, statement: str, seen: Callable[[Cells], Cells]) -> Mutant:
    """Rows are compared for shared identifiers as they are seen."""

    def share(rows: NumberedCells) -> Mapping[int, str]:
        return rows_that_share_an_identifier_fail([(number, seen(cells)) for number, cells in rows])

    return in_place(rows_that_share_an_identifier_fail, name, statement, share)


def with_cells(cells: Cells, change: Callable[[Column, Cell], Cell]) -> Cells:
    """The cells of a row, each changed."""
    return tuple(change(column, cell) for column, cell in zip(COLUMNS, cells))


def _sharing_without(column: Column) -> Mutant:
    return sharing(
        f"repeats_of_{column.header}_are_overlooked",
        f"Rows of a file may hold the same {column.header}.",
        lambda cells: with_cells(cells, lambda c, cell: KEEP if c is column else cell),
    )


def lower(column: Column, cell: Cell) -> Cell:
    """A text in lower case."""
    return cell.lower() if isinstance(cell, str) else cell


def without_zeros(column: Column, cell: Cell) -> Cell:
    """A text without leading zeros."""
    return cell.lstrip("0") if isinstance(cell, str) else cell


repeats_seen_otherwise = (
    *map(_sharing_without, SENSITIVE),
    sharing(
        "only_usernames_are_compared",
        "Only rows with the same username fail for it.",
        lambda cells: with_cells(cells, lambda column, cell: cell if column is USERNAME else KEEP),
    ),
    sharing(
        "repeats_ignore_case",
        "1a and 1A count as the same identifier.",
        lambda cells: with_cells(cells, lower),
    ),
    sharing("repeats_ignore_zeros", "007 and 7 count as the same.", lambda cells: with_cells(cells, without_zeros)),
    sharing(
        "clears_count_as_the_same",
        "Two rows that clear an identifier share it.",
        lambda cells: with_cells(cells, lambda column, cell: "**CLEAR**" if cell is CLEAR else cell),
    ),
)
first_of_repeats_is_taken = in_place(
    rows_that_share_an_identifier_fail,
    "first_of_repeats_is_taken",
    "Of rows that share an identifier only the later ones fail.",
    first_of_duplicates_wins,
)
last_of_repeats_is_taken = in_place(
    rows_that_share_an_identifier_fail,
    "last_of_repeats_is_taken",
    "Of rows that share an identifier only the earlier ones fail.",
    last_of_duplicates_wins,
)
repeats_run_one_after_the_other = drop_rule(
    rows_that_share_an_identifier_fail,
    "repeats_run_one_after_the_other",
    "Repeated identifiers in a file are not detected.",
)


@replace_rule(rows_that_share_an_identifier_fail)
def only_neighbours_are_compared(rows: NumberedCells) -> Mapping[int, str]:
    """Rows that share an identifier fail if one follows upon the other."""
    listed, failing = list(rows), dict[int, str]()
    for pair in pairwise(listed):
        failing |= rows_that_share_an_identifier_fail(pair)
    return failing


@replace_rule(rows_that_share_an_identifier_fail)
def identifiers_are_compared_across_columns(rows: NumberedCells) -> Mapping[int, str]:
    """A username that is another row's card number counts as shared."""
    listed, holders = list(rows), dict[Cell, set[int]]()
    for number, cells in listed:
        for column in SENSITIVE:
            if isinstance(cells[column.index], str):
                holders.setdefault(cells[column.index], set()).add(number)
    return {number: "An identifier is shared" for held in holders.values() if len(held) > 1 for number in held}


@replace_rule(rows_that_share_an_identifier_fail)
def the_same_row_twice_is_one(rows: NumberedCells) -> Mapping[int, str]:
    """Of two identical rows one is applied."""
    return rows_that_share_an_identifier_fail([(n, cells) for n, cells in {c: (n, c) for n, c in rows}.values()])


# Rows that find the same student.


NumberedStudents = Iterable[tuple[int, Account]]


@replace_rule(rows_that_find_the_same_student_fail)
def the_first_row_about_a_student_is_taken(found: NumberedStudents) -> Mapping[int, str]:
    """Of the rows that find one student only the later ones fail."""
    rows = list(found)
    first = {student.key: number for number, student in reversed(rows)}
    return _but_for(rows_that_find_the_same_student_fail(rows), first.values())


@replace_rule(rows_that_find_the_same_student_fail)
def the_last_row_about_a_student_is_taken(found: NumberedStudents) -> Mapping[int, str]:
    """Of the rows that find one student only the earlier ones fail."""
    rows = list(found)
    last = {student.key: number for number, student in rows}
    return _but_for(rows_that_find_the_same_student_fail(rows), last.values())


def _but_for(failing: Mapping[int, str], numbers: Collection[int]) -> Mapping[int, str]:
    return {number: text for number, text in failing.items() if number not in numbers}


@replace_rule(rows_that_find_the_same_student_fail)
def pending_students_may_have_several_rows(found: NumberedStudents) -> Mapping[int, str]:
    """Rows that find the same student fail only where the student is connected."""
    return rows_that_find_the_same_student_fail([(n, student) for n, student in found if student.institution])


@replace_rule(rows_that_find_the_same_student_fail)
def archived_students_may_have_several_rows(found: NumberedStudents) -> Mapping[int, str]:
    """Rows that find the same student fail only where the student is active."""
    return rows_that_find_the_same_student_fail([(n, student) for n, student in found if not student.disabled])


# Lookup.

Found = Callable[[Account, str, Institution], bool]  # whether a value finds a student


def _finder(rule: LookupRule, column: Column) -> Callable[[str, str, Found], Mutant]:
    """A function that makes mutants of the lookup by one column."""

    def mutant(name: str, statement: str, found: Found) -> Mutant:
        def look(cells: Cells, world: Answers, institution: Institution) -> Account | None:
            value = str(cells[column.index])
            return next((s for s in world.students() if found(s, value, institution)), None)

        return in_place(rule, name, statement, look)

    return mutant


found_by_username = _finder(username_is_looked_up_first, USERNAME)
found_by_email = _finder(email_is_looked_up_second, EMAIL_ADDRESS)


usernames_looked_up_otherwise = (
    found_by_username(
        "usernames_find_the_unconnected",
        "A username also finds unconnected students.",
        lambda s, username, i: s.username == username and s.institution in (None, i.id),
    ),
    found_by_username(
        "usernames_find_in_any_case",
        "A username finds a student whose own differs in capitals.",
        lambda s, username, i: (s.username or "").lower() == username.lower() and s.home == i.id,
    ),
    found_by_username(
        "usernames_find_without_zeros",
        "The username 007 finds the student 7.",
        lambda s, username, i: (s.username or "").lstrip("0") == username.lstrip("0") and s.home == i.id,
    ),
    found_by_username(
        "usernames_do_not_find_the_pending",
        "A username finds connected students only.",
        lambda s, username, i: s.username == username and s.institution == i.id,
    ),
    found_by_username(
        "usernames_are_card_numbers",
        "A username also finds the student who has it as card number.",
        lambda s, username, i: username in (s.username, s.card_id) and s.home == i.id,
    ),
    found_by_username(
        "usernames_are_auth_identifiers",
        "A username also finds the student who has it as auth_identifier.",
        lambda s, username, i: username in (s.username, s.auth_identifier) and s.home == i.id,
    ),
)
usernames_find_nobody = drop_rule(
    username_is_looked_up_first, "usernames_find_nobody", "Students are looked up by address only."
)
emails_find_nobody = drop_rule(
    email_is_looked_up_second, "emails_find_nobody", "Students are looked up by username only."
)
emails_are_looked_up_first = and_replace_rule(
    email_is_looked_up_second,
    None,
    in_place(
        username_is_looked_up_first,
        "emails_are_looked_up_first",
        "The address is looked up before the username.",
        email_is_looked_up_in_their_place,
    ),
)


emails_looked_up_otherwise = (
    found_by_email(
        "emails_find_own_students_only",
        "An address finds only students connected or pending at the institution.",
        lambda s, email, i: s.email_address == email and s.home == i.id,
    ),
    found_by_email(
        "emails_find_connected_students_only",
        "An address finds connected students only.",
        lambda s, email, i: s.email_address == email and s.institution == i.id,
    ),
    found_by_email(
        "requested_addresses_find",
        "An address that a student has asked for finds them before it is confirmed.",
        lambda s, email, i: email in (s.email_address, s.requested_email),
    ),
    found_by_email(
        "requested_addresses_hide",
        "An address does not find a student who has asked for another.",
        lambda s, email, i: email == (s.requested_email or s.email_address),
    ),
)


def _unless_archived(look: LookupRule) -> LookupRule:
    def found(cells: Cells, world: Answers, institution: Institution) -> Account | None:
        student = look(cells, world, institution)
        return None if student and student.disabled else student

    return found


archived_students_are_not_found = and_replace_rule(
    email_is_looked_up_second,
    _unless_archived(email_is_looked_up_second),
    in_place(
        username_is_looked_up_first,
        "archived_students_are_not_found",
        "No lookup finds an archived student.",
        _unless_archived(username_is_looked_up_first),
    ),
)
usernames_do_not_find_the_archived = in_place(
    username_is_looked_up_first,
    "usernames_do_not_find_the_archived",
    "An archived student is found by address only.",
    _unless_archived(username_is_looked_up_first),
)


other_schools_students_are_found = drop_rule(
    other_schools_students_are_invisible,
    "other_schools_students_are_found",
    "An address finds students of other institutions.",
)


@replace_rule(other_schools_students_are_invisible, breaks=email_is_looked_up_second)
def students_pending_elsewhere_are_invisible(student: Account, institution: Institution) -> bool:
    """A student who is pending at another institution is not found."""
    return student.home in (None, institution.id)


@replace_rule(other_schools_students_are_invisible)
def other_schools_archived_students_are_found(student: Account, institution: Institution) -> bool:
    """An archived student of another institution is found."""
    return student.disabled or other_schools_students_are_invisible(student, institution)


@replace_rule(other_schools_students_are_invisible)
def those_who_asked_to_move_are_found(student: Account, institution: Institution) -> bool:
    """A student of another institution with an address in one of the own domains is found."""
    own = student.email_address.rpartition("@")[2] in institution.domains
    return own or other_schools_students_are_invisible(student, institution)


# The file as a whole.


the_last_row_comes_first = drop_rule(
    rows_run_in_order, "the_last_row_comes_first", "A file is worked through from its end."
)


@replace_rule(rows_run_in_order)
def rows_run_by_username(rows: tuple[FileRow, ...]) -> tuple[FileRow, ...]:
    """The rows are taken in the order of their usernames."""
    return tuple(sorted(rows, key=lambda row: str(row.cells[USERNAME.index])))


def _missing(name: str, statement: str, change: Callable[[Account, Job], Account]) -> Mutant:
    def missing(world: Answers, job: Job, rows: Iterable[Cells]) -> list[Account]:
        usernames = {cells[USERNAME.index] for cells in rows}
        absent = [a for a in world.connected(job.institution) if a.username not in usernames]
        return [changed for a in absent if (changed := change(a, job)) != a]

    return in_place(absence_changes_nothing, name, statement, missing)


what_happens_to_the_missing = (
    _missing(
        "missing_students_are_archived",
        "Students missing from the file are archived.",
        lambda a, job: evolve(a, disabled=True),
    ),
    _missing(
        "missing_students_are_archived_by_automatic_jobs",
        "Students missing from the file of an automatic job are archived.",
        lambda a, job: evolve(a, disabled=a.disabled or job.mode == "automatic"),
    ),
    _missing(
        "missing_students_lose_their_labels",
        "Students missing from the file lose all labels.",
        lambda a, job: evolve(a, system_label_names=frozenset()),
    ),
    _missing(
        "missing_students_are_disconnected",
        "Students missing from the file are disconnected.",
        lambda a, job: evolve(a, institution=None),
    ),
    _missing(
        "missing_students_become_alumni",
        "Students missing from the file become alumni.",
        lambda a, job: evolve(a, school_year_name="Alumni"),
    ),
)
