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

REAL, FOLLOW = "dates_are_real", "dates_follow_the_job"
CALENDARS = {  # days that depend on the calendar: the day, and what goes wrong
    "end_of_the_julian_calendar": ("1582-10-04", "Java and SQL have another calendar before it, and the day moves."),
    "day_left_out_in_1582": ("1582-10-10", "The day is refused or moves, for no Julian calendar has it."),
    "begin_of_the_gregorian_calendar": ("1582-10-15", "The day before it is ten days earlier."),
    "day_left_out_in_1752": ("1752-09-08", "The day is refused or moves, for no British calendar has it."),
    "begin_of_the_british_calendar": ("1752-09-14", "The day before it is eleven days earlier."),
    "march_1_of_1500": ("1500-03-01", "The day moves, for 1500 leaps in the Julian calendar."),
    "march_1_of_1700": ("1700-03-01", "The day moves, for 1700 leaps in the Julian calendar."),
    "march_1_of_1900": ("1900-03-01", "Excel has a day more before it, and the day moves."),
    "march_1_of_2100": ("2100-03-01", "Every fourth year is taken to leap."),
    "leap_day_of_1600": ("1600-02-29", "The day is refused or moves, for no century is taken to leap."),
    "leap_day_of_1712": ("1712-02-29", "The Swedish calendar of that year is meant to matter."),
    "middle_ages": ("1066-10-14", "The day moves to the one that it was called then."),
    "second_day": ("0001-01-02", "The day before it, the first one, is taken for nothing."),
    "last_day_but_one": ("9999-12-30", "The day after it, the last one, is taken for nothing or for ever."),
    "year_of_two_digits": ("0016-01-02", "The year is taken for 1916 or 2016."),
    "year_69": ("0069-06-15", "The year is taken for 1969 or 2069."),
    "end_of_the_first_century": ("0099-12-31", "The year is taken for 1999."),
    "first_day_of_mysql": ("1000-01-01", "The day before it is refused or becomes nothing."),
    "first_day_of_sql_server": ("1753-01-01", "The day before it is refused or becomes nothing."),
    "first_nanosecond": ("1677-09-22", "Days that do not fit into nanoseconds become nothing."),
    "last_nanosecond": ("2262-04-11", "Days that do not fit into nanoseconds become nothing."),
    "zero_of_excel": ("1899-12-31", "Days are counted from it, and it is taken for nothing."),
    "zero_of_delphi": ("1899-12-30", "Days are counted from it, and it is taken for nothing."),
    "first_day_of_excel": ("1900-01-01", "The day is moved by one, or the day before it is refused."),
    "zero_of_the_macintosh": ("1904-01-01", "Days are counted from it, and it is taken for nothing."),
    "first_second_of_32_bits": ("1901-12-14", "The day before it does not fit, and is another one."),
    "last_second_of_32_bits": ("2038-01-19", "The day after it does not fit, and is another one."),
    "last_unsigned_second": ("2106-02-07", "The day after it does not fit, and is another one."),
    "last_small_day_of_sql_server": ("2079-06-06", "The day after it is refused."),
    "gap_in_short_years": ("1950-01-01", "The year is written with two digits on its way, and read as 2050."),
    "hundred_years_ago": ("1915-06-15", "The year is written with two digits on its way, and read as 2015."),
}
CLOCKS = {  # days that depend on a clock: the day, and what goes wrong
    "epoch": ("1970-01-01", "The number of its seconds is 0, and it is taken for nothing."),
    "day_before_the_epoch": ("1969-12-31", "Its number is -1, which is taken for an error, or is rounded up."),
    "day_long_before_the_epoch": ("1968-06-30", "A negative number of seconds is rounded the wrong way."),
    "begin_of_summer_time_in_europe": ("2016-03-27", "A day of 23 hours makes it the day before."),
    "end_of_summer_time_in_europe": ("2016-10-30", "A day of 25 hours makes it the day before or the day after."),
    "summer_in_europe": ("2016-07-01", "It is midnight in summer time, and the day before without it."),
    "begin_of_summer_time_in_america": ("2016-03-13", "A day of 23 hours makes it the day before."),
    "end_of_summer_time_in_america": ("2016-11-06", "A day of 25 hours makes it the day before or the day after."),
    "day_without_midnight_in_brazil": ("2018-11-04", "It begins at one there, and is refused or moves."),
    "day_without_midnight_in_chile": ("2019-09-08", "It begins at one there, and is refused or moves."),
    "day_without_midnight_in_cuba": ("2018-03-11", "It begins at one there, and is refused or moves."),
    "day_left_out_in_samoa": ("2011-12-30", "There is no such day there, and it is refused or moves."),
    "day_left_out_in_kiribati": ("1994-12-31", "There is no such day there, and it is refused or moves."),
    "day_twice_in_alaska": ("1867-10-18", "There are two of them there, and it moves."),
    "five_minutes_in_shanghai": ("1928-01-01", "The clock went back there, and it moves."),
    "time_of_the_railways": ("1883-11-18", "The clock went back in America, and it moves."),
    "double_summer_time": ("1945-07-15", "It is midnight in double summer time, and the day before without it."),
    "leap_second": ("2017-01-01", "The second before it is the 61st of its minute."),
    "new_years_day": ("2016-01-01", "It is the year before in a zone west of Greenwich, or by the week's year."),
    "week_of_the_next_year": ("2018-12-31", "The year of its week is written, which is 2019."),
    "leap_day": ("2016-02-29", "It moves to March 1, or the day before it."),
}
NONE = {  # days that are none: the text, and what goes wrong
    "leap_day_of_1500": ("1500-02-29", "The Julian calendar has the day."),
    "leap_day_of_1700": ("1700-02-29", "The Julian calendar has the day."),
    "leap_day_of_the_year_100": ("0100-02-29", "The Julian calendar has the day."),
    "leap_day_of_2100": ("2100-02-29", "Every fourth year is taken to leap."),
    "february_30_of_1712": ("1712-02-30", "The Swedish calendar had the day."),
}
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
    for name, (text, wrong) in NONE.items():
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
