"""A case: one thing that was tried with an importer, and its result.

It stays data until it is shown, since the diagnosis of the whole run may attribute it to other rules than it was
attributed to at first.
"""

from collections.abc import Iterable, Iterator
from typing import Literal, get_args

from attrs import field, frozen

from conformance.attribution.attribution import Attribution
from conformance.attribution.trials import MISTAKES
from conformance.protocol.trace import Trace
from refmodel.catalogue import CATALOGUE
from refmodel.rule_text import Basis

BY_FIRMNESS: tuple[Basis, ...] = get_args(Basis)
MOST_INVOLVED = 10  # rules
FLAKY = "Flaky: the importer, started anew and asked the same, did not differ again. No rule is accused by it."
NOT_EXPLAINED = "Rule: no known rule accounts for this, whether it is left out or read otherwise."


def firmest_first(rules: Iterable[str]) -> list[str]:
    """Rules in the order of their basis."""
    return sorted(rules, key=lambda name: BY_FIRMNESS.index(CATALOGUE[name].basis))


Kind = Literal["example", "edge case", "search", "race", "known deviation", "recording"]
Status = Literal["passed", "differs", "flaky", "fault", "not_applicable"]


@frozen
class Case:
    """The result of one case: the rules it is about and, if it differs, what accounts for that."""

    id: str
    rules: tuple[str, ...]  # the main one first
    status: Status
    reached: tuple[str, ...] = ()  # those of its rules that the case discriminates
    attribution: Attribution = field(factory=Attribution)  # once diagnosed, its mutants account for it together
    title: str = ""  # what was tried; empty where `details` say everything
    details: str = ""  # the differences step by step, or the fault
    trace: Trace | None = None  # the conversation that shows it
    symptom: str = ""  # what differs, in general
    complaints: tuple[str, ...] = ()  # the rules behind the errors that the importer itself gave where it differs
    kind: Kind = field(kw_only=True)  # where it comes from
    basis: Basis | None = field(default=None, kw_only=True)  # of a detail that it turns on, if weaker than its rule's

    @property
    def is_edge_case(self) -> bool:
        """Whether it is one of the edge cases of the file format."""
        return self.kind == "edge case"

    @property
    def is_race(self) -> bool:
        """Whether several clients sent at the same time, so that the trace alone does not show it."""
        return self.kind == "race"

    @property
    def length(self) -> int:
        """The number of exchanges."""
        return 1 + len(self.trace.exchanges) if self.trace else 0

    @property
    def involved(self) -> tuple[str, ...]:
        """The rules that it is about; of a story about a great many only the main one, as it tells of no other."""
        return self.rules if len(self.rules) <= MOST_INVOLVED else self.rules[:1]

    @property
    def suspects(self) -> tuple[str, ...]:
        """The rules that may be broken, the likeliest first."""
        said = [rule for rule in self.complaints if rule not in self.rules]
        exact, bearing = self.attribution.exact_rules, self.attribution.relevant_rules
        own = [rule for rule in self.involved if rule in exact]
        near = [rule for rule in self.involved if rule in bearing]
        ordered = [*own, *firmest_first(exact), *self.rules[:1], *said, *near, *firmest_first(bearing), *self.involved]
        return tuple(dict.fromkeys(ordered))

    @property
    def text(self) -> str:
        """The case in words."""
        return "\n".join((self.title, *reasons(self), self.details)) if self.title else self.details


def fault_cases(name: str, texts: Iterable[str], kind: Kind) -> list[Case]:
    """Faults as cases of their own."""
    return [Case(f"{name}-fault-{number}", (), "fault", details=text, kind=kind) for number, text in enumerate(texts)]


def reasons(case: Case) -> Iterator[str]:
    """The rule that a case is attributed to, and the known mistakes that give the same answers."""
    if case.status == "flaky":
        yield FLAKY
    elif not case.suspects:
        yield NOT_EXPLAINED
    else:
        entry = CATALOGUE[case.suspects[0]]
        yield f"Rule: {entry.name} ({entry.basis}, {entry.source}): {entry.statement}"
        for name in case.attribution.mutants:
            yield f"Behaves like {name}: {MISTAKES[name].statement}"
