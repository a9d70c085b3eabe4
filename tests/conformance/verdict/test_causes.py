"""Causes: what differs is put down to one rule only where nothing else would do as well."""

import pytest
from attrs import evolve

from conformance.attribution.attribution import Attribution
from conformance.attribution.diagnosis import Diagnosis, MutantMatch
from conformance.verdict.case import Case
from conformance.verdict.causes import causes_of
from conformance.verdict.verdict import Verdict, blame, counterexamples, settled
from refmodel.catalogue import CATALOGUE

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
    return Diagnosis(matches, len(cases), accounted, 10, contradicted)


def test_one_rule_alone() -> None:
    """What the mistakes of one rule alone account for breaks it; likely only, where the run has more cases."""
    cases = (case("a"), case("b"), case("c", about=ALSO_STATED))
    found = evolve(diagnosis(match(f"no_{STATED}"), cases=cases[:2]), failing=3)
    cause, rest = causes_of(cases, found)
    assert (cause.rules, cause.is_certain, cause.is_sure) == ((STATED,), True, False)
    assert (rest.cases, rest.mutants) == (cases[2:], ())


def test_one_case_of_several_may_be_chance() -> None:
    """Where other cases are not explained, a mistake that one case shows breaks no rule for certain."""
    cases = (case("a"), case("b", about=ALSO_STATED))
    cause, _ = causes_of(cases, evolve(diagnosis(match(f"no_{STATED}"), cases=cases[:1]), failing=2))
    assert (cause.rules, cause.is_certain) == ((STATED,), False)


def test_two_rules_that_would_do() -> None:
    """Where mistakes in two rules answer alike neither rule is broken for certain; the weaker basis counts."""
    cases = (case("a"),)
    examples = counterexamples(cases, diagnosis(match(f"no_{STATED}", f"no_{CHOSEN}"), cases=cases))
    (cause,) = (example.cause for example in examples)
    assert (set(cause.rules), cause.is_certain, cause.basis) == ({STATED, CHOSEN}, False, "chosen")
    found = Verdict(cases, examples)
    assert found.rules[STATED] == found.rules[CHOSEN] == "in_doubt"
    assert (found.word, found.exit_status) == ("differs", 1)


def test_only_stated_rules_may_be_meant() -> None:
    """Where each rule that may be broken is stated, the importer violates, whichever it is."""
    cases = (case("a"),)
    both = diagnosis(match(f"no_{STATED}", f"no_{ALSO_STATED}"), cases=cases)
    found = Verdict(cases, counterexamples(cases, both))
    assert found.word == "violates"
    assert "broken" not in found.rules.values()


def test_what_is_not_explained() -> None:
    """Cases with the same symptom stand together: every rule that they involve is in doubt, and none is broken."""
    alike = [evolve(case(n, about=r), symptom="the same") for n, r in (("a", STATED), ("b", ALSO_STATED))]
    other = evolve(case("c", relevant=(CHOSEN,)), symptom="another")
    one, rest = causes_of([*alike, other], Diagnosis())
    assert (set(one.rules), one.symptom, one.mutants, one.is_certain) == ({STATED, ALSO_STATED}, "the same", (), False)
    assert (set(rest.rules), rest.symptom) == ({STATED, CHOSEN}, "another")


def test_the_rule_that_the_importer_complained_of_stands_near_the_front() -> None:
    """Its own error text says more than what a rule has to do with the place that differs."""
    complaining = evolve(case("a", relevant=(CHOSEN,)), complaints=("card_id_is_unique_in_the_institution",))
    (cause,) = causes_of([complaining], Diagnosis())
    assert set(cause.rules[:2]) == {STATED, "card_id_is_unique_in_the_institution"}


def test_a_rule_whose_case_differs_is_in_doubt() -> None:
    """Also where another rule is broken for certain, and accounts for the case."""
    cases = (case("a", about=ALSO_STATED),)
    found = Verdict(cases, counterexamples(cases, diagnosis(match(f"no_{STATED}"), cases=cases)))
    assert (found.rules[STATED], found.rules[ALSO_STATED]) == ("broken", "in_doubt")


def test_what_explains_a_case_by_chance_is_not_named() -> None:
    """A mistake that answers one case and that the diagnosis of the run did not choose is not named with the case."""
    cases = (case("a", f"no_{CHOSEN}"),)
    assert settled(cases[0], Diagnosis()).attribution.mutants  # nothing was diagnosed
    assert not settled(cases[0], Diagnosis(failing=1)).attribution.mutants


def test_a_known_deviation_is_its_own_cause() -> None:
    """What was told beforehand, and is shown, breaks its rule."""
    told = evolve(case("a", f"no_{STATED}"), kind="known deviation")
    (cause,) = causes_of([settled(told, Diagnosis(failing=1))], Diagnosis())
    assert (cause.rules, cause.is_certain) == ((STATED,), True)


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


def test_causes_with_the_same_rule_in_front_have_names_of_their_own() -> None:
    """None is lost: each has its folder."""
    cases = [evolve(case(name), symptom=name) for name in "ab"]
    found = counterexamples(cases)
    assert [example.folder for example in found] == [f"counterexamples/{STATED}", f"counterexamples/{STATED}_2"]
    assert set(blame(found)) == {"a", "b"}


def test_what_is_left_with_the_same_symptom_casts_doubt() -> None:
    """Whatever is behind the cases that nothing explains may be behind those that a mistake explains, too."""
    explained = [evolve(case(name), symptom="the same") for name in "ab"]
    for symptom, certain in (("the same", False), ("another", True)):
        left = [evolve(case(name, about=ALSO_STATED), symptom=symptom) for name in "cd"]
        found = evolve(diagnosis(match(f"no_{STATED}"), cases=tuple(explained)), failing=4)
        (cause,) = (cause for cause in causes_of([*explained, *left], found) if cause.mutants)
        assert cause.is_certain is certain


def test_a_story_about_a_great_many_rules_puts_the_main_one_in_doubt_only() -> None:
    """A case that involves nearly every rule says of none of them that it may be broken, but of the first."""
    story = evolve(case("a"), rules=tuple(CATALOGUE))
    found = Verdict((story,), counterexamples([story]))
    assert [name for name, status in found.rules.items() if status == "in_doubt"] == [next(iter(CATALOGUE))]
