"""A conversation replayed under other rules."""

from collections.abc import Iterable, Iterator, Sequence

from attrs import evolve, frozen

from conformance.attribution.divergence import Change, Divergences, find_divergences
from conformance.mutants.combination import put_upon
from conformance.oracle.judge import Judgement, judgements
from conformance.oracle.state import OracleState
from conformance.protocol.trace import Exchange


@frozen
class RuleReplay:
    """A conversation that can be replayed under changes of the rules whose divergences are known."""

    exchanges: tuple[Exchange, ...]
    known: OracleState
    judged: tuple[Judgement, ...]
    divergences: Divergences

    @classmethod
    def of(cls, exchanges: Sequence[Exchange], known: OracleState, changes: Iterable[Change]) -> "RuleReplay":
        """Find the divergences of some changes."""
        divergences = find_divergences(
            [exchange.request for exchange in exchanges], known.world, known.ruleset, changes
        )
        return cls(tuple(exchanges), known, tuple(judgements(exchanges, known)), divergences)

    def judgements(self, changes: Sequence[Change]) -> Iterator[Judgement]:
        """The judgements under all these changes; those before the first divergence are known already."""
        until = self.divergences.until(changes)
        yield from self.judged[:until]
        changed = evolve(
            self.known, world=self.divergences.worlds[until], ruleset=put_upon(self.known.ruleset, changes)
        )
        yield from judgements(self.exchanges[until:], changed)

    def is_allowed(self, changes: Sequence[Change]) -> bool:
        """Whether the model with these changes answers the whole conversation as the importer did."""
        return all(judgement.allowed for judgement in self.judgements(changes))

    def answered_by_the_model(self) -> "RuleReplay":
        """The same requests as the model answers them without any change."""
        own = tuple(Exchange(e.request, j.expected) for e, j in zip(self.exchanges, self.judged))
        return evolve(
            self, exchanges=own, judged=tuple(evolve(j, differences=(), exact_match=True) for j in self.judged)
        )
