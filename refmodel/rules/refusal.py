"""Refusals: why a row about a student who was found is not applied. The first one ends the row."""

from collections.abc import Callable

from refmodel.columns import SENSITIVE
from refmodel.failures import SENSITIVE_FIELDS
from refmodel.row import Row
from refmodel.world import Account

RefusalRule = Callable[[Row, Account], str | None]  # why a row about a student is not applied


def excluded_students_are_not_updated(row: Row, student: Account) -> str | None:
    """No job of the institution that excluded a student from the sync updates them.

    Source: 004:25
    Basis: stated
    Remedy: Let the sync have the student again, or leave the row out of the file.
    Consequence: A student whom staff took out of the sync is overwritten all the same.
    Example: a_row_about_an_excluded_student
    """
    if student.excluded_from_sync and student.home == row.institution.id:
        return "The student is excluded from the sync"
    return None


def sensitive_fields_need_the_setting(row: Row, student: Account) -> str | None:
    """A sensitive field changes only under the setting.

    From nothing to a value is a change, a kept cell is none.

    Source: 000:7, 003:13
    Basis: stated
    Remedy: Send the row in a manual job that changes sensitive fields, after checking that username, e-mail,
        auth_identifier and card_id should really change.
    Consequence: A nightly job changes who may sign in, though nobody asked for it.
    Example: a_card_without_the_setting
    """
    if row.job.change_sensitive_fields:
        return None
    differs = any(row.would_be(column) != student.stored(column) for column in SENSITIVE)
    return SENSITIVE_FIELDS if differs else None


def an_unconnected_student_needs_the_setting(row: Row, student: Account) -> str | None:
    """A student neither connected to nor pending at the institution is updated under the setting only.

    Source: the articles are silent
    Basis: chosen
    Remedy: Add the student by e-mail, or send the row in a manual job that changes sensitive fields.
    Consequence: An unattended job takes over accounts that people made on their own.
    Example: a_row_about_an_unconnected_student
    """
    if student.home == row.institution.id or row.job.change_sensitive_fields:
        return None
    return "The student is not connected here: a manual job that changes sensitive fields connects them"


def a_declined_student_is_not_connected(row: Row, student: Account) -> str | None:
    """The setting does not connect a student whose request this institution has declined.

    Source: the product's other public pages
    Basis: chosen
    Remedy: Add the student by e-mail if declining them was a mistake.
    Consequence: Somebody whom staff have turned away gets in by the next file.
    Example: a_row_about_a_declined_student
    """
    if student.institution is None and row.institution.id in student.declined_by:
        return "The institution has declined the student"
    return None


REFUSALS: tuple[RefusalRule, ...] = (
    excluded_students_are_not_updated,
    sensitive_fields_need_the_setting,
    an_unconnected_student_needs_the_setting,
    a_declined_student_is_not_connected,
)
