"""The generator of histories, over a source of choices.

Every step depends on the current state of the model's world, so that its rows are about existing students: one with
a changed value, the row that was applied last, a failed row under the setting, two or three who swap a value.

Each history has a theme, drawn at its start: which kinds of steps it has and how often, which columns it is about, and
how long it is. So the few kinds and columns that must be combined are combined, which is rare in a mixture of all.
"""

from collections.abc import Callable, Mapping, Sequence

from attrs import define, evolve, frozen

from conformance.generation.history import FileStep, History, Step, Texts
from conformance.generation.plans import Plans
from conformance.generation.rows import AUTH, DATES, OTHERS
from conformance.generation.value_pools import WORLDS
from conformance.oracle.answers import answer
from conformance.oracle.state import OracleState
from refmodel.world import World

LONGEST_KEPT = 10_000  # characters; a file with a longer cell is not sent again


@define
class HistoryGenerator(Plans):
    """Generates the next step of a history, from the model's world and from what was sent before."""

    drawn: "Theme | None" = None

    def start(self) -> Mapping[str, object]:
        """Draw a theme and the world that the history starts in."""
        return self.one_of(self.theme.worlds)

    @property
    def theme(self) -> "Theme":
        """What the history is about; drawn on first use."""
        if self.drawn is None:
            self.drawn = self.one_of(THEMES)
            self.chosen = self.columns_for(self.drawn)
        return self.drawn

    @property
    def steps(self) -> int:
        """How many steps the history has."""
        return self.theme.steps

    def columns_for(self, theme: "Theme") -> Texts:
        """The columns of a theme and some or all of the others, as far as the importer stores them."""
        there = [name for name in OTHERS if name in self.columns]
        more = self.one_of(theme.more)
        some = {*theme.columns, *self.shuffled(there)[:more]}
        return tuple(name for name in there if name in some)

    def next_step(self, world: World) -> Step:
        """A step of the history's theme; or a file, if the drawn step is not possible."""
        step = self.one_of(self.theme.moves)(self, world) or self.file(world)
        if isinstance(step, FileStep) and self.previews and self.one_in(8):
            return evolve(step, preview=True)
        return step

    def remember(self, step: FileStep, outcomes: Sequence[str]) -> None:
        """Keep a file that was sent, and its failed rows."""
        if any(len(cell) > LONGEST_KEPT for row in step.rows for cell in row):
            return
        self.files.append(step)
        rows = tuple(row for row, outcome in zip(step.rows, outcomes) if outcome == "failed")
        if rows and len(outcomes) == len(step.rows):
            self.failed.append(evolve(step, rows=rows))

    def file(self, world: World) -> FileStep:
        """A file of any kind."""
        return self.one_of(FILES)(self, world)


# Themes.

Move = Callable[[HistoryGenerator, World], Step | None]
FILES: tuple[Callable[[HistoryGenerator, World], FileStep], ...] = (
    *(HistoryGenerator.fresh_file,) * 3,
    *(HistoryGenerator.wide_file,) * 2,
    HistoryGenerator.failed_rows,
    *(HistoryGenerator.again,) * 2,
    HistoryGenerator.swap_identifiers,
    HistoryGenerator.sharing,
    HistoryGenerator.dates,
    HistoryGenerator.oddly_formatted_file,
)


@frozen(eq=False)
class Theme:
    """What a history is about: its moves, with repetitions as weights, its columns, its worlds and its length."""

    moves: tuple[Move, ...]
    columns: Texts = ()
    more: tuple[int, ...] = (0, 1, 2)  # columns beside these
    steps: int = 7
    worlds: tuple[Mapping[str, object], ...] = WORLDS


LISTS: Texts = ("primary_education:college_names",)
PLACED: Texts = ("system_label_names", "assigned_to_email_address", "campus_name", "disabled")
ALL = len(OTHERS)
ANYTHING = Theme(
    (
        *(HistoryGenerator.file,) * 3,
        *(HistoryGenerator.action,) * 2,
        HistoryGenerator.planned,
        HistoryGenerator.in_the_app,
    ),
    more=(2, 4, 6, ALL),
)
CELLS = Theme((*(HistoryGenerator.wide_file,) * 3, HistoryGenerator.again), more=(3, 6, ALL, ALL), steps=6)
ONE_STUDENT = Theme((HistoryGenerator.planned,), PLACED, more=(0, 0, 1, 2), steps=14)
IDENTITY_MOVES: tuple[Move, ...] = (
    *(HistoryGenerator.sharing,) * 2,
    *(HistoryGenerator.reuse_identifiers,) * 2,
    *(HistoryGenerator.identifiers_changed,) * 2,
    *(HistoryGenerator.swap_identifiers,) * 2,
    *(HistoryGenerator.arrival,) * 2,
    *(HistoryGenerator.planned,) * 2,
    HistoryGenerator.newcomers_file,
    HistoryGenerator.failed_rows,
)
IDENTITY = Theme(IDENTITY_MOVES, (AUTH, "card_id"), steps=10)
MEMORY = Theme(
    (
        *(HistoryGenerator.last_again,) * 3,
        HistoryGenerator.again,
        HistoryGenerator.in_the_app,
        HistoryGenerator.planned,
    ),
    LISTS,
    more=(1, 2, 3),
    steps=10,
)
FORMAT = Theme((*(HistoryGenerator.oddly_formatted_file,) * 5, HistoryGenerator.failed_rows), more=(0, 1, 2), steps=10)
DATED = Theme((*(HistoryGenerator.dates,) * 4, HistoryGenerator.newcomers_file), DATES[:1], more=(0,), steps=6)
APP = Theme(
    (*(HistoryGenerator.in_the_app,) * 8, HistoryGenerator.newcomers_file, HistoryGenerator.arrival),
    (AUTH, *PLACED),
    steps=14,
    worlds=(*WORLDS, WORLDS[1]),
)
ARRIVALS = Theme((*(HistoryGenerator.arrival,) * 4, HistoryGenerator.planned), PLACED, steps=12)
THEMES: tuple[Theme, ...] = (
    *(ANYTHING,) * 2,
    *(CELLS,) * 3,
    *(ONE_STUDENT,) * 10,
    *(IDENTITY,) * 3,
    *(MEMORY,) * 3,
    *(FORMAT,) * 3,
    *(DATED,) * 2,
    *(APP,) * 3,
    ARRIVALS,
)


def simulate(
    generator: HistoryGenerator, world: Mapping[str, object], steps: int, known: OracleState
) -> tuple[History, OracleState]:
    """A history played on the model alone, from a world without students; and the state at its end."""
    history = History(world)
    for request in history.requests():
        known = evolve(known, world=answer(known.world, request, known.ruleset)[1])
    for _ in range(steps):
        step = generator.next_step(known.world)
        response, after = answer(known.world, step.request(), known.ruleset)
        if isinstance(step, FileStep):
            generator.remember(step, [row["outcome"] for row in response["report"]["rows"]])
        history, known = evolve(history, steps=(*history.steps, step)), evolve(known, world=after)
    return history, known
