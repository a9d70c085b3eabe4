"""What edge cases are made of: a world, files, and the requests that send them."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen

from conformance.oracle import OBSERVE, Request

WORLD: Mapping[str, Any] = {
    "institutions": [
        {
            "id": "north",
            "domains": ["north.edu"],
            "uses_sso": False,
            "campuses": [],
            "vocabulary": "eu",
            "staff": ["advisor@north.edu"],
        }
    ],
    "employers": [],
}
HEADER = ("email_address", "username", "first_name", "last_name", "primary_education:end_date", "school_year_name")
ADA = ("ada@north.edu", "1001", "Ada", "Byron", "", "Alumni")
BEN = ("ben@north.edu", "1002", "Ben", "Clark", "", "Alumni")
CLEO = ("cleo@north.edu", "1003", "Cleo", "Dunn", "", "Alumni")


@frozen
class EdgeCase:
    """One edge case: what it is about, and the conversation that shows it, without the responses."""

    name: str  # stable, words in snake_case
    rules: tuple[str, ...]  # names of rules, the one that it is there for in front
    title: str  # what must be true
    wrong: str  # what goes wrong in importers that fail it
    world: Mapping[str, Any]
    requests: tuple[Request, ...]  # from the reset to the last observation


def edge_case(
    name: str, rules: str, title: str, wrong: str, *files: bytes | Request, world: Mapping[str, Any] = WORLD
) -> EdgeCase:
    """A case that sends some files, each followed by an observation; `rules` are names with blanks between them."""
    sent = (file if isinstance(file, Mapping) else import_of(file) for file in files)
    requests = ({"op": "reset", "world": world}, *(request for each in sent for request in (each, OBSERVE)))
    return EdgeCase(name, tuple(rules.split()), title, wrong, world, requests)


def import_of(data: bytes, date_format: str = "yyyy-mm-dd", sensitive: bool = False) -> Request:
    """The request that imports a file at North."""
    return {
        "op": "import",
        "institution": "north",
        "mode": "manual" if sensitive else "automatic",
        "change_sensitive_fields": sensitive,
        "date_format": date_format,
        "csv": base64.b64encode(data).decode("ascii"),
    }


def lines(*rows: Iterable[str], end: str = "\n") -> bytes:
    """Rows of cells as the bytes of a file, with nothing quoted."""
    return "".join(",".join(row) + end for row in rows).encode()
