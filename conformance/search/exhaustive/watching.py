"""The laws, on every state and every transition of the model.

Where a law is a check of two observations, it is an invariant (`conformance.oracle.invariants`) by which importers are
judged; the others need the model, for they ask what another file would do. How each is checked:

 1, 2, 3          each state                               invariants
 4, 5, 6, 7, 8, 9, 11
                  each transition that changes something   invariants; 4 also row by row, 8 also by the words
                                                           of rows and by actions, 11 also by actions
10               each transition by a file that changes something and of which no row failed: it is sent again
12, 13           each report that a file can come to, once: the failed rows, and what a preview says
14               each file, once: whatever the order of its columns, the rows that are read are the same
15               each transition by a file of two rows that have nothing in common: reordered, and cut in two
16               each state: either institution's students are exported, and imported without and with the setting

A transition that changes nothing cannot break laws 4 to 11, which are about changes.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import Factory, define

from conformance.oracle.invariants import LAWS, Breach, Passage
from conformance.protocol.requests import OBSERVE
from conformance.protocol.trace import Exchange
from conformance.search.exhaustive.laws import (
    again_changes_nothing,
    columns_have_no_order,
    disabled_needs_its_word,
    exports_change_nothing,
    failed_rows_come_back,
    may_be_sent_again,
    previews_are_the_import,
    requests_end_by_staff_or_the_setting,
    strangers,
    strangers_may_change_places,
)
from conformance.search.exhaustive.operations import PLACES, WORLD
from conformance.search.exhaustive.states import Accounts, State
from conformance.search.exhaustive.stepping import Move, Ready, ReadyAction, ReadyFile, Taken
from refmodel.engine import File, Step, read_file
from refmodel.failures import Refusal
from refmodel.job import Job
from refmodel.report import Result
from refmodel.ruleset import Ruleset
from refmodel.serialization import export
from refmodel.world import World

OF_STATES = (1, 2, 3)
OF_CHANGES = (4, 5, 6, 7, 8, 9, 11)
HOW: Mapping[int, str] = {  # in the order in which they are told
    **dict.fromkeys(OF_STATES, "every state"),
    **dict.fromkeys(OF_CHANGES, "every transition that changes something"),
    10: "every file that changed something and could not fail, sent again",
    12: "every report that a file comes to",
    13: "every report that a file comes to, previewed",
    14: "every file, its columns in other orders",
    15: "every file of two rows that have nothing in common",
    16: "every state, exported and imported, without and with the setting",
}
REMEMBERED = 20_000  # exports, which are some kB each
RULES: Mapping[int, str] = {
    10: "unchanged_rows_are_skipped",
    12: "failed_rows_file",
    13: "preview",
    14: "headers_match_exactly",
    15: "rows_run_in_order",
    16: "values_replace",
}


@define
class Watch:
    """Who looks at every state and transition; `times` counts how often each law was put to the test."""

    accounts: Accounts
    ruleset: Ruleset
    times: dict[int, int] = Factory(lambda: dict.fromkeys(HOW, 0))
    reports: set[tuple[int, tuple[Result, ...]]] = Factory(set)  # those that were looked at
    changes: set[tuple[int, State, State, tuple[str, ...]]] = Factory(set)  # those that break no law
    exports: dict[tuple[str, bytes], File | Refusal] = Factory(dict)  # as they are read

    def of_state(self, state: State) -> Iterator[Breach]:
        """The laws of a state. One of which two students share an identifier is not asked any more."""
        self._count(OF_STATES)
        found = list(_judged(OF_STATES, Passage(WORLD, (), Exchange(OBSERVE, {}), self._shown(state))))
        yield from found or self._law(16, self._of_exports(self.accounts.world(state)))

    def _of_exports(self, world: World) -> Iterator[str]:
        for place in PLACES:
            data = export(world, place)
            if (place, data) not in self.exports:
                if len(self.exports) >= REMEMBERED:
                    self.exports.clear()
                self.exports[place, data] = read_file(world.institution(place), Job(place), data, self.ruleset)
            for job in (Job(place), Job(place, "manual", True)):  # no rule asks for the mode, and none reads by it
                yield from exports_change_nothing(world, job, self.exports[place, data], self.ruleset)

    def of_move(self, move: Move) -> Iterator[Breach]:
        """The laws of a transition."""
        if move.changes:
            yield from self._of_change(move)
        if isinstance(move.ready, ReadyFile):
            yield from self._of_rows(move.ready, move)
            yield from self._of_report(move.ready, move)

    def of_operation(self, ready: Ready, start: World) -> Iterator[Breach]:
        """The law of a file by itself."""
        if isinstance(ready, ReadyFile):
            yield from self._law(14, columns_have_no_order(ready, start))

    def _of_change(self, move: Move) -> Iterator[Breach]:
        ready, taken = move.ready, move.taken
        yield from self._of_difference(move)
        if isinstance(ready, ReadyFile):
            yield from self._of_idle_rows(ready, taken)
            if may_be_sent_again(taken):
                yield from self._law(10, again_changes_nothing(ready, taken))

    def _of_difference(self, move: Move) -> Iterator[Breach]:
        # These laws look at the accounts that changed, so the same change by the same step is judged once.
        gone = tuple([number for number in move.state if number not in move.after])
        come = tuple([number for number in move.after if number not in move.state])
        outcomes = tuple([step.result.outcome for step in move.taken.steps])
        change = move.ready.place, gone, come, outcomes
        self._count(OF_CHANGES)
        if change not in self.changes:
            happened = _exchange(move.ready, move.taken.steps, move.taken.done)
            found = list(_judged(OF_CHANGES, Passage(WORLD, self._shown(gone), happened, self._shown(come))))
            found += [Breach(8, LAWS[8][0], text) for text in disabled_needs_its_word(move)]
            found += [Breach(11, LAWS[11][0], text) for text in requests_end_by_staff_or_the_setting(move)]
            if not found:
                self.changes.add(change)
            yield from found

    def _of_idle_rows(self, ready: ReadyFile, taken: Taken) -> Iterator[Breach]:
        for step in taken.steps:
            if step.result.outcome in ("failed", "unchanged") and step.before != step.after:
                rows = [self.accounts.shown[self.accounts.number(a)] for a in (step.before, step.after) if a]
                yield from _judged((4,), Passage(WORLD, rows[:1], _exchange(ready, (step,), True), rows[1:]))

    def _of_rows(self, ready: ReadyFile, move: Move) -> Iterator[Breach]:
        file = ready.file
        if isinstance(file, File) and len(file.rows) > 1 and strangers(file, move.before) == file:
            yield from self._law(15, strangers_may_change_places(ready, file, move.before, move.taken.after))

    def _of_report(self, ready: ReadyFile, move: Move) -> Iterator[Breach]:
        met = ready.place, tuple([step.result for step in move.taken.steps])
        if met not in self.reports:
            self.reports.add(met)
            report = ready.report(move.taken.steps)
            if report.refused is None:
                yield from self._law(12, failed_rows_come_back(ready, report))
                yield from self._law(13, previews_are_the_import(ready, report, move.before))

    def _shown(self, state: State) -> list[Mapping[str, Any]]:
        return [self.accounts.shown[number] for number in state]

    def _count(self, laws: tuple[int, ...]) -> None:
        for law in laws:
            self.times[law] += 1

    def _law(self, law: int, texts: Iterator[str]) -> Iterator[Breach]:
        self.times[law] += 1
        yield from (Breach(law, RULES[law], text) for text in texts)


def _judged(laws: tuple[int, ...], passage: Passage) -> Iterator[Breach]:
    for law in laws:
        rule, check = LAWS[law]
        yield from (Breach(law, rule, text) for text in check(passage))


def _exchange(ready: Ready, steps: tuple[Step, ...], done: bool) -> Exchange:
    if isinstance(ready, ReadyAction):
        return Exchange(ready.operation.step.request(), {"done": done})
    rows = [{"row": step.result.row, "outcome": step.result.outcome} for step in steps]
    return Exchange(ready.operation.step.request(), {"report": {"rows": rows}})
