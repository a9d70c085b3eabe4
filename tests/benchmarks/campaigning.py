"""Campaigns on one worker and on two: histories a second, and how soon a rare bug is found.

python -m tests.benchmarks.campaigning [--quick] [--json FILE]

Seconds of the clock count here, since a campaign has so many of them; where the machine is busy with other things, two
workers get less than twice of what one gets. So the load is told, and beside it histories a second of the processor.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TypedDict, TypeVar

import msgspec
import psutil
from attrs import asdict, frozen
from rich.console import Console

from conformance.mutants import MUTANTS
from conformance.oracle.reference import ReferenceImporter
from conformance.protocol.responses import Response
from conformance.search.campaign.campaign import Campaign, plan_of
from conformance.search.campaign.saved import FindingStore
from conformance.search.campaign.showing import Show
from conformance.search.campaign.tasks import Terms
from conformance.search.campaign.worker_pools import Dask, WorkerPool, cluster_here
from refmodel.ruleset import STANDARD

RIGHT = "python:conformance.reference:importer"
RARE = "python:tests.benchmarks.campaigning:Rare"
WORKERS = (1, 2)
UNIT = 40  # histories
T = TypeVar("T")
WARMING = 3.0  # seconds, so that the workers have imported everything


class Rare(ReferenceImporter):
    """Ignores the case of what a single sign-on returns, but only where it has five students: seldom seen."""

    def handle(self, request: Response) -> Response:
        """Be wrong where there are so many."""
        are_many = len(list(self.world.students())) >= 5
        self.ruleset = MUTANTS["attributes_ignore_case"].ruleset if are_many else STANDARD
        return super().handle(request)


@frozen
class Plan:
    """How much is measured."""

    seconds: float = 20.0  # of each run of the speed
    rounds: int = 2
    seeds: int = 7  # of the rare bug
    patience: float = 150.0  # seconds for one of them


QUICK = Plan(6.0, 1, 1, 60.0)


@frozen
class Speed:
    """One run over a right importer."""

    workers: int
    histories: int
    seconds: float
    processor: float  # seconds of the workers
    load: float  # of the machine, before

    @property
    def a_second(self) -> float:
        """Histories a second of the clock."""
        return self.histories / self.seconds

    @property
    def a_processor_second(self) -> float:
        """Histories a second of the processor."""
        return self.histories / max(self.processor, 1e-9)


@frozen
class Sighting:
    """One run over an importer with a rare bug: when it was found, not yet shrunk, or null; and histories by then."""

    workers: int
    seed: int
    seconds: float | None
    histories: int
    load: float


class Figures(TypedDict):
    """What was measured, and what it comes to."""

    processors: int | None
    speeds: list[Speed]
    efficiency: float
    sightings: list[Sighting]
    median_seconds_to_the_rare_bug: dict[int, float]
    sooner_on_two: bool


def speed(pool: WorkerPool, workers: int, seconds: float) -> Speed:
    """How many histories a worker pool goes through."""
    load, before = os.getloadavg()[0], processor_seconds(pool)
    campaign = run(pool, RIGHT, 1, seconds)
    return Speed(workers, campaign.total.histories, campaign.elapsed, processor_seconds(pool) - before, load)


def sighting(pool: WorkerPool, workers: int, seed: int, patience: float) -> Sighting:
    """When the rare bug is found."""
    load = os.getloadavg()[0]
    first: list[tuple[float, int]] = []

    def watch(campaign: Campaign) -> None:
        if campaign.bugs.seen and not first:
            first.append((campaign.elapsed, campaign.total.histories))
            campaign.is_stopped = True

    campaign = run(pool, RARE, seed, patience, watch)
    seconds, histories = first[0] if first else (None, campaign.total.histories)
    return Sighting(workers, seed, seconds, histories, load)


def run(pool: WorkerPool, target: str, seed: int, seconds: float, show: Show = lambda campaign: None) -> Campaign:
    """A campaign that is kept nowhere, in tasks that are the same however many work on them."""
    with tempfile.TemporaryDirectory() as folder:
        plan = msgspec.structs.replace(plan_of(Terms(target), str(seed), seconds), histories=UNIT, seconds=60.0)
        campaign = Campaign(plan, seconds, FindingStore.of(folder, target), pool=pool)
        campaign.run(show)
    return campaign


def processor_seconds(pool: WorkerPool) -> float:
    """What the processes of the workers have used so far."""
    assert isinstance(pool, Dask)
    used = [psutil.Process(pid).cpu_times() for pid in pool.client.run(os.getpid).values()]
    return sum(times.user + times.system for times in used)


def middle(numbers: Iterable[float | None], otherwise: float) -> float:
    """The median; what was not found counts as found after all the time."""
    return statistics.median(otherwise if number is None else number for number in numbers)


def efficiency(speeds: Sequence[Speed]) -> float:
    """What two workers do beside twice what one does: 1 is all that can be hoped for."""
    one, two = (statistics.median(s.a_second for s in speeds if s.workers == n) for n in WORKERS)
    return two / (2 * one)


def measured(plan: Plan) -> Figures:
    """Everything; one worker and two take turns, so that a busier moment hits both."""
    with ExitStack() as open_pools:
        pools = {workers: open_pools.enter_context(cluster_here(workers)) for workers in WORKERS}
        for pool in pools.values():
            run(pool, RIGHT, 0, WARMING)
        speeds = [told(speed(pools[n], n, plan.seconds)) for n in turns(plan.rounds)]
        seen = [told(sighting(pools[n], n, turn // 2, plan.patience)) for turn, n in enumerate(turns(plan.seeds))]
    return concluded(speeds, seen, plan.patience)


def told(one: T) -> T:
    """The same, said at once on standard error: the whole takes minutes."""
    print(one, file=sys.stderr, flush=True)
    return one


def concluded(speeds: Sequence[Speed], seen: Sequence[Sighting], patience: float) -> Figures:
    """What was measured, and what it comes to."""
    medians = {n: middle((s.seconds for s in seen if s.workers == n), patience) for n in WORKERS}
    return {
        "processors": os.cpu_count(),
        "speeds": [*speeds],
        "efficiency": efficiency(speeds),
        "sightings": [*seen],
        "median_seconds_to_the_rare_bug": medians,
        "sooner_on_two": medians[2] < medians[1],
    }


def turns(rounds: int) -> list[int]:
    """Each number of workers once a round, now this one first, now that one."""
    return [workers for number in range(rounds) for workers in (WORKERS if number % 2 == 0 else reversed(WORKERS))]


def printed(found: Figures, console: Console) -> None:
    """Two tables and two figures."""
    from tests.benchmarks.__main__ import table_of  # which imports all that the other benchmarks measure

    table = table_of("A right importer", "histories", "a second", "a processor second", "load")
    for each in found["speeds"]:
        figures = (f"{each.a_second:.1f}", f"{each.a_processor_second:.1f}", f"{each.load:.1f}")
        table.add_row(f"{each.workers} worker(s)", str(each.histories), *figures)
    console.print(table)
    console.print(f"Efficiency of two workers: {found['efficiency']:.2f}")
    table = table_of("A rare bug", "found after s", "histories", "load")
    for seen in found["sightings"]:
        seconds = "not found" if seen.seconds is None else f"{seen.seconds:.1f}"
        table.add_row(f"{seen.workers} worker(s), seed {seen.seed}", seconds, str(seen.histories), f"{seen.load:.1f}")
    console.print(table)
    medians = ", ".join(f"{seconds:.1f} s on {n}" for n, seconds in found["median_seconds_to_the_rare_bug"].items())
    console.print(f"Medians: {medians}; sooner on two: {'yes' if found['sooner_on_two'] else 'no'}")


def main(words: Sequence[str] | None = None) -> int:
    """The exit status is 0, however slow the machine is."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.campaigning", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--quick", action="store_true", help="one short round, one seed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there, too")
    chosen = parser.parse_args(words)
    found = measured(QUICK if chosen.quick else Plan())
    printed(found, Console())
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1, default=asdict), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
