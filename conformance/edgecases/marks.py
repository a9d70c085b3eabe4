"""Byte order marks: one in front, two, alone, and where none belongs."""

from collections.abc import Iterator

from conformance.edgecases.building import ADA, BEN, HEADER, EdgeCase, edge_case, lines

MARK = b"\xef\xbb\xbf"


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    file = lines(HEADER, ADA)
    yield edge_case(
        "byte_order_mark",
        "file_is_utf8_csv",
        "A byte order mark in front of the file belongs to no cell.",
        "The first header is not known, because the mark is taken for a part of it.",
        MARK + file,
        lines(HEADER, BEN),
    )
    yield edge_case(
        "byte_order_mark_then_quoted_header",
        "file_is_utf8_csv",
        "Behind a byte order mark a quote opens the first header as it does without one.",
        "The quote is not seen at the start of the cell, so that the header keeps its quotes and is not known.",
        MARK + file.replace(b"email_address", b'"email_address"'),
    )
