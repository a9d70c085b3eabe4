"""Widths: values that are longer than the columns of databases and directories, and lists that are longer still.

A file of this group has one student for each width that some system cuts at, whose value is one character longer.
All values of a file begin alike, so that those that are cut become equal.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from conformance.cases.edge_cases.building import (
    EMAIL,
    HEADER,
    NORTH,
    USERNAME,
    EdgeCase,
    Row,
    but,
    edge_case,
    importing,
    lines,
    with_column,
)
from conformance.generation.deceptive_values import GREAT_WIDTHS, WIDTHS
from conformance.protocol import requests
from refmodel.columns import MAJOR_NAMES

LENGTHS = {"long": [width + 1 for width in WIDTHS], "very_long": [width + 1 for width in GREAT_WIDTHS]}
WRONG = "A value is cut at the width of a column, or refused for it, and two that are cut become the same."

TEXTS = {  # columns of texts, in words
    "username": "Usernames",
    "first_name": "First names",
    "last_name": "Last names",
    "middle_name": "Middle names",
    "preferred_name": "Preferred names",
    "auth_identifier": "Identifiers of single sign-on",
    "card_id": "Card numbers",
    "gender": "Genders",
    "hometown_location_attributes:name": "Hometowns",
}
LISTS = {  # columns of lists, in words, and the rule of what is stored in them
    "primary_education:college_names": ("colleges", "lists_split_on_semicolon"),
    "primary_education:major_names": ("courses", "lists_split_on_semicolon"),
    "primary_education:minor_names": ("minors", "lists_split_on_semicolon"),
    "system_label_names": ("labels", "labels_are_exactly_the_cell"),
}


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    yield from texts()
    yield from addresses()
    yield from names_of_the_institution()
    yield from found_again()
    yield from lists()


def student(number: int) -> Row:
    """One of many."""
    return (f"s{number}@north.edu", f"s{number}", "Ada", "Byron", "", "Alumni")


def file_of(column: str, texts: Sequence[str]) -> bytes:
    """A file in which each student has one of some texts in a column."""
    if column in HEADER:
        return lines(HEADER, *(but(student(n), HEADER.index(column), text) for n, text in enumerate(texts)))
    return with_column(column, *((student(n), text) for n, text in enumerate(texts)))


def texts() -> Iterator[EdgeCase]:
    """Columns of texts, and mobile numbers."""
    for size, lengths in LENGTHS.items():
        for column, words in TEXTS.items():
            title = f"{words} of {lengths[0]} to {lengths[-1]} characters are stored whole."
            file = file_of(column, ["a" * length for length in lengths])
            yield edge_case(f"{size}_{plain(column)}", "values_are_verbatim", title, WRONG, file)
        title = f"Mobile numbers of {lengths[0]} to {lengths[-1]} digits are stored whole."
        file = file_of("mobile_number", ["1" * length for length in lengths])
        yield edge_case(f"{size}_mobile_number", "mobile_is_digits", title, WRONG, file)
    yield edge_case(
        "long_first_name_of_two_bytes_each",
        "values_are_verbatim",
        "First names of 21 to 1025 characters of two bytes are stored whole.",
        "A width is counted in bytes, and a character may be cut in two.",
        file_of("first_name", ["\u00e9" * length for length in LENGTHS["long"]]),
    )


def plain(column: str) -> str:
    """A header as words of a name."""
    return column.partition(":")[0] if column.endswith(":name") else column.rpartition(":")[2]


def long_name(length: int) -> str:
    """A domain of so many characters."""
    return "d" * (length - len(".example")) + ".example"


def addresses() -> Iterator[EdgeCase]:
    """Addresses that are long in front of the @, or behind it."""
    wrong = "An address is cut or refused at 64, 254, 255 or 320 characters, which no article asks for."
    for size, lengths in LENGTHS.items():
        title = f"{lengths[0]} to {lengths[-1]} characters in front of the @ make an address, which is stored whole."
        file = file_of("email_address", [f"{'a' * length}@mail.example" for length in lengths])
        yield edge_case(f"{size}_local_part", "emails_ignore_case", title, wrong, file)
        title = f"{lengths[0]} to {lengths[-1]} characters behind the @ make an address, which is stored whole."
        file = file_of("email_address", [f"a@{long_name(length)}" for length in lengths])
        yield edge_case(f"{size}_domain", "emails_ignore_case", title, wrong, file)


def names_of_the_institution() -> Iterator[EdgeCase]:
    """Campuses and staff whose names are long."""
    for size, lengths in LENGTHS.items():
        campuses = ["a" * length for length in lengths]
        yield edge_case(
            f"{size}_campus",
            "campus_is_known",
            f"Campuses of {lengths[0]} to {lengths[-1]} characters are known, each by its own name.",
            WRONG,
            file_of("campus_name", campuses),
            world=world_with(campuses=campuses),
        )
        staff = [f"{'a' * length}@mail.example" for length in lengths]
        yield edge_case(
            f"{size}_assignee",
            "assignee_is_own_staff",
            f"Staff with addresses of {lengths[0]} characters and more can be assigned, each by their own.",
            WRONG,
            file_of("assigned_to_email_address", staff),
            world=world_with(staff=staff),
        )


def world_with(**more: Sequence[str]) -> Mapping[str, Any]:
    """The world in which North has these campuses or this staff."""
    return requests.world({**NORTH, **{name: list(texts) for name, texts in more.items()}})


def found_again() -> Iterator[EdgeCase]:
    """Students whose long identifiers differ in their last character only."""
    wrong = "An index over the first characters finds another student, or the rows fail as if they shared a value."
    for size, lengths in LENGTHS.items():
        ends = [(length, end) for length in lengths for end in "xy"]
        usernames = [f"{'a' * length}{end}" for length, end in ends]
        there = file_of("username", usernames)
        moved = [(f"m{n}@north.edu", *row[1:]) for n, row in enumerate(map(student, range(len(ends))))]
        yield edge_case(
            f"{size}_usernames_find_their_own_students",
            "username_is_looked_up_first",
            "Usernames that are long, and differ in their last character only, find each their own student.",
            wrong,
            there,
            importing(
                lines(HEADER, *(but(row, USERNAME, name) for row, name in zip(moved, usernames))), sensitive=True
            ),
        )
        emails = [f"{'a' * length}{end}@north.edu" for length, end in ends]
        renamed = [but(but(student(n), USERNAME, f"new{n}"), EMAIL, email) for n, email in enumerate(emails)]
        yield edge_case(
            f"{size}_addresses_find_their_own_students",
            "email_is_looked_up_second",
            "Addresses that are long, and differ in one character only, find each their own student.",
            wrong,
            file_of("email_address", emails),
            importing(lines(HEADER, *renamed), sensitive=True),
        )


def lists() -> Iterator[EdgeCase]:
    """Lists of many items, of much text, and of long items; and what changes at their end."""
    for column, (words, rule) in LISTS.items():
        name = plain(column)
        limit = 255 if column == MAJOR_NAMES.header else 1025
        for kind, items in {
            "many": [f"c{number:04}" for number in range(1100)],
            "much_text_in": [f"{number:03}{'a' * 247}" for number in range(280)],
            "wide": [f"{'a' * (width + 1)}" for width in WIDTHS if width < limit],
        }.items():
            counted = f"A list of {len(items)} {words} and {len(';'.join(items)):,} characters"
            yield edge_case(
                f"{kind}_{name}",
                rule,
                f"{counted} is stored whole, and so is one whose last item is another.",
                "The list is cut where a column ends, is empty when it is long, or some items are left out.",
                *(with_column(column, (student(1), ";".join(each))) for each in (items, [*items[:-1], "b" * 200])),
            )
