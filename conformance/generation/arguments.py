"""Arguments of actions, by name and type."""

from collections.abc import Callable, Mapping
from typing import Literal, get_args, get_origin

from refmodel.actions import NAMED, arguments_of

BY_TYPE: Mapping[object, object] = {str: "x", bool: True, Mapping[str, str]: {"middle_name": "x"}}


def typical(kind: object) -> object:
    """A typical value of an argument's type."""
    return get_args(kind)[0] if get_origin(kind) is Literal else BY_TYPE[kind]


def arguments_for(
    action: str, known: Mapping[str, object], of_type: Callable[[object], object] = typical
) -> dict[str, object]:
    """The arguments that an action requires: the known values it takes, and for the rest a value of their type."""
    needed = {argument.name: argument.type for argument in arguments_of(NAMED[action]) if not argument.is_optional}
    taken = {name: value for name, value in known.items() if name in needed}
    return taken | {name: of_type(kind) for name, kind in needed.items() if name not in taken}
