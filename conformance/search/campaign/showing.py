"""The progress of a campaign: live on a terminal, otherwise a plain line now and then."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from attrs import define
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from conformance.search.campaign.campaign import Campaign
from refmodel.catalogue import CATALOGUE
from refmodel.cli.terminal import visible

MOST_LINES = 60  # of a whole campaign, where there is no terminal
OFTEN = 1.0  # seconds between two of them at least

Show = Callable[[Campaign], None]


@contextmanager
def progress(console: Console, start: tuple[int, int]) -> Iterator[Show]:
    """What shows a campaign that began, in this process, at so many histories and files."""
    if not console.is_terminal:
        yield Lines(console, start)
        return
    with Live(console=console, auto_refresh=False, transient=True) as live:
        yield lambda campaign: live.update(table_of(campaign, start), refresh=True)


@define
class Lines:
    """A plain line now and then."""

    console: Console
    start: tuple[int, int]
    last: float = 0.0

    def __call__(self, campaign: Campaign) -> None:
        """Print one if it is time."""
        now = time.monotonic()
        if now - self.last >= max(OFTEN, campaign.limit / MOST_LINES):
            self.last = now
            told = "; ".join(f"{name} {text}" for name, text in progress_texts(campaign, self.start))
            self.console.print(Text(visible(told)), soft_wrap=True)


def table_of(campaign: Campaign, start: tuple[int, int]) -> Table:
    """The same, a line each."""
    table = Table.grid(padding=(0, 2))
    for name, text in progress_texts(campaign, start):
        table.add_row(Text(name, "dim"), Text(visible(text)))
    return table


def progress_texts(campaign: Campaign, start: tuple[int, int]) -> Iterator[tuple[str, str]]:
    """The facts to show: a name and a text each."""
    total, bugs = campaign.total, campaign.bugs
    histories, files = (f"{speed:.1f}" for speed in speeds(campaign, start))
    yield "left", str(timedelta(seconds=round(campaign.left))) + ("" if campaign.goes_on else ", finishing")
    yield "histories", f"{total.histories} ({histories} a second)"
    yield "files", f"{total.files} ({files} a second)"
    yield "reached", f"{len(total.reached)} of {len(CATALOGUE)} rules, {len(total.pairs)} pairs"
    yield "states of an account", str(len(total.states))
    yield "workers", str(campaign.pool.size())
    yield "bugs", ", ".join(f"{rule} ({bugs.seen[rule]} ×)" for rule in bugs.known) or "none"
    if total.faults:
        yield "faults", str(total.faults.total())


def speeds(campaign: Campaign, start: tuple[int, int]) -> tuple[float, float]:
    """Histories and files a second, since this process began."""
    seconds = max(campaign.elapsed - campaign.earlier, 1e-9)
    return (campaign.total.histories - start[0]) / seconds, (campaign.total.files - start[1]) / seconds
