"""Crowds: rows that fail for every kind of reason, in files of more and more rows.

Importers read for a whole file, or for a batch of it, what its rows are compared with: who has which address, which
staff, campuses and domains there are. Beyond some number of rows they do it otherwise, and may leave a part out.
The other rows of these files are sound in no respect, so that they cost little.
"""

from collections.abc import Iterator

from conformance.cases.edge_cases.batches import FAILING, FAILS
from conformance.cases.edge_cases.building import HEADER, NORTH, EdgeCase, Row, edge_case, importing, lines
from conformance.protocol import requests
from conformance.protocol.requests import Request

SIZES = (60, 150, 300, 600, 1100, 2100)  # rows
COLUMNS: Row = (*HEADER, "auth_identifier", "card_id", "campus_name", "assigned_to_email_address", "disabled")
SOUTH = requests.institution("south", ["south.edu"], staff=["dean@south.example"])
HOME = {**NORTH, "campuses": ["Main"], "staff": ["advisor@north.edu"]}
WORLD = {**requests.world(HOME, SOUTH), "employers": ["hr@employer.example"]}
THERE = 4  # students who are there already


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    yield from map(crowd, SIZES)


def crowd(size: int) -> EdgeCase:
    """A file of so many rows, at the end of which stands one row for each reason to fail."""
    special = tuple(rows_that_fail())
    fillers = [(*FAILING, *[""] * (len(COLUMNS) - len(FAILING)))] * (size - len(special) - 1)
    return edge_case(
        f"every_reason_to_fail_behind_{size - len(special) - 1}_rows",
        "a_failed_row_changes_nothing email_is_unique_everywhere email_domain_is_not_anothers campus_is_known "
        "assignee_is_own_staff card_id_is_unique_in_the_institution auth_identifier_is_unique_in_the_institution "
        f"sensitive_fields_need_the_setting rows_that_share_an_identifier_fail {FAILS}",
        f"In a file of {size:,} rows each row is compared with all that it has to be compared with.",
        "What rows are compared with is read for the first hundred or thousand rows only.",
        importing(lines(COLUMNS, *(there(number) for number in range(THERE)))),
        away(),
        importing(lines(COLUMNS, *fillers, *special, newcomer("sound", card_id="new"))),
        world=WORLD,
    )


def there(number: int) -> Row:
    """A student who is there before the file comes."""
    return newcomer(f"there{number}", auth_identifier=f"auth{number}", card_id=f"card{number}")


def away() -> Request:
    """A student of the other institution."""
    data = lines(HEADER, ("away@mail.example", "away", "Ada", "Byron", "", "Alumni"))
    return {**importing(data), "institution": "south"}


def newcomer(name: str, **cells: str) -> Row:
    """A row about somebody who is new, with these cells."""
    texts = dict(zip(HEADER, (f"{name}@north.edu", name, "Ada", "Byron", "", "Alumni"))) | cells
    return tuple(texts.get(column, "") for column in COLUMNS)


def rows_that_fail() -> Iterator[Row]:
    """A row for each reason that lies outside of it."""
    yield newcomer("employer", email_address="hr@employer.example")
    yield newcomer("staff", email_address="advisor@north.edu")
    yield newcomer("others_staff", email_address="dean@south.example")
    yield newcomer("others", email_address="away@mail.example")
    yield newcomer("domain", email_address="somebody@south.edu")
    yield newcomer("auth", auth_identifier="auth0")
    yield newcomer("card", card_id="card0")
    yield newcomer("campus", campus_name="Quay")
    yield newcomer("assignee", assigned_to_email_address="dean@south.example")
    yield newcomer("there1", card_id="another")  # a sensitive field without the setting
    yield newcomer("there2", card_id="card3")
    yield newcomer("same", card_id="same")
    yield newcomer("other", card_id="same")
