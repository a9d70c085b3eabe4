"""The tables, and what the database itself guarantees about them."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine, UserDefinedType

from .columns import COLUMNS, Kind
from .columns import Column as FileColumn

METADATA = MetaData()


class IsoDate(UserDefinedType[str]):
    """A DATE that is yyyy-mm-dd outside the database; SQLite keeps it so inside, too."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name."""
        return "DATE"

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[date | None], str | None] | None:
        """From the database, where its driver makes dates of them."""
        return None if dialect.name == "sqlite" else _iso


def _iso(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


class Texts(TypeDecorator[tuple[str, ...]]):
    """A list of texts as JSON."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> list[str]:
        """To the database."""
        return list(value or ())

    def process_result_value(self, value: list[str] | None, dialect: Dialect) -> tuple[str, ...]:
        """From the database."""
        return tuple(value or ())


class Said(TypeDecorator[Mapping[str, Any]]):
    """What a row said, as JSON; its lists are tuples outside the database."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_result_value(self, value: Mapping[str, Any] | None, dialect: Dialect) -> Mapping[str, Any] | None:
        """From the database."""
        if value is None:
            return None
        return {header: tuple(said) if isinstance(said, list) else said for header, said in value.items()}


def _type(kind: Kind) -> TypeEngine[Any]:
    match kind:
        case "list" | "courses" | "labels":
            return Texts()
        case "date":
            return IsoDate()
        case "boolean":
            return Boolean()
    return Text()


def _is_always_set(column: FileColumn) -> bool:
    return column.empty is not None or column.header in (
        "email_address",
        "username",
        "first_name",
        "last_name",
    )


def _stored(column: FileColumn) -> Column[Any]:
    return Column(column.name, _type(column.kind), nullable=not _is_always_set(column))


def _of_institution() -> ForeignKey:
    return ForeignKey("institutions.id")


institutions = Table(
    "institutions",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("uses_sso", Boolean, nullable=False),
    Column("vocabulary", Text, nullable=False),
    CheckConstraint("vocabulary IN ('eu', 'us')", name="vocabulary_is_known"),
)

institution_domains = Table(
    "institution_domains",
    METADATA,
    Column("institution", Text, _of_institution(), primary_key=True),
    Column("domain", Text, primary_key=True, index=True),
)

campuses = Table(
    "campuses",
    METADATA,
    Column("institution", Text, _of_institution(), primary_key=True),
    Column("name", Text, primary_key=True),
)

staff = Table(
    "staff",
    METADATA,
    Column("email", Text, primary_key=True),
    Column("institution", Text, _of_institution(), nullable=False),
    UniqueConstraint("institution", "email", name="staff_by_institution"),
)

employers = Table("employers", METADATA, Column("email", Text, primary_key=True))

# Cells have no limit but PostgreSQL's index entries do: uniqueness is that of a key, which a long text's digest is.
# `home` is the institution that a student is connected to or pending at; two NULLs are never equal, so
# unconnected students may share identifiers.
students = Table(
    "students",
    METADATA,
    Column("id", Integer, primary_key=True),
    *(_stored(column) for column in COLUMNS.values()),
    Column("institution", Text, _of_institution()),
    Column("pending_at", Text, _of_institution()),
    Column("home", Text, Computed("coalesce(institution, pending_at)", persisted=True)),
    Column("excluded_from_sync", Boolean, nullable=False),
    Column("requested_email", Text),
    Column("last_applied", Said()),
    Column("last_row", LargeBinary(32)),
    Column("email_address_key", LargeBinary(64), nullable=False),
    Column("username_key", LargeBinary(64), nullable=False),
    Column("auth_identifier_key", LargeBinary(64)),
    Column("card_id_key", LargeBinary(64)),
    UniqueConstraint("email_address_key", name="email_address_key_is_unique"),
    UniqueConstraint("home", "username_key", name="username_key_is_unique_at_home"),
    UniqueConstraint("home", "auth_identifier_key", name="auth_identifier_key_is_unique_at_home"),
    UniqueConstraint("home", "card_id_key", name="card_id_key_is_unique_at_home"),
    CheckConstraint("institution IS NULL OR pending_at IS NULL", name="connected_or_pending"),
    CheckConstraint(
        "primary_education_start_date <= primary_education_end_date", name="start_date_is_not_after_end_date"
    ),
    CheckConstraint(
        "home IS NOT NULL OR (NOT excluded_from_sync AND requested_email IS NULL AND last_applied IS NULL"
        " AND last_row IS NULL AND assigned_to_email_address IS NULL AND campus_name IS NULL)",
        name="the_unconnected_have_nothing_of_an_institution",
    ),
    ForeignKeyConstraint(
        ["home", "assigned_to_email_address"],
        ["staff.institution", "staff.email"],
        name="assignee_is_own_staff",
    ),
    ForeignKeyConstraint(["home", "campus_name"], ["campuses.institution", "campuses.name"], name="campus_is_known"),
)

declines = Table(
    "declines",
    METADATA,
    Column("student", Integer, ForeignKey("students.id", ondelete="CASCADE"), primary_key=True),
    Column("institution", Text, _of_institution(), primary_key=True),
)

# The identifiers of a long file, while it is read: one row of the file in each.
staged = Table(
    "staged",
    MetaData(),
    Column("row", Integer, primary_key=True, autoincrement=False),
    Column("email_address", LargeBinary(64), nullable=False),
    Column("username", LargeBinary(64), nullable=False),
    Column("auth_identifier", LargeBinary(64)),
    Column("card_id", LargeBinary(64)),
    Column("row_digest", LargeBinary(32), nullable=False),
    prefixes=["TEMPORARY"],
)
