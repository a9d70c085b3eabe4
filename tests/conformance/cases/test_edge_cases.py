"""The edge cases: each is about its rules and about nothing else, and tells a right importer from a wrong one."""

import base64
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import get_args
from urllib.parse import unquote_plus

import pytest
from attrs import evolve

from conformance.cases.edge_cases import GROUPS, EdgeCase, edge_cases
from conformance.cases.scenarios.parser import examples
from conformance.mutants import MUTANTS
from conformance.oracle.answers import answer, job_of
from conformance.oracle.judge import own_answers
from conformance.oracle.reference import ReferenceImporter
from conformance.oracle.state import OracleState
from conformance.session.client import introduced
from conformance.transport.targets import connect
from conformance.verdict.case import Case
from conformance.verdict.run_case import checked_edge_case
from refmodel.catalogue import CATALOGUE
from refmodel.cell import Cell, Place
from refmodel.columns import END_DATE, Kind
from refmodel.csv_reader import Record
from refmodel.engine import import_file
from refmodel.report import Report
from refmodel.rule_text import Basis
from refmodel.rules.cell import dates_follow_the_job, values_are_verbatim
from refmodel.rules.file import file_is_utf8_csv
from refmodel.ruleset import STANDARD, Ruleset, applies_to
from refmodel.serialization import world_of
from tests.support.paths import ROOT
from tests.tools.mutation_matrix.catching import differs

BY_NAME = {case.name: case for case in edge_cases()}
FOR_TWO_REASONS = {  # refused for more than one thing: name → why it cannot be otherwise
    f"whole_file_in_{encoding}": "where the bytes mean something else, so do those of the header"
    for encoding in ("utf_16", "utf_16_le", "utf_16_be", "utf_32")
}

# Wrong importers that no rule of a file's cells is too plain for, beside those that the suite brings along.


def guessing_the_encoding(data: bytes) -> Iterator[Record]:
    """UTF-16 and UTF-32 are read too."""
    nuls = round(4 * data.count(0) / max(1, len(data)))
    wide = "utf-16-be" if data.startswith(b"\0") else "utf-16-le"
    name = ("utf-8", wide, wide, "utf-32-le")[min(nuls, 3)]
    return file_is_utf8_csv(data.decode(name, "replace").removeprefix("\ufeff").encode())


def knowing_no_quotes(data: bytes) -> Iterator[Record]:
    """Lines and commas separate wherever they stand."""
    return (line.split(",") for line in data.decode("utf-8-sig", "replace").split("\n"))


def losing_what_nothing_ends(data: bytes) -> Iterator[Record]:
    """A last row without an end is lost."""
    return file_is_utf8_csv(data[: max(data.rfind(b"\n"), data.rfind(b"\r")) + 1])


def leaving_the_cr(data: bytes) -> Iterator[Record]:
    """The CR of a CRLF is a part of the last cell."""
    return file_is_utf8_csv(data.replace(b"\r\n", b"?\n"))


def wanting_crlf(data: bytes) -> Iterator[Record]:
    """LF alone ends no row."""
    return file_is_utf8_csv(re.sub(rb"(?<!\r)\n", b" ", data))


def cutting_at(length: int) -> Callable[[bytes], Iterator[Record]]:
    """A reader whose cells have so many characters at most."""
    return lambda data: ([cell[:length] for cell in record] for record in file_is_utf8_csv(data))


def on_texts(change: Callable[[str], str]) -> Ruleset:
    """The rules of an importer that changes the texts that it stores."""

    @applies_to(Kind.TEXT)
    def changed(cell: Cell, place: Place) -> Cell:
        return change(str(cell))

    return STANDARD.replacing(values_are_verbatim, changed)


def with_us_dates(cell: Cell, place: Place) -> Cell:
    """End dates are mm/dd/yyyy, whatever the job says."""
    return dates_follow_the_job(cell, evolve(place, date_format="mm/dd/yyyy"))


def number(text: str) -> str:
    """A text that looks like a number, as one."""
    try:
        return f"{float(text.replace(',', '')):g}"
    except ValueError:
        return text


WRONG: Mapping[str, tuple[Ruleset, ...]] = {
    "file_is_utf8_csv": tuple(
        STANDARD.replacing(file_is_utf8_csv, read)
        for read in (
            *(guessing_the_encoding, knowing_no_quotes, losing_what_nothing_ends, leaving_the_cr, wanting_crlf),
            *map(cutting_at, (255, 4096, 65_535, 131_071)),
        )
    ),
    "values_are_verbatim": tuple(
        on_texts(change)
        for change in (
            lambda text: text.encode("ascii", "replace").decode(),
            lambda text: " ".join(text.split()),
            lambda text: "".join(c for c in text if unicodedata.category(c) != "Cc"),
            lambda text: text.strip("'\""),
            lambda text: text.partition(";")[0],
            lambda text: re.sub(r"\b(\d)/(\d)/(\d{4})\b", r"\3-0\1-0\2", text),
            unquote_plus,
            number,
        )
    ),
    "dates_follow_the_job": (STANDARD.replacing(dates_follow_the_job, applies_to(END_DATE)(with_us_dates)),),
}


def reports(case: EdgeCase) -> Iterator[Report]:
    """What the model itself reports of the files of a case."""
    world = world_of(case.world)
    for request in case.requests:
        if request["op"] == "import":
            world, report = import_file(world, job_of(request), base64.b64decode(request["csv"]))
            yield report
        elif request["op"] == "do":
            world = answer(world, request)[1]


def wrong_importers(case: EdgeCase) -> Iterator[ReferenceImporter]:
    """Everybody who breaks one of the rules of a case."""
    yield without(*case.rules)
    yield from (ReferenceImporter(ruleset) for rule in case.rules for ruleset in WRONG.get(rule, ()))
    yield from (mutant.importer() for mutant in MUTANTS.values() if mutant.rule in case.rules)


def without(*names: str) -> ReferenceImporter:
    """The model without some of its rules."""
    ruleset = STANDARD
    for name in names:
        ruleset = ruleset.without(CATALOGUE[name].rule)
    return ReferenceImporter(ruleset)


# What a case is.


def test_no_two_cases_have_the_same_name() -> None:
    """A name tells one case, in words of small letters and digits."""
    assert [name for name, count in Counter(case.name for case in edge_cases()).items() if count > 1] == []
    assert [case.name for case in edge_cases() if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", case.name)] == []


def test_no_two_cases_send_the_same() -> None:
    """Each case shows something of its own."""
    sent = Counter(repr(case.requests) for case in edge_cases())
    assert [case.name for case in edge_cases() if sent[repr(case.requests)] > 1] == []


def test_cases_are_the_same_each_time() -> None:
    """Nothing in a case is left to chance."""
    assert tuple(case for group in GROUPS for case in group.cases()) == edge_cases()


@pytest.mark.parametrize("part", ["title", "wrong"])
def test_both_parts_are_sentences(part: str) -> None:
    """What must be true, and what goes wrong, are each said in a sentence that fits into a line."""
    texts = {case.name: getattr(case, part) for case in edge_cases()}
    assert [name for name, text in texts.items() if not re.fullmatch(r"[^a-z].{15,130}\.", text)] == []


def test_rules_are_of_the_catalogue() -> None:
    """A case names rules that there are, each once."""
    assert [case.name for case in edge_cases() if not case.rules or len(set(case.rules)) < len(case.rules)] == []
    assert {rule for case in edge_cases() for rule in case.rules} <= set(CATALOGUE)


def test_a_basis_of_its_own_is_weaker_than_that_of_the_rule() -> None:
    """A case, on a page or not, names the basis of a detail only where that is weaker than its first rule's."""
    bases = get_args(Basis)
    about = [(case.id, case.rules[0], case.basis) for case in edge_cases()]
    about += [(example.id, example.rules[0], example.basis) for example in examples()]
    for name, rule, own in about:
        assert own is None or bases.index(own) > bases.index(CATALOGUE[rule].basis), name


def test_a_conversation_begins_with_its_world_and_ends_with_a_look() -> None:
    """A case resets once, and looks at the students after every file, preview and action."""
    for case in edge_cases():
        first, *rest = case.requests
        assert first == {"op": "reset", "world": case.world}, case.name
        assert {request["op"] for request in rest[::2]} <= {"import", "preview", "do"}, case.name
        assert [request["op"] for request in rest[1::2]] == ["observe"] * (len(rest) // 2), case.name


def cases_named_in(page: str) -> Iterator[str]:
    """The names in the last column of the tables of a page that list cases."""
    lists = False
    for line in page.splitlines():
        *_, last = line.removesuffix("|").split("|")
        lists = last.strip() == "cases" or (lists and line.startswith("|"))
        yield from re.findall(r"`([a-z0-9_]+)`", last) if lists else ()


def test_the_page_about_stacks_names_cases_that_there_are() -> None:
    """Whoever reads that their stack does something can run the case that shows it."""
    names = [*cases_named_in((ROOT / "conformance" / "docs" / "STACKS.md").read_text("utf-8"))]
    assert len(names) > 40
    assert [name for name in names if name not in BY_NAME] == []


# What a case shows.


def test_a_case_breaks_its_own_rules_only() -> None:
    """A file is refused, and a row fails, for one reason, which is a rule that the case names."""
    for case in edge_cases():
        for report in reports(case):
            assert report.refused is None or report.refused.rule in case.rules, case.name
            assert all(len(set(failed.rules)) == 1 for failed in report.failed), case.name
            assert {rule for failed in report.failed for rule in failed.rules} <= set(case.rules), case.name


def test_nothing_else_is_wrong() -> None:
    """Without the rules that a case names, what was refused is not, or what failed does not."""
    negative = [case for case in edge_cases() if any(report.refused or report.failed for report in reports(case))]
    silent = {
        case.name for case in negative if not differs(without(*case.rules), own_answers(case.requests, OracleState()))
    }
    assert len(negative) > 200
    assert silent == set(FOR_TWO_REASONS)


def test_somebody_fails_each_case() -> None:
    """Each case is failed by an importer that breaks one of its rules, and so can tell."""
    unfailed = []
    for case in edge_cases():
        own = own_answers(case.requests, OracleState())
        if not any(differs(each, own) for each in wrong_importers(case)):
            unfailed.append(case.name)
    assert unfailed == []


# How the suite plays them.


def played(name: str, target: str) -> Case:
    """What comes of a case at an importer."""
    with connect(target) as connected:
        importer = introduced(connected)
        return checked_edge_case(BY_NAME[name], importer, importer.known())


RIGHT = "python:conformance.reference:importer"


def test_a_right_importer_passes() -> None:
    """A case that is passed counts for the rules about which it can tell, and only for these."""
    negative, positive = played("latin_1_in_a_header", RIGHT), played("byte_order_mark", RIGHT)
    assert (negative.id, negative.status, negative.reached) == (
        "edge:latin_1_in_a_header",
        "passed",
        ("file_is_utf8_csv",),
    )
    assert (positive.status, positive.reached) == ("passed", ())


def test_a_wrong_importer_differs_and_is_told_why() -> None:
    """The text names the rule and the known mistake, and ends with the common mistake."""
    case = played("latin_1_in_the_last_row", "python:conformance.mutants:other_encodings_are_taken")
    assert (case.status, case.suspects[0], case.attribution.mutants) == (
        "differs",
        "file_is_utf8_csv",
        ("other_encodings_are_taken",),
    )
    assert case.text.startswith("A file with a letter in Latin-1 in the last row is refused whole.\n")
    assert case.text.endswith(BY_NAME["latin_1_in_the_last_row"].wrong)
    assert case.trace


def test_the_last_file_is_previewed_where_the_importer_can() -> None:
    """A preview that would not be refused is noticed; who does not claim to preview is not asked."""
    assert played("header_alone_in_quotes", RIGHT).status == "passed"
    assert played("lf_throughout", "python:conformance.mutants:previews_are_saved").suspects[0] == "preview"
    assert played("lf_throughout", "python:tests.support.faulty_importers:Narrow").status == "passed"


def test_a_case_of_a_preview_previews_itself() -> None:
    """A preview that is wrong where the import is right breaks `preview`; who claims none is not asked."""
    name = "preview_of_staff"
    wrong = played(name, "python:conformance.mutants:previews_skip_email_is_unique_everywhere")
    assert (wrong.status, wrong.suspects[0]) == ("differs", "preview")
    narrow = played(name, "python:tests.support.faulty_importers:Narrow")
    assert (narrow.status, narrow.details) == ("not_applicable", "the importer does not claim preview")


def test_a_case_hands_its_basis_on() -> None:
    """Whoever counts in units of UTF-16 fails a case that turns on a chosen detail."""
    name = "course_of_four_bytes_each_fits"
    wrong = played(name, "python:conformance.mutants:course_names_are_counted_in_code_units")
    assert (wrong.status, wrong.basis) == ("differs", "chosen")


def test_a_file_is_never_written_anew() -> None:
    """A file that names a column which the importer does not store is not sent without it."""
    case = played("short_row_keeps_labels", "python:tests.support.faulty_importers:Narrow")
    assert (case.status, case.text) == ("not_applicable", "the importer does not store system_label_names")


def test_long_cells_of_failed_rows_are_compared() -> None:
    """A cell that is longer than the standard reader takes comes back, and is nobody's mistake."""
    assert played("failed_row_with_long_cell_comes_back", RIGHT).status == "passed"
    wrong = played("failed_row_with_long_cell_comes_back", "python:conformance.mutants:the_status_stands_in_front")
    assert wrong.attribution.mutants == ("the_status_stands_in_front",)


def test_long_values_are_told_in_short() -> None:
    """A difference in a text of many thousand characters is told by its beginning and its length."""
    case = played("cell_of_131073_characters", "python:conformance.mutants:texts_are_cut")
    assert case.status == "differs"
    assert "(131075 characters)" in case.text
    assert max(map(len, case.text.splitlines())) < 10_000
