"""Mutants of previews that take a shorter way than the import, which is right."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from conformance.mutants.operators import Mutant, custom_importer
from conformance.mutants.reporting import previewed, shown_of
from conformance.oracle.answers import imported
from conformance.oracle.reference import ReferenceImporter
from conformance.protocol.requests import Received, Request
from conformance.protocol.responses import Response
from refmodel.csv_reader import Record
from refmodel.engine import preview
from refmodel.rules.cell import (
    booleans_are_upper_case,
    booleans_cannot_be_cleared,
    clear_token_clears,
    course_names_have_255_characters_at_most,
    dates_are_real,
    dates_follow_the_job,
    emails_ignore_case,
    enumerations_match_exactly,
    identity_cannot_be_cleared,
    mobile_is_digits,
    start_date_follows_the_job_too,
)
from refmodel.rules.file import (
    empty_rows_are_ignored,
    file_is_utf8_csv,
    headers_match_exactly,
    no_header_appears_twice,
    required_headers_are_present,
)
from refmodel.rules.identity import (
    ragged_rows_fail,
    rows_that_find_the_same_student_fail,
    username_and_email_are_required,
)
from refmodel.rules.lookup import unchanged_rows_are_skipped
from refmodel.rules.refusal import (
    a_declined_student_is_not_connected,
    an_unconnected_student_needs_the_setting,
    excluded_students_are_not_updated,
    sensitive_fields_need_the_setting,
)
from refmodel.rules.report import failed_rows_file
from refmodel.rules.validation import (
    a_new_student_has_a_name,
    assignee_is_own_staff,
    auth_identifier_is_unique_in_the_institution,
    campus_is_known,
    card_id_is_unique_in_the_institution,
    cells_are_well_formed,
    email_domain_is_not_anothers,
    email_is_unique_everywhere,
    end_date_is_not_before_start_date,
)
from refmodel.ruleset import STANDARD, Rule, Ruleset
from refmodel.world import World

SKIPPED: Mapping[Rule, str] = {  # what a preview without a rule does
    file_is_utf8_csv: "reads whatever bytes come",
    required_headers_are_present: "takes a file that lacks starred headers",
    no_header_appears_twice: "takes a header that stands twice",
    headers_match_exactly: "takes headers in any capitals",
    empty_rows_are_ignored: "counts empty rows",
    ragged_rows_fail: "takes ragged rows",
    username_and_email_are_required: "takes rows without a username or an address",
    rows_that_find_the_same_student_fail: "does not notice rows that find the same student",
    unchanged_rows_are_skipped: "does not notice rows that were applied before",
    identity_cannot_be_cleared: "lets names be cleared",
    booleans_cannot_be_cleared: "lets booleans be cleared",
    clear_token_clears: "does not know the clear token",
    emails_ignore_case: "takes any text for an address",
    enumerations_match_exactly: "takes any level and any year",
    booleans_are_upper_case: "takes true and false in small letters",
    dates_are_real: "takes dates that do not exist",
    dates_follow_the_job: "takes end dates in another format",
    start_date_follows_the_job_too: "takes start dates in another format",
    mobile_is_digits: "takes any text for a mobile number",
    course_names_have_255_characters_at_most: "takes courses of any length",
    excluded_students_are_not_updated: "does not look whether a student is excluded",
    sensitive_fields_need_the_setting: "does not look whether the setting is needed",
    an_unconnected_student_needs_the_setting: "does not look whether a student is connected",
    a_declined_student_is_not_connected: "does not look whether a student was declined",
    cells_are_well_formed: "does not look at malformed cells",
    a_new_student_has_a_name: "takes new students without a name",
    email_is_unique_everywhere: "takes addresses that others have",
    email_domain_is_not_anothers: "takes addresses of other institutions",
    auth_identifier_is_unique_in_the_institution: "takes an auth_identifier that another student has",
    card_id_is_unique_in_the_institution: "takes card numbers that others have",
    end_date_is_not_before_start_date: "does not compare dates with those that are stored",
    assignee_is_own_staff: "takes any assignee",
    campus_is_known: "takes any campus",
}


def as_it_is(world: World) -> World:
    """The world that there is."""
    return world


def _skipping(rule: Rule, words: str) -> Mutant:
    statement = f"A preview {words}, which the import does not."
    return shown_of(f"previews_skip_{rule.__name__}", statement, as_it_is, STANDARD.without(rule))


def of_the_first(most: int) -> Ruleset:
    """The rules of a preview of so many rows."""

    def read(data: bytes) -> Iterator[Record]:
        return islice(file_is_utf8_csv(data), most + 1)

    return STANDARD.replacing(file_is_utf8_csv, read)


def header_alone(data: bytes, responses: Mapping[int, str], ruleset: Ruleset) -> bytes:
    """A file of failed rows without a row."""
    return failed_rows_file(data, {}, ruleset)


def whole_file(data: bytes, responses: Mapping[int, str], ruleset: Ruleset) -> bytes:
    """The file that was sent, in place of its failed rows."""
    return data


def up_to_a_failure(most: int) -> Callable[[World, Request, Ruleset], tuple[Response, World]]:
    """A preview that ends with the last failure that it counts."""

    def show(world: World, request: Request, ruleset: Ruleset) -> tuple[Response, World]:
        response = imported(world, request, ruleset, keep=False)[0]
        rows = response["report"]["rows"]
        failed = [place for place, row in enumerate(rows, start=1) if row["outcome"] == "failed"]
        shown = rows[: failed[most - 1]] if len(failed) > most else rows
        return {"report": response["report"] | {"rows": shown}}, world

    return show


previews_take_shorter_ways = (
    *(_skipping(rule, words) for rule, words in SKIPPED.items()),
    shown_of("previews_show_the_first_10_rows", "A preview shows the first ten rows.", as_it_is, of_the_first(10)),
    shown_of("previews_show_the_first_500_rows", "A preview shows the first 500 rows.", as_it_is, of_the_first(500)),
    previewed(
        "previews_stop_at_a_hundred_failures", "A preview ends with the hundredth row that fails.", up_to_a_failure(100)
    ),
    shown_of(
        "previews_give_no_failed_rows",
        "A preview gives the header alone in place of the failed rows.",
        as_it_is,
        STANDARD.replacing(failed_rows_file, header_alone),
    ),
    shown_of(
        "previews_give_the_whole_file",
        "A preview gives the file that was sent in place of its failed rows.",
        as_it_is,
        STANDARD.replacing(failed_rows_file, whole_file),
    ),
)


@custom_importer(preview, "previews_go_on_from_the_last")
class GoingOn(ReferenceImporter):
    """A preview is of the world that the preview before it has shown, until a file is imported."""

    part = "previews"

    def __init__(self) -> None:
        super().__init__()
        self.shown: World | None = None

    def handle(self, request: Received) -> Response:
        """A response; whatever may change the world drops what was shown."""
        if request["op"] != "preview":
            self.shown = self.shown if request["op"] == "observe" else None
            return super().handle(request)
        response, self.shown = imported(self.shown or self.world, request, self.ruleset, keep=True)
        return response


@custom_importer(preview, "previews_are_cached")
class Cached(ReferenceImporter):
    """A preview of a file that was previewed before is the same one again."""

    part = "previews"

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, Response] = {}

    def handle(self, request: Received) -> Response:
        """A response; a reset forgets the previews."""
        if request["op"] == "reset":
            self.known = {}
        if request["op"] != "preview":
            return super().handle(request)
        return self.known.setdefault(repr(sorted(request.items())), super().handle(request))
