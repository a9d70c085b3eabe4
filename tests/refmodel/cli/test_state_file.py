"""A state is read whole or refused, written whole or not at all, and never lost between two processes."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refmodel import __version__
from refmodel.actions import SignUp
from refmodel.cli import state_file as statefile
from refmodel.cli.state_file import FileError, begin, held, read_beginning, read_world, write_whole
from refmodel.cli.state_format import encoded
from refmodel.dispatch import act
from refmodel.engine import import_file
from refmodel.job import Job
from refmodel.world import Institution, World

HEADER = "email_address,username,first_name,last_name,primary_education:end_date,school_year_name\n"
EMPTY = World.of(
    Institution("north", domains=("north.edu",), campuses=("Main",), uses_sso=True, staff=("a@north.edu",)),
    Institution("south", vocabulary="us"),
    employers=("hr@employer.example",),
)
WORLD = import_file(
    EMPTY,
    Job("north"),
    (HEADER.rstrip() + ",auth_identifier,system_label_names,primary_education:major_names,disabled\n").encode()
    + "ada@north.edu,1,Ada,Λ,2027-06-30,Alumni,x,b;a,History;Art,TRUE\n".encode()
    + b"bob@north.edu,2,Bob,B,**CLEAR**,,,,,\n",
)[0]


def signed_up(world: World, name: str) -> World:
    """The world with one student more."""
    return act(world, SignUp(f"{name}@mail.example", name, "X"))[0]


def said(function: Callable[..., Any], *arguments: Any) -> str:
    """What a FileError says."""
    with pytest.raises(FileError) as caught:
        function(*arguments)
    return str(caught.value)


def hold(path: Path) -> None:
    with held(path):
        pass


@pytest.fixture
def state(tmp_path: Path) -> Path:
    path = tmp_path / "state.json"
    begin(path, WORLD)
    return path


def names_in(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


class TestReading:
    """A state is the world that was saved; whatever is none is refused in words."""

    def test_a_world_survives(self, state: Path) -> None:
        """What is read is what was written, with the rows last applied, one student a line."""
        read = read_world(state)
        assert read == WORLD
        assert [a.last_applied for a in read.students()] == [a.last_applied for a in WORLD.students()]
        assert len(state.read_text(encoding="utf-8").splitlines()) == 4

    def test_a_mark_in_front_is_forgiven(self, state: Path) -> None:
        """An editor that puts a byte order mark in front does no harm."""
        state.write_bytes(b"\xef\xbb\xbf" + state.read_bytes())
        assert read_world(state) == WORLD

    @given(cut=st.integers(min_value=0, max_value=10_000))
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_a_state_that_was_cut_is_refused(self, tmp_path: Path, cut: int) -> None:
        """No part of a state passes for a state."""
        whole = b"".join(encoded(WORLD)).rstrip()
        path = tmp_path / "cut.json"
        path.write_bytes(whole[: cut % len(whole)])
        assert "not JSON" in said(read_world, path) or "UTF-8" in said(read_world, path)

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("hello", "line 1, column 1: this is not JSON"),
            ("[1]", "not an object"),
            ("{}", "not a state"),
            ('{"refmodel":1,"institutions":5,"employers":[],"accounts":[]}', "institutions: expected a list"),
            ('{"refmodel":1,"institutions":[],"employers":"a@b","accounts":[]}', "employers: expected a list"),
            ('{"refmodel":1,"institutions":[5],"employers":[],"accounts":[]}', "institutions[0]: expected"),
            ('{"refmodel":1,"institutions":[],"employers":[],"accounts":{}}', "no list of accounts"),
            ('{"refmodel":1,"institutions":[],"employers":[],"accounts":[5]}', "student 1: expected an object"),
            ('{"refmodel":1,"institutions":[],"employers":[],"accounts":[],"more":1}', 'unknown key "more"'),
            ('{"refmodel":1,"institutions":[{"id":"\\ud800"}],"employers":[],"accounts":[]}', "not UTF-8"),
            ("[" * 100_000, "not an object"),
            ('{"refmodel":1,"institutions":NaN}', "this is not JSON: invalid character"),
            ('{"a":' * 100_000, "nested too deeply"),
        ],
    )
    def test_another_shape_is_refused(self, tmp_path: Path, text: str, words: str) -> None:
        """JSON that is no state, and what is no JSON, are refused, and the file is named."""
        path = tmp_path / "bad.json"
        path.write_text(text, encoding="utf-8")
        for refuses in (read_world, hold):
            message = said(refuses, path)
            assert words in message
            assert message.startswith(f"{path}: ")

    @pytest.mark.parametrize(
        "change",
        [
            {"first_name": 5},
            {"more": 5},
            {"primary_education:end_date": "soon"},
            {"declined_by": "north"},
            {"institution": "west"},
            {"last_applied": 5},
            {"email_address": "hr@employer.example"},
        ],
    )
    def test_an_account_of_another_shape_is_refused(self, state: Path, change: dict[str, Any]) -> None:
        """What no history leads to, or would be lost when the state is saved, is refused."""
        data = json.loads(state.read_bytes())
        data["accounts"][0] |= change
        state.write_text(json.dumps(data), encoding="utf-8")
        assert said(read_world, state).startswith(f"{state}: ")

    def test_a_later_version_is_refused(self, state: Path) -> None:
        """It is said what to install, and not that the file is broken; the file stays as it is."""
        later = b"".join(encoded(WORLD)).replace(b'"version":2', b'"version":3')
        state.write_bytes(later)
        for refuses in (read_world, hold):
            assert said(refuses, state) == (
                f"{state}: this state is of version 3; this refmodel {__version__} reads versions 1 and 2: "
                "install a newer refmodel"
            )
        assert state.read_bytes() == later

    def test_an_earlier_version_is_written_anew(self, state: Path) -> None:
        """A state of version 1 that is held and saved is one of the present version, with all that was in it."""
        shutil.copy(Path(__file__).parent / "states" / "v1.json", state)
        before = read_world(state)
        with held(state) as there:
            there.save(signed_up(there.world, "Eve"))
        assert read_world(state) == signed_up(before, "Eve")
        assert state.read_bytes().startswith(b'{"format":"refmodel-state","version":2,')

    def test_an_account_that_lacks_something_is_refused(self, state: Path) -> None:
        """Where a student stands is not made up."""
        data = json.loads(state.read_bytes())
        del data["accounts"][0]["institution"]
        state.write_text(json.dumps(data), encoding="utf-8")
        assert "student 1, institution: this field is missing" in said(read_world, state)

    def test_pairs_of_escapes_are_fine(self, state: Path) -> None:
        """JSON that escapes a character beyond the first plane, as other programs write it, is read."""
        world = signed_up(WORLD, "😀")
        write_whole(state, [json.dumps(json.loads(b"".join(encoded(world)))).encode()])
        assert read_world(state) == world

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        """A missing file, a folder and one that cannot be read are told apart."""
        assert "no such file" in said(read_world, tmp_path / "none.json")
        assert "folder" in said(read_world, tmp_path)
        assert "refmodel new" in said(hold, tmp_path / "none.json")
        assert "folder" in said(hold, tmp_path)

    def test_what_is_no_file(self) -> None:
        """A device is not read: the message says what a state must be."""
        assert said(read_world, Path("/dev/null")) == (
            "/dev/null: this is not a regular file, and a state must be one; name another"
        )

    def test_a_file_that_may_not_be_read(self, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What the system says is passed on."""

        def protected(*_: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", protected)
        assert said(read_world, state) == f"{state}: cannot be read: permission denied"

    def test_a_state_that_may_not_be_written(self, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A state that is protected is not replaced, though its folder would let us."""

        def protected(*_: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "open", protected)
        assert "cannot be changed: permission denied" in said(hold, state)


class TestBeginning:
    """A world can begin from a file of institutions and employers."""

    def test_what_is_left_out_is_empty(self, tmp_path: Path) -> None:
        """An id is enough for an institution, and no institution for a world."""
        path = tmp_path / "world.json"
        path.write_text('{"institutions":[{"id":"north","domains":["north.edu"]}]}', encoding="utf-8")
        assert read_beginning(path) == World.of(Institution("north", domains=("north.edu",)))
        path.write_text("{}", encoding="utf-8")
        assert read_beginning(path) == World.of()

    @pytest.mark.parametrize(
        "text",
        [
            '{"institution":[]}',
            '{"institutions":{"north":{}}}',
            '{"institutions":[{"id":"north","domains":"north.edu"}]}',
            '{"institutions":[{"name":"north"}]}',
            '{"institutions":[{"id":"a"},{"id":"a"}]}',
            '{"employers":["nobody"]}',
            '["north"]',
        ],
    )
    def test_a_misspelt_world_is_refused(self, tmp_path: Path, text: str) -> None:
        """A key that is not known, and a value that does not fit, are not passed over."""
        path = tmp_path / "world.json"
        path.write_text(text, encoding="utf-8")
        assert said(read_beginning, path).startswith(f"{path}: ")


class TestWriting:
    """A file is written whole or not at all."""

    def test_nothing_is_left_beside_it(self, state: Path) -> None:
        """After a save there is the state and nothing else."""
        with held(state) as there:
            there.save(signed_up(there.world, "Eve"))
        assert names_in(state.parent) == {"state.json"}
        assert read_world(state) == signed_up(WORLD, "Eve")

    def test_the_same_world_is_not_written(self, state: Path) -> None:
        """Where nothing changed, the file is not touched."""
        before = state.stat()
        with held(state) as there:
            there.save(there.world)
        assert os.path.samestat(before, state.stat())

    @pytest.mark.parametrize("failing", [KeyboardInterrupt, ValueError, OSError(28, "No space left on device")])
    def test_a_failure_leaves_the_old_one(self, state: Path, failing: Any) -> None:
        """If writing stops half way, the old file is there, whole, and nothing beside it."""
        old = state.read_bytes()

        def chunks() -> Iterator[bytes]:
            yield b"half"
            raise failing

        with pytest.raises((FileError, KeyboardInterrupt, ValueError)):
            write_whole(state, chunks())
        assert state.read_bytes() == old
        assert names_in(state.parent) == {"state.json"}

    def test_permissions_stay(self, state: Path) -> None:
        """A state that only its owner may read stays so; a new one is as the umask says."""
        umask = os.umask(0)
        os.umask(umask)
        assert state.stat().st_mode & 0o777 == 0o666 & ~umask
        state.chmod(0o640)
        with held(state) as there:
            there.save(signed_up(there.world, "Eve"))
        assert state.stat().st_mode & 0o777 == 0o640

    def test_an_owner_who_cannot_be_kept(self, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where the file cannot be given to the old owner, it is written all the same."""

        def forbidden(*_: object) -> None:
            raise PermissionError

        monkeypatch.setattr(shutil, "chown", forbidden)
        write_whole(state, [b"{}"])
        assert state.read_bytes() == b"{}"

    def test_a_link_stays_a_link(self, state: Path) -> None:
        """What a symbolic link points to is replaced, in its own folder, and the link is left."""
        elsewhere = state.parent / "elsewhere"
        elsewhere.mkdir()
        link = elsewhere / "link.json"
        link.symlink_to(state)
        with held(link) as there:
            there.save(signed_up(there.world, "Eve"))
        assert link.is_symlink()
        assert read_world(state) == signed_up(WORLD, "Eve")
        assert names_in(elsewhere) == {"link.json"}

    def test_a_place_where_no_file_can_be(self, tmp_path: Path) -> None:
        """No folder, a folder, and what is not a regular file are no targets."""
        assert "no folder" in said(begin, tmp_path / "no" / "state.json", WORLD)
        assert "folder" in said(begin, tmp_path, WORLD)
        assert "not a regular file" in said(begin, Path("/dev/null"), WORLD)
        assert Path("/dev/null").is_char_device()

    def test_a_new_state_replaces_nothing(self, state: Path) -> None:
        """A file that is there is not overwritten, unless by force."""
        old = state.read_bytes()
        assert "--force" in said(begin, state, EMPTY)
        assert state.read_bytes() == old
        begin(state, EMPTY, True)
        assert read_world(state) == EMPTY
        begin(state.parent / "other.json", EMPTY, True)
        assert names_in(state.parent) == {"state.json", "other.json"}

    def test_a_file_system_without_links(self, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where a file system has no links, a new state is written and an old one kept."""

        def no_links(*_: object) -> None:
            raise OSError(95, "Operation not supported")

        monkeypatch.setattr(os, "link", no_links)
        assert "--force" in said(begin, state, EMPTY)
        begin(state.parent / "other.json", EMPTY)
        assert read_world(state.parent / "other.json") == EMPTY
        assert read_world(state) == WORLD

    def test_what_a_killed_process_left_is_swept(self, state: Path) -> None:
        """The half of a file that a killed process left goes with the next save, and nobody else's does."""
        mine = state.parent / f"{statefile.temporary_prefix(state)}x.tmp"
        others = state.parent / f"{statefile.temporary_prefix(state.with_name('state.json2'))}x.tmp"
        mine.touch()
        others.touch()
        hold(state)
        assert not mine.exists()
        assert others.exists()

    def test_a_reason_is_said(self, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What the system says is passed on, also where it has no words for it."""

        def full(*_: object, **__: object) -> None:
            raise OSError("disk on fire")

        monkeypatch.setattr(tempfile, "mkstemp", full)
        assert "disk on fire" in said(write_whole, state, [b""])


CHILD = """
import sys
from pathlib import Path
from refmodel.cli.state_file import held
from tests.refmodel.cli.test_state_file import signed_up
with held(Path(sys.argv[1])) as there:
    worlds = [signed_up(there.world, name) for name in ("A", "B")]
    print("ready", flush=True)
    while True:
        for world in worlds:
            from refmodel.cli.state_file import write_whole
            from refmodel.cli.state_format import encoded
            write_whole(there.path, encoded(world))
"""


class TestProcesses:
    """Processes that are killed, that come at once, and that do not keep to the rules."""

    def test_a_killed_writer(self, state: Path) -> None:
        """Killed at any moment, a writer leaves one of the worlds that it was writing, whole."""
        chance = random.Random(7)
        for _ in range(8):
            base = read_world(state)
            possible = (base, signed_up(base, "A"), signed_up(base, "B"))
            arguments = [sys.executable, "-c", CHILD, str(state)]
            with subprocess.Popen(arguments, stdout=subprocess.PIPE) as child:
                assert child.stdout is not None
                assert child.stdout.readline() == b"ready\n"
                time.sleep(chance.uniform(0, 0.02))
                child.send_signal(signal.SIGKILL)
            assert read_world(state) in possible
            begin(state, WORLD, force=True)
        hold(state)
        assert names_in(state.parent) == {"state.json"}

    def test_the_second_waits_for_the_first(self, state: Path) -> None:
        """Whoever comes while a state is held is told to wait, and then has what the first one saved."""
        waiting = threading.Event()

        def second() -> None:
            with held(state, waiting.set) as there:
                there.save(signed_up(there.world, "Second"))

        thread = threading.Thread(target=second)
        with held(state) as there:
            thread.start()
            assert waiting.wait(10)
            there.save(signed_up(there.world, "First"))
        thread.join(10)
        assert read_world(state) == signed_up(signed_up(WORLD, "First"), "Second")

    def test_a_state_that_goes_while_one_waits(self, state: Path) -> None:
        """If the first one moves the state away, the second says that there is none."""
        waiting = threading.Event()
        messages: list[str] = []

        def second() -> None:
            with pytest.raises(FileError) as caught, held(state, waiting.set):
                pass
            messages.append(str(caught.value))

        thread = threading.Thread(target=second)
        with held(state):
            thread.start()
            assert waiting.wait(10)
            state.rename(state.with_name("moved.json"))
        thread.join(10)
        assert "no such state" in messages[0]

    @pytest.mark.parametrize("gone", [False, True])
    def test_somebody_who_does_not_wait(self, state: Path, gone: bool) -> None:
        """What another program has written since the state was read is not overwritten."""
        with held(state) as there:
            if gone:
                state.unlink()
            else:
                state.write_bytes(state.read_bytes() + b"\n")
            kept = None if gone else state.read_bytes()
            assert "another program" in said(there.save, signed_up(there.world, "Eve"))
        assert (None if gone else state.read_bytes()) == kept
        assert names_in(state.parent) == (set() if gone else {"state.json"})
