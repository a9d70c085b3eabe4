"""How a wrong action is made of the right one."""


from collections.abc import Callable
from typing import Any

from attrs import evolve

from conformance.sabotage.making import Sabotage, in_place, left_out
from refmodel.actions import (
    EDIT_VALIDATIONS,
    NOBODY,
    NOT_PENDING,
    NOT_YOURS,
    Done,
    EditProfile,
    Outcome,
    Refused,
    SignIn,
    SignUp,
    add_by_email,
    address,
    approve,
    change_email,
    confirm_email,
    decline,
    delete_pending,
    edit_profile,
    edited_row,
    join,
    own_student,
    pending_student,
    request_access,
    set_disabled,
    set_excluded,
    sign_in,
    sign_up,
    student_with,
    switch_institution,
)
from refmodel.cells import domain_of
from refmodel.rows import connection
from refmodel.rules import (
    UNIQUENESS,
    assignee_is_own_staff,
    campus_is_known,
    cells_are_well_formed,
    end_date_is_not_before_start_date,
    leaving_leaves_nothing_behind,
)
from refmodel.rulesets import Rule, Ruleset
from refmodel.schema import BY_HEADER, CLEAR_TOKEN, SYSTEM_LABEL_NAMES, Column
from refmodel.world import Account, World


Act = Callable[[World, Any, Ruleset], Any]
Change = Callable[[World, Any, Account], Account]


def afterwards(action: Rule, name: str, statement: str, change: Change) -> Sabotage:
    """An action that does what it should, and then something more, or takes something of it back.

    `change` is given the world before, the action, and the account as the action left it.
    """

    def act(world: World, said: Any, ruleset: Ruleset) -> Outcome:
        after = action(world, said, ruleset)
        student = student_with(world, said.email, ruleset)
        done = isinstance(after, World) and after is not world
        account = after.accounts.get(student.key if student else after.next_key - 1) if done else None
        return after.put(change(world, said, account)) if account else after

    return in_place(action, act, name, statement)


def done_otherwise(action: Rule, name: str, statement: str, does: Act) -> Sabotage:
    """An action that does something else."""
    return in_place(action, does, name, statement)


def in_spite_of(
    action: Rule, name: str, statement: str, to: Callable[[World, Any], dict[str, Any]]
) -> Sabotage:
    """An action that does not see some of what stands about its student, which stays as it is."""

    def act(world: World, said: Any, ruleset: Ruleset) -> Outcome:
        student = student_with(world, said.email, ruleset)
        if student is None:
            return action(world, said, ruleset)
        after = action(world.put(evolve(student, **to(world, said))), said, ruleset)
        return after if isinstance(after, World) else Refused("refused")

    return in_place(action, act, name, statement)


def with_rules(action: Rule, name: str, statement: str, *forgotten: Rule) -> Sabotage:
    """An action that goes by fewer rules."""

    def act(world: World, said: Any, ruleset: Ruleset) -> Outcome:
        for rule in forgotten:
            ruleset = ruleset.replacing(rule, None)
        return action(world, said, ruleset)

    return in_place(action, act, name, statement)


def by_anybody(action: Rule, name: str, statement: str) -> Sabotage:
    """An action that staff of any institution may take."""

    def act(world: World, said: Any, ruleset: Ruleset) -> Outcome:
        student = student_with(world, said.email, ruleset)
        home = student.home if student else None
        return action(world, evolve(said, institution=home or said.institution), ruleset)

    return in_place(action, act, name, statement)


def nothing(action: Rule, name: str, statement: str) -> Sabotage:
    """An action that is said to be done, and is not."""

    def act(world: World, said: Any, ruleset: Ruleset) -> Outcome:
        after = action(world, said, ruleset)
        return world if isinstance(after, World) else after

    return in_place(action, act, name, statement)
