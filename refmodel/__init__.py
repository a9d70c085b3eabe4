"""The reference model of a student import: what a file, and everything else people do, makes of a world."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from refmodel.dispatch import act
    from refmodel.engine import import_file, preview
    from refmodel.job import Job
    from refmodel.ruleset import Ruleset
    from refmodel.serialization import export
    from refmodel.world import Account, Institution, World

__version__ = "0.1.0"

__all__ = ["Account", "Institution", "Job", "Ruleset", "World", "act", "export", "import_file", "preview"]

# Imported when they are asked for: pytest imports this package at the start of every run, for its plugin alone.
MODULES = {
    "act": "dispatch",
    "import_file": "engine",
    "preview": "engine",
    "Job": "job",
    "export": "serialization",
    "Ruleset": "ruleset",
    "Account": "world",
    "Institution": "world",
    "World": "world",
}


def __getattr__(name: str) -> object:
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{MODULES[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *MODULES]
