"""A long file against the database: one statement says whom its rows are about, and which rows must wait for others."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from attrs import Factory, define
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    text,
    union,
)

from . import tables
from .columns import SENSITIVE
from .files import UnreadableError
from .outcomes import SAME_STUDENT, TWINS
from .records import write_records

# A row's number, the keys of its four identifiers, and the digest of all of it.
StagedRow = tuple[int | bytes | None, ...]

_staged = tables.staged.c
KEYS = ("email_address", "username", "auth_identifier", "card_id")
_COLUMNS = ("row", *KEYS, "row_digest")
_here: BindParameter[str] = bindparam("here")
_owners = {header: tables.students.alias(f"by_{header}") for header in KEYS}
_by_email, _by_username = _owners["email_address"].c, _owners["username"].c


def _is_owner(header: str) -> ColumnElement[bool]:
    # An e-mail is one account's in the whole world; the other identifiers count at home only.
    columns = _owners[header].c
    is_named = columns[f"{header}_key"] == _staged[header]
    return is_named if header == "email_address" else and_(columns.home == _here, is_named)


def _matches() -> Select[Any]:
    is_same = and_(_by_username.institution == _here, _by_username.last_row == _staged.row_digest)
    is_guest = and_(_by_email.institution.is_(None), or_(_by_email.home.is_(None), _by_email.home != _here))
    brings = or_(_by_email.auth_identifier_key.is_not(None), _by_email.card_id_key.is_not(None))
    is_visible = or_(_by_email.institution.is_(None), _by_email.institution == _here)
    found = func.coalesce(_by_username.id, case((is_visible, _by_email.id)))
    source: Any = tables.staged
    for header in KEYS:
        source = source.outerjoin(_owners[header], _is_owner(header))
    owners = (_owners[header].c.id for header in KEYS)
    flags = func.coalesce(is_same, False), func.coalesce(and_(is_guest, brings), False)
    return select(_staged.row, found, *flags, *owners).select_from(source)


def _twins_in(header: str) -> Select[Any]:
    repeated = select(_staged[header]).group_by(_staged[header]).having(func.count(_staged[header]) > 1)
    return select(_staged.row).where(_staged[header].in_(repeated))


_MATCHES = _matches()
_TWINS = union(*map(_twins_in, KEYS))


@define
class Company:
    """Which rows fail because of each other, say nothing new, or touch a student whom another row touches.

    A row touches the students who hold one of its identifiers. All that it depends on, and all that it changes and
    another row might depend on, is in them: so a row that shares no student with another comes to the same whenever it
    is taken, and those that do share one are taken in their order. A row that says nothing new touches nobody: whom
    it finds and what was last applied to them no other row can change.
    """

    # Row → why it fails: another one shares an identifier with it, or finds the same student.
    faults: dict[int, str] = Factory(dict)
    # Rows that were last applied to the students whom they find; some of them among the faults.
    unchanged: set[int] = Factory(set)
    together: set[int] = Factory(set)
    # Row → the students whom it touches.
    touched: dict[int, tuple[int, ...]] = Factory(dict)
    # Whether a student who comes here has an identifier that no row need mention: no row is sure to be alone then.
    is_unsure: bool = False


@contextmanager
def staging(connection: Connection) -> Iterator[None]:
    """A table for a file's identifiers, for the while: gone with the transaction, too, if that fails."""
    tables.staged.create(connection)
    try:
        yield
    except UnreadableError:
        tables.staged.drop(connection)
        raise
    tables.staged.drop(connection)


def stage(connection: Connection, rows: Iterable[StagedRow]) -> None:
    """Put some rows into it."""
    write_records(connection, tables.staged, _COLUMNS, rows)


def company_of(connection: Connection, institution: str) -> Company:
    """What the rows that were staged have to do with each other."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("ANALYZE staged"))
    company = Company(faults=dict.fromkeys(connection.execute(_TWINS).scalars(), TWINS))
    _match(connection, institution, company)
    return company


def _match(connection: Connection, institution: str, company: Company) -> None:
    finders: dict[int, int] = {}
    touchers: dict[int, int] = {}
    for row, found, is_same, is_unsure, *owners in connection.execute(_MATCHES, {"here": institution}):
        company.is_unsure = company.is_unsure or is_unsure
        if row in company.faults:
            continue
        if found is not None and (other := finders.setdefault(found, row)) != row:
            company.faults.update(dict.fromkeys((row, other), SAME_STUDENT))
        elif is_same:
            company.unchanged.add(row)
        elif touched := {owner for owner in owners if owner is not None}:
            company.touched[row] = tuple(touched)
            company.together.update(_pairs(touchers, row, touched))


def _pairs(first: dict[int, int], row: int, students: Iterable[int]) -> Iterator[int]:
    """The row and the first others that touch one of these students."""
    for student in students:
        if (other := first.setdefault(student, row)) != row:
            yield from (row, other)


assert set(KEYS) == set(SENSITIVE)
