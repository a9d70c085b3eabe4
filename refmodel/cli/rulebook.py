"""`refmodel rules` and `refmodel explain`: the rules as a list, and one by one with what to do."""

import re
import shlex
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

import attrs
import typer

from refmodel.actions import Action
from refmodel.catalogue import CATALOGUE, Entry
from refmodel.cli.terminal import as_json, heading, is_terminal, line, table
from refmodel.cli.usage import UsageError
from refmodel.dispatch import ACTIONS
from refmodel.explain.errors import Explanation, entry_as_data, explain
from refmodel.explain.examples import EXAMPLES, Example, Happening, Outcome, Sent, play
from refmodel.rules.cell import enumerations_match_exactly
from refmodel.ruleset import Ruleset
from refmodel.serialization import world_as_data
from refmodel.value_lists import LEVELS, YEARS

HEADERS = ("rule", "statement", "source", "basis", "phase")
BASES = {
    "stated": "an article says so",
    "inferred": "the only reading under which the articles agree",
    "chosen": "the articles are silent: a decision",
}
IN_FULL = 2  # rules of which an explanation shows the examples too

# rules


def list_rules(json_wanted: bool, markdown: bool) -> None:
    """All rules, phase by phase."""
    if json_wanted:
        as_json([entry_as_data(entry) for entry in CATALOGUE.values()])
    elif markdown:
        typer.echo("\n".join(as_markdown()))
    elif is_terminal():
        show_phases()
    else:
        table(HEADERS, [cells_of(entry) for entry in CATALOGUE.values()])


def show_phases() -> None:
    """The rules for the eye: phase by phase, each with its statement and where it comes from."""
    for phase, entries in groupby(CATALOGUE.values(), key=attrgetter("phase")):
        heading(f"— {phase} —")
        for entry in entries:
            line(entry.name, "bold")
            line(entry.statement, indent=2)
            line(f"{entry.source} · {entry.basis_in_full}", "dim", indent=2)


def cells_of(entry: Entry) -> tuple[str, ...]:
    """A line about a rule."""
    return entry.name, entry.statement, entry.source, entry.basis_in_full, entry.phase


def as_markdown() -> Iterator[str]:
    """The table of the rules in Markdown."""
    yield f"| {' | '.join(HEADERS)} |"
    yield "|" + "---|" * len(HEADERS)
    for name, *cells in map(cells_of, CATALOGUE.values()):
        yield f"| `{name}` | {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


# explain


def explain_text(text: str, json_wanted: bool) -> None:
    """Explain a rule, a field or an error; UsageError where it is none of them."""
    explanation = explain(text)
    if not explanation.rules:
        known = explanation.taken_for or "paste an error, or name a rule (refmodel rules lists them) or a column"
        raise UsageError(f"“{text}” is not a known rule, column or error; {known}")
    if json_wanted:
        as_json(explanation_as_data(explanation))
    else:
        show_explanation(explanation)


def show_explanation(explanation: Explanation) -> None:
    """Each rule that may be meant, with an example where they are few."""
    many = len(explanation.rules) > IN_FULL
    if explanation.taken_for != "a rule":
        remark = explanation.remark and f"{explanation.remark} "
        line(f"This is {explanation.taken_for}. {remark}{causes(len(explanation.rules))}")
        line()
    for place, entry in enumerate(explanation.rules):
        if place:
            line()
        show_rule(entry)
        if not many:
            show_example(EXAMPLES[entry.name], entry)
    if many:
        line()
        line("With an example: refmodel explain RULE")


def causes(count: int) -> str:
    """How many rules there are to look at."""
    return "The rule behind it:" if count == 1 else f"{count} rules have to do with it:"


def show_rule(entry: Entry) -> None:
    """What a rule says, who says so, and what to do."""
    line(entry.name, "bold")
    line(f"{entry.statement} {entry.details}".rstrip(), indent=2)
    line(f"Source: {entry.source}. Basis: {entry.basis_in_full} ({BASES[entry.basis]}).", indent=2)
    line(f"What to do: {entry.remedy}", indent=2)
    if entry.rule is enumerations_match_exactly:
        show_lists()


def show_lists() -> None:
    """The value lists, which are what one looks for behind this rule."""
    for header, lists in (("primary_education:education_level_name", LEVELS), ("school_year_name", YEARS)):
        for vocabulary, words in lists.items():
            line(f"{header} ({vocabulary}): {'; '.join(words)}", indent=2)


def show_example(example: Example, entry: Entry) -> None:
    """An example of a rule, played now, and how it would end without the rule."""
    line()
    line("Example", "bold", indent=2)
    for happening in example.before:
        show_happening(happening, "First")
    show_happening(example.last, "Then" if example.before else "When")
    show_outcome(play(example), "it comes to this")
    show_outcome(play(example, Ruleset().without(entry.rule)), "without the rule it would be")


def show_happening(happening: Happening, when: str) -> None:
    """One thing that happens in an example, in the words of the command line."""
    line(f"{when}: {in_words(happening)}", indent=2)
    if isinstance(happening, Sent):
        for text in happening.data.decode().splitlines():
            line(short(text), indent=6)


def show_outcome(outcome: Outcome, what: str) -> None:
    """How an example ends."""
    line(f"→ {what}:", indent=2)
    for text in outcome.answers + (outcome.differences or ("no student is changed",)):
        line(short(text), indent=6)


def in_words(happening: Happening) -> str:
    """What happens, as one would type it."""
    if not isinstance(happening, Sent):
        return action_in_words(happening)
    job = happening.job
    settings = (
        "--manual" if job.mode == "manual" else "",
        "--change-sensitive-fields" if job.change_sensitive_fields else "",
        f"--date-format {job.date_format}" if job.date_format != "yyyy-mm-dd" else "",
        "--failed failed.csv" if happening.failed_rows else "",
    )
    command = f"refmodel {'preview' if happening.preview else 'import'} file.csv --institution {job.institution}"
    return " ".join((command, *filter(None, settings)))


def action_in_words(action: Action) -> str:
    """An action, as one would type it."""
    values = {name: value for name, value in attrs.asdict(action).items() if value is not None}
    words = [word for name, value in values.items() for word in option_in_words(name, value)]
    return f"refmodel do {ACTIONS[type(action)].__name__.replace('_', '-')} {' '.join(words)}"


def option_in_words(name: str, value: object) -> Iterator[str]:
    """A field of an action, as one would type it."""
    dashed = name.replace("_", "-")
    if isinstance(value, bool):
        yield f"--{dashed}" if value else f"--not-{dashed}"
    elif isinstance(value, dict):
        yield from (f"--change {shlex.quote(f'{header}={text}')}" for header, text in value.items())
    else:
        yield f"--{dashed} {shlex.quote(str(value))}"


def short(text: str) -> str:
    """A text without the middle of what repeats itself for long."""
    return re.sub(r"(.)\1{40,}", lambda match: f"{match[1] * 3}… ({len(match[0])} times {match[1]})", text)


# For programs.


def explanation_as_data(explanation: Explanation) -> dict[str, object]:
    """An explanation, for programs: every rule with its example."""
    return {
        "text": explanation.text,
        "taken_for": explanation.taken_for,
        "remark": explanation.remark,
        "rules": [entry_as_data(e) | {"example": example_as_data(e)} for e in explanation.rules],
    }


def example_as_data(entry: Entry) -> dict[str, object]:
    """An example of a rule, played now, for programs."""
    example = EXAMPLES[entry.name]
    return {
        **world_as_data(example.world),
        "before": [happening_as_data(happening) for happening in example.before],
        "then": happening_as_data(example.last),
        "outcome": outcome_as_data(play(example)),
        "without_the_rule": outcome_as_data(play(example, Ruleset().without(entry.rule))),
    }


def happening_as_data(happening: Happening) -> dict[str, object]:
    """One thing that happens in an example, for programs."""
    file = happening.data.decode() if isinstance(happening, Sent) else None
    return {"command": in_words(happening), "file": file}


def outcome_as_data(outcome: Outcome) -> dict[str, object]:
    """How an example ends, for programs."""
    return {"answers": list(outcome.answers), "changes": list(outcome.differences)}
