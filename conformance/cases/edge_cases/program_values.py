"""Texts that a language takes for nothing, for true or false, or for a number.

Every cell of a file is a text. `0` is nothing to PHP, `null` to whoever reads JSON, `N/A` to pandas; `1e3` equals 1000
where texts that look like numbers are compared as numbers, and the last digits of a long number are lost in a float.
"""

from collections.abc import Iterator

from conformance.cases.edge_cases import alike
from conformance.cases.edge_cases.alike import LABELS, MAJORS, MINORS, only, without
from conformance.cases.edge_cases.building import (
    ADA,
    BEN,
    CLEO,
    FIRST_NAME,
    HEADER,
    LAST_NAME,
    USERNAME,
    EdgeCase,
    but,
    edge_case,
    importing,
    lines,
    with_column,
)
from conformance.generation.deceptive_values import LONG_MOBILES, NUMBERS, WORDS

BOOLEANS = {  # what is no boolean of a file
    "zero": "0",
    "one": "1",
    "lower_case": "false",
    "word": "no",
    "letter": "F",
    "word_for_nothing": "NULL",
    "dash": "-",
}
TEXT_COLUMNS = (
    *("middle_name", "preferred_name", "card_id", "gender"),
    "hometown_location_attributes:name",
)


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    yield from words_are_texts()
    yield from words_are_items()
    yield from alike.identifiers_of_one_file(NUMBERS)
    yield from alike.looked_up_by_username(NUMBERS)
    yield from alike.identifiers_of_another(only(NUMBERS, "zeros_in_front", "exponents", "digit_17", "trailing_zeros"))
    yield from alike.cards_that_change(without(NUMBERS, "zeros_in_front"))
    yield from alike.items(NUMBERS)
    yield from alike.changes(NUMBERS)
    yield from mobiles_and_booleans()


def words_are_texts() -> Iterator[EdgeCase]:
    """Every text column takes a word that is nothing elsewhere."""
    before = lines((*HEADER, *TEXT_COLUMNS), (*ADA, *map("old {}".format, range(len(TEXT_COLUMNS)))))
    for name, (word, wrong) in WORDS.items():
        row = but(but(but(ADA, USERNAME, word), FIRST_NAME, word), LAST_NAME, word)
        data = importing(lines((*HEADER, *TEXT_COLUMNS), (*row, *([word] * len(TEXT_COLUMNS)))), sensitive=True)
        rules = "values_are_verbatim blank_keeps values_replace unchanged_rows_are_skipped"
        title = f"{word!a} is a text, which replaces another in every column of texts."
        yield edge_case(f"word_{name}_replaces_texts", rules, title, wrong, before, data, data)


def words_are_items() -> Iterator[EdgeCase]:
    """A word that is nothing elsewhere is an item and a label, alone and among others."""
    header = (*HEADER, MAJORS, MINORS, LABELS)
    for name, (word, wrong) in WORDS.items():
        data = lines(
            header,
            (*ADA, word, word, word),
            (*BEN, f"{word};Art", f"Art;{word}", f"Art;{word};x"),
            (*CLEO, "", "", "x"),
        )
        title = f"{word!a} is an item of a list and a label, alone or not."
        rules = "list_items_are_trimmed lists_split_on_semicolon values_are_verbatim"
        yield edge_case(f"word_{name}_is_an_item", rules, title, wrong, data)


def mobiles_and_booleans() -> Iterator[EdgeCase]:
    """A mobile number is stored digit by digit, and a boolean is one of two words."""
    for name, digits in LONG_MOBILES.items():
        yield edge_case(
            f"mobile_number_of_{name}",
            "mobile_is_digits values_replace",
            f"The mobile number {digits} is stored as it came.",
            "It is taken for a number: zeros, the plus or the last digits are lost, or it is nothing.",
            with_column("mobile_number", (ADA, "5")),
            with_column("mobile_number", (ADA, digits)),
        )
    for name, text in BOOLEANS.items():
        yield edge_case(
            f"boolean_written_as_{name}",
            "booleans_are_upper_case cells_are_well_formed",
            f"{text!a} is neither TRUE nor FALSE, and the row fails.",
            "The text is taken for a boolean, or for an empty cell.",
            with_column("disabled", (ADA, "TRUE"), (BEN, "FALSE")),
            with_column("disabled", (ADA, text), (BEN, text)),
        )
