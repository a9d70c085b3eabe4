"""Reading records in little memory: as the standard reader reads them, whatever is short or long."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import pairwise
from types import FrameType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from refmodel import csv_reader
from refmodel.csv_reader import (
    LongRecord,
    Record,
    SpanningRecord,
    cut,
    first_not_utf8,
    no_limit_on_cells,
    reader,
    where,
    wrong_quotes,
)
from refmodel.engine import import_file
from refmodel.rules.file import NotCsvError, file_is_utf8_csv, records
from refmodel.ruleset import STANDARD
from tests.support.strategies import bounded
from tests.support.world_builder import AUTOMATIC, HEADER, WORLD, blocks_of

TEXTS = st.text(alphabet='"",,\r\n\r\nab é\ufeff¿\x85\u2028\U0001f393', max_size=40)
BLOCKS = st.integers(1, 12)
LONG = "x" * (csv_reader.BLOCK + 1)


def lines_of(text: str) -> list[str]:
    """The lines of a text with their ends, as an editor counts them."""
    return [*io.StringIO(text, newline="")]


def as_read_by_the_standard(text: str) -> list[list[str]] | None:
    """The records of a text by the strict standard reader; None where it refuses it."""
    try:
        return [*csv.reader(lines_of(text), strict=True)]
    except csv.Error:
        return None


def as_read(data: bytes) -> list[list[str]] | None:
    """The records of a file; None where its quotes are wrong."""
    return None if wrong_quotes(data) else [[*record] for record in reader(data)]


# The place of a fault and its name as they were found before: whole texts, and one cell after the other.

CELL = re.compile(r'(?P<cell>"(?:[^"]|"")*"|(?!")[^,\r\n]*)(?P<end>,|\r\n|\r|\n|\Z)')


def place_in(text: str) -> tuple[int, str]:
    """Where the last cell of a text begins, or the first whose quotes are wrong; and its name."""
    place, record, cell = 0, 1, 1
    while (match := CELL.match(text, place)) and match["end"]:
        place = match.end()
        cell, record = (cell + 1, record) if match["end"] == "," else (1, record + 1)
    lines = text[:place].replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    return place, f"line {lines}, record {record}, cell {cell}"


def why_not(data: bytes) -> str | None:
    """Why bytes are no CSV in UTF-8, word for word, or None."""
    if (place := data.find(b"\0")) >= 0:
        there = place_in(data[:place].decode("utf-8-sig", errors="replace"))[1]
        return f"{there}: a NUL byte, which no text holds; save the file as CSV in UTF-8"
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        there = place_in(data[: error.start].decode("utf-8-sig", errors="replace"))[1]
        byte = f"byte 0x{data[error.start]:02X} at offset {error.start}"
        return f"{there}: {byte} is not UTF-8; save the file as CSV in UTF-8"
    if as_read_by_the_standard(text) is not None:
        return None
    place, there = place_in(text)
    closed = re.compile(r'"(?:[^"]|"")*"(?!")').match(text, place)
    what = "text stands after the closing quote" if closed else "the quote that opens the cell is never closed"
    return f"{there}: {what}; write a quote inside a quoted cell twice"


class TestAsTheStandardReader:
    """What is accepted and what is refused, and every cell, is what the strict standard reader makes of it."""

    @bounded(500)
    @given(TEXTS, BLOCKS)
    @example('a,"b\r\n', 3)
    @example('"a",b,"",c\r\r\nd"e,""', 4)
    def test_any_text(self, text: str, block: int) -> None:
        """It is so wherever the blocks end."""
        with blocks_of(block):
            assert as_read(text.encode()) == as_read_by_the_standard(text.removeprefix("\ufeff"))

    @bounded(300)
    @given(st.binary(max_size=12).flatmap(lambda tail: st.builds(lambda t: t.encode() + tail, TEXTS)), BLOCKS)
    @example(b'\xef\xbb\xbf"a"b', 5)
    @example(b"\xef\xbb", 1)
    @example(b'"a,b\n\xff', 2)
    def test_the_same_words(self, data: bytes, block: int) -> None:
        """Why a file is refused and where is said word for word as ever: NUL first, then UTF-8, then quotes."""
        with blocks_of(block):
            try:
                deque(file_is_utf8_csv(data), maxlen=0)
                said = None
            except NotCsvError as problem:
                said = str(problem)
            assert said == why_not(data)

    @bounded(300)
    @given(st.binary(max_size=30) | TEXTS.map(str.encode), BLOCKS)
    @example(b'"a\nb",cccc,"d\nd",e\xff', 3)
    @example(b'"a\nb",c\xff', 12)
    def test_where(self, data: bytes, block: int) -> None:
        """Any byte of whatever file has a line, a record and a cell."""
        with blocks_of(block):
            for offset in range(len(data)):
                assert where(data, offset) == place_in(data[:offset].decode("utf-8-sig", errors="replace"))[1]

    @bounded(300)
    @given(st.text(max_size=8), st.binary(max_size=8), BLOCKS)
    @example("\U0001f393é", b"\xf0\x9f\x8e", 1)
    @example("", b"\xf0\x9f\x8e\x93\x80\x80\x80\x80", 3)
    def test_the_first_byte_that_is_none(self, text: str, tail: bytes, block: int) -> None:
        """The first byte that is not UTF-8 is the one at which decoding the whole file stops."""
        data = text.encode() + tail
        try:
            data.decode()
            stops = None
        except UnicodeDecodeError as error:
            stops = error.start
        with blocks_of(block):
            assert first_not_utf8(data) == stops

    @pytest.mark.parametrize("end", ["", "\r\n", "\n,x"])
    def test_a_long_cell(self, end: str) -> None:
        """With blocks as they are, a record longer than one is read the same."""
        text = f'a,"{LONG}""\r\n",b{end}'
        with no_limit_on_cells(text.encode()):
            assert as_read(text.encode()) == as_read_by_the_standard(text)


class TestLines:
    """A record of several lines says which, as an editor counts them: with a mark and blank lines, and any ends."""

    @bounded(300)
    @given(TEXTS, BLOCKS)
    @example('\ufeff"', 1)
    def test_any_text(self, text: str, block: int) -> None:
        """The lines are those that the standard reader has read when it has the record."""
        lines = lines_of(text.removeprefix("\ufeff"))
        rows = csv.reader(lines, strict=True)
        try:
            read = [0, *(rows.line_num for _ in rows)]
        except csv.Error:
            return
        with blocks_of(block):
            for (before, last), record in zip(pairwise(read), reader(text.encode())):
                assert span(record) == (None if last == before + 1 else (before + 1, last))

    def test_one_line(self) -> None:
        """A record on one line is a plain list, also where another one is not."""
        first, second, third = reader(b'a,b\n"c\nd"\r\ne')
        assert (type(first), type(second), type(third)) == (list, SpanningRecord, list)

    def test_a_long_one(self) -> None:
        """A long record knows them too, and the next one counts on."""
        long, after = reader(f'"\n{LONG}\r",b\n"c\r\nd"'.encode())
        assert isinstance(long, LongRecord)
        assert (span(long), span(after)) == ((1, 3), (4, 5))


def span(record: Record) -> tuple[int, int] | None:
    """Over which lines a record runs, if over several."""
    if isinstance(record, list) and not isinstance(record, SpanningRecord):
        return None
    return (record.first_line, record.last_line) if record.first_line < record.last_line else None


class TestLongRecords:
    """A long record is a sequence of texts like any other, and stays bytes."""

    @bounded(200)
    @given(st.lists(st.text(alphabet='a,"\n\U0001f393', max_size=9), min_size=2, max_size=9), BLOCKS)
    def test_a_sequence(self, cells: list[str], block: int) -> None:
        """Its length, its cells from either end, and its slices are those of the list."""
        output = io.StringIO()
        csv.writer(output).writerow(cells)
        data = output.getvalue().encode()
        with blocks_of(block):
            (record,) = reader(data)
            assert isinstance(record, LongRecord) or len(data) <= block + 1  # the LF of a CRLF may hang over
            assert [len(record), *record] == [len(cells), *cells]
            assert [record[place] for place in range(-len(cells), len(cells))] == [*cells, *cells]
            assert [record[:-2], record[-2:], record[::2]] == [cells[:-2], cells[-2:], cells[::2]]
            with pytest.raises(IndexError):
                record[len(cells)]

    def test_wide_ones_are_cut_into_runs(self) -> None:
        """Cells are kept by their thousands, long ones alone: a record takes no memory for each of them."""
        (record,) = reader(b'"a",b,' * 100_000 + LONG.encode())
        assert isinstance(record, LongRecord)
        assert len(record) == 200_001
        assert len(record.runs) < 20
        assert (record.runs[-1].cells, record[-1]) == (1, LONG)
        assert record[-2] == "b"

    def test_what_was_read_is_kept(self) -> None:
        """A long cell that is asked for again is not made again; the first one asked for may be any."""
        (record,) = reader(b"a," * 100_000 + LONG.encode() + b",b")
        assert record[100_000] is record[100_000] == LONG

    def test_a_short_one_far_from_the_start(self) -> None:
        """Whether a record is long depends on its own length: one at the end of a long file is not."""
        *_, last = reader(b"a,b\n" * 100_000 + b"c")
        assert (last, type(last)) == (["c"], list)

    def test_wide_ones_are_cut_in_blocks(self) -> None:
        """Cells without quotes are not gone through one by one."""
        assert work(partial(cut, b"ab," * 100_000, 0, 300_000)) < 100


class TestReports:
    """What is said of a file does not depend on how long its records are."""

    @pytest.mark.parametrize("block", [1, 7, 50])
    def test_the_same_report(self, block: int) -> None:
        """Every result and every warning is the same."""
        head = ",".join(HEADER)
        data = f'{head},,more,\nada@north.edu,1,"Ada\n\n\n\nB",L,,,,,\n\nbo@north.edu,2\n'.encode()
        whole = import_file(WORLD, AUTOMATIC, data)
        with blocks_of(block):
            assert import_file(WORLD, AUTOMATIC, data) == whole


# Time grows linearly: the work is counted, as calls of functions of Python and of C. What goes on inside one of
# them is linear by construction: searches for a byte, splits, and a pattern that never goes back.


def work(do: Callable[[], object]) -> int:
    """How many calls something takes."""
    calls = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        do()
    finally:
        sys.setprofile(None)
    return calls


def read_or_refuse(data: bytes) -> None:
    """Read a file to its end, or to why it is none."""
    with suppress(NotCsvError):
        deque(records(data, STANDARD), maxlen=0)


GROWING: dict[str, Callable[[int], bytes]] = {
    "a quote left open": lambda size: b'"' + b"a,b\n" * size,
    "left open at the end": lambda size: b"a,b\n" * size + b'"',
    "many that look left open": lambda size: b'"' + b',""a' * size + b'",b\n',
    "quotes": lambda size: b'"' * size,
    "quotes and one": lambda size: b'"' * (2 * size + 1),
    "quoted cells": lambda size: b'"a",' * size,
    "wrong behind quoted cells": lambda size: b'"a",' * size + b'"a"b',
    "commas": lambda size: b"," * size,
    "one line": lambda size: b"a" * size,
    "a quote in each cell": lambda size: b'a"b,' * size,
    "blank lines": lambda size: b"\n" * size,
    "many short, one long": lambda size: (b"," + b"a" * 300) * size,
    "records as long as a block": lambda size: (b'"' + b"a\n" * 130 + b'"\n') * size,
    "records over the end of a block": lambda size: (b'"' + b"a\n" * 70 + b'"\n') * size,
    "a NUL at the end": lambda size: b'a,"b"\n' * size + b"\0",
    "bad at the end": lambda size: "é,\n".encode() * size + b"\xff",
}


@pytest.mark.parametrize("kind", GROWING)
def test_work_grows_with_the_file(kind: str) -> None:
    """A file of twice the size takes twice the work at most, and a little that does not grow."""
    with blocks_of(256):
        small, large = (work(partial(read_or_refuse, GROWING[kind](size))) for size in (2_000, 4_000))
    assert large <= 2.05 * small + 200
