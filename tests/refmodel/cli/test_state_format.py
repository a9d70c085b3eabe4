"""Saved states: plain data or bytes, and back, with nothing lost and nothing let in that no history leads to."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from refmodel import __version__
from refmodel.cell import CLEAR, KEEP
from refmodel.cli.state_format import FIELDS, HEADERS, STATE, TYPES, decoded, encoded, in_words
from refmodel.columns import BY_HEADER, COLUMNS, DISABLED, EMAIL_ADDRESS, USERNAME, Column
from refmodel.formats import LaterVersionError
from refmodel.serialization import observe
from refmodel.world import World
from tests.support.strategies import History, bounded, histories, play, played
from tests.support.world_builder import END, LABELS, MAJORS, START, WORLD, Stage, ada, two_students


def saved(world: World) -> dict[str, Any]:
    """What the JSON of a state says."""
    data: dict[str, Any] = json.loads(b"".join(encoded(world)))
    return data


def restored(state: Any) -> World:
    """The world that a state tells of."""
    return decoded(json.dumps(state).encode())


@pytest.fixture
def stage() -> Stage:
    """Ada and Bo."""
    return two_students()


class TestSaving:
    """A world as plain data and back."""

    @bounded(60)
    @given(histories())
    def test_in_every_history(self, history: History) -> None:
        """A world that was saved, written as JSON, read and restored looks the same and goes on in the same way."""
        for moment in play(history.world, history.steps):
            state = saved(moment.before)
            again = decoded(b"".join(encoded(moment.before)))
            assert saved(again) == state
            after, answer = played(again, moment.step)
            assert observe(after) == observe(moment.after)
            assert answer == moment.answer

    def test_cleared_and_kept_are_not_the_same(self) -> None:
        """The row last applied is saved with its clears and without its keeps."""
        stage = Stage()
        stage.rows(ada(gender="**CLEAR**", middle_name=" ", **{LABELS: "", START: "2020-01-01"}))
        last = saved(stage.world)["accounts"][0]["last_applied"]
        assert last["gender"] is None
        assert last[LABELS] is None
        assert last[START] == "2020-01-01"
        assert "middle_name" not in last
        assert END not in last

    def test_each_student_has_a_line(self, stage: Stage) -> None:
        """So that two states can be compared line by line."""
        lines = b"".join(encoded(stage.world)).splitlines()
        assert [json.loads(line.rstrip(b","))["email_address"] for line in lines[1:-1]] == [
            "ada@north.edu",
            "bo@north.edu",
        ]

    def test_nobody(self) -> None:
        """The state of a world without students."""
        assert observe(restored(saved(WORLD))) == []
        assert saved(restored(saved(WORLD))) == saved(WORLD)


def spoil(state: dict[str, Any], *path: Any, value: Any) -> dict[str, Any]:
    """A state with one thing changed, or taken away where the value is `...`."""
    spoilt = copy.deepcopy(state)
    inner: Any = spoilt
    for step in path[:-1]:
        inner = inner[step]
    if value is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return spoilt


class TestRestoring:
    """What is no state raises ValueError."""

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            (("format",), "refmodel-trace"),
            (("format",), ...),
            (("version",), 3),
            (("version",), ...),
            (("accounts",), ...),
            (("accounts",), {}),
            (("accounts", 0), 5),
            (("accounts", 0), None),
            (("accounts", 0, "username"), ...),
            (("accounts", 0, "institution"), ...),
            (("accounts", 0, "last_applied"), ...),
            (("accounts", 0, "last_applied"), [1]),
            (("accounts", 0, "last_applied", LABELS), "a"),
            (("accounts", 0, "gender"), 5),
            (("accounts", 0, "username"), None),
            (("accounts", 0, "username"), "2"),
            (("accounts", 0, "email_address"), None),
            (("accounts", 0, "email_address"), "Ada@north.edu"),
            (("accounts", 0, "email_address"), "bo@north.edu"),
            (("accounts", 0, "email_address"), "advisor@north.edu"),
            (("accounts", 0, "disabled"), "yes"),
            (("accounts", 0, "disabled"), None),
            (("accounts", 0, LABELS), "ab"),
            (("accounts", 0, LABELS), None),
            (("accounts", 0, MAJORS), [5]),
            (("accounts", 0, END), "soon"),
            (("accounts", 0, START), "2020-03-01"),
            (("accounts", 0, "institution"), "west"),
            (("accounts", 0, "institution"), ["north"]),
            (("accounts", 0, "pending_at"), "north"),
            (("accounts", 0, "declined_by"), ["west"]),
            (("accounts", 0, "declined_by"), None),
            (("accounts", 0, "excluded_from_sync"), None),
            (("institutions",), ...),
            (("institutions",), ["north"]),
            (("institutions",), 7),
            (("institutions", 0, "staff"), "advisor@north.edu"),
        ],
    )
    def test_what_is_no_state(self, stage: Stage, path: tuple[Any, ...], value: Any) -> None:
        """A wrong version, missing keys, values of another kind, and standings that no history leads to."""
        with pytest.raises(ValueError, match=r"\w{3}"):
            restored(spoil(saved(stage.world), *path, value=value))


SAMPLES = Path(__file__).parent / "states"
FIRST, PRESENT = (json.loads((SAMPLES / name).read_bytes()) for name in ("v1.json", "v2.json"))
BODY = ("institutions", "employers", "accounts")
IN_SAMPLES = [column for column in COLUMNS if column.header in PRESENT["accounts"][0]]


def completed(accounts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Accounts as they are saved today: a column that their file does not have is empty."""
    empty: dict[str, Any] = {c.header: False if c is DISABLED else [] if c.holds_list else None for c in COLUMNS}
    return [empty | account for account in accounts]


def said_of(data: Any) -> str:
    """What is said of data that is no state."""
    with pytest.raises(ValueError, match=r"\w{3}") as caught:
        restored(data)
    return str(caught.value)


class TestEarlierVersions:
    """A state outlives the program that wrote it. Each sample was written by the program of its version."""

    @pytest.mark.parametrize("name", ["v1.json", "v1-odd-names.json", "v2.json"])
    def test_a_sample_is_read(self, name: str) -> None:
        """Whatever the version, all that the file says is there, and saving it writes the present version."""
        written = json.loads((SAMPLES / name).read_bytes())
        world = decoded((SAMPLES / name).read_bytes())
        again = json.loads(b"".join(encoded(world)))
        assert again == {"format": "refmodel-state", "version": 2, **{key: written[key] for key in BODY}} | {
            "accounts": completed(written["accounts"])
        }
        assert decoded(b"".join(encoded(world))) == world
        assert [a.last_applied for a in restored(again).students()] == [a.last_applied for a in world.students()]

    def test_there_is_a_sample_of_each_version(self) -> None:
        """No version was ever written without a sample, and the samples hold what is hard to keep."""
        assert {STATE.version_of(sample) for sample in (FIRST, PRESENT)} == set(range(1, STATE.version + 1))
        assert {key: FIRST[key] for key in BODY} == {key: PRESENT[key] for key in BODY}
        accounts = PRESENT["accounts"]
        assert len(PRESENT["institutions"]) == 2
        assert any(account["pending_at"] for account in accounts)
        assert any(account["declined_by"] for account in accounts)
        assert any(account["excluded_from_sync"] for account in accounts)
        assert any(account["requested_email"] for account in accounts)
        assert all(any(account[column.header] for account in accounts) for column in IN_SAMPLES)

    def test_what_a_row_said(self) -> None:
        """The row last applied keeps, clears and sets what it did."""
        world = decoded((SAMPLES / "v1.json").read_bytes())
        alan = world.student("alan@north.edu")
        assert alan is not None
        assert alan.last_applied is not None
        cells = dict(zip(COLUMNS, alan.last_applied, strict=True))
        assert cells[BY_HEADER[END]] is cells[BY_HEADER[LABELS]] is CLEAR
        assert cells[BY_HEADER["gender"]] is KEEP
        assert cells[BY_HEADER[MAJORS]] == ("Logic", "Biology")

    def test_domains_that_guard_nothing(self) -> None:
        """A state that was begun with them is read: nothing of it is lost, and nothing is made of it."""
        world = decoded((SAMPLES / "v1-odd-names.json").read_bytes())
        assert "@north.edu" in world.institution(" north ").domains
        assert len(list(world.connected(" north "))) == 1

    @pytest.mark.parametrize("column", IN_SAMPLES, ids=[column.header for column in IN_SAMPLES])
    @pytest.mark.parametrize("sample", [FIRST, PRESENT], ids=["v1", "v2"])
    def test_a_column_that_was_added_since(self, sample: dict[str, Any], column: Column) -> None:
        """It is empty, and the row last applied kept it; all else is as it was. Two columns are in every file."""
        older = copy.deepcopy(sample)
        for account in older["accounts"]:
            del account[column.header]
            if account["last_applied"]:
                account["last_applied"].pop(column.header, None)
        if column in (EMAIL_ADDRESS, USERNAME):
            assert said_of(older) == f"student 1, {column.header}: this field is missing; expected a text"
            return
        assert saved(restored(older))["accounts"] == completed(older["accounts"])

    @pytest.mark.parametrize("name", ["institution", "pending_at", "declined_by", "excluded_from_sync", "last_applied"])
    def test_what_every_version_has_written(self, name: str) -> None:
        """Where a student stands is not made up: without it, a connected student would quietly be connected nowhere."""
        assert f"student 1, {name}: this field is missing" in said_of(spoil(PRESENT, "accounts", 0, name, value=...))


LATER = f"this state is of version 3; this refmodel {__version__} reads versions 1 and 2: install a newer refmodel"
BEGINS = 'begins with {"format":"refmodel-state","version":2,…}'


class TestOtherVersions:
    """A state of a later version is refused, and so is what is not a state, each in a sentence."""

    @pytest.mark.parametrize(
        ("head", "said"),
        [
            ({"format": "refmodel-state", "version": 3}, LATER),
            ({"format": "refmodel-state", "version": 3, "more": 5}, LATER),
            ({"refmodel": 3}, LATER),
            ({"refmodel": 2}, f"a state of version 2 {BEGINS}"),
            ({"refmodel": True}, "refmodel: expected a version such as 1, but found true"),
            ({"refmodel": 0}, "refmodel: expected a version such as 1, but found 0"),
            ({"format": "refmodel-state"}, "version: expected a version such as 2, but found null"),
            ({"format": "refmodel-state", "version": "2"}, 'version: expected a version such as 2, but found "2"'),
            ({}, f"this is not a state: a state {BEGINS}"),
            (
                {"format": "refmodel-trace", "version": 2},
                f'this is not a state: a state {BEGINS}, but its format is "refmodel-trace"',
            ),
            ({"format": "refmodel-state", "version": 2, "refmodel": 1}, 'the state has an unknown key "refmodel"'),
            (
                {"format": "refmodel-state", "version": 2, "employer": []},
                'the state has an unknown key "employer" (did you mean employers?)',
            ),
        ],
    )
    def test_refused(self, head: dict[str, Any], said: str) -> None:
        """The sentence says what there is, what is known here, and what to do."""
        assert said_of(head | {key: PRESENT[key] for key in BODY}) == said

    def test_a_later_version_is_told_apart(self) -> None:
        """Whoever reads files can tell it apart, so that nobody is told that the file is broken."""
        with pytest.raises(LaterVersionError):
            restored({"format": "refmodel-state", "version": 3})


class TestWhatIsWrong:
    """An account that cannot be read is told in words: the student, the field, what is expected, what is there."""

    @pytest.mark.parametrize(
        ("path", "value", "said"),
        [
            ((), 5, ": expected an object with the fields of an account, but found 5"),
            ((), None, ": expected an object with the fields of an account, but found null"),
            (("gender",), 5, ", gender: expected a text or null, but found 5"),
            (("username",), None, ", username: expected a text, but found null"),
            (("disabled",), "yes", ', disabled: expected true or false, but found "yes"'),
            ((END,), "soon", f', {END}: expected a date as yyyy-mm-dd or null, but found "soon"'),
            ((LABELS,), "ab", f', {LABELS}: expected a list of texts, but found "ab"'),
            ((LABELS,), None, f", {LABELS}: expected a list of texts, but found null"),
            ((MAJORS,), [5], f", {MAJORS}: expected a list of texts, but found [5]"),
            (("declined_by",), "north", ', declined_by: expected a list of texts, but found "north"'),
            (("excluded_from_sync",), 0, ", excluded_from_sync: expected true or false, but found 0"),
            (("last_applied",), [1], ", last_applied: expected an object or null, but found [1]"),
            (
                ("last_applied", "disabled"),
                "x",
                ', last_applied, disabled: expected true or false or null, but found "x"',
            ),
            (
                ("last_applied", LABELS),
                "a" * 70,
                f', last_applied, {LABELS}: expected a list of texts or null, but found "{"a" * 59}…',
            ),
            (
                ("gende",),
                None,
                ': "gende" is not a column that this refmodel knows (did you mean gender?), '
                "so it would be lost when the state is saved",
            ),
            (
                ("last_applied", "shoe_size"),
                5,
                ', last_applied: "shoe_size" is not a column that this refmodel knows, '
                "so it would be lost when the state is saved",
            ),
        ],
    )
    def test_said(self, path: tuple[str, ...], value: Any, said: str) -> None:
        """One sentence for each slip, with the place of the student in front."""
        assert said_of(spoil(PRESENT, "accounts", 0, *path, value=value)) == f"student 1{said}"

    def test_a_field_that_stands_twice(self) -> None:
        """Where the last of two values is right, but the first is not, the student who has them is named."""
        twice = json.dumps(PRESENT).replace('"gender": "woman"', '"gender": 5, "gender": "woman"', 1)
        with pytest.raises(ValueError, match="student 1: this is not an account"):
            decoded(twice.encode())

    @pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)
    def test_every_type_has_words(self, kind: Any) -> None:
        """No name of a type reaches anybody."""
        assert not {"str", "int", "bool", "None", "frozenset", "tuple", "class"} & set(in_words(kind).split())

    @pytest.mark.parametrize("name", FIELDS)
    def test_every_field_is_checked(self, name: str) -> None:
        """A value that no field takes is told under the field's own name."""
        header = HEADERS.get(name, name)
        assert f"student 1, {header}: expected" in said_of(spoil(PRESENT, "accounts", 0, header, value=1.5))
