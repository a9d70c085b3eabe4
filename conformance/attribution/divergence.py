"""Divergence: up to which exchange of a conversation a change of the rules makes no difference.

    find_divergences(requests, world, ruleset, changes) -> Divergences

The problem. To find the rule that accounts for a difference, some 560 changes of the rules are tried: each rule left
out, read otherwise, or broken as a mutant breaks it. Replaying a conversation under each of them would take minutes,
nearly all of them in vain: a conversation has to do with few of the changes.

The method. The model answers the conversation once. Whenever it calls a rule, the recorder asks each change of that
rule what it would have given for the same arguments. The exchange in which a change first gives something else is its
divergence; from then on it is not asked any more. A replay under some changes starts at the earliest of their
divergences, from the world that the model had there. The answers before that are known already.

Why it is right. The model is a pure function that differs under another ruleset only in the calls of the rules. Take
changes that have not diverged, make them all at once, and follow the calls in their order. If all calls so far gave the
same, then the next call has the same arguments; and since its change gives the same for these, so has the call after
it. So the model answers word for word as without the changes. What a changed function calls in its turn is recorded
too, since it is given the recording ruleset. Two things are needed for this:

- A change is called where its rule is called: at the same place in the phase, and for the same columns
  (`is_called_alike`). Leaving a rule out must amount to a call that gave nothing, or that handed on its argument
  (`comes_to_nothing`).
- Two results are the same only if nobody can tell them apart, not even by what `==` ignores (`is_same`).

Its limits. Rules have to be pure. Where there is doubt a change counts as diverging, which costs a replay and alters no
result: a change for other columns, a change of a rule that the ruleset has left out already, a function that raises an
error. Mutants that are importers of their own cannot be asked at all. For one or two changes it does not pay.

`without_shortcuts()` turns it off: each change diverges at once, and everything is computed in full. The results are
the same; the tests hold that.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import lru_cache, wraps

import attrs
from attrs import define, frozen

from conformance.mutants.combination import UNFIT
from conformance.oracle.answers import answer
from conformance.protocol.requests import Request
from refmodel.catalogue import CATALOGUE, PHASES
from refmodel.engine import preview
from refmodel.rules.file import HEADER_LIMITS, NotCsvError, file_is_utf8_csv
from refmodel.ruleset import Rule, Ruleset
from refmodel.world import World

Change = tuple[Rule, Rule | None]  # a rule, and what stands in its place: None where it is left out

_ENABLED = ContextVar("shortcuts", default=True)


@contextmanager
def without_shortcuts() -> Iterator[None]:
    """Compute everything in full: every change diverges at once."""
    before = _ENABLED.set(False)
    try:
        yield
    finally:
        _ENABLED.reset(before)


def without_rule(name: str) -> Change:
    """The change that leaves a rule out, or puts there what has to happen in its place."""
    rule = CATALOGUE[name].rule
    return rule, getattr(rule, "fallback", None)


@frozen
class Divergences:
    """Where changes diverge in a conversation, and the worlds: before each exchange, and after the last."""

    first: Mapping[Change, int]  # the exchange in which it diverges; their number, where in none
    worlds: tuple[World, ...]

    @classmethod
    def at_once(cls, world: World, changes: Iterable[Change]) -> "Divergences":
        """As if every change diverged from the beginning."""
        return cls(dict.fromkeys(changes, 0), (world,))

    def until(self, changes: Iterable[Change]) -> int:
        """How many exchanges are, under all these changes at once, as without them. KeyError for other changes."""
        return min((self.first[change] for change in changes), default=len(self.worlds) - 1)


def find_divergences(
    requests: Sequence[Request], world: World, ruleset: Ruleset, changes: Iterable[Change]
) -> Divergences:
    """Let the model answer requests by a ruleset, and find where each change of it diverges."""
    if not _ENABLED.get():
        return Divergences.at_once(world, changes)
    recorder = DivergenceRecorder(ruleset, dict.fromkeys(changes, len(requests)))
    recording, worlds = recorder.recording_ruleset(), [world]
    for number, request in enumerate(requests):
        recorder.now = number
        if request["op"] == "preview":  # the oracle does not call this rule: it looks whether it is itself
            recorder.note(change for change in recorder.first if change[0] is preview)
        worlds.append(answer(worlds[-1], request, recording)[1])
    return Divergences(recorder.first, tuple(worlds))


@define
class DivergenceRecorder:
    """Asks changes of a ruleset while the model goes by it, and keeps where each diverges."""

    ruleset: Ruleset
    first: dict[Change, int]
    now: int = 0  # the exchange that is answered

    def note(self, diverging: Iterable[Change]) -> None:
        """Note that changes diverge now, unless they did before."""
        for change in diverging:
            self.first[change] = min(self.first[change], self.now)

    def recording_ruleset(self) -> Ruleset:
        """The same rules, each of which asks its changes whenever it is called."""
        recording = self.ruleset
        for rule in dict.fromkeys(rule for rule, _ in self.first if rule is not preview):
            recording = recording.replacing(rule, self.recording(rule))
        return recording

    def recording(self, rule: Rule) -> Rule | None:
        """What stands in a rule's place, which asks the changes of the rule whenever it is called."""
        there = self.ruleset[rule]
        changes = {change for change in self.first if change[0] is rule and change[1] is not there}
        silent = {change for change in changes if is_called_alike(there, change[1])}
        self.note(changes - silent)
        if there is None:
            return None
        # Whoever writes the failed rows, by the rules or by a change of them, reads the file once more.
        recording = self._asking(there, silent)
        return lru_cache(maxsize=1)(recording) if rule is file_is_utf8_csv else recording

    def _asking(self, there: Rule, silent: set[Change]) -> Rule:
        @wraps(there)
        def recording(*arguments: object) -> object:
            try:
                value = result(there, arguments)
            except NotCsvError:  # the one error that the model catches: it goes on, with the file refused
                self.note(silent)
                raise
            diverging = [change for change in tuple(silent) if not agrees(change, arguments, value)]
            self.note(diverging)
            silent.difference_update(diverging)
            return value

        return recording


def is_called_alike(there: Rule | None, other: Rule | None) -> bool:
    """Whether another function is called just where the one that is there is, as far as that shows before a call."""
    if there is None or other is None:
        return there is not None
    return bool(getattr(there, "where", None) == getattr(other, "where", None))


def result(function: Rule, arguments: tuple[object, ...]) -> object:
    """What comes of a call; where that is read piece by piece, as a file is, all of it."""
    value = function(*arguments)
    return list(value) if isinstance(value, Iterator) else value


def agrees(change: Change, arguments: tuple[object, ...], value: object) -> bool:
    """Whether a call that gave this value would give the same under a change."""
    rule, other = change
    if other is None:
        return comes_to_nothing(rule, arguments, value)
    try:
        return is_same(result(other, arguments), value)
    except (NotCsvError, *UNFIT):  # it refuses what the rule reads, or was never meant for what other changes leave
        return False


# Of reports and actions more is left out than what they give; a rule that has a fallback is never without it.
NEVER_NOTHING = frozenset(
    entry.rule for entry in CATALOGUE.values() if entry.phase in ("report", "action") or hasattr(entry.rule, "fallback")
)
HANDS_ON = frozenset((*PHASES["cell"], *HEADER_LIMITS))  # what they are given; others add something, or nothing


def comes_to_nothing(rule: Rule, arguments: tuple[object, ...], value: object) -> bool:
    """Whether a call that gave this value did as if the rule were left out."""
    if rule in NEVER_NOTHING:
        return False
    return is_same(value, arguments[0]) if rule in HANDS_ON else not value


PLAIN = frozenset((str, int, bool, bytes, date, type(None)))  # of which two that are equal are the same


def is_same(one: object, other: object) -> bool:
    """Whether nobody can tell two values apart.

    `==` alone does not look at everything: True equals 1, a map the same one in another order, a record one that stands
    on other lines, and an account one with another key.
    """
    if one is other:
        return True
    if type(one) is not type(other) or one != other:
        return False
    return type(one) in PLAIN or _are_same(parts(one), parts(other))


def _are_same(some: Collection[object], others: Collection[object]) -> bool:
    kinds = [*map(type, some)]
    if PLAIN.issuperset(kinds):  # as those of a file's cells are
        return kinds == [*map(type, others)] and some == others
    return all(map(is_same, some, others))


def parts(value: object) -> Collection[object]:
    """What a value consists of, in an order that is the same for the same values."""
    attributes: Iterable[object] = getattr(value, "__dict__", {}).values()
    match value:
        case tuple() | list():
            return [*value, *attributes]
        case dict():
            return [*value, *value.values()]
        case frozenset() | set():
            return sorted(value, key=repr)
    kind = type(value)
    return [getattr(value, each.name) for each in attrs.fields(kind)] if attrs.has(kind) else [*attributes]
