"""The reports: what each of them says, and that nothing which somebody sent can do anything in them."""

import itertools
import json
import os
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter
from typing import Any

import jsonschema
import pytest
from attrs import evolve
from markdown_it import MarkdownIt

from conformance import report as reports
from conformance.attribution.attribution import attribution_of
from conformance.cases.edge_cases import edge_cases
from conformance.cases.scenarios.parser import examples
from conformance.generation.history import ActionStep, FileStep, History, Step
from conformance.generation.value_pools import WORLDS
from conformance.implementations import sql
from conformance.mutants.known import DEVIATIONS
from conformance.oracle.judge import judgements
from conformance.oracle.location import AccountPart, RecordPart, RowPart
from conformance.oracle.reference import ReferenceImporter
from conformance.oracle.state import OracleState, Strictness
from conformance.protocol.requests import ACTIONS
from conformance.protocol.responses import Response
from conformance.protocol.trace import Exchange, read
from conformance.report.counterexample_view import CounterexampleView, counterexample_views
from conformance.report.json_report import as_json, schema
from conformance.report.markdown_report import readme
from conformance.report.terminal import searched
from conformance.report.wording import SENTENCES, answer_in_words, sentence
from conformance.report.writing import foreign
from conformance.session.client import Importer, introduced
from conformance.suite.run import written as reported
from conformance.transport.targets import connect
from conformance.verdict.case import Case
from conformance.verdict.description import visible
from conformance.verdict.expectations import ExpectationsReport
from conformance.verdict.run_case import checked, differing
from conformance.verdict.verdict import Verdict, counterexamples
from refmodel.actions import NAMED, arguments_of
from refmodel.catalogue import CATALOGUE, PHASES
from refmodel.columns import required_headers
from refmodel.wording import in_words
from tests.conformance.suite.test_plugin import run_suite
from tests.support.commands import REPORT_SCHEMA
from tests.support.diagnosed import diagnosed
from tests.support.faulty_importers import Narrow, deviating

SCHEMA = json.loads(REPORT_SCHEMA.read_bytes())
FILES = {"report.json", "report.html", "junit.xml", "badge.json"}
SEARCH: dict[str, Any] = {"histories": 3, "files": 5, "seconds": 1.0, "pairs": [], "cut_short": False}
SEARCH |= {"most_rows": 3, "longest_cell": 9, "kinds": {}}
HEADER = (*required_headers(uses_sso=False), "system_label_names")
SCRIPT = "<script>document.title='owned'</script>"
IMAGE = "\"><img src=x onerror=document.title='owned'>"
ESCAPES = "\x1b[31mred\x1b]0;owned\x07"
BACKWARDS = "\u202eevil\u202c \u05e9\u05dc\u05d5\u05dd"
HOSTILE = (SCRIPT, IMAGE, ESCAPES, BACKWARDS, "'-alert(1)-'", "{{ 7*7 }}", "``` <b>", "]]></failure>", "\ufffe\x85")


# Verdicts to report on.


def file_step(*rows: Sequence[str], header: Sequence[str] = HEADER, institution: str = "south", **job: Any) -> FileStep:
    """A file of some rows."""
    return FileStep(institution, tuple(header), tuple(map(tuple, rows)), **job)


def row(number: int, first: str = "Ada", last: str = "Lee", labels: str = "") -> tuple[str, ...]:
    """A student's row."""
    return (f"s{number}@mail.example", str(number), first, last, "", "", labels)


def case_of(importer: Any, *steps: Step, name: str = "shown", known: OracleState | None = None) -> Case:
    """The case that a history makes, which an importer answers otherwise than a right one."""
    known = known or OracleState()
    exchanges = [Exchange(request, importer.handle(dict(request))) for request in History(WORLDS[0], steps).requests()]
    grounds = attribution_of(exchanges, known)
    case = Case(name, grounds.rules[:1], "differs", kind="search")
    return differing(case, f"A history of {len(steps)} steps", exchanges, tuple(judgements(exchanges, known)), grounds)


def verdict_on(*cases: Case, **more: Any) -> Verdict:
    """The verdict over some cases."""
    found = counterexamples(cases, diagnosed(*cases))
    return Verdict(cases, found, **({"importer": {"target": "python:tests:wrong"}} | more))


def labels_kept(first: str = "Ada") -> Case:
    """A blank labels cell keeps what it should clear; a student before whom nothing differs is called so."""
    before, after = (file_step(row(1, first, labels=labels), row(2, labels="z")) for labels in ("p;q", ""))
    return case_of(deviating("no_blank_labels_clear"), before, after, name="labels")


def wrong_verdict() -> Verdict:
    """Three rules broken."""
    twins = case_of(deviating("first_of_duplicates_wins"), file_step(row(1), row(1)), name="twins")
    malformed = file_step((*row(1), "true"), header=(*HEADER, "disabled"))
    booleans = case_of(deviating("no_booleans_are_upper_case"), malformed, name="booleans")
    return verdict_on(
        labels_kept(), twins, booleans, Case("fine", ("blank_keeps",), "passed", ("blank_keeps",), kind="example")
    )


class Rude(ReferenceImporter):
    """Every text that it may choose itself is hostile, and it keeps labels that it should clear."""

    def handle(self, request: Response) -> Response:
        """Answer as the model that keeps labels does, in other words."""
        response = super().handle(request)
        for result in response.get("report", {}).get("rows", ()):
            if isinstance(result["response"].get("errors"), str):
                result["response"]["errors"] = SCRIPT + IMAGE
        return response | ({"refused": SCRIPT} if request["op"] == "do" else {})


def hostile_verdict() -> Verdict:
    """Whatever anybody may send or answer is hostile."""
    rude = Rude(deviating("no_blank_labels_clear").ruleset)
    students = [row(number, text, text[::-1], f"l{number}") for number, text in enumerate(HOSTILE)]
    long = (f"{SCRIPT}@mail.example", "x" * 10_000, IMAGE, SCRIPT, "", "", "p")
    header = (*HEADER[:-1], SCRIPT, *HEADER[-1:])
    wide = [(*cells[:-1], IMAGE, cells[-1]) for cells in (*students, long)]
    blank = [(*cells[:-1], "") for cells in wide]
    sign_up = ActionStep("sign_up", {"email": SCRIPT, "first_name": IMAGE, "last_name": ESCAPES})
    short = (SCRIPT,)
    shown = case_of(rude, sign_up, file_step(*wide, short, header=header), file_step(*blank, short, header=header))
    fault = Case("fault", (), "fault", details=f"protocol: {ESCAPES} {SCRIPT} \ud800", kind="example")
    facts = {"target": SCRIPT, "name": IMAGE, "version": ESCAPES, "language": BACKWARDS}
    return verdict_on(shown, fault, importer=facts, suite_faults=(f"{IMAGE}\n{ESCAPES}",))


def conformant_verdict() -> Verdict:
    """Every rule held."""
    return verdict_on(Case("all", tuple(CATALOGUE), "passed", tuple(CATALOGUE), kind="search"))


def faulty_verdict() -> Verdict:
    """Nothing but faults."""
    return verdict_on(
        Case("died", ("approve",), "fault", details="exit: it died\nof a signal", kind="example"),
        suite_faults=("it broke",),
    )


RACED = {"races": 7, "requests": 31, "overlapping": 5, "seconds": 1.5}
VERDICTS: dict[str, Callable[[], Verdict]] = {
    "conformant": conformant_verdict,
    "wrong": wrong_verdict,
    "hostile": hostile_verdict,
    "faulty": faulty_verdict,
    "empty": lambda: Verdict((), ()),
    "raced": lambda: verdict_on(raced=(RACED, RACED)),
}


@pytest.fixture(scope="module", params=VERDICTS)
def verdict(request: pytest.FixtureRequest) -> Verdict:
    """Each of the verdicts."""
    return VERDICTS[request.param]()


@pytest.fixture(scope="module")
def folder(verdict: Verdict, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on each of the verdicts."""
    return written(verdict, tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on what is hostile."""
    return written(hostile_verdict(), tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on three broken rules."""
    return written(wrong_verdict(), tmp_path_factory.mktemp("wrong"))


def written(verdict: Verdict, folder: Path) -> Path:
    """The folder of a report."""
    reports.write(verdict, folder)
    return folder


def only_view(*cases: Case, **more: Any) -> CounterexampleView:
    """The one counterexample as it is shown."""
    (view,) = counterexample_views(verdict_on(*cases, **more))
    return view


# report.json and badge.json


class TestForPrograms:
    """`report.json` is as its schema has it."""

    def test_the_schema_is_that_of_the_types(self) -> None:
        """The published schema is written anew whenever the types change; how it is laid out does not matter."""
        assert schema() == SCHEMA, "make generate writes it anew"

    def test_the_schema_is_closed(self) -> None:
        """Every object has the keys that are named and no other."""
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        objects = [each for each in SCHEMA["$defs"].values() if "properties" in each]
        assert len(objects) == 11
        assert all(each["additionalProperties"] is False for each in objects)
        assert all(set(each["required"]) == set(each["properties"]) for each in objects)

    def test_reports_are_valid(self, folder: Path, verdict: Verdict) -> None:
        """Whatever the verdict is."""
        data = json.loads((folder / "report.json").read_bytes())
        jsonschema.validate(data, SCHEMA)
        assert data["verdict"] == verdict.word
        assert data["rules"] == dict(verdict.rules)

    def test_one_key_more_is_too_many(self, wrong: Path) -> None:
        """The schema tells."""
        data = json.loads((wrong / "report.json").read_bytes())
        for place in (data, data["importer"], data["counterexamples"][0], data["searched"]):
            place["more"] = 1
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate(data, SCHEMA)
            del place["more"]

    def test_what_a_counterexample_says(self, wrong: Path) -> None:
        """The rule, its ground, and where the rest is; all that is named is there."""
        data = json.loads((wrong / "report.json").read_bytes())
        first = data["counterexamples"][0]
        assert (first["rule"], first["basis"], first["source"]) == ("blank_labels_clear", "stated", "002:36")
        assert first["files"] == [f"counterexamples/blank_labels_clear/step-{n}.csv" for n in (1, 3)]
        assert first["replay"].endswith("play counterexamples/blank_labels_clear.jsonl python:tests:wrong")
        for example in data["counterexamples"]:
            assert all((wrong / path).is_file() for path in (example["trace"], example["page"], *example["files"]))

    @pytest.mark.parametrize("is_cut_short", [True, False])
    def test_a_search_that_the_time_ended(self, is_cut_short: bool, tmp_path: Path) -> None:
        """The summary and the report say so, where one of the searches was."""
        search = {**SEARCH, "seconds": 60.0}
        verdict = verdict_on(searched=[search, search | {"cut_short": is_cut_short}])
        written(verdict, tmp_path)
        assert json.loads((tmp_path / "report.json").read_bytes())["searched"]["cut_short"] is is_cut_short
        assert ("The time was up before" in searched(verdict).plain) is is_cut_short

    def test_what_was_tried_and_what_was_not(self, tmp_path: Path) -> None:
        """The summary, the report and the page say how large the files were, and of what kinds their values."""
        one = {**SEARCH, "most_rows": 130, "longest_cell": 7, "kinds": {"words for nothing": 2}}
        other = {**SEARCH, "most_rows": 9, "longest_cell": 1024, "kinds": {"words for nothing": 1, "long lists": 1}}
        (large,) = (each for each in edge_cases() if each.id == "edge:many_rows")
        cases = (Case(large.id, large.rules, "passed", kind="edge case"),)
        verdict = evolve(verdict_on(searched=[one, other]), cases=cases)
        written(verdict, tmp_path)
        found = json.loads((tmp_path / "report.json").read_bytes())["searched"]
        assert (found["most_rows"], found["longest_cell"]) == (130, 1024)
        assert found["kinds"] == {"words for nothing": 3, "long lists": 1}
        text = searched(verdict).plain
        assert "up to 130 rows, and cells of up to 1,024 characters; 4 histories were about words for" in text
        assert (most := verdict.most_lines_of_cases) > 1000
        assert f"No file above {most:,} lines was tried, the edge cases included; --budget thorough" in text
        page = (tmp_path / "report.html").read_text("utf-8")
        assert "<dt>Histories about words for nothing</dt><dd>3</dd>" in page

    def test_a_search_that_went_far_needs_no_larger_budget(self) -> None:
        """Where the search sent larger files than the edge cases, there is nothing more to advise."""
        text = searched(verdict_on(searched=[{**SEARCH, "most_rows": 20_050}])).plain
        assert "No file above 20,050 lines was tried" in text
        assert "thorough" not in text

    def test_races_are_added_up(self, tmp_path: Path) -> None:
        """Of all that was raced there is the sum; where nobody raced, nothing is said of it, not even none."""
        written(VERDICTS["raced"](), tmp_path / "raced")
        data = json.loads((tmp_path / "raced" / "report.json").read_bytes())
        assert data["raced"] == {"races": 14, "requests": 62, "overlapping": 10, "seconds": 3.0}
        page = (tmp_path / "raced" / "report.html").read_text("utf-8")
        assert "<dt>Races of several clients</dt><dd>14</dd>" in page
        assert "<dt>Races in which requests overlapped</dt><dd>10</dd>" in page
        written(VERDICTS["empty"](), tmp_path / "empty")
        assert json.loads((tmp_path / "empty" / "report.json").read_bytes())["raced"] is None
        assert "Races" not in (tmp_path / "empty" / "report.html").read_text("utf-8")

    def test_the_badge(self, folder: Path, verdict: Verdict) -> None:
        """It has the four keys of an endpoint, and says the verdict."""
        badge = json.loads((folder / "badge.json").read_bytes())
        assert set(badge) == {"schemaVersion", "label", "message", "color"}
        assert (badge["schemaVersion"], badge["label"], badge["message"]) == (1, "conformance", verdict.word)

    def test_half_a_surrogate_pair_is_spelled_out(self) -> None:
        """UTF-8 cannot hold it, and many readers of JSON do not take it."""
        assert json.loads(as_json(["\ud800"])) == ["\\ud800"]


IMPORTERS: dict[str, Callable[[], object]] = {
    "reference": ReferenceImporter,
    "sql": sql.importer,
    "wrong": lambda: deviating("no_blank_labels_clear", "first_of_duplicates_wins"),
    "narrow": Narrow,
}


@pytest.mark.parametrize("name", IMPORTERS)
def test_real_reports_are_valid(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report on an importer that played some of the suite's examples is as the schema has it."""
    monkeypatch.setattr("tests.conformance.report.test_report.chosen", IMPORTERS[name], raising=False)
    with connect("python:tests.conformance.report.test_report:chosen") as target:
        importer = introduced(target)
        cases = [checked(example, importer, importer.known()) for example in examples()[::7]]
    data = json.loads((written(verdict_of(importer, cases), tmp_path) / "report.json").read_bytes())
    jsonschema.validate(data, SCHEMA)
    assert data["cases"]["passed"] > 20
    assert bool(data["counterexamples"]) == (name == "wrong")


def verdict_of(importer: Importer, cases: Iterable[Case]) -> Verdict:
    """The verdict on an importer, with what it said of itself."""
    hello = {name: getattr(importer.hello, name) for name in ("name", "version", "language", "columns")}
    return verdict_on(*cases, importer=hello | {"target": importer.target.name})


# junit.xml


class TestForBuildServers:
    """`junit.xml` has a test case a case."""

    def test_it_is_xml(self, folder: Path, verdict: Verdict) -> None:
        """Whatever is in the texts; and the counts are those of the elements."""
        suites = ET.parse(folder / "junit.xml").getroot()
        assert suites.tag == "testsuites"
        (suite,) = suites
        found = suite.findall("testcase")
        assert len(found) == len(verdict.cases) + len(verdict.suite_faults)
        for name, tag in {"failures": "failure", "errors": "error", "skipped": "skipped"}.items():
            assert int(suite.attrib[name]) == len(suite.findall(f"testcase/{tag}")) == int(suites.attrib[name])
        properties = {each.attrib["name"]: each.attrib["value"] for each in suite.iter("property")}
        assert properties["verdict"] == verdict.word

    def test_a_difference_is_a_failure(self, wrong: Path) -> None:
        """The class is the rule, the text says everything."""
        (found,) = ET.parse(wrong / "junit.xml").getroot().findall(".//testcase[@name='labels']")
        assert found.attrib["classname"] == "blank_labels_clear"
        (failure,) = found
        assert failure.attrib["type"] == "violation"
        assert failure.text == labels_kept().text

    def test_what_is_not_claimed_is_skipped(self, tmp_path: Path) -> None:
        """And says why."""
        written(
            verdict_on(Case("p", ("preview",), "not_applicable", details="it claims no preview", kind="example")),
            tmp_path,
        )
        (skipped,) = ET.parse(tmp_path / "junit.xml").getroot().iter("skipped")
        assert skipped.attrib["message"] == "not applicable: it claims no preview"

    def test_a_fault_is_an_error(self, hostile: Path) -> None:
        """What XML cannot hold is spelled out."""
        errors = list(ET.parse(hostile / "junit.xml").getroot().iter("error"))
        assert [error.text for error in errors] == [
            rf"protocol: \x1b[31mred\x1b]0;owned\x07 {SCRIPT} \ud800",
            IMAGE + "\n" + r"\x1b[31mred\x1b]0;owned\x07",
        ]


# The counterexamples.


class TestCounterexamples:
    """A folder for each: the trace, its files, and a page in words."""

    def test_the_trace_and_the_bytes_that_were_sent(self, tmp_path: Path) -> None:
        """Marks, line ends and broken encodings are kept."""
        step = file_step(row(1), row(1), bom=True, line_ending="\r\n", trailing_garbage=b"")
        broken = file_step(row(2), trailing_garbage=b"\xff\x00")
        written(verdict_on(case_of(deviating("first_of_duplicates_wins"), broken, step)), tmp_path)
        rule = tmp_path / "counterexamples" / "rows_that_share_an_identifier_fail"
        assert (rule / "step-1.csv").read_bytes() == broken.data()
        assert (rule / "step-3.csv").read_bytes() == step.data()
        assert len(read(rule.with_suffix(".jsonl")).exchanges) == 4

    def test_the_page_in_words(self, wrong: Path) -> None:
        """Title, rule, source, statement, before, file, expected and got, and the command."""
        text = (wrong / "counterexamples" / "blank_labels_clear" / "README.md").read_text("utf-8")
        for part in (
            "# blank_labels_clear: a violation",
            CATALOGUE["blank_labels_clear"].statement,
            "002:36",
            "- Step 1: `south` imports a file in an automatic job, dates as yyyy-mm-dd: 2 created",
            "s1@mail.example,1,Ada,Lee,,,\n",
            "`account s1@mail.example: system_label_names`",
            'expected []\ngot      ["p", "q"]',
            "python -m conformance play counterexamples/blank_labels_clear.jsonl python:tests:wrong",
        ):
            assert part in text

    def test_markdown_of_others_means_nothing(self, hostile: Path) -> None:
        """No HTML, no link but to the files beside the page, no picture."""
        (page,) = (hostile / "counterexamples").glob("*/README.md")
        tokens = [t for top in MarkdownIt().parse(page.read_text("utf-8")) for t in (top, *(top.children or ()))]
        assert not {token.type for token in tokens} & {"html_block", "html_inline", "image"}
        links = {str(token.attrs["href"]) for token in tokens if token.type == "link_open"}
        assert links == {"step-3.csv", "step-5.csv"}
        headings = [after.content for token, after in itertools.pairwise(tokens) if token.type == "heading_open"]
        assert headings == [
            "blank_labels_clear: a violation",
            "Before",
            "Step 5: `south` imports a file in an automatic job, dates as yyyy-mm-dd",
            "In the answer",
            "In what can be observed afterwards",
            "Play it again",
        ]

    def test_nothing_hides(self, hostile: Path) -> None:
        """No escape of a terminal, no change of direction: neither in the words nor on the page."""
        for path in (*hostile.glob("counterexamples/*/README.md"), hostile / "report.html", hostile / "junit.xml"):
            assert all(c.isprintable() or c in "\n\t" for c in path.read_text("utf-8"))

    def test_a_trace_that_shows_nothing_says_so(self, tmp_path: Path) -> None:
        """Then what the run said stands in its place."""
        trace = labels_kept().trace
        assert trace
        before = evolve(trace, exchanges=trace.exchanges[:2])
        case = Case("a", ("ragged_rows_fail",), "differs", details="odd", trace=before, kind="search")
        assert "The trace shows no difference" in readme(only_view(case))
        written(verdict_on(case), tmp_path)
        assert "<pre>odd</pre>" in (tmp_path / "report.html").read_text("utf-8")


class TestStories:
    """A counterexample is shown from its trace alone."""

    def test_what_differs_is_marked(self) -> None:
        """The row of the student, and the cell in the column that differs."""
        view = only_view(labels_kept())
        first, second = view.steps
        assert not first.differs
        assert second.table
        assert [row.differs for row in second.table.rows] == [True, False]
        assert [cell.differs for cell in second.table.rows[0].cells] == [False] * 6 + [True]
        assert [cell.differs for cell in second.table.header] == [False] * 6 + [True]
        assert second.table.rows[0].expected == "updated"
        assert second.table.rows[0].got == "unchanged"

    def test_marks_do_not_depend_on_words(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What differs is known by data: however a location is called, the same rows and cells are marked."""
        cases = wrong_verdict().cases[:3]
        before = [[step.table for step in only_view(case).steps] for case in cases]
        for kind in (AccountPart, RecordPart, RowPart):
            monkeypatch.setattr(kind, "__str__", lambda location: "somewhere")
        views = [only_view(case) for case in cases]
        assert [[step.table for step in view.steps] for view in views] == before
        assert "somewhere" in {c.where for view in views for step in view.steps for c in step.in_the_answer}

    def test_the_students_before(self) -> None:
        """With the fields that are not empty."""
        students = only_view(labels_kept()).students
        assert students
        assert [cell.text for cell in students.header][-2:] == ["system_label_names", "institution"]
        assert [cell.text for cell in students.rows[0].cells][-2:] == ['["p", "q"]', "south"]

    def test_fields_with_errors_are_marked(self) -> None:
        """A field that only one of the two complains of, under its header in the file."""
        header = (*HEADER, "primary_education:start_date")
        step = file_step((*row(1)[:4], "2020-01-01", "", "", "2021-01-01"), header=header)
        view = only_view(case_of(deviating("no_end_date_is_not_before_start_date"), step))
        assert view.steps[0].table
        (only,) = view.steps[0].table.rows
        assert only.expected.startswith('failed: {"primary_education.end_date"')
        assert only.got == "created"
        assert [cell.text for cell in only.cells if cell.differs] == ["2020-01-01"]

    @pytest.mark.parametrize("strictness", ["outcome", "fields", "exact"])
    def test_differences_are_those_of_the_run(self, strictness: Strictness) -> None:
        """Compared as strictly, in the columns that the importer stores."""
        case = labels_kept()
        assert only_view(case, strictness=strictness).shows_it
        few = {"columns": [name for name in HEADER if name != "system_label_names"]}
        differences = only_view(case, importer=few).steps[1].afterwards
        assert not differences

    def test_what_a_reading_allows_does_not_differ(self) -> None:
        """A counterexample is shown by the readings that the run judged by."""
        case = case_of(deviating("first_of_duplicates_wins"), file_step(row(1), row(1)))
        assert only_view(case).shows_it
        assert not only_view(case, readings=("first_of_duplicates_wins",)).shows_it

    def test_what_another_rule_does_is_told_apart(self) -> None:
        """Where two bugs show in one trace, a place that the first does not account for says so."""
        both = deviating("no_blank_labels_clear", "no_values_are_verbatim")
        steps = [file_step(row(1, " Ada", labels=labels)) for labels in ("p", "")]
        known = OracleState(ruleset=DEVIATIONS["no_values_are_verbatim"].upon(OracleState().ruleset))
        shown = only_view(case_of(both, *steps, known=known)).steps
        assert [c.is_elsewhere for c in shown[0].afterwards] == [True]
        assert [c.where for c in shown[1].afterwards if not c.is_elsewhere] == [
            "account s1@mail.example: system_label_names"
        ]

    def test_a_file_that_is_no_table(self) -> None:
        """It is shown as text."""
        view = only_view(case_of(deviating("no_file_is_utf8_csv"), file_step(row(1), trailing_garbage=b'"\x00\x1b[1m')))
        (step,) = view.steps
        assert step.table is None
        assert step.text.endswith(r'"\x00\x1b[1m')

    def test_a_long_file_is_cut(self) -> None:
        """But not what differs in it."""
        rows = [row(number) for number in range(99)]
        view = only_view(case_of(deviating("first_of_duplicates_wins"), file_step(*rows, row(98))))
        assert view.steps[0].table
        assert [each.number for each in view.steps[0].table.rows] == [*range(1, 41), 99, 100]
        assert view.steps[0].table.left_out == 58

    def test_ragged_rows_are_shown_as_they_are(self) -> None:
        """Neither cells too many nor too few are in the way."""
        step = file_step(("a@b.example", "1"), (*row(2), "", "more"))
        view = only_view(case_of(deviating("no_ragged_rows_fail"), step))
        assert view.steps[0].table
        assert [len(each.cells) for each in view.steps[0].table.rows] == [2, 9]

    @pytest.mark.parametrize("phase", PHASES)
    def test_every_phase_can_be_told(self, phase: str) -> None:
        """For a rule of each: an example that an importer without it fails is a counterexample that is shown."""
        rule = next(rule.__name__ for rule in PHASES[phase] if f"no_{rule.__name__}" in DEVIATIONS)
        importer = deviating(f"no_{rule}")
        for example in examples():
            if example.rules[0] == rule:
                exchanges = [Exchange(request, importer.handle(dict(request))) for request in example.requests]
                judged = tuple(judgements(exchanges, OracleState()))
                if not all(each.allowed for each in judged):
                    case = differing(
                        Case("a", (rule,), "differs", kind="example"),
                        "A",
                        exchanges,
                        judged,
                        attribution_of(exchanges, OracleState()),
                    )
                    assert only_view(case).shows_it
                    return
        pytest.fail(f"no example shows {rule} broken")


class TestWords:
    """Requests and answers as a person would say them."""

    def test_every_request_has_a_sentence(self) -> None:
        """Every action, and both ways to sign in; whatever a sentence names is an argument."""
        assert {*ACTIONS, "import", "preview", "password", "sso"} == set(SENTENCES)
        for name, kind in NAMED.items():
            named = {field for _, field, _, _ in Formatter().parse(SENTENCES[name]) if field}
            assert named <= {argument.name for argument in arguments_of(kind)}

    @pytest.mark.parametrize(
        ("request_", "words"),
        [
            (
                {"op": "do", "action": "approve", "institution": "north", "email": "a@b"},
                "north approves the request of a@b",
            ),
            (
                {
                    "op": "do",
                    "action": "sign_in",
                    "email": "a@b",
                    "via": "sso",
                    "institution": "north",
                    "attribute": "x y",
                },
                'a@b signs in through the single sign-on of north, which returns "x y"',
            ),
            (
                {"op": "do", "action": "set_disabled", "institution": "north", "email": "a@b", "disabled": True},
                "north sets whether a@b is archived: yes",
            ),
            (
                {
                    "op": "preview",
                    "institution": "north",
                    "mode": "manual",
                    "change_sensitive_fields": True,
                    "date_format": "mm/dd/yyyy",
                    "csv": "",
                },
                "north previews a file in a manual job with change_sensitive_fields, dates as mm/dd/yyyy",
            ),
        ],
    )
    def test_sentences(self, request_: dict[str, Any], words: str) -> None:
        """Plain words stand without quotes."""
        assert "".join(piece.text for piece in sentence(request_)) == words

    @pytest.mark.parametrize(
        ("action", "response", "words"),
        [
            ("approve", {"done": True}, "done"),
            ("approve", {"refused": "no\nway"}, r"refused: no\nway"),
            ("approve", {}, "refused: no reason given"),
            ("sign_in", {"done": True, "access": True}, "let in"),
            ("sign_in", {"done": True}, "not let in"),
        ],
    )
    def test_answers(self, action: str, response: dict[str, Any], words: str) -> None:
        """Whether it was done, and what a sign-in gave."""
        assert answer_in_words({"op": "do", "action": action}, response) == words

    def test_visible(self) -> None:
        """Letters of any language stay; what would act on a terminal or a reader is spelled out."""
        assert visible("é \u05e9\n\t") == "é \u05e9\n\t"
        assert visible("\x1b\u202e\u00a0\ud800\x85") == r"\x1b\u202e\xa0\ud800\x85"


# The page.


class Elements(HTMLParser):
    """The elements of a page, their attributes and their text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One element more."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Some text more."""
        self.text += data

    def named(self, *names: str) -> list[dict[str, str | None]]:
        """The attributes of all elements of these names."""
        return [attributes for tag, attributes in self.tags if tag in names]


class TestThePage:
    """`report.html` needs nothing else, and does nothing but filter."""

    def test_it_loads_nothing(self, folder: Path) -> None:
        """No element that could fetch anything, no handler, no address but of a place or a file beside it."""
        page = Elements((folder / "report.html").read_text("utf-8"))
        assert not page.named("img", "link", "iframe", "object", "embed", "base", "video", "audio", "svg")
        assert len(page.named("script")) == len(page.named("style")) == 1
        for _, attributes in page.tags:
            assert not [name for name in attributes if name.startswith("on") or name in ("src", "style", "action")]
        for link in page.named("a"):
            assert str(link["href"]).startswith(("#", "counterexamples/"))

    def test_texts_of_others_are_only_text(self, hostile: Path) -> None:
        """They are all there, to be read."""
        page = Elements((hostile / "report.html").read_text("utf-8"))
        for text in (SCRIPT, IMAGE, "{{ 7*7 }}", r"\x1b[31mred", r"\u202eevil", "``` <b>"):
            assert text in page.text
        assert "(10000 characters)" in page.text
        assert "x" * 201 not in page.text

    def test_it_says_what_the_verdict_is(self, folder: Path, verdict: Verdict) -> None:
        """With every rule and its status, every counterexample and every fault."""
        page = Elements((folder / "report.html").read_text("utf-8"))
        assert f"Conformance: {in_words(verdict.word)}" in page.text
        rows = [attributes for attributes in page.named("tr") if "data-status" in attributes]
        assert [attributes["data-status"] for attributes in rows] == list(verdict.rules.values())
        assert [each["id"] for each in page.named("article")] == [each.rule for each in verdict.counterexamples]
        assert len([each for each in page.named("pre") if each.get("class") == "card fault"]) == len(verdict.faults)

    def test_no_clock(self, verdict: Verdict, folder: Path, tmp_path: Path) -> None:
        """The same verdict makes the same files, byte for byte."""
        written(verdict, tmp_path)
        for path in (path.relative_to(folder) for path in folder.rglob("*") if path.is_file()):
            assert (tmp_path / path).read_bytes() == (folder / path).read_bytes()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser, if it is there."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found:
        pytest.skip("not run: Chromium (chromium is not installed)")
    return str(found)


class TestInABrowser:
    """What a real browser makes of the page."""

    def dom(self, chromium: str, profile: Path, page: Path, place: str = "") -> Elements:
        """The elements that there are once the page has been loaded."""
        quiet = ("no-first-run", "disable-background-networking", "disable-component-update", "disable-sync")
        flags = ("headless", "no-sandbox", "disable-gpu", *quiet, f"user-data-dir={profile}", "dump-dom")
        command = [chromium, *(f"--{flag}" for flag in flags), f"{page.as_uri()}{place}"]
        done = subprocess.run(command, capture_output=True, timeout=600, check=True)
        return Elements(done.stdout.decode("utf-8"))

    def test_nothing_of_others_runs(self, chromium: str, hostile: Path, tmp_path: Path) -> None:
        """The title is ours, and no element has come to be."""
        page = self.dom(chromium, tmp_path / "profile", hostile / "report.html")
        static = Elements((hostile / "report.html").read_text("utf-8"))
        assert "Conformance: violates" in page.text[:200]
        assert sorted(tag for tag, _ in page.tags) == sorted(tag for tag, _ in static.tags)

    @pytest.mark.parametrize(
        ("place", "suits"),
        [
            ("", lambda entry, status: True),
            ("#status=broken", lambda entry, status: status == "broken"),
            ("#status=not_reached&phase=cell", lambda entry, status: status == "not_reached" and entry.phase == "cell"),
            ("#text=LABELS%20cell", lambda entry, status: "labels cell" in entry.statement.lower()),
            ("#blank_labels_clear", lambda entry, status: True),
        ],
    )
    def test_the_filter(
        self, chromium: str, wrong: Path, tmp_path: Path, place: str, suits: Callable[[Any, str], bool]
    ) -> None:
        """The address says which rules are shown; a link to a place in the page shows them all."""
        page = self.dom(chromium, tmp_path / "profile", wrong / "report.html", place)
        rows = [attributes for attributes in page.named("tr") if "data-status" in attributes]
        statuses = wrong_verdict().rules
        shown = [name for name, attributes in zip(CATALOGUE, rows) if "hidden" not in attributes]
        expected = [name for name, entry in CATALOGUE.items() if suits(entry, statuses[name])]
        assert shown == expected
        assert expected


# The folder.


def files_in(folder: Path) -> Iterator[str]:
    """The paths of all files in a folder."""
    return (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


class TestTheFolder:
    """What is written, and what is left alone."""

    def test_what_is_written(self, tmp_path: Path) -> None:
        """The four files, and what shows the broken rule."""
        written(verdict_on(labels_kept()), tmp_path / "a" / "b")
        rule = "counterexamples/blank_labels_clear"
        shown = {f"{rule}.jsonl", f"{rule}/README.md", f"{rule}/step-1.csv", f"{rule}/step-3.csv"}
        assert set(files_in(tmp_path / "a" / "b")) == FILES | shown

    def test_what_was_shown_before_is_gone(self, tmp_path: Path) -> None:
        """Nothing of an earlier report stays that this one does not say."""
        written(wrong_verdict(), tmp_path)
        written(conformant_verdict(), tmp_path)
        assert set(files_in(tmp_path)) == FILES
        assert not (tmp_path / "counterexamples").exists()

    def test_whatever_a_report_shows_a_later_one_replaces(self, tmp_path: Path) -> None:
        """What is broken, what differs, what is in doubt, and the second that has the same rule in front."""
        verdict = wrong_verdict()
        broken = verdict.counterexamples[0]
        unsure = evolve(broken.cause, is_certain=False)
        again = evolve(broken, cause=unsure, name=f"{broken.cause.rule}_2")
        verdict = evolve(verdict, counterexamples=(*verdict.counterexamples, again))
        written(verdict, tmp_path)
        pages = [path.read_text("utf-8") for path in (tmp_path / "counterexamples").glob("*/README.md")]
        assert {page.partition("\n")[0].partition(": ")[2] for page in pages} == {
            "a violation",
            "a difference",
            "in doubt",
        }
        assert list(foreign(tmp_path)) == []
        written(conformant_verdict(), tmp_path)
        assert set(files_in(tmp_path)) == FILES

    def test_what_others_have_put_there_stays(self, tmp_path: Path) -> None:
        """Whatever has not the name of one of ours."""
        written(wrong_verdict(), tmp_path)
        others = {
            "notes.txt",
            "counterexamples/mine.jsonl",
            "counterexamples/blank_labels_clear/notes.md",
            "counterexamples/blank_labels_clear/step-one.csv",
            "counterexamples/blank_labels_clear_two/step-1.csv",
            "counterexamples/not_a_rule/step-1.csv",
        }
        for name in others:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text("mine")
        written(conformant_verdict(), tmp_path)
        assert set(files_in(tmp_path)) == FILES | others

    def test_a_file_is_whole_or_not_there(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where the disk is full in the middle, the earlier report stands as it was."""
        written(conformant_verdict(), tmp_path)
        before = (tmp_path / "report.json").read_bytes()

        def full(path: Path, data: bytes) -> int:
            with path.open("wb") as file:
                file.write(data[:10])
            raise OSError(28, os.strerror(28))

        monkeypatch.setattr(Path, "write_bytes", full)
        with pytest.raises(OSError, match="No space left on device"):
            reports.write(wrong_verdict(), tmp_path)
        assert (tmp_path / "report.json").read_bytes() == before
        assert set(files_in(tmp_path)) == FILES

    def test_a_report_that_could_not_be_written_is_a_fault(self, tmp_path: Path) -> None:
        """The verdict `conformant` does not stand without its report."""
        (tmp_path / "file").write_text("")
        nothing = ExpectationsReport((), (), 0)
        told = reported(conformant_verdict(), str(tmp_path / "file"), nothing)
        assert told.word == "fault"
        assert told.faults == (f"the report could not be written to {tmp_path / 'file'}: File exists",)
        assert reported(conformant_verdict(), str(tmp_path / "folder"), nothing).word == "conformant"

    def test_a_folder_that_cannot_be_written_is_refused_at_once(self, tmp_path: Path) -> None:
        """Before anything is run, in one sentence, and with the exit status of a wrong command line."""
        (tmp_path / "file").write_text("")
        target = "python:conformance.reference:importer"
        done = run_suite(tmp_path, "--pyargs", "conformance", "--importer", target, "--report", "file/report")
        assert done.returncode == 4
        assert "--report file/report: nothing can be written there: Not a directory" in done.stderr
        assert "Traceback" not in done.stdout + done.stderr

    def test_a_run_writes_it_all(self, tmp_path: Path) -> None:
        """Pytest, pointed at an importer, leaves the whole report behind."""
        target = "python:tests.support.faulty_importers:labels_kept"
        narrowed = ("-k", "blank_labels_clear", "--budget", "40-histories", "--strictness", "fields")
        run_suite(tmp_path, "--pyargs", "conformance", "--importer", target, "--report", "out", *narrowed)
        found = set(files_in(tmp_path / "out"))
        assert found > FILES
        assert "counterexamples/blank_labels_clear/README.md" in found
        data = json.loads((tmp_path / "out" / "report.json").read_bytes())
        jsonschema.validate(data, SCHEMA)
        assert (data["verdict"], data["strictness"]) == ("incomplete", "fields")
        assert data["importer"] == {
            "target": target,
            "name": "refmodel",
            "version": data["suite"]["version"],
            "language": "Python",
            "columns": None,
        }
