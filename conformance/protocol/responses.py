"""Responses: their types, and how they are checked."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Annotated, Any, Literal, TypedDict

import attrs
import msgspec
from msgspec import Meta, Struct, field, inspect

from conformance.protocol.requests import VERSION
from refmodel.columns import COLUMNS, Kind, required_headers
from refmodel.serialization import OBSERVABLE
from refmodel.wording import as_found, listed

Response = dict[str, Any]

Text = Annotated[str, Meta(min_length=1)]
Texts = list[str]
Date = Annotated[str | None, Meta(extra_json_schema={"format": "date"})]
Outcome = Literal["created", "updated", "unchanged", "failed"]

DATES = tuple(column for column in COLUMNS if column.kind is Kind.DATE)
OUTCOMES: tuple[Outcome, ...] = ("created", "updated", "unchanged", "failed")


class WrongShape(ValueError):
    """A response of the wrong shape; the text names the path and what was expected."""


class Hello(Struct, frozen=True):
    """Who the importer is and what it can do; `columns` is null where it stores them all."""

    protocol: Annotated[int, Meta(extra_json_schema={"const": VERSION})]
    name: str | None = None
    version: str | None = None
    language: str | None = None
    supports: Texts = []
    columns: Texts | None = None

    def __post_init__(self) -> None:
        if self.protocol != VERSION:
            raise ValueError(f".protocol: expected {VERSION}, got {self.protocol}")
        if self.columns is not None:
            _check_columns(self.columns)


class Ok(Struct, frozen=True):
    """It was done, and there is nothing to tell."""

    ok: Annotated[bool, Meta(extra_json_schema={"const": True})]

    def __post_init__(self) -> None:
        if not self.ok:
            raise ValueError(".ok: expected true, got false")


class RowResponse(TypedDict, total=False):
    """What the sender of a row reads: that it went well, or one text, or texts by field."""

    success: bool
    errors: str | dict[str, Annotated[list[str], Meta(min_length=1)]] | None


class RowResult(Struct, frozen=True):
    """What became of one row; a decoded response always holds `success`, and `errors` if there are any.

    Whether `success` agrees with the outcome is behaviour, and is for the judge to say.
    """

    row: int
    outcome: Outcome
    response: RowResponse = {}

    def __post_init__(self) -> None:
        failed = self.outcome == "failed"
        success, errors = self.response.get("success", False), self.response.get("errors")
        if failed and (errors is None or errors == {}):
            raise ValueError(".response.errors: expected a text, or texts by field, for the row failed")
        settled: RowResponse = {"success": success}
        if errors is not None and errors != {}:
            settled["errors"] = errors
        msgspec.structs.force_setattr(self, "response", settled)


class Report(Struct, frozen=True):
    """What became of a file: refused whole, or a result for each of its rows, numbered from 1."""

    refused: str | None = None
    warnings: Texts = []
    rows: list[RowResult] = []
    failed_rows_csv: bytes | None = None

    def __post_init__(self) -> None:
        if self.refused is not None and self.rows:
            raise ValueError(f".rows: expected none, for the file was refused, got {len(self.rows)}")
        for number, result in enumerate(self.rows, 1):
            if result.row != number:
                raise ValueError(f".rows[{number - 1}].row: expected {number}, got {result.row}")


_ROWS_UNLESS_REFUSED = {
    "anyOf": [
        {"required": ["rows"]},
        {"required": ["refused"], "properties": {"refused": {"type": "string"}}},
    ]
}


class Imported(Struct, frozen=True):
    """The report of a file that was imported, or previewed."""

    report: Annotated[Report, Meta(extra_json_schema=_ROWS_UNLESS_REFUSED)]


class Done(Struct, frozen=True):
    """Whether an action happened, why not, and the access that a sign-in gave."""

    done: bool = False
    refused: str | None = None
    access: bool = False


_OBSERVED_AS: Mapping[object, object] = {
    str: Text,
    datetime.date | None: Date,
    tuple[str, ...]: Texts,
    frozenset[str]: Texts,
}


def _field_of(stored: attrs.Attribute[Any]) -> tuple[Any, ...]:
    kind = _OBSERVED_AS.get(stored.type, stored.type)
    empty: dict[object, tuple[object, ...]] = {Text: (), Texts: (field(default_factory=list),)}
    return stored.name, kind, *empty.get(kind, (stored.default,))


def _check_dates(account: Struct) -> None:
    for column in DATES:
        text = getattr(account, column.attribute)
        if text is not None and not _is_date(text):
            raise ValueError(f".{column.header}: expected a real date as yyyy-mm-dd, got {text!r}")


Account: Any = msgspec.defstruct(
    "Account",
    map(_field_of, OBSERVABLE),
    module=__name__,
    namespace={
        "__doc__": "All that can be seen of a student; empty is null, or no item in a list.",
        "__post_init__": _check_dates,
    },
    frozen=True,
    rename={column.attribute: column.header for column in COLUMNS},
)


class Observed(Struct, frozen=True):
    """Every student there is, in any order."""

    accounts: list[Account] = []


TypedResponse = Hello | Ok | Imported | Done | Observed

RESPONSES: dict[str, type[TypedResponse]] = {
    "hello": Hello,
    "reset": Ok,
    "import": Imported,
    "preview": Imported,
    "do": Done,
    "observe": Observed,
    "bye": Ok,
}

HEADERS = tuple(column.header for column in COLUMNS)
INDISPENSABLE_HEADERS = tuple(
    column.header for column in COLUMNS if column.sensitive or column.header in required_headers(uses_sso=True)
)


def _check_columns(columns: Texts) -> None:
    for place, column in enumerate(columns):
        if column not in HEADERS:
            raise ValueError(f".columns[{place}]: expected a header of the table, got {column!r}")
    missing = [header for header in INDISPENSABLE_HEADERS if header not in columns]
    if missing:
        raise ValueError(f".columns: expected the required and the sensitive ones too: {', '.join(missing)}")


@lru_cache(maxsize=4096)
def _is_date(text: str) -> bool:
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def decode(op: str, response: object) -> TypedResponse:
    """The response to a request of this op, checked; WrongShape if it is anything else."""
    _check_no_error(response)
    try:
        decoded = msgspec.convert(response, RESPONSES[op])
    except msgspec.ValidationError as wrong:
        raise WrongShape(_located(str(wrong))) from None
    except UnicodeError:
        raise WrongShape("the response: expected text, got a lone surrogate") from None
    if isinstance(decoded, Imported) and decoded.report.refused is None and not _has_rows(response):
        raise WrongShape("report.rows: expected a list, for the file was not refused; got nothing")
    return decoded


def _check_no_error(response: object) -> None:
    # Nearly all keys are optional, so an error would pass for a refused action or an empty world.
    if isinstance(response, Mapping) and response.get("error") is not None:
        raise WrongShape(f"error: expected a response, got the importer's error {as_found(response['error'])}")


def _has_rows(response: object) -> bool:
    match response:
        case {"report": {"rows": _}}:
            return True
    return False


def _located(complaint: str) -> str:
    """The message of msgspec in plain words, after its path; a message of ours continues the path."""
    message, _, place = complaint.partition(" - at `$")
    path = place.removesuffix("`")
    if message.startswith("."):
        return (path + message).removeprefix(".")
    return f"{path.removeprefix('.') or 'the response'}: {_in_words(message)}"


WORDS = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
}


def _in_words(message: str) -> str:
    if match := re.fullmatch(r"Expected `(.+?)`( of length >= 1)?(?:, got `(.+)`)?", message):
        wanted, filled, got = match.groups()
        return (
            f"expected {_kinds(wanted)}{' that is not empty' if filled else ''}{f', got {_kinds(got)}' if got else ''}"
        )
    if match := re.fullmatch(r"Object missing required field `(.+)`", message):
        return f"the key {match[1]} is missing"
    if message.startswith("Invalid enum value"):  # the value is in it
        message += f", expected one of {', '.join(OUTCOMES)}"
    return message[:1].lower() + message[1:]


def _kinds(names: str) -> str:
    return listed([WORDS.get(name, name) for name in names.split(" | ")], "or")


def unknown_keys(op: str, response: object) -> list[str]:
    """The paths of the keys that version 1 does not know, in the order of the response."""
    return list(_unknown(_shape(op), response, ""))


@cache
def _shape(op: str) -> inspect.Type:
    return inspect.type_info(RESPONSES[op])


def _unknown(shape: inspect.Type, value: object, path: str) -> Iterator[str]:
    match shape, value:
        case inspect.Metadata(), _:
            yield from _unknown(shape.type, value, path)
        case ((inspect.StructType() | inspect.TypedDictType()), dict()):
            yield from _unknown_in_object(shape.fields, value, path)
        case inspect.ListType(), list():
            for place, item in enumerate(value):
                yield from _unknown(shape.item_type, item, f"{path}[{place}]")
        case _:
            return


def _unknown_in_object(fields: tuple[inspect.Field, ...], value: dict[object, object], path: str) -> Iterator[str]:
    known: dict[object, inspect.Type] = {each.encode_name: each.type for each in fields}
    for key, item in value.items():
        inner = f"{path}.{key}" if path else str(key)
        if key in known:
            yield from _unknown(known[key], item, inner)
        else:
            yield inner
