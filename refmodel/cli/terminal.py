"""What is shown: tables and colours on a terminal, plain lines with tabs in a pipe, JSON where it is asked for.

Texts that come from files and states are data. Nothing in them is taken for markup, and what a terminal
would obey (control characters, marks that turn the direction of writing) is written out.
"""

import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import track
from rich.table import Table
from rich.text import Text

T = TypeVar("T")

SHOWN = 50  # lines of a table on a terminal, after which it says how many more there are
LONG_WORK = 5_000  # rows from which it is worth showing how far it is
PIECE = 1_000_000  # characters that are written at a time
LONG_FILE = 5_000_000  # bytes from which it is worth showing that a file is read or written
TURNS_THE_WRITING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
OBEYED = frozenset(("Cc", "Cs", "Zl", "Zp"))  # control characters, halves of pairs, ends of lines


def visible(text: str) -> str:
    """A text in which nothing is left that a terminal would obey: a line end is \\n, an escape \\x1b."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_written_out(character) for character in text)


def _written_out(character: str) -> str:
    if character in TURNS_THE_WRITING or unicodedata.category(character) in OBEYED:
        return character.encode("unicode_escape", "surrogatepass").decode()
    return character


def is_terminal() -> bool:
    """Whether standard output is a terminal, and not a pipe or a file."""
    return Console().is_terminal


def line(text: str = "", style: str = "", indent: int = 0) -> None:
    """One line of text; on a terminal it is broken between words where it is too long, and stays indented."""
    if text and is_terminal():
        Console(highlight=False).print(Padding(Text(visible(text), style), (0, 0, 0, indent), expand=False))
    else:
        typer.echo(" " * indent + visible(text))


def heading(text: str) -> None:
    """A line above what belongs together."""
    line()
    line(text, "bold")


def items(texts: Iterable[str], indent: int = 0) -> None:
    """Texts one under the other, each behind a dash."""
    if not is_terminal():
        typer.echo("".join(f"{' ' * indent}- {visible(text)}\n" for text in texts), nl=False)
        return
    grid = Table.grid(padding=(0, 1))
    for text in texts:
        grid.add_row("-", Text(visible(text), overflow="fold"))
    Console(highlight=False).print(Padding(grid, (0, 0, 0, indent), expand=False))


def table(headers: Sequence[str], rows: Sequence[Sequence[object]], limit: int = SHOWN, more: str = "") -> None:
    """A table. In a pipe: a line of headers and a line a row, tabs between the cells, nothing left out.

    On a terminal no more than `limit` rows; `more` says where the others can be seen.
    """
    if not is_terminal():
        typer.echo("\n".join("\t".join(cells_of(row)) for row in (headers, *rows)))
        return
    shown = Table(*headers, header_style="bold", show_edge=False, pad_edge=False)
    for column in shown.columns:
        column.overflow = "fold"
    for row in rows[:limit]:
        shown.add_row(*map(Text, cells_of(row)))
    Console(highlight=False).print(shown)
    say_how_many_more(len(rows) - limit, more)


def say_how_many_more(count: int, where: str) -> None:
    """That a list goes on, if it does, and where the rest of it can be seen."""
    if count > 0:
        line(f"… and {count:,} more{where and f': {where}'}", "dim")


def cells_of(row: Sequence[object]) -> list[str]:
    """The cells of a row as texts that a terminal can be given."""
    return [visible(str(cell)) for cell in row]


def as_json(data: object) -> None:
    """Data for programs, in ASCII."""
    text = json.dumps(data, indent=2 if is_terminal() else None)
    for place in range(0, len(text), PIECE):  # each is encoded, and a text in it may be as long as a file
        typer.echo(text[place : place + PIECE], nl=False)
    typer.echo()


def complain(text: str, program: str = "refmodel") -> None:
    """What went wrong, on standard error."""
    # Not splitlines(): a line separator inside a value is no end of a line.
    shown = "\n".join(map(visible, text.split("\n")))
    Console(stderr=True, highlight=False, soft_wrap=True).print(Text(f"{program}: ", "bold red") + Text(shown))


def remark(text: str) -> None:
    """Something to know while waiting, on standard error."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(Text(visible(text), "dim"))


def with_progress(steps: Iterator[T], count: int, what: str) -> Iterator[T]:
    """The same steps, with a bar on a terminal where they are many."""
    console = Console(stderr=True)
    if count < LONG_WORK or not console.is_terminal:
        return steps
    return iter(track(steps, escape(visible(what)), total=count, console=console, transient=True))


@contextmanager
def working_on(path: Path, what: str) -> Iterator[Callable[[], None]]:
    """On a terminal, what is done with a file while it is done, if the file is long; gives a way to stop saying so."""
    console = Console(stderr=True)
    if not console.is_terminal or not os.path.isfile(path) or os.path.getsize(path) < LONG_FILE:
        yield lambda: None
        return
    with console.status(Text(visible(f"{what} {path.name} …"))) as status:
        yield status.stop


def write_bytes(data: bytes) -> None:
    """Bytes as they are, on standard output."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
