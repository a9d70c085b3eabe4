"""The prose is true: what the README shows is run, and every path, command and rule that is named exists."""

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from conformance.cases.edge_cases import edge_cases
from conformance.mutants import MUTANTS
from refmodel.catalogue import CATALOGUE
from refmodel.readings import READINGS
from tests.support.paths import ROOT

README = ROOT / "README.md"
PAGES = [
    README,
    ROOT / "ARCHITECTURE.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "conformance").rglob("*.md")),
]
MAKE_TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def fences(path: Path) -> Iterator[Token]:
    """The fenced blocks of a page."""
    return (token for token in MarkdownIt().parse(path.read_text("utf-8")) if token.type == "fence")


def code_spans(path: Path) -> Iterator[str]:
    """What stands between single backquotes on a page."""
    for token in MarkdownIt().parse(path.read_text("utf-8")):
        yield from (child.content for child in token.children or () if child.type == "code_inline")


def session(block: str) -> Iterator[tuple[str, str]]:
    """The commands of a console block, each with the output that it is said to give."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def pattern_of(output: str) -> re.Pattern[str]:
    """Output as a pattern: a line of `…` stands for any number of lines, and `…` in a line for any text."""
    lines = [
        r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + r"[ \t]*\n"
        for line in output.splitlines()
    ]
    return re.compile("".join(lines))


def lay_out(page: Path, folder: Path) -> Path:
    """The folder, with the files that a page shows."""
    for token in fences(page):
        words = token.info.split()
        if len(words) == 2:
            (folder / words[1]).write_text(token.content, "utf-8")
    return folder


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the README shows."""
    return lay_out(README, tmp_path_factory.mktemp("desk"))


def run(command: str, folder: Path) -> str:
    """What a command prints, in a folder, with this Python's programs in front."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    done = subprocess.run(command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)
    return done.stdout


def test_what_the_readme_shows_is_what_comes(desk: Path) -> None:
    """Every command of the README, run in its order, prints what stands below it."""
    commands = [pair for token in fences(README) if token.info == "console" for pair in session(token.content)]
    assert len(commands) > 4
    for command, output in commands:
        printed = run(command, desk)
        assert pattern_of(output).fullmatch(printed), f"$ {command}\n{printed}"


def test_a_command_that_prints_something_else_is_noticed() -> None:
    """The comparison can fail: another word, a line too many, a line too few."""
    pattern = pattern_of("one\n…\ntwo\n")
    assert pattern.fullmatch("one\nand\nmore\ntwo\n")
    assert not any(map(pattern.fullmatch, ("one\ntwo\nthree\n", "one\n", "ono\ntwo\n")))


def test_the_python_of_the_readme_runs() -> None:
    """Every `>>>` of the README gives what stands below it."""
    tests = doctest.DocTestParser().get_doctest(README.read_text("utf-8"), {}, "README.md", str(README), 0)
    assert len(tests.examples) > 8
    assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(tests).failed == 0


@pytest.mark.parametrize("path", PAGES, ids=[str(path.relative_to(ROOT)) for path in PAGES])
def test_what_is_named_exists(path: Path) -> None:
    """Paths, modules, make targets, rules and links named on a page are there."""
    missing = [name for name in code_spans(path) if not exists(name, path)]
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", path.read_text("utf-8"))
    missing += [link for link in links if not (path.parent / link).exists()]
    assert missing == []


def exists(name: str, page: Path) -> bool:
    """Whether what a code span names is there, where it names something that can be looked up."""
    if name.startswith("make "):
        return name.split()[1] in MAKE_TARGETS
    if not re.fullmatch(r"[\d/]+", name) and re.fullmatch(
        r"[\w./-]+/|[\w-]+(/[\w.-]+)+|[\w-]+\.(md|py|toml|mjs)", name
    ):
        bases = (ROOT, page.parent, ROOT / "conformance" / "cases" / "scenarios" / "pages")
        return any((base / name).exists() for base in bases) or name in MADE
    if re.fullmatch(r"(refmodel|conformance)(\.\w+)+", name):
        return is_module(name)
    if name in ("true", "false") or not re.fullmatch(r"[a-z]+(_[a-z0-9]+){3,}", name):
        return True
    return any(name in names for names in (CATALOGUE, READINGS, MUTANTS, EDGE_CASES, FUNCTIONS, OTHER_NAMES))


MADE = {"report/report.json", "mm/dd/yyyy", "application/json"}
OTHER_NAMES = {"assigned_to_email_address", "group_concat_max_len"}
EDGE_CASES = {case.name for case in edge_cases()}
FUNCTIONS = {  # of the SQL importer, whose mutants are listed by function
    name
    for path in (ROOT / "conformance" / "implementations" / "sql").glob("*.py")
    for name in re.findall(r"^def (\w+)", path.read_text("utf-8"), re.MULTILINE)
}


def is_module(name: str) -> bool:
    """Whether a dotted name is a module or package of ours."""
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def test_a_page_that_names_what_is_not_there_is_noticed(tmp_path: Path) -> None:
    """The check can fail: a rule, a path, a module and a make target that do not exist."""
    for name in ("blank_labels_clear_all", "refmodel/nothing.py", "refmodel.nothing", "make nothing"):
        assert not exists(name, README)
