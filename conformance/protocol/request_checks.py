"""Whether a request is one of the protocol, and if not, what is wrong with it."""

import base64
from collections.abc import Iterable, Iterator

from conformance.protocol.requests import ACTIONS, OPTIONAL_ARGUMENTS, Request
from conformance.protocol.responses import RESPONSES
from refmodel.wording import as_found

# What a request has to have, for the model to be able to answer it.
NEEDED: dict[str, dict[str, type]] = {
    "reset": {"world": dict},
    "import": {"institution": str, "mode": str, "date_format": str, "csv": str},
    "preview": {"institution": str, "mode": str, "date_format": str, "csv": str},
}
ARGUMENTS: dict[str, type] = {"disabled": bool, "excluded": bool, "changes": dict}
KINDS: dict[type, str] = {str: "a text", bool: "true or false", dict: "an object"}


def complaint_of(request: Request) -> str | None:
    """What is wrong with a request, if it is none of the protocol's."""
    op = request.get("op")
    if not isinstance(op, str) or op not in RESPONSES:
        return f"there is no op {as_found(op)}, only {', '.join(RESPONSES)}"
    if op != "do":
        return next(_complaints(request, NEEDED.get(op, {}), ()), None)
    action = request.get("action")
    if not isinstance(action, str) or action not in ACTIONS:
        return f"there is no action {as_found(action)}, only {', '.join(ACTIONS)}"
    unknown = [name for name in request if name not in ("op", "action", *ACTIONS[action])]
    if unknown:
        return f"{action} takes {', '.join(ACTIONS[action])}, and not {unknown[0]}"
    kinds = {name: ARGUMENTS.get(name, str) for name in ACTIONS[action]}
    return next(_complaints(request, kinds, OPTIONAL_ARGUMENTS.get(action, ())), None)


def _complaints(request: Request, kinds: dict[str, type], optional: Iterable[str]) -> Iterator[str]:
    for name, kind in kinds.items():
        if request.get(name) is None:
            if name not in optional:
                yield f"{name} is missing"
        elif not isinstance(request[name], kind):
            yield f"{name} has to be {KINDS[kind]}"
    if not all(isinstance(text, str) for text in (request.get("changes") or {}).values()):
        yield "changes has to be an object of texts"
    if request.get("via", "sso") not in ("sso", "password"):
        yield "via is password or sso"
    if "csv" in kinds and not _is_base64(request["csv"]):
        yield "csv has to be base64"


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return True
