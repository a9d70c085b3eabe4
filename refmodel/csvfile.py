"""A file: from bytes to a header and rows, or why not; and the failed rows back to bytes."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from threading import Lock

from attrs import frozen

from refmodel.cells import is_blank
from refmodel.rulesets import STANDARD, Rule, Ruleset, otherwise
from refmodel.schema import BY_HEADER, CAMPUS_NAME, SCHOOL_YEAR_NAME, YEAR_ALIAS, Column, required_headers
from refmodel.world import Institution

Record = list[str]


class NotCsvError(Exception):
    """The bytes are no CSV file; the text says where and what to do. It never leaves this package."""


@frozen
class Header:
    """The first row: its cells as they came, and the known column in each place, if there is one."""

    cells: tuple[str, ...]
    columns: tuple[Column | None, ...]

    @property
    def unknown(self) -> tuple[str, ...]:
        """The cells that name no column."""
        return tuple(cell for cell, column in zip(self.cells, self.columns) if column is None)


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
    if (place := data.find(b"\0")) >= 0:
        raise NotCsvError(f"{where(data, place)}: a NUL byte, which no text holds; save the file as CSV in UTF-8")
    try:
        yield from csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline=""), strict=True)
    except (UnicodeDecodeError, csv.Error):
        raise NotCsvError(what_is_wrong(data)) from None


CELL = re.compile(r'(?P<cell>"(?:[^"]|"")*"|(?!")[^,\r\n]*)(?P<end>,|\r\n|\r|\n|\Z)')


def place_in(text: str) -> tuple[int, str]:
    """Where the last cell of a text begins, or the first whose quotes are wrong; and its line, record and number."""
    place, record, cell = 0, 1, 1
    while (match := CELL.match(text, place)) and match["end"]:
        place = match.end()
        cell, record = (cell + 1, record) if match["end"] == "," else (1, record + 1)
    lines = text[:place].replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    return place, f"line {lines}, record {record}, cell {cell}"


def where(data: bytes, offset: int) -> str:
    """In which line, record and cell of a file a byte stands."""
    return place_in(data[:offset].decode("utf-8-sig", errors="replace"))[1]


def what_is_wrong(data: bytes) -> str:
    """Why bytes are no CSV in UTF-8: the first byte that is none, or else the first cell whose quotes are wrong."""
    try:
        return bad_quotes(data.decode("utf-8").removeprefix("\ufeff"))
    except UnicodeDecodeError as error:
        byte = f"byte 0x{data[error.start]:02X} at offset {error.start}"
        return f"{where(data, error.start)}: {byte} is not UTF-8; save the file as CSV in UTF-8"


def bad_quotes(text: str) -> str:
    """The first cell whose quotes are wrong, and what is wrong with it."""
    place, there = place_in(text)
    closed = re.compile(r'"(?:[^"]|"")*"(?!")').match(text, place)
    what = "text stands after the closing quote" if closed else "the quote that opens the cell is never closed"
    return f"{there}: {what}; write a quote inside a quoted cell twice"


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
    present = {column.header for column in header.columns if column}
    missing = [name for name in required_headers(institution.uses_sso) if name not in present]
    if not missing:
        return None
    return f"the header lacks {', '.join(missing)}: every file needs the starred columns, blank or not"


def no_header_appears_twice(header: Header, institution: Institution) -> str | None:
    """No known header stands twice, nor beside its alias.

    Source: the articles are silent
    Basis: chosen
    """
    known = [column.header for column in header.columns if column]
    twice = sorted({name for name in known if known.count(name) > 1})
    return f"the header has {', '.join(twice)} more than once: leave one of them" if twice else None


HEADER_CHECKS: tuple[Rule, ...] = (required_headers_are_present, no_header_appears_twice)


def campus_needs_campuses(header: Header, institution: Institution) -> Header:
    """An institution without campuses ignores `campus_name`, as if the column were absent.

    Source: 002:39
    Basis: inferred
    """
    if institution.campuses:
        return header
    return Header(header.cells, tuple(None if c is CAMPUS_NAME else c for c in header.columns))


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
    return _named(tuple(cells), ruleset.standing(HEADER_RULES))


@lru_cache(maxsize=1024)  # files of one sender have the same header
def _named(cells: tuple[str, ...], rules: tuple[Rule, ...]) -> Header:
    return Header(cells, tuple(next(filter(None, (rule(cell) for rule in rules)), None) for cell in cells))


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
    output = io.StringIO(newline="")
    with no_limit_on_cells(data):
        rows = records(data, ruleset)
        header = next(rows, [])
        again = tuple(header[-2:]) == STATUS_COLUMNS
        # Unquoted, a header that begins with U+FEFF would be read back as a byte order mark, and lost.
        writer = csv.writer(
            output, quoting=csv.QUOTE_ALL if "".join(header).startswith("\ufeff") else csv.QUOTE_MINIMAL
        )
        writer.writerow(header if again else [*header, *STATUS_COLUMNS])
        for number, row in enumerate(rows, start=1):
            if number in responses:
                kept = row[:-2] if again and _has_status(row, len(header)) else row
                writer.writerow([*kept, "failed", responses[number]])
    return output.getvalue().encode()


def _has_status(row: Record, width: int) -> bool:
    # A ragged row that was never here before must not lose two cells of its own.
    return len(row) == width or (row[-2:-1] == ["failed"] and row[-1].startswith("{"))
