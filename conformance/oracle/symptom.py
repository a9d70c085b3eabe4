"""Symptoms: what differs in a conversation, in general, and what the importer itself says is wrong.

Cases with the same symptom may have the same cause, whichever rules they are about.
"""

import json
from collections.abc import Iterable, Iterator, Sequence

from conformance.oracle.judge import Difference, Judgement, as_text
from conformance.oracle.location import AccountPart, RecordPart, ResponsePart, RowPart
from conformance.protocol.trace import Exchange
from refmodel.explain.errors import explain
from refmodel.rules.lookup import unchanged_rows_are_skipped

LONGEST = 60  # characters of a text that is compared word for word


def symptom_of(judged: Iterable[Judgement]) -> str:
    """The first difference in a conversation, in general; empty where nothing differs."""
    first = next((difference for judgement in judged for difference in judgement.differences), None)
    return in_general(first) if first else ""


def in_general(difference: Difference) -> str:
    """A difference without the row, the person and the values that only this case has."""
    expected, got, where = difference.expected, difference.got, difference.where
    match where:
        case RowPart(part="outcome"):
            return f"a row: expected {expected}, got {got}"
        case RowPart(field=None, part=part):
            return f"{part} of a failed row: expected {brief(expected)}, got {brief(got)}"
        case RowPart(field=field):
            return f"the error of {field}: expected {brief(expected)}, got {brief(got)}"
        case RecordPart(column=column):
            return f"the file of failed rows: another {column or 'record'}"
        case AccountPart(field=None):
            return f"an account: expected {there(expected)}, got {there(got)}"
        case AccountPart(field=field):
            return f"{field} of an account: expected {kind(expected)}, got {kind_beside(got, expected)}"
        case ResponsePart(name="refused"):
            return f"a file: expected {taken(expected)}, got {taken(got)}"
        case ResponsePart(name=name, action=action):
            return f"{name if action is None else f'{action}, {name}'}: expected {brief(expected)}, got {brief(got)}"
    return str(where)


def brief(value: object) -> str:
    """A value as JSON, if it is short."""
    text = as_text(value)
    return text if len(text) <= LONGEST else "a long one"


def there(account: object) -> str:
    """Whether there is an account."""
    return "none" if account is None else "one"


def taken(refused: object) -> str:
    """Whether a file was refused."""
    return "taken" if refused is None else "refused"


def kind(value: object) -> str:
    """What a field has, in general."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "a value" if value else "empty"


def kind_beside(value: object, expected: object) -> str:
    """What a field has, beside what it should have."""
    found = kind(value)
    return "another value" if found == kind(expected) == "a value" else found


def lets_pass(judged: Iterable[Judgement]) -> bool:
    """Whether the importer took a row, a file or an action, or let somebody in, where a right one does not."""
    return any(is_let_pass(difference) for judgement in judged for difference in judgement.differences)


def is_let_pass(difference: Difference) -> bool:
    """Whether this difference says so."""
    match difference.where:
        case RowPart(part="outcome"):
            return difference.expected == "failed"
        case RowPart(part="fields with errors"):  # one of two rules that the row breaks is not enforced
            return bool(set(_items(difference.expected)) - set(_items(difference.got)))
        case RowPart(part="errors") | RecordPart():
            return difference.got is None
        case ResponsePart(name="refused"):
            return difference.expected is not None and difference.got is None
        case ResponsePart(name="done" | "access"):
            return difference.expected is False
    return False


def _items(value: object) -> Sequence[str]:
    return value if isinstance(value, list) else []


def complained_of(exchanges: Sequence[Exchange], judged: Sequence[Judgement]) -> tuple[str, ...]:
    """The rules by which the importer says to have failed or skipped a row, where a right one does otherwise."""
    texts = (text for exchange, judgement in zip(exchanges, judged) for text in _complaints(exchange, judgement))
    rules = dict.fromkeys(entry.name for text in texts for entry in explain(text).rules)
    skipped = any(difference.got == "unchanged" for judgement in judged for difference in judgement.differences)
    return (*rules, *((unchanged_rows_are_skipped.__name__,) if skipped else ()))


def _complaints(exchange: Exchange, judgement: Judgement) -> Iterator[str]:
    rows = (exchange.response.get("report") or {}).get("rows") or []
    for difference in judgement.differences:
        if isinstance(difference.where, RowPart) and 0 < difference.where.row <= len(rows):
            errors = (rows[difference.where.row - 1].get("response") or {}).get("errors")
            if errors:
                yield json.dumps({"errors": errors}, ensure_ascii=False)
