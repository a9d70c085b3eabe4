"""Mutants of editing profiles and signing in."""

from collections.abc import Callable, Mapping

from attrs import evolve

from conformance.mutants.operators import Mutant, breaking, drop_rule, in_place
from conformance.mutants.wrapped_actions import Act, by_anybody, for_connected, nothing, setting, with_rules
from refmodel.actions import Done, EditProfile, Outcome, Refused, SignIn
from refmodel.cell import Malformed
from refmodel.columns import (
    BY_HEADER,
    CLEAR_TOKEN,
    COLUMNS,
    DISABLED,
    SCHOOL_YEAR_NAME,
    SYSTEM_LABEL_NAMES,
    YEAR_ALIAS,
    Column,
)
from refmodel.rules.action import edit_profile, edited_row, own_student, sign_in, student_with
from refmodel.rules.lookup import unchanged_rows_are_skipped
from refmodel.rules.validation import (
    assignee_is_own_staff,
    campus_is_known,
    cells_are_well_formed,
    end_date_is_not_before_start_date,
)
from refmodel.ruleset import Ruleset
from refmodel.world import Account, World

# Editing a profile.


def _edit_with(column: Column) -> Act[EditProfile]:
    """Edit a profile, including a forbidden column."""

    def act(world: World, said: EditProfile, ruleset: Ruleset) -> Outcome:
        student = own_student(world, said, ruleset)
        if student is None or column.header not in said.changes:
            return edit_profile(world, said, ruleset)
        value = edited_row(world, said, student, ruleset).would_be(column)
        rest = {name: text for name, text in said.changes.items() if name != column.header}
        after = edit_profile(world, evolve(said, changes=rest), ruleset)
        if isinstance(after, Refused) or isinstance(value, Malformed):
            return Refused("refused")
        return after.put(evolve(after.accounts[student.key], **{column.attribute: value}))

    return act


Changes = Mapping[str, str]  # header → text


def _edited(name: str, statement: str, change: Callable[[Changes], Changes]) -> Mutant:
    """An edited profile with other changes than were sent."""

    def act(world: World, said: EditProfile, ruleset: Ruleset) -> Outcome:
        return edit_profile(world, evolve(said, changes=change(said.changes)), ruleset)

    return in_place(edit_profile, name, statement, act)


def known_ones(changes: Changes) -> Changes:
    """The changes of known columns."""
    return {name: text for name, text in changes.items() if name in (*BY_HEADER, YEAR_ALIAS)}


def allowed_ones(changes: Changes) -> Changes:
    """The changes of columns that may be edited."""
    forbidden = {c.header for c in COLUMNS if c.sensitive or c in (DISABLED, SYSTEM_LABEL_NAMES)}
    return {name: text for name, text in changes.items() if name not in forbidden}


def filled_ones(changes: Changes) -> Changes:
    """The changes that are not blank."""
    return {name: text for name, text in changes.items() if text.strip()}


def with_clears_for_blanks(changes: Changes) -> Changes:
    """The changes with the clear token in place of blanks."""
    clearable = {c.header for c in COLUMNS if c.clearable}
    return {n: CLEAR_TOKEN if not text.strip() and n in clearable else text for n, text in changes.items()}


def with_blanks_for_clears(changes: Changes) -> Changes:
    """The changes with blanks in place of the clear token."""
    fixed = {c.header for c in COLUMNS if not c.clearable}
    return {n: "" if text == CLEAR_TOKEN and n not in fixed else text for n, text in changes.items()}


def alias_alone(changes: Changes) -> Changes:
    """The changes without the year where its alias is there too."""
    return {n: text for n, text in changes.items() if n != SCHOOL_YEAR_NAME.header or YEAR_ALIAS not in changes}


editing = (
    *(
        in_place(
            edit_profile,
            f"{name}_is_edited",
            f"An edited profile changes {name}.",
            _edit_with(BY_HEADER[name]),
        )
        for name in ("username", "card_id", "system_label_names", "disabled")
    ),
    _edited("unknown_headers_are_edited", "Unknown columns of a profile are overlooked.", known_ones),
    _edited(
        "what_may_not_be_edited_is_overlooked",
        "Columns that may not be edited are overlooked, and the rest is changed.",
        allowed_ones,
    ),
    _edited("blank_sensitive_cells_are_edited", "A profile with a blank sensitive column is accepted.", filled_ones),
    _edited("blanks_in_profiles_clear", "A blank text in a profile empties the field.", with_clears_for_blanks),
    _edited("tokens_in_profiles_keep", "The token in a profile is overlooked.", with_blanks_for_clears),
    _edited("a_header_beside_its_alias_is_edited", "A profile may have a header beside its alias.", alias_alone),
    with_rules(
        edit_profile,
        "edited_dates_are_not_compared",
        "A profile may end before it starts.",
        end_date_is_not_before_start_date,
    ),
    with_rules(
        edit_profile,
        "any_edited_assignee_is_stored",
        "A profile may be assigned to anybody.",
        assignee_is_own_staff,
    ),
    with_rules(edit_profile, "any_edited_campus_is_stored", "A profile may have any campus.", campus_is_known),
    with_rules(
        edit_profile,
        "malformed_texts_are_overlooked",
        "A malformed text in a profile is overlooked.",
        cells_are_well_formed,
    ),
    nothing(edit_profile, "edits_are_lost", "A profile is reported as changed and is not."),
    breaking(
        unchanged_rows_are_skipped,
        setting(
            edit_profile,
            "edits_forget_the_last_row",
            "An edited profile makes the last applied row forgotten.",
            last_applied=None,
        ),
    ),
    setting(
        edit_profile, "edits_exclude", "An edited profile excludes the student from the sync.", excluded_from_sync=True
    ),
    by_anybody(edit_profile, "anybody_edits", "Staff of another institution edit a profile."),
    for_connected(edit_profile, "the_pending_are_not_edited", "A pending student's profile cannot be edited."),
)

# Signing in.


def _admitted(name: str, statement: str, admits: Callable[[World, SignIn, Account], bool | None]) -> Mutant:
    """A sign-in decided by `admits`, or by the rule where that is None."""

    def act(world: World, said: SignIn, ruleset: Ruleset) -> Done:
        student = student_with(world, said.email, ruleset)
        access = admits(world, said, student) if student else None
        return sign_in(world, said, ruleset) if access is None else Done(access=access)

    return in_place(sign_in, name, statement, act)


def admitted_by_sso(name: str, statement: str, admits: Callable[[World, SignIn, Account], bool | None]) -> Mutant:
    """The same for single sign-on only."""
    return _admitted(
        name, statement, lambda world, said, student: admits(world, said, student) if said.via == "sso" else None
    )


def matches(world: World, said: SignIn, student: Account, known: str | None) -> bool:
    """Whether single sign-on admits a student whose known attribute is this one."""
    own = student.institution is not None and student.institution == said.institution
    usable = own and world.institution(said.institution or "").uses_sso
    return bool(usable and not student.disabled and known is not None and said.attribute == known)


signing_in = (
    drop_rule(sign_in, "nobody_signs_in", "Nobody can sign in."),
    _admitted(
        "the_archived_sign_in",
        "An archived student gets in with the password.",
        lambda world, said, student: True if said.via == "password" else None,
    ),
    admitted_by_sso(
        "the_archived_sign_in_by_sso",
        "An archived student gets in by single sign-on.",
        lambda world, said, student: matches(
            world, said, evolve(student, disabled=False), student.auth_identifier or None
        ),
    ),
    admitted_by_sso(
        "sso_compares_usernames",
        "Single sign-on compares the attribute with the username.",
        lambda world, said, student: matches(world, said, student, student.username),
    ),
    admitted_by_sso(
        "sso_compares_addresses",
        "Single sign-on also accepts the student's address.",
        lambda world, said, student: matches(world, said, student, student.email_address) or None,
    ),
    admitted_by_sso(
        "nothing_matches_nothing",
        "An empty attribute matches an auth_identifier that is empty.",
        lambda world, said, student: matches(world, said, student, student.auth_identifier or ""),
    ),
    admitted_by_sso(
        "attributes_ignore_case",
        "Capitals in the attribute do not count.",
        lambda world, said, student: matches(
            world,
            evolve(said, attribute=(said.attribute or "").lower()),
            student,
            (student.auth_identifier or "").lower() or None,
        ),
    ),
    admitted_by_sso(
        "any_institution_signs_on",
        "Single sign-on works where the institution does not use it.",
        lambda world, said, student: (
            bool(said.attribute)
            and said.attribute == student.auth_identifier
            and student.institution == said.institution
            and not student.disabled
        ),
    ),
    admitted_by_sso(
        "others_sign_on",
        "Single sign-on of any institution lets a student in.",
        lambda world, said, student: matches(
            world, evolve(said, institution=student.institution), student, student.auth_identifier or None
        ),
    ),
    _admitted(
        "the_unconnected_do_not_sign_in",
        "An unconnected student does not get in with the password.",
        lambda world, said, student: False if student.institution is None else None,
    ),
    _admitted(
        "sso_replaces_the_password",
        "Where an institution uses single sign-on nobody gets in with a password.",
        lambda world, said, student: (
            False
            if said.via == "password" and student.institution and world.institution(student.institution).uses_sso
            else None
        ),
    ),
)
