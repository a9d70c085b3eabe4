"""A counterexample as a story: what happened, file by file and action by action, and where the answers part.

The story is told from the trace alone: the model answers its requests once more, and the judge compares.
"""

import base64
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve, field, frozen

from conformance.attribution.diagnosis import MISTAKES, Diagnosis
from conformance.mutants.known import DEVIATIONS
from conformance.oracle.judge import Judgement, judgements, places_of
from conformance.oracle.location import Place
from conformance.oracle.state import ALL_HEADERS, OracleState
from conformance.protocol.trace import Exchange
from conformance.report.tables import Table, file_table, students_table
from conformance.report.wording import (
    Piece,
    answer_in_words,
    on_one_line,
    sentence,
    shortened,
    value_in_words,
    visible,
)
from conformance.session.replay import conversation
from conformance.verdict.known_deviations import reading_rules
from conformance.verdict.verdict import NOTHING_KNOWN, Counterexample, Verdict
from refmodel.catalogue import CATALOGUE, Entry

RACE_AGAIN = "pytest --pyargs conformance --importer {target} -k test_several_at_once"


@frozen
class Contrast:
    """One thing that differs: where, what a right importer gives, and what came."""

    where: str
    expected: str
    got: str
    is_elsewhere: bool = False  # the known deviation that the importer behaves like does not account for it


@frozen
class Turn:
    """One file or action, what came of it, and what differs in the answer and afterwards."""

    number: int  # of its exchange in the trace, whose world has 0
    words: tuple[Piece, ...]
    answer: str
    in_the_answer: tuple[Contrast, ...] = ()
    afterwards: tuple[Contrast, ...] = ()
    data: bytes | None = field(default=None, repr=False)
    table: Table | None = None
    text: str = ""  # the file as text, where it is no table

    @property
    def differs(self) -> bool:
        """Whether anything differs."""
        return bool(self.in_the_answer or self.afterwards)

    @property
    def file_name(self) -> str:
        """What its file is called, among those of the story."""
        return f"step-{self.number}.csv"


@frozen
class Story:
    """A counterexample, told."""

    example: Counterexample
    title: str
    world: Mapping[str, Any]
    turns: tuple[Turn, ...]
    students: Table | None  # before the first turn that differs; None for nobody
    replay: str  # the command that plays it again
    diagnosis: Diagnosis = NOTHING_KNOWN

    @property
    def entry(self) -> Entry:
        """The rule that is broken."""
        return CATALOGUE[self.example.rule]

    @property
    def word(self) -> str:
        """A stated rule broken is a violation, another one a difference."""
        return "violation" if self.example.basis == "stated" else "difference"

    @property
    def likeness(self) -> tuple[tuple[str, str], ...]:
        """The known mistakes that answer so: name, and what there is to say of it."""
        return tuple((name, self._told(name)) for name in self.example.case.attribution.mutants)

    def _told(self, name: str) -> str:
        known = [likeness for likeness in self.diagnosis.likenesses if likeness.name == name]
        return self.diagnosis.told(known[0]) if known else MISTAKES[name].statement

    @property
    def folder(self) -> str:
        """Where its files and its page in words stand, below the report's folder."""
        return self.example.path.removesuffix(".jsonl")

    @property
    def files(self) -> Mapping[str, bytes]:
        """The files that were sent, each by its path below the report's folder."""
        return {f"{self.folder}/{turn.file_name}": turn.data for turn in self.turns if turn.data is not None}

    @property
    def shows_it(self) -> bool:
        """Whether the trace, judged once more, differs anywhere."""
        return any(turn.differs for turn in self.turns)

    @property
    def why_not(self) -> str:
        """What stands above the words of the run, where the trace does not show it."""
        if self.example.case.is_race:
            return "Several clients sent these requests at the same time. What the run said of it:"
        return "The trace shows no difference from the standard rules. What the run said of it:"


def stories(verdict: Verdict) -> tuple[Story, ...]:
    """The stories of all counterexamples."""
    stored = verdict.importer.get("columns")
    columns = ALL_HEADERS if stored is None else frozenset(stored)
    known = OracleState(ruleset=reading_rules(verdict.readings), strictness=verdict.strictness, columns=columns)
    target = str(verdict.importer.get("target", "TARGET"))
    told = (story(example, known, target) for example in verdict.counterexamples)
    return tuple(evolve(each, diagnosis=verdict.diagnosis) for each in told)


def story(example: Counterexample, known: OracleState, target: str) -> Story:
    """The story of one counterexample."""
    exchanges = conversation(example.trace)
    judged = tuple(judgements(exchanges, known))
    if (
        example.case.is_race
    ):  # nobody knows in which order its calls took effect: what differs stands in the case's text
        judged = tuple(evolve(judgement, differences=()) for judgement in judged)
    told = tuple(turns(exchanges, judged, elsewhere(example, exchanges, known)))
    replay = RACE_AGAIN if example.case.is_race else f"python -m conformance play {example.path} {{target}}"
    replay = replay.format(target=shlex.quote(target))
    return Story(example, example.trace.title, example.trace.world, told, students_before(told, judged), replay)


def elsewhere(example: Counterexample, exchanges: Sequence[Exchange], known: OracleState) -> set[Place]:
    """The places that also differ from the model that deviates as the importer does: some other rule's doing."""
    like = [name for name in example.case.attribution.mutants if name in DEVIATIONS]
    if not like:
        return set()
    deviation = DEVIATIONS[like[0]]
    return places_of(judgements(exchanges, evolve(known, ruleset=deviation.upon(known.ruleset))))


def students_before(told: Sequence[Turn], judged: Sequence[Judgement]) -> Table | None:
    """The students that there were before the first turn that differs."""
    first = next((turn.number for turn in told if turn.differs), 0)
    observed = [judgement.expected["accounts"] for judgement in judged[:first] if "accounts" in judgement.expected]
    return students_table(observed[-1]) if observed and observed[-1] else None


# Turn by turn.


def turns(exchanges: Sequence[Exchange], judged: Sequence[Judgement], others: set[Place]) -> Iterator[Turn]:
    """Every file and action, with the observations that follow it."""
    starts = [n for n, exchange in enumerate(exchanges) if exchange.request["op"] not in ("reset", "observe")]
    for start, end in zip(starts, [*starts[1:], len(exchanges)]):
        exchange = exchanges[start]
        turn = Turn(
            start,
            sentence(exchange.request),
            answer_in_words(exchange.request, exchange.response),
            tuple(contrasts(start, judged[start], others)),
            tuple(c for number in range(start + 1, end) for c in contrasts(number, judged[number], others)),
        )
        yield with_file(turn, exchange, judged[start:end]) if "csv" in exchange.request else turn


def contrasts(number: int, judgement: Judgement, others: set[Place]) -> Iterator[Contrast]:
    """What differs in one response."""
    for d in judgement.differences:
        expected, got = (value_in_words(with_short_texts(value)) for value in (d.expected, d.got))
        yield Contrast(on_one_line(str(d.where)), expected, got, (number, d.where) in others)


def with_short_texts(value: Any) -> Any:
    """A value in which every text that is very long is cut."""
    match value:
        case str():
            return shortened(value)
        case dict():
            return {name: with_short_texts(item) for name, item in value.items()}
        case list():
            return [with_short_texts(item) for item in value]
    return value


def with_file(turn: Turn, exchange: Exchange, judged: Sequence[Judgement]) -> Turn:
    """The turn with its file, as a table if it is one."""
    data = base64.b64decode(exchange.request["csv"])
    if table := file_table(data, exchange, judged):
        return evolve(turn, data=data, table=table)
    lines = visible(data.decode("utf-8", "backslashreplace")).splitlines()
    return evolve(turn, data=data, text="\n".join(map(shortened, lines)))
