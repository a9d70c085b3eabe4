"""The students that one file can touch, as the rows so far have left them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from attrs import Factory, define
from sqlalchemy import Connection

from .columns import IDENTIFIERS, SENSITIVE
from .people import Student
from .store import students_with


class Named(Protocol):
    """A row, or a student: who has identifiers."""

    def text(self, header: str) -> str | None:
        """The text in a column."""
        ...  # pragma: no cover


@define
class Roll:
    """Look-ups in memory: a file is read with a few SELECTs instead of several a row.

    They are complete. A row asks only for texts that stand in the file or are stored in a student whom
    the file finds. Who has such a text before the file is read here, and who gets one during it is entered
    when the row is written.
    """

    institution: str
    students: dict[int, Student] = Factory(dict)
    by_email: dict[str, int] = Factory(dict)
    at_home: dict[tuple[str, str], int] = Factory(dict)

    @property
    def next_number(self) -> int:
        """A number for a student whom the database has not numbered yet."""
        return -1 - len(self.students)

    def enter(self, student: Student) -> None:
        """Put the student in, in place of what they were."""
        if student.id in self.students:
            self._forget(self.students[student.id])
        self.students[student.id] = student
        self.by_email[student.email] = student.id
        self.at_home.update((key, student.id) for key in self._keys(student))

    def found(self, row: Named) -> Student | None:
        """The student whom a row is about, or none. Source: 000:5, 002:18.

        The rows above it change nothing about that: none of them finds the same student, or gives anybody an
        identifier that this row has.
        """
        by_username = self.holder("username", row.text("username") or "")
        if by_username is not None:
            return by_username
        by_email = self.owner(row.text("email_address") or "")
        return by_email if by_email and by_email.institution in (None, self.institution) else None

    def holder(self, header: str, text: str) -> Student | None:
        """The student at this institution, connected or pending, who has the identifier."""
        number = self.at_home.get((header, text))
        return None if number is None else self.students[number]

    def owner(self, email: str) -> Student | None:
        """The student anywhere who has the e-mail."""
        number = self.by_email.get(email)
        return None if number is None else self.students[number]

    def _forget(self, student: Student) -> None:
        del self.by_email[student.email]
        for key in self._keys(student):
            del self.at_home[key]

    def _keys(self, student: Student) -> list[tuple[str, str]]:
        if student.home != self.institution:
            return []
        texts = {header: student.text(header) for header in IDENTIFIERS}
        return [(header, text) for header, text in texts.items() if text is not None]


def called(connection: Connection, institution: str, lines: Sequence[Named]) -> Roll:
    """Everybody whom these rows can find or run into."""
    roll = Roll(institution)
    _enter(roll, connection, {header: _texts(lines, header) for header in SENSITIVE})
    # Who comes here brings identifiers that the file may not mention.
    guests = [student for student in roll.students.values() if student.home != institution]
    if guests:
        _enter(roll, connection, {header: _texts(guests, header) for header in IDENTIFIERS})
    return roll


def _texts(named: Iterable[Named], header: str) -> list[str]:
    return [text for one in named if (text := one.text(header)) is not None]


def _enter(roll: Roll, connection: Connection, wanted: Mapping[str, list[str]]) -> None:
    for student in students_with(connection, roll.institution, wanted):
        roll.enter(student)
