"""The work of a worker: to search from a seed, to replay saved histories, or to shrink a finding."""

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from attrs import define, evolve, field
from msgspec import Struct
from msgspec import field as msgspec_field

from conformance.attribution.attribution import attribution_of
from conformance.generation.history import FileStep, History
from conformance.generation.limits import Clock, Limit
from conformance.mutants.known import deviating
from conformance.oracle.invariants import breaches
from conformance.oracle.state import ALL_HEADERS, OracleState, Strictness
from conformance.protocol.responses import Response
from conformance.protocol.trace import Exchange
from conformance.search.campaign.saved import FindingStore, NoDatabase, as_json, packed, unpacked
from conformance.search.masking import KnownBugs
from conformance.search.minimise import smallest
from conformance.search.random_search import FAULTS, play_histories
from conformance.search.results import SearchResult, found_case
from conformance.session.client import Importer, Introduction, introduced
from conformance.session.lockstep import Lockstep, agrees
from conformance.session.replay import operations_of
from conformance.transport.faults import Fault
from conformance.transport.targets import connect
from conformance.verdict.case import Case
from conformance.verdict.known_deviations import reading_rules

MOST_FINDINGS = 3  # differences of a task for which attributions are sought, which takes time
NO_RULE = "values_replace"  # where neither a rule nor an invariant accounts for a difference


NUMBER = "REFMODEL_WORKER"  # the variable that holds a worker's number
PLACE = "{worker}"


class Terms(Struct, frozen=True):
    """The target, the time-out (seconds), what to judge by, and where findings are saved at once."""

    target: str
    timeout: float = 30.0
    strictness: Strictness = "exact"
    readings: tuple[str, ...] = ()
    database: str | None = None  # null where workers cannot reach it

    @property
    def target_here(self) -> str:
        """The target of this worker: where the target says {worker}, its number stands."""
        return self.target.replace(PLACE, os.environ.get(NUMBER, "0"))

    def known(self, columns: frozenset[str], masked: Iterable[str]) -> OracleState:
        """The oracle's knowledge of an importer that stores these columns, with the known bugs masked."""
        ruleset = deviating(reading_rules(self.readings), masked)
        return OracleState(strictness=self.strictness, ruleset=ruleset, columns=columns)

    def lockstep(self, masked: Iterable[str]) -> Lockstep:
        """This thread's importer and the oracle. Fault where the importer does not answer hello."""
        importer = importer_at(self)
        return Lockstep(importer, self.known(importer.columns, masked), self.known(importer.columns, ()))


class Task(Struct, frozen=True):
    """A piece of the search: it ends after so many histories or seconds."""

    terms: Terms
    seed: str
    number: int
    histories: int
    seconds: float
    masked: tuple[str, ...] = ()
    reached: tuple[str, ...] = ()  # rules that the campaign has reached already

    @property
    def source(self) -> str:
        """The seed of this task alone."""
        return f"{self.seed}-unit-{self.number}"


class Replay(Struct, frozen=True):
    """Saved histories to replay."""

    terms: Terms
    saved: tuple[bytes, ...]
    masked: tuple[str, ...] = ()


class CampaignFinding(Struct, frozen=True):
    """A history that differs, as it was found: not shrunk; what accounts for it; and the conversation."""

    history: bytes
    rule: str
    exact: bool
    like: tuple[str, ...]
    conversation: bytes

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The conversation that shows it."""
        return tuple(Exchange(request, response) for request, response in json.loads(self.conversation))


class Shrinking(Struct, frozen=True):
    """A finding to shrink."""

    terms: Terms
    finding: CampaignFinding
    masked: tuple[str, ...] = ()


class TaskResult(Struct, frozen=True):
    """What a task went through, and what it found."""

    number: int
    histories: int = 0
    steps: int = 0
    files: int = 0
    seconds: float = 0.0
    outcomes: dict[str, int] = {}
    reached: dict[str, int] = {}
    pairs: tuple[tuple[str, str], ...] = ()
    most_rows: int = 0
    longest_cell: int = 0
    kinds: dict[str, int] = {}
    states: dict[str, int] = {}
    differing: int = 0
    faults: tuple[str, ...] = ()
    importer: Introduction | None = None
    findings: tuple[CampaignFinding, ...] = msgspec_field(default=(), name="finds")


class Replayed(Struct, frozen=True):
    """Which of the saved histories differ, and which do not any more."""

    findings: tuple[CampaignFinding, ...] = ()
    gone: tuple[bytes, ...] = ()
    faults: tuple[str, ...] = ()


class MinimizedFinding(Struct, frozen=True):
    """A find once it is shrunk: the case, and the history; or why there is none."""

    finding: CampaignFinding
    case: Case | None = None
    history: bytes = b""
    fault: str = ""
    flaky: Case | None = None  # where a fresh importer did not show it again


Work = Task | Replay | Shrinking
Done = TaskResult | Replayed | MinimizedFinding


def do(work: Work) -> Done:
    """Do a piece of work. BadTarget where the target cannot be; a Fault of the importer is part of what comes back."""
    match work:
        case Task():
            return search_task(work)
        case Replay():
            return replay(work)
        case Shrinking():
            return shrink(work)


# The importer: one for each thread of a worker, for as long as it lives.

HERE = threading.local()


def importer_at(terms: Terms) -> Importer:
    """The importer of this thread. Fault where it does not say hello."""
    importers: dict[tuple[str, float], Importer] = HERE.__dict__.setdefault("importers", {})
    key = terms.target_here, terms.timeout
    if key not in importers:
        target = connect(terms.target_here, timeout=terms.timeout)
        try:
            importers[key] = introduced(target)
        except Fault:
            target.close()
            raise
    return importers[key]


def dismiss() -> None:
    """End the importers of this thread."""
    importers = HERE.__dict__.pop("importers", {})
    for importer in importers.values():
        importer.target.close()


# The search.


@define
class Explorer:
    """What happens to the histories of a task."""

    task: Task
    known_bugs: KnownBugs
    states: Counter[str] = field(factory=Counter)
    findings: list[CampaignFinding] = field(factory=list)
    differing: int = 0

    def settle(self, lockstep: Lockstep, history: History, exchanges: Sequence[Exchange], differs: bool) -> Lockstep:
        """Keep a difference and mask it, unless it is masked already."""
        self.states.update(states_in(exchanges))
        if not differs:
            return lockstep
        self.differing += not lockstep.only_seems_wrong(exchanges)
        if len(self.findings) >= MOST_FINDINGS or is_accounted_for(exchanges, lockstep.known, self.known_bugs.masks):
            return lockstep
        if not self.known_bugs.account_for(exchanges):
            finding = finding_of(history, exchanges, lockstep.known)
            self.findings.append(finding)
            keep_at_once(finding, self.task.terms)
            self.known_bugs.mask(finding.like)
        return evolve(lockstep, known=self.known_bugs.known)

    def result(self, searched: SearchResult, importer: Importer) -> TaskResult:
        """What the task went through, and what it found."""
        return TaskResult(
            number=self.task.number,
            histories=searched.histories,
            steps=searched.steps,
            files=searched.files,
            seconds=searched.seconds,
            outcomes=dict(searched.outcomes),
            reached=dict(searched.reached),
            pairs=tuple(searched.pairs),
            most_rows=searched.most_rows,
            longest_cell=searched.longest_cell,
            kinds=dict(searched.kinds),
            states=dict(self.states),
            differing=self.differing,
            faults=tuple(searched.faults),
            importer=importer.introduction,
            findings=tuple(self.findings),
        )


def search_task(task: Task, clock: Clock = time.monotonic) -> TaskResult:
    """Search a task; its seconds are those of the clock."""
    try:
        lockstep = task.terms.lockstep(task.masked)
    except Fault as fault:
        return TaskResult(task.number, faults=(str(fault),))
    explorer = Explorer(task, KnownBugs(lockstep.truth, [(name,) for name in task.masked]))
    limit = Limit.of(task.histories, task.seconds, clock)
    searched = play_histories(lockstep, task.source, limit, SearchResult(), explorer.settle, reached=task.reached)
    return explorer.result(searched, lockstep.importer)


def is_accounted_for(exchanges: Iterable[Exchange], known: OracleState, masked: Sequence[object]) -> bool:
    """Whether the bugs around which the search goes give exactly this.

    Even so it may break an invariant, and so is told as a difference each time.
    """
    return bool(masked) and agrees(exchanges, known)


def finding_of(history: History, exchanges: Sequence[Exchange], known: OracleState) -> CampaignFinding:
    """What was found, and what accounts for it."""
    attribution = attribution_of(exchanges, known)
    rules = (*attribution.rules, *(breach.rule for breach in breaches(exchanges)), NO_RULE)
    conversation = as_json([(dict(each.request), each.response) for each in exchanges])
    return CampaignFinding(packed(history), rules[0], bool(attribution.exact_rules), attribution.mutants, conversation)


def keep_at_once(finding: CampaignFinding, terms: Terms) -> None:
    """Save a find where the worker can: should it be killed, the find is not lost."""
    if terms.database:
        with suppress(NoDatabase):  # the campaign saves it too, and complains
            FindingStore.of(terms.database, terms.target).save(finding.history)


# States of an account, as an observation shows them.

MARKS: Mapping[str, Callable[[Response], bool]] = {
    "connected": lambda account: account.get("institution") is not None,
    "pending": lambda account: account.get("pending_at") is not None,
    "declined": lambda account: bool(account.get("declined_by")),
    "archived": lambda account: bool(account.get("disabled")),
    "excluded": lambda account: bool(account.get("excluded_from_sync")),
    "asks for an address": lambda account: account.get("requested_email") is not None,
}


def states_in(exchanges: Iterable[Exchange]) -> Iterator[str]:
    """The state of each account in each observation."""
    for exchange in exchanges:
        if exchange.request["op"] == "observe":
            yield from map(state_of, exchange.response.get("accounts") or ())


def state_of(account: Response) -> str:
    """All that holds of an account, in words."""
    return ", ".join(mark for mark, holds in MARKS.items() if holds(account)) or "connected nowhere"


# Saved histories.


def replay(work: Replay) -> Replayed:
    """Play saved histories anew: those that the importer can take, as long as it answers."""
    findings: list[CampaignFinding] = []
    gone: list[bytes] = []
    faults: list[str] = []
    for saved in work.saved:
        if len(faults) >= FAULTS:
            break
        try:
            lockstep, history = work.terms.lockstep(work.masked), unpacked(saved)
            if can_take(lockstep.importer, history):
                finding = played_anew(history, lockstep)
                findings += [finding] if finding else []
                gone += [] if finding else [saved]
        except Fault as fault:
            faults.append(str(fault))
    return Replayed(tuple(findings), tuple(gone), tuple(faults))


def can_take(importer: Importer, history: History) -> bool:
    """Whether an importer claims all that a history needs."""
    headers = {name for step in history.steps if isinstance(step, FileStep) for name in step.header}
    claimed = operations_of(tuple(history.requests())) <= importer.supports
    return claimed and headers & ALL_HEADERS <= importer.columns


def played_anew(history: History, lockstep: Lockstep) -> CampaignFinding | None:
    """What a saved history shows today, if it still shows anything."""
    played = lockstep.play(history.requests())
    if not played.is_wrong or lockstep.only_seems_wrong(played.exchanges):
        return None
    return finding_of(history, played.exchanges, lockstep.known)


# Shrinking.


def shrink(work: Shrinking) -> MinimizedFinding:
    """The smallest history that shows what was found."""
    try:
        lockstep = work.terms.lockstep(work.masked)
        found = smallest(lockstep, unpacked(work.finding.history), work.finding.exchanges)
    except Fault as fault:
        return MinimizedFinding(work.finding, fault=str(fault))
    case = found_case(found, "campaign-found")
    return (
        MinimizedFinding(work.finding, flaky=case)
        if found.is_flaky
        else MinimizedFinding(work.finding, case, packed(found.history))
    )
