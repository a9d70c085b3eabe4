"""The scenarios: every example of the documentation, played against the importer."""

from conformance.cases.scenarios.parser import Example
from conformance.suite.plugin import Judge


def test_scenario(example: Example, judge: Judge) -> None:
    """The importer answers the example's conversation as a right one does."""
    judge.check(example)
