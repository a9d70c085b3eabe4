"""Saved histories: one JSON value each, in a database that campaigns share."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import msgspec
from attrs import asdict, frozen
from msgspec import Struct

from conformance.generation.history import ActionStep, FileStep, History, Step

if TYPE_CHECKING:  # in earnest only where a campaign is run: other commands need not wait for it
    from hypothesis.database import ExampleDatabase

KEY = b"refmodel-campaign-1:"
T = TypeVar("T")


# The standard library's JSON, since msgspec neither writes nor reads the lone surrogates that an importer may send.


def as_json(value: object) -> bytes:
    """A value as JSON in UTF-8, on one line; a lone surrogate, which UTF-8 cannot hold, is escaped."""
    text = json.dumps(msgspec.to_builtins(value), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


def from_json(data: bytes, kind: type[T]) -> T:
    """The value of some kind that was written. ValueError where the bytes hold none."""
    try:
        return msgspec.convert(json.loads(data), kind)
    except (msgspec.MsgspecError, RecursionError):  # the first is a ValueError from msgspec 0.23 on only
        raise ValueError("these bytes do not hold what was saved") from None


class NoDatabase(ValueError):
    """A database that cannot be used; the text says why and what to do."""


# Field of a file → its key, where that is the field's earlier name: a key never changes, for old files have to be read.
KEYS = {"line_ending": "line_end", "bom": "mark", "final_line_ending": "ended", "trailing_garbage": "spoilt"}
FIELDS = {key: name for name, key in KEYS.items()}


class SavedStep(Struct, frozen=True, omit_defaults=True):
    """A step: one of the two. A file is a value for each of its keys."""

    file: dict[str, object] | None = None
    action: ActionStep | None = None


class SavedHistory(Struct, frozen=True):
    """A world without students, and what happens in it."""

    world: Mapping[str, object]
    steps: tuple[SavedStep, ...]


def packed(history: History) -> bytes:
    """A history as JSON."""
    return as_json(SavedHistory(history.world, tuple(map(_saved, history.steps))))


def _saved(step: Step) -> SavedStep:
    if isinstance(step, ActionStep):
        return SavedStep(action=step)
    values = asdict(step, recurse=False)
    return SavedStep(file=dict(sorted((KEYS.get(name, name), value) for name, value in values.items())))


def unpacked(data: bytes) -> History:
    """The history that was packed. ValueError where the bytes hold none."""
    saved = from_json(data, SavedHistory)
    return History(saved.world, tuple(map(_step, saved.steps)))


def _step(saved: SavedStep) -> Step:
    if saved.file is not None:
        return msgspec.convert({FIELDS.get(key, key): value for key, value in saved.file.items()}, FileStep)
    if saved.action is None:
        raise ValueError("a step is neither a file nor an action")
    return saved.action


@frozen
class FindingStore:
    """The histories that showed a difference in one importer, in a database of Hypothesis."""

    database: "ExampleDatabase"
    key: bytes

    @classmethod
    def of(cls, where: str, target: str) -> "FindingStore":
        """Those of a target; `where` is a folder, or redis://HOST:PORT/NUMBER. NoDatabase where there is none."""
        opened = _redis(where) if urlsplit(where).scheme in ("redis", "rediss") else _folder(Path(where))
        return cls(opened, KEY + target.encode("utf-8", "surrogateescape"))  # as a command line may hold any bytes

    def save(self, packed_history: bytes) -> None:
        """Save a history, if it is not there already."""
        with _complaining():
            self.database.save(self.key, packed_history)

    def drop(self, packed_history: bytes) -> None:
        """Delete a history."""
        with _complaining():
            self.database.delete(self.key, packed_history)

    def __iter__(self) -> Iterator[bytes]:
        """The saved histories, the shortest first; other values are ignored."""
        with _complaining():
            values = list(self.database.fetch(self.key))
        yield from sorted(filter(_is_history, values), key=_by_length)


@contextmanager
def _complaining() -> Iterator[None]:
    """Turn the errors of any database into NoDatabase."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, OSError) and type(error).__module__.partition(".")[0] != "redis":
            raise
        raise NoDatabase(f"the database of findings: {getattr(error, 'strerror', None) or error}") from None


def _by_length(value: bytes) -> tuple[int, bytes]:
    return len(value), value


def _is_history(value: bytes) -> bool:
    try:
        unpacked(value)
    except ValueError:
        return False
    return True


def _folder(path: Path) -> "ExampleDatabase":
    from hypothesis.database import DirectoryBasedExampleDatabase

    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NoDatabase(f"{path}: the folder cannot be made: {error.strerror}") from None
    return DirectoryBasedExampleDatabase(path)


def _redis(url: str) -> "ExampleDatabase":
    try:
        import redis
        from hypothesis.extra.redis import RedisExampleDatabase
    except ModuleNotFoundError:
        raise NoDatabase(f"{url}: redis is missing: pip install 'refmodel[campaign]'") from None
    try:
        server = redis.Redis.from_url(url)
        server.ping()
    except (ValueError, redis.RedisError) as error:
        raise NoDatabase(f"{_without_password(url)}: {error}") from None
    return RedisExampleDatabase(server)


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return url.replace(f":{parts.password}@", ":…@") if parts.password else url
