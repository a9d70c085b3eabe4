"""Lookup: the student whom a row is about, and whether the row says anything new of them."""

from collections.abc import Callable

from refmodel.cell import Cells
from refmodel.columns import EMAIL_ADDRESS, USERNAME
from refmodel.row import Row
from refmodel.ruleset import fallback
from refmodel.world import Account, Answers, Institution

LookupRule = Callable[[Cells, Answers, Institution], Account | None]
VisibilityRule = Callable[[Account, Institution], bool]  # whether the institution may find a student
SkipRule = Callable[[Row], bool]  # whether a row is left alone


def username_is_looked_up_first(cells: Cells, world: Answers, institution: Institution) -> Account | None:
    """The student is looked for by username first, among those connected to or pending at the institution.

    Source: 000:5, 002:18
    Basis: stated (their order: inferred)
    Remedy: Keep usernames as they are for good: they are what finds a student.
    Consequence: A student whose address has changed gets a second account.
    Example: another_address_for_a_known_username
    """
    username = cells[USERNAME.index]
    return world.holder(institution.id, USERNAME, username) if isinstance(username, str) else None


def email_is_looked_up_second(cells: Cells, world: Answers, institution: Institution) -> Account | None:
    """The student is looked for by e-mail address next, also among students who are connected nowhere.

    Source: 000:5, 002:18
    Basis: stated (their order: inferred)
    Remedy: Check whether the student found by the e-mail address is the one you mean.
    Consequence: A student who signed up on their own gets a second account.
    Example: another_username_for_a_known_address
    """
    email = cells[EMAIL_ADDRESS.index]
    return world.student(email) if isinstance(email, str) else None


LOOKUPS: tuple[LookupRule, ...] = (username_is_looked_up_first, email_is_looked_up_second)


def everybody_is_visible(student: Account, institution: Institution) -> bool:
    """A lookup that finds students wherever they are connected."""
    return True


@fallback(everybody_is_visible)
def other_schools_students_are_invisible(student: Account, institution: Institution) -> bool:
    """No lookup finds a student who is connected to another institution, nor staff, nor an employer.

    Source: 003:17-19
    Basis: inferred
    Remedy: Ask support to switch the student, or use an address of your own.
    Consequence: One university reads or overwrites the students of another.
    Example: a_row_about_another_schools_student
    """
    return student.institution is None or student.institution == institution.id


# Whether the row says anything new.


def unchanged_rows_are_skipped(row: Row) -> bool:
    """A row that says what the row last applied to its student said is left alone, excluded or not.

    It counts only for a student connected to the institution, and only the columns that the file has; one
    that the row last applied lacked counts as kept there.

    Source: 002:47, 004:40
    Basis: stated (what it is compared with: inferred)
    Remedy: Change something in the row if it should be applied over an edit in the app.
    Consequence: The nightly file undoes every correction that was made in the app during the day.
    Example: the_same_row_after_an_edit
    """
    student = row.student
    if student is None or student.institution != row.institution.id or student.last_applied is None:
        return False
    last = student.last_applied
    return row.cells == last or all(row.cell(column) == last[column.index] for column in row.columns)


SKIPS: tuple[SkipRule, ...] = (unchanged_rows_are_skipped,)
