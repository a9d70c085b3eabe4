"""What all of our tests need of the process that they run in."""

import signal
from pathlib import Path

import pytest

MEASURED = Path(__file__).parent / "refmodel"


def pytest_configure() -> None:
    """Ctrl-C is heard in all that the tests start: a shell that runs them in the background has it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_itemcollected(item: pytest.Item) -> None:
    """The model's own tests have to cover it; measuring would make the others, and its laws, three times as slow."""
    if MEASURED not in item.path.parents or item.path.name == "test_laws.py":
        item.add_marker("no_cover")
