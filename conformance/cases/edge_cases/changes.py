"""Changes: rows that say something new, which a careless comparison or a fingerprint takes for the old row."""

from collections.abc import Iterator

from conformance.cases.edge_cases.building import (
    ADA,
    BEN,
    EMAIL,
    FIRST_NAME,
    HEADER,
    LAST_NAME,
    NORTH,
    USERNAME,
    EdgeCase,
    Row,
    but,
    edge_case,
    importing,
    lines,
    quoted,
    with_column,
)
from conformance.cases.edge_cases.texts import written
from conformance.cases.edge_cases.widths import plain
from conformance.generation.deceptive_values import EQUAL_CHECKSUMS, SEPARATORS
from conformance.protocol import requests

RULE = "unchanged_rows_are_skipped"
ONE_COLUMN = {  # values of a column, the one sent first and the other
    "middle_name": ("Bee", "Bea"),
    "preferred_name": ("Bee", "Bea"),
    "auth_identifier": ("ada1", "ada2"),
    "primary_education:education_level_name": ("Postgraduate", "Doctorate"),
    "primary_education:start_date": ("2016-09-01", "2016-09-02"),
    "primary_education:college_names": ("Art;Law", "Law;Art"),
    "primary_education:currently_attending": ("TRUE", "FALSE"),
    "primary_education:major_names": ("Art;Law", "Law;Art"),
    "primary_education:minor_names": ("Art;Law", "Law;Art"),
    "card_id": ("17", "18"),
    "mobile_number": ("441234", "+441234"),
    "gender": ("f", "x"),
    "disabled": ("FALSE", "TRUE"),
    "system_label_names": ("chess;rowing", "chess;running"),
    "assigned_to_email_address": ("advisor@north.edu", "**CLEAR**"),
    "hometown_location_attributes:name": ("Leeds", "Leed"),
    "campus_name": ("Main", "Quay"),
}
ONE_STARRED_COLUMN: dict[int, str] = {
    EMAIL: "ada@mail.example",
    USERNAME: "1009",
    FIRST_NAME: "Eda",
    LAST_NAME: "Bryon",
    4: "2016-06-30",
    5: "Gap Year",
}


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    yield from joined()
    yield from hashed()
    yield from moved()
    yield from one_column()
    yield from come_back()


CAMPUSES = requests.world({**NORTH, "campuses": ["Main", "Quay"]})


def changing(name: str, title: str, wrong: str, one: bytes, other: bytes, *, sensitive: bool = False) -> EdgeCase:
    """A case in which one file is sent, then the other, twice."""
    later = importing(other, sensitive=sensitive)
    return edge_case(name, RULE, title, wrong, one, later, later, world=CAMPUSES)


def named(first: str, last: str) -> bytes:
    """A file in which Ada has this name, and Ben his own."""
    return lines(HEADER, but(but(ADA, FIRST_NAME, written(first)), LAST_NAME, written(last)), BEN)


def joined() -> Iterator[EdgeCase]:
    """Text that moves over the border of two neighbouring cells."""
    wrong = "The cells are joined before they are compared, with a text between them that may stand in a cell too."
    for name, text in SEPARATORS.items():
        title = f"A row is updated whose names are the same text once they are joined with {name.replace('_', ' ')}."
        one, other = (f"ab{text}c", "d"), ("ab", f"c{text}d")
        if not text:
            one, other = ("ab", "cd"), ("abc", "d")
        yield changing(f"names_joined_with_{name}", title, wrong, named(*one), named(*other))


def hashed() -> Iterator[EdgeCase]:
    """Names that have the same checksum."""
    for name, (words, one, other) in EQUAL_CHECKSUMS.items():
        yield changing(
            f"names_of_the_same_{name}",
            f"A row is updated whose new name does not change {words}.",
            "The fingerprint of a row is so short that two rows have the same one.",
            named(one, "Byron"),
            named(other, "Byron"),
        )


def moved() -> Iterator[EdgeCase]:
    """Values that change their columns, and those that change in ways that are tidied away."""
    names = (*HEADER, "middle_name", "preferred_name")
    yield changing(
        "value_moved_to_the_next_column",
        "A row is updated whose middle name has become the preferred one.",
        "Blank cells are left out before the others are joined, so that both rows are the same text.",
        lines(names, (*ADA, "Bee", "")),
        lines(names, (*ADA, "", "Bee")),
    )
    wrong = "The cells are sorted, or compared as a set, before they are joined."
    title = "A row is updated whose first and last name have changed places."
    yield changing("names_changed_places", title, wrong, named("Ada", "Byron"), named("Byron", "Ada"))
    wrong = "The cells are tidied before they are compared, and the new name is not stored."
    for name, words, other in (
        ("blank_behind", "a blank behind it", "Byron "),
        ("blank_in_front", "a blank in front of it", " Byron"),
        ("capitals", "capitals", "BYRON"),
        ("quotes", "quotes around it", '"Byron"'),
        ("two_blanks", "a second blank inside", "By  ron"),
    ):
        before = "By ron" if name == "two_blanks" else "Byron"
        title = f"A row is updated whose last name has got {words}."
        yield changing(f"last_name_got_{name}", title, wrong, named("Ada", before), named("Ada", other))


def one_column() -> Iterator[EdgeCase]:
    """Rows of which only one cell is another."""
    wrong = "The fingerprint of a row leaves the column out, so that the new value is never stored."
    for column, (one, other) in ONE_COLUMN.items():
        yield changing(
            f"only_{plain(column)}_changes",
            f"A row is updated of which only {column} is another.",
            wrong,
            with_column(column, (ADA, one)),
            with_column(column, (ADA, other)),
            sensitive=True,
        )
    for place, text in ONE_STARRED_COLUMN.items():
        header = HEADER[place]
        yield changing(
            f"only_{plain(header)}_changes",
            f"A row is updated of which only {header} is another.",
            wrong,
            lines(HEADER, ADA),
            lines(HEADER, but(ADA, place, text)),
            sensitive=True,
        )


def come_back() -> Iterator[EdgeCase]:
    """Rows that were applied once, and others since."""
    eda: Row = but(ADA, FIRST_NAME, "Eda")
    yield edge_case(
        "row_that_comes_back_behind_another",
        RULE,
        "A row that was applied before the last one is applied again.",
        "Every row that was ever applied is remembered, and skipped.",
        lines(HEADER, ADA, BEN),
        lines(HEADER, eda, BEN),
        lines(HEADER, ADA, BEN),
    )
    yield edge_case(
        "two_students_exchange_their_rows",
        f"{RULE} values_replace",
        "Two rows whose names are exchanged are both updated.",
        "Rows are recognised by what they say, whoever they are about.",
        lines(HEADER, but(ADA, LAST_NAME, quoted("Byron, jr")), but(BEN, FIRST_NAME, "Ada")),
        lines(HEADER, but(but(ADA, FIRST_NAME, "Ben"), LAST_NAME, "Clark"), but(BEN, LAST_NAME, "Byron")),
        lines(HEADER, ADA, BEN),
    )
