"""Files that nobody would write on purpose, on the command line: what they take is a few times their size.

The memory is the highest of a process of its own, less that of a file of one row. Each kind says how many times
its size it may take; what is in the file is one of them, for it is read whole. Two sizes show that it is the
file that counts: the larger one takes no more for each byte. That the time grows linearly is shown without a
clock in test_csv_reader.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import frozen

from refmodel.cli.state_file import begin
from refmodel.world import Institution, World
from tests.support.commands import ENVIRONMENT

TOP = b"email_address,username,first_name,last_name,primary_education:end_date,school_year_name"
ROW = b"ada@north.edu,1,Ada,Lovelace,2024-06-30,Alumni\n"
MOST_SAID = 10_000  # characters: no message holds a cell of the size of a file
A_FEW_BLOCKS = 4_000_000  # bytes: what the cells of a block come to, and what is read at a time, whatever the size
SIZES = (3_000_000, 9_000_000)
COMMANDS = {
    "preview": ("preview",),
    "for programs": ("preview", "--json"),
    "import and failed rows": ("import", "--json", "--failed", "failed.csv", "--force"),
}


def rows(size: int) -> bytes:
    """Rows of some size, all the same."""
    return ROW * (size // len(ROW))


@frozen
class Kind:
    """A kind of file: how it is made in some size, how many times that it may take, and what is said of it."""

    make: Callable[[int], bytes]
    times: float
    said: str
    command: str = "preview"


NEVER_CLOSED = "is never closed"
LACKS = "the header lacks"
KINDS = {
    # Refused: nothing is kept but the bytes and a block of them.
    "a quote left open in front": Kind(
        lambda n: TOP + b'\n"' + rows(n), 1.2, f"line 2, record 2, cell 1: .*{NEVER_CLOSED}"
    ),
    "left open in the middle": Kind(lambda n: TOP + b"\n" + rows(n // 2) + b'x,"' + rows(n // 2), 1.2, NEVER_CLOSED),
    "left open at the end": Kind(lambda n: TOP + b"\n" + rows(n) + b'"', 1.2, NEVER_CLOSED),
    "text behind a quote at the end": Kind(lambda n: TOP + b"\n" + rows(n) + b'"a"b', 1.2, "after the closing quote"),
    "only quotes": Kind(lambda n: b'"' * (n + 1), 1.2, NEVER_CLOSED),
    "bad UTF-8 at the end": Kind(lambda n: TOP + b"\n" + rows(n) + b"\xff", 1.2, "is not UTF-8"),
    "bad UTF-8 behind wide characters": Kind(
        lambda n: "\U0001f393é".encode() * (n // 6) + b"\xff", 1.2, "is not UTF-8"
    ),
    "NUL at the end": Kind(lambda n: TOP + b"\n" + rows(n) + b"\0", 1.2, "a NUL byte"),
    "a header is missing": Kind(lambda n: TOP[1:] + b"\n" + rows(n), 1.2, LACKS),
    "a header stands twice": Kind(lambda n: TOP + b",username\n" + rows(n), 1.2, "username more than once"),
    "a header stands there ever again": Kind(lambda n: TOP + b",username" * (n // 9), 2.5, "username more than once"),
    "one line without end": Kind(lambda n: b"x" * n, 2.2, LACKS),
    "only commas": Kind(lambda n: b"," * n, 1.2, LACKS),
    "blank lines": Kind(lambda n: b"\n" * n, 1.2, LACKS),
    # Read: a cell that is read is a text, in one byte a character or, with one emoji in it, in four.
    "a cell without end": Kind(lambda n: TOP + b"\n" + b"x" * n, 3.2, "has 1 cells and the header 6"),
    "one with an emoji": Kind(lambda n: TOP + b"\n\xf0\x9f\x8e\x93" + b"x" * n, 6.2, "has 1 cells and the header 6"),
    "a cell of doubled quotes": Kind(lambda n: TOP + b'\n"' + b'a""' * (n // 3) + b'"', 3.2, "has 1 cells"),
    "a quote closed at the end": Kind(lambda n: TOP + b'\n"' + rows(n) + b'"', 3.2, "Row 1 runs from line 2 to line"),
    "a malformed cell": Kind(lambda n: TOP + b'\n"' + rows(n) + b'",1,A,B,,', 5.2, "emails_ignore_case"),
    "columns in the header": Kind(lambda n: TOP + b"," * n, 1.2, "Columns with a blank header were ignored: 7, 8"),
    "columns in front": Kind(lambda n: b"," * n + TOP, 1.2, "Columns with a blank header were ignored: 1, 2"),
    "columns in header and rows": Kind(
        lambda n: TOP + b"," * (n // 2) + b"\n" + ROW[:-1] + b"," * (n // 2), 1.2, "failed\t0\n"
    ),
    "columns in a row": Kind(lambda n: TOP + b"\n" + ROW[:-1] + b"," * n, 1.2, "cells and the header 6"),
    "unknown columns": Kind(
        lambda n: TOP + b",ab" * (n // 3), 1.5, "Headers that name no column were ignored: [0-9,]+ more"
    ),
    "quoted columns": Kind(
        lambda n: TOP + b',"a"' * (n // 4), 1.2, "Headers that name no column were ignored: [0-9,]+ more"
    ),
    "blank lines behind": Kind(lambda n: TOP + b"\n" * n, 1.2, "created\t0"),
    # The same for programs, which get values whole; and with the failed rows, which are written anew.
    "open for programs": Kind(lambda n: TOP + b'\n"' + rows(n), 1.2, NEVER_CLOSED, "for programs"),
    "a cell for programs": Kind(lambda n: TOP + b'\n"' + rows(n) + b'"', 4.2, '"column": null', "for programs"),
    "a value for programs": Kind(lambda n: TOP + b"\n" + b"x" * n + b",1,A,B,,", 6.2, '"x+"', "for programs"),
    "open in an import": Kind(lambda n: TOP + b'\n"' + rows(n), 1.2, NEVER_CLOSED, "import and failed rows"),
    "a cell comes back": Kind(lambda n: TOP + b'\n"' + rows(n) + b'"', 4.2, "ragged", "import and failed rows"),
    "columns come back": Kind(lambda n: TOP + b"\n" + b"," * n + b"x", 3.2, "ragged", "import and failed rows"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a state in it."""
    folder = tmp_path_factory.mktemp("hostile")
    begin(folder / "state.json", World.of(Institution("north", domains=["north.edu"])))
    return folder


@pytest.fixture(scope="module")
def least(folder: Path) -> dict[str, int]:
    """How many bytes each command takes for a file of one row."""
    return {name: highest(folder, TOP + b"\n" + ROW, command)[0] for name, command in COMMANDS.items()}


# A process counts as its own what it was before it became another program: here a small one, and not the tests.
MEASURE = """
import os, sys
child = os.posix_spawn(sys.executable, [sys.executable, "-m", "refmodel", *sys.argv[1:]], os.environ)
_, status, usage = os.wait4(child, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024), file=sys.stderr)
"""


def highest(folder: Path, data: bytes, command: tuple[str, ...]) -> tuple[int, str]:
    """The most memory that a command takes on a file, in bytes, and all that it says; it never ends in a traceback."""
    (folder / "students.csv").write_bytes(data)
    order = [*command, "students.csv", "--state", "state.json", "--institution", "north"]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *order], capture_output=True, text=True, cwd=folder, env=ENVIRONMENT
    )
    *said, measured = done.stderr.splitlines()
    status, taken = map(int, measured.split())
    text = "\n".join([done.stdout, *said])
    assert status in (0, 2), text[:2000]
    assert "Traceback" not in text
    return taken, text


@pytest.mark.parametrize("name", KINDS)
def test_memory(name: str, folder: Path, least: dict[str, int]) -> None:
    """It takes so many times the size of the file, in each of two sizes, and says what is wrong with it."""
    kind = KINDS[name]
    for size in SIZES:
        data = kind.make(size)
        taken, text = highest(folder, data, COMMANDS[kind.command])
        times = (taken - least[kind.command] - A_FEW_BLOCKS) / len(data)
        assert times <= kind.times, f"{size:,} bytes take {times:.1f} times as many"
        assert re.search(kind.said, text), text[:2000]
        assert len(text) <= MOST_SAID or "--json" in COMMANDS[kind.command]
