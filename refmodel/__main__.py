"""`refmodel` on the command line; `python -m refmodel` is the same."""

import gc
import signal
import sys
from typing import NoReturn

NEEDED = ("typer", "rich")


def main() -> NoReturn:
    """Do what the arguments say, and exit with the status that the help explains."""
    try:
        from refmodel.commandline.app import app
    except ModuleNotFoundError as missing:
        if str(missing.name).partition(".")[0] not in NEEDED:
            raise
        sys.exit(without(str(missing.name)))
    except KeyboardInterrupt:
        sys.exit(130)
    gc.disable()  # a world has no cycles, and looking for them takes half of the time
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was begun is cleaned up
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(app(prog_name="refmodel"))


def without(name: str) -> int:
    """Say which library is missing and how to have it."""
    print(f"refmodel: the command line needs {name}: pip install 'refmodel[cli]'", file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
