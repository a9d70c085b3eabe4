"""Value lists: every value of each list is taken, and nothing that is only near one, in either vocabulary."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from attrs import frozen

from conformance.cases.edge_cases.building import (
    HEADER,
    NORTH,
    YEAR,
    EdgeCase,
    Row,
    but,
    edge_case,
    lines,
    quoted,
    with_column,
)
from conformance.protocol import requests
from refmodel.value_lists import LEVELS, YEARS, Vocabulary

RULE = "enumerations_match_exactly"
LEVEL = "primary_education:education_level_name"
NUMBERED = (  # what would follow, or go before, the numbered values of the lists
    *(f"Bachelor {nth} year or equivalent" for nth in ("0th", "5th", "6th", "first", "1.")),
    *(f"Master {nth} year or equivalent" for nth in ("0th", "3rd", "4th", "5th", "first", "1.")),
    *(f"Doctorate {nth} year or equivalent" for nth in ("1st", "2nd", "3rd", "4th")),
    *("Bachelor year or equivalent", "Bachelor 1st year", "Master 1st year", "Bachelor", "Master", "Alumnus", "Alumna"),
    *("Third Year Community / Technical College", "First Year Community", "Technical College", "Super Senior"),
)


@frozen
class Listing:
    """A list of values, of levels or of years."""

    kind: str
    values: Sequence[str]

    @property
    def near_misses(self) -> list[str]:
        """Texts that resemble its values, those of the other lists among them, and are none."""
        others = [value for lists in (LEVELS, YEARS) for values in lists.values() for value in values]
        misspelt = [change for value in self.values for change in misspellings(value)]
        return [text for text in dict.fromkeys((*others, *NUMBERED, *misspelt)) if text not in self.values]

    def file(self, texts: Sequence[str]) -> bytes:
        """A file of students, one for each text."""
        if self.kind == "year":
            return lines(HEADER, *(but(row, YEAR, quoted(text)) for row, text in zip(students(len(texts)), texts)))
        return with_column(LEVEL, *zip(students(len(texts)), map(quoted, texts)))


def misspellings(value: str) -> Iterator[str]:
    """A value in other capitals, with something behind it or in front, and without its end."""
    yield from (
        value.lower(),
        value.upper(),
        f"{value}.",
        f"{value}s",
        f"{value} ",
        f" {value}",
        f"x{value}",
        value[:-1],
    )


def students(count: int) -> list[Row]:
    """So many students, all of them new."""
    return [(f"s{number}@north.edu", str(number), "Sam", "Field", "", "") for number in range(count)]


def world_of(vocabulary: Vocabulary) -> Mapping[str, Any]:
    """A world whose institution has the vocabulary."""
    return requests.world({**NORTH, "vocabulary": vocabulary})


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    for vocabulary in get_args(Vocabulary):
        levels, years = Listing("level", LEVELS[vocabulary]), Listing("year", YEARS[vocabulary])
        yield edge_case(
            f"every_value_of_the_{vocabulary}_lists",
            f"{RULE} values_replace",
            f"Every level and every year of the vocabulary {vocabulary} is taken.",
            "A value is missing from the importer's list, or is spelled another way there.",
            levels.file(levels.values),
            years.file(years.values),
            world=world_of(vocabulary),
        )
        for listing in (levels, years):
            yield edge_case(
                f"nothing_near_a_{listing.kind}_of_the_{vocabulary}_list",
                RULE,
                f"What only resembles a {listing.kind} of the vocabulary {vocabulary} fails, whatever other lists say.",
                "The list is made from parts or from another list, or values are compared loosely.",
                listing.file(listing.near_misses),
                world=world_of(vocabulary),
            )
