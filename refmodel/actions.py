"""Actions as values: what people can do besides importing, and what comes of it.

An action is declared here and nowhere else: its class has the arguments in their order, with their types and with what
the command line says of them, and a sentence that says in words what happens. The protocol, the command line and
whatever makes requests are derived from that.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, get_args

import attrs
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


# What the arguments are.


@frozen
class About:
    """What is said of an argument where it is typed."""

    text: str
    metavar: str = "TEXT"


Email = Annotated[str, About("The student's present e-mail address.", "EMAIL")]
NewEmail = Annotated[str, About("The e-mail address that is asked for.", "EMAIL")]
FirstName = Annotated[str, About("Their first name.")]
LastName = Annotated[str, About("Their last name.")]
Place = Annotated[str, About("The institution that acts, or that the student asks for, goes to or signs in at.", "ID")]
IsDisabled = Annotated[bool, About("Archive the student, or bring them back.")]
IsExcluded = Annotated[bool, About("Exclude the student from the sync, or let it have them again.")]
Via = Annotated[Literal["password", "sso"], About("How the student signs in.")]
Attribute = Annotated[str, About("What the identity provider says of the student (single sign-on).")]
Changes = Annotated[  # header → text of the cell
    Mapping[str, str],
    About("A column and its new text; may be repeated. A blank text keeps, **CLEAR** empties.", "HEADER=TEXT"),
]


# What people do.


@frozen
class SignUp:
    sentence: ClassVar[str] = "{email} signs up as {first_name} {last_name}"

    email: Email
    first_name: FirstName
    last_name: LastName


@frozen
class RequestAccess:
    sentence: ClassVar[str] = "{email} asks to be let in at {institution}"

    email: Email
    institution: Place


@frozen
class Approve:
    sentence: ClassVar[str] = "{institution} approves the request of {email}"

    institution: Place
    email: Email


@frozen
class Decline:
    sentence: ClassVar[str] = "{institution} declines the request of {email}"

    institution: Place
    email: Email


@frozen
class DeletePending:
    sentence: ClassVar[str] = "{institution} deletes the account of {email}, which is pending there"

    institution: Place
    email: Email


@frozen
class AddByEmail:
    sentence: ClassVar[str] = "{institution} adds {email} by the e-mail address"

    institution: Place
    email: Email


@frozen
class ChangeEmail:
    sentence: ClassVar[str] = "{email}, a student of {institution}, asks in the app for the address {new_email}"

    institution: Place
    email: Email
    new_email: NewEmail


@frozen
class ConfirmEmail:
    sentence: ClassVar[str] = "{email} enters the right code, and so confirms the address that was asked for"

    email: Email


@frozen
class SetDisabled:
    sentence: ClassVar[str] = "{institution} sets whether {email} is archived: {disabled}"

    institution: Place
    email: Email
    disabled: IsDisabled


@frozen
class EditProfile:
    sentence: ClassVar[str] = "the profile of {email}, a student of {institution}, is edited in the app: {changes}"

    institution: Place
    email: Email
    changes: Changes = Factory(dict)


@frozen
class SetExcluded:
    sentence: ClassVar[str] = "{institution} sets whether {email} is excluded from the sync: {excluded}"

    institution: Place
    email: Email
    excluded: IsExcluded


@frozen
class SwitchInstitution:
    sentence: ClassVar[str] = "support moves {email} to {institution}"

    email: Email
    institution: Place


@frozen
class SignIn:
    sentence: ClassVar[str] = "{email} signs in"

    email: Email
    via: Via
    institution: Place | None = None
    attribute: Attribute | None = None


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


# The declarations as data.


@frozen
class Argument:
    """An argument of an action, as its class declares it."""

    name: str
    type: Any
    about: About
    default: object

    @property
    def is_optional(self) -> bool:
        """Whether a request may do without it: then it is None."""
        return self.default is None


def arguments_of(action: type) -> tuple[Argument, ...]:
    """The arguments of an action, in their order."""
    return tuple(_argument(attribute) for attribute in attrs.fields(action))


def _argument(attribute: "attrs.Attribute[object]") -> Argument:
    declared = get_args(attribute.type)[0] if attribute.default is None else attribute.type
    plain, about = get_args(declared)
    return Argument(attribute.name, plain, about, attribute.default)


def name_of(action: type) -> str:
    """The name by which an action is known, which is its rule's."""
    return re.sub("(?<!^)(?=[A-Z])", "_", action.__name__).lower()


NAMED: Mapping[str, type[Action]] = {name_of(kind): kind for kind in get_args(Action)}
