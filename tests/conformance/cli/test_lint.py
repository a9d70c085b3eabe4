"""`lint`: right adapters have no findings, and each way to get one wrong is found and says what to change."""

import contextlib
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.cli import lint as linting
from conformance.cli.lint import CHECKS, lint
from conformance.cli.lint_probes import ARGUMENTS, FULL, MALFORMED, RESET, life
from conformance.generation.limits import Clock
from conformance.oracle.judge import own_answers
from conformance.oracle.state import OracleState
from conformance.protocol.requests import ACTIONS, OPTIONAL
from conformance.protocol.responses import HEADERS
from conformance.transport.targets import connect
from refmodel.cli.usage import UsageError
from tests.conformance.search.test_concurrency import served
from tests.support.commands import RIGHT, command, importer, run, serving_process
from tests.support.paths import ROOT
from tests.support.shared_worlds import Careful, Message, Platform

SQL = "python:conformance.implementations.sql:importer"


def findings(
    target: str, folder: Path = ROOT, timeout: float = 600.0, slow: float = 600.0, clock: Clock = lambda: 0.0
) -> list[tuple[str, str]]:
    """What is found: the check, and the text with what to change. No time goes by for the lint itself."""
    sys.modules.pop("wrong_importer", None)
    path = [*sys.path]
    with contextlib.chdir(folder), connect(target, timeout=timeout) as at:
        found = lint(at, slow, clock).findings
    sys.path[:] = path
    assert all(finding.advice for finding in found)
    return [(finding.check, f"{finding.text} → {finding.advice}") for finding in found]


def answered(source: str) -> str:
    """An importer whose right answers are changed by some lines."""
    return f"answer = right(request)\n{source}\nreturn answer"


class TestRightAdapters:
    @pytest.mark.parametrize(
        "target", [RIGHT, SQL, f"cmd:{sys.executable} -m conformance serve", f"cmd:{sys.executable} -m {SQL[7:-9]}"]
    )
    def test_they_have_no_findings(self, target: str) -> None:
        """In this process or in another."""
        assert findings(target) == []

    def test_nor_over_the_net(self) -> None:
        """Where a restart is none."""
        with serving_process("--http", "0") as process:
            assert process.stdout
            url = process.stdout.readline().removeprefix("listening on ").strip()
            assert findings(url) == []

    def test_a_person_is_told_what_was_asked(self) -> None:
        """And that nothing was found."""
        said = run("lint", RIGHT)
        assert said.status == 0
        assert said.out.splitlines()[-1] == "Nothing was found"
        assert "refmodel was asked" in said.out

    def test_behaviour_is_no_finding(self, tmp_path: Path) -> None:
        """An importer may deviate in what it does: that is for the suite to say."""
        source = "self.ruleset = deviation_named('no_rows_that_share_an_identifier_fail').upon(STANDARD)\n"
        assert findings(importer(tmp_path, source + "return right(request)"), tmp_path) == []

    def test_what_is_not_claimed_is_not_asked(self, tmp_path: Path) -> None:
        """An importer that only imports is right, if it says so."""
        source = """
            if op in ('preview', 'do') and request.get('action') in (None, 'no_such_action') and op == 'do':
                raise ValueError('no')
            assert op not in ('preview', 'do'), request
            answer = right(request)
            if op == 'hello':
                del answer['supports']
            return answer
        """
        said = run("lint", importer(tmp_path, source), folder=tmp_path)
        assert said.status == 0
        assert "it claims nothing optional" in said.out
        assert "Not claimed, and so not asked: preview, concurrent, sign_up" in said.out

    def test_columns_that_are_not_stored_need_not_be_shown(self, tmp_path: Path) -> None:
        """If the importer says which it stores."""
        source = answered(
            "few = [n for n in __import__('conformance.protocol.responses').protocol.responses.INDISPENSABLE_HEADERS]\n"
            "if op == 'hello':\n    answer['columns'] = few\n"
            "for a in answer.get('accounts', ()):\n    a.pop('gender'), a.pop('campus_name')"
        )
        assert findings(importer(tmp_path, source), tmp_path) == []


WRONG: dict[str, tuple[str, str, str]] = {
    "another protocol": ("hello", answered("if op == 'hello': answer['protocol'] = 2"), "1 was expected"),
    "protocol as a text": ("hello", answered("if op == 'hello': answer['protocol'] = '1'"), "protocol"),
    "what does not exist is claimed": (
        "hello",
        answered("if op == 'hello': answer['supports'].append('fly')"),
        "'fly', which does not exist",
    ),
    "claimed twice": (
        "hello",
        answered("if op == 'hello': answer['supports'].append('sign_up')"),
        "'sign_up' 2 times",
    ),
    "an unknown key": (
        "columns",
        answered("if op == 'import': answer['report']['row_count'] = 1"),
        "report.row_count is not known",
    ),
    "a number as a text": (
        "columns",
        answered("for r in answer.get('report', {}).get('rows', ()): r['row'] = str(r['row'])"),
        "report.rows[0].row",
    ),
    "rows that are numbered from 0": (
        "columns",
        answered("for r in answer.get('report', {}).get('rows', ()): r['row'] -= 1"),
        "expected 1, got 0",
    ),
    "an outcome of its own": (
        "columns",
        answered("for r in answer.get('report', {}).get('rows', ()): r['outcome'] = 'ok'"),
        "report.rows[0].outcome",
    ),
    "dates in another form": (
        "columns",
        answered(
            "for a in answer.get('accounts', ()):\n"
            "    if a['primary_education:end_date']: a['primary_education:end_date'] = '30.06.2019'"
        ),
        "primary_education:end_date",
    ),
    "a column that cannot be observed": (
        "columns",
        answered("for a in answer.get('accounts', ()): a.pop('gender')"),
        "gender is 'female', and does not show",
    ),
    "a list out of order": (
        "columns",
        answered(
            "for a in answer.get('accounts', ()): a['primary_education:major_names'] = "
            "sorted(a['primary_education:major_names'])"
        ),
        "primary_education:major_names shows as",
    ),
    "a request that cannot be observed": (
        "states",
        answered("for a in answer.get('accounts', ()): a['pending_at'] = None"),
        "pending_at is 'north', and does not show",
    ),
    "an exclusion that cannot be observed": (
        "states",
        answered("for a in answer.get('accounts', ()): a.pop('excluded_from_sync')"),
        "excluded_from_sync is True, and does not show",
    ),
    "a claim that is not kept": (
        "states",
        "if request.get('action') == 'sign_in':\n    raise NotImplementedError\nreturn right(request)",
        "sign_in: ",
    ),
    "previews that are claimed only": (
        "previews",
        "if op == 'preview':\n    raise NotImplementedError\nreturn right(request)",
        "preview: ",
    ),
    "refused files without a reason": (
        "failures",
        answered("if answer.get('report', {}).get('refused'): answer['report'] = {}"),
        "report: ",
    ),
    "an error for a refused file": (
        "failures",
        answered("if answer.get('report', {}).get('refused'): raise ValueError('bad file')"),
        "bad file",
    ),
    "failed rows without errors": (
        "failures",
        answered("for r in answer.get('report', {}).get('rows', ()): r['response'] = {'success': False}"),
        "errors",
    ),
    "texts in latin-1": (
        "texts",
        answered(
            "for a in answer.get('accounts', ()): a['last_name'] = "
            "a['last_name'].encode('latin-1', 'replace').decode('latin-1')"
        ),
        "can be observed",
    ),
    "lines that end at a separator": (
        "texts",
        answered("for a in answer.get('accounts', ()): a['last_name'] = (a['last_name'].splitlines() or [''])[0]"),
        "can be observed",
    ),
    "large files are refused": (
        "large_files",
        "if len(request.get('csv', '')) > 1_000_000:\n"
        "    return {'report': {'refused': 'too large', 'rows': []}}\nreturn right(request)",
        "too large",
    ),
    "a reset that leaves students": (
        "resets",
        "if op == 'reset' and self.world.directory.institutions:\n    return {'ok': True}\nreturn right(request)",
        "students are still there",
    ),
    "an answer that depends on the clock": (
        "resets",
        answered(
            "if op == 'import' and self.seen > 10:\n"
            "    for r in answer['report']['rows'][-1:]: r['outcome'] = 'unchanged'"
        ),
        "and then a reset, it is answered otherwise",
    ),
    "a goodbye that is not answered": (
        "goodbyes",
        "if op == 'bye':\n    raise ValueError('not yet')\nreturn right(request)",
        "bye: ",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_adapter_is_found_out(name: str, tmp_path: Path) -> None:
    """By the check that is there for it, in words that name the place."""
    check, source, text = WRONG[name]
    found = findings(importer(tmp_path, source), tmp_path)
    assert any(check == where and text in what for where, what in found), found


def test_a_reset_that_remembers_rows_is_found_out(tmp_path: Path) -> None:
    """Students are gone, but the row that was applied last to an address is not."""
    source = """
        from attrs import evolve
        if op == 'reset':
            self.rows = {**getattr(self, 'rows', {}), **self.applied()}
            return right(request)
        if op == 'import':
            students = {s.email_address: s for s in self.world.students()}
            known = [evolve(s, last_applied=self.rows.get(e)) for e, s in students.items()
                     if s.last_applied is None and self.rows.get(e)]
            if known:
                draft = [evolve(s, key=key, last_applied=s.last_applied or self.rows.get(e))
                         for key, (e, s) in enumerate(students.items(), start=1)]
                there = self.world.directory
                empty = type(self.world).of(*there.institutions.values(), employers=there.employers)
                self.world = empty.with_accounts(draft)
        return right(request)
    """
    target = importer(tmp_path, source)
    path = tmp_path / "wrong_importer.py"
    path.write_text(
        path.read_text().replace(
            "    seen = 0\n",
            "    seen = 0\n    def applied(self):\n"
            "        return {s.email_address: s.last_applied for s in self.world.students()}\n",
        )
    )
    found = findings(target, tmp_path)
    assert [check for check, _ in found] == ["resets"]
    assert "rows that were applied last" in found[0][1]


@pytest.mark.parametrize("name", ["dates_are_read_once", "levels_and_years_are_read_once"])
def test_a_reset_that_remembers_texts_is_found_out(name: str, tmp_path: Path) -> None:
    """What a text was in a job of the other format, or where the words are others, it is not for ever."""
    found = findings(f"python:conformance.mutants:{name}", tmp_path)
    assert [check for check, _ in found] == ["resets"]


LEFT = {  # what is left behind a reset → what was done before it
    "addresses of deleted accounts": ("delete_pending", "request['email']"),
    "addresses of those who signed up": ("sign_up", "request['email']"),
    "addresses that were asked for": ("change_email", "request['new_email']"),
    "addresses of those who were switched": ("switch_institution", "request['email']"),
    "addresses of those who were previewed": ("preview", "'hal'"),
}


@pytest.mark.parametrize("name", LEFT)
def test_whatever_is_left_behind_a_reset_is_found(name: str, tmp_path: Path) -> None:
    """After each operation lint resets and asks for everything anew, and says behind which one something was left."""
    done, remember = LEFT[name]
    target = importer(tmp_path, REMEMBERING.format(done=done, remember=remember))
    found = findings(target, tmp_path)
    assert [check for check, _ in found] == ["resets"]
    assert f"after {done}, and then a reset, it is answered otherwise" in found[0][1]


REMEMBERING = """
    self.left, self.new = getattr(self, 'left', set()), getattr(self, 'new', set())
    if op == 'reset':
        self.left |= self.new
    email = request.get('new_email' if request.get('action') == 'change_email' else 'email', 'hal')
    answer = right(request)
    if email in self.left and op in ('preview', 'do'):
        if op == 'do':
            return {{'done': False, 'refused': 'taken'}}
        for row in answer['report']['rows']:
            row.update(outcome='failed', response={{'success': False, 'errors': 'taken'}})
    elif '{done}' in (op, request.get('action')):
        self.new.add({remember})
    return answer
"""


def test_everything_is_done_before_a_reset() -> None:
    """Of the operations that are tried before a reset each action is done once, and a file is taken and refused."""
    story = life(HEADERS, OPTIONAL, "x")
    answers = own_answers([RESET, *story], OracleState())
    done = {each.request["action"] for each in answers if each.response.get("done")}
    assert done == set(ACTIONS)
    reports = [each.response["report"] for each in answers if "report" in each.response]
    assert {report["refused"] is None for report in reports} == {True, False}
    assert {row["outcome"] for report in reports for row in report["rows"]} == {
        "created",
        "updated",
        "unchanged",
        "failed",
    }
    accounts = [each.response["accounts"] for each in answers if "accounts" in each.response]
    assert any(account["declined_by"] for account in accounts[-1])
    assert any(account["requested_email"] for seen in accounts for account in seen)


def test_a_server_that_remembers_is_found_out_again(tmp_path: Path) -> None:
    """Where a restart is none, an earlier lint has used no student of this one."""
    for _ in range(2):
        with served(Platform(), Remembering) as url:
            assert [check for check, _ in findings(url)] == ["resets"]


class Remembering(Careful):
    """Never forgets the address of an account that was deleted."""

    def answered(self, request: Message) -> Message:
        """Refuse whoever signs up with such an address in another world."""
        deleted, old = self.platform.__dict__.setdefault("deleted", (set(), set()))
        if request["op"] == "reset":
            old |= deleted
        if request.get("action") == "sign_up" and request["email"] in old:
            return {"done": False, "refused": "taken"}
        response = super().answered(request)
        if request.get("action") == "delete_pending" and response["done"]:
            deleted.add(request["email"])
        return response


class TestProcesses:
    def test_one_that_dies_is_found_out(self, tmp_path: Path) -> None:
        """At each request that it does not survive, with its last words, and the other checks are made."""
        target = command(tmp_path, "if op == 'preview':\n    sys.exit('out of memory')\nreturn right(request)")
        found = findings(target, tmp_path)
        assert [check for check, _ in found] == ["previews"]
        assert "out of memory" in found[0][1]
        assert "keep the process alive" in found[0][1]

    def test_one_that_hangs_is_found_out_in_time(self, tmp_path: Path) -> None:
        """After a few time-outs nothing more is asked."""
        target = importer(tmp_path, "if op != 'hello':\n    time.sleep(3600)\nreturn right(request)")
        found = findings(target, tmp_path, timeout=0.5)
        assert "3 answers did not come in time" in found[-1][1]
        assert "flush standard output" in found[0][1]

    def test_one_that_chatters_is_found_out(self, tmp_path: Path) -> None:
        """Standard output is for answers only."""
        target = command(tmp_path, "if op == 'observe':\n    print('observing', flush=True)\nreturn right(request)")
        found = findings(target, tmp_path)
        assert any("observing" in text and "logs to standard error" in text for _, text in found)

    def test_one_that_nonsense_kills_is_found_out(self, tmp_path: Path) -> None:
        """It has to go on where a request makes no sense."""
        target = command(tmp_path, "if op not in ('hello', 'reset', 'import', 'preview', 'do', 'observe', 'bye'):\n"
                                   "    os._exit(3)\nreturn right(request)")  # fmt: skip
        found = findings(target, tmp_path)
        assert [check for check, _ in found] == ["senseless_requests"]
        assert "exited with status 3" in found[0][1]

    def test_one_that_forgets_at_nonsense_is_found_out(self, tmp_path: Path) -> None:
        """What was there is there after it."""
        source = "if 'op' not in request:\n    return right({'op': 'reset', 'world': {}})\nreturn right(request)"
        found = findings(command(tmp_path, source), tmp_path)
        assert [check for check, _ in found] == ["senseless_requests"]

    def test_slow_answers_are_named(self, tmp_path: Path) -> None:
        """Each, with the seconds that it took."""
        source = "if request.get('action') == 'approve':\n    Wrong.seconds = getattr(Wrong, 'seconds', 0) + 0.7\n"
        target = importer(tmp_path, source + "return right(request)")

        def clock() -> float:
            return float(getattr(sys.modules["wrong_importer"].importer, "seconds", 0.0))

        found = findings(target, tmp_path, slow=0.6, clock=clock)
        assert [text.partition(" → ")[0] for _, text in found] == ["approve took 0.7 s"]

    def test_one_that_starts_only_once_is_found_out(self, tmp_path: Path) -> None:
        """A run of the suite starts it anew after each fault."""
        source = """
            if op == 'hello':
                assert not os.path.exists('lock'), 'somebody is at work'
            if op == 'bye':
                open('lock', 'w').close()
            return right(request)
        """
        found = findings(command(tmp_path, source), tmp_path)
        assert [check for check, _ in found] == ["goodbyes"]
        assert "somebody is at work" in found[0][1]

    @pytest.mark.parametrize("source", ["sys.exit(1)", "time.sleep(100)", "return []", "raise ValueError"])
    def test_one_that_says_no_hello_is_a_fault(self, tmp_path: Path, source: str) -> None:
        """There is nothing to lint, and the exit status says so."""
        said = run("lint", command(tmp_path, source), "--timeout", 1, folder=tmp_path)
        assert said.status == 7
        assert "request:" in said.err

    def test_wrong_use_is_said_in_a_line(self) -> None:
        """A target that cannot be."""
        said = run("lint", "nonsense")
        assert (said.status, said.out) == (2, "")
        assert "is not a target" in said.err


class TestWhatIsSent:
    def test_it_covers_every_column_and_every_action(self) -> None:
        """What is not sent is not checked."""
        assert set(FULL) == set(HEADERS)
        assert set(ARGUMENTS) == set(ACTIONS)
        assert all(FULL.values())

    def test_no_check_goes_by_another_s_name(self) -> None:
        """A finding names the check by its function."""
        assert len({check.__name__ for check in CHECKS}) == len(CHECKS)
        assert len(MALFORMED) > 3

    def test_without_jsonschema_it_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is needed for nothing else."""
        linting.validator.cache_clear()
        monkeypatch.setitem(sys.modules, "jsonschema", None)
        with pytest.raises(UsageError, match="pip install jsonschema"):
            linting.validator("hello")


def test_every_finding_of_a_shape_is_told_once(tmp_path: Path) -> None:
    """Not once for each of the many answers that have it."""
    source = answered("if op == 'reset': answer['ready'] = 1")
    said: Any = findings(importer(tmp_path, source), tmp_path)
    assert len(said) == 1
