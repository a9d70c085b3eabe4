"""The edge cases of the file format: small conversations that the suite plays against any importer.

A case holds requests only; what a right importer answers to them is what the model answers.
"""

from functools import cache

from conformance.cases.edge_cases import (
    action_texts,
    batches,
    blank_rows,
    byte_order_marks,
    calendars,
    changes,
    clashes,
    dates,
    encodings,
    equal_texts,
    headers,
    lengths,
    line_endings,
    long_files,
    neighbours,
    normalisation,
    open_quotes,
    previews,
    program_values,
    quotes,
    ragged_rows,
    resubmissions,
    same_meaning,
    short_annotated_rows,
    sizes,
    special_cells,
    surrounded_dates,
    texts,
    value_lists,
    widths,
)
from conformance.cases.edge_cases.building import EdgeCase

__all__ = ["EdgeCase", "edge_cases"]

GROUPS = (
    byte_order_marks,
    encodings,
    line_endings,
    quotes,
    blank_rows,
    ragged_rows,
    headers,
    texts,
    dates,
    sizes,
    widths,
    batches,
    lengths,
    changes,
    previews,
    resubmissions,
    equal_texts,
    program_values,
    calendars,
    normalisation,
    value_lists,
    surrounded_dates,
    open_quotes,
    special_cells,
    same_meaning,
    action_texts,
    clashes,
    short_annotated_rows,
    neighbours,
    long_files,
)


@cache
def edge_cases() -> tuple[EdgeCase, ...]:
    """Every edge case, group by group."""
    return tuple(case for group in GROUPS for case in group.cases())
