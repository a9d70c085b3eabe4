"""The laws on what an importer answers: a right one breaks none, and each can be seen to be broken."""

import base64
from collections.abc import Callable

import pytest

from conformance.oracle.invariants import LAWS, breaches
from conformance.oracle.judge import own_answers
from conformance.oracle.state import OracleState
from conformance.protocol.requests import OBSERVE, Request
from conformance.protocol.responses import Response
from conformance.protocol.trace import Exchange
from tests.conformance.oracle.test_judge import ADA, RESET, sending
from tests.conformance.search.test_random_search import history

BO = "bo@north.edu,2,Bo,Lee,,Alumni,chess"
WAITING: tuple[Request, ...] = (
    {"op": "do", "action": "sign_up", "email": "cy@mail.example", "first_name": "Cy", "last_name": "Fox"},
    {"op": "do", "action": "request_access", "email": "cy@mail.example", "institution": "north"},
    {"op": "do", "action": "sign_up", "email": "di@mail.example", "first_name": "Di", "last_name": "Hay"},
)
Spoil = Callable[[list[Response]], object]


def after(request: Request, spoil: Spoil) -> list[int]:
    """The laws broken where what is observed after a request has been spoilt."""
    requests: list[Request] = [RESET]
    for step in (sending(ADA, BO), *WAITING, request):
        requests += [step, OBSERVE]
    exchanges = list(own_answers(requests, OracleState()))
    accounts = [dict(account) for account in exchanges[-1].response["accounts"]]
    spoil(accounts)
    exchanges[-1] = Exchange(OBSERVE, {"accounts": accounts})
    return [breach.law for breach in breaches(exchanges)]


NO_LABELS = (
    b"email_address,username,first_name,last_name,primary_education:end_date,school_year_name\nz@x.example,9,Z,L,,\n"
)
BACKWARDS = {"primary_education:start_date": "2020-01-02", "primary_education:end_date": "2020-01-01"}
SAME = sending(ADA, BO)
OTHER = sending("zoe@north.edu,9,Zoe,Lee,,Alumni,")
SHORT = sending("zoe@north.edu,9,Zoe,Lee,,Alumni")
WITHOUT_LABELS = {**OTHER, "csv": base64.b64encode(NO_LABELS).decode()}
APPROVE = {"op": "do", "action": "approve", "institution": "north", "email": "x@x.example"}
ADA_, BO_, CY, DI, ZOE = range(5)  # connected, connected, pending, unconnected, new

BROKEN: tuple[tuple[int, Request, Spoil], ...] = (  # law, last request, what makes its observation break the law
    (1, OTHER, lambda a: a[BO_].update(email_address="ada@north.edu")),
    (1, OTHER, lambda a: a[ZOE].update(email_address="hr@employer.example")),
    (2, OTHER, lambda a: a[ZOE].update(username="1")),
    (2, OTHER, lambda a: (a[ADA_].update(card_id="7"), a[ZOE].update(card_id="7"))),
    (3, OTHER, lambda a: a[ZOE].update(BACKWARDS)),
    (4, SAME, lambda a: a[ADA_].update(gender="f")),
    (4, SHORT, lambda a: a[ADA_].update(gender="f")),
    (4, APPROVE, lambda a: a[ADA_].update(gender="f")),
    (5, OTHER, lambda a: a[ADA_].update(card_id="7")),
    (6, OTHER, lambda a: a[DI].update(gender="f")),
    (7, OTHER, lambda a: a.__delitem__(slice(CY, None))),
    (8, OTHER, lambda a: a[ADA_].update(disabled=True)),
    (9, WITHOUT_LABELS, lambda a: a[ADA_].update(system_label_names=["golf"])),
    (11, OTHER, lambda a: a[CY].update(pending_at=None, institution="north")),
    (13, {**OTHER, "op": "preview"}, lambda a: a[ADA_].update(gender="f")),
)


@pytest.mark.parametrize(("law", "request_", "spoil"), BROKEN)
def test_a_broken_law_is_noticed(law: int, request_: Request, spoil: Spoil) -> None:
    """What is observed cannot come of what happened, and the law that says so is named."""
    assert after(request_, list.copy) == []
    assert law in after(request_, spoil)


def test_every_law_that_is_checked_is_seen_to_be_broken() -> None:
    """The cases above leave none out."""
    assert {law for law, _, _ in BROKEN} == set(LAWS)


@pytest.mark.parametrize("seed", range(60))
def test_a_right_importer_breaks_no_law(seed: int) -> None:
    """Whatever happens, the model's own answers obey every law."""
    assert breaches(own_answers(history(str(seed)).requests(), OracleState())) == ()
