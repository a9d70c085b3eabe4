"""The suite as people run it: pytest pointed at an importer, its verdict, its exit status and what it leaves behind."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.oracle.answers import NOWHERE, answer
from conformance.oracle.judge import judgements
from conformance.oracle.state import OracleState
from conformance.protocol.trace import read
from conformance.session.patience import Patience
from refmodel.catalogue import CATALOGUE
from tests.support.paths import ROOT

SHORT = ("--budget", "40-histories")


def run_suite(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a folder, as a user's shell would; only the miniatures come from this project."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "--tb=short", *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV_"))}
    environment["PYTHONPATH"] = os.pathsep.join((str(ROOT), str(folder)))
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)


def judged(folder: Path, importer: str, *more: str) -> tuple[int, dict[str, Any], str]:
    """Exit status, report and output of a short run on an importer."""
    target = f"python:tests.support.faulty_importers:{importer}" if ":" not in importer else importer
    done = run_suite(folder, "--pyargs", "conformance", "--importer", target, "--report", "report", *SHORT, *more)
    report = json.loads((folder / "report" / "report.json").read_text("utf-8"))
    return done.returncode, report, done.stdout


class TestVerdicts:
    """One word for a run, the same in the report, on the terminal and as the exit status."""

    def test_a_right_importer_is_conformant(self, tmp_path: Path) -> None:
        """The reference passes, and every rule of the catalogue is shown to be held."""
        status, report, output = judged(tmp_path, "python:conformance.reference:importer")
        assert (status, report["verdict"], report["counterexamples"]) == (0, "conformant", [])
        assert report["rules"] == dict.fromkeys(CATALOGUE, "held")
        assert "Verdict: conformant" in output

    def test_a_stated_rule_broken_is_a_violation(self, tmp_path: Path) -> None:
        """Only the rule that was broken is named, with a trace that shows it to anybody."""
        status, report, output = judged(tmp_path, "labels_kept")
        assert (status, report["verdict"]) == (1, "violates")
        assert [name for name, its in report["rules"].items() if its == "broken"] == ["blank_labels_clear"]
        (example,) = report["counterexamples"]
        assert (example["rule"], example["basis"]) == ("blank_labels_clear", "stated")
        assert "violation: blank_labels_clear" in output
        trace = read(tmp_path / "report" / example["trace"])
        start = OracleState(world=answer(NOWHERE, trace.reset)[1])
        assert not all(judgement.allowed for judgement in judgements(trace.exchanges, start))

    def test_another_reading_is_a_difference(self, tmp_path: Path) -> None:
        """A chosen rule read otherwise is no violation, and the reading is recognised."""
        status, report, _ = judged(tmp_path, "first_wins")
        assert (status, report["verdict"]) == (1, "differs")
        (example,) = report["counterexamples"]
        assert example["rule"] == "rows_that_share_an_identifier_fail"
        assert "first_of_duplicates_wins" in example["behaves_like"]

    def test_two_bugs_are_told_apart(self, tmp_path: Path) -> None:
        """Both rules are named, the violation in front."""
        _, report, _ = judged(tmp_path, "both")
        names = [example["rule"] for example in report["counterexamples"]]
        assert names == ["blank_labels_clear", "rows_that_share_an_identifier_fail"]

    def test_a_filtered_run_gives_no_verdict(self, tmp_path: Path) -> None:
        """What was not run cannot be vouched for; the exit status says whether all that was run has passed."""
        for importer, passed in (("python:conformance.reference:importer", 0), ("labels_kept", 1)):
            status, report, _ = judged(tmp_path, importer, "-k", "blank_labels_clear")
            assert (status, report["verdict"]) == (passed, "incomplete")

    def test_a_run_that_is_spread_knows_that_it_is_filtered(self, tmp_path: Path) -> None:
        """With pytest-xdist the workers know what is left out, and the report says so all the same."""
        status, report, _ = judged(
            tmp_path, "python:conformance.reference:importer", "-k", "blank_labels_clear", "-n", "2"
        )
        assert (status, report["verdict"]) == (0, "incomplete")

    def test_a_test_that_runs_twice_makes_up_for_no_other(self, tmp_path: Path) -> None:
        """The edge cases, asked for twice, are more tests than the whole suite has, and still not the suite."""
        twice = [str(ROOT / "conformance" / "suite" / "test_edgecases.py")] * 2
        target = ("--importer", "python:conformance.reference:importer", "--report", "report")
        done = run_suite(tmp_path, "--keep-duplicates", *twice, *target)
        report = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
        assert (done.returncode, report["verdict"]) == (0, "incomplete")

    def test_what_is_not_claimed_is_not_applicable(self, tmp_path: Path) -> None:
        """An importer with few columns and no actions is judged on the rest, and not vouched for beyond it."""
        status, report, _ = judged(tmp_path, "Narrow")
        assert (status, report["verdict"]) == (0, "conformant")
        rules = report["rules"]
        assert {
            rules[name] for name in ("approve", "sign_in", "preview", "blank_labels_clear", "mobile_is_digits")
        } == {"not_applicable"}
        assert rules["sensitive_fields_need_the_setting"] == rules["ragged_rows_fail"] == "held"

    def test_the_work_can_be_spread(self, tmp_path: Path) -> None:
        """With pytest-xdist the verdict is the same."""
        status, report, _ = judged(tmp_path, "both", "-n", "2")
        assert (status, report["verdict"], len(report["counterexamples"])) == (1, "violates", 2)

    @pytest.mark.parametrize("spread", [(), ("-n", "2")], ids=["in one process", "spread"])
    def test_texts_that_utf8_cannot_hold_are_reported(self, tmp_path: Path, spread: tuple[str, ...]) -> None:
        """An importer that sends lone surrogates is judged like any other, with pytest-xdist too; they are escaped."""
        folder = tmp_path / "report"
        status, report, output = judged(tmp_path, "HalfCharacters", "-k", "test_search or approve", *spread)
        assert (status, report["verdict"], report["faults"]) == (1, "incomplete", [])
        assert "\\udfff" in output
        assert {path.name for path in folder.iterdir()} >= {"report.html", "junit.xml", "badge.json", "counterexamples"}
        assert all(path.read_bytes().decode("utf-8") for path in folder.rglob("*") if path.is_file())
        assert report["counterexamples"]
        for example in report["counterexamples"]:
            assert "\\udfff" in example["difference"]
            assert "\\udfff" in (folder / example["page"]).read_text("utf-8")
            assert "\\udfff" in (folder / example["trace"]).read_text("ascii")


class TestFaults:
    """A fault of the adapter is told as one, and is never a difference."""

    @pytest.mark.parametrize(
        ("importer", "words"),
        [
            ("Silent", "does not say hello"),
            ("Boasting", "no such op"),
            ("Misshapen", "row"),
            (f"cmd:{sys.executable} -m tests.support.faulty_importers dying", "status 3"),
            (f"cmd:{sys.executable} -m tests.support.faulty_importers chatty", "importing"),
        ],
    )
    def test_a_fault_is_no_difference(self, tmp_path: Path, importer: str, words: str) -> None:
        """The verdict is `fault`, nothing is broken, and the reason can be read."""
        status, report, output = judged(tmp_path, importer, "--importer-timeout", "1")
        assert (status, report["verdict"], report["counterexamples"]) == (7, "fault", [])
        assert "broken" not in report["rules"].values()
        assert words in " ".join(report["faults"])
        assert "Traceback" not in " ".join(report["faults"])
        assert "Verdict: fault" in output

    def test_a_fault_in_an_edge_case_is_one_of_an_edge_case(self, tmp_path: Path) -> None:
        """The report counts it among the edge cases of the file format."""
        _, report, _ = judged(tmp_path, "Misshapen", "-k", "test_edge_case")
        edge_cases = report["cases"].pop("edge_cases")
        assert report["cases"]["fault"] > 0
        assert edge_cases == sum(report["cases"].values())

    def test_hanging_does_not_take_for_ever(self, tmp_path: Path) -> None:
        """An importer that hangs in every case is given up before long."""
        status, report, _ = judged(tmp_path, "Hanging", "--importer-timeout", "0.05")
        assert (status, report["verdict"]) == (7, "fault")

    def test_giving_up_is_a_fault_and_no_interruption(self, tmp_path: Path) -> None:
        """After some time-outs the run ends early, and still says with its exit status what it was."""
        status, report, output = judged(tmp_path, "Hanging", "--importer-timeout", "0.2")
        assert (status, report["verdict"]) == (7, "fault")
        assert "failed too often to go on" in output
        assert report["cases"]["fault"] == Patience().timeouts

    @pytest.mark.parametrize("importer", ["Forgetful", "Locked"])
    def test_who_fails_now_and_then_is_flaky(self, tmp_path: Path, importer: str) -> None:
        """What does not fail again in a fresh importer accuses no rule, and the summary says so."""
        status, report, output = judged(tmp_path, importer)
        assert (status, report["verdict"], report["counterexamples"]) == (6, "incomplete", [])
        assert "broken" not in report["rules"].values()
        assert report["cases"]["flaky"] == len(report["flaky"]) > 0
        assert "No rule is accused by that." in " ".join(output.split())


class TestCommandLine:
    """What is said to somebody who gives the wrong options."""

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            ((), "there is no importer to judge"),
            (("--importer", "nonsense"), "is not a target"),
            (("--importer", "python:no.such.module:x"), "no module named"),
            (("--importer", "cmd:/no/such/program"), "/no/such/program"),
            (
                ("--importer", "python:conformance.reference:importer", "--budget", "soon"),
                "--budget soon: write quick",
            ),
            (("--importer", "python:conformance.reference:importer", "--importer-timeout", "0"), "above 0"),
        ],
    )
    def test_wrong_options(self, tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
        """One line that says what to do, and pytest's exit status for usage error."""
        done = run_suite(tmp_path, "--pyargs", "conformance", *arguments)
        assert done.returncode == 4
        assert words in done.stderr
        assert "Traceback" not in done.stderr + done.stdout

    def test_without_what_it_needs_it_says_so(self, tmp_path: Path) -> None:
        """The package that is missing, and how it is installed."""
        (tmp_path / "jinja2.py").write_text("raise ModuleNotFoundError('No module named jinja2', name='jinja2')\n")
        done = run_suite(tmp_path, "--pyargs", "conformance", "--importer", "python:conformance.reference:importer")
        assert done.returncode == 4
        assert "the suite needs jinja2: pip install 'refmodel[conformance]'" in done.stderr
        assert "Traceback" not in done.stderr + done.stdout


class TestOtherPeoplesRuns:
    """Having the suite installed changes nothing elsewhere."""

    def test_no_option_of_ours_is_there(self, tmp_path: Path) -> None:
        """`pytest --help` elsewhere does not know our options."""
        assert "--importer" not in run_suite(tmp_path, "--help").stdout

    def test_another_project_may_have_our_options(self, tmp_path: Path) -> None:
        """A conftest that adds options of the same names works."""
        (tmp_path / "conftest.py").write_text(
            "def pytest_addoption(parser):\n"
            "    for name in ('--importer', '--report', '--budget', '--seed', '--strictness'):\n"
            "        parser.addoption(name)\n"
        )
        (tmp_path / "test_theirs.py").write_text(
            "def test_theirs(request):\n    assert request.config.getoption('importer') == 'x'\n"
        )
        done = run_suite(tmp_path, "--importer", "x", "test_theirs.py")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "conformance" not in done.stdout


class TestFoldersOfTheSameName:
    """Another project may have a folder or a package named conformance: nothing of ours wakes up for it."""

    HELPER = "from conformance.helper import WORD\n\n\ndef test_theirs():\n    assert WORD == 'theirs'\n"

    def project(self, folder: Path, package: bool = False) -> Path:
        """A project with such a folder, in which there is a test."""
        theirs = folder / "conformance"
        theirs.mkdir()
        (theirs / "test_theirs.py").write_text(self.HELPER if package else "def test_theirs():\n    assert True\n")
        if package:
            (theirs / "__init__.py").write_text("")
            (theirs / "helper.py").write_text("WORD = 'theirs'\n")
        return folder

    @pytest.mark.parametrize("package", [False, True])
    @pytest.mark.parametrize("arguments", [("conformance",), ("conformance/test_theirs.py",), ()])
    @pytest.mark.parametrize("module", [False, True])
    def test_their_tests_run(self, tmp_path: Path, package: bool, arguments: tuple[str, ...], module: bool) -> None:
        """By the folder's name, by a path in it, or by none; as `pytest` or as `python -m pytest`."""
        done = run_elsewhere(self.project(tmp_path, package), *arguments, module=module)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "1 passed" in done.stdout
        assert "Verdict" not in done.stdout

    def test_their_package_hides_ours(self, tmp_path: Path) -> None:
        """Whoever asks for our suite where it is hidden is told what hides it."""
        target = ("--importer", "python:conformance.reference:importer")
        done = run_elsewhere(self.project(tmp_path, package=True), "--pyargs", "conformance", *target, module=True)
        assert done.returncode == 4
        assert f"{tmp_path / 'conformance'} hides the package conformance of refmodel" in done.stderr

    def test_their_tests_are_no_cases(self, tmp_path: Path) -> None:
        """With an importer named and none of our tests collected there is no verdict, and pytest's own exit status."""
        (tmp_path / "test_theirs.py").write_text("def test_theirs():\n    assert 1 == 2\n")
        done = run_suite(tmp_path, "--importer", "python:conformance.reference:importer", "test_theirs.py")
        assert done.returncode == 1
        assert "Verdict" not in done.stdout

    def test_their_failures_are_not_ours(self, tmp_path: Path) -> None:
        """Collected beside our suite, a failing test of theirs is no fault of the importer."""
        (tmp_path / "test_theirs.py").write_text("def test_theirs():\n    assert 1 == 2\n")
        own = ("--pyargs", "conformance", "--importer", "python:conformance.reference:importer", *SHORT)
        done = run_suite(tmp_path, *own, "--report", "report", "test_theirs.py")
        report = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
        assert (report["verdict"], report["faults"]) == ("conformant", [])
        assert "1 failed" in done.stdout
        assert done.returncode == 1

    def test_an_option_of_the_same_name_is_theirs(self, tmp_path: Path) -> None:
        """Where a conftest defines --importer, the suite cannot be run beside it, and says so."""
        (tmp_path / "conftest.py").write_text("def pytest_addoption(parser):\n    parser.addoption('--importer')\n")
        done = run_suite(tmp_path, "--pyargs", "conformance", "--importer", "x")
        assert done.returncode == 4
        assert "run the suite in another folder" in done.stderr
        assert "Traceback" not in done.stderr


def run_elsewhere(folder: Path, *arguments: str, module: bool) -> subprocess.CompletedProcess[str]:
    """Run pytest in a folder of somebody else, where refmodel is installed and on no other path."""
    python = Path(sys.executable)
    command = [str(python), "-m", "pytest"] if module else [str(python.with_name("pytest"))]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV_"))}
    environment.pop("PYTHONPATH", None)
    command += ["-p", "no:cacheprovider", "-q", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)


def test_the_wheel_is_all_that_is_needed(tmp_path: Path) -> None:
    """Installed from a wheel, in an empty folder, the suite runs: pages and all are inside."""
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(tmp_path)]
    subprocess.run([*build, str(ROOT)], check=True, timeout=600)
    (wheel,) = tmp_path.glob("refmodel-*.whl")
    site, folder = tmp_path / "site", tmp_path / "empty"
    folder.mkdir()
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel)]
    subprocess.run(install, check=True, timeout=600)
    code = "import conformance, sys, pytest; print(conformance.__file__); sys.exit(pytest.main(sys.argv[1:]))"
    target = ["--pyargs", "conformance", "--importer", "python:conformance.reference:importer", *SHORT]
    environment = {**os.environ, "PYTHONPATH": str(site)}
    run = [sys.executable, "-c", code, "-q", "-p", "no:cacheprovider", *target]
    done = subprocess.run(run, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)
    assert done.stdout.startswith(str(site)), done.stdout
    assert done.returncode == 0, done.stdout
