"""A world in a file: read with care, written whole or not at all, and held by one process at a time.

1. Whoever reads a file that is written here sees the old one or the new one, whole, at any moment, even if
   the process is killed or the machine stops: the new one is written beside it, forced to the disk, renamed.
2. Two processes that change one state follow each other: the second reads what the first has written.
3. What somebody else has changed since it was read is never overwritten.
"""

import fcntl
import glob
import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from attrs import frozen

from refmodel.plain import STANDING, STATE_VERSION, restored, saved, world_of
from refmodel.schema import COLUMNS, DISABLED, EMAIL_ADDRESS, Column, Kind
from refmodel.world import World


class FileError(Exception):
    """A file cannot be read, or written, as it should; the text names it and says what to do."""


def reason(error: OSError) -> str:
    """Why the system would not do it, in lower case and without its number."""
    text = error.strerror or str(error)
    return text[:1].lower() + text[1:]


# Reading.


def read_bytes(path: Path) -> bytes:
    """All that is in a file; FileError where there is none, or it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise FileError(f"{path}: there is no such file; check the name and the folder") from None
    except IsADirectoryError:
        raise FileError(f"{path}: this is a folder; name a file in it") from None
    except OSError as error:
        raise FileError(f"{path}: cannot be read: {reason(error)}") from None


# Writing whole files.


def check_target(path: Path) -> None:
    """FileError where no file can be written: no folder, or something there that is no ordinary file."""
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise FileError(f"{path}: there is no folder {target.parent}; make it, or name another one")
    if target.is_dir():
        raise FileError(f"{path}: this is a folder; name a file in it")
    if target.exists() and not target.is_file():
        raise FileError(f"{path}: this is no ordinary file, and would be replaced by one; name another")


def write_whole(path: Path, chunks: Iterable[bytes]) -> None:
    """Put a file in the place of what is there, if anything: all of it, or nothing if that fails.

    A symbolic link stays and its target is replaced; permissions stay as they are.
    """
    target = Path(os.path.realpath(path))
    with _errors_of(path), _written_beside(target, chunks) as beside:
        os.replace(beside, target)
        _sync(target.parent)


def write_new(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a file where none is; FileError, and nothing lost, where one has been or has come meanwhile."""
    target = Path(os.path.realpath(path))
    try:
        with _errors_of(path), _written_beside(target, chunks) as beside:
            _name(beside, target)
            _sync(target.parent)
    except FileExistsError:
        raise FileError(f"{path}: there is a file already; name another, or use --force") from None


def _name(beside: Path, target: Path) -> None:
    # A link, unlike a rename, fails where a file has come meanwhile; some file systems have no links.
    try:
        os.link(beside, target)
    except FileExistsError:
        raise
    except OSError:
        if target.exists():
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
    descriptor, name = tempfile.mkstemp(prefix=_prefix(target), suffix=".tmp", dir=target.parent)
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


def _prefix(target: Path) -> str:
    return f".{target.name[:40]}.refmodel-"


def _take_after(target: Path, beside: Path) -> None:
    # mkstemp makes a file that only its owner can read: give it what the one that it replaces has.
    if not target.exists():
        umask = os.umask(0)
        os.umask(umask)
        beside.chmod(0o666 & ~umask)
        return
    there = target.stat()
    with suppress(PermissionError):
        shutil.chown(beside, there.st_uid, there.st_gid)
    beside.chmod(stat.S_IMODE(there.st_mode))


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# What is in a state.

Check = Callable[[Any], bool]
STATE_KEYS = frozenset(("refmodel", "institutions", "employers", "accounts"))
WORLD_KEYS = frozenset(("institutions", "employers"))
ACCOUNT_KEYS = frozenset((*(column.header for column in COLUMNS), *STANDING, "last_applied"))
HALF_A_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")  # may be one: only then is it worth looking


def is_text(value: Any) -> bool:
    """Whether this is a text."""
    return isinstance(value, str)


def is_word(value: Any) -> bool:
    """Whether this is true or false."""
    return isinstance(value, bool)


def is_texts(value: Any) -> bool:
    """Whether this is a list of texts."""
    return isinstance(value, list) and all(map(is_text, value))


def or_null(check: Check) -> Check:
    """The same check, which null passes too."""
    return lambda value: value is None or check(value)


def _check_of(column: Column) -> Check:
    if column.holds_list:
        return is_texts
    check = is_word if column.kind is Kind.BOOLEAN else is_text
    return check if column in (EMAIL_ADDRESS, DISABLED) else or_null(check)


INSTITUTION_CHECKS: Mapping[str, Check] = {
    "id": is_text,
    "domains": or_null(is_texts),
    "campuses": or_null(is_texts),
    "staff": or_null(is_texts),
    "uses_sso": or_null(is_word),
    "vocabulary": or_null(is_text),
}
ACCOUNT_CHECKS: Mapping[str, Check] = {column.header: _check_of(column) for column in COLUMNS} | {
    "institution": or_null(is_text),
    "pending_at": or_null(is_text),
    "declined_by": is_texts,
    "excluded_from_sync": is_word,
    "requested_email": or_null(is_text),
}


def read_world(path: Path) -> World:
    """The world of a state file; FileError where the file holds none."""
    return _world(path, read_bytes(path), _of_a_state)


def read_beginning(path: Path) -> World:
    """The world without students that a file of `institutions` and `employers` describes, or FileError."""
    return _world(path, read_bytes(path), _of_a_beginning)


def _world(path: Path, data: bytes, reader: Callable[[dict[str, Any]], World]) -> World:
    try:
        return reader(_object(data))
    except UnicodeError:
        raise FileError(f"{path}: the text is not UTF-8; nothing was changed") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise FileError(
            f"{path}: {where}: this is not JSON ({error.msg}); if the file was cut or edited, use a copy of it"
        ) from None
    except RecursionError:
        raise FileError(f"{path}: the JSON is nested too deeply to be a world") from None
    except ValueError as error:
        raise FileError(f"{path}: {error}") from None


def _object(data: bytes) -> dict[str, Any]:
    found = json.loads(data.decode("utf-8-sig"))
    if not isinstance(found, dict):
        raise ValueError("this is JSON, but no object, so no world; begin one with: refmodel new")
    if HALF_A_PAIR.search(data):
        json.dumps(found, ensure_ascii=False).encode()
    return found


def _of_a_state(data: dict[str, Any]) -> World:
    if "refmodel" not in data:
        raise ValueError('this is JSON, but no state: it lacks "refmodel"; begin one with: refmodel new')
    if data["refmodel"] != STATE_VERSION:
        raise ValueError(
            f"this is a state of version {data['refmodel']!r}, and version {STATE_VERSION} is understood here; "
            "use the refmodel that wrote it"
        )
    if isinstance(data.get("accounts"), list):
        for place, entry in enumerate(data["accounts"], start=1):
            _check_account(place, entry)
    _check_beginning({key: value for key, value in data.items() if key in WORLD_KEYS})
    world = restored(data)
    _check_keys("the state", data, STATE_KEYS)
    return world


def _of_a_beginning(data: dict[str, Any]) -> World:
    _check_keys("the world", data, WORLD_KEYS)
    _check_beginning(data)
    return world_of(data)


def _check_beginning(data: Mapping[str, Any]) -> None:
    institutions = data.get("institutions", [])
    if not isinstance(institutions, list):
        raise ValueError('"institutions" is no list')
    for place, entry in enumerate(institutions, start=1):
        _check_entry(f"institution {place}", entry, INSTITUTION_CHECKS)
        if "id" not in entry:
            raise ValueError(f'institution {place}: it has no "id"')
    if not or_null(is_texts)(data.get("employers")):
        raise ValueError('"employers" is no list of e-mail addresses')


def _check_account(place: int, entry: Any) -> None:
    name = f"account {place}"
    _check_entry(name, entry, ACCOUNT_CHECKS, ACCOUNT_KEYS)
    if missing := ACCOUNT_KEYS - entry.keys():
        raise ValueError(f"{name}: it lacks {', '.join(map(repr, sorted(missing)))}")


def _check_entry(name: str, entry: Any, checks: Mapping[str, Check], keys: frozenset[str] | None = None) -> None:
    if not isinstance(entry, dict):
        raise ValueError(f"{name}: it is no object")
    _check_keys(name, entry, keys or frozenset(checks))
    for key, fits in checks.items():
        if key in entry and not fits(entry[key]):
            raise ValueError(f"{name}: {key!r} cannot be {json.dumps(entry[key])[:40]}")


def _check_keys(name: str, data: Mapping[str, Any], keys: frozenset[str]) -> None:
    if unknown := data.keys() - keys:
        raise ValueError(f"{name} has an unknown {', '.join(map(repr, sorted(unknown)))}")


def as_state(world: World) -> Iterator[bytes]:
    """A world as the bytes of a state file, piece by piece: JSON, each student on a line of their own."""
    data = saved(world)
    accounts = data.pop("accounts")
    yield _json(data)[:-1] + b',"accounts":['
    for place, account in enumerate(accounts):
        yield (b",\n" if place else b"\n") + _json(account)
    yield b"\n]}\n"


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


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
        if world is self.world:
            return
        if not _is_as_it_was(self.path, self.seen):
            raise FileError(
                f"{self.path}: another program has changed this file since it was read; "
                "nothing was saved, so run the command again"
            )
        write_whole(self.path, as_state(world))


def _is_as_it_was(path: Path, seen: os.stat_result) -> bool:
    with suppress(OSError):
        now = path.stat()
        return os.path.samestat(now, seen) and (now.st_size, now.st_mtime_ns) == (
            seen.st_size,
            seen.st_mtime_ns,
        )
    return False


def patience() -> None:
    """What to do while another process holds the state: nothing but wait."""


@contextmanager
def held(path: Path, on_wait: Callable[[], None] = patience) -> Iterator[Held]:
    """Hold a state until the block ends, after waiting for whoever holds it; `on_wait` is told if so."""
    check_target(path)
    with _locked(path, on_wait) as file:
        _sweep(path)
        seen = os.fstat(file.fileno())
        yield Held(path, _world(path, file.read(), _of_a_state), seen)


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
        raise FileError(f"{path}: there is no such state; begin one with: refmodel new {path}") from None
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
    for left in target.parent.glob(f"{glob.escape(_prefix(target))}*.tmp"):
        with suppress(OSError):
            left.unlink()


def begin(path: Path, world: World, force: bool = False) -> None:
    """Write the first state of a world; one that is there already is replaced by force only."""
    check_target(path)
    if force and path.exists():
        with _locked(path, patience):
            write_whole(path, as_state(world))
    else:
        write_new(path, as_state(world))
