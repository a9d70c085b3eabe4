"""What every independent importer must do, whatever it is written in and however long its files are."""

from __future__ import annotations

import shlex
import shutil
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Any

import pytest

from conformance.transport.faults import Fault
from conformance.transport.targets import connect
from tests.implementations.test_sql import ADA, BOB, HEADERS, Conversation, failed_rows, file_of, postgres_url, written
from tests.support.paths import ROOT

JAVASCRIPT = ROOT / "conformance/implementations/javascript/importer.mjs"
EVE = {"email_address": "eve@gmail.com", "username": "3", "first_name": "Eve", "last_name": "E"}
TAKEN = {"email_address": ["has already been taken"]}
INVALID = {"email_address": ["is invalid"]}
BY_USERNAME = {**ADA, "email_address": "new@gmail.com"}  # finds Ada, once she is there
BY_EMAIL = {**ADA, "username": "9"}  # so does this
ANNOTATED = (*HEADERS, "status", "response")
MALFORMED = (
    *("a", "a@", "@a", "a@b@c", "a b@c", "a@b c"),
    *("a@.x", "a@x.", "a@.", "a@..", "a@.x.", " a@.x\t", "\u3000a@x.\x85"),
)
WELL_FORMED = ("a@x", "a@x..y", ".a.@x", "a@x.y", "\x1f A@X\u2003", "a@-", "a@x\u3002", "\u2024@x")
SETTINGS = (False, True)
# The two lists as they are specified: a range stands as its first and its last code point.
WHITE_SPACE = "0009-000D 001C-001F 0020 0085 00A0 1680 2000-200A 2028 2029 202F 205F 3000"
INVISIBLE = "0000-001F 007F-009F 00AD 061C 180E 200B-200F 202A-202E 2060-2064 2066-206F FEFF FFF9-FFFB"
Row = dict[str, str]


def characters(listed: str) -> set[str]:
    """The characters of a list of code points."""
    ranges = (item.partition("-") for item in listed.split())
    return {chr(code) for first, _, last in ranges for code in range(int(first, 16), int(last or first, 16) + 1)}


def unseen() -> Iterator[str]:
    """What Unicode calls a space, a control or a format character, but for NUL."""
    every = map(chr, range(1, sys.maxunicode + 1))
    return (one for one in every if unicodedata.category(one) in ("Cc", "Cf", "Zs", "Zl", "Zp"))


def command(name: str) -> str:
    """The target of an importer."""
    if name == "javascript":
        node = shutil.which("node")
        return f"cmd:{shlex.join([node, str(JAVASCRIPT)])}" if node else pytest.skip("not run: Node.js (no node)")
    if name == "sql, postgresql, staged":
        module = [sys.executable, "-m", "conformance.implementations.sql"]
        return f"cmd:{shlex.join([*module, '--staged-from', '0', '--database', postgres_url()])}"
    factory = "staging_importer" if name == "sql, staged" else "importer"
    return f"python:conformance.implementations.sql:{factory}"


@pytest.fixture(scope="module", params=["sql", "sql, staged", "sql, postgresql, staged", "javascript"])
def conversation(request: pytest.FixtureRequest) -> Iterator[Conversation]:
    """One importer for all tests."""
    with connect(command(request.param), timeout=600) as target:
        yield Conversation(target)


@pytest.fixture
def talk(conversation: Conversation) -> Conversation:
    """The importer in a world of two institutions."""
    conversation.reset()
    return conversation


def is_text(errors: object) -> bool:
    """Whether a row failed with one text, and not with complaints about its fields."""
    return isinstance(errors, str)


def sheet(header: Sequence[str], *rows: Sequence[str]) -> bytes:
    """A file of these cells."""
    return written([list(header), *map(list, rows)])


def errors_in(report: dict[str, Any]) -> list[Any]:
    """What was wrong with each row of a report, None where nothing was."""
    return [row["response"].get("errors") for row in report["rows"]]


class TestRowsThatFindTheSameStudent:
    """Two or more rows whose lookup, in the world before the file, finds the same student all fail."""

    @pytest.mark.parametrize("setting", SETTINGS)
    @pytest.mark.parametrize(
        "pair", list(permutations([BY_USERNAME, BY_EMAIL])), ids=["username first", "e-mail first"]
    )
    def test_both_fail_in_either_order(self, talk: Conversation, pair: tuple[Row, Row], setting: bool) -> None:
        """Each with a text, under either setting; neither changes nor creates anybody; the row between is taken."""
        assert talk.outcomes(ADA) == ["created"]
        before = talk.accounts
        errors = talk.errors(pair[0], EVE, pair[1], change_sensitive_fields=setting)
        assert [is_text(errors[0]), errors[1], is_text(errors[2])] == [True, None, True]
        assert {email: who for email, who in talk.accounts.items() if email != "eve@gmail.com"} == before

    def test_a_username_is_not_freed_for_another_row(self, talk: Conversation) -> None:
        """The row above gives the student another username; the row below, which has the old one, creates nobody."""
        assert talk.outcomes(ADA) == ["created"]
        heir = {**EVE, "username": "1"}
        assert talk.outcomes(BY_EMAIL, heir, change_sensitive_fields=True) == ["failed", "failed"]
        assert talk.outcomes(BY_EMAIL, change_sensitive_fields=True) == ["updated"]
        assert talk.outcomes(heir, change_sensitive_fields=True) == ["created"]

    def test_other_values_are_freed_for_the_rows_below(self, talk: Conversation) -> None:
        """An address that is not what finds the student, and a card number, pass on in the order of the file."""
        assert talk.outcomes({**ADA, "card_id": "c"}, {**BOB, "card_id": "d"}) == ["created", "created"]
        giver = {**ADA, "email_address": "new@gmail.com", "card_id": "e"}
        heir = {**BOB, "email_address": "ada@north.edu", "card_id": "c"}
        assert talk.outcomes(heir, giver, change_sensitive_fields=True) == ["failed", "updated"]
        assert talk.outcomes(ADA, BOB, change_sensitive_fields=True)[0] == "updated"
        assert talk.outcomes(giver, heir, change_sensitive_fields=True) == ["updated", "updated"]
        cards = {email: account["card_id"] for email, account in talk.accounts.items()}
        assert cards == {"new@gmail.com": "e", "ada@north.edu": "c"}

    def test_it_comes_before_unchanged_and_excluded(self, talk: Conversation) -> None:
        """A row that was last applied fails, too, and so does one of a student whom files leave alone."""
        assert talk.outcomes(ADA) == ["created"]
        assert talk.outcomes(ADA) == ["unchanged"]
        renamed = {**ADA, "email_address": "new@gmail.com", "username": "9"}
        there = {"institution": "north", "email": "ada@north.edu"}
        assert talk.do("change_email", new_email="new@gmail.com", **there)
        assert talk.do("confirm_email", email="ada@north.edu")
        for excluded in (True, False):
            assert talk.do("set_excluded", excluded=excluded, institution="north", email="new@gmail.com")
            before = talk.accounts
            assert all(map(is_text, talk.errors(ADA, renamed, change_sensitive_fields=True)))
            assert talk.accounts == before

    @pytest.mark.parametrize("decided", ["pending", "declined"])
    def test_whoever_the_lookup_finds_counts(self, talk: Conversation, decided: str) -> None:
        """A pending student is found by the username, too; an unconnected one by e-mail only."""
        own = {**EVE, "username": "eve@gmail.com"}
        assert talk.do("sign_up", email="eve@gmail.com", first_name="Eve", last_name="E")
        assert talk.do("request_access", email="eve@gmail.com", institution="north")
        assert decided == "pending" or talk.do("decline", email="eve@gmail.com", institution="north")
        rows = {**own, "email_address": "new@gmail.com"}, {**own, "username": "9"}
        errors = [is_text(errors) for errors in talk.errors(*rows, change_sensitive_fields=True)]
        assert errors == [decided == "pending", True]
        assert ("new@gmail.com" in talk.accounts) == (decided == "declined")

    def test_other_schools_students_are_found_by_no_row(self, talk: Conversation) -> None:
        """A row with the username of one creates, and a row with the address of one says that it is taken."""
        south = {"institution": "south", "change_sensitive_fields": True}
        guest = {**ADA, "email_address": "ada@gmail.com", "auth_identifier": ""}
        assert talk.outcomes(guest, **south) == ["created"]
        rows = {**guest, "email_address": "new@gmail.com"}, {**guest, "username": "9"}
        assert talk.errors(*rows, change_sensitive_fields=True) == [None, TAKEN]

    def test_rows_that_have_failed_already_do_not_count(self, talk: Conversation) -> None:
        """Neither those without an address nor those that share an identifier with another row."""
        assert talk.outcomes(ADA) == ["created"]
        nameless = {**ADA, "email_address": ""}
        assert talk.outcomes(nameless, BY_EMAIL, change_sensitive_fields=True) == ["failed", "updated"]
        assert talk.outcomes(ADA, change_sensitive_fields=True) == ["updated"]
        sharing = {**BY_USERNAME, "card_id": "c"}, {**EVE, "card_id": "c"}
        assert talk.outcomes(*sharing, BY_EMAIL, change_sensitive_fields=True) == ["failed", "failed", "updated"]

    def test_they_fail_until_one_is_taken_out(self, talk: Conversation) -> None:
        """The file of failed rows fails in the same way as often as it is sent; without one of the two it works."""
        assert talk.outcomes(ADA) == ["created"]
        report = talk.send(file_of(BY_USERNAME, BY_EMAIL))
        table = failed_rows(report)
        assert len(table) == 3
        again = talk.send(written(table), change_sensitive_fields=True)
        assert failed_rows(again) == table
        assert errors_in(talk.send(written(table[:2]), change_sensitive_fields=True)) == [None]

    def test_a_preview_says_the_same(self, talk: Conversation) -> None:
        """The report is the import's."""
        assert talk.outcomes(ADA) == ["created"]
        data = file_of(BY_USERNAME, EVE, BY_EMAIL)
        assert talk.send(data, op="preview") == talk.send(data)


class TestRaggedRows:
    """A row that a spreadsheet has squared fails alone, as one with fewer or more cells than the header does."""

    ada = ("ada@north.edu", "1", "Ada", "L", "", "")
    bob = ("bob@north.edu", "2", "Bob", "M", "", "")

    @pytest.mark.parametrize("blank", ["", " ", "\t\u3000\x1c"])
    def test_a_cell_under_a_blank_header(self, talk: Conversation, blank: str) -> None:
        """The row whose cell says something there fails, wherever the column stands; a blank cell is none."""
        for at in (0, 3, 6):
            rows = [list(self.ada), list(self.bob)]
            rows[0].insert(at, "x")
            rows[1].insert(at, " \u2003")
            header = list(HEADERS)
            header.insert(at, blank)
            talk.reset()
            errors = errors_in(talk.send(sheet(header, *rows)))
            assert (is_text(errors[0]), errors[1]) == (True, None)
            assert set(talk.accounts) == {"bob@north.edu"}

    @pytest.mark.parametrize("name", ["note", ".", "\ufeff", "\u200b"])
    def test_a_cell_under_an_unknown_header_is_ignored(self, talk: Conversation, name: str) -> None:
        """A header that is not blank is a column, if an unknown one."""
        assert errors_in(talk.send(sheet([*HEADERS, name], [*self.ada, "x"]))) == [None]

    def test_a_status_that_is_a_response(self, talk: Conversation) -> None:
        """Where the last two columns are status and response, a status that begins with a brace shows a moved row."""
        rows = [[*self.ada, '{"success":false}', ""], [*self.bob, "failed", '{"success":false}']]
        errors = errors_in(talk.send(sheet(ANNOTATED, *rows)))
        assert (is_text(errors[0]), errors[1]) == (True, None)
        for status in ("{", "{}"):
            assert is_text(errors_in(talk.send(sheet(ANNOTATED, [*self.ada, status, "x"])))[0])
        assert set(talk.accounts) == {"bob@north.edu"}

    @pytest.mark.parametrize("status", ["", " ", "failed", " {", "x{", "**CLEAR**"])
    def test_any_other_status_may_stay(self, talk: Conversation, status: str) -> None:
        """Only the first character counts."""
        assert errors_in(talk.send(sheet(ANNOTATED, [*self.ada, status, "{"]))) == [None]

    @pytest.mark.parametrize(
        "extra",
        [
            ("status", "response", "note"),
            ("response", "status"),
            ("Status", "response"),
            ("status", "response "),
            ("status", "note"),
            ("note", "response"),
            ("status", "response", "status", "response"),
        ],
    )
    def test_any_other_columns_may_hold_braces(self, talk: Conversation, extra: tuple[str, ...]) -> None:
        """The two are the last, spelt so, and the status is the last but one; a brace elsewhere is a text as any."""
        row = [*self.ada, *("{" for _ in extra)]
        if extra[-2:] == ("status", "response"):
            row[-2] = "failed"
        assert errors_in(talk.send(sheet([*HEADERS, *extra], row))) == [None]

    def test_they_do_not_count_as_sharing_or_finding(self, talk: Conversation) -> None:
        """Such a row has failed before rows are compared with each other."""
        squared = [*self.ada, "x"], [*self.ada, ""]
        errors = errors_in(talk.send(sheet([*HEADERS, ""], *squared)))
        assert (is_text(errors[0]), errors[1]) == (True, None)


class TestFailedRowsFile:
    """Cells stay as they came; a status and a response are replaced where they stand, and else appended."""

    wrong = ("x", "1", "Ada", "L", "", "")  # an e-mail address without @

    def rounds(self, talk: Conversation, header: Sequence[str], *rows: Sequence[str]) -> list[list[str]]:
        """The failed rows without their new status and response, which are checked."""
        table = failed_rows(talk.send(sheet(header, *rows)))
        assert table[0] == list(ANNOTATED)
        assert all(row[-2] == "failed" and row[-1].startswith("{") for row in table[1:])
        return [row[:-2] for row in table[1:]]

    @pytest.mark.parametrize("last", [("", ""), ("failed", "{}"), ("x", "y"), (" {", "{"), ("failed", "x")])
    def test_the_last_two_of_a_row_of_full_width_are_replaced(self, talk: Conversation, last: tuple[str, str]) -> None:
        """Whatever they hold, unless the status begins with a brace."""
        assert self.rounds(talk, ANNOTATED, [*self.wrong, *last]) == [list(self.wrong)]

    def test_a_moved_row_keeps_all_its_cells(self, talk: Conversation) -> None:
        """A row of full width whose status begins with a brace gets two cells more, once."""
        moved = ["x", "1", "Ada", "L", "", "failed", '{"success":false}', ""]
        assert self.rounds(talk, ANNOTATED, moved) == [moved]
        table = failed_rows(talk.send(sheet(ANNOTATED, moved)))
        assert self.rounds(talk, table[0], table[1]) == [moved]

    @pytest.mark.parametrize(
        ("row", "kept"),
        [
            (["a@x", "1", "failed", "{}"], ["a@x", "1"]),
            (["failed", "{}"], []),
            (["a@x", "1", "failed", "x"], ["a@x", "1", "failed", "x"]),
            (["a@x", "1", "Failed", "{}"], ["a@x", "1", "Failed", "{}"]),
            (["{}"], ["{}"]),
            (["a@x", "1", "A", "L", "", "", "x", "failed", "{}"], ["a@x", "1", "A", "L", "", "", "x"]),
        ],
    )
    def test_of_a_ragged_row_only_our_own_are_replaced(
        self, talk: Conversation, row: list[str], kept: list[str]
    ) -> None:
        """They are the word and a response; everything else is the sender's."""
        assert self.rounds(talk, ANNOTATED, row) == [kept]

    @pytest.mark.parametrize("row", [["x", "1", "A", "L", "failed", "{}"], ["x", "failed", "{}"]])
    def test_under_another_header_nothing_is_replaced(self, talk: Conversation, row: list[str]) -> None:
        """A file that has not been here before gets two columns, and each of its rows two cells."""
        assert self.rounds(talk, HEADERS, row) == [row]

    def test_a_squared_file_does_not_become_well_formed(self, talk: Conversation) -> None:
        """A short row that a spreadsheet has padded fails again and again, and its cells stay where they are."""
        labels = [*HEADERS, "system_label_names"]
        assert talk.outcomes({**ADA, "system_label_names": "a"}) == ["created"]
        table = failed_rows(talk.send(sheet(labels, ["ada@north.edu", "1", "Ada", "Lee", "", ""])))
        for _ in range(3):
            width = max(map(len, table))
            squared = [[*row, *[""] * (width - len(row))] for row in table]
            report = talk.send(written(squared), change_sensitive_fields=True)
            assert [row["outcome"] for row in report["rows"]] == ["failed"]
            table = failed_rows(report)
        assert talk.accounts["ada@north.edu"]["system_label_names"] == ["a"]


class TestEmails:
    """An address that looks like another school's must not pass for a personal one."""

    def test_what_cannot_be_seen_is_malformed_anywhere(self, talk: Conversation) -> None:
        """Each listed character, at the ends of an address, in it, beside the @; white space only inside.

        NUL is left out: no file may hold it.
        """
        inside = sorted((characters(INVISIBLE) | characters(WHITE_SPACE)) - {"\0"})
        addresses = [address for one in inside for address in (f"a{one}b@x", f"a{one}@x", f"a@{one}x", f"a@x{one}y")]
        outside = sorted(characters(INVISIBLE) - characters(WHITE_SPACE) - {"\0"})
        addresses += [address for one in outside for address in (f"{one}a@x", f"a@x{one}")]
        rows = [{**ADA, "email_address": address, "username": str(n)} for n, address in enumerate(addresses)]
        assert talk.errors(*rows) == [INVALID] * len(rows)
        assert talk.accounts == {}

    def test_every_other_character_may_stand_in_one(self, talk: Conversation) -> None:
        """The neighbours of the listed ones, and all that Unicode calls controls, formats, marks or spaces."""
        listed = characters(INVISIBLE) | characters(WHITE_SPACE) | {"@"}
        near = {chr(ord(one) + step) for one in listed - {"\0"} for step in (-1, 1)} - {"A"}
        others = sorted((near | set(unseen())) - listed)
        assert len(others) > 120
        addresses = [f"{one}a{one}@{one}x{n}{one}" for n, one in enumerate(others)]
        rows = [{**ADA, "email_address": address, "username": str(n)} for n, address in enumerate(addresses)]
        assert talk.errors(*rows) == [None] * len(rows)
        assert set(talk.accounts) == set(addresses)

    @pytest.mark.parametrize("address", MALFORMED)
    def test_malformed_in_files(self, talk: Conversation, address: str) -> None:
        """In the address of the row it ends the row at once, in the assignee's it is one complaint of several."""
        assert talk.errors({**ADA, "email_address": address, "gender": "x"}) == [INVALID]
        errors = talk.errors({**ADA, "assigned_to_email_address": address, "mobile_number": "x"})
        assert sorted(errors[0]) == ["assigned_to_email_address", "mobile_number"]

    @pytest.mark.parametrize("address", [*MALFORMED, "a\u200b@x", "\ufeffa@x", "a@x\u2060", "a@x\u00ady"])
    def test_malformed_in_actions(self, talk: Conversation, address: str) -> None:
        """Nobody signs up with it, asks for it, or has it assigned; and as somebody's address it is unknown."""
        assert talk.outcomes(ADA) == ["created"]
        before = talk.accounts
        there = {"institution": "north", "email": "ada@north.edu"}
        assert not talk.do("sign_up", email=address, first_name="A", last_name="B")
        assert not talk.do("change_email", new_email=address, **there)
        assert not talk.do("edit_profile", changes={"assigned_to_email_address": address}, **there)
        assert not talk.do("set_disabled", disabled=True, institution="north", email=address)
        assert talk.accounts == before

    @pytest.mark.parametrize("address", WELL_FORMED)
    def test_well_formed(self, talk: Conversation, address: str) -> None:
        """In a file, in a sign-up and in a change: surrounding white space goes, and A-Z become lower case."""
        plain = address.strip("\x1f \u2003").lower()
        assert talk.errors({**ADA, "email_address": address}) == [None]
        assert set(talk.accounts) == {plain}
        talk.reset()
        assert talk.do("sign_up", email=address, first_name="A", last_name="B")
        assert not talk.do("sign_up", email=plain, first_name="A", last_name="B")
        assert talk.outcomes(ADA) == ["created"]
        assert not talk.do("change_email", institution="north", email="ada@north.edu", new_email=address)

    def test_a_subdomain_is_not_hidden_by_a_dot(self, talk: Conversation) -> None:
        """Another institution's domain is its own with a dot behind it, too: such an address is malformed."""
        rows = [{**ADA, "email_address": f"a@{domain}"} for domain in ("south.edu", "south.edu.", ".south.edu")]
        assert [talk.errors(row) for row in rows] == [[INVALID]] * 3

    @pytest.mark.parametrize("bad", ["x", "a@b@c.edu", "a\u200b@c.edu", "a@c.edu.", "a@.c.edu", "a @c.edu", ""])
    @pytest.mark.parametrize("kind", ["staff", "employers"])
    def test_malformed_addresses_of_a_world(self, talk: Conversation, kind: str, bad: str) -> None:
        """A world in which somebody has such an address is turned away."""
        self.is_turned_away(talk, kind, bad)

    @pytest.mark.parametrize("bad", ["", " ", ".", ".c.edu", "c.edu.", "c\u200b.edu", "c .edu", "a@c.edu"])
    def test_malformed_domains_of_a_world(self, talk: Conversation, bad: str) -> None:
        """So is one in which a domain is none that an address could have."""
        self.is_turned_away(talk, "domains", bad)

    def is_turned_away(self, talk: Conversation, kind: str, bad: str) -> None:
        """Send a world that holds the text among its addresses or domains, and look for it in the answer."""
        assert talk.ask("reset", world=world_with(kind, " C.edu" if kind == "domains" else " A@c.edu")) == {"ok": True}
        with pytest.raises(Fault) as fault:
            talk.ask("reset", world=world_with(kind, bad))
        assert fault.value.kind == "error"
        assert kind in fault.value.detail


def world_with(kind: str, text: str) -> dict[str, Any]:
    """A world with one text of this kind."""
    institution = {"id": "north", "domains": [], "vocabulary": "eu", "staff": []}
    if kind == "employers":
        return {"institutions": [institution], "employers": [text]}
    return {"institutions": [{**institution, kind: [text]}], "employers": []}


class TestCharactersAndCalendar:
    """White space is a list, and the calendar is the proleptic Gregorian one."""

    def test_exactly_the_listed_characters_are_white_space(self, talk: Conversation) -> None:
        """A username of one of them is blank; one of any other space, control or format character is a name."""
        every = list(unseen())
        rows = [{**ADA, "email_address": f"{n}@gmail.com", "username": one} for n, one in enumerate(every)]
        errors = dict(zip(every, talk.errors(*rows), strict=True))
        assert {one for one in every if errors[one] is not None} == characters(WHITE_SPACE)
        assert all(errors[one] == {"username": ["can't be blank"]} for one in characters(WHITE_SPACE))

    @pytest.mark.parametrize("date", ["1500-02-29", "1700-02-29", "1900-02-29", "0000-12-31", "0001-02-29"])
    def test_dates_that_are_none(self, talk: Conversation, date: str) -> None:
        """A century has its leap day only where four hundred divides it, before 1582 too."""
        errors = talk.errors({**ADA, "primary_education:end_date": date})
        assert errors == [{"primary_education.end_date": ["is invalid"]}]

    @pytest.mark.parametrize("date", ["1582-10-10", "1600-02-29", "0400-02-29", "0004-02-29", "0001-01-01"])
    def test_dates_that_are_real(self, talk: Conversation, date: str) -> None:
        """No day is left out in 1582, and the calendar goes back to the year 1."""
        assert talk.errors({**ADA, "primary_education:end_date": date}) == [None]
        assert talk.accounts["ada@north.edu"]["primary_education:end_date"] == date
