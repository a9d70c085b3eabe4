"""Causes: what differs is put down to one rule only where nothing else would do as well."""

import pytest
from attrs import evolve

from conformance.attribution.attribution import Attribution
from conformance.attribution.diagnosis import Diagnosis, MutantMatch
from conformance.verdict.case import Case
from conformance.verdict.causes import causes_of
from conformance.verdict.verdict import Verdict, blame, counterexamples

STATED, ALSO_STATED, CHOSEN = "blank_labels_clear", "blank_keeps", "ragged_rows_fail"


def case(name: str, *mutants: str, about: str = STATED, relevant: tuple[str, ...] = ()) -> Case:
    """A case that differs, and the known mistakes that answer it as the importer did."""
    exact = tuple(mutant.removeprefix("no_") for mutant in mutants)
    return Case(name, (about,), "differs", (), Attribution(exact, relevant, mutants), kind="example")


def match(name: str, *others: str) -> MutantMatch:
    """A mistake of a diagnosis, and others that would do as well."""
    rules = tuple(mutant.removeprefix("no_") for mutant in (name, *others))
    return MutantMatch(name, rules[0], "It is wrong.", 1, others, rules)


def diagnosis(*matches: MutantMatch, cases: tuple[Case, ...], contradicted: int = 0) -> Diagnosis:
    """A sound diagnosis of some cases, each of which shows all matches."""
    names = tuple(each.name for each in matches)
    accounted = {each.id: names for each in cases}
    return Diagnosis(matches, len(cases), accounted, 10, contradicted, is_sound=True)


def test_one_rule_alone() -> None:
    """What one rule alone accounts for breaks it; which is likely, as the run as a whole was not tried."""
    (cause,) = causes_of([case("a", f"no_{STATED}")], Diagnosis())
    assert (cause.rules, cause.is_certain, cause.is_sure) == ((STATED,), True, False)


def test_two_rules_that_would_do() -> None:
    """Where mistakes in two rules answer alike neither rule is broken for certain; the weaker basis counts."""
    cases = (case("a", f"no_{STATED}", f"no_{CHOSEN}"),)
    (cause,) = causes_of(cases, Diagnosis())
    assert (set(cause.rules), cause.is_certain, cause.basis) == ({STATED, CHOSEN}, False, "chosen")
    found = Verdict(cases, counterexamples(cases))
    assert found.rules[STATED] == found.rules[CHOSEN] == "in_doubt"
    assert (found.word, found.exit_status) == ("differs", 1)


def test_what_others_show_decides() -> None:
    """A mistake that explains more cases explains those, too, that another would explain as well."""
    both, one = case("a", f"no_{STATED}", f"no_{CHOSEN}"), case("b", f"no_{STATED}")
    (cause,) = causes_of([both, one], Diagnosis())
    assert (cause.rules, len(cause.cases)) == ((STATED,), 2)


def test_only_stated_rules_may_be_meant() -> None:
    """Where each rule that may be broken is stated, the importer violates, whichever it is."""
    cases = (case("a", f"no_{STATED}", f"no_{ALSO_STATED}"),)
    found = Verdict(cases, counterexamples(cases))
    assert found.word == "violates"
    assert "broken" not in found.rules.values()


def test_what_is_not_explained() -> None:
    """Every rule that the cases involve is in doubt, and none is broken."""
    cases = (case("a", relevant=(CHOSEN,)), case("b", relevant=(ALSO_STATED,)))
    (cause,) = causes_of(cases, Diagnosis())
    assert (set(cause.rules), cause.mutants, cause.is_certain) == ({STATED, CHOSEN, ALSO_STATED}, (), False)


def test_a_mistake_that_a_passing_case_contradicts_explains_nothing() -> None:
    """The diagnosis has tried it: what fits one case alone and not the others is chance."""
    (cause,) = causes_of([case("a", f"no_{CHOSEN}")], Diagnosis(failing=1, alone={"a": ()}))
    assert not cause.mutants


def test_the_diagnosis_makes_it_sure() -> None:
    """Sure is what answers every case, failing and passing, as the importer did, and nothing else would."""
    cases = (case("a", f"no_{CHOSEN}"),)
    (cause,) = causes_of(cases, diagnosis(match(f"no_{STATED}"), cases=cases))
    assert (cause.rules, cause.is_certain, cause.is_sure) == ((STATED,), True, True)


@pytest.mark.parametrize("others", [(), (f"no_{CHOSEN}",)])
@pytest.mark.parametrize("contradicted", [0, 1])
def test_when_it_is_not_sure(others: tuple[str, ...], contradicted: int) -> None:
    """Another rule that would do as well, or a passing case that contradicts, leaves the rule in doubt."""
    cases = (case("a"),)
    (cause,) = causes_of(cases, diagnosis(match(f"no_{STATED}", *others), cases=cases, contradicted=contradicted))
    assert cause.is_certain is (not others and not contradicted)
    assert cause.is_sure is cause.is_certain


def test_a_case_without_suspects_has_no_cause() -> None:
    """A race that nothing accounts for differs, and accuses no rule."""
    assert causes_of([evolve(case("a"), rules=())], Diagnosis()) == ()


def test_no_case_is_lost() -> None:
    """Where each rule of a cause stands in front of another one, its cases are counted with the likeliest."""
    broken = [case("a", f"no_{STATED}"), case("b", f"no_{CHOSEN}")]
    cases = [*broken, case("c", relevant=(CHOSEN,))]
    found = counterexamples(cases)
    assert {example.rule: example.cases for example in found} == {STATED: 2, CHOSEN: 1}
    assert set(blame(found)) == {"a", "b", "c"}
