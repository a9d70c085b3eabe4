"""The search for races that no serial order explains: made from the steps of the search, run, and made smaller.

The steps of one race are mostly about one student, or the same step twice. Whether two calls meet in the importer is
left to chance, so a smaller race is run several times before it counts as showing nothing. A race that was lost is run
many more times: if it is never lost again it is flaky, since the difference may have had another cause.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, islice

from attrs import define, evolve, field

from conformance.generation.actions import action_arguments
from conformance.generation.generator import HistoryGenerator, simulate
from conformance.generation.history import ActionStep, History, Step
from conformance.generation.limits import Limit
from conformance.generation.plans import file_about
from conformance.generation.randomness import RandomSource
from conformance.generation.value_pools import WORLDS
from conformance.oracle.state import OracleState
from conformance.search.concurrency.races import Race, Run, one_by_one, run, smaller
from conformance.search.concurrency.serial import Call
from conformance.search.random_search import MOST_FLAKY, generator_for
from conformance.session.client import Importer
from conformance.session.lockstep import play
from conformance.transport.faults import Fault
from refmodel.world import Account, World

LED_UP = (2, 3, 4)  # steps before a race
AGAIN = 12  # runs that a smaller race has to show the difference
CONFIRMING = 200  # runs that a race, once found, has to show again
SHRINKING = (150, 120.0)  # smaller races, and the seconds that nobody waits beyond
ORDERS = 24  # of the same steps, one by one
FAULTS = 3  # after so many nothing is asked any more


@define
class Raced:
    """What a search for races has gone through, and what it has found."""

    races: int = 0
    calls: int = 0
    met: int = 0  # races in which two calls overlapped
    differed_before: int = 0  # histories that differed before the race began
    seconds: float = 0.0
    found: list[Run] = field(factory=list)
    flaky: list[Run] = field(factory=list)  # that never showed again
    faults: list[str] = field(factory=list)

    @property
    def figures(self) -> dict[str, float]:
        """The races that began, the requests in them, the races in which requests overlapped, and the seconds."""
        return {
            "races": self.races - self.differed_before,
            "requests": self.calls,
            "overlapping": self.met,
            "seconds": self.seconds,
        }


def race_for(generator: HistoryGenerator, world: World, history: History, clients: int) -> Race:
    """A race from a world: each client has a step or two, mostly about the same student as the others'."""
    step = rivalry(generator, world)
    plans = tuple(tuple(step() for _ in range(generator.draw.one_of((1, 1, 2)))) for _ in range(clients))
    return Race(history, plans)


def rivalry(generator: HistoryGenerator, world: World) -> Callable[[], Step]:
    """What the steps of one race have in common: a student, a step, or only the world."""
    students = list(world.students())
    if students and not generator.draw.one_in(4):
        student = generator.draw.one_of(students)
        return lambda: about(generator, student, world)
    if generator.draw.one_in(2):
        step = generator.next_step(world)
        return lambda: step
    return lambda: generator.next_step(world)


def about(generator: HistoryGenerator, student: Account, world: World) -> Step:
    """A file of one row about a student, or an action on them."""
    if generator.scene.actions and generator.draw.one_in(3):
        action = generator.draw.one_of(generator.scene.actions)
        return ActionStep(action, action_arguments(generator.draw, generator.scene, action, student))
    file = file_about(generator.draw, generator.scene, student)
    return evolve(file, mode="manual", change_sensitive_fields=True) if generator.draw.one_in(2) else file


def races(clients: Sequence[Importer], known: OracleState, seed: str, limit: Limit) -> Raced:
    """Run races until the limit is reached, until one is lost, or until the importer has failed too often.

    `limit` counts races.
    """
    begun, raced, source = time.monotonic(), Raced(), RandomSource.seeded(seed)
    while not raced.found and not is_given_up(raced) and limit.spend():
        generator = generator_for(clients[0], source)
        steps = generator.draw.one_of(LED_UP)
        history, then = simulate(generator, generator.draw.one_of(WORLDS), steps, known)
        race = race_for(generator, then.world, history, generator.draw.one_of(range(2, len(clients) + 1)))
        try:
            ran = run_unless_wrong_alone(race, clients, known)
        except Fault as fault:
            raced.faults.append(str(fault))
            continue
        _count(raced, ran)
        if ran.differs:
            _keep(raced, ran, clients, known)
    raced.seconds = time.monotonic() - begun
    return raced


def is_given_up(raced: Raced) -> bool:
    """Whether an importer has failed, or been flaky, too often to go on."""
    return len(raced.faults) >= FAULTS or len(raced.flaky) >= MOST_FLAKY


def _keep(raced: Raced, ran: Run, clients: Sequence[Importer], known: OracleState) -> None:
    """Keep a race that was lost, as small as it can be; or, if fresh clients never lose it again, as flaky."""
    for client in clients:
        client.target.restart()
    again = lost(ran.race, clients, known, CONFIRMING)
    if again:
        raced.found.append(smallest(again, clients, known))
    else:
        raced.flaky.append(ran)


def _count(raced: Raced, ran: Run) -> None:
    raced.races += 1
    raced.differed_before += not ran.began
    raced.calls += len(ran.calls)
    raced.met += any(not one.precedes(other) and not other.precedes(one) for one, other in pairs(ran))


def run_unless_wrong_alone(race: Race, clients: Sequence[Importer], known: OracleState) -> Run:
    """A run of a race; one that never began, if the importer is wrong with one request after the other as well."""
    ran = run(race, clients, known)
    if ran.differs:
        for history in islice(one_by_one(race), ORDERS):
            if play(clients[0], history.requests(), known).differs:
                return evolve(ran, observation=None)
    return ran


def pairs(ran: Run) -> Iterator[tuple[Call, Call]]:
    """The calls of different clients, two by two."""
    return ((one, other) for one, other in combinations(ran.calls, 2) if one.client != other.client)


def smallest(found: Run, clients: Sequence[Importer], known: OracleState) -> Run:
    """The smallest race that was seen to differ again; the run itself where it never did."""
    limit = Limit.of(*SHRINKING)
    while True:
        tried = (lost(race, clients, known) for race in smaller(found.race) if limit.spend())
        less = next(filter(None, tried), None)
        if less is None:
            return found
        found = less


def lost(race: Race, clients: Sequence[Importer], known: OracleState, times: int = AGAIN) -> Run | None:
    """A run of a race that no order explains, if there is one in so many."""
    for _ in range(times):
        try:
            ran = run_unless_wrong_alone(race, clients, known)
        except Fault:
            return None
        if ran.differs or not ran.began:
            return ran if ran.differs else None
    return None
