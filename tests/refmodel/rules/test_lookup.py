"""Lookup: whom a row is about, and whether it says anything new."""

import pytest

from refmodel.actions import AddByEmail, Approve, Decline, EditProfile, SetExcluded, SwitchInstitution
from refmodel.job import Job
from tests.support.world_builder import (
    END,
    GIL,
    LABELS,
    SETTING,
    SOUTHERN,
    Stage,
    ada,
    approved,
    bo,
    gil,
    pending,
    without,
)


class TestLookup:
    """The username is looked up first, the e-mail address second."""

    def test_by_username(self) -> None:
        """A student of the institution is found by username, with another e-mail address in the row."""
        stage = Stage()
        stage.rows(ada())
        assert stage.rows(ada(email_address="new@north.edu"), job=SETTING) == ["updated"]
        assert "new@north.edu" in stage
        assert len(stage) == 1

    def test_by_email(self) -> None:
        """Where no username is found, the e-mail address finds; its case does not count."""
        stage = Stage()
        stage.rows(ada())
        assert stage.rows(ada(username="9", email_address=" ADA@north.edu"), job=SETTING) == ["updated"]
        assert stage["ada@north.edu"]["username"] == "9"

    def test_the_username_goes_first(self) -> None:
        """A row with the username of one and the e-mail address of another is about the first."""
        stage = Stage()
        stage.rows(ada(), bo())
        assert stage.errors(ada(email_address="bo@north.edu"), job=SETTING) == {
            "email_address": ["has already been taken"]
        }

    def test_usernames_are_verbatim(self) -> None:
        """`1`, `01` and ` 1` are three usernames."""
        stage = Stage()
        assert stage.rows(ada(), ada(username="01", email_address="b@north.edu")) == ["created"] * 2
        assert stage.rows(ada(username=" 1", email_address="c@north.edu")) == ["created"]

    def test_pending_students_are_found_by_username(self) -> None:
        """A student pending at the institution is found by username as well."""
        stage = Stage()
        stage.do(*pending())
        row = ada(username=GIL, email_address="gil@north.edu")
        assert stage.rows(row, job=SETTING) == ["updated"]
        assert stage["gil@north.edu"]["institution"] == "north"

    def test_unconnected_students_are_found_by_email_only(self) -> None:
        """The username of a student who is pending elsewhere, or nowhere, finds nobody; the address does."""
        stage = Stage()
        stage.do(*pending(institution="south"))
        row = ada(username=GIL, email_address="new@north.edu")
        assert stage.rows(row, job=SETTING) == ["created"]
        assert stage.rows(ada(email_address=GIL), job=SETTING) == ["updated"]

    def test_students_of_other_schools_are_invisible(self) -> None:
        """A student connected elsewhere is found by nothing; the address has already been taken."""
        stage = Stage()
        stage.do(*approved(institution="south"))
        row = ada(username=GIL, email_address=GIL)
        taken = {"email_address": ["has already been taken"]}
        assert stage.errors(row) == stage.errors(row, job=SETTING) == taken
        assert stage.rows(ada(username=GIL)) == ["created"]

    @pytest.mark.parametrize("email", ["advisor@north.edu", "hr@employer.example", "HR@Employer.example"])
    def test_staff_and_employers_are_invisible(self, email: str) -> None:
        """No row is about staff or an employer; their addresses have been taken."""
        errors = Stage().errors(ada(email_address=email), job=SETTING)
        assert errors == {"email_address": ["has already been taken"]}

    def test_left_out(self) -> None:
        """Without a lookup its students are not found; without the rule on other schools all are."""
        no_username = Stage(ruleset=without("username_is_looked_up_first"))
        no_username.rows(ada())
        assert no_username.rows(ada(email_address="b@north.edu"), job=SETTING) == ["created"]
        no_email = Stage(ruleset=without("email_is_looked_up_second"))
        no_email.rows(ada())
        assert no_email.rows(ada(username="9"), job=SETTING) == ["email_is_unique_everywhere"]
        seeing = Stage(ruleset=without("other_schools_students_are_invisible"))
        seeing.do(*approved(institution="south"))
        row = ada(username=GIL, email_address=GIL, gender="f")
        assert seeing.rows(row, job=SETTING) == ["updated"]
        assert seeing[GIL]["institution"] == "south"


class TestUnchangedRows:
    """A row that says what the row last applied said is left alone."""

    def test_a_manual_repair_stays(self) -> None:
        """What staff repaired in the app is not undone by the same file, but by the first that says otherwise."""
        stage = Stage()
        stage.rows(ada(gender="f"))
        stage.do(EditProfile("north", "ada@north.edu", {"gender": "x"}))
        assert stage.rows(ada(gender="f")) == ["unchanged"]
        assert stage["ada@north.edu"]["gender"] == "x"
        assert stage.rows(ada(gender="f", middle_name="M")) == ["updated"]
        assert stage["ada@north.edu"]["gender"] == "f"

    def test_compared_as_they_decode(self) -> None:
        """Another format of the date, another order of labels, another case of the address are no change."""
        stage = Stage()
        stage.rows(ada(**{END: "2020-02-29", LABELS: "b;a"}))
        stage.do(EditProfile("north", "ada@north.edu", {END: "2021-01-01"}))
        row = ada(**{END: "02/29/2020", LABELS: " a; b;a", "email_address": "ADA@NORTH.EDU"})
        assert stage.rows(row, job=Job("north", date_format="mm/dd/yyyy")) == ["unchanged"]
        assert stage["ada@north.edu"][END] == "2021-01-01"

    def test_a_column_that_is_left_out_does_not_count(self) -> None:
        """A file that lacks a column of the last one says nothing new by that."""
        stage = Stage()
        stage.rows(ada(gender="f", **{LABELS: "a"}))
        stage.do(EditProfile("north", "ada@north.edu", {"first_name": "Augusta"}))
        assert stage.rows(ada(gender="f")) == stage.rows(ada()) == ["unchanged"]
        assert stage["ada@north.edu"]["first_name"] == "Augusta"

    def test_a_column_that_was_not_there_counts_as_kept(self) -> None:
        """A new column of blanks says nothing new, save that of the labels, which clears."""
        stage = Stage()
        stage.rows(ada())
        stage.do(EditProfile("north", "ada@north.edu", {"first_name": "Augusta"}))
        assert stage.rows(ada(gender=" ", middle_name="")) == ["unchanged"]
        assert stage["ada@north.edu"]["first_name"] == "Augusta"
        assert stage.rows(ada(**{LABELS: ""})) == ["updated"]
        assert stage["ada@north.edu"]["first_name"] == "Ada"

    def test_a_blank_and_a_clear_are_not_the_same(self) -> None:
        """A clear where a blank was is new, though it may change nothing: then the row is unchanged all the same."""
        stage = Stage()
        stage.rows(ada(gender=""))
        stage.do(EditProfile("north", "ada@north.edu", {"first_name": "Augusta"}))
        assert stage.rows(ada(gender="**CLEAR**")) == ["updated"]
        assert stage.rows(ada(gender="")) == ["unchanged"]

    def test_lists_have_an_order(self) -> None:
        """The same courses in another order are a change."""
        stage = Stage()
        stage.rows(ada(**{"primary_education:major_names": "a;b"}))
        assert stage.rows(ada(**{"primary_education:major_names": "b;a"})) == ["updated"]

    def test_rows_that_failed_are_tried_again(self) -> None:
        """A row that failed is not the row last applied."""
        stage = Stage()
        stage.rows(ada())
        assert stage.rows(ada(card_id="7")) == stage.rows(ada(card_id="7")) == ["sensitive_fields_need_the_setting"]
        assert stage.rows(ada(card_id="7"), job=SETTING) == ["updated"]

    def test_also_where_the_student_is_excluded(self) -> None:
        """An unchanged row of an excluded student does not fail."""
        stage = Stage()
        stage.rows(ada())
        stage.do(SetExcluded("north", "ada@north.edu", True))
        assert stage.rows(ada()) == ["unchanged"]
        assert stage.rows(ada(gender="f")) == ["excluded_students_are_not_updated"]

    def test_a_row_that_changed_nothing_is_remembered(self) -> None:
        """An applied row counts as the last one even if it changed nothing."""
        stage = Stage()
        stage.do(*approved())
        row = {
            "username": GIL,
            "email_address": GIL,
            "first_name": "Gil",
            "last_name": "H",
        }
        assert stage.rows(row) == ["unchanged"]
        stage.do(EditProfile("north", GIL, {"first_name": "G"}))
        assert stage.rows(row) == ["unchanged"]
        assert stage[GIL]["first_name"] == "G"

    def test_a_row_applied_while_pending_counts_once_connected(self) -> None:
        """What a job applied to a pending student is compared with once they are connected, and not before."""
        stage = Stage()
        stage.do(*pending())
        row = gil(first_name="G")
        assert stage.rows(row) == ["updated"]
        stage.do(EditProfile("north", GIL, {"first_name": "Gilbert"}))
        assert stage.rows(row) == ["updated"]
        stage.do(Approve("north", GIL), EditProfile("north", GIL, {"first_name": "B"}))
        assert stage.rows(row) == ["unchanged"]

    def test_forgotten_by_leaving(self) -> None:
        """Who leaves and comes back is updated by the same row again."""
        stage = Stage()
        stage.rows(ada(gender="f"))
        moves = (SwitchInstitution("ada@north.edu", "south"), SwitchInstitution("ada@north.edu", "north"))
        stage.do(*moves, EditProfile("north", "ada@north.edu", {"gender": "x"}))
        assert stage.rows(ada(gender="f")) == ["updated"]

    def test_forgotten_by_being_declined(self) -> None:
        """Who was declined and is added later is updated by the same row again."""
        stage = Stage()
        stage.do(*pending())
        row = gil(first_name="G")
        stage.rows(row)
        stage.do(Decline("north", GIL), AddByEmail("north", GIL))
        stage.do(EditProfile("north", GIL, {"first_name": "X"}))
        assert stage.rows(row) == ["updated"]

    def test_another_institutions_rows_do_not_count(self) -> None:
        """What the last institution applied is not what this one applied."""
        stage = Stage()
        row = {"username": "1", "email_address": "c@home.example", "first_name": "C", "last_name": "D"}
        stage.rows(row, job=SOUTHERN)
        stage.do(
            SwitchInstitution("c@home.example", "north"), EditProfile("north", "c@home.example", {"first_name": "X"})
        )
        assert stage.rows(row) == ["updated"]

    def test_left_out_every_row_is_applied(self) -> None:
        """Without the rule the same file undoes a repair."""
        stage = Stage(ruleset=without("unchanged_rows_are_skipped"))
        stage.rows(ada(gender="f"))
        stage.do(EditProfile("north", "ada@north.edu", {"gender": "x"}))
        assert stage.rows(ada(gender="f")) == ["updated"]
