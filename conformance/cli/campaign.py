"""`campaign`: a search of hours on all cores, or on many machines, and its report."""

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from os import cpu_count
from pathlib import Path
from types import FrameType

from attrs import frozen
from rich.console import Console

from conformance import report as reports
from conformance.cli.output import complain
from conformance.report.terminal import summary
from conformance.search.campaign import DATABASE
from conformance.search.campaign.campaign import Campaign, plan_of
from conformance.search.campaign.journal import BadJournal, Journal
from conformance.search.campaign.saved import FindingStore, NoDatabase
from conformance.search.campaign.showing import progress
from conformance.search.campaign.tasks import PLACE, Terms
from conformance.search.campaign.worker_pools import NoWorkerPool, WorkerPool, cluster_at, cluster_here
from conformance.transport.targets import connect
from conformance.verdict.verdict import EXIT_STATUS, Verdict
from refmodel.cli.state_file import reason
from refmodel.cli.streams import after
from refmodel.cli.terminal import line, visible
from refmodel.cli.usage import UsageError

STATE = "campaign"


@frozen
class CampaignOptions:
    """The options of a campaign."""

    terms: Terms
    seed: int
    seconds: float
    report: Path
    state: Path | None = None
    database: str = DATABASE
    workers: int | None = None
    scheduler: str | None = None
    stop_after: int | None = None

    def check(self) -> None:
        """UsageError where it cannot be done. BadTarget where the target cannot be, as far as this machine can tell."""
        if not 0 < self.seconds < float("inf"):
            raise UsageError("the campaign needs a duration: give --hours, --minutes or --seconds, together above 0")
        if self.workers is not None and self.scheduler is not None:
            raise UsageError("--workers and --scheduler exclude each other: a scheduler has its own workers")
        if not self.terms.timeout > 0:
            raise UsageError("--timeout is a number of seconds above 0")
        if self.is_shared and (self.workers or 1) > 1:
            raise UsageError(
                f"--workers {self.workers}: all would share one importer, and reset it for each other; "
                f"write {PLACE} in the address for the number of the worker"
            )
        if self.scheduler is None:
            connect(self.terms.target_here).close()
        try:
            reports.check_writable(self.report)
        except OSError as error:
            raise UsageError(f"--report {self.report}: nothing can be written there: {reason(error)}") from None

    @property
    def pool(self) -> AbstractContextManager[WorkerPool]:
        """The workers."""
        if self.scheduler is not None:
            return cluster_at(self.scheduler)
        return cluster_here(self.workers or (1 if self.is_shared else cpu_count()) or 1)

    @property
    def is_shared(self) -> bool:
        """Whether several workers would talk to the same importer."""
        return self.terms.target.startswith(("http:", "https:")) and PLACE not in self.terms.target


def run_campaign(options: CampaignOptions) -> int:
    """Run a campaign, or go on with it; the exit status."""
    options.check()
    try:
        return campaign_in(options, lambda: options.pool)
    except (NoWorkerPool, NoDatabase, BadJournal) as error:
        raise UsageError(str(error)) from None


def campaign_in(options: CampaignOptions, pool: Callable[[], AbstractContextManager[WorkerPool]]) -> int:
    """The same with this worker pool, which is only opened if there is time left."""
    journal = Journal.open(options.state or options.report / STATE)
    try:
        campaign = Campaign(
            plan_of(options.terms, str(options.seed), options.seconds),
            options.seconds,
            FindingStore.of(options.database, options.terms.target),
            journal,
            options.stop_after,
        )
        campaign.resume()
        if campaign.goes_on:
            search(campaign, pool)
        else:
            complain(
                "this campaign is finished: give a longer duration to go on, or another --state to begin a new one"
            )
        return concluded(campaign, options)
    finally:
        journal.close()


def search(campaign: Campaign, pool: Callable[[], AbstractContextManager[WorkerPool]]) -> None:
    """Search with a worker pool, and show the progress."""
    console = Console(stderr=True, highlight=False)
    start = campaign.total.histories, campaign.total.files
    if campaign.total.tasks:
        console.print(f"Going on after {campaign.total.tasks} tasks, {campaign.earlier:.0f} s")
    with pool() as campaign.pool, stopping(campaign, console), progress(console, start) as show:
        campaign.run(show)


@contextmanager
def stopping(campaign: Campaign, console: Console) -> Iterator[None]:
    """Ctrl-C lets the campaign finish its running tasks; pressed again, it interrupts."""

    def stop(number: int, frame: FrameType | None) -> None:
        if campaign.is_stopped:
            raise KeyboardInterrupt
        campaign.is_stopped = True
        console.print("Finishing the running tasks; press Ctrl-C again to interrupt")

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def concluded(campaign: Campaign, options: CampaignOptions) -> int:
    """Write the report and print the summary; the exit status."""
    verdict = campaign.verdict
    lost = not_reported(verdict, options)
    with after(lost or f"the report has been written to {options.report}"):
        Console(highlight=False).print(summary(verdict, None if lost else visible(str(options.report))))
        for text in closing_lines(campaign):
            line(text)
    if lost:
        raise UsageError(f"{lost}; the findings are kept: give the same command again")
    return EXIT_STATUS[verdict.word]


def not_reported(verdict: Verdict, options: CampaignOptions) -> str:
    """Write the report. The reason if that fails, so that the summary is printed all the same."""
    try:
        reports.write(verdict, options.report)
    except OSError as error:
        return f"--report {options.report}: cannot be written: {reason(error)}"
    return ""


def closing_lines(campaign: Campaign) -> Iterator[str]:
    """The last lines of output: tasks, speed, outcomes, states, and when each bug was found."""
    total = campaign.total
    speed = total.histories / total.seconds if total.seconds else 0.0
    yield f"Tasks: {total.tasks}; {speed:.1f} histories a second and worker"
    yield f"Outcomes: {counted(total.outcomes)}"
    yield f"States of an account: {counted(total.states)}"
    for bug in campaign.bugs.known.values():
        yield f"Found after {bug.seconds:.1f} s: {bug.rule}"
    if campaign.is_given_up:
        yield "Given up: the importer gave nothing but faults"


def counted(numbers: Counter[str]) -> str:
    """The counts, the largest first."""
    return "; ".join(f"{name} {number:,}" for name, number in numbers.most_common()) or "none"
