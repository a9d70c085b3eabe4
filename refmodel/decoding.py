"""Decoding: the bytes of a file to a header and records, and the text of a cell to what it says.

What the rules leave of a cell is converted as loosely as the column's kind allows, so that each rule alone is what
makes its own point strict.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

from refmodel.cell import CLEAR, KEEP, Cell, Decoder, Malformed, Place, calendar_date, is_blank, items_of
from refmodel.columns import EMAIL_ADDRESS, Column, Kind
from refmodel.csv_reader import LongRecord, Record
from refmodel.failures import INVALID, short
from refmodel.header import Header
from refmodel.job import DateFormat
from refmodel.rules.cell import (
    BLANK_RULES,
    CELL_RULES,
    booleans_cannot_be_cleared,
    clear_token_clears,
    identity_cannot_be_cleared,
    values_are_verbatim,
)
from refmodel.rules.file import HEADER_RULES, empty_rows_are_ignored, file_is_utf8_csv
from refmodel.ruleset import STANDARD, Rule, Ruleset, is_for
from refmodel.value_lists import Vocabulary


def read_header(cells: Record, ruleset: Ruleset) -> Header:
    """The header's cells, each with the column that it names."""
    rules = ruleset.standing(HEADER_RULES)
    return _named(cells, rules) if isinstance(cells, LongRecord) else _remembered(tuple(cells), rules)


def _named(cells: Sequence[str], rules: tuple[Rule, ...]) -> Header:
    def named(cell: str) -> Column | None:
        return next(filter(None, (rule(cell) for rule in rules)), None)

    return Header.of(cells, map(lru_cache(maxsize=64)(named), cells))  # a million cells may all be blank


_remembered = lru_cache(maxsize=256)(_named)  # files of one sender have the same header


def about_unknown(header: Header) -> Iterator[str]:
    """Warnings of the headers that name no column: of each, as far as they are few, and one of all blank ones."""
    named = (cell for _, cell in header.unknown if not is_blank(cell))
    for name in islice(named, NAMES_SHOWN):
        yield f"The header {short(name)!r} names no column: it was ignored"
    if more := sum(1 for _ in named):
        yield f"Headers that name no column were ignored: {more:,} more"
    blank = (str(place + 1) for place, cell in header.unknown if is_blank(cell))
    if places := [*islice(blank, PLACES_SHOWN)]:
        more = sum(1 for _ in blank)
        columns = ", ".join([*places, *[f"and {more:,} more"] * (more > 0)])
        yield f"Columns with a blank header were ignored: {columns}"


NAMES_SHOWN = 20
PLACES_SHOWN = 5


def records(data: bytes, ruleset: Ruleset) -> Iterator[Record]:
    """The records of a file that are not empty, the header first."""
    is_empty = ruleset[empty_rows_are_ignored]
    return (record for record in ruleset[file_is_utf8_csv](data) if not is_empty(record))


def blank_clears(cell: Cell, place: Place) -> Cell:
    """A blank cell that no rule has kept empties the field, as in a file that says all there is to say."""
    return CLEAR if isinstance(cell, str) and is_blank(cell) else cell


def as_boolean(cell: Cell, place: Place) -> Cell:
    """TRUE and FALSE, in whatever capitals the rules let through."""
    return {"true": True, "false": False}.get(str(cell).strip().lower(), Malformed("booleans_are_upper_case", INVALID))


def as_date(cell: Cell, place: Place) -> Cell:
    """The date, or nothing where the rules let through what is none."""
    return calendar_date(str(cell)) or CLEAR


def as_list(cell: Cell, place: Place) -> Cell:
    """The items in their order; of no items the list is cleared."""
    return items_of(cell) or CLEAR


def as_labels(cell: Cell, place: Place) -> Cell:
    """The labels as a set; of no labels all are cleared."""
    return frozenset(items_of(cell)) or CLEAR


CONVERSIONS: dict[Kind, tuple[Rule, ...]] = {
    Kind.BOOLEAN: (as_boolean,),
    Kind.DATE: (as_date,),
    Kind.LIST: (as_list,),
    Kind.LABELS: (as_labels,),
}

ON_BLANKS_AND_TOKENS = (
    *BLANK_RULES,
    blank_clears,
    identity_cannot_be_cleared,
    booleans_cannot_be_cleared,
    clear_token_clears,
    values_are_verbatim,
)

UNLIKE_EACH_OTHER = (Kind.TEXT, Kind.MOBILE)  # nearly every cell of these is new: remembering them only costs


def decoder(column: Column, vocabulary: Vocabulary, date_format: DateFormat, ruleset: Ruleset = STANDARD) -> Decoder:
    """The function that reads the texts of one column, made of the rules that are for it."""
    return decoder_by(rules_about_cells(ruleset), column, vocabulary, date_format)


def rules_about_cells(ruleset: Ruleset) -> tuple[Rule, ...]:
    """Those that are in force, in their order; rulesets that only differ in other rules read alike."""
    return (*ruleset.standing(BLANK_RULES), blank_clears, *ruleset.standing(CELL_RULES))


@lru_cache(maxsize=4096)
def decoder_by(in_force: tuple[Rule, ...], column: Column, vocabulary: Vocabulary, date_format: DateFormat) -> Decoder:
    """The same, made of those of some rules."""
    place = Place(column, vocabulary, date_format)
    rules = (*in_force, *CONVERSIONS.get(column.kind, ()))
    steps = tuple(rule for rule in rules if is_for(rule, column))
    fewer = tuple(step for step in steps if not leaves_words_alone(step, column))

    def decode(text: str) -> Cell:
        cell: Cell = text
        for step in fewer if text[:1].isalnum() else steps:
            cell = step(cell, place)
            if cell is KEEP or cell is CLEAR or isinstance(cell, Malformed):
                break
        return cell

    return decode


def leaves_words_alone(step: Rule, column: Column) -> bool:
    """Whether a step changes no text that begins with a letter or a digit, and so is not blank nor the clear token."""
    return step in ON_BLANKS_AND_TOKENS and not (step is clear_token_clears and column.holds_list)


def remembering(column: Column, decode: Decoder) -> Decoder:
    """The same decoder, which remembers what it has read, where a column's texts repeat."""
    if column.kind in UNLIKE_EACH_OTHER or column is EMAIL_ADDRESS:
        return decode
    return lru_cache(maxsize=4096)(decode)
