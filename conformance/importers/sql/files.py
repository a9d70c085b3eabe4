"""Bytes to rows, and the failed rows back to bytes."""

import csv
import io
import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Literal

from attrs import frozen

from .cells import is_blank
from .columns import COLUMNS, canonical

Errors = str | Mapping[str, Sequence[str]]
_MARK = "\ufeff"
_EXTRA = ("status", "response")
_limit_of_csv = threading.Lock()


@frozen
class Refusal:
    """Why the whole file was turned away."""

    reason: str


@frozen
class Sheet:
    """The header and the rows of a file, without the rows that hold nothing."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def read_sheet(data: bytes, uses_sso: bool) -> Sheet | Refusal:
    """The file's header and rows, or why it is refused. Source: 002:14."""
    try:
        text = data.decode("utf-8-sig")
        grid = _grid(text)
    except UnicodeDecodeError:
        return Refusal("The file is not UTF-8")
    except csv.Error as error:
        return Refusal(f"The file is not CSV: {error}")
    full = [tuple(row) for row in grid if not all(map(is_blank, row))]
    sheet = Sheet(full[0] if full else (), tuple(full[1:]))
    return _fault_of_header(sheet.header, uses_sso) or sheet


def failed_rows_file(header: Sequence[str], failures: Iterable[tuple[Sequence[str], Errors]]) -> bytes:
    """The failed rows as they came, each with its status and its response. Source: 003:9."""
    has_extra = tuple(header[-2:]) == _EXTRA
    table = [list(header) if has_extra else [*header, *_EXTRA]]
    for row, errors in failures:
        shown = row[:-2] if has_extra and _is_annotated(row, len(header)) else row
        table.append([*shown, "failed", wire_text(errors)])
    return _written(table).encode()


def wire_text(errors: Errors) -> str:
    """The response of a failed row as one line of JSON."""
    return json.dumps({"success": False, "errors": errors}, ensure_ascii=False, separators=(",", ":"))


def _is_annotated(row: Sequence[str], width: int) -> bool:
    return len(row) == width or (len(row) >= 2 and row[-2] == "failed" and row[-1].startswith("{"))


def _written(table: Sequence[Sequence[str]]) -> str:
    # A first cell that begins with the mark's character would be read back without it, unless quoted.
    quoting: Literal[0, 1] = csv.QUOTE_ALL if table[0][0].startswith(_MARK) else csv.QUOTE_MINIMAL
    out = io.StringIO(newline="")
    csv.writer(out, quoting=quoting, lineterminator="\r\n").writerows(table)
    return out.getvalue()


def _grid(text: str) -> list[list[str]]:
    if "\0" in text:
        raise csv.Error("it contains NUL")
    with _cells_of_any_length(len(text)):
        # newline="" splits at LF, CRLF and CR, and leaves them as they are inside quotes.
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))


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
    repeated = sorted({name for name in known if known.count(name) > 1})
    return Refusal(f"Repeated headers: {', '.join(repeated)}") if repeated else None
