"""`serve`: the model as an importer for standard input and output and for the net, which nothing can bring down."""

import http.client
import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.cli import serve as serving
from conformance.protocol.requests import OBSERVE
from refmodel.cli.usage import UsageError
from tests.support.commands import ADA, WORLD, imported, labelled, run, serving_process, written

RESET = {"op": "reset", "world": WORLD}


@pytest.fixture
def server() -> Iterator[str]:
    """The address of a server on any free port."""
    with serving_process("--http", "0") as process:
        assert process.stdout
        yield process.stdout.readline().removeprefix("listening on ").strip()


def talk(*requests: str, arguments: tuple[str, ...] = ()) -> tuple[int, list[Any], str]:
    """Lines sent to a server and its answers."""
    said = run("serve", *arguments, input="".join(f"{line}\n" for line in requests).encode())
    return said.status, [json.loads(line) for line in said.out.splitlines()], said.err


def ask(url: str, body: bytes | str, method: str = "POST", **headers: str) -> tuple[int, Any]:
    """One request over the net, whatever it is."""
    host, _, port = url.removeprefix("http://").rstrip("/").rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=600)
    connection.request(method, "/any/path", body, headers)
    response = connection.getresponse()
    data = response.read()
    connection.close()
    return response.status, json.loads(data) if data else None


class TestLines:
    def test_each_line_is_answered_until_bye(self) -> None:
        """What comes behind the goodbye is not answered."""
        requests = [{"op": "hello", "protocol": 1}, RESET, imported(ADA), OBSERVE, {"op": "bye"}, OBSERVE]
        status, answers, err = talk(*map(json.dumps, requests))
        assert (status, err) == (0, "")
        assert [next(iter(answer)) for answer in answers] == ["name", "ok", "report", "accounts", "ok"]
        assert answers[3]["accounts"][0]["email_address"] == "ada@north.edu"

    def test_the_end_of_the_input_is_the_end(self) -> None:
        """Nobody has to say goodbye."""
        assert talk() == (0, [], "")

    @pytest.mark.parametrize(
        "line",
        [
            "nonsense",
            "",
            "[]",
            "null",
            "{}",
            '{"op":"dance"}',
            '{"op":[]}',
            '{"op":"import"}',
            '{"op":"reset","world":{"institutions":[7]}}',
            '{"op":"do","action":"approve","institution":"nowhere","email":"a@b.c"}',
            "[" * 100_000,
            '"\\ud800',
        ],
    )
    def test_what_makes_no_sense_is_answered_with_an_error(self, line: str) -> None:
        """And what comes next is answered as if it had not been."""
        status, answers, _ = talk(json.dumps(RESET), line, json.dumps(OBSERVE))
        assert status == 0
        assert list(answers[1]) == ["error"]
        assert answers[2] == {"accounts": []}

    def test_bytes_that_are_no_text_are_answered_too(self) -> None:
        """As an error."""
        said = run("serve", input=b'\xff\n{"op":"observe"}\n')
        assert [list(json.loads(line)) for line in said.out.splitlines()] == [["error"], ["accounts"]]

    def test_it_deviates_where_it_is_told_to(self) -> None:
        """Whoever tries a client can see whether it notices."""
        trace = labelled()
        requests = [json.dumps(trace.reset), *(json.dumps(each.request) for each in trace.exchanges)]
        for arguments, labels in (((), []), (("--deviation", "no_blank_labels_clear"), ["x", "y"])):
            _, answers, _ = talk(*requests, arguments=arguments)
            assert answers[-1]["accounts"][0]["system_label_names"] == labels

    def test_readings_are_deviations_too(self) -> None:
        """By the names that the list has."""
        assert talk(json.dumps(OBSERVE), arguments=("--deviation", "campus_stays"))[0] == 0
        status, answers, err = talk(arguments=("--deviation", "campus_stay"))
        assert (status, answers) == (2, [])
        assert "did you mean campus_stays" in err

    def test_ctrl_c_ends_it_cleanly(self) -> None:
        """Without a traceback, in the middle of a silence."""
        with serving_process() as process:
            assert process.stdin
            assert process.stdout
            process.stdin.write(json.dumps(OBSERVE) + "\n")
            process.stdin.flush()
            assert process.stdout.readline()
            process.send_signal(signal.SIGINT)
            # Not communicate(), which would end the input as well, and then it might not be Ctrl-C that ends it.
            assert process.wait(timeout=600) == 0
            assert process.stderr
            assert process.stderr.read().strip() == "ended"


class TestTheNet:
    def test_it_is_a_target(self, server: str, tmp_path: Path) -> None:
        """The suite's own client plays a trace there."""
        said = run("play", written(tmp_path / "t.jsonl", labelled()), server)
        assert (said.status, said.err) == (0, "")

    def test_only_this_machine_reaches_it(self, server: str) -> None:
        """Unless it is told otherwise."""
        assert server.startswith("http://127.0.0.1:")

    @pytest.mark.parametrize("body", ["nonsense", "[]", "{}", '{"op":"dance"}', b"\xff", ""])
    def test_what_makes_no_sense_is_answered_with_an_error(self, server: str, body: str | bytes) -> None:
        """It has arrived, so that the status is 200."""
        status, answer = ask(server, body)
        assert (status, list(answer)) == (200, ["error"])

    @pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])
    def test_requests_are_posted(self, server: str, method: str) -> None:
        """Anything else is answered with what is allowed."""
        assert ask(server, "", method) == (405, {"error": "send requests with POST"})

    def test_a_body_too_large_is_not_read(self, server: str) -> None:
        """Nor is one that does not say how large it is, or lies about it."""
        large = str(serving.LARGEST + 1)
        for headers, status in (
            (f"Content-Length: {large}", 413),
            ("Transfer-Encoding: chunked", 411),
            ("Content-Length: -1", 411),
            ("Content-Length: \u00b2".encode().decode("latin-1"), 411),
            ("Content-Length: 100", 400),
        ):
            answer = raw(server, f"POST / HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n{{}}")
            assert answer.startswith(f"HTTP/1.1 {status} "), headers
            assert "error" in json.loads(answer.partition("\r\n\r\n")[2])

    def test_what_is_no_http_is_refused_in_json(self, server: str) -> None:
        """With a text that is whole JSON whatever was sent."""
        answer = raw(server, "POST '\"\\ x y HTTP/1.1\r\n\r\n")
        assert " 400 " in answer.partition("\r\n")[0]
        assert "error" in json.loads(answer.partition("\r\n\r\n")[2])

    def test_many_clients_at_once_are_answered_one_after_the_other(self, server: str) -> None:
        """No request is lost, and none meets half of another."""
        ask(server, json.dumps(RESET))

        def send(number: int) -> None:
            row = f"s{number}@north.edu,{number},Ada,Lee,,"
            statuses.append(ask(server, json.dumps(imported(row)))[0])

        statuses: list[int] = []
        threads = [threading.Thread(target=send, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert statuses == [200] * 20
        assert len(ask(server, json.dumps(OBSERVE))[1]["accounts"]) == 20

    def test_a_client_who_says_nothing_keeps_nobody_waiting(self, server: str) -> None:
        """Others are answered while one is silent in the middle of a request."""
        host, port = server.removeprefix("http://").rstrip("/").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as silent:
            silent.sendall(b"POST / HTTP/1.1\r\nContent-Length: 50\r\n\r\n{")
            assert ask(server, json.dumps(OBSERVE)) == (200, {"accounts": []})

    def test_bye_ends_no_server(self, server: str) -> None:
        """The next client is answered."""
        assert ask(server, '{"op":"bye"}') == (200, {"ok": True})
        assert ask(server, json.dumps(OBSERVE))[0] == 200

    @pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
    def test_it_is_stopped_cleanly(self, number: signal.Signals, status: int) -> None:
        """By Ctrl-C or by being asked to end, without a traceback."""
        with serving_process("--http", "127.0.0.1:0") as process:
            assert process.stdout
            assert process.stdout.readline().startswith("listening on http://127.0.0.1:")
            process.send_signal(number)
            _, err = process.communicate(timeout=600)
            assert process.returncode == status
            assert "Traceback" not in err

    def test_a_port_that_is_taken_is_named(self) -> None:
        """With what the system says."""
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            said = run("serve", "--http", f"127.0.0.1:{taken.getsockname()[1]}")
        assert said.status == 2
        assert "cannot listen there" in said.err


class TestAddresses:
    @pytest.mark.parametrize(
        ("text", "address"),
        [
            ("8080", ("127.0.0.1", 8080)),
            (":8080", ("127.0.0.1", 8080)),
            ("0.0.0.0:80", ("0.0.0.0", 80)),
            ("[::1]:80", ("::1", 80)),
            ("localhost:0", ("localhost", 0)),
        ],
    )
    def test_an_address_is_host_and_port(self, text: str, address: tuple[str, int]) -> None:
        """A port alone is one of this machine."""
        assert serving.address(text) == address

    @pytest.mark.parametrize("text", ["", "host", "host:", "host:x", "host:70000", "host:-1", "1\u00b2"])
    def test_anything_else_is_wrong_use(self, text: str) -> None:
        """And says what to write."""
        with pytest.raises(UsageError, match="write HOST:PORT"):
            serving.address(text)

    @pytest.mark.skipif(not socket.has_ipv6 or not os.path.exists("/proc/net/if_inet6"), reason="no IPv6 here")
    def test_the_newer_addresses_are_listened_on_too(self) -> None:
        """In brackets, as everywhere."""
        with serving_process("--http", "[::1]:0") as process:
            assert process.stdout
            line = process.stdout.readline()
            if not line:
                pytest.skip("::1 is not configured here")
            assert line.startswith("listening on http://[::1]:")

    @pytest.mark.parametrize(("host", "of_this_machine"), [("127.0.0.1", True), ("::1", True), ("0.0.0.0", False)])
    def test_who_can_reach_it_is_known(self, host: str, of_this_machine: bool) -> None:
        """So that it can be said where it is everybody."""
        assert serving.is_of_this_machine(host) == of_this_machine


def raw(url: str, text: str) -> str:
    """What comes back for some bytes."""
    host, port = url.removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((host, int(port)), timeout=600) as connection:
        connection.sendall(text.encode("latin-1"))
        connection.shutdown(socket.SHUT_WR)
        chunks = iter(lambda: connection.recv(65536), b"")
        return b"".join(chunks).decode()
