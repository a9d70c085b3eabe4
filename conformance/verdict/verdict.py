"""Verdicts: the result of a run, rule by rule and in one word.

A rule is `broken` if a difference can be put down to it alone, `in_doubt` if cases that involve it differ and another
cause may account for them, `held` if a case that discriminates it has passed, `not_applicable` if every such case needs
something that the importer does not claim, and otherwise `not_reached`: no rule passes by default.

The word for the run is the worst result: breaking a stated rule is a violation, breaking an inferred or chosen one a
difference; where no rule is broken for certain, what differs is read as weakly as it can be. A fault is neither; it is
the word where nothing was broken. A case that differed once, and not again in a fresh importer, is flaky: it breaks no
rule and holds none, and a run with nothing worse is `incomplete`. So is a filtered run, whose exit status says whether
everything it checked has passed.
"""

from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Literal, TypedDict

from attrs import evolve, field, frozen

from conformance.attribution.attribution import Attribution
from conformance.attribution.diagnosis import Diagnosis
from conformance.attribution.trials import MISTAKES
from conformance.cases.edge_cases import edge_cases
from conformance.oracle.state import Strictness
from conformance.protocol.trace import Trace
from conformance.session.client import Introduction
from conformance.verdict.case import Case, Status
from conformance.verdict.causes import Cause, causes_of
from refmodel.catalogue import CATALOGUE
from refmodel.rule_text import Basis

RuleStatus = Literal["held", "broken", "in_doubt", "not_applicable", "not_reached"]
Word = Literal["conformant", "differs", "violates", "incomplete", "nothing_verified", "fault"]

EXIT_STATUS: Mapping[Word, int] = {
    "conformant": 0,
    "differs": 1,
    "violates": 1,
    "incomplete": 6,
    "nothing_verified": 6,
    "fault": 7,
}
FAILED: tuple[Status, ...] = ("differs", "flaky", "fault")
NOTHING_KNOWN = Diagnosis()


def severity(basis: Basis) -> Literal["violation", "difference"]:
    """What it is to break a rule of this basis: a violation of a stated rule, or a difference."""
    return "violation" if basis == "stated" else "difference"


@frozen
class Counterexample:
    """A cause, and the case that shows it most clearly."""

    case: Case
    cause: Cause
    name: str  # the rule in front, with a number where it is in front of an earlier one, too

    @property
    def rule(self) -> str:
        """The rule in front."""
        return self.cause.rule

    @property
    def cases(self) -> int:
        """The number of cases that show it."""
        return len(self.cause.cases)

    @property
    def is_certain(self) -> bool:
        """Whether the rule is broken; otherwise it is in doubt, with the other rules of the cause."""
        return self.cause.is_certain

    @property
    def basis(self) -> Basis:
        """The basis of what is shown: the rule's, or a weaker one that the cases turn on or another rule has."""
        return self.cause.basis

    @property
    def severity(self) -> Literal["violation", "difference"]:
        """What it amounts to: a violation of a stated rule, or a difference."""
        return severity(self.basis)

    @property
    def trace(self) -> Trace:
        """The conversation of the case."""
        assert self.case.trace is not None, "a case that differs has a trace"
        return self.case.trace

    @property
    def folder(self) -> str:
        """The folder of its files and its Markdown page, below the report's folder."""
        return f"counterexamples/{self.name}"

    @property
    def path(self) -> str:
        """Where the trace is written, below the report's folder."""
        return f"{self.folder}.jsonl"


def settled(case: Case, diagnosis: Diagnosis) -> Case:
    """A case with the attribution of the diagnosis, which replaces what explained it by chance."""
    if not diagnosis.failing or case.status != "differs" or case.kind == "known deviation":
        return case
    names = diagnosis.shown_in(case.id)
    if not names:
        return evolve(case, attribution=evolve(case.attribution, mutants=()))
    rules = tuple(dict.fromkeys(MISTAKES[name].rule for name in names))
    before = case.attribution
    others = tuple(rule for rule in before.exact_rules if rule not in rules)
    return evolve(case, attribution=Attribution(rules, before.relevant_rules, names, others))


def counterexamples(cases: Iterable[Case], diagnosis: Diagnosis = NOTHING_KNOWN) -> tuple[Counterexample, ...]:
    """One for each cause, the certain ones first."""
    times, found = Counter[str](), list[Counterexample]()
    for cause in causes_of(cases, diagnosis):
        times[cause.rule] += 1
        name = cause.rule if times[cause.rule] == 1 else f"{cause.rule}_{times[cause.rule]}"
        found.append(Counterexample(min(cause.cases, key=_clarity(cause.rule)), cause, name))
    return tuple(found)


def _clarity(rule: str) -> Callable[[Case], tuple[bool, bool, int, bool, int]]:
    def clarity(case: Case) -> tuple[bool, bool, int, bool, int]:
        exact = case.attribution.exact_rules
        return case.basis is not None, rule not in exact, len(set(exact)), rule not in case.rules[:1], case.length

    return clarity


def blame(examples: Iterable[Counterexample]) -> Mapping[str, Counterexample]:
    """Id of a case → what it is attributed to, whose rule may be in doubt: the first of the causes that it shows."""
    blamed: dict[str, Counterexample] = {}
    for example in examples:
        for case in example.cause.cases:
            blamed.setdefault(case.id, example)
    return blamed


class Searched(TypedDict):
    """What a search went through."""

    histories: int
    files: int
    seconds: float
    cut_short: bool  # the time was up before all its histories were made
    pairs: Sequence[Sequence[str]]  # of rules that were seen to meet
    most_rows: int  # in one file
    longest_cell: int  # characters
    kinds: Mapping[str, int]  # what the two texts of a history were that some importers make one → histories


class SearchTotal(TypedDict):
    """What all searches of a run went through, as its report names it."""

    histories: int
    files: int
    seconds: float
    cut_short: bool
    pairs_of_rules: int
    most_rows: int
    longest_cell: int
    kinds: dict[str, int]
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

    @cached_property
    def rules(self) -> Mapping[str, RuleStatus]:
        """Every rule of the catalogue, and its status in this run."""
        return {name: self._status(name) for name in CATALOGUE}

    def _status(self, name: str) -> RuleStatus:
        if any(name == example.rule and example.is_certain for example in self.counterexamples):
            return "broken"
        if any(name in example.cause.rules for example in self.counterexamples):
            return "in_doubt"
        differing = (case for case in self.cases if case.status == "differs")
        if any(name in case.involved or name in case.attribution.also_exact for case in differing):
            return "in_doubt"
        if any(name in case.reached for case in self.cases if case.status == "passed"):
            return "held"
        about = [case for case in self.cases if name in case.rules]
        could_tell = any(name in case.reached or case.status == "fault" for case in about)
        return "not_reached" if could_tell or not about else "not_applicable"

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
            broken = [example for example in self.counterexamples if example.is_certain] or self.counterexamples
            return "violates" if any(example.severity == "violation" for example in broken) else "differs"
        if self.faults:
            return "fault"
        if self.stopped or self.flaky:
            return "incomplete"
        return "conformant" if "held" in self.rules.values() else "nothing_verified"

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
            "most_rows": max((each["most_rows"] for each in self.searched), default=0),
            "longest_cell": max((each["longest_cell"] for each in self.searched), default=0),
            "kinds": dict(sum((Counter(each["kinds"]) for each in self.searched), Counter[str]())),
            "never_reached": [name for name, status in self.rules.items() if status == "not_reached"],
        }

    @property
    def most_lines_of_cases(self) -> int:
        """The lines of the largest file among the edge cases that passed or differ."""
        played = {case.id for case in self.cases if case.is_edge_case and case.status in ("passed", "differs")}
        sent = (each for case in edge_cases() if case.id in played for each in case.requests)
        return max((b64decode(each["csv"]).count(b"\n") for each in sent if "csv" in each), default=0)

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
