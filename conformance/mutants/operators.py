"""How a wrong importer is made: one rule of the model is left out, or something else stands in its place."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import evolve, frozen

from conformance.oracle.reference import ReferenceImporter
from refmodel.ruleset import STANDARD, Rule, Ruleset, on


@frozen
class Sabotage:
    """A wrong importer: its name, the rule of the catalogue that it breaks, and what it does wrong, in a line.

    Most are the model under a ruleset; where the mistake is not one of a rule, `by_hand` is the importer's class.
    """

    name: str
    rule: str
    statement: str
    ruleset: Ruleset = STANDARD
    by_hand: type[ReferenceImporter] | None = None
    equivalent: str = ""  # the proof that no conversation can show it, where there is one

    def importer(self) -> ReferenceImporter:
        """The wrong importer, before its first request."""
        return self.by_hand() if self.by_hand else ReferenceImporter(self.ruleset)


def instead_of(rule: Rule, *, breaks: Rule | None = None) -> Callable[[Rule], Sabotage]:
    """Make a sabotage of the function that stands in a rule's place; its docstring is the statement.

    A function about cells is for the columns that the rule is for, unless it is marked otherwise. `breaks`
    names the broken rule where it is another one than that whose place is taken.
    """

    def sabotage(function: Rule) -> Sabotage:
        return in_place(rule, function.__name__, statement_of(function), function, breaks=breaks)

    return sabotage


def in_place(rule: Rule, name: str, statement: str, other: Rule, *, breaks: Rule | None = None) -> Sabotage:
    """The same for a function that is made, not written."""
    where = getattr(rule, "where", None)
    if where is not None and not hasattr(other, "where"):
        on(*where)(other)
    return Sabotage(name, (breaks or rule).__name__, statement, STANDARD.replacing(rule, other))


def left_out(rule: Rule, name: str, statement: str) -> Sabotage:
    """The rules without one, or with what has to happen in its place."""
    return Sabotage(name, rule.__name__, statement, STANDARD.without(rule))


def and_instead_of(rule: Rule, other: Rule | None, sabotage: Sabotage) -> Sabotage:
    """The same sabotage with one more rule replaced, where the mistake takes two."""
    return evolve(sabotage, ruleset=sabotage.ruleset.replacing(rule, other))


def by_hand(rule: Rule, name: str) -> Callable[[type[ReferenceImporter]], Sabotage]:
    """Make a sabotage of an importer that is wrong in itself; its docstring is the statement."""

    def sabotage(importer: type[ReferenceImporter]) -> Sabotage:
        return Sabotage(name, rule.__name__, statement_of(importer), by_hand=importer)

    return sabotage


def kind_of(kind: type[ReferenceImporter], **functions: Callable[..., Any]) -> type[ReferenceImporter]:
    """An importer's class with functions that it leaves open."""
    return type(kind.__name__, (kind,), {name: staticmethod(function) for name, function in functions.items()})


def statement_of(documented: Any) -> str:
    """The first line of what is said of a function or a class."""
    return str(documented.__doc__).strip().partition("\n")[0]


def sabotages_in(names: Mapping[str, Any]) -> Iterator[Sabotage]:
    """The sabotages of a module, in their order; families of them stand in tuples."""
    for value in list(names.values()):
        members = value if isinstance(value, tuple) else (value,)
        yield from (member for member in members if isinstance(member, Sabotage))
