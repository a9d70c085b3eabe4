"""How a wrong importer is made: one rule of the model is left out, or something else stands in its place."""

from collections.abc import Callable, Iterator, Mapping

from attrs import evolve, frozen

from conformance.oracle.reference import ReferenceImporter
from refmodel.ruleset import STANDARD, Rule, Ruleset, applies_to


@frozen
class Mutant:
    """A wrong importer: its name, the rule of the catalogue that it breaks, and what it does wrong, in a line.

    Most are the model under a ruleset; where the mistake is not one of a rule, `custom_importer` is its class.
    """

    name: str
    rule: str
    statement: str
    ruleset: Ruleset = STANDARD
    custom_importer: type[ReferenceImporter] | None = None
    equivalent: str = ""  # the proof that no conversation can show it, where there is one

    def importer(self) -> ReferenceImporter:
        """The wrong importer, before its first request."""
        return self.custom_importer() if self.custom_importer else ReferenceImporter(self.ruleset)


def replace_rule(rule: Rule, *, breaks: Rule | None = None) -> Callable[[Rule], Mutant]:
    """Make a mutant of the function that stands in a rule's place; its docstring is the statement.

    A function about cells is for the columns that the rule is for, unless it is marked otherwise. `breaks`
    names the broken rule where it is another one than that whose place is taken.
    """

    def mutant(function: Rule) -> Mutant:
        return in_place(rule, function.__name__, statement_of(function), function, breaks=breaks)

    return mutant


def in_place(rule: Rule, name: str, statement: str, other: Rule, *, breaks: Rule | None = None) -> Mutant:
    """The same for a function that is made, not written."""
    where = getattr(rule, "where", None)
    if where is not None and not hasattr(other, "where"):
        applies_to(*where)(other)
    return Mutant(name, (breaks or rule).__name__, statement, STANDARD.replacing(rule, other))


def drop_rule(rule: Rule, name: str, statement: str) -> Mutant:
    """The rules without one, or with what has to happen in its place."""
    return Mutant(name, rule.__name__, statement, STANDARD.without(rule))


def and_replace_rule(rule: Rule, other: Rule | None, mutant: Mutant) -> Mutant:
    """The same mutant with one more rule replaced, where the mistake takes two."""
    return evolve(mutant, ruleset=mutant.ruleset.replacing(rule, other))


def custom_importer(rule: Rule, name: str) -> Callable[[type[ReferenceImporter]], Mutant]:
    """Make a mutant of an importer that is wrong in itself; its docstring is the statement."""

    def mutant(importer: type[ReferenceImporter]) -> Mutant:
        return Mutant(name, rule.__name__, statement_of(importer), custom_importer=importer)

    return mutant


def kind_of(kind: type[ReferenceImporter], **functions: Callable[..., object]) -> type[ReferenceImporter]:
    """An importer's class with functions that it leaves open."""
    return type(kind.__name__, (kind,), {name: staticmethod(function) for name, function in functions.items()})


def statement_of(documented: object) -> str:
    """The first line of what is said of a function or a class."""
    return str(documented.__doc__).strip().partition("\n")[0]


def mutants_in(names: Mapping[str, object]) -> Iterator[Mutant]:
    """The mutants of a module, in their order; families of them stand in tuples."""
    for value in list(names.values()):
        members = value if isinstance(value, tuple) else (value,)
        yield from (member for member in members if isinstance(member, Mutant))
