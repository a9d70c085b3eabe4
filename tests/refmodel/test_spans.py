"""Rows that run over several lines: what the failed ones say, and what the sender is warned of."""

from __future__ import annotations

import pytest

from refmodel.engine import import_file, preview
from refmodel.explain.errors import explain
from refmodel.rules.file import records
from refmodel.ruleset import STANDARD
from refmodel.spans import MANY_LINES, span_of
from tests.support.world_builder import AUTOMATIC, HEADER, WORLD

TOP = ",".join(HEADER)
BO = "bo@north.edu,2,Bo,P,,\n"


def file_with(row: str, before: str = "") -> bytes:
    """A file with a row as it is written, and a sound one behind it."""
    return f"{before}{TOP}\n{row}\n{BO}".encode()


def swallowing(rows: int, end: str = '"') -> str:
    """A row with a quote that is closed only so many rows later; then come its other cells, or none."""
    return 'ada@north.edu,1,"Ada\n' + BO * rows + end


def errors(data: bytes) -> str:
    """What is wrong with the one row that failed."""
    _, report = import_file(WORLD, AUTOMATIC, data)
    (failed,) = report.failed
    assert failed.rules == ("ragged_rows_fail",)
    assert isinstance(failed.response["errors"], str)
    return failed.response["errors"]


def warnings(data: bytes) -> tuple[str, ...]:
    """The warnings of a file, which a preview gives too."""
    _, report = import_file(WORLD, AUTOMATIC, data)
    assert preview(WORLD, AUTOMATIC, data) == report
    return report.warnings


class TestRaggedRows:
    """A row that fails for its number of cells says over which lines it runs, if over several, and why."""

    def test_a_quote_closed_far_away(self) -> None:
        """The lines, and the cell with the most line breaks by its number and its header."""
        assert errors(file_with(swallowing(14_997))) == (
            "The row has 3 cells and the header 6; it runs from line 2 to line 15000: cell 3 (first_name) holds "
            "14,998 line breaks; if that is not meant, close the quote that opens the cell, or remove it"
        )

    def test_so_long_that_its_cells_stay_bytes(self) -> None:
        """A row longer than what the standard reader gets says the same."""
        assert "from line 2 to line 9004: cell 3 (first_name) holds 9,002 line breaks" in errors(
            file_with(swallowing(9_000) + '"\n"')
        )

    def test_a_few_lines(self) -> None:
        """A row of a few lines says which, but nothing of a quote; a single break is one."""
        said = errors(file_with('"a\nb","c"'))
        assert said.endswith("it runs from line 2 to line 3: cell 1 (email_address) holds 1 line break")

    def test_one_line(self) -> None:
        """A row on one line says nothing of lines."""
        assert errors(file_with("a,b")) == "The row has 2 cells and the header 6"

    @pytest.mark.parametrize("end", ["\r\n", "\r"])
    def test_lines_as_an_editor_counts_them(self, end: str) -> None:
        """CR, LF and CRLF each end a line; a mark is no line, and blank lines are."""
        before = f"\ufeff{end}{end}"
        said = errors(file_with(f'a,"b{end}{end}c\n"', before))
        assert "from line 4 to line 7: cell 2 (username) holds 3 line breaks" in said

    def test_a_cell_without_a_header(self) -> None:
        """A cell behind the last header, or below a blank one, has its number only."""
        assert "cell 7 holds 2 line breaks" in errors(file_with('a,b,c,d,e,f,"\n\n"'))
        assert "cell 8 holds 2 line breaks" in errors(file_with('a,b,c,d,e,f,g,"\n\n"'))
        data = f'{TOP},\n"",,,,,"\n"\na,1,b,c,d,,"\n",'.encode()
        assert "line 5: cell 7 holds 1 line break" in errors(data)

    def test_a_long_header_is_clipped(self) -> None:
        """A header that is quoted in a message is cut."""
        said = errors(f'{TOP},{"x" * 99}\na,"b","\n"\n,,,,,"\n"\n'.encode().replace(b'\n,,,,,"\n"', b""))
        assert "xxx" not in said
        said = errors(f'{TOP},{"x" * 99}\na,b,c,d,e,f,"\n",h\n'.encode())
        assert f"cell 7 ({'x' * 57}…)" in said


class TestWarnings:
    """Rows that run over many lines are warned of, failed or not: there a quote may have been left open."""

    def test_a_sound_row(self) -> None:
        """A row with as many cells as the header is warned of, with its lines and its cell."""
        said = warnings(file_with(swallowing(3, '",L,,')))
        assert said == (
            "Row 1 runs from line 2 to line 6: cell 3 (first_name) holds 4 line breaks; "
            "if that is not meant, close the quote that opens the cell, or remove it",
        )

    def test_a_failed_row(self) -> None:
        """So is one that failed."""
        assert warnings(file_with(swallowing(8)))[0].startswith("Row 1 runs from line 2 to line 11: cell 3")

    def test_several(self) -> None:
        """Of several it says how many, and where the first of them is."""
        rows = "\n".join(swallowing(count, '",L,,') for count in (0, 8, 9))
        many, first = warnings(file_with(rows))
        assert many == f"2 rows run over {MANY_LINES} lines or more"
        assert first.startswith("Row 2 runs from line 4 to line 13: cell 3 (first_name) holds 9 line breaks")

    @pytest.mark.parametrize(("breaks", "count"), [(3, 0), (4, 1), (5, 1)])
    def test_many_lines(self, breaks: int, count: int) -> None:
        """A note of a few lines is nothing to warn of."""
        note = "\n" * breaks
        data = f'{TOP},note\nada@north.edu,1,Ada,L,,,"{note}"\n'.encode()
        said = [text for text in warnings(data) if "runs" in text]
        assert len(said) == count

    def test_a_row_that_shares_an_identifier(self) -> None:
        """A row that fails for another row is still warned of."""
        data = file_with(swallowing(8, '",L,,') + "\nada@north.edu,1,Ada,L,,")
        _, report = import_file(WORLD, AUTOMATIC, data)
        assert [failed.row for failed in report.failed] == [1, 2]
        assert report.warnings[0].startswith("Row 1 runs from line 2 to line 11")

    def test_a_header(self) -> None:
        """A header that runs over many lines is warned of too."""
        data = f'{TOP},"note\n\n\n\n"\nada@north.edu,1,Ada,L,,,\n'.encode()
        assert warnings(data)[-1].startswith("The header runs from line 1 to line 5: cell 7 (note")

    def test_a_header_that_lacks_what_a_quote_has_taken(self) -> None:
        """Where the file is refused for its header, the reason says over which lines that runs."""
        data = f'email_address,"username,first_name\n{BO * 5}",x\n'.encode()
        refused = preview(WORLD, AUTOMATIC, data).refused
        assert refused
        assert refused.text.startswith("the header lacks username, first_name")
        assert "; the header runs from line 1 to line 7: cell 2 (username,first_name" in refused.text
        short = preview(WORLD, AUTOMATIC, b'email_address,"a\nb"').refused
        assert short
        assert "runs" not in short.text

    def test_they_can_be_explained(self) -> None:
        """Each of them is a text about which `refmodel explain` knows more."""
        rows = "\n".join(swallowing(count, '",L,,') for count in (8, 9))
        said = *warnings(file_with(rows)), *warnings(f'{TOP},"note\n\n\n\n"\n'.encode())
        assert len(said) == 4
        assert all(explain(text).rules for text in said)


def test_a_record_of_one_line_has_no_span() -> None:
    """A long record may stand on one line."""
    (record,) = records(b"x" * 200_000, STANDARD)
    assert span_of(record, record) is None
