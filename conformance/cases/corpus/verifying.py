"""Reading a corpus: its version is checked, and its checksums."""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from attrs import frozen
from msgspec import Struct

from conformance.cases.corpus.contents import CORPUS

INDEX, SUMS = "index.json", "SHA256SUMS"


class BadCorpus(ValueError):
    """A folder that is not a corpus, or a damaged one, or that cannot be written; the text says what to do."""


@frozen
class Entry:
    """A case of a corpus: what its index says of it, and where it is."""

    name: str
    rules: tuple[str, ...]
    title: str
    common_mistake: str
    folder: Path

    @property
    def trace(self) -> Path:
        """Its conversation."""
        return self.folder / "trace.jsonl"


def is_corpus(folder: Path) -> bool:
    """Whether a folder looks like a corpus, of whatever version."""
    return os.path.isfile(folder / INDEX) and os.path.isfile(folder / SUMS)


def is_untouched(folder: Path) -> bool:
    """Whether a folder is a corpus in which nothing was changed, added or deleted."""
    try:
        sums = verified(folder)
    except BadCorpus:
        return False
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    return there == {*sums, SUMS}


def entries(folder: Path) -> tuple[Entry, ...]:
    """Verify a corpus; its cases. BadCorpus where it is not a corpus, damaged, or of a later version."""
    sums = verified(folder)
    found = tuple(_indexed(folder))
    for entry in found:
        if entry.trace.relative_to(folder).as_posix() not in sums:
            raise BadCorpus(f"{folder}: {INDEX} names {entry.name}, which {SUMS} does not have; make the corpus anew")
    return found


class _Indexed(Struct, frozen=True):
    name: str
    rules: tuple[str, ...]
    title: str
    wrong: str
    folder: str


class _Index(Struct, frozen=True):
    index: tuple[_Indexed, ...]


def _indexed(folder: Path) -> Iterator[Entry]:
    try:
        index = msgspec.convert(_index(folder), _Index)
    except msgspec.ValidationError:
        raise BadCorpus(f"{folder / INDEX}: this is not the index of a corpus; make the corpus anew") from None
    for said in index.index:
        yield Entry(said.name, said.rules, said.title, said.wrong, folder / said.folder)


def _index(folder: Path) -> dict[str, object]:
    try:
        index = msgspec.json.decode((folder / INDEX).read_bytes(), type=dict[str, object])
    except FileNotFoundError:
        raise BadCorpus(f"{folder}: there is no {INDEX}, so this is not a corpus") from None
    except OSError as error:
        raise BadCorpus(f"{folder / INDEX}: cannot be read: {error.strerror}") from None
    except (ValueError, msgspec.MsgspecError):  # which is a ValueError from msgspec 0.23 on only
        raise BadCorpus(f"{folder / INDEX}: this is not a JSON object; make the corpus anew") from None
    try:
        CORPUS.version_of(index)
    except ValueError as error:
        raise BadCorpus(f"{folder / INDEX}: {error}; or make the corpus anew") from None
    return index


def verified(folder: Path) -> Mapping[str, str]:
    """File → checksum, if all are right; else BadCorpus, which names the first wrong one."""
    _index(folder)
    sums = dict(_sums(folder))
    for name, expected in sums.items():
        try:
            found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError as error:
            raise BadCorpus(f"{folder / name}: cannot be read: {error.strerror}; make the corpus anew") from None
        if found != expected:
            raise BadCorpus(f"{folder / name}: the file was changed or is damaged; make the corpus anew")
    return sums


def _sums(folder: Path) -> Iterator[tuple[str, str]]:
    try:
        lines = (folder / SUMS).read_text("ascii").splitlines()
    except (OSError, UnicodeError):
        raise BadCorpus(f"{folder / SUMS}: cannot be read; make the corpus anew") from None
    for number, line in enumerate(lines, start=1):
        match = re.fullmatch(r"([0-9a-f]{64})  ((?!/)[\w./-]+)", line, re.ASCII)
        if not match or ".." in match[2].split("/"):
            raise BadCorpus(f"{folder / SUMS}, line {number}: this is not a checksum of a file in the corpus")
        yield match[2], match[1]
