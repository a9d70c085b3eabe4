"""Known ways to deviate from the rules: the oracle can go by any of them, and so recognise an importer that does."""

from collections.abc import Iterable, Iterator, Mapping

from attrs import frozen

from conformance.mutants import MUTANTS
from conformance.mutants.combination import put_upon
from refmodel.catalogue import CATALOGUE
from refmodel.readings import READINGS
from refmodel.ruleset import Rule, Ruleset


@frozen
class Deviation:
    """One way to deviate: the rule that is not held, what is done instead, and how the rules are changed for it."""

    name: str
    rule: str
    statement: str
    changes: tuple[tuple[Rule, Rule | None], ...]

    def upon(self, ruleset: Ruleset) -> Ruleset:
        """The rules that deviate so, beside whatever they deviate in already."""
        return put_upon(ruleset, self.changes)


def _left_out() -> Iterator[Deviation]:
    for name, entry in CATALOGUE.items():
        instead = entry.fallback
        changes = ((entry.rule, instead),)
        documented = " ".join((instead.__doc__ or "").split()) if instead else f"{name} is not enforced."
        yield Deviation(f"no_{name}", name, _in_words(changes) or documented, changes)


def _in_words(changes: tuple[tuple[Rule, Rule | None], ...]) -> str | None:
    """What an importer that deviates so does, as far as the catalogue of wrong importers says it."""
    return next((s.statement for s in MUTANTS.values() if s.ruleset.deviations == changes), None)


def _readings() -> Iterator[Deviation]:
    for reading in READINGS.values():
        yield Deviation(reading.name, reading.rule.__name__, reading.statement, reading.ruleset.deviations)


def _mistakes() -> Iterator[Deviation]:
    for mutant in MUTANTS.values():
        if mutant.custom_importer is None:
            yield Deviation(mutant.name, mutant.rule, mutant.statement, mutant.ruleset.deviations)


def _unlike(deviations: Iterable[Deviation], others: Iterable[Deviation]) -> tuple[Deviation, ...]:
    known = {deviation.changes for deviation in others}
    return tuple(deviation for deviation in deviations if deviation.changes not in known)


LEFT_OUT = tuple(_left_out())
READ_OTHERWISE = _unlike(_readings(), LEFT_OUT)
MISTAKES = _unlike(_mistakes(), (*LEFT_OUT, *READ_OTHERWISE))

# The plain ones first: a mistake is only looked for where no rule left out or read otherwise accounts for what came.
TIERS: tuple[tuple[Deviation, ...], ...] = ((*LEFT_OUT, *READ_OTHERWISE), MISTAKES)
DEVIATIONS: Mapping[str, Deviation] = {deviation.name: deviation for tier in TIERS for deviation in tier}


def deviating(ruleset: Ruleset, names: Iterable[str]) -> Ruleset:
    """The rules with the deviations of these names upon them, one after the other."""
    for name in names:
        ruleset = DEVIATIONS[name].upon(ruleset)
    return ruleset
