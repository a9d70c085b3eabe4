"""The kinds of values by which importers go wrong: each comes up, the large ones seldom."""

from collections import Counter

import pytest

from conformance.generation.deceptive_values import (
    CALENDARS,
    CLOCKS,
    COURSES_THAT_FIT,
    COURSES_TOO_LONG,
    KINDS,
    LONG_MOBILES,
    NEARLY_YEARS,
    SIZES,
    TEXTS,
    kind_of,
    twin_of,
)
from conformance.generation.files import LARGE, LARGER, large_file
from conformance.generation.generator import TWINS, HistoryGenerator, begin, simulate
from conformance.generation.history import ActionStep, FileStep
from conformance.generation.randomness import Choices, RandomSource
from conformance.generation.scene import LARGEST_KEPT, Scene
from conformance.generation.value_pools import EDGE, EMPTY, WORLDS
from conformance.oracle.answers import answer
from conformance.oracle.state import ALL_HEADERS, OracleState
from conformance.protocol.requests import ACTIONS
from conformance.search.budget import Budget
from conformance.search.random_search import generator_for
from conformance.session.client import introduced
from conformance.transport.targets import connect
from refmodel.serialization import world_of


def generator_of(seed: str) -> HistoryGenerator:
    """A generator for an importer that has everything."""
    return HistoryGenerator.of(RandomSource.seeded(seed), ALL_HEADERS, tuple(ACTIONS), previews=True)


class TestPools:
    """What the edge cases ask one by one is among the edge values of the search."""

    @pytest.mark.parametrize("header", ["primary_education:start_date", "primary_education:end_date"])
    def test_days(self, header: str) -> None:
        """Every day that a calendar or a clock moves."""
        assert {day for day, _ in (*CALENDARS.values(), *CLOCKS.values())} <= set(EDGE[header])

    def test_courses_mobiles_and_years(self) -> None:
        """Courses that are counted otherwise, mobile numbers that are no numbers, and what is nearly a year."""
        courses = {text for _, text in (*COURSES_THAT_FIT.values(), *COURSES_TOO_LONG.values())}
        assert courses <= set(EDGE["primary_education:major_names"])
        assert set(LONG_MOBILES.values()) <= set(EDGE["mobile_number"])
        assert set(NEARLY_YEARS.values()) <= set(EDGE["school_year_name"])


class TestTwins:
    """Two texts that some importers take for one come together in a history."""

    def test_a_twin_is_known_as_a_whole_and_as_an_item(self) -> None:
        """In any other text there is none, and in a history without twins neither."""
        twins = ("Zoe", "Zo\u00eb")
        assert [twin_of(text, twins) for text in ("Zoe", "Zo\u00eb", "x;Zoe", "Ada")] == [
            "Zo\u00eb",
            "Zoe",
            "x;Zo\u00eb",
            None,
        ]
        assert twin_of("Zoe", ()) is None

    def test_each_pair_is_of_a_kind(self) -> None:
        """All that a history may be about is counted by its kind."""
        assert {kind_of(pair) for pair in TWINS.twins.options} == set(KINDS)
        assert kind_of(()) is None

    def test_both_are_sent(self) -> None:
        """In most histories of the theme, both texts stand in cells."""
        sent = Counter[bool]()
        for seed in range(40):
            generator = generator_of(str(seed))
            generator.take(TWINS)
            history, _ = simulate(generator, generator.start(), TWINS.steps, OracleState())
            cells = {cell for step in history.steps if isinstance(step, FileStep) for row in step.rows for cell in row}
            sent[all(any(twin in cell for cell in cells) for twin in generator.scene.twins)] += 1
        assert sent[True] > 30

    def test_texts_of_all_lengths_have_twins(self) -> None:
        """Two that differ behind the width of a column, and two that a collation takes for one."""
        assert all(one[:-1] == other[:-1] and one != other for one, other in SIZES)
        assert max(len(one) for one, _ in SIZES) > 1000
        assert ("Zoe", "Zoe ") in TEXTS

    def test_a_campus_and_somebody_of_the_staff_may_have_the_name(self) -> None:
        """So that the other of the two is no campus, and nobody."""
        scene, draw = (
            Scene(ALL_HEADERS, (), previews=False, twins=("Zoe", "Zo\u00eb")),
            Choices(RandomSource.seeded("1")),
        )
        worlds = [world_of(begin(draw, scene, WORLDS[0])) for _ in range(20)]
        north = [world.directory.institutions["north"] for world in worlds]
        assert {("Zoe" in i.campuses, "zoe@north.edu" in i.staff) for i in north} == {(True, True), (False, False)}


class TestLargeFiles:
    """They are of many rows and few choices, and seldom."""

    def test_they_have_the_sizes_that_they_should(self) -> None:
        """More rows than a batch, a page or a limit has, of which all fail, or nearly all, or none."""
        scene, outcomes, sizes = Scene(ALL_HEADERS, (), previews=False), Counter[str](), Counter[int]()
        for seed in range(12):
            file = large_file(Choices(RandomSource.seeded(str(seed))), scene)
            sizes[len(file.rows)] += 1
            response, _ = answer(EMPTY, file.request())
            outcomes.update(row["outcome"] for row in response["report"]["rows"])
        assert set(sizes) <= set(LARGE.options)
        assert max(sizes) > 1000
        assert min(outcomes["failed"], outcomes["created"]) > 1000

    def test_with_time_they_are_larger(self) -> None:
        """A thorough budget sends larger ones than any other does."""
        assert max(LARGER.options) > max(LARGE.options)
        source, right = RandomSource.seeded("0"), introduced(connect("python:conformance.reference:importer"))
        generators = [generator_for(right, source, goes_far=far) for far in (False, True)]
        sizes = [{len(large_file(each.draw, each.scene).rows) for _ in range(60)} for each in generators]
        assert [max(LARGER.options) in each for each in sizes] == [False, True]
        names = ("quick", "default", "9-histories", "5", "thorough", "90")
        assert [name for name in names if Budget.named(name, 0).goes_far] == ["thorough", "90"]

    def test_they_come_seldom(self) -> None:
        """Once in a thousand steps or more, so that the search stays fast; and they are not sent again."""
        generator, sizes = generator_of("1"), []
        for _ in range(8_000):
            step = generator.next_step(EMPTY)
            if isinstance(step, FileStep):
                sizes.append(len(step.rows))
                generator.remember(step, [])
            assert isinstance(step, FileStep | ActionStep)
        assert 0 < sum(size > 100 for size in sizes) < 16
        assert max(len(file.rows) for file in generator.scene.files) <= LARGEST_KEPT
