"""Steps 1 to 4 of a row, and what holds for the whole file: which rows are taken, and whom each is about."""

import pytest

from tests.support.world_builder import (
    SETTING,
    Stage,
    ada,
    bo,
)


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
