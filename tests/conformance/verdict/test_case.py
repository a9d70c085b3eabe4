"""Cases: data, which are rendered last."""

from attrs import evolve

from conformance.attribution.attribution import Attribution
from conformance.attribution.diagnosis import Diagnosis, MutantMatch
from conformance.verdict.case import FLAKY, NOT_EXPLAINED, Case
from conformance.verdict.verdict import settled

LIKE = ("no_blank_labels_clear",)
CASE = Case(
    "a",
    ("blank_labels_clear",),
    "differs",
    (),
    Attribution(("blank_labels_clear",), (), LIKE),
    "A title",
    "Step 1: …",
    kind="example",
)


def test_the_text_of_a_case_that_differs() -> None:
    """Title, rule, known mistakes, and what differs."""
    title, rule, mistake, *details = CASE.text.splitlines()
    assert title == "A title"
    assert rule.startswith("Rule: blank_labels_clear (stated, 002:36): ")
    assert mistake.startswith("Behaves like no_blank_labels_clear: ")
    assert details == ["Step 1: …"]


def test_the_reasons_are_those_of_the_diagnosis() -> None:
    """Whatever was thought of a case before, and whatever its title is, the text says what is so in the end."""
    match = MutantMatch("no_approve", "approve", "", 1)
    diagnosis = Diagnosis((match,), 1, {"a": ("no_approve",)})
    for title in ("A title", "A title\nof two lines", CASE.text):
        case = settled(evolve(CASE, title=title), diagnosis)
        assert case.suspects[0] == "approve"
        rule, mistake, details = case.text.removeprefix(f"{title}\n").splitlines()
        assert rule.startswith("Rule: approve ")
        assert mistake.startswith("Behaves like no_approve: ")
        assert details == "Step 1: …"


def test_what_nothing_accounts_for_says_so() -> None:
    """No rule is named for a case without suspects."""
    assert evolve(CASE, rules=(), attribution=Attribution()).text == f"A title\n{NOT_EXPLAINED}\nStep 1: …"


def test_a_flaky_case_accuses_no_rule() -> None:
    """It says that it did not show again."""
    assert evolve(CASE, status="flaky").text == f"A title\n{FLAKY}\nStep 1: …"


def test_a_case_without_a_title_is_its_details() -> None:
    """What became of a fault, or of a race, is told already."""
    assert evolve(CASE, title="").text == "Step 1: …"
