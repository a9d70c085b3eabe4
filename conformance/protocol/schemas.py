"""JSON Schemas of requests and responses, made from their types."""

from __future__ import annotations

import json
from inspect import cleandoc
from typing import Any

import msgspec

from conformance.protocol.requests import ACTION_TYPES, TYPES
from conformance.protocol.responses import RESPONSES


def schemas() -> dict[str, dict[str, Any]]:
    """A JSON Schema by name, such as `import.request`, `do.sign_up.request` and `import.response`."""
    actions = {f"do.{action}": kind for action, kind in ACTION_TYPES.items()}
    named = {f"{name}.request": kind for name, kind in (TYPES | actions).items()}
    named |= {f"{op}.response": kind for op, kind in RESPONSES.items()}
    return {name: schema_of(kind) for name, kind in sorted(named.items())}


def schema_of(kind: object) -> dict[str, Any]:
    """The JSON Schema of a type, the same for all releases of msgspec and Python."""
    (schema,), definitions = msgspec.json.schema_components((kind,), ref_template="#/$defs/{name}")
    written = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "$defs": definitions}
    return {name: _normalised(name, value) for name, value in written.items()}


def _normalised(name: str, value: object) -> object:
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


def _null_last(schema: object) -> tuple[bool, str]:
    return schema == {"type": "null"}, json.dumps(schema, sort_keys=True)
