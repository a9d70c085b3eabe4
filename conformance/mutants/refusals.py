"""Mutants of refusing rows."""

from collections.abc import Callable

from conformance.mutants.operators import Mutant, drop_rule, in_place, replace_rule
from refmodel.cell import CLEAR, KEEP
from refmodel.columns import EMAIL_ADDRESS, SENSITIVE, Column
from refmodel.failures import SENSITIVE_FIELDS
from refmodel.row import Row
from refmodel.rules.refusal import (
    RefusalRule,
    a_declined_student_is_not_connected,
    an_unconnected_student_needs_the_setting,
    excluded_students_are_not_updated,
    sensitive_fields_need_the_setting,
)
from refmodel.world import Account


def _refused_only(rule: RefusalRule, name: str, statement: str, only: Callable[[Row, Account], bool]) -> Mutant:
    """A refusal of some rows only."""

    def refuse(row: Row, student: Account) -> str | None:
        return rule(row, student) if only(row, student) else None

    return in_place(rule, name, statement, refuse)


exclusions_half_honoured = (
    drop_rule(excluded_students_are_not_updated, "exclusions_are_forgotten", "Excluded students are updated."),
    _refused_only(
        excluded_students_are_not_updated,
        "exclusions_hold_for_automatic_jobs_only",
        "A manual job updates an excluded student.",
        lambda row, student: row.job.mode == "automatic",
    ),
    _refused_only(
        excluded_students_are_not_updated,
        "the_setting_overrides_exclusions",
        "A job with the setting updates an excluded student.",
        lambda row, student: not row.job.change_sensitive_fields,
    ),
    _refused_only(
        excluded_students_are_not_updated,
        "exclusions_of_the_pending_are_forgotten",
        "An excluded pending student is updated.",
        lambda row, student: student.pending_at is None,
    ),
    _refused_only(
        excluded_students_are_not_updated,
        "exclusions_protect_the_address_only",
        "An excluded student is updated where the address stays.",
        lambda row, student: row.would_be(EMAIL_ADDRESS) != student.email_address,
    ),
)


@replace_rule(excluded_students_are_not_updated)
def every_institution_honours_an_exclusion(row: Row, student: Account) -> str | None:
    """An exclusion by one institution stops the jobs of all."""
    return "The student is excluded from the sync" if student.excluded_from_sync else None


def sensitive_if(name: str, statement: str, differs: Callable[[Row, Account, Column], bool]) -> Mutant:
    """Another comparison of sensitive columns."""

    def refuse(row: Row, student: Account) -> str | None:
        found = any(differs(row, student, column) for column in SENSITIVE)
        return SENSITIVE_FIELDS if found and not row.job.change_sensitive_fields else None

    return in_place(sensitive_fields_need_the_setting, name, statement, refuse)


def is_changed(row: Row, student: Account, column: Column) -> bool:
    """Whether a row changes a column."""
    return bool(row.would_be(column) != student.stored(column))


def _not_sensitive(forgotten: Column) -> Mutant:
    return sensitive_if(
        f"{forgotten.header}_is_not_sensitive",
        f"A job without the setting changes {forgotten.header}.",
        lambda row, student, column: column is not forgotten and is_changed(row, student, column),
    )


def folded(value: object) -> str:
    """A text in lower case; None as an empty text."""
    return str(value or "").lower()


sensitive_columns_half_protected = (
    *map(_not_sensitive, SENSITIVE),
    sensitive_if(
        "a_first_value_needs_no_setting",
        "A job without the setting fills a sensitive field that is empty.",
        lambda row, student, column: student.stored(column) is not None and is_changed(row, student, column),
    ),
    sensitive_if(
        "clears_need_no_setting",
        "A job without the setting clears a sensitive field.",
        lambda row, student, column: row.cell(column) is not CLEAR and is_changed(row, student, column),
    ),
    sensitive_if(
        "blank_sensitive_cells_need_the_setting",
        "A blank cell counts as a change of a sensitive field that is stored.",
        lambda row, student, column: (
            is_changed(row, student, column)
            or (column in row.columns and row.cell(column) is KEEP and student.stored(column) is not None)
        ),
    ),
    sensitive_if(
        "capitals_need_no_setting",
        "A job without the setting changes capitals in a sensitive field.",
        lambda row, student, column: folded(row.would_be(column)) != folded(student.stored(column)),
    ),
)
sensitive_refusals_forgotten = (
    drop_rule(sensitive_fields_need_the_setting, "no_field_is_sensitive", "No field needs the setting."),
    _refused_only(
        sensitive_fields_need_the_setting,
        "manual_jobs_need_no_setting",
        "A manual job changes sensitive fields without the setting.",
        lambda row, student: row.job.mode == "automatic",
    ),
    _refused_only(
        sensitive_fields_need_the_setting,
        "pending_students_need_no_setting",
        "A job without the setting changes sensitive fields of a pending student.",
        lambda row, student: student.pending_at is None,
    ),
    _refused_only(
        sensitive_fields_need_the_setting,
        "archived_students_need_no_setting",
        "A job without the setting changes sensitive fields of an archived student.",
        lambda row, student: not student.disabled,
    ),
)


@replace_rule(sensitive_fields_need_the_setting)
def the_setting_is_ignored(row: Row, student: Account) -> str | None:
    """A changed sensitive field fails also under the setting."""
    return SENSITIVE_FIELDS if any(is_changed(row, student, column) for column in SENSITIVE) else None


@replace_rule(sensitive_fields_need_the_setting)
def the_sensitive_error_is_paraphrased(row: Row, student: Account) -> str | None:
    """The error about sensitive fields has not the text that is stated."""
    refused = sensitive_fields_need_the_setting(row, student)
    return "attempting to update sensitive fields without sensitive fields setting" if refused else None


unconnected_students_half_refused = (
    drop_rule(
        an_unconnected_student_needs_the_setting,
        "any_job_updates_the_unconnected",
        "A job without the setting updates an unconnected student.",
    ),
    _refused_only(
        an_unconnected_student_needs_the_setting,
        "manual_jobs_update_the_unconnected",
        "A manual job without the setting updates an unconnected student.",
        lambda row, student: row.job.mode == "automatic",
    ),
    _refused_only(
        an_unconnected_student_needs_the_setting,
        "any_job_updates_those_pending_elsewhere",
        "A job without the setting updates a student pending at another institution.",
        lambda row, student: student.pending_at is None,
    ),
)


@replace_rule(an_unconnected_student_needs_the_setting)
def pending_students_need_the_setting(row: Row, student: Account) -> str | None:
    """A job without the setting fails on students pending at the institution."""
    needed = student.institution is None and not row.job.change_sensitive_fields
    return "The student is not connected" if needed else None


@replace_rule(an_unconnected_student_needs_the_setting)
def students_pending_elsewhere_fail(row: Row, student: Account) -> str | None:
    """A student pending at another institution fails under any setting."""
    if student.pending_at not in (None, row.institution.id):
        return "The student is pending elsewhere"
    return an_unconnected_student_needs_the_setting(row, student)


declines_half_remembered = (
    drop_rule(
        a_declined_student_is_not_connected,
        "the_setting_connects_the_declined",
        "The setting connects the declined.",
    ),
    _refused_only(
        a_declined_student_is_not_connected,
        "a_new_request_makes_up_for_a_decline",
        "The setting connects a declined student pending elsewhere.",
        lambda row, student: student.pending_at is None,
    ),
)


@replace_rule(a_declined_student_is_not_connected)
def a_decline_holds_for_all(row: Row, student: Account) -> str | None:
    """A student declined by another institution is not connected either."""
    return "The student was declined" if student.institution is None and student.declined_by else None
