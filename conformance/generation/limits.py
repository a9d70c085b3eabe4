"""Limits of work: a number of units and a number of seconds.

A limit in units gives the same result on any machine, however busy. The limit in seconds keeps a slow importer from
running for ever.
"""

import time
from collections.abc import Callable
from math import inf
from typing import Self

from attrs import define

Clock = Callable[[], float]


@define
class Limit:
    """How many units of work may still be done, and until when on a clock."""

    left: float
    until: float = inf
    clock: Clock = time.monotonic

    @classmethod
    def of(cls, units: float, seconds: float = inf, clock: Clock = time.monotonic) -> Self:
        """A limit that starts now."""
        return cls(units, clock() + seconds, clock)

    @property
    def is_late(self) -> bool:
        """Whether the time is up."""
        return self.clock() >= self.until

    @property
    def is_cut_short(self) -> bool:
        """Whether time ran out before the units did."""
        return self.is_late and 0 < self.left < inf

    def spend(self) -> bool:
        """Take one unit; False if none is left or time has run out."""
        if self.left <= 0 or self.is_late:
            return False
        self.left -= 1
        return True
