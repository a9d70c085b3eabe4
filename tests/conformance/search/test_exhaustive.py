"""The exploration: it counts right, sees every law broken, covers every transition, and its picture is fresh."""

import heapq
import random
import signal
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import cast

import msgspec
import pytest
from attrs import evolve

from conformance.cli.app import app
from conformance.generation.history import ActionStep, History
from conformance.oracle.answers import answer
from conformance.oracle.invariants import LAWS, Breach, breaches
from conformance.oracle.judge import own_answers
from conformance.oracle.reference import ReferenceImporter
from conformance.oracle.state import OracleState
from conformance.protocol.responses import Response
from conformance.search.exhaustive.breadth import Limits
from conformance.search.exhaustive.covering import Edge, covering, edges_of
from conformance.search.exhaustive.exploration import Exploration, explored
from conformance.search.exhaustive.life import STYLES, drawn, page
from conformance.search.exhaustive.operations import Operation, Operations, Person, operations_for
from conformance.search.exhaustive.states import Accounts, State
from conformance.search.exhaustive.watching import HOW
from conformance.verdict.known_deviations import deviation_named
from refmodel.actions import EditProfile, Outcome
from refmodel.cell import Cells
from refmodel.cli.state_format import saved_account
from refmodel.rules.action import NOT_YOURS
from refmodel.ruleset import STANDARD, Ruleset
from refmodel.world import Account, World
from tests.support.commands import RIGHT, Said, run
from tests.support.paths import ROOT
from tests.support.world_builder import missing_students_are_deleted, replace_rule

ONE, TWO = operations_for(1), operations_for(2)


@pytest.fixture(scope="module")
def pair() -> Exploration:
    """Two students, two steps."""
    return explored(TWO, Limits(2), keeps_edges=True)


def end_of(history: History) -> World:
    """The world that the oracle comes to."""
    world = TWO.start
    for step in history.steps:
        _, world = answer(world, step.request())
    return world


def state_of(accounts: Accounts, world: World) -> State:
    """The state of a world."""
    return tuple(sorted(accounts.number(account) for account in world.students()))


# Renamings.


@pytest.mark.parametrize("students", [1, 2, 3])
def test_the_alphabet_is_closed(students: int) -> None:
    """Every renaming takes every letter to one of its own, and no two to the same."""
    operations = operations_for(students)
    everywhere = list(range(len(operations.operations)))
    assert [sorted(moves) for moves in operations.moves] == [everywhere] * len(operations.orders)
    assert len({operation.key for operation in operations.operations}) == len(operations.operations)


def test_an_alphabet_that_is_not_closed_is_none() -> None:
    """A letter that can be taken about one student and not about the other is told."""
    with pytest.raises(ValueError, match="not closed"):
        Operations(TWO.people, TWO.operations[:-1])


def test_a_renaming_keeps_domains() -> None:
    """Students whose addresses are of different domains do not differ by name only."""
    ada, bo = TWO.people
    with pytest.raises(ValueError, match="to another domain"):
        Operations((ada, evolve(bo, home="bo@south.edu")), TWO.operations)


def test_a_username_that_is_an_address_stays_one() -> None:
    """Who signed up has the address as username, and so has whoever they are renamed to."""
    accounts = Accounts(TWO)
    ada, bo = (Account(email_address=person.home, username=person.home) for person in TWO.people)
    number = accounts.number(ada)
    assert accounts.known[accounts.renamed[1][number]] == bo
    assert accounts.renamed[1][accounts.number(bo)] == number


def test_renamings_make_a_group() -> None:
    """Doing one and taking it back changes nothing; of three students, the order matters."""
    three = operations_for(3)
    places = range(len(three.orders))
    assert all(three.compose(place, three.inverse(place)) == 0 for place in places)
    assert any(three.compose(one, other) != three.compose(other, one) for one in places for other in places)


@pytest.mark.parametrize(("students", "depth"), [(2, 2), (3, 1)])
def test_the_quotient_is_right(students: int, depth: int) -> None:
    """What is met when nothing is counted together is, counted together afterwards, what is met at once; and the number
    of states of students with names is the true one."""
    operations = operations_for(students)
    whole = explored(evolve(operations, orders=operations.orders[:1]), Limits(depth))
    reduced = explored(operations, Limits(depth))
    assert len(reduced.search.states) < len(whole.search.states)
    accounts = reduced.accounts
    again = (state_of(accounts, whole.accounts.world(state)) for state in whole.search.states)
    assert {accounts.canonical(state)[0] for state in again} == set(reduced.search.states)
    named = [level.standing_for for level in reduced.search.levels]
    assert [level.states for level in whole.search.levels] == named


def test_the_oracle_alone_meets_as_many_states(pair: Exploration) -> None:
    """Every request of the alphabet is sent in every world, and worlds are told apart by what a state file saves."""
    requests = [operation.step.request() for operation in TWO.operations]
    met, worlds, levels = {as_saved(TWO.start)}, [TWO.start], [1]
    for _ in range(2):
        followed = (answer(world, request)[1] for world in worlds for request in requests)
        after = {as_saved(world): world for world in followed}
        worlds = [world for held, world in after.items() if held not in met]
        met |= set(after)
        levels.append(len(worlds))
    assert levels == [level.standing_for for level in pair.search.levels]


def as_saved(world: World) -> frozenset[bytes]:
    """All that a world holds, whoever came first."""
    return frozenset(msgspec.json.encode(saved_account(account), order="sorted") for account in world.students())


def test_another_last_row_is_another_state() -> None:
    """What cannot be observed and yet decides later is part of a state."""
    accounts = Accounts(ONE)
    cells = cast(Cells, ("a",))
    one, other = (accounts.number(Account(email_address="a@x.example", last_applied=row)) for row in (None, cells))
    assert one != other


# Ways.


def test_the_way_to_a_state_leads_there(pair: Exploration) -> None:
    """Played by the oracle, the shortest history of a state ends in it, whatever the students are called."""
    for number, state in enumerate(pair.search.states):
        history = pair.history(pair.search.way(number))
        assert len(history.steps) <= 2
        assert pair.accounts.canonical(state_of(pair.accounts, end_of(history)))[0] == state


def test_a_small_alphabet_is_explored_to_its_end() -> None:
    """Where nothing new comes any more the exploration is complete, and says so."""
    ada = Person.numbered(0)
    operations = [
        Operation("sign_up", ActionStep("sign_up", {"email": ada.home, "first_name": "Ada", "last_name": "Lee"})),
        Operation("ask", ActionStep("request_access", {"email": ada.home, "institution": "north"})),
        Operation("delete", ActionStep("delete_pending", {"institution": "north", "email": ada.home})),
    ]
    exploration = explored(Operations((ada,), tuple(operations)), Limits(depth=9))
    assert exploration.search.ended == "complete"
    assert [level.states for level in exploration.search.levels] == [1, 1, 1]
    assert sum(level.transitions for level in exploration.search.levels) == 9


# Laws.


def editing_lets_in(world: World, action: EditProfile, ruleset: Ruleset) -> Outcome:
    """An importer that takes whoever is edited for approved."""
    student = world.student(action.email)
    done = student is not None and student.home == action.institution
    return world.put(evolve(student, institution=student.home, pending_at=None)) if done and student else NOT_YOURS


def named(name: str) -> Ruleset:
    """The rules with a known deviation."""
    return deviation_named(name).upon(STANDARD)


DELETING = replace_rule("absence_changes_nothing", missing_students_are_deleted)
EDITING = replace_rule("edit_profile", editing_lets_in)
BENT: tuple[tuple[int, Ruleset, Operations, int, int], ...] = (  # law, rules, students, depth, steps of the shortest
    (1, named("no_email_is_unique_everywhere"), ONE, 2, 2),
    (2, named("no_card_id_is_unique_in_the_institution"), ONE, 2, 2),
    (3, named("no_end_date_is_not_before_start_date"), ONE, 2, 2),
    (4, named("no_a_failed_row_changes_nothing"), ONE, 2, 2),
    (5, named("no_sensitive_fields_need_the_setting"), ONE, 2, 2),
    (6, named("no_other_schools_students_are_invisible"), ONE, 2, 2),
    (7, DELETING, ONE, 2, 2),
    (8, named("any_row_brings_back"), ONE, 2, 2),
    (8, named("who_leaves_is_brought_back"), ONE, 2, 2),
    (9, named("no_absent_column_keeps"), ONE, 2, 2),
    (10, named("new_students_are_pending"), ONE, 1, 1),
    (11, named("any_success_approves"), ONE, 3, 3),
    (11, EDITING, ONE, 3, 3),
    (12, named("failed_rows_are_sorted"), ONE, 1, 1),
    (13, named("no_preview"), ONE, 1, 1),
    (14, named("columns_are_read_by_their_place"), ONE, 0, 1),
    (15, named("missing_students_are_archived"), TWO, 1, 1),
    (16, named("blank_booleans_are_false"), ONE, 1, 1),
)

UNSEEN = (
    named("who_leaves_is_brought_back"),
    EDITING,
)  # conformance.oracle.invariants does not look at what actions do


@pytest.mark.parametrize(("law", "ruleset", "operations", "depth", "steps"), BENT, ids=[str(each[0]) for each in BENT])
def test_a_broken_law_is_found(law: int, ruleset: Ruleset, operations: Operations, depth: int, steps: int) -> None:
    """Under rules that break it the law is named, with the shortest history; and that shows it to who only looks."""
    found = explored(operations, Limits(depth), ruleset).broken[law]
    assert len(found.history.steps) == steps
    if law in LAWS and law != 13 and ruleset not in UNSEEN:  # no preview is among the steps
        exchanges = own_answers(found.history.requests(), OracleState(ruleset=ruleset))
        assert law in [breach.law for breach in breaches(exchanges)]


def test_every_law_is_claimed_and_seen_to_fail() -> None:
    """There are sixteen, and the cases above leave none out."""
    assert {each[0] for each in BENT} == set(HOW) == set(range(1, 17))


def test_the_model_breaks_no_law_and_puts_each_to_the_test(pair: Exploration) -> None:
    """Under the standard rules everything holds, and there was something to hold."""
    assert pair.broken == {}
    assert min(pair.watch.times.values()) > 0
    assert pair.watch.times[1] == len(pair.search.states)


def test_what_breaks_a_law_is_not_gone_on_from() -> None:
    """Behind a broken law anything may follow: no state is met through one."""
    exploration = explored(ONE, Limits(2), DELETING)
    assert all(level.expanded == level.states for level in exploration.search.levels[:2])
    assert not any(breach.law == 7 for breach in broken_behind(exploration))


def broken_behind(exploration: Exploration) -> Iterator[Breach]:
    """The breaches on the ways to the states that were met."""
    for number in range(len(exploration.search.states)):
        history = exploration.history(exploration.search.way(number))
        yield from breaches(own_answers(history.requests(), OracleState(ruleset=exploration.ruleset)))


# Covering histories.


def test_every_transition_is_covered(pair: Exploration) -> None:
    """The walks begin at the start and go on where they are; together they take every transition."""
    edges = edges_of(pair.search)
    walks = covering(edges)
    assert {edge for walk in walks for edge in walk} == set(edges)
    for walk in walks:
        assert [0, *(edge.after for edge in walk[:-1])] == [edge.before for edge in walk]


def test_a_covering_history_goes_through_its_states(pair: Exploration) -> None:
    """Played by the oracle, every prefix of it ends in the state that the transition leads to."""
    for walk in covering(edges_of(pair.search))[::20]:
        history = pair.history([(edge.operation, edge.renaming) for edge in walk])
        for length, edge in enumerate(walk, start=1):
            world = end_of(evolve(history, steps=history.steps[:length]))
            there = pair.accounts.canonical(state_of(pair.accounts, world))[0]
            assert there == pair.search.states[edge.after]


@pytest.mark.parametrize("seed", range(40))
def test_there_are_no_fewer_histories_and_no_shorter_ones(seed: int) -> None:
    """On small graphs all ways are tried: none needs fewer histories, nor as many of fewer steps."""
    edges = small_graph(random.Random(seed))
    walks = covering(edges)
    assert (len(walks), sum(map(len, walks))) == fewest(edges)


def small_graph(one_in: random.Random) -> list[Edge]:
    """A few edges; from the start every state can be reached."""
    states = one_in.randint(2, 4)
    pairs = [(one_in.randrange(state), state) for state in range(1, states)]
    pairs += [(one_in.randrange(states), one_in.randrange(states)) for _ in range(one_in.randint(0, 4))]
    return [Edge(before, operation, after, 0) for operation, (before, after) in enumerate(pairs)]


def fewest(edges: Sequence[Edge]) -> tuple[int, int]:
    """The fewest walks that cover all edges, and of so many the fewest steps, found by trying."""
    queue: list[tuple[int, int, int, int]] = [(1, 0, 0, 0)]  # walks, steps, state, edges covered
    seen = set()
    while True:
        walks, steps, state, covered = heapq.heappop(queue)
        if covered == 2 ** len(edges) - 1:
            return walks, steps
        if (state, covered) not in seen:
            seen.add((state, covered))
            heapq.heappush(queue, (walks + 1, steps, 0, covered))
            for place, edge in enumerate(edges):
                if edge.before == state:
                    heapq.heappush(queue, (walks, steps + 1, edge.after, covered | 1 << place))


# The picture.


def test_the_page_is_fresh() -> None:
    """The page of the documentation is what the exploration gives today, and all stages are in it."""
    now = page()
    assert (ROOT / "conformance" / "docs" / "generated" / "life.md").read_text("utf-8") == now, (
        "make generate writes it anew"
    )
    assert all(f"    {stage}({stage})\n" in now for stage in STYLES)


def test_a_picture_shows_what_was_found_and_no_more() -> None:
    """Without a turn there is no arrow, and no stage."""
    assert "-->" not in drawn({})
    assert "(pending)" not in drawn({})


# The command.


class Approving(ReferenceImporter):
    """An importer that says of every approval that it was done."""

    def handle(self, request: Response) -> Response:
        """One request of the protocol, answered."""
        right = super().handle(request)
        return {"done": True} if request.get("action") == "approve" else right


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """The command, in this process."""

    def said(*arguments: object) -> Said:
        with pytest.raises(SystemExit) as end:
            app([*map(str, arguments)], prog_name="conformance")
        return Said(cast(int, end.value.code), *capsys.readouterr())

    return said


def test_the_command_says_how_much_it_has_seen() -> None:
    """States and transitions depth by depth, each law, and how deep that was."""
    said = run("explore", "--depth", 1)
    assert said.status == 0
    assert "every history of up to 1 step." in said.out
    assert "\n1\t14\t26\t" in said.out
    assert said.out.count("\tholds\n") == 16


def test_json_says_the_same(say: Callable[..., Said]) -> None:
    """For programs."""
    data = say("explore", "--depth", 1, "--json").data
    assert (data["depth"], data["states"], data["with_names"], data["ended"]) == (1, 15, 27, "depth")
    assert {law["result"] for law in data["laws"]} == {"holds"}


def test_a_broken_law_is_told_with_its_history(say: Callable[..., Said]) -> None:
    """The exit status is 1, and the steps are there to be read."""
    said = say("explore", "--depth", 2, "--students", 1, "--deviation", "no_end_date_is_not_before_start_date")
    assert said.status == 1
    assert "Invariant 3 is broken (end_date_is_not_before_start_date)" in said.out
    assert "  2. import for north" in said.out


def test_a_corpus_is_a_folder_of_traces(say: Callable[..., Said], tmp_path: Path) -> None:
    """Every history is one, and `play` plays them all; the folder is not written into again."""
    folder = tmp_path / "corpus"
    said = say("explore", "--depth", 1, "--students", 1, "--corpus", folder, "--json")
    assert len(list(folder.iterdir())) == said.data["covering"]["histories"] > 5
    assert say("play", folder, RIGHT).status == 0
    again = say("explore", "--corpus", folder)
    assert (again.status, again.out) == (2, "")
    assert "not an empty folder" in again.err


def test_importers_are_played_all_of_it(say: Callable[..., Said]) -> None:
    """A right one is allowed in every history; a wrong one differs, and it is told where."""
    data = say("explore", "--depth", 1, "--students", 1, "--importer", RIGHT, "--json").data
    assert data["covering"]["played"] == {"pass": data["covering"]["histories"]}
    wrong = say("explore", "--depth", 1, "--students", 1, "--importer", f"python:{__name__}:Approving")
    assert wrong.status == 1
    assert "approve: done" in wrong.out


@pytest.mark.parametrize(
    ("arguments", "text"),
    [(("--students", 5), "1 to 4 students"), (("--deviation", "nothing"), "there is no deviation 'nothing'")],
)
def test_wrong_use_is_told(say: Callable[..., Said], arguments: tuple[object, ...], text: str) -> None:
    """In a few words, with status 2."""
    said = say("explore", *arguments)
    assert (said.status, said.out) == (2, "")
    assert text in said.err


def test_networkx_is_asked_for(say: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where it is not installed it is said how to have it, before anything is explored."""
    monkeypatch.setattr(import_module("conformance.cli.explore"), "find_spec", lambda name: None)
    said = say("explore", "--corpus", tmp_path / "corpus")
    assert said.status == 2
    assert "pip install 'refmodel[explore]'" in said.err


@pytest.mark.parametrize(("option", "most", "ended"), [("--seconds", 0, "time"), ("--memory", 1, "memory")])
def test_limits_end_it(say: Callable[..., Said], option: str, most: int, ended: str) -> None:
    """Time and memory end the exploration, and it is told how far it came."""
    data = say("explore", "--depth", 9, option, most, "--json").data
    assert (data["ended"], data["depth"], data["states"]) == (ended, 0, 1)


def test_an_interruption_tells_what_was_done(say: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends the exploration, not the telling; the exit status says that it was interrupted."""
    looks = iter(range(100))

    def interrupted() -> int:
        if next(looks):
            signal.raise_signal(signal.SIGINT)
        return 0

    monkeypatch.setattr("conformance.search.exhaustive.breadth.memory", interrupted)
    said = say("explore", "--students", 1, "--depth", 9, "--json")
    assert said.status == 130
    assert said.data["ended"] == "interrupted"
    assert said.data["states"] > 64
