"""Several mistakes in one importer: what each of them changes is put together, where they leave room for each other."""

from collections.abc import Iterable, Sequence
from itertools import chain, combinations

from conformance.mutants.operators import Sabotage
from conformance.oracle.reference import ReferenceImporter
from refmodel.ruleset import STANDARD, Rule, Ruleset


class Incompatible(ValueError):
    """Mistakes that no importer can make at once; the text names two of them and what they share."""


def combined(sabotages: Sequence[Sabotage], base: Ruleset = STANDARD) -> ReferenceImporter:
    """The importer that makes all these mistakes, upon other rules. Incompatible where two want the same place."""
    check_apart(sabotages)
    importer = _kind(sabotages)()
    importer.ruleset = put_upon(base, (*importer.ruleset.deviations, *changes_of(sabotages)))
    return importer


def put_upon(ruleset: Ruleset, changes: Sequence[tuple[Rule, Rule | None]]) -> Ruleset:
    """The rules with others in the place of some."""
    for rule, other in changes:
        ruleset = ruleset.replacing(rule, other)
    return ruleset


def _kind(sabotages: Sequence[Sabotage]) -> type[ReferenceImporter]:
    kinds = [sabotage.by_hand for sabotage in sabotages if sabotage.by_hand]
    if len(kinds) < 2:
        return kinds[0] if kinds else ReferenceImporter
    return type("Combined", tuple(kinds), {})


def changes_of(sabotages: Iterable[Sabotage]) -> tuple[tuple[Rule, Rule | None], ...]:
    """What mistakes change of the rules; nothing, of those that are made by hand."""
    return tuple(chain.from_iterable(sabotage.ruleset.deviations for sabotage in sabotages))


def check_apart(sabotages: Sequence[Sabotage]) -> None:
    """Incompatible where two mistakes change the same rule, or stand in the same place around the model."""
    for one, other in combinations(sabotages, 2):
        shared = sorted(_places(one) & _places(other))
        if shared:
            raise Incompatible(
                f"{one.name} and {other.name} cannot be combined: both change {shared[0]}, "
                "and an importer can do one thing only there"
            )


def _places(sabotage: Sabotage) -> set[str]:
    """What a mistake changes: rules, and the part of the importer that is wrong by hand."""
    if sabotage.by_hand is None:
        return {rule.__name__ for rule, _ in sabotage.ruleset.deviations}
    parts = {kind.__name__ for kind in sabotage.by_hand.__mro__ if kind not in ReferenceImporter.__mro__}
    return parts | {rule.__name__ for rule, _ in sabotage.by_hand().ruleset.deviations}
