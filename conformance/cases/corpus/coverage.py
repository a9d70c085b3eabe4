"""The coverage of a corpus, counted in the cases that were made."""

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import combinations as pairs_of

from attrs import define, field, frozen

from conformance.cases.corpus.arrays import Combination, combinations_in
from conformance.cases.corpus.blocks import BLOCKS, SETTING, STUDENT, is_possible
from conformance.cases.corpus.cases import CorpusCase
from conformance.cases.corpus.classes import CLASSES
from conformance.cases.corpus.decisions import MALFORMING, Decision, DecisionRecorder, possible
from conformance.cases.corpus.interactions import rule_interactions
from conformance.cases.corpus.rows import begun
from conformance.generation.rows import HEADERS
from refmodel.catalogue import CATALOGUE, PHASES
from refmodel.rules.action import sign_in
from refmodel.rules.file import HEADER_CHECKS, file_is_utf8_csv
from refmodel.rules.validation import cells_are_well_formed


@frozen
class Line:
    """One line of the table: what is counted, how much of it is reached, and how much is possible."""

    what: str
    reached: int
    possible: int

    @property
    def share(self) -> str:
        """The share in per cent, rounded down, so that 100 is all."""
        return f"{100 * self.reached // self.possible} %" if self.possible else ""


@define
class Coverage:
    """Counts what is in the cases."""

    combinations: set[Combination] = field(factory=set)
    decisions: set[Decision] = field(factory=set)
    pairs: set[tuple[str, str]] = field(factory=set)
    polarities: set[tuple[str, str]] = field(factory=set)
    recorder: DecisionRecorder = field(factory=DecisionRecorder)

    def add(self, case: CorpusCase) -> None:
        """Count what is in a case."""
        self.polarities.add((case.case.rules[0], case.polarity))
        if set(HEADERS) <= set(case.choices):
            self.combinations.update(combinations_in(case.choices))
        met = case.case.rules if case.part == "meetings" else interactions_in_scenarios().get(case.name, ())
        self.pairs.update(pairs_of(met, 2))
        if not possible_decisions() <= self.decisions:
            self.decisions |= self._decided(case)

    def _decided(self, case: CorpusCase) -> frozenset[Decision]:
        if not case.shared:
            return self.recorder.over(case.case.requests)
        begin = begun(case.choices[STUDENT], case.choices["institution"])
        return self.recorder.over(case.case.requests[case.shared :], begin.world)

    def lines(self) -> Iterator[Line]:
        """The table."""
        there = all_combinations()
        deep = {each for each in there if len(each) == 3}
        cells = {(header, name) for header in HEADERS for name in CLASSES[header]}
        reached = {pair for each in self.combinations for pair in each if len(each) == 3}
        yield Line("classes of cells", len(reached & cells), len(cells))
        yield Line("cells: class x student x job", len(deep & self.combinations), len(deep))
        yield Line("pairs of choices", len((there - deep) & self.combinations), len(there - deep))
        yield Line("rules exercised", len({name for name, how in self.decisions if how != "rests"}), len(CATALOGUE))
        yield Line("decisions of rules", len(self.decisions), len(possible_decisions()))
        yield Line("rules that refuse: broken alone", len(self._refused()), len(refusing()))
        yield Line(
            "rules: held", len({name for name, polarity in self.polarities if polarity != "negative"}), len(CATALOGUE)
        )
        kept = {pair for each in rule_interactions() for pair in pairs_of(each.rules, 2)}
        yield Line("pairs of rules that meet", len(self.pairs), len(kept))

    def _refused(self) -> set[str]:
        return {name for name, polarity in self.polarities if polarity in ("negative", "refused")} & refusing()


@cache
def interactions_in_scenarios() -> Mapping[str, tuple[str, ...]]:
    """Name of an example → the rules that interact in it, where it is kept for them."""
    return {meeting.scenario: meeting.rules for meeting in rule_interactions() if meeting.scenario}


@cache
def possible_decisions() -> frozenset[Decision]:
    """Every decision that a rule can come to."""
    return frozenset(possible())


@cache
def refusing() -> frozenset[str]:
    """The rules by which a file, a row, a cell or an action can be refused."""
    phases = (rule for phase in ("identity", "refusal", "validation", "action") for rule in PHASES[phase])
    rules = {file_is_utf8_csv, *HEADER_CHECKS, *MALFORMING, *phases} - {cells_are_well_formed, sign_in}
    return frozenset(rule.__name__ for rule in rules)


@cache
def all_combinations() -> frozenset[Combination]:
    """All combinations that are possible in a row: pairs of choices, and each cell with each student and job."""
    space = next(block for block in BLOCKS if block.deep).space
    pairs = (((one, a), (other, b)) for one, other in pairs_of(space, 2) for a in space[one] for b in space[other])
    deep = (
        ((STUDENT, student), (SETTING, job), (header, name))
        for header in HEADERS
        for student in space[STUDENT]
        for job in space[SETTING]
        for name in space[header]
    )
    return frozenset((*(pair for pair in pairs if is_possible(dict(pair))), *deep))
