"""Cases of two texts that are alike, for every place where an importer compares texts.

Some importers take the two for one. A group of cases is a table of such pairs, named by what their texts differ in, and
the places where they stand: identifiers of a file and of the world, addresses, items, labels, what counts as a change.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.cases.edge_cases.building import (
    ADA,
    BEN,
    CLEO,
    EMAIL,
    FIRST_NAME,
    HEADER,
    NORTH,
    SSO,
    USERNAME,
    WORLD,
    EdgeCase,
    but,
    edge_case,
    importing,
    lines,
    with_column,
)
from conformance.cases.edge_cases.texts import written
from conformance.protocol import requests

Pairs = Mapping[str, tuple[str, str]]  # what two texts differ in: the two

MINORS, MAJORS, LABELS = "primary_education:minor_names", "primary_education:major_names", "system_label_names"
REPLACE = "values_replace"


def only(pairs: Pairs, *names: str) -> Pairs:
    """Some of the pairs."""
    return {name: pairs[name] for name in names}


def without(pairs: Pairs, *names: str) -> Pairs:
    """The pairs but some."""
    return {name: pair for name, pair in pairs.items() if name not in names}


def told(pairs: Pairs) -> Iterator[tuple[str, str, str, str]]:
    """Of each pair: its name, the name in a sentence, and the two texts as they stand in a file."""
    for name, (one, other) in pairs.items():
        yield name, name.replace("_", " "), written(one), written(other)


def world_with(**what: Any) -> Mapping[str, Any]:
    """A world in which North has something more."""
    return requests.world({**NORTH, **what})


# Identifiers.


def identifiers_of_one_file(pairs: Pairs) -> Iterator[EdgeCase]:
    """Two rows of a file whose identifiers are alike do not share one."""
    for name, words, one, other in told(pairs):
        rows = ((*but(ADA, USERNAME, one), one, one), (*but(BEN, USERNAME, other), other, other))
        yield edge_case(
            f"identifiers_of_one_file_differ_in_{name}",
            "rows_that_share_an_identifier_fail values_are_verbatim",
            f"Usernames, cards and auth identifiers that differ in {words} are not shared.",
            "The two are taken for one, as a collation or a unique index does, and the rows fail.",
            lines((*HEADER, "auth_identifier", "card_id"), *rows),
            world=SSO,
        )


def looked_up_by_username(pairs: Pairs) -> Iterator[EdgeCase]:
    """A username finds nobody whose own is only like it."""
    for name, words, one, other in told(pairs):
        yield edge_case(
            f"student_of_a_username_that_differs_in_{name}",
            "username_is_looked_up_first values_are_verbatim",
            f"A username finds no student whose own differs in {words}.",
            "The two are taken for one: the wrong student is found, or the row fails.",
            lines(HEADER, but(ADA, USERNAME, one)),
            lines(HEADER, but(BEN, USERNAME, other)),
        )


def identifiers_of_another(pairs: Pairs) -> Iterator[EdgeCase]:
    """A card and an auth identifier that are only like another student's are free."""
    for name, words, one, other in told(pairs):
        for header, world in (("card_id", WORLD), ("auth_identifier", SSO)):
            yield edge_case(
                f"{header}_of_another_differs_in_{name}",
                f"{header}_is_unique_in_the_institution values_are_verbatim",
                f"The {header} of a student may differ in {words} only from another's.",
                "A query, or a unique index, takes the two for one, and the row fails.",
                with_column(header, (ADA, one)),
                with_column(header, (BEN, other)),
                world=world,
            )


def cards_that_change(pairs: Pairs) -> Iterator[EdgeCase]:
    """A card number that becomes one like it is changed, and needs the setting."""
    for name, words, one, other in told(pairs):
        yield edge_case(
            f"card_changed_only_in_{name}",
            f"sensitive_fields_need_the_setting {REPLACE}",
            f"A card that changes only in {words} needs the setting, and is stored under it.",
            "Old and new card are taken for equal, and the row is applied, or the change is lost.",
            with_column("card_id", (ADA, one)),
            with_column("card_id", (ADA, other)),
            importing(with_column("card_id", (ADA, other)), sensitive=True),
        )


# Addresses.


def addresses(pairs: Pairs) -> Iterator[EdgeCase]:
    """Addresses that are alike are those of two people."""
    for name, words, one, other in told(pairs):
        yield edge_case(
            f"addresses_of_one_file_differ_in_{name}",
            "rows_that_share_an_identifier_fail emails_ignore_case",
            f"Two addresses of one file that differ in {words} are two.",
            "The two are taken for one, and the rows fail.",
            lines(HEADER, but(ADA, EMAIL, one), but(BEN, EMAIL, other)),
        )
        yield edge_case(
            f"student_of_an_address_that_differs_in_{name}",
            "email_is_looked_up_second email_is_unique_everywhere emails_ignore_case",
            f"An address finds no student whose own differs in {words}, and is not taken.",
            "The two are taken for one: the wrong student is found, or the row fails.",
            lines(HEADER, but(ADA, EMAIL, one)),
            lines(HEADER, but(BEN, EMAIL, other)),
        )


def assignees(pairs: Pairs) -> Iterator[EdgeCase]:
    """Who is assigned is staff by the very address."""
    for name, words, one, other in told(pairs):
        yield edge_case(
            f"assignee_differs_in_{name}",
            "assignee_is_own_staff",
            f"An assignee whose address differs in {words} from that of staff is not staff.",
            "The member of staff is found all the same, and the row is applied.",
            with_column("assigned_to_email_address", (ADA, one), (BEN, other)),
            world=world_with(staff=[one]),
        )


# Items, labels and campuses.


def items(pairs: Pairs) -> Iterator[EdgeCase]:
    """Items and labels that are alike are two."""
    for name, (one, other) in pairs.items():
        both = written(f"{one};{other}")
        yield edge_case(
            f"items_differ_in_{name}",
            "list_items_are_trimmed lists_split_on_semicolon",
            f"Two items of a list that differ in {name.replace('_', ' ')} are two, and so are two labels.",
            "The second is dropped as a repeat, or takes the place of the first.",
            lines((*HEADER, MINORS, LABELS), (*ADA, both, ""), (*BEN, "", both)),
        )


def labels_of_two_students(pairs: Pairs) -> Iterator[EdgeCase]:
    """A label and a course are stored as they came, though others have one like it."""
    for name, words, one, other in told(pairs):
        yield edge_case(
            f"labels_of_two_students_differ_in_{name}",
            f"labels_are_exactly_the_cell {REPLACE}",
            f"A label that differs in {words} from another student's is stored as it came.",
            "The label, or the course, is looked up in a table, and the other's spelling is stored.",
            lines((*HEADER, MAJORS, LABELS), (*ADA, one, one), (*BEN, other, other)),
        )


def campuses(pairs: Pairs) -> Iterator[EdgeCase]:
    """A campus is one that the institution has, by its very name."""
    for name, (one, other) in pairs.items():
        words, data = name.replace("_", " "), with_column("campus_name", (ADA, written(one)), (BEN, written(other)))
        yield edge_case(
            f"campus_differs_in_{name}",
            "campus_is_known",
            f"A campus that differs in {words} from one that the institution has is not known.",
            "The campus is found all the same, and the row is applied.",
            data,
            world=world_with(campuses=[one]),
        )
        yield edge_case(
            f"campuses_differ_in_{name}",
            f"campus_is_known {REPLACE}",
            f"Of two campuses that differ in {words} a student is at the one that is named.",
            "The other one is found.",
            data,
            world=world_with(campuses=[one, other]),
        )


# Changes.


def changes(pairs: Pairs) -> Iterator[EdgeCase]:
    """What becomes something like it is changed."""
    for name, texts in pairs.items():
        first, second = map(in_three_places, texts)
        yield edge_case(
            f"changed_only_in_{name}",
            f"unchanged_rows_are_skipped {REPLACE} labels_are_exactly_the_cell",
            f"A name, an item and a label that change only in {name.replace('_', ' ')} are updated.",
            "Old and new text are taken for equal: the row is unchanged, or the old text stays.",
            first,
            second,
            second,
        )


def in_three_places(text: str) -> bytes:
    """A file with a text as a name, among the items of a list, and among the labels."""
    listed = written(f"others;{text}.")
    return lines(
        (*HEADER, MINORS, LABELS),
        (*but(ADA, FIRST_NAME, written(text)), "", ""),
        (*BEN, listed, ""),
        (*CLEO, "", listed),
    )
