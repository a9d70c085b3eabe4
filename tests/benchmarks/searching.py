"""How fast the search is, with the model on both sides."""

import time

import hypothesis.strategies as st
from attrs import frozen
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from conformance.generation.randomness import RandomSource
from conformance.oracle.state import OracleState
from conformance.search.random_search import generator_for, one_history
from conformance.search.results import SearchResult
from conformance.search.state_machine import machine_for
from conformance.session.client import Importer, introduced
from conformance.session.lockstep import Lockstep
from conformance.transport.targets import connect

REFERENCE = "python:conformance.reference:importer"
STEPS = 6
NUMBERS = st.integers(0, 2**32 - 1)


@frozen
class Pace:
    """How fast each driver went, in processor seconds."""

    files_a_second: float  # of the random search: made, imported by both sides, observed and compared
    machine: float  # steps a second of the state machine
    empty: float  # and of one that does nothing

    @property
    def beside_empty(self) -> float:
        """Steps of the state machine for each step of the empty one."""
        return self.machine / self.empty


def pace(seconds: float, examples: int) -> Pace:
    """Both drivers measured, one after the other."""
    with connect(REFERENCE) as target:
        importer = introduced(target)
        fast = files_a_second(importer, seconds)
        machine = steps_a_second(machine_for(importer, OracleState()), examples)
        return Pace(fast, machine, steps_a_second(EmptyMachine, examples))


def files_a_second(importer: Importer, seconds: float) -> float:
    """Files of the random search in a second; RuntimeError where the reference differs from itself."""
    lockstep, searched = Lockstep(importer, OracleState()), SearchResult()
    source, begun = RandomSource.seeded("bench"), time.process_time()
    while time.process_time() - begun < seconds:
        if one_history(lockstep, generator_for(importer, source), searched)[2]:
            raise RuntimeError("the reference differs from itself")
    return searched.files / (time.process_time() - begun)


def steps_a_second(machine: type[RuleBasedStateMachine], examples: int) -> float:
    """Steps of a state machine in a second."""
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
    return examples * STEPS / (time.process_time() - begun)


class EmptyMachine(RuleBasedStateMachine):
    """A machine of two rules that draw one number each, and nothing in them."""

    @initialize(number=NUMBERS)
    def begin(self, number: int) -> None:
        """Nothing."""

    @rule(number=NUMBERS)
    def step(self, number: int) -> None:
        """Nothing."""
