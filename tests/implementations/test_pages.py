"""The importers in the box answer every example of the pages as the specification wants."""

import shutil

import pytest

from conformance.cases.scenarios.parser import examples
from conformance.session.client import introduced
from conformance.transport.targets import connect
from conformance.verdict.run_case import checked
from tests.support.paths import ROOT

SQL = "python:conformance.implementations.sql"
JAVASCRIPT = f"cmd:node {ROOT / 'conformance/implementations/javascript/importer.mjs'}"
WITHOUT_NODE = pytest.mark.skipif(not shutil.which("node"), reason="not run: Node.js (node is not installed)")


@pytest.mark.parametrize(
    "target",
    [
        pytest.param(f"{SQL}:importer", id="sql"),
        pytest.param(f"{SQL}:staging_importer", id="sql-staging"),
        pytest.param(JAVASCRIPT, id="javascript", marks=WITHOUT_NODE),
    ],
)
def test_an_importer_answers_as_the_pages_say(target: str) -> None:
    """What the pages show is what the importer does; where it does not hold a rule, the rule is named."""
    with connect(target) as connected:
        importer = introduced(connected)
        cases = [checked(example, importer, importer.known()) for example in examples()]
    assert [f"{case.rules[0]}: {case.details}" for case in cases if case.status != "passed"] == []
