"""Actions as values: what people can do besides importing, and what comes of it."""

from collections.abc import Mapping
from typing import Literal

from attrs import Factory, frozen

from refmodel.world import World


@frozen
class Done:
    """The action happened; `access` is what a sign-in was given, and None for every other action."""

    access: bool | None = None


@frozen
class Refused:
    """The action did not happen, and why."""

    text: str


@frozen
class SignUp:
    email: str
    first_name: str
    last_name: str


@frozen
class RequestAccess:
    email: str
    institution: str


@frozen
class Approve:
    institution: str
    email: str


@frozen
class Decline:
    institution: str
    email: str


@frozen
class DeletePending:
    institution: str
    email: str


@frozen
class AddByEmail:
    institution: str
    email: str


@frozen
class ChangeEmail:
    institution: str
    email: str
    new_email: str


@frozen
class ConfirmEmail:
    email: str


@frozen
class SetDisabled:
    institution: str
    email: str
    disabled: bool


@frozen
class EditProfile:
    institution: str
    email: str
    changes: Mapping[str, str] = Factory(dict)  # header → text of the cell


@frozen
class SetExcluded:
    institution: str
    email: str
    excluded: bool


@frozen
class SwitchInstitution:
    email: str
    institution: str


@frozen
class SignIn:
    email: str
    via: Literal["password", "sso"]
    institution: str | None = None
    attribute: str | None = None


Action = (
    SignUp
    | RequestAccess
    | Approve
    | Decline
    | DeletePending
    | AddByEmail
    | ChangeEmail
    | ConfirmEmail
    | SetDisabled
    | EditProfile
    | SetExcluded
    | SwitchInstitution
    | SignIn
)
Outcome = World | Refused
