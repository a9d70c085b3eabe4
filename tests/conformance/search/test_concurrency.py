"""Several at once: an order that explains is found, none is invented, and importers that lose updates are seen to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.generation.history import ActionStep, History
from conformance.generation.limits import Limit
from conformance.generation.value_pools import WORLDS
from conformance.oracle.judge import judgements, own_answers
from conformance.oracle.state import OracleState
from conformance.protocol.requests import OBSERVE, Request
from conformance.protocol.trace import Exchange, read, write
from conformance.search.concurrency.race_cases import SERIAL, bars, race_case, rules_at_stake
from conformance.search.concurrency.races import Race, run, smaller
from conformance.search.concurrency.racing import Raced, races
from conformance.search.concurrency.serial import Call, explanation, orders
from conformance.session.client import Importer, introduced
from conformance.transport.targets import connect
from refmodel.catalogue import CATALOGUE
from tests.conformance.suite.test_plugin import run_suite
from tests.support.commands import REPORT_SCHEMA
from tests.support.shared_worlds import Careful, Careless, Platform

SIGN_UP = ActionStep("sign_up", {"email": "z@mail.example", "first_name": "Zoë", "last_name": "Ito"})
ASK = ActionStep("request_access", {"email": "z@mail.example", "institution": "north"})
APPROVE = ActionStep("approve", {"email": "z@mail.example", "institution": "north"})
DECLINE = ActionStep("decline", {"email": "z@mail.example", "institution": "north"})
PENDING = History(WORLDS[0], (SIGN_UP, ASK))
SETTLED = Race(PENDING, ((APPROVE,), (DECLINE,)))


def known_after(history: History) -> OracleState:
    """What the oracle knows at the end of a history."""
    *_, last = judgements(own_answers(history.requests(), OracleState()), OracleState())
    return last.known


def call(client: int, request: Request, done: bool, begun: float, ended: float) -> Call:
    """A call of an action."""
    response = {"done": True} if done else {"done": False, "refused": "no"}
    return Call(client, Exchange(request, response), begun, ended)


def observed_after(*steps: ActionStep) -> Exchange:
    """What is observed when these steps have followed on the request."""
    requests = [*PENDING.requests(), *(step.request() for step in steps), OBSERVE]
    return own_answers(requests, OracleState())[-1]


class TestOrders:
    """The checker alone, on calls that are written by hand."""

    @pytest.mark.parametrize("first", [True, False])
    def test_either_order_explains(self, first: bool) -> None:
        """Of an approval and a refusal that overlapped either may have been first: the other one was refused."""
        calls = [call(0, APPROVE.request(), first, 0, 2), call(1, DECLINE.request(), not first, 1, 3)]
        found = explanation(known_after(PENDING), calls, observed_after(APPROVE if first else DECLINE))
        assert found.explains
        assert [each.client for each in found.calls] == ([0, 1] if first else [1, 0])

    def test_no_order_explains(self) -> None:
        """Both cannot have been done, and neither can both have been refused."""
        for done in (True, False):
            calls = [call(0, APPROVE.request(), done, 0, 2), call(1, DECLINE.request(), done, 1, 3)]
            assert not explanation(known_after(PENDING), calls, observed_after(APPROVE)).explains

    def test_what_is_observed_counts(self) -> None:
        """Answers that fit an order do not explain a world that does not."""
        calls = [call(0, APPROVE.request(), True, 0, 2), call(1, DECLINE.request(), False, 1, 3)]
        assert not explanation(known_after(PENDING), calls, observed_after(DECLINE)).explains

    def test_time_is_kept(self) -> None:
        """A call that had ended before another began stands before it in every order."""
        calls = [call(0, APPROVE.request(), False, 0, 1), call(1, DECLINE.request(), True, 2, 3)]
        found = list(orders(known_after(PENDING), calls, observed_after(DECLINE)))
        assert [[each.client for each in order.calls] for order in found] == [[0]]
        overlapping = [call(0, APPROVE.request(), False, 0, 2), call(1, DECLINE.request(), True, 1, 3)]
        assert explanation(known_after(PENDING), overlapping, observed_after(DECLINE)).explains

    def test_the_nearest_order_is_told(self) -> None:
        """Where none explains, the order with which the model goes along farthest is given."""
        calls = [call(0, APPROVE.request(), True, 0, 2), call(1, DECLINE.request(), True, 1, 3)]
        found = explanation(known_after(PENDING), calls, observed_after(APPROVE))
        assert (len(found.calls), len(found.judged)) == (2, 2)
        assert not found.judged[-1].allowed


@contextmanager
def clients(name: str, count: int = 3) -> Iterator[tuple[Importer, ...]]:
    """Several clients of one of the importers in small."""
    with ExitStack() as stack:
        targets = [stack.enter_context(connect(f"python:tests.support.shared_worlds:{name}")) for _ in range(count)]
        yield tuple(map(introduced, targets))


def raced(name: str, most: int = 1000) -> tuple[Raced, OracleState]:
    """A search for races against one of them; it ends with the first that is lost."""
    with clients(name) as everybody:
        known = everybody[0].known()
        return races(everybody, known, "0", Limit.of(most)), known


class TestRaces:
    """The search for races, on importers that look after their world or do not."""

    def test_a_careful_importer_loses_none(self) -> None:
        """Requests that are taken one after the other are explained by that order, and they did overlap."""
        found, _ = raced("careful", 60)
        assert found.found == []
        assert found.faults == []
        assert found.met > 5

    @pytest.mark.parametrize("name", ["careless", "stale"])
    def test_a_race_is_lost(self, name: str, tmp_path: Path) -> None:
        """Lost updates and decisions that come too early are found, made small, and told with their times."""
        found, _ = raced(name)
        (ran,) = found.found
        assert ran.race.size <= 5
        case = race_case(ran, "race")
        assert case.status == "differs"
        assert set(case.attribution.relevant_rules) == set(rules_at_stake(ran) or [SERIAL])
        for word in ("client 1", "client 2", "no serial order", "|=", "Every order", "expected"):
            assert word in case.text
        path = tmp_path / "race.jsonl"
        assert case.trace
        write(case.trace, path)
        assert len(read(path).exchanges) == len(ran.led_up) - 1 + len(ran.calls) + 1
        assert {"client", "begun_ms", "ended_ms"} <= json.loads(path.read_text("ascii").splitlines()[-2]).keys()

    def test_what_differs_before_the_race_is_no_race(self) -> None:
        """An importer that is wrong without any other client is left to the rest of the suite."""
        found, _ = raced("mistaken", 60)
        assert found.races > found.differed_before > 0
        assert found.found == []
        assert found.figures["races"] == found.races - found.differed_before

    def test_a_race_has_always_two_clients(self) -> None:
        """Made smaller, a race is still one, and each smaller one has less in it."""
        race = Race(PENDING, ((APPROVE, SIGN_UP), (DECLINE,), (ASK,)))
        assert all(len(less.clients) >= 2 and all(less.clients) for less in smaller(race))
        assert any(less.size < race.size for less in smaller(race))

    def test_one_run(self) -> None:
        """A run knows what led up to it, each call with its client, and the order that explains them."""
        with clients("careful", 2) as everybody:
            ran = run(SETTLED, everybody, everybody[0].known())
        assert ran.began
        assert not ran.differs
        assert sorted(each.client for each in ran.calls) == [0, 1]
        assert [each.exchange.response["done"] for each in ran.order.calls] == [True, False]

    def test_bars_show_what_overlapped(self) -> None:
        """A bar begins and ends where its call did."""
        calls = [call(0, ASK.request(), True, 0, 1), call(1, ASK.request(), True, 1, 2)]
        first, second = bars(calls)
        assert first.startswith("=")
        assert second.startswith(" ")
        assert second.endswith("=")


@contextmanager
def served(platform: Platform, kind: type[Careful]) -> Iterator[str]:
    """Where importers in small answer over HTTP, all of them looking after one world."""

    class Handler(BaseHTTPRequestHandler):
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            try:
                body = json.dumps(kind(platform).handle(request)).encode()
            except (KeyError, ValueError) as error:
                body = json.dumps({"error": repr(error)}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


class TestFigures:
    """A run of the suite says how much was raced."""

    def said(self, folder: Path, importer: str) -> tuple[dict[str, Any], str]:
        """The report, and what the terminal says of the races with an importer."""
        chosen = ("--importer", f"python:{importer}", "-k", "test_several_at_once", "--budget", "200-histories")
        done = run_suite(folder, "--pyargs", "conformance", "--report", "report", *chosen)
        report = json.loads((folder / "report" / "report.json").read_bytes())
        jsonschema.validate(report, json.loads(REPORT_SCHEMA.read_bytes()))
        return report, done.stdout

    def test_who_claims_it_is_raced(self, tmp_path: Path) -> None:
        """Races, requests, and races in which requests overlapped are counted, and the summary says them."""
        report, output = self.said(tmp_path, "tests.support.shared_worlds:careful")
        raced = report["raced"]
        assert raced["requests"] >= 2 * raced["races"] > 0
        assert 0 < raced["overlapping"] <= raced["races"]
        assert raced["seconds"] > 0
        assert f"Raced: {raced['races']} races with {raced['requests']} requests in" in output

    def test_who_does_not_claim_it_is_not(self, tmp_path: Path) -> None:
        """Then nothing is said of races."""
        report, output = self.said(tmp_path, "conformance.oracle.reference:importer")
        assert report["raced"] is None
        assert "Raced" not in output

    def test_a_race_that_is_lost_is_in_the_report(self, tmp_path: Path) -> None:
        """Over HTTP too, a race ends the run as any difference does: told, counted, written down, with its status."""
        with served(Platform(), Careless) as url:
            chosen = ("--importer", url, "-k", "test_several_at_once", "--budget", "8000-histories")
            done = run_suite(tmp_path, "--pyargs", "conformance", "--report", "report", *chosen)
        report = json.loads((tmp_path / "report" / "report.json").read_bytes())
        jsonschema.validate(report, json.loads(REPORT_SCHEMA.read_bytes()))
        (example,) = report["counterexamples"]
        assert "no serial order explains" in example["difference"]
        assert (tmp_path / "report" / example["trace"]).is_file()
        assert example["rule"] in CATALOGUE
        assert report["cases"]["differs"] == 1
        assert "Verdict: incomplete" in done.stdout  # for it was filtered
        assert "Traceback" not in done.stdout + done.stderr

    def test_who_breaks_down_has_failed(self, tmp_path: Path) -> None:
        """A test in which there was a fault has not passed."""
        _, output = self.said(tmp_path, "tests.support.shared_worlds:clumsy")
        assert "1 failed" in output
        assert "the world is locked" in output
