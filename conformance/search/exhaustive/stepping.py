"""Steps upon the model itself: a operation is made ready once, and taken in every state."""

from collections.abc import Sequence

from attrs import frozen

from conformance.generation.history import FileStep
from conformance.oracle.answers import action_of, job_of
from conformance.search.exhaustive.operations import Operation
from conformance.search.exhaustive.states import State
from refmodel.actions import Action, Done
from refmodel.dispatch import act
from refmodel.engine import File, Step, import_rows, read_file
from refmodel.failures import Refusal
from refmodel.job import Job
from refmodel.report import Report
from refmodel.ruleset import STANDARD, Ruleset
from refmodel.world import Draft, World


@frozen
class Taken:
    """What a operation made of a world: the world after it, whether anything was done, and what became of each row."""

    after: World
    done: bool
    steps: tuple[Step, ...] = ()


@frozen
class ReadyAction:
    """An action that can be taken in any world."""

    place: int  # in the operations
    operation: Operation
    action: Action
    ruleset: Ruleset

    def take(self, world: World) -> Taken:
        """What it makes of a world."""
        after, answer = act(world, self.action, self.ruleset)
        return Taken(after, isinstance(answer, Done))


@frozen
class ReadyFile:
    """A file that was read: what is in its rows does not depend on the world, so it is read only once."""

    place: int
    operation: Operation
    data: bytes
    job: Job
    file: File | Refusal
    ruleset: Ruleset

    def take(self, world: World) -> Taken:
        """What it makes of a world."""
        if isinstance(self.file, Refusal):
            return Taken(world, done=False)
        return self.taken(world, self.file)

    def taken(self, world: World, file: File) -> Taken:
        """What other rows than its own would make of a world, in the same job."""
        draft = Draft.of(world)
        steps = tuple(import_rows(draft, self.job, file, self.ruleset))
        return Taken(draft.finish(), True, steps)

    def report(self, steps: Sequence[Step]) -> Report:
        """The report of it, where these were its rows."""
        if isinstance(self.file, Refusal):
            return Report(refused=self.file)
        results = sorted((step.result for step in steps), key=lambda result: result.row)
        return Report(tuple(results), warnings=self.file.warnings)


Ready = ReadyAction | ReadyFile


@frozen
class Move:
    """A transition: the operation, the state before it and the world that stands for it, and what came of it."""

    ready: Ready
    before: World
    state: State
    taken: Taken
    after: State

    @property
    def changes(self) -> bool:
        """Whether anything was written."""
        return self.taken.after is not self.before


def made_ready(place: int, operation: Operation, world: World, ruleset: Ruleset = STANDARD) -> Ready:
    """A operation, ready to be taken in all worlds with the institutions of this one."""
    step = operation.step
    if not isinstance(step, FileStep):
        return ReadyAction(place, operation, action_of(step.request()), ruleset)
    job, data = job_of(step.request()), step.data()
    file = read_file(world.institution(job.institution), job, data, ruleset)
    return ReadyFile(place, operation, data, job, file, ruleset)
