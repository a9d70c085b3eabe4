"""A row against those whom it concerns: what becomes of it, and what it changes."""

from attrs import frozen

from .columns import NOTHING
from .ledger import Ledger
from .outcomes import Outcome, Result, Run
from .people import Strangers, Student
from .roll import Roll
from .rows import Case, Line, advice, complaints, digest_of_row, effect, refusal, says_nothing_new


@frozen
class Desk:
    """What rows are decided by, besides themselves and their job; and where what they change is entered."""

    roll: Roll
    strangers: Strangers
    ledger: Ledger


def decide(run: Run, desk: Desk, line: Line) -> Result:
    """Take one row, all of it or nothing."""
    student = desk.roll.found(line)
    if says_nothing_new(run.job, run.layout, line, student):
        return Result(line.number, "unchanged")
    proposed = {**(student.values if student else NOTHING), **line.values}
    case = Case(run.job, line, desk.roll, desk.strangers, student, proposed)
    errors = refusal(case) or complaints(case)
    if errors:
        return Result(line.number, "failed", errors)
    return _apply(case, desk, digest_of_row(run.layout, line.raw))


def _apply(case: Case, desk: Desk, row_digest: bytes) -> Result:
    after = effect(case, row_digest)
    errors = desk.ledger.enter((case.student, after))
    if errors is not None:
        return Result(case.line.number, "failed", errors)
    if desk.ledger.in_order:
        desk.roll.enter(after)
    return Result(case.line.number, _outcome(case.student, after), advice=tuple(advice(case)))


def _outcome(before: Student | None, after: Student) -> Outcome:
    if before is None:
        return "created"
    return "unchanged" if before == after else "updated"
