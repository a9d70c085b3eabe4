"""Breadth first: all states up to a depth, each once, with the shortest way to it.

The caller says what follows a state; this module only counts, so that an empty search can be measured beside a real
one.
"""

import sys
import time
from array import array
from collections.abc import Callable, Iterable
from typing import Literal

from attrs import Factory, define, field, frozen

from conformance.search.exhaustive.states import Accounts, State

Follow = Callable[[State], Iterable[tuple[int, State]]]  # a state → operations, and the states that they lead to
End = Literal["depth", "complete", "time", "memory", "interrupted"]
LOOK = 64  # states between two looks at the clock and the memory


@frozen
class Limits:
    """When to stop: after how many steps, seconds, and bytes of the whole process."""

    depth: int | None = None
    seconds: float | None = None
    memory: int | None = None


@define
class Level:
    """The states that so many steps lead to and no fewer, and the steps that were taken in them."""

    depth: int
    states: int = 0
    standing_for: int = 0  # states of students with names
    expanded: int = 0
    transitions: int = 0
    staying: int = 0  # of them those back to the same state
    seconds: float = 0.0

    @property
    def changing(self) -> int:
        """The transitions to another state."""
        return self.transitions - self.staying


@define
class Breadth:
    """A search: the states in the order in which they were met, and how each was."""

    accounts: Accounts
    states: list[State] = Factory(list)
    numbers: dict[State, int] = Factory(dict)
    parents: "array[int]" = Factory(lambda: array("q"))
    operations: "array[int]" = Factory(lambda: array("h"))
    renamings: "array[int]" = Factory(lambda: array("b"))
    levels: list[Level] = Factory(list)
    edges: "array[int] | None" = None  # from, operation, to, renaming, again and again, where they are wanted
    ended: End | None = None
    look_at: Callable[[State], None] = lambda state: None
    begun: float = field(factory=time.perf_counter)

    def run(self, follow: Follow, limits: Limits, look_at: Callable[[State], None] = lambda state: None) -> None:
        """Search until a limit, or until nothing new is met; every state is looked at when it is met."""
        self.look_at = look_at
        self._meet((), 0, -1, -1, 0)
        while self.ended is None:
            level = self.levels[-1]
            if not level.states:
                self.levels.pop()
                self.ended = "complete"
            elif limits.depth is not None and level.depth >= limits.depth:
                self.ended = "depth"
            else:
                self._expand_all(level, follow, limits)

    def _expand_all(self, level: Level, follow: Follow, limits: Limits) -> None:
        begun, first = time.perf_counter(), len(self.states) - level.states
        for number in range(first, first + level.states):
            if number % LOOK == 0 and (self.ended or self._is_over(limits)):
                break
            self._expand(number, level, follow)
            level.seconds = time.perf_counter() - begun
        if self.ended is None and len(self.levels) == level.depth + 1:
            self.levels.append(Level(level.depth + 1))

    def _is_over(self, limits: Limits) -> bool:
        if limits.seconds is not None and time.perf_counter() - self.begun > limits.seconds:
            self.ended = "time"
        elif limits.memory is not None and memory() > limits.memory:
            self.ended = "memory"
        return self.ended is not None

    def _expand(self, number: int, level: Level, follow: Follow) -> None:
        state, canonical, numbers = self.states[number], self.accounts.canonical, self.numbers
        for operation, concrete in follow(state):
            level.transitions += 1
            if concrete is state:
                level.staying += 1
                there, renaming = number, 0
            else:
                least, renaming = canonical(concrete)
                known = numbers.get(least)
                there = self._meet(least, level.depth + 1, number, operation, renaming) if known is None else known
                level.staying += there == number
            if self.edges is not None:
                self.edges.extend((number, operation, there, renaming))
        level.expanded += 1

    def _meet(self, state: State, depth: int, parent: int, operation: int, renaming: int) -> int:
        if depth == len(self.levels):
            self.levels.append(Level(depth))
        number = self.numbers[state] = len(self.states)
        self.states.append(state)
        self.parents.append(parent)
        self.operations.append(operation)
        self.renamings.append(renaming)
        level = self.levels[depth]
        level.states += 1
        level.standing_for += len(self.accounts.renamed) // len(self.accounts.fixing(state))
        self.look_at(state)
        return number

    def way(self, number: int) -> list[tuple[int, int]]:
        """The shortest way to a state: operations, each with the renaming of the state that it leads to."""
        steps = []
        while number:
            steps.append((self.operations[number], self.renamings[number]))
            number = self.parents[number]
        return steps[::-1]


def memory() -> int:
    """The most bytes that this process has held so far; 0 where the system does not say."""
    try:
        import resource
    except ModuleNotFoundError:
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
