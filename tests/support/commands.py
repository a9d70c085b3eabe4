"""Running `python -m conformance` for real, on importers that a test writes."""

import contextlib
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from conformance.cases.scenarios.parser import examples, file_request
from conformance.oracle.judge import own_answers
from conformance.oracle.state import OracleState
from conformance.protocol.requests import OBSERVE, Request, institution, world
from conformance.protocol.trace import Trace, trace_of, write
from refmodel.ruleset import STANDARD, Ruleset
from tests.support.paths import ROOT

REPORT_SCHEMA = ROOT / "conformance" / "report" / "report.schema.json"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
RIGHT = "python:conformance.reference:importer"
WORLD = world(institution("north", ["north.edu"]))
STARRED = "email_address,username,first_name,last_name,primary_education:end_date,school_year_name"
ADA = "ada@north.edu,1,Ada,Lee,,"


@frozen
class Said:
    """What a command said, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


def run(*arguments: object, folder: Path = ROOT, **more: Any) -> Said:
    """A command in a process of its own; it never ends in a traceback."""
    command = [sys.executable, "-m", "conformance", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, cwd=folder, env=ENVIRONMENT, timeout=600, **more)
    said = Said(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in said.err, said.err
    return said


@contextlib.contextmanager
def serving_process(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A server in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "conformance", "serve", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=ENVIRONMENT,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def importer(folder: Path, source: str) -> str:
    """The target of an importer in this process, from the body of its `handle(self, request)`.

    `right` is what the reference model answers.
    """
    body = textwrap.indent(textwrap.dedent(source), " " * 8)
    (folder / "wrong_importer.py").write_text(
        "import os, sys, time\n"
        "from conformance.oracle.reference import ReferenceImporter\n"
        "from conformance.verdict.known_deviations import deviation_named, reading_rules\n"
        "from refmodel.ruleset import STANDARD\n"
        "class Wrong(ReferenceImporter):\n"
        "    seen = 0\n"
        "    def handle(self, request):\n"
        "        self.seen += 1\n"
        "        op = request.get('op')\n"
        "        right = super().handle\n"
        f"{body}\n"
        "importer = Wrong\n"
    )
    return "python:wrong_importer:importer"


def command(folder: Path, source: str) -> str:
    """The same importer as a process that speaks in lines."""
    importer(folder, source)
    (folder / "wrong_command.py").write_text(
        "import json, sys\n"
        "from wrong_importer import importer\n"
        "at = importer()\n"
        "for line in sys.stdin:\n"
        "    try:\n"
        "        response = at.handle(json.loads(line))\n"
        "    except Exception as error:\n"
        "        response = {'error': repr(error)}\n"
        "    print(json.dumps(response), flush=True)\n"
    )
    return f"cmd:{sys.executable} wrong_command.py"


def imported(*rows: str, settings: Sequence[str] = ("north",), header: str = STARRED) -> Request:
    """The import of some rows."""
    return file_request(list(settings), "\n".join((header, *rows)) + "\n")


def conversation(requests: Iterable[Request], ruleset: Ruleset = STANDARD, title: str = "A story") -> Trace:
    """A conversation as the model has it under some rules, an observation behind each step."""
    asked = [request for step in requests for request in (step, OBSERVE)]
    own = own_answers([{"op": "reset", "world": WORLD}, *asked], OracleState(ruleset=ruleset))
    return trace_of(title, (), own)


def written(path: Path, trace: Trace) -> Path:
    """A trace, in a file."""
    write(trace, path)
    return path


def labelled(ruleset: Ruleset = STANDARD) -> Trace:
    """Labels are given, and then the cell is blank."""
    header = f"{STARRED},system_label_names"
    return conversation([imported(f"{ADA},x;y", header=header), imported(f"{ADA},", header=header)], ruleset)


def example_trace(rule: str, ruleset: Ruleset = STANDARD) -> Trace:
    """The first example of the documentation that is there for a rule, as the model answers it under some rules."""
    example = next(each for each in examples() if each.rules[0] == rule)
    return trace_of(example.heading, example.rules, own_answers(example.requests, OracleState(ruleset=ruleset)))
