"""JSON Schemas of requests and responses, made from their types."""

from __future__ import annotations

import json
from inspect import cleandoc
from typing import Any, Literal

import msgspec
from msgspec import Struct

from conformance.protocol.requests import (
    ACTIONS,
    OPTIONAL_ARGUMENTS,
)
from conformance.protocol.responses import RESPONSES, Texts


class Institution(Struct, frozen=True):
    """A school as a world names it."""

    id: str
    domains: Texts
    uses_sso: bool
    campuses: Texts
    vocabulary: Literal["eu", "us"]
    staff: Texts


class World(Struct, frozen=True):
    """The institutions and the employers' e-mail addresses; there is no student yet."""

    institutions: list[Institution]
    employers: Texts


_ARGUMENT_TYPES: dict[str, Any] = {
    "disabled": bool,
    "excluded": bool,
    "changes": dict[str, str],
    "via": Literal["password", "sso"],
}
_FILE: list[tuple[str, Any]] = [
    ("institution", str),
    ("mode", Literal["automatic", "manual"]),
    ("change_sensitive_fields", bool),
    ("date_format", Literal["yyyy-mm-dd", "mm/dd/yyyy"]),
    ("csv", bytes),
]
_CONTENTS: dict[str, list[tuple[str, Any]]] = {
    "hello": [("protocol", Literal[1])],
    "reset": [("world", World)],
    "import": _FILE,
    "preview": _FILE,
    "observe": [],
    "bye": [],
}


def schemas() -> dict[str, dict[str, Any]]:
    """A JSON Schema by name, such as `import.request`, `do.sign_up.request` and `import.response`."""
    requests = {op: _request_type(op, contents) for op, contents in _CONTENTS.items()}
    actions = {f"do.{action}": _action_type(action) for action in ACTIONS}
    named = {f"{name}.request": kind for name, kind in (requests | actions).items()}
    named |= {f"{op}.response": kind for op, kind in RESPONSES.items()}
    return {name: schema_of(kind) for name, kind in sorted(named.items())}


def _request_type(op: str, contents: list[tuple[str, Any]]) -> Any:
    return msgspec.defstruct(f"{op.title()}Request", [("op", Literal[op]), *contents])


def _action_type(action: str) -> Any:
    optional = OPTIONAL_ARGUMENTS.get(action, ())
    needed = [(name, _ARGUMENT_TYPES.get(name, str)) for name in ACTIONS[action] if name not in optional]
    fields: list[Any] = [("op", Literal["do"]), ("action", Literal[action]), *needed]
    fields += [(name, str | None, None) for name in optional]
    return msgspec.defstruct(action.title().replace("_", ""), fields)


def schema_of(kind: Any) -> dict[str, Any]:
    """The JSON Schema of a type, the same whatever release of msgspec and of Python wrote its parts."""
    (schema,), definitions = msgspec.json.schema_components((kind,), ref_template="#/$defs/{name}")
    written = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "$defs": definitions}
    return {name: _normalised(name, value) for name, value in written.items()}


def _normalised(name: str, value: Any) -> Any:
    """A part of a schema without what differs between releases: indentation of docstrings, order of alternatives."""
    match value:
        case dict():
            return {key: _normalised(key, part) for key, part in value.items()}
        case list():
            parts = [_normalised("", part) for part in value]
            return sorted(parts, key=_null_last) if name == "anyOf" else parts
        case str() if name == "description":
            return cleandoc(value)
    return value


def _null_last(schema: dict[str, Any]) -> tuple[bool, str]:
    return schema == {"type": "null"}, json.dumps(schema, sort_keys=True)
