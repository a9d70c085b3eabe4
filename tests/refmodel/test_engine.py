"""Importing: purity, reports in order, refused files, previews."""

from __future__ import annotations

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmodel.cli.state_format import encoded
from refmodel.engine import import_file, preview
from refmodel.failures import SUCCESS
from refmodel.job import Job
from refmodel.serialization import observe
from refmodel.world import Institution, World
from tests.support.strategies import JOBS, History, bounded, histories, play, played
from tests.support.world_builder import AUTOMATIC, HEADER, SETTING, WORLD, Stage, Texts, ada, bo, csv_of, file_of


class TestPurity:
    """The world that is handed in stays as it is, and the same arguments give the same answer."""

    def test_the_old_world_is_usable(self) -> None:
        """From one world two files lead to two worlds, and none of the three knows of the others."""
        first, _ = import_file(WORLD, AUTOMATIC, file_of(ada()))
        one, _ = import_file(first, SETTING, file_of(ada(username="8")))
        other, _ = import_file(first, SETTING, file_of(ada(username="9")))
        assert [world.student("ada@north.edu").username for world in (first, one, other)] == ["1", "8", "9"]  # type: ignore[union-attr]
        assert observe(WORLD) == []

    @bounded(40)
    @given(histories())
    def test_in_every_history(self, history: History) -> None:
        """Played twice a history gives the same twice, and nothing that came later shows in an earlier world."""
        moments = list(play(history.world, history.steps))
        then = [b"".join(encoded(moment.before)) for moment in moments]
        assert list(play(history.world, history.steps)) == moments
        assert [b"".join(encoded(moment.before)) for moment in moments] == then
        assert [played(m.before, m.step)[0] for m in reversed(moments)] == [m.after for m in reversed(moments)]

    def test_a_file_without_effect_gives_the_same_world(self) -> None:
        """Where nothing was applied the world is not even copied."""
        assert import_file(WORLD, AUTOMATIC, file_of(ada(username="")))[0] is WORLD
        assert import_file(WORLD, AUTOMATIC, b"")[0] is WORLD

    @pytest.mark.parametrize("row", [ada(), ada(mobile_number="x")])
    def test_nor_is_it_copied_for_a_student_who_is_left_alone(self, row: Texts) -> None:
        """A row that is unchanged, and one that fails, of a student who is there, leave the very same world."""
        world, _ = import_file(WORLD, AUTOMATIC, file_of(ada()))
        assert import_file(world, AUTOMATIC, file_of(row))[0] is world


class TestReports:
    """One result for every row, in file order."""

    def test_rows_of_many_lines_are_warned_of(self) -> None:
        """A row that runs over several lines is taken as it is, and the report says where it runs."""
        _, report = import_file(WORLD, AUTOMATIC, file_of(bo(), ada(first_name="A\n" * 6)))
        (warning,) = report.warnings
        assert warning.startswith("Row 2 runs from line 3 to line 9: cell")
        assert [result.outcome for result in report.results] == ["created", "created"]

    def test_outcomes(self) -> None:
        """Created, updated, unchanged and failed, each by its number."""
        stage = Stage()
        stage.rows(ada(), bo())
        new = {"email_address": "c@north.edu", "username": "3", "first_name": "C", "last_name": "D"}
        report = stage.send(file_of(bo(), ada(first_name="A"), {**new, "mobile_number": "x"}, {**new, "username": "4"}))
        outcomes = [result.outcome for result in report.results]
        assert outcomes == ["unchanged", "updated", "failed", "failed"]
        assert [result.row for result in report.results] == [1, 2, 3, 4]
        assert report.results[0].response == report.results[1].response == SUCCESS
        assert report.results[2].response["success"] is False
        assert (report.count("failed"), report.count("created")) == (2, 0)

    def test_updated_only_if_it_shows(self) -> None:
        """A row that is applied and changes nothing that can be observed is unchanged."""
        stage = Stage()
        stage.rows(ada())
        assert stage.rows(ada(gender="**CLEAR**")) == ["unchanged"]

    def test_an_unknown_institution(self) -> None:
        """A job for an institution that the world does not have is a programmer's mistake; the message lists those
        that there are."""
        with pytest.raises(ValueError, match="north, south"):
            import_file(WORLD, Job("west"), file_of(ada()))


class TestPreviews:
    """A preview is the report of the import."""

    def test_it_changes_nothing(self) -> None:
        """The report is that of the import that follows; the world stays as it is."""
        stage = Stage()
        data = file_of(ada(), bo(first_name=""))
        shown = preview(stage.world, AUTOMATIC, data)
        assert len(stage) == 0
        assert shown == stage.send(data)


class TestRefusedFiles:
    """A refused file changes nothing, and has a reason and no rows."""

    @pytest.mark.parametrize("data", [b"", b"\xff", b"\0", b'"', b"a,b\n1,2\n", csv_of([[*HEADER, "username"]])])
    def test_whole(self, data: bytes) -> None:
        """Whatever is wrong with the file, no row is read."""
        stage = Stage()
        stage.rows(ada())
        before = stage.world
        report = stage.send(data)
        assert report.refused
        assert report.refused.text
        assert (report.results, stage.world) == ((), before)

    @bounded(300)
    @given(st.binary(max_size=40), st.sampled_from(JOBS))
    def test_no_bytes_raise(self, data: bytes, job: Job) -> None:
        """Any bytes whatever, behind a sound header or alone, get a report."""
        for whole in (data, file_of(ada()) + data, b"\xef\xbb\xbf" + data):
            _, report = import_file(WORLD, job, whole)
            assert (report.refused is None) or report.results == ()


def test_the_histories_are_made_of_what_can_be_expressed() -> None:
    """No job of the strategies is automatic with the setting, and every way to be strict is among them."""
    assert not any(job.mode == "automatic" and job.change_sensitive_fields for job in JOBS)
    assert {(job.mode, job.change_sensitive_fields) for job in JOBS} == {
        ("automatic", False),
        ("manual", False),
        ("manual", True),
    }


@pytest.mark.parametrize("at_work", [True, False])
def test_the_garbage_collector_is_left_as_it_was(at_work: bool) -> None:
    """An import that ends, well or badly, leaves the collector on where it was on, and off where it was off."""
    was_at_work = gc.isenabled()
    (gc.enable if at_work else gc.disable)()
    try:
        import_file(World.of(Institution("north")), Job("north"), b"")
        assert gc.isenabled() is at_work
        with pytest.raises(ValueError, match="no institution 'nowhere'"):
            import_file(World.of(Institution("north")), Job("nowhere"), b"")
        assert gc.isenabled() is at_work
    finally:
        (gc.enable if was_at_work else gc.disable)()
