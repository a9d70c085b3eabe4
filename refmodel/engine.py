"""Importing a file: how the rules follow each other.

    import_file(world, job, data) -> (world, report)        preview(world, job, data) -> report

Both are pure: the world that is handed in stays as it is, and the same arguments give the same answer.
"""

import gc
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeVar

from attrs import evolve, frozen

from refmodel.cell import NO_CELLS, Cell, Cells, Decoder
from refmodel.columns import COLUMNS, Column
from refmodel.csv_reader import Record, no_limit_on_cells
from refmodel.failures import Complaint, Complaints, Failure, Refusal
from refmodel.header import Header
from refmodel.job import DateFormat, Job
from refmodel.report import Created, Failed, Report, Result, Unchanged, Updated
from refmodel.row import Changes, Row
from refmodel.rules.cell import CellRule, decoder_by, remembering, rules_about_cells
from refmodel.rules.effect import EFFECTS, EffectRule, a_failed_row_changes_nothing
from refmodel.rules.file import (
    HEADER_CHECKS,
    HEADER_LIMITS,
    NotCsvError,
    about_unknown,
    file_is_utf8_csv,
    read_header,
    records,
)
from refmodel.rules.identity import FINDING, IDENTITY, SHAPE, SHARING, FindingRule
from refmodel.rules.lookup import (
    LOOKUPS,
    SKIPS,
    LookupRule,
    SkipRule,
    VisibilityRule,
    other_schools_students_are_invisible,
)
from refmodel.rules.refusal import REFUSALS, RefusalRule
from refmodel.rules.validation import VALIDATIONS, ValidationRule
from refmodel.rules.whole_file import AbsenceRule, absence_changes_nothing, absent_column_keeps, rows_run_in_order
from refmodel.ruleset import STANDARD, Ruleset
from refmodel.spans import Span, about_spans, span_of
from refmodel.value_lists import Vocabulary
from refmodel.world import Account, Draft, Institution, World

ROW_NUMBER = attrgetter("row")
T = TypeVar("T")


@frozen
class FileRow:
    """A row as it was read: its cells, and why it has failed if it already has."""

    number: int
    cells: Cells
    failure: Failure | None
    span: Span | None = None  # over which lines it runs, if not on one only


@frozen
class File:
    """A file that was not refused: the columns that it has, and its rows."""

    header: Header
    columns: tuple[Column, ...]
    rows: tuple[FileRow, ...]
    header_span: Span | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the sender should know though nothing failed for it."""
        dropped = [column for column in self.header.known if column not in self.columns]
        return (
            *about_unknown(self.header),
            *(f"{column.header} was ignored: the institution has no campuses" for column in dropped),
            *about_spans(self.header_span, [(row.number, row.span) for row in self.rows if row.span]),
        )


@frozen
class Step:
    """One row worked through: its result, and the student's account before and after."""

    result: Result
    before: Account | None
    after: Account | None


@frozen
class ActiveRules:
    """The rules about rows that are in force, step by step."""

    lookups: tuple[LookupRule, ...]
    is_visible: VisibilityRule
    findings: tuple[FindingRule, ...]
    skips: tuple[SkipRule, ...]
    refusals: tuple[RefusalRule, ...]
    validations: tuple[ValidationRule, ...]
    effects: tuple[EffectRule, ...]
    after_failure: EffectRule


@lru_cache(maxsize=256)
def active_rules(ruleset: Ruleset) -> ActiveRules:
    """The rules about rows of a ruleset."""
    return ActiveRules(
        lookups=ruleset.active(LOOKUPS),
        is_visible=ruleset.in_place_of(other_schools_students_are_invisible),
        findings=ruleset.active(FINDING),
        skips=ruleset.active(SKIPS),
        refusals=ruleset.active(REFUSALS),
        validations=ruleset.active(VALIDATIONS),
        effects=ruleset.active(EFFECTS),
        after_failure=ruleset.in_place_of(a_failed_row_changes_nothing),
    )


# A row, step by step.


def lookup(cells: Cells, world: Draft, institution: Institution, rules: ActiveRules) -> Account | None:
    """Step 3: the first student that a lookup finds and that the institution can see."""
    for look in rules.lookups:
        student = look(cells, world, institution)
        if student is not None and rules.is_visible(student, institution):
            return student
    return None


def refusal(row: Row, rules: ActiveRules) -> Refusal | None:
    """Step 5: the first refusal of a student who was found."""
    if row.student is None:
        return None
    for refuse in rules.refusals:
        if text := refuse(row, row.student):
            return Refusal(refuse.__name__, text)
    return None


def complaints(row: Row, rules: ActiveRules) -> Complaints | None:
    """Step 6: everything that the validations have to say."""
    found: tuple[Complaint, ...] = ()
    for validate in rules.validations:
        found += validate(row)
    return Complaints(found) if found else None


def changes(row: Row, rules: ActiveRules) -> Changes:
    """Step 7: what the effects come to."""
    changed: dict[str, Any] = {}
    for effect in rules.effects:
        changed.update(effect(row))
    changed["last_applied"] = row.cells
    return changed


def import_row(row: Row, number: int, rules: ActiveRules) -> Step:
    """Steps 4 to 7 of a row whose student has been looked up."""
    student = row.student
    if any(skip(row) for skip in rules.skips):
        return Step(Unchanged(number), student, student)
    if failure := refusal(row, rules) or complaints(row, rules):
        left = rules.after_failure(row) if student else None
        return Step(Failed(number, failure), student, evolve(student, **left) if student and left else student)
    if student is None:
        return Step(Created(number), None, Account(key=row.world.next_key, **changes(row, rules)))
    account = evolve(student, **changes(row, rules))
    return Step(Unchanged(number) if account == student else Updated(number), student, account)


# A file: from bytes to rows, and through them.


def read_file(institution: Institution, job: Job, data: bytes, ruleset: Ruleset) -> File | Refusal:
    """The rows of a file, or the reason why it is refused whole."""
    try:
        with no_limit_on_cells(data):
            return _read_rows(institution, job, records(data, ruleset), ruleset)
    except NotCsvError as problem:
        return Refusal(file_is_utf8_csv.__name__, str(problem))


def _read_rows(institution: Institution, job: Job, rows: Iterator[Record], ruleset: Ruleset) -> File | Refusal:
    top: Record = next(rows, [])
    header, span = read_header(top, ruleset), span_of(top, top)
    for check in ruleset.active(HEADER_CHECKS):
        if text := check(header, institution):
            deque(rows, maxlen=0)  # that the bytes are no CSV is the better reason, found only by reading on
            return Refusal(check.__name__, f"{text}; the header runs {span}" if span and span.is_long else text)
    known = header
    for narrow in ruleset.active(HEADER_LIMITS):
        known = narrow(known, institution)
    read = row_reader(known, institution, job, ruleset)
    numbered = tuple(read(number, record) for number, record in enumerate(rows, start=1))
    columns = tuple(column for column in COLUMNS if column in known.known)
    return File(header, columns, _after_sharing(numbered, ruleset), span)


@lru_cache(maxsize=256)
def decoding(
    vocabulary: Vocabulary, date_format: DateFormat, in_force: tuple[CellRule, ...], absent_reads_as: AbsenceRule
) -> tuple[tuple[Decoder, ...], tuple[Cell, ...]]:
    """The decoder of each column, and what the cells of a column say that is not there."""
    decoders = [decoder_by(in_force, column, vocabulary, date_format) for column in COLUMNS]
    absent = tuple(map(absent_reads_as, decoders))
    return tuple(map(remembering, COLUMNS, decoders)), absent


def row_reader(
    header: Header, institution: Institution, job: Job, ruleset: Ruleset
) -> Callable[[int, Record], FileRow]:
    """Step 1: the function that decodes a row and looks at its shape and identity."""
    about_cells = rules_about_cells(ruleset), ruleset.in_place_of(absent_column_keeps)
    decoders, absent = decoding(institution.vocabulary, job.date_format, *about_cells)
    places = header.places
    present = [(c.index, places[c], decoders[c.index]) for c in COLUMNS if c in places]
    shape, identity = ruleset.active(SHAPE), ruleset.active(IDENTITY)
    width = len(header.cells)

    def read(number: int, record: Record) -> FileRow:
        span = None if type(record) is list else span_of(record, header.cells)
        for check in shape:
            if text := check(record, header):
                return FileRow(number, NO_CELLS, Refusal(check.__name__, text), span)
        if len(record) < width:
            record = [*record, *[""] * (width - len(record))]
        cells = [*absent]
        for index, place, decode in present:
            cells[index] = decode(record[place])
        decoded = tuple(cells)
        wrong = tuple(complaint for check in identity for complaint in check(decoded))
        return FileRow(number, decoded, Complaints(wrong) if wrong else None, span)

    return read


def _after_sharing(rows: tuple[FileRow, ...], ruleset: Ruleset) -> tuple[FileRow, ...]:
    """The first half of step 2: every row is compared with the others."""
    sound = [(row.number, row.cells) for row in rows if row.failure is None]
    return _failing(rows, ruleset.active(SHARING), sound)


def _failing(
    rows: tuple[FileRow, ...],
    rules: tuple[Callable[[Iterable[tuple[int, T]]], Mapping[int, str]], ...],
    given: list[tuple[int, T]],
) -> tuple[FileRow, ...]:
    """The rows, those failed that the rules say of what is given of each."""
    for rule in rules:
        if texts := rule(given):
            refused = {number: Refusal(rule.__name__, text) for number, text in texts.items()}
            rows = tuple(evolve(row, failure=refused[row.number]) if row.number in refused else row for row in rows)
    return rows


def _after_finding(
    rows: tuple[FileRow, ...], world: Draft, institution: Institution, rules: ActiveRules
) -> tuple[FileRow, ...]:
    """The second half of step 2: every row is looked up in the world before the file."""
    students = ((row.number, lookup(row.cells, world, institution, rules)) for row in rows if row.failure is None)
    return _failing(rows, rules.findings, [(number, student) for number, student in students if student])


def import_rows(draft: Draft, job: Job, file: File, ruleset: Ruleset = STANDARD) -> Iterator[Step]:
    """Work a file through, row by row, upon a draft of the next world."""
    institution, rules = draft.institution(job.institution), active_rules(ruleset)
    rows = _after_finding(file.rows, draft, institution, rules)
    for row in ruleset.in_place_of(rows_run_in_order)(rows):
        if row.failure:
            yield Step(Failed(row.number, row.failure), None, None)
            continue
        student = lookup(row.cells, draft, institution, rules)
        situation = Row(draft, institution.id, student, institution, job, file.columns, row.cells)
        step = import_row(situation, row.number, rules)
        if step.after is not None and step.after is not step.before:
            draft.put(step.after)
        yield step
    for account in ruleset.in_place_of(absence_changes_nothing)(draft, job, [row.cells for row in file.rows]):
        draft.put(account)


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Keep the garbage collector from going through all rows again and again: none of them makes a cycle."""
    # Without this an import of a million rows takes a third longer than ten times one of a hundred thousand.
    was_at_work = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_at_work:
            gc.enable()


@collector_at_rest()
def import_file(world: World, job: Job, data: bytes, ruleset: Ruleset = STANDARD) -> tuple[World, Report]:
    """Apply a file (bytes, as it came) to a world: the world after it, and the report.

    Raises ValueError where the world has no institution `job.institution`. Whatever is wrong with the file
    is said in the report; a file that is refused, or of which every row failed, leaves the world as it is.
    """
    file = read_file(world.institution(job.institution), job, data, ruleset)
    if isinstance(file, Refusal):
        return world, Report(refused=file)
    draft = Draft.of(world)
    results = [step.result for step in import_rows(draft, job, file, ruleset)]
    return draft.finish(), Report(tuple(sorted(results, key=ROW_NUMBER)), warnings=file.warnings)


def preview(world: World, job: Job, data: bytes, ruleset: Ruleset = STANDARD) -> Report:
    """A preview is the report that importing the file would give, and nothing changes.

    Source: the articles are silent
    Basis: chosen
    Remedy: Preview a file before you import it; the report will be the same.
    Consequence: Trying a file changes data, or promises what the import then does not do.
    Example: a_file_is_tried
    """
    return import_file(world, job, data, ruleset)[1]
