"""The SQL importer's database side: what the tables guarantee, what is rolled back, what survives."""

import base64
import csv
import io
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import pytest
from attrs import frozen
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import IntegrityError

from conformance.implementations.sql import SqlImporter, UnusableDatabaseError, importer
from conformance.implementations.sql import importing as sql_importing
from conformance.implementations.sql import long_files as sql_long_files
from conformance.implementations.sql import outcomes as sql_outcomes
from conformance.implementations.sql.roll import Roll
from conformance.implementations.sql.staging import Company
from refmodel.actions import NAMED
from tests.support.paths import ROOT

POSTGRES = "REFMODEL_POSTGRES_URL"
HEADERS = (
    "email_address",
    "username",
    "first_name",
    "last_name",
    "primary_education:end_date",
    "school_year_name",
)
WORLD = {
    "institutions": [
        {
            "id": "north",
            "domains": [" North.EDU"],
            "uses_sso": False,
            "campuses": ["Main", "Quay"],
            "vocabulary": "eu",
            "staff": ["Advisor@north.edu "],
        },
        {
            "id": "south",
            "domains": ["south.edu"],
            "uses_sso": True,
            "vocabulary": "us",
            "staff": ["s@south.edu"],
        },
    ],
    "employers": ["HR@employer.example"],
}
ADA = {"email_address": "ada@north.edu", "username": "1", "first_name": "Ada", "last_name": "L"}
BOB = {"email_address": "bob@north.edu", "username": "2", "first_name": "Bob", "last_name": "M"}
TAKEN = ["has already been taken"]


class Answering(Protocol):
    """Whatever answers requests."""

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        """The response."""
        ...  # pragma: no cover


@frozen
class Conversation:
    """Short words for long requests to one importer."""

    target: Answering

    def ask(self, op: str, **arguments: Any) -> dict[str, Any]:
        """The response to a request that is expected to make sense."""
        response = self.target.handle({"op": op, **arguments})
        assert "error" not in response, response
        return response

    def reset(self) -> None:
        """Begin with the two institutions."""
        assert self.ask("reset", world=WORLD) == {"ok": True}

    def send(self, data: bytes, op: str = "import", **job: Any) -> dict[str, Any]:
        """The report of a manual job of the north's."""
        job = {"institution": "north", "mode": "manual", "date_format": "yyyy-mm-dd", **job}
        report: dict[str, Any] = self.ask(op, csv=base64.b64encode(data).decode(), **job)["report"]
        return report

    def outcomes(self, *rows: dict[str, str], **job: Any) -> list[str]:
        """What became of each row."""
        return [result["outcome"] for result in self.send(file_of(*rows), **job)["rows"]]

    def errors(self, *rows: dict[str, str], **job: Any) -> list[Any]:
        """What was wrong with each row, None where nothing was."""
        return [result["response"].get("errors") for result in self.send(file_of(*rows), **job)["rows"]]

    def do(self, action: str, **arguments: Any) -> bool:
        """Whether the action was done."""
        done: bool = self.ask("do", action=action, **arguments)["done"]
        return done

    @property
    def accounts(self) -> dict[str, dict[str, Any]]:
        """Everybody, by e-mail."""
        return {account["email_address"]: account for account in self.ask("observe")["accounts"]}


@frozen
class SqlConversation(Conversation):
    """The same with the SQL importer, whose database can be asked, too."""

    target: SqlImporter


def file_of(*rows: dict[str, str]) -> bytes:
    """A file with the starred columns and those that a row names."""
    headers = list(dict.fromkeys([*HEADERS, *(header for row in rows for header in row)]))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, headers, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def postgres_url() -> str:
    """The URL of a PostgreSQL database that may be emptied, or a skip."""
    url = os.environ.get(POSTGRES)
    if not url:
        pytest.skip(f"not run: PostgreSQL ({POSTGRES} is not set)")
    return database_of(url, os.environ.get("PYTEST_XDIST_WORKER", "alone"))


@cache
def database_of(server: str, worker: str) -> str:
    """The URL of a database that is made for one process of the tests, so that no other one empties it."""
    url, name = make_url(server), f"tests_{worker}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.set(database=name).render_as_string(hide_password=False)


def url_of(database: str, folder: Path) -> str:
    """The URL of a database of this kind."""
    if "postgresql" in database:
        return postgres_url()
    return f"sqlite:///{folder / 'students.db'}" if database == "file" else "sqlite://"


@pytest.fixture(params=["memory", "file", "postgresql", "memory, staged", "postgresql, staged"])
def talk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlConversation]:
    """An importer on each kind of database, with the two institutions; and one that takes all files as long ones."""
    staged: dict[str, Any] = {"staged_from": 0} if "staged" in request.param else {}
    target = SqlImporter(url_of(request.param, tmp_path), **staged)
    conversation = SqlConversation(target)
    conversation.reset()
    yield conversation
    target.engine.dispose()


@pytest.fixture
def memory() -> SqlConversation:
    """An importer in memory, as the suite's factory makes it, with the two institutions."""
    conversation = SqlConversation(importer())
    conversation.reset()
    return conversation


class TestGuarantees:
    """The database itself refuses what the laws forbid."""

    @pytest.mark.parametrize(
        "change",
        [
            "email_address_key = (SELECT email_address_key FROM students WHERE username = '1')",
            "username_key = (SELECT username_key FROM students WHERE username = '1')",
            "card_id_key = (SELECT card_id_key FROM students WHERE username = '1')",
            "auth_identifier_key = (SELECT auth_identifier_key FROM students WHERE username = '1')",
            "pending_at = 'south'",
            "institution = 'nowhere'",
            "primary_education_start_date = '2020-01-02', primary_education_end_date = '2020-01-01'",
            "assigned_to_email_address = 's@south.edu'",
            "campus_name = 'Harbour'",
            "institution = NULL, campus_name = 'Main'",
            "institution = NULL, requested_email = 'new@gmail.com'",
            "first_name = NULL",
        ],
    )
    def test_a_broken_law_is_a_violated_constraint(self, talk: SqlConversation, change: str) -> None:
        """No statement, wherever it comes from, breaks uniqueness, date order or what is a home's."""
        identifiers = {"card_id": "c", "auth_identifier": "a"}
        assert talk.outcomes({**ADA, **identifiers}, BOB) == ["created", "created"]
        before = talk.accounts
        with pytest.raises(IntegrityError), talk.target.engine.begin() as connection:
            connection.execute(text(f"UPDATE students SET {change} WHERE username = '2'"))
        assert talk.accounts == before

    def test_unconnected_students_may_share_identifiers(self, talk: Conversation) -> None:
        """Usernames are unique inside an institution only: outside they say nothing."""
        assert talk.outcomes(ADA) == ["created"]
        assert talk.do("switch_institution", email="ada@north.edu", institution="south")
        assert talk.outcomes({**BOB, "username": "1"}) == ["created"]
        assert not talk.do("switch_institution", email="ada@north.edu", institution="north")

    def test_comparisons_are_exact(self, talk: Conversation) -> None:
        """No collation makes two texts equal that differ in case, accents, composition or white space."""
        letters = ["b", "B", "b ", " b", "e", "\u00e9", "e\u0301", "\u00df", "ss"]
        names = [*letters, "007", "7", "\ufeff7", "%", "_"]
        rows = [{**ADA, "email_address": f"{n}@gmail.com", "username": name} for n, name in enumerate(names)]
        assert talk.outcomes(*rows) == ["created"] * len(rows)
        assert [talk.accounts[row["email_address"]]["username"] for row in rows] == names
        assert talk.outcomes(*rows) == ["unchanged"] * len(rows)

    def test_a_cell_has_no_limit(self, talk: Conversation) -> None:
        """An identifier that does not fit any index entry is stored, found again and kept unique."""
        chance = random.Random(1)
        name = "".join(chr(chance.randrange(0x4E00, 0x9FFF)) for _ in range(150_000))
        before = csv.field_size_limit()
        assert talk.outcomes({**ADA, "username": name}) == ["created"]
        assert talk.outcomes({**ADA, "username": name, "gender": name}) == ["updated"]
        assert talk.errors({**ADA, "email_address": f"{name}@gmail.com"}) == [None]
        assert csv.field_size_limit() == before
        assert talk.accounts["ada@north.edu"]["gender"] == name

    def test_dates_of_all_years_are_held(self, talk: Conversation) -> None:
        """The first and the last day that a file can name come back as they were."""
        dates = {"primary_education:start_date": "0001-01-01", "primary_education:end_date": "9999-12-31"}
        assert talk.outcomes({**ADA, **dates}) == ["created"]
        assert {header: talk.accounts["ada@north.edu"][header] for header in dates} == dates

    def test_more_students_than_a_statement_has_parameters(self, talk: Conversation) -> None:
        """A file that names more students than one IN can hold finds them all."""
        rows = [{**ADA, "email_address": f"{n}@gmail.com", "username": str(n)} for n in range(1201)]
        assert set(talk.outcomes(*rows)) == {"created"}
        assert set(talk.outcomes(*rows)) == {"unchanged"}
        assert set(talk.outcomes(*[{**row, "gender": "x"} for row in rows])) == {"updated"}


class TestRows:
    """A row does all that it says, or nothing."""

    def test_a_failed_row_leaves_nothing_behind(self, talk: Conversation) -> None:
        """Rows that fail amid others neither change anything nor stop the others."""
        bad = {**BOB, "gender": "x", "system_label_names": "a", "campus_name": "Harbour"}
        assert talk.outcomes(BOB) == ["created"]
        before = talk.accounts["bob@north.edu"]
        assert talk.outcomes(ADA, bad, {**ADA, "email_address": "c@gmail.com", "username": "3"}) == [
            "created",
            "failed",
            "created",
        ]
        assert talk.accounts["bob@north.edu"] == before
        assert len(talk.accounts) == 3

    def test_a_violated_constraint_fails_its_row_alone(
        self, talk: Conversation, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What only the database notices, as when another process was faster, is a failed row."""
        assert talk.outcomes({**ADA, "card_id": "c"}) == ["created"]
        before = talk.accounts["ada@north.edu"]
        monkeypatch.setattr(sql_importing, "called", lambda *_: Roll("north"))
        monkeypatch.setattr(sql_long_files, "company_of", lambda *_: Company())
        rows = [
            {**BOB, "email_address": "ada@north.edu"},
            {**BOB, "username": "1"},
            {**BOB, "email_address": "c@north.edu", "username": "3", "card_id": "c"},
            {**BOB, "email_address": "d@north.edu", "username": "4"},
        ]
        assert talk.errors(*rows) == [{"email_address": TAKEN}, {"username": TAKEN}, {"card_id": TAKEN}, None]
        assert talk.accounts["ada@north.edu"] == before
        assert set(talk.accounts) == {"ada@north.edu", "d@north.edu"}

    def test_rows_see_what_the_rows_before_them_left(self, talk: Conversation) -> None:
        """An e-mail that one row gives up is free for the next, and one that it takes is not."""
        assert talk.outcomes(ADA, BOB) == ["created", "created"]
        moved = {**ADA, "email_address": "new@gmail.com"}
        heir = {**BOB, "email_address": "ada@north.edu"}
        assert talk.outcomes(heir, moved, change_sensitive_fields=True) == ["failed", "updated"]
        assert talk.outcomes(moved, heir, change_sensitive_fields=True) == ["unchanged", "updated"]
        assert {name: who["username"] for name, who in talk.accounts.items()} == {
            "new@gmail.com": "1",
            "ada@north.edu": "2",
        }

    def test_a_student_cannot_move_to_where_their_card_number_is_taken(self, talk: Conversation) -> None:
        """Two institutions may give out the same number; a switch that would join the two is refused."""
        assert talk.outcomes({**ADA, "card_id": "c"}) == ["created"]
        south = {"institution": "south", "change_sensitive_fields": True}
        guest = {**BOB, "email_address": "bob@gmail.com", "card_id": "c", "auth_identifier": ""}
        assert talk.outcomes(guest, **south) == ["created"]
        assert not talk.do("switch_institution", email="bob@gmail.com", institution="north")

    def test_a_card_number_that_the_file_does_not_mention_collides_too(self, talk: SqlConversation) -> None:
        """A job that connects somebody checks also what they bring along."""
        assert talk.outcomes({**ADA, "card_id": "c"}) == ["created"]
        assert talk.do("sign_up", email="eve@gmail.com", first_name="Eve", last_name="E")
        with talk.target.engine.begin() as connection:
            same = "(SELECT card_id_key FROM students WHERE username = '1')"
            whom = "WHERE username = 'eve@gmail.com'"
            statement = f"UPDATE students SET card_id = 'c', card_id_key = {same} {whom}"
            connection.execute(text(statement))
        eve = {"email_address": "eve@gmail.com", "username": "9", "first_name": "Eve", "last_name": "E"}
        assert talk.errors(eve, change_sensitive_fields=True) == [{"card_id": TAKEN}]
        both = {"mobile_number": ["is invalid"], "card_id": TAKEN}
        assert talk.errors({**eve, "mobile_number": "none"}, change_sensitive_fields=True) == [both]
        assert talk.accounts["eve@gmail.com"]["institution"] is None

    def test_all_complaints_are_gathered(self, talk: Conversation) -> None:
        """One row may break several validations; each field tells the first of its own."""
        row = {
            "email_address": "x@south.edu",
            "username": "9",
            "first_name": "**CLEAR**",
            "last_name": "",
            "primary_education:start_date": "2020-01-02",
            "primary_education:end_date": "2020-01-01",
            "primary_education:major_names": f"History; {'x' * 256}",
            "disabled": "**CLEAR**",
            "mobile_number": "(1)",
            "assigned_to_email_address": "s@south.edu",
            "campus_name": "main",
        }
        assert talk.errors(row) == [
            {
                "first_name": ["can't be blank"],
                "last_name": ["can't be blank"],
                "primary_education.major_names": ["is too long (maximum is 255 characters)"],
                "disabled": ["is invalid"],
                "mobile_number": ["is invalid"],
                "email_address": ["is invalid"],
                "primary_education.end_date": ["must be a date on or after primary_education:start_date"],
                "assigned_to_email_address": ["is not included in the list"],
                "campus_name": ["is not included in the list"],
            }
        ]

    def test_unchanged_rows_are_told_by_the_row_last_applied(self, talk: Conversation) -> None:
        """A repair in the app outlives the same file; columns left out and the labels' order do not count."""
        row = {**ADA, "gender": "f", "system_label_names": "a;b"}
        assert talk.outcomes(row) == ["created"]
        assert talk.do("edit_profile", institution="north", email="ada@north.edu", changes={"gender": "m"})
        assert talk.outcomes({**row, "system_label_names": "b; a;"}) == ["unchanged"]
        assert talk.outcomes(ADA) == ["unchanged"]
        assert talk.accounts["ada@north.edu"]["gender"] == "m"
        assert talk.outcomes({**row, "middle_name": "x"}) == ["updated"]
        assert talk.accounts["ada@north.edu"]["gender"] == "f"


class TestLeaving:
    """Who leaves an institution leaves with nothing of it, whichever way they go."""

    def settled(self, talk: Conversation) -> dict[str, Any]:
        """A student pending at the north with everything that an institution can give."""
        assert talk.do("sign_up", email="Ada@gmail.com ", first_name="Ada", last_name="L")
        assert talk.do("request_access", email="ada@gmail.com", institution="north")
        row = {"email_address": "ada@gmail.com", "username": "ada@gmail.com", "system_label_names": "a"}
        gifts = {"campus_name": "Main", "assigned_to_email_address": "advisor@north.edu"}
        assert talk.outcomes({**row, **gifts}) == ["updated"]
        change = {"institution": "north", "email": "ada@gmail.com", "new_email": "a@gmail.com"}
        assert talk.do("change_email", **change)
        account = talk.accounts["ada@gmail.com"]
        assert account["pending_at"] == "north"
        assert account["system_label_names"] == ["a"]
        assert account["requested_email"] == "a@gmail.com"
        return account

    def bare(self, account: dict[str, Any]) -> dict[str, Any]:
        """The account as it must be after leaving."""
        return {
            **account,
            "pending_at": None,
            "system_label_names": [],
            "campus_name": None,
            "assigned_to_email_address": None,
            "excluded_from_sync": False,
            "requested_email": None,
        }

    def test_declined(self, talk: Conversation) -> None:
        """Declining takes all back, and bars the way."""
        account = self.settled(talk)
        assert talk.do("decline", institution="north", email="ada@gmail.com")
        assert talk.accounts["ada@gmail.com"] == {**self.bare(account), "declined_by": ["north"]}
        assert not talk.do("request_access", email="ada@gmail.com", institution="north")

    def test_added_elsewhere(self, talk: Conversation) -> None:
        """So does another institution's staff adding them."""
        account = self.settled(talk)
        assert talk.do("add_by_email", institution="south", email="ada@gmail.com")
        assert talk.accounts["ada@gmail.com"] == {**self.bare(account), "institution": "south"}

    def test_imported_elsewhere(self, talk: Conversation) -> None:
        """So does another institution's job, the exclusion being the first one's."""
        account = self.settled(talk)
        row = {"email_address": "ada@gmail.com", "username": "ada@gmail.com", "auth_identifier": ""}
        assert talk.outcomes(row, institution="south", change_sensitive_fields=True) == ["updated"]
        assert talk.accounts["ada@gmail.com"] == {**self.bare(account), "institution": "south"}

    def test_switched_and_back(self, talk: Conversation) -> None:
        """So does a switch; back again, the row once applied is forgotten, so it is applied anew."""
        account = self.settled(talk)
        assert talk.do("approve", institution="north", email="ada@gmail.com")
        assert talk.do("switch_institution", email="ada@gmail.com", institution="south")
        assert talk.accounts["ada@gmail.com"] == {**self.bare(account), "institution": "south"}
        assert talk.do("switch_institution", email="ada@gmail.com", institution="north")
        row = {"email_address": "ada@gmail.com", "username": "ada@gmail.com", "system_label_names": "a"}
        assert talk.outcomes(row) == ["updated"]

    def test_deleted(self, talk: Conversation) -> None:
        """A deleted account takes its refusals along, and its e-mail is free."""
        self.settled(talk)
        assert talk.do("decline", institution="north", email="ada@gmail.com")
        assert talk.do("request_access", email="ada@gmail.com", institution="south")
        assert talk.do("delete_pending", institution="south", email="ada@gmail.com")
        assert talk.accounts == {}
        assert talk.do("sign_up", email="ada@gmail.com", first_name="Ada", last_name="L")
        assert talk.accounts["ada@gmail.com"]["declined_by"] == []


class TestTransactions:
    """A file is one transaction, and a preview one that is rolled back."""

    def test_a_preview_reports_and_changes_nothing(self, talk: Conversation) -> None:
        """The report is the import's, and the world is as it was, also for the rows after."""
        assert talk.outcomes(ADA) == ["created"]
        before = talk.accounts
        data = file_of({**ADA, "gender": "f"}, BOB, {**BOB, "username": "", "email_address": "x"})
        report = talk.send(data, op="preview")
        assert [row["outcome"] for row in report["rows"]] == ["updated", "created", "failed"]
        assert talk.accounts == before
        assert talk.send(data) == report

    def test_a_crash_in_the_middle_of_a_file_leaves_nothing(
        self, talk: Conversation, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Rows that were written before the process failed are not there afterwards."""

        def fail(*_: object) -> None:
            raise RuntimeError("power cut")

        monkeypatch.setattr(sql_outcomes, "failed_rows_file", fail)
        with pytest.raises(RuntimeError, match="power cut"):
            talk.send(file_of(ADA, BOB))
        assert talk.accounts == {}

    def test_reset_forgets_everything(self, talk: Conversation) -> None:
        """Accounts, refusals and institutions of the world before are gone."""
        assert talk.do("sign_up", email="ada@gmail.com", first_name="Ada", last_name="L")
        assert talk.do("request_access", email="ada@gmail.com", institution="north")
        assert talk.do("decline", institution="north", email="ada@gmail.com")
        assert talk.ask("reset", world={"institutions": [{"id": "west"}]}) == {"ok": True}
        assert talk.accounts == {}
        request = {"op": "do", "action": "approve", "institution": "north", "email": "ada@gmail.com"}
        assert "north" in talk.target.handle(request)["error"]

    def test_a_world_that_cannot_be_leaves_the_old_one(self, talk: Conversation) -> None:
        """A reset that the database refuses is an error, and the world before stays."""
        assert talk.outcomes(ADA) == ["created"]
        twice = {"institutions": [{"id": "west"}, {"id": "west"}]}
        assert "error" in talk.target.handle({"op": "reset", "world": twice})
        assert set(talk.accounts) == {"ada@north.edu"}

    @pytest.mark.parametrize("database", ["file", "postgresql"])
    def test_the_data_survive_a_restart(self, database: str, tmp_path: Path) -> None:
        """A new process on the same database goes on where the last one stopped, without a reset."""
        url = url_of(database, tmp_path)
        first = SqlConversation(SqlImporter(url))
        first.reset()
        row = {**ADA, "system_label_names": "a;b", "campus_name": "Quay"}
        assert first.outcomes(row) == ["created"]
        before = first.accounts
        first.target.engine.dispose()
        observed, again = (answers(url, [request]) for request in ({"op": "observe"}, import_request(row)))
        assert {account["email_address"]: account for account in observed[0]["accounts"]} == before
        assert again[0]["report"]["rows"][0]["outcome"] == "unchanged"


class TestTexts:
    """What a database cannot hold is turned away before it gets there."""

    @pytest.mark.parametrize("bad", ["a\0b", "a\ud800", "\udc00b"])
    def test_actions_refuse_what_no_file_could_hold(self, talk: Conversation, bad: str) -> None:
        """NUL and a lone surrogate are refused in every argument, and nothing changes."""
        assert talk.outcomes(ADA) == ["created"]
        before = talk.accounts
        own = {"institution": "north", "email": "ada@north.edu"}
        assert not talk.do("sign_up", email="e@gmail.com", first_name=bad, last_name="x")
        assert not talk.do("sign_up", email=f"{bad}@gmail.com", first_name="x", last_name="x")
        assert not talk.do("change_email", new_email=f"{bad}@gmail.com", **own)
        assert not talk.do("edit_profile", changes={"gender": bad}, **own)
        assert not talk.do("edit_profile", changes={bad: "x"}, **own)
        assert not talk.do("sign_in", via="sso", attribute=bad, **own)
        assert talk.accounts == before

    def test_every_other_text_is_held(self, talk: Conversation) -> None:
        """Quotes, line ends, backslashes and all planes of Unicode come back as they were."""
        strange = "'\"\\ %s :x \r\n\r\t\x01\x7f\u2028\ufeff\ufffe\U0001f600\U0010ffff;"
        row = {**ADA, "gender": strange, "primary_education:minor_names": strange}
        assert talk.outcomes(row) == ["created"]
        account = talk.accounts["ada@north.edu"]
        assert account["gender"] == strange
        assert account["primary_education:minor_names"] == [strange[:-1]]

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\xff",
            b"\xed\xa0\x80",
            b"a,b\0",
            b"a,b\n",
            file_of(ADA) + b'x,"y"z,,,,\n',
            file_of(ADA) + b'x,"y\n',
            file_of(ADA).replace(b"school_year_name", b"School_year_name"),
            file_of(ADA).replace(b"school_year_name", b"school_year_name,institution_year_name"),
        ],
    )
    def test_a_file_that_cannot_be_read_is_refused_whole(self, memory: Conversation, data: bytes) -> None:
        """Broken bytes, quotes and headers: no row is read and nothing changes."""
        report = memory.send(data)
        assert report["refused"]
        assert report["rows"] == []
        assert memory.accounts == {}

    @pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
    def test_marks_line_ends_and_blank_lines_do_not_count(self, memory: Conversation, end: bytes) -> None:
        """A byte order mark, any line end and rows of blank cells leave the rows and their numbers alone."""
        header = ",".join(HEADERS).encode()
        lines = [b"", header, b" ,\xc2\xa0,", b'1@x.y,1,"a,""b",c,,', b""]
        report = memory.send(b"\xef\xbb\xbf" + end.join([*lines, b'2@x.y,2,a"b",c,,']))
        assert [(row["row"], row["outcome"]) for row in report["rows"]] == [(1, "created"), (2, "created")]
        assert {account["first_name"] for account in memory.accounts.values()} == {'a,"b', 'a"b"'}


class TestFailedRows:
    """The failed rows come back as they came, with the reason on the right."""

    def test_rounds_do_not_grow(self, memory: Conversation) -> None:
        """Sent back again and again, a file keeps its width, ragged rows too; mended, it works."""
        head = ",".join([*HEADERS, "institution_wide"])
        data = f'{head}\r\nx, 1 ,"a\n""b",c,,,\r\nshort@x.y,2\r\nok@x.y,3,a,b,,,\r\n'.encode()
        first = failed_rows(memory.send(data))
        assert first[0] == [*HEADERS, "institution_wide", "status", "response"]
        assert [row[:-2] for row in first[1:]] == [["x", " 1 ", 'a\n"b', "c", "", "", ""], ["short@x.y", "2"]]
        assert [row[-2] for row in first[1:]] == ["failed", "failed"]
        assert json.loads(first[1][-1]) == {"success": False, "errors": {"email_address": ["is invalid"]}}
        again = memory.send(written(first))
        assert failed_rows(again) == first
        mended = memory.send(written(first).replace(b"x, 1 ", b"x@x.y, 1 "))
        assert [row["outcome"] for row in mended["rows"]] == ["created", "failed"]

    def test_no_failed_row_leaves_the_header(self, memory: Conversation) -> None:
        """The file is there all the same, without a mark."""
        report = memory.send(b"\xef\xbb\xbf" + file_of(ADA))
        assert failed_rows(report) == [[*HEADERS, "status", "response"]]
        assert base64.b64decode(report["failed_rows_csv"]).startswith(b"email_address,")


class TestRequests:
    """Requests that make no sense are answered, not crashed on."""

    @pytest.mark.parametrize(
        "request_",
        [
            {},
            {"op": "dance"},
            {"op": ["hello"]},
            {"op": "hello", "protocol": 2},
            {"op": "reset"},
            {"op": "reset", "world": {"institutions": [{"id": "x", "vocabulary": "fr"}]}},
            {"op": "reset", "world": {"institutions": [{"id": "x\0"}]}},
            {"op": "import", "institution": "north", "mode": "manual", "csv": "%%%"},
            {"op": "import", "institution": "nowhere", "mode": "manual", "csv": ""},
            {"op": "import", "institution": "north", "mode": "now", "csv": ""},
            {
                "op": "import",
                "institution": "north",
                "mode": "automatic",
                "csv": "",
                "change_sensitive_fields": True,
            },
            {"op": "do"},
            {"op": "do", "action": "dance", "email": "x"},
            {"op": "do", "action": "approve", "institution": "nowhere", "email": "x"},
            {"op": "do", "action": "sign_in", "email": "x", "via": "window"},
            {"op": "do", "action": "set_disabled", "institution": "north", "email": "x", "disabled": "TRUE"},
        ],
    )
    def test_nonsense_is_an_error(self, memory: Conversation, request_: dict[str, Any]) -> None:
        """The error is a text, and the importer goes on."""
        response = memory.target.handle(request_)
        assert list(response) == ["error"]
        assert isinstance(response["error"], str)
        assert memory.accounts == {}

    def test_hello_names_everything_optional(self, memory: Conversation) -> None:
        """Preview and all actions are supported."""
        hello = memory.ask("hello", protocol=1)
        assert hello["protocol"] == 1
        assert hello["supports"] == ["preview", *NAMED]

    def test_a_database_that_fails_is_an_error(self, memory: SqlConversation) -> None:
        """A table that is gone is told in one line, without statement or traceback."""
        with memory.target.engine.begin() as connection:
            connection.execute(text("DROP TABLE declines"))
        assert memory.target.handle({"op": "observe"}) == {"error": "Database: no such table: declines"}


class TestCommandLine:
    """python -m conformance.implementations.sql speaks JSON lines and fails in one line."""

    def test_a_conversation(self) -> None:
        """One line in, one line out; rubbish is an error and the next line is answered; after bye it ends."""
        lines = [
            b'{"op":"hello","protocol":1}',
            b"malformed",
            b"[]",
            b"",
            b"\xff\xfe",
            b"[" * 100_000,
            b'{"op":"reset","world":{"institutions":[{"id":"north"}]}}',
            json.dumps(import_request({**ADA, "first_name": "\u00c5sa \U0001f600"})).encode(),
            b'{"op":"do","action":"sign_up","email":"x@y.z","first_name":"\\ud800","last_name":"x"}',
            b'{"op":"observe"}',
            b'{"op":"bye"}',
            b'{"op":"hello"}',
        ]
        finished = run(stdin=b"\n".join(lines) + b"\n")
        assert (finished.returncode, finished.stderr) == (0, b"")
        assert b"\r" not in finished.stdout
        responses = [json.loads(line) for line in finished.stdout.splitlines()]
        assert len(responses) == len(lines) - 1
        assert [list(response) == ["error"] for response in responses[:7]] == [False, *[True] * 5, False]
        assert responses[7]["report"]["rows"][0]["outcome"] == "created"
        assert responses[8]["done"] is False
        assert responses[9]["accounts"][0]["first_name"] == "\u00c5sa \U0001f600"
        assert responses[10] == {"ok": True}

    def test_the_end_of_the_input_ends_it(self) -> None:
        """Without a bye too, and with a last line that is not ended."""
        finished = run(stdin=b'{"op":"observe"}')
        assert (finished.returncode, finished.stdout) == (0, b'{"accounts": []}\n')

    @pytest.mark.parametrize(
        "arguments",
        [
            ["--databse", "sqlite://"],
            ["--database"],
            ["--database", ""],
            ["--database", "nonsense"],
            ["--database", "sqlite:////no/such/folder/x.db"],
            ["--database", "mysql://localhost/x"],
            ["--database", "postgresql+nodriver://localhost/x"],
            ["--database", "postgresql+psycopg://localhost:x/y"],
            ["--database", "postgresql+psycopg://nobody@127.0.0.1:1/x"],
            ["--database", f"sqlite:///{__file__}"],
            ["--database", f"sqlite:///{Path(__file__).parent}"],
            ["--database", "sqlite:///:memory:?timeout=soon"],
            ["stray"],
        ],
    )
    def test_what_cannot_work_is_told_in_one_line(self, arguments: list[str]) -> None:
        """Bad options and databases out of reach: status 2, one line, no traceback."""
        finished = run(*arguments)
        assert (finished.returncode, finished.stdout) == (2, b"")
        assert finished.stderr.startswith(b"conformance.implementations.sql: ")
        assert finished.stderr.count(b"\n") == 1

    def test_an_unusable_database_is_an_exception_of_its_own(self) -> None:
        """In a program the same is one exception."""
        with pytest.raises(UnusableDatabaseError, match="mysql"):
            SqlImporter("mysql://localhost/x")


def import_request(*rows: dict[str, str]) -> dict[str, Any]:
    """A manual job of the north's."""
    data = base64.b64encode(file_of(*rows)).decode()
    return {"op": "import", "institution": "north", "mode": "manual", "csv": data}


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The command line with this input."""
    paths = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-m", "conformance.implementations.sql", *arguments]
    environment = {**os.environ, "PYTHONPATH": paths}
    return subprocess.run(command, input=stdin, capture_output=True, timeout=600, check=False, env=environment)


def answers(url: str, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a process of its own answers."""
    finished = run("--database", url, stdin="\n".join(map(json.dumps, requests)).encode())
    assert finished.returncode == 0, finished.stderr
    return [json.loads(line) for line in finished.stdout.splitlines()]


def failed_rows(report: dict[str, Any]) -> list[list[str]]:
    """The failed rows file of a report, read again."""
    decoded = base64.b64decode(report["failed_rows_csv"]).decode()
    return list(csv.reader(io.StringIO(decoded, newline=""), strict=True))


def written(table: list[list[str]]) -> bytes:
    """The table as a file."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(table)
    return out.getvalue().encode()
