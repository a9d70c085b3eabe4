"""State files: loading and saving a world beside parsing and writing the same JSON with the standard library.

The preview of a file upon a state is everything that `refmodel preview` does but showing it: both files read, every
row worked through. It stands beside reading the two files and doing nothing with them.
"""

import csv
import json
from collections.abc import Mapping, Sized

from refmodel.cli.state_format import decoded, encoded
from refmodel.engine import collector_at_rest, preview
from tests.benchmarks.contestants import Files, counts, text_of
from tests.benchmarks.measures import Contestant, Outcome
from tests.benchmarks.students import JOB

PARSE, WRITE = "json.loads", "json.dumps"
LOAD, SAVE = "loading the world", "saving the world"
READ = "json.loads and csv.reader"
PREVIEW = "loading, and a preview of the file"


def states(files: Files) -> list[Contestant]:
    """Loading, saving and previewing, each beside what it cannot do without."""
    state, count = b"".join(encoded(files.after)), files.count
    data, told = json.loads(state), {"students": count}
    return [
        Contestant(PARSE, count, lambda: parsed(state), told, students_in),
        Contestant(LOAD, count, lambda: decoded(state), told, lambda world: {"students": len(world.accounts)}),
        Contestant(WRITE, count, lambda: json.dumps(data, ensure_ascii=False).encode(), told, written),
        Contestant(SAVE, count, lambda: b"".join(encoded(files.after)), told, written),
        Contestant(READ, count, lambda: (parsed(state), rows_of(files.first)), told, lambda both: students_in(both[0])),
        Contestant(PREVIEW, count, lambda: preview(decoded(state), JOB, files.first), {"unchanged": count}, counts),
    ]


@collector_at_rest()
def parsed(state: bytes) -> dict[str, list[object]]:
    """What the JSON of a state says."""
    data: dict[str, list[object]] = json.loads(state)
    return data


@collector_at_rest()
def rows_of(data: bytes) -> list[list[str]]:
    """The rows of a file."""
    return list(csv.reader(text_of(data)))


def students_in(state: Mapping[str, Sized]) -> Outcome:
    """How many students a parsed state has."""
    return {"students": len(state["accounts"])}


def written(state: bytes) -> Outcome:
    """How many students were written."""
    return {"students": state.count(b'"last_applied":')}
