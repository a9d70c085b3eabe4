"""Beginning a world: what is probably a slip is refused with what to write, and nothing else is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from refmodel.cli.beginnings import FORMS, TWICE, Detail, SlipError, address_problem, begun, checked, domain_problem
from refmodel.cli.state_format import decoded, encoded
from refmodel.serialization import KEYS, world_of
from refmodel.wording import LONGEST, as_found, counted, did_you_mean, in_words, listed
from refmodel.world import Institution, World

ALONE = "write the domain alone: north.edu"


class TestDomains:
    """A domain is what stands behind the @ of its addresses."""

    @pytest.mark.parametrize(
        "text", ["north.edu", "NORTH.edu", "a", "localhost", "x-y.n_1.edu", "münchen.example", "north.edu2", "北.edu"]
    )
    def test_a_domain(self, text: str) -> None:
        """It is taken as it is; capitals make no difference."""
        assert domain_problem(text) is None
        assert begun({"institutions": [{"id": "n", "domains": [text]}]}) == World.of(Institution("n", domains=[text]))

    @pytest.mark.parametrize(
        "text",
        [
            "@north.edu", "ada@north.edu", "mailto:ada@north.edu", "Ada <ada@north.edu>", "https://north.edu",
            "HTTP://north.edu", "https://north.edu/", "https://north.edu/path?query#part", "https://user@north.edu:443/",
            "north.edu/path", "north.edu:443", "north.edu:", " north.edu ", "\tnorth.edu", "\u00a0north.edu\u3000",
            ".north.edu", "north.edu.", "..north..edu..", '"north.edu"', "'north.edu'", "<north.edu>", "@north.edu.",
        ],
    )  # fmt: skip
    def test_the_domain_alone(self, text: str) -> None:
        """Whatever else stands there, the domain that is meant is what to write."""
        assert domain_problem(text) == ALONE
        assert domain_problem("north.edu") is None

    @pytest.mark.parametrize("invisible", ["\u200b", "\ufeff", "\u00ad", "\u2060", "\x00", "\x7f", "\u202e"])
    def test_what_cannot_be_seen(self, invisible: str) -> None:
        """A character that cannot be seen is named."""
        said = f"{ALONE} (there is an invisible character in it, U+{ord(invisible):04X})"
        assert domain_problem(f"nor{invisible}th.edu") == said

    def test_a_wildcard(self) -> None:
        """Nothing matches a pattern: each subdomain is a domain of its own."""
        assert domain_problem("*.north.edu") == (
            f"{ALONE} (domains match exactly: name each subdomain that is meant, too)"
        )

    @pytest.mark.parametrize("text", ["", " ", "\u3000"])
    def test_nothing(self, text: str) -> None:
        """A blank domain is no domain."""
        assert domain_problem(text) == "a domain is not blank; write one such as north.edu"

    @pytest.mark.parametrize(
        "text", ["no rth.edu", "north.edu,south.edu", "north.edu;south.edu", "???", "@", "https://"]
    )
    def test_whatever_else(self, text: str) -> None:
        """Where no one domain can be made out, it is said what a domain is."""
        assert domain_problem(text) == (
            "a domain is letters, digits, hyphens and dots; write one domain, such as north.edu"
        )


SLIPS: tuple[tuple[dict[str, Any], str], ...] = (
    (
        {"institutions": {}},
        'institutions: expected a list of institutions, such as [{"id":"north"}], but found {}',
    ),
    (
        {"institutions": "north"},
        'institutions: expected a list of institutions, such as [{"id":"north"}], but found "north"',
    ),
    (
        {"institutions": ["north"]},
        'institutions[0]: expected an institution, such as {"id":"north"}, but found "north"',
    ),
    (
        {"institutions": [{"id": "n"}, None]},
        'institutions[1]: expected an institution, such as {"id":"north"}, but found null',
    ),
    (
        {"institutions": [{"id": "n", "campus": []}]},
        'institutions[0]: "campus" is not a key of an institution (did you mean campuses?)',
    ),
    (
        {"institutions": [{"id": "n", "colour": 1}]},
        'institutions[0]: "colour" is not a key of an institution',
    ),
    (
        {"institutions": [{}]},
        "institutions[0].id: expected a text that is not blank, but found null",
    ),
    (
        {"institutions": [{"id": None}]},
        "institutions[0].id: expected a text that is not blank, but found null",
    ),
    (
        {"institutions": [{"id": 5}]},
        "institutions[0].id: expected a text that is not blank, but found 5",
    ),
    (
        {"institutions": [{"id": " "}]},
        'institutions[0].id: expected a text that is not blank, but found " "',
    ),
    (
        {"institutions": [{"id": "n", "domains": "n.edu"}]},
        'institutions[0].domains: expected a list of texts, such as ["north.edu"], but found "n.edu"',
    ),
    (
        {"institutions": [{"id": "n", "domains": {"n.edu": 1}}]},
        ('institutions[0].domains: expected a list of texts, such as ["north.edu"], but found {"n.edu":1}'),
    ),
    (
        {"institutions": [{"id": "n", "domains": ["n.edu", None]}]},
        "institutions[0].domains[1]: expected a text, but found null",
    ),
    (
        {"institutions": [{"id": "n", "campuses": "Main"}]},
        'institutions[0].campuses: expected a list of texts, such as ["Main"], but found "Main"',
    ),
    (
        {"institutions": [{"id": "n", "campuses": [5]}]},
        "institutions[0].campuses[0]: expected a text, but found 5",
    ),
    (
        {"institutions": [{"id": "n", "staff": "a@b"}]},
        ('institutions[0].staff: expected a list of texts, such as ["advisor@north.edu"], but found "a@b"'),
    ),
    (
        {"institutions": [{"id": "n", "uses_sso": "yes"}]},
        'institutions[0].uses_sso: expected true or false, but found "yes"',
    ),
    (
        {"institutions": [{"id": "n", "uses_sso": 1}]},
        "institutions[0].uses_sso: expected true or false, but found 1",
    ),
    (
        {"institutions": [{"id": "n", "vocabulary": "uk"}]},
        'institutions[0].vocabulary: expected eu or us, but found "uk"',
    ),
    (
        {"institutions": [{"id": "n", "vocabulary": "US"}]},
        'institutions[0].vocabulary: expected eu or us, but found "US" (did you mean us?)',
    ),
    (
        {"institutions": [{"id": "n", "vocabulary": ["eu"]}]},
        'institutions[0].vocabulary: expected eu or us, but found ["eu"]',
    ),
    (
        {"employers": "a@b"},
        'employers: expected a list of texts, such as ["hr@employer.example"], but found "a@b"',
    ),
    (
        {"employers": [None]},
        "employers[0]: expected a text, but found null",
    ),
    (
        {"institutions": [{"id": " n "}]},
        ('institutions[0].id, " n ": an id has no white space around it and no invisible character; write n'),
    ),
    (
        {"institutions": [{"id": "n\u200b"}]},
        ('institutions[0].id, "n\u200b": an id has no white space around it and no invisible character; write n'),
    ),
    (
        {"institutions": [{"id": "n:a"}]},
        'institutions[0].id, "n:a": an id has no colon, because options are written ID:VALUE; write n-a',
    ),
    (
        {"institutions": [{"id": "n"}, {"id": "n"}]},
        ('institutions[1].id, "n": another institution has this id (institutions[0].id, "n"); leave one of them out'),
    ),
    (
        {"institutions": [{"id": "n", "domains": ["@n.edu"]}]},
        'institutions[0].domains[0], "@n.edu": write the domain alone: n.edu',
    ),
    (
        {"institutions": [{"id": "n", "domains": ["n.edu", "N.edu"]}]},
        (
            'institutions[0].domains[1], "N.edu": the institution has this domain already '
            '(institutions[0].domains[0], "n.edu"); leave one of them out'
        ),
    ),
    (
        {"institutions": [{"id": "n", "campuses": [""]}]},
        'institutions[0].campuses[0], "": a campus is not blank; write its name, or leave it out',
    ),
    (
        {"institutions": [{"id": "n", "campuses": ["A", "A"]}]},
        (
            'institutions[0].campuses[1], "A": the institution has this campus already '
            '(institutions[0].campuses[0], "A"); leave one of them out'
        ),
    ),
    (
        {"institutions": [{"id": "n", "staff": ["dean"]}]},
        ('institutions[0].staff[0], "dean": this is not an e-mail address; write one such as advisor@north.edu'),
    ),
    (
        {"institutions": [{"id": "n", "staff": ["a@b"]}, {"id": "m", "staff": ["A@b"]}]},
        (
            'institutions[1].staff[0], "A@b": another user has this e-mail address '
            '(institutions[0].staff[0], "a@b"); leave one of them out'
        ),
    ),
    (
        {"institutions": [{"id": "n", "staff": ["a@b"]}], "employers": ["a@b"]},
        (
            'employers[0], "a@b": another user has this e-mail address (institutions[0].staff[0], "a@b"); '
            "leave one of them out"
        ),
    ),
    (
        {"employers": ["hr"]},
        'employers[0], "hr": this is not an e-mail address; write one such as advisor@north.edu',
    ),
)


class TestSlips:
    """Each is refused with its place, what is expected, and what to write instead."""

    @pytest.mark.parametrize(("data", "said"), SLIPS, ids=[json.dumps(data) for data, _ in SLIPS])
    def test_said(self, data: dict[str, Any], said: str) -> None:
        """In a sentence, without a name of Python's."""
        with pytest.raises(SlipError) as caught:
            begun(data)
        assert str(caught.value) == said

    def test_every_key_is_among_them(self) -> None:
        """No key of an institution goes unchecked."""
        assert {key for key in KEYS if any(f".{key}" in said for _, said in SLIPS)} == set(KEYS)

    def test_every_kind_can_be_there_twice(self) -> None:
        """There are words for each kind of thing that may be there only once."""
        assert {Detail(kind, "n", "x", "").identity[0] for kind in FORMS} == set(TWICE)

    @pytest.mark.parametrize("text", ["a@b", " A@b ", "o'neil+x@north.edu"])
    def test_an_address(self, text: str) -> None:
        """An address is one whatever its capitals and the white space around it."""
        assert address_problem(text) is None

    @pytest.mark.parametrize("text", ["", "a", "a@", "@b", "a@b@c", "a b@c", "a\u200b@b", "a@b.", "a@.b"])
    def test_no_address(self, text: str) -> None:
        """One @, something on both sides, nothing that cannot be seen, no dot around the domain."""
        assert address_problem(text) is not None

    @pytest.mark.parametrize(
        "data",
        [
            {},
            {"institutions": None, "employers": None},
            {"institutions": [{"id": "n", "domains": None, "staff": None, "campuses": None, "uses_sso": None}]},
            {"institutions": [{"id": "n", "domains": ["x.edu"]}, {"id": "m", "domains": ["x.edu"]}]},
            {"institutions": [{"id": "n", "campuses": ["Main ", "main", "A: B"]}, {"id": "m", "campuses": ["main"]}]},
            {"institutions": [{"id": "Nørth & South (2)", "vocabulary": "us"}], "employers": ["hr@x"]},
        ],
    )
    def test_no_slips(self, data: dict[str, Any]) -> None:
        """What is left out is empty, a domain may be of two institutions, and campuses are verbatim."""
        assert begun(data) == world_of(data)

    def test_the_details_come_back(self) -> None:
        """Those that were checked are given back in their order."""
        details = [Detail("id", "", "n", ""), Detail("domain", "n", "n.edu", "")]
        assert checked(iter(details)) == details


class TestWorldsOfOthers:
    """The protocol and the states that are there may hold what nobody would begin a world with."""

    @pytest.mark.parametrize("domain", ["@north.edu", "https://north.edu", "*.north.edu", "ada@north.edu", ""])
    def test_any_domain(self, domain: str) -> None:
        """It is taken as it is, and is there again after a state was saved and read."""
        world = world_of({"institutions": [{"id": " n:1 ", "domains": [domain], "campuses": [" "]}]})
        assert world.institution(" n:1 ").domains == {domain}
        assert decoded(b"".join(encoded(world))) == world

    def test_addresses_and_domains_are_normal(self) -> None:
        """Of staff, employers and domains the white space around is dropped and A-Z, only these, lower-cased."""
        world = world_of(
            {
                "institutions": [
                    {"id": "n", "domains": [" NORTH.edu\u00a0", "ÄB.edu"], "staff": ["\tDean@North.EDU "]}
                ],
                "employers": [" HR@Employer.example\n"],
            }
        )
        assert world.institution("n").domains == {"north.edu", "Äb.edu"}
        assert world.institution("n").staff == {"dean@north.edu"}
        assert world.directory.employers == {"hr@employer.example"}
        assert world.another_user_has("hr@employer.example", None)
        assert world.domain_is_anothers("ada@north.edu", "south")


class TestWords:
    """Words that many messages need."""

    def test_what_was_meant(self) -> None:
        """The nearest names, whatever the capitals; nothing where none is near."""
        assert did_you_mean("GENDR", ["gender", "username"]) == " (did you mean gender?)"
        assert did_you_mean("xyz", ["gender"]) == ""
        assert did_you_mean("Name", ["name", "names"]) == " (did you mean name or names?)"

    def test_lists(self) -> None:
        """One, two, and three things."""
        assert [listed(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
            "",
            "a",
            "a and b",
            "a, b and c",
        ]

    def test_what_was_found(self) -> None:
        """A value as JSON has it, and of a long one its beginning."""
        assert [as_found(value) for value in (None, True, ["ä"], {"a": 1})] == ["null", "true", '["ä"]', '{"a":1}']
        assert as_found("x" * LONGEST) == f'"{"x" * (LONGEST - 1)}…'
        assert as_found("x" * (LONGEST - 2)) == f'"{"x" * (LONGEST - 2)}"'

    def test_numbers_of_things(self) -> None:
        """One thing has no s; thousands are set apart."""
        assert [counted(number, "case") for number in (0, 1, 2, 1_000)] == [
            "0 cases",
            "1 case",
            "2 cases",
            "1,000 cases",
        ]

    def test_values_of_reports(self) -> None:
        """A value of several words is read as words."""
        assert [in_words(name) for name in ("held", "not_applicable")] == ["held", "not applicable"]
