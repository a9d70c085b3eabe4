"""The rules in force: the standard ones, less some, or with others in their place.

A rule is a function. Its name is its identity, and its docstring has all that is said of it (see `rule_text`). The
standard rules stand in tuples, phase by phase, each tuple in the module of its phase, which also has the type of its
rules; a Ruleset only knows what differs from them.
"""

from collections.abc import Callable
from typing import TypeVar, cast

from attrs import frozen

from refmodel.columns import Column, Kind

Rule = Callable[..., object]  # of whichever phase
R = TypeVar("R", bound=Rule)


def fallback(instead: Rule) -> Callable[[R], R]:
    """Say what happens in a rule's place when it is left out, where something has to happen."""

    def mark(rule: R) -> R:
        rule.fallback = instead  # type: ignore[attr-defined]
        return rule

    return mark


def applies_to(*where: Kind | Column) -> Callable[[R], R]:
    """Say which kinds, or which columns, a rule about cells is for; a rule without this is for all."""

    def mark(rule: R) -> R:
        rule.where = where  # type: ignore[attr-defined]
        return rule

    return mark


def is_for(rule: Rule, column: Column) -> bool:
    """Whether a rule about cells has anything to say on a column."""
    where = getattr(rule, "where", None)
    return where is None or column.kind in where or column in where


@frozen
class Ruleset:
    """What differs from the standard rules: nothing, unless it is asked for.

    `Ruleset()` is the specification; `.without(rule)` and `.replacing(rule, other)` give another one.
    """

    deviations: tuple[tuple[Rule, Rule | None], ...] = ()

    def without(self, rule: Rule) -> "Ruleset":
        """The same rules without this one (or with what has to happen in its place)."""
        return self.replacing(rule, getattr(rule, "fallback", None))

    def replacing(self, rule: Rule, other: Rule | None) -> "Ruleset":
        """The same rules with another one in this one's place; `other` takes the same arguments."""
        if "Basis:" not in (rule.__doc__ or ""):
            raise ValueError(f"{rule.__name__} is not a rule: see refmodel.catalogue for those that are")
        kept = tuple(pair for pair in self.deviations if pair[0] is not rule)
        return Ruleset((*kept, (rule, other)))

    def __getitem__(self, rule: R) -> R | None:
        """What stands in a rule's place: the rule itself, another one, or None."""
        for deviating, other in self.deviations:
            if deviating is rule:
                return cast(R | None, other)  # which takes the same arguments, as whoever put it there has seen to
        return rule

    def in_place_of(self, rule: R) -> R:
        """What stands in the place of a rule without which the model cannot go on: one that has a fallback."""
        there = self[rule]
        if there is None:
            raise ValueError(f"{rule.__name__} cannot be left out without another rule in its place")
        return there

    def active(self, rules: tuple[R, ...]) -> tuple[R, ...]:
        """Those of some rules that are in force, in their order."""
        if not self.deviations:
            return rules
        return tuple(there for rule in rules if (there := self[rule]) is not None)


STANDARD = Ruleset()
