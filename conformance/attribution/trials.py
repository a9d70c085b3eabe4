"""Trials: whether the model that makes some known mistakes answers a case as the importer did.

Each is made once. What it costs is counted in requests that the model has to answer, of which a large file is many, and
is limited by a budget.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property

from attrs import define, evolve, field, frozen

from conformance.attribution.replay import RuleReplay
from conformance.mutants import MUTANTS
from conformance.mutants.combination import UNFIT, Incompatible, changes_of, check_apart, combined, put_upon
from conformance.mutants.known import DEVIATIONS, TIERS
from conformance.mutants.operators import Mutant
from conformance.oracle.judge import COMPARISONS, own_answers
from conformance.oracle.state import OracleState
from conformance.protocol.requests import Request
from conformance.protocol.trace import Exchange
from refmodel.ruleset import Ruleset

Names = tuple[str, ...]  # of mistakes
PER_REQUEST = 1_000  # characters of a file, in base64, that take as long to import as a request without a file


def _known_mistakes() -> Iterator[Mutant]:
    for deviation in DEVIATIONS.values():
        yield Mutant(deviation.name, deviation.rule, deviation.statement, Ruleset(deviation.changes))
    yield from (mutant for mutant in MUTANTS.values() if mutant.custom_importer)


MISTAKES: Mapping[str, Mutant] = {mistake.name: mistake for mistake in _known_mistakes()}
ORDER: Mapping[str, int] = {name: number for number, name in enumerate(MISTAKES)}
PLAIN = frozenset(deviation.name for deviation in TIERS[0])


def _cost(requests: Iterable[Request]) -> int:
    return sum(max(1, len(request.get("csv", "")) // PER_REQUEST) for request in requests)


@frozen
class Conversation:
    """A case: its requests and responses, and the rules that it is about."""

    id: str
    rules: tuple[str, ...]
    exchanges: tuple[Exchange, ...]
    symptom: str = ""  # what differs in it, in general
    lets_pass: bool = False  # whether the importer took what had to be refused

    @cached_property
    def cost(self) -> int:
        """What it takes to answer its requests, in requests without a file."""
        return _cost(exchange.request for exchange in self.exchanges)


@frozen
class Agreement:
    """A case that the importer passed, so that it answered as the oracle does."""

    id: str
    rules: tuple[str, ...]
    requests: tuple[Request, ...]
    known: OracleState

    @cached_property
    def exchanges(self) -> tuple[Exchange, ...]:
        """The requests and responses; the responses are worked out on first use."""
        return own_answers(self.requests, self.known)

    @cached_property
    def cost(self) -> int:
        """What it takes to answer its requests, as above."""
        return _cost(self.requests)


AnyCase = Conversation | Agreement


@define
class Trials:
    """The trials of one diagnosis."""

    known: OracleState
    mistakes: Mapping[str, Mutant]
    budget: float  # requests that the model may answer
    spent: int = 0
    is_cut_short: bool = False  # whether something was left to try when the budget was spent
    _answered: dict[tuple[frozenset[str], str], bool] = field(factory=dict)

    def answers(self, names: Iterable[str], case: AnyCase) -> bool:
        """Whether the model that makes these mistakes answers a case as the importer did; not, if it was not tried."""
        together = frozenset(names)
        return self._once(together, case, case.cost, lambda: self._agrees(together, case.exchanges))

    def answering(self, made: Iterable[str], case: AnyCase, added: Iterable[str]) -> list[str]:
        """Those of some mistakes with which, added to the ones that are made, the model answers a case.

        Most of them change nothing in a case: where each makes a difference is found in one go.
        """
        made, added = frozenset(made), list(added)
        untried = [name for name in added if (made | {name}, case.id) not in self._answered]
        replay = self._replay(made, case, untried) if untried else None
        for name in untried:
            self._try_with(name, made, case, replay)
        return [name for name in added if self._answered.get((made | {name}, case.id))]

    def _try_with(self, added: str, made: frozenset[str], case: AnyCase, replay: RuleReplay | None) -> None:
        together, mistake = made | {added}, self.mistakes[added]
        if replay is None or mistake.custom_importer:
            self.answers(together, case)
        else:
            changes = mistake.ruleset.deviations
            rest = _cost(exchange.request for exchange in case.exchanges[replay.divergences.until(changes) :])
            self._once(together, case, rest, lambda: replay.is_allowed(changes))

    def _once(self, names: frozenset[str], case: AnyCase, cost: int, try_it: Callable[[], bool]) -> bool:
        if (names, case.id) not in self._answered:
            if self.spent >= self.budget:
                self.is_cut_short = True
                return False
            self.spent += cost
            self._answered[names, case.id] = _unless_unfit(try_it)
        return self._answered[names, case.id]

    def fit_together(self, names: Iterable[str]) -> bool:
        """Whether one importer can make all these mistakes."""
        try:
            check_apart([self.mistakes[name] for name in names])
        except Incompatible:
            return False
        return True

    def _replay(self, made: frozenset[str], case: AnyCase, added: Iterable[str]) -> RuleReplay | None:
        mistakes = self._in_order(made)
        if any(mistake.custom_importer for mistake in mistakes) or self.spent >= self.budget:
            return None
        self.spent += case.cost
        known = evolve(self.known, ruleset=put_upon(self.known.ruleset, changes_of(mistakes)))
        try:
            return RuleReplay.of(case.exchanges, known, changes_of(self.mistakes[name] for name in added))
        except UNFIT:
            return None

    def _in_order(self, names: Iterable[str]) -> list[Mutant]:
        return [self.mistakes[name] for name in sorted(names, key=ORDER.__getitem__)]

    def _agrees(self, names: Iterable[str], exchanges: Iterable[Exchange]) -> bool:
        importer = combined(self._in_order(names), self.known.ruleset)
        return all(self._is_answer(importer.handle(dict(e.request)), e) for e in exchanges)

    def _is_answer(self, expected: dict[str, object], exchange: Exchange) -> bool:
        compare = COMPARISONS[exchange.request["op"]]
        same = expected == exchange.response
        return same or not any(compare(expected, exchange.response, self.known, exchange.request))


def _unless_unfit(try_it: Callable[[], bool]) -> bool:
    try:
        return try_it()
    except UNFIT:
        return False
