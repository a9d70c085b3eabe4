"""A small world for examples, and short words for what happens in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast
from unittest import mock

from refmodel import csv_reader
from refmodel.actions import Action, Approve, Decline, Done, Refused, RequestAccess, SignUp
from refmodel.catalogue import rule
from refmodel.cell import Cells
from refmodel.columns import COLUMNS, USERNAME, required_headers
from refmodel.dispatch import act
from refmodel.engine import import_file
from refmodel.job import Job
from refmodel.report import Failed, Report
from refmodel.ruleset import STANDARD, Ruleset
from refmodel.serialization import observed
from refmodel.world import Account, Answers, Draft, Institution, World


def stage_with(*rows: Texts, **more: Any) -> Stage:
    """A stage on which these students have been created."""
    stage = Stage(**more)
    assert set(stage.rows(*rows)) == {"created"}
    return stage


NORTH = Institution("north", domains=["north.edu", "both.edu"], campuses=["Main", "Quay"], staff=["advisor@north.edu"])
SOUTH = Institution(
    "south", domains=["south.edu", "both.edu"], uses_sso=True, vocabulary="us", staff=["tutor@south.edu"]
)
WORLD = World.of(NORTH, SOUTH, employers=["hr@employer.example"])

AUTOMATIC = Job("north")
MANUAL = Job("north", "manual")
SETTING = Job("north", "manual", change_sensitive_fields=True)
SOUTHERN = Job("south", "manual", change_sensitive_fields=True)

START = "primary_education:start_date"
END = "primary_education:end_date"
LABELS = "system_label_names"
MAJORS = "primary_education:major_names"
ATTENDING = "primary_education:currently_attending"
HEADER = required_headers(uses_sso=False)

GIL = "gil@home.example"
Texts = dict[str, str]


def ada(**texts: str) -> Texts:
    """Ada's row."""
    return {"email_address": "ada@north.edu", "username": "1", "first_name": "Ada", "last_name": "L", **texts}


def bo(**texts: str) -> Texts:
    """Bo's row."""
    return {"email_address": "bo@north.edu", "username": "2", "first_name": "Bo", "last_name": "P", **texts}


def gil(**texts: str) -> Texts:
    """The row of Gil, who has signed up, as it matches the account that he made."""
    return {"email_address": GIL, "username": GIL, "first_name": "Gil", "last_name": "H", **texts}


@contextmanager
def blocks_of(length: int) -> Iterator[None]:
    """Blocks of a few bytes, so that short files are long."""
    with mock.patch.object(csv_reader, "BLOCK", length):
        yield


def csv_of(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as the bytes of a file."""
    output = io.StringIO(newline="")
    csv.writer(output).writerows(rows)
    return output.getvalue().encode()


def file_of(*rows: Texts, header: Sequence[str] = ()) -> bytes:
    """A file with the required columns and those that its rows mention; `auth_identifier` is among them."""
    mentioned = {name for row in rows for name in row}
    names = tuple(header) or tuple(
        column.header for column in COLUMNS if column.header in {*required_headers(True), *mentioned}
    )
    return csv_of([names, *([row.get(name, "") for name in names] for row in rows)])


def two_students() -> Stage:
    """Ada with a date, courses and labels, and Bo."""
    stage = Stage()
    stage.rows(ada(disabled="TRUE", card_id="7", **{END: "2020-02-29", MAJORS: "b;a", LABELS: "b;a"}), bo())
    return stage


class Stage:
    """A world while things happen in it."""

    def __init__(self, world: World = WORLD, ruleset: Ruleset = STANDARD) -> None:
        self.world = world
        self.ruleset = ruleset

    def send(self, data: bytes, job: Job = AUTOMATIC) -> Report:
        """A file is imported."""
        self.world, report = import_file(self.world, job, data, self.ruleset)
        return report

    def rows(self, *rows: Texts, job: Job = AUTOMATIC) -> list[str]:
        """A file of these rows is imported: their outcomes, or for a row that failed the rules that failed it."""
        report = self.send(file_of(*rows), job)
        assert report.refused is None
        return [" ".join(r.rules) if isinstance(r, Failed) else r.outcome for r in report.results]

    def errors(self, *rows: Texts, job: Job = AUTOMATIC) -> Any:
        """A file of these rows is imported: the errors of the last one, which has to fail."""
        report = self.send(file_of(*rows), job)
        assert report.results[-1].outcome == "failed"
        return report.results[-1].response["errors"]

    def do(self, *actions: Action) -> Done | Refused:
        """Somebody does these; the last answer."""
        for action in actions:
            self.world, answer = act(self.world, action, self.ruleset)
        return answer

    def done(self, *actions: Action) -> bool:
        """Whether the last of these was done; the world stays as it is where it was not."""
        before = self.world
        answer = self.do(*actions)
        assert isinstance(answer, Done) or len(actions) > 1 or self.world is before
        return isinstance(answer, Done)

    def __getitem__(self, email: str) -> dict[str, Any]:
        """What can be observed of a student."""
        account = self.world.student(email)
        assert account, f"nobody has {email}"
        return observed(account)

    def __contains__(self, email: str) -> bool:
        """Whether a student has an e-mail address."""
        return self.world.student(email) is not None

    def __len__(self) -> int:
        """How many students there are."""
        return len(self.world.accounts)


def pending(email: str = GIL, institution: str = "north") -> tuple[Action, ...]:
    """Somebody signs up and asks for an institution."""
    return (SignUp(email, "Gil", "H"), RequestAccess(email, institution))


def approved(email: str = GIL, institution: str = "north") -> tuple[Action, ...]:
    """Somebody signs up, asks, and is approved."""
    return (*pending(email, institution), Approve(institution, email))


def declined(email: str = GIL, institution: str = "north") -> tuple[Action, ...]:
    """Somebody signs up, asks, and is declined."""
    return (*pending(email, institution), Decline(institution, email))


# Rules that are bent.


def without(*names: str) -> Ruleset:
    """The standard rules without some."""
    ruleset = STANDARD
    for name in names:
        ruleset = ruleset.without(rule(name))
    return ruleset


def replace_rule(name: str, other: Any) -> Ruleset:
    """The standard rules with another one in the place of one."""
    return STANDARD.replacing(rule(name), other)


def missing_students_are_deleted(world: Answers, job: Job, rows: list[Cells]) -> list[Account]:
    """An importer that takes whoever is not in the file for gone."""
    usernames = {cells[USERNAME.index] for cells in rows}
    for account in list(world.connected(job.institution)):
        if account.username not in usernames:
            cast(Draft, world).remove(account)
    return []
