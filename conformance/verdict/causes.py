"""Causes: what the differences of a run can be put down to, and how certain that is.

    causes_of(cases, diagnosis) -> tuple of Cause

The problem. A case that differs does not say which rule is broken: leaving several rules out, or reading them
otherwise, may answer it just as the importer did, and so may a mistake that nobody has thought of. A rule is called
broken only where a difference can be put down to it alone; the others that may be meant are in doubt.

The method. Cases that the diagnosis accounts for are grouped by the known mistakes that show in them. Of the others,
those that one known mistake answers alone, without failing a case that the importer passed, are grouped by it, the
commonest first. Whatever is left is not explained: it is grouped by the rule that it is about.

A cause is certain if all mistakes that would do as well break one and the same rule, and no passing case contradicts
them. It is sure if, beyond that, the mistakes of the diagnosis, made together, answer every case of the run, failing
and passing, exactly as the importer did.

Its limits. Only the known mistakes are weighed. A mistake that is not known may be taken for one that gives the same
answers; and what is not explained may have any cause, that of another group included.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from conformance.attribution.diagnosis import MISTAKES, Diagnosis
from conformance.mutants import MUTANTS
from conformance.verdict.case import BY_FIRMNESS, Case, firmest_first
from refmodel.catalogue import CATALOGUE
from refmodel.rule_text import Basis

Names = tuple[str, ...]


@frozen
class Cause:
    """What some of the differences can be put down to."""

    rules: tuple[str, ...]  # one of them is broken, the likeliest in front
    cases: tuple[Case, ...]  # that show it
    mutants: Names = ()  # known mistakes that answer these cases as the importer did; none where it is not explained
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
    """The causes of all cases that differ: the certain ones in front, then the firmest, then those with most cases."""
    differing = [case for case in cases if case.status == "differs" and case.suspects]
    known = list(_diagnosed(differing, diagnosis))
    left = [case for case in differing if not diagnosis.shown_in(case.id)]
    explained = list(_explained_alone({case.id: names for case in left if (names := _alone(case, diagnosis))}, left))
    accounted = {case.id for cause in explained for case in cause.cases}
    found = [*known, *explained, *_unexplained([case for case in left if case.id not in accounted])]
    return tuple(sorted(found, key=_firmest_and_commonest))


def _firmest_and_commonest(cause: Cause) -> tuple[bool, int, bool, int]:
    return not cause.is_certain, BY_FIRMNESS.index(cause.basis), not cause.is_sure, -len(cause.cases)


def _diagnosed(cases: Sequence[Case], diagnosis: Diagnosis) -> Iterator[Cause]:
    for match in diagnosis.matches:
        own = tuple(case for case in cases if match.name in diagnosis.shown_in(case.id))
        if own:
            rules = match.rules or (match.rule,)
            is_certain = len(rules) == 1 and not diagnosis.contradicted
            is_sure = is_certain and diagnosis.is_exact
            yield Cause(rules, own, (match.name, *match.indistinguishable), is_certain, is_sure)


def _alone(case: Case, diagnosis: Diagnosis) -> Names:
    """The known mistakes that alone answer a case; those of the case itself where the diagnosis did not try it."""
    return diagnosis.alone.get(case.id, case.attribution.mutants)


def _explained_alone(names: Mapping[str, Names], cases: Sequence[Case]) -> Iterator[Cause]:
    """Groups of cases that one mistake explains, the commonest first."""
    left = [case for case in cases if case.id in names]
    while left:
        commonest = max(dict.fromkeys(name for case in left for name in names[case.id]), key=_support(names, left))
        own = tuple(case for case in left if commonest in names[case.id])
        alike = [name for name in names[own[0].id] if all(name in names[case.id] for case in own)]
        mutants = tuple(dict.fromkeys((commonest, *alike)))
        rules = tuple(dict.fromkeys(MISTAKES[name].rule for name in mutants))
        yield Cause(rules, own, mutants, is_certain=len(rules) == 1)
        left = [case for case in left if commonest not in names[case.id]]


def _support(names: Mapping[str, Names], cases: Sequence[Case]) -> Callable[[str], tuple[int, int]]:
    def support(name: str) -> tuple[int, int]:
        explained = [case for case in cases if name in names[case.id]]
        return len(explained), sum(MISTAKES[name].rule in case.rules[:1] for case in explained)

    return support


def _unexplained(cases: Sequence[Case]) -> Iterator[Cause]:
    """Groups of cases that nothing known explains, by the rule that they are about."""
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(case.suspects[0], []).append(case)
    for own in groups.values():
        rules = tuple(dict.fromkeys(rule for case in own for rule in case.suspects))
        yield Cause(rules, tuple(own))
