"""Commands that are installed beside these, under the entry point group `refmodel.commands`.

An entry point names a `typer.Typer` with one command, and behind it the extra that its packages come with. It is loaded
only if it is asked for; if it cannot be, there is still a command of its name, which says what is missing.
"""

from importlib.metadata import EntryPoint, entry_points

import typer
from typer.core import TyperCommand

from refmodel.cli.usage import UsageError

GROUP = "refmodel.commands"


def names() -> list[str]:
    """The names of the further commands."""
    return sorted({entry.name for entry in entry_points(group=GROUP)})


def command(name: str) -> object:
    """The further command of a name, for typer; None where there is none."""
    for entry in entry_points(group=GROUP, name=name):
        try:
            return typer.main.get_command(entry.load())
        except (ImportError, AttributeError) as error:
            return _missing(entry, error)
    return None


def _missing(entry: EntryPoint, error: Exception) -> TyperCommand:
    why = (
        f"{error.name} is missing" if isinstance(error, ModuleNotFoundError) else "it is broken, or of another version"
    )
    text = f"refmodel {entry.name} cannot be loaded ({why}): {advice(entry)}"

    def complain(*_: object, **__: object) -> None:
        raise UsageError(text)

    settings = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}
    return TyperCommand(entry.name, callback=complain, context_settings=settings, help=f"Not installed: {why}.")


def advice(entry: EntryPoint) -> str:
    """How what is missing is installed."""
    extras = f"[{','.join(entry.extras)}]" if entry.extras else ""
    return f"pip install '{entry.dist.name}{extras}'" if entry.dist else "install the package that brings it"
