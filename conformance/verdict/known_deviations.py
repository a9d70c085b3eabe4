"""Known deviations: the bugs that an importer's owner knows, entry by entry in a TOML file.

    format = "refmodel-known-deviations"     # may be left out, as may the version
    version = 1

    [[deviation]]
    rule = "blank_labels_clear"
    deviation = "no_blank_labels_clear"      # a name of `python -m conformance deviations`
    reason = "Labels are kept; see ticket 42."
    trace = "traces/blank-labels.jsonl"      # beside the file; a counterexample of a report will do

Invariants:
1. An entry counts only while it is true: its trace, replayed, still differs, and the deviation accounts for that.
2. The oracle makes the deviations that count, which masks them while everything else is judged; it makes no others.
3. A known deviation excuses nothing: the rule stays broken, and the verdict says so. The file separates old from new.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

from attrs import evolve, field, frozen

from conformance.attribution.attribution import Attribution, attribution_of
from conformance.mutants.known import DEVIATIONS, Deviation
from conformance.oracle.judge import judgements
from conformance.oracle.state import OracleState
from conformance.protocol.requests import Request
from conformance.protocol.trace import Exchange, Trace
from conformance.session.client import Importer
from conformance.session.lockstep import Play, agrees
from conformance.session.replay import (
    BadTrace,
    played_whole,
    played_whole_anew,
    read_trace,
    requests_for,
)
from conformance.transport.faults import Fault
from conformance.verdict.case import Case
from conformance.verdict.run_case import differing, not_claimed, run_case
from refmodel.catalogue import CATALOGUE
from refmodel.formats import Format
from refmodel.readings import READINGS
from refmodel.ruleset import STANDARD, Rule, Ruleset
from refmodel.wording import did_you_mean

FILE = Format("refmodel-known-deviations", "file of known deviations", 1)
FILE_KEYS = (*FILE.head, "deviation")
KEYS = ("rule", "deviation", "reason", "trace")
Status = Literal["shows", "gone", "otherwise", "fault"]


class BadEntry(ValueError):
    """A malformed file of known deviations; the text names the file, the entry and the key."""


@frozen
class KnownDeviation:
    """One entry of the file."""

    place: str  # the file and the number of the entry
    rule: str
    deviation: Deviation
    reason: str
    path: Path
    trace: Trace = field(repr=False)

    @property
    def id(self) -> str:
        """The name of its test."""
        return self.deviation.name


def deviation_named(name: str) -> Deviation:
    """A known deviation, or a reading, by its name. ValueError, with similar names, if there is none."""
    if name in DEVIATIONS:
        return DEVIATIONS[name]
    if name in READINGS:
        reading = READINGS[name]
        return Deviation(name, reading.rule.__name__, reading.statement, reading.ruleset.deviations)
    raise ValueError(f"there is no deviation {name!r}{_meant(name, (*DEVIATIONS, *READINGS))}")


def _meant(name: str, names: Iterable[str]) -> str:
    return did_you_mean(name, names) or "; `python -m conformance deviations` lists them"


def reading_rules(names: Iterable[str], base: Ruleset = STANDARD) -> Ruleset:
    """The rules under some readings. ValueError where one does not exist, or two are about the same rule."""
    ruleset, read = base, dict[Rule, str]()
    for name in dict.fromkeys(names):
        if name not in READINGS:
            raise ValueError(f"there is no reading {name!r}{_meant(name, READINGS)}")
        for rule, other in READINGS[name].ruleset.deviations:
            if rule in read:
                raise ValueError(f"{read[rule]} and {name} both read {rule.__name__} otherwise: choose one of them")
            read[rule] = name
            ruleset = ruleset.replacing(rule, other)
    return ruleset


# The file.


def load(path: Path) -> tuple[KnownDeviation, ...]:
    """The entries of a file. BadEntry where it is malformed or contradicts itself."""
    entries = _tables(path)
    read = tuple(_entry(f"{path}, entry {number}", path.parent, data) for number, data in enumerate(entries, start=1))
    _check_apart(read)
    return read


def _tables(path: Path) -> list[object]:
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise BadEntry(f"{path}: cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise BadEntry(f"{path}: is not TOML: {error}") from None
    for key in data:
        if key not in FILE_KEYS:
            meant = did_you_mean(key, FILE_KEYS)
            raise BadEntry(f"{path}: the key {key!r} is not known{meant}: entries begin with [[deviation]]")
    _check_version(path, data)
    tables = data.get("deviation", [])
    if not isinstance(tables, list):
        raise BadEntry(f"{path}: entries begin with [[deviation]], in two pairs of brackets")
    return tables


def _check_version(path: Path, data: dict[str, object]) -> None:
    # These files are written by hand, and the first ones named neither.
    try:
        FILE.version_of(FILE.head | data)
    except ValueError as error:
        raise BadEntry(f"{path}: {error}") from None


def _entry(place: str, folder: Path, data: object) -> KnownDeviation:
    texts = _texts(place, data)
    if texts["rule"] not in CATALOGUE:
        raise BadEntry(f"{place}, rule: there is no rule {texts['rule']!r}{_meant(texts['rule'], CATALOGUE)}")
    try:
        deviation = deviation_named(texts["deviation"])
    except ValueError as error:
        raise BadEntry(f"{place}, deviation: {error}") from None
    if deviation.rule != texts["rule"]:
        raise BadEntry(f"{place}, deviation: {deviation.name} deviates from {deviation.rule}, not from {texts['rule']}")
    try:
        trace = read_trace(folder / texts["trace"])
    except BadTrace as error:
        raise BadEntry(f"{place}, trace: {error}") from None
    return KnownDeviation(place, texts["rule"], deviation, texts["reason"], folder / texts["trace"], trace)


def _texts(place: str, data: object) -> Mapping[str, str]:
    if not isinstance(data, dict):
        raise BadEntry(f"{place}: an entry is a table: begin it with [[deviation]]")
    unknown = [key for key in data if key not in KEYS]
    if unknown:
        meant = did_you_mean(unknown[0], KEYS)
        raise BadEntry(f"{place}: the key {unknown[0]!r} is not known{meant}, only {', '.join(KEYS)}")
    for key in KEYS:
        if key not in data:
            raise BadEntry(f"{place}: the key {key!r} is missing")
        if not isinstance(data[key], str) or not data[key].strip():
            raise BadEntry(f"{place}, {key}: must be a text that is not blank")
    return data


def _check_apart(entries: Sequence[KnownDeviation]) -> None:
    taken: dict[Rule, KnownDeviation] = {}
    for entry in entries:
        for rule, _ in entry.deviation.changes:
            if rule in taken:
                raise BadEntry(
                    f"{entry.place}, deviation: {rule.__name__} is changed by {taken[rule].place} already: "
                    "delete one of the two entries"
                )
            taken[rule] = entry


def ruleset_of(entries: Iterable[KnownDeviation], base: Ruleset = STANDARD) -> Ruleset:
    """The rules with the deviations of all entries, which masks them."""
    for entry in entries:
        base = entry.deviation.upon(base)
    return base


# Whether it still shows.


def case_id(deviation: str) -> str:
    """The id of the case in which a known deviation shows."""
    return f"known-{deviation}"


@frozen
class Checked:
    """The result of checking an entry: whether it still shows and, if not, why."""

    entry: KnownDeviation
    status: Status
    text: str = ""
    exchanges: tuple[Exchange, ...] = field(default=(), repr=False)

    @property
    def is_true(self) -> bool:
        """Whether the importer deviates as the entry says."""
        return self.status == "shows"

    def as_data(self) -> dict[str, str]:
        """The entry and its status, for a report."""
        entry = self.entry
        return {"rule": entry.rule, "deviation": entry.id, "reason": entry.reason, "status": self.status}

    def case(self, known: OracleState) -> Case | None:
        """The difference or the fault that the entry's trace shows; None where it shows nothing any more."""
        case = Case(case_id(self.entry.id), (self.entry.rule,), "differs", kind="known deviation")
        if self.status == "fault":
            return evolve(case, status="fault", details=self.text)
        if self.status == "gone":
            return None
        attribution = Attribution((self.entry.rule,), (), (self.entry.id,))
        # A reading that has another name in DEVIATIONS would not be found there by the report.
        if not self.is_true or self.entry.id not in DEVIATIONS:
            attribution = attribution_of(self.exchanges, known)
        title = f"Known deviation ({self.entry.place}): {self.entry.reason}" if self.is_true else self.text
        return differing(case, title, self.exchanges, tuple(judgements(self.exchanges, known)), attribution)


def check(
    entries: Sequence[KnownDeviation], importer: Importer, known: OracleState | None = None
) -> tuple[Checked, ...]:
    """Replay the trace of each entry: whether the importer still differs, and exactly as the entry says."""
    start = known or importer.known()
    return tuple(_checked(entry, entries, importer, start) for entry in entries)


def _checked(
    entry: KnownDeviation, entries: Sequence[KnownDeviation], importer: Importer, known: OracleState
) -> Checked:
    requests = requests_for(entry.trace, importer.columns)
    if text := not_claimed(requests, importer):
        return _stale(entry, "gone", f"{text}, so nothing shows it")
    try:
        ran = run_case(importer, requests, known, played_whole, partial(_shown, entry, entries))
    except Fault as fault:
        return _stale(entry, "fault", str(fault))
    if ran.status != "differs":
        return _stale(entry, "gone", "it does not show any more: delete the entry")
    exchanges = ran.play.exchanges
    if _is_explained(entry, entries, exchanges, known):
        return Checked(entry, "shows", exchanges=exchanges)
    return _stale(entry, "otherwise", f"it shows, but not as {entry.id}", exchanges)


def _shown(
    entry: KnownDeviation,
    entries: Sequence[KnownDeviation],
    played: Play,
    importer: Importer,
    requests: Sequence[Request],
    known: OracleState,
) -> Play | None:
    """The conversation if it differs as the entry says, else one with a fresh importer: the first may be flaky."""
    if _is_explained(entry, entries, played.exchanges, known):
        return played
    anew = played_whole_anew(importer, requests, known)
    return anew if anew.differs else None


def _is_explained(
    entry: KnownDeviation, entries: Sequence[KnownDeviation], exchanges: Sequence[Exchange], known: OracleState
) -> bool:
    """By this entry alone; or by all of them together, and not without this one."""
    if agrees(exchanges, evolve(known, ruleset=ruleset_of([entry], known.ruleset))):
        return True
    others = [other for other in entries if other is not entry]
    with_it, without_it = (evolve(known, ruleset=ruleset_of(chosen, known.ruleset)) for chosen in (entries, others))
    return agrees(exchanges, with_it) and not agrees(exchanges, without_it)


def _stale(entry: KnownDeviation, status: Status, text: str, exchanges: tuple[Exchange, ...] = ()) -> Checked:
    return Checked(entry, status, f"{entry.place} ({entry.rule}, {entry.id}): {text}", exchanges)


def true_of(checked: Iterable[Checked]) -> tuple[KnownDeviation, ...]:
    """The entries that the importer still shows."""
    return tuple(each.entry for each in checked if each.is_true)
