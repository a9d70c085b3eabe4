"""The SQL importer on PostgreSQL, served to several clients: isolated it loses no race, and with less of it it does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest
from sqlalchemy import create_engine, make_url, text

from conformance.generation.history import ActionStep, FileStep, History
from conformance.generation.limits import Limit
from conformance.generation.value_pools import WORLDS
from conformance.search.concurrency.race_cases import race_case
from conformance.search.concurrency.races import Race
from conformance.search.concurrency.racing import lost, races
from conformance.session.client import Importer, introduced
from conformance.transport.targets import connect
from tests.implementations.test_sql import postgres_url
from tests.support.paths import ROOT

STARRED = ("email_address", "username", "first_name", "last_name", "primary_education:end_date", "school_year_name")


def file(institution: str, **more: str) -> FileStep:
    """A file about Ada, with columns more, of a manual job with the setting."""
    header = (*STARRED, "auth_identifier", *more)
    row = ("ada@mail.example", "1", "Ada", "Lee", "", "", "", *more.values())
    return FileStep(institution, header, (row,), "manual", change_sensitive_fields=True)


THERE = History(WORLDS[0], (file("north", gender="f"),))
LEAVING = Race(
    THERE,
    (
        (ActionStep("switch_institution", {"email": "ada@mail.example", "institution": "south"}),),
        (file("north", gender="x", system_label_names="a;b"),),
    ),
)


@pytest.fixture
def database() -> Iterator[str]:
    """The URL of a database of its own, so that no other test is in the way."""
    url, name = make_url(postgres_url()), f"races_{uuid.uuid4().hex}"
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        yield url.set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@contextmanager
def served(database: str, *options: str) -> Iterator[str]:
    """Where the importer answers over HTTP, until the block ends."""
    command = [sys.executable, "-m", "conformance.implementations.sql", "--database", database, "--http", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().removeprefix("listening on ").strip()
        finally:
            process.terminate()


@contextmanager
def clients(url: str, count: int = 3) -> Iterator[tuple[Importer, ...]]:
    """Several clients of an importer."""
    with ExitStack() as stack:
        targets = [stack.enter_context(connect(url)) for _ in range(count)]
        yield tuple(map(introduced, targets))


def test_isolated_it_loses_no_race(database: str) -> None:
    """Serializable transactions that are tried again: some order explains every race, and nothing fails for good."""
    with served(database) as url, clients(url) as everybody:
        known = everybody[0].known()
        assert "concurrent" in everybody[0].supports
        assert lost(LEAVING, everybody, known, times=15) is None
        raced = races(everybody, known, "0", Limit.of(15))
    assert raced.found == []
    assert raced.faults == []
    assert raced.met > 0


def test_with_less_isolation_it_does(database: str) -> None:
    """A file that goes by what was there before the student left is written over what came of leaving."""
    with served(database, "--isolation", "READ COMMITTED") as url, clients(url) as everybody:
        ran = lost(LEAVING, everybody, everybody[0].known(), times=300)
    assert ran is not None
    case = race_case(ran, "race")
    for word in ("client 1", "client 2", "switch_institution", "ada@mail.example", "no serial order", "Every order"):
        assert word in case.text


def test_what_is_no_request_is_answered(database: str) -> None:
    """Over HTTP, too, nonsense gets an error and the next request its answer."""
    with served(database) as url:
        for body, said in ((b"{", "no"), (b"[]", "no"), (b'{"op":"dance"}', "dance")):
            response = httpx.post(url, content=body)
            assert response.status_code == 200
            assert said in json.dumps(response.json()["error"]) or "not JSON" in response.json()["error"]
        assert httpx.get(url).status_code == 405
        assert httpx.post(url, json={"op": "hello", "protocol": 1}).json()["name"] == "SQL importer"


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1:99999", "256.0.0.1:80"])
def test_an_address_that_cannot_be(address: str) -> None:
    """It is said in a line, with status 2."""
    command = [sys.executable, "-m", "conformance.implementations.sql", "--http", address]
    said = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=os.environ, check=False)
    assert said.returncode == 2
    assert address in said.stderr
    assert "Traceback" not in said.stderr
