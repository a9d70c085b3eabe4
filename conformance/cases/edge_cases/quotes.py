"""Quotes: what they hold, where they open, and what is wrong with them, in every place where it can be."""

from collections.abc import Iterator

from conformance.cases.edge_cases.building import (
    ADA,
    BEN,
    CLEO,
    END_DATE,
    FIRST_NAME,
    HEADER,
    EdgeCase,
    but,
    edge_case,
    line,
    lines,
    quoted,
    with_column,
)

HELD = {  # what a quoted cell may hold: in words, as it is written
    "comma": ("a comma", quoted("Ada, Bee")),
    "semicolon": ("a semicolon", quoted("Ada; Bee")),
    "quote": ("a quote, written twice,", quoted('Ada "Bee"')),
    "quotes_only": ("nothing but two quotes, each written twice,", quoted('""')),
    "quote_then_comma": ("a quote and a comma behind it", quoted('5", tall')),
    "comma_then_line_end": ("commas and a line end", quoted("Ada,\n,Bee")),
    "what_looks_like_a_row": ("what looks like a row", quoted("Ada\neve@north.edu,1009,Eve,Fox,,Alumni\n")),
    "white_space": ("white space around a name", quoted(" Ada ")),
    "backslash_at_the_end": ("a backslash at its end", quoted("Ada\\")),
    "apostrophes": ("apostrophes", quoted("'Ada'")),
}
ORDINARY = {  # quotes that open nothing, for the cell has begun
    "in_the_middle_of_a_cell": 'Ada "Bee" B.',
    "at_the_end_of_a_cell": 'Ada"',
    "behind_a_blank": ' "Ada"',
    "behind_a_no_break_space": '\u00a0"Ada"',
    "behind_an_apostrophe": "'\"Ada\"'",
    "behind_a_backslash": '\\"Ada\\"',
}
BEHIND = {  # what may not follow a closing quote
    "letters": "Bee",
    "a_blank": " ",
    "a_tab": "\t",
    "a_no_break_space": "\u00a0",
    "another_quoted_text": ' "Bee"',
    "a_semicolon": ";",
}
REFUSED_FOR = "file_is_utf8_csv"


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    yield from held()
    yield from all_over()
    yield from blank_in_quotes()
    yield from ordinary()
    yield from other_quotes()
    yield from left_open()
    yield from followed()


def held() -> Iterator[EdgeCase]:
    """What quotes hold is text."""
    wrong = "The cell ends too early, or its quotes are stored as they were written."
    for name, (words, cell) in HELD.items():
        title = f"A quoted cell may hold {words} and is stored as what it means."
        file = lines(HEADER, but(ADA, FIRST_NAME, cell), BEN)
        yield edge_case(f"{name}_in_quotes", REFUSED_FOR, title, wrong, file)


def all_over() -> Iterator[EdgeCase]:
    """Files that are quoted more than they need."""
    yield edge_case(
        "every_cell_quoted",
        REFUSED_FOR,
        "A file may quote every cell of every row, the headers too.",
        "Quotes are stored with the values, or the headers are not known.",
        lines(map(quoted, HEADER), map(quoted, ADA), map(quoted, BEN)),
    )
    yield edge_case(
        "first_and_last_cell_quoted",
        REFUSED_FOR,
        "The first and the last cell of a row may be quoted, and the others not.",
        "The line is stripped of the quotes at its ends.",
        lines(HEADER, (quoted(ADA[0]), *ADA[1:-1], quoted(ADA[-1]))),
    )


def blank_in_quotes() -> Iterator[EdgeCase]:
    """Quotes around nothing."""
    dated = lines(HEADER, but(ADA, END_DATE, "2023-01-31"))
    for name, cell in {"nothing": '""', "white_space": '" "', "a_line_end": '"\n"'}.items():
        yield edge_case(
            f"quotes_around_{name}_keep",
            "blank_keeps",
            f"A cell of quotes around {name.replace('_', ' ')} is blank, and keeps what is stored.",
            "Quotes are taken to mean an empty text that was meant, and the field is emptied.",
            dated,
            lines(HEADER, but(but(ADA, FIRST_NAME, "Augusta"), END_DATE, cell)),
        )
        yield edge_case(
            f"quotes_around_{name}_clear_labels",
            "blank_labels_clear",
            f"A labels cell of quotes around {name.replace('_', ' ')} is blank, and takes every label away.",
            "Quotes around nothing are taken for a label without a name, or keep the labels.",
            with_column("system_label_names", (ADA, "chess;rowing")),
            with_column("system_label_names", (ADA, cell)),
        )


def ordinary() -> Iterator[EdgeCase]:
    """A quote opens a cell only where the cell begins."""
    wrong = "The quotes are taken off or read as opening, or the file is refused for them."
    for name, cell in ORDINARY.items():
        title = f"Quotes {name.replace('_', ' ')} open nothing: they are ordinary characters."
        file = lines(HEADER, but(ADA, FIRST_NAME, cell), BEN)
        rule = "values_are_verbatim" if "blank" in name or "space" in name else REFUSED_FOR
        yield edge_case(f"quotes_{name}", rule, title, wrong, file)


def other_quotes() -> Iterator[EdgeCase]:
    """Other characters that look like quotes quote nothing."""
    wrong = "The characters are taken for quotes, and the comma between them for text."
    for name, text in {
        "apostrophes": "'Ada, Bee'",
        "curly_quotes": "“Ada, Bee”",
        "guillemets": "«Ada, Bee»",
        "backticks": "`Ada, Bee`",
    }.items():
        yield edge_case(
            f"comma_in_{name}",
            "ragged_rows_fail",
            f"A comma in {name.replace('_', ' ')} separates: the row has a cell too many, and fails.",
            wrong,
            lines(HEADER, but(ADA, FIRST_NAME, text), BEN),
        )
    yield edge_case(
        "comma_behind_a_backslash",
        "ragged_rows_fail",
        "A comma behind a backslash separates: the row has a cell too many, and fails.",
        "The backslash is read as taking the meaning from the comma.",
        lines(HEADER, but(ADA, FIRST_NAME, "Ada\\, Bee"), BEN),
    )


def left_open() -> Iterator[EdgeCase]:
    """An opening quote without its partner, in each place."""
    noted = (*HEADER, "note")
    places = {
        "in_a_header": ("a header", lines((*HEADER, '"note'), (*ADA, ""))),
        "in_the_first_row": ("the first row", lines(HEADER, but(ADA, FIRST_NAME, '"Ada'), BEN, CLEO)),
        "in_a_row_in_the_middle": ("a row in the middle", lines(HEADER, ADA, but(BEN, FIRST_NAME, '"Ben'), CLEO)),
        "in_the_last_row": ("the last row", lines(HEADER, ADA, BEN, but(CLEO, FIRST_NAME, '"Cleo'))),
        "in_the_last_cell": ("the last cell", lines(HEADER, ADA, (*BEN[:5], '"Alumni'))),
        "in_an_unread_cell": ("a column that is not read", lines(noted, (*ADA, ""), (*BEN, '"paid'))),
        "in_a_line_of_its_own": ("a line of its own", lines(HEADER, ADA, b'"')),
    }
    wrong = "The end of the file closes the quote, and what stands behind it is one long text or lost."
    for name, (words, file) in places.items():
        title = f"A quote that is opened in {words} and never closed refuses the file."
        yield edge_case(f"open_quote_{name}", REFUSED_FOR, title, wrong, file)
    yield edge_case(
        "open_quote_at_the_very_end",
        REFUSED_FOR,
        "A file that ends with an opening quote is refused.",
        "The quote is taken for a blank cell, though the file was cut off there.",
        lines(HEADER, ADA) + line((*BEN[:4], '"')),
    )
    yield edge_case(
        "open_quote_closed_by_a_later_one",
        REFUSED_FOR,
        "A quote that is missing in one row and met by the next row's refuses the file: text stands behind it.",
        "Two rows become one, with a name that has a row in it.",
        lines(HEADER, but(ADA, FIRST_NAME, '"Ada'), but(BEN, FIRST_NAME, quoted("Ben")), CLEO),
    )
    yield edge_case(
        "doubled_quote_leaves_open",
        REFUSED_FOR,
        "A quote that is written twice at the end of a quoted cell closes nothing, and the file is refused.",
        "The second of the two is read as closing the cell.",
        lines(HEADER, ADA, but(BEN, FIRST_NAME, '"Ben""')),
    )


def followed() -> Iterator[EdgeCase]:
    """Something behind a closing quote: each thing in the first row, and one of them in each place."""
    wrong = "What stands there is dropped, or added to the text, as each reader sees fit."
    for name, text in BEHIND.items():
        title = f"A closing quote with {name.replace('_', ' ')} behind it refuses the file."
        file = lines(HEADER, but(ADA, FIRST_NAME, f'"Ada"{text}'), BEN)
        yield edge_case(f"quote_followed_by_{name}", REFUSED_FOR, title, wrong, file)
    places = {
        "in_a_header": lines((*HEADER, '"note"s'), (*ADA, "")),
        "in_the_last_row": lines(HEADER, ADA, but(BEN, FIRST_NAME, '"Ben"s')),
        "in_the_last_cell": lines(HEADER, ADA) + line((*BEN[:5], '"Alumni" ')),
        "in_an_unread_cell": lines((*HEADER, "note"), (*ADA, ""), (*BEN, '"paid"s')),
        "in_a_blank_row": lines(HEADER, ADA, b'"" ,,,,,', BEN),
    }
    for name, file in places.items():
        title = f"Text behind a closing quote {name.replace('_', ' ')} refuses the file."
        yield edge_case(f"text_behind_a_quote_{name}", REFUSED_FOR, title, wrong, file)
