"""The pytest plugin: it wakes up where pytest is pointed at `conformance`, and leaves every other run alone."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

FOLDER = Path(__file__).parent


def pytest_load_initial_conftests(early_config: "pytest.Config", parser: Any, args: list[str]) -> None:
    """Register the suite, with its options, where an argument names it."""
    if names_the_suite(args):
        # Imported only here: another project's run should not even pay for the import.
        from conformance import suite

        early_config.pluginmanager.register(suite, "conformance-suite")


def names_the_suite(args: Iterable[str]) -> bool:
    """Whether pytest is told to run the suite: by package name, or by a path inside it."""
    names = [argument.partition("::")[0] for argument in args if not argument.startswith("-")]
    return any(name == "conformance" or name.startswith("conformance.") or _is_inside(name) for name in names)


def _is_inside(name: str) -> bool:
    path = Path(name)
    return path.exists() and path.resolve().is_relative_to(FOLDER)
