"""A cell: what it can say, and what rules need to know of texts.

A cell decodes to KEEP (it says nothing), to CLEAR, to a Malformed, or else to its value: a text, a date, a
boolean, a tuple of items or a frozenset of labels. Values are bare so that an account, the row last applied
to it and the file share them.
"""

import datetime
import re
from collections.abc import Callable
from enum import Enum

from attrs import frozen

from refmodel.columns import COLUMNS, Column
from refmodel.job import DateFormat
from refmodel.ruleset import Rule
from refmodel.value_lists import Vocabulary


class Word(Enum):
    """The two things that a cell can say without a value."""

    KEEP = "keep"
    CLEAR = "clear"


KEEP = Word.KEEP
CLEAR = Word.CLEAR


@frozen
class Malformed:
    """A cell that is not what its column takes: the rule that says so, and the message."""

    rule: str
    message: str


def malformed(rule: Rule, message: str) -> Malformed:
    """A cell that a rule does not take."""
    return Malformed(rule.__name__, message)


Value = str | bool | datetime.date | tuple[str, ...] | frozenset[str]
Cell = Word | Malformed | Value
Cells = tuple[Cell, ...]  # one for each of COLUMNS, in their order
NO_CELLS: Cells = (KEEP,) * len(COLUMNS)  # what a row says that says nothing
Decoder = Callable[[str], Cell]


@frozen
class Place:
    """Where a cell stands, as far as reading it depends on that."""

    column: Column
    vocabulary: Vocabulary
    date_format: DateFormat


# What the rules need to know of texts.


DATE_SHAPES: dict[DateFormat, re.Pattern[str]] = {
    "yyyy-mm-dd": re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})", re.ASCII),
    "mm/dd/yyyy": re.compile(r"(?P<month>\d{2})/(?P<day>\d{2})/(?P<year>\d{4})", re.ASCII),
}
# What cannot be seen, so that a text with it looks like another one.
INVISIBLE = re.compile(
    r"[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    r"\ufeff\ufff9-\ufffb]"
)
MOBILE = re.compile(r"\+?[0-9]+")
LOWER_A_TO_Z = {ord(upper): ord(upper) + 32 for upper in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def is_blank(text: str) -> bool:
    """Whether a cell is empty or holds white space only."""
    return not text or text.isspace()


def normal_email(text: str) -> str:
    """An e-mail address or a domain as it is compared: no white space around it, A-Z in lower case."""
    stripped = text.strip()
    return stripped.lower() if stripped.isascii() else stripped.translate(LOWER_A_TO_Z)


def is_email(text: str) -> bool:
    """Whether a text is shaped as an address is, all of it can be seen, and its domain has no dot at either end."""
    return is_shaped_as_an_email(text) and not INVISIBLE.search(text) and "@." not in text and not text.endswith(".")


def is_shaped_as_an_email(text: str) -> bool:
    """Whether a text has one @, something on each side of it, and no white space."""
    local, _, domain = text.partition("@")
    return bool(local and domain) and "@" not in domain and len(text.split(maxsplit=1)) == 1


def domain_of(email: str) -> str:
    """What stands behind the @."""
    return email.rpartition("@")[2]


def calendar_date(text: str) -> datetime.date | None:
    """The date that a text is in one of the two formats, or None."""
    for shape in DATE_SHAPES.values():
        if match := shape.fullmatch(text):
            try:
                return datetime.date(**{name: int(digits) for name, digits in match.groupdict().items()})
            except ValueError:
                return None
    return None


def items_of(cell: Cell) -> tuple[str, ...]:
    """The items of a list that has been split, or the whole text as the only one."""
    return cell if isinstance(cell, tuple) else (str(cell),)
