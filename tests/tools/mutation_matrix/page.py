"""The matrix to look at: as Markdown, and as one HTML page that needs nothing else."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from conformance.report.html_report import policy
from refmodel.catalogue import PHASES
from tests.tools.mutation_matrix.figures import NEEDED, TITLES, Standing, equivalents, groups, short, survivors, totals
from tests.tools.mutation_matrix.findings import FOLDER, WAYS, Matrix
from tests.tools.mutation_matrix.running import GIVEN_UP

HERE = Path(__file__).parent
MARKDOWN = FOLDER / "matrix.md"
HTML = FOLDER / "matrix.html"
SIGNS: Mapping[Standing, str] = {"caught": "✓", "nearly": "~", "survives": "✗", "passed": "–", "unknown": "?"}
LEGEND: Mapping[Standing, str] = {
    "caught": "caught as it should be: by examples of the broken rule, under that rule's name, or under every seed",
    "nearly": "under most seeds and not all, or by edge cases of other rules",
    "survives": "not caught, though it has to be: by examples of other rules only, under another's name, or not at all",
    "passed": "not caught by a way that need not catch all",
    "unknown": "not measured",
}


def markdown(matrix: Matrix) -> str:
    """The page as Markdown."""
    return environment(escaping=False).get_template("matrix.md.j2").render(contents(matrix))


def html(matrix: Matrix) -> str:
    """The page as HTML."""
    style = (HERE / "matrix.css").read_text("utf-8")
    looks = {"style": Markup(style), "policy": policy(style, "")}
    return environment(escaping=True).get_template("matrix.html.j2").render(contents(matrix) | looks)


def contents(matrix: Matrix) -> dict[str, Any]:
    """What both pages say."""
    found = groups(matrix)
    return {
        "matrix": matrix,
        "groups": found,
        "phases": [name for name in PHASES if any(group.entry.phase == name for group in found)],
        "count": sum(len(group.lines) for group in found),
        "by_name": {line.row.name: line for group in found for line in group.lines},
        "equivalents": equivalents(matrix),
        "survivors": survivors(matrix),
        "totals": totals(matrix),
        "ways": WAYS,
        "needed": NEEDED,
        "titles": TITLES,
        "signs": SIGNS,
        "legend": LEGEND,
        "method": tuple(method(matrix)),
    }


def method(matrix: Matrix) -> Iterator[str]:
    """How it was measured, a paragraph for each way."""
    plan = matrix.plan
    yield (
        "Examples: every example of `conformance/cases/scenarios/pages/` is played; of those that catch, how many are "
        "there for the broken rule (the rule that the example names first), of how many in all."
    )
    yield (
        "First rule of the report: the examples are judged as a run of the suite judges them, and of the rules that a "
        "report on them alone would call broken, this is the first. The searches' findings are not in it."
    )
    yield "Edge cases: those of `conformance/cases/edge_cases/`, counted like the examples."
    yield (
        f"Fast driver: the real one, as the first lane of a run, under each of {plan.seeds} seeds, until the first "
        f"catch or for {plan.driver_cap:g} processor seconds. Measured directly: the seconds are those of making the "
        "histories, of the wrong importer (which runs in the same process), of the oracle and of the comparison."
    )
    yield (
        f"State machine: Hypothesis as the suite runs it, under each of {plan.seeds} seeds, without its database, "
        f"until the first catch or for {plan.machine_cap:g} processor seconds. Shrinking is not counted."
    )
    yield (
        f"Of both searches: the medians are over the seeds, where a seed without a catch takes for ever; who is caught "
        f"under fewer than half of them survives. After {GIVEN_UP} seeds in vain no other was tried."
    )
    yield (
        f"Laws alone: the first {plan.histories} histories of the random search under each seed, played to their ends; "
        "named is the law that is broken first, by what the importer itself answers, and in which of the histories."
    )


@cache
def environment(escaping: bool, folder: Path = HERE) -> Environment:
    """Where the templates are, and what they may use."""
    found = Environment(
        loader=FileSystemLoader(folder),
        autoescape=escaping,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters |= {"prose": prose, "cell": table_cell, "short": short}
    return found


def prose(text: str) -> Markup:
    """A text with what stands between backticks set as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def table_cell(text: str) -> str:
    """A text in a Markdown table, whose bars do not end the cell."""
    return text.replace("|", "\\|")
