"""Previews, and the failed rows back to bytes."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmodel.rules.report import failed_rows_file
from tests.refmodel.rules.test_file import ADA, TOP, read, returned, rows_of
from tests.support.strategies import bounded
from tests.support.world_builder import HEADER, SETTING, Stage, ada, blocks_of, csv_of, file_of


class TestFailedRows:
    """The failed rows come back as they came, with `status` and `response` behind them."""

    def test_none(self) -> None:
        """Where no row failed the header comes alone."""
        assert read(returned(f"{TOP}{ADA}".encode())) == [[*HEADER, "status", "response"]]

    def test_as_they_came(self) -> None:
        """Every cell is the sender's own: white space, quotes, ends of lines, formulas; unknown columns stay."""
        odd = ["ada@north.edu", " ", 'A "x"', "=1+1;\r\nB", "\r", " Alumni", "\ufeffnote, with comma"]
        data = b"\xef\xbb\xbf" + csv_of([[*HEADER, "note"], odd])
        header, row = read(returned(data))
        assert header == [*HEADER, "note", "status", "response"]
        assert row == [*odd, "failed", '{"success":false,"errors":{"username":["can\'t be blank"]}}']

    def test_without_a_mark(self) -> None:
        """The file begins with its header, not with a byte order mark."""
        assert returned(b"\xef\xbb\xbf" + TOP.encode()).startswith(b"email_address")

    def test_a_header_that_looks_like_a_mark(self) -> None:
        """A first header that begins with U+FEFF is still there when the file has been sent back and forth."""
        data = ("\ufeff\ufeffemail_address," + TOP + "x,a@north.edu,,A,B,,\n").encode()
        stage = Stage()
        back = returned(data, stage)
        again = stage.send(back)
        assert again.refused is None
        assert not back.startswith(b"\xef\xbb\xbf")
        assert again.failed_rows(back) == back

    def test_rounds(self) -> None:
        """However often the failed rows come back, they grow by two columns once, ragged rows too."""
        stage = Stage()
        data = f'{TOP}ada@north.edu,,Ada,L,,\n{ADA}short,row\nlong,2,B,P,,,"{{x",failed\n'.encode()
        first = returned(data, stage)
        second = returned(first, stage)
        assert second == returned(second, stage)
        assert [row[:-2] for row in read(second)[1:]] == [
            ["ada@north.edu", "", "Ada", "L", "", ""],
            ["short", "row"],
            ["long", "2", "B", "P", "", "", "{x", "failed"],
        ]
        assert len(read(first)) == len(read(second)) == 4

    def test_a_short_row_loses_nothing(self) -> None:
        """A ragged row that was never here before keeps its last cells, though the header has the two columns."""
        header = (*HEADER, "status", "response")
        rows = [["a", "b", "c"], ["a", "failed"], ["failed", "{"], ["a", "failed", "{}"], ["x"]]
        back = read(returned(csv_of([header, *rows])))
        assert [row[:-2] for row in back[1:]] == [["a", "b", "c"], ["a", "failed"], [], ["a"], ["x"]]

    @pytest.mark.parametrize("row", [["a", "{x"], ["x", "{x"], ["{"], ["failed", "x"], list("123456789")])
    def test_two_cells_of_another_sort_are_the_senders(self, row: list[str]) -> None:
        """Of a ragged row `failed` and the response behind it are taken off, neither alone and nothing like them."""
        back = read(returned(csv_of([(*HEADER, "status", "response"), row])))
        assert back[1][:-2] == row

    def test_the_two_columns_are_replaced(self) -> None:
        """What stood in the two columns of a row of full width is replaced, unless it is a response that has moved."""
        header = (*HEADER, "status", "response")
        back = read(returned(csv_of([header, ["ada@north.edu", "", "Ada", "L", "", "", "mine", "own"]])))
        assert back[1][-2] == "failed"
        assert len(back[1]) == len(header)

    def test_a_row_that_has_grown_whole_keeps_its_cells(self) -> None:
        """A short row with its old status and response, filled up to the header's width, gets two cells more."""
        header = (*HEADER, "status", "response")
        row = ["ada@north.edu", "1", "Ada", "L", "", "failed", '{"success":false}', ""]
        back = read(returned(csv_of([header, row])))
        assert back[1][:-2] == row

    def test_the_two_columns_elsewhere_are_the_senders(self) -> None:
        """Columns of these names that are not the last two are columns like others."""
        header = ("status", "response", *HEADER)
        back = read(returned(csv_of([header, ["s", "r", "ada@north.edu", "", "Ada", "L", "", ""]])))
        assert back[0] == [*header, "status", "response"]
        assert back[1][:2] == ["s", "r"]

    def test_empty_rows_do_not_shift_them(self) -> None:
        """Rows are counted as in the report: blank lines between them change nothing."""
        assert len(read(returned(f"\n{TOP}\n{ADA}\n,,,,,\nbo@north.edu,,Bo,P,,\n\n".encode()))) == 2

    def test_sent_back_under_the_setting(self) -> None:
        """What failed for want of the setting works when it is sent back as it is, under it."""
        stage = Stage()
        stage.rows(ada())
        data = file_of(ada(username="9"))
        back = returned(data, stage)
        assert [result.outcome for result in stage.send(back, SETTING).results] == ["updated"]
        assert stage["ada@north.edu"]["username"] == "9"

    @bounded(200)
    @given(
        st.lists(st.sampled_from(["a", 'q"', "\ufeffm", "status", "", "é,"]), min_size=1, max_size=4),
        st.lists(
            st.lists(st.sampled_from(["", "x", '"', ",", "a\nb", "\r", "é" * 9]), min_size=1, max_size=4), max_size=4
        ),
        st.integers(1, 12),
        st.booleans(),
    )
    def test_long_ones(self, header: list[str], rows: list[list[str]], block: int, again: bool) -> None:
        """Byte for byte what the standard writer makes of them, with the two columns there already or not."""
        top = [*header, "status", "response"] if again else header
        output = io.StringIO(newline="")
        csv.writer(output, quoting=csv.QUOTE_ALL).writerows([top, *rows])
        data = output.getvalue().encode()
        responses = dict.fromkeys(range(1, 9), '{"errors":"x"}')
        whole = failed_rows_file(data, responses)
        with blocks_of(block):
            assert failed_rows_file(data, responses) == whole

    def test_none_of_a_refused_file(self) -> None:
        """A refused file has no failed rows: asking for them is a mistake."""
        with pytest.raises(ValueError, match="refused whole"):
            returned(b"")

    @bounded(150)
    @given(
        st.lists(st.text(alphabet="a\",;\r\n \ufeff{'", max_size=4), min_size=1, max_size=3).filter(
            lambda header: any(cell.strip() for cell in header)
        ),
        st.lists(st.lists(st.text(alphabet='a",\r\n {', max_size=4), min_size=1, max_size=4), max_size=4),
    )
    def test_any_cells_survive(self, header: list[str], rows: list[list[str]]) -> None:
        """Whatever the cells and however ragged the rows, a second round gives what the first gave."""
        kept = [row for row in rows if any(cell.strip() for cell in row)]
        responses = dict.fromkeys(range(1, len(kept) + 1), "{}")
        first = failed_rows_file(b"\xef\xbb\xbf" + csv_of([header, *rows]), responses)
        assert rows_of(first) == [[*header, "status", "response"], *([*row, "failed", "{}"] for row in kept)]
        assert failed_rows_file(first, responses) == first
