"""Open quotes and what the file begins with: a reader that finds no closing quote must not go on from the beginning.

Where a search finds nothing, many languages answer -1. Taken for a place, that is the first character of the text.
"""

from collections.abc import Iterator

from conformance.cases.edge_cases.building import ADA, BEN, FIRST_NAME, HEADER, EdgeCase, but, edge_case, lines, quoted

BEGINNINGS = {  # what the file begins with: in words, and the file up to the row with the quote
    "quote": ("a quoted header", lines(map(quoted, HEADER), ADA)),
    "comma": ("a blank header", lines(("", *HEADER), ("", *ADA))),
    "line_feed": ("a blank line", lines(b"", HEADER, ADA)),
    "carriage_return": ("a blank line that a CR ends", lines(b"", HEADER, ADA, end=b"\r")),
    "byte_order_mark": ("a byte order mark and a quoted header", b"\xef\xbb\xbf" + lines(map(quoted, HEADER), ADA)),
    "mark_and_comma": ("a byte order mark and a blank header", b"\xef\xbb\xbf" + lines(("", *HEADER), ("", *ADA))),
    "mark_and_line_feed": ("a byte order mark and a blank line", b"\xef\xbb\xbf" + lines(b"", HEADER, ADA)),
}
CELLS = {"alone": '"', "with_text": '"Ben', "with_two_quotes": '"Ben""'}


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    for beginning, (words, file) in BEGINNINGS.items():
        for name, cell in CELLS.items():
            yield edge_case(
                f"open_quote_{name}_in_a_file_that_begins_with_{beginning}",
                "file_is_utf8_csv",
                f"A quote that is never closed refuses a file that begins with {words}.",
                "The place of a quote that is not there is -1, from which the reader goes on at the file's beginning.",
                file + lines(but(BEN, FIRST_NAME, cell)),
            )
