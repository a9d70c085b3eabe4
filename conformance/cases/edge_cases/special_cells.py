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
    yield from alone()
    yield from in_front()


def alone() -> Iterator[EdgeCase]:
    """Cells that hold nothing else."""
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


def in_front() -> Iterator[EdgeCase]:
    """The character of the byte order mark, in front of the first header."""
    for name, header in {"alone": "\ufeff", "with_text": "\ufeffnote", "twice": "\ufeff\ufeffnote"}.items():
        yield edge_case(
            f"failed_rows_behind_a_header_of_a_mark_{name}",
            RULES,
            "A first header that begins with U+FEFF comes back quoted, or the character would be lost as a mark.",
            "The file of failed rows begins with what readers take for a byte order mark, and the header is another.",
            lines((quoted(header), *HEADER), ("x", *but(ADA, YEAR, "Alumnus"))),
        )
