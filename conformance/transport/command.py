"""An importer that is a command: it reads and writes JSON objects, one per line."""

from __future__ import annotations

import contextlib
import math
import os
import select
import shlex
import shutil
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import IO, Self

from conformance.protocol.requests import Request
from conformance.protocol.responses import Response
from conformance.transport.base import FAREWELL, Target
from conformance.transport.faults import BadTarget, ExchangeError, TimeUp, shown
from conformance.transport.json_values import LONGEST_RESPONSE, decoded, encoded

GRACE = 0.5  # seconds between asking a process to end and ending it
GLANCE = 0.1  # seconds between checks of whether a silent process is still running
CHUNK = 65536  # bytes, the capacity of a pipe
KEPT_LINES = 40
now = time.monotonic  # the clock of all deadlines


class CommandTarget(Target):
    """A process that reads and writes JSON objects, one per line."""

    def __init__(self, name: str, command: Sequence[str], timeout: float) -> None:
        super().__init__(name, timeout)
        self._command = list(command)
        self._process: Process | None = None
        self._last_output: list[str] = []

    @classmethod
    def open(cls, name: str, rest: str, timeout: float) -> Self:
        if os.name != "posix":
            raise BadTarget(f"{name!r} needs a POSIX system: use a python: or an http: target here")
        try:
            command = shlex.split(rest)
        except ValueError as wrong:
            raise BadTarget(f"{name!r} cannot be split into words ({wrong}): check its quotes") from None
        if not command:
            raise BadTarget(f"{name!r} names no command: write cmd:./importer --flag")
        if shutil.which(command[0]) is None:
            raise BadTarget(f"there is no command {command[0]!r}: check its path, and that it is executable")
        return cls(name, command, timeout)

    def _is_started(self) -> bool:
        return self._process is not None

    def exchange(self, request: Request, timeout: float) -> Response:
        deadline = now() + timeout
        line = encoded(request) + b"\n"
        if self._process is None:
            self._process = Process(self._command)
        else:
            self._process.check_silence()
        try:
            return decoded(self._process.converse(line, deadline))
        except TimeUp:
            raise ExchangeError("timeout", self._process.silence(timeout)) from None

    def _leave(self) -> None:
        deadline = now() + FAREWELL
        super()._leave()
        if self._process:
            self._process.await_end(deadline - now())

    def _end(self) -> None:
        process, self._process = self._process, None
        if process:
            process.end()
            self._last_output = process.tail.lines()

    def _last_lines(self) -> list[str]:
        return self._last_output


class Process:
    """A running command, its pipes, and its output so far."""

    def __init__(self, command: Sequence[str]) -> None:
        pipe = subprocess.PIPE
        try:
            self._popen = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, start_new_session=True
            )
        except OSError as wrong:
            raise ExchangeError("unreachable", f"the command could not be started: {wrong}") from None
        assert self._popen.stdin
        assert self._popen.stdout
        assert self._popen.stderr
        self._stdin, self._stdout = self._popen.stdin, self._popen.stdout
        os.set_blocking(self._stdin.fileno(), False)
        os.set_blocking(self._stdout.fileno(), False)
        self.output = bytearray()
        self.tail = Tail(self._popen.stderr)

    def check_silence(self) -> None:
        """ExchangeError if it has written something that is not the response to a request."""
        self._receive()
        if self.output:
            line = bytes(self.output).partition(b"\n")[0]
            raise ExchangeError("malformed", f"it wrote to standard output without a request: {shown(line)}")

    def converse(self, line: bytes, deadline: float) -> bytes:
        """The line that answers this line. Writing and reading are interleaved, for the importer may do the same."""
        unsent, end, searched = self._send(memoryview(line)), -1, 0
        while unsent or end < 0:
            if not self.wait(bool(unsent), deadline):
                self._check_alive()
            unsent = self._send(unsent)
            self._receive()
            end = self.output.find(b"\n", searched) if end < 0 else end
            searched = len(self.output)
            self._check_length(end)
        return self._take(end)

    def _take(self, end: int) -> bytes:
        answer = bytes(self.output[:end])
        del self.output[: end + 1]
        return answer

    def _send(self, unsent: memoryview) -> memoryview:
        try:
            return unsent[os.write(self._stdin.fileno(), unsent) :] if unsent else unsent
        except BlockingIOError:
            return unsent
        except BrokenPipeError:
            # It no longer reads; its standard output shows whether it still answers or has exited.
            return unsent[:0]

    def _receive(self) -> None:
        try:
            received = os.read(self._stdout.fileno(), CHUNK)
        except BlockingIOError:
            return
        if not received:
            raise ExchangeError("exited", self._end_of_output())
        self.output += received

    def wait(self, sending: bool, deadline: float) -> bool:
        """Whether there is something to read, or room to write, after a short wait."""
        remaining = deadline - now()
        if remaining <= 0:
            raise TimeUp
        poll = select.poll()
        poll.register(self._stdout, select.POLLIN)
        if sending:
            poll.register(self._stdin, select.POLLOUT)
        return bool(poll.poll(math.ceil(min(remaining, GLANCE) * 1000)))

    def _check_alive(self) -> None:
        # A child process may keep its standard output open for ever.
        if self._popen.poll() is not None:
            self._receive()
            if b"\n" not in self.output:
                raise ExchangeError("exited", f"the process {self._exit()}{self._unfinished()}")

    def _check_length(self, end: int) -> None:
        if end < 0 and len(self.output) > LONGEST_RESPONSE:
            beginning = shown(bytes(self.output[:200]))
            raise ExchangeError("malformed", f"a line of more than {LONGEST_RESPONSE} bytes: {beginning}")

    def silence(self, timeout: float) -> str:
        return f"no answer within {timeout:g} s{self._unfinished()}"

    def _end_of_output(self) -> str:
        try:
            self._popen.wait(GRACE)
        except subprocess.TimeoutExpired:
            return f"the process is still running, but has closed its standard output{self._unfinished()}"
        return f"the process {self._exit()}{self._unfinished()}"

    def _exit(self) -> str:
        status = self._popen.returncode
        if status >= 0:
            return f"exited with status {status}"
        try:
            return f"was killed by {signal.Signals(-status).name} (signal {-status})"
        except ValueError:
            return f"was killed by signal {-status}"

    def _unfinished(self) -> str:
        return f", in the middle of a line: {shown(bytes(self.output[:1000]))}" if self.output else ""

    def await_end(self, seconds: float) -> None:
        """Close its standard input and wait for it to exit."""
        self._stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(max(seconds, 0))

    def end(self) -> None:
        """End it with all processes of its group."""
        if self._popen.poll() is None:
            # Before its input is closed: it may exit then, without ending its children.
            self._signal(signal.SIGTERM)
        self.await_end(GRACE)
        # Its children may have outlived it, and may ignore SIGTERM.
        self._signal(signal.SIGKILL)
        self.await_end(FAREWELL)
        self._stdout.close()
        self.tail.await_end(GRACE)

    def _signal(self, number: signal.Signals) -> None:
        # No process may be left (on macOS a group of zombies gives PermissionError).
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, number)


class Tail:
    """The last lines of a stream, read by a thread so that the writer never blocks."""

    LONGEST_LINE = 1000  # bytes

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._lines: deque[bytes] = deque(maxlen=KEPT_LINES)
        self._line = b""
        self._thread = threading.Thread(target=self._drain, name="standard error", daemon=True)
        self._thread.start()

    def lines(self) -> list[str]:
        lines = [*self._lines, self._line] if self._line else list(self._lines)
        return [line.decode("utf-8", "replace").rstrip("\r") for line in lines[-KEPT_LINES:]]

    def await_end(self, seconds: float) -> None:
        # Only a process that left the group can keep the stream open; then the thread closes it later.
        self._thread.join(seconds)

    def _drain(self) -> None:
        with self._stream:
            while data := os.read(self._stream.fileno(), 65536):
                *whole, rest = (self._line + data).split(b"\n")
                self._lines.extend(line[: self.LONGEST_LINE] for line in whole[-KEPT_LINES:])
                self._line = rest[: self.LONGEST_LINE]
