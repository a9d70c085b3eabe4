"""An engine that keeps the promises of a database: real transactions, savepoints and foreign keys."""

from typing import Any, Literal

import msgspec
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from .tables import METADATA

IN_MEMORY = "sqlite://"
Isolation = Literal["SERIALIZABLE", "REPEATABLE READ", "READ COMMITTED"]
SERIALIZABLE: Isolation = "SERIALIZABLE"
CAME_TOO_LATE = ("40001", "40P01")  # PostgreSQL: no serial order, a deadlock


def as_json(value: object) -> str:
    """A value as the databases' JSON columns hold it."""
    return msgspec.json.encode(value).decode()


_JSON: dict[str, Any] = {"json_serializer": as_json, "json_deserializer": msgspec.json.decode}


class UnusableDatabaseError(Exception):
    """There is no working with this database, and why, in one line."""


def opened(url: str, isolation: Isolation = SERIALIZABLE) -> Engine:
    """The database with its tables, made where they are missing; raises UnusableDatabaseError.

    The isolation level is PostgreSQL's: on SQLite one transaction that may write follows the other.
    """
    try:
        engine = _engine(make_url(url), isolation)
        METADATA.create_all(engine)
    except ImportError as error:
        raise UnusableDatabaseError(f"no driver for the database: {error}") from error
    except SQLAlchemyError as error:
        raise UnusableDatabaseError(one_line(error)) from error
    except (TypeError, ValueError) as error:
        # What SQLAlchemy and the drivers make of a URL's nonsense, such as a port that is no number.
        raise UnusableDatabaseError(f"the URL makes no sense: {error}") from error
    return engine


def came_too_late(error: SQLAlchemyError) -> bool:
    """Whether somebody else was in the way, so that the same transaction may succeed when it is tried again."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) in CAME_TOO_LATE


def one_line(error: SQLAlchemyError) -> str:
    """The gist of an error, without statement, parameters and links."""
    said = str(getattr(error, "orig", None) or error)
    return " ".join(said.split())


def _engine(url: URL, isolation: Isolation) -> Engine:
    match url.get_backend_name():
        case "sqlite":
            return _sqlite(url)
        case "postgresql":
            return _postgresql(url, isolation)
    raise UnusableDatabaseError(f"{url.get_backend_name()} is not supported: SQLite and PostgreSQL are")


def _sqlite(url: URL) -> Engine:
    # A database in memory is one connection's: every thread must come to the same.
    in_memory = url.database in (None, "", ":memory:")
    shared: dict[str, Any] = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    engine = create_engine(url.set(drivername="sqlite+immediate"), **_JSON, **(shared if in_memory else {}))
    event.listen(engine.pool, "connect", _take_over_transactions)
    return engine


class ImmediateSQLite(SQLiteDialect_pysqlite):
    """SQLite whose transactions begin where they are begun, with the right to write.

    Left to itself the driver begins one only at the first write: too late for a savepoint. An event would do as
    well, but every statement would be asked about it.
    """

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        """Begin a transaction that may write."""
        dbapi_connection.execute("BEGIN IMMEDIATE")


registry.register("sqlite.immediate", __name__, ImmediateSQLite.__name__)


def _take_over_transactions(connection: Any, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    # Digests come in no order: the pages of their indexes should all be at hand. In KiB, as the minus says.
    connection.execute("PRAGMA cache_size = -65536")
    connection.execute("PRAGMA temp_store = MEMORY")


def _postgresql(url: URL, isolation: Isolation) -> Engine:
    engine = create_engine(url, isolation_level=isolation, connect_args={"connect_timeout": 10}, **_JSON)
    with engine.connect() as connection:
        encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        raise UnusableDatabaseError(f"the database's encoding is {encoding}: only UTF8 holds every file")
    return engine
