"""Tests of the mutation testing: what it makes of its plan and of what the tool says; the mutants are not run here."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from tests.support.paths import ROOT
from tests.tools.mutation_testing import __main__ as mutants
from tests.tools.mutation_testing.__main__ import Measured, Mutant, explained, plan, unexpected

MUTANT = Mutant("rules.effect", "values_replace", "if cell:", "if not cell:")


def measured(*survivors: Mutant) -> list[Measured]:
    """The module of the effects, measured."""
    return [Measured("rules.effect", 3, survivors, 1.0)]


def test_the_plan_names_what_is_there() -> None:
    """Every module and every file of tests that the plan names exists."""
    chosen = plan()
    assert {"rules.effect", "engine", "cell"} <= set(chosen.modules)
    assert all((ROOT / "refmodel" / f"{module.replace('.', '/')}.py").exists() for module in chosen.modules)
    assert all((ROOT / test).exists() for test in (*chosen.quick, *chosen.thorough))


def test_quick_tests_come_first() -> None:
    """The quick tests stand in front, then those of the module itself, apart, then the rest; none comes twice."""
    named = re.findall(r"test_(\w+)\.py|(&&)", plan().command("rules.cell"))
    quick = ["effect", "refusal", "validation", "identity", "lookup", "whole_file", "action", "report"]
    assert [a or b for a, b in named] == [*quick, "&&", "cell", "&&", "file", "engine", "scenarios"]


def test_memory_is_limited() -> None:
    """A mutant that takes more and more fails its tests, and takes nothing from whatever else runs."""
    assert plan().command("rules.cell").startswith("sh -c 'ulimit -v ")


def test_a_modules_own_tests_are_the_first_of_their_kind() -> None:
    """Where they are quick, they stand in front of all; where they are not, in front of the thorough ones."""
    assert re.findall(r"test_(\w+)\.py", plan().command("rules.action"))[:2] == ["action", "effect"]
    assert re.findall(r"test_(\w+)\.py", plan().command("engine"))[-4:] == ["engine", "cell", "file", "scenarios"]


def test_a_module_without_tests_of_its_own_is_tested_by_the_others() -> None:
    """Where there is no such file, none is named."""
    command = plan().command("failures")
    assert "test_failures.py" not in command
    assert "test_effect.py" in command


def test_other_operators_are_left_out() -> None:
    """What is handed to the filter matches the operators that the plan does not name, and no others."""
    text = tomllib.loads(plan().configuration("rules.effect", 1.0))["cosmic-ray"]
    (left_out,) = text["filters"]["operators-filter"]["exclude-operators"]
    assert re.match(left_out, "core/ReplaceComparisonOperator_Eq_Is")
    assert re.match(left_out, "core/AddNothing")
    assert not re.match(left_out, "core/AddNot")
    assert not re.match(left_out, "core/ReplaceComparisonOperator_Eq_NotEq")


def test_a_mutant_is_known_by_its_text() -> None:
    """The lines taken away and put in their place, without the indentation and without the numbers."""
    diff = "--- a\n+++ b\n@@ -1,2 +1,2 @@\n def f():\n-    if cell:\n+    if not cell:\n"
    made = {"definition_name": "values_replace"}
    assert mutants.mutant("rules.effect", made, {"diff": diff}) == MUTANT


def test_what_the_tool_cannot_make_is_told_from_what_went_wrong() -> None:
    """A mutant of an exception whose name has a dot is left out; any other that was not run raises ValueError."""
    made: dict[str, Any] = {}
    ran = (made, {"worker_outcome": "normal", "output": "1 failed"})
    unmade = (made, {"worker_outcome": "exception", "output": f"AttributeError: {mutants.DOTTED}"})
    assert mutants.those_run("rules", [ran, unmade]) == [ran]
    with pytest.raises(ValueError, match="no space left"):
        mutants.those_run("rules", [ran, (made, {"worker_outcome": "exception", "output": "no space left"})])


def test_a_new_survivor_is_a_problem() -> None:
    """A survivor that is explained is none; one that is not is told with its lines; so is the second of its kind."""
    assert unexpected(measured(MUTANT), [MUTANT]) == []
    (problem,) = unexpected(measured(MUTANT), [])
    assert "not explained" in problem
    assert MUTANT.after in problem
    assert len(unexpected(measured(MUTANT, MUTANT), [MUTANT])) == 1


def test_an_explanation_of_nothing_is_a_problem() -> None:
    """An explained mutant that is killed, or no longer made, has to go; those of other modules are not looked at."""
    (problem,) = unexpected(measured(), [MUTANT])
    assert "does not survive" in problem
    assert unexpected(measured(), [evolve(MUTANT, module="cells")]) == []


def test_the_explained_survivors_are_of_measured_modules() -> None:
    """The list can be read, and names only modules and lines that are there."""
    known = explained()
    assert {one.module for one in known} <= set(plan().modules)
    for one in known:
        source = " ".join((ROOT / "refmodel" / f"{one.module.replace('.', '/')}.py").read_text("utf-8").split())
        assert one.before in source, one


def test_a_survivor_without_a_reason_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry whose reason is blank is none."""
    fields = "\n".join(f'{name} = "x"' for name in ("module", "function", "before", "after"))
    path = tmp_path / "survivors.toml"
    path.write_text(f'[[survivor]]\n{fields}\nwhy = " "\n', "utf-8")
    monkeypatch.setattr(mutants, "SURVIVORS", path)
    with pytest.raises(ValueError, match="explained"):
        explained()


def test_a_module_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is run, and those that there are are named."""
    assert mutants.main(["nothing"]) == 2
    assert "nothing" in capsys.readouterr().out
