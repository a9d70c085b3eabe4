"""The edge cases of the file format: small conversations that the suite plays against any importer.

A case holds requests only; what a right importer answers to them is what the model answers.
"""

from functools import cache

from conformance.edgecases import (
    blank_rows,
    dates,
    encodings,
    headers,
    line_ends,
    marks,
    quotes,
    ragged_rows,
    returning,
    sizes,
    texts,
)
from conformance.edgecases.building import EdgeCase

__all__ = ["EdgeCase", "edge_cases"]

GROUPS = (marks, encodings, line_ends, quotes, blank_rows, ragged_rows, headers, texts, dates, sizes, returning)


@cache
def edge_cases() -> tuple[EdgeCase, ...]:
    """Every edge case, group by group."""
    return tuple(case for group in GROUPS for case in group.cases())
