"""From choices to a case: one row of a file about one student, and what it shows."""

from collections.abc import Iterator, Mapping
from functools import cache

from attrs import frozen

from conformance.cases.corpus.blocks import DATES, INSTITUTION, JOBS, SETTING, STUDENT
from conformance.cases.corpus.cases import Choices, CorpusCase, Part, Polarity
from conformance.cases.corpus.classes import CLASSES, Setting
from conformance.cases.corpus.students import (
    EMAIL,
    INSTITUTIONS,
    OTHER,
    STUDENT_STATES,
    WORLD,
    Cells,
    beginning,
    full,
    table,
)
from conformance.cases.edge_cases.building import EdgeCase
from conformance.generation.rows import HEADERS, account_texts
from conformance.oracle.answers import NOWHERE, answer
from conformance.protocol import requests
from conformance.protocol.requests import OBSERVE, Request
from refmodel.catalogue import CATALOGUE
from refmodel.columns import BY_HEADER, Kind
from refmodel.engine import import_file
from refmodel.job import Job
from refmodel.report import Failed, Result
from refmodel.ruleset import STANDARD, Ruleset
from refmodel.world import World


@frozen
class Begun:
    """What happens before the row: the requests, the world that comes of them, and what is stored of the student."""

    requests: tuple[Request, ...]
    world: World
    stored: Cells


@cache
def begun(student: str, institution: str) -> Begun:
    """The beginning of every case about a student at an institution."""
    requests: tuple[Request, ...] = (
        {"op": "reset", "world": WORLD},
        *beginning(STUDENT_STATES[student], institution),
    )
    world = NOWHERE
    for request in requests:
        _, world = answer(world, request)
    account = world.student(EMAIL)
    return Begun(requests, world, dict(account_texts(account)) if account else full(institution))


def setting_of(choices: Choices) -> Setting:
    """The setting on which the texts of a row depend."""
    here = choices[INSTITUTION]
    stored = begun(choices[STUDENT], here).stored
    return Setting(here, OTHER[here], INSTITUTIONS[here].vocabulary, choices[DATES], stored)


def texts_of(choices: Choices) -> Cells:
    """The cells of the row; an absent column is not among them."""
    setting = setting_of(choices)
    chosen = {header: CLASSES[header][choices[header]].text for header in HEADERS if header in choices}
    return {header: text(setting) for header, text in chosen.items() if text is not None}


def request_of(choices: Choices) -> Request:
    """The import of the row."""
    texts = texts_of(choices)
    mode, sensitive = JOBS[choices[SETTING]]
    return requests.import_(choices[INSTITUTION], table([texts], texts), mode, sensitive, choices[DATES])


def result_of(choices: Choices, ruleset: Ruleset = STANDARD) -> Result:
    """What becomes of the row under some rules."""
    texts = texts_of(choices)
    mode, sensitive = JOBS[choices[SETTING]]
    job = Job(choices[INSTITUTION], mode, sensitive, choices[DATES])  # type: ignore[arg-type]
    world = begun(choices[STUDENT], choices[INSTITUTION]).world
    _, report = import_file(world, job, table([texts], texts), ruleset)
    return report.results[0]


def case_of(name: str, part: Part, choices: Choices, about: str = "") -> CorpusCase:
    """The case of some choices; `about` is the rule that its row is there for, if it holds all."""
    result = result_of(choices)
    rules = rules_shown(result, about)
    requests = (*begun(choices[STUDENT], choices[INSTITUTION]).requests, request_of(choices), OBSERVE)
    case = EdgeCase(name, rules, title_of(choices, result), CATALOGUE[rules[0]].consequence, WORLD, requests)
    return CorpusCase(case, part, polarity_of(part, choices, result), choices, len(requests) - 2)


def rules_shown(result: Result, about: str) -> tuple[str, ...]:
    """The rules that a row is about: those that fail it, or the one that it is there for."""
    if isinstance(result, Failed):
        return tuple(dict.fromkeys(result.rules))
    applied = {"created": "a_created_student_is_connected", "unchanged": "unchanged_rows_are_skipped"}
    return tuple(dict.fromkeys(filter(None, (about, applied.get(result.outcome, "values_replace")))))


def polarity_of(part: Part, choices: Choices, result: Result) -> Polarity:
    """Whether a row breaks no rule, one alone, or several; rows with many unusual cells count as several."""
    if not isinstance(result, Failed):
        return "positive"
    is_alone = part != "pairs" and len(result.rules) == 1 and not _fails_without(result.rules[0], choices)
    return "negative" if is_alone else "several"


def _fails_without(name: str, choices: Choices) -> bool:
    return isinstance(result_of(choices, STANDARD.without(CATALOGUE[name].rule)), Failed)


def title_of(choices: Choices, result: Result) -> str:
    """What must be true of the row, in a sentence."""
    cells = [
        f"{header} ({name.replace('_', ' ')})" for header, name in choices.items() if header in CLASSES and _says(name)
    ]
    said = ", ".join(cells[:3]) + (f" and {len(cells) - 3} cells more" if len(cells) > 3 else "") or "nothing new"
    who = choices[STUDENT].replace("_", " ")
    return (
        f"A row about a student ({who}), job {choices[SETTING].replace('_', ' ')}, that says {said}: {result.outcome}."
    )


def _says(name: str) -> bool:
    return name not in ("as_stored", "absent")


# Rows in which one cell is special, and nothing else.

PLAIN: Choices = {STUDENT: "connected", SETTING: "automatic", INSTITUTION: "north", DATES: "yyyy-mm-dd"}
AS_STORED: Choices = dict.fromkeys(HEADERS, "as_stored")
LIST_RULES = {"empty_items", "spaced", "separators_only", "repeats", "capitals"}
BY_CLASS: Mapping[str, str] = {
    "absent": "absent_column_keeps",
    "blank": "blank_keeps",
    "white_space": "blank_keeps",
    "token": "clear_token_clears",
    "nearly_the_token": "clear_token_clears",
    "near_the_token": "clear_token_clears",
    "spaced_capitals": "emails_ignore_case",
    "day_of_the_end": "end_date_is_not_before_start_date",
    "255_characters": "course_names_have_255_characters_at_most",
    "255_and_spaces": "course_names_have_255_characters_at_most",
    "255_wide": "course_names_have_255_characters_at_most",
}
BY_COLUMN: Mapping[str, str] = {
    "email_address": "email_is_unique_everywhere",
    "auth_identifier": "auth_identifier_is_unique_in_the_institution",
    "card_id": "card_id_is_unique_in_the_institution",
    "disabled": "disabled_only_by_word",
    "assigned_to_email_address": "assignee_is_own_staff",
    "campus_name": "campus_is_known",
}
BY_KIND: Mapping[Kind, str] = {
    Kind.TEXT: "values_are_verbatim",
    Kind.LEVEL: "enumerations_match_exactly",
    Kind.YEAR: "enumerations_match_exactly",
    Kind.DATE: "dates_are_real",
    Kind.LIST: "lists_split_on_semicolon",
    Kind.BOOLEAN: "booleans_are_upper_case",
    Kind.MOBILE: "mobile_is_digits",
}


def rule_about(header: str, name: str) -> str:
    """The rule that a class of cells is there for, where the row holds it."""
    kind = BY_HEADER[header].kind
    if kind is Kind.LABELS and name in ("blank", "white_space"):
        return "blank_labels_clear"
    if name in BY_CLASS:
        return BY_CLASS[name]
    if kind in (Kind.LIST, Kind.LABELS) and name in LIST_RULES:
        return "list_items_are_trimmed"
    return BY_COLUMN.get(header) or BY_KIND.get(kind, "labels_are_exactly_the_cell")


@cache
def cell_cases() -> tuple[CorpusCase, ...]:
    """A case for each class of cells: of a student who is new, and of one who is there."""
    return tuple(_distinct(_cell_cases()))


def _cell_cases() -> Iterator[CorpusCase]:
    for header in HEADERS:
        for name in CLASSES[header]:
            for more, setting in SETTINGS.items():
                if is_worth_it(header, more):
                    choices = {**PLAIN, **AS_STORED, **setting, header: name}
                    yield case_of(named(header, name, more), "cells", choices, rule_about(header, name))
    for name in CLASSES["campus_name"]:
        choices = {**PLAIN, **AS_STORED, INSTITUTION: "south", "campus_name": name}
        yield case_of(named("campus_name", name, "no_campuses"), "cells", choices, "campus_needs_campuses")


SETTINGS: Mapping[str, Choices] = {
    "created": {STUDENT: "nobody"},
    "updated": {},
    "with_the_setting": {SETTING: "with_the_setting"},
    "mm_dd_yyyy": {DATES: "mm/dd/yyyy"},
}


def is_worth_it(header: str, more: str) -> bool:
    """Whether a class of cells of a column makes a difference in a setting."""
    if more == "with_the_setting":
        return BY_HEADER[header].sensitive
    return more != "mm_dd_yyyy" or BY_HEADER[header].kind is Kind.DATE


def named(header: str, name: str, more: str) -> str:
    """The name of a case about one cell."""
    return f"{header.replace(':', '_')}_{name}_{more}"


SAYING: Mapping[str, Choices] = {
    "nothing_new": {},
    "another_gender": {"gender": "other"},
    "another_address": {"email_address": "other"},
    "another_username": {"username": "other"},
    "another_auth_identifier": {"auth_identifier": "other"},
    "another_card": {"card_id": "other"},
    "no_card": {"card_id": "token"},
    "other_labels": {"system_label_names": "other"},
    "false": {"disabled": "false"},
    "true": {"disabled": "true"},
}


@cache
def student_cases() -> tuple[CorpusCase, ...]:
    """A case for each student and job: a row that says nothing new of them, and one that changes a thing."""
    return tuple(_distinct(_student_cases()))


def _student_cases() -> Iterator[CorpusCase]:
    for more, said in SAYING.items():
        for student in STUDENT_STATES:
            for job in JOBS:
                choices = {**PLAIN, **AS_STORED, STUDENT: student, SETTING: job, **said}
                yield case_of(f"{student}_{more}_{job}", "students", choices)


def _distinct(cases: Iterator[CorpusCase]) -> Iterator[CorpusCase]:
    seen = set()
    for case in cases:
        said = (id(case.case.requests[-3]), *case.case.requests[-2].values())
        if said not in seen:
            seen.add(said)
            yield case
