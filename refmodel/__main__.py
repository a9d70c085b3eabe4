"""`refmodel` on the command line; `python -m refmodel` is the same."""

import gc
from typing import NoReturn

from refmodel.cli.starting import start

NEEDED = ("typer", "rich")


def main() -> NoReturn:
    """Do what the arguments say, and exit with the status that the help explains."""
    gc.disable()  # a world has no cycles, and looking for them takes half of the time
    hint = "refmodel: the command line needs {name}: pip install 'refmodel[cli]'"
    start("refmodel.cli.app", "refmodel", NEEDED, hint)


if __name__ == "__main__":
    main()
