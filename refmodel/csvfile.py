"""A file: from bytes to a header and rows, or why not; and the failed rows back to bytes."""

import csv
import io
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain, islice
from threading import Lock
from typing import TextIO

from attrs import evolve, frozen

from refmodel import csv_reader
from refmodel.cells import is_blank
from refmodel.csv_reader import LongRecord, Record
from refmodel.errors import short
from refmodel.rulesets import STANDARD, Rule, Ruleset, otherwise
from refmodel.schema import BY_HEADER, CAMPUS_NAME, SCHOOL_YEAR_NAME, YEAR_ALIAS, Column, required_headers
from refmodel.world import Institution


class NotCsvError(Exception):
    """The bytes are no CSV file; the text says where and what to do. It never leaves this package."""


@frozen
class Header:
    """The first row: its cells as they came, and where each known column stands, which it should do once."""

    cells: Sequence[str]
    known: Mapping[Column, Sequence[int]]

    @classmethod
    def of(cls, cells: Sequence[str], columns: Iterable[Column | None]) -> "Header":
        """A header from its cells and the known column in each place, if there is one."""
        known: dict[Column, array[int]] = {}  # not a place for each cell: a header may be very wide
        for place, column in enumerate(columns):
            if column:
                known.setdefault(column, array("Q")).append(place)
        return cls(cells, known)

    @property
    def columns(self) -> tuple[Column | None, ...]:
        """The known column in each place, if there is one."""
        column_in = {place: column for column, places in self.known.items() for place in places}
        return tuple(map(column_in.get, range(len(self.cells))))

    @property
    def places(self) -> dict[Column, int]:
        """The place of each known column; of one that stands twice the last."""
        return {column: places[-1] for column, places in self.known.items()}

    @property
    def unknown(self) -> Iterator[tuple[int, str]]:
        """The cells that name no column, each with its place."""
        known = {place for places in self.known.values() for place in places}
        return ((place, cell) for place, cell in enumerate(self.cells) if place not in known)


# Bytes to records.


@contextmanager
def no_limit_on_cells(data: bytes) -> Iterator[None]:
    """Let the standard reader take cells of any length, and put its limit, which is the process's, back."""
    with _LIMIT:
        limit = csv.field_size_limit(max(len(data), csv.field_size_limit()))
        try:
            yield
        finally:
            csv.field_size_limit(limit)


_LIMIT = Lock()


def read_leniently(data: bytes) -> Iterator[Record]:
    """Records of whatever bytes: what cannot be read is replaced, and quotes are taken as they come."""
    text = data.decode("utf-8-sig", errors="replace")
    return csv.reader(io.StringIO(text, newline=""))


@otherwise(read_leniently)
def file_is_utf8_csv(data: bytes) -> Iterator[Record]:
    """A file is UTF-8, with or without a byte order mark, and comma-separated as RFC 4180 quotes.

    A quote opens a cell only at its start and is an ordinary character inside an unquoted one; after a
    closing quote comes a comma or the end of the row, and none is left open. LF, CRLF and CR each end a
    row, mixed or not. No NUL. A cell may be of any length.

    Source: the product's other public pages
    Basis: chosen
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


@otherwise(matched_loosely)
def headers_match_exactly(text: str) -> Column | None:
    """A header is known only as it is listed, in lower case and untrimmed; others are ignored with a warning.

    The order of the columns means nothing.

    Source: 002:14
    Basis: inferred
    """
    return BY_HEADER.get(text)


def institution_year_name_is_an_alias(text: str) -> Column | None:
    """The header `institution_year_name` means `school_year_name`.

    Source: 001:4
    Basis: inferred
    """
    return SCHOOL_YEAR_NAME if text == YEAR_ALIAS else None


HEADER_RULES: tuple[Callable[[str], Column | None], ...] = (
    headers_match_exactly,
    institution_year_name_is_an_alias,
)


def required_headers_are_present(header: Header, institution: Institution) -> str | None:
    """Every starred header is there, in the smallest update too; single sign-on stars `auth_identifier`.

    Source: 001:18, 001:33, 001:47, 002:14, 002:17-28
    Basis: stated
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
    """
    twice = sorted(column.header for column, places in header.known.items() if len(places) > 1)
    return f"the header has {', '.join(twice)} more than once: leave one of them" if twice else None


HEADER_CHECKS: tuple[Rule, ...] = (required_headers_are_present, no_header_appears_twice)


def campus_needs_campuses(header: Header, institution: Institution) -> Header:
    """An institution without campuses ignores `campus_name`, as if the column were absent.

    Source: 002:39
    Basis: inferred
    """
    if institution.campuses:
        return header
    return evolve(header, known={c: places for c, places in header.known.items() if c is not CAMPUS_NAME})


HEADER_LIMITS: tuple[Rule, ...] = (campus_needs_campuses,)


# The rows.


def no_row_is_empty(record: Record) -> bool:
    """Every line is a row, whatever is in it."""
    return False


@otherwise(no_row_is_empty)
def empty_rows_are_ignored(record: Record) -> bool:
    """A blank line, and a row of blank cells only, is no row: it has no number and no result.

    The same holds for those before the header.

    Source: the articles are silent
    Basis: chosen
    """
    return not any(record) or all(map(is_blank, record))


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


# The failed rows, as a file.

STATUS_COLUMNS = ("status", "response")


def failed_rows_file(data: bytes, responses: Mapping[int, str], ruleset: Ruleset = STANDARD) -> bytes:
    """The failed rows are given back as they came, in their order, with `status` and `response` behind them.

    `responses` maps the number of a failed row to its response as JSON. Sent back as it is, under the
    settings that were missing, the file works. Every cell is the sender's own text, and ragged rows stay
    ragged. Where the header already ends in the two columns they are used again and not doubled.

    Source: 003:9, the product's other public pages
    Basis: stated (the two columns: chosen)
    """
    output = io.BytesIO()
    with no_limit_on_cells(data), io.TextIOWrapper(output, "utf-8", newline="") as text:
        rows = records(data, ruleset)
        header = next(rows, [])
        again = tuple(header[-2:]) == STATUS_COLUMNS
        # Unquoted, a header that begins with U+FEFF would be read back as a byte order mark, and lost.
        write = row_writer(text, quote_all=next(filter(None, header), "").startswith("\ufeff"))
        write(header, 0, () if again else STATUS_COLUMNS)
        for number, row in enumerate(rows, start=1):
            if number in responses:
                write(row, 2 if again and _has_status(row, len(header)) else 0, ("failed", responses[number]))
        text.flush()
        return output.getvalue()


def _has_status(row: Record, width: int) -> bool:
    # A ragged row that was never here before must not lose two cells of its own.
    return len(row) == width or (row[-2:-1] == ["failed"] and row[-1].startswith("{"))


def row_writer(text: TextIO, quote_all: bool) -> Callable[[Record, int, Sequence[str]], None]:
    """A function that writes a row without so many of its last cells, and with others behind them."""
    writer = csv.writer(text, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL)

    def write(row: Record, dropped: int, added: Sequence[str]) -> None:
        kept = islice(row, len(row) - dropped)
        if isinstance(row, LongRecord):  # of which the standard writer would make many times as much
            write_long(text, chain(kept, added), quote_all)
        else:
            writer.writerow([*kept, *added])

    return write


QUOTED_FOR = re.compile('[",\r\n]')


def write_long(text: TextIO, cells: Iterable[str], quote_all: bool) -> None:
    """Write a row as the standard writer does, a piece at a time."""
    for number, cell in enumerate(cells):
        quote = '"' if quote_all or QUOTED_FOR.search(cell) else ""
        text.write(f",{quote}" if number else quote)
        for place in range(0, len(cell), csv_reader.BLOCK):
            piece = cell[place : place + csv_reader.BLOCK]
            text.write(piece.replace('"', '""') if quote else piece)
        text.write(quote)
    text.write("\r\n")
