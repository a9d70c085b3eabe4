"""Verdicts: one word for a run, and what becomes of every rule."""

from typing import Any

import pytest
from attrs import evolve

from conformance.attribution.attribution import Attribution
from conformance.verdict.case import Case
from conformance.verdict.verdict import EXIT_STATUS, Verdict, counterexamples
from refmodel.catalogue import CATALOGUE
from tests.support.diagnosed import diagnosed

PASSED = Case("a", ("blank_keeps",), "passed", reached=("blank_keeps",), kind="example")


def differing(name: str, rule: str) -> Case:
    """A case that shows a rule broken, exactly as if it were left out."""
    return Case(name, (rule,), "differs", (rule,), Attribution((rule,), mutants=(f"no_{rule}",)), kind="example")


VIOLATED = differing("b", "blank_labels_clear")
DIFFERING = differing("c", "ragged_rows_fail")
FAULT = Case("d", ("approve",), "fault", details="it died", kind="example")
NOT_CLAIMED = Case("e", ("preview",), "not_applicable", kind="example")


def verdict(*cases: Case, **more: Any) -> Verdict:
    """The verdict over some cases."""
    return Verdict(cases, counterexamples(cases, diagnosed(*cases)), **more)


@pytest.mark.parametrize(
    ("cases", "more", "word"),
    [
        ((PASSED,), {}, "conformant"),
        ((PASSED, DIFFERING), {}, "differs"),
        ((PASSED, DIFFERING, VIOLATED), {}, "violates"),
        ((PASSED, FAULT), {}, "fault"),
        ((PASSED, FAULT, VIOLATED), {}, "violates"),
        ((PASSED,), {"suite_faults": ("it broke",)}, "fault"),
        ((PASSED,), {"stopped": True}, "incomplete"),
        ((VIOLATED,), {"stopped": True}, "violates"),
        ((PASSED,), {"filtered": True}, "incomplete"),
        ((VIOLATED,), {"filtered": True}, "incomplete"),
        ((NOT_CLAIMED,), {}, "nothing_verified"),
        ((), {}, "nothing_verified"),
    ],
)
def test_one_word_for_a_run(cases: tuple[Case, ...], more: dict[str, Any], word: str) -> None:
    """Each combination of what was shown has its word."""
    assert verdict(*cases, **more).word == word


def test_the_exit_status_says_the_word() -> None:
    """0 conformant, 1 differs or violates, 6 no verdict, 7 fault; pytest's own 2-5 keep their meaning."""
    assert EXIT_STATUS == {
        "conformant": 0,
        "differs": 1,
        "violates": 1,
        "incomplete": 6,
        "nothing_verified": 6,
        "fault": 7,
    }


def test_every_rule_has_a_status() -> None:
    """Held, broken, not applicable or not reached; none is quietly passed."""
    rules = verdict(PASSED, VIOLATED, FAULT, NOT_CLAIMED).rules
    assert set(rules) == set(CATALOGUE)
    expected = {
        "blank_keeps": "held",
        "blank_labels_clear": "broken",
        "approve": "not_reached",
        "preview": "not_applicable",
    }
    assert {name: rules[name] for name in expected} == expected
    assert rules["sign_up"] == "not_reached"


def test_a_case_that_could_not_tell_shows_nothing() -> None:
    """A rule is not held by a case that would have passed without it."""
    mute = Case("a", ("blank_keeps", "values_replace"), "passed", reached=("values_replace",), kind="example")
    assert verdict(mute).rules["blank_keeps"] == "not_applicable"


def test_what_nothing_accounts_for_breaks_no_rule() -> None:
    """The rules that it involves are in doubt, but for those that other cases have shown broken."""
    story = Case(
        "y",
        ("decline",),
        "differs",
        attribution=Attribution(relevant_rules=("ragged_rows_fail", "decline")),
        kind="example",
    )
    again = evolve(DIFFERING, id="again")
    found = verdict(story, DIFFERING, again)
    assert [example.cause.cases for example in found.counterexamples] == [(DIFFERING, again), (story,)]
    assert (found.rules["ragged_rows_fail"], found.rules["decline"]) == ("broken", "in_doubt")


def test_a_detail_with_a_weaker_basis_makes_no_violation() -> None:
    """Cases that all turn on a chosen detail of a stated rule make it a difference; one that does not, a violation."""
    detail = evolve(VIOLATED, id="detail", basis="chosen")
    (only,), (both,) = verdict(detail).counterexamples, verdict(detail, VIOLATED).counterexamples
    assert (only.basis, verdict(detail).word) == ("chosen", "differs")
    assert (both.basis, both.case, verdict(detail, VIOLATED).word) == ("stated", VIOLATED, "violates")


def test_a_finding_that_a_detail_explains_makes_no_violation() -> None:
    """What the search has found is a difference where a mutant of a chosen detail accounts for it, and nothing else."""
    rule, counting = "course_names_have_255_characters_at_most", "course_names_are_counted_in_bytes"
    found = Case("s", (rule,), "differs", (), Attribution((rule,), mutants=(counting,)), kind="search")
    both = evolve(found, attribution=Attribution((rule,), mutants=(counting, "course_names_are_cut")))
    assert (verdict(found).word, verdict(both).word) == ("differs", "violates")


def test_violations_come_first() -> None:
    """The firmest rule stands in front."""
    found = verdict(DIFFERING, VIOLATED).counterexamples
    assert [example.rule for example in found] == ["blank_labels_clear", "ragged_rows_fail"]
