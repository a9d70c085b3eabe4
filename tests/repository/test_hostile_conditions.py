"""Every command under conditions that nobody wishes for: it says what is wrong in a few words, and loses nothing.

A table of commands, with placeholders for the files that each reads and writes, is crossed with what may be wrong with
standard output, with a file that is read, and with a file that is written. Whatever comes, it is no traceback, the exit
status is documented, the message names the file, and what was there before is whole.
"""

import contextlib
import io
import os
import re
import resource
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TextIO

import pytest
from attrs import frozen

from conformance import report as reports
from conformance.cli import campaign as campaigning
from conformance.cli import discover as discovering
from conformance.cli.app import app as conformance_app
from conformance.search.campaign.worker_pools import InlinePool
from refmodel.catalogue import CATALOGUE
from refmodel.cli.app import app as refmodel_app
from refmodel.cli.starting import performed
from refmodel.cli.state_file import begin, read_world
from refmodel.cli.streams import Guarded, guarded, ignore, raise_output_error
from refmodel.cli.terminal import visible
from refmodel.rules_version import RULES_VERSION
from refmodel.world import Institution, World
from tests.support.commands import RIGHT, Said, labelled, written

APPS = {"refmodel": refmodel_app, "conformance": conformance_app}
DOCUMENTED = {"refmodel": {0, 1, 2, 3, 130, 141, 143}, "conformance": {0, 1, 2, 3, 6, 7, 130, 141, 143}}
STUDENTS = (
    "email_address,username,first_name,last_name,primary_education:end_date,school_year_name\n"
    "ada@north.edu,1,Ada,Lee,,\n"
    "bob@north.edu,2,,,,\n"
)
LONG_NAME = "n" * 300
ODD_NAME = "two\nlines\x1b[31m"
COMMANDS = {
    "refmodel new": "{new} --institution north",
    "refmodel import": "{file} --state {state} --institution north --failed {failed}",
    "refmodel preview": "{file} --state {state} --institution north --failed {failed}",
    "refmodel do": "sign-up --state {state} --email a@m.e --first-name A --last-name B",
    "refmodel show": "--state {state}",
    "refmodel export": "--state {state} --institution north --output {output}",
    "refmodel rules": "",
    "refmodel explain": "blank_keeps",
    "refmodel corpus": "{corpus} --cases 2",
    "conformance lint": RIGHT,
    "conformance play": f"{{trace}} {RIGHT} --write {{copy}}",
    "conformance judge": "{trace}",
    "conformance corpus": "{corpus} --cases 2",
    "conformance serve": "",
    "conformance discover": f"{RIGHT} --report {{evidence}}",
    "conformance deviations": "",
    "conformance explore": "--depth 1 --students 1 --corpus {covering}",
    "conformance campaign": f"{RIGHT} --seconds 0.01 --report {{report}} --database {{database}}",
}
READ = ("file", "state", "trace")
FILES = ("new", "failed", "output", "copy")
FOLDERS = ("corpus", "evidence", "covering", "report")
PLACES = (*READ, *FILES, *FOLDERS, "database")


def using(*places: str) -> list[tuple[str, str]]:
    """Each command with each of these placeholders that stands in it."""
    return [(name, place) for name, line in COMMANDS.items() for place in places if f"{{{place}}}" in line]


def test_every_command_is_there() -> None:
    """Neither program has a command that is not in the table."""
    for program, app in APPS.items():
        found = {
            command.name or (command.callback and command.callback.__name__) for command in app.registered_commands
        }
        found |= {group.name for group in app.registered_groups}
        assert found <= {name.split()[1] for name in COMMANDS if name.startswith(program)}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_tells_the_statuses(ground: "Ground", name: str) -> None:
    """What may come of any command stands in the help of each."""
    ground.monkeypatch.setitem(COMMANDS, name, "--help")
    told = " ".join(ground.perform(name).out.split())
    assert re.search("Exit status[^:]*: 0 ", told)
    for text in (
        "2 usage error",
        "3 standard output cannot be written",
        "130 interrupted",
        "141 the output was closed",
        "143 ",
    ):
        assert text in told


@pytest.mark.parametrize("program", APPS)
def test_versions(ground: "Ground", program: str) -> None:
    """Both programs tell the versions of refmodel, Python and the rules in one line."""
    ground.monkeypatch.setitem(COMMANDS, f"{program} --version", "")
    said = ground.perform(f"{program} --version")
    assert said.status == 0
    assert re.fullmatch(rf"refmodel \S+, Python \S+, rules {RULES_VERSION} \({len(CATALOGUE)} rules\)\n", said.out)


@frozen
class Ground:
    """A folder in which there is all that the commands read, and a way to give a command in it."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch

    @classmethod
    def prepared(cls, folder: Path, monkeypatch: pytest.MonkeyPatch) -> "Ground":
        """The files are there; a campaign is one process, and an experiment is about one reading."""
        (folder / "file").write_text(STUDENTS)
        begin(folder / "state", World.of(Institution("north", ("north.edu",))))
        written(folder / "trace", labelled())
        monkeypatch.setattr(campaigning, "cluster_here", lambda _: contextlib.nullcontext(InlinePool()))
        monkeypatch.setattr(discovering, "in_order", lambda order=discovering.in_order: order()[:1])
        return cls(folder, monkeypatch)

    def perform(self, name: str, places: Mapping[str, Path] = {}, out: TextIO | None = None) -> Said:
        """A command, some placeholders filled with other paths; an exception that is not caught fails the test."""
        program, command = name.split()
        paths = {place: shlex.quote(str(places.get(place, self.folder / place))) for place in PLACES}
        captured, errors = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in "oe")
        with self.monkeypatch.context() as patch:
            patch.setattr(sys, "argv", [program, command, *shlex.split(COMMANDS[name].format(**paths))])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"op":"hello","protocol":1}\n')))
            patch.setattr(sys, "stdout", out or guarded(captured, 1, raise_output_error))
            patch.setattr(sys, "stderr", guarded(errors, 2, ignore))
            status = performed(APPS[program], program)
        said = Said(status, *(stream.buffer.getvalue().decode() for stream in (captured, errors)))
        assert status in DOCUMENTED[program], said
        return said

    def contents(self) -> dict[Path, bytes | None]:
        """All files in the folder, but for what a campaign keeps to go on."""
        return {
            path: path.read_bytes() if path.is_file() else None
            for path in self.folder.rglob("*")
            if not path.is_dir() and "database" not in path.parts and path.name != "campaign.jsonl"
        }


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    return Ground.prepared(tmp_path, monkeypatch)


def assert_named(said: Said, path: Path) -> None:
    """The command is refused in a few lines, which name the path, an end of a line in it written out."""
    assert said.status == 2, said
    assert len(said.err.splitlines()) <= 4, said.err
    assert visible(str(path)) in said.err, said.err
    assert not {"\x1b", "\r"} & set(said.err)


def output_at(descriptor: int) -> TextIO:
    """Standard output where a descriptor is."""
    return io.TextIOWrapper(io.BufferedWriter(Guarded(descriptor, raise_output_error)))


class TestStandardOutput:
    """What is to be shown cannot be shown."""

    @pytest.mark.parametrize("name", COMMANDS)
    def test_a_full_disk(self, ground: Ground, name: str) -> None:
        """Status 3, and one line, which says what was saved or written all the same."""
        with open("/dev/full", "wb") as full:
            said = ground.perform(name, out=output_at(full.fileno()))
        last = said.err.splitlines()[-1]
        program = name.split()[0]
        assert said.status == 3
        assert last.startswith(f"{program}: standard output cannot be written: no space left on device")
        saved = {place for place in ("new", *FILES[2:], *FOLDERS) if (ground.folder / place).exists()}
        assert all(str(ground.folder / place) in last for place in saved)
        assert (f"{ground.folder / 'state'} has been saved" in last) == (name in ("refmodel import", "refmodel do"))

    @pytest.mark.parametrize("name", COMMANDS)
    def test_a_closed_pipe(self, ground: Ground, name: str) -> None:
        """Status 141, and nothing is said about it."""
        read, write = os.pipe()
        os.close(read)
        said = ground.perform(name, out=output_at(write))
        os.close(write)
        assert said.status == 141
        assert "output" not in said.err

    @pytest.mark.parametrize("name", COMMANDS)
    def test_nothing_there(self, ground: Ground, name: str) -> None:
        """Where standard output was closed from the beginning it is as on a full disk."""
        with open(os.devnull, "wb") as other:
            said = ground.perform(name, out=guarded(None, other.fileno(), raise_output_error))
        assert said.status == 3
        assert "standard output cannot be written: it is closed" in said.err.splitlines()[-1]


def missing(path: Path) -> Path:
    """Nothing is there."""
    return path.with_name("nothing")


def folder(path: Path) -> Path:
    """A folder is there instead."""
    path.with_name("folder").mkdir()
    return path.with_name("folder")


def below_a_file(path: Path) -> Path:
    """What should be the folder is a file."""
    path.with_name("plain").write_text("plain")
    return path.with_name("plain") / path.name


def long_name(path: Path) -> Path:
    """No file can be called so."""
    return path.with_name(LONG_NAME)


def odd_name(path: Path) -> Path:
    """There is no such file, and its name would be two lines, and red."""
    return path.with_name(ODD_NAME)


def nothing_in_it(path: Path) -> Path:
    """A file of 0 bytes."""
    path.with_name("empty").write_bytes(b"")
    return path.with_name("empty")


def rubbish(path: Path) -> Path:
    """Bytes that are no text."""
    path.with_name("malformed").write_bytes(bytes(range(256)) * 10)
    return path.with_name("malformed")


def pipe(path: Path) -> Path:
    """A FIFO at which nobody is."""
    os.mkfifo(path.with_name("pipe"))
    return path.with_name("pipe")


def device(path: Path) -> Path:
    """A device."""
    return Path("/dev/full")


Spoiling = Callable[[Path], Path]


class TestFilesThatAreRead:
    """A file that is read is not what it should be."""

    @pytest.mark.parametrize("spoil", [missing, folder, below_a_file, long_name, odd_name, nothing_in_it, rubbish])
    @pytest.mark.parametrize(("name", "place"), using(*READ))
    def test_it_is_named(self, ground: Ground, name: str, place: str, spoil: Spoiling) -> None:
        """It is said which file it is, and nothing is changed or left behind."""
        path = spoil(ground.folder / place)
        before = ground.contents()
        assert_named(ground.perform(name, {place: path}), path)
        assert ground.contents() == before

    @pytest.mark.parametrize(("name", "place"), using("state"))
    def test_a_state_is_no_pipe(self, ground: Ground, name: str, place: str) -> None:
        """Nobody waits for a state: a pipe is refused, and it stays."""
        path = pipe(ground.folder / place)
        assert_named(ground.perform(name, {place: path}), path)
        assert path.is_fifo()


@contextlib.contextmanager
def full_disk() -> Iterator[None]:
    """No file can grow beyond a few bytes, as on a disk that is full; also for root."""
    before, sys.dont_write_bytecode = resource.getrlimit(resource.RLIMIT_FSIZE), True
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, before[1]))  # Python ignores the signal, and gets an error
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        sys.dont_write_bytecode = False


class TestFilesThatAreWritten:
    """A file or a folder cannot be written, or should not be."""

    @pytest.mark.parametrize("spoil", [folder, below_a_file, long_name, pipe, device])
    @pytest.mark.parametrize(("name", "place"), using(*FILES))
    def test_a_file_that_cannot_be(self, ground: Ground, name: str, place: str, spoil: Spoiling) -> None:
        """It is named, whatever is there stays, and no state is changed."""
        path = spoil(ground.folder / place)
        before = ground.contents()
        said = ground.perform(name, {place: path})
        assert_named(said, path if spoil is not below_a_file else path.parent)
        assert ground.contents() == before

    @pytest.mark.parametrize("spoil", [below_a_file, long_name, pipe, device, nothing_in_it, rubbish])
    @pytest.mark.parametrize(("name", "place"), using(*FOLDERS))
    def test_a_folder_that_cannot_be(self, ground: Ground, name: str, place: str, spoil: Spoiling) -> None:
        """The same of folders."""
        path = spoil(ground.folder / place)
        before = ground.contents()
        assert_named(ground.perform(name, {place: path}), path if spoil is not below_a_file else path.parent)
        assert ground.contents() == before

    @pytest.mark.parametrize(("name", "place"), using(*FILES))
    def test_a_file_of_somebody(self, ground: Ground, name: str, place: str) -> None:
        """A file that is there is not replaced, and --force is named; with it, the file is replaced."""
        (ground.folder / place).write_text("mine")
        before = ground.contents()
        said = ground.perform(name)
        assert_named(said, ground.folder / place)
        assert "--force" in said.err
        assert ground.contents() == before
        ground.monkeypatch.setitem(COMMANDS, name, f"{COMMANDS[name]} --force")
        assert ground.perform(name).status == 0
        assert (ground.folder / place).read_text() != "mine"

    @pytest.mark.parametrize(
        ("name", "place", "inside"),
        [
            ("refmodel corpus", "corpus", "index.json"),
            ("conformance corpus", "corpus", "README.md"),
            ("conformance discover", "evidence", f"{discovering.in_order()[0].name}.jsonl"),
            ("conformance explore", "covering", "1.jsonl"),
            ("conformance campaign", "report", "report.html"),
            ("conformance campaign", "report", "junit.xml"),
            ("conformance campaign", "report", "counterexamples/blank_labels_clear.jsonl"),
            ("conformance campaign", "report", "campaign/campaign.jsonl"),
        ],
    )
    def test_a_folder_of_somebody(self, ground: Ground, name: str, place: str, inside: str) -> None:
        """A folder is not written to where a file in it would be replaced that no such command has written."""
        mine = ground.folder / place / inside
        mine.parent.mkdir(parents=True)
        mine.write_text("mine")
        assert_named(ground.perform(name), ground.folder / place)
        assert mine.read_text() == "mine"
        assert [path for path in (ground.folder / place).rglob("*") if path.is_file()] == [mine]

    @pytest.mark.parametrize(("name", "place"), using("corpus", "evidence", "report"))
    def test_a_folder_of_ours(self, ground: Ground, name: str, place: str) -> None:
        """What the same command has written is renewed."""
        assert ground.perform(name).status in (0, 6)
        assert ground.perform(name).status in (0, 6)

    @pytest.mark.parametrize(("name", "place"), using(*FILES, *FOLDERS))
    def test_an_odd_name(self, ground: Ground, name: str, place: str) -> None:
        """A name of two lines is a name, and it is written out where it is shown."""
        said = ground.perform(name, {place: ground.folder / ODD_NAME})
        assert said.status in (0, 6)
        assert (ground.folder / ODD_NAME).exists()
        assert "lines\x1b" not in said.out + said.err
        assert all("lines" in line for line in (said.out + said.err).splitlines() if line.endswith("two"))

    @pytest.mark.parametrize(("name", "place"), using(*FILES, *FOLDERS))
    def test_a_full_disk(self, ground: Ground, name: str, place: str) -> None:
        """What cannot be written is named; nothing is changed, and nothing half done is left."""
        before = ground.contents()
        with full_disk():
            said = ground.perform(name)
        assert_named(said, ground.folder / place)
        assert "file too large" in said.err.lower()
        assert ground.contents() == before

    @pytest.mark.parametrize("name", ["refmodel import", "refmodel do"])
    def test_no_room_for_the_state(self, ground: Ground, name: str) -> None:
        """The state stays as it was."""
        ground.monkeypatch.setitem(COMMANDS, name, COMMANDS[name].replace("--failed {failed}", ""))
        before = ground.contents()
        with full_disk():
            assert_named(ground.perform(name), ground.folder / "state")
        assert ground.contents() == before

    def test_no_room_for_the_failed_rows(self, ground: Ground) -> None:
        """The outcome is shown, and not saved."""
        with full_disk():
            said = ground.perform("refmodel import")
        assert "created\t1" in said.out.splitlines()
        assert "Nothing was saved" in said.out.splitlines()[-1]
        assert list(read_world(ground.folder / "state").students()) == []

    def test_no_room_for_the_report(self, ground: Ground) -> None:
        """The summary of a campaign is printed, and what it found is kept."""

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        with ground.monkeypatch.context() as patch:
            patch.setattr(reports, "write", full)
            said = ground.perform("conformance campaign")
        assert_named(said, ground.folder / "report")
        assert "Verdict: " in said.out
        assert ground.perform("conformance campaign").status in (0, 6)
        assert (ground.folder / "report" / "report.json").exists()
