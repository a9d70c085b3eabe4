"""Steps 1 to 4 of a row, and what holds for the whole file: which rows are taken, and whom each is about."""

import pytest
from attrs import evolve

from tests.support.world_builder import (
    ATTENDING,
    HEADER,
    SETTING,
    Stage,
    ada,
    bo,
    csv_of,
    without,
)

WHOLE = ("ada@north.edu", "1", "Ada", "L", "", "Alumni")


class TestShape:
    """A row that is not as wide as the header, or that a spreadsheet has squared since, fails alone."""

    @pytest.mark.parametrize("blank", ["", " ", "\u3000"])
    @pytest.mark.parametrize("place", [0, 3, 6])
    def test_a_text_under_a_blank_header(self, blank: str, place: int) -> None:
        """Wherever the nameless column stands, a text in it fails its row, and white space does not."""
        header = [*HEADER[:place], blank, *HEADER[place:]]
        moved, fine = ([*WHOLE[:place], text, *WHOLE[place:]] for text in ("x", "\t"))
        report = Stage().send(csv_of([header, moved, fine]))
        assert [result.outcome for result in report.results] == ["failed", "created"]
        assert report.failed[0].rules == ("ragged_rows_fail",)

    def test_a_response_that_has_moved(self) -> None:
        """Where the header ends with status and response, a status that begins with { is a response that has moved."""
        header = (*HEADER, "status", "response")
        report = Stage().send(csv_of([header, (*WHOLE, '{"success":false}', "")]))
        assert report.failed[0].rules == ("ragged_rows_fail",)

    @pytest.mark.parametrize(
        ("more", "cells"),
        [
            (("status", "response"), ("failed", "{}")),
            (("status", "response"), ("", "")),
            (("status", "response"), (" {", "{")),
            (("response", "status"), ("{", "{")),
            (("statuses", "response"), ("{", "{")),
            (("Status", "response"), ("{", "{")),
            (("status", "response", "note"), ("{", "{", "{")),
            (("response",), ("{",)),
        ],
    )
    def test_what_has_not_moved(self, more: tuple[str, ...], cells: tuple[str, ...]) -> None:
        """Any other status, and any other header, is what it was: two columns that are ignored."""
        assert [r.outcome for r in Stage().send(csv_of([(*HEADER, *more), (*WHOLE, *cells)])).results] == ["created"]

    def test_a_short_row_squared_by_a_spreadsheet_changes_no_labels(self) -> None:
        """The failed row that was short, padded to the header's width, must not make labels of its status."""
        stage = Stage()
        header = (*HEADER, "system_label_names", "status", "response")
        report = stage.send(csv_of([header, (*WHOLE, "failed", '{"success":false}', "")]))
        assert report.failed[0].rules == ("ragged_rows_fail",)

    def test_left_out_anything_goes(self) -> None:
        """Without the rule a row is read as far as the header goes."""
        stage = Stage(ruleset=without("ragged_rows_fail"))
        assert [r.outcome for r in stage.send(csv_of([(*HEADER, ""), (*WHOLE, "x")])).results] == ["created"]


class TestIdentity:
    """Every row has a username and a well-formed e-mail address."""

    @pytest.mark.parametrize("text", ["", " \u3000", "**CLEAR**"])
    @pytest.mark.parametrize("header", ["username", "email_address"])
    def test_they_are_required(self, header: str, text: str) -> None:
        """Blank or cleared, on creation and on update alike, the field can't be blank."""
        stage = Stage()
        assert stage.errors(ada(**{header: text})) == {header: ["can't be blank"]}
        stage.rows(ada())
        assert stage.errors(ada(**{header: text}), job=SETTING) == {header: ["can't be blank"]}

    def test_a_malformed_address(self) -> None:
        """A malformed e-mail address is an error of its field."""
        assert Stage().errors(ada(email_address="ada")) == {"email_address": ["is invalid"]}

    def test_the_errors_of_this_step_are_gathered_and_no_others(self) -> None:
        """Both fields are complained of together; a malformed cell further on is not looked at."""
        errors = Stage().errors(ada(username="", email_address="@", school_year_name="x"))
        assert errors == {"username": ["can't be blank"], "email_address": ["is invalid"]}


class TestSharing:
    """Rows of one file that share an identifier all fail."""

    @pytest.mark.parametrize(
        ("header", "texts"),
        [
            ("username", ("7", "7")),
            ("email_address", ("c@north.edu", " C@North.EDU")),
            ("auth_identifier", ("x", "x")),
            ("card_id", ("007", "007")),
        ],
    )
    def test_all_of_them_fail(self, header: str, texts: tuple[str, str]) -> None:
        """Whichever of the four identifiers it is, compared as it decodes; the errors are a string."""
        one, other = ada(**{header: texts[0]}), bo(**{header: texts[1]})
        third = {"email_address": "c@home.example", "username": "3", "first_name": "C", "last_name": "D"}
        stage = Stage()
        failed = "rows_that_share_an_identifier_fail"
        assert stage.rows(one, third, other) == [failed, "created", failed]
        assert isinstance(stage.errors(one, other), str)

    def test_different_values_are_not_shared(self) -> None:
        """`7` and `007`, blanks and clears are not the same value, nor are equal values in two columns."""
        stage = Stage()
        assert (
            stage.rows(ada(card_id="7", auth_identifier=""), bo(card_id="007", auth_identifier="7")) == ["created"] * 2
        )
        assert stage.rows(ada(card_id="**CLEAR**"), bo(card_id="**CLEAR**"), job=SETTING) == ["updated"] * 2

    def test_rows_that_failed_before_do_not_count(self) -> None:
        """A row without a username shares nothing with anybody."""
        outcomes = Stage().rows(ada(username=""), ada())
        assert outcomes == ["username_and_email_are_required", "created"]

    def test_it_comes_before_the_other_refusals(self) -> None:
        """Rows that share fail for that reason whatever else would fail them later."""
        stage = Stage()
        stage.rows(ada())
        assert (
            stage.rows(ada(first_name="A"), ada(username="2", school_year_name="x"))
            == ["rows_that_share_an_identifier_fail"] * 2
        )

    def test_three_rows_in_a_chain(self) -> None:
        """A row that shares one value with one row and another with another: all three fail."""
        third = {"email_address": "bo@north.edu", "username": "1", "first_name": "C", "last_name": "D"}
        assert Stage().rows(ada(), bo(), third) == ["rows_that_share_an_identifier_fail"] * 3


class TestFindingTheSameStudent:
    """Rows of one file that find the same student in the world before the file all fail."""

    failed = "rows_that_find_the_same_student_fail"

    def test_one_by_the_username_and_one_by_the_address(self) -> None:
        """Whoever takes the username or the address that another row gives up would be given the account."""
        stage = Stage()
        stage.rows(ada(gender="w"), bo())
        before = stage["ada@north.edu"]
        rows = ada(email_address="new@north.edu"), ada(username="9"), bo(gender="m")
        assert stage.rows(*rows, job=SETTING) == [self.failed, self.failed, "updated"]
        assert stage["ada@north.edu"] == before
        assert len(stage) == 2

    def test_the_order_of_the_rows_makes_no_difference(self) -> None:
        """The world before the file decides, so each of them fails, whichever comes first."""
        stage = Stage()
        stage.rows(ada())
        assert stage.rows(ada(username="9"), ada(email_address="new@north.edu"), job=SETTING) == [self.failed] * 2

    def test_the_error_is_a_string_that_names_the_other_row(self) -> None:
        """Each row names one that finds the same student."""
        stage = Stage()
        stage.rows(ada())
        assert stage.errors(ada(email_address="new@north.edu"), ada(username="9")) == "Row 1 finds the same student"

    def test_three_rows(self) -> None:
        """Two fail by the pair; a row about nobody who is there is created beside them."""
        stage = Stage()
        stage.rows(ada())
        rows = ada(email_address="new@north.edu"), bo(), ada(username="9")
        assert stage.rows(*rows) == [self.failed, "created", self.failed]

    def test_it_comes_before_whatever_the_row_says(self) -> None:
        """An unchanged row, a malformed one, and one about an excluded student fail for this reason."""
        stage = Stage()
        stage.rows(ada())
        assert (
            stage.rows(ada(), ada(username="9", email_address="ADA@north.edu"))
            == ["rows_that_share_an_identifier_fail"] * 2
        )
        other = {"email_address": "x@home.example", "username": "1", "first_name": "A", "last_name": "L"}
        assert stage.rows({**other, ATTENDING: "yes"}, ada(username="9")) == [self.failed] * 2

    def test_rows_that_failed_before_do_not_count(self) -> None:
        """A row that shares an identifier with a third, or that has no username, finds nobody."""
        stage = Stage()
        stage.rows(ada())
        sharing = ada(email_address="c@north.edu", username="2", card_id="7"), bo(username="3", card_id="7")
        assert stage.rows(*sharing, ada(gender="w")) == ["rows_that_share_an_identifier_fail"] * 2 + ["updated"]

    def test_a_student_who_cannot_be_found_is_nobody(self) -> None:
        """Two rows that would find a student of another institution, were they not invisible, do not meet."""
        stage = Stage()
        stage.rows(ada(), job=SETTING)
        rows = ada(email_address="new@south.edu", username="1"), ada(username="9")
        assert stage.rows(*rows, job=evolve(SETTING, institution="south")) == [
            "created",
            "email_is_unique_everywhere email_domain_is_not_anothers",
        ]

    def test_left_out_the_rows_follow_each_other(self) -> None:
        """Without the rule the second row is looked up in the world that the first has left."""
        stage = Stage(ruleset=without("rows_that_find_the_same_student_fail"))
        stage.rows(ada())
        rows = ada(email_address="new@north.edu"), ada(username="9")
        assert stage.rows(*rows, job=SETTING) == ["updated", "created"]
        assert len(stage) == 2
