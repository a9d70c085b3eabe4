"""Limits of work: so many units and no more, and no more once the time of a clock is up."""

from itertools import count
from math import inf

import pytest

from conformance.generation.limits import Limit
from conformance.search.budget import NAMED, SHARDS, Budget
from conformance.session.patience import Patience


def test_units_are_counted() -> None:
    """Each is spent once, and the clock has no say."""
    limit = Limit.of(3)
    assert [limit.spend() for _ in range(5)] == [True, True, True, False, False]


def test_time_is_that_of_the_clock() -> None:
    """A limit in seconds ends at its time, however many units are left."""
    ticks = count()
    limit = Limit.of(inf, 4, clock=lambda: float(next(ticks)))  # it begins at 0
    assert [limit.spend() for _ in range(5)] == [True, True, True, False, False]
    assert limit.is_late


@pytest.mark.parametrize(
    ("units", "seconds", "is_cut_short"), [(3, inf, False), (3, 2, True), (2, 9, False), (inf, 2, False)]
)
def test_a_limit_that_is_cut_short(units: float, seconds: float, is_cut_short: bool) -> None:
    """Its time was up, and it was not asked for as long as the time lasts."""
    ticks = count()
    limit = Limit.of(units, seconds, clock=lambda: float(next(ticks)))
    while limit.spend():
        pass
    assert limit.is_cut_short is is_cut_short


def test_patience_is_lost() -> None:
    """By faults that nothing makes up for, and sooner by time-outs, for which nothing does."""
    failing, waiting = Patience(faults=3), Patience(timeouts=2)
    speechless = Patience(faults=8)
    speechless.lose("malformed")
    assert speechless.is_lost
    for kind in ("error", "shape"):
        failing.lose(kind)
    failing.regain()
    failing.lose("exited")
    waiting.lose("timeout")
    waiting.regain()
    assert (failing.is_lost, waiting.is_lost) == (False, False)
    failing.lose("malformed")
    waiting.lose("timeout")
    assert (failing.is_lost, waiting.is_lost) == (True, True)


def test_patience_does_not_grow() -> None:
    """However much went well before, so many faults in a row are enough."""
    patience, fresh = Patience(), Patience()
    patience.regain()
    assert patience == fresh


@pytest.mark.parametrize(
    ("text", "histories", "seconds"),
    [
        ("quick", *NAMED["quick"]),
        ("default", *NAMED["default"]),
        ("thorough", *NAMED["thorough"]),
        ("200-histories", 200, inf),
        ("2", inf, 120.0),
        ("0.5", inf, 30.0),
    ],
)
def test_budgets_by_name(text: str, histories: float, seconds: float) -> None:
    """A name and a count are limits of work, minutes are one of time; all shards together do what is said."""
    budget = Budget.named(text, 7)
    assert (budget.histories, budget.seconds, budget.seed) == (histories, seconds, 7)
    assert budget.shard.left * SHARDS == histories
    assert budget.machine.left > 0
    assert budget.races.left > 0


@pytest.mark.parametrize(
    "text", ["soon", "0", "-1", "nan", "inf", "1e9", "", "-histories", "0-histories", "2 histories"]
)
def test_no_other_budget(text: str) -> None:
    """Whatever else is typed is none."""
    with pytest.raises(ValueError, match=r"^(could not convert|-?[a-z0-9.]+$)"):
        Budget.named(text, 0)
