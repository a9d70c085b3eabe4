"""The blocks of choices: what is chosen for the one row of a file, and rows of choices in which every pair meets.

One block holds the whole space: there every pair of choices meets that can, and every class of a cell meets each
student under each job. But most rows of it fail for one reason or another, which hides the rest. So there are blocks
in which rows are applied, and one in which nothing but complaints about cells can fail a row.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from attrs import frozen

from conformance.cases.corpus.classes import CLASSES, CellClass
from conformance.cases.corpus.students import INSTITUTIONS, NOBODY, STUDENT_STATES, StudentState
from conformance.generation.rows import HEADERS
from refmodel.columns import SENSITIVE

Choices = Mapping[str, str]  # factor → what is chosen: a header → class of cell, and those below
Space = Mapping[str, Sequence[str]]  # factor → what there is to choose

STUDENT, SETTING, INSTITUTION, DATES = "student", "setting", "institution", "dates"
JOBS: Mapping[str, tuple[str, bool]] = {
    "automatic": ("automatic", False),
    "manual": ("manual", False),
    "with_the_setting": ("manual", True),
}
WITHOUT, WITH = ("automatic", "manual"), ("with_the_setting",)
DATE_FORMATS = ("yyyy-mm-dd", "mm/dd/yyyy")
QUIET_HEADERS = frozenset(column.header for column in SENSITIVE)
NAMES = ("first_name", "last_name")
NEEDED = ("email_address", "username")


@frozen
class Block:
    """One space of choices; `deep` if each class of cell has to meet each student under each job too."""

    name: str
    title: str
    space: Space
    deep: bool = False


def is_possible(choices: Choices) -> bool:
    """Whether some choices can be made together: where there is single sign-on its column cannot be absent."""
    return not (choices.get(INSTITUTION) == "signs" and choices.get("auth_identifier") == "absent")


Fits = Callable[[str, CellClass], bool]


def space_of(students: Callable[[StudentState], bool], jobs: Iterable[str], fits: Fits) -> Space:
    """The space of some students, jobs and classes of cells."""
    cells = {header: [each.name for each in CLASSES[header].values() if fits(header, each)] for header in HEADERS}
    return {
        STUDENT: [state.name for state in STUDENT_STATES.values() if students(state)],
        SETTING: list(jobs),
        INSTITUTION: list(INSTITUTIONS),
        DATES: list(DATE_FORMATS),
        **cells,
    }


def is_applied_without(header: str, each: CellClass) -> bool:
    """Whether a cell can be applied to a student who is there, without the setting."""
    return each.sort == "quiet" if header in QUIET_HEADERS else each.sort != "faulty"


def is_applied_with(header: str, each: CellClass) -> bool:
    """Whether a cell can be applied under the setting."""
    return each.sort != "faulty"


def creates(header: str, each: CellClass) -> bool:
    """Whether a row that creates can have such a cell."""
    return each.sort != "faulty" and not (header in NAMES and each.name in ("blank", "white_space"))


def is_looked_at(header: str, each: CellClass) -> bool:
    """Whether a row with such a cell gets to the validations."""
    return header not in NEEDED or each.sort == "quiet"


def anything(header: str, each: CellClass) -> bool:
    """Every cell that there is."""
    return True


BLOCKS = (
    Block(
        "applied_without_the_setting",
        "A row without sensitive changes is applied to a student who is there, cell by cell.",
        space_of(lambda s: s.without_setting and s is not NOBODY, WITHOUT, is_applied_without),
    ),
    Block(
        "applied_with_the_setting",
        "Under the setting a row is applied to its student, cell by cell, and connects them.",
        space_of(lambda s: s.with_setting and s is not NOBODY, WITH, is_applied_with),
    ),
    Block(
        "created",
        "A row that finds nobody creates an account of what its cells say.",
        space_of(lambda s: s is NOBODY, JOBS, creates),
    ),
    Block(
        "complaints",
        "All complaints about a row are gathered, one a field, and nothing of it is applied.",
        space_of(lambda s: s.with_setting, WITH, is_looked_at),
    ),
    Block(
        "anything",
        "What decides first about a row decides alone, whatever else is in it.",
        space_of(lambda s: True, JOBS, anything),
        deep=True,
    ),
)
