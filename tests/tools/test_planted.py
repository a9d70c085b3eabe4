"""The planted mistakes are what their file says, and the figures about them are counted rightly."""

import json
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from conformance.transport.faults import Fault
from refmodel.catalogue import CATALOGUE
from tests.support.paths import ROOT
from tests.tools import planted
from tests.tools.planted import FOLDER, BadPlanting, Figures, Importer, Mistake, Result, Subject

MISTAKES = planted.mistakes()
SUBJECTS = planted.subjects()
CONVERSATIONS = json.loads((FOLDER / "conversations.json").read_text("utf-8"))
SENSITIVE = "Attempted to update sensitive fields without setting change_sensitive_fields"
Wire = dict[str, Any]


# A conversation with an importer, with mistakes or without.


def asked(requests: Sequence[Wire]) -> list[Wire]:
    """The requests as they are sent: files as base64, and a look at everybody after each."""
    sent = [{"op": "reset", "world": CONVERSATIONS["world"]}]
    for request in requests:
        sent.append({**request, "csv": base64_of(request["csv"])} if "csv" in request else request)
        sent.append({"op": "observe"})
    return sent


def base64_of(text: str) -> str:
    """The text as base64."""
    return b64encode(text.encode()).decode()


def answers(importer: Importer, there: Path, requests: Sequence[Wire]) -> list[Any]:
    """What is binding of the importer's responses."""
    command = [sys.executable, "-m", "sql"] if importer == "sql" else ["node", str(there / "importer.mjs")]
    lines = "".join(json.dumps(request) + "\n" for request in asked(requests))
    environment = planted.environment_of(there)
    done = subprocess.run(command, input=lines.encode(), env=environment, cwd=there, capture_output=True, check=True)
    responses = [json.loads(line) for line in done.stdout.splitlines()]
    assert not any("error" in response for response in responses), responses
    return [binding(response) for response in responses]


def binding(response: Wire) -> Any:
    """What a response says that a specification can bind: of texts, only those that the articles state."""
    if "report" not in response:
        return {key: value for key, value in response.items() if key != "refused"}
    report = response["report"]
    failed = b64decode(report.get("failed_rows_csv", "")).decode()
    cells = [line.partition('"{""success""')[0] for line in failed.splitlines()]
    return bool(report["refused"]), cells, [(row["outcome"], errors_of(row)) for row in report["rows"]]


def errors_of(row: Wire) -> Any:
    """The fields of a failed row, with the messages that are stated; else whether the stated refusal is the reason."""
    errors = row["response"].get("errors")
    if not isinstance(errors, dict):
        return errors == SENSITIVE if errors else None
    stated = ("has already been taken", "must be a date on or after primary_education:start_date")
    return {field: [text for text in texts if text in stated] for field, texts in errors.items()}


@cache
def without_mistakes(importer: Importer, name: str) -> list[Any]:
    """The answers of the importer as it is."""
    return answers(importer, ROOT / planted.IMPLEMENTATIONS / importer, CONVERSATIONS["conversations"][name])


def needs(importer: Importer) -> None:
    """Skip where the importer cannot run."""
    if importer == "javascript" and which("node") is None:
        pytest.skip("Node.js is not installed")


# The mistakes.


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_answers_otherwise(mistake: Mistake, tmp_path: Path) -> None:
    """The patch applies, and in its conversation the importer answers otherwise than it does without."""
    needs(mistake.importer)
    there = planted.plant(mistake.importer, [mistake.patch], tmp_path)
    found = answers(mistake.importer, there, CONVERSATIONS["conversations"][mistake.name])
    assert found != without_mistakes(mistake.importer, mistake.name)


def test_the_mistakes_are_sixty() -> None:
    """Forty are the SQL importer's and twenty the JavaScript one's; each has a conversation, and no patch has no entry."""
    importers = [mistake.importer for mistake in MISTAKES.values()]
    assert (importers.count("sql"), importers.count("javascript")) == (40, 20)
    assert set(CONVERSATIONS["conversations"]) == set(MISTAKES) == {path.stem for path in FOLDER.glob("*.patch")}


def test_every_rule_exists() -> None:
    """Each mistake breaks rules that there are, at least one."""
    assert all(mistake.rules and set(mistake.rules) <= set(CATALOGUE) for mistake in MISTAKES.values())


def test_mistakes_of_two_places() -> None:
    """At least ten patches change two places or more."""
    hunks = [mistake.patch.read_text("utf-8").count("\n@@ ") for mistake in MISTAKES.values()]
    assert sum(count > 1 for count in hunks) >= 10
