"""The SQL importer's long files: what goes through the staging table comes to what rows in their order come to."""

import base64
from collections import Counter
from collections.abc import Iterator
from itertools import islice, permutations
from random import Random
from typing import Any

import pytest
from sqlalchemy import event, text

from conformance.implementations.sql import SqlImporter, files, importer, outcomes, records, staging_importer, store
from conformance.oracle.reference import ReferenceImporter
from refmodel.serialization import institution_as_data
from tests.benchmarks.students import empty_world, faulty, students
from tests.benchmarks.students import file_of as students_file
from tests.implementations.test_sql import ADA, BOB, WORLD, Conversation, file_of, postgres_url

NUMBERS = range(12)  # of those about whom something happens between the files
SETTINGS = (False, True, True)


@pytest.fixture(params=["memory", "postgresql"])
def staged(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqlImporter]:
    """An importer that takes every file as a long one, five rows at a time, and copies the shortest of them.

    Whatever the rules allow the database does at once: nothing has to be done a second time, carefully.
    """

    def refused(*_: object) -> None:
        raise AssertionError("the database has refused what the rules allow")

    monkeypatch.setattr(outcomes, "CarefulLedger", refused)
    monkeypatch.setattr(files, "BATCH", 5)
    monkeypatch.setattr(records, "COPIED_FROM", 1)
    target = SqlImporter("sqlite://" if request.param == "memory" else postgres_url(), staged_from=0)
    yield target
    target.engine.dispose()


def keep_no_order_by_chance(target: SqlImporter) -> None:
    """Make PostgreSQL join by sorting: what is to be in order must not be so by the luck of a plan."""
    if target.engine.dialect.name == "postgresql":
        with target.engine.begin() as connection:
            connection.execute(text("SET enable_hashjoin = off"))
            connection.execute(text("SET enable_nestloop = off"))


def colliding_rows(chance: Random) -> list[dict[str, str]]:
    """Rows of which some exchange identifiers, take over what others give up, or share some; most have their own."""
    count = chance.choice((3, 12, 40))
    orders = [shuffled(count, chance) for _ in range(4)]
    return [row_of(chance, *numbers) for numbers in zip(*orders)]


def shuffled(count: int, chance: Random) -> list[int]:
    """The numbers of some rows, a few of which have changed places, or are somebody's who is not there, or twice."""
    numbers = list(range(count))
    for _ in range(chance.choice((0, 1, count // 4))):
        one, other = chance.randrange(count), chance.randrange(count)
        numbers[one], numbers[other] = numbers[other], numbers[one]
    if chance.random() < 0.3:
        numbers[chance.randrange(count)] = chance.randrange(2 * count)
    return numbers


def row_of(chance: Random, email: int, username: int, identifier: int, card: int) -> dict[str, str]:
    """A row with these numbers' identifiers."""
    return {
        "email_address": f"{email}@{'south.edu' if chance.random() < 0.05 else 'gmail.com'}",
        "username": str(username) if chance.random() < 0.97 else "",
        "first_name": chance.choice(("Ada", "Bob", "Cy", "Di", "")),
        "last_name": "L",
        "auth_identifier": chance.choice(("", f"a{identifier}")),
        "card_id": chance.choice(("", "**CLEAR**", f"c{card}", f"c{card}")),
        "gender": chance.choice(("", "f", "m")),
        "system_label_names": chance.choice(("", "a", "b;a")),
        "primary_education:end_date": chance.choice(("", "", "", "2020-01-01", "2020-13-01")),
    }


def happenings(chance: Random) -> Iterator[dict[str, Any]]:
    """Files, one of them twice, and what people do in between."""
    for number in range(4):
        for request in requests_about(f"{chance.choice(NUMBERS)}@gmail.com", chance):
            yield {"op": "do", "email": request.pop("email"), **request}
        data = base64.b64encode(file_of(*colliding_rows(chance))).decode()
        job = {"institution": chance.choice(("north", "north", "south")), "mode": "manual", "date_format": "yyyy-mm-dd"}
        file = {"op": "import", "csv": data, "change_sensitive_fields": chance.choice(SETTINGS), **job}
        yield from [file] * (1 + number % 2)
        yield {"op": "observe"}


def requests_about(email: str, chance: Random) -> list[dict[str, Any]]:
    """What may make a student known to nobody, pending, declined or excluded."""
    there = {"email": email, "institution": chance.choice(("north", "south"))}
    sign_up = {"action": "sign_up", "email": email, "first_name": "Eve", "last_name": "E"}
    others = ("request_access", "decline", "approve", "switch_institution")
    return [sign_up, {"action": chance.choice(others), **there}, {"action": "set_excluded", "excluded": True, **there}]


@pytest.mark.parametrize("seed", range(12))
def test_long_files_come_to_what_the_model_comes_to(
    staged: SqlImporter, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever shares or exchanges identifiers with whom, outcomes, errors and accounts are the reference's.

    Also where there are too many staff and domains to remember them all.
    """
    monkeypatch.setattr(store, "REMEMBERED", seed % 2 * 10_000)
    model = ReferenceImporter()
    for target in (staged, model):
        target.handle({"op": "reset", "world": WORLD})
    for request in happenings(Random(seed)):
        assert comparable(staged.handle(request)) == comparable(model.handle(request))


def comparable(response: dict[str, Any]) -> Any:
    """Of a response what has to be the same whoever gives it."""
    if "accounts" in response:
        return sorted((sorted(account.items(), key=str) for account in response["accounts"]), key=str)
    if "report" not in response:
        return response["done"]
    rows = response["report"]["rows"]
    return [(row["row"], row["outcome"], errors_of(row["response"])) for row in rows]


def errors_of(response: dict[str, Any]) -> Any:
    """The fields of an object, or that it is a text."""
    errors = response.get("errors")
    return sorted(errors) if isinstance(errors, dict) else type(errors)


def test_the_histories_reach_what_they_are_about() -> None:
    """The rows of the test above are created, updated, unchanged and failed, each many times, and for both reasons."""
    target, seen = importer(), Counter[str]()
    for seed in range(12):
        target.handle({"op": "reset", "world": WORLD})
        for request in happenings(Random(seed)):
            rows = target.handle(request).get("report", {}).get("rows", ())
            seen.update(row["outcome"] for row in rows)
            seen.update(text for row in rows if isinstance(text := row["response"].get("errors"), str))
    names = ("created", "updated", "unchanged", "failed", outcomes.TWINS, outcomes.SAME_STUDENT)
    assert min(seen[name] for name in names) > 25


def test_rows_that_pass_an_identifier_on_are_taken_in_their_order(staged: SqlImporter) -> None:
    """A chain over several batches works one way, and fails the other way round."""
    talk = Conversation(staged)
    talk.reset()
    keep_no_order_by_chance(staged)
    crowd = [{**ADA, "email_address": f"{n}@gmail.com", "username": str(n), "card_id": f"c{n}"} for n in range(30)]
    assert set(talk.outcomes(*crowd)) == {"created"}
    moved = [{**row, "card_id": f"c{number + 1}"} for number, row in enumerate(crowd)]
    assert talk.outcomes(*moved, change_sensitive_fields=True) == [*["failed"] * 29, "updated"]
    assert talk.outcomes(*reversed(moved[:-1]), change_sensitive_fields=True) == ["updated"] * 29
    assert [talk.accounts[row["email_address"]]["card_id"] for row in moved] == [row["card_id"] for row in moved]


@pytest.mark.parametrize("remembered", [0, 10_000])
def test_addresses_of_others_are_taken(staged: SqlImporter, remembered: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Staff's and employers' addresses are taken and other institutions' domains are theirs, many of them or few."""
    monkeypatch.setattr(store, "REMEMBERED", remembered)
    talk = Conversation(staged)
    talk.reset()
    addresses = ("advisor@north.edu", "hr@employer.example", "eve@south.edu", "eve@north.edu")
    rows = [{**ADA, "email_address": address, "username": address} for address in addresses]
    taken, foreign = ({"email_address": [text]} for text in ("has already been taken", "is invalid"))
    assert talk.errors(*rows) == [taken, taken, foreign, None]


def test_a_long_file_without_a_right_end_is_refused_again_and_again(staged: SqlImporter) -> None:
    """A fault in the last batch leaves nothing: no student, and no table that is in the next file's way."""
    talk = Conversation(staged)
    talk.reset()
    rows = [{**ADA, "email_address": f"{n}@gmail.com", "username": str(n)} for n in range(12)]
    for end in (b'"', b"\xff", b'"'):
        report = talk.send(file_of(*rows) + end)
        assert (bool(report["refused"]), report["rows"], talk.accounts) == (True, [], {})
    assert set(talk.outcomes(*rows)) == {"created"}


def test_a_row_is_unchanged_by_what_it_says_and_not_by_how_it_is_written(staged: SqlImporter) -> None:
    """The same text is known at once, another text for the same is read; the same text in another job is read anew."""
    talk = Conversation(staged)
    talk.reset()
    row = {**ADA, "system_label_names": "a;b", "primary_education:end_date": "2020-01-02"}
    assert talk.outcomes(row) == ["created"]
    assert talk.outcomes(row) == ["unchanged"]
    assert talk.outcomes({**row, "system_label_names": "b;a"}) == ["unchanged"]
    assert talk.outcomes(row, date_format="mm/dd/yyyy") == ["failed"]


def test_a_row_that_says_nothing_new_is_unchanged_whoever_else_touches_its_student(staged: SqlImporter) -> None:
    """Rows that want what the student has, and that row does not mention, fail above it and below it."""
    talk = Conversation(staged)
    talk.reset()
    bob, eve = {**BOB, "card_id": "d"}, {**BOB, "email_address": "eve@gmail.com", "username": "3", "card_id": ""}
    assert talk.outcomes({**ADA, "card_id": "c"}, bob, eve) == ["created"] * 3
    same = {**ADA, "card_id": ""}
    assert talk.outcomes(same) == ["unchanged"]
    assert talk.do("change_email", institution="north", email="ada@north.edu", new_email="new@gmail.com")
    assert talk.do("confirm_email", email="ada@north.edu")
    rows = same, {**bob, "card_id": "c"}, {**eve, "email_address": "new@gmail.com"}
    for order in permutations(rows):
        outcomes = talk.outcomes(*order, change_sensitive_fields=True)
        assert outcomes == ["unchanged" if row is same else "failed" for row in order]


@pytest.mark.parametrize("staged_from", [0, 10_000])
def test_whom_all_rows_find_is_asked_at_once(staged_from: int) -> None:
    """Ten times as many rows, each of which finds the student of another one, take not a statement more."""
    assert statements_for(20, staged_from) == statements_for(200, staged_from) > 0


def statements_for(count: int, staged_from: int) -> int:
    """How many statements a file takes in which each student is found by two rows."""
    target = SqlImporter(staged_from=staged_from)
    talk = Conversation(target)
    talk.reset()
    rows = [{**ADA, "email_address": f"{n}@gmail.com", "username": str(n)} for n in range(count)]
    assert talk.outcomes(*rows) == ["created"] * count
    others = [{**row, "username": f"other {n}"} for n, row in enumerate(rows)]
    theirs = [{**row, "email_address": f"new{n}@gmail.com"} for n, row in enumerate(rows)]
    statements = Counter[str]()
    event.listen(target.engine, "before_cursor_execute", lambda *asked: statements.update([asked[2]]))
    assert talk.outcomes(*others, *theirs, change_sensitive_fields=True) == ["failed"] * 2 * count
    target.engine.dispose()
    return statements.total()


def test_a_report_is_the_same_whichever_way_a_file_goes(staged: SqlImporter) -> None:
    """Every response, warning and failed row of a faulty file, with ragged rows and twins, is the same text by text."""
    rows = list(islice(students(), 90))
    twins = [{**row, "email_address": f"{number}@north.edu"} for number, row in enumerate(rows[:7])]
    data = students_file([*faulty(rows), *twins, {**rows[8], "gender": "x"}]) + b"a,b\n,,\nragged\n"
    institutions = [institution_as_data(institution) for institution in empty_world().directory.institutions.values()]
    reports = []
    for target in (staged, importer()):
        Conversation(target).ask("reset", world={"institutions": institutions})
        reports.append([Conversation(target).send(data, change_sensitive_fields=True) for _ in range(2)])
    assert reports[0] == reports[1]
    assert {row["outcome"] for report in reports[0] for row in report["rows"]} == {"created", "unchanged", "failed"}


def test_the_staging_importer_is_one() -> None:
    """The factory in the box takes a file of one row as a long one."""
    assert staging_importer().staged_from == 0
