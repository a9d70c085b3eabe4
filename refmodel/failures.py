"""The failures as values, and the form in which a response carries them."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from refmodel.columns import Column

BLANK = "can't be blank"
TAKEN = "has already been taken"
INVALID = "is invalid"
NOT_IN_LIST = "is not included in the list"
TOO_LONG = "is too long (maximum is 255 characters)"
END_BEFORE_START = "must be a date on or after primary_education:start_date"  # 001:12
SENSITIVE_FIELDS = "Attempted to update sensitive fields without setting change_sensitive_fields"  # 003:13


@frozen
class Complaint:
    """One thing that is wrong with one field of a row; `rule` is the name of the rule that says so."""

    rule: str
    column: Column
    message: str


@frozen
class Refusal:
    """The reason, in one string, why a row, a file or an action was not taken at all."""

    rule: str
    text: str


@frozen
class Complaints:
    """What is wrong with a row, field by field."""

    complaints: tuple[Complaint, ...]


Failure = Refusal | Complaints


def short(text: str, most: int = 60) -> str:
    """A text from a file as a message shows it: of a long one the beginning."""
    return text if len(text) <= most else f"{text[: most - 3]}…"


SUCCESS: Mapping[str, bool] = {"success": True}


def rules_of(failure: Failure) -> tuple[str, ...]:
    """The names of the rules that a failure rests on, each once, in their order."""
    if isinstance(failure, Refusal):
        return (failure.rule,)
    return tuple(dict.fromkeys(complaint.rule for complaint in failure.complaints))


def first_of_each_field(complaints: tuple[Complaint, ...]) -> dict[str, str]:
    """Field → the first complaint about it: a field carries no second one."""
    messages: dict[str, str] = {}
    for complaint in complaints:
        messages.setdefault(complaint.column.key, complaint.message)
    return messages


def response(failure: Failure) -> dict[str, Any]:
    """The response of a failed row: `errors` is a string, or an object of field → list of messages."""
    if isinstance(failure, Refusal):
        return {"success": False, "errors": failure.text}
    messages = first_of_each_field(failure.complaints)
    return {"success": False, "errors": {field: [message] for field, message in messages.items()}}
