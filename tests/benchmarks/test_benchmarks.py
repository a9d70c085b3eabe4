"""The benchmarks measure what they say: at a tiny size, and whatever the clock says."""

import json
import re
from functools import partial
from itertools import islice
from pathlib import Path

import pytest
from attrs import evolve

from conformance.implementations.sql import SqlImporter
from refmodel.columns import COLUMNS, SENSITIVE
from refmodel.engine import import_file
from refmodel.value_lists import YEARS
from tests.benchmarks import __main__ as command
from tests.benchmarks import exploring, growth, small, sql
from tests.benchmarks.aims import Aim, aims
from tests.benchmarks.contestants import DICT_READER, FRICTIONLESS, FULL, Files, contestants, described
from tests.benchmarks.growth import Size
from tests.benchmarks.measures import Contestant, Measure, compete
from tests.benchmarks.phases import phases
from tests.benchmarks.searching import Pace, pace
from tests.benchmarks.students import (
    CHANGED_IN,
    FAULTS,
    FAULTY_IN,
    HEADER,
    JOB,
    changed,
    file_of,
    one_in,
    students,
    write_file,
)
from tests.tools import planted

COUNT = 300
TINY = command.Plan(COUNT, 50, ((20, 1), (40, 1)), rounds=1, small_rounds=1, limit=0, searching=0.2, exploring=1)


@pytest.fixture(scope="module")
def files() -> Files:
    """The files of a few hundred students."""
    return Files.of(COUNT)


# The generator.


def test_students_are_the_same_every_time() -> None:
    """Two runs, and files of different lengths, begin with the same students."""
    assert list(islice(students(), 50)) == list(islice(students(), 80))[:50]


def test_students_fill_all_columns() -> None:
    """Every column has its header, in order, and a text in some of the rows."""
    rows = list(islice(students(), COUNT))
    assert {tuple(row) for row in rows} == {HEADER} == {tuple(column.header for column in COLUMNS)}
    assert all(any(row[header] for row in rows) for header in HEADER)


def test_students_share_no_identifier() -> None:
    """No two students have the same value in a sensitive column."""
    rows = list(islice(students(), 5_000))
    for column in SENSITIVE:
        assert len({row[column.header] for row in rows}) == len(rows)


def test_every_student_is_accepted(files: Files) -> None:
    """A new student of the generator is created, and the same file is unchanged then."""
    assert import_file(files.before, JOB, files.first)[1].count("created") == COUNT
    assert import_file(files.after, JOB, files.first)[1].count("unchanged") == COUNT


def test_one_row_in_a_hundred_changes(files: Files) -> None:
    """The changed rows are the ones that are meant, and no others."""
    results = import_file(files.after, JOB, files.changed)[1].results
    updated = [result.row for result in results if result.outcome == "updated"]
    assert updated == list(range(1, COUNT + 1, CHANGED_IN))
    assert len(updated) == one_in(CHANGED_IN, COUNT)
    assert sum(old != new for old, new in zip(islice(students(), COUNT), changed(islice(students(), COUNT)))) == 3


def test_every_fault_fails_its_row_and_no_other(files: Files) -> None:
    """One row in twenty fails, each with one complaint, about the column that was spoilt."""
    failed = import_file(files.before, JOB, files.faulty)[1].failed
    assert [result.row for result in failed] == list(range(1, COUNT + 1, FAULTY_IN))
    assert len(failed) > len(FAULTS)
    for number, result in enumerate(failed):
        (spoilt,) = FAULTS[number % len(FAULTS)]
        assert list(result.response["errors"]) == [spoilt.replace(":", ".")]


def test_a_written_file_is_the_file(tmp_path: Path) -> None:
    """What is written row by row is what is made in memory."""
    write_file(tmp_path / "students.csv", 20)
    assert (tmp_path / "students.csv").read_bytes() == file_of(islice(students(), 20))


# Measuring.


def test_the_best_round_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A measure is the shortest of the rounds, and rows a second follow from it."""
    clock = iter([0.0, 3.0, 10.0, 12.0, 20.0, 24.0])
    monkeypatch.setattr("time.process_time", lambda: next(clock))
    (found,) = compete([Contestant("it", 10, dict, {})], rounds=3, limit=60)
    assert (found.seconds, found.rounds, found.rows_per_second, found.wrong) == (2.0, 3, 5.0, None)


def test_no_round_begins_when_time_is_up() -> None:
    """The first round is always run, the second only within the limit."""
    (found,) = compete([Contestant("it", 1, dict, {})], rounds=5, limit=-1)
    assert found.rounds == 1


def test_contestants_take_turns() -> None:
    """Every contestant runs once in a round, and another one goes first in the next."""
    ran: list[str] = []
    three = [Contestant(name, 1, partial(ran.append, name), {}, lambda nothing: {}) for name in "abc"]
    compete(three, rounds=3, limit=60)
    assert "".join(ran) == "abcbcacab"


def test_a_wrong_result_in_any_round_is_told() -> None:
    """A contestant that is right at first and wrong later is wrong."""
    outcomes = iter([{"read": 2}, {"read": 1_000}])
    (found,) = compete([Contestant("it", 2, lambda: next(outcomes), {"read": 2})], rounds=2, limit=60)
    assert found.wrong == "it: 1,000 read, where 2 read was right"


# The contestants.


def test_all_contestants_are_right(files: Files) -> None:
    """Side by side, phase by phase, in small steps and in another importer, all come to what they should."""
    tables: tuple[list[Contestant], ...] = (
        contestants(files),
        phases(files.before, files.first),
        phases(files.after, files.first),
        small.steps(files),
        sql.importers(50),
        exploring.explorers(1),
    )
    for table in tables:
        assert [found.wrong for found in compete(table, rounds=1, limit=0)] == [None] * len(table)


def test_another_world_in_the_sql_importer_is_told() -> None:
    """The SQL importer is judged by its accounts, not by its outcomes alone."""
    _, importer = sql.importers(30)
    report = importer.run()
    assert importer.outcome(report) == {"created": 28, "failed": 2}
    right = sql.in_order([{"email_address": "a", "system_label_names": ["b", "a"], "declined_by": []}])
    assert right[0]["system_label_names"] == ["a", "b"]
    service = SqlImporter()
    sql.imported(service, file_of(islice(students(), 3)))
    assert sql.told(service, report, right)["other accounts"] == 3


def test_the_table_schema_says_what_the_columns_say() -> None:
    """What frictionless is asked to check are the columns' own kinds, lists and keys."""
    schema = {column.header: described(column) for column in COLUMNS}
    assert schema["username"] == {
        "name": "username",
        "type": "string",
        "constraints": {"required": True, "unique": True},
    }
    assert schema["school_year_name"]["constraints"] == {"enum": list(YEARS["eu"])}
    assert schema["disabled"]["trueValues"] == ["TRUE"]


def test_frictionless_is_left_out_where_it_is_not_installed(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without frictionless the others run, and its aim is not measured."""
    monkeypatch.setattr("tests.benchmarks.contestants.find_spec", lambda name: None)
    names = {contestant.name for contestant in contestants(files)}
    assert FRICTIONLESS not in names
    assert {FULL, DICT_READER} < names
    found = {aim.name: aim.is_met for aim in aims({}, [], Pace(1.0, 6.0, 1.0))}
    assert list(found.values()) == [None] * 9 + [False, False]


def test_frictionless_sees_the_faults_that_it_can_express(files: Files) -> None:
    """It is really at work: a faulty file is not valid to it."""
    contestant = next(one for one in contestants(evolve(files, first=files.faulty)) if one.name == FRICTIONLESS)
    assert contestant.outcome(contestant.run())["errors"] > one_in(FAULTY_IN, COUNT) // 2


# Growth.


def test_growth_is_measured_in_a_process_of_its_own() -> None:
    """Each size tells seconds and memory, and that all students were created."""
    sizes = list(growth.grow(((20, 2), (40, 1)), limit=60))
    assert [(size.students, size.rounds, size.wrong) for size in sizes] == [(20, 2, None), (40, 1, None)]
    assert all(size.seconds for size in sizes)


def test_what_would_take_too_long_is_not_measured() -> None:
    """A size that the one before foretells to be too much is left out, and why is said."""
    small_one, large_one = growth.grow(((20, 1), (10**12, 1)), limit=60)
    assert small_one.seconds is not None
    assert large_one.seconds is None
    assert large_one.remark.startswith("not measured: it would take ")


def test_a_process_that_the_system_stops_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where memory does not suffice the size is not measured, and no larger one is tried."""
    monkeypatch.setattr(growth, "in_a_child", lambda path: None)
    (size,) = growth.grow(((20, 1), (40, 1)), limit=60)
    assert (size.seconds, size.wrong) == (None, None)
    assert "memory" in size.remark


def test_students_who_are_missing_are_told() -> None:
    """An import that creates too few is wrong, however fast."""
    right, lacking = {"seconds": 2.0, "bytes": 3_000, "created": 3}, {"seconds": 1.0, "bytes": 9_000, "created": 2}
    size = growth.judged(3, [right, lacking])
    assert size.wrong
    assert (size.seconds, size.bytes_per_student) == (1.0, 3_000)


def test_the_worst_step_over_linear_counts() -> None:
    """Ten times the students in eleven times the seconds is 1.1 over linear; a size not measured does not count."""
    sizes = [Size(10, 1.0), Size(100, 11.0), Size(1_000, 110.0), Size(10_000)]
    assert growth.over_linear(sizes) == pytest.approx(1.1)
    assert growth.over_linear(sizes[:1]) is None


# The aims and the command.


@pytest.mark.parametrize(
    ("aim", "met"),
    [
        (Aim("more", 0.5, at_least=0.5), True),
        (Aim("more", 0.49, at_least=0.5), False),
        (Aim("less", 1.15, at_most=1.15), True),
        (Aim("less", 1.16, at_most=1.15), False),
        (Aim("unknown", None, at_least=1), None),
    ],
)
def test_an_aim_is_met_or_missed(aim: Aim, met: bool | None) -> None:
    """The limit itself is enough; what was not measured is neither."""
    assert aim.is_met is met


def test_aims_compare_rows_a_second() -> None:
    """A contestant with half of the other's rows a second comes to 0.5, whatever the number of rows."""
    found = {FULL: Measure(FULL, 10, 2.0, 1), DICT_READER: Measure(DICT_READER, 100, 10.0, 1)}
    first, *_, memory, searching, machine = aims(found, [Size(10, 1.0, 2_500.0), Size(100)], Pace(5_000.0, 2.0, 1.0))
    assert (first.result, memory.result) == (0.5, 2.5)
    assert (searching.is_met, machine.is_met) == (True, True)


def test_both_drivers_are_measured() -> None:
    """The pace of a short run is above nothing, and files are really sent."""
    found = pace(0.2, 3)
    assert found.files_a_second > 10
    assert found.machine > 0
    assert found.random > 0


def test_the_command_writes_what_it_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All tables come out, the same is in the file, and the exit status is 0 however slow it was."""
    monkeypatch.setattr(command, "QUICK", TINY)
    assert command.main(["--quick", "--json", str(tmp_path / "bench.json")]) == 0
    printed, data = capsys.readouterr().out, json.loads((tmp_path / "bench.json").read_text())
    assert data["wrong"] == []
    assert all(line.partition(":")[0] in printed for line in planted.kept())
    assert {measure["name"] for measure in data["side_by_side"]} >= {FULL, DICT_READER}
    for aim in data["aims"]:
        assert re.search(re.escape(aim["name"]) + r".*(met|missed|not measured)", printed)


def test_the_command_fails_where_a_result_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A contestant that comes to something else makes the exit status 1, and is named."""
    monkeypatch.setattr(command, "QUICK", TINY)
    monkeypatch.setattr("tests.benchmarks.contestants.read_dicts", lambda data: {"read": 7})
    assert command.main(["--quick"]) == 1
    assert "csv.DictReader: 7 read" in " ".join(capsys.readouterr().out.split())
