"""Actions: what students, staff and support do besides importing, one function each.

An action either happens or is refused and then changes nothing. Staff act on students who are connected to
or pending at their own institution; only `add_by_email` reaches further. An e-mail address of staff or of an
employer is unknown to every action. Addresses are compared as everywhere, without case.
"""

from collections.abc import Callable
from typing import Any, Protocol

from attrs import evolve

from refmodel.actions import (
    AddByEmail,
    Approve,
    ChangeEmail,
    ConfirmEmail,
    Decline,
    DeletePending,
    Done,
    EditProfile,
    Outcome,
    Refused,
    RequestAccess,
    SetDisabled,
    SetExcluded,
    SignIn,
    SignUp,
    SwitchInstitution,
)
from refmodel.cell import NO_CELLS, is_blank
from refmodel.columns import CLEAR_TOKEN, COLUMNS, DISABLED, EMAIL_ADDRESS, SYSTEM_LABEL_NAMES, Column
from refmodel.job import Job
from refmodel.row import Changes, Move, Row, connection
from refmodel.rules.cell import decoder
from refmodel.rules.effect import leaving_leaves_nothing_behind, values_replace
from refmodel.rules.file import HEADER_LIMITS, read_header
from refmodel.rules.validation import (
    UNIQUENESS,
    ValidationRule,
    assignee_is_own_staff,
    campus_is_known,
    cells_are_well_formed,
    end_date_is_not_before_start_date,
)
from refmodel.ruleset import Ruleset
from refmodel.world import Account, World

NOBODY = Refused("no student has this e-mail address")
NOT_YOURS = Refused("no student with this e-mail address is connected to the institution, or pending there")
NOT_PENDING = Refused("no student with this e-mail address is pending at the institution")
MALFORMED = Refused("the e-mail address is invalid")
TAKEN = Refused("the e-mail address has already been taken")

ActionRule = Callable[[World, Any, Ruleset], Outcome | Done]  # each takes an action of its own class


class ByStaff(Protocol):
    """What staff of an institution do about one student."""

    @property
    def institution(self) -> str: ...

    @property
    def email(self) -> str: ...


def address(text: str, ruleset: Ruleset) -> str | None:
    """The e-mail address that a text is, in the form in which it is compared; None if it is none."""
    email = decoder(EMAIL_ADDRESS, "eu", "yyyy-mm-dd", ruleset)(text)
    return email if isinstance(email, str) else None


def student_with(world: World, email: str, ruleset: Ruleset) -> Account | None:
    """The student with an e-mail address, wherever connected."""
    return world.student(address(email, ruleset) or "")


def own_student(world: World, action: ByStaff, ruleset: Ruleset) -> Account | None:
    """The student connected to or pending at the acting institution."""
    student = student_with(world, action.email, ruleset)
    return student if student and student.home == action.institution else None


def pending_student(world: World, action: ByStaff, ruleset: Ruleset) -> Account | None:
    """The student pending at the acting institution."""
    student = own_student(world, action, ruleset)
    return student if student and student.pending_at else None


def arrival_is_barred(world: World, student: Account, institution: str, ruleset: Ruleset) -> Refused | None:
    """Why a student cannot join an institution: another one there holds an identifier of theirs."""
    for rule in ruleset.active(UNIQUENESS):
        for complaint in rule(Move(world, institution, student)):
            return Refused(f"{complaint.column.header} {complaint.message} at the institution")
    return None


def left_behind(world: World, student: Account, destination: str | None, ruleset: Ruleset) -> Changes:
    """What a student loses who leaves for another institution, or for none."""
    leaving = ruleset[leaving_leaves_nothing_behind]
    return leaving(Move(world, destination, student)) if leaving else {}


def join(world: World, student: Account, institution: str, ruleset: Ruleset) -> Outcome:
    """The student connected to an institution, unless an identifier of theirs is taken there."""
    if barred := arrival_is_barred(world, student, institution, ruleset):
        return barred
    left = left_behind(world, student, institution, ruleset)
    return world.put(evolve(student, **{**left, **connection(institution, student)}))


def sign_up(world: World, action: SignUp, ruleset: Ruleset) -> Outcome:
    """A student makes an account without an institution, whose username is the e-mail address.

    Refused if any user has the address, if it is malformed, or if a name is blank or the clear token.

    Source: 004:11, 004:36
    Basis: stated
    Remedy: Use an address that no user has, and give a first and a last name.
    Consequence: People get accounts under addresses that are taken or unusable, or cannot sign up at all.
    Example: a_student_signs_up
    """
    email = address(action.email, ruleset)
    names = (action.first_name, action.last_name)
    if email is None:
        return MALFORMED
    if world.another_user_has(email, None):
        return TAKEN
    if any(is_blank(name) or name == CLEAR_TOKEN for name in names):
        return Refused("a first and a last name are needed")
    first_name, last_name = names
    return world.put(Account(email_address=email, username=email, first_name=first_name, last_name=last_name))


def request_access(world: World, action: RequestAccess, ruleset: Ruleset) -> Outcome:
    """A student without an institution asks for one, and is pending there.

    Refused if they are connected, pending anywhere or declined there, or if their username, auth identifier
    or card number is taken there.

    Source: 004:18
    Basis: stated (the refusals: chosen)
    Remedy: Wait for the answer to an earlier request, or ask staff to add the student by e-mail.
    Consequence: Requests reach the wrong university, or come in although they cannot be granted.
    Example: a_student_asks_for_access
    """
    student = student_with(world, action.email, ruleset)
    if student is None:
        return NOBODY
    if student.home is not None:
        return Refused("the student is connected or pending already")
    if action.institution in student.declined_by:
        return Refused("the institution has declined the student")
    barred = arrival_is_barred(world, student, action.institution, ruleset)
    return barred or world.put(evolve(student, pending_at=action.institution))


def approve(world: World, action: Approve, ruleset: Ruleset) -> Outcome:
    """Staff approve a request: the pending student is connected.

    Source: 004:29
    Basis: stated
    Remedy: Check that the request is pending at this institution, and has not been answered yet.
    Consequence: An approved student stays outside, or one who never asked gets in.
    Example: a_request_is_approved
    """
    student = pending_student(world, action, ruleset)
    return world.put(evolve(student, **connection(action.institution, student))) if student else NOT_PENDING


def decline(world: World, action: Decline, ruleset: Ruleset) -> Outcome:
    """Staff decline a request: the student is unconnected again, and the institution has declined them.

    Source: 004:5
    Basis: stated
    Remedy: Check that the request is pending at this institution, and has not been answered yet.
    Consequence: A declined student keeps waiting, or asks again at once as if nothing had been said.
    Example: a_request_is_declined
    """
    student = pending_student(world, action, ruleset)
    if student is None:
        return NOT_PENDING
    left = left_behind(world, student, None, ruleset)
    declined_by = student.declined_by | {action.institution}
    return world.put(evolve(student, **{**left, "pending_at": None, "declined_by": declined_by}))


def delete_pending(world: World, action: DeletePending, ruleset: Ruleset) -> Outcome:
    """Staff delete a pending account: it is gone, and its e-mail address is free.

    Source: 004:25, 004:47
    Basis: stated
    Remedy: Check that the account is pending here; connected ones can only be archived.
    Consequence: The deleted account lingers on and blocks its address, or a connected one is deleted.
    Example: a_pending_account_is_deleted
    """
    student = pending_student(world, action, ruleset)
    return world.remove(student) if student else NOT_PENDING


def add_by_email(world: World, action: AddByEmail, ruleset: Ruleset) -> Outcome:
    """Staff connect a student who is connected nowhere, also one declined or pending, also elsewhere.

    Requests are dropped. Refused if the student is connected, or an identifier of theirs is taken there.

    Source: 003:36
    Basis: stated
    Remedy: Ask support to switch a student who is connected elsewhere; only unconnected ones are added.
    Consequence: Staff cannot bring a student in, or pull one out of another university.
    Example: a_student_is_added_by_email
    """
    student = student_with(world, action.email, ruleset)
    if student is None:
        return NOBODY
    if student.institution is not None:
        return Refused("the student is connected already")
    return join(world, student, action.institution, ruleset)


def change_email(world: World, action: ChangeEmail, ruleset: Ruleset) -> Outcome:
    """Staff ask for another e-mail address: the student is excluded from the sync, the address stays for now.

    Refused if any user has the new one, if it is malformed, or if its domain is another institution's and
    not the student's own.

    Source: 004:25, 004:51, 001:25
    Basis: stated
    Remedy: Choose an address that nobody has, of no other institution's domain.
    Consequence: An address changes before it is confirmed, or a file overwrites it meanwhile.
    Example: another_address_is_asked_for
    """
    student = own_student(world, action, ruleset)
    new = address(action.new_email, ruleset)
    if student is None:
        return NOT_YOURS
    if new is None:
        return MALFORMED
    if world.another_user_has(new, None):
        return TAKEN
    if world.domain_is_anothers(new, action.institution):
        return Refused("the domain of the e-mail address is another institution's")
    return world.put(evolve(student, excluded_from_sync=True, requested_email=new))


def confirm_email(world: World, action: ConfirmEmail, ruleset: Ruleset) -> Outcome:
    """A student confirms the address that was asked for, and has it from then on; the username stays.

    Refused if none was asked for, or if it has been taken since: the request stays, but reserves nothing.

    Source: 004:49, 004:51
    Basis: stated
    Remedy: Ask for the e-mail address again, or for another one if it has been taken meanwhile.
    Consequence: An address that somebody else has by now is taken over, or the username changes with it.
    Example: an_address_is_confirmed
    """
    student = student_with(world, action.email, ruleset)
    if student is None:
        return NOBODY
    if student.requested_email is None:
        return Refused("no e-mail address was asked for")
    if world.another_user_has(student.requested_email, student):
        return TAKEN
    return world.put(evolve(student, email_address=student.requested_email, requested_email=None))


def set_disabled(world: World, action: SetDisabled, ruleset: Ruleset) -> Outcome:
    """Staff archive a student in the app, or bring them back.

    Source: 001:15
    Basis: stated
    Remedy: Check the address, and that the student is connected to or pending at the institution.
    Consequence: Archiving in the app does not hold, or reaches the students of others.
    Example: a_student_is_archived
    """
    student = own_student(world, action, ruleset)
    return world.put(evolve(student, disabled=action.disabled)) if student else NOT_YOURS


# What a profile's form takes: not the sensitive columns, nor the labels and the archiving.
EDITABLE: frozenset[Column] = frozenset(
    column for column in COLUMNS if not column.sensitive and column not in (SYSTEM_LABEL_NAMES, DISABLED)
)
EDIT_VALIDATIONS: tuple[ValidationRule, ...] = (
    cells_are_well_formed,
    end_date_is_not_before_start_date,
    assignee_is_own_staff,
    campus_is_known,
)


def edit_profile(world: World, action: EditProfile, ruleset: Ruleset) -> Outcome:
    """A profile is edited in the app: cell texts by header, read as a file's are, dates as yyyy-mm-dd.

    Refused if a sensitive column, the labels, `disabled` or an unknown header is named, or a header beside
    its alias, or if a value is malformed, an assignee or campus unknown, or the dates in the wrong order.
    Blank keeps and the token clears; where there are no campuses, `campus_name` is ignored.

    Source: 001:11, 002:41
    Basis: stated
    Remedy: Change only what a profile has; use a file for labels and for sensitive fields.
    Consequence: A profile's form changes what only a file under the setting may change.
    Example: a_profile_is_edited
    """
    student = own_student(world, action, ruleset)
    if student is None:
        return NOT_YOURS
    columns = read_header(list(action.changes), ruleset).columns
    if not EDITABLE.issuperset(columns):
        return Refused("only the profile can be edited: no sensitive column, no labels, not disabled")
    if len(set(columns)) < len(columns):
        return Refused("a column is named twice")
    row = edited_row(world, action, student, ruleset)
    complaints = [complaint for validate in ruleset.active(EDIT_VALIDATIONS) for complaint in validate(row)]
    if complaints:
        return Refused("; ".join(f"{complaint.column.header} {complaint.message}" for complaint in complaints))
    return world.put(evolve(student, **values_replace(row)))


def edited_row(world: World, action: EditProfile, student: Account, ruleset: Ruleset) -> Row:
    """The changes of a profile as the row of a file that would make them."""
    institution = world.institution(action.institution)
    job = Job(action.institution, "manual")
    header = read_header(list(action.changes), ruleset)
    for limit in ruleset.active(HEADER_LIMITS):
        header = limit(header, institution)
    cells = list(NO_CELLS)
    for column, text in zip(header.columns, action.changes.values()):
        if column:
            cells[column.index] = decoder(column, institution.vocabulary, job.date_format, ruleset)(text)
    return Row(world, institution.id, student, institution, job, (), tuple(cells))


def set_excluded(world: World, action: SetExcluded, ruleset: Ruleset) -> Outcome:
    """Staff exclude a student from the sync, or let the sync have them again.

    Source: 004:25
    Basis: inferred
    Remedy: Check the address, and that the student is connected to or pending at the institution.
    Consequence: Who is to be left alone by the sync is not, or never comes back into it.
    Example: a_student_is_excluded
    """
    student = own_student(world, action, ruleset)
    return world.put(evolve(student, excluded_from_sync=action.excluded)) if student else NOT_YOURS


def switch_institution(world: World, action: SwitchInstitution, ruleset: Ruleset) -> Outcome:
    """Support moves a connected student to another institution.

    Refused to the same one, and where an identifier of theirs is taken.

    Source: 003:26
    Basis: stated (the details: chosen)
    Remedy: Check that the student is connected elsewhere, and that the new institution has nobody with the same
        username, auth_identifier or card_id.
    Consequence: A student who moves takes along, or clashes with, identifiers at the new university.
    Example: a_student_moves
    """
    student = student_with(world, action.email, ruleset)
    if student is None or student.institution is None:
        return Refused("no connected student has this e-mail address")
    if student.institution == action.institution:
        return Refused("the student is at the institution already")
    return join(world, student, action.institution, ruleset)


def sign_in(world: World, action: SignIn, ruleset: Ruleset) -> Done:
    """Whether a student gets in: by password, or by single sign-on with the attribute that it returns.

    By password if the account exists and is not disabled. By single sign-on if it is moreover connected to
    the institution, which uses it, and the attribute is a non-empty `auth_identifier`.

    Source: 001:49-52, 002:23
    Basis: stated
    Remedy: Check that the account is active; for single sign-on also where it is connected, and its auth_identifier.
    Consequence: Archived students or strangers get in, or the right ones are kept out.
    Example: a_student_signs_in
    """
    student = student_with(world, action.email, ruleset)
    if student is None or student.disabled:
        return Done(access=False)
    return Done(access=action.via == "password" or sso_admits(world, action, student))


def sso_admits(world: World, action: SignIn, student: Account) -> bool:
    """Whether single sign-on at an institution lets a student in."""
    if student.institution is None or student.institution != action.institution:
        return False
    matches = bool(action.attribute) and action.attribute == student.auth_identifier
    return matches and world.institution(student.institution).uses_sso
