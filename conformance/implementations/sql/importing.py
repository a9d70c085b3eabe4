"""A file against the database: each row by itself, all of them in one transaction."""

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain

from sqlalchemy import Connection

from .columns import SENSITIVE
from .deciding import Desk, decide
from .files import Errors, Refusal, Row, Sheet, UnreadableError, read_sheet
from .long_files import surveyed, take
from .outcomes import SAME_STUDENT, TWINS, Report, Result, Run
from .roll import Roll, called
from .rows import Job, Line, layout_of, read_line, shape_and_identity
from .store import taken_by_strangers

STAGED_FROM = 500  # rows


def import_file(
    connection: Connection, job: Job, data: bytes, carefully: bool = False, staged_from: int = STAGED_FROM
) -> Report:
    """Apply the file; the caller commits, or rolls back for a preview.

    A file of `staged_from` rows or more goes through a staging table. Raises IntegrityError where the database refuses
    what the rules allow, as when another process was faster: done once more, and carefully, only the rows that it
    refuses fail.
    """
    sheet = read_sheet(data, job.institution.uses_sso)
    if isinstance(sheet, Refusal):
        return Report(refused=sheet.reason)
    try:
        return _imported(connection, job, sheet, carefully, staged_from)
    except UnreadableError as error:
        return Report(refused=str(error))


def _imported(connection: Connection, job: Job, sheet: Sheet, carefully: bool, staged_from: int) -> Report:
    batches = sheet.batches()
    rows, more = next(batches), next(batches, [])
    is_long = bool(more) or len(rows) >= staged_from
    run = Run(connection, job, sheet, layout_of(sheet.header, job, is_long), carefully)
    if is_long:
        _import_long(run, chain([rows, more], batches))
    else:
        _import_in_order(run, rows)
    return run.report()


@contextmanager
def _resting_collector() -> Iterator[None]:
    """No search for cycles, of which rows have none, among so many new objects."""
    was_at_work = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_at_work:
            gc.enable()


@_resting_collector()
def _import_long(run: Run, batches: Iterable[Sequence[Row]]) -> None:
    found = surveyed(run, batches)
    if found.company.is_unsure:
        _import_in_order(run, chain.from_iterable(run.sheet.batches()))
    else:
        take(run, found)


def _import_in_order(run: Run, rows: Iterable[Row]) -> None:
    """All rows in memory, one after the other, among all whom they concern."""
    lines = [read_line(run.layout, number, raw) for number, raw in enumerate(rows, start=1)]
    within = faults_within_the_file(lines)
    rest = [line for line in lines if line.number not in within]
    desk = _desk(run, rest)
    faults = {**within, **faults_of_the_lookup(desk.roll, rest)}
    for line in lines:
        fault = faults.get(line.number)
        run.settle(line.raw, decide(run, desk, line) if fault is None else Result(line.number, "failed", fault))
    desk.ledger.write()


def _desk(run: Run, lines: Sequence[Line]) -> Desk:
    here = run.job.institution.id
    emails = [line.text("email_address") or "" for line in lines]
    strangers = taken_by_strangers(run.connection, here, emails)
    return Desk(called(run.connection, here, lines), strangers, run.ledger())


def faults_within_the_file(lines: Iterable[Line]) -> Mapping[int, Errors]:
    """Which rows fail whatever the world is like, by number."""
    misshapen = {line.number: fault for line in lines if (fault := shape_and_identity(line)) is not None}
    shaped = [line for line in lines if line.number not in misshapen]
    times = Counter(key for line in shaped for key in _identifiers(line))
    twins = {line.number: TWINS for line in shaped if any(times[key] > 1 for key in _identifiers(line))}
    return {**misshapen, **twins}


def faults_of_the_lookup(roll: Roll, lines: Iterable[Line]) -> Mapping[int, Errors]:
    """Which rows find a student whom another one finds, by number, before any of them is taken."""
    found = {line.number: student.id for line in lines if (student := roll.found(line)) is not None}
    times = Counter(found.values())
    return {number: SAME_STUDENT for number, student in found.items() if times[student] > 1}


def _identifiers(line: Line) -> list[tuple[str, str]]:
    texts = {header: line.text(header) for header in SENSITIVE}
    return [(header, text) for header, text in texts.items() if text is not None]
