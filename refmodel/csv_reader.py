"""Records from bytes in little memory: what a file costs to read does not depend on how it is written.

The standard reader keeps the cell that it reads in four to eight bytes a character, and a list of cells takes
eight bytes for each, however short. Neither matters in a record of the usual length, so the standard reader
gets those, in blocks of whole lines. A record that is longer than a block is cut by the functions below: a
quote, a comma and the end of a line are the same bytes in UTF-8 as in ASCII and never a part of another
character, so the bytes are cut where the text would be. Such a record stays bytes until a cell is asked for.

Time is linear by construction: every byte is looked at a fixed number of times. The one pattern takes runs of
characters possessively, so it never goes back; a block that turns out to end within a record costs one block
more, and the search for a comma covers a block only where it finds one or the cell is longer than that.
"""

import csv
import io
import re
from bisect import bisect_right
from codecs import BOM_UTF8, getincrementaldecoder
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate, chain
from threading import Lock
from typing import overload

from attrs import define, frozen


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


BLOCK = 1 << 17  # bytes: no longer than the cells that the standard reader takes unless it is told otherwise
CELL = re.compile(rb'(?:"[^"]*+(?:""[^"]*+)*+"|(?!")[^,\r\n]*+)(?P<end>,|\r\n|\r|\n|\Z)')
CLOSED = re.compile(rb'"[^"]*+(?:""[^"]*+)*+"')
# A quote where a cell may begin, behind a mark too, that opens no sound cell; inside of a quoted one this may be right.
SUSPICIOUS = re.compile(rb'"(?<![^,\r\n\xbf]")(?![^"]*+(?:""[^"]*+)*+"(?:[,\r\n]|\Z))')


class WrongQuotesError(Exception):
    """A cell whose quotes are wrong: where it begins, which of its record it is, and what is wrong with it."""

    def __init__(self, place: int, cell: int, what: str) -> None:
        super().__init__(what)
        self.place, self.cell = place, cell


# Records.


class SpanningRecord(list[str]):
    """A record that runs over several lines of its file, and over which, as an editor counts them."""

    def __init__(self, cells: Iterable[str], first_line: int, last_line: int) -> None:
        super().__init__(cells)
        self.first_line, self.last_line = first_line, last_line


@frozen
class Run:
    """Cells of a record that follow each other: where they begin and end in the file, and how many they are."""

    start: int
    end: int
    cells: int


class LongRecord(Sequence[str]):
    """A record longer than a block, on one line or more: its cells are read when they are asked for."""

    def __init__(self, data: bytes, runs: Sequence[Run], first_line: int, last_line: int) -> None:
        self._data, self.runs = data, runs
        self._ends = [*accumulate(run.cells for run in runs)]  # how many cells there are up to the end of each
        self._read: tuple[int, list[str]] | None = None  # the run that was read last: cells are asked for in turn
        self.first_line, self.last_line = first_line, last_line

    def __len__(self) -> int:
        return self._ends[-1]

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(map(self._cells, range(len(self.runs))))

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        run = bisect_right(self._ends, place)
        return self._cells(run)[place - self._ends[run]]

    def _cells(self, run: int) -> list[str]:
        if self._read is None or self._read[0] != run:
            self._read = None  # first: two long cells need not be there at a time
            self._read = run, cells_of(self._data, self.runs[run])
        return self._read[1]


Record = list[str] | LongRecord


def cells_of(data: bytes, run: Run) -> list[str]:
    """The texts of some cells; one alone may be long, so the standard reader does not get it."""
    if run.cells > 1:
        return next(csv.reader([data[run.start : run.end].decode()]))
    if data.startswith(b'"', run.start, run.end):
        return [data[run.start + 1 : run.end - 1].replace(b'""', b'"').decode()]
    return [data[run.start : run.end].decode()]


# Cutting a record by hand.


def cut(data: bytes, place: int, end: int) -> tuple[list[Run], int]:
    """The runs of the record that begins at a place, each of one cell or no longer than a block; where it ends."""
    runs: list[Run] = []
    start, stop, cells = place, place, 0
    while True:
        taken = some_cells(data, place, end)
        if taken is None:
            raise WrongQuotesError(place, sum(run.cells for run in runs) + cells + 1, what_is_wrong(data, place, end))
        if cells and taken.end - start > BLOCK:
            runs.append(Run(start, stop, cells))
            start, cells = place, 0
        stop, cells = taken.end, cells + taken.cells
        if not data.startswith(b",", stop, end):
            return [*runs, Run(start, stop, cells)], stop + line_end(data, stop, end)
        place = stop + 1


def some_cells(data: bytes, place: int, end: int) -> Run | None:
    """The next cells: those without quotes that a comma ends, or else one alone; None where its quotes are wrong."""
    if not data.startswith(b'"', place, end):
        stop = min(place + BLOCK, end)
        for mark in (b'"', b"\n", b"\r"):
            found = data.find(mark, place, stop)
            stop = stop if found < 0 else found
        if (comma := data.rfind(b",", place, stop)) >= 0:
            return Run(place, comma, data.count(b",", place, comma) + 1)
    match = CELL.match(data, place, end)
    return match and Run(place, match.start("end"), 1)


def what_is_wrong(data: bytes, place: int, end: int) -> str:
    """What is wrong with the quotes of a cell."""
    closed = CLOSED.match(data, place, end)
    return "text stands after the closing quote" if closed else "the quote that opens the cell is never closed"


def line_end(data: bytes, place: int, end: int) -> int:
    """How many bytes end the line at a place: two, one, or none."""
    return (place < end) + data.startswith(b"\r\n", place, end)


def line_ends(data: bytes, start: int, end: int) -> int:
    """How many ends of lines there are between two places: CR, LF and CRLF."""
    return data.count(b"\n", start, end) + data.count(b"\r", start, end) - data.count(b"\r\n", start, end)


# Reading a file.


@define
class Reader:
    """The records of a file up to some byte, and how far they have been read."""

    data: bytes
    end: int
    skims: bool  # whether it is about where records and cells stand, and not about what they say
    place: int  # where the next record begins,
    line: int = 1  # in which line,
    record: int = 1  # and which one it is
    rest: Sequence[Run] = ()  # what stands behind the last end of a row

    def __iter__(self) -> Iterator[Record]:
        """All records; WrongQuotesError at the first of which the quotes are wrong, and `place` is its beginning."""
        yield from self.ended()
        if self.rest:
            yield self._cut_out(self.rest, self.end)

    def ended(self) -> Iterator[Record]:
        """The records that an end of a line ends; one that skims may pass some over."""
        while (place := self.place) < self.end:
            yield from self._block(end_of_lines(self.data, place, self.end))
            if self.place == place:
                runs, after = cut(self.data, place, self.end)
                if after == runs[-1].end:
                    self.rest = runs
                    return
                yield self._cut_out(runs, after)

    def _block(self, end: int) -> Iterator[Record]:
        if self.data.find(b'"', self.place, end) >= 0:
            yield from self._quoted(end)
        else:
            if not self.skims:
                yield from csv.reader(self._lines(end))
            lines = line_ends(self.data, self.place, end)
            self._go_on(end, lines, lines)

    def _quoted(self, end: int) -> Iterator[Record]:
        lines = [*self._lines(end)]
        rows = csv.reader(lines, strict=True)
        read = records = 0
        try:
            for row in rows:
                first, read, records = read, rows.line_num, records + 1
                yield row if read == first + 1 else SpanningRecord(row, self.line + first, self.line + read - 1)
        except csv.Error:  # the block ends within a record, or else the quotes of that record are wrong
            end = self.place + len("".join(lines[:read]).encode(self._encoding))
        self._go_on(end, read, records)

    def _lines(self, end: int) -> Iterator[str]:
        return io.StringIO(self.data[self.place : end].decode(self._encoding), newline="")

    @property
    def _encoding(self) -> str:
        return "latin-1" if self.skims else "utf-8"  # any bytes are text in the first

    def _cut_out(self, runs: Sequence[Run], after: int) -> Record:
        first, last = self.line, self.line + line_ends(self.data, self.place, runs[-1].end)
        record: Record = LongRecord(self.data, runs, first, last)
        if after - self.place <= BLOCK and not self.skims:
            record = SpanningRecord(record, first, last) if first < last else list(record)
        self._go_on(after, last - first + 1, 1)
        return record

    def _go_on(self, place: int, lines: int, records: int) -> None:
        self.place, self.line, self.record = place, self.line + lines, self.record + records


def end_of_lines(data: bytes, place: int, end: int) -> int:
    """Where the lines end that lie whole within a block; the place itself where there are none."""
    stop = min(place + BLOCK, end)
    last = max(data.rfind(b"\n", place, stop), data.rfind(b"\r", place, stop))
    return place if last < 0 else last + line_end(data, last, end)


def reader(data: bytes) -> Reader:
    """The records of a file in UTF-8, with or without a byte order mark."""
    return Reader(data, len(data), skims=False, place=_start(data, len(data)))


def _start(data: bytes, end: int) -> int:
    return len(BOM_UTF8) if data.startswith(BOM_UTF8, 0, end) else 0


# What is wrong, and where.


def wrong_quotes(data: bytes) -> str | None:
    """The first cell of which the quotes are wrong: where it is, and what is wrong with it."""
    if not SUSPICIOUS.search(data):  # which takes a hundredth of the time
        return None
    rows, wrong = _skimmed(data, len(data))
    return f"{_named(rows, wrong.place, wrong.cell)}: {wrong}" if wrong else None


def where(data: bytes, offset: int) -> str:
    """In which line, record and cell of a file a byte stands, or in front of it the first cell of wrong quotes."""
    rows, wrong = _skimmed(data, offset)
    if wrong:
        return _named(rows, wrong.place, wrong.cell)
    cell = sum(run.cells for run in rows.rest)
    return _named(rows, _last_cell(data, rows.rest[-1]), cell) if cell else _named(rows, rows.place, 1)


def _skimmed(data: bytes, end: int) -> tuple[Reader, WrongQuotesError | None]:
    rows = Reader(data, end, skims=True, place=_start(data, end))
    try:
        for _ in rows.ended():
            pass
    except WrongQuotesError as wrong:
        return rows, wrong
    return rows, None


def _named(rows: Reader, place: int, cell: int) -> str:
    return f"line {rows.line + line_ends(rows.data, rows.place, place)}, record {rows.record}, cell {cell}"


def _last_cell(data: bytes, run: Run) -> int:
    place = run.start
    for _ in range(run.cells - 1):
        match = CELL.match(data, place)
        assert match
        place = match.end()
    return place


def first_not_utf8(data: bytes) -> int | None:
    """Where the first byte stands that is not UTF-8."""
    if data.isascii():
        return None
    decoder = getincrementaldecoder("utf-8")()
    for place in range(0, len(data), BLOCK):
        held, _ = decoder.getstate()
        try:
            decoder.decode(data[place : place + BLOCK], final=place + BLOCK >= len(data))
        except UnicodeDecodeError as error:
            return place - len(held) + error.start
    return None
