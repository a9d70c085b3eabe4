"""The moves of the search: one generator of histories, over a source of choices.

A source has one method, `pick(n)`, which gives a number from 0 to n-1; a seeded random source and Hypothesis are two of
them. Every move looks at the model's world as it is now, so that its rows are about students who are there: one with
something changed, the row that was applied last, a failed row under the setting, two or three who exchange a value.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from attrs import define, evolve, field

from conformance.histories import ActionStep, FileStep, Step, Texts
from conformance.universe import ADDRESSES, INSTITUTIONS, ODD, ODD_ADDRESSES, OWN, SPOILT, UNKNOWN_HEADERS, USUAL
from refmodel.cells import calendar_date
from refmodel.plain import cell_text
from refmodel.schema import BY_HEADER, CAMPUS_NAME, COLUMNS, SCHOOL_YEAR_NAME, YEAR_ALIAS, Kind
from refmodel.world import Account, World

T = TypeVar("T")
STARRED: Texts = tuple(column.header for column in COLUMNS if column.starred)
SENSITIVE: Texts = tuple(column.header for column in COLUMNS if column.sensitive)
HEADERS: Texts = tuple(column.header for column in COLUMNS)
OTHERS: Texts = tuple(name for name in HEADERS if name not in STARRED)


NAMED: Texts = tuple(column.header for column in COLUMNS if column.identity)  # blank only where that is the point
DATES: Texts = tuple(column.header for column in COLUMNS if column.kind is Kind.DATE)


class Source(Protocol):
    """Where choices come from."""

    def pick(self, n: int) -> int:
        """A number from 0 to n-1."""
        ...  # pragma: no cover


@define
class Moves:
    """Makes the next step of a history, from the world as the model has it and from what was sent before."""

    source: Source
    columns: frozenset[str]  # those that the importer stores
    actions: tuple[str, ...]  # those that it claims
    previews: bool
    files: list[FileStep] = field(factory=list)
    failed: list[FileStep] = field(factory=list)  # the failed rows of each file, as a file

    def next_step(self, world: World) -> Step:
        """A file, mostly; or an action, where there is one that can happen; or what concerns a student in between."""
        step = self.one_of(MOVES)(self, world) or self.file(world)
        if isinstance(step, FileStep) and self.previews and self.chance(8):
            return evolve(step, preview=True)
        return step

    def file(self, world: World) -> FileStep:
        """A file of one kind or another."""
        return self.one_of(FILE_MOVES)(self, world)

    def in_between(self, world: World) -> Step | None:
        """Something about a student who is not simply connected: unconnected, pending, excluded, about to move."""
        students = [s for s in world.students() if s.institution is None or s.excluded_from_sync or s.requested_email]
        if not students:
            return ActionStep("sign_up", plain_sign_up(self.address())) if "sign_up" in self.actions else None
        student = self.one_of(students)
        fitting = [name for name in self.actions if name in FITS and FITS[name](student)]
        if student.requested_email and self.chance(2) and "set_excluded" in self.actions:
            return self.towards_the_requested(student)
        if fitting and not self.chance(3):
            action = self.one_of(fitting)
            return ActionStep(action, self.arguments(action, student))
        return self.file_about(student)

    def towards_the_requested(self, student: Account) -> Step:
        """What leads to an import of the address that was asked for: the sync has the student again, then a file."""
        if student.excluded_from_sync:
            given = {"institution": student.home, "email": student.email_address, "excluded": False}
            return ActionStep("set_excluded", given)
        texts = {**account_texts(student), "email_address": student.requested_email or ""}
        row = tuple(texts[name] for name in STARRED)
        return FileStep(student.home or "", STARRED, (row,), "manual", change_sensitive_fields=True)

    def file_about(self, student: Account) -> FileStep:
        """A file of one row that says of a student what is stored, with a little changed."""
        institution = self.one_of([*filter(None, (student.home, *sorted(student.declined_by))), *INSTITUTIONS])
        texts = dict(account_texts(student))
        if self.chance(2):
            texts["username"] = self.one_of(USUAL["username"])
        header = self.header()
        row = tuple(
            self.usual_cell(n, institution) if n not in STARRED and self.chance(3) else texts[n] for n in header
        )
        return self.job(header, (row,), institution)

    def remember(self, step: FileStep, outcomes: Sequence[str]) -> None:
        """Keep a file that was sent, and those of its rows that failed."""
        self.files.append(step)
        rows = tuple(row for row, outcome in zip(step.rows, outcomes) if outcome == "failed")
        if rows and len(outcomes) == len(step.rows):
            self.failed.append(evolve(step, rows=rows))

    # Choices.

    def one_of(self, options: Sequence[T]) -> T:
        """One of some options, each as likely."""
        return options[self.source.pick(len(options))]

    def chance(self, n: int) -> bool:
        """Whether something happens that happens once in n times."""
        return self.source.pick(n) == n - 1

    # Cells, rows and headers.

    def cell(self, header: str) -> str:
        """A text for a column: usual, or odd now and then."""
        return self.one_of(ODD[header] if self.chance(4) else USUAL[header])

    def usual_cell(self, header: str, institution: str) -> str:
        """A text that a right file has in a column: blank now and then, where that is nothing special."""
        if header not in NAMED and self.chance(3):
            return ""
        return self.one_of(OWN[institution].get(header) or USUAL[header])

    def header(self) -> Texts:
        """The starred columns and some others; all of them now and then, in another order now and then."""
        rate = self.one_of((1, 3, 3, 6))
        chosen = [*STARRED, *(name for name in OTHERS if name in self.columns and self.chance(rate))]
        if "auth_identifier" not in chosen and self.chance(2):
            chosen.append("auth_identifier")
        return tuple(self.shuffled(chosen) if self.chance(4) else chosen)

    def shuffled(self, names: Sequence[str]) -> list[str]:
        """The same in another order."""
        left, order = list(names), []
        while left:
            order.append(left.pop(self.source.pick(len(left))))
        return order

    def row(self, header: Texts, institution: str, world: World) -> Texts:
        """A row: of any texts, of a student as stored, or of what was sent before, with a little changed."""
        known = self.one_of((self.any_texts, self.stored_texts, self.stored_texts, self.sent_texts))(institution, world)
        changed = {self.one_of(header) for _ in range(self.one_of((0, 1, 1, 2)))} if known else set()
        odd = self.one_of(header) if self.chance(3) else None
        return tuple(
            self.one_of(ODD[name])
            if name == odd
            else known[name]
            if name in known and name not in changed
            else self.usual_cell(name, institution)
            for name in header
        )

    def any_texts(self, institution: str, world: World) -> Mapping[str, str]:
        """Nothing to begin with: every cell is drawn."""
        return {}

    def stored_texts(self, institution: str, world: World) -> Mapping[str, str]:
        """A student as the world has them, as cells."""
        account = self.student(institution, world)
        return account_texts(account) if account else {}

    def sent_texts(self, institution: str, world: World) -> Mapping[str, str]:
        """A row of a file that was sent before."""
        if not self.files:
            return {}
        file = self.one_of(self.files)
        return dict(zip(file.header, self.one_of(file.rows))) if file.rows else {}

    def student(self, institution: str, world: World) -> Account | None:
        """A student: one whom the institution can see, mostly."""
        students = list(world.students())
        visible = [s for s in students if s.home in (institution, None) or s.institution is None]
        among = visible if visible and not self.chance(6) else students
        return self.one_of(among) if among else None

    def job(self, header: Texts, rows: Sequence[Texts], institution: str) -> FileStep:
        """A file under some job."""
        mode, setting = self.one_of((("automatic", False), ("manual", False), ("manual", True), ("manual", True)))
        file = FileStep(institution, header, tuple(rows), mode, setting)
        return american(file) if self.chance(10) else file

    # Files.

    def fresh_file(self, world: World) -> FileStep:
        """One to three rows under a header of one's own."""
        institution, header = self.one_of(INSTITUTIONS), self.header()
        rows: list[Texts] = []
        for _ in range(self.one_of((1, 1, 2, 2, 3))):
            row = self.row(header, institution, world)
            rows.append(row if self.chance(8) else self.apart(row, rows, header))
        return self.job(header, rows, institution)

    def apart(self, row: Texts, rows: Sequence[Texts], header: Texts) -> Texts:
        """The row with other identifiers where rows above have the same ones, or else all of them would fail."""
        cells = list(row)
        for place, name in enumerate(header):
            if name in SENSITIVE and any(cells[place] == other[place] for other in rows):
                free = [text for text in USUAL[name] if all(text != other[place] for other in rows)]
                cells[place] = self.one_of(free) if name in STARRED and free else ""
        return tuple(cells)

    def failed_rows(self, world: World) -> FileStep:
        """The failed rows of a file, sent again under the setting."""
        if not self.failed:
            return self.fresh_file(world)
        return evolve(self.one_of(self.failed), mode="manual", change_sensitive_fields=True)

    def again(self, world: World) -> FileStep:
        """A file sent again: as it was, reordered, a row less, or with a column less or more."""
        if not self.files:
            return self.fresh_file(world)
        file = self.one_of(self.files[-3:])
        return self.one_of((same, self.reordered, fewer_rows, self.fewer_columns, self.more_columns))(file)

    def reordered(self, file: FileStep) -> FileStep:
        """The same file with its columns in another order."""
        if len(set(file.header)) < len(file.header):
            return file
        return with_columns(file, tuple(self.shuffled(file.header)))

    def fewer_columns(self, file: FileStep) -> FileStep:
        """The same file without one of the columns that it need not have."""
        spare = [name for name in file.header if name in OTHERS]
        dropped = self.one_of(spare) if spare else ""
        return with_columns(file, tuple(name for name in file.header if name != dropped))

    def more_columns(self, file: FileStep) -> FileStep:
        """The same file with a column more: one that is known, or one that is not."""
        spare = [name for name in OTHERS if name in self.columns and name not in file.header]
        name = self.one_of(UNKNOWN_HEADERS) if self.chance(3) or not spare else self.one_of(spare)
        rows = tuple((*row, self.cell(name) if name in BY_HEADER else "x") for row in file.rows)
        return evolve(file, header=(*file.header, name), rows=rows)

    def ring(self, world: World) -> FileStep:
        """Two or three students of an institution exchange what identifies them, one column or two."""
        institution = self.one_of(INSTITUTIONS)
        members = [s for s in world.students() if s.home == institution]
        if len(members) < 2:
            return self.fresh_file(world)
        chosen = [account_texts(s) for s in members[: self.one_of((2, 3))]]
        header = (*STARRED, "auth_identifier", *(("card_id",) if "card_id" in self.columns else ()))
        exchanged = {self.one_of(SENSITIVE), self.one_of(SENSITIVE)} & set(header)
        rows = [
            tuple((chosen[(i + 1) % len(chosen)] if name in exchanged else texts)[name] for name in header)
            for i, texts in enumerate(chosen)
        ]
        return evolve(self.job(header, rows, institution), mode="manual", change_sensitive_fields=True)

    def odd_file(self, world: World) -> FileStep:
        """A file that is written in an odd way: ragged, repeated, with blank rows, spoilt, with other line ends."""
        file = self.fresh_file(world)
        return self.one_of(ODDITIES)(self, file)

    def ragged(self, file: FileStep) -> FileStep:
        """A row with a cell less or more."""
        place = self.source.pick(len(file.rows))
        row = file.rows[place][:-1] if self.chance(2) else (*file.rows[place], "x")
        return evolve(file, rows=(*file.rows[:place], row, *file.rows[place + 1 :]))

    def blank_row(self, file: FileStep) -> FileStep:
        """A row of blank cells among the others."""
        place = self.source.pick(len(file.rows) + 1)
        row = tuple(self.one_of(("", "", " ")) for _ in range(self.one_of((1, len(file.header)))))
        return evolve(file, rows=(*file.rows[:place], row, *file.rows[place:]))

    def twin_row(self, file: FileStep) -> FileStep:
        """A row twice, perhaps with something changed."""
        row = list(self.one_of(file.rows))
        place = self.source.pick(len(row))
        row[place] = self.cell(file.header[place])
        return evolve(file, rows=(*file.rows, tuple(row)))

    def odd_header(self, file: FileStep) -> FileStep:
        """A header that is missing, repeated, misspelt, or an alias."""
        place = self.source.pick(len(file.header))
        name = file.header[place]
        other = self.one_of((name.upper(), f" {name}", self.one_of(file.header), YEAR_ALIAS))
        if name == SCHOOL_YEAR_NAME.header and not self.chance(4):
            other = YEAR_ALIAS
        if other == CAMPUS_NAME.header:  # twice where there are no campuses: two rules say two things
            other = YEAR_ALIAS
        return evolve(file, header=(*file.header[:place], other, *file.header[place + 1 :]))

    def written_otherwise(self, file: FileStep) -> FileStep:
        """Another line end, or a byte order mark."""
        return evolve(file, line_end=self.one_of(("\r\n", "\r", "\n")), mark=self.chance(2))

    def spoilt(self, file: FileStep) -> FileStep:
        """A file that is refused at its very end."""
        return evolve(file, spoilt=self.one_of(SPOILT))

    # Actions.

    def action(self, world: World) -> ActionStep | None:
        """Something that somebody does: about a student to whom it can happen, mostly, by whom it may concern."""
        if not self.actions:
            return None
        action = self.one_of([name for name in FREQUENT if name in self.actions] or self.actions)
        action = action if self.chance(2) else self.one_of(self.actions)
        students = list(world.students())
        fitting = [student for student in students if FITS.get(action, bool)(student)]
        if not fitting and action != "sign_up" and not self.chance(6):
            return None
        student = self.one_of(fitting if fitting and not self.chance(6) else students or [None])
        return ActionStep(action, self.arguments(action, student))

    def arguments(self, action: str, student: Account | None) -> dict[str, Any]:
        """The arguments of an action."""
        email = student.email_address if student and not self.chance(10) else self.address()
        home = student.home if student and student.home and not self.chance(5) else self.one_of(INSTITUTIONS)
        given = {"email": email.upper() if self.chance(12) else email, "institution": home}
        return ARGUMENTS[action](self, given, student)

    def address(self) -> str:
        """An e-mail address."""
        return self.one_of(ODD_ADDRESSES if self.chance(4) else ADDRESSES)

    def profile(self) -> dict[str, str]:
        """Changes for a profile."""
        names = [name for name in HEADERS if name in self.columns and name not in SENSITIVE]
        if self.chance(8):
            names = [*SENSITIVE, "nonsense", YEAR_ALIAS]
        chosen = dict.fromkeys((self.one_of(names), self.one_of(names)))  # a set has no order that lasts
        return {name: self.cell(name) if name in BY_HEADER else "x" for name in chosen}

    def attribute(self, student: Account | None) -> str:
        """What an identity provider returns."""
        known = student.auth_identifier if student else None
        return known if known and not self.chance(3) else self.one_of(("", "i", "j", "I"))


Arguments = dict[str, Any]


def account_texts(account: Account) -> Mapping[str, str]:
    """A student as the cells of a row that says what is stored."""
    return {column.header: cell_text(account.stored(column)) for column in COLUMNS}


def american(file: FileStep) -> FileStep:
    """The same file with its dates, and its job, as mm/dd/yyyy."""
    rows = tuple(
        tuple(american_date(cell) if name in DATES else cell for name, cell in zip(file.header, row))
        for row in file.rows
    )
    return evolve(file, rows=rows, date_format="mm/dd/yyyy")


def american_date(text: str) -> str:
    """A date as mm/dd/yyyy; what is none stays as it is."""
    date = calendar_date(text)
    return date.strftime("%m/%d/") + f"{date.year:04}" if date else text


def same(file: FileStep) -> FileStep:
    """The file as it was."""
    return file


def fewer_rows(file: FileStep) -> FileStep:
    """The file without its last row."""
    return evolve(file, rows=file.rows[:-1])


def with_columns(file: FileStep, header: Texts) -> FileStep:
    """The file with just these of its columns, in this order; ragged rows are dropped."""
    places = [file.header.index(name) for name in header]
    rows = tuple(tuple(row[place] for place in places) for row in file.rows if len(row) == len(file.header))
    return evolve(file, header=header, rows=rows)


FILE_MOVES: tuple[Callable[[Moves, World], FileStep], ...] = (
    Moves.fresh_file,
    Moves.fresh_file,
    Moves.fresh_file,
    Moves.fresh_file,
    Moves.failed_rows,
    Moves.again,
    Moves.again,
    Moves.ring,
    Moves.odd_file,
)
ODDITIES: tuple[Callable[[Moves, FileStep], FileStep], ...] = (
    Moves.ragged,
    Moves.ragged,
    Moves.blank_row,
    Moves.twin_row,
    Moves.twin_row,
    Moves.odd_header,
    Moves.written_otherwise,
    Moves.spoilt,
)
MOVES: tuple[Callable[[Moves, World], Step | None], ...] = (
    Moves.file,
    Moves.file,
    Moves.file,
    Moves.action,
    Moves.action,
    Moves.in_between,
    Moves.in_between,
)


def plain_sign_up(email: str) -> Arguments:
    """Who signs up with an address, without anything odd."""
    return {"email": email, "first_name": "Ada", "last_name": "Lee"}


FREQUENT: Texts = ("sign_up", "request_access", "change_email")  # what others can follow upon
FITS: Mapping[str, Callable[[Account], bool]] = {  # to whom an action can happen, where that is not everybody
    "request_access": lambda student: student.home is None,
    "approve": lambda student: student.pending_at is not None,
    "decline": lambda student: student.pending_at is not None,
    "delete_pending": lambda student: student.pending_at is not None,
    "add_by_email": lambda student: student.institution is None,
    "confirm_email": lambda student: student.requested_email is not None,
    "switch_institution": lambda student: student.institution is not None,
    "set_excluded": lambda student: student.home is not None,
}
ARGUMENTS: Mapping[str, Callable[[Moves, Arguments, Account | None], Arguments]] = {
    "sign_up": lambda moves, given, student: {
        "email": given["email"] if moves.chance(3) else moves.address(),
        "first_name": moves.cell("first_name") if moves.chance(6) else "Ada",
        "last_name": moves.cell("last_name") if moves.chance(6) else "Lee",
    },
    "request_access": lambda moves, given, student: given | {"institution": moves.one_of(INSTITUTIONS)},
    "approve": lambda moves, given, student: given,
    "decline": lambda moves, given, student: given,
    "delete_pending": lambda moves, given, student: given,
    "add_by_email": lambda moves, given, student: given,
    "change_email": lambda moves, given, student: given | {"new_email": moves.address()},
    "confirm_email": lambda moves, given, student: {"email": given["email"]},
    "set_disabled": lambda moves, given, student: given | {"disabled": moves.chance(2)},
    "edit_profile": lambda moves, given, student: given | {"changes": moves.profile()},
    "set_excluded": lambda moves, given, student: given | {"excluded": not (student and student.excluded_from_sync)},
    "switch_institution": lambda moves, given, student: given | {"institution": moves.one_of(INSTITUTIONS)},
    "sign_in": lambda moves, given, student: (
        {"email": given["email"], "via": "password"}
        if moves.chance(3)
        else given | {"via": "sso", "attribute": moves.attribute(student)}
    ),
}
