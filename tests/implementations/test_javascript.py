"""Conversations with the JavaScript importer: the main rules, and what JavaScript makes easy to get wrong."""

import base64
import csv
import io
import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from refmodel.actions import NAMED
from tests.support.paths import ROOT

NODE = shutil.which("node")
IMPORTER = ROOT / "conformance/implementations/javascript/importer.mjs"

pytestmark = pytest.mark.skipif(NODE is None, reason="not run: Node.js (node is not installed)")

WORLD = {
    "institutions": [
        {
            "id": "north",
            "domains": [" North.edu ", "shared.edu"],
            "uses_sso": True,
            "campuses": ["Main", "Quay"],
            "vocabulary": "eu",
            "staff": ["Advisor@north.edu"],
        },
        {"id": "south", "domains": ["south.edu", "shared.edu"], "vocabulary": "us"},
    ],
    "employers": ["hr@employer.example"],
}
STARRED = (
    "email_address",
    "username",
    "first_name",
    "last_name",
    "auth_identifier",
    "primary_education:end_date",
    "school_year_name",
)
START, END = "primary_education:start_date", "primary_education:end_date"
MAJORS, LABELS = "primary_education:major_names", "system_label_names"
ADA = {"email_address": "ada@north.edu", "username": "1", "first_name": "Ada", "last_name": "L"}
TAKEN = {"success": False, "errors": {"email_address": ["has already been taken"]}}
SENSITIVE = {
    "success": False,
    "errors": "Attempted to update sensitive fields without setting change_sensitive_fields",
}
DATES = {
    "success": False,
    "errors": {"primary_education.end_date": ["must be a date on or after primary_education:start_date"]},
}

Row = dict[str, str]
Answer = dict[str, Any]


class Importer:
    """The importer's process, and the few sentences that the tests say to it."""

    def __init__(self) -> None:
        command = [NODE or "node", str(IMPORTER)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def say(self, line: bytes) -> Answer:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()
        answer: Answer = json.loads(self.process.stdout.readline())
        return answer

    def ask(self, op: str, **request: Any) -> Answer:
        return self.say(json.dumps({"op": op, **request}).encode())

    def send(self, content: bytes, op: str = "import", at: str = "north", **job: Any) -> Answer:
        defaults = {"institution": at, "mode": "manual", "date_format": "yyyy-mm-dd"}
        answer = self.ask(op, csv=base64.b64encode(content).decode(), **{**defaults, **job})
        report: Answer = answer["report"]
        return report

    def rows(self, *rows: Row, **job: Any) -> list[Answer]:
        report = self.send(file_of(rows), **job)
        assert report["refused"] is None
        results: list[Answer] = report["rows"]
        return results

    def row(self, row: Row, **job: Any) -> Answer:
        return self.rows(row, **job)[0]

    def do(self, action: str, **arguments: Any) -> bool:
        done: bool = self.ask("do", action=action, **arguments)["done"]
        return done

    def access(self, **arguments: Any) -> bool:
        access: bool = self.ask("do", action="sign_in", **arguments)["access"]
        return access

    def accounts(self) -> list[Answer]:
        accounts: list[Answer] = self.ask("observe")["accounts"]
        return accounts

    def account(self, email: str = "ada@north.edu") -> Answer:
        return next(account for account in self.accounts() if account["email_address"] == email)


def file_of(rows: Sequence[Row]) -> bytes:
    headers = dict.fromkeys([*STARRED, *(header for row in rows for header in row)])
    lines = [list(headers), *([row.get(header, "") for header in headers] for row in rows)]
    return csv_of(lines)


def csv_of(lines: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(lines)
    return text.getvalue().encode()


def failed_lines(report: Answer) -> list[list[str]]:
    text = base64.b64decode(report["failed_rows_csv"]).decode()
    return list(csv.reader(io.StringIO(text, newline="")))


def fields(result: Answer) -> list[str]:
    """The fields that a failed row complains about."""
    assert result["outcome"] == "failed"
    return sorted(result["response"]["errors"])


@pytest.fixture(scope="module")
def process() -> Iterator[Importer]:
    """One process for all: only what it is told to forget is forgotten."""
    importer = Importer()
    yield importer
    assert importer.ask("bye") == {"ok": True}
    importer.process.communicate(timeout=600)
    assert importer.process.returncode == 0


@pytest.fixture
def importer(process: Importer) -> Importer:
    assert process.ask("reset", world=WORLD) == {"ok": True}
    return process


class TestTheWire:
    def test_it_supports_everything(self, importer: Importer) -> None:
        """The answer to hello names the protocol, preview and all actions."""
        hello = importer.ask("hello", protocol=1)
        assert (hello["protocol"], hello["language"]) == (1, "javascript")
        assert set(hello["supports"]) == {"preview", *NAMED}

    @pytest.mark.parametrize(
        "line",
        [
            b"",
            b"no JSON",
            b"[]",
            b"null",
            b'{"op":"hello","name":"\xff"}',
            b"[" * 100_000,
            b'{"op":"__proto__"}',
            b'{"op":"constructor"}',
            b'{"op":"do","action":"toString"}',
            b'{"op":"do","action":"approve","institution":"north"}',
            b'{"op":"do","action":"approve","institution":"__proto__","email":"a@b"}',
            b'{"op":"do","action":"set_excluded","institution":"north","email":"a@b","excluded":"false"}',
            b'{"op":"do","action":"sign_in","email":"a@b","via":"guess"}',
            b'{"op":"reset","world":{"institutions":[{"id":7}]}}',
            b'{"op":"reset","world":{"institutions":[],"employers":["hr"]}}',
            b'{"op":"import","institution":"north","mode":"manual","date_format":"yyyy-mm-dd","csv":"%%"}',
            b'{"op":"import","institution":"north","mode":"manual","date_format":"toString","csv":""}',
            b'{"op":"import","institution":"north","mode":"automatic","change_sensitive_fields":true,'
            b'"date_format":"yyyy-mm-dd","csv":""}',
        ],
    )
    def test_a_malformed_request_is_answered_with_an_error(self, importer: Importer, line: bytes) -> None:
        """It says what is wrong, keeps the world, and takes the next request."""
        importer.row(ADA)
        before = importer.accounts()
        assert list(importer.say(line)) == ["error"]
        assert importer.accounts() == before

    def test_only_a_line_feed_ends_a_line(self, importer: Importer) -> None:
        """A carriage return, U+2028 and U+0085 inside a line leave it whole."""
        request = '\r{"op":"do","action":"sign_up","email":"u@x","first_name":"a\u2028b\x85","last_name":"c"}\r'
        assert importer.say(request.encode()) == {"done": True}
        assert importer.account("u@x")["first_name"] == "a\u2028b\x85"

    def test_a_cell_may_be_as_long_as_it_likes(self, importer: Importer) -> None:
        """Cells of millions of characters decode by the same rules."""
        row = ADA | {"mobile_number": "7" * 20_000_000, LABELS: "a;" * 500_000, "gender": " " * 3_000_000}
        assert importer.row(row)["outcome"] == "created"
        assert len(importer.account()["mobile_number"]) == 20_000_000

    def test_bye_ends_the_process_with_its_input_still_open(self) -> None:
        """Whoever said bye need not close the pipe."""
        importer = Importer()
        assert importer.ask("bye") == {"ok": True}
        assert importer.process.wait(timeout=600) == 0
        importer.process.communicate()


class TestFiles:
    @pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
    def test_every_line_ending_ends_a_row(self, importer: Importer, ending: str) -> None:
        """Blank lines are no rows, before the header too, and have no number."""
        header = ",".join(STARRED)
        lines = ["", " ,\u3000", header, "", "a@x,1,A,B,,,", ",,,,,,", '"b@x",2,"x""y",B"c",,,']
        report = importer.send(ending.join(lines).encode())
        assert [row["row"] for row in report["rows"]] == [1, 2]
        assert (importer.account("b@x")["first_name"], importer.account("b@x")["last_name"]) == (
            'x"y',
            'B"c"',
        )

    def test_one_byte_order_mark_is_dropped_and_no_more(self, importer: Importer) -> None:
        """A second mark belongs to the first header, which nobody knows then."""
        content, mark = file_of([ADA]), b"\xef\xbb\xbf"
        assert importer.send(mark + mark + content)["refused"]
        assert importer.send(mark + content)["rows"][0]["outcome"] == "created"

    @pytest.mark.parametrize(
        "spoilt", [b"\xff", b"\xc3", b"\xed\xa0\xbd\xed\xb8\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\x00"]
    )
    def test_bytes_are_read_strictly(self, importer: Importer, spoilt: bytes) -> None:
        """Broken, overlong and surrogate encodings and NUL refuse the file, and only that file."""
        content = file_of([ADA])
        assert importer.send(content.replace(b"Ada", spoilt)) | {"refused": ""} == {
            "refused": "",
            "rows": [],
            "warnings": [],
        }
        assert importer.accounts() == []
        assert importer.send(content.replace(b"Ada", "é€😀".encode()))["refused"] is None

    @pytest.mark.parametrize("cell", ['"open', '"a"b', '"a" ', '"a""'])
    def test_broken_quoting_refuses_the_file(self, importer: Importer, cell: str) -> None:
        """After a closing quote comes a comma or the end of the row; none is left open."""
        content = f"{','.join(STARRED)}\na@x,1,A,B,,,\nb@x,2,A,B,,,{cell}\n".encode()
        assert importer.send(content)["refused"]
        assert importer.accounts() == []

    @pytest.mark.parametrize(
        ("headers", "refused"),
        [
            (STARRED, False),
            (STARRED[:-1], True),
            ((*STARRED[:-1], "institution_year_name"), False),
            ((*STARRED, "institution_year_name"), True),
            ((*STARRED, "gender", "gender"), True),
            ((*STARRED, "note", "note", "", "__proto__", "constructor", "toString"), False),
            ((*STARRED[:-1], "School_year_name"), True),
            ((*STARRED[:-1], "school_year_name "), True),
            (tuple(header for header in STARRED if header != "auth_identifier"), True),
            ((), True),
        ],
    )
    def test_headers(self, importer: Importer, headers: Sequence[str], refused: bool) -> None:
        """All starred headers are there exactly, no known one twice, and unknown ones are ignored."""
        report = importer.send(csv_of([headers]))
        assert (bool(report["refused"]), report["rows"]) == (refused, [])

    def test_auth_identifier_is_starred_only_with_sso(self, importer: Importer) -> None:
        """An institution without SSO need not send the column."""
        headers = [header for header in STARRED if header != "auth_identifier"]
        assert importer.send(csv_of([headers]), at="south")["refused"] is None

    def test_unknown_headers_are_no_fields(self, importer: Importer) -> None:
        """Cells under names that JavaScript's objects know are ignored like any other."""
        assert importer.row(ADA | {"__proto__": "x", "constructor": "y"})["outcome"] == "created"
        assert importer.account()["username"] == "1"

    def test_ragged_rows_fail_alone(self, importer: Importer) -> None:
        """A short and a long row fail with a text; the row beside them is imported."""
        header = ",".join(STARRED)
        report = importer.send(f"{header}\na@x,1,A,B\nb@x,2,A,B,,,,\nc@x,3,A,B,,,\n".encode())
        assert [row["outcome"] for row in report["rows"]] == ["failed", "failed", "created"]
        assert all(isinstance(row["response"]["errors"], str) for row in report["rows"][:2])


class TestCells:
    def test_every_kind_of_cell(self, importer: Importer) -> None:
        """A full row is stored column by column."""
        row = {
            "email_address": " ADA@North.edu\x85",
            "username": "007",
            "first_name": " Ada ",
            "last_name": "L",
            "middle_name": "clear",
            "preferred_name": " **CLEAR**",
            "auth_identifier": "x",
            "primary_education:education_level_name": "Further Education",
            START: "2016-02-29",
            END: "2016-02-29",
            "primary_education:college_names": " b ;a;; b;B",
            "school_year_name": "Further education",
            "primary_education:currently_attending": "FALSE",
            MAJORS: "History;Biology",
            "primary_education:minor_names": " ; ",
            "card_id": "0",
            "mobile_number": "+0",
            "gender": "x",
            "disabled": "TRUE",
            LABELS: "b;a;b",
            "assigned_to_email_address": "ADVISOR@NORTH.EDU ",
            "hometown_location_attributes:name": "e\u0301",
            "campus_name": "Quay",
        }
        assert importer.row(row) == {"row": 1, "outcome": "created", "response": {"success": True}}
        account = importer.account()
        assert sorted(account[LABELS]) == ["a", "b"]
        expected = row | {
            LABELS: account[LABELS],
            "email_address": "ada@north.edu",
            "primary_education:college_names": ["b", "a", "B"],
            "primary_education:currently_attending": False,
            MAJORS: ["History", "Biology"],
            "primary_education:minor_names": [],
            "disabled": True,
            "assigned_to_email_address": "advisor@north.edu",
            "institution": "north",
            "pending_at": None,
            "declined_by": [],
            "excluded_from_sync": False,
            "requested_email": None,
        }
        assert {name: account[name] for name in expected} == expected

    def test_blank_keeps_and_the_token_clears(self, importer: Importer) -> None:
        """Blank cells keep, save for labels; the token clears."""
        importer.row(ADA | {MAJORS: "History", LABELS: "a", "gender": "x", END: "2020-01-01"})
        assert importer.row(ADA | {MAJORS: " ", LABELS: " ", "gender": "**CLEAR**"})["outcome"] == "updated"
        account = importer.account()
        assert (account[MAJORS], account[LABELS], account["gender"]) == (["History"], [], None)
        assert account[END] == "2020-01-01"

    @pytest.mark.parametrize(
        "space", "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000"
    )
    def test_white_space_is_blank(self, importer: Importer, space: str) -> None:
        """Each of the listed characters is white space, also where trim() disagrees."""
        assert fields(importer.row(ADA | {"username": space})) == ["username"]
        row = ADA | {"email_address": f"{space}ada@north.edu{space}", MAJORS: f"{space}b{space};{space}"}
        assert importer.row(row)["outcome"] == "created"
        assert importer.account()[MAJORS] == ["b"]

    @pytest.mark.parametrize("character", "\ufeff\u200b\u180e\u2060")
    def test_other_invisible_characters_are_values(self, importer: Importer, character: str) -> None:
        """What is not listed is an ordinary character, also where trim() disagrees."""
        importer.row(ADA | {"username": character, MAJORS: f"{character}b"})
        assert (importer.account()["username"], importer.account()[MAJORS]) == (character, [f"{character}b"])

    def test_only_a_to_z_are_lower_cased(self, importer: Importer) -> None:
        """The Kelvin sign, dotted I and É of an e-mail stay as they are."""
        importer.row(ADA | {"email_address": "A\u212a\u0130É@X"})
        assert importer.accounts()[0]["email_address"] == "a\u212a\u0130É@x"

    @pytest.mark.parametrize(
        ("header", "text"),
        [
            *((START, text) for text in ("2016-02-30", "1900-02-29", "0000-01-01", "2016-1-01", "2016-01-01\n")),
            *((START, text) for text in ("2016-13-01", "2016-00-01", "2016-01-00", "10000-01-01", "01/31/2016")),
            *(
                (START, text)
                for text in (
                    "\u0662\u0660\u0661\u0666-01-01",
                    " 2016-01-01",
                    "2016-01-01T00:00",
                    "-001-01-01",
                )
            ),
            *(("mobile_number", text) for text in ("+", "++1", "1 2", "\u0662", "1\n", " 1", "1e3")),
            *(("disabled", text) for text in ("true", " TRUE", "1", "**CLEAR**")),
            ("primary_education:currently_attending", "**CLEAR**"),
            ("primary_education:education_level_name", "Further education"),
            ("school_year_name", "Further Education"),
            ("school_year_name", "Senior"),
            ("school_year_name", "toString"),
            ("assigned_to_email_address", " **CLEAR**"),
            ("assigned_to_email_address", "nobody@north.edu"),
            ("email_address", "a@b@c"),
            ("email_address", "@b"),
            ("email_address", "a b@c"),
            ("email_address", "a\x1fb@c"),
            ("email_address", "a@south.edu"),
            ("email_address", "hr@employer.example"),
            ("email_address", "ADVISOR@north.edu"),
            ("campus_name", "main"),
            *((header, "**CLEAR**") for header in ("email_address", "username", "first_name", "last_name")),
            *((header, " ") for header in ("email_address", "username", "first_name", "last_name")),
            *((header, "a; **CLEAR** ") for header in (LABELS, MAJORS)),
            (LABELS, " **CLEAR**"),
            (MAJORS, "a;" + "😀" * 256),
        ],
    )
    def test_malformed_cells(self, importer: Importer, header: str, text: str) -> None:
        """The row fails, complains about that field alone, and creates nobody."""
        assert fields(importer.row(ADA | {header: text})) == [header.replace(":", ".")]
        assert importer.accounts() == []

    @pytest.mark.parametrize("text", ["0001-01-01", "2000-02-29", "9999-12-31"])
    def test_dates_at_the_edges(self, importer: Importer, text: str) -> None:
        """The calendar begins with the year 1, in both formats."""
        importer.row(ADA | {START: text})
        assert importer.account()[START] == text
        american = f"{text[5:7]}/{text[8:]}/{text[:4]}"
        assert importer.row(ADA | {START: american}, date_format="mm/dd/yyyy")["outcome"] == "unchanged"

    def test_characters_are_code_points(self, importer: Importer) -> None:
        """255 characters outside the basic plane are 255, although JavaScript counts 510."""
        assert importer.row(ADA | {MAJORS: "😀" * 255})["outcome"] == "created"

    def test_an_institution_without_campuses_ignores_the_column(self, importer: Importer) -> None:
        """Whatever stands in it, also the token."""
        row = ADA | {"email_address": "ada@south.edu", "campus_name": "Moon"}
        assert importer.row(row, at="south")["outcome"] == "created"
        assert importer.account("ada@south.edu")["campus_name"] is None


class TestUnchangedRows:
    def test_the_same_row_again_does_not_undo_a_repair(self, importer: Importer) -> None:
        """It is compared with the row last applied, and not with the account."""
        row = ADA | {"gender": "x", LABELS: "a;b"}
        importer.row(row)
        assert importer.do("edit_profile", institution="north", email="ADA@north.edu", changes={"gender": "y"})
        assert importer.row(row | {LABELS: "b ; a;"})["outcome"] == "unchanged"
        assert importer.account()["gender"] == "y"
        assert importer.row(row | {LABELS: "b"})["outcome"] == "updated"
        assert importer.account()["gender"] == "x"

    def test_an_absent_column_counts_as_kept(self, importer: Importer) -> None:
        """Absent now: not compared. Absent then: equal to a blank cell, save for labels."""
        importer.row(ADA | {"gender": "x"})
        importer.do("edit_profile", institution="north", email="ada@north.edu", changes={"gender": "y"})
        assert importer.row(ADA)["outcome"] == "unchanged"
        assert importer.row(ADA | {"middle_name": " "})["outcome"] == "unchanged"
        assert importer.row(ADA | {"gender": "x", LABELS: ""})["outcome"] == "updated"

    def test_a_failed_row_is_tried_again(self, importer: Importer) -> None:
        """It was never applied."""
        importer.row(ADA)
        importer.row(ADA | {"email_address": "ada@x", "username": "2"})
        changed = ADA | {"email_address": "ada@x"}
        assert importer.row(changed, change_sensitive_fields=True)["response"] == TAKEN
        importer.row(ADA | {"email_address": "eve@x", "username": "2"}, change_sensitive_fields=True)
        assert importer.row(changed, change_sensitive_fields=True)["outcome"] == "updated"

    def test_it_comes_before_exclusion(self, importer: Importer) -> None:
        """An excluded student's unchanged row does not fail; a changed one does."""
        importer.row(ADA)
        importer.do("set_excluded", institution="north", email="ada@north.edu", excluded=True)
        assert importer.row(ADA)["outcome"] == "unchanged"
        result = importer.row(ADA | {"gender": "x"}, change_sensitive_fields=True)
        assert isinstance(result["response"]["errors"], str)


class TestRows:
    def test_the_three_stated_responses(self, importer: Importer) -> None:
        """Their texts are exact."""
        importer.row(ADA)
        assert importer.row(ADA | {"email_address": "eve@x"})["response"] == SENSITIVE
        assert importer.row(ADA | {"email_address": "hr@employer.example", "username": "2"})["response"] == TAKEN
        dates = ADA | {START: "2020-01-02", END: "2020-01-01"}
        assert importer.row(dates)["response"] == DATES

    def test_dates_are_checked_on_the_account_as_it_would_be(self, importer: Importer) -> None:
        """A new start after the stored end fails, unless the end is cleared; equal dates are fine."""
        importer.row(ADA | {START: "2016-09-01", END: "2020-06-30"})
        assert importer.row(ADA | {START: "2021-09-01"})["response"] == DATES
        assert importer.row(ADA | {START: "2020-06-30"})["outcome"] == "updated"
        assert importer.row(ADA | {START: "2021-09-01", END: "**CLEAR**"})["outcome"] == "updated"
        assert fields(importer.row(ADA | {START: "2022", END: "2019-01-01"})) == ["primary_education.start_date"]

    def test_complaints_are_gathered(self, importer: Importer) -> None:
        """All fields of a step complain, each with one text; the first step hides the later ones."""
        row = {"email_address": "x", "username": " ", "gender": "x"}
        assert fields(importer.row(row)) == ["email_address", "username"]
        row = ADA | {"first_name": "", "last_name": "**CLEAR**", "disabled": "no", "campus_name": "Moon"}
        assert fields(importer.row(row)) == ["campus_name", "disabled", "first_name", "last_name"]

    def test_rows_that_share_an_identifier_all_fail(self, importer: Importer) -> None:
        """In the same column, decoded, and not counting rows that failed before."""
        rows = [
            {**ADA},
            ADA | {"email_address": "ADA@north.edu ", "username": "2"},
            ADA | {"email_address": "d@x", "username": ""},
            ADA | {"email_address": "d@x", "username": "3", "card_id": "2"},
        ]
        results = importer.rows(*rows)
        assert [result["outcome"] for result in results] == ["failed", "failed", "failed", "created"]
        assert isinstance(results[0]["response"]["errors"], str)

    def test_usernames_are_looked_up_before_emails(self, importer: Importer) -> None:
        """Two rows' worth of one student: the username decides, and the e-mail is then taken."""
        importer.rows(ADA, ADA | {"email_address": "bob@x", "username": "2"})
        result = importer.row(ADA | {"email_address": "bob@x"}, change_sensitive_fields=True)
        assert result["response"] == TAKEN

    def test_other_schools_students_are_invisible(self, importer: Importer) -> None:
        """The same username elsewhere is nobody; the same e-mail is taken, under any setting."""
        importer.row(ADA | {"email_address": "ada@x"}, at="south")
        assert importer.row(ADA | {"email_address": "new@x"})["outcome"] == "created"
        row = ADA | {"email_address": "ada@x", "username": "2"}
        assert importer.row(row, change_sensitive_fields=True)["response"] == TAKEN

    def test_identifiers_are_unique_in_the_institution(self, importer: Importer) -> None:
        """Auth identifiers and card numbers; another institution's do not count."""
        importer.row(ADA | {"auth_identifier": "a", "card_id": "c"})
        row = ADA | {"email_address": "bob@x", "username": "2", "auth_identifier": "a", "card_id": "c"}
        assert fields(importer.row(row)) == ["auth_identifier", "card_id"]
        assert importer.row(row, at="south")["outcome"] == "created"

    def test_a_kept_or_equal_sensitive_cell_is_no_change(self, importer: Importer) -> None:
        """Clearing nothing is none either; a first value and a clear are."""
        importer.row(ADA | {"auth_identifier": "a"})
        assert importer.row(ADA | {"auth_identifier": "", "card_id": "**CLEAR**"})["outcome"] == "unchanged"
        assert importer.row(ADA | {"card_id": "1"})["response"] == SENSITIVE
        assert importer.row(ADA | {"auth_identifier": "**CLEAR**"})["response"] == SENSITIVE
        cleared = importer.row(ADA | {"auth_identifier": "**CLEAR**"}, change_sensitive_fields=True)
        assert cleared["outcome"] == "updated"

    def test_disabled_changes_only_by_a_word(self, importer: Importer) -> None:
        """New data for an archived student leaves them archived."""
        importer.row(ADA | {"disabled": "TRUE"})
        importer.row(ADA | {"gender": "x", "disabled": ""})
        assert importer.account()["disabled"] is True
        importer.row(ADA | {"disabled": "FALSE"})
        assert importer.account()["disabled"] is False

    def test_a_domain_may_be_shared(self, importer: Importer) -> None:
        """What belongs to this institution as well is not another's; a subdomain is nobody's."""
        assert importer.row(ADA | {"email_address": "ada@SHARED.edu"})["outcome"] == "created"
        row = ADA | {"email_address": "ada@mail.south.edu", "username": "2"}
        assert importer.row(row)["outcome"] == "created"

    def test_preview_is_the_import_without_the_change(self, importer: Importer) -> None:
        """The same report, and the world stays; rows see the rows before them."""
        importer.row(ADA)
        content = file_of([ADA | {"gender": "x"}, ADA | {"username": "2", "email_address": "bob@x", "disabled": "?"}])
        before = importer.accounts()
        preview = importer.send(content, op="preview")
        assert importer.accounts() == before
        assert importer.send(content) == preview
        assert [row["outcome"] for row in preview["rows"]] == ["updated", "failed"]

    def test_advice_is_no_failure(self, importer: Importer) -> None:
        """An unknown column and a numeric label are warned about."""
        report = importer.send(file_of([ADA | {"note": "x", LABELS: "12"}]))
        assert (len(report["warnings"]), report["rows"][0]["outcome"]) == (2, "created")


class TestPendingStudents:
    @pytest.fixture
    def pending(self, importer: Importer) -> Importer:
        importer.do("sign_up", email="Ada@North.edu", first_name="Ada", last_name="L")
        assert importer.do("request_access", email="ada@north.edu", institution="north")
        return importer

    def test_without_the_setting_they_stay_pending(self, pending: Importer) -> None:
        """Only a row whose username and e-mail both match updates them."""
        assert pending.row(ADA)["response"] == SENSITIVE
        assert pending.row(ADA | {"username": "ada@north.edu", LABELS: "a"}, mode="automatic")["outcome"] == "updated"
        assert pending.account()["pending_at"] == "north"
        assert pending.do("approve", institution="north", email="ada@north.edu")
        same = ADA | {"username": "ada@north.edu", LABELS: "a", "last_name": ""}
        assert pending.row(same)["outcome"] == "unchanged"

    def test_no_row_of_theirs_is_skipped(self, pending: Importer) -> None:
        """Only a connected student's row can be the one last applied again."""
        row = ADA | {"username": "ada@north.edu", "gender": "x"}
        pending.row(row)
        pending.do("edit_profile", institution="north", email="ada@north.edu", changes={"gender": "y"})
        assert pending.row(row)["outcome"] == "updated"

    def test_only_the_institution_that_excludes_them_is_shut_out(self, pending: Importer) -> None:
        """Another one, with the setting, connects them, and the exclusion is gone."""
        pending.do("sign_up", email="ada@x", first_name="Ada", last_name="L")
        pending.do("request_access", email="ada@x", institution="north")
        pending.do("set_excluded", institution="north", email="ada@x", excluded=True)
        row = ADA | {"email_address": "ada@x"}
        refused = pending.row(row, change_sensitive_fields=True)
        assert isinstance(refused["response"]["errors"], str)
        assert pending.row(row, at="south", change_sensitive_fields=True)["outcome"] == "updated"
        account = pending.account("ada@x")
        assert (account["institution"], account["excluded_from_sync"]) == ("south", False)

    def test_an_unconnected_student_needs_the_setting(self, pending: Importer) -> None:
        """Also where no sensitive field would change."""
        pending.do("sign_up", email="eve@x", first_name="E", last_name="V")
        row = ADA | {"email_address": "eve@x", "username": "eve@x"}
        assert isinstance(pending.row(row)["response"]["errors"], str)
        assert pending.row(row, change_sensitive_fields=True)["outcome"] == "updated"

    def test_a_sensitive_update_approves(self, pending: Importer) -> None:
        """It connects, and takes the file's username."""
        assert pending.row(ADA, change_sensitive_fields=True)["outcome"] == "updated"
        account = pending.account()
        assert (account["institution"], account["pending_at"], account["username"]) == ("north", None, "1")

    def test_leaving_leaves_nothing_behind(self, pending: Importer) -> None:
        """Who is connected elsewhere loses what was the institution's, and keeps the rest."""
        row = ADA | {"username": "ada@north.edu", LABELS: "a", "campus_name": "Main", "gender": "x"}
        pending.row(row | {"assigned_to_email_address": "advisor@north.edu"})
        pending.do("change_email", institution="north", email="ada@north.edu", new_email="ada@x")
        assert pending.account()["excluded_from_sync"] is True
        assert pending.do("add_by_email", institution="south", email="ada@north.edu")
        account = pending.account()
        left = [account[name] for name in (LABELS, "campus_name", "assigned_to_email_address", "requested_email")]
        assert (left, account["excluded_from_sync"]) == ([[], None, None, None], False)
        assert (account["gender"], account["institution"], account["pending_at"]) == ("x", "south", None)

    def test_the_declined_are_not_connected(self, pending: Importer) -> None:
        """Neither without the setting nor with it, and they cannot ask again; staff can still add them."""
        assert pending.do("decline", institution="north", email="ada@north.edu")
        row = ADA | {"username": "ada@north.edu"}
        for setting in (False, True):
            assert isinstance(pending.row(row, change_sensitive_fields=setting)["response"]["errors"], str)
        assert not pending.do("request_access", email="ada@north.edu", institution="north")
        assert pending.do("add_by_email", institution="north", email="ada@north.edu")
        assert pending.account()["declined_by"] == []

    def test_deleting_frees_the_email(self, pending: Importer) -> None:
        """The account is gone; only who is pending can be deleted."""
        assert not pending.do("delete_pending", institution="south", email="ada@north.edu")
        assert pending.do("delete_pending", institution="north", email="ada@north.edu")
        assert pending.row(ADA)["outcome"] == "created"
        assert not pending.do("delete_pending", institution="north", email="ada@north.edu")


class TestActions:
    def test_sign_up_is_refused(self, importer: Importer) -> None:
        """Where the e-mail is taken or malformed, or a name is none."""
        names = {"first_name": "A", "last_name": "B"}
        for email in ("hr@employer.example", " ADVISOR@north.edu", "a", "a@", "a@b@c"):
            assert not importer.do("sign_up", email=email, **names)
        for name in ("", "\x1c", "**CLEAR**"):
            assert not importer.do("sign_up", email="a@x", first_name="A", last_name=name)
        assert importer.accounts() == []

    def test_identifiers_taken_there_keep_out(self, importer: Importer) -> None:
        """No way in for a student whose username somebody there has."""
        importer.do("sign_up", email="eve@x", first_name="E", last_name="V")
        importer.row(ADA | {"username": "eve@x"})
        importer.row(ADA | {"username": "eve@x", "email_address": "bob@x"}, at="south")
        assert not importer.do("request_access", email="eve@x", institution="north")
        assert not importer.do("add_by_email", email="eve@x", institution="north")
        assert not importer.do("switch_institution", email="bob@x", institution="north")
        importer.row(ADA, change_sensitive_fields=True)
        assert importer.do("switch_institution", email="bob@x", institution="north")

    def test_an_email_changes_on_confirmation(self, importer: Importer) -> None:
        """A requested address is not reserved; the username and the exclusion stay."""
        importer.row(ADA)
        student = {"institution": "north", "email": "ada@north.edu"}
        for new in ("ada@north.edu", "hr@employer.example", "a@south.edu", "a"):
            assert not importer.do("change_email", new_email=new, **student)
        assert not importer.do("confirm_email", email="ada@north.edu")
        assert importer.do("change_email", new_email=" ADA@X ", **student)
        importer.do("sign_up", email="ada@x", first_name="E", last_name="V")
        assert not importer.do("confirm_email", email="ada@north.edu")
        assert importer.account()["requested_email"] == "ada@x"
        assert importer.do("change_email", new_email="ada@shared.edu", **student)
        assert importer.do("confirm_email", email="ada@north.edu")
        account = importer.account("ada@shared.edu")
        assert (account["username"], account["excluded_from_sync"], account["requested_email"]) == (
            "1",
            True,
            None,
        )

    def test_an_import_fulfils_a_requested_email(self, importer: Importer) -> None:
        """Where it makes the e-mail equal to it."""
        importer.row(ADA)
        student = {"institution": "north", "email": "ada@north.edu"}
        importer.do("change_email", new_email="ada@x", **student)
        importer.do("set_excluded", excluded=False, **student)
        importer.row(ADA | {"email_address": "ada@x"}, change_sensitive_fields=True)
        assert importer.account("ada@x")["requested_email"] is None

    @pytest.mark.parametrize(
        "changes",
        [
            {"username": ""},
            {"card_id": "1"},
            {LABELS: ""},
            {"disabled": "FALSE"},
            {"__proto__": "x"},
            {"constructor": "x"},
            {"Gender": "x"},
            {"school_year_name": "", "institution_year_name": ""},
            {"first_name": "**CLEAR**"},
            {"mobile_number": "x"},
            {END: "2015-01-01"},
            {START: "01/31/2016"},
            {"assigned_to_email_address": "a@north.edu"},
            {"campus_name": "Moon"},
            {"gender": "\0"},
            {"gender": "\ud83d"},
        ],
    )
    def test_edits_that_are_refused(self, importer: Importer, changes: dict[str, str]) -> None:
        """Nothing of a refused edit happens."""
        importer.row(ADA | {START: "2016-01-01"})
        before = importer.accounts()
        edit = {"institution": "north", "email": "ada@north.edu", "changes": {"middle_name": "M", **changes}}
        assert not importer.do("edit_profile", **edit)
        assert importer.accounts() == before

    def test_edits_decode_as_files_do(self, importer: Importer) -> None:
        """Blank keeps, the token clears, the alias is a header, and no campuses means no campus."""
        importer.row(ADA | {"email_address": "a@x", "gender": "x", "middle_name": "M"}, at="south")
        changes = {
            "gender": " ",
            "middle_name": "**CLEAR**",
            "institution_year_name": "Senior",
            "campus_name": "?",
        }
        assert importer.do("edit_profile", institution="south", email="a@x", changes=changes)
        assert not importer.do("edit_profile", institution="north", email="a@x", changes={})
        account = importer.account("a@x")
        seen = [account[name] for name in ("gender", "middle_name", "school_year_name", "campus_name")]
        assert seen == ["x", None, "Senior", None]

    @pytest.mark.parametrize("text", ["\0", "\ud83d", "\udc00"])  # noqa: PT014 (two different halves)
    def test_texts_that_no_file_could_hold_are_refused(self, importer: Importer, text: str) -> None:
        """In every action, and nothing is stored."""
        assert not importer.do("sign_up", email="a@x", first_name=text, last_name="B")
        assert not importer.do("sign_up", email=f"{text}@x", first_name="A", last_name="B")
        assert not importer.do("sign_in", email="a@x", via="sso", institution="north", attribute=text)
        assert importer.do("sign_up", email="a@x", first_name="\U0001f600", last_name="B")

    def test_signing_in(self, importer: Importer) -> None:
        """By password unless disabled; by SSO only with the very attribute, connected, where SSO is used."""
        importer.row(ADA | {"auth_identifier": "x"})
        importer.row(ADA | {"email_address": "bob@x", "username": "2"})
        sso = {"email": "ADA@north.edu", "via": "sso", "institution": "north"}
        assert importer.access(email="ada@north.edu", via="password")
        assert importer.access(attribute="x", **sso)
        assert not importer.access(attribute="X", **sso)
        assert not importer.access(attribute="x", **sso | {"institution": "south"})
        for attribute in ("", None):
            assert not importer.access(email="bob@x", via="sso", institution="north", attribute=attribute)
        assert not importer.access(email="advisor@north.edu", via="password")
        assert importer.do("set_disabled", institution="north", email="ada@north.edu", disabled=True)
        assert not importer.access(email="ada@north.edu", via="password")
        assert not importer.access(attribute="x", **sso)


class TestFailedRows:
    def test_sent_back_under_the_right_setting_it_works(self, importer: Importer) -> None:
        """The cells are as they came, two columns stand on the right, and they may stay in."""
        importer.do("sign_up", email="ada@north.edu", first_name="Ada", last_name="L")
        report = importer.send(
            file_of([ADA | {"gender": ' a,"b\r\n'}, ADA | {"email_address": "b@x", "username": "2"}])
        )
        header, failed = failed_lines(report)
        assert header[-2:] == ["status", "response"]
        assert failed[-3:] == [' a,"b\r\n', "failed", json.dumps(SENSITIVE, separators=(",", ":"))]
        again = importer.send(base64.b64decode(report["failed_rows_csv"]), change_sensitive_fields=True)
        assert [row["outcome"] for row in again["rows"]] == ["updated"]
        assert importer.account()["gender"] == ' a,"b\r\n'
        assert failed_lines(again) == [header]

    def test_ragged_rows_stay_ragged_and_do_not_grow(self, importer: Importer) -> None:
        """However often they come back, and beside rows of the header's width."""
        content = f"{','.join(STARRED)}\na@x,1\nb@x,2,A,B,,,,x\n,3,A,B,,,\n".encode()
        rounds = [importer.send(content)]
        for _ in range(3):
            rounds.append(importer.send(base64.b64decode(rounds[-1]["failed_rows_csv"])))
        assert [len(line) for line in failed_lines(rounds[0])] == [9, 4, 10, 9]
        assert all(report["failed_rows_csv"] == rounds[0]["failed_rows_csv"] for report in rounds)

    def test_a_mark_in_the_first_header_survives(self, importer: Importer) -> None:
        """A header that begins with U+FEFF must not become the file's mark, and so another header."""
        header = ("\ufeffusername", *STARRED)
        report = importer.send(b"\xef\xbb\xbf" + ",".join(header).encode())
        content = base64.b64decode(report["failed_rows_csv"])
        assert not content.startswith(b"\xef\xbb\xbf")
        assert importer.send(content)["refused"] is None
