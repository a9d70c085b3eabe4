"""Reports and responses: what became of a row, and in which words."""

from __future__ import annotations

import json

import pytest

from refmodel.columns import BY_HEADER
from refmodel.failures import BLANK, TAKEN, Complaint, Complaints, Refusal, first_of_each_field, response, rules_of
from refmodel.report import Created, Failed, Report, Unchanged, Updated, as_json
from tests.support.world_builder import END, START, Stage, ada, bo, file_of

EMAIL, USERNAME, DATE = (BY_HEADER[name] for name in ("email_address", "username", END))


class TestResponses:
    """The response of a failed row."""

    def test_a_refusal_is_a_string(self) -> None:
        """Refusals, ragged rows and rows that share have a string for errors."""
        assert response(Refusal("rule", "text")) == {"success": False, "errors": "text"}

    def test_complaints_are_an_object(self) -> None:
        """Complaints are field → list of one message, nested fields with a dot; a field keeps the first."""
        failure = Complaints(
            (Complaint("one", EMAIL, TAKEN), Complaint("two", DATE, "x"), Complaint("three", EMAIL, BLANK))
        )
        errors = {"email_address": [TAKEN], "primary_education.end_date": ["x"]}
        assert response(failure) == {"success": False, "errors": errors}
        assert first_of_each_field(failure.complaints) == {name: said for name, (said,) in errors.items()}

    def test_the_rules_of_a_failure(self) -> None:
        """Each rule once, in order."""
        complaints = (Complaint("b", EMAIL, ""), Complaint("a", USERNAME, ""), Complaint("b", DATE, ""))
        assert rules_of(Complaints(complaints)) == ("b", "a")
        assert rules_of(Refusal("c", "")) == ("c",)

    def test_the_three_texts_of_the_articles(self) -> None:
        """The three quoted responses are given word for word."""
        stage = Stage()
        stage.rows(ada(card_id="7"), bo())
        wanted = [
            (
                ada(card_id="8"),
                '{"success":false,"errors":'
                '"Attempted to update sensitive fields without setting change_sensitive_fields"}',
            ),
            (
                {**bo(email_address="advisor@north.edu"), "username": "9"},
                '{"success":false,"errors":{"email_address":["has already been taken"]}}',
            ),
            (
                bo(**{START: "2020-01-02", END: "2020-01-01"}),
                '{"success":false,"errors":{"primary_education.end_date":'
                '["must be a date on or after primary_education:start_date"]}}',
            ),
        ]
        for row, text in wanted:
            report = stage.send(file_of(row))
            assert as_json(report.failed[0].response) == text
            assert text in report.failed_rows(file_of(row)).decode().replace('""', '"')

    def test_success(self) -> None:
        """Every row that did not fail has the same response, whatever became of it."""
        for result in (Created(1), Updated(1), Unchanged(1)):
            assert as_json(result.response) == '{"success":true}'

    def test_other_scripts(self) -> None:
        """A response is ASCII, and reads back as it was."""
        text = as_json(response(Refusal("rule", "Zoë 𝄞")))
        assert text.isascii()
        assert json.loads(text)["errors"] == "Zoë 𝄞"


class TestReport:
    """What became of a file."""

    FAILED = Failed(2, Refusal("rule", "text"))
    REPORT = Report((Created(1), FAILED, Updated(3), Unchanged(4), Created(5)))

    def test_counting(self) -> None:
        """How many rows had each outcome, and which failed."""
        assert self.REPORT.failed == (self.FAILED,)
        counts = {o: self.REPORT.count(o) for o in ("created", "updated", "unchanged", "failed")}
        assert counts == {"created": 2, "updated": 1, "unchanged": 1, "failed": 1}
        assert self.FAILED.rules == ("rule",)

    def test_an_empty_one(self) -> None:
        """A header alone makes a report of nothing."""
        assert (Report().results, Report().refused, Report().warnings, Report().failed) == ((), None, (), ())

    def test_a_refused_file_has_no_failed_rows(self) -> None:
        """To ask for them is a programmer's mistake."""
        with pytest.raises(ValueError, match="refused whole"):
            Report(refused=Refusal("rule", "text")).failed_rows(b"")
