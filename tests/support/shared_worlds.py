"""Importers for several clients, in small: one world for all of them, looked after well or badly."""

import random
import threading
import time
from typing import Any

from conformance.mutants.known import DEVIATIONS
from conformance.oracle.answers import NOWHERE, answer, hello
from refmodel.ruleset import STANDARD, Ruleset
from refmodel.world import World

Message = dict[str, Any]
MOMENT = 0.001  # seconds between reading the world and writing it


class Platform:
    """The world that all clients of a process share."""

    def __init__(self, ruleset: Ruleset = STANDARD) -> None:
        self.ruleset = ruleset
        self.world: World = NOWHERE
        self.lock = threading.Lock()


class Careful:
    """Takes one request after the other, in whatever order they come."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def handle(self, request: Message) -> Message:
        """One request, answered while nobody else is."""
        if request["op"] == "hello":
            return introduction()
        with self.platform.lock:
            return self.answered(request)

    def answered(self, request: Message) -> Message:
        """Read the world, and after a moment write it."""
        response, world = answer(self.platform.world, request, self.platform.ruleset)
        time.sleep(random.random() * MOMENT)
        self.platform.world = world
        return response


class Careless(Careful):
    """Reads the world, and writes it when somebody else may have written it too: an update is lost."""

    def handle(self, request: Message) -> Message:
        """One request, while others are under way."""
        return introduction() if request["op"] == "hello" else self.answered(request)


class Stale(Careful):
    """Decides by a world that is a moment old, though it writes in turn: what was allowed no longer is."""

    def handle(self, request: Message) -> Message:
        """One request, decided before its turn has come."""
        if request["op"] != "do":
            return super().handle(request)
        response, _ = answer(self.platform.world, request)
        time.sleep(random.random() * MOMENT)
        return super().handle(request) | response


class Clumsy(Careful):
    """Fails where somebody else is under way."""

    def handle(self, request: Message) -> Message:
        """One request, unless it has to wait."""
        if self.platform.lock.locked():
            raise OSError("the world is locked")
        return super().handle(request)


def introduction() -> Message:
    """A hello that claims to take several clients at once."""
    said = hello()
    return said | {"supports": [*said["supports"], "concurrent"]}


CAREFULLY, CARELESSLY, STALELY, CLUMSILY = Platform(), Platform(), Platform(), Platform()
MISTAKENLY = Platform(DEVIATIONS["no_a_created_student_is_connected"].upon(STANDARD))


def careful() -> Careful:
    """One of the clients of a world that is looked after."""
    return Careful(CAREFULLY)


def mistaken() -> Careful:
    """One of the clients of a world that is looked after by a rule less."""
    return Careful(MISTAKENLY)


def careless() -> Careless:
    """One of the clients of a world in which updates are lost."""
    return Careless(CARELESSLY)


def stale() -> Stale:
    """One of the clients of a world in which actions are decided too early."""
    return Stale(STALELY)


def clumsy() -> Clumsy:
    """One of the clients of a world that two of them cannot ask at once."""
    return Clumsy(CLUMSILY)
