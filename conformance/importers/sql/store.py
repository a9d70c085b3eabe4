"""What is read from the database and written to it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any, TypeVar

from attrs import evolve
from sqlalchemy import ColumnElement, Connection, Row, delete, insert, or_, select, update

from . import tables
from .cells import domain_of
from .columns import COLUMNS, IDENTIFIERS
from .people import Institution, Student

T = TypeVar("T")
# Well under the number of parameters that SQLite and PostgreSQL take in one statement.
_CHUNK = 500
_students = tables.students.c


class UnknownInstitutionError(Exception):
    """The request names an institution that is not in the world."""


def chunks(items: Iterable[T]) -> Iterator[list[T]]:
    """The items, without repeats, in lists short enough for an IN."""
    pending = list(dict.fromkeys(items))
    for start in range(0, len(pending), _CHUNK):
        yield pending[start : start + _CHUNK]


def digest(text: str) -> str:
    """What stands for a text, however long, in the unique indexes."""
    return sha256(text.encode()).hexdigest()


def institution_named(connection: Connection, name: str) -> Institution:
    """The institution; raises UnknownInstitutionError."""
    row = connection.execute(select(tables.institutions).where(tables.institutions.c.id == name)).one_or_none()
    if row is None:
        raise UnknownInstitutionError(f"There is no institution {name!r}")
    campuses = select(tables.campuses.c.name).where(tables.campuses.c.institution == name)
    staff = select(tables.staff.c.email).where(tables.staff.c.institution == name)
    return Institution(
        id=name,
        uses_sso=row.uses_sso,
        vocabulary=row.vocabulary,
        campuses=frozenset(connection.execute(campuses).scalars()),
        staff=frozenset(connection.execute(staff).scalars()),
    )


def domains_of_others(connection: Connection, institution: str, emails: Iterable[str]) -> frozenset[str]:
    """Those of the e-mails' domains that belong to another institution and not to this one."""
    owners: defaultdict[str, set[str]] = defaultdict(set)
    table = tables.institution_domains.c
    for domains in chunks(map(domain_of, emails)):
        found = connection.execute(select(table.domain, table.institution).where(table.domain.in_(domains)))
        for domain, owner in found:
            owners[domain].add(owner)
    return frozenset(domain for domain, named in owners.items() if institution not in named)


def addresses_of_others(connection: Connection, emails: Iterable[str]) -> frozenset[str]:
    """Those of the e-mails that belong to staff or employers."""
    return frozenset(
        found
        for some in chunks(emails)
        for column in (tables.staff.c.email, tables.employers.c.email)
        for found in connection.execute(select(column).where(column.in_(some))).scalars()
    )


def is_taken(connection: Connection, email: str) -> bool:
    """Whether any user at all has the address."""
    return bool(addresses_of_others(connection, [email])) or student_with(connection, email) is not None


def student_with(connection: Connection, email: str) -> Student | None:
    """The student with the e-mail, wherever they are."""
    return next(iter(students_where(connection, having("email_address", [email]))), None)


def having(header: str, texts: Collection[str]) -> ColumnElement[bool]:
    """The students whose identifier is one of the texts."""
    return _students[f"{header}_digest"].in_([digest(text) for text in texts])


def shares_an_identifier(connection: Connection, student: Student, institution: str) -> bool:
    """Whether somebody else there has the student's username, auth identifier or card number."""
    mine = {header: student.text(header) for header in IDENTIFIERS}
    same = [having(header, [text]) for header, text in mine.items() if text is not None]
    others = select(_students.id).where(_students.home == institution, _students.id != student.id, or_(*same))
    return connection.execute(others).first() is not None


def students_where(connection: Connection, condition: ColumnElement[bool] | None = None) -> list[Student]:
    """The students of whom the condition holds, or all."""
    query = select(tables.students)
    found = connection.execute(query if condition is None else query.where(condition)).all()
    declined = _declined(connection, [row.id for row in found])
    return [_student(row, frozenset(declined[row.id])) for row in found]


def added(connection: Connection, student: Student) -> Student:
    """The student, now in the database and with the number that they got there."""
    number = connection.execute(insert(tables.students).returning(_students.id), _record(student)).scalar_one()
    return evolve(student, id=number)


def replace(connection: Connection, before: Student, after: Student) -> None:
    """Write the student anew."""
    connection.execute(update(tables.students).where(_students.id == before.id), _record(after))
    gone, come = before.declined_by - after.declined_by, after.declined_by - before.declined_by
    table = tables.declines
    if gone:
        connection.execute(delete(table).where(table.c.student == before.id, table.c.institution.in_(gone)))
    if come:
        connection.execute(insert(table), [{"student": before.id, "institution": name} for name in come])


def remove(connection: Connection, student: Student) -> None:
    """The account is gone, and all that hung on it."""
    connection.execute(delete(tables.students).where(_students.id == student.id))


def _declined(connection: Connection, students: Iterable[int]) -> defaultdict[int, set[str]]:
    declined: defaultdict[int, set[str]] = defaultdict(set)
    table = tables.declines.c
    for some in chunks(students):
        for student, institution in connection.execute(
            select(table.student, table.institution).where(table.student.in_(some))
        ):
            declined[student].add(institution)
    return declined


def _student(row: Row[Any], declined_by: frozenset[str]) -> Student:
    stored = row._mapping
    return Student(
        values={column.header: stored[_students[column.name]] for column in COLUMNS.values()},
        id=stored[_students.id],
        institution=stored[_students.institution],
        pending_at=stored[_students.pending_at],
        declined_by=declined_by,
        excluded_from_sync=stored[_students.excluded_from_sync],
        requested_email=stored[_students.requested_email],
        last_applied=stored[_students.last_applied],
    )


def _record(student: Student) -> Mapping[str, Any]:
    identifiers = {header: student.text(header) for header in ("email_address", *IDENTIFIERS)}
    return {
        **{column.name: student.values[column.header] for column in COLUMNS.values()},
        **{f"{header}_digest": None if text is None else digest(text) for header, text in identifiers.items()},
        "institution": student.institution,
        "pending_at": student.pending_at,
        "excluded_from_sync": student.excluded_from_sync,
        "requested_email": student.requested_email,
        "last_applied": student.last_applied,
    }
