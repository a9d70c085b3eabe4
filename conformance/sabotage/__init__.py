"""The earlier name of `conformance.mutants`: `python:conformance.sabotage:NAME` works for one release more."""

from typing import Any

from conformance import mutants
from conformance.importers import warn_of

warn_of("conformance.sabotage", "conformance.mutants now: write python:conformance.mutants:NAME")


def __getattr__(name: str) -> Any:
    return getattr(mutants, name)
