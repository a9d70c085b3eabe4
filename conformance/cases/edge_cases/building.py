"""What edge cases are made of: a world, students, files, and the requests that send them.

Most cases are rows of a table, a kind of oddity, times the places where it can stand. `three` makes a file of three
students, so that what stands first, in the middle and last can be told apart.
"""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen

from conformance.oracle.answers import answer
from conformance.protocol import requests
from conformance.protocol.requests import OBSERVE, Request
from refmodel.columns import required_headers
from refmodel.rule_text import Basis
from refmodel.world import World

NORTH: Mapping[str, Any] = requests.institution("north", ["north.edu"], staff=["advisor@north.edu"])
WORLD: Mapping[str, Any] = requests.world(NORTH)
SSO: Mapping[str, Any] = requests.world({**NORTH, "uses_sso": True})

Row = tuple[str, ...]

HEADER: Row = required_headers(uses_sso=False)
ADA: Row = ("ada@north.edu", "1001", "Ada", "Byron", "", "Alumni")
BEN: Row = ("ben@north.edu", "1002", "Ben", "Clark", "", "Alumni")
CLEO: Row = ("cleo@north.edu", "1003", "Cleo", "Dunn", "", "Alumni")
EMAIL, USERNAME, FIRST_NAME, LAST_NAME, END_DATE, YEAR = range(len(HEADER))


@frozen
class EdgeCase:
    """One edge case: what it is about, and the conversation that shows it, without the responses."""

    name: str  # stable, words in snake_case
    rules: tuple[str, ...]  # names of rules, the one that it is there for in front
    title: str  # what must be true
    wrong: str  # what goes wrong in importers that fail it
    world: Mapping[str, Any]
    requests: tuple[Request, ...]  # from the reset to the last observation
    basis: Basis | None = None  # of the detail that it turns on, where that is weaker than the basis of its rule

    @property
    def id(self) -> str:
        """The name of its test."""
        return f"edge:{self.name}"


def edge_case(
    name: str,
    rules: str,
    title: str,
    wrong: str,
    *files: bytes | Request,
    world: Mapping[str, Any] = WORLD,
    basis: Basis | None = None,
) -> EdgeCase:
    """A case that sends some files, each followed by an observation; `rules` are names with blanks between them."""
    sent = (file if isinstance(file, Mapping) else importing(file) for file in files)
    reset: Request = {"op": "reset", "world": world}
    requests = (reset, *(request for each in sent for request in (each, OBSERVE)))
    return EdgeCase(name, tuple(rules.split()), title, wrong, world, requests, basis)


def importing(data: bytes, date_format: str = "yyyy-mm-dd", *, sensitive: bool = False) -> Request:
    """The request that imports a file at North; a job with the setting is a manual one."""
    return {
        "op": "import",
        "institution": "north",
        "mode": "manual" if sensitive else "automatic",
        "change_sensitive_fields": sensitive,
        "date_format": date_format,
        "csv": base64.b64encode(data).decode("ascii"),
    }


# Files.


def but(row: Row, place: int, text: str) -> Row:
    """A row with another text in one cell."""
    return (*row[:place], text, *row[place + 1 :])


def line(row: Iterable[str]) -> bytes:
    """Cells with commas between them, and nothing quoted."""
    return ",".join(row).encode()


def lines(*rows: Iterable[str] | bytes, end: bytes = b"\n") -> bytes:
    """A file of rows; one that is given as bytes stands as it is."""
    return b"".join((row if isinstance(row, bytes) else line(row)) + end for row in rows)


def three(place: int, row: Iterable[str] | bytes) -> bytes:
    """A file of three students, of whom the one in a place, from 0, is written so."""
    rows: list[Iterable[str] | bytes] = [ADA, BEN, CLEO]
    rows[place] = row
    return lines(HEADER, *rows)


def with_column(header: str, *rows: tuple[Row, str]) -> bytes:
    """A file with one column more, behind the others."""
    return lines((*HEADER, header), *((*row, text) for row, text in rows))


def quoted(text: str) -> str:
    """A text in quotes, its own quotes written twice."""
    return '"' + text.replace('"', '""') + '"'


def failed_rows(data: bytes, *before: bytes, world: Mapping[str, Any] = WORLD) -> bytes:
    """The failed rows of a file as a right importer gives them back, after the files before it."""
    now = World.of()
    for request in ({"op": "reset", "world": world}, *map(importing, (*before, data))):
        response, now = answer(now, request)
    return base64.b64decode(response["report"]["failed_rows_csv"])


# Words for names and titles.

PLACES = {"first": (0, "the first row"), "middle": (1, "a row in the middle"), "last": (2, "the last row")}


def code_point(character: str) -> str:
    """U+00A0, as people write it."""
    return f"U+{ord(character):04X}"
