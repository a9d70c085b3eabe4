"""Doing an action: the rule of each, and what no text of an action may hold.

act(world, action) -> (world, Done or Refused)
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attrs import asdict

from refmodel.actions import NAMED, Action, Done, Outcome, Refused
from refmodel.rules import action as rules
from refmodel.ruleset import STANDARD, Ruleset
from refmodel.world import World

ACTIONS: Mapping[type, Callable[[World, Any, Ruleset], Outcome | Done]] = {  # an action has the name of its rule
    kind: getattr(rules, name) for name, kind in NAMED.items()
}


def act(world: World, action: Action, ruleset: Ruleset = STANDARD) -> tuple[World, Done | Refused]:
    """What an action makes of a world: the world after it, and whether it happened.

    Raises ValueError where the action names an institution that the world does not have.
    """
    if (institution := getattr(action, "institution", None)) is not None:
        world.institution(institution)
    if not all(map(could_be_in_a_file, texts_of(asdict(action)))):
        return world, Refused("the text has a NUL or a lone surrogate, which no file can hold")
    does = ruleset[ACTIONS[type(action)]]
    outcome = does(world, action, ruleset) if does else Refused("this action is not supported here")
    return (outcome, Done()) if isinstance(outcome, World) else (world, outcome)


def texts_of(value: Any) -> Iterator[str]:
    """Every text in the arguments of an action, headers of changes included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from (*texts_of(key), *texts_of(inner))


def could_be_in_a_file(text: str) -> bool:
    """Whether a text can be written as UTF-8 without a NUL."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False
