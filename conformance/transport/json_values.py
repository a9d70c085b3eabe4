"""JSON values: copies of what an importer in this process returns, and the lines and bodies of other importers."""

from __future__ import annotations

import json
import math
import types
from collections.abc import Mapping
from typing import Any

from conformance.protocol.requests import Request
from conformance.protocol.responses import Response
from conformance.transport.faults import ExchangeError, shown

LONGEST_RESPONSE = 256 * 1024 * 1024  # bytes


class NotJson(ValueError):
    """A value that is not JSON; the path is completed on the way out of the structure."""

    def __init__(self, what: str, path: str = "") -> None:
        super().__init__(what, path)
        self.what = what
        self.path = path

    def inside(self, step: str) -> NotJson:
        return NotJson(self.what, step + self.path)


_ATOMS = frozenset({str, int, bool, types.NoneType})


def plain_object(response: object) -> Response:
    """The JSON value of what an importer returned. ExchangeError if it is not a JSON object."""
    if not isinstance(response, dict):
        raise ExchangeError("malformed", f"the importer returned {kind_of(response)}, not a dict")
    try:
        return plain_dict(response)
    except NotJson as wrong:
        path = wrong.path.removeprefix(".") or "the response"
        raise ExchangeError("malformed", f"{path}: {wrong.what} is not JSON") from None
    except RecursionError:
        raise ExchangeError("malformed", "the response contains itself, or is nested too deeply") from None


def plain(value: object) -> object:
    """A copy that shares nothing mutable; NotJson if it cannot be JSON."""
    if type(value) in _ATOMS:
        return value
    if isinstance(value, dict):
        return plain_dict(value)
    if isinstance(value, list | tuple):
        return [_plain_item(item, place) for place, item in enumerate(value)]
    return _plain_scalar(value)


def plain_dict(value: Mapping[Any, object]) -> dict[str, object]:
    """The same for an object."""
    plain: dict[str, object] = {}
    for key, item in value.items():
        # Nearly all values of an account; without this branch the copy takes three times as long.
        if type(key) is str and type(item) in _ATOMS:
            plain[key] = item
        else:
            plain[_plain_key(key)] = _plain_item(item, key)
    return plain


def _plain_item(item: object, step: object) -> object:
    try:
        return plain(item)
    except NotJson as wrong:
        raise wrong.inside(f"[{step}]" if isinstance(step, int) else f".{step}") from None


def _plain_key(key: object) -> str:
    if not isinstance(key, str):
        raise NotJson(f"the key {key!r}")
    return str.__str__(key)


def _plain_scalar(value: object) -> str | int | float:
    # Subclasses, such as members of an enumeration, become what JSON makes of them.
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    raise NotJson(kind_of(value) if not isinstance(value, float) else str(value))


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


# Those of the standard library, because they write and read a lone surrogate, which msgspec does not.
_ENCODER = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":"))
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def encoded(request: Request) -> bytes:
    return _ENCODER.encode(dict(request)).encode("ascii")


def decoded(data: bytes) -> Response:
    try:
        response = _DECODER.decode(data.decode("utf-8"))
    except (ValueError, RecursionError) as wrong:
        raise ExchangeError("malformed", f"not a JSON object ({wrong}): {shown(data)}") from None
    if not isinstance(response, dict):
        raise ExchangeError("malformed", f"{_JSON_KINDS[type(response)]}, not a JSON object: {shown(data)}")
    return response


_JSON_KINDS: dict[type, str] = {
    list: "an array",
    str: "a string",
    int: "a number",
    float: "a number",
    bool: "a boolean",
    types.NoneType: "null",
}


def kind_of(value: object) -> str:
    return f"a value of type {type(value).__qualname__}"
