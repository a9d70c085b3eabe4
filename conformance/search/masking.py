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
    ways: list[tuple[str, ...]] = field(factory=list)

    @property
    def known(self) -> OracleState:
        """What the oracle knows if it goes around all of them."""
        return evolve(self.truth, ruleset=deviating(self.truth.ruleset, (names[0] for names in self.ways)))

    def go_around(self, names: tuple[str, ...]) -> None:
        """Go around one bug more, if any deviations account for it."""
        if names:
            self.ways.append(names)

    def account_for(self, exchanges: Sequence[Exchange]) -> bool:
        """Go another way around a bug, or around it no more, if that makes a difference none; whether it does."""
        for ways in (*self._others(), []):
            other = evolve(self, ways=ways)
            if self.ways and agrees(exchanges, other.known):
                self.ways = ways
                return True
        return False

    def _others(self) -> Iterator[list[tuple[str, ...]]]:
        for place, names in enumerate(self.ways):
            before, after = self.ways[:place], self.ways[place + 1 :]
            for number in range(1, len(names)):
                yield [*before, names[number:], *after]
            yield [*before, *after]
