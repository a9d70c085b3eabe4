"""States: what a world holds, as small numbers, and those that differ only by the students' names as one.

Two worlds are the same state if they hold the same accounts: all that can be observed, and the row last applied. Who
came first is no part of it, for no rule asks. An account is known by its number, a state is its accounts' numbers in
order, and a renaming is a table from number to number. Of all states that renamings lead to, the smallest stands for
the others.
"""

from typing import Any

from attrs import Factory, define, evolve

from conformance.protocol.responses import Response
from conformance.search.exhaustive.operations import Operations, Renaming, renamed_value
from refmodel.cell import Cells
from refmodel.serialization import observed
from refmodel.world import Account, Draft, World

State = tuple[int, ...]
TEXTS = ("email_address", "username", "first_name", "auth_identifier", "card_id", "requested_email")


@define
class Accounts:
    """All accounts that were met, each with its number, its observation, and its numbers under the renamings."""

    operations: Operations
    known: list[Account] = Factory(list)
    shown: list[Response] = Factory(list)
    numbers: dict[tuple[Account, Cells | None], int] = Factory(dict)
    renamed: list[list[int]] = Factory(list)  # renaming → number → number

    def __attrs_post_init__(self) -> None:
        self.renamed = [[] for _ in self.operations.renamings]

    def number(self, account: Account) -> int:
        """The number of an account, whatever its key."""
        number = self.numbers.get((account, account.last_applied))
        return self._met(account) if number is None else number

    def _met(self, account: Account) -> int:
        images = [renamed(account, renaming) for renaming in self.operations.renamings]
        numbers = [self._numbered(image) for image in images]
        for place, number in enumerate(numbers):
            for renaming in range(len(images)):
                # What one renaming made of the account, another one makes of it what both make together.
                self.renamed[renaming][number] = numbers[self.operations.compose(renaming, place)]
        return numbers[0]

    def _numbered(self, account: Account) -> int:
        content = (account, account.last_applied)
        if content not in self.numbers:
            self.numbers[content] = len(self.known)
            self.known.append(evolve(account, key=0))
            self.shown.append(observed(account))
            for table in self.renamed:
                table.append(-1)
        return self.numbers[content]

    def canonical(self, state: State) -> tuple[State, int]:
        """The state that stands for this one, and the renaming by which this one becomes it."""
        least, renaming = state, 0
        for place, table in enumerate(self.renamed[1:], start=1):
            image = tuple(sorted([table[number] for number in state]))
            if image < least:
                least, renaming = image, place
        return least, renaming

    def fixing(self, state: State) -> tuple[int, ...]:
        """The renamings that leave a state as it is."""
        return tuple(
            place
            for place, table in enumerate(self.renamed)
            if tuple(sorted([table[number] for number in state])) == state
        )

    def world(self, state: State) -> World:
        """A world that is in a state; its accounts have the keys 1, 2, …"""
        # Not with_accounts, which refuses what only deviating rules lead to.
        draft = Draft.of(self.operations.start)
        for number in state:
            draft.put(self.known[number])
        return draft.finish()

    def content(self, state: State) -> frozenset[tuple[Account, Cells | None]]:
        """What a state holds, whatever the numbers."""
        return frozenset((self.known[number], self.known[number].last_applied) for number in state)


def renamed(account: Account, renaming: Renaming) -> Account:
    """An account with the texts of other students."""
    changes: dict[str, Any] = {name: renamed_value(getattr(account, name), renaming) for name in TEXTS}
    if account.last_applied is not None:
        changes["last_applied"] = tuple(renamed_value(cell, renaming) for cell in account.last_applied)
    return evolve(account, **changes)
