"""How fast the exploration is, beside a search that only counts: the same states, hashed and renamed the same way."""

from collections.abc import Iterator

from conformance.search.exhaustive.breadth import Breadth, Follow, Limits
from conformance.search.exhaustive.exploration import Exploration
from conformance.search.exhaustive.operations import operations_for
from conformance.search.exhaustive.states import Accounts, State
from tests.benchmarks.measures import Contestant, Outcome

STUDENTS = 2
FULL = "the model and the laws"
MODEL = "the model alone"
EMPTY = "an empty search"
Table = dict[State, list[tuple[int, State]]]


def explorers(depth: int) -> list[Contestant]:
    """Everything, the model without the laws, and what is left when every step is looked up; a row is a transition."""
    first = Exploration(operations_for(STUDENTS))
    table: Table = {}

    def remembering(state: State) -> Iterator[tuple[int, State]]:
        table[state] = list(steps(first, state))
        yield from table[state]

    expected = counts(searched(first.search, remembering, depth))
    rows = expected["transitions"]
    return [
        Contestant(FULL, rows, lambda: counts(explored(depth).search), expected),
        Contestant(MODEL, rows, lambda: counts(unwatched(depth)), expected),
        Contestant(EMPTY, rows, lambda: counts(empty(first.accounts, table, depth)), expected),
    ]


def steps(exploration: Exploration, state: State) -> Iterator[tuple[int, State]]:
    """What follows a state."""
    return ((move.ready.place, move.after) for move in exploration.transitions(state))


def explored(depth: int) -> Exploration:
    """An exploration with everything."""
    exploration = Exploration(operations_for(STUDENTS))
    exploration.run(Limits(depth))
    return exploration


def unwatched(depth: int) -> Breadth:
    """A search through the model, where no law is looked at."""
    exploration = Exploration(operations_for(STUDENTS))
    return searched(exploration.search, lambda state: steps(exploration, state), depth)


def empty(accounts: Accounts, table: Table, depth: int) -> Breadth:
    """A search in which every step was taken before."""
    return searched(Breadth(accounts), table.__getitem__, depth)


def searched(search: Breadth, follow: Follow, depth: int) -> Breadth:
    """A search that was run to a depth."""
    search.run(follow, Limits(depth))
    return search


def counts(search: Breadth) -> Outcome:
    """What a search went through."""
    return {"states": len(search.states), "transitions": sum(level.transitions for level in search.levels)}
