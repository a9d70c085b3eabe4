"""The search as a Hypothesis state machine: a rule for each thing that people do, which Hypothesis draws and shrinks.

Model and importer take each step together. The arguments of a rule are drawn from the model's world as it then is, by
the functions by which the random search makes its steps, each of whose choices is a draw of its own. So Hypothesis
varies, remembers and shrinks them, and what it prints of a failure is a program that runs.

A history has one of the themes of the random search, which is drawn as it begins: the kinds of files, the actions and
the columns that must come together. Hypothesis leaves out some more of the rules in each.

It draws a few histories at a time, each time with a new seed. Of many histories it would spend five in six on
variations of earlier ones, which here find less than new ones do.
"""

import atexit
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Any, ClassVar, NoReturn, TypeVar

import hypothesis
import hypothesis.strategies as st
from attrs import evolve
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from conformance.generation.actions import is_possible, possible_action
from conformance.generation.generator import (
    ALL_ACTIONS,
    ANYTHING,
    SENT_AGAIN,
    THEMES,
    any_file,
    begin,
    file_of_the_theme,
    settle,
)
from conformance.generation.history import ActionStep, FileStep, History, Step
from conformance.generation.limits import Limit
from conformance.generation.plans import file_about_somebody
from conformance.generation.randomness import Choices
from conformance.generation.strategies import choices
from conformance.generation.value_pools import WORLDS
from conformance.oracle.state import OracleState
from conformance.protocol.requests import ACTIONS
from conformance.protocol.trace import Exchange
from conformance.search.budget import Budget
from conformance.search.history_play import HistoryPlay
from conformance.search.minimise import smallest
from conformance.search.random_search import is_given_up, scene_for
from conformance.search.results import Finding, SearchResult
from conformance.session.client import Importer, introduced
from conformance.session.lockstep import Lockstep
from conformance.transport.faults import Fault
from conformance.transport.targets import connect
from refmodel.world import World

SEEDS_APART = 1_000_003  # the seeds of two runs of Hypothesis, so that two budgets have none in common
FEW = 4  # students, from which on nobody signs up
T = TypeVar("T")


class Differs(AssertionError):
    """The importer answered otherwise than a right one does."""


# What is drawn.

RUNNER: st.SearchStrategy["ImporterMachine"] = st.runner()


@st.composite
def drawn(draw: st.DrawFn, make: Callable[[Choices, "ImporterMachine"], T]) -> T:
    """What a function makes of Hypothesis' choices and of the machine as it then is."""
    return make(choices(draw), draw(RUNNER))


def argument(action: str, name: str) -> st.SearchStrategy[object]:
    """One argument of an action; they belong together, so whichever is drawn first draws all of them."""

    def make(draw: Choices, machine: "ImporterMachine") -> object:
        if machine.drawn is None:
            machine.drawn = possible_action(draw, machine.scene, action).arguments
        return machine.drawn.get(name)

    return drawn(make)


@cache
def importer_at(target: str) -> Importer:
    """The importer at a target, for the rest of the program. Fault where it does not answer."""
    connected = connect(target)
    atexit.register(connected.close)
    return introduced(connected)


class ImporterMachine(RuleBasedStateMachine):
    """An importer beside the model, step by step: `target` names the importer, and a difference fails.

    `worlds` are those in which histories begin, as `conformance.protocol.requests.world` makes them. In rules and
    invariants of a subclass, `world` is what the model has, `accounts` is what the importer shows, and `take` takes a
    step.
    """

    target: ClassVar[str] = "python:conformance.reference:importer"
    worlds: ClassVar[Sequence[Mapping[str, object]]] = WORLDS
    importer: ClassVar[Importer | None] = None  # in place of the one at the target
    start: ClassVar[OracleState | None] = None  # what the oracle goes by, if not by the rules alone
    searched: ClassVar[SearchResult] = SearchResult()
    last: ClassVar[History | None] = None  # that differed last: the smallest, once Hypothesis has shrunk it
    said: ClassVar[tuple[Exchange, ...]] = ()  # in that history
    fault: ClassVar[Fault | None] = None  # the last fault of the importer

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.searched = SearchResult()

    def __init__(self) -> None:
        super().__init__()
        importer = self.importer or importer_at(self.target)
        self.lockstep = Lockstep(importer, self.start or importer.known())
        self.scene, self.theme, self.area = scene_for(importer), ANYTHING, ALL_ACTIONS
        self.drawn: Mapping[str, object] | None = None  # the arguments of the step that is being drawn
        self.searched.histories += 1
        self.play: HistoryPlay

    @property
    def world(self) -> World:
        """What there is, by the model."""
        return self.play.known.world

    @property
    def accounts(self) -> Sequence[Mapping[str, Any]]:
        """The students that the importer shows."""
        shown: Sequence[Mapping[str, Any]] = self.play.exchanges[-1].response.get("accounts") or ()
        return shown

    @initialize(world=drawn(lambda draw, machine: machine.beginning(draw)))
    def begin(self, world: Mapping[str, object]) -> None:
        """The importer forgets everything, and a world begins, without students."""
        with self.keeping_faults():
            self.play = HistoryPlay.begun(self.lockstep, self.scene, world, self.searched)

    def beginning(self, draw: Choices) -> Mapping[str, object]:
        """The world in which a history begins; with it, what the history is about."""
        self.theme = draw.weighted(THEMES)
        self.area = draw.weighted(self.theme.areas)
        settle(draw, self.scene, self.theme)
        return begin(draw, self.scene, draw.one_of(self.worlds))

    def calls_for(self, action: str) -> bool:
        """Whether an action is possible, and is one of those that the history is about."""
        if action == "sign_up" and len(self.world.accounts) >= FEW:
            return False
        return action in self.theme.actions and action in self.area and is_possible(self.scene, action)

    def take(self, step: Step) -> None:
        """Take a step. Differs where the importer answers otherwise than a right one does."""
        self.drawn = None
        with self.keeping_faults():
            self.play.take(step)
        self.compare()

    def compare(self) -> None:
        """Differs where the last answers are not those of a right importer."""
        if self.play.differs:
            differences = [str(each) for judgement in self.play.last for each in judgement.differences]
            self.fail("\n".join(differences))

    def fail(self, text: str) -> NoReturn:
        """End the history as one that differs."""
        type(self).last, type(self).said = self.play.history, tuple(self.play.exchanges)
        raise Differs(text)

    @contextmanager
    def keeping_faults(self) -> Iterator[None]:
        """Keep the fault that is raised, since Hypothesis may wrap it."""
        try:
            yield
        except Fault as fault:
            type(self).fault = fault
            raise

    @precondition(lambda self: self.play.may_breach)
    @invariant()
    def the_laws_hold(self) -> None:
        """No step breaks a law of the semantics, whatever the model says of it."""
        if breaches := self.play.breaches:
            self.fail("\n".join(f"law {breach.law}: {breach.text}" for breach in breaches))

    @rule()
    def observe(self) -> None:
        """Nothing happens, and the importer shows the same as before."""
        with self.keeping_faults():
            self.play.observe()
        self.compare()

    # Files.

    @precondition(lambda self: self.theme.files.options or len(self.world.accounts) < FEW)
    @rule(file=drawn(lambda draw, machine: file_of_the_theme(draw, machine.scene, machine.theme)))
    def import_file(self, file: FileStep) -> None:
        """A file is imported, of a kind that the history is about."""
        self.take(file)

    @precondition(lambda self: self.theme.actions and self.world.accounts)
    @rule(file=drawn(lambda draw, machine: file_about_somebody(draw, machine.scene)))
    def import_row(self, file: FileStep) -> None:
        """A file of one row is imported, about the student whom the history is about."""
        self.take(file)

    @precondition(lambda self: self.scene.files)
    @rule(file=drawn(lambda draw, machine: draw.weighted(SENT_AGAIN)(draw, machine.scene)))
    def import_again(self, file: FileStep) -> None:
        """An earlier file is imported again, or its failed rows are: as it was, or with small changes."""
        self.take(file)

    @precondition(lambda self: self.scene.previews)
    @rule(file=drawn(lambda draw, machine: evolve(any_file(draw, machine.scene), preview=True)))
    def preview_file(self, file: FileStep) -> None:
        """A file is previewed."""
        self.take(evolve(file, preview=True))


def action_rule(action: str) -> Callable[..., None]:
    """The rule of an action, for importers that claim it."""

    def act(self: ImporterMachine, **arguments: object) -> None:
        self.take(ActionStep(action, {name: value for name, value in arguments.items() if value is not None}))

    act.__name__, act.__doc__ = action, f"People do it in the app: {action}."
    arguments: dict[str, Any] = {name: argument(action, name) for name in ACTIONS[action]}
    declared: Any = rule  # of which mypy does not know that its keywords may come from a mapping
    acting: Callable[..., None] = declared(**arguments)(act)
    return precondition(lambda self: self.calls_for(action))(acting)


for _name in ACTIONS:
    setattr(ImporterMachine, _name, action_rule(_name))


def machine_for(importer: Importer, known: OracleState) -> type[ImporterMachine]:
    """The state machine for one importer."""
    return type("ImporterMachineOfTheRun", (ImporterMachine,), {"importer": importer, "start": known})


def runs(budget: Budget, limit: Limit) -> Iterator[int]:
    """The seed of each run of Hypothesis, as long as the limit allows; there is always one."""
    for run in count():
        if not limit.spend() and run:
            return
        yield budget.seed + run * SEEDS_APART


def draw(machine: type[ImporterMachine], seed: int, budget: Budget, **changes: Any) -> None:
    """Draw a few histories until one differs, which is an error; `changes` are to Hypothesis' settings."""
    machine.last = None
    settings = hypothesis.settings(budget.settings, **changes)
    run_state_machine_as_test(hypothesis.seed(seed)(machine), settings=settings)


def searched_by(machine: type[ImporterMachine], budget: Budget) -> SearchResult:
    """What the machine has gone through until the budget was spent or something differed. Fault where there was one."""
    searched, begun, limit = machine.searched, time.monotonic(), budget.machine
    for seed in runs(budget, limit):
        found = found_by(machine, seed, budget)
        searched.note(found)
        if searched.found or is_given_up(searched):
            break
    searched.seconds, searched.is_cut_short = time.monotonic() - begun, limit.is_cut_short
    return searched


def found_by(machine: type[ImporterMachine], seed: int, budget: Budget) -> Finding | None:
    """What a run of Hypothesis has found, made small. Fault where the importer was at fault."""
    try:
        draw(machine, seed, budget)
    except (Differs, Fault, hypothesis.errors.Flaky) as error:
        # An importer that answers otherwise each time is wrapped by Hypothesis: what it did was kept.
        if machine.fault is not None:
            raise machine.fault from None
        if machine.last is None or machine.importer is None or machine.start is None:
            raise AssertionError("Hypothesis failed without a history") from error
        return smallest(Lockstep(machine.importer, machine.start), machine.last, machine.said)
    return None
