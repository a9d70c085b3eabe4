"""The messages: what is accepted, what is refused and with which words, and what is published."""

from __future__ import annotations

import base64
import datetime
import re
from itertools import permutations, product
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.generation.arguments import arguments_for
from conformance.protocol import requests, responses
from conformance.protocol.requests import Request
from conformance.protocol.responses import Account, Done, Hello, Imported, Observed, Ok, Response, WrongShape, decode
from conformance.protocol.schemas import schema_of, schemas
from refmodel.serialization import STANDING

FULL_ACCOUNT: Response = msgspec.to_builtins(Account(email_address="a@north.edu")) | {
    "username": "1",
    "first_name": "Ada",
    "last_name": "L",
    "primary_education:start_date": "2016-09-01",
    "school_year_name": "Alumni",
    "primary_education:currently_attending": False,
    "primary_education:major_names": ["History"],
    "system_label_names": ["a", "b"],
    "institution": "north",
}
WORLD = {
    "institutions": [
        {
            "id": "north",
            "domains": ["north.edu"],
            "uses_sso": True,
            "campuses": ["Main", "Quay"],
            "vocabulary": "eu",
            "staff": ["advisor@north.edu"],
        }
    ],
    "employers": ["hr@employer.example"],
}
HELLO = {"name": "n", "version": "1", "language": "Go", "protocol": 1, "supports": ["preview"]}
FAILED = {"row": 1, "outcome": "failed", "response": {"success": False, "errors": "no"}}
CREATED = {"row": 1, "outcome": "created", "response": {"success": True}}


def report(*rows: object, **others: object) -> Response:
    return {"report": {"rows": list(rows), **others}}


def observed(**changes: object) -> Response:
    return {"accounts": [FULL_ACCOUNT, FULL_ACCOUNT | changes]}


GOOD = [
    ("hello", HELLO),
    ("hello", HELLO | {"columns": list(responses.INDISPENSABLE_HEADERS)}),
    ("hello", {"protocol": 1}),
    ("reset", {"ok": True}),
    ("bye", {"ok": True}),
    ("import", report()),
    ("import", report(CREATED)),
    ("import", report(FAILED, failed_rows_csv="YQ==", warnings=["w"], refused=None)),
    ("import", {"report": {"refused": "not UTF-8"}}),
    ("preview", {"report": {"refused": "not UTF-8", "rows": []}}),
    ("do", {}),
    ("do", {"done": True, "access": True}),
    ("do", {"done": False, "refused": "unknown"}),
    ("observe", {}),
    ("observe", observed()),
    ("observe", {"accounts": [{"email_address": "a@b.c"}]}),
]


class TestDecode:
    @pytest.mark.parametrize(("op", "response"), GOOD)
    def test_a_good_response_is_decoded_as_its_request_asks(self, op: str, response: Response) -> None:
        """Each request has one type of response."""
        assert isinstance(decode(op, response), responses.RESPONSES[op])

    def test_what_is_left_out_is_empty(self) -> None:
        """Left out means null, no items, or false."""
        account = Account(email_address="a@b.c")
        assert decode("observe", {"accounts": [{"email_address": "a@b.c"}]}) == Observed([account])
        assert (account.username, account.declined_by, account.disabled) == (None, [], False)
        assert account.primary_education_currently_attending is None
        assert decode("do", {}) == Done(done=False, refused=None, access=False)
        assert decode("hello", {"protocol": 1}) == Hello(protocol=1, supports=[], columns=None)
        assert decode("observe", {}) == Observed([])

    def test_every_key_of_an_account_is_read(self) -> None:
        """Keys with a colon are read too, and each stands where its header says."""
        decoded = decode("observe", observed())
        assert isinstance(decoded, Observed)
        assert {key: getattr(decoded.accounts[0], re.sub("[:]", "_", key)) for key in FULL_ACCOUNT} == FULL_ACCOUNT

    def test_the_failed_rows_are_bytes(self) -> None:
        """Base64 is only how bytes travel."""
        decoded = decode("import", report(failed_rows_csv=base64.b64encode(b"a\xff\n").decode()))
        assert isinstance(decoded, Imported)
        assert decoded.report.failed_rows_csv == b"a\xff\n"

    @pytest.mark.parametrize(
        ("response", "settled"),
        [
            ({"success": True}, {"success": True}),
            ({"success": True, "errors": None, "more": 1}, {"success": True}),
            ({"success": True, "errors": {}}, {"success": True}),
        ],
    )
    def test_the_response_of_a_good_row_is_settled(self, response: object, settled: object) -> None:
        """Two ways to say the same thing decode to the same."""
        decoded = decode("import", report(CREATED | {"response": response}))
        assert isinstance(decoded, Imported)
        assert decoded.report.rows[0].response == settled

    @pytest.mark.parametrize("errors", ["no", "", {"username": ["a", "b"], "card_id": ["c"]}])
    def test_a_failed_row_may_leave_out_that_it_failed(self, errors: object) -> None:
        """`success` left out is false, and is there once decoded."""
        decoded = decode("import", report(FAILED | {"response": {"errors": errors}}))
        assert isinstance(decoded, Imported)
        assert decoded.report.rows[0].response == {"success": False, "errors": errors}

    def test_the_response_is_left_as_it_was(self) -> None:
        """Decoding changes nothing of what the importer sent."""
        response = report(FAILED | {"response": {"errors": "no"}})
        decode("import", response)
        assert response == report(FAILED | {"response": {"errors": "no"}})

    @pytest.mark.parametrize(
        ("op", "response", "complaint"),
        [
            ("hello", {}, "the response: the key protocol is missing"),
            ("hello", HELLO | {"protocol": 2}, "protocol: expected 1, got 2"),
            ("hello", HELLO | {"protocol": "1"}, "protocol: expected a whole number, got a text"),
            ("hello", HELLO | {"supports": "preview"}, "supports: expected a list, got a text"),
            ("hello", HELLO | {"columns": []}, "columns: expected the required and the sensitive ones too"),
            ("hello", HELLO | {"columns": ["email"]}, "columns[0]: expected a header of the table, got"),
            ("reset", {}, "the response: the key ok is missing"),
            ("reset", {"ok": False}, "ok: expected true, got false"),
            ("reset", {"ok": 1}, "ok: expected true or false, got a whole number"),
            ("reset", [], "the response: expected an object, got a list"),
            ("import", {}, "the response: the key report is missing"),
            ("import", {"report": {}}, "report.rows: expected a list, for the file was not refused"),
            ("import", report(CREATED, refused="no"), "report.rows: expected none, for the file was refused"),
            ("import", report(refused=3), "report.refused: expected a text or null, got a whole number"),
            ("import", report(failed_rows_csv="a"), "report.failed_rows_csv: invalid base64"),
            ("import", report(failed_rows_csv="YQ==\n"), "report.failed_rows_csv: invalid base64"),
            ("import", report(failed_rows_csv="\ud800"), "a lone surrogate"),
            ("import", report(warnings="w"), "report.warnings: expected a list, got a text"),
            ("import", report(CREATED, CREATED), "report.rows[1].row: expected 2, got 1"),
            ("import", report(CREATED | {"row": 0}), "report.rows[0].row: expected 1, got 0"),
            ("import", report(CREATED | {"row": True}), "report.rows[0].row: expected a whole number, got true or"),
            ("import", report(CREATED | {"row": 1.0}), "report.rows[0].row: expected a whole number, got a number"),
            (
                "import",
                report(CREATED | {"outcome": "ok"}),
                "report.rows[0].outcome: invalid enum value 'ok'",
            ),
            ("import", report({"row": 1, "outcome": "failed"}), "report.rows[0].response.errors: expected"),
        ],
    )
    def test_a_wrong_response_is_named_with_its_path(self, op: str, response: object, complaint: str) -> None:
        """The complaint says where, and what was expected."""
        with pytest.raises(WrongShape, match=re.escape(complaint)):
            decode(op, response)

    @pytest.mark.parametrize(
        ("response", "complaint"),
        [
            ({"success": False}, "response.errors: expected a text, or texts by field"),
            ({"errors": None}, "response.errors: expected a text, or texts by field"),
            ({"errors": {}}, "response.errors: expected a text, or texts by field"),
            ({"errors": {"username": []}}, "response.errors[...]: expected a list that is not empty"),
            ({"errors": {"username": "no"}}, "response.errors[...]: expected a list, got a text"),
            ({"errors": {"username": [3]}}, "response.errors[...][0]: expected a text, got a whole number"),
            ({"errors": ["no"]}, "response.errors: expected a text, an object or null, got a list"),
            ({"success": None, "errors": "no"}, "response.success: expected true or false, got null"),
        ],
    )
    def test_a_failed_row_says_why(self, response: object, complaint: str) -> None:
        """Errors are a text, or a list of at least one text by field."""
        with pytest.raises(WrongShape, match=re.escape(f"report.rows[0].{complaint}")):
            decode("import", report(FAILED | {"response": response}))

    @pytest.mark.parametrize(
        ("changes", "complaint"),
        [
            ({"email_address": None}, "email_address: expected a text, got null"),
            ({"email_address": ""}, "email_address: expected a text that is not empty"),
            ({"username": 7}, "username: expected a text or null, got a whole number"),
            ({"disabled": None}, "disabled: expected true or false, got null"),
            ({"system_label_names": None}, "system_label_names: expected a list, got null"),
            ({"declined_by": [3]}, "declined_by[0]: expected a text, got a whole number"),
            ({"primary_education:major_names": "a;b"}, "primary_education:major_names: expected a list"),
        ],
    )
    def test_a_wrong_account_is_named_with_its_path(self, changes: dict[str, object], complaint: str) -> None:
        """Empty is null, or no item in a list."""
        with pytest.raises(WrongShape, match=re.escape(f"accounts[1].{complaint}")):
            decode("observe", observed(**changes))

    def test_an_account_without_an_email_is_none(self) -> None:
        """The e-mail is what identifies an account."""
        with pytest.raises(WrongShape, match=re.escape("accounts[0]: the key email_address is missing")):
            decode("observe", {"accounts": [{"username": "1"}]})

    @pytest.mark.parametrize("header", ["primary_education:start_date", "primary_education:end_date"])
    @pytest.mark.parametrize(
        "text",
        ["", "09/01/2016", "2016-9-1", "20160901", "2015-02-29", "0000-01-01", "2016-W01-1", "٢٠١٦-٠٩-٠١",
         "2016-09-01\n", "2016-09-01T00:00:00"],
    )  # fmt: skip
    def test_dates_are_real(self, header: str, text: str) -> None:
        """A date is a day of the calendar, written year first."""
        with pytest.raises(WrongShape, match=re.escape(f"accounts[1].{header}: expected a real date")):
            decode("observe", observed(**{header: text}))

    @given(st.dates())
    def test_every_day_is_a_date(self, day: datetime.date) -> None:
        """No real day is refused."""
        decoded = decode("observe", observed(**{"primary_education:end_date": day.isoformat()}))
        assert isinstance(decoded, Observed)
        assert decoded.accounts[1].primary_education_end_date == day.isoformat()

    @pytest.mark.parametrize("op", responses.RESPONSES)
    def test_an_error_is_no_response(self, op: str) -> None:
        """Nor does it pass for a refused action, or for a world without students."""
        with pytest.raises(WrongShape, match=r"error: expected a response, got the importer's error .no."):
            decode(op, {"error": "no"})

    def test_half_a_surrogate_pair_is_a_text(self) -> None:
        """An importer may quote the impossible text that it was sent."""
        assert decode("do", {"refused": "no \ud800"}) == Done(refused="no \ud800")

    @given(
        st.sampled_from(sorted(responses.RESPONSES)),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=3),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["ok", "report", "rows", "accounts", "email_address", "row", "outcome"]),
                    inner,
                )
            ),
            max_leaves=8,
        ),
    )
    def test_anything_is_decoded_or_of_the_wrong_shape(self, op: str, response: object) -> None:
        """No other exception comes out, whatever the importer sends."""
        try:
            decoded: object = decode(op, response)
        except WrongShape as wrong:
            decoded = wrong
        assert isinstance(decoded, responses.RESPONSES[op] | WrongShape)


class TestUnknownKeys:
    @pytest.mark.parametrize(("op", "response"), GOOD)
    def test_good_responses_have_none(self, op: str, response: Response) -> None:
        """All keys of version 1 are known."""
        assert responses.unknown_keys(op, response) == []

    def test_each_is_named_by_its_path_and_ignored(self) -> None:
        """In a list by its place, and also inside a row's response."""
        response = observed(nickname="A") | {"more": {"nickname": 1}}
        assert responses.unknown_keys("observe", response) == ["accounts[1].nickname", "more"]
        assert decode("observe", response) == decode("observe", observed())
        row = CREATED | {"response": {"success": True, "id": 3}}
        assert responses.unknown_keys("preview", report(row, time=1)) == [
            "report.rows[0].response.id",
            "report.time",
        ]

    def test_field_names_of_errors_are_no_keys(self) -> None:
        """Which fields a row fails on is behaviour, not shape."""
        row = FAILED | {"response": {"errors": {"shoe_size": ["no"]}}}
        assert responses.unknown_keys("import", report(row)) == []

    @pytest.mark.parametrize("response", [None, [], {"accounts": 3}, {"accounts": [None, []]}])
    def test_wrong_shapes_do_no_harm(self, response: object) -> None:
        """That they are wrong is for decode to say."""
        assert responses.unknown_keys("observe", response) == []


FILE: tuple[str, bytes, str, bool, str] = ("north", b"a,b\n\xff\n", "manual", False, "yyyy-mm-dd")
REQUESTS = [
    ("hello", requests.hello()),
    ("reset", requests.reset(WORLD)),
    ("import", requests.import_(*FILE)),
    ("preview", requests.preview(*FILE)),
    ("observe", requests.observe()),
    ("bye", requests.bye()),
    ("do.sign_in", requests.do("sign_in", email="a@b.c", via="sso", institution="north", attribute="7")),
    *(
        (f"do.{action}", requests.do(action, **arguments_for(action, {"email": "a@b.c", "institution": "north"})))
        for action in requests.ACTIONS
    ),
]


class TestRequests:
    @pytest.mark.parametrize(("name", "request_"), REQUESTS)
    def test_each_is_as_published(self, name: str, request_: Request) -> None:
        """What the suite sends fits the schema that importers are written against."""
        schema = schemas()[f"{name}.request"]
        jsonschema.Draft202012Validator(schema).validate(request_)
        assert set(request_) <= set(next(iter(schema["$defs"].values()))["properties"])

    def test_a_file_is_sent_as_its_bytes(self) -> None:
        """Marks, line endings and broken encodings survive."""
        request = requests.import_("north", b"\xff\r\n", "automatic", False, "mm/dd/yyyy")
        assert request == {
            "op": "import",
            "institution": "north",
            "mode": "automatic",
            "change_sensitive_fields": False,
            "date_format": "mm/dd/yyyy",
            "csv": "/w0K",
        }
        assert requests.preview("north", b"\xff\r\n", "automatic", False, "mm/dd/yyyy") == {**request, "op": "preview"}

    def test_an_action_carries_its_arguments(self) -> None:
        """Beside its name; what is None is left out."""
        assert requests.do("approve", institution="north", email="a@b.c") == {
            "op": "do",
            "action": "approve",
            "institution": "north",
            "email": "a@b.c",
        }
        sign_in = requests.do("sign_in", email="a@b.c", via="password", institution=None)
        assert sign_in == {"op": "do", "action": "sign_in", "email": "a@b.c", "via": "password"}

    @pytest.mark.parametrize(
        ("action", "arguments", "complaint"),
        [
            ("expel", {}, "no action is called 'expel'"),
            ("approve", {"institution": "north"}, "approve takes institution, email: missing ['email']"),
            ("confirm_email", {"email": "a@b.c", "code": "1"}, "unknown ['code']"),
            ("sign_in", {"email": "a@b.c"}, "missing ['via']"),
        ],
    )
    def test_a_mistaken_action_is_not_sent(self, action: str, arguments: dict[str, object], complaint: str) -> None:
        """The suite never sends what the table does not have."""
        with pytest.raises(ValueError, match=re.escape(complaint)):
            requests.do(action, **arguments)

    def test_the_columns_and_the_optional_names_are_complete(self) -> None:
        """An account shows its columns and where it stands; preview and several at once stand beside the actions."""
        assert list(requests.OPTIONAL) == ["preview", "concurrent", *requests.ACTIONS]
        assert {*responses.HEADERS, *STANDING} == {e.encode_name for e in msgspec.structs.fields(Account)}
        assert set(responses.INDISPENSABLE_HEADERS) < set(responses.HEADERS)


class TestSchemas:
    def test_there_is_one_for_each_message(self) -> None:
        """A request and a response for each op, and a request for each action."""
        ops = set(responses.RESPONSES)
        expected = {f"{op}.response" for op in ops} | {f"{op}.request" for op in ops - {"do"}}
        assert set(schemas()) == expected | {f"do.{action}.request" for action in requests.ACTIONS}

    @pytest.mark.parametrize(("name", "schema"), schemas().items())
    def test_each_is_a_schema(self, name: str, schema: dict[str, Any]) -> None:
        """By the dialect that it names."""
        assert schema["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"], name
        jsonschema.Draft202012Validator.check_schema(schema)

    @pytest.mark.parametrize(("op", "response"), GOOD)
    def test_what_decodes_is_valid(self, op: str, response: Response) -> None:
        """The schemas and the decoder have one source."""
        jsonschema.Draft202012Validator(schemas()[f"{op}.response"]).validate(response)

    @pytest.mark.parametrize(
        ("op", "response"),
        [
            ("hello", HELLO | {"protocol": 2}),
            ("reset", {"ok": False}),
            ("import", {"report": {}}),
            ("import", {"report": {"refused": None}}),
            ("import", report(CREATED | {"outcome": "ok"})),
            ("import", report(FAILED | {"response": {"errors": {"username": []}}})),
            ("observe", {"accounts": [{}]}),
            ("observe", {"accounts": [{"email_address": "a@b.c", "declined_by": None}]}),
        ],
    )
    def test_what_has_the_wrong_shape_is_not(self, op: str, response: Response) -> None:
        """Both refuse the same mistakes."""
        assert not jsonschema.Draft202012Validator(schemas()[f"{op}.response"]).is_valid(response)
        with pytest.raises(WrongShape):
            decode(op, response)


class Told(msgspec.Struct):
    """One line.

    Another one.
    """

    text: str | None


def test_schemas_depend_on_no_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """Releases of msgspec indent a docstring or do not, and put null first or last; the schema stays as it is."""
    whole = schema_of(Told)
    variants = [f"One line.\n{space}\n{space}Another one." for space in ("", "    ")]
    for description, alternatives in product(variants, permutations([{"type": "null"}, {"type": "string"}])):
        told: dict[str, object] = {"title": "Told", "type": "object", "required": ["text"], "description": description}
        told |= {"properties": {"text": {"anyOf": list(alternatives)}}}
        components = ({"$ref": "#/$defs/Told"},), {"Told": told}
        monkeypatch.setattr("msgspec.json.schema_components", lambda types, ref_template, found=components: found)
        assert schema_of(Told) == whole
    assert whole["$defs"]["Told"]["description"] == "One line.\n\nAnother one."


def test_ok_is_a_value() -> None:
    """Decoded responses are compared as values."""
    assert decode("reset", {"ok": True}) == Ok(ok=True)
