"""`judge` and `play`: recordings judged as they stand, or played anew and judged."""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

from attrs import evolve, frozen

from conformance.attribution.attribution import Attribution, attribution_of
from conformance.cli.output import block, complain
from conformance.mutants.known import DEVIATIONS
from conformance.oracle.state import OracleState
from conformance.protocol.requests import Request
from conformance.protocol.trace import Exchange, Trace, trace_of
from conformance.session.client import Importer, introduced
from conformance.session.replay import (
    BadTrace,
    agreeing,
    columns_of,
    conversation,
    differing_again,
    found,
    played_whole,
    read_trace,
    requests_for,
    rules_of,
    until_difference,
)
from conformance.transport.base import Target
from conformance.transport.faults import Fault
from conformance.verdict.case import FLAKY, Case, reasons
from conformance.verdict.run_case import Ran, differing, not_claimed, run_case
from refmodel.catalogue import CATALOGUE
from refmodel.cli.state_file import FileError, check_target, check_vacant, reason, written
from refmodel.cli.streams import after
from refmodel.cli.terminal import as_json, line, visible
from refmodel.cli.usage import UsageError
from refmodel.wording import in_words

Outcome = Literal["pass", "differs", "flaky", "not_applicable", "fault"]
STYLES: dict[Outcome, str] = {
    "pass": "green",
    "differs": "red",
    "flaky": "yellow",
    "not_applicable": "cyan",
    "fault": "red",
}


@frozen
class Judged:
    """The result of one trace; `text` is the fault, or why it was not applicable."""

    path: Path
    title: str
    outcome: Outcome
    differences: tuple[Case, ...] = ()
    text: str = ""

    @property
    def is_played(self) -> bool:
        """Whether the whole conversation took place."""
        return self.outcome in ("pass", "differs")


@frozen
class Copy:
    """Where to write the conversation, if anywhere, and whether it may replace a file."""

    path: Path | None = None
    force: bool = False


NO_COPY = Copy()
Run = Callable[[Importer, Sequence[Request], OracleState], Ran]
RUN_WHOLE: Run = partial(run_case, hold=played_whole, confirm=differing_again)  # to its end, whatever differs


def judge_traces(paths: Sequence[Path], known: OracleState, json_wanted: bool) -> int:
    """Judge recordings; the exit status."""
    judged, broken = [], False
    for path in found(paths):
        try:
            trace = read_trace(path)
        except BadTrace as error:
            complain(visible(str(error)))
            broken = True
            continue
        columns = evolve(known, columns=columns_of(trace))
        judged.append(_judged(path, trace, conversation(trace), columns))
    show(judged, json_wanted)
    return 2 if broken else status_of(judged)


def play_traces(paths: Sequence[Path], target: Target, known: OracleState, copy: Copy, json_wanted: bool) -> int:
    """Play recordings on an importer; the exit status."""
    traces = [(path, read_trace(path)) for path in found(paths)]
    if copy.path and len(traces) > 1:
        raise UsageError(f"--write takes the conversation of one trace: you gave {len(traces)}")
    importer = introduced(target)
    known = evolve(known, columns=importer.columns)
    judged = [played(path, trace, importer, known, copy) for path, trace in traces]
    with after(f"{copy.path} has been written" if copy.path and judged[0].is_played else ""):
        show(judged, json_wanted)
    return status_of(judged)


def played(
    path: Path,
    trace: Trace,
    importer: Importer,
    known: OracleState,
    copy: Copy = NO_COPY,
    run: Run = RUN_WHOLE,
) -> Judged:
    """Send the requests of a trace to an importer, and judge its responses."""
    requests = requests_for(trace, importer.columns)
    if text := not_claimed(requests, importer):
        return Judged(path, trace.title, "not_applicable", text=text)
    try:
        ran = run(importer, requests, known)
    except Fault as fault:
        return Judged(path, trace.title, "fault", text=str(fault))
    if copy.path:
        write_copy(trace_of(trace.title, trace.rules, ran.play.exchanges), copy.path, copy.force)
    if ran.status == "flaky":
        return Judged(path, trace.title, "flaky", text=FLAKY)
    return _judged(path, trace, ran.play.exchanges, known)


def check_copy(path: Path, force: bool) -> None:
    """UsageError where a trace would replace a file or, as far as can be checked now, cannot be written."""
    try:
        _make_folder(path.parent)
        check_target(path)
        if not force:
            check_vacant(path)
    except FileError as error:
        raise UsageError(str(error)) from None


def write_copy(trace: Trace, path: Path, force: bool) -> None:
    """Write a trace, all of it or nothing. UsageError where it cannot be written."""
    try:
        _make_folder(path.parent)
        check_target(path)
        written(path, (f"{line}\n".encode("ascii") for line in trace.lines()), force)
    except FileError as error:
        raise UsageError(str(error)) from None


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{folder}: this folder cannot be made: {reason(error)}") from None


def _judged(path: Path, trace: Trace, exchanges: Sequence[Exchange], known: OracleState) -> Judged:
    differences = tuple(differences_of(trace, exchanges, known))
    return Judged(path, trace.title, "differs" if differences else "pass", differences)


# What differs.


def differences_of(trace: Trace, exchanges: Sequence[Exchange], known: OracleState) -> Iterator[Case]:
    """The differences in a conversation, one after the other.

    A difference for which a known deviation accounts exactly is masked while the rest is judged. After any other
    difference nothing is judged, since the oracle and the importer are no longer in the same world.
    """
    while True:
        part, judged = until_difference(exchanges, known)
        if not part:
            return
        attribution = attribution_of(part, known)
        unseen = 0 if attribution.mutants else len(exchanges) - len(part)
        more = [f"The {unseen} requests after that are not judged."] if unseen else []
        case = Case(trace.title, rules_of(trace) or attribution.rules, "differs", kind="recording")
        yield differing(case, trace.title or "A difference", part, judged, attribution, *more)
        if not attribution.mutants:
            return
        known = _around(attribution, exchanges, known)


def _around(attribution: Attribution, exchanges: Sequence[Exchange], known: OracleState) -> OracleState:
    """The oracle with the deviation that accounts for most of what follows."""
    ways = [evolve(known, ruleset=DEVIATIONS[name].upon(known.ruleset)) for name in attribution.mutants]
    return max(ways, key=lambda way: agreeing(exchanges, way))


# Output.


def status_of(judged: Sequence[Judged]) -> int:
    """The exit status: the worst result, as for a run of the suite."""
    return status_of_outcomes({each.outcome for each in judged})


def status_of_outcomes(outcomes: Collection[Outcome]) -> int:
    """The exit status for the outcomes of traces, or of the cases of a corpus."""
    if "differs" in outcomes:
        return 1
    if "fault" in outcomes:
        return 7
    return 0 if "pass" in outcomes and "flaky" not in outcomes else 6


def show(judged: Sequence[Judged], json_wanted: bool) -> None:
    """Print the results."""
    if json_wanted:
        as_json([as_data(each) for each in judged])
        return
    for each in judged:
        line(f"{each.path}: {in_words(each.outcome)}{each.title and f' ({each.title})'}", STYLES[each.outcome])
        if each.text:
            block(each.text, indent=2)
        for case in each.differences:
            block(describe(case), indent=2)


def describe(case: Case) -> str:
    """The text of a difference, below the title of its trace."""
    return "\n".join((*reasons(case), case.details))


def as_data(judged: Judged) -> dict[str, object]:
    """The result of a trace, for programs."""
    return {
        "trace": str(judged.path),
        "title": judged.title,
        "result": judged.outcome,
        "text": judged.text,
        "differences": [difference_as_data(case) for case in judged.differences],
    }


def difference_as_data(case: Case) -> dict[str, object]:
    """A difference and the rule that it is attributed to, for programs."""
    entry = CATALOGUE[case.suspects[0]] if case.suspects else None
    return {
        "rule": entry and entry.name,
        "basis": entry and entry.basis,
        "source": entry and entry.source,
        "statement": entry and entry.statement,
        "exact": bool(entry and entry.name in case.attribution.exact_rules),
        "behaves_like": list(case.attribution.mutants),
        "text": describe(case),
    }
