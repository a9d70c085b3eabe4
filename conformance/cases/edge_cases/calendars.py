"""Days that some calendar, some clock or some type of dates does not have, moves, or takes for nothing.

Dates are those of the Gregorian calendar, also where and when another one was in use; they have no time and no zone.
Each day is sent with the one before and the one after it, as a start and as an end, and in both formats.
"""

import datetime
from collections.abc import Iterator

from conformance.cases.edge_cases.building import (
    ADA,
    BEN,
    CLEO,
    END_DATE,
    HEADER,
    EdgeCase,
    Row,
    but,
    edge_case,
    importing,
    lines,
)
from conformance.generation.deceptive_values import CALENDARS, CLOCKS, NO_DAYS

REAL, FOLLOW = "dates_are_real", "dates_follow_the_job"
ORDER = {  # days in order of which some clock or calendar changes the order or takes one for nothing
    "end_before_the_epoch": ("1970-01-01", "1969-12-31"),
    "end_on_the_epoch": ("1970-01-02", "1970-01-01"),
    "end_on_the_first_day": ("0001-01-02", "0001-01-01"),
    "start_on_the_last_day": ("9999-12-31", "9999-12-30"),
    "start_after_the_reform": ("1582-10-15", "1582-10-14"),
    "end_in_a_year_of_two_digits": ("1970-06-15", "0099-06-15"),
    "start_on_a_long_day": ("2016-10-31", "2016-10-30"),
    "end_on_a_short_day": ("2016-03-28", "2016-03-27"),
}
US_FORMAT = "mm/dd/yyyy"
WITH_START = (*HEADER, "primary_education:start_date")


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    for rule, days in ((REAL, CALENDARS), (FOLLOW, CLOCKS)):
        for name, (text, wrong) in days.items():
            yield around(name, rule, text, wrong)
    for name, (text, wrong) in NO_DAYS.items():
        title, data = f"{text} is no day, and the row fails.", lines(HEADER, but(ADA, END_DATE, text))
        yield edge_case(f"no_{name}", REAL, title, wrong, data)
    for name, (start, end) in ORDER.items():
        yield edge_case(
            f"dates_in_order_{name}",
            "end_date_is_not_before_start_date",
            f"A student who starts on {start} cannot end on {end}, and may end on the same day.",
            "One of the days moves or is taken for nothing, and they are not compared.",
            lines(WITH_START, dated(ADA, start, end), dated(BEN, start, start)),
        )


def around(name: str, rule: str, text: str, wrong: str) -> EdgeCase:
    """A day with those around it, which a second job writes in another format."""
    days = [datetime.date.fromisoformat(text) + datetime.timedelta(days=n) for n in (-1, 0, 1)]
    rules = f"{FOLLOW} {REAL}" if rule == FOLLOW else f"{REAL} {FOLLOW}"
    title = f"{text} is stored as that day, and so are its neighbours, in either format."
    return edge_case(
        f"day_{name}",
        f"{rules} unchanged_rows_are_skipped",
        title,
        wrong,
        three_days([day.isoformat() for day in days]),
        importing(three_days([f"{day:%m/%d}/{day.year:04}" for day in days]), US_FORMAT),
    )


def three_days(texts: list[str]) -> bytes:
    """A file of three students, with a day for each, of whom one starts and ends on it."""
    before, day, after = texts
    return lines(WITH_START, dated(ADA, before, before), dated(BEN, day, day), dated(CLEO, after, after))


def dated(row: Row, start: str, end: str) -> Row:
    """A row with two dates."""
    return (*but(row, END_DATE, end), start)
