"""Other readings of the rules: each answers otherwise in the case that it is about."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given, seed

from refmodel.actions import EditProfile, SetExcluded, SwitchInstitution
from refmodel.failures import SENSITIVE_FIELDS
from refmodel.job import Job
from refmodel.readings import READINGS, email_is_looked_up_in_their_place
from refmodel.rules.lookup import LOOKUPS
from refmodel.ruleset import STANDARD
from refmodel.serialization import observe
from tests.support.strategies import History, bounded, histories, play
from tests.support.world_builder import (
    HEADER,
    LABELS,
    MAJORS,
    SETTING,
    SOUTHERN,
    START,
    Stage,
    ada,
    bo,
    csv_of,
    declined,
    file_of,
    gil,
    pending,
)


def read_as(name: str) -> Stage:
    """A stage on which one rule is read otherwise."""
    return Stage(ruleset=READINGS[name].ruleset)


def outcomes(stage: Stage, data: bytes, job: Job = SETTING) -> list[str]:
    """What becomes of the rows of a file."""
    return [result.outcome for result in stage.send(data, job).results]


@pytest.mark.parametrize("name", READINGS)
def test_no_reading_breaks_the_model(name: str) -> None:
    """Under every reading every history can be played, and the rule sets differ from the standard."""

    @bounded()
    @seed(zlib.crc32(name.encode()))
    @given(histories())
    def goes_on(history: History) -> None:
        for moment in play(history.world, history.steps, READINGS[name].ruleset):
            assert isinstance(observe(moment.after), list)

    goes_on()
    assert READINGS[name].ruleset != STANDARD
    assert READINGS[name].ruleset[READINGS[name].rule] is not READINGS[name].rule
    assert READINGS[name].statement.endswith(".")


def test_any_success_approves() -> None:
    """A job without the setting approves the pending student whom it updates."""
    for stage, institution in ((Stage(), None), (read_as("any_success_approves"), "north")):
        stage.do(*pending())
        stage.rows(gil(gender="m"))
        assert stage["gil@home.example"]["institution"] == institution
        assert stage.rows(ada(), bo()) == ["created"] * 2


def test_unchanged_against_the_record() -> None:
    """A row that says what is stored is left alone; one that would undo a repair undoes it."""
    stage = read_as("unchanged_against_the_record")
    stage.rows(ada(gender="f"))
    assert stage.rows(ada(gender="f")) == ["unchanged"]
    stage.do(EditProfile("north", "ada@north.edu", {"gender": "x"}))
    assert stage.rows(ada(gender="f")) == ["updated"]
    stage.do(*pending())
    assert stage.rows(gil()) == ["unchanged"]


def test_a_row_that_says_the_record_is_not_looked_at_further() -> None:
    """What would fail or connect a row is not asked where the row says what is stored of a student here, and
    only there."""
    stage = read_as("unchanged_against_the_record")
    stage.rows(ada())
    stage.do(EditProfile("north", "ada@north.edu", {"gender": "x"}), SetExcluded("north", "ada@north.edu", True))
    assert stage.rows(ada(gender="x")) == ["unchanged"]
    assert stage.rows(ada(gender="f")) == ["excluded_students_are_not_updated"]
    stage.do(*pending())
    stage.rows(gil(), job=SETTING)
    assert stage["gil@home.example"]["institution"] == "north"


def test_first_and_last_of_duplicates() -> None:
    """Of rows that share one is applied, the first or the last; rows that share nothing are all applied."""
    first, last = ada(gender="f"), ada(email_address="new@north.edu")
    data = file_of(first, bo(), last)
    assert outcomes(read_as("first_of_duplicates_wins"), data) == ["created", "created", "failed"]
    assert outcomes(read_as("last_of_duplicates_wins"), data) == ["failed", "created", "created"]
    assert outcomes(read_as("last_of_duplicates_wins"), file_of(first, last)) == ["failed", "created"]


def test_clears_are_no_duplicates() -> None:
    """Of two pairs of rows that share a username each first one is applied, though both clear their card."""
    clear = {"card_id": "**CLEAR**"}
    again = {"email_address": "new@north.edu"}
    rows = (ada(**clear), ada(**again), bo(**clear), bo(**{**again, "email_address": "other@north.edu"}))
    stage = read_as("first_of_duplicates_wins")
    assert outcomes(stage, file_of(*rows)) == ["created", "failed", "created", "failed"]


def test_emails_are_compared_exactly() -> None:
    """An address in capitals is another address, and one with white space before or behind it is none."""
    stage = read_as("emails_are_compared_exactly")
    stage.rows(ada())
    assert stage.rows(ada(username="2", email_address="Ada@north.edu")) == ["created"]
    for address in (" ada@north.edu", "ada@north.edu "):
        assert stage.errors(ada(email_address=address)) == {"email_address": ["is invalid"]}


def test_only_username_and_auth_identifier_are_sensitive() -> None:
    """A card number changes without the setting, an auth identifier does not."""
    stage = read_as("only_username_and_auth_identifier_are_sensitive")
    stage.rows(ada())
    assert stage.rows(ada(card_id="7")) == ["updated"]
    assert stage.errors(ada(auth_identifier="x")) == SENSITIVE_FIELDS
    assert stage.rows(ada(auth_identifier="x"), job=SETTING) == ["updated"]


def test_required_values_when_creating() -> None:
    """A row that creates says something under every starred header; one that updates need not."""
    stage = read_as("required_values_when_creating")
    full = {"primary_education:end_date": "2020-01-01", "school_year_name": "Alumni"}
    assert set(stage.errors(ada())) == {"school_year_name", "primary_education.end_date"}
    assert stage.rows(ada(**full)) == ["created"]
    assert stage.rows(ada(gender="f")) == ["updated"]
    southern = {"email_address": "a@home.example", **full, "school_year_name": "Alumni"}
    assert set(stage.errors(ada(**southern), job=SOUTHERN)) == {"auth_identifier"}


def test_start_date_is_always_iso() -> None:
    """The start date is yyyy-mm-dd in a job of the other format too."""
    job = Job("north", date_format="mm/dd/yyyy")
    stage = read_as("start_date_is_always_iso")
    assert stage.rows(ada(**{START: "2020-01-02"}), job=job) == ["created"]
    assert stage.errors(ada(**{START: "01/02/2020"}), job=job) == {"primary_education.start_date": ["is invalid"]}


def test_only_connected_students_are_found() -> None:
    """A student who is unconnected is not found even under the setting: the address has been taken."""
    stage = read_as("only_connected_students_are_found")
    stage.do(*pending(institution="south"))
    assert stage.rows(gil(), job=SETTING) == ["email_is_unique_everywhere"]


def test_email_is_looked_up_in_their_place() -> None:
    """A row with the address of one and the username of another is about the first."""
    stage = read_as("email_is_looked_up_in_their_place")
    stage.rows(ada(), bo())
    row = ada(username="2", gender="f")
    assert stage.rows({**row, "username": "9"}, job=SETTING) == ["updated"]
    assert stage["ada@north.edu"]["username"] == "9"
    assert stage.rows(bo(email_address="new@north.edu"), job=SETTING) == ["updated"]
    assert stage.ruleset.active(LOOKUPS) == (email_is_looked_up_in_their_place,)


def test_items_that_differ_in_case_are_one() -> None:
    """Repeats in other capitals are dropped; the first stays where it stood."""
    stage = read_as("items_that_differ_in_case_are_one")
    stage.rows(ada(**{MAJORS: "Law; art;LAW;b", LABELS: "b;B"}))
    assert stage["ada@north.edu"][MAJORS] == ["Law", "art", "b"]
    assert stage["ada@north.edu"][LABELS] == ["b"]


def test_blank_rows_fail() -> None:
    """A row of blank cells is a row without a username; an empty line is none."""
    data = csv_of([HEADER, [], [" "] * len(HEADER)])
    assert outcomes(read_as("blank_rows_fail"), data) == ["failed"]


def test_unknown_campuses_are_taken() -> None:
    """A campus is what the cell says."""
    stage = read_as("unknown_campuses_are_taken")
    stage.rows(ada(campus_name="Hill"))
    assert stage["ada@north.edu"]["campus_name"] == "Hill"


def test_emails_wait_for_confirmation() -> None:
    """A new address in a file is asked for, and the old one stays, whichever stands first in the alphabet."""
    stage = read_as("emails_wait_for_confirmation")
    stage.rows(ada())
    for address in ("new@home.example", "a@home.example"):
        stage.rows(ada(email_address=address), job=SETTING)
        assert stage["ada@north.edu"]["requested_email"] == address


def test_campus_stays() -> None:
    """Labels and campus go along with who leaves; the exclusion does not."""
    stage = read_as("campus_stays")
    stage.rows(ada(campus_name="Main", **{LABELS: "a"}))
    stage.do(SwitchInstitution("ada@north.edu", "south"))
    assert (stage["ada@north.edu"]["campus_name"], stage["ada@north.edu"][LABELS]) == ("Main", ["a"])


def test_rules_left_out() -> None:
    """The readings that leave a rule out do what the rule forbids."""
    stage = read_as("texts_are_trimmed")
    stage.rows(ada(gender=" f "))
    assert stage["ada@north.edu"]["gender"] == "f"
    data = file_of(ada())
    assert outcomes(read_as("headers_match_loosely"), data.replace(b"username", b"Username")) == ["created"]
    assert outcomes(read_as("short_rows_are_filled_up"), data.replace(b",,\r\n", b"\r\n")) == ["created"]
    assert read_as("booleans_can_be_cleared").rows(ada(disabled="**CLEAR**")) == ["created"]


def test_whom_a_file_may_connect() -> None:
    """The declined can be connected; the unconnected are updated by any job, and stay so."""
    stage = read_as("a_declined_student_can_be_connected")
    stage.do(*declined())
    assert stage.rows(gil(), job=SETTING) == ["updated"]
    stage = read_as("an_unconnected_student_is_updated_by_any_job")
    stage.do(*pending(institution="south"))
    assert stage.rows(gil(gender="m")) == ["updated"]
    assert stage["gil@home.example"]["pending_at"] == "south"
