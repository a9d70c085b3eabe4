"""What a file changes, on its way into the database."""

from collections.abc import Iterable
from itertools import groupby

from attrs import Factory, define
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from . import store
from .cells import TAKEN
from .columns import COLUMNS, SENSITIVE
from .files import Errors
from .people import Student

# A student as they were, None where they are new, and as they are now.
Change = tuple[Student | None, Student]


@define
class Ledger:
    """Changes that are written together: what the database refuses, it refuses of all.

    A row that takes over an identifier stands behind the row that gave it up, so the order is kept. New students give
    nothing up: they come last.
    """

    connection: Connection
    # Whether a row may have to do with one before it.
    in_order: bool = True
    changes: list[Change] = Factory(list)

    def enter(self, change: Change) -> Errors | None:
        """Note the change; never an error."""
        self.changes.append(change)
        return None

    def write(self) -> None:
        """Write what was noted, and forget it; raises IntegrityError."""
        for is_new, run in groupby(sorted(self.changes, key=_is_new), key=_is_new):
            _write(self.connection, is_new, run, self.in_order)
        self.changes.clear()


@define
class CarefulLedger(Ledger):
    """Changes that are written one by one: what the database refuses fails its row alone."""

    def enter(self, change: Change) -> Errors | None:
        """Write the change behind a savepoint; why not, if the database does not allow it."""
        try:
            with self.connection.begin_nested():
                _write(self.connection, _is_new(change), [change])
        except IntegrityError as error:
            return errors_of(error)
        return None


def errors_of(error: IntegrityError) -> Errors:
    """A violated constraint as complaints; the keys' columns are named in its text by every database."""
    text = str(error.orig)
    named = [header for header in SENSITIVE if f"{header}_key" in text]
    return {COLUMNS[header].field: [TAKEN] for header in named} or "The database does not allow the row"


def _is_new(change: Change) -> bool:
    return change[0] is None


def _write(connection: Connection, is_new: bool, changes: Iterable[Change], in_order: bool = True) -> None:
    if is_new:
        store.add(connection, [after for _, after in changes])
    else:
        store.replace(connection, [(before, after) for before, after in changes if before is not None], in_order)
