"""Refusals: what refuses a row."""

from typing import Any

import pytest

from refmodel.actions import SetExcluded, SignUp
from refmodel.failures import SENSITIVE_FIELDS
from tests.support.world_builder import (
    AUTOMATIC,
    GIL,
    MANUAL,
    SETTING,
    SOUTHERN,
    Stage,
    Texts,
    ada,
    declined,
    gil,
    pending,
    stage_with,
)


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
