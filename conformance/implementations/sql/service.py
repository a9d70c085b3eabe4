"""The importer as the protocol sees it: a request in, its response out."""

import platform
import time
import weakref
from base64 import b64encode
from collections.abc import Callable, Iterator
from random import random
from typing import Any, Literal

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Engine, Table, insert
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from . import store, tables
from .actions import ACTIONS, AnyAction
from .cells import DateFormat, Reading, is_domain, is_email, plain_address
from .columns import Vocabulary
from .database import IN_MEMORY, SERIALIZABLE, Isolation, came_too_late, one_line, opened
from .importing import STAGED_FROM, import_file
from .outcomes import Report
from .people import Student
from .rows import Job

VERSION = "1.0"
ATTEMPTS = 40  # of a transaction that others are in the way of
PAUSE = 0.01  # seconds, at most, before the first of them
Wire = dict[str, Any]


class InstitutionOfWorld(Struct, frozen=True):
    """An institution that a world begins with."""

    id: str
    domains: list[str] = []
    uses_sso: bool = False
    campuses: list[str] = []
    vocabulary: Vocabulary = "eu"
    staff: list[str] = []

    def __post_init__(self) -> None:
        """Nobody could have such a domain, or such an address."""
        _refuse_malformed("domains", self.domains, is_domain)
        _refuse_malformed("staff", self.staff, is_email)


class World(Struct, frozen=True):
    """What a world begins with."""

    institutions: list[InstitutionOfWorld] = []
    employers: list[str] = []

    def __post_init__(self) -> None:
        """Nobody could have such an address."""
        _refuse_malformed("employers", self.employers, is_email)


def _refuse_malformed(name: str, texts: list[str], is_well_formed: Callable[[str], bool]) -> None:
    malformed = next((text for text in texts if not is_well_formed(plain_address(text))), None)
    if malformed is not None:
        raise ValueError(f"{name} must be well-formed: {malformed!r} is not")


class Operation(Struct, frozen=True, tag_field="op"):
    """A request that is not an action."""


class Hello(Operation, frozen=True, tag="hello"):
    """Who are you?"""

    protocol: Literal[1] = 1


class Reset(Operation, frozen=True, tag="reset"):
    """Begin anew."""

    world: World


class Import(Operation, frozen=True, tag="import"):
    """Take this file."""

    institution: str
    mode: Literal["automatic", "manual"]
    csv: bytes
    change_sensitive_fields: bool = False
    date_format: DateFormat = "yyyy-mm-dd"

    def __post_init__(self) -> None:
        """An automatic job has no such setting."""
        if self.mode == "automatic" and self.change_sensitive_fields:
            raise ValueError("An automatic job cannot change sensitive fields")


class Preview(Import, frozen=True, tag="preview"):
    """Say what would become of this file."""


class Observe(Operation, frozen=True, tag="observe"):
    """Show everybody."""


class Bye(Operation, frozen=True, tag="bye"):
    """That was all."""


AnyOperation = Hello | Reset | Import | Preview | Observe | Bye


class SqlImporter:
    """An importer whose memory is a database."""

    def __init__(
        self, url: str = IN_MEMORY, staged_from: int = STAGED_FROM, isolation: Isolation = SERIALIZABLE
    ) -> None:
        """Open the database; raises UnusableDatabaseError.

        Files of `staged_from` rows or more go through a staging table.
        """
        self.staged_from = staged_from
        self.engine: Engine = opened(url, isolation)
        # Whoever drops the importer need not know that there is a connection to close.
        weakref.finalize(self, self.engine.dispose)

    def handle(self, request: Wire) -> Wire:
        """The response; {"error": text} where the request makes no sense or the database fails."""
        try:
            return self._answer_in_the_end(request)
        except (msgspec.ValidationError, store.UnknownInstitutionError) as error:
            return {"error": str(error)}
        except SQLAlchemyError as error:
            return {"error": f"Database: {one_line(error)}"}

    def _answer_in_the_end(self, request: Wire) -> Wire:
        for attempt in range(ATTEMPTS):
            try:
                return self._answer(request)
            except SQLAlchemyError as error:
                if not came_too_late(error):
                    raise
            # A little longer each time, and never as long as the others, or they would meet again.
            time.sleep(random() * PAUSE * (attempt + 1))
        return self._answer(request)

    def _answer(self, request: Wire) -> Wire:
        is_action = isinstance(request, dict) and request.get("op") == "do"
        if not all(map(_fits_a_file, _texts(request))):
            fault = "A text holds NUL or a lone surrogate"
            return {"done": False, "refused": fault} if is_action else {"error": fault}
        if is_action:
            return self._act(msgspec.convert(request, AnyAction))
        return self._operate(msgspec.convert(request, AnyOperation))

    def _operate(self, operation: AnyOperation) -> Wire:
        match operation:
            case Hello():
                return _introduction(self.engine)
            case Reset(world):
                return self._reset(world)
            case Import():
                return self._import(operation)
            case Observe():
                return self._observe()
        return {"ok": True}

    def _act(self, action: AnyAction) -> Wire:
        try:
            with self.engine.begin() as connection:
                return action.perform(connection).wire()
        except IntegrityError:
            return {"done": False, "refused": "The database does not allow it"}

    def _reset(self, world: World) -> Wire:
        with self.engine.begin() as connection:
            store.empty(connection)
            for table, records in _records(world):
                connection.execute(insert(table), records)
        return {"ok": True}

    def _import(self, request: Import) -> Wire:
        try:
            return self._imported(request)
        except IntegrityError:
            return self._imported(request, carefully=True)

    def _imported(self, request: Import, carefully: bool = False) -> Wire:
        with self.engine.connect() as connection, connection.begin() as transaction:
            report = import_file(connection, _job(connection, request), request.csv, carefully, self.staged_from)
            if isinstance(request, Preview):
                transaction.rollback()
        return {"report": _wire_report(report)}

    def _observe(self) -> Wire:
        with self.engine.begin() as connection:
            students = store.everybody(connection)
        return {"accounts": [_account(student) for student in sorted(students, key=lambda student: student.email)]}


def _introduction(engine: Engine) -> Wire:
    several = ["concurrent"] if engine.dialect.name == "postgresql" else []
    return {
        "name": "SQL importer",
        "version": VERSION,
        "language": f"Python {platform.python_version()}",
        "protocol": 1,
        "supports": ["preview", *several, *ACTIONS],
    }


def _job(connection: Connection, request: Import) -> Job:
    institution = store.institution_named(connection, request.institution)
    reading = Reading(institution.vocabulary, request.date_format)
    return Job(institution, reading, request.change_sensitive_fields)


def _records(world: World) -> Iterator[tuple[Table, list[Wire]]]:
    there = [(there, {"institution": there.id}) for there in world.institutions]
    columns = ("id", "uses_sso", "vocabulary")
    by_table = {
        tables.institutions: [{name: getattr(one, name) for name in columns} for one in world.institutions],
        tables.institution_domains: [{**key, "domain": domain} for one, key in there for domain in _plain(one.domains)],
        tables.campuses: [{**key, "name": name} for one, key in there for name in dict.fromkeys(one.campuses)],
        tables.staff: [{**key, "email": email} for one, key in there for email in _plain(one.staff)],
        tables.employers: [{"email": email} for email in _plain(world.employers)],
    }
    return ((table, records) for table, records in by_table.items() if records)


def _plain(addresses: list[str]) -> list[str]:
    return list(dict.fromkeys(map(plain_address, addresses)))


def _wire_report(report: Report) -> Wire:
    rows = [result.wire() for result in report.results]
    wire: Wire = {"refused": report.refused, "warnings": list(report.warnings), "rows": rows}
    return wire if report.failed_rows is None else {**wire, "failed_rows_csv": _base64(report.failed_rows)}


def _base64(data: bytes) -> str:
    return b64encode(data).decode()


def _account(student: Student) -> Wire:
    return {
        **{header: list(value) if isinstance(value, tuple) else value for header, value in student.values.items()},
        "institution": student.institution,
        "pending_at": student.pending_at,
        "declined_by": sorted(student.declined_by),
        "excluded_from_sync": student.excluded_from_sync,
        "requested_email": student.requested_email,
    }


def _texts(request: object) -> Iterator[str]:
    """Every text in the request, however deep; no recursion, as nobody promises a limit."""
    waiting = [request]
    while waiting:
        match waiting.pop():
            case str(text):
                yield text
            case dict(entries):
                waiting.extend((*entries.keys(), *entries.values()))
            case list(items):
                waiting.extend(items)


def _fits_a_file(text: str) -> bool:
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False
