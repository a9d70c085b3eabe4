"""Requests: their types, how they are made, and the world that a reset starts with."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from msgspec import Struct, defstruct

from refmodel.actions import NAMED, arguments_of
from refmodel.job import DateFormat, Mode
from refmodel.value_lists import Vocabulary

Request = Mapping[str, Any]
Received = dict[str, Any]  # a request as an importer receives it: a copy of its own

OBSERVE: Request = {"op": "observe"}
VERSION = 1

ACTIONS: dict[str, tuple[str, ...]] = {
    name: tuple(argument.name for argument in arguments_of(kind)) for name, kind in NAMED.items()
}
OPTIONAL_ARGUMENTS: dict[str, tuple[str, ...]] = {
    name: optional
    for name, kind in NAMED.items()
    if (optional := tuple(argument.name for argument in arguments_of(kind) if argument.is_optional))
}
# What `supports` of a hello may list.
OPTIONAL = ("preview", "concurrent", *ACTIONS)


# The types of requests.


class Institution(Struct, frozen=True):
    """A school as a world names it."""

    id: str
    domains: list[str]
    uses_sso: bool
    campuses: list[str]
    vocabulary: Vocabulary
    staff: list[str]


class World(Struct, frozen=True):
    """The institutions and the employers' e-mail addresses; there is no student yet."""

    institutions: list[Institution]
    employers: list[str]


_Fields = list[Any]  # name, type, and the default where there is one, as msgspec takes them
_FILE: _Fields = [
    ("institution", str),
    ("mode", Mode),
    ("change_sensitive_fields", bool),
    ("date_format", DateFormat),
    ("csv", bytes),
]
_CONTENTS: dict[str, _Fields] = {
    "hello": [("protocol", Literal[1])],
    "reset": [("world", World)],
    "import": _FILE,
    "preview": _FILE,
    "observe": [],
    "bye": [],
}


def _action_type(action: str) -> type[Struct]:
    arguments = arguments_of(NAMED[action])
    fields: _Fields = [("op", Literal["do"]), ("action", Literal[action])]
    fields += [(argument.name, argument.type) for argument in arguments if not argument.is_optional]
    fields += [(argument.name, argument.type | None, None) for argument in arguments if argument.is_optional]
    return defstruct(action.title().replace("_", ""), fields)


TYPES: dict[str, type[Struct]] = {
    op: defstruct(f"{op.title()}Request", [("op", Literal[op]), *contents]) for op, contents in _CONTENTS.items()
}
ACTION_TYPES: dict[str, type[Struct]] = {action: _action_type(action) for action in ACTIONS}


# How they are made.


def hello() -> Request:
    """The first request: who the importer is and what it supports."""
    return {"op": "hello", "protocol": VERSION}


def reset(world: Mapping[str, object]) -> Request:
    """Start again with the institutions and employers of a world, given as JSON data."""
    return {"op": "reset", "world": world}


def import_(institution: str, data: bytes, mode: str, change_sensitive_fields: bool, date_format: str) -> Request:
    """Import the bytes of a file."""
    return _file_request("import", institution, data, mode, change_sensitive_fields, date_format)


def preview(institution: str, data: bytes, mode: str, change_sensitive_fields: bool, date_format: str) -> Request:
    """Report what an import of these bytes would do."""
    return _file_request("preview", institution, data, mode, change_sensitive_fields, date_format)


def _file_request(
    op: str, institution: str, data: bytes, mode: str, change_sensitive_fields: bool, date_format: str
) -> Request:
    return {
        "op": op,
        "institution": institution,
        "mode": mode,
        "change_sensitive_fields": change_sensitive_fields,
        "date_format": date_format,
        "csv": base64.b64encode(data).decode("ascii"),
    }


def do(action: str, **arguments: object) -> Request:
    """An action; an argument that is None is omitted. ValueError for an unknown action, or wrong arguments."""
    if action not in ACTIONS:
        raise ValueError(f"no action is called {action!r}; there are {', '.join(ACTIONS)}")
    given = {name: value for name, value in arguments.items() if value is not None}
    _check_arguments(action, given)
    return {"op": "do", "action": action, **given}


def _check_arguments(action: str, given: Mapping[str, object]) -> None:
    known = ACTIONS[action]
    missing = [name for name in known if name not in given and name not in OPTIONAL_ARGUMENTS.get(action, ())]
    unknown = [name for name in given if name not in known]
    if missing or unknown:
        raise ValueError(f"{action} takes {', '.join(known)}: missing {missing}, unknown {unknown}")


def observe() -> Request:
    """Show every student."""
    return {"op": "observe"}


def bye() -> Request:
    """The last request: the conversation is over."""
    return {"op": "bye"}


def institution(
    name: str,
    domains: Iterable[str] = (),
    *,
    uses_sso: bool = False,
    campuses: Iterable[str] = (),
    vocabulary: Vocabulary = "eu",
    staff: Iterable[str] = (),
) -> dict[str, object]:
    """An institution of a world, with all its keys."""
    return {
        "id": name,
        "domains": [*domains],
        "uses_sso": uses_sso,
        "campuses": [*campuses],
        "vocabulary": vocabulary,
        "staff": [*staff],
    }


def world(*institutions: Mapping[str, object], employers: Iterable[str] = ()) -> dict[str, object]:
    """The world of a reset."""
    return {"institutions": [*institutions], "employers": [*employers]}
