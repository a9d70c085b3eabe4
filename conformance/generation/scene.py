"""The scene of a history: what its next step is made from, beside the choices."""

from collections.abc import Callable, Mapping, Sequence

from attrs import define, evolve, field

from conformance.generation.history import FileStep, Step, Texts
from conformance.generation.randomness import Choices
from conformance.generation.value_pools import EMPTY, Values, values_of
from refmodel.columns import COLUMNS
from refmodel.world import Account, Directory, World

OPTIONAL: Texts = tuple(column.header for column in COLUMNS if not column.starred)
LONGEST_KEPT = 10_000  # characters; a file with a longer cell is not sent again
LARGEST_KEPT = 100  # rows; nor is one of more

# The next step of a plan about a student, or None where it is not possible.
PlanStep = Callable[[Choices, "Scene", Account], Step | None]


@define
class Scene:
    """What the importer claims, the world as it is now, the files that were sent, and what the history is about."""

    columns: frozenset[str]  # those that the importer stores
    actions: tuple[str, ...]  # those that it supports
    previews: bool
    world: World = EMPTY
    files: list[FileStep] = field(factory=list)  # that were sent
    failed: list[FileStep] = field(factory=list)  # the failed rows of each file, as a file
    chosen: Texts = OPTIONAL  # the columns that the history is about, beside the starred ones
    about: int = 0  # the key of the student that the plan is about
    plan: list[PlanStep] = field(factory=list)  # its remaining steps
    goes_far: bool = False  # whether a large file may be larger than usual
    twins: Texts = ()  # two texts that the history is about, of which some importers make one
    _directory: Directory | None = None  # whose values these are
    _values: Mapping[str, Values] = field(factory=dict, repr=False)

    @property
    def institutions(self) -> Texts:
        """The institutions of the world."""
        return tuple(self.world.directory.institutions)

    @property
    def values(self) -> Mapping[str, Values]:
        """What stands in the cells of a file of each institution."""
        directory = self.world.directory
        if directory is not self._directory:
            self._directory = directory
            self._values = values_of(tuple(directory.institutions.values()), directory.employers)
        return self._values

    def remember(self, step: FileStep, outcomes: Sequence[str]) -> None:
        """Keep a file that was sent, and its failed rows."""
        if len(step.rows) > LARGEST_KEPT or any(len(cell) > LONGEST_KEPT for row in step.rows for cell in row):
            return
        self.files.append(step)
        rows = tuple(row for row, outcome in zip(step.rows, outcomes) if outcome == "failed")
        if rows and len(outcomes) == len(step.rows):
            self.failed.append(evolve(step, rows=rows))
