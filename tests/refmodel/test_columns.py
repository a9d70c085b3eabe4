"""The columns: which there are, and what may be done with each."""

import pytest

from refmodel.columns import BY_HEADER, COLUMNS, USERNAME, Column, Kind, required_headers
from refmodel.value_lists import LEVELS, YEARS


def test_each_column_has_its_place() -> None:
    """Each column has a header of its own and stands where its index says."""
    assert len(COLUMNS) == len(BY_HEADER)
    assert [column.index for column in COLUMNS] == list(range(len(COLUMNS)))


def test_starred_columns() -> None:
    """Six columns are required of every file; single sign-on adds one."""
    starred = ["email_address", "username", "first_name", "last_name"]
    starred += ["primary_education:end_date", "school_year_name"]
    assert list(required_headers(uses_sso=False)) == starred
    assert set(required_headers(uses_sso=True)) == {*starred, "auth_identifier"}


def test_sensitive_columns() -> None:
    """Four columns are sensitive: what identifies a student."""
    sensitive = {column.header for column in COLUMNS if column.sensitive}
    assert sensitive == {"email_address", "username", "auth_identifier", "card_id"}


def test_clearable_columns() -> None:
    """Every column can be cleared but the four of identity and the two booleans."""
    kept = {column.header for column in COLUMNS if not column.clearable}
    identity = {"email_address", "username", "first_name", "last_name"}
    assert kept == identity | {"disabled", "primary_education:currently_attending"}


def test_lists() -> None:
    """Four columns hold several items."""
    lists = {column.header for column in COLUMNS if column.holds_list}
    names = ("college", "major", "minor")
    assert lists == {"system_label_names", *(f"primary_education:{name}_names" for name in names)}


def test_keys_of_responses() -> None:
    """In a response the colon of a nested column is a dot."""
    assert BY_HEADER["primary_education:end_date"].key == "primary_education.end_date"
    assert BY_HEADER["hometown_location_attributes:name"].key == "hometown_location_attributes.name"
    assert BY_HEADER["username"].key == "username"


def test_the_kinds_are_all_in_use() -> None:
    """No kind of column is without a column."""
    assert {column.kind for column in COLUMNS} == set(Kind)


def test_the_value_lists() -> None:
    """Both vocabularies hold the levels and years of the articles; levels and years are separate lists."""
    assert (len(LEVELS["eu"]), len(YEARS["eu"])) == (8, 15)
    assert (len(LEVELS["us"]), len(YEARS["us"])) == (9, 13)
    assert "Further Education" in LEVELS["eu"]
    assert "Further Education" not in YEARS["eu"]
    assert "Further education" in YEARS["eu"]
    assert "Further education" not in LEVELS["eu"]
    assert all("Alumni" in years for years in YEARS.values())


def test_a_column_is_shown_by_its_header() -> None:
    """Of all that is known of a column its header is enough to tell it by in a report."""
    assert repr(USERNAME) == "Column(header='username')"


def test_a_column_is_only_like_itself() -> None:
    """A copy of a column is another one: the place in every row hangs on the column, not on what it holds."""
    again = Column(USERNAME.index, USERNAME.header, USERNAME.kind, USERNAME.source, True, True, True)
    assert again != USERNAME
    assert len({again, USERNAME}) == 2


@pytest.mark.parametrize("derived", ["attribute", "key"])
def test_the_names_of_a_column_follow_from_its_header(derived: str) -> None:
    """The names in an account and in a response cannot be given."""
    with pytest.raises(TypeError, match=derived):
        Column(0, "username", Kind.TEXT, "002:18", **{derived: "login"})  # type: ignore[arg-type]
