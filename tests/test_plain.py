"""Plain data: what can be observed, states to save, and exports."""

from __future__ import annotations

import copy
import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given

from refmodel.actions import SetExcluded
from refmodel.plain import export, observe, restored, saved, world_of
from refmodel.schema import COLUMNS
from refmodel.world import World
from tests.histories import History, bounded, histories, play, played
from tests.stage import END, LABELS, MAJORS, NORTH, SETTING, START, WORLD, Stage, ada, bo, declined, pending


@pytest.fixture
def stage() -> Stage:
    """Ada with a date, courses and labels, and Bo."""
    stage = Stage()
    stage.rows(ada(disabled="TRUE", card_id="7", **{END: "2020-02-29", MAJORS: "b;a", LABELS: "b;a"}), bo())
    return stage


class TestObserving:
    """All that can be observed of the students."""

    def test_an_account(self, stage: Stage) -> None:
        """Headers and standing; dates as yyyy-mm-dd, labels sorted, lists in order, nothing as null."""
        one, other = observe(stage.world)
        standing = ["institution", "pending_at", "declined_by", "excluded_from_sync", "requested_email"]
        assert list(one) == [*(column.header for column in COLUMNS), *standing]
        assert (one[END], one[LABELS], one[MAJORS]) == ("2020-02-29", ["a", "b"], ["b", "a"])
        assert (other[START], other[LABELS], other["disabled"], other["declined_by"]) == (None, [], False, [])

    def test_it_is_plain(self, stage: Stage) -> None:
        """It is the same after a way through JSON."""
        assert json.loads(json.dumps(observe(stage.world))) == observe(stage.world)


class TestSaving:
    """A world as plain data and back."""

    @bounded(60)
    @given(histories())
    def test_in_every_history(self, history: History) -> None:
        """A world that was saved, written as JSON, read and restored looks the same and goes on in the same way."""
        for moment in play(history.world, history.steps):
            state = saved(moment.before)
            again = restored(json.loads(json.dumps(state)))
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
            (("refmodel",), 2),
            (("refmodel",), ...),
            (("accounts",), ...),
            (("accounts",), {}),
            (("accounts", 0), 5),
            (("accounts", 0), None),
            (("accounts", 0, "gender"), ...),
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


class TestWorldsFromData:
    """A world without students, as the protocol writes it."""

    def test_what_is_left_out_is_empty(self) -> None:
        """Nulls and missing keys are empty."""
        world = world_of({"institutions": [{"id": "north", "domains": None}], "employers": None})
        north = world.institution("north")
        assert (north.domains, north.campuses, north.uses_sso, north.vocabulary) == (frozenset(), (), False, "eu")
        assert observe(world_of({})) == observe(world_of({"institutions": None})) == []

    def test_all_of_it(self) -> None:
        """What a world is made of comes back."""
        again = world_of({key: saved(WORLD)[key] for key in ("institutions", "employers")})
        assert again == WORLD
        assert again.institution("north") == NORTH

    @pytest.mark.parametrize(
        "data",
        [
            {"institutions": [{}]},
            {"institutions": [{"id": 5}]},
            {"institutions": ["north"]},
            {"institutions": [{"id": "n", "colour": "red"}]},
            {"institutions": [{"id": "n", "domains": "n.edu"}]},
            {"institutions": [{"id": "n", "domains": [5]}]},
            {"institutions": [{"id": "n", "domains": 5}]},
            {"institutions": [{"id": "n", "vocabulary": []}]},
            {"institutions": [{"id": "n"}, {"id": "n"}]},
            {"employers": ["hr"]},
            {"employers": [3]},
            {"employers": 5},
            {"institutions": 5},
        ],
    )
    def test_what_is_no_world(self, data: dict[str, Any]) -> None:
        """What contradicts itself or has another shape raises ValueError."""
        with pytest.raises(ValueError, match=r"\w{3}"):
            world_of(data)


class TestExporting:
    """The students of an institution as a file."""

    def test_all_columns(self, stage: Stage) -> None:
        """All 23 columns, dates as yyyy-mm-dd, booleans in capitals, lists by semicolon, in the order of arrival."""
        stage.do(*pending())
        header, *rows = csv.reader(io.StringIO(export(stage.world, "north").decode(), newline=""))
        assert header == [column.header for column in COLUMNS]
        one, other = (dict(zip(header, row)) for row in rows)
        assert (one["disabled"], one[END], one[MAJORS], one[LABELS]) == ("TRUE", "2020-02-29", "b;a", "a;b")
        assert (other["disabled"], other[END], other[LABELS], other["username"]) == ("FALSE", "", "", "2")

    def test_it_changes_nothing(self, stage: Stage) -> None:
        """Imported again it changes nothing, not even where staff repaired something since."""
        stage.do(SetExcluded("north", "bo@north.edu", True), *declined())
        before = observe(stage.world)
        report = stage.send(export(stage.world, "north"), SETTING)
        assert [result.outcome for result in report.results] == ["unchanged", "failed"]
        assert observe(stage.world) == before

    def test_an_unknown_institution(self) -> None:
        """There is nothing to export of an institution that is not there."""
        with pytest.raises(ValueError, match="no institution"):
            export(World.of(), "north")
