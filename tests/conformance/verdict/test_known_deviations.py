"""Known deviations: a file is read or its mistake named, an entry counts while it is true, a run goes around it."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from conformance.mutants.known import DEVIATIONS
from conformance.oracle.reference import ReferenceImporter
from conformance.protocol.responses import Response
from conformance.protocol.trace import write
from conformance.session.client import Importer, introduced
from conformance.transport.in_process import PythonTarget
from conformance.verdict.known_deviations import (
    BadEntry,
    Checked,
    check,
    deviation_named,
    load,
    reading_rules,
    ruleset_of,
    true_of,
)
from refmodel.readings import READINGS
from refmodel.ruleset import STANDARD, Ruleset
from tests.support.commands import ENVIRONMENT, Said, example_trace

LABELS = {
    "rule": "blank_labels_clear",
    "deviation": "no_blank_labels_clear",
    "reason": "Labels are kept.",
    "trace": "traces/labels.jsonl",
}
CAMPUS = {
    "rule": "campus_is_known",
    "deviation": "unknown_campuses_are_taken",
    "reason": "Any campus will do.",
    "trace": "traces/campus.jsonl",
}


def file(folder: Path, *entries: Mapping[str, object]) -> Path:
    """A file of known deviations, with the traces of all rules that are named here."""
    for entry in (LABELS, CAMPUS):
        write(example_trace(entry["rule"]), folder / entry["trace"])
    path = folder / "known.toml"
    tables = ("\n".join(f"{key} = {json.dumps(value)}" for key, value in entry.items()) for entry in entries)
    path.write_text("".join(f"[[deviation]]\n{table}\n" for table in tables))
    return path


def deviating(*names: str) -> Ruleset:
    """The rules with some deviations."""
    ruleset = STANDARD
    for name in names:
        ruleset = deviation_named(name).upon(ruleset)
    return ruleset


def importer_of(ruleset: Ruleset) -> Importer:
    """An importer in this process that goes by some rules."""
    return introduced(PythonTarget("python:tests:importer", lambda: ReferenceImporter(ruleset), 30.0))


class Misshapen(ReferenceImporter):
    """An importer that answers nothing but a hello in the right shape."""

    def handle(self, request: Response) -> Response:
        """An answer of no request."""
        return super().handle(request) if request["op"] == "hello" else {"ok": 7}


def statuses(checked: tuple[Checked, ...]) -> list[str]:
    """What became of each entry."""
    return [each.status for each in checked]


class TestFile:
    def test_entries_are_read(self, tmp_path: Path) -> None:
        """With the trace beside the file, and readings among the deviations."""
        labels, campus = load(file(tmp_path, LABELS, CAMPUS))
        assert (labels.rule, labels.deviation, labels.reason) == (
            "blank_labels_clear",
            DEVIATIONS["no_blank_labels_clear"],
            "Labels are kept.",
        )
        assert labels.trace == example_trace("blank_labels_clear")
        assert campus.id == "unknown_campuses_are_taken"

    def test_no_entry_is_a_file_too(self, tmp_path: Path) -> None:
        """The last deviation was mended."""
        assert load(file(tmp_path)) == ()

    def test_format_and_version_may_be_named(self, tmp_path: Path) -> None:
        """A file may say what it is; those that were written before there was a format do not."""
        path = file(tmp_path, LABELS)
        path.write_text(f'format = "refmodel-known-deviations"\nversion = 1\n{path.read_text()}')
        assert [entry.rule for entry in load(path)] == ["blank_labels_clear"]

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ("[[deviation", "is not TOML"),
            ("[deviation]\nrule='x'", "in two pairs of brackets"),
            ("[[deviations]]\nrule='x'", "the key 'deviations' is not known .did you mean deviation"),
            ("version = 2", "this file of known deviations is of version 2; this refmodel .* reads version 1: install"),
            ("version = '1'", 'version: expected a version such as 1, but found "1"'),
            ("format = 'refmodel-state'", "this is not a file of known deviations"),
            ("deviation = [1]", "entry 1: an entry is a table"),
        ],
    )
    def test_what_is_no_such_file_is_said(self, tmp_path: Path, text: str, complaint: str) -> None:
        """With its name."""
        path = tmp_path / "known.toml"
        path.write_text(text)
        with pytest.raises(BadEntry, match=f"^{path}.*{complaint}"):
            load(path)

    @pytest.mark.parametrize(
        ("change", "complaint"),
        [
            (
                {"rule": "blank_labels"},
                "entry 2, rule: there is no rule 'blank_labels' .did you mean blank_labels_clear",
            ),
            ({"deviation": "no_labels"}, "entry 2, deviation: there is no deviation 'no_labels'"),
            ({"deviation": "campus_stays"}, "entry 2, deviation: campus_stays deviates from leaving_leaves"),
            ({"reason": " "}, "entry 2, reason: must be a text that is not blank"),
            ({"trace": 7}, "entry 2, trace: must be a text"),
            ({"trace": "none.jsonl"}, "entry 2, trace: .*none.jsonl: cannot be read"),
            ({"trace": "known.toml"}, "entry 2, trace: .*known.toml, line 1, column 3: this is not JSON"),
            (
                {"resaon": "x"},
                "entry 2: the key 'resaon' is not known .did you mean reason\\?., only rule, deviation, reason, trace",
            ),
            ({"reason": None}, "entry 2: the key 'reason' is missing"),
            ({}, "entry 2, deviation: blank_labels_clear is changed by .*entry 1 already"),
        ],
    )
    def test_a_wrong_entry_is_named(self, tmp_path: Path, change: dict[str, Any], complaint: str) -> None:
        """With the file, the number of the entry and the key."""
        entry = {key: value for key, value in {**LABELS, **change}.items() if value is not None}
        path = file(tmp_path, LABELS, entry)
        with pytest.raises(BadEntry, match=f"^{path}, {complaint}"):
            load(path)

    def test_a_file_that_is_not_there_is_said(self, tmp_path: Path) -> None:
        """As everywhere."""
        with pytest.raises(BadEntry, match="cannot be read: No such file"):
            load(tmp_path / "known.toml")


class TestNames:
    @pytest.mark.parametrize("name", [*DEVIATIONS, *READINGS])
    def test_every_deviation_and_every_reading_has_its_name(self, name: str) -> None:
        """By which it changes the rules."""
        assert deviation_named(name).upon(STANDARD) != STANDARD

    def test_readings_of_one_rule_exclude_each_other(self) -> None:
        """Of two duplicates not both can win."""
        with pytest.raises(ValueError, match="both read rows_that_share_an_identifier_fail"):
            reading_rules(["first_of_duplicates_wins", "last_of_duplicates_wins"])
        assert reading_rules(["campus_stays", "campus_stays"]) == reading_rules(["campus_stays"])

    def test_entries_add_up(self, tmp_path: Path) -> None:
        """The search goes by all of them at once."""
        entries = load(file(tmp_path, LABELS, CAMPUS))
        assert ruleset_of(entries) == deviating("no_blank_labels_clear", "unknown_campuses_are_taken")


class TestCheck:
    def test_what_is_true_shows(self, tmp_path: Path) -> None:
        """Alone, and beside others."""
        entries = load(file(tmp_path, LABELS, CAMPUS))
        checked = check(entries, importer_of(ruleset_of(entries)))
        assert statuses(checked) == ["shows", "shows"]
        assert true_of(checked) == entries
        known = importer_of(STANDARD).known()
        case = checked[0].case(known)
        assert case
        assert (case.status, case.attribution.exact_rules, case.attribution.mutants) == (
            "differs",
            ("blank_labels_clear",),
            ("no_blank_labels_clear",),
        )
        assert case.text.startswith("Known deviation")
        assert "Labels are kept." in case.text

    def test_what_was_mended_is_gone(self, tmp_path: Path) -> None:
        """And the entry is to be taken out; the others stay."""
        entries = load(file(tmp_path, LABELS, CAMPUS))
        checked = check(entries, importer_of(deviating("unknown_campuses_are_taken")))
        assert statuses(checked) == ["gone", "shows"]
        assert "entry 1 (blank_labels_clear, no_blank_labels_clear): it does not show any more" in checked[0].text
        assert checked[0].case(importer_of(STANDARD).known()) is None

    def test_what_shows_otherwise_is_a_difference(self, tmp_path: Path) -> None:
        """It is told like any other, with what accounts for it."""
        entries = load(file(tmp_path, LABELS))
        (checked,) = check(entries, importer_of(deviating("no_labels_are_exactly_the_cell")))
        assert checked.status == "otherwise"
        case = checked.case(importer_of(STANDARD).known())
        assert case
        assert case.status == "differs"
        assert "it shows, but not as no_blank_labels_clear" in case.text

    def test_what_is_not_claimed_any_more_is_gone(self, tmp_path: Path) -> None:
        """Nothing can show it."""
        path = file(tmp_path, {**CAMPUS, "rule": "approve", "deviation": "no_approve", "trace": "approve.jsonl"})
        write(example_trace("approve"), tmp_path / "approve.jsonl")
        at = importer_of(STANDARD)
        at = evolve(at, hello=type(at.hello)(1))
        (checked,) = check(load(path), at)
        assert checked.status == "gone"
        assert "does not claim approve" in checked.text

    def test_a_fault_is_a_fault(self, tmp_path: Path) -> None:
        """It says nothing about the deviation."""
        at = introduced(PythonTarget("python:tests:importer", Misshapen, 30.0))
        (checked,) = check(load(file(tmp_path, LABELS)), at)
        case = checked.case(at.known())
        assert case
        assert (checked.status, case.status) == ("fault", "fault")

    def test_readings_are_the_ground_it_is_judged_on(self, tmp_path: Path) -> None:
        """An importer that follows a reading shows its deviations beside it."""
        at = importer_of(deviating("no_blank_labels_clear", "campus_stays"))
        known = evolve(at.known(), ruleset=reading_rules(["campus_stays"]))
        assert statuses(check(load(file(tmp_path, LABELS)), at, known)) == ["shows"]


# Runs of the suite.


def suite(folder: Path, ruleset: str, *options: object) -> tuple[Said, dict[str, Any], dict[str, Any]]:
    """A short run on an importer that goes by some rules: what it says, its report, and what it went by."""
    (folder / "deviating.py").write_text(
        "from conformance.verdict.known_deviations import deviation_named, reading_rules\n"
        "from conformance.oracle.reference import ReferenceImporter\n"
        "from refmodel.ruleset import STANDARD\n"
        f"def importer():\n    return ReferenceImporter({ruleset})\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--pyargs", "conformance"]
    command += ["--importer", "python:deviating:importer", "--budget", "40-histories"]
    command += ["--report", str(folder / "report")]
    done = subprocess.run(
        [*command, *map(str, options)], capture_output=True, text=True, cwd=folder, env=ENVIRONMENT, timeout=600
    )
    said = Said(done.returncode, done.stdout, done.stderr)
    found = (folder / "report" / name for name in ("report.json", "judged-by.json"))
    report, judged_by = (json.loads(path.read_text()) if path.exists() else {} for path in found)
    return said, report, judged_by


BOTH = "deviation_named('unknown_campuses_are_taken').upon(deviation_named('no_blank_labels_clear').upon(STANDARD))"


class TestSuite:
    def test_known_deviations_stay_broken_and_nothing_else_differs(self, tmp_path: Path) -> None:
        """The verdict is the one without the file, every test passes, and it is said that nothing is new."""
        path = file(tmp_path, LABELS, CAMPUS)
        said, report, judged_by = suite(tmp_path, BOTH, "--known-deviations", path)
        assert (said.status, report["verdict"]) == (1, "violates"), said.out
        assert " failed" not in said.out.rpartition("Verdict:")[2]
        assert "Beside the known deviations, no other case differs" in said.out
        broken = [rule for rule, status in report["rules"].items() if status == "broken"]
        assert sorted(broken) == ["blank_labels_clear", "campus_is_known"]
        assert {example["rule"] for example in report["counterexamples"]} == set(broken)
        assert judged_by["other_differences"] == 0
        assert [entry["status"] for entry in judged_by["known_deviations"]] == ["shows", "shows"]

    def test_a_new_difference_is_told_from_the_known(self, tmp_path: Path) -> None:
        """It fails its tests, which the known ones do not."""
        said, report, judged_by = suite(tmp_path, BOTH, "--known-deviations", file(tmp_path, LABELS))
        assert (said.status, report["verdict"]) == (1, "violates")
        assert judged_by["other_differences"] > 0
        assert "unknown_campuses_are_taken" in said.out
        assert "no_blank_labels_clear (blank_labels_clear) shows as listed" in said.out

    def test_a_stale_entry_makes_the_run_incomplete(self, tmp_path: Path) -> None:
        """Nothing is broken, but the file says what is not so."""
        path = file(tmp_path, LABELS)
        said, report, judged_by = suite(tmp_path, "STANDARD", "--known-deviations", path)
        assert (said.status, report["verdict"]) == (6, "incomplete")
        assert "1 failed" in said.out
        assert "it does not show any more: delete the entry" in said.out
        assert judged_by["known_deviations"][0]["status"] == "gone"
        assert report["rules"]["blank_labels_clear"] == "held"

    def test_a_run_that_leaves_them_out_is_filtered(self, tmp_path: Path) -> None:
        """As one that leaves out any other test."""
        path = file(tmp_path, LABELS)
        said, report, _ = suite(tmp_path, BOTH, "--known-deviations", path, "-k", "not known_deviation and blank_keeps")
        assert (said.status, report["verdict"]) == (0, "incomplete")

    def test_a_reading_is_what_is_judged_by(self, tmp_path: Path) -> None:
        """An importer that follows it conforms to it, and the summary says by which it was judged."""
        ruleset = "reading_rules(['campus_stays', 'texts_are_trimmed'])"
        options = ("--reading", "campus_stays", "--reading", "texts_are_trimmed")
        said, report, judged_by = suite(tmp_path, ruleset, *options)
        assert (said.status, report["verdict"]) == (0, "conformant"), said.out
        assert "Judged by these readings: campus_stays (leaving_leaves_nothing_behind), texts_are_trimmed" in said.out
        assert judged_by["readings"] == ["campus_stays", "texts_are_trimmed"]

    def test_without_either_a_run_is_as_it_was(self, tmp_path: Path) -> None:
        """No test more, nothing said of it, and what an earlier run has written of it is taken away."""
        (tmp_path / "report").mkdir()
        (tmp_path / "report" / "judged-by.json").write_text('{"known_deviations": []}')
        said, report, judged_by = suite(tmp_path, "STANDARD")
        assert (said.status, report["verdict"], judged_by) == (0, "conformant", {})
        assert "known" not in said.out.rpartition("Verdict:")[2]
        assert "1 skipped" in said.out  # several at once, which it does not claim

    def test_what_cannot_be_judged_by_is_wrong_use(self, tmp_path: Path) -> None:
        """Before anything is run."""
        path = file(tmp_path, CAMPUS)
        for options, complaint in (
            (("--reading", "campus_stay"), "--reading: there is no reading 'campus_stay' (did you mean campus_stays"),
            (("--known-deviations", tmp_path / "none"), "--known-deviations: "),
            (
                ("--known-deviations", path, "--reading", "unknown_campuses_are_taken"),
                "both change campus_is_known: leave one of them out",
            ),
        ):
            said, report, _ = suite(tmp_path, "STANDARD", *options)
            assert (said.status, report) == (4, {}), options
            assert complaint in said.err
