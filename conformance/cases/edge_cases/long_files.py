"""Long files: every reason for which a row fails, and everything that a row changes, among many other rows."""

from collections.abc import Iterator, Mapping
from itertools import product

from conformance.cases.edge_cases.building import EdgeCase, Row, edge_case, importing, lines
from conformance.cases.edge_cases.previews import TWO
from conformance.protocol import requests
from conformance.protocol.requests import Request

HEADER = (
    *("email_address", "username", "first_name", "last_name", "primary_education:end_date", "school_year_name"),
    *("auth_identifier", "card_id", "primary_education:start_date", "primary_education:education_level_name"),
    *("primary_education:major_names", "mobile_number", "disabled", "system_label_names"),
    *("assigned_to_email_address", "campus_name"),
)
MANY = (60, 150, 300, 600, 1_200)  # rows in between: beyond some number importers read what they compare otherwise
THERE = ("ada", "ben", "cleo", "dan", "eve", "fay", "gus", "hal")
LEA = "lea@mail.example"

Values = Mapping[str, str]


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    for sensitive, many in product((False, True), MANY):
        rules = RULES + (WITH_THE_SETTING if sensitive else WITHOUT_IT)
        yield edge_case(
            f"every_reason_among_{many}_rows{'_with_the_setting' * sensitive}",
            " ".join(rules),
            f"A row among {many:,} comes to what it would alone, {'with' if sensitive else 'without'} the setting.",
            "Long files take another way than short ones, which knows fewer rules.",
            *before(),
            importing(long_file(SENSITIVE if sensitive else {}, many), sensitive=sensitive),
            world=TWO,
        )


RULES = (
    *("email_is_unique_everywhere", "email_domain_is_not_anothers", "card_id_is_unique_in_the_institution"),
    *("auth_identifier_is_unique_in_the_institution", "end_date_is_not_before_start_date", "assignee_is_own_staff"),
    *("campus_is_known", "enumerations_match_exactly", "mobile_is_digits", "booleans_are_upper_case", "dates_are_real"),
    *("course_names_have_255_characters_at_most", "a_new_student_has_a_name", "username_and_email_are_required"),
    *("rows_that_share_an_identifier_fail", "rows_that_find_the_same_student_fail", "ragged_rows_fail"),
    *("excluded_students_are_not_updated", "identity_cannot_be_cleared", "booleans_cannot_be_cleared"),
    *("emails_ignore_case", "dates_follow_the_job", "lists_split_on_semicolon", "cells_are_well_formed"),
)
WITHOUT_IT = ("sensitive_fields_need_the_setting", "an_unconnected_student_needs_the_setting")
WITH_THE_SETTING = ("a_declined_student_is_not_connected", "a_sensitive_update_connects_and_approves")


def student(name: str, **values: str) -> Row:
    """A row about somebody; the names of columns are cut at their colon."""
    usual = {"email_address": f"{name}@north.edu", "username": name, "first_name": name.title(), "last_name": "Fox"}
    given = {**usual, "school_year_name": "Alumni", **values}
    return tuple(given.get(header, given.get(header.rpartition(":")[2], "")) for header in HEADER)


def before() -> Iterator[bytes | Request]:
    """Students who are there already: connected here, excluded, connected elsewhere, unconnected, declined."""
    yield lines(HEADER, *(student(name, auth_identifier=f"sso-{name}", card_id=f"card-{name}") for name in THERE))
    elsewhere = student("ivy", email_address="ivy@mail.example", auth_identifier="sso-ivy")
    yield {**importing(lines(HEADER, elsewhere)), "institution": "south"}
    yield requests.do("set_excluded", institution="north", email="ben@north.edu", excluded=True)
    for email in (LEA, "max@mail.example", "ned@mail.example"):
        yield requests.do("sign_up", email=email, first_name="Lea", last_name="Fox")
    yield requests.do("request_access", email="max@mail.example", institution="north")
    yield requests.do("request_access", email="ned@mail.example", institution="north")
    yield requests.do("decline", institution="north", email="ned@mail.example")


FAILING: Mapping[str, Values] = {
    "staffs": {"email_address": "advisor@north.edu"},
    "employers": {"email_address": "hr@employer.example"},
    "elsewhere": {"email_address": "ivy@mail.example"},
    "domain": {"email_address": "new@south.edu"},
    "card": {"card_id": "card-ada"},
    "sso": {"auth_identifier": "sso-ada"},
    "dates": {"start_date": "2020-01-02", "end_date": "2020-01-01"},
    "assignee": {"assigned_to_email_address": "dean@south.edu"},
    "campus": {"campus_name": "Quay"},
    "level": {"education_level_name": "Bachelors"},
    "mobile": {"mobile_number": "1 2"},
    "word": {"disabled": "true"},
    "clear": {"disabled": "**CLEAR**"},
    "day": {"end_date": "2020-02-30"},
    "course": {"major_names": "x" * 256},
    "nameless": {"first_name": " "},
    "cleared": {"last_name": "**CLEAR**"},
    "unnamed": {"username": ""},
    "shapeless": {"email_address": "new@@north.edu"},
    "twin1": {"card_id": "card-twin"},
    "twin2": {"card_id": "card-twin"},
    "same1": {"email_address": "cleo@north.edu"},
    "ben": {"first_name": "Benjamin"},
}
FOUND: Mapping[str, Values] = {  # what changes somebody, or does not
    "cleo": {"email_address": "cleo2@north.edu"},  # found by another row too
    "dan": {"card_id": "card-dan", "auth_identifier": "sso-dan", "first_name": "Daniel", "disabled": "TRUE"},
    "eve": {"auth_identifier": "sso-eve", "card_id": "card-eve"},  # says nothing new
    "fay": {"system_label_names": "b;a", "mobile_number": "+123", "assigned_to_email_address": "advisor@north.edu"},
    "gus": {"card_id": "card-new"},  # a sensitive change
    "hal": {"email_address": "hal@mail.example", "campus_name": "Main"},  # another one
    "lea": {"email_address": LEA},  # connected nowhere
    LEA[:3] + "x": {"email_address": "kit@mail.example", "username": "kit", "start_date": "2019-01-01"},  # new
    "max@mail.example": {"email_address": "max@mail.example", "gender": "x"},  # pending here
}
SENSITIVE: Mapping[str, Values] = {"ned": {"email_address": "ned@mail.example"}}


def long_file(more: Mapping[str, Values], many: int) -> bytes:
    """The rows among many others: at the beginning, in the middle, and at the end."""
    special = [student(name, **values) for name, values in {**FAILING, **FOUND, **more}.items()]
    others = [student(f"new{number}", card_id=f"new-card{number}") for number in range(many)]
    third, step = len(special) // 3, many // 3
    parts = [(special[part * third : (part + 1) * third], others[part * step : (part + 1) * step]) for part in range(3)]
    rest = special[3 * third :]
    ragged = ("new@north.edu", "ragged")
    return lines(HEADER, *(row for some, usual in parts for row in (*some, *usual)), ragged, *rest)
