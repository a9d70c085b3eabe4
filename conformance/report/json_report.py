"""The contents of `report.json` and `badge.json`, and the schema of the report.

`report.schema.json` beside this module is `schema()`, written down so that other languages can check a report too.
"""

import json
import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from conformance.attribution.diagnosis import Diagnosis
from conformance.oracle.state import Strictness
from conformance.protocol.schemas import schema_of
from conformance.report.counterexample_view import CounterexampleView
from conformance.session.client import Introduction
from conformance.verdict.case import Case
from conformance.verdict.verdict import Counterexample, RuleStatus, Verdict, Word
from refmodel import __version__
from refmodel.catalogue import CATALOGUE
from refmodel.rule_text import Basis

FORMAT: Literal["refmodel-report"] = "refmodel-report"
VERSION: Literal[2] = 2
COLOURS: dict[Word, str] = {
    "conformant": "brightgreen",
    "differs": "yellow",
    "violates": "red",
    "incomplete": "lightgrey",
    "nothing_verified": "lightgrey",
    "fault": "orange",
}

Count = Annotated[int, Meta(ge=0)]
Name = Annotated[str, Meta(pattern="^[a-z_0-9]+$")]


class Suite(Struct, frozen=True, forbid_unknown_fields=True):
    """What judged."""

    name: str
    version: str


class Subject(Struct, frozen=True, forbid_unknown_fields=True):
    """The importer that was judged; what it did not say, perhaps because it never answered, is null."""

    target: str
    name: str | None
    version: str | None
    language: str | None
    columns: list[str] | None  # null: it stores them all


class Cases(Struct, frozen=True, forbid_unknown_fields=True):
    """How many cases there were, and how many of them were edge cases of the file format."""

    passed: Count
    differs: Count
    flaky: Count
    fault: Count
    not_applicable: Count
    edge_cases: Count


class Shown(Struct, frozen=True, forbid_unknown_fields=True):
    """A rule that is broken or in doubt, and what shows it; paths are relative to the report's folder."""

    rule: Name
    status: RuleStatus
    basis: Basis
    source: str
    statement: str
    phase: str
    trace: str
    page: str
    files: list[str]
    replay: str
    case: str
    cases: Count
    behaves_like: list[str]
    difference: str


class Cause(Struct, frozen=True, forbid_unknown_fields=True):
    """What some cases can be put down to: one of the rules is broken; where `mutants` is empty, nothing explains them.

    `sure` is true where the causes together answer every case of the run, failing and passing, as the importer did.
    """

    rules: list[Name]
    basis: Basis
    cases: Count
    mutants: list[Name]
    sure: bool
    counterexample: str


class Flaky(Struct, frozen=True, forbid_unknown_fields=True):
    """A case that differed, and did not so again when a fresh importer was asked the same: no rule is accused by it."""

    case: str
    difference: str


class MutantMatch(Struct, frozen=True, forbid_unknown_fields=True):
    """A known mistake that the importer seems to make: how many failing cases show it, and what would do as well."""

    name: Name
    rule: Name
    statement: str
    cases: Count
    indistinguishable: list[Name]


class Fit(Struct, frozen=True, forbid_unknown_fields=True):
    """The known mistakes that, made together, come nearest to what the importer did, the likeliest in front.

    Of `failing` cases they answer `answered` exactly as the importer does, and of `passing` ones `agreed`.
    """

    exact: bool
    failing: Count
    answered: Count
    passing: Count
    agreed: Count
    behaves_like: list[MutantMatch]


class Search(Struct, frozen=True, forbid_unknown_fields=True):
    """What was searched, and the rules that nothing could tell about."""

    histories: Count
    files: Count
    seconds: Annotated[float, Meta(ge=0)]
    cut_short: bool  # the time was up before all histories of the budget were made
    pairs_of_rules: Count
    most_rows: Count  # in one file
    longest_cell: Count  # characters
    kinds: dict[str, Count]  # what the two texts of a history were that some importers make one → histories
    never_reached: list[Name]


class Races(Struct, frozen=True, forbid_unknown_fields=True):
    """Races of several clients: how many, with how many requests, and in how many of them requests overlapped."""

    races: Count
    requests: Count
    overlapping: Count
    seconds: Annotated[float, Meta(ge=0)]


class Report(Struct, frozen=True, forbid_unknown_fields=True):
    """The verdict on an importer."""

    format: Literal["refmodel-report"]
    version: Literal[2]
    suite: Suite
    verdict: Word
    importer: Subject
    strictness: Strictness
    readings: list[str]
    rules: dict[Name, RuleStatus]
    cases: Cases
    causes: list[Cause]
    diagnosis: Fit
    counterexamples: list[Shown]
    flaky: list[Flaky]
    faults: list[str]
    searched: Search
    raced: Races | None  # null: nobody raced, perhaps because the importer does not claim it


def report(verdict: Verdict, views: Sequence[CounterexampleView]) -> Report:
    """The content of report.json."""
    return Report(
        FORMAT,
        VERSION,
        Suite("refmodel", __version__),
        verdict.word,
        subject(verdict.importer),
        verdict.strictness,
        list(verdict.readings),
        dict(verdict.rules),
        counted(verdict.cases),
        list(map(cause, verdict.counterexamples)),
        fit(verdict.diagnosis),
        [shown(view, verdict.rules[view.example.rule]) for view in views],
        [Flaky(case.id, case.text) for case in verdict.flaky],
        list(verdict.faults),
        Search(**verdict.search),
        Races(**verdict.races) if verdict.races else None,
    )


def counted(cases: Sequence[Case]) -> Cases:
    """The cases, by what became of them."""
    statuses = [case.status for case in cases]
    return Cases(
        passed=statuses.count("passed"),
        differs=statuses.count("differs"),
        flaky=statuses.count("flaky"),
        fault=statuses.count("fault"),
        not_applicable=statuses.count("not_applicable"),
        edge_cases=sum(case.is_edge_case for case in cases),
    )


def fit(diagnosis: Diagnosis) -> Fit:
    """What the importer behaves like, and how well that fits."""
    return Fit(
        diagnosis.is_exact,
        diagnosis.failing,
        len(diagnosis.accounted),
        diagnosis.passing,
        diagnosis.passing - diagnosis.contradicted,
        [
            MutantMatch(match.name, match.rule, match.statement, match.cases, list(match.indistinguishable))
            for match in diagnosis.matches
        ],
    )


def subject(importer: Introduction) -> Subject:
    """The importer, as far as it is known."""
    return Subject(
        importer.get("target", ""),
        importer.get("name"),
        importer.get("version"),
        importer.get("language"),
        importer.get("columns"),
    )


def cause(example: Counterexample) -> Cause:
    """What a counterexample is put down to."""
    found = example.cause
    rules, mutants = list(found.rules), list(found.mutants)
    return Cause(rules, example.basis, example.cases, mutants, found.is_sure, example.folder)


def shown(view: CounterexampleView, status: RuleStatus) -> Shown:
    """One counterexample."""
    example, entry = view.example, view.entry
    return Shown(
        rule=example.rule,
        status=status,
        basis=example.basis,
        source=entry.source,
        statement=entry.statement,
        phase=entry.phase,
        trace=example.path,
        page=f"{view.folder}/README.md",
        files=list(view.files),
        replay=view.replay,
        case=example.case.id,
        cases=example.cases,
        behaves_like=list(example.case.attribution.mutants),
        difference=example.case.text,
    )


def badge(verdict: Verdict) -> dict[str, object]:
    """An endpoint for shields.io."""
    return {"schemaVersion": 1, "label": "conformance", "message": verdict.word, "color": COLOURS[verdict.word]}


def as_json(value: object) -> bytes:
    """A value as JSON, indented; a lone surrogate, which UTF-8 cannot hold, is spelled out."""
    text = json.dumps(msgspec.to_builtins(value), indent=2, ensure_ascii=False)
    return re.sub("[\ud800-\udfff]", lambda half: rf"\\u{ord(half[0]):04x}", text).encode() + b"\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of a report."""
    found = schema_of(Report)
    found["$defs"]["Report"]["properties"]["rules"]["propertyNames"] = {"enum": list(CATALOGUE)}
    return {"$schema": found.pop("$schema"), "$id": f"urn:refmodel:report:{VERSION}", **found}
