"""What is read from the database and written to it.

The statements are made once, with places for what changes: most of the time of a small file would go into making
them anew.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    bindparam,
    delete,
    exists,
    insert,
    literal_column,
    or_,
    select,
    union_all,
)

from . import tables
from .cells import domain_of
from .columns import COLUMNS, IDENTIFIERS
from .people import Institution, Strangers, Student
from .records import insert_records, key_of, record_of, update_records

T = TypeVar("T")
# Well under the number of parameters that SQLite and PostgreSQL take in one statement.
_CHUNK = 2000
REMEMBERED = 10_000  # e-mails and domains that are nobody's in a file
_HEADERS = tuple(COLUMNS)
_NAMES = tuple(column.name for column in COLUMNS.values())
_KEYED = ("email_address", *IDENTIFIERS)
_WIDTH = len(_HEADERS)
_students = tables.students.c


class UnknownInstitutionError(Exception):
    """The request names an institution that is not in the world."""


def chunks(items: Iterable[T]) -> Iterator[list[T]]:
    """The items, without repeats, in lists short enough for an IN."""
    pending = list(dict.fromkeys(items))
    for start in range(0, len(pending), _CHUNK):
        yield pending[start : start + _CHUNK]


# Institutions, and whose the addresses and domains are.


def _some(name: str) -> BindParameter[Any]:
    return bindparam(name, expanding=True)


def _named(kind: str, text: ColumnElement[Any], *conditions: ColumnElement[bool]) -> Select[Any]:
    return select(literal_column(f"'{kind}'").label("kind"), text.label("text")).where(*conditions)


_here: BindParameter[str] = bindparam("here")
_domains = tables.institution_domains.c
_own_domains = tables.institution_domains.alias().c
_INSTITUTION = union_all(
    _named("vocabulary", tables.institutions.c.vocabulary, tables.institutions.c.id == _here),
    _named("sso", tables.institutions.c.id, tables.institutions.c.id == _here, tables.institutions.c.uses_sso),
    _named("campus", tables.campuses.c.name, tables.campuses.c.institution == _here),
    _named("staff", tables.staff.c.email, tables.staff.c.institution == _here),
)
_users = union_all(select(tables.staff.c.email), select(tables.employers.c.email)).subquery().c
_ADDRESSES = _named("address", _users.email, _users.email.in_(_some("emails")))
_DOMAINS = _named(
    "domain",
    _domains.domain,
    _domains.institution != _here,
    ~exists().where(_own_domains.domain == _domains.domain, _own_domains.institution == _here),
)
_FOREIGN: CompoundSelect[Any] = union_all(_ADDRESSES, _DOMAINS.where(_domains.domain.in_(_some("domains"))))
_STRANGERS = union_all(_named("address", _users.email), _DOMAINS).limit(REMEMBERED + 1)


def institution_named(connection: Connection, name: str) -> Institution:
    """The institution; raises UnknownInstitutionError."""
    found: dict[str, list[str]] = {"vocabulary": [], "sso": [], "campus": [], "staff": []}
    for kind, text in connection.execute(_INSTITUTION, {"here": name}):
        found[kind].append(text)
    if not found["vocabulary"]:
        raise UnknownInstitutionError(f"There is no institution {name!r}")
    return Institution(
        id=name,
        uses_sso=bool(found["sso"]),
        vocabulary="us" if found["vocabulary"] == ["us"] else "eu",
        campuses=frozenset(found["campus"]),
        staff=frozenset(found["staff"]),
    )


def all_strangers(connection: Connection, institution: str) -> Strangers | None:
    """Who else has e-mails and domains at all; None where they are too many to be remembered."""
    found = connection.execute(_STRANGERS, {"here": institution}).all()
    if len(found) > REMEMBERED:
        return None
    addresses, domains = (frozenset(text for kind, text in found if kind == named) for named in ("address", "domain"))
    return Strangers(addresses, domains)


def taken_by_strangers(connection: Connection, institution: str, emails: Iterable[str]) -> Strangers:
    """Who else has these e-mails and their domains."""
    found: dict[str, set[str]] = {"address": set(), "domain": set()}
    for some in chunks(emails):
        texts = {"emails": some, "domains": list(set(map(domain_of, some))), "here": institution}
        for kind, text in connection.execute(_FOREIGN, texts):
            found[kind].add(text)
    return Strangers(frozenset(found["address"]), frozenset(found["domain"]))


def is_taken(connection: Connection, email: str) -> bool:
    """Whether any user at all has the address."""
    others = connection.execute(_ADDRESSES, {"emails": [email]}).first()
    return others is not None or student_with(connection, email) is not None


# Students.

# A student comes once for each institution that has declined them, or once if none has.
_STUDENTS = select(
    *(_students[name] for name in _NAMES),
    _students.id,
    _students.institution,
    _students.pending_at,
    _students.excluded_from_sync,
    _students.requested_email,
    _students.last_applied,
    _students.last_row,
    tables.declines.c.institution,
).select_from(tables.students.outerjoin(tables.declines))
_at_home = _students.home == _here
_BY_EMAIL = _STUDENTS.where(_students.email_address_key == bindparam("email"))
_BY_EMAILS = _STUDENTS.where(_students.email_address_key.in_(_some("texts")))
_BY_IDENTIFIERS = {
    header: _STUDENTS.where(_at_home, _students[f"{header}_key"].in_(_some("texts"))) for header in IDENTIFIERS
}
_BY_ANY = _STUDENTS.where(
    or_(
        _students.email_address_key.in_(_some("email_address")),
        *(_at_home & _students[f"{header}_key"].in_(_some(header)) for header in IDENTIFIERS),
    )
)
_SHARING = select(_students.id).where(
    _at_home,
    _students.id != bindparam("but"),
    or_(*(_students[f"{header}_key"] == bindparam(header) for header in IDENTIFIERS)),
)
_this: BindParameter[int] = bindparam("this")
_BY_NUMBERS = _STUDENTS.where(_students.id.in_(_some("numbers")))
_REMOVE = delete(tables.students).where(_students.id == _this)
_DECLINE = insert(tables.declines)
_PARDON = delete(tables.declines).where(
    tables.declines.c.student == _this, tables.declines.c.institution == bindparam("there")
)
_EMPTY = tuple(f"DELETE FROM {table.name}" for table in reversed(tables.METADATA.sorted_tables))


def everybody(connection: Connection) -> list[Student]:
    """All students."""
    return _found(connection, _STUDENTS, {})


def student_with(connection: Connection, email: str) -> Student | None:
    """The student with the e-mail, wherever they are."""
    return next(iter(_found(connection, _BY_EMAIL, {"email": key_of(email)})), None)


def students_with(connection: Connection, institution: str, texts: Mapping[str, Sequence[str]]) -> Iterator[Student]:
    """The students who have one of the e-mails, or one of the other identifiers at the institution; some twice."""
    if sum(map(len, texts.values())) <= _CHUNK:
        keys = {header: [key_of(text) for text in texts.get(header, ())] for header in _KEYED}
        yield from _found(connection, _BY_ANY, {**keys, "here": institution})
        return
    for header, named in texts.items():
        query = _BY_IDENTIFIERS.get(header, _BY_EMAILS)
        for some in chunks(named):
            yield from _found(connection, query, {"texts": [key_of(text) for text in some], "here": institution})


def shares_an_identifier(connection: Connection, student: Student, institution: str) -> bool:
    """Whether somebody else there has the student's username, auth identifier or card number."""
    mine = ((header, student.text(header)) for header in IDENTIFIERS)
    keys = {header: None if text is None else key_of(text) for header, text in mine}
    return connection.execute(_SHARING, {**keys, "here": institution, "but": student.id}).first() is not None


def students_numbered(connection: Connection, numbers: Iterable[int]) -> Iterator[Student]:
    """The students with these numbers."""
    for some in chunks(numbers):
        yield from _found(connection, _BY_NUMBERS, {"numbers": some})


def add(connection: Connection, students: Iterable[Student]) -> None:
    """Put new students into the database, which numbers them."""
    insert_records(connection, map(record_of, students))


def replace(connection: Connection, pairs: Iterable[tuple[Student, Student]], in_order: bool = True) -> None:
    """Write students anew: each as they were, and as they are now; one after the other, where that matters."""
    pairs = list(pairs)
    update_records(connection, [(*record_of(after), before.id) for before, after in pairs], in_order)
    come = [(after.id, name) for before, after in pairs for name in after.declined_by - before.declined_by]
    gone = [(before.id, name) for before, after in pairs for name in before.declined_by - after.declined_by]
    if come:
        connection.execute(_DECLINE, [{"student": student, "institution": name} for student, name in come])
    if gone:
        connection.execute(_PARDON, [{"this": student, "there": name} for student, name in gone])


def remove(connection: Connection, student: Student) -> None:
    """The account is gone, and all that hung on it."""
    connection.execute(_REMOVE, {"this": student.id})


def empty(connection: Connection) -> None:
    """Leave nothing: the tables that point at others first."""
    for statement in _EMPTY:
        connection.exec_driver_sql(statement)


def _found(connection: Connection, query: Select[Any], texts: Mapping[str, Any]) -> list[Student]:
    rows: dict[int, Any] = {}
    declined: dict[int, set[str]] = {}
    for row in connection.execute(query, texts):
        number, by = row[_WIDTH], row[-1]
        rows[number] = row
        if by is not None:
            declined.setdefault(number, set()).add(by)
    return [_student(row, frozenset(declined.get(number, ()))) for number, row in rows.items()]


def _student(row: Sequence[Any], declined_by: frozenset[str]) -> Student:
    number, institution, pending_at, excluded, requested, last_applied, last_row, _ = row[_WIDTH:]
    return Student(
        values=dict(zip(_HEADERS, row)),
        id=number,
        institution=institution,
        pending_at=pending_at,
        declined_by=declined_by,
        excluded_from_sync=excluded,
        requested_email=requested,
        last_applied=last_applied,
        last_row=last_row,
    )
