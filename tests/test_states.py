"""Saved states: plain data or bytes, and back, with nothing lost and nothing let in that no history leads to."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given

from refmodel.plain import observe
from refmodel.states import decoded, encoded, restored, saved
from tests.histories import History, bounded, histories, play, played
from tests.stage import END, LABELS, MAJORS, START, WORLD, Stage, ada, two_students


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
            again = restored(json.loads(json.dumps(state)))
            assert saved(again) == state
            assert saved(decoded(b"".join(encoded(moment.before)))) == state
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

    def test_bytes_and_plain_data_are_one(self, stage: Stage) -> None:
        """The JSON of a state says what its plain data says, in the same order, and each student has a line."""
        written = b"".join(encoded(stage.world))
        assert json.dumps(json.loads(written)) == json.dumps(saved(stage.world))
        assert written.count(b"\n") == len(saved(stage.world)["accounts"]) + 2

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
