"""`lint`: whether an adapter is right, before the importer behind it is judged.

Each check is a function that talks to the importer through a Linter, which checks the shape of every response. A fault
in a check is a finding; the next check starts the importer anew.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Protocol, cast
from uuid import uuid4

from attrs import define, field, frozen

from conformance.cli.lint_probes import (
    ARGUMENTS,
    FULL,
    MALFORMED,
    ODD_NAMES,
    PLAIN,
    RESET,
    bytes_request,
    file_request,
    life,
)
from conformance.cli.output import block
from conformance.generation.limits import Clock
from conformance.oracle.judge import SETS, own_answers
from conformance.protocol import requests, responses
from conformance.protocol.requests import OBSERVE, Request
from conformance.protocol.responses import Response
from conformance.protocol.schemas import schemas
from conformance.session.client import Importer
from conformance.transport.base import Target
from conformance.transport.faults import ExchangeError, Fault
from conformance.verdict.description import shortened
from refmodel.cli.terminal import as_json, line
from refmodel.cli.usage import UsageError
from refmodel.columns import COLUMNS

MOST_TIMEOUTS = 3  # after which the importer is given up
ADVICE: Mapping[str, str] = {
    "timeout": "answer every request, and flush standard output behind each line",
    "exited": "keep the process alive until `bye`; the last lines of its standard error may say why it exited",
    "malformed": "write only answers to standard output, one JSON object a line, in UTF-8, and logs to standard error",
    "error": "answer with a refusal or a failed row; an error is for malformed requests only",
    "shape": "send the response that the protocol describes",
    "unreachable": "make sure that the importer can be started, and started again",
}


@frozen
class Finding:
    """One thing that is wrong with an adapter, the check that found it, and what to change."""

    check: str
    text: str
    advice: str


class ImporterLostError(Exception):
    """There were too many time-outs to go on."""


@define
class Linter:
    """Sends requests to an importer, and notes what is wrong with the responses."""

    target: Target
    slow: float  # seconds of the clock
    clock: Clock = time.monotonic
    check: str = "hello"
    supports: tuple[str, ...] = ()
    columns: frozenset[str] = frozenset(responses.HEADERS)
    introduction: Response = field(factory=dict)
    mark: str = field(factory=lambda: uuid4().hex[:8])  # in the identifiers of students, so that they are new
    asked: int = 0
    timeouts: int = 0
    findings: list[Finding] = field(factory=list)

    def note(self, text: str, advice: str) -> None:
        """Note a finding, unless it was noted before."""
        if all((text, advice) != (finding.text, finding.advice) for finding in self.findings):
            self.findings.append(Finding(self.check, text, advice))

    def ask(self, request: Request) -> Response:
        """The raw response to a request; its shape is checked. Fault where there is none."""
        self.asked += 1
        begun = self.clock()
        response = self.target.handle(dict(request))
        self._look_at_time(request, self.clock() - begun)
        for text, advice in shape_complaints(request["op"], response):
            self.note(f"{named(request)}: {text}", advice)
        return response

    def _look_at_time(self, request: Request, seconds: float) -> None:
        if seconds > self.slow:
            self.note(
                f"{named(request)} took {seconds:.1f} s",
                f"answer within {self.slow:g} s: a run of the suite asks some thousand times",
            )

    def converse(self, requests: Iterable[Request]) -> list[Response]:
        """The raw responses to some requests."""
        return [self.ask(request) for request in requests]

    def begin(self) -> None:
        """Begin anew with the world of the checks."""
        self.ask(RESET)

    def accounts(self) -> list[Response]:
        """The accounts that can be observed, without malformed ones."""
        found = self.ask(OBSERVE).get("accounts") or []
        return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []

    def claims(self, *names: str) -> bool:
        """Whether the importer claims all of these."""
        return set(names) <= set(self.supports)

    def run(self, check: Callable[["Linter"], None]) -> None:
        """Run a check; a fault in it is a finding."""
        self.check = check.__name__
        try:
            check(self)
        except Fault as fault:
            self.blame(fault)

    def blame(self, fault: Fault) -> None:
        """Note a fault. ImporterLostError where there were too many time-outs."""
        self.timeouts += fault.kind == "timeout"
        words = [f"standard error: {text}" for text in fault.stderr[-5:]]
        self.note("\n".join((f"{named(fault.request)}: {fault.detail}", *words)), ADVICE[fault.kind])
        if self.timeouts >= MOST_TIMEOUTS:
            raise ImporterLostError


def named(request: Request) -> str:
    """A request in short: its op, or the action."""
    return str(request.get("action") or request.get("op") or "a request without an op")


# The shape of a response.


class SchemaError(Protocol):
    """What a validator finds wrong."""

    @property
    def json_path(self) -> str: ...

    @property
    def message(self) -> str: ...


class Complainer(Protocol):
    """A validator by a JSON Schema."""

    def iter_errors(self, instance: Response) -> Iterator[SchemaError]:
        """What is wrong with the value."""
        ...  # pragma: no cover


@cache
def validator(op: str) -> Complainer:
    """The published JSON Schema of an op's response, ready to be used."""
    try:
        from jsonschema import Draft202012Validator, FormatChecker
    except ImportError:
        raise UsageError("lint needs jsonschema: pip install jsonschema") from None
    schema = schemas()[f"{op}.response"]
    return cast(Complainer, Draft202012Validator(schema, format_checker=FormatChecker()))


def shape_complaints(op: str, response: Response) -> Iterator[tuple[str, str]]:
    """What is wrong with the shape of a response, by its schema and beyond it; and what to change."""
    found = False
    for error in validator(op).iter_errors(response):
        found = True
        place = error.json_path.removeprefix("$").removeprefix(".") or "the response"
        yield f"{place}: {shortened(error.message)}", f"send {place} as the schema {op}.response describes it"
    if not found:
        yield from _finer_complaints(op, response)
    for path in responses.unknown_keys(op, response):
        yield f"the key {path} is not known", "leave it out, or spell it as the protocol does; a run ignores it"


def _finer_complaints(op: str, response: Response) -> Iterator[tuple[str, str]]:
    try:
        responses.decode(op, response)
    except responses.WrongShape as wrong:
        yield shortened(str(wrong)), ADVICE["shape"]


# Requests that depend on what is claimed.


def actions_of(linter: Linter) -> list[Request]:
    """One action of each kind that the importer claims."""
    return [requests.do(name, **given) for name, given in ARGUMENTS.items() if linter.claims(name)]


def full_import(linter: Linter) -> Request:
    """The file of all columns that the importer stores."""
    return file_request([FULL, PLAIN], [c.header for c in COLUMNS if c.header in linter.columns])


# The checks.


def hello(linter: Linter) -> None:
    """It names itself and version 1, and claims only what exists."""
    claimed = linter.introduction.get("supports") or []
    for name in dict.fromkeys(claimed):
        if name not in requests.OPTIONAL:
            linter.note(
                f"hello: supports lists {name!r}, which does not exist",
                f"take it out; there are {', '.join(requests.OPTIONAL)}",
            )
        elif claimed.count(name) > 1:
            linter.note(f"hello: supports lists {name!r} {claimed.count(name)} times", "list it once")


def columns(linter: Linter) -> None:
    """Everything that an import sets can be observed."""
    linter.begin()
    before = linter.accounts()
    if before:
        linter.note(f"reset: there are {len(before)} accounts after it", "forget every student at a reset")
    response = linter.ask(full_import(linter))
    check_created(linter, response, 2)
    compare(linter, [full_import(linter)], everything=True)


def states(linter: Linter) -> None:
    """Claimed actions work, and their effects can be observed."""
    requests: list[Request] = [full_import(linter)]
    linter.begin()
    linter.ask(requests[0])
    for request in actions_of(linter):
        requests.append(request)
        linter.ask(request)
        if not compare(linter, requests, everything=False):
            return


def previews(linter: Linter) -> None:
    """Previews work, if they are claimed."""
    if linter.claims("preview"):
        linter.begin()
        linter.ask(file_request([FULL], FULL, "preview"))


def failures(linter: Linter) -> None:
    """Refused files and failed rows of both kinds are reported as the protocol describes."""
    linter.begin()
    short = ",".join(PLAIN) + "\nbo@north.edu,1\n"
    bad = {**PLAIN, "email_address": "bad", "first_name": ""}
    for data in (b"\xff\xfe", b"", b"first_name\nAda\n", short.encode()):
        linter.ask(bytes_request(data))
    linter.ask(file_request([bad], PLAIN))


def texts(linter: Linter) -> None:
    """Texts arrive unchanged, whatever characters they have."""
    linter.begin()
    rows = [
        {**PLAIN, "email_address": f"{number}@north.edu", "username": str(number), "last_name": name}
        for number, name in enumerate(ODD_NAMES)
    ]
    linter.ask(file_request(rows, PLAIN))
    found = {account.get("email_address"): account.get("last_name") for account in linter.accounts()}
    for number, name in enumerate(ODD_NAMES):
        check_text(linter, f"{number}@north.edu", name, found)
    if linter.claims("sign_up"):
        linter.ask(requests.do("sign_up", email="zoe@mail.example", first_name="Zo\u00eb", last_name=ODD_NAMES[4]))
        signed = {account.get("email_address"): account.get("last_name") for account in linter.accounts()}
        check_text(linter, "zoe@mail.example", ODD_NAMES[4], signed)


def check_text(linter: Linter, email: str, name: str, found: Mapping[object, object]) -> None:
    """Whether a name that was sent can be observed."""
    if email in found and found[email] != name:
        linter.note(
            f"the last name {name!a} was sent, and {found[email]!a} can be observed",
            "read requests and the files in them as UTF-8, write UTF-8 (or ASCII with escapes), end a line at LF only",
        )


def large_files(linter: Linter) -> None:
    """A file of a megabyte is imported."""
    linter.begin()
    rows = [
        {**PLAIN, "email_address": f"{number}@north.edu", "username": str(number), "notes": "x" * 2600}
        for number in range(400)
    ]
    response = linter.ask(file_request(rows, (*PLAIN, "notes")))
    check_created(linter, response, len(rows))


def resets(linter: Linter) -> None:
    """A reset forgets everything: it is checked after every operation."""
    linter.target.restart()
    requests_ = life(linter.columns, linter.supports, linter.mark)
    first = normal(linter.converse([RESET, *requests_]))
    linter.begin()
    if linter.accounts():
        linter.note("reset: students are still there after it", "forget every student at a reset")
    for number, last in enumerate(requests_, start=1):
        if last["op"] != "observe":
            linter.target.restart()
            linter.converse([RESET, *requests_[:number]])
            if not is_forgotten(linter, first, named(last)):
                return
    linter.target.restart()
    linter.converse([RESET, full_import_elsewhere(linter)])
    is_forgotten(linter, first, "the same texts in another job")


def full_import_elsewhere(linter: Linter) -> Request:
    """The same texts for an institution with other lists of words, in a job with the other format of dates."""
    return {**full_import(linter), "institution": "south", "date_format": "mm/dd/yyyy"}


def is_forgotten(linter: Linter, first: Sequence[object], what: str) -> bool:
    """Whether, after a reset, every response is the same as at first."""
    requests = [RESET, *life(linter.columns, linter.supports, linter.mark)]
    for request, one, other in zip(requests, first, normal(linter.converse(requests))):
        if one != other:
            parted = f"answered otherwise than at first: {shortened(ascii(one))}, then {shortened(ascii(other))}"
            linter.note(
                f"{named(request)}: after {what}, and then a reset, it is {parted}",
                "forget everything at a reset, also requests, refusals, addresses that were taken and the rows that "
                "were applied last; and let nothing but the requests decide the responses",
            )
            return False
    return True


def normal(responses: Iterable[Response]) -> list[object]:
    """Responses as they are compared: accounts in any order, without texts for people."""
    return [_normal(response) for response in responses]


def _normal(response: Response) -> object:
    accounts, report = response.get("accounts"), response.get("report")
    if isinstance(accounts, list):
        return sorted(repr(_ordered(account)) for account in accounts)
    if isinstance(report, dict):
        return {name: value for name, value in report.items() if name in ("rows", "failed_rows_csv")}
    return {name: value for name, value in response.items() if name in ("done", "access")}


def _ordered(account: object) -> object:
    if not isinstance(account, dict):
        return account
    sets = {name: sorted(map(str, account[name])) for name in SETS if isinstance(account.get(name), list)}
    return sorted((account | sets).items())


def senseless_requests(linter: Linter) -> None:
    """Malformed requests are answered with an error, and the importer goes on and forgets nothing."""
    linter.begin()
    linter.ask(file_request([PLAIN], PLAIN))
    before = len(linter.accounts())
    for request in MALFORMED:
        if not survives(linter, request):
            return
    if len(linter.accounts()) != before:
        linter.note("a malformed request has changed what can be observed", "change nothing then")


def survives(linter: Linter, request: Request) -> bool:
    """Whether an importer answers a malformed request, with an error or otherwise."""
    linter.asked += 1
    try:
        # One step below `handle`, which takes an error for the end and would start the importer anew.
        linter.target.exchange(dict(request), linter.target.timeout)
    except ExchangeError as trouble:
        if trouble.kind == "error":
            return True
        fault = linter.target.fault(trouble.kind, trouble.detail, request)
        linter.timeouts += fault.kind == "timeout"
        linter.note(f"after the malformed request {request}: {fault.detail}", 'answer {"error":"…"}, and go on')
        return False
    return True


def goodbyes(linter: Linter) -> None:
    """It answers bye, and can be started again."""
    linter.begin()
    linter.ask(requests.bye())
    linter.target.restart()
    again = linter.ask(requests.hello())
    if again != linter.introduction:
        linter.note("hello: the response is another one after a restart", "answer the same at every start")
    linter.begin()
    if linter.accounts():
        linter.note("reset: students of an earlier process are still there", "forget every student at a reset")


CHECKS: tuple[Callable[[Linter], None], ...] = (
    hello,
    columns,
    states,
    previews,
    failures,
    texts,
    large_files,
    resets,
    senseless_requests,
    goodbyes,
)


# Comparing with the model.


def check_created(linter: Linter, response: Response, rows: int) -> None:
    """Whether all rows of a correct file were created."""
    report = response.get("report")
    report = report if isinstance(report, dict) else {}
    results = report.get("rows") if isinstance(report.get("rows"), list) else []
    made = [result for result in results or [] if isinstance(result, dict) and result.get("outcome") == "created"]
    if len(made) != rows:
        why = report.get("refused") or next((r.get("response") for r in results or [] if r not in made), "no result")
        linter.note(
            f"import: a correct file of {rows} new students creates {len(made)}: {shortened(ascii(why))}",
            "decode `csv` from base64, and take the institution, campuses and staff from the world of the reset",
        )


def compare(linter: Linter, requests: Sequence[Request], everything: bool) -> bool:
    """Whether the accounts show what they must after some requests; with `everything`, their values too."""
    known = Importer(linter.target, responses.Hello(1, columns=sorted(linter.columns))).known()
    *_, expected = own_answers([RESET, *requests, OBSERVE], known)
    found = {account.get("email_address"): account for account in linter.accounts()}
    complaints = [
        complaint
        for account in expected.response["accounts"]
        for complaint in missing_values(account, found.get(account["email_address"], {}), linter, everything)
    ]
    for text, advice in complaints:
        linter.note(text, advice)
    return not complaints


def missing_values(expected: Response, got: Response, linter: Linter, everything: bool) -> Iterator[tuple[str, str]]:
    """What an account does not show; a missing account is for the suite to judge."""
    if not got:
        return
    for name, value in expected.items():
        there = got.get(name)
        if (name in responses.HEADERS and name not in linter.columns) or not value:
            continue
        if there is None or there == [] or (value is True and there is False):
            yield f"observe: {name} is {value!a}, and does not show", f"send {name} with every account"
        elif everything and _sorted(name, there) != _sorted(name, value):
            text = f"observe: {name} shows as {shortened(ascii(there))}, where {value!a} was imported"
            yield text, "send stored values as they are, dates as yyyy-mm-dd, lists as arrays"


def _sorted(name: str, value: object) -> object:
    return sorted(map(str, value)) if name in SETS and isinstance(value, list) else value


# The command.


def lint_target(target: Target, slow: float, json_wanted: bool) -> int:
    """Lint an importer and print the findings; the exit status. Fault where it does not answer hello."""
    validator("hello")
    linter = lint(target, slow)
    name = str(linter.introduction.get("name") or target.name)
    if json_wanted:
        as_json(as_data(linter, name))
    else:
        show(linter, name)
    return 1 if linter.findings else 0


def lint(target: Target, slow: float, clock: Clock = time.monotonic) -> Linter:
    """Lint an importer. Fault where it does not answer hello."""
    linter = Linter(target, slow, clock)
    linter.introduction = linter.ask(requests.hello())
    linter.supports = tuple(texts_in(linter.introduction.get("supports")) or ())
    said = texts_in(linter.introduction.get("columns"))
    if said and set(said) <= set(responses.HEADERS):
        linter.columns = frozenset((*said, *responses.INDISPENSABLE_HEADERS))
    try:
        for check in CHECKS:
            linter.run(check)
    except ImporterLostError:
        linter.note(f"{MOST_TIMEOUTS} responses did not come in time, so the lint was given up", ADVICE["timeout"])
    return linter


def texts_in(value: object) -> list[str] | None:
    """The texts in a list; None where it is none."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else None


def show(linter: Linter, name: str) -> None:
    """The findings for the eye."""
    for finding in linter.findings:
        block(f"{finding.check}: {finding.text}")
        line(f"→ {finding.advice}", "green", indent=2)
    claimed = [each for each in requests.OPTIONAL if each in linter.supports]
    unclaimed = [each for each in requests.OPTIONAL if each not in linter.supports]
    line(f"{name} was sent {linter.asked} requests; it claims {', '.join(claimed) or 'nothing optional'}")
    if unclaimed:
        line(f"Not claimed, and so not checked: {', '.join(unclaimed)}")
    count = len(linter.findings)
    line(f"{count} finding{'' if count == 1 else 's'}" if count else "No findings", "red" if count else "green")


def as_data(linter: Linter, name: str) -> dict[str, object]:
    """The findings, for programs."""
    return {
        "target": linter.target.name,
        "name": name,
        "supports": list(linter.supports),
        "asked": linter.asked,
        "findings": [{"check": f.check, "text": f.text, "advice": f.advice} for f in linter.findings],
    }
