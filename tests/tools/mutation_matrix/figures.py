"""What the findings come to: how each way stands with each wrong importer, who survives, how long it takes."""

import math
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import geometric_mean, median_low
from typing import Literal

from attrs import frozen

from conformance.mutants import MUTANTS
from conformance.mutants.operators import Mutant
from refmodel.catalogue import CATALOGUE, Entry
from tests.tools.mutation_matrix.findings import SEARCHES, WAYS, BadData, Breaking, Matrix, Row, Shown, Trial, Way

# How one way stands with one wrong importer: `caught` as it should be, or it `survives`; `nearly` is under most seeds,
# or by edge cases of other rules. A way that need not catch all has `passed` it; `unknown` was not tried.
Standing = Literal["caught", "nearly", "survives", "passed", "unknown"]

NEEDED: tuple[Way, ...] = ("examples", "first", "driver", "machine")  # each has to catch every wrong importer
TITLES: Mapping[Way, str] = {
    "examples": "Examples of its own rule",
    "first": "First rule of the report",
    "edges": "Edge cases",
    "driver": "Fast driver",
    "machine": "State machine",
    "laws": "Laws alone",
}
ACCEPTED = Path(__file__).with_name("survivors.toml")
HEAD = """\
# What is not as it has to be: ways that were not tried on all wrong importers, and the survivors of each.
# The lists may only become shorter: what is caught after all has to go.
"""
SLOWEST = 10
SPACE = "\N{NO-BREAK SPACE}"


@frozen
class Cell:
    """One way and one wrong importer: how it stands, and the figures in words."""

    way: Way
    standing: Standing
    words: str


def cells(row: Row) -> tuple[Cell, ...]:
    """All ways, for one wrong importer."""
    rule = MUTANTS[row.name].rule
    return (
        shown_cell("examples", row.examples, "survives", "survives"),
        first_cell(row.first, rule),
        shown_cell("edges", row.edges, "nearly", "passed"),
        searched_cell("driver", row.driver),
        searched_cell("machine", row.machine),
        law_cell(row.laws),
    )


def shown_cell(way: Way, shown: Shown | None, by_others: Standing, otherwise: Standing) -> Cell:
    """By conversations that are there for its rule, or only by others."""
    if shown is None:
        return Cell(way, "unknown", "not measured")
    if shown.own:
        return Cell(way, "caught", f"{shown.own} of {shown.all}" if shown.all > shown.own else f"{shown.own}")
    return Cell(way, by_others if shown.all else otherwise, f"0 of {shown.all}" if shown.all else "none")


def first_cell(first: str | None, rule: str) -> Cell:
    """Under its own name, or another."""
    if first is None:
        return Cell("first", "unknown", "not measured")
    return Cell("first", "caught", "its own") if first == rule else Cell("first", "survives", first or "none")


def searched_cell(way: Way, trials: Sequence[Trial]) -> Cell:
    """Under all seeds, most, or fewer."""
    if not trials:
        return Cell(way, "unknown", "not measured")
    caught = sum(trial.caught for trial in trials)
    seeds = f"{caught} of {len(trials)} seeds"
    steps, seconds = median(trials, lambda t: t.steps), median(trials, lambda t: t.seconds)
    if steps is None or seconds is None:
        return Cell(way, "survives", seeds)
    words = f"{steps:g}{SPACE}steps · {short(seconds)}{SPACE}s"
    return Cell(way, "caught", words) if caught == len(trials) else Cell(way, "nearly", f"{seeds} · {words}")


def law_cell(laws: Breaking | None) -> Cell:
    """By a law, or by none."""
    if laws is None:
        return Cell("laws", "unknown", "not measured")
    if laws.law is None:
        return Cell("laws", "passed", "none")
    return Cell("laws", "caught", f"law {laws.law} · history {laws.histories}")


def median(trials: Sequence[Trial], figure: Callable[[Trial], float]) -> float | None:
    """The middle one of some figures, the lower of two; a seed without a catch takes for ever. None if that is it."""
    found = median_low([figure(trial) if trial.caught else math.inf for trial in trials])
    return None if math.isinf(found) else found


def short(number: float) -> str:
    """A number with two digits that count."""
    return f"{float(f'{number:.2g}'):g}"


# Rows.


@frozen
class Line:
    """A wrong importer of the catalogue, and all ways."""

    mutant: Mutant
    row: Row
    cells: tuple[Cell, ...]

    @property
    def by_way(self) -> Mapping[Way, Cell]:
        """Way → cell."""
        return {cell.way: cell for cell in self.cells}


@frozen
class Group:
    """A rule, and the wrong importers that break it."""

    entry: Entry
    lines: tuple[Line, ...]

    def column(self, way: Way) -> tuple[Cell, ...]:
        """One way, for all of them."""
        return tuple(line.by_way[way] for line in self.lines)


def lines(matrix: Matrix) -> tuple[Line, ...]:
    """The rows of the matrix that the catalogue has, and in its order. BadData where one is not known there."""
    unknown = [row.name for row in matrix.rows if row.name not in MUTANTS]
    if unknown:
        raise BadData(f"there is no wrong importer {', '.join(unknown)}; `make matrix` writes the matrix anew")
    return tuple(Line(MUTANTS[row.name], row, cells(row)) for row in matrix.rows)


def groups(matrix: Matrix) -> tuple[Group, ...]:
    """The rules in their order, each with its wrong importers; the equivalent ones stand apart."""
    mortal = [line for line in lines(matrix) if not line.mutant.equivalent]
    found = (Group(e, tuple(x for x in mortal if x.mutant.rule == name)) for name, e in CATALOGUE.items())
    return tuple(group for group in found if group.lines)


def equivalents(matrix: Matrix) -> tuple[Line, ...]:
    """Those of which it is proved that nothing can catch them."""
    return tuple(line for line in lines(matrix) if line.mutant.equivalent)


# Survivors.


def survivors(matrix: Matrix) -> dict[str, list[str]]:
    """Way → those that it has to catch and does not, in the order of their names."""
    every = [line for group in groups(matrix) for line in group.lines]
    return {way: sorted(line.row.name for line in every if line.by_way[way].standing == "survives") for way in NEEDED}


def shortcomings(matrix: Matrix) -> dict[str, list[str]]:
    """All that is not yet as it has to be: ways that were not tried on all, and for each needed way its survivors."""
    every = [line for group in groups(matrix) for line in group.lines]
    unmeasured = [way for way in WAYS if any(line.by_way[way].standing == "unknown" for line in every)]
    return {"unmeasured": sorted(unmeasured), **survivors(matrix)}


def accepted(path: Path = ACCEPTED) -> dict[str, list[str]]:
    """The shortcomings that are known. BadData where the list cannot be read."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadData(f"{path}: cannot be read: {error}; --accept writes it anew") from None


def acceptance(found: Mapping[str, Sequence[str]]) -> str:
    """The list of known shortcomings as it is written down, a line each."""
    blocks = (f"{kind} = [\n" + "".join(f'    "{name}",\n' for name in names) + "]\n" for kind, names in found.items())
    return "\n".join((HEAD, *blocks))


def surprises(found: Mapping[str, Sequence[str]], known: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What is not as it is known: new shortcomings, and those that are none any more."""
    for kind, names in found.items():
        listed = known.get(kind, ())
        yield from (f"{kind}: {name} is not listed" for name in names if name not in listed)
        yield from (f"{kind}: {name} is listed, and need not be any more" for name in listed if name not in names)


# Totals.


@frozen
class Total:
    """What one way came to over all wrong importers."""

    way: Way
    counts: Mapping[Standing, int]
    steps: float | None  # geometric mean of the medians
    seconds: float | None
    slowest: tuple[tuple[str, float, float], ...]  # name, median steps and seconds

    @property
    def title(self) -> str:
        """Its name on the page."""
        return TITLES[self.way]

    @property
    def needed(self) -> bool:
        """Whether it has to catch all."""
        return self.way in NEEDED

    @property
    def tried(self) -> int:
        """How many were tried."""
        return sum(count for standing, count in self.counts.items() if standing != "unknown")


def total(matrix: Matrix, way: Way) -> Total:
    """One way over all that can be caught."""
    every = [line for group in groups(matrix) for line in group.lines]
    standings = [line.by_way[way].standing for line in every]
    counts = {standing: standings.count(standing) for standing in ("caught", "nearly", "survives", "passed", "unknown")}
    speeds = sorted(speeds_of(every, way), key=lambda speed: speed[2], reverse=True)
    return Total(
        way,
        counts,  # type: ignore[arg-type]  # the keys are standings
        geometric_mean([steps for _, steps, _ in speeds]) if speeds else None,
        geometric_mean([seconds for *_, seconds in speeds]) if speeds else None,
        tuple(speeds[:SLOWEST]),
    )


def speeds_of(every: Iterable[Line], way: Way) -> Iterator[tuple[str, float, float]]:
    """Name, median steps and median seconds of those that a search catches."""
    for line in every if way in SEARCHES else ():
        trials = line.row.driver if way == "driver" else line.row.machine
        steps, seconds = (median(trials, f) if trials else None for f in (lambda t: t.steps, lambda t: t.seconds))
        if steps is not None and seconds is not None:
            yield line.row.name, steps, seconds


def totals(matrix: Matrix) -> tuple[Total, ...]:
    """All ways."""
    return tuple(total(matrix, way) for way in WAYS)
