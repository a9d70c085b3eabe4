"""The architecture: ARCHITECTURE.md says which room imports which, and this holds it."""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.util import resolve_name
from pathlib import Path

import pytest

from tests.support.paths import ROOT

PAGE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
# What lies in the suite beside its rooms: what starts it, what needs no other module, and names that users type.
APART = {"__init__", "__main__", "reference", "strategies", "implementations", "docs"}
DEPRECATED = {"sabotage", "importers"}  # earlier names, which work for one release more
DOORKEEPER = "pytest_plugin"  # see there why it lies in the model
EFFECTS = {"os", "pathlib", "time", "random", "secrets", "socket", "subprocess", "sys", "tempfile", "uuid", "fcntl"}
CALLS = {"open", "print", "input", "now", "today", "utcnow", "eval", "exec", "__import__"}
# Imports in a function, for a program that starts at once, or works without what it does not need.
LAZY = {
    "conformance/cli": "each command imports what it needs, for `--help` at once",
    "conformance/cases/corpus/__main__.py": "each of its two tools needs packages that the other does not",
    "conformance/implementations/sql/__main__.py": "a server is only needed where it is asked for",
    "refmodel/cli/starting.py": "where a package is missing, or the terminal is closed, that must be said all the same",
}

# Private names of other packages: there is no other way to what they do.
OTHERS = {
    "_exit": "of os: documented, and no private name but a warning",
    "_meta": "of Django: the documented way to the fields of a model",
    "_close": "of distributed: a test has a cluster that never closes",
}
PATCHING = {"setattr", "getattr", "delattr", "hasattr"}
OWN = {"self", "cls", "super()", "type(self)"}


def table(title: str, column: int) -> list[list[str]]:
    """The names in backticks in a column of the table under a title of the page, row by row."""
    (section,) = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    rows = [line.split("|")[1:-1] for line in section.splitlines() if line.startswith("| ")]
    return [re.findall(r"`(\w+)`", row[column]) for row in rows[1:]]


ROOMS = {room: level for level, (room,) in enumerate(table("The rooms of the suite", 0))}
MODEL = {name: level for level, names in enumerate(table("The modules of the model", 1)) for name in names}
LEVELS: Mapping[str, Mapping[str, int]] = {"conformance": ROOMS, "refmodel": MODEL}


def files(folder: str) -> list[Path]:
    """The Python files under a folder; there are some."""
    found = sorted((ROOT / folder).rglob("*.py"))
    assert found
    return found


def is_in_use(folder: Path) -> bool:
    """Whether a path is a folder with something in it; one that moved away may leave what Python had compiled."""
    return any(path.is_file() and "__pycache__" not in path.parts for path in folder.rglob("*"))


def imports(path: Path, tree: ast.AST | None = None) -> Iterator[str]:
    """What a file imports, in full: modules, and what it takes from them."""
    package = ".".join(path.relative_to(ROOT).parent.parts)
    for node in ast.walk(tree or ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), package)
            yield from (f"{source}.{alias.name}" for alias in node.names)


def is_private(name: str) -> bool:
    """Whether a name is for its module alone."""
    return name.startswith("_") and not name.startswith("__")


def private_names(tree: ast.AST) -> Iterator[str]:
    """The private names that a file takes from elsewhere: imported, asked of an object, or named to a patch."""
    nodes = list(ast.walk(tree))
    own = {name for node in nodes for name in defined(node)}
    for node in nodes:
        match node:
            case ast.ImportFrom(names=names):
                yield from (alias.name for alias in names if is_private(alias.name))
            case ast.Attribute(value=value, attr=name):
                if is_private(name) and ast.unparse(value) not in OWN and name not in own:
                    yield name
            case ast.Call(func=ast.Attribute(attr=patching) | ast.Name(id=patching), args=arguments):
                if patching in PATCHING:
                    texts = [str(each.value) for each in arguments if isinstance(each, ast.Constant)]
                    yield from (name for text in texts if is_private(name := text.rpartition(".")[2]))


def defined(node: ast.AST) -> Iterator[str]:
    """The names that a piece of a file defines: functions, classes, variables and attributes."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Name(id=name, ctx=ast.Store()):
            yield name
        case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
            yield name


def room_of(path: Path) -> str:
    """The room that a file is in, or the module that it is, where it lies in its package itself."""
    return path.relative_to(ROOT).with_suffix("").parts[1]


def parts(path: Path) -> set[str]:
    """The top-level packages that a file imports."""
    return {name.partition(".")[0] for name in imports(path)}


def upwards(path: Path) -> list[str]:
    """What a file imports from rooms that do not stand above its own."""
    package, here = path.relative_to(ROOT).parts[0], room_of(path)
    levels = LEVELS[package]
    named = (name.split(".")[1] for name in imports(path) if name.startswith(f"{package}."))
    return [there for there in named if there != here and levels.get(there, 0) >= levels[here]]


@pytest.mark.parametrize(
    ("package", "beside"), [("conformance", APART | DEPRECATED), ("refmodel", {"__init__", "__main__", DOORKEEPER})]
)
def test_everything_has_its_place(package: str, beside: set[str]) -> None:
    """Each module and each folder is in the list of its package, and what is listed is there."""
    found = {path.stem for path in (ROOT / package).iterdir() if path.suffix == ".py" or is_in_use(path)}
    assert found - beside == set(LEVELS[package])


@pytest.mark.parametrize("path", [*files("conformance"), *files("refmodel")], ids=str)
def test_imports_go_upwards_in_the_list(path: Path) -> None:
    """A room imports what stands above it, and so no two import each other, and nothing of the model the suite."""
    package, here = path.relative_to(ROOT).parts[0], room_of(path)
    if here in LEVELS[package]:
        assert upwards(path) == []
    if package == "refmodel":
        assert not parts(path) & {"conformance", "tests"}
    assert "tests" not in parts(path)


def test_rooms_of_one_level_do_not_know_each_other() -> None:
    """The reports know no search, and the suite no command, nor the other way round."""
    known = {
        room: {
            name.split(".")[1]
            for path in files(f"conformance/{room}")
            for name in imports(path)
            if name.startswith("conformance.")
        }
        for room in ROOMS
    }
    assert "report" not in known["search"]
    assert "suite" not in known["cli"]
    assert not {"generation", "attribution", "mutants"} & known["transport"]


@pytest.mark.parametrize("path", files("conformance/implementations"), ids=str)
def test_the_implementations_know_neither(path: Path) -> None:
    """The importers are independent: of the model, and of the rest of the suite."""
    for name in imports(path):
        assert not name.startswith("refmodel")
        assert not name.startswith("conformance") or name.startswith("conformance.implementations")


@pytest.mark.parametrize("path", files("conformance/search/campaign"), ids=str)
def test_one_module_of_campaigns_knows_who_works(path: Path) -> None:
    """Who does the work of a campaign is hidden from the rest of it."""
    assert path.stem == "worker_pools" or not parts(path) & {"dask", "distributed"}


@pytest.mark.parametrize("path", [p for p in files("refmodel") if room_of(p) in MODEL and room_of(p) != "cli"], ids=str)
def test_the_model_is_pure(path: Path) -> None:
    """It needs nothing but the standard library and attrs, and reads no file, clock or chance."""
    tree = ast.parse(path.read_text("utf-8"))
    assert parts(path) <= set(sys.stdlib_module_names) - EFFECTS | {"attrs", "refmodel"}
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    assert not {getattr(call, "id", getattr(call, "attr", "")) for call in calls} & CALLS


@pytest.mark.parametrize("path", [*files("conformance"), *files("refmodel")], ids=str)
def test_nothing_of_ours_is_imported_in_a_function(path: Path) -> None:
    """Such an import would only hide a circle; where it makes a program start at once, it is listed with its reason."""
    relative = path.relative_to(ROOT).as_posix()
    if any(relative.startswith(place) for place in LAZY):
        return
    functions = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef))
    ours = [name for function in functions for name in imports(path, function) if name.split(".")[0] in LEVELS]
    assert ours == []


@pytest.mark.parametrize("path", [*files("conformance"), *files("refmodel"), *files("tests")], ids=str)
def test_private_names_stay_at_home(path: Path) -> None:
    """No module and no test uses what another module keeps for itself."""
    taken = set(private_names(ast.parse(path.read_text("utf-8"))))
    assert taken - set(OTHERS) == set()


def test_private_names_are_found() -> None:
    """In an import, of a module, of an object, and in a text that names them; not those of the file itself."""
    foreign = "from a import _b\nimport c\nc._d\ne().f._g\nm.setattr(c, '_h', 1)\nm.setattr('c.C._i', 1)"
    own = "class A:\n    _b = 1\n    def c(self, d):\n        self._e = super()._f\n        return d._b, d._e"
    assert sorted(private_names(ast.parse(foreign))) == ["_b", "_d", "_g", "_h", "_i"]
    assert sorted(private_names(ast.parse(own))) == []


def test_what_the_page_names_is_there() -> None:
    """Every path that it gives exists."""
    paths = re.findall(r"`((?:refmodel|conformance|tests)/[\w./]*)`", PAGE)
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_tests_mirror_the_rooms() -> None:
    """Each room of tests is named as the one that it tests."""
    for package, levels in LEVELS.items():
        rooms = {path.name for path in (ROOT / "tests" / package).iterdir() if is_in_use(path)}
        assert rooms <= set(levels)
