"""How a wrong action is made of the right one."""

from collections.abc import Callable
from typing import Any

from attrs import evolve

from conformance.mutants.operators import Mutant, in_place
from refmodel.actions import Outcome, Refused
from refmodel.rules.action import NOT_YOURS, pending_student, student_with
from refmodel.ruleset import Rule, Ruleset
from refmodel.world import Account, World

Act = Callable[[World, Any, Ruleset], Any]
Does = Callable[[World, Any, Ruleset], Outcome]
Change = Callable[[World, Any, Account], Account]


def afterwards(action: Does, name: str, statement: str, change: Change) -> Mutant:
    """An action that does what it should, and then something more, or takes something of it back.

    `change` is given the world before, the action, and the account as the action left it.
    """

    def act(world: World, said: Any, ruleset: Ruleset) -> Outcome:
        after = action(world, said, ruleset)
        if not isinstance(after, World):
            return after
        student = student_with(world, said.email, ruleset)
        account = after.accounts[student.key if student else after.next_key - 1]  # a new one is the last
        return after.put(change(world, said, account))

    return in_place(action, name, statement, act)


def ignoring_state(action: Does, name: str, statement: str, to: Callable[[World, Any], dict[str, Any]]) -> Mutant:
    """An action that does not see some of what stands about its student, which stays as it is."""

    def act(world: World, said: Any, ruleset: Ruleset) -> Outcome:
        student = student_with(world, said.email, ruleset)
        if student is None:
            return action(world, said, ruleset)
        after = action(world.put(evolve(student, **to(world, said))), said, ruleset)
        return after if isinstance(after, World) else Refused("refused")

    return in_place(action, name, statement, act)


def with_rules(action: Does, name: str, statement: str, *forgotten: Rule) -> Mutant:
    """An action that goes by fewer rules."""

    def act(world: World, said: Any, ruleset: Ruleset) -> Outcome:
        for rule in forgotten:
            ruleset = ruleset.replacing(rule, None)
        return action(world, said, ruleset)

    return in_place(action, name, statement, act)


def by_anybody(action: Does, name: str, statement: str) -> Mutant:
    """An action that staff of any institution may take."""

    def act(world: World, said: Any, ruleset: Ruleset) -> Outcome:
        student = student_with(world, said.email, ruleset)
        home = student.home if student else None
        return action(world, evolve(said, institution=home or said.institution), ruleset)

    return in_place(action, name, statement, act)


def nothing(action: Does, name: str, statement: str) -> Mutant:
    """An action that is said to be done, and is not."""

    def act(world: World, said: Any, ruleset: Ruleset) -> Outcome:
        after = action(world, said, ruleset)
        return world if isinstance(after, World) else after

    return in_place(action, name, statement, act)


def for_connected(action: Does) -> Act:
    """An action on connected students only."""

    def act(world: World, said: Any, ruleset: Ruleset) -> Outcome:
        return NOT_YOURS if pending_student(world, said, ruleset) else action(world, said, ruleset)

    return act
