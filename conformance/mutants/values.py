"""Mutants of reading lists, enumerations, dates and numbers."""

import datetime
import re
import unicodedata
from collections.abc import Callable

from conformance.mutants.operators import Mutant, about_a_chosen_detail, drop_rule, in_place, replace_rule
from refmodel.cell import DATE_SHAPES, KEEP, Cell, Malformed, Place, calendar_date, items_of
from refmodel.columns import BY_HEADER, MAJOR_NAMES, Kind
from refmodel.failures import INVALID, TOO_LONG
from refmodel.job import DateFormat
from refmodel.readings import items_that_differ_in_case_are_one, start_date_is_always_iso
from refmodel.rules.cell import (
    booleans_are_upper_case,
    course_names_have_255_characters_at_most,
    dates_are_real,
    dates_follow_the_job,
    enumerations_match_exactly,
    list_items_are_trimmed,
    lists_split_on_semicolon,
    mobile_is_digits,
    start_date_follows_the_job_too,
)
from refmodel.ruleset import applies_to
from refmodel.value_lists import LEVELS, YEARS

MINOR_NAMES = BY_HEADER["primary_education:minor_names"]

# Lists.


def _split(name: str, statement: str, split: Callable[[str], tuple[str, ...]]) -> Mutant:
    return in_place(lists_split_on_semicolon, name, statement, lambda cell, place: split(str(cell)))


lists_split_otherwise = (
    _split("lists_split_on_commas_too", "A comma separates items too.", lambda t: tuple(re.split("[;,]", t))),
    _split(
        "lists_split_on_line_breaks_too",
        "A line break separates items too.",
        lambda t: tuple(re.split("[;\n]", t)),
    ),
    _split(
        "lists_end_at_the_first_item",
        "Only the first item of a list is read.",
        lambda t: (t.partition(";")[0],),
    ),
    _split(
        "lists_have_two_items",
        "Only the first two items of a list are read.",
        lambda t: tuple(t.split(";")[:2]),
    ),
)
lists_are_not_split = drop_rule(
    lists_split_on_semicolon, "lists_are_not_split", "A list is one item, including its semicolons."
)


@replace_rule(lists_split_on_semicolon)
def minor_names_are_not_split(cell: Cell, place: Place) -> Cell:
    """Minors are one item, including its semicolons."""
    return (str(cell),) if place.column is MINOR_NAMES else lists_split_on_semicolon(cell, place)


def unlike(items: tuple[str, ...]) -> tuple[str, ...]:
    """Items without repeats, each at its first place."""
    return tuple(dict.fromkeys(items))


def items_tidied(name: str, statement: str, tidy: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Mutant:
    """The items of a list are tidied in another way."""
    return in_place(list_items_are_trimmed, name, statement, lambda cell, place: tidy(items_of(cell)))


def all_trimmed(items: tuple[str, ...]) -> tuple[str, ...]:
    """Items without white space around them, and without empty ones."""
    return tuple(filter(None, (item.strip() for item in items)))


items_tidied_otherwise = (
    items_tidied(
        "items_keep_white_space", "Items are not trimmed.", lambda i: unlike(tuple(x for x in i if x.strip()))
    ),
    items_tidied("repeats_stay", "A repeated item is stored twice.", all_trimmed),
    items_tidied("empty_items_stay", "Empty items are items.", lambda i: unlike(tuple(x.strip() for x in i))),
    items_tidied(
        "the_last_repeat_stays",
        "Of a repeated item the last stays.",
        lambda i: unlike(all_trimmed(i)[::-1])[::-1],
    ),
    items_tidied("items_are_sorted", "Items are sorted.", lambda i: tuple(sorted(unlike(all_trimmed(i))))),
    items_tidied(
        "items_are_lower_cased",
        "Items are put into lower case.",
        lambda i: unlike(tuple(x.lower() for x in all_trimmed(i))),
    ),
)
items_ignore_case = in_place(
    list_items_are_trimmed,
    "items_ignore_case",
    "Items that differ in capitals only are one.",
    items_that_differ_in_case_are_one,
)


@replace_rule(list_items_are_trimmed)
def separators_alone_keep(cell: Cell, place: Place) -> Cell:
    """A list of separators only keeps the stored list."""
    return list_items_are_trimmed(cell, place) or KEEP


@replace_rule(list_items_are_trimmed)
@applies_to(Kind.LIST)
def labels_are_not_trimmed(cell: Cell, place: Place) -> Cell:
    """White space around a label is a part of it, and an empty label is one."""
    return list_items_are_trimmed(cell, place)


def _too_long(name: str, statement: str, long: Callable[[tuple[str, ...]], bool]) -> Mutant:
    def check(cell: Cell, place: Place) -> Cell:
        return Malformed("course_names_have_255_characters_at_most", TOO_LONG) if long(items_of(cell)) else cell

    return in_place(course_names_have_255_characters_at_most, name, statement, check)


course_names_measured_otherwise = (
    about_a_chosen_detail(
        _too_long(
            "course_names_are_counted_in_bytes",
            "255 is counted in bytes.",
            lambda i: any(len(x.encode()) > 255 for x in i),
        )
    ),
    about_a_chosen_detail(
        _too_long(
            "course_names_are_counted_in_code_units",
            "255 is counted as JavaScript and Java count.",
            lambda i: any(len(x.encode("utf-16-le")) > 510 for x in i),
        )
    ),
    _too_long("course_names_have_256_characters", "256 characters pass.", lambda i: any(len(x) > 256 for x in i)),
    _too_long(
        "course_names_have_254_characters",
        "255 characters are too many.",
        lambda i: any(len(x) > 254 for x in i),
    ),
    _too_long(
        "all_course_names_have_255_together",
        "255 is the limit of the whole cell.",
        lambda i: len(";".join(i)) > 255,
    ),
    _too_long(
        "the_first_course_name_has_255",
        "Only the first course name is measured.",
        lambda i: any(len(x) > 255 for x in i[:1]),
    ),
)


@replace_rule(course_names_have_255_characters_at_most)
def course_names_are_cut(cell: Cell, place: Place) -> Cell:
    """A course name is cut after 255 characters."""
    return tuple(item[:255] for item in items_of(cell))


@replace_rule(course_names_have_255_characters_at_most)
@applies_to(MAJOR_NAMES, MINOR_NAMES)
def minors_are_measured_too(cell: Cell, place: Place) -> Cell:
    """The names of minors may not be longer than 255 characters either."""
    return course_names_have_255_characters_at_most(cell, place)


@replace_rule(lists_split_on_semicolon, breaks=course_names_have_255_characters_at_most)
def white_space_around_course_names_is_measured(cell: Cell, place: Place) -> Cell:
    """A course name is measured before it is trimmed."""
    items = lists_split_on_semicolon(cell, place)
    return course_names_have_255_characters_at_most(items, place) if place.column is MAJOR_NAMES else items


# Enumerations.


def value_listed(name: str, statement: str, listed: Callable[[str, Place], str | None]) -> Mutant:
    """A text is the listed value that `listed` finds, or else read by the rule."""

    def read(cell: Cell, place: Place) -> Cell:
        return listed(str(cell), place) or enumerations_match_exactly(cell, place)

    return in_place(enumerations_match_exactly, name, statement, read)


def own_list(place: Place) -> tuple[str, ...]:
    """The values that a column takes."""
    return (LEVELS if place.column.kind is Kind.LEVEL else YEARS)[place.vocabulary]


def in_any_capitals(text: str, place: Place) -> str | None:
    """The listed value that equals a text in any case."""
    return next((value for value in own_list(place) if value.lower() == text.lower()), None)


def in_either_list(text: str, place: Place) -> str | None:
    """A text, if it is a level or a year."""
    return text if text in LEVELS[place.vocabulary] + YEARS[place.vocabulary] else None


def in_any_vocabulary(text: str, place: Place) -> str | None:
    """A text, if any vocabulary lists it."""
    lists = LEVELS if place.column.kind is Kind.LEVEL else YEARS
    return text if any(text in values for values in lists.values()) else None


lists_of_values_matched_otherwise = (
    value_listed("enumerations_ignore_case", "A level or a year may be in any capitals.", in_any_capitals),
    value_listed("levels_and_years_are_one_list", "A year passes for a level, and a level for a year.", in_either_list),
    value_listed("vocabularies_are_one", "A value of the other vocabulary passes.", in_any_vocabulary),
    value_listed(
        "enumerations_are_trimmed",
        "White space around a level or a year is overlooked.",
        lambda t, p: t.strip() if t.strip() in own_list(p) else None,
    ),
)


@replace_rule(enumerations_match_exactly)
def everybody_has_the_european_lists(cell: Cell, place: Place) -> Cell:
    """An institution of the other vocabulary gets the European lists too."""
    return enumerations_match_exactly(cell, Place(place.column, "eu", place.date_format))


@replace_rule(enumerations_match_exactly)
def unknown_years_are_stored(cell: Cell, place: Place) -> Cell:
    """Any text is a year."""
    return cell if place.column.kind is Kind.YEAR else enumerations_match_exactly(cell, place)


booleans_ignore_case = drop_rule(booleans_are_upper_case, "booleans_ignore_case", "true and False pass, trimmed.")
OTHER_WORDS = {"1": "TRUE", "0": "FALSE", "yes": "TRUE", "no": "FALSE", "Y": "TRUE", "N": "FALSE"}


@replace_rule(booleans_are_upper_case)
def other_words_are_booleans(cell: Cell, place: Place) -> Cell:
    """1 and yes are TRUE, 0 and no are FALSE."""
    return booleans_are_upper_case(OTHER_WORDS.get(str(cell), cell), place)


@replace_rule(booleans_are_upper_case)
def booleans_are_trimmed(cell: Cell, place: Place) -> Cell:
    """White space around TRUE and FALSE is overlooked."""
    return booleans_are_upper_case(str(cell).strip(), place)


@replace_rule(booleans_are_upper_case)
def whatever_is_not_true_is_false(cell: Cell, place: Place) -> Cell:
    """Every word but TRUE is FALSE."""
    return "TRUE" if cell == "TRUE" else "FALSE"


# Dates.


def written(date: datetime.date, date_format: DateFormat) -> str:
    """A date in a job's format."""
    with_us_dates = f"{date.month:02}/{date.day:02}/{date.year:04}"
    return with_us_dates if date_format == "mm/dd/yyyy" else date.isoformat()


def digits_of(text: str, place: Place) -> tuple[int, int, int] | None:
    """Year, month and day of a text in the shape of the job's dates."""
    match = DATE_SHAPES[place.date_format].fullmatch(text)
    return (int(match["year"]), int(match["month"]), int(match["day"])) if match else None


def dates_read(name: str, statement: str, meant: Callable[[int, int, int], datetime.date | None]) -> Mutant:
    """A text in the shape of a date, which is none, is the date that is meant."""

    def read(cell: Cell, place: Place) -> Cell:
        digits = digits_of(str(cell), place)
        date = meant(*digits) if digits and not calendar_date(str(cell)) else None
        return written(date, place.date_format) if date else dates_are_real(cell, place)

    return in_place(dates_are_real, name, statement, read)


def rolled_over(year: int, month: int, day: int) -> datetime.date | None:
    """A date with too many days, continued in the next month."""
    if not (year and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    return datetime.date(year, month, 1) + datetime.timedelta(days=day - 1)


def last_of_its_month(year: int, month: int, day: int) -> datetime.date | None:
    """The last day of a month, for a date with too many days."""
    over = rolled_over(year, month, day)
    return over.replace(day=1) - datetime.timedelta(days=1) if over else None


dates_that_are_none = (
    dates_read("impossible_days_roll_over", "A day that a month has not is one of the next month.", rolled_over),
    dates_read("impossible_days_are_cut", "A day that a month has not is the last that it has.", last_of_its_month),
    dates_read(
        "every_february_may_have_29_days",
        "February 29 passes in any year.",
        lambda y, m, d: last_of_its_month(y, m, d) if (m, d) == (2, 29) else None,
    ),
    dates_read(
        "every_fourth_year_leaps",
        "February 29 passes in 1900.",
        lambda y, m, d: last_of_its_month(y, m, d) if (m, d) == (2, 29) and y % 4 == 0 else None,
    ),
    dates_read(
        "the_year_0000_is_2000",
        "The year 0000 is taken for 2000.",
        lambda y, m, d: rolled_over(2000, m, d) if y == 0 else None,
    ),
)
impossible_dates_clear = drop_rule(dates_are_real, "impossible_dates_clear", "An impossible date empties the field.")


def dates_failing(name: str, statement: str, wrong: Callable[[datetime.date], bool]) -> Mutant:
    """A date fails where it is wrong."""

    def check(cell: Cell, place: Place) -> Cell:
        date = calendar_date(str(cell))
        return Malformed("dates_are_real", INVALID) if date and wrong(date) else dates_are_real(cell, place)

    return in_place(dates_are_real, name, statement, check)


dates_that_fail = (
    dates_failing("february_29_never_passes", "February 29 fails in any year.", lambda d: (d.month, d.day) == (2, 29)),
    dates_failing("old_dates_fail", "A date before 1900 fails.", lambda d: d.year < 1900),
    dates_failing("dates_end_in_2099", "A date beyond 2099 fails.", lambda d: d.year > 2099),
)


def _dates_cleaned(name: str, statement: str, clean: Callable[[str, Place], str]) -> Mutant:
    return in_place(dates_are_real, name, statement, lambda cell, place: dates_are_real(clean(str(cell), place), place))


def two_digits_each(text: str, place: Place) -> str:
    """A date with single digits padded to two."""
    return re.sub(r"(?<![0-9])[0-9](?![0-9])", r"0\g<0>", text)


def ascii_digits(text: str, place: Place | None = None) -> str:
    """A text with the digits of any script in ASCII."""
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def whatever_fromisoformat_takes(text: str, place: Place) -> str:
    """A date in any of the forms of ISO 8601."""
    try:
        return written(datetime.date.fromisoformat(text), place.date_format)
    except ValueError:
        return text


def without_its_time(text: str, place: Place) -> str:
    """The date in front of a time."""
    return re.sub(r"[T ][0-9]{2}:.*", "", text)


dates_cleaned_first = (
    _dates_cleaned("single_digits_are_taken", "Month and day may have one digit.", two_digits_each),
    _dates_cleaned("dates_are_trimmed", "White space around a date is overlooked.", lambda t, p: t.strip()),
    _dates_cleaned("digits_of_any_script_make_a_date", "A date may have digits of any script.", ascii_digits),
    _dates_cleaned("other_iso_dates_are_taken", "20200630 and 2020-W10-1 are dates.", whatever_fromisoformat_takes),
    _dates_cleaned("times_are_taken", "A time behind a date is overlooked.", without_its_time),
    _dates_cleaned(
        "other_separators_are_taken",
        "2020/06/30 is a date.",
        lambda t, p: re.sub(r"^(\d{4})[/.](\d\d)[/.](\d\d)$", r"\1-\2-\3", t),
    ),
)
either_format_is_taken = drop_rule(
    dates_follow_the_job, "either_format_is_taken", "An end date may have either format."
)


@replace_rule(dates_follow_the_job)
def the_end_date_is_always_iso(cell: Cell, place: Place) -> Cell:
    """An end date is read as yyyy-mm-dd in every job."""
    return dates_follow_the_job(cell, Place(place.column, place.vocabulary, "yyyy-mm-dd"))


@replace_rule(dates_follow_the_job)
def the_day_comes_first(cell: Cell, place: Place) -> Cell:
    """In a job of mm/dd/yyyy the end date is read as dd/mm/yyyy."""
    if place.date_format == "yyyy-mm-dd":
        return dates_follow_the_job(cell, place)
    swapped = re.sub(r"(..)/(..)/(....)", r"\2/\1/\3", str(cell))
    return swapped if calendar_date(swapped) else Malformed("dates_follow_the_job", INVALID)


the_start_date_is_always_iso = in_place(
    start_date_follows_the_job_too,
    "the_start_date_is_always_iso",
    "A start date is read as yyyy-mm-dd in every job.",
    start_date_is_always_iso,
)
a_start_date_in_either_format_is_taken = drop_rule(
    start_date_follows_the_job_too,
    "a_start_date_in_either_format_is_taken",
    "A start date may have either format.",
)


# Mobile numbers.


def mobiles_cleaned(name: str, statement: str, clean: Callable[[str], str]) -> Mutant:
    """A mobile number is cleaned before it is read."""
    return in_place(mobile_is_digits, name, statement, lambda cell, place: mobile_is_digits(clean(str(cell)), place))


mobiles_cleaned_first = (
    mobiles_cleaned(
        "digits_of_any_script_make_a_number", "A mobile number may have digits of any script.", ascii_digits
    ),
    mobiles_cleaned(
        "mobile_numbers_are_cleaned",
        "Spaces, brackets and dashes are dropped.",
        lambda t: re.sub(r"[ ()-]", "", t),
    ),
    mobiles_cleaned("mobile_numbers_are_trimmed", "White space around a mobile number is overlooked.", str.strip),
    mobiles_cleaned("the_plus_is_lost", "A mobile number is stored without its +.", lambda t: t.removeprefix("+")),
    mobiles_cleaned("two_pluses_are_one", "A mobile number may have several +.", lambda t: re.sub(r"^\++", "+", t)),
    mobiles_cleaned(
        "mobile_numbers_lose_their_zeros",
        "Zeros in front of a mobile number are lost.",
        lambda t: re.sub("^0+(?=[0-9])", "", t),
    ),
)


def _mobiles_matched(name: str, statement: str, pattern: str) -> Mutant:
    def check(cell: Cell, place: Place) -> Cell:
        return cell if re.match(pattern, str(cell)) else Malformed("mobile_is_digits", INVALID)

    return in_place(mobile_is_digits, name, statement, check)


mobiles_matched_otherwise = (
    _mobiles_matched("a_plus_is_a_number", "A + alone is a mobile number.", r"\+?[0-9]*\Z"),
    _mobiles_matched("a_plus_is_needed", "A mobile number needs its +.", r"\+[0-9]+\Z"),
    _mobiles_matched("a_line_feed_may_follow", "A line feed behind a mobile number is overlooked.", r"\+?[0-9]+$"),
    _mobiles_matched("mobile_numbers_need_not_end", "What follows the digits is taken.", r"\+?[0-9]+"),
    _mobiles_matched("mobile_numbers_have_15_digits", "More than 15 digits are malformed.", r"\+?[0-9]{1,15}\Z"),
)
