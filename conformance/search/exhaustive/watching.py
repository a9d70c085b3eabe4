"""The invariants, on every state and every transition of the model.

Those that compare two observations judge importers as well (`conformance.oracle.invariants`); the others need the
model, since they ask what another file would do. How each is checked:

 1, 2, 3          each state                               invariants
 4, 5, 6, 7, 8, 9, 11
                  each transition that changes something   invariants; 4 also row by row, 8 also by the words
                                                           of rows and by actions, 11 also by actions
10               each transition by a file that changes something and of which no row failed: it is sent again
12, 13           each report that a file can come to, once: the failed rows, and what a preview says
14               each file, once: whatever the order of its columns, the rows that are read are the same
15               each transition by a file of two rows that have nothing in common: reordered, and cut in two
16               each state: either institution's students are exported, and imported without and with the setting

A transition that changes nothing cannot break invariants 4 to 11, which are about changes.
"""

from collections.abc import Iterator, Mapping

from attrs import Factory, define

from conformance.oracle.invariants import LAWS, Breach, Passage
from conformance.protocol.requests import OBSERVE
from conformance.protocol.responses import Response
from conformance.protocol.trace import Exchange
from conformance.search.exhaustive.model_invariants import (
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
from conformance.search.exhaustive.stepping import Ready, ReadyAction, ReadyFile, Taken, Transition
from refmodel.engine import File, Step, read_file
from refmodel.failures import Refusal
from refmodel.job import Job
from refmodel.report import Result
from refmodel.ruleset import Ruleset
from refmodel.serialization import export
from refmodel.world import World

OF_STATES = (1, 2, 3)
OF_CHANGES = (4, 5, 6, 7, 8, 9, 11)
HOW: Mapping[int, str] = {  # in the order in which they are shown
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
    """Checks every state and transition; `times` counts how often each invariant was checked."""

    accounts: Accounts
    ruleset: Ruleset
    times: dict[int, int] = Factory(lambda: dict.fromkeys(HOW, 0))
    reports: set[tuple[int, tuple[Result, ...]]] = Factory(set)  # those that were checked
    changes: set[tuple[int, State, State, tuple[str, ...]]] = Factory(set)  # those that break no invariant
    exports: dict[tuple[str, bytes], File | Refusal] = Factory(dict)  # as they are read

    def of_state(self, state: State) -> Iterator[Breach]:
        """The invariants of a state; the last one only where no two students share an identifier."""
        self._count(OF_STATES)
        found = list(_judged(OF_STATES, Passage(WORLD, (), Exchange(OBSERVE, {}), self._shown(state))))
        yield from found or self._invariant(16, self._of_exports(self.accounts.world(state)))

    def _of_exports(self, world: World) -> Iterator[str]:
        for place in PLACES:
            data = export(world, place)
            if (place, data) not in self.exports:
                if len(self.exports) >= REMEMBERED:
                    self.exports.clear()
                self.exports[place, data] = read_file(world.institution(place), Job(place), data, self.ruleset)
            for job in (Job(place), Job(place, "manual", True)):  # no rule asks for the mode, and none reads by it
                yield from exports_change_nothing(world, job, self.exports[place, data], self.ruleset)

    def of_transition(self, transition: Transition) -> Iterator[Breach]:
        """The invariants of a transition."""
        if transition.changes:
            yield from self._of_change(transition)
        if isinstance(transition.ready, ReadyFile):
            yield from self._of_rows(transition.ready, transition)
            yield from self._of_report(transition.ready, transition)

    def of_operation(self, ready: Ready, start: World) -> Iterator[Breach]:
        """The invariant of a file by itself."""
        if isinstance(ready, ReadyFile):
            yield from self._invariant(14, columns_have_no_order(ready, start))

    def _of_change(self, transition: Transition) -> Iterator[Breach]:
        ready, taken = transition.ready, transition.taken
        yield from self._of_difference(transition)
        if isinstance(ready, ReadyFile):
            yield from self._of_idle_rows(ready, taken)
            if may_be_sent_again(taken):
                yield from self._invariant(10, again_changes_nothing(ready, taken))

    def _of_difference(self, transition: Transition) -> Iterator[Breach]:
        # These invariants look at the accounts that changed, so the same change by the same step is judged once.
        gone = tuple([number for number in transition.state if number not in transition.after])
        come = tuple([number for number in transition.after if number not in transition.state])
        outcomes = tuple([step.result.outcome for step in transition.taken.steps])
        change = transition.ready.place, gone, come, outcomes
        self._count(OF_CHANGES)
        if change not in self.changes:
            happened = _exchange(transition.ready, transition.taken.steps, transition.taken.done)
            found = list(_judged(OF_CHANGES, Passage(WORLD, self._shown(gone), happened, self._shown(come))))
            found += [Breach(8, LAWS[8][0], text) for text in disabled_needs_its_word(transition)]
            found += [Breach(11, LAWS[11][0], text) for text in requests_end_by_staff_or_the_setting(transition)]
            if not found:
                self.changes.add(change)
            yield from found

    def _of_idle_rows(self, ready: ReadyFile, taken: Taken) -> Iterator[Breach]:
        for step in taken.steps:
            if step.result.outcome in ("failed", "unchanged") and step.before != step.after:
                rows = [self.accounts.shown[self.accounts.number(a)] for a in (step.before, step.after) if a]
                yield from _judged((4,), Passage(WORLD, rows[:1], _exchange(ready, (step,), True), rows[1:]))

    def _of_rows(self, ready: ReadyFile, transition: Transition) -> Iterator[Breach]:
        file = ready.file
        if isinstance(file, File) and len(file.rows) > 1 and strangers(file, transition.before) == file:
            yield from self._invariant(
                15, strangers_may_change_places(ready, file, transition.before, transition.taken.after)
            )

    def _of_report(self, ready: ReadyFile, transition: Transition) -> Iterator[Breach]:
        met = ready.place, tuple([step.result for step in transition.taken.steps])
        if met not in self.reports:
            self.reports.add(met)
            report = ready.report(transition.taken.steps)
            if report.refused is None:
                yield from self._invariant(12, failed_rows_come_back(ready, report))
                yield from self._invariant(13, previews_are_the_import(ready, report, transition.before))

    def _shown(self, state: State) -> list[Response]:
        return [self.accounts.shown[number] for number in state]

    def _count(self, numbers: tuple[int, ...]) -> None:
        for number in numbers:
            self.times[number] += 1

    def _invariant(self, number: int, texts: Iterator[str]) -> Iterator[Breach]:
        self.times[number] += 1
        yield from (Breach(number, RULES[number], text) for text in texts)


def _judged(numbers: tuple[int, ...], passage: Passage) -> Iterator[Breach]:
    for number in numbers:
        rule, check = LAWS[number]
        yield from (Breach(number, rule, text) for text in check(passage))


def _exchange(ready: Ready, steps: tuple[Step, ...], done: bool) -> Exchange:
    if isinstance(ready, ReadyAction):
        return Exchange(ready.operation.step.request(), {"done": done})
    rows = [{"row": step.result.row, "outcome": step.result.outcome} for step in steps]
    return Exchange(ready.operation.step.request(), {"report": {"rows": rows}})
