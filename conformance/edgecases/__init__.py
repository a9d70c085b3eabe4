"""The edge cases of the file format: small conversations that the suite plays against any importer.

A case holds requests only; what a right importer answers to them is what the model answers.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from conformance.edgecases import marks
from conformance.edgecases.building import EdgeCase

__all__ = ["EdgeCase", "edge_cases"]

GROUPS = (marks,)


@cache
def edge_cases() -> tuple[EdgeCase, ...]:
    """Every edge case, group by group."""
    return tuple(case for group in GROUPS for case in group.cases())


@cache
def by_name() -> Mapping[str, Any]:
    """Name of a case → the case."""
    return {case.name: case for case in edge_cases()}
