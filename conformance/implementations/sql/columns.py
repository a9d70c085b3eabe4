"""The columns of a student file, the value lists, and the names they have in the database."""

from collections.abc import Mapping
from typing import Literal

from attrs import frozen

Kind = Literal["email", "text", "level", "year", "date", "list", "courses", "boolean", "mobile", "labels"]
Vocabulary = Literal["eu", "us"]
# Dates are held as yyyy-mm-dd, labels sorted: so two equal values are always written alike.
Value = str | bool | tuple[str, ...] | None


@frozen
class Column:
    """A header of the file, what its cells hold, and what hangs on it."""

    header: str
    kind: Kind
    starred: bool = False
    sensitive: bool = False

    @property
    def name(self) -> str:
        """The column's name in the database: a colon would have to be quoted there."""
        return self.header.replace(":", "_")

    @property
    def field(self) -> str:
        """The key that complaints about the column go under. Source: 001:12."""
        return self.header.replace(":", ".")

    @property
    def empty(self) -> Value:
        """What an account holds before anybody has said anything."""
        if self.header == "disabled":
            return False
        return () if self.kind in ("list", "courses", "labels") else None


COLUMNS: Mapping[str, Column] = {
    column.header: column
    for column in (
        Column("email_address", "email", starred=True, sensitive=True),
        Column("username", "text", starred=True, sensitive=True),
        Column("first_name", "text", starred=True),
        Column("last_name", "text", starred=True),
        Column("middle_name", "text"),
        Column("preferred_name", "text"),
        Column("auth_identifier", "text", sensitive=True),
        Column("primary_education:education_level_name", "level"),
        Column("primary_education:start_date", "date"),
        Column("primary_education:end_date", "date", starred=True),
        Column("primary_education:college_names", "list"),
        Column("school_year_name", "year", starred=True),
        Column("primary_education:currently_attending", "boolean"),
        Column("primary_education:major_names", "courses"),
        Column("primary_education:minor_names", "list"),
        Column("card_id", "text", sensitive=True),
        Column("mobile_number", "mobile"),
        Column("gender", "text"),
        Column("disabled", "boolean"),
        Column("system_label_names", "labels"),
        Column("assigned_to_email_address", "email"),
        Column("hometown_location_attributes:name", "text"),
        Column("campus_name", "text"),
    )
}
ALIASES: Mapping[str, str] = {"institution_year_name": "school_year_name"}
IDENTITY = frozenset({"email_address", "username", "first_name", "last_name"})
IDENTIFIERS = ("username", "auth_identifier", "card_id")
DATES = tuple(column.header for column in COLUMNS.values() if column.kind == "date")
SENSITIVE = tuple(column.header for column in COLUMNS.values() if column.sensitive)
NOTHING: Mapping[str, Value] = {column.header: column.empty for column in COLUMNS.values()}


def canonical(header: str) -> str | None:
    """The known header that this one stands for, or none."""
    meant = ALIASES.get(header, header)
    return meant if meant in COLUMNS else None


LEVELS: Mapping[Vocabulary, frozenset[str]] = {
    "eu": frozenset(
        {
            "Certificate",
            "Undergraduate",
            "Postgraduate",
            "Doctorate",
            "Postdoctoral Researcher",
            "Non-Degree Seeking",
            "Secondary Education",
            "Further Education",
        }
    ),
    "us": frozenset(
        {
            "Associates",
            "Certificate",
            "Advanced Certificate",
            "Bachelors",
            "Masters",
            "Doctorate",
            "Postdoctoral Studies",
            "Non-Degree Seeking",
            "Technical Diploma",
        }
    ),
}
YEARS: Mapping[Vocabulary, frozenset[str]] = {
    "eu": frozenset(
        {
            "Foundation year",
            "Bachelor 1st year or equivalent",
            "Bachelor 2nd year or equivalent",
            "Bachelor 3rd year or equivalent",
            "Bachelor 4th year or equivalent",
            "Master 1st year or equivalent",
            "Master 2nd year or equivalent",
            "Doctorate",
            "Postdoctoral Researcher",
            "Masters of Business Administration",
            "Alumni",
            "Certificate Program",
            "Further education",
            "Placement",
            "Gap Year",
        }
    ),
    "us": frozenset(
        {
            "Freshman",
            "Sophomore",
            "Junior",
            "Senior",
            "First Year Community / Technical College",
            "Second Year Community / Technical College",
            "Certificate Program",
            "Masters",
            "Masters of Business Administration",
            "Accelerated Masters",
            "Doctorate",
            "Postdoctoral Studies",
            "Alumni",
        }
    ),
}
