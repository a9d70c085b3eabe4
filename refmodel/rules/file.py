"""The file: its bytes, its header, and the rows that are none."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

from attrs import evolve

from refmodel import csv_reader
from refmodel.cell import is_blank
from refmodel.columns import BY_HEADER, CAMPUS_NAME, SCHOOL_YEAR_NAME, YEAR_ALIAS, Column, required_headers
from refmodel.csv_reader import LongRecord, Record
from refmodel.failures import short
from refmodel.header import Header
from refmodel.ruleset import Ruleset, fallback
from refmodel.world import Institution

FileRule = Callable[[bytes], Iterator[Record]]
HeaderRule = Callable[[str], Column | None]  # the column that a header's cell names
HeaderCheck = Callable[[Header, Institution], str | None]  # why the file is refused
HeaderLimit = Callable[[Header, Institution], Header]  # without the columns that are ignored


class NotCsvError(Exception):
    """The bytes are no CSV file; the text says where and what to do. It never leaves this package."""


def read_leniently(data: bytes) -> Iterator[Record]:
    """Records of whatever bytes: what cannot be read is replaced, and quotes are taken as they come."""
    text = data.decode("utf-8-sig", errors="replace")
    return csv.reader(io.StringIO(text, newline=""))


@fallback(read_leniently)
def file_is_utf8_csv(data: bytes) -> Iterator[Record]:
    """A file is UTF-8, with or without a byte order mark, and comma-separated as RFC 4180 quotes.

    A quote opens a cell only at its start and is an ordinary character inside an unquoted one; after a
    closing quote comes a comma or the end of the row, and none is left open. LF, CRLF and CR each end a
    row, mixed or not. No NUL. A cell may be of any length.

    Source: the product's other public pages
    Basis: chosen
    Remedy: Go to the place that the message names, or save the file again as CSV in UTF-8.
    Consequence: A damaged file is half read, and garbled names or shifted cells end up in profiles.
    Example: a_quote_that_is_never_closed
    """
    check_text(data)
    check_quotes(data)
    yield from csv_reader.reader(data)


def check_text(data: bytes) -> None:
    """NotCsvError where a byte is NUL, or else no UTF-8."""
    if (place := data.find(b"\0")) >= 0:
        there = csv_reader.where(data, place)
        raise NotCsvError(f"{there}: a NUL byte, which no text holds; save the file as CSV in UTF-8")
    if (bad := csv_reader.first_not_utf8(data)) is not None:
        byte = f"byte 0x{data[bad]:02X} at offset {bad}"
        raise NotCsvError(f"{csv_reader.where(data, bad)}: {byte} is not UTF-8; save the file as CSV in UTF-8")


def check_quotes(data: bytes) -> None:
    """NotCsvError where quotes are wrong: found before any row is kept, as reading them all takes much more."""
    if wrong := csv_reader.wrong_quotes(data):
        raise NotCsvError(f"{wrong}; write a quote inside a quoted cell twice")


# The header.


def matched_loosely(text: str) -> Column | None:
    """The column that a header means when neither capitals nor white space count."""
    return BY_HEADER.get(text.strip().lower())


@fallback(matched_loosely)
def headers_match_exactly(text: str) -> Column | None:
    """A header is known only as it is listed, in lower case and untrimmed; others are ignored with a warning.

    The order of the columns means nothing.

    Source: 002:14
    Basis: inferred
    Remedy: Spell each header as it is listed, in lower case, with no space around it.
    Consequence: A column that the sender did not mean is taken for a known one and overwrites it.
    Example: a_header_in_capitals
    """
    return BY_HEADER.get(text)


def institution_year_name_is_an_alias(text: str) -> Column | None:
    """The header `institution_year_name` means `school_year_name`.

    Source: 001:4
    Basis: inferred
    Remedy: Nothing; better still, call the column school_year_name.
    Consequence: Files with the other name of the year column are refused, or lose the years.
    Example: the_alias_of_the_year
    """
    return SCHOOL_YEAR_NAME if text == YEAR_ALIAS else None


HEADER_RULES: tuple[HeaderRule, ...] = (
    headers_match_exactly,
    institution_year_name_is_an_alias,
)


def required_headers_are_present(header: Header, institution: Institution) -> str | None:
    """Every starred header is there, in the smallest update too; single sign-on requires `auth_identifier`.

    Source: 001:18, 001:33, 001:47, 002:14, 002:17-28
    Basis: stated
    Remedy: Add the missing columns; their cells may stay blank, which keeps what is stored.
    Consequence: A cut-off export is applied as if the missing columns did not matter.
    Example: a_file_of_three_columns
    """
    present = {column.header for column in header.known}
    missing = [name for name in required_headers(institution.uses_sso) if name not in present]
    if not missing:
        return None
    return f"the header lacks {', '.join(missing)}: every file needs the starred columns, blank or not"


def no_header_appears_twice(header: Header, institution: Institution) -> str | None:
    """No known header stands twice, nor beside its alias.

    Source: the articles are silent
    Basis: chosen
    Remedy: Leave one column of each name; institution_year_name is school_year_name again.
    Consequence: One of two columns of the same name wins by chance, and nobody is told which.
    Example: the_year_and_its_alias
    """
    twice = sorted(column.header for column, places in header.known.items() if len(places) > 1)
    return f"the header has {', '.join(twice)} more than once: leave one of them" if twice else None


HEADER_CHECKS: tuple[HeaderCheck, ...] = (required_headers_are_present, no_header_appears_twice)


def campus_needs_campuses(header: Header, institution: Institution) -> Header:
    """An institution without campuses ignores `campus_name`, as if the column were absent.

    Source: 002:39
    Basis: inferred
    Remedy: Have campuses set up for the institution first, or leave the column out.
    Consequence: A column that means nothing at a university without campuses fails all its rows.
    Example: a_campus_where_there_are_none
    """
    if institution.campuses:
        return header
    return evolve(header, known={c: places for c, places in header.known.items() if c is not CAMPUS_NAME})


HEADER_LIMITS: tuple[HeaderLimit, ...] = (campus_needs_campuses,)


# The rows.


def no_row_is_empty(record: Record) -> bool:
    """Every line is a row, whatever is in it."""
    return False


@fallback(no_row_is_empty)
def empty_rows_are_ignored(record: Record) -> bool:
    """A blank line, and a row of blank cells only, is no row: it has no number and no result.

    The same holds for those before the header.

    Source: the articles are silent
    Basis: chosen
    Remedy: Nothing; but count the rows without the empty ones when you look one up.
    Consequence: Blank lines that a spreadsheet leaves behind come back as failed rows every night.
    Example: a_row_of_blank_cells
    """
    return not any(record) or all(map(is_blank, record))


# Reading a file by these rules.


def read_header(cells: Record, ruleset: Ruleset) -> Header:
    """The header's cells, each with the column that it names."""
    rules = ruleset.active(HEADER_RULES)
    return _named(cells, rules) if isinstance(cells, LongRecord) else _remembered(tuple(cells), rules)


def _named(cells: Sequence[str], rules: tuple[HeaderRule, ...]) -> Header:
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
    blank = (str(place + 1) for place in header.blank)
    if places := [*islice(blank, PLACES_SHOWN)]:
        more = sum(1 for _ in blank)
        columns = ", ".join([*places, *[f"and {more:,} more"] * (more > 0)])
        yield f"Columns with a blank header were ignored: {columns}"


NAMES_SHOWN = 20
PLACES_SHOWN = 5


def records(data: bytes, ruleset: Ruleset) -> Iterator[Record]:
    """The records of a file that are not empty, the header first."""
    is_empty, read = ruleset.in_place_of(empty_rows_are_ignored), ruleset.in_place_of(file_is_utf8_csv)
    return (record for record in read(data) if not is_empty(record))
