"""Choices: where they come from, and the few ways of choosing that the generators need.

A source has one method, `randbelow(n)`, which returns a number from 0 to n-1. A seeded random source is one, and
Hypothesis is another, which makes plainer whatever it is given by taking smaller numbers. So options stand with the
plainest in front, and what happens seldom happens at the highest number.
"""

import random
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
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


def weights(*pairs: tuple[T, int]) -> Weights[T]:
    """Options, the plainest in front, each with how many times as likely it is as one of weight 1."""
    return Weights(tuple(option for option, _ in pairs), tuple(accumulate(weight for _, weight in pairs)))


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

    def shuffled(self, names: Sequence[T]) -> list[T]:
        """The same items in random order."""
        left, order = list(names), []
        while left:
            order.append(left.pop(self.source.randbelow(len(left))))
        return order
