"""Diagnosis: the fewest known mistakes that, made together, answer as the importer did, where it failed and elsewhere.

    diagnosed(evidence) -> Diagnosis

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
PATIENCE = 12_000  # conversations that may be gone through, some seconds
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
    """What was said in a case, and the rules that it is about."""

    id: str
    rules: tuple[str, ...]
    exchanges: tuple[Exchange, ...]


@frozen
class Evidence:
    """What an importer has shown: the cases that it failed, those that it passed, and what the oracle goes by."""

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
    indistinguishable: Names = ()  # other mistakes that would answer all cases just so


@frozen
class Diagnosis:
    """The mistakes that an importer seems to make, and how well they fit."""

    likenesses: tuple[MutantMatch, ...] = ()  # the one that shows in most cases in front
    failing: int = 0
    accounted: Mapping[str, Names] = field(factory=dict)  # id of a failing case answered just so → what shows in it
    passing: int = 0
    contradicted: int = 0  # passing cases that the combination would fail
    is_sound: bool = False  # whether more speaks for it than against it, so that cases may be put down to it

    @property
    def is_exact(self) -> bool:
        """Whether the mistakes, made together, answer every case as the importer did."""
        return bool(self.likenesses) and len(self.accounted) == self.failing and not self.contradicted

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that are broken so, as far as it is sound."""
        return tuple(dict.fromkeys(likeness.rule for likeness in self.likenesses if self.is_sound))

    def shown_in(self, case: str) -> Names:
        """The mistakes that show in a case; none where they do not account for it, or are not sound."""
        return self.accounted.get(case, ()) if self.is_sound else ()

    @property
    def fit(self) -> str:
        """A sentence on how well all of it fits; nothing where nothing failed."""
        if not self.likenesses:
            return f"{NOTHING_KNOWN} {LEFT_BEHIND}" if self.failing else ""
        answered = f"{len(self.accounted)} of {counted(self.failing, 'failing case')}"
        others = f"{self.passing - self.contradicted} of {counted(self.passing, 'passing case')}"
        who = "it answers" if len(self.likenesses) == 1 else "together they answer"
        hint = "" if self.is_sound else f" {LEFT_BEHIND}"
        return f"{self._quality}{who} {answered} and {others} exactly as the importer does.{hint}"

    @property
    def _quality(self) -> str:
        nearest = "this comes nearest" if len(self.likenesses) == 1 else "these come nearest"
        return "Fits exactly: " if self.is_exact else f"Nothing known fits exactly, and {nearest}: "

    def told(self, likeness: MutantMatch) -> str:
        """What a mistake is, and how many of the failing cases show it."""
        cases = counted(self.failing, "failing case")
        others_too = f" (so would {', '.join(likeness.indistinguishable)})" if likeness.indistinguishable else ""
        return f"{likeness.statement} Answers {likeness.cases} of {cases} exactly as the importer does{others_too}."


@define
class DiagnosisSearch:
    """Where combinations are put to the test."""

    evidence: Evidence
    mistakes: Mapping[str, Mutant]
    sample: list[Conversation]
    gone_through: int = 0  # conversations
    answered: dict[tuple[Names, str], bool] = field(factory=dict)  # by mistakes, and id of a case
    replays: dict[tuple[Names, str], RuleReplay] = field(factory=dict)
    _contradicted: dict[Names, int] = field(factory=dict)

    @classmethod
    def of(cls, evidence: Evidence, mistakes: Mapping[str, Mutant] = MISTAKES) -> "DiagnosisSearch":
        """With some of the failing cases, evenly from among all, by which combinations are compared."""
        return cls(evidence, mistakes, list(evidence.failing[:: -(-len(evidence.failing) // SAMPLE) or 1]))

    # How well a combination fits.

    def answers(self, names: Names, said: Conversation) -> bool:
        """Whether the model that makes these mistakes answers a case as the importer did."""
        key = (tuple(sorted(names)), said.id)
        if key not in self.answered:
            self.gone_through += 1
            self.answered[key] = self._is_allowed(names, said)
        return self.answered[key]

    def _is_allowed(self, names: Names, said: Conversation) -> bool:
        replay = self.replays.get((names[:-1], said.id))
        if not names or replay is None or self.mistakes[names[-1]].custom_importer:
            return self._agrees(self._importer(names), said.exchanges)
        try:
            return replay.is_allowed(self.mistakes[names[-1]].ruleset.deviations)
        except UNFIT:
            return False

    def _listen(self, names: Names, said: Conversation) -> None:
        """Hear beforehand what each mistake of the rules would do in a case, beside these: they are asked next."""
        made = [self.mistakes[name] for name in names]
        if (names, said.id) in self.replays or any(mistake.custom_importer for mistake in made):
            return
        ruleset = put_upon(self.evidence.known.ruleset, changes_of(made))
        known, changes = evolve(self.evidence.known, ruleset=ruleset), changes_of(self.mistakes.values())
        with suppress(*UNFIT):
            self.replays[names, said.id] = RuleReplay.of(said.exchanges, known, changes)

    def _importer(self, names: Names) -> ReferenceImporter:
        made = [self.mistakes[name] for name in sorted(names, key=ORDER.__getitem__)]
        return combined(made, self.evidence.known.ruleset)

    def _agrees(self, importer: ReferenceImporter, exchanges: Iterable[Exchange]) -> bool:
        try:
            return all(self._is_answer(importer.handle(dict(e.request)), e) for e in exchanges)
        except UNFIT:
            return False

    def _is_answer(self, expected: dict[str, object], exchange: Exchange) -> bool:
        compare = COMPARISONS[exchange.request["op"]]
        same = expected == exchange.response
        return same or not any(compare(expected, exchange.response, self.evidence.known, exchange.request))

    def explained(self, names: Names, cases: Iterable[Conversation]) -> list[Conversation]:
        """Those of some failing cases that the combination answers just so."""
        return [said for said in cases if self.answers(names, said)]

    def contradicted(self, names: Names, enough: int) -> int:
        """How many passing cases the combination would fail; it is not counted further than to `enough`."""
        key = tuple(sorted(names))
        if self._contradicted.get(key, -1) < enough:
            rules = {self.mistakes[name].rule for name in names}
            likely_first = sorted(self.evidence.passing, key=lambda said: rules.isdisjoint(said.rules))
            failed = (said for said in likely_first if not self.answers(names, said))
            self._contradicted[key] = len(list(islice(failed, enough)))
        return self._contradicted[key]

    def is_exact(self, names: Names) -> bool:
        """Whether the combination answers every case as the importer did."""
        return all(self.answers(names, said) for said in self.evidence.failing) and not self.contradicted(names, 1)

    # The search for the best one.

    def best(self) -> Names:
        """The best combination that was found; none where what passed speaks against all that explain anything."""
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
        """The single mistake that comes nearest though what passed speaks against it; none where nothing explains."""
        shortest = sorted(self.sample, key=lambda said: len(said.exchanges))[:TRIED]
        likely = sorted({(name,) for said in shortest for name in self.alone(said)})
        tried = sorted(likely, key=self.plausibility)[:WIDTH]
        return min(tried, key=lambda names: self.contradicted(names, len(self.evidence.passing) + 1), default=())

    def extended(self, beam: Iterable[Names]) -> list[Names]:
        """The fittest combinations with one mistake more; a second case is looked at where the first is not enough."""
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
        """Some failing cases that a combination does not explain, where it explains all of the sample."""
        if len(self.explained(names, self.sample)) < len(self.sample):
            return []
        return [said for said in self.evidence.failing if not self.answers(names, said)][:TRIED]

    def fittest(self, grown: Iterable[Names]) -> list[Names]:
        """The few combinations that explain most, and that what passed does not speak against."""
        likeliest = sorted(sorted(grown), key=self.plausibility)
        sound = (names for names in likeliest if self.worth(names) > 0)
        return sorted(islice(sound, 2 * WIDTH), key=self.rank)[:WIDTH]

    def extensions(self, names: Names) -> Iterator[list[Names]]:
        """The combination with one mistake more each, so that a case is explained which was not; case by case."""
        left = [said for said in self.sample if not self.answers(names, said)]
        shortest = sorted(left, key=lambda said: len(said.exchanges))[:TRIED]
        yield from filter(None, (self._explaining(names, said) for said in shortest))

    def _explaining(self, names: Names, said: Conversation) -> list[Names]:
        """With what explains the case by itself; or, where nothing does, with what does together with the rest."""
        found = self._with_one_of(self.alone(said), names, said)
        if found or not names:
            return found
        self._listen(names, said)
        return self._with_one_of(self.mistakes, names, said)

    def _with_one_of(self, candidates: Iterable[str], names: Names, said: Conversation) -> list[Names]:
        extended = [(*names, name) for name in candidates if name not in names and self.gone_through < PATIENCE]
        return [more for more in extended if self._fit_together(more) and self.answers(more, said)]

    def alone(self, said: Conversation) -> list[str]:
        """The mistakes that explain a case by themselves."""
        self._listen((), said)
        return [name for name in self.mistakes if self.gone_through < PATIENCE and self.answers((name,), said)]

    def _fit_together(self, names: Names) -> bool:
        try:
            check_apart([self.mistakes[name] for name in names])
        except Incompatible:
            return False
        return True

    def rank(self, names: Names) -> tuple[float, int, int, int, int, int]:
        """The lower the better: what is explained less what speaks against it; then the plainer one."""
        worth = self.worth(names)
        price = 0.0 if worth == len(self.sample) else PRICE * max(0, len(names) - 1)
        return (price - worth, len(names), *self.plausibility(names)[1:])

    def worth(self, names: Names) -> float:
        """How many failing cases a combination explains, less the passing ones that speak against it."""
        explained = len(self.explained(names, self.sample))
        return explained - BLUNT * self.contradicted(names, int(explained / BLUNT) + 1)

    def plausibility(self, names: Names) -> tuple[int, int, int, int, int]:
        """The lower the likelier, as far as the failing cases tell."""
        explained = self.explained(names, self.sample)
        rules = {self.mistakes[name].rule for name in names}
        own = sum(said.rules[0] in rules for said in explained if said.rules)
        about = sum(not rules.isdisjoint(said.rules) for said in explained)
        return (-len(explained), -own, -about, -sum(name in PLAIN for name in names), _infirmity(rules))

    # What there is to say of it.

    def needed(self, names: Names) -> Names:
        """The combination without what explains nothing that the rest does not."""
        for name in names:
            rest = tuple(other for other in names if other != name)
            if rest and len(self.explained(rest, self.evidence.failing)) >= len(
                self.explained(names, self.evidence.failing)
            ):
                return self.needed(rest)
        return names

    def shown(self, names: Names, said: Conversation) -> Names:
        """Those of the mistakes that show in a case which they explain together."""
        without = {name: tuple(other for other in names if other != name) for name in names}
        decisive = tuple(name for name in names if not self.answers(without[name], said))
        return decisive or tuple(name for name in names if self.answers((name,), said)) or names

    def indistinguishable(self, name: str, names: Names) -> Names:
        """Other mistakes that, in the place of one, would answer all cases just so."""
        rest = tuple(other for other in names if other != name)
        telling = [said for said in self.evidence.failing if not self.answers(rest, said)]
        candidates = self.alone(min(telling, key=lambda said: len(said.exchanges))) if telling else []
        others = [tuple(sorted((*rest, other))) for other in candidates if other not in names]
        alike = (more for more in others if self._fit_together(more) and self.is_exact(more))
        return tuple(next(n for n in more if n not in names) for more in islice(alike, MOST_INDISTINGUISHABLE))


def _infirmity(rules: Iterable[str]) -> int:
    order = ("stated", "inferred", "chosen")
    return sum(order.index(CATALOGUE[rule].basis) for rule in rules)


def diagnosed(evidence: Evidence, mistakes: Mapping[str, Mutant] = MISTAKES) -> Diagnosis:
    """The combination of known mistakes that fits best, each mistake with the cases in which it shows."""
    if not evidence.failing:
        return Diagnosis(passing=len(evidence.passing))
    bench = DiagnosisSearch.of(evidence, mistakes)
    best = bench.needed(bench.best())
    names = best or bench.nearest()
    if not names:
        return Diagnosis((), len(evidence.failing), {}, len(evidence.passing))
    accounted = {s.id: bench.shown(names, s) for s in bench.explained(names, evidence.failing)}
    return Diagnosis(
        tuple(_likenesses(names, accounted, bench)),
        len(evidence.failing),
        accounted,
        len(evidence.passing),
        bench.contradicted(names, len(evidence.passing) + 1),
        is_sound=bool(best),
    )


def _likenesses(names: Names, accounted: Mapping[str, Names], bench: DiagnosisSearch) -> Iterator[MutantMatch]:
    cases = {name: sum(name in shown for shown in accounted.values()) for name in names}
    is_exact = bench.is_exact(names)
    for name in sorted(names, key=lambda name: -cases[name]):
        indistinguishable = bench.indistinguishable(name, names) if is_exact else ()
        yield MutantMatch(
            name, bench.mistakes[name].rule, bench.mistakes[name].statement, cases[name], indistinguishable
        )
