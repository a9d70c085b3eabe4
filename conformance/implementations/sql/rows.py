"""What the rules make of one row: the complaints against it, or the student that it leaves."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256

from attrs import evolve, frozen
from msgspec import Struct

from .cells import (
    BLANK,
    INVALID,
    NOT_LISTED,
    TAKEN,
    Cell,
    Clear,
    Given,
    Malformed,
    Reading,
    decoder,
    domain_of,
    is_blank,
)
from .columns import COLUMNS, DATES, NOTHING, SENSITIVE, Value, canonical
from .files import Errors, Row, has_response_for_status, is_annotated
from .people import Institution, Strangers, Student, connected, dates_are_in_order
from .roll import Roll

SENSITIVE_REFUSAL = "Attempted to update sensitive fields without setting change_sensitive_fields"
DATES_REFUSAL = "must be a date on or after primary_education:start_date"
Complaint = tuple[str, str]
_KEPT = object()


@frozen
class Job:
    """The institution that a file is for, and how it is to be taken."""

    institution: Institution
    reading: Reading
    changes_sensitive_fields: bool


@frozen
class Layout:
    """What the columns of a file are: those that count, where they stand, and what reads them."""

    width: int
    columns: tuple[tuple[int, str, Callable[[str], Cell]], ...]
    headers: tuple[str, ...]
    # Where the header is blank, so that every cell must be.
    unnamed: tuple[int, ...]
    is_annotated: bool
    # What, besides a row's own cells, decides what it says.
    salt: bytes

    @property
    def of_identifiers(self) -> "Layout":
        """The same with the identifiers alone."""
        return evolve(self, columns=tuple(column for column in self.columns if column[1] in SENSITIVE))


class Line(Struct, frozen=True, gc=False):
    """A row of the file: its number, its cells as they came, and what those under known headers say.

    A cell that keeps is in none of the three: it says nothing.
    """

    number: int
    raw: Row
    # Why nobody can say which cell belongs to which column.
    ragged: str | None = None
    # What the account gets: a cleared field its empty value.
    values: dict[str, Value] = {}
    cleared: tuple[str, ...] = ()
    malformed: dict[str, str] = {}

    def text(self, header: str) -> str | None:
        """The text that the row gives in this column."""
        value = self.values.get(header)
        return value if isinstance(value, str) else None

    @property
    def said(self) -> dict[str, Value]:
        """What the row says as it is remembered with the student: that it clears is not that it gives nothing."""
        return {**self.values, **dict.fromkeys(self.cleared)} if self.cleared else self.values


@frozen
class Case:
    """A row in front of the student whom it found, if any, and the values that the account would have."""

    job: Job
    line: Line
    roll: Roll
    strangers: Strangers
    student: Student | None
    proposed: Mapping[str, Value]


def layout_of(header: Sequence[str], job: Job, remembers: bool) -> Layout:
    """The columns of a file with this header; those that count for nothing are left out."""
    named = [(at, name) for at, text in enumerate(header) if (name := canonical(text)) is not None]
    heeded = [(at, name) for at, name in named if counts(name, job.institution)]
    reading = job.reading
    salt = "\0".join([reading.vocabulary, reading.date_format, str(bool(job.institution.campuses)), *header])
    return Layout(
        width=len(header),
        columns=tuple((at, name, decoder(COLUMNS[name], reading, remembers)) for at, name in heeded),
        headers=tuple(name for _, name in heeded),
        unnamed=tuple(at for at, text in enumerate(header) if is_blank(text)),
        is_annotated=is_annotated(header),
        salt=sha256(salt.encode()).digest(),
    )


def read_line(layout: Layout, number: int, raw: Row) -> Line:
    """The row decoded."""
    ragged = _raggedness(layout, raw)
    if ragged is not None:
        return Line(number, raw, ragged)
    values: dict[str, Value] = {}
    cleared: list[str] = []
    malformed: dict[str, str] = {}
    for at, name, read in layout.columns:
        cell = read(raw[at])
        if isinstance(cell, Given):
            values[name] = cell.value
        elif isinstance(cell, Clear):
            values[name] = NOTHING[name]
            cleared.append(name)
        elif isinstance(cell, Malformed):
            malformed[name] = cell.complaint
    return Line(number, raw, None, values, tuple(cleared), malformed)


def _raggedness(layout: Layout, raw: Row) -> str | None:
    # The last two are rows that were ragged until a spreadsheet gave all rows the same width.
    if len(raw) != layout.width:
        return "The row has fewer or more cells than the header"
    if layout.unnamed and not all(is_blank(raw[at]) for at in layout.unnamed):
        return "The row has a cell under a blank header"
    if layout.is_annotated and has_response_for_status(raw):
        return "The row has its response under the header status: its cells have moved"
    return None


def digest_of_row(layout: Layout, raw: Row) -> bytes:
    """What stands for a row as it came: rows that have the same one say the same."""
    return sha256(layout.salt + "\0".join(raw).encode()).digest()


def counts(header: str, institution: Institution) -> bool:
    """Whether the institution heeds the column. Source: 002:39."""
    return header != "campus_name" or bool(institution.campuses)


def shape_and_identity(line: Line) -> Errors | None:
    """What makes a row no row about anybody. Source: 002:17-18."""
    if line.ragged is not None:
        return line.ragged
    missing = [header for header in ("email_address", "username") if header not in line.values]
    return {header: [line.malformed.get(header, BLANK)] for header in missing} or None


def says_nothing_new(job: Job, layout: Layout, line: Line, student: Student | None) -> bool:
    """The row says what the row last applied to its connected student said. Source: 002:47, 004:40."""
    if student is None or student.institution != job.institution.id or student.last_applied is None:
        return False
    said, last = line.said, student.last_applied
    same = (said.get(header, _KEPT) == last.get(header, _KEPT) for header in layout.headers)
    return not line.malformed and all(same)


def refusal(case: Case) -> str | None:
    """Why the student may not be touched at all; the first reason counts. Source: 003:13, 004:25."""
    student, job = case.student, case.job
    if student is None:
        return None
    is_here = student.home == job.institution.id
    if is_here and student.excluded_from_sync:
        return "The student is excluded from the sync"
    if not job.changes_sensitive_fields:
        if any(case.proposed[header] != student.values[header] for header in SENSITIVE):
            return SENSITIVE_REFUSAL
        return None if is_here else "The student is not connected to the institution"
    if student.institution is None and job.institution.id in student.declined_by:
        return "The institution has declined the student"
    return None


def complaints(case: Case) -> dict[str, list[str]]:
    """All that is wrong with the row, the first complaint of each field. Source: 001:12, 003:17."""
    found: dict[str, list[str]] = {}
    for validation in _VALIDATIONS:
        for header, complaint in validation(case):
            found.setdefault(COLUMNS[header].field, [complaint])
    return found


def _cells_are_well_formed(case: Case) -> Iterable[Complaint]:
    return case.line.malformed.items()


def _a_new_student_has_a_name(case: Case) -> Iterable[Complaint]:
    if case.student is not None:
        return ()
    return [(header, BLANK) for header in ("first_name", "last_name") if header not in case.line.values]


def _email_is_unique_everywhere(case: Case) -> Iterable[Complaint]:
    email = case.line.text("email_address") or ""
    is_taken = email in case.strangers.addresses or _is_somebody_else(case.roll.owner(email), case)
    return (("email_address", TAKEN),) if is_taken else ()


def _email_domain_is_not_anothers(case: Case) -> Iterable[Complaint]:
    foreign = case.strangers.domains
    is_foreign = bool(foreign) and domain_of(case.line.text("email_address") or "") in foreign
    return (("email_address", INVALID),) if is_foreign else ()


def _identifiers_are_unique_in_the_institution(case: Case) -> Iterable[Complaint]:
    # Kept ones too: a student who comes here brings theirs along.
    for header in ("auth_identifier", "card_id"):
        text = case.proposed[header]
        if isinstance(text, str) and _is_somebody_else(case.roll.holder(header, text), case):
            yield header, TAKEN


def _end_date_is_not_before_start_date(case: Case) -> Iterable[Complaint]:
    if dates_are_in_order(case.proposed) or not case.line.malformed.keys().isdisjoint(DATES):
        return ()
    return (("primary_education:end_date", DATES_REFUSAL),)


def _assignee_is_own_staff(case: Case) -> Iterable[Complaint]:
    return _listed("assigned_to_email_address", case.job.institution.staff, case)


def _campus_is_known(case: Case) -> Iterable[Complaint]:
    return _listed("campus_name", case.job.institution.campuses, case)


def _listed(header: str, known: frozenset[str], case: Case) -> Iterable[Complaint]:
    text = case.line.values.get(header)
    return () if text is None or text in known else ((header, NOT_LISTED),)


def _is_somebody_else(owner: Student | None, case: Case) -> bool:
    return owner is not None and (case.student is None or owner.id != case.student.id)


_VALIDATIONS: tuple[Callable[[Case], Iterable[Complaint]], ...] = (
    _cells_are_well_formed,
    _a_new_student_has_a_name,
    _email_is_unique_everywhere,
    _email_domain_is_not_anothers,
    _identifiers_are_unique_in_the_institution,
    _end_date_is_not_before_start_date,
    _assignee_is_own_staff,
    _campus_is_known,
)


def effect(case: Case, row_digest: bytes) -> Student:
    """The student as the row leaves them. Source: 000:5, 003:15, 004:34-40."""
    here, line = case.job.institution.id, case.line
    if case.student is None:
        number = case.roll.next_number
        return Student(case.proposed, number, here, last_applied=line.said, last_row=row_digest)
    connects = case.student.institution is None and case.job.changes_sensitive_fields
    arrived = connected(case.student, here) if connects else case.student
    values, requested = {**arrived.values, **line.values}, arrived.requested_email
    return evolve(
        arrived,
        values=values,
        requested_email=None if requested == values["email_address"] else requested,
        last_applied=line.said,
        last_row=row_digest,
    )


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
