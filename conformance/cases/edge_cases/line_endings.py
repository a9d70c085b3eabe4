"""Ends of lines: LF, CRLF and CR, mixed, missing, in quotes; and what is none."""

from collections.abc import Iterator

from conformance.cases.edge_cases.building import (
    ADA,
    BEN,
    CLEO,
    FIRST_NAME,
    HEADER,
    YEAR,
    EdgeCase,
    but,
    code_point,
    edge_case,
    line,
    lines,
    quoted,
)

ENDS = {"lf": b"\n", "crlf": b"\r\n", "cr": b"\r"}
NO_ENDS = {  # characters that some languages count among the line ends
    "vertical_tab": "\v",
    "form_feed": "\f",
    "file_separator": "\x1c",
    "group_separator": "\x1d",
    "record_separator": "\x1e",
    "next_line": "\x85",
    "line_separator": "\u2028",
    "paragraph_separator": "\u2029",
}


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    yield from the_three()
    yield from pairs()
    yield from at_the_end()
    yield from doubled()
    yield from in_quotes()
    yield from in_headers()
    yield from no_ends()


def the_three() -> Iterator[EdgeCase]:
    """Each end throughout a file, with the last one and without."""
    for name, end in ENDS.items():
        file = lines(HEADER, ADA, BEN, end=end)
        wrong = f"{name.upper()} is not known as the end of a row, so that two rows, or header and rows, are one."
        title = f"{name.upper()} ends each row."
        yield edge_case(f"{name}_throughout", "file_is_utf8_csv", title, wrong, file)
        title = f"The last row needs no {name.upper()} behind it."
        wrong = "The last row is dropped because nothing ends it."
        yield edge_case(f"{name}_but_not_at_the_end", "file_is_utf8_csv", title, wrong, file[: -len(end)])


def pairs() -> Iterator[EdgeCase]:
    """One end behind the header and another behind the rows."""
    wrong = "The end that the first line has is taken for that of all, and the rest is one row."
    for one, first in ENDS.items():
        for other, rest in ENDS.items():
            if one != other:
                title = f"{one.upper()} behind the header and {other.upper()} behind the rows do the same."
                file = lines(HEADER, end=first) + lines(ADA, BEN, end=rest)
                yield edge_case(f"{one}_then_{other}", "file_is_utf8_csv", title, wrong, file)
    yield edge_case(
        "all_three_line_ends",
        "file_is_utf8_csv",
        "All three ends of a line may stand in one file.",
        wrong,
        lines(HEADER, end=b"\r\n") + lines(ADA, end=b"\r") + lines(BEN) + line(CLEO),
    )


def at_the_end() -> Iterator[EdgeCase]:
    """What the last row ends with where no line end follows."""
    wrong = "The last cell, or the last row, is lost because nothing ends it."
    for name, row in {
        "a_comma": line(but(BEN, YEAR, "")),
        "a_closing_quote": line(but(BEN, YEAR, '"Alumni"')),
        "two_quotes": line(but(BEN, YEAR, '""')),
        "a_blank": line(but(BEN, YEAR, " ")),
    }.items():
        title = f"A file may end with {name.replace('_', ' ')} and no line end."
        file = lines(HEADER, ADA) + row
        yield edge_case(f"no_line_end_behind_{name}", "file_is_utf8_csv", title, wrong, file)


def doubled() -> Iterator[EdgeCase]:
    """Ends that programs have doubled."""
    wrong = "The blank line between two rows is counted as a row, and fails."
    for name, end in {"cr_cr_lf": b"\r\r\n", "lf_cr": b"\n\r", "crlf_crlf": b"\r\n\r\n", "cr_cr": b"\r\r"}.items():
        title = f"{name.upper().replace('_', ' ')} ends a row, and leaves a blank line behind it."
        file = lines(HEADER, ADA, BEN, end=end)
        yield edge_case(f"{name}_throughout", "empty_rows_are_ignored", title, wrong, file)


def in_quotes() -> Iterator[EdgeCase]:
    """Line ends in a quoted cell, which are text, in files of each line end."""
    wrong = "The end in quotes ends the row, or is stored as another one."
    for inner, text in ENDS.items():
        for outer, end in ENDS.items():
            name = quoted(f"Ada{text.decode()}Bee")
            title = f"{inner.upper()} in quotes is text, and stays what it is where {outer.upper()} ends the rows."
            file = lines(HEADER, but(ADA, FIRST_NAME, name), BEN, end=end)
            yield edge_case(f"{inner}_in_quotes_among_{outer}", "file_is_utf8_csv", title, wrong, file)
    yield edge_case(
        "line_ends_around_a_text_in_quotes",
        "values_are_verbatim",
        "Line ends at the beginning and at the end of a quoted text are stored with it.",
        "The text is trimmed.",
        lines(HEADER, but(ADA, FIRST_NAME, quoted("\r\nAda\n"))),
    )


def in_headers() -> Iterator[EdgeCase]:
    """Line ends in quotes within the header."""
    yield edge_case(
        "line_end_in_an_unknown_header",
        "file_is_utf8_csv",
        "A header may have a line end in quotes.",
        "The first line is cut off before the quotes are looked at, and half of the header is lost.",
        lines((*HEADER, '"note\nof ours"'), (*ADA, "")),
    )
    yield edge_case(
        "line_end_in_a_known_header",
        "headers_match_exactly required_headers_are_present",
        "A line end in the quotes of a header makes it another one.",
        "Headers are trimmed, and the line end with them.",
        lines(but(HEADER, 1, '"username\n"'), ADA),
    )


def no_ends() -> Iterator[EdgeCase]:
    """Characters that end no row, though some languages split lines there."""
    for name, character in NO_ENDS.items():
        yield edge_case(
            f"{name}_ends_no_row",
            "file_is_utf8_csv",
            f"{code_point(character)} ({name.replace('_', ' ')}) is a character of the cell that it stands in.",
            "The row ends there, because the language counts it among the line ends.",
            lines(HEADER, but(ADA, FIRST_NAME, f"Ada{character}Bee"), BEN),
        )
    yield edge_case(
        "end_of_file_character",
        "ragged_rows_fail",
        "The character 1A behind the last row, which once ended files, is a row of one cell.",
        "The file is taken to end there, or the row to be blank.",
        lines(HEADER, ADA) + b"\x1a",
    )
