"""The earlier name of `conformance.mutants`: `python:conformance.sabotage:NAME` works for one release more."""

import warnings
from typing import Any

from conformance import mutants

warnings.warn(
    "conformance.sabotage is conformance.mutants now: write python:conformance.mutants:NAME",
    FutureWarning,
    stacklevel=2,
)


def __getattr__(name: str) -> Any:
    return getattr(mutants, name)
