"""Worlds as plain data: what can be observed, a world without students, and an institution's students as a file."""

import csv
import datetime
import io
from collections.abc import Iterator, Mapping
from types import NoneType
from typing import Any

from attrs import fields

from refmodel.cell import is_blank
from refmodel.columns import COLUMNS
from refmodel.value_lists import LEVELS
from refmodel.wording import did_you_mean, expected
from refmodel.world import Account, Institution, World

OBSERVABLE = tuple(field for field in fields(Account) if field.eq)
STANDING = tuple(field.name for field in OBSERVABLE if field.name not in {c.attribute for c in COLUMNS})


# What can be observed.


def plain(value: Any) -> Any:
    """A stored value as JSON has it: a date as yyyy-mm-dd, a set as a sorted list, a tuple as a list."""
    if value is None or isinstance(value, str | bool):  # nearly all are
        return value
    if isinstance(value, datetime.date):
        return value.isoformat()
    return sorted(value) if isinstance(value, frozenset) else list(value)


def observed(account: Account) -> dict[str, Any]:
    """All that can be observed of an account: header → value, and where the account stands."""
    columns = {column.header: plain(account.stored(column)) for column in COLUMNS}
    return columns | {name: plain(getattr(account, name)) for name in STANDING}


def observe(world: World) -> list[dict[str, Any]]:
    """All students, those who came first in front; empty is None, or [] in a list."""
    return [observed(account) for account in world.students()]


# A world without students.


def institution_as_data(institution: Institution) -> dict[str, object]:
    """An institution as the protocol's `reset` has it."""
    return {
        "id": institution.id,
        "domains": sorted(institution.domains),
        "uses_sso": institution.uses_sso,
        "campuses": list(institution.campuses),
        "vocabulary": institution.vocabulary,
        "staff": sorted(institution.staff),
    }


def world_as_data(world: World) -> dict[str, object]:
    """A world without its students, as `world_of` reads it."""
    return {
        "institutions": [institution_as_data(i) for i in world.directory.institutions.values()],
        "employers": sorted(world.directory.employers),
    }


def world_of(data: Mapping[str, Any]) -> World:
    """The world, without students, that `institutions` and `employers` describe; what is left out is empty.

    Raises ValueError where they contradict themselves, or are not of the protocol's shape; then it names the place.
    """
    for problem in problems_of(data):
        raise ValueError(problem)
    return World.of(*map(institution_of, data.get("institutions") or ()), employers=data.get("employers") or ())


def institution_of(entry: Mapping[str, Any]) -> Institution:
    """An institution from its plain data."""
    return Institution(**{name: value for name, value in entry.items() if value is not None})


LISTS = (list, tuple, set, frozenset)
INSTITUTIONS = 'a list of institutions, such as [{"id":"north"}]'
INSTITUTION = 'an institution, such as {"id":"north"}'
TEXTS: Mapping[str, str] = {  # key → what its list looks like
    "domains": 'a list of texts, such as ["north.edu"]',
    "campuses": 'a list of texts, such as ["Main"]',
    "staff": 'a list of texts, such as ["advisor@north.edu"]',
    "employers": 'a list of texts, such as ["hr@employer.example"]',
}
VOCABULARIES = tuple(LEVELS)
KEYS = tuple(attribute.name for attribute in fields(Institution))


def problems_of(data: Mapping[str, object]) -> Iterator[str]:
    """What is not of the protocol's shape in a world: the place, what is expected and what is there."""
    institutions = data.get("institutions")
    if isinstance(institutions, (*LISTS, NoneType)):
        for number, entry in enumerate(institutions or ()):
            yield from _problems_of_institution(f"institutions[{number}]", entry)
        yield from _problems_of_texts("employers", "employers", data.get("employers"))
    else:
        yield f"institutions: {expected(INSTITUTIONS, institutions)}"


def _problems_of_institution(place: str, entry: object) -> Iterator[str]:
    if isinstance(entry, Mapping):
        unknown = (key for key in entry if key not in KEYS)
        yield from (f'{place}: "{k}" is not a key of an institution{did_you_mean(str(k), KEYS)}' for k in unknown)
        for key in ("domains", "campuses", "staff"):
            yield from _problems_of_texts(f"{place}.{key}", key, entry.get(key))
        yield from _problems_of_values(place, entry)
    else:
        yield f"{place}: {expected(INSTITUTION, entry)}"


def _problems_of_texts(place: str, key: str, value: object) -> Iterator[str]:
    if isinstance(value, (*LISTS, NoneType)):
        wrong = ((number, text) for number, text in enumerate(value or ()) if not isinstance(text, str))
        yield from (f"{place}[{number}]: {expected('a text', text)}" for number, text in wrong)
    else:
        yield f"{place}: {expected(TEXTS[key], value)}"


def _problems_of_values(place: str, entry: Mapping[str, object]) -> Iterator[str]:
    name, uses_sso, vocabulary = (entry.get(key) for key in ("id", "uses_sso", "vocabulary"))
    if not isinstance(name, str) or is_blank(name):
        yield f"{place}.id: {expected('a text that is not blank', name)}"
    if not isinstance(uses_sso, bool | None):
        yield f"{place}.uses_sso: {expected('true or false', uses_sso)}"
    if vocabulary is not None and vocabulary not in VOCABULARIES:
        yield f"{place}.vocabulary: {expected('eu or us', vocabulary)}{did_you_mean(str(vocabulary), VOCABULARIES)}"


# A file.


def export(world: World, institution: str) -> bytes:
    """The students connected to an institution as a file of all columns, dates as yyyy-mm-dd.

    Importing it changes nothing, whatever the job; rows may fail.
    """
    world.institution(institution)
    output = io.StringIO(newline="")
    writer = csv.writer(output)
    writer.writerow(column.header for column in COLUMNS)
    writer.writerows([cell_text(account.stored(c)) for c in COLUMNS] for account in world.connected(institution))
    return output.getvalue().encode()


def cell_text(value: Any) -> str:
    """A stored value as the text of a cell that says it."""
    if isinstance(value, bool):
        return str(value).upper()
    value = plain(value)
    return ";".join(value) if isinstance(value, list) else value or ""
