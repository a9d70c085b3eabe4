"""The suite as a pytest plugin: its options, the importer under test, and the verdict at the end."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, get_args

import msgspec
import pytest
from attrs import asdict, define, evolve

from conformance import report as reports
from conformance.cases.edge_cases import EdgeCase, edge_cases
from conformance.cases.scenarios.parser import Example, examples
from conformance.oracle.state import OracleState
from conformance.report.terminal import print_summary
from conformance.search.budget import IN_WORDS, SHARDS, Budget
from conformance.search.results import SearchResult, found_case
from conformance.session.client import Importer, introduced
from conformance.session.patience import Patience
from conformance.suite.run import Run, verdict_on, written
from conformance.transport.faults import BadTarget, Fault
from conformance.transport.targets import connect
from conformance.verdict.case import Case, Kind, Status, fault_cases
from conformance.verdict.expectations import EXPECTATIONS, CheckedExpectations, add_options, expectations_of
from conformance.verdict.known_deviations import KnownDeviation
from conformance.verdict.run_case import checked, checked_edge_case
from conformance.verdict.verdict import Searched, Verdict


def pytest_addoption(parser: pytest.Parser) -> None:
    """The suite's own options."""
    group = parser.getgroup("conformance", "the conformance suite for student importers")
    group.addoption("--importer", metavar="TARGET", help="python:module:factory, cmd:COMMAND, or http://host:port/path")
    group.addoption(
        "--report", metavar="FOLDER", help="write report.html, report.json, junit.xml and counterexamples there"
    )
    group.addoption("--importer-timeout", metavar="SECONDS", type=float, default=30.0, help="for one response (30)")
    group.addoption("--budget", metavar="BUDGET", default="default", help=f"how much to search: {IN_WORDS} (default)")
    group.addoption("--seed", type=int, default=0, help="of the search: the same seed makes the same histories (0)")
    group.addoption(
        "--strictness",
        choices=("outcome", "fields", "exact"),
        default="exact",
        help="of failed rows compare that they failed; and which fields; and the texts the articles quote (exact)",
    )
    add_options(group)


FOLDER = Path(__file__).parent
FILTERED = "conformance-filtered"  # a property of each test of a run that is filtered
OURS = "conformance-test"  # a property of the suite's own tests, which distinguishes them from other tests
RUN = pytest.StashKey[Run]()
VERDICT = pytest.StashKey[Verdict]()


def pytest_configure(config: pytest.Config) -> None:
    """Check the options. UsageError where one is missing or malformed."""
    expected = config.stash[EXPECTATIONS] = expectations_of(config)
    config.stash[RUN] = Run(config.getoption("importer") or "", config.getoption("strictness"), expected)
    config.stash[PATIENCE] = Patience()
    wanted = config.getoption("help", False) or config.getoption("version", 0) or config.option.collectonly
    if wanted:
        return
    if not config.getoption("importer"):
        raise pytest.UsageError(
            "there is no importer to judge: give --importer TARGET, where TARGET is python:module:factory, "
            "cmd:COMMAND or http://host:port/path; try --importer python:conformance.reference:importer"
        )
    if config.getoption("importer_timeout") <= 0:
        raise pytest.UsageError("--importer-timeout must be a number of seconds above 0")
    try:
        Budget.named(config.getoption("budget"), 0)
    except ValueError:
        raise pytest.UsageError(f"--budget {config.getoption('budget')}: write {IN_WORDS}") from None
    folder = config.getoption("report")
    if folder and Path(folder).exists() and not Path(folder).is_dir():
        raise pytest.UsageError(f"--report {folder}: this is a file: name a folder")
    try:
        connect(config.getoption("importer")).close()
    except BadTarget as error:
        raise pytest.UsageError(f"--importer: {error}") from None
    if folder:
        check_folder(folder)


def fail(text: str) -> NoReturn:
    """Fail the test. Lone surrogates are escaped: pytest-xdist hands the text on as UTF-8, which cannot hold them."""
    pytest.fail(text.encode("utf-8", "backslashreplace").decode("utf-8"), pytrace=False)


def check_folder(folder: str) -> None:
    """UsageError where the report could not be written at the end of the run."""
    try:
        reports.check_writable(Path(folder))
    except OSError as error:
        raise pytest.UsageError(f"--report {folder}: nothing can be written there: {error.strerror}") from None


# The importer under test.


@pytest.fixture(scope="session")
def importer(pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> Iterator[Importer]:
    """The importer that the command line names, once it has answered hello."""
    timeout = pytestconfig.getoption("importer_timeout")
    with connect(pytestconfig.getoption("importer"), timeout=timeout) as target:
        try:
            known = introduced(target)
        except Fault as fault:
            pytestconfig.stash[PATIENCE].faults = 0
            request.session.shouldstop = "the importer does not say hello"
            fail(f"The importer does not say hello.\n{fault}")
        yield known


@pytest.fixture(scope="session")
def expectations(importer: Importer, pytestconfig: pytest.Config) -> CheckedExpectations:
    """The rules to judge by: the readings, and the known deviations that the importer shows."""
    return CheckedExpectations.of(pytestconfig.stash[EXPECTATIONS], importer, pytestconfig.getoption("strictness"))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Skip the test of known deviations where there are none."""
    is_about_them = collection_path == Path(__file__).with_name("test_known.py")
    return True if is_about_them and not config.stash[EXPECTATIONS].entries else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each example, edge case, shard of the search, and known deviation."""
    if "known_deviation" in metafunc.fixturenames:
        entries = metafunc.config.stash[EXPECTATIONS].entries
        metafunc.parametrize("known_deviation", entries, ids=[entry.id for entry in entries])
    if "example" in metafunc.fixturenames:
        found = examples()
        metafunc.parametrize("example", found, ids=[example.id for example in found])
    if "edge_case" in metafunc.fixturenames:
        metafunc.parametrize("edge_case", edge_cases(), ids=[case.id for case in edge_cases()])
    if "shard" in metafunc.fixturenames:
        metafunc.parametrize("shard", range(SHARDS))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Mark the suite's own tests; `-k` finds an edge case by its rule as well as by its name."""
    for item in items:
        if item.path.is_relative_to(FOLDER):
            item.user_properties.append((OURS, "yes"))
        parameters = getattr(item, "callspec", None)
        if parameters and "edge_case" in parameters.params:
            item.extra_keyword_matches.add(parameters.params["edge_case"].rules[0])


@define
class Judge:
    """Checks the importer, records the cases, and passes or fails the test."""

    importer: Importer
    request: pytest.FixtureRequest
    expectations: CheckedExpectations

    @property
    def known(self) -> OracleState:
        """What the oracle knows of the importer before anything has happened."""
        known = self.importer.known(self.request.config.getoption("strictness"))
        return evolve(known, ruleset=self.expectations.ruleset)

    def check_known(self, entry: KnownDeviation) -> None:
        """Record the result for a known deviation; fail where it does not show as listed."""
        checked = self.expectations.about(entry)
        self.note("known", checked.as_data())
        case = checked.case(self.expectations.without_deviations(self.known))
        if case:
            self._record(case)
        if not checked.is_true:
            fail(case.text if case else checked.text)

    def check(self, example: Example) -> None:
        """Play an example; fail, with a description, where a right importer would answer otherwise."""
        with self.faults_recorded("example", example.rules):
            case = checked(example, self.importer, self.known)
        self.conclude(case)

    def check_edge_case(self, edge_case: EdgeCase) -> None:
        """Play an edge case likewise."""
        with self.faults_recorded("edge case", edge_case.rules):
            case = checked_edge_case(edge_case, self.importer, self.known)
        self.conclude(case)

    def conclude(self, *cases: Case) -> None:
        """Record one case or several; the worst of them decides whether the test passes."""
        for case in cases:
            self._record(case)
        texts = {status: [case.text for case in cases if case.status == status] for status in get_args(Status)}
        if texts["differs"]:
            fail("\n\n".join(texts["differs"]))
        if texts["flaky"]:
            fail("\n\n".join(texts["flaky"]))
        if texts["fault"]:
            fail(f"{A_FAULT}\n{texts['fault'][0]}")
        if texts["not_applicable"]:
            pytest.skip(f"not applicable: {texts['not_applicable'][0]}")

    @contextmanager
    def faults_recorded(self, kind: Kind, rules: Sequence[str]) -> Iterator[None]:
        """Record a fault as a case of its own; too many of them end the run."""
        patience = self.request.config.stash[PATIENCE]
        try:
            yield
            patience.regain()
        except Fault as fault:
            patience.lose(fault.kind)
            if patience.is_lost:
                self.request.session.shouldstop = "the importer has failed too often to go on: see its faults"
            name = str(self.request.node.name)
            self._record(Case(name, tuple(rules), "fault", details=str(fault), kind=kind))
            fail(f"{A_FAULT}\n{fault}")

    def conclude_search(self, name: str, searched: SearchResult) -> None:
        """Record what a search has gone through and found."""
        found = [found_case(found, f"{name}-found-{number}") for number, found in enumerate(searched.found)]
        found += [found_case(found, f"{name}-flaky-{number}") for number, found in enumerate(searched.flaky)]
        figures: Searched = {
            "histories": searched.histories,
            "files": searched.files,
            "seconds": searched.seconds,
            "cut_short": searched.is_cut_short,
            "pairs": [*searched.pairs],
            "most_rows": searched.most_rows,
            "longest_cell": searched.longest_cell,
            "kinds": searched.kinds,
        }
        self.note("search", figures)
        self.conclude(
            Case(name, (), "passed", tuple(searched.reached), kind="search"),
            *found,
            *fault_cases(name, searched.faults, "search"),
        )

    def note(self, what: str, figures: Mapping[str, object]) -> None:
        """Record figures for the report: of a search, of races, of a known deviation."""
        self.request.node.user_properties.append((f"conformance-{what}", json.dumps(figures)))

    def _record(self, case: Case) -> None:
        self.request.node.user_properties.append(("conformance", as_recorded(case)))


@pytest.fixture(scope="session")
def budget(pytestconfig: pytest.Config) -> Budget:
    """How much to search, and the seed."""
    return Budget.named(pytestconfig.getoption("budget"), pytestconfig.getoption("seed"))


A_FAULT = "Fault of the importer, not a difference in behaviour."
PATIENCE = pytest.StashKey[Patience]()


@pytest.fixture
def judge(importer: Importer, expectations: CheckedExpectations, request: pytest.FixtureRequest) -> Judge:
    """The judge to which a test of the suite hands its case."""
    request.node.user_properties.append(("conformance-importer", json.dumps(importer.introduction)))
    return Judge(importer, request, expectations)


# The verdict.


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """A run with deselected tests is filtered."""
    if items:
        items[0].config.stash[RUN].filtered = True


def pytest_collection_finish(session: pytest.Session) -> None:
    """A run without some tests of the suite is filtered; its tests record that, in whichever process they run."""
    run = session.config.stash[RUN]
    ours = {item.nodeid: item for item in session.items if (OURS, "yes") in item.user_properties}
    collected = Counter(getattr(item, "originalname", "") for item in ours.values())
    run.filtered = run.filtered or not collected >= tests_of_the_suite(session.config)
    if run.filtered:
        for item in ours.values():
            item.user_properties.append((FILTERED, "yes"))


def tests_of_the_suite(config: pytest.Config) -> Counter[str]:
    """Name of a test → how many tests of that name there are, one for each parameter."""
    return Counter(
        {
            "test_scenario": len(examples()),
            "test_edge_case": len(edge_cases()),
            "test_search": SHARDS,
            "test_state_machine": 1,
            "test_several_at_once": 1,
            "test_known_deviation": len(config.stash[EXPECTATIONS].entries),
        }
    )


def as_recorded(case: Case) -> str:
    """A case as a test records it: as ASCII, since pytest-xdist hands on texts as UTF-8."""
    return json.dumps(asdict(case))


def case_of(recorded: str) -> Case:
    """The case that a test recorded, perhaps in another process."""
    return msgspec.convert(json.loads(recorded), Case)


class Gatherer:
    """Gathers the reports of the tests, from whichever process."""

    def __init__(self, config: pytest.Config) -> None:
        self.run = config.stash[RUN]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a test recorded; a test of the suite that failed without recording anything is a fault."""
        recorded = (OURS, "yes") not in report.user_properties
        for name, value in report.user_properties:
            if name == "conformance" and report.when == "call":
                self.run.cases.append(case_of(str(value)))
                recorded = True
            elif name == "conformance-known" and report.when == "call":
                self.run.known_deviations.append(json.loads(str(value)))
                recorded = True
            elif name == FILTERED:
                self.run.filtered = True
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
    """Find the verdict, write the report, and set the exit status."""
    config = session.config
    run = config.stash[RUN]
    if hasattr(config, "workerinput") or config.option.collectonly or exitstatus in (3, 4) or run.is_empty:
        return
    stopped = bool(session.shouldstop) or bool(session.shouldfail)
    verdict = verdict_on(run, stopped, interrupted=exitstatus == 2)
    if folder := config.getoption("report"):
        verdict = written(verdict, folder, run.outcome)
    config.stash[VERDICT] = verdict
    # A run that the suite gives up counts as interrupted for pytest; and tests of others may fail beside ours.
    if exitstatus != 2 or config.stash[PATIENCE].is_lost:
        session.exitstatus = verdict.exit_status or exitstatus


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter", config: pytest.Config) -> None:
    """Print the verdict and the status of the rules."""
    if verdict := config.stash.get(VERDICT, None):
        print_summary(verdict, config.getoption("report"), terminalreporter)
        for line in config.stash[RUN].outcome.lines():
            terminalreporter.write_line(line)
