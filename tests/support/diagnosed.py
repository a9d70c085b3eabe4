"""A diagnosis for tests of what is made of one."""

from conformance.attribution.diagnosis import Diagnosis, MutantMatch
from conformance.attribution.trials import MISTAKES
from conformance.verdict.case import Case


def diagnosed(*cases: Case) -> Diagnosis:
    """A diagnosis that puts each case down to the one mistake that answers it and is about the rule in front."""
    differing = [case for case in cases if case.status == "differs"]
    shown = {case.id: tuple(n for n in case.attribution.mutants if _is_in_front(n, case))[:1] for case in differing}
    made = {name: MISTAKES[name] for names in shown.values() for name in names}
    matches = (MutantMatch(name, each.rule, each.statement, 1, (), (each.rule,)) for name, each in made.items())
    return Diagnosis(tuple(matches), len(differing), {name: names for name, names in shown.items() if names})


def _is_in_front(name: str, case: Case) -> bool:
    return MISTAKES[name].rule == case.suspects[0]
