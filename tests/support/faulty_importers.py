"""Deliberately wrong importers, in small: each shows the suite something that it must tell apart."""

import itertools
import os
import sys
import time
from typing import Any, ClassVar

from conformance.mutants import known as deviations
from conformance.oracle.reference import ReferenceImporter
from conformance.protocol.responses import INDISPENSABLE_HEADERS
from refmodel.ruleset import STANDARD
from refmodel.serialization import STANDING

Message = dict[str, Any]
STORED = list(INDISPENSABLE_HEADERS)


def deviating(*names: str) -> ReferenceImporter:
    """The model, deviating in these known ways."""
    return ReferenceImporter(deviations.deviating(STANDARD, names))


def labels_kept() -> ReferenceImporter:
    """A blank labels cell keeps the labels: a stated rule broken."""
    return deviating("no_blank_labels_clear")


def first_wins() -> ReferenceImporter:
    """The first of duplicate rows wins: another reading of a chosen rule."""
    return deviating("first_of_duplicates_wins")


def both() -> ReferenceImporter:
    """Two things wrong at once."""
    return deviating("no_blank_labels_clear", "first_of_duplicates_wins")


class Narrow(ReferenceImporter):
    """Stores only the columns that it must, claims nothing optional, and is otherwise right."""

    def handle(self, request: Message) -> Message:
        """Say so in the hello, and show no other column."""
        response = super().handle(request)
        if request["op"] == "hello":
            return response | {"supports": [], "columns": STORED}
        if request["op"] == "observe":
            shown = (*STORED, *STANDING)
            return {"accounts": [{name: account[name] for name in shown} for account in response["accounts"]]}
        return response


class Hanging(ReferenceImporter):
    """Answers no import."""

    def handle(self, request: Message) -> Message:
        """Sleep over an import."""
        if request["op"] == "import":
            time.sleep(60)
        return super().handle(request)


class Silent(ReferenceImporter):
    """Does not even say hello."""

    def handle(self, request: Message) -> Message:
        """Sleep over everything."""
        time.sleep(60)
        return {}


class Boasting(ReferenceImporter):
    """Claims a preview that it does not have."""

    def handle(self, request: Message) -> Message:
        """Refuse the preview that the hello promised."""
        return {"error": "no such op"} if request["op"] == "preview" else super().handle(request)


class Misshapen(ReferenceImporter):
    """Gives its rows no numbers."""

    def handle(self, request: Message) -> Message:
        """Leave the rows' numbers out."""
        response = super().handle(request)
        if request["op"] == "import":
            for row in response["report"]["rows"]:
                del row["row"]
        return response


class Deadly(ReferenceImporter):
    """Takes the process that asks it with it."""

    def handle(self, request: Message) -> Message:
        """Die."""
        os._exit(3)


class Forgetful(ReferenceImporter):
    """Forgets every hundredth import."""

    imports = itertools.count(1)

    def handle(self, request: Message) -> Message:
        """Report the import, and lose it."""
        before = self.world
        response = super().handle(request)
        if request["op"] == "import" and next(self.imports) % 100 == 0:
            self.world = before
        return response


class Locked(ReferenceImporter):
    """Waits too long for a lock in every two hundredth import, and so fails all rows of the file."""

    imports = itertools.count(1)
    FAILED: ClassVar[Message] = {"success": False, "errors": "Lock wait timeout exceeded; try restarting transaction"}

    def handle(self, request: Message) -> Message:
        """Import the file, or fail each row of it and change nothing."""
        if request["op"] != "import" or next(self.imports) % 200:
            return super().handle(request)
        before = self.world
        report = super().handle(request)["report"]
        self.world = before
        rows = [{"row": row["row"], "outcome": "failed", "response": self.FAILED} for row in report["rows"]]
        return {"report": {"refused": report["refused"], "rows": rows}}


def dying() -> None:
    """As a command: dies at the tenth import."""
    _serve(lambda number, request: os._exit(3) if request["op"] == "import" and number > 40 else None)


def chatty() -> None:
    """As a command: prints what it does into the protocol."""
    _serve(lambda number, request: print("importing …", flush=True) if request["op"] == "import" else None)


def _serve(first: Any) -> None:
    import json

    importer = ReferenceImporter()
    for number, line in enumerate(sys.stdin):
        request = json.loads(line)
        first(number, request)
        print(json.dumps(importer.handle(request)), flush=True)


if __name__ == "__main__":
    {"dying": dying, "chatty": chatty}[sys.argv[1]]()
