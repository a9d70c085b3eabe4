"""Earlier names of what users type in a target: they work for one release more, and say what to write now."""

import importlib
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from conformance.transport.targets import connect
from tests.support.commands import ENVIRONMENT
from tests.support.paths import ROOT

HELLO = '{"op": "hello", "protocol": 1}\n{"op": "bye"}\n'


@pytest.mark.parametrize(
    ("module", "factory", "now"),
    [
        ("conformance.sabotage", "blank_labels_keep", "conformance.mutants"),
        ("conformance.sabotage", "blank_labels_keep__and__dates_end_in_2099", "conformance.mutants"),
        ("conformance.importers.sql", "importer", "conformance.implementations.sql"),
        ("conformance.importers.sql", "staging_importer", "conformance.implementations.sql"),
    ],
)
def test_in_process(module: str, factory: str, now: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The importer is the one of the name of today."""
    monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.warns(FutureWarning, match=now), connect(f"python:{module}:{factory}") as target:
        hello = target.handle({"op": "hello", "protocol": 1})
    with connect(f"python:{now}:{factory}") as target:
        assert target.handle({"op": "hello", "protocol": 1}) == hello


@pytest.mark.parametrize(
    "command",
    [
        (sys.executable, "-m", "conformance.importers.sql"),
        pytest.param(
            ("node", "conformance/importers/javascript/importer.mjs"),
            marks=pytest.mark.skipif(shutil.which("node") is None, reason="not run: Node.js (node is not installed)"),
            id="javascript",
        ),
    ],
)
def test_as_a_command(command: Sequence[str]) -> None:
    """It answers on standard output, and says on standard error what to write now."""
    said = subprocess.run(command, input=HELLO, capture_output=True, text=True, cwd=ROOT, env=ENVIRONMENT, timeout=600)
    hello, bye = map(json.loads, said.stdout.splitlines())
    assert hello["protocol"] == 1
    assert bye == {"ok": True}
    assert "implementations" in said.stderr


@pytest.mark.parametrize(
    "target", ["python:conformance.sabotage:blank_labels_keep", "python:conformance.importers.sql:importer"]
)
def test_in_a_run_of_the_suite(target: str, tmp_path: Path) -> None:
    """The suite judges the importer, also in a project whose warnings are errors, and its summary has the warning."""
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    arguments = ("--pyargs", "conformance", "--importer", target, "-k", "blank_labels", "-q", "--tb=no")
    said = subprocess.run(
        (sys.executable, "-m", "pytest", *arguments),
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert "Verdict: incomplete" in said.stdout
    assert "cannot be imported" not in said.stdout + said.stderr
    assert "is conformance." in said.stdout + said.stderr


def test_a_mutant_that_is_none() -> None:
    """The earlier name says what is wrong as the name of today does."""
    with pytest.warns(FutureWarning):
        module = importlib.reload(importlib.import_module("conformance.sabotage"))
    with pytest.raises(AttributeError, match="nobody"):
        module.nobody  # noqa: B018
