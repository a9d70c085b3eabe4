"""Every rule can be explained by an example that shows it at work, and every error by the rules behind it."""

import ast
import inspect
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmodel import csv_reader
from refmodel.catalogue import CATALOGUE
from refmodel.cell import Malformed
from refmodel.columns import BY_HEADER, COLUMNS, Column
from refmodel.dispatch import ACTIONS
from refmodel.engine import import_file
from refmodel.explain.advice import ADVICE
from refmodel.explain.errors import (
    CONCERNS,
    MESSAGES,
    SAYINGS,
    TEXTS,
    Explanation,
    column_of,
    entry_as_data,
    explain,
)
from refmodel.explain.examples import EXAMPLES, NAMED, differences, happen, play, shown
from refmodel.explain.platform_texts import PLATFORM_TEXTS, PlatformText, recognised
from refmodel.job import DateFormat, Job
from refmodel.report import as_json
from refmodel.rules import action as actions
from refmodel.rules import file as csvfile
from refmodel.rules import identity as finding
from refmodel.rules import refusal
from refmodel.rules.cell import decoder
from refmodel.ruleset import STANDARD, Ruleset
from refmodel.value_lists import Vocabulary
from refmodel.world import Institution, World


def rules_for(text: str) -> list[str]:
    """The names of the rules that a text is explained by."""
    return [entry.name for entry in explain(text).rules]


class TestExamples:
    """An example is proof: it ends differently where its rule is left out."""

    def test_every_rule_has_one(self) -> None:
        """There is an example for each rule, of its own, and for nothing else."""
        assert set(EXAMPLES) == set(CATALOGUE)
        assert sorted(entry.example for entry in CATALOGUE.values()) == sorted(NAMED)

    @pytest.mark.parametrize("name", EXAMPLES)
    def test_the_rule_makes_the_difference(self, name: str) -> None:
        """Without the rule the example ends in another way, in answers or in what became of students."""
        example = EXAMPLES[name]
        assert play(example) != play(example, Ruleset().without(CATALOGUE[name].rule))

    @pytest.mark.parametrize("name", EXAMPLES)
    def test_what_happens_before_works(self, name: str) -> None:
        """What an example starts with is done, not refused, and no row of it fails."""
        world = EXAMPLES[name].world
        for happening in EXAMPLES[name].before:
            world, answers = happen(world, happening, STANDARD)
            assert not [text for text in answers if "refused" in text or "failed" in text]

    @pytest.mark.parametrize("name", EXAMPLES)
    def test_it_is_played_anew(self, name: str) -> None:
        """Playing an example leaves no trace in it."""
        assert play(EXAMPLES[name]) == play(EXAMPLES[name])

    def test_differences_are_told(self) -> None:
        """Who came, who went and what changed is told; between a world and itself, nothing."""
        one = World.of(Institution("north"))
        header = b"email_address,username,first_name,last_name,primary_education:end_date,school_year_name\n"
        two, _ = import_file(one, Job("north"), header + b"a@n.e,1,A,A,,\n")
        three, _ = import_file(two, Job("north"), header + b"a@n.e,1,A,B,,\n")
        assert list(differences(two, two)) == []
        created = "a@n.e is new: username = 1, first_name = A, last_name = A, institution = north"
        assert list(differences(one, two)) == [created]
        assert list(differences(two, three)) == ["a@n.e: last_name: A → B"]
        assert list(differences(two, one)) == ["a@n.e is gone"]

    def test_values_are_for_people(self) -> None:
        """No null, no brackets, no Python."""
        assert [shown(value) for value in (None, [], True, False, ["a", "b"], "x")] == [
            "nothing",
            "nothing",
            "yes",
            "no",
            "a; b",
            "x",
        ]


class TestAdviceForRules:
    """What to do is said in a sentence that stands by itself."""

    @pytest.mark.parametrize("name", CATALOGUE)
    def test_it_is_short(self, name: str) -> None:
        """It fits on two lines; that it is a sentence is seen to where rules are read."""
        assert len(CATALOGUE[name].remedy) < 200

    def test_no_two_names(self) -> None:
        """Advice on rows has names of its own."""
        assert not {advice.name for advice in ADVICE} & set(CATALOGUE)


class TestWhatIsQuoted:
    """The texts that the articles print are explained as they are printed, slips and all."""

    @pytest.mark.parametrize(
        ("text", "rule"),
        [
            (
                '{"success":false,"errors":"Attempted to update sensitive fields without setting '
                'change_sensitive_fields"}',
                "sensitive_fields_need_the_setting",
            ),
            ('{"success":false,"errors":{"email_address":["has already been taken"]}', "email_is_unique_everywhere"),
            ('{"success":false,"errors":{"email_address":["has already been taken"]}}', "email_is_unique_everywhere"),
            (
                '"{""success"":false,""errors"":{""email_address"":[""has already been taken""]}}"',
                "email_is_unique_everywhere",
            ),
            (
                '{"primary_education.end_date":["must be a date on or afterprimary_education:start_date"]}}',
                "end_date_is_not_before_start_date",
            ),
            (
                "attempting to update sensitive fields without sensitive fields setting",
                "sensitive_fields_need_the_setting",
            ),
        ],
    )
    def test_quoted(self, text: str, rule: str) -> None:
        """One rule is behind it."""
        assert rules_for(text) == [rule]


SENSITIVE = "sensitive_fields_need_the_setting"
DOMAIN = "email_domain_is_not_anothers"
WARNING = (
    "This job has users with email addresses not associated with your school. These users will be skipped. If you feel "
    "this is an error and this domain belongs to your institutions, please contact support."
)
TODAY: tuple[tuple[str, str, tuple[str, ...]], ...] = (  # a text, the rule, and what the answer has to name
    (
        "Attempted to update username from 17 to 1001",
        SENSITIVE,
        ("username would change from 17 to 1001",),
    ),
    (
        "attempted  to update USERNAME from 17 to 1001.",
        SENSITIVE,
        ("username would change from 17 to 1001",),
    ),
    (
        "Attempted to update auth_identifier from a b to c-d",
        SENSITIVE,
        ("auth_identifier would change from a b to c-d",),
    ),
    (
        "Attempted to update email_address from a@b.c to d@e.f",
        SENSITIVE,
        ("email_address would change from a@b.c to d@e.f",),
    ),
    (
        "Attempted to update card_id from 007 to 7",
        SENSITIVE,
        ("card_id would change from 007 to 7",),
    ),
    (
        "Attempted to update email_address from to",
        SENSITIVE,
        ("; email_address would change. ",),
    ),
    (
        '"Attempted to update email_address from to"}',
        SENSITIVE,
        ("; email_address would change. ",),
    ),
    (
        '"Attempted to update auth_identifier from _____ to _____"}',
        SENSITIVE,
        ("; auth_identifier would change. ",),
    ),
    (
        "Attempted to update auth_identifier from  to x_",
        SENSITIVE,
        ("auth_identifier would change to x_. ",),
    ),
    (
        "Attempted to update card_id from C1 to ",
        SENSITIVE,
        ("card_id would change from C1. ",),
    ),
    (
        "Attempted to update username",
        SENSITIVE,
        ("; username would change. ",),
    ),
    (
        "update username from 17 to 1001",
        SENSITIVE,
        ("username would change from 17 to 1001",),
    ),
    (
        "username from 17 to 1001",
        SENSITIVE,
        ("username would change from 17 to 1001",),
    ),
    (
        ('{"success":false,"errors":{ "Attempted to update username from CURRENT USERNAME to NEW USERNAME"}'),
        SENSITIVE,
        ("username would change from CURRENT USERNAME to NEW USERNAME",),
    ),
    (
        (
            '{"success":false,"errors":{ "Attempted to update auth_identifier from CURRENT AUTH_IDENTIFIER '
            'to NEW AUTH_IDENTIFIER "}'
        ),
        SENSITIVE,
        ("auth_identifier would change from CURRENT AUTH_IDENTIFIER to NEW AUTH_IDENTIFIER. ",),
    ),
    (
        '{"success":false,"errors":"Attempted to update username from 17 to 1001"}',
        SENSITIVE,
        ("username would change from 17 to 1001. ",),
    ),
    (
        '"{""success"":false,""errors"":{ ""Attempted to update username from 17 to 1001""}"',
        SENSITIVE,
        ("username would change from 17 to 1001. ",),
    ),
    (
        "{“success”:false,“errors”:{ “Attempted to update username from 17 to 1001”}",
        SENSITIVE,
        ("username would change from 17 to 1001. ",),
    ),
    (
        "Attempted to update username from 1 to 2, Attempted to update card_id from 3 to 4",
        SENSITIVE,
        ("username would change from 1 to 2; card_id would change from 3 to 4. ",),
    ),
    (
        "attempted to change sensitive fields",
        SENSITIVE,
        ("other words",),
    ),
    (
        "This job changes identifier data",
        SENSITIVE,
        ("change_sensitive_fields",),
    ),
    (
        WARNING,
        DOMAIN,
        (
            "another institution's domain",
            "skips the rows",
        ),
    ),
    (
        WARNING.upper(),
        DOMAIN,
        ("skips the rows",),
    ),
    (
        "users with email addresses not associated with your school",
        DOMAIN,
        ("skips the rows",),
    ),
    ("This job has users with e-mail addresses that are not associated with your institution", DOMAIN, ()),
    (
        "this domain belongs to your institutions",
        DOMAIN,
        ("a part of a message",),
    ),
    ("School Domain Check (Analyzers::Users::SchoolDomain)", DOMAIN, ()),
)
FIELDS_OF_TODAY: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        '{"email_address":["can\'t be blank"]}',
        (
            "username_and_email_are_required",
            "identity_cannot_be_cleared",
        ),
    ),
    (
        '{"username":["can\'t be blank"]}',
        (
            "username_and_email_are_required",
            "identity_cannot_be_cleared",
        ),
    ),
    (
        '{"first_name":["can\'t be blank"]}',
        (
            "identity_cannot_be_cleared",
            "a_new_student_has_a_name",
        ),
    ),
    (
        "{“first_name”:[“can’t be blank”]}",
        (
            "identity_cannot_be_cleared",
            "a_new_student_has_a_name",
        ),
    ),
    (
        "{first_name:[can't be blank]}",
        (
            "identity_cannot_be_cleared",
            "a_new_student_has_a_name",
        ),
    ),
    (
        "first_name: can’t be blank",
        (
            "identity_cannot_be_cleared",
            "a_new_student_has_a_name",
        ),
    ),
    (
        "First_Name can't be blank.",
        (
            "identity_cannot_be_cleared",
            "a_new_student_has_a_name",
        ),
    ),
    (
        '{"auth_identifier":["has already been taken"]}}',
        ("auth_identifier_is_unique_in_the_institution",),
    ),
    (
        '{"card_id":["has already been taken"]}}',
        ("card_id_is_unique_in_the_institution",),
    ),
    (
        'card_id":["has already been taken',
        ("card_id_is_unique_in_the_institution",),
    ),
    (
        '"{""card_id"":[""has already been taken""]}}"',
        ("card_id_is_unique_in_the_institution",),
    ),
    (
        '{""card_id"":[""has already been taken""]}',
        ("card_id_is_unique_in_the_institution",),
    ),
    (
        "{card_id:[has already been taken]}",
        ("card_id_is_unique_in_the_institution",),
    ),
    (
        '{"email_address":["has already been taken"]}}:',
        ("email_is_unique_everywhere",),
    ),
    (
        '{"success":false,"errors":{"email_address":["has already been taken"]}',
        ("email_is_unique_everywhere",),
    ),
    (
        '"errors":{"email_address":["has already been taken"',
        ("email_is_unique_everywhere",),
    ),
    (
        '{"auth_identifier":["has already been taken"]}} {"card_id":["has already been taken"]}}',
        (
            "auth_identifier_is_unique_in_the_institution",
            "card_id_is_unique_in_the_institution",
        ),
    ),
    (
        "{auth_identifier:[has already been taken],card_id:[has already been taken]}",
        (
            "auth_identifier_is_unique_in_the_institution",
            "card_id_is_unique_in_the_institution",
        ),
    ),
    (
        "primary_education.end_date:[must be a date on or afterprimary_education:start_date",
        ("end_date_is_not_before_start_date",),
    ),
    (
        "{school_year_name:[is not included in the list]}",
        ("enumerations_match_exactly",),
    ),
    (
        "{institution_year_name:[is not included in the list]}",
        ("enumerations_match_exactly",),
    ),
    (
        '"errors":"Attempted to update sensitive fields without setting change_sens',
        (SENSITIVE,),
    ),
    (
        ('{"success":false,"errors":{"Attempted to update sensitive fields without setting change_sensitive_fields"}'),
        (SENSITIVE,),
    ),
    (
        "update sensitive fields without setting",
        (SENSITIVE,),
    ),
)


class TestToday:
    """What the platform says today is explained, however it was copied."""

    @pytest.mark.parametrize(("text", "rule", "named"), TODAY, ids=[text for text, _, _ in TODAY])
    def test_its_own_texts(self, text: str, rule: str, named: tuple[str, ...]) -> None:
        """One rule is behind it, and the answer names the column, its values, and how the articles differ."""
        explanation = explain(text)
        assert [entry.name for entry in explanation.rules] == [rule]
        assert explanation.text == text.strip()
        answer = f"{explanation.taken_for}. {explanation.remark}"
        assert [words for words in named if words not in answer] == []

    @pytest.mark.parametrize(("text", "rules_behind"), FIELDS_OF_TODAY, ids=[text for text, _ in FIELDS_OF_TODAY])
    def test_field_errors(self, text: str, rules_behind: tuple[str, ...]) -> None:
        """Braces, brackets and quotes may be spare, lost, doubled or typographic, and the end may be missing."""
        assert rules_for(text) == list(rules_behind)

    @pytest.mark.parametrize("known", PLATFORM_TEXTS, ids=[known.example for known in PLATFORM_TEXTS])
    def test_the_table(self, known: PlatformText) -> None:
        """Each text is recognised by its own pattern, has rules that there are, and a remark that is a sentence."""
        found = recognised(known.example)
        assert found is not None
        assert found.text is known
        assert set(known.rules) <= {entry.rule for entry in CATALOGUE.values()}
        assert known.remark.endswith(".")

    def test_a_text_of_the_articles_has_no_remark(self) -> None:
        """Only where the platform's text differs is anything said of that."""
        assert explain('{"email_address":["has already been taken"]}').remark == ""

    def test_what_comes_near(self) -> None:
        """A text that is not known is answered with the sentences that come nearest, if any does."""
        assert explain("the users have an email address not of your school and are skipped").rules == ()
        near = explain("your student cannot be excluded from sync runs")
        assert (near.rules, near.taken_for) == ((), "did you mean “the student is excluded from the sync”?")


class TestTexts:
    """Whatever the model says, it can explain."""

    def test_an_ambiguous_message(self) -> None:
        """A message that several rules give is explained by all of them."""
        assert set(rules_for("has already been taken")) == {
            "email_is_unique_everywhere",
            "auth_identifier_is_unique_in_the_institution",
            "card_id_is_unique_in_the_institution",
            "username_is_unique_in_the_institution",
        }

    def test_several_fields(self) -> None:
        """A response with several fields is explained field by field."""
        text = '{"errors":{"card_id":["has already been taken"],"disabled":["is not included in the list"]}}'
        assert rules_for(text) == [
            "card_id_is_unique_in_the_institution",
            "booleans_are_upper_case",
            "booleans_cannot_be_cleared",
        ]

    def test_another_importers_message(self) -> None:
        """A message that is not known is explained by the rules about its field."""
        assert "mobile_is_digits" in rules_for('{"success":false,"errors":{"mobile_number":["is odd"]}}')
        assert rules_for('{"success":false,"errors":{"nowhere":["is odd"]}}') == []
        assert rules_for('{"success":false,"errors":"Something else went wrong entirely"}') == []
        assert rules_for(r'{"errors":"\q"}') == []
        assert rules_for('{"success":true}') == []

    def test_an_edited_profile(self) -> None:
        """Fields with their messages in a row, as an edit is refused, are explained one by one."""
        text = "primary_education:end_date is invalid; campus_name is not included in the list"
        assert rules_for(text) == ["dates_are_real", "dates_follow_the_job", "campus_is_known"]

    def test_an_arrival(self) -> None:
        """An identifier that is taken where a student would go is explained by rule and actions."""
        found = rules_for("card_id has already been taken at the institution")
        assert found == [
            "card_id_is_unique_in_the_institution",
            "request_access",
            "add_by_email",
            "switch_institution",
        ]

    @pytest.mark.parametrize("text", ["blank_keeps", "Blank keeps", " blank-keeps ", "BLANK_KEEPS"])
    def test_a_name(self, text: str) -> None:
        """A rule is found by its name, however it is written."""
        assert rules_for(text) == ["blank_keeps"]

    @pytest.mark.parametrize(
        ("text", "meant"),
        [("blank_keep", "blank_keeps"), ("usernam", "username"), ("email", "email_address")],
    )
    def test_a_slip(self, text: str, meant: str) -> None:
        """A misspelt name is not guessed at, but the right one is offered."""
        explanation = explain(text)
        assert explanation.rules == ()
        assert meant in explanation.taken_for

    @pytest.mark.parametrize("text", ["", "  ", "zzzz", "{}", "[", '"', "\x1b[31m", "*" * 10_000])
    def test_nonsense(self, text: str) -> None:
        """What is nothing is explained by nothing."""
        assert explain(text) == Explanation(text, "", ())

    @given(st.text(max_size=80))
    def test_any_text(self, text: str) -> None:
        """No text is too strange to be answered."""
        assert explain(text).text is not None

    @pytest.mark.parametrize("column", COLUMNS, ids=[column.header for column in COLUMNS])
    def test_a_field(self, column: Column) -> None:
        """Every column is explained by a rule or more, under its header and under its key."""
        assert rules_for(column.header) == rules_for(column.key) == rules_for(column.header.upper())
        assert rules_for(column.header)

    def test_the_alias(self) -> None:
        """The other name of the school year leads to it."""
        assert column_of("institution_year_name") is BY_HEADER["school_year_name"]

    def test_other_words(self) -> None:
        """A text that is close to one of the model's is taken for it, and that is said."""
        explanation = explain("Attempted to update a sensitive field without change_sensitive_fields setting")
        assert [entry.name for entry in explanation.rules] == ["sensitive_fields_need_the_setting"]
        assert "in other words" in explanation.taken_for
        assert "campus_is_known" in rules_for("is not in the list")
        assert rules_for("No student having this email address") == rules_for("no student has this e-mail address")


NASTY = (
    "**CLEAR**", "a;**CLEAR**", "x", "@", "2027-02-30", "2027-06-30", "06/30/2027", "true", "yes", "(1)", "H" * 256
)  # fmt: skip
VOCABULARIES: tuple[Vocabulary, ...] = ("eu", "us")
FORMATS: tuple[DateFormat, ...] = ("yyyy-mm-dd", "mm/dd/yyyy")


class TestTables:
    """The tables of messages say what the model says: no more and no less."""

    def test_names_are_rules(self) -> None:
        """Every function in the tables is a rule, every header a column's."""
        named = {saying.rule for saying in SAYINGS} | {rule for _, found in TEXTS for rule in found} | set(CONCERNS)
        assert named <= {entry.rule for entry in CATALOGUE.values()}
        assert {header for headers in CONCERNS.values() for header in headers} <= set(BY_HEADER)

    def test_cells(self) -> None:
        """What a malformed cell is failed with is in the table, and what is there of cells comes about."""
        said = {
            (cell.rule, column, cell.message)
            for column in COLUMNS
            for vocabulary in VOCABULARIES
            for date_format in FORMATS
            for text in NASTY
            if isinstance(cell := decoder(column, vocabulary, date_format)(text), Malformed)
        }
        listed = {(s.rule.__name__, column, s.message) for s in SAYINGS for column in s.columns}
        assert said <= listed
        phases = {"cell"}
        assert {entry for entry in listed if CATALOGUE[entry[0]].phase in phases} == said

    @pytest.mark.parametrize("name", EXAMPLES)
    def test_failures_of_the_examples(self, name: str) -> None:
        """Whatever an example is answered when it fails leads back to a rule; to its own, if it was that."""
        for answer in play(EXAMPLES[name]).answers:
            text = answer.partition("refused: ")[2] or answer.partition(" failed ")[2]
            if text:
                assert rules_for(text)
                phase = CATALOGUE[name].phase
                if phase in ("identity", "refusal", "validation", "cell") and name != "cells_are_well_formed":
                    assert name in rules_for(text)

    @pytest.mark.parametrize("message", MESSAGES)
    def test_messages(self, message: str) -> None:
        """Every message is explained by all rules that say it."""
        assert set(rules_for(message)) == {s.rule.__name__ for s in SAYINGS if s.message == message}


def texts_in(module: ModuleType, called: tuple[str, ...], functions: tuple[str, ...] = ()) -> set[str]:
    """The texts that a module's source gives to some calls, or returns from some functions, with 7 for gaps."""
    tree = ast.parse(inspect.getsource(module))
    nodes: list[ast.expr | None] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in called:
            nodes += node.args[:1]
        if isinstance(node, ast.FunctionDef) and node.name in functions:
            nodes += [inner.value for inner in ast.walk(node) if isinstance(inner, ast.Return)]
    return {text for node in nodes for text in written(node)}


def written(node: ast.AST | None) -> set[str]:
    """The text that an expression is, with 7 in its gaps; of a choice, each."""
    if isinstance(node, ast.IfExp):
        return written(node.body) | written(node.orelse)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.JoinedStr):
        return {"".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)}  # type: ignore[misc]
    return set()


A_COLUMN_AND_A_MESSAGE = "7 7 at the institution"  # see test_an_arrival
REFUSALS = (
    texts_in(actions, ("Refused",))
    | texts_in(refusal, (), tuple(rule.__name__ for rule in refusal.REFUSALS))
    | texts_in(finding, (), ("ragged_rows_fail",))
    | texts_in(
        csvfile,
        ("NotCsvError",),
        ("required_headers_are_present", "no_header_appears_twice"),
    )
    | texts_in(csv_reader, (), ("what_is_wrong",))
) - {A_COLUMN_AND_A_MESSAGE}


class TestRefusals:
    """No refusal in the source of the model is without an explanation."""

    def test_they_were_found(self) -> None:
        """The source was read: refusals of actions, of rows and of files are there."""
        assert "no student has this e-mail address" in REFUSALS
        assert "The student is excluded from the sync" in REFUSALS
        assert "The row has 7 cells and the header 7" in REFUSALS
        assert any("is not UTF-8" in text for text in REFUSALS)
        assert "the quote that opens the cell is never closed" in REFUSALS
        assert len(REFUSALS) > 20

    @pytest.mark.parametrize("text", sorted(REFUSALS))
    def test_explained(self, text: str) -> None:
        """A refusal is recognised as it is, and as the response of a row."""
        assert rules_for(text), "refmodel/explain/errors.py needs a line for this text"
        assert rules_for(as_json({"success": False, "errors": text})) == rules_for(text)

    def test_those_that_name_actions(self) -> None:
        """A refusal that several actions share is explained by each of them."""
        for name, function in ((f.__name__, f) for f in ACTIONS.values()):
            source = inspect.getsource(function)
            for constant in ("NOBODY", "NOT_YOURS", "NOT_PENDING", "MALFORMED", "TAKEN"):
                if f"{constant}\n" in source:
                    text = getattr(actions, constant).text
                    assert name in rules_for(text), f"refmodel/explain/errors.py must name {name} for “{text}”"


def test_a_rule_as_data() -> None:
    """A rule is given to programs with everything that is known of it."""
    assert entry_as_data(CATALOGUE["blank_labels_clear"]) == {
        "rule": "blank_labels_clear",
        "statement": CATALOGUE["blank_labels_clear"].statement,
        "details": "",
        "source": "002:36",
        "basis": "stated",
        "basis_in_full": "stated",
        "phase": "cell",
        "what_to_do": "Leave the labels column out of the file if labels should stay; else list them all.",
    }
