"""An importer behind HTTP: each request is a POST."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from conformance.protocol.requests import Request
from conformance.protocol.responses import Response
from conformance.transport.base import Target
from conformance.transport.faults import BadTarget, ExchangeError, TimeUp, first_lines
from conformance.transport.json_values import LONGEST_RESPONSE, decoded, encoded
from conformance.transport.worker_thread import WorkerThread

if TYPE_CHECKING:
    import httpx


class HttpTarget(Target):
    """A server that answers each POST."""

    def __init__(self, name: str, url: httpx.URL, timeout: float) -> None:
        super().__init__(name, timeout)
        self._url = url
        self._client: httpx.Client | None = None
        self._worker: WorkerThread | None = None

    @classmethod
    def open(cls, name: str, _rest: str, timeout: float) -> Self:
        try:
            import httpx
        except ImportError:
            raise BadTarget(f"{name!r} needs httpx: pip install httpx") from None
        try:
            url = httpx.URL(name)
        except httpx.InvalidURL as wrong:
            raise BadTarget(f"{name!r} is not a URL ({wrong}): write http://host:port/path") from None
        if not url.host:
            raise BadTarget(f"{name!r} names no host: write http://host:port/path")
        return cls(name, url, timeout)

    def _is_started(self) -> bool:
        return self._client is not None

    def exchange(self, request: Request, timeout: float) -> Response:
        body = encoded(request)
        try:
            # In a thread, because httpx limits each read and write, but not the whole exchange.
            return decoded(self._started().run(lambda: self._post(body, timeout), timeout))
        except TimeUp:
            raise ExchangeError("timeout", f"no answer within {timeout:g} s") from None

    def _started(self) -> WorkerThread:
        import httpx

        if self._client is None:
            self._client = httpx.Client(trust_env=False, follow_redirects=False)
        if self._worker is None:
            self._worker = WorkerThread(self.name)
        return self._worker

    def _post(self, body: bytes, timeout: float) -> bytes:
        import httpx

        try:
            return self._content(body, timeout)
        except httpx.TimeoutException:
            raise TimeUp from None
        except httpx.ConnectError as wrong:
            raise ExchangeError("unreachable", f"no connection to {self._url}: {wrong}") from None
        except httpx.DecodingError as wrong:
            raise ExchangeError("malformed", f"the body cannot be decoded: {wrong}") from None
        except httpx.HTTPError as wrong:
            raise ExchangeError("exited", f"the connection broke: {wrong or 'no reason was given'}") from None

    def _content(self, body: bytes, timeout: float) -> bytes:
        assert self._client is not None
        headers = {"content-type": "application/json", "accept": "application/json"}
        request = self._client.stream("POST", self._url, content=body, headers=headers, timeout=timeout)
        with request as response:
            content = bytearray()
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > LONGEST_RESPONSE:
                    raise ExchangeError("malformed", f"a body of more than {LONGEST_RESPONSE} bytes")
        if response.status_code != 200:
            status = f"status {response.status_code} {response.reason_phrase}".rstrip()
            raise ExchangeError("error", f"{status} instead of 200\n{first_lines(bytes(content))}".rstrip())
        return bytes(content)

    def _end(self) -> None:
        if self._worker:
            self._worker.dismiss()
            self._worker = None
        if self._client:
            self._client.close()
            self._client = None
