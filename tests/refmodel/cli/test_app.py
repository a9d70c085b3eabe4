"""The command line says what the model says, in words and in JSON, and never loses or mangles anything."""

import contextlib
import gc
import json
import os
import pty
import re
import runpy
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from typer.testing import CliRunner

from refmodel import __main__, __version__
from refmodel.actions import NAMED
from refmodel.catalogue import CATALOGUE
from refmodel.cli import applying, starting, terminal
from refmodel.cli import state_file as statefile
from refmodel.cli.app import app
from refmodel.cli.state_file import FileError, begin, held, read_world
from refmodel.cli.terminal import SHOWN, visible
from refmodel.engine import import_file
from refmodel.explain.examples import EXAMPLES
from refmodel.failures import SENSITIVE_FIELDS
from refmodel.job import Job
from refmodel.report import as_json
from refmodel.serialization import export, observe
from refmodel.world import Institution, World
from tests.support.commands import Said

STARRED = "email_address,username,first_name,last_name,primary_education:end_date,school_year_name"
ADA = "ada@north.edu,1001,Ada,Lovelace,,"
BEGUN = World.of(
    Institution("north", domains=("north.edu",), campuses=("Main",), staff=("advisor@north.edu",)),
    Institution("south", uses_sso=True),
    employers=("hr@employer.example",),
)
ON_A_TERMINAL = {"FORCE_COLOR": "1", "COLUMNS": "70", "TERM": "xterm"}


def run(*arguments: object, **environment: str) -> Said:
    """A command, in this process, its output in a pipe unless the environment says it is a terminal."""
    result = CliRunner().invoke(app, list(map(str, arguments)), env=environment, prog_name="refmodel")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout, result.stderr)


def process(*arguments: object, **more: Any) -> "subprocess.Popen[str]":
    """A command in a process of its own."""
    command = [sys.executable, "-m", "refmodel", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


def await_opening(child: "subprocess.Popen[str]", path: Path) -> None:
    """Wait until a command is at work upon a file: what comes before that is Python's own start."""
    opened = Path(f"/proc/{child.pid}/fd")
    until = time.monotonic() + 600
    while opened.exists() and time.monotonic() < until:
        with contextlib.suppress(OSError):
            if path in [link.resolve() for link in opened.iterdir()]:
                return
        time.sleep(0.02)
    time.sleep(0 if opened.exists() else 2)  # where there is no /proc


@pytest.fixture
def state(tmp_path: Path) -> Path:
    path = tmp_path / "state.json"
    begin(path, BEGUN)
    return path


@pytest.fixture
def file(tmp_path: Path) -> "Files":
    return Files(tmp_path)


@frozen
class Files:
    """A folder in which files are written."""

    folder: Path

    def __call__(self, *lines: str, name: str = "students.csv") -> Path:
        path = self.folder / name
        path.write_bytes("".join(f"{line}\n" for line in lines).encode())
        return path


def importing(file: Path, state: Path, *more: object, command: str = "import", **environment: str) -> Said:
    """A file of north is imported."""
    return run(command, file, "--state", state, "--institution", "north", *more, **environment)


class TestImport:
    """Importing on the command line is importing in the model, and saving."""

    ROWS = (f"{STARRED},note", f"{ADA},x", "bob@north.edu,1002,Bob,,,,x", "c@north.edu,1003,C,D,2027-02-30,alumni,")

    def test_what_is_saved(self, state: Path, file: Files) -> None:
        """The state holds the world that the model gives, and the counts are the report's."""
        path = file(*self.ROWS)
        world, report = import_file(BEGUN, Job("north"), path.read_bytes())
        said = importing(path, state, "--json")
        assert said.status == 0
        assert read_world(state) == world
        assert said.data["saved"] is True
        assert said.data["counts"] == {
            name: report.count(name) for name in ("created", "updated", "unchanged", "failed")
        }
        assert [(f["row"], f["response"]) for f in said.data["failed"]] == [(r.row, r.response) for r in report.failed]
        assert said.data["warnings"] == list(report.warnings)

    def test_what_people_see(self, state: Path, file: Files) -> None:
        """Counts, each problem with row, student, column, value, error and rule, advice, and what was saved."""
        said = importing(file(*self.ROWS), state)
        assert said.err == ""
        lines = said.out.splitlines()
        assert "created\t1" in lines
        assert "failed\t2" in lines
        assert "2\tbob@north.edu\tlast_name\t\tcan't be blank\ta_new_student_has_a_name" in lines
        problem = "3\tc@north.edu\tprimary_education:end_date\t2027-02-30\tis invalid\tdates_are_real"
        assert problem in lines
        assert "3\tc@north.edu\tschool_year_name\talumni\tis not included in the list" in said.out
        assert "- dates_are_real (row 3): Correct the date" in said.out
        assert "- The header 'note' names no column: it was ignored" in lines
        assert f"{state} is saved" in lines

    def test_the_failed_rows(self, state: Path, file: Files, tmp_path: Path) -> None:
        """The failed rows are written as the report gives them, and a later file replaces them with --force."""
        failed = tmp_path / "failed.csv"
        path = file(*self.ROWS)
        _, report = import_file(BEGUN, Job("north"), path.read_bytes())
        importing(path, state, "--failed", failed)
        assert failed.read_bytes() == report.failed_rows(path.read_bytes())
        importing(file(STARRED, ADA), state, "--failed", failed, "--force")
        assert failed.read_text().splitlines() == [f"{STARRED},status,response"]

    @pytest.mark.parametrize("command", ["import", "preview"])
    def test_repairs_are_not_lost(self, state: Path, file: Files, tmp_path: Path, command: str) -> None:
        """A file that is there, with repairs in it, is not replaced; nothing is applied, and --force is named."""
        failed, before = file("repairs", name="failed.csv"), state.read_bytes()
        said = importing(file(*self.ROWS), state, "--failed", failed, command=command)
        assert (said.status, said.out) == (2, "")
        assert said.err == f"refmodel: {failed}: there is a file already; name another, or use --force\n"
        assert (failed.read_text(), state.read_bytes()) == ("repairs\n", before)

    @pytest.mark.parametrize(("error", "status"), [(FileError("full"), 2), (KeyboardInterrupt(), 130)])
    @pytest.mark.parametrize("more", [(), ("--force",)])
    def test_failed_rows_of_what_was_not_saved(
        self, state: Path, file: Files, monkeypatch: pytest.MonkeyPatch, error: BaseException, status: int, more: Any
    ) -> None:
        """Where the state could not be saved the failed rows are gone again, so that the same command can be given."""
        failed, before = state.with_name("failed.csv"), state.read_bytes()
        original = statefile.write_whole

        def unsaved(path: Path, *arguments: Any) -> None:
            if path == state:
                raise error
            original(path, *arguments)

        with monkeypatch.context() as patch:
            patch.setattr(statefile, "write_whole", unsaved)
            assert importing(file(*self.ROWS), state, "--failed", failed, *more).status == status
        assert (failed.exists(), state.read_bytes()) == (bool(more), before)
        assert importing(file(*self.ROWS), state, "--failed", failed, *more).status == 0

    def test_failed_rows_that_cannot_be_written(
        self, state: Path, file: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The outcome is shown all the same, nothing is saved, and one line says why."""
        path, before = file(*self.ROWS), state.read_bytes()
        other = tmp_path / "other.json"
        begin(other, BEGUN)
        expected = importing(path, other).out.splitlines()[1:-1]

        def full(*_: object, **__: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("refmodel.cli.state_file.tempfile.mkstemp", full)
        said = importing(path, state, "--failed", tmp_path / "failed.csv")
        assert said.status == 2
        assert said.out.splitlines()[1:-1] == expected
        assert said.out.splitlines()[-1] == f"Nothing was saved: {state} is as it was"
        why = f"--failed {tmp_path / 'failed.csv'}: cannot be written: no space left on device; nothing was changed"
        assert said.err == f"refmodel: {why}\n"
        data = importing(path, state, "--failed", tmp_path / "failed.csv", "--json").data
        assert (data["unwritten"], data["saved"], data["counts"]["created"]) == (why, False, 1)
        assert state.read_bytes() == before

    def test_the_failed_rows_work_under_the_setting(self, state: Path, file: Files, tmp_path: Path) -> None:
        """The round of the articles: the failed rows, sent back as they are, connect and change."""
        importing(file(STARRED, ADA), state)
        failed = tmp_path / "failed.csv"
        said = importing(file(f"{STARRED},card_id", f"{ADA},C7"), state, "--failed", failed, "--json")
        assert said.data["failed"][0]["response"]["errors"] == SENSITIVE_FIELDS
        assert said.data["unwritten"] is None
        again = importing(failed, state, "--manual", "--change-sensitive-fields", "--json")
        assert again.data["counts"]["updated"] == 1
        assert again.data["columns"] == {"card_id": {"of_new_students": 0, "set": 1, "changed": 0, "cleared": 0}}

    def test_nothing_to_save(self, state: Path, file: Files) -> None:
        """Where nothing changed the state is not written, and that is said."""
        path = file(STARRED, ADA)
        importing(path, state)
        before = state.stat()
        said = importing(path, state)
        assert "There was nothing to save" in said.out
        assert os.path.samestat(before, state.stat())

    def test_dates(self, state: Path, file: Files) -> None:
        """The date format is the job's."""
        path = file(STARRED, "ada@north.edu,1001,Ada,Lovelace,06/30/2027,")
        assert importing(path, state, "--json", command="preview").data["counts"]["failed"] == 1
        assert importing(path, state, "--json", "--date-format", "mm/dd/yyyy").data["counts"]["created"] == 1

    def test_many_labels(self, state: Path, file: Files) -> None:
        """A cell of ten thousand labels is nothing special."""
        labels = ";".join(f"label {number}" for number in range(10_000))
        assert importing(file(f"{STARRED},system_label_names", f"{ADA},{labels}"), state).status == 0
        assert len(next(read_world(state).students()).system_label_names) == 10_000

    def test_advice(self, state: Path, file: Files) -> None:
        """Advice is gathered: a line for what a thousand rows have in common."""
        rows = [f"s{number}@north.edu,s{number},A,B,," for number in range(1_000)]
        path = file(STARRED, *rows)
        said = importing(path, state, command="preview")
        assert "- 1,000 rows (1, 2, 3, 4, 5, …): The username is a part of the e-mail address." in said.out
        (advice,) = importing(path, state, "--json").data["advice"]
        assert (advice["advice"], advice["source"]) == ("username_is_part_of_the_email", "002:18")
        assert (advice["count"], advice["rows"]) == (1_000, list(range(1, 1_001)))

    def test_a_ragged_row(self, state: Path, file: Files) -> None:
        """A row that is too short is told with what it has."""
        said = importing(file(STARRED, "ada@north.edu", ""), state)
        expected = "1\tada@north.edu\t\t\tThe row has 1 cells and the header 6\tragged_rows_fail"
        assert expected in said.out.splitlines()


class TestPreview:
    """A preview says what an import would do, and does not do it."""

    def test_nothing_is_saved(self, state: Path, file: Files) -> None:
        """The report is the import's, and the state is not touched."""
        path = file(*TestImport.ROWS)
        before = state.read_bytes()
        tried = importing(path, state, "--json", command="preview").data
        assert state.read_bytes() == before
        done = importing(path, state, "--json").data
        told_apart = {"command": "import", "saved": True}
        assert tried | told_apart == done

    def test_column_by_column(self, state: Path, file: Files) -> None:
        """It is told beforehand who would be archived, lose labels, and which values would change."""
        more = f"{STARRED},disabled,system_label_names"
        importing(file(more, f"{ADA},FALSE,honours", "b@north.edu,2,B,B,2027-06-30,,,"), state)
        path = file(more, f"{ADA},TRUE,", "b@north.edu,2,B,X,**CLEAR**,,,", "n@north.edu,3,N,N,,,,")
        said = importing(path, state, command="preview")
        lines = said.out.splitlines()
        assert "What would happen to students" in lines
        assert "- archived: 1 (row 1)" in lines
        assert "- labels removed: 1 (row 1)" in lines
        assert "last_name\t1\t0\t1\t0" in lines
        assert "primary_education:end_date\t0\t0\t0\t1" in lines
        assert "This was a preview: nothing was saved" in lines
        data = importing(path, state, "--json", command="preview").data
        assert data["students"]["labels_lost"] == {"count": 1, "rows": [1]}
        assert data["students"]["approved"] == {"count": 0, "rows": []}
        assert data["columns"]["disabled"] == {"of_new_students": 0, "set": 0, "changed": 1, "cleared": 0}
        assert "What happened to students" in importing(path, state).out

    def test_the_failed_rows_beforehand(self, state: Path, file: Files, tmp_path: Path) -> None:
        """Only the failed rows are written, where they are asked for."""
        failed = tmp_path / "failed.csv"
        importing(file(*TestImport.ROWS), state, "--failed", failed, command="preview")
        assert len(failed.read_text().splitlines()) == 3
        assert read_world(state) == BEGUN

    def test_rows_are_named(self, state: Path, file: Files) -> None:
        """A few rows are all named, of many the first ones; a program is given them all."""
        importing(file(f"{STARRED},disabled", *(f"s{n}@n.e,{n},A,B,,,FALSE" for n in range(9))), state)
        path = file(f"{STARRED},disabled", *(f"s{n}@n.e,{n},A,B,,,TRUE" for n in range(3)))
        assert "- archived: 3 (rows 1, 2 and 3)" in importing(path, state, command="preview").out
        path = file(f"{STARRED},disabled", *(f"s{n}@n.e,{n},A,B,,,TRUE" for n in range(9)))
        assert "- archived: 9 rows (1, 2, 3, 4, 5, …)" in importing(path, state, command="preview").out
        data = importing(path, state, "--json", command="preview").data
        assert data["students"]["archived"] == {"count": 9, "rows": list(range(1, 10))}


class TestAFileThatChanges:
    """A file is read once, and whoever is shown something is told if the file did not stay as it was read."""

    @staticmethod
    def growing(monkeypatch: pytest.MonkeyPatch, path: Path, place: Any, name: str) -> None:
        """Whenever something is called, a file has become longer meanwhile."""
        original = getattr(place, name)

        def grown(*arguments: Any) -> Any:
            with path.open("a") as more:
                more.write("b@north.edu,2,B,B,,\n")
            return original(*arguments)

        monkeypatch.setattr(place, name, grown)

    @pytest.fixture
    def while_read(self, file: Files, monkeypatch: pytest.MonkeyPatch) -> Path:
        path = file(STARRED, ADA)
        self.growing(monkeypatch, path, statefile, "_contents")
        return path

    @pytest.fixture
    def afterwards(self, file: Files, monkeypatch: pytest.MonkeyPatch) -> Path:
        path = file(STARRED, ADA)
        self.growing(monkeypatch, path, applying, "read_file")
        return path

    def test_it_is_read_once(self, state: Path, file: Files, monkeypatch: pytest.MonkeyPatch) -> None:
        """No command opens the file a second time: the second reading might find another file."""
        path, opened = file(*TestImport.ROWS), list[Path]()
        original = Path.open

        def counted(self: Path, *arguments: Any, **more: Any) -> Any:
            opened.append(self)
            return original(self, *arguments, **more)

        monkeypatch.setattr(Path, "open", counted)
        for command in ("preview", "import"):
            importing(path, state, "--failed", path.with_name(f"{command}.csv"), command=command)
        assert opened.count(path) == 2

    def test_an_import_of_half_a_file_is_refused(self, state: Path, while_read: Path) -> None:
        """Where the file changes while it is read, nothing is applied."""
        before = state.read_bytes()
        said = importing(while_read, state)
        assert (said.status, said.out) == (2, "")
        assert said.err == (
            f"refmodel: {while_read} changed while it was read: wait until it is complete, and run the command again; "
            "nothing was changed\n"
        )
        assert state.read_bytes() == before

    def test_a_preview_of_half_a_file_warns(self, state: Path, while_read: Path) -> None:
        """It is shown, and its last line warns; a program finds the warning among the others."""
        warning = f"{while_read} changed while it was read, and may not be complete: "
        warning += "what is shown is of the file as it was read"
        said = importing(while_read, state, command="preview")
        assert (said.status, said.out.splitlines()[-1]) == (0, f"Warning: {warning}")
        assert importing(while_read, state, "--json", command="preview").data["warnings"] == [warning]

    @pytest.mark.parametrize("command", ["import", "preview"])
    def test_a_file_that_changes_afterwards(self, state: Path, afterwards: Path, command: str) -> None:
        """What was read is applied, and the last line says that the file is another by now."""
        said = importing(afterwards, state, command=command)
        warning = f"{afterwards} has changed since it was read: what is shown is of the file as it was read"
        assert (said.status, said.out.splitlines()[-1]) == (0, f"Warning: {warning}")
        assert len(observe(read_world(state))) == (command == "import")
        assert importing(afterwards, state, "--json", command=command).data["warnings"] == [warning]

    @pytest.mark.parametrize("command", ["import", "preview"])
    def test_a_file_that_is_gone_afterwards(
        self, state: Path, file: Files, monkeypatch: pytest.MonkeyPatch, command: str
    ) -> None:
        """One that was replaced or removed has changed too."""
        path = file(STARRED, ADA)
        original = applying.read_file  # type: ignore[attr-defined]

        def removed(*arguments: Any) -> Any:
            path.unlink()
            return original(*arguments)

        monkeypatch.setattr(applying, "read_file", removed)
        assert "has changed since it was read" in importing(path, state, command=command).out.splitlines()[-1]

    def test_a_refused_file_may_not_be_complete(self, state: Path, while_read: Path) -> None:
        """The warning stands behind the refusal, which may come of it."""
        while_read.write_text(f'{STARRED}\nada@north.edu,1,"A')
        said = importing(while_read, state, command="preview")
        assert said.status == 2
        assert "never closed" in said.err
        assert "changed while it was read, and may not be complete" in said.err.splitlines()[-1]

    def test_a_pipe_is_read_to_its_end(self, state: Path, tmp_path: Path) -> None:
        """Of a pipe nothing is compared: it has no size, and is empty afterwards."""
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        writer = threading.Thread(target=pipe.write_text, args=(f"{STARRED}\n{ADA}\n",))
        writer.start()
        said = importing(pipe, state, "--json")
        writer.join()
        assert said.data["counts"]["created"] == 1
        assert said.data["warnings"] == []


BAD_FILES: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "not UTF-8": (f"{STARRED}\n".encode() + b"a@n.e,1,\xff,B,,\n", ("line 2", "0xFF", "not UTF-8")),
    "a NUL": (f"{STARRED}\na@n.e,1,\0,B,,\n".encode(), ("line 2", "NUL")),
    "an open quote": (f'{STARRED}\na@n.e,1,"A,B,,\n'.encode(), ("line 2", "cell 3", "never closed")),
    "a missing header": (b"email_address\na@n.e\n", ("lacks username, first_name",)),
    "a repeated header": (f"{STARRED},username\n".encode(), ("username", "more than once")),
    "an empty file": (b"", ("lacks email_address",)),
}


class TestBadInput:
    """What cannot be used is refused in words, with exit status 2, and nothing is changed."""

    @pytest.mark.parametrize("command", ["import", "preview"])
    @pytest.mark.parametrize("name", BAD_FILES)
    def test_a_file(self, state: Path, tmp_path: Path, name: str, command: str) -> None:
        """A file that no rows can be read from is refused; where it is wrong, why, and what to do is said."""
        data, words = BAD_FILES[name]
        path, before, failed = tmp_path / "bad.csv", state.read_bytes(), tmp_path / "failed.csv"
        path.write_bytes(data)
        said = importing(path, state, "--failed", failed, command=command)
        assert (said.status, said.out) == (2, "")
        assert all(word in said.err for word in ("refmodel: ", str(path), "What to do: ", *words))
        assert state.read_bytes() == before
        assert not failed.exists()

    def test_a_file_for_programs(self, state: Path, tmp_path: Path) -> None:
        """A program is told which rule refused the file."""
        path = tmp_path / "bad.csv"
        path.write_bytes(b"")
        said = importing(path, state, "--json")
        assert said.status == 2
        assert said.data["refused"]["rule"] == "required_headers_are_present"
        assert said.data["saved"] is False
        assert said.data["failed"] == []

    def test_names(self, state: Path, file: Files, tmp_path: Path) -> None:
        """Names that cannot be meant are refused before anything is read or written."""
        path = file(STARRED, ADA)
        link = tmp_path / "link.csv"
        link.symlink_to(path)
        hard = tmp_path / "hard.json"
        hard.hardlink_to(state)
        before = state.read_bytes()
        for arguments, words in (
            ((tmp_path, state), "folder"),
            ((tmp_path / "none.csv", state), "no such file"),
            ((path, tmp_path / "none.json"), "refmodel new"),
            ((path, tmp_path), "folder"),
            ((path, path), "not JSON"),
            ((path, state, "--failed", path), "this is the file that is read"),
            ((path, state, "--failed", link), "this is the file that is read"),
            ((path, state, "--failed", state), "this is the state"),
            ((path, state, "--failed", hard), "this is the state"),
            ((path, state, "--failed", tmp_path / "no" / "failed.csv"), "no folder"),
            ((path, state, "--failed", tmp_path), "folder"),
            ((path, state, "--change-sensitive-fields"), "--manual"),
        ):
            said = importing(*arguments)
            assert said.status == 2
            assert words in said.err
            assert "Traceback" not in said.err
        assert state.read_bytes() == before
        assert path.read_text() == f"{STARRED}\n{ADA}\n"

    def test_an_unknown_institution(self, state: Path, file: Files) -> None:
        """It is said which ones there are."""
        path = file(STARRED, ADA)
        for command in (("import", path), ("preview", path), ("export",), ("show",)):
            said = run(*command, "--state", state, "--institution", "west")
            assert said.status == 2
            assert "there is no institution 'west'; the world has north, south" in said.err

    def test_use(self, state: Path) -> None:
        """Options that are not known or missing are usage error."""
        assert run("import").status == run("frobnicate").status == run("show", "--nonsense").status == 2
        assert run("do", "sign-in", "--state", state, "--email", "a@b", "--via", "card").status == 2
        assert "Traceback" not in run("import").err


class TestHostileText:
    """What students are called is shown, and neither obeyed nor interpreted."""

    HOSTILE = 'x@north.edu,9,"[red]A[/red]\x1b[31m\x07","[/]\nB\u202e\u2028",,nope'

    def test_visible(self) -> None:
        """Control characters, ends of lines and what turns the writing are written out; names stay."""
        assert visible("a\tb\nc\x1b[31m\x7f\x9b") == r"a\tb\nc\x1b[31m\x7f\x9b"
        assert visible("\u202eevil\u2028\udcff\ufeff") == r"\u202eevil\u2028\udcff\ufeff"
        for name in ("Zoë", "Ærø", "李明", "محمد", "نگار\u200cسادات", "O'Brien", "👩\u200d🎓"):
            assert visible(name) == name

    @pytest.mark.parametrize("environment", [{}, ON_A_TERMINAL], ids=["pipe", "terminal"])
    def test_shown(self, state: Path, file: Files, environment: dict[str, str]) -> None:
        """Neither a failed row nor a student can move the cursor, colour anything or break a line."""
        header = STARRED.replace("end_date", "end_date,x\x1b[2Jy")
        path = file(header, self.HOSTILE.replace(",,nope", ",,,nope"), self.HOSTILE.replace(",,nope", ",,,"))
        said = importing(path, state, **environment)
        path = file(STARRED, self.HOSTILE.replace("nope", ""))
        assert importing(path, state).status == 0
        for out in (said.out, run("show", "--state", state, **environment).out):
            bare = re.sub(r"\x1b\[[0-9;]*m", "", out) if environment else out
            assert "\x1b" not in bare
            assert "\x07" not in out
            assert "\u202e" not in out
        shown = run("show", "--state", state).out
        assert r"[red]A[/red]\x1b[31m\x07 [/]\nB\u202e\u2028" in shown
        one = run("show", "--state", state, "--email", "x@north.edu", **environment)
        assert "[red]A[/red]" in one.out

    def test_json_is_plain(self, state: Path, file: Files) -> None:
        """JSON holds the text as it is, in ASCII."""
        importing(file(STARRED, self.HOSTILE.replace("nope", "")), state)
        said = run("show", "--state", state, "--json")
        assert said.out.isascii()
        assert said.data["students"][0]["last_name"] == "[/]\nB\u202e\u2028"


class TestTerminal:
    """On a terminal it is for the eye; in a pipe it is plain and whole."""

    def test_a_pipe_is_plain(self, state: Path, file: Files) -> None:
        """No colours, no boxes, nothing cut, however narrow it is said to be."""
        path = file(*TestImport.ROWS)
        out = importing(path, state, COLUMNS="20").out + run("rules", COLUMNS="20").out
        assert "\x1b" not in out
        assert not set(out) & set("│┃━─…")
        assert all(entry.statement in out for entry in CATALOGUE.values())

    def test_a_terminal_has_lines_for_the_eye(self, state: Path, file: Files) -> None:
        """Headings are bold, failed rows are told one by one, nothing is cut."""
        out = importing(file(*TestImport.ROWS), state, **ON_A_TERMINAL).out
        bare = re.sub(r"\x1b\[[0-9;]*m", "", out)
        assert "\x1b[1mFailed rows" in out
        assert "row 3  c@north.edu" in bare
        assert "- school_year_name “alumni” is not included in the list" in bare
        assert all(len(line) <= 70 for line in bare.splitlines())

    def test_long_lists_are_cut_on_a_terminal_only(self, state: Path, file: Files) -> None:
        """The rest of a long list is counted, and it is said where it can be seen."""
        path = file(STARRED, *(f"s{number}@north.edu,{number},,B,," for number in range(SHOWN + 7)))
        on_terminal = importing(path, state, **ON_A_TERMINAL).out
        assert "… and 7 more: --failed FILE writes them all, --json lists them all" in re.sub(
            r"\s+", " ", re.sub(r"\x1b\[[0-9;]*m", "", on_terminal)
        )
        assert f"\n{SHOWN + 7}\t" in importing(path, state).out
        importing(file(STARRED, *(f"s{number}@n.e,{number},A,B,," for number in range(SHOWN + 7))), state)
        assert "… and 7 more" in run("show", "--state", state, **ON_A_TERMINAL).out
        assert "more" not in run("show", "--state", state).out

    def test_a_long_value_is_shortened_on_a_terminal(self, state: Path, file: Files) -> None:
        """A cell of a thousand letters does not fill the screen."""
        path = file(f"{STARRED},primary_education:major_names", f"{ADA},{'x' * 300}")
        assert "x" * 60 not in importing(path, state, **ON_A_TERMINAL).out
        assert "x" * 300 in importing(path, state).out

    def test_a_very_long_value_is_shortened_everywhere_but_for_programs(self, state: Path, file: Files) -> None:
        """Nothing that a person reads holds a cell of the size of a file, whosever row it is; JSON has it whole."""
        path = file(f"{STARRED},mobile_number", f"{'a' * 5000},1,A,B,,,{'x' * 5000}")
        for environment in ({}, ON_A_TERMINAL):
            said = importing(path, state, **environment).out
            assert "a" * 40 in said
            assert "a" * 1001 not in said
            assert "x" * 1001 not in said
        (failed,) = importing(path, state, "--json").data["failed"]
        assert failed["email_address"] == failed["problems"][0]["value"] == "a" * 5000

    def test_progress_on_long_work(self, state: Path, file: Files, monkeypatch: pytest.MonkeyPatch) -> None:
        """Long work shows how far it is, on a terminal only, and beside the output."""
        monkeypatch.setattr(terminal, "LONG_WORK", 2)
        path = file(STARRED, ADA, "b@north.edu,2,B,B,,")
        assert "students.csv" not in importing(path, state, command="preview").err
        said = importing(path, state, command="preview", **ON_A_TERMINAL)
        assert "students.csv" in said.err
        assert "100%" in said.err

    def test_long_files_are_named(self, state: Path, file: Files, monkeypatch: pytest.MonkeyPatch) -> None:
        """While a long file is read or saved a terminal says which, and nothing says so elsewhere."""
        monkeypatch.setattr(terminal, "LONG_FILE", 2)
        path = file(STARRED, ADA)
        assert importing(path, state).err == ""
        said = importing(file(STARRED, "b@north.edu,2,B,B,,"), state, **ON_A_TERMINAL).err
        assert "reading state.json …" in said
        assert "reading students.csv …" in said
        assert "saving state.json …" in said
        assert "reading state.json …" in importing(path, state, command="preview", **ON_A_TERMINAL).err

    def test_a_real_terminal(self, state: Path) -> None:
        """A pseudo-terminal is one."""
        ours, theirs = pty.openpty()
        command = [sys.executable, "-m", "refmodel", "show", "--state", str(state)]
        with subprocess.Popen(command, stdout=theirs, env=os.environ | {"TERM": "xterm", "COLUMNS": "90"}) as child:
            os.close(theirs)
            out = b"".join(iter(lambda: everything(ours), b""))
        assert child.returncode == 0
        assert b"\x1b[1mInstitutions" in out


def everything(descriptor: int) -> bytes:
    """What a pseudo-terminal still has; nothing once the other side is closed."""
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


class TestDo:
    """Every action has a subcommand, which does what the action does."""

    def test_all_of_them(self) -> None:
        """Each kind of action is there, and its help says what it does."""
        listed = run("do", "--help").out
        for name in NAMED:
            assert f"  {name.replace('_', '-')} " in listed
            said = run("do", name.replace("_", "-"), "--help")
            assert said.status == 0
            assert CATALOGUE[name].source in said.out

    def test_a_life(self, state: Path) -> None:
        """From signing up to signing in, with everything in between, through the state."""

        def do(action: str, *options: str, status: int = 0) -> str:
            said = run("do", action, "--state", state, *options)
            assert said.status == status
            return said.out + said.err

        north, eve = ("--institution", "north"), ("--email", "Eve@mail.example")
        assert "is new" in do("sign-up", *eve, "--first-name", "Eve", "--last-name", "Ng")
        assert "already been taken" in do("sign-up", *eve, "--first-name", "E", "--last-name", "N", status=1)
        assert "pending_at: nothing → north" in do("request-access", *eve, *north)
        assert "institution: nothing → north" in do("approve", *eve, *north)
        assert "gender: nothing → woman" in do("edit-profile", *eve, *north, "--change", "gender=woman")
        assert "refused: " in do("edit-profile", *eve, *north, "--change", "card_id=7", status=1)
        assert "requested_email" in do("change-email", *eve, *north, "--new-email", "eve@north.edu")
        assert "→ eve@north.edu" in do("confirm-email", *eve)
        eve = ("--email", "eve@north.edu")
        assert "excluded_from_sync: yes → no" in do("set-excluded", *eve, *north, "--not-excluded")
        assert "disabled: no → yes" in do("set-disabled", *eve, *north, "--disabled")
        assert do("sign-in", *eve, "--via", "password") == "access: no\n"
        do("set-disabled", *eve, *north, "--not-disabled")
        assert do("sign-in", *eve, "--via", "password") == "access: yes\n"
        assert "institution: north → south" in do("switch-institution", *eve, "--institution", "south")
        sso = ("--via", "sso", "--institution", "south", "--attribute", "e7")
        assert do("sign-in", *eve, *sso) == "access: no\n"
        assert "connected already" in do("add-by-email", *eve, *north, status=1)

    def test_requests_that_are_not_granted(self, state: Path) -> None:
        """A request can be declined and a pending account deleted."""
        for name in ("a", "b"):
            run("do", "sign-up", "--state", state, "--email", f"{name}@m.e", "--first-name", name, "--last-name", "X")
            run("do", "request-access", "--state", state, "--email", f"{name}@m.e", "--institution", "north")
        options = ("--state", state, "--institution", "north", "--email")
        assert "declined_by: nothing → north" in run("do", "decline", *options, "a@m.e").out
        assert "b@m.e is gone" in run("do", "delete-pending", *options, "b@m.e").out
        assert [student["email_address"] for student in observe(read_world(state))] == ["a@m.e"]

    def test_json(self, state: Path) -> None:
        """A program is told as the protocol tells it, and what changed."""
        arguments = ("--state", state, "--email", "e@m.e", "--first-name", "E", "--last-name", "N", "--json")
        assert run("do", "sign-up", *arguments).data == {
            "done": True,
            "refused": None,
            "access": None,
            "changes": ["e@m.e is new: username = e@m.e, first_name = E, last_name = N"],
        }
        said = run("do", "sign-up", *arguments)
        assert said.status == 1
        assert said.data == {
            "done": False,
            "refused": "the e-mail address has already been taken",
            "access": None,
            "changes": [],
        }
        query = ("do", "sign-in", "--state", state, "--email", "e@m.e", "--via", "password", "--json")
        assert run(*query).data["access"] is True

    def test_bad_arguments(self, state: Path) -> None:
        """A change without =, one given twice, and an unknown institution are usage error."""
        edit = ("do", "edit-profile", "--state", state, "--institution", "north", "--email", "a@b")
        assert "HEADER=TEXT" in run(*edit, "--change", "gender").err
        assert "twice" in run(*edit, "--change", "gender=a", "--change", "gender=b").err
        assert run(*edit, "--change", "gender").status == 2
        said = run("do", "approve", "--state", state, "--institution", "west", "--email", "a@b")
        assert (said.status, "no institution 'west'" in said.err) == (2, True)


class TestNew:
    """A world begins from options or from a file, and overwrites nothing."""

    def test_from_options(self, tmp_path: Path) -> None:
        """Every thing that an institution has can be said."""
        path = tmp_path / "new.json"
        options = (
            "--institution", "north", "--domain", "north:north.edu", "--domain", "north:n.edu",
            "--campus", "north:Main: Hall", "--staff", "north:a@north.edu", "--sso", "north",
            "--institution", "south", "--vocabulary", "south:us", "--employer", "hr@x",
        )  # fmt: skip
        said = run("new", path, *options)
        assert said.out == f"{path} is saved: north, south, no student yet\n"
        north = Institution("north", ("north.edu", "n.edu"), ("Main: Hall",), True, "eu", ("a@north.edu",))
        assert read_world(path) == World.of(north, Institution("south", vocabulary="us"), employers=("hr@x",))

    def test_from_a_file(self, tmp_path: Path, file: Files) -> None:
        """The world of the protocol's `reset` can be used as it is."""
        beginning = file('{"institutions":[{"id":"north"}],"employers":["hr@x"]}', name="world.json")
        path = tmp_path / "new.json"
        assert run("new", path, "--from", beginning).status == 0
        assert read_world(path) == World.of(Institution("north"), employers=("hr@x",))
        assert run("new", beginning, "--from", beginning, "--force").status == 2
        assert "leave" in run("new", path, "--from", beginning, "--institution", "a", "--force").err

    def test_a_file_with_a_slip(self, tmp_path: Path, file: Files) -> None:
        """The file and the place in it are named, with what to write, and no state is begun."""
        beginning = file('{"institutions":[{"id":"north","domains":["@north.edu"]}]}', name="world.json")
        said = run("new", tmp_path / "new.json", "--from", beginning)
        assert said.status == 2
        place = 'institutions[0].domains[0], "@north.edu"'
        assert said.err == f"refmodel: {beginning}: {place}: write the domain alone: north.edu\n"
        assert not (tmp_path / "new.json").exists()

    def test_nothing_at_all(self, tmp_path: Path) -> None:
        """A world without institutions is one."""
        assert "no institution" in run("new", tmp_path / "new.json").out
        assert read_world(tmp_path / "new.json") == World.of()

    def test_it_overwrites_nothing(self, state: Path) -> None:
        """A state that is there stays, unless it is to be replaced by force."""
        before = state.read_bytes()
        assert run("new", state, "--institution", "west").status == 2
        assert state.read_bytes() == before
        assert run("new", state, "--institution", "west", "--force").status == 0
        assert list(read_world(state).directory.institutions) == ["west"]

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            (
                ("--domain", "north:n.e"),
                "--domain north:n.e: there is no institution 'north'; name it too, with --instit",
            ),
            (
                ("--institution", "a", "--sso", "b"),
                "--sso b: there is no institution 'b'; name it too, with --institution b",
            ),
            (
                ("--institution", "north", "--campus", "nort:Main"),
                "there is no institution 'nort' (did you mean north?)",
            ),
            (
                ("--institution", "a", "--domain", "a"),
                "--domain a: write the id of the institution in front, as in a:a",
            ),
            (
                ("--institution", "a", "--institution", "b", "--staff", "x@y"),
                "--staff x@y: write the id of the institution in front, as in ID:x@y",
            ),
            (
                ("--institution", "a", "--domain", "a:"),
                "--domain a:: a domain is not blank; write one such as north.edu",
            ),
            (("--institution", "a", "--domain", "a: n.e "), "--domain 'a: n.e ': write the domain alone: n.e"),
            (("--institution", "a", "--campus", "a: "), "--campus 'a: ': a campus is not blank"),
            (("--institution", "a", "--institution", "a"), "another institution has this id (--institution a)"),
            (("--institution", "a:b", "--domain", "a:b:c"), "--institution a:b: an id has no colon"),
            (("--institution", " "), "--institution ' ': an id is not blank; write one such as north"),
            (("--institution", "a", "--vocabulary", "a:fr"), "--vocabulary a:fr: write eu or us"),
            (("--institution", "a", "--vocabulary", "a:US"), "--vocabulary a:US: write eu or us (did you mean us?)"),
            (
                ("--institution", "a", "--vocabulary", "a:us", "--vocabulary", "a:eu"),
                "--vocabulary a:eu: the institution has a vocabulary already (--vocabulary a:us)",
            ),
            (("--institution", "a", "--staff", "a:nobody"), "--staff a:nobody: this is not an e-mail address"),
            (("--employer", "nobody"), "--employer nobody: this is not an e-mail address"),
            (
                ("--institution", "a", "--staff", "a:A@b", "--employer", "a@b"),
                "--employer a@b: another user has this e-mail address (--staff a:A@b)",
            ),
            (("--institution", "\udcff"), "UTF-8"),
        ],
    )
    def test_contradictions(self, tmp_path: Path, options: tuple[str, ...], words: str) -> None:
        """What cannot be meant is refused, and no file is made."""
        said = run("new", tmp_path / "new.json", *options)
        assert (said.status, words in said.err) == (2, True)
        assert list(tmp_path.iterdir()) == []


class TestShowAndExport:
    """A saved world can be looked at and taken out again."""

    @pytest.fixture
    def full(self, state: Path, file: Files) -> Path:
        importing(file(f"{STARRED},disabled", f"{ADA},TRUE", "b@m.e,2,Bob,Boole,,Alumni,"), state)
        for name in ("c", "d"):
            run("do", "sign-up", "--state", state, "--email", f"{name}@m.e", "--first-name", name, "--last-name", "X")
        run("do", "request-access", "--state", state, "--email", "c@m.e", "--institution", "south")
        run(
            "do", "change-email", "--state", state, "--institution", "north", "--email", "b@m.e", "--new-email", "z@m.e"
        )
        return state

    def test_a_world(self, full: Path) -> None:
        """Institutions and students, each with where they stand."""
        lines = run("show", "--state", full).out.splitlines()
        assert "north\t2\t0\tnorth.edu\tMain\tno\teu\tadvisor@north.edu" in lines
        assert "south\t0\t1\t\t\tyes\teu\t" in lines
        assert "Employers: hr@employer.example" in lines
        assert "ada@north.edu\t1001\tAda Lovelace\tnorth\t\tconnected, archived" in lines
        assert "b@m.e\t2\tBob Boole\tnorth\tAlumni\tconnected, excluded from the sync, asked for z@m.e" in lines
        assert "c@m.e\tc@m.e\tc X\tsouth\t\tpending" in lines
        assert "d@m.e\td@m.e\td X\t\t\tunconnected" in lines

    def test_who_was_declined(self, full: Path) -> None:
        """Who has declined a student is told."""
        run("do", "decline", "--state", full, "--institution", "south", "--email", "c@m.e")
        assert "unconnected, declined by south" in run("show", "--state", full).out

    def test_one_institution(self, full: Path) -> None:
        """Only its students, connected or pending, and itself."""
        data = run("show", "--state", full, "--institution", "south", "--json").data
        assert [i["id"] for i in data["institutions"]] == ["south"]
        assert [s["email_address"] for s in data["students"]] == ["c@m.e"]

    def test_one_student(self, full: Path) -> None:
        """All fields, found by the address in whatever capitals; nobody else is taken for them."""
        said = run("show", "--state", full, "--email", " ADA@north.edu ")
        assert "username\t1001" in said.out.splitlines()
        assert "disabled\tyes" in said.out.splitlines()
        assert "card_id\t" in said.out.splitlines()
        assert run("show", "--state", full, "--email", "no@body").status == 2
        said = run("show", "--state", full, "--email", "ada@north.edu", "--institution", "south")
        assert "no student at south" in said.err

    def test_json(self, full: Path) -> None:
        """A program is given all that can be observed."""
        data = run("show", "--state", full, "--json").data
        assert data["students"] == observe(read_world(full))
        assert data["employers"] == ["hr@employer.example"]
        assert data["institutions"][0]["domains"] == ["north.edu"]

    def test_a_world_without_employers(self, tmp_path: Path) -> None:
        """What is not there is not listed."""
        run("new", tmp_path / "new.json", "--institution", "north")
        assert "Employers" not in run("show", "--state", tmp_path / "new.json").out

    def test_export(self, full: Path, tmp_path: Path) -> None:
        """The file that the model exports, to standard output or whole to a file; imported, it changes nothing."""
        expected = export(read_world(full), "north")
        output = tmp_path / "out.csv"
        result = CliRunner().invoke(app, ["export", "--state", str(full), "--institution", "north"])
        assert result.stdout_bytes == expected
        said = run("export", "--state", full, "--institution", "north", "--output", output)
        assert said.out == f"2 students are in {output}\n"
        assert output.read_bytes() == expected
        output.write_text("mine")
        said = run("export", "--state", full, "--institution", "north", "--output", output)
        assert (said.status, output.read_text()) == (2, "mine")
        assert "use --force" in said.err
        assert run("export", "--state", full, "--institution", "north", "--output", output, "--force").status == 0
        assert output.read_bytes() == expected
        before = observe(read_world(full))
        importing(output, full)
        assert observe(read_world(full)) == before

    def test_export_over_the_state(self, full: Path, tmp_path: Path) -> None:
        """The state is not overwritten by what is in it, and no folder is made up."""
        before = full.read_bytes()
        for output in (full, tmp_path / "no" / "out.csv"):
            assert run("export", "--state", full, "--institution", "north", "--output", output).status == 2
        assert full.read_bytes() == before


class TestRulesAndExplain:
    """The rules are listed and explained from the catalogue."""

    def test_rules(self) -> None:
        """All of them, with statement, source and basis, in words, in JSON and in Markdown."""
        entries = CATALOGUE.values()
        plain, markdown = run("rules").out, run("rules", "--markdown").out
        for entry in entries:
            assert f"{entry.name}\t{entry.statement}\t{entry.source}\t{entry.basis_in_full}\t{entry.phase}\n" in plain
            assert f"| `{entry.name}` |" in markdown
        assert len(markdown.splitlines()) == len(CATALOGUE) + 2
        assert {line.count("|") for line in markdown.splitlines()} == {6}
        assert [rule["rule"] for rule in run("rules", "--json").data] == list(CATALOGUE)
        for_the_eye = run("rules", **ON_A_TERMINAL).out
        assert all(f"\x1b[1m{entry.name}" in for_the_eye for entry in entries)

    def test_a_response(self) -> None:
        """A response pasted whole is explained with an example that is run on the spot."""
        said = run("explain", as_json({"success": False, "errors": {"email_address": ["has already been taken"]}}))
        assert said.status == 0
        assert "email_is_unique_everywhere" in said.out
        assert "Source: 002:17, 003:17, 004:51" in said.out
        assert 'row 1 failed {"success":false,"errors":{"email_address":["has already been taken"]}}' in said.out
        assert "without the rule it would be" in said.out

    def test_several_causes(self) -> None:
        """Of a message that many rules give all are listed, with what to do about each."""
        said = run("explain", "has already been taken")
        assert "4 rules have to do with it" in said.out
        assert said.out.count("What to do: ") == 4

    @pytest.mark.parametrize("name", EXAMPLES)
    def test_every_rule(self, name: str) -> None:
        """A rule is explained in words and in JSON; a column of letters is not printed in full."""
        said = run("explain", name)
        assert CATALOGUE[name].statement in said.out
        assert "H" * 50 not in said.out
        (rule,) = run("explain", name, "--json").data["rules"]
        assert rule["rule"] == name
        assert rule["example"]["outcome"] != rule["example"]["without_the_rule"]

    def test_what_happens_can_be_typed(self) -> None:
        """The actions of an example are written as they would be typed."""
        assert (
            "refmodel do set-disabled --institution north --email ada@north.edu --disabled"
            in run("explain", "set_disabled").out
        )
        assert "--manual --change-sensitive-fields" in run("explain", "email_is_looked_up_second").out
        assert "--date-format mm/dd/yyyy" in run("explain", "dates_follow_the_job").out
        assert "--change gender=woman" in run("explain", "edit_profile").out
        assert "--not-excluded" in run("explain", "imports_need_no_confirmation").out
        assert "refmodel preview file.csv" in run("explain", "preview").out
        assert "--failed failed.csv" in run("explain", "failed_rows_file").out

    def test_the_lists(self) -> None:
        """Whoever looks for a value that is in no list is shown the lists."""
        out = run("explain", "school_year_name").out
        assert "Gap Year" in out
        assert "Freshman" in out
        assert "school_year_name (year)" in out

    def test_a_slip(self) -> None:
        """A misspelt name is offered, and nonsense is usage error."""
        said = run("explain", "blank_keep")
        assert (said.status, "did you mean blank_keeps?" in said.err) == (2, True)
        assert run("explain", "xyzzy").err.startswith(
            "refmodel: “xyzzy” is not a known rule, column or error; paste an error"
        )

    def test_what_the_platform_says_today(self) -> None:
        """The column and its values are named, and how the article words it, to people and to programs."""
        text = "Attempted to update username from 17 to 1001"
        out = run("explain", text).out
        assert "username would change from 17 to 1001. The article quotes “Attempted to update sensitive fields" in out
        data = run("explain", text, "--json").data
        assert [rule["rule"] for rule in data["rules"]] == ["sensitive_fields_need_the_setting"]
        assert data["remark"].startswith("The article quotes")


class TestProcesses:
    """The command as a process: signals, pipes, several at once, and libraries that are missing."""

    @pytest.fixture
    def long_file(self, file: Files) -> Path:
        return file(STARRED, *(f"s{number}@north.edu,{number},A,B,," for number in range(40_000)), name="long.csv")

    @pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_an_interruption(self, state: Path, long_file: Path, number: signal.Signals, status: int) -> None:
        """Ctrl-C and a request to end leave everything as it was, without a traceback."""
        before = state.read_bytes()
        with process("import", long_file, "--state", state, "--institution", "north") as child:
            await_opening(child, state)
            child.send_signal(number)
            _, err = child.communicate(timeout=600)
        assert child.returncode == status
        assert "Traceback" not in err
        assert state.read_bytes() == before
        assert sorted(entry.name for entry in state.parent.iterdir()) == ["long.csv", "state.json"]

    def test_killed_at_any_moment(self, state: Path, file: Files) -> None:
        """The state is the old one or the new one, whole, whenever the process is killed."""
        path = file(STARRED, *(f"s{number}@north.edu,{number},A,B,," for number in range(2_000)))
        old = state.read_bytes()
        seen = set()
        for seconds in (0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, None):
            with process("import", path, "--state", state, "--institution", "north") as child:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.communicate(timeout=seconds)
                child.kill()
            students = sum(1 for _ in read_world(state).students())
            assert students in (0, 2_000)
            seen.add(students)
            state.write_bytes(old)
        assert 2_000 in seen

    def test_several_at_once(self, state: Path) -> None:
        """None of several processes that change one state loses what another has saved."""
        children = [
            process("do", "sign-up", "--state", state, "--email", f"s{n}@m.e", "--first-name", "A", "--last-name", "B")
            for n in range(6)
        ]
        for child in children:
            child.communicate(timeout=600)
            assert child.returncode == 0
        assert {student.email_address for student in read_world(state).students()} == {f"s{n}@m.e" for n in range(6)}

    def test_who_has_to_wait_is_told(self, state: Path) -> None:
        """While the state is held, another process says that it waits, and for what."""
        arguments = ("sign-up", "--state", state, "--email", "a@m.e", "--first-name", "A", "--last-name", "B")
        with held(state), process("do", *arguments) as child:
            assert child.stderr is not None
            assert "is in use by another refmodel" in child.stderr.readline()
            child.send_signal(signal.SIGINT)
            child.communicate(timeout=600)
        assert child.returncode == 130

    def test_a_reader_who_leaves(self) -> None:
        """A pipe that nobody reads to its end is no error to speak of."""
        read, write = os.pipe()
        os.close(read)
        command = [sys.executable, "-m", "refmodel", "rules"]
        done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False, timeout=600)
        os.close(write)
        assert (done.returncode, done.stderr) == (141, "")

    def test_an_output_without_the_letters(self, state: Path, file: Files) -> None:
        """Where the output cannot hold a character, it is written out."""
        importing(file(STARRED, "a@m.e,1,Zoë,→,,"), state)
        environment = os.environ | {"PYTHONIOENCODING": "latin-1"}
        with process("show", "--state", state, env=environment, encoding="latin-1") as child:
            out, _ = child.communicate(timeout=600)
        assert child.returncode == 0
        assert r"Zoë \u2192" in out

    @pytest.mark.parametrize("library", ["typer", "rich"])
    def test_a_missing_library(self, library: str) -> None:
        """Without its libraries the command says in one line how to have them."""
        code = f"import sys; sys.modules[{library!r}] = None; from refmodel.__main__ import main; main()"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=600)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert "pip install 'refmodel[cli]'" in done.stderr


class TestMain:
    """The entry point, in this process."""

    @pytest.fixture(autouse=True)
    def _signals(self) -> Iterator[None]:
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        yield
        for number, handler in before.items():
            signal.signal(number, handler)
        gc.enable()

    def test_it_exits(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """The status is the command's, and a request to end is one to clean up."""
        monkeypatch.setattr(sys, "argv", ["refmodel", "rules", "--json"])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(__main__.__file__, run_name="__main__")
        assert ended.value.code == 0
        assert len(json.loads(capsys.readouterr().out)) == len(CATALOGUE)
        with pytest.raises(SystemExit) as ended:
            os.kill(os.getpid(), signal.SIGTERM)
        assert ended.value.code == 143

    def test_a_missing_library(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """What is missing is named; what else may be missing is not blamed on it."""
        monkeypatch.delitem(sys.modules, "refmodel.cli.app")
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, "typer", None)
            with pytest.raises(SystemExit) as ended:
                __main__.main()
        assert ended.value.code == 2
        assert "needs typer: pip install 'refmodel[cli]'" in capsys.readouterr().err
        monkeypatch.setitem(sys.modules, "refmodel.cli.app", None)
        with pytest.raises(ModuleNotFoundError):
            __main__.main()

    def test_an_early_interruption(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Ctrl-C while the libraries are loaded is Ctrl-C."""

        class Interrupting:
            @staticmethod
            def find_spec(*_: object) -> None:
                raise KeyboardInterrupt

        monkeypatch.delitem(sys.modules, "refmodel.cli.app")
        monkeypatch.setattr(sys, "meta_path", [Interrupting, *sys.meta_path])
        with pytest.raises(SystemExit) as ended:
            __main__.main()
        assert ended.value.code == 130

    @pytest.mark.parametrize("ignored", [False, True])
    def test_an_interruption_while_loading(self, monkeypatch: pytest.MonkeyPatch, ignored: bool) -> None:
        """The process ends at once, since an exception might be lost; where Ctrl-C is ignored, it stays so."""
        handler: Any = signal.SIG_IGN if ignored else signal.default_int_handler
        signal.signal(signal.SIGINT, handler)
        statuses: list[int] = []

        class Module:
            app = None

        def loading(_: str) -> type:
            signal.raise_signal(signal.SIGINT)
            return Module

        monkeypatch.setattr("refmodel.cli.starting.import_module", loading)
        monkeypatch.setattr(os, "_exit", statuses.append)
        starting.loaded("nothing")
        assert statuses == ([] if ignored else [130])
        assert signal.getsignal(signal.SIGINT) is handler

    def test_interruptions(self, state: Path, file: Files, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whoever interrupts is told whether anything was saved."""
        path = file(STARRED, ADA)

        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(applying, "summary_of", interrupted)
            said = importing(path, state)
            assert (said.status, said.err) == (130, "refmodel: interrupted: nothing was saved\n")
            assert importing(path, state, command="preview").err == "refmodel: interrupted\n"
        with monkeypatch.context() as patch:
            patch.setattr("refmodel.cli.state_file.sync_folder", interrupted)
            said = importing(path, state)
            assert (said.status, said.err) == (130, f"refmodel: interrupted: {state} had been saved already\n")
        assert len(observe(read_world(state))) == 1

    def test_versions(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """One line names the versions of the program, of Python and of the rules, of which all are counted."""
        monkeypatch.setattr("refmodel.cli.group.RULES_VERSION", 7)
        said = run("--version")
        python = ".".join(map(str, sys.version_info[:3]))
        assert said.status == 0
        assert said.out == f"refmodel {__version__}, Python {python}, rules 7 ({len(CATALOGUE)} rules)\n"

    def test_usage_errors_are_in_one_line(self) -> None:
        """A line end or an escape in an argument is written out; a help text that is an error keeps its lines."""
        for arguments in (("rules", "a\nb\x1b[31m"), ("--nonsense\n",), ("do", "a\nb")):
            said = run(*arguments)
            assert said.status == 2
            assert "\x1b" not in said.err
            assert said.err.splitlines()[-1].startswith("Error: ")
        assert run("do").err.count("\n") > 10

    def test_a_wait_is_told(self, state: Path) -> None:
        """Who has to wait for another process is told so, and goes on when it is done."""
        release = threading.Event()
        taken = threading.Event()

        def hold() -> None:
            with held(state):
                taken.set()
                release.wait(10)

        holder = threading.Thread(target=hold)
        holder.start()
        assert taken.wait(10)
        threading.Timer(0.3, release.set).start()
        said = run("do", "sign-in", "--state", state, "--email", "a@b", "--via", "password")
        holder.join()
        assert (said.status, said.out) == (0, "access: no\n")
        assert "is in use by another refmodel: waiting" in said.err
