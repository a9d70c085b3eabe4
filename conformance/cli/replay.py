"""`play` of a whole corpus: every case in turn, a live count, and in the end what failed, rule by rule."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve, frozen
from rich.console import Console
from rich.status import Status

from conformance.attribution.relevance import discriminating_rules
from conformance.cases.corpus.verifying import Entry, entries
from conformance.cli.judge import Outcome, status_of_outcomes
from conformance.cli.output import block
from conformance.oracle.judge import Judgement, own_answers
from conformance.oracle.state import ALL_HEADERS, OracleState
from conformance.protocol.requests import Request
from conformance.protocol.trace import Exchange, Trace
from conformance.session.client import Importer, introduced
from conformance.session.patience import Patience
from conformance.session.replay import read_trace, requests_for, rules_of
from conformance.transport.base import Target
from conformance.transport.faults import Fault
from conformance.verdict.run_case import not_claimed, run_case
from refmodel.catalogue import CATALOGUE
from refmodel.cli.terminal import as_json, heading, line, remark, table

ANYBODY = OracleState()
NAMED = 12  # failed cases of one rule that are named
SHOWN = 3  # differences of one case that are told


@frozen
class Rehearsed:
    """What became of a case: what differs, or in `text` why it is not applicable or what the fault is."""

    entry: Entry
    outcome: Outcome
    text: str = ""
    differences: tuple[str, ...] = ()

    @property
    def in_short(self) -> str:
        """What is told of it: of many differences the first."""
        if len(self.differences) <= SHOWN:
            return self.in_full
        return "\n".join((*self.differences[:SHOWN], f"and {len(self.differences) - SHOWN} more"))

    @property
    def in_full(self) -> str:
        """All that there is to say of it."""
        return "\n".join(self.differences) or self.text


def play_corpus(folder: Path, target: Target, known: OracleState, json_wanted: bool) -> int:
    """Play a corpus on an importer; the exit status. BadCorpus where it is damaged."""
    cases = entries(folder)
    importer = introduced(target)
    known = evolve(known, columns=importer.columns)
    rehearsed = list(counted(rehearsal(cases, importer, known), len(cases)))
    if json_wanted:
        as_json([as_data(each) for each in rehearsed])
    else:
        tell(rehearsed, len(cases))
    return status_of_outcomes({each.outcome for each in rehearsed})


def rehearsal(cases: Sequence[Entry], importer: Importer, known: OracleState) -> Iterator[Rehearsed]:
    """The cases one after the other, until the importer has failed too often."""
    patience = Patience()
    for entry in cases:
        try:
            each = rehearsed(entry, importer, known)
            patience.regain()
        except Fault as fault:
            each = Rehearsed(entry, "fault", str(fault))
            patience.lose(fault.kind)
        yield each
        if patience.is_lost:
            remark("Given up: the importer has failed too often to go on")
            return


def rehearsed(entry: Entry, importer: Importer, known: OracleState) -> Rehearsed:
    """What becomes of one case. Fault where the importer does not answer as the protocol wants."""
    trace = read_trace(entry.trace)
    requests = requests_for(trace, importer.columns)
    if text := not_claimed(requests, importer):
        return Rehearsed(entry, "not applicable", text)
    if shows_nothing(trace, requests, known):
        return Rehearsed(
            entry, "not applicable", "without the columns that the importer does not store it shows nothing"
        )
    ran = run_case(importer, requests, known)
    found = tuple(differences(ran.play.exchanges, ran.play.judgements))
    return Rehearsed(entry, "pass" if ran.status == "passed" else ran.status, differences=found)


def shows_nothing(trace: Trace, requests: Sequence[Request], known: OracleState) -> bool:
    """Whether what a case is about does not show without the columns that an importer does not store."""
    whole = requests_for(trace, ALL_HEADERS)
    if tuple(requests) == whole:
        return False
    told = discriminating_rules(rules_of(trace), own_answers(whole, ANYBODY), ANYBODY)
    left = discriminating_rules(told[:1] or rules_of(trace), own_answers(requests, known), known)
    return not left


def differences(exchanges: Sequence[Exchange], judged: Sequence[Judgement]) -> Iterator[str]:
    """The differences of a conversation, each with its step."""
    for number, judgement in enumerate(judged):
        request = exchanges[number].request
        for each in judgement.differences:
            yield f"request {number} ({request.get('action', request['op'])}): {each}"


# Telling.


def counted(rehearsal: Iterable[Rehearsed], total: int) -> Iterator[Rehearsed]:
    """The same, while a count runs on standard error; in a pipe a line for every tenth of the whole."""
    console = Console(stderr=True, highlight=False)
    failed = 0
    with Status("", console=console) as status:
        for number, each in enumerate(rehearsal, start=1):
            failed += each.outcome in ("differs", "flaky", "fault")
            text = f"{number:,} of {total:,} cases played, {failed:,} failed"
            if console.is_terminal:
                status.update(text)
            elif number % -(-total // 10) == 0 or number == total:
                remark(text)
            yield each


def tell(rehearsed: Sequence[Rehearsed], total: int) -> None:
    """Print how many passed and failed, rule by rule, and which failed and why that matters."""
    heading("Cases by the rule that they are there for")
    names = [name for name in CATALOGUE if any(each.entry.rules[:1] == (name,) for each in rehearsed)]
    outcomes: tuple[Outcome, ...] = ("pass", "differs", "flaky", "not applicable", "fault")
    rows = [(name, *(len(_of(rehearsed, name, outcome)) for outcome in outcomes)) for name in names]
    sums = [sum(each.outcome == outcome for each in rehearsed) for outcome in outcomes]
    table(
        ("rule", "passed", "failed", "flaky", "not applicable", "fault"), [*rows, ("all", *sums)], limit=len(rows) + 1
    )
    for name in names:
        failed = [*_of(rehearsed, name, "differs"), *_of(rehearsed, name, "fault")]
        if failed:
            tell_failed(name, failed)
    tell_flaky([each for each in rehearsed if each.outcome == "flaky"])
    if len(rehearsed) < total:
        line(f"{total - len(rehearsed)} cases were not played", "red")


def _of(rehearsed: Sequence[Rehearsed], name: str, outcome: Outcome) -> list[Rehearsed]:
    return [each for each in rehearsed if each.entry.rules[:1] == (name,) and each.outcome == outcome]


def tell_failed(name: str, failed: Sequence[Rehearsed]) -> None:
    """The failed cases of a rule."""
    entry = CATALOGUE[name]
    heading(f"{name} ({entry.basis}, {entry.source}): {entry.statement}")
    line(f"{len(failed)} failed. {failed[0].entry.wrong}")
    tell_cases(failed, "red")


def tell_flaky(flaky: Sequence[Rehearsed]) -> None:
    """The cases that differed once, and not again when a fresh importer was asked the same."""
    if flaky:
        heading("Flaky: these differed once, and not again in a fresh importer, so no rule is accused by them")
        tell_cases(flaky, "yellow")


def tell_cases(cases: Sequence[Rehearsed], colour: str) -> None:
    """The first of some cases, each with what is to be said of it."""
    for each in cases[:NAMED]:
        line(f"{each.entry.name}: {each.entry.title}", colour, indent=2)
        block(each.in_short, indent=4)
    if len(cases) > NAMED:
        line(f"… and {len(cases) - NAMED} cases more", indent=2)


def as_data(rehearsed: Rehearsed) -> dict[str, Any]:
    """What became of a case, for programs."""
    return {
        "trace": str(rehearsed.entry.trace),
        "name": rehearsed.entry.name,
        "rules": list(rehearsed.entry.rules),
        "title": rehearsed.entry.title,
        "wrong": rehearsed.entry.wrong,
        "result": rehearsed.outcome,
        "text": rehearsed.in_full,
    }
