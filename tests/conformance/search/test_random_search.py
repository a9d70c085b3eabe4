"""The search: the same seed makes the same histories, what it finds is small, and what is wrong is found."""

import subprocess
import sys
from itertools import count, product
from typing import Any

import pytest
from attrs import evolve

from conformance.generation.actions import PRECONDITIONS
from conformance.generation.generator import THEMES, HistoryGenerator, simulate
from conformance.generation.history import ActionStep, FileStep, History
from conformance.generation.limits import Limit
from conformance.generation.randomness import RandomSource
from conformance.generation.rows import AUTH, STARRED
from conformance.generation.shrinking import shrunk
from conformance.generation.value_pools import EDGE, TYPICAL, WORLDS, values_of
from conformance.mutants import MUTANTS
from conformance.oracle.answers import answer, hello
from conformance.oracle.invariants import breaches
from conformance.oracle.judge import own_answers
from conformance.oracle.state import OracleState
from conformance.protocol.requests import ACTIONS
from conformance.protocol.responses import INDISPENSABLE_HEADERS, Hello, decode
from conformance.protocol.trace import Exchange
from conformance.search.budget import Budget
from conformance.search.masking import KnownBugs
from conformance.search.minimise import smallest
from conformance.search.random_search import search
from conformance.search.results import found_case
from conformance.search.state_machine import Differs, draw, machine_for
from conformance.session.client import Importer, introduced
from conformance.session.lockstep import Lockstep, agrees
from conformance.transport.targets import connect
from refmodel.columns import BY_HEADER
from refmodel.serialization import world_of
from tests.support.paths import ROOT


def importer(name: str) -> Importer:
    """One of the miniatures, or the reference, as the suite sees it."""
    target = connect(
        "python:conformance.reference:importer" if name == "right" else f"python:tests.support.faulty_importers:{name}"
    )
    said = decode("hello", hello())
    assert isinstance(said, Hello)
    return Importer(target, said)


def moves(seed: str) -> HistoryGenerator:
    """A generator with everything at its disposal."""
    return HistoryGenerator.of(RandomSource.seeded(seed), frozenset(BY_HEADER), tuple(ACTIONS), previews=True)


def history(seed: str, steps: int = 8) -> History:
    """A history as the model would live through it."""
    generator = moves(seed)
    return simulate(generator, generator.draw.one_of(WORLDS), steps, OracleState())[0]


class TestMoves:
    """The moves make every kind of step, and the same ones for the same choices."""

    def test_the_same_seed_makes_the_same_history_in_another_process(self) -> None:
        """Neither the process nor its hash seed makes a difference."""
        code = "from tests.conformance.search.test_random_search import history; print(repr(history('7')))"
        printed = [
            subprocess.run(
                [sys.executable, "-c", code],
                cwd=ROOT,
                env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for seed in ("1", "2")
        ]
        assert printed[0] == printed[1] != ""

    def test_every_outcome_and_every_action_comes_up(self) -> None:
        """Within some hundred histories each outcome is there, and each action both happens and is refused."""
        seen: set[object] = set()
        for seed in range(400):
            made = history(str(seed))
            world = world_of(made.world)
            for step in made.steps:
                response, world = answer(world, step.request())
                if isinstance(step, ActionStep):
                    seen.add((step.action, response["done"]))
                else:
                    seen |= {row["outcome"] for row in response["report"]["rows"]} or {"refused"}
        assert {"created", "updated", "unchanged", "failed", "refused"} <= seen
        assert {(action, True) for action in ACTIONS} <= seen
        assert {(action, False) for action in ACTIONS if action != "sign_in"} <= seen

    def test_only_what_the_importer_has_is_used(self) -> None:
        """Columns that are not stored, actions that are not claimed and previews do not come up."""
        generator = HistoryGenerator.of(RandomSource.seeded("1"), frozenset({"username", "gender"}), (), previews=False)
        world = world_of(WORLDS[0])
        for _ in range(300):
            step = generator.next_step(world)
            _, world = answer(world, step.request())
            assert isinstance(step, FileStep)
            assert not step.preview
            assert "card_id" not in step.header

    def test_the_universe_is_known(self) -> None:
        """Every column has usual and odd texts, and actions that fit somebody are actions."""
        assert set(TYPICAL) == set(EDGE) == set(BY_HEADER)
        assert all(TYPICAL.values())
        assert all(EDGE.values())
        assert set(PRECONDITIONS) <= set(ACTIONS)

    def test_what_is_sorted_out_is_right_and_wrong(self) -> None:
        """A new student is created with an odd text that an institution is said to take, and with no other."""
        made = world_of(WORLDS[0])
        values = values_of(tuple(made.directory.institutions.values()), made.directory.employers)
        for institution, header in product(values, BY_HEADER):
            texts = [(text, "created") for text in values[institution].valid[header]]
            texts += [(text, "failed") for text in values[institution].invalid[header]]
            for text, outcome in texts:
                row = {"email_address": "n@mail.example", "username": "n", "first_name": "N", "last_name": "N"}
                columns = tuple(dict.fromkeys((*STARRED, header)))
                cells = tuple((row | {header: text}).get(name, "") for name in columns)
                response, _ = answer(made, FileStep(institution, columns, (cells,)).request())
                assert [r["outcome"] for r in response["report"]["rows"]] == [outcome], (institution, header, text)

    def test_a_history_has_a_theme(self) -> None:
        """It is drawn once; the columns beside the starred ones are its own and some, or all, of the others."""
        seen = set()
        for seed in range(250):
            generator = moves(str(seed))
            assert generator.start() in WORLDS or generator.scene.twins
            assert generator.theme is generator.theme
            assert set(generator.theme.columns) <= set(generator.scene.chosen)
            seen.add(generator.theme)
        assert seen == set(THEMES.options)

    def test_each_theme_comes_to_its_end(self) -> None:
        """A history of any theme can be made for an importer that has everything, and for one that has nothing more."""
        for theme, columns, actions in product(
            THEMES.options, (frozenset(BY_HEADER), frozenset(INDISPENSABLE_HEADERS)), (ACTIONS, ())
        ):
            generator = HistoryGenerator.of(RandomSource.seeded("1"), columns, tuple(actions), previews=False)
            generator.take(theme)
            made, _ = simulate(generator, WORLDS[1], 30, OracleState())
            assert len(made.steps) == 30
            assert actions or all(isinstance(step, FileStep) for step in made.steps)

    def test_a_very_long_cell_is_not_sent_again(self) -> None:
        """A file with one is not among those that are varied."""
        generator = moves("1")
        generator.remember(FileStep("north", ("notes",), (("x" * 20_000,),)), ["failed"])
        assert (generator.scene.files, generator.scene.failed) == ([], [])


class TestFiles:
    """However a file is written, it holds the same."""

    PLAIN = FileStep(
        "north", STARRED, (("a@north.edu", "1", 'say "x"', "a,b", "", ""), ("b@north.edu", "2", "B", '"', "", ""))
    )

    @pytest.mark.parametrize(
        "changes",
        [
            {"line_ending": "\r\n"},
            {"line_ending": "\r"},
            {"line_ending": "mixed"},
            {"bom": True},
            {"before": "\n"},
            {"before": ",\n"},
            {"quoting": "all"},
            {"quoting": "bare"},
            {"final_line_ending": False},
        ],
    )
    def test_it_is_read_as_the_plain_file_is(self, changes: dict[str, Any]) -> None:
        """The model answers as it does to the same rows in plain CSV, and the bytes are others."""
        other = evolve(self.PLAIN, **changes)
        worlds = [answer(world_of(WORLDS[0]), file.request())[1] for file in (self.PLAIN, other)]
        assert [*worlds[0].students()] == [*worlds[1].students()] != []
        assert other.data() != self.PLAIN.data()

    def test_another_separator_makes_another_file(self) -> None:
        """With semicolons there is no header of the table left."""
        response, _ = answer(world_of(WORLDS[0]), evolve(self.PLAIN, separator=";", quoting="bare").request())
        assert response["report"]["refused"]

    def test_a_quote_can_stand_bare(self) -> None:
        """A cell with a quote inside it is not quoted, where that is asked for."""
        assert b',say "x",' in evolve(self.PLAIN, quoting="bare").data()


class TestSearch:
    """What is wrong is found, made small and put down to the right rule; what is right is left in peace."""

    def test_nothing_is_found_in_a_right_importer(self) -> None:
        """Hundreds of files are sent to the reference, and rules are shown to be held."""
        searched = search(importer("right"), OracleState(), "0", Limit.of(60))
        assert (searched.found, searched.faults) == ([], [])
        assert searched.files > 10
        assert searched.reached
        assert not searched.is_cut_short

    def test_a_search_that_the_time_ends_says_so(self) -> None:
        """For then the same seed does not make the same histories."""
        searched = search(importer("right"), OracleState(), "0", Limit(60, 3.0, clock=map(float, count()).__next__))
        assert searched.histories == 3
        assert searched.is_cut_short

    @pytest.mark.parametrize(
        ("name", "rule"),
        [("labels_kept", "blank_labels_clear"), ("first_wins", "rows_that_share_an_identifier_fail")],
    )
    def test_what_is_wrong_is_found_and_small(self, name: str, rule: str) -> None:
        """One difference, with the rule that was broken, in three steps at most and two rows a file."""
        searched = search(importer(name), OracleState(), "0", Limit.of(400), most=1)
        (found,) = searched.found
        assert found.attribution.exact_rules == (rule,)
        assert not found.is_flaky
        assert len(found.history.steps) <= 3
        assert all(len(step.rows) <= 2 for step in found.history.steps if isinstance(step, FileStep))
        assert rule in found_case(found, "x").text

    def test_the_search_goes_on_around_what_it_has_found(self) -> None:
        """Of two bugs both are found in one search, once each."""
        searched = search(importer("both"), OracleState(), "0", Limit.of(800), most=2)
        assert sorted(found.attribution.exact_rules[0] for found in searched.found) == [
            "blank_labels_clear",
            "rows_that_share_an_identifier_fail",
        ]

    @pytest.mark.parametrize("name", ["absent_lists_clear", "disabled_can_be_cleared"])
    def test_nobody_is_accused_of_what_is_right(self, name: str) -> None:
        """What the search has found is wrong by the rules themselves, whatever it goes around by then."""
        with connect(f"python:conformance.mutants:{name}") as target:
            searched = search(introduced(target), OracleState(), "0-2", Limit.of(200))
        assert searched.found
        assert not [found for found in searched.found if agrees(found.exchanges, OracleState())]

    def test_faults_are_kept_apart(self) -> None:
        """An importer that answers in the wrong shape is given up after some faults, and nothing is found."""
        searched = search(importer("Misshapen"), OracleState(), "0", Limit.of(400))
        assert searched.found == []
        assert len(searched.faults) == 3

    def test_hypothesis_finds_it_too(self) -> None:
        """The state machine over the same moves fails on a wrong importer, and its history can be settled."""
        from hypothesis import HealthCheck, Phase, seed, settings
        from hypothesis.stateful import run_state_machine_as_test

        wrong = importer("first_wins")
        machine = machine_for(wrong, OracleState())
        drawn = settings(
            max_examples=400,
            stateful_step_count=6,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        with pytest.raises(Differs):
            run_state_machine_as_test(seed(1)(machine), settings=drawn)
        assert machine.last is not None
        found = smallest(Lockstep(wrong, OracleState()), machine.last, machine.said)
        assert found.attribution.exact_rules == ("rows_that_share_an_identifier_fail",)


class TestInvariants:
    """An importer that breaks an invariant is found, though the oracle breaks it too and allows its answers."""

    MUTANT = MUTANTS["missing_students_are_archived"]

    def test_by_the_random_search(self) -> None:
        """What it has found shows the broken invariant, once it is shrunk."""
        with connect(f"python:conformance.mutants:{self.MUTANT.name}") as target:
            searched = search(introduced(target), OracleState(ruleset=self.MUTANT.ruleset), "0", Limit.of(60))
        assert searched.found
        assert all(breaches(found.exchanges) for found in searched.found)

    def test_by_the_state_machine(self) -> None:
        """It judges a step as the random search does."""
        with connect(f"python:conformance.mutants:{self.MUTANT.name}") as target:
            machine = machine_for(introduced(target), OracleState(ruleset=self.MUTANT.ruleset))
            with pytest.raises(Differs):
                draw(machine, 5, Budget(60), database=None)
        assert breaches(machine.said)


class TestKnownBugs:
    """A deviation that accounts for a bug by chance is given up where the importer shows that it is not that."""

    LABELS = "no_blank_labels_clear"
    NOBODY = "no_edit_profile"
    PROFILE = ActionStep("edit_profile", {"email": "a@north.edu", "institution": "north", "changes": {"gender": "x"}})
    HEADER = (*STARRED, AUTH, "system_label_names")
    HISTORY = History(
        WORLDS[0],
        (
            FileStep("north", HEADER, (("a@north.edu", "1", "A", "B", "", "", "i", "chess"),)),
            PROFILE,
            FileStep("north", HEADER, (("a@north.edu", "1", "A", "B", "", "", "i", ""),)),
        ),
    )

    def said(self, *names: str) -> tuple[Exchange, ...]:
        """The history with an importer that deviates so."""
        return own_answers(self.HISTORY.requests(), KnownBugs(OracleState(), [(name,) for name in names]).known)

    def test_the_next_that_accounts_for_it_is_taken(self) -> None:
        """The deviations before it are out of the question, and so is no bug new."""
        known_bugs = KnownBugs(OracleState(), [(self.NOBODY, "no_approve", self.LABELS, "no_decline")])
        assert known_bugs.account_for(self.said(self.LABELS))
        assert known_bugs.masks == [(self.LABELS, "no_decline")]

    @pytest.mark.parametrize("masks", [[(LABELS,)], [(LABELS,), (NOBODY,)], [(NOBODY, LABELS), (LABELS, NOBODY)]])
    def test_what_is_right_is_gone_around_no_more(self, masks: list[tuple[str, ...]]) -> None:
        """An importer that is right where the oracle deviates makes none of these mistakes."""
        known_bugs = KnownBugs(OracleState(), masks)
        assert known_bugs.account_for(self.said())
        assert known_bugs.masks == []

    def test_another_bug_is_not_accounted_for(self) -> None:
        """Where no other way leads around it, it is new."""
        known_bugs = KnownBugs(OracleState(), [(self.LABELS, "no_approve")])
        assert not known_bugs.account_for(self.said(self.LABELS, self.NOBODY))
        assert known_bugs.masks == [(self.LABELS, "no_approve")]
        assert not KnownBugs(OracleState()).account_for(self.said(self.LABELS))


class TestShrinking:
    """The smallest history that still shows it, within bounds."""

    def test_what_does_not_matter_is_dropped(self) -> None:
        """Of a long history only the step that matters is left, with the row that matters."""
        long = history("3", steps=12)
        needed = FileStep(
            "north", ("email_address", "username", "gender"), (("a@x.example", "1", "v"), ("b", "2", "w"))
        )
        long = evolve(long, steps=(*long.steps[:6], needed, *long.steps[6:]))

        def shows(candidate: History) -> bool:
            files = [step for step in candidate.steps if isinstance(step, FileStep)]
            return any("w" in row for file in files for row in file.rows if "gender" in file.header)

        small = shrunk(long, shows, Limit.of(5000))
        (step,) = small.steps
        assert isinstance(step, FileStep)
        assert [row[-1] for row in step.rows] == ["w"]

    def test_it_ends_when_the_budget_is_spent(self) -> None:
        """Not one replay more than allowed is made."""
        replays = []

        def shows(candidate: History) -> bool:
            replays.append(candidate)
            return False

        long = history("3", steps=12)
        assert shrunk(long, shows, Limit.of(5)) == long
        assert len(replays) == 5
