"""Verdicts: the result of a run, rule by rule and in one word.

A rule is `broken` if a case shows that, `held` if a case that discriminates it has passed, `not applicable` if every
such case needs something that the importer does not claim, and otherwise `not reached`: no rule passes by default. The
word for the run is the worst result: breaking a stated rule is a violation, breaking an inferred or chosen one a
difference. A fault is neither; it is the word where nothing was broken. A case that differed once, and not again in a
fresh importer, is flaky: it breaks no rule and holds none, and a run with nothing worse is `incomplete`. So is a
filtered run, whose exit status says whether everything it checked has passed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, TypedDict

from attrs import evolve, field, frozen

from conformance.attribution.diagnosis import MISTAKES, Diagnosis
from conformance.mutants import MUTANTS
from conformance.oracle.state import Strictness
from conformance.protocol.trace import Trace
from conformance.session.client import Introduction
from conformance.verdict.case import BY_FIRMNESS, Case, Status
from refmodel.catalogue import CATALOGUE
from refmodel.rule_text import Basis

RuleStatus = Literal["held", "broken", "not applicable", "not reached"]
Word = Literal["conformant", "differs", "violates", "incomplete", "nothing verified", "fault"]

EXIT_STATUS: Mapping[Word, int] = {
    "conformant": 0,
    "differs": 1,
    "violates": 1,
    "incomplete": 6,
    "nothing verified": 6,
    "fault": 7,
}
FAILED: tuple[Status, ...] = ("differs", "flaky", "fault")
NOTHING_KNOWN = Diagnosis()


def severity(rule: str) -> Literal["violation", "difference"]:
    """What breaking a rule is: a violation of a stated rule, or a difference."""
    return "violation" if CATALOGUE[rule].basis == "stated" else "difference"


@frozen
class Counterexample:
    """A broken rule, and a case that shows it."""

    rule: str
    case: Case
    cases: int  # the number of cases that show it
    weaker_basis: Basis | None = None  # of the details that all these cases turn on

    @property
    def basis(self) -> Basis:
        """The basis of what is shown: the rule's, or that of a detail where nothing else is shown."""
        return self.weaker_basis or CATALOGUE[self.rule].basis

    @property
    def trace(self) -> Trace:
        """The conversation of the case."""
        assert self.case.trace is not None, "a case that differs has a trace"
        return self.case.trace

    @property
    def path(self) -> str:
        """Where the trace is written, below the report's folder."""
        return f"counterexamples/{self.rule}.jsonl"


def settled(case: Case, diagnosis: Diagnosis) -> Case:
    """A case with the attribution of the diagnosis, which replaces what explained it by chance."""
    names = diagnosis.shown_in(case.id)
    if not names:
        return case
    rules = tuple(dict.fromkeys(MISTAKES[name].rule for name in names))
    return evolve(case, attribution=evolve(case.attribution, exact_rules=rules, mutants=names))


def counterexamples(cases: Iterable[Case], diagnosis: Diagnosis = NOTHING_KNOWN) -> tuple[Counterexample, ...]:
    """One for each broken rule: first those that the diagnosis names, then the surest and firmest."""
    differing = [case for case in cases if case.status == "differs"]
    blamed = blame(differing, diagnosis)
    found = {}
    for rule in dict.fromkeys((*blamed.values(), *diagnosis.rules)):
        exact = [case for case in differing if rule in case.attribution.exact_rules]
        own = [case for case in differing if blamed[case.id] == rule]
        own = own or [
            case for case in exact if diagnosis.shown_in(case.id)
        ]  # it shows only together with other mistakes
        found[rule] = Counterexample(rule, min(own, key=_clarity(rule)), len(own), _weaker_basis(own))
    return tuple(sorted(found.values(), key=lambda example: (example.rule not in diagnosis.rules, *_weight(example))))


def _weaker_basis(cases: Iterable[Case]) -> Basis | None:
    """The firmest basis of the details that cases turn on; None where one turns on the rule itself."""
    bases = [case.basis or _basis_of_mutants(case.attribution.mutants) for case in cases]
    return None if None in bases else min(filter(None, bases), key=BY_FIRMNESS.index)


def _basis_of_mutants(names: Iterable[str]) -> Basis | None:
    """The firmest basis of the details that all of these mutants turn on; None where one breaks the rule itself."""
    bases = [MUTANTS[name].basis if name in MUTANTS else None for name in names]
    return None if not bases or None in bases else min(filter(None, bases), key=BY_FIRMNESS.index)


def _clarity(rule: str) -> Callable[[Case], tuple[bool, bool, int, bool, int]]:
    def clarity(case: Case) -> tuple[bool, bool, int, bool, int]:
        exact = case.attribution.exact_rules
        return case.basis is not None, rule not in exact, len(set(exact)), rule not in case.rules[:1], case.length

    return clarity


def blame(differing: list[Case], diagnosis: Diagnosis = NOTHING_KNOWN) -> Mapping[str, str]:
    """Id of a case → the rule that it is attributed to, by the diagnosis if that accounts for it.

    The other cases are attributed to as few deviations as possible, the commonest first; a case for which nothing
    accounts is attributed to a rule that other cases have shown broken, if that is a suspect.
    """
    blamed = {case.id: _diagnosed_rule(case, diagnosis) for case in differing if diagnosis.shown_in(case.id)}
    while open_cases := [case for case in differing if case.attribution.mutants and case.id not in blamed]:
        names = dict.fromkeys(name for case in open_cases for name in case.attribution.mutants)
        commonest = max(names, key=_support(open_cases))
        rule = MISTAKES[commonest].rule
        blamed |= {case.id: rule for case in open_cases if commonest in case.attribution.mutants}
    shown = set(blamed.values())
    for case in differing:
        if case.id not in blamed:
            blamed[case.id] = next((rule for rule in case.suspects if rule in shown), case.suspects[0])
    return blamed


def _diagnosed_rule(case: Case, diagnosis: Diagnosis) -> str:
    """Of the rules that are broken in a case, the one that the case is about, or else the commonest."""
    shown = diagnosis.shown_in(case.id)
    rules = [match.rule for match in diagnosis.matches if match.name in shown]
    return next((rule for rule in rules if rule in case.rules[:1]), rules[0])


def _support(cases: list[Case]) -> Callable[[str], tuple[int, int, int]]:
    def support(name: str) -> tuple[int, int, int]:
        like = [case for case in cases if name in case.attribution.mutants]
        own = sum(MISTAKES[name].rule == case.rules[0] for case in like)
        return len(like), own, -BY_FIRMNESS.index(CATALOGUE[MISTAKES[name].rule].basis)

    return support


def _weight(example: Counterexample) -> tuple[bool, int, int]:
    return (example.rule not in example.case.attribution.exact_rules, BY_FIRMNESS.index(example.basis), -example.cases)


class Searched(TypedDict):
    """What a search went through."""

    histories: int
    files: int
    seconds: float
    cut_short: bool  # the time was up before all its histories were made
    pairs: Sequence[Sequence[str]]  # of rules that were seen to meet


class SearchTotal(TypedDict):
    """What all searches of a run went through, as its report names it."""

    histories: int
    files: int
    seconds: float
    cut_short: bool
    pairs_of_rules: int
    never_reached: list[str]


class Raced(TypedDict):
    """What a search for races went through: the races that began, their requests, and in how many these overlapped."""

    races: int
    requests: int
    overlapping: int
    seconds: float


@frozen
class Verdict:
    """The result of a run."""

    cases: tuple[Case, ...]
    counterexamples: tuple[Counterexample, ...]
    diagnosis: Diagnosis = NOTHING_KNOWN
    filtered: bool = False
    stopped: bool = False
    suite_faults: tuple[str, ...] = ()
    importer: Introduction = field(factory=Introduction)
    searched: Sequence[Searched] = ()
    raced: Sequence[Raced] = ()
    strictness: Strictness = "exact"  # of comparing failed rows
    readings: tuple[str, ...] = ()  # by which the run judged, where asked to

    @property
    def rules(self) -> Mapping[str, RuleStatus]:
        """Every rule of the catalogue, and its status in this run."""
        return {name: self._status(name) for name in CATALOGUE}

    def _status(self, name: str) -> RuleStatus:
        if any(name == example.rule for example in self.counterexamples):
            return "broken"
        if any(name in case.reached for case in self.cases if case.status == "passed"):
            return "held"
        about = [case for case in self.cases if name in case.rules]
        could_tell = any(name in case.reached or case.status == "fault" for case in about)
        return "not reached" if could_tell or not about else "not applicable"

    @property
    def faults(self) -> tuple[str, ...]:
        """The faults of the adapter and of the suite itself."""
        return (*self.suite_faults, *(case.text for case in self.cases if case.status == "fault"))

    @property
    def flaky(self) -> tuple[Case, ...]:
        """The cases that differed once, and not again in a fresh importer."""
        return tuple(case for case in self.cases if case.status == "flaky")

    @property
    def word(self) -> Word:
        """The verdict in one word."""
        if self.filtered:
            return "incomplete"
        if self.counterexamples:
            stated = any(example.basis == "stated" for example in self.counterexamples)
            return "violates" if stated else "differs"
        if self.faults:
            return "fault"
        if self.stopped or self.flaky:
            return "incomplete"
        return "conformant" if "held" in self.rules.values() else "nothing verified"

    @property
    def exit_status(self) -> int:
        """The exit status; that of a filtered run, which has no verdict, says whether everything it checked passed."""
        if self.filtered:
            return 1 if self.suite_faults or any(case.status in FAILED for case in self.cases) else 0
        return EXIT_STATUS[self.word]

    @property
    def search(self) -> SearchTotal:
        """What all searches went through, and the rules that nothing reached."""
        return {
            "histories": sum(each["histories"] for each in self.searched),
            "files": sum(each["files"] for each in self.searched),
            "seconds": sum(each["seconds"] for each in self.searched),
            "cut_short": any(each["cut_short"] for each in self.searched),
            "pairs_of_rules": len({tuple(pair) for each in self.searched for pair in each["pairs"]}),
            "never_reached": [name for name, status in self.rules.items() if status == "not reached"],
        }

    @property
    def races(self) -> Raced | None:
        """What all searches for races went through; None where there was none."""
        if not self.raced:
            return None
        return {
            "races": sum(each["races"] for each in self.raced),
            "requests": sum(each["requests"] for each in self.raced),
            "overlapping": sum(each["overlapping"] for each in self.raced),
            "seconds": sum(each["seconds"] for each in self.raced),
        }
