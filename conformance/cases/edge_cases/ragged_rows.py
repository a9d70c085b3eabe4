"""Ragged rows: shorter and longer than the header, by one cell and by many, in each place."""

from collections.abc import Iterator

from conformance.cases.edge_cases.building import (
    ADA,
    BEN,
    CLEO,
    HEADER,
    PLACES,
    EdgeCase,
    Row,
    edge_case,
    line,
    lines,
    quoted,
    three,
    with_column,
)

STUDENTS = (ADA, BEN, CLEO)


def oddities(row: Row) -> Iterator[tuple[str, str, str, bytes]]:
    """How a row may be ragged: a name, in words, what careless readers do, and the row."""
    filled = "What is missing is filled up with blanks, which clear labels."
    cut = "What is too much is cut off, though a comma in a name may have shifted every cell."
    yield "one_cell_less", "one cell less", filled, line(row[:-1])
    yield "first_cell_lost", "no first cell", filled, line(row[1:])
    yield "two_cells_only", "two cells only", filled, line(row[:2])
    yield "one_cell_only", "its address only", filled, line(row[:1])
    yield "one_cell_more", "one cell more", cut, line((*row, "more"))
    yield "one_blank_cell_more", "one blank cell more", cut, line((*row, ""))
    yield "unquoted_comma", "an unquoted comma in its name", cut, line((*row[:2], "Bee, M.", *row[3:]))
    yield "twice_as_many_cells", "twice as many cells", cut, line((*row, *row))
    yield "a_thousand_blank_cells_more", "a thousand blank cells more", cut, line((*row, *[""] * 1000))


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    for place, (at, where) in PLACES.items():
        for name, words, wrong, row in oddities(STUDENTS[at]):
            title = f"With {words} than the header" if "cell" in words and words[-4:] in ("less", "more") else None
            title = f"{title or f'With {words}'}, {where} fails, and the others do not."
            yield edge_case(f"{name}_in_the_{place}_row", "ragged_rows_fail", title, wrong, three(at, row))
    yield from separators_at_the_end()
    yield from squared()
    yield from together()


def separators_at_the_end() -> Iterator[EdgeCase]:
    """A comma behind the last cell, in the header, in the rows, in both."""
    wrong = "A comma at the end of a line is passed over."
    yield edge_case(
        "comma_behind_every_line",
        "headers_match_exactly",
        "A comma behind the header and behind each row makes a column without a name, which is ignored.",
        "The column without a name refuses the file.",
        lines((*HEADER, ""), (*ADA, ""), (*BEN, "")),
    )
    yield edge_case(
        "comma_behind_each_row_but_not_the_header",
        "ragged_rows_fail",
        "A comma behind each row, and none behind the header, makes each row a cell too long.",
        wrong,
        lines(HEADER, (*ADA, ""), (*BEN, "")),
    )
    yield edge_case(
        "comma_behind_the_header_only",
        "ragged_rows_fail",
        "A comma behind the header, and none behind the rows, makes each row a cell too short.",
        wrong,
        lines((*HEADER, ""), ADA, BEN),
    )


def squared() -> Iterator[EdgeCase]:
    """Rows that a spreadsheet has made as wide as the header, with cells that have moved."""
    wrong = "Only cells are counted, so that a value is read from the neighbouring column."
    for name, words, header in (
        ("empty", "an empty header", ""),
        ("blank", "a header of white space", " \u00a0"),
    ):
        for place, title in ((0, "in front"), (3, "in the middle"), (len(HEADER), "at the end")):
            rows = [(*row[:place], text, *row[place:]) for row, text in ((HEADER, header), (ADA, "x"), (BEN, ""))]
            yield edge_case(
                f"text_under_{name}_header_{title.replace(' ', '_')}",
                "ragged_rows_fail",
                f"A row with a text under {words} {title} fails, and the others do not.",
                wrong,
                lines(*rows),
            )
    wide = (*HEADER, "system_label_names", "status", "response")
    there = with_column("system_label_names", (ADA, "chess;rowing"))
    response = quoted('{"success":false,"errors":"The row has 6 cells and the header 7"}')
    for name, title, cells in (
        ("moved_by_one", "one column to the left", ("failed", response, "")),
        ("moved_response_is_short", "one column to the left, with the shortest of responses", ("failed", "{", "")),
    ):
        yield edge_case(
            f"status_and_response_{name}",
            "ragged_rows_fail",
            f"A failed row whose status and response stand {title} fails, and takes no label away.",
            "The status is stored as a label, or blank labels clear those that are there.",
            there,
            lines(wide, (*ADA, *cells)),
        )
    for name, title, cells in (
        ("blank", "is blank", ("chess", "", "")),
        ("own", "is a text of the sender's", ("chess", "sent on Monday", response)),
        ("spaced", "begins with a space", ("chess", " {", response)),
    ):
        yield edge_case(
            f"status_{name}_is_ignored",
            "headers_match_exactly",
            f"A row whose status {title} is taken, and its last two cells are ignored.",
            "Whatever stands under status is taken for the result of an earlier import.",
            there,
            lines(wide, (*ADA, *cells)),
        )
    yield edge_case(
        "brace_under_status_elsewhere",
        "headers_match_exactly",
        "Where status and response are not the last two columns a brace under status means nothing.",
        "The row fails, wherever its status stands.",
        lines(("status", "response", *HEADER), ("{", "{", *ADA)),
    )


def together() -> Iterator[EdgeCase]:
    """Ragged rows that other rules have to do with."""
    yield edge_case(
        "short_row_keeps_labels",
        "ragged_rows_fail",
        "A row that ends before its labels takes no label away: it fails.",
        "The missing cell is read as a blank one, which clears the labels.",
        with_column("system_label_names", (ADA, "chess;rowing")),
        lines((*HEADER, "system_label_names"), ADA),
    )
    yield edge_case(
        "ragged_row_shares_no_username",
        "ragged_rows_fail",
        "A ragged row has no username that another row could share.",
        "The other row fails too, as if there were two of the same student.",
        lines(HEADER, ADA, ADA[:-1]),
    )
    yield edge_case(
        "every_row_ragged",
        "ragged_rows_fail",
        "Where each row is ragged each fails, and the file is not refused.",
        "The file is refused whole, or the rows decide what the header should have been.",
        lines(HEADER, ADA[:-1], BEN[:-1], (*CLEO, "")),
    )
    yield edge_case(
        "mixed_separators",
        "ragged_rows_fail",
        "A row with semicolons below a header with commas is one cell, and fails.",
        "The separator is guessed row by row.",
        lines(HEADER, ADA, ";".join(BEN).encode(), CLEO),
    )
