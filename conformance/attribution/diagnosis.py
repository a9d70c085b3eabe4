"""Diagnosis: the fewest known mistakes that, made together, answer as the importer did, where it failed and elsewhere.

    diagnose(given) -> Diagnosis

A mistake that explains one failing case may do so by chance. So a combination is put to the test as a whole: the model
that makes all its mistakes has to answer every failing case as the importer did, and every passing one rightly.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice

from attrs import define, evolve, field, frozen

from conformance.attribution.replay import RuleReplay
from conformance.mutants import MUTANTS
from conformance.mutants.combination import UNFIT, Incompatible, changes_of, check_apart, combined, put_upon
from conformance.mutants.known import DEVIATIONS, TIERS
from conformance.mutants.operators import Mutant
from conformance.oracle.judge import COMPARISONS
from conformance.oracle.reference import ReferenceImporter
from conformance.oracle.state import OracleState
from conformance.protocol.trace import Exchange
from refmodel.catalogue import CATALOGUE
from refmodel.ruleset import Ruleset
from refmodel.wording import counted

Names = tuple[str, ...]  # of mistakes that are made together

MOST = 5  # mistakes in one combination
WIDTH = 3  # combinations that are followed up at once
PIVOTS = 2  # cases from which mistakes are sought
TRIED = 4  # cases that may be tried for that
SAMPLE = 40  # failing cases by which combinations are compared
MOST_INDISTINGUISHABLE = 5  # that are named of one mistake
MOST_ALONE = 24  # failing cases that are explained one by one, where no combination accounts for them
MOST_TRIED = 12_000  # conversations that may be tried, which takes some seconds
PRICE = 1.5  # cases that one mistake more has to account for where they do not account for all
NOTHING_KNOWN = "No known mistake answers any failing case as the importer does."
LEFT_BEHIND = "Where one case leaves something behind for the next, `python -m conformance lint` says so."
BLUNT = 2.0  # how much a passing case counts that a combination would fail


def _known_mistakes() -> Iterator[Mutant]:
    for deviation in DEVIATIONS.values():
        yield Mutant(deviation.name, deviation.rule, deviation.statement, Ruleset(deviation.changes))
    yield from (mutant for mutant in MUTANTS.values() if mutant.custom_importer)


MISTAKES: Mapping[str, Mutant] = {mistake.name: mistake for mistake in _known_mistakes()}
ORDER: Mapping[str, int] = {name: number for number, name in enumerate(MISTAKES)}
PLAIN = frozenset(deviation.name for deviation in TIERS[0])


@frozen
class Conversation:
    """The requests and responses of a case, and the rules that it is about."""

    id: str
    rules: tuple[str, ...]
    exchanges: tuple[Exchange, ...]


@frozen
class DiagnosisInput:
    """The cases that an importer failed, those that it passed, and what the oracle judged by."""

    known: OracleState
    failing: tuple[Conversation, ...]
    passing: tuple[Conversation, ...]


@frozen
class MutantMatch:
    """A known mistake that the importer seems to make."""

    name: str
    rule: str
    statement: str
    cases: int  # that fail, and in which it shows
    indistinguishable: Names = ()  # other mistakes that in its place would answer the cases as well, a few of them
    rules: tuple[str, ...] = ()  # its rule, and those of all mistakes that would do as well


@frozen
class Diagnosis:
    """The mistakes that an importer seems to make, and how well they fit."""

    matches: tuple[MutantMatch, ...] = ()  # the one that shows in most cases first
    failing: int = 0
    accounted: Mapping[str, Names] = field(
        factory=dict
    )  # id of a failing case that is answered exactly → the mistakes that show in it
    passing: int = 0
    contradicted: int = 0  # passing cases that the combination would fail
    is_sound: bool = False  # whether more cases support it than contradict it, so that cases may be attributed to it
    # Id of a failing case that the matches do not account for → the mistakes that alone answer it, and every passing
    # case, as the importer did.
    alone: Mapping[str, Names] = field(factory=dict)

    @property
    def is_exact(self) -> bool:
        """Whether the mistakes, made together, answer every case as the importer did."""
        return bool(self.matches) and len(self.accounted) == self.failing and not self.contradicted

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that these mistakes break; none where the diagnosis is not sound."""
        return tuple(dict.fromkeys(match.rule for match in self.matches if self.is_sound))

    def shown_in(self, case: str) -> Names:
        """The mistakes that show in a case; none where they do not account for it, or are not sound."""
        return self.accounted.get(case, ()) if self.is_sound else ()

    @property
    def fit(self) -> str:
        """A sentence on how well the mistakes fit; empty where nothing failed."""
        if not self.matches:
            return f"{NOTHING_KNOWN} {LEFT_BEHIND}" if self.failing else ""
        answered = f"{len(self.accounted)} of {counted(self.failing, 'failing case')}"
        others = f"{self.passing - self.contradicted} of {counted(self.passing, 'passing case')}"
        who = "it answers" if len(self.matches) == 1 else "together they answer"
        hint = "" if self.is_sound else f" {LEFT_BEHIND}"
        return f"{self._quality}{who} {answered} and {others} exactly as the importer does.{hint}"

    @property
    def _quality(self) -> str:
        nearest = "this comes nearest" if len(self.matches) == 1 else "these come nearest"
        return "Fits exactly: " if self.is_exact else f"Nothing known fits exactly, and {nearest}: "

    def describe(self, match: MutantMatch) -> str:
        """What the mistake is, and how many of the failing cases show it."""
        cases = counted(self.failing, "failing case")
        others_too = f" (so would {', '.join(match.indistinguishable)})" if match.indistinguishable else ""
        return f"{match.statement} Answers {match.cases} of {cases} exactly as the importer does{others_too}."


@define
class DiagnosisSearch:
    """The search for the combination of mistakes that fits best."""

    given: DiagnosisInput
    mistakes: Mapping[str, Mutant]
    sample: list[Conversation]
    tried: int = 0  # conversations
    answered: dict[tuple[Names, str], bool] = field(factory=dict)  # by mistakes, and id of a case
    replays: dict[tuple[Names, str], RuleReplay] = field(factory=dict)
    _contradicted: dict[Names, int] = field(factory=dict)

    @classmethod
    def of(cls, given: DiagnosisInput, mistakes: Mapping[str, Mutant] = MISTAKES) -> "DiagnosisSearch":
        """A search that compares combinations by a sample of the failing cases, taken evenly."""
        return cls(given, mistakes, list(given.failing[:: -(-len(given.failing) // SAMPLE) or 1]))

    # How well a combination fits.

    def answers(self, names: Names, case: Conversation) -> bool:
        """Whether the model that makes these mistakes answers a case as the importer did."""
        key = (tuple(sorted(names)), case.id)
        if key not in self.answered:
            self.tried += 1
            self.answered[key] = self._is_allowed(names, case)
        return self.answered[key]

    def _is_allowed(self, names: Names, case: Conversation) -> bool:
        replay = self.replays.get((names[:-1], case.id))
        if not names or replay is None or self.mistakes[names[-1]].custom_importer:
            return self._agrees(self._importer(names), case.exchanges)
        try:
            return replay.is_allowed(self.mistakes[names[-1]].ruleset.deviations)
        except UNFIT:
            return False

    def _prepare_replay(self, names: Names, case: Conversation) -> None:
        """Find where each mistake, added to these, would diverge in a case: all of them are tried next."""
        made = [self.mistakes[name] for name in names]
        if (names, case.id) in self.replays or any(mistake.custom_importer for mistake in made):
            return
        ruleset = put_upon(self.given.known.ruleset, changes_of(made))
        known, changes = evolve(self.given.known, ruleset=ruleset), changes_of(self.mistakes.values())
        with suppress(*UNFIT):
            self.replays[names, case.id] = RuleReplay.of(case.exchanges, known, changes)

    def _importer(self, names: Names) -> ReferenceImporter:
        made = [self.mistakes[name] for name in sorted(names, key=ORDER.__getitem__)]
        return combined(made, self.given.known.ruleset)

    def _agrees(self, importer: ReferenceImporter, exchanges: Iterable[Exchange]) -> bool:
        try:
            return all(self._is_answer(importer.handle(dict(e.request)), e) for e in exchanges)
        except UNFIT:
            return False

    def _is_answer(self, expected: dict[str, object], exchange: Exchange) -> bool:
        compare = COMPARISONS[exchange.request["op"]]
        same = expected == exchange.response
        return same or not any(compare(expected, exchange.response, self.given.known, exchange.request))

    def explained(self, names: Names, cases: Iterable[Conversation]) -> list[Conversation]:
        """The failing cases that the combination answers exactly as the importer did."""
        return [case for case in cases if self.answers(names, case)]

    def contradicted(self, names: Names, enough: int) -> int:
        """How many passing cases the combination would fail; counting stops at `enough`."""
        key = tuple(sorted(names))
        if self._contradicted.get(key, -1) < enough:
            rules = {self.mistakes[name].rule for name in names}
            likely_first = sorted(self.given.passing, key=lambda case: rules.isdisjoint(case.rules))
            failed = (case for case in likely_first if not self.answers(names, case))
            self._contradicted[key] = len(list(islice(failed, enough)))
        return self._contradicted[key]

    def is_exact(self, names: Names) -> bool:
        """Whether the combination answers every case as the importer did."""
        return all(self.answers(names, case) for case in self.given.failing) and not self.contradicted(names, 1)

    # The search for the best one.

    def best(self) -> Names:
        """The best combination; empty where the passing cases contradict all that explain anything."""
        found: list[Names] = [()]
        beam: list[Names] = [()]
        for size in range(1, MOST + 1):
            beam = self.extended(beam)
            found += beam
            best = min(found, key=self.rank)
            if not beam or len(best) < size - 1 or self.is_exact(beam[0]):
                break
            self.sample += self._overlooked(beam[0])
        return min(found, key=self.rank)

    def nearest(self) -> Names:
        """The one mistake that comes nearest though passing cases contradict it; empty where none explains anything."""
        shortest = sorted(self.sample, key=lambda case: len(case.exchanges))[:TRIED]
        likely = sorted({(name,) for case in shortest for name in self.alone(case)})
        tried = sorted(likely, key=self.plausibility)[:WIDTH]
        return min(tried, key=lambda names: self.contradicted(names, len(self.given.passing) + 1), default=())

    def extended(self, beam: Iterable[Names]) -> list[Names]:
        """The best combinations with one more mistake; a second case is tried where the first is not enough."""
        sought = [islice(self.extensions(names), PIVOTS) for names in beam]
        grown: set[Names] = set()
        found: list[Names] = []
        for _ in range(PIVOTS):
            grown.update(tuple(sorted(more)) for extensions in sought for more in next(extensions, ()))
            found = self.fittest(grown)
            if found and self.is_exact(found[0]):
                break
        return found

    def _overlooked(self, names: Names) -> list[Conversation]:
        """Some failing cases that a combination does not explain though it explains the whole sample."""
        if len(self.explained(names, self.sample)) < len(self.sample):
            return []
        return [case for case in self.given.failing if not self.answers(names, case)][:TRIED]

    def fittest(self, grown: Iterable[Names]) -> list[Names]:
        """The few combinations that explain most and that passing cases do not contradict."""
        likeliest = sorted(sorted(grown), key=self.plausibility)
        sound = (names for names in likeliest if self.worth(names) > 0)
        return sorted(islice(sound, 2 * WIDTH), key=self.rank)[:WIDTH]

    def extensions(self, names: Names) -> Iterator[list[Names]]:
        """For one unexplained case after the other, the combinations with one more mistake that explain it."""
        left = [case for case in self.sample if not self.answers(names, case)]
        shortest = sorted(left, key=lambda case: len(case.exchanges))[:TRIED]
        yield from filter(None, (self._explaining(names, case) for case in shortest))

    def _explaining(self, names: Names, case: Conversation) -> list[Names]:
        """Add a mistake that explains the case alone or, where there is none, one that explains it with the others."""
        found = self._with_one_of(self.alone(case), names, case)
        if found or not names:
            return found
        self._prepare_replay(names, case)
        return self._with_one_of(self.mistakes, names, case)

    def _with_one_of(self, candidates: Iterable[str], names: Names, case: Conversation) -> list[Names]:
        extended = [(*names, name) for name in candidates if name not in names and self.tried < MOST_TRIED]
        return [more for more in extended if self._fit_together(more) and self.answers(more, case)]

    def alone(self, case: Conversation) -> list[str]:
        """The mistakes that explain a case alone."""
        self._prepare_replay((), case)
        return [name for name in self.mistakes if self.tried < MOST_TRIED and self.answers((name,), case)]

    def _fit_together(self, names: Names) -> bool:
        try:
            check_apart([self.mistakes[name] for name in names])
        except Incompatible:
            return False
        return True

    def rank(self, names: Names) -> tuple[float, int, int, int, int, int]:
        """The lower the better: the worth of a combination, then how plain it is."""
        worth = self.worth(names)
        price = 0.0 if worth == len(self.sample) else PRICE * max(0, len(names) - 1)
        return (price - worth, len(names), *self.plausibility(names)[1:])

    def worth(self, names: Names) -> float:
        """How many failing cases a combination explains, less the passing ones that contradict it."""
        explained = len(self.explained(names, self.sample))
        return explained - BLUNT * self.contradicted(names, int(explained / BLUNT) + 1)

    def plausibility(self, names: Names) -> tuple[int, int, int, int, int]:
        """The lower the likelier, judging by the failing cases."""
        explained = self.explained(names, self.sample)
        rules = {self.mistakes[name].rule for name in names}
        own = sum(case.rules[0] in rules for case in explained if case.rules)
        about = sum(not rules.isdisjoint(case.rules) for case in explained)
        return (-len(explained), -own, -about, -sum(name in PLAIN for name in names), _weakness(rules))

    # The result.

    def needed(self, names: Names) -> Names:
        """The combination without the mistakes that explain nothing more than the rest."""
        for name in names:
            rest = tuple(other for other in names if other != name)
            if rest and len(self.explained(rest, self.given.failing)) >= len(self.explained(names, self.given.failing)):
                return self.needed(rest)
        return names

    def shown(self, names: Names, case: Conversation) -> Names:
        """The mistakes that show in a case which the combination explains."""
        without = {name: tuple(other for other in names if other != name) for name in names}
        decisive = tuple(name for name in names if not self.answers(without[name], case))
        return decisive or tuple(name for name in names if self.answers((name,), case)) or names

    def indistinguishable(self, name: str, names: Names) -> Names:
        """Other mistakes that, in the place of one, would answer the cases as well."""
        rest = tuple(other for other in names if other != name)
        distinguishing = [case for case in self.given.failing if not self.answers(rest, case)]
        candidates = self.alone(min(distinguishing, key=lambda case: len(case.exchanges))) if distinguishing else []
        others = [tuple(sorted((*rest, other))) for other in candidates if other not in names]
        alike = (more for more in others if self._fit_together(more) and self._is_as_good(more, names))
        return tuple(next(n for n in more if n not in names) for more in alike)

    def _is_as_good(self, one: Names, other: Names) -> bool:
        return self.is_exact(one) if self.is_exact(other) else self.worth(one) >= self.worth(other)

    def uncontradicted(self, case: Conversation) -> Names:
        """The mistakes that alone answer a failing case, and every passing one, as the importer did."""
        return tuple(name for name in self.alone(case) if not self.contradicted((name,), 1))


def _weakness(rules: Iterable[str]) -> int:
    order = ("stated", "inferred", "chosen")
    return sum(order.index(CATALOGUE[rule].basis) for rule in rules)


def diagnose(given: DiagnosisInput, mistakes: Mapping[str, Mutant] = MISTAKES) -> Diagnosis:
    """Find the combination of known mistakes that fits best, and the cases in which each of them shows."""
    if not given.failing:
        return Diagnosis(passing=len(given.passing))
    search = DiagnosisSearch.of(given, mistakes)
    best = search.needed(search.best())
    names = best or search.nearest()
    accounted = {s.id: search.shown(names, s) for s in search.explained(names, given.failing)} if names else {}
    left = [case for case in given.failing if not best or case.id not in accounted]
    alone = {case.id: search.uncontradicted(case) for case in sorted(left, key=_shortest_first)[:MOST_ALONE]}
    if not names:
        return Diagnosis((), len(given.failing), {}, len(given.passing), alone=alone)
    return Diagnosis(
        tuple(_matches(names, accounted, search)),
        len(given.failing),
        accounted,
        len(given.passing),
        search.contradicted(names, len(given.passing) + 1),
        is_sound=bool(best),
        alone=alone,
    )


def _shortest_first(case: Conversation) -> int:
    return len(case.exchanges)


def _matches(names: Names, accounted: Mapping[str, Names], search: DiagnosisSearch) -> Iterator[MutantMatch]:
    cases = {name: sum(name in shown for shown in accounted.values()) for name in names}
    for name in sorted(names, key=lambda name: -cases[name]):
        mistake, others = search.mistakes[name], search.indistinguishable(name, names)
        rules = tuple(dict.fromkeys((mistake.rule, *(search.mistakes[other].rule for other in others))))
        yield MutantMatch(name, mistake.rule, mistake.statement, cases[name], others[:MOST_INDISTINGUISHABLE], rules)
