"""Concurrency: clients that send at the same time, and whether some order of their requests explains the responses."""

from contextlib import ExitStack

from conformance.search.budget import Budget
from conformance.search.concurrency.race_cases import flaky_race, race_case
from conformance.search.concurrency.racing import races
from conformance.session.client import introduced
from conformance.suite.plugin import Judge
from conformance.transport.targets import connect
from conformance.verdict.case import Case, fault_cases

CLIENTS = 3
NAME = "several-at-once"


def test_several_at_once(judge: Judge, budget: Budget) -> None:
    """Requests that are under way at the same time have the effect that they would have in some order."""
    first = judge.importer
    if "concurrent" not in first.supports:
        return judge.conclude(
            Case(NAME, (), "not_applicable", details="the importer does not claim concurrent", kind="race")
        )
    with ExitStack() as stack, judge.faults_recorded("race", ()):
        others = [
            stack.enter_context(connect(first.target.name, timeout=first.target.timeout)) for _ in range(CLIENTS - 1)
        ]
        clients = (first, *map(introduced, others))
        raced = races(clients, judge.known, str(budget.seed), budget.races)
    judge.note("races", raced.figures)
    faults = fault_cases(NAME, raced.faults, "race")
    lost = [race_case(ran, f"{NAME}-{number}") for number, ran in enumerate(raced.found)]
    lost += [flaky_race(ran, f"{NAME}-flaky-{number}") for number, ran in enumerate(raced.flaky)]
    if not raced.met and not faults:
        text = f"no two of {raced.calls} calls were ever under way at the same time"
        return judge.conclude(Case(NAME, (), "not_applicable", details=text, kind="race"))
    return judge.conclude(Case(NAME, (), "passed", kind="race"), *lost, *faults)
