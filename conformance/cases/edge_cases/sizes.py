"""Sizes: long cells, many rows, many columns."""

from collections.abc import Iterator

from conformance.cases.edge_cases.building import (
    ADA,
    BEN,
    FIRST_NAME,
    HEADER,
    USERNAME,
    EdgeCase,
    Row,
    but,
    edge_case,
    lines,
    quoted,
    with_column,
)

LIMIT = 131_072  # characters: where the reader of Python's standard library stops unless it is told otherwise
LENGTHS = {"256": 256, "4097": 4097, "65536": 65_536, "131072": LIMIT, "131073": LIMIT + 1, "300000": 300_000}
MANY = 1000
VERY_MANY = 3000  # of which none is created


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    yield from long_cells()
    yield from many_rows()


def long_cells() -> Iterator[EdgeCase]:
    """Cells without a limit."""
    wrong = "The cell is cut, or refuses the row or the file, as if there were a limit."
    for name, length in LENGTHS.items():
        file = lines(HEADER, but(ADA, FIRST_NAME, "A" * length), BEN)
        title = f"A name of {length} characters is stored whole."
        yield edge_case(f"cell_of_{name}_characters", "file_is_utf8_csv values_are_verbatim", title, wrong, file)
    yield edge_case(
        "long_cell_of_four_bytes_each",
        "file_is_utf8_csv values_are_verbatim",
        "A name of forty thousand characters of four bytes is stored whole.",
        "A limit is counted in bytes, or a character is cut in two where pieces of the file meet.",
        lines(HEADER, but(ADA, FIRST_NAME, "A" + "\U0001f393" * 40_000)),
    )
    yield edge_case(
        "long_cell_of_quotes_and_line_ends",
        "file_is_utf8_csv values_are_verbatim",
        "A quoted cell may be long, with quotes, commas and line ends in it.",
        wrong,
        lines(HEADER, but(ADA, FIRST_NAME, quoted('a "b", c\r\n' * 14_000)), BEN),
    )
    yield edge_case(
        "long_cell_that_is_not_read",
        "file_is_utf8_csv",
        "A cell may be long in a column that nobody reads.",
        wrong,
        with_column("note", (ADA, "n" * (LIMIT + 1)), (BEN, "")),
    )
    yield edge_case(
        "long_cell_that_is_never_closed",
        "file_is_utf8_csv",
        "A quote that is opened before much text and never closed refuses the file.",
        "The rest of the file becomes one cell.",
        lines(HEADER, ADA) + b'"' + lines(*([BEN] * 4000)),
    )


def student(number: int) -> Row:
    """One of many."""
    return (f"s{number:04}@north.edu", f"s{number:04}", "Ada", f"Byron {number}", "", "Alumni")


def many_rows() -> Iterator[EdgeCase]:
    """More rows than are read, or written, at a time."""
    rows = [student(number) for number in range(MANY)]
    noted = lines((*HEADER, "note"), *((*student(number), "") for number in range(VERY_MANY)))[:-1]
    yield edge_case(
        "many_rows",
        "a_created_student_is_connected",
        f"A file of {MANY} rows creates as many students.",
        "Only the first hundreds are read, or a row is lost where pieces of the file meet.",
        lines(HEADER, *rows),
    )
    yield edge_case(
        "many_rows_and_a_wrong_byte_behind_them",
        "file_is_utf8_csv",
        f"A wrong byte behind {VERY_MANY} rows refuses them all.",
        "Rows are applied while the file is still being read, and stay.",
        noted + b"\xff",
    )
    yield edge_case(
        "many_rows_and_an_open_quote_behind_them",
        "file_is_utf8_csv",
        f"A quote that is opened behind {VERY_MANY} rows and never closed refuses them all.",
        "Rows are applied while the file is still being read, and stay.",
        noted + b'"',
    )
    yield edge_case(
        "first_and_last_of_many_rows_share_a_username",
        "rows_that_share_an_identifier_fail",
        "The first and the last of many rows that share a username both fail, and nobody else.",
        "Rows are compared only within the piece of the file that is read at a time.",
        lines(HEADER, *rows[: MANY // 4], but(student(MANY), USERNAME, rows[0][USERNAME])),
    )
