"""Several mistakes in one importer: what each of them changes is put together, where they leave room for each other."""

from collections.abc import Iterable, Sequence
from itertools import chain, combinations

from conformance.mutants.operators import Mutant
from conformance.oracle.reference import ReferenceImporter
from refmodel.ruleset import STANDARD, Rule, Ruleset

UNFIT = (ValueError, LookupError, TypeError, AttributeError)  # what comes of mistakes that were never meant to meet


class Incompatible(ValueError):
    """Mistakes that no importer can make at once; the text names two of them and what they share."""


def combined(mutants: Sequence[Mutant], base: Ruleset = STANDARD) -> ReferenceImporter:
    """The importer that makes all these mistakes, upon other rules. Incompatible where two want the same place."""
    check_apart(mutants)
    importer = _kind(mutants)()
    importer.ruleset = put_upon(base, (*importer.ruleset.deviations, *changes_of(mutants)))
    return importer


def put_upon(ruleset: Ruleset, changes: Sequence[tuple[Rule, Rule | None]]) -> Ruleset:
    """The rules with others in the place of some."""
    for rule, other in changes:
        ruleset = ruleset.replacing(rule, other)
    return ruleset


def _kind(mutants: Sequence[Mutant]) -> type[ReferenceImporter]:
    kinds = [mutant.custom_importer for mutant in mutants if mutant.custom_importer]
    if len(kinds) < 2:
        return kinds[0] if kinds else ReferenceImporter
    return type("Combined", tuple(kinds), {})


def changes_of(mutants: Iterable[Mutant]) -> tuple[tuple[Rule, Rule | None], ...]:
    """What mistakes change of the rules; nothing, of those that are made by hand."""
    return tuple(chain.from_iterable(mutant.ruleset.deviations for mutant in mutants))


def check_apart(mutants: Sequence[Mutant]) -> None:
    """Incompatible where two mistakes change the same rule, or stand in the same place around the model."""
    for one, other in combinations(mutants, 2):
        shared = sorted(_places(one) & _places(other))
        if shared:
            raise Incompatible(
                f"{one.name} and {other.name} cannot be combined: both change {shared[0]}, "
                "and an importer can do one thing only there"
            )


def _places(mutant: Mutant) -> set[str]:
    """What a mistake changes: rules, and the part of the importer that is wrong by hand."""
    if mutant.custom_importer is None:
        return {rule.__name__ for rule, _ in mutant.ruleset.deviations}
    parts = {kind.__name__ for kind in mutant.custom_importer.__mro__ if kind not in ReferenceImporter.__mro__}
    return parts | {rule.__name__ for rule, _ in mutant.custom_importer().ruleset.deviations}
