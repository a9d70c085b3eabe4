"""Mutants of reading texts as a language's own values: nothing, true and false, numbers.

A language has texts that it takes for nothing, and compares texts that look like numbers as numbers. Every cell of a
file is a text.
"""

import datetime
import re
from collections.abc import Callable

from attrs import evolve

from conformance.mutants.collations import Fold, comparing, finding, seeing_no_change, seeing_repeats, taking
from conformance.mutants.identifiers import dates_compared
from conformance.mutants.lookups import found_by_username
from conformance.mutants.operators import Mutant, in_place
from conformance.mutants.profiles import admitted_by_sso, matches
from conformance.mutants.refusals import sensitive_if
from conformance.mutants.values import all_trimmed, items_tidied, mobiles_cleaned, unlike
from refmodel.actions import Outcome, Refused, SignIn, SignUp
from refmodel.cell import KEEP, Cell, Place, calendar_date
from refmodel.columns import CARD_ID, Kind
from refmodel.rules.action import sign_up
from refmodel.rules.cell import (
    blank_keeps,
    booleans_are_upper_case,
    dates_are_real,
    dates_follow_the_job,
    list_items_are_trimmed,
    values_are_verbatim,
)
from refmodel.ruleset import Ruleset, applies_to
from refmodel.world import Account, World

# Nothing.

PHP_EMPTY = ("0",)
JAVASCRIPT_FALSY = ("0", "false", "null", "undefined", "NaN")
PANDAS_NOTHING = ("#N/A", "#NA", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null", "-nan", "-NaN")
YAML_NOTHING = ("~", "null", "Null", "NULL")
YAML_FALSE = ("no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE")
DASHES = ("-", "--", ".")


def _nothing(name: str, statement: str, words: tuple[str, ...], *kinds: Kind) -> Mutant:
    """Some words are blank, in the columns of some kinds."""

    def read(cell: Cell, place: Place) -> Cell:
        return KEEP if cell in words and place.column.kind in kinds else blank_keeps(cell, place)

    return in_place(blank_keeps, name, statement, read, breaks=values_are_verbatim)


texts_that_are_nothing = (
    _nothing("php_takes_0_for_nothing", "A cell of 0 is blank.", PHP_EMPTY, Kind.TEXT, Kind.MOBILE),
    _nothing(
        "javascript_takes_falsy_words_for_nothing", "0, null and undefined are blank.", JAVASCRIPT_FALSY, Kind.TEXT
    ),
    _nothing("pandas_takes_its_words_for_nothing", "#N/A, NA and <NA> are blank.", PANDAS_NOTHING, Kind.TEXT),
    _nothing("yaml_takes_a_tilde_for_nothing", "~ and Null are blank.", YAML_NOTHING, Kind.TEXT),
    _nothing("ruby_takes_nil_for_nothing", "The text nil is blank.", ("nil",), Kind.TEXT),
    _nothing("json_takes_empty_values_for_nothing", "[], {} and '' are blank.", ("[]", "{}", "''", '""'), Kind.TEXT),
    _nothing("mysql_takes_backslash_n_for_nothing", "A backslash and N are blank.", ("\\N",), Kind.TEXT),
    _nothing("a_dash_is_nothing", "A dash, or a point, is blank.", DASHES, Kind.TEXT),
)


@applies_to(Kind.BOOLEAN)
def _blank_booleans(cell: Cell, place: Place) -> Cell:
    return KEEP if cell in ("0", "NULL", "-", "") else booleans_are_upper_case(cell, place)


booleans_that_are_nothing = in_place(
    booleans_are_upper_case,
    "php_takes_false_words_for_no_word",
    "0, NULL and a dash under disabled keep.",
    _blank_booleans,
)


def items_changed(name: str, statement: str, change: Callable[[str], str]) -> Mutant:
    """Each item is changed before the items are tidied."""
    return items_tidied(name, statement, lambda items: unlike(all_trimmed(tuple(map(change, items)))))


def _dropping(*words: str) -> Fold:
    return lambda text: "" if text.strip() in words else text


items_that_are_nothing = (
    items_changed("php_filters_0_out_of_lists", "An item or a label 0 is dropped.", _dropping(*PHP_EMPTY)),
    items_changed(
        "pandas_filters_words_out_of_lists", "Items like NA and null are dropped.", _dropping(*PANDAS_NOTHING)
    ),
    items_changed("ruby_filters_nil_out_of_lists", "An item nil is dropped.", _dropping("nil")),
    items_changed(
        "javascript_filters_falsy_items", "Items like false and undefined are dropped.", _dropping(*JAVASCRIPT_FALSY)
    ),
    items_changed("dashes_are_no_items", "An item that is a dash or a point is dropped.", _dropping(*DASHES)),
)


@applies_to(Kind.LABELS)
def _labels_without_0(cell: Cell, place: Place) -> Cell:
    return tuple(item for item in list_items_are_trimmed(cell, place) if item != "0")  # type: ignore[union-attr]


labels_that_are_nothing = in_place(
    list_items_are_trimmed, "a_label_0_is_lost", "A label 0 is dropped, an item 0 is not.", _labels_without_0
)


@applies_to(Kind.DATE)
def _no_epoch(cell: Cell, place: Place) -> Cell:
    return KEEP if calendar_date(str(cell)) == EPOCH else dates_are_real(cell, place)


EPOCH = datetime.date(1970, 1, 1)
php_takes_1970_for_nothing = in_place(
    dates_are_real,
    "php_takes_1970_for_nothing",
    "1970-01-01 is no date, and keeps what is stored.",
    _no_epoch,
    breaks=dates_follow_the_job,
)
the_epoch_is_not_compared = dates_compared(
    "the_epoch_is_not_compared",
    "Where start or end is 1970-01-01, the dates are not compared.",
    lambda row: EPOCH not in (row.would_be(column) for column in row.columns),
)


def _names_needed(world: World, said: SignUp, ruleset: Ruleset) -> Outcome:
    return Refused("a name is needed") if "0" in (said.first_name, said.last_name) else sign_up(world, said, ruleset)


nobody_is_called_0 = in_place(sign_up, "nobody_is_called_0", "Nobody signs up with the name 0.", _names_needed)

# Numbers.


def as_number(text: str) -> str:
    """A text that some language reads as a number, as that number."""
    plain = text.replace(",", "").replace("_", "")
    if re.fullmatch("0[xo][0-9a-fA-F]+", plain):
        return str(int(plain, 0))
    try:
        return repr(float({"true": "1", "null": "0"}.get(plain, plain)))
    except ValueError:
        return text


def through_a_float(text: str) -> str:
    """Many digits as a float gives them back."""
    return str(int(float(text))) if re.fullmatch("[1-9][0-9]{15,300}", text) else text


def _number(pattern: str, written: Callable[[str], str]) -> Fold:
    """Texts of a pattern written otherwise."""
    return lambda text: written(text) if re.fullmatch(pattern, text) else text


def _plain(text: str) -> str:
    return f"{float(text):.17g}".removesuffix(".0")


DIGITS = "the digits of equal numbers"


def text_stored(name: str, statement: str, change: Fold) -> Mutant:
    """Texts are stored otherwise than they came."""
    return in_place(values_are_verbatim, name, statement, lambda cell, place: change(str(cell)))


texts_stored_as_numbers = (
    text_stored("javascript_ids_pass_through_a_float", "The last digits of a long number are lost.", through_a_float),
    text_stored("excel_writes_exponents_out", "1e3 is stored as 1000.", _number("[0-9.]+[eE][0-9]{1,2}", _plain)),
    text_stored(
        "exponents_overflow", "1e400 is stored as Infinity.", _number("[0-9.]+[eE][0-9]{3,}", lambda t: "Infinity")
    ),
    text_stored(
        "hexadecimal_numbers_are_read", "0x10 is stored as 16.", _number("0x[0-9a-f]+", lambda t: str(int(t, 16)))
    ),
    text_stored(
        "python_reads_underscores",
        "1_000 is stored as 1000.",
        _number("[0-9]+(_[0-9]+)+", lambda t: t.replace("_", "")),
    ),
    text_stored(
        "commas_between_digits_are_lost",
        "1,000 is stored as 1000.",
        _number("[0-9]+(,[0-9]{3})+", lambda t: t.replace(",", "")),
    ),
    text_stored("a_plus_in_front_is_lost", "+5 is stored as 5.", _number(r"\+[0-9]+", lambda t: t[1:])),
    text_stored("a_point_gets_a_zero", ".5 is stored as 0.5.", _number(r"\.[0-9]+", lambda t: f"0{t}")),
    text_stored(
        "zeros_behind_a_point_are_lost", "1.0 is stored as 1.", _number(r"[0-9]+\.0+", lambda t: t.partition(".")[0])
    ),
    text_stored("minus_zero_is_zero", "-0 is stored as 0.", _number("-0+", lambda t: "0")),
    text_stored(
        "pandas_makes_ids_floats", "1001 is stored as 1001.0.", _number("[1-9][0-9]{0,14}", lambda t: f"{t}.0")
    ),
    text_stored(
        "yaml_reads_no_as_false",
        "The texts no and off are stored as false.",
        lambda t: "false" if t in YAML_FALSE else t,
    ),
)
items_stored_as_numbers = (
    items_changed("items_lose_their_zeros", "An item 007 is stored as 7.", _number("[0-9]+", lambda t: str(int(t)))),
    items_changed("items_pass_through_a_float", "The last digits of a long item are lost.", through_a_float),
    items_changed(
        "json_reads_items", "An item 1.0 is stored as 1.", _number(r"[0-9]+\.0+", lambda t: t.partition(".")[0])
    ),
)
php_compares_numbers = (
    found_by_username(
        "php_finds_usernames_of_equal_value",
        "The username 1e3 finds the student 1000.",
        finding(as_number),
    ),
    seeing_repeats("php", DIGITS, as_number),
    seeing_no_change("php", DIGITS, as_number),
    taking(CARD_ID, "php", DIGITS, as_number),
    sensitive_if(
        "php_changes_of_no_value_need_no_setting",
        "A sensitive field changes from 7 to 007 without the setting.",
        lambda row, student, column: not comparing(as_number)(row.would_be(column), student.stored(column)),
    ),
    items_tidied(
        "php_drops_items_of_equal_value",
        "Of the items 1 and 1.0 the second is a repeat.",
        lambda items: tuple({as_number(item): item for item in reversed(all_trimmed(items))}.values())[::-1],
    ),
)
mobile_numbers_as_numbers = (
    mobiles_cleaned(
        "mobile_numbers_pass_through_a_float", "The last digits of a long mobile number are lost.", through_a_float
    ),
    mobiles_cleaned(
        "a_plus_loses_its_zeros",
        "Zeros behind the + of a mobile number are lost.",
        lambda t: re.sub(r"^\+0+(?=.)", "+", t),
    ),
)

# Single sign-on.


def _compared_loosely(name: str, statement: str, fold: Fold) -> Mutant:
    def admits(world: World, said: SignIn, student: Account) -> bool:
        known = fold(student.auth_identifier) if student.auth_identifier else None
        return matches(world, evolve(said, attribute=fold(said.attribute or "")), student, known)

    return admitted_by_sso(name, statement, admits)


def _never_admits_0(world: World, said: SignIn, student: Account) -> bool | None:
    return False if said.attribute in ("0", "false", "null") else None


def _admits_by_beginning(world: World, said: SignIn, student: Account) -> bool | None:
    known = student.auth_identifier or ""
    begins = bool(known) and (said.attribute or "").startswith(known)
    return matches(world, said, student, said.attribute if begins else known or None)


sign_ins_compared_loosely = (
    _compared_loosely("sso_drops_zeros", "Zeros in front of the attribute do not count.", lambda t: t.lstrip("0")),
    _compared_loosely("php_sso_compares_numbers", "1e3 signs in for 1000.", as_number),
    _compared_loosely(
        "javascript_sso_compares_floats", "The last digits of a long attribute do not count.", through_a_float
    ),
    _compared_loosely("sso_trims_the_attribute", "White space around the attribute does not count.", str.strip),
    _compared_loosely(
        "sso_drops_the_domain", "What follows an @ in the attribute does not count.", lambda t: t.partition("@")[0]
    ),
    admitted_by_sso("php_sso_takes_0_for_nothing", "The attribute 0 is nothing, and lets nobody in.", _never_admits_0),
    admitted_by_sso(
        "sso_compares_beginnings", "An attribute that begins as the identifier does lets in.", _admits_by_beginning
    ),
)
