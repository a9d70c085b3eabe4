"""How long the search may take."""

from typing import Literal, get_args

import hypothesis
from attrs import frozen
from hypothesis import HealthCheck, Phase

Name = Literal["quick", "default", "thorough"]
RACING = 0.4  # of the fast driver's seconds
LANES = 4  # tests of the fast driver, which may run side by side
SECONDS: dict[str, float] = {"quick": 4.0, "default": 16.0, "thorough": 300.0}  # of the fast driver, in all lanes
DRAWING = (Phase.explicit, Phase.reuse, Phase.generate)
EXAMPLES: dict[str, int] = {"quick": 10, "default": 120, "thorough": 3000}  # histories that Hypothesis draws
STEPS = 12  # in each of them, at most


@frozen
class Budget:
    """The seconds of the fast driver in all its lanes, Hypothesis' examples, and the seed of both."""

    seconds: float
    examples: int
    seed: int = 0

    @classmethod
    def named(cls, text: str, seed: int) -> "Budget":
        """A budget by its name, or of so many minutes. ValueError where it is neither."""
        if text in get_args(Name):
            return cls(SECONDS[text], EXAMPLES[text], seed)
        minutes = float(text)
        if not 0 < minutes < 10_000:
            raise ValueError(text)
        return cls(minutes * 50.0, int(minutes * 60) + 1, seed)

    def seconds_a_lane(self, target: str) -> float:
        """How long one lane may search; an importer in a process of its own is slower, and has twice the time."""
        return self.seconds / LANES * (1 if target.startswith("python:") else 2)

    @property
    def racing(self) -> float:
        """Seconds for races of several clients."""
        return self.seconds * RACING

    @property
    def phases(self) -> tuple[Phase, ...]:
        """Hypothesis' phases: its own shrinking, which may take minutes, only where there is time for it."""
        return (*DRAWING, Phase.shrink) if self.seconds >= SECONDS["thorough"] else DRAWING

    @property
    def settings(self) -> hypothesis.settings:
        """How Hypothesis draws."""
        return hypothesis.settings(
            max_examples=self.examples,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=self.phases,
            report_multiple_bugs=False,
            print_blob=False,
        )
