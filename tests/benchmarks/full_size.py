"""The SQL importer at full size beside django-import-export: the same files, the same databases, one run.

    python -m tests.benchmarks.full_size [--students N] [--postgresql URL] [--json FILE]

Each importer has a process of its own for each database, and takes three files one after the other: one in which all
students are new, the same file again, and one in which one row in a hundred is changed.
"""

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

from attrs import asdict, frozen
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from conformance.implementations.sql import SqlImporter
from refmodel.serialization import institution_as_data
from tests.benchmarks.growth import memory
from tests.benchmarks.sql import answered
from tests.benchmarks.students import CHANGED_IN, JOB, changed, empty_world, file_of, one_in, students
from tests.support.paths import ROOT

POSTGRES = "REFMODEL_POSTGRES_URL"
SQL, DJANGO = "the SQL importer", "django-import-export"
NEW, SAME, FEW = "all new", "unchanged", "1 % changed"
AIM = 20
MARKS = Path("/proc/self/clear_refs")  # Linux; 5 makes the highest memory so far the present one
Importing = Callable[[bytes], Mapping[str, int]]  # a file → outcome → rows


@frozen
class Told:
    """What one importer made of one file: seconds of its process and on the clock, bytes of memory, and outcomes."""

    database: str
    importer: str
    file: str
    rows: int
    processor: float
    elapsed: float
    bytes: int
    outcomes: Mapping[str, int]

    @property
    def wrong(self) -> str | None:
        """What is wrong with the outcomes, if anything is."""
        right = expected(self.rows)[self.file]
        return None if self.outcomes == right else f"{self.importer}, {self.file}: {self.outcomes}, not {right}"


def files_of(count: int) -> dict[str, bytes]:
    """The three files of so many students."""
    rows = list(islice(students(), count))
    first = file_of(rows)
    return {NEW: first, SAME: first, FEW: file_of(changed(rows))}


def expected(count: int) -> dict[str, Mapping[str, int]]:
    """The right outcomes of the three files."""
    few = one_in(CHANGED_IN, count)
    return {NEW: {"created": count}, SAME: {"unchanged": count}, FEW: {"updated": few, "unchanged": count - few}}


# A child: one importer on one database.


def tell(importer: str, url: str, count: int) -> None:
    """Import the three files, and print a line of JSON for each."""
    run = sql_importing(url) if importer == SQL else django_importing(url)
    database = "PostgreSQL" if url.startswith("postgresql") else "SQLite"
    for name, data in files_of(count).items():
        print(json.dumps(asdict(timed(run, Told(database, importer, name, count, 0, 0, 0, {}), data))), flush=True)


def timed(run: Importing, told: Told, data: bytes) -> Told:
    """One file, with what it took."""
    gc.collect()
    if MARKS.exists():
        MARKS.write_text("5")
    before, processor, elapsed = memory("VmRSS"), time.process_time(), time.perf_counter()
    outcomes = run(data)
    processor, elapsed = time.process_time() - processor, time.perf_counter() - elapsed
    most = memory("VmHWM") - before
    return Told(told.database, told.importer, told.file, told.rows, processor, elapsed, most, dict(outcomes))


def sql_importing(url: str) -> Importing:
    """The SQL importer, with an institution and no student yet."""
    service, world = SqlImporter(url), empty_world()
    places = [institution_as_data(institution) for institution in world.directory.institutions.values()]
    answered(service, op="reset", world={"institutions": places, "employers": sorted(world.directory.employers)})
    job = {name: value for name, value in asdict(JOB).items() if value}

    def importing(data: bytes) -> Mapping[str, int]:
        report = answered(service, op="import", csv=b64encode(data).decode(), **job)["report"]
        return Counter(row["outcome"] for row in report["rows"])

    return importing


def django_importing(url: str) -> Importing:
    """django-import-export, with an empty table."""
    from tests.benchmarks.through_django import imported, prepared

    resource = prepared(url)
    return lambda data: imported(resource, data)


# The parent.


def measured(count: int, postgresql: str | None) -> Iterator[Told]:
    """Everybody on every database that is there."""
    importers = (SQL, DJANGO) if find_spec("import_export") else (SQL,)
    for importer in importers:
        with tempfile.TemporaryDirectory() as folder:
            yield from in_a_child(importer, f"sqlite:///{Path(folder, 'students.db')}", count)
    for importer in importers if postgresql else ():
        yield from in_a_child(importer, str(postgresql), count)


def in_a_child(importer: str, url: str, count: int) -> Iterator[Told]:
    """What a process of its own tells; an error in it is an error here."""
    command = [sys.executable, "-m", "tests.benchmarks.full_size", "--child", importer, url, str(count)]
    child = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if child.returncode:
        raise ChildProcessError(child.stderr)
    for line in child.stdout.splitlines():
        yield Told(**json.loads(line))


def ratios(found: Iterable[Told]) -> dict[tuple[str, str], tuple[float, float]]:
    """Database and file → how many times as fast the SQL importer was, by the processor and by the clock."""
    by_importer = {(one.database, one.file, one.importer): one for one in found}
    return {
        (database, file): (one.processor / mine.processor, one.elapsed / mine.elapsed)
        for (database, file, importer), one in by_importer.items()
        if importer == DJANGO and (mine := by_importer.get((database, file, SQL)))
    }


def table_of(found: Iterable[Told]) -> Table:
    """Everything that was measured."""
    table = Table(title="The SQL importer at full size", title_justify="left", box=SIMPLE_HEAD)
    for name in ("database", "file", "importer"):
        table.add_column(name, no_wrap=True)
    for name in ("rows", "processor s", "µs a row", "elapsed s", "memory MB"):
        table.add_column(name, justify="right")
    for one in found:
        seconds = (f"{one.processor:.2f}", f"{one.processor / one.rows * 1e6:.1f}", f"{one.elapsed:.2f}")
        table.add_row(one.database, one.file, one.importer, f"{one.rows:,}", *seconds, f"{one.bytes / 1e6:.0f}")
    return table


def printed(found: Sequence[Told], postgresql: str | None) -> None:
    """Everything, and what it comes to."""
    Console(width=120).print(table_of(found))
    for (database, file), (processor, elapsed) in ratios(found).items():
        decisive = elapsed if database == "PostgreSQL" else processor
        verdict = "met" if decisive >= AIM else "missed"
        print(f"{database}, {file}: {processor:.1f} times by the processor, {elapsed:.1f} by the clock ({verdict})")
    print(f"The aim is {AIM} times; on PostgreSQL the clock decides, since the server's work is not the process's.")
    if not find_spec("import_export"):
        print(f"{DJANGO}: not run (it is in the group `bench` only)")
    if not postgresql:
        print(f"PostgreSQL: not run ({POSTGRES} is not set, and no --postgresql is given)")
    for one in found:
        if one.wrong:
            print(f"WRONG  {one.wrong}")


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.full_size", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--students", type=int, default=10_000, metavar="N", help="how many (%(default)s)")
    parser.add_argument("--postgresql", default=os.environ.get(POSTGRES), metavar="URL", help="may be emptied")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there, too")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """The exit status: 1 where a result is wrong, else 0, however slow the machine is."""
    chosen = arguments(words)
    if chosen.child:
        importer, url, count = chosen.child
        tell(importer, url, int(count))
        return 0
    found = list(measured(chosen.students, chosen.postgresql))
    printed(found, chosen.postgresql)
    if chosen.json:
        chosen.json.write_text(json.dumps([asdict(one) for one in found], indent=1), encoding="utf-8")
    return 1 if any(one.wrong for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
