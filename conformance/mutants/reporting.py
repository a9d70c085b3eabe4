"""Mutants of reporting: responses, previews, failed rows, observations."""

import base64
import csv
import io
from collections.abc import Callable, Mapping

from attrs import evolve

from conformance.mutants.combination import put_upon
from conformance.mutants.operators import Mutant, drop_rule, in_place, kind_of
from conformance.mutants.validations import cards_are_compared_before_the_file
from conformance.oracle.answers import answer, imported
from conformance.oracle.reference import ReferenceImporter
from conformance.protocol.requests import Received, Request
from conformance.protocol.responses import Response
from refmodel.columns import SCHOOL_YEAR_NAME, YEAR_ALIAS
from refmodel.csv_reader import no_limit_on_cells
from refmodel.engine import preview
from refmodel.rules.cell import blank_keeps
from refmodel.rules.effect import disabled_only_by_word, values_replace
from refmodel.rules.file import institution_year_name_is_an_alias, read_header, records
from refmodel.rules.identity import rows_that_share_an_identifier_fail
from refmodel.rules.lookup import unchanged_rows_are_skipped
from refmodel.rules.report import failed_rows_file
from refmodel.rules.validation import cells_are_well_formed
from refmodel.ruleset import STANDARD, Rule, Ruleset
from refmodel.world import Account, Draft, World

# The failed rows as a file.


Record = list[str]


def text_of(rows: list[Record]) -> bytes:
    """Records as the text of a file, which is quoted where it would begin with a byte order mark."""
    output = io.StringIO(newline="")
    is_marked = bool(rows and rows[0]) and rows[0][0].startswith("\ufeff")
    csv.writer(output, quoting=csv.QUOTE_ALL if is_marked else csv.QUOTE_MINIMAL).writerows(rows)
    return output.getvalue().encode()


FileChange = Callable[[list[Record], list[Record], Mapping[int, str]], list[Record]]


def failed_rows_as(name: str, statement: str, change: FileChange) -> Mutant:
    """A file made from the right one's records, those of the sent file, and the responses."""

    def write(data: bytes, responses: Mapping[int, str], ruleset: Ruleset = STANDARD) -> bytes:
        right = failed_rows_file(data, responses, ruleset)
        with no_limit_on_cells(data):
            written = list(csv.reader(io.StringIO(right.decode(), newline="")))
            return text_of(change(written, [[*row] for row in records(data, ruleset)], responses))

    return in_place(failed_rows_file, name, statement, write)


def padded(rows: list[Record], sent: list[Record], responses: Mapping[int, str]) -> list[Record]:
    """Rows with the two columns under their headers."""
    width = len(rows[0]) - 2
    return [rows[0], *([*row[:-2], *[""] * (width - len(row) + 2), *row[-2:]] for row in rows[1:])]


def doubled(rows: list[Record], sent: list[Record], responses: Mapping[int, str]) -> list[Record]:
    """Rows with the two columns added, even if they have them already."""
    failed = [[*row, "failed", responses[n]] for n, row in enumerate(sent) if n in responses]
    return [[*sent[0], "status", "response"], *failed]


def shortened(rows: list[Record], sent: list[Record], responses: Mapping[int, str]) -> list[Record]:
    """Rows of a resubmission, each without its last two cells."""
    if sent[0][-2:] != ["status", "response"]:
        return rows
    return [rows[0], *([*row[:-2], "failed", responses[n]] for n, row in enumerate(sent) if n in responses)]


def replaced_in_grown(rows: list[Record], sent: list[Record], responses: Mapping[int, str]) -> list[Record]:
    """Rows that have the header's width, each without its last two cells."""
    if sent[0][-2:] != ["status", "response"]:
        return rows
    width = len(sent[0])
    return [rows[0], *([*row[:-4], *row[-2:]] if len(row) == width + 2 else row for row in rows[1:])]


def without_some(unwanted: Callable[[str], bool]) -> FileChange:
    """Rows without those with some responses."""
    return lambda rows, sent, responses: [rows[0], *(row for row in rows[1:] if not unwanted(row[-1]))]


def with_cells(change: Callable[[str], str]) -> FileChange:
    """Rows with the sender's cells changed."""
    return lambda rows, sent, responses: [rows[0], *([*map(change, row[:-2]), *row[-2:]] for row in rows[1:])]


def with_responses(change: Callable[[str], str]) -> FileChange:
    """Rows with their responses changed."""
    return lambda rows, sent, responses: [rows[0], *([*row[:-1], change(row[-1])] for row in rows[1:])]


def known_columns_only(rows: list[Record], sent: list[Record], responses: Mapping[int, str]) -> list[Record]:
    """Rows without unknown columns."""
    columns = read_header(rows[0][:-2], STANDARD).columns
    return [[*(c for c, column in zip(row, columns) if column), *row[-2:]] for row in rows]


failed_rows_written_otherwise = (
    drop_rule(
        failed_rows_file,
        "the_file_comes_back_whole",
        "The whole file comes back instead of its failed rows.",
    ),
    failed_rows_as("short_rows_are_padded", "Short rows come back with blanks at their end.", padded),
    failed_rows_as("status_columns_are_doubled", "The two columns are added to those that are there.", doubled),
    failed_rows_as("ragged_rows_lose_two_cells", "The last cells of a ragged row are taken for a status.", shortened),
    failed_rows_as(
        "rows_that_have_grown_whole_lose_two_cells",
        "The last two cells of every row of the header's width are taken for a status and a response.",
        replaced_in_grown,
    ),
    failed_rows_as(
        "repeats_do_not_come_back",
        "Rows that share an identifier do not come back.",
        without_some(lambda response: "has the same" in response),
    ),
    failed_rows_as(
        "ragged_rows_do_not_come_back",
        "Ragged rows do not come back.",
        without_some(lambda response: "cells and the header" in response),
    ),
    failed_rows_as("cells_come_back_trimmed", "Cells come back trimmed.", with_cells(str.strip)),
    failed_rows_as(
        "cells_come_back_neutralised",
        "Cells like =1+1 come back with an apostrophe in front.",
        with_cells(lambda cell: f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell),
    ),
    failed_rows_as(
        "cells_come_back_in_ascii",
        "Cells come back with question marks for what is not ASCII.",
        with_cells(lambda cell: cell.encode("ascii", "replace").decode()),
    ),
    failed_rows_as(
        "responses_lack_a_brace", "A response lacks its last brace.", with_responses(lambda text: text[:-1])
    ),
    failed_rows_as("unknown_columns_do_not_come_back", "Unknown columns do not come back.", known_columns_only),
    failed_rows_as(
        "all_rows_come_back",
        "Rows that did not fail come back too.",
        lambda rows, sent, responses: [
            rows[0],
            *(
                [*row, "", ""] if n not in responses else [*row, "failed", responses[n]]
                for n, row in enumerate(sent[1:], 1)
            ),
        ],
    ),
    failed_rows_as("failed_rows_lack_the_header", "The file has no header.", lambda rows, sent, responses: rows[1:]),
    failed_rows_as(
        "no_failed_row_is_no_file",
        "Where no row failed the file is empty.",
        lambda rows, sent, responses: rows if responses else [],
    ),
    failed_rows_as(
        "failed_rows_are_sorted",
        "The failed rows come back in the order of their cells.",
        lambda rows, sent, responses: [rows[0], *sorted(rows[1:])],
    ),
    failed_rows_as(
        "failed_rows_come_back_once",
        "Failed rows that are alike come back once.",
        lambda rows, sent, responses: [rows[0], *{tuple(row[:-1]): row for row in rows[1:]}.values()],
    ),
    failed_rows_as(
        "the_status_stands_in_front",
        "The two columns are on the left.",
        lambda rows, sent, responses: [[*row[-2:], *row[:-2]] for row in rows],
    ),
    in_place(
        failed_rows_file,
        "failed_rows_begin_with_a_mark",
        "The file begins with a byte order mark.",
        lambda data, responses, ruleset: b"\xef\xbb\xbf" + failed_rows_file(data, responses, ruleset),
    ),
)

# Responses and outcomes.


class ChangedResults(ReferenceImporter):
    """An importer that changes the results of rows: `change` takes a result and the file's header."""

    part = "the results of rows"
    change: Callable[[Response, list[str]], Response]

    def handle(self, request: Received) -> Response:
        """A response, with changed results."""
        response = super().handle(request)
        if "csv" in request and response["report"]["refused"] is None:
            header = [*next(records(base64.b64decode(request["csv"]), self.ruleset), [])]
            report = response["report"]
            return {"report": report | {"rows": [self.change(row, header) for row in report["rows"]]}}
        return response


def _result(rule: Rule, name: str, statement: str, change: Callable[[Response, list[str]], Response]) -> Mutant:
    return Mutant(name, rule.__name__, statement, custom_importer=kind_of(ChangedResults, change=change))


def _errors(change: Callable[[Mapping[str, list[str]]], object]) -> Callable[[Response, list[str]], Response]:
    """Results with changed errors by field."""

    def changed(row: Response, header: list[str]) -> Response:
        errors = row["response"].get("errors")
        if not isinstance(errors, dict):
            return row
        return row | {"response": {"success": False, "errors": change(errors)}}

    return changed


def keyed_by_alias(row: Response, header: list[str]) -> Response:
    """Results with the alias as key."""
    key = YEAR_ALIAS if YEAR_ALIAS in header else SCHOOL_YEAR_NAME.key
    return _errors(lambda errors: {key if k == SCHOOL_YEAR_NAME.key else k: v for k, v in errors.items()})(row, header)


def reported_as_taken(row: Response, header: list[str]) -> Response:
    """Results with a repeat as an error of a field."""
    errors = row["response"].get("errors")
    if not (isinstance(errors, str) and "has the same" in errors):
        return row
    return row | {"response": {"success": False, "errors": {errors.rpartition(" ")[2]: ["has already been taken"]}}}


def _outcome(one: str, other: str) -> Callable[[Response, list[str]], Response]:
    return lambda row, header: row | {"outcome": other} if row["outcome"] == one else row


results_reported_otherwise = (
    _result(
        cells_are_well_formed,
        "keys_have_a_colon",
        "The key of a nested column has a colon.",
        _errors(lambda errors: {key.replace(".", ":"): value for key, value in errors.items()}),
    ),
    _result(
        cells_are_well_formed,
        "keys_are_not_nested",
        "The key of a nested column is its last part.",
        _errors(lambda errors: {key.rpartition(".")[2]: value for key, value in errors.items()}),
    ),
    _result(
        cells_are_well_formed,
        "only_the_first_field_is_told",
        "Only the first field with an error is reported.",
        _errors(lambda errors: dict(list(errors.items())[:1])),
    ),
    _result(
        cells_are_well_formed,
        "errors_by_field_are_one_text",
        "Errors of fields are reported as one text.",
        _errors(lambda errors: "; ".join(f"{key} {value[0]}" for key, value in errors.items())),
    ),
    _result(
        institution_year_name_is_an_alias,
        "the_alias_is_a_key",
        "Where the alias was used it is the key.",
        keyed_by_alias,
    ),
    _result(
        rows_that_share_an_identifier_fail,
        "repeats_are_errors_of_a_field",
        "Rows that share an identifier fail with an error of that field.",
        reported_as_taken,
    ),
    _result(
        unchanged_rows_are_skipped,
        "unchanged_is_told_as_updated",
        "A row that changes nothing is reported as updated.",
        _outcome("unchanged", "updated"),
    ),
)

# Previews.


Show = Callable[[World, Request, Ruleset], tuple[Response, World]]


class Previewing(ReferenceImporter):
    """An importer with wrong previews: `show` takes the world, the request, and the rules."""

    part = "previews"
    show: Show

    def handle(self, request: Received) -> Response:
        """A response; that of a preview by `show`."""
        if request["op"] != "preview":
            return super().handle(request)
        response, self.world = self.show(self.world, request, self.ruleset)
        return response


def previewed(name: str, statement: str, show: Show) -> Mutant:
    return Mutant(name, preview.__name__, statement, custom_importer=kind_of(Previewing, show=show))


def _kept(name: str, statement: str, keep: Callable[[Account | None, Account], Account | None]) -> Mutant:
    """A preview that changes accounts: `keep` takes an account before and after."""

    def show(world: World, request: Request, ruleset: Ruleset) -> tuple[Response, World]:
        response, after = imported(world, request, ruleset, keep=True)
        draft = Draft.of(world)
        for key, account in after.accounts.items():
            kept = keep(world.accounts.get(key), account)
            if kept is not None and kept is not world.accounts.get(key):
                draft.put(kept if kept.key in world.accounts else evolve(kept, key=0))
        return response, draft.finish()

    return previewed(name, statement, show)


def shown_of(name: str, statement: str, other: Callable[[World], World], changed: Ruleset = STANDARD) -> Mutant:
    """A preview of another world, or under other rules."""

    def show(world: World, request: Request, ruleset: Ruleset) -> tuple[Response, World]:
        return imported(other(world), request, put_upon(ruleset, changed.deviations), keep=False)[0], world

    return previewed(name, statement, show)


def without_memory(world: World) -> World:
    """A world without the memory of applied rows."""
    return evolve(world, accounts={key: evolve(a, last_applied=None) for key, a in world.accounts.items()})


def without_students(world: World) -> World:
    """A world without students."""
    return World.of(*world.directory.institutions.values(), employers=world.directory.employers)


def without_setting(world: World, request: Request, ruleset: Ruleset) -> tuple[Response, World]:
    """A preview of a job without the setting."""
    return answer(world, {**request, "change_sensitive_fields": False}, ruleset)


previews = (
    drop_rule(preview, "previews_are_saved", "A preview changes all that an import would."),
    _kept(
        "previews_are_remembered",
        "A preview changes nothing, but its rows count as applied.",
        lambda before, after: evolve(before, last_applied=after.last_applied) if before else None,
    ),
    _kept(
        "labels_of_previews_stay",
        "A preview changes labels.",
        lambda before, after: evolve(before, system_label_names=after.system_label_names) if before else None,
    ),
    _kept(
        "students_of_previews_stay",
        "A preview creates students.",
        lambda before, after: None if before else after,
    ),
    _kept(
        "previews_archive",
        "A preview archives and brings back.",
        lambda before, after: evolve(before, disabled=after.disabled) if before else None,
    ),
    _kept(
        "previews_approve",
        "A preview connects students.",
        lambda before, after: (
            evolve(before, institution=after.institution, pending_at=after.pending_at) if before else None
        ),
    ),
    previewed("previews_ignore_the_setting", "A preview is of a job without the setting.", without_setting),
    shown_of("previews_know_nobody", "A preview is of an institution without students.", without_students),
    shown_of("previews_remember_nothing", "A preview does not know which rows were applied.", without_memory),
    shown_of(
        "previews_compare_no_rows",
        "A preview does not look for rows that share an identifier.",
        lambda world: world,
        STANDARD.without(rows_that_share_an_identifier_fail),
    ),
    shown_of(
        "previews_take_each_row_alone",
        "A preview compares card numbers with those before the file.",
        lambda world: world,
        cards_are_compared_before_the_file.ruleset,
    ),
)

# What is observed.


class Observing(ReferenceImporter):
    """An importer with wrong observations."""

    part = "observations"
    show_all: Callable[[list[Response]], list[Response]]

    def handle(self, request: Received) -> Response:
        """A response, with its accounts changed."""
        response = super().handle(request)
        return {"accounts": self.show_all(response["accounts"])} if request["op"] == "observe" else response


def _observed(rule: Rule, name: str, statement: str, show: Callable[[Response], Response | None]) -> Mutant:
    def shown(accounts: list[Response]) -> list[Response]:
        return [after for account in accounts if (after := show(account)) is not None]

    return Mutant(name, rule.__name__, statement, custom_importer=kind_of(Observing, show_all=shown))


def with_empty_texts(account: Response) -> Response:
    """An account with empty texts in empty fields."""
    texts = ("middle_name", "preferred_name", "gender", "mobile_number", "card_id")
    return account | {name: account[name] or "" for name in texts}


ATTENDING = "primary_education:currently_attending"
observed_otherwise = (
    _observed(
        blank_keeps,
        "nothing_is_an_empty_text",
        "A field that is empty is a text without characters.",
        with_empty_texts,
    ),
    _observed(
        blank_keeps,
        "unknown_is_false",
        "A currently_attending that was never set is FALSE.",
        lambda account: account | {ATTENDING: bool(account[ATTENDING])},
    ),
    _observed(
        disabled_only_by_word,
        "archived_students_are_gone",
        "An archived student is no longer there.",
        lambda account: None if account["disabled"] else account,
    ),
    _observed(
        values_replace,
        "lists_come_back_in_another_order",
        "The items of a list are stored without their order.",
        lambda account: account | {n: sorted(v) for n, v in account.items() if isinstance(v, list)},
    ),
)
