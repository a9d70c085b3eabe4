"""The invariants that need the model to be asked once more: what another file would do, or the same one again.

The others are those of `conformance.oracle.invariants`.
"""

import base64
import csv
import io
from collections.abc import Iterator, Mapping

from attrs import evolve

from conformance.generation.history import FileStep
from conformance.oracle.answers import answer
from conformance.protocol.projection import report_as_data
from conformance.search.exhaustive.stepping import ReadyAction, ReadyFile, Taken, Transition
from refmodel.actions import AddByEmail, Approve, Decline, DeletePending, SetDisabled
from refmodel.cell import Cells, is_blank
from refmodel.columns import DISABLED, SENSITIVE, Column
from refmodel.engine import File, FileRow, Step, import_rows, read_file
from refmodel.failures import Refusal, rules_of
from refmodel.job import Job
from refmodel.report import Report, as_json
from refmodel.rules.file import records
from refmodel.rules.identity import STATUS_COLUMNS
from refmodel.ruleset import Ruleset
from refmodel.world import Account, Draft, World

Identifier = tuple[Column, str]
STAFFS_ANSWERS = (Approve, Decline, DeletePending, AddByEmail)


# 8 and 11, of actions too, and where the file has the column.


def disabled_needs_its_word(transition: Transition) -> Iterator[str]:
    """Invariant 8."""
    if isinstance(transition.ready, ReadyAction) and isinstance(transition.ready.action, SetDisabled):
        return
    said = {(step.after.key, cell) for step, cell in applied_rows(transition, DISABLED) if step.after}
    for before, after in changed(transition):
        if before.disabled is not after.disabled and (after.key, after.disabled) not in said:
            yield f"{before.email_address} was archived or brought back without a word"


def requests_end_by_staff_or_the_setting(transition: Transition) -> Iterator[str]:
    """Invariant 11."""
    if isinstance(transition.ready, ReadyAction) and isinstance(transition.ready.action, STAFFS_ANSWERS):
        return
    updated = {step.after.key for step in transition.taken.steps if step.after and step.result.outcome == "updated"}
    setting = isinstance(transition.ready, ReadyFile) and transition.ready.job.change_sensitive_fields
    for key, before in transition.before.accounts.items():
        after = transition.taken.after.accounts.get(key)
        if before.pending_at and (after is None or not after.pending_at) and not (setting and key in updated):
            yield f"the request of {before.email_address} was answered by nobody who may"


def applied_rows(transition: Transition, column: Column) -> Iterator[tuple[Step, object]]:
    """Each row of a file that was applied, with what it says in a column."""
    if isinstance(transition.ready, ReadyFile) and isinstance(transition.ready.file, File):
        cells = {row.number: row.cells[column.index] for row in transition.ready.file.rows}
        for step in transition.taken.steps:
            if step.result.outcome != "failed":
                yield step, cells[step.result.row]


def changed(transition: Transition) -> Iterator[tuple[Account, Account]]:
    """The accounts that are there before and after, on both sides."""
    after = transition.taken.after.accounts
    return ((account, after[key]) for key, account in transition.before.accounts.items() if key in after)


# 10.


def may_be_sent_again(taken: Taken) -> bool:
    """Whether no row failed."""
    return all(step.result.outcome != "failed" for step in taken.steps)


def again_changes_nothing(ready: ReadyFile, taken: Taken) -> Iterator[str]:
    """Invariant 10."""
    if ready.take(taken.after).after.accounts != taken.after.accounts:
        yield "sent again, the file changed something"


# 12 and 13.


def failed_rows_come_back(ready: ReadyFile, report: Report) -> Iterator[str]:
    """Invariant 12; where the file has the two columns already, they are used again."""
    data = report_as_data(report, ready.data, ready.ruleset)["failed_rows_csv"]
    header, *rows = csv.reader(io.StringIO(base64.b64decode(data).decode(), newline=""))
    sent = list(records(ready.data, ready.ruleset))
    widths = (0, 2) if header == sent[0] else (0,)  # of what a row may lose
    came = [[sent[result.row][: len(sent[result.row]) - width] for width in widths] for result in report.failed]
    responses = [["failed", as_json(result.response)] for result in report.failed]
    if [row[-2:] for row in rows] != responses or any(row[:-2] not in kept for row, kept in zip(rows, came)):
        yield "the file of failed rows does not hold each of them once, in order and as it came"


def previews_are_the_import(ready: ReadyFile, report: Report, world: World) -> Iterator[str]:
    """Invariant 13."""
    request = {**ready.operation.step.request(), "op": "preview"}
    response, after = answer(world, request, ready.ruleset)
    if after.accounts != world.accounts:
        yield "the preview changed something"
    if response["report"] != report_as_data(report, ready.data, ready.ruleset):
        yield "the preview gave another report than the import"


# 14.


def columns_have_no_order(ready: ReadyFile, world: World) -> Iterator[str]:
    """Invariant 14: what is read is the same, and nothing else of the file reaches its rows."""
    assert isinstance(ready.operation.step, FileStep)
    read = as_read(ready, ready.operation.step, world)
    for name, other in otherwise_written(ready.operation.step):
        if as_read(ready, other, world) != read:
            yield f"{name}, the file is read otherwise"


def as_read(ready: ReadyFile, step: FileStep, world: World) -> object:
    """What of a file reaches its rows: the columns that are known, and the rows; of a refused one that it is."""
    file = read_file(world.institution(ready.job.institution), ready.job, step.data(), ready.ruleset)
    if isinstance(file, Refusal):
        return None
    # Of a row that has failed already not the text, which may say how wide it is.
    return file.columns, [(row.number, row.cells, row.failure and rules_of(row.failure)) for row in file.rows]


def otherwise_written(step: FileStep) -> Iterator[tuple[str, FileStep]]:
    """The file with each of its columns in front, with the columns backwards, and with one that nobody knows.

    Only at the end do `status` and `response` mean anything, so files in which they come or go there are not meant.
    """
    places = list(range(len(step.header)))
    orders = [(f"with {step.header[at]} in front", [*places[at:], *places[:at]]) for at in places[1:]]
    for name, order in (*orders, ("with its columns backwards", places[::-1])):
        other = in_order(step, order)
        if ends_with_status(other) == ends_with_status(step):
            yield name, other
    rows = tuple(row if all(map(is_blank, row)) else ("x", *row) for row in step.rows)
    yield "with a column that nobody knows", evolve(step, header=("note", *step.header), rows=rows)


def ends_with_status(step: FileStep) -> bool:
    """Whether the header is that of a file of failed rows."""
    return step.header[-2:] == STATUS_COLUMNS


def in_order(step: FileStep, order: list[int]) -> FileStep:
    """The file with its columns in an order; in a ragged row no cell has a column, so it stays as it is."""
    rows = (tuple(row[place] for place in order) if len(row) == len(order) else row for row in step.rows)
    return evolve(step, header=tuple(step.header[place] for place in order), rows=tuple(rows))


# 15.


def strangers(file: File, world: World) -> File:
    """As many rows of a file, from its first on, as have no student and no identifier in common."""
    met: set[Identifier] = set()
    kept: list[FileRow] = []
    for row in file.rows:
        theirs = touched(row.cells, world)
        if theirs.isdisjoint(met):
            kept.append(row)
            met |= theirs
    return evolve(file, rows=tuple(kept))


def touched(cells: Cells, world: World) -> set[Identifier]:
    """The identifiers that a row names, and all those of every student who has one of them."""
    named = {(column, cell) for column in SENSITIVE if isinstance(cell := cells[column.index], str)}
    held = (set(held_by(account)) for account in world.students())
    return named.union(*(theirs for theirs in held if theirs & named))


def held_by(account: Account) -> Iterator[Identifier]:
    """The identifiers of a student."""
    return ((column, value) for column in SENSITIVE if (value := account.stored(column)) is not None)


def strangers_may_change_places(ready: ReadyFile, file: File, before: World, after: World) -> Iterator[str]:
    """Invariant 15, of the world before and after a file of strangers."""
    half = len(file.rows) // 2
    backwards, first, second = (
        evolve(file, rows=rows) for rows in (file.rows[::-1], file.rows[:half], file.rows[half:])
    )
    students = set(after.students())
    if set(ready.taken(before, backwards).after.students()) != students:
        yield "in the other order the rows come to something else"
    if set(ready.taken(ready.taken(before, first).after, second).after.students()) != students:
        yield "in two files the rows come to something else"


# 16.


def exports_change_nothing(world: World, job: Job, file: File | Refusal, ruleset: Ruleset) -> Iterator[str]:
    """Invariant 16, of the export of an institution's students as it is read."""
    if isinstance(file, Refusal) or imported(world, job, file, ruleset) != world.accounts:
        yield f"the students of {job.institution}, exported and imported again, are not what they were"


def imported(world: World, job: Job, file: File, ruleset: Ruleset) -> Mapping[int, Account]:
    """The accounts after an import."""
    draft = Draft.of(world)
    for _ in import_rows(draft, job, file, ruleset):
        pass
    return draft.finish().accounts
