"""What a file does, counted while it is worked through: of a row that did not fail only its number is kept."""

from collections import Counter
from collections.abc import Callable, Iterable
from operator import attrgetter

from attrs import Factory, define, frozen

from refmodel.columns import COLUMNS, DISABLED, Column
from refmodel.engine import Step
from refmodel.explain.advice import Advice, advice_on
from refmodel.failures import Failure, Refusal
from refmodel.report import Failed, Outcome
from refmodel.world import NOTHING, Account


@define
class Rows:
    """The numbers of the rows to which something happened."""

    numbers: list[int] = Factory(list)

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.numbers)

    def add(self, row: int) -> None:
        """One more row."""
        self.numbers.append(row)


# What may happen to a student who was there before.


def archived(before: Account, after: Account) -> bool:
    """archived"""
    return after.disabled and not before.disabled


def brought_back(before: Account, after: Account) -> bool:
    """brought back from the archive"""
    return before.disabled and not after.disabled


def email_changed(before: Account, after: Account) -> bool:
    """given another e-mail address"""
    return before.email_address != after.email_address


def username_changed(before: Account, after: Account) -> bool:
    """given another username"""
    return before.username != after.username


def labels_lost(before: Account, after: Account) -> bool:
    """labels removed"""
    return bool(before.system_label_names - after.system_label_names)


def approved(before: Account, after: Account) -> bool:
    """approved: their request was pending here"""
    return _arrives(before, after) and before.pending_at == after.institution


def connected(before: Account, after: Account) -> bool:
    """connected: they were connected nowhere"""
    return _arrives(before, after) and before.pending_at != after.institution


def _arrives(before: Account, after: Account) -> bool:
    return after.institution is not None and before.institution is None


EVENTS: tuple[Callable[[Account, Account], bool], ...] = (
    archived,
    brought_back,
    email_changed,
    username_changed,
    labels_lost,
    approved,
    connected,
)

# What may happen to the values of a column.


@define
class Values:
    """What happened to the values of one column."""

    new: int = 0  # given to a student who was created
    set: int = 0  # where there was none
    changed: int = 0
    cleared: int = 0

    def add(self, was: object, becomes: object) -> None:
        """One value of a student who was there before."""
        if becomes in EMPTY:
            self.cleared += 1
        elif was in EMPTY:
            self.set += 1
        else:
            self.changed += 1


EMPTY: tuple[object, ...] = (None, (), frozenset())
_values = attrgetter(*(column.attribute for column in COLUMNS))
_NO_VALUES = tuple(False if column is DISABLED else NOTHING[column] for column in COLUMNS)


def stored_values(account: Account | None) -> tuple[object, ...]:
    """What an account stores in each of COLUMNS; of no account, what a new one starts with."""
    return _NO_VALUES if account is None else tuple(_values(account))


# A row that failed, in words.


@frozen
class Problem:
    """One thing that made a row fail: the rule, the column if it is about one, and the words."""

    rule: str
    column: Column | None
    text: str

    @property
    def header(self) -> str:
        """The header of the column, or nothing."""
        return self.column.header if self.column else ""


def problems_of(failure: Failure) -> tuple[Problem, ...]:
    """What made a row fail; of several complaints about a field the first, as in the response."""
    if isinstance(failure, Refusal):
        return (Problem(failure.rule, None, failure.text),)
    problems: dict[Column, Problem] = {}
    for complaint in failure.complaints:
        problem = Problem(complaint.rule, complaint.column, complaint.message)
        problems.setdefault(complaint.column, problem)
    return tuple(problems.values())


# All of it.


@define
class Summary:
    """What a file did: rows by outcome, what happened to students and to columns, failures and advice."""

    outcomes: Counter[Outcome] = Factory(Counter)
    failed: list[Failed] = Factory(list)
    events: dict[str, Rows] = Factory(dict)
    columns: dict[Column, Values] = Factory(dict)
    rules: dict[str, Rows] = Factory(dict)
    advice: dict[Advice, Rows] = Factory(dict)

    def add(self, step: Step) -> None:
        """One more row that has been worked through."""
        result = step.result
        self.outcomes[result.outcome] += 1
        if isinstance(result, Failed):
            self._add_failure(result)
            return
        for advice in advice_on(step):
            self.advice.setdefault(advice, Rows()).add(result.row)
        if step.after is not None and step.after is not step.before:
            self._add_change(result.row, step.before, step.after)

    def _add_failure(self, result: Failed) -> None:
        self.failed.append(result)
        for rule in dict.fromkeys(problem.rule for problem in problems_of(result.failure)):
            self.rules.setdefault(rule, Rows()).add(result.row)

    def _add_change(self, row: int, before: Account | None, after: Account) -> None:
        if before is not None:
            for event in EVENTS:
                if event(before, after):
                    self.events.setdefault(event.__name__, Rows()).add(row)
        for column, old, new in zip(COLUMNS, stored_values(before), stored_values(after)):
            if old != new:
                self._add_value(column, before is None, old, new)

    def _add_value(self, column: Column, is_new: bool, old: object, new: object) -> None:
        values = self.columns.setdefault(column, Values())
        if is_new:
            values.new += 1
        else:
            values.add(old, new)


def summary_of(steps: Iterable[Step]) -> Summary:
    """All rows of a file, counted."""
    summary = Summary()
    for step in steps:
        summary.add(step)
    return summary
