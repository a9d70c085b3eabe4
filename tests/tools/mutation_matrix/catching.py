"""The ways of catching a wrong importer, each tried on one."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from math import inf
from typing import Any, NoReturn, Protocol

from hypothesis.errors import Flaky

from conformance.cases.edge_cases import edge_cases
from conformance.cases.scenarios.parser import examples
from conformance.generation.history import Step
from conformance.generation.randomness import RandomSource
from conformance.mutants import importer
from conformance.oracle.invariants import breaches
from conformance.oracle.judge import COMPARISONS, own_answers
from conformance.oracle.state import OracleState
from conformance.protocol.requests import ACTIONS, Request
from conformance.protocol.responses import HEADERS, Hello
from conformance.protocol.trace import Exchange
from conformance.search.budget import Budget
from conformance.search.random_search import generator_for, one_history
from conformance.search.results import SearchResult
from conformance.search.state_machine import ImporterMachine, draw, machine_for, runs
from conformance.session.client import Importer, introduced
from conformance.session.lockstep import Lockstep
from conformance.transport.targets import connect
from conformance.verdict.case import Case
from conformance.verdict.diagnosis_input import diagnosis_of
from conformance.verdict.run_case import checked
from conformance.verdict.verdict import counterexamples
from tests.tools.mutation_matrix.findings import WAYS, Breaking, Plan, Shown, Trial, Way

REFERENCE = "python:conformance.reference:importer"
PATIENCE = 600.0  # seconds: a slow answer on a busy machine is not a wrong one
Conversation = tuple[Exchange, ...]
processor = time.process_time


class Handler(Protocol):
    """What answers requests."""

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        """The response to one."""
        ...  # pragma: no cover


@contextmanager
def guest(name: str) -> Iterator[Importer]:
    """A wrong importer that has said hello, or the right one where no name is given."""
    with connect(f"python:conformance.mutants:{name}" if name else REFERENCE, timeout=PATIENCE) as target:
        yield introduced(target)


# What the search drew from when the matrix, and UNFOUND in tests/conformance/mutants/test_mutants.py, were measured:
# with one more column or action the same seeds make other histories. Mutants of an action that was added since are
# looked for with everything there is.
NUMBER_OF_COLUMNS, NUMBER_OF_ACTIONS = 23, 13
LATER_ACTIONS = [*ACTIONS][NUMBER_OF_ACTIONS:]


def as_measured(importer: Importer) -> Importer:
    """The same importer, which claims no column and no action that was added since."""
    actions, columns = [*ACTIONS][:NUMBER_OF_ACTIONS], [*HEADERS][:NUMBER_OF_COLUMNS]
    return Importer(importer.target, Hello(1, supports=["preview", *actions], columns=columns))


def differs(handler: Handler, conversation: Iterable[Exchange]) -> bool:
    """Whether an importer answers a conversation otherwise than a right one did."""
    for exchange in conversation:
        response, compare = handler.handle(dict(exchange.request)), COMPARISONS[exchange.request["op"]]
        if response != exchange.response and any(compare(exchange.response, response, OracleState(), exchange.request)):
            return True
    return False


# The examples of the pages, and the edge cases.


def answered(requests: Iterable[Request]) -> Conversation:
    """A conversation with a right importer."""
    return own_answers(requests, OracleState())


@cache
def of_the_pages() -> tuple[tuple[str, Conversation], ...]:
    """Each example: the rule that it is there for, and its conversation."""
    return tuple((example.rules[0], answered(example.requests)) for example in examples())


@cache
def of_the_edges() -> tuple[tuple[str, Conversation], ...]:
    """Each edge case: the rule that it is there for, and its conversation."""
    return tuple((case.rules[0], answered(case.requests)) for case in edge_cases())


def shown(name: str, rule: str, conversations: Iterable[tuple[str, Conversation]]) -> Shown:
    """How many conversations show that an importer is wrong."""
    handler = importer(name)
    rules = [about for about, conversation in conversations if differs(handler, conversation)]
    return Shown(rules.count(rule), len(rules))


# The first words of a report.


def first_named(name: str) -> str:
    """The rule that a report on the examples names first; blank where it names none."""
    with guest(name) as subject:
        came, known = list(cases(subject)), subject.known()
    found = counterexamples(came, diagnosis_of(came, known))
    return found[0].rule if found else ""


def cases(subject: Importer) -> Iterator[Case]:
    """What becomes of each example; with those that a right importer passes too, that is known."""
    for example, (_, conversation), case in zip(examples(), of_the_pages(), passed()):
        wrong = differs(subject.target, conversation)
        yield checked(example, subject, subject.known()) if wrong else case


@cache
def passed() -> tuple[Case, ...]:
    """What becomes of the examples with a right importer."""
    with guest("") as subject:
        return tuple(checked(example, subject, subject.known()) for example in examples())


# The random search.


def driven(name: str, seed: int, cap: float) -> Trial:
    """The random search, in its first lane, until it has caught the importer or so many seconds are up."""
    searched, source, caught = SearchResult(), RandomSource.seeded(f"{seed}-0"), False
    with guest(name) as subject:
        lockstep, begun = Lockstep(subject, subject.known()), processor()
        while not caught and processor() - begun < cap:
            searched.histories += 1
            caught = one_history(lockstep, generator_for(subject, source), searched)[2]
    return Trial(seed, caught, searched.histories, searched.steps, since(begun))


def since(begun: float) -> float:
    """The processor seconds since a time, to the millisecond, and one at least: their logarithms are wanted."""
    return max(round(processor() - begun, 3), 0.001)


# The laws.


@cache
def histories(seeds: int, count: int) -> tuple[Conversation, ...]:
    """The first conversations of the random search under each seed: no answer changes what it says."""
    return tuple(conversation for seed in range(seeds) for conversation in histories_of(seed, count))


def histories_of(seed: int, count: int) -> Iterator[Conversation]:
    """The first conversations of the random search under one seed."""
    source = RandomSource.seeded(f"{seed}-0")
    with guest("") as subject:
        for _ in range(count):
            yield one_history(Lockstep(subject, subject.known()), generator_for(subject, source), SearchResult())[1]


def lawless(name: str, conversations: Sequence[Conversation]) -> Breaking:
    """The law that a wrong importer breaks first, in whole histories of the random search, whatever the model says."""
    handler = importer(name)
    for number, conversation in enumerate(conversations, start=1):
        answers = tuple(Exchange(each.request, handler.handle(dict(each.request))) for each in conversation)
        if found := breaches(answers):
            return Breaking(found[0].law, number)
    return Breaking(None, len(conversations))


# The state machine.


class Over(BaseException):
    """The machine is to stop at once; Hypothesis lets through what is no Exception."""


class Timed(ImporterMachine):
    """The machine, stopped where it differs first or when the time, on the clock of the processor, is up."""

    until: float
    caught = False

    def take(self, step: Step) -> None:
        """Take a step, unless that was the last one."""
        super().take(step)
        if processor() >= self.until:
            raise Over

    def fail(self, text: str) -> NoReturn:
        """Stop where the importer differs."""
        type(self).caught = True
        raise Over


def drawn(name: str, seed: int, cap: float) -> Trial:
    """The state machine as the suite runs it, until it has caught the importer or so many seconds are up."""
    with guest(name) as subject:
        begun = processor()
        bases = (Timed, machine_for(subject, subject.known()))
        machine: type[Timed] = type("TimedMachine", bases, {"until": begun + cap})
        budget = Budget(inf, seed=seed)
        with suppress(Over, Flaky):  # a history that begins as one before, and ends sooner, is flaky to Hypothesis
            for each in runs(budget, budget.machine):
                draw(machine, each, budget, database=None)
        return Trial(seed, machine.caught, machine.searched.histories, machine.searched.steps, since(begun))


# All of them.


def measures(rule: str, plan: Plan) -> dict[Way, Callable[[str, int], object]]:
    """Each way as a function of a name and, where it has one, a seed."""
    return {
        "examples": lambda name, _: shown(name, rule, of_the_pages()),
        "first": lambda name, _: first_named(name),
        "edges": lambda name, _: shown(name, rule, of_the_edges()),
        "driver": lambda name, seed: driven(name, seed, plan.driver_cap),
        "machine": lambda name, seed: drawn(name, seed, plan.machine_cap),
        "laws": lambda name, _: lawless(name, histories(plan.seeds, plan.histories)),
    }


assert tuple(measures("", Plan())) == WAYS
