"""The earlier name of `conformance.mutants`: `python:conformance.sabotage:NAME` works for one release more."""

import warnings
from typing import Any

from conformance import mutants

with warnings.catch_warnings():
    warnings.simplefilter("always")  # also where warnings are errors: a name that works must work there too
    warnings.warn(
        "conformance.sabotage is conformance.mutants now: write python:conformance.mutants:NAME",
        FutureWarning,
        stacklevel=2,
    )


def __getattr__(name: str) -> Any:
    return getattr(mutants, name)
