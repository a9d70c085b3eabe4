"""The options that several commands share, and what they make of them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from refmodel.cli.state_file import Held, held
from refmodel.cli.streams import StoppedError
from refmodel.cli.terminal import remark, working_on
from refmodel.cli.usage import UsageError
from refmodel.job import Job, Mode
from refmodel.world import World


class DateFormats(StrEnum):
    """How dates are written in a file."""

    ISO = "yyyy-mm-dd"
    US = "mm/dd/yyyy"


State = Annotated[
    Path, typer.Option("--state", metavar="STATE.json", help="The saved world; `refmodel new` creates one.")
]
InstitutionName = Annotated[str, typer.Option("--institution", metavar="ID", help="The institution whose file it is.")]
Manual = Annotated[bool, typer.Option("--manual", help="A manual job; without this, an automatic one.")]
ChangeSensitiveFields = Annotated[
    bool,
    typer.Option(
        "--change-sensitive-fields",
        help="Let the job change email_address, username, auth_identifier and card_id. Manual jobs only.",
    ),
]
DatesWritten = Annotated[DateFormats, typer.Option("--date-format", help="How the file writes dates.")]
FailedRows = Annotated[
    Path | None,
    typer.Option(
        "--failed",
        metavar="FAILED.csv",
        help="Write the failed rows there, with their responses, to correct and to send again.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs, with the keys listed below.")]


def job_of(institution: str, manual: bool, change_sensitive_fields: bool, date_format: DateFormats) -> Job:
    """The job that the options mean; UsageError where they contradict each other."""
    mode: Mode = "manual" if manual else "automatic"
    try:
        return Job(institution, mode, change_sensitive_fields, date_format.value)
    except ValueError:
        raise UsageError(
            "--change-sensitive-fields goes with --manual only: add --manual, or leave the other one out"
        ) from None


def check_institution(world: World, name: str) -> None:
    """UsageError where the world has no such institution."""
    try:
        world.institution(name)
    except ValueError as error:
        raise UsageError(f"{error}; choose one of those, or create a state that has it with: refmodel new") from None


@contextmanager
def holding(path: Path) -> Iterator[Held]:
    """Hold a state; an interruption says whether it has been saved."""
    with ExitStack() as stack:
        with working_on(path, "reading") as stop:

            def on_wait() -> None:
                stop()
                remark(f"{path} is in use by another refmodel: waiting until it is done")

            state = stack.enter_context(held(path, on_wait))
        try:
            yield state
        except KeyboardInterrupt:
            saved = "nothing was saved" if state.is_as_it_was() else f"{path} had been saved already"
            raise StoppedError(f"interrupted: {saved}") from None
