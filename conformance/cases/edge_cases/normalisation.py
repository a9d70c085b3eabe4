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
from conformance.generation.deceptive_values import (
    ADDRESSES_OF_ONE_PERSON,
    CAMPUSES_OF_ONE_NAME,
    ENTITIES,
    MEANT_YEARS,
    MOBILES_OF_ONE_PHONE,
    NEARLY_TOKENS,
    NORMALISED,
)

IDENTIFIERS = only(
    NORMALISED,
    *("curly_apostrophes", "quotes_around", "dashes", "no_break_spaces", "number_of_spaces", "percent_escapes"),
    *("backslashes", "wrongly_decoded_letters"),
)


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    yield from alike.changes(NORMALISED)
    yield from alike.items(NORMALISED)
    yield from alike.identifiers_of_one_file(IDENTIFIERS)
    yield from alike.looked_up_by_username(IDENTIFIERS)
    yield from alike.addresses(ADDRESSES_OF_ONE_PERSON)
    yield from alike.campuses(CAMPUSES_OF_ONE_NAME)
    yield from changed_addresses()
    yield from entities()
    yield from mobiles()
    yield from years_and_tokens()


def changed_addresses() -> Iterator[EdgeCase]:
    """An address that becomes one that reaches the same person is changed."""
    for name, (one, other) in ADDRESSES_OF_ONE_PERSON.items():
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
    for name, (one, other) in MOBILES_OF_ONE_PHONE.items():
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
    for name, text in MEANT_YEARS.items():
        yield edge_case(
            f"year_written_with_{name}",
            "enumerations_match_exactly",
            f"{text} is no listed year, though people know what is meant.",
            "The nearest listed year is stored.",
            lines(HEADER, but(ADA, YEAR, text)),
        )
    for name, text in NEARLY_TOKENS.items():
        yield edge_case(
            f"clear_token_with_{name}",
            "clear_token_clears values_are_verbatim",
            f"{text!a} is a text, and clears nothing.",
            "It is made into the clear token, and the field is emptied.",
            with_column("gender", (ADA, "f")),
            with_column("gender", (ADA, text)),
        )
