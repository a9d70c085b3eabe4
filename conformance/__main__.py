"""`python -m conformance`: the suite's other tools, for recordings, adapters and readings."""

import signal
import sys
from typing import NoReturn

NEEDED = ("attrs", "hypothesis", "markdown_it", "msgspec", "rich", "typer")


def main() -> NoReturn:
    """Do what the arguments say, and exit with the status that the help explains."""
    try:
        from conformance.commands.app import app
    except ModuleNotFoundError as missing:
        if str(missing.name).partition(".")[0] not in NEEDED:
            raise
        sys.exit(without(str(missing.name)))
    except KeyboardInterrupt:
        sys.exit(130)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that importers that were started are ended
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(app(prog_name="python -m conformance"))


def without(name: str) -> int:
    """Say which library is missing and how to have it."""
    print(f"conformance: {name} is missing: pip install 'refmodel[conformance]'", file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
