"""Write anew whatever is generated: `make generate`.

Some files are generated as a whole, of some pages the parts between two marks, such as `<!-- rules: … -->` and
`<!-- end of rules -->`. `tests/repository/test_generated.py` holds that they are fresh.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from operator import attrgetter
from pathlib import Path
from typing import Literal, get_args, get_origin

from conformance.report import json_report
from conformance.search.exhaustive import life
from refmodel.actions import NAMED, Argument, arguments_of
from refmodel.catalogue import CATALOGUE
from refmodel.cli.rulebook import as_markdown
from refmodel.columns import AUTH_IDENTIFIER, COLUMNS, Column
from refmodel.rules_version import FINGERPRINT, RULES_VERSION
from refmodel.wording import listed
from tests.support.paths import ROOT
from tests.tools.importer_mutation import findings as importers
from tests.tools.importer_mutation import page as importers_page
from tests.tools.mutation_matrix.__main__ import matrix_of, rows_there
from tests.tools.mutation_matrix.findings import DATA, Matrix, as_text, read
from tests.tools.mutation_matrix.page import HTML, MARKDOWN, html, markdown

README = ROOT / "README.md"
PROTOCOL = ROOT / "conformance" / "docs" / "PROTOCOL.md"
LIFE = ROOT / "conformance" / "docs" / "generated" / "life.md"
VERSION = ROOT / "refmodel" / "rules_version.py"
REPORT_SCHEMA = ROOT / "conformance" / "report" / "report.schema.json"


def with_part(text: str, name: str, part: str) -> str:
    """A page with another part between the two marks of a name. ValueError where they are not there."""
    begin, end = f"<!-- {name}: ", f"<!-- end of {name} -->"
    before, found, rest = text.partition(begin)
    mark, ended, after = rest.partition(end)
    if not found or not ended:
        raise ValueError(f"the page has no {begin}… --> with {end} below it")
    return f"{before}{begin}{mark.partition('-->')[0]}-->\n{part}\n{end}{after}"


def page(path: Path, **parts: Callable[[], Iterator[str]]) -> str:
    """A page with all its generated parts as they are now."""
    text = path.read_text("utf-8")
    for name, lines in parts.items():
        text = with_part(text, name, "\n".join(lines()))
    return text


# The tables of the protocol.


def table_of_actions() -> Iterator[str]:
    """A line for each action: its arguments, and what it does."""
    yield "| action | arguments | what happens |"
    yield "|---|---|---|"
    for name, kind in NAMED.items():
        yield f"| `{name}` | {', '.join(map(argument_in_words, arguments_of(kind)))} | {CATALOGUE[name].statement} |"


def argument_in_words(argument: Argument) -> str:
    """The name of an argument, and of which kind it is where it is no text that is always there."""
    kinds = {str: "", bool: "true or false", Mapping: "an object of header → text"}
    words = listed([f"`{word}`" for word in get_args(argument.type)], "or")
    kind = words if get_origin(argument.type) is Literal else kinds[get_origin(argument.type) or argument.type]
    remarks = ", ".join(filter(None, (kind, "may be left out" if argument.is_optional else "")))
    return f"`{argument.name}`" + (f" ({remarks})" if remarks else "")


def table_of_columns() -> Iterator[str]:
    """A line for each column: what its cells hold, and what is expected of files and importers."""
    yield "| column | holds | required | sensitive |"
    yield "|---|---|---|---|"
    for column in COLUMNS:
        yield f"| `{column.header}` | {column.kind.value} | {required(column)} | {'yes' if column.sensitive else ''} |"


def required(column: Column) -> str:
    """Of which files a column is required."""
    return "with single sign-on" if column is AUTH_IDENTIFIER else "yes" if column.starred else ""


# The version of the rules.

FACTS = attrgetter("name", "statement", "details", "source", "basis", "basis_in_full", "phase")


def fingerprint() -> str:
    """A short text that is another one as soon as a rule says another thing, comes, goes or moves."""
    return hashlib.sha256(json.dumps([FACTS(entry) for entry in CATALOGUE.values()]).encode()).hexdigest()[:16]


def rules_version() -> str:
    """The module with the version: one more than there was, if the rules are others since it was written."""
    now, text = fingerprint(), VERSION.read_text("utf-8")
    version = RULES_VERSION + (now != FINGERPRINT)
    text = text.replace(f"RULES_VERSION = {RULES_VERSION}\n", f"RULES_VERSION = {version}\n")
    return text.replace(f'FINGERPRINT = "{FINGERPRINT}"', f'FINGERPRINT = "{now}"')


# All that is generated.


@cache
def matrix() -> Matrix:
    """The matrix as it was measured, with a row for each mutant."""
    return matrix_of(rows_there(DATA), read(DATA).plan)


GENERATED: Mapping[Path, Callable[[], str]] = {
    README: partial(page, README, rules=as_markdown),
    PROTOCOL: partial(page, PROTOCOL, actions=table_of_actions, columns=table_of_columns),
    VERSION: rules_version,
    REPORT_SCHEMA: lambda: json_report.as_json(json_report.schema()).decode(),
    LIFE: life.page,
    DATA: lambda: as_text(matrix()),
    MARKDOWN: lambda: markdown(matrix()),
    HTML: lambda: html(matrix()),
    importers.DATA: lambda: importers.as_text(importers.read()),
    importers_page.MARKDOWN: lambda: importers_page.markdown(importers.read(), importers.explanations()),
}


def main() -> int:
    """Write what is not fresh, and say what that was."""
    for path, content in GENERATED.items():
        data = content().encode()
        if path.read_bytes() != data:
            path.write_bytes(data)
            print(f"{path.relative_to(ROOT)} is written anew")
    return 0


if __name__ == "__main__":
    sys.exit(main())
