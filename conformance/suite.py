"""The suite as pytest runs it: its options, the importer under test, and the verdict at the end."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import pytest
from attrs import asdict, define, evolve, field

from conformance import allowances
from conformance import report as reports
from conformance.budgets import LANES, Budget
from conformance.checking import checked, checked_edge_case, found_case
from conformance.diagnosis import Diagnosis
from conformance.edgecases import EdgeCase, edge_cases
from conformance.evidence import diagnosis_of
from conformance.judge import ALL_HEADERS, Known
from conformance.known import KnownDeviation, ruleset_of
from conformance.playing import Importer, introduced
from conformance.scenarios import Example, examples
from conformance.search import Searched
from conformance.summary import print_summary
from conformance.targets import BadTarget, Fault, connect
from conformance.telling import retold
from conformance.verdicts import EXIT_STATUS, Case, Status, Verdict, counterexamples

SINGLE = ("test_state_machine", "test_several_at_once")  # tests that there is one of
PATIENCE = 120.0  # seconds that may be lost to an importer's faults before the run is given up


def pytest_addoption(parser: pytest.Parser) -> None:
    """The suite's own options."""
    group = parser.getgroup("conformance", "the conformance suite for student importers")
    group.addoption("--importer", metavar="TARGET", help="python:module:factory, cmd:COMMAND, or http://host:port/path")
    group.addoption("--report", metavar="FOLDER", help="write report.html, .json, junit.xml and counterexamples there")
    group.addoption("--importer-timeout", metavar="SECONDS", type=float, default=30.0, help="for one answer (30)")
    group.addoption(
        "--budget", metavar="BUDGET", default="default", help="quick, default, thorough, or MINUTES to search"
    )
    group.addoption("--seed", type=int, default=0, help="of the search: the same seed makes the same histories (0)")
    group.addoption(
        "--strictness",
        choices=("outcome", "fields", "exact"),
        default="exact",
        help="of failed rows compare that they failed; and which fields; and the texts the articles quote (exact)",
    )
    allowances.add_options(group)


@define
class Run:
    """What is gathered while the suite runs."""

    cases: list[Case] = field(factory=list)
    suite_faults: list[str] = field(factory=list)
    importer: dict[str, Any] = field(factory=dict)
    searches: list[dict[str, Any]] = field(factory=list)
    races: list[dict[str, Any]] = field(factory=list)
    known_deviations: list[dict[str, str]] = field(factory=list)
    filtered: bool = False
    verdict: Verdict | None = None


RUN = pytest.StashKey[Run]()


def pytest_configure(config: pytest.Config) -> None:
    """An importer has to be named, in a way that can be understood."""
    config.stash[RUN] = Run()
    config.stash[allowances.KEY] = allowances.allowances_of(config)
    wanted = config.getoption("help", False) or config.getoption("version", 0) or config.option.collectonly
    if wanted:
        return
    if not config.getoption("importer"):
        raise pytest.UsageError(
            "name the importer to judge: --importer TARGET, where TARGET is python:module:factory, "
            "cmd:COMMAND or http://host:port/path; try --importer python:conformance.reference:importer"
        )
    if config.getoption("importer_timeout") <= 0:
        raise pytest.UsageError("--importer-timeout is a number of seconds above 0")
    try:
        Budget.named(config.getoption("budget"), 0)
    except ValueError:
        raise pytest.UsageError("--budget is quick, default, thorough, or a number of minutes above 0") from None
    folder = config.getoption("report")
    if folder and Path(folder).exists() and not Path(folder).is_dir():
        raise pytest.UsageError(f"--report {folder}: this is a file, and a folder is needed")
    try:
        connect(config.getoption("importer")).close()
    except BadTarget as error:
        raise pytest.UsageError(f"--importer: {error}") from None
    if folder:
        check_folder(folder)


def check_folder(folder: str) -> None:
    """A report that could not be written in the end is not worth a run."""
    try:
        reports.check_writable(Path(folder))
    except OSError as error:
        raise pytest.UsageError(f"--report {folder}: nothing can be written there: {error.strerror}") from None


# The importer under test.


@pytest.fixture(scope="session")
def importer(pytestconfig: pytest.Config) -> Iterator[Importer]:
    """The importer that the command line names, once it has said hello."""
    timeout = pytestconfig.getoption("importer_timeout")
    with connect(pytestconfig.getoption("importer"), timeout=timeout) as target:
        try:
            known = introduced(target)
        except Fault as fault:
            pytest.fail(f"The importer does not say hello.\n{fault}", pytrace=False)
        yield known


@pytest.fixture(scope="session")
def standing(importer: Importer, pytestconfig: pytest.Config) -> allowances.Standing:
    """What to judge by: the readings that are asked for, and those of the known deviations that are true."""
    return allowances.Standing.of(pytestconfig.stash[allowances.KEY], importer, pytestconfig.getoption("strictness"))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Without known deviations there is nothing to try."""
    is_about_them = collection_path == Path(__file__).with_name("test_known.py")
    return True if is_about_them and not config.stash[allowances.KEY].entries else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test an example, an edge case, a lane of the search, a known deviation."""
    if "known_deviation" in metafunc.fixturenames:
        entries = metafunc.config.stash[allowances.KEY].entries
        metafunc.parametrize("known_deviation", entries, ids=[entry.id for entry in entries])
    if "example" in metafunc.fixturenames:
        found = examples()
        metafunc.parametrize("example", found, ids=[example.id for example in found])
    if "edge_case" in metafunc.fixturenames:
        metafunc.parametrize("edge_case", edge_cases(), ids=[case.id for case in edge_cases()])
    if "lane" in metafunc.fixturenames:
        metafunc.parametrize("lane", range(LANES))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """An edge case, whose name does not say it, is found by the rule that it is about as well."""
    for item in items:
        parameters = getattr(item, "callspec", None)
        if parameters and "edge_case" in parameters.params:
            item.extra_keyword_matches.add(parameters.params["edge_case"].rules[0])


@define
class Judge:
    """Checks the importer, and tells pytest what came of it."""

    importer: Importer
    request: pytest.FixtureRequest
    standing: allowances.Standing

    @property
    def known(self) -> Known:
        """What the oracle knows of the importer before anything has happened."""
        known = self.importer.known(self.request.config.getoption("strictness"))
        return evolve(known, ruleset=self.standing.ruleset)

    def check_known(self, entry: KnownDeviation) -> None:
        """Hand on what became of a known deviation; fail where it is not as it is known."""
        checked = self.standing.about(entry)
        self.note("known", checked.as_data())
        case = checked.case(self.standing.without_deviations(self.known))
        if case:
            self._record(case)
        if not checked.is_true:
            pytest.fail(case.text if case else checked.text, pytrace=False)

    def check(self, example: Example) -> None:
        """Play an example; fail, with all that a person needs to know, where a right importer would answer else."""
        with self.faults_told(example.rules):
            case = checked(example, self.importer, self.known)
        self.conclude(case)

    def check_edge_case(self, edge_case: EdgeCase) -> None:
        """Play an edge case, to the same end."""
        with self.faults_told(edge_case.rules):
            case = checked_edge_case(edge_case, self.importer, self.known)
        self.conclude(case)

    def conclude(self, *cases: Case) -> None:
        """Hand on what became of one case, or of several; what is worst among them tells pytest how it went."""
        for case in cases:
            self._record(case)
        texts = {status: [case.text for case in cases if case.status == status] for status in get_args(Status)}
        if texts["differs"]:
            pytest.fail("\n\n".join(texts["differs"]), pytrace=False)
        if texts["fault"]:
            pytest.fail(f"{A_FAULT}\n{texts['fault'][0]}", pytrace=False)
        if texts["not applicable"]:
            pytest.skip(f"not applicable: {texts['not applicable'][0]}")

    @contextmanager
    def faults_told(self, rules: Sequence[str]) -> Iterator[None]:
        """A fault is one outcome of its own, and too much time lost to faults ends the run."""
        begun = time.monotonic()
        try:
            yield
        except Fault as fault:
            stash = self.request.config.stash
            stash[LOST] = stash.get(LOST, 0.0) + time.monotonic() - begun
            if stash[LOST] > PATIENCE:
                self.request.session.shouldstop = f"{stash[LOST]:.0f} s were lost to faults of the importer"
            self._record(Case(str(self.request.node.name), tuple(rules), "fault", text=str(fault)))
            pytest.fail(f"{A_FAULT}\n{fault}", pytrace=False)

    def conclude_search(self, name: str, searched: Searched) -> None:
        """Hand on what a search has gone through and found."""
        faults = [Case(f"{name}-fault-{number}", (), "fault", text=text) for number, text in enumerate(searched.faults)]
        found = [found_case(found, f"{name}-found-{number}") for number, found in enumerate(searched.found)]
        stats = {"histories": searched.histories, "files": searched.files, "seconds": searched.seconds}
        pairs = [list(pair) for pair in searched.pairs]
        self.note("search", stats | {"pairs": pairs})
        self.conclude(Case(name, (), "passed", tuple(searched.reached)), *found, *faults)

    def note(self, what: str, figures: Mapping[str, Any]) -> None:
        """Hand on what is no case, and yet belongs into the report: of a search, of races, of a known deviation."""
        self.request.node.user_properties.append((f"conformance-{what}", json.dumps(figures)))

    def _record(self, case: Case) -> None:
        self.request.node.user_properties.append(("conformance", json.dumps(asdict(case))))


@pytest.fixture(scope="session")
def budget(pytestconfig: pytest.Config) -> Budget:
    """How long the search may take, and its seed."""
    named = Budget.named(pytestconfig.getoption("budget"), pytestconfig.getoption("seed"))
    return named.for_target(pytestconfig.getoption("importer"))


A_FAULT = "Fault of the importer, not a difference in behaviour."
LOST = pytest.StashKey[float]()


@pytest.fixture
def judge(importer: Importer, standing: allowances.Standing, request: pytest.FixtureRequest) -> Judge:
    """What a test of the suite hands its example to."""
    request.node.user_properties.append(("conformance-importer", json.dumps(importer.introduction)))
    return Judge(importer, request, standing)


# The verdict.


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """A run of which something was deselected is a filtered one."""
    if items:
        items[0].config.stash[RUN].filtered = True


def pytest_collection_finish(session: pytest.Session) -> None:
    """A run that does not collect every example and every edge case is a filtered one."""
    run = session.config.stash[RUN]
    known = len(session.config.stash[allowances.KEY].entries)
    if len(session.items) < len(examples()) + len(edge_cases()) + LANES + len(SINGLE) + known:
        run.filtered = True


def case_of(data: dict[str, Any]) -> Case:
    """The case that a test recorded, perhaps in another process."""
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
    return Case(**fields)


class Gatherer:
    """Listens to the reports of the tests, wherever they ran."""

    def __init__(self, config: pytest.Config) -> None:
        self.run = config.stash[RUN]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a test recorded; a test that failed without recording anything is a fault."""
        recorded = False
        for name, value in report.user_properties:
            if name == "conformance" and report.when == "call":
                self.run.cases.append(case_of(json.loads(str(value))))
                recorded = True
            elif name == "conformance-known" and report.when == "call":
                self.run.known_deviations.append(json.loads(str(value)))
                recorded = True
            elif name == "conformance-importer":
                self.run.importer = json.loads(str(value))
            elif name == "conformance-search" and report.when == "call":
                self.run.searches.append(json.loads(str(value)))
            elif name == "conformance-races" and report.when == "call":
                self.run.races.append(json.loads(str(value)))
        if report.failed and not recorded:
            text = report.longreprtext
            if text not in self.run.suite_faults:
                self.run.suite_faults.append(text)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Begin to gather, in the process that will write the report."""
    if not hasattr(session.config, "workerinput"):
        session.config.pluginmanager.register(Gatherer(session.config), "conformance-gatherer")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Come to the verdict, write the report, and let the exit status say it."""
    config = session.config
    run = config.stash[RUN]
    if hasattr(config, "workerinput") or config.option.collectonly or exitstatus in (3, 4):
        return
    known = outcome_of(config)
    stopped = exitstatus == 2 or bool(session.shouldstop) or bool(session.shouldfail) or known.is_stale
    diagnosis = Diagnosis() if exitstatus == 2 else diagnosis_of(undeclared(run.cases), known_to(config))
    cases = tuple(retold(case, diagnosis) for case in run.cases)
    run.verdict = Verdict(
        cases,
        counterexamples(cases, diagnosis),
        diagnosis,
        filtered=run.filtered,
        stopped=stopped,
        suite_faults=tuple(run.suite_faults),
        importer={"target": config.getoption("importer"), **run.importer},
        searched=run.searches,
        raced=run.races,
        strictness=config.getoption("strictness"),
        readings=config.stash[allowances.KEY].readings,
    )
    if folder := config.getoption("report"):
        run.verdict = reported(run.verdict, folder, known)
    given_up = config.stash.get(LOST, 0.0) > PATIENCE  # by the suite itself, so that pytest calls it interrupted
    if exitstatus != 2 or given_up:
        session.exitstatus = EXIT_STATUS[run.verdict.word]


def undeclared(cases: Sequence[Case]) -> list[Case]:
    """The cases but for those of the known deviations, which need no diagnosis."""
    return [case for case in cases if not case.id.startswith("known-")]


def known_to(config: pytest.Config) -> Known:
    """What the oracle went by: the readings that were asked for, and the known deviations that are true."""
    run, allowed = config.stash[RUN], config.stash[allowances.KEY]
    true = {entry["deviation"] for entry in run.known_deviations if entry["status"] == "shows"}
    ruleset = ruleset_of((entry for entry in allowed.entries if entry.id in true), allowed.ruleset)
    stored = run.importer.get("columns")
    columns = ALL_HEADERS if stored is None else frozenset(stored)
    return Known(ruleset=ruleset, strictness=config.getoption("strictness"), columns=columns)


def outcome_of(config: pytest.Config) -> allowances.Outcome:
    """What became of the known deviations."""
    run = config.stash[RUN]
    return allowances.Outcome.of(config.stash[allowances.KEY], run.known_deviations, run.cases)


def reported(verdict: Verdict, folder: str, known: allowances.Outcome) -> Verdict:
    """The verdict, once it is written down; a report that cannot be written is a fault of the suite."""
    try:
        reports.write(verdict, Path(folder))
        known.write(Path(folder))
    except OSError as error:
        fault = f"the report could not be written to {folder}: {error.strerror}"
        return evolve(verdict, suite_faults=(*verdict.suite_faults, fault))
    return verdict


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say the verdict, and what became of every rule."""
    verdict = config.stash[RUN].verdict
    if verdict is not None:
        print_summary(verdict, config.getoption("report"), terminalreporter)
        for line in outcome_of(config).lines():
            terminalreporter.write_line(line)
