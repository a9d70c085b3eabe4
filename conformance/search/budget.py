"""How much the search does.

A budget that has a name, or counts histories, is a limit of work: with the same seed it makes the same histories on any
machine. The seconds beside it are a limit for very slow importers. Only a budget in
minutes is a limit of time.
"""

import re
from collections.abc import Mapping
from math import ceil, inf
from typing import Self

import hypothesis
from attrs import frozen
from hypothesis import HealthCheck, Phase

from conformance.generation.limits import Limit

SHARDS = 4  # tests of the random search, which may run side by side
DRAWN = 0.4  # histories of the state machine for one of the random search
RACED = 0.1  # races of several clients for one history of the random search
SHARES = {"random": 0.4, "machine": 0.4, "races": 0.2}  # of the seconds
LONG = 10_000  # histories from which there is time for larger files and for Hypothesis' shrinking, which take minutes
DRAWING = (Phase.explicit, Phase.reuse, Phase.generate)
AT_ONCE = 12  # histories of one run of Hypothesis, which varies what it has had once it has drawn ten
STEPS = 12  # in each of them, at most
IN_WORDS = "quick, default, thorough, a number of histories as in 200-histories, or a number of minutes above 0"


@frozen
class Budget:
    """The histories of the random search in all its shards, the seconds of everything, and the seed."""

    histories: float
    seconds: float = inf
    seed: int = 0

    @classmethod
    def named(cls, text: str, seed: int) -> Self:
        """A budget by its name, of so many histories, or of so many minutes. ValueError where it is none of these."""
        if text in NAMED:
            return cls(*NAMED[text], seed)
        if counted := re.fullmatch(r"([1-9][0-9]{0,8})-histories", text, re.ASCII):
            return cls(int(counted[1]), inf, seed)
        minutes = float(text)
        if not 0 < minutes < 10_000:
            raise ValueError(text)
        return cls(inf, minutes * 60, seed)

    @property
    def shard(self) -> Limit:
        """What one shard of the random search may do: histories, from now on."""
        return Limit.of(self._most(1 / SHARDS), self.seconds * SHARES["random"] / SHARDS)

    @property
    def machine(self) -> Limit:
        """What the state machine may do: runs of a few histories each, from now on."""
        return Limit.of(self._most(DRAWN / AT_ONCE), self.seconds * SHARES["machine"])

    @property
    def races(self) -> Limit:
        """What several clients may do: races, from now on."""
        return Limit.of(self._most(RACED), self.seconds * SHARES["races"])

    @property
    def goes_far(self) -> bool:
        """Whether some files are larger than usual: only where a few of them take a small part of the time."""
        return self.histories >= LONG and self.seconds >= 600

    def _most(self, share: float) -> float:
        return self.histories if self.histories == inf else ceil(self.histories * share)

    @property
    def phases(self) -> tuple[Phase, ...]:
        """Hypothesis' phases: its own shrinking only where there is time for it."""
        return (*DRAWING, Phase.shrink) if self.goes_far else DRAWING

    @property
    def settings(self) -> hypothesis.settings:
        """How Hypothesis draws a few histories."""
        return hypothesis.settings(
            max_examples=AT_ONCE,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=self.phases,
            report_multiple_bugs=False,
            print_blob=False,
        )


NAMED: Mapping[str, tuple[int, float]] = {  # histories of the random search, and the seconds that nobody waits beyond
    "quick": (160, 60.0),
    "default": (4_000, 240.0),
    "thorough": (60_000, 3600.0),
}
