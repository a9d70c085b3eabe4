"""Byte order marks: one in front, two, alone, and where none belongs."""

from collections.abc import Iterator

from conformance.cases.edge_cases.building import (
    ADA,
    BEN,
    CLEO,
    EMAIL,
    END_DATE,
    FIRST_NAME,
    HEADER,
    EdgeCase,
    but,
    edge_case,
    lines,
    quoted,
)

MARK = b"\xef\xbb\xbf"
CHARACTER = "\ufeff"


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    yield from in_front()
    yield from too_many()
    yield from among_the_rows()


def in_front() -> Iterator[EdgeCase]:
    """One mark, where it belongs."""
    yield edge_case(
        "byte_order_mark",
        "file_is_utf8_csv",
        "A byte order mark in front of the file belongs to no cell.",
        "The mark is taken for a part of the first header, which is not known then.",
        MARK + lines(HEADER, ADA),
        lines(HEADER, BEN),
    )
    yield edge_case(
        "byte_order_mark_then_quoted_header",
        "file_is_utf8_csv",
        "Behind a byte order mark a quote opens the first header as it does without one.",
        "The mark is taken off after the cells are cut apart, when the first header has kept its quotes.",
        MARK + lines(map(quoted, HEADER), ADA),
    )
    yield edge_case(
        "byte_order_mark_then_quoted_comma",
        "file_is_utf8_csv",
        "Behind a byte order mark a comma in quotes separates nothing.",
        "The quote behind the mark is not seen, so that the first header falls into two and all rows are short.",
        MARK + lines(('"note, if any"', *HEADER), ("", *ADA)),
    )
    yield edge_case(
        "byte_order_mark_with_crlf",
        "file_is_utf8_csv",
        "A file with a byte order mark and CRLF, as spreadsheets write it, is like any other.",
        "The mark, or the CR at the end of the last header, is taken for a part of a name.",
        MARK + lines(HEADER, ADA, BEN, end=b"\r\n"),
    )
    yield edge_case(
        "byte_order_mark_then_blank_line",
        "empty_rows_are_ignored",
        "A line that holds the byte order mark only is blank, and the header comes behind it.",
        "The mark makes the line look as if there were something in it, and it is taken for the header.",
        MARK + b"\r\n" + lines(HEADER, ADA),
    )


def too_many() -> Iterator[EdgeCase]:
    """A mark alone, two, and one behind something."""
    yield edge_case(
        "byte_order_mark_alone",
        "required_headers_are_present",
        "A file of a byte order mark and nothing else has no header, and is refused.",
        "The file is taken for an empty one in which all is well, and a broken export is not noticed.",
        MARK,
    )
    yield edge_case(
        "byte_order_mark_twice",
        "required_headers_are_present",
        "Of two byte order marks the second is a part of the first header.",
        "All marks are taken off, so that a header which is not the required one passes for it.",
        MARK * 2 + lines(HEADER, ADA),
    )
    yield edge_case(
        "byte_order_mark_behind_a_blank_line",
        "required_headers_are_present",
        "A mark that is not at the very beginning of the file is a part of the cell it stands in.",
        "Blank lines are dropped before the mark is looked for, which then passes for one in front.",
        b"\n" + MARK + lines(HEADER, ADA),
    )
    yield edge_case(
        "byte_order_mark_in_quotes",
        "required_headers_are_present",
        "A mark within the quotes of the first header is a part of the header.",
        "The mark is taken off the text of the cell, where it is a character like any other.",
        b'"' + MARK + b'email_address"' + lines(HEADER, ADA)[len("email_address") :],
    )
    yield edge_case(
        "byte_order_mark_before_a_later_header",
        "required_headers_are_present",
        "A mark in front of the second header makes it another header.",
        "Marks are taken off every header, as if they were white space.",
        lines(but(HEADER, 1, CHARACTER + "username"), ADA),
    )


def among_the_rows() -> Iterator[EdgeCase]:
    """What is left when files with marks are glued together."""
    yield edge_case(
        "byte_order_mark_before_a_row",
        "emails_ignore_case",
        "A mark in front of a row is a character of its first cell, and no white space around the address.",
        "The mark is trimmed off the address, as some languages count it as white space.",
        lines(HEADER, ADA, but(BEN, EMAIL, CHARACTER + BEN[EMAIL])),
    )
    yield edge_case(
        "byte_order_mark_before_a_name",
        "values_are_verbatim",
        "A mark at the beginning of a cell is stored with the cell.",
        "The mark is trimmed off, as some languages count it as white space.",
        lines(HEADER, but(ADA, FIRST_NAME, CHARACTER + "Ada"), BEN),
    )
    yield edge_case(
        "byte_order_mark_as_a_name",
        "values_are_verbatim",
        "A cell of a mark only is not blank: its text is stored.",
        "The cell counts as blank, and what was stored before is kept.",
        lines(HEADER, ADA),
        lines(HEADER, but(ADA, FIRST_NAME, CHARACTER)),
    )
    yield edge_case(
        "byte_order_mark_as_a_date",
        "dates_are_real dates_follow_the_job",
        "A cell of a mark only is not blank, and no date.",
        "The cell counts as blank, and a row with a wrong date is applied.",
        lines(HEADER, ADA, but(BEN, END_DATE, CHARACTER)),
    )
    yield edge_case(
        "byte_order_mark_as_the_last_line",
        "ragged_rows_fail",
        "A last line that holds a mark only is a row, and too short.",
        "The line is passed over, although there is something in it.",
        lines(HEADER, ADA, MARK),
    )
    yield edge_case(
        "two_files_glued_together",
        "username_and_email_are_required emails_ignore_case",
        "A second header among the rows, mark and all, is a row without an address, and the rows below it count.",
        "The row is passed over, or all that stands behind it is.",
        MARK + lines(HEADER, ADA) + MARK + lines(HEADER, CLEO),
    )
    yield edge_case(
        "utf_16_mark_before_utf_8",
        "file_is_utf8_csv",
        "The mark of UTF-16 in front of UTF-8 refuses the file.",
        "Whatever looks like a mark is taken off without looking whether the rest agrees with it.",
        b"\xff\xfe" + lines(("note", *HEADER), ("", *ADA)),
    )
    yield edge_case(
        "half_a_byte_order_mark",
        "file_is_utf8_csv",
        "Two of the three bytes of a mark are no UTF-8, and refuse the file.",
        "The bytes are replaced or dropped, and the file is taken.",
        MARK[:2] + lines(("note", *HEADER), ("", *ADA)),
    )
