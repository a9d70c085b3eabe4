"""The commands of `python -m conformance`, their options and their help.

What a command alone needs is imported by it, so that the others begin sooner.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from attrs import evolve

from conformance.cases.corpus.verifying import BadCorpus, is_corpus
from conformance.cli import corpus as generating
from conformance.cli import judge as judging
from conformance.cli.output import complain
from conformance.oracle.state import OracleState
from conformance.search.campaign import DATABASE
from conformance.session.replay import BadTrace
from conformance.transport.base import Target
from conformance.transport.faults import BadTarget, Fault
from conformance.transport.targets import connect
from conformance.verdict.known_deviations import BadEntry, reading_rules
from refmodel.cli.group import ALWAYS, SETTINGS, Group, Version
from refmodel.cli.terminal import visible
from refmodel.cli.usage import UsageError

WRONG_USE = 2
FAULT = 7


class Commands(Group):
    """All commands; what goes wrong in any of them is said in a few words, and is an exit status."""

    program = "conformance"

    def invoke(self, ctx: Any) -> None:
        """Do a command."""
        try:
            super().invoke(ctx)
        except (UsageError, BadTrace, BadEntry, BadCorpus) as error:
            complain(visible(str(error)))
            raise typer.Exit(WRONG_USE) from None
        except BadTarget as error:
            complain(str(error))
            raise typer.Exit(WRONG_USE) from None
        except Fault as fault:
            complain(f"the importer does not answer as the protocol wants\n{fault}")
            raise typer.Exit(FAULT) from None


app = typer.Typer(
    cls=Commands,
    **SETTINGS,
    help="Judge recordings, try an adapter, offer the model to clients, find out which readings an importer "
    "follows. An importer as a whole is judged by: pytest --pyargs conformance --importer TARGET",
    epilog=ALWAYS,
)


@app.callback()
def options(version: Version = False) -> None:
    """The options of no command."""


class Strict(StrEnum):
    """How strictly failed rows are compared."""

    OUTCOME = "outcome"
    FIELDS = "fields"
    EXACT = "exact"


Traces = Annotated[list[Path], typer.Argument(metavar="TRACE...", help="Traces, or folders of them (*.jsonl).")]
TargetName = Annotated[
    str, typer.Argument(metavar="TARGET", help="python:module:factory, cmd:COMMAND, or http://host:port/path.")
]
Strictness = Annotated[
    Strict,
    typer.Option(help="Of failed rows compare that they failed; and which fields; and the texts the articles quote."),
]
Readings = Annotated[
    list[str], typer.Option("--reading", metavar="NAME", help="Judge by this other reading; may be repeated.")
]
Timeout = Annotated[float, typer.Option(metavar="SECONDS", help="How long an answer may take.")]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs, with the keys listed below.")]

KEYS_OF_TRACES = """\b
Keys of --json, of each trace: trace, title, result (allowed, differs, not
applicable, fault), text, differences; of each difference: rule, basis, source,
statement, exact (whether leaving that rule out gives exactly what came),
behaves_like, text"""


@contextmanager
def connected(name: str, timeout: float) -> Iterator[Target]:
    """The importer at a target, for as long as a command needs it."""
    if not timeout > 0:
        raise UsageError("--timeout is a number of seconds above 0")
    with connect(name, timeout=timeout) as target:
        yield target


def rules_to_go_by(strictness: Strict, readings: list[str]) -> OracleState:
    """What to judge by; UsageError where there is no such reading."""
    try:
        return OracleState(strictness=strictness.value, ruleset=reading_rules(readings))
    except ValueError as error:
        raise UsageError(f"--reading: {error}") from None


@app.command(
    epilog=f"{KEYS_OF_TRACES}\n\n\b\nExit status: 0 all pass; 1 one differs; 2 usage error, or no trace.\n\n{ALWAYS}"
)
def judge(
    traces: Traces,
    strictness: Strictness = Strict.EXACT,
    reading: Readings = [],  # noqa: B006
    json_wanted: AsJson = False,
) -> None:
    """Judge recordings as they stand, with nobody to talk to.

    For each: that it is allowed, or what differs, the rule that accounts for it, where the rule comes from, and the
    known deviation that the importer behaves like.
    """
    raise typer.Exit(judging.judge_traces(traces, rules_to_go_by(strictness, reading), json_wanted))


@app.command(
    epilog=f"{KEYS_OF_TRACES}\n\n\b\nExit status: 0 nothing differs; 1 something does; 2 usage error, invalid\n"
    "trace or damaged corpus; 6 nothing was applicable; 7 the importer does not answer as the protocol wants.\n\n"
    + ALWAYS
)
def play(
    traces: Traces,
    target: TargetName,
    strictness: Strictness = Strict.EXACT,
    reading: Readings = [],  # noqa: B006
    write: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the new conversation there, as a trace.")
    ] = None,
    force: Force = False,
    timeout: Timeout = 30.0,
    json_wanted: AsJson = False,
) -> None:
    """Send the requests of traces to an importer, and judge its answers; or play a whole corpus.

    The importer begins each trace in the world that the trace begins with; the recorded answers do not count. Of a
    corpus, which is one folder, the checksums are verified first, and in the end the results are shown rule by rule.
    """
    from conformance.cli.replay import play_corpus

    known = rules_to_go_by(strictness, reading)
    corpora = [path for path in traces if is_corpus(path)]
    if corpora and (len(traces) > 1 or write):
        raise UsageError(f"{corpora[0]} is a corpus, and is played alone, without --write")
    if write:
        judging.check_copy(write, force)
    with connected(target, timeout) as at:
        if corpora:
            status = play_corpus(corpora[0], at, known, json_wanted)
        else:
            status = judging.play_traces(traces, at, known, judging.Copy(write, force), json_wanted)
    raise typer.Exit(status)


@app.command(help=generating.HELP, epilog=generating.EPILOG)
def corpus(out: generating.Out, cases: generating.Cases = generating.CASES, seed: generating.Seed = 0) -> None:
    """Write edge cases as files."""
    generating.make_corpus(out, cases, seed)


@app.command(
    epilog=f"\b\nExit status: 0 ended by bye, by the end of the input, or by Ctrl-C; 2 usage error.\n\n{ALWAYS}"
)
def serve(
    http: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Listen there instead; a port alone is one of this machine only."),
    ] = None,
    deviation: Annotated[
        list[str], typer.Option(metavar="NAME", help="Deviate so, to see whether it is noticed; may be repeated.")
    ] = [],  # noqa: B006
) -> None:
    """Offer the reference model as an importer, for trying a client or a suite.

    It reads a JSON object a line from standard input and answers with one a line on standard output; or, with
    --http, it answers what is POSTed.
    """
    from conformance.cli import serve as serving

    serving.serve(http, deviation)


@app.command(
    epilog="\b\nKeys of --json: target, name, supports, asked (how many requests), findings;\n"
    "of each finding: check, text, advice\n\n\b\n"
    "Exit status: 0 nothing was found; 1 something was; 2 usage error; 7 the importer\ndoes not even say hello.\n\n"
    + ALWAYS
)
def lint(
    target: TargetName,
    timeout: Timeout = 30.0,
    slow: Annotated[float, typer.Option(metavar="SECONDS", help="An answer that takes longer is named.")] = 1.0,
    json_wanted: AsJson = False,
) -> None:
    """Find out whether an adapter is right, before anybody judges the importer behind it.

    It sends a fixed set of requests and looks at the form of the answers, at what a reset leaves behind, at what can
    be observed, at odd characters, at a large file, and at requests that make no sense. The importer is reset.
    """
    from conformance.cli import lint as linting

    with connected(target, timeout) as at:
        status = linting.lint_target(at, slow, json_wanted)
    raise typer.Exit(status)


@app.command(
    epilog="\b\nKeys of --json, a list: reading, rule, basis, statement, result (follows,\n"
    "standard, neither, not applicable, unknown, fault), why, trace (null or where it was written)\n\n\b\n"
    "Exit status: 0 the table is made; 2 usage error; 7 the importer does not say hello.\n\n" + ALWAYS
)
def discover(
    target: TargetName,
    report: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write the conversations there, a trace a reading.")
    ] = None,
    timeout: Timeout = 30.0,
    json_wanted: AsJson = False,
) -> None:
    """Find out by experiment which readings an importer follows, and on what evidence.

    For each reading a short conversation is chosen that a right importer answers in one way, an importer that follows
    the reading in another, and one that follows any other reading in neither of these; then the importer is asked.
    """
    from conformance.cli import discover as discovering

    with connected(target, timeout) as at:
        discovering.discover(at, report, json_wanted)


@app.command(
    epilog="\b\nKeys of --json, a list: deviation, reading (true or false), rule, basis, source, statement\n\n\b\n"
    f"Exit status: 0 they are listed; 2 usage error.\n\n{ALWAYS}"
)
def deviations(
    rule: Annotated[list[str], typer.Option(metavar="NAME", help="Only those from this rule; may be repeated.")] = [],  # noqa: B006
    json_wanted: AsJson = False,
) -> None:
    """List the known ways to deviate from the rules.

    Their names are what `serve --deviation` and a file of known deviations take; those of readings are also what
    --reading takes.
    """
    from conformance.cli import mutants as deviating

    deviating.list_deviations(rule, json_wanted)


@app.command(
    epilog="\b\nKeys of --json: students, letters (steps that can be taken in every state), ended (depth,\n"
    "complete, time, memory, interrupted), depth (up to which every history was explored),\n"
    "states, with_names (before those that differ by names were counted once), transitions,\n"
    "seconds, memory (bytes), levels, laws (a broken one with the requests that show it),\n"
    "covering (null, or histories, steps, folder, played)\n\n\b\n"
    "Exit status: 0 every invariant holds; 1 one is broken, or the importer differs; 2 usage error;\n"
    "6 none of the histories was applicable; 7 the importer does not answer as the protocol\nwants.\n\n" + ALWAYS
)
def explore(
    depth: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Histories of up to N steps. [default: 3]")
    ] = None,
    students: Annotated[int, typer.Option(metavar="N", help="About so many students, 1 to 4.")] = 2,
    seconds: Annotated[float | None, typer.Option(min=0, metavar="S", help="Stop after so many seconds.")] = None,
    memory: Annotated[int, typer.Option(min=1, metavar="MB", help="Stop when the process holds so much.")] = 4000,
    deviation: Annotated[
        list[str], typer.Option(metavar="NAME", help="Explore the rules deviating so; may be repeated.")
    ] = [],  # noqa: B006
    corpus: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write the fewest histories that cover every transition.")
    ] = None,
    importer: Annotated[str | None, typer.Option(metavar="TARGET", help="Play these histories to an importer.")] = None,
    timeout: Timeout = 30.0,
    life: Annotated[
        bool, typer.Option("--life", help="Only print the page with an account's life as a picture.")
    ] = False,
    json_wanted: AsJson = False,
) -> None:
    """Explore the model: every history up to a depth over a small set of operations, with the invariants checked.

    States are told apart by what they hold, and students who differ only by name are counted once. Without --depth,
    --seconds means as deep as the time allows.
    """
    from conformance.cli import explore as exploring
    from conformance.search.exhaustive.breadth import Limits
    from conformance.search.exhaustive.life import page

    if life:
        typer.echo(page(), nl=False)
        return
    deepest = 3 if depth is None and seconds is None else depth
    limits = Limits(deepest, seconds, memory * 1_000_000)
    options = exploring.ExploreOptions(students, limits, tuple(deviation), corpus, None, json_wanted)
    if importer is None:
        raise typer.Exit(exploring.explore(options))
    with connected(importer, timeout) as at:
        status = exploring.explore(evolve(options, target=at))
    raise typer.Exit(status)


@app.command(
    epilog="\b\nExit status, as for a run: 0 nothing differs; 1 something does; 2 usage error; 6 stopped\n"
    "before its time, or too short to show anything; 7 the importer does not answer as the protocol wants.\n\n" + ALWAYS
)
def campaign(
    target: TargetName,
    hours: Annotated[float, typer.Option(metavar="HOURS", help="How long; the three are added up.")] = 0.0,
    minutes: Annotated[float, typer.Option(metavar="MINUTES", help="How long.")] = 0.0,
    seconds: Annotated[float, typer.Option(metavar="SECONDS", help="How long.")] = 0.0,
    workers: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Processes on this machine; as many as it has cores.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Have the workers of this Dask scheduler do it (tcp://…).")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed makes other histories.")] = 0,
    report: Annotated[
        Path, typer.Option(metavar="FOLDER", help="The report and the counterexamples are written there.")
    ] = Path("campaign-report"),
    state: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where it goes on if it is killed; below the report's if not said."),
    ] = None,
    database: Annotated[
        str, typer.Option(metavar="WHERE", help="What was found and is played first: a folder, or redis://HOST:PORT.")
    ] = DATABASE,
    stop_after: Annotated[int | None, typer.Option(metavar="N", min=1, help="Stop after so many bugs.")] = None,
    strictness: Strictness = Strict.EXACT,
    reading: Readings = [],  # noqa: B006
    timeout: Timeout = 30.0,
) -> None:
    """Search for hours, on all cores or on many machines, for histories that an importer answers otherwise.

    Every worker has an importer of its own: {worker} in TARGET stands for its number, so that an importer at an
    address, or one with a database, can be another for each. Each bug is shrunk once, and the search goes on around
    it. A campaign that was stopped or killed goes on where it was when the same command is given again.
    """
    from conformance.cli import campaign as campaigning
    from conformance.search.campaign.tasks import Terms

    rules_to_go_by(strictness, reading)
    shared = None if scheduler and "://" not in database else database
    terms = Terms(target, timeout, strictness.value, tuple(reading), shared)
    length = hours * 3600 + minutes * 60 + seconds
    options = campaigning.CampaignOptions(terms, seed, length, report, state, database, workers, scheduler, stop_after)
    raise typer.Exit(campaigning.run_campaign(options))
