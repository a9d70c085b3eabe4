"""Rule sets: rules left out, and others in their place."""

from __future__ import annotations

import pytest

from refmodel.catalogue import CATALOGUE, rule
from refmodel.columns import BY_HEADER, Kind
from refmodel.rules.cell import CELL_RULES, blank_keeps, dates_are_real, trimmed, values_are_verbatim
from refmodel.rules.refusal import REFUSALS
from refmodel.rules.validation import cells_are_well_formed
from refmodel.rules.whole_file import last_row_first, rows_run_in_order
from refmodel.ruleset import STANDARD, Rule, Ruleset, applies_to, is_for
from tests.support.world_builder import Stage, ada


def another(cell: object, place: object) -> object:
    """A rule that is not in the catalogue."""
    return cell


class TestRulesets:
    """What differs from the standard rules."""

    def test_the_standard(self) -> None:
        """In the standard every rule stands for itself."""
        assert Ruleset() == STANDARD
        assert all(STANDARD[entry.rule] is entry.rule for entry in CATALOGUE.values())
        assert STANDARD.active(CELL_RULES) is CELL_RULES

    def test_without(self) -> None:
        """A rule that is left out is not standing, and the others keep their order."""
        ruleset = STANDARD.without(REFUSALS[1])
        assert ruleset.active(REFUSALS) == (REFUSALS[0], *REFUSALS[2:])
        assert ruleset[REFUSALS[1]] is None
        assert ruleset[REFUSALS[0]] is REFUSALS[0]

    def test_otherwise(self) -> None:
        """Where something has to happen in a rule's place, leaving it out puts that there."""
        assert STANDARD.without(values_are_verbatim)[values_are_verbatim] is trimmed
        assert STANDARD.replacing(values_are_verbatim, None)[values_are_verbatim] is None

    def test_what_cannot_be_left_out(self) -> None:
        """Where the model cannot go on with nothing in a rule's place, the error names the rule; else that is there."""
        backwards = STANDARD.without(rows_run_in_order)
        assert backwards.in_place_of(rows_run_in_order) is last_row_first
        with pytest.raises(ValueError, match=r"^rows_run_in_order cannot be left out without another"):
            STANDARD.replacing(rows_run_in_order, None).in_place_of(rows_run_in_order)

    def test_replacing(self) -> None:
        """Another rule stands in the same place; the last word on a rule counts; the old rule set stays."""
        one = STANDARD.replacing(blank_keeps, another)
        two = one.replacing(blank_keeps, dates_are_real)
        assert one.active((blank_keeps, dates_are_real)) == (another, dates_are_real)
        assert two[blank_keeps] is dates_are_real
        assert len(two.deviations) == 1
        assert STANDARD.deviations == ()

    def test_several(self) -> None:
        """Deviations add up."""
        both = STANDARD.without(blank_keeps).without(dates_are_real)
        assert both.active((blank_keeps, dates_are_real, cells_are_well_formed)) == (cells_are_well_formed,)

    def test_what_is_no_rule(self) -> None:
        """Only rules can be left out; the message says where they are listed."""
        with pytest.raises(ValueError, match=r"another is not a rule: see refmodel\.catalogue"):
            STANDARD.without(another)

    def test_rules_without_words(self) -> None:
        """A function without a docstring is no rule."""
        with pytest.raises(ValueError, match="is not a rule"):
            STANDARD.without(lambda: None)


class TestColumnsOfRules:
    """Which columns a rule about cells is for."""

    @pytest.mark.parametrize(
        ("where", "headers"),
        [
            ((Kind.BOOLEAN,), {"disabled", "primary_education:currently_attending"}),
            ((BY_HEADER["gender"],), {"gender"}),
            ((Kind.MOBILE, BY_HEADER["gender"]), {"gender", "mobile_number"}),
        ],
    )
    def test_on(self, where: tuple[Kind, ...], headers: set[str]) -> None:
        """Kinds and columns may be named, or both."""
        marked = applies_to(*where)(lambda cell, place: cell)
        assert {name for name, column in BY_HEADER.items() if is_for(marked, column)} == headers

    def test_all(self) -> None:
        """A rule that names none is for all."""
        assert all(is_for(blank_keeps, column) for column in BY_HEADER.values())


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=CATALOGUE)
def test_every_rule_can_be_left_out(entry: object) -> None:
    """Each rule of the catalogue can be left out, and a file is imported without it."""
    left_out: Rule = rule(entry.name)  # type: ignore[attr-defined]
    stage = Stage(ruleset=STANDARD.without(left_out))
    assert stage.rows(ada()) == ["created"]
    assert stage.ruleset[left_out] is not left_out
