"""Wrong importers, each with one small mistake that a real one might make: what the suite must be able to catch.

Each is of the reference model: without a rule, with another in its place, or wrong by hand in what it remembers or
tells. `SABOTAGES` has them by name; `--importer python:conformance.mutants:NAME` judges one, and
`NAME__and__NAME` one that makes both mistakes, or more.
"""

from collections.abc import Callable, Mapping

from conformance.mutants import (
    access_requests,
    account_actions,
    cell_parsing,
    connections,
    effects,
    file_format,
    identifiers,
    lookups,
    memory,
    profiles,
    refusals,
    reporting,
    unchanged_rows,
    validations,
    values,
)
from conformance.mutants.combination import Incompatible, combined
from conformance.mutants.operators import Sabotage, sabotages_in
from conformance.oracle.reference import ReferenceImporter

MODULES = (
    *(file_format, cell_parsing, values),
    *(lookups, unchanged_rows, refusals, validations, identifiers),
    *(effects, connections),
    *(memory, reporting),  # what an importer remembers stands around what it tells, where they are combined
    *(access_requests, account_actions, profiles),
)
SABOTAGES: Mapping[str, Sabotage] = {
    sabotage.name: sabotage for module in MODULES for sabotage in sabotages_in(vars(module))
}


AND = "__and__"


def importer(*names: str) -> ReferenceImporter:
    """The wrong importer that makes all these mistakes; ValueError where there is none, or they exclude each other."""
    unknown = [name for name in names if name not in SABOTAGES]
    if unknown or not names:
        raise ValueError(f"there is no sabotage {(*unknown, '')[0]!r}")
    return combined([sabotage for name, sabotage in SABOTAGES.items() if name in names])


def __getattr__(name: str) -> Callable[[], ReferenceImporter]:
    names = name.split(AND)
    if not SABOTAGES.keys() >= set(names):
        unknown = next(each for each in names if each not in SABOTAGES)
        said = f"there is no sabotage {unknown!r}" if AND in name else f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(said)
    try:
        importer(*names)
    except Incompatible as wrong:
        raise AttributeError(str(wrong)) from None
    return lambda: importer(*names)
