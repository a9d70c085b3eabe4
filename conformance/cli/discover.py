"""`discover`: which readings an importer follows, found out by experiment.

For each reading a discriminating conversation is needed: the model answers it in one way by the rules, in another by
the reading, and in a third by any other reading. The examples of the documentation are tried first; where none of them
discriminates, or the importer does not claim what they need, histories are generated with fixed seeds, and shrunk. A
reading that the importer is found to follow counts as the rule for all readings after it.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from attrs import define, evolve, field, frozen

from conformance.attribution.divergence import Divergences, find_divergences
from conformance.cases.scenarios.parser import examples, narrowed
from conformance.cli.judge import write_copy
from conformance.generation.generator import simulate
from conformance.generation.history import History
from conformance.generation.limits import Limit
from conformance.generation.randomness import RandomSource
from conformance.generation.shrinking import shrunk
from conformance.mutants.combination import put_upon
from conformance.oracle.answers import NOWHERE
from conformance.oracle.judge import as_text, judge, own_answers
from conformance.oracle.state import OracleState
from conformance.protocol.requests import ACTIONS, Request
from conformance.protocol.responses import Hello
from conformance.protocol.trace import Exchange, read, trace_of
from conformance.search.random_search import generator_for
from conformance.session.client import Importer, introduced
from conformance.session.lockstep import agrees
from conformance.session.replay import conversed, operations_of
from conformance.transport.base import Target
from conformance.transport.faults import Fault
from conformance.verdict.description import shortened
from refmodel.catalogue import CATALOGUE
from refmodel.cli.streams import after
from refmodel.cli.terminal import as_json, table
from refmodel.cli.usage import UsageError
from refmodel.readings import READINGS, Reading
from refmodel.ruleset import STANDARD, Ruleset
from refmodel.wording import in_words

Requests = tuple[Request, ...]
Outcome = Literal["follows", "standard", "neither", "not_applicable", "unknown", "fault"]

DRAWN = 400  # histories, where no example will do
REPLAYS = 300  # of the model, to shrink one
CHANGES = tuple(dict.fromkeys(change for each in READINGS.values() for change in each.ruleset.deviations))
ATTEMPTS = 3  # conversations about one reading, where the importer answers in neither way


@frozen
class Result:
    """The result for one reading, the reason, and the conversation that shows it."""

    reading: Reading
    outcome: Outcome
    why: str
    exchanges: tuple[Exchange, ...] = field(default=(), repr=False)
    path: Path | None = None


# Discriminating conversations.


@define(eq=False)
class Candidate:
    """A conversation that may discriminate: an example or a history, and where readings diverge in it."""

    rules: tuple[str, ...]  # that it is about
    requests: Requests
    history: History | None = None
    divergences: dict[Ruleset, Divergences] = field(factory=dict)

    def shows(self, reading: Reading, base: Ruleset) -> bool:
        """Whether the reading changes any response in it; in most examples it does not."""
        if base not in self.divergences:
            self.divergences[base] = find_divergences(self.requests, NOWHERE, base, CHANGES)
        return self.divergences[base].until(reading.ruleset.deviations) < len(self.requests)


@define
class Experiments:
    """Finds discriminating conversations among what an importer claims."""

    importer: Importer
    histories: list[Candidate] = field(factory=list)
    whole: "Experiments | None" = None
    claimed: list[Candidate] = field(init=False)
    source: Iterator[History] = field(init=False)

    def __attrs_post_init__(self) -> None:
        asked = (each for each in examples() if each.operations <= self.importer.supports)
        self.claimed = [Candidate(each.rules, narrowed(each, self.importer.columns).requests) for each in asked]
        self.source = drawn(self.importer)

    def of_everything(self) -> "Experiments":
        """The same, as if the importer claimed everything."""
        everything = Importer(self.importer.target, Hello(1, supports=["preview", *ACTIONS]))
        self.whole = self.whole or Experiments(everything)
        return self.whole

    def about(self, reading: Reading, base: Ruleset) -> Iterator[Requests]:
        """Conversations that discriminate a reading, the clearest first."""
        question = Question.of(reading, base, self.importer)
        found = False
        candidates = (each for each in self._examples(reading) if each.shows(reading, base))
        for requests in question.clearest_first(each.requests for each in candidates):
            found = True
            yield requests
        if not found:
            yield from self._shrunk(question, reading, base)

    def _examples(self, reading: Reading) -> list[Candidate]:
        """The examples that the importer claims; those about the rule first."""
        near = [each for each in self.claimed if reading.rule.__name__ in each.rules]
        return [*near, *(each for each in self.claimed if each not in near)]

    def _shrunk(self, question: "Question", reading: Reading, base: Ruleset) -> Iterator[Requests]:
        for each in self._drawn():
            if each.history and each.shows(reading, base) and question.tells(each.requests):
                small = shrunk(each.history, lambda other: question.tells(tuple(other.requests())), Limit(REPLAYS))
                yield tuple(small.requests())
                return

    def _drawn(self) -> Iterator[Candidate]:
        yield from self.histories
        while len(self.histories) < DRAWN:
            history = next(self.source)
            self.histories.append(Candidate((), tuple(history.requests()), history))
            yield self.histories[-1]


@frozen
class Question:
    """With which of two oracles an importer agrees: one by some rules, and one that reads one of them otherwise."""

    standard: OracleState
    reading: OracleState
    others: tuple[OracleState, ...]

    @classmethod
    def of(cls, reading: Reading, base: Ruleset, importer: Importer) -> "Question":
        """The question about a reading, of an importer that follows these rules apart from it."""
        known = evolve(importer.known(), ruleset=base)
        readings = {each: evolve(known, ruleset=put_upon(base, each.ruleset.deviations)) for each in READINGS.values()}
        return cls(known, readings.pop(reading), tuple(readings.values()))

    def tells(self, requests: Requests) -> bool:
        """Whether the reading answers a conversation otherwise than the rules and every other reading."""
        theirs = own_answers(requests, self.reading)
        if agrees(theirs, self.standard) or any(agrees(theirs, other) for other in self.others):
            return False
        # Of a failure only the three stated texts are compared: by them the rules may part from the reading and not
        # the reading from the rules.
        return not agrees(own_answers(requests, self.standard), self.reading)

    def clearest_first(self, candidates: Iterable[Requests]) -> Iterator[Requests]:
        """The conversations that discriminate; of the first few, those that concern fewest other readings first."""
        discriminating_rules = (requests for requests in candidates if self.tells(requests))
        first = [requests for requests, _ in zip(discriminating_rules, range(2 * ATTEMPTS))]
        return iter(sorted(first, key=lambda requests: (self._bearing(requests), len(requests))))

    def _bearing(self, requests: Requests) -> int:
        ours = own_answers(requests, self.standard)
        return sum(not agrees(ours, other) for other in self.others)


def drawn(importer: Importer) -> Iterator[History]:
    """Histories of what an importer claims, always the same ones."""
    number = 0
    while True:
        yield one_drawn(importer, RandomSource.seeded(f"discover-{number}"))
        number += 1


def one_drawn(importer: Importer, source: RandomSource) -> History:
    """One history, with the model alone."""
    generator = generator_for(importer, source)
    return simulate(generator, generator.start(), generator.steps, OracleState())[0]


# The experiment.


def results(importer: Importer) -> Iterator[Result]:
    """The result for each reading; readings that change most conversations come first."""
    base, experiments = STANDARD, Experiments(importer)
    for reading in in_order():
        result = experiment(reading, base, experiments)
        if result.outcome == "follows":
            base = put_upon(base, reading.ruleset.deviations)
        yield result


def in_order() -> list[Reading]:
    """The readings; those that change the creation of nearly every account come first."""
    early = ("required_values_when_creating", "emails_are_compared_exactly", "only_connected_students_are_found")
    return sorted(READINGS.values(), key=lambda reading: early.index(reading.name) if reading.name in early else 9)


def experiment(reading: Reading, base: Ruleset, experiments: Experiments) -> Result:
    """Send an importer a conversation, and others where it answers in neither way."""
    if any(rule in dict(base.deviations) for rule, _ in reading.ruleset.deviations):
        return Result(reading, "neither", "the importer follows another reading of the same rule")
    asked = None
    for requests, _ in zip(experiments.about(reading, base), range(ATTEMPTS)):
        asked = asked_about(reading, requests, Question.of(reading, base, experiments.importer), experiments.importer)
        if asked.outcome != "neither":
            return asked
    return asked or without_evidence(reading, base, experiments)


def asked_about(reading: Reading, requests: Requests, question: Question, importer: Importer) -> Result:
    """The result of one conversation."""
    try:
        exchanges = conversed(importer, requests)
    except Fault as fault:
        return Result(reading, "fault", str(fault).partition("\n")[0])
    why = evidence(exchanges, question)
    if agrees(exchanges, question.reading):
        return Result(reading, "follows", why, exchanges)
    outcome: Outcome = "standard" if agrees(exchanges, question.standard) else "neither"
    return Result(reading, outcome, why, exchanges)


def evidence(exchanges: Sequence[Exchange], question: Question) -> str:
    """The first response in which rule and reading differ, and the importer's response."""
    standard, reading = question.standard, question.reading
    for number, exchange in enumerate(exchanges):
        by_rule, by_reading = (judge(known, exchange.request, exchange.response) for known in (standard, reading))
        parting = judge(standard, exchange.request, by_reading.expected).differences
        if parting:
            first = parting[0]
            said = next((d.got for d in by_rule.differences if d.where == first.where), first.expected)
            texts = [shortened(as_text(value), 60) for value in (first.expected, first.got, said)]
            return f"step {number}, {first.where}: by the rule {texts[0]}, by the reading {texts[1]}; it was {texts[2]}"
        standard, reading = by_rule.known, by_reading.known
    return "the conversation ended before they differ"  # pragma: no cover


def without_evidence(reading: Reading, base: Ruleset, experiments: Experiments) -> Result:
    """Why no conversation discriminates: what the importer would have to claim."""
    requests = next(experiments.of_everything().about(reading, base), None)
    if requests is None:
        return Result(reading, "unknown", "no discriminating conversation was found")
    missing = operations_of(requests) - experiments.importer.supports
    needed = ", ".join(sorted(missing)) or "columns that it does not store"
    return Result(reading, "not_applicable", f"it would need {needed}, which the importer does not claim")


# The command.


def discover(target: Target, folder: Path | None, json_wanted: bool) -> None:
    """Experiment, write the traces, and print the table."""
    if folder is not None:
        check_evidence(folder)
    found = [kept(result, folder) for result in results(introduced(target))]
    order = list(READINGS)
    found.sort(key=lambda result: order.index(result.reading.name))
    with after("" if folder is None else f"the conversations have been written to {folder}"):
        if json_wanted:
            as_json([as_data(result) for result in found])
        else:
            table(("reading", "rule", "result", "evidence"), [cells_of(result) for result in found])


def kept(result: Result, folder: Path | None) -> Result:
    """Write the conversation of a result below a folder, if one is given, in the place of an earlier one."""
    if folder is None:
        return result
    path = evidence_in(folder, result.reading.name)
    if not result.exchanges:
        path.unlink(missing_ok=True)
        return result
    title = f"{result.reading.name}: {result.outcome}"
    write_copy(trace_of(title, (result.reading.rule.__name__,), result.exchanges), path, force=True)
    return evolve(result, path=path)


def evidence_in(folder: Path, name: str) -> Path:
    """Where the conversation about a reading is written."""
    return folder / f"{name}.jsonl"


def check_evidence(folder: Path) -> None:
    """UsageError where a conversation would replace a file that `discover` did not write."""
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise UsageError(f"--report {folder}: this is a file: name a folder")
    for name in READINGS:
        path = evidence_in(folder, name)
        if os.path.lexists(path) and not is_evidence(path, name):
            raise UsageError(
                f"--report {folder}: {path.name} is there, and `discover` did not write it; name another folder"
            )


def is_evidence(path: Path, name: str) -> bool:
    """Whether a file is a conversation about a reading that was written here before."""
    try:
        return os.path.isfile(path) and read(path).title.startswith(f"{name}: ")
    except (OSError, ValueError):
        return False


def cells_of(result: Result) -> tuple[str, ...]:
    """The row of a result in the table."""
    return result.reading.name, result.reading.rule.__name__, in_words(result.outcome), result.why


def as_data(result: Result) -> dict[str, object]:
    """A result, for programs."""
    entry = CATALOGUE[result.reading.rule.__name__]
    return {
        "reading": result.reading.name,
        "rule": entry.name,
        "basis": entry.basis,
        "statement": result.reading.statement,
        "result": result.outcome,
        "why": result.why,
        "trace": str(result.path) if result.path else None,
    }
