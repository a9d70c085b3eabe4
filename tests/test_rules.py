"""Steps 5 to 7 of a row: what refuses it, what is wrong with it, and what it changes."""

from typing import Any

import pytest

from refmodel.actions import ChangeEmail, EditProfile, SetDisabled, SetExcluded, SignUp, SwitchInstitution
from refmodel.failures import SENSITIVE_FIELDS
from tests.stage import (
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
    Texts,
    ada,
    approved,
    bo,
    declined,
    gil,
    pending,
    without,
)


def stage_with(*rows: Texts, **more: Any) -> Stage:
    """A stage on which these students have been created."""
    stage = Stage(**more)
    assert set(stage.rows(*rows)) == {"created"}
    return stage


class TestExclusion:
    """An excluded student is updated by no job of the institution that excluded them."""

    @pytest.mark.parametrize("job", [AUTOMATIC, MANUAL, SETTING])
    def test_no_job_updates(self, job: Any) -> None:
        """Automatic and manual jobs, with the setting and without, fail with a string."""
        stage = stage_with(ada())
        stage.do(SetExcluded("north", "ada@north.edu", True))
        assert stage.rows(ada(gender="f"), job=job) == ["excluded_students_are_not_updated"]
        assert isinstance(stage.errors(ada(gender="f"), job=job), str)

    def test_pending_students_too(self) -> None:
        """Who is pending can be excluded as well."""
        stage = Stage()
        stage.do(*pending(), SetExcluded("north", GIL, True))
        assert stage.rows(gil(), job=SETTING) == ["excluded_students_are_not_updated"]

    @pytest.mark.parametrize(("there", "job"), [("north", SOUTHERN), ("south", SETTING)])
    def test_another_institution_is_not_bound_by_it(self, there: str, job: Any) -> None:
        """A student excluded where they are pending may be connected elsewhere under the setting, and is then free."""
        stage = Stage()
        stage.do(*pending(institution=there), SetExcluded(there, GIL, True))
        assert stage.rows(gil(), job=job) == ["updated"]
        assert (stage[GIL]["institution"], stage[GIL]["excluded_from_sync"]) == (job.institution, False)

    def test_it_comes_first(self) -> None:
        """Of several refusals the exclusion is the one that is given."""
        stage = stage_with(ada())
        stage.do(SetExcluded("north", "ada@north.edu", True))
        assert stage.rows(ada(card_id="7", school_year_name="x")) == ["excluded_students_are_not_updated"]


class TestTheSetting:
    """Sensitive fields change under the setting only."""

    @pytest.mark.parametrize("job", [AUTOMATIC, MANUAL])
    @pytest.mark.parametrize(
        "texts",
        [
            {"email_address": "new@north.edu"},
            {"username": "9"},
            {"auth_identifier": "y"},
            {"card_id": "9"},
            {"card_id": "**CLEAR**"},
            {"auth_identifier": "**CLEAR**"},
            {"card_id": "007"},
        ],
    )
    def test_a_difference_fails(self, job: Any, texts: Texts) -> None:
        """Another value and a clear are differences; the text is the one that the platform gives."""
        stage = stage_with(ada(card_id="7", auth_identifier="x"))
        assert stage.errors(ada(**texts), job=job) == SENSITIVE_FIELDS
        assert stage.rows(ada(**texts), job=SETTING) == ["updated"]

    def test_the_exact_text(self) -> None:
        """The text is quoted by the articles."""
        assert SENSITIVE_FIELDS == "Attempted to update sensitive fields without setting change_sensitive_fields"

    def test_from_nothing_to_a_value(self) -> None:
        """A first card number is a difference like any other."""
        assert stage_with(ada()).rows(ada(card_id="7")) == ["sensitive_fields_need_the_setting"]

    @pytest.mark.parametrize("texts", [{"card_id": ""}, {"card_id": " "}, {"auth_identifier": ""}, {"card_id": "7"}])
    def test_a_kept_cell_is_no_difference(self, texts: Texts) -> None:
        """Blanks and the stored value are none."""
        stage = stage_with(ada(card_id="7", auth_identifier="x"))
        assert stage.rows(ada(**texts, gender="f")) == ["updated"]

    def test_a_clear_of_nothing_is_no_difference(self) -> None:
        """The token on an empty field changes nothing, and needs no setting."""
        assert stage_with(ada()).rows(ada(card_id="**CLEAR**", gender="f")) == ["updated"]

    def test_the_case_of_an_address_is_no_difference(self) -> None:
        """The address in capitals is the same address."""
        assert stage_with(ada()).rows(ada(email_address="ADA@NORTH.EDU", gender="f")) == ["updated"]

    def test_it_comes_before_what_is_malformed(self) -> None:
        """A row that may not be applied is not looked at further."""
        stage = stage_with(ada())
        assert stage.errors(ada(card_id="7", school_year_name="x")) == SENSITIVE_FIELDS

    def test_a_new_account_needs_none(self) -> None:
        """A row that creates may say what it likes."""
        assert Stage().rows(ada(card_id="7", auth_identifier="x")) == ["created"]


class TestUnconnectedStudents:
    """Only the setting connects, and not against a refusal."""

    def test_without_the_setting(self) -> None:
        """A student who signed up and asked for nothing is not updated, though all matches."""
        stage = Stage()
        stage.do(SignUp(GIL, "Gil", "H"))
        assert stage.rows(gil(), job=MANUAL) == ["an_unconnected_student_needs_the_setting"]
        assert isinstance(stage.errors(gil()), str)

    def test_pending_elsewhere_without_the_setting(self) -> None:
        """A student pending at another institution is not updated either."""
        stage = Stage()
        stage.do(*pending(institution="south"))
        assert stage.rows(gil(), job=MANUAL) == ["an_unconnected_student_needs_the_setting"]

    def test_with_another_username_the_sensitive_text_comes_first(self) -> None:
        """The username of the student system is a difference: the text is the one that the article names."""
        stage = Stage()
        stage.do(*pending())
        assert stage.errors(gil(username="5")) == SENSITIVE_FIELDS
        stage.do(SignUp("b@home.example", "B", "C"))
        assert stage.errors(gil(username="6", email_address="b@home.example")) == SENSITIVE_FIELDS

    def test_declined(self) -> None:
        """The setting does not connect whom this institution has declined; another one it does."""
        stage = Stage()
        stage.do(*declined())
        assert stage.rows(gil(), job=SETTING) == ["a_declined_student_is_not_connected"]
        assert isinstance(stage.errors(gil(), job=SETTING), str)
        assert stage.rows(gil(), job=SOUTHERN) == ["updated"]
        assert stage[GIL]["declined_by"] == ["north"]

    def test_declined_and_connected_since(self) -> None:
        """Who was declined here and is connected elsewhere is invisible, as all who are."""
        stage = Stage()
        stage.do(*declined())
        stage.rows(gil(), job=SOUTHERN)
        assert stage.rows(gil(), job=SETTING) == ["email_is_unique_everywhere"]


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
