"""A counterexample as a page in words, in Markdown."""

import re
from collections.abc import Iterator

from conformance.report.story import Contrast, Story, Turn
from conformance.report.wording import on_one_line, shortened, visible
from refmodel.wording import counted

MOST_LINES = 60  # of one file


def readme(story: Story) -> str:
    """The page of a counterexample."""
    return "\n".join(lines(story)) + "\n"


def lines(story: Story) -> Iterator[str]:
    """The page, line by line."""
    entry = story.entry
    yield from (f"# {entry.name}: a {story.word}", "")
    yield from (f"{entry.statement} ({entry.basis_in_full}; source: {entry.source})", "")
    yield from (
        f"{escaped(story.title)}. Shown by {counted(story.example.cases, 'case')}, most clearly by this one.",
        "",
    )
    for name, statement in story.likeness:
        yield from (f"The importer behaves like {code(name)}: {escaped(statement)}", "")
    if len(story.diagnosis.likenesses) > 1 or not story.likeness:
        yield from story_of_all(story)
    if story.shows_it:
        yield from told(story)
    else:
        yield from (story.why_not, "")
        yield from (fenced(story.example.case.text), "")
    yield from ("## Play it again", "", "In the folder of the report:", "", fenced(story.replay, "sh"))


def story_of_all(story: Story) -> Iterator[str]:
    """All that the importer behaves like, where that is more than what this case shows."""
    names = ", ".join(code(likeness.name) for likeness in story.diagnosis.likenesses)
    if story.diagnosis.fit:
        yield from (f"All in all it behaves like {names or 'nothing known'}. {escaped(story.diagnosis.fit)}", "")


def told(story: Story) -> Iterator[str]:
    """The turns; those before the first that differs are told in a word each."""
    first = next(number for number, turn in enumerate(story.turns) if turn.differs)
    yield from ("## Before", "")
    yield from (f"- Step {t.number}: {sentence(t)}: {escaped(t.answer)}{link(t)}" for t in story.turns[:first])
    if not first:
        yield "Nothing had happened yet."
    yield ""
    for turn in story.turns[first:]:
        yield from told_turn(turn)


def told_turn(turn: Turn) -> Iterator[str]:
    """One turn with its file, and what differs."""
    yield from (f"## Step {turn.number}: {sentence(turn)}", "")
    if turn.data is not None:
        yield from (f"The file ([{turn.file_name}]({turn.file_name}), {len(turn.data)} bytes):", "")
        yield from (fenced(file_text(turn.data), "csv"), "")
    yield from (f"The importer answered: {escaped(turn.answer)}", "")
    yield from contrasts("In the answer", turn.in_the_answer)
    yield from contrasts("In what can be observed afterwards", turn.afterwards)


def contrasts(heading: str, found: tuple[Contrast, ...]) -> Iterator[str]:
    """What differs, expected and got one above the other."""
    if found:
        yield from (f"### {heading}", "")
    for contrast in found:
        note = " (the behaviour named above does not account for this)" if contrast.is_elsewhere else ""
        yield from (f"{code(contrast.where)}{note}", "")
        yield from (fenced(f"expected {hanging(contrast.expected)}\ngot      {hanging(contrast.got)}"), "")


def hanging(text: str) -> str:
    """A value below a word: further lines begin where the first does."""
    return text.replace("\n", f"\n{' ' * len('expected ')}")


def sentence(turn: Turn) -> str:
    """A turn in words, the values set off as code."""
    return "".join(code(piece.text) if piece.is_value else escaped(piece.text) for piece in turn.words)


def link(turn: Turn) -> str:
    """Where the turn's file is."""
    return "" if turn.data is None else f" ([{turn.file_name}]({turn.file_name}))"


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
