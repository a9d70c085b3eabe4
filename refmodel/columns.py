"""The columns of a student file: header, kind, and what may be done with each."""

import datetime
from collections.abc import Mapping
from enum import Enum

from attrs import field, frozen


class Kind(Enum):
    """How the text of a cell is read."""

    EMAIL = "e-mail"
    TEXT = "text"
    LEVEL = "level"
    YEAR = "year"
    DATE = "date"
    LIST = "list"
    LABELS = "set"
    BOOLEAN = "boolean"
    MOBILE = "mobile"


# What a cell of a kind says, where that is not a text.
VALUE_TYPES: Mapping[Kind, type] = {
    Kind.BOOLEAN: bool,
    Kind.DATE: datetime.date,
    Kind.LIST: tuple[str, ...],
    Kind.LABELS: frozenset[str],
}


@frozen(eq=False)
class Column:
    """One column; `index` is its place in COLUMNS and in every tuple of cells."""

    index: int = field(repr=False)
    header: str
    kind: Kind = field(repr=False)
    source: str = field(repr=False)
    starred: bool = field(default=False, repr=False)
    sensitive: bool = field(default=False, repr=False)
    identity: bool = field(default=False, repr=False)  # one of the four that can never be cleared

    attribute: str = field(init=False, repr=False)  # of an account
    key: str = field(init=False, repr=False)  # in a response: a nested column has a dot

    @attribute.default
    def _attribute(self) -> str:
        return self.header.replace(":", "_")

    @key.default
    def _key(self) -> str:
        return self.header.replace(":", ".")

    @property
    def clearable(self) -> bool:
        """Whether the clear token may stand here."""
        return not self.identity and self.kind is not Kind.BOOLEAN

    @property
    def value_type(self) -> type:
        """The type of the values that its cells hold."""
        return VALUE_TYPES.get(self.kind, str)

    @property
    def holds_list(self) -> bool:
        """Whether a cell holds several items, separated by semicolons."""
        return self.kind in (Kind.LIST, Kind.LABELS)


COLUMNS: tuple[Column, ...] = (
    Column(0, "email_address", Kind.EMAIL, "002:17", starred=True, sensitive=True, identity=True),
    Column(1, "username", Kind.TEXT, "002:18", starred=True, sensitive=True, identity=True),
    Column(2, "first_name", Kind.TEXT, "002:19", starred=True, identity=True),
    Column(3, "last_name", Kind.TEXT, "002:20", starred=True, identity=True),
    Column(4, "middle_name", Kind.TEXT, "002:21"),
    Column(5, "preferred_name", Kind.TEXT, "002:22"),
    Column(6, "auth_identifier", Kind.TEXT, "002:23", sensitive=True),
    Column(7, "primary_education:education_level_name", Kind.LEVEL, "002:24"),
    Column(8, "primary_education:start_date", Kind.DATE, "002:25"),
    Column(9, "primary_education:end_date", Kind.DATE, "002:26", starred=True),
    Column(10, "primary_education:college_names", Kind.LIST, "002:27"),
    Column(11, "school_year_name", Kind.YEAR, "002:28", starred=True),
    Column(12, "primary_education:currently_attending", Kind.BOOLEAN, "002:29"),
    Column(13, "primary_education:major_names", Kind.LIST, "002:30"),
    Column(14, "primary_education:minor_names", Kind.LIST, "002:31"),
    Column(15, "card_id", Kind.TEXT, "002:32", sensitive=True),
    Column(16, "mobile_number", Kind.MOBILE, "002:33"),
    Column(17, "gender", Kind.TEXT, "002:34"),
    Column(18, "disabled", Kind.BOOLEAN, "002:35"),
    Column(19, "system_label_names", Kind.LABELS, "002:36"),
    Column(20, "assigned_to_email_address", Kind.EMAIL, "002:37"),
    Column(21, "hometown_location_attributes:name", Kind.TEXT, "002:38"),
    Column(22, "campus_name", Kind.TEXT, "002:39"),
)

BY_HEADER: dict[str, Column] = {column.header: column for column in COLUMNS}

EMAIL_ADDRESS = BY_HEADER["email_address"]
USERNAME = BY_HEADER["username"]
FIRST_NAME = BY_HEADER["first_name"]
LAST_NAME = BY_HEADER["last_name"]
AUTH_IDENTIFIER = BY_HEADER["auth_identifier"]
START_DATE = BY_HEADER["primary_education:start_date"]
END_DATE = BY_HEADER["primary_education:end_date"]
SCHOOL_YEAR_NAME = BY_HEADER["school_year_name"]
MAJOR_NAMES = BY_HEADER["primary_education:major_names"]
CARD_ID = BY_HEADER["card_id"]
DISABLED = BY_HEADER["disabled"]
SYSTEM_LABEL_NAMES = BY_HEADER["system_label_names"]
ASSIGNED_TO = BY_HEADER["assigned_to_email_address"]
CAMPUS_NAME = BY_HEADER["campus_name"]

SENSITIVE: tuple[Column, ...] = tuple(column for column in COLUMNS if column.sensitive)
REPLACED: tuple[Column, ...] = tuple(c for c in COLUMNS if c not in (DISABLED, SYSTEM_LABEL_NAMES))

YEAR_ALIAS = "institution_year_name"  # 001:4
CLEAR_TOKEN = "**CLEAR**"  # 001:13


def required_headers(uses_sso: bool) -> tuple[str, ...]:
    """The starred headers; single sign-on requires `auth_identifier` too (002:23)."""
    return tuple(c.header for c in COLUMNS if c.starred or (c is AUTH_IDENTIFIER and uses_sso))
