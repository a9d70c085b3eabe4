"""The input of the diagnosis: the conversations of a run that failed, and those that passed."""

from collections.abc import Iterable

from conformance.attribution.diagnosis import Diagnosis, DiagnosisInput, diagnose
from conformance.attribution.trials import Agreement, Conversation
from conformance.cases.edge_cases import EdgeCase, edge_cases
from conformance.cases.scenarios.parser import Example, examples, narrowed
from conformance.oracle.judge import judgements
from conformance.oracle.state import OracleState
from conformance.oracle.symptom import lets_pass, symptom_of
from conformance.session.replay import conversation
from conformance.verdict.case import Case
from conformance.verdict.run_case import is_large


def diagnosis_of(cases: Iterable[Case], known: OracleState) -> Diagnosis:
    """The diagnosis of what differs in a run; where nothing does, nothing is done for it."""
    gathered = sorted(cases, key=lambda case: case.id)  # whichever process was the first to report it
    failing = [said for case in gathered if case.status == "differs" and (said := failed(case, known))]
    if not failing:
        return Diagnosis()
    small, large = split(failing)
    return diagnose(DiagnosisInput(known, small, passed(gathered, known), large))


def split(failing: Iterable[Conversation]) -> tuple[tuple[Conversation, ...], tuple[Conversation, ...]]:
    """The conversations whose files are small, and those whose files are large."""
    small, large = list[Conversation](), list[Conversation]()
    for said in failing:
        (large if is_large(exchange.request for exchange in said.exchanges) else small).append(said)
    return tuple(small), tuple(large)


def failed(case: Case, known: OracleState) -> Conversation | None:
    """The conversation of a case that differs; None where the oracle agrees with it by now.

    None for a race, too, whose calls have no order.
    """
    if case.is_race or case.trace is None:
        return None
    exchanges = conversation(case.trace)
    judged = list(judgements(exchanges, known))
    symptom = symptom_of(judged)
    return Conversation(case.id, case.rules, exchanges, symptom, lets_pass(judged)) if symptom else None


def passed(cases: Iterable[Case], known: OracleState) -> tuple[Agreement, ...]:
    """The examples and edge cases that passed, but for those whose files are large."""
    ids = {case.id for case in cases if case.status == "passed"}
    shown: list[Example | EdgeCase] = [narrowed(each, known.columns) for each in examples() if each.id in ids]
    shown += (each for each in edge_cases() if each.id in ids and not is_large(each.requests))
    return tuple(Agreement(each.id, each.rules, tuple(each.requests), known) for each in shown)
