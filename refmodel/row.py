"""A row of a file against a world, and the move that rows and actions have in common."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from refmodel.cell import CLEAR, KEEP, Cell, Cells, Malformed
from refmodel.columns import (
    Column,
)
from refmodel.failures import (
    Complaint,
)
from refmodel.job import Job
from refmodel.ruleset import Rule
from refmodel.world import NOTHING, Account, Answers, Institution

Changes = Mapping[str, Any]  # field of an account → its new value


@frozen
class Move:
    """A student on the way to an institution (or to none): what actions and rows have in common."""

    world: Answers
    destination: str | None
    student: Account | None

    def would_be(self, column: Column) -> Any:
        """What the account would store in a column afterwards."""
        return self.student.stored(column) if self.student else NOTHING[column]

    def another_holds(self, column: Column) -> bool:
        """Whether another student at the destination has the identifier that this one would have."""
        value = self.would_be(column)
        if value is None or self.destination is None or isinstance(value, Malformed):
            return False
        holder = self.world.holder(self.destination, column, value)
        return holder is not None and (self.student is None or holder.key != self.student.key)


@frozen
class Row(Move):
    """A row of a file against the world that the rows before it left; `student` is whom it is about."""

    institution: Institution
    job: Job
    columns: tuple[Column, ...]  # those that the file has
    cells: Cells

    def cell(self, column: Column) -> Cell:
        """What the row says in a column; an absent column keeps."""
        return self.cells[column.index]

    def would_be(self, column: Column) -> Any:
        """What the account would store in a column after keeps and clears; Malformed where the cell is."""
        cell = self.cells[column.index]
        if cell is KEEP:
            return self.student.stored(column) if self.student else NOTHING[column]
        return NOTHING[column] if cell is CLEAR else cell


def connection(institution: str, student: Account | None) -> Changes:
    """Connected to an institution: whatever was pending is over, and so is this institution's refusal."""
    declined_by = student.declined_by if student else frozenset()
    return {"institution": institution, "pending_at": None, "declined_by": declined_by - {institution}}


def about(column: Column, rule: Rule, message: str) -> tuple[Complaint, ...]:
    """A rule's complaint about one column."""
    return (Complaint(rule.__name__, column, message),)
