"""The same said in another way: a row that decodes to what was last applied says nothing new.

An excluded student shows it: a row that says something new fails, and one that says nothing new is unchanged.
"""

from collections.abc import Iterator

from attrs import frozen

from conformance.cases.edge_cases.building import (
    ADA,
    EMAIL,
    END_DATE,
    HEADER,
    EdgeCase,
    but,
    edge_case,
    importing,
    line,
    lines,
    quoted,
    with_column,
)
from conformance.cases.edge_cases.widths import plain
from conformance.protocol import requests
from conformance.protocol.requests import Request
from refmodel.rule_text import Basis

RULES = "unchanged_rows_are_skipped excluded_students_are_not_updated"
WRONG = "Rows are compared as they were written and not as they are read."
EXCLUDED = requests.do("set_excluded", institution="north", email="ada@north.edu", excluded=True)
LISTS = (
    "primary_education:college_names",
    "primary_education:major_names",
    "primary_education:minor_names",
    "system_label_names",
)


@frozen
class Twice:
    """A row that is written in one way and then in others: a name, the files, and the basis of the detail."""

    name: str
    files: tuple[bytes | Request, ...]
    basis: Basis | None = None


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    for each in (*emails(), *of_lists(), *dates(), *texts(), *files()):
        first, *others = each.files
        title = f"A row that says the same with {each.name.replace('_', ' ')} says nothing new of an excluded student."
        steps = (first, EXCLUDED, *others)
        yield edge_case(f"same_row_with_{each.name}", RULES, title, WRONG, *steps, basis=each.basis)


def in_column(header: str, *cells: str) -> tuple[bytes, ...]:
    """Files of one student, each with another text in a column."""
    return tuple(with_column(header, (ADA, quoted(cell))) for cell in cells)


def emails() -> Iterator[Twice]:
    """Addresses in capitals and between blanks."""
    written = ("ada@north.edu", "ADA@NORTH.EDU", " ada@north.edu ")
    rows = tuple(lines(HEADER, but(ADA, EMAIL, text)) for text in written)
    yield Twice("the_address_in_capitals_and_blanks", rows, "chosen")
    staff = in_column("assigned_to_email_address", "advisor@north.edu", "Advisor@North.edu", "advisor@north.edu ")
    yield Twice("the_assignee_in_capitals_and_blanks", staff, "chosen")


def of_lists() -> Iterator[Twice]:
    """Items with blanks around them, blank and repeated ones; and the ways to empty a list."""
    for header in LISTS:
        yield Twice(f"blanks_in_{plain(header)}", in_column(header, "b;a", " b ; a ", "b;;a;", "b;a;b"), "chosen")
        yield Twice(f"separators_that_clear_{plain(header)}", in_column(header, "**CLEAR**", ";", " ; ;"), "chosen")
    yield Twice("labels_in_another_order", in_column("system_label_names", "b;a", "a;b"))
    yield Twice("a_blank_cell_that_clears_labels", in_column("system_label_names", "", " ", "**CLEAR**", ";"), "chosen")


def dates() -> Iterator[Twice]:
    """A day in the formats of two jobs."""
    ends = tuple(lines(HEADER, but(ADA, END_DATE, text)) for text in ("2016-01-02", "01/02/2016"))
    starts = in_column("primary_education:start_date", "2016-01-02", "01/02/2016")
    for name, (iso, american) in {"end": ends, "start": starts}.items():
        files = (iso, importing(american, "mm/dd/yyyy"), iso)
        yield Twice(f"the_{name}_date_in_another_format", files, "chosen" if name == "start" else None)


def texts() -> Iterator[Twice]:
    """Cells that keep, however they are written."""
    yield Twice("blanks_that_keep", in_column("gender", "", " ", "\t\u00a0"), "inferred")


def files() -> Iterator[Twice]:
    """Files that are others where it means nothing."""
    usual = lines(HEADER, ADA)
    yield Twice("quotes_around_every_cell", (usual, lines(map(quoted, HEADER), map(quoted, ADA))), "chosen")
    yield Twice(
        "other_line_endings", (usual, lines(HEADER, ADA, end=b"\r\n"), line(HEADER) + b"\r" + line(ADA)), "chosen"
    )
    yield Twice("columns_in_another_order", (usual, lines(HEADER[::-1], ADA[::-1])), "inferred")
    yield Twice("a_column_that_nobody_knows", (usual, lines((*HEADER, "note"), (*ADA, "new"))), "inferred")
    yield Twice("a_column_more_that_keeps", (usual, *in_column("gender", "")), "inferred")
    aliased = lines((*HEADER[:-1], "institution_year_name"), ADA)
    yield Twice("the_alias_of_a_header", (usual, aliased), "inferred")
