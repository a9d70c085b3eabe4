"""Mutants of skipping unchanged rows."""

from collections.abc import Callable

from attrs import evolve

from conformance.mutants.lookups import lower
from conformance.mutants.operators import Mutant, drop_rule, in_place, replace_rule
from refmodel.cell import CLEAR, KEEP, Cell, Malformed
from refmodel.columns import DISABLED, SYSTEM_LABEL_NAMES, Column, Kind
from refmodel.readings import unchanged_against_the_record
from refmodel.row import Row
from refmodel.rules.lookup import unchanged_rows_are_skipped
from refmodel.rules.refusal import excluded_students_are_not_updated

unchanged_is_what_is_stored = in_place(
    unchanged_rows_are_skipped,
    "unchanged_is_what_is_stored",
    "A row is compared with what is stored, not with the row that was applied last.",
    unchanged_against_the_record,
)
nothing_is_unchanged = drop_rule(
    unchanged_rows_are_skipped, "nothing_is_unchanged", "A row that was applied before is applied again."
)


def rows_alike(name: str, statement: str, alike: Callable[[Column, Cell, Cell], bool]) -> Mutant:
    """`alike` takes a column, the row's cell in it, and that of the last applied row."""

    def skip(row: Row) -> bool:
        student = row.student
        if student is None or student.institution != row.institution.id or student.last_applied is None:
            return False
        return all(
            row.cell(c) == student.last_applied[c.index] or alike(c, row.cell(c), student.last_applied[c.index])
            for c in row.columns
        )

    return in_place(unchanged_rows_are_skipped, name, statement, skip)


rows_compared_otherwise = (
    rows_alike(
        "changed_lists_are_overlooked",
        "A row is unchanged though a list is another.",
        lambda column, now, last: column.kind is Kind.LIST,
    ),
    rows_alike(
        "changed_labels_are_overlooked",
        "A row is unchanged though the labels are others.",
        lambda column, now, last: column is SYSTEM_LABEL_NAMES,
    ),
    rows_alike(
        "changed_disabled_is_overlooked",
        "A row is unchanged though disabled is another.",
        lambda column, now, last: column is DISABLED,
    ),
    rows_alike(
        "clears_are_overlooked",
        "A row is unchanged though it clears what the last one did not.",
        lambda column, now, last: now is CLEAR and column is not SYSTEM_LABEL_NAMES,
    ),
    rows_alike(
        "new_columns_are_overlooked",
        "A row is unchanged though it says more than the last one.",
        lambda column, now, last: last is KEEP,
    ),
    rows_alike(
        "blanks_are_overlooked",
        "A row is unchanged where it is blank and the last one was not.",
        lambda column, now, last: now is KEEP,
    ),
    rows_alike(
        "changed_capitals_are_overlooked",
        "A row is unchanged though capitals in it are others.",
        lambda column, now, last: lower(column, now) == lower(column, last),
    ),
    rows_alike(
        "the_order_of_items_is_overlooked",
        "A row is unchanged though a list is in another order.",
        lambda column, now, last: isinstance(now, tuple) and isinstance(last, tuple) and set(now) == set(last),
    ),
    rows_alike(
        "malformed_cells_are_overlooked",
        "A row is unchanged though a cell of it is malformed.",
        lambda column, now, last: isinstance(now, Malformed),
    ),
)


@replace_rule(unchanged_rows_are_skipped)
def absent_columns_count_as_kept(row: Row) -> bool:
    """A row with a column less than the last one is not unchanged."""
    return unchanged_rows_are_skipped(row) and row.student is not None and row.cells == row.student.last_applied


@replace_rule(unchanged_rows_are_skipped)
def pending_students_rows_are_skipped_too(row: Row) -> bool:
    """The row last applied to a pending student is left alone too, and so never approves them."""
    student = row.student
    at_home = student and evolve(student, institution=student.home)
    return unchanged_rows_are_skipped(evolve(row, student=at_home))


@replace_rule(unchanged_rows_are_skipped)
def excluded_students_rows_are_not_skipped(row: Row) -> bool:
    """A row about an excluded student fails also where it says nothing new."""
    excluded = row.student is not None and row.student.excluded_from_sync
    return not excluded and unchanged_rows_are_skipped(row)


@replace_rule(unchanged_rows_are_skipped)
def the_setting_applies_every_row(row: Row) -> bool:
    """Under the setting a row is applied again though it says nothing new."""
    return not row.job.change_sensitive_fields and unchanged_rows_are_skipped(row)


@replace_rule(unchanged_rows_are_skipped)
def manual_jobs_apply_every_row(row: Row) -> bool:
    """A manual job applies every row again, and only an automatic one skips."""
    return row.job.mode == "automatic" and unchanged_rows_are_skipped(row)


@replace_rule(unchanged_rows_are_skipped)
def rows_that_would_change_something_are_not_skipped(row: Row) -> bool:
    """A row is skipped only where it is both the last one and what is stored."""
    return unchanged_rows_are_skipped(row) and unchanged_against_the_record(row)


@replace_rule(unchanged_rows_are_skipped, breaks=excluded_students_are_not_updated)
def rows_about_the_excluded_are_unchanged(row: Row) -> bool:
    """A row about an excluded student is unchanged, where it has to fail."""
    excluded = row.student and excluded_students_are_not_updated(row, row.student)
    return bool(excluded) or unchanged_rows_are_skipped(row)
