"""What a report shows of a counterexample: each file and action, the answer to it, and what differs.

All of it comes from the trace: the model answers its requests once more, and the judge compares.
"""

import base64
import shlex
from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve, field, frozen

from conformance.attribution.diagnosis import Diagnosis
from conformance.attribution.trials import MISTAKES
from conformance.mutants.known import DEVIATIONS
from conformance.oracle.judge import Judgement, judgements, places_of
from conformance.oracle.location import Place
from conformance.oracle.state import OracleState
from conformance.protocol.trace import Exchange
from conformance.report.tables import Table, file_table, students_table
from conformance.report.wording import Piece, answer_in_words, sentence, value_in_words
from conformance.session.client import stored_columns
from conformance.session.replay import conversation
from conformance.verdict.description import on_one_line, shortened, visible
from conformance.verdict.known_deviations import reading_rules
from conformance.verdict.verdict import NOTHING_KNOWN, Counterexample, Verdict
from refmodel.catalogue import CATALOGUE, Entry

RACE_AGAIN = "pytest --pyargs conformance --importer {target} -k test_several_at_once"


@frozen
class DifferenceView:
    """One thing that differs: where, what a right importer gives, and what came."""

    where: str
    expected: str
    got: str
    is_elsewhere: bool = False  # the known deviation that the importer behaves like does not account for it


@frozen
class StepView:
    """One file or action, the answer to it, and what differs in the answer and afterwards."""

    number: int  # of its exchange in the trace, whose world has 0
    words: tuple[Piece, ...]
    answer: str
    in_the_answer: tuple[DifferenceView, ...] = ()
    afterwards: tuple[DifferenceView, ...] = ()
    data: bytes | None = field(default=None, repr=False)
    table: Table | None = None
    text: str = ""  # the file as text, where it is no table

    @property
    def differs(self) -> bool:
        """Whether anything differs."""
        return bool(self.in_the_answer or self.afterwards)

    @property
    def file_name(self) -> str:
        """What its file is called, among those of the counterexample."""
        return f"step-{self.number}.csv"


@frozen
class CounterexampleView:
    """A counterexample as it is shown."""

    example: Counterexample
    title: str
    world: Mapping[str, object]
    steps: tuple[StepView, ...]
    students: Table | None  # before the first step that differs; None where there were none
    replay: str  # the command that plays it again
    diagnosis: Diagnosis = NOTHING_KNOWN

    @property
    def entry(self) -> Entry:
        """The rule that is broken."""
        return CATALOGUE[self.example.rule]

    @property
    def word(self) -> str:
        """Whether it is a violation or a difference, or only in doubt."""
        return self.example.severity if self.example.is_certain else "in doubt"

    @property
    def doubt(self) -> str:
        """Why the rule is not called broken, where it is not."""
        if self.example.is_certain:
            return ""
        rules = ", ".join(f"`{rule}`" for rule in self.example.cause.rules)
        if not self.example.cause.mutants:
            common = self.example.cause.symptom
            return f"No known mistake explains these cases. They have this in common: {common}. They involve {rules}."
        return f"Known mistakes in different rules answer like this, so it is not certain which is broken: {rules}."

    @property
    def matches(self) -> tuple[tuple[str, str], ...]:
        """The known mistakes that answer like this: the name and the description of each."""
        return tuple((name, self._described(name)) for name in self.example.case.attribution.mutants)

    def _described(self, name: str) -> str:
        known = [matches for matches in self.diagnosis.matches if matches.name == name]
        return self.diagnosis.describe(known[0]) if known else MISTAKES[name].statement

    @property
    def folder(self) -> str:
        """The folder of its files and its Markdown page, below the report's folder."""
        return self.example.folder

    @property
    def files(self) -> Mapping[str, bytes]:
        """The files that were sent, each by its path below the report's folder."""
        return {f"{self.folder}/{step.file_name}": step.data for step in self.steps if step.data is not None}

    @property
    def shows_it(self) -> bool:
        """Whether the trace differs anywhere when it is judged again."""
        return any(step.differs for step in self.steps)

    @property
    def why_not(self) -> str:
        """The heading of the case's own text, where the trace does not show the difference."""
        if self.example.case.is_race:
            return "Several clients sent these requests at the same time. The run reported:"
        return "The trace shows no difference from the standard rules. The run reported:"


def counterexample_views(verdict: Verdict) -> tuple[CounterexampleView, ...]:
    """All counterexamples as they are shown."""
    columns = stored_columns(verdict.importer.get("columns"))
    known = OracleState(ruleset=reading_rules(verdict.readings), strictness=verdict.strictness, columns=columns)
    target = verdict.importer.get("target", "TARGET")
    views = (counterexample_view(example, known, target) for example in verdict.counterexamples)
    return tuple(evolve(view, diagnosis=verdict.diagnosis) for view in views)


def counterexample_view(example: Counterexample, known: OracleState, target: str) -> CounterexampleView:
    """One counterexample as it is shown."""
    exchanges = conversation(example.trace)
    judged = tuple(judgements(exchanges, known))
    if example.case.is_race:  # the order of its calls is not known; the case's text says what differs
        judged = tuple(evolve(judgement, differences=()) for judgement in judged)
    steps = tuple(step_views(exchanges, judged, elsewhere(example, exchanges, known)))
    replay = RACE_AGAIN if example.case.is_race else f"python -m conformance play {example.path} {{target}}"
    replay = replay.format(target=shlex.quote(target))
    return CounterexampleView(
        example, example.trace.title, example.trace.world, steps, students_before(steps, judged), replay
    )


def elsewhere(example: Counterexample, exchanges: Sequence[Exchange], known: OracleState) -> set[Place]:
    """The places that differ even from the model that deviates as the importer does, because of some other rule."""
    like = [name for name in example.case.attribution.mutants if name in DEVIATIONS]
    if not like:
        return set()
    deviation = DEVIATIONS[like[0]]
    return places_of(judgements(exchanges, evolve(known, ruleset=deviation.upon(known.ruleset))))


def students_before(steps: Sequence[StepView], judged: Sequence[Judgement]) -> Table | None:
    """The students before the first step that differs."""
    first = next((step.number for step in steps if step.differs), 0)
    observed = [judgement.expected["accounts"] for judgement in judged[:first] if "accounts" in judgement.expected]
    return students_table(observed[-1]) if observed and observed[-1] else None


# Step by step.


def step_views(exchanges: Sequence[Exchange], judged: Sequence[Judgement], others: set[Place]) -> Iterator[StepView]:
    """Every file and action, with the observations that follow it."""
    starts = [n for n, exchange in enumerate(exchanges) if exchange.request["op"] not in ("reset", "observe")]
    for start, end in zip(starts, [*starts[1:], len(exchanges)]):
        exchange = exchanges[start]
        step = StepView(
            start,
            sentence(exchange.request),
            answer_in_words(exchange.request, exchange.response),
            tuple(difference_views(start, judged[start], others)),
            tuple(c for number in range(start + 1, end) for c in difference_views(number, judged[number], others)),
        )
        yield with_file(step, exchange, judged[start:end]) if "csv" in exchange.request else step


def difference_views(number: int, judgement: Judgement, others: set[Place]) -> Iterator[DifferenceView]:
    """What differs in one response."""
    for d in judgement.differences:
        expected, got = (value_in_words(with_short_texts(value)) for value in (d.expected, d.got))
        yield DifferenceView(on_one_line(str(d.where)), expected, got, (number, d.where) in others)


def with_short_texts(value: object) -> object:
    """A value in which every text that is very long is cut."""
    match value:
        case str():
            return shortened(value)
        case dict():
            return {name: with_short_texts(item) for name, item in value.items()}
        case list():
            return [with_short_texts(item) for item in value]
    return value


def with_file(step: StepView, exchange: Exchange, judged: Sequence[Judgement]) -> StepView:
    """The step with its file, as a table if it is one."""
    data = base64.b64decode(exchange.request["csv"])
    if table := file_table(data, exchange, judged):
        return evolve(step, data=data, table=table)
    lines = visible(data.decode("utf-8", "backslashreplace")).splitlines()
    return evolve(step, data=data, text="\n".join(map(shortened, lines)))
