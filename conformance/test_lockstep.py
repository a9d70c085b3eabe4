"""The search: histories of files and actions, importer and model in lockstep."""

import hypothesis
from hypothesis.stateful import run_state_machine_as_test

from conformance.budgets import Budget
from conformance.machine import Differs, machine_for
from conformance.search import search, settled
from conformance.suite import Judge
from conformance.targets import Fault


def test_search(lane: int, judge: Judge, budget: Budget) -> None:
    """No history that the fast driver makes within its time is answered otherwise than by a right importer."""
    seconds = budget.seconds_a_lane(judge.importer.target.name)
    judge.conclude_search(f"lane-{lane}", search(judge.importer, judge.known, f"{budget.seed}-{lane}", seconds))


def test_state_machine(judge: Judge, budget: Budget) -> None:
    """No history that Hypothesis draws from the same moves is answered otherwise than by a right importer."""
    machine = machine_for(judge.importer, judge.known)
    with judge.faults_told(()):
        try:
            run_state_machine_as_test(hypothesis.seed(budget.seed)(machine), settings=budget.settings)
        except (Differs, Fault, hypothesis.errors.Flaky) as error:
            # An importer that answers otherwise each time is wrapped by Hypothesis: what it did was kept.
            if machine.fault is not None:
                raise machine.fault from None
            if machine.last is None:
                raise AssertionError("Hypothesis failed without a history") from error
            judge.conclude_found("machine", settled(judge.importer, judge.known, machine.last))
