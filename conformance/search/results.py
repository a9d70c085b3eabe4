"""The results of a search: what it went through, and its findings."""

from collections import Counter
from collections.abc import Sequence

from attrs import define, field, frozen

from conformance.attribution.attribution import Attribution
from conformance.generation.deceptive_values import kind_of
from conformance.generation.history import FileStep, History
from conformance.oracle.invariants import breaches
from conformance.oracle.judge import Judgement
from conformance.oracle.symptom import complained_of
from conformance.protocol.trace import Exchange
from conformance.verdict.case import Case
from conformance.verdict.run_case import differing, flaky
from refmodel.wording import counted


@frozen
class Finding:
    """A difference that the search has found: the smallest history that shows it, and what accounts for it."""

    history: History
    exchanges: tuple[Exchange, ...]
    judgements: tuple[Judgement, ...]
    attribution: Attribution
    is_flaky: bool = False  # whether a fresh importer, asked the same, did not show it again


@define
class SearchResult:
    """What a search has gone through, and what it has found."""

    histories: int = 0
    steps: int = 0
    files: int = 0
    most_rows: int = 0  # in one file
    longest_cell: int = 0  # characters
    kinds: Counter[str] = field(factory=Counter)  # what the two texts of a history were, in words → histories
    seconds: float = 0.0
    is_cut_short: bool = False  # the time was up before all its histories were made
    outcomes: Counter[str] = field(factory=Counter)
    reached: Counter[str] = field(factory=Counter)  # rule → sampled histories that discriminate it
    pairs: Counter[tuple[str, str]] = field(factory=Counter)
    found: list[Finding] = field(factory=list)
    flaky: list[Finding] = field(factory=list)  # differences that did not show again
    faults: list[str] = field(factory=list)

    def count_file(self, step: FileStep) -> None:
        """Count a file that was sent, and its extent."""
        self.files += 1
        self.most_rows = max(self.most_rows, len(step.rows))
        self.longest_cell = max((self.longest_cell, *(len(cell) for row in step.rows for cell in row)))

    def count_kind(self, twins: Sequence[str]) -> None:
        """Count what a history is about."""
        if kind := kind_of(twins):
            self.kinds[kind] += 1

    def note(self, found: Finding | None) -> None:
        """Keep what was found, if it is a new bug, or flaky."""
        if found is None:
            return
        if found.is_flaky:
            self.flaky.append(found)
        elif not any(_same_bug(found.attribution, other.attribution) for other in self.found):
            self.found.append(found)


def _same_bug(one: Attribution, other: Attribution) -> bool:
    return one.rules[:1] == other.rules[:1]


def found_case(found: Finding, name: str) -> Case:
    """A difference that the search has found, as a case of its own."""
    title = f"Found by the search: {counted(len(found.history.steps), 'step')}"
    if found.is_flaky:
        return flaky(Case(name, (), "flaky", kind="search"), title, found.exchanges, found.judgements)
    lawless = tuple(breach.rule for breach in breaches(found.exchanges))
    said = complained_of(found.exchanges, found.judgements)
    rules = (*found.attribution.rules, *lawless, *said, "values_replace")  # the last where nothing else is involved
    case = Case(name, rules[:1], "differs", kind="search")
    return differing(case, title, found.exchanges, found.judgements, found.attribution)
