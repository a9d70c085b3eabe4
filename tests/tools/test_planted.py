"""The planted mistakes are what their file says, and the figures about them are counted rightly."""

import json
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from conformance import reference
from refmodel.catalogue import CATALOGUE
from tests.support.paths import ROOT
from tests.tools import planted
from tests.tools.planted import FOLDER, ROUNDS, BadPlanting, Claim, Figures, Importer, Mistake, Result

MISTAKES = planted.mistakes()
SUBJECTS = planted.subjects()
FILES = [json.loads((folder / "conversations.json").read_text("utf-8")) for folder in ROUNDS.values()]
WORLD = FILES[0]["world"]
CONVERSATIONS = {name: talk for file in FILES for name, talk in file["conversations"].items()}
SENSITIVE = "Attempted to update sensitive fields without setting change_sensitive_fields"
Wire = dict[str, Any]


# A conversation with an importer, with mistakes or without.


def asked(requests: Sequence[Wire]) -> list[Wire]:
    """The requests as they are sent: files as base64, and a look at everybody after each."""
    sent = [{"op": "reset", "world": WORLD}]
    for request in requests:
        sent.append({**request, "csv": base64_of(request["csv"])} if "csv" in request else request)
        sent.append({"op": "observe"})
    return sent


def base64_of(text: str) -> str:
    """The text as base64; half of a surrogate pair stands for a byte that is no UTF-8, as U+DCE9 for E9."""
    return b64encode(text.encode(errors="surrogateescape")).decode()


def answers(importer: Importer, there: Path, requests: Sequence[Wire]) -> list[Any]:
    """What is binding of the importer's responses."""
    command = [sys.executable, "-m", "sql"] if importer == "sql" else ["node", str(there / "importer.mjs")]
    lines = "".join(json.dumps(request) + "\n" for request in asked(requests))
    environment = planted.environment_of(there)
    done = subprocess.run(command, input=lines.encode(), env=environment, cwd=there, capture_output=True, check=True)
    responses = [json.loads(line) for line in done.stdout.splitlines()]
    assert not any("error" in response for response in responses), responses
    return [binding(response) for response in responses]


def binding(response: Wire) -> Any:
    """What a response says that a specification can bind: of texts, only those that the articles state."""
    if "report" not in response:
        return {key: value for key, value in response.items() if key != "refused"}
    report = response["report"]
    failed = b64decode(report.get("failed_rows_csv", "")).decode()
    cells = [line.partition('"{""success""')[0] for line in failed.splitlines()]
    return bool(report["refused"]), cells, [(row["outcome"], errors_of(row)) for row in report["rows"]]


def errors_of(row: Wire) -> Any:
    """The fields of a failed row, with the messages that are stated; else whether the stated refusal is the reason."""
    errors = row["response"].get("errors")
    if not isinstance(errors, dict):
        return errors == SENSITIVE if errors else None
    stated = ("has already been taken", "must be a date on or after primary_education:start_date")
    return {field: [text for text in texts if text in stated] for field, texts in errors.items()}


def without_blanks(answer: Any) -> Any:
    """An answer without what may be left out of it, and the accounts in one order."""
    if not isinstance(answer, dict) or "accounts" not in answer:
        return answer
    accounts = [{key: value for key, value in account.items() if value} for account in answer["accounts"]]
    return sorted(accounts, key=lambda account: str(account["email_address"]))


@cache
def without_mistakes(importer: Importer, name: str) -> list[Any]:
    """The answers of the importer as it is."""
    return answers(importer, ROOT / planted.IMPLEMENTATIONS / importer, CONVERSATIONS[name])


def needs(importer: Importer) -> None:
    """Skip where the importer cannot run."""
    if importer == "javascript" and which("node") is None:
        pytest.skip("not run: Node.js (node is not installed)")


# The mistakes.


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_answers_otherwise(mistake: Mistake, tmp_path: Path) -> None:
    """The patch applies, and in its conversation the importer answers otherwise than it does without."""
    needs(mistake.importer)
    there = planted.plant(mistake.importer, [mistake.patch], tmp_path)
    found = answers(mistake.importer, there, CONVERSATIONS[mistake.name])
    assert found != without_mistakes(mistake.importer, mistake.name)


@pytest.mark.parametrize("importer", ["sql", "javascript"])
def test_without_mistakes_the_importers_answer_as_the_model_does(importer: Importer) -> None:
    """In all conversations both importers answer what the model answers: whoever answers otherwise is wrong."""
    needs(importer)
    requests = [request for talk in CONVERSATIONS.values() for request in [{"op": "reset", "world": WORLD}, *talk]]
    model = reference.importer()
    expected = [binding(model.handle(request)) for request in asked(requests)]
    found = answers(importer, ROOT / planted.IMPLEMENTATIONS / importer, requests)
    assert [without_blanks(one) for one in found] == [without_blanks(one) for one in expected]


@pytest.mark.parametrize(("number", "of_sql", "of_javascript"), [(1, 40, 20), (2, 20, 20)])
def test_the_mistakes_of_a_round(number: int, of_sql: int, of_javascript: int) -> None:
    """There are so many in each importer, and each has a patch and a conversation in the folder of its round."""
    listed, talks = planted.of_round(number), FILES[number - 1]["conversations"]
    importers = [mistake.importer for mistake in listed]
    assert (importers.count("sql"), importers.count("javascript")) == (of_sql, of_javascript)
    assert set(talks) == {one.name for one in listed} == {path.stem for path in ROUNDS[number].glob("*.patch")}


def test_no_name_is_in_two_rounds() -> None:
    """A name stands for one mistake."""
    assert len(MISTAKES) == sum(len(planted.of_round(number)) for number in ROUNDS)


def test_every_round_has_the_same_world() -> None:
    """All conversations begin with one world, whichever file they are in."""
    assert all(file["world"] == WORLD for file in FILES)


def test_every_rule_exists() -> None:
    """Each mistake breaks rules that there are, at least one."""
    assert all(mistake.rules and set(mistake.rules) <= set(CATALOGUE) for mistake in MISTAKES.values())


def test_mistakes_of_two_places() -> None:
    """At least ten patches change two places or more."""
    hunks = [mistake.patch.read_text("utf-8").count("\n@@ ") for mistake in MISTAKES.values()]
    assert sum(count > 1 for count in hunks) >= 10


# The combinations.


def test_the_combinations_apply_together(tmp_path: Path) -> None:
    """There are twenty of 2 to 12 different mistakes in one importer each, whose patches apply one after the other."""
    several = [subject for subject in SUBJECTS.values() if len(subject.mistakes) > 1]
    assert len(several) == 20
    for subject in several:
        assert 2 <= len(set(subject.mistakes)) == len(subject.mistakes) <= 12
        assert {mistake.importer for mistake in subject.mistakes} == {subject.importer}
        planted.plant(subject.importer, [one.patch for one in subject.mistakes], tmp_path / subject.name)


def test_a_combination_still_answers(tmp_path: Path) -> None:
    """An importer with several mistakes answers every request of their conversations."""
    for subject in [subject for subject in SUBJECTS.values() if len(subject.mistakes) > 1]:
        needs(subject.importer)
        patches = [one.patch for one in subject.mistakes]
        there = planted.plant(subject.importer, patches, tmp_path / subject.name)
        talks = [CONVERSATIONS[one.name] for one in subject.mistakes]
        assert answers(subject.importer, there, [request for talk in talks for request in talk])


def test_the_same_seed_makes_the_same_combinations() -> None:
    """The file of the combinations is what its first line says that it was written by."""
    text = (FOLDER / "combinations.toml").read_text("utf-8")
    seed = text.partition("--combine ")[2].partition("`")[0]
    assert planted.combinations_file(int(seed)) == text


def test_a_patch_that_does_not_apply_is_said(tmp_path: Path) -> None:
    """A patch applies once; where it does not, the error names it."""
    mistake = next(iter(MISTAKES.values()))
    with pytest.raises(BadPlanting, match=rf"{mistake.name}\.patch does not apply: "):
        planted.plant(mistake.importer, [mistake.patch, mistake.patch], tmp_path)


# What the suite says of them.


@pytest.mark.parametrize("name", ["nested_fields_keep_their_colon", "no_file_where_no_row_failed"])
def test_the_suite_catches_one(name: str) -> None:
    """One mistake of each importer is caught by the smallest search, and one of its rules is broken or in doubt."""
    subject = SUBJECTS[name]
    needs(subject.importer)
    result = planted.judged(subject, "1-histories")
    assert result.verdict in planted.CAUGHT
    assert subject.rules.intersection((*result.broken, *result.in_doubt))


def test_what_a_report_says() -> None:
    """The rules by their standing, and what it puts the differences down to."""
    said: dict[str, Any] = {
        "verdict": "differs",
        "rules": {"preview": "broken", "approve": "in_doubt", "decline": "held"},
    }
    said["causes"] = [{"rules": ["preview"], "mutants": ["b", "c"], "sure": True, "cases": 3}]
    claim = Claim(("preview",), ("b", "c"), sure=True)
    assert planted.result_of("a", "quick", said, 1.23) == Result(
        "a", "quick", "differs", ("preview",), ("approve",), (claim,), 1.2
    )


def result(name: str, verdict: str, broken: str = "", in_doubt: str = "", *causes: Claim) -> Result:
    """A result."""
    return Result(name, "quick", verdict, tuple(broken.split()), tuple(in_doubt.split()), causes, 1.0)


def test_the_arithmetic_of_the_figures() -> None:
    """Precision is of the rules called broken, recall of those that are; a fault and a pass are no catch."""
    truth = {"a": frozenset({"x", "y"}), "b": frozenset({"z"}), "c": frozenset({"x"}), "d": frozenset({"w"})}
    claims = Claim(("x",), ("m",), sure=True), Claim(("v", "y"), (), sure=True)
    results = [result("a", "violates", "x v", "y", *claims), result("b", "differs", "z", "", claims[1])]
    results.append(result("c", "conformant"))
    found = planted.figures([*results, result("d", "fault", "", "v")], truth)
    assert found == Figures(4, 2, 3, 2, 5, 3, sure=3, surely=1, first=2, firstly=1)
    shares = {"caught": 0.5, "precision": 2 / 3, "recall": 0.4, "recall_with_doubt": 0.6}
    assert found.shares == shares | {"sure": 1 / 3, "first": 0.5}


def test_figures_of_nothing() -> None:
    """Where nothing was run, or no rule called broken, no share is wrong."""
    assert planted.figures([], {}) == Figures(*(0,) * 10)
    assert set(planted.figures([], {}).shares.values()) == {1.0}


def test_a_line_about_a_result() -> None:
    """It says which rules were called broken wrongly, and which were missed."""
    line = planted.told(result("a", "violates", "x v"), frozenset({"x", "y"}))
    assert line == "a: violates in 1 s; wrongly: v; missed: y"
    assert planted.told(result("a", "violates", "x"), frozenset({"x"})) == "a: violates in 1 s"


# The file of the results, and the command line.


def test_the_results_are_as_they_would_be_written() -> None:
    """The file reads as it is written, and is about what there is."""
    there = planted.known(planted.RESULTS)
    assert set(there) <= set(SUBJECTS)
    assert planted.RESULTS.read_text("utf-8") == planted.as_text(there[name] for name in SUBJECTS if name in there)


def test_results_that_are_there_are_not_measured_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --missing, what the file has under the same budget counts as it stands."""
    (tmp_path / "out.json").write_text(
        planted.as_text([result("rows_run_by_username", "violates", "rows_run_in_order")])
    )
    words = ["rows_run_by_username", "--missing", "--budget", "quick", "--out", str(tmp_path / "out.json")]
    assert planted.main(words) == 0
    assert capsys.readouterr().out.startswith("In all: 1 of 1 caught; caught 100%, precision 100%, recall 100%")


@pytest.mark.parametrize(("number", "count"), [(1, 60), (2, 40), (None, 100)])
def test_the_mistakes_of_one_round_can_be_chosen(number: int | None, count: int) -> None:
    """Without names all single mistakes are judged, or those of the round that is given."""
    assert len(planted.chosen_subjects([], number, SUBJECTS)) == count


@pytest.mark.parametrize(
    ("words", "text"), [(["nobody"], "nobody: there is no such mistake"), (["--out", "{bad}"], "name another file")]
)
def test_wrong_words_are_said(words: list[str], text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is unknown, and a file that is none of results, end with 2 and a sentence."""
    bad = tmp_path / "bad.json"
    bad.write_text("[", "utf-8")
    assert planted.main([word.format(bad=bad) for word in words]) == 2
    assert text in capsys.readouterr().err


def test_what_was_judged_last_is_told_by_round(tmp_path: Path) -> None:
    """A line for each round and budget, and for the combinations, of those that the file has."""
    one, two = (next(m.name for m in MISTAKES.values() if m.round == number) for number in ROUNDS)
    both = next(name for name, subject in SUBJECTS.items() if len(subject.mistakes) > 1)
    words = {one: "differs", two: "conformant", both: "violates"}
    found = {name: result(name, word) for name, word in words.items()}
    planted.write(tmp_path / "results.json", found)
    first, second, third = planted.kept(tmp_path / "results.json")
    assert first.startswith("Planted mistakes, round 1, budget quick: 1 of 1 caught; ")
    assert second.startswith("Planted mistakes, round 2, budget quick: 0 of 1 caught; ")
    assert third.startswith("Planted mistakes, combinations, budget quick: 1 of 1 caught; ")
    assert list(planted.kept(tmp_path / "none.json")) == []
