"""Hypothesis strategies for student files, under the name that users type; they lie in `conformance.generation`."""

from conformance.generation.history import ActionStep, FileStep, History
from conformance.generation.strategies import (
    actions,
    cells,
    files,
    headers,
    histories,
    jobs,
    rows,
    steps,
    worlds,
)

__all__ = [
    "ActionStep",
    "FileStep",
    "History",
    "actions",
    "cells",
    "files",
    "headers",
    "histories",
    "jobs",
    "rows",
    "steps",
    "worlds",
]
