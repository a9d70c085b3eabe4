"""What holds for every test of the rules."""

import csv
from collections.abc import Iterator

import pytest

LIMIT = 131_072  # of the library; other packages raise it for the whole process when they are imported


@pytest.fixture(autouse=True)
def limit_of_the_process() -> Iterator[None]:
    """Whatever happens, the process's own limit on cells is as it was."""
    before = csv.field_size_limit(LIMIT)
    yield
    assert csv.field_size_limit(before) == LIMIT
