"""Commands that other packages bring along are commands of `refmodel`, or say what they lack."""

from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from refmodel.cli import further
from refmodel.cli.app import app

MODULE = """
import typer

app = typer.Typer()


@app.command()
def greet(name: str, loudly: bool = False) -> None:
    "Greet somebody."
    typer.echo(f"Hello {name}{'!' if loudly else ''}")


nothing = 1
"""
ENTRIES = """
[refmodel.commands]
greet = brought_along:app
lacking = brought_along_not:app [more,most]
wrong = brought_along:missing
show = brought_along:app
"""


@pytest.fixture
def brought(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package beside, which brings commands along."""
    (tmp_path / "brought_along.py").write_text(MODULE)
    info = tmp_path / "brought-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: brought\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRIES)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def run(*arguments: str) -> Any:
    """A command of `refmodel`, in this process."""
    return CliRunner().invoke(app, list(arguments), prog_name="refmodel")


@pytest.mark.usefixtures("brought")
def test_a_further_command_is_a_command() -> None:
    """It takes its own arguments, and it is in the help."""
    result = run("greet", "Ada", "--loudly")
    assert (result.exit_code, result.stdout) == (0, "Hello Ada!\n")
    assert "Greet somebody." in run("--help").stdout


@pytest.mark.usefixtures("brought")
def test_own_commands_come_first() -> None:
    """A command that is brought along takes no other one's place."""
    assert "Show a saved world" in run("show", "--help").stdout
    assert run("--help").stdout.count("Show a saved world") == 1


@pytest.mark.usefixtures("brought")
@pytest.mark.parametrize("arguments", [(), ("out", "--cases", "3"), ("--help",)])
def test_what_is_missing_is_said(arguments: tuple[str, ...]) -> None:
    """Which package it is, and how to have it, whatever the arguments; and the help of all commands still comes."""
    result = run("lacking", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "refmodel lacking cannot be loaded (brought_along_not is missing)" in result.stderr
    assert "pip install 'brought[more,most]'" in result.stderr
    assert "Not installed: brought_along_not is missing" in run("--help").stdout


@pytest.mark.usefixtures("brought")
def test_a_command_that_is_not_there_is_said() -> None:
    """An entry point that names nothing is one that cannot be loaded."""
    result = run("wrong")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "pip install 'brought'" in result.stderr


def test_what_nobody_brings_is_no_command(brought: Path) -> None:
    """An unknown command is what it was."""
    assert "greet" in further.names()
    assert further.command("nonsense") is None
    assert run("nonsense").exit_code == 2


def test_an_entry_point_of_nobody() -> None:
    """Where no package is known, none is named."""
    entry = EntryPoint("lost", "nowhere:app", further.GROUP)
    assert further.advice(entry) == "install the package that brings it"
