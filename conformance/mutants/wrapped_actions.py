"""How mutants of actions are made from the right action."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from attrs import evolve

from conformance.mutants.combination import put_upon
from conformance.mutants.operators import Mutant, in_place
from refmodel.actions import (
    ChangeEmail,
    Decline,
    DeletePending,
    EditProfile,
    Outcome,
    Refused,
    SetDisabled,
    SetExcluded,
)
from refmodel.row import Changes
from refmodel.rules.action import ByStaff, student_with
from refmodel.ruleset import Rule, Ruleset
from refmodel.world import Account, Directory, World


class AboutStudent(Protocol):
    """An action about the student with an e-mail address."""

    @property
    def email(self) -> str: ...


A = TypeVar("A")
StudentAction = TypeVar("StudentAction", bound=AboutStudent)
StaffAction = TypeVar("StaffAction", bound=ByStaff)
InstitutionAction = TypeVar(
    "InstitutionAction", ChangeEmail, Decline, DeletePending, EditProfile, SetDisabled, SetExcluded
)
Act = Callable[[World, A, Ruleset], Outcome]


def afterwards(
    action: Act[StudentAction], name: str, statement: str, change: Callable[[World, StudentAction, Account], Account]
) -> Mutant:
    """The action, followed by another change of the account.

    `change` takes the world before, the action, and the account after the action.
    """

    def act(world: World, said: StudentAction, ruleset: Ruleset) -> Outcome:
        after = action(world, said, ruleset)
        if not isinstance(after, World):
            return after
        student = student_with(world, said.email, ruleset)
        account = after.accounts[student.key if student else after.next_key - 1]  # a new one is the last
        return after.put(change(world, said, account))

    return in_place(action, name, statement, act)


def setting(action: Act[StudentAction], name: str, statement: str, **values: Any) -> Mutant:
    """The action, which also sets some fields of the account."""
    return afterwards(action, name, statement, lambda world, said, student: evolve(student, **values))


def keeping(action: Act[StudentAction], name: str, statement: str, field: str) -> Mutant:
    """The action, which leaves a field of the account unchanged."""

    def kept(world: World, said: StudentAction, student: Account) -> Account:
        return evolve(student, **{field: getattr(world.accounts[student.key], field)})

    return afterwards(action, name, statement, kept)


def ignoring_state(
    action: Act[StudentAction], name: str, statement: str, to: Callable[[World, StudentAction], Changes]
) -> Mutant:
    """The action, which ignores some fields of the account: it sees the values of `to` instead."""

    def act(world: World, said: StudentAction, ruleset: Ruleset) -> Outcome:
        student = student_with(world, said.email, ruleset)
        if student is None:
            return action(world, said, ruleset)
        after = action(world.put(evolve(student, **to(world, said))), said, ruleset)
        return after if isinstance(after, World) else Refused("refused")

    return in_place(action, name, statement, act)


def with_rules(action: Act[A], name: str, statement: str, *dropped: Rule) -> Mutant:
    """The action without some rules."""

    def act(world: World, said: A, ruleset: Ruleset) -> Outcome:
        return action(world, said, put_upon(ruleset, [(rule, None) for rule in dropped]))

    return in_place(action, name, statement, act)


def with_directory(action: Act[A], change: Callable[[Directory], Directory]) -> Act[A]:
    """The action in a changed directory of institutions and users."""

    def act(world: World, said: A, ruleset: Ruleset) -> Outcome:
        after = action(evolve(world, directory=change(world.directory)), said, ruleset)
        return evolve(after, directory=world.directory) if isinstance(after, World) else after

    return act


def by_anybody(action: Act[InstitutionAction], name: str, statement: str) -> Mutant:
    """The action, which staff of any institution may take."""

    def act(world: World, said: InstitutionAction, ruleset: Ruleset) -> Outcome:
        student = student_with(world, said.email, ruleset)
        home = student.home if student else None
        return action(world, evolve(said, institution=home or said.institution), ruleset)

    return in_place(action, name, statement, act)


def nothing(action: Act[A], name: str, statement: str) -> Mutant:
    """The action, reported as done, but without effect."""

    def act(world: World, said: A, ruleset: Ruleset) -> Outcome:
        after = action(world, said, ruleset)
        return world if isinstance(after, World) else after

    return in_place(action, name, statement, act)


def refusing(
    action: Act[StudentAction], name: str, statement: str, refuses: Callable[[StudentAction, Account], bool]
) -> Mutant:
    """The action, which also refuses some students."""

    def act(world: World, said: StudentAction, ruleset: Ruleset) -> Outcome:
        student = student_with(world, said.email, ruleset)
        return Refused("refused") if student and refuses(said, student) else action(world, said, ruleset)

    return in_place(action, name, statement, act)


def for_connected(action: Act[StaffAction], name: str, statement: str) -> Mutant:
    """The action, for connected students only."""
    return refusing(action, name, statement, lambda said, student: student.pending_at == said.institution)
