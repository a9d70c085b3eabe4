"""Files: from bytes to rows or the reason why not, and the failed rows back to bytes."""

from __future__ import annotations

import csv
import io

import pytest

from refmodel.engine import import_file
from refmodel.explain.errors import explain
from refmodel.failures import Refusal
from refmodel.rules.file import read_header, records
from refmodel.ruleset import STANDARD, Ruleset
from tests.support.world_builder import (
    AUTOMATIC,
    HEADER,
    NORTH,
    SOUTHERN,
    WORLD,
    Stage,
    ada,
    bo,
    csv_of,
    file_of,
    without,
)

TOP = ",".join(HEADER) + "\n"
ADA = "ada@north.edu,1,Ada,L,,\n"


def rows_of(text: str | bytes, ruleset: Ruleset = STANDARD) -> list[list[str]]:
    """The records of a file."""
    return [[*record] for record in records(text if isinstance(text, bytes) else text.encode(), ruleset)]


def refusal(data: bytes) -> Refusal:
    """Why a file is refused, which it has to be; nothing may have changed."""
    world, report = import_file(WORLD, AUTOMATIC, data)
    assert world is WORLD
    assert report.refused
    assert report.results == ()
    return report.refused


def why_no_csv(data: bytes) -> str:
    """Why bytes are no CSV file."""
    problem = refusal(data)
    assert problem.rule == "file_is_utf8_csv"
    return problem.text


class TestLines:
    """LF, CRLF and CR each end a row."""

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_every_end(self, end: str) -> None:
        """Each of the three, with or without one at the end of the file."""
        assert rows_of(f"a,b{end}c,d{end}") == rows_of(f"a,b{end}c,d") == [["a", "b"], ["c", "d"]]

    def test_mixed(self) -> None:
        """All three in one file."""
        assert rows_of("a\rb\nc\r\nd\n\re") == [["a"], ["b"], ["c"], ["d"], ["e"]]

    def test_kept_in_quotes(self) -> None:
        """Inside quotes an end of a line is text, whichever it is."""
        assert rows_of('"a\nb","c\r\nd","e\rf"\rg') == [["a\nb", "c\r\nd", "e\rf"], ["g"]]

    @pytest.mark.parametrize("shift", range(4))
    def test_across_the_blocks_of_the_reader(self, shift: int) -> None:
        """A CRLF is one end of a line wherever it stands in a long file."""
        line = "x" * (1022 + shift)
        assert rows_of(f"{line}\r\n" * 40) == [[line]] * 40


class TestQuotes:
    """A quote opens a cell only at its start."""

    @pytest.mark.parametrize(
        ("text", "row"),
        [
            ('"a","b"', ["a", "b"]),
            ('"a,b",c', ["a,b", "c"]),
            ('"say ""hi""",', ['say "hi"', ""]),
            ('""', [""]),
            ('a"b,c""d,e"', ['a"b', 'c""d', 'e"']),
            (' "a",b', [' "a"', "b"]),
            ("'a,b'", ["'a", "b'"]),
            ("a\\,b", ["a\\", "b"]),
            ('""""', ['"']),
            ("a;b\tc", ["a;b\tc"]),
        ],
    )
    def test_cells(self, text: str, row: list[str]) -> None:
        """Quoted cells hold commas, and quotes twice; inside an unquoted cell a quote is like any character."""
        assert rows_of("head\n" + text)[1:] == ([row] if any(row) else [])

    @pytest.mark.parametrize("text", ['"a"b', '"a" ', '"a"",b"c', '"a"\x0b,b', '"a" "b"'])
    def test_text_after_the_closing_quote(self, text: str) -> None:
        """After a closing quote comes a comma or the end of the row, or else the file is refused."""
        said = why_no_csv(f'{TOP}x,"ok\nok",{text}\n'.encode())
        assert "text stands after the closing quote" in said
        assert said.startswith("line 3, record 2, cell 3")

    @pytest.mark.parametrize("text", ['"', '"a', '"a""', '"a\n\n,b', '"""'])
    def test_an_open_quote(self, text: str) -> None:
        """No quote is left open at the end of the file."""
        said = why_no_csv(f"{TOP}{ADA}{text}".encode())
        assert "is never closed" in said
        assert said.startswith("line 3, record 3, cell 1")

    def test_in_the_header(self) -> None:
        """The header is read like any row; a quote open from there on is the reason, not what is missing."""
        assert "cell 1" in why_no_csv(b'"email_address')

    def test_in_the_first_cell(self) -> None:
        """The very first cell is read from its quote on, and its place is named whatever comes behind it."""
        said = why_no_csv(f'"a,b"x\n{TOP}'.encode())
        assert said.startswith("line 1, record 1, cell 1: text stands after the closing quote")

    def test_left_out_quotes_are_taken_as_they_come(self) -> None:
        """Without the rule no bytes are refused."""
        lenient = without("file_is_utf8_csv")
        assert rows_of(b'\xef\xbb\xbfa\n"b"c,\xff,"d', lenient) == [["a"], ["bc", "\ufffd", "d"]]


class TestEncoding:
    """UTF-8, with or without one byte order mark."""

    def test_a_mark(self) -> None:
        """One mark in front is no text."""
        assert rows_of(b"\xef\xbb\xbfa,b") == [["a", "b"]]

    def test_two_marks(self) -> None:
        """The second mark is text, so the first header is unknown and a required one is missing."""
        assert rows_of("\ufeff\ufeffa") == [["\ufeffa"]]
        assert refusal(("\ufeff\ufeff" + TOP).encode()).rule == "required_headers_are_present"

    def test_a_mark_further_on(self) -> None:
        """Anywhere else a mark is text."""
        assert rows_of("a\n\ufeff\nb\ufeff") == [["a"], ["\ufeff"], ["b\ufeff"]]

    @pytest.mark.parametrize(
        "data",
        [
            (TOP + "Zoë").encode("latin-1"),
            (TOP + ADA).encode("utf-8-sig") + b"\xed\xa0\x80",
            b"\xed\xb0\x80",
            b"\xc0\x80",
            b"\xf4\x90\x80\x80",
            TOP.encode() + b"\xe2\x82",
        ],
        ids=["Latin-1", "high surrogate", "low surrogate", "NUL in two bytes", "beyond Unicode", "cut off"],
    )
    def test_what_is_not_utf_8(self, data: bytes) -> None:
        """Other encodings, encoded halves of surrogate pairs and cut characters are refused, with their place."""
        assert "is not UTF-8" in why_no_csv(data)
        assert "line" in why_no_csv(data)

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
    def test_wide_encodings(self, encoding: str) -> None:
        """UTF-16 and UTF-32 are refused: every other byte of theirs is a NUL."""
        assert "NUL" in why_no_csv((TOP + ADA).encode(encoding))

    def test_nul(self) -> None:
        """No NUL, quoted or not; the message says in which line."""
        assert why_no_csv((TOP + "a\rb\r\n\0").encode()).startswith("line 4")
        assert "NUL" in why_no_csv((TOP + '"\0"').encode())

    def test_nul_behind_what_is_not_utf_8(self) -> None:
        """A NUL is told with its place, though what stands in front of it, in quotes, could not be decoded."""
        data = (TOP + '"Zoë",2\n\0').encode("latin-1")
        assert why_no_csv(data).startswith("line 3, record 3, cell 1: a NUL byte")

    def test_nul_in_front(self) -> None:
        """The first byte may be no NUL either."""
        assert why_no_csv(b"\0" + TOP.encode()).startswith("line 1, record 1, cell 1: a NUL byte")

    @pytest.mark.parametrize("far", [0, 10_000])
    def test_wrong_in_two_ways(self, far: int) -> None:
        """A wrong quote and, near or far behind it, a byte that is not UTF-8: refused, whichever comes first."""
        assert why_no_csv(f'{TOP}"a"b\n{"x" * far}'.encode() + b"\xff")

    def test_other_characters(self) -> None:
        """Characters that some tools take for ends of lines or of texts are text."""
        assert rows_of("a\x0b\x0c\x1c\x85\u2028\u2029\x1ab") == [["a\x0b\x0c\x1c\x85\u2028\u2029\x1ab"]]


class TestLength:
    """A cell may be of any length."""

    def test_longer_than_the_limit_of_the_library(self) -> None:
        """A cell beyond 131072 characters is read, imported, and given back."""
        long = "x" * (csv.field_size_limit() + 1)
        stage = Stage()
        assert stage.rows(ada(gender=long)) == ["created"]
        assert stage["ada@north.edu"]["gender"] == long
        data = file_of(bo(gender=long, username=""))
        assert long.encode() in stage.send(data).failed_rows(data)

    def test_the_limit_comes_back_after_errors(self) -> None:
        """After a file that is refused the limit of the process is what it was."""
        assert why_no_csv((TOP + '"' + "x" * 200_000).encode())
        assert why_no_csv(b"x" * 200_000 + b"\xff")
        assert refusal(b"x" * 200_000).rule == "required_headers_are_present"

    def test_many_columns(self) -> None:
        """A header may be as wide as it likes."""
        assert rows_of("a" + ",b" * 5000) == [["a", *["b"] * 5000]]


class TestEmptyRows:
    """Blank lines and rows of blank cells only are no rows."""

    def test_no_row_and_no_number(self) -> None:
        """They have no result, and the rows after them are counted as if they were not there."""
        stage = Stage()
        data = f"\n ,\n\r\n{TOP}\n{ADA}, ,\u00a0,,,\n\n,\n\t\nbo@north.edu,2,Bo,P,,\n\n".encode()
        report = stage.send(data)
        assert [(result.row, result.outcome) for result in report.results] == [(1, "created"), (2, "created")]

    def test_rows_of_invisible_text_count(self) -> None:
        """A cell that only looks empty is a row."""
        assert [result.outcome for result in Stage().send((TOP + "\u200b\n").encode()).results] == ["failed"]

    def test_left_out_they_count(self) -> None:
        """Without the rule every line is a row, and the failed rows that come back are the right ones."""
        stage = Stage(ruleset=without("empty_rows_are_ignored"))
        data = f"{TOP}\n,,,,,\n{ADA}".encode()
        report = stage.send(data)
        assert [result.outcome for result in report.results] == ["failed", "failed", "created"]
        assert len(report.failed_rows(data, stage.ruleset).splitlines()) == 3

    @pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\n\n", b" ,\n"])
    def test_no_header(self, data: bytes) -> None:
        """A file of nothing lacks its required headers."""
        assert refusal(data).rule == "required_headers_are_present"

    def test_a_header_alone(self) -> None:
        """A header without rows is a legal file."""
        report = Stage().send(TOP.encode())
        assert (report.refused, report.results, report.warnings) == (None, (), ())


class TestHeaders:
    """Which columns a file has."""

    @pytest.mark.parametrize("missing", HEADER)
    def test_required_headers(self, missing: str) -> None:
        """Each starred header is required; the message names what is missing."""
        problem = refusal(csv_of([[name for name in HEADER if name != missing]]))
        assert problem.rule == "required_headers_are_present"
        assert missing in problem.text

    def test_single_sign_on_requires_one_more(self) -> None:
        """`auth_identifier` is required where the institution uses single sign-on, and only there."""
        refused = Stage().send(TOP.encode(), SOUTHERN).refused
        assert refused
        assert "auth_identifier" in refused.text
        assert Stage().send(csv_of([(*HEADER, "auth_identifier")]), SOUTHERN).refused is None

    @pytest.mark.parametrize("name", ["Email_Address", "EMAIL_ADDRESS", " email_address", "email_address ", "e-mail"])
    def test_headers_match_exactly(self, name: str) -> None:
        """A header in other capitals or with white space is another header."""
        header = [name if known == "email_address" else known for known in HEADER]
        assert refusal(csv_of([header])).rule == "required_headers_are_present"

    def test_left_out_they_match_loosely(self) -> None:
        """Without the rule capitals and white space do not count."""
        stage = Stage(ruleset=without("headers_match_exactly"))
        data = csv_of([[f" {name.upper()} " for name in HEADER], ["ada@north.edu", "1", "Ada", "L", "", ""]])
        assert [result.outcome for result in stage.send(data).results] == ["created"]

    def test_unknown_headers_are_ignored_with_a_warning(self) -> None:
        """Any number of unknown headers, repeated or blank, are ignored; each is warned of by name."""
        header = [*HEADER, "note", "", "note", "Username", "status", "response"]
        stage = Stage()
        report = stage.send(csv_of([header, ["ada@north.edu", "1", "Ada", "L", "", "", "?", "", "", "2", "", "{"]]))
        assert [result.outcome for result in report.results] == ["created"]
        assert len(report.warnings) == 6
        assert "'note'" in report.warnings[0]
        assert stage["ada@north.edu"]["username"] == "1"

    def test_many_unknown_headers(self) -> None:
        """Twenty of them are named, of long names the beginning; of the others it says how many there are."""
        names = ["x" * 1000, *(f"note {number}" for number in range(2, 1001))]
        warnings = Stage().send(csv_of([[*HEADER, *names]])).warnings
        assert len(warnings) == 21
        assert warnings[0] == f"The header '{'x' * 57}…' names no column: it was ignored"
        assert "'note 20'" in warnings[19]
        assert warnings[20] == "Headers that name no column were ignored: 980 more"
        assert all(explain(text).rules[0].name == "headers_match_exactly" for text in warnings)

    @pytest.mark.parametrize(
        ("more", "said"),
        [(0, "1"), (2, "1, 8, 9"), (5, "1, 8, 9, 10, 11, and 1 more"), (999_999, "1, 8, 9, 10, 11, and 999,995 more")],
    )
    def test_blank_headers(self, more: int, said: str) -> None:
        """Of all blank headers there is one warning, with the first places, and how many there are besides."""
        data = f" ,{','.join(HEADER)}{',' * more}\n".encode()
        (warning,) = Stage().send(data).warnings
        assert warning == f"Columns with a blank header were ignored: {said}"
        assert explain(warning).rules[0].name == "headers_match_exactly"

    def test_a_known_header_a_hundred_thousand_times(self) -> None:
        """However often a header stands there, each is counted once, and the message names it once."""
        assert refusal(csv_of([[*HEADER, *["username"] * 100_000]])).text.count("username") == 1

    def test_the_alias(self) -> None:
        """`institution_year_name` is `school_year_name`, also as the required header, and in responses."""
        header = ["institution_year_name" if name == "school_year_name" else name for name in HEADER]
        stage = Stage()
        report = stage.send(csv_of([header, ["ada@north.edu", "1", "Ada", "L", "", "Alumni"]]))
        assert report.warnings == ()
        assert stage["ada@north.edu"]["school_year_name"] == "Alumni"
        failed = stage.send(csv_of([header, ["ada@north.edu", "1", "Ada", "L", "", "alumni"]])).results[0]
        assert list(failed.response["errors"]) == ["school_year_name"]

    def test_left_out_the_alias_is_unknown(self) -> None:
        """Without the rule the alias names no column."""
        stage = Stage(ruleset=without("institution_year_name_is_an_alias"))
        report = stage.send(csv_of([[*HEADER, "institution_year_name"]]))
        assert len(report.warnings) == 1

    @pytest.mark.parametrize("again", ["username", "school_year_name", "institution_year_name"])
    def test_no_known_header_twice(self, again: str) -> None:
        """No known header stands twice, nor beside its alias; the message names it."""
        problem = refusal(csv_of([[*HEADER, again]]))
        assert problem.rule == "no_header_appears_twice"
        assert "username" in problem.text or "school_year_name" in problem.text

    def test_left_out_the_last_of_two_counts(self) -> None:
        """Without the rule such a file is read."""
        stage = Stage(ruleset=without("no_header_appears_twice"))
        report = stage.send(csv_of([[*HEADER, "gender", "gender"], ["ada@north.edu", "1", "A", "L", "", "", "f", "g"]]))
        assert report.results[0].outcome == "created"
        assert stage["ada@north.edu"]["gender"] == "g"

    def test_a_long_header_stays_bytes(self) -> None:
        """A header longer than a block is not made a list of cells, and not remembered."""
        (record,) = records((",".join(HEADER) + "," * 200_000).encode(), STANDARD)
        header = read_header(record, STANDARD)
        assert header.cells is record
        assert len(header.columns) == 200_006

    def test_campus_needs_campuses(self) -> None:
        """Where there are no campuses `campus_name` is as good as absent, whatever it says; the sender is told."""
        stage = Stage()
        south = {"email_address": "a@south.edu", "username": "1", "first_name": "A", "last_name": "B"}
        report = stage.send(file_of({**south, "campus_name": "Nowhere"}), SOUTHERN)
        assert [result.outcome for result in report.results] == ["created"]
        assert len(report.warnings) == 1
        assert "campus_name" in report.warnings[0]
        assert stage["a@south.edu"]["campus_name"] is None
        assert Stage(ruleset=without("campus_needs_campuses")).rows(
            {**south, "campus_name": "Nowhere"}, job=SOUTHERN
        ) == ["campus_is_known"]


class TestRaggedRows:
    """A row with fewer or more cells than the header fails, alone."""

    def test_they_fail_alone(self) -> None:
        """The rows around them are taken; the errors are a string."""
        stage = Stage()
        report = stage.send(f"{TOP}ada@north.edu,1,Ada,L,\n{ADA}bo@north.edu,2,Bo,P,,,\n".encode())
        assert [result.outcome for result in report.results] == ["failed", "created", "failed"]
        assert isinstance(report.results[0].response["errors"], str)

    def test_also_where_only_blanks_are_missing_or_too_many(self) -> None:
        """A short row is not filled up, a long one not cut, even if nothing is in the difference."""
        assert [r.outcome for r in Stage().send(f"{TOP}{ADA[:-2]}\n{ADA[:-1]},\n".encode()).results] == ["failed"] * 2

    def test_left_out_they_are_filled_up_or_cut(self) -> None:
        """Without the rule a short row is filled with blanks, and a long one cut."""
        stage = Stage(ruleset=without("ragged_rows_fail"))
        report = stage.send(f"{TOP}ada@north.edu,1,Ada,L\nbo@north.edu,2,Bo,P,,,more\n".encode())
        assert [result.outcome for result in report.results] == ["created", "created"]


def returned(data: bytes, stage: Stage | None = None) -> bytes:
    """The failed rows of a file."""
    return (stage or Stage()).send(data).failed_rows(data)


def read(data: bytes) -> list[list[str]]:
    """The rows of a file, by the standard reader."""
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


def test_campuses_are_there_in_the_example() -> None:
    """The northern institution of these examples has campuses, or some of them would show nothing."""
    assert NORTH.campuses
