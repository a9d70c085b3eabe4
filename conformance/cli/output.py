"""The output of the commands: blocks of text on standard output, complaints on standard error."""

from refmodel.cli import terminal
from refmodel.cli.terminal import line


def block(text: str, indent: int = 0) -> None:
    """Print a text of several lines, without anything that a terminal would obey."""
    # Not splitlines(): a line separator inside a value is no end of a line.
    for each in text.split("\n"):
        inner = each.lstrip(" ")
        line(inner, indent=indent + len(each) - len(inner))


def complain(text: str) -> None:
    """Print what went wrong, on standard error."""
    terminal.complain(text, "conformance")
