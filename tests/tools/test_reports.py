"""The log of public reports is what its head says: one entry a report, of a known kind, about rules that there are."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable

import msgspec
from msgspec import Struct

from refmodel.catalogue import CATALOGUE
from tests.tools import planted

TRACKER = r"[\w.-]+/[\w.-]+#[1-9][0-9]*"
PAGE = r"https://[\w.-]+\.[a-z]+/\S*"
SENTENCE = re.compile(r"[A-Z].*[^.!?]\.")
KIND = re.compile(r"[a-z]+(-[a-z0-9]+)*")


class Report(Struct, frozen=True, forbid_unknown_fields=True):
    """Where somebody reported something, of which system, and what went wrong; the rules that it touches."""

    where: str
    system: str
    kind: str
    what: str
    about: tuple[str, ...]


class Log(Struct, frozen=True, forbid_unknown_fields=True):
    """The file: kind → what reports of it are about, and the reports."""

    kinds: dict[str, str]
    reports: tuple[Report, ...]


LOG = msgspec.convert(tomllib.loads((planted.FOLDER / "reports.toml").read_text("utf-8")), Log)


def repeated(texts: Iterable[str]) -> list[str]:
    """The texts that are there more than once, whatever their capitals."""
    return [text for text, times in Counter(text.casefold() for text in texts).items() if times > 1]


def unlike(pattern: re.Pattern[str], texts: Iterable[str]) -> list[str]:
    """The texts that are not as the pattern says."""
    return [text for text in texts if not pattern.fullmatch(text)]


def test_there_are_two_hundred_reports() -> None:
    """At least so many were read before anything was made from them."""
    assert len(LOG.reports) >= 200


def test_every_report_has_an_address_of_its_own() -> None:
    """It is a repository with a number, or an address, and no report is logged twice."""
    addresses = [report.where for report in LOG.reports]
    assert unlike(re.compile(f"{TRACKER}|{PAGE}"), addresses) == []
    assert repeated(address.rstrip("/") for address in addresses) == []


def test_every_kind_is_known_and_used() -> None:
    """The kinds of the reports are those that the file explains, no more and no less."""
    assert {report.kind for report in LOG.reports} == set(LOG.kinds)
    assert unlike(KIND, LOG.kinds) == []
    assert unlike(SENTENCE, LOG.kinds.values()) == []


def test_every_report_is_a_sentence() -> None:
    """What went wrong is said in one sentence, and in no other entry; the system has a name."""
    said = [report.what for report in LOG.reports]
    assert unlike(SENTENCE, said) == []
    assert [text for text in said if re.search(r"[.!?] ", text)] == []
    assert repeated(said) == []
    assert all(report.system.strip() for report in LOG.reports)


def test_the_rules_exist() -> None:
    """A report is about rules that there are, each named once."""
    assert {rule for report in LOG.reports for rule in report.about} <= set(CATALOGUE)
    assert [report.where for report in LOG.reports if repeated(report.about)] == []


def test_the_second_round_was_made_from_the_reports() -> None:
    """Every mistake of the second round is of a kind that was reported."""
    assert {mistake.kind for mistake in planted.of_round(2)} <= set(LOG.kinds)
