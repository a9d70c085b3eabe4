"""`serve`: the reference model as an importer, on standard input and output or over HTTP."""

import ipaddress
import json
import socket
import sys
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import BinaryIO

from conformance.oracle.reference import ReferenceImporter
from conformance.protocol.request_checks import complaint_of
from conformance.protocol.responses import Response
from conformance.session.replay import why
from conformance.verdict.known_deviations import deviation_named
from refmodel.cli.terminal import remark
from refmodel.cli.usage import UsageError
from refmodel.ruleset import STANDARD, Ruleset

HERE = "127.0.0.1"
LARGEST = 256 * 1024 * 1024  # bytes of a request
SILENCE = 60.0  # seconds that a client may be silent in the middle of a request


def serve(http: str | None, deviations: Iterable[str]) -> None:
    """Answer until the client ends the conversation, or Ctrl-C."""
    service = Service(ReferenceImporter(deviating(deviations)))
    try:
        if http is None:
            converse(service, sys.stdin.buffer, sys.stdout.buffer)
        else:
            listen(service, *address(http))
    except KeyboardInterrupt:
        remark("ended")


def deviating(names: Iterable[str]) -> Ruleset:
    """The rules with all these deviations. UsageError where one does not exist."""
    ruleset = STANDARD
    try:
        for name in names:
            ruleset = deviation_named(name).upon(ruleset)
    except ValueError as error:
        raise UsageError(f"--deviation: {error}") from None
    return ruleset


class Service:
    """An importer that answers one request at a time, from any thread, and always with a JSON object."""

    def __init__(self, importer: ReferenceImporter) -> None:
        self._importer = importer
        self._lock = threading.Lock()

    def answer(self, data: bytes) -> tuple[bytes, bool]:
        """The response to the bytes of a request, in ASCII; and whether that was a goodbye."""
        response, is_last = self._response(data)
        return json.dumps(response).encode("ascii"), is_last

    def _response(self, data: bytes) -> tuple[Response, bool]:
        try:
            request = json.loads(data.decode("utf-8"))
        except json.JSONDecodeError as error:
            return {"error": f"this is not JSON: {error}"}, False
        except (ValueError, RecursionError):
            return {"error": "this is not JSON: it is not UTF-8, nested too deeply, or too long"}, False
        if not isinstance(request, dict):
            return {"error": "a request is a JSON object"}, False
        complaint = complaint_of(request)
        if complaint:
            return {"error": complaint}, False
        return self._handled(request), request["op"] == "bye"

    def _handled(self, request: dict[str, object]) -> Response:
        try:
            with self._lock:
                return self._importer.handle(request)
        except Exception as error:  # whatever a client sends, the next one has to be answered too
            return {"error": f"the request makes no sense: {why(error)}"}


# Lines.


def converse(service: Service, requests: BinaryIO, responses: BinaryIO) -> None:
    """Answer each line with a line, until bye or the end of the input."""
    for line in requests:
        response, is_last = service.answer(line)
        responses.write(response + b"\n")
        responses.flush()
        if is_last:
            return


# HTTP.


def address(text: str) -> tuple[str, int]:
    """Host and port of HOST:PORT; the host of a PORT alone is this machine."""
    host, _, port = text.rpartition(":")
    if not port.isascii() or not port.isdecimal() or int(port) > 65535:
        raise UsageError(f"--http {text}: write HOST:PORT, or a PORT for this machine only, such as {HERE}:8080")
    return host.removeprefix("[").removesuffix("]") or HERE, int(port)


class Server(ThreadingHTTPServer):
    """An HTTP server for one service."""

    daemon_threads = True
    request_queue_size = 128  # or many simultaneous connections would be refused

    def __init__(self, service: Service, host: str, port: int) -> None:
        self.service = service
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, port), Handler)

    def server_bind(self) -> None:
        """Bind to the address without a DNS look-up, which may take long."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])


class Handler(BaseHTTPRequestHandler):
    """Answers POST requests, whatever their path."""

    # A response is sent at once and in one part: a second part would wait 40 ms for the first to be acknowledged.
    disable_nagle_algorithm = True
    wbufsize = -1

    protocol_version = "HTTP/1.1"
    timeout = SILENCE
    server: Server

    def do_POST(self) -> None:
        """Answer a request: with status 200 if it arrived whole, whatever it says."""
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdecimal():
            return self._refuse(411, "the header Content-Length is missing: send the length of the body")
        if int(length) > LARGEST:
            return self._refuse(413, f"the body is too long: {LARGEST} bytes at most")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            return self._refuse(400, "the body is shorter than Content-Length says")
        return self._say(200, self.server.service.answer(body)[0])

    def _no_post(self) -> None:
        self._refuse(405, "send requests with POST")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer malformed HTTP in JSON, too."""
        self._refuse(int(code), message or "this is not an HTTP request")

    do_GET = do_HEAD = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _no_post  # noqa: N815

    def _refuse(self, status: int, text: str) -> None:
        # The rest of the body would be read as the next request.
        self.close_connection = True
        self._say(status, json.dumps({"error": text}).encode("ascii"))

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status == 405:
            self.send_header("Allow", "POST")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing: standard error is for what a person has to know."""


def listen(service: Service, host: str, port: int) -> None:
    """Answer on a port until interrupted."""
    try:
        server = Server(service, host, port)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"--http {host}:{port}: cannot listen there: {reason}") from None
    with server:
        print(f"listening on {url_of(server)}", flush=True)  # noqa: T201
        if not is_of_this_machine(str(server.server_address[0])):
            remark("every machine that can reach this address can use the server")
        server.serve_forever(poll_interval=0.1)


def url_of(server: Server) -> str:
    """The address for clients."""
    host, port = str(server.server_address[0]), server.server_port
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def is_of_this_machine(host: str) -> bool:
    """Whether an address can be reached from this machine only."""
    return ipaddress.ip_address(host.partition("%")[0]).is_loopback
