"""Listening: up to which exchange of a conversation a change of the rules makes no difference.

    listened(requests, world, ruleset, changes) -> Heard

The model answers the conversation once, by rules that ask at every call what would come of it under each change. Rules
are pure. So as long as a change has given the same at every call, the model that is changed so, alone or together with
others of which that is true, has answered word for word as without it. Most changes have to do with few conversations,
and to ask a function is much less than to go through whole files with it.

Where it is in doubt a change counts as heard: then the conversation is gone through with it, from there.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any

from attrs import define, frozen

from conformance.oracle.answers import answer
from conformance.protocol.requests import Request
from refmodel.catalogue import CATALOGUE
from refmodel.engine import preview
from refmodel.rules.cell import BLANK_RULES, CELL_RULES
from refmodel.rules.effect import EFFECTS
from refmodel.rules.file import HEADER_CHECKS, HEADER_LIMITS, HEADER_RULES, file_is_utf8_csv
from refmodel.rules.identity import IDENTITY, SHAPE, SHARING
from refmodel.rules.lookup import LOOKUPS, SKIPS
from refmodel.rules.refusal import REFUSALS
from refmodel.rules.validation import UNIQUENESS, VALIDATIONS
from refmodel.ruleset import Rule, Ruleset
from refmodel.world import World

Change = tuple[Rule, Rule | None]  # a rule, and what stands in its place: None where it is left out

# Rules that may be left out without anything in their place: those that hand on what they are given, and those that
# add something or nothing.
HANDING_ON = frozenset((*BLANK_RULES, *CELL_RULES, *HEADER_LIMITS))
ADDING = frozenset(
    (
        *(*HEADER_RULES, *HEADER_CHECKS, *SHAPE, *IDENTITY, *SHARING, *LOOKUPS, *SKIPS),
        *(*REFUSALS, *VALIDATIONS, *UNIQUENESS, *EFFECTS),
    )
)


def without_rule(name: str) -> Change:
    """The change that leaves a rule out, or puts there what has to happen in its place."""
    entry = CATALOGUE[name]
    return entry.rule, entry.fallback


@frozen
class Divergences:
    """What was heard in a conversation, and the world before each exchange; in the end the one after the last."""

    first: Mapping[Change, int]  # the exchange in which it is heard first; their number, where in none
    worlds: tuple[World, ...]

    @classmethod
    def at_once(cls, world: World, changes: Iterable[Change]) -> "Divergences":
        """As if every change were heard from the beginning: for who does not care to listen."""
        return cls(dict.fromkeys(changes, 0), (world,))

    def until(self, changes: Iterable[Change]) -> int:
        """How many exchanges are, under all these changes at once, as without them. KeyError for other changes."""
        return min((self.first[change] for change in changes), default=len(self.worlds) - 1)


def find_divergences(
    requests: Sequence[Request], world: World, ruleset: Ruleset, changes: Iterable[Change]
) -> Divergences:
    """Let the model answer requests by a ruleset, and listen to each change of it."""
    ear = DivergenceRecorder(ruleset, dict.fromkeys(changes, len(requests)))
    listening, worlds = ear.listening(), [world]
    for number, request in enumerate(requests):
        ear.now = number
        if request["op"] == "preview":
            ear.record_divergence(preview, [other for rule, other in ear.first if rule is preview])
        worlds.append(answer(worlds[-1], request, listening)[1])
    return Divergences(ear.first, tuple(worlds))


@define
class DivergenceRecorder:
    """Listens to changes of a ruleset while the model goes by rules that ask them."""

    ruleset: Ruleset
    first: dict[Change, int]
    now: int = 0  # the exchange that is answered

    def listening(self) -> Ruleset:
        """The same rules, which ask the changes; those that cannot be asked are heard at once."""
        listening = self.ruleset
        for rule, others in by_rule(self.first).items():
            there = self.ruleset[rule]
            if rule is preview:  # the oracle looks whether it is itself, and calls nothing
                continue
            others = [other for other in others if other is not there]  # else nothing is changed
            silent = [other for other in others if is_called_alike(there, other)]
            self.record_divergence(rule, set(others).difference(silent))
            if there is not None:
                listening = listening.replacing(rule, self.asking(rule, there, silent))
        return listening

    def record_divergence(self, rule: Rule, others: Iterable[Rule | None]) -> None:
        """Note that something else would come now of others in a rule's place."""
        for other in others:
            self.first[rule, other] = min(self.first[rule, other], self.now)

    def asking(self, rule: Rule, there: Rule, others: Iterable[Rule | None]) -> Rule:
        """What stands in a rule's place, which at every call asks those others that gave the same so far."""
        silent, read = set(others), set[tuple[Any, ...]]()

        @wraps(there)
        def asking(*arguments: Any) -> Any:
            try:
                value = given(rule, there, arguments)
            except Exception:
                self.record_divergence(rule, silent)
                raise
            if rule is file_is_utf8_csv:
                if arguments in read:  # by what writes the failed rows
                    return value
                read.add(arguments)
            heard = [other for other in tuple(silent) if not agrees(rule, other, arguments, value)]
            self.record_divergence(rule, heard)
            silent.difference_update(heard)
            return value

        return asking


def by_rule(changes: Iterable[Change]) -> Mapping[Rule, Sequence[Rule | None]]:
    """What is to stand in the place of each rule."""
    grouped: dict[Rule, list[Rule | None]] = {}
    for rule, other in changes:
        grouped.setdefault(rule, []).append(other)
    return grouped


def is_called_alike(there: Rule | None, other: Rule | None) -> bool:
    """Whether another function is called just where the one that is there is, as far as that shows before a call."""
    if there is None or other is None:
        return there is not None
    return bool(getattr(there, "where", None) == getattr(other, "where", None))


def given(rule: Rule, there: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """What comes of a call of what stands in a rule's place; the records of a file all at once."""
    value = there(*arguments)
    return list(value) if rule is file_is_utf8_csv else value


def agrees(rule: Rule, other: Rule | None, arguments: tuple[Any, ...], value: Any) -> bool:
    """Whether the same would come of a call of another function, or of leaving the rule out."""
    if other is None:
        return value is arguments[0] if rule in HANDING_ON else rule in ADDING and not value
    try:
        return is_same(given(rule, other, arguments), value)
    except Exception:
        return False


def is_same(one: Any, other: Any) -> bool:
    """Whether nobody could tell two values apart: not by type, nor by what an account holds that is not compared."""
    return one is other or (type(one) is type(other) and one == other and repr(one) == repr(other))
