"""What the commands say: stories with their line breaks, complaints on standard error."""

from refmodel.cli import terminal
from refmodel.cli.terminal import line


def story(text: str, indent: int = 0) -> None:
    """A text of several lines, each as it is, without anything that a terminal would obey."""
    # Not splitlines(): a line separator inside a value is no end of a line.
    for each in text.split("\n"):
        inner = each.lstrip(" ")
        line(inner, indent=indent + len(each) - len(inner))


def complain(text: str) -> None:
    """What went wrong, on standard error."""
    terminal.complain(text, "conformance")
