"""Failed rows whose cells are nothing but what must be quoted: they come back as they were."""

from collections.abc import Iterator

from conformance.cases.edge_cases.building import ADA, BEN, HEADER, YEAR, EdgeCase, but, edge_case, lines, quoted
from refmodel.cell import is_blank

RULES = "failed_rows_file enumerations_match_exactly"
CELLS = {
    "a_comma": ",",
    "commas": ",,",
    "a_quote": '"',
    "two_quotes": '""',
    "a_line_feed": "\n",
    "a_carriage_return": "\r",
    "a_line_ending_of_windows": "\r\n",
    "a_quote_and_a_comma": '",',
    "a_comma_and_a_quote": ',"',
    "a_comma_between_quotes": '","',
    "a_line_feed_between_quotes": '"\n"',
    "commas_and_line_endings": ",\r\n,",
}


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    header = (*HEADER, "preferred_name", "note")
    for name, text in CELLS.items():
        cell = quoted(text)
        rows = ((*but(ADA, YEAR, "Alumnus"), cell, "x"), (*but(BEN, YEAR, "Alumnus"), "x", cell))
        unknown = () if is_blank(text) else (cell,)  # a blank header would make rows ragged
        yield edge_case(
            f"failed_cell_of_{name}",
            RULES,
            f"A cell that holds only {name.replace('_', ' ')} comes back quoted in the file of failed rows.",
            "A cell is quoted only where it holds something else too, and the file of failed rows cannot be read.",
            lines((*header, *unknown), *((*row, *unknown) for row in rows)),
        )
