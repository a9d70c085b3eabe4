"""How rules decide in a conversation: the model answers it once, and every decision is recorded.

A rule `acts` where it changes a cell, finds a student, refuses or complains; otherwise it `rests`. Some rules always
act, and have one decision only; a rule about cells has another one: the cell `is malformed`.
"""

from collections.abc import Iterable, Iterator
from functools import wraps

from attrs import define, field

from conformance.oracle.answers import NOWHERE, answer
from conformance.protocol.requests import Request
from refmodel.actions import Refused
from refmodel.catalogue import CATALOGUE, PHASES
from refmodel.cell import Malformed
from refmodel.csv_reader import Record
from refmodel.engine import preview
from refmodel.explain.errors import SAYINGS
from refmodel.rules.action import sign_in
from refmodel.rules.cell import clear_token_clears, emails_ignore_case, lists_split_on_semicolon, values_are_verbatim
from refmodel.rules.effect import a_failed_row_changes_nothing, values_replace
from refmodel.rules.file import FileRule, NotCsvError, file_is_utf8_csv
from refmodel.rules.report import failed_rows_file
from refmodel.ruleset import STANDARD, Rule, Ruleset
from refmodel.world import World

Decision = tuple[str, str]  # rule, and how it decided

ALWAYS = {*PHASES["whole file"], *PHASES["report"], a_failed_row_changes_nothing, values_are_verbatim}
MALFORMING = {saying.rule for saying in SAYINGS}.intersection(PHASES["cell"])
CHANGING = {clear_token_clears, emails_ignore_case}
NEVER_RESTING = {lists_split_on_semicolon, sign_in, values_replace}


def possible() -> Iterator[Decision]:
    """Every decision that a rule can come to."""
    for name, entry in CATALOGUE.items():
        if entry.rule in ALWAYS | NEVER_RESTING:
            yield name, "acts"
            continue
        if entry.rule in MALFORMING:
            yield name, "is malformed"
        if entry.rule not in MALFORMING or entry.rule in CHANGING:
            yield name, "acts"
        yield name, "rests"


@define
class DecisionRecorder:
    """The standard rules, each of which records its decisions."""

    seen: set[Decision] = field(factory=set)
    ruleset: Ruleset = STANDARD

    def __attrs_post_init__(self) -> None:
        for name, entry in CATALOGUE.items():
            if entry.rule not in (preview, failed_rows_file):
                self.ruleset = self.ruleset.replacing(entry.rule, self._recording(name, entry.rule))

    def _recording(self, name: str, rule: Rule) -> Rule:
        if rule is file_is_utf8_csv:
            return self._recording_reader(name, file_is_utf8_csv)
        seen, decides = self.seen, _cell_decision if CATALOGUE[name].phase == "cell" else _decision

        @wraps(rule)
        def recording(*arguments: object) -> object:
            result = rule(*arguments)
            seen.add((name, "acts" if rule in ALWAYS else decides(arguments[0], result)))
            return result

        return recording

    def _recording_reader(self, name: str, rule: FileRule) -> FileRule:
        @wraps(rule)
        def recording(data: bytes) -> Iterator[Record]:
            try:
                yield from rule(data)
            except NotCsvError:
                self.seen.add((name, "acts"))
                raise
            self.seen.add((name, "rests"))

        return recording

    def over(self, requests: Iterable[Request], world: World = NOWHERE) -> frozenset[Decision]:
        """How the rules decide in a conversation that begins in a world."""
        self.seen.clear()
        for request in requests:
            response, world = answer(world, request, self.ruleset)
            if request["op"] == "preview":
                self.seen.add(("preview", "acts"))
            if any(row["outcome"] == "failed" for row in response.get("report", {}).get("rows", ())):
                self.seen.add(("failed_rows_file", "acts"))
        return frozenset(self.seen)


def _decision(first: object, result: object) -> str:
    if isinstance(result, Refused):
        return "rests"
    return "acts" if result is not first and (result or isinstance(result, World)) else "rests"


def _cell_decision(cell: object, result: object) -> str:
    if isinstance(result, Malformed):
        return "is malformed"
    return "rests" if result is cell or result == cell else "acts"
