"""What a file did, shown to people and given to programs."""

from collections.abc import Iterator

from refmodel.catalogue import CATALOGUE
from refmodel.cli.applying import Applied, Order
from refmodel.cli.failures import Failure
from refmodel.cli.terminal import (
    SHOWN,
    heading,
    is_terminal,
    items,
    line,
    say_how_many_more,
    table,
)
from refmodel.columns import COLUMNS, Column
from refmodel.explain.advice import Advice
from refmodel.explain.summary import EVENTS, Problem, Rows, Summary
from refmodel.failures import short
from refmodel.report import Outcome

OUTCOMES: tuple[Outcome, ...] = ("created", "updated", "unchanged", "failed")
EVENTS_IN_WORDS = {event.__name__: event.__doc__ or "" for event in EVENTS}
VALUE_HEADERS = ("column", "of new students", "set", "changed", "cleared")
ROWS_NAMED = 5  # of those to which the same happened, before it says "and so on"
LONG = 1_000  # characters of a value that a table in a pipe shows; --json has it whole
FAILURE_HEADERS = ("row", "student", "column", "value", "error", "rule")


# For people.


def show(applied: Applied) -> None:
    """What a file did, for people."""
    summary = applied.summary
    line(in_a_sentence(applied.order))
    line()
    table(("outcome", "rows"), [(name, f"{summary.outcomes[name]:,}") for name in OUTCOMES])
    show_students(summary, applied.order.preview)
    show_failures(applied)
    for title, texts in (("Warnings", applied.warnings), ("Advice", tuple(advice_in_words(summary)))):
        if texts:
            heading(title)
            items(texts)
    line()
    for text in endings(applied):
        line(text)


def in_a_sentence(order: Order) -> str:
    """What was asked for, in a sentence."""
    job = order.job
    what = "Preview of" if order.preview else "Import of"
    setting = ", changing sensitive fields" if job.change_sensitive_fields else ""
    settings = f"{job.mode} job{setting}, dates {job.date_format}"
    return f"{what} {order.file} for {job.institution}, upon {order.state} ({settings})"


def show_students(summary: Summary, preview: bool) -> None:
    """What happened to students who were there before, and, in a preview, to the values of each column."""
    if summary.events:
        heading("What would happen to students" if preview else "What happened to students")
        items(f"{EVENTS_IN_WORDS[name]}: {count_and_rows(rows)}" for name, rows in events(summary))
    if preview and summary.columns:
        heading("Values, column by column")
        table(VALUE_HEADERS, [value_cells(column, summary) for column in COLUMNS if column in summary.columns])


def events(summary: Summary) -> Iterator[tuple[str, Rows]]:
    """What happened to any student at all, in the order of the report."""
    return ((name, summary.events[name]) for name in EVENTS_IN_WORDS if name in summary.events)


def value_cells(column: Column, summary: Summary) -> tuple[str, ...]:
    """A line about the values of a column."""
    values = summary.columns[column]
    counts = (values.new, values.set, values.changed, values.cleared)
    return (column.header, *(f"{count:,}" for count in counts))


def count_and_rows(rows: Rows) -> str:
    """How many rows and which: `3 (rows 2, 5 and 9)`, `41 rows (2, 5, 9, 12, 13, …)`."""
    return in_rows(rows) if rows.count > ROWS_NAMED else f"{rows.count} ({in_rows(rows)})"


def in_rows(rows: Rows) -> str:
    """Which rows: `row 2`, or `rows 2, 5 and 9`, or `41 rows (2, 5, 9, 12, 13, …)`."""
    numbers = [str(number) for number in rows.numbers[:ROWS_NAMED]]
    if rows.count > ROWS_NAMED:
        return f"{rows.count:,} rows ({', '.join(numbers)}, …)"
    if rows.count == 1:
        return f"row {numbers[0]}"
    return f"rows {', '.join(numbers[:-1])} and {numbers[-1]}"


def show_failures(applied: Applied) -> None:
    """Each failed row with what is wrong and the rule that says so, and what to do rule by rule."""
    failures = applied.failures
    if not failures:
        return
    heading("Failed rows (row 1 is the first below the header; empty rows are not counted)")
    if is_terminal():
        for failure in failures[:SHOWN]:
            show_failure(failure)
        say_how_many_more(len(failures) - SHOWN, "--failed FILE writes them all, --json lists them all")
    else:
        table(FAILURE_HEADERS, [cells for failure in failures for cells in failure_cells(failure)])
    heading("What to do")
    items(f"{rule} ({in_rows(rows)}): {CATALOGUE[rule].remedy}" for rule, rows in applied.summary.rules.items())
    line("More about a rule, with an example: refmodel explain RULE")


def show_failure(failure: Failure) -> None:
    """A failed row on a terminal: whose it is, and a line for each problem."""
    line(f"row {failure.row}  {short(failure.student)}")
    items((problem_in_words(problem, text) for problem, text in failure.problems), indent=2)


def problem_in_words(problem: Problem, text: str | None) -> str:
    """What is wrong, with the text of the cell if there is one, and the rule that says so."""
    about = f"{problem.header} " if problem.header else ""
    value = f"“{short(text)}” " if text else ""
    return f"{about}{value}{problem.text} ({problem.rule})"


def failure_cells(failure: Failure) -> Iterator[tuple[object, ...]]:
    """A failed row in a pipe: a line for each problem."""
    for problem, text in failure.problems:
        student, value = short(failure.student, LONG), short(text or "", LONG)
        yield failure.row, student, problem.header, value, problem.text, problem.rule


def advice_in_words(summary: Summary) -> Iterator[str]:
    """A line for each piece of advice that is due."""
    for advice, rows in summary.advice.items():
        where = in_rows(rows)
        yield f"{where[:1].upper()}{where[1:]}: {advice.statement} {advice.what_to_do} ({advice.source})"


def endings(applied: Applied) -> Iterator[str]:
    """What was written and what was not."""
    order = applied.order
    if order.failed and not applied.unwritten:
        yield f"Failed rows written to {order.failed}: {len(applied.failures):,}"
    if order.preview:
        yield "This was a preview: nothing was saved"
    elif applied.saved:
        yield f"{order.state} is saved"
    elif applied.unwritten:
        yield f"Nothing was saved: {order.state} is as it was"
    else:
        yield f"There was nothing to save: {order.state} is as it was"
    if applied.changed:
        yield f"Warning: {applied.changed}"


# For programs.


def as_data(applied: Applied) -> dict[str, object]:
    """What a file did, for programs; the help lists the keys."""
    order, refused, summary = applied.order, applied.refused, applied.summary
    return {
        "command": "preview" if order.preview else "import",
        "file": str(order.file),
        "state": str(order.state),
        "institution": order.job.institution,
        "mode": order.job.mode,
        "change_sensitive_fields": order.job.change_sensitive_fields,
        "date_format": order.job.date_format,
        "saved": applied.saved,
        "refused": {"rule": refused.rule, "text": refused.text} if refused else None,
        "counts": {name: summary.outcomes[name] for name in OUTCOMES},
        "failed": [failure_as_data(failure) for failure in applied.failures],
        "unwritten": applied.unwritten or None,
        "students": {name: rows_as_data(summary.events.get(name, Rows())) for name in EVENTS_IN_WORDS},
        "columns": {c.header: values_as_data(summary, c) for c in COLUMNS if c in summary.columns},
        "warnings": [*applied.warnings, *filter(None, [applied.changed])],
        "advice": [advice_as_data(advice, rows) for advice, rows in summary.advice.items()],
    }


def failure_as_data(failure: Failure) -> dict[str, object]:
    """A failed row, for programs."""
    return {
        "row": failure.row,
        "email_address": failure.email,
        "username": failure.username,
        "problems": [problem_as_data(problem, text) for problem, text in failure.problems],
        "response": dict(failure.response),
    }


def problem_as_data(problem: Problem, text: str | None) -> dict[str, str | None]:
    """One thing that is wrong with a row, for programs."""
    return {
        "rule": problem.rule,
        "column": problem.header or None,
        "value": text,
        "text": problem.text,
        "what_to_do": CATALOGUE[problem.rule].remedy,
    }


def rows_as_data(rows: Rows) -> dict[str, object]:
    """How many rows, and the numbers of all of them, for programs."""
    return {"count": rows.count, "rows": rows.numbers}


def values_as_data(summary: Summary, column: Column) -> dict[str, int]:
    """What happened to the values of a column, for programs."""
    values = summary.columns[column]
    return {
        "of_new_students": values.new,
        "set": values.set,
        "changed": values.changed,
        "cleared": values.cleared,
    }


def advice_as_data(advice: Advice, rows: Rows) -> dict[str, object]:
    """A piece of advice and the rows that it is about, for programs."""
    return {
        "advice": advice.name,
        "statement": advice.statement,
        "what_to_do": advice.what_to_do,
        "source": advice.source,
        **rows_as_data(rows),
    }
