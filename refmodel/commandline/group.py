"""What command lines have in common: their settings, and what becomes of a command that is not let finish."""

import os
import sys
from collections.abc import Mapping
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup

from refmodel.commandline.terminal import complain

INTERRUPTED = 130
BROKEN_PIPE = 141
SETTINGS: Mapping[str, Any] = {
    "no_args_is_help": True,
    "add_completion": False,
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"], "max_content_width": 100},
}


class Group(TyperGroup):
    """All commands of a program; of one that is interrupted, or whose reader has left, the exit status says so."""

    program: ClassVar[str] = "refmodel"

    def invoke(self, ctx: Any) -> Any:
        """Do a command, to the last character of what it says."""
        try:
            super().invoke(ctx)
            sys.stdout.flush()
        except KeyboardInterrupt:
            complain("interrupted", self.program)
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            be_quiet()
            raise typer.Exit(BROKEN_PIPE) from None


def be_quiet() -> None:
    """Nobody reads on: give what is left in the buffer to nobody, so that Python does not complain of it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
