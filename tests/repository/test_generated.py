"""What is generated is fresh, and is generated again by `make generate`."""

from pathlib import Path

import pytest

from refmodel.rules_version import RULES_VERSION
from tests.support.paths import ROOT
from tests.tools import generate
from tests.tools.generate import GENERATED, LIFE, with_part

# The picture takes long; tests/conformance/search/test_exhaustive.py draws it, and compares it with the page.
QUICK = [path for path in GENERATED if path != LIFE]


@pytest.mark.parametrize("path", QUICK, ids=[str(path.relative_to(ROOT)) for path in QUICK])
def test_what_is_generated_is_fresh(path: Path) -> None:
    """Byte for byte what `make generate` would write."""
    assert path.read_bytes() == GENERATED[path]().encode(), "`make generate` writes it anew"


def test_another_rule_raises_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the rules say other things than their version did, the next version is written, with their fingerprint."""
    module = generate.VERSION.read_text("utf-8")
    monkeypatch.setattr(generate, "fingerprint", lambda: "0123456789abcdef")
    raised = generate.rules_version()
    assert f"RULES_VERSION = {RULES_VERSION + 1}\n" in raised
    assert 'FINGERPRINT = "0123456789abcdef"' in raised
    assert len(raised.splitlines()) == len(module.splitlines())


def test_a_part_of_a_page_is_what_stands_between_its_marks() -> None:
    """What is around it stays as it is, and so do the marks; the part can be written again."""
    text = "a\n<!-- b: by `make generate` -->\nold\n<!-- end of b -->\nc\n"
    new = with_part(text, "b", "new\nlines")
    assert new == "a\n<!-- b: by `make generate` -->\nnew\nlines\n<!-- end of b -->\nc\n"
    assert with_part(new, "b", "old") == text


@pytest.mark.parametrize("text", ["", "<!-- b: x -->\nold\n", "old\n<!-- end of b -->\n"])
def test_a_page_without_its_marks_is_an_error(text: str) -> None:
    """It would never be fresh, and nobody would know why."""
    with pytest.raises(ValueError, match="the page has no <!-- b: "):
        with_part(text, "b", "new")
