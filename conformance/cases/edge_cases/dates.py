"""Dates: what is one under each format of a job, and what only looks like one."""

from collections.abc import Iterator

from conformance.cases.edge_cases.building import (
    ADA,
    END_DATE,
    HEADER,
    EdgeCase,
    but,
    edge_case,
    importing,
    lines,
    with_column,
)

ISO, US = "yyyy-mm-dd", "mm/dd/yyyy"
REAL, OURS = "dates_are_real", "dates_follow_the_job"
BOTH = f"{REAL} {OURS}"  # the text has neither format, so that either rule alone fails it

GOOD = {  # dates: a name, the text, its format, the rule
    "usual": ("2016-01-02", ISO, OURS),
    "leap_day": ("2016-02-29", ISO, REAL),
    "leap_day_of_2000": ("2000-02-29", ISO, REAL),
    "first_day": ("0001-01-01", ISO, REAL),
    "last_day": ("9999-12-31", ISO, REAL),
    "before_1900": ("1815-12-10", ISO, REAL),
    "in_quotes": ('"2016-01-02"', ISO, OURS),
    "usual_american": ("01/02/2016", US, OURS),
    "leap_day_american": ("02/29/2016", US, REAL),
    "after_the_twelfth_american": ("12/31/2016", US, OURS),
}
BAD = {  # what is no date of a job of this format: a name, the text, the format, the rules
    "other_format": ("01/02/2016", ISO, OURS),
    "other_format_american": ("2016-01-02", US, OURS),
    "day_first": ("13/01/2016", US, REAL),
    "day_first_in_iso": ("2016-13-01", ISO, REAL),
    "single_digits": ("2016-1-2", ISO, BOTH),
    "single_digits_american": ("1/2/2016", US, BOTH),
    "no_separators": ("20160102", ISO, BOTH),
    "no_separators_american": ("01022016", US, BOTH),
    "short_year": ("16-01-02", ISO, BOTH),
    "short_year_american": ("01/02/16", US, BOTH),
    "february_30": ("2016-02-30", ISO, REAL),
    "february_30_american": ("02/30/2016", US, REAL),
    "february_29_of_no_leap_year": ("2015-02-29", ISO, REAL),
    "february_29_of_1900": ("1900-02-29", ISO, REAL),
    "april_31": ("2016-04-31", ISO, REAL),
    "month_0": ("2016-00-10", ISO, REAL),
    "day_0": ("2016-01-00", ISO, REAL),
    "year_0": ("0000-01-01", ISO, REAL),
    "year_10000": ("10000-01-01", ISO, BOTH),
    "all_zeros": ("0000-00-00", ISO, REAL),
    "time_behind": ("2016-01-02 00:00:00", ISO, BOTH),
    "time_behind_a_t": ("2016-01-02T00:00:00", ISO, BOTH),
    "time_zone_behind": ("2016-01-02Z", ISO, BOTH),
    "time_behind_american": ("01/02/2016 0:00", US, BOTH),
    "week_date": ("2016-W01-6", ISO, BOTH),
    "day_of_the_year": ("2016-002", ISO, BOTH),
    "slashes": ("2016/01/02", ISO, BOTH),
    "dots": ("2016.01.02", ISO, BOTH),
    "dots_day_first": ("02.01.2016", ISO, BOTH),
    "hyphens_american": ("01-02-2016", US, BOTH),
    "name_of_the_month": ("2-Jan-2016", ISO, BOTH),
    "number_of_a_spreadsheet": ("42371", ISO, BOTH),
    "month_only": ("2016-01", ISO, BOTH),
    "year_only": ("2016", ISO, BOTH),
    "blank_behind": ("2016-01-02 ", ISO, BOTH),
    "blank_in_front": (" 2016-01-02", ISO, BOTH),
    "line_end_behind": ('"2016-01-02\n"', ISO, BOTH),
    "no_break_space_behind": ("2016-01-02\u00a0", ISO, BOTH),
    "zero_width_space_in_front": ("\u200b2016-01-02", ISO, BOTH),
    "other_hyphens": ("2016\u201001\u201002", ISO, BOTH),
    "minus_signs": ("2016\u221201\u221202", ISO, BOTH),
    "digits_of_another_script": ("\u0662\u0660\u0661\u0666-\u0660\u0661-\u0660\u0662", ISO, BOTH),
    "full_width_digits": ("\uff12\uff10\uff11\uff16-01-02", ISO, BOTH),
    "minus_in_front": ("-2016-01-02", ISO, BOTH),
    "plus_in_front": ("+2016-01-02", ISO, BOTH),
    "apostrophe_in_front": ("'2016-01-02", ISO, BOTH),
    "word": ("today", ISO, BOTH),
    "word_null": ("NULL", ISO, BOTH),
    "clear_token_in_lower_case": ("**clear**", ISO, BOTH),
    "dashes_only": ("--", ISO, BOTH),
}
START = {  # the start date: a name, the text, the format, the rule that fails it, if one does
    "iso_in_an_american_job": ("2016-01-02", US, "start_date_follows_the_job_too"),
    "american_in_an_iso_job": ("01/02/2016", ISO, "start_date_follows_the_job_too"),
    "american_in_an_american_job": ("01/02/2016", US, None),
    "single_digits": ("2016-1-2", ISO, f"{REAL} start_date_follows_the_job_too"),
}


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    for name, (text, date_format, rule) in GOOD.items():
        title = f"{shown(text)} is a date of a job of {date_format}."
        wrong = "The row fails, or another day is stored."
        yield edge_case(f"date_{name}", rule, title, wrong, ending(text, date_format))
    for name, (text, date_format, rule) in BAD.items():
        title = f"{shown(text)} is no date of a job of {date_format}: the row fails."
        wrong = "The text is read as some date, or as none, and the row is applied."
        yield edge_case(f"date_{name}", rule, title, wrong, ending(text, date_format))
    for name, (text, date_format, rule_or_none) in START.items():
        ending_of = "is no start date" if rule_or_none else "is a start date"
        title = f"{shown(text)} {ending_of} of a job of {date_format}."
        wrong = "The start date is read in another format than the job's."
        file = with_column("primary_education:start_date", (ADA, text))
        rule = rule_or_none or "start_date_follows_the_job_too"
        yield edge_case(f"start_date_{name}", rule, title, wrong, importing(file, date_format))
    yield from one_day_in_two_formats()


def shown(text: str) -> str:
    """A text in a sentence, what cannot be seen spelled out."""
    return ascii(text.strip('"'))


def ending(text: str, date_format: str) -> dict[str, object]:
    """The request for a file with one end date."""
    return dict(importing(lines(HEADER, but(ADA, END_DATE, text)), date_format))


def one_day_in_two_formats() -> Iterator[EdgeCase]:
    """The same day, and the same text, under one format and then the other."""
    iso, with_us_dates = (ending(text, form) for text, form in (("2016-01-02", ISO), ("01/02/2016", US)))
    yield edge_case(
        "date_said_again_in_the_other_format",
        OURS,
        "The same day in the format of another job is the same day, and the row says nothing new.",
        "Rows are compared as texts, or day and month change places.",
        iso,
        with_us_dates,
    )
    yield edge_case(
        "date_sent_again_to_a_job_of_the_other_format",
        "dates_follow_the_job",
        "The same text in a job of the other format is no date.",
        "The text was read once, and what came of it is remembered.",
        with_us_dates,
        ending("01/02/2016", ISO),
    )
