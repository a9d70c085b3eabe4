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
    """All commands; an error in any of them is a short message and an exit status."""

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
    help="Judge recordings, check an adapter, serve the model to clients, find out which readings an importer "
    "follows. To judge a whole importer: pytest --pyargs conformance --importer TARGET",
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
Keys of --json, of each trace: trace, title, result (pass, differs, flaky, not
applicable, fault), text, differences; of each difference: rule, basis, source,
statement, exact (whether leaving that rule out gives exactly the response),
behaves_like, text"""


@contextmanager
def connected(name: str, timeout: float) -> Iterator[Target]:
    """Connect to the importer at a target while a command needs it."""
    if not timeout > 0:
        raise UsageError("--timeout is a number of seconds above 0")
    with connect(name, timeout=timeout) as target:
        yield target


def rules_to_go_by(strictness: Strict, readings: list[str]) -> OracleState:
    """The rules and the strictness to judge by. UsageError where a reading does not exist."""
    try:
        return OracleState(strictness=strictness.value, ruleset=reading_rules(readings))
    except ValueError as error:
        raise UsageError(f"--reading: {error}") from None


@app.command(
    epilog=f"{KEYS_OF_TRACES}\n\n\b\nExit status: 0 all pass; 1 one differs; 2 usage error, bad trace.\n\n{ALWAYS}"
)
def judge(
    traces: Traces,
    strictness: Strictness = Strict.EXACT,
    reading: Readings = [],  # noqa: B006
    json_wanted: AsJson = False,
) -> None:
    """Judge recordings without an importer.

    For each recording: whether it passes or what differs, the rule that accounts for the difference and its source, and
    the known deviation that the importer behaves like.
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
        Path | None, typer.Option(metavar="FILE", help="Write the new conversation to this trace.")
    ] = None,
    force: Force = False,
    timeout: Timeout = 30.0,
    json_wanted: AsJson = False,
) -> None:
    """Send the requests of traces to an importer and judge its responses; or play a whole corpus.

    Each trace begins with its own world; the recorded responses are ignored. Of a corpus, which is one folder, the
    checksums are verified first, and the results are shown rule by rule.
    """
    from conformance.cli.replay import play_corpus

    known = rules_to_go_by(strictness, reading)
    corpora = [path for path in traces if is_corpus(path)]
    if corpora and (len(traces) > 1 or write):
        raise UsageError(f"{corpora[0]} is a corpus: play it alone, without --write")
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
        typer.Option(
            metavar="HOST:PORT", help="Listen there instead; a PORT alone can be reached from this machine only."
        ),
    ] = None,
    deviation: Annotated[
        list[str], typer.Option(metavar="NAME", help="Deviate from the rules like this; may be repeated.")
    ] = [],  # noqa: B006
) -> None:
    """Serve the reference model as an importer, to try a client or a suite.

    It reads one JSON object per line from standard input and writes one per line to standard output; with --http it
    answers POST requests.
    """
    from conformance.cli import serve as serving

    serving.serve(http, deviation)


@app.command(
    epilog="\b\nKeys of --json: target, name, supports, asked (how many requests), findings;\n"
    "of each finding: check, text, advice\n\n\b\n"
    "Exit status: 0 no findings; 1 findings; 2 usage error; 7 the importer does not answer\nhello.\n\n" + ALWAYS
)
def lint(
    target: TargetName,
    timeout: Timeout = 30.0,
    slow: Annotated[float, typer.Option(metavar="SECONDS", help="Report responses that take longer.")] = 1.0,
    json_wanted: AsJson = False,
) -> None:
    """Check an adapter, before the importer behind it is judged.

    It sends a fixed set of requests and checks the shape of the responses, reset isolation, what can be observed,
    unusual characters, a large file, and malformed requests. The importer is reset.
    """
    from conformance.cli import lint as linting

    with connected(target, timeout) as at:
        status = linting.lint_target(at, slow, json_wanted)
    raise typer.Exit(status)


@app.command(
    epilog="\b\nKeys of --json, a list: reading, rule, basis, statement, result (follows,\n"
    "standard, neither, not_applicable, unknown, fault), why, trace (null or where it was written)\n\n\b\n"
    "Exit status: 0 the table is printed; 2 usage error; 7 the importer does not answer hello.\n\n" + ALWAYS
)
def discover(
    target: TargetName,
    report: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write the conversations there, one trace per reading.")
    ] = None,
    timeout: Timeout = 30.0,
    json_wanted: AsJson = False,
) -> None:
    """Find out by experiment which readings an importer follows, and show the evidence.

    For each reading the importer is sent a short conversation that the rules, the reading, and every other reading
    answer differently.
    """
    from conformance.cli import discover as discovering

    with connected(target, timeout) as at:
        discovering.discover(at, report, json_wanted)


@app.command(
    epilog="\b\nKeys of --json, a list: deviation, reading (true or false), rule, basis, source, statement\n\n\b\n"
    f"Exit status: 0 they are listed; 2 usage error.\n\n{ALWAYS}"
)
def deviations(
    rule: Annotated[
        list[str], typer.Option(metavar="NAME", help="Only deviations from this rule; may be repeated.")
    ] = [],  # noqa: B006
    json_wanted: AsJson = False,
) -> None:
    """List the known deviations from the rules.

    `serve --deviation` and a file of known deviations take their names; --reading takes the names of readings.
    """
    from conformance.cli import mutants as deviating

    deviating.list_deviations(rule, json_wanted)


@app.command(
    epilog="\b\nKeys of --json: students, letters (operations that are possible in every state), ended (depth,\n"
    "complete, time, memory, interrupted), depth (up to which every history was explored),\n"
    "states, with_names (of students with names), transitions,\n"
    "seconds, memory (bytes), levels, laws (a broken one with the requests that show it),\n"
    "covering (null, or histories, steps, folder, played)\n\n\b\n"
    "Exit status: 0 every invariant holds; 1 one is broken, or the importer differs; 2 usage error;\n"
    "6 none of the histories was applicable; 7 the importer does not answer as the protocol\nwants.\n\n" + ALWAYS
)
def explore(
    depth: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Histories of up to N steps. [default: 3]")
    ] = None,
    students: Annotated[int, typer.Option(metavar="N", help="Number of students, 1 to 4.")] = 2,
    seconds: Annotated[float | None, typer.Option(min=0, metavar="S", help="Stop after this many seconds.")] = None,
    memory: Annotated[
        int, typer.Option(min=1, metavar="MB", help="Stop when the process uses this much memory.")
    ] = 4000,
    deviation: Annotated[
        list[str], typer.Option(metavar="NAME", help="Explore the rules with this deviation; may be repeated.")
    ] = [],  # noqa: B006
    corpus: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write the fewest histories that cover every transition.")
    ] = None,
    importer: Annotated[str | None, typer.Option(metavar="TARGET", help="Send these histories to an importer.")] = None,
    timeout: Timeout = 30.0,
    life: Annotated[
        bool, typer.Option("--life", help="Only print the page with the life of an account as a diagram.")
    ] = False,
    json_wanted: AsJson = False,
) -> None:
    """Explore the model: every history up to a depth over a small set of operations, with the invariants checked.

    States that differ only by the names of students are counted once. With --seconds and without --depth the
    exploration goes as deep as the time allows.
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
    "early, or too short to show anything; 7 the importer does not answer as the protocol wants.\n\n" + ALWAYS
)
def campaign(
    target: TargetName,
    hours: Annotated[
        float, typer.Option(metavar="HOURS", help="Duration; hours, minutes and seconds are added up.")
    ] = 0.0,
    minutes: Annotated[float, typer.Option(metavar="MINUTES", help="Duration.")] = 0.0,
    seconds: Annotated[float, typer.Option(metavar="SECONDS", help="Duration.")] = 0.0,
    workers: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Processes on this machine. [default: one per core]")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Use the workers of this Dask scheduler (tcp://…).")
    ] = None,
    seed: Annotated[int, typer.Option(help="The seed of the histories.")] = 0,
    report: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Write the report and the counterexamples there.")
    ] = Path("campaign-report"),
    state: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where its state is kept. [default: in the report's folder]"),
    ] = None,
    database: Annotated[
        str,
        typer.Option(
            metavar="WHERE", help="The saved findings, which are replayed first: a folder, or redis://HOST:PORT."
        ),
    ] = DATABASE,
    stop_after: Annotated[int | None, typer.Option(metavar="N", min=1, help="Stop after this many bugs.")] = None,
    strictness: Strictness = Strict.EXACT,
    reading: Readings = [],  # noqa: B006
    timeout: Timeout = 30.0,
) -> None:
    """Search for hours, on all cores or on many machines, for histories that an importer answers wrongly.

    Every worker has an importer of its own: {worker} in TARGET is replaced by the number of the worker, so that each
    can have its own address or database. Each bug is shrunk once and then masked while the search goes on. To
    resume a campaign that was stopped or killed, give the same command again.
    """
    from conformance.cli import campaign as campaigning
    from conformance.search.campaign.tasks import Terms

    rules_to_go_by(strictness, reading)
    shared = None if scheduler and "://" not in database else database
    terms = Terms(target, timeout, strictness.value, tuple(reading), shared)
    length = hours * 3600 + minutes * 60 + seconds
    options = campaigning.CampaignOptions(terms, seed, length, report, state, database, workers, scheduler, stop_after)
    raise typer.Exit(campaigning.run_campaign(options))
