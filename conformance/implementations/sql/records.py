"""Records on their way into the tables: a few by executemany, many on PostgreSQL by COPY.

A record is what the drivers of both databases take as it is; nothing is converted any more.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha512
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError

from . import tables
from .columns import COLUMNS as FILE_COLUMNS
from .columns import IDENTIFIERS, NOTHING, Value
from .database import as_json
from .people import Student

# From so many records on a COPY, with its own table for what is updated, is worth its round trips.
COPIED_FROM = 50
_LONG = sha512().digest_size  # bytes
_KEYED = ("email_address", *IDENTIFIERS)
_HEADERS = tuple(FILE_COLUMNS)
_LISTS = tuple(at for at, header in enumerate(_HEADERS) if NOTHING[header] == ())
# In the order of a record's values; the number, where there is one, comes behind.
COLUMNS = (
    *(column.name for column in FILE_COLUMNS.values()),
    "institution",
    "pending_at",
    "excluded_from_sync",
    "requested_email",
    "last_applied",
    "last_row",
    *(f"{header}_key" for header in _KEYED),
)
_NAMES = ", ".join(COLUMNS)
_CHANGED = f"CREATE TEMPORARY TABLE changed ON COMMIT DROP AS SELECT {_NAMES}, id FROM students WITH NO DATA"
_TAKE_OVER = (
    f"UPDATE students SET {', '.join(f'{name} = changed.{name}' for name in COLUMNS)}"
    " FROM changed WHERE students.id = changed.id"
)


def key_of(text: str) -> bytes:
    """What stands for a text, however long, in the unique indexes: itself, or else what no short text is."""
    data = text.encode()
    return data if len(data) < _LONG else sha512(data).digest()


def record_of(student: Student) -> tuple[Any, ...]:
    """The record of a student, without the number."""
    values = student.values
    stored = [values[header] for header in _HEADERS]
    for at in _LISTS:
        stored[at] = _as_array(stored[at])
    return (
        *stored,
        student.institution,
        student.pending_at,
        student.excluded_from_sync,
        student.requested_email,
        None if student.last_applied is None else as_json(student.last_applied),
        student.last_row,
        *[None if (text := values[header]) is None else key_of(str(text)) for header in _KEYED],
    )


@lru_cache(4096)
def _as_array(texts: Value) -> str:
    return as_json(texts)


def insert_records(connection: Connection, records: Iterable[Sequence[Any]]) -> None:
    """Put records into the table of students; raises IntegrityError."""
    write_records(connection, tables.students, COLUMNS, records)


def update_records(connection: Connection, records: Sequence[Sequence[Any]], in_order: bool) -> None:
    """Put records, their numbers behind them, in the place of those that are there; raises IntegrityError.

    One statement for all takes them in any order, and so fails where one takes over what another gives up.
    """
    if not in_order and _is_copied(connection, records):
        connection.exec_driver_sql(_CHANGED)
        _copy(connection, "changed", (*COLUMNS, "id"), records)
        connection.exec_driver_sql(_TAKE_OVER)
        connection.exec_driver_sql("DROP TABLE changed")
    elif records:
        mark = _mark(connection)
        settings = ", ".join(f"{name} = {mark}" for name in COLUMNS)
        connection.exec_driver_sql(f"UPDATE students SET {settings} WHERE id = {mark}", list(records))


def write_records(
    connection: Connection, table: Table, columns: Sequence[str], records: Iterable[Sequence[Any]]
) -> None:
    """Put records into some columns of a table; raises IntegrityError."""
    pending = list(records)
    if _is_copied(connection, pending):
        _copy(connection, table.name, columns, pending)
    elif pending:
        marks = ", ".join(_mark(connection) for _ in columns)
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})", pending)


def _mark(connection: Connection) -> str:
    return "?" if connection.dialect.name == "sqlite" else "%s"


def _is_copied(connection: Connection, records: Sequence[Sequence[Any]]) -> bool:
    return connection.dialect.name == "postgresql" and len(records) >= COPIED_FROM


def _copy(connection: Connection, table: str, columns: Sequence[str], records: Iterable[Sequence[Any]]) -> None:
    cursor: Any = connection.connection.cursor()
    with _told_as_usual(connection), cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for record in records:
            copy.write_row(record)


@contextmanager
def _told_as_usual(connection: Connection) -> Iterator[None]:
    # The driver is asked directly, so nobody else turns its errors into ours.
    driver: Any = connection.dialect.loaded_dbapi
    try:
        yield
    except driver.Error as error:
        raise DBAPIError.instance("COPY", None, error, driver.Error, dialect=connection.dialect) from error
