"""How a command line begins and ends: with its streams and libraries, cleanly, and with a status that is documented."""

import os
import signal
import sys
from collections.abc import Callable, Collection
from importlib import import_module
from typing import NoReturn

from refmodel.cli.streams import OutputError, secure

INTERRUPTED = 130
BROKEN_PIPE = 141
TERMINATED = 143
OUTPUT_LOST = 3


def start(module: str, program: str, needed: Collection[str], hint: str) -> NoReturn:
    """Do with the `app` of a module what the arguments say, and exit with the status that the help explains.

    Where one of the `needed` libraries is missing, the hint says which, in the place of {name}, and the status is 2.
    """
    secure()
    try:
        run(loaded(module), program)
    except ModuleNotFoundError as missing:
        if str(missing.name).partition(".")[0] not in needed:
            raise
        sys.stderr.write(hint.format(name=missing.name) + "\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def loaded(module: str) -> Callable[..., object]:
    """The `app` of a module. Ctrl-C ends the process at once meanwhile: Python loses it here and there on the way."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, leave)
    try:
        app: Callable[..., object] = import_module(module).app
    finally:
        signal.signal(signal.SIGINT, before)
    return app


def leave(*_: object) -> None:
    """End without any clean-up: nothing was begun."""
    os._exit(INTERRUPTED)


def run(app: Callable[..., object], program: str) -> NoReturn:
    """Do it, once everything is loaded."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))  # so that what was begun is cleaned up
    status = performed(app, program)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is done: Python's own end would only complain of Ctrl-C
    sys.exit(status)


def performed(app: Callable[..., object], program: str) -> int:
    """Do it, to the last character of what is shown; the exit status."""
    try:
        status = status_of(app, program)
        sys.stdout.flush()
    except OutputError as error:
        return output_lost(error, program)
    return status


def status_of(app: Callable[..., object], program: str) -> int:
    """The exit status of a command; that of help and of usage errors too."""
    try:
        app(prog_name=program)
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def output_lost(error: OutputError, program: str) -> int:
    """Say why something could not be shown, unless its reader has left; the exit status."""
    if error.is_quiet:
        return BROKEN_PIPE
    # Imported only here: it needs rich, which may be the library that is missing.
    from refmodel.cli.state_file import reason
    from refmodel.cli.terminal import complain

    done = f"; {error.done}" if error.done else ""
    complain(f"standard output cannot be written: {reason(error.why)}{done}", program.split()[-1])
    return OUTPUT_LOST
