"""The files that the search sends: new ones, earlier ones again, and files in an unusual format."""

from collections.abc import Callable, Mapping, Sequence

from attrs import define, evolve

from conformance.generation.history import FileStep, Texts
from conformance.generation.rows import (
    AUTH,
    DATES,
    NAMED,
    OTHERS,
    SENSITIVE,
    STARRED,
    Rows,
    account_texts,
    members_of,
    with_columns,
)
from conformance.generation.value_pools import (
    EMPLOYERS,
    EMPTY,
    INSTITUTIONS,
    TRAILING_GARBAGE,
    TYPICAL,
    UNKNOWN_HEADERS,
)
from refmodel.columns import BY_HEADER, CAMPUS_NAME, CLEAR_TOKEN, SCHOOL_YEAR_NAME, YEAR_ALIAS
from refmodel.world import Account, World

LONG_CELL = "x" * 131_073  # more than the limit of some libraries


@define
class Files(Rows):
    """Generates files."""

    # About students, new or known.

    def fresh_file(self, world: World) -> FileStep:
        """One to three rows under a new header."""
        institution = self.one_of(INSTITUTIONS)
        header = self.header(institution, world)
        rows: list[Texts] = []
        for _ in range(self.one_of((1, 1, 2, 2, 3))):
            row = self.row(header, institution, world)
            rows.append(row if self.one_in(8) else self.apart(row, rows, header))
        return self.job(header, rows, institution)

    def wide_file(self, world: World) -> FileStep:
        """A row of edge values for each of several students: many columns and values in one file."""
        institution = self.one_of(INSTITUTIONS)
        header = self.header(institution, world)
        file = self.job(header, (), institution)
        there = [account_texts(s) for s in world.students() if s.institution == institution]
        people = [*self.shuffled(there)[:3], *self.newcomers(institution, world)[: self.one_of((2, 3, 5))]]
        rows = (
            self.edge_row(header, institution, known, sensitive=file.change_sensitive_fields or AUTH not in known)
            for known in people
        )
        return evolve(file, rows=self.all_apart(rows, header))

    def newcomers_file(self, world: World) -> FileStep:
        """A valid file that creates one to three students, and fills the columns that the history is about."""
        institution = self.one_of(INSTITUTIONS)
        header = self.header(institution, world)
        people = self.newcomers(institution, world)[: self.one_of((1, 2, 3))]
        rows = (tuple(known.get(name) or self.filled_cell(name, institution) for name in header) for known in people)
        return self.job(header, self.all_apart(rows, header), institution)

    def swap_identifiers(self, world: World) -> FileStep:
        """Two or three people swap identifiers: in a cycle, or each takes that of the one before."""
        institution = self.one_of(INSTITUTIONS)
        members = members_of(institution, world)
        if len(members) < 2 or self.one_in(4):
            members += self.newcomers(institution, world)[:1]
        if len(members) < 2:
            return self.newcomers_file(world)
        header = self.identity_header()
        chosen = self.shuffled(members[-3:])[: self.one_of((2, 3))]
        exchanged = {self.one_of(SENSITIVE), self.one_of(SENSITIVE)} & set(header)
        sources = [*chosen[1:], chosen[0]] if self.one_in(2) else [*self.newcomers(institution, world)[:1], *chosen]
        rows = [
            tuple((other if name in exchanged else texts).get(name, "") for name in header)
            for texts, other in zip(chosen, sources)
        ]
        file = evolve(self.job(header, rows, institution), mode="manual", change_sensitive_fields=not self.one_in(8))
        return evolve(file, preview=self.previews and self.one_in(4))

    def identity_header(self) -> Texts:
        """The starred columns and all identifiers."""
        return (*STARRED, AUTH, *(("card_id",) if "card_id" in self.columns else ()))

    def identifiers_changed(self, world: World) -> FileStep:
        """A row for each of some students, as stored, with one of the identifiers slightly changed or cleared."""
        institution = self.one_of(INSTITUTIONS)
        members = members_of(institution, world)
        if not members:
            return self.newcomers_file(world)
        header = self.identity_header()
        rows: list[Texts] = []
        for texts in self.shuffled(members)[:4]:
            name = self.one_of([name for name in SENSITIVE if name in header])
            text = self.one_of((CLEAR_TOKEN, "", self.altered(texts[name]), self.filled_cell(name, institution)))
            rows.append(tuple({**texts, name: text}[column] for column in header))
        return self.job(header, rows, institution)

    def sharing(self, world: World) -> FileStep:
        """Rows that share an identifier, or nearly: the same text, a slightly different one, the token twice."""
        institution = self.one_of(INSTITUTIONS)
        header = tuple(dict.fromkeys((*self.header(institution, world), AUTH, "card_id")))
        header = tuple(name for name in header if name in STARRED or name in self.columns)
        there = members_of(institution, world)
        people = [*self.shuffled(there)[: self.one_of((0, 1, 2))], *self.newcomers(institution, world)]
        rows = [
            list(self.apart(tuple(known.get(n) or self.typical_cell(n, institution) for n in header), (), header))
            for known in people[: self.one_of((2, 3))]
        ]
        if len(rows) > 1:
            place = header.index(self.one_of([name for name in SENSITIVE if name in header]))
            text = rows[0][place] or self.one_of(TYPICAL[header[place]])
            rows[0][place], rows[1][place] = self.one_of(
                ((text, text), (text, self.altered(text)), (CLEAR_TOKEN, CLEAR_TOKEN), (self.altered(text), text))
            )
        return self.job(header, tuple(map(tuple, rows)), institution)

    def reuse_identifiers(self, world: World) -> FileStep:
        """People with an address or identifier that somebody else has, at any institution, or nearly the same."""
        institution = self.one_of(INSTITUTIONS)
        header = self.identity_header()
        others = [*OTHER_USERS, *(s.email_address for s in world.students())]
        members = members_of(institution, world)
        people = [*self.shuffled(members)[: self.one_of((0, 1, 2))], *self.newcomers(institution, world)[:2]]
        rows: list[Texts] = []
        for known in people:
            texts = {**known, **self.reused_identifier(world)}
            if self.one_in(3):
                texts["email_address"] = self.one_of(others)
            rows.append(self.apart(tuple(texts.get(name, "") for name in header), rows, header))
        return self.job(header, rows, institution)

    def reused_identifier(self, world: World) -> Mapping[str, str]:
        """An identifier of a random student."""
        students = list(world.students())
        return self.identifier_of(self.one_of(students)) if students else {}

    def identifier_of(self, student: Account) -> Mapping[str, str]:
        """An identifier of a student, or nearly the same, mostly in its own column."""
        texts = account_texts(student)
        filled = [name for name in SENSITIVE[1:] if texts[name]]
        if not filled:
            return {}
        name = self.one_of(filled)
        column = self.one_of(SENSITIVE[1:]) if self.one_in(4) else name
        return {column: self.altered(texts[name]) if self.one_in(2) else texts[name]}

    def dates(self, world: World) -> FileStep:
        """A file about students' dates: blank, cleared, as stored, equal, in the same year, malformed."""
        institution = self.one_of(INSTITUTIONS)
        students = [s for s in world.students() if s.institution == institution][:3]
        if not students:
            return self.newcomers_file(world)
        start = () if self.one_in(4) or DATES[0] not in self.columns else DATES[:1]
        header = (*STARRED, *start, *((AUTH,) if world.directory.institutions[institution].uses_sso else ()))
        rows = []
        for texts in map(account_texts, students):
            row = {name: self.one_of((*COMPARED_DATES, texts[name], texts[name], "", "")) for name in DATES}
            rows.append(tuple(row.get(name, texts[name]) for name in header))
        return self.job(header, rows, institution)

    # Earlier files.

    def failed_rows(self, world: World) -> FileStep:
        """The failed rows of a file, sent again under the setting."""
        if not self.failed:
            return self.fresh_file(world)
        file = self.one_of(self.failed)
        file = self.resubmission(file) if self.one_in(3) and file.header[-1:] != ("response",) else file
        return evolve(file, mode="manual", change_sensitive_fields=True)

    def again(self, world: World) -> FileStep:
        """An earlier file again: unchanged, reordered, with fewer rows or other columns, or with changed cells."""
        if not self.files:
            return self.newcomers_file(world)
        file = evolve(self.one_of(self.files[-3:]), preview=False)
        return self.one_of(VARIATIONS)(self, file)

    def last_again(self, world: World) -> FileStep:
        """The last file: unchanged, with changed cells, or with fewer columns."""
        if not self.files:
            return self.newcomers_file(world)
        file = evolve(self.files[-1], preview=False)
        return file if self.one_in(2) else self.one_of((Files.cells_changed, Files.fewer_columns))(self, file)

    def same(self, file: FileStep) -> FileStep:
        """The file, unchanged."""
        return file

    def under_another_job(self, file: FileStep) -> FileStep:
        """The same file, with the setting switched."""
        return evolve(file, mode="manual", change_sensitive_fields=not file.change_sensitive_fields)

    def fewer_rows(self, file: FileStep) -> FileStep:
        """The file without its last row."""
        return evolve(file, rows=file.rows[:-1])

    def cells_changed(self, file: FileStep) -> FileStep:
        """The same file with a cell changed in every row or in one: blank, cleared, slightly altered, another value."""
        every = self.one_in(2)
        if not file.rows:
            return file
        one = self.source.randbelow(len(file.rows))
        rows = tuple(self.cell_changed(file.header, r) if every or i == one else r for i, r in enumerate(file.rows))
        return evolve(file, rows=rows)

    def cell_changed(self, header: Texts, row: Texts) -> Texts:
        """A row with one cell changed, mostly not one of the identity columns."""
        places = [place for place, name in enumerate(header[: len(row)]) if name not in NAMED or self.one_in(6)]
        if not places:
            return row
        place = self.one_of(places)
        name, text = header[place], row[place]
        drawn = self.cell(name) if name in BY_HEADER else "y"
        nearly = self.altered(text) if text else " "
        other = self.one_of(("", CLEAR_TOKEN, nearly, nearly, drawn))
        return (*row[:place], other, *row[place + 1 :])

    def reordered(self, file: FileStep) -> FileStep:
        """The same file with its columns in another order."""
        if len(set(file.header)) < len(file.header):
            return file
        return with_columns(file, tuple(self.shuffled(file.header)))

    def fewer_columns(self, file: FileStep) -> FileStep:
        """The same file without one of its optional columns."""
        spare = [name for name in file.header if name in OTHERS]
        dropped = self.one_of(spare) if spare else ""
        return with_columns(file, tuple(name for name in file.header if name != dropped))

    def more_columns(self, file: FileStep) -> FileStep:
        """The same file with one more column: a known one or an unknown one."""
        spare = [name for name in OTHERS if name in self.columns and name not in file.header]
        name = self.one_of(UNKNOWN_HEADERS) if self.one_in(3) or not spare else self.one_of(spare)
        rows = tuple((*row, self.cell(name) if name in BY_HEADER else "x") for row in file.rows)
        return evolve(file, header=(*file.header, name), rows=rows)

    # Unusual formats.

    def oddly_formatted_file(self, world: World) -> FileStep:
        """A file in an unusual format: ragged or repeated rows, blank rows, other line endings, trailing garbage."""
        file = self.one_of((Files.fresh_file, Files.newcomers_file))(self, world)
        return self.one_of(ODDITIES)(self, file) if file.rows else file

    def ragged(self, file: FileStep) -> FileStep:
        """Rows with too few or too many cells."""
        return evolve(file, rows=tuple(row if self.one_in(3) else self.ragged_row(row) for row in file.rows))

    def ragged_row(self, row: Texts) -> Texts:
        """A row with too few or too many cells."""
        return self.one_of((row[:-1], row[:-2], (*row, "x"), (*row, ""), (*row, " ")))

    def blank_row(self, file: FileStep) -> FileStep:
        """A row of blank cells among the others."""
        place = self.source.randbelow(len(file.rows) + 1)
        row = tuple(self.one_of(("", "", " ")) for _ in range(self.one_of((1, len(file.header)))))
        return evolve(file, rows=(*file.rows[:place], row, *file.rows[place:]))

    def repeated_row(self, file: FileStep) -> FileStep:
        """A row twice, the second time perhaps with a changed cell."""
        row = list(self.one_of(file.rows))
        place = self.source.randbelow(len(row))
        row[place] = self.cell(file.header[place])
        return evolve(file, rows=(*file.rows, tuple(row)))

    def misspelt_header(self, file: FileStep) -> FileStep:
        """A misspelt header, or the alias in its place."""
        place = self.source.randbelow(len(file.header))
        name = file.header[place]
        other = self.one_of((name.upper(), f" {name}", YEAR_ALIAS))
        return with_name(file, place, other)

    def repeated_header(self, file: FileStep) -> FileStep:
        """A repeated header, or one beside its alias."""
        place = self.source.randbelow(len(file.header))
        other = self.one_of((self.one_of(file.header), self.one_of(STARRED), YEAR_ALIAS))
        if other == CAMPUS_NAME.header:  # repeated at an institution without campuses: two rules disagree
            other = YEAR_ALIAS
        return with_name(file, place, other)

    def alias(self, file: FileStep) -> FileStep:
        """The year column under its alias, perhaps with an invalid year."""
        if SCHOOL_YEAR_NAME.header not in file.header:
            return file
        place = file.header.index(SCHOOL_YEAR_NAME.header)
        year = self.one_of(("Alumni", "Doctorate", "nonsense"))
        rows = tuple((*row[:place], year, *row[place + 1 :]) for row in file.rows)
        return with_name(evolve(file, rows=rows), place, YEAR_ALIAS.upper() if self.one_in(4) else YEAR_ALIAS)

    def fewer_starred(self, file: FileStep) -> FileStep:
        """One of the required columns is missing."""
        dropped = self.one_of((*STARRED, AUTH))
        return with_columns(file, tuple(name for name in file.header if name != dropped))

    def resubmission(self, file: FileStep) -> FileStep:
        """A resubmitted file of failed rows: it already has the two extra columns, and a row may be ragged."""
        rows = [(*row, "failed", '{"success":false}') for row in file.rows]
        place = self.source.randbelow(len(rows))
        whole = rows[place]
        if self.one_in(2):
            rows[place] = self.one_of((whole[:-1], whole[1:], file.rows[place], (*whole, "x"), (*whole[:-1], "x")))
        return evolve(file, header=(*file.header, "status", "response"), rows=tuple(rows))

    def unknown_headers(self, file: FileStep) -> FileStep:
        """An unknown header twice."""
        rows = tuple((*row, "x", "y") for row in file.rows)
        return evolve(file, header=(*file.header, "notes", "notes"), rows=rows)

    def written_otherwise(self, file: FileStep) -> FileStep:
        """Other line endings, a BOM, a leading blank line, no final line ending, all cells quoted or none."""
        return evolve(
            file,
            line_ending=self.one_of(("\r\n", "\r", "\n", "mixed")),
            bom=self.one_in(3),
            before=self.one_of(("", "", "\n", "\r\n", ",\n")),
            final_line_ending=not self.one_in(3),
            quoting=self.one_of(("needed", "all", "bare")),
        )

    def quotes_inside(self, file: FileStep) -> FileStep:
        """A quote, a comma or a line break in a cell."""
        row = list(self.one_of(file.rows))
        place = self.source.randbelow(len(row))
        row[place] = self.one_of(SPECIAL_TEXTS)
        return evolve(file, rows=(tuple(row), *file.rows[1:]), quoting=self.one_of(("needed", "all", "bare", "bare")))

    def separated_otherwise(self, file: FileStep) -> FileStep:
        """Semicolons or tabs as separators."""
        return evolve(file, separator=self.one_of((";", ";", "\t")), quoting="bare")

    def long_cell(self, file: FileStep) -> FileStep:
        """A very long cell, in an unknown column."""
        if not self.one_in(3):
            return file
        return evolve(file, header=(*file.header, "notes"), rows=tuple((*row, LONG_CELL) for row in file.rows[:1]))

    def trailing_garbage(self, file: FileStep) -> FileStep:
        """A file that is refused for its last bytes."""
        return evolve(file, trailing_garbage=self.one_of(TRAILING_GARBAGE))


SPECIAL_TEXTS: Texts = ('say "x"', 'x"', 'x""y', '"', "a,b", "two\nlines", "two\r\nlines", "\u2028x", "x\x0cy")
OTHER_USERS: Texts = (
    *(address for institution in EMPTY.directory.institutions.values() for address in sorted(institution.staff)),
    *EMPLOYERS,
)
COMPARED_DATES: Sequence[str] = (CLEAR_TOKEN, "2016-09-01", "2016-03-01", "2015-01-01", "2019-02-30", "2021-01-01")
VARIATIONS: tuple[Callable[[Files, FileStep], FileStep], ...] = (
    Files.same,
    Files.same,
    Files.under_another_job,
    Files.reordered,
    Files.fewer_rows,
    Files.fewer_columns,
    Files.more_columns,
    Files.cells_changed,
    Files.cells_changed,
    Files.cells_changed,
)
ODDITIES: tuple[Callable[[Files, FileStep], FileStep], ...] = (
    Files.ragged,
    Files.ragged,
    Files.blank_row,
    Files.repeated_row,
    Files.misspelt_header,
    Files.repeated_header,
    Files.alias,
    Files.fewer_starred,
    Files.fewer_starred,
    Files.resubmission,
    Files.unknown_headers,
    Files.written_otherwise,
    Files.written_otherwise,
    Files.quotes_inside,
    Files.separated_otherwise,
    Files.long_cell,
    Files.trailing_garbage,
)


def with_name(file: FileStep, place: int, name: str) -> FileStep:
    """The same file with another header for one of its columns."""
    return evolve(file, header=(*file.header[:place], name, *file.header[place + 1 :]))
