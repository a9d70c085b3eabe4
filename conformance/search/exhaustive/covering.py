"""Histories that cover every transition of an exploration: as few as can be, and among the fewest the shortest.

A history is a walk from the start; to begin another one costs a reset. All together they are one closed walk over all
transitions, in which a reset leads from wherever a history ends back to the start. Which transitions have to be walked
more than once is a flow of least cost: what flows into a state has to flow out of it, and a reset costs more than all
steps that it could save. So the number is minimal, and so is the number of steps; that is exact, not greedy.
A transition that leads back to its own state fits in wherever a history comes by; such ones are dealt out evenly.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import cycle
from typing import Any

from attrs import frozen

from conformance.search.exhaustive.breadth import Breadth

START = 0
RESET, DEAR = -1, -2  # no states, but what lies between the end of a history and the start of the next


@frozen
class Edge:
    """A transition: from which state, by which operation, to which state, and by which renaming it became that one."""

    before: int
    operation: int
    after: int
    renaming: int


Walk = tuple[Edge, ...]


def edges_of(search: Breadth) -> list[Edge]:
    """All transitions of a search that has kept them."""
    assert search.edges is not None
    numbers = iter(search.edges)
    return [Edge(*entry) for entry in zip(numbers, numbers, numbers, numbers)]


def covering(edges: Sequence[Edge]) -> list[Walk]:
    """The walks; every edge is in one of them. networkx is needed."""
    moving = [edge for edge in edges if edge.before != edge.after]
    staying = [edge for edge in edges if edge.before == edge.after]
    return with_stays(walks(moving), staying)


def walks(edges: Sequence[Edge]) -> list[Walk]:
    """The fewest and shortest walks from the start that cover edges between different states."""
    import networkx as nx

    again, ends = repeats(edges, nx)
    tour: Any = nx.MultiDiGraph()
    tour.add_node(START)
    tour.add_edges_from((edge.before, edge.after, {"edge": edge}) for edge in (*edges, *again))
    tour.add_edges_from((state, START, {"edge": None}) for state in ends)
    circuit = nx.eulerian_circuit(tour, source=START, keys=True)
    return cut([tour.edges[step]["edge"] for step in circuit])


def cut(steps: Sequence[Edge | None]) -> list[Walk]:
    """A closed walk, cut at its resets; what comes behind the last one is the beginning of the first walk."""
    found: list[list[Edge]] = [[]]
    for edge in steps:
        if edge is None:
            found.append([])
        else:
            found[-1].append(edge)
    last = found.pop() if len(found) > 1 else []
    return [tuple(walk) for walk in ([*last, *found[0]], *found[1:])]


def repeats(edges: Sequence[Edge], nx: Any) -> tuple[list[Edge], list[int]]:
    """The edges that have to be walked once more, each as often as that, and the states in which walks end."""
    surplus = Counter(edge.after for edge in edges)
    surplus.subtract(Counter(edge.before for edge in edges))
    first = {(edge.before, edge.after): edge for edge in reversed(edges)}
    _, flows = nx.network_simplex(network(surplus, first, len(edges) * len(surplus), nx))
    return (
        [edge for (before, after), edge in first.items() for _ in range(flows[before][after])],
        [state for state in surplus for _ in range(flows[state].get(RESET, 0))],
    )


def network(surplus: Mapping[int, int], pairs: Iterable[tuple[int, int]], dear: int, nx: Any) -> Any:
    """What flows: too much of it comes into some states, too little into others; a step costs 1, and a reset more."""
    flow = nx.DiGraph()
    flow.add_nodes_from((state, {"demand": -more}) for state, more in surplus.items())
    flow.add_edges_from(pairs, weight=1)
    flow.add_edges_from((state, RESET) for state in surplus if state != START)
    flow.add_edge(RESET, START, capacity=1)  # one end costs nothing: there is one history at least
    flow.add_edge(RESET, DEAR, weight=dear)
    flow.add_edge(DEAR, START)
    return flow


def with_stays(walks_: Sequence[Walk], staying: Sequence[Edge]) -> list[Walk]:
    """The walks with the edges that lead back to their own state put in, evenly, where a walk comes by."""
    visits: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for number, walk in enumerate(walks_):
        for place, state in enumerate((START, *(edge.after for edge in walk))):
            visits[state].append((number, place))
    put: dict[tuple[int, int], list[Edge]] = defaultdict(list)
    turns = {state: cycle(there) for state, there in visits.items()}
    for edge in staying:
        put[next(turns[edge.before])].append(edge)
    return [tuple(_with(put, number, walk)) for number, walk in enumerate(walks_)]


def _with(put: dict[tuple[int, int], list[Edge]], number: int, walk: Walk) -> Iterator[Edge]:
    yield from put[number, 0]
    for place, edge in enumerate(walk, start=1):
        yield edge
        yield from put[number, place]
