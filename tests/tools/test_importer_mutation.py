"""Tests of the mutation testing of the importers: a sample is run; of the rest, what is made of what the tools say."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from msgspec.structs import replace

from conformance.protocol.trace import Exchange
from tests.support.paths import ROOT
from tests.tools.importer_mutation import __main__ as command
from tests.tools.importer_mutation import findings
from tests.tools.importer_mutation.conversations import Conversation, Order
from tests.tools.importer_mutation.findings import Explanation, Findings, Module, Survivor
from tests.tools.importer_mutation.javascript_mutants import lines_with, stryker
from tests.tools.importer_mutation.judging import SURVIVES, ChangedModule, Verdict
from tests.tools.importer_mutation.memory import Basis, Memory
from tests.tools.importer_mutation.mutants import Mutant, changed_lines, definition
from tests.tools.importer_mutation.page import line, markdown
from tests.tools.importer_mutation.sample import sample
from tests.tools.mutation_matrix.findings import BadData

MUTANT = Mutant("sql", "roll", "Roll", "AddNot", "if here:", "if not here:", "", "key")
SURVIVOR = Survivor("sql", "roll", "Roll", "AddNot", "if here:", "if not here:")
WHY = Explanation("sql", "roll", "It makes no difference.", "same_answers", before="if here:")
BASIS = Basis({"one": "1", "two": "2"}, "all", "search")
BEFORE = Basis({"one": "1"}, "some", "search")


def module(*survivors: Survivor, made: int = 10) -> Module:
    """The module `roll`, of whose mutants ten were asked."""
    return Module("sql", "roll", made, 10, 10 - len(survivors), 1, survivors)


def without_tools() -> str:
    """What is missing to run the sample; blank where nothing is."""
    if not shutil.which("node"):
        return "Node.js (node is not installed)"
    if not (stryker() / "node_modules").is_dir():
        return "Stryker (make .venv/stryker/ready installs it)"
    return "" if find_spec("cosmic_ray") else "Cosmic Ray (make .venv/ready-mutants installs it)"


@pytest.mark.skipif(bool(without_tools()), reason=f"not run: {without_tools()}")
def test_the_mutants_of_the_sample_are_noticed() -> None:
    """Each of the named mutants is made and noticed, and the importers as they are pass."""
    command_line = [sys.executable, "-m", "tests.tools.importer_mutation", "--sample"]
    done = subprocess.run(command_line, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert (done.returncode, done.stdout) == (0, f"all {len(sample())} mutants of the sample are noticed\n"), (
        done.stderr
    )


def test_the_sample_has_mutants_of_both_importers() -> None:
    """There are some of each, and the changed lines stand in the modules."""
    assert {each.importer for each in sample()} == {"sql", "javascript"}
    for each in sample():
        source = source_of(each.importer, each.module)
        assert each.before in source, each


def source_of(importer: str, name: str) -> str:
    """The text of a module of an importer, its white space made single spaces."""
    (path,) = (ROOT / "conformance" / "implementations" / importer).glob(f"{name}.*")
    return " ".join(path.read_text("utf-8").split())


# What is changed.


def test_a_mutant_is_known_by_its_lines() -> None:
    """The lines that are others, without indentation, however many."""
    assert changed_lines("a\n  b\nc\n", "a\n  d\nc\n") == ("b", "d")
    assert changed_lines("a\n  b\n  c\n", "a\n") == ("b c", "")


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("def a():\n    x = 1\n    return x", "a"),
        ("class B:\n    def c(self):\n        return 1", "B"),
        ("export function d(x) {\n  return x;", "d"),
        ("const e = [\n  1,", "e"),
        ("F: int = 1", "F"),
        ("function g() {\n}\nfor (;;)\n  h();", ""),
    ],
)
def test_the_definition_stands_at_the_left_margin(source: str, name: str) -> None:
    """Of the last line: the function, class or constant in which it stands."""
    lines = source.splitlines()
    assert definition(lines, len(lines) - 1) == name


def test_a_change_of_javascript_is_told_by_its_place() -> None:
    """What stands before and behind it in its lines stays."""
    place = {"start": {"line": 0, "column": 7}, "end": {"line": 1, "column": 3}}
    assert lines_with(["return a", "  b;", "c"], place, "null") == ("return a b;", "return null;")


def test_a_changed_module_is_imported_in_place_of_the_original() -> None:
    """Its text is what Python runs; other modules are left to others."""
    finder = ChangedModule("somewhere.changed", "VALUE = 2")
    spec = finder.find_spec("somewhere.changed", None)
    assert spec is not None
    names: dict[str, Any] = {}
    code = finder.get_code("somewhere.changed")
    assert code is not None
    exec(code, names)
    assert names["VALUE"] == 2
    assert finder.find_spec("somewhere.other", None) is None


# The order.


def conversations(*names: str) -> tuple[Conversation, ...]:
    """Conversations of growing size."""
    return tuple(Conversation(name, (Exchange({}, {}),), size, name) for size, name in enumerate(names))


def test_what_shows_most_mutants_comes_first() -> None:
    """Those that showed mutants of the module, then those that showed others, then the small ones."""
    order = Order(conversations("small", "large", "larger"))
    order.learn("rows", "large")
    order.learn("roll", "larger")
    assert [one.name for one in order.of("roll")] == ["larger", "large", "small"]
    assert [one.name for one in order.of("rows")] == ["large", "larger", "small"]


# The memory.


def memory(tmp_path: Path, *lines: Sequence[object]) -> Memory:
    """A memory of a file with these lines."""
    path = tmp_path / "memory.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return Memory.of(path, BASIS)


def test_a_run_goes_on_where_it_was(tmp_path: Path) -> None:
    """What was kept is known again, and a line that was cut off does no harm."""
    kept, other = memory(tmp_path), evolve(MUTANT, key="other")
    kept.keep("written", MUTANT, SURVIVES)
    kept.keep("searched", MUTANT, SURVIVES)
    kept.keep("written", other, Verdict(True, by="one"))
    with kept.path.open("a", encoding="utf-8") as file:
        file.write('["written","other"')
    again = Memory.of(kept.path, BASIS)
    assert again.noticed == kept.noticed == {"other": Verdict(True, by="one")}
    assert again.searched == {"key": SURVIVES}
    assert again.is_survivor(MUTANT)
    assert not again.is_survivor(other)
    assert again.left(other, conversations("1", "2")) == []


def test_a_verdict_counts_as_long_as_it_has_its_basis(tmp_path: Path) -> None:
    """A notice falls with its conversation, and a search with the search."""
    shown, survives = {"killed": True, "by": "one"}, {"killed": False}
    lines = [["written", "a", "1", shown], ["written", "b", "0", shown]]
    lines += [["searched", "e", "search", survives], ["searched", "f", "other", survives]]
    known = memory(tmp_path, *lines)
    assert set(known.noticed) == {"a"}
    assert set(known.searched) == {"e"}


def test_a_survivor_is_asked_what_is_new(tmp_path: Path) -> None:
    """What it was asked before is not asked again; until it was asked the rest, it is not current."""
    Memory.of(tmp_path / "memory.jsonl", BEFORE).keep("written", MUTANT, SURVIVES)
    known = Memory.of(tmp_path / "memory.jsonl", BASIS)
    assert [one.name for one in known.left(MUTANT, conversations("1", "2"))] == ["2"]
    assert known.is_survivor(MUTANT)
    assert not known.is_current(MUTANT)
    known.keep("written", MUTANT, SURVIVES)
    assert known.left(MUTANT, conversations("1", "2")) == []
    assert known.is_current(MUTANT)


def test_a_memory_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """The file is named, and the option that names another."""
    with pytest.raises(BadData, match=r"cannot be read.*--cache"):
        Memory.of(tmp_path, BASIS)


# The explanations.


def test_an_explanation_fits_what_it_says() -> None:
    """Each of its fields that is there must be that of the survivor; what is left out fits all."""
    assert WHY.fits(SURVIVOR)
    for changes in ({"module": "rows"}, {"function": "x"}, {"operator": "x"}, {"before": "x"}, {"contains": "x"}):
        assert not replace(WHY, **changes).fits(SURVIVOR)
    assert not replace(WHY, after=("x",)).fits(SURVIVOR)
    assert replace(WHY, after=("if not here:",), contains="here").fits(SURVIVOR)


def test_a_survivor_without_an_explanation_is_a_problem() -> None:
    """It is told with its lines; one that the search notices is none, unless it is said to be beyond notice."""
    (problem,) = findings.problems([module(SURVIVOR)], [])
    assert "not explained" in problem
    assert SURVIVOR.after in problem
    noticed = replace(SURVIVOR, search="noticed")
    assert findings.problems([module(noticed)], []) == []
    (problem,) = findings.problems([module(noticed)], [WHY])
    assert "the search notices it" in problem


def test_an_explanation_of_nothing_is_a_problem() -> None:
    """Once all mutants of its module were asked."""
    (problem,) = findings.problems([module()], [WHY])
    assert "explains nothing" in problem
    assert findings.problems([module(made=11)], [WHY]) == []


def test_the_explanations_can_be_read() -> None:
    """Each names a module that is changed, and a text that stands in it."""
    for each in findings.explanations():
        assert f"{each.importer}.{each.module}" in command.NAMES
        source = source_of(each.importer, each.module)
        assert (each.before or "") in source, each
        assert (each.contains or "") in source, each


@pytest.mark.parametrize(
    ("text", "said"), [('why = " "', "say `why`"), ("", "cannot be read"), ("no TOML", "cannot be read")]
)
def test_a_bad_explanation_is_refused(text: str, said: str, tmp_path: Path) -> None:
    """One without a reason, one that is not whole, and a file that is no TOML."""
    path = tmp_path / "survivors.toml"
    path.write_text(f'[[survivor]]\nimporter = "sql"\nmodule = "roll"\nreason = "speed"\n{text}\n', "utf-8")
    with pytest.raises(BadData, match=said):
        findings.explanations(path)


# The findings, and the page.


def test_the_findings_are_read_as_they_are_written(tmp_path: Path) -> None:
    """With all their survivors; a file that is none is an error."""
    found = Findings((module(SURVIVOR), module()))
    path = tmp_path / "importers.json"
    path.write_text(findings.as_text(found), "utf-8")
    assert findings.read(path) == found
    path.write_text("{", "utf-8")
    with pytest.raises(BadData, match="make mutate-importers"):
        findings.read(path)


def test_modules_that_were_not_asked_stay_as_they_were(tmp_path: Path) -> None:
    """A run of some modules changes the figures of these alone."""
    path = tmp_path / "importers.json"
    rows = Module("sql", "rows", 1, 1, 1, 0)
    path.write_text(findings.as_text(Findings((rows, module()))), "utf-8")
    assert command.with_modules([module(SURVIVOR)], path).modules == (module(SURVIVOR), rows)


def test_a_module_is_told_by_what_is_known(tmp_path: Path) -> None:
    """Made, asked and noticed are counted, and a survivor has what the search said."""
    known = memory(tmp_path)
    other, third = evolve(MUTANT, key="other"), evolve(MUTANT, key="third")
    known.keep("written", MUTANT, SURVIVES)
    known.keep("searched", MUTANT, Verdict(True))
    known.keep("written", other, Verdict(True, staged=True))
    (told,) = command.modules_of([MUTANT, other, third], known)
    survivor = replace(SURVIVOR, search="noticed")
    assert told == Module("sql", "roll", 3, 2, 1, 1, (survivor,))


def test_the_page_tells_what_survives() -> None:
    """The share is of those that can be noticed; whoever is not explained stands there with their lines."""
    survives = replace(SURVIVOR, search="survives", before="x = 1", after="x = 2")
    found = module(SURVIVOR, survives)
    assert line(found, [WHY]).share == "88.9%"
    page = markdown(Findings((found,)), [WHY])
    assert "| roll | 10 | 10 | 8 | 1 | 0 | 1 | 1 | 0 | 88.9% |" in page
    assert "`x = 1` becomes `x = 2`" in page
    assert WHY.why in page


# The command line.


def test_a_module_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Those that there are are named."""
    with pytest.raises(SystemExit):
        command.main(["sql.nothing"])
    assert "sql.rows" in capsys.readouterr().err
