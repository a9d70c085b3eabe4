"""The classes of cells: for each column, the kinds of texts that importers treat differently, each with one text.

`quiet` cells say nothing new of a student, `fitting` ones can be applied (under the right job), `faulty` ones make a
row fail. Boundaries stand on both sides: 255 and 256 characters, the first day of the calendar and the day before it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from attrs import frozen

from conformance.generation.rows import us_date
from refmodel.columns import BY_HEADER, CLEAR_TOKEN, COLUMNS, Kind
from refmodel.value_lists import LEVELS, YEARS, Vocabulary

Sort = Literal["quiet", "fitting", "faulty"]
Lists = Mapping[Vocabulary, tuple[str, ...]]


@frozen
class Setting:
    """What the text of a cell depends on: where the file goes, how it writes dates, and what is stored."""

    institution: str
    other: str  # the other institution
    vocabulary: Vocabulary
    date_format: str
    stored: Mapping[str, str]  # header → text of the student whom the row is about


Text = Callable[[Setting], str]


@frozen
class CellClass:
    """One class of cells of one column; `text` is None where the column is absent."""

    name: str
    sort: Sort
    text: Text | None


def always(text: str) -> Text:
    """The same text whatever the setting."""
    return lambda setting: text


def day(text: str) -> Text:
    """A day written as yyyy-mm-dd, in the format of the job; also one that there is not."""

    def written(setting: Setting) -> str:
        year, month, rest = text.split("-", 2)
        return text if setting.date_format == "yyyy-mm-dd" else f"{month}/{rest}/{year}"

    return written


def in_the_other_format(text: str) -> Text:
    """A day in the format that is not the job's."""
    return lambda setting: us_date(text) if setting.date_format == "yyyy-mm-dd" else text


def from_list(lists: Lists, place: int) -> Text:
    """A value of the institution's own list."""
    return lambda setting: lists[setting.vocabulary][place]


def foreign_to(lists: Lists) -> Text:
    """A value that only the other vocabulary has."""
    return lambda setting: next(
        text for text in lists["us" if setting.vocabulary == "eu" else "eu"] if text not in lists[setting.vocabulary]
    )


def of_the_other_column(own: Lists, others: Lists) -> Text:
    """A value that the institution has in the other of the two lists only."""
    return lambda setting: next(text for text in others[setting.vocabulary] if text not in own[setting.vocabulary])


def as_stored(header: str) -> Text:
    """What is stored already, dates in the format of the job."""
    is_date = BY_HEADER[header].kind is Kind.DATE

    def text(setting: Setting) -> str:
        stored = setting.stored.get(header, "")
        return day(stored)(setting) if is_date and stored else stored

    return text


Texts = dict[str, str | Text]

# Texts that are verbatim in a column of texts, and that importers change or refuse.
VERBATIM: Texts = {
    "other": "w",
    "spaced": " w ",
    "capitals": "V",
    "zeros_in_front": "007",
    "decomposed": "e\u0301",
    "formula": "=1+1",
    "quoted": 'a,"b"\nc',
    "long": "z" * 300,
    "nearly_the_token": " **CLEAR**",
}
DAYS_AMISS: Texts = {
    "the_other_format": in_the_other_format("2020-06-30"),
    "no_such_day": day("2020-02-30"),
    "no_leap_day": day("2019-02-29"),
    "no_leap_day_of_a_century": day("1900-02-29"),
    "year_zero": day("0000-01-01"),
    "no_such_month": day("2020-13-01"),
    "short": day("2020-6-30"),
    "without_separators": "20200630",
    "a_week": "2020-W10-1",
    "spaced": lambda setting: day("2020-06-30")(setting) + " ",
    "other_digits": day("\u0662\u0660\u0662\u0660-06-30"),
    "nearly_the_token": "CLEAR",
}
LISTED: Texts = {
    "other": "z",
    "other_order": "y;x",
    "spaced": " x ; y ",
    "empty_items": "x;;y;",
    "separators_only": " ; ",
    "repeats": "x;x;y",
    "capitals": "X;x",
    "with_commas": "x,y",
    "near_the_token": "CLEAR;**clear**",
}
TOKEN_INSIDE: Texts = {"token_inside": "x; **CLEAR** "}
FITTING: Mapping[Kind, Texts] = {
    Kind.TEXT: VERBATIM,
    Kind.LEVEL: {"other": from_list(LEVELS, 1)},
    Kind.YEAR: {"other": from_list(YEARS, 1)},
    Kind.LIST: LISTED,
    Kind.LABELS: LISTED | {"many": ";".join(f"label {n}" for n in range(12)), "numeric": "1;01"},
    Kind.BOOLEAN: {"true": "TRUE", "false": "FALSE"},
    Kind.MOBILE: {"other": "4421", "one_digit": "0", "many_digits": "+" + "1234567890" * 3},
}
FAULTY: Mapping[Kind, Texts] = {
    Kind.LEVEL: {
        "the_other_vocabularys": foreign_to(LEVELS),
        "a_year": of_the_other_column(LEVELS, YEARS),
        "small_letters": lambda setting: LEVELS[setting.vocabulary][1].lower(),
        "spaced": lambda setting: f" {LEVELS[setting.vocabulary][1]}",
        "nearly_the_token": "**clear**",
    },
    Kind.YEAR: {
        "the_other_vocabularys": foreign_to(YEARS),
        "a_level": of_the_other_column(YEARS, LEVELS),
        "small_letters": "alumni",
        "spaced": "Alumni ",
        "nearly_the_token": "**clear**",
    },
    Kind.DATE: DAYS_AMISS,
    Kind.LIST: TOKEN_INSIDE,
    Kind.LABELS: TOKEN_INSIDE,
    Kind.BOOLEAN: {"token": CLEAR_TOKEN, "small_letters": "true", "title": "False", "one": "1", "spaced": " TRUE"},
    Kind.MOBILE: {
        "plus_only": "+",
        "two_pluses": "++44",
        "plus_behind": "44+",
        "spaces_inside": "44 20",
        "brackets": "(44)20",
        "other_digits": "\u0664\u0664",
        "line_end": "44\n",
        "nearly_the_token": "CLEAR",
    },
}
FITTING_IN: Mapping[str, Texts] = {
    "email_address": {
        "other": "z@mail.example",
        "shared_domain": "z@shared.edu",
        "domain_below_anothers": lambda setting: f"z@sub.{setting.other}.edu",
        "letter_like_k": "\u212a@mail.example",
    },
    "username": VERBATIM,
    "primary_education:start_date": {
        "other": day("2017-09-01"),
        "leap_day": day("2012-02-29"),
        "first_day": day("0001-01-01"),
        "day_of_the_end": day("2020-06-30"),
    },
    "primary_education:end_date": {
        "other": day("2021-06-30"),
        "leap_day": day("2024-02-29"),
        "last_day": day("9999-12-31"),
    },
    "primary_education:major_names": LISTED
    | {"255_characters": "m" * 255, "255_and_spaces": f"y; {'m' * 255} ", "255_wide": "\U0001f393" * 255},
    "assigned_to_email_address": {"other": lambda setting: f"coach@{setting.institution}.edu"},
    "campus_name": {"other": "Quay"},
}
FAULTY_IN: Mapping[str, Texts] = {
    "email_address": {
        "anothers_domain": lambda setting: f"z@{setting.other}.edu",
        "taken_here": "b@mail.example",
        "taken_elsewhere": "e@mail.example",
        "staffs": lambda setting: f"advisor@{setting.institution}.edu",
        "employers": "hr@employer.example",
        "no_at": "z.mail.example",
        "two_ats": "z@@mail.example",
        "space_inside": "z z@mail.example",
        "nothing_before_the_at": "@mail.example",
        "nothing_behind_the_at": "z@",
        "nearly_the_token": "CLEAR",
    },
    "username": {"anothers": "2"},
    "auth_identifier": {"anothers": "j"},
    "card_id": {"anothers": "9"},
    "primary_education:start_date": DAYS_AMISS | {"day_after_the_end": day("2020-07-01")},
    "primary_education:end_date": DAYS_AMISS | {"day_before_the_start": day("2016-08-31")},
    "primary_education:major_names": TOKEN_INSIDE | {"256_characters": "m" * 256, "256_behind": "y;" + "\u00e9" * 256},
    "assigned_to_email_address": {
        "the_other_institutions": lambda setting: f"advisor@{setting.other}.edu",
        "nobodys": "nobody@mail.example",
        "no_address": "advisor",
        "nearly_the_token": "**CLEAR** ",
    },
    "campus_name": {"small_letters": "main", "unknown": "Moon", "spaced": " Main", "nearly_the_token": "CLEAR"},
}
CAPITALS: Texts = {"spaced_capitals": lambda setting: f" {setting.stored.get('email_address', '').upper()} "}
BLANKS: Texts = {"blank": "", "white_space": " \u00a0\t"}


def classes_of(header: str) -> Iterator[CellClass]:
    """The classes of cells of a column, the quiet ones in front."""
    column = BY_HEADER[header]
    if not column.starred:
        yield CellClass("absent", "quiet", None)
    yield CellClass("as_stored", "quiet", as_stored(header))
    if column.kind is Kind.EMAIL:
        yield from _classes("quiet" if column.identity else "fitting", _capitals(header))
    yield from _classes(_sort_of_blanks(header), BLANKS)
    if column.kind is not Kind.BOOLEAN:
        yield CellClass("token", "faulty" if column.identity else "fitting", always(CLEAR_TOKEN))
    yield from _classes("fitting", FITTING_IN.get(header, FITTING.get(column.kind, {})))
    yield from _classes("faulty", FAULTY_IN.get(header, FAULTY.get(column.kind, {})))


def _capitals(header: str) -> Texts:
    if header == "email_address":
        return CAPITALS
    return {"spaced_capitals": lambda setting: f" ADVISOR@{setting.institution}.EDU "}


def _sort_of_blanks(header: str) -> Sort:
    if header in ("email_address", "username"):
        return "faulty"
    return "fitting" if header in ("first_name", "last_name", "system_label_names") else "quiet"


def _classes(sort: Sort, texts: Texts) -> Iterator[CellClass]:
    for name, text in texts.items():
        yield CellClass(name, sort, always(text) if isinstance(text, str) else text)


CLASSES: Mapping[str, Mapping[str, CellClass]] = {
    column.header: {each.name: each for each in classes_of(column.header)} for column in COLUMNS
}
