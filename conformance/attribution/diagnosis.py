"""Diagnosis: the fewest known mistakes that, made together, answer as the importer did, where it failed and elsewhere.

    diagnose(given) -> Diagnosis

The problem. A mistake that answers one failing case as the importer did may do so by chance. So mistakes are put to
the test by the whole run: the model that makes them all has to answer every failing case as the importer did, and every
passing one rightly. Some thousand mistakes are known, and an importer may make a dozen: not all sets can be tried.

The method.

1. Pivots. On some failing cases, of each symptom the shortest, every known mistake is tried alone. Those that answer
   one of them are the candidates. Where cases are left that no candidate accounts for, some of those follow.
2. Evidence. Each candidate is tried alone on every failing case, and on the passing ones until one contradicts it.
3. Cover. The candidate with the best score is chosen, again and again, as long as failing cases are left. It must not
   spoil what those chosen before it account for. One that a passing case contradicts gets a second chance beside
   the chosen ones, since one mistake may hide another.
4. Beside. In cases that are left then, every mistake is tried beside the chosen ones: some show in company only. Of so
   many one may fit by chance, so that it has to account for two cases at least.
5. Large files. The cases whose files are large are tried when all that is over, for asking them takes long: the chosen
   mistakes first, and, if all other cases are accounted for, those about their rules on the shortest that is left.
6. Rest. A mistake that nothing is lost without is dropped. Of each that stays, the twins are sought, which in its place
   would do as well, and the rivals, which would do for half of its cases.

Its limits. The set need not be the smallest. Two mistakes that show in each other's company only are not found. What
was not tried when the budget was spent counts as tried in vain: less is said then, and that it was cut short.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf

from attrs import define, field, frozen

from conformance.attribution.trials import MISTAKES, ORDER, PLAIN, AnyCase, Conversation, Names, Trials
from conformance.mutants.operators import Mutant
from conformance.oracle.state import OracleState
from refmodel.catalogue import CATALOGUE
from refmodel.wording import counted

BUDGET = 120_000  # requests that the model answers for one diagnosis
PIVOTS, MOST_PIVOTS = 40, 120  # failing cases on which every mistake is tried, at a time and in all
TRIED = 4  # failing cases on which every mistake is tried beside those that are chosen; and candidates, at a time
SAMPLE = 60  # failing cases by which it is found out whether two mistakes spoil each other
LEAST = 2  # cases that a mistake has to account for if it shows beside others only
TWINS_NAMED = 5
FIRMNESS = ("chosen", "inferred", "stated")
NOTHING_KNOWN = "No known mistake answers a failing case as the importer does, and the passing ones rightly."
LEFT_BEHIND = "Where one case leaves something behind for the next, `python -m conformance lint` says so."
CUT_SHORT = f"Not all was tried: the diagnosis stops when the model has answered {BUDGET:,} requests for it."


@frozen
class DiagnosisInput:
    """The cases that an importer failed, those that it passed, and what the oracle judged by."""

    known: OracleState
    failing: tuple[Conversation, ...]
    passing: tuple[AnyCase, ...]
    large: tuple[Conversation, ...] = ()  # failing too, with files so large that little can be tried on them

    @property
    def all_failing(self) -> tuple[Conversation, ...]:
        """The failing cases, those with large files last."""
        return (*self.failing, *self.large)


@frozen
class MutantMatch:
    """A known mistake that the importer seems to make."""

    name: str
    rule: str
    statement: str
    cases: int  # that fail, and in which it shows
    indistinguishable: Names = ()  # its twins, a few of them
    rules: tuple[str, ...] = ()  # its rule, and those of all twins and rivals


@frozen
class Diagnosis:
    """The mistakes that an importer seems to make, and how well they fit."""

    matches: tuple[MutantMatch, ...] = ()  # the one that shows in most cases first
    failing: int = 0
    accounted: Mapping[str, Names] = field(factory=dict)  # id of a failing case → the mistakes that show in it
    passing: int = 0
    contradicted: int = 0  # passing cases that the mistakes, made together, would fail
    is_cut_short: bool = False  # whether the budget was spent before all was tried

    @property
    def is_exact(self) -> bool:
        """Whether the mistakes, made together, answer every case as the importer did."""
        return bool(self.matches) and len(self.accounted) == self.failing and not self.contradicted

    def shown_in(self, case: str) -> Names:
        """The mistakes that show in a case; none where they do not account for it."""
        return self.accounted.get(case, ())

    @property
    def fit(self) -> str:
        """How well the mistakes fit, in words; empty where nothing failed."""
        if not self.failing:
            return ""
        cut_short = (CUT_SHORT,) if self.is_cut_short else ()
        return " ".join((self._fit_of_matches if self.matches else f"{NOTHING_KNOWN} {LEFT_BEHIND}", *cut_short))

    @property
    def _fit_of_matches(self) -> str:
        answered = f"{len(self.accounted)} of {counted(self.failing, 'failing case')}"
        others = f"{self.passing - self.contradicted} of {counted(self.passing, 'passing case')}"
        who = "it answers" if len(self.matches) == 1 else "together they answer"
        quality = "Fits exactly" if self.is_exact else "Does not account for everything"
        return f"{quality}: {who} {answered} and {others} exactly as the importer does."

    def describe(self, match: MutantMatch) -> str:
        """What the mistake is, and how many of the failing cases show it."""
        cases = counted(self.failing, "failing case")
        others_too = f" (so would {', '.join(match.indistinguishable)})" if match.indistinguishable else ""
        return f"{match.statement} Answers {match.cases} of {cases} exactly as the importer does{others_too}."


@frozen(order=True)
class Score:
    """How much speaks for choosing a candidate; what stands first counts first."""

    gained: int  # cases that are left, and that it answers
    about: int  # … and that are about its rule
    is_plain: bool  # whether a rule is left out or read otherwise, and nothing more special is done
    firmness: int  # of its rule
    place: int  # in the catalogue, from its end


@define
class DiagnosisSearch:
    """The search for the mistakes that fit best."""

    given: DiagnosisInput
    trials: Trials
    candidates: dict[str, frozenset[str]] = field(factory=dict)  # name → ids of the failing cases that it answers
    pivots: set[str] = field(factory=set)  # ids of the failing cases on which every mistake was tried
    contradicted: set[str] = field(factory=set)  # the candidates that a passing case speaks against
    late: dict[str, frozenset[str]] = field(factory=dict)  # the same of those found beside others, or by large files

    @classmethod
    def of(cls, given: DiagnosisInput, mistakes: Mapping[str, Mutant], budget: int = BUDGET) -> "DiagnosisSearch":
        """The search, before anything was tried."""
        return cls(given, Trials(given.known, mistakes, budget))

    # Pivots and evidence.

    def gather(self, failing: Iterable[Conversation]) -> bool:
        """Find candidates on some of these cases, and what speaks for and against them; whether any case was tried."""
        pivots = self.next_pivots(failing)
        if not pivots:
            return False
        self.pivots |= {case.id for case in pivots}
        found = {name for case in pivots for name in self.trials.answering((), case, self.trials.mistakes)}
        names = sorted(found - self.candidates.keys(), key=ORDER.__getitem__)
        answered = {case.id: set(self.trials.answering((), case, names)) for case in self.given.failing}
        new: dict[str, frozenset[str]] = {}
        for name in names:
            cases = [case for case in self.given.failing if name in answered[case.id]]
            if self.may_be_claimed(name, cases):
                new[name] = frozenset(case.id for case in cases)
        self.contradicted |= new.keys() - set(self.uncontradicted((), new))
        self.candidates |= new
        return True

    def next_pivots(self, failing: Iterable[Conversation]) -> list[Conversation]:
        """Some of these cases that were no pivots yet: of each symptom the shortest, then the next of each."""
        ranks: dict[str, int] = {}
        ranked: list[tuple[int, int, Conversation]] = []
        for case in sorted(failing, key=lambda case: case.cost):
            if case.id not in self.pivots:
                ranks[case.symptom] = ranks.get(case.symptom, -1) + 1
                ranked.append((ranks[case.symptom], len(ranked), case))
        return [case for *_, case in sorted(ranked)[: min(PIVOTS, MOST_PIVOTS - len(self.pivots))]]

    def may_be_claimed(self, name: str, cases: Iterable[Conversation]) -> bool:
        """Whether these cases are enough to say so: that a rule is not enforced has to be seen."""
        return not self.trials.mistakes[name].statement.endswith("is not enforced.") or any(c.lets_pass for c in cases)

    def uncontradicted(self, made: Names, added: Iterable[str]) -> list[str]:
        """Those of some mistakes that, added to the ones that are made, no passing case contradicts."""
        left = list(added)
        rules = {self.trials.mistakes[name].rule for name in left}
        for case in sorted(self.given.passing, key=lambda case: rules.isdisjoint(case.rules)):
            left = self.trials.answering(made, case, left) if left else []
        return left

    # The cover.

    def chosen(self) -> Names:
        """The mistakes that fit best."""
        chosen: Names = ()
        while name := self.next_known(chosen) or self.next_beside(chosen) or self.next_large(chosen):
            chosen = (*chosen, name)
        return self.needed(chosen)

    def next_known(self, chosen: Names) -> str | None:
        """The best candidate; where there is none, further ones are looked for on the cases that are left."""
        name = self.next_candidate(chosen)
        while not name and self.gather(self.left(chosen)):
            name = self.next_candidate(chosen)
        return name

    def left(self, chosen: Names) -> list[Conversation]:
        """The failing cases that those which are chosen do not account for, alone or together."""
        return [case for case in self.given.failing if not self.accounts(chosen, case)]

    def left_large(self, chosen: Names) -> list[Conversation]:
        """The failing cases with large files that those which are chosen, all together, do not account for."""
        return [case for case in self.given.large if not self.trials.answers(chosen, case)]

    def accounts(self, chosen: Names, case: Conversation) -> bool:
        """Whether one of the chosen mistakes answers a case, or all of them together do."""
        alone = any(case.id in self.candidates.get(name, ()) for name in chosen)
        return alone or (len(chosen) > 1 and self.trials.answers(chosen, case))

    def score(self, name: str, cases: Sequence[Conversation]) -> Score:
        """What speaks for a mistake that answers these cases."""
        mistake = self.trials.mistakes[name]
        about = sum(mistake.rule in case.rules for case in cases)
        return Score(
            len(cases), about, name in PLAIN, FIRMNESS.index(CATALOGUE[mistake.rule].basis), -ORDER.get(name, 0)
        )

    def next_candidate(self, chosen: Names) -> str | None:
        """The best candidate that answers a case which is left; None where there is none."""
        left, scores = self.left(chosen), dict[str, Score]()
        for name, ids in self.candidates.items():
            gained = [case for case in left if case.id in ids]
            if gained and name not in chosen:
                scores[name] = self.score(name, gained)
        best_first = sorted(scores, key=scores.__getitem__, reverse=True)
        sound = [name for name in best_first if name not in self.contradicted]
        hidden = [name for name in best_first if name in self.contradicted and scores[name].gained >= LEAST]
        return self._first_that_fits(chosen, sound) or self._first_that_is_hidden(chosen, hidden)

    def _first_that_fits(self, chosen: Names, names: Sequence[str]) -> str | None:
        return next((name for name in names if self.spoils_nothing(chosen, name)), None)

    def _first_that_is_hidden(self, chosen: Names, names: Sequence[str]) -> str | None:
        fitting = [name for name in names[:TRIED] if chosen and self.spoils_nothing(chosen, name)]
        return next(iter(self.uncontradicted(chosen, fitting)), None)

    def spoils_nothing(self, chosen: Names, name: str) -> bool:
        """Whether a mistake can be made beside the chosen ones, and leaves what they account for as it is."""
        more = (*chosen, name)
        if not chosen or not self.trials.fit_together(more):
            return not chosen
        sample = self.given.failing[:: -(-len(self.given.failing) // SAMPLE)]
        return all(self.trials.answers(more, case) for case in sample if self.accounts(chosen, case))

    def next_beside(self, chosen: Names) -> str | None:
        """The best mistake that shows in cases which are left, if it is made beside the chosen ones."""
        left = self.left(chosen) if chosen else []
        for case in sorted(left, key=lambda case: case.cost)[:TRIED]:
            if found := self._best_beside(chosen, case, self.trials.mistakes, left, LEAST):
                return found
        return None

    def next_large(self, chosen: Names) -> str | None:
        """The best mistake that shows in cases with large files which are left, alone or beside the chosen ones.

        Where others are left too, what is behind those may be behind these.
        """
        left = [] if self.left(chosen) else self.left_large(chosen)
        if not left:
            return None
        rules = {rule for case in left for rule in case.rules}
        about = [name for name, mistake in self.trials.mistakes.items() if mistake.rule in rules]
        shortest = min(left, key=lambda case: case.cost)
        return self._best_beside(chosen, shortest, about, left, LEAST if chosen else 1)

    def _best_beside(
        self, chosen: Names, case: Conversation, names: Iterable[str], left: Sequence[Conversation], least: int
    ) -> str | None:
        """The best of some mistakes that, beside the chosen ones, account for a case, and for so many that are left."""
        fitting = (name for name in names if name not in chosen and self.trials.fit_together((*chosen, name)))
        gained = {
            name: [other for other in left if self.trials.answers((*chosen, name), other)]
            for name in self.trials.answering(chosen, case, fitting)
        }
        sound = self.uncontradicted(chosen, [name for name, cases in gained.items() if len(cases) >= least])
        self.late |= {name: frozenset(other.id for other in gained[name]) for name in sound}
        return max(sound, key=lambda name: self.score(name, gained[name]), default=None)

    def needed(self, chosen: Names) -> Names:
        """The chosen mistakes without those that nothing is lost without."""
        for name in reversed(chosen):
            fewer = tuple(other for other in chosen if other != name)
            if fewer and self.left(fewer) == self.left(chosen) and self.left_large(fewer) == self.left_large(chosen):
                chosen = fewer
        return chosen

    # What comes of it.

    def shown(self, chosen: Names, case: Conversation) -> Names:
        """The chosen mistakes that show in a case which they account for: without one of these they would not."""
        alone = tuple(name for name in chosen if self.trials.answers((name,), case))
        if alone:
            return alone
        return tuple(name for name in chosen if not self.trials.answers([n for n in chosen if n != name], case))

    def alike(self, name: str, chosen: Names, cases: Sequence[Conversation], share: float) -> Iterator[str]:
        """Other candidates that would answer this share of the cases in which a chosen mistake shows, or more."""
        ids = {case.id for case in cases}
        sound = {name: answered for name, answered in self.candidates.items() if name not in self.contradicted}
        for other in dict.fromkeys((*sound, *self.late)):
            answered = sound.get(other, frozenset()) | self.late.get(other, frozenset())
            if other not in chosen and len(ids & answered) >= share * len(ids):
                yield other

    def matches(self, chosen: Names, accounted: Mapping[str, Names]) -> Iterator[MutantMatch]:
        """What was chosen, and what would do as well."""
        for name in chosen:
            mistake = self.trials.mistakes[name]
            cases = [case for case in self.given.all_failing if name in accounted.get(case.id, ())]
            twins, rivals = tuple(self.alike(name, chosen, cases, 1)), self.alike(name, chosen, cases, 0.5)
            rules = (mistake.rule, *(self.trials.mistakes[other].rule for other in (*twins, *rivals)))
            named = twins[:TWINS_NAMED]
            yield MutantMatch(name, mistake.rule, mistake.statement, len(cases), named, tuple(dict.fromkeys(rules)))

    def diagnosis(self) -> Diagnosis:
        """The diagnosis."""
        chosen, failing, passing = self.chosen(), self.given.all_failing, self.given.passing
        cut_short = self.trials.is_cut_short
        self.trials.budget = inf  # what is said in the end was tried
        answered = [case for case in failing if chosen and self.trials.answers(chosen, case)]
        accounted = {case.id: self.shown(chosen, case) for case in answered}
        matches = sorted(self.matches(chosen, accounted), key=lambda match: -match.cases)
        contradicted = sum(not self.trials.answers(chosen, case) for case in passing) if len(chosen) > 1 else 0
        return Diagnosis(tuple(matches), len(failing), accounted, len(passing), contradicted, cut_short)


def diagnose(given: DiagnosisInput, mistakes: Mapping[str, Mutant] = MISTAKES) -> Diagnosis:
    """Find the known mistakes that fit best, and the cases in which each of them shows."""
    if not given.all_failing:
        return Diagnosis(passing=len(given.passing))
    return DiagnosisSearch.of(given, mistakes).diagnosis()
