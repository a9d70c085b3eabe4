"""What a run goes by beside the standard rules: readings that are asked for, and deviations that are known.

A reading changes what is right: the verdict is the one under it, and the summary says so. A known deviation does not:
everything else is judged around it, but while its trace shows it the rule is broken, and the run differs or violates as
it would without the file, with the same exit status. An entry that shows no longer makes the run fail and, if nothing
else is wrong, incomplete: nothing is broken, but what the file says of the importer is not so.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

from conformance.oracle.state import OracleState
from conformance.session.client import Importer
from conformance.verdict.case import Case
from conformance.verdict.known_deviations import (
    BadEntry,
    Checked,
    KnownDeviation,
    case_id,
    check,
    load,
    reading_rules,
    ruleset_of,
    true_of,
)
from refmodel.readings import READINGS
from refmodel.ruleset import STANDARD, Ruleset
from refmodel.wording import counted

FILE = "judged-by.json"
WORDS = {
    "shows": "shows as it is known",
    "gone": "does not show any more: take it out of the file",
    "otherwise": "shows otherwise than it is known",
    "fault": "could not be tried, for the importer failed",
}


def add_options(group: Any) -> None:
    """The options that say what to go by."""
    group.addoption(
        "--reading",
        metavar="NAME",
        action="append",
        default=[],
        help="judge by this other reading of a rule; may be repeated",
    )
    group.addoption(
        "--known-deviations",
        metavar="FILE",
        help="judge around what this file says the importer deviates in, and see whether it still does",
    )


@frozen
class Allowances:
    """The readings and the known deviations of a run."""

    readings: tuple[str, ...] = ()
    ruleset: Ruleset = STANDARD  # with the readings, and without the deviations
    entries: tuple[KnownDeviation, ...] = ()


NOTHING = Allowances()
KEY = pytest.StashKey[Allowances]()


def allowances_of(config: pytest.Config) -> Allowances:
    """What the command line asks for. UsageError where it cannot be understood, or contradicts itself."""
    readings, file = tuple(dict.fromkeys(config.getoption("reading"))), config.getoption("known_deviations")
    try:
        ruleset = reading_rules(readings)
    except ValueError as error:
        raise pytest.UsageError(f"--reading: {error}") from None
    try:
        entries = load(Path(file)) if file else ()
    except BadEntry as error:
        raise pytest.UsageError(f"--known-deviations: {error}") from None
    for entry in entries:
        _check_apart(entry, ruleset)
    return Allowances(readings, ruleset, entries)


def _check_apart(entry: KnownDeviation, ruleset: Ruleset) -> None:
    for rule, _ in entry.deviation.changes:
        if rule in dict(ruleset.deviations):
            raise pytest.UsageError(f"--reading and {entry.place} both change {rule.__name__}: leave one of them out")


@frozen
class Standing:
    """What the importer has shown of the known deviations, and what to judge everything else by."""

    allowances: Allowances
    checked: tuple[Checked, ...]

    @classmethod
    def of(cls, allowances: Allowances, importer: Importer, strictness: Any) -> "Standing":
        """Try every entry on the importer."""
        known = evolve(importer.known(strictness), ruleset=allowances.ruleset)
        return cls(allowances, check(allowances.entries, importer, known))

    @property
    def ruleset(self) -> Ruleset:
        """The readings, and the deviations that are true."""
        return ruleset_of(true_of(self.checked), self.allowances.ruleset)

    def without_deviations(self, known: OracleState) -> OracleState:
        """The oracle as it goes by the readings alone."""
        return evolve(known, ruleset=self.allowances.ruleset)

    def about(self, entry: KnownDeviation) -> Checked:
        """What became of an entry."""
        return next(each for each in self.checked if each.entry.id == entry.id)


# In the end.


@frozen
class Outcome:
    """What became of the known deviations, and how many cases differ beside them."""

    readings: tuple[str, ...]
    entries: tuple[dict[str, str], ...]
    others: int

    @classmethod
    def of(cls, allowances: Allowances, entries: Sequence[dict[str, str]], cases: Sequence[Case]) -> "Outcome":
        """What a run has gathered."""
        shown = {case_id(entry["deviation"]) for entry in entries if entry["status"] == "shows"}
        others = [case for case in cases if case.status == "differs" and case.id not in shown]
        return cls(allowances.readings, tuple(entries), len(others))

    @property
    def is_stale(self) -> bool:
        """Whether the file says what is not so any more."""
        return any(entry["status"] == "gone" for entry in self.entries)

    def lines(self) -> Iterator[str]:
        """What a person reads below the verdict."""
        if self.readings:
            yield "Judged by these readings: " + ", ".join(f"{name} ({_rule_of(name)})" for name in self.readings)
        for entry in self.entries:
            what = WORDS[entry["status"]]
            yield f"Known deviation {entry['deviation']} ({entry['rule']}) {what}. Reason: {entry['reason']}"
        if self.entries:
            others = counted(self.others, "other case") if self.others else "no other case"
            yield f"Beside the known deviations, {others} {'differ' if self.others > 1 else 'differs'}"

    def write(self, folder: Path) -> None:
        """Write the same beside the report, for programs; or take away what an earlier run has written."""
        (folder / FILE).unlink(missing_ok=True)
        if self.readings or self.entries:
            data = {"readings": self.readings, "known_deviations": self.entries, "other_differences": self.others}
            (folder / FILE).write_text(json.dumps(data, indent=2) + "\n", encoding="ascii")


def _rule_of(reading: str) -> str:
    return READINGS[reading].rule.__name__
