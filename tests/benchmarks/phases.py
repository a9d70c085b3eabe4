"""Where the time of an import goes: its phases, each run apart from the others over all rows.

What a phase needs from those before it is made beforehand and not timed. The phases come to less than the
whole: the loop around them, the steps and the report, and what the collector does with so many objects, are
the rest.
"""

from collections.abc import Callable, Iterator

from refmodel.engine import (
    File,
    FileRow,
    active_rules,
    changes,
    complaints,
    import_file,
    lookup,
    read_file,
    refusal,
    row_reader,
)
from refmodel.row import Row
from refmodel.rules.file import read_header, records
from refmodel.rules.identity import SHARING
from refmodel.ruleset import STANDARD
from refmodel.world import Account, Draft, World
from tests.benchmarks.measures import Contestant
from tests.benchmarks.students import JOB

WHOLE = "the whole import"
RULES = active_rules(STANDARD)


def phases(world: World, data: bytes) -> list[Contestant]:
    """The whole import of a file in which nothing is wrong, and each of its phases."""
    file = read_file(world.institution(JOB.institution), JOB, data, STANDARD)
    if not isinstance(file, File):
        raise ValueError(file.text)
    return [
        apart(WHOLE, len(file.rows), lambda: len(import_file(world, JOB, data)[1].results)),
        *reading(world, data, file),
        *deciding(world, file),
    ]


def apart(name: str, rows: int, run: Callable[[], int]) -> Contestant:
    """One phase, which has to go through all its rows."""
    return Contestant(name, rows, run, {"rows": rows}, lambda count: {"rows": count})


def reading(world: World, data: bytes, file: File) -> Iterator[Contestant]:
    """From bytes to decoded rows."""
    header, *cells = records(data, STANDARD)
    read = row_reader(read_header(header, STANDARD), world.institution(JOB.institution), JOB, STANDARD)
    sound = [(row.number, row.cells) for row in file.rows]
    count = len(sound)
    yield apart("reading csv", count, lambda: sum(1 for _ in records(data, STANDARD)) - 1)
    yield apart("decoding", count, lambda: len([read(number, row) for number, row in enumerate(cells, start=1)]))
    yield apart("sharing", count, lambda: count - sum(len(share(sound)) for share in SHARING))


def deciding(world: World, file: File) -> Iterator[Contestant]:
    """From decoded rows to stored accounts; those that say nothing new go no further than that."""
    draft = Draft.of(world)
    rows = [situation(draft, file, row) for row in file.rows]
    new = [row for row in rows if not is_skipped(row)]
    accounts = [Account(key=key, **changes(row, RULES)) for key, row in enumerate(new, start=world.next_key)]
    yield apart("looking up", len(rows), lambda: len([situation(draft, file, row) for row in file.rows]))
    yield apart("skipping", len(rows), lambda: sum(is_skipped(row) or 1 for row in rows))
    yield apart("validating", len(new), lambda: sum(is_sound(row) for row in new))
    yield apart("effects", len(new), lambda: len([Account(**changes(row, RULES)) for row in new]))
    yield apart("storing", len(new), lambda: stored(world, accounts))


def situation(draft: Draft, file: File, row: FileRow) -> Row:
    """A row, and the student whom it is about."""
    institution = draft.institution(JOB.institution)
    student = lookup(row.cells, draft, institution, RULES)
    return Row(draft, institution.id, student, institution, JOB, file.columns, row.cells)


def is_skipped(row: Row) -> bool:
    """Whether a row says nothing new."""
    return any(skip(row) for skip in RULES.skips)


def is_sound(row: Row) -> bool:
    """Whether nothing speaks against a row."""
    return refusal(row, RULES) is None and complaints(row, RULES) is None


def stored(world: World, accounts: list[Account]) -> int:
    """Put new accounts into the next world: how many."""
    draft = Draft.of(world)
    for account in accounts:
        draft.put(account)
    return len(draft.finish().accounts) - len(world.accounts)
