"""Locations: where a response, or an observation after it, differs from what is expected.

A location is data. It becomes text only where it is shown.
"""

from attrs import frozen


@frozen
class Location:
    """A place at which two responses can differ: one of the kinds below."""


@frozen
class ResponsePart(Location):
    """A part of the response itself; for an action, with the action's name."""

    name: str
    action: str | None = None

    def __str__(self) -> str:
        return self.name if self.action is None else f"{self.action}: {self.name}"


@frozen
class RowPart(Location):
    """A part of the result of one row; or the errors of one of its fields."""

    row: int  # from 1
    part: str
    field: str | None = None  # as a response spells it

    def __str__(self) -> str:
        part = self.part if self.field is None else f"{self.part} of {self.field}"
        return f"row {self.row}: {part}"


@frozen
class RecordPart(Location):
    """A record of the file of failed rows, or one column of it."""

    record: int  # from 1, which is the header
    column: str | None = None

    def __str__(self) -> str:
        record = f"failed_rows_csv, record {self.record}"
        return record if self.column is None else f"{record}: {self.column}"


@frozen
class AccountPart(Location):
    """An account, identified by its e-mail address, or one of its fields."""

    email: str | None
    field: str | None = None

    def __str__(self) -> str:
        account = f"account {self.email}"
        return account if self.field is None else f"{account}: {self.field}"


Place = tuple[int, Location]  # the number of an exchange, and the location in its response
