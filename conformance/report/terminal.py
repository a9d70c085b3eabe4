"""The summary at the end of a run, for a person at a terminal."""

import io
from collections.abc import Sequence

import pytest
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from conformance.attribution.diagnosis import Diagnosis
from conformance.attribution.trials import MISTAKES
from conformance.verdict.verdict import Counterexample, Raced, RuleStatus, Verdict
from refmodel.catalogue import CATALOGUE
from refmodel.wording import counted, in_words

MEANING = {
    "conformant": ("green", "every rule that the run reached is held"),
    "differs": ("yellow", "no stated rule is broken, but an inferred or chosen one is read otherwise"),
    "violates": ("red", "a rule that the articles state is broken"),
    "incomplete": ("yellow", "not everything was run, or some cases were flaky, so there is no verdict"),
    "nothing_verified": ("yellow", "no rule could be shown to hold"),
    "fault": ("red", "the importer did not answer as the protocol demands, so its behaviour is not known"),
}
FLAKY_SHOWN = 3  # cases that are named
SHOWN = 3  # rules or mutants that are named
NOT_EXPLAINED = "No known mistake explains these cases, so no rule is called broken for them."
NOT_DIAGNOSED = "The run was stopped before it was found out what explains these cases."
ORDER: tuple[RuleStatus, ...] = ("broken", "in_doubt", "held", "not_applicable", "not_reached")
STYLES = {"broken": "red", "in_doubt": "magenta", "held": "green", "not_applicable": "cyan", "not_reached": "yellow"}


def print_summary(verdict: Verdict, folder: str | None, terminal: "pytest.TerminalReporter") -> None:
    """Print the verdict where pytest prints its own summary."""
    terminal.section("conformance", sep="=")
    stream = io.StringIO()
    writer = terminal.config.get_terminal_writer()
    width, coloured = max(60, writer.fullwidth), bool(writer.hasmarkup)
    console = Console(file=stream, width=width, force_terminal=coloured, no_color=not coloured, highlight=False)
    console.print(summary(verdict, folder))
    terminal.write_line(stream.getvalue().rstrip("\n"))


def summary(verdict: Verdict, folder: str | None) -> Group:
    """The verdict, the broken rules, the faults, and the count of the rest."""
    parts: list[RenderableType] = [rules_table(verdict)]
    parts += [broken(verdict)] if verdict.counterexamples else []
    parts += [flaky(verdict)] if verdict.flaky else []
    parts += [Text(f"Fault: {fault}", style="red") for fault in verdict.faults[:3]]
    if len(verdict.faults) > 3:
        parts.append(Text(f"… and {counted(len(verdict.faults) - 3, 'more fault')}", style="red"))
    parts += [searched(verdict)] if verdict.searched else []
    parts += [raced(verdict.races)] if verdict.races else []
    colour, meaning = MEANING[verdict.word]
    parts.append(Text.assemble("Verdict: ", (in_words(verdict.word), f"bold {colour}"), f" ({meaning})"))
    if folder:
        parts.append(Text(f"Report: {folder}/report.json"))
    return Group(*parts)


def rules_table(verdict: Verdict) -> Table:
    """How many rules are held, broken, not applicable and not reached, and which."""
    table = Table.grid(padding=(0, 2))
    statuses = verdict.rules
    for status in ORDER:
        names = [name for name, its in statuses.items() if its == status]
        shown = Text("" if status == "held" else ", ".join(names), overflow="fold")
        table.add_row(Text(in_words(status), style=STYLES[status]), Text(str(len(names)), justify="right"), shown)
    edges = sum(case.is_edge_case for case in verdict.cases)
    cases = f"rules, in {len(verdict.cases)} cases, {edges} of them edge cases of the file format"
    table.add_row("of", Text(str(len(statuses)), justify="right"), Text(cases))
    return table


def flaky(verdict: Verdict) -> Text:
    """The flaky cases, and where to look for the reason."""
    ids = [case.id for case in verdict.flaky]
    names = ", ".join(ids[:FLAKY_SHOWN]) + (f" and {len(ids) - FLAKY_SHOWN} more" if len(ids) > FLAKY_SHOWN else "")
    return Text(
        f"Flaky: {counted(len(ids), 'case')} differed once, and not again in a fresh importer "
        f"({names}). No rule is accused by that. Look for time-outs, locks, and what outlives a reset: "
        "python -m conformance lint TARGET",
        style="yellow",
    )


def searched(verdict: Verdict) -> Text:
    """How much was searched."""
    search = verdict.search
    return Text(
        f"Searched: {search['histories']} histories with {search['files']} files in {search['seconds']:.0f} s, "
        f"in which {search['pairs_of_rules']} pairs of rules were seen to meet. {extent(verdict)}"
        + (". The time was up before all histories of the budget were made" if search["cut_short"] else "")
    )


def extent(verdict: Verdict) -> str:
    """How large, and of which kinds, the files were that were sent, and what was not tried."""
    search = verdict.search
    kinds = search["kinds"]
    about = f"; {sum(kinds.values())} histories were about {', '.join(kinds)}" if kinds else ""
    most, larger = search["most_rows"], verdict.most_lines_of_cases
    thorough = "; --budget thorough sends larger ones" if most < larger else ""
    return (
        f"Its files had up to {most:,} rows, and cells of up to {search['longest_cell']:,} characters"
        f"{about}. No file above {max(most, larger):,} lines was tried, the edge cases included{thorough}"
    )


def raced(races: Raced) -> Text:
    """How many races there were."""
    return Text(
        f"Raced: {races['races']} races with {races['requests']} requests in {races['seconds']:.0f} s, "
        f"in {races['overlapping']} of which two were under way at the same time"
    )


def broken(verdict: Verdict) -> Group:
    """Each cause of what differs: the rules, what explains it, and the case that shows it most clearly."""
    lines: list[RenderableType] = [Text()]
    for example in verdict.counterexamples:
        shown = f"{explained(example, verdict.diagnosis)}\nShown by {counted(example.cases, 'case')}, "
        shown += f"most clearly by {example.case.id}"
        lines += [head(example), Padding(Text(shown), (0, 0, 1, 2))]
    fit = verdict.diagnosis.fit
    return Group(*lines, *([Text(f"{fit}\n")] if fit else []))


def head(example: Counterexample) -> Text:
    """The broken rule, or those that are in doubt."""
    if not example.is_certain:
        return Text.assemble(("in doubt: ", "magenta"), (some(example.cause.rules), "bold"))
    entry = CATALOGUE[example.rule]
    certainty = "sure" if example.cause.is_sure else "likely"
    rest = f" ({entry.basis}, {entry.source}), {certainty}"
    return Text.assemble((f"{example.severity}: ", "red"), (entry.name, "bold"), rest)


def explained(example: Counterexample, diagnosis: Diagnosis) -> str:
    """What is known of a cause."""
    described = {match.name: diagnosis.describe(match) for match in diagnosis.matches}
    names = example.cause.mutants[:SHOWN]
    like = [f"Behaves like {name}: {described.get(name, MISTAKES[name].statement)}" for name in names]
    if example.is_certain:
        return "\n".join((CATALOGUE[example.rule].statement, *like))
    if like:
        return "\n".join(("Which of these rules is broken is not certain.", *like))
    why = NOT_EXPLAINED if diagnosis.failing else NOT_DIAGNOSED
    return f"They have this in common: {example.cause.symptom}\n{why}" if example.cause.symptom else why


def some(names: Sequence[str]) -> str:
    """A few names, and how many more there are."""
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")
