"""The catalogue: every rule, its statement, its source and its basis."""

from __future__ import annotations

import ast
import inspect
import re
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import refmodel.rules
from refmodel import catalogue, engine
from refmodel.actions import NAMED
from refmodel.catalogue import CATALOGUE, PHASES, Entry, rule
from refmodel.rules.cell import blank_keeps

# The specification's rules, by their bases. What is added later need not be repeated here.
STATED = [
    "required_headers_are_present",
    "blank_keeps",
    "blank_labels_clear",
    "clear_token_clears",
    "lists_split_on_semicolon",
    "enumerations_match_exactly",
    "booleans_are_upper_case",
    "dates_follow_the_job",
    "mobile_is_digits",
    "course_names_have_255_characters_at_most",
    "a_failed_row_changes_nothing",
    "username_and_email_are_required",
    "username_is_looked_up_first",
    "email_is_looked_up_second",
    "unchanged_rows_are_skipped",
    "excluded_students_are_not_updated",
    "sensitive_fields_need_the_setting",
    "email_is_unique_everywhere",
    "email_domain_is_not_anothers",
    "username_is_unique_in_the_institution",
    "end_date_is_not_before_start_date",
    "values_replace",
    "labels_are_exactly_the_cell",
    "disabled_only_by_word",
    "a_sensitive_update_connects_and_approves",
    "a_created_student_is_connected",
    "absence_changes_nothing",
]
INFERRED = [
    "headers_match_exactly",
    "institution_year_name_is_an_alias",
    "absent_column_keeps",
    "identity_cannot_be_cleared",
    "dates_are_real",
    "campus_needs_campuses",
    "other_schools_students_are_invisible",
    "a_new_student_has_a_name",
    "auth_identifier_is_unique_in_the_institution",
    "card_id_is_unique_in_the_institution",
    "assignee_is_own_staff",
]
CHOSEN = [
    "file_is_utf8_csv",
    "no_header_appears_twice",
    "empty_rows_are_ignored",
    "ragged_rows_fail",
    "booleans_cannot_be_cleared",
    "values_are_verbatim",
    "emails_ignore_case",
    "list_items_are_trimmed",
    "start_date_follows_the_job_too",
    "rows_run_in_order",
    "rows_that_share_an_identifier_fail",
    "an_unconnected_student_needs_the_setting",
    "a_declined_student_is_not_connected",
    "campus_is_known",
    "leaving_leaves_nothing_behind",
    "imports_need_no_confirmation",
]
ENTRIES = pytest.mark.parametrize("entry", CATALOGUE.values(), ids=CATALOGUE)


@pytest.mark.parametrize(("names", "basis"), [(STATED, "stated"), (INFERRED, "inferred"), (CHOSEN, "chosen")])
def test_the_rules_rest_on_what_they_rest_on(names: list[str], basis: str) -> None:
    """Every rule is there, and as firm as its ground."""
    assert {name: CATALOGUE[name].basis for name in names} == dict.fromkeys(names, basis)


def test_no_rule_is_missing() -> None:
    """The catalogue holds the rules of files, cells, rows and reports, and the actions."""
    others = {*NAMED, "preview", "failed_rows_file", "cells_are_well_formed"}
    assert {*STATED, *INFERRED, *CHOSEN, *others} - set(CATALOGUE) == set()


def test_every_function_that_is_a_rule_is_listed() -> None:
    """No function with a basis in its docstring is left out of the catalogue."""
    modules = [import_module(f"refmodel.rules.{each.name}") for each in iter_modules(refmodel.rules.__path__)]
    modules.append(engine)
    found = {
        name
        for module in modules
        for name, value in vars(module).items()
        if callable(value) and "\nBasis: " in inspect.cleandoc(value.__doc__ or "")
    }
    assert found == set(CATALOGUE)


def test_names_are_unique() -> None:
    """Every rule stands in one phase, once."""
    counted = Counter(rule.__name__ for rules in PHASES.values() for rule in rules)
    assert set(counted.values()) == {1}
    assert sum(counted.values()) == len(CATALOGUE)


@ENTRIES
def test_an_entry_says_what_it_should(entry: Entry) -> None:
    """One sentence, a source of `article:line` or what stands for one, and a basis."""
    assert re.fullmatch(r"[A-Z`].*\.", entry.statement)
    assert "\n" not in entry.statement + entry.details
    assert entry.basis_in_full.startswith(entry.basis)
    parts = entry.source.split(", ")
    lines = r"00[0-4]:\d+(-\d+)?"
    assert all(re.fullmatch(rf"{lines}|\d+(-\d+)?|the .*", part) for part in parts)
    assert (entry.basis == "stated") <= bool(re.search(lines, entry.source))
    assert catalogue.PHASES[entry.phase].count(entry.rule) == 1


def test_rules_by_name() -> None:
    """A rule is found by its name; another name raises ValueError."""
    assert rule("blank_keeps") is blank_keeps
    with pytest.raises(ValueError, match="no rule 'blank'"):
        rule("blank")


COMMANDS = {  # `preview` is also a command, and a function that the package offers
    "preview": {"__init__.py", "cli/app.py", "cli/rulebook.py", "cli/outcomes.py"}
}


def literals(path: Path) -> Iterator[ast.Constant]:
    """The texts in a module that are no docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in prose)


def test_a_name_stands_once() -> None:
    """No module of the model writes the name of a rule as a text: it takes the function, or its `__name__`."""
    folder = Path(refmodel.__file__).parent
    written = [
        f"{place}:{node.lineno}: {node.value!r}"
        for path in sorted(folder.rglob("*.py"))
        for node in literals(path)
        if node.value in CATALOGUE
        and (place := path.relative_to(folder).as_posix()) not in COMMANDS.get(str(node.value), set())
    ]
    assert written == []
