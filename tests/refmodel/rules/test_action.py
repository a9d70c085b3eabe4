"""Actions: what people do besides importing, and when they are refused."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest
from attrs import evolve, fields

from refmodel.actions import (
    NAMED,
    Action,
    AddByEmail,
    Approve,
    ChangeEmail,
    ConfirmEmail,
    Decline,
    DeletePending,
    Done,
    EditProfile,
    Refused,
    RequestAccess,
    SetDisabled,
    SetExcluded,
    SignIn,
    SignUp,
    SwitchInstitution,
)
from refmodel.dispatch import ACTIONS, rule_of
from tests.support.world_builder import (
    END,
    GIL,
    LABELS,
    MAJORS,
    SETTING,
    SOUTHERN,
    START,
    Stage,
    ada,
    approved,
    bo,
    declined,
    pending,
    without,
)

ADA = "ada@north.edu"


@pytest.fixture
def stage() -> Stage:
    """Ada and Bo are connected to north, Cy to south; Gil is pending at north."""
    stage = Stage()
    stage.rows(ada(card_id="7", campus_name="Main", **{LABELS: "a"}), bo(auth_identifier="x"))
    stage.rows(
        {"email_address": "cy@home.example", "username": "3", "first_name": "Cy", "last_name": "D"}
        | {"auth_identifier": "cy"},
        job=SOUTHERN,
    )
    stage.do(*pending())
    return stage


class TestSignUp:
    """A student makes an account without an institution."""

    def test_what_it_makes(self) -> None:
        """The username is the address in lower case; everything else is empty; names are verbatim."""
        stage = Stage()
        assert stage.done(SignUp(" Gil@Home.EXAMPLE", " Gil", "**clear**"))
        student = stage[GIL]
        assert (student["username"], student["first_name"], student["last_name"]) == (GIL, " Gil", "**clear**")
        rest = set(student) - {"username", "first_name", "last_name", "email_address"}
        assert all(student[name] in (None, [], False) for name in rest)

    @pytest.mark.parametrize("email", [GIL, ADA, "CY@home.example", "advisor@north.edu", "HR@employer.example"])
    def test_an_address_of_any_user(self, stage: Stage, email: str) -> None:
        """Students, staff and employers have their addresses to themselves."""
        assert not stage.done(SignUp(email, "A", "B"))

    @pytest.mark.parametrize("email", ["", " ", "a", "a@b@c", "**CLEAR**"])
    def test_a_malformed_address(self, email: str) -> None:
        """What is no address makes no account."""
        assert not Stage().done(SignUp(email, "A", "B"))

    @pytest.mark.parametrize("name", ["", " \u2003", "**CLEAR**"])
    def test_a_blank_name(self, name: str) -> None:
        """Neither name may be blank or the clear token."""
        assert not Stage().done(SignUp(GIL, name, "B"))
        assert not Stage().done(SignUp(GIL, "A", name))

    def test_any_domain(self) -> None:
        """A domain of a school is no obstacle."""
        assert Stage().done(SignUp("a@south.edu", "A", "B"))


class TestRequestAccess:
    """A student without an institution asks for one."""

    def test_pending(self, stage: Stage) -> None:
        """They are pending there, and not connected."""
        assert (stage[GIL]["institution"], stage[GIL]["pending_at"]) == (None, "north")

    @pytest.mark.parametrize("email", [ADA, "cy@home.example", GIL, "nobody@home.example", "advisor@north.edu"])
    @pytest.mark.parametrize("institution", ["north", "south"])
    def test_refused(self, stage: Stage, email: str, institution: str) -> None:
        """Refused to who is connected or pending anywhere, and to who is no student."""
        assert not stage.done(RequestAccess(email, institution))

    def test_declined_there(self) -> None:
        """Who was declined may ask elsewhere only."""
        stage = Stage()
        stage.do(*declined())
        assert not stage.done(RequestAccess(GIL, "north"))
        assert stage.done(RequestAccess(GIL, "south"))

    def test_a_username_that_a_file_has_given_away(self) -> None:
        """The address of a student who signs up may be somebody's username there already; not elsewhere."""
        stage = Stage()
        stage.rows(ada(username=GIL))
        stage.do(SignUp(GIL, "Gil", "H"))
        refused = stage.do(RequestAccess(GIL, "north"))
        assert isinstance(refused, Refused)
        assert refused.text.startswith("username")
        assert not stage.done(AddByEmail("north", GIL))
        assert stage.done(RequestAccess(GIL, "south"))


class TestAnsweringRequests:
    """Staff approve, decline, or delete."""

    def test_approve(self, stage: Stage) -> None:
        """The pending student is connected."""
        assert stage.done(Approve("north", "GIL@home.example"))
        assert (stage[GIL]["institution"], stage[GIL]["pending_at"]) == ("north", None)

    def test_decline(self, stage: Stage) -> None:
        """The student is unconnected again, declined, and what was the institution's is gone."""
        row = {"email_address": GIL, "username": GIL, "first_name": "G", "last_name": "H", "campus_name": "Main"}
        stage.rows(row)
        stage.do(ChangeEmail("north", GIL, "new@home.example"))
        assert stage.done(Decline("north", GIL))
        student = stage[GIL]
        assert (student["institution"], student["pending_at"], student["declined_by"]) == (None, None, ["north"])
        assert (student["campus_name"], student["requested_email"]) == (None, None)
        assert (student["excluded_from_sync"], student["first_name"]) == (False, "G")

    def test_delete(self, stage: Stage) -> None:
        """The account is gone, and its address and username are free."""
        assert stage.done(DeletePending("north", GIL))
        assert GIL not in stage
        assert stage.done(SignUp(GIL, "New", "H"))
        assert stage.done(RequestAccess(GIL, "north"))

    @pytest.mark.parametrize("kind", [Approve, Decline, DeletePending])
    @pytest.mark.parametrize(
        ("institution", "email"),
        [("south", GIL), ("north", ADA), ("north", "nobody@home.example"), ("north", ""), ("south", "cy@home.example")],
    )
    def test_refused(self, stage: Stage, kind: Any, institution: str, email: str) -> None:
        """Only who is pending at the institution can be answered."""
        assert not stage.done(kind(institution, email))


class TestAddByEmail:
    """Staff connect a student who is connected nowhere."""

    @pytest.mark.parametrize(
        "before",
        [
            (SignUp(GIL, "G", "H"),),
            pending(),
            pending(institution="south"),
            declined(),
            declined(institution="south"),
        ],
    )
    def test_whoever_is_unconnected(self, before: tuple[Action, ...]) -> None:
        """Pending or declined, here or elsewhere; the request and this institution's refusal are dropped."""
        stage = Stage()
        stage.do(*before)
        south = stage[GIL]["declined_by"] == ["south"]
        assert stage.done(AddByEmail("north", GIL))
        student = stage[GIL]
        assert (student["institution"], student["pending_at"]) == ("north", None)
        assert student["declined_by"] == (["south"] if south else [])

    @pytest.mark.parametrize("email", [ADA, "cy@home.example", "nobody@home.example", "hr@employer.example"])
    def test_refused(self, stage: Stage, email: str) -> None:
        """Not who is connected, nor who is no student."""
        assert not stage.done(AddByEmail("north", email))

    def test_what_was_the_other_institutions_is_lost(self, stage: Stage) -> None:
        """Who was pending elsewhere brings nothing of it along."""
        stage.rows({"email_address": GIL, "username": GIL, "first_name": "G", "last_name": "H", LABELS: "a"})
        assert stage[GIL][LABELS] == ["a"]
        stage.do(AddByEmail("south", GIL))
        assert stage[GIL][LABELS] == []


class TestChangingEmails:
    """An address is asked for in the app and confirmed by its owner."""

    def test_both_steps(self, stage: Stage) -> None:
        """Until it is confirmed the old address counts; then the new one; the username stays."""
        assert stage.done(ChangeEmail("north", ADA, " New@Home.example "))
        student = stage[ADA]
        assert (student["requested_email"], student["excluded_from_sync"]) == ("new@home.example", True)
        assert "new@home.example" not in stage
        assert not stage.done(ConfirmEmail("new@home.example"))
        assert stage.done(ConfirmEmail(ADA))
        assert ADA not in stage
        student = stage["new@home.example"]
        assert (student["requested_email"], student["excluded_from_sync"], student["username"]) == (None, True, "1")

    def test_the_last_request_counts(self, stage: Stage) -> None:
        """A second request takes the place of the first."""
        stage.do(ChangeEmail("north", ADA, "b@home.example"), ChangeEmail("north", ADA, "c@home.example"))
        assert stage.done(ConfirmEmail(ADA))
        assert "c@home.example" in stage

    @pytest.mark.parametrize("new", [ADA, "ADA@north.edu", "bo@north.edu", "advisor@north.edu", "cy@home.example"])
    def test_taken(self, stage: Stage, new: str) -> None:
        """Refused if any user has it, the student included."""
        assert not stage.done(ChangeEmail("north", ADA, new))

    @pytest.mark.parametrize("new", ["", "a", "a@b@c", "**CLEAR**", "a@south.edu"])
    def test_malformed_or_foreign(self, stage: Stage, new: str) -> None:
        """Refused if it is no address, or of another institution's domain."""
        assert not stage.done(ChangeEmail("north", ADA, new))

    @pytest.mark.parametrize("new", ["a@both.edu", "a@north.edu", "a@gmail.example"])
    def test_fine_domains(self, stage: Stage, new: str) -> None:
        """One's own domain, a shared one, a personal one."""
        assert stage.done(ChangeEmail("north", ADA, new))

    def test_pending_students_too(self, stage: Stage) -> None:
        """Staff may change the address of who is pending at their institution, and of nobody else's students."""
        assert stage.done(ChangeEmail("north", GIL, "new@home.example"))
        assert not stage.done(ChangeEmail("north", "cy@home.example", "b@home.example"))
        assert not stage.done(ChangeEmail("south", GIL, "b@home.example"))

    def test_a_requested_address_is_not_reserved(self, stage: Stage) -> None:
        """Taken meanwhile, it cannot be confirmed; the request stays, and can be confirmed once it is free."""
        stage.do(ChangeEmail("north", ADA, "new@home.example"))
        assert stage.done(SignUp("new@home.example", "N", "E"))
        assert not stage.done(ConfirmEmail(ADA))
        assert stage[ADA]["requested_email"] == "new@home.example"
        stage.do(RequestAccess("new@home.example", "north"), DeletePending("north", "new@home.example"))
        assert stage.done(ConfirmEmail(ADA))

    @pytest.mark.parametrize("email", [ADA, "nobody@home.example", "advisor@north.edu"])
    def test_nothing_asked_for(self, stage: Stage, email: str) -> None:
        """Without a request there is nothing to confirm."""
        assert not stage.done(ConfirmEmail(email))


class TestFlags:
    """Staff archive and exclude, and take both back."""

    @pytest.mark.parametrize(("kind", "name"), [(SetDisabled, "disabled"), (SetExcluded, "excluded_from_sync")])
    def test_both_ways(self, stage: Stage, kind: Any, name: str) -> None:
        """Connected and pending students, on and off, also where it is so already."""
        for email in (ADA, GIL):
            for value in (True, True, False):
                assert stage.done(kind("north", email, value))
                assert stage[email][name] is value

    @pytest.mark.parametrize("kind", [SetDisabled, SetExcluded])
    def test_own_students_only(self, stage: Stage, kind: Any) -> None:
        """Nobody else's, and nobody unconnected."""
        stage.do(SignUp("d@home.example", "D", "E"))
        for email in ("cy@home.example", "d@home.example", "advisor@north.edu"):
            assert not stage.done(kind("north", email, True))


class TestEditProfile:
    """A profile is edited in the app."""

    def test_as_a_file_is_read(self, stage: Stage) -> None:
        """Cells decode as a file's; blank keeps, the token clears, lists are replaced, the alias is known."""
        changes = {"gender": " f", "middle_name": "", MAJORS: " Law; Art;Law", "institution_year_name": "Alumni"}
        assert stage.done(EditProfile("north", ADA, {**changes, "campus_name": "**CLEAR**", START: "2020-01-01"}))
        student = stage[ADA]
        assert (student["gender"], student[MAJORS], student["school_year_name"]) == (" f", ["Law", "Art"], "Alumni")
        assert (student["campus_name"], student[START], student["middle_name"]) == (None, "2020-01-01", None)

    def test_no_changes(self, stage: Stage) -> None:
        """To change nothing is fine."""
        before = stage[ADA]
        assert stage.done(EditProfile("north", ADA))
        assert stage[ADA] == before

    @pytest.mark.parametrize("text", ["", "x", "**CLEAR**", "TRUE"])
    @pytest.mark.parametrize(
        "header",
        ["email_address", "username", "auth_identifier", "card_id", LABELS, "disabled", "nonsense", "Gender", ""],
    )
    def test_what_no_profile_takes(self, stage: Stage, header: str, text: str) -> None:
        """Sensitive columns, labels, `disabled` and unknown headers are refused whatever they say."""
        assert not stage.done(EditProfile("north", ADA, {"gender": "f", header: text}))

    @pytest.mark.parametrize(
        "changes",
        [
            {"first_name": "**CLEAR**"},
            {"school_year_name": "x"},
            {START: "01/01/2020"},
            {START: "2020-01-02", END: "2020-01-01"},
            {"assigned_to_email_address": "tutor@south.edu"},
            {"campus_name": "Hill"},
            {"mobile_number": "+"},
            {"school_year_name": "Alumni", "institution_year_name": "Alumni"},
            {"school_year_name": "", "institution_year_name": ""},
        ],
    )
    def test_refused_whole(self, stage: Stage, changes: dict[str, str]) -> None:
        """One thing that is wrong keeps all of it from happening; a header beside its alias is wrong as well."""
        assert not stage.done(EditProfile("north", ADA, {"gender": "f", **changes}))

    def test_kept_dates_count(self, stage: Stage) -> None:
        """The dates are checked on the profile as it would be."""
        assert stage.done(EditProfile("north", ADA, {START: "2020-01-01"}))
        assert not stage.done(EditProfile("north", ADA, {END: "2019-12-31"}))
        assert stage.done(EditProfile("north", ADA, {END: "2020-01-01"}))

    def test_where_there_are_no_campuses(self, stage: Stage) -> None:
        """`campus_name` is ignored where the institution has none."""
        assert stage.done(EditProfile("south", "cy@home.example", {"campus_name": "Hill", "gender": "m"}))
        assert (stage["cy@home.example"]["campus_name"], stage["cy@home.example"]["gender"]) == (None, "m")

    def test_own_students_only(self, stage: Stage) -> None:
        """Pending students too; nobody else's."""
        assert stage.done(EditProfile("north", GIL, {"gender": "m"}))
        assert not stage.done(EditProfile("north", "cy@home.example", {"gender": "m"}))

    def test_in_the_institutions_vocabulary(self, stage: Stage) -> None:
        """The values of the other vocabulary are malformed."""
        assert stage.done(EditProfile("south", "cy@home.example", {"school_year_name": "Senior"}))
        assert not stage.done(EditProfile("north", ADA, {"school_year_name": "Senior"}))


class TestSwitching:
    """Support moves a connected student."""

    def test_what_stays_and_what_goes(self, stage: Stage) -> None:
        """Profile and identifiers stay; labels, campus, exclusion and the address asked for go."""
        stage.do(ChangeEmail("north", ADA, "new@home.example"))
        assert stage.done(SwitchInstitution(ADA, "south"))
        student = stage[ADA]
        assert (student["institution"], student["card_id"], student["first_name"]) == ("south", "7", "Ada")
        assert (student[LABELS], student["campus_name"], student["requested_email"]) == ([], None, None)
        assert student["excluded_from_sync"] is False
        assert stage.done(SetDisabled("south", ADA, True))
        assert not stage.done(SetDisabled("north", ADA, True))

    def test_back_to_who_had_declined(self) -> None:
        """Support's word ends an old refusal."""
        stage = Stage()
        stage.do(*declined(), AddByEmail("south", GIL), SwitchInstitution(GIL, "north"))
        assert (stage[GIL]["institution"], stage[GIL]["declined_by"]) == ("north", [])

    @pytest.mark.parametrize("email", [GIL, "nobody@home.example", "advisor@north.edu", ADA])
    def test_refused(self, stage: Stage, email: str) -> None:
        """To who is not connected, and to the same institution."""
        assert not stage.done(SwitchInstitution(email, "north"))

    @pytest.mark.parametrize(("header", "value"), [("username", "3"), ("auth_identifier", "cy"), ("card_id", "9")])
    def test_an_identifier_is_taken_there(self, stage: Stage, header: str, value: str) -> None:
        """Refused, with the field in the text, where another student has what this one would bring."""
        cy = {"email_address": "cy@home.example", "username": "3", "first_name": "Cy", "last_name": "D"}
        stage.rows({**cy, "auth_identifier": "cy", "card_id": "9"}, job=SOUTHERN)
        stage.rows(ada(**{header: value}), job=SETTING)
        answer = stage.do(SwitchInstitution(ADA, "south"))
        assert isinstance(answer, Refused)
        assert answer.text.startswith(header)


class TestSignIn:
    """Who gets in."""

    def access(self, stage: Stage, *arguments: Any) -> bool | None:
        """What a sign-in gives; it changes nothing."""
        before = stage.world
        answer = stage.do(SignIn(*arguments))
        assert isinstance(answer, Done)
        assert stage.world is before
        return answer.access

    def test_by_password(self, stage: Stage) -> None:
        """Every student with an account that is not disabled, pending or not; nobody else."""
        assert self.access(stage, "ADA@north.edu", "password") is True
        assert self.access(stage, GIL, "password") is True
        assert self.access(stage, "nobody@home.example", "password") is False
        assert self.access(stage, "advisor@north.edu", "password") is False
        stage.do(SetDisabled("north", ADA, True))
        assert self.access(stage, ADA, "password") is False

    def test_by_single_sign_on(self, stage: Stage) -> None:
        """With exactly the attribute, at one's own institution, if it uses single sign-on."""
        assert self.access(stage, "cy@home.example", "sso", "south", "cy") is True
        for institution, attribute in (("south", "Cy"), ("south", ""), ("south", None), ("north", "cy"), (None, "cy")):
            assert self.access(stage, "cy@home.example", "sso", institution, attribute) is False
        assert self.access(stage, "bo@north.edu", "sso", "north", "x") is False
        stage.do(SetDisabled("south", "cy@home.example", True))
        assert self.access(stage, "cy@home.example", "sso", "south", "cy") is False

    def test_nothing_equals_nothing(self, stage: Stage) -> None:
        """Who has no auth identifier does not get in with an empty attribute, nor does who is only pending."""
        stage.do(SwitchInstitution(ADA, "south"))
        assert self.access(stage, ADA, "sso", "south", "") is False
        assert self.access(stage, ADA, "sso", "south", None) is False
        assert self.access(stage, GIL, "sso", "north", "") is False


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "\udfff x"])
@pytest.mark.parametrize(
    "action",
    [
        SignUp("a@b.example", "TEXT", "B"),
        SignUp("TEXT@b.example", "A", "B"),
        RequestAccess("TEXT", "north"),
        Approve("north", "TEXT"),
        AddByEmail("north", "TEXT"),
        ChangeEmail("north", ADA, "TEXT@b.example"),
        ConfirmEmail("TEXT"),
        EditProfile("north", ADA, {"gender": "TEXT"}),
        EditProfile("north", ADA, MappingProxyType({"TEXT": ""})),
        SignIn("cy@home.example", "sso", "south", "TEXT"),
    ],
    ids=lambda action: type(action).__name__,
)
def test_a_text_that_no_file_could_hold(stage: Stage, action: Any, text: str) -> None:
    """A NUL or a lone surrogate is refused in every action, queries included."""
    for place in fields(type(action)):
        value = getattr(action, place.name)
        if isinstance(value, str):
            action = evolve(action, **{place.name: value.replace("TEXT", text)})
        elif value:
            spoilt = {name.replace("TEXT", text): cell.replace("TEXT", text) for name, cell in value.items()}
            action = evolve(action, changes=type(value)(spoilt))
    assert not stage.done(action)


def test_an_unknown_institution(stage: Stage) -> None:
    """An action for an institution that the world does not have is a programmer's mistake."""
    for action in (Approve("west", GIL), RequestAccess(GIL, "west"), SignIn(ADA, "sso", "west", "x")):
        with pytest.raises(ValueError, match="no institution 'west'"):
            stage.do(action)


def test_every_action_has_its_name() -> None:
    """An action is known by the name of its rule, and every kind of action has one."""
    assert NAMED["switch_institution"] is SwitchInstitution
    assert {rule.__name__: kind for kind, rule in ACTIONS.items()} == NAMED


def test_an_action_without_a_rule_is_named() -> None:
    """Whoever declares an action and forgets its rule is told where the rule belongs."""
    with pytest.raises(LookupError, match=r"refmodel/rules/action\.py must have a rule expel"):
        rule_of("expel")


def test_left_out_an_action_is_refused() -> None:
    """Without an action nobody can do it."""
    stage = Stage(ruleset=without("sign_up"))
    assert not stage.done(SignUp(GIL, "G", "H"))


def test_left_out_leaving_leaves_everything() -> None:
    """Without the rule what was the old institution's goes along."""
    stage = Stage(ruleset=without("leaving_leaves_nothing_behind"))
    stage.rows(ada(**{LABELS: "a"}))
    stage.do(SwitchInstitution(ADA, "south"))
    assert stage[ADA][LABELS] == ["a"]


def test_approved_is_short_for_three_steps() -> None:
    """The stage's short words do what they say."""
    stage = Stage()
    assert stage.done(*approved())
    assert stage[GIL]["institution"] == "north"
