"""The parts of files: cells, headers and rows, about the students of the model's world or about new ones."""

from collections.abc import Iterable, Mapping, Sequence

from attrs import evolve

from conformance.generation.deceptive_values import twin_of
from conformance.generation.history import FileStep, Texts
from conformance.generation.randomness import Choices, Weights, mixed, weights
from conformance.generation.scene import OPTIONAL, Scene
from conformance.generation.value_pools import ADDRESSES, EDGE, TYPICAL
from refmodel.cell import calendar_date, is_email
from refmodel.columns import ASSIGNED_TO, AUTH_IDENTIFIER, BY_HEADER, CLEAR_TOKEN, COLUMNS, Kind
from refmodel.job import Mode
from refmodel.serialization import cell_text
from refmodel.world import Account, World

STARRED: Texts = tuple(column.header for column in COLUMNS if column.starred)
SENSITIVE: Texts = tuple(column.header for column in COLUMNS if column.sensitive)
HEADERS: Texts = tuple(column.header for column in COLUMNS)
OTHERS: Texts = OPTIONAL
NAMED: Texts = tuple(column.header for column in COLUMNS if column.identity)  # blank only on purpose
DATES: Texts = tuple(column.header for column in COLUMNS if column.kind is Kind.DATE)
AUTH = AUTH_IDENTIFIER.header
TWIN_COLUMNS = {
    column.header
    for column in COLUMNS
    if (column.kind in (Kind.TEXT, Kind.LIST, Kind.LABELS) and not column.identity) or column is ASSIGNED_TO
}


# Cells.


def some_cell(draw: Choices, header: str) -> str:
    """A value for a column: a typical one, or sometimes an edge value."""
    return draw.weighted(CELLS[header])


def typical_cell(draw: Choices, scene: Scene, header: str, institution: str) -> str:
    """A typical value of a column, or sometimes a blank, where a blank is valid."""
    return twin_cell(draw, scene, header) or draw.weighted(scene.values[institution].typical[header])


def filled_cell(draw: Choices, scene: Scene, header: str, institution: str) -> str:
    """A typical value of a column, never blank."""
    return twin_cell(draw, scene, header) or draw.one_of(scene.values[institution].own[header])


def twin_cell(draw: Choices, scene: Scene, header: str) -> str:
    """One of the two texts that the history is about, or a list with it; blank where there is none."""
    if not scene.twins or header not in TWIN_COLUMNS or draw.one_in(3):
        return ""
    text = draw.one_of(scene.twins)
    if header == ASSIGNED_TO.header:
        return text if "@" in text else f"{text}@north.edu"
    return f"x;{text}" if BY_HEADER[header].kind in (Kind.LIST, Kind.LABELS) and draw.one_in(3) else text


def edge_cell(draw: Choices, scene: Scene, header: str, known: str) -> str:
    """The clear token, the known value slightly altered, or another edge value."""
    if draw.one_in(4):
        return CLEAR_TOKEN
    return altered(draw, scene, known) if known and draw.one_in(4) else draw.one_of(EDGE[header])


def altered(draw: Choices, scene: Scene, text: str) -> str:
    """Nearly the same text: its twin; or case, a zero in front, white space, the order or number of items differ."""
    twin = twin_of(text, scene.twins)
    if twin is not None and not draw.one_in(4):
        return twin
    items = text.split(";")
    zeros = text.lstrip("0") or "0" if text.startswith("0") else f"0{text}"
    lists = (";".join(items[::-1]), ";".join((*items, items[0])), *([";".join(items[::-1])] * len(items[1:])))
    if len(items) > 1 and draw.one_in(2):
        return draw.one_of(lists)
    return draw.one_of((text.swapcase(), text.swapcase(), zeros, f"{text} ", *lists))


# Headers.


def make_header(draw: Choices, scene: Scene, institution: str) -> Texts:
    """The starred columns and all or some of the history's own; sometimes in another order."""
    least = draw.weighted(LEAST)
    names = [*STARRED, *(name for name in scene.chosen if draw.randbelow(8) >= least)]
    uses_sso = scene.world.directory.institutions[institution].uses_sso
    if AUTH not in names and not draw.one_in(8 if uses_sso else 2) and (uses_sso or draw.one_in(3)):
        names.append(AUTH)
    return tuple(draw.shuffled(names) if draw.one_in(6) else names)


# Rows.


def make_row(draw: Choices, scene: Scene, header: Texts, institution: str) -> Texts:
    """A row: of random values, or of a stored student or an earlier row with small changes."""
    known = known_texts(draw, scene, institution)
    changed = {draw.one_of(header) for _ in range(draw.weighted(CHANGES))} if known else set()
    edge = draw.one_of(header) if draw.one_in(3) else None
    return tuple(
        edge_cell(draw, scene, name, known.get(name, ""))
        if name == edge
        else known[name]
        if name in known and name not in changed
        else typical_cell(draw, scene, name, institution)
        for name in header
    )


def known_texts(draw: Choices, scene: Scene, institution: str) -> Mapping[str, str]:
    """The values that a row starts from: mostly a stored student's, or those of an earlier row, or none."""
    kind = draw.randbelow(4)
    if kind == 0:
        return {}
    return sent_texts(draw, scene) if kind == 1 else stored_texts(draw, scene, institution)


def stored_texts(draw: Choices, scene: Scene, institution: str) -> Mapping[str, str]:
    """A student of the world, as cells."""
    account = some_student(draw, scene, institution)
    return account_texts(account) if account else {}


def sent_texts(draw: Choices, scene: Scene) -> Mapping[str, str]:
    """A row of an earlier file."""
    if not scene.files:
        return {}
    file = draw.one_of(scene.files[::-1])
    return dict(zip(file.header, draw.one_of(file.rows))) if file.rows else {}


def some_student(draw: Choices, scene: Scene, institution: str) -> Account | None:
    """A student: mostly one whom the institution can see."""
    students = list(scene.world.students())
    visible = [s for s in students if s.home in (institution, None) or s.institution is None]
    among = visible if visible and not draw.one_in(6) else students
    return draw.one_of(among) if among else None


def set_apart(draw: Choices, row: Texts, rows: Sequence[Texts], header: Texts) -> Texts:
    """The row with other identifiers where rows above have the same ones: rows that share one would all fail."""
    cells = list(row)
    for place, name in enumerate(header):
        if name in SENSITIVE and any(cells[place] == other[place] for other in rows):
            free = [text for text in TYPICAL[name] if all(text != other[place] for other in rows)]
            cells[place] = draw.one_of(free) if name in STARRED and free else ""
    return tuple(cells)


def set_all_apart(draw: Choices, rows: Iterable[Texts], header: Texts) -> tuple[Texts, ...]:
    """The rows, each apart from those above."""
    apart: list[Texts] = []
    for row in rows:
        apart.append(set_apart(draw, row, apart, header))
    return tuple(apart)


# Rows of edge values: all valid, or all invalid.


def edge_row(
    draw: Choices, scene: Scene, header: Texts, institution: str, known: Mapping[str, str], *, sensitive: bool
) -> Texts:
    """A row about somebody with edge values in the other cells: either valid or invalid ones."""
    if draw.one_in(10):  # the identity is invalid as well
        known = {name: draw.one_of(scene.values[institution].invalid[name]) for name in NAMED}
    right = not draw.one_in(3)
    edge = scene.values[institution].mostly_edge(valid=right)
    settled = {name: date_in_order(draw, name) for name in DATES} if right and draw.one_in(2) else {}
    return tuple(
        known[name]
        if name in known and (name in NAMED or (name in SENSITIVE and not sensitive)) and not draw.one_in(10)
        else settled.get(name) or draw.weighted(edge[name])
        for name in header
    )


def date_in_order(draw: Choices, name: str) -> str:
    """A start or end date that is in order with any other date of the pool."""
    return draw.one_of(("", "2016-09-01", "2016-03-01", "0001-01-01") if name == DATES[0] else END_DATES)


def newcomers(draw: Choices, scene: Scene, institution: str, most: int) -> list[Mapping[str, str]]:
    """Some students who could be created, as the cells of a row that creates them."""
    if scene.twins and not draw.one_in(3):
        return twins_as_newcomers(draw, scene)[:most]
    usernames = [text for text in NEW_USERNAMES if not any(s.username == text for s in scene.world.students())]
    own = (*scene.values[institution].own["email_address"], *NEW_ADDRESSES)
    free = [email for email in own if scene.world.student(email) is None]
    names = {"first_name": "Ada", "last_name": "Lee"}
    pairs = zip(draw.sample(free, most), draw.sample(usernames, most))
    return [{"email_address": email, "username": username, **names} for email, username in pairs]


def twins_as_newcomers(draw: Choices, scene: Scene) -> list[Mapping[str, str]]:
    """Two students whose usernames, or addresses, are the texts that the history is about."""
    names = {"first_name": "Ada", "last_name": "Lee"}
    addressed = all(map(is_email, scene.twins))
    emails = scene.twins if addressed else tuple(f"{text}@north.edu" for text in scene.twins)
    usernames = ("1", "2") if addressed or draw.one_in(4) else scene.twins
    plain = not addressed and (draw.one_in(2) or not all(map(is_email, emails)))
    pairs = list(zip(("a@north.edu", "b@north.edu") if plain else emails, usernames))
    return [{"email_address": email, "username": username, **names} for email, username in draw.shuffled(pairs)]


# Jobs.


def under_some_job(draw: Choices, header: Texts, rows: Sequence[Texts], institution: str) -> FileStep:
    """A file under a random job."""
    mode, setting = draw.weighted(JOBS)
    file = FileStep(institution, header, tuple(rows), mode, setting)
    return with_us_dates(file) if draw.one_in(10) else file


LEAST = weights((6, 1), (4, 1), (1, 2))  # of eight numbers, the first with which a column is there
CELLS = {column.header: mixed((TYPICAL[column.header], 3), (EDGE[column.header], 1)) for column in COLUMNS}
CHANGES = weights((0, 1), (1, 2), (2, 1))
JOBS: Weights[tuple[Mode, bool]] = weights((("automatic", False), 1), (("manual", False), 1), (("manual", True), 2))
NEW_USERNAMES: Texts = ("1", "2", "u3", "4", "5", "6", "x7", "8")
NEW_ADDRESSES: Texts = ("g@mail.example", "h@mail.example", "k@mail.example")
END_DATES: Texts = ("", "2020-06-30", "2020-02-29", "2100-01-01", "2016-09-01")
assert set(ADDRESSES).isdisjoint(NEW_ADDRESSES)


def account_texts(account: Account) -> Mapping[str, str]:
    """A student's stored values as cells."""
    return {column.header: cell_text(account.stored(column)) for column in COLUMNS}


def members_of(institution: str, world: World) -> list[Mapping[str, str]]:
    """The students connected to or pending at an institution, as cells."""
    return [account_texts(student) for student in world.students() if student.home == institution]


def with_us_dates(file: FileStep) -> FileStep:
    """The same file with its dates, and its job, as mm/dd/yyyy."""
    rows = tuple(
        tuple(us_date(cell) if name in DATES else cell for name, cell in zip(file.header, row))
        + row[len(file.header) :]
        for row in file.rows
    )
    return evolve(file, rows=rows, date_format="mm/dd/yyyy")


def us_date(text: str) -> str:
    """A date as mm/dd/yyyy; any other text is unchanged."""
    date = calendar_date(text)
    return date.strftime("%m/%d/") + f"{date.year:04}" if date else text


def with_columns(file: FileStep, header: Texts) -> FileStep:
    """The file with only these columns, in this order; ragged rows are dropped."""
    places = [file.header.index(name) for name in header]
    rows = tuple(tuple(row[place] for place in places) for row in file.rows if len(row) == len(file.header))
    return evolve(file, header=header, rows=rows)
