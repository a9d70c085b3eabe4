"""Histories as they are kept: one JSON value each, in a database that campaigns share."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from attrs import asdict, frozen
from msgspec import Struct

from conformance.generation.history import ActionStep, FileStep, History, Step

if TYPE_CHECKING:  # in earnest only where a campaign is run: other commands need not wait for it
    from hypothesis.database import ExampleDatabase

KEY = b"refmodel-campaign-1:"


class NoDatabase(ValueError):
    """A database that cannot be used; the text says why and what would do."""


# Field of a file → its key, where that is the field's earlier name: a key never changes, for old files have to be read.
KEYS = {"line_ending": "line_end", "bom": "mark", "final_line_ending": "ended", "trailing_garbage": "spoilt"}
FIELDS = {key: name for name, key in KEYS.items()}


class SavedStep(Struct, frozen=True, omit_defaults=True):
    """A step: one of the two. A file is a value for each of its keys."""

    file: dict[str, object] | None = None
    action: ActionStep | None = None


class SavedHistory(Struct, frozen=True):
    """A world without students, and what happens in it."""

    world: Mapping[str, Any]
    steps: tuple[SavedStep, ...]


def packed(history: History) -> bytes:
    """A history as JSON."""
    return msgspec.json.encode(SavedHistory(history.world, tuple(map(_saved, history.steps))))


def _saved(step: Step) -> SavedStep:
    if isinstance(step, ActionStep):
        return SavedStep(action=step)
    values = asdict(step, recurse=False)
    return SavedStep(file=dict(sorted((KEYS.get(name, name), value) for name, value in values.items())))


def unpacked(data: bytes) -> History:
    """The history that was packed. ValueError where the bytes are none."""
    try:
        saved = msgspec.json.decode(data, type=SavedHistory)
        return History(saved.world, tuple(map(_step, saved.steps)))
    except msgspec.MsgspecError:  # a ValueError from msgspec 0.23 on only
        raise ValueError("these bytes are not a saved history") from None


def _step(saved: SavedStep) -> Step:
    if saved.file is not None:
        return msgspec.convert({FIELDS.get(key, key): value for key, value in saved.file.items()}, FileStep)
    if saved.action is None:
        raise ValueError("a step is neither a file nor an action")
    return saved.action


@frozen
class FindingStore:
    """The histories that showed something in one importer, in a database of Hypothesis'."""

    database: "ExampleDatabase"
    key: bytes

    @classmethod
    def of(cls, where: str, target: str) -> "FindingStore":
        """Those of a target; `where` is a folder, or redis://HOST:PORT/NUMBER. NoDatabase where there is none."""
        opened = _redis(where) if urlsplit(where).scheme in ("redis", "rediss") else _folder(Path(where))
        return cls(opened, KEY + target.encode())

    def save(self, packed_history: bytes) -> None:
        """Keep a history; one that is there already stays one."""
        with _complaining():
            self.database.save(self.key, packed_history)

    def drop(self, packed_history: bytes) -> None:
        """Keep it no longer."""
        with _complaining():
            self.database.delete(self.key, packed_history)

    def __iter__(self) -> Iterator[bytes]:
        """What is kept, the shortest in front; what is no history is passed over."""
        with _complaining():
            values = list(self.database.fetch(self.key))
        yield from sorted(filter(_is_history, values), key=_by_length)


@contextmanager
def _complaining() -> Iterator[None]:
    """What goes wrong with a database is told in one way, whichever it is."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, OSError) and type(error).__module__.partition(".")[0] != "redis":
            raise
        raise NoDatabase(f"the database of what was found: {getattr(error, 'strerror', None) or error}") from None


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
        raise NoDatabase(f"{path}: no folder can be made there: {error.strerror}") from None
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
