"""What command lines have in common: their settings, their version, and what becomes of an interrupted command."""

from collections.abc import Mapping
from platform import python_version
from typing import Annotated, Any, ClassVar

import typer
from typer.core import TyperGroup

from refmodel import __version__
from refmodel.catalogue import CATALOGUE
from refmodel.cli.starting import INTERRUPTED
from refmodel.cli.streams import StoppedError
from refmodel.cli.terminal import complain, visible
from refmodel.rules_version import RULES_VERSION

SETTINGS: Mapping[str, Any] = {
    "no_args_is_help": True,
    "add_completion": False,
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"], "max_content_width": 100},
}
ALWAYS = """\b
Of any command: 3 standard output cannot be written, and the message says what
was saved; 130 interrupted; 141 the output was closed by its reader;
143 terminated."""
ParseError: Any = typer.BadParameter.__bases__[0]  # where it lies depends on the version of typer


class Group(TyperGroup):
    """All commands of a program; if one is interrupted, the exit status says so."""

    program: ClassVar[str] = "refmodel"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the options before the command."""
        try:
            return super().parse_args(ctx, args)
        except ParseError as error:
            raise in_one_line(error) from None

    def invoke(self, ctx: Any) -> None:
        """Do a command."""
        try:
            super().invoke(ctx)
        except KeyboardInterrupt:
            complain("interrupted", self.program)
            raise typer.Exit(INTERRUPTED) from None
        except StoppedError as stopped:
            complain(str(stopped), self.program)
            raise typer.Exit(INTERRUPTED) from None
        except ParseError as error:
            raise in_one_line(error) from None


def in_one_line(error: Any) -> Any:
    """A usage error in which a line end, or what else a terminal would obey, is written out; a help text stays."""
    if not str(error.message).startswith("Usage: "):
        error.message = visible(error.message)
    return error


def versions() -> str:
    """The versions of the program, of Python and of the rules."""
    return f"refmodel {__version__}, Python {python_version()}, rules {RULES_VERSION} ({len(CATALOGUE)} rules)"


def show_versions(wanted: bool) -> None:
    """Print the versions if they are wanted, and nothing else then."""
    if wanted:
        typer.echo(versions())
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option(
        "--version", callback=show_versions, is_eager=True, help="Print the versions of refmodel, Python and the rules."
    ),
]
