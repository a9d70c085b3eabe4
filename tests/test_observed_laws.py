"""The laws on what an importer answers: a right one breaks none, and each can be seen to be broken."""

from collections.abc import Callable
from typing import Any

import pytest

from conformance.judge import Exchange, Known, own_answers
from conformance.laws import LAWS, breaches
from conformance.oracle import OBSERVE
from tests.test_judge import ADA, RESET, sending
from tests.test_search import history

BO = "bo@north.edu,2,Bo,Lee,,Alumni,chess"
WAITING: tuple[dict[str, Any], ...] = (
    {"op": "do", "action": "sign_up", "email": "cy@mail.example", "first_name": "Cy", "last_name": "Fox"},
    {"op": "do", "action": "request_access", "email": "cy@mail.example", "institution": "north"},
)
Spoil = Callable[[list[dict[str, Any]]], object]


def after(request: dict[str, Any], spoil: Spoil) -> list[int]:
    """The laws broken where what is observed after a request has been spoilt."""
    requests: list[Any] = [RESET]
    for step in (sending(ADA, BO), *WAITING, request):
        requests += [step, OBSERVE]
    exchanges = list(own_answers(requests, Known()))
    accounts = [dict(account) for account in exchanges[-1].response["accounts"]]
    spoil(accounts)
    exchanges[-1] = Exchange(OBSERVE, {"accounts": accounts})
    return [breach.law for breach in breaches(exchanges)]


SAME = sending(ADA, BO)
OTHER = sending("zoe@north.edu,9,Zoe,Lee,,Alumni,")
SHORT = {**OTHER, "csv": sending("zoe@north.edu,9,Zoe,Lee,,Alumni")["csv"]}
WITHOUT_LABELS = {
    **OTHER,
    "csv": "ZW1haWxfYWRkcmVzcyx1c2VybmFtZSxmaXJzdF9uYW1lLGxhc3RfbmFtZSxwcmltYXJ5X2VkdWNhdGlvbjplbmRfZGF0ZSxzY2hvb2xfeWVhcl9uYW1l"
    "CnpvZUBub3J0aC5lZHUsOSxab2UsTGVlLCxBbHVtbmkK",
}


@pytest.mark.parametrize(
    ("law", "request_", "spoil"),
    [
        (1, OTHER, lambda a: a[1].update(email_address="ada@north.edu")),
        (1, OTHER, lambda a: a[3].update(email_address="hr@employer.example")),
        (2, OTHER, lambda a: a[3].update(username="1")),
        (2, OTHER, lambda a: (a[0].update(card_id="7"), a[3].update(card_id="7"))),
        (
            3,
            OTHER,
            lambda a: a[3].update(
                {"primary_education:start_date": "2020-01-02", "primary_education:end_date": "2020-01-01"}
            ),
        ),
        (4, SAME, lambda a: a[0].update(gender="f")),
        (4, SHORT, lambda a: a[0].update(gender="f")),
        (
            4,
            {"op": "do", "action": "approve", "institution": "north", "email": "x@x.example"},
            lambda a: a[0].update(gender="f"),
        ),
        (5, OTHER, lambda a: a[0].update(card_id="7")),
        (6, OTHER, lambda a: a[2].update(gender="f", pending_at=None)),
        (7, OTHER, lambda a: (a.pop(), a.pop())),
        (8, OTHER, lambda a: a[0].update(disabled=True)),
        (9, WITHOUT_LABELS, lambda a: a[0].update(system_label_names=["golf"])),
        (11, OTHER, lambda a: a[2].update(pending_at=None, institution="north")),
        (13, {**OTHER, "op": "preview"}, lambda a: a[0].update(gender="f")),
    ],
)
def test_a_broken_law_is_noticed(law: int, request_: dict[str, Any], spoil: Spoil) -> None:
    """What is observed cannot come of what happened, and the law that says so is named."""
    unspoilt: Spoil = lambda accounts: None  # noqa: E731
    assert after(request_, unspoilt) == []
    if law == 6:
        waiting = {**OTHER, "institution": "north"}
        assert after(waiting, lambda a: a[2].update(pending_at="south", gender="f")) != []
        return
    assert law in after(request_, spoil)


def test_every_law_that_is_checked_is_seen_to_be_broken() -> None:
    """The cases above leave none out."""
    marks = test_a_broken_law_is_noticed.pytestmark  # type: ignore[attr-defined]
    assert {case[0] for case in marks[0].args[1]} == set(LAWS)


@pytest.mark.parametrize("seed", range(60))
def test_a_right_importer_breaks_no_law(seed: int) -> None:
    """Whatever happens, the model's own answers obey every law."""
    assert breaches(own_answers(history(str(seed)).requests(), Known())) == ()
