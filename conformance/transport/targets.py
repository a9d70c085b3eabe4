"""Targets: one string names an importer, and `connect` opens the connection to it."""

from __future__ import annotations

from collections.abc import Callable

from conformance.transport.base import Target
from conformance.transport.command import CommandTarget
from conformance.transport.faults import BadTarget
from conformance.transport.http import HttpTarget
from conformance.transport.in_process import PythonTarget


def connect(target: str, *, timeout: float = 30.0) -> Target:
    """The target that a string names; the first request starts the importer. BadTarget if the string is invalid."""
    if timeout <= 0:
        raise ValueError(f"the timeout is {timeout}, but must be more than 0 seconds")
    scheme, colon, rest = target.partition(":")
    if not colon or scheme not in _OPENERS:
        raise BadTarget(
            f"{target!r} is not a target: write python:package.module:factory, cmd:COMMAND ..., or http://host:port/path"
        )
    return _OPENERS[scheme](target, rest, timeout)


_OPENERS: dict[str, Callable[[str, str, float], Target]] = {
    "python": PythonTarget.open,
    "cmd": CommandTarget.open,
    "http": HttpTarget.open,
    "https": HttpTarget.open,
}
