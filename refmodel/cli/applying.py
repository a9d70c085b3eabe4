"""`refmodel import` and `refmodel preview`: a file applied to a saved world, or only tried on it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from attrs import evolve, field, frozen

from refmodel.catalogue import CATALOGUE
from refmodel.cli.failures import Failure, failures_of
from refmodel.cli.options import check_institution, holding
from refmodel.cli.state_file import FileError, Held, check_target, check_vacant, read_world, reading, written
from refmodel.cli.terminal import complain, visible, with_progress, working_on
from refmodel.cli.usage import UsageError
from refmodel.engine import import_rows, read_file
from refmodel.explain.summary import Summary, summary_of
from refmodel.failures import Refusal
from refmodel.job import Job
from refmodel.report import as_json
from refmodel.rules.report import failed_rows_file
from refmodel.ruleset import STANDARD
from refmodel.world import Draft, World


@frozen
class Order:
    """What somebody asked for: a file, to be applied to a state under a job, or only to be tried."""

    file: Path
    state: Path
    job: Job
    failed: Path | None
    preview: bool
    force: bool = False


@frozen
class Applied:
    """What became of an order: why the file was refused, or what it did; and whether the state was saved."""

    order: Order
    refused: Refusal | None = None
    warnings: tuple[str, ...] = ()
    summary: Summary = field(factory=Summary)
    failures: tuple[Failure, ...] = ()
    saved: bool = False
    unwritten: str = ""  # why the failed rows could not be written
    changed: str = ""  # that the file has not stayed what was read

    @property
    def in_short(self) -> str:
        """What was saved."""
        if self.unwritten:
            return f"{self.unwritten}; nothing was saved"
        return f"{self.order.state} has been saved" if self.saved else "nothing was saved"


def apply(order: Order) -> Applied:
    """Do what was asked for: try the file on the world, or apply it and save the world."""
    check_names(order)
    file = reading(order.file)
    if order.preview:
        applied = previewed(order, file.data)
    elif file.changed_meanwhile:
        raise FileError(
            f"{order.file} changed while it was read: wait until it is complete, and run the command again; "
            "nothing was changed"
        )
    else:
        applied = imported(order, file.data)
    return evolve(applied, changed=file.in_doubt())


def previewed(order: Order, data: bytes) -> Applied:
    """Try a file on the world."""
    with working_on(order.state, "reading"):
        world = read_world(order.state)
    return worked_through(order, world, data)[1]


def imported(order: Order, data: bytes) -> Applied:
    """Apply a file to the world, and save the world."""
    with holding(order.state) as state:
        world, applied = worked_through(order, state.world, data)
        with working_on(order.state, "saving"), no_failed_rows_unless_saved(order, state):
            state.save(world)
    return evolve(applied, saved=world is not state.world)


@contextmanager
def no_failed_rows_unless_saved(order: Order, state: Held) -> Iterator[None]:
    """Take the new file of failed rows away again where nothing is saved: it would be in the way of the next try."""
    try:
        yield
    except (FileError, KeyboardInterrupt) as error:
        if order.failed and not order.force and (isinstance(error, FileError) or state.is_as_it_was()):
            order.failed.unlink(missing_ok=True)
        raise


def check_names(order: Order) -> None:
    """UsageError where the failed rows would replace what is needed; FileError where they cannot be written."""
    if order.failed is None:
        return
    for needed, what in ((order.file, "the file that is read"), (order.state, "the state")):
        if is_same_file(order.failed, needed):
            raise UsageError(f"--failed {order.failed}: this is {what}; name another file for the failed rows")
    check_target(order.failed)
    if not order.force:
        check_vacant(order.failed)


def is_same_file(one: Path, other: Path) -> bool:
    """Whether two names mean one file, through links too."""
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    return os.path.exists(one) and os.path.exists(other) and os.path.samefile(one, other)


def worked_through(order: Order, world: World, data: bytes) -> tuple[World, Applied]:
    """The world after the file, and what the file did; the failed rows are written before any world is."""
    check_institution(world, order.job.institution)
    with working_on(order.file, "reading"):
        file = read_file(world.institution(order.job.institution), order.job, data, STANDARD)
    if isinstance(file, Refusal):
        return world, Applied(order, refused=file)
    draft = Draft.of(world)
    steps = import_rows(draft, order.job, file)
    summary = summary_of(with_progress(steps, len(file.rows), order.file.name))
    # First of all, so that the texts of long failed rows are not in memory twice.
    why = unwritten(order.failed, summary, data, order.force) if order.failed is not None else ""
    applied = Applied(order, None, file.warnings, summary, failures_of(summary, file, data), unwritten=why)
    return (world if why else draft.finish()), applied


def unwritten(path: Path, summary: Summary, data: bytes, force: bool) -> str:
    """Write the failed rows; why they could not be written, if so: what the file would do is shown all the same."""
    responses = {result.row: as_json(result.response) for result in summary.failed}
    try:
        written(path, (failed_rows_file(data, responses),), force)
    except FileError as error:
        return f"--failed {error}"
    return ""


def exit_where_refused(applied: Applied) -> None:
    """Say why the file was not taken at all, if so, and exit with status 2."""
    if refused := applied.refused:
        complain(
            f"{visible(str(applied.order.file))}: {visible(refused.text)}\n"
            f"The file was refused whole, by {refused.rule}; nothing was changed.\n"
            f"What to do: {CATALOGUE[refused.rule].remedy}"
        )
        if applied.changed:
            complain(f"warning: {applied.changed}")
        raise typer.Exit(2)


def exit_where_unwritten(applied: Applied) -> None:
    """Say why the failed rows could not be written, if so, and exit with status 2."""
    if applied.unwritten:
        complain(visible(applied.unwritten))
        raise typer.Exit(2)
