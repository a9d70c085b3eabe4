"""The transports: each way to misbehave is a Fault, comes in time, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import copy
import enum
import gzip
import itertools
import json
import math
import os
import pickle
import re
import shlex
import signal
import socket
import sqlite3
import stat
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Protocol, TypeVar

import psutil
import pytest

from conformance.protocol import requests, responses
from conformance.protocol.requests import Received
from conformance.protocol.responses import Response
from conformance.transport import base, http
from conformance.transport import command as processes
from conformance.transport.base import Target, ask
from conformance.transport.faults import BadTarget, Fault
from conformance.transport.targets import connect

OBSERVE = requests.observe()
CLOSE = {"op": "close"}
SOON = 0.3  # seconds until an importer that never answers is stopped
FOR_EVER = 3600.0  # seconds that no test takes: whoever waits for them hangs


def fault_of(target: Target, request: requests.Request = OBSERVE) -> Fault:
    with pytest.raises(Fault) as caught:
        target.handle(request)
    assert caught.value.request == request
    return caught.value


T = TypeVar("T")


class Run(Protocol):
    """A way to run a call: here, or in a thread."""

    def __call__(self, call: Callable[[], T]) -> T: ...


def in_thread(call: Callable[[], T]) -> T:
    outcome: list[T] = []
    thread = threading.Thread(target=lambda: outcome.append(call()))
    thread.start()
    thread.join(10)
    assert outcome, "the call did not end"
    return outcome[0]


class TestBadTarget:
    @pytest.mark.parametrize(
        ("target", "complaint"),
        [
            ("", "write python:package.module:factory, cmd:COMMAND"),
            ("importer", "write python:package.module:factory, cmd:COMMAND"),
            ("ftp://host/", "write python:package.module:factory, cmd:COMMAND"),
            ("python:", "write python:package.module:factory"),
            ("python:json", "write python:package.module:factory"),
            ("python::loads", "write python:package.module:factory"),
            ("python:no_such_package.module:importer", "no module named 'no_such_package': install it"),
            ("python:json.no_such_module:importer", "no module named 'json.no_such_module': install it"),
            ("python:json:importer", "module 'json' has no 'importer': name a function"),
            ("python:math:pi", "math:pi is a value of type float: name a function"),
            ("cmd:", "names no command: write cmd:./importer"),
            ("cmd:  ", "names no command: write cmd:./importer"),
            ("cmd:'open", "check its quotes"),
            ("cmd:./no-such-importer --flag", "no command './no-such-importer': check its path"),
            ("cmd:no-such-importer", "no command 'no-such-importer': check its path"),
            ("http://", "names no host: write http://host:port/path"),
            ("http:host", "names no host: write http://host:port/path"),
            ("https://host:port/", "is not a URL"),
        ],
    )
    def test_what_cannot_be_says_what_to_do(self, target: str, complaint: str) -> None:
        """It is a mistake of whoever wrote the string, and no Fault."""
        with pytest.raises(BadTarget, match=re.escape(complaint)):
            connect(target)

    @pytest.mark.parametrize(
        ("source", "complaint"),
        [
            ("import no_such_dependency", "cannot be imported, repair it: No module named 'no_such_dep"),
            ("1 / 0", "ZeroDivisionError: division by zero"),
            ("raise SystemExit(3)", "SystemExit: 3"),
            ("def importer(:", "SyntaxError"),
        ],
    )
    def test_a_module_that_cannot_be_imported_says_why(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, complaint: str
    ) -> None:
        """Also one that ends Python while it is imported."""
        (tmp_path / "broken_importer.py").write_text(source)
        monkeypatch.syspath_prepend(tmp_path)
        with pytest.raises(BadTarget, match=re.escape(complaint)):
            connect("python:broken_importer:importer")

    def test_the_net_needs_httpx(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Which is not installed with everything."""
        monkeypatch.setitem(sys.modules, "httpx", None)
        with pytest.raises(BadTarget, match="needs httpx: pip install httpx"):
            connect("http://127.0.0.1:1/")

    @pytest.mark.parametrize("timeout", [0, -1])
    def test_there_must_be_time_to_answer(self, timeout: float) -> None:
        """No importer answers in no time."""
        with pytest.raises(ValueError, match="more than 0 seconds"):
            connect("python:json:loads", timeout=timeout)


# --------------------------------------------------------- in this process


class Scripted:
    """An importer in this process that does what the test says."""

    behaviour: Callable[[Received], object] = staticmethod(lambda request: {})
    made = 0

    def __init__(self) -> None:
        type(self).made += 1

    def handle(self, request: Received) -> object:
        return type(self).behaviour(request)


Python = Callable[..., Target]


@pytest.fixture
def python(monkeypatch: pytest.MonkeyPatch) -> Iterator[Python]:
    """Opens an importer with this behaviour; checks that signals are left as they were."""

    def opened(behaviour: Callable[[Received], object], timeout: float = 10.0) -> Target:
        monkeypatch.setattr(Scripted, "behaviour", staticmethod(behaviour))
        monkeypatch.setattr(Scripted, "made", 0)
        return connect(f"python:{__name__}:Scripted", timeout=timeout)

    before = signal.getsignal(signal.SIGALRM), signal.getsignal(signal.SIGINT)
    yield opened
    assert (signal.getsignal(signal.SIGALRM), signal.getsignal(signal.SIGINT)) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def rising(wrong: BaseException) -> Callable[[Received], object]:
    def behaviour(_: Received) -> object:
        raise wrong

    return behaviour


def sleepy(_: Received) -> Response:
    time.sleep(0.2)
    return {}


class Level(enum.StrEnum):
    """As an importer may keep its values."""

    MASTER = "Master"


class TestPython:
    def test_a_request_is_answered(self, python: Python) -> None:
        """With what the importer returned, by one importer for all requests."""
        with python(lambda request: {"accounts": [], "heard": request["op"]}) as target:
            assert target.handle(OBSERVE) == {"accounts": [], "heard": "observe"}
            assert target.handle(requests.bye())["heard"] == "bye"
            assert Scripted.made == 1

    def test_the_current_directory_is_importable(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """As it is for `python -m`."""
        source = "class importer:\n    def handle(self, request): return {'ok': True}\n"
        (tmp_path / "importer_of_here.py").write_text(source)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "path", [path for path in sys.path if path])
        with connect("python:importer_of_here:importer") as target:
            assert target.handle(requests.bye()) == {"ok": True}

    def test_what_the_importer_does_to_a_request_stays_with_it(self, python: Python) -> None:
        """The suite may send the same request again."""

        def spoil(request: Received) -> Response:
            request.get("world", {}).get("institutions", []).clear()
            return {"ok": True}

        request = requests.reset({"institutions": [{"id": "north"}], "employers": []})
        with python(spoil) as target:
            sent = copy.deepcopy(request)
            target.handle(sent)
            assert sent == request

    def test_what_the_importer_does_later_to_a_response_stays_with_it(self, python: Python) -> None:
        """It may answer with what it goes on to change."""
        alive: list[object] = []
        with python(lambda _: {"accounts": alive}) as target:
            before = target.handle(OBSERVE)
            alive.append({"email_address": "a@b.c"})
            assert before == {"accounts": []}

    def test_what_json_would_write_is_plain(self, python: Python) -> None:
        """Tuples are lists, and members of enumerations their values."""
        answer = {"a": (1, 2.5, None, True), "b": Level.MASTER, "c": signal.SIGTERM, "d": [[{"e": "\ud800"}]]}
        with python(lambda _: answer) as target:
            plain = target.handle(OBSERVE)
        assert plain == {"a": [1, 2.5, None, True], "b": "Master", "c": 15, "d": [[{"e": "\ud800"}]]}
        assert (type(plain["b"]), type(plain["c"])) == (str, int)

    @pytest.mark.parametrize(
        ("answer", "detail"),
        [
            (None, "the importer returned a value of type NoneType, not a dict"),
            ([], "the importer returned a value of type list, not a dict"),
            ({"accounts": [{"card": b"x"}]}, "accounts[0].card: a value of type bytes is not JSON"),
            ({"a": {"b": math.nan}}, "a.b: nan is not JSON"),
            ({"a": [math.inf]}, "a[0]: inf is not JSON"),
            ({"a": {1, 2}}, "a: a value of type set is not JSON"),
            ({"a": [{3: "x"}]}, "a[0]: the key 3 is not JSON"),
            ({None: 1}, "the response: the key None is not JSON"),
        ],
    )
    def test_what_is_no_json_object_is_rubbish(self, python: Python, answer: object, detail: str) -> None:
        """The detail says where."""
        with python(lambda _: answer) as target:
            fault = fault_of(target)
        assert (fault.kind, fault.detail) == ("malformed", detail)

    def test_a_response_that_holds_itself_is_rubbish(self, python: Python) -> None:
        """It has no end that could be copied."""
        answer: Response = {}
        answer["again"] = [answer]
        with python(lambda _: answer) as target:
            assert fault_of(target).kind == "malformed"

    @pytest.mark.parametrize(
        ("wrong", "shown"),
        [
            (KeyError("no such key"), "KeyError: 'no such key'"),
            (SystemExit(0), "SystemExit: 0"),
            (KeyboardInterrupt(), "KeyboardInterrupt"),
            (GeneratorExit(), "GeneratorExit"),
            (pytest.skip.Exception("skipped"), "Skipped: skipped"),
            (RecursionError("deep"), "RecursionError: deep"),
        ],
    )
    @pytest.mark.parametrize("run", [lambda call: call(), in_thread], ids=["main", "thread"])
    def test_whatever_is_raised_is_a_fault(self, python: Python, wrong: BaseException, shown: str, run: Run) -> None:
        """The suite goes on; the traceback is shown, and the next request meets a new importer."""
        with python(rising(wrong)) as target:
            fault = run(lambda: fault_of(target))
            assert fault.kind == "error"
            assert "the importer raised an exception" in fault.detail
            assert shown in fault.detail
            run(lambda: fault_of(target))
            assert Scripted.made == 2

    def test_a_real_interrupt_goes_through(self, python: Python) -> None:
        """Who presses Ctrl-C wants the run to end."""
        with (
            python(lambda _: signal.raise_signal(signal.SIGINT)) as target,
            pytest.raises(KeyboardInterrupt),
        ):
            target.handle(OBSERVE)

    def test_an_error_is_a_fault(self, python: Python) -> None:
        """The importer itself says that its adapter failed; no error is none."""
        with python(lambda _: {"error": "no database"}) as target:
            fault = fault_of(target)
        assert (fault.kind, "no database" in fault.detail) == ("error", True)
        with python(lambda _: {"ok": True, "error": None}) as target:
            assert target.handle(OBSERVE)["ok"]

    @pytest.mark.parametrize("run", [lambda call: call(), in_thread], ids=["main", "thread"])
    def test_a_hanging_importer_is_stopped(self, python: Python, run: Run) -> None:
        """In the main thread and in any other; the next request meets a new importer."""
        stop = threading.Event()
        with python(lambda _: {"stopped": stop.wait(FOR_EVER)}, SOON) as target:
            fault = run(lambda: fault_of(target))
            assert (fault.kind, fault.detail) == ("timeout", "no answer within 0.3 s")
            stop.set()
            target.timeout = FOR_EVER
            assert run(lambda: target.handle(OBSERVE)) == {"stopped": True}
            assert Scripted.made == 2

    def test_a_busy_importer_is_stopped(self, python: Python) -> None:
        """It need not wait for anything."""

        def count(_: Received) -> object:
            number = 0
            while True:
                number += 1

        with python(count, SOON) as target:
            assert fault_of(target).kind == "timeout"

    def test_an_importer_that_swallows_its_timeout_is_stopped(self, python: Python) -> None:
        """It is interrupted again, and an answer that comes late is none."""

        def swallow(_: Received) -> object:
            with contextlib.suppress(BaseException):
                time.sleep(20)
            return {}

        def swallow_and_hang(_: Received) -> None:
            with contextlib.suppress(BaseException):
                time.sleep(20)
            time.sleep(20)

        for behaviour in (swallow, swallow_and_hang):
            with python(behaviour, SOON) as target:
                assert fault_of(target).kind == "timeout"

    def test_an_alarm_of_somebody_else_still_rings(self, python: Python) -> None:
        """At its own time or directly afterwards, with its own handler."""
        rang: list[int] = []
        before = signal.signal(signal.SIGALRM, lambda number, _: rang.append(number))
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            with python(sleepy) as target:
                target.handle(OBSERVE)
                while not rang:
                    time.sleep(0.01)
            assert rang == [signal.SIGALRM]
        finally:
            signal.signal(signal.SIGALRM, before)

    def test_an_importer_stays_in_its_thread(self, python: Python) -> None:
        """sqlite3 asks for that."""
        connections: list[sqlite3.Connection] = []

        def count(request: Received) -> object:
            connections.extend([] if connections else [sqlite3.connect(":memory:")])
            if request == CLOSE:
                connections[0].close()
                return {"ok": True}
            return {"one": connections[0].execute("select 1").fetchone()[0]}

        with python(count) as target:
            assert in_thread(lambda: target.handle(OBSERVE)) == {"one": 1}
            assert in_thread(lambda: target.handle(OBSERVE)) == {"one": 1}
            assert target.handle(OBSERVE) == {"one": 1}
            assert target.handle(CLOSE) == {"ok": True}

    @pytest.mark.parametrize(
        ("factory", "detail"),
        [
            (rising(OSError("no database")), "OSError: no database"),
            (lambda _: object(), "a value of type object without a method `handle`"),
        ],
    )
    def test_an_importer_that_cannot_be_made_is_unreachable(
        self, monkeypatch: pytest.MonkeyPatch, factory: Callable[[Received], object], detail: str
    ) -> None:
        """Each request tries again."""
        monkeypatch.setattr(sys.modules[__name__], "Scripted", lambda: factory({}))
        with connect(f"python:{__name__}:Scripted") as target:
            for _ in range(2):
                fault = fault_of(target)
                assert (fault.kind, detail in fault.detail) == ("unreachable", True)

    def test_restart_makes_a_new_importer(self, python: Python) -> None:
        """The next request meets it."""
        with python(lambda _: {}) as target:
            target.handle(OBSERVE)
            target.restart()
            target.handle(OBSERVE)
            assert Scripted.made == 2

    def test_close_says_goodbye(self, python: Python) -> None:
        """Once, if there was a conversation; what the answer is does not matter."""
        heard: list[str] = []

        def note(request: Received) -> Response:
            heard.append(request["op"])
            return {"error": "no"} if request["op"] == "bye" else {}

        with python(note):
            pass
        assert heard == []
        target = python(note)
        target.handle(OBSERVE)
        target.close()
        target.close()
        assert heard == ["observe", "bye"]
        with pytest.raises(ValueError, match="is closed"):
            target.handle(OBSERVE)


# --------------------------------------------------------------- a command

PREAMBLE = """
import json, os, signal, sys, time
def say(value):
    sys.stdout.write(json.dumps(value) + "\\n"); sys.stdout.flush()
def shout(data):
    sys.stdout.buffer.write(data); sys.stdout.flush()
"""
ECHO = """
for line in sys.stdin:
    say({"ok": True, "pid": os.getpid(), "heard": json.loads(line)})
"""
Command = Callable[..., Target]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # What init has not yet buried is dead all the same.
    status = Path(f"/proc/{pid}/stat")
    with contextlib.suppress(OSError):
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    return not status.parent.parent.is_dir()


def assert_ended(pid: int) -> None:
    deadline = time.monotonic() + FOR_EVER
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(pid)


def open_files() -> int:
    return len(os.listdir("/dev/fd"))


def children_of_this_process() -> set[int]:
    """Those that nobody has waited for among them."""
    return {child.pid for child in psutil.Process().children()}


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    """Opens a script; checks that no process, no thread and no file is left."""

    def opened(body: str, timeout: float = FOR_EVER) -> Target:
        script = tmp_path / "an importer.py"
        script.write_text(PREAMBLE + textwrap.dedent(body))
        return connect(f"cmd:{shlex.join([sys.executable, '-IS', str(script)])}", timeout=timeout)

    files, children = open_files(), children_of_this_process()
    yield opened
    assert children_of_this_process() <= children  # of other tests some may be there, and go
    assert "standard error" not in [thread.name for thread in threading.enumerate()]
    assert open_files() == files


class TestCommand:
    def test_a_request_is_answered(self, command: Command) -> None:
        """By one process for the whole run."""
        with command(ECHO) as target:
            first, second = target.handle(OBSERVE), target.handle(requests.hello())
        assert first["pid"] == second["pid"]
        assert (first["heard"], second["heard"]) == (OBSERVE, requests.hello())

    def test_requests_are_ascii_lines(self, command: Command) -> None:
        """Whatever they hold; a response may hold UTF-8, and a lone surrogate when it is escaped."""
        body = """
        for line in sys.stdin.buffer:
            shout(json.dumps({"ascii": line.isascii(), "heard": json.loads(line)}).encode() + b"\\n")
        """
        request = requests.do("sign_up", email="é\n\u2028\0😀\ud800", first_name="x", last_name="y")
        with command(body) as target:
            assert target.handle(request) == {"ascii": True, "heard": request}
        with command('sys.stdin.readline(); shout(\'{"é": "ü😀"}\\r\\n\'.encode()); sys.stdin.readline()') as target:
            assert target.handle(OBSERVE) == {"é": "ü😀"}

    def test_the_command_is_not_run_by_a_shell(self, command: Command, tmp_path: Path) -> None:
        """Its words are its arguments, and its group is its own."""
        script = tmp_path / "show"
        script.write_text(
            f"#!{sys.executable}\nimport json, os, sys\ninput()\n"
            "print(json.dumps({'words': sys.argv[1:], 'leads': os.getsid(0) == os.getpid()}), flush=True)\n"
        )
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        with connect(f"cmd:{script} $HOME 'a b' >x | y") as target:
            assert target.handle(OBSERVE) == {"words": ["$HOME", "a b", ">x", "|", "y"], "leads": True}

    def test_big_messages_do_not_jam(self, command: Command) -> None:
        """Nor does an importer that writes much, on both streams, before it reads all."""
        body = """
        sys.stderr.write("log\\n" * 200_000)
        shout(b'{"big": "' + b"x" * 3_000_000)
        line = sys.stdin.readline()
        shout(b'", "length": %d}\\n' % len(line))
        sys.stdin.readline()
        """
        request = requests.import_("north", b"x" * 3_000_000, "manual", False, "yyyy-mm-dd")
        with command(body) as target:
            answer = target.handle(request)
        assert len(answer["big"]) == 3_000_000
        assert answer["length"] > 4_000_000

    def test_an_answer_may_come_in_pieces(self, command: Command) -> None:
        """Even within a letter, and before its request was read."""
        body = """
        for piece in (b'{"ok"', b': "', b'\\xc3', b'\\xa9"}', b'\\n'):
            shout(piece); time.sleep(0.02)
        sys.stdin.readline()
        """
        with command(body) as target:
            assert target.handle(OBSERVE) == {"ok": "é"}

    @pytest.mark.parametrize(
        ("body", "detail"),
        [
            ("time.sleep(3600)", "no answer within 0.3 s"),
            ("shout(b'{\"a\"'); time.sleep(3600)", 'no answer within 0.3 s, in the middle of a line: {"a"'),
            ("while True: shout(b'x'); time.sleep(0.01)", "no answer within 0.3 s, in the middle of a line: x"),
        ],
    )
    def test_a_hanging_importer_is_stopped(
        self, command: Command, body: str, detail: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Also one that says something now and then, but never ends its line."""
        heard: list[bytes] = []
        wait = processes.Process.wait

        def waiting(process: processes.Process, sending: bool, deadline: float) -> bool:
            heard[:] = [bytes(process.output)]
            return wait(process, sending, deadline)

        # The time is up once something was heard, or at once where nothing ever will be.
        looks = itertools.count()
        monkeypatch.setattr(processes.Process, "wait", waiting)
        is_heard = any if "shout" in body else lambda _: next(looks) > 0
        monkeypatch.setattr(processes, "now", lambda: FOR_EVER if is_heard(heard) else 0.0)
        with command(body, SOON) as target:
            fault = fault_of(target)
        assert fault.kind == "timeout"
        assert detail in fault.detail

    @pytest.mark.parametrize(
        ("body", "detail"),
        [
            ("sys.exit(3)", "the process exited with status 3"),
            ("pass", "the process exited with status 0"),
            ("os.kill(os.getpid(), signal.SIGKILL)", "the process was killed by SIGKILL (signal 9)"),
            ("os.kill(os.getpid(), 40)", "the process was killed by signal 40"),
            ("shout(b'{\"acc'); os._exit(1)", 'exited with status 1, in the middle of a line: {"acc'),
            ("os.close(1); time.sleep(3600)", "the process is still running, but has closed its standard output"),
            ("os.close(0); sys.exit(4)", "the process exited with status 4"),
        ],
    )
    @pytest.mark.parametrize("size", [1, 1_000_000])
    def test_an_importer_that_ends_is_a_fault(self, command: Command, body: str, detail: str, size: int) -> None:
        """With its exit status or signal, whether or not it read the request."""
        request = requests.do("confirm_email", email="x" * size)
        with command(f"size = {size}\nif size == 1: sys.stdin.readline()\n{body}") as target:
            fault = fault_of(target, request)
        assert (fault.kind, detail in fault.detail) == ("exited", True), fault.detail

    @pytest.mark.parametrize(
        ("said", "detail"),
        [
            (b"Listening on port 80\n", "Listening on port 80"),
            (b"\n", "(an empty line)"),
            (b"[1]\n", "an array, not a JSON object: [1]"),
            (b'"x"\n', "a string, not a JSON object"),
            (b"null\n", "null, not a JSON object"),
            (b"1.5\n", "a number, not a JSON object"),
            (b"true\n", "a boolean, not a JSON object"),
            (b'{"a": NaN}\n', "NaN is not JSON"),
            (b'{"a": [-Infinity]}\n', "-Infinity is not JSON"),
            (b'{"a": "\xff"}\n', "can't decode byte 0xff"),
            (b'{"a": "\xed\xa0\x80"}\n', "can't decode byte 0xed"),
            (b"{'a': 1}\n", "Expecting property name"),
            (b'{"a": 1} {"b": 2}\n', "Extra data"),
            (b"[" * 100_000 + b"\n", "not a JSON object"),
        ],
    )
    def test_a_line_that_is_no_json_object_is_rubbish(self, command: Command, said: bytes, detail: str) -> None:
        """The line is shown."""
        with command(f"sys.stdin.readline(); shout({said!r}); sys.stdin.readline()") as target:
            fault = fault_of(target)
        assert (fault.kind, detail in fault.detail) == ("malformed", True), fault.detail
        assert len(str(fault)) < 2000

    def test_a_line_without_end_is_rubbish(self, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is heard up to a bound, long before the time is up."""
        monkeypatch.setattr(processes, "LONGEST_RESPONSE", 1_000_000)
        with command("while True: shout(b'x' * 65536)") as target:
            fault = fault_of(target)
        assert (fault.kind, "a line of more than 1000000 bytes: xxx" in fault.detail) == ("malformed", True)

    def test_a_log_between_responses_is_rubbish(self, command: Command) -> None:
        """It is shown, and never taken for the response to what comes next."""
        body = """
        for line in sys.stdin:
            shout(b'{"ok": true}\\n{"level": "info"}\\nmore\\n')
        """
        with command(body) as target:
            assert target.handle(OBSERVE) == {"ok": True}
            time.sleep(0.05)
            fault = fault_of(target)
        assert fault.kind == "malformed"
        assert fault.detail == 'it wrote to standard output without a request: {"level": "info"}'

    def test_an_end_between_requests_is_told_at_the_next(self, command: Command) -> None:
        """With its status; the request after that meets a new process."""
        with command("line = sys.stdin.readline(); say({'pid': os.getpid()}); sys.exit(5)") as target:
            first = target.handle(OBSERVE)["pid"]
            fault = fault_of(target)
            assert (fault.kind, "exited with status 5" in fault.detail) == ("exited", True)
            assert target.handle(OBSERVE)["pid"] != first

    def test_a_flood_of_logs_does_no_harm(self, command: Command) -> None:
        """Standard error is read all the time, and its last lines are kept."""
        body = """
        sys.stdin.readline()
        for number in range(100_000): sys.stderr.write(f"line {number}\\n")
        sys.stderr.write("unfinished \\xff" + "x" * 100_000)
        sys.stderr.flush()
        say({"ok": True})
        sys.stdin.readline()
        sys.exit(1)
        """
        with command(body) as target:
            assert target.handle(OBSERVE) == {"ok": True}
            fault = fault_of(target)
        assert fault.kind == "exited"
        assert len(fault.stderr) == processes.KEPT_LINES
        assert fault.stderr[-2] == "line 99999"
        assert fault.stderr[-1].startswith("unfinished")
        assert len(fault.stderr[-1]) <= 1000
        assert "  line 99999\n" in str(fault)

    def test_an_importer_that_only_logs_is_stopped(self, command: Command) -> None:
        """A flood of logs is no answer."""
        with command("while True: sys.stderr.write('busy\\n')", SOON) as target:
            fault = fault_of(target)
        assert fault.kind == "timeout"
        assert fault.stderr[-1].startswith("busy")

    def test_an_error_is_a_fault(self, command: Command) -> None:
        """The importer itself says that its adapter failed, and its logs are shown."""
        body = """
        sys.stdin.readline()
        print("log", file=sys.stderr)
        say({"error": "no database"})
        sys.stdin.readline()
        """
        with command(body) as target:
            fault = fault_of(target)
        assert (fault.kind, fault.stderr) == ("error", ["log"])
        assert "no database" in fault.detail

    def test_what_it_leaves_behind_ends_too(self, command: Command) -> None:
        """A child that minds neither its parent's end nor being asked, and holds the streams open."""
        body = """
        sys.stdin.readline()
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(3600)
            os._exit(0)
        say({"child": child})
        sys.stdin.readline()
        os._exit(7)
        """
        with command(body) as target:
            child = target.handle(OBSERVE)["child"]
            assert is_alive(child)
            fault = fault_of(target)
            assert (fault.kind, "exited with status 7" in fault.detail) == ("exited", True)
            assert_ended(child)

    def test_who_left_the_group_does_not_hold_up_the_suite(self, command: Command) -> None:
        """A daemon is not the suite's to end, even if it holds the streams open."""
        body = """
        sys.stdin.readline()
        child = os.fork()
        if child == 0:
            os.setsid()
            os.write(ours, b"!")
            time.sleep(3600)
            os._exit(0)
        os.read(theirs, 1)
        say({"child": child})
        sys.stdin.readline()
        """
        with command(f"theirs, ours = os.pipe()\n{textwrap.dedent(body)}") as target:
            daemon = target.handle(OBSERVE)["child"]
            target.restart()
            assert is_alive(daemon)
        os.kill(daemon, signal.SIGKILL)
        assert_ended(daemon)
        for thread in threading.enumerate():
            if thread.name == "standard error":
                thread.join(FOR_EVER)

    def test_who_ignores_being_asked_to_end_is_ended(self, command: Command) -> None:
        """Within a short grace, at a time-out and at the close."""
        stubborn = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        with command(stubborn + "sys.stdin.readline(); say({'pid': os.getpid()}); time.sleep(3600)") as target:
            pid = target.handle(OBSERVE)["pid"]
            target.close()
            assert_ended(pid)

    def test_who_is_asked_to_end_may_tidy_up(
        self, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """SIGTERM comes first; how long after it the end comes does not matter here."""
        monkeypatch.setattr(processes, "GRACE", FOR_EVER)
        tidied = tmp_path / "tidied"
        body = f"""
        def tidy(*_):
            open({str(tidied)!r}, "w").close()
            sys.exit(0)
        signal.signal(signal.SIGTERM, tidy)
        """
        with command(textwrap.dedent(body) + ECHO) as target:
            target.handle(OBSERVE)
            target.restart()
            assert tidied.exists()

    def test_restart_starts_a_new_process(self, command: Command) -> None:
        """And ends the old one."""
        with command(ECHO) as target:
            first = target.handle(OBSERVE)["pid"]
            target.restart()
            assert_ended(first)
            assert target.handle(OBSERVE)["pid"] != first

    def test_close_says_goodbye(self, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """And lets the process end of itself."""
        for module in (base, processes):
            monkeypatch.setattr(module, "FAREWELL", FOR_EVER)
        heard = tmp_path / "heard"
        body = f"""
        for line in sys.stdin:
            open({str(heard)!r}, "a").write(json.loads(line)["op"] + " ")
            say({{"ok": True}})
        time.sleep(0.1)
        open({str(heard)!r}, "a").write("end")
        """
        target = command(body)
        target.handle(OBSERVE)
        target.close()
        target.close()
        assert heard.read_text() == "observe bye end"
        with pytest.raises(ValueError, match="is closed"):
            target.handle(OBSERVE)

    def test_an_interrupt_ends_the_process(self, command: Command) -> None:
        """Half a conversation is not carried on."""
        body = """
        sys.stdin.readline()
        say({"pid": os.getpid()})
        sys.stdin.readline()
        os.kill(os.getppid(), signal.SIGINT)
        time.sleep(3600)
        """
        with command(body) as target:
            pid = target.handle(OBSERVE)["pid"]
            with pytest.raises(KeyboardInterrupt):
                target.handle(OBSERVE)
            assert_ended(pid)

    def test_what_cannot_be_executed_is_unreachable(self, tmp_path: Path) -> None:
        """It is a command, but for another machine."""
        script = tmp_path / "importer"
        script.write_bytes(b"\x7fELF of another kind")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        with connect(f"cmd:{script}") as target:
            assert fault_of(target).kind == "unreachable"


# ------------------------------------------------------------- over the net

Answer = tuple[int, dict[str, str], bytes]


class Server(ThreadingHTTPServer):
    """A server on this machine that does what the test says."""

    daemon_threads = True
    answer: Callable[[bytes], Answer] = staticmethod(lambda body: (200, {}, body))
    behave: Callable[[BaseHTTPRequestHandler], None] | None = None
    types_heard: list[str | None]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/importer"


class Handler(BaseHTTPRequestHandler):
    """Answers as its server says."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.types_heard.append(self.headers["content-type"])
        if self.server.behave:
            self.server.behave(self)
            self.close_connection = True
            return
        status, headers, content = self.server.answer(body)
        self.send_response(status)
        for name, value in ({"content-length": str(len(content))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as serving:
        serving.types_heard = []
        threading.Thread(target=serving.serve_forever, args=(0.01,), daemon=True).start()
        yield serving
        serving.shutdown()


def trickle(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("content-length", "1000")
    handler.end_headers()
    with contextlib.suppress(OSError):  # until the client has gone
        while True:
            handler.wfile.write(b" ")
            time.sleep(0.02)


def hang(handler: BaseHTTPRequestHandler) -> None:
    with contextlib.suppress(OSError):
        while handler.connection.recv(1):  # until the client has gone
            pass


class TestHttp:
    def test_a_request_is_answered(self, server: Server) -> None:
        """Posted as ASCII JSON."""
        server.answer = lambda body: (200, {}, json.dumps([body.isascii(), json.loads(body)]).join(
            ['{"heard": ', "}"]).encode())  # fmt: skip
        request = requests.do("sign_up", email="é😀\ud800", first_name="x", last_name="y")
        with connect(server.url) as target:
            assert target.handle(request) == {"heard": [True, request]}
        assert server.types_heard == ["application/json", "application/json"]

    def test_no_proxy_of_the_environment_is_asked(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        """The target is where its string says."""
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
        monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
        with connect(server.url) as target:
            assert target.handle(OBSERVE) == OBSERVE

    @pytest.mark.parametrize(
        ("answer", "kind", "detail"),
        [
            (
                (500, {}, b"Traceback\nKeyError"),
                "error",
                "status 500 Internal Server Error instead of 200\nT",
            ),
            ((404, {}, b""), "error", "status 404 Not Found instead of 200"),
            ((201, {}, b"{}"), "error", "status 201 Created instead of 200"),
            ((302, {"location": "/"}, b""), "error", "status 302 Found instead of 200"),
            ((200, {}, b"<html>"), "malformed", "not a JSON object"),
            ((200, {}, b""), "malformed", "not a JSON object"),
            ((200, {}, b"[]"), "malformed", "an array, not a JSON object"),
            ((200, {}, b'{"a": NaN}'), "malformed", "NaN is not JSON"),
            ((200, {}, b'{"a": "\xff"}'), "malformed", "can't decode byte 0xff"),
            ((200, {"content-encoding": "gzip"}, b"{}"), "malformed", "cannot be decoded"),
            ((200, {"content-length": "1000"}, b"{}"), "timeout", "no answer within 0.3 s"),
            ((200, {}, b'{"error": "no database"}'), "error", "no database"),
        ],
    )
    def test_what_is_no_answer_is_a_fault(self, server: Server, answer: Answer, kind: str, detail: str) -> None:
        """With the beginning of the body."""
        server.answer = lambda body: answer
        with connect(server.url, timeout=SOON if kind == "timeout" else FOR_EVER) as target:
            fault = fault_of(target)
        assert (fault.kind, detail in fault.detail) == (kind, True), fault.detail

    def test_a_compressed_answer_is_an_answer(self, server: Server) -> None:
        """Servers do so by themselves."""
        server.answer = lambda body: (200, {"content-encoding": "gzip"}, gzip.compress(body))
        with connect(server.url) as target:
            assert target.handle(OBSERVE) == OBSERVE

    @pytest.mark.parametrize("behave", [trickle, hang], ids=["trickle", "hang"])
    def test_the_time_is_for_the_whole_answer(
        self, server: Server, behave: Callable[[BaseHTTPRequestHandler], None]
    ) -> None:
        """However often a little of it comes."""
        server.behave = behave
        with connect(server.url, timeout=SOON) as target:
            assert fault_of(target).kind == "timeout"
            server.behave = None
            target.timeout = FOR_EVER
            assert target.handle(OBSERVE) == OBSERVE

    def test_a_body_without_end_is_rubbish(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is read up to a bound."""
        monkeypatch.setattr(http, "LONGEST_RESPONSE", 1000)
        server.answer = lambda body: (200, {}, b"x" * 2000)
        with connect(server.url) as target:
            fault = fault_of(target)
        assert (fault.kind, fault.detail) == ("malformed", "a body of more than 1000 bytes")

    def test_a_broken_connection_is_an_end(self, server: Server) -> None:
        """Nothing was answered."""
        server.behave = lambda handler: None
        with connect(server.url) as target:
            assert fault_of(target).kind == "exited"

    def test_where_nobody_listens_is_unreachable(self) -> None:
        """The address is named."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{free.getsockname()[1]}/"
            with connect(url) as target:
                fault = fault_of(target)
        assert (fault.kind, url in fault.detail) == ("unreachable", True)


# -------------------------------------------------------------------- shown


class TestFault:
    def test_it_tells_all_that_is_known(self) -> None:
        """The kind, the detail, the request and the last lines of the logs."""
        fault = Fault("exited", "it ended", OBSERVE, ["first", "second"])
        assert str(fault) == (
            'exited: it ended\nrequest: {"op": "observe"}\nlast lines of standard error:\n  first\n  second'
        )

    def test_a_huge_request_is_abbreviated(self) -> None:
        """A file of a megabyte would hide the rest."""
        huge = requests.reset({"institutions": [{"id": "x" * 10_000}] * 1000, "employers": ["a@b.c"] * 1000})
        text = str(Fault("timeout", "no answer", huge))
        assert len(text) < 2500
        assert "(10000 characters)" in text
        file = requests.import_("north", b"x" * 1_000_000, "manual", False, "yyyy-mm-dd")
        assert len(str(Fault("timeout", "no answer", file))) < 500

    def test_it_can_always_be_printed(self) -> None:
        """A lone surrogate too."""
        text = str(Fault("error", "no \ud800", {"op": "observe"}, ["\ud800"]))
        assert text.encode("utf-8").startswith(b"error: no \\ud800\n")

    def test_it_survives_the_way_to_another_process(self) -> None:
        """Suites run in parallel send what they raise."""
        fault = pickle.loads(pickle.dumps(Fault("exited", "it ended", OBSERVE, ["log"])))
        assert (fault.kind, fault.detail, fault.request, fault.stderr) == (
            "exited",
            "it ended",
            OBSERVE,
            ["log"],
        )


class TestAsk:
    def test_a_good_response_is_decoded(self, python: Python) -> None:
        """As its request asks."""
        with python(lambda _: {"accounts": []}) as target:
            assert ask(target, OBSERVE) == responses.Observed([])

    def test_a_wrong_shape_is_a_fault(self, command: Command) -> None:
        """With the path and the logs, and the next request meets a new importer."""
        body = """
        print("log", file=sys.stderr, flush=True)
        for line in sys.stdin:
            say({"accounts": [{"email_address": None, "pid": os.getpid()}]})
        """
        with command(body) as target:
            first = target.handle(OBSERVE)["accounts"][0]["pid"]
            with pytest.raises(Fault) as caught:
                ask(target, OBSERVE)
            assert_ended(first)
            assert target.handle(OBSERVE)["accounts"][0]["pid"] != first
        fault = caught.value
        assert (fault.kind, fault.stderr, fault.request) == ("shape", ["log"], OBSERVE)
        assert fault.detail.startswith("accounts[0].email_address: expected a text")
