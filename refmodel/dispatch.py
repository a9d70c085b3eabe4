"""Doing an action: the rule of each, and what no text of an action may hold.

act(world, action) -> (world, Done or Refused)
"""

from collections.abc import Iterator, Mapping

from attrs import asdict

from refmodel.actions import (
    Action,
    AddByEmail,
    Approve,
    ChangeEmail,
    ConfirmEmail,
    Decline,
    DeletePending,
    Done,
    EditProfile,
    Refused,
    RequestAccess,
    SetDisabled,
    SetExcluded,
    SignIn,
    SignUp,
    SwitchInstitution,
)
from refmodel.rules.action import (
    ActionRule,
    add_by_email,
    approve,
    change_email,
    confirm_email,
    decline,
    delete_pending,
    edit_profile,
    request_access,
    set_disabled,
    set_excluded,
    sign_in,
    sign_up,
    switch_institution,
)
from refmodel.ruleset import STANDARD, Ruleset
from refmodel.world import World

ACTIONS: Mapping[type, ActionRule] = {
    SignUp: sign_up,
    RequestAccess: request_access,
    Approve: approve,
    Decline: decline,
    DeletePending: delete_pending,
    AddByEmail: add_by_email,
    ChangeEmail: change_email,
    ConfirmEmail: confirm_email,
    SetDisabled: set_disabled,
    EditProfile: edit_profile,
    SetExcluded: set_excluded,
    SwitchInstitution: switch_institution,
    SignIn: sign_in,
}
NAMED: Mapping[str, type] = {function.__name__: kind for kind, function in ACTIONS.items()}


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
