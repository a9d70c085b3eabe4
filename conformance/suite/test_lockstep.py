"""The search: histories of files and actions, with importer and oracle in lockstep."""

from conformance.search.budget import Budget
from conformance.search.random_search import search
from conformance.search.state_machine import machine_for, searched_by
from conformance.suite.plugin import Judge


def test_search(shard: int, judge: Judge, budget: Budget) -> None:
    """No history that the random search makes within its time is answered otherwise than by a right importer."""
    seed = f"{budget.seed}-{shard}"
    judge.conclude_search(
        f"lane-{shard}", search(judge.importer, judge.known, seed, budget.shard, goes_far=budget.goes_far)
    )


def test_state_machine(judge: Judge, budget: Budget) -> None:
    """No history that Hypothesis draws from the same steps is answered otherwise than by a right importer."""
    with judge.faults_recorded("search", ()):
        searched = searched_by(machine_for(judge.importer, judge.known), budget)
    judge.conclude_search("machine", searched)
