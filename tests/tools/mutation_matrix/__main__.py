"""Measure what catches the wrong importers: `python -m tests.tools.mutation_matrix`, or `make matrix`."""

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from conformance.mutants import MUTANTS
from conformance.transport.faults import Fault
from refmodel.catalogue import CATALOGUE
from tests.support.arguments import whole_number
from tests.tools.mutation_matrix.figures import ACCEPTED, acceptance, accepted, shortcomings, surprises
from tests.tools.mutation_matrix.findings import DATA, SEARCHES, WAYS, BadData, Matrix, Plan, Row, Way, as_text, read
from tests.tools.mutation_matrix.page import HTML, MARKDOWN, html, markdown
from tests.tools.mutation_matrix.running import Memory, measured

RULES = list(CATALOGUE)
NAMES = sorted(MUTANTS, key=lambda name: (RULES.index(MUTANTS[name].rule), name))


def matrix_of(rows: Mapping[str, Row], plan: Plan) -> Matrix:
    """All rows of the catalogue; those that are not there are not measured."""
    every = tuple(rows.get(name, Row(name)) for name in NAMES)
    return Matrix(plan, every)


def with_values(row: Row, values: Mapping[Way, Mapping[int, Any]]) -> Row:
    """A row with what some ways came to."""
    changes = {way: tuple(found.values()) if way in SEARCHES else found[0] for way, found in values.items()}
    return msgspec.structs.replace(row, **changes)


def rows_there(path: Path) -> dict[str, Row]:
    """Name → row, of a matrix that is there already; else nothing."""
    return {row.name: row for row in read(path).rows} if path.exists() else {}


def examined(chosen: argparse.Namespace) -> Matrix:
    """The matrix, with what was asked for measured anew and the rest as it was."""
    plan = Plan(chosen.seeds, chosen.cap or Plan().driver_cap, chosen.cap or Plan().machine_cap)
    names, memory = chosen.only or NAMES, Memory.of(chosen.cache)
    found = measured(names, chosen.ways, plan, memory, chosen.workers, lambda text: print(text, flush=True))
    rows = rows_there(chosen.data)
    for name in names:
        values = {way: found[way, name] for way in chosen.ways}
        rows[name] = with_values(rows.get(name, Row(name)), values)
    return matrix_of(rows, plan)


def write(matrix: Matrix, data: Path) -> None:
    """The matrix as data, and the pages beside it."""
    data.write_text(as_text(matrix), "utf-8")
    data.with_name(MARKDOWN.name).write_text(markdown(matrix), "utf-8")
    data.with_name(HTML.name).write_text(html(matrix), "utf-8")


# The command line.


def name(text: str) -> str:
    """A name of the catalogue."""
    if text not in MUTANTS:
        raise argparse.ArgumentTypeError(f"there is no wrong importer {text!r}; conformance/mutants/ has them all")
    return text


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.tools.mutation_matrix", description=__doc__.partition(":")[0] + "."
    )
    parser.add_argument("--only", nargs="+", type=name, metavar="NAME", help="these wrong importers; the rest stays")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS, help="these ways; the rest stays")
    parser.add_argument("--seeds", type=whole_number, default=Plan().seeds, help="of each search (5)")
    parser.add_argument("--cap", type=float, metavar="SECONDS", help="of each search and seed (5 and 24)")
    parser.add_argument("--workers", type=whole_number, default=1, help="processes side by side (1)")
    parser.add_argument("--data", type=Path, default=DATA, metavar="FILE", help="the matrix; its pages come beside it")
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path(sys.prefix) / "matrix.jsonl",
        metavar="FILE",
        help="what was measured (in this Python's environment)",
    )
    parser.add_argument("--render", action="store_true", help="measure nothing, write the pages anew")
    parser.add_argument("--accept", action="store_true", help="list what survives now as known")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """The exit status: 1 where others survive than are listed, 2 where it came to nothing, 130 where it was stopped."""
    chosen = arguments(words)
    try:
        matrix = matrix_of(rows_there(chosen.data), read(chosen.data).plan) if chosen.render else examined(chosen)
        write(matrix, chosen.data)
        found = shortcomings(matrix)
        if chosen.accept:
            ACCEPTED.write_text(acceptance(found), "utf-8")
        return told(surprises(found, accepted()))
    except (BadData, Fault, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        return 130


def told(texts: Iterable[str]) -> int:
    """Print what is not as it is known; 1 if there is any."""
    said = list(texts)
    for text in said:
        print(text)
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
