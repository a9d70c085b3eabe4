"""What can go wrong with the transport: an invalid target, and a fault in an exchange."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Literal

from conformance.protocol.requests import Request

Kind = Literal["timeout", "exited", "malformed", "shape", "error", "unreachable"]


class BadTarget(ValueError):
    """An invalid target; the text says what to write instead."""


class Fault(Exception):
    """A failure of the adapter; it is no evidence of how the importer behaves."""

    def __init__(self, kind: Kind, detail: str, request: Request, stderr: Sequence[str] = ()) -> None:
        super().__init__(kind, detail, request, stderr)
        self.kind: Kind = kind
        self.detail = detail
        self.request = dict(request)
        self.stderr = list(stderr)

    def __str__(self) -> str:
        lines = [f"{self.kind}: {self.detail}", f"request: {abbreviated(self.request)}"]
        if self.stderr:
            lines += ["last lines of standard error:", *(f"  {line}" for line in self.stderr)]
        # A lone surrogate could not be printed.
        return "\n".join(lines).encode("utf-8", "backslashreplace").decode("utf-8")


class ExchangeError(Exception):
    """A fault whose request and last output are not known yet."""

    def __init__(self, kind: Kind, detail: str) -> None:
        super().__init__(kind, detail)
        self.kind: Kind = kind
        self.detail = detail


class TimeUp(BaseException):
    """Time is up; a BaseException, so that an importer's `except Exception` lets it pass."""


def clipped(text: str, length: int = 500) -> str:
    return text if len(text) <= length else f"{text[:length]}... ({len(text)} characters)"


def shown(data: bytes) -> str:
    return clipped(data[:4000].decode("utf-8", "backslashreplace")) or "(an empty line)"


def first_lines(data: bytes) -> str:
    return "\n".join(clipped(line) for line in data[:4000].decode("utf-8", "replace").splitlines()[:10])


def abbreviated(request: Request) -> str:
    return clipped(json.dumps(_shortened(request), default=repr), 2000)


def _shortened(value: object) -> object:
    if isinstance(value, str):
        return clipped(value, 200)
    if isinstance(value, Mapping):
        return {str(key): _shortened(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        rest = [f"... ({len(value)} items)"] if len(value) > 20 else []
        return [_shortened(item) for item in value[:20]] + rest
    return value
