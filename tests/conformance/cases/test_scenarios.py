"""The scenario pages are true of the model, and would not be without the rules that they show."""

import base64
import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from conformance.attribution.relevance import is_relevant
from conformance.cases.scenarios.parser import (
    Example,
    ScenarioError,
    Step,
    examples,
    examples_of,
    narrowed,
    pages,
    spelled_out,
)
from conformance.oracle.answers import NOWHERE, answer
from conformance.oracle.judge import judge
from conformance.oracle.state import OracleState
from conformance.protocol.narrowing import without_columns
from refmodel.catalogue import CATALOGUE


def contradictions(example: Example) -> Iterator[str]:
    """Everything that an example says and that is not so in the model."""
    _, world = answer(NOWHERE, {"op": "reset", "world": example.world})
    for step in example.steps:
        response, world = answer(world, step.request)
        accounts = answer(world, {"op": "observe"})[0]["accounts"]
        said = (_report(step, response), _failed_rows(step, response), _students(step, accounts))
        yield from (f"line {step.line}: {text}" for text in said if text)


def _report(step: Step, response: dict[str, Any]) -> str | None:
    if step.request["op"] == "do":
        return _unequal(step.report, (action_result(response),))
    lines = report_lines(response["report"])
    if step.report is None:
        return next((f"a set-up file fails: {line}" for line in lines if "failed" in line or "refused" in line), None)
    said = tuple(_normal(line) for line in step.report if line.strip())
    return _unequal(said, tuple(map(_normal, lines)))


def _normal(line: str) -> str:
    number, outcome, *rest = [*line.split(maxsplit=2), "", ""]
    return f"{number} {outcome} {json.dumps(json.loads(rest[0]), sort_keys=True)}" if rest[0] else line.strip()


def report_lines(report: dict[str, Any]) -> Iterator[str] | list[str]:
    """A report as the pages write it."""
    if report["refused"] is not None:
        return ["refused"]
    return [
        f"{row['row']} {row['outcome']}" + (f" {json.dumps(row['response'])}" if row["outcome"] == "failed" else "")
        for row in report["rows"]
    ]


def action_result(response: dict[str, Any]) -> str:
    """What came of an action, as the pages write it."""
    if not response["done"]:
        return "refused"
    return {None: "done", True: "access", False: "no access"}[response.get("access")]


def _failed_rows(step: Step, response: dict[str, Any]) -> str | None:
    if step.failed_rows is None:
        return None
    data = base64.b64decode(response["report"]["failed_rows_csv"]).decode()
    return _unequal(step.failed_rows, data.replace("\r\n", "\n"))


def _students(step: Step, accounts: list[dict[str, Any]]) -> str | None:
    if step.students is None:
        return None
    header, *said = list(csv.reader(io.StringIO(step.students)))
    found = [[_cell(account[name]) for name in header] for account in accounts]
    return _unequal(sorted(said), sorted(found))


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    return ";".join(value) if isinstance(value, list) else value or ""


def _unequal(said: Any, found: Any) -> str | None:
    return None if said == found else f"the page says {said!r}, the model {found!r}"


@pytest.mark.parametrize("example", [pytest.param(e, id=e.id) for e in examples()])
def test_a_page_is_true(example: Example) -> None:
    """What a page says comes of its examples is what the model makes of them."""
    assert not list(contradictions(example))


@pytest.mark.parametrize("example", [pytest.param(e, id=e.id) for e in examples()])
def test_an_example_shows_its_rules(example: Example) -> None:
    """Each rule that an example names changes what comes of it: without the rule it would fail."""
    idle = [name for name in example.rules if not is_relevant(name, example.requests, OracleState())]
    assert not idle


def test_every_rule_has_an_example_of_its_own() -> None:
    """Each rule of the catalogue is the first one of at least one example."""
    missing = CATALOGUE.keys() - {example.rules[0] for example in examples()}
    assert not missing, f"conformance/cases/scenarios/pages/ needs an example whose first rule is {', '.join(missing)}"


def test_no_two_examples_have_the_same_name() -> None:
    """A test's id tells one example."""
    assert [name for name, count in Counter(example.id for example in examples()).items() if count > 1] == []


def test_every_page_opens_with_a_title_and_prose() -> None:
    """A page begins with its title and says, before its first example, what it is about."""
    for name, text in pages().items():
        opening = text.partition("\n## ")[0]
        assert opening.startswith("# "), name
        assert len(opening.split()) > 30, name


def test_a_page_that_lies_is_noticed() -> None:
    """The check can fail: a page that says the opposite of the model contradicts it."""
    text = pages()["labels"].replace("1 updated", "1 unchanged")
    assert any(list(contradictions(example)) for example in examples_of("labels", text))


@pytest.mark.parametrize(
    ("section", "complaint"),
    [
        ("```json world\n{\n```", "the world is no JSON"),
        ("```csv file north\na\n```", "says which rules it shows"),
        ("Rules: `blank_label_clears`\n\n```csv file north\na\n```", "no such rule"),
        ("Rules: `blank_keeps`\n\n```csv fiel north\na\n```", "is not understood"),
        ("Rules: `blank_keeps`\n\n```text report\n1 created\n```", "is not understood"),
    ],
)
def test_a_page_that_cannot_be_read_says_where(section: str, complaint: str) -> None:
    """A mistake in a page is told with the page and the line."""
    with pytest.raises(ScenarioError, match=rf"page\.md, line \d+: .*{complaint}"):
        examples_of("page", f"# Page\n\n## Example\n\n{section}\n")


def test_bytes_are_spelled_out() -> None:
    """A block of bytes has no line breaks of its own, and the escapes that it writes."""
    assert spelled_out("a,b\\r\\n\n\\xE9\\\\\\t") == b"a,b\r\n\xe9\\\t"


def test_a_character_of_bytes_may_be_written_once_for_many() -> None:
    """A number in braces repeats the character or the escape before it, and nothing else is taken for one."""
    assert spelled_out("a,é\\{3}b\\{0}\\xE9\\{2}") == "a,ééé".encode() + b"\xe9\xe9"
    assert spelled_out("a\\\\{3},\\\\\\{2},a{3},\\{x}") == b"a\\{3},\\\\,a{3},\\{x}"


def test_columns_that_are_not_stored_are_left_out() -> None:
    """For an importer that stores fewer columns, files go without the others and nothing else changes."""
    example = next(e for e in examples() if e.rules[0] == "blank_labels_clear")
    columns = {"email_address", "username", "first_name", "last_name", "primary_education:end_date", "school_year_name"}
    for request in narrowed(example, columns).requests:
        if request["op"] == "import":
            assert b"system_label_names" not in base64.b64decode(request["csv"])


def test_a_long_cell_hides_no_column() -> None:
    """A file is narrowed also where a cell of it is longer than the standard reader takes."""
    long = b"x" * 131_073
    assert without_columns(b"a,b\r\n%s,1\r\n" % long, {"b"}) == b"a\r\n%s\r\n" % long


def test_a_wrong_answer_is_not_allowed() -> None:
    """The judge of the scenarios notices an importer that forgets a student."""
    example = examples()[0]
    known = OracleState()
    verdicts = []
    for request in example.requests:
        response, _ = answer(known.world, request)
        wrong = {"accounts": []} if request["op"] == "observe" else response
        judgement = judge(known, request, wrong)
        verdicts.append(judgement.allowed)
        known = judgement.known
    assert not all(verdicts)
