"""Narrowing: requests for importers that do not store every column."""

import base64
import csv
import io
from collections.abc import Iterable

from conformance.protocol.requests import Request
from refmodel.columns import BY_HEADER, YEAR_ALIAS
from refmodel.csv_reader import no_limit_on_cells


def narrowed_requests(requests: Iterable[Request], columns: Iterable[str]) -> tuple[Request, ...]:
    """Requests without the columns that an importer does not store, in files and in changes of profiles."""
    dropped = set(BY_HEADER) - set(columns)
    if "school_year_name" in dropped:
        dropped.add(YEAR_ALIAS)
    return tuple(_narrowed(request, dropped) if dropped else request for request in requests)


def _narrowed(request: Request, dropped: set[str]) -> Request:
    if "csv" in request:
        data = without_columns(base64.b64decode(request["csv"]), dropped)
        return {**request, "csv": base64.b64encode(data).decode("ascii")}
    if "changes" in request:
        return {**request, "changes": {n: text for n, text in request["changes"].items() if n not in dropped}}
    return request


def without_columns(data: bytes, dropped: set[str]) -> bytes:
    """A file without some columns; a file that lacks them, or is not CSV, stays the same, byte for byte."""
    try:
        with no_limit_on_cells(data):
            rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        return data
    header = next((row for row in rows if any(row)), [])
    places = {place for place, name in enumerate(header) if name in dropped}
    if not places:
        return data
    output = io.StringIO(newline="")
    csv.writer(output).writerows([c for place, c in enumerate(row) if place not in places] for row in rows)
    return output.getvalue().encode()
