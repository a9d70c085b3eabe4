"""Masking: how a search goes on where a known bug would hide others."""

from collections.abc import Iterator, Sequence

from attrs import define, evolve, field

from conformance.mutants.known import deviating
from conformance.oracle.state import OracleState
from conformance.protocol.trace import Exchange
from conformance.session.lockstep import agrees


@define
class KnownBugs:
    """The bugs that a search masks, each with the deviations that account for everything seen of it.

    The first deviation of each is in use. If it accounts for the bug only by chance, the oracle is wrong in other
    places, where the importer is right.
    """

    truth: OracleState
    masks: list[tuple[str, ...]] = field(factory=list)

    @property
    def known(self) -> OracleState:
        """The oracle's knowledge, with all of them masked."""
        return evolve(self.truth, ruleset=deviating(self.truth.ruleset, (names[0] for names in self.masks)))

    def mask(self, names: tuple[str, ...]) -> None:
        """Mask another bug, if any deviation accounts for it."""
        if names:
            self.masks.append(names)

    def account_for(self, exchanges: Sequence[Exchange]) -> bool:
        """Mask a bug in another way, or no more, if the oracle then agrees with a conversation; whether it does."""
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
