"""Symptoms: what differs, in general, and what the importer itself complained of."""

import pytest

from conformance.cases.scenarios.parser import file_request, full_world
from conformance.mutants import importer
from conformance.oracle.judge import Difference, judgements
from conformance.oracle.location import AccountPart, Location, RecordPart, ResponsePart, RowPart
from conformance.oracle.state import OracleState
from conformance.oracle.symptom import complained_of, in_general, is_let_pass, lets_pass, symptom_of
from conformance.protocol.trace import Exchange

HEADER = "email_address,username,first_name,last_name,primary_education:end_date,school_year_name,card_id"

IN_GENERAL = [
    (RowPart(3, "outcome"), "unchanged", "updated", "a row: expected unchanged, got updated", False),
    (RowPart(3, "outcome"), "failed", "created", "a row: expected failed, got created", True),
    (RowPart(1, "errors"), "x" * 90, None, "errors of a failed row: expected a long one, got null", True),
    (RowPart(1, "fields with errors"), ["a", "b"], ["a"], 'expected ["a", "b"], got ["a"]', True),
    (RowPart(1, "fields with errors"), ["a"], ["a", "b"], 'expected ["a"], got ["a", "b"]', False),
    (RowPart(1, "errors", "card_id"), "one", "two", 'the error of card_id: expected "one", got "two"', False),
    (RecordPart(2, "response"), "x", "y", "the file of failed rows: another response", False),
    (RecordPart(2), ["x"], ["y"], "the file of failed rows: another record", False),
    (AccountPart("a@x.edu"), {"email_address": "a"}, None, "an account: expected one, got none", False),
    (AccountPart("a@x.edu", "gender"), None, "x", "gender of an account: expected empty, got a value", False),
    (AccountPart("a@x.edu", "gender"), "x", "y", "gender of an account: expected a value, got another value", False),
    (AccountPart("a@x.edu", "disabled"), True, False, "disabled of an account: expected true, got false", False),
    (ResponsePart("refused"), "No.", None, "a file: expected refused, got taken", True),
    (ResponsePart("refused"), None, "No.", "a file: expected taken, got refused", False),
    (ResponsePart("done", "approve"), False, True, "approve, done: expected false, got true", True),
    (ResponsePart("access", "sign_in"), True, False, "sign_in, access: expected true, got false", False),
    (ResponsePart("number of rows"), 2, 1, "number of rows: expected 2, got 1", False),
]


@pytest.mark.parametrize(("where", "expected", "got", "text", "let_pass"), IN_GENERAL)
def test_a_difference_in_general(where: Location, expected: object, got: object, text: str, let_pass: bool) -> None:
    """The place, what was expected and what came, without the row, the person and this case's values."""
    difference = Difference(where, expected, got)
    assert in_general(difference).endswith(text)
    assert is_let_pass(difference) is let_pass


def said(name: str, *rows: str) -> list[Exchange]:
    """What an importer with a mistake answers to a file."""
    wrong = importer(name)
    reset = {"op": "reset", "world": full_world({"institutions": [{"id": "north"}]})}
    file = file_request(["north"], "\n".join((HEADER, *rows, "")))
    return [Exchange(request, wrong.handle(dict(request))) for request in (reset, file)]


def test_what_the_importer_complains_of_points_to_a_rule() -> None:
    """The error of a row that should not have failed names the rule that the importer applied."""
    rows = ("a@north.edu,1,Ada,Lee,,Alumni,A7", "b@north.edu,2,Bea,Lee,,Alumni,a7")
    exchanges = said("card_id_is_unique_in_any_case", *rows)
    judged = list(judgements(exchanges, OracleState()))
    assert symptom_of(judged) == "a row: expected created, got failed"
    assert complained_of(exchanges, judged) == ("card_id_is_unique_in_the_institution",)
    assert not lets_pass(judged)


def test_where_nothing_differs_there_is_no_symptom() -> None:
    """A right importer has none, and no complaint counts."""
    exchanges = said("card_id_is_unique_in_any_case", "a@north.edu,1,Ada,Lee,2026-13-01,Alumni,A7")
    judged = list(judgements(exchanges, OracleState()))
    assert (symptom_of(judged), complained_of(exchanges, judged), lets_pass(judged)) == ("", (), False)


def test_who_skips_a_row_goes_by_the_rule_for_it() -> None:
    """A row that is called unchanged, and is not, points to the rule about unchanged rows."""
    exchanges = said("card_id_is_unique_in_any_case", "a@north.edu,1,Ada,Lee,,Alumni,A7")
    (outcome,) = exchanges[1].response["report"]["rows"]
    outcome["outcome"] = "unchanged"
    assert complained_of(exchanges, list(judgements(exchanges, OracleState()))) == ("unchanged_rows_are_skipped",)
