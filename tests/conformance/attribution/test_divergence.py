"""Divergences: what is replayed from where a change diverges is what a replay from the beginning gives."""

from collections.abc import Iterator, Sequence
from datetime import date
from random import Random

import pytest
from attrs import evolve

from conformance.attribution.attribution import attribution_of
from conformance.attribution.divergence import (
    Change,
    Divergences,
    agrees,
    find_divergences,
    is_same,
    without_rule,
    without_shortcuts,
)
from conformance.attribution.relevance import discriminating_rules
from conformance.attribution.replay import RuleReplay
from conformance.cases.edge_cases import edge_cases
from conformance.cases.scenarios.parser import examples
from conformance.generation.generator import HistoryGenerator, simulate
from conformance.generation.randomness import RandomSource
from conformance.mutants.combination import put_upon
from conformance.mutants.known import DEVIATIONS
from conformance.oracle.answers import NOWHERE
from conformance.oracle.judge import Judgement, judgements, own_answers
from conformance.oracle.state import ALL_HEADERS, OracleState
from conformance.protocol.requests import ACTIONS, OBSERVE, Request
from conformance.protocol.trace import Exchange
from refmodel.catalogue import CATALOGUE
from refmodel.cell import KEEP, NO_CELLS
from refmodel.csv_reader import SpanningRecord
from refmodel.engine import preview
from refmodel.rules.cell import blank_keeps
from refmodel.rules.identity import ragged_rows_fail
from refmodel.rules.report import failed_rows_file
from refmodel.ruleset import STANDARD
from refmodel.world import Account
from tests.conformance.oracle.test_judge import ADA, NO_DATE, RESET, TAKEN, sending

CHANGES = tuple(dict.fromkeys(change for deviation in DEVIATIONS.values() for change in deviation.changes))
CLEARING = (RESET, sending(ADA), OBSERVE, sending(ADA.replace("chess;rowing", "")), OBSERVE)
EVERY_EXAMPLE, EVERY_EDGE_CASE, SMALL = 45, 120, 4_000  # one of so many is taken; characters of a file
HISTORIES, RULES = 24, 12  # how many are drawn; rules among which one is looked for


def conversations() -> Iterator[tuple[Request, ...]]:
    """Some of what the suite plays, and a file that is previewed before it is sent."""
    yield from (example.requests for example in examples()[::EVERY_EXAMPLE])
    small = [case.requests for case in edge_cases() if all(len(r.get("csv", "")) < SMALL for r in case.requests)]
    yield from small[::EVERY_EDGE_CASE]
    yield (RESET, sending(ADA, TAKEN, op="preview"), sending(ADA, TAKEN, NO_DATE), OBSERVE, sending(ADA, setting=True))


def drawn(number: int) -> tuple[Request, ...]:
    """A history of the search, always the same one."""
    moves = HistoryGenerator.of(RandomSource.seeded(f"divergence-{number}"), ALL_HEADERS, tuple(ACTIONS), previews=True)
    return tuple(simulate(moves, moves.start(), moves.steps, OracleState())[0].requests())


def wholly(exchanges: Sequence[Exchange], known: OracleState, changes: Sequence[Change]) -> list[Judgement]:
    """The judgements of a conversation that is gone through under changes from its beginning."""
    return list(judgements(exchanges, evolve(known, ruleset=put_upon(known.ruleset, changes))))


def told(judged: Iterator[Judgement] | Sequence[Judgement]) -> list[object]:
    """What judgements say: what was expected, and what differed."""
    return [(judgement.expected, judgement.differences, judgement.known.world) for judgement in judged]


def heard_in(requests: Sequence[Request], *changes: Change) -> Divergences:
    """What is heard of changes of the standard rules, in a conversation with nobody there before."""
    return find_divergences(requests, NOWHERE, STANDARD, changes)


class TestTheSame:
    """To listen first changes no judgement."""

    @pytest.mark.parametrize("number", range(len(list(conversations()))))
    def test_under_every_deviation(self, number: int) -> None:
        """Whoever answered, and whatever the oracle goes by: a deviation is judged as when everything is played."""
        random, requests = Random(number), list(conversations())[number]
        deviations = list(DEVIATIONS.values())
        theirs, ours = (random.choice(deviations).upon(STANDARD) for _ in range(2))
        exchanges = own_answers(requests, OracleState(ruleset=theirs))
        known = OracleState(ruleset=ours if number % 2 else STANDARD)
        retelling = RuleReplay.of(exchanges, known, CHANGES)
        pairs = [tuple(random.sample(deviations, 2)) for _ in range(20)]
        for together in (*((deviation,) for deviation in deviations), *pairs):
            changes = [change for deviation in together for change in deviation.changes]
            names = [deviation.name for deviation in together]
            assert told(retelling.judgements(changes)) == told(wholly(exchanges, known, changes)), names

    def test_under_all_that_was_not_heard(self) -> None:
        """All changes of which nothing was heard, made at once, change nothing either."""
        for requests in conversations():
            exchanges = own_answers(requests, OracleState())
            heard = heard_in(requests, *CHANGES)
            silent = [change for change in CHANGES if heard.first[change] == len(exchanges)]
            assert len(silent) > len(CHANGES) / 2
            assert told(wholly(exchanges, OracleState(), silent)) == told(wholly(exchanges, OracleState(), ()))

    def test_what_the_model_answers_itself(self) -> None:
        """Its own answers are allowed without any change, and a change that is heard makes other ones."""
        spoilt = [*own_answers(CLEARING[:-1], OracleState()), Exchange(OBSERVE, {"accounts": []})]
        retelling = RuleReplay.of(spoilt, OracleState(), [without_rule("blank_labels_clear")])
        own = retelling.answered_by_the_model()
        assert not retelling.is_allowed(())
        assert own.is_allowed(())
        assert not own.is_allowed([without_rule("blank_labels_clear")])


class TestWhatIsHeard:
    """A change is heard where it makes a difference, and where it cannot be asked."""

    def test_a_change_is_heard_where_it_does_otherwise(self) -> None:
        """Of blank labels that keep nothing is heard before the file that has some, nor of mobile numbers ever."""
        labels, mobile = without_rule("blank_labels_clear"), without_rule("mobile_is_digits")
        heard = heard_in(CLEARING, labels, mobile)
        assert heard.first == {labels: 3, mobile: len(CLEARING)}
        assert heard.until([labels, mobile]) == heard.until([labels]) == 3
        assert heard.until([]) == len(CLEARING)

    def test_worlds_are_those_of_the_rules(self) -> None:
        """Whoever listens goes by the rules: before each exchange stands the world that they made."""
        worlds = heard_in(CLEARING, *CHANGES).worlds
        assert worlds[1:] == tuple(
            judgement.known.world for judgement in wholly(own_answers(CLEARING, OracleState()), OracleState(), ())
        )

    def test_a_change_that_nobody_listened_to_is_no_silent_one(self) -> None:
        """Nothing is said of other changes than those that were asked."""
        with pytest.raises(KeyError):
            heard_in(CLEARING, without_rule("mobile_is_digits")).until([without_rule("blank_labels_clear")])

    def test_previews_are_heard_where_there_are_any(self) -> None:
        """That previews keep what they import shows in the first of them."""
        kept: Change = (preview, None)
        shown = sending(ADA, op="preview")
        assert heard_in((RESET, sending(ADA), shown, shown), kept).first[kept] == 2
        assert heard_in((RESET, sending(ADA)), kept).first[kept] == 2

    def test_what_is_for_other_columns_is_heard_at_once(self) -> None:
        """A function that would be called elsewhere cannot be asked where the rule is called."""
        elsewhere = DEVIATIONS["minors_are_measured_too"].changes
        assert heard_in((RESET, OBSERVE), *elsewhere).until(elsewhere) == 0

    def test_a_rule_that_is_left_out_already_cannot_ask(self) -> None:
        """What would stand in its place is heard at once; that nothing does is no change."""
        changes = [change for change in CHANGES if change[0] is blank_keeps]
        heard = find_divergences((RESET, OBSERVE), NOWHERE, STANDARD.without(blank_keeps), changes)
        assert {change for change, first in heard.first.items() if first} == {without_rule("blank_keeps")}

    def test_a_file_that_cannot_be_read_is_heard(self) -> None:
        """Where a rule gives nothing but an error, everything that might stand in its place is heard."""
        broken = {**sending(ADA), "csv": "gA=="}
        lenient = DEVIATIONS["other_encodings_are_taken"].changes
        assert heard_in((RESET, sending(ADA), broken, broken), *lenient).until(lenient) == 2

    def test_what_raises_an_error_is_heard(self) -> None:
        """A function that fails where the rule does not has something to say."""

        def fails(*arguments: object) -> None:
            raise LookupError(arguments)

        change: Change = (CATALOGUE["campus_is_known"].rule, fails)
        assert heard_in(CLEARING, change).first[change] == 1

    def test_left_out_is_what_gives_nothing(self) -> None:
        """A rule is as good as left out where it adds nothing, or hands on the very thing that it is given."""
        assert agrees((ragged_rows_fail, None), ([], ()), None)
        assert not agrees((ragged_rows_fail, None), ([], ()), "ragged")
        assert agrees((blank_keeps, None), ("a",), "a")
        assert not agrees((blank_keeps, None), ("",), KEEP)
        assert not agrees((failed_rows_file, None), (b"a", {}, STANDARD), b"")

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (True, 1),
            (("a",), ["a"]),
            ({"a": True}, {"a": 1}),
            ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
            (frozenset({True}), frozenset({1})),
            ([["a"]], [SpanningRecord(["a"], 1, 2)]),
            ([SpanningRecord(["a"], 1, 2)], [SpanningRecord(["a"], 1, 3)]),
            (Account(key=1), Account(key=2)),
            (NOWHERE.put(Account(key=1)), NOWHERE.put(Account(key=1, last_applied=NO_CELLS))),
            (iter(()), iter(())),
        ],
    )
    def test_what_only_looks_the_same_is_told_apart(self, one: object, other: object) -> None:
        """By type, by order, by what is not compared of an account, or because nobody knows what is still to come."""
        assert is_same(one, one)
        assert not is_same(one, other)

    def test_what_is_the_same_is_so_whoever_made_it(self) -> None:
        """Two values that were made apart are the same if all that they consist of is."""

        def made() -> list[object]:
            record = SpanningRecord(["a", "b"], 1, 2)
            return [record, {"a": (date(2024, 2, 29), True)}, Account(key=1, system_label_names=frozenset("ab"))]

        assert is_same(made(), made())


@pytest.mark.parametrize("number", range(HISTORIES))
class TestWithoutShortcuts:
    """What is found out from a history is the same where everything is computed in full."""

    def test_attribution(self, number: int) -> None:
        """A mutant's answers are put down to the same rules and the same deviations."""
        random, history = Random(number), drawn(number)
        near = random.sample(list(CATALOGUE), RULES)
        mutant = random.choice([deviation for deviation in DEVIATIONS.values() if deviation.rule in near])
        exchanges = own_answers(history, OracleState(ruleset=mutant.upon(STANDARD)))
        found = attribution_of(exchanges, OracleState(), near)
        with without_shortcuts():
            assert found == attribution_of(exchanges, OracleState(), near)

    def test_discriminating_rules(self, number: int) -> None:
        """It can tell about the same rules, also where the oracle deviates; and about some of them it can."""
        deviation = Random(number).choice(list(DEVIATIONS.values()))
        for known in (OracleState(), OracleState(ruleset=deviation.upon(STANDARD))):
            exchanges = own_answers(drawn(number), known)
            found = discriminating_rules(CATALOGUE, exchanges, known)
            with without_shortcuts():
                assert found == discriminating_rules(CATALOGUE, exchanges, known)
            assert 0 < len(found) < len(CATALOGUE)


def test_the_switch_turns_everything_off_and_on_again() -> None:
    """While it is off, each change diverges at once; afterwards all is as before, whatever happened in between."""
    before = heard_in(CLEARING, *CHANGES)
    with without_shortcuts():
        assert heard_in(CLEARING, *CHANGES) == Divergences.at_once(NOWHERE, CHANGES) != before
    with pytest.raises(KeyError), without_shortcuts():
        heard_in(CLEARING).until(CHANGES)
    assert heard_in(CLEARING, *CHANGES) == before
