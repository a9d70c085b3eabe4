"""Wrong importers, each with one small mistake that a real one might make: what the suite must be able to catch.

Each is of the reference model: without a rule, with another in its place, or wrong by hand in what it remembers or
tells. `SABOTAGES` has them by name; `--importer python:conformance.sabotage:NAME` judges one.
"""

from collections.abc import Callable, Mapping

from conformance.reference import ReferenceImporter
from conformance.sabotage import (
    accounts,
    cells,
    connecting,
    effects,
    files,
    finding,
    identifiers,
    profiles,
    refusals,
    remembering,
    reporting,
    requests,
    unchanged,
    validations,
    values,
)
from conformance.sabotage.making import Sabotage, sabotages_in

MODULES = (
    *(files, cells, values),
    *(finding, unchanged, refusals, validations, identifiers),
    *(effects, connecting),
    *(reporting, remembering),
    *(requests, accounts, profiles),
)
SABOTAGES: Mapping[str, Sabotage] = {
    sabotage.name: sabotage for module in MODULES for sabotage in sabotages_in(vars(module))
}


def importer(name: str) -> ReferenceImporter:
    """The wrong importer of a name; ValueError where there is none."""
    if name not in SABOTAGES:
        raise ValueError(f"there is no sabotage {name!r}")
    return SABOTAGES[name].importer()


def __getattr__(name: str) -> Callable[[], ReferenceImporter]:
    if name not in SABOTAGES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return SABOTAGES[name].importer
