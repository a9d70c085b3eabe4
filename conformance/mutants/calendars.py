"""Mutants of calendars and clocks: days that move, are refused, or are taken for nothing.

A date of a file has neither time nor zone, and is of the Gregorian calendar at all times. An importer that makes it a
moment, or counts days in another way, moves some days and not others.
"""

import datetime
from collections.abc import Callable

from conformance.mutants.identifiers import dates_compared
from conformance.mutants.operators import Mutant, in_place
from conformance.mutants.values import dates_failing, dates_read, last_of_its_month, written
from refmodel.cell import CLEAR, KEEP, Cell, Place, calendar_date
from refmodel.columns import END_DATE
from refmodel.rules.cell import dates_are_real, dates_follow_the_job
from refmodel.ruleset import Rule

Day = datetime.date
ONE, REFORM, EPOCH = datetime.timedelta(days=1), Day(1582, 10, 15), Day(1970, 1, 1)


def _moved(name: str, statement: str, move: Callable[[Day], Day], breaks: Rule = dates_follow_the_job) -> Mutant:
    """Days are stored as others; one that would leave the calendar stays."""

    def read(cell: Cell, place: Place) -> Cell:
        day = calendar_date(str(cell))
        return dates_are_real(cell, place) if day is None else written(within(move, day), place.date_format)

    return in_place(dates_are_real, name, statement, read, breaks=breaks)


def within(move: Callable[[Day], Day], day: Day) -> Day:
    """A day moved, or the day where there is none to move it to."""
    try:
        return move(day)
    except OverflowError:
        return day


def _back(when: Callable[[Day], bool]) -> Callable[[Day], Day]:
    return lambda day: day - ONE if when(day) else day


def _on(when: Callable[[Day], bool]) -> Callable[[Day], Day]:
    return lambda day: day + ONE if when(day) else day


def last_sunday(year: int, month: int) -> Day:
    """The last Sunday of a month of 31 days."""
    last = Day(year, month, 31)
    return last - datetime.timedelta(days=(last.weekday() + 1) % 7)


def in_summer(day: Day) -> bool:
    """Whether a day begins in the European summer time of today's rules."""
    return day.year >= 1996 and last_sunday(day.year, 3) < day <= last_sunday(day.year, 10)


def begins_summer(day: Day) -> bool:
    """Whether summer time begins on a day in Europe."""
    return day.year >= 1996 and day == last_sunday(day.year, 3)


def ends_summer(day: Day) -> bool:
    """Whether summer time ends on a day in Europe."""
    return day.year >= 1996 and day == last_sunday(day.year, 10)


def wrapped(day: Day) -> Day:
    """A day as 32 bits hold its seconds."""
    seconds = (day - EPOCH).days * 86_400
    return EPOCH + datetime.timedelta(seconds=(seconds + 2**31) % 2**32 - 2**31)


# Clocks.

WITHOUT_MIDNIGHT = (Day(2018, 11, 4), Day(2019, 9, 8), Day(2018, 3, 11), Day(2017, 10, 15))
LEFT_OUT = (Day(2011, 12, 30), Day(1994, 12, 31))
LOCAL_MEAN_TIME = Day(1883, 11, 18)

days_that_a_clock_moves = (
    _moved("javascript_dates_move_west_of_utc", "Every date is stored as the day before.", _back(lambda d: True)),
    _moved("summer_dates_move_a_day", "A date in summer time is stored as the day before.", _back(in_summer)),
    _moved("the_short_day_moves", "The day on which summer time begins is the day before.", _back(begins_summer)),
    _moved("the_long_day_moves", "The day on which summer time ends is the day before.", _back(ends_summer)),
    _moved("php_dates_before_1970_move", "A date before 1970 is stored as the day after.", _on(lambda d: d < EPOCH)),
    _moved(
        "python_fixed_offset_moves_old_dates",
        "A date before zones had whole minutes is the day before.",
        _back(lambda d: d < LOCAL_MEAN_TIME),
    ),
    _moved(
        "java_days_without_midnight_move",
        "A day without midnight is the day before.",
        _back(WITHOUT_MIDNIGHT.__contains__),
    ),
    _moved("samoa_leaves_out_a_day", "A day that an island left out is the day after.", _on(LEFT_OUT.__contains__)),
    _moved(
        "the_year_of_the_week_is_stored",
        "A date in a week of the next year gets that year.",
        lambda d: d.replace(year=d.isocalendar().year) if (d.month, d.day) != (2, 29) else d,
    ),
    _moved("c_dates_wrap_in_2038", "A date beyond 2038-01-19 is one of 1901.", wrapped),
)


# Calendars.


def julian_number(year: int, month: int, day: int) -> int:
    """The number of a Julian day, counted as `date.toordinal` counts."""
    years, months = year + 4800 - (month < 3), (month + 9) % 12
    return day + (153 * months + 2) // 5 + 365 * years + years // 4 - 32083 - 1_721_425


def as_julian(day: Day) -> Day:
    """A day before the reform, read as one of the Julian calendar."""
    return Day.fromordinal(max(1, julian_number(day.year, day.month, day.day))) if day < REFORM else day


def of_this_century(day: Day) -> Day:
    """A day of the first hundred years, as one of the twentieth century."""
    return day.replace(year=day.year + 1900) if day.year < 100 and (day.month, day.day) != (2, 29) else day


def by_the_window(day: Day) -> Day:
    """A day of the first hundred years in the window of POSIX: 69 is 1969, and 68 is 2068."""
    return day.replace(year=day.year + (2000 if day.year < 69 else 1900)) if day.year < 100 else day


days_that_a_calendar_moves = (
    _moved(
        "java_calendar_is_julian_before_1582", "A date before 1582-10-15 is a Julian one.", as_julian, dates_are_real
    ),
    _moved("javascript_years_below_100_are_1900", "The year 0016 is 1916.", of_this_century, dates_are_real),
    _moved("posix_years_below_69_are_2000", "The year 0016 is 2016, and 0069 is 1969.", by_the_window, dates_are_real),
    _moved(
        "excel_dates_before_march_1900_move",
        "A date before 1900-03-01 is the day after.",
        _on(lambda d: d < Day(1900, 3, 1)),
        dates_are_real,
    ),
    _moved(
        "two_digit_years_end_in_1950",
        "A date before 1950 is one a hundred years later.",
        lambda d: d.replace(year=d.year + 100) if 1900 < d.year < 1950 and (d.month, d.day) != (2, 29) else d,
        dates_are_real,
    ),
)
days_that_a_calendar_has_not = (
    dates_failing("the_days_of_1582_are_none", "1582-10-05 to 14 fail.", lambda d: Day(1582, 10, 4) < d < REFORM),
    dates_failing(
        "the_days_of_1752_are_none", "1752-09-03 to 13 fail.", lambda d: Day(1752, 9, 2) < d < Day(1752, 9, 14)
    ),
    dates_failing("days_that_samoa_left_out_are_none", "2011-12-30 fails.", LEFT_OUT.__contains__),
    dates_failing("days_without_midnight_are_none", "2018-11-04 fails.", WITHOUT_MIDNIGHT.__contains__),
    dates_failing("sql_server_dates_begin_in_1753", "A date before 1753 fails.", lambda d: d.year < 1753),
    dates_failing("mysql_dates_begin_in_1000", "A date before the year 1000 fails.", lambda d: d.year < 1000),
    dates_failing("pandas_dates_end_in_2262", "A date beyond 2262-04-11 fails.", lambda d: d > Day(2262, 4, 11)),
    dates_failing("small_dates_end_in_2079", "A date beyond 2079-06-06 fails.", lambda d: d > Day(2079, 6, 6)),
    dates_failing("seconds_end_in_2038", "A date beyond 2038-01-19 fails.", lambda d: d > Day(2038, 1, 19)),
    dates_failing("dates_begin_in_1970", "A date before 1970 fails.", lambda d: d < EPOCH),
)
days_of_other_calendars = (
    dates_read(
        "julian_centuries_leap",
        "1500-02-29 passes, and is the last of February.",
        lambda y, m, d: last_of_its_month(y, m, d) if (m, d) == (2, 29) and y < 1752 and y % 4 == 0 else None,
    ),
    dates_read(
        "excel_has_a_leap_day_in_1900",
        "1900-02-29 passes, and no other day like it.",
        lambda y, m, d: Day(1900, 3, 1) if (y, m, d) == (1900, 2, 29) else None,
    ),
    dates_read(
        "sweden_has_a_february_30",
        "1712-02-30 passes.",
        lambda y, m, d: Day(1712, 3, 1) if (y, m, d) == (1712, 2, 30) else None,
    ),
)

# Nothing.


def _nothing(name: str, statement: str, word: Cell, nothing: Callable[[Day], bool]) -> Mutant:
    def read(cell: Cell, place: Place) -> Cell:
        day = calendar_date(str(cell))
        return word if day and nothing(day) else dates_are_real(cell, place)

    return in_place(dates_are_real, name, statement, read)


days_that_are_nothing = (
    _nothing("csharp_takes_the_first_day_for_nothing", "0001-01-01 keeps.", KEEP, lambda d: d == Day.min),
    _nothing(
        "the_last_day_is_nothing", "9999-12-31 means that there is no end, and clears.", CLEAR, lambda d: d == Day.max
    ),
    _nothing("excel_takes_its_zero_for_nothing", "1899-12-31 keeps.", KEEP, lambda d: d == Day(1899, 12, 31)),
    _nothing("delphi_takes_its_zero_for_nothing", "1899-12-30 keeps.", KEEP, lambda d: d == Day(1899, 12, 30)),
    _nothing("macintosh_takes_its_zero_for_nothing", "1904-01-01 keeps.", KEEP, lambda d: d == Day(1904, 1, 1)),
    _nothing("an_error_of_mktime_is_nothing", "1969-12-31 keeps.", KEEP, lambda d: d == Day(1969, 12, 31)),
    _nothing(
        "pandas_coerces_old_dates_to_nothing", "A date before 1677-09-22 clears.", CLEAR, lambda d: d < Day(1677, 9, 22)
    ),
)
dates_before_1970_are_not_compared = dates_compared(
    "dates_before_1970_are_not_compared",
    "Where the end is before 1970, the dates are not compared.",
    lambda row: str(row.would_be(END_DATE)) >= "1970",
)
