"""The command line: JSON lines in, JSON lines out, on any database."""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO, NoReturn, get_args

from . import SqlImporter, UnusableDatabaseError
from .database import IN_MEMORY, SERIALIZABLE, Isolation
from .importing import STAGED_FROM


class _Options(argparse.ArgumentParser):
    """Options whose faults are told in one line."""

    def error(self, message: str) -> NoReturn:
        """Exit with status 2."""
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Converse until the input ends or somebody says bye; the exit status."""
    options = _Options(prog="conformance.implementations.sql", description=__doc__)
    options.add_argument("--database", default=IN_MEMORY, metavar="URL", help="SQLAlchemy URL (%(default)s)")
    options.add_argument(
        "--staged-from",
        type=int,
        default=STAGED_FROM,
        metavar="ROWS",
        help="files of so many rows or more go through a staging table (%(default)s)",
    )
    options.add_argument("--http", metavar="HOST:PORT", help="answer there, several at once, and not on standard input")
    options.add_argument(
        "--isolation",
        choices=get_args(Isolation),
        default=SERIALIZABLE,
        help="of transactions on PostgreSQL (%(default)s); with less of it several at once go wrong",
    )
    chosen = options.parse_args(arguments)
    try:
        importer = SqlImporter(chosen.database, chosen.staged_from, chosen.isolation)
    except UnusableDatabaseError as error:
        options.error(str(error))
    if chosen.http is None:
        converse(importer, sys.stdin.buffer, sys.stdout.buffer)
    else:
        _serve(importer, chosen.http, options)
    return 0


def _serve(importer: SqlImporter, address: str, options: _Options) -> None:
    host, _, port = address.rpartition(":")
    if not port.isascii() or not port.isdecimal() or int(port) > 65535:
        options.error(f"--http {address}: write HOST:PORT, or a PORT of this machine")
    try:
        from .web import listen
    except ImportError as error:
        options.error(f"--http needs a server: pip install 'refmodel[server]' ({error})")
    try:
        listen(importer, host.strip("[]") or "127.0.0.1", int(port))
    except OSError as error:
        options.error(f"--http {address}: cannot listen there: {error.strerror or error}")


def converse(importer: SqlImporter, requests: Iterable[bytes], responses: BinaryIO) -> None:
    """Answer each line with a line."""
    for line in requests:
        request = _request(line)
        response = importer.handle(request) if isinstance(request, dict) else {"error": request}
        responses.write(json.dumps(response).encode() + b"\n")
        responses.flush()
        if isinstance(request, dict) and request.get("op") == "bye":
            return


def _request(line: bytes) -> dict[str, Any] | str:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as error:
        return f"The line is not JSON: {error}"
    return request if isinstance(request, dict) else "The line is no JSON object"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (BrokenPipeError, KeyboardInterrupt):
        # Nobody listens any more: what is still in the buffer must not fail once again at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
