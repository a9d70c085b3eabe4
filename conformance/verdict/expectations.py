"""What a run expects beside the standard rules: readings that were asked for, and known deviations.

A reading changes what is right: the run is judged by it, and the summary says so. A known deviation does not: it is
masked while everything else is judged, but while its trace shows it the rule is broken, and the verdict and the exit
status are the same as without the file. An entry that does not show any more makes the run fail and, if nothing else is
wrong, incomplete: nothing is broken, but the file is out of date.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from attrs import evolve, frozen

from conformance.oracle.state import OracleState, Strictness
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
    "shows": "shows as listed",
    "gone": "does not show any more: delete it from the file",
    "otherwise": "shows, but not as listed",
    "fault": "could not be checked, since the importer failed",
}


def add_options(group: pytest.OptionGroup) -> None:
    """Add the options of readings and known deviations."""
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
        help="mask the deviations that this file lists, and check that the importer still shows them",
    )


@frozen
class Expectations:
    """The readings and the known deviations of a run."""

    readings: tuple[str, ...] = ()
    ruleset: Ruleset = STANDARD  # with the readings, and without the deviations
    entries: tuple[KnownDeviation, ...] = ()


NOTHING_EXPECTED = Expectations()
EXPECTATIONS = pytest.StashKey[Expectations]()


def expectations_of(config: pytest.Config) -> Expectations:
    """What the command line asks for. UsageError where it is malformed or contradicts itself."""
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
    return Expectations(readings, ruleset, entries)


def _check_apart(entry: KnownDeviation, ruleset: Ruleset) -> None:
    for rule, _ in entry.deviation.changes:
        if rule in dict(ruleset.deviations):
            raise pytest.UsageError(f"--reading and {entry.place} both change {rule.__name__}: leave one of them out")


@frozen
class CheckedExpectations:
    """Which known deviations the importer shows, and by which rules everything else is judged."""

    expectations: Expectations
    checked: tuple[Checked, ...]

    @classmethod
    def of(cls, expectations: Expectations, importer: Importer, strictness: Strictness) -> "CheckedExpectations":
        """Check every entry with the importer."""
        known = evolve(importer.known(strictness), ruleset=expectations.ruleset)
        return cls(expectations, check(expectations.entries, importer, known))

    @property
    def ruleset(self) -> Ruleset:
        """The rules with the readings, and with the deviations that the importer shows."""
        return ruleset_of(true_of(self.checked), self.expectations.ruleset)

    def without_deviations(self, known: OracleState) -> OracleState:
        """The oracle by the readings alone."""
        return evolve(known, ruleset=self.expectations.ruleset)

    def about(self, entry: KnownDeviation) -> Checked:
        """The result of checking an entry."""
        return next(each for each in self.checked if each.entry.id == entry.id)


# In the end.


@frozen
class ExpectationsReport:
    """What became of the known deviations, and how many cases differ beside them."""

    readings: tuple[str, ...]
    entries: tuple[dict[str, str], ...]
    others: int

    @classmethod
    def of(
        cls, expectations: Expectations, entries: Sequence[dict[str, str]], cases: Sequence[Case]
    ) -> "ExpectationsReport":
        """The report on what a run has recorded."""
        shown = {case_id(entry["deviation"]) for entry in entries if entry["status"] == "shows"}
        others = [case for case in cases if case.status == "differs" and case.id not in shown]
        return cls(expectations.readings, tuple(entries), len(others))

    @property
    def is_stale(self) -> bool:
        """Whether the file lists a deviation that does not show any more."""
        return any(entry["status"] == "gone" for entry in self.entries)

    def lines(self) -> Iterator[str]:
        """The lines below the verdict."""
        if self.readings:
            yield "Judged by these readings: " + ", ".join(f"{name} ({_rule_of(name)})" for name in self.readings)
        for entry in self.entries:
            what = WORDS[entry["status"]]
            yield f"Known deviation {entry['deviation']} ({entry['rule']}) {what}. Reason: {entry['reason']}"
        if self.entries:
            others = counted(self.others, "other case") if self.others else "no other case"
            yield f"Beside the known deviations, {others} {'differ' if self.others > 1 else 'differs'}"

    def write(self, folder: Path) -> None:
        """Write the same beside the report, for programs; or delete the file of an earlier run."""
        (folder / FILE).unlink(missing_ok=True)
        if self.readings or self.entries:
            data = {"readings": self.readings, "known_deviations": self.entries, "other_differences": self.others}
            (folder / FILE).write_text(json.dumps(data, indent=2) + "\n", encoding="ascii")


def _rule_of(reading: str) -> str:
    return READINGS[reading].rule.__name__
