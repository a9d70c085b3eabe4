"""The findings to look at, as Markdown."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from tests.tools.importer_mutation.findings import DATA, Explanation, Findings, Module, Reason, Survivor, explained
from tests.tools.importer_mutation.mutants import IMPORTERS
from tests.tools.mutation_matrix.page import environment

MARKDOWN = DATA.with_suffix(".md")
TEMPLATES = Path(__file__).parent
TITLES = {"sql": "The SQL importer", "javascript": "The JavaScript importer"}
MEANINGS: Mapping[Reason, str] = {
    "same_answers": "it answers every request as before",
    "speed": "it does the same, sooner or later, or with more or less memory",
    "not_compared": "it says something else where importers are free: the words of a message, warnings, a success",
    "never_asked": "it differs only where a request or a world is malformed, which the suite never sends",
    "other_database": "it differs only on another database, or with several clients at once",
}


@frozen
class Line:
    """The figures of a module, or of all of an importer."""

    name: str
    made: int
    asked: int
    noticed: int
    staged: int
    searched: int
    explained: int
    survive: int
    waiting: int  # neither noticed, nor explained, nor searched

    @property
    def share(self) -> str:
        """How many of those that can be noticed are noticed by what is written down."""
        possible = self.asked - self.explained
        return f"{self.noticed / possible:.1%}" if possible else "–"


def line(module: Module, known: Sequence[Explanation]) -> Line:
    """The figures of a module."""
    counts = Counter(standing(one, known) for one in module.survivors)
    asked = (module.made, module.asked, module.noticed, module.staged)
    return Line(module.name, *asked, *(counts[name] for name in ("noticed", "explained", "survives", "not_asked")))


def standing(one: Survivor, known: Sequence[Explanation]) -> str:
    """What is known of a mutant that what is written down does not show."""
    return "explained" if one.search != "noticed" and explained(one, known) else one.search


def total(lines: Iterable[Line]) -> Line:
    """The figures of all together."""
    figures = [
        (one.made, one.asked, one.noticed, one.staged, one.searched, one.explained, one.survive, one.waiting)
        for one in lines
    ]
    return Line("all", *(sum(column) for column in zip(*figures)))


def markdown(findings: Findings, known: Sequence[Explanation]) -> str:
    """The page."""
    template = environment(escaping=False, folder=TEMPLATES).get_template("importers.md.j2")
    return template.render(contents(findings, known))


def contents(findings: Findings, known: Sequence[Explanation]) -> dict[str, Any]:
    """What the page says."""
    survivors = [one for module in findings.modules for one in module.survivors]
    groups = {name: [line(each, known) for each in findings.modules if each.importer == name] for name in IMPORTERS}
    return {
        "groups": {TITLES[name]: [*lines, total(lines)] for name, lines in groups.items() if lines},
        "outdated": sum(not one.is_current for one in survivors),
        "meanings": MEANINGS,
        "reasons": Counter(
            found.reason for one in survivors if (found := explained(one, known)) and one.search != "noticed"
        ),
        "open": [one for one in survivors if standing(one, known) != "explained"],
        "explained": [each for each in known if any(explained(one, known) is each for one in survivors)],
    }
