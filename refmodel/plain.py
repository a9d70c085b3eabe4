"""Worlds as plain data: what can be observed, a world to begin with, and an institution's students as a file."""

import csv
import datetime
import io
from collections.abc import Mapping
from typing import Any

from refmodel.schema import COLUMNS
from refmodel.world import Account, Institution, World

STANDING = ("institution", "pending_at", "declined_by", "excluded_from_sync", "requested_email")  # beside the columns


# What can be observed.


def plain(value: Any) -> Any:
    """A stored value as JSON has it: a date as yyyy-mm-dd, a set as a sorted list, a tuple as a list."""
    if value is None or isinstance(value, str | bool):  # nearly all are
        return value
    if isinstance(value, datetime.date):
        return value.isoformat()
    return sorted(value) if isinstance(value, frozenset) else list(value)


def observed(account: Account) -> dict[str, Any]:
    """All that can be observed of an account: header → value, and where the account stands."""
    columns = {column.header: plain(account.stored(column)) for column in COLUMNS}
    return columns | {name: plain(getattr(account, name)) for name in STANDING}


def observe(world: World) -> list[dict[str, Any]]:
    """All students, those who came first in front; empty is None, or [] in a list."""
    return [observed(account) for account in world.students()]


# A world without students.


def institution_as_data(institution: Institution) -> dict[str, Any]:
    """An institution as the protocol's `reset` has it."""
    return {
        "id": institution.id,
        "domains": sorted(institution.domains),
        "uses_sso": institution.uses_sso,
        "campuses": list(institution.campuses),
        "vocabulary": institution.vocabulary,
        "staff": sorted(institution.staff),
    }


def world_of(data: Mapping[str, Any]) -> World:
    """The world, without students, that `institutions` and `employers` describe; what is left out is empty.

    Raises ValueError where they contradict themselves, or are not of the protocol's shape.
    """
    return World.of(*map(institution_of, _listed(data, "institutions")), employers=_listed(data, "employers"))


def _listed(data: Mapping[str, Any], name: str) -> list[Any]:
    found = data.get(name)
    if not isinstance(found, list | None):
        raise ValueError(f'"{name}" is no list')
    return found or []


def institution_of(entry: Mapping[str, Any]) -> Institution:
    """An institution from its plain data; ValueError where that does not fit."""
    if not isinstance(entry, Mapping):
        raise ValueError(f"an institution is an object, not {entry!r}")
    try:
        return Institution(**{name: value for name, value in entry.items() if value is not None})
    except TypeError as error:
        raise ValueError(f"institution {entry!r}: {error}") from None


# A file.


def export(world: World, institution: str) -> bytes:
    """The students connected to an institution as a file of all 23 columns, dates as yyyy-mm-dd.

    Importing it changes nothing, whatever the job; rows may fail.
    """
    world.institution(institution)
    output = io.StringIO(newline="")
    writer = csv.writer(output)
    writer.writerow(column.header for column in COLUMNS)
    writer.writerows([cell_text(account.stored(c)) for c in COLUMNS] for account in world.connected(institution))
    return output.getvalue().encode()


def cell_text(value: Any) -> str:
    """A stored value as the text of a cell that says it."""
    if isinstance(value, bool):
        return str(value).upper()
    value = plain(value)
    return ";".join(value) if isinstance(value, list) else value or ""
