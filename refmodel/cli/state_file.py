"""A world in a file: read with care, written whole or not at all, and held by one process at a time.

1. Whoever reads a file that is written here sees the old one or the new one, whole, at any moment, even if
   the process is killed or the machine stops: the new one is written beside it, forced to the disk, renamed.
2. Two processes that change one state follow each other: the second reads what the first has written.
3. What somebody else has changed since it was read is never overwritten.
"""

import fcntl
import hashlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from attrs import frozen

from refmodel.cli.beginnings import SlipError, begun
from refmodel.cli.state_format import WORLD_KEYS, check_keys, decoded, encoded, plain_object
from refmodel.formats import LaterVersionError
from refmodel.world import World


class FileError(Exception):
    """A file cannot be read, or written, as it should; the text names it and says what to do."""


def reason(error: OSError) -> str:
    """Why the system would not do it, in lower case and without its number."""
    text = error.strerror or str(error)
    return text[:1].lower() + text[1:]


# Reading.


@frozen
class Reading:
    """What was read of a file at once, and whether the file has stayed what was read."""

    path: Path
    data: bytes
    before: os.stat_result
    after: os.stat_result

    @property
    def is_ordinary(self) -> bool:
        """Whether it is a file that can be looked at again, and no pipe or terminal."""
        return stat.S_ISREG(self.before.st_mode)

    @property
    def changed_meanwhile(self) -> bool:
        """Whether somebody changed the file while it was read."""
        return self.is_ordinary and (
            _touched(self.before) != _touched(self.after) or len(self.data) != self.after.st_size
        )

    def in_doubt(self) -> str:
        """That the file has changed while it was read or since then, in a sentence; nothing where it has not."""
        what = "what is shown is of the file as it was read"
        if self.changed_meanwhile:
            return f"{self.path} changed while it was read, and may not be complete: {what}"
        if self.is_ordinary and not _is_at(self.path, self.after):
            return f"{self.path} has changed since it was read: {what}"
        return ""


def read_bytes(path: Path) -> bytes:
    """All that is in a file; FileError where there is none, or it cannot be read."""
    return reading(path).data


def reading(path: Path) -> Reading:
    """Read a file once, to its end; FileError where there is none, or it cannot be read."""
    try:
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            return Reading(path, _contents(file), before, os.fstat(file.fileno()))
    except FileNotFoundError:
        raise FileError(f"{path}: there is no such file; check the name and the folder") from None
    except IsADirectoryError:
        raise FileError(f"{path}: this is a folder; name a file in it") from None
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {reason(error)}") from None


def _contents(file: IO[bytes]) -> bytes:
    return file.read()


def is_special(path: Path) -> bool:
    """Whether there is something that is neither a file nor a folder: a pipe, a device, a socket."""
    return os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)


# Writing whole files.


def check_target(path: Path) -> None:
    """FileError where no file can be written: no folder, or something there that is not a regular file."""
    target = Path(os.path.realpath(path))
    if not os.path.isdir(target.parent):
        raise FileError(f"{path}: there is no folder {target.parent}; make it, or name another one")
    if os.path.isdir(target):
        raise FileError(f"{path}: this is a folder; name a file in it")
    if is_special(target):
        raise FileError(f"{path}: this is not a regular file, and would be replaced by one; name another")


def check_vacant(path: Path) -> None:
    """FileError where there is a file already, which only force replaces."""
    if os.path.exists(path):
        raise _is_there(path)


def _is_there(path: Path) -> FileError:
    return FileError(f"{path}: there is a file already; name another, or use --force")


def nothing() -> None:
    """What to do where there is nothing to do."""


def write_whole(path: Path, chunks: Iterable[bytes], at_last: Callable[[], None] = nothing) -> None:
    """Put a file in the place of what is there, if anything: all of it, or nothing if that fails.

    A symbolic link stays and its target is replaced; permissions stay as they are. `at_last` is called when
    all is written and nothing is replaced yet: if it raises, nothing is.
    """
    target = Path(os.path.realpath(path))
    with _errors_of(path), _written_beside(target, chunks) as beside:
        at_last()
        os.replace(beside, target)
        sync_folder(target.parent)


def write_new(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file where none is; FileError, and nothing lost, where one has been or has come meanwhile."""
    target = Path(os.path.realpath(path))
    try:
        with _errors_of(path), _written_beside(target, chunks) as beside:
            _name(beside, target)
            sync_folder(target.parent)
    except FileExistsError:
        raise _is_there(path) from None


def written(path: Path, chunks: Iterable[bytes], force: bool) -> None:
    """Write a file; one that is there is replaced by force only."""
    if force:
        write_whole(path, chunks)
    else:
        write_new(path, chunks)


def _name(beside: Path, target: Path) -> None:
    # A link, unlike a rename, fails where a file has come meanwhile; some file systems have no links.
    try:
        os.link(beside, target)
    except FileExistsError:
        raise
    except OSError:
        if os.path.exists(target):
            raise FileExistsError from None
        os.replace(beside, target)


@contextmanager
def _errors_of(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        raise FileError(f"{path}: cannot be written: {reason(error)}; nothing was changed") from None


@contextmanager
def _written_beside(target: Path, chunks: Iterable[bytes]) -> Iterator[Path]:
    descriptor, name = tempfile.mkstemp(prefix=temporary_prefix(target), suffix=".tmp", dir=target.parent)
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            _take_after(target, beside)
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        yield beside
    finally:
        beside.unlink(missing_ok=True)


def temporary_prefix(target: Path) -> str:
    """How the names of temporary files begin that are to become a file."""
    # Of one length for any name, and never the beginning of another's.
    return f".refmodel-{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:20]}-"


def _take_after(target: Path, beside: Path) -> None:
    # mkstemp makes a file that only its owner can read: give it what the one that it replaces has.
    if not os.path.exists(target):
        umask = os.umask(0)
        os.umask(umask)
        beside.chmod(0o666 & ~umask)
        return
    there = target.stat()
    with suppress(PermissionError):
        shutil.chown(beside, there.st_uid, there.st_gid)
    beside.chmod(stat.S_IMODE(there.st_mode))


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# What is in a state.

OF_A_STATE = "use a copy that is whole, or the refmodel that wrote it"
OF_A_BEGINNING = 'write {"institutions":[{"id":"north"}],"employers":[]}, or more of the kind'


def read_world(path: Path) -> World:
    """The world of a state file; FileError where the file holds none."""
    if is_special(path):
        raise FileError(f"{path}: this is not a regular file, and a state must be one; name another")
    return _world(path, read_bytes(path), decoded, OF_A_STATE)


def read_beginning(path: Path) -> World:
    """The world without students that a file of `institutions` and `employers` describes, or FileError."""
    return _world(path, read_bytes(path), _of_a_beginning, OF_A_BEGINNING)


def _world(path: Path, data: bytes, reader: Callable[[bytes], World], what_to_do: str) -> World:
    try:
        return reader(data)
    except UnicodeError:
        raise FileError(f"{path}: it holds text that is not UTF-8; {what_to_do}") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise FileError(f"{path}: {where}: this is not JSON ({error.msg}); {what_to_do}") from None
    except RecursionError:
        raise FileError(f"{path}: the JSON is nested too deeply; {what_to_do}") from None
    except (LaterVersionError, SlipError) as error:
        raise FileError(f"{path}: {error}") from None
    except ValueError as error:
        raise FileError(f"{path}: {error}; {what_to_do}") from None


def _of_a_beginning(data: bytes) -> World:
    described = plain_object(data)
    check_keys("the world", described, WORLD_KEYS)
    return begun(described)


# Holding a state.


@frozen
class Held:
    """A state that this process holds: its world, and a way to put another one in its place."""

    path: Path
    world: World
    seen: os.stat_result

    def save(self, world: World) -> None:
        """Write another world; nothing is written where it is the same one.

        FileError, and nothing is written, where somebody has changed the file since it was read.
        """
        if world is not self.world:
            write_whole(self.path, encoded(world), self._check)

    def _check(self) -> None:
        if not self.is_as_it_was():
            raise FileError(
                f"{self.path}: another program has changed this file since it was read; "
                "nothing was saved, so run the command again"
            )

    def is_as_it_was(self) -> bool:
        """Whether the file is still the one that was read."""
        return _is_at(self.path, self.seen)


def _is_at(path: Path, seen: os.stat_result) -> bool:
    # Whether a file is still where it was seen, and as it was.
    try:
        now = path.stat()
    except OSError:
        return False
    return os.path.samestat(now, seen) and _touched(now) == _touched(seen)


def _touched(there: os.stat_result) -> tuple[int, int]:
    return there.st_size, there.st_mtime_ns


@contextmanager
def held(path: Path, on_wait: Callable[[], None] = nothing) -> Iterator[Held]:
    """Hold a state until the block ends, after waiting for whoever holds it; `on_wait` is told if so."""
    check_target(path)
    with _locked(path, on_wait) as file:
        _sweep(path)
        seen = os.fstat(file.fileno())
        yield Held(path, _world(path, file.read(), decoded, OF_A_STATE), seen)


@contextmanager
def _locked(path: Path, on_wait: Callable[[], None]) -> Iterator[IO[bytes]]:
    # The lock is on the file itself, so none is left over. Who had to wait finds it replaced, and tries again.
    while True:
        with _opened(path) as file:
            _lock(file, on_wait)
            if not _is_still(path, file):
                continue
            yield file
            return


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("r+b")
    except FileNotFoundError:
        raise FileError(f"{path}: there is no such state; create one with: refmodel new {path}") from None
    except OSError as error:
        raise FileError(f"{path}: cannot be changed: {reason(error)}") from None


def _lock(file: IO[bytes], on_wait: Callable[[], None]) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        on_wait()
        fcntl.flock(file, fcntl.LOCK_EX)


def _is_still(path: Path, file: IO[bytes]) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    return False


def _sweep(path: Path) -> None:
    # Only who holds the state writes beside it, so whatever lies there is of a process that was killed.
    target = Path(os.path.realpath(path))
    for left in target.parent.glob(f"{temporary_prefix(target)}*.tmp"):
        with suppress(OSError):
            left.unlink()


def begin(path: Path, world: World, force: bool = False) -> None:
    """Write the first state of a world; one that is there already is replaced by force only."""
    check_target(path)
    if force and os.path.exists(path):
        with _locked(path, nothing):
            write_whole(path, encoded(world))
    else:
        write_new(path, encoded(world))
