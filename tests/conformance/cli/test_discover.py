"""`discover`: readings that an importer follows are found, others are not, and the evidence is kept."""

import sys
from pathlib import Path

import pytest

from conformance.cli import discover as discovering
from conformance.cli.discover import Experiments, Question, experiment, in_order, one_drawn
from conformance.generation.randomness import RandomSource
from conformance.oracle.reference import ReferenceImporter
from conformance.session.client import Importer, introduced
from conformance.session.replay import read_trace
from conformance.transport.in_process import PythonTarget
from conformance.transport.targets import connect
from conformance.verdict.known_deviations import reading_rules
from refmodel.readings import READINGS
from refmodel.ruleset import STANDARD, Ruleset
from tests.support.commands import RIGHT, importer, run

FOLLOWED = (
    "required_values_when_creating",
    "first_of_duplicates_wins",
    "any_success_approves",
    "campus_stays",
    "texts_are_trimmed",
)


def results(target: str, *options: object, folder: Path | None = None) -> dict[str, str]:
    """What is found out about each reading."""
    said = run("discover", target, "--json", *options, **({"folder": folder} if folder else {}))
    assert said.status == 0, said.err
    return {each["reading"]: each["result"] for each in said.data}


def test_a_right_importer_follows_the_standard_everywhere(tmp_path: Path) -> None:
    """For each reading there is a conversation, which is written as a trace that can be judged as it stands."""
    found = results(RIGHT, "--report", tmp_path / "evidence")
    assert found == dict.fromkeys(READINGS, "standard")
    assert {path.stem for path in (tmp_path / "evidence").iterdir()} == set(READINGS)
    assert run("judge", tmp_path / "evidence").status == 0


def test_all_readings_that_are_followed_at_once_are_found(tmp_path: Path) -> None:
    """Also where one is in the way of others; of two readings of one rule only the one."""
    source = f"self.ruleset = reading_rules({list(FOLLOWED)})\nreturn right(request)"
    found = results(importer(tmp_path, source), folder=tmp_path)
    assert {name for name, result in found.items() if result == "follows"} == set(FOLLOWED)
    assert found["last_of_duplicates_wins"] == "neither"
    assert set(found.values()) == {"follows", "standard", "neither"}


@pytest.mark.parametrize("name", READINGS)
def test_each_reading_is_found_alone(name: str) -> None:
    """An importer that follows it, and nothing else, is found to follow it."""
    at = discovering_target(reading_rules([name]))
    assert experiment(READINGS[name], STANDARD, Experiments(at)).outcome == "follows"


def discovering_target(ruleset: Ruleset) -> Importer:
    """An importer in this process that goes by some rules."""
    return introduced(PythonTarget("python:tests:importer", lambda: ReferenceImporter(ruleset), 30.0))


def test_an_importer_that_answers_in_neither_way_is_said_to(tmp_path: Path) -> None:
    """And the table says what came instead."""
    source = """
        answer = right(request)
        for row in answer.get('report', {}).get('rows', ()):
            row['outcome'] = 'unchanged'
        return answer
    """
    said = run("discover", importer(tmp_path, source), folder=tmp_path)
    rows = [line.split("\t") for line in said.out.splitlines()[1:]]
    assert len(rows) == len(READINGS)
    neither = [row for row in rows if row[2] == "neither"]
    assert len(neither) > 15
    assert all("by the reading" in row[3] for row in neither)


def test_what_cannot_be_asked_is_not_applicable(tmp_path: Path) -> None:
    """Because an operation is not claimed, which is named; what an import alone can tell is asked."""
    source = """
        assert op not in ('do', 'preview')
        answer = right(request)
        if op == 'hello':
            answer['supports'] = []
        return answer
    """
    said = run("discover", importer(tmp_path, source), "--json", folder=tmp_path)
    found = {each["reading"]: each for each in said.data}
    assert found["a_declined_student_can_be_connected"]["result"] == "not_applicable"
    assert "decline" in found["a_declined_student_can_be_connected"]["why"]
    assert found["first_of_duplicates_wins"]["result"] == "standard"
    assert {each["result"] for each in said.data} == {"standard", "not_applicable"}


def test_a_fault_is_one_result(tmp_path: Path) -> None:
    """The other readings are asked about all the same."""
    source = "if request.get('action') == 'decline':\n    raise ValueError('no')\nreturn right(request)"
    found = results(importer(tmp_path, source), folder=tmp_path)
    assert found["a_declined_student_can_be_connected"] == "fault"
    assert found["campus_stays"] == "standard"


def test_wrong_use_and_faults_end_it() -> None:
    """A target that cannot be, one that says no hello, and a folder that cannot be written to."""
    assert run("discover", "nonsense").status == 2
    assert run("discover", f"cmd:{sys.executable} -c 0").status == 7
    said = run("discover", RIGHT, "--report", "/dev/null/x")
    assert said.status == 2
    assert "cannot be made" in said.err


class TestExperiments:
    def test_each_conversation_tells_its_reading_from_all_others(self) -> None:
        """By the rules it is answered in one way, by the reading in another, by other readings never as by this."""
        at = introduced(connect(RIGHT))
        experiments = Experiments(at)
        for reading in READINGS.values():
            requests = next(experiments.about(reading, STANDARD))
            assert Question.of(reading, STANDARD, at).tells(requests)
            assert len(requests) <= 12, reading.name

    def test_drawn_histories_do_where_no_example_does(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """They are shrunk, and the same every time."""
        monkeypatch.setattr(discovering, "examples", tuple)
        at = introduced(connect(RIGHT))
        for name in ("short_rows_are_filled_up", "texts_are_trimmed"):
            question = Question.of(READINGS[name], STANDARD, at)
            once, again = (next(Experiments(at).about(READINGS[name], STANDARD)) for _ in range(2))
            assert once == again
            assert question.tells(once)
            assert len(once) <= 5

    def test_the_same_seed_draws_the_same_history(self) -> None:
        """On any machine."""
        at = introduced(connect(RIGHT))
        assert one_drawn(at, RandomSource.seeded("x")) == one_drawn(at, RandomSource.seeded("x"))

    def test_every_reading_has_its_turn(self) -> None:
        """Once, whatever the order."""
        assert sorted(reading.name for reading in in_order()) == sorted(READINGS)


def test_evidence_is_a_trace_of_what_was_said(tmp_path: Path) -> None:
    """It names the rule, and it is judged as the importer was."""
    source = "self.ruleset = reading_rules(['campus_stays'])\nreturn right(request)"
    results(importer(tmp_path, source), "--report", tmp_path / "evidence", folder=tmp_path)
    trace = read_trace(tmp_path / "evidence" / "campus_stays.jsonl")
    assert trace.rules == ("leaving_leaves_nothing_behind",)
    said = run("judge", tmp_path / "evidence" / "campus_stays.jsonl", "--json")
    assert said.status == 1
    assert "campus_stays" in said.data[0]["differences"][0]["behaves_like"]
