"""Evidence: what the cases of a run have shown of an importer, put together for the diagnosis."""

from collections.abc import Iterable

from conformance.attribution.diagnosis import Conversation, Diagnosis, Evidence, diagnosed
from conformance.cases.scenarios.parser import examples, narrowed
from conformance.oracle.judge import judgements, own_answers
from conformance.oracle.state import OracleState
from conformance.session.replay import conversation
from conformance.verdict.case import Case
from conformance.verdict.run_case import LARGE


def diagnosis_of(cases: Iterable[Case], known: OracleState) -> Diagnosis:
    """The diagnosis of what differs in a run; where nothing does, nothing is done for it."""
    gathered = sorted(cases, key=lambda case: case.id)  # whichever process was the first to say so
    failing = tuple(filter(None, (failed(case, known) for case in gathered if case.status == "differs")))
    return diagnosed(Evidence(known, failing, passed(gathered, known))) if failing else Diagnosis()


def failed(case: Case, known: OracleState) -> Conversation | None:
    """What was said in a case that differs; none where the oracle, as it goes by `known`, says the same, or of much.

    Of a race there is no order in which it was said.
    """
    if case.is_race or case.trace is None:
        return None
    said = conversation(case.trace)
    if sum(len(exchange.request.get("csv", "")) for exchange in said) > LARGE:
        return None
    differs = any(not judgement.allowed for judgement in judgements(said, known))
    return Conversation(case.id, case.rules, said) if differs else None


def passed(cases: Iterable[Case], known: OracleState) -> tuple[Conversation, ...]:
    """What was said in the examples that passed: what the oracle says, for the importer has said as much."""
    ids = {case.id for case in cases if case.status == "passed"}
    shown = [narrowed(example, known.columns) for example in examples() if example.id in ids]
    return tuple(Conversation(each.id, each.rules, own_answers(each.requests, known)) for each in shown)
