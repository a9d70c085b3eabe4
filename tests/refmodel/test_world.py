"""The world: what can be built and what cannot, and that nothing in it ever changes."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from attrs import evolve, fields
from attrs.exceptions import FrozenInstanceError
from hypothesis import given

from refmodel.columns import BY_HEADER, COLUMNS, USERNAME
from refmodel.world import NOTHING, Account, Institution, World
from tests.support.strategies import History, bounded, histories, play

SOMEBODY = Account(email_address="a@x.example", username="1", first_name="A", last_name="B")


class TestInstitutions:
    """What an institution is made of."""

    def test_addresses_and_domains_have_no_case(self) -> None:
        """Domains and staff are kept as addresses are compared."""
        institution = Institution("north", domains=[" North.EDU", "north.edu"], staff=["Dean@North.edu "])
        assert institution.domains == {"north.edu"}
        assert institution.staff == {"dean@north.edu"}

    def test_campuses_are_verbatim(self) -> None:
        """A campus is spelled as it is."""
        assert Institution("north", campuses=["Main ", "main"]).campuses == ("Main ", "main")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"id": ""},
            {"id": " "},
            {"id": 5},
            {"vocabulary": "uk"},
            {"domains": "north.edu"},
            {"domains": [5]},
            {"campuses": "Main"},
            {"staff": "dean@north.edu"},
            {"uses_sso": "yes"},
        ],
    )
    def test_what_is_none(self, wrong: dict[str, Any]) -> None:
        """A blank id, an unknown vocabulary, one text where several are meant, a word for a boolean: ValueError."""
        with pytest.raises(ValueError, match=r"text|id|vocabulary|uses_sso"):
            Institution(**{"id": "north", **wrong})


class TestWorlds:
    """What a world is made of."""

    @pytest.mark.parametrize(
        ("institutions", "employers"),
        [
            ([Institution("north"), Institution("north")], []),
            ([Institution("north", staff=["a@b"]), Institution("south", staff=["A@B"])], []),
            ([Institution("north", staff=["a@b"])], ["A@b "]),
            ([], ["a@b", "a@B"]),
            ([Institution("north", staff=["dean"])], []),
            ([], ["hr"]),
            ([], "hr@employer.example"),
        ],
    )
    def test_what_is_none(self, institutions: list[Institution], employers: list[str]) -> None:
        """Two institutions of one id, two users of one address, and addresses that are none raise ValueError."""
        with pytest.raises(ValueError, match=r"same id|two users|not an e-mail|list of texts"):
            World.of(*institutions, employers=employers)

    def test_an_unknown_institution(self) -> None:
        """Whoever asks for one is told which there are."""
        with pytest.raises(ValueError, match="the world has north"):
            World.of(Institution("north")).institution("west")
        with pytest.raises(ValueError, match="none at all"):
            World.of().institution("west")

    def test_a_shared_domain(self) -> None:
        """A domain of two institutions is neither's alone; a domain of none is nobody's."""
        both = Institution("north", domains=["both.edu", "north.edu"]), Institution("south", domains=["both.edu"])
        world = World.of(*both)
        assert not world.domain_is_anothers("a@both.edu", "north")
        assert not world.domain_is_anothers("a@both.edu", "south")
        assert world.domain_is_anothers("a@north.edu", "south")
        assert not world.domain_is_anothers("a@gmail.example", "south")


class TestAccounts:
    """A student's account."""

    def test_its_fields_are_the_columns(self) -> None:
        """Every column has a field, in the order of the columns, and the rest says where the account stands."""
        names = [attribute.name for attribute in fields(Account)]
        attributes = [column.attribute for column in COLUMNS]
        assert [name for name in names if name in attributes] == attributes
        assert set(names) - set(attributes) == {
            "key",
            "institution",
            "pending_at",
            "declined_by",
            "excluded_from_sync",
            "requested_email",
            "last_applied",
        }

    def test_a_new_one_is_empty(self) -> None:
        """Every column but the address and `disabled` starts as what a cleared one holds."""
        for column in COLUMNS:
            if column.header not in ("email_address", "disabled"):
                assert Account().stored(column) == NOTHING[column]
        assert Account().disabled is False

    def test_what_cannot_be_observed_does_not_count(self) -> None:
        """The key and the row last applied do not make two accounts different; all else does."""
        assert evolve(SOMEBODY, key=9, last_applied=()) == SOMEBODY
        assert evolve(SOMEBODY, school_year_name="Alumni") != SOMEBODY

    def test_home(self) -> None:
        """Home is where the account is connected, or else pending."""
        assert Account().home is None
        assert Account(pending_at="north").home == "north"
        assert Account(institution="south").home == "south"


class TestChanging:
    """A world never changes: each change gives another one."""

    def test_put_and_remove(self) -> None:
        """What was put in is found by its address and its identifiers, until it is taken out; the old world stays."""
        empty = World.of(Institution("north"))
        full = empty.put(evolve(SOMEBODY, institution="north"))
        student = full.student("a@x.example")
        assert student is not None
        assert full.holder("north", USERNAME, "1") == student
        assert list(full.connected("north")) == [student]
        gone = full.remove(student)
        assert (gone.student("a@x.example"), gone.holder("north", USERNAME, "1")) == (None, None)
        assert (list(empty.students()), list(full.students())) == ([], [student])

    def test_another_address_frees_the_old_one(self) -> None:
        """An account that is put again is the same one, under its new address only."""
        world = World.of(Institution("north")).put(SOMEBODY)
        student = world.student("a@x.example")
        assert student is not None
        after = world.put(evolve(student, email_address="b@x.example"))
        assert after.student("a@x.example") is None
        assert len(after.accounts) == 1
        assert world.student("a@x.example") == student

    def test_two_of_one_address(self) -> None:
        """Where a rule set lets two hold one address or identifier, the other keeps it when one gives it up."""
        somebody = evolve(SOMEBODY, institution="north")
        world = World.of(Institution("north")).put(somebody).put(evolve(somebody, first_name="B"))
        first = world.accounts[1]
        world = world.put(evolve(first, email_address="b@x.example", username="2"))
        second = world.accounts[2]
        assert world.student("a@x.example") == world.holder("north", USERNAME, "1") == second

    def test_two_of_one_address_the_other_way_round(self) -> None:
        """It is kept by the older one, too, where that one was the last to be put in."""
        somebody = evolve(SOMEBODY, institution="north")
        world = World.of(Institution("north")).put(somebody).put(evolve(somebody, first_name="B"))
        world = world.put(world.accounts[1])
        world = world.put(evolve(world.accounts[2], email_address="b@x.example", username="2"))
        first = world.accounts[1]
        assert world.student("a@x.example") == world.holder("north", USERNAME, "1") == first

    def test_a_key_that_nobody_was_given(self) -> None:
        """An account has the key that its world gave it, or none yet: any other is a mistake."""
        with pytest.raises(KeyError):
            World.of().put(evolve(SOMEBODY, key=7))

    def test_what_it_prints(self) -> None:
        """A world prints its accounts, and not its indexes, which say the same again."""
        printed = repr(World.of(Institution("north")).put(SOMEBODY))
        assert "a@x.example" in printed
        assert "emails=" not in printed
        assert "rosters=" not in printed

    def test_with_nobody(self) -> None:
        """Where nothing is written the world is the same one."""
        world = World.of(Institution("north"))
        assert world.with_accounts([]) is world

    def test_frozen(self) -> None:
        """Neither a world nor an account can be assigned to."""
        with pytest.raises(FrozenInstanceError):
            World.of().next_key = 5  # type: ignore[misc]
        with pytest.raises(FrozenInstanceError):
            SOMEBODY.school_year_name = "Alumni"  # type: ignore[misc]

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ({}, {}),
            ({"email_address": "A@x.example"}, {"email_address": "b@x.example"}),
            ({"email_address": "a@x.example "}, {"email_address": "b@x.example"}),
            ({"email_address": "x"}, {"email_address": "b@x.example"}),
            ({"email_address": "hr@x.example"}, {"email_address": "b@x.example"}),
            ({"institution": "west"}, {"email_address": "b@x.example"}),
            ({"pending_at": "west"}, {"email_address": "b@x.example"}),
            ({"declined_by": frozenset({"west"})}, {"email_address": "b@x.example"}),
            ({"institution": "north", "pending_at": "north"}, {"email_address": "b@x.example"}),
            ({"institution": "north"}, {"institution": "north", "email_address": "b@x.example"}),
            (
                {"institution": "north", "card_id": "7"},
                {"pending_at": "north", "card_id": "7", "username": "2", "email_address": "b@x.example"},
            ),
        ],
    )
    def test_accounts_that_no_history_leads_to(self, one: dict[str, Any], other: dict[str, Any]) -> None:
        """Shared addresses, identifiers shared at one institution, homes that are not there: ValueError."""
        world = World.of(Institution("north"), employers=["hr@x.example"])
        with pytest.raises(ValueError, match=r"@|x"):
            world.with_accounts([evolve(SOMEBODY, **one), evolve(SOMEBODY, **other)])

    @pytest.mark.parametrize(
        "one",
        [
            {"institution": "north"},
            {"pending_at": "north", "card_id": "7"},
            {"institution": "north", "declined_by": frozenset({"north"})},
            {"primary_education_start_date": datetime.date(2020, 1, 2)},
            {"primary_education_end_date": datetime.date(2020, 1, 2)},
            {
                "primary_education_start_date": datetime.date(2020, 1, 2),
                "primary_education_end_date": datetime.date(2020, 1, 2),
            },
            {
                "primary_education_start_date": datetime.date(2020, 1, 2),
                "primary_education_end_date": datetime.date(2020, 1, 3),
            },
        ],
    )
    def test_accounts_that_may_be(self, one: dict[str, Any]) -> None:
        """Somebody who is connected or pending, with identifiers of his own, or with dates in their order, is taken."""
        account = evolve(SOMEBODY, **one)
        assert list(World.of(Institution("north")).with_accounts([account]).students()) == [account]

    def test_dates_in_the_wrong_order(self) -> None:
        """An account whose end is before its start is none."""
        start, end = datetime.date(2020, 1, 2), datetime.date(2020, 1, 1)
        wrong = evolve(SOMEBODY, primary_education_start_date=start, primary_education_end_date=end)
        with pytest.raises(ValueError, match="before the start"):
            World.of().with_accounts([wrong])

    @bounded(60)
    @given(histories())
    def test_the_indexes_are_right(self, history: History) -> None:
        """After any history each address and each identifier leads to the account that holds it, and to no other."""
        for moment in play(history.world, history.steps):
            world = moment.after
            assert dict(world.emails) == {a.email_address: key for key, a in world.accounts.items()}
            for institution, roster in world.rosters.items():
                for column, held in roster.items():
                    here = [a for a in world.students() if a.home == institution]
                    assert held == {a.stored(column): a.key for a in here if a.stored(column) is not None}


def test_headers_and_fields() -> None:
    """A nested header is a field with an underscore."""
    assert BY_HEADER["primary_education:end_date"].attribute == "primary_education_end_date"
