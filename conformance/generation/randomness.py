"""Choices: where they come from, and the few ways of choosing that the generators need.

A source has one method, `randbelow(n)`, which returns a number from 0 to n-1. A seeded random source is one, and
Hypothesis is another, which makes plainer whatever it is given by taking smaller numbers. So options stand with the
plainest in front, and what happens seldom happens at the highest number.
"""

import random
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from math import lcm
from typing import Generic, Protocol, TypeVar

from attrs import define, frozen


@define
class RandomSource:
    """Choices from a seeded random source: the same seed, the same choices, on any machine."""

    random: random.Random

    @classmethod
    def seeded(cls, seed: str) -> "RandomSource":
        """A source that starts from a seed."""
        return cls(random.Random(seed))

    def randbelow(self, n: int) -> int:
        """A number from 0 to n-1."""
        return int(self.random.random() * n)


T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Source(Protocol):
    """Where choices come from."""

    def randbelow(self, n: int) -> int:
        """A number from 0 to n-1."""
        ...  # pragma: no cover


@frozen(eq=False)
class Weights(Generic[T_co]):
    """Options with their weights, which are kept as the sums up to each."""

    options: tuple[T_co, ...]
    sums: tuple[int, ...]

    def __add__(self, other: "Weights[T]") -> "Weights[T_co | T]":
        """The options of both, with the weights that they have."""
        total = self.sums[-1] if self.sums else 0
        return Weights((*self.options, *other.options), (*self.sums, *(total + each for each in other.sums)))


def weights(*pairs: tuple[T, int]) -> Weights[T]:
    """Options, the plainest in front, each with how many times as likely it is as one of weight 1."""
    return Weights(tuple(option for option, _ in pairs), tuple(accumulate(weight for _, weight in pairs)))


def mixed(*pools: tuple[Sequence[T], int]) -> Weights[T]:
    """The options of some pools, each pool as likely as its weight says, and all options of one pool equally likely."""
    there = [(pool, weight) for pool, weight in pools if pool]
    unit = lcm(*(len(pool) for pool, _ in there))
    return weights(*((option, weight * unit // len(pool)) for pool, weight in there for option in pool))


@define
class Choices:
    """Choosing, with a source."""

    source: Source

    def randbelow(self, n: int) -> int:
        """A number from 0 to n-1."""
        return self.source.randbelow(n)

    def one_of(self, options: Sequence[T]) -> T:
        """One of some options, all equally likely."""
        return options[self.source.randbelow(len(options))]

    def weighted(self, weights: Weights[T]) -> T:
        """One of some options, as likely as its weight says."""
        return weights.options[bisect_right(weights.sums, self.source.randbelow(weights.sums[-1]))]

    def one_in(self, n: int) -> bool:
        """True once in n times."""
        return self.source.randbelow(n) == n - 1

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The same items in random order."""
        return self.sample(items, len(items))

    def sample(self, items: Sequence[T], most: int) -> list[T]:
        """Some different ones of the items, or all where there are no more, in random order."""
        left = list(items)
        return [left.pop(self.source.randbelow(len(left))) for _ in range(min(most, len(left)))]
