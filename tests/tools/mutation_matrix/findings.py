"""What is found out about the wrong importers, as it stands in the file of the matrix."""

from pathlib import Path
from typing import Literal, get_args

import msgspec
from msgspec import Struct

from tests.support.paths import ROOT

Way = Literal["examples", "first", "edges", "driver", "machine", "laws"]
WAYS: tuple[Way, ...] = get_args(Way)
SEARCHES: tuple[Way, ...] = ("driver", "machine")  # those that are tried under several seeds
FOLDER = ROOT / "conformance" / "docs" / "generated"
DATA = FOLDER / "matrix.json"


class BadData(ValueError):
    """A file of ours that cannot be read; the text says which, and what to do."""


class Shown(Struct, frozen=True):
    """How many conversations catch it: of those that are there for the rule that it breaks, and of all."""

    own: int
    all: int


class Trial(Struct, frozen=True, array_like=True):
    """One search under a seed: whether it ended with a catch, and what it took until then, in processor seconds."""

    seed: int
    caught: bool
    histories: int
    steps: int
    seconds: float


class Breaking(Struct, frozen=True):
    """The law that was broken first, if one was, and in which history; else how many histories broke none."""

    law: int | None
    histories: int


class Row(Struct, frozen=True, omit_defaults=True):
    """A wrong importer, and what each way of catching it came to; None, or no trial, is not measured."""

    name: str
    examples: Shown | None = None
    first: str | None = None  # the rule that a report names first; blank where it names none
    edges: Shown | None = None
    driver: tuple[Trial, ...] = ()
    machine: tuple[Trial, ...] = ()
    laws: Breaking | None = None


class Plan(Struct, frozen=True):
    """How much is tried."""

    seeds: int = 5
    driver_cap: float = 5.0  # processor seconds of the random search under each seed
    machine_cap: float = 24.0  # and of the state machine: as many as the default budget gives it
    histories: int = 100  # under each seed, in which the laws are looked at


class Matrix(Struct, frozen=True):
    """All rows, in the order of the catalogue, and how much was tried."""

    plan: Plan
    rows: tuple[Row, ...]


def read(path: Path = DATA) -> Matrix:
    """The matrix of a file. BadData where there is none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Matrix)
    except OSError as error:
        raise BadData(f"{path}: cannot be read: {error.strerror}; `make matrix` writes it") from None
    except msgspec.DecodeError as error:
        raise BadData(f"{path}: is no matrix: {error}; `make matrix` writes it anew") from None


def as_text(matrix: Matrix) -> str:
    """The file of a matrix, with a line for each row, so that a change of one is a change of one line."""
    plain = msgspec.to_builtins(matrix)
    rows = ",\n".join(as_json(row) for row in plain.pop("rows"))
    head = "".join(f"{as_json(name)}: {as_json(value)},\n" for name, value in plain.items())
    return f'{{\n{head}"rows": [\n{rows}\n]\n}}\n'


def as_json(value: object) -> str:
    """A value on one line."""
    return msgspec.json.encode(value).decode()
