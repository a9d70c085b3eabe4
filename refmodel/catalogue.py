"""The rules as data, read off the functions that are the rules: nothing is stated twice."""

import inspect
import re
from collections.abc import Mapping
from typing import Literal, cast

from attrs import frozen

from refmodel.dispatch import ACTIONS
from refmodel.engine import preview
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

RULES_VERSION = 1  # raised whenever a rule changes, comes or goes, also only in its words
Basis = Literal["stated", "inferred", "chosen"]

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
class Entry:
    """One rule: its name, its statement, where it comes from, how firmly, and the phase that it is of."""

    name: str
    statement: str  # one sentence
    details: str  # the rest of what is said of it, or nothing
    source: str  # article:line, several separated by commas, or what stands for one
    basis: Basis  # of its strongest part
    basis_in_full: str  # where parts of a rule rest on different ground
    phase: str
    rule: Rule


def entry(rule: Rule, phase: str) -> Entry:
    """What the docstring of a rule says of it."""
    text = inspect.cleandoc(rule.__doc__ or "")
    body, source, basis = re.fullmatch(r"(.*?)\n\nSource: (.*?)\nBasis: (.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    statement, _, details = " ".join(body.split()).partition(". ")
    firmest = cast(Basis, basis.split()[0])
    return Entry(rule.__name__, statement.rstrip(".") + ".", details, source, firmest, basis, phase, rule)


CATALOGUE: Mapping[str, Entry] = {
    rule.__name__: entry(rule, phase) for phase, rules in PHASES.items() for rule in rules
}


def rule(name: str) -> Rule:
    """The rule of a name; ValueError where there is none."""
    if name not in CATALOGUE:
        raise ValueError(f"there is no rule {name!r}")
    return CATALOGUE[name].rule
