"""Bytes to rows, and the failed rows back to bytes."""

import csv
import io
import json
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Literal

from attrs import field, frozen

from .cells import is_blank
from .columns import COLUMNS, canonical

Errors = str | Mapping[str, Sequence[str]]
Row = Sequence[str]
BATCH = 2000  # rows that are in memory at a time
_MARK = "\ufeff"
_EXTRA = ("status", "response")
_limit_of_csv = threading.Lock()


@frozen
class Refusal:
    """Why the whole file was turned away."""

    reason: str


class UnreadableError(Exception):
    """The file cannot be read to its end, and why."""


@frozen
class Sheet:
    """The header of a file, and the way to its rows."""

    header: tuple[str, ...]
    data: bytes = field(repr=False)

    def batches(self) -> Iterator[list[Row]]:
        """The rows, without the header and without those that hold nothing, some at a time.

        Whoever wants them again reads them again: they are never all in memory. Raises UnreadableError.
        """
        batches = _batches(self.data)
        yield next(batches)[1:]
        yield from batches


def read_sheet(data: bytes, uses_sso: bool) -> Sheet | Refusal:
    """The file's header and the way to its rows, or why it is refused. Source: 002:14."""
    try:
        first = next(_batches(data), [])
    except UnreadableError as error:
        return Refusal(str(error))
    header = tuple(first[0]) if first else ()
    return _fault_of_header(header, uses_sso) or Sheet(header, data)


def failed_rows_file(header: Sequence[str], failures: Iterable[tuple[Row, Errors]]) -> bytes:
    """The failed rows as they came, each with its status and its response. Source: 003:9."""
    has_extra = is_annotated(header)
    table = [list(header) if has_extra else [*header, *_EXTRA]]
    for row, errors in failures:
        shown = row[:-2] if has_extra and _has_status(row, len(header)) else row
        table.append([*shown, "failed", wire_text(errors)])
    return _written(table).encode()


def is_annotated(header: Sequence[str]) -> bool:
    """Whether the file has been returned as one of failed rows before."""
    return tuple(header[-2:]) == _EXTRA


def has_response_for_status(row: Row) -> bool:
    """Whether the cells of a row have moved: what was the last one stands where the status should."""
    return row[-2].startswith("{")


def wire_text(errors: Errors) -> str:
    """The response of a failed row as one line of JSON."""
    return json.dumps({"success": False, "errors": errors}, ensure_ascii=False, separators=(",", ":"))


def _has_status(row: Row, width: int) -> bool:
    if len(row) == width and not has_response_for_status(row):
        return True
    return len(row) >= 2 and row[-2] == "failed" and row[-1].startswith("{")


def _written(table: Sequence[Row]) -> str:
    # A first cell that begins with the mark's character would be read back without it, unless quoted.
    quoting: Literal[0, 1] = csv.QUOTE_ALL if table[0][0].startswith(_MARK) else csv.QUOTE_MINIMAL
    out = io.StringIO(newline="")
    csv.writer(out, quoting=quoting, lineterminator="\r\n").writerows(table)
    return out.getvalue()


def _batches(data: bytes) -> Iterator[list[Row]]:
    """The rows that hold something, the header among them; the first batch has one, or there is none."""
    if b"\0" in data:
        raise UnreadableError("The file is not CSV: it contains NUL")
    # newline="" splits at LF, CRLF and CR, and leaves them as they are inside quotes.
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline=""), strict=True)
    while rows := _some_rows(reader, len(data)):
        if full := [row for row in rows if not all(map(is_blank, row))]:
            yield full


def _some_rows(reader: Iterator[Row], length: int) -> list[Row]:
    try:
        with _cells_of_any_length(length):
            return list(islice(reader, BATCH))
    except UnicodeDecodeError:
        raise UnreadableError("The file is not UTF-8") from None
    except csv.Error as error:
        raise UnreadableError(f"The file is not CSV: {error}") from error


@contextmanager
def _cells_of_any_length(length: int) -> Iterator[None]:
    """Lift csv's limit for the while: it belongs to the whole process."""
    with _limit_of_csv:
        before = csv.field_size_limit()
        csv.field_size_limit(max(before, length + 1))
        try:
            yield
        finally:
            csv.field_size_limit(before)


def _fault_of_header(header: Sequence[str], uses_sso: bool) -> Refusal | None:
    known = [meant for meant in map(canonical, header) if meant is not None]
    required = [name for name, column in COLUMNS.items() if column.starred]
    missing = [name for name in [*required, *["auth_identifier"] * uses_sso] if name not in known]
    if missing:
        return Refusal(f"Missing headers: {', '.join(missing)}")
    repeated = sorted(name for name, times in Counter(known).items() if times > 1)
    return Refusal(f"Repeated headers: {', '.join(repeated)}") if repeated else None
