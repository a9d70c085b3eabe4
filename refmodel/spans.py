"""Rows that run over several lines of the file: which lines, why, and what the sender is told.

Line breaks within quotes are text, so a quote that is closed far from where it was meant to be takes all rows up
to there into one cell. Nothing is wrong with the file then, and only its rows are fewer.
"""

from collections.abc import Iterator, Sequence
from operator import itemgetter

from attrs import frozen

from refmodel.cell import is_blank
from refmodel.csv_reader import LongRecord, SpanningRecord
from refmodel.failures import short

MANY_LINES = 5  # a note or an address has up to four, and a value of a known column has one
CLOSE_THE_QUOTE = "if that is not meant, close the quote that opens the cell, or remove it"


@frozen
class Span:
    """The lines over which a row runs, and its cell with the most line breaks."""

    first_line: int
    last_line: int
    cell: str  # its number and its header
    breaks: int

    @property
    def is_long(self) -> bool:
        """Whether it is so long that a quote may have been left open."""
        return self.last_line - self.first_line + 1 >= MANY_LINES

    def __str__(self) -> str:
        breaks = f"{self.breaks:,} line break{'s' if self.breaks > 1 else ''}"
        hint = f"; {CLOSE_THE_QUOTE}" if self.is_long else ""
        return f"from line {self.first_line} to line {self.last_line}: {self.cell} holds {breaks}{hint}"


def span_of(record: Sequence[str], header: Sequence[str]) -> Span | None:
    """The lines over which a record runs; None where it stands on one."""
    if not isinstance(record, SpanningRecord | LongRecord) or record.first_line == record.last_line:
        return None
    place, breaks = max(enumerate(map(line_breaks, record)), key=itemgetter(1))
    named = place < len(header) and not is_blank(header[place])
    cell = f"cell {place + 1} ({short(header[place])})" if named else f"cell {place + 1}"
    return Span(record.first_line, record.last_line, cell, breaks)


def line_breaks(text: str) -> int:
    """How many line breaks there are in a text: CR, LF and CRLF."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def about_spans(header: Span | None, rows: Sequence[tuple[int, Span]]) -> Iterator[str]:
    """Warnings of a header and of rows, each with its number, that run over many lines."""
    if header and header.is_long:
        yield f"The header runs {header}"
    many = [(number, span) for number, span in rows if span.is_long]
    if len(many) > 1:
        yield f"{len(many):,} rows run over {MANY_LINES} lines or more"
    for number, span in many[:1]:
        yield f"Row {number} runs {span}"
