"""Standard streams that a program can rely on.

A full disk or a closed pipe behind standard output raises an OSError like that of any file, and once more when Python
flushes its streams at its end, where nobody can catch it. Worse, where a descriptor is closed from the beginning, the
first file that is opened takes its number, and what is printed is written into that file.

So all three descriptors are opened before anything else, and the lowest layer of the streams is one of ours. The first
failure of standard output is an OutputError, and what is written after it is dropped. A failure of standard error is
dropped at once: there is no place left to report it.
"""

import errno
import io
import os
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO


class OutputError(Exception):
    """Standard output cannot be written. `done` says what was done before, where it was more than to look."""

    def __init__(self, why: OSError, done: str = "") -> None:
        super().__init__(why, done)
        self.why = why
        self.done = done

    @property
    def is_quiet(self) -> bool:
        """Whether the reader has left, as `head` does: nothing has to be said then."""
        return isinstance(self.why, BrokenPipeError | ConnectionResetError)


class StoppedError(Exception):
    """Ctrl-C came where it matters whether something was written already; the text says whether."""


@contextmanager
def after(done: str) -> Iterator[None]:
    """Show something once something was done: if it cannot be shown to its end, what was done is said."""
    try:
        yield
        sys.stdout.flush()
    except OutputError as error:
        raise OutputError(error.why, done) from None
    except KeyboardInterrupt:
        raise StoppedError(f"interrupted: {done}" if done else "interrupted") from None


def secure() -> None:
    """Open what is closed of the three descriptors, and put streams upon them that fail in one way."""
    fill_descriptors()
    sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115
    sys.stdout = guarded(sys.stdout, 1, raise_output_error)
    sys.stderr = guarded(sys.stderr, 2, ignore)


def fill_descriptors() -> None:
    """Open the null device as often as descriptors below 3 are free."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) < 3:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)


OnFailure = Callable[[OSError], None]


def raise_output_error(error: OSError) -> None:
    """Standard output has failed."""
    raise OutputError(error)


def ignore(error: OSError) -> None:
    """Standard error has failed."""


def guarded(stream: TextIO | None, descriptor: int, on_failure: OnFailure) -> TextIO:
    """A stream that writes where another one does; None stands for one that was closed."""
    if stream is None:
        closed = OSError(errno.EBADF, "it is closed")
        return io.TextIOWrapper(io.BufferedWriter(Guarded(descriptor, on_failure, closed)), "utf-8", "backslashreplace")
    raw = getattr(stream.buffer, "raw", stream.buffer)
    if not isinstance(raw, io.FileIO):  # a test keeps what is written in memory
        stream.reconfigure(errors="backslashreplace")  # type: ignore[attr-defined]
        return stream
    return io.TextIOWrapper(
        io.BufferedWriter(Guarded(raw.fileno(), on_failure)),
        stream.encoding,
        "backslashreplace",
        line_buffering=bool(stream.line_buffering or getattr(stream, "write_through", False)),
    )


class Guarded(io.FileIO):
    """A descriptor that is written to until it fails once."""

    def __init__(self, descriptor: int, on_failure: OnFailure, failure: OSError | None = None) -> None:
        super().__init__(descriptor, "wb", closefd=False)
        self._on_failure = on_failure
        self._failure = failure
        self._is_lost = False

    def write(self, data: Any) -> int:
        """Write, or drop what cannot be written any more; the number of bytes that need not be written again."""
        if not self._is_lost:
            try:
                return self._written(data)
            except OSError as error:
                self._is_lost = True
                self._on_failure(error)
        return memoryview(data).nbytes

    def _written(self, data: Any) -> int:
        if self._failure:
            raise self._failure
        while (written := super().write(data)) is None:  # the reader of a pipe that does not block is slow
            select.select((), (self,), ())
        return written
