"""The comparison of the two searches: what it says of an importer is so."""

import pytest

from tests.tools import search_comparison
from tests.tools.planted import subjects
from tests.tools.search_comparison import SEARCHES, Trial, chosen, main, mutant, planted, summary


@pytest.mark.parametrize("search", SEARCHES)
def test_a_mistake_is_caught_and_made_small(search: str) -> None:
    """Both searches catch what is plain to see, and leave a history of one or two steps."""
    with mutant("new_students_are_excluded") as importer:
        trial = SEARCHES[search](importer, 60.0, True)
    assert trial.caught
    assert trial.size is not None
    assert 1 <= trial.size[0] <= 2


@pytest.mark.parametrize("search", SEARCHES)
def test_who_finds_nothing_stops(search: str) -> None:
    """When the time is up, however little was done."""
    with mutant("entities_are_read") as importer:
        trial = SEARCHES[search](importer, 0.0, False)
    assert not trial.caught


def test_a_planted_mistake_is_reached_in_a_process_of_its_own() -> None:
    """The importer that is compared is the changed one, behind its command."""
    with planted(subjects()["a_decline_keeps_the_labels"]) as importer:
        assert importer.target.name.startswith("cmd:")
        assert importer.supports


def test_the_same_ones_are_chosen_each_time() -> None:
    """So many of the mutants, and so many of the planted mistakes."""
    assert list(chosen(3, 2)) == list(chosen(3, 2))
    assert [name.startswith("planted: ") for name in chosen(3, 2)] == [False] * 3 + [True] * 2


def test_the_sums_are_those_of_the_rows() -> None:
    """How many each caught, in which time, and the ratio."""
    rows = [[Trial(True, 1, 2.0), Trial(True, 1, 3.0)], [Trial(True, 1, 2.0), Trial(False, 9, 7.0)]]
    expected = "random search: 2 caught, 4 s; state machine: 1 caught, 10 s; the machine took 2.5 times as long"
    assert summary(rows) == expected


def test_the_command_prints_a_row_for_each(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """And the sums below."""
    monkeypatch.setattr(
        search_comparison, "SEARCHES", {name: lambda *_: Trial(True, 5, 1.0, (2, 3)) for name in SEARCHES}
    )
    assert main(["--mutants", "1", "--planted", "0"]) == 0
    row, sums = capsys.readouterr().out.splitlines()
    assert row.count("5 steps, 1.0 s, 2 steps of 3 rows left") == 2
    assert sums.endswith("the machine took 1.0 times as long")
