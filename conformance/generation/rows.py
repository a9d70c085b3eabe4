"""The parts of files: cells, headers and rows, about the students of the model's world or about new ones."""

from collections.abc import Iterable, Mapping, Sequence

from attrs import define, evolve, field

from conformance.generation.history import FileStep, Texts
from conformance.generation.randomness import Choices
from conformance.generation.value_pools import ADDRESSES, EDGE, INSTITUTIONS, INVALID, OWN, TYPICAL, VALID
from refmodel.cell import calendar_date
from refmodel.columns import AUTH_IDENTIFIER, CLEAR_TOKEN, COLUMNS, Kind
from refmodel.serialization import cell_text
from refmodel.world import Account, World

STARRED: Texts = tuple(column.header for column in COLUMNS if column.starred)
SENSITIVE: Texts = tuple(column.header for column in COLUMNS if column.sensitive)
HEADERS: Texts = tuple(column.header for column in COLUMNS)
OTHERS: Texts = tuple(name for name in HEADERS if name not in STARRED)
NAMED: Texts = tuple(column.header for column in COLUMNS if column.identity)  # blank only on purpose
DATES: Texts = tuple(column.header for column in COLUMNS if column.kind is Kind.DATE)
AUTH = AUTH_IDENTIFIER.header


@define
class Rows(Choices):
    """Generates cells, headers and rows."""

    columns: frozenset[str]  # those that the importer stores
    actions: tuple[str, ...]  # those that it supports
    previews: bool
    files: list[FileStep] = field(factory=list)  # that were sent
    failed: list[FileStep] = field(factory=list)  # the failed rows of each file, as a file
    chosen: Texts = OTHERS  # the optional columns that this history is about

    # Cells.

    def cell(self, header: str) -> str:
        """A value for a column: a typical one, or sometimes an edge value."""
        return self.one_of(EDGE[header] if self.one_in(4) else TYPICAL[header])

    def typical_cell(self, header: str, institution: str) -> str:
        """A typical value of a column, or sometimes a blank, where a blank is valid."""
        if header not in NAMED and self.one_in(3):
            return ""
        return self.filled_cell(header, institution)

    def filled_cell(self, header: str, institution: str) -> str:
        """A typical value of a column, never blank."""
        return self.one_of(OWN[institution].get(header) or TYPICAL[header])

    def edge_cell(self, header: str, known: str) -> str:
        """The clear token, the known value slightly altered, or another edge value."""
        if self.one_in(4):
            return CLEAR_TOKEN
        return self.altered(known) if known and self.one_in(4) else self.one_of(EDGE[header])

    def altered(self, text: str) -> str:
        """Nearly the same text: case, a leading zero, white space, the order or the number of items differ."""
        items = text.split(";")
        zeros = text.lstrip("0") or "0" if text.startswith("0") else f"0{text}"
        lists = (";".join(items[::-1]), ";".join((*items, items[0])), *([";".join(items[::-1])] * len(items[1:])))
        if len(items) > 1 and self.one_in(2):
            return self.one_of(lists)
        return self.one_of((text.swapcase(), text.swapcase(), zeros, f"{text} ", *lists))

    # Headers.

    def header(self, institution: str, world: World) -> Texts:
        """The starred columns and all or some of the history's own; sometimes in another order."""
        rate = self.one_of((1, 1, 2, 4))
        names = [*STARRED, *(name for name in self.chosen if self.one_in(rate))]
        uses_sso = world.directory.institutions[institution].uses_sso
        if AUTH not in names and not self.one_in(8 if uses_sso else 2) and (uses_sso or self.one_in(3)):
            names.append(AUTH)
        return tuple(self.shuffled(names) if self.one_in(6) else names)

    # Rows.

    def row(self, header: Texts, institution: str, world: World) -> Texts:
        """A row: of random values, or of a stored student or an earlier row with small changes."""
        known = self.known_texts(institution, world)
        changed = {self.one_of(header) for _ in range(self.one_of((0, 1, 1, 2)))} if known else set()
        edge = self.one_of(header) if self.one_in(3) else None
        return tuple(
            self.edge_cell(name, known.get(name, ""))
            if name == edge
            else known[name]
            if name in known and name not in changed
            else self.typical_cell(name, institution)
            for name in header
        )

    def known_texts(self, institution: str, world: World) -> Mapping[str, str]:
        """The values that a row starts from: mostly a stored student's, or those of an earlier row, or none."""
        kind = self.source.randbelow(4)
        if kind == 0:
            return {}
        return self.sent_texts() if kind == 1 else self.stored_texts(institution, world)

    def stored_texts(self, institution: str, world: World) -> Mapping[str, str]:
        """A student of the world, as cells."""
        account = self.student(institution, world)
        return account_texts(account) if account else {}

    def sent_texts(self) -> Mapping[str, str]:
        """A row of an earlier file."""
        if not self.files:
            return {}
        file = self.one_of(self.files)
        return dict(zip(file.header, self.one_of(file.rows))) if file.rows else {}

    def student(self, institution: str, world: World) -> Account | None:
        """A student: mostly one whom the institution can see."""
        students = list(world.students())
        visible = [s for s in students if s.home in (institution, None) or s.institution is None]
        among = visible if visible and not self.one_in(6) else students
        return self.one_of(among) if among else None

    def apart(self, row: Texts, rows: Sequence[Texts], header: Texts) -> Texts:
        """The row with other identifiers where rows above have the same ones: rows that share one would all fail."""
        cells = list(row)
        for place, name in enumerate(header):
            if name in SENSITIVE and any(cells[place] == other[place] for other in rows):
                free = [text for text in TYPICAL[name] if all(text != other[place] for other in rows)]
                cells[place] = self.one_of(free) if name in STARRED and free else ""
        return tuple(cells)

    def all_apart(self, rows: Iterable[Texts], header: Texts) -> tuple[Texts, ...]:
        """The rows, each apart from those above."""
        apart: list[Texts] = []
        for row in rows:
            apart.append(self.apart(row, apart, header))
        return tuple(apart)

    # Rows of edge values: all valid, or all invalid.

    def edge_row(self, header: Texts, institution: str, known: Mapping[str, str], *, sensitive: bool) -> Texts:
        """A row about somebody with edge values in the other cells: either valid or invalid ones."""
        if self.one_in(10):  # the identity is invalid as well
            known = {name: self.one_of(INVALID[institution][name]) for name in NAMED}
        right = not self.one_in(3)
        edge = (VALID if right else INVALID)[institution]
        settled = {name: self.date(name) for name in DATES} if right and self.one_in(2) else {}
        return tuple(
            known[name]
            if name in known and (name in NAMED or (name in SENSITIVE and not sensitive)) and not self.one_in(10)
            else settled.get(name) or self.edge_or_typical_value(name, edge, institution)
            for name in header
        )

    def edge_or_typical_value(self, name: str, edge: Mapping[str, Texts], institution: str) -> str:
        """Mostly one of the edge values; or else a typical value or the clear token."""
        if edge[name] and not self.one_in(3):
            return self.one_of(edge[name])
        return CLEAR_TOKEN if name not in NAMED and self.one_in(8) else self.typical_cell(name, institution)

    def date(self, name: str) -> str:
        """A start or end date that is in order with any other date of the pool."""
        return self.one_of(("", "2016-09-01", "2016-03-01", "0001-01-01") if name == DATES[0] else END_DATES)

    def newcomers(self, institution: str, world: World) -> list[Mapping[str, str]]:
        """Students who could be created, as the cells of a row that creates them."""
        usernames = [text for text in NEW_USERNAMES if not any(s.username == text for s in world.students())]
        own = [*OWN[institution]["email_address"], *NEW_ADDRESSES]
        free = [email for email in own if world.student(email) is None]
        names = {"first_name": "Ada", "last_name": "Lee"}
        pairs = zip(self.shuffled(free), self.shuffled(usernames))
        return [{"email_address": email, "username": username, **names} for email, username in pairs]

    # Jobs.

    def job(self, header: Texts, rows: Sequence[Texts], institution: str) -> FileStep:
        """A file under a random job."""
        mode, setting = self.one_of((("automatic", False), ("manual", False), ("manual", True), ("manual", True)))
        file = FileStep(institution, header, tuple(rows), mode, setting)
        return with_us_dates(file) if self.one_in(10) else file


NEW_USERNAMES: Texts = ("1", "2", "u3", "4", "5", "6", "x7", "8")
NEW_ADDRESSES: Texts = ("g@mail.example", "h@mail.example", "k@mail.example")
END_DATES: Texts = ("", "2020-06-30", "2020-02-29", "2100-01-01", "2016-09-01")
assert set(ADDRESSES).isdisjoint(NEW_ADDRESSES)
assert set(INSTITUTIONS) == set(OWN)


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
