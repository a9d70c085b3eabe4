"""How a command line begins: with its libraries, so that it can be ended cleanly, and so that any text can be said."""

import signal
import sys
from collections.abc import Callable, Collection
from importlib import import_module
from typing import Any, NoReturn


def start(module: str, program: str, needed: Collection[str], hint: str) -> NoReturn:
    """Do with the `app` of a module what the arguments say, and exit with the status that the help explains.

    Where one of the `needed` libraries is missing, the hint says which, in the place of {name}, and the status is 2.
    """
    try:
        run(import_module(module).app, program)
    except ModuleNotFoundError as missing:
        if str(missing.name).partition(".")[0] not in needed:
            raise
        sys.stderr.write(hint.format(name=missing.name) + "\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def run(app: Callable[..., Any], program: str) -> NoReturn:
    """Do it, once everything is loaded."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was begun is cleaned up
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(app(prog_name=program))
