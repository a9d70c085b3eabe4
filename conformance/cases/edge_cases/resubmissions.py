"""Failed rows that come back as a file and are sent again, with all that can stand in them."""

from collections.abc import Iterator

from conformance.cases.edge_cases.building import (
    ADA,
    BEN,
    CLEO,
    EMAIL,
    END_DATE,
    FIRST_NAME,
    HEADER,
    USERNAME,
    EdgeCase,
    Row,
    but,
    edge_case,
    failed_rows,
    importing,
    lines,
    quoted,
)
from conformance.cases.edge_cases.texts import written
from conformance.generation.deceptive_values import LAST_TWO, NEARLY_STATUS, OWN_TWO, RESPONSE

THERE = lines(HEADER, ADA, BEN)
NAMES = {  # what may stand in a row that fails: in words, as it is written
    "comma": ("a comma", quoted("Ada, Bee")),
    "quote": ("quotes", quoted('Ada "Bee"')),
    "unquoted_quote": ("a quote in an unquoted cell", 'Ada "Bee"'),
    "line_feed": ("a line feed in quotes", quoted("Ada\nBee")),
    "crlf": ("CRLF in quotes", quoted("Ada\r\nBee")),
    "carriage_return": ("a carriage return in quotes", quoted("Ada\rBee")),
    "formula": ("a formula", "=1+1"),
    "formula_with_a_plus": ("a formula with a plus", "+1"),
    "formula_with_a_minus": ("a formula with a minus", "-1"),
    "formula_with_an_at_sign": ("a formula with an at sign", "@SUM(A1)"),
    "blanks_around": ("blanks around a name", " Ada "),
    "no_break_space": ("a no-break space", "Ada\u00a0"),
    "zero_width_space": ("a zero-width space", "\u200bAda"),
    "byte_order_mark": ("a byte order mark in a cell", "\ufeffAda"),
    "combining_accent": ("a combining accent", "Rene\u0301"),
    "right_to_left": ("right-to-left text", "\u05d0\u05d3\u05d4"),
    "four_bytes": ("a character of four bytes", "Ada \U0001f393"),
    "leading_zeros": ("leading zeros", "007"),
    "line_separator": ("a line separator", "Ada\u2028Bee"),
    "semicolon": ("a semicolon", "Ada;Bee"),
    "backslash": ("a backslash", "Ada\\"),
    "nothing": ("nothing", ""),
    "long_cell": ("131073 characters in a cell", "A" * 131_073),
    "clear_token": ("what resembles the clear token", "**clear**"),
}
RULE = "failed_rows_file"


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    yield from with_names()
    yield from with_shapes()
    yield from again()
    yield from recognised()


def moved(name: str) -> bytes:
    """A file in which Ada has another address, which needs the setting, and this first name."""
    return lines(HEADER, but(but(ADA, EMAIL, "ada@mail.example"), FIRST_NAME, name), CLEO)


def returned(name: str, title: str, wrong: str, data: bytes, *, rules: str = RULE) -> EdgeCase:
    """A case in which a file fails without the setting, and its failed rows are sent back with it."""
    back = importing(failed_rows(data, THERE), sensitive=True)
    return edge_case(name, rules, title, wrong, THERE, data, back)


def with_names() -> Iterator[EdgeCase]:
    """Every kind of text in a failed row."""
    rules = f"{RULE} sensitive_fields_need_the_setting"
    for name, (words, cell) in NAMES.items():
        title = f"A failed row with {words} in it comes back as it came, and works under the setting."
        wrong = "The cell comes back changed, and the change is stored when the file is sent again."
        yield returned(f"failed_row_with_{name}_comes_back", title, wrong, moved(cell), rules=rules)


def with_shapes() -> Iterator[EdgeCase]:
    """Files of every shape whose failed rows come back."""
    rules = f"{RULE} sensitive_fields_need_the_setting"
    row = but(ADA, EMAIL, "ada@mail.example")
    for name, (words, data) in {
        "byte_order_mark": ("a byte order mark", b"\xef\xbb\xbf" + lines(HEADER, row, CLEO)),
        "cr": ("CR", lines(HEADER, row, CLEO, end=b"\r")),
        "blank_rows": ("blank rows", lines(b"", HEADER, b",,,,,", CLEO, b"", row, b" ")),
        "unknown_columns": ("unknown columns", lines(("no", *HEADER, "note"), ("7", *row, "x"), ("8", *CLEO, ""))),
        "alias": ("the other name of the year", lines((*HEADER[:5], "institution_year_name"), row, CLEO)),
        "every_cell_quoted": ("every cell in quotes", lines(map(quoted, HEADER), map(quoted, row))),
    }.items():
        title = f"From a file with {words} the failed rows come back and work under the setting."
        wrong = "The failed rows come back under another header, or others than failed do."
        yield returned(f"failed_rows_of_a_file_with_{name}", title, wrong, data, rules=rules)
    yield edge_case(
        "failed_rows_none",
        "failed_rows_file",
        "Where no row failed the header alone comes back, and may be sent again.",
        "Nothing comes back, or the whole file does.",
        THERE,
        failed_rows(THERE),
    )


def again() -> Iterator[EdgeCase]:
    """Rows that fail again, and have the two columns already."""
    wrong = "The two columns are added to those that are there, or the row grows with each round."
    short, long = lines(HEADER, ADA[:-1], CLEO), lines(HEADER, (*ADA, "more"), CLEO)
    for name, words, data in (
        ("date", "a wrong date", lines(HEADER, but(ADA, END_DATE, "2016-02-30"), CLEO)),
        ("short_row", "a row that is too short", short),
        ("long_row", "a row that is too long", long),
        ("address", "an address that is none", lines(HEADER, but(ADA, EMAIL, "ada"), CLEO)),
        ("shared_username", "a username that two rows share", lines(HEADER, ADA, but(CLEO, USERNAME, "1001"))),
    ):
        rules = RULES_AGAIN[name]
        once = failed_rows(data, THERE)
        title = f"The failed rows of a file with {words}, sent back and back again, come back the same."
        sent = (THERE, data, once, failed_rows(once, THERE))
        yield edge_case(f"failed_again_for_a_{name}", f"{RULE} {rules}", title, wrong, *sent)
    yield edge_case(
        "columns_of_ones_own_called_status",
        f"{RULE} ragged_rows_fail",
        "A file of the sender's own with status and response keeps the last cells of a ragged row.",
        "The last two cells of the row are taken for an old status, and lost.",
        lines((*HEADER, "status", "response"), (*ADA, "new"), (*CLEO, "new", "none")),
    )
    grown = lines((*HEADER, "status", "response"), (*ADA[:-1], "failed", quoted('{"success":false}'), ""), CLEO)
    yield edge_case(
        "failed_row_that_has_grown_whole",
        f"{RULE} ragged_rows_fail",
        "A short row that was filled up to the header's width keeps all its cells, and gets two more.",
        "Its last two cells are replaced, so that its old status becomes its year, and after some rounds it is whole.",
        grown,
        failed_rows(grown),
        failed_rows(failed_rows(grown)),
    )
    yield edge_case(
        "status_in_the_middle",
        f"{RULE} dates_are_real",
        "Where status and response are not the last two columns they are columns like others.",
        "The columns are dropped, or reused where they stand.",
        lines(("status", "response", *HEADER), ("failed", "{}", *but(ADA, END_DATE, "2016-02-30"))),
    )


STATUS = ("status", "response")
DATED = but(ADA, END_DATE, "2016-02-30")


def recognised() -> Iterator[EdgeCase]:
    """What is taken for the status and the response of an earlier import, and what is the sender's own."""
    wrong = "Cells of the sender's own are dropped, or an old status stays, so that the row changes with each round."
    for name, (words, cells) in LAST_TWO.items():
        for shape, row in (("short", (*ADA[:-1], *cells)), ("long", (*ADA, "more", *cells))):
            title = f"A row too {shape} that ends with {words} comes back as it should, twice."
            yield rounds(f"{shape}_row_with_failed_{name}", "ragged_rows_fail", title, wrong, (*HEADER, *STATUS), row)
    for name, (words, cells) in OWN_TWO.items():
        title = f"In a row of the header's width {words} under status and response is replaced."
        row = (*DATED, *cells)
        yield rounds(f"whole_row_with_{name}_as_status", "dates_are_real", title, wrong, (*HEADER, *STATUS), row)
    for name, (words, header) in NEARLY_STATUS.items():
        title = f"From a file with status and response {words} each failed row comes back with the right two more."
        row = (*DATED, *["failed", RESPONSE, "failed", RESPONSE][: len(header)])
        yield rounds(f"status_columns_{name}", "dates_are_real", title, wrong, (*HEADER, *header), row)
    blank = (*ADA[:-1], "failed", RESPONSE, "", "")
    title = "A row too long whose status and response have blank cells behind them keeps all its cells."
    yield rounds(
        "long_row_with_blanks_behind_its_status", "ragged_rows_fail", title, wrong, (*HEADER, *STATUS), (*blank, "")
    )


def rounds(name: str, rule: str, title: str, wrong: str, header: Row, row: Row) -> EdgeCase:
    """A case in which a row fails, and what comes back is sent twice more."""
    first = lines(header, *(map(written, cells) for cells in (row, (*CLEO, *["" for _ in header[len(CLEO) :]]))))
    second = failed_rows(first)
    return edge_case(name, f"{RULE} {rule}", title, wrong, first, second, failed_rows(second))


RULES_AGAIN = {
    "date": "dates_are_real",
    "short_row": "ragged_rows_fail",
    "long_row": "ragged_rows_fail",
    "address": "emails_ignore_case username_and_email_are_required",
    "shared_username": "rows_that_share_an_identifier_fail",
}
