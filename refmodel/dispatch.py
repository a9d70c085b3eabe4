"""Doing an action: the rule of each, and what no text of an action may hold.

act(world, action) -> (world, Done or Refused)
"""

from collections.abc import Iterator, Mapping

from attrs import asdict

from refmodel.actions import NAMED, Action, Done, Refused
from refmodel.rules import action as rules
from refmodel.rules.action import ActionRule
from refmodel.ruleset import STANDARD, Ruleset
from refmodel.world import World


def rule_of(name: str) -> ActionRule:
    """The rule of an action, which has its name. LookupError where nobody has written it yet."""
    rule: ActionRule | None = getattr(rules, name, None)
    if rule is None:
        raise LookupError(f"refmodel/actions.py declares {name}, so refmodel/rules/action.py must have a rule {name}")
    return rule


ACTIONS: Mapping[type, ActionRule] = {kind: rule_of(name) for name, kind in NAMED.items()}


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


def texts_of(value: object) -> Iterator[str]:
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
