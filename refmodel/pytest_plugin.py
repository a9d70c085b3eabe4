"""The doorkeeper of the conformance suite in pytest: it lets the suite in where it is asked for, and nowhere else.

pytest loads this module in every run of an environment in which refmodel is installed, so it must be neither slow nor
in the way: another project may have a folder, a package or an option of the same name as the suite's. Therefore

1. it lies outside the package `conformance`, which another project's package of that name must be able to be;
2. it imports the suite only where an importer is named, or where the suite's own folder is what pytest collects;
3. a name counts for the file that it leads to, and an option that somebody else has defined is theirs.
"""

from collections.abc import Generator, Iterable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

SUITE = "conformance"  # beside this package; named and not imported, since the model knows no suite
FOLDER = Path(__file__).resolve().parents[1] / SUITE
OPTION = "--importer"


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: Sequence[str]
) -> Generator[None, None, None]:
    """Once the conftests have defined their options, let the suite in if it is asked for."""
    yield
    theirs = is_defined(parser, OPTION)
    known = early_config.known_args_namespace  # which in a worker of pytest-xdist has the options that `args` lack
    if is_collected(args, known.pyargs):
        if theirs:
            raise pytest.UsageError(
                f"{OPTION} is an option of this project's tests too: run the suite in another folder"
            )
        let_in(early_config)
    elif (names_an_importer(args) or getattr(known, "importer", None)) and not theirs:
        let_in(early_config)


def let_in(config: pytest.Config) -> None:
    """Register the suite with its options. UsageError where it is hidden, or not installed as a whole."""
    if folder_of(SUITE) != FOLDER:
        raise pytest.UsageError(
            f"{folder_of(SUITE)} hides the package {SUITE} of refmodel: run pytest in another folder"
        )
    try:
        suite = import_module(f"{SUITE}.suite.plugin")
    except ModuleNotFoundError as missing:
        raise pytest.UsageError(f"the suite needs {missing.name}: pip install 'refmodel[conformance]'") from None
    config.pluginmanager.register(suite, "conformance-suite")


def is_defined(parser: pytest.Parser, option: str) -> bool:
    """Whether somebody else, a conftest for instance, has defined an option."""
    argument = f"{option}=x"
    return argument not in parser.parse_known_and_unknown_args([argument])[1]


def names_an_importer(args: Iterable[str]) -> bool:
    """Whether an importer is named."""
    return any(argument == OPTION or argument.startswith(f"{OPTION}=") for argument in args)


def is_collected(args: Sequence[str], as_packages: bool) -> bool:
    """Whether pytest is told to collect the suite, or something in it."""
    names = [argument.partition("::")[0] for argument in args if not argument.startswith("-")]
    return any(map(is_inside, names)) or (as_packages and any(map(is_package, names)))


def is_inside(name: str) -> bool:
    """Whether a name is a path in the suite's folder."""
    path = Path(name)
    return path.exists() and path.resolve().is_relative_to(FOLDER)


def is_package(name: str) -> bool:
    """Whether a name is the suite's package or a module in it, and not another project's."""
    return name.partition(".")[0] == SUITE and folder_of(SUITE) == FOLDER


def folder_of(package: str) -> Path | None:
    """Where Python finds a package."""
    spec = find_spec(package)
    return Path(spec.origin).resolve().parent if spec and spec.origin else None
