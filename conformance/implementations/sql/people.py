"""Institutions and students as values, and what becomes of a student who comes or goes."""

from collections.abc import Mapping
from typing import Any

from attrs import evolve, field, frozen

from .columns import COLUMNS, DATES, NOTHING, Value, Vocabulary


@frozen
class Institution:
    """What the rules ask of an institution; its domains are asked of the database."""

    id: str
    uses_sso: bool
    vocabulary: Vocabulary
    campuses: frozenset[str]
    staff: frozenset[str]


@frozen
class Strangers:
    """What of the e-mails of a file is taken by others than students."""

    # Staff's and employers'.
    addresses: frozenset[str] = frozenset()
    # Other institutions', and not this one's as well.
    domains: frozenset[str] = frozenset()


@frozen
class Student:
    """A student's account; two that compare equal look the same from outside."""

    values: Mapping[str, Value]
    # Not above 0 until the database has given a number.
    id: int = 0
    institution: str | None = None
    pending_at: str | None = None
    declined_by: frozenset[str] = frozenset()
    excluded_from_sync: bool = False
    requested_email: str | None = None
    # The cells of the row last applied by the student's home, those that kept left out.
    last_applied: Mapping[str, Any] | None = field(default=None, eq=False)
    # What stands for that row as it came: the same text says the same.
    last_row: bytes | None = field(default=None, eq=False)

    @property
    def home(self) -> str | None:
        """The institution that the student is connected to or pending at."""
        return self.pending_at if self.institution is None else self.institution

    def text(self, header: str) -> str | None:
        """The value of a column that holds text."""
        value = self.values[header]
        return value if isinstance(value, str) else None

    @property
    def email(self) -> str:
        """The address that identifies the account."""
        return self.text("email_address") or ""


def new_student(values: Mapping[str, Value]) -> Student:
    """An unconnected account that is not in the database yet."""
    return Student({**NOTHING, **values})


def parted(student: Student) -> Student:
    """The student without home and without anything that was the home's."""
    left = {header: COLUMNS[header].empty for header in _OF_THE_HOME}
    return evolve(
        student,
        values={**student.values, **left},
        institution=None,
        pending_at=None,
        excluded_from_sync=False,
        requested_email=None,
        last_applied=None,
        last_row=None,
    )


def connected(student: Student, institution: str) -> Student:
    """The student connected there: no request is left, nor that institution's refusal."""
    arriving = student if student.home == institution else parted(student)
    return evolve(
        arriving,
        institution=institution,
        pending_at=None,
        declined_by=student.declined_by - {institution},
    )


def dates_are_in_order(values: Mapping[str, Value]) -> bool:
    """The end is not before the start, where both are there. Source: 001:11-13."""
    start, end = (values[header] for header in DATES)
    return not (isinstance(start, str) and isinstance(end, str)) or start <= end


_OF_THE_HOME = ("system_label_names", "assigned_to_email_address", "campus_name")
