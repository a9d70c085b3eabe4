"""Bugs: which findings show the same bug, and which of them are worth shrinking.

A finding for which the known bugs account is not new. Of findings that look alike (with the same best rule)
one is shrunk at a time, since it may account for the others; once shrinking some of them has shown nothing new, no more
are shrunk.
"""

from collections import Counter
from collections.abc import Callable, Iterator

from attrs import define, evolve, field
from msgspec import Struct

from conformance.oracle.state import OracleState
from conformance.search.campaign.tasks import CampaignFinding, MinimizedFinding, is_accounted_for
from conformance.verdict.case import Case

FUTILE = 2  # findings that look alike are shrunk without showing a new bug, before it is given up


class Bug(Struct, frozen=True):
    """A bug: the case that shows it, the smallest history that does, and when it was found."""

    case: Case
    history: bytes
    seconds: float  # of the campaign

    @property
    def rule(self) -> str:
        """The rule that is broken, which identifies the bug."""
        return self.case.rules[0]


Knows = Callable[[tuple[str, ...]], OracleState]  # deviations → the oracle that masks them


@define
class Bugs:
    """The known bugs, the deviations that mask them, and the findings that still wait to be shrunk."""

    known: dict[str, Bug] = field(factory=dict)  # by rule
    masked: tuple[str, ...] = ()
    seen: Counter[str] = field(factory=Counter)  # rule → findings attributed to it
    waiting: list[CampaignFinding] = field(factory=list)
    in_work: set[str] = field(factory=set)
    futile: Counter[str] = field(factory=Counter)
    dropped: list[CampaignFinding] = field(factory=list)  # they show known bugs

    def take(self, finding: CampaignFinding) -> None:
        """Take in a finding."""
        self.seen[finding.rule] += 1
        if finding.exact and finding.rule in self.known:
            self.dropped.append(finding)
            self.mask(finding.like[:1])  # what masks it now may only have been a similar deviation
        else:
            self.waiting.append(finding)

    def mask(self, names: tuple[str, ...]) -> None:
        """Mask a bug from now on by these deviations, each once."""
        self.masked += tuple(name for name in names if name not in self.masked)

    def to_shrink(self, knows: Knows) -> Iterator[CampaignFinding]:
        """The findings that are worth shrinking now; the others wait, or are dropped."""
        known = knows(self.masked)
        for finding in list(self.waiting):
            if self._is_nothing_new(finding, known):
                self.waiting.remove(finding)
                self.dropped.append(finding)
            elif finding.rule not in self.in_work:
                self.waiting.remove(finding)
                self.in_work.add(finding.rule)
                yield finding

    def _is_nothing_new(self, finding: CampaignFinding, known: OracleState) -> bool:
        if self.futile[finding.rule] >= FUTILE or (finding.exact and finding.rule in self.known):
            return True
        return is_accounted_for(finding.exchanges, known, self.masked)

    def settle(self, shrunk: MinimizedFinding, seconds: float) -> Bug | None:
        """Take in what shrinking has shown; the bug, if it is a new one."""
        self.in_work.discard(shrunk.finding.rule)
        if shrunk.case is None:
            self.futile[shrunk.finding.rule] += 1
            return None
        case = evolve(shrunk.case, id=f"campaign-{shrunk.case.rules[0]}")
        bug = Bug(case, shrunk.history, seconds)
        is_new = bug.rule not in self.known
        if not is_new or bug.rule != shrunk.finding.rule:
            self.futile[shrunk.finding.rule] += 1
        self.add(bug) if is_new else self.mask(bug.case.attribution.mutants[:1])
        return bug if is_new else None

    def add(self, bug: Bug) -> None:
        """Add a bug, and mask it from now on."""
        self.known.setdefault(bug.rule, bug)
        self.seen[bug.rule] += bug.rule not in self.seen
        self.mask(bug.case.attribution.mutants[:1])

    @property
    def is_idle(self) -> bool:
        """Whether no finding is left to shrink."""
        return not self.waiting and not self.in_work
