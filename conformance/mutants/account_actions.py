"""Mutants of changing addresses, archiving, excluding and moving in the app."""

from attrs import evolve

from conformance.mutants.operators import breaking, in_place
from conformance.mutants.wrapped_actions import (
    afterwards,
    by_anybody,
    for_connected,
    keeping,
    nothing,
    setting,
    with_directory,
    with_rules,
)
from refmodel.actions import ChangeEmail, ConfirmEmail, Outcome, SwitchInstitution
from refmodel.rules.action import (
    NOBODY,
    address,
    change_email,
    confirm_email,
    join,
    own_student,
    set_disabled,
    set_excluded,
    student_with,
    switch_institution,
)
from refmodel.rules.effect import leaving_leaves_nothing_behind
from refmodel.rules.lookup import unchanged_rows_are_skipped
from refmodel.rules.validation import UNIQUENESS
from refmodel.ruleset import Ruleset
from refmodel.world import Account, World

# Changing an address.


def change_to_ones_own(world: World, said: ChangeEmail, ruleset: Ruleset) -> Outcome:
    """Ask for any address that no other user has."""
    student = own_student(world, said, ruleset)
    if student and address(said.new_email, ruleset) == student.email_address:
        return world.put(evolve(student, excluded_from_sync=True, requested_email=student.email_address))
    return change_email(world, said, ruleset)


def confirm_unchecked(world: World, said: ConfirmEmail, ruleset: Ruleset) -> Outcome:
    """Confirm an address even if it has been taken."""
    student = student_with(world, said.email, ruleset)
    if student is None or student.requested_email is None:
        return NOBODY
    return world.put(evolve(student, email_address=student.requested_email, requested_email=None))


def confirm_what_there_is(world: World, said: ConfirmEmail, ruleset: Ruleset) -> Outcome:
    """Confirm, even if no address was requested."""
    student = student_with(world, said.email, ruleset)
    return world if student and student.requested_email is None else confirm_email(world, said, ruleset)


def requested_of(world: World, student: Account) -> str:
    """The address that a student had requested before."""
    return world.accounts[student.key].requested_email or ""


changing_addresses = (
    afterwards(
        change_email,
        "addresses_change_at_once",
        "An address that is asked for is changed at once.",
        lambda world, said, student: evolve(student, email_address=student.requested_email or "", requested_email=None),
    ),
    keeping(
        change_email,
        "a_changed_address_does_not_exclude",
        "A student who asks for another address stays in the sync.",
        "excluded_from_sync",
    ),
    afterwards(
        change_email,
        "the_first_address_asked_for_stays",
        "A student who asks for a second address gets the first.",
        lambda world, said, student: evolve(
            student, requested_email=requested_of(world, student) or student.requested_email
        ),
    ),
    in_place(
        change_email,
        "addresses_of_others_may_be_asked_for",
        "A student may ask for an address of staff or of an employer.",
        with_directory(change_email, lambda directory: evolve(directory, other_users=frozenset())),
    ),
    in_place(
        change_email,
        "any_domain_may_be_asked_for",
        "A student may ask for an address of another institution's domain.",
        with_directory(change_email, lambda directory: evolve(directory, owners={})),
    ),
    in_place(
        change_email,
        "ones_own_address_may_be_asked_for",
        "A student may ask for the address they have.",
        change_to_ones_own,
    ),
    for_connected(change_email, "the_pending_ask_for_no_address", "A pending student cannot ask for an address."),
    by_anybody(change_email, "anybody_changes_addresses", "Staff of another institution ask for an address."),
    afterwards(
        confirm_email,
        "a_confirmed_address_is_the_username",
        "A confirmed address becomes the username too.",
        lambda world, said, student: evolve(student, username=student.email_address),
    ),
    afterwards(
        confirm_email,
        "an_old_username_follows_the_address",
        "A username that was the old address becomes the new one.",
        lambda world, said, student: (
            evolve(student, username=student.email_address)
            if student.username == world.accounts[student.key].email_address
            else student
        ),
    ),
    setting(
        confirm_email,
        "a_confirmation_ends_the_exclusion",
        "A student who confirms an address is in the sync again.",
        excluded_from_sync=False,
    ),
    afterwards(
        confirm_email,
        "a_confirmation_leaves_the_request",
        "A confirmed address is still asked for.",
        lambda world, said, student: evolve(student, requested_email=student.email_address),
    ),
    breaking(
        unchanged_rows_are_skipped,
        setting(
            confirm_email,
            "a_confirmation_forgets_the_last_row",
            "A confirmation makes the last applied row forgotten.",
            last_applied=None,
        ),
    ),
    in_place(
        confirm_email,
        "a_confirmation_is_not_checked",
        "An address is confirmed that has been taken since.",
        confirm_unchecked,
    ),
    in_place(
        confirm_email,
        "there_is_always_something_to_confirm",
        "A confirmation of nothing is done.",
        confirm_what_there_is,
    ),
)

# Archiving, excluding, moving.


def switch_wherever(world: World, said: SwitchInstitution, ruleset: Ruleset) -> Outcome:
    """Switch a student, pending or connected."""
    student = student_with(world, said.email, ruleset)
    if student is None or student.home in (None, said.institution):
        return NOBODY
    return join(world, student, said.institution, ruleset)


def switch_to_the_same(world: World, said: SwitchInstitution, ruleset: Ruleset) -> Outcome:
    """Switch a student, even to their own institution."""
    student = student_with(world, said.email, ruleset)
    at_home = student is not None and student.institution == said.institution
    return world if at_home else switch_institution(world, said, ruleset)


archiving_and_moving = (
    nothing(
        set_disabled, "nobody_is_archived_in_the_app", "Archiving in the app is reported as done and has no effect."
    ),
    by_anybody(set_disabled, "anybody_archives", "Staff of another institution archive a student."),
    for_connected(set_disabled, "the_pending_are_not_archived", "A pending student cannot be archived."),
    afterwards(
        set_disabled,
        "disabled_is_a_switch",
        "Archiving an archived student brings them back.",
        lambda world, said, student: evolve(student, disabled=not world.accounts[student.key].disabled),
    ),
    afterwards(
        set_disabled,
        "archiving_takes_labels_and_assignee",
        "A student archived in the app loses labels and assignee.",
        lambda world, said, student: (
            evolve(student, system_label_names=frozenset(), assigned_to_email_address=None)
            if said.disabled
            else student
        ),
    ),
    breaking(
        unchanged_rows_are_skipped,
        setting(
            set_disabled,
            "archiving_forgets_the_last_row",
            "Archiving in the app forgets the row last applied.",
            last_applied=None,
        ),
    ),
    by_anybody(set_excluded, "anybody_excludes", "Staff of another institution exclude a student."),
    for_connected(set_excluded, "the_pending_are_not_excluded", "A pending student cannot be excluded."),
    setting(set_excluded, "an_exclusion_is_for_ever", "An exclusion cannot be ended.", excluded_from_sync=True),
    afterwards(
        set_excluded,
        "the_end_of_an_exclusion_drops_the_address",
        "The end of an exclusion drops the requested address.",
        lambda world, said, student: student if said.excluded else evolve(student, requested_email=None),
    ),
    breaking(
        unchanged_rows_are_skipped,
        afterwards(
            set_excluded,
            "the_end_of_an_exclusion_forgets_the_last_row",
            "The end of an exclusion makes the last applied row forgotten.",
            lambda world, said, student: student if said.excluded else evolve(student, last_applied=None),
        ),
    ),
    breaking(
        leaving_leaves_nothing_behind,
        keeping(
            switch_institution,
            "a_switch_keeps_the_last_row",
            "A switched student keeps the memory of the last applied row.",
            "last_applied",
        ),
    ),
    setting(switch_institution, "a_switch_brings_back", "A switched student is no longer archived.", disabled=False),
    keeping(
        switch_institution,
        "a_switch_keeps_the_decline",
        "A student switched to an institution that had declined them stays declined there.",
        "declined_by",
    ),
    afterwards(
        switch_institution,
        "a_switch_declines",
        "A switched student is declined by the previous institution.",
        lambda world, said, student: evolve(
            student, declined_by=student.declined_by | {world.accounts[student.key].institution or ""}
        ),
    ),
    with_rules(
        switch_institution,
        "the_switched_are_not_compared",
        "A student is switched to where an identifier is taken.",
        *UNIQUENESS,
    ),
    in_place(
        switch_institution,
        "the_pending_are_switched",
        "A pending student is switched and connected.",
        switch_wherever,
    ),
    in_place(
        switch_institution,
        "a_switch_to_the_same_is_done",
        "A student is switched to where they are.",
        switch_to_the_same,
    ),
)
