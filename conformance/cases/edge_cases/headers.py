"""Headers: missing, twice, in other capitals, unknown, alone; and files without any."""

from collections.abc import Callable, Iterator, Mapping

from conformance.cases.edge_cases.building import (
    ADA,
    BEN,
    HEADER,
    SSO,
    EdgeCase,
    Row,
    edge_case,
    lines,
    with_column,
)

ALIAS = "institution_year_name"
LOOSELY: Mapping[str, Callable[[str], str]] = {  # how a header is spelled that only a loose reader knows
    "in_upper_case": str.upper,
    "with_a_capital_in_front": str.capitalize,
    "with_a_blank_in_front": " {}".format,
    "with_a_blank_behind_it": "{} ".format,
    "with_a_tab_behind_it": "{}\t".format,
    "with_a_no-break_space_in_front": "\u00a0{}".format,
}
OTHERWISE: Mapping[str, Callable[[str], str]] = {  # and one that even this reader should not know
    "with_a_zero-width_space_behind_it": "{}\u200b".format,
    "with_the_asterisk_of_the_documentation": "{}*".format,
    "with_blanks_for_its_underscores": lambda name: name.replace("_", " "),
    "with_hyphens_for_its_underscores": lambda name: name.replace("_", "-"),
    "with_apostrophes_around_it": "'{}'".format,
}
SEPARATORS = {"semicolons": ";", "tabs": "\t", "bars": "|", "blanks": " "}


def named(header: str, kind: str) -> str:
    """The name of the case of a header that is spelled so."""
    return f"{header}_{kind.replace('-', '_')}"


def short(header: str) -> str:
    """A header as part of a name."""
    return header.rpartition(":")[2]


def without(place: int, *rows: Row) -> bytes:
    """A file without a column."""
    return lines(*((*row[:place], *row[place + 1 :]) for row in rows))


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    yield from missing()
    yield from spelled_otherwise()
    yield from unknown()
    yield from twice()
    yield from alone()
    yield from nothing()
    yield from separated_otherwise()


def missing() -> Iterator[EdgeCase]:
    """Each required header left out."""
    wrong = "The column is taken for blank, or looked up by a default, and the rows are applied."
    for place, name in enumerate(HEADER):
        title = f"A file without the column {name} is refused."
        file = without(place, HEADER, ADA)
        yield edge_case(f"missing_{short(name)}", "required_headers_are_present", title, wrong, file)
    yield edge_case(
        "missing_auth_identifier",
        "required_headers_are_present",
        "Where single sign-on is used a file without auth_identifier is refused.",
        wrong,
        lines(HEADER, ADA),
        world=SSO,
    )
    yield edge_case(
        "update_without_required_headers",
        "required_headers_are_present",
        "A file of a username and one thing to change is refused, although the student is there.",
        "Columns are required of new students only.",
        lines(HEADER, ADA),
        lines(("username", "last_name"), ("1001", "Baker")),
    )


def spelled_otherwise() -> Iterator[EdgeCase]:
    """Required headers that are spelled otherwise, each of them in capitals, and one that is not required."""
    wrong = "Headers are matched loosely, and a column that is not known is read."
    for kind, spell in LOOSELY.items():
        words = kind.replace("_", " ")
        for place, name in enumerate(HEADER):
            if spell is not str.upper and name != "username":
                continue
            yield edge_case(
                named(short(name), kind),
                "headers_match_exactly required_headers_are_present",
                f"The header {name} {words} is another one, so that the required one is missing.",
                wrong,
                lines((*HEADER[:place], spell(name), *HEADER[place + 1 :]), ADA),
            )
        yield edge_case(
            named("card_id", kind),
            "headers_match_exactly",
            f"The header card_id {words} is another one, and what stands below it is ignored.",
            wrong,
            with_column(spell("card_id"), (ADA, "C1")),
        )
    for kind, spell in OTHERWISE.items():
        yield edge_case(
            named("first_name", kind),
            "required_headers_are_present",
            f"The header first_name {kind.replace('_', ' ')} is another one, so that the required one is missing.",
            wrong,
            lines((*HEADER[:2], spell("first_name"), *HEADER[3:]), ADA),
        )
    yield edge_case(
        "dot_for_the_colon",
        "required_headers_are_present",
        "The name that a response gives a nested column, with a dot, is no header.",
        wrong,
        lines((*HEADER[:4], "primary_education.end_date", HEADER[5]), ADA),
    )


def unknown() -> Iterator[EdgeCase]:
    """Headers that nobody knows, and columns in any order."""
    wrong = "The column refuses the file, or shifts the cells of the others."
    for name, columns in {
        "an_unknown_header": ("note",),
        "a_header_without_a_name": (" ",),
        "headers_without_names": ("", "", ""),
        "an_unknown_header_twice": ("note", "note"),
        "five_hundred_unknown_headers": tuple(f"note {number}" for number in range(500)),
        "a_very_long_header": ("n" * 10_000,),
        "misspelt_headers": ("cardID", "auth_id", "Gender", "labels"),
        "a_header_that_is_a_formula": ("=1+1",),
    }.items():
        for place in ("in_front_of", "behind"):
            cells = tuple("7" if column.strip() else "" for column in columns)
            rows = ((columns, HEADER), (cells, ADA), (cells, BEN))
            file = lines(*((*more, *row) if place == "in_front_of" else (*row, *more) for more, row in rows))
            full = f"{name}_{place}_the_others"
            title = f"A file may have {full.replace('_', ' ')}: what stands below is ignored."
            yield edge_case(full, "headers_match_exactly", title, wrong, file)
    backwards = lines(*(row[::-1] for row in (HEADER, ADA, BEN)))
    title = "Columns may stand in any order."
    wrong = "Columns are read by their places."
    yield edge_case("columns_backwards", "headers_match_exactly", title, wrong, backwards)


def twice() -> Iterator[EdgeCase]:
    """Each header, and its alias, more than once."""
    wrong = "One of the columns is read and the other is not, by accident."
    for place, name in enumerate(HEADER):
        title = f"A file with the column {name} twice is refused, although both say the same."
        file = lines((*HEADER, name), (*ADA, ADA[place]))
        yield edge_case(f"{short(name)}_twice", "no_header_appears_twice", title, wrong, file)
    yield edge_case(
        "card_id_twice",
        "no_header_appears_twice",
        "A column that is not required may not stand twice either.",
        wrong,
        lines((*HEADER, "card_id", "card_id"), (*ADA, "C1", "C1")),
    )
    yield edge_case(
        "username_three_times_side_by_side",
        "no_header_appears_twice",
        "A column three times, side by side, refuses the file.",
        wrong,
        lines((HEADER[0], *["username"] * 3, *HEADER[2:]), (ADA[0], *["1001"] * 3, *ADA[2:])),
    )
    yield edge_case(
        "year_beside_its_alias",
        "no_header_appears_twice institution_year_name_is_an_alias",
        "The year and its other name are one column, which is there twice.",
        wrong,
        lines((*HEADER, ALIAS), (*ADA, "Placement")),
    )
    yield edge_case(
        "alias_twice",
        "no_header_appears_twice",
        "The other name of the year may not stand twice.",
        wrong,
        lines((*HEADER[:5], ALIAS, ALIAS), (*ADA, "Alumni")),
    )
    yield edge_case(
        "campus_twice_where_there_are_none",
        "no_header_appears_twice",
        "The campus may not stand twice, not even where there are no campuses.",
        "What is ignored is not looked at.",
        lines((*HEADER, "campus_name", "campus_name"), (*ADA, "Main", "Quay")),
    )
    yield edge_case(
        "repeated_header_without_rows",
        "no_header_appears_twice",
        "A header that stands twice refuses the file also where no row is below it.",
        "Only rows are looked at, and there is none.",
        lines((*HEADER, "username")),
    )
    yield edge_case(
        "username_beside_one_in_capitals",
        "headers_match_exactly",
        "A header in capitals beside the right one is no repetition.",
        "Both are matched loosely, and the file is refused.",
        lines((*HEADER, "Username"), (*ADA, "byrona")),
    )


def alone() -> Iterator[EdgeCase]:
    """A header and no row."""
    wrong = "A file without rows is refused; or whoever is not in it is archived."
    header = lines(HEADER)
    for name, file in {
        "and_its_line_end": header,
        "without_a_line_end": header[:-1],
        "and_a_mark": b"\xef\xbb\xbf" + header,
        "in_quotes": lines(f'"{name}"' for name in HEADER),
    }.items():
        title = f"A header {name.replace('_', ' ')} and no row is a legal file, and changes nothing."
        rule = "absence_changes_nothing"
        yield edge_case(f"header_alone_{name}", rule, title, wrong, lines(HEADER, ADA, BEN), file)


def nothing() -> Iterator[EdgeCase]:
    """Files without a header."""
    wrong = "The file is taken for one in which nothing changed, and a broken export is not noticed."
    for name, data in {
        "no_bytes": b"",
        "a_line_feed": b"\n",
        "line_ends": b"\r\n\r\n\r",
        "white_space": " \t\u00a0\u3000".encode(),
        "commas": b",,,,,\n,,,,,\n",
        "empty_quotes": b'""',
    }.items():
        title = f"A file of {name.replace('_', ' ')} has no header, and is refused."
        yield edge_case(f"file_of_{name}", "required_headers_are_present", title, wrong, lines(HEADER, ADA), data)
    yield edge_case(
        "rows_without_a_header",
        "required_headers_are_present",
        "A file that begins with a student has no header, and is refused.",
        "Columns are read by their places, or the first student is lost.",
        lines(ADA, BEN),
    )
    yield edge_case(
        "title_above_the_header",
        "required_headers_are_present",
        "A line with a title above the header is taken for the header, and the file is refused.",
        "The header is looked for further down.",
        lines(b"Students of North", HEADER, ADA),
    )
    yield edge_case(
        "separator_named_above_the_header",
        "required_headers_are_present",
        "A line that names the separator, as a spreadsheet may, is taken for the header.",
        "The line is passed over.",
        lines(b"sep=,", HEADER, ADA),
    )


def separated_otherwise() -> Iterator[EdgeCase]:
    """Other characters than commas between the cells."""
    for name, separator in SEPARATORS.items():
        yield edge_case(
            f"{name}_between_cells",
            "required_headers_are_present",
            f"A file with {name} between its cells has one column, which is not known, and is refused.",
            "The separator is guessed from the header.",
            lines(*(separator.join(row).encode() for row in (HEADER, ADA, BEN))),
        )
    rows = (HEADER, ADA)
    yield edge_case(
        "separator_of_a_comma_and_a_blank",
        "headers_match_exactly required_headers_are_present",
        "Blanks behind the commas of the header are a part of the headers.",
        "They are skipped, as some readers do when they are told to.",
        lines(*(", ".join(row).encode() for row in rows)),
    )
    yield edge_case(
        "blanks_behind_the_commas_of_a_row",
        "values_are_verbatim",
        "Blanks behind the commas of a row are a part of its texts.",
        "They are skipped, as some readers do when they are told to.",
        lines(HEADER, (ADA[0], *(f" {text}" for text in ADA[1:4]), "", "Alumni")),
    )
