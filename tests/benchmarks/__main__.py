"""The command: measure everything, print the tables, and fail only where a result is wrong.

python -m tests.benchmarks [--quick] [--json FILE]
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from attrs import asdict, frozen
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from tests.benchmarks import exploring, small, sql, states
from tests.benchmarks.aims import Aim, aims
from tests.benchmarks.contestants import DICT_READER, Files, contestants
from tests.benchmarks.growth import Size, grow
from tests.benchmarks.measures import Measure, compete
from tests.benchmarks.phases import phases
from tests.benchmarks.searching import Pace, pace
from tests.tools import planted

REST = "the loop, the report, the rest"
ABOUT_THE_OTHERS = (
    "csv.DictReader makes a dict of each row and drops it; sqlite3 stores the cells as text and checks two keys; "
    "frictionless checks names, types, value lists, required and unique cells."
)
ABOUT_SMALL_STEPS = (
    "A step that writes costs what its own rows cost, which the small world shows, and one copy of the maps of all "
    "students; a step that changes nothing copies nothing."
)
ABOUT_EXPLORING = (
    "A row is a transition: a step upon the model in one of its states. The empty search looks the steps up, and "
    "counts the states, which it hashes and renames as the others do: no exploration can be faster."
)
ABOUT_MEMORY = (
    "Seconds are the processor's, and each import ran in a process of its own. Memory: its highest during the import "
    "less that just before, so with the rows read, both worlds and the report, and without the interpreter, the "
    "modules and the file's bytes."
)


@frozen
class Plan:
    """How much is measured: rows, rounds, and the seconds after which no further round begins."""

    students: int = 100_000
    through_sql: int = 5_000
    sizes: tuple[tuple[int, int], ...] = ((10_000, 5), (100_000, 2), (1_000_000, 1))  # students, rounds
    rounds: int = 3
    small_rounds: int = 20
    limit: float = 75.0  # for each table
    searching: float = 10.0  # processor seconds of the random search
    exploring: int = 3  # steps of the histories explored


QUICK = Plan(10_000, 1_000, ((1_000, 5), (10_000, 3)), rounds=2, small_rounds=5, limit=5.0, searching=2.0, exploring=2)


@frozen
class Findings:
    """Everything that was measured."""

    plan: Plan
    side_by_side: tuple[Measure, ...]
    full: tuple[Measure, ...]  # the phases of a full import
    unchanged: tuple[Measure, ...]  # and of one in which nothing is new
    growth: tuple[Size, ...]
    small: tuple[Measure, ...]
    states: tuple[Measure, ...]
    sql: tuple[Measure, ...]
    pace: Pace
    exploring: tuple[Measure, ...]

    @property
    def aims(self) -> tuple[Aim, ...]:
        """Each aim with its result."""
        measures = (*self.side_by_side, *self.states)
        return tuple(aims({measure.name: measure for measure in measures}, self.growth, self.pace))

    @property
    def wrong(self) -> tuple[str, ...]:
        """What came out wrong."""
        measures = (*self.side_by_side, *self.full, *self.unchanged, *self.small, *self.states, *self.sql)
        measures += self.exploring
        found = (*(measure.wrong for measure in measures), *(size.wrong for size in self.growth))
        return tuple(wrong for wrong in found if wrong)


def measured(plan: Plan) -> Findings:
    """Measure everything, the largest files first: then their memory is free again."""
    growth = tuple(grow(plan.sizes, limit=120.0))
    files = Files.of(plan.students)
    return Findings(
        plan,
        compete(contestants(files), plan.rounds, plan.limit),
        compete(phases(files.before, files.first), plan.rounds, plan.limit / 2),
        compete(phases(files.after, files.first), plan.rounds, plan.limit / 2),
        growth,
        compete(small.steps(files), plan.small_rounds, plan.limit / 2),
        compete(states.states(files), plan.rounds, plan.limit / 2),
        compete(sql.importers(plan.through_sql), plan.rounds, plan.limit / 2),
        pace(plan.searching, int(plan.searching * 10)),
        compete(exploring.explorers(plan.exploring), plan.rounds, plan.limit / 2),
    )


# The tables.


def speeds(title: str, measures: Sequence[Measure], beside: str) -> Table:
    """Rows a second, and what they come to beside one of the contestants."""
    table = table_of(f"{title} ({beside} is 1)", "rows", "seconds", "rows a second", "ratio", "rounds")
    one = next((measure.rows_per_second for measure in measures if measure.name == beside), None)
    for m in measures:
        ratio = f"{m.rows_per_second / one:.3g}" if one else ""
        table.add_row(m.name, f"{m.rows:,}", f"{m.seconds:.3f}", f"{m.rows_per_second:,.0f}", ratio, str(m.rounds))
    return table


def shares(title: str, measures: Sequence[Measure]) -> Table:
    """Where the time goes: each phase as a share of the whole."""
    whole, *parts = measures
    table = table_of(title, "rows", "µs a row of the file", "share")
    for part in measures:
        table.add_row(part.name, f"{part.rows:,}", *share_of(part.seconds, whole))
    rest = whole.seconds - sum(part.seconds for part in parts)
    table.add_row(REST, "", *share_of(rest, whole))
    return table


def share_of(seconds: float, whole: Measure) -> tuple[str, str]:
    """Seconds a row, and the share of the whole."""
    return f"{seconds / whole.rows * 1e6:.1f}", f"{seconds / whole.seconds:.0%}"


def growths(sizes: Iterable[Size]) -> Table:
    """Seconds and memory of ever more students."""
    table = table_of("Growth of a full import", "seconds", "µs a student", "kB a student", "rounds", "")
    for size in sizes:
        figures = (size.seconds, scaled(size.seconds, 1e6 / size.students), scaled(size.bytes_per_student, 1e-3))
        table.add_row(f"{size.students:,} students", *map(figure, figures), str(size.rounds), size.remark)
    return table


def scaled(number: float | None, factor: float) -> float | None:
    """A number in another unit."""
    return None if number is None else number * factor


def figure(number: float | None) -> str:
    """A number, if there is one, with two decimals."""
    return "" if number is None else f"{number:.2f}"


def small_steps(title: str, measures: Sequence[Measure]) -> Table:
    """What a small step takes, beside the copy of the maps."""
    table = table_of(title, "ms", "beside the copy")
    copy = measures[-1].seconds
    for m in measures:
        table.add_row(m.name, f"{m.seconds * 1000:.2f}", f"{m.seconds / copy:.2f} ×")
    return table


def aims_table(found: Iterable[Aim]) -> Table:
    """Each aim and its result."""
    table = table_of("Aims", "aim", "result", "")
    for aim in found:
        wanted = f"at least {aim.at_least:g}" if aim.at_least is not None else f"at most {aim.at_most:g}"
        result = "not measured" if aim.result is None else f"{aim.result:.3g}"
        table.add_row(aim.name, wanted, result, {True: "met", False: "missed", None: ""}[aim.is_met])
    return table


def table_of(title: str, *columns: str) -> Table:
    """A table with a first column of names and others of figures."""
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    table.add_column("", no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def printed(found: Findings, console: Console) -> None:
    """Everything, and where the time goes if an aim was missed."""
    count = f"{found.plan.students:,} students"
    console.print(speeds(f"{count}, 23 columns, side by side", found.side_by_side, DICT_READER))
    console.print(ABOUT_THE_OTHERS)
    console.print(growths(found.growth))
    console.print(ABOUT_MEMORY)
    console.print(small_steps(f"Small steps in a world of {count}", found.small))
    console.print(ABOUT_SMALL_STEPS)
    console.print(speeds(f"State files of {count}", found.states, states.PARSE))
    console.print(speeds("The same file, 5 % of it faulty, through another importer", found.sql, sql.SQL))
    histories = f"Every history of up to {found.plan.exploring} steps"
    console.print(speeds(histories, found.exploring, exploring.EMPTY))
    console.print(ABOUT_EXPLORING)
    console.print(aims_table(found.aims))
    if any(aim.is_met is False for aim in found.aims):
        console.print(shares("Where the time of a full import goes, phase by phase", found.full))
        console.print(shares("Where the time of an unchanged file goes", found.unchanged))
    for line in planted.kept():
        console.print(line)
    for wrong in found.wrong:
        console.print(f"WRONG  {wrong}", style="bold red")


# The file.


def as_data(found: Findings) -> dict[str, Any]:
    """Everything as plain data."""
    machine = {"python": platform.python_version(), "system": platform.system(), "processors": os.cpu_count()}
    aims_ = [asdict(aim) | {"is_met": aim.is_met} for aim in found.aims]
    return machine | asdict(found) | {"aims": aims_, "wrong": list(found.wrong)}


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="10,000 students instead of 100,000: some 20 seconds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there, too")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """The exit status: 1 where a result is wrong, else 0, however slow the machine is."""
    chosen, start = arguments(words), time.perf_counter()
    found = measured(QUICK if chosen.quick else Plan())
    printed(found, Console())
    if chosen.json:
        chosen.json.write_text(json.dumps(as_data(found), indent=1), encoding="utf-8")
    print(f"{time.perf_counter() - start:.0f} s in all")
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
