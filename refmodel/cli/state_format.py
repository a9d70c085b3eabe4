"""Worlds as states to save, in JSON of a typed shape.

A state outlives the program that wrote it, so it names its version, and earlier versions are read as well:

- version 1 began with `{"refmodel":1,…}`, version 2 begins with `{"format":"refmodel-state","version":2,…}`;
- a column that the file does not have is one that was added to the model since: it is empty, and the row last applied
  did not say anything about it. What every version has written (where the account stands, the two columns by which
  it is found, and the row last applied) must be there: without it an account would quietly be another one;
- a column that the model does not have is refused, because it would be lost when the state is saved.
"""

import datetime
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from operator import attrgetter
from types import UnionType
from typing import Any, get_args, get_origin

import msgspec
from msgspec.structs import astuple

from refmodel.cell import CLEAR, KEEP, Cells
from refmodel.columns import COLUMNS, EMAIL_ADDRESS, USERNAME
from refmodel.engine import collector_at_rest
from refmodel.formats import Format
from refmodel.serialization import OBSERVABLE, world_as_data, world_of
from refmodel.wording import did_you_mean, expected, listed
from refmodel.world import Account, World

STATE = Format("refmodel-state", "state", 2, first_key="refmodel")
WORLD_KEYS = ("institutions", "employers")
STATE_KEYS = {1: ("refmodel", *WORLD_KEYS, "accounts"), 2: (*STATE.head, *WORLD_KEYS, "accounts")}
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NO_OBJECT = "this is JSON, but not an object, so it describes no world"


# The shape.

HEADERS = {column.attribute: column.header for column in COLUMNS}
MAY_BE_MISSING = HEADERS.keys() - {EMAIL_ADDRESS.attribute, USERNAME.attribute}
EMPTY = {field.name: field.default for field in OBSERVABLE if field.name in MAY_BE_MISSING}
FIELDS = tuple(field.name for field in OBSERVABLE)
TYPES: Mapping[str, object] = {field.name: field.type for field in OBSERVABLE} | {
    USERNAME.attribute: str
}  # never empty
SavedCells = msgspec.defstruct(  # a cell that keeps is left out, one that clears is null
    "SavedCells",
    [(c.attribute, c.value_type | msgspec.UnsetType | None, msgspec.UNSET) for c in COLUMNS],
    rename=HEADERS,
    forbid_unknown_fields=True,
)
SavedAccount = msgspec.defstruct(
    "SavedAccount",
    [*((name, TYPES[name]) for name in FIELDS), ("last_applied", SavedCells | None)],
    rename=HEADERS,
)
ReadAccount = msgspec.defstruct(  # the same, of which columns may be missing
    "ReadAccount",
    [
        *((name, TYPES[name], EMPTY[name]) if name in EMPTY else (name, TYPES[name]) for name in FIELDS),
        ("last_applied", SavedCells | None),
    ],
    rename=HEADERS,
    kw_only=True,
    forbid_unknown_fields=True,
)
ENCODER = msgspec.json.Encoder(order="deterministic")  # sets sorted
ACCOUNTS = msgspec.json.Decoder(ReadAccount)
PARTS = msgspec.json.Decoder(dict[str, msgspec.Raw])
ENTRIES = msgspec.json.Decoder(list[msgspec.Raw])


# Saving.


def encoded(world: World) -> Iterator[bytes]:
    """A world as JSON, with all that `decoded` needs to go on from it, piece by piece, each student on a line."""
    yield msgspec.json.encode({**STATE.head, **world_as_data(world)})[:-1] + b',"accounts":['
    for place, account in enumerate(world.students()):
        yield (b",\n" if place else b"\n") + ENCODER.encode(saved_account(account))
    yield b"\n]}\n"


def saved_account(account: Account) -> msgspec.Struct:
    """An account as it is saved: what can be observed of it, and the row last applied."""
    return SavedAccount(*_fields_of(account), _saved_cells(account.last_applied))


_fields_of = attrgetter(*FIELDS)


def _saved_cells(cells: Cells | None) -> msgspec.Struct | None:
    if cells is None:
        return None
    return SavedCells(*(msgspec.UNSET if c is KEEP else None if c is CLEAR else c for c in cells))


# Restoring.


def decoded(data: bytes) -> World:
    """The world that `encoded` made JSON of, with or without a byte order mark in front.

    Raises ValueError where it cannot be one's; where it is no JSON or no text that is a json.JSONDecodeError
    or a UnicodeError, and where it is nested too deeply a RecursionError.
    """
    try:
        parts = PARTS.decode(data.removeprefix(BYTE_ORDER_MARK))
        head = {name: msgspec.json.decode(part) for name, part in parts.items() if name != "accounts"}
        return _restored(head, parts.get("accounts"))
    except msgspec.ValidationError:
        raise ValueError(NO_OBJECT) from None
    except msgspec.DecodeError as error:
        plain_object(data)
        raise ValueError(f"this is not JSON: {str(error).removeprefix('JSON is malformed: ')}") from None


def plain_object(data: bytes) -> dict[str, object]:
    """The object that bytes are the JSON of; raises as `decoded` does."""
    # The standard library says the line and the column, which whoever edited the file by hand needs.
    found = json.loads(data.decode("utf-8-sig"))
    if not isinstance(found, dict):
        raise ValueError(NO_OBJECT)
    json.dumps(found, ensure_ascii=False).encode()
    return found


def _restored(head: Mapping[str, Any], accounts: msgspec.Raw | None) -> World:
    check_keys("the state", head, STATE_KEYS[STATE.version_of(head)])
    entries = _entries(accounts)
    with collector_at_rest():
        return world_of(head).with_accounts(_accounts(entries))


def _entries(accounts: msgspec.Raw | None) -> list[msgspec.Raw]:
    # Each account as it stands in the file, so that never two forms of all of them are in memory.
    try:
        return ENTRIES.decode(accounts or b"null")
    except msgspec.ValidationError:
        raise ValueError("the state has no list of accounts") from None


def check_keys(name: str, data: Mapping[str, object], keys: Collection[str]) -> None:
    """ValueError where there is a key that is not known: it would be lost when the state is saved."""
    for unknown in sorted(data.keys() - keys):
        raise ValueError(f'{name} has an unknown key "{unknown}"{did_you_mean(unknown, keys)}')


def _accounts(entries: Iterable[msgspec.Raw]) -> Iterator[Account]:
    for key, entry in enumerate(entries, start=1):
        try:
            *stored, applied = astuple(ACCOUNTS.decode(entry))
        except msgspec.ValidationError:
            raise ValueError(f"student {key}{what_is_wrong(entry)}") from None
        values = (*stored, _restored_cells(applied))
        yield Account(key, *values)


def _restored_cells(cells: msgspec.Struct | None) -> Cells | None:
    if cells is None:
        return None
    return tuple(KEEP if c is msgspec.UNSET else CLEAR if c is None else c for c in astuple(cells))


# What is wrong with an account, in words. Looked for only where there is something: the decoder is much faster.

ACCOUNT_TYPES = {**{HEADERS.get(name, name): TYPES[name] for name in FIELDS}, "last_applied": dict[str, Any] | None}
CELL_TYPES = {column.header: column.value_type | None for column in COLUMNS}
NEEDED = tuple(field.encode_name for field in msgspec.structs.fields(ReadAccount) if field.required)
WORDS = {str: "a text", bool: "true or false", datetime.date: "a date as yyyy-mm-dd", type(None): "null"}
COLLECTIONS = "a list of texts"


def what_is_wrong(entry: msgspec.Raw) -> str:
    """The end of a message about an account that cannot be read: the field, what is expected, and what is there."""
    return next(_problems_of(msgspec.json.decode(entry)), ": this is not an account")


def _problems_of(data: object) -> Iterator[str]:
    if isinstance(data, Mapping):
        yield from _problems_of_fields("", data, ACCOUNT_TYPES)
        yield from _problems_of_fields(", last_applied", data.get("last_applied") or {}, CELL_TYPES)
        missing = (name for name in NEEDED if name not in data)
        yield from (f", {name}: this field is missing; expected {in_words(ACCOUNT_TYPES[name])}" for name in missing)
    else:
        yield f": {expected('an object with the fields of an account', data)}"


def _problems_of_fields(place: str, data: Mapping[str, object], types: Mapping[str, object]) -> Iterator[str]:
    for name, value in data.items():
        if name not in types:
            unknown = f'"{name}" is not a column that this refmodel knows{did_you_mean(name, types)}'
            yield f"{place}: {unknown}, so it would be lost when the state is saved"
        elif not _is_of(value, types[name]):
            yield f"{place}, {name}: {expected(in_words(types[name]), value)}"


def _is_of(value: object, kind: object) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def in_words(kind: object) -> str:
    """What a field takes, in words."""
    kinds = get_args(kind) if isinstance(kind, UnionType) else (kind,)
    return listed([WORDS.get(each, "an object" if get_origin(each) is dict else COLLECTIONS) for each in kinds], "or")
