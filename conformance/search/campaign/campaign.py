"""The campaign: it hands out tasks until the time is up, and counts, shrinks and writes down the results."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from math import inf

import msgspec
from attrs import Factory, define, evolve, field

from conformance.generation.limits import Clock
from conformance.oracle.state import OracleState
from conformance.search.campaign.bugs import Bugs
from conformance.search.campaign.journal import (
    BadJournal,
    BugFound,
    FlakyFound,
    Journal,
    Paused,
    Plan,
    TaskDone,
    WrittenCase,
)
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
from conformance.session.client import Introduction, stored_columns
from conformance.verdict.case import Case, fault_cases
from conformance.verdict.verdict import Searched, Verdict, counterexamples

TOGETHER = 20  # saved histories in one replay
AFTERWARDS = 30.0  # seconds after the end in which findings are still shrunk
LOOKING = 15.0  # seconds between two looks at the histories that other campaigns have saved
BARREN = 5  # tasks in a row with nothing but faults, after which the importer is given up
MOST_FAULTS = 20  # that are reported
MOST_HISTORIES = 1000  # in a task
LONGEST, SHORTEST = 10.0, 1.0  # seconds of a task


def plan_of(terms: Terms, seed: str, seconds: float) -> Plan:
    """The plan of a campaign of so many seconds: a killed worker loses a sixtieth of it at most."""
    return Plan(terms, seed, MOST_HISTORIES, min(max(seconds / 60, SHORTEST), LONGEST))


@define
class Total:
    """The sums of all tasks."""

    tasks: int = 0
    histories: int = 0
    steps: int = 0
    files: int = 0
    differing: int = 0
    seconds: float = 0.0  # of all workers together
    outcomes: Counter[str] = field(factory=Counter)
    reached: Counter[str] = field(factory=Counter)
    states: Counter[str] = field(factory=Counter)
    pairs: set[tuple[str, str]] = field(factory=set)
    most_rows: int = 0  # in one file
    longest_cell: int = 0  # characters
    kinds: Counter[str] = field(factory=Counter)
    faults: Counter[str] = field(factory=Counter)
    importer: Introduction = field(factory=Introduction)

    def add(self, result: TaskResult) -> None:
        """Count a task."""
        self.tasks += 1
        for name in ("histories", "steps", "files", "differing", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(result, name))
        for name in ("outcomes", "reached", "states", "faults", "kinds"):
            getattr(self, name).update(getattr(result, name))
        for name in ("most_rows", "longest_cell"):
            setattr(self, name, max(getattr(self, name), getattr(result, name)))
        self.pairs.update(result.pairs)
        self.importer = self.importer or result.importer or Introduction()

    def news(self, result: TaskResult) -> TaskResult:
        """A result without what need not be written down: findings, and pairs that were seen before."""
        pairs = tuple(pair for pair in result.pairs if pair not in self.pairs)
        return msgspec.structs.replace(result, pairs=pairs, findings=())


@define
class Campaign:
    """A campaign and its progress."""

    plan: Plan
    limit: float  # seconds
    found: FindingStore
    journal: Journal | None = None
    stop_after: int | None = None
    total: Total = field(factory=Total)
    bugs: Bugs = field(factory=Bugs)
    flaky: list[Case] = field(factory=list)
    done: set[int] = field(factory=set)
    earlier: float = 0.0  # seconds before this process
    clock: Clock = time.monotonic
    begun: float = field(default=Factory(lambda self: self.clock(), takes_self=True))
    is_stopped: bool = False  # by the user
    barren: int = 0
    queue: list[Work] = field(factory=list)
    seen: set[bytes] = field(factory=set)  # of the saved histories
    looked: float = -inf
    numbers: Iterator[int] = field(factory=count)
    ended: float | None = None
    pool: WorkerPool = field(factory=InlinePool)

    # Going on.

    def resume(self) -> None:
        """Go on from the journal, or begin it. BadJournal where it belongs to another campaign."""
        if self.journal is None:
            return
        lines = list(self.journal.lines())
        for line in lines:
            match line:
                case Plan():
                    self._check(line)
                    self.plan = msgspec.structs.replace(line, terms=self.plan.terms)
                case TaskDone():
                    self._count(line.result)
                    self.earlier = max(self.earlier, line.elapsed)
                case BugFound():
                    self.bugs.add(line.found)
                case FlakyFound():
                    self.flaky.append(line.case.found)
                case Paused():
                    self.earlier = max(self.earlier, line.elapsed)
        if not lines:
            without_password = msgspec.structs.replace(self.plan.terms, database=None)
            self.journal.add(msgspec.structs.replace(self.plan, terms=without_password))

    def _check(self, plan: Plan) -> None:
        if plan.version != self.plan.version or plan.same != self.plan.same:
            raise BadJournal(
                f"{self.journal and self.journal.path}: this campaign judges {plan.terms.target}, with --seed "
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
        """Seconds of the campaign so far, including those before this process."""
        return self.earlier + self.clock() - self.begun

    @property
    def left(self) -> float:
        """Seconds that are left to it."""
        return max(self.limit - self.elapsed, 0.0)

    @property
    def is_given_up(self) -> bool:
        """Whether the importer gives nothing but faults."""
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
        """First, and then now and again, queue the saved histories that were not played yet."""
        if not self.goes_on or self.clock() - self.looked < LOOKING:
            return
        self.looked = self.clock()
        saved = [history for history in self.found if history not in self.seen]
        self.seen.update(saved)
        parts = [tuple(saved[first : first + TOGETHER]) for first in range(0, len(saved), TOGETHER)]
        self.queue += [Replay(self.plan.terms, part, self.bugs.masked) for part in parts]

    def _hand_out(self) -> None:
        """Keep all workers busy: with findings to shrink, then saved histories, then new tasks."""
        if not self._has_enough():
            for finding in self.bugs.to_shrink(self.knows):
                self.pool.begin(Shrinking(self.plan.terms, finding, self.bugs.masked))
        self._drop_known()
        while self.goes_on and self.pool.under_way() < self.pool.size():
            self.pool.begin(self.queue.pop(0) if self.queue else self._next_task())

    def _next_task(self) -> Task:
        seconds = min(self.plan.seconds, self.left)
        reached = tuple(self.total.reached)
        number = next(self.numbers)
        plan = self.plan
        return Task(plan.terms, plan.seed, number, plan.histories, seconds, self.bugs.masked, reached)

    def knows(self, masked: tuple[str, ...]) -> OracleState:
        """The oracle's knowledge of the importer, with these deviations masked."""
        return self.plan.terms.known(stored_columns(self.total.importer.get("columns")), masked)

    # What comes back.

    def _take(self, done: Done | Lost) -> None:
        match done:
            case TaskResult():
                self._take_result(done)
            case Replayed():
                self._keep(done.findings)
                self.total.faults.update(done.faults)
                for history in done.gone:
                    self.found.drop(history)
            case MinimizedFinding():
                self.settle(done)
            case Lost(work=Task(number=number)):
                self._take_result(TaskResult(number, faults=(done.text,)))
            case Lost(work=Shrinking(finding=finding)):
                self.settle(MinimizedFinding(finding, fault=done.text))
            case Lost():
                self.total.faults[done.text] += 1

    def _take_result(self, result: TaskResult) -> None:
        if result.number in self.done:
            return
        self._keep(result.findings)  # first, so that nothing is lost if the campaign is killed here
        self._write(TaskDone(self.total.news(result), self.elapsed))
        self._count(result)
        self.barren = self.barren + 1 if len(result.faults) >= max(result.histories, 1) else 0

    def _count(self, result: TaskResult) -> None:
        if result.number not in self.done:
            self.done.add(result.number)
            self.total.add(result)

    def _keep(self, findings: tuple[CampaignFinding, ...]) -> None:
        for finding in findings:
            self._save(finding.history)
            self.bugs.take(finding)

    def settle(self, shrunk: MinimizedFinding) -> None:
        if shrunk.fault:
            self.total.faults[shrunk.fault] += 1
        if shrunk.flaky:
            self.flaky.append(evolve(shrunk.flaky, id=f"campaign-flaky-{len(self.flaky)}"))
            self._write(FlakyFound(WrittenCase.of(self.flaky[-1])))
        bug = self.bugs.settle(shrunk, self.elapsed)
        if bug:
            self._save(bug.history)
            self._write(BugFound.of(bug))
        if shrunk.case and shrunk.finding.history not in self._shown():
            self.found.drop(shrunk.finding.history)

    def _save(self, history: bytes) -> None:
        self.seen.add(history)
        self.found.save(history)

    def _drop_known(self) -> None:
        """Delete saved histories that show a known bug and are not its smallest."""
        while self.bugs.dropped:
            history = self.bugs.dropped.pop().history
            if history not in self._shown():
                self.found.drop(history)

    def _shown(self) -> set[bytes]:
        return {bug.history for bug in self.bugs.known.values()}

    def _write(self, line: TaskDone | BugFound | FlakyFound | Paused) -> None:
        if self.journal:
            self.journal.add(line)

    # The verdict.

    @property
    def verdict(self) -> Verdict:
        """The verdict on the importer."""
        cases = tuple(self._cases())
        total, terms = self.total, self.plan.terms
        searched: Searched = {
            "histories": total.histories,
            "files": total.files,
            "seconds": min(self.elapsed, self.limit),
            "cut_short": False,  # a campaign is limited by time alone
            "pairs": sorted(total.pairs),
            "most_rows": total.most_rows,
            "longest_cell": total.longest_cell,
            "kinds": total.kinds,
        }
        return Verdict(
            cases,
            counterexamples(cases),
            stopped=self.is_stopped,
            importer={"target": terms.target, **total.importer},
            searched=[searched],
            strictness=terms.strictness,
            readings=terms.readings,
        )

    def _cases(self) -> Iterator[Case]:
        yield Case("campaign", (), "passed", tuple(self.total.reached), kind="search")
        yield from (bug.case for bug in self.bugs.known.values())
        yield from self.flaky
        yield from fault_cases("campaign", [*self.total.faults][:MOST_FAULTS], "search")
