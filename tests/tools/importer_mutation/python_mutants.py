"""Mutants of the SQL importer, made by Cosmic Ray with the operators that are chosen for the model."""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from tests.tools.importer_mutation.mutants import Mutant, changed_lines, definition, digest, first_changed, sources
from tests.tools.mutation_testing.__main__ import DOTTED, plan

# Where the importer is started from, and its server: no conversation in this process goes through them.
NOT_CHANGED = ("__init__", "__main__", "web")


def modules() -> tuple[str, ...]:
    """The modules that are changed."""
    return tuple(name for name in sources("sql") if name not in NOT_CHANGED)


def mutants(module: str) -> Iterator[Mutant]:
    """Every mutant of a module, without the few that the tool cannot make."""
    texts = {name: path.read_text("utf-8") for name, path in sources("sql").items()}
    before = texts[module]
    for operator, after in changes(before):
        where = definition(before.splitlines(), first_changed(before, after))
        texts[module] = after
        yield Mutant("sql", module, where, operator, *changed_lines(before, after), after, digest(*texts.values()))


def changes(source: str) -> Iterator[tuple[str, str]]:
    """Operator and changed text, for every place where each of the chosen operators finds something to change."""
    plugins: Any = import_module("cosmic_ray.plugins")
    chosen = re.compile(f"core/({'|'.join(plan().operators)})$")
    for name in filter(chosen.match, plugins.operator_names()):
        for text in changes_by(source, plugins.get_operator(name)()):
            yield name.removeprefix("core/"), text


def changes_by(source: str, operator: Any) -> Iterator[str]:
    """What one operator makes of a text, place by place."""
    mutating: Any = import_module("cosmic_ray.mutating")
    number, text = 0, ""
    while text is not None:
        try:
            text = mutating.mutate_code(source, operator, number)
        except AttributeError as error:
            if DOTTED not in str(error):
                raise
            text = ""
        if text:
            yield text
        number += 1
