"""Rows and moves: what an account would store afterwards, and who stands in its way."""

import pytest
from attrs import evolve

from refmodel.columns import CARD_ID, USERNAME, Column
from refmodel.row import Move
from refmodel.world import NOTHING
from tests.support.world_builder import SETTING, Stage, bo, two_students


@pytest.fixture
def stage() -> Stage:
    """Ada, who has card 7, and Bo, who has none."""
    return two_students()


def move(stage: Stage, email: str | None, destination: str | None) -> Move:
    """Somebody, or a new student, on the way."""
    return Move(stage.world, destination, stage.world.student(email) if email else None)


@pytest.mark.parametrize("column", [CARD_ID, USERNAME])
@pytest.mark.parametrize("destination", ["north", "south", None])
def test_nobody_is_in_the_way(stage: Stage, column: Column, destination: str | None) -> None:
    """A student is not in their own way, nobody holds what is held by nobody, and nowhere is nobody."""
    for email in ("ada@north.edu", "bo@north.edu", None):
        assert not move(stage, email, destination).another_holds(column)


@pytest.mark.parametrize(("email", "card"), [("ada@north.edu", "8"), ("bo@north.edu", "7")])
def test_another_is_in_the_way(email: str, card: str) -> None:
    """A student whose card another one has there is in their way, whoever of the two came first."""
    stage = two_students()
    stage.rows(bo(card_id="8"), job=SETTING)
    student = stage.world.student(email)
    assert student
    assert Move(stage.world, "north", evolve(student, card_id=card)).another_holds(CARD_ID)


def test_a_new_student_would_store_nothing(stage: Stage) -> None:
    """A move changes no column: it leaves what is stored, and that is nothing of who is not there yet."""
    assert move(stage, "ada@north.edu", "south").would_be(CARD_ID) == "7"
    assert move(stage, None, "south").would_be(CARD_ID) is NOTHING[CARD_ID]
