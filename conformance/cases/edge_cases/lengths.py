"""Units of length: 255 characters, where counting otherwise comes to another number.

No article says how characters are counted. The model counts code points, and whoever counts otherwise differs.
"""

from collections.abc import Iterator

from conformance.cases.edge_cases.building import ADA, BEN, EdgeCase, edge_case, with_column
from refmodel.columns import MAJOR_NAMES

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"  # five code points, which look like one character
FIT = {  # courses of 255 code points or little less: what they are made of, in words; the course
    "two_bytes_each": ("letters of two bytes each", "\u00e9" * 255),
    "three_bytes_each": ("letters of three bytes each", "\u4e00" * 255),
    "four_bytes_each": ("characters beyond the basic plane", "\U0001f393" * 255),
    "combining_accents": ("letters with combining accents", "e\u0301" * 127 + "e"),
    "joined_characters": ("characters that are joined to one picture", FAMILY * 51),
    "flags": ("flags of two letters each", "\U0001f1e9\U0001f1f0" * 127),
    "syllables_in_parts": ("syllables in three parts", "\u1112\u1161\u11ab" * 85),
    "ligatures": ("ligatures, which stand for two letters", "\ufb01" * 255),
    "letters_that_nfc_takes_apart": ("letters that normalisation takes apart", "\u0958" * 255),
    "composed_accents": ("composed letters, which are two code points taken apart", "\u1e69" * 255),
}
TOO_LONG = {  # courses of more than 255 code points
    "combining_accents": ("letters with combining accents", "e\u0301" * 128),
    "joined_characters": ("characters that are joined to one picture", FAMILY * 52),
    "flags": ("flags of two letters each", "\U0001f1e9\U0001f1f0" * 128),
    "syllables_in_parts": ("syllables in three parts", "\u1112\u1161\u11ab" * 86),
    "zero_width_spaces": ("spaces that nobody sees", "a" + "\u200b" * 254 + "a"),
    "variation_selectors": ("hearts with a variation selector", "\u2764\ufe0f" * 128),
}
RULE = "course_names_have_255_characters_at_most"


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    for name, (words, course) in FIT.items():
        title = f"A course of {len(course)} code points passes that is made of {words}."
        wrong = "The course is too long in bytes, in units of UTF-16, or once it is normalised."
        yield with_course(f"course_of_{name}_fits", title, wrong, course)
    for name, (words, course) in TOO_LONG.items():
        title = f"A course of {len(course)} code points fails that is made of {words}."
        wrong = "What looks like one character is counted once, so that the course passes."
        yield with_course(f"course_of_{name}_is_too_long", title, wrong, course)


def with_course(name: str, title: str, wrong: str, course: str) -> EdgeCase:
    """A case of one course, beside one that nobody can think too long."""
    file = with_column(MAJOR_NAMES.header, (ADA, course), (BEN, "History"))
    return edge_case(name, RULE, title, wrong, file, basis="chosen")
