"""Validations: what is wrong with a row."""

import pytest

from refmodel.actions import SetDisabled, SignUp, SwitchInstitution
from refmodel.failures import SENSITIVE_FIELDS
from tests.support.world_builder import (
    END,
    GIL,
    MAJORS,
    SETTING,
    SOUTHERN,
    START,
    Stage,
    Texts,
    ada,
    approved,
    bo,
    gil,
    pending,
    stage_with,
)


class TestGathering:
    """All validations are tried; a field carries the first complaint."""

    def test_all_fields_at_once(self) -> None:
        """Several fields of one row are complained of together, nested ones with a dot."""
        errors = Stage().errors(
            ada(
                first_name="",
                last_name="**CLEAR**",
                school_year_name="x",
                mobile_number="x",
                campus_name="x",
                email_address="a@south.edu",
                **{START: "x", MAJORS: "x" * 256},
            )
        )
        assert errors == {
            "first_name": ["can't be blank"],
            "last_name": ["can't be blank"],
            "school_year_name": ["is not included in the list"],
            "mobile_number": ["is invalid"],
            "campus_name": ["is not included in the list"],
            "email_address": ["is invalid"],
            "primary_education.start_date": ["is invalid"],
            "primary_education.major_names": ["is too long (maximum is 255 characters)"],
        }

    def test_one_complaint_a_field(self) -> None:
        """An address that is taken and of a foreign domain is only taken: that comes first in the order."""
        stage = Stage()
        stage.rows(ada(email_address="a@south.edu"), job=SOUTHERN)
        assert stage.errors(ada(email_address="a@south.edu")) == {"email_address": ["has already been taken"]}

    def test_a_malformed_assignee_is_not_unknown_as_well(self) -> None:
        """A malformed address is malformed and nothing else."""
        assert Stage().errors(ada(assigned_to_email_address="x")) == {"assigned_to_email_address": ["is invalid"]}


class TestNames:
    """Who is new has a first and a last name."""

    @pytest.mark.parametrize("header", ["first_name", "last_name"])
    def test_on_creation(self, header: str) -> None:
        """Blank or cleared, a name fails the row that creates."""
        assert Stage().errors(ada(**{header: " "})) == {header: ["can't be blank"]}
        assert Stage().errors(ada(**{header: "**CLEAR**"})) == {header: ["can't be blank"]}

    def test_on_update(self) -> None:
        """A blank name keeps the stored one; a cleared one fails."""
        stage = stage_with(ada())
        assert stage.rows(ada(first_name="", gender="f")) == ["updated"]
        assert stage["ada@north.edu"]["first_name"] == "Ada"
        assert stage.errors(ada(first_name="**CLEAR**")) == {"first_name": ["can't be blank"]}


class TestEmail:
    """An address is nobody else's, and its domain not another institution's."""

    def test_taken_anywhere(self) -> None:
        """By a student of another school, also an archived one; by staff; by an employer."""
        stage = Stage()
        stage.do(*approved(institution="south"), SetDisabled("south", GIL, True))
        taken = {"email_address": ["has already been taken"]}
        for email in (GIL, "advisor@north.edu", "hr@employer.example"):
            assert stage.errors(ada(email_address=email), job=SETTING) == taken

    def test_taken_by_somebody_unconnected(self) -> None:
        """A student of the institution cannot get the address of one who is connected nowhere."""
        stage = stage_with(ada())
        stage.do(SignUp(GIL, "Gil", "H"))
        assert stage.errors(ada(email_address=GIL), job=SETTING) == {"email_address": ["has already been taken"]}

    @pytest.mark.parametrize("email", ["a@north.edu", "a@both.edu", "a@gmail.example", "a@x.south.edu", "a@outh.edu"])
    def test_fine_domains(self, email: str) -> None:
        """One's own, a shared one, a personal one, and one that only contains another's name."""
        assert Stage().rows(ada(email_address=email)) == ["created"]

    @pytest.mark.parametrize("email", ["a@south.edu", "a@SOUTH.edu"])
    def test_foreign_domains(self, email: str) -> None:
        """The domain of another institution alone, in whatever case."""
        assert Stage().errors(ada(email_address=email)) == {"email_address": ["is invalid"]}

    def test_checked_on_every_row(self) -> None:
        """A student who was moved here with an address of the old school fails until the address changes."""
        stage = Stage()
        stage.rows(ada(email_address="a@south.edu"), job=SOUTHERN)
        stage.do(SwitchInstitution("a@south.edu", "north"))
        assert stage.rows(ada(email_address="a@south.edu", gender="f")) == ["email_domain_is_not_anothers"]
        assert stage.rows(ada(gender="f"), job=SETTING) == ["updated"]


class TestIdentifiers:
    """Auth identifiers and card numbers are unique inside the institution."""

    @pytest.mark.parametrize("header", ["auth_identifier", "card_id"])
    def test_taken_here(self, header: str) -> None:
        """Another student connected or pending here has it."""
        stage = stage_with(ada(**{header: "x"}))
        assert stage.errors(bo(**{header: "x"})) == {header: ["has already been taken"]}
        assert stage.rows(bo(**{header: "X"})) == ["created"]

    def test_not_taken_elsewhere(self) -> None:
        """Another institution's students do not count."""
        stage = stage_with(ada(card_id="7", auth_identifier="x"))
        row = bo(email_address="bo@south.edu", card_id="7", auth_identifier="x")
        assert stage.rows(row, job=SOUTHERN) == ["created"]

    def test_kept_values_count(self) -> None:
        """Whoever comes in under the setting brings along what their row keeps."""
        stage = stage_with(ada(card_id="7"))
        stage.rows(gil(card_id="7"), job=SOUTHERN)
        stage.do(SwitchInstitution(GIL, "north"))
        assert stage[GIL]["institution"] == "south"

    def test_by_a_pending_student(self) -> None:
        """A username of a pending student is found, and not taken."""
        stage = Stage()
        stage.do(*pending())
        assert stage.errors(ada(username=GIL)) == SENSITIVE_FIELDS


class TestDates:
    """On the account as it would be, the end is not before the start."""

    TEXT = "must be a date on or after primary_education:start_date"

    def test_in_one_row(self) -> None:
        """The text is the one that the platform gives; equal dates are fine."""
        errors = Stage().errors(ada(**{START: "2020-01-02", END: "2020-01-01"}))
        assert errors == {"primary_education.end_date": [self.TEXT]}
        assert Stage().rows(ada(**{START: "2020-01-01", END: "2020-01-01"})) == ["created"]

    def test_kept_dates_count(self) -> None:
        """A student who returns: a new start after the kept end fails, until the end is cleared or renewed."""
        stage = stage_with(ada(**{START: "2012-09-01", END: "2016-09-16"}))
        assert stage.errors(ada(**{START: "2020-09-01", END: ""})) == {"primary_education.end_date": [self.TEXT]}
        assert stage.rows(ada(**{START: "2020-09-01", END: "**CLEAR**"})) == ["updated"]
        assert stage["ada@north.edu"][END] is None
        assert stage.errors(ada(**{END: "2020-08-31"})) == {"primary_education.end_date": [self.TEXT]}
        assert stage.rows(ada(**{END: "2020-08-31", START: "**CLEAR**"})) == ["updated"]

    @pytest.mark.parametrize("texts", [{START: "2020-01-01"}, {END: "2020-01-01"}, {}])
    def test_a_missing_date(self, texts: Texts) -> None:
        """Where one is missing there is nothing to check."""
        assert Stage().rows(ada(**texts)) == ["created"]

    def test_a_malformed_date(self) -> None:
        """Where one is malformed that is all there is to say, though the kept one would be in the way."""
        stage = stage_with(ada(**{START: "2020-01-01"}))
        assert stage.errors(ada(**{END: "01/01/2019"})) == {"primary_education.end_date": ["is invalid"]}
        assert stage.errors(ada(**{START: "x", END: "2019-01-01"})) == {"primary_education.start_date": ["is invalid"]}


class TestAssigneeAndCampus:
    """An assignee is the institution's own staff, a campus its own."""

    def test_assignee(self) -> None:
        """Own staff, in any case; not another's, not an employer, not anybody."""
        stage = stage_with(ada(assigned_to_email_address=" Advisor@NORTH.edu"))
        assert stage["ada@north.edu"]["assigned_to_email_address"] == "advisor@north.edu"
        for email in ("tutor@south.edu", "hr@employer.example", "ada@north.edu"):
            errors = stage.errors(ada(assigned_to_email_address=email))
            assert errors == {"assigned_to_email_address": ["is not included in the list"]}
        assert stage.rows(ada(assigned_to_email_address="**CLEAR**")) == ["updated"]
        assert stage["ada@north.edu"]["assigned_to_email_address"] is None

    def test_campus(self) -> None:
        """As it is spelled."""
        stage = stage_with(ada(campus_name="Quay"))
        assert stage["ada@north.edu"]["campus_name"] == "Quay"
        for name in ("quay", " Quay", "Hill"):
            assert stage.errors(ada(campus_name=name)) == {"campus_name": ["is not included in the list"]}
