"""Clashes of students who are there already: whoever has the identifier, they came before or after the one who asks."""

from collections.abc import Iterator

from conformance.cases.edge_cases.building import EdgeCase, Row, edge_case, importing, lines
from conformance.cases.edge_cases.previews import TWO
from conformance.protocol import requests
from conformance.protocol.requests import Request

HEADER = (
    *("email_address", "username", "first_name", "last_name", "primary_education:end_date", "school_year_name"),
    *("auth_identifier", "card_id"),
)
NAMES = ("ada", "ben", "cleo", "dan", "eve")
COLUMNS = {"email_address": 0, "auth_identifier": 6, "card_id": 7}
RULES = {
    "email_address": "email_is_unique_everywhere",
    "auth_identifier": "auth_identifier_is_unique_in_the_institution",
    "card_id": "card_id_is_unique_in_the_institution",
}
HOLDERS = {"the_first": 0, "the_one_before": 1, "the_one_behind": 3, "the_last": 4}
IN_THE_MIDDLE = 2


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    for column in COLUMNS:
        for name, holder in HOLDERS.items():
            yield in_a_file(column, name, holder)
    for name, holder in {"before": 0, "behind": 4}.items():
        yield from in_actions(name, holder)


def student(number: int, place: str = "north") -> Row:
    """One of the students, with identifiers of their own."""
    name = NAMES[number]
    return (f"{name}@{place}.edu", f"{number}", name, "Fox", "", "Alumni", f"sso{number}", f"card{number}")


def in_a_file(column: str, name: str, holder: int) -> EdgeCase:
    """The student in the middle is given what another one has."""
    at = COLUMNS[column]
    row = (*student(IN_THE_MIDDLE)[:at], student(holder)[at], *student(IN_THE_MIDDLE)[at + 1 :])
    return edge_case(
        f"{column}_of_{name}_is_taken",
        RULES[column],
        f"A row fails that gives a student the {column} of {name.replace('_', ' ')} of five.",
        "Others are told apart by their numbers in the database, of which only the lower or the higher ones are seen.",
        lines(HEADER, *map(student, range(len(NAMES)))),
        importing(lines(HEADER, row), sensitive=True),
        world=TWO,
    )


def in_actions(name: str, holder: int) -> Iterator[EdgeCase]:
    """A student comes to an institution where somebody has their card number, who was there before or came later."""
    mover, address = IN_THE_MIDDLE, student(IN_THE_MIDDLE, "south")[0]
    switched = requests.do("switch_institution", institution="north", email=address)
    there = student(mover, "south")
    rival = (*student(holder)[:7], there[7])
    files: dict[int, tuple[bytes | Request, ...]]
    files = {0: (lines(HEADER, rival), _at_south(there)), 4: (_at_south(there), lines(HEADER, rival))}
    yield edge_case(
        f"card_id_of_one_who_came_{name}_is_taken_when_switching",
        "switch_institution",
        f"A student is not switched to where one who came {name} has their card number.",
        "Only students with lower numbers, or with higher ones, are looked at.",
        *files[holder],
        switched,
        importing(lines(HEADER, (*rival[:7], "card9")), sensitive=True),
        switched,
        world=TWO,
    )


def _at_south(row: Row) -> Request:
    return {**importing(lines(HEADER, row)), "institution": "south"}
