"""What helpful importers make of texts, addresses and numbers so that they look better.

Quotes and dashes are set as printers do, entities and escapes are read, names are given the capitals that most names
have, addresses lose what their provider overlooks. A text is stored as it came, and whoever shows it may adorn it.
"""

from collections.abc import Iterator

from conformance.cases.edge_cases import alike
from conformance.cases.edge_cases.alike import LABELS, MINORS, only
from conformance.cases.edge_cases.building import (
    ADA,
    BEN,
    EMAIL,
    HEADER,
    YEAR,
    EdgeCase,
    but,
    edge_case,
    importing,
    lines,
    with_column,
)
from conformance.cases.edge_cases.texts import written

PAIRS = {  # what one is made the other in: the two
    "curly_apostrophes": ("O'Neil", "O\u2019Neil"),
    "accents_for_apostrophes": ("O'Neil", "O\u00b4Neil"),
    "missing_apostrophes": ("ONeil", "O'Neil"),
    "doubled_apostrophes": ("O'Neil", "O''Neil"),
    "backslashes": ("O'Neil", "O\\'Neil"),
    "curly_quotes": ('Zoe "Z"', "Zoe \u201cZ\u201d"),
    "quotes_around": ("Zoe", '"Zoe"'),
    "apostrophes_around": ("Zoe", "'Zoe'"),
    "dashes": ("Zoe-Z", "Zoe\u2013Z"),
    "hyphens_that_do_not_break": ("Zoe-Z", "Zoe\u2011Z"),
    "two_hyphens": ("Zoe\u2014Z", "Zoe--Z"),
    "dots_of_an_ellipsis": ("Zoe...", "Zoe\u2026"),
    "no_break_spaces": ("Zoe Z", "Zoe\u00a0Z"),
    "narrow_spaces": ("Zoe Z", "Zoe\u202fZ"),
    "number_of_spaces": ("Zoe Z", "Zoe  Z"),
    "percent_escapes": ("Zoe Z", "Zoe%20Z"),
    "plus_for_a_space": ("Zoe Z", "Zoe+Z"),
    "underscores_for_spaces": ("Zoe Z", "Zoe_Z"),
    "markup": ("Zoe", "<b>Zoe</b>"),
    "emphasis": ("Zoe", "*Zoe*"),
    "capitals_of_a_mac": ("Mcdonald", "McDonald"),
    "capitals_of_particles": ("de la Cruz", "De La Cruz"),
    "capitals_behind_an_apostrophe": ("O'neil", "O'Neil"),
    "capitals_behind_a_hyphen": ("Anne-marie", "Anne-Marie"),
    "capitals_throughout": ("Byron", "BYRON"),
    "titles": ("Zoe", "Dr. Zoe"),
    "degrees": ("Zoe", "Zoe PhD"),
    "suffixes": ("Zoe", "Zoe Jr."),
    "points_behind_initials": ("J R", "J. R."),
    "order_of_names": ("Ada Byron", "Byron, Ada"),
    "emoji_behind": ("Zoe", "Zoe\U0001f393"),
    "smileys": ("Zoe \U0001f642", "Zoe :)"),
    "signs_for_words": ("Zoe and Z", "Zoe & Z"),
    "umlauts_for_two_letters": ("Mueller", "M\u00fcller"),
    "letters_beyond_ascii": ("Lukasz", "\u0141ukasz"),
    "escapes_of_unicode": ("Zo\u00eb", "Zo\\u00eb"),
    "wrongly_decoded_letters": ("Zo\u00eb", "Zo\u00c3\u00ab"),
}
IDENTIFIERS = only(
    PAIRS,
    *("curly_apostrophes", "quotes_around", "dashes", "no_break_spaces", "number_of_spaces", "percent_escapes"),
    *("backslashes", "wrongly_decoded_letters"),
)
ENTITIES = {  # what stands for another character in HTML
    "ampersand": "R&amp;D",
    "letter": "Zo&euml;",
    "number": "O&#39;Neil",
    "space": "Zoe&nbsp;Z",
    "bracket": "&lt;Zoe&gt;",
    "none": "R&D",
}
GMAIL, OTHER = "gmail.com", "mail.example"
ADDRESSES = {  # addresses that reach one person at some providers, named by what they differ in
    "dots_at_gmail": (f"ada.byron@{GMAIL}", f"adabyron@{GMAIL}"),
    "tags_at_gmail": (f"ada@{GMAIL}", f"ada+uni@{GMAIL}"),
    "names_of_gmail": (f"ada@{GMAIL}", "ada@googlemail.com"),
    "dots_elsewhere": (f"ada.byron@{OTHER}", f"adabyron@{OTHER}"),
    "tags_elsewhere": (f"ada@{OTHER}", f"ada+uni@{OTHER}"),
    "tags_behind_a_hyphen": ("ada@yahoo.com", "ada-uni@yahoo.com"),
    "names_of_proton": ("ada@protonmail.com", "ada@pm.me"),
    "names_of_microsoft": ("ada@hotmail.com", "ada@outlook.com"),
    "punycode": ("ada@m\u00fcnchen.example", "ada@xn--mnchen-3ya.example"),
    "curly_apostrophes_of_names": (f"o'neil@{OTHER}", f"o\u2019neil@{OTHER}"),
    "quotes_around_names": (f"ada@{OTHER}", f'"ada"@{OTHER}'),
    "percent_escapes_of_names": (f"ada_b@{OTHER}", f"ada%5fb@{OTHER}"),
    "brackets_around_addresses": (f"ada@{OTHER}", f"<ada@{OTHER}>"),
    "schemes": (f"ada@{OTHER}", f"mailto:ada@{OTHER}"),
    "names_of_hosts": (f"ada@{OTHER}", f"ada@www.{OTHER}"),
    "comments": (f"ada@{OTHER}", f"ada(uni)@{OTHER}"),
    "slips_of_the_pen": ("ada@gmail.com", "ada@gmial.com"),
}
MOBILES = {  # mobile numbers that call the same phone, named by what they differ in
    "zeros_for_a_plus": ("+45123456", "0045123456"),
    "country": ("45123456", "+45123456"),
    "zero_of_the_country": ("+44712345", "+440712345"),
    "national_zero": ("712345", "0712345"),
}
CAMPUSES = {  # campuses that mean the same to people, named by what they differ in
    "word_behind_it": ("Main", "Main Campus"),
    "article_in_front": ("Quay", "The Quay"),
    "sign_for_a_word": ("Arts & Law", "Arts and Law"),
    "point_of_a_saint": ("St Mary", "St. Mary"),
    "letters_at_its_end": ("Main", "Mai"),
    "curly_apostrophe": ("King's", "King\u2019s"),
}
YEARS = {  # what people write for a listed year
    "beginning_alone": "Bachelor 1st year",
    "number_as_a_word": "Bachelor First year or equivalent",
    "number_alone": "Bachelor 1 year or equivalent",
    "abbreviation": "MBA",
    "singular": "Alumnus",
    "synonym": "PhD",
    "other_capitals": "Gap year",
    "slip_of_the_pen": "Alunmi",
    "words_of_the_other_vocabulary": "Freshman",
}
TOKENS = {  # what is like the clear token
    "full_width_asterisks": "\uff0a\uff0aCLEAR\uff0a\uff0a",
    "other_asterisks": "\u2217\u2217CLEAR\u2217\u2217",
    "backslashes": "\\*\\*CLEAR\\*\\*",
    "emphasis": "<b>CLEAR</b>",
    "zero_width_space": "**CLEAR**\u200b",
    "one_asterisk": "*CLEAR*",
    "quotes": "'**CLEAR**'",
}


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    yield from alike.changes(PAIRS)
    yield from alike.items(PAIRS)
    yield from alike.identifiers_of_one_file(IDENTIFIERS)
    yield from alike.looked_up_by_username(IDENTIFIERS)
    yield from alike.addresses(ADDRESSES)
    yield from alike.campuses(CAMPUSES)
    yield from changed_addresses()
    yield from entities()
    yield from mobiles()
    yield from years_and_tokens()


def changed_addresses() -> Iterator[EdgeCase]:
    """An address that becomes one that reaches the same person is changed."""
    for name, (one, other) in ADDRESSES.items():
        first, second = (lines(HEADER, but(ADA, EMAIL, written(each))) for each in (one, other))
        yield edge_case(
            f"address_changed_only_in_{name}",
            "sensitive_fields_need_the_setting emails_ignore_case values_replace",
            f"An address that changes only in {name.replace('_', ' ')} needs the setting, and is stored under it.",
            "Old and new address are taken for equal, or another one than was sent is stored.",
            first,
            second,
            importing(second, sensitive=True),
        )


def entities() -> Iterator[EdgeCase]:
    """What stands for another character in HTML stands for itself in a file."""
    for name, text in ENTITIES.items():
        yield edge_case(
            f"entity_{name}_in_texts_and_lists",
            "values_are_verbatim lists_split_on_semicolon",
            f"{text} is a text as it stands, and a semicolon in a list separates.",
            "The entity is read, or another one is written, or the list is split otherwise.",
            lines((*HEADER, "gender", MINORS, LABELS), (*ADA, text, text, ""), (*BEN, "", "", text)),
        )


def mobiles() -> Iterator[EdgeCase]:
    """A mobile number is stored digit by digit."""
    for name, (one, other) in MOBILES.items():
        yield edge_case(
            f"mobile_number_changed_in_{name}",
            "mobile_is_digits values_replace unchanged_rows_are_skipped",
            f"A mobile number that changes from {one} to {other} is updated.",
            "The number is written anew in an international form.",
            with_column("mobile_number", (ADA, one)),
            with_column("mobile_number", (ADA, other)),
        )


def years_and_tokens() -> Iterator[EdgeCase]:
    """A year is the listed text, and the clear token is exactly itself."""
    for name, text in YEARS.items():
        yield edge_case(
            f"year_written_with_{name}",
            "enumerations_match_exactly",
            f"{text} is no listed year, though people know what is meant.",
            "The nearest listed year is stored.",
            lines(HEADER, but(ADA, YEAR, text)),
        )
    for name, text in TOKENS.items():
        yield edge_case(
            f"clear_token_with_{name}",
            "clear_token_clears values_are_verbatim",
            f"{text!a} is a text, and clears nothing.",
            "It is made into the clear token, and the field is emptied.",
            with_column("gender", (ADA, "f")),
            with_column("gender", (ADA, text)),
        )
