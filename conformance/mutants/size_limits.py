"""Mutants of sizes: columns of a width, lists of a length, files of so many rows, and units of length."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Literal, TypeVar

from attrs import evolve

from conformance.mutants.operators import Mutant, about_a_chosen_detail, custom_importer, in_place, replace_rule
from conformance.mutants.reporting import Record as TextRecord
from conformance.mutants.reporting import failed_rows_as
from conformance.oracle.answers import answer
from conformance.oracle.reference import ReferenceImporter
from conformance.protocol.requests import Received
from conformance.protocol.responses import Response
from refmodel.cell import Cell, Cells, Malformed, Place, items_of
from refmodel.columns import ASSIGNED_TO, CAMPUS_NAME, Column, Kind
from refmodel.csv_reader import Record
from refmodel.engine import FileRow
from refmodel.failures import NOT_IN_LIST, TOO_LONG, Complaint, Refusal
from refmodel.row import Row, about
from refmodel.rules.cell import (
    course_names_have_255_characters_at_most,
    emails_ignore_case,
    lists_split_on_semicolon,
    mobile_is_digits,
    values_are_verbatim,
)
from refmodel.rules.effect import (
    a_created_student_is_connected,
    a_failed_row_changes_nothing,
    labels_are_exactly_the_cell,
)
from refmodel.rules.file import NotCsvError, file_is_utf8_csv
from refmodel.rules.identity import rows_that_find_the_same_student_fail, rows_that_share_an_identifier_fail
from refmodel.rules.validation import assignee_is_own_staff, campus_is_known
from refmodel.rules.whole_file import rows_run_in_order
from refmodel.ruleset import Rule
from refmodel.world import Account

T = TypeVar("T")
Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
CellRule = Callable[[Cell, Place], Cell]

# Columns of a width.


def _limited(
    rule: CellRule,
    name: str,
    statement: str,
    column: str,
    fits: Callable[[str], bool],
    cut: Callable[[str], str] | None,
) -> Mutant:
    """A column, or every one where none is named, whose texts are cut where they do not fit, or refused."""

    def check(cell: Cell, place: Place) -> Cell:
        text = rule(cell, place)
        if column not in ("", place.column.header) or not isinstance(text, str) or fits(text):
            return text
        return cut(text) if cut else Malformed(rule.__name__, TOO_LONG)

    return in_place(rule, name, statement, check)


def cut_at(rule: CellRule, name: str, statement: str, column: str, most: int) -> Mutant:
    """A column that keeps so many characters of a text."""
    return _limited(rule, name, statement, column, lambda text: len(text) <= most, lambda text: text[:most])


def cut_at_bytes(rule: CellRule, name: str, statement: str, column: str, most: int) -> Mutant:
    """A column that keeps so many bytes of a text, and no part of a character."""

    def fits(text: str) -> bool:
        return len(text.encode()) <= most

    return _limited(rule, name, statement, column, fits, lambda text: text.encode()[:most].decode(errors="ignore"))


def refused_at(rule: CellRule, name: str, statement: str, column: str, most: int) -> Mutant:
    """A column that refuses a text of more characters."""
    return _limited(rule, name, statement, column, lambda text: len(text) <= most, None)


columns_of_a_width = (
    cut_at(
        values_are_verbatim,
        "mysql_varchar_cuts_usernames",
        "A username is cut at 255 characters, as MySQL does outside its strict mode.",
        "username",
        255,
    ),
    cut_at(
        values_are_verbatim,
        "active_directory_cuts_usernames",
        "A username is cut at 20 characters, as account names of Active Directory are.",
        "username",
        20,
    ),
    refused_at(
        values_are_verbatim,
        "django_refuses_long_usernames",
        "A username of more than 150 characters fails.",
        "username",
        150,
    ),
    refused_at(
        values_are_verbatim,
        "old_django_refuses_long_first_names",
        "A first name of more than 30 characters fails.",
        "first_name",
        30,
    ),
    refused_at(
        values_are_verbatim,
        "rails_strings_refuse_long_last_names",
        "A last name of more than 255 characters fails.",
        "last_name",
        255,
    ),
    refused_at(
        values_are_verbatim,
        "ldap_refuses_long_middle_names",
        "A middle name of more than 64 characters fails.",
        "middle_name",
        64,
    ),
    refused_at(
        values_are_verbatim,
        "django_char_fields_refuse_long_preferred_names",
        "A preferred name of more than 100 characters fails.",
        "preferred_name",
        100,
    ),
    cut_at(
        values_are_verbatim,
        "utf8mb4_index_cuts_identifiers_of_single_sign_on",
        "An auth_identifier is cut at 191 characters, all that an old index of MySQL takes.",
        "auth_identifier",
        191,
    ),
    cut_at(
        values_are_verbatim,
        "card_printers_cut_card_numbers",
        "A card number is cut at 32 characters.",
        "card_id",
        32,
    ),
    cut_at(values_are_verbatim, "genders_are_cut", "A gender is cut at 50 characters.", "gender", 50),
    cut_at(
        values_are_verbatim,
        "varchar_cuts_hometowns",
        "A hometown is cut at 500 characters.",
        "hometown_location_attributes:name",
        500,
    ),
    cut_at_bytes(
        values_are_verbatim,
        "oracle_cuts_texts_at_4000_bytes",
        "A text is cut at 4000 bytes, the width of a VARCHAR2.",
        "",
        4000,
    ),
    cut_at(
        values_are_verbatim,
        "excel_cuts_texts_at_32767_characters",
        "A text is cut at 32767 characters, as many as a cell of a spreadsheet holds.",
        "",
        32_767,
    ),
    cut_at_bytes(
        values_are_verbatim,
        "mysql_text_cuts_texts_at_65535_bytes",
        "A text is cut at 65535 bytes, the width of a TEXT.",
        "",
        65_535,
    ),
    cut_at_bytes(
        values_are_verbatim,
        "latin_1_columns_cut_first_names_at_255_bytes",
        "A first name is cut at 255 bytes.",
        "first_name",
        255,
    ),
    cut_at(mobile_is_digits, "mobile_numbers_are_cut", "A mobile number is cut at 20 digits.", "mobile_number", 20),
    refused_at(
        emails_ignore_case,
        "rfc_5321_refuses_long_addresses",
        "An address of more than 254 characters fails.",
        "email_address",
        254,
    ),
    _limited(
        emails_ignore_case,
        "rfc_5321_refuses_long_local_parts",
        "An address with more than 64 characters in front of the @ fails.",
        "email_address",
        lambda text: len(text.partition("@")[0]) <= 64,
        None,
    ),
)


def _unlisted(column: Column, rule: Rule, name: str, statement: str, most: int) -> Mutant:
    """A value that is too long to be found in the list of an institution."""

    def check(row: Row) -> tuple[Complaint, ...]:
        value = row.cell(column)
        return about(column, rule, NOT_IN_LIST) if isinstance(value, str) and len(value) > most else rule(row)  # type: ignore[return-value]

    return in_place(rule, name, statement, check)


long_values_are_not_found = (
    _unlisted(
        CAMPUS_NAME,
        campus_is_known,
        "long_campuses_are_unknown",
        "A campus whose name is longer than 80 characters is not found.",
        80,
    ),
    _unlisted(
        ASSIGNED_TO,
        assignee_is_own_staff,
        "long_assignees_are_unknown",
        "Staff with an address longer than 128 characters is not found.",
        128,
    ),
)

# Lists.


def _listed(
    name: str, statement: str, change: Callable[[tuple[str, ...]], tuple[str, ...]], *where: Kind, breaks: Rule
) -> Mutant:
    """Lists of some kinds that are changed once they are split."""

    def split(cell: Cell, place: Place) -> Cell:
        items = items_of(lists_split_on_semicolon(cell, place))
        return change(items) if place.column.kind in where else items

    return in_place(lists_split_on_semicolon, name, statement, split, breaks=breaks)


def joined_up_to(most: int) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    """The items of a list that is stored as one text of so many characters."""
    return lambda items: tuple(";".join(items)[:most].split(";"))


LISTS = (Kind.LIST, Kind.LABELS)
lists_of_a_length = (
    _listed(
        "varchar_cuts_lists",
        "A list is stored as one text and cut at 255 characters.",
        joined_up_to(255),
        *LISTS,
        breaks=lists_split_on_semicolon,
    ),
    _listed(
        "mysql_group_concat_cuts_lists",
        "A list is read back by GROUP_CONCAT, which cuts it at 1024 characters.",
        joined_up_to(1024),
        *LISTS,
        breaks=lists_split_on_semicolon,
    ),
    _listed(
        "long_lists_are_empty",
        "A list of more than 65535 characters is stored as an empty one.",
        lambda items: items if len(";".join(items)) <= 65_535 else (),
        *LISTS,
        breaks=lists_split_on_semicolon,
    ),
    _listed(
        "lists_have_100_items",
        "Only the first hundred items of a list are stored.",
        lambda items: items[:100],
        Kind.LIST,
        breaks=lists_split_on_semicolon,
    ),
    _listed(
        "items_are_cut_at_64_characters",
        "An item of a list is cut at 64 characters.",
        lambda items: tuple(item[:64] for item in items),
        Kind.LIST,
        breaks=lists_split_on_semicolon,
    ),
    _listed(
        "labels_are_capped_at_50",
        "A student has the first fifty labels of the cell.",
        lambda items: items[:50],
        Kind.LABELS,
        breaks=labels_are_exactly_the_cell,
    ),
    _listed(
        "tags_are_cut_at_100_characters",
        "A label is cut at 100 characters, the width of a column of tags.",
        lambda items: tuple(item[:100] for item in items),
        Kind.LABELS,
        breaks=labels_are_exactly_the_cell,
    ),
)

# Files of many rows.


@replace_rule(file_is_utf8_csv)
def only_the_first_1000_rows_are_read(data: bytes) -> Iterator[Record]:
    """Rows behind the first thousand are not read."""
    return islice(file_is_utf8_csv(data), 1001)


@replace_rule(file_is_utf8_csv)
def the_last_row_of_each_batch_is_lost(data: bytes) -> Iterator[Record]:
    """Of every five hundred rows the last one is lost."""
    return (record for number, record in enumerate(file_is_utf8_csv(data)) if number == 0 or number % 500)


@replace_rule(file_is_utf8_csv)
def files_of_more_than_5000_rows_are_refused(data: bytes) -> Iterator[Record]:
    """A file of more than five thousand rows is refused."""
    for number, record in enumerate(file_is_utf8_csv(data)):
        if number > 5000:
            raise NotCsvError("the file has more than 5000 rows")
        yield record


@custom_importer(a_created_student_is_connected, "rows_behind_the_first_2000_are_only_reported")
class ReportingMoreThanItDoes(ReferenceImporter):
    """Rows behind the first two thousand are reported, and not applied."""

    part = "the number of rows that are applied"

    def handle(self, request: Received) -> Response:
        """A response; of an import only the first rows are applied."""
        before = self.world
        response = super().handle(request)
        if request["op"] == "import":
            cut = self.ruleset.replacing(file_is_utf8_csv, lambda data: islice(file_is_utf8_csv(data), 2001))
            self.world = answer(before, request, cut)[1]
        return response


@replace_rule(rows_run_in_order, breaks=a_failed_row_changes_nothing)
def a_hundred_failures_stop_the_file(rows: tuple[FileRow, ...]) -> Iterator[FileRow]:
    """Behind a hundred rows that failed every row fails."""
    failed = 0
    for row in rows:
        stopped = Refusal("a_failed_row_changes_nothing", "too many rows failed") if failed >= 100 else None
        failed += row.failure is not None
        yield evolve(row, failure=row.failure or stopped)


@replace_rule(rows_run_in_order)
def workers_take_the_last_batch_first(rows: tuple[T, ...]) -> Iterator[T]:
    """A file is cut into batches of 500 rows, of which the last one is done first."""
    for start in range((len(rows) - 1) // 500 * 500, -1, -500):
        yield from rows[start : start + 500]


def _in_batches(rows: Iterable[tuple[int, T]], size: int) -> Iterator[list[tuple[int, T]]]:
    """Numbered rows, batch by batch."""
    batches: dict[int, list[tuple[int, T]]] = {}
    for number, row in rows:
        batches.setdefault((number - 1) // size, []).append((number, row))
    yield from batches.values()


@replace_rule(rows_that_share_an_identifier_fail)
def repeats_are_noticed_within_a_batch(rows: Iterable[tuple[int, Cells]]) -> Mapping[int, str]:
    """Rows that share an identifier are noticed only within the same five hundred rows."""
    found = map(rows_that_share_an_identifier_fail, _in_batches(rows, 500))
    return {number: text for failing in found for number, text in failing.items()}


@replace_rule(rows_that_find_the_same_student_fail)
def the_same_student_is_noticed_within_a_batch(rows: Iterable[tuple[int, Account]]) -> Mapping[int, str]:
    """Rows that find the same student are noticed only within the same thousand rows."""
    found = map(rows_that_find_the_same_student_fail, _in_batches(rows, 1000))
    return {number: text for failing in found for number, text in failing.items()}


def first(most: int) -> Callable[[list[TextRecord], list[TextRecord], Mapping[int, str]], list[TextRecord]]:
    """The header and so many failed rows."""
    return lambda rows, sent, responses: rows[: most + 1]


failed_rows_are_capped = (
    failed_rows_as("failed_rows_are_capped_at_100", "Only the first hundred failed rows come back.", first(100)),
    failed_rows_as("failed_rows_are_capped_at_5000", "Only the first 5000 failed rows come back.", first(5000)),
)

# Units of length.


CLUSTER = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}|(?:[\u1100-\u115f][\u1160-\u11a7]?[\u11a8-\u11ff]?|.)"
    "(?:[\u0300-\u036f\u200b\ufe0f]|\u200d.)*",
    re.DOTALL,
)


def _measured(name: str, statement: str, length: Callable[[str], int]) -> Mutant:
    """Course names whose 255 characters are counted in another way."""

    def check(cell: Cell, place: Place) -> Cell:
        wrong = any(length(item) > 255 for item in items_of(cell))
        return Malformed(course_names_have_255_characters_at_most.__name__, TOO_LONG) if wrong else cell

    return about_a_chosen_detail(in_place(course_names_have_255_characters_at_most, name, statement, check))


def normalised(form: Form) -> Callable[[str], int]:
    """The number of code points once a text is normalised."""
    return lambda text: len(unicodedata.normalize(form, text))


course_names_measured_by_stacks = (
    _measured(
        "swift_counts_grapheme_clusters",
        "255 is counted in what looks like one character, as Swift and Elixir count.",
        lambda text: len(CLUSTER.findall(text)),
    ),
    _measured(
        "lengths_are_counted_in_nfc", "255 is counted once letters and accents are put together.", normalised("NFC")
    ),
    _measured(
        "lengths_are_counted_in_nfd", "255 is counted once letters and accents are taken apart.", normalised("NFD")
    ),
    _measured(
        "lengths_are_counted_in_nfkc",
        "255 is counted once ligatures and other forms are taken apart.",
        normalised("NFKC"),
    ),
    _measured(
        "lengths_leave_out_combining_marks",
        "255 is counted without combining marks.",
        lambda text: sum(not unicodedata.combining(character) for character in text),
    ),
    _measured(
        "lengths_leave_out_what_nobody_sees",
        "255 is counted without format characters and variation selectors.",
        lambda text: sum(unicodedata.category(c) != "Cf" and c != "\ufe0f" for c in text),
    ),
)
