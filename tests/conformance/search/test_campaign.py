"""Campaigns: tasks count once and have seeds of their own, each bug is shrunk once, and no death spoils it."""

import asyncio
import itertools
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from attrs import define, evolve, field
from hypothesis.database import InMemoryExampleDatabase
from rich.console import Console

from conformance import report as reports
from conformance.cli.campaign import CampaignOptions, campaign_in, run_campaign
from conformance.generation.history import ActionStep, FileStep, History
from conformance.generation.value_pools import WORLDS
from conformance.oracle.state import OracleState
from conformance.protocol.trace import read
from conformance.search.campaign import campaign as campaigns
from conformance.search.campaign.bugs import FUTILE, Bug, Bugs
from conformance.search.campaign.campaign import BARREN, Campaign, plan_of
from conformance.search.campaign.journal import NAME, BadJournal, BugFound, Journal, Paused, TaskDone
from conformance.search.campaign.saved import FindingStore, NoDatabase, packed, unpacked
from conformance.search.campaign.showing import progress_texts
from conformance.search.campaign.tasks import (
    CampaignFinding,
    Done,
    MinimizedFinding,
    Replay,
    Replayed,
    Shrinking,
    Task,
    TaskResult,
    Terms,
    Work,
    dismiss,
    do,
    replay,
    search_task,
    shrink,
    state_of,
)
from conformance.search.campaign.worker_pools import Dask, Lost, NoWorkerPool, alone, cluster_at, cluster_here, imported
from conformance.verdict.case import Case
from refmodel.catalogue import CATALOGUE
from refmodel.cli.usage import UsageError
from tests.benchmarks.campaigning import Sighting, Speed, concluded, efficiency, middle, printed, turns
from tests.conformance.search.test_random_search import history
from tests.support.commands import run

RIGHT = Terms("python:conformance.reference:importer")
WRONG = Terms("python:tests.support.faulty_importers:both")
HALF_CHARACTERS = Terms("python:tests.support.faulty_importers:HalfCharacters")
RULES = {"blank_labels_clear", "rows_that_share_an_identifier_fail"}


def task(terms: Terms, number: int = 0, histories: int = 12, **more: Any) -> Task:
    """A small task."""
    return Task(terms, "0", number, histories, 60.0, **more)


@pytest.fixture(scope="module")
def result() -> TaskResult:
    """What the first task that finds both brings of an importer with two bugs."""
    tasks = (search_task(task(WRONG, number, histories=40)) for number in range(100))
    return next(found for found in tasks if {finding.rule for finding in found.findings} == RULES)


@pytest.fixture(scope="module")
def shrunk(result: TaskResult) -> MinimizedFinding:
    """The first of its finds, shrunk."""
    return shrink(Shrinking(WRONG, result.findings[0]))


@pytest.fixture(autouse=True, scope="module")
def nobody_left() -> Iterator[None]:
    """The importers of this process are ended."""
    yield
    dismiss()


def found() -> FindingStore:
    """A database in memory."""
    return FindingStore(InMemoryExampleDatabase(), b"key")


def campaign(terms: Terms, seconds: float = 60.0, **more: Any) -> Campaign:
    """A campaign in this process, for which no time goes by: it ends when it is told to, or has found enough."""
    more.setdefault("found", found())
    more.setdefault("clock", lambda: 0.0)
    return Campaign(plan_of(terms, "0", seconds), seconds, **more)


def ticking() -> Callable[[], float]:
    """A clock that goes on by a second whenever somebody looks at it."""
    seconds = itertools.count()
    return lambda: float(next(seconds))


@define
class Scripted:
    """A worker pool that does what it is told, and remembers what it was given."""

    answer: Callable[[Work], Done | Lost]
    given: list[Work] = field(factory=list)
    waiting: list[Work] = field(factory=list)

    def size(self) -> int:
        """Two."""
        return 2

    def begin(self, work: Work) -> None:
        """Remember it."""
        self.given.append(work)
        self.waiting.append(work)

    def finished(self, seconds: float) -> list[Done | Lost]:
        """All of it."""
        done, self.waiting = [self.answer(work) for work in self.waiting], []
        return done

    def under_way(self) -> int:
        """What was not asked for."""
        return len(self.waiting)

    def numbers(self) -> list[int]:
        """The tasks that were given."""
        return [work.number for work in self.given if isinstance(work, Task)]


# Two files and an action as they were saved when a file's fields had the names of its keys.
SAVED_EARLIER = (
    b'{"world":{"institutions":[]},"steps":[{"file":{"before":"\\n","change_sensitive_fields":true,'
    b'"date_format":"mm/dd/yyyy","ended":false,"header":["a"],"institution":"north","line_end":"\\r\\n","mark":true,'
    b'"mode":"manual","preview":true,"quoting":"all","rows":[["b"]],"separator":";","spoilt":"/wA="}},'
    b'{"file":{"before":"","change_sensitive_fields":false,"date_format":"yyyy-mm-dd","ended":true,"header":["a"],'
    b'"institution":"north","line_end":"\\n","mark":false,"mode":"automatic","preview":false,"quoting":"needed","rows":[],'
    b'"separator":",","spoilt":""}},{"action":{"action":"x","arguments":{"y":1}}}]}'
)


class TestSaved:
    """Histories are kept as JSON, and nothing gets lost."""

    def test_what_is_packed_can_be_unpacked(self) -> None:
        """Whatever the generator makes comes back as it was, bytes that are no text too."""
        histories = [history(str(seed)) for seed in range(20)]
        file = FileStep("north", ("a",), (("b",),), trailing_garbage=b"\xff\x00")
        for each in (*histories, History(WORLDS[0], (file, ActionStep("x", {"y": 1})))):
            assert unpacked(packed(each)) == each

    def test_what_was_saved_earlier_can_be_read(self) -> None:
        """Fields of a file have new names, and its keys have the old ones: old histories are read, and saved alike."""
        file = FileStep("north", ("a",), (("b",),), "manual", True, "mm/dd/yyyy", preview=True, separator=";")
        file = evolve(file, line_ending="\r\n", bom=True, before="\n", quoting="all", final_line_ending=False)
        file = evolve(file, trailing_garbage=b"\xff\x00")
        there = History({"institutions": []}, (file, FileStep("north", ("a",), ()), ActionStep("x", {"y": 1})))
        assert unpacked(SAVED_EARLIER) == there
        assert packed(there) == SAVED_EARLIER

    @pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\ud83d😀", "\\ud800", "é\x7f\u2028"])
    def test_a_history_may_hold_any_text(self, text: str) -> None:
        """A lone surrogate comes back as one, and a text that only looks like one stays as it is."""
        step = ActionStep("sign_up", {"email": text, "first_name": text})
        each = History({"institutions": [{"id": text}]}, (step,))
        assert unpacked(packed(each)) == each

    def test_a_history_is_packed_as_ever(self) -> None:
        """Byte for byte, since a database knows a history by its bytes."""
        file, action = FileStep("north", ("a",), (('é\n\x1f\x7f\u2028😀/"',),)), ActionStep("x", {"y": 1})
        data = packed(History(WORLDS[0], (file, action)))
        assert data == msgspec.json.encode(msgspec.json.decode(data))

    def test_a_target_may_hold_any_bytes(self, tmp_path: Path) -> None:
        """As a command line may; another target has other histories."""
        for target in ("cmd:importer \udcff", "cmd:importer é"):
            kept = FindingStore.of(str(tmp_path / "db"), target)
            assert list(kept) == []
            kept.save(packed(history("1", 1)))
            assert list(kept) == [packed(history("1", 1))]

    def test_what_is_no_history_is_passed_over(self, tmp_path: Path) -> None:
        """Of what a database holds, rubbish and steps that are neither are no histories; the shortest is in front."""
        kept = FindingStore.of(str(tmp_path / "db"), "t")
        long, short = packed(history("1", 5)), packed(history("1", 1))
        for value in (b"malformed", b'{"world":{},"steps":[{}]}', long, short, long):
            kept.save(value)
        assert list(FindingStore.of(str(tmp_path / "db"), "t")) == [short, long]
        assert list(FindingStore.of(str(tmp_path / "db"), "another")) == []
        kept.drop(long)
        assert list(kept) == [short]

    def test_redis_is_a_database_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """What one campaign saves there another finds; a server that does not answer is told without its password."""
        redis, fakeredis = pytest.importorskip("redis"), pytest.importorskip("fakeredis")
        with pytest.raises(NoDatabase, match=r"127\.0\.0\.1") as told:
            FindingStore.of("redis://:secret@127.0.0.1:1/0", "t")
        assert "secret" not in str(told.value)
        server = fakeredis.FakeServer()
        monkeypatch.setattr(redis.Redis, "from_url", lambda url: fakeredis.FakeRedis(server=server))
        FindingStore.of("redis://here", "t").save(packed(history("1", 1)))
        assert list(FindingStore.of("redis://here", "t")) == [packed(history("1", 1))]
        server.connected = False
        with pytest.raises(NoDatabase):
            FindingStore.of("redis://here", "t")

    def test_a_database_that_cannot_be_is_told(self, tmp_path: Path) -> None:
        """A folder below a file is none."""
        (tmp_path / "file").touch()
        with pytest.raises(NoDatabase, match="the folder cannot be made"):
            FindingStore.of(str(tmp_path / "file" / "below"), "t")


class TestUnits:
    """A task is the same whoever works on it."""

    def test_its_seed_gives_its_histories(self) -> None:
        """The same number makes the same histories, another number others."""

        def told(number: int) -> tuple[object, ...]:
            made = search_task(task(RIGHT, number))
            return made.histories, made.files, made.outcomes, made.states

        assert told(1) == told(1) != told(2)

    def test_it_counts_what_it_went_through(self, result: TaskResult) -> None:
        """Histories, files, outcomes, rules, pairs, states of an account, and who answered."""
        assert result.histories == 40
        assert sum(result.outcomes.values()) > result.files > 40
        assert result.reached
        assert result.pairs
        assert {"connected", "connected nowhere", "connected, archived"} <= set(result.states)
        assert result.importer is not None
        assert result.seconds > 0

    def test_it_finds_each_bug_once(self, result: TaskResult) -> None:
        """It goes on around what it has found, and what is gone around by all is not found at all."""
        assert sorted(finding.rule for finding in result.findings) == sorted(RULES)
        masked = tuple(finding.like[0] for finding in result.findings)
        assert search_task(task(WRONG, histories=40, masked=masked)).findings == ()

    def test_it_ends_in_time(self) -> None:
        """However many histories it might go through."""
        of_ten_seconds = msgspec.structs.replace(task(RIGHT, histories=400), seconds=10.0)
        assert search_task(of_ten_seconds, ticking()).histories == 9

    def test_faults_end_it(self) -> None:
        """Some faults are enough, and an importer that does not say hello is asked no more."""
        misshapen = search_task(task(Terms("python:tests.support.faulty_importers:Misshapen")))
        assert (misshapen.histories, len(misshapen.faults)) == (3, 3)
        dead = search_task(task(Terms("cmd:false")))
        assert (dead.histories, len(dead.faults)) == (0, 1)

    def test_what_is_found_is_shrunk_and_shown_again(self, shrunk: MinimizedFinding) -> None:
        """A find becomes a case with its trace; the small history shows the same, and nothing in a right importer."""
        assert shrunk.case is not None
        assert shrunk.case.rules[0] == shrunk.finding.rule
        assert len(shrunk.history) < len(shrunk.finding.history)
        again = replay(Replay(WRONG, (shrunk.history,)))
        assert ([finding.rule for finding in again.findings], again.gone) == ([shrunk.finding.rule], ())
        assert replay(Replay(RIGHT, (shrunk.history,))) == Replayed(gone=(shrunk.history,))

    def test_what_does_not_show_again_is_flaky(self, shrunk: MinimizedFinding) -> None:
        """It is no bug and accuses no rule, and the campaign is incomplete."""
        again = shrink(Shrinking(RIGHT, shrunk.finding))
        assert again.case is None
        assert again.flaky is not None
        its = campaign(RIGHT)
        its.settle(again)
        assert its.bugs.known == {}
        assert (its.verdict.word, its.verdict.counterexamples) == ("incomplete", ())

    def test_what_was_flaky_is_remembered(self, shrunk: MinimizedFinding, tmp_path: Path) -> None:
        """By a campaign that goes on as well."""
        cases = []
        for settled in ([shrink(Shrinking(RIGHT, shrunk.finding))], []):
            journal = Journal.open(tmp_path)
            its = campaign(RIGHT, journal=journal)
            its.resume()
            for each in settled:
                its.settle(each)
            journal.close()
            cases.append([(case.id, case.status, case.text, case.trace) for case in its.verdict.flaky])
        assert [len(each) for each in cases] == [1, 1]
        assert cases[0] == cases[1]

    def test_what_an_importer_does_not_claim_is_not_played(self) -> None:
        """A history with an action, or a column, that it does not have is neither shown nor gone."""
        saved = packed(History(WORLDS[0], (ActionStep("sign_up", {"email": "a@b.example"}),)))
        assert replay(Replay(Terms("python:tests.support.faulty_importers:Narrow"), (saved,))) == Replayed()

    def test_faults_in_old_histories_are_told(self, shrunk: MinimizedFinding) -> None:
        """Neither replaying nor shrinking raises them."""
        dead = Terms("cmd:false")
        assert replay(Replay(dead, (shrunk.history,))).faults
        assert shrink(Shrinking(dead, shrunk.finding)).fault

    def test_states_are_told_in_words(self) -> None:
        """An account that nothing holds of is connected nowhere."""
        assert state_of({}) == "connected nowhere"
        assert state_of({"institution": "north", "disabled": True}) == "connected, archived"


class TestBugs:
    """Finds of one bug are shrunk once."""

    @staticmethod
    def knows(masked: tuple[str, ...]) -> OracleState:
        """What the oracle knows."""
        return WRONG.known(OracleState().columns, masked)

    def test_of_those_that_look_alike_one_is_shrunk(self, result: TaskResult, shrunk: MinimizedFinding) -> None:
        """Once it is known the others are dropped, and the other bug is another."""
        bugs, (one, other) = Bugs(), result.findings
        for finding in (one, one, one, other):
            bugs.take(finding)
        assert list(bugs.to_shrink(self.knows)) == [one, other]
        assert not bugs.is_idle
        assert list(bugs.to_shrink(self.knows)) == []
        assert bugs.settle(shrunk, 1.0)
        assert list(bugs.to_shrink(self.knows)) == []
        bugs.take(one)
        assert (set(bugs.known), bugs.dropped, bugs.waiting) == ({one.rule}, [one] * 3, [])
        assert bugs.seen[one.rule] == 4

    def test_what_the_known_bugs_account_for_is_dropped(self, result: TaskResult, shrunk: MinimizedFinding) -> None:
        """Even if other rules seemed to account for it."""
        bugs = Bugs()
        bugs.settle(shrunk, 1.0)
        odd = msgspec.structs.replace(shrunk.finding, rule="values_replace", exact=False, like=())
        bugs.take(odd)
        assert list(bugs.to_shrink(self.knows)) == []
        assert bugs.is_idle

    def test_what_cannot_be_shrunk_is_tried_again_but_not_for_ever(self, result: TaskResult) -> None:
        """After some faults no more of those that look alike are shrunk."""
        bugs, finding = Bugs(), result.findings[0]
        tried = 0
        for _ in range(5):
            bugs.take(finding)
            for each in bugs.to_shrink(self.knows):
                tried += 1
                assert bugs.settle(MinimizedFinding(each, fault="dead"), 1.0) is None
        assert tried == FUTILE


CASE_KEYS = ["bearing", "complaints", "exact", "id", "is_race", "like", "reached", "rules", "status", "symptom"]
CASE_KEYS += ["text", "trace"]


class TestJournal:
    """What was done is there after a kill, and is counted once."""

    def test_an_unfinished_line_is_cut_off(self, tmp_path: Path) -> None:
        """The lines before it hold, and the next line is whole."""
        journal = Journal.open(tmp_path)
        plan = plan_of(RIGHT, "0", 60.0)
        journal.add(plan)
        with (tmp_path / NAME).open("ab") as file:
            file.write(b'{"line":"unit","harv')
        assert list(journal.lines()) == [plan]
        journal.add(Paused(7.0))
        assert list(journal.lines()) == [plan, Paused(7.0)]
        journal.close()

    def test_only_one_campaign_writes(self, tmp_path: Path) -> None:
        """A second one is told so, until the first has ended."""
        first = Journal.open(tmp_path)
        with pytest.raises(BadJournal, match="another campaign"):
            Journal.open(tmp_path)
        first.close()
        Journal.open(tmp_path).close()

    def test_what_cannot_be_gone_on_with_is_told(self, tmp_path: Path) -> None:
        """A line that is none is named; another importer's campaign is not gone on with."""
        journal = Journal.open(tmp_path)
        campaign(RIGHT, journal=journal).resume()
        with pytest.raises(BadJournal, match=f"judges {RIGHT.target}"):
            campaign(WRONG, journal=journal).resume()
        with (tmp_path / NAME).open("ab") as file:
            file.write(b"rubbish\n")
        with pytest.raises(BadJournal, match="line 2"):
            campaign(RIGHT, journal=journal).resume()
        journal.close()

    def test_a_journal_names_its_format_and_version(self, tmp_path: Path) -> None:
        """One that names no format is of version 1; one of a later version is not gone on with."""
        journal = Journal.open(tmp_path)
        campaign(RIGHT, journal=journal).resume()
        written = (tmp_path / NAME).read_text()
        assert '"format":"refmodel-campaign","version":1' in written
        (tmp_path / NAME).write_text(written.replace('"format":"refmodel-campaign",', ""))
        assert campaign(RIGHT, journal=journal).plan in list(journal.lines())
        (tmp_path / NAME).write_text(written.replace('"version":1', '"version":2'))
        with pytest.raises(BadJournal, match=r"line 1: this journal of a campaign is of version 2; .* install a newer"):
            list(journal.lines())
        journal.close()

    def test_a_bug_is_written_as_ever(self, shrunk: MinimizedFinding, tmp_path: Path) -> None:
        """With these keys, its trace as lines, and what accounts for it, so that later and earlier programs go on."""
        bug = Bugs().settle(shrunk, 1.0)
        assert bug
        assert bug.case.trace
        journal = Journal.open(tmp_path)
        journal.add(BugFound.of(bug))
        case = json.loads((tmp_path / NAME).read_bytes())["bug"]["case"]
        assert list(case) == CASE_KEYS
        assert (case["text"], case["trace"]) == (bug.case.text, list(bug.case.trace.lines()))
        assert case["exact"] == list(bug.case.attribution.exact_rules) != []
        (line,) = journal.lines()
        journal.close()
        assert isinstance(line, BugFound)
        assert BugFound.of(line.found) == line
        assert line.found.case.suspects == bug.case.suspects

    def test_a_folder_that_cannot_be_is_told(self, tmp_path: Path) -> None:
        """A file is no folder."""
        (tmp_path / "file").touch()
        with pytest.raises(BadJournal, match="nothing can be written"):
            Journal.open(tmp_path / "file")

    def test_a_password_is_not_written_down(self, tmp_path: Path) -> None:
        """The address of a database stays out of the journal."""
        journal = Journal.open(tmp_path)
        secret = msgspec.structs.replace(RIGHT, database="redis://:secret@here")
        campaign(secret, journal=journal).resume()
        assert b"secret" not in (tmp_path / NAME).read_bytes()
        journal.close()


class TestHalfCharacters:
    """A campaign goes its way where an importer sends lone surrogates, which UTF-8 cannot hold."""

    def test_a_campaign_reports_them_and_goes_on(self, tmp_path: Path) -> None:
        """What is found is saved, shrunk, written down, read again, and reported."""
        journal = Journal.open(tmp_path)
        its = campaign(HALF_CHARACTERS, journal=journal, stop_after=1)
        its.resume()
        its.run()
        (bug,) = its.bugs.known.values()
        again = campaign(HALF_CHARACTERS, journal=journal)
        again.resume()
        journal.close()
        assert [(each.rule, each.history) for each in again.bugs.known.values()] == [(bug.rule, bug.history)]
        assert again.bugs.known[bug.rule].case.text == bug.case.text
        assert bug.case.trace
        assert again.bugs.known[bug.rule].case.trace == bug.case.trace
        assert any(
            account["first_name"] == "\udfff"
            for exchange in bug.case.trace.exchanges
            for account in exchange.response.get("accounts", ())
        )
        assert "\udfff" in bug.case.text
        assert again.total.importer["version"] == "\ud800"
        reports.write(again.verdict, tmp_path / "report")
        assert json.loads((tmp_path / "report" / "report.json").read_bytes())["importer"]["version"] == "\\ud800"

    def test_a_journal_is_written_as_ever(self, tmp_path: Path) -> None:
        """Byte for byte where there is no lone surrogate."""
        line = TaskDone(TaskResult(1, faults=('é\n\x1f\x7f\u2028😀/"',), outcomes={"created": 1}, seconds=0.25), 7.0)
        journal = Journal.open(tmp_path)
        for each in (plan_of(RIGHT, "0", 60.0), line):
            journal.add(each)
            assert (tmp_path / NAME).read_bytes().endswith(msgspec.json.encode(each) + b"\n")
        assert list(journal.lines())[1:] == [line]
        (written,) = [json.loads(text) for text in (tmp_path / NAME).read_bytes().splitlines()][1:]
        assert (written["line"], list(written)[1:], written["harvest"]["finds"]) == ("unit", ["harvest", "elapsed"], [])
        journal.close()


class Killed(BaseException):
    """The campaign is killed here."""


class TestCampaign:
    """Tasks are given out until the time is up, and counted once."""

    def test_a_killed_campaign_goes_on_where_it_was(self, tmp_path: Path) -> None:
        """Its tasks are not done again, the unfinished ones are, and sums are those of all tasks."""

        def answer(work: Work) -> Done:
            assert isinstance(work, Task)
            return TaskResult(work.number, 10, outcomes={"created": 1}, pairs=(("a", "b"), ("c", str(work.number))))

        def one(kill_at: int) -> tuple[Campaign, Scripted]:
            pool = Scripted(answer)
            journal = Journal.open(tmp_path)
            its = campaign(RIGHT, 1000.0, journal=journal, pool=pool, clock=ticking())
            its.resume()

            def show(now: Campaign) -> None:
                if now.total.tasks >= kill_at:
                    raise Killed

            with pytest.raises(Killed):
                its.run(show)
            journal.close()
            return its, pool

        _, pool = one(4)
        assert pool.numbers() == [0, 1, 2, 3]
        lines = (tmp_path / NAME).read_bytes().splitlines(keepends=True)
        (tmp_path / NAME).write_bytes(b"".join([*lines[:-1], lines[2], lines[-1][:-9]]))  # one twice, one torn
        second, pool = one(5)
        assert pool.numbers() == [3, 4]
        assert (second.total.tasks, second.total.histories) == (5, 50)
        assert second.total.outcomes == {"created": 5}
        assert len(second.total.pairs) == 6
        assert 0 < second.earlier == json.loads(lines[3])["elapsed"]

    def test_each_bug_is_shrunk_once(self, result: TaskResult) -> None:
        """However many workers find it."""
        pool = Scripted(lambda work: evolve_number(result, work) if isinstance(work, Task) else do(work))
        its = campaign(WRONG, pool=pool, stop_after=2)

        def show(now: Campaign) -> None:
            now.is_stopped = now.total.tasks > 100  # it would go on for ever if the result had one bug only

        its.run(show)
        assert set(its.bugs.known) == RULES
        assert sum(isinstance(work, Shrinking) for work in pool.given) == 2
        assert its.total.tasks >= 2
        assert sorted(its.found) == sorted(bug.history for bug in its.bugs.known.values())
        assert its.verdict.word == "violates"

    def test_what_is_saved_is_played_first(self, shrunk: MinimizedFinding) -> None:
        """A new campaign knows an old bug before its first task; what shows nothing any more is dropped."""
        old = found()
        old.save(shrunk.history)
        pool = Scripted(lambda work: TaskResult(work.number) if isinstance(work, Task) else do(work))
        again = campaign(WRONG, found=old, pool=pool, stop_after=1)
        again.run()
        assert set(again.bugs.known) == {shrunk.finding.rule}
        assert isinstance(pool.given[0], Replay)
        assert len(list(old)) == 1
        pool = Scripted(lambda work: TaskResult(work.number) if isinstance(work, Task) else do(work))
        campaign(RIGHT, 20.0, found=old, pool=pool, clock=ticking()).run()
        assert list(old) == []

    def test_of_a_bug_only_the_smallest_history_is_kept(self, shrunk: MinimizedFinding) -> None:
        """Others that show it are dropped once it is known."""
        old = found()
        old.save(shrunk.history)
        old.save(shrunk.finding.history)

        def stop(now: Campaign) -> None:
            now.is_stopped = bool(now.bugs.known)

        pool = Scripted(lambda work: TaskResult(work.number) if isinstance(work, Task) else do(work))
        its = campaign(WRONG, found=old, pool=pool)
        its.run(stop)
        assert list(old) == [bug.history for bug in its.bugs.known.values()] == [shrunk.history]

    def test_what_another_campaign_saves_is_played_too(
        self, shrunk: MinimizedFinding, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """While this one goes on."""
        monkeypatch.setattr(campaigns, "LOOKING", 0.0)
        shared = found()

        def answer(work: Work) -> Done | Lost:
            if isinstance(work, Task):
                shared.save(shrunk.history)
                return TaskResult(work.number)
            return do(work)

        its = campaign(WRONG, found=shared, pool=Scripted(answer), stop_after=1)
        its.run()
        assert its.total.tasks
        assert set(its.bugs.known) == {shrunk.finding.rule}

    def test_an_importer_that_only_faults_is_given_up(self) -> None:
        """After some tasks; each fault is told once, and the exit status is that of a fault."""
        its = campaign(Terms("cmd:false"), pool=Scripted(do))
        its.run()
        assert BARREN <= its.total.tasks <= BARREN + 1
        assert (its.verdict.word, len(its.verdict.faults)) == ("fault", 1)

    def test_work_that_kills_its_workers_is_a_fault(self, result: TaskResult) -> None:
        """A task is done with, a find is not shrunk, and the campaign ends."""
        finding = result.findings[0]

        def answer(work: Work) -> Done | Lost:
            if isinstance(work, Task) and work.number == 0:
                return TaskResult(0, 1, findings=(finding,))
            return Lost(work, f"died of {type(work).__name__}")

        old = found()
        old.save(packed(history("1", 1)))
        its = campaign(WRONG, pool=Scripted(answer), found=old)
        its.run()
        assert its.is_given_up
        assert {"died of Task", "died of Shrinking", "died of Replay"} == set(its.total.faults)
        assert len(its.done) == its.total.tasks

    def test_it_stops_when_asked(self) -> None:
        """What is under way is finished, and the verdict is incomplete."""
        its = campaign(
            RIGHT, pool=Scripted(lambda work: TaskResult(getattr(work, "number", 0), 1, reached={"decline": 1}))
        )

        def show(now: Campaign) -> None:
            now.is_stopped = True

        its.run(show)
        assert its.total.tasks == 2
        assert its.verdict.word == "incomplete"

    def test_it_ends_though_nobody_answers(self) -> None:
        """Some time after its own."""

        @define
        class Deaf(Scripted):
            def finished(self, seconds: float) -> list[Done | Lost]:
                return []

        its = campaign(RIGHT, 10.0, pool=Deaf(do), clock=ticking())
        its.run()
        assert its.total.tasks == 0
        assert its.verdict.word == "nothing_verified"

    def test_what_is_shown(self, result: TaskResult) -> None:
        """Time left, speed, what was reached, and the bugs by rule."""
        its = campaign(WRONG)
        its.total.add(result)
        its.bugs.take(result.findings[0])
        its.bugs.add(campaigns_bug(result.findings[0]))
        told = dict(progress_texts(its, (0, 0)))
        assert told["left"].startswith("0:01:00")
        assert told["histories"].startswith("40 (")
        assert told["bugs"] == f"{result.findings[0].rule} (1 ×)"
        assert f"of {len(CATALOGUE)} rules" in told["reached"]


def campaigns_bug(finding: CampaignFinding) -> Bug:
    """A bug, as if it had been shrunk."""
    return Bug(Case("x", (finding.rule,), "differs", kind="search"), finding.history, 1.0)


def evolve_number(result: TaskResult, work: Task) -> TaskResult:
    """The same harvest, of another task."""
    return msgspec.structs.replace(result, number=work.number)


# With Dask.


@pytest.fixture(scope="module")
def pool() -> Iterator[Dask]:
    """Two workers on this machine."""
    with cluster_here(2) as its:
        assert isinstance(its, Dask)
        yield its


class TestDask:
    """Dask's workers do the tasks, and one that is killed loses only its own unfinished one."""

    def test_a_killed_worker_loses_only_its_unit(self, pool: Dask, tmp_path: Path) -> None:
        """The campaign ends well, and every task counts once, those that were given out again too."""
        pids = list(pool.client.run(os.getpid).values())
        killed: list[int] = []
        journal = Journal.open(tmp_path)
        its = campaign(RIGHT, journal=journal, found=FindingStore.of(str(tmp_path / "db"), "t"), stop_after=None)
        its.resume()

        def show(now: Campaign) -> None:
            if now.total.tasks >= 2 and not killed:
                os.kill(pids[0], signal.SIGKILL)
                killed.append(pids[0])
            now.is_stopped = now.total.tasks >= 6

        with cluster_at(pool.client.scheduler.address) as its.pool:
            its.plan = msgspec.structs.replace(its.plan, seconds=0.2)
            its.run(show)
        journal.close()
        lines = [json.loads(line) for line in (tmp_path / NAME).read_text().splitlines()]
        numbers = [line["harvest"]["number"] for line in lines if line["line"] == "unit"]
        histories = [line["harvest"]["histories"] for line in lines if line["line"] == "unit"]
        assert killed
        assert sorted(numbers) == list(range(len(numbers)))  # none is missing, none is there twice
        assert its.total.histories == sum(histories)
        assert its.total.faults == {}

    def test_work_that_kills_every_worker_is_lost(self, pool: Dask) -> None:
        """It is given up after some workers, and those that follow still work."""
        pool.begin(task(Terms("python:tests.support.faulty_importers:Deadly")))
        lost: list[Done | Lost] = []
        until = time.monotonic() + 600
        while not lost and time.monotonic() < until:
            lost += pool.finished(1.0)
        assert isinstance(lost[0], Lost)
        pool.begin(task(RIGHT, histories=1))
        while not (done := pool.finished(1.0)) and time.monotonic() < until:
            pass
        assert isinstance(done[0], TaskResult)

    def test_each_worker_knows_its_number(self, pool: Dask) -> None:
        """So that each can have an importer at an address of its own; a worker in the place of a dead one, the same."""
        pool.client.wait_for_workers(2, timeout=600)
        numbers = pool.client.run(lambda: Terms("http://127.0.0.1:800{worker}").target_here)
        assert sorted(numbers.values()) == ["http://127.0.0.1:8000", "http://127.0.0.1:8001"]

    def test_nobody_else_can_reach_it(self, pool: Dask) -> None:
        """Scheduler and workers listen on the loopback only."""
        addresses = [pool.client.scheduler.address, *pool.client.scheduler_info()["workers"]]
        assert all(address.startswith("tcp://127.0.0.1:") for address in addresses)
        assert pool.client.scheduler_info()["services"].keys() <= {"dashboard"}

    def test_no_scheduler_is_told(self) -> None:
        """And how one is started."""
        with pytest.raises(NoWorkerPool, match="no scheduler answers there"), cluster_at("tcp://127.0.0.1:9", 0.5):
            pass


def test_workers_that_do_not_end_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster that never closes holds nobody up."""
    import distributed

    asked = []

    class Endless(distributed.LocalCluster):
        async def _close(self) -> None:
            asked.append(self)
            await asyncio.Event().wait()

    with monkeypatch.context() as changed:
        changed.setattr(distributed, "LocalCluster", Endless)
        with cluster_here(1, closing=0.1) as pool:
            assert pool.size() == 1
    (cluster,) = asked
    monkeypatch.setattr(Endless, "_close", distributed.LocalCluster._close)
    cluster.close(timeout=600)


def test_dask_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs it."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(NoWorkerPool, match=r"distributed is missing: pip install 'refmodel\[campaign\]'"):
        imported()


class TestCommand:
    """`campaign` says what it found, in a report, a summary and an exit status."""

    @staticmethod
    def options(tmp_path: Path, terms: Terms, **more: Any) -> CampaignOptions:
        """A short campaign."""
        return CampaignOptions(terms, 0, 60.0, tmp_path / "report", database=str(tmp_path / "db"), **more)

    def test_bugs_are_reported(
        self, tmp_path: Path, shrunk: MinimizedFinding, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Exit status 1, a report with traces; and the same command again has nothing left to do."""
        options = self.options(tmp_path, WRONG, stop_after=1)
        FindingStore.of(options.database, WRONG.target).save(shrunk.history)
        assert campaign_in(options, alone) == 1
        printed = capsys.readouterr()
        report = json.loads((tmp_path / "report" / "report.json").read_text())
        assert [shown["rule"] for shown in report["counterexamples"]] == [shrunk.finding.rule]
        for shown in report["counterexamples"]:
            assert read(tmp_path / "report" / shown["trace"]).exchanges
        assert f"Verdict: {report['verdict']}" in printed.out
        assert "Found after" in printed.out
        assert "bugs none" in printed.err

        assert campaign_in(options, alone) == 1
        assert "this campaign is finished" in capsys.readouterr().err
        assert json.loads((tmp_path / "report" / "report.json").read_text())["verdict"] == report["verdict"]

    def test_a_right_importer_has_nothing_to_report(self, tmp_path: Path) -> None:
        """Exit status 0; Ctrl-C ends it sooner, and then it is incomplete."""
        assert campaign_in(evolve(self.options(tmp_path, RIGHT), seconds=1.5), alone) == 0

    @pytest.mark.parametrize(
        ("more", "complaint"),
        [
            ({"seconds": 0.0}, "the campaign needs a duration"),
            ({"seconds": -1.0}, "the campaign needs a duration"),
            ({"seconds": float("inf")}, "the campaign needs a duration"),
            ({"workers": 1, "scheduler": "tcp://x:1"}, "--workers and --scheduler exclude"),
            ({"terms": Terms(RIGHT.target, timeout=0.0)}, "--timeout"),
            ({"terms": Terms("http://127.0.0.1:9"), "workers": 2}, "all would share one importer"),
        ],
    )
    def test_wrong_use_is_told(self, more: dict[str, Any], complaint: str, tmp_path: Path) -> None:
        """In a few words, before anything is written."""
        with pytest.raises(UsageError, match=complaint):
            run_campaign(evolve(self.options(tmp_path, RIGHT), **more))
        assert list(tmp_path.iterdir()) == []

    def test_the_command_tells_it_without_a_traceback(self, tmp_path: Path) -> None:
        """With exit status 2."""
        said = run("campaign", "python:nowhere:importer", "--seconds", 1, "--report", tmp_path / "report")
        assert (said.status, list(tmp_path.iterdir())) == (2, [])
        assert "nowhere" in said.err

    def test_what_cannot_be_written_is_told(self, tmp_path: Path) -> None:
        """Before anything is begun."""
        (tmp_path / "report").touch()
        with pytest.raises(UsageError, match="nothing can be written"):
            run_campaign(self.options(tmp_path, RIGHT))


class TestBenchmark:
    """`python -m tests.benchmarks.campaigning` compares one worker with two."""

    def test_efficiency_and_medians(self) -> None:
        """Twice as much on two workers is 1; a bug that was not found counts as found after all the time."""
        speeds = [Speed(1, 10, 1.0, 1.0, 0.0), Speed(2, 15, 1.0, 2.0, 0.0), Speed(2, 25, 1.0, 2.0, 0.0)]
        assert efficiency(speeds) == 1.0
        assert middle((1.0, None, 2.0), 9.0) == 2.0
        assert turns(3) == [1, 2, 2, 1, 1, 2]

    def test_what_is_printed(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Speeds, sightings and the medians, with a bug that was not found."""
        seen = [Sighting(1, 0, None, 500, 0.1), Sighting(2, 0, 3.0, 600, 0.1)]
        printed(concluded([Speed(1, 10, 1.0, 1.0, 0.0), Speed(2, 15, 1.0, 2.0, 0.0)], seen, 60.0), Console())
        told = capsys.readouterr().out
        assert "Efficiency of two workers: 0.75" in told
        assert "not found" in told
        assert "60.0 s on 1, 3.0 s on 2; sooner on two: yes" in told
