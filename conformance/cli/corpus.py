"""`corpus`: edge cases as a folder of files with the expected results; also a command of `refmodel`."""

from pathlib import Path
from typing import Annotated

import typer

from conformance.cases.corpus.verifying import BadCorpus
from refmodel.cli.group import ALWAYS
from refmodel.cli.streams import after
from refmodel.cli.terminal import complain, heading, is_terminal, line, remark, table, visible

CASES = 1500

Out = Annotated[Path, typer.Argument(metavar="OUT", help="The folder to write: a new one, or an earlier corpus.")]
Cases = Annotated[int, typer.Option(metavar="N", help="Number of cases; the most valuable ones are written.", min=1)]
Seed = Annotated[int, typer.Option(metavar="S", help="The same seed makes the same bytes, on any machine.")]
HELP = """Write edge cases as files, with the expected results.

    Each case is a folder: the files to send, the world before and after, the expected reports, a trace for
    `python -m conformance play`, and the mistake of importers that fail it. The folder is written whole or not at all,
    and never over anything but an earlier corpus. The output says what the cases cover.
    """
EPILOG = f"\b\nExit status: 0 the corpus is written; 2 usage error, or a folder that cannot be\nwritten.\n\n{ALWAYS}"

app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command(help=HELP, epilog=EPILOG)
def corpus(out: Out, cases: Cases = CASES, seed: Seed = 0) -> None:
    """The command as `refmodel` has it."""
    try:
        make_corpus(out, cases, seed)
    except BadCorpus as error:
        complain(visible(str(error)))
        raise typer.Exit(2) from None


def make_corpus(out: Path, cases: int, seed: int) -> None:
    """Write a corpus, and say what it covers. BadCorpus where it cannot be written."""
    # Imported only here: what cases are made of takes a moment, which other commands should not pay for.
    from conformance.cases.corpus.folders import check_free, make

    check_free(out)
    if is_terminal():
        remark(f"Up to {cases:,} cases are made …")
    made: list[object] = []
    lines = make(out, cases, seed, made.append)
    with after(f"{out} has been written"):
        line(f"{out} is written: {len(made):,} cases{'' if len(made) == cases else ', and there are no more'}")
        heading("What they cover")
        table(
            ("what", "reached", "of", "share"),
            [(each.what, f"{each.reached:,}", f"{each.possible:,}", each.share) for each in lines],
        )
