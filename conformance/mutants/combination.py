"""Several mutants in one importer: their changes are combined, if they do not overlap."""

from collections.abc import Iterable, Sequence
from itertools import chain, combinations

from conformance.mutants.operators import Mutant
from conformance.oracle.reference import ReferenceImporter
from refmodel.ruleset import STANDARD, Rule, Ruleset

UNFIT = (ValueError, LookupError, TypeError, AttributeError)  # what combinations may raise that were never meant to be


class Incompatible(ValueError):
    """Mutants that cannot be combined; the text names two of them and what both change."""


def combined(mutants: Sequence[Mutant], base: Ruleset = STANDARD) -> ReferenceImporter:
    """The importer of all these mutants, on the basis of some rules. Incompatible if two change the same thing."""
    check_apart(mutants)
    importer = _kind(mutants)()
    importer.ruleset = put_upon(base, (*importer.ruleset.deviations, *changes_of(mutants)))
    return importer


def put_upon(ruleset: Ruleset, changes: Sequence[tuple[Rule, Rule | None]]) -> Ruleset:
    """The rules with some of them replaced."""
    for rule, other in changes:
        ruleset = ruleset.replacing(rule, other)
    return ruleset


def _kind(mutants: Sequence[Mutant]) -> type[ReferenceImporter]:
    kinds = [mutant.custom_importer for mutant in mutants if mutant.custom_importer]
    if len(kinds) < 2:
        return kinds[0] if kinds else ReferenceImporter
    return type("Combined", tuple(kinds), {})


def changes_of(mutants: Iterable[Mutant]) -> tuple[tuple[Rule, Rule | None], ...]:
    """The changes of the rules by mutants; custom importers have none here."""
    return tuple(chain.from_iterable(mutant.ruleset.deviations for mutant in mutants))


def check_apart(mutants: Sequence[Mutant]) -> None:
    """Incompatible if two mutants change the same rule, or the same part of the importer."""
    for one, other in combinations(mutants, 2):
        shared = sorted(_places(one) & _places(other))
        if shared:
            raise Incompatible(
                f"{one.name} and {other.name} cannot be combined: both change {shared[0]}, "
                "and an importer can do one thing only there"
            )


def _places(mutant: Mutant) -> set[str]:
    """What a mutant changes: rules, and parts of the importer."""
    if mutant.custom_importer is None:
        return {rule.__name__ for rule, _ in mutant.ruleset.deviations}
    # What its class changes is the class's own, unless the class is one that several mutants are made from.
    kinds = (kind for kind in mutant.custom_importer.__mro__ if kind not in ReferenceImporter.__mro__)
    parts = {str(getattr(kind, "part", kind.__name__)) for kind in kinds}
    return parts | {rule.__name__ for rule, _ in mutant.custom_importer().ruleset.deviations}
