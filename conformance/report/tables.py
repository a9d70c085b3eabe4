"""Files and students as tables, with the rows and cells marked in which something differs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import evolve, frozen

from conformance.oracle.judge import Difference, Judgement
from conformance.oracle.location import AccountPart, RecordPart, RowPart
from conformance.oracle.state import ALL_HEADERS
from conformance.protocol.responses import Response
from conformance.protocol.trace import Exchange
from conformance.report.wording import row_in_words, value_in_words
from conformance.verdict.description import on_one_line, shortened
from refmodel.cell import normal_email
from refmodel.csv_reader import no_limit_on_cells
from refmodel.rules.file import NotCsvError, read_header, records
from refmodel.ruleset import STANDARD

MOST_ROWS = 40  # that are shown of one table, beside those in which something differs
LONG = 40  # characters

Mark = tuple[int, str | None]  # the number of a row, and a column in it or the row as a whole


@frozen
class Cell:
    """A cell as it is shown, and whether something about it differs."""

    text: str
    differs: bool = False

    @property
    def is_spaced(self) -> bool:
        """Whether it begins or ends with white space, which is invisible."""
        return self.text != self.text.strip()

    @property
    def is_long(self) -> bool:
        """Whether it should be broken into lines."""
        return len(self.text) > LONG


@frozen
class Row:
    """A row, and its outcomes in a right importer and in this one."""

    number: int
    cells: tuple[Cell, ...]
    expected: str = ""
    got: str = ""
    differs: bool = False

    @property
    def has_another_outcome(self) -> bool:
        """Whether its outcome differs; the wording of most reasons is free."""
        return self.differs and self.expected != self.got

    @property
    def has_reasons(self) -> bool:
        """Whether an outcome has a reason."""
        return " " in self.expected + self.got


@frozen
class Table:
    """A header and rows; `left_out` rows more are not shown."""

    header: tuple[Cell, ...]
    rows: tuple[Row, ...]
    left_out: int = 0


def cell_text(text: str) -> str:
    """A cell as it is shown."""
    return shortened(on_one_line(text))


def cut_off(table: Table) -> Table:
    """The first rows of a table, and all in which something differs."""
    shown = tuple(row for row in table.rows if row.number <= MOST_ROWS or row.differs)
    return evolve(table, rows=shown, left_out=len(table.rows) - len(shown))


# A file.


def file_table(data: bytes, exchange: Exchange, judged: Sequence[Judgement]) -> Table | None:
    """The rows of a file with their outcomes; None where it is no CSV, or empty.

    The first of the judgements is of the report, the others are of what was observed afterwards.
    """
    try:
        with no_limit_on_cells(data):
            header, *rows = [*records(data, STANDARD)] or [[]]
    except NotCsvError:
        return None
    return cut_off(marked_table(header, rows, exchange, judged)) if header else None


def marked_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], exchange: Exchange, judged: Sequence[Judgement]
) -> Table:
    """A file with all its rows."""
    columns = [column.header if column else None for column in read_header(list(header), STANDARD).columns]
    marks = {mark for mark in all_marks(rows, columns, exchange, judged) if mark[0] <= len(rows)}
    expected, got = outcomes(judged[0].expected), outcomes(exchange.response)
    differing_rows, differing_columns = {row for row, _ in marks}, {column for _, column in marks if column}

    def row_of(number: int, cells: Sequence[str]) -> Row:
        names = [*columns, *[None] * len(cells)]  # a ragged row may have more cells than the header
        shown = tuple(Cell(cell_text(text), bool(n) and (number, n) in marks) for text, n in zip(cells, names))
        return Row(number, shown, expected.get(number, ""), got.get(number, ""), number in differing_rows)

    heads = tuple(Cell(cell_text(text), name in differing_columns) for text, name in zip(header, columns))
    return Table(heads, tuple(row_of(number, cells) for number, cells in enumerate(rows, start=1)))


def outcomes(response: Response) -> Mapping[int, str]:
    """Number of a row → its outcome in words."""
    return {row["row"]: shortened(row_in_words(row)) for row in response["report"].get("rows") or ()}


# What differs.


def all_marks(
    rows: Sequence[Sequence[str]], columns: Sequence[str | None], exchange: Exchange, judged: Sequence[Judgement]
) -> Iterator[Mark]:
    """The rows, and the columns in them, that the differences are about."""
    report, *observed = judged
    for difference in report.differences:
        yield from marks_of_row(difference, report.expected, exchange.response)
    people = [{name: cell for name, cell in zip(columns, row) if name} for row in rows]
    for judgement in observed:
        for difference in judgement.differences:
            yield from marks_of_account(difference, judgement.expected["accounts"], people)


def marks_of_row(difference: Difference, expected: Response, got: Response) -> Iterator[Mark]:
    """The row and the columns that a difference in the report is about."""
    match difference.where:
        case RowPart(number, part, field):
            fields = {field or part} | (errors_of(expected, number) ^ errors_of(got, number))
            yield number, None
            yield from ((number, header) for name in fields if (header := name.replace(".", ":")) in ALL_HEADERS)
        case RecordPart(record) if record > 1:
            failed = [row["row"] for row in expected["report"]["rows"] if row["outcome"] == "failed"]
            yield from ((row, None) for row in failed[record - 2 : record - 1])


def errors_of(response: Response, number: int) -> set[str]:
    """The fields with errors in the response of a row."""
    row = response["report"]["rows"][number - 1]
    errors = (row.get("response") or {}).get("errors")
    return set(errors) if isinstance(errors, dict) else set()


def marks_of_account(
    difference: Difference, accounts: Iterable[Response], people: Iterable[Mapping[str, str]]
) -> Iterator[Mark]:
    """The rows that name the student of a difference."""
    if isinstance(difference.where, AccountPart):
        email, column = difference.where.email, difference.where.field
        account = next((a for a in accounts if a["email_address"] == email), {"email_address": email})
        for number, person in enumerate(people, start=1):
            if names(person, account):
                yield number, column if column in person else None


def names(person: Mapping[str, str], account: Response) -> bool:
    """Whether a row names a student, by e-mail address or by username."""
    email = normal_email(person.get("email_address", ""))
    return email == account["email_address"] or bool(person.get("username") == account.get("username", 0))


# Students.


def students_table(accounts: Sequence[Response]) -> Table:
    """Students with the fields that are not empty for all of them."""
    fields = [name for name in accounts[0] if any(account[name] not in (None, [], False) for account in accounts)]
    rows = (
        Row(number, tuple(Cell(cell_text(stored(account[name]))) for name in fields))
        for number, account in enumerate(accounts, start=1)
    )
    return cut_off(Table(tuple(map(Cell, fields)), tuple(rows)))


def stored(value: object) -> str:
    """A stored value as text; empty values as an empty text."""
    if value in (None, [], False):
        return ""
    return value if isinstance(value, str) else value_in_words(value)
