"""Steps 5 to 7 of a row: what refuses it, what is wrong with it, and what it changes."""

import pytest

from refmodel.actions import ChangeEmail, EditProfile, SetExcluded, SignUp
from tests.support.world_builder import (
    ATTENDING,
    AUTOMATIC,
    END,
    GIL,
    LABELS,
    MAJORS,
    MANUAL,
    SETTING,
    SOUTHERN,
    START,
    WORLD,
    Stage,
    ada,
    bo,
    gil,
    pending,
    stage_with,
    without,
)


class TestValues:
    """Values take the place of what is stored."""

    FULL = ada(
        middle_name="M",
        preferred_name="P",
        auth_identifier="x",
        school_year_name="Alumni",
        card_id="7",
        mobile_number="+44",
        gender="f",
        disabled="TRUE",
        assigned_to_email_address="advisor@north.edu",
        campus_name="Main",
        **{
            "primary_education:education_level_name": "Doctorate",
            START: "2016-09-16",
            END: "2020-02-29",
            "primary_education:college_names": "Arts;Law",
            ATTENDING: "FALSE",
            MAJORS: "History;Biology",
            "primary_education:minor_names": "Music",
            LABELS: "b;a",
            "hometown_location_attributes:name": "Lima, Peru",
        },
    )

    def test_all_columns(self) -> None:
        """Every column of a row that creates is stored."""
        stage = stage_with(self.FULL)
        student = stage["ada@north.edu"]
        kinds = {"disabled": True, ATTENDING: False, LABELS: ["a", "b"]}
        kinds |= {"primary_education:college_names": ["Arts", "Law"], MAJORS: ["History", "Biology"]}
        kinds |= {"primary_education:minor_names": ["Music"]}
        assert {name: student[name] for name in self.FULL} == {**self.FULL, **kinds}

    def test_all_kept(self) -> None:
        """A row of blanks changes nothing but the labels."""
        stage = stage_with(self.FULL)
        before = stage["ada@north.edu"]
        stage.rows({**dict.fromkeys(self.FULL, ""), "username": "1", "email_address": "ada@north.edu"})
        assert stage["ada@north.edu"] == {**before, LABELS: []}

    def test_all_cleared(self) -> None:
        """A row of clears empties all that can be cleared; lists become empty."""
        stage = stage_with(self.FULL)
        kept = {name: self.FULL[name] for name in ("username", "email_address", "first_name", "last_name")}
        cleared = {name: "**CLEAR**" for name in self.FULL if name not in {*kept, "disabled", ATTENDING}}
        assert stage.rows({**kept, **cleared}, job=SETTING) == ["updated"]
        student = stage["ada@north.edu"]
        assert all(student[name] in (None, []) for name in cleared)
        assert student["disabled"] is True

    def test_clears_on_a_new_account(self) -> None:
        """A clear leaves a field of a new account empty, as a blank does; a boolean never set is null."""
        student = stage_with(ada(gender="**CLEAR**", **{LABELS: "**CLEAR**", MAJORS: "**CLEAR**"}))["ada@north.edu"]
        assert (student["gender"], student[LABELS], student[MAJORS], student[ATTENDING]) == (None, [], [], None)
        assert student["disabled"] is False

    def test_lists_are_replaced_whole(self) -> None:
        """Nothing is appended; a blank list keeps."""
        stage = stage_with(ada(**{MAJORS: "a;b"}))
        stage.rows(ada(**{MAJORS: "c"}))
        assert stage["ada@north.edu"][MAJORS] == ["c"]
        stage.rows(ada(**{MAJORS: "", "gender": "f"}))
        assert stage["ada@north.edu"][MAJORS] == ["c"]

    def test_the_smallest_update(self) -> None:
        """An update with nothing in its starred columns keeps them."""
        stage = stage_with(ada(school_year_name="Alumni", **{END: "2020-01-01"}))
        stage.rows({"email_address": "ada@north.edu", "username": "1", "gender": "f"})
        student = stage["ada@north.edu"]
        assert (student["first_name"], student["school_year_name"], student[END]) == ("Ada", "Alumni", "2020-01-01")


class TestLabels:
    """Labels become exactly what the cell says."""

    @pytest.mark.parametrize("text", ["", " ", ";", "**CLEAR**"])
    def test_cleared(self, text: str) -> None:
        """A blank cell takes all away, and so do separators and the token."""
        stage = stage_with(ada(**{LABELS: "a;b"}))
        assert stage.rows(ada(**{LABELS: text})) == ["updated"]
        assert stage["ada@north.edu"][LABELS] == []

    def test_replaced(self) -> None:
        """They are added and removed until they are what the cell says, any number of them."""
        many = ";".join(f"label {number}" for number in range(1000))
        stage = stage_with(ada(**{LABELS: "a;b"}))
        stage.rows(ada(**{LABELS: "b;B;c"}))
        assert stage["ada@north.edu"][LABELS] == ["B", "b", "c"]
        stage.rows(ada(**{LABELS: many}))
        assert len(stage["ada@north.edu"][LABELS]) == 1000


class TestDisabled:
    """TRUE archives, FALSE brings back, nothing else touches it."""

    def test_by_word(self) -> None:
        """New data for an archived student leave them archived."""
        stage = stage_with(ada(disabled="TRUE"))
        for text, expected in (("", True), ("FALSE", False), ("", False), ("TRUE", True)):
            stage.rows(ada(disabled=text, gender=f"{text}{expected}"))
            assert stage["ada@north.edu"]["disabled"] is expected

    def test_a_malformed_word_fails(self) -> None:
        """A word that is neither fails the row."""
        assert Stage().errors(ada(disabled="true")) == {"disabled": ["is not included in the list"]}


class TestConnecting:
    """A manual job with the setting connects; any other leaves pending who is pending."""

    def test_pending_here(self) -> None:
        """The setting approves, whether or not a sensitive field differs."""
        for row in (gil(), gil(username="5")):
            stage = Stage()
            stage.do(*pending())
            assert stage.rows(row, job=SETTING) == ["updated"]
            assert (stage[GIL]["institution"], stage[GIL]["pending_at"]) == ("north", None)

    def test_without_the_setting_they_stay_pending(self) -> None:
        """A row whose username and address both match updates a pending student, and approves nobody."""
        stage = Stage()
        stage.do(*pending())
        assert stage.rows(gil(gender="m")) == ["updated"]
        assert (stage[GIL]["gender"], stage[GIL]["institution"], stage[GIL]["pending_at"]) == ("m", None, "north")

    def test_pending_nowhere_or_elsewhere(self) -> None:
        """The setting connects whoever is unconnected, and drops a request that is open elsewhere."""
        for others in ((SignUp(GIL, "Gil", "H"),), pending(institution="south")):
            stage = Stage()
            stage.do(*others)
            assert stage.rows(gil(username="5"), job=SETTING) == ["updated"]
            assert (stage[GIL]["institution"], stage[GIL]["pending_at"]) == ("north", None)

    def test_created_is_connected(self) -> None:
        """A row that creates connects, under any job; active unless it says otherwise."""
        for job in (AUTOMATIC, MANUAL, SETTING):
            stage = Stage()
            assert stage.rows(ada(), job=job) == ["created"]
            student = stage["ada@north.edu"]
            assert (student["institution"], student["pending_at"], student["disabled"]) == ("north", None, False)
        assert stage_with(ada(disabled="TRUE"))["ada@north.edu"]["disabled"] is True


class TestLeaving:
    """Who leaves an institution leaves nothing of its behind on the account."""

    def test_by_being_connected_elsewhere(self) -> None:
        """Labels, assignee, campus, exclusion and the address asked for are lost; what the row says is stored after."""
        stage = Stage()
        stage.do(*pending())
        stage.rows(gil(assigned_to_email_address="advisor@north.edu", campus_name="Main", gender="m", **{LABELS: "a"}))
        stage.do(ChangeEmail("north", GIL, "new@home.example"))
        assert stage.rows(gil(**{LABELS: "s"}), job=SOUTHERN) == ["updated"]
        student = stage[GIL]
        assert student[LABELS] == ["s"]
        lost = ("assigned_to_email_address", "campus_name", "requested_email")
        assert [student[name] for name in lost] == [None, None, None]
        assert (student["excluded_from_sync"], student["gender"]) == (False, "m")

    def test_not_by_being_approved(self) -> None:
        """Who is connected where they were pending leaves nothing."""
        stage = Stage()
        stage.do(*pending())
        stage.rows(gil(**{LABELS: "a"}))
        stage.rows(gil(gender="m"), job=SETTING)
        assert stage[GIL][LABELS] == ["a"]


class TestConfirmation:
    """An import changes an address at once."""

    def test_at_once(self) -> None:
        """The new address counts from then on, and the old one is free."""
        stage = stage_with(ada())
        stage.rows(ada(email_address="new@home.example"), job=SETTING)
        assert "ada@north.edu" not in stage
        assert stage.rows(bo(email_address="ada@north.edu")) == ["created"]

    def test_a_request_that_it_makes_equal_is_dropped(self) -> None:
        """An address that was asked for in the app and is now the address is no longer asked for."""
        stage = stage_with(ada())
        stage.do(
            ChangeEmail("north", "ada@north.edu", "new@home.example"), SetExcluded("north", "ada@north.edu", False)
        )
        stage.rows(ada(gender="f"))
        assert stage["ada@north.edu"]["requested_email"] == "new@home.example"
        stage.rows(ada(email_address="new@home.example"), job=SETTING)
        assert stage["new@home.example"]["requested_email"] is None

    def test_another_request_stays(self) -> None:
        """An import to a third address leaves the request open."""
        stage = stage_with(ada())
        stage.do(
            ChangeEmail("north", "ada@north.edu", "new@home.example"), SetExcluded("north", "ada@north.edu", False)
        )
        stage.rows(ada(email_address="third@home.example"), job=SETTING)
        assert stage["third@home.example"]["requested_email"] == "new@home.example"


class TestAllOrNothing:
    """A failed row changes nothing, and does not stop another."""

    def test_nothing_of_it(self) -> None:
        """One wrong cell keeps all the others of its row from being stored; the next row is taken."""
        stage = stage_with(ada(**{LABELS: "a"}))
        before = stage["ada@north.edu"]
        rows = ada(gender="f", school_year_name="x", **{LABELS: ""}), bo()
        assert stage.rows(*rows) == ["enumerations_match_exactly", "created"]
        assert stage["ada@north.edu"] == before

    def test_left_out_the_labels_stay_behind(self) -> None:
        """Without the rule the labels of a failed row are stored; a row that finds nobody leaves nothing."""
        stage = stage_with(ada(**{LABELS: "a"}), ruleset=without("a_failed_row_changes_nothing"))
        stage.rows(ada(school_year_name="x", **{LABELS: "z"}), bo(school_year_name="x", **{LABELS: "z"}))
        assert stage["ada@north.edu"][LABELS] == ["z"]
        assert len(stage) == 1


def test_a_repair_then_the_setting() -> None:
    """A name repaired in the app is overwritten by the next row that says something new."""
    stage = stage_with(ada(), world=WORLD)
    stage.do(EditProfile("north", "ada@north.edu", {"first_name": "Augusta"}))
    assert stage.rows(ada(gender="f")) == ["updated"]
    assert stage["ada@north.edu"]["first_name"] == "Ada"
