"""Batches: rows on either side of where files are cut in pieces, and thousands of rows that fail.

Most rows of these files fail, so that they cost little and leave no student behind; a few are sound, and stand where
importers end one batch and begin the next.
"""

from collections.abc import Iterator, Mapping

from conformance.cases.edge_cases.building import HEADER, EdgeCase, Row, edge_case, importing, lines

BORDERS = (10, 20, 25, 50, 100, 200, 250, 256, 500, 512, 1000, 1024, 2000, 2048, 2500, 4096, 5000, 8192, 10_000)
MOST = BORDERS[-1] + 50
FURTHEST = BORDERS.index(5000) + 1  # what two rows have in common is tried at fewer borders, since it takes longer
APART = BORDERS[4:FURTHEST]
CREATED = 2100
FAILING: Row = ("a@north.edu", "", "", "", "", "")
FAILS = "username_and_email_are_required"
CARD: Row = (*HEADER, "card_id")
IDENTIFIERS = ("username", "email_address", "auth_identifier", "card_id")


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    yield from applied()
    yield from given_back()
    yield from far_apart()


def student(number: int) -> Row:
    """One of many."""
    return (f"s{number}@north.edu", f"s{number}", "Ada", f"Byron {number}", "", "Alumni")


def among(rows: Mapping[int, Row], header: Row = HEADER) -> bytes:
    """A file of which all rows fail but some, by their numbers."""
    failing = (*FAILING, *[""] * (len(header) - len(FAILING)))
    return lines(header, *(rows.get(number, failing) for number in range(1, max(rows) + 50)))


def applied() -> Iterator[EdgeCase]:
    """Rows that are sound, up to the last of many."""
    places = dict.fromkeys(place for border in BORDERS for place in (border, border + 1))
    yield edge_case(
        "sound_rows_among_ten_thousand",
        f"file_is_utf8_csv a_created_student_is_connected {FAILS}",
        "Of ten thousand rows those that are sound are applied, the last ones too, however many fail.",
        "Rows behind the first thousands are not read, a row is lost between two batches, or failures stop the file.",
        among({place: student(place) for place in (*places, MOST)}),
    )
    yield edge_case(
        "thousands_of_students_are_created",
        "a_created_student_is_connected",
        f"A file of {CREATED:,} sound rows creates as many students.",
        "Only the first thousand rows are applied, or a row is lost where a batch ends.",
        lines(HEADER, *map(student, range(CREATED))),
    )
    first, second = ({border: student(border + more) for border in APART[::2]} for more in (0, 20_000))
    there = [(*first[border], f"card {border}") for border in first] + [(*row, "") for row in second.values()]
    freeing = {border: (*row, "**CLEAR**") for border, row in first.items()}
    taking = {border + 1: (*row, f"card {border}") for border, row in second.items()}
    yield edge_case(
        "card_changes_hands_between_two_batches",
        f"rows_run_in_order {FAILS}",
        "A card number that the last row of a batch gives up may be taken by the first row of the next.",
        "What a batch frees is not seen by the next, or each is checked against the world before the file.",
        lines(CARD, *there),
        importing(among(freeing | taking, CARD), sensitive=True),
    )


def given_back() -> Iterator[EdgeCase]:
    """Rows that fail, by the thousand."""
    yield edge_case(
        "sound_row_behind_a_thousand_failures",
        "a_failed_row_changes_nothing ragged_rows_fail",
        "A row behind a thousand that failed is applied.",
        "So many failures stop the file, and the rows behind them are not tried.",
        lines(HEADER, *((f"row {number}",) for number in range(1100)), student(1)),
    )
    yield edge_case(
        "thousands_of_failed_rows_come_back",
        "failed_rows_file ragged_rows_fail",
        f"Each of {MOST:,} failed rows is reported and comes back, the last one too.",
        "The file of failed rows, or the report, ends after the first hundreds or thousands.",
        lines(HEADER, *((f"row {number}",) for number in range(1, MOST))),
    )


def far_apart() -> Iterator[EdgeCase]:
    """Rows that have something in common and stand far from each other."""
    distances = [(border, kind) for border in APART for kind in IDENTIFIERS]
    rows: dict[int, Row] = {}
    for number, (distance, kind) in enumerate(distances, start=1):
        if number + distance in rows:
            continue
        rows[number], rows[number + distance] = sharing(kind, number)
    yield edge_case(
        "rows_far_apart_share_an_identifier",
        f"rows_that_share_an_identifier_fail {FAILS}",
        "Two rows that share an identifier both fail, though a hundred or five thousand rows stand between them.",
        "Rows are compared only within a batch, or with the last ones before them.",
        among(rows, (*HEADER, "auth_identifier", "card_id")),
    )
    found: dict[int, Row] = {}
    for number, distance in enumerate(APART, start=1):
        email, username, *rest = student(number)
        found[number] = (f"new{number}@north.edu", username, *rest)
        found[number + distance] = (email, f"new{number}", *rest)
    yield edge_case(
        "rows_far_apart_find_the_same_student",
        f"rows_that_find_the_same_student_fail {FAILS}",
        "Two rows that find the same student both fail, though a hundred or five thousand rows stand between them.",
        "Rows are compared only within a batch, so that the second takes the student over.",
        lines(HEADER, *(student(number) for number, _ in enumerate(APART, start=1))),
        importing(among(found), sensitive=True),
    )


def sharing(kind: str, number: int) -> tuple[Row, Row]:
    """Two rows of different students that share one identifier."""
    one, other = (
        {"email_address": f"{s}@north.edu"} | dict.fromkeys(IDENTIFIERS[2:], s) for s in (f"a{number}", f"b{number}")
    )
    one["username"], other["username"] = f"a{number}", f"b{number}"
    other[kind] = one[kind]
    made = [
        (s["email_address"], s["username"], "Ada", "Byron", "", "Alumni", s["auth_identifier"], s["card_id"])
        for s in (one, other)
    ]
    return made[0], made[1]
