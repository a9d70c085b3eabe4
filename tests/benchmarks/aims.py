"""The aims: what each of them asks for, what came of it, and whether it was met."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from tests.benchmarks.contestants import DICT_READER, FRICTIONLESS, FULL, IN_MEMORY, UNCHANGED
from tests.benchmarks.growth import Size, over_linear
from tests.benchmarks.measures import Measure
from tests.benchmarks.searching import Pace
from tests.benchmarks.states import LOAD, PARSE, PREVIEW, READ, SAVE, WRITE


@frozen
class Aim:
    """One aim: the result, None where it was not measured, is to be `at_least` so much, or else `at_most`."""

    name: str
    result: float | None
    at_least: float | None = None
    at_most: float | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether it is met; None where that is not known."""
        if self.result is None:
            return None
        if self.at_least is not None:
            return self.result >= self.at_least
        return self.at_most is None or self.result <= self.at_most


def aims(measures: Mapping[str, Measure], sizes: Sequence[Size], pace: Pace) -> Iterator[Aim]:
    """All aims with their results."""
    yield Aim("rows a second: all new / DictReader", beside(measures, FULL, DICT_READER), at_least=0.5)
    yield Aim("rows a second: unchanged / DictReader", beside(measures, UNCHANGED, DICT_READER), at_least=0.75)
    yield Aim("rows a second: all new / frictionless", beside(measures, FULL, FRICTIONLESS), at_least=5)
    yield Aim("states: loading / json.loads", beside(measures, LOAD, PARSE), at_least=0.5)
    yield Aim("states: saving / json.dumps", beside(measures, SAVE, WRITE), at_least=0.5)
    yield Aim("preview / reading both files", beside(measures, PREVIEW, READ), at_least=0.25)
    yield Aim("rows a second: all new / sqlite3", beside(measures, FULL, IN_MEMORY), at_least=1)
    yield Aim("seconds: growth / linear growth", over_linear(sizes), at_most=1.15)
    yield Aim("memory: kB a student", memory_of(sizes), at_most=2.5)
    yield Aim("search: files a second", pace.files_a_second, at_least=5000)
    yield Aim("search: machine / random search, steps a second", pace.beside_random, at_least=0.2)


def beside(measures: Mapping[str, Measure], name: str, other: str) -> float | None:
    """How many rows a second a contestant does for each one of another's."""
    if name not in measures or other not in measures:
        return None
    return measures[name].rows_per_second / measures[other].rows_per_second


def memory_of(sizes: Sequence[Size]) -> float | None:
    """Kilobytes (of 1,000 bytes) a student in the largest world that was measured."""
    known = [size.bytes_per_student for size in sizes if size.bytes_per_student is not None]
    return known[-1] / 1000 if known else None
