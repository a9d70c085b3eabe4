"""Mutants: importers with one small mistake that a real one might make, which the suite must catch.

Each is the reference model without a rule, with another rule in its place, or as a class of its own that remembers or
reports something wrongly. `MUTANTS` has them by name; `--importer python:conformance.mutants:NAME` judges one, and
`NAME__and__NAME` one that makes both mistakes, or more.
"""

from collections.abc import Callable, Mapping

from conformance.mutants import (
    access_requests,
    account_actions,
    calendars,
    cell_parsing,
    coercion,
    collations,
    connections,
    effects,
    file_format,
    identifiers,
    lookups,
    memory,
    normalisation,
    previews,
    profiles,
    refusals,
    reporting,
    resubmissions,
    row_fingerprints,
    size_limits,
    unchanged_rows,
    validations,
    values,
)
from conformance.mutants.combination import Incompatible, combined
from conformance.mutants.operators import Mutant, mutants_in
from conformance.oracle.reference import ReferenceImporter

MODULES = (
    *(file_format, cell_parsing, values),
    *(lookups, unchanged_rows, refusals, validations, identifiers),
    *(effects, connections),
    *(memory, reporting),  # in this order: combined, memory wraps reporting
    *(previews, resubmissions, row_fingerprints, size_limits),
    *(access_requests, account_actions, profiles),
    *(collations, coercion, calendars, normalisation),
)
MUTANTS: Mapping[str, Mutant] = {mutant.name: mutant for module in MODULES for mutant in mutants_in(vars(module))}


AND = "__and__"


def importer(*names: str) -> ReferenceImporter:
    """The importer of some mutants combined; ValueError for an unknown name, or if they exclude each other."""
    unknown = [name for name in names if name not in MUTANTS]
    if unknown or not names:
        raise ValueError(f"there is no mutant {(*unknown, '')[0]!r}")
    return combined([mutant for name, mutant in MUTANTS.items() if name in names])


def __getattr__(name: str) -> Callable[[], ReferenceImporter]:
    names = name.split(AND)
    if not MUTANTS.keys() >= set(names):
        unknown = next(each for each in names if each not in MUTANTS)
        said = f"there is no mutant {unknown!r}" if AND in name else f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(said)
    try:
        importer(*names)
    except Incompatible as wrong:
        raise AttributeError(str(wrong)) from None
    return lambda: importer(*names)
