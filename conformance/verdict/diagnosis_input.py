"""The input of the diagnosis: the conversations of a run that failed, and those that passed."""

from collections.abc import Iterable

from conformance.attribution.diagnosis import Conversation, Diagnosis, DiagnosisInput, diagnose
from conformance.cases.scenarios.parser import examples, narrowed
from conformance.oracle.judge import judgements, own_answers
from conformance.oracle.state import OracleState
from conformance.session.replay import conversation
from conformance.verdict.case import Case
from conformance.verdict.run_case import LARGE


def diagnosis_of(cases: Iterable[Case], known: OracleState) -> Diagnosis:
    """The diagnosis of what differs in a run; where nothing does, nothing is done for it."""
    gathered = sorted(cases, key=lambda case: case.id)  # whichever process was the first to report it
    failing = tuple(filter(None, (failed(case, known) for case in gathered if case.status == "differs")))
    return diagnose(DiagnosisInput(known, failing, passed(gathered, known))) if failing else Diagnosis()


def failed(case: Case, known: OracleState) -> Conversation | None:
    """The conversation of a case that differs; None where the oracle agrees with it by now, or its files are large.

    None for a race, too, whose calls have no order.
    """
    if case.is_race or case.trace is None:
        return None
    exchanges = conversation(case.trace)
    if sum(len(exchange.request.get("csv", "")) for exchange in exchanges) > LARGE:
        return None
    differs = any(not judgement.allowed for judgement in judgements(exchanges, known))
    return Conversation(case.id, case.rules, exchanges) if differs else None


def passed(cases: Iterable[Case], known: OracleState) -> tuple[Conversation, ...]:
    """The conversations of the examples that passed, as the oracle answers them, since the importer did the same."""
    ids = {case.id for case in cases if case.status == "passed"}
    shown = [narrowed(example, known.columns) for example in examples() if example.id in ids]
    return tuple(Conversation(each.id, each.rules, own_answers(each.requests, known)) for each in shown)
