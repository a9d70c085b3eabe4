"""Standard streams: a failure is said once, in one line, and nothing is ever printed into a file of somebody's."""

import io
import os
import select
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from refmodel.cli import streams
from refmodel.cli.starting import performed
from refmodel.cli.streams import OutputError, StoppedError, after, guarded, ignore, raise_output_error, secure

FULL = "/dev/full"


@pytest.fixture
def full() -> Iterator[io.TextIOWrapper]:
    """A stream on a disk that is full, as Python would open it."""
    with open(FULL, "wb", buffering=0) as raw:
        stream = io.TextIOWrapper(io.BufferedWriter(raw), "utf-8")
        yield stream
        stream.detach().detach()


def shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], out: Any, *done: str) -> tuple[int, str]:
    """The exit status of a command that prints to a stream, and what is on standard error then."""

    def command(prog_name: str) -> None:
        if done:
            with after(*done):
                print("something")
        else:
            print("something")

    monkeypatch.setattr(sys, "stdout", out)
    status = performed(command, "python -m conformance")
    return status, capsys.readouterr().err


class TestOutput:
    """Standard output, once it fails."""

    def test_a_full_disk(
        self, full: io.TextIOWrapper, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """One line says what went wrong, and the status is 3; what comes later is dropped without a word."""
        out = guarded(full, 1, raise_output_error)
        line = "conformance: standard output cannot be written: no space left on device"
        assert shown(monkeypatch, capsys, out) == (3, f"{line}\n")
        print("more", flush=True)
        out.close()

    def test_what_was_done_is_said(
        self, full: io.TextIOWrapper, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """In the same line."""
        status, said = shown(monkeypatch, capsys, guarded(full, 1, raise_output_error), "state.json has been saved")
        assert status == 3
        assert said.endswith(": no space left on device; state.json has been saved\n")
        assert said.count("\n") == 1

    def test_a_reader_who_left(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """It is quiet, and the status is that of the signal that ends other programs then."""
        read, write = os.pipe()
        os.close(read)
        with open(write, "w") as pipe:
            out = guarded(pipe, write, raise_output_error)
            assert shown(monkeypatch, capsys, out, "state.json has been saved") == (141, "")

    def test_a_closed_descriptor(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """It is like a full disk, whatever has its number by now."""
        with open(os.devnull, "wb") as other:
            out = guarded(None, other.fileno(), raise_output_error)
            line = "conformance: standard output cannot be written: it is closed\n"
            assert shown(monkeypatch, capsys, out) == (3, line)

    def test_an_interruption(self) -> None:
        """Whoever interrupts while something is shown is told what was done before."""
        for done, text in (("it is saved", "interrupted: it is saved"), ("", "interrupted")):
            with pytest.raises(StoppedError, match=f"^{text}$"), after(done):
                raise KeyboardInterrupt

    def test_a_slow_reader(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A pipe that does not block is waited for, and loses nothing."""
        read, write = os.pipe()
        os.set_blocking(write, False)
        waited, chunks, text = threading.Event(), list[str](), "x" * 1_000_000
        original = select.select

        def waiting(*arguments: Any) -> Any:
            waited.set()
            return original(*arguments)

        def reader() -> None:
            with open(read) as pipe:
                waited.wait(60)
                chunks.append(pipe.read())

        monkeypatch.setattr(select, "select", waiting)
        thread = threading.Thread(target=reader)
        thread.start()
        with open(write, "w") as pipe:
            out = guarded(pipe, write, raise_output_error)
            out.write(text)
            out.flush()
        thread.join()
        assert chunks == [text]

    def test_unbuffered(self, tmp_path: Path) -> None:
        """Where Python does not buffer, every line is there at once."""
        with open(tmp_path / "out", "wb", buffering=0) as raw:
            stream = io.TextIOWrapper(raw, "utf-8", write_through=True)
            out = guarded(stream, 1, raise_output_error)
            out.write("line \u2192\n")
            assert (tmp_path / "out").read_text("utf-8") == "line \u2192\n"


class TestErrors:
    """Standard error, once it fails."""

    def test_what_cannot_be_said_is_dropped(self, full: io.TextIOWrapper) -> None:
        """There is nowhere to say that it cannot be said."""
        for stream in (full, None):
            err = guarded(stream, 2, ignore)
            if stream is None:
                err.flush()
                continue
            print("something", file=err, flush=True)
            print("more", file=err, flush=True)

    def test_letters_that_it_cannot_hold(self) -> None:
        """They are written out."""
        stream = io.TextIOWrapper(io.BytesIO(), "ascii")
        assert guarded(stream, 2, ignore) is stream
        stream.write("\u2192")
        stream.flush()
        assert stream.buffer.getvalue() == rb"\u2192"


def test_all_three_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of the streams is missing afterwards, and the failures of standard output are told apart."""
    fillings: list[bool] = []
    monkeypatch.setattr(streams, "fill_descriptors", lambda: fillings.append(True))
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    secure()
    assert fillings == [True]
    assert sys.stdin is not None
    sys.stderr.write("dropped")
    sys.stderr.flush()
    sys.stdout.write("lost")
    with pytest.raises(OutputError):
        sys.stdout.flush()


def test_the_descriptors_are_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lowest free descriptors are taken until none below 3 is free; the one that is too many is closed."""
    opened, inherited, closed = iter([1, 2, 7]), list[int](), list[int]()
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", lambda *_: next(opened))
        patch.setattr(os, "set_inheritable", lambda descriptor, _: inherited.append(descriptor))
        patch.setattr(os, "close", closed.append)
        streams.fill_descriptors()
    assert (inherited, closed) == ([1, 2], [7])


PROGRAMS = ("refmodel", "conformance")
COMMANDS = {"refmodel": ("rules", "--json"), "conformance": ("deviations", "--json")}


@pytest.mark.parametrize("program", PROGRAMS)
class TestProcesses:
    """The same, of whole processes, with what Python itself says at its end."""

    def run(self, program: str, *arguments: str, closing: Callable[[], object], **more: Any) -> tuple[int, str]:
        command = [sys.executable, "-m", program, *arguments]
        more.setdefault("stderr", subprocess.PIPE)
        done = subprocess.run(command, preexec_fn=closing, check=False, timeout=60, **more)
        return done.returncode, (done.stderr or b"").decode()

    def test_a_full_disk(self, program: str) -> None:
        """Help, and whatever a command prints."""
        for arguments in (COMMANDS[program], (COMMANDS[program][0], "-h")):
            with open(FULL, "w") as out:
                status, err = self.run(program, *arguments, closing=int, stdout=out)
            assert (status, err) == (3, f"{program}: standard output cannot be written: no space left on device\n")

    def test_a_closed_output(self, program: str) -> None:
        """Like a full disk."""
        status, err = self.run(program, *COMMANDS[program], closing=lambda: os.close(1))
        assert (status, err) == (3, f"{program}: standard output cannot be written: it is closed\n")

    def test_nowhere_to_complain(self, program: str) -> None:
        """A usage error has its status, and says nothing where it cannot; all may be closed, and that status counts."""
        with open(FULL, "w") as full:
            assert self.run(program, "nonsense", closing=int, stderr=full)[0] == 2
        assert self.run(program, "nonsense", closing=lambda: os.close(2))[0] == 2
        assert self.run(program, *COMMANDS[program], closing=lambda: os.closerange(0, 3))[0] == 3
        assert self.run(program, *COMMANDS[program], closing=lambda: os.close(0), stdout=subprocess.DEVNULL) == (0, "")


def test_nothing_is_printed_into_the_state(tmp_path: Path) -> None:
    """Where standard output is closed, the state does not take its place."""
    state = tmp_path / "state.json"
    command = [sys.executable, "-m", "refmodel", "new", str(state), "--institution", "north"]
    whole = subprocess.run(command, capture_output=True, check=True, timeout=60) and state.read_bytes()
    state.unlink()
    done = subprocess.run(command, stderr=subprocess.PIPE, preexec_fn=lambda: os.close(1), check=False, timeout=60)
    assert done.returncode == 3
    assert done.stderr.decode() == (
        f"refmodel: standard output cannot be written: it is closed; {state} has been saved\n"
    )
    assert state.read_bytes() == whole
