"""Texts that a database takes for equal, or makes equal because it loses what they differ in.

A collation may overlook accents, capitals, widths or what cannot be seen; a column may be padded, narrow or of an older
character set; an index may hold the beginning of a text only. Each pair of texts here is equal somewhere.
"""

from collections.abc import Iterator

from conformance.cases.edge_cases import alike
from conformance.cases.edge_cases.alike import only, without
from conformance.cases.edge_cases.building import ADA, BEN, HEADER, YEAR, EdgeCase, but, edge_case, lines, with_column

PAIRS = {  # what two texts differ in: the two
    "accents": ("Zoe", "Zo\u00eb"),
    "accents_of_cyrillic": ("\u041d\u0438\u043a", "\u041d\u0439\u043a"),
    "strokes": ("Soren", "S\u00f8ren"),
    "capitals": ("zoe", "ZOE"),
    "capitals_beyond_ascii": ("\u00e9va", "\u00c9va"),
    "blanks_behind": ("Zoe", "Zoe "),
    "kinds_of_kana": ("\u304b\u306a", "\u30ab\u30ca"),
    "half_width_kana": ("\u30ab\u30ca", "\uff76\uff85"),
    "full_width_letters": ("Zoe1", "\uff3a\uff4f\uff451"),
    "sharp_s": ("Weiss", "Wei\u00df"),
    "dotless_i": ("Isik", "Is\u0131k"),
    "dotted_capital_i": ("Ilker", "\u0130lker"),
    "ligatures": ("Aesop", "\u00c6sop"),
    "final_sigma": ("\u03bf\u03c3", "\u03bf\u03c2"),
    "emoji": ("Zoe\U0001f363", "Zoe\U0001f37a"),
    "what_follows_an_emoji": ("Zoe\U0001f3931", "Zoe\U0001f3932"),
    "letters_beyond_latin_1": ("\u0416oe", "\u0429oe"),
    "joiners": ("Zoe", "Z\u200doe"),
    "soft_hyphens": ("Zoe", "Zo\u00ade"),
    "control_characters": ("Zoe", "Zoe\x01"),
    "hyphens": ("coop", "co-op"),
    "normal_forms": ("Zo\u00eb", "Zoe\u0308"),
    "character_192": ("z" * 191 + "1", "z" * 191 + "2"),
    "character_256": ("z" * 255 + "1", "z" * 255 + "2"),
    "character_769": ("z" * 768 + "1", "z" * 768 + "2"),
}
COMMON = only(
    PAIRS,
    *("accents", "capitals", "blanks_behind", "full_width_letters", "sharp_s", "emoji"),
    *("joiners", "normal_forms", "character_192", "letters_beyond_latin_1"),
)
UNSEEN = ("joiners", "soft_hyphens", "control_characters")  # no address may hold them
LOCAL_PARTS = without(PAIRS, *UNSEEN, "blanks_behind", "capitals")  # capitals do not count in an address
ADDRESSES = {name: (f"{one}@north.edu", f"{other}@north.edu") for name, (one, other) in LOCAL_PARTS.items()}

YEARS = {  # what differs from a listed year in what a collation overlooks
    "accent": "Al\u00famni",
    "combining_accent": "Alu\u0301mni",
    "dotless_i": "Alumn\u0131",
    "full_width_letter": "\uff21lumni",
    "joiner": "Alu\u200dmni",
    "letter_of_another_script": "\u0391lumni",
    "blank": "Gap  Year",
    "no_break_space": "Gap\u00a0Year",
    "hyphen": "Gap-Year",
}


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    yield from alike.identifiers_of_one_file(PAIRS)
    yield from alike.looked_up_by_username(PAIRS)
    yield from alike.identifiers_of_another(COMMON)
    yield from alike.cards_that_change(COMMON)
    yield from alike.addresses(ADDRESSES)
    yield from alike.assignees(ADDRESSES)
    yield from alike.items(without(PAIRS, "blanks_behind"))  # white space around items does not count
    yield from alike.labels_of_two_students(without(COMMON, "blanks_behind"))
    yield from alike.campuses(COMMON)
    yield from alike.changes(PAIRS)
    for name, text in YEARS.items():
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
