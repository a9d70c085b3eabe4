"""`play` of a whole corpus: every case in turn with a live count, then the failures, rule by rule."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

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
from conformance.verdict.verdict import FAILED
from refmodel.catalogue import CATALOGUE
from refmodel.cli.terminal import as_json, heading, line, remark, table

ANYBODY = OracleState()
NAMED = 12  # failed cases that are named for one rule
SHOWN = 3  # differences that are shown of one case


@frozen
class ReplayedCase:
    """The result of a case: its differences, or in `text` its fault or why it is not applicable."""

    entry: Entry
    outcome: Outcome
    text: str = ""
    differences: tuple[str, ...] = ()

    @property
    def in_short(self) -> str:
        """Its first differences, or its text."""
        if len(self.differences) <= SHOWN:
            return self.in_full
        return "\n".join((*self.differences[:SHOWN], f"and {len(self.differences) - SHOWN} more"))

    @property
    def in_full(self) -> str:
        """All its differences, or its text."""
        return "\n".join(self.differences) or self.text


def play_corpus(folder: Path, target: Target, known: OracleState, json_wanted: bool) -> int:
    """Play a corpus on an importer; the exit status. BadCorpus where it is damaged."""
    cases = entries(folder)
    importer = introduced(target)
    known = evolve(known, columns=importer.columns)
    replayed = list(counted(replays(cases, importer, known), len(cases)))
    if json_wanted:
        as_json([as_data(each) for each in replayed])
    else:
        show(replayed, len(cases))
    return status_of_outcomes({each.outcome for each in replayed})


def replays(cases: Sequence[Entry], importer: Importer, known: OracleState) -> Iterator[ReplayedCase]:
    """The cases one after the other, unless the importer fails too often."""
    patience = Patience()
    for entry in cases:
        try:
            each = replayed(entry, importer, known)
            patience.regain()
        except Fault as fault:
            each = ReplayedCase(entry, "fault", str(fault))
            patience.lose(fault.kind)
        yield each
        if patience.is_lost:
            remark("Given up: the importer has failed too often to go on")
            return


def replayed(entry: Entry, importer: Importer, known: OracleState) -> ReplayedCase:
    """Play one case. Fault where the importer does not answer as the protocol demands."""
    trace = read_trace(entry.trace)
    requests = requests_for(trace, importer.columns)
    if text := not_claimed(requests, importer):
        return ReplayedCase(entry, "not_applicable", text)
    if shows_nothing(trace, requests, known):
        return ReplayedCase(
            entry, "not_applicable", "it shows nothing without the columns that the importer does not store"
        )
    ran = run_case(importer, requests, known)
    found = tuple(differences(ran.play.exchanges, ran.play.judgements))
    return ReplayedCase(entry, "pass" if ran.status == "passed" else ran.status, differences=found)


def shows_nothing(trace: Trace, requests: Sequence[Request], known: OracleState) -> bool:
    """Whether a case shows nothing about its rule without the columns that an importer does not store."""
    whole = requests_for(trace, ALL_HEADERS)
    if tuple(requests) == whole:
        return False
    discriminated = discriminating_rules(rules_of(trace), own_answers(whole, ANYBODY), ANYBODY)
    left = discriminating_rules(discriminated[:1] or rules_of(trace), own_answers(requests, known), known)
    return not left


def differences(exchanges: Sequence[Exchange], judged: Sequence[Judgement]) -> Iterator[str]:
    """The differences of a conversation, each with its step."""
    for number, judgement in enumerate(judged):
        request = exchanges[number].request
        for each in judgement.differences:
            yield f"request {number} ({request.get('action', request['op'])}): {each}"


# Output.


def counted(replays: Iterable[ReplayedCase], total: int) -> Iterator[ReplayedCase]:
    """Count the cases on standard error; in a pipe, with a line for every tenth of the whole."""
    console = Console(stderr=True, highlight=False)
    failed = 0
    with Status("", console=console) as status:
        for number, each in enumerate(replays, start=1):
            failed += each.outcome in FAILED
            text = f"{number:,} of {total:,} cases played, {failed:,} failed"
            if console.is_terminal:
                status.update(text)
            elif number % -(-total // 10) == 0 or number == total:
                remark(text)
            yield each


def show(replayed: Sequence[ReplayedCase], total: int) -> None:
    """Print how many passed and failed, rule by rule, and the failed cases."""
    heading("Cases by rule")
    names = [name for name in CATALOGUE if any(each.entry.rules[:1] == (name,) for each in replayed)]
    outcomes: tuple[Outcome, ...] = ("pass", "differs", "flaky", "not_applicable", "fault")
    rows = [(name, *(len(_of(replayed, name, outcome)) for outcome in outcomes)) for name in names]
    sums = [sum(each.outcome == outcome for each in replayed) for outcome in outcomes]
    table(
        ("rule", "passed", "failed", "flaky", "not applicable", "fault"), [*rows, ("all", *sums)], limit=len(rows) + 1
    )
    for name in names:
        failed = [*_of(replayed, name, "differs"), *_of(replayed, name, "fault")]
        if failed:
            show_failed(name, failed)
    show_flaky([each for each in replayed if each.outcome == "flaky"])
    if len(replayed) < total:
        line(f"{total - len(replayed)} cases were not played", "red")


def _of(replayed: Sequence[ReplayedCase], name: str, outcome: Outcome) -> list[ReplayedCase]:
    return [each for each in replayed if each.entry.rules[:1] == (name,) and each.outcome == outcome]


def show_failed(name: str, failed: Sequence[ReplayedCase]) -> None:
    """Print the failed cases of a rule."""
    entry = CATALOGUE[name]
    heading(f"{name} ({entry.basis}, {entry.source}): {entry.statement}")
    line(f"{len(failed)} failed. {failed[0].entry.common_mistake}")
    show_cases(failed, "red")


def show_flaky(flaky: Sequence[ReplayedCase]) -> None:
    """Print the cases that differed once, and not again in a fresh importer."""
    if flaky:
        heading("Flaky: these differed once, and not again in a fresh importer, so no rule is accused by them")
        show_cases(flaky, "yellow")


def show_cases(cases: Sequence[ReplayedCase], colour: str) -> None:
    """The first of some cases, each with its differences."""
    for each in cases[:NAMED]:
        line(f"{each.entry.name}: {each.entry.title}", colour, indent=2)
        block(each.in_short, indent=4)
    if len(cases) > NAMED:
        line(f"… and {len(cases) - NAMED} more cases", indent=2)


def as_data(replayed: ReplayedCase) -> dict[str, object]:
    """The result of a case, for programs."""
    return {
        "trace": str(replayed.entry.trace),
        "name": replayed.entry.name,
        "rules": list(replayed.entry.rules),
        "title": replayed.entry.title,
        "wrong": replayed.entry.common_mistake,
        "result": replayed.outcome,
        "text": replayed.in_full,
    }
