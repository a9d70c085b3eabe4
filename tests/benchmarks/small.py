"""Small steps in a large world: what one action, and a file of a few rows, cost where many students are.

A world never changes, so a step that writes copies the maps of all students once. Beside that, a step costs
what its own rows cost: the same file where only its own students are tells how much that is.
"""

from collections.abc import Sized
from itertools import islice

from refmodel.actions import Action, Done, SetExcluded
from refmodel.dispatch import act
from refmodel.engine import import_file
from refmodel.world import World
from tests.benchmarks.contestants import Files, counts
from tests.benchmarks.measures import Contestant, Outcome
from tests.benchmarks.students import JOB, empty_world, file_of, students

ROWS = 10
ACTION = "an action"
REFUSED = "an action that is refused"
FILE = f"a file of {ROWS} rows"
UNCHANGED_FILE = f"a file of {ROWS} rows, unchanged"
SMALL_WORLD = f"a file of {ROWS} rows where {ROWS} students are"
COPY = "copying the maps, and no more"


def steps(files: Files) -> list[Contestant]:
    """Actions and files that write, some that do not, and what may explain the difference."""
    rows = list(islice(students(), ROWS))
    email, few = rows[0]["email_address"], import_file(empty_world(), JOB, file_of(rows))[0]
    same, news = file_of(rows), file_of({**row, "preferred_name": "Changed"} for row in rows)
    return [
        acting(ACTION, files.after, SetExcluded("north", email, True), {"done": 1}),
        acting(REFUSED, files.after, SetExcluded("south", email, True), {"refused": 1}),
        reading(FILE, files.after, news, {"updated": ROWS}),
        reading(UNCHANGED_FILE, files.after, same, {"unchanged": ROWS}),
        reading(SMALL_WORLD, few, news, {"updated": ROWS}),
        Contestant(COPY, 1, lambda: copies(files.after), {"maps": 2 + 2 * 3}, lambda made: {"maps": len(made)}),
    ]


def acting(name: str, world: World, action: Action, expected: Outcome) -> Contestant:
    """One action."""
    return Contestant(
        name, 1, lambda: act(world, action), expected, lambda result: answered(isinstance(result[1], Done))
    )


def answered(done: bool) -> Outcome:
    """Whether an action happened."""
    return {"done": 1} if done else {"refused": 1}


def reading(name: str, world: World, data: bytes, expected: Outcome) -> Contestant:
    """One file of a few rows."""
    return Contestant(name, ROWS, lambda: import_file(world, JOB, data), expected, lambda result: counts(result[1]))


def copies(world: World) -> list[Sized]:
    """Each map of a world, copied: of accounts, of e-mail addresses, and three of each institution."""
    rosters = [held for roster in world.rosters.values() for held in roster.values()]
    return [dict(world.accounts), *map(dict, (world.emails, *rosters))]
