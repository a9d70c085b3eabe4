"""Plain data: what can be observed, worlds to begin with, and exports."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from refmodel.actions import SetExcluded
from refmodel.columns import COLUMNS
from refmodel.serialization import export, institution_as_data, observe, world_of
from refmodel.world import World
from tests.support.world_builder import (
    END,
    LABELS,
    MAJORS,
    NORTH,
    SETTING,
    START,
    WORLD,
    Stage,
    declined,
    pending,
    two_students,
)


@pytest.fixture
def stage() -> Stage:
    """Ada and Bo."""
    return two_students()


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
        again = world_of(
            {
                "institutions": list(map(institution_as_data, WORLD.directory.institutions.values())),
                "employers": ["hr@employer.example"],
            }
        )
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
        """All columns, dates as yyyy-mm-dd, booleans in capitals, lists by semicolon, in the order of arrival."""
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
