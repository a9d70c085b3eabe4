"""A case: one thing that was tried with an importer, and what became of it."""

from collections.abc import Iterable
from typing import Literal

from attrs import frozen

from refmodel.catalogue import CATALOGUE
from refmodel.rule_text import Basis

BY_FIRMNESS: tuple[Basis, ...] = ("stated", "inferred", "chosen")


def firmest_first(rules: Iterable[str]) -> list[str]:
    """Rules in the order of their basis."""
    return sorted(rules, key=lambda name: BY_FIRMNESS.index(CATALOGUE[name].basis))


Status = Literal["passed", "differs", "flaky", "fault", "not applicable"]


@frozen
class Case:
    """What became of one case: the rules it is about, and, if it differs, what accounts for that."""

    id: str
    rules: tuple[str, ...]  # the one that the case is there for in front
    status: Status
    reached: tuple[str, ...] = ()  # those of its rules about which the case can tell
    exact: tuple[str, ...] = ()  # without one of these the model answers as the importer did
    bearing: tuple[str, ...] = ()  # these decide about the places that differ
    like: tuple[str, ...] = ()  # known mistakes that answer exactly as the importer did, each or, diagnosed, together
    text: str = ""  # what a person reads of the difference or the fault
    trace: tuple[str, ...] = ()  # the lines of the trace that shows it
    is_race: bool = False  # whether several clients sent at the same time, so that the trace alone does not tell it

    @property
    def is_edge_case(self) -> bool:
        """Whether it is one of the edge cases of the file format."""
        return self.id.startswith("edge:")

    @property
    def suspects(self) -> tuple[str, ...]:
        """The rules that may be the broken one, the likeliest in front."""
        own = [rule for rule in self.rules if rule in self.exact]
        near = [rule for rule in self.rules if rule in self.bearing]
        ordered = [*own, *firmest_first(self.exact), *self.rules[:1], *near, *firmest_first(self.bearing), *self.rules]
        return tuple(dict.fromkeys(ordered))
