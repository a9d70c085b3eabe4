"""Which rules account for a difference: those whose absence gives exactly the response, and those that affect it."""

from collections.abc import Iterable, Sequence
from itertools import chain

from attrs import frozen

from conformance.attribution.divergence import without_rule
from conformance.attribution.replay import RuleReplay
from conformance.mutants.known import DEVIATIONS, TIERS
from conformance.oracle.judge import places_of
from conformance.oracle.location import Place
from conformance.oracle.state import OracleState
from conformance.protocol.trace import Exchange
from refmodel.catalogue import CATALOGUE


@frozen
class Attribution:
    """What accounts for a difference.

    Without one of the `exact_rules`, or with one of the `mutants`, the model gives exactly the response that came;
    the `relevant_rules` decide about the places that differ.
    """

    exact_rules: tuple[str, ...] = ()
    relevant_rules: tuple[str, ...] = ()
    mutants: tuple[str, ...] = ()
    also_exact: tuple[str, ...] = ()  # would do for this case, where the run as a whole is put down to other rules

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that account for it best."""
        return self.exact_rules or self.relevant_rules


def attribution_of(exchanges: Sequence[Exchange], known: OracleState, among: Iterable[str] = CATALOGUE) -> Attribution:
    """Find the rules that account for the differences in a conversation, among all or those that are named.

    A deviation accounts for them exactly if the model with this deviation answers the whole conversation as the
    importer did. A rule is relevant if leaving it out changes the places that differ.
    """
    allowed = frozenset(among)
    asked, tiers = (
        [name for name in CATALOGUE if name in allowed],
        [[d for d in tier if d.rule in allowed] for tier in TIERS],
    )
    changes = chain(map(without_rule, asked), *(deviation.changes for deviation in chain(*tiers)))
    replay = RuleReplay.of(exchanges, known, changes)
    answering = (tuple(d.name for d in tier if replay.is_allowed(d.changes)) for tier in tiers)
    mutants = next(filter(None, answering), ())
    exact = tuple(dict.fromkeys(DEVIATIONS[name].rule for name in mutants))
    places, own = places_of(replay.judged), replay.answered_by_the_model()
    relevant = tuple(name for name in asked if name not in exact and bears_on(name, places, own))
    return Attribution(exact, relevant, mutants)


def bears_on(name: str, places: set[Place], own: RuleReplay) -> bool:
    """Whether the model's own answers change in any of these places when the rule is left out."""
    return not places.isdisjoint(places_of(own.judgements([without_rule(name)])))
