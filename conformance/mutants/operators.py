"""How a mutant is made: one rule of the model is dropped or replaced."""

from collections.abc import Callable, Iterator, Mapping

from attrs import evolve, frozen

from conformance.oracle.reference import ReferenceImporter
from refmodel.rule_text import Basis
from refmodel.ruleset import STANDARD, Rule, Ruleset, applies_to


@frozen
class Mutant:
    """A mutant: its name, the rule of the catalogue that it breaks, and a statement of what it does wrong.

    Most are the model under another ruleset; where no rule can express the mistake, `custom_importer` is a class.
    """

    name: str
    rule: str
    statement: str
    ruleset: Ruleset = STANDARD
    custom_importer: type[ReferenceImporter] | None = None
    equivalent: str = ""  # the proof, if no conversation can show it
    basis: Basis | None = None  # of the detail that it turns on, where that is weaker than the basis of its rule

    def importer(self) -> ReferenceImporter:
        """A new importer."""
        return self.custom_importer() if self.custom_importer else ReferenceImporter(self.ruleset)


def replace_rule(rule: Rule, *, breaks: Rule | None = None) -> Callable[[Rule], Mutant]:
    """Make a mutant of the function that replaces a rule; its docstring is the statement.

    A function about cells applies to the columns of the rule, unless it is marked otherwise. `breaks` is the
    broken rule, if that is not the replaced one.
    """

    def mutant(function: Rule) -> Mutant:
        return in_place(rule, function.__name__, statement_of(function), function, breaks=breaks)

    return mutant


def in_place(rule: Rule, name: str, statement: str, other: Rule, *, breaks: Rule | None = None) -> Mutant:
    """The mutant of a function that replaces a rule."""
    where = getattr(rule, "where", None)
    if where is not None and not hasattr(other, "where"):
        applies_to(*where)(other)
    return Mutant(name, (breaks or rule).__name__, statement, STANDARD.replacing(rule, other))


def about_a_chosen_detail(mutant: Mutant) -> Mutant:
    """The same mutant, of whom nobody can say that it breaks the rule: it reads a detail otherwise than was chosen."""
    return evolve(mutant, basis="chosen")


def breaking(rule: Rule, mutant: Mutant) -> Mutant:
    """The same mutant, which breaks this rule and not the one that it changes."""
    return evolve(mutant, rule=rule.__name__)


def drop_rule(rule: Rule, name: str, statement: str) -> Mutant:
    """The mutant without a rule, or with the rule's fallback."""
    return Mutant(name, rule.__name__, statement, STANDARD.without(rule))


def and_replace_rule(rule: Rule, other: Rule | None, mutant: Mutant) -> Mutant:
    """The same mutant with one more rule replaced."""
    return evolve(mutant, ruleset=mutant.ruleset.replacing(rule, other))


def custom_importer(rule: Rule, name: str) -> Callable[[type[ReferenceImporter]], Mutant]:
    """Make a mutant of an importer's class; its docstring is the statement."""

    def mutant(importer: type[ReferenceImporter]) -> Mutant:
        return Mutant(name, rule.__name__, statement_of(importer), custom_importer=importer)

    return mutant


def kind_of(kind: type[ReferenceImporter], **functions: Callable[..., object]) -> type[ReferenceImporter]:
    """A subclass of an importer with these functions as static methods."""
    return type(kind.__name__, (kind,), {name: staticmethod(function) for name, function in functions.items()})


def statement_of(documented: object) -> str:
    """The first line of a docstring."""
    return str(documented.__doc__).strip().partition("\n")[0]


def mutants_in(names: Mapping[str, object]) -> Iterator[Mutant]:
    """The mutants of a module, also those in tuples, in their order."""
    for value in list(names.values()):
        members = value if isinstance(value, tuple) else (value,)
        yield from (member for member in members if isinstance(member, Mutant))
