"""What concerns a file as a whole: for each rule files that break it alone, and the nearest ones that hold it."""

from collections.abc import Iterator, Mapping
from functools import cache

from conformance.cases.corpus.blocks import INSTITUTION, STUDENT
from conformance.cases.corpus.cases import CorpusCase, Polarity
from conformance.cases.corpus.rows import begun, rule_about
from conformance.cases.corpus.students import ANOTHER, BARE, EMAIL, WORLD, Cells, do, full, headers_of, table
from conformance.cases.edge_cases.building import EdgeCase
from conformance.generation.rows import HEADERS, STARRED
from conformance.protocol import requests
from conformance.protocol.requests import OBSERVE, Request
from refmodel.catalogue import CATALOGUE
from refmodel.columns import YEAR_ALIAS, required_headers

STEVE: dict[str, str] = {"email_address": "s@mail.example", "username": "3", "first_name": "Steve", "last_name": "Poe"}
TINA: dict[str, str] = {"email_address": "t@mail.example", "username": "4", "first_name": "Tina", "last_name": "Roe"}
DUTY: dict[str, str] = {"auth_identifier": "q", "card_id": "7"}


def file(data: bytes, institution: str = "north", op: str = "import", sensitive: bool = False) -> Request:
    """A file that is sent."""
    mode = "manual" if sensitive else "automatic"
    request = requests.import_(institution, data, mode, sensitive, "yyyy-mm-dd")
    return {**request, "op": op}


def rows(*cells: Cells) -> bytes:
    """A file of rows, with the starred columns and those that they name."""
    return table(cells, headers_of(*cells))


@cache
def file_cases() -> tuple[CorpusCase, ...]:
    """The cases about whole files."""
    return tuple(_cases())


def _case(
    rule: str,
    name: str,
    polarity: Polarity,
    title: str,
    *requests: Request,
    student: str = "connected",
    at: str = "north",
) -> CorpusCase:
    begin = begun(student, at)
    asked = (*begin.requests, *requests, OBSERVE)
    case = EdgeCase(name, (rule,), title, CATALOGUE[rule].consequence, WORLD, asked)
    return CorpusCase(case, "files", polarity, {STUDENT: student, INSTITUTION: at}, len(begin.requests))


def _cases() -> Iterator[CorpusCase]:
    yield from _bytes()
    yield from _headers()
    yield from _shapes()
    yield from _sharing()
    yield from _finding()
    yield from _orders()
    yield from _reports()
    yield from _leaving()
    yield from _texts()


def _bytes() -> Iterator[CorpusCase]:
    named = rows(STEVE | {"last_name": 'Pöe "x"'})
    texts: Mapping[str, tuple[Polarity, str, bytes]] = {
        "utf8": ("positive", "A file in UTF-8 is read.", named),
        "byte_order_mark": ("positive", "A byte order mark belongs to no cell.", b"\xef\xbb\xbf" + named),
        "latin_1": ("negative", "A file that is not UTF-8 is refused.", named.decode().encode("latin-1")),
        "utf16": ("several", "A file in UTF-16 is refused.", named.decode().encode("utf-16")),
        "open_quote": ("negative", "A quote that is never closed refuses the file.", rows(STEVE) + b'"'),
        "text_behind_quote": (
            "negative",
            "Text behind a closing quote refuses the file.",
            rows(STEVE).replace(b"Steve", b'"Ste"ve'),
        ),
        "quote_inside": (
            "positive",
            "A quote inside an unquoted cell is an ordinary character.",
            rows(STEVE).replace(b"Steve", b'Ste"ve"'),
        ),
        "nul": ("negative", "A NUL refuses the file.", rows(STEVE).replace(b"Steve", b"St\0eve")),
    }
    for name, (polarity, title, data) in texts.items():
        yield _case("file_is_utf8_csv", f"file_{name}", polarity, title, file(data))


def _headers() -> Iterator[CorpusCase]:
    headers = headers_of(STEVE)
    for name in headers:
        data = table([BARE], [other for other in headers if other != name])
        title = f"A file without {name} is refused, and says so."
        polarity: Polarity = (
            "several" if name in ("email_address", "username") else "negative"
        )  # which each row needs too
        yield _case("required_headers_are_present", f"header_lacks_{_word(name)}", polarity, title, file(data))
    sso = table([STEVE], required_headers(True))
    title = "Where there is single sign-on, a file without auth_identifier is refused."
    lacking = file(rows(STEVE), "signs")
    yield _case("required_headers_are_present", "header_lacks_auth_identifier", "negative", title, lacking, at="signs")
    title = "Where there is single sign-on, a file with the starred columns and auth_identifier is read."
    yield _case("required_headers_are_present", "header_with_auth_identifier", "positive", title, file(sso, "signs"))
    title = "Without single sign-on the starred columns are enough."
    yield _case("required_headers_are_present", "header_of_starred_columns", "positive", title, file(rows(STEVE)))
    yield from _repeated_headers()
    yield from _odd_headers()


def _repeated_headers() -> Iterator[CorpusCase]:
    rule, more = "no_header_appears_twice", {"system_label_names": "x", "gender": "v"}
    for name in (*STARRED, *more):
        data = table([STEVE | more], [*headers_of(STEVE, more), name])
        title = f"A file with {name} twice is refused."
        yield _case(rule, f"header_has_{_word(name)}_twice", "negative", title, file(data))
    alias = table([STEVE], [*headers_of(STEVE), YEAR_ALIAS])
    yield _case(rule, "header_beside_its_alias", "negative", "The year beside its alias is twice.", file(alias))
    unknown = table([STEVE], [*headers_of(STEVE), "notes", "notes"])
    yield _case(rule, "unknown_header_twice", "positive", "An unknown header may stand twice.", file(unknown))


def _odd_headers() -> Iterator[CorpusCase]:
    renamed = [YEAR_ALIAS if name == "school_year_name" else name for name in headers_of(STEVE)]
    rule = "institution_year_name_is_an_alias"
    data = table([STEVE | {YEAR_ALIAS: "Alumni"}], renamed)
    yield _case(rule, "header_alias", "positive", "The year may go by its other name.", file(data))
    for word, other in (("capitals", "Gender"), ("spaced", " gender"), ("singular", "system_label_name")):
        data = table([STEVE | {other: "v"}], [*headers_of(STEVE), other])
        title = f"The header {other!r} is none that is known, and is ignored."
        yield _case("headers_match_exactly", f"header_in_{word}", "positive", title, file(data))
    data = table([full("north") | {"gender": "w"}], reversed(HEADERS))
    title = "The order of the columns means nothing."
    yield _case("headers_match_exactly", "headers_reversed", "positive", title, file(data))


def _word(name: str) -> str:
    return name.replace(":", "_")


def _shapes() -> Iterator[CorpusCase]:
    line = rows(STEVE | {"system_label_names": "x", "gender": "v"})
    for name, polarity, title, data in (
        ("row_short", "negative", "A row with a cell less fails.", line.rstrip(b"\n").rpartition(b",")[0] + b"\n"),
        ("row_long", "negative", "A row with a cell more fails.", line.rstrip(b"\n") + b",\n"),
        ("row_of_the_headers_width", "positive", "A row with as many cells as the header is read.", line),
    ):
        yield _case("ragged_rows_fail", name, polarity, title, file(data))  # type: ignore[arg-type]
    header, body = line.split(b"\n", 1)
    blank = b"\n\n" + header + b"\n , ,\n" + body + b",,,,,,,\n"
    title = "Blank lines and rows of blanks are no rows, wherever they stand."
    yield _case("empty_rows_are_ignored", "rows_of_blanks", "positive", title, file(blank))
    title = "A header without rows is a legal file."
    yield _case("empty_rows_are_ignored", "no_rows", "positive", title, file(header))


def _sharing() -> Iterator[CorpusCase]:
    rule = "rows_that_share_an_identifier_fail"
    for name in ("auth_identifier", "card_id"):  # which have to be unique anyhow
        other = TINA | {"auth_identifier": "r", "card_id": "6"} | {name: DUTY[name]}
        title = f"Rows with the same {name} all fail."
        yield _case(rule, f"rows_share_{name}", "several", title, file(rows(STEVE | DUTY, other)))
    address = STEVE["email_address"]
    twins = {
        "email_address": STEVE | {"username": "77"},
        "username": STEVE | {"email_address": "z@mail.example"},
        "address_in_capitals": STEVE | {"username": "77", "email_address": f" {address.upper()}"},
    }
    for name, twin in twins.items():
        title = f"Rows with the same {name.replace('_', ' ')} all fail, though both are about one student."
        yield _case(rule, f"rows_share_{name}", "negative", title, file(rows(STEVE, twin), sensitive=True))
    apart = (STEVE | {"card_id": "7"}, TINA | {"auth_identifier": "7"})
    yield _case(rule, "rows_share_across_columns", "positive", "In two columns a text is no twin.", file(rows(*apart)))
    blank = (STEVE | {"card_id": ""}, TINA | {"card_id": ""})
    yield _case(rule, "rows_share_blanks", "positive", "Blank cells are no twins.", file(rows(*blank)))
    clear = (STEVE | {"card_id": "**CLEAR**"}, TINA | {"card_id": "**CLEAR**"})
    yield _case(rule, "rows_share_the_token", "positive", "The clear token is no twin.", file(rows(*clear)))
    fallen = (STEVE | {"card_id": "7", "username": ""}, TINA | {"card_id": "7"})
    title = "A row that has failed already is no twin."
    yield _case(rule, "rows_share_with_a_fallen_one", "positive", title, file(rows(*fallen)))


def _finding() -> Iterator[CorpusCase]:
    rule = "rows_that_find_the_same_student_fail"
    moved, newcomer = BARE | {"email_address": "z@mail.example"}, BARE | {"username": "77"}
    title = "A row with a student's username and one with the student's address both fail."
    yield _case(rule, "rows_find_one_student", "negative", title, file(rows(moved, newcomer), sensitive=True))
    title = "Which of them stands first makes no difference."
    yield _case(rule, "rows_find_one_student_backwards", "negative", title, file(rows(newcomer, moved), sensitive=True))
    title = "A row that finds a student and one that finds nobody are both applied."
    yield _case(rule, "rows_find_different_students", "positive", title, file(rows(moved, STEVE), sensitive=True))


def _orders() -> Iterator[CorpusCase]:
    here, another = full("north"), ANOTHER
    give = (here | {"card_id": "**CLEAR**"}, dict(another) | {"card_id": "8"})
    rule = "rows_run_in_order"
    title = "Who gives a card up stands before who takes it over, and both rows are applied."
    yield _case(rule, "card_given_up_first", "positive", title, file(rows(*give), sensitive=True))
    title = "Who takes a card over before it is given up fails, and the other row is applied."
    yield _case(rule, "card_taken_first", "positive", title, file(rows(*reversed(give)), sensitive=True))
    title = "Students who are not in the file are left alone."
    yield _case("absence_changes_nothing", "others_are_absent", "positive", title, file(rows(STEVE)))
    title = "Columns that the file does not have keep what is stored."
    few = file(rows(BARE | {"last_name": "King"}))
    yield _case("absent_column_keeps", "starred_columns_only", "positive", title, few)


def _reports() -> Iterator[CorpusCase]:
    data = rows(STEVE, TINA | {"disabled": "yes"}, BARE | {"gender": "w"})
    for op, rule in (("preview", "preview"), ("import", "failed_rows_file")):
        title = f"Of three rows one fails, in {'a preview' if op == 'preview' else 'an import'}."
        yield _case(rule, f"{op}_of_three_rows", "positive", title, file(data, op=op))
    title = "A preview and then the import give the same report."
    yield _case("preview", "preview_then_import", "positive", title, file(data, op="preview"), file(data))
    title = "A failed row leaves the labels and everything else as they were."
    half = file(rows(BARE | {"system_label_names": "q", "gender": "w", "mobile_number": "+"}))
    yield _case("a_failed_row_changes_nothing", "row_half_good", "positive", title, half)


def _leaving() -> Iterator[CorpusCase]:
    rule, imposed = "leaving_leaves_nothing_behind", file(rows(BARE | {"gender": "w"}), sensitive=True)
    excluded = do("set_excluded", institution="south", excluded=True)
    title = "Who is pending elsewhere and is connected by a file leaves that request, and what came with it, behind."
    yield _case(rule, "connected_by_file", "positive", title, excluded, imposed, student="pending_elsewhere")
    rule = "imports_need_no_confirmation"
    wanted = file(rows(BARE | {"email_address": "z@mail.example"}), sensitive=True)
    title = "A file that brings the address asked for settles the request."
    yield _case(rule, "address_by_file", "positive", title, wanted, student="asked_for_an_address")
    other = file(rows(BARE | {"email_address": "y@mail.example"}), sensitive=True)
    title = "A file that brings another address leaves the request as it is."
    yield _case(rule, "other_address_by_file", "positive", title, other, student="asked_for_an_address")
    rule = "username_is_unique_in_the_institution"
    asks = do("request_access", institution="north")
    title = "Who has the username of a student there cannot come in."
    taken = file(rows(TINA | {"username": EMAIL}))
    yield _case(rule, "username_taken", "refused", title, taken, asks, student="unconnected")
    title = "A username in other capitals is another one."
    other_one = file(rows(TINA | {"username": EMAIL.upper()}))
    yield _case(rule, "username_in_capitals", "positive", title, other_one, asks, student="unconnected")
    rule = "other_schools_students_are_invisible"
    title = "A student of another institution is not found, and their address is taken."
    seen = file(rows(BARE | {"email_address": EMAIL, "username": "77"}), sensitive=True)
    yield _case(rule, "student_of_another_school", "positive", title, seen, student="connected_elsewhere")


# Texts that some importers understand, and none should: column → name → text, of a student who is there.
TEXTS: Mapping[str, Mapping[str, str]] = {
    "email_address": {"tagged": "a+x@mail.example", "without_a_dot": "z@localhost", "odd_spaces": f"\u00a0{EMAIL}\t"},
    "gender": {"not_available": "N/A", "null": "NULL", "none": "None"},
    "mobile_number": {"of_16_digits": "4420123456789012", "with_zeros": "0044"},
    "primary_education:minor_names": {"line_break": "x\ny", "pipe": "x|y", "of_300_characters": "m" * 300},
    "primary_education:end_date": {"with_a_time": "2021-06-30T00:00:00", "slashes": "2021/06/30", "dots": "30.06.2021"},
    "primary_education:start_date": {"far_away": "2018-02-28", "two_digits": "17-09-01"},
    "username": {"card_number": "8", "auth_identifier": "i", "zero_in_front": "01"},
    "first_name": {"tags": "<b>Ada</b>", "long": "\u00e9" * 140_000, "wide": "\U0001f393"},
    "system_label_names": {"of_fifty": ";".join(map(str, range(50))), "separators": ";;"},
}


def _texts() -> Iterator[CorpusCase]:
    for word, username in (("card_number", "8"), ("auth_identifier", "i")):
        title = f"Somebody new whose username is the {word.replace('_', ' ')} of another is nobody else."
        asked = file(rows(TINA | {"username": username}), sensitive=True)
        yield _case("username_is_looked_up_first", f"username_is_anothers_{word}", "positive", title, asked)
    for name, texts in TEXTS.items():
        for word, text in texts.items():
            data = rows(full("north") | {"gender": "w"} | {name: text})
            title = f"What stands in {name} ({word.replace('_', ' ')}) is taken at its word."
            asked = file(data, sensitive=True)
            yield _case(rule_about(name, word), f"{_word(name)}_text_{word}", "several", title, asked)
