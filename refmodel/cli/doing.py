"""`refmodel do ACTION`: what people do besides importing, one subcommand for each kind of action.

The subcommands are read off the classes of the actions: an argument is an option, a truth a pair of options.
"""

import inspect
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Annotated, Literal, cast, get_args, get_origin

import attrs
import typer

from refmodel.actions import NAMED, Action, Argument, Done, Refused, arguments_of
from refmodel.catalogue import CATALOGUE
from refmodel.cli.options import AsJson, State, check_institution, holding
from refmodel.cli.streams import after
from refmodel.cli.terminal import as_json, complain, items, line
from refmodel.cli.usage import UsageError
from refmodel.dispatch import act
from refmodel.explain.examples import differences, done_in_words


def perform(state: Path, action: Action, json_wanted: bool) -> None:
    """Do an action and say what came of it; exit status 1 where it was refused."""
    with holding(state) as there:
        if institution := getattr(action, "institution", None):
            check_institution(there.world, institution)
        world, answer = act(there.world, action)
        there.save(world)
        changed = tuple(differences(there.world, world))
    with after("nothing was saved" if world is there.world else f"{state} has been saved"):
        if json_wanted:
            as_json(answer_as_data(answer, changed))
        elif isinstance(answer, Done):
            line(done_in_words(answer))
            items(changed)
    if isinstance(answer, Refused):
        complain(f"refused: {answer.text}; nothing was changed")
        raise typer.Exit(1)


def answer_as_data(answer: Done | Refused, changed: tuple[str, ...]) -> dict[str, object]:
    """What came of an action, for programs."""
    if isinstance(answer, Refused):
        return {"done": False, "refused": answer.text, "access": None, "changes": []}
    return {"done": True, "refused": None, "access": answer.access, "changes": list(changed)}


# From a class to a subcommand.

Parameter = inspect.Parameter


def subcommands() -> typer.Typer:
    """A command for each kind of action, under the name of its rule with dashes."""
    app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    for name, kind in NAMED.items():
        command = app.command(name.replace("_", "-"), short_help=CATALOGUE[name].statement)
        command(subcommand(name, kind))
    return app


def subcommand(name: str, kind: type) -> Callable[..., None]:
    """The function behind a subcommand, with a signature that typer can read."""
    entry = CATALOGUE[name]

    def run(state: Path, json_wanted: bool, **arguments: object) -> None:
        perform(state, cast(Action, kind(**{key: typed(value) for key, value in arguments.items()})), json_wanted)

    parameters = [
        Parameter("state", Parameter.KEYWORD_ONLY, annotation=State),
        *map(parameter, arguments_of(kind)),
        Parameter("json_wanted", Parameter.KEYWORD_ONLY, annotation=AsJson, default=False),
    ]
    run.__name__ = name
    run.__doc__ = f"{entry.statement} {entry.details}\n\nSource: {entry.source} ({entry.basis_in_full})."
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return run


def parameter(argument: Argument) -> Parameter:
    """The option of an argument: required where the argument is."""
    kind, flags, metavar = option_of(argument)
    default: object = Parameter.empty if argument.default is attrs.NOTHING else None if argument.is_optional else []
    option = typer.Option(*flags, help=argument.about.text, metavar=metavar, show_default=False)
    return Parameter(argument.name, Parameter.KEYWORD_ONLY, annotation=Annotated[kind, option], default=default)


def option_of(argument: Argument) -> tuple[object, tuple[str, ...], str | None]:
    """The type of an option, how it is written, and what stands for its value."""
    dashed = argument.name.replace("_", "-")
    if argument.type is bool:
        return bool, (f"--{dashed}/--not-{dashed}",), None
    if get_origin(argument.type) is Mapping:
        return list[str], ("--change",), argument.about.metavar
    if get_origin(argument.type) is Literal:
        return Enum(argument.name, {word: word for word in get_args(argument.type)}, type=str), (f"--{dashed}",), None
    return argument.type | None if argument.is_optional else argument.type, (f"--{dashed}",), argument.about.metavar


def typed(value: object) -> object:
    """The value of an argument from what was typed."""
    if isinstance(value, list):
        return changes_of(value)
    return value.value if isinstance(value, Enum) else value


def changes_of(texts: list[str]) -> dict[str, str]:
    """Header → text, of HEADER=TEXT; UsageError where there is no = or a header stands twice."""
    changes: dict[str, str] = {}
    for text in texts:
        header, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--change {text}: write HEADER=TEXT, as in --change gender=woman")
        if header in changes:
            raise UsageError(f"--change {text}: {header} is changed twice; leave one of them")
        changes[header] = value
    return changes
