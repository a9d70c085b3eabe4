"""`explore`: every history up to a depth, the invariants on all of it, and the histories that cover it."""

import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from attrs import evolve, frozen

from conformance.cli.judge import Judged, check_copy, status_of, write_copy
from conformance.cli.judge import played as play_trace
from conformance.cli.judge import show as show_judged
from conformance.cli.output import block
from conformance.cli.serve import deviating
from conformance.generation.history import History
from conformance.oracle.judge import own_answers
from conformance.oracle.state import OracleState
from conformance.protocol.trace import Trace, trace_of
from conformance.search.exhaustive.breadth import Level, Limits, memory
from conformance.search.exhaustive.covering import Walk, covering, edges_of
from conformance.search.exhaustive.exploration import Broken, Exploration
from conformance.search.exhaustive.operations import operations_for
from conformance.search.exhaustive.watching import HOW
from conformance.session.client import introduced
from conformance.transport.base import Target
from conformance.verdict.description import describe_request
from conformance.verdict.run_case import run_case
from conformance.verdict.verdict import FAILED
from refmodel.cli.starting import INTERRUPTED
from refmodel.cli.streams import after
from refmodel.cli.terminal import as_json, heading, line, table
from refmodel.cli.usage import UsageError
from refmodel.wording import counted

MOST_DIFFERING = 5  # differing histories after which the others are not played
ENDS = {
    "depth": "That is every history of up to {steps}.",
    "complete": "Nothing new comes after {steps}: that is every history of any length.",
    "time": "The time is up: that is every history of up to {steps}, and a part of the longer ones.",
    "memory": "The memory is full: that is every history of up to {steps}, and a part of the longer ones.",
    "interrupted": "Interrupted: that is every history of up to {steps}, and a part of the longer ones.",
}


@frozen
class ExploreOptions:
    """What to explore, how far, and what to do with the covering histories."""

    students: int
    limits: Limits
    deviations: tuple[str, ...] = ()
    corpus: Path | None = None
    target: Target | None = None
    json_wanted: bool = False

    @property
    def covers(self) -> bool:
        """Whether covering histories are wanted."""
        return self.corpus is not None or self.target is not None


@frozen
class Covered:
    """The histories that cover an exploration, and their results where they were played."""

    histories: tuple[History, ...]
    folder: Path | None = None
    judged: tuple[Judged, ...] = ()

    @property
    def steps(self) -> int:
        """The steps of all of them."""
        return sum(len(history.steps) for history in self.histories)

    @property
    def outcomes(self) -> Counter[str]:
        """How often each outcome came."""
        return Counter(each.outcome for each in self.judged)


def explore(options: ExploreOptions) -> int:
    """Explore, and print the results; the exit status."""
    exploration = begun(options)
    seconds = gone_through(exploration, options.limits)
    covered = covers(options, exploration) if options.covers and not was_interrupted(exploration) else None
    with after(f"the histories have been written to {options.corpus}" if covered and covered.folder else ""):
        if options.json_wanted:
            as_json(as_data(options, exploration, seconds, covered))
        else:
            show(options, exploration, seconds, covered)
    return status(exploration, covered)


def gone_through(exploration: Exploration, limits: Limits) -> float:
    """Explore until a limit or an interrupt; the seconds that it took."""
    started = time.perf_counter()
    try:
        exploration.run(limits)
    except KeyboardInterrupt:
        exploration.search.ended = "interrupted"
    return time.perf_counter() - started


def was_interrupted(exploration: Exploration) -> bool:
    """Whether the exploration was interrupted."""
    return exploration.search.ended == "interrupted"


def status(exploration: Exploration, covered: Covered | None) -> int:
    """The exit status."""
    if was_interrupted(exploration):
        return INTERRUPTED
    if exploration.broken:
        return 1
    return status_of(covered.judged) if covered and covered.judged else 0


def begun(options: ExploreOptions) -> Exploration:
    """The exploration before its first step. UsageError where the options do not allow one."""
    if options.covers and find_spec("networkx") is None:
        raise UsageError("covering histories need networkx: pip install 'refmodel[explore]'")
    try:
        operations = operations_for(options.students)
    except ValueError as error:
        raise UsageError(f"--students: {error}") from None
    if options.corpus is not None:
        check_corpus(options.corpus)
    return Exploration(operations, deviating(options.deviations), keeps_edges=options.covers)


def check_corpus(folder: Path) -> None:
    """UsageError where the histories cannot be written to a folder, or it is not empty."""
    if os.path.exists(folder) and (not os.path.isdir(folder) or any(folder.iterdir())):
        raise UsageError(f"--corpus {folder}: this exists and is not an empty folder: name another one")
    check_copy(folder / "1.jsonl", force=False)


# The histories that cover it.


def covers(options: ExploreOptions, exploration: Exploration) -> Covered:
    """The covering histories, written and played as the options say."""
    walks = covering(edges_of(exploration.search))
    covered = Covered(tuple(history_of(exploration, walk) for walk in walks))
    if options.corpus is not None:
        for number, trace in enumerate(traces_of(exploration, covered.histories), start=1):
            write_copy(trace, options.corpus / f"{number:0{len(str(len(walks)))}}.jsonl", force=False)
        covered = evolve(covered, folder=options.corpus)
    return played(covered, exploration, options.target) if options.target else covered


def history_of(exploration: Exploration, walk: Walk) -> History:
    """A walk as a history of students with names."""
    return exploration.history([(edge.operation, edge.renaming) for edge in walk])


def traces_of(exploration: Exploration, histories: Sequence[History]) -> Iterator[Trace]:
    """The histories as the rules explored by answer them."""
    for number, history in enumerate(histories, start=1):
        title = f"Covering history {number} of {len(histories)}"
        yield trace_of(title, (), own_answers(history.requests(), OracleState(ruleset=exploration.ruleset)))


def played(covered: Covered, exploration: Exploration, target: Target) -> Covered:
    """The histories played against an importer, until some of them differ."""
    importer = introduced(target)
    known = OracleState(ruleset=exploration.ruleset, columns=importer.columns)
    judged: list[Judged] = []
    for trace in traces_of(exploration, covered.histories):
        result = play_trace(Path(trace.title), trace, importer, known, run=run_case)
        judged.append(evolve(result, title=""))  # which is its path
        if sum(each.outcome in FAILED for each in judged) == MOST_DIFFERING:
            break
    return evolve(covered, judged=tuple(judged))


# Output.


def depth_of(exploration: Exploration) -> int:
    """Up to how many steps every history was explored."""
    levels = exploration.search.levels
    whole = sum(level.expanded == level.states for level in levels)
    return whole - 1 if exploration.search.ended == "complete" else whole


def show(options: ExploreOptions, exploration: Exploration, seconds: float, covered: Covered | None) -> None:
    """Print everything."""
    search = exploration.search
    operations = len(exploration.operations.operations)
    line(f"{operations} steps about {counted(options.students, 'student')} can be taken in every state", "bold")
    table(
        ("after steps", "new states", "with names", "transitions", "changing", "seconds"),
        [
            (level.depth, level.states, level.standing_for, level.transitions, level.changing, f"{level.seconds:.1f}")
            for level in search.levels
        ],
    )
    heading("The invariants")
    table(("invariant", "on", "times", ""), [invariant_row(exploration, number) for number in sorted(HOW)])
    line()
    line(ENDS[search.ended or "interrupted"].format(steps=counted(depth_of(exploration), "step")), "bold")
    line(summary(exploration, seconds))
    for _, broken in sorted(exploration.broken.items()):
        show_broken(broken)
    if covered:
        show_covered(covered)


def summary(exploration: Exploration, seconds: float) -> str:
    """States, transitions, seconds and memory in a line."""
    levels = exploration.search.levels
    states, moves = sum(level.states for level in levels), sum(level.transitions for level in levels)
    expanded = sum(level.expanded for level in levels)
    named = sum(level.standing_for for level in levels)
    return (
        f"{states:,} states ({named:,} of students with names), {moves:,} transitions in {seconds:.1f} s "
        f"({expanded / seconds:,.0f} states and {moves / seconds:,.0f} transitions a second), {memory() / 1e6:,.0f} MB"
    )


def invariant_row(exploration: Exploration, number: int) -> tuple[object, ...]:
    """An invariant: how often it was checked, and whether it holds."""
    times = exploration.watch.times[number]
    result = "broken" if number in exploration.broken else "holds" if times else "not reached"
    return number, HOW[number], times, result


def show_broken(broken: Broken) -> None:
    """A broken invariant with the shortest history that shows it."""
    heading(f"Invariant {broken.breach.law} is broken ({broken.breach.rule}): {broken.breach.text}")
    for number, step in enumerate(broken.history.steps, start=1):
        block(f"{number}. {describe_request(step.request())}", indent=2)


def show_covered(covered: Covered) -> None:
    """Print the covering histories and their results."""
    line(f"{len(covered.histories):,} histories of {covered.steps:,} steps cover every transition: the fewest possible")
    if covered.folder:
        line(f"They are in {covered.folder}, a trace each")
    if covered.judged:
        counts = ", ".join(f"{count:,} {name}" for name, count in covered.outcomes.items())
        line(f"Played against the importer: {len(covered.judged):,} of {len(covered.histories):,}: {counts}", "bold")
        show_judged([each for each in covered.judged if each.outcome in FAILED], json_wanted=False)


def as_data(
    options: ExploreOptions, exploration: Exploration, seconds: float, covered: Covered | None
) -> dict[str, object]:
    """Everything for programs."""
    levels = exploration.search.levels
    return {
        "students": options.students,
        "letters": len(exploration.operations.operations),
        "ended": exploration.search.ended,
        "depth": depth_of(exploration),
        "states": sum(level.states for level in levels),
        "with_names": sum(level.standing_for for level in levels),
        "transitions": sum(level.transitions for level in levels),
        "seconds": round(seconds, 3),
        "memory": memory(),
        "levels": [level_as_data(level) for level in levels],
        "laws": [invariant_as_data(exploration, number) for number in sorted(HOW)],
        "covering": covered and covering_as_data(covered),
    }


def level_as_data(level: Level) -> dict[str, object]:
    """One depth, for programs."""
    return {
        "depth": level.depth,
        "states": level.states,
        "with_names": level.standing_for,
        "expanded": level.expanded,
        "transitions": level.transitions,
        "changing": level.changing,
        "seconds": round(level.seconds, 3),
    }


def invariant_as_data(exploration: Exploration, number: int) -> dict[str, object]:
    """An invariant, for programs; a broken one with the requests of the shortest history."""
    _, on, times, result = invariant_row(exploration, number)
    found: dict[str, object] = {"law": number, "on": on, "times": times, "result": result}
    if broken := exploration.broken.get(number):
        found |= {"rule": broken.breach.rule, "text": broken.breach.text, "requests": [*broken.history.requests()]}
    return found


def covering_as_data(covered: Covered) -> dict[str, object]:
    """What covers it, for programs."""
    return {
        "histories": len(covered.histories),
        "steps": covered.steps,
        "folder": covered.folder and str(covered.folder),
        "played": dict(covered.outcomes),
    }
