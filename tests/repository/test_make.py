"""What the Makefile offers: each target is explained, and the tests that `make check` chooses are there."""

import re
import subprocess

from tests.support.paths import ROOT

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def said(*arguments: str) -> str:
    """What make says; it does nothing but say it."""
    done = subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def test_help_lists_every_target() -> None:
    """What is phony can be asked for, and `make help` tells of each."""
    (phony,) = re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    assert {"conformance", "test", "check", "lock", "test-newest", "test-oldest"} <= set(phony.split())
    assert sorted(re.findall(r"^  make ([a-z-]+) +\w", said("help"), re.MULTILINE)) == sorted(phony.split())


def test_the_tests_of_the_inner_loop_are_there() -> None:
    """Every file and folder that `make check` names exists, each is named once, and they are not all that there are."""
    named = re.findall(r"tests/[\w/.]+", said("--dry-run", "check"))
    assert len(named) == len(set(named)) > 10
    assert all((ROOT / path).exists() for path in named)
    chosen = {
        path
        for place in named
        for path in ((ROOT / place).rglob("test_*.py") if (ROOT / place).is_dir() else [ROOT / place])
    }
    assert chosen < set((ROOT / "tests").rglob("test_*.py"))
