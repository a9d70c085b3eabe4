"""Limits of work: so many units, and no longer than so many seconds.

Whatever is limited by units alone comes to the same end on any machine, however busy. Seconds are there so that nobody
waits for ever for a slow importer.
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
        """A limit that begins now."""
        return cls(units, clock() + seconds, clock)

    @property
    def is_late(self) -> bool:
        """Whether the time is up."""
        return self.clock() >= self.until

    @property
    def is_cut_short(self) -> bool:
        """Whether the time was up before so many units as were asked for were done."""
        return self.is_late and 0 < self.left < inf

    def spend(self) -> bool:
        """Take one unit; whether there was one left, and time for it."""
        if self.left <= 0 or self.is_late:
            return False
        self.left -= 1
        return True
