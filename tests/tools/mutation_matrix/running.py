"""Measuring: wrong importers one after the other or side by side, where what is known already is not measured again.

What was measured stands in a file outside the repository, a line each, so that a run that was stopped goes on where it
was. It is known under the digest of all that it depends on, and forgotten when that changes.
"""

import ast
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
from attrs import define, field, frozen

from conformance.mutants import MODULES, MUTANTS
from conformance.mutants.operators import mutants_in
from refmodel.catalogue import CATALOGUE
from tests.support.paths import ROOT
from tests.tools.mutation_matrix.catching import measures
from tests.tools.mutation_matrix.findings import SEARCHES, BadData, Breaking, Plan, Shown, Trial, Way, as_json

GIVEN_UP = 2  # seeds without a catch, after which no other is tried
VALUES: Mapping[Way, Any] = {
    "examples": Shown,
    "first": str,
    "edges": Shown,
    "driver": Trial,
    "machine": Trial,
    "laws": Breaking,
}

# What a way depends on, beside the wrong importer itself: these modules, with all that they import, and the pages.

JUDGED = "conformance/oracle/judge.py conformance/oracle/reference.py"
DRIVEN = f"{JUDGED} conformance/search/random_search.py conformance/oracle/invariants.py"
PAGES = "conformance/cases/scenarios/parser.py conformance/cases/scenarios/pages/*.md"
BLAMED = "conformance/verdict/run_case.py conformance/verdict/verdict.py conformance/verdict/diagnosis_input.py"

SOURCES: Mapping[Way, str] = {
    "examples": f"{JUDGED} {PAGES}",
    "first": f"{JUDGED} {PAGES} {BLAMED}",
    "edges": f"{JUDGED} conformance/cases/edge_cases/__init__.py",
    "driver": DRIVEN,
    "machine": f"{DRIVEN} conformance/search/state_machine.py conformance/search/budget.py",
    "laws": DRIVEN,
}
# What is for saying what came, and does not change what comes.
BLAME = ("conformance/mutants/known.py", "conformance/attribution/diagnosis.py", "conformance/verdict")


@cache
def digest(way: Way, module: str, extent: str) -> str:
    """What tells whether a way would come to the same: of sources, of the module that has the importer, of a plan."""
    texts = [f"{path.relative_to(ROOT)} {meant(path)}" for path in sorted(sources(way, module))]
    texts.append(f"{extent} {version('hypothesis') if way == 'machine' else ''}")
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


@cache
def sources(way: Way, module: str) -> frozenset[Path]:
    """All files that a way, tried on a wrong importer of this module, depends on."""
    left = [path for word in (*SOURCES[way].split(), module) for path in ROOT.glob(word)]
    found: set[Path] = set()
    while left:
        path = left.pop()
        is_blame = any(path.is_relative_to(ROOT / place) for place in BLAME)
        if path not in found and (way == "first" or not is_blame):
            found.add(path)
            left += imported(path) if path.suffix == ".py" else []
    return frozenset(found)


@cache
def imported(path: Path) -> list[Path]:
    """The files of ours that a module imports."""
    nodes = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
    names = {name for n in nodes for name in (n.module or "", *(f"{n.module}.{alias.name}" for alias in n.names))}
    places = [ROOT / name.replace(".", "/") for name in names if name]
    return [p for place in places for p in (place.with_suffix(".py"), place / "__init__.py") if p.exists()]


@cache
def meant(path: Path) -> str:
    """What a file says to Python, who does not read comments; any other file says all that stands in it."""
    text = path.read_text("utf-8")
    return ast.dump(without_docstrings(ast.parse(text))) if path.suffix == ".py" else text


def without_docstrings(tree: ast.Module) -> ast.Module:
    """A module without its docstrings, and those of all that is in it."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node, clean=False):
            del node.body[0]
    return tree


def module_of(name: str) -> str:
    """The file that has a wrong importer, below the repository."""
    module = next(module for module in MODULES if any(s.name == name for s in mutants_in(vars(module))))
    return module.__name__.replace(".", "/") + ".py"


def extent_of(way: Way, plan: Plan) -> str:
    """As much of a plan as a way goes by under one seed."""
    extents: Mapping[Way, object] = {
        "first": [entry.basis for entry in CATALOGUE.values()],  # which docstrings say
        "driver": plan.driver_cap,
        "machine": plan.machine_cap,
        "laws": (plan.seeds, plan.histories),
    }
    return str(extents.get(way, ""))


# One wrong importer, one way.


@frozen
class Task:
    """A way to try on a wrong importer, and what is known of it: seed → value."""

    way: Way
    name: str
    plan: Plan
    known: Mapping[int, Any] = field(factory=dict)

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is known under."""
        return self.way, self.name, digest(self.way, module_of(self.name), extent_of(self.way, self.plan))

    def values(self) -> Mapping[int, Any]:
        """Seed → value: of a search under several seeds, as long as there is hope; else under the seed 0."""
        measure = measures(MUTANTS[self.name].rule, self.plan)[self.way]
        found: dict[int, Any] = {}
        for seed in range(self.plan.seeds if self.way in SEARCHES else 1):
            found[seed] = self.known[seed] if seed in self.known else measure(self.name, seed)
            if self.way in SEARCHES and is_hopeless(list(found.values())):
                break
        return found


def is_hopeless(trials: Sequence[Trial]) -> bool:
    """Whether so many seeds, and no other before, were tried in vain."""
    return len(trials) == GIVEN_UP and not any(trial.caught for trial in trials)


def values_of(task: Task) -> Mapping[int, Any]:
    """The values of a task, for another process."""
    return task.values()


# What is known.


def lines_of(path: Path) -> list[str]:
    """The lines of a file, none where there is none. BadData where it cannot be read."""
    try:
        return path.read_text("utf-8").splitlines() if path.exists() else []
    except (OSError, UnicodeDecodeError) as error:
        raise BadData(f"{path}: cannot be read: {error}; name another file with --cache") from None


@define
class Memory:
    """What was measured, and the file in which it stands."""

    path: Path
    found: dict[tuple[str, str, str], dict[int, Any]] = field(factory=dict)

    @classmethod
    def of(cls, path: Path) -> "Memory":
        """What stands in a file, nothing where there is none. BadData where it cannot be read."""
        memory = cls(path)
        for line in lines_of(path):
            memory.learn(line)
        return memory

    def learn(self, line: str) -> None:
        """Read a line; one that was cut off when a run was stopped is as good as none."""
        try:
            way, name, sources, seed, value = json.loads(line)
            self.found.setdefault((way, name, sources), {})[seed] = msgspec.convert(value, VALUES[way])
        except (ValueError, KeyError, TypeError, msgspec.ValidationError):
            return

    def keep(self, task: Task, values: Mapping[int, Any]) -> None:
        """Write down what is new. BadData where nothing can be written."""
        new = {seed: value for seed, value in values.items() if seed not in task.known}
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.writelines(f"{as_json([*task.key, seed, value])}\n" for seed, value in new.items())
        except OSError as error:
            raise BadData(f"{self.path}: cannot be written: {error.strerror}; name another file with --cache") from None


# Many.


def measured(
    names: Iterable[str], ways: Sequence[Way], plan: Plan, memory: Memory, workers: int, say: Callable[[str], None]
) -> dict[tuple[Way, str], Mapping[int, Any]]:
    """Way and name → the values; `say` is told now and then how far it is."""
    tasks = [Task(way, name, plan) for way in ways for name in names]
    tasks = [Task(task.way, task.name, plan, memory.found.get(task.key, {})) for task in tasks]
    found = {}
    for task, values in told(zip(tasks, results(tasks, workers)), len(tasks), say):
        memory.keep(task, values)
        found[task.way, task.name] = values
    return found


def results(tasks: Sequence[Task], workers: int) -> Iterator[Mapping[int, Any]]:
    """The values of each task, in their order; in processes of their own where there are several."""
    if workers == 1:
        yield from map(values_of, tasks)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(values_of, tasks)


def told(
    done: Iterable[tuple[Task, Mapping[int, Any]]], count: int, say: Callable[[str], None]
) -> Iterator[tuple[Task, Mapping[int, Any]]]:
    """The same, with a word about it twice a minute."""
    begun = last = time.monotonic()
    for number, (task, values) in enumerate(done, start=1):
        yield task, values
        if time.monotonic() - last > 30 or number == count:
            last = time.monotonic()
            say(f"{number} of {count} ({task.way}), {last - begun:.0f} s")
