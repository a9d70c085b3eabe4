"""`python -m conformance`: recordings judged and played, deviations listed, and nothing ends in a traceback."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.generation.arguments import arguments_for
from conformance.mutants.known import DEVIATIONS
from conformance.protocol import requests
from conformance.protocol.request_checks import complaint_of
from conformance.protocol.trace import read
from conformance.session.replay import BadTrace, read_trace
from conformance.verdict.case import NOT_EXPLAINED
from conformance.verdict.known_deviations import deviation_named, reading_rules
from refmodel.catalogue import CATALOGUE
from refmodel.readings import READINGS
from tests.support.commands import (
    ADA,
    ENVIRONMENT,
    RIGHT,
    STARRED,
    WORLD,
    command,
    conversation,
    example_trace,
    imported,
    importer,
    labelled,
    run,
    written,
)

KEEPS_LABELS = deviation_named("no_blank_labels_clear").upon(reading_rules([]))


def lines(path: Path, *entries: object) -> Path:
    """A file of JSON lines, or of texts as they are."""
    path.write_text("".join(f"{e if isinstance(e, str) else json.dumps(e)}\n" for e in entries), "utf-8")
    return path


HEAD = {"format": "refmodel-trace", "version": 2, "title": "t", "rules": [], "world": WORLD}


def step(response: object = None, **request: Any) -> dict[str, Any]:
    """A line of a trace."""
    return {"request": request, "response": {"ok": True} if response is None else response}


class TestJudge:
    def test_a_right_recording_is_allowed(self, tmp_path: Path) -> None:
        """It says so, with the file and its title, and the exit status is 0."""
        said = run("judge", written(tmp_path / "t.jsonl", labelled()))
        assert (said.status, said.err) == (0, "")
        assert said.out == f"{tmp_path}/t.jsonl: pass (A story)\n"

    def test_a_difference_names_the_rule_and_the_deviation(self, tmp_path: Path) -> None:
        """Rule, basis, source, what was expected, what came, and what it behaves like; the exit status is 1."""
        said = run("judge", written(tmp_path / "t.jsonl", labelled(KEEPS_LABELS)))
        assert said.status == 1
        assert "t.jsonl: differs (A story)" in said.out
        assert "Rule: blank_labels_clear (stated, 002:36)" in said.out
        assert "Behaves like no_blank_labels_clear" in said.out
        assert "expected []" in said.out
        assert 'got      ["x", "y"]' in said.out

    def test_the_rest_is_judged_around_what_is_explained(self, tmp_path: Path) -> None:
        """Two things that differ in one recording are two differences, each with its own rule."""
        ruleset = deviation_named("no_booleans_are_upper_case").upon(KEEPS_LABELS)
        header = f"{STARRED},disabled"
        steps = [x.request for x in labelled().exchanges if x.request["op"] == "import"]
        trace = conversation([*steps, imported(f"{ADA},true", header=header)], ruleset)
        said = run("judge", written(tmp_path / "t.jsonl", trace), "--json")
        assert [d["rule"] for d in said.data[0]["differences"]] == ["blank_labels_clear", "booleans_are_upper_case"]

    def test_what_no_rule_explains_is_said_to_be_so(self, tmp_path: Path) -> None:
        """And what comes after it is not judged, which is said too."""
        trace = written(tmp_path / "t.jsonl", conversation([imported(ADA), imported(ADA)]))
        spoilt = trace.read_text().replace('"username": "1"', '"username": "2"', 1)
        trace.write_text(spoilt)
        said = run("judge", trace)
        assert said.status == 1
        assert NOT_EXPLAINED in said.out
        assert "The 2 requests after that are not judged" in said.out

    def test_what_a_file_says_explains_nothing(self, tmp_path: Path) -> None:
        """A difference has its rule, also where a cell holds the words for one that has none."""
        header = f"{STARRED},system_label_names"
        rows = [imported(f'{ADA},"{labels}"', header=header) for labels in (f"x;{NOT_EXPLAINED}", "")]
        said = run("judge", written(tmp_path / "t.jsonl", conversation(rows, KEEPS_LABELS)), "--json")
        assert NOT_EXPLAINED in said.data[0]["differences"][0]["text"]
        assert [d["rule"] for d in said.data[0]["differences"]] == ["blank_labels_clear"]

    def test_folders_are_searched(self, tmp_path: Path) -> None:
        """All traces below a folder are judged, in their order."""
        written(tmp_path / "a" / "one.jsonl", labelled())
        written(tmp_path / "two.jsonl", labelled(KEEPS_LABELS))
        (tmp_path / "notes.txt").write_text("no trace")
        said = run("judge", tmp_path, "--json")
        assert said.status == 1
        assert [(Path(each["trace"]).name, each["result"]) for each in said.data] == [
            ("one.jsonl", "pass"),
            ("two.jsonl", "differs"),
        ]
        assert said.data[1]["differences"][0]["behaves_like"] == ["no_blank_labels_clear"]
        assert said.data[1]["differences"][0]["exact"] is True

    def test_a_reading_allows_what_follows_it(self, tmp_path: Path) -> None:
        """An importer that follows a reading differs from the rules, and not from the reading."""
        trace = example_trace("campus_is_known", reading_rules(["unknown_campuses_are_taken"]))
        path = written(tmp_path / "t.jsonl", trace)
        assert run("judge", path).status == 1
        assert run("judge", path, "--reading", "unknown_campuses_are_taken").status == 0

    def test_strictness_is_chosen(self, tmp_path: Path) -> None:
        """A text that an article quotes counts where it is exact, and else does not."""
        path = written(tmp_path / "t.jsonl", example_trace("sensitive_fields_need_the_setting"))
        path.write_text(path.read_text().replace("Attempted to update sensitive fields", "No"))
        assert [run("judge", path, "--strictness", how).status for how in ("exact", "fields", "outcome")] == [1, 0, 0]

    def test_columns_that_the_importer_does_not_store_do_not_count(self, tmp_path: Path) -> None:
        """A recording with a hello says which they are."""
        columns = ["email_address", "username", "first_name", "last_name", "auth_identifier", "card_id"]
        hello = {"protocol": 1, "columns": [*columns, "primary_education:end_date", "school_year_name"]}
        trace = conversation([imported(f"{ADA},x;y", header=f"{STARRED},system_label_names")])
        told = [step(each.response, **each.request) for each in trace.exchanges]
        told[1]["response"]["accounts"][0].pop("system_label_names")
        assert run("judge", lines(tmp_path / "t.jsonl", HEAD, *told)).status == 1
        path = lines(tmp_path / "t.jsonl", HEAD, step(hello, op="hello", protocol=1), *told)
        assert run("judge", path).status == 0

    @pytest.mark.parametrize(
        ("entries", "complaint"),
        [
            (["{"], "line 1, column 2: this is not JSON"),
            (["[]"], "line 1: expected a JSON object, but found []"),
            ([HEAD, "nonsense"], "line 2, column 1: this is not JSON"),
            ([HEAD, {"request": {}}], "line 2: a step is"),
            ([{**HEAD, "world": {"institutions": 7}}], "line 1: the world makes no sense"),
            ([{**HEAD, "world": {"institutions": [{"id": "n"}, {"id": "n"}]}}], "line 1: the world makes no sense"),
            ([HEAD, step(op="dance")], 'line 2: the request is not of the protocol: there is no op "dance"'),
            ([HEAD, step(op="observe", response={}), step(op="do", action="x")], "line 3: the request is not of"),
            ([HEAD, step(op="import")], "line 2: the request is not of the protocol: institution is missing"),
            ([HEAD, step(op="observe", response={"error": "no"})], "line 2: the response is not of the protocol"),
            ([HEAD, step(op="observe", response={"accounts": 1})], "line 2: the response is not of the protocol"),
            (
                [HEAD, step(op="do", action="approve", institution="south", email="a@b.c", response={})],
                "line 2: the request makes no sense",
            ),
            (
                [HEAD, step(**{**imported(ADA), "csv": "?"}, response={"report": {"rows": []}})],
                "line 2: the request is not of the protocol: csv must be base64",
            ),
            (
                [HEAD, step(**{**imported(ADA), "mode": "loud"}, response={"report": {"rows": []}})],
                "line 2: the request is not of the protocol: mode must be automatic or manual",
            ),
        ],
    )
    def test_what_is_no_trace_is_named(self, tmp_path: Path, entries: list[Any], complaint: str) -> None:
        """With the file and the line."""
        path = lines(tmp_path / "broken.jsonl", *entries)
        with pytest.raises(BadTrace) as caught:
            read_trace(path)
        assert str(caught.value).startswith(f"{path}, {complaint}")

    def test_a_broken_trace_does_not_hide_the_others(self, tmp_path: Path) -> None:
        """The others are judged; the exit status is 2."""
        lines(tmp_path / "broken.jsonl", "{")
        written(tmp_path / "right.jsonl", labelled())
        said = run("judge", tmp_path)
        assert said.status == 2
        assert f"{tmp_path}/broken.jsonl, line 1, column 2: this is not JSON" in said.err
        assert "right.jsonl: pass" in said.out

    def test_wrong_use_is_said_in_a_line(self, tmp_path: Path) -> None:
        """No file, bytes that are no text, an empty folder, a reading or an option that does not exist."""
        (tmp_path / "empty").mkdir()
        (tmp_path / "bytes.jsonl").write_bytes(b"\xff")
        path = written(tmp_path / "t.jsonl", labelled())
        for arguments, complaint in (
            ((tmp_path / "none.jsonl",), "cannot be read: No such file"),
            ((tmp_path / "bytes.jsonl",), "is not UTF-8"),
            ((tmp_path / "empty",), "there is no trace in this folder"),
            ((path, "--reading", "campus_stay"), "there is no reading 'campus_stay' (did you mean campus_stays"),
            ((path, "--strictness", "loud"), "Invalid value"),
            ((), "Missing argument"),
        ):
            said = run("judge", *arguments)
            assert (said.status, said.out) == (2, ""), arguments
            assert complaint in said.err

    def test_nothing_that_a_terminal_would_obey_is_printed(self, tmp_path: Path) -> None:
        """A title and a value may come from anybody."""
        trace = conversation([imported(ADA.replace("Ada", "\u202eA\x1b[31m"))], title="\x1b[2J")
        path = written(tmp_path / "t.jsonl", trace)
        path.write_text(
            path.read_text().replace("created", "failed", 1).replace('{"success": true}', '{"errors":"x"}', 1)
        )
        said = run("judge", path)
        assert said.status == 1
        assert not {"\x1b", "\u202e"} & set(said.out)


A_FILE = {"op": "import", "institution": "n", "mode": "manual", "date_format": "yyyy-mm-dd", "csv": "YQ=="}
SOMETHING_OF_EACH_ACTION = [requests.do(name, **arguments_for(name, {})) for name in requests.ACTIONS]


class TestComplaints:
    @pytest.mark.parametrize(
        ("request_", "complaint"),
        [
            ({"op": ["x"]}, "there is no op"),
            ({"op": "reset", "world": []}, "world must be an object"),
            ({"op": "do", "action": {}}, "there is no action"),
            ({"op": "do", "action": "confirm_email", "email": "a", "x": 1}, "confirm_email takes email, and not x"),
            ({"op": "do", "action": "confirm_email"}, "email is missing"),
            ({"op": "do", "action": "sign_in", "email": "a", "via": "door"}, "via must be password or sso"),
            (
                {"op": "do", "action": "edit_profile", "institution": "n", "email": "a", "changes": {"x": 1}},
                "an object of texts",
            ),
            (
                {"op": "do", "action": "set_disabled", "institution": "n", "email": "a", "disabled": "no"},
                "true or false",
            ),
            ({**A_FILE, "mode": "loud"}, "mode must be automatic or manual"),
            ({**A_FILE, "mode": "\ud800"}, "mode must be automatic or manual"),
            ({**A_FILE, "change_sensitive_fields": "yes"}, "change_sensitive_fields must be true or false"),
            ({**A_FILE, "csv": "?"}, "csv must be base64"),
            ({**A_FILE, "csv": "\ud800"}, "csv must be base64"),
            ({**A_FILE, "csv": None}, "csv is missing"),
        ],
    )
    def test_what_is_no_request_is_named(self, request_: dict[str, Any], complaint: str) -> None:
        """So that a client, or whoever wrote a trace, knows what to change."""
        assert complaint in (complaint_of(request_) or "")

    @pytest.mark.parametrize(
        "request_",
        [
            A_FILE,
            {"op": "hello"},
            {"op": "hello", "protocol": 2},
            {"op": "reset", "world": {}},
            {"op": "do", "action": "sign_in", "email": "a", "via": "password", "institution": None},
            {"op": "do", "action": "confirm_email", "email": "\ud800"},
        ],
    )
    def test_what_can_be_answered_is_a_request(self, request_: dict[str, Any]) -> None:
        """A file without the setting, another version's hello, a world that says little, a text no file can hold."""
        assert complaint_of(request_) is None

    @pytest.mark.parametrize("request_", [A_FILE, {"op": "reset", "world": {}}, *SOMETHING_OF_EACH_ACTION])
    def test_every_part_of_a_request_is_complained_of_in_words(self, request_: dict[str, Any]) -> None:
        """Whatever a request is made of, there are words for what belongs there."""
        assert complaint_of(request_) is None
        for part in request_.keys() - {"op", "action"}:
            assert re.match(f"{part} must be \\w+", complaint_of(request_ | {part: [7]}) or "")

    def test_what_the_suite_sends_is_a_request(self) -> None:
        """Nothing that the documentation shows is complained of."""
        for rule in ("blank_labels_clear", "edit_profile", "sign_in", "preview", "sign_up"):
            for exchange in example_trace(rule).exchanges:
                assert complaint_of(exchange.request) is None


class TestPlay:
    def test_a_right_importer_plays_it_as_recorded(self, tmp_path: Path) -> None:
        """In whatever process it lives."""
        path = written(tmp_path / "t.jsonl", labelled())
        for target in (RIGHT, f"cmd:{sys.executable} -m conformance serve"):
            said = run("play", path, target)
            assert (said.status, said.err) == (0, ""), target
            assert said.out == f"{path}: pass (A story)\n"

    def test_recorded_answers_do_not_count(self, tmp_path: Path) -> None:
        """A recording of a wrong importer is played right by a right one."""
        path = written(tmp_path / "t.jsonl", labelled(KEEPS_LABELS))
        assert (run("judge", path).status, run("play", path, RIGHT).status) == (1, 0)

    def test_a_wrong_importer_is_told_so_and_its_conversation_written(self, tmp_path: Path) -> None:
        """What is written is what it said, and is judged the same as it stands."""
        path = written(tmp_path / "t.jsonl", labelled())
        target = f"cmd:{sys.executable} -m conformance serve --deviation no_blank_labels_clear"
        said = run("play", path, target, "--write", tmp_path / "new" / "copy.jsonl")
        assert said.status == 1
        assert "Behaves like no_blank_labels_clear" in said.out
        assert read(tmp_path / "new" / "copy.jsonl").exchanges == labelled(KEEPS_LABELS).exchanges
        assert run("judge", tmp_path / "new").status == 1

    def test_what_is_not_claimed_is_not_applicable(self, tmp_path: Path) -> None:
        """And where nothing else was played, nothing was verified: exit status 6."""
        source = "return {'protocol': 1} if op == 'hello' else right(request)"
        path = written(tmp_path / "t.jsonl", example_trace("sign_up"))
        target = importer(tmp_path, source)
        said = run("play", path, target, folder=tmp_path)
        assert said.status == 6
        assert "not applicable" in said.out
        assert "the importer does not claim" in said.out
        assert "sign_up" in said.out
        both = run("play", path, written(tmp_path / "u.jsonl", labelled()), target, folder=tmp_path)
        assert both.status == 0

    def test_columns_that_it_does_not_store_are_not_sent(self, tmp_path: Path) -> None:
        """A file comes without them, and they are not compared."""
        source = """
            if op == 'hello':
                needed = 'email_address username first_name last_name auth_identifier card_id school_year_name'
                return {'protocol': 1, 'columns': [*needed.split(), 'primary_education:end_date']}
            import base64
            assert b'label' not in base64.b64decode(request.get('csv', ''))
            return right(request)
        """
        path = written(tmp_path / "t.jsonl", labelled())
        assert run("play", path, importer(tmp_path, source), folder=tmp_path).status == 0

    @pytest.mark.parametrize("source", ["sys.exit(3)", "time.sleep(60)", "return {'accounts': 7}"])
    def test_a_fault_is_no_difference(self, tmp_path: Path, source: str) -> None:
        """It ends with status 7, and the next trace is played all the same."""
        target = command(tmp_path, f"if op == 'observe':\n    {source}\nreturn right(request)")
        paths = [written(tmp_path / "a.jsonl", labelled())]
        empty = conversation([])
        paths.append(written(tmp_path / "b.jsonl", empty))
        said = run("play", *paths, target, "--timeout", 4, "--json", folder=tmp_path)
        assert said.status == 7
        assert [each["result"] for each in said.data] == ["fault", "pass"]
        assert "request:" in said.data[0]["text"]

    def test_an_importer_that_says_no_hello_is_a_fault(self, tmp_path: Path) -> None:
        """It is said with its last words."""
        path = written(tmp_path / "t.jsonl", labelled())
        said = run("play", path, f"cmd:{sys.executable} -c 'import sys; sys.exit(\"no licence\")'")
        assert said.status == 7
        assert "no licence" in said.err

    def test_wrong_use_is_said_in_a_line(self, tmp_path: Path) -> None:
        """A target that cannot be, time that is none, two conversations for one file, a file that cannot be."""
        path = written(tmp_path / "t.jsonl", labelled())
        for arguments, complaint in (
            ((path, "nonsense"), "is not a target"),
            ((path, RIGHT, "--timeout", 0), "--timeout"),
            ((path, RIGHT, "--timeout", "nan"), "--timeout"),
            ((path, path, RIGHT, "--write", tmp_path / "c"), "--write takes the conversation of one"),
            ((path, RIGHT, "--write", "/dev/null/x"), "cannot be made"),
            ((path,), "Missing argument"),
        ):
            said = run("play", *arguments)
            assert said.status == 2, arguments
            assert complaint in said.err


class TestDeviations:
    def test_all_are_listed(self) -> None:
        """Every deviation and every reading, with its rule."""
        said = run("deviations", "--json")
        assert said.status == 0
        assert {each["deviation"] for each in said.data} == {*DEVIATIONS, *READINGS}
        assert {each["deviation"] for each in said.data if each["reading"]} == set(READINGS)
        for each in said.data:
            assert deviation_named(each["deviation"]).rule == each["rule"] in CATALOGUE
            assert each["statement"]

    def test_those_of_a_rule_are_listed(self) -> None:
        """One can ask what is known of one rule."""
        said = run("deviations", "--rule", "campus_is_known")
        assert {row.split("\t")[1] for row in said.out.splitlines()[1:]} == {"campus_is_known"}
        assert "unknown_campuses_are_taken" in said.out
        assert run("deviations", "--rule", "nonsense").status == 2


def test_help_explains_every_command() -> None:
    """And names the run of the suite, which is another command."""
    said = run("--help")
    assert said.status == 0
    assert {"judge", "play", "serve", "lint", "discover", "deviations"} <= set(said.out.split())
    assert "pytest --pyargs conformance" in said.out
    assert run("nonsense").status == 2


def test_a_missing_library_is_named() -> None:
    """With what to do about it."""
    code = "import sys; sys.modules['typer'] = None; from conformance.__main__ import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=ENVIRONMENT, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'refmodel[conformance]'" in done.stderr


def test_what_one_command_needs_is_not_loaded_for_all() -> None:
    """Campaigns, the exploration, pages and Hypothesis are loaded where they are asked for."""
    code = "import sys; import conformance.cli.app; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=ENVIRONMENT, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"conformance.cli.judge", "typer"} <= loaded
    heavy = {
        "conformance.search.campaign.tasks",
        "conformance.search.exhaustive",
        "hypothesis",
        "jinja2",
        "distributed",
        "networkx",
    }
    assert not heavy & loaded
