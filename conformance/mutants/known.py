"""Known deviations from the rules: the oracle can apply any of them, and so recognise an importer that has it."""

from collections.abc import Iterable, Iterator, Mapping

from attrs import frozen

from conformance.mutants import MUTANTS
from conformance.mutants.combination import put_upon
from refmodel.catalogue import CATALOGUE
from refmodel.readings import READINGS
from refmodel.ruleset import Rule, Ruleset


@frozen
class Deviation:
    """A deviation: the broken rule, a statement of what happens instead, and the changes of the rules."""

    name: str
    rule: str
    statement: str
    changes: tuple[tuple[Rule, Rule | None], ...]

    def upon(self, ruleset: Ruleset) -> Ruleset:
        """Some rules with this deviation added."""
        return put_upon(ruleset, self.changes)


def _dropped() -> Iterator[Deviation]:
    for name, entry in CATALOGUE.items():
        instead = entry.fallback
        changes = ((entry.rule, instead),)
        documented = " ".join((instead.__doc__ or "").split()) if instead else f"{name} is not enforced."
        yield Deviation(f"no_{name}", name, _in_words(changes) or documented, changes)


def _in_words(changes: tuple[tuple[Rule, Rule | None], ...]) -> str | None:
    """The statement of the mutant with the same changes, if there is one."""
    return next((s.statement for s in MUTANTS.values() if s.ruleset.deviations == changes), None)


def _readings() -> Iterator[Deviation]:
    for reading in READINGS.values():
        yield Deviation(reading.name, reading.rule.__name__, reading.statement, reading.ruleset.deviations)


def _of_mutants() -> Iterator[Deviation]:
    for mutant in MUTANTS.values():
        if mutant.custom_importer is None:
            yield Deviation(mutant.name, mutant.rule, mutant.statement, mutant.ruleset.deviations)


def _unlike(deviations: Iterable[Deviation], others: Iterable[Deviation]) -> tuple[Deviation, ...]:
    known = {deviation.changes for deviation in others}
    return tuple(deviation for deviation in deviations if deviation.changes not in known)


DROPPED = tuple(_dropped())
OTHER_READINGS = _unlike(_readings(), DROPPED)
OF_MUTANTS = _unlike(_of_mutants(), (*DROPPED, *OTHER_READINGS))

# The simple ones first: mutants are tried only where no dropped rule and no other reading explains a response.
TIERS: tuple[tuple[Deviation, ...], ...] = ((*DROPPED, *OTHER_READINGS), OF_MUTANTS)
DEVIATIONS: Mapping[str, Deviation] = {deviation.name: deviation for tier in TIERS for deviation in tier}


def deviating(ruleset: Ruleset, names: Iterable[str]) -> Ruleset:
    """Some rules with the deviations of these names added, in this order."""
    for name in names:
        ruleset = DEVIATIONS[name].upon(ruleset)
    return ruleset
