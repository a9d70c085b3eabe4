"""Advice is given where it is due and on no other row, and what a file does is counted as it happened."""

import pytest

from refmodel.actions import RequestAccess, SignUp
from refmodel.columns import BY_HEADER, CARD_ID, COLUMNS
from refmodel.dispatch import act
from refmodel.engine import File, Step, import_rows, read_file
from refmodel.explain.advice import ADVICE, Advice, advice_on
from refmodel.explain.summary import Problem, Rows, Summary, Values, problems_of, summary_of
from refmodel.failures import TAKEN, Complaint, Complaints, Refusal
from refmodel.job import Job
from refmodel.report import Failed, Unchanged, Updated
from refmodel.ruleset import STANDARD
from refmodel.world import Account, Draft, Institution, World

NAMES = [advice.name for advice in ADVICE]
SENSIBLE = Account(key=1, email_address="ada@north.edu", username="1001", card_id="C7", institution="north")


def account(**values: object) -> Account:
    """A student about whom nothing is advised but for these values."""
    fields = {"email_address": "ada@north.edu", "username": "1001", "institution": "north"} | values
    return Account(**fields)  # type: ignore[arg-type]


def advised(after: Account | None, before: Account | None = None) -> list[str]:
    """The names of the advice on a row that left this account."""
    return [advice.name for advice in advice_on(Step(Updated(1), before, after))]


class TestAdvice:
    """Each piece is due for its reason alone."""

    @pytest.mark.parametrize(
        ("due", "after"),
        [
            ("username_is_part_of_the_email", account(username="ada")),
            ("username_is_part_of_the_email", account(username="ADA@north")),
            ("username_is_part_of_the_email", account(username="ada@north.edu")),
            ("username_is_the_card_number", account(card_id="1001")),
            ("a_label_is_a_number", account(system_label_names=frozenset(("honours", "3.5")))),
            ("a_label_is_a_number", account(system_label_names=frozenset(("-1,000",)))),
            ("a_label_is_a_number", account(system_label_names=frozenset(("80 %",)))),
            (
                "alumni_are_still_attending",
                account(school_year_name="Alumni", primary_education_currently_attending=True),
            ),
            ("alumni_are_archived", account(school_year_name="Alumni", disabled=True)),
        ],
    )
    def test_due(self, due: str, after: Account) -> None:
        """The row that gives a reason is advised on, and on that only."""
        assert advised(after) == [due]

    @pytest.mark.parametrize(
        "after",
        [
            SENSIBLE,
            account(username=None),
            account(username="1001", card_id="10011"),
            account(system_label_names=frozenset(("class of 2027", "3rd", "+", "v1.2"))),
            account(school_year_name="Alumni", primary_education_currently_attending=False),
            account(school_year_name="Alumni"),
            account(school_year_name="Placement", primary_education_currently_attending=True, disabled=True),
            None,
        ],
    )
    def test_not_due(self, after: Account | None) -> None:
        """A sensible row is left in peace, and so is one of which nothing came."""
        assert advised(after) == []

    def test_alumni_who_were_archived_before(self) -> None:
        """It is advised against archiving alumni, not against having archived them."""
        archived = account(school_year_name="Alumni", disabled=True)
        assert advised(archived, before=archived) == []
        assert advised(archived, before=account(disabled=True)) == ["alumni_are_archived"]

    def test_a_failed_row_is_not_advised_on(self) -> None:
        """What a failed row found is not what it says."""
        student = account(username="ada")
        failed = Failed(1, Refusal("ragged_rows_fail", "The row has 1 cells and the header 6"))
        assert advice_on(Step(failed, student, student)) == ()
        assert advice_on(Step(Unchanged(1), student, student)) == (ADVICE[0],)

    @pytest.mark.parametrize("advice", ADVICE, ids=NAMES)
    def test_each_says_why_and_whence(self, advice: Advice) -> None:
        """A piece of advice says what it is about, what to do and which article recommends it."""
        assert advice.statement.endswith(".")
        assert advice.what_to_do.endswith(".")
        assert advice.source in ("002:18", "002:45", "001:7", "000:32")


NORTH = World.of(Institution("north"), Institution("south"))
STARRED = "email_address,username,first_name,last_name,primary_education:end_date,school_year_name"


def counted(world: World, rows: str, more: str = "", *, sensitive: bool = False) -> tuple[World, Summary]:
    """The world after a file of north, and what the file did, counted."""
    job = Job("north", "manual", change_sensitive_fields=sensitive)
    data = f"{STARRED}{more}\n{rows}".encode()
    file = read_file(world.institution("north"), job, data, STANDARD)
    assert isinstance(file, File)
    draft = Draft.of(world)
    summary = summary_of(import_rows(draft, job, file))
    return draft.finish(), summary


class TestSummary:
    """What is counted is what happened."""

    def test_rows_and_values(self) -> None:
        """Values of new students are counted apart from those that are set, changed and cleared."""
        world, first = counted(NORTH, "a@n.e,1,A,A,2027-06-30,\nb@n.e,2,B,B,,Alumni\nc@n.e,3,,C,,\n")
        assert dict(first.outcomes) == {"created": 2, "failed": 1}
        assert first.columns[BY_HEADER["primary_education:end_date"]] == Values(new=1)
        assert first.events == {}
        assert [result.row for result in first.failed] == [3]
        assert first.rules == {"a_new_student_has_a_name": Rows([3])}
        _, second = counted(world, "a@n.e,1,A,Z,**CLEAR**,\nb@n.e,2,B,B,2027-06-30,Alumni\n")
        assert dict(second.outcomes) == {"updated": 2}
        assert {column.header: values for column, values in second.columns.items()} == {
            "last_name": Values(changed=1),
            "primary_education:end_date": Values(set=1, cleared=1),
        }

    def test_archiving_and_labels(self) -> None:
        """Who is archived, brought back and deprived of labels is told."""
        more = ",disabled,system_label_names"
        world, _ = counted(NORTH, "a@n.e,1,A,A,,,,x;y\nb@n.e,2,B,B,,,TRUE,x\n", more)
        _, summary = counted(world, "a@n.e,1,A,A,,,TRUE,\nb@n.e,2,B,B,,,FALSE,x;y\n", more)
        assert summary.events == {
            "archived": Rows([1]),
            "labels_lost": Rows([1]),
            "brought_back": Rows([2]),
        }

    def test_another_address_and_another_name(self) -> None:
        """Who gets another e-mail address or username is told."""
        world, _ = counted(NORTH, "a@n.e,1,A,A,,\nb@n.e,2,B,B,,\n")
        _, summary = counted(world, "z@n.e,1,A,A,,\nb@n.e,9,B,B,,\n", sensitive=True)
        assert summary.events == {"email_changed": Rows([1]), "username_changed": Rows([2])}

    def test_connected_and_approved(self) -> None:
        """A request that was pending here is approved; who was connected nowhere is connected."""
        world = NORTH
        for name, asked in (("a", "north"), ("b", "south"), ("c", None)):
            world, _ = act(world, SignUp(f"{name}@m.e", name, name))
            if asked:
                world, _ = act(world, RequestAccess(f"{name}@m.e", asked))
        rows = "".join(f"{name}@m.e,{name}@m.e,X,Y,,\n" for name in "abc")
        _, summary = counted(world, rows, sensitive=True)
        assert summary.events == {"approved": Rows([1]), "connected": Rows([2, 3])}

    def test_ten_thousand_rows_are_one_line(self) -> None:
        """Of rows with the same advice all are kept, by their number only."""
        rows = Rows()
        for number in range(10_000):
            rows.add(number)
        assert rows == Rows(list(range(10_000)))
        assert rows.count == 10_000

    def test_advice_is_gathered(self) -> None:
        """Rows are gathered by the advice that is due on them."""
        _, summary = counted(NORTH, "a@n.e,a,A,A,,\nb@n.e,b,B,B,,\nc@n.e,1,C,C,,\n")
        assert {advice.name: rows for advice, rows in summary.advice.items()} == {
            "username_is_part_of_the_email": Rows([1, 2])
        }

    def test_the_first_complaint_of_a_field(self) -> None:
        """As in a response, a field carries one complaint, and so one rule."""
        complaints = (Complaint("one", CARD_ID, TAKEN), Complaint("two", CARD_ID, "other"))
        assert problems_of(Complaints(complaints)) == (Problem("one", CARD_ID, TAKEN),)

    def test_a_refusal_is_about_no_column(self) -> None:
        """A row that was refused whole has one problem, under no header."""
        (problem,) = problems_of(Refusal("ragged_rows_fail", "short"))
        assert (problem.header, problem.text) == ("", "short")
        assert Problem("one", COLUMNS[0], TAKEN).header == "email_address"
