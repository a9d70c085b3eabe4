"""Masking: how a search goes on where a bug that is known would hide others."""

from collections.abc import Iterator, Sequence

from attrs import define, evolve, field

from conformance.mutants.known import deviating
from conformance.oracle.state import OracleState
from conformance.protocol.trace import Exchange
from conformance.session.lockstep import agrees


@define
class KnownBugs:
    """The bugs that a search goes around: for each the deviations that account for all that was seen of it.

    The first of them is in use. It may be one that accounts for it by chance, and then the importer is right elsewhere
    where the oracle, deviating so, is wrong.
    """

    truth: OracleState
    masks: list[tuple[str, ...]] = field(factory=list)

    @property
    def known(self) -> OracleState:
        """What the oracle knows if it goes around all of them."""
        return evolve(self.truth, ruleset=deviating(self.truth.ruleset, (names[0] for names in self.masks)))

    def mask(self, names: tuple[str, ...]) -> None:
        """Go around one bug more, if any deviations account for it."""
        if names:
            self.masks.append(names)

    def account_for(self, exchanges: Sequence[Exchange]) -> bool:
        """Go another way around a bug, or around it no more, if that makes a difference none; whether it does."""
        for masks in (*self._others(), []):
            other = evolve(self, masks=masks)
            if self.masks and agrees(exchanges, other.known):
                self.masks = masks
                return True
        return False

    def _others(self) -> Iterator[list[tuple[str, ...]]]:
        for place, names in enumerate(self.masks):
            before, after = self.masks[:place], self.masks[place + 1 :]
            for number in range(1, len(names)):
                yield [*before, names[number:], *after]
            yield [*before, *after]
