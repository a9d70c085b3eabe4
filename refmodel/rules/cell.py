"""Cells: the order in which a text is read.

Each rule takes what the ones before it left and either settles the cell, or passes on a text (or the items of a list).
"""

from collections.abc import Callable
from functools import lru_cache

from refmodel.cell import (
    CLEAR,
    DATE_SHAPES,
    KEEP,
    MOBILE,
    Cell,
    Decoder,
    Malformed,
    Place,
    calendar_date,
    is_blank,
    is_email,
    items_of,
    malformed,
    normal_email,
)
from refmodel.columns import (
    CLEAR_TOKEN,
    EMAIL_ADDRESS,
    END_DATE,
    FIRST_NAME,
    LAST_NAME,
    MAJOR_NAMES,
    START_DATE,
    USERNAME,
    Column,
    Kind,
)
from refmodel.failures import BLANK, INVALID, NOT_IN_LIST, TOO_LONG
from refmodel.job import DateFormat
from refmodel.ruleset import STANDARD, Ruleset, applies_to, fallback, is_for
from refmodel.value_lists import LEVELS, YEARS, Vocabulary

CellRule = Callable[[Cell, Place], Cell]  # what the rules before it left, and what it leaves


@applies_to(Kind.LABELS)
def blank_labels_clear(cell: Cell, place: Place) -> Cell:
    """A blank labels cell takes every label away.

    Source: 002:36
    Basis: stated
    Remedy: Leave the labels column out of the file if labels should stay; else list them all.
    Consequence: Labels that the university has withdrawn stay with the student.
    Example: a_blank_labels_cell
    """
    return CLEAR if isinstance(cell, str) and is_blank(cell) else cell


def blank_keeps(cell: Cell, place: Place) -> Cell:
    """A cell that is empty or white space keeps what is stored, and leaves a new account's field empty.

    It is so in every column but the labels, also under a starred header.

    Source: 001:13
    Basis: stated for `primary_education:end_date`, inferred for the rest
    Remedy: Write **CLEAR** to empty a field; a blank cell leaves it as it is.
    Consequence: What students or staff have entered is wiped by every cell that the sender left empty.
    Example: a_blank_cell
    """
    return KEEP if isinstance(cell, str) and is_blank(cell) else cell


@applies_to(EMAIL_ADDRESS, USERNAME, FIRST_NAME, LAST_NAME)
def identity_cannot_be_cleared(cell: Cell, place: Place) -> Cell:
    """The clear token fails under e-mail, username, first and last name.

    Source: 001:13
    Basis: inferred
    Remedy: Give the new value; e-mail address, username and both names are never empty.
    Consequence: Accounts are left without the name or the address that they are known by.
    Example: a_cleared_last_name
    """
    return malformed(identity_cannot_be_cleared, BLANK) if cell == CLEAR_TOKEN else cell


@applies_to(Kind.BOOLEAN)
def booleans_cannot_be_cleared(cell: Cell, place: Place) -> Cell:
    """The clear token is malformed in a column of TRUE and FALSE.

    Source: the product's other public pages
    Basis: chosen
    Remedy: Write TRUE or FALSE, or leave the cell blank to keep what is stored.
    Consequence: An archived student is brought back, or the reverse, by a cell that names neither.
    Example: a_cleared_boolean
    """
    return malformed(booleans_cannot_be_cleared, NOT_IN_LIST) if cell == CLEAR_TOKEN else cell


def clear_token_clears(cell: Cell, place: Place) -> Cell:
    """Exactly `**CLEAR**` empties the field, and nothing that only resembles it does.

    In a list, an item that is the token once trimmed is malformed, unless the cell is exactly the token.

    Source: 001:13
    Basis: stated for dates, inferred for the rest
    Remedy: Write **CLEAR** alone in the cell, in capitals, with its four asterisks and no space.
    Consequence: A value that ought to be removed stays, or the token itself is shown on profiles.
    Example: a_cleared_end_date
    """
    if cell == CLEAR_TOKEN:
        return CLEAR
    if place.column.holds_list and CLEAR_TOKEN in (item.strip() for item in str(cell).split(";")):
        return malformed(clear_token_clears, INVALID)
    return cell


@applies_to(Kind.EMAIL)
def emails_ignore_case(cell: Cell, place: Place) -> Cell:
    """An e-mail address is compared without the white space around it and with A-Z in lower case.

    It has one @ with something on each side, no white space inside, nothing that cannot be seen, and a domain that
    neither begins nor ends with a dot, or else it is malformed: an address that looks like another school's must not
    pass for a personal one.

    Source: the articles are silent
    Basis: chosen
    Remedy: Type the address anew: one @, something on both sides of it, no space inside, no dot at the end.
    Consequence: The same person gets two accounts because an address was typed in capitals.
    Example: an_address_in_capitals
    """
    email = normal_email(str(cell))
    return email if is_email(email) else malformed(emails_ignore_case, INVALID)


@applies_to(Kind.LIST, Kind.LABELS)
def lists_split_on_semicolon(cell: Cell, place: Place) -> Cell:
    """A list is its items between semicolons, and replaces the stored list whole.

    Source: 002:27, 002:30, 002:36
    Basis: stated
    Remedy: Send the whole list each time, with semicolons between the items.
    Consequence: Several labels are stored as one long name, or new ones pile up behind old ones.
    Example: two_courses
    """
    return tuple(str(cell).split(";"))


@applies_to(Kind.LIST, Kind.LABELS)
def list_items_are_trimmed(cell: Cell, place: Place) -> Cell:
    """White space around items, empty items and repeats are dropped; capitals make a difference.

    Where only separators were, nothing is left: the list is cleared.

    Source: the articles are silent
    Basis: chosen
    Remedy: Nothing; but spell an item the same in every row, capitals included.
    Consequence: Labels that only differ by a space or stand there twice confuse every search by label.
    Example: a_course_listed_twice
    """
    trimmed = (item.strip() for item in items_of(cell))
    return tuple(dict.fromkeys(item for item in trimmed if item))


@applies_to(MAJOR_NAMES)
def course_names_have_255_characters_at_most(cell: Cell, place: Place) -> Cell:
    """A course name has 255 characters at most, counted in code points.

    Source: 002:30
    Basis: stated
    Remedy: Shorten the course, or put the missing semicolon between two.
    Consequence: A long course name is cut, or fails its row without a message.
    Example: a_course_name_of_256_characters
    """
    if any(len(item) > 255 for item in items_of(cell)):
        return malformed(course_names_have_255_characters_at_most, TOO_LONG)
    return cell


@applies_to(Kind.LEVEL, Kind.YEAR)
def enumerations_match_exactly(cell: Cell, place: Place) -> Cell:
    """A level and a year are spelled as their own list in the institution's vocabulary spells them.

    Source: 002:24, 002:52
    Basis: stated
    Remedy: Copy the value from the list, letter by letter; levels and years are two lists.
    Consequence: Years and levels that nobody can filter by are stored.
    Example: a_year_in_lower_case
    """
    lists = LEVELS if place.column.kind is Kind.LEVEL else YEARS
    listed = cell in lists[place.vocabulary]
    return cell if listed else malformed(enumerations_match_exactly, NOT_IN_LIST)


@applies_to(Kind.BOOLEAN)
def booleans_are_upper_case(cell: Cell, place: Place) -> Cell:
    """A boolean is TRUE or FALSE, in capitals.

    Source: 002:35, 002:62
    Basis: stated
    Remedy: Write TRUE or FALSE in capitals.
    Consequence: Students are archived or brought back by a word that was never agreed on.
    Example: a_boolean_in_lower_case
    """
    return cell if cell in ("TRUE", "FALSE") else malformed(booleans_are_upper_case, NOT_IN_LIST)


@applies_to(Kind.DATE)
def dates_are_real(cell: Cell, place: Place) -> Cell:
    """A date is a day of the calendar, in the years 0001 to 9999, in ten characters with ASCII digits.

    Source: 002:25, 002:26
    Basis: inferred
    Remedy: Correct the date: it must be in the calendar, with four digits for the year.
    Consequence: Dates that do not exist are stored as others, or bring the import down.
    Example: the_30th_of_february
    """
    return cell if calendar_date(str(cell)) else malformed(dates_are_real, INVALID)


def _in_the_jobs_format(cell: Cell, place: Place, rule: CellRule) -> Cell:
    return cell if DATE_SHAPES[place.date_format].fullmatch(str(cell)) else malformed(rule, INVALID)


@applies_to(END_DATE)
def dates_follow_the_job(cell: Cell, place: Place) -> Cell:
    """The end date is written in the job's format.

    Source: 002:26
    Basis: stated
    Remedy: Write the date in the job's format, or set the job's date format to the file's.
    Consequence: Day and month change places, and students count as graduated too early or too late.
    Example: an_end_date_in_another_format
    """
    return _in_the_jobs_format(cell, place, dates_follow_the_job)


@applies_to(START_DATE)
def start_date_follows_the_job_too(cell: Cell, place: Place) -> Cell:
    """The start date is written in the job's format too, though its own line says only yyyy-mm-dd.

    Source: 002:25, the product's other public pages
    Basis: chosen
    Remedy: Write the start date in the same format as the end date.
    Consequence: Start and end of one course are read in two formats, one of them wrongly.
    Example: a_start_date_in_another_format
    """
    return _in_the_jobs_format(cell, place, start_date_follows_the_job_too)


@applies_to(Kind.MOBILE)
def mobile_is_digits(cell: Cell, place: Place) -> Cell:
    """A mobile number is one or more ASCII digits, with or without one + in front.

    Source: 002:33
    Basis: stated
    Remedy: Leave only digits, with or without one + in front: no space, bracket or dash.
    Consequence: Numbers that no gateway can dial are stored.
    Example: a_mobile_number_with_brackets
    """
    return cell if MOBILE.fullmatch(str(cell)) else malformed(mobile_is_digits, INVALID)


@applies_to(Kind.TEXT)
def trimmed(cell: Cell, place: Place) -> Cell:
    """Text without the white space around it: what many importers make of a value."""
    return str(cell).strip()


@applies_to(Kind.TEXT)
@fallback(trimmed)
def values_are_verbatim(cell: Cell, place: Place) -> Cell:
    """A text is stored as it came: not trimmed, not folded, not normalised; `007` is not `7`.

    Source: the articles are silent
    Basis: chosen
    Remedy: Remove what should not be stored, such as a space in front or a lost leading zero.
    Consequence: Identifiers such as 007 become others, and students cannot sign in or are mixed up.
    Example: a_space_in_front_of_a_name
    """
    return cell


BLANK_RULES: tuple[CellRule, ...] = (blank_labels_clear, blank_keeps)

CELL_RULES: tuple[CellRule, ...] = (
    identity_cannot_be_cleared,
    booleans_cannot_be_cleared,
    clear_token_clears,
    emails_ignore_case,
    lists_split_on_semicolon,
    list_items_are_trimmed,
    course_names_have_255_characters_at_most,
    enumerations_match_exactly,
    booleans_are_upper_case,
    dates_are_real,
    dates_follow_the_job,
    start_date_follows_the_job_too,
    mobile_is_digits,
    values_are_verbatim,
)


# Reading a cell by these rules. What they leave is converted as loosely as the column's kind allows, so that each rule
# alone is what makes its own point strict.


def blank_clears(cell: Cell, place: Place) -> Cell:
    """A blank cell that no rule has kept empties the field, as in a file that says all there is to say."""
    return CLEAR if isinstance(cell, str) and is_blank(cell) else cell


def as_boolean(cell: Cell, place: Place) -> Cell:
    """TRUE and FALSE, in whatever capitals the rules let through."""
    return {"true": True, "false": False}.get(str(cell).strip().lower(), malformed(booleans_are_upper_case, INVALID))


def as_date(cell: Cell, place: Place) -> Cell:
    """The date, or nothing where the rules let through what is none."""
    return calendar_date(str(cell)) or CLEAR


def as_list(cell: Cell, place: Place) -> Cell:
    """The items in their order; of no items the list is cleared."""
    return items_of(cell) or CLEAR


def as_labels(cell: Cell, place: Place) -> Cell:
    """The labels as a set; of no labels all are cleared."""
    return frozenset(items_of(cell)) or CLEAR


CONVERSIONS: dict[Kind, tuple[CellRule, ...]] = {
    Kind.BOOLEAN: (as_boolean,),
    Kind.DATE: (as_date,),
    Kind.LIST: (as_list,),
    Kind.LABELS: (as_labels,),
}

ON_BLANKS_AND_TOKENS = (
    *BLANK_RULES,
    blank_clears,
    identity_cannot_be_cleared,
    booleans_cannot_be_cleared,
    clear_token_clears,
    values_are_verbatim,
)

UNLIKE_EACH_OTHER = (Kind.TEXT, Kind.MOBILE)  # nearly every cell of these is new: remembering them only costs


def decoder(column: Column, vocabulary: Vocabulary, date_format: DateFormat, ruleset: Ruleset = STANDARD) -> Decoder:
    """The function that reads the texts of one column, made of the rules that are for it."""
    return decoder_by(rules_about_cells(ruleset), column, vocabulary, date_format)


def rules_about_cells(ruleset: Ruleset) -> tuple[CellRule, ...]:
    """Those that are in force, in their order; rulesets that only differ in other rules read alike."""
    return (*ruleset.active(BLANK_RULES), blank_clears, *ruleset.active(CELL_RULES))


@lru_cache(maxsize=4096)
def decoder_by(
    in_force: tuple[CellRule, ...], column: Column, vocabulary: Vocabulary, date_format: DateFormat
) -> Decoder:
    """The same, made of those of some rules."""
    place = Place(column, vocabulary, date_format)
    rules = (*in_force, *CONVERSIONS.get(column.kind, ()))
    steps = tuple(rule for rule in rules if is_for(rule, column))
    fewer = tuple(step for step in steps if not leaves_words_alone(step, column))

    def decode(text: str) -> Cell:
        cell: Cell = text
        for step in fewer if text[:1].isalnum() else steps:
            cell = step(cell, place)
            if cell is KEEP or cell is CLEAR or isinstance(cell, Malformed):
                break
        return cell

    return decode


def leaves_words_alone(step: CellRule, column: Column) -> bool:
    """Whether a step changes no text that begins with a letter or a digit, and so is not blank nor the clear token."""
    return step in ON_BLANKS_AND_TOKENS and not (step is clear_token_clears and column.holds_list)


def remembering(column: Column, decode: Decoder) -> Decoder:
    """The same decoder, which remembers what it has read, where a column's texts repeat."""
    if column.kind in UNLIKE_EACH_OTHER or column is EMAIL_ADDRESS:
        return decode
    return lru_cache(maxsize=4096)(decode)
