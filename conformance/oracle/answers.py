"""The oracle: what the reference model answers to a request of the protocol.

    answer(world, request, ruleset) -> (response, world)

Pure: in a conversation each answer takes the world that the previous one returned.
"""

import base64

from conformance.protocol.projection import report_as_data, seen
from conformance.protocol.requests import Request
from conformance.protocol.responses import Response
from refmodel import __version__
from refmodel.actions import NAMED, Action, Done
from refmodel.dispatch import act
from refmodel.engine import import_file, preview
from refmodel.job import Job
from refmodel.ruleset import STANDARD, Ruleset
from refmodel.serialization import world_of
from refmodel.world import World

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


def hello() -> Response:
    """The name of the model, and the optional operations it supports: all of them."""
    supports = ["preview", *NAMED]
    return {"name": "refmodel", "version": __version__, "language": "Python", "protocol": 1, "supports": supports}


def job_of(request: Request) -> Job:
    """The job of a file."""
    setting = bool(request.get("change_sensitive_fields"))
    return Job(request["institution"], request["mode"], setting, request["date_format"])


def imported(world: World, request: Request, ruleset: Ruleset, keep: bool) -> tuple[Response, World]:
    """The report of a file, and the world after it; `keep` is False for a preview, which changes nothing."""
    job = job_of(request)
    data = base64.b64decode(request["csv"])
    after, report = import_file(world, job, data, ruleset)
    return {"report": report_as_data(report, data, ruleset)}, after if keep else world


def action_of(request: Request) -> Action:
    """The action of a request."""
    return NAMED[request["action"]](**{name: request[name] for name in request if name not in ("op", "action")})


def done(world: World, request: Request, ruleset: Ruleset) -> tuple[Response, World]:
    """Whether an action was done, and the access that a sign-in gave."""
    after, result = act(world, action_of(request), ruleset)
    if isinstance(result, Done):
        access = {} if result.access is None else {"access": result.access}
        return {"done": True, **access}, after
    return {"done": False, "refused": result.text}, after
