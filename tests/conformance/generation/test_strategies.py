"""The public strategies: each shrinks to the plainest, and is about the world that it is given."""

from collections.abc import Callable
from typing import Any, TypeVar

import hypothesis.strategies as st
import pytest
from attrs import evolve
from hypothesis import Phase, find, given
from hypothesis.errors import NoSuchExample

from conformance import strategies
from conformance.generation.history import ActionStep, FileStep, History
from conformance.generation.rows import STARRED
from conformance.oracle.answers import answer
from conformance.protocol.requests import institution, world
from refmodel import import_file
from refmodel.actions import Approve, SignUp
from refmodel.columns import BY_HEADER
from refmodel.serialization import world_of
from tests.support.strategies import bounded

T = TypeVar("T")
PHASES = (Phase.generate, Phase.shrink)  # whoever explains varies what was shrunk, and `find` takes the last
WEST = world_of(world(institution("west", ["west.edu"], staff=["registrar@west.edu"])))
HEADER = "email_address,username,first_name,last_name,primary_education:end_date,school_year_name\n"
PENDING = WEST
for request in (
    ActionStep("sign_up", {"email": "ada@home.example", "first_name": "Ada", "last_name": "Lee"}).request(),
    ActionStep("request_access", {"email": "ada@home.example", "institution": "west"}).request(),
):
    PENDING = answer(PENDING, request)[1]


def plainest(strategy: st.SearchStrategy[T], condition: Callable[[T], object]) -> T:
    """What Hypothesis comes to where it shrinks whatever meets a condition."""
    return find(strategy, lambda value: bool(condition(value)), settings=bounded(2000, phases=PHASES))


class TestPlainest:
    """Hypothesis shrinks to what is plainest in the domain."""

    def test_world(self) -> None:
        """One institution, without campuses or single sign-on; two where two are needed."""
        found = plainest(strategies.worlds(), lambda world: world.directory.institutions["north"].vocabulary == "us")
        assert [(i.id, i.campuses, i.uses_sso) for i in found.directory.institutions.values()] == [("north", (), False)]
        two = plainest(strategies.worlds(), lambda world: "south" in world.directory.institutions)
        assert len(two.directory.institutions) == 2

    def test_job(self) -> None:
        """Where the setting is needed the job is manual, and its dates are the usual ones."""
        job = plainest(strategies.jobs(), lambda job: job.change_sensitive_fields)
        assert (job.institution, job.mode, job.date_format) == ("north", "manual", "yyyy-mm-dd")

    def test_file(self) -> None:
        """Two rows, under the required columns alone, blank where they may be, in a file that is written as usual."""
        file = plainest(strategies.files(), lambda file: len(file.rows) >= 2)
        rows = (("a@north.edu", "1", "Ada", "Lee", "", ""), ("b@north.edu", "2", "Ada", "Lee", "", ""))
        assert evolve(file, rows=tuple(sorted(file.rows))) == FileStep("north", STARRED, rows)

    def test_row(self) -> None:
        """A row with a label, and nothing else that need not be there."""
        row = plainest(strategies.rows(), lambda row: row.get("system_label_names"))
        assert {name: text for name, text in row.items() if text and name not in STARRED} == {
            "system_label_names": "p;q"
        }
        assert row["email_address"] == "a@north.edu"

    def test_cell(self) -> None:
        """A text that is the first of its kind."""
        assert plainest(strategies.cells("disabled"), lambda text: text != "TRUE") == "FALSE"

    def test_action(self) -> None:
        """A sign-up of the usual name."""
        signing_up = plainest(strategies.actions(name="sign_up"), lambda action: isinstance(action, SignUp))
        assert signing_up == SignUp("a@north.edu", "Ada", "Lee")

    def test_history(self) -> None:
        """As few steps as show it: somebody has to ask before anybody is approved."""
        history = plainest(strategies.histories(), lambda history: any(map(is_approval, history.steps)))
        assert [step.action for step in history.steps if isinstance(step, ActionStep)][-1] == "approve"
        assert len(history.steps) <= 5


def is_approval(step: FileStep | ActionStep) -> bool:
    """Whether a step approves somebody."""
    return isinstance(step, ActionStep) and step.action == "approve"


class TestWorlds:
    """What is drawn is about the world that is given, whatever its institutions are called."""

    @given(st.data())
    @bounded(60)
    def test_files_are_of_its_institutions(self, data: st.DataObject) -> None:
        """The model takes each, under its own job."""
        file = data.draw(strategies.files(PENDING))
        assert file.institution == "west"
        import_file(PENDING, file.job, file.data())

    @given(st.data())
    @bounded(60)
    def test_steps_are_of_its_institutions(self, data: st.DataObject) -> None:
        """A right importer answers each."""
        step = data.draw(strategies.steps(PENDING))
        answer(PENDING, step.request())

    @given(strategies.rows(PENDING), strategies.headers(PENDING))
    @bounded(60)
    def test_rows_have_the_required_columns(self, row: dict[str, str], header: tuple[str, ...]) -> None:
        """And otherwise only columns that there are."""
        assert {*STARRED} <= {*row} <= {*BY_HEADER} >= {*header} >= {*STARRED}

    def test_rows_are_about_its_students(self) -> None:
        """Somebody who is pending is in a row before long, and approved by an action of that name."""
        assert plainest(strategies.rows(PENDING), lambda row: row["username"] == "ada@home.example")
        action = plainest(strategies.actions(PENDING, "approve"), lambda action: action.email == "ada@home.example")
        assert action == Approve("west", "ada@home.example")

    def test_a_history_begins_in_the_world_that_is_drawn(self) -> None:
        """Its steps are then about that world."""
        history = plainest(strategies.histories(st.just(WEST), most=3), lambda history: len(history.steps) == 3)
        assert [entry["id"] for entry in history.world["institutions"]] == ["west"]  # type: ignore[attr-defined]

    @given(strategies.histories(most=3))
    @bounded(40)
    def test_a_history_has_no_more_steps_than_it_may(self, history: History) -> None:
        """And is a conversation with any importer, from a reset on."""
        requests = list(history.requests())
        assert len(requests) == 1 + 2 * len(history.steps) <= 7

    def test_the_world_that_is_given_stays_as_it_is(self) -> None:
        """What one example has led to is not there in the next."""
        before = PENDING
        with pytest.raises(NoSuchExample):
            find(strategies.steps(PENDING), lambda step: before != PENDING, settings=bounded(50))


class TestUnknown:
    """What there is not is told, with what there is."""

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (lambda: strategies.cells("labels"), "no column is called 'labels'; there are email_address,"),
            (lambda: strategies.actions(name="merge"), "no action is called 'merge'; there are sign_up,"),
        ],
    )
    def test_it_is_told(self, make: Callable[[], Any], message: str) -> None:
        """A column that there is not, and an action."""
        with pytest.raises(ValueError, match=message):
            make()


def test_a_sound_file_is_read_as_a_step() -> None:
    """Its bytes are what was read, by an automatic job."""
    data = (HEADER + "ada@west.edu,1,Ada,Lee,,\n").encode()
    assert FileStep.read("west", data).data() == data
