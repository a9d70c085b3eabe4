"""What a rule says of itself: its docstring is data, and a slip in it is a clear error."""

import pytest

from refmodel.catalogue import CATALOGUE, Entry, entry
from refmodel.explain.advice import Advice
from refmodel.explain.examples import example_of
from refmodel.world import Account

WHOLE = {
    "Source": "002:36, the articles are silent",
    "Basis": "stated (its colour: chosen)",
    "Remedy": "Paint it\n        red.",
    "Consequence": "Nobody sees it.",
    "Example": "a_red_cell",
}
PROSE = "A cell is red.\n\n    It is so\n    everywhere. Always."


def documented(labels: dict[str, str], prose: str = PROSE, more: str = "") -> Entry:
    """The entry of a rule whose docstring has these labels."""

    def a_cell_is_red() -> None: ...

    lines = "".join(f"    {label}: {text}\n" for label, text in labels.items())
    a_cell_is_red.__doc__ = f"{prose}\n\n{lines}{more}    "
    return entry(a_cell_is_red, "cell")


def test_all_that_a_rule_says() -> None:
    """Statement, details and labels are told apart; a line that is indented goes on with the one above."""
    said = documented(WHOLE)
    assert (said.name, said.phase, said.fallback) == ("a_cell_is_red", "cell", None)
    assert (said.statement, said.details) == ("A cell is red.", "It is so everywhere. Always.")
    assert (said.source, said.basis, said.basis_in_full) == (WHOLE["Source"], "stated", WHOLE["Basis"])
    assert (said.remedy, said.consequence, said.example) == ("Paint it red.", WHOLE["Consequence"], "a_red_cell")


@pytest.mark.parametrize("label", ["Source", "Basis", "Remedy", "Consequence", "Example"])
def test_a_missing_label(label: str) -> None:
    """The error names the rule and the label."""
    rest = {each: text for each, text in WHOLE.items() if each != label}
    with pytest.raises(ValueError, match=rf"^a_cell_is_red: the label {label} is missing; end the docstring with .*"):
        documented(rest)


@pytest.mark.parametrize("label", ["Bases", "basis", "Note", "Advice"])
def test_an_unknown_label(label: str) -> None:
    """The error names it and says which there are."""
    known = "Source, Basis, Remedy, Consequence and Example"
    with pytest.raises(ValueError, match=rf"^a_cell_is_red: “{label}” is not a label; .* ends with {known}$"):
        documented({**WHOLE, label: "stated"})


def test_a_label_that_is_there_twice() -> None:
    """Neither of the two counts more than the other."""
    with pytest.raises(ValueError, match=r"^a_cell_is_red: the label Basis is there twice; remove one of them$"):
        documented(WHOLE, more="    Basis: chosen\n")


@pytest.mark.parametrize(
    ("label", "text", "wanted"),
    [
        ("Basis", "firm", "stated, inferred or chosen"),
        ("Basis", "Stated", "stated, inferred or chosen"),
        ("Basis", "", "stated, inferred or chosen"),
        ("Source", "2:36", "article and line"),
        ("Source", "002:36 and 002:37", "article and line"),
        ("Source", "", "article and line"),
        ("Remedy", "paint it.", "a sentence that says what to do"),
        ("Remedy", "Paint it", "a sentence that says what to do"),
        ("Consequence", "", "a sentence that says what goes wrong"),
        ("Example", "a red cell", "the name of an example"),
    ],
)
def test_a_malformed_label(label: str, text: str, wanted: str) -> None:
    """The error names the rule and the label, shows what is there, and says what to write instead."""
    with pytest.raises(ValueError, match=rf"^a_cell_is_red: “{label}: {text}” is malformed; write {wanted}"):
        documented({**WHOLE, label: text})


@pytest.mark.parametrize("prose", ["", "a cell is red", "A cell is red"])
def test_a_rule_without_a_statement(prose: str) -> None:
    """The docstring begins with a sentence."""
    with pytest.raises(ValueError, match=rf"^a_cell_is_red: “{prose}” is not a statement; begin the docstring with"):
        documented(WHOLE, prose)


def test_a_rule_without_a_docstring() -> None:
    """It lacks everything; the first that is missing is named."""

    def a_cell_is_red() -> None: ...

    with pytest.raises(ValueError, match=r"^a_cell_is_red: the label Source is missing"):
        entry(a_cell_is_red, "cell")


def test_an_example_that_is_not_there() -> None:
    """The error names the rule and the example, and says where it belongs."""
    said = r"^a_cell_is_red: “Example: a_red_cell” is not one of refmodel/explain/examples\.py; add it there$"
    with pytest.raises(ValueError, match=said):
        example_of(documented(WHOLE))


def test_a_slip_in_a_piece_of_advice() -> None:
    """Advice is read as rules are: the error names it and its label."""

    def it_is_red(after: Account, before: Account | None) -> bool:
        """Something is red.

        Advise: Paint it.
        Source: 002:18
        """
        return False

    with pytest.raises(
        ValueError, match=r"^it_is_red: “Advise” is not a label; the docstring ends with Advice and Source$"
    ):
        Advice.of(it_is_red)


def test_what_is_said_of_the_rules() -> None:
    """Each has a remedy and a consequence of its own, and some have a fallback."""
    assert len({each.consequence for each in CATALOGUE.values()}) == len(CATALOGUE)
    assert CATALOGUE["approve"].remedy.startswith("Check that the request is pending")
    fallbacks = {name for name, each in CATALOGUE.items() if each.fallback}
    assert {"values_are_verbatim", "rows_run_in_order"} < fallbacks < set(CATALOGUE)
