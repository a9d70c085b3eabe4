"""A counterexample as a Markdown page."""

import re
from collections.abc import Iterator, Sequence

from conformance.report.counterexample_view import CounterexampleView, DifferenceView, StepView
from conformance.verdict.description import on_one_line, shortened, visible
from refmodel.wording import counted

MOST_LINES = 60  # of one file


def readme(view: CounterexampleView) -> str:
    """The page of a counterexample."""
    return "\n".join(lines(view)) + "\n"


def lines(view: CounterexampleView) -> Iterator[str]:
    """The page, line by line."""
    entry = view.entry
    yield from (f"# {entry.name}: {view.word if view.doubt else f'a {view.word}'}", "")
    yield from (f"{entry.statement} ({entry.basis_in_full}; source: {entry.source})", "")
    yield from (
        f"{escaped(view.title)}. Shown by {counted(view.example.cases, 'case')}, most clearly by this one.",
        "",
    )
    if view.doubt:
        yield from (view.doubt, "")
    for name, statement in view.matches:
        yield from (f"The importer behaves like {code(name)}: {escaped(statement)}", "")
    if len(view.diagnosis.matches) > 1 or not view.matches:
        yield from all_matches(view)
    if view.shows_it:
        yield from steps(view.steps)
    else:
        yield from (view.why_not, "")
        yield from (fenced(view.example.case.text), "")
    yield from ("## Play it again", "", "In the folder of the report:", "", fenced(view.replay, "sh"))


def all_matches(view: CounterexampleView) -> Iterator[str]:
    """All known mistakes that the importer seems to make, where that is more than this case shows."""
    names = ", ".join(code(matches.name) for matches in view.diagnosis.matches)
    if view.diagnosis.fit:
        yield from (f"As a whole it behaves like {names or 'nothing known'}. {escaped(view.diagnosis.fit)}", "")


def steps(shown: Sequence[StepView]) -> Iterator[str]:
    """The steps; of those before the first that differs, a line each."""
    first = next(number for number, step in enumerate(shown) if step.differs)
    yield from ("## Before", "")
    yield from (f"- Step {t.number}: {sentence(t)}: {escaped(t.answer)}{link(t)}" for t in shown[:first])
    if not first:
        yield "Nothing had happened yet."
    yield ""
    for step in shown[first:]:
        yield from step_lines(step)


def step_lines(step: StepView) -> Iterator[str]:
    """One step with its file, and what differs."""
    yield from (f"## Step {step.number}: {sentence(step)}", "")
    if step.data is not None:
        yield from (f"The file ([{step.file_name}]({step.file_name}), {len(step.data)} bytes):", "")
        yield from (fenced(file_text(step.data), "csv"), "")
    yield from (f"The importer answered: {escaped(step.answer)}", "")
    yield from differences("In the answer", step.in_the_answer)
    yield from differences("In what can be observed afterwards", step.afterwards)


def differences(heading: str, found: tuple[DifferenceView, ...]) -> Iterator[str]:
    """What differs, expected and got one above the other."""
    if found:
        yield from (f"### {heading}", "")
    for difference in found:
        note = " (the behaviour named above does not account for this)" if difference.is_elsewhere else ""
        yield from (f"{code(difference.where)}{note}", "")
        yield from (fenced(f"expected {hanging(difference.expected)}\ngot      {hanging(difference.got)}"), "")


def hanging(text: str) -> str:
    """A value below a word: further lines begin where the first does."""
    return text.replace("\n", f"\n{' ' * len('expected ')}")


def sentence(step: StepView) -> str:
    """A step in words, the values set off as code."""
    return "".join(code(piece.text) if piece.is_value else escaped(piece.text) for piece in step.words)


def link(step: StepView) -> str:
    """A link to the file of a step."""
    return "" if step.data is None else f" ([{step.file_name}]({step.file_name}))"


def file_text(data: bytes) -> str:
    """The beginning of a file as text in which nothing hides."""
    found = visible(data.decode("utf-8", "backslashreplace")).split("\n")
    more = [f"… and {len(found) - MOST_LINES} lines more"] if len(found) > MOST_LINES else []
    return "\n".join([*map(shortened, found[:MOST_LINES]), *more]).rstrip("\n")


# Markdown in which no text of others means anything.


def escaped(text: str) -> str:
    """Text on one line that is read as it is written."""
    return re.sub(r"([\\`*_\[\]<>&|~#])", r"\\\1", visible(text).replace("\n", " "))


def code(text: str) -> str:
    """A value, between more backticks than it holds side by side."""
    ticks = fence(text, 1)
    space = " " if "`" in text else ""
    return f"{ticks}{space}{on_one_line(text)}{space}{ticks}"


def fenced(text: str, language: str = "text") -> str:
    """A block of text, between more backticks than it holds side by side."""
    ticks = fence(text, 3)
    return f"{ticks}{language}\n{visible(text)}\n{ticks}"


def fence(text: str, least: int) -> str:
    """Backticks that do not occur in a text."""
    return "`" * max(least, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
