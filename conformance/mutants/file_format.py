"""Mutants of reading files: bytes, header, empty rows, columns."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator

from attrs import evolve

from conformance.mutants.operators import Mutant, and_replace_rule, drop_rule, in_place, replace_rule
from refmodel.cell import CLEAR, KEEP, Cell
from refmodel.columns import BY_HEADER, COLUMNS, SCHOOL_YEAR_NAME, YEAR_ALIAS, Column, required_headers
from refmodel.csv_reader import Record
from refmodel.header import Header
from refmodel.readings import blank_rows_fail
from refmodel.rules.file import (
    NotCsvError,
    campus_needs_campuses,
    empty_rows_are_ignored,
    file_is_utf8_csv,
    headers_match_exactly,
    institution_year_name_is_an_alias,
    no_header_appears_twice,
    required_headers_are_present,
)
from refmodel.rules.identity import ragged_rows_fail
from refmodel.rules.validation import campus_is_known
from refmodel.rules.whole_file import absent_column_keeps
from refmodel.world import Institution

# Bytes.


def text_of(data: bytes) -> str:
    """The text of a file; NotCsvError if it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotCsvError(str(error)) from None


def strictly(lines: Iterable[str], delimiter: str = ",") -> Iterator[Record]:
    """The records in some lines; NotCsvError where quotes are wrong."""
    try:
        yield from csv.reader(lines, strict=True, delimiter=delimiter)
    except csv.Error as error:
        raise NotCsvError(str(error)) from None


@replace_rule(file_is_utf8_csv)
def other_encodings_are_taken(data: bytes) -> Iterator[Record]:
    """A file that is not UTF-8 is read as Latin-1."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        data = data.decode("latin-1").encode()
    return file_is_utf8_csv(data)


@replace_rule(file_is_utf8_csv)
def the_mark_stays_in_the_header(data: bytes) -> Iterator[Record]:
    """A byte order mark is taken for a part of the first header."""
    text = text_of(b"\xef\xbb\xbf" + data)
    return strictly(io.StringIO(text, newline=""))


@replace_rule(file_is_utf8_csv)
def a_lone_cr_ends_no_row(data: bytes) -> Iterator[Record]:
    """Only LF and CRLF end a row."""
    held = re.sub(rb"\r(?!\n)", "\ue000".encode(), data)
    for record in file_is_utf8_csv(held):
        yield [cell.replace("\ue000", "\r") for cell in record]


@replace_rule(file_is_utf8_csv)
def wrong_quotes_are_taken(data: bytes) -> Iterator[Record]:
    """Text behind a closing quote is taken, and the end of the file closes an open one."""
    if b"\0" in data:
        raise NotCsvError("a NUL byte")
    return csv.reader(io.StringIO(text_of(data), newline=""))


@replace_rule(file_is_utf8_csv)
def a_nul_is_a_character(data: bytes) -> Iterator[Record]:
    """A NUL byte is taken for a character like any other."""
    return strictly(io.StringIO(text_of(data), newline=""))


@replace_rule(file_is_utf8_csv)
def a_quote_inside_a_cell_refuses_the_file(data: bytes) -> Iterator[Record]:
    """A quote inside an unquoted cell refuses the whole file."""
    cell = re.compile(r'(?:"(?:[^"]|"")*"|[^",\r\n]*)(?:,|\r\n|\r|\n|\Z)')
    text, place = text_of(data), 0
    while place < len(text):
        match = cell.match(text, place)
        if match is None:
            raise NotCsvError("a quote where none may be")
        place = match.end()
    return file_is_utf8_csv(data)


@replace_rule(file_is_utf8_csv)
def lines_are_split_before_quotes_are_read(data: bytes) -> Iterator[Record]:
    """A line break inside quotes ends the row."""
    for line in re.split(r"\r\n|\r|\n", text_of(data)):
        yield from strictly([line])


@replace_rule(file_is_utf8_csv)
def whatever_unicode_calls_a_line_ends_a_row(data: bytes) -> Iterator[Record]:
    """Form feeds, U+0085, U+2028 and similar characters end a row."""
    return strictly(text_of(data).splitlines(keepends=True))


@replace_rule(file_is_utf8_csv)
def semicolons_separate_where_the_header_has_them(data: bytes) -> Iterator[Record]:
    """A header with semicolons and no comma makes a file that semicolons separate."""
    header = data.partition(b"\n")[0]
    if b"," in header or b";" not in header:
        return file_is_utf8_csv(data)
    return strictly(io.StringIO(text_of(data), newline=""), delimiter=";")


@replace_rule(file_is_utf8_csv)
def long_cells_refuse_the_file(data: bytes) -> Iterator[Record]:
    """A cell of more than 131072 characters refuses the file."""
    for record in file_is_utf8_csv(data):
        if any(len(cell) > 131072 for cell in record):
            raise NotCsvError("field larger than field limit (131072)")
        yield record


# Empty and ragged rows.


blank_cells_make_a_row = in_place(
    empty_rows_are_ignored, "blank_cells_make_a_row", "A row of blank cells is a row, and fails.", blank_rows_fail
)


@replace_rule(empty_rows_are_ignored)
def white_space_makes_a_row(record: Record) -> bool:
    """A row of empty cells is no row, but one with white space in a cell is."""
    return not any(record)


@replace_rule(file_is_utf8_csv, breaks=empty_rows_are_ignored)
def the_first_line_is_the_header(data: bytes) -> Iterator[Record]:
    """A blank line in front of the header is taken for the header."""
    rows = file_is_utf8_csv(data)
    for number, record in enumerate(rows):
        if number == 0 and empty_rows_are_ignored(record):
            raise NotCsvError("the header is empty")
        yield record


@replace_rule(ragged_rows_fail)
def short_rows_are_filled_up(record: Record, header: Header) -> str | None:
    """A short row is filled up with blanks, and a long one fails."""
    return None if len(record) < len(header.cells) else ragged_rows_fail(record, header)


@replace_rule(ragged_rows_fail)
def long_rows_are_cut(record: Record, header: Header) -> str | None:
    """A long row is cut, and a short one fails."""
    return None if len(record) > len(header.cells) else ragged_rows_fail(record, header)


@replace_rule(ragged_rows_fail)
def blank_cells_too_many_do_not_count(record: Record, header: Header) -> str | None:
    """A row with blank cells behind the last column is taken."""
    too_many = record[len(header.cells) :]
    return None if too_many and not any(too_many) else ragged_rows_fail(record, header)


@replace_rule(ragged_rows_fail)
def a_row_that_lacks_only_its_last_cell_is_taken(record: Record, header: Header) -> str | None:
    """A row that is one cell short is taken, as a spreadsheet leaves a blank at the end out."""
    return None if len(record) == len(header.cells) - 1 else ragged_rows_fail(record, header)


@replace_rule(ragged_rows_fail)
def texts_under_blank_headers_are_ignored(record: Record, header: Header) -> str | None:
    """A text in a column without a name is ignored, as one in an unknown column is."""
    return ragged_rows_fail(record, evolve(header, has_blank=False))


@replace_rule(ragged_rows_fail)
def headers_of_white_space_are_names(record: Record, header: Header) -> str | None:
    """A header of white space is an unknown one, and texts under it are ignored."""
    return ragged_rows_fail(record, evolve(header, cells=["x" if name.isspace() else name for name in header.cells]))


@replace_rule(ragged_rows_fail)
def white_space_under_blank_headers_is_a_text(record: Record, header: Header) -> str | None:
    """White space in a column without a name fails its row."""
    if len(record) == len(header.cells) and any(record[place] for place in header.blank):
        return "The cells may have moved"
    return ragged_rows_fail(record, header)


@replace_rule(ragged_rows_fail)
def rows_with_a_nameless_column_fail(record: Record, header: Header) -> str | None:
    """Every row of a file with a nameless column fails."""
    return "A column has no name" if header.has_blank else ragged_rows_fail(record, header)


@replace_rule(ragged_rows_fail)
def responses_that_have_moved_are_ignored(record: Record, header: Header) -> str | None:
    """A response under status is ignored, and what stood in front of it is stored where it has come to stand."""
    return ragged_rows_fail(record, evolve(header, cells=[*header.cells[:-2], "x", "x"]))


@replace_rule(ragged_rows_fail)
def a_brace_under_any_status_fails(record: Record, header: Header) -> str | None:
    """A status that begins with { fails its row in every file, wherever the column stands."""
    places = [place for place, name in enumerate(header.cells) if name == "status"]
    if len(record) == len(header.cells) and any(record[place].startswith("{") for place in places):
        return "The cells may have moved"
    return ragged_rows_fail(record, header)


@replace_rule(file_is_utf8_csv, breaks=ragged_rows_fail)
def a_ragged_row_refuses_the_file(data: bytes) -> Iterator[Record]:
    """A row with a cell too few or too many refuses the whole file."""
    width = 0
    for record in file_is_utf8_csv(data):
        if not empty_rows_are_ignored(record):
            width = width or len(record)
            if len(record) != width:
                raise NotCsvError("the rows are of different lengths")
        yield record


# The header.


@replace_rule(headers_match_exactly)
def headers_are_trimmed(text: str) -> Column | None:
    """White space around a header does not count."""
    return BY_HEADER.get(text.strip())


@replace_rule(headers_match_exactly)
def headers_ignore_case(text: str) -> Column | None:
    """Capitals in a header do not count."""
    return BY_HEADER.get(text.lower())


@replace_rule(no_header_appears_twice, breaks=headers_match_exactly)
def unknown_headers_refuse_the_file(header: Header, institution: Institution) -> str | None:
    """A header that names no column refuses the file."""
    return "unknown headers" if any(header.unknown) else no_header_appears_twice(header, institution)


@replace_rule(campus_needs_campuses, breaks=headers_match_exactly)
def columns_are_read_by_their_place(header: Header, institution: Institution) -> Header:
    """Columns are read in the order of the documentation, whatever the order of the header."""
    narrowed = campus_needs_campuses(header, institution)
    in_order = iter(sorted(filter(None, narrowed.columns), key=COLUMNS.index))
    return Header.of(narrowed.cells, (next(in_order) if column else None for column in narrowed.columns))


alias_is_unknown = drop_rule(
    institution_year_name_is_an_alias, "alias_is_unknown", "The header institution_year_name is not known."
)


@replace_rule(institution_year_name_is_an_alias)
def alias_ignores_case(text: str) -> Column | None:
    """The alias is recognised in any case."""
    return SCHOOL_YEAR_NAME if text.lower() == YEAR_ALIAS else None


@replace_rule(required_headers_are_present, breaks=institution_year_name_is_an_alias)
def alias_does_not_count_as_the_year(header: Header, institution: Institution) -> str | None:
    """The alias is read, but a file that has nothing else for the year lacks a starred header."""
    missing = set(required_headers(institution.uses_sso)) - set(header.cells)
    return "the header lacks starred columns" if missing else None


def _lacks(header: Header, needed: tuple[str, ...]) -> str | None:
    present = {column.header for column in header.known}
    return None if present.issuperset(needed) else "the header lacks starred columns"


@replace_rule(required_headers_are_present)
def single_sign_on_stars_nothing(header: Header, institution: Institution) -> str | None:
    """A file without auth_identifier is taken where the institution uses single sign-on."""
    return _lacks(header, required_headers(uses_sso=False))


@replace_rule(required_headers_are_present)
def auth_identifier_is_always_starred(header: Header, institution: Institution) -> str | None:
    """A file without auth_identifier is refused wherever it goes."""
    return _lacks(header, required_headers(uses_sso=True))


def _may_lack(name: str) -> Mutant:
    def check(header: Header, institution: Institution) -> str | None:
        return _lacks(header, tuple(n for n in required_headers(institution.uses_sso) if n != name))

    short = name.rpartition(":")[2]
    statement = f"A file without {name} is taken."
    return in_place(required_headers_are_present, f"{short}_may_be_missing", statement, check)


headers_that_may_be_missing = tuple(map(_may_lack, required_headers(uses_sso=False)))


@replace_rule(no_header_appears_twice)
def a_header_beside_its_alias_is_taken(header: Header, institution: Institution) -> str | None:
    """Only headers of the same spelling count as twice the same."""
    known = [cell for cell, column in zip(header.cells, header.columns) if column]
    return "a header stands twice" if len(set(known)) < len(known) else None


@replace_rule(no_header_appears_twice)
def unknown_headers_count_too(header: Header, institution: Institution) -> str | None:
    """A file with a repeated unknown header is refused as well."""
    unknown = [cell for _, cell in header.unknown]
    twice = "a header stands twice" if len(set(unknown)) < len(unknown) else None
    return twice or no_header_appears_twice(header, institution)


last_of_two_headers_counts = drop_rule(
    no_header_appears_twice,
    "last_of_two_headers_counts",
    "The last column of a repeated header is read.",
)
campus_fails_without_campuses = drop_rule(
    campus_needs_campuses,
    "campus_fails_without_campuses",
    "Where an institution has no campuses, a row that names one fails.",
)


campus_is_stored_without_campuses = and_replace_rule(
    campus_is_known,
    lambda row: campus_is_known(row) if row.institution.campuses else (),
    in_place(
        campus_needs_campuses,
        "campus_is_stored_without_campuses",
        "Where an institution has no campuses, any campus is stored.",
        lambda header, institution: header,
    ),
)


# Absent columns.


absent_labels_clear = drop_rule(
    absent_column_keeps, "absent_labels_clear", "A file without the labels column takes every label away."
)


@replace_rule(absent_column_keeps)
def absent_columns_clear(decode: Callable[[str], Cell]) -> Cell:
    """A column that the file does not have is emptied."""
    return CLEAR if decode("**CLEAR**") is CLEAR else KEEP


@replace_rule(absent_column_keeps)
def absent_lists_clear(decode: Callable[[str], Cell]) -> Cell:
    """A list, and the labels, that the file does not have are emptied."""
    return CLEAR if decode(";") is CLEAR else KEEP
