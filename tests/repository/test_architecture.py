"""The layers of the code: who may import whom, and what the core keeps away from."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

import pytest

from tests.support.paths import ROOT

LAYERS = (  # a module imports from the lines above its own only
    "schema vocabulary jobs wording csv_reader",
    "errors rulesets",
    "cells",
    "world",
    "rows csvfile spans",
    "rules finding reports",
    "importing",
    "actions plain",
    "advice catalogue readings",
    "",  # the package itself
)
LEVELS = {name or "__init__": level for level, line in enumerate(LAYERS) for name in line.split() or [""]}
CORE = sorted(LEVELS)
FRINGE = {
    "__main__",
    "beginnings",
    "commandline",
    "examples",
    "explaining",
    "formats",
    "platformtexts",
    "pytest_plugin",
    "statefile",
    "states",
    "summaries",
}
EFFECTS = {"os", "pathlib", "time", "random", "secrets", "socket", "subprocess", "sys", "tempfile", "uuid", "fcntl"}
CALLS = {"open", "print", "input", "now", "today", "utcnow", "eval", "exec", "__import__"}


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports, and all that it imports from them, in full."""
    package = ".".join(path.relative_to(ROOT).parent.parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), package)
            yield from (source, *(f"{source}.{alias.name}" for alias in node.names))


def parts(path: Path) -> set[str]:
    """The top-level packages that a file imports."""
    return {name.partition(".")[0] for name in imports(path)}


def files(folder: str) -> list[Path]:
    """The Python files under a folder; there are some."""
    found = sorted((ROOT / folder).rglob("*.py"))
    assert found
    return found


def test_every_module_has_its_layer() -> None:
    """A new module of the model stands in a layer, or is known to be of the fringe."""
    found = {
        path.stem for path in (ROOT / "refmodel").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert set(CORE) <= found <= set(CORE) | FRINGE


@pytest.mark.parametrize("module", CORE)
def test_the_core_imports_downwards(module: str) -> None:
    """A module of the core imports from lower layers of the core only."""
    for name in imports(ROOT / "refmodel" / f"{module}.py"):
        package, _, rest = name.partition(".")
        lower = rest.partition(".")[0]
        if package == "refmodel" and lower:
            assert LEVELS[lower] < LEVELS[module], f"{module} imports {lower}"


@pytest.mark.parametrize("module", CORE)
def test_the_core_is_pure(module: str) -> None:
    """The core needs nothing but the standard library and attrs, and reads no file, clock or chance."""
    path = ROOT / "refmodel" / f"{module}.py"
    assert parts(path) <= set(sys.stdlib_module_names) - EFFECTS | {"attrs", "refmodel"}
    called = {
        getattr(node.func, "id", getattr(node.func, "attr", ""))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
    }
    assert not called & CALLS


@pytest.mark.parametrize("path", files("refmodel"), ids=str)
def test_the_model_knows_no_suite(path: Path) -> None:
    """Nothing of the model imports anything of the suite that judges by it."""
    assert not parts(path) & {"conformance", "tests"}


@pytest.mark.parametrize("path", files("conformance/implementations"), ids=str)
def test_the_importers_know_neither(path: Path) -> None:
    """The importers are independent: of the model, and of the rest of the suite."""
    for name in imports(path):
        assert not name.startswith("refmodel")
        assert not name.startswith("conformance") or name.startswith("conformance.implementations")


@pytest.mark.parametrize("path", files("conformance/search/campaign"), ids=str)
def test_campaigns_know_no_command(path: Path) -> None:
    """The search of hours can be had without the command line, and one module alone knows who works on it."""
    assert not any(name.startswith("conformance.cli") for name in imports(path))
    assert path.stem == "crews" or not parts(path) & {"dask", "distributed"}
