"""The rules as data, read off the functions that are the rules: nothing is stated twice."""

from collections.abc import Mapping

from attrs import asdict, frozen

from refmodel.dispatch import ACTIONS
from refmodel.engine import preview
from refmodel.rule_text import RuleText, rule_text
from refmodel.rules.cell import BLANK_RULES, CELL_RULES
from refmodel.rules.effect import EFFECTS, a_failed_row_changes_nothing
from refmodel.rules.file import HEADER_CHECKS, HEADER_LIMITS, HEADER_RULES, empty_rows_are_ignored, file_is_utf8_csv
from refmodel.rules.identity import IDENTITY, SHAPE, SHARING
from refmodel.rules.lookup import LOOKUPS, SKIPS, other_schools_students_are_invisible
from refmodel.rules.refusal import REFUSALS
from refmodel.rules.report import failed_rows_file
from refmodel.rules.validation import VALIDATIONS, username_is_unique_in_the_institution
from refmodel.rules.whole_file import WHOLE_FILE
from refmodel.ruleset import Rule

PHASES: Mapping[str, tuple[Rule, ...]] = {
    "file": (file_is_utf8_csv, empty_rows_are_ignored, *HEADER_RULES, *HEADER_CHECKS, *HEADER_LIMITS),
    "cell": (*BLANK_RULES, *CELL_RULES),
    "whole file": WHOLE_FILE,
    "identity": (*SHAPE, *IDENTITY, *SHARING),
    "lookup": (*LOOKUPS, other_schools_students_are_invisible, *SKIPS),
    "refusal": REFUSALS,
    "validation": (*VALIDATIONS, username_is_unique_in_the_institution),
    "effect": (*EFFECTS, a_failed_row_changes_nothing),
    "report": (preview, failed_rows_file),
    "action": tuple(ACTIONS.values()),
}


@frozen
class Entry(RuleText):
    """One rule: what it says of itself, its name, its phase, and the function that it is."""

    name: str
    phase: str
    rule: Rule
    fallback: Rule | None  # what happens in its place when it is left out, where something has to


def entry(rule: Rule, phase: str) -> Entry:
    """A rule as data; RuleTextError where its docstring is not as it must be."""
    text = rule_text(rule.__name__, rule.__doc__)
    return Entry(**asdict(text), name=rule.__name__, phase=phase, rule=rule, fallback=getattr(rule, "fallback", None))


CATALOGUE: Mapping[str, Entry] = {
    rule.__name__: entry(rule, phase) for phase, rules in PHASES.items() for rule in rules
}


def rule(name: str) -> Rule:
    """The rule of a name; ValueError where there is none."""
    if name not in CATALOGUE:
        raise ValueError(f"there is no rule {name!r}")
    return CATALOGUE[name].rule
