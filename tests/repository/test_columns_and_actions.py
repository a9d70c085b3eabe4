"""Whatever cannot be derived from the model's columns and actions is compared with them: nothing may lack one."""

import csv
import io
import re
import shutil
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
import pytest

from conformance.cases.corpus.actions import action_cases
from conformance.cases.corpus.classes import CLASSES
from conformance.cases.corpus.students import INSTITUTIONS, full
from conformance.cases.scenarios.parser import examples
from conformance.cli import lint_probes
from conformance.generation.history import ActionStep
from conformance.generation.value_pools import EDGE, TYPICAL
from conformance.implementations.sql.actions import ACTIONS as SQL_ACTIONS
from conformance.implementations.sql.columns import COLUMNS as SQL_COLUMNS
from conformance.protocol import requests, responses
from conformance.protocol.schemas import schemas
from conformance.search.exhaustive.operations import operations_for
from conformance.transport.targets import connect
from refmodel.actions import NAMED
from refmodel.cli.state_format import CELL_TYPES, ReadAccount, SavedAccount
from refmodel.columns import BY_HEADER
from refmodel.world import Account
from tests.conformance.search.test_random_search import history
from tests.support.paths import ROOT

PROTOCOL = (ROOT / "conformance" / "docs" / "PROTOCOL.md").read_text("utf-8")
SQL = "python:conformance.implementations.sql:importer"
JAVASCRIPT = f"cmd:node {ROOT / 'conformance/implementations/javascript/importer.mjs'}"
IMPORTERS = [
    pytest.param(SQL, id="sql"),
    pytest.param(
        JAVASCRIPT,
        id="javascript",
        marks=pytest.mark.skipif(not shutil.which("node"), reason="not run: Node.js (node is not installed)"),
    ),
]


def keys_of(kind: Any) -> set[str]:
    """The keys of a typed object, as JSON has them."""
    return {field.encode_name for field in msgspec.structs.fields(kind)}


def named_in_table(heading: str) -> set[str]:
    """What stands in the first column of the table below a heading of the page about the protocol."""
    part = PROTOCOL.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", part, re.MULTILINE))


def asked_on_pages() -> list[requests.Request]:
    """Every request of the executable pages."""
    return [step.request for example in examples() for step in example.steps]


def headers_of(request: requests.Request) -> list[str]:
    """The header of the file that is sent, if one is."""
    text = b64decode(request.get("csv", "")).decode("utf-8", "replace")
    return next(csv.reader(io.StringIO(text, newline="")), [])


def said_of(asked: Iterable[requests.Request]) -> set[str]:
    """The actions among some requests."""
    return {request["action"] for request in asked if request["op"] == "do"}


def in_the_exploration() -> set[str]:
    """The actions that the exploration takes."""
    return {
        operation.step.action for operation in operations_for(1).operations if isinstance(operation.step, ActionStep)
    }


COLUMNS: Mapping[str, Callable[[], Iterable[str]]] = {  # where every column has to be
    "accounts of the model": lambda: [h for h, c in BY_HEADER.items() if hasattr(Account, c.attribute)],
    "state files": lambda: keys_of(SavedAccount) & keys_of(ReadAccount) & CELL_TYPES.keys(),
    "responses": lambda: keys_of(responses.Account),
    "headers of the protocol": lambda: responses.HEADERS,
    "schemas": lambda: schemas()["observe.response"]["$defs"]["Account"]["properties"],
    "PROTOCOL.md": lambda: named_in_table("The columns"),
    "lint": lambda: [header for header, text in lint_probes.FULL.items() if text],
    "generator": lambda: [header for header in TYPICAL if TYPICAL[header] and EDGE[header]],
    "corpus, cells": lambda: CLASSES,
    "corpus, students": lambda: set.intersection(*({h for h, text in full(i).items() if text} for i in INSTITUTIONS)),
    "executable pages": lambda: {header for request in asked_on_pages() for header in headers_of(request)},
    "SQL importer": lambda: SQL_COLUMNS,
}
ACTIONS: Mapping[str, Callable[[], Iterable[str]]] = {  # where every action has to be
    "requests": lambda: requests.ACTIONS,
    "what may be claimed": lambda: requests.OPTIONAL,
    "schemas": lambda: [name.split(".")[1] for name in schemas() if name.startswith("do.") and name.count(".") == 2],
    "PROTOCOL.md": lambda: named_in_table("The actions"),
    "lint, states": lambda: lint_probes.ARGUMENTS,
    "lint, resets": lambda: said_of(lint_probes.life(responses.HEADERS, requests.OPTIONAL, "x")),
    "generator": lambda: {s.action for n in range(60) for s in history(str(n)).steps if isinstance(s, ActionStep)},
    "corpus": lambda: {request["action"] for case in action_cases() for request in case.case.requests[-2:-1]},
    "exploration": in_the_exploration,
    "executable pages": lambda: said_of(asked_on_pages()),
    "SQL importer": lambda: SQL_ACTIONS,
}


@pytest.mark.parametrize("place", COLUMNS)
def test_every_column_is_there(place: str) -> None:
    """A column that the model has and this place lacks would go unseen there."""
    missing = [header for header in BY_HEADER if header not in set(COLUMNS[place]())]
    assert not missing, f"{place}: {', '.join(missing)} missing"


@pytest.mark.parametrize("place", ACTIONS)
def test_every_action_is_there(place: str) -> None:
    """An action that the model has and this place lacks would go unseen there."""
    missing = [name for name in NAMED if name not in set(ACTIONS[place]())]
    assert not missing, f"{place}: {', '.join(missing)} missing"


@pytest.mark.parametrize("target", IMPORTERS)
def test_the_importers_have_them_all(target: str) -> None:
    """An importer in the box claims every action, and shows of every column what was imported."""
    importer = connect(target)
    try:
        hello = importer.handle(requests.hello())
        importer.handle(dict(lint_probes.RESET))
        importer.handle(dict(lint_probes.file_request([lint_probes.FULL], lint_probes.FULL)))
        (account,) = importer.handle(requests.observe())["accounts"]
    finally:
        importer.close()
    assert [name for name in NAMED if name not in hello["supports"]] == [], "actions that are not claimed"
    assert [header for header in BY_HEADER if not account.get(header)] == [], "columns that do not show"
