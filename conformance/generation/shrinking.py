"""Shrinking: the smallest history that still shows a difference, in the domain's own terms.

Steps are dropped first, then rows, then columns; then cells are blanked and flags set to their defaults. The number of
replays is limited, and for a slow importer the time as well; the smallest history found by then is the result.
"""

from collections.abc import Callable, Iterator, Mapping

from attrs import evolve

from conformance.generation.history import FileStep, History, Step
from conformance.generation.limits import Limit
from conformance.generation.rows import STARRED, with_columns

Shows = Callable[[History], bool]


def shrunk(history: History, shows: Shows, replays: Limit) -> History:
    """The smallest history found by making this one smaller until no candidate shows the difference."""
    while True:
        smaller = next((c for c in candidates(history) if replays.spend() and shows(c)), None)
        if smaller is None:
            return history
        history = smaller


def candidates(history: History) -> Iterator[History]:
    """Histories that are a little smaller, the smallest first."""
    steps = history.steps
    half = len(steps) // 2
    if half > 1:
        yield evolve(history, steps=steps[half:])
    for place in reversed(range(len(steps))):
        yield evolve(history, steps=(*steps[:place], *steps[place + 1 :]))
    for place in range(len(steps)):
        for smaller in smaller_steps(steps[place]):
            yield evolve(history, steps=(*steps[:place], smaller, *steps[place + 1 :]))


def smaller_steps(step: Step) -> Iterator[Step]:
    """Smaller versions of a step."""
    if isinstance(step, FileStep):
        yield from fewer_rows(step)
        yield from plainer_flags(step)
        yield from fewer_columns(step)
        yield from plainer_cells(step)
    elif isinstance(changes := step.arguments.get("changes"), Mapping):
        for name in changes:
            fewer = {other: text for other, text in changes.items() if other != name}
            yield evolve(step, arguments={**step.arguments, "changes": fewer})


def fewer_rows(file: FileStep) -> Iterator[FileStep]:
    """The file with only one of its rows, or without one of them."""
    if len(file.rows) > 2:
        yield from (evolve(file, rows=(row,)) for row in file.rows)
    for place in range(len(file.rows)):
        yield evolve(file, rows=(*file.rows[:place], *file.rows[place + 1 :]))


def fewer_columns(file: FileStep) -> Iterator[FileStep]:
    """The file without some of its optional columns: many of them, or one."""
    if any(len(row) != len(file.header) for row in file.rows) or len(set(file.header)) < len(file.header):
        return
    spare = [name for name in file.header if name not in STARRED]
    for dropped in (*portions(spare), *([name] for name in spare)):
        yield with_columns(file, tuple(name for name in file.header if name not in dropped))


def portions(names: list[str]) -> list[list[str]]:
    """All the names, and each half of them, where that is more than one."""
    half = len(names) // 2
    return [part for part in (names, names[:half], names[half:]) if len(part) > 1]


def plainer_flags(file: FileStep) -> Iterator[FileStep]:
    """The file under a simpler job, or in a simpler format."""
    plain = FileStep(file.institution, file.header, file.rows)
    for flag in PLAIN_FLAGS:
        if getattr(file, flag) != getattr(plain, flag):
            yield evolve(file, **{flag: getattr(plain, flag)})
    if file.mode == "manual" and not file.change_sensitive_fields:
        yield evolve(file, mode="automatic")
    elif file.change_sensitive_fields:
        yield evolve(file, mode="automatic", change_sensitive_fields=False)


def plainer_cells(file: FileStep) -> Iterator[FileStep]:
    """The file with one cell made blank, or one name replaced by the default one."""
    for number, row in enumerate(file.rows):
        for place, text in enumerate(row):
            for plainer in plainer_texts(text, file.header[place] if place < len(file.header) else ""):
                changed = (*row[:place], plainer, *row[place + 1 :])
                yield evolve(file, rows=(*file.rows[:number], changed, *file.rows[number + 1 :]))


PLAIN_FLAGS = (
    "preview",
    "line_ending",
    "bom",
    "before",
    "quoting",
    "separator",
    "final_line_ending",
    "trailing_garbage",
    "date_format",
)
PLAIN = {"first_name": "Ada", "last_name": "Lee", "email_address": "a@north.edu", "username": "1"}


def plainer_texts(text: str, header: str) -> Iterator[str]:
    """Simpler values for this one: a blank, or the default name."""
    plain = PLAIN.get(header, "")
    if text != plain and (plain == "" or text not in PLAIN.values()) and header not in ("email_address", "username"):
        yield plain
