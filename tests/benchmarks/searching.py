"""How fast the search is, with the model on both sides."""

import time

from attrs import frozen
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from conformance.generation.randomness import RandomSource
from conformance.oracle.state import OracleState
from conformance.search.random_search import generator_for, one_history
from conformance.search.results import SearchResult
from conformance.search.state_machine import ImporterMachine, machine_for
from conformance.session.client import Importer, introduced
from conformance.session.lockstep import Lockstep
from conformance.transport.targets import connect

REFERENCE = "python:conformance.reference:importer"
STEPS = 12


@frozen
class Pace:
    """How fast each driver went, in processor seconds."""

    files_a_second: float  # of the random search: made, imported by both sides, observed and compared
    random: float  # steps a second of the random search
    machine: float  # steps a second of the state machine, each of whose choices Hypothesis draws

    @property
    def beside_random(self) -> float:
        """Steps of the state machine for each step of the random search."""
        return self.machine / self.random


def pace(seconds: float, examples: int) -> Pace:
    """Both drivers measured, one after the other."""
    with connect(REFERENCE) as target:
        importer = introduced(target)
        files, steps = by_chance(importer, seconds)
        return Pace(files, steps, by_hypothesis(machine_for(importer, OracleState()), examples))


def by_chance(importer: Importer, seconds: float) -> tuple[float, float]:
    """Files and steps of the random search in a second; RuntimeError where the reference differs from itself."""
    lockstep, searched = Lockstep(importer, OracleState()), SearchResult()
    source, begun = RandomSource.seeded("bench"), time.process_time()
    while time.process_time() - begun < seconds:
        if one_history(lockstep, generator_for(importer, source), searched)[2]:
            raise RuntimeError("the reference differs from itself")
    took = time.process_time() - begun
    return searched.files / took, searched.steps / took


def by_hypothesis(machine: type[ImporterMachine], examples: int) -> float:
    """Steps of the state machine in a second."""
    drawing = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    begun = time.process_time()
    run_state_machine_as_test(seed(0)(machine), settings=drawing)
    return machine.searched.steps / (time.process_time() - begun)
