"""The edge cases of the file format, played against the importer."""

from conformance.cases.edge_cases import EdgeCase
from conformance.suite.plugin import Judge


def test_edge_case(edge_case: EdgeCase, judge: Judge) -> None:
    """The importer takes the file, or refuses it, as a right one does, in a preview and in an import."""
    judge.check_edge_case(edge_case)
