"""The oracle: what the reference model answers to a request of the protocol.

    answer(world, request, ruleset) -> (response, world)

Pure: a conversation is the same world handed from one answer to the next.
"""

import base64
from collections.abc import Mapping
from typing import Any

from refmodel import __version__
from refmodel.actions import NAMED, Done, act
from refmodel.csvfile import failed_rows_file
from refmodel.importing import import_file, preview
from refmodel.jobs import Job
from refmodel.plain import observed, world_of
from refmodel.reports import Report, as_json
from refmodel.rulesets import STANDARD, Ruleset
from refmodel.world import Account, World

Request = Mapping[str, Any]
Response = dict[str, Any]

OBSERVE: Request = {"op": "observe"}
NOWHERE = World.of()


def answer(world: World, request: Request, ruleset: Ruleset = STANDARD) -> tuple[Response, World]:
    """The response to one request, and the world after it. ValueError where the request makes no sense."""
    match request["op"]:
        case "hello":
            return hello(), world
        case "reset":
            return {"ok": True}, world_of(request["world"])
        case "import" | "preview" as op:
            return imported(world, request, ruleset, keep=op == "import" or ruleset[preview] is not preview)
        case "do":
            return done(world, request, ruleset)
        case "observe":
            return {"accounts": [seen(account) for account in world.students()]}, world
        case "bye":
            return {"ok": True}, world
        case op:
            raise ValueError(f"there is no op {op!r}")


_SEEN: dict[int, tuple[Account, Response]] = {}
_MOST_SEEN = 10_000


def seen(account: Account) -> Response:
    """What can be observed of an account; the same object for the same account, so nobody may change it."""
    # Worlds share the accounts that did not change, and each is observed after every step.
    known = _SEEN.get(id(account))
    if known is not None and known[0] is account:
        return known[1]
    if len(_SEEN) >= _MOST_SEEN:
        _SEEN.clear()
    plain = observed(account)
    _SEEN[id(account)] = account, plain
    return plain


def hello() -> Response:
    """Who answers, and what of the optional it can do: everything."""
    supports = ["preview", *NAMED]
    return {"name": "refmodel", "version": __version__, "language": "Python", "protocol": 1, "supports": supports}


def job_of(request: Request) -> Job:
    """The job of a file."""
    setting = bool(request.get("change_sensitive_fields"))
    return Job(request["institution"], request["mode"], setting, request["date_format"])


def imported(world: World, request: Request, ruleset: Ruleset, keep: bool) -> tuple[Response, World]:
    """The report of a file, and the world with it or, in a preview, without it."""
    job = job_of(request)
    data = base64.b64decode(request["csv"])
    after, report = import_file(world, job, data, ruleset)
    return {"report": report_as_data(report, data, ruleset)}, after if keep else world


def report_as_data(report: Report, data: bytes, ruleset: Ruleset = STANDARD) -> Response:
    """A report as the protocol has it."""
    if report.refused:
        return {"refused": report.refused.text, "rows": []}
    rows = [{"row": r.row, "outcome": r.outcome, "response": dict(r.response)} for r in report.results]
    responses = {result.row: as_json(result.response) for result in report.failed}
    write = ruleset[failed_rows_file]
    failed = write(data, responses, ruleset) if write else data
    return {
        "refused": None,
        "warnings": list(report.warnings),
        "rows": rows,
        "failed_rows_csv": base64.b64encode(failed).decode("ascii"),
    }


def done(world: World, request: Request, ruleset: Ruleset) -> tuple[Response, World]:
    """Whether an action happened, and the access that a sign-in gave."""
    arguments = {name: value for name, value in request.items() if name not in ("op", "action")}
    after, result = act(world, NAMED[request["action"]](**arguments), ruleset)
    if isinstance(result, Done):
        access = {} if result.access is None else {"access": result.access}
        return {"done": True, **access}, after
    return {"done": False, "refused": result.text}, after
