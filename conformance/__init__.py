"""The conformance suite: it judges any importer of student files."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.search.state_machine import ImporterMachine

__all__ = ["ImporterMachine"]


def __getattr__(name: str) -> object:
    """The state machine, imported when it is asked for: with it comes Hypothesis, which takes its time."""
    if name in __all__:
        return getattr(import_module("conformance.search.state_machine"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
