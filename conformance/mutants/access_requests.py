"""Mutants of signing up, requesting access, approving, declining, deleting and adding."""

from attrs import evolve

from conformance.mutants.operators import breaking, in_place
from conformance.mutants.wrapped_actions import (
    afterwards,
    by_anybody,
    ignoring_state,
    keeping,
    nothing,
    refusing,
    setting,
    with_directory,
    with_rules,
)
from refmodel.actions import AddByEmail, Approve, DeletePending, Outcome, Refused, SignUp
from refmodel.cell import domain_of
from refmodel.columns import CLEAR_TOKEN
from refmodel.row import connection
from refmodel.rules.action import (
    NOBODY,
    NOT_PENDING,
    add_by_email,
    address,
    approve,
    decline,
    delete_pending,
    join,
    own_student,
    pending_student,
    request_access,
    sign_up,
    student_with,
)
from refmodel.rules.effect import leaving_leaves_nothing_behind
from refmodel.rules.lookup import unchanged_rows_are_skipped
from refmodel.rules.validation import UNIQUENESS
from refmodel.ruleset import Ruleset
from refmodel.world import Account, World

# Signing up.


def sign_up_with_any_name(world: World, said: SignUp, ruleset: Ruleset) -> Outcome:
    """Sign up though a name is blank or the clear token."""
    after = sign_up(world, evolve(said, first_name="x", last_name="x"), ruleset)
    student = after.student(address(said.email, ruleset) or "") if isinstance(after, World) else None
    if not isinstance(after, World) or student is None:
        return after
    return after.put(evolve(student, first_name=said.first_name, last_name=said.last_name))


def sign_up_with_a_token(world: World, said: SignUp, ruleset: Ruleset) -> Outcome:
    """Sign up though a name is the clear token."""
    is_token = CLEAR_TOKEN in (said.first_name, said.last_name)
    return (sign_up_with_any_name if is_token else sign_up)(world, said, ruleset)


def sign_up_unless_requested(world: World, said: SignUp, ruleset: Ruleset) -> Outcome:
    """Sign up unless another student has asked for the address."""
    asked_for = any(s.requested_email == address(said.email, ruleset) for s in world.students())
    return Refused("taken") if asked_for else sign_up(world, said, ruleset)


def at_own_domain(world: World, said: SignUp, student: Account) -> Account:
    """The student connected to the institution that has the domain of the address."""
    owners = sorted(world.directory.owners.get(domain_of(student.email_address), ()))
    return evolve(student, institution=owners[0]) if len(owners) == 1 else student


def pending_at_own_domain(world: World, said: SignUp, student: Account) -> Account:
    """The student pending at the institution that has the domain of the address."""
    return evolve(student, pending_at=at_own_domain(world, said, student).institution)


signing_up = (
    in_place(
        sign_up,
        "staff_and_employers_sign_up",
        "Somebody signs up with the address of staff or of an employer.",
        with_directory(sign_up, lambda directory: evolve(directory, other_users=frozenset())),
    ),
    in_place(
        sign_up,
        "employers_sign_up",
        "Somebody signs up with the address of an employer.",
        with_directory(
            sign_up, lambda directory: evolve(directory, other_users=directory.other_users - directory.employers)
        ),
    ),
    in_place(sign_up, "names_may_be_blank", "Somebody signs up without a name.", sign_up_with_any_name),
    in_place(sign_up, "names_may_be_the_token", "Somebody signs up whose name is the token.", sign_up_with_a_token),
    in_place(
        sign_up,
        "addresses_asked_for_are_reserved",
        "An address that a student has asked for cannot be used to sign up.",
        sign_up_unless_requested,
    ),
    afterwards(
        sign_up,
        "own_domains_connect",
        "A sign-up with an address of an institution connects to it.",
        at_own_domain,
    ),
    afterwards(
        sign_up,
        "own_domains_request",
        "A sign-up with an address of an institution is pending there.",
        pending_at_own_domain,
    ),
    afterwards(
        sign_up,
        "usernames_are_as_typed",
        "A sign-up gets the address as it was typed as username.",
        lambda world, said, student: evolve(student, username=said.email),
    ),
    afterwards(
        sign_up,
        "usernames_are_local_parts",
        "A sign-up gets the part before the @ as username.",
        lambda world, said, student: evolve(student, username=student.email_address.partition("@")[0]),
    ),
)

# Asking for access.


requesting = (
    ignoring_state(
        request_access,
        "the_declined_ask_again",
        "A declined student asks again, and the refusal is forgotten.",
        lambda world, said: {"declined_by": frozenset()},
    ),
    ignoring_state(
        request_access,
        "a_second_request_replaces_the_first",
        "A pending student asks elsewhere, and is pending there.",
        lambda world, said: {"pending_at": None},
    ),
    with_rules(
        request_access,
        "requests_are_not_compared",
        "A student becomes pending where an identifier of theirs is taken.",
        *UNIQUENESS,
    ),
    afterwards(
        request_access,
        "own_addresses_are_approved",
        "A request with an address in a domain of the institution is approved at once.",
        lambda world, said, student: (
            evolve(student, **connection(said.institution, student))
            if domain_of(student.email_address) in world.institution(said.institution).domains
            else student
        ),
    ),
    in_place(
        request_access,
        "the_connected_ask_too",
        "A connected student asks another institution, and is pending there too.",
        lambda world, said, ruleset: (
            world.put(evolve(student, pending_at=said.institution))
            if (student := student_with(world, said.email, ruleset))
            and student.institution not in (None, said.institution)
            else request_access(world, said, ruleset)
        ),
    ),
    refusing(
        request_access,
        "the_archived_do_not_ask",
        "An archived student's request is refused.",
        lambda said, student: student.disabled,
    ),
)

# Approving, declining, deleting.


def approve_as_another(world: World, said: Approve, ruleset: Ruleset) -> Outcome:
    """Approve a student pending at any institution."""
    student = student_with(world, said.email, ruleset)
    if student is None or student.pending_at is None:
        return NOT_PENDING
    return world.put(evolve(student, **connection(said.institution, student)))


def remove_own(world: World, said: DeletePending, ruleset: Ruleset) -> Outcome:
    """Delete a student of the institution, pending or connected."""
    student = own_student(world, said, ruleset)
    return world.remove(student) if student else NOT_PENDING


def unconnect_pending(world: World, said: DeletePending, ruleset: Ruleset) -> Outcome:
    """Drop a request, and keep the account."""
    student = pending_student(world, said, ruleset)
    return world.put(evolve(student, pending_at=None)) if student else NOT_PENDING


deciding_requests = (
    afterwards(
        approve,
        "an_approved_student_stays_pending",
        "An approved student is connected and stays pending.",
        lambda world, said, student: evolve(student, pending_at=said.institution),
    ),
    setting(
        approve,
        "an_approval_ends_the_exclusion",
        "An approved student is no longer excluded from the sync.",
        excluded_from_sync=False,
    ),
    setting(
        approve,
        "an_approval_forgets_all_declines",
        "An approval forgets the refusals of other institutions.",
        declined_by=frozenset(),
    ),
    breaking(
        unchanged_rows_are_skipped,
        setting(
            approve,
            "an_approval_forgets_the_last_row",
            "An approval forgets the row last applied to the pending student.",
            last_applied=None,
        ),
    ),
    setting(
        approve,
        "an_approval_takes_the_labels",
        "An approved student loses the labels that a file gave them.",
        system_label_names=frozenset(),
    ),
    in_place(
        approve,
        "anybody_approves",
        "Staff of another institution approve, and get the student.",
        approve_as_another,
    ),
    afterwards(
        decline,
        "a_decline_is_not_remembered",
        "A declined student is unconnected, and the refusal is not remembered.",
        lambda world, said, student: evolve(student, declined_by=student.declined_by - {said.institution}),
    ),
    afterwards(
        decline,
        "only_the_last_decline_is_remembered",
        "A refusal makes those of other institutions forgotten.",
        lambda world, said, student: evolve(student, declined_by=frozenset({said.institution})),
    ),
    setting(decline, "the_declined_are_archived", "A declined student is archived.", disabled=True),
    afterwards(
        decline,
        "the_declined_stay_pending",
        "A declined student stays pending.",
        lambda world, said, student: evolve(student, pending_at=said.institution),
    ),
    in_place(decline, "the_declined_are_deleted", "A declined student's account is gone.", delete_pending),
    by_anybody(decline, "anybody_declines", "Staff of another institution decline in the right one's name."),
    in_place(
        delete_pending,
        "a_deleted_account_is_only_unconnected",
        "A deleted account stays, unconnected.",
        unconnect_pending,
    ),
    in_place(delete_pending, "the_connected_are_deleted", "A connected student is deleted too.", remove_own),
    setting(approve, "the_approved_are_brought_back", "An approved student is no longer archived.", disabled=False),
    in_place(
        delete_pending,
        "a_deletion_is_a_decline",
        "A deleted account stays, declined.",
        decline,
    ),
    nothing(delete_pending, "nobody_is_deleted", "A deleted account stays pending."),
    by_anybody(delete_pending, "anybody_deletes", "Staff of another institution delete a pending account."),
)

# Adding by e-mail.


def add_wherever_connected(world: World, said: AddByEmail, ruleset: Ruleset) -> Outcome:
    """Add a student, even if connected to another institution."""
    student = student_with(world, said.email, ruleset)
    if student is None or student.institution == said.institution:
        return NOBODY
    return join(world, student, said.institution, ruleset)


adding = (
    refusing(
        add_by_email,
        "the_declined_are_not_added",
        "Staff cannot add a student they have declined.",
        lambda said, student: said.institution in student.declined_by,
    ),
    refusing(
        add_by_email,
        "those_pending_elsewhere_are_not_added",
        "Staff cannot add a student pending elsewhere.",
        lambda said, student: student.pending_at not in (None, said.institution),
    ),
    refusing(
        add_by_email,
        "the_pending_are_not_added",
        "Staff cannot add a student pending there.",
        lambda said, student: student.pending_at == said.institution,
    ),
    in_place(
        add_by_email,
        "only_own_addresses_are_added",
        "Staff cannot add a student with an address of another institution's domain.",
        lambda world, said, ruleset: (
            NOBODY
            if world.domain_is_anothers(address(said.email, ruleset) or "", said.institution)
            else add_by_email(world, said, ruleset)
        ),
    ),
    in_place(
        add_by_email,
        "the_connected_are_added",
        "Staff add a student connected to another institution.",
        add_wherever_connected,
    ),
    with_rules(
        add_by_email,
        "the_added_are_not_compared",
        "Staff add a student whose identifiers are taken there.",
        *UNIQUENESS,
    ),
    with_rules(
        add_by_email,
        "the_added_take_all_along",
        "Staff add a student pending elsewhere, who keeps the labels and the exclusion from there.",
        leaving_leaves_nothing_behind,
    ),
    keeping(add_by_email, "the_added_stay_pending", "A student added by staff stays pending elsewhere.", "pending_at"),
    keeping(add_by_email, "the_added_stay_declined", "A student added by staff stays declined there.", "declined_by"),
    setting(
        add_by_email,
        "the_added_are_declined_nowhere",
        "A student added by staff loses the refusals of other institutions.",
        declined_by=frozenset(),
    ),
    afterwards(
        add_by_email,
        "the_added_are_pending",
        "A student added by staff is pending there.",
        lambda world, said, student: evolve(student, institution=None, pending_at=said.institution),
    ),
)
