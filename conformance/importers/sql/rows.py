"""What the rules make of one row: the complaints against it, or the student that it leaves."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve, frozen

from .cells import (
    BLANK,
    INVALID,
    NOT_LISTED,
    TAKEN,
    Cell,
    Clear,
    Given,
    Keep,
    Malformed,
    Reading,
    changed,
    decode,
    domain_of,
)
from .columns import COLUMNS, NOTHING, SENSITIVE, Column, Value, canonical
from .files import Errors
from .people import Institution, Student, connected, dates_are_in_order, new_student
from .roll import Roll

SENSITIVE_REFUSAL = "Attempted to update sensitive fields without setting change_sensitive_fields"
DATES_REFUSAL = "must be a date on or after primary_education:start_date"
Complaint = tuple[str, str]


@frozen
class Job:
    """The institution that a file is for, and how it is to be taken."""

    institution: Institution
    reading: Reading
    changes_sensitive_fields: bool


@frozen
class Line:
    """A row of the file: its number, its cells as they came, and what those under known headers say."""

    number: int
    raw: tuple[str, ...]
    is_ragged: bool
    cells: Mapping[str, Cell]

    def text(self, header: str) -> str | None:
        """The text that the row gives in this column."""
        cell = self.cells.get(header)
        return cell.value if isinstance(cell, Given) and isinstance(cell.value, str) else None


@frozen
class Case:
    """A row in front of the student whom it found, if any."""

    job: Job
    line: Line
    roll: Roll
    student: Student | None

    @property
    def proposed(self) -> Mapping[str, Value]:
        """The values that the account would have."""
        return changed(self.student.values if self.student else NOTHING, self.line.cells)


def known_columns(header: tuple[str, ...], job: Job) -> tuple[Column | None, ...]:
    """What stands under each header of the file; None where it counts for nothing."""
    meant = map(canonical, header)
    return tuple(COLUMNS[name] if name is not None and counts(name, job.institution) else None for name in meant)


def read_line(job: Job, columns: Sequence[Column | None], number: int, raw: tuple[str, ...]) -> Line:
    """The row decoded, columns that count for nothing left out."""
    if len(raw) != len(columns):
        return Line(number, raw, True, {})
    cells = {
        column.header: decode(column, text, job.reading) for column, text in zip(columns, raw) if column is not None
    }
    return Line(number, raw, False, cells)


def counts(header: str, institution: Institution) -> bool:
    """Whether the institution heeds the column. Source: 002:39."""
    return header != "campus_name" or bool(institution.campuses)


def shape_and_identity(line: Line) -> Errors | None:
    """What makes a row no row about anybody. Source: 002:17-18."""
    if line.is_ragged:
        return "The row has fewer or more cells than the header"
    cells = {header: line.cells[header] for header in ("email_address", "username")}
    faults = {header: _identity_fault(cell) for header, cell in cells.items()}
    return {header: [fault] for header, fault in faults.items() if fault} or None


def _identity_fault(cell: Cell) -> str | None:
    match cell:
        case Malformed(complaint):
            return complaint
        case Given():
            return None
    return BLANK


def what_was_said(cells: Mapping[str, Cell]) -> dict[str, Any]:
    """The cells that do not keep, as they are remembered with the student."""
    said: dict[str, Any] = {}
    for header, cell in cells.items():
        match cell:
            case Given(value):
                said[header] = list(value) if isinstance(value, tuple) else value
            case Clear():
                said[header] = None
    return said


def says_nothing_new(case: Case) -> bool:
    """The row says what the row last applied to its connected student said. Source: 002:47, 004:40."""
    student, cells = case.student, case.line.cells
    if student is None or student.institution != case.job.institution.id or student.last_applied is None:
        return False
    if any(isinstance(cell, Malformed) for cell in cells.values()):
        return False
    said, last, kept = what_was_said(cells), student.last_applied, Keep()
    return all(said.get(header, kept) == last.get(header, kept) for header in cells)


def refusal(case: Case) -> str | None:
    """Why the student may not be touched at all; the first reason counts. Source: 003:13, 004:25."""
    student, job = case.student, case.job
    if student is None:
        return None
    is_here = student.home == job.institution.id
    if is_here and student.excluded_from_sync:
        return "The student is excluded from the sync"
    if not job.changes_sensitive_fields:
        if _touches_a_sensitive_field(student, case.line.cells):
            return SENSITIVE_REFUSAL
        return None if is_here else "The student is not connected to the institution"
    if student.institution is None and job.institution.id in student.declined_by:
        return "The institution has declined the student"
    return None


def _touches_a_sensitive_field(student: Student, cells: Mapping[str, Cell]) -> bool:
    after = changed(student.values, cells)
    return any(after[header] != student.values[header] for header in SENSITIVE)


def complaints(case: Case) -> dict[str, list[str]]:
    """All that is wrong with the row, the first complaint of each field. Source: 001:12, 003:17."""
    found: dict[str, list[str]] = {}
    for validation in _VALIDATIONS:
        for header, complaint in validation(case):
            found.setdefault(COLUMNS[header].field, [complaint])
    return found


def _cells_are_well_formed(case: Case) -> Iterator[Complaint]:
    for header, cell in case.line.cells.items():
        if isinstance(cell, Malformed):
            yield header, cell.complaint


def _a_new_student_has_a_name(case: Case) -> Iterator[Complaint]:
    if case.student is None:
        for header in ("first_name", "last_name"):
            if not isinstance(case.line.cells[header], Given):
                yield header, BLANK


def _email_is_unique_everywhere(case: Case) -> Iterator[Complaint]:
    email = case.line.text("email_address") or ""
    if email in case.roll.other_addresses or _is_somebody_else(case.roll.owner(email), case):
        yield "email_address", TAKEN


def _email_domain_is_not_anothers(case: Case) -> Iterator[Complaint]:
    if domain_of(case.line.text("email_address") or "") in case.roll.foreign_domains:
        yield "email_address", INVALID


def _identifiers_are_unique_in_the_institution(case: Case) -> Iterator[Complaint]:
    # Kept ones too: a student who comes here brings theirs along.
    for header in ("auth_identifier", "card_id"):
        text = case.proposed[header]
        if isinstance(text, str) and _is_somebody_else(case.roll.holder(header, text), case):
            yield header, TAKEN


def _end_date_is_not_before_start_date(case: Case) -> Iterator[Complaint]:
    dates = [case.line.cells.get(f"primary_education:{which}_date") for which in ("start", "end")]
    if not any(isinstance(cell, Malformed) for cell in dates) and not dates_are_in_order(case.proposed):
        yield "primary_education:end_date", DATES_REFUSAL


def _assignee_is_own_staff(case: Case) -> Iterator[Complaint]:
    assignee = case.line.text("assigned_to_email_address")
    if assignee is not None and assignee not in case.job.institution.staff:
        yield "assigned_to_email_address", NOT_LISTED


def _campus_is_known(case: Case) -> Iterator[Complaint]:
    campus = case.line.text("campus_name")
    if campus is not None and campus not in case.job.institution.campuses:
        yield "campus_name", NOT_LISTED


def _is_somebody_else(owner: Student | None, case: Case) -> bool:
    return owner is not None and (case.student is None or owner.id != case.student.id)


_VALIDATIONS: tuple[Callable[[Case], Iterator[Complaint]], ...] = (
    _cells_are_well_formed,
    _a_new_student_has_a_name,
    _email_is_unique_everywhere,
    _email_domain_is_not_anothers,
    _identifiers_are_unique_in_the_institution,
    _end_date_is_not_before_start_date,
    _assignee_is_own_staff,
    _campus_is_known,
)


def effect(case: Case) -> Student:
    """The student as the row leaves them. Source: 000:5, 003:15, 004:34-40."""
    arrived = _arrived(case)
    after = evolve(
        arrived,
        values=changed(arrived.values, case.line.cells),
        last_applied=what_was_said(case.line.cells),
    )
    return evolve(after, requested_email=None) if after.requested_email == after.email else after


def _arrived(case: Case) -> Student:
    here = case.job.institution.id
    if case.student is None:
        return evolve(connected(new_student({}), here), id=case.roll.next_number)
    if case.student.institution is None and case.job.changes_sensitive_fields:
        return connected(case.student, here)
    return case.student


def advice(case: Case) -> Iterator[str]:
    """What is allowed and yet unwise. Source: 000:32, 001:7, 002:18,45."""
    values, number = case.proposed, case.line.number
    username, email, card = (values[header] for header in ("username", "email_address", "card_id"))
    if isinstance(username, str) and (username == card or username in str(email)):
        yield f"Row {number}: the username matches the e-mail or the card number"
    labels = values["system_label_names"]
    if isinstance(labels, tuple) and any(label.isdecimal() for label in labels):
        yield f"Row {number}: a label is a number"
    if values["school_year_name"] == "Alumni":
        if values["primary_education:currently_attending"]:
            yield f"Row {number}: alumni who are currently attending"
        if values["disabled"]:
            yield f"Row {number}: alumni should keep their access"
