"""Bugs: which finds are one bug, and which of them is worth shrinking.

A find that the oracle, deviating as the known bugs do, accounts for is no new one. Of those that look alike (the same
rule accounts for them best) one is shrunk at a time, since the others may then be accounted for; and if shrinking some
of them has shown nothing new, no more are.
"""

from collections import Counter
from collections.abc import Callable, Iterator

from attrs import define, evolve, field
from msgspec import Struct

from conformance.oracle.state import OracleState
from conformance.search.campaign.tasks import CampaignFinding, MinimizedFinding, is_accounted_for
from conformance.verdict.case import Case

FUTILE = 2  # finds that look alike are shrunk without showing a new bug, and then no more


class Bug(Struct, frozen=True):
    """A bug: the case that shows it, the smallest history that does, and when it was found."""

    case: Case
    history: bytes
    seconds: float  # of the campaign

    @property
    def rule(self) -> str:
        """The rule that is broken: by it bugs are told apart."""
        return self.case.rules[0]


Knows = Callable[[tuple[str, ...]], OracleState]  # what the oracle knows if it deviates so


@define
class Bugs:
    """The bugs, the deviations around which the search goes, and the finds that are still to be looked into."""

    known: dict[str, Bug] = field(factory=dict)  # by rule
    around: tuple[str, ...] = ()
    seen: Counter[str] = field(factory=Counter)  # rule → finds put down to it
    waiting: list[CampaignFinding] = field(factory=list)
    in_work: set[str] = field(factory=set)
    futile: Counter[str] = field(factory=Counter)
    dropped: list[CampaignFinding] = field(factory=list)  # they show what is known

    def take(self, find: CampaignFinding) -> None:
        """Something was found."""
        self.seen[find.rule] += 1
        if find.exact and find.rule in self.known:
            self.dropped.append(find)
            self.go_around(find.like[:1])  # the other way round it may have been taken for a near deviation
        else:
            self.waiting.append(find)

    def go_around(self, names: tuple[str, ...]) -> None:
        """Deviate so from now on, in the same place at most once."""
        self.around += tuple(name for name in names if name not in self.around)

    def to_shrink(self, knows: Knows) -> Iterator[CampaignFinding]:
        """Finds that are worth shrinking now; the others wait, or are dropped."""
        known = knows(self.around)
        for find in list(self.waiting):
            if self._is_nothing_new(find, known):
                self.waiting.remove(find)
                self.dropped.append(find)
            elif find.rule not in self.in_work:
                self.waiting.remove(find)
                self.in_work.add(find.rule)
                yield find

    def _is_nothing_new(self, find: CampaignFinding, known: OracleState) -> bool:
        if self.futile[find.rule] >= FUTILE or (find.exact and find.rule in self.known):
            return True
        return is_accounted_for(find.exchanges, known, self.around)

    def settle(self, shrunk: MinimizedFinding, seconds: float) -> Bug | None:
        """What shrinking has shown; the bug, if it is a new one."""
        self.in_work.discard(shrunk.find.rule)
        if shrunk.case is None:
            self.futile[shrunk.find.rule] += 1
            return None
        case = evolve(shrunk.case, id=f"campaign-{shrunk.case.rules[0]}")
        bug = Bug(case, shrunk.history, seconds)
        is_new = bug.rule not in self.known
        if not is_new or bug.rule != shrunk.find.rule:
            self.futile[shrunk.find.rule] += 1
        self.add(bug) if is_new else self.go_around(bug.case.attribution.mutants[:1])
        return bug if is_new else None

    def add(self, bug: Bug) -> None:
        """A bug is known, and the search goes on around it."""
        self.known.setdefault(bug.rule, bug)
        self.seen[bug.rule] += bug.rule not in self.seen
        self.go_around(bug.case.attribution.mutants[:1])

    @property
    def is_idle(self) -> bool:
        """Whether nothing is left to look into."""
        return not self.waiting and not self.in_work
