"""The campaign: tasks are given out until the time is up, and what comes back is counted, shrunk and written down."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from math import inf
from typing import Any

import msgspec
from attrs import Factory, define, evolve, field

from conformance.generation.limits import Clock
from conformance.oracle.state import ALL_HEADERS, OracleState
from conformance.search.campaign.bugs import Bugs
from conformance.search.campaign.journal import BadJournal, Journal, Noted, Paused, Plan, Reaped, Wavered, WrittenCase
from conformance.search.campaign.saved import FindingStore
from conformance.search.campaign.tasks import (
    CampaignFinding,
    Done,
    MinimizedFinding,
    Replay,
    Replayed,
    Shrinking,
    Task,
    TaskResult,
    Terms,
    Work,
)
from conformance.search.campaign.worker_pools import InlinePool, Lost, WorkerPool
from conformance.verdict.case import Case
from conformance.verdict.verdict import Verdict, counterexamples

TOGETHER = 20  # saved histories in one piece of work
AFTERWARDS = 30.0  # seconds after the time is up in which what was found is still shrunk
LOOKING = 15.0  # seconds between two looks at what other campaigns have saved
BARREN = 5  # tasks in a row that bring nothing but faults, after which the importer is not asked any more
MOST_FAULTS = 20  # that are told
MOST_HISTORIES = 1000  # in a task
LONGEST, SHORTEST = 10.0, 1.0  # seconds of a task


def plan_of(terms: Terms, seed: str, seconds: float) -> Plan:
    """The plan of a campaign of so many seconds: a killed worker loses a sixtieth of it at most."""
    return Plan(terms, seed, MOST_HISTORIES, min(max(seconds / 60, SHORTEST), LONGEST))


@define
class Total:
    """What all tasks went through together."""

    units: int = 0
    histories: int = 0
    steps: int = 0
    files: int = 0
    differing: int = 0
    seconds: float = 0.0  # of all workers together
    outcomes: Counter[str] = field(factory=Counter)
    reached: Counter[str] = field(factory=Counter)
    states: Counter[str] = field(factory=Counter)
    pairs: set[tuple[str, str]] = field(factory=set)
    faults: Counter[str] = field(factory=Counter)
    importer: dict[str, Any] = field(factory=dict)

    def add(self, harvest: TaskResult) -> None:
        """Count a task."""
        self.units += 1
        for name in ("histories", "steps", "files", "differing", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(harvest, name))
        for name in ("outcomes", "reached", "states", "faults"):
            getattr(self, name).update(getattr(harvest, name))
        self.pairs.update(harvest.pairs)
        self.importer = self.importer or harvest.importer or {}

    def news(self, harvest: TaskResult) -> TaskResult:
        """A task without what need not be written down: finds, and pairs that were seen before."""
        pairs = tuple(pair for pair in harvest.pairs if pair not in self.pairs)
        return msgspec.structs.replace(harvest, pairs=pairs, finds=())


@define
class Campaign:
    """A campaign, where it stands."""

    plan: Plan
    limit: float  # seconds
    found: FindingStore
    journal: Journal | None = None
    stop_after: int | None = None
    total: Total = field(factory=Total)
    bugs: Bugs = field(factory=Bugs)
    flaky: list[Case] = field(factory=list)
    done: set[int] = field(factory=set)
    earlier: float = 0.0  # seconds that it ran before this process
    clock: Clock = time.monotonic
    begun: float = field(default=Factory(lambda self: self.clock(), takes_self=True))
    is_stopped: bool = False  # somebody asked for it
    barren: int = 0
    queue: list[Work] = field(factory=list)
    seen: set[bytes] = field(factory=set)  # of the saved histories
    looked: float = -inf
    numbers: Iterator[int] = field(factory=count)
    ended: float | None = None
    pool: WorkerPool = field(factory=InlinePool)

    # Going on.

    def resume(self) -> None:
        """Take up what the journal holds, or begin it. BadJournal where it is about something else."""
        if self.journal is None:
            return
        lines = list(self.journal.lines())
        for line in lines:
            match line:
                case Plan():
                    self._check(line)
                    self.plan = msgspec.structs.replace(line, terms=self.plan.terms)
                case Reaped():
                    self._count(line.harvest)
                    self.earlier = max(self.earlier, line.elapsed)
                case Noted():
                    self.bugs.add(line.found)
                case Wavered():
                    self.flaky.append(line.case.found)
                case Paused():
                    self.earlier = max(self.earlier, line.elapsed)
        if not lines:
            without_password = msgspec.structs.replace(self.plan.terms, database=None)
            self.journal.add(msgspec.structs.replace(self.plan, terms=without_password))

    def _check(self, plan: Plan) -> None:
        if plan.version != self.plan.version or plan.same != self.plan.same:
            raise BadJournal(
                f"{self.journal and self.journal.path}: this campaign is about {plan.terms.target}, with --seed "
                f"{plan.seed} and --strictness {plan.terms.strictness}; go on with these, or give another --state"
            )

    # Running.

    def run(self, show: Callable[["Campaign"], None] = lambda campaign: None) -> None:
        """Search until the time is up, and then finish what is under way."""
        self.begun = self.clock()
        self.numbers = (number for number in count() if number not in self.done)
        while not self._is_over():
            self._look()
            self._hand_out()
            for done in self.pool.finished(0.5):
                self._take(done)
            show(self)
        self._write(Paused(self.elapsed))

    @property
    def elapsed(self) -> float:
        """Seconds of the campaign so far, with those before this process."""
        return self.earlier + self.clock() - self.begun

    @property
    def left(self) -> float:
        """Seconds that are left to it."""
        return max(self.limit - self.elapsed, 0.0)

    @property
    def is_given_up(self) -> bool:
        """Whether the importer brings nothing but faults."""
        return self.barren >= BARREN

    @property
    def goes_on(self) -> bool:
        """Whether it still searches."""
        enough = self.stop_after is not None and len(self.bugs.known) >= self.stop_after
        return not (enough or self.is_stopped or self.is_given_up) and self.left > 0

    def _is_over(self) -> bool:
        if self.goes_on:
            return False
        self.ended = self.ended or self.clock()
        idle = not self.pool.under_way() and (self.bugs.is_idle or self._has_enough())
        return idle or self.clock() - self.ended > AFTERWARDS

    def _has_enough(self) -> bool:
        return self.is_given_up or (self.stop_after is not None and len(self.bugs.known) >= self.stop_after)

    def _look(self) -> None:
        """Now and then, and first of all: what is saved, perhaps by another campaign, and was not played here."""
        if not self.goes_on or self.clock() - self.looked < LOOKING:
            return
        self.looked = self.clock()
        saved = [history for history in self.found if history not in self.seen]
        self.seen.update(saved)
        parts = [tuple(saved[first : first + TOGETHER]) for first in range(0, len(saved), TOGETHER)]
        self.queue += [Replay(self.plan.terms, part, self.bugs.around) for part in parts]

    def _hand_out(self) -> None:
        """Give everybody something to do: what was found first, then what is saved, then a new task."""
        if not self._has_enough():
            for find in self.bugs.to_shrink(self.knows):
                self.pool.begin(Shrinking(self.plan.terms, find, self.bugs.around))
        self._drop_known()
        while self.goes_on and self.pool.under_way() < self.pool.size():
            self.pool.begin(self.queue.pop(0) if self.queue else self._next_task())

    def _next_task(self) -> Task:
        seconds = min(self.plan.seconds, self.left)
        reached = tuple(self.total.reached)
        number = next(self.numbers)
        plan = self.plan
        return Task(plan.terms, plan.seed, number, plan.histories, seconds, self.bugs.around, reached)

    def knows(self, around: tuple[str, ...]) -> OracleState:
        """What the oracle knows of the importer, if it deviates so."""
        columns = self.total.importer.get("columns")
        return self.plan.terms.known(ALL_HEADERS if columns is None else frozenset(columns), around)

    # What comes back.

    def _take(self, done: Done | Lost) -> None:
        match done:
            case TaskResult():
                self._reap(done)
            case Replayed():
                self._keep(done.finds)
                self.total.faults.update(done.faults)
                for history in done.gone:
                    self.found.drop(history)
            case MinimizedFinding():
                self.settle(done)
            case Lost(work=Task(number=number)):
                self._reap(TaskResult(number, faults=(done.text,)))
            case Lost(work=Shrinking(find=find)):
                self.settle(MinimizedFinding(find, fault=done.text))
            case Lost():
                self.total.faults[done.text] += 1

    def _reap(self, harvest: TaskResult) -> None:
        if harvest.number in self.done:
            return
        self._keep(harvest.finds)  # first, so that a campaign that is killed here finds them again
        self._write(Reaped(self.total.news(harvest), self.elapsed))
        self._count(harvest)
        self.barren = self.barren + 1 if len(harvest.faults) >= max(harvest.histories, 1) else 0

    def _count(self, harvest: TaskResult) -> None:
        if harvest.number not in self.done:
            self.done.add(harvest.number)
            self.total.add(harvest)

    def _keep(self, finds: tuple[CampaignFinding, ...]) -> None:
        for find in finds:
            self._save(find.history)
            self.bugs.take(find)

    def settle(self, shrunk: MinimizedFinding) -> None:
        if shrunk.fault:
            self.total.faults[shrunk.fault] += 1
        if shrunk.flaky:
            self.flaky.append(evolve(shrunk.flaky, id=f"campaign-flaky-{len(self.flaky)}"))
            self._write(Wavered(WrittenCase.of(self.flaky[-1])))
        bug = self.bugs.settle(shrunk, self.elapsed)
        if bug:
            self._save(bug.history)
            self._write(Noted.of(bug))
        if shrunk.case and shrunk.find.history not in self._shown():
            self.found.drop(shrunk.find.history)

    def _save(self, history: bytes) -> None:
        self.seen.add(history)
        self.found.save(history)

    def _drop_known(self) -> None:
        """What shows a bug that is known, and is not the smallest that does, need not be kept."""
        while self.bugs.dropped:
            history = self.bugs.dropped.pop().history
            if history not in self._shown():
                self.found.drop(history)

    def _shown(self) -> set[bytes]:
        return {bug.history for bug in self.bugs.known.values()}

    def _write(self, line: Reaped | Noted | Wavered | Paused) -> None:
        if self.journal:
            self.journal.add(line)

    # The verdict.

    @property
    def verdict(self) -> Verdict:
        """What the campaign says of the importer."""
        cases = tuple(self._cases())
        total, terms = self.total, self.plan.terms
        searched = {"histories": total.histories, "files": total.files, "seconds": min(self.elapsed, self.limit)}
        searched["cut_short"] = False  # time is all that a campaign is given
        return Verdict(
            cases,
            counterexamples(cases),
            stopped=self.is_stopped,
            importer={"target": terms.target, **total.importer},
            searched=[searched | {"pairs": sorted(total.pairs)}],
            strictness=terms.strictness,
            readings=terms.readings,
        )

    def _cases(self) -> Iterator[Case]:
        yield Case("campaign", (), "passed", tuple(self.total.reached), kind="search")
        yield from (bug.case for bug in self.bugs.known.values())
        yield from self.flaky
        for number, text in enumerate([*self.total.faults][:MOST_FAULTS]):
            yield Case(f"campaign-fault-{number}", (), "fault", details=text, kind="search")
