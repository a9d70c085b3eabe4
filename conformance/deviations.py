"""Known ways to deviate from the rules: the oracle can go by any of them, and so recognise an importer that does."""

from collections.abc import Iterator, Mapping

from attrs import frozen

from refmodel.catalogue import CATALOGUE
from refmodel.readings import READINGS
from refmodel.rulesets import Rule, Ruleset


@frozen
class Deviation:
    """One way to deviate: the rule that is not held, what is done instead, and how the rules are changed for it."""

    name: str
    rule: str
    statement: str
    changes: tuple[tuple[Rule, Rule | None], ...]

    def upon(self, ruleset: Ruleset) -> Ruleset:
        """The rules that deviate so, beside whatever they deviate in already."""
        for rule, other in self.changes:
            ruleset = ruleset.replacing(rule, other)
        return ruleset


def _left_out() -> Iterator[Deviation]:
    for name, entry in CATALOGUE.items():
        instead = getattr(entry.rule, "otherwise", None)
        statement = " ".join((instead.__doc__ or "").split()) if instead else f"{name} is left out."
        yield Deviation(f"no_{name}", name, statement, ((entry.rule, instead),))


def _readings() -> Iterator[Deviation]:
    for reading in READINGS.values():
        changes = reading.ruleset.deviations
        if changes not in [deviation.changes for deviation in _left_out()]:
            yield Deviation(reading.name, reading.rule.__name__, reading.statement, changes)


DEVIATIONS: Mapping[str, Deviation] = {deviation.name: deviation for deviation in (*_left_out(), *_readings())}
