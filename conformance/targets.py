"""The transports: one string names an importer, and `connect` opens the conversation with it.

Laws:
1. Whatever an importer does, `handle` answers with plain JSON data or raises Fault, and in time.
2. After a Fault the importer is ended with all that it started; the next request starts it anew.
3. A closed target leaves no process and no open file behind.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import math
import operator
import os
import queue
import select
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback
import types
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any, Literal, Self, TypeVar

from conformance.protocol import requests, responses

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
Kind = Literal["timeout", "ended", "rubbish", "shape", "error", "unreachable"]

LONGEST_RESPONSE = 256 * 1024 * 1024  # bytes
FAREWELL = 2.0  # seconds that an importer has for its goodbye
GRACE = 0.5  # seconds between asking a process to end and ending it
GLANCE = 0.1  # seconds between two looks at whether a silent process still lives
NAG = 0.5  # seconds until an importer that swallowed its time-out is interrupted again
CHUNK = 65536  # bytes, what a pipe holds
KEPT_LINES = 40
now = time.monotonic  # the clock by which a process is waited for


class BadTarget(ValueError):
    """A target that cannot be; the text says what to do."""


class Fault(Exception):
    """The adapter failed, which says nothing about how its importer behaves."""

    def __init__(self, kind: Kind, detail: str, request: Mapping[str, Any], stderr: Sequence[str] = ()) -> None:
        super().__init__(kind, detail, request, stderr)
        self.kind: Kind = kind
        self.detail = detail
        self.request = dict(request)
        self.stderr = list(stderr)

    def __str__(self) -> str:
        lines = [f"{self.kind}: {self.detail}", f"request: {_abbreviated(self.request)}"]
        if self.stderr:
            lines += ["last lines of standard error:", *(f"  {line}" for line in self.stderr)]
        # Half a surrogate pair could not be printed.
        return "\n".join(lines).encode("utf-8", "backslashreplace").decode("utf-8")


class _Trouble(Exception):
    """A fault whose request and last words are not known yet."""

    def __init__(self, kind: Kind, detail: str) -> None:
        super().__init__(kind, detail)
        self.kind: Kind = kind
        self.detail = detail


class _TimeUp(BaseException):
    """Time is up; a BaseException, so that an importer's `except Exception` lets it pass."""


def ask(target: Target, request: dict[str, Any]) -> responses.TypedResponse:
    """The checked response; a response of the wrong shape is a Fault as well."""
    response = target.handle(request)
    try:
        return responses.decode(request["op"], response)
    except responses.WrongShape as wrong:
        raise target.fault("shape", str(wrong), request) from None


def connect(target: str, *, timeout: float = 30.0) -> Target:
    """The importer that the string names; it is started by the first request. BadTarget if it cannot be."""
    if timeout <= 0:
        raise ValueError(f"the timeout is {timeout}, but must be more than 0 seconds")
    scheme, colon, rest = target.partition(":")
    if not colon or scheme not in _OPENERS:
        raise BadTarget(
            f"{target!r} is no target: write python:package.module:factory, cmd:COMMAND ..., or http://host:port/path"
        )
    return _OPENERS[scheme](target, rest, timeout)


class Target(ABC):
    """An importer that can be spoken to, by one thread at a time."""

    def __init__(self, name: str, timeout: float) -> None:
        self.name = name
        self.timeout = timeout
        self.closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        """The raw response to a request, or a Fault."""
        if self.closed:
            raise ValueError(f"{self.name} is closed")
        try:
            return _without_error(self._exchange(request, self.timeout))
        except _Trouble as trouble:
            raise self.fault(trouble.kind, trouble.detail, request) from None
        except BaseException:
            # Half a conversation is none: the next response would answer the question before.
            self._end()
            raise

    def restart(self) -> None:
        """End the importer; the next request starts it anew."""
        self._end()

    def close(self) -> None:
        """Say goodbye, then end the importer. Closing twice is no mistake."""
        self.closed = True
        try:
            if self._is_started():
                self._leave()
        except _Trouble:
            pass
        finally:
            self._end()

    def fault(self, kind: Kind, detail: str, request: Mapping[str, Any]) -> Fault:
        """A Fault of this importer, which is ended first, so that its last words are known."""
        self._end()
        return Fault(kind, detail, request, self._last_lines())

    def _leave(self) -> None:
        self._exchange(requests.bye(), min(FAREWELL, self.timeout))

    def _last_lines(self) -> list[str]:
        return []

    @abstractmethod
    def _is_started(self) -> bool: ...

    @abstractmethod
    def _exchange(self, request: dict[str, Any], timeout: float) -> dict[str, Any]: ...

    @abstractmethod
    def _end(self) -> None: ...


def _without_error(response: dict[str, Any]) -> dict[str, Any]:
    if response.get("error") is not None:
        raise _Trouble("error", f"the importer answered with an error: {_clipped(str(response['error']))}")
    return response


# --------------------------------------------------------- in this process


class PythonTarget(Target):
    """An object with a `handle` method, made by a factory, in this process."""

    def __init__(self, name: str, factory: Callable[[], Any], timeout: float) -> None:
        super().__init__(name, timeout)
        self._factory = factory
        self._guest: _Guest | None = None
        self._worker: _Worker | None = None

    @classmethod
    def open(cls, name: str, rest: str, timeout: float) -> Self:
        module_name, _, attribute = rest.partition(":")
        if not module_name or not attribute:
            raise BadTarget(f"{name!r} is no target: write python:package.module:factory")
        return cls(name, _factory(_module(module_name), attribute), timeout)

    def _is_started(self) -> bool:
        return self._guest is not None

    def _exchange(self, request: dict[str, Any], timeout: float) -> dict[str, Any]:
        sent = _plain(request)
        guest = self._guest = self._guest or _Guest(self._factory)
        try:
            return _plain_object(self._in_time(lambda: guest.answer(sent), timeout))
        except _TimeUp:
            raise _Trouble("timeout", f"no answer within {timeout:g} s") from None

    def _in_time(self, call: Callable[[], T], timeout: float) -> T:
        # An importer may be bound to the thread that made it (sqlite3 is), so it stays with its worker.
        if self._worker is None and _alarm_is_possible():
            return _before_alarm(call, timeout)
        if self._worker is None:
            self._worker = _Worker(self.name)
        return self._worker.run(call, timeout)

    def _end(self) -> None:
        self._guest = None
        if self._worker:
            self._worker.dismiss()
            self._worker = None


class _Guest:
    """One life of an importer in this process; a thread that was abandoned keeps the life that it knows."""

    def __init__(self, factory: Callable[[], Any]) -> None:
        self._factory = factory
        self._importer: Any = None

    def answer(self, request: dict[str, Any]) -> Any:
        if self._importer is None:
            self._importer = self._made()
        return _guarded(lambda: self._importer.handle(request), "the importer raised an exception", "error")

    def _made(self) -> Any:
        importer = _guarded(self._factory, "the factory could not make the importer", "unreachable")
        if not callable(getattr(importer, "handle", None)):
            raise _Trouble("unreachable", f"the factory made {_kind_of(importer)} without a method `handle`")
        return importer


def _module(name: str) -> types.ModuleType:
    _make_current_directory_importable()
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name and f"{name}.".startswith(f"{missing.name}."):
            raise BadTarget(f"no module named {missing.name!r}: install it, or run where it lies") from None
        raise BadTarget(f"module {name!r} cannot be imported, repair it: {missing}") from missing
    except (Exception, SystemExit) as wrong:
        raise BadTarget(f"module {name!r} cannot be imported, repair it:\n{_last_of(wrong)}") from wrong


def _make_current_directory_importable() -> None:
    here = os.getcwd()
    if here not in sys.path and "" not in sys.path:
        sys.path.insert(0, here)


def _factory(module: types.ModuleType, attribute: str) -> Callable[[], Any]:
    try:
        factory = operator.attrgetter(attribute)(module)
    except AttributeError as missing:
        said = str(missing)  # a module that makes its names may know better what is wrong with one
        plain = f"module {module.__name__!r} has no {attribute!r}: name a function in it"
        raise BadTarget(plain if "has no attribute" in said else said) from None
    if not callable(factory):
        raise BadTarget(
            f"{module.__name__}:{attribute} is {_kind_of(factory)}: name a function that returns an importer"
        )
    return factory  # type: ignore[no-any-return]


def _guarded(call: Callable[[], Any], what: str, kind: Kind) -> Any:
    """Whatever the importer raises is trouble, SystemExit and a test framework's skip too, but not Ctrl-C."""
    try:
        with _Interrupts() as interrupts:
            return call()
    except _TimeUp:
        raise
    except BaseException as wrong:
        if isinstance(wrong, KeyboardInterrupt) and interrupts.came:
            raise
        raise _Trouble(kind, f"{what}:\n{_last_of(wrong)}") from None


def _last_of(wrong: BaseException) -> str:
    lines = "".join(traceback.format_exception(wrong)).splitlines()
    return "\n".join(_clipped(line) for line in lines[-12:])


class _Interrupts:
    """Notes whether a KeyboardInterrupt comes from the keyboard or was raised by the importer itself."""

    def __init__(self) -> None:
        self.came = False
        self._before: Any = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            before = signal.getsignal(signal.SIGINT)
            if callable(before):
                self._before = before
                signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before:
            signal.signal(signal.SIGINT, self._before)

    def _note(self, number: int, frame: types.FrameType | None) -> None:
        self.came = True
        self._before(number, frame)


def _alarm_is_possible() -> bool:
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


class _Alarm:
    """Raises _TimeUp in the main thread while it is on."""

    def __init__(self) -> None:
        self.on = True
        self.rang = False

    def ring(self, _number: int, _frame: types.FrameType | None) -> None:
        if self.on:
            self.rang = True
            raise _TimeUp


def _before_alarm(call: Callable[[], T], timeout: float) -> T:
    alarm, started = _Alarm(), time.monotonic()
    handler = signal.signal(signal.SIGALRM, alarm.ring)
    timer = signal.setitimer(signal.ITIMER_REAL, timeout, NAG)
    try:
        try:
            answer = call()
        finally:
            alarm.on = False
    finally:
        # Twice, for the alarm may have rung just before it was put out.
        alarm.on = False
        _restore_alarm(handler, timer, time.monotonic() - started)
    if alarm.rang:
        raise _TimeUp
    return answer


def _restore_alarm(handler: Any, timer: tuple[float, float], elapsed: float) -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL if handler is None else handler)
    remaining, interval = timer
    if remaining:
        signal.setitimer(signal.ITIMER_REAL, max(remaining - elapsed, 0.001), interval)


class _Worker:
    """A thread that runs one call at a time; abandoned when a call does not end."""

    # Not an executor: Python waits at its exit for the threads of those, and a hanging importer never ends.

    def __init__(self, name: str) -> None:
        self._calls: queue.SimpleQueue[Callable[[], Any] | None] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
        threading.Thread(target=self._work, name=name, daemon=True).start()

    def run(self, call: Callable[[], T], timeout: float) -> T:
        self._calls.put(call)
        try:
            value, wrong = self._outcomes.get(timeout=timeout)
        except queue.Empty:
            raise _TimeUp from None
        if wrong is not None:
            raise wrong
        return value  # type: ignore[no-any-return]

    def dismiss(self) -> None:
        self._calls.put(None)

    def _work(self) -> None:
        for call in iter(self._calls.get, None):
            try:
                self._outcomes.put((call(), None))
            except BaseException as wrong:  # whoever waits for the outcome raises it
                self._outcomes.put((None, wrong))


class _NotJson(ValueError):
    """A value that JSON has not; the path grows as it leaves the structure."""

    def __init__(self, what: str, path: str = "") -> None:
        super().__init__(what, path)
        self.what = what
        self.path = path

    def inside(self, step: str) -> _NotJson:
        return _NotJson(self.what, step + self.path)


_ATOMS = frozenset({str, int, bool, types.NoneType})


def _plain_object(response: object) -> dict[str, Any]:
    if not isinstance(response, dict):
        raise _Trouble("rubbish", f"the importer returned {_kind_of(response)}, not a dict")
    try:
        plain: dict[str, Any] = _plain(response)
    except _NotJson as wrong:
        path = wrong.path.removeprefix(".") or "the response"
        raise _Trouble("rubbish", f"{path}: {wrong.what} is not JSON") from None
    except RecursionError:
        raise _Trouble("rubbish", "the response holds itself, or is nested too deeply") from None
    return plain


def _plain(value: Any) -> Any:
    """A copy that shares nothing that can change; _NotJson if JSON could not hold it."""
    if type(value) in _ATOMS:
        return value
    if isinstance(value, dict):
        return _plain_dict(value)
    if isinstance(value, list | tuple):
        return [_plain_item(item, place) for place, item in enumerate(value)]
    return _plain_scalar(value)


def _plain_dict(value: dict[Any, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, item in value.items():
        # Nearly all that an account holds; without this line the copy costs three times as much.
        if type(key) is str and type(item) in _ATOMS:
            plain[key] = item
        else:
            plain[_plain_key(key)] = _plain_item(item, key)
    return plain


def _plain_item(item: Any, step: str | int) -> Any:
    try:
        return _plain(item)
    except _NotJson as wrong:
        raise wrong.inside(f"[{step}]" if isinstance(step, int) else f".{step}") from None


def _plain_key(key: Any) -> str:
    if not isinstance(key, str):
        raise _NotJson(f"the key {key!r}")
    return str.__str__(key)


def _plain_scalar(value: Any) -> str | int | float:
    # Subclasses, such as the members of an enumeration, are what JSON would make of them.
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    raise _NotJson(_kind_of(value) if not isinstance(value, float) else str(value))


# --------------------------------------------------------------- a command


class CommandTarget(Target):
    """A process that reads and writes a JSON object a line."""

    def __init__(self, name: str, command: Sequence[str], timeout: float) -> None:
        super().__init__(name, timeout)
        self._command = list(command)
        self._process: _Process | None = None
        self._words: list[str] = []

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

    def _exchange(self, request: dict[str, Any], timeout: float) -> dict[str, Any]:
        deadline = now() + timeout
        line = _encoded(request) + b"\n"
        if self._process is None:
            self._process = _Process(self._command)
        else:
            self._process.check_silence()
        try:
            return _decoded(self._process.converse(line, deadline))
        except _TimeUp:
            raise _Trouble("timeout", self._process.silence(timeout)) from None

    def _leave(self) -> None:
        deadline = now() + FAREWELL
        super()._leave()
        if self._process:
            self._process.await_end(deadline - now())

    def _end(self) -> None:
        process, self._process = self._process, None
        if process:
            process.end()
            self._words = process.tail.lines()

    def _last_lines(self) -> list[str]:
        return self._words


class _Process:
    """A running command, its pipes, and the bytes that it has said so far."""

    def __init__(self, command: Sequence[str]) -> None:
        pipe = subprocess.PIPE
        try:
            self._popen = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, start_new_session=True
            )
        except OSError as wrong:
            raise _Trouble("unreachable", f"the command could not be started: {wrong}") from None
        assert self._popen.stdin
        assert self._popen.stdout
        assert self._popen.stderr
        self._stdin, self._stdout = self._popen.stdin, self._popen.stdout
        os.set_blocking(self._stdin.fileno(), False)
        os.set_blocking(self._stdout.fileno(), False)
        self._said = bytearray()
        self.tail = _Tail(self._popen.stderr)

    def check_silence(self) -> None:
        """Nobody has asked anything yet, so that whatever was said is none of the conversation."""
        self._hear()
        if self._said:
            said = bytes(self._said).partition(b"\n")[0]
            raise _Trouble("rubbish", f"it wrote to standard output without being asked: {_shown(said)}")

    def converse(self, line: bytes, deadline: float) -> bytes:
        """The line that answers this line. It is sent and heard at once, for the importer may do the same."""
        unsent, end, searched = self._send(memoryview(line)), -1, 0
        while unsent or end < 0:
            if not self._wait(bool(unsent), deadline):
                self._check_alive()
            unsent = self._send(unsent)
            self._hear()
            end = self._said.find(b"\n", searched) if end < 0 else end
            searched = len(self._said)
            self._check_length(end)
        return self._take(end)

    def _take(self, end: int) -> bytes:
        answer = bytes(self._said[:end])
        del self._said[: end + 1]
        return answer

    def _send(self, unsent: memoryview) -> memoryview:
        try:
            return unsent[os.write(self._stdin.fileno(), unsent) :] if unsent else unsent
        except BlockingIOError:
            return unsent
        except BrokenPipeError:
            # It reads no more; whether it still answers, or has ended, its standard output tells.
            return unsent[:0]

    def _hear(self) -> None:
        try:
            heard = os.read(self._stdout.fileno(), CHUNK)
        except BlockingIOError:
            return
        if not heard:
            raise _Trouble("ended", self._end_of_output())
        self._said += heard

    def _wait(self, sending: bool, deadline: float) -> bool:
        """Whether there is something to hear, or room to send, after a glance."""
        remaining = deadline - now()
        if remaining <= 0:
            raise _TimeUp
        poll = select.poll()
        poll.register(self._stdout, select.POLLIN)
        if sending:
            poll.register(self._stdin, select.POLLOUT)
        return bool(poll.poll(math.ceil(min(remaining, GLANCE) * 1000)))

    def _check_alive(self) -> None:
        # A child that it left behind may hold its standard output open for ever.
        if self._popen.poll() is not None:
            self._hear()
            if b"\n" not in self._said:
                raise _Trouble("ended", f"the process ended {self._manner()}{self._unfinished()}")

    def _check_length(self, end: int) -> None:
        if end < 0 and len(self._said) > LONGEST_RESPONSE:
            beginning = _shown(bytes(self._said[:200]))
            raise _Trouble("rubbish", f"a line of more than {LONGEST_RESPONSE} bytes: {beginning}")

    def silence(self, timeout: float) -> str:
        return f"no answer within {timeout:g} s{self._unfinished()}"

    def _end_of_output(self) -> str:
        try:
            self._popen.wait(GRACE)
        except subprocess.TimeoutExpired:
            return f"the process lives, but has closed its standard output{self._unfinished()}"
        return f"the process ended {self._manner()}{self._unfinished()}"

    def _manner(self) -> str:
        status = self._popen.returncode
        if status >= 0:
            return f"with exit status {status}"
        try:
            return f"by {signal.Signals(-status).name} (signal {-status})"
        except ValueError:
            return f"by signal {-status}"

    def _unfinished(self) -> str:
        return f", in the middle of a line: {_shown(bytes(self._said[:1000]))}" if self._said else ""

    def await_end(self, seconds: float) -> None:
        """Close its standard input and let it end of itself."""
        self._stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(max(seconds, 0))

    def end(self) -> None:
        """End it with all that it started in its group."""
        if self._popen.poll() is None:
            # Before its input ends, or it may have ended of itself, untidied, when it is asked.
            self._signal(signal.SIGTERM)
        self.await_end(GRACE)
        # Its children may have outlived it, and may not mind being asked.
        self._signal(signal.SIGKILL)
        self.await_end(FAREWELL)
        self._stdout.close()
        self.tail.await_end(GRACE)

    def _signal(self, number: signal.Signals) -> None:
        # Nobody may be left (of whom a group of zombies gives PermissionError on macOS).
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, number)


class _Tail:
    """The last lines of a stream, which is read by a thread so that who writes there never waits."""

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
        # Only a process that left the group can make this wait; then the thread closes the stream later.
        self._thread.join(seconds)

    def _drain(self) -> None:
        with self._stream:
            while data := os.read(self._stream.fileno(), 65536):
                *whole, rest = (self._line + data).split(b"\n")
                self._lines.extend(line[: self.LONGEST_LINE] for line in whole[-KEPT_LINES:])
                self._line = rest[: self.LONGEST_LINE]


# ------------------------------------------------------------- over the net


class HttpTarget(Target):
    """A server that answers each POST."""

    def __init__(self, name: str, url: httpx.URL, timeout: float) -> None:
        super().__init__(name, timeout)
        self._url = url
        self._client: httpx.Client | None = None
        self._worker: _Worker | None = None

    @classmethod
    def open(cls, name: str, _rest: str, timeout: float) -> Self:
        try:
            import httpx
        except ImportError:
            raise BadTarget(f"{name!r} needs httpx: pip install httpx") from None
        try:
            url = httpx.URL(name)
        except httpx.InvalidURL as wrong:
            raise BadTarget(f"{name!r} is no address ({wrong}): write http://host:port/path") from None
        if not url.host:
            raise BadTarget(f"{name!r} names no host: write http://host:port/path")
        return cls(name, url, timeout)

    def _is_started(self) -> bool:
        return self._client is not None

    def _exchange(self, request: dict[str, Any], timeout: float) -> dict[str, Any]:
        body = _encoded(request)
        try:
            # In a thread, for httpx limits each read and write, and not the whole.
            return _decoded(self._started().run(lambda: self._post(body, timeout), timeout))
        except _TimeUp:
            raise _Trouble("timeout", f"no answer within {timeout:g} s") from None

    def _started(self) -> _Worker:
        import httpx

        if self._client is None:
            self._client = httpx.Client(trust_env=False, follow_redirects=False)
        if self._worker is None:
            self._worker = _Worker(self.name)
        return self._worker

    def _post(self, body: bytes, timeout: float) -> bytes:
        import httpx

        try:
            return self._content(body, timeout)
        except httpx.TimeoutException:
            raise _TimeUp from None
        except httpx.ConnectError as wrong:
            raise _Trouble("unreachable", f"no connection to {self._url}: {wrong}") from None
        except httpx.DecodingError as wrong:
            raise _Trouble("rubbish", f"the body is not as its encoding says: {wrong}") from None
        except httpx.HTTPError as wrong:
            raise _Trouble("ended", f"the connection broke: {wrong or 'no reason was given'}") from None

    def _content(self, body: bytes, timeout: float) -> bytes:
        assert self._client is not None
        headers = {"content-type": "application/json", "accept": "application/json"}
        request = self._client.stream("POST", self._url, content=body, headers=headers, timeout=timeout)
        with request as response:
            content = bytearray()
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > LONGEST_RESPONSE:
                    raise _Trouble("rubbish", f"a body of more than {LONGEST_RESPONSE} bytes")
        if response.status_code != 200:
            status = f"status {response.status_code} {response.reason_phrase}".rstrip()
            raise _Trouble("error", f"{status} instead of 200\n{_first_lines(bytes(content))}".rstrip())
        return bytes(content)

    def _end(self) -> None:
        if self._worker:
            self._worker.dismiss()
            self._worker = None
        if self._client:
            self._client.close()
            self._client = None


_OPENERS: dict[str, Callable[[str, str, float], Target]] = {
    "python": PythonTarget.open,
    "cmd": CommandTarget.open,
    "http": HttpTarget.open,
    "https": HttpTarget.open,
}


# --------------------------------------------------------------------- JSON


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


# The standard library's, for it writes and reads half a surrogate pair, which msgspec does not.
_ENCODER = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":"))
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _encoded(request: dict[str, Any]) -> bytes:
    return _ENCODER.encode(request).encode("ascii")


def _decoded(data: bytes) -> dict[str, Any]:
    try:
        response = _DECODER.decode(data.decode("utf-8"))
    except (ValueError, RecursionError) as wrong:
        raise _Trouble("rubbish", f"no JSON object ({wrong}): {_shown(data)}") from None
    if not isinstance(response, dict):
        raise _Trouble("rubbish", f"{_JSON_KINDS[type(response)]}, not a JSON object: {_shown(data)}")
    return response


_JSON_KINDS: dict[type, str] = {
    list: "an array",
    str: "a string",
    int: "a number",
    float: "a number",
    bool: "a boolean",
    types.NoneType: "null",
}


# ------------------------------------------------------------------ showing


def _kind_of(value: object) -> str:
    return f"a value of type {type(value).__qualname__}"


def _clipped(text: str, length: int = 500) -> str:
    return text if len(text) <= length else f"{text[:length]}... ({len(text)} characters)"


def _shown(data: bytes) -> str:
    return _clipped(data[:4000].decode("utf-8", "backslashreplace")) or "(an empty line)"


def _first_lines(data: bytes) -> str:
    return "\n".join(_clipped(line) for line in data[:4000].decode("utf-8", "replace").splitlines()[:10])


def _abbreviated(request: Mapping[str, Any]) -> str:
    return _clipped(json.dumps(_shortened(request), default=repr), 2000)


def _shortened(value: Any) -> Any:
    if isinstance(value, str):
        return _clipped(value, 200)
    if isinstance(value, Mapping):
        return {str(key): _shortened(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        rest = [f"... ({len(value)} items)"] if len(value) > 20 else []
        return [_shortened(item) for item in value[:20]] + rest
    return value
