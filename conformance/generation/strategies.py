"""Hypothesis strategies for what happens to student files: worlds, files and their parts, actions, and whole histories.

They are public as `conformance.strategies`, and named as what they give, in the plural. Each takes the world upon which
things happen, a `refmodel.World`, and looks at it: most rows are about students who are there. A history plays itself
through the model while it is drawn, so each of its steps is made from what the steps before it have led to.

The random search makes the same things by the same functions; here Hypothesis makes their choices, one by one. So it
varies and remembers them, and shrinks towards the plainest: one institution, few rows and columns, blank cells.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import TypeVar

import hypothesis.strategies as st
from attrs import frozen

from conformance.generation.actions import named_action
from conformance.generation.generator import THEMES, HistoryGenerator, any_file, next_step, with_next_step
from conformance.generation.history import FileStep, History, Step, Texts
from conformance.generation.randomness import Choices
from conformance.generation.rows import CELLS, JOBS, make_header, make_row, some_cell
from conformance.generation.scene import Scene
from conformance.generation.value_pools import EMPTY, some_world
from conformance.oracle.answers import action_of
from conformance.oracle.state import ALL_HEADERS, OracleState
from conformance.protocol.requests import ACTIONS
from refmodel.actions import Action
from refmodel.job import DateFormat, Job
from refmodel.serialization import world_as_data
from refmodel.world import World

T = TypeVar("T")
MOST = 12  # steps of a history


@frozen
class DrawnSource:
    """Choices that Hypothesis makes: each is a draw of its own."""

    draw: st.DrawFn

    def randbelow(self, n: int) -> int:
        """A number from 0 to n-1."""
        return self.draw(_numbers(n)) if n > 1 else 0


@cache
def _numbers(n: int) -> st.SearchStrategy[int]:
    return st.integers(0, n - 1)


def choices(draw: st.DrawFn) -> Choices:
    """Choices of whatever `draw` draws for."""
    return Choices(DrawnSource(draw))


def scene_of(world: World) -> Scene:
    """A scene in which nothing was sent yet, of an importer that has everything."""
    return Scene(ALL_HEADERS, tuple(ACTIONS), previews=True, world=world)


Make = Callable[[Choices, Scene], T]


@st.composite
def _made(draw: st.DrawFn, make: Make[T], world: World) -> T:
    return make(choices(draw), scene_of(world))


# What there is.


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Worlds without students: `refmodel.World`.

    They have one or two institutions, `north` and `south`, which share a domain, and an employer. Campuses, single
    sign-on and the vocabulary vary.
    """
    return some_world(choices(draw))


_WORLDS = worlds()


def jobs(world: World = EMPTY) -> st.SearchStrategy[Job]:
    """Jobs that can be expressed, at any institution of a world: `refmodel.Job`."""
    return _made(_job, world)


def _job(draw: Choices, scene: Scene) -> Job:
    mode, setting = draw.weighted(JOBS)
    dates: DateFormat = "mm/dd/yyyy" if draw.one_in(4) else "yyyy-mm-dd"
    return Job(draw.one_of(scene.institutions), mode, setting, dates)


# Files.


def cells(header: str) -> st.SearchStrategy[str]:
    """Texts of one column: typical ones, blanks, the clear token and what resembles it, borderline, malformed.

    ValueError where there is no such column.
    """
    if header not in CELLS:
        raise ValueError(f"no column is called {header!r}; there are {', '.join(CELLS)}")
    return _made(partial(_cell, header), EMPTY)


def _cell(header: str, draw: Choices, scene: Scene) -> str:
    return some_cell(draw, header)


def headers(world: World = EMPTY, institution: str | None = None) -> st.SearchStrategy[Texts]:
    """Headers of files of an institution, or of the first of a world, as tuples of texts.

    They have the required columns and some others, sometimes in another order.
    """
    return _made(partial(_header, institution), world)


def _header(institution: str | None, draw: Choices, scene: Scene) -> Texts:
    return make_header(draw, scene, institution or scene.institutions[0])


def rows(world: World = EMPTY, institution: str | None = None) -> st.SearchStrategy[dict[str, str]]:
    """Rows of files of an institution, or of the first of a world, as header → text.

    They are about nobody in particular, or about a student of the world, with little changed.
    """
    return _made(partial(_row, institution), world)


def _row(institution: str | None, draw: Choices, scene: Scene) -> dict[str, str]:
    place = institution or scene.institutions[0]
    header = make_header(draw, scene, place)
    return dict(zip(header, make_row(draw, scene, header, place)))


def files(world: World = EMPTY) -> st.SearchStrategy[FileStep]:
    """Files that are imported or previewed, each with its job: `FileStep`.

    `file.data()` are its bytes, `file.job` is its `refmodel.Job`, `file.header` and `file.rows` are its texts. Some are
    ragged, repeat a row or a header, have other line endings or separators, or are refused whole.
    """
    return _made(any_file, world)


# What people do.


def actions(world: World = EMPTY, name: str | None = None) -> st.SearchStrategy[Action]:
    """Actions in the app, as `refmodel.actions` has them: all of them, or those of one name, as `approve`.

    Most are about a student for whom they are possible. ValueError where there is no such action.
    """
    if name is not None and name not in ACTIONS:
        raise ValueError(f"no action is called {name!r}; there are {', '.join(ACTIONS)}")
    return _made(partial(_action, name), world)


def _action(name: str | None, draw: Choices, scene: Scene) -> Action:
    return action_of(named_action(draw, scene, name or draw.one_of(scene.actions)).request())


# What follows what.


def steps(world: World = EMPTY) -> st.SearchStrategy[Step]:
    """Files and actions: `FileStep` or `ActionStep`, each of which has a `request()`."""
    return _made(_step, world)


def _step(draw: Choices, scene: Scene) -> Step:
    return next_step(draw, scene, draw.weighted(THEMES).moves)


def histories(worlds: st.SearchStrategy[World] | None = None, most: int = MOST) -> st.SearchStrategy[History]:
    """Histories of up to `most` steps: `History`, with the world of its beginning as JSON data, and the steps.

    A history is about one theme, as dates, or one student: few kinds of steps and few columns, which so come together.
    `history.requests()` is the conversation in which an importer is told of it.
    """
    return _histories(_WORLDS if worlds is None else worlds, most)


@st.composite
def _histories(draw: st.DrawFn, worlds: st.SearchStrategy[World], most: int) -> History:
    world = draw(worlds)
    generator, history = HistoryGenerator(choices(draw), scene_of(world)), History(world_as_data(world))
    known = OracleState(world)
    while len(history.steps) < most and generator.goes_on():
        history, known = with_next_step(generator, history, known)
    return history
