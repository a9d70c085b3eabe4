"""Choices: where they come from, and the few ways of choosing that the generators need.

A source has one method, `randbelow(n)`, which returns a number from 0 to n-1. A seeded random source is one, and
Hypothesis is another.
"""

import random
from collections.abc import Sequence
from typing import Protocol, TypeVar

from attrs import define


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


class Source(Protocol):
    """Where choices come from."""

    def randbelow(self, n: int) -> int:
        """A number from 0 to n-1."""
        ...  # pragma: no cover


@define
class Choices:
    """Choosing, with a source."""

    source: Source

    def one_of(self, options: Sequence[T]) -> T:
        """One of some options, all equally likely."""
        return options[self.source.randbelow(len(options))]

    def one_in(self, n: int) -> bool:
        """True once in n times."""
        return self.source.randbelow(n) == n - 1

    def shuffled(self, names: Sequence[T]) -> list[T]:
        """The same items in random order."""
        left, order = list(names), []
        while left:
            order.append(left.pop(self.source.randbelow(len(left))))
        return order
