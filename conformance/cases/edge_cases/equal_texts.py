"""Texts that a database takes for equal, or makes equal because it loses what they differ in.

A collation may overlook accents, capitals, widths or what cannot be seen; a column may be padded, narrow or of an older
character set; an index may hold the beginning of a text only. Each pair of texts here is equal somewhere.
"""

from collections.abc import Iterator

from conformance.cases.edge_cases import alike
from conformance.cases.edge_cases.alike import only, without
from conformance.cases.edge_cases.building import ADA, BEN, HEADER, YEAR, EdgeCase, but, edge_case, lines, with_column
from conformance.generation.deceptive_values import EQUAL_SOMEWHERE, NEARLY_YEARS

COMMON = only(
    EQUAL_SOMEWHERE,
    *("accents", "capitals", "blanks_behind", "full_width_letters", "sharp_s", "emoji"),
    *("joiners", "normal_forms", "character_192", "letters_beyond_latin_1"),
)
UNSEEN = ("joiners", "soft_hyphens", "control_characters")  # no address may hold them
LOCAL_PARTS = without(EQUAL_SOMEWHERE, *UNSEEN, "blanks_behind", "capitals")  # capitals do not count in an address
ADDRESSES = {name: (f"{one}@north.edu", f"{other}@north.edu") for name, (one, other) in LOCAL_PARTS.items()}


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    yield from alike.identifiers_of_one_file(EQUAL_SOMEWHERE)
    yield from alike.looked_up_by_username(EQUAL_SOMEWHERE)
    yield from alike.identifiers_of_another(COMMON)
    yield from alike.cards_that_change(COMMON)
    yield from alike.addresses(ADDRESSES)
    yield from alike.assignees(ADDRESSES)
    yield from alike.items(without(EQUAL_SOMEWHERE, "blanks_behind"))  # white space around items does not count
    yield from alike.labels_of_two_students(without(COMMON, "blanks_behind"))
    yield from alike.campuses(COMMON)
    yield from alike.changes(EQUAL_SOMEWHERE)
    for name, text in NEARLY_YEARS.items():
        yield edge_case(
            f"year_with_another_{name}",
            "enumerations_match_exactly",
            f"{text!a} is no listed year, though it is like one.",
            "The year is looked up by a collation and found.",
            lines(HEADER, but(ADA, YEAR, text)),
        )
    yield edge_case(
        "level_without_its_hyphen",
        "enumerations_match_exactly",
        "A level that is listed with a hyphen is not known without it.",
        "The level is looked up by a comparison of words and found.",
        with_column(
            "primary_education:education_level_name", (ADA, "NonDegree Seeking"), (BEN, "Non\u2010Degree Seeking")
        ),
    )
