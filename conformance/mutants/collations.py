"""Mutants of comparing and keeping texts as databases do.

A collation takes texts for equal that are not: `FOLDS` has what becomes of a text before it is compared, by the
database or the habit that compares so. A column that is too narrow, or of an older character set, loses what it
cannot hold.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache

from conformance.mutants.effects import values_changed
from conformance.mutants.identifiers import chosen_from, competing_students, identifier_taken
from conformance.mutants.lookups import Found, found_by_email, found_by_username, sharing, with_cells
from conformance.mutants.operators import Mutant, in_place, replace_rule
from conformance.mutants.refusals import sensitive_if
from conformance.mutants.unchanged_rows import rows_alike
from conformance.mutants.validations import unique_but
from conformance.mutants.values import all_trimmed, items_tidied, own_list, unlike, value_listed
from refmodel.cell import Cell, Place, items_of
from refmodel.columns import (
    ASSIGNED_TO,
    AUTH_IDENTIFIER,
    CAMPUS_NAME,
    CARD_ID,
    Column,
    Kind,
)
from refmodel.row import Changes, Row
from refmodel.rules.cell import list_items_are_trimmed, values_are_verbatim
from refmodel.rules.effect import labels_are_exactly_the_cell
from refmodel.rules.validation import (
    assignee_is_own_staff,
    auth_identifier_is_unique_in_the_institution,
    campus_is_known,
    card_id_is_unique_in_the_institution,
)
from refmodel.ruleset import applies_to

Fold = Callable[[str], str]  # what becomes of a text before it is compared

# What is taken for equal.


def without_accents(text: str) -> str:
    """A text in small letters without accents, as collations that end in _ai_ci compare it."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()


def of_one_width(text: str) -> str:
    """A text with its letters in one width and its kana of one kind."""
    narrow = unicodedata.normalize("NFKC", text)
    return "".join(chr(ord(c) - 0x60) if "\u30a1" <= c <= "\u30f6" else c for c in narrow)


def without_what_is_unseen(text: str) -> str:
    """A text without joiners, soft hyphens and control characters, which have no weight of their own."""
    return "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc"))


def composed(text: str) -> str:
    """A text in normal form C."""
    return unicodedata.normalize("NFC", text)


def with_one_emoji(text: str) -> str:
    """A text in which every character beyond the basic plane is the same."""
    return re.sub("[\U00010000-\U0010ffff]", "\ufffd", text)


def up_to_an_emoji(text: str) -> str:
    """A text up to its first character beyond the basic plane."""
    return re.split("[\U00010000-\U0010ffff]", text)[0]


def in_latin_1(text: str) -> str:
    """A text with a question mark for what Latin-1 does not have."""
    return text.encode("latin-1", "replace").decode("latin-1")


def with_turkish_capitals(text: str) -> str:
    """A text in which the four letters i are one."""
    return re.sub("[Iiİı]", "i", text)


def in_german(text: str) -> str:
    """A text with ss for a sharp s, and two letters for each ligature."""
    return text.replace("ß", "ss").replace("Æ", "Ae").replace("æ", "ae")


def without_hyphens(text: str) -> str:
    """A text without hyphens, which a comparison of words overlooks."""
    return text.replace("-", "")


def without_blanks_behind(text: str) -> str:
    """A text without the blanks behind it, as columns that are padded compare it."""
    return text.rstrip(" ")


def in_greek(text: str) -> str:
    """A text with one small sigma, and without accents."""
    return without_accents(text).replace("ς", "σ").replace("ø", "o")


def beginning(length: int) -> Fold:
    """The beginning of a text, which is all that an index holds."""
    return lambda text: text[:length]


_FOLDS: Mapping[str, tuple[str, Fold]] = {  # by whom texts are compared so: what does not count, in words
    "mysql_general_ci": ("accents and capitals", without_accents),
    "mysql_pad_space": ("blanks at the end", without_blanks_behind),
    "mysql_without_weights_for_emoji": ("emoji", with_one_emoji),
    "mysql_utf8mb3": ("the ends behind an emoji", up_to_an_emoji),
    "mysql_prefix_index": ("the ends behind 191 characters", beginning(191)),
    "a_varchar_index": ("the ends behind 255 characters", beginning(255)),
    "a_long_index": ("the ends behind 768 characters", beginning(768)),
    "sql_server_width_insensitive": ("the widths of letters and the kinds of kana", of_one_width),
    "sql_server_varchar": ("letters beyond Latin-1", in_latin_1),
    "sql_server_word_sort": ("hyphens", without_hyphens),
    "icu_ignoring_the_unseen": ("characters that cannot be seen", without_what_is_unseen),
    "a_german_collation": ("the spellings of a sharp s or a ligature", in_german),
    "a_turkish_collation": ("the dots of an i", with_turkish_capitals),
    "a_greek_collation": ("accents, strokes and the forms of a sigma", in_greek),
    "normalised_keys": ("normal forms", composed),
}
FOLDS = {name: (words, lru_cache(maxsize=10_000)(fold)) for name, (words, fold) in _FOLDS.items()}


def folded_cell(fold: Fold, cell: object) -> object:
    """A cell with its texts as they are compared."""
    if isinstance(cell, tuple):
        return tuple(map(fold, cell))
    if isinstance(cell, frozenset):
        return frozenset(map(fold, cell))
    return fold(cell) if isinstance(cell, str) else cell


def folds(*names: str) -> Iterator[tuple[str, str, Fold]]:
    """Name, words and function of some folds, or of all."""
    for name in names or FOLDS:
        yield name, *FOLDS[name]


def comparing(fold: Fold) -> Callable[[object, object], bool]:
    """Whether two values are equal as they are compared."""
    return lambda one, other: folded_cell(fold, one) == folded_cell(fold, other)


# Identifiers.


def finding(fold: Fold) -> Found:
    """Whether a student\'s username is equal as usernames are compared."""
    return lambda s, username, i: s.home == i.id and fold(s.username or "") == fold(username)


def _finds_by_email(fold: Fold) -> Found:
    return lambda s, email, i: s.institution in (None, i.id) and fold(s.email_address) == fold(email)


usernames_found_by_a_collation = tuple(
    found_by_username(f"{name}_finds_usernames", f"A username finds a student though {words} differ.", finding(fold))
    for name, words, fold in folds()
)
addresses_found_by_a_collation = tuple(
    found_by_email(
        f"{name}_finds_addresses", f"An address finds a student though {words} differ.", _finds_by_email(fold)
    )
    for name, words, fold in folds(
        *("mysql_general_ci", "mysql_utf8mb3", "mysql_prefix_index"),
        *("sql_server_width_insensitive", "sql_server_word_sort"),
    )
)


def seeing_repeats(name: str, words: str, fold: Fold) -> Mutant:
    """Rows share an identifier where theirs are equal as they are compared."""

    def seen(column: Column, cell: Cell) -> Cell:
        return fold(cell) if isinstance(cell, str) else cell

    return sharing(
        f"{name}_sees_repeats",
        f"Rows share an identifier though {words} differ.",
        lambda cells: with_cells(cells, seen),
    )


repeats_seen_by_a_collation = tuple(
    seeing_repeats(*each)
    for each in folds(
        *("mysql_general_ci", "mysql_pad_space", "mysql_utf8mb3", "mysql_prefix_index"),
        *("sql_server_word_sort", "normalised_keys"),
    )
)


def taking(column: Column, name: str, words: str, fold: Fold) -> Mutant:
    """An identifier is taken where another\'s is equal as they are compared."""
    rule = card_id_is_unique_in_the_institution if column is CARD_ID else auth_identifier_is_unique_in_the_institution
    return identifier_taken(
        column,
        rule,
        f"{name}_takes_each_{column.header}",
        f"Another's {column.header} counts as taken though {words} differ.",
        lambda move: any(s.home == move.destination for s in competing_students(move, column, comparing(fold))),
    )


identifiers_taken_by_a_collation = (
    *(taking(CARD_ID, *each) for each in folds("mysql_general_ci", "mysql_pad_space", "normalised_keys")),
    *(taking(AUTH_IDENTIFIER, *each) for each in folds("mysql_prefix_index", "sql_server_varchar", "mysql_pad_space")),
)


def _address_taken(name: str, words: str, fold: Fold) -> Mutant:
    def taken(row: Row, email: str) -> bool:
        own, others = row.student.key if row.student else 0, row.world.directory.other_users
        students = (s.email_address for s in row.world.students() if s.key != own)
        return email in others or fold(email) in map(fold, students)

    return unique_but(
        f"{name}_takes_addresses", f"Another's address counts as taken though {words} differ.", of_other=taken
    )


addresses_taken_by_a_collation = tuple(
    _address_taken(*each) for each in folds("mysql_general_ci", "normalised_keys", "a_german_collation")
)


# Lists and labels.


def dropping_items(name: str, words: str, fold: Fold) -> Mutant:
    """Items are dropped that equal one before them, as they are compared."""

    def tidied(items: tuple[str, ...]) -> tuple[str, ...]:
        return tuple({fold(item): item for item in reversed(all_trimmed(items))}.values())[::-1]

    return items_tidied(f"{name}_drops_items", f"Items are repeats though {words} differ.", tidied)


items_repeated_by_a_collation = tuple(
    dropping_items(*each)
    for each in folds(
        *("mysql_general_ci", "mysql_without_weights_for_emoji", "a_varchar_index", "sql_server_width_insensitive"),
        *("sql_server_word_sort", "icu_ignoring_the_unseen", "a_german_collation", "normalised_keys"),
    )
)


@replace_rule(list_items_are_trimmed)
@applies_to(Kind.LABELS)
def a_join_table_drops_labels(cell: Cell, place: Place) -> Cell:
    """A label is a repeat of another though accents and capitals differ."""
    return tuple(
        {without_accents(item): item for item in reversed(items_of(list_items_are_trimmed(cell, place)))}.values()
    )


def _labels_found(name: str, words: str, fold: Fold) -> Mutant:
    def labels(row: Row) -> Changes:
        known = {fold(label): label for student in row.world.students() for label in student.system_label_names}
        changes = labels_are_exactly_the_cell(row)
        return {header: frozenset(known.get(fold(x), x) for x in found) for header, found in changes.items()}

    return in_place(
        labels_are_exactly_the_cell, f"{name}_finds_labels", f"A label is another's though {words} differ.", labels
    )


labels_found_by_a_collation = tuple(
    _labels_found(*each) for each in folds("mysql_general_ci", "normalised_keys", "mysql_prefix_index")
)


# What counts as a change.


def seeing_no_change(name: str, words: str, fold: Fold) -> Mutant:
    """A row is unchanged where it equals the one last applied, as they are compared."""
    same = comparing(fold)
    return rows_alike(
        f"{name}_sees_no_change",
        f"A row is unchanged though {words} differ.",
        lambda column, now, last: same(now, last),
    )


def _not_written(name: str, words: str, fold: Fold) -> Mutant:
    same = comparing(fold)

    def written(row: Row, changes: Changes) -> Changes:
        if row.student is None:
            return changes
        return {header: value for header, value in changes.items() if not same(getattr(row.student, header), value)}

    return values_changed(f"{name}_writes_nothing", f"A value is not written where only {words} differ.", written)


def _needs_no_setting(name: str, words: str, fold: Fold) -> Mutant:
    same = comparing(fold)
    return sensitive_if(
        f"{name}_needs_no_setting",
        f"A sensitive field changes without the setting where only {words} differ.",
        lambda row, student, column: not same(row.would_be(column), student.stored(column)),
    )


changes_overlooked_by_a_collation = (
    *(
        seeing_no_change(*each)
        for each in folds(
            *("mysql_general_ci", "mysql_pad_space", "mysql_without_weights_for_emoji", "a_varchar_index"),
            *("sql_server_varchar", "sql_server_width_insensitive", "icu_ignoring_the_unseen", "normalised_keys"),
        )
    ),
    *(_not_written(*each) for each in folds("mysql_general_ci", "mysql_pad_space", "mysql_without_weights_for_emoji")),
    *(_needs_no_setting(*each) for each in folds("mysql_general_ci", "mysql_pad_space", "normalised_keys")),
)


# What is listed.


def _campus_found(name: str, words: str, fold: Fold) -> Mutant:
    return chosen_from(
        CAMPUS_NAME,
        campus_is_known,
        f"{name}_finds_campuses",
        f"A campus is known though {words} differ.",
        lambda row, campus: fold(campus) in map(fold, row.institution.campuses),
    )


def _assignee_found(name: str, words: str, fold: Fold) -> Mutant:
    return chosen_from(
        ASSIGNED_TO,
        assignee_is_own_staff,
        f"{name}_finds_staff",
        f"An assignee is staff though {words} differ.",
        lambda row, email: fold(email) in map(fold, row.institution.staff),
    )


def _listed_value_found(name: str, words: str, fold: Fold) -> Mutant:
    return value_listed(
        f"{name}_finds_years",
        f"A level or a year is a listed one though {words} differ.",
        lambda text, place: next((value for value in own_list(place) if fold(value) == fold(text)), None),
    )


values_found_by_a_collation = (
    *(_campus_found(*each) for each in folds("mysql_general_ci", "mysql_pad_space", "a_german_collation")),
    *(_assignee_found(*each) for each in folds("mysql_general_ci", "normalised_keys", "a_german_collation")),
    *(_listed_value_found(*each) for each in folds("mysql_general_ci", "a_turkish_collation", "sql_server_word_sort")),
)


# What is lost.


def _lost(name: str, statement: str, change: Fold) -> Mutant:
    return in_place(values_are_verbatim, name, statement, lambda cell, place: change(str(cell)))


texts_that_lose_characters = (
    _lost("mysql_utf8mb3_cuts_texts", "A text ends before its first emoji.", up_to_an_emoji),
    _lost("mysql_utf8mb3_drops_emoji", "Emoji of a text are lost.", lambda t: re.sub("[\U00010000-\U0010ffff]", "", t)),
    _lost("sql_server_varchar_loses_letters", "Letters beyond Latin-1 become question marks.", in_latin_1),
    _lost("unseen_characters_are_lost", "What cannot be seen is dropped from texts.", without_what_is_unseen),
    _lost("widths_are_lost", "Letters of full width become ordinary ones.", of_one_width),
    _lost(
        "texts_are_stored_decomposed", "Texts are put into normal form D.", lambda t: unicodedata.normalize("NFD", t)
    ),
    _lost(
        "oracle_folds_compatible_letters",
        "Texts are put into normal form KC.",
        lambda t: unicodedata.normalize("NFKC", t),
    ),
)


def _unlike(items: Iterable[str]) -> tuple[str, ...]:
    return unlike(all_trimmed(tuple(items)))


items_that_lose_characters = (
    items_tidied(
        "mysql_utf8mb3_cuts_items", "An item ends before its first emoji.", lambda i: _unlike(map(up_to_an_emoji, i))
    ),
    items_tidied(
        "sql_server_varchar_loses_items",
        "Letters of items become question marks.",
        lambda i: _unlike(map(in_latin_1, i)),
    ),
    items_tidied("items_are_normalised", "Items are put into normal form C.", lambda i: _unlike(map(composed, i))),
)
