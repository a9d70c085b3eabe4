"""The long run counts what it plays, goes on where it stopped, and notices what differs."""

from pathlib import Path

import pytest

from conformance.protocol.trace import read
from tests.benchmarks import million

REFERENCE = "python:conformance.reference:importer"


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of ten steps."""
    monkeypatch.setattr(million, "BLOCK", 10)


def blocks(printed: str) -> list[str]:
    """The lines that tell how far a run has come, without their times."""
    return [line.partition(" s ")[2].strip() for line in printed.splitlines() if " steps" in line and " s " in line]


def test_a_right_importer_passes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """All steps are played, a line tells each block, and nothing is written."""
    assert million.main([REFERENCE, "--steps", "30", "--traces", str(tmp_path / "traces")]) == 0
    printed = capsys.readouterr().out
    assert len(blocks(printed)) == 3
    assert int(blocks(printed)[-1].partition(" steps")[0]) >= 30
    assert not (tmp_path / "traces").exists()


def test_a_run_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The blocks after the steps that are done are the ones that a whole run would have come to."""
    seeds: list[str] = []
    monkeypatch.setattr(million, "play_block", lambda importer, seed, *rest: seeds.append(seed))
    million.main([REFERENCE, "--steps", "40", "--seed", "7", "--traces", str(tmp_path)])
    assert seeds == ["7:0", "7:10", "7:20", "7:30"]
    million.main([REFERENCE, "--steps", "40", "--seed", "7", "--done", "20", "--traces", str(tmp_path)])
    assert seeds[4:] == ["7:20", "7:30"]


def test_a_wrong_importer_is_noticed_and_the_run_goes_on(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Each difference is a trace, the status is 1, and the steps after the first one are played all the same."""
    assert (
        million.main(["python:tests.support.faulty_importers:both", "--steps", "500", "--traces", str(tmp_path)]) == 1
    )
    traces = [read(path) for path in tmp_path.iterdir()]
    assert len(traces) > 1
    assert all(trace.exchanges for trace in traces)
    assert len(blocks(capsys.readouterr().out)) == 50


def test_faults_are_counted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An importer that fails again and again is given up, with status 1."""
    monkeypatch.setattr(million, "MOST", 3)
    assert (
        million.main(["python:tests.support.faulty_importers:Misshapen", "--steps", "500", "--traces", str(tmp_path)])
        == 1
    )
    assert "3 faults" in capsys.readouterr().out


def test_what_cannot_be_run_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A target that is none is status 2, and nothing left to do is no success."""
    assert million.main(["nonsense"]) == 2
    assert "nonsense" in capsys.readouterr().err
    assert million.main([REFERENCE, "--steps", "10", "--done", "10"]) == 1
    assert "Nothing was played" in capsys.readouterr().out
