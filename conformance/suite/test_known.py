"""The known deviations: each entry of the owner's file is still true of the importer."""

from conformance.suite.plugin import Judge
from conformance.verdict.known_deviations import KnownDeviation


def test_known_deviation(known_deviation: KnownDeviation, judge: Judge) -> None:
    """The importer still deviates, and exactly as its owner says."""
    judge.check_known(known_deviation)
