"""The comparison at full size measures what it says: at a tiny size, and whatever the clock says."""

import json
from pathlib import Path

import pytest
from attrs import evolve

from tests.benchmarks import full_size
from tests.benchmarks.full_size import DJANGO, FEW, NEW, SAME, SQL, Told

COUNT = 120


def told(importer: str, file: str = NEW, processor: float = 1.0, elapsed: float = 1.0) -> Told:
    """What an importer might tell."""
    return Told("SQLite", importer, file, COUNT, processor, elapsed, 1_000, full_size.expected(COUNT)[file])


@pytest.mark.parametrize("importer", [SQL, DJANGO])
def test_every_importer_comes_to_what_it_should(importer: str, tmp_path: Path) -> None:
    """In a process of its own it creates all, changes nothing, and changes a few; and tells time and memory."""
    found = list(full_size.in_a_child(importer, f"sqlite:///{tmp_path / 'students.db'}", COUNT))
    assert [(one.file, one.wrong) for one in found] == [(NEW, None), (SAME, None), (FEW, None)]
    assert all(one.processor > 0 and one.elapsed > 0 and one.bytes >= 0 for one in found)


def test_ratios_are_of_the_same_file_on_the_same_database() -> None:
    """How many times as fast, by both measures; what has no counterpart has no ratio."""
    found = [told(SQL, processor=2.0, elapsed=4.0), told(DJANGO, processor=50.0, elapsed=60.0), told(DJANGO, SAME)]
    assert full_size.ratios(found) == {("SQLite", NEW): (25.0, 15.0)}


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> list[Told]:
    """What the importers tell, without asking them."""
    found = [told(SQL, processor=1.0), told(DJANGO, processor=21.0)]
    monkeypatch.setattr(full_size, "measured", lambda count, postgresql: found)
    monkeypatch.delenv(full_size.POSTGRES, raising=False)
    return found


def test_the_command_says_what_it_did_not_run(
    pretended: list[Told], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ratios side by side, and PostgreSQL by name where there is none; the same is in the file."""
    assert full_size.main(["--json", str(tmp_path / "found.json")]) == 0
    printed = capsys.readouterr().out
    assert "SQLite, all new: 21.0 times by the processor, 1.0 by the clock (met)" in printed
    assert "PostgreSQL: not run" in printed
    assert len(json.loads((tmp_path / "found.json").read_text())) == 2


def test_a_wrong_outcome_fails_the_command(pretended: list[Told], capsys: pytest.CaptureFixture[str]) -> None:
    """However fast it was."""
    pretended[0] = evolve(pretended[0], outcomes={"created": 7})
    assert full_size.main([]) == 1
    assert "WRONG  the SQL importer, all new" in capsys.readouterr().out


def test_an_error_of_a_process_is_an_error_here() -> None:
    """A database that cannot be used is no result."""
    with pytest.raises(ChildProcessError, match="mysql"):
        list(full_size.in_a_child(SQL, "mysql://localhost/x", COUNT))
