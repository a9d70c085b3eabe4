"""A corpus as a folder: written whole or not at all, and never over anything that is not an earlier corpus."""

import csv
import hashlib
import io
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from conformance.cases.corpus.cases import Answers, CorpusCase
from conformance.cases.corpus.contents import CORPUS, Made, as_bytes, contents, described
from conformance.cases.corpus.coverage import Coverage, Line
from conformance.cases.corpus.gathering import gathered
from conformance.cases.corpus.verifying import INDEX, SUMS, BadCorpus, is_untouched
from refmodel import __version__

COLUMNS = ("name", "id", "part", "side", "rule", "title", "wrong", "folder")


def nothing(case: CorpusCase) -> None:
    """Do nothing after a case."""


def make(folder: Path, count: int, seed: int, after: Callable[[CorpusCase], None] = nothing) -> tuple[Line, ...]:
    """Write a corpus of this many cases; what it covers. BadCorpus where the folder cannot be written, or is in use."""
    check_free(folder)
    with written_beside(folder) as beside:
        lines = fill(beside, gathered(count, seed), seed, after)
        put(beside, folder)
    return lines


def check_free(folder: Path) -> None:
    """BadCorpus where the folder holds something that would be lost."""
    if not os.path.isdir(folder.parent):
        raise BadCorpus(f"{folder}: there is no folder {folder.parent}: make it, or name another one")
    if not os.path.lexists(folder):
        return
    if os.path.islink(folder) or not os.path.isdir(folder):
        raise BadCorpus(f"{folder}: this is not a folder: name another one")
    if any(folder.iterdir()) and not is_untouched(folder):
        raise BadCorpus(
            f"{folder}: the folder is neither empty nor an unchanged corpus; "
            "nothing was written: name another one, or empty it"
        )


@contextmanager
def written_beside(folder: Path) -> Iterator[Path]:
    """A temporary folder beside another; it is deleted at the end unless it was renamed."""
    try:
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise BadCorpus(f"{folder}: cannot be written: {error.strerror}") from None
    try:
        umask = os.umask(0)
        os.umask(umask)
        beside.chmod(0o777 & ~umask)
        yield beside
    except OSError as error:
        raise BadCorpus(f"{folder}: cannot be written: {error.strerror}; nothing was changed") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def put(beside: Path, folder: Path) -> None:
    """Rename the folder, in the place of an earlier corpus."""
    if not folder.exists() or not any(folder.iterdir()):
        beside.rename(folder)
        return
    with written_beside(folder) as old:
        folder.rename(old / "old")
        beside.rename(folder)


# The contents.


def fill(
    folder: Path, cases: Sequence[CorpusCase], seed: int, after: Callable[[CorpusCase], None] = nothing
) -> tuple[Line, ...]:
    """Write all files of a corpus into an empty folder; what it covers."""
    answers, made, coverage, sums = Answers(), Made(), Coverage(), list[str]()
    (folder / "cases").mkdir()
    for case in cases:
        place = f"cases/{case.name}"
        (folder / place).mkdir()
        sums += write(folder, place, contents(case, answers.of(case.case.requests, case.shared), made))
        coverage.add(case)
        after(case)
    lines = tuple(coverage.lines())
    sums += write(folder, "", about(cases, seed, lines))
    (folder / SUMS).write_text("".join(f"{line}\n" for line in sorted(sums, key=lambda line: line[66:])), "ascii")
    return lines


def write(folder: Path, place: str, data: Mapping[str, bytes]) -> Iterator[str]:
    """Write some files, and give their lines for the checksums."""
    for name, content in data.items():
        path = f"{place}/{name}" if place else name
        with open(f"{folder}/{path}", "xb", buffering=0) as file:
            file.write(content)
        yield f"{hashlib.sha256(content).hexdigest()}  {path}"


def about(cases: Sequence[CorpusCase], seed: int, lines: Sequence[Line]) -> Mapping[str, bytes]:
    """The files that are about the corpus as a whole."""
    entries = [described(case) | {"folder": f"cases/{case.name}"} for case in cases]
    covered = [{"what": line.what, "reached": line.reached, "possible": line.possible} for line in lines]
    head = {**CORPUS.head, "refmodel": __version__, "seed": seed, "cases": len(cases), "covered": covered}
    guide = (files("conformance.cases.corpus") / "guide.md").read_bytes()
    return {
        INDEX: as_bytes(head | {"index": entries}),
        "index.csv": as_table(cases, entries),
        "README.md": guide,
    }


def as_table(cases: Sequence[CorpusCase], entries: Sequence[Mapping[str, object]]) -> bytes:
    """The index as a file that a spreadsheet opens."""
    output = io.StringIO(newline="")
    rows = (entry | {"rule": case.case.rules[0]} for case, entry in zip(cases, map(dict, entries)))
    csv.writer(output).writerows((COLUMNS, *([row[name] for name in COLUMNS] for row in rows)))
    return output.getvalue().encode()
