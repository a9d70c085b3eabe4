"""A mutant: an importer with one small change, known by the text of what is changed."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from difflib import ndiff
from pathlib import Path
from typing import Literal, get_args

from attrs import field, frozen

from tests.support.paths import ROOT

Importer = Literal["sql", "javascript"]
IMPORTERS: tuple[Importer, ...] = get_args(Importer)
FOLDERS = {name: ROOT / "conformance" / "implementations" / name for name in IMPORTERS}
DEFINITION = re.compile(
    r"(?:export )?(?:async )?(?:def|class|function|const) (\w+)"  # JavaScript and Python
    r"|(\w+)(?:: .+?)? = "  # a constant of Python
)


@frozen
class Mutant:
    """One change: the lines as they were and as they are, without indentation; and how to run the importer with it."""

    importer: Importer
    module: str
    function: str  # or the class or constant: the definition at the left margin in which it stands; else blank
    operator: str  # the tool's name for this sort of change
    before: str
    after: str
    source: str = field(repr=False, eq=False)  # the changed module, or the number of the change in JavaScript
    key: str = field(repr=False)  # a digest of the importer with this change

    def __str__(self) -> str:
        """The mutant on several lines."""
        return (
            f"{self.importer}.{self.module} {self.function} ({self.operator})\n    - {self.before}\n    + {self.after}"
        )


def digest(*texts: str) -> str:
    """A short text that is another one where one of the texts is."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def sources(importer: Importer) -> dict[str, Path]:
    """Module → file."""
    suffix = {"sql": ".py", "javascript": ".mjs"}[importer]
    return {path.stem: path for path in sorted(FOLDERS[importer].glob(f"*{suffix}"))}


def in_one_line(lines: Iterable[str]) -> str:
    """Lines as one, with one space wherever there was white space."""
    return " ".join(" ".join(lines).split())


def changed_lines(before: str, after: str) -> tuple[str, str]:
    """The lines that two texts do not share, of each."""
    found = list(ndiff(before.splitlines(), after.splitlines()))
    gone, come = (in_one_line(line[2:] for line in found if line.startswith(sign)) for sign in "-+")
    return gone, come


def definition(lines: Sequence[str], number: int) -> str:
    """The name of the definition in which a line stands, counted from 0; blank where it stands in none."""
    start = next((line for line in reversed(lines[: number + 1]) if line[:1].strip(" \t)}]@")), "")
    found = DEFINITION.match(start)
    return (found[1] or found[2]) if found else ""


def first_changed(before: str, after: str) -> int:
    """The number of the first line that differs, counted from 0."""
    pairs = zip(before.splitlines(), after.splitlines())
    return next((number for number, (one, other) in enumerate(pairs) if one != other), 0)
