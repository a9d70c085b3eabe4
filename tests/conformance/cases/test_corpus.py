"""The corpus covers what it says, its cases are what they say, and its folder is written whole or not at all."""

import base64
import json
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from itertools import combinations
from pathlib import Path

import pytest
import typer
from attrs import evolve

from conformance.attribution.relevance import discriminating_rules
from conformance.cases.corpus import folders
from conformance.cases.corpus.actions import action_cases
from conformance.cases.corpus.arrays import Combination, combinations_in, rows_of
from conformance.cases.corpus.blocks import (
    BLOCKS,
    DATES,
    INSTITUTION,
    JOBS,
    SETTING,
    STUDENT,
    Block,
    Space,
    is_possible,
)
from conformance.cases.corpus.cases import Answers, CorpusCase
from conformance.cases.corpus.classes import CLASSES
from conformance.cases.corpus.coverage import Coverage, all_combinations, possible_decisions, refusing
from conformance.cases.corpus.decisions import DecisionRecorder
from conformance.cases.corpus.folders import check_free, make
from conformance.cases.corpus.gathering import gathered
from conformance.cases.corpus.interactions import RuleInteraction, named_scenarios, read, rule_interactions, written
from conformance.cases.corpus.rows import AS_STORED, PLAIN, begun, cell_cases, result_of, student_cases
from conformance.cases.corpus.students import STUDENT_STATES
from conformance.cases.corpus.verifying import BadCorpus, Entry, entries
from conformance.cases.corpus.whole_files import file_cases
from conformance.cli.replay import ReplayedCase, as_data
from conformance.generation.history import ActionStep, FileStep, History
from conformance.generation.value_pools import WORLDS
from conformance.oracle.answers import NOWHERE, answer
from conformance.oracle.judge import own_answers
from conformance.oracle.state import OracleState
from conformance.protocol.responses import Response
from conformance.session.replay import conversation, read_trace
from refmodel.catalogue import CATALOGUE
from refmodel.columns import BY_HEADER, COLUMNS
from refmodel.report import Failed
from refmodel.ruleset import STANDARD, Ruleset
from tests.support.commands import ENVIRONMENT, RIGHT, importer, run
from tests.support.paths import ROOT

CASES = 90


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small corpus, which no test may change."""
    folder = tmp_path_factory.mktemp("made") / "corpus"
    make(folder, CASES, 0)
    return folder


@pytest.fixture
def copy(corpus: Path, tmp_path: Path) -> Path:
    """A copy of it, for a test to spoil."""
    return Path(shutil.copytree(corpus, tmp_path / "copy"))


def tree(folder: Path) -> dict[str, bytes]:
    """All files of a folder, by their paths."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class TestClasses:
    def test_every_column_has_its_classes(self) -> None:
        """Blank and white space are everywhere, the token and what is malformed where there is such a thing."""
        for column in COLUMNS:
            names = set(CLASSES[column.header])
            assert {"blank", "white_space", "as_stored", "token"} <= names
            assert column.starred or "absent" in names

    @pytest.mark.parametrize("header", CLASSES)
    def test_sorts_are_true(self, header: str) -> None:
        """Under the setting a faulty cell fails the row of a student who is there, and no other cell does."""
        for name, each in CLASSES[header].items():
            result = result_of({**PLAIN, **AS_STORED, SETTING: "with_the_setting", header: name})
            assert isinstance(result, Failed) == (each.sort == "faulty"), name

    def test_quiet_cells_are_quiet(self) -> None:
        """Without the setting no quiet cell of a sensitive column fails the row."""
        for header, name in ((h, n) for h, c in CLASSES.items() for n, each in c.items() if each.sort == "quiet"):
            assert BY_HEADER[header].sensitive is False or not isinstance(
                result_of({**PLAIN, **AS_STORED, header: name}), Failed
            )

    def test_students_are_what_they_are_called(self) -> None:
        """Whatever leads to a student is done, and nobody's standing is another's."""
        seen = Counter[str]()
        for name in STUDENT_STATES:
            own = own_answers(begun(name, "north").requests, OracleState())
            assert all(exchange.response.get("done", True) for exchange in own)
            seen[repr(begun(name, "north").world.accounts)] += 1
        assert max(seen.values()) == 1


FIND_ANEW = "`python -m conformance.cases.corpus arrays` finds the rows anew"


class TestArrays:
    def test_every_pair_that_can_meet_does(self) -> None:
        """In the rows that are kept every pair of choices meets, and each cell each student under each job."""
        met = {meeting for block in BLOCKS for row in rows_of(block, 0) for meeting in combinations_in(row)}
        assert met == all_combinations(), FIND_ANEW

    @pytest.mark.parametrize("block", [block for block in BLOCKS if not block.deep], ids=lambda block: block.name)
    def test_in_each_block_too(self, block: Block) -> None:
        """Where rows are applied, every pair of what can be chosen there meets; under another seed as well."""
        possible = sum(1 for _ in _pairs(block.space))
        for seed in (0, 5):
            rows = list(rows_of(block, seed))
            assert all(map(is_possible, rows))
            assert len({pair for row in rows for pair in combinations(row.items(), 2)}) == possible, FIND_ANEW

    def test_another_seed_makes_other_rows(self) -> None:
        """A seed is heard, and means the same every time."""
        one, other, again = (list(rows_of(BLOCKS[2], seed)) for seed in (0, 5, 5))
        assert one != other == again


def _pairs(space: Space) -> Iterator[Combination]:
    for one, other in combinations(space, 2):
        pairs = (((one, a), (other, b)) for a in space[one] for b in space[other])
        yield from (pair for pair in pairs if is_possible(dict(pair)))


class TestMeetings:
    def test_each_history_still_tells(self) -> None:
        """Leaving out any of a history's rules changes what the oracle answers."""
        scenarios = named_scenarios()
        for meeting in rule_interactions():
            asked = scenarios[meeting.scenario] if meeting.scenario else tuple(meeting.the_history.requests())
            assert (
                discriminating_rules(meeting.rules, own_answers(asked, OracleState()), OracleState()) == meeting.rules
            )

    def test_each_stands_for_a_pair_of_its_own(self) -> None:
        """No history is kept that adds no pair of rules."""
        seen: set[tuple[str, str]] = set()
        for meeting in rule_interactions():
            pairs = set(combinations(meeting.rules, 2))
            assert pairs - seen
            seen |= pairs

    def test_all_rules_meet_others(self) -> None:
        """Each rule is in some pair."""
        missing = set(CATALOGUE) - {name for meeting in rule_interactions() for name in meeting.rules}
        assert not missing, "`python -m conformance.cases.corpus interactions` finds the histories anew"

    def test_a_line_is_read_as_it_was_written(self) -> None:
        """Files, bytes that spoil them, actions: nothing is lost."""
        file = FileStep("north", ("username", "é"), (("1", "\u2028"),), bom=True, trailing_garbage=b"\xe9\n")
        odd = evolve(file, before="\r\n", quoting="bare", separator=";", final_line_ending=False)
        history = History(WORLDS[1], (file, odd, ActionStep("approve", {"email": "a@b", "institution": "north"})))
        meeting = RuleInteraction(("blank_keeps", "approve"), history)
        assert read(written([meeting])) == (meeting,)


def outcome(case: CorpusCase, ruleset: Ruleset = STANDARD) -> Response:
    """What the model answers to the last file or action of a case, what came before it being as it should."""
    world = NOWHERE
    *before, last, _ = case.case.requests
    for request in before:
        _, world = answer(world, request)
    return answer(world, last, ruleset)[0]


def is_refused(response: Response) -> bool:
    """Whether a file was refused, or a row of it failed."""
    report = response["report"]
    return report["refused"] is not None or any(row["outcome"] == "failed" for row in report["rows"])


class TestCases:
    @pytest.mark.parametrize("cases", [cell_cases, student_cases, file_cases])
    def test_a_negative_case_is_pure(self, cases: Callable[[], Sequence[CorpusCase]]) -> None:
        """It is refused, and without the one rule that it names it is not."""
        negative = [case for case in cases() if case.polarity == "negative"]
        assert len(negative) > 20
        for case in negative:
            without = STANDARD.without(CATALOGUE[case.case.rules[0]].rule)
            assert len(case.case.rules) == 1, case.name
            assert (is_refused(outcome(case)), is_refused(outcome(case, without))) == (True, False), case.name

    def test_every_refusing_rule_is_broken_and_held(self) -> None:
        """Each rule by which something can be refused has a case that breaks it alone, and one that holds it."""
        everything = (*cell_cases(), *student_cases(), *file_cases(), *action_cases())
        broken = {name for case in everything if case.polarity in ("negative", "refused") for name in case.case.rules}
        assert refusing() - broken == set()

    def test_names_and_ids_are_distinct(self) -> None:
        """A name tells one case, and so does an id among the systematic ones of one part."""
        everything = gathered(100_000, 0)
        assert len({case.name for case in everything}) == len(everything) > 5000
        assert all(case.name.isidentifier() for case in everything)

    def test_few_cases_have_all_rules(self) -> None:
        """However few there are, each rule is the first one of a case; more cases only add to fewer."""
        few, more = gathered(CASES + 60, 0), gathered(600, 0)
        assert {case.case.rules[0] for case in few} == set(CATALOGUE)
        assert [case.name for case in more][: len(few)] == [case.name for case in few]

    def test_shared_answers_are_the_same(self) -> None:
        """What is remembered from case to case is what the model answers anew."""
        answers = Answers()
        for case in gathered(60, 0):
            assert answers.of(case.case.requests, case.shared) == own_answers(case.case.requests, OracleState())


class TestCoverage:
    def test_nothing_covers_nothing(self) -> None:
        """The counts come from the cases: without any all are 0."""
        assert {line.reached for line in Coverage().lines()} == {0}

    def test_what_is_counted_is_there(self) -> None:
        """A case more counts what is in it, and nothing is counted that there is not."""
        coverage = Coverage()
        for case in gathered(120, 0):
            coverage.add(case)
        assert coverage.combinations <= all_combinations()
        assert coverage.decisions <= possible_decisions()
        lines = {line.what: line for line in coverage.lines()}
        assert all(line.reached <= line.possible for line in lines.values())
        assert 0 < lines["pairs of choices"].reached < lines["pairs of choices"].possible

    def test_decisions_are_seen(self) -> None:
        """A row that is refused shows its rule at work, and one that is applied shows it at rest."""
        one = next(case for case in cell_cases() if case.name == "card_id_other_updated")
        other = next(case for case in cell_cases() if case.name == "card_id_other_with_the_setting")
        decided = ("sensitive_fields_need_the_setting", "acts")
        assert (
            decided in DecisionRecorder().over(one.case.requests),
            decided in DecisionRecorder().over(other.case.requests),
        ) == (
            True,
            False,
        )


class TestFolder:
    def test_a_case_is_a_folder(self, corpus: Path) -> None:
        """Its files are the bytes that its trace sends, and the trace is what the model says."""
        for entry in entries(corpus):
            trace = read_trace(entry.trace)
            sent = [base64.b64decode(e.request["csv"]) for e in trace.exchanges if "csv" in e.request]
            files = sorted(entry.folder.glob("*-import.csv")) + sorted(entry.folder.glob("*-preview.csv"))
            assert sorted(sent) == sorted(path.read_bytes() for path in files)
            assert conversation(trace) == own_answers([e.request for e in conversation(trace)], OracleState())
            after = json.loads((entry.folder / "world-after.json").read_text())
            assert after == trace.exchanges[-1].response

    def test_what_is_said_of_a_case_is_there(self, corpus: Path) -> None:
        """Every step names files that exist, and every file of the folder is accounted for."""
        for entry in entries(corpus):
            said = json.loads((entry.folder / "case.json").read_text())
            named = {name for step in said["steps"] for name in step.get("files", ())}
            usual = {"case.json", "world-before.json", "world-after.json", "trace.jsonl"}
            assert {path.name for path in entry.folder.iterdir()} == named | usual
            assert said["rules"][0] in CATALOGUE
            assert said["wrong"]

    def test_the_usual_program_accepts_the_checksums(self, corpus: Path) -> None:
        """`sha256sum -c` finds nothing wrong, and every file is in its list."""
        done = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=corpus, capture_output=True)
        assert (done.returncode, done.stdout) == (0, b"")
        listed = {line[66:] for line in (corpus / "SHA256SUMS").read_text().splitlines()}
        assert listed == set(tree(corpus)) - {"SHA256SUMS"}

    def test_the_same_seed_gives_the_same_bytes(self, corpus: Path, tmp_path: Path) -> None:
        """Whatever Python's hashes are; and another seed gives others, where enough cases are asked for."""
        script = (
            f"from pathlib import Path; from conformance.cases.corpus.folders import make; make(Path('x'), {CASES}, 0)"
        )
        environment = {**ENVIRONMENT, "PYTHONHASHSEED": "12345"}
        subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, check=True, timeout=600)
        assert tree(tmp_path / "x") == tree(corpus)
        one, other = (gathered(400, seed) for seed in (0, 1))
        assert [case.id for case in one] != [case.id for case in other]

    def test_an_earlier_corpus_is_replaced(self, copy: Path) -> None:
        """Whole: nothing of it is left."""
        make(copy, 10, 0)
        assert len(entries(copy)) == 10
        assert len(list((copy / "cases").iterdir())) == 10
        assert [path.name for path in copy.parent.iterdir()] == [copy.name]

    def test_an_empty_folder_is_filled(self, tmp_path: Path) -> None:
        """It is as good as none."""
        (tmp_path / "out").mkdir()
        make(tmp_path / "out", 3, 0)
        assert len(entries(tmp_path / "out")) == 3

    @pytest.mark.parametrize("spoil", ["add", "change", "lose"])
    def test_what_somebody_has_changed_stays(self, copy: Path, spoil: str) -> None:
        """A corpus with a file more, less or other than it was made with is not written over."""
        if spoil == "add":
            (copy / "my-recording.jsonl").write_text("{}")
        elif spoil == "change":
            (copy / "index.csv").write_text("mine")
        else:
            (copy / "index.csv").unlink()
        before = tree(copy)
        with pytest.raises(BadCorpus, match="nothing was written"):
            make(copy, 3, 0)
        assert tree(copy) == before

    def test_what_is_there_already_stays(self, tmp_path: Path) -> None:
        """A file, a full folder, a folder that is missing: each is said, and nothing is touched."""
        (tmp_path / "file").write_text("mine")
        (tmp_path / "full").mkdir()
        (tmp_path / "full" / "mine").write_text("mine")
        (tmp_path / "link").symlink_to(tmp_path / "full")
        before = tree(tmp_path)
        for name, text in (
            ("file", "not a folder"),
            ("full", "neither empty nor"),
            ("a/b", "make it"),
            ("link", "not a folder"),
        ):
            with pytest.raises(BadCorpus, match=text):
                check_free(tmp_path / name)
        assert tree(tmp_path) == before

    def test_nothing_half_done_stays(self, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where writing fails in the middle, the earlier corpus is as it was and nothing lies beside it."""
        before = tree(copy)

        def fail(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(folders, "about", fail)
        with pytest.raises(BadCorpus, match="No space left on device; nothing was changed"):
            make(copy, 3, 0)
        assert tree(copy) == before
        assert [path.name for path in copy.parent.iterdir()] == [copy.name]


class TestCommands:
    def test_a_corpus_is_written_and_told(self, tmp_path: Path) -> None:
        """The table says what is covered; a folder in use is an error in a line."""
        said = run("corpus", "out", "--cases", 20, folder=tmp_path)
        assert (said.status, said.err) == (0, "")
        assert said.out.startswith("out is written: 20 cases\n")
        assert "pairs of choices\t" in said.out
        (tmp_path / "out" / "mine").write_text("mine")
        again = run("corpus", "out", folder=tmp_path)
        assert (again.status, again.out) == (2, "")
        assert "nothing was written" in again.err

    def test_the_right_importer_passes(self, corpus: Path) -> None:
        """Every case passes, and the count runs."""
        said = run("play", corpus, RIGHT)
        assert said.status == 0
        assert f"all\t{CASES}\t0\t0\t0\t0\n" in said.out
        assert f"{CASES} of {CASES} cases played, 0 failed" in said.err

    def test_a_wrong_importer_is_told_rule_by_rule(self, corpus: Path) -> None:
        """What failed, by rule, with the sentence that says why it matters."""
        said = run("play", corpus, "python:conformance.mutants:blank_labels_keep")
        assert said.status == 1
        assert CATALOGUE["blank_labels_clear"].consequence in said.out

    def test_what_is_not_claimed_is_not_passed(self, corpus: Path, tmp_path: Path) -> None:
        """Without actions, preview and most columns the cases that need them are not applicable."""
        columns = ["email_address", "username", "first_name", "last_name", "auth_identifier", "card_id"]
        columns += ["primary_education:end_date", "school_year_name"]
        target = importer(
            tmp_path,
            f"""
            if op == "hello":
                return {{**right(request), "supports": [], "columns": {columns}}}
            if op in ("do", "preview"):
                return {{"error": "not claimed"}}
            return right(request)
            """,
        )
        said = run("play", corpus, target, "--json", folder=tmp_path)
        assert said.status == 0
        results = {each["name"]: each["result"] for each in said.data}
        assert Counter(results.values())["not_applicable"] > 20
        about = {each["name"] for each in said.data if {"blank_labels_clear", "approve"} & set(each["rules"][:1])}
        assert {results[name] for name in about} == {"not_applicable"}

    def test_a_fault_is_no_difference(self, copy: Path, tmp_path: Path) -> None:
        """It is told, and the exit status is 7."""
        target = importer(tmp_path, "return {'error': 'broken'} if op == 'observe' else right(request)")
        said = run("play", copy, target, folder=tmp_path)
        assert said.status == 7
        assert "broken" in said.out

    def test_a_damaged_corpus_is_not_played(self, copy: Path) -> None:
        """A changed file, a lost one, an index that makes no sense, another version: each is said."""
        trace = next(copy.glob("cases/*/trace.jsonl"))
        whole, index = trace.read_bytes(), (copy / "index.json").read_text()
        trace.write_bytes(whole.replace(b"north", b"south", 1))
        said = run("play", copy, RIGHT)
        assert (said.status, said.out) == (2, "")
        assert "trace.jsonl: the file was changed or is damaged" in said.err
        trace.unlink()
        assert_bad(copy, "trace.jsonl: cannot be read")
        trace.write_bytes(whole)
        (copy / "index.json").write_text(index.replace('"version": 2', '"version": 3', 1))
        assert_bad(copy, "this corpus is of version 3; this refmodel 0.1.0 reads versions 1 and 2")
        (copy / "index.json").write_text("[]")
        assert_bad(copy, "this is not a JSON object")
        (copy / "index.json").write_text(index)
        (copy / "SHA256SUMS").write_text("0" * 64 + "  ../../etc/passwd\n")
        assert_bad(copy, "SHA256SUMS, line 1")
        (copy / "SHA256SUMS").write_text("")
        assert_bad(copy, "which SHA256SUMS does not have")

    def test_a_corpus_is_played_alone(self, corpus: Path) -> None:
        """Two at once, or one with --write, is usage error."""
        said = run("play", corpus, corpus, RIGHT)
        assert (said.status, said.out) == (2, "")
        assert "play it alone" in said.err

    def test_recordings_are_judged(self, corpus: Path, tmp_path: Path) -> None:
        """A folder of copies: those that are as expected are allowed, an answer that is not is told."""
        for name in ("rows_of_blanks", "row_short"):
            shutil.copy(next(corpus.rglob(f"{name}/trace.jsonl")), tmp_path / f"{name}.jsonl")
        wrong = (tmp_path / "row_short.jsonl").read_text().replace('"outcome": "failed"', '"outcome": "created"')
        (tmp_path / "row_short.jsonl").write_text(wrong)
        said = run("judge", tmp_path)
        assert said.status == 1
        assert "rows_of_blanks.jsonl: pass" in said.out
        assert "ragged_rows_fail" in said.out

    def test_the_entry_point_names_the_command(self) -> None:
        """What the package says that `refmodel` can do besides is there."""
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        reference = project["entry-points"]["refmodel.commands"]["corpus"].partition(" ")[0]
        module, _, name = reference.partition(":")
        assert isinstance(getattr(import_module(module), name), typer.Typer)


def assert_bad(folder: Path, text: str) -> None:
    """That a corpus is refused, for a reason."""
    with pytest.raises(BadCorpus, match=text):
        entries(folder)


def test_the_jobs_are_those_of_the_model() -> None:
    """No job is one that cannot be expressed, and all columns are chosen in every block."""
    assert set(JOBS.values()) == {("automatic", False), ("manual", False), ("manual", True)}
    for block in BLOCKS:
        assert set(block.space) == {STUDENT, SETTING, INSTITUTION, DATES, *CLASSES}


def test_a_program_is_told_every_difference(tmp_path: Path) -> None:
    """People are told the first differences of a case and how many more there are, programs all of them."""
    entry = Entry("case", ("blank_keeps",), "title", "wrong", tmp_path)
    many = ReplayedCase(entry, "differs", differences=tuple(f"difference {number}" for number in range(9)))
    assert many.in_short.splitlines() == ["difference 0", "difference 1", "difference 2", "and 6 more"]
    assert as_data(many)["text"] == "\n".join(f"difference {number}" for number in range(9))
    few = ReplayedCase(entry, "differs", differences=("one", "two"))
    assert few.in_short == as_data(few)["text"] == "one\ntwo"
    assert as_data(ReplayedCase(entry, "fault", "it ended"))["text"] == "it ended"
