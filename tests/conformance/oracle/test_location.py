"""Locations: data, whose text is written last."""

import ast
from collections.abc import Iterator, Mapping

import pytest

from conformance.oracle.location import AccountPart, Location, RecordPart, ResponsePart, RowPart
from tests.support.paths import ROOT

TEXTS: Mapping[Location, str] = {
    ResponsePart("refused"): "refused",
    ResponsePart("number of rows"): "number of rows",
    ResponsePart("failed_rows_csv"): "failed_rows_csv",
    ResponsePart("done", "sign_up"): "sign_up: done",
    RowPart(2, "outcome"): "row 2: outcome",
    RowPart(2, "fields with errors"): "row 2: fields with errors",
    RowPart(2, "errors", "email_address"): "row 2: errors of email_address",
    RecordPart(3): "failed_rows_csv, record 3",
    RecordPart(3, "response"): "failed_rows_csv, record 3: response",
    AccountPart("ada@north.edu"): "account ada@north.edu",
    AccountPart(None): "account None",
    AccountPart("ada@north.edu", "primary_education:end_date"): "account ada@north.edu: primary_education:end_date",
}
PARSERS = {"match", "fullmatch", "search", "findall", "finditer", "sub", "split", "rsplit", "partition", "rpartition"}
PARSERS |= {"startswith", "endswith", "removeprefix", "removesuffix", "index", "find", "replace"}


@pytest.mark.parametrize("location", TEXTS, ids=str)
def test_the_text_of_a_location(location: Location) -> None:
    """It is the one that reports, journals and people know."""
    assert str(location) == TEXTS[location]


def test_every_kind_of_location_has_a_text() -> None:
    """A new kind needs its text above."""
    assert {type(location).__name__ for location in TEXTS} == {kind.__name__ for kind in Location.__subclasses__()}


def test_two_locations_of_one_text_are_two() -> None:
    """An account with an odd address is not the field of another account."""
    assert str(AccountPart("a: username")) == str(AccountPart("a", "username"))
    assert AccountPart("a: username") != AccountPart("a", "username")


def parsing(tree: ast.AST) -> Iterator[str]:
    """The calls that look for something in the text of a location."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in PARSERS:
            within = [node for part in (call.func.value, *call.args) for node in ast.walk(part)]
            if any(isinstance(node, ast.Attribute) and node.attr == "where" for node in within):
                yield ast.unparse(call)


def test_nobody_parses_a_location() -> None:
    """No module of the suite looks for anything in the text of one, the reports least of all."""
    paths = sorted((ROOT / "conformance").rglob("*.py"))
    found = {path.name: list(parsing(ast.parse(path.read_text("utf-8")))) for path in paths}
    assert {name: calls for name, calls in found.items() if calls} == {}
    assert list(parsing(ast.parse("ROW.fullmatch(difference.where)"))) == ["ROW.fullmatch(difference.where)"]
