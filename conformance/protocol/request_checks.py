"""Checks of requests against their types: what is wrong with one that does not follow the protocol."""

from collections.abc import Iterator, Mapping
from typing import Literal, get_args, get_origin

import msgspec
from msgspec import Struct

from conformance.protocol.requests import ACTION_TYPES, ACTIONS, TYPES, Request
from conformance.protocol.responses import RESPONSES
from refmodel.wording import as_found, listed

# Clients of other versions may say hello as well; the model checks worlds, and says what is wrong and where.
NOT_CHECKED_HERE: Mapping[str, object] = {"protocol": object, "world": dict}
NOT_NEEDED = ("protocol", "change_sensitive_fields")  # their defaults are this version, and false
WORDS: Mapping[object, str] = {
    str: "a text",
    str | None: "a text",
    bool: "true or false",
    bytes: "base64",
    dict: "an object",
    Mapping[str, str]: "an object of texts",
}


def complaint_of(request: Request) -> str | None:
    """What is wrong with a request; None if it follows the protocol."""
    op = request.get("op")
    if not isinstance(op, str) or op not in RESPONSES:
        return f"there is no op {as_found(op)}, only {', '.join(RESPONSES)}"
    return _complaint_of_action(request) if op == "do" else next(_complaints(request, TYPES[op]), None)


def _complaint_of_action(request: Request) -> str | None:
    action = request.get("action")
    if not isinstance(action, str) or action not in ACTIONS:
        return f"there is no action {as_found(action)}, only {', '.join(ACTIONS)}"
    unknown = [name for name in request if name not in ("op", "action", *ACTIONS[action])]
    if unknown:
        return f"{action} takes {', '.join(ACTIONS[action])}, and not {unknown[0]}"
    return next(_complaints(request, ACTION_TYPES[action]), None)


def _complaints(request: Request, kind: type[Struct]) -> Iterator[str]:
    for each in msgspec.structs.fields(kind):
        value, expected = request.get(each.name), NOT_CHECKED_HERE.get(each.name, each.type)
        if value is None:
            if each.required and each.name not in NOT_NEEDED:
                yield f"{each.name} is missing"
        elif not _is_of(value, expected):
            words = get_args(expected) if get_origin(expected) is Literal else ()
            yield f"{each.name} must be {listed(words, 'or') if words else WORDS[expected]}"


def _is_of(value: object, kind: object) -> bool:
    try:
        msgspec.convert(value, kind)
    except (msgspec.ValidationError, UnicodeError):  # of a lone surrogate
        return False
    return True
