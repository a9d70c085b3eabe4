"""What people do besides importing: each action is its arguments and what it does."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from attrs import evolve, frozen
from msgspec import Struct
from sqlalchemy import Connection

from . import store
from .cells import (
    TOKEN,
    Cell,
    Given,
    Malformed,
    Reading,
    changed,
    decode,
    is_blank,
    is_email,
    plain_address,
)
from .columns import COLUMNS, canonical
from .people import Institution, Student, connected, dates_are_in_order, new_student, parted
from .rows import counts

UNKNOWN = "There is no such student here"
TAKEN = "Another user has the e-mail"
IDENTIFIER_TAKEN = "A username, auth identifier or card number of the student is taken there"


@frozen
class Answer:
    """Done, or why not; and for a sign-in whether it lets the person in."""

    refused: str | None = None
    access: bool | None = None

    def wire(self) -> dict[str, Any]:
        """The answer as the protocol has it."""
        if self.refused is not None:
            return {"done": False, "refused": self.refused}
        return {"done": True} if self.access is None else {"done": True, "access": self.access}


DONE = Answer()


class Action(Struct, frozen=True, tag_field="action"):
    """Anything that somebody does with the account of this e-mail."""

    email: str

    @property
    def address(self) -> str:
        """The e-mail as it is stored."""
        return plain_address(self.email)

    def perform(self, connection: Connection) -> Answer:
        """Do it, or say why not."""
        raise NotImplementedError


class ActionThere(Action, frozen=True):
    """An action in which an institution is named."""

    institution: str

    def perform(self, connection: Connection) -> Answer:
        """Find the institution and the student, do it, and write what came of it."""
        there = store.institution_named(connection, self.institution)
        student = store.student_with(connection, self.address)
        if student is None:
            return Answer(UNKNOWN)
        after = self.outcome(connection, there, student)
        if isinstance(after, Student):
            store.replace(connection, [(student, after)])
            return DONE
        return after

    def outcome(self, connection: Connection, there: Institution, student: Student) -> Student | Answer:
        """The student as the action leaves them, or why it is not done."""
        raise NotImplementedError


class OwnAction(ActionThere, frozen=True):
    """What staff do with a student connected to, or pending at, their own institution."""

    def outcome(self, connection: Connection, there: Institution, student: Student) -> Student | Answer:
        """Refuse to touch anybody else's."""
        return self.own_outcome(connection, there, student) if student.home == there.id else Answer(UNKNOWN)

    def own_outcome(self, connection: Connection, there: Institution, student: Student) -> Student | Answer:
        """The same, of a student who is their own."""
        raise NotImplementedError


class SignUp(Action, frozen=True, tag="sign_up"):
    """Somebody makes an account for themselves. Source: 004:11,36."""

    first_name: str
    last_name: str

    def perform(self, connection: Connection) -> Answer:
        """Add an unconnected account that is called by its e-mail."""
        if any(is_blank(name) or name == TOKEN for name in (self.first_name, self.last_name)):
            return Answer("A name is missing")
        if not is_email(self.address):
            return Answer("The e-mail is malformed")
        if store.is_taken(connection, self.address):
            return Answer(TAKEN)
        names = {"first_name": self.first_name, "last_name": self.last_name}
        store.add(connection, [new_student({"email_address": self.address, "username": self.address, **names})])
        return DONE


class RequestAccess(ActionThere, frozen=True, tag="request_access"):
    """A student asks to be let in. Source: 004:18."""

    def outcome(self, connection: Connection, there: Institution, student: Student) -> Student | Answer:
        """Pending there."""
        if student.home is not None:
            return Answer("The student is connected or pending already")
        if there.id in student.declined_by:
            return Answer("The institution has declined the student")
        if store.shares_an_identifier(connection, student, there.id):
            return Answer(IDENTIFIER_TAKEN)
        return evolve(student, pending_at=there.id)


class Approve(ActionThere, frozen=True, tag="approve"):
    """Staff let a student in. Source: 004:29."""

    def outcome(self, connection: Connection, there: Institution, student: Student) -> Student | Answer:
        """Connected."""
        return connected(student, there.id) if student.pending_at == there.id else Answer(UNKNOWN)


class Decline(ActionThere, frozen=True, tag="decline"):
    """Staff turn a student away. Source: 004:5."""

    def outcome(self, connection: Connection, there: Institution, student: Student) -> Student | Answer:
        """Unconnected, with the refusal noted."""
        if student.pending_at != there.id:
            return Answer(UNKNOWN)
        return evolve(parted(student), declined_by=student.declined_by | {there.id})


class DeletePending(Action, frozen=True, tag="delete_pending"):
    """Staff delete the account of a student who asked to be let in. Source: 004:25,47."""

    institution: str

    def perform(self, connection: Connection) -> Answer:
        """The account is gone."""
        there = store.institution_named(connection, self.institution)
        student = store.student_with(connection, self.address)
        if student is None or student.pending_at != there.id:
            return Answer(UNKNOWN)
        store.remove(connection, student)
        return DONE


class AddByEmail(ActionThere, frozen=True, tag="add_by_email"):
    """Staff connect an unconnected student. Source: 003:36."""

    def outcome(self, connection: Connection, there: Institution, student: Student) -> Student | Answer:
        """Connected, whatever was asked or declined before."""
        if student.institution is not None:
            return Answer("The student is connected already")
        if store.shares_an_identifier(connection, student, there.id):
            return Answer(IDENTIFIER_TAKEN)
        return connected(student, there.id)


class ChangeEmail(OwnAction, frozen=True, tag="change_email"):
    """An e-mail is changed in the app. Source: 001:25, 004:25,51."""

    new_email: str

    def own_outcome(self, connection: Connection, there: Institution, student: Student) -> Student | Answer:
        """The new one is asked for, and files leave the student alone."""
        address = plain_address(self.new_email)
        if not is_email(address):
            return Answer("The new e-mail is malformed")
        if store.is_taken(connection, address):
            return Answer(TAKEN)
        if store.taken_by_strangers(connection, there.id, [address]).domains:
            return Answer("The new e-mail is of another institution")
        return evolve(student, excluded_from_sync=True, requested_email=address)


class ConfirmEmail(Action, frozen=True, tag="confirm_email"):
    """The student enters the right code. Source: 004:49,51."""

    def perform(self, connection: Connection) -> Answer:
        """The e-mail that was asked for is the student's."""
        student = store.student_with(connection, self.address)
        if student is None or student.requested_email is None:
            return Answer("Nobody has asked to change this e-mail")
        if store.is_taken(connection, student.requested_email):
            return Answer(TAKEN)
        values = {**student.values, "email_address": student.requested_email}
        store.replace(connection, [(student, evolve(student, values=values, requested_email=None))])
        return DONE


class SetDisabled(OwnAction, frozen=True, tag="set_disabled"):
    """Staff archive a student, or bring them back. Source: 001:15."""

    disabled: bool = False

    def own_outcome(self, connection: Connection, there: Institution, student: Student) -> Student | Answer:
        """Archived or active."""
        return evolve(student, values={**student.values, "disabled": self.disabled})


class SetExcluded(OwnAction, frozen=True, tag="set_excluded"):
    """Staff keep files off a student, or let them in again. Source: 004:25."""

    excluded: bool = False

    def own_outcome(self, connection: Connection, there: Institution, student: Student) -> Student | Answer:
        """Excluded or not."""
        return evolve(student, excluded_from_sync=self.excluded)


class EditProfile(OwnAction, frozen=True, tag="edit_profile"):
    """A profile is edited in the app. Source: 001:11, 002:41."""

    changes: dict[str, str] = {}

    def own_outcome(self, connection: Connection, there: Institution, student: Student) -> Student | Answer:
        """The profile with all the changes."""
        if any(not _is_editable(header) for header in self.changes):
            return Answer("A field cannot be edited in the app")
        if len({canonical(header) for header in self.changes}) < len(self.changes):
            return Answer("A field is named twice")
        cells = dict(_decoded(self.changes, there))
        after = changed(student.values, cells)
        if not all(_is_allowed(header, cell, there) for header, cell in cells.items()):
            return Answer("A value is malformed or unknown")
        return evolve(student, values=after) if dates_are_in_order(after) else Answer("The dates are not in order")


class SwitchInstitution(ActionThere, frozen=True, tag="switch_institution"):
    """Support moves a connected student. Source: 003:26."""

    def outcome(self, connection: Connection, there: Institution, student: Student) -> Student | Answer:
        """Connected to the other institution, with nothing left of the first."""
        if student.institution in (None, there.id):
            return Answer("The student is not connected to another institution")
        if store.shares_an_identifier(connection, student, there.id):
            return Answer(IDENTIFIER_TAKEN)
        return connected(student, there.id)


class SignIn(Action, frozen=True, tag="sign_in"):
    """Somebody wants to get in. Source: 001:49-52, 002:23."""

    via: Literal["password", "sso"]
    institution: str | None = None
    attribute: str | None = None

    def perform(self, connection: Connection) -> Answer:
        """Whether they do; nothing changes."""
        student = store.student_with(connection, self.address)
        if student is None or student.values["disabled"]:
            return Answer(access=False)
        return Answer(access=self.via == "password" or self._sso(connection, student))

    def _sso(self, connection: Connection, student: Student) -> bool:
        if self.institution is None or student.institution != self.institution:
            return False
        known = student.text("auth_identifier")
        uses_sso = store.institution_named(connection, self.institution).uses_sso
        return uses_sso and bool(known) and known == self.attribute


AnyAction = (
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
ACTIONS = (
    "sign_up",
    "request_access",
    "approve",
    "decline",
    "delete_pending",
    "add_by_email",
    "change_email",
    "confirm_email",
    "set_disabled",
    "edit_profile",
    "set_excluded",
    "switch_institution",
    "sign_in",
)


def _is_editable(header: str) -> bool:
    name = canonical(header)
    return name is not None and not COLUMNS[name].sensitive and name not in ("disabled", "system_label_names")


def _decoded(changes: Mapping[str, str], there: Institution) -> Iterator[tuple[str, Cell]]:
    for header, text in changes.items():
        name = canonical(header)
        if name is not None and counts(name, there):
            yield name, decode(COLUMNS[name], text, Reading(there.vocabulary))


def _is_allowed(header: str, cell: Cell, there: Institution) -> bool:
    match header, cell:
        case _, Malformed():
            return False
        case "assigned_to_email_address", Given(value):
            return value in there.staff
        case "campus_name", Given(value):
            return value in there.campuses
    return True
