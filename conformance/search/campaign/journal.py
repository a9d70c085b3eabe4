"""The journal of a campaign: its plan and what is done, in a file to which lines are only added.

A line is whole once its line end is written. One that a killed campaign left unfinished is cut off before the next line
is added.
"""

import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec
from attrs import define
from msgspec import Struct, field

from conformance.attribution.attribution import Attribution
from conformance.protocol.trace import parsed
from conformance.search.campaign.bugs import Bug
from conformance.search.campaign.saved import as_json, from_json
from conformance.search.campaign.tasks import TaskResult, Terms
from conformance.verdict.case import Case, Kind, Status
from refmodel.formats import Format, LaterVersionError

NAME = "campaign.jsonl"
CAMPAIGN = Format("refmodel-campaign", "journal of a campaign", 1)
BEGINNING = b'{"line":"campaign"'


class BadJournal(ValueError):
    """A journal with which no campaign can go on; the text says why and what to do."""


class Plan(Struct, frozen=True, tag="campaign", tag_field="line"):
    """The plan of a campaign, which cannot change while it goes on."""

    terms: Terms
    seed: str
    histories: int  # in a task at most
    seconds: float  # of a task at most
    format: str = CAMPAIGN.name
    version: int = CAMPAIGN.version

    @property
    def same(self) -> tuple[object, ...]:
        """What has to be the same when a campaign goes on."""
        terms = self.terms
        return terms.target, terms.strictness, terms.readings, self.seed


class TaskDone(Struct, frozen=True, tag="unit", tag_field="line"):
    """A task is done: its result, and the seconds of the campaign by then."""

    result: TaskResult = field(name="harvest")
    elapsed: float


class WrittenCase(Struct, frozen=True, kw_only=True):
    """A case that the search has found, as it is written: its text as it is shown, and its trace as lines."""

    bearing: tuple[str, ...] = ()
    complaints: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    id: str
    is_race: bool = False
    like: tuple[str, ...] = ()
    reached: tuple[str, ...] = ()
    rules: tuple[str, ...]
    status: Status
    symptom: str = ""
    text: str = ""
    trace: tuple[str, ...] = ()

    @classmethod
    def of(cls, case: Case) -> "WrittenCase":
        """A case, written."""
        return cls(
            bearing=case.attribution.relevant_rules,
            complaints=case.complaints,
            exact=case.attribution.exact_rules,
            id=case.id,
            is_race=case.is_race,
            like=case.attribution.mutants,
            reached=case.reached,
            rules=case.rules,
            status=case.status,
            symptom=case.symptom,
            text=case.text,
            trace=tuple(case.trace.lines()) if case.trace else (),
        )

    @property
    def found(self) -> Case:
        """The case that was written."""
        trace = parsed(self.trace) if self.trace else None
        attribution = Attribution(self.exact, self.bearing, self.like)
        kind: Kind = "race" if self.is_race else "search"
        said = (trace, self.symptom, self.complaints)
        return Case(self.id, self.rules, self.status, self.reached, attribution, "", self.text, *said, kind=kind)


class WrittenBug(Struct, frozen=True):
    """A bug, as it is written."""

    case: WrittenCase
    history: bytes
    seconds: float


class BugFound(Struct, frozen=True, tag="bug", tag_field="line"):
    """A bug is known."""

    bug: WrittenBug

    @classmethod
    def of(cls, bug: Bug) -> "BugFound":
        """The line of a bug."""
        return cls(WrittenBug(WrittenCase.of(bug.case), bug.history, bug.seconds))

    @property
    def found(self) -> Bug:
        """The bug that was written."""
        return Bug(self.bug.case.found, self.bug.history, self.bug.seconds)


class FlakyFound(Struct, frozen=True, tag="flaky", tag_field="line"):
    """A flaky difference: a fresh importer did not show it again."""

    case: WrittenCase


class Paused(Struct, frozen=True, tag="paused", tag_field="line"):
    """The campaign was stopped, or has ended, after so many seconds."""

    elapsed: float


Line = Plan | TaskDone | BugFound | FlakyFound | Paused


def _read_line(text: bytes) -> Line:
    said = from_json(text, dict[str, object])
    CAMPAIGN.version_of(CAMPAIGN.head | said)  # only the first line says it
    line: Line = msgspec.convert(said, Line)
    return line


@define
class Journal:
    """A journal to which only this process adds."""

    path: Path
    descriptor: int

    @classmethod
    def open(cls, folder: Path) -> "Journal":
        """Open the journal in a folder, or make one. BadJournal where it cannot be, or is open elsewhere."""
        path = folder / NAME
        try:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            raise BadJournal(f"--state {folder}: nothing can be written there: {error.strerror}") from None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise BadJournal(f"--state {folder}: {NAME} in it is not an ordinary file; name another folder")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise BadJournal(f"--state {folder}: another campaign is writing there; name another folder") from None
        return cls(path, descriptor)

    def lines(self) -> Iterator[Line]:
        """The whole lines. BadJournal where one of them is not a line of a journal."""
        whole, _, unfinished = self.path.read_bytes().rpartition(b"\n")
        if not whole and not BEGINNING.startswith(unfinished[: len(BEGINNING)]):
            raise BadJournal(f"{self.path}: this is not the journal of a campaign; name another folder with --state")
        yield from self._lines(whole)
        if unfinished:
            os.ftruncate(self.descriptor, len(whole) + bool(whole))

    def _lines(self, whole: bytes) -> Iterator[Line]:
        for number, text in enumerate(whole.splitlines(), start=1):
            try:
                yield _read_line(text)
            except LaterVersionError as error:
                raise BadJournal(f"{self.path}, line {number}: {error}") from None
            except (ValueError, msgspec.MsgspecError):
                raise BadJournal(
                    f"{self.path}, line {number}: this is not a line of a campaign; remove the file to begin anew"
                ) from None

    def add(self, line: Line) -> None:
        """Write a line and wait until it is on the disk."""
        data = as_json(line) + b"\n"
        try:
            while data:  # a full disk or a signal may take less at once
                data = data[os.write(self.descriptor, data) :]
            os.fsync(self.descriptor)
        except OSError as error:
            raise BadJournal(
                f"{self.path}: cannot be written: {error.strerror}; "
                "what was found before is kept: make room, and give the same command again"
            ) from None

    def close(self) -> None:
        """Close the journal, so that another campaign may open it."""
        os.close(self.descriptor)
