"""The end of a run: the verdict on what its tests have recorded, and the report.

Every kind of case goes through here: examples, edge cases, findings of the search, races, known deviations, faults.
"""

from collections.abc import Sequence
from pathlib import Path

from attrs import define, evolve, field

from conformance import report as reports
from conformance.attribution.diagnosis import Diagnosis
from conformance.oracle.state import OracleState, Strictness
from conformance.session.client import Introduction, stored_columns
from conformance.verdict.case import Case
from conformance.verdict.diagnosis_input import diagnosis_of
from conformance.verdict.expectations import NOTHING_EXPECTED, Expectations, ExpectationsReport
from conformance.verdict.known_deviations import ruleset_of
from conformance.verdict.verdict import Raced, Searched, Verdict, counterexamples, settled


@define
class Run:
    """What the tests have recorded so far, and by what they judge."""

    target: str = ""
    strictness: Strictness = "exact"
    expected: Expectations = NOTHING_EXPECTED
    cases: list[Case] = field(factory=list)
    suite_faults: list[str] = field(factory=list)
    importer: Introduction = field(factory=Introduction)
    searches: list[Searched] = field(factory=list)
    races: list[Raced] = field(factory=list)
    known_deviations: list[dict[str, str]] = field(factory=list)
    filtered: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether no test of the suite has recorded anything, perhaps because none was collected."""
        return not (self.cases or self.suite_faults or self.importer or self.known_deviations)

    @property
    def outcome(self) -> ExpectationsReport:
        """The report on the known deviations."""
        return ExpectationsReport.of(self.expected, self.known_deviations, self.cases)

    @property
    def known(self) -> OracleState:
        """By what the oracle judged: the readings, and the known deviations that the importer shows."""
        true = {entry["deviation"] for entry in self.known_deviations if entry["status"] == "shows"}
        ruleset = ruleset_of((entry for entry in self.expected.entries if entry.id in true), self.expected.ruleset)
        columns = stored_columns(self.importer.get("columns"))
        return OracleState(ruleset=ruleset, strictness=self.strictness, columns=columns)


def verdict_on(run: Run, stopped: bool = False, interrupted: bool = False) -> Verdict:
    """The verdict of a run; an interrupted one is not diagnosed, since that takes time."""
    diagnosis = Diagnosis() if interrupted else diagnosis_of(undeclared(run.cases), run.known)
    cases = tuple(settled(case, diagnosis) for case in run.cases)
    return Verdict(
        cases,
        counterexamples(cases, diagnosis),
        diagnosis,
        filtered=run.filtered,
        stopped=stopped or interrupted or run.outcome.is_stale,
        suite_faults=tuple(run.suite_faults),
        importer={"target": run.target, **run.importer},
        searched=run.searches,
        raced=run.races,
        strictness=run.strictness,
        readings=run.expected.readings,
    )


def undeclared(cases: Sequence[Case]) -> list[Case]:
    """The cases without those of the known deviations, which need no diagnosis."""
    return [case for case in cases if case.kind != "known deviation"]


def written(verdict: Verdict, folder: str, outcome: ExpectationsReport) -> Verdict:
    """Write the report; the verdict, with a fault of the suite if the report cannot be written."""
    try:
        reports.write(verdict, Path(folder))
        outcome.write(Path(folder))
    except OSError as error:
        fault = f"the report could not be written to {folder}: {error.strerror}"
        return evolve(verdict, suite_faults=(*verdict.suite_faults, fault))
    return verdict
