"""Mutants of noticing a change: fingerprints of rows that two unlike rows share."""

import re
import zlib
from collections.abc import Callable, Iterable
from functools import reduce
from operator import xor

from conformance.mutants.operators import Mutant, custom_importer, in_place
from conformance.oracle.reference import ReferenceImporter
from refmodel.cell import CLEAR, KEEP, Cell, Cells, Malformed
from refmodel.columns import CLEAR_TOKEN, COLUMNS, DISABLED, Column, Kind
from refmodel.row import Row
from refmodel.rules.lookup import unchanged_rows_are_skipped

UNIT_SEPARATOR = "\x1f"
Fingerprint = Callable[[list[str]], object]


def text_of(cell: Cell) -> str:
    """A cell as it stands in a fingerprint."""
    if isinstance(cell, (tuple, frozenset)):
        return ";".join(sorted(cell) if isinstance(cell, frozenset) else cell)
    if isinstance(cell, Malformed):
        return "malformed"
    if cell is KEEP:
        return ""
    return CLEAR_TOKEN if cell is CLEAR else str(cell)


def _fingerprint(
    name: str, statement: str, of: Fingerprint, left_out: Callable[[Column], bool] | None = None
) -> Mutant:
    """A row is skipped where its fingerprint is that of the row last applied; some columns may be left out."""

    def skip(row: Row) -> bool:
        student = row.student
        if student is None or student.institution != row.institution.id or student.last_applied is None:
            return False
        columns = [column for column in row.columns if not (left_out and left_out(column))]
        now, last = (
            [text_of(cells[column.index]) for column in columns] for cells in (row.cells, student.last_applied)
        )
        return of(now) == of(last)

    return in_place(unchanged_rows_are_skipped, name, statement, skip)


def joined(separator: str) -> Fingerprint:
    """The cells with a text between them."""
    return separator.join


SEPARATORS = {
    "commas": ",",
    "commas_and_blanks": ", ",
    "semicolons": ";",
    "tabs": "\t",
    "blanks": " ",
    "line_feeds": "\n",
    "pipes": "|",
    "two_pipes": "||",
    "hyphens": "-",
    "underscores": "_",
    "colons": ":",
    "two_colons": "::",
    "slashes": "/",
    "number_signs": "#",
    "unit_separators": UNIT_SEPARATOR,
}
cells_are_joined = (
    _fingerprint(
        "php_hashes_cells_without_separators",
        "A row is unchanged whose cells, joined without a separator, are the same text.",
        joined(""),
    ),
    _fingerprint(
        "cells_in_quotes_are_joined_with_commas",
        "A row is unchanged whose cells in quotes, joined with commas, are the same text.",
        joined('","'),
    ),
    _fingerprint(
        "concat_ws_skips_blank_cells",
        "A row is unchanged whose cells are the same, in their order, once blank ones are left out.",
        lambda texts: [text for text in texts if text],
    ),
    *(
        _fingerprint(
            f"cells_are_joined_with_{name}",
            f"A row is unchanged whose cells, joined with {name.replace('_', ' ')}, are the same text.",
            joined(separator),
        )
        for name, separator in SEPARATORS.items()
    ),
)


def tidied(change: Callable[[str], str]) -> Fingerprint:
    """The cells once each is tidied."""
    return lambda texts: [change(text) for text in texts]


cells_are_tidied = (
    _fingerprint("cells_are_sorted", "A row is unchanged whose cells are the same in another order.", sorted),
    _fingerprint(
        "cells_are_trimmed_before_they_are_compared",
        "A row is unchanged whose cells differ in the white space around them.",
        tidied(str.strip),
    ),
    _fingerprint(
        "cells_lose_their_quotes_before_they_are_compared",
        "A row is unchanged whose cells differ in quotes only.",
        tidied(lambda text: text.replace('"', "")),
    ),
    _fingerprint(
        "white_space_is_narrowed_before_cells_are_compared",
        "A row is unchanged whose cells differ in how much white space they have.",
        tidied(lambda text: re.sub(r"\s+", " ", text)),
    ),
)

# Checksums.


def _checksum(name: str, statement: str, of: Callable[[bytes], int]) -> Mutant:
    """A checksum of the cells, with separators that no cell has."""
    return _fingerprint(name, statement, lambda texts: of(UNIT_SEPARATOR.join(texts).encode()))


def hash_with(factor: int) -> Callable[[bytes], int]:
    """A hash of 32 bits that multiplies by a factor for each byte."""
    return lambda data: reduce(lambda sum_, byte: (sum_ * factor + byte) % 2**32, data, 0)


checksums = (
    _checksum("crc32_is_the_fingerprint", "A row is unchanged that has the same CRC-32.", zlib.crc32),
    _checksum("adler32_is_the_fingerprint", "A row is unchanged that has the same Adler-32.", zlib.adler32),
    _checksum("java_hash_code_is_the_fingerprint", "A row is unchanged that has the same hashCode.", hash_with(31)),
    _checksum("djb2_is_the_fingerprint", "A row is unchanged that has the same hash by 33.", hash_with(33)),
    _checksum("the_sum_of_bytes_is_the_fingerprint", "A row is unchanged whose bytes have the same sum.", sum),
    _checksum(
        "mysql_bit_xor_is_the_fingerprint",
        "A row is unchanged whose bytes have the same exclusive or.",
        lambda data: reduce(xor, data, 0),
    ),
    _checksum("the_length_is_the_fingerprint", "A row is unchanged that has as many bytes.", len),
)


def _forgotten(columns: Iterable[Column]) -> Iterable[Mutant]:
    """Fingerprints that leave one column out, as those do that are older than the column."""
    for column in columns:
        header = column.header
        yield _fingerprint(
            f"changed_{column.attribute}_is_overlooked",
            f"A row is unchanged though {header} is another.",
            tuple,
            lambda other, column=column: other is column,  # type: ignore[misc]
        )


one_column_is_forgotten = tuple(
    _forgotten(column for column in COLUMNS if column.kind not in (Kind.LIST, Kind.LABELS) and column is not DISABLED)
)
only_starred_columns_are_compared = _fingerprint(
    "only_starred_columns_are_compared",
    "A row is unchanged though a column that is not starred is another.",
    tuple,
    lambda column: not column.starred,
)


@custom_importer(unchanged_rows_are_skipped, "every_row_ever_applied_is_remembered")
class RememberingEveryRow(ReferenceImporter):
    """A row is unchanged that was applied to its student at any time."""

    part = "the memory of rows"

    def __init__(self) -> None:
        super().__init__()
        applied: set[tuple[int, str, Cells]] = set()

        def skip(row: Row) -> bool:
            student = row.student
            if student is None or student.last_applied is None:
                return unchanged_rows_are_skipped(row)
            applied.add((student.key, row.institution.id, student.last_applied))
            known = (
                student.institution == row.institution.id and (student.key, row.institution.id, row.cells) in applied
            )
            return known or unchanged_rows_are_skipped(row)

        self.ruleset = self.ruleset.replacing(unchanged_rows_are_skipped, skip)
