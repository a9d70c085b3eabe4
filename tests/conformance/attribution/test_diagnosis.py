"""The diagnosis: which known mistakes an importer makes, one or several, and how well that fits."""

from collections.abc import Mapping
from functools import cache

import pytest
from attrs import evolve

import conformance.mutants
from conformance.attribution.diagnosis import Diagnosis, DiagnosisInput, DiagnosisSearch, MutantMatch, diagnose
from conformance.attribution.trials import MISTAKES, Conversation, Trials
from conformance.cases.scenarios.parser import examples, file_request, full_world
from conformance.mutants import MUTANTS, importer
from conformance.mutants.combination import Incompatible
from conformance.mutants.operators import Mutant
from conformance.oracle.judge import judgements, own_answers
from conformance.oracle.state import OracleState
from conformance.oracle.symptom import lets_pass, symptom_of
from conformance.protocol.requests import OBSERVE
from conformance.protocol.trace import Exchange
from conformance.report.counterexample_view import counterexample_views
from conformance.report.json_report import fit
from conformance.report.junit import junit
from conformance.report.markdown_report import readme
from conformance.session.client import introduced
from conformance.session.replay import until_difference
from conformance.transport.faults import BadTarget
from conformance.transport.targets import connect
from conformance.verdict.case import Case
from conformance.verdict.diagnosis_input import diagnosis_of, split
from conformance.verdict.run_case import checked
from conformance.verdict.verdict import Verdict, blame, counterexamples, settled

LABELS, REMEMBERED, ZEROS = "blank_labels_keep", "failed_rows_are_remembered", "mobile_numbers_lose_their_zeros"
FEW = 8  # of so many mistakes, and of so many examples that are about another rule, one is looked at


# What an importer shows.


@cache
def right() -> tuple[Conversation, ...]:
    """What a right importer says in every example."""
    return tuple(Conversation(e.id, e.rules, own_answers(e.requests, OracleState())) for e in examples())


@cache
def shown_by(*names: str) -> DiagnosisInput:
    """What the importer that makes some mistakes shows in the examples: all that fail, and some that pass."""
    wrong, failing, passing = importer(*names), list[Conversation](), list[Conversation]()
    for said in right():
        answered = [Exchange(e.request, wrong.handle(dict(e.request))) for e in said.exchanges]
        part, _ = until_difference(answered, OracleState())
        judged = list(judgements(part or said.exchanges, OracleState()))
        seen = evolve(said, exchanges=part or said.exchanges, symptom=symptom_of(judged), lets_pass=lets_pass(judged))
        (failing if part else passing).append(seen)
    about = {MUTANTS[name].rule for name in names}
    kept = (said for n, said in enumerate(passing) if n % FEW == 0 or not about.isdisjoint(said.rules))
    return DiagnosisInput(OracleState(), tuple(failing), tuple(kept))


def alike(name: str) -> set[str]:
    """The names under which the diagnosis knows a mistake."""
    wrong = MUTANTS[name]
    same = {
        m.name for m in MISTAKES.values() if m.ruleset == wrong.ruleset and m.custom_importer == wrong.custom_importer
    }
    assert same, name
    return same


def some_mistakes(*names: str) -> Mapping[str, Mutant]:
    """These mistakes, every other one about the same rules, and few of the rest."""
    rules, own = {MUTANTS[name].rule for name in names}, set[str]().union(*map(alike, names))
    kept = (m for n, m in enumerate(MISTAKES.values()) if n % FEW == 0 or m.rule in rules or m.name in own)
    return {mistake.name: mistake for mistake in kept}


def diagnosis_for(*names: str) -> Diagnosis:
    """What is made of the importer that makes some mistakes."""
    return diagnose(shown_by(*names), some_mistakes(*names))


# Several mistakes at once.


class TestCombined:
    """Wrong importers make several mistakes at once, where these leave room for each other."""

    def test_each_mistake_is_made(self) -> None:
        """What differs from a right importer is what differs of either."""
        one, other, both = (
            {said.id for said in shown_by(*names).failing} for names in ((LABELS,), (ZEROS,), (LABELS, ZEROS))
        )
        assert one
        assert other
        assert one | other == both

    def test_mistakes_by_hand_are_made_too(self) -> None:
        """What an importer remembers, tells, previews and shows wrongly is put together, in whichever order."""
        names = (
            "keys_have_a_colon",
            "previews_know_nobody",
            "archived_students_are_gone",
            "one_failure_undoes_the_file",
        )
        both, turned = importer(*names), importer(*reversed(names))
        assert type(both).__mro__[1:5] == type(turned).__mro__[1:5]
        shown = {said.id for said in shown_by(*names[:2]).failing}
        assert all(shown >= {said.id for said in shown_by(name).failing} for name in names[:2])

    def test_what_excludes_each_other_is_refused(self) -> None:
        """The error says which two, and over what."""
        with pytest.raises(
            Incompatible, match=r"blank_labels_keep and white_space_keeps_the_labels .* blank_labels_clear"
        ):
            importer("white_space_keeps_the_labels", LABELS)
        with pytest.raises(BadTarget, match="cannot be combined: both change previews"):
            connect("python:conformance.mutants:previews_archive__and__previews_approve")

    def test_a_name_that_there_is_not_is_told(self) -> None:
        """Of several names the one that is not known is said."""
        with pytest.raises(BadTarget, match="'nobody'"):
            connect(f"python:conformance.mutants:{LABELS}__and__nobody")
        factory = getattr(conformance.mutants, f"{LABELS}__and__{ZEROS}")
        assert factory() is not factory()


# What the diagnosis names.

KNOWN = [
    (LABELS,),
    (REMEMBERED,),
    ("blank_auth_identifier_clears",),
    ("keys_have_a_colon",),
    ("anybody_is_an_assignee", "course_names_are_counted_in_bytes"),
    ("lists_have_two_items", "the_archived_sign_in_by_sso"),
    ("enumerations_ignore_case", "lists_come_back_in_another_order"),
    ("an_imported_address_excludes", "failed_rows_share_identifiers_too"),
    (LABELS, REMEMBERED, ZEROS),
    ("dates_end_in_2099", "others_sign_on", "previews_know_nobody"),
]


@pytest.mark.parametrize("names", KNOWN, ids="+".join)
def test_every_mistake_is_named_and_no_other(names: tuple[str, ...]) -> None:
    """One, two or three known mistakes are found, or their twins, all of them and nothing beside them."""
    found = diagnosis_for(*names)
    assert found.is_exact
    named = {name for match in found.matches for name in (match.name, *match.indistinguishable)}
    assert all(alike(name) & named for name in names)
    assert len(found.matches) == len(names)
    rules = {MUTANTS[name].rule for name in names}
    assert all(match.rule in rules or match.indistinguishable for match in found.matches)


@pytest.mark.parametrize("name", ["labels_are_set_once", "clear_clears_dates_only"])
def test_nothing_is_named_that_a_passing_case_speaks_against(name: str) -> None:
    """Where a mistake is not known, no other is named that would fail what passed, however many cases it answers."""
    known = {other: mistake for other, mistake in some_mistakes(name).items() if other not in alike(name)}
    found = diagnose(shown_by(name), known)
    assert not found.is_exact
    assert not found.contradicted
    for match in found.matches:
        passing = shown_by(name).passing
        assert Trials(OracleState(), known, 10**9).answering((), passing[0], [match.name]) == [match.name]


def test_what_passed_speaks_against_a_mistake() -> None:
    """A mistake that explains what failed, but would fail some of what passed, is not named."""
    one = shown_by(LABELS).failing[:1]  # the others passed, as if the importer were wrong in this case only
    evidence = DiagnosisInput(OracleState(), one, tuple(said for said in right() if said.id != one[0].id))
    known = {"no_blank_labels_clear": MISTAKES["no_blank_labels_clear"]}
    found = diagnose(evidence, known)
    assert (found.matches, found.shown_in(one[0].id)) == ((), ())
    assert "conformance lint" in found.fit
    alone = diagnose(DiagnosisInput(OracleState(), one, ()), known)
    assert [match.cases for match in alone.matches] == [1]


def test_a_mistake_that_another_one_hides_is_named() -> None:
    """A passing case that speaks against a mistake alone does not where another mistake accounts for it."""
    both = shown_by(LABELS, REMEMBERED)
    search = DiagnosisSearch.of(both, some_mistakes(LABELS, REMEMBERED))
    search.gather(both.failing)
    one, other = (next(name for name in search.candidates if name in alike(wrong)) for wrong in (LABELS, REMEMBERED))
    search.contradicted.add(one)
    assert search.next_candidate(()) != one
    assert search.next_candidate((other,)) == one


def test_that_a_rule_is_not_enforced_has_to_be_seen() -> None:
    """What only looks like it, and lets nothing pass, is not said to."""
    name = next(name for name, mistake in MISTAKES.items() if mistake.statement.endswith("is not enforced."))
    search = DiagnosisSearch.of(DiagnosisInput(OracleState(), (), ()), MISTAKES)
    case = Conversation("a", (), ())
    assert not search.may_be_claimed(name, [case])
    assert search.may_be_claimed(name, [case, evolve(case, lets_pass=True)])
    assert search.may_be_claimed("no_blank_labels_clear", [case])


def test_when_the_budget_is_spent_it_is_said() -> None:
    """What was not tried counts as tried in vain, so that less is said; and that it was cut short."""
    evidence = shown_by(LABELS)
    found = DiagnosisSearch.of(evidence, some_mistakes(LABELS), budget=20).diagnosis()
    assert found.is_cut_short
    assert not found.is_exact
    assert "Not all was tried" in found.fit
    assert not diagnosis_for(LABELS).is_cut_short


def test_where_nothing_known_answers_there_is_advice() -> None:
    """What one case leaves behind for the next is no known mistake of a case, and is looked for elsewhere."""
    found = diagnose(shown_by(LABELS), {})
    assert found.matches == ()
    assert "conformance lint" in found.fit


def test_what_cannot_be_told_apart_is_said() -> None:
    """Mistakes that would do as well, where nothing that was asked tells them apart, are named as twins."""
    evidence = shown_by("addresses_of_others_staff_are_free")
    known = [mistake for mistake in MISTAKES.values() if mistake.rule == "email_is_unique_everywhere"]
    (match,) = diagnose(evidence, {mistake.name: mistake for mistake in known}).matches
    named = {match.name, *match.indistinguishable}
    assert alike("addresses_of_others_staff_are_free") & named
    assert len(named) > 1


def both_at_once() -> Conversation:
    """What the importer says that keeps labels and loses zeros, where one observation shows both."""
    header = "email_address,username,first_name,last_name,primary_education:end_date,school_year_name"
    files = (f"{header},{name}\na@north.edu,1,Ada,Lee,,Alumni,{cells}\n" for name, cells in LABELS_THEN_A_NUMBER)
    sent = [file_request(["north"], file) for file in files]
    reset = {"op": "reset", "world": full_world({"institutions": [{"id": "north"}]})}
    wrong = importer(LABELS, ZEROS)
    exchanges = [Exchange(request, wrong.handle(dict(request))) for request in (reset, *sent, OBSERVE)]
    return Conversation("both", ("blank_labels_clear",), tuple(exchanges))


LABELS_THEN_A_NUMBER = (("system_label_names", "chess"), ("system_label_names,mobile_number", ",0123"))


def test_what_was_found_in_one_go_is_what_is_found_one_by_one() -> None:
    """Whether mistakes answer a case does not depend on whether they are tried together with others or alone."""
    mistakes, said = some_mistakes(LABELS, ZEROS), both_at_once()
    one, other = (next(name for name in mistakes if name in alike(wrong)) for wrong in (LABELS, ZEROS))
    together = Trials(OracleState(), mistakes, 10**9).answering(
        (one,), said, [name for name in mistakes if name != one]
    )
    assert other in together
    single = Trials(OracleState(), mistakes, 10**9)
    assert together == [name for name in mistakes if name != one and single.answers((one, name), said)]
    assert DiagnosisSearch.of(DiagnosisInput(OracleState(), (said,), ()), mistakes).chosen() == ()


def test_what_shows_beside_another_mistake_only_is_found() -> None:
    """A mistake that no case shows alone is found beside one that was found, in two cases at least."""
    mistakes, said = some_mistakes(LABELS, ZEROS), both_at_once()
    known = shown_by(LABELS).failing
    for count in (1, 2):
        copies = tuple(evolve(said, id=f"both-{number}") for number in range(count))
        found = diagnose(DiagnosisInput(OracleState(), (*known, *copies), ()), mistakes)
        assert found.is_exact is (count == 2)


def test_candidates_are_looked_for_where_cases_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the first pivots do not show, the next ones do."""
    monkeypatch.setattr("conformance.attribution.diagnosis.PIVOTS", 1)
    both, mistakes = shown_by(LABELS, ZEROS), some_mistakes(LABELS, ZEROS)
    search = DiagnosisSearch.of(both, mistakes)
    first = search.next_known(())
    assert first
    assert search.next_known((first,))
    monkeypatch.setattr("conformance.attribution.diagnosis.MOST_PIVOTS", 1)
    search = DiagnosisSearch.of(both, mistakes)
    assert search.next_known(()) == first
    assert search.next_known((first,)) is None


def test_what_is_said_in_the_end_was_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is left of the budget, what was found is checked by all cases."""
    given, mistakes = shown_by(LABELS, ZEROS), some_mistakes(LABELS, ZEROS)
    names = DiagnosisSearch.of(given, mistakes).chosen()
    assert len(names) == 2
    monkeypatch.setattr(DiagnosisSearch, "chosen", lambda search: names)
    found = DiagnosisSearch.of(given, mistakes, budget=0).diagnosis()
    assert (len(found.accounted), found.contradicted) == (len(given.failing), 0)


class TestLargeFiles:
    """Cases with large files are explained as well, though little is tried on them."""

    def test_by_what_the_small_ones_show(self) -> None:
        """They count to the mistake that the other cases show."""
        first, *others = shown_by(LABELS).failing
        given = DiagnosisInput(OracleState(), (first,), (), tuple(others))
        found = diagnose(given, some_mistakes(LABELS))
        assert found.is_exact
        assert [match.cases for match in found.matches] == [1 + len(others)]
        assert found.shown_in(others[0].id) == (found.matches[0].name,)

    @pytest.mark.parametrize("small", [(), (LABELS,)])
    def test_by_themselves(self, small: tuple[str, ...]) -> None:
        """A mistake that they alone show is found, with those that would do as well, also beside another."""
        given = evolve(shown_by(*small), large=shown_by(ZEROS).failing) if small else large_only(ZEROS)
        found = diagnose(given, some_mistakes(LABELS, ZEROS))
        assert found.is_exact
        names = {name for match in found.matches for name in (match.name, *match.indistinguishable)}
        assert alike(ZEROS) <= names

    def test_a_passing_case_speaks_against_them_too(self) -> None:
        """What a passing case contradicts is not said, however few the failing ones."""
        said = shown_by(ZEROS).failing[0]
        passed = next(kept for kept in right() if kept.id == said.id)
        given = evolve(large_only(ZEROS), passing=(evolve(passed, id="passed"),))
        assert diagnose(given, some_mistakes(ZEROS)).matches == ()

    def test_where_none_fits_it_is_said(self) -> None:
        """A case that no mistake explains stays one."""
        (said, *_), mistakes = shown_by(ZEROS).failing, some_mistakes(LABELS)
        found = diagnose(DiagnosisInput(OracleState(), (), (), (said,)), {n: mistakes[n] for n in alike(LABELS)})
        assert (found.failing, found.accounted) == (1, {})
        assert "No known mistake" in found.fit


def large_only(name: str) -> DiagnosisInput:
    """All that fails, as if its files were large."""
    shown = shown_by(name)
    return evolve(shown, failing=(), large=shown.failing)


def test_large_files_are_told_from_small_ones() -> None:
    """By the characters of all files of a conversation."""
    small, large = split(evolve(said, exchanges=said.exchanges * times) for said in right()[:3] for times in (1, 2000))
    assert small == right()[:3]
    assert [len(said.exchanges) for said in large] == [2000 * len(said.exchanges) for said in small]


def test_where_nothing_fails_there_is_nothing_to_say() -> None:
    """An importer that passes all has no diagnosis."""
    found = diagnose(DiagnosisInput(OracleState(), (), right()))
    assert (found.matches, found.fit, found.is_exact) == ((), "", False)


# What is said of it.


@cache
def run_on(*names: str) -> Verdict:
    """The verdict on the importer that makes some mistakes, by the examples of their rules and some others."""
    about = {MUTANTS[name].rule for name in names}
    chosen = [e for n, e in enumerate(examples()) if n % (5 * FEW) == 0 or e.rules[0] in about]
    with connect(f"python:conformance.mutants:{'__and__'.join(names)}") as target:
        guest = introduced(target)
        cases = [checked(example, guest, guest.known()) for example in chosen]
    diagnosis = diagnosis_of(cases, OracleState())
    settled_cases = tuple(settled(case, diagnosis) for case in cases)
    return Verdict(settled_cases, counterexamples(settled_cases, diagnosis), diagnosis)


class TestReports:
    """What the diagnosis says is what the reports say."""

    def test_every_broken_rule_is_reported_and_no_other(self) -> None:
        """Each mistake has its rule, the first of them in front, and each case is put down to one of these."""
        verdict = run_on(LABELS, REMEMBERED)
        broken = [example.rule for example in verdict.counterexamples]
        assert sorted(broken) == ["a_failed_row_changes_nothing", "blank_labels_clear"]
        assert {example.rule for example in blame(verdict.counterexamples).values()} == set(broken)

    def test_what_explained_a_case_by_chance_is_forgotten(self) -> None:
        """The page of each case gives the rule and the mistake that the diagnosis gives."""
        verdict = run_on(LABELS, REMEMBERED)
        names = {match.name for match in verdict.diagnosis.matches}
        for case in verdict.cases:
            if case.status == "differs":
                said = [line for line in case.text.splitlines() if line.startswith(("Rule: ", "Behaves like "))]
                assert said[0].startswith(tuple(f"Rule: {MISTAKES[name].rule} " for name in case.attribution.mutants))
                assert [line.split()[2].rstrip(":") for line in said[1:]] == list(case.attribution.mutants)
                assert set(case.attribution.mutants) <= names

    def test_the_reports_say_how_well_it_fits(self) -> None:
        """For programs, build servers and people: names, and how many of the failing cases each answers."""
        verdict = run_on(LABELS, REMEMBERED)
        data, texts = fit(verdict.diagnosis), [readme(view) for view in counterexample_views(verdict)]
        assert (data.exact, data.answered, data.agreed) == (True, data.failing, data.passing)
        for match in verdict.diagnosis.matches:
            words = f"Answers {match.cases} of {data.failing} failing cases exactly as the importer does"
            assert words in junit(verdict).decode()
            assert any(words in text for text in texts)
        assert [like.name for like in data.behaves_like] == [like.name for like in verdict.diagnosis.matches]

    def test_a_rule_that_shows_only_beside_another_is_reported(self) -> None:
        """A mistake whose every case is put down to another one still has its counterexample."""
        case = Case("x", ("blank_keeps",), "differs", ("blank_keeps",), kind="example")
        matches = (MutantMatch("no_blank_keeps", "blank_keeps", "", 1), MutantMatch("no_approve", "approve", "", 1))
        diagnosis = Diagnosis(matches, 1, {"x": ("no_blank_keeps", "no_approve")})
        shown = counterexamples([settled(case, diagnosis)], diagnosis)
        assert {example.rule: example.cases for example in shown} == {"blank_keeps": 1, "approve": 1}
