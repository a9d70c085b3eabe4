"""Previews: of each rule, a file that it refuses or a row that it fails, which is imported and then previewed.

The import comes first, and changes nothing about what fails. Where it is right and the preview is wrong, no rule but
`preview` is broken; a conversation that ended with a wrong preview could not tell that.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from conformance.cases.edge_cases.building import (
    ADA,
    BEN,
    CLEO,
    EMAIL,
    END_DATE,
    FIRST_NAME,
    HEADER,
    NORTH,
    USERNAME,
    YEAR,
    EdgeCase,
    but,
    edge_case,
    importing,
    lines,
    with_column,
)
from conformance.protocol import requests
from conformance.protocol.requests import Request

RULE = "preview"
SOUTH: Mapping[str, Any] = requests.institution("south", ["south.edu"], staff=["dean@south.edu"])
TWO: Mapping[str, Any] = requests.world({**NORTH, "campuses": ["Main"]}, SOUTH, employers=["hr@employer.example"])
SETTING = "sensitive_fields_need_the_setting"
MANY = 1200


@frozen
class Previewed:
    """A file to be previewed: the rules that it is about, what is wrong with it in words, and what comes before it."""

    name: str
    rules: str
    words: str
    file: bytes
    before: tuple[bytes | Request, ...] = ()
    sensitive: bool = False


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    for each in (*files(), *cells(), *rows(), *refused_students()):
        yield previewed(
            f"preview_of_{each.name}",
            f"{RULE} {each.rules}",
            f"A preview reports {each.words} as the import does.",
            "The preview takes a shorter way than the import, and promises what will not happen.",
            *each.before,
            file=each.file,
            sensitive=each.sensitive,
        )
    yield from one_after_another()
    yield from long_ones()


def preview_of(file: bytes, *, sensitive: bool = False) -> Request:
    """The request that previews a file at North."""
    return {**importing(file, sensitive=sensitive), "op": "preview"}


def previewed(
    name: str,
    rules: str,
    title: str,
    wrong: str,
    *before: bytes | Request,
    file: bytes,
    sensitive: bool = False,
) -> EdgeCase:
    """A case in which a file is imported and then previewed."""
    sent = (importing(file, sensitive=sensitive), preview_of(file, sensitive=sensitive))
    return edge_case(name, rules, title, wrong, *before, *sent, world=TWO)


def files() -> Iterator[Previewed]:
    """Files that are refused, or read in a way of their own."""
    lacking = lines(*(row[:YEAR] for row in (HEADER, CLEO)))
    twice = lines((*HEADER, "first_name"), (*CLEO, "Cleo"))
    yield Previewed("open_quote", "file_is_utf8_csv", "a quote that is never closed", lines(HEADER, CLEO) + b'"')
    yield Previewed("latin_1", "file_is_utf8_csv", "a byte that is not UTF-8", lines(HEADER, CLEO) + b"\xe9")
    yield Previewed("lacking_header", "required_headers_are_present", "a header that is not there", lacking)
    yield Previewed("header_twice", "no_header_appears_twice", "a header that stands twice", twice)
    yield Previewed("blank_rows", "empty_rows_are_ignored", "empty rows", lines(HEADER, b",,,,,", CLEO, b" "))
    yield Previewed(
        "capital_header",
        "headers_match_exactly booleans_are_upper_case",
        "a header in capitals",
        lines((*HEADER, "Disabled"), (*CLEO, "maybe")),
    )
    yield Previewed("short_row", "ragged_rows_fail", "a row that is too short", lines(HEADER, CLEO, ADA[:-1]))


def cells() -> Iterator[Previewed]:
    """Rows with a cell that is malformed."""
    for name, rules, column, text in (
        ("cleared_boolean", "booleans_cannot_be_cleared", "disabled", "**CLEAR**"),
        ("level_in_small_letters", "enumerations_match_exactly", "primary_education:education_level_name", "doctorate"),
        ("boolean_in_small_letters", "booleans_are_upper_case", "disabled", "true"),
        ("impossible_date", "dates_are_real", "primary_education:start_date", "2016-02-30"),
        ("us_start_date", "start_date_follows_the_job_too", "primary_education:start_date", "06/30/2016"),
        ("mobile_with_blanks", "mobile_is_digits", "mobile_number", "44 12 34"),
        ("long_course", "course_names_have_255_characters_at_most", "primary_education:major_names", "a" * 256),
        ("clear_token_in_a_list", "clear_token_clears", "primary_education:minor_names", "Art;**CLEAR**"),
        ("unknown_campus", "campus_is_known", "campus_name", "Quay"),
        ("assignee_elsewhere", "assignee_is_own_staff", "assigned_to_email_address", "dean@south.edu"),
    ):
        words = f"a wrong {column}"
        yield Previewed(name, f"{rules} cells_are_well_formed", words, with_column(column, (CLEO, ""), (ADA, text)))
    for name, rules, place, text in (
        ("missing_username", "username_and_email_are_required", USERNAME, ""),
        ("missing_address", "username_and_email_are_required", EMAIL, " "),
        ("malformed_address", "emails_ignore_case username_and_email_are_required", EMAIL, "ada"),
        ("us_end_date", "dates_follow_the_job", END_DATE, "06/30/2016"),
        ("unknown_year", "enumerations_match_exactly", YEAR, "Alumnus"),
        ("nameless_student", "a_new_student_has_a_name", FIRST_NAME, ""),
        ("domain_elsewhere", "email_domain_is_not_anothers", EMAIL, "ada@south.edu"),
    ):
        words = f"a wrong {HEADER[place]}, {name.replace('_', ' ')},"
        yield Previewed(name, f"{rules} cells_are_well_formed", words, lines(HEADER, CLEO, but(ADA, place, text)))


def rows() -> Iterator[Previewed]:
    """Rows that have something in common with each other, or with students who are there."""
    there = (lines(HEADER, ADA),)
    yield Previewed(
        "shared_username",
        "rows_that_share_an_identifier_fail",
        "rows that share a username",
        lines(HEADER, CLEO, ADA, but(BEN, USERNAME, ADA[USERNAME])),
    )
    yield Previewed(
        "same_student",
        "rows_that_find_the_same_student_fail",
        "rows that find the same student",
        lines(HEADER, CLEO, but(ADA, EMAIL, "ada@mail.example"), but(ADA, USERNAME, "1009")),
        there,
        sensitive=True,
    )
    yield Previewed(
        "staff",
        "email_is_unique_everywhere",
        "an address of staff",
        lines(HEADER, CLEO, but(ADA, EMAIL, "advisor@north.edu")),
    )
    yield Previewed(
        "employer",
        "email_is_unique_everywhere",
        "an address of an employer",
        lines(HEADER, CLEO, but(ADA, EMAIL, "hr@employer.example")),
    )
    for column in ("card_id", "auth_identifier"):
        yield Previewed(
            f"taken_{column}",
            f"{column}_is_unique_in_the_institution",
            f"a {column} that another student has",
            with_column(column, (CLEO, ""), (ADA, "17")),
            (with_column(column, (BEN, "17")),),
        )
    yield Previewed(
        "end_before_start",
        "end_date_is_not_before_start_date",
        "an end date before the stored start date",
        lines(HEADER, CLEO, but(ADA, END_DATE, "2016-06-30")),
        (with_column("primary_education:start_date", (ADA, "2016-09-01")),),
    )
    yield Previewed(
        "cleared_name",
        "identity_cannot_be_cleared cells_are_well_formed",
        "a first name that is cleared",
        lines(HEADER, CLEO, but(ADA, FIRST_NAME, "**CLEAR**")),
        there,
    )
    applied = with_column("gender", (ADA, "f"))
    edited = requests.do("edit_profile", institution="north", email=ADA[EMAIL], changes={"gender": "x"})
    yield Previewed(
        "row_sent_again", "unchanged_rows_are_skipped", "a row that is sent again", applied, (applied, edited)
    )


def action(name: str, **more: str) -> Request:
    """The request of an action about Ada."""
    return requests.do(name, email=ADA[EMAIL], **more)


def refused_students() -> Iterator[Previewed]:
    """Rows about students who are there and may not be updated."""
    signed_up = action("sign_up", first_name="Ada", last_name="Byron")
    asked, declined = action("request_access", institution="north"), action("decline", institution="north")
    excluded = requests.do("set_excluded", email=ADA[EMAIL], institution="north", excluded=True)
    file = lines(HEADER, CLEO, but(ADA, FIRST_NAME, "Eda"))
    renamed = lines(HEADER, CLEO, but(ADA, EMAIL, "ada@mail.example"))
    yield Previewed("other_address", SETTING, "a changed address without the setting", renamed, (lines(HEADER, ADA),))
    yield Previewed(
        "excluded_student",
        "excluded_students_are_not_updated",
        "a row about an excluded student",
        file,
        (lines(HEADER, ADA), excluded),
    )
    yield Previewed(
        "unconnected_student",
        "an_unconnected_student_needs_the_setting",
        "a row about an unconnected student",
        lines(HEADER, CLEO, but(ADA, USERNAME, ADA[EMAIL])),
        (signed_up,),
    )
    yield Previewed(
        "declined_student",
        "a_declined_student_is_not_connected",
        "a row about a declined student",
        file,
        (signed_up, asked, declined),
        sensitive=True,
    )


def one_after_another() -> Iterator[EdgeCase]:
    """Several previews."""
    file, changed = lines(HEADER, ADA), lines(HEADER, but(ADA, FIRST_NAME, "Eda"))
    yield edge_case(
        "preview_behind_a_preview",
        RULE,
        "A second preview is of the world as it is, not of what the first one showed.",
        "A preview is applied to the copy that the preview before it has left.",
        preview_of(file),
        preview_of(file),
        preview_of(changed),
        importing(changed),
        preview_of(file),
        importing(file),
    )
    yield edge_case(
        "preview_of_the_same_file_later",
        f"{RULE} unchanged_rows_are_skipped",
        "The same file is previewed anew when the world has changed.",
        "The report of the first preview is kept, and shown again.",
        preview_of(file),
        importing(file),
        preview_of(file),
        importing(changed),
        preview_of(file),
    )


def long_ones() -> Iterator[EdgeCase]:
    """Previews of many rows."""
    wrong = "The preview shows the first rows only, or stops at the first failures."
    students = [(f"s{n}@north.edu", f"s{n}", "Ada", f"Byron {n}", "", "Alumni") for n in range(MANY)]
    title = f"A preview reports each of {MANY:,} rows, though each says nothing new."
    yield previewed("preview_of_many_rows", RULE, title, wrong, file=lines(HEADER, *students))
    title = f"A preview reports each of {MANY:,} rows that fail, and gives them back."
    file = lines(HEADER, *(row[:-1] for row in students), ADA)
    yield previewed("preview_of_many_failures", f"{RULE} ragged_rows_fail", title, wrong, file=file)
