"""Running one case: held, judged, and asked again, in one place."""

import ast
from collections.abc import Iterator
from typing import Any

import pytest

from conformance.generation.history import ActionStep, History
from conformance.generation.value_pools import WORLDS
from conformance.oracle.reference import ReferenceImporter
from conformance.protocol.responses import Response
from conformance.session.client import introduced
from conformance.session.replay import differing_again, played_whole
from conformance.transport.in_process import PythonTarget
from conformance.verdict.run_case import not_claimed, run_case
from tests.support.faulty_importers import Narrow
from tests.support.paths import ROOT

SIGN_UP = ActionStep("sign_up", {"email": "z@mail.example", "first_name": "Zoë", "last_name": "Ito"})
REQUESTS = tuple(History(WORLDS[0], (SIGN_UP,)).requests())
WAYS: dict[str, Any] = {"until it differs": (), "as a whole": (played_whole, differing_again)}


class Refusing(ReferenceImporter):
    """Nobody can sign up."""

    def handle(self, request: Response) -> Response:
        """Refuse whoever wants to."""
        return {"done": False} if request.get("action") == "sign_up" else super().handle(request)


def once(refusing: list[type[ReferenceImporter]]) -> ReferenceImporter:
    """An importer that refuses in its first life only."""
    return (refusing.pop() if refusing else ReferenceImporter)()


@pytest.mark.parametrize("way", WAYS)
def test_what_comes_of_a_case(way: str) -> None:
    """It passes, it differs, or it is flaky: it differs and a fresh importer does not."""
    lives: list[type[ReferenceImporter]] = [Refusing]
    factories = {"passed": ReferenceImporter, "differs": Refusing, "flaky": lambda: once(lives)}
    for status, factory in factories.items():
        importer = introduced(PythonTarget("python:tests:importer", factory, 30.0))
        ran = run_case(importer, REQUESTS, importer.known(), *WAYS[way])
        assert (ran.status, ran.play.differs) == (status, status != "passed")


def test_what_is_not_claimed_is_said() -> None:
    """By name; of what is claimed there is nothing to say."""
    narrow, whole = (introduced(PythonTarget("python:tests:importer", f, 30.0)) for f in (Narrow, ReferenceImporter))
    assert not_claimed(REQUESTS, narrow) == "the importer does not claim sign_up"
    assert not_claimed(REQUESTS, whole) == ""


def importing(name: str) -> Iterator[str]:
    """The modules of the suite that import something of that name."""
    for path in sorted((ROOT / "conformance").rglob("*.py")):
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        if any(alias.name == name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names):
            yield path.relative_to(ROOT / "conformance").as_posix()


def test_a_case_is_run_in_one_place() -> None:
    """Nobody else asks a fresh importer again, but for what makes a history small, which goes on with it."""
    assert list(importing("confirmed")) == ["search/minimise.py", "verdict/run_case.py"]
    others = ["cli/explore.py", "cli/judge.py", "cli/replay.py", "verdict/known_deviations.py"]
    assert list(importing("run_case")) == others
