"""The files that the search sends: new ones, earlier ones again, and files in an unusual format."""

from collections.abc import Callable, Mapping, Sequence

from attrs import evolve

from conformance.generation.deceptive_values import LAST_TWO, NEARLY_STATUS, OWN_TWO, SEPARATORS
from conformance.generation.history import FileStep, Quoting, Texts
from conformance.generation.randomness import Choices, Weights, weights
from conformance.generation.rows import (
    AUTH,
    DATES,
    NAMED,
    OTHERS,
    SENSITIVE,
    STARRED,
    account_texts,
    altered,
    edge_row,
    filled_cell,
    make_header,
    make_row,
    members_of,
    newcomers,
    set_all_apart,
    set_apart,
    some_cell,
    typical_cell,
    under_some_job,
    with_columns,
)
from conformance.generation.scene import Scene
from conformance.generation.value_pools import EMPLOYERS, EMPTY, TRAILING_GARBAGE, TYPICAL, UNKNOWN_HEADERS
from refmodel.columns import BY_HEADER, CAMPUS_NAME, CLEAR_TOKEN, SCHOOL_YEAR_NAME, YEAR_ALIAS
from refmodel.world import Account

STATUS: Texts = ("failed", '{"success":false}')
NEARLY_STATUS_HEADERS: Weights[Texts] = weights(
    (("status", "response"), 16), *((header, 1) for _, header in NEARLY_STATUS.values())
)
NEARLY_STATUS_CELLS: Sequence[Texts] = tuple(cells for _, cells in (*LAST_TWO.values(), *OWN_TWO.values()))
LARGE = weights((130, 6), (1_050, 2), (2_100, 1), (5_050, 1))  # rows of a large file
LARGER = weights((130, 5), (1_050, 2), (2_100, 1), (5_050, 1), (20_050, 1))  # the same where time allows
LONG_CELL = "x" * 131_073  # more than the limit of some libraries


# About students, new or known.


def fresh_file(draw: Choices, scene: Scene) -> FileStep:
    """One to three rows under a new header."""
    institution = draw.one_of(scene.institutions)
    header = make_header(draw, scene, institution)
    rows: list[Texts] = []
    for _ in range(draw.weighted(ROWS)):
        row = make_row(draw, scene, header, institution)
        rows.append(row if draw.one_in(8) else set_apart(draw, row, rows, header))
    return under_some_job(draw, header, rows, institution)


def wide_file(draw: Choices, scene: Scene) -> FileStep:
    """A row of edge values for each of several students: many columns and values in one file."""
    institution = draw.one_of(scene.institutions)
    header = make_header(draw, scene, institution)
    file = under_some_job(draw, header, (), institution)
    there = [account_texts(s) for s in scene.world.students() if s.institution == institution]
    people = [*draw.sample(there, 3), *newcomers(draw, scene, institution, draw.one_of((2, 3, 5)))]
    rows = (
        edge_row(draw, scene, header, institution, known, sensitive=file.change_sensitive_fields or AUTH not in known)
        for known in people
    )
    return evolve(file, rows=set_all_apart(draw, rows, header))


def newcomers_file(draw: Choices, scene: Scene) -> FileStep:
    """A valid file that creates one to three students, and fills the columns that the history is about."""
    institution = draw.one_of(scene.institutions)
    header = make_header(draw, scene, institution)
    people = newcomers(draw, scene, institution, draw.one_of((1, 2, 3)))
    rows = (
        tuple(known.get(name) or filled_cell(draw, scene, name, institution) for name in header) for known in people
    )
    return under_some_job(draw, header, set_all_apart(draw, rows, header), institution)


def swap_identifiers(draw: Choices, scene: Scene) -> FileStep:
    """Two or three people swap identifiers: in a cycle, or each takes that of the one before."""
    institution = draw.one_of(scene.institutions)
    members = members_of(institution, scene.world)
    if len(members) < 2 or draw.one_in(4):
        members += newcomers(draw, scene, institution, 1)
    if len(members) < 2:
        return newcomers_file(draw, scene)
    header = identity_header(draw, scene)
    chosen = draw.sample(members[-3:], draw.one_of((2, 3)))
    exchanged = {draw.one_of(SENSITIVE), draw.one_of(SENSITIVE)} & set(header)
    sources = [*chosen[1:], chosen[0]] if draw.one_in(2) else [*newcomers(draw, scene, institution, 1), *chosen]
    rows = [
        tuple((other if name in exchanged else texts).get(name, "") for name in header)
        for texts, other in zip(chosen, sources)
    ]
    file = evolve(
        under_some_job(draw, header, rows, institution), mode="manual", change_sensitive_fields=not draw.one_in(8)
    )
    return evolve(file, preview=scene.previews and draw.one_in(4))


def identity_header(draw: Choices, scene: Scene) -> Texts:
    """The starred columns and all identifiers."""
    return (*STARRED, AUTH, *(("card_id",) if "card_id" in scene.columns else ()))


def identifiers_changed(draw: Choices, scene: Scene) -> FileStep:
    """A row for each of some students, as stored, with one of the identifiers slightly changed or cleared."""
    institution = draw.one_of(scene.institutions)
    members = members_of(institution, scene.world)
    if not members:
        return newcomers_file(draw, scene)
    header = identity_header(draw, scene)
    rows: list[Texts] = []
    for texts in draw.sample(members, 4):
        name = draw.one_of([name for name in SENSITIVE if name in header])
        text = another_identifier(draw, scene, institution, name, texts[name])
        rows.append(tuple({**texts, name: text}[column] for column in header))
    return under_some_job(draw, header, rows, institution)


def another_identifier(draw: Choices, scene: Scene, institution: str, name: str, known: str) -> str:
    """The clear token, a blank, nearly the same identifier, or a typical one."""
    kind = draw.randbelow(4)
    if kind <= 1:
        return ("", CLEAR_TOKEN)[kind]
    return filled_cell(draw, scene, name, institution) if kind == 2 else altered(draw, scene, known)


def file_of_sharers(draw: Choices, scene: Scene) -> FileStep:
    """Rows that share an identifier, or nearly: the same text, a slightly different one, the token twice."""
    institution = draw.one_of(scene.institutions)
    header = tuple(dict.fromkeys((*make_header(draw, scene, institution), AUTH, "card_id")))
    header = tuple(name for name in header if name in STARRED or name in scene.columns)
    there = members_of(institution, scene.world)
    people = [*draw.sample(there, draw.one_of((0, 1, 2))), *newcomers(draw, scene, institution, 3)]
    rows = [
        list(
            set_apart(
                draw, tuple(known.get(n) or typical_cell(draw, scene, n, institution) for n in header), (), header
            )
        )
        for known in people[: draw.one_of((2, 3))]
    ]
    if len(rows) > 1:
        place = header.index(draw.one_of([name for name in SENSITIVE if name in header]))
        text = rows[0][place] or draw.one_of(TYPICAL[header[place]])
        rows[0][place], rows[1][place] = draw.weighted(SHARED)(draw, scene, text)
    return under_some_job(draw, header, tuple(map(tuple, rows)), institution)


SHARED: Weights[Callable[[Choices, Scene, str], tuple[str, str]]] = weights(  # what two rows have in place of a text
    (lambda draw, scene, text: (text, text), 1),
    (lambda draw, scene, text: (CLEAR_TOKEN, CLEAR_TOKEN), 1),
    (lambda draw, scene, text: (text, altered(draw, scene, text)), 1),
    (lambda draw, scene, text: (altered(draw, scene, text), text), 1),
)


def file_of_one_student(draw: Choices, scene: Scene) -> FileStep:
    """Two rows that find one student, by the username and by the address, and perhaps a third beside them."""
    institution = draw.one_of(scene.institutions)
    students = [s for s in scene.world.students() if s.home == institution]
    unusual = [s for s in students if s.pending_at or s.disabled or s.excluded_from_sync]
    strangers = newcomers(draw, scene, institution, 3)
    if not students or not strangers:
        return newcomers_file(draw, scene)
    known = account_texts(draw.one_of(unusual if unusual and draw.one_in(2) else students))
    header = identity_header(draw, scene)
    first, *others = strangers
    by_username = {**known, "email_address": first["email_address"]}
    by_address = {**draw.one_of((known, *others)), **dict.fromkeys(SENSITIVE, ""), **draw.one_of((first, known))}
    by_address |= {"username": draw.one_of(TYPICAL["username"]), "email_address": known["email_address"]}
    people = [by_username, by_address, *others[: draw.weighted(A_THIRD)]]
    rows = [tuple(texts.get(name, "") for name in header) for texts in draw.shuffled(people)]
    return under_some_job(draw, header, rows, institution)


def reuse_identifiers(draw: Choices, scene: Scene) -> FileStep:
    """People with an address or identifier that somebody else has, at any institution, or nearly the same."""
    institution = draw.one_of(scene.institutions)
    header = identity_header(draw, scene)
    others = [*OTHER_USERS, *(s.email_address for s in scene.world.students())]
    members = members_of(institution, scene.world)
    people = [*draw.sample(members, draw.one_of((0, 1, 2))), *newcomers(draw, scene, institution, 2)]
    rows: list[Texts] = []
    for known in people:
        texts = {**known, **reused_identifier(draw, scene)}
        if draw.one_in(3):
            texts["email_address"] = draw.one_of(others)
        rows.append(set_apart(draw, tuple(texts.get(name, "") for name in header), rows, header))
    return under_some_job(draw, header, rows, institution)


def reused_identifier(draw: Choices, scene: Scene) -> Mapping[str, str]:
    """An identifier of a random student."""
    students = list(scene.world.students())
    return identifier_of(draw, scene, draw.one_of(students)) if students else {}


def identifier_of(draw: Choices, scene: Scene, student: Account) -> Mapping[str, str]:
    """An identifier of a student, or nearly the same, mostly in its own column."""
    texts = account_texts(student)
    filled = [name for name in SENSITIVE[1:] if texts[name]]
    if not filled:
        return {}
    name = draw.one_of(filled)
    column = draw.one_of(SENSITIVE[1:]) if draw.one_in(4) else name
    return {column: altered(draw, scene, texts[name]) if draw.one_in(2) else texts[name]}


def file_of_dates(draw: Choices, scene: Scene) -> FileStep:
    """A file about students' dates: blank, cleared, as stored, equal, in the same year, malformed."""
    institution = draw.one_of(scene.institutions)
    students = [s for s in scene.world.students() if s.institution == institution][:3]
    if not students:
        return newcomers_file(draw, scene)
    start = () if draw.one_in(4) or DATES[0] not in scene.columns else DATES[:1]
    header = (*STARRED, *start, *((AUTH,) if scene.world.directory.institutions[institution].uses_sso else ()))
    rows = []
    for texts in map(account_texts, students):
        row = {name: draw.one_of((*COMPARED_DATES, texts[name], texts[name], "", "")) for name in DATES}
        rows.append(tuple(row.get(name, texts[name]) for name in header))
    return under_some_job(draw, header, rows, institution)


def large_file(draw: Choices, scene: Scene) -> FileStep:
    """Many rows, most of which fail at once, or none; the last may create a student, or have an identifier again."""
    institution, number = draw.one_of(scene.institutions), draw.weighted(LARGER if scene.goes_far else LARGE)
    failing = draw.weighted(FAILING)
    rows = [large_row(each, fails=each % 100 < failing) for each in range(number)]
    rows[-1] = draw.one_of((large_row(number, fails=False), rows[-1], rows[0], large_row(0, fails=False)))
    return under_some_job(draw, STARRED, rows, institution)


def large_row(number: int, *, fails: bool) -> Texts:
    """A row about nobody else, which lacks its username where it is to fail."""
    return (f"{number}@mail.example", "" if fails else f"n{number}", "Ada", "Lee", "", "")


def regrouped_file(draw: Choices, scene: Scene) -> FileStep:
    """A file whose names have a separator between them; or such a file again, with the names grouped otherwise."""
    if scene.files and (again := regrouped(scene.files[-1])):
        return again
    file, between = newcomers_file(draw, scene), draw.one_of(tuple(SEPARATORS.values()))
    place = file.header.index("last_name")
    return evolve(file, rows=tuple((*row[:place], f"Lee{between}Kim", *row[place + 1 :]) for row in file.rows))


def regrouped(file: FileStep) -> FileStep | None:
    """The file with its names grouped otherwise around their separators; None where there are none."""
    first, last = (file.header.index(name) if name in file.header else -1 for name in ("first_name", "last_name"))
    if min(first, last) < 0 or any(len(row) != len(file.header) for row in file.rows):
        return None
    rows = [list(row) for row in file.rows]
    for row in rows:
        between = row[last].removeprefix("Lee").removesuffix("Kim")
        if row[last] == f"Lee{between}Kim":
            row[first], row[last] = f"{row[first]}{between}Lee", "Kim"
    again = evolve(file, rows=tuple(map(tuple, rows)), preview=False)
    return None if again.rows == file.rows else again


# Earlier files.


def file_of_failed_rows(draw: Choices, scene: Scene) -> FileStep:
    """The failed rows of a file, sent again under the setting."""
    if not scene.failed:
        return fresh_file(draw, scene)
    file = draw.one_of(scene.failed[::-1])
    file = resubmitted(draw, file) if draw.one_in(3) and file.header[-1:] != ("response",) else file
    return evolve(file, mode="manual", change_sensitive_fields=True)


def earlier_file(draw: Choices, scene: Scene) -> FileStep:
    """An earlier file again: unchanged, reordered, with fewer rows or other columns, or with changed cells."""
    if not scene.files:
        return newcomers_file(draw, scene)
    file = evolve(draw.one_of(scene.files[:-4:-1]), preview=False)  # the last stands in front
    return draw.weighted(VARIATIONS)(draw, scene, file)


def last_file(draw: Choices, scene: Scene) -> FileStep:
    """The last file: unchanged, with changed cells, or with fewer columns."""
    if not scene.files:
        return newcomers_file(draw, scene)
    file = evolve(scene.files[-1], preview=False)
    return draw.weighted(LAST)(draw, scene, file)


def unchanged(draw: Choices, scene: Scene, file: FileStep) -> FileStep:
    """The file, unchanged."""
    return file


def under_another_job(draw: Choices, scene: Scene, file: FileStep) -> FileStep:
    """The same file, with the setting switched."""
    return evolve(file, mode="manual", change_sensitive_fields=not file.change_sensitive_fields)


def fewer_rows(draw: Choices, scene: Scene, file: FileStep) -> FileStep:
    """The file without its last row."""
    return evolve(file, rows=file.rows[:-1])


def cells_changed(draw: Choices, scene: Scene, file: FileStep) -> FileStep:
    """The same file with a cell changed in every row or in one: blank, cleared, slightly altered, another value."""
    every = draw.one_in(2)
    if not file.rows:
        return file
    one = draw.randbelow(len(file.rows))
    rows = tuple(cell_changed(draw, scene, file.header, r) if every or i == one else r for i, r in enumerate(file.rows))
    return evolve(file, rows=rows)


def cell_changed(draw: Choices, scene: Scene, header: Texts, row: Texts) -> Texts:
    """A row with one cell changed, mostly not one of the identity columns."""
    places = [place for place, name in enumerate(header[: len(row)]) if name not in NAMED or draw.one_in(6)]
    if not places:
        return row
    place = draw.one_of(places)
    name, text = header[place], row[place]
    return (*row[:place], draw.weighted(CHANGED)(draw, scene, name, text), *row[place + 1 :])


def another_cell(draw: Choices, scene: Scene, name: str, text: str) -> str:
    """A value of the column, whatever stood there."""
    return some_cell(draw, name) if name in BY_HEADER else "y"


CHANGED: Weights[Callable[[Choices, Scene, str, str], str]] = weights(
    (lambda draw, scene, name, text: "", 1),
    (lambda draw, scene, name, text: CLEAR_TOKEN, 1),
    (lambda draw, scene, name, text: altered(draw, scene, text) if text else " ", 2),
    (another_cell, 1),
)


def reordered(draw: Choices, scene: Scene, file: FileStep) -> FileStep:
    """The same file with its columns in another order."""
    if len(set(file.header)) < len(file.header):
        return file
    return with_columns(file, tuple(draw.shuffled(file.header)))


def fewer_columns(draw: Choices, scene: Scene, file: FileStep) -> FileStep:
    """The same file without one of its optional columns."""
    spare = [name for name in file.header if name in OTHERS]
    dropped = draw.one_of(spare) if spare else ""
    return with_columns(file, tuple(name for name in file.header if name != dropped))


def more_columns(draw: Choices, scene: Scene, file: FileStep) -> FileStep:
    """The same file with one more column: a known one or an unknown one."""
    spare = [name for name in OTHERS if name in scene.columns and name not in file.header]
    name = draw.one_of(UNKNOWN_HEADERS) if draw.one_in(3) or not spare else draw.one_of(spare)
    rows = tuple((*row, some_cell(draw, name) if name in BY_HEADER else "x") for row in file.rows)
    return evolve(file, header=(*file.header, name), rows=rows)


# Unusual formats.


def oddly_formatted_file(draw: Choices, scene: Scene) -> FileStep:
    """A file in an unusual format: ragged or repeated rows, blank rows, other line endings, trailing garbage."""
    file = draw.one_of((fresh_file, newcomers_file))(draw, scene)
    return draw.weighted(ODDITIES)(draw, file) if file.rows else file


def ragged_file(draw: Choices, file: FileStep) -> FileStep:
    """Rows with too few or too many cells."""
    return evolve(file, rows=tuple(row if draw.one_in(3) else ragged_row(draw, row) for row in file.rows))


def ragged_row(draw: Choices, row: Texts) -> Texts:
    """A row with too few or too many cells."""
    return draw.one_of((row[:-1], row[:-2], (*row, "x"), (*row, ""), (*row, " ")))


def with_blank_row(draw: Choices, file: FileStep) -> FileStep:
    """A row of blank cells among the others."""
    place = draw.randbelow(len(file.rows) + 1)
    row = tuple(draw.weighted(BLANK) for _ in range(draw.one_of((1, len(file.header)))))
    return evolve(file, rows=(*file.rows[:place], row, *file.rows[place:]))


def with_repeated_row(draw: Choices, file: FileStep) -> FileStep:
    """A row twice, the second time perhaps with a changed cell."""
    row = list(draw.one_of(file.rows))
    place = draw.randbelow(len(row))
    row[place] = some_cell(draw, file.header[place])
    return evolve(file, rows=(*file.rows, tuple(row)))


def with_nameless_column(draw: Choices, file: FileStep) -> FileStep:
    """A column with a blank header, under which a text may stand."""
    place = draw.randbelow(len(file.header) + 1)
    texts = draw.one_of((("",), ("", "", "x"), ("", " ", "x")))
    header = (*file.header[:place], draw.weighted(BLANK), *file.header[place:])
    return evolve(
        file, header=header, rows=tuple((*row[:place], draw.one_of(texts), *row[place:]) for row in file.rows)
    )


def with_misspelt_header(draw: Choices, file: FileStep) -> FileStep:
    """A misspelt header, or the alias in its place."""
    place = draw.randbelow(len(file.header))
    name = file.header[place]
    other = draw.one_of((name.upper(), f" {name}", YEAR_ALIAS))
    return with_name(file, place, other)


def with_repeated_header(draw: Choices, file: FileStep) -> FileStep:
    """A repeated header, or one beside its alias."""
    place = draw.randbelow(len(file.header))
    other = draw.one_of((draw.one_of(file.header), draw.one_of(STARRED), YEAR_ALIAS))
    if other == CAMPUS_NAME.header:  # repeated at an institution without campuses: two rules disagree
        other = YEAR_ALIAS
    return with_name(file, place, other)


def aliased(draw: Choices, file: FileStep) -> FileStep:
    """The year column under its alias, perhaps with an invalid year."""
    if SCHOOL_YEAR_NAME.header not in file.header:
        return file
    place = file.header.index(SCHOOL_YEAR_NAME.header)
    year = draw.one_of(("Alumni", "Doctorate", "nonsense"))
    rows = tuple((*row[:place], year, *row[place + 1 :]) for row in file.rows)
    return with_name(evolve(file, rows=rows), place, YEAR_ALIAS.upper() if draw.one_in(4) else YEAR_ALIAS)


def without_a_starred_column(draw: Choices, file: FileStep) -> FileStep:
    """One of the required columns is missing."""
    dropped = draw.one_of((*STARRED, AUTH))
    return with_columns(file, tuple(name for name in file.header if name != dropped))


def resubmitted(draw: Choices, file: FileStep) -> FileStep:
    """A resubmitted file of failed rows: it already has the two extra columns, or nearly; and a row may be ragged."""
    header = draw.weighted(NEARLY_STATUS_HEADERS)
    rows = [(*row, *(STATUS * 2)[: len(header)]) for row in file.rows]
    place = draw.randbelow(len(rows))
    if draw.one_in(2):
        rows[place] = draw.weighted(RESUBMITTED)(draw, file.rows[place])
    return evolve(file, header=(*file.header, *header), rows=tuple(rows))


def marked_otherwise(draw: Choices, row: Texts) -> Texts:
    """A row, or one that lacks a cell or has one more, before two cells that are nearly a status and a response."""
    cells = draw.one_of(NEARLY_STATUS_CELLS)
    return (*draw.one_of((row, row[:-1], (*row, "x"))), *cells)


RESUBMITTED: Weights[Callable[[Choices, Texts], Texts]] = weights(
    (lambda draw, row: row, 1),
    (lambda draw, row: (*row, *STATUS)[:-1], 1),
    (lambda draw, row: (*row, *STATUS)[1:], 1),
    (lambda draw, row: (*row, *STATUS, "x"), 1),
    (lambda draw, row: (*row, STATUS[0], "x"), 1),
    (lambda draw, row: (*row[:-1], *STATUS, ""), 2),  # a short row, filled up to the header's width
    (marked_otherwise, 5),
)


def with_unknown_headers(draw: Choices, file: FileStep) -> FileStep:
    """An unknown header twice."""
    rows = tuple((*row, "x", "y") for row in file.rows)
    return evolve(file, header=(*file.header, "notes", "notes"), rows=rows)


def written_otherwise(draw: Choices, file: FileStep) -> FileStep:
    """Other line endings, a BOM, a leading blank line, no final line ending, all cells quoted or none."""
    return evolve(
        file,
        line_ending=draw.one_of(("\r\n", "\r", "\n", "mixed")),
        bom=draw.one_in(3),
        before=draw.weighted(BEFORE),
        final_line_ending=not draw.one_in(3),
        quoting=draw.one_of(("needed", "all", "bare")),
    )


def with_quotes_inside(draw: Choices, file: FileStep) -> FileStep:
    """A quote, a comma or a line break in a cell."""
    row = list(draw.one_of(file.rows))
    place = draw.randbelow(len(row))
    row[place] = draw.one_of(SPECIAL_TEXTS)
    return evolve(file, rows=(tuple(row), *file.rows[1:]), quoting=draw.weighted(QUOTED))


def separated_otherwise(draw: Choices, file: FileStep) -> FileStep:
    """Semicolons or tabs as separators."""
    return evolve(file, separator=draw.weighted(DELIMITERS), quoting="bare")


def with_long_cell(draw: Choices, file: FileStep) -> FileStep:
    """A very long cell, in an unknown column."""
    if not draw.one_in(3):
        return file
    return evolve(file, header=(*file.header, "notes"), rows=tuple((*row, LONG_CELL) for row in file.rows[:1]))


def with_trailing_garbage(draw: Choices, file: FileStep) -> FileStep:
    """A file that is refused for its last bytes."""
    return evolve(file, trailing_garbage=draw.one_of(TRAILING_GARBAGE))


SPECIAL_TEXTS: Texts = ('say "x"', 'x"', 'x""y', '"', "a,b", "two\nlines", "two\r\nlines", "\u2028x", "x\x0cy")
OTHER_USERS: Texts = (
    *(address for institution in EMPTY.directory.institutions.values() for address in sorted(institution.staff)),
    *EMPLOYERS,
)
COMPARED_DATES: Sequence[str] = (CLEAR_TOKEN, "2016-09-01", "2016-03-01", "2015-01-01", "2019-02-30", "2021-01-01")
FAILING = weights((100, 3), (99, 2), (0, 1))  # of a hundred rows, how many fail
ROWS = weights((1, 2), (2, 2), (3, 1))
A_THIRD = weights((0, 2), (1, 1))
BLANK = weights(("", 2), (" ", 1))
BEFORE = weights(("", 2), ("\n", 1), ("\r\n", 1), (",\n", 1))
DELIMITERS = weights((";", 2), ("\t", 1))
QUOTED: Weights[Quoting] = weights(("needed", 1), ("all", 1), ("bare", 2))
LAST: Weights[Callable[[Choices, Scene, FileStep], FileStep]] = weights(
    (unchanged, 2), (cells_changed, 1), (fewer_columns, 1)
)
VARIATIONS: Weights[Callable[[Choices, Scene, FileStep], FileStep]] = weights(
    (unchanged, 2),
    (under_another_job, 1),
    (reordered, 1),
    (fewer_rows, 1),
    (fewer_columns, 1),
    (more_columns, 1),
    (cells_changed, 3),
)
ODDITIES: Weights[Callable[[Choices, FileStep], FileStep]] = weights(
    (ragged_file, 2),
    (with_blank_row, 1),
    (with_nameless_column, 1),
    (with_repeated_row, 1),
    (with_misspelt_header, 1),
    (with_repeated_header, 1),
    (aliased, 1),
    (without_a_starred_column, 2),
    (resubmitted, 1),
    (with_unknown_headers, 1),
    (written_otherwise, 2),
    (with_quotes_inside, 1),
    (separated_otherwise, 1),
    (with_long_cell, 1),
    (with_trailing_garbage, 1),
)


def with_name(file: FileStep, place: int, name: str) -> FileStep:
    """The same file with another header for one of its columns."""
    return evolve(file, header=(*file.header[:place], name, *file.header[place + 1 :]))
