"""The end of a run: whatever its tests have recorded, there is a verdict, a summary, and a whole report."""

from __future__ import annotations

import ast
import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import jsonschema
import pytest
from attrs import evolve
from rich.console import Console

from conformance.attribution.attribution import Attribution
from conformance.cases.edge_cases import edge_cases
from conformance.cases.scenarios.parser import examples
from conformance.generation.history import ActionStep, History
from conformance.generation.limits import Limit
from conformance.generation.value_pools import WORLDS
from conformance.oracle.reference import ReferenceImporter
from conformance.protocol.requests import OBSERVE
from conformance.protocol.responses import Response
from conformance.protocol.trace import Exchange, Times, trace_of
from conformance.report.terminal import summary
from conformance.search.concurrency import races
from conformance.search.concurrency.race_cases import flaky_race, race_case
from conformance.search.concurrency.races import Race
from conformance.search.concurrency.racing import lost
from conformance.search.minimise import smallest
from conformance.search.random_search import search
from conformance.search.results import found_case
from conformance.session.client import STARTED_ANEW, Importer, introduced
from conformance.session.lockstep import Lockstep
from conformance.suite.plugin import as_recorded, case_of
from conformance.suite.run import Run, verdict_on, written
from conformance.transport.in_process import PythonTarget
from conformance.transport.targets import connect
from conformance.verdict.case import Case, Status
from conformance.verdict.expectations import Expectations
from conformance.verdict.known_deviations import KnownDeviation, check, deviation_named
from conformance.verdict.run_case import checked, checked_edge_case
from refmodel.wording import in_words
from tests.support.commands import REPORT_SCHEMA, labelled
from tests.support.faulty_importers import Narrow, deviating
from tests.support.paths import ROOT

SCHEMA = json.loads(REPORT_SCHEMA.read_bytes())
KEPT = "no_blank_labels_clear"
SIGN_UP = ActionStep("sign_up", {"email": "z@mail.example", "first_name": "Zoë", "last_name": "Ito"})
ASK = ActionStep("request_access", {"email": "z@mail.example", "institution": "north"})
APPROVE = ActionStep("approve", {"email": "z@mail.example", "institution": "north"})
DECLINE = ActionStep("decline", {"email": "z@mail.example", "institution": "north"})


def at(factory: Callable[[], object]) -> Importer:
    """An importer in this process."""
    return introduced(PythonTarget("python:tests:importer", factory, 30.0))


class Once(ReferenceImporter):
    """Forgets one import: the first that makes somebody an account."""

    forgotten = 0

    def handle(self, request: Response) -> Response:
        """Report the import, and once lose it."""
        before = self.world
        response = super().handle(request)
        if request["op"] == "import" and not type(self).forgotten and self.world is not before:
            type(self).forgotten = 1
            self.world = before
        return response


def once() -> Importer:
    """An importer that forgets one import in all its lives, from now on."""
    return at(type("Once", (Once,), {}))


class Lawless(ReferenceImporter):
    """Answers rightly, and shows two accounts with one address when it is asked what there is."""

    def handle(self, request: Response) -> Response:
        """Show the first account twice."""
        response = super().handle(request)
        accounts = response.get("accounts")
        return {"accounts": [*accounts, accounts[0]]} if accounts else response


# Examples and edge cases.


def example_with(importer: Importer, rule: str = "blank_labels_clear") -> Case:
    """What comes of the first example of a rule."""
    example = next(each for each in examples() if each.rules[0] == rule and each.operations <= importer.supports)
    return checked(example, importer, importer.known())


def edge_case_with(importer: Importer, rule: str = "file_is_utf8_csv", large: bool = False) -> Case:
    """What comes of the first edge case of a rule, or of the one with the largest file."""
    about = [case for case in edge_cases() if case.rules[0] == rule]
    size = {case.id: sum(len(request.get("csv", "")) for request in case.requests) for case in about}
    chosen = max(about, key=lambda case: size[case.id]) if large else about[0]
    return checked_edge_case(chosen, importer, importer.known())


class Refusing(ReferenceImporter):
    """Refuses every file."""

    def handle(self, request: Response) -> Response:
        """Refuse a file, and answer the rest."""
        return {"report": {"refused": "not today", "rows": []}} if "csv" in request else super().handle(request)


def refusing_once() -> Importer:
    """An importer of which only the first life refuses files."""
    lives = iter((Refusing,))
    return at(lambda: next(lives, ReferenceImporter)())


# What the search finds.


def found_by_the_search(name: str) -> Case:
    """What the random search finds in a wrong importer first."""
    importer = at(lambda: deviating(name))
    (found,) = search(importer, importer.known(), "0", Limit.of(400), most=1).found
    return found_case(found, "lane-0-found-0")


def flaky_in_the_search() -> Case:
    """What the random search makes of an importer that forgets one import."""
    importer = once()
    (found,) = search(importer, importer.known(), "0", Limit.of(20)).flaky
    return found_case(found, "lane-0-flaky-0")


def found_in(importer: Importer, *steps: ActionStep) -> Case:
    """What is found in a history."""
    lockstep = Lockstep(importer, importer.known())
    history = History(WORLDS[0], steps)
    return found_case(smallest(lockstep, history, lockstep.play(history.requests()).exchanges), "machine-found-0")


def nothing_accounts_for() -> Case:
    """A difference that nothing known accounts for."""

    class Shouting(ReferenceImporter):
        def handle(self, request: Response) -> Response:
            response = super().handle(request)
            for account in response.get("accounts") or ():
                account["first_name"] = account["first_name"].upper() * 3
            return response

    return found_in(at(Shouting), SIGN_UP)


# Races.


def race_lost(tell: Callable[[races.Run, str], Case]) -> Case:
    """A race of two clients that decide by a world that is a moment old."""
    race = Race(History(WORLDS[0], (SIGN_UP, ASK)), ((APPROVE,), (DECLINE,)))
    with ExitStack() as stack:
        targets = [stack.enter_context(connect("python:tests.support.shared_worlds:stale")) for _ in range(2)]
        clients = tuple(map(introduced, targets))
        ran = lost(race, clients, clients[0].known(), times=1000)
    assert ran is not None
    return tell(ran, "several-at-once-0")


# Known deviations.


def declared(importer: Importer, deviation: str = KEPT) -> Run:
    """A run in which an importer was tried for a deviation that its owner knows."""
    rule = deviation_named(deviation)
    entry = KnownDeviation("known.toml, entry 1", rule.rule, rule, "We know.", Path("trace.jsonl"), labelled())
    (tried,) = check((entry,), importer)
    case = tried.case(importer.known())
    return Run(
        expected=Expectations(entries=(entry,)),
        cases=[case] if case else [],
        known_deviations=[tried.as_data()],
    )


class Broken(ReferenceImporter):
    """Says hello and nothing more."""

    def handle(self, request: Response) -> Response:
        """Break down at the first file."""
        return {"error": "out of order"} if "csv" in request else super().handle(request)


def run_with(case: Callable[[], Case], status: Status) -> Callable[[], Run]:
    """A run in which this case was recorded, with a status that it must have."""

    def made() -> Run:
        recorded = case()
        assert recorded.status == status
        # As a test hands it on, perhaps to another process.
        return Run(cases=[case_of(as_recorded(recorded))])

    return made


RUNS: Mapping[str, Callable[[], Run]] = {
    "example passed": run_with(lambda: example_with(at(ReferenceImporter)), "passed"),
    "example differs": run_with(lambda: example_with(at(lambda: deviating(KEPT))), "differs"),
    "example flaky": run_with(lambda: example_with(once()), "flaky"),
    "example not applicable": run_with(lambda: example_with(at(Narrow), "blank_labels_clear"), "not_applicable"),
    "edge case passed": run_with(lambda: edge_case_with(at(ReferenceImporter)), "passed"),
    "edge case differs": run_with(lambda: edge_case_with(at(Refusing), "empty_rows_are_ignored"), "differs"),
    "edge case flaky": run_with(lambda: edge_case_with(refusing_once(), "empty_rows_are_ignored"), "flaky"),
    "edge case of a large file differs": run_with(lambda: edge_case_with(at(Refusing), large=True), "differs"),
    "edge case not applicable": run_with(
        lambda: edge_case_with(at(Narrow), "start_date_follows_the_job_too"), "not_applicable"
    ),
    "search found": run_with(lambda: found_by_the_search(KEPT), "differs"),
    "search found what only breaks an invariant": run_with(lambda: found_in(at(Lawless), SIGN_UP), "differs"),
    "search found what nothing accounts for": run_with(nothing_accounts_for, "differs"),
    "search found what is flaky": run_with(flaky_in_the_search, "flaky"),
    "race lost": run_with(lambda: race_lost(race_case), "differs"),
    "race lost once": run_with(lambda: race_lost(flaky_race), "flaky"),
    "deviation shows": lambda: declared(at(lambda: deviating(KEPT))),
    "deviation gone": lambda: declared(at(ReferenceImporter)),
    "deviation otherwise": lambda: declared(at(lambda: deviating("no_labels_are_exactly_the_cell"))),
    "deviation faults": lambda: declared(at(Broken)),
    "fault": run_with(
        lambda: Case("lane-0-fault-0", (), "fault", details="timeout: no answer", kind="search"), "fault"
    ),
    "fault of the suite": lambda: Run(suite_faults=["E   AssertionError"]),
    "nothing": Run,
}


@pytest.mark.parametrize("kind", RUNS)
def test_every_kind_of_case_comes_to_an_end(kind: str, tmp_path: Path) -> None:
    """It is counted, summed up and written down: in a report that is valid, with all the files that it names."""
    run = RUNS[kind]()
    verdict = written(verdict_on(run), str(tmp_path), run.outcome)
    assert verdict.suite_faults == tuple(run.suite_faults)
    said = io.StringIO()
    Console(file=said, width=100).print(summary(verdict, str(tmp_path)))
    assert f"Verdict: {in_words(verdict.word)}" in said.getvalue()
    report = json.loads((tmp_path / "report.json").read_bytes())
    jsonschema.validate(report, SCHEMA)
    assert report["verdict"] == verdict.word
    counted = [case.status for case in run.cases]
    assert {name: report["cases"][name] for name in counted} == {name: counted.count(name) for name in counted}
    for example in report["counterexamples"]:
        assert all((tmp_path / path).is_file() for path in (example["trace"], example["page"], *example["files"]))
    suites = ET.parse(tmp_path / "junit.xml").getroot()
    assert suites.get("tests") == str(len(run.cases) + len(run.suite_faults))


@pytest.mark.parametrize("kind", [kind for kind in RUNS if "flaky" in kind or kind == "race lost once"])
def test_what_is_flaky_accuses_nobody(kind: str) -> None:
    """There is no broken rule, and no verdict either: who answers otherwise now and then is not vouched for."""
    verdict = verdict_on(RUNS[kind]())
    assert (verdict.word, verdict.counterexamples, len(verdict.flaky)) == ("incomplete", (), 1)
    assert "broken" not in verdict.rules.values()
    assert "Flaky: " in verdict.flaky[0].text
    assert not any(line.startswith(("Rule: ", "Behaves like ")) for line in verdict.flaky[0].text.splitlines())


def test_a_race_is_told_as_one(tmp_path: Path) -> None:
    """Its page has the calls with their times, and its trace can be read; it is put down to no known mistake."""
    run = RUNS["race lost"]()
    verdict = written(verdict_on(run), str(tmp_path), run.outcome)
    assert verdict.word in ("differs", "violates")
    assert verdict.diagnosis.matches == ()
    (example,) = verdict.counterexamples
    assert len(example.trace.exchanges) >= 4
    for page in (tmp_path / example.path.removesuffix(".jsonl") / "README.md", tmp_path / "report.html"):
        text = page.read_text("utf-8")
        for words in (
            "Several clients sent these requests at the same time",
            "client 1",
            "client 2",
            "no serial order",
        ):
            assert words in text
        assert "-k test_several_at_once" in text


class Leaking(ReferenceImporter):
    """Keeps the addresses of whoever has signed up, whatever is reset."""

    def __init__(self) -> None:
        super().__init__()
        self.old: set[str] = set()
        self.new: set[str] = set()

    def handle(self, request: Response) -> Response:
        """Refuse who signs up with an address that is taken in a world that is gone."""
        if request["op"] == "reset":
            self.old |= self.new
        if request.get("action") == "sign_up":
            if request["email"] in self.old:
                return {"done": False, "refused": "taken"}
            self.new.add(request["email"])
        return super().handle(request)


def test_what_outlives_a_reset_accuses_nobody() -> None:
    """However many cases it makes differ: a fresh importer passes each of them."""
    importer = at(Leaking)
    asked = [each for each in examples() if "sign_up" in each.operations][:120]
    cases = [checked(each, importer, importer.known()) for each in asked]
    assert sum(case.status == "flaky" for case in cases) > STARTED_ANEW
    assert {case.status for case in cases} == {"passed", "flaky"}


def test_who_fails_much_is_not_always_started_anew() -> None:
    """After some confirmed differences an importer, which may take long to start, is asked again as it is."""
    lives = []

    def factory() -> ReferenceImporter:
        lives.append(deviating("no_a_created_student_is_connected"))
        return lives[-1]

    importer = at(factory)
    cases = [checked(each, importer, importer.known()) for each in examples()[:120]]
    assert sum(case.status == "differs" for case in cases) > 1.5 * STARTED_ANEW
    assert "flaky" not in {case.status for case in cases}
    assert len(lives) == 1 + 2 * STARTED_ANEW


def makers() -> Iterator[str]:
    """The functions of the suite that make a case, as module.function."""
    for path in sorted((ROOT / "conformance").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                made = [call for call in ast.walk(node) if isinstance(call, ast.Call)]
                if any(getattr(call.func, "id", "") == "Case" for call in made):
                    yield f"{module}.{node.name}"


def test_no_kind_of_case_is_forgotten() -> None:
    """Whoever makes a case is known here: a new maker needs a run above, or a reason why it needs none."""
    assert set(makers()) == {
        "conformance.verdict.run_case.checked",
        "conformance.verdict.run_case.checked_edge_case",
        "conformance.search.results.found_case",
        "conformance.search.concurrency.race_cases.race_case",
        "conformance.search.concurrency.race_cases.flaky_race",
        "conformance.verdict.known_deviations.case",
        "conformance.search.campaign.journal.found",  # read again from the journal
        "conformance.suite.plugin.conclude_search",  # that a search was made
        "conformance.verdict.case.fault_cases",
        "conformance.suite.plugin.faults_recorded",
        "conformance.suite.test_concurrency.test_several_at_once",  # that races were run
        "conformance.search.campaign.campaign._cases",  # a campaign has an end of its own: test_campaigns
        "conformance.cli.judge.differences_of",  # told on a terminal, in no report
        "conformance.implementations.sql.deciding.decide",  # another Case: a row of the SQL importer
    }


def test_a_case_that_was_handed_on_is_the_same() -> None:
    """What a worker of pytest-xdist records is the case again: a race too, and whatever texts there are in it."""
    said = (
        Exchange({"op": "reset", "world": {"institutions": []}}, {"ok": True}),
        Exchange(OBSERVE, {"\ud800": [None]}),
    )
    trace = trace_of("\ud800", ("approve",), (*said, evolve(said[1], times=Times(2, 0.0, 1.5))))
    attribution = Attribution(relevant_rules=("approve",))
    case = Case("a", ("approve",), "differs", (), attribution, "A", "\ud800", trace, kind="race")
    assert case_of(as_recorded(case)) == case
