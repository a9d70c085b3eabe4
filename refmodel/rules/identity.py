"""Identity: whether a row can be taken at all, looked at alone and beside the other rows of its file."""

from collections.abc import Callable, Iterable, Mapping

from refmodel.cell import CLEAR, KEEP, Cell, Cells, Malformed, is_blank
from refmodel.columns import (
    EMAIL_ADDRESS,
    SENSITIVE,
    USERNAME,
)
from refmodel.csv_reader import Record
from refmodel.failures import (
    BLANK,
    Complaint,
)
from refmodel.header import Header
from refmodel.row import about
from refmodel.spans import span_of
from refmodel.world import Account

ShapeRule = Callable[[Record, Header], str | None]  # why the row fails
IdentityRule = Callable[[Cells], tuple[Complaint, ...]]
SharingRule = Callable[[Iterable[tuple[int, Cells]]], Mapping[int, str]]  # numbered rows: which of them fail, and why
FindingRule = Callable[[Iterable[tuple[int, Account]]], Mapping[int, str]]  # by their students

STATUS_COLUMNS = ("status", "response")  # behind the columns of a row that is given back as failed


def ragged_rows_fail(record: Record, header: Header) -> str | None:
    """A row with fewer or more cells than the header fails, alone: its blanks would be guesses.

    So does one that a spreadsheet has squared since: a cell that is not blank stands under a blank header cell; or the
    header ends with `status` and `response`, and the row's `status` begins with `{`, so that its cells have moved.

    Source: the articles are silent
    Basis: chosen
    Remedy: Give the row as many cells as the header; look for a comma that wants quotes around it, or for a quote that
        nothing closes.
    Consequence: Cells slide into the neighbouring column, or a short row clears labels.
    Example: a_short_row
    """
    if len(record) != len(header.cells):
        if span := span_of(record, header.cells):
            return f"The row has {len(record)} cells and the header {len(header.cells)}; it runs {span}"
        return f"The row has {len(record)} cells and the header {len(header.cells)}"
    for place in header.blank:
        if not is_blank(record[place]):
            return f"Cell {place + 1} holds a text, and its header is blank: its cells may have moved"
    if header.ends_with(STATUS_COLUMNS) and record[-2].startswith("{"):
        return "The status begins with {, as a response does: its cells have moved"
    return None


def username_and_email_are_required(cells: Cells) -> tuple[Complaint, ...]:
    """Every row has a username and a well-formed e-mail address, also one that updates.

    Source: 002:17, 002:18
    Basis: stated
    Remedy: Fill in both the username and the e-mail address, in updates too.
    Consequence: Accounts come about that nobody can find again or sign in to.
    Example: a_row_without_a_username
    """
    complaints: tuple[Complaint, ...] = ()
    for column in (EMAIL_ADDRESS, USERNAME):
        cell = cells[column.index]
        if cell is KEEP or cell is CLEAR:
            complaints += about(column, username_and_email_are_required, BLANK)
        elif isinstance(cell, Malformed):
            complaints += (Complaint(cell.rule, column, cell.message),)
    return complaints


SHAPE: tuple[ShapeRule, ...] = (ragged_rows_fail,)
IDENTITY: tuple[IdentityRule, ...] = (username_and_email_are_required,)


# All rows of the file.


def rows_that_share_an_identifier_fail(rows: Iterable[tuple[int, Cells]]) -> Mapping[int, str]:
    """Rows of one file that hold the same username, e-mail, `auth_identifier` or `card_id` all fail.

    Compared as they decode, within one column; rows that have already failed do not count.

    Source: the product's other public pages
    Basis: chosen
    Remedy: Find the row that the message names, and correct or remove one of them.
    Consequence: Of two people with one identifier one loses their account to the other.
    Example: two_rows_with_one_card
    """
    failing: dict[int, str] = {}
    for column in SENSITIVE:
        first_with: dict[Cell, int] = {}
        for number, cells in rows:
            cell = cells[column.index]
            if cell is KEEP or cell is CLEAR:
                continue
            first = first_with.setdefault(cell, number)
            if first != number:
                failing.setdefault(first, f"Row {number} has the same {column.header}")
                failing.setdefault(number, f"Row {first} has the same {column.header}")
    return failing


SHARING: tuple[SharingRule, ...] = (rows_that_share_an_identifier_fail,)


def rows_that_find_the_same_student_fail(found: Iterable[tuple[int, Account]]) -> Mapping[int, str]:
    """Rows of one file that find the same student, in the world before the file, all fail.

    One may find them by the username and another by the e-mail address. Which of them is the student, and who would
    be given somebody's account, is for a person to say. Rows that have already failed do not count.

    Source: the articles are silent
    Basis: chosen
    Remedy: Find the row that the message names, and take out or correct the one that is not this student.
    Consequence: Somebody is given the account, labels and password of another, or a student gets two accounts.
    Example: two_rows_about_one_student
    """
    failing: dict[int, str] = {}
    first_for: dict[int, int] = {}
    for number, student in found:
        first = first_for.setdefault(student.key, number)
        if first != number:
            failing.setdefault(first, f"Row {number} finds the same student")
            failing.setdefault(number, f"Row {first} finds the same student")
    return failing


FINDING: tuple[FindingRule, ...] = (rows_that_find_the_same_student_fail,)
