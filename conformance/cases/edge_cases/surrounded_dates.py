"""Dates with something around them: a text is a date as a whole or not at all, in both formats and both columns."""

from collections.abc import Iterator

from conformance.cases.edge_cases.building import (
    END_DATE,
    HEADER,
    EdgeCase,
    but,
    edge_case,
    importing,
    lines,
    quoted,
    with_column,
)
from conformance.cases.edge_cases.value_lists import students

DATES = {"iso": ("2016-01-02", "yyyy-mm-dd"), "american": ("01/02/2016", "mm/dd/yyyy")}
OTHER_DATES = ("2016-01-02", "01/02/2016")
AROUND = ("1", "0", "x", "-", "/", ":", ",", "\n", "\t", "\x1f", "\u00a0", "\u200b", "\u0661", *OTHER_DATES)
RULES = {
    "end_date": "dates_are_real dates_follow_the_job",
    "start_date": "dates_are_real start_date_follows_the_job_too",
}


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    for name, (date, date_format) in DATES.items():
        for column in RULES:
            in_front, behind = [f"{text}{date}" for text in AROUND], [f"{date}{text}" for text in AROUND]
            yield case(name, date_format, column, "in_front", in_front)
            yield case(name, date_format, column, "behind", behind)


def case(name: str, date_format: str, column: str, side: str, texts: list[str]) -> EdgeCase:
    """A file of students who have one of these texts each."""
    words = f"{column.replace('_', ' ')} in {date_format}"
    return edge_case(
        f"{name}_{column}_with_something_{side}",
        RULES[column],
        f"The row fails whose {words} has a text {side.replace('_', ' ')}{' of it' if side == 'in_front' else ' it'}.",
        "The date is looked for in the text, and what stands around it is dropped.",
        importing(file(column, texts), date_format),
    )


def file(column: str, texts: list[str]) -> bytes:
    """A file of students, with one of the texts each in the column."""
    cells = map(quoted, texts)
    if column == "start_date":
        return with_column("primary_education:start_date", *zip(students(len(texts)), cells))
    return lines(HEADER, *(but(row, END_DATE, cell) for row, cell in zip(students(len(texts)), cells)))
