"""Worlds as plain data: what can be observed, a state to save, and an institution's students as a file."""

import csv
import datetime
import io
from collections.abc import Mapping
from typing import Any

from refmodel.cells import CLEAR, KEEP, Cell, Cells
from refmodel.schema import COLUMNS, DISABLED, EMAIL_ADDRESS, USERNAME, Column, Kind
from refmodel.world import Account, Institution, World

STATE_VERSION = 1
STANDING: Mapping[str, Any] = {  # where an account stands, beside its columns: field → type
    "institution": str | None,
    "pending_at": str | None,
    "declined_by": list,
    "excluded_from_sync": bool,
    "requested_email": str | None,
}
NEVER_EMPTY: Mapping[Column, type] = {EMAIL_ADDRESS: str, USERNAME: str, DISABLED: bool}


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


# A state to save.


def saved(world: World) -> dict[str, Any]:
    """A world as plain data, with all that `restored` needs to go on from it."""
    return {
        "refmodel": STATE_VERSION,
        "institutions": [institution_as_data(i) for i in world.directory.institutions.values()],
        "employers": sorted(world.directory.employers),
        "accounts": [saved_account(account) for account in world.students()],
    }


def saved_account(account: Account) -> dict[str, Any]:
    """An account as plain data: what can be observed of it, and the row last applied."""
    return observed(account) | {"last_applied": _saved_cells(account.last_applied)}


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
    entries, employers = (data.get(name) or [] for name in ("institutions", "employers"))
    return World.of(
        *map(institution_of, _typed(entries, list, "institutions")), employers=_typed(employers, list, "employers")
    )


def institution_of(entry: Mapping[str, Any]) -> Institution:
    """An institution from its plain data; ValueError where that does not fit."""
    if not isinstance(entry, Mapping):
        raise ValueError(f"an institution is an object, not {entry!r}")
    try:
        return Institution(**{name: value for name, value in entry.items() if value is not None})
    except TypeError as error:
        raise ValueError(f"institution {entry!r}: {error}") from None


def restored(data: Mapping[str, Any]) -> World:
    """The world that `saved` made plain data of. Raises ValueError where the data cannot be one's."""
    if data.get("refmodel") != STATE_VERSION:
        found = data.get("refmodel")
        raise ValueError(f"a state of version {found!r}, where version {STATE_VERSION} is understood")
    accounts = data.get("accounts")
    if not isinstance(accounts, list):
        raise ValueError("the state has no list of accounts")
    return world_of(data).with_accounts(map(restored_account, accounts))


def restored_account(entry: Mapping[str, Any]) -> Account:
    """An account from what was observed of it and its `last_applied`; ValueError where that does not fit."""
    if not isinstance(entry, Mapping):
        raise ValueError(f"an account is an object, not {entry!r}")
    try:
        fields = {column.attribute: _stored(column, entry[column.header]) for column in COLUMNS}
        fields |= {name: _typed(entry[name], kind, name) for name, kind in STANDING.items()}
        fields["declined_by"] = frozenset(_items(fields["declined_by"], "declined_by"))
        return Account(**fields, last_applied=_restored_cells(entry["last_applied"]))
    except KeyError as error:
        raise ValueError(f"account {entry.get('email_address')!r} has no {error}") from None


def _stored(column: Column, value: Any) -> Any:
    """A stored value from its plain form, or ValueError."""
    if column.holds_list:
        items = _items(value, column.header)
        return frozenset(items) if column.kind is Kind.LABELS else items
    if column in NEVER_EMPTY:
        return _typed(value, NEVER_EMPTY[column], column.header)
    value = _typed(value, bool | None if column.kind is Kind.BOOLEAN else str | None, column.header)
    return datetime.date.fromisoformat(value) if column.kind is Kind.DATE and value is not None else value


def _typed(value: Any, kind: Any, name: str) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"{name} cannot be {value!r}")
    return value


def _items(value: Any, name: str) -> tuple[str, ...]:
    return tuple(_typed(item, str, name) for item in _typed(value, list, name))


def _saved_cells(cells: Cells | None) -> dict[str, Any] | None:
    if cells is None:
        return None
    return {c.header: None if cell is CLEAR else plain(cell) for c, cell in zip(COLUMNS, cells) if cell is not KEEP}


def _restored_cells(data: Any) -> Cells | None:
    if data is None:
        return None
    entries = _typed(data, Mapping, "last_applied")
    return tuple(_restored_cell(column, entries) for column in COLUMNS)


def _restored_cell(column: Column, data: Mapping[str, Any]) -> Cell:
    if column.header not in data:
        return KEEP
    cell: Cell = CLEAR if data[column.header] is None else _stored(column, data[column.header])
    return cell


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
