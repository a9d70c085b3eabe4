"""Mutants of the JavaScript importer, made by Stryker's instrumenter.

It puts all changes into one copy; a variable of the environment says which of them is made. So the copy is made once,
and a mutant costs no more than a start of Node.js.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.tools.importer_mutation.mutants import FOLDERS, Mutant, definition, digest, in_one_line, sources

INSTRUMENT = Path(__file__).with_name("instrument.mjs")
SWITCH = "__STRYKER_ACTIVE_MUTANT__"


def stryker() -> Path:
    """The folder in which npm has installed Stryker's instrumenter."""
    return Path(os.environ.get("REFMODEL_STRYKER") or Path(sys.prefix) / "stryker")


def modules() -> tuple[str, ...]:
    """The modules that are changed."""
    return tuple(sources("javascript"))


def instrumented(folder: Path) -> list[Mutant]:
    """Write the copy with all changes into the folder; every mutant that is in it."""
    command = ["node", str(INSTRUMENT), str(stryker()), str(FOLDERS["javascript"]), str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return list(mutants(json.loads(done.stdout)))


def mutants(made: list[dict[str, Any]]) -> Iterator[Mutant]:
    """The mutants that Stryker has made."""
    texts = {name: path.read_text("utf-8") for name, path in sources("javascript").items()}
    everything = digest(*texts.values())
    for each in made:
        module, place = Path(each["fileName"]).stem, each["location"]
        lines = texts[module].splitlines()
        before, after = lines_with(lines, place, each["replacement"])
        key = digest(everything, module, json.dumps(place), each["replacement"])
        where = definition(lines, place["start"]["line"])
        yield Mutant("javascript", module, where, each["mutatorName"], before, after, each["id"], key)


def lines_with(lines: list[str], place: dict[str, dict[str, int]], replacement: str) -> tuple[str, str]:
    """The lines in which a change is made, as they were and as they are."""
    start, end = place["start"], place["end"]
    before = lines[start["line"] : end["line"] + 1]
    after = before[0][: start["column"]] + replacement + before[-1][end["column"] :]
    return in_one_line(before), in_one_line([after])
