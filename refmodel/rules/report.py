"""The report of an import: its failed rows as a file. Its other rule, `preview`, is a run of the engine."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import TextIO

from refmodel import csv_reader
from refmodel.csv_reader import LongRecord, Record, no_limit_on_cells
from refmodel.rules.file import records
from refmodel.rules.identity import STATUS_COLUMNS
from refmodel.ruleset import STANDARD, Ruleset


def failed_rows_file(data: bytes, responses: Mapping[int, str], ruleset: Ruleset = STANDARD) -> bytes:
    """The failed rows are given back as they came, in their order, with `status` and `response` behind them.

    `responses` maps the number of a failed row to its response as JSON. Sent back as it is, under the
    settings that were missing, the file works. Every cell is the sender's own text, and ragged rows stay
    ragged. Where the header already ends in the two columns they are used again and not doubled.

    Source: 003:9, the product's other public pages
    Basis: stated (the two columns: chosen)
    Remedy: Correct the cells and send the file back; its last two columns may stay in.
    Consequence: Who corrects the failed rows and sends them back loses rows or cells on the way.
    Example: a_failed_row_is_given_back
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
    # A ragged row that was never here before must not lose two cells of its own; one that has grown as wide as the
    # header, since its status and response have moved, would be whole without them after some rounds.
    if row[-2:-1] == ["failed"] and row[-1].startswith("{"):
        return True
    return len(row) == width and not row[-2].startswith("{")


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
