"""How long the search may take."""

from typing import Literal, get_args

import hypothesis
from attrs import evolve, frozen
from hypothesis import HealthCheck, Phase

Name = Literal["quick", "default", "thorough"]
RACING = 0.4  # of the fast driver's seconds
LANES = 4  # tests of the fast driver, which may run side by side
SECONDS: dict[str, float] = {"quick": 4.0, "default": 16.0, "thorough": 300.0}  # of the fast driver, in all lanes
DRAWN: dict[str, float] = {"quick": 0.4, "default": 24.0, "thorough": 150.0}  # seconds of the state machine
DRAWING = (Phase.explicit, Phase.reuse, Phase.generate)
AT_ONCE = 12  # histories of one run of Hypothesis, which varies what it has had once it has drawn ten
STEPS = 12  # in each of them, at most


@frozen
class Budget:
    """The seconds of the fast driver in all its lanes, those of the state machine, and the seed of both."""

    seconds: float
    drawing: float
    seed: int = 0

    @classmethod
    def named(cls, text: str, seed: int) -> "Budget":
        """A budget by its name, or of so many minutes. ValueError where it is neither."""
        if text in get_args(Name):
            return cls(SECONDS[text], DRAWN[text], seed)
        minutes = float(text)
        if not 0 < minutes < 10_000:
            raise ValueError(text)
        return cls(minutes * 40.0, minutes * 20.0, seed)

    def for_target(self, target: str) -> "Budget":
        """The same; twice the seconds where the importer is in a process of its own, and slower for that."""
        if target.startswith("python:"):
            return self
        return evolve(self, seconds=2 * self.seconds, drawing=2 * self.drawing)

    @property
    def lane(self) -> float:
        """Seconds for one lane of the fast driver."""
        return self.seconds / LANES

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
