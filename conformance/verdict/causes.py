"""Causes: what the differences of a run can be put down to, and how certain that is.

    causes_of(cases, diagnosis) -> tuple of Cause

The problem. A case that differs does not say which rule is broken: leaving several rules out, or reading them
otherwise, may answer it just as the importer did, and so may a mistake that nobody has thought of. A rule is called
broken only where a difference can be put down to it alone; the others that may be meant are in doubt.

The method. The diagnosis of the run says which known mistakes account for which cases, made together, with no passing
case against them. The cases of each mistake are one cause. What it leaves is grouped by the symptom, what differs in
general, whichever rules the cases are about; no mistake is named there.

A cause is certain if all mistakes that would do as well, for all of its cases or for half of them, break one and the
same rule; if it has two cases or more, or nothing is left that is not explained; and if not as many cases with its
symptoms are left, since what is behind those may be behind it too. It is sure if, beyond that, the
mistakes of the diagnosis answer every case of the run, failing and passing, exactly as the importer did.

Its limits. Only the known mistakes are weighed. A mistake that is not known may be taken for one that gives the same
answers; and what is not explained may have any cause, that of another group included.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import evolve, frozen

from conformance.attribution.diagnosis import Diagnosis
from conformance.mutants import MUTANTS
from conformance.verdict.case import BY_FIRMNESS, Case, firmest_first
from refmodel.catalogue import CATALOGUE
from refmodel.rule_text import Basis

Names = tuple[str, ...]
LEAST = 2  # cases that make a cause certain, where the diagnosis does not account for all: one may be chance


@frozen
class Cause:
    """What some of the differences can be put down to."""

    rules: tuple[str, ...]  # one of them is broken, the likeliest in front
    cases: tuple[Case, ...]  # that show it
    mutants: Names = ()  # known mistakes that answer these cases as the importer did; none where it is not explained
    symptom: str = ""  # what differs in all its cases, where it is not explained
    is_certain: bool = False  # whether it is put down to one rule alone
    is_sure: bool = False  # whether that is true of the whole run

    @property
    def rule(self) -> str:
        """The rule in front."""
        return self.rules[0]

    @property
    def basis(self) -> Basis:
        """The weakest basis by which it may be read: of its rules, or of the details that all its cases turn on."""
        weakest = CATALOGUE[firmest_first(self.rules)[-1]].basis
        return max(weakest, _weaker_basis(self.cases) or weakest, key=BY_FIRMNESS.index)


def _weaker_basis(cases: Iterable[Case]) -> Basis | None:
    """The firmest basis of the details that cases turn on; None where one turns on the rule itself."""
    bases = [case.basis or _basis_of_mutants(case.attribution.mutants) for case in cases]
    return None if None in bases else min(filter(None, bases), key=BY_FIRMNESS.index)


def _basis_of_mutants(names: Iterable[str]) -> Basis | None:
    """The firmest basis of the details that all of these mutants turn on; None where one breaks the rule itself."""
    bases = [MUTANTS[name].basis if name in MUTANTS else None for name in names]
    return None if not bases or None in bases else min(filter(None, bases), key=BY_FIRMNESS.index)


def causes_of(cases: Iterable[Case], diagnosis: Diagnosis) -> tuple[Cause, ...]:
    """The causes of all cases that differ: the certain ones in front, the firmest first, then those with most cases."""
    differing = [case for case in cases if case.status == "differs" and case.suspects]
    found = [*_declared(differing), *_diagnosed(differing, diagnosis)]
    explained = {case.id for cause in found for case in cause.cases}
    left = [case for case in differing if case.id not in explained]
    symptoms = Counter(case.symptom for case in left)
    found = [_doubted(cause) if _may_be_another(cause, symptoms) else cause for cause in found]
    return tuple(sorted((*found, *_unexplained(left)), key=_clearest_and_commonest))


def _may_be_another(cause: Cause, symptoms: Mapping[str, int]) -> bool:
    """Whether as many cases show the same and are not explained: what is behind them may be behind these too."""
    unexplained = sum(symptoms[name] for name in {case.symptom for case in cause.cases})
    return cause.is_certain and unexplained >= len(cause.cases)


def _doubted(cause: Cause) -> Cause:
    return evolve(cause, is_certain=False, is_sure=False)


def _clearest_and_commonest(cause: Cause) -> tuple[bool, bool, int, int]:
    firmness = BY_FIRMNESS.index(cause.basis) if cause.is_certain else 0
    return not cause.is_certain, not cause.mutants, firmness, -len(cause.cases)


def _declared(cases: Iterable[Case]) -> Iterator[Cause]:
    """The known deviations that the importer shows: what they are was told beforehand."""
    for case in cases:
        if case.kind == "known deviation" and len(case.attribution.exact_rules) == 1:
            yield Cause(case.attribution.exact_rules, (case,), case.attribution.mutants, is_certain=True)


def _diagnosed(cases: Sequence[Case], diagnosis: Diagnosis) -> Iterator[Cause]:
    for match in diagnosis.matches:
        own = tuple(case for case in cases if match.name in diagnosis.shown_in(case.id))
        if own:
            rules = match.rules or (match.rule,)
            enough = len(own) >= LEAST or diagnosis.is_exact
            certain = len(rules) == 1 and enough and not diagnosis.contradicted
            names = (match.name, *match.indistinguishable)
            yield Cause(rules, own, names, is_certain=certain, is_sure=certain and diagnosis.is_exact)


def _unexplained(cases: Sequence[Case]) -> Iterator[Cause]:
    """Groups of cases that nothing known explains, by what differs in them."""
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(case.symptom, []).append(case)
    for symptom, own in groups.items():
        yield Cause(tuple(_likeliest_first(own)), tuple(own), symptom=symptom)


def _likeliest_first(cases: Sequence[Case]) -> list[str]:
    """All suspects of some cases: those that most are about or that the importer complained of, then the others."""
    about = Counter(rule for case in cases for rule in {*case.rules[:1], *case.complaints})
    suspected = Counter(rule for case in cases for rule in case.suspects)
    return sorted(suspected, key=lambda rule: (-about[rule], -suspected[rule]))
