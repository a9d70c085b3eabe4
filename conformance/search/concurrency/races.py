"""Races: a history that leads up to them, and what each client then does at the same time as the others."""

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from attrs import evolve, field, frozen

from conformance.generation.history import History, Step
from conformance.generation.shrinking import candidates, smaller_steps
from conformance.oracle.state import OracleState
from conformance.protocol.requests import OBSERVE, Request
from conformance.protocol.trace import Exchange
from conformance.search.concurrency.serial import Call, Order, explanation
from conformance.session.client import Importer
from conformance.session.lockstep import play

Steps = tuple[Step, ...]
NO_ORDER = Order(())
START_TIMEOUT = 60.0  # seconds that a client waits for the others to be ready


@frozen
class Race:
    """What has happened before, and the steps of each client."""

    before: History
    clients: tuple[Steps, ...]

    @property
    def size(self) -> int:
        """How many steps there are in all."""
        return len(self.before.steps) + sum(map(len, self.clients))


@frozen
class Run:
    """A race as it went: what led up to it, the calls, what was observed afterwards, and what explains it best."""

    race: Race
    led_up: tuple[Exchange, ...]
    known: OracleState = field(repr=False)  # when the race began
    calls: tuple[Call, ...] = ()
    observation: Exchange | None = None
    order: Order = NO_ORDER

    @property
    def began(self) -> bool:
        """Whether the importer came to the start as a right one does; else there was no race."""
        return self.observation is not None

    @property
    def differs(self) -> bool:
        """Whether no order explains the race."""
        return self.began and not self.order.explains


def run(race: Race, clients: Sequence[Importer], known: OracleState) -> Run:
    """Run a race: one client leads up to it, all of them send at once, the first one observes.

    Fault where the importer does not answer as the protocol wants.
    """
    played = play(clients[0], race.before.requests(), known)
    if played.differs:
        return Run(race, played.exchanges, known)
    known = played.judgements[-1].known
    calls = at_once(clients, [[step.request() for step in steps] for steps in race.clients])
    observation = Exchange(OBSERVE, clients[0].ask(OBSERVE))
    return Run(race, played.exchanges, known, calls, observation, explanation(known, calls, observation))


def one_by_one(race: Race) -> Iterator[History]:
    """The histories in which the same steps follow each other, each client's in their order."""
    if not any(race.clients):
        yield race.before
    for number, steps in enumerate(race.clients):
        if steps:
            then = evolve(race.before, steps=(*race.before.steps, steps[0]))
            yield from one_by_one(evolve(_with(race, number, steps[1:]), before=then))


def at_once(clients: Sequence[Importer], plans: Sequence[Sequence[Request]]) -> tuple[Call, ...]:
    """Let each client send its requests one after the other, all clients at the same time; the calls as they ended."""
    start = Barrier(len(plans), timeout=START_TIMEOUT)
    with ThreadPoolExecutor(len(plans)) as threads:
        sending = [threads.submit(_send, number, clients[number], plan, start) for number, plan in enumerate(plans)]
        calls = [call for sent in sending for call in sent.result()]
    return tuple(sorted(calls, key=lambda call: call.ended))


def _send(number: int, client: Importer, requests: Iterable[Request], start: Barrier) -> list[Call]:
    start.wait()
    return [_call(number, client, request) for request in requests]


def _call(number: int, client: Importer, request: Request) -> Call:
    begun = time.monotonic()
    response = client.ask(request)
    return Call(number, Exchange(request, response), begun, time.monotonic())


def smaller(race: Race) -> Iterator[Race]:
    """Races with a little less in them, those that leave out most in front; two clients are always left."""
    if len(race.clients) > 2:
        for number in range(len(race.clients)):
            yield evolve(race, clients=_without(race.clients, number))
    for number, steps in enumerate(race.clients):
        if len(steps) > 1:
            for place in range(len(steps)):
                yield _with(race, number, _without(steps, place))
    for before in candidates(race.before):
        yield evolve(race, before=before)
    for number, steps in enumerate(race.clients):
        for place, step in enumerate(steps):
            for less in smaller_steps(step):
                yield _with(race, number, (*steps[:place], less, *steps[place + 1 :]))


def _with(race: Race, number: int, steps: Steps) -> Race:
    return evolve(race, clients=(*race.clients[:number], steps, *race.clients[number + 1 :]))


def _without(items: tuple, place: int) -> tuple:  # type: ignore[type-arg]
    return (*items[:place], *items[place + 1 :])
