"""Reports: what became of a file and of each of its rows."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from attrs import frozen

from refmodel.failures import SUCCESS, Failure, Refusal, response, rules_of
from refmodel.rules.report import failed_rows_file
from refmodel.ruleset import STANDARD, Ruleset

Outcome = Literal["created", "updated", "unchanged", "failed"]


@frozen
class Result:
    """What became of one row; rows are numbered from 1, empty ones not counted."""

    row: int

    outcome: ClassVar[Outcome]

    @property
    def response(self) -> Mapping[str, Any]:
        """The response as the platform gives it: `{"success": true}`, or the errors."""
        return SUCCESS


@frozen
class Created(Result):
    """The row made a new account."""

    outcome = "created"


@frozen
class Updated(Result):
    """Something observable of the account changed."""

    outcome = "updated"


@frozen
class Unchanged(Result):
    """Nothing observable changed, or the row was not looked at because it said nothing new."""

    outcome = "unchanged"


@frozen
class Failed(Result):
    """The row changed nothing."""

    outcome = "failed"

    failure: Failure

    @property
    def response(self) -> Mapping[str, Any]:
        """Success is false; `errors` is a string, or field → list of messages."""
        return response(self.failure)

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of the rules that failed the row."""
        return rules_of(self.failure)


@frozen
class Report:
    """What became of a file: the reason why it was refused whole, or a result for each row."""

    results: tuple[Result, ...] = ()
    refused: Refusal | None = None
    warnings: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[Failed, ...]:
        """The rows that failed, in file order."""
        return tuple(result for result in self.results if isinstance(result, Failed))

    def count(self, outcome: Outcome) -> int:
        """How many rows had an outcome."""
        return sum(result.outcome == outcome for result in self.results)

    def failed_rows(self, data: bytes, ruleset: Ruleset = STANDARD) -> bytes:
        """The failed rows of the file that the report is about, as a file to correct and send again.

        UTF-8 without a mark: the rows as they came and two columns more, `status` and `response` (003:9); the
        header alone where no row failed. `data` and `ruleset` are those of the import. ValueError where the
        file was refused.
        """
        if self.refused:
            raise ValueError("the file was refused whole: no row of it failed")
        return failed_rows_file(data, {result.row: as_json(result.response) for result in self.failed}, ruleset)


def as_json(answer: Mapping[str, object]) -> str:
    """A response as the platform prints it, without spaces."""
    return json.dumps(answer, separators=(",", ":"))
