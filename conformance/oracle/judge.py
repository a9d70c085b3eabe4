"""The judge: whether a response is correct.

    judge(known, request, response) -> Judgement: the differences, and the next state of the oracle

Scenarios, edge cases, the state machine and recorded traces all go through this one function. The state is the world
in the model; a response is compared with the model's, as far as the protocol prescribes it.
"""

import base64
import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping

from attrs import frozen

from conformance.oracle.answers import answer
from conformance.oracle.location import AccountPart, Location, Place, RecordPart, ResponsePart, RowPart
from conformance.oracle.state import ALL_HEADERS, OracleState, Strictness
from conformance.protocol.requests import Request
from conformance.protocol.responses import Response
from conformance.protocol.trace import Exchange
from refmodel.csv_reader import no_limit_on_cells
from refmodel.failures import END_BEFORE_START, SENSITIVE_FIELDS, TAKEN

STATED_TEXTS = {"email_address": TAKEN, "primary_education.end_date": END_BEFORE_START}  # 003:17, 001:12
MARK = "\ufeff"  # of a file; quoted, it is a character
SETS = ("system_label_names", "declined_by")


@frozen
class Difference:
    """One difference from the expected response: where, and both values."""

    where: Location
    expected: object
    got: object

    def __str__(self) -> str:
        return f"{self.where}: expected {as_text(self.expected)}, got {as_text(self.got)}"


def as_text(value: object) -> str:
    """A value as JSON, which distinguishes a text from a number and null from a blank."""
    return json.dumps(value, ensure_ascii=False, default=sorted)


@frozen
class Judgement:
    """What is wrong with a response (nothing, if it is allowed), and the next state of the oracle."""

    differences: tuple[Difference, ...]
    known: OracleState
    expected: Response
    exact_match: bool = False  # whether the response equals the model's

    @property
    def allowed(self) -> bool:
        """Whether the response is correct."""
        return not self.differences


def judge(known: OracleState, request: Request, response: Response) -> Judgement:
    """Compare a response (of the right shape) with the model's."""
    expected, world = answer(known.world, request, known.ruleset)
    after = known if world is known.world else OracleState(world, known.ruleset, known.strictness, known.columns)
    if expected == response:
        return Judgement((), after, expected, exact_match=True)
    differences = tuple(COMPARISONS[request["op"]](expected, response, known, request))
    return Judgement(differences, after, expected)


# What is compared, op by op.


def nothing(expected: Response, got: Response, known: OracleState, request: Request) -> Iterator[Difference]:
    """Nothing is compared for a hello, a reset or a bye."""
    yield from ()


def actions(expected: Response, got: Response, known: OracleState, request: Request) -> Iterator[Difference]:
    """Whether the action was done, and the access that a sign-in gave."""
    for name in ("done", "access"):
        if expected.get(name, False) != bool(got.get(name)):
            yield Difference(ResponsePart(name, request["action"]), expected.get(name, False), bool(got.get(name)))


def observations(expected: Response, got: Response, known: OracleState, request: Request) -> Iterator[Difference]:
    """Every account, column by column."""
    remaining = list(got.get("accounts") or [])
    for account in expected["accounts"]:
        counterpart = same_account(account, remaining)
        if counterpart is None:
            yield Difference(AccountPart(account["email_address"]), account, None)
        else:
            remaining.remove(counterpart)
            yield from account_differences(account, counterpart, known.columns)
    for account in remaining:
        yield Difference(AccountPart(account.get("email_address")), None, account)


def same_account(account: Response, candidates: list[Response]) -> Response | None:
    """The account that corresponds to this one: by e-mail address, or else by username and institution."""
    for keys in (("email_address",), ("username", "institution")):
        for candidate in candidates:
            if all(candidate.get(key) == account[key] for key in keys):
                return candidate
    return None


def account_differences(expected: Response, got: Response, columns: frozenset[str]) -> Iterator[Difference]:
    """The fields of an account that differ; a missing key counts as empty."""
    if expected == got:
        return
    for name, value in expected.items():
        if name in ALL_HEADERS and name not in columns:
            continue
        there = normal(name, got.get(name), like=value)
        if there != normal(name, value, like=value):
            yield Difference(AccountPart(expected["email_address"], name), value, got.get(name))


def normal(name: str, value: object, like: object) -> object:
    """A value as it is compared: a missing one is empty, labels and refusals are sets."""
    if value is None and isinstance(like, (list, bool)):
        value = [] if isinstance(like, list) else False
    return sorted(set(value)) if name in SETS and isinstance(value, list) else value


def imports(expected: Response, got: Response, known: OracleState, request: Request) -> Iterator[Difference]:
    """Whether the file was refused, each row's outcome, and the response of each failed row."""
    report, theirs = expected["report"], got["report"]
    if (report["refused"] is None) != (theirs.get("refused") is None):
        yield Difference(ResponsePart("refused"), report["refused"], theirs.get("refused"))
        return
    rows = theirs.get("rows") or []
    if len(rows) != len(report["rows"]):
        yield Difference(ResponsePart("number of rows"), len(report["rows"]), len(rows))
    for mine, other in zip(report["rows"], rows):
        yield from row_differences(mine, other, known.strictness)
    if theirs.get("failed_rows_csv") is not None and known.strictness != "outcome":
        yield from failed_file_differences(report, theirs, known.strictness)


def row_differences(expected: Response, got: Response, strictness: Strictness) -> Iterator[Difference]:
    """The outcome of a row, and its response if it fails as expected."""
    row: int = expected["row"]
    if expected["outcome"] != got["outcome"]:
        yield Difference(RowPart(row, "outcome"), expected["outcome"], got["outcome"])
    elif expected["outcome"] == "failed" and strictness != "outcome":
        yield from response_differences(row, expected["response"], got["response"], strictness)


def response_differences(row: int, expected: Response, got: Response, strictness: Strictness) -> Iterator[Difference]:
    """Whether the errors are a string or an object, for which fields, and the texts that the articles quote."""
    errors, theirs = expected["errors"], got.get("errors")
    if got.get("success"):
        yield Difference(RowPart(row, "success"), False, True)
    if isinstance(errors, str) != isinstance(theirs, str):
        yield Difference(RowPart(row, "errors"), errors, theirs)
    elif isinstance(errors, str):
        if strictness == "exact" and errors == SENSITIVE_FIELDS and theirs != errors:
            yield Difference(RowPart(row, "errors"), errors, theirs)
    else:
        yield from field_differences(row, errors, theirs or {}, strictness)


def field_differences(
    row: int, expected: Mapping[str, list[str]], got: Mapping[str, list[str]], strictness: Strictness
) -> Iterator[Difference]:
    """Which fields have an error, and the stated texts of those that have one."""
    if set(expected) != set(got):
        yield Difference(RowPart(row, "fields with errors"), sorted(expected), sorted(got))
        return
    for name, stated in STATED_TEXTS.items():
        if strictness == "exact" and expected.get(name, [None])[0] == stated != got[name][0]:
            yield Difference(RowPart(row, "errors", name), stated, got[name][0])


def failed_file_differences(expected: Response, got: Response, strictness: Strictness) -> Iterator[Difference]:
    """The file of failed rows: their cells as sent, and responses that agree with those of the report."""
    if expected["failed_rows_csv"] == got["failed_rows_csv"]:
        return
    mine, theirs = records(expected["failed_rows_csv"]), records(got["failed_rows_csv"])
    if theirs is None or mine is None or len(mine) != len(theirs):
        yield Difference(ResponsePart("failed_rows_csv"), mine, theirs)
        return
    for number, (row, other) in enumerate(zip(mine, theirs), start=1):
        if row[:-1] != other[:-1] or len(row) != len(other) or (number == 1 and row != other):
            yield Difference(RecordPart(number), row, other)
        elif number > 1 and row and not says_the_same(row[-1], other[-1], strictness):
            yield Difference(RecordPart(number, "response"), row[-1], other[-1])


def records(encoded: str) -> list[list[str]] | None:
    """The records of a CSV file in base64, or None where it is malformed.

    A byte order mark counts twice: whoever reads the file loses one, also where it was meant as a character.
    """
    try:
        data = base64.b64decode(encoded, validate=True)
        with no_limit_on_cells(data):
            text = io.StringIO(MARK * data.startswith(MARK.encode()) + data.decode("utf-8"), newline="")
            return list(csv.reader(text, strict=True))
    except (ValueError, csv.Error):
        return None


def says_the_same(expected: str, got: str, strictness: Strictness) -> bool:
    """Whether two responses, as JSON texts, agree."""
    try:
        theirs = json.loads(got)
        return not list(response_differences(0, json.loads(expected), theirs, strictness))
    except (ValueError, AttributeError, TypeError, LookupError):
        return False


COMPARISONS = {
    "hello": nothing,
    "reset": nothing,
    "bye": nothing,
    "import": imports,
    "preview": imports,
    "do": actions,
    "observe": observations,
}


def judgements(exchanges: Iterable[Exchange], known: OracleState) -> Iterator[Judgement]:
    """The judgements of a whole conversation, in its order."""
    for exchange in exchanges:
        judgement = judge(known, exchange.request, exchange.response)
        yield judgement
        known = judgement.known


def places_of(judged: Iterable[Judgement]) -> set[Place]:
    """The places where a conversation differs: the number of the exchange, and the location in it."""
    return {(number, d.where) for number, judgement in enumerate(judged) for d in judgement.differences}


def own_answers(requests: Iterable[Request], known: OracleState) -> tuple[Exchange, ...]:
    """A conversation as the model itself answers it."""
    exchanges, world = [], known.world
    for request in requests:
        response, world = answer(world, request, known.ruleset)
        exchanges.append(Exchange(request, response))
    return tuple(exchanges)
