"""The judge: what it compares, how strictly, and which rules it names."""

import base64
import copy
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from conformance.attribution.attribution import attribution_of
from conformance.attribution.relevance import discriminating_rules, is_relevant
from conformance.cases.scenarios.parser import full_world
from conformance.mutants.known import DEVIATIONS
from conformance.oracle.answers import answer
from conformance.oracle.judge import judge, judgements, own_answers
from conformance.oracle.state import OracleState
from conformance.protocol.requests import OBSERVE, Request, import_, preview
from conformance.protocol.responses import Response
from conformance.protocol.trace import Exchange
from conformance.verdict.description import describe
from refmodel.catalogue import CATALOGUE

HEADER = "email_address,username,first_name,last_name,primary_education:end_date,school_year_name,system_label_names"
WORLD = full_world({"institutions": [{"id": "north", "domains": ["north.edu"]}], "employers": ["hr@employer.example"]})
RESET = {"op": "reset", "world": WORLD}


Spoil = Callable[[Any], object]  # changes a part of a right response


def sending(*rows: str, op: str = "import", setting: bool = False) -> Request:
    """The request that sends some rows."""
    data = "\n".join((HEADER, *rows)).encode()
    ask = import_ if op == "import" else preview
    return ask("north", data, "manual" if setting else "automatic", setting, "yyyy-mm-dd")


ADA = "ada@north.edu,1,Ada,Lee,,Alumni,chess;rowing"
TAKEN = "hr@employer.example,2,Bo,Lee,,Alumni,"
LONG = ADA.replace("Lee", "x" * 131_073)
NO_DATE = "bo@north.edu,3,Bo,Lee,soon,Alumni,"


def known_after(*requests: Request) -> OracleState:
    """What the oracle knows once these have been answered rightly."""
    known = OracleState()
    for request in (RESET, *requests):
        known = judge(known, request, answer(known.world, request)[0]).known
    return known


def differences(known: OracleState, request: Request, spoil: Spoil) -> list[str]:
    """Where a right answer, spoilt, differs."""
    response = copy.deepcopy(answer(known.world, request)[0])
    spoil(response)
    return [str(difference.where) for difference in judge(known, request, response).differences]


class TestComparison:
    """A right answer is allowed, and each thing that is compared can make it differ."""

    def test_a_right_answer_is_allowed(self) -> None:
        """What the model itself answers never differs."""
        known = known_after(sending(ADA))
        for request in (sending(TAKEN, NO_DATE), OBSERVE, sending(ADA, op="preview")):
            assert judge(known, request, answer(known.world, request)[0]).allowed

    @pytest.mark.parametrize(
        ("spoil", "where"),
        [
            (lambda r: r["report"].update(refused="no", rows=[]), ["refused"]),
            (lambda r: r["report"]["rows"].pop(), ["number of rows"]),
            (lambda r: r["report"]["rows"][0].update(outcome="created"), ["row 1: outcome"]),
            (lambda r: r["report"]["rows"][0]["response"].update(errors="no"), ["row 1: errors"]),
            (lambda r: r["report"]["rows"][1]["response"]["errors"].clear(), ["row 2: fields with errors"]),
            (
                lambda r: r["report"]["rows"][0]["response"]["errors"].update(username=["x"]),
                ["row 1: fields with errors"],
            ),
            (lambda r: r["report"]["rows"][0]["response"].update(success=True), ["row 1: success"]),
            (lambda r: r["report"].update(failed_rows_csv="bm8="), ["failed_rows_csv"]),
        ],
    )
    def test_what_is_compared_of_a_report(self, spoil: Spoil, where: list[str]) -> None:
        """Refusal, number of rows, outcomes, kind of errors, fields, success, and the failed rows."""
        assert differences(known_after(sending(ADA)), sending(TAKEN, NO_DATE), spoil) == where

    @pytest.mark.parametrize(
        ("spoil", "where"),
        [
            (lambda a: a.clear(), ["account ada@north.edu"]),
            (lambda a: a.append(dict(a[0], email_address="x@north.edu", username="9")), ["account x@north.edu"]),
            (lambda a: a.append(dict(a[0])), ["account ada@north.edu"]),
            (lambda a: a[0].update(system_label_names=["chess"]), ["account ada@north.edu: system_label_names"]),
            (lambda a: a[0].update(gender=""), ["account ada@north.edu: gender"]),
            (lambda a: a[0].update(email_address="ADA@north.edu"), ["account ada@north.edu: email_address"]),
        ],
    )
    def test_what_is_compared_of_an_observation(self, spoil: Spoil, where: list[str]) -> None:
        """Accounts missing, added or doubled, and each field; empty is null and not an empty text."""
        assert differences(known_after(sending(ADA)), OBSERVE, lambda r: spoil(r["accounts"])) == where

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda a: a[0].update(system_label_names=["rowing", "chess"]),
            lambda a: [a[0].pop(name) for name in ("gender", "disabled", "declined_by", "pending_at")],
            lambda a: a[0].update(nickname="Countess"),
        ],
    )
    def test_what_makes_no_difference(self, spoil: Spoil) -> None:
        """The order of labels, empty fields left out, unknown keys."""
        assert differences(known_after(sending(ADA)), OBSERVE, lambda r: spoil(r["accounts"])) == []

    def test_a_failed_row_with_a_very_long_cell_is_allowed(self) -> None:
        """The failed rows are compared also where a cell of them is longer than the standard reader takes."""
        file = sending(NO_DATE.replace("Lee", "x" * 131_073))
        assert differences(known_after(), file, lambda r: None) == []
        cut = {"failed_rows_csv": base64.b64encode(HEADER.encode()).decode()}
        assert differences(known_after(), file, lambda r: r["report"].update(cut)) == ["failed_rows_csv"]

    def test_a_response_among_the_failed_rows_may_say_anything(self) -> None:
        """What stands there instead of a response differs, whatever it is."""

        def write(response: Response) -> None:
            text = '{"success":false,"errors":{"email_address":{}}}'
            data = f'{HEADER},status,response\n{TAKEN},failed,"{text.replace(chr(34), chr(34) * 2)}"\n'
            response["report"]["failed_rows_csv"] = base64.b64encode(data.encode()).decode()

        assert differences(known_after(), sending(TAKEN), write) == ["failed_rows_csv, record 2: response"]

    def test_a_header_that_comes_back_as_a_mark_differs(self) -> None:
        """A first header that begins with U+FEFF has to be quoted: without quotes whoever reads the file loses it."""
        data = f'"\ufeffnote",{HEADER}\nx,{TAKEN}\n'.encode()
        file = import_("north", data, "automatic", False, "yyyy-mm-dd")

        def unquote(response: Response) -> None:
            right = base64.b64decode(response["report"]["failed_rows_csv"])
            assert right.startswith('"\ufeffnote"'.encode())
            written = right.replace('"\ufeffnote"'.encode(), "\ufeffnote".encode())
            response["report"]["failed_rows_csv"] = base64.b64encode(written).decode()

        assert differences(known_after(), file, lambda r: None) == []
        assert differences(known_after(), file, unquote) == ["failed_rows_csv, record 1"]

    def test_the_words_of_an_unquoted_error_are_free(self) -> None:
        """Only the field of such a message is binding."""

        def reword(response: Response) -> None:
            response["report"]["rows"][0]["response"]["errors"] = {"primary_education.end_date": ["what is this?"]}
            del response["report"]["failed_rows_csv"]

        assert differences(known_after(), sending(NO_DATE), reword) == []

    def test_how_strictly_failures_are_compared(self) -> None:
        """A quoted text counts by default; fields count below that; at the loosest only that the row failed."""

        def reword(response: Response) -> None:
            response["report"]["rows"][0]["response"]["errors"] = {"email_address": ["is taken"]}
            del response["report"]["failed_rows_csv"]

        def elsewhere(response: Response) -> None:
            response["report"]["rows"][0]["response"]["errors"] = "is taken"
            del response["report"]["failed_rows_csv"]

        known, request, spoilt = known_after(sending(ADA)), sending(TAKEN), (reword, elsewhere)
        found = {
            strictness: [bool(differences(evolve(known, strictness=strictness), request, s)) for s in spoilt]
            for strictness in ("exact", "fields", "outcome")
        }
        assert found == {"exact": [True, True], "fields": [False, True], "outcome": [False, False]}

    def test_columns_that_are_not_stored_are_not_compared(self) -> None:
        """What an importer says that it does not store may be anything."""
        known = evolve(known_after(sending(ADA)), columns=frozenset({"email_address", "username"}))
        assert differences(known, OBSERVE, lambda r: r["accounts"][0].update(system_label_names=["x"])) == []


class TestGrounds:
    """A difference is put down to the rules that account for it."""

    CLEARING = (RESET, sending(ADA), OBSERVE, sending(ADA.replace("chess;rowing", "")), OBSERVE)

    def as_answered_by(self, name: str) -> tuple[Exchange, ...]:
        """The conversation as a known deviation answers it."""
        return own_answers(self.CLEARING, OracleState(ruleset=DEVIATIONS[name].upon(OracleState().ruleset)))

    def test_a_rule_left_out_is_recognised(self) -> None:
        """The rule that was left out answers exactly as the importer did, and no other rule does."""
        attribution = attribution_of(self.as_answered_by("no_blank_labels_clear"), OracleState())
        assert attribution.exact_rules == ("blank_labels_clear",)

    def test_a_very_long_cell_is_no_obstacle(self) -> None:
        """A deviation that reads the file by itself takes a cell that is longer than the standard reader does."""
        requests = (RESET, sending(LONG))
        deviating = OracleState(ruleset=DEVIATIONS["cells_come_back_trimmed"].upon(OracleState().ruleset))
        assert own_answers(requests, deviating)[-1].response["report"]["rows"][0]["outcome"] == "created"

    def test_what_nothing_accounts_for_names_the_rules_that_bear_on_it(self) -> None:
        """Labels that are wrong in some new way are put down to the rules about labels."""
        exchanges = copy.deepcopy(own_answers(self.CLEARING, OracleState()))
        exchanges[-1].response["accounts"][0]["system_label_names"] = ["golf"]
        attribution = attribution_of(exchanges, OracleState())
        assert attribution.exact_rules == ()
        assert "blank_labels_clear" in attribution.relevant_rules
        assert "mobile_is_digits" not in attribution.relevant_rules

    def test_a_conversation_matters_to_the_rules_it_shows(self) -> None:
        """It can tell about blank labels, and not about mobile numbers."""
        assert is_relevant("blank_labels_clear", self.CLEARING, OracleState())
        assert not is_relevant("mobile_is_digits", self.CLEARING, OracleState())

    def test_what_a_conversation_tells_does_not_depend_on_how_much_is_asked(self) -> None:
        """Of all rules together it tells what it does of each alone."""
        own = own_answers(self.CLEARING, OracleState())
        alone = tuple(name for name in CATALOGUE if discriminating_rules((name,), own, OracleState()))
        assert discriminating_rules(CATALOGUE, own, OracleState()) == alone
        assert "blank_labels_clear" in alone


def test_what_is_told_of_a_long_value_is_short() -> None:
    """A difference that is a very long text is told by its beginning, and by how long it is."""
    exchanges = (*own_answers((RESET, sending(LONG)), OracleState()), Exchange(OBSERVE, {"accounts": []}))
    text = describe(exchanges, tuple(judgements(exchanges, OracleState())))
    assert "account ada@north.edu" in text
    assert max(map(len, text.splitlines())) < 5_000
