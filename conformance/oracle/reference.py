"""The reference model as an importer: `python:conformance.reference:importer`."""

from conformance.oracle.answers import NOWHERE, answer
from conformance.protocol.requests import Received
from conformance.protocol.responses import Response
from refmodel.ruleset import STANDARD, Ruleset


class ReferenceImporter:
    """An importer that answers as the model does, under the standard rules or under others."""

    def __init__(self, ruleset: Ruleset = STANDARD) -> None:
        self.ruleset = ruleset
        self.world = NOWHERE

    def handle(self, request: Received) -> Response:
        """The response to a request of the protocol."""
        response, self.world = answer(self.world, request, self.ruleset)
        return {"accounts": list(map(_own, response["accounts"]))} if request["op"] == "observe" else response


def _own(account: Response) -> Response:
    # The oracle returns the same object for the same account; callers of an importer may change theirs.
    return {name: value.copy() if isinstance(value, list) else value for name, value in account.items()}


def importer() -> ReferenceImporter:
    """The factory that the target names."""
    return ReferenceImporter()
