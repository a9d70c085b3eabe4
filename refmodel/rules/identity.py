"""Identity: whether a row can be taken at all, looked at alone and beside the other rows of its file."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from refmodel.cell import CLEAR, KEEP, Cell, Cells, Malformed
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
from refmodel.row import about
from refmodel.spans import span_of

ShapeRule = Callable[[Record, Sequence[str]], str | None]  # a row and the header: why the row fails
IdentityRule = Callable[[Cells], tuple[Complaint, ...]]
SharingRule = Callable[[Iterable[tuple[int, Cells]]], Mapping[int, str]]  # numbered rows: which of them fail, and why


def ragged_rows_fail(record: Record, header: Sequence[str]) -> str | None:
    """A row with fewer or more cells than the header fails, alone: its blanks would be guesses.

    Source: the articles are silent
    Basis: chosen
    Remedy: Give the row as many cells as the header; look for a comma that wants quotes around it, or for a quote that
        nothing closes.
    Consequence: Cells slide into the neighbouring column, or a short row clears labels.
    Example: a_short_row
    """
    if len(record) == len(header):
        return None
    if span := span_of(record, header):
        return f"The row has {len(record)} cells and the header {len(header)}; it runs {span}"
    return f"The row has {len(record)} cells and the header {len(header)}"


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
