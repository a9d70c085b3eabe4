"""`python -m conformance deviations`: the known ways to deviate, as a list."""

from collections.abc import Iterator
from itertools import groupby

from conformance.mutants.known import DEVIATIONS, Deviation
from conformance.verdict.known_deviations import deviation_named
from refmodel.catalogue import CATALOGUE
from refmodel.cli.terminal import as_json, is_terminal, line, table
from refmodel.cli.usage import UsageError
from refmodel.readings import READINGS

HEADERS = ("deviation", "rule", "basis", "reading", "statement")


def list_deviations(rules: list[str], json_wanted: bool) -> None:
    """All deviations, or those from some rules, rule by rule."""
    unknown = [name for name in rules if name not in CATALOGUE]
    if unknown:
        raise UsageError(f"--rule: there is no rule {unknown[0]!r}; `refmodel rules` lists them")
    chosen = [each for each in known_deviations() if not rules or each.rule in rules]
    if json_wanted:
        as_json([as_data(each) for each in chosen])
    elif is_terminal():
        show(chosen)
    else:
        table(HEADERS, [cells_of(each) for each in chosen])


def known_deviations() -> Iterator[Deviation]:
    """Every deviation, and the readings that are one under another name, in the order of the rules."""
    names = dict.fromkeys((*DEVIATIONS, *READINGS))
    order = list(CATALOGUE)
    return iter(sorted(map(deviation_named, names), key=lambda each: order.index(each.rule)))


def show(chosen: list[Deviation]) -> None:
    """The deviations for the eye: rule by rule."""
    for rule, deviations in groupby(chosen, key=lambda each: each.rule):
        line(f"{rule} ({CATALOGUE[rule].basis})", "bold")
        for each in deviations:
            line(each.name + (" (a reading)" if each.name in READINGS else ""), indent=2)
            line(each.statement, "dim", indent=4)


def cells_of(deviation: Deviation) -> tuple[str, ...]:
    """A line about a deviation."""
    reading = "reading" if deviation.name in READINGS else ""
    return deviation.name, deviation.rule, CATALOGUE[deviation.rule].basis, reading, deviation.statement


def as_data(deviation: Deviation) -> dict[str, object]:
    """A deviation, for programs."""
    entry = CATALOGUE[deviation.rule]
    return {
        "deviation": deviation.name,
        "reading": deviation.name in READINGS,
        "rule": deviation.rule,
        "basis": entry.basis,
        "source": entry.source,
        "statement": deviation.statement,
    }
