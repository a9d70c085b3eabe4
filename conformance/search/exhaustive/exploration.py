"""The exploration: every operation in every state of the model, with the invariants checked on all of it."""

from array import array
from collections.abc import Iterable, Iterator

from attrs import define, field, frozen

from conformance.generation.history import History
from conformance.oracle.invariants import Breach
from conformance.search.exhaustive.breadth import Breadth, Limits
from conformance.search.exhaustive.operations import WORLD, Operations
from conformance.search.exhaustive.states import Accounts, State
from conformance.search.exhaustive.stepping import Ready, Transition, made_ready
from conformance.search.exhaustive.watching import Watch
from refmodel.ruleset import STANDARD, Ruleset
from refmodel.world import World

Way = list[tuple[int, int]]  # operations, each with the renaming of the state that it leads to


@frozen
class Broken:
    """A broken invariant, and the shortest history that shows it."""

    breach: Breach
    history: History


@define
class Exploration:
    """All states up to some depth; `run` may be interrupted, and what was found until then is there."""

    operations: Operations
    ruleset: Ruleset = STANDARD
    keeps_edges: bool = False
    accounts: Accounts = field(init=False)
    search: Breadth = field(init=False)
    watch: Watch = field(init=False)
    ready: tuple[Ready, ...] = field(init=False)
    broken: dict[int, Broken] = field(factory=dict)
    _lawless: set[State] = field(factory=set)
    _chosen: dict[tuple[int, ...], tuple[int, ...]] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        start = self.operations.start
        self.accounts = Accounts(self.operations)
        self.search = Breadth(self.accounts, edges=array("q") if self.keeps_edges else None)
        self.watch = Watch(self.accounts, self.ruleset)
        operations = enumerate(self.operations.operations)
        self.ready = tuple(made_ready(place, operation, start, self.ruleset) for place, operation in operations)

    def run(self, limits: Limits) -> None:
        """Explore until a limit. A state that breaks an invariant is not explored further."""
        for ready in self.ready:
            self._note(self.watch.of_operation(ready, self.operations.start), (), ready.place)
        self.search.run(self._follow, limits, self._look_at)

    def _look_at(self, state: State) -> None:
        if self._note(self.watch.of_state(state), state):
            self._lawless.add(state)

    def _follow(self, state: State) -> Iterator[tuple[int, State]]:
        if state in self._lawless:
            return
        for transition in self.transitions(state):
            if not self._note(self.watch.of_transition(transition), state, transition.ready.place):
                yield transition.ready.place, transition.after

    def transitions(self, state: State) -> Iterator[Transition]:
        """Every transition from a state; of operations that differ only by names, one."""
        world = self.accounts.world(state)
        for place in self._operations(self.accounts.fixing(state)):
            ready = self.ready[place]
            taken = ready.take(world)
            after = state if taken.after is world else self._state(world, state, taken.after)
            yield Transition(ready, world, state, taken, after)

    def _state(self, before: World, state: State, after: World) -> State:
        # The accounts of a world made from a state have the keys 1, 2, …; those that stayed are the same objects.
        known, number = before.accounts, self.accounts.number
        return tuple(
            sorted([state[key - 1] if known.get(key) is a else number(a) for key, a in after.accounts.items()])
        )

    def _operations(self, fixing: tuple[int, ...]) -> tuple[int, ...]:
        """The operations to take in a state: of those that the renamings which keep the state make equal, the first."""
        if fixing not in self._chosen:
            moves = [self.operations.moves[renaming] for renaming in fixing]
            places = range(len(self.operations.operations))
            self._chosen[fixing] = tuple(
                place for place in places if place == min(transition[place] for transition in moves)
            )
        return self._chosen[fixing]

    def _note(self, breaches: Iterable[Breach], state: State, *operations: int) -> bool:
        found = list(breaches)
        for breach in found:
            if breach.law not in self.broken:
                way = self.search.way(self.search.numbers.get(state, 0))
                self.broken[breach.law] = Broken(
                    breach, self.history([*way, *((operation, 0) for operation in operations)])
                )
        return bool(found)

    def history(self, way: Way) -> History:
        """A way through the states as a history of students with names."""
        renaming, steps = 0, []
        for operation, became in way:
            steps.append(self.operations.operations[self.operations.moves[renaming][operation]].step)
            renaming = self.operations.compose(renaming, self.operations.inverse(became))
        return History(WORLD, tuple(steps))


def explored(
    operations: Operations, limits: Limits, ruleset: Ruleset = STANDARD, keeps_edges: bool = False
) -> Exploration:
    """An exploration that was run to its end."""
    exploration = Exploration(operations, ruleset, keeps_edges)
    exploration.run(limits)
    return exploration
