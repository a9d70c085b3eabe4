"""One cell of a file: it keeps, clears, holds a value, or is malformed."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Literal

from attrs import frozen
from msgspec import Struct

from .columns import IDENTITY, LEVELS, NOTHING, YEARS, Column, Kind, Value, Vocabulary

DateFormat = Literal["yyyy-mm-dd", "mm/dd/yyyy"]

TOKEN = "**CLEAR**"
# Spelt out, so that the meaning of a file does not follow Python's edition of Unicode.
WHITE_SPACE = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
BLANK = "can't be blank"
INVALID = "is invalid"
NOT_LISTED = "is not included in the list"
TAKEN = "has already been taken"
TOO_LONG = "is too long (maximum is 255 characters)"

_REMEMBERED = 4096  # cells of a column
_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
# What cannot be seen: with it in an address, the address would look like another one.
_INVISIBLE = "\0-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
_PART = f"[^@{WHITE_SPACE}{_INVISIBLE}]+"
_DOMAIN = re.compile(rf"(?!\.){_PART}(?<!\.)")
_EMAIL = re.compile(f"{_PART}@{_DOMAIN.pattern}")
_MOBILE = re.compile(r"\+?[0-9]+")
_DATES = {
    "yyyy-mm-dd": re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"),
    "mm/dd/yyyy": re.compile(r"(?P<month>[0-9]{2})/(?P<day>[0-9]{2})/(?P<year>[0-9]{4})"),
}


class Keep(Struct, frozen=True, gc=False):
    """The cell says nothing."""


class Clear(Struct, frozen=True, gc=False):
    """The cell empties the field."""


class Given(Struct, frozen=True, gc=False):
    """The cell holds a value."""

    value: str | bool | tuple[str, ...]


class Malformed(Struct, frozen=True, gc=False):
    """The cell cannot be understood, and why."""

    complaint: str


Cell = Keep | Clear | Given | Malformed
KEEP, CLEAR = Keep(), Clear()


@frozen
class Reading:
    """What the meaning of a cell depends on besides its column."""

    vocabulary: Vocabulary
    date_format: DateFormat = "yyyy-mm-dd"


def is_blank(text: str) -> bool:
    """Empty, or white space only."""
    return not text or (text[0] in WHITE_SPACE and not text.strip(WHITE_SPACE))


def plain_address(text: str) -> str:
    """An e-mail or a domain as it is stored and compared: only A-Z have a lower case here."""
    trimmed = text.strip(WHITE_SPACE)
    return trimmed.lower() if trimmed.isascii() else trimmed.translate(_LOWER)


def is_email(address: str) -> bool:
    """One @ between what can all be seen, and a domain behind it, in an address already made plain."""
    return _EMAIL.fullmatch(address) is not None


def is_domain(text: str) -> bool:
    """What an e-mail may have behind the @: no dot begins or ends it. Already made plain."""
    return _DOMAIN.fullmatch(text) is not None


def domain_of(address: str) -> str:
    """What follows the @."""
    return address.partition("@")[2]


def decode(column: Column, text: str, reading: Reading) -> Cell:
    """What the cell says. Source: 001:13, 002:36."""
    return _reader(column, reading)(text)


def decoder(column: Column, reading: Reading, remembers: bool) -> Callable[[str], Cell]:
    """What says of one column what its cells say; in a long file most columns repeat themselves."""
    read = _reader(column, reading)
    is_unique = column.sensitive or column.kind == "mobile"
    return lru_cache(_REMEMBERED)(read) if remembers and not is_unique else read


def _reader(column: Column, reading: Reading) -> Callable[[str], Cell]:
    empty = CLEAR if column.kind == "labels" else KEEP
    cleared, read_value = _cleared(column), _DECODERS[column.kind]

    def read(text: str) -> Cell:
        if is_blank(text):
            return empty
        return cleared if text == TOKEN else read_value(text, reading)

    return read


def changed(values: Mapping[str, Value], cells: Mapping[str, Cell]) -> dict[str, Value]:
    """The values after clears and givens; what is kept, or malformed, stays."""
    after = dict(values)
    for header, cell in cells.items():
        if isinstance(cell, Given):
            after[header] = cell.value
        elif isinstance(cell, Clear):
            after[header] = NOTHING[header]
    return after


def _cleared(column: Column) -> Cell:
    if column.header in IDENTITY:
        return Malformed(BLANK)
    return Malformed(INVALID) if column.kind == "boolean" else CLEAR


def _text(text: str, _: Reading) -> Cell:
    return Given(text)


def _email(text: str, _: Reading) -> Cell:
    address = plain_address(text)
    return Given(address) if is_email(address) else Malformed(INVALID)


def _level(text: str, reading: Reading) -> Cell:
    return Given(text) if text in LEVELS[reading.vocabulary] else Malformed(NOT_LISTED)


def _year(text: str, reading: Reading) -> Cell:
    return Given(text) if text in YEARS[reading.vocabulary] else Malformed(NOT_LISTED)


def _boolean(text: str, _: Reading) -> Cell:
    return Given(text == "TRUE") if text in ("TRUE", "FALSE") else Malformed(NOT_LISTED)


def _mobile(text: str, _: Reading) -> Cell:
    return Given(text) if _MOBILE.fullmatch(text) else Malformed(INVALID)


def _date(text: str, reading: Reading) -> Cell:
    parts = _DATES[reading.date_format].fullmatch(text)
    if parts is None:
        return Malformed(INVALID)
    try:
        return Given(date(int(parts["year"]), int(parts["month"]), int(parts["day"])).isoformat())
    except ValueError:
        return Malformed(INVALID)


def _list(text: str, _: Reading) -> Cell:
    trimmed = (item.strip(WHITE_SPACE) for item in text.split(";"))
    items = tuple(dict.fromkeys(item for item in trimmed if item))
    if TOKEN in items:
        return Malformed(INVALID)
    return Given(items) if items else CLEAR


def _courses(text: str, reading: Reading) -> Cell:
    cell = _list(text, reading)
    if isinstance(cell, Given) and isinstance(cell.value, tuple) and any(len(item) > 255 for item in cell.value):
        return Malformed(TOO_LONG)
    return cell


def _labels(text: str, reading: Reading) -> Cell:
    cell = _list(text, reading)
    if isinstance(cell, Given) and isinstance(cell.value, tuple):
        return Given(tuple(sorted(cell.value)))
    return cell


_DECODERS: Mapping[Kind, Callable[[str, Reading], Cell]] = {
    "email": _email,
    "text": _text,
    "level": _level,
    "year": _year,
    "date": _date,
    "list": _list,
    "courses": _courses,
    "boolean": _boolean,
    "mobile": _mobile,
    "labels": _labels,
}
