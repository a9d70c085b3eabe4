"""A long file: read twice and never whole in memory; first what its rows have to do with each other, then each row."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from .deciding import Desk, decide
from .files import Errors, Row
from .outcomes import Result, Run
from .people import Strangers
from .records import key_of
from .roll import Roll
from .rows import Layout, Line, digest_of_row, read_line, shape_and_identity
from .staging import KEYS, Company, StagedRow, company_of, stage, staging
from .store import all_strangers, students_numbered, taken_by_strangers

NumberedRow = tuple[int, Row]


@frozen
class Found:
    """What a first reading of the file tells: the rows that fail whatever they say, and the company of the others."""

    faults: Mapping[int, Errors]
    company: Company

    def is_settled(self, number: int) -> bool:
        """Whether it is known what becomes of a row, without what its other cells say."""
        return number in self.faults or number in self.company.unchanged

    def outcome(self, number: int) -> Result:
        """What becomes of such a row."""
        errors = self.faults.get(number)
        return Result(number, "unchanged" if errors is None else "failed", errors)


def surveyed(run: Run, batches: Iterable[Sequence[Row]]) -> Found:
    """Read the identifiers of all rows. Raises UnreadableError where the file has no right end."""
    faults: dict[int, Errors] = {}
    layout = run.layout.of_identifiers
    with staging(run.connection):
        for batch in _numbered(batches):
            stage(run.connection, list(_staged(layout, batch, faults)))
        company = company_of(run.connection, run.job.institution.id)
        return Found({**faults, **company.faults}, company)


def take(run: Run, found: Found) -> None:
    """Take the rows, batch by batch."""
    crowd = _roll_of(run, found, found.company.together)
    strangers = all_strangers(run.connection, run.job.institution.id)
    for batch in _numbered(run.sheet.batches()):
        _take_batch(run, found, batch, crowd, strangers)


def _take_batch(run: Run, found: Found, batch: Sequence[NumberedRow], crowd: Roll, known: Strangers | None) -> None:
    """Rows that are alone are decided each for itself, and those in company in their order."""
    lines = {number: read_line(run.layout, number, raw) for number, raw in batch if not found.is_settled(number)}
    together = found.company.together
    strangers = _strangers_in(run, lines.values()) if known is None else known
    alone = Desk(_roll_of(run, found, lines.keys() - together), strangers, run.ledger(in_order=False))
    in_company = Desk(crowd, strangers, run.ledger())
    for number, raw in batch:
        desk = in_company if number in together else alone
        run.settle(raw, decide(run, desk, lines[number]) if number in lines else found.outcome(number))
    for desk in (alone, in_company):
        desk.ledger.write()


def _strangers_in(run: Run, lines: Iterable[Line]) -> Strangers:
    emails = [line.text("email_address") or "" for line in lines]
    return taken_by_strangers(run.connection, run.job.institution.id, emails)


def _numbered(batches: Iterable[Sequence[Row]]) -> Iterator[list[NumberedRow]]:
    count = 0
    for batch in batches:
        yield list(enumerate(batch, start=count + 1))
        count += len(batch)


def _staged(layout: Layout, batch: Iterable[NumberedRow], faults: dict[int, Errors]) -> Iterator[StagedRow]:
    for number, raw in batch:
        line = read_line(layout, number, raw)
        fault = shape_and_identity(line)
        if fault is not None:
            faults[number] = fault
            continue
        texts = map(line.text, KEYS)
        keys = [None if text is None else key_of(text) for text in texts]
        yield (number, *keys, digest_of_row(layout, raw))


def _roll_of(run: Run, found: Found, rows: Iterable[int]) -> Roll:
    """Everybody whom these rows touch."""
    roll = Roll(run.job.institution.id)
    touched = found.company.touched
    for student in students_numbered(run.connection, (one for row in rows for one in touched.get(row, ()))):
        roll.enter(student)
    return roll
