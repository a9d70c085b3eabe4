"""What holds for the whole file."""

from refmodel.actions import SignUp
from tests.support.world_builder import (
    AUTOMATIC,
    LABELS,
    MANUAL,
    SETTING,
    START,
    Stage,
    ada,
    bo,
    declined,
    file_of,
    gil,
    without,
)


class TestTheWholeFile:
    """What holds for a file as a whole."""

    def test_rows_run_in_order(self) -> None:
        """Each row sees what the rows before it left: a value can be taken over only after it has been freed."""
        stage = Stage()
        stage.rows(ada(card_id="7"), bo(card_id="8"))
        freed_first = [ada(card_id="9"), bo(card_id="7")]
        assert stage.rows(*freed_first[::-1], job=SETTING)[0] == "card_id_is_unique_in_the_institution"
        assert stage.rows(*freed_first, job=SETTING) == ["unchanged", "updated"]

    def test_a_ring_stays_closed(self) -> None:
        """Two students cannot exchange a value inside one file: each would need the other to go first."""
        stage = Stage()
        stage.rows(ada(card_id="7"), bo(card_id="8"))
        exchanged = stage.rows(ada(card_id="8"), bo(card_id="7"), job=SETTING)
        assert exchanged == ["card_id_is_unique_in_the_institution"] * 2

    def test_left_out_the_last_row_goes_first(self) -> None:
        """Without the rule the file is worked through from its end; the report stays in order."""
        stage = Stage(ruleset=without("rows_run_in_order"))
        stage.rows(ada(card_id="7"), bo(card_id="8"))
        assert stage.rows(bo(card_id="7"), ada(card_id="9"), job=SETTING) == ["updated", "updated"]

    def test_an_absent_column_keeps(self) -> None:
        """What the file has no column for stays, labels too."""
        stage = Stage()
        stage.rows(ada(gender="f", **{LABELS: "a;b", START: "2020-01-01"}))
        stage.rows(ada(middle_name="M"))
        student = stage["ada@north.edu"]
        assert (student["gender"], student[LABELS], student[START]) == ("f", ["a", "b"], "2020-01-01")

    def test_left_out_an_absent_column_is_blank(self) -> None:
        """Without the rule a file without the labels takes them away."""
        stage = Stage(ruleset=without("absent_column_keeps"))
        stage.rows(ada(**{LABELS: "a"}))
        stage.rows(ada(middle_name="M"))
        assert stage["ada@north.edu"][LABELS] == []

    def test_absence_changes_nothing(self) -> None:
        """A student who is not in the file is left alone."""
        stage = Stage()
        stage.rows(ada(), bo())
        before = stage["bo@north.edu"]
        stage.rows(ada(gender="f"))
        stage.send(file_of(), MANUAL)
        assert stage["bo@north.edu"] == before

    def test_left_out_absence_archives(self) -> None:
        """Without the rule whoever is not in the file is archived, at this institution only."""
        stage = Stage(ruleset=without("absence_changes_nothing"))
        stage.rows(ada(), bo())
        stage.do(SignUp("c@home.example", "C", "D"))
        stage.rows(ada())
        assert [stage[e]["disabled"] for e in ("ada@north.edu", "bo@north.edu", "c@home.example")] == [
            False,
            True,
            False,
        ]

    def test_a_declined_student_stays_unconnected_without_the_setting(self) -> None:
        """Being named in a file is no approval."""
        stage = Stage()
        stage.do(*declined())
        row = gil(first_name="G")
        assert stage.rows(row, job=AUTOMATIC) == ["an_unconnected_student_needs_the_setting"]
