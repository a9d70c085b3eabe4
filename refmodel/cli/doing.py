"""`refmodel do ACTION`: what people do besides importing, one subcommand for each kind of action.

The subcommands are read off the classes of the actions: a field is an option, a truth a pair of options.
"""

import inspect
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal, cast, get_args, get_origin

import attrs
import typer

from refmodel.actions import Action, Done, Refused
from refmodel.catalogue import CATALOGUE
from refmodel.cli.options import AsJson, State, check_institution, holding
from refmodel.cli.streams import after
from refmodel.cli.terminal import as_json, complain, items, line
from refmodel.cli.usage import UsageError
from refmodel.dispatch import NAMED, act
from refmodel.explain.examples import differences

ABOUT: Mapping[str, str] = {
    "email": "The student's present e-mail address.",
    "first_name": "Their first name.",
    "last_name": "Their last name.",
    "institution": "The institution that acts, or that the student asks for, goes to or signs in at.",
    "new_email": "The e-mail address that is asked for.",
    "disabled": "Archive the student, or bring them back.",
    "excluded": "Exclude the student from the sync, or let it have them again.",
    "changes": "A column and its new text; may be repeated. A blank text keeps, **CLEAR** empties.",
    "via": "How the student signs in.",
    "attribute": "What the identity provider says of the student (single sign-on).",
}


METAVARS = {"email": "EMAIL", "new_email": "EMAIL", "institution": "ID", "changes": "HEADER=TEXT"}


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
            line("done" if answer.access is None else f"access: {'yes' if answer.access else 'no'}")
            items(changed)
    if isinstance(answer, Refused):
        complain(f"refused: {answer.text}; nothing was changed")
        raise typer.Exit(1)


def answer_as_data(answer: Done | Refused, changed: tuple[str, ...]) -> dict[str, Any]:
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

    def run(state: Path, json_wanted: bool, **arguments: Any) -> None:
        perform(state, cast(Action, kind(**{key: plain(key, value) for key, value in arguments.items()})), json_wanted)

    parameters = [
        Parameter("state", Parameter.KEYWORD_ONLY, annotation=State),
        *(parameter(attribute) for attribute in attrs.fields(kind)),
        Parameter("json_wanted", Parameter.KEYWORD_ONLY, annotation=AsJson, default=False),
    ]
    run.__name__ = name
    run.__doc__ = f"{entry.statement} {entry.details}\n\nSource: {entry.source} ({entry.basis_in_full})."
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return run


def parameter(attribute: "attrs.Attribute[Any]") -> Parameter:
    """The option of a field: required where the field is."""
    kind, flags = option_of(attribute)
    is_required = attribute.default is attrs.NOTHING
    default: Any = Parameter.empty if is_required else [] if attribute.name == "changes" else None
    metavar = None if kind is bool or attribute.name == "via" else METAVARS.get(attribute.name, "TEXT")
    option = typer.Option(*flags, help=ABOUT[attribute.name], metavar=metavar, show_default=False)
    return Parameter(attribute.name, Parameter.KEYWORD_ONLY, annotation=Annotated[kind, option], default=default)


def option_of(attribute: "attrs.Attribute[Any]") -> tuple[Any, tuple[str, ...]]:
    """The type of an option and how it is written."""
    dashed = attribute.name.replace("_", "-")
    if attribute.type is bool:
        return bool, (f"--{dashed}/--not-{dashed}",)
    if attribute.name == "changes":
        return list[str], ("--change",)
    if get_origin(attribute.type) is Literal:
        return choices(attribute.name, get_args(attribute.type)), (f"--{dashed}",)
    return attribute.type, (f"--{dashed}",)


def choices(name: str, words: tuple[str, ...]) -> Any:
    """The words that an option takes, as an enumeration."""
    return Enum(name, {word: word for word in words}, type=str)


def plain(name: str, value: Any) -> Any:
    """The value of a field from what was typed."""
    if name == "changes":
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
