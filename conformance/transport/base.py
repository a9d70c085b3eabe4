"""A target: a connection to an importer.

Invariants:
1. Whatever an importer does, `handle` returns plain JSON data or raises Fault, within the time limit.
2. After a Fault the importer is ended with all that it started; the next request starts a new one.
3. A closed target leaves no process and no open file behind.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Self

from conformance.protocol import requests, responses
from conformance.protocol.requests import Request
from conformance.protocol.responses import Response
from conformance.transport.faults import ExchangeError, Fault, Kind, clipped

FAREWELL = 2.0  # seconds that an importer has to answer a bye


def ask(target: Target, request: Request) -> responses.TypedResponse:
    """The checked response; a response of the wrong shape is a Fault."""
    response = target.handle(request)
    try:
        return responses.decode(request["op"], response)
    except responses.WrongShape as wrong:
        raise target.fault("shape", str(wrong), request) from None


class Target(ABC):
    """A connection to an importer, for one thread at a time."""

    def __init__(self, name: str, timeout: float) -> None:
        self.name = name
        self.timeout = timeout
        self.closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def handle(self, request: Request) -> Response:
        """The raw response to a request, or a Fault."""
        if self.closed:
            raise ValueError(f"{self.name} is closed")
        try:
            return _without_error(self.exchange(request, self.timeout))
        except ExchangeError as trouble:
            raise self.fault(trouble.kind, trouble.detail, request) from None
        except BaseException:
            # The response may still come, and would be taken for that to the next request.
            self._end()
            raise

    def restart(self) -> None:
        """End the importer; the next request starts a new one."""
        self._end()

    def close(self) -> None:
        """Send a bye, then end the importer. Closing twice is allowed."""
        self.closed = True
        try:
            if self._is_started():
                self._leave()
        except ExchangeError:
            pass
        finally:
            self._end()

    def fault(self, kind: Kind, detail: str, request: Request) -> Fault:
        """A Fault of this importer, which is ended first, so that its last output is known."""
        self._end()
        return Fault(kind, detail, request, self._last_lines())

    def _leave(self) -> None:
        self.exchange(requests.bye(), min(FAREWELL, self.timeout))

    def _last_lines(self) -> list[str]:
        return []

    @abstractmethod
    def _is_started(self) -> bool: ...

    @abstractmethod
    def exchange(self, request: Request, timeout: float) -> Response: ...

    @abstractmethod
    def _end(self) -> None: ...


def _without_error(response: Response) -> Response:
    if response.get("error") is not None:
        raise ExchangeError("error", f"the importer answered with an error: {clipped(str(response['error']))}")
    return response
