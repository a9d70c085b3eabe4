"""Short rows of a file that was returned as one of failed rows: what of them is an old status and response."""

from collections.abc import Iterator
from itertools import product

from conformance.cases.edge_cases.building import ADA, BEN, HEADER, EdgeCase, edge_case, lines, quoted

ANNOTATED = (*HEADER, "status", "response")
CELLS = ("failed", "{", '{"success":false}', "Failed", "x", " ")
IN_WORDS = {1: "one cell", 2: "two cells", 3: "three cells"}


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    for width, words in IN_WORDS.items():
        rows = [tuple(map(quoted, row)) for row in product(CELLS, repeat=width) if "".join(row).strip()]
        yield edge_case(
            f"annotated_rows_of_{words.replace(' ', '_')}",
            "failed_rows_file ragged_rows_fail",
            f"A ragged row of {words} comes back with its own cells, and with one status and one response.",
            "The reader looks for a status where the row has no cell, or takes the row's own cells for one.",
            lines(ANNOTATED, (*ADA, "failed", quoted("{}")), *rows, (*BEN, "", "")),
        )
