"""Blank rows: each kind of them, in each place; and what only looks blank."""

from collections.abc import Iterator

from conformance.cases.edge_cases.building import (
    ADA,
    BEN,
    END_DATE,
    FIRST_NAME,
    HEADER,
    EdgeCase,
    but,
    code_point,
    edge_case,
    lines,
    with_column,
)

WHITE_SPACE = (
    *"\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680",
    *"\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a",
    *"\u2028\u2029\u202f\u205f\u3000",
)
UNSEEN = {  # what nobody sees, and is no white space
    "zero_width_space": "\u200b",
    "zero_width_non_joiner": "\u200c",
    "zero_width_joiner": "\u200d",
    "word_joiner": "\u2060",
    "soft_hyphen": "\u00ad",
    "mongolian_vowel_separator": "\u180e",
    "left_to_right_mark": "\u200e",
    "braille_blank": "\u2800",
    "hangul_filler": "\u3164",
}
KINDS = {  # blank rows: in words, as they are written
    "empty_line": ("an empty line", b""),
    "line_of_blanks": ("a line of blanks", b"   "),
    "line_of_tabs": ("a line of tabs", b"\t\t"),
    "line_of_commas": ("a line of as many commas as the header has", b",,,,,"),
    "few_commas": ("a line of too few commas", b",,"),
    "many_commas": ("a line of too many commas", b",,,,,,,,,"),
    "white_space_cells": ("a row of cells with white space", b" ,\t, ,  ,\t, "),
    "no_break_spaces": ("a row of no-break spaces", ",".join("\u00a0" * 6).encode()),
    "empty_quotes": ("a row of quotes around nothing", b'"","","","","",""'),
    "line_ends_in_quotes": ("a row of line ends in quotes", b'"\n","\r\n","\r",,,'),
}
PLACES = {  # what stands in front and behind
    "before_the_header": ("before the header", 0),
    "below_the_header": ("below the header", 1),
    "in_the_middle": ("between two rows", 2),
    "at_the_end": ("behind the last row", 3),
}


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    wrong = "The line is taken for a row, or for the header, and fails; or it is given a number."
    for kind, (words, row) in KINDS.items():
        for place, (where, at) in PLACES.items():
            rows = [HEADER, ADA, BEN]
            file = lines(*rows[:at], row, *rows[at:])
            title = f"{words[0].upper()}{words[1:]} {where} is no row."
            yield edge_case(f"{kind}_{place}", "empty_rows_are_ignored", title, wrong, file)
    yield from many()
    yield from white_space()
    yield from unseen()


def many() -> Iterator[EdgeCase]:
    """Several at a time, and how rows are numbered."""
    wrong = "Blank rows are counted, so that a result is about another row than the sender thinks."
    yield edge_case(
        "blank_rows_have_no_number",
        "empty_rows_are_ignored ragged_rows_fail",
        "A row behind blank ones has the number that it would have without them.",
        wrong,
        lines(b"", HEADER, b"", ADA, b",,,,,", b"", BEN[:5]),
    )
    yield edge_case(
        "blank_line_without_an_end",
        "empty_rows_are_ignored",
        "Blanks at the end of the file that no line end follows are no row.",
        wrong,
        lines(HEADER, ADA) + b"  ",
    )
    yield edge_case(
        "a_hundred_blank_rows",
        "empty_rows_are_ignored",
        "A spreadsheet's hundred rows of nothing behind the last one are no rows.",
        wrong,
        lines(HEADER, ADA, *([b",,,,,"] * 100)),
    )
    yield edge_case(
        "blank_lines_only_below_the_header",
        "empty_rows_are_ignored",
        "A header with nothing but blank lines below it is a file without rows.",
        wrong,
        lines(HEADER, b"", b",,,,,", b" "),
    )
    yield edge_case(
        "row_with_one_letter",
        "username_and_email_are_required",
        "A row of which one cell is not blank is a row, and fails without a username and an address.",
        "The row is passed over because its username is blank.",
        lines(HEADER, ADA, ("", "", "Ben", "", "", "")),
    )


def white_space() -> Iterator[EdgeCase]:
    """Every character of white space makes a cell blank."""
    stored = lines(HEADER, but(ADA, END_DATE, "2024-06-30"))
    for character in WHITE_SPACE:
        point = code_point(character)
        yield edge_case(
            f"white_space_{point.lower().replace('+', '_')}_is_blank",
            "blank_keeps",
            f"A cell of {point} only is blank, and keeps the date that is stored.",
            "The character does not count as white space, and the row fails for a date that is none.",
            stored,
            lines(HEADER, but(but(ADA, FIRST_NAME, "Augusta"), END_DATE, f'"{character}"')),
        )
    yield edge_case(
        "white_space_of_every_kind_clears_labels",
        "blank_labels_clear",
        "A labels cell of all characters of white space is blank, and takes every label away.",
        "One of them becomes a label, or the labels are kept.",
        with_column("system_label_names", (ADA, "chess;rowing")),
        with_column("system_label_names", (ADA, f'"{"".join(WHITE_SPACE)}"')),
    )


def unseen() -> Iterator[EdgeCase]:
    """Characters that nobody sees, which are no white space all the same."""
    for name, character in UNSEEN.items():
        words = f"{code_point(character)} ({name.replace('_', ' ')})"
        yield edge_case(
            f"{name}_is_a_name",
            "values_are_verbatim",
            f"A name of {words} only is not blank: it is stored.",
            "The cell counts as blank because nothing can be seen in it.",
            lines(HEADER, ADA),
            lines(HEADER, but(ADA, FIRST_NAME, character)),
        )
        yield edge_case(
            f"{name}_is_no_date",
            "dates_are_real dates_follow_the_job",
            f"A date of {words} only is not blank, and none: the row fails.",
            "The cell counts as blank, and a row with a wrong date is applied.",
            lines(HEADER, ADA, but(BEN, END_DATE, character)),
        )
    yield edge_case(
        "row_of_a_zero_width_space",
        "ragged_rows_fail",
        "A line that holds a zero-width space is a row, and too short.",
        "The line is passed over because nothing can be seen in it.",
        lines(HEADER, ADA, "\u200b".encode(), BEN),
    )
