"""The generator of histories, over a source of choices.

Every step depends on the current state of the model's world, so that its rows are about existing students: one with
a changed value, the row that was applied last, a failed row under the setting, two or three who swap a value.

Each history has a theme, drawn at its start: which kinds of steps it has and how often, which columns it is about, and
how long it is. So the few kinds and columns that must be combined are combined, which is rare in a mixture of all.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from attrs import Factory, define, evolve, field, frozen

from conformance.generation.actions import IN_THE_APP, in_the_app, some_action
from conformance.generation.deceptive_values import (
    CHECKSUMS,
    NOTHINGS,
    NUMERALS,
    PEOPLE,
    SIZES,
    TEXTS,
    Pair,
)
from conformance.generation.deceptive_values import (
    LISTS as LONG_LISTS,
)
from conformance.generation.files import (
    earlier_file,
    file_of_dates,
    file_of_failed_rows,
    file_of_one_student,
    file_of_sharers,
    fresh_file,
    identifiers_changed,
    large_file,
    last_file,
    newcomers_file,
    oddly_formatted_file,
    regrouped_file,
    reuse_identifiers,
    swap_identifiers,
    wide_file,
)
from conformance.generation.history import FileStep, History, Step, Texts
from conformance.generation.plans import ARRIVING, arrival, planned
from conformance.generation.randomness import Choices, Source, Weights, mixed, weights
from conformance.generation.rows import AUTH, DATES, OTHERS
from conformance.generation.scene import Scene
from conformance.generation.value_pools import WORLDS
from conformance.oracle.answers import answer
from conformance.oracle.state import OracleState
from conformance.protocol.requests import ACTIONS
from refmodel.cell import is_email, normal_email
from refmodel.world import World

# A step of one kind; None where it is not possible.
Move = Callable[[Choices, Scene], Step | None]


def any_file(draw: Choices, scene: Scene) -> FileStep:
    """A file of any kind."""
    return draw.weighted(FILES)(draw, scene)


FILES: Weights[Callable[[Choices, Scene], FileStep]] = weights(
    (fresh_file, 3),
    (wide_file, 2),
    (file_of_failed_rows, 1),
    (earlier_file, 2),
    (swap_identifiers, 1),
    (file_of_sharers, 1),
    (file_of_one_student, 1),
    (file_of_dates, 1),
    (oddly_formatted_file, 1),
)


# Themes.

ANY_WORLD: Weights[Mapping[str, object]] = weights(*((world, 1) for world in WORLDS))
FileMove = Callable[[Choices, Scene], FileStep]
NOTHING: Weights[Any] = weights()
ALL_ACTIONS = frozenset(ACTIONS)
STANDING = {"sign_up", "request_access", "approve", "decline", "delete_pending", "add_by_email", "switch_institution"}
EVERYTHING = weights((ALL_ACTIONS, 1))
AREAS = weights(
    (ALL_ACTIONS, 1),
    (frozenset(STANDING), 4),
    (frozenset({"sign_up", "request_access", "approve", "change_email", "confirm_email", "set_excluded"}), 2),
    (frozenset({"edit_profile", "set_disabled", "set_excluded"}), 2),
)


def _moves(theme: "Theme") -> Weights[Move]:
    moves: Weights[Move] = theme.files + theme.others
    return moves


def _actions(theme: "Theme") -> frozenset[str]:
    return frozenset(name for move in theme.others.options for name in ACTIONS_OF[move])


@frozen(eq=False)
class Theme:
    """What a history is about: its files and whatever else happens, its columns, its worlds and its length."""

    files: Weights[FileMove] = NOTHING
    others: Weights[Move] = NOTHING  # of which some may be files
    columns: Texts = ()
    more: tuple[int, ...] = (0, 1, 2)  # columns beside these
    steps: int = 7
    worlds: Weights[Mapping[str, object]] = ANY_WORLD
    twins: Weights[Pair] = NOTHING  # two texts that the history is about
    areas: Weights[frozenset[str]] = EVERYTHING  # to which actions may keep, so that few are combined often
    moves: Weights[Move] = field(init=False, default=Factory(_moves, takes_self=True))
    actions: frozenset[str] = field(init=False, default=Factory(_actions, takes_self=True))  # that may happen


LISTS: Texts = ("primary_education:college_names",)
PLACED: Texts = ("system_label_names", "assigned_to_email_address", "campus_name", "disabled")
ALL = len(OTHERS)
ACTIONS_OF: Mapping[Move, Iterable[str]] = {  # the actions that a move may be
    some_action: ACTIONS,
    planned: ACTIONS,
    in_the_app: IN_THE_APP,
    arrival: ("sign_up", *ARRIVING),
}
ANYTHING = Theme(
    weights((any_file, 3)), weights((some_action, 2), (planned, 1), (in_the_app, 1)), more=(0, 2, 4, 6, ALL)
)
CELLS = Theme(weights((wide_file, 3), (earlier_file, 1)), more=(3, 6, ALL, ALL), steps=6)
ONE_STUDENT = Theme(others=weights((planned, 1)), columns=PLACED, more=(0, 0, 1, 2), steps=14, areas=AREAS)
IDENTITY = Theme(
    weights(
        (file_of_sharers, 2),
        (file_of_one_student, 1),
        (reuse_identifiers, 2),
        (identifiers_changed, 2),
        (swap_identifiers, 2),
        (newcomers_file, 1),
        (file_of_failed_rows, 1),
    ),
    weights((arrival, 2), (planned, 2)),
    (AUTH, "card_id"),
    steps=10,
)
MEMORY = Theme(
    weights((last_file, 3), (earlier_file, 1), (regrouped_file, 1)),
    weights((in_the_app, 1), (planned, 1)),
    LISTS,
    more=(1, 2, 3),
    steps=10,
)
FORMAT = Theme(weights((oddly_formatted_file, 5), (file_of_failed_rows, 1)), steps=10)
DATED = Theme(weights((file_of_dates, 4), (newcomers_file, 1)), columns=DATES[:1], more=(0,), steps=6)
APP = Theme(
    weights((newcomers_file, 1)),
    weights((in_the_app, 8), (arrival, 1)),
    (AUTH, *PLACED),
    steps=14,
    worlds=weights((WORLDS[0], 1), (WORLDS[1], 2)),
)
TWINS = Theme(  # about two texts of which some importers make one
    weights(
        (newcomers_file, 4),
        (last_file, 4),
        (earlier_file, 1),
        (file_of_sharers, 2),
        (reuse_identifiers, 2),
        (identifiers_changed, 3),
    ),
    weights((in_the_app, 2)),
    (AUTH, "card_id", "system_label_names"),
    more=(2, 4, 6, ALL),
    steps=10,
    twins=mixed(
        (TEXTS, 6),
        (NUMERALS, 3),
        (NOTHINGS, 3),
        (PEOPLE, 3),
        (SIZES, 2),
        (CHECKSUMS, 2),
        (LONG_LISTS, 1),
    ),
)
ARRIVALS = Theme(others=weights((arrival, 4), (planned, 1)), columns=PLACED, steps=12)
THEMES = weights(
    (ANYTHING, 2),
    (CELLS, 3),
    (ONE_STUDENT, 10),
    (IDENTITY, 3),
    (MEMORY, 3),
    (FORMAT, 3),
    (DATED, 2),
    (APP, 3),
    (ARRIVALS, 1),
    (TWINS, 5),
)


def columns_for(draw: Choices, scene: Scene, theme: Theme) -> Texts:
    """The columns of a theme and some or all of the others, as far as the importer stores them."""
    there = [name for name in OTHERS if name in scene.columns]
    more = draw.one_of(theme.more)
    some = {*theme.columns, *draw.sample(there, more)}
    return tuple(name for name in there if name in some)


def settle(draw: Choices, scene: Scene, theme: Theme) -> None:
    """Let a history be about a theme: its columns, and its two texts."""
    scene.chosen = columns_for(draw, scene, theme)
    scene.twins = draw.weighted(theme.twins) if theme.twins.options else ()


def begin(draw: Choices, scene: Scene, world: Mapping[str, Any]) -> Mapping[str, object]:
    """The world in which a history begins: with staff and a campus of the name that the history is about."""
    if not scene.twins or draw.one_in(2):
        return world
    name = scene.twins[0]
    staff = name if "@" in name else f"{name}@north.edu"
    first, *others = world["institutions"]
    more = {"staff": [*first["staff"], *([staff] if is_email(normal_email(staff)) else [])]}
    return {**world, "institutions": [{**first, **more, "campuses": [*first["campuses"], name]}, *others]}


def file_of_the_theme(draw: Choices, scene: Scene, theme: Theme) -> FileStep:
    """A file of a kind that a theme is about; or else one that creates students."""
    make = draw.weighted(theme.files) if theme.files.options else newcomers_file
    return evolve(make(draw, scene), preview=False)


SENT_AGAIN: Weights[FileMove] = weights((last_file, 3), (earlier_file, 2), (file_of_failed_rows, 2))


LARGE_ONCE = 1500  # in so many steps


def next_step(draw: Choices, scene: Scene, moves: Weights[Move]) -> Step:
    """A step of one of the kinds; or a file, if the drawn step is not possible; and very seldom a large file."""
    large = draw.one_in(LARGE_ONCE)
    step = large_file(draw, scene) if large else draw.weighted(moves)(draw, scene) or any_file(draw, scene)
    if isinstance(step, FileStep) and scene.previews and draw.one_in(8):
        return evolve(step, preview=True)
    return step


@define
class HistoryGenerator:
    """Generates a history of one theme, step by step."""

    draw: Choices
    scene: Scene
    drawn: Theme | None = None

    @classmethod
    def of(
        cls, source: Source, columns: frozenset[str], actions: tuple[str, ...], *, previews: bool
    ) -> "HistoryGenerator":
        """A generator for an importer that stores these columns, supports these actions and maybe previews."""
        return cls(Choices(source), Scene(columns, actions, previews))

    def start(self) -> Mapping[str, object]:
        """Draw a theme and the world that the history starts in."""
        return begin(self.draw, self.scene, self.draw.weighted(self.theme.worlds))

    @property
    def theme(self) -> Theme:
        """What the history is about; drawn on first use."""
        return self.drawn or self.take(self.draw.weighted(THEMES))

    def take(self, theme: Theme) -> Theme:
        """Let the history be about a theme."""
        self.drawn = theme
        settle(self.draw, self.scene, theme)
        return theme

    @property
    def steps(self) -> int:
        """How many steps the history has."""
        return self.theme.steps

    def goes_on(self) -> bool:
        """Whether the history has another step; it goes on more often than not."""
        return self.draw.randbelow(8) > 0

    def next_step(self, world: World) -> Step:
        """A step of the history's theme, upon a world."""
        self.scene.world, theme = world, self.theme
        return next_step(self.draw, self.scene, theme.moves)

    def remember(self, step: FileStep, outcomes: Sequence[str]) -> None:
        """Keep a file that was sent, and its failed rows."""
        self.scene.remember(step, outcomes)


def simulate(
    generator: HistoryGenerator, world: Mapping[str, object], steps: int, known: OracleState
) -> tuple[History, OracleState]:
    """A history played on the model alone, from a world without students; and the state at its end."""
    history = History(world)
    for request in history.requests():
        known = evolve(known, world=answer(known.world, request, known.ruleset)[1])
    for _ in range(steps):
        history, known = with_next_step(generator, history, known)
    return history, known


def with_next_step(generator: HistoryGenerator, history: History, known: OracleState) -> tuple[History, OracleState]:
    """A history with one step more, played on the model alone; and the state at its end."""
    step = generator.next_step(known.world)
    response, after = answer(known.world, step.request(), known.ruleset)
    if isinstance(step, FileStep):
        generator.remember(step, [row["outcome"] for row in response["report"]["rows"]])
    return evolve(history, steps=(*history.steps, step)), evolve(known, world=after)
