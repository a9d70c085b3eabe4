"""What a rule says of itself: its docstring, read as data.

    The statement, in one sentence. Then the details, as many sentences and paragraphs as they need.

    Source: 003:13, the product's other public pages
    Basis: stated (a part of it: chosen)
    Remedy: One sentence on what people can do about it; where it goes on, the line
        is indented.
    Consequence: One sentence on what goes wrong in importers that do not hold the rule.
    Example: the_name_of_one

The labels stand in the last paragraph. `Example` names one in refmodel/explain/examples.py.
"""

import inspect
import re
from collections.abc import Callable, Collection, Mapping
from typing import Literal, cast, get_args

from attrs import frozen

from refmodel.wording import listed

Basis = Literal["stated", "inferred", "chosen"]

PLACE = re.compile(r"00[0-4]:\d+(-\d+)?|the \S.*")  # article and line, or what stands for an article
SENTENCE = re.compile(r"[A-Z`].*\.")


class RuleTextError(ValueError):
    """A docstring is not as it must be: the text says whose, which of its labels, and what to write."""


@frozen
class RuleText:
    """All that the docstring of a rule says."""

    statement: str  # one sentence
    details: str  # the rest of what is said of it, or nothing
    source: str  # article:line, several separated by commas, or what stands for one
    basis: Basis  # of its strongest part
    basis_in_full: str  # where parts of a rule rest on different ground
    remedy: str  # what to do about it, in a sentence
    consequence: str  # what goes wrong in importers that do not hold the rule, in a sentence
    example: str  # its name


@frozen
class Label:
    """What must stand behind a label: how it is checked, and in words."""

    accepts: Callable[[str], object]
    wanted: str


LABELS: Mapping[str, Label] = {
    "Source": Label(
        lambda text: all(map(PLACE.fullmatch, text.split(", "))),
        "article and line, as in 002:36, several separated by commas; or: the articles are silent",
    ),
    "Basis": Label(lambda text: _first_word(text) in get_args(Basis), "stated, inferred or chosen as its first word"),
    "Remedy": Label(SENTENCE.fullmatch, "a sentence that says what to do about it"),
    "Consequence": Label(SENTENCE.fullmatch, "a sentence that says what goes wrong in importers without the rule"),
    "Example": Label(str.isidentifier, "the name of an example in refmodel/explain/examples.py"),
}


def rule_text(name: str, docstring: str | None) -> RuleText:
    """What the docstring of a rule says; RuleTextError where it is not as it must be."""
    prose, labels = labelled(name, docstring, LABELS)
    if not SENTENCE.fullmatch(prose):
        raise RuleTextError(
            f"{name}: “{prose}” is not a statement; begin the docstring with a sentence that says what the rule is"
        )
    for label, text in labels.items():
        if not LABELS[label].accepts(text):
            raise RuleTextError(f"{name}: “{label}: {text}” is malformed; write {LABELS[label].wanted}")
    statement, _, details = prose.partition(". ")
    return RuleText(
        statement.rstrip(".") + ".",
        details,
        labels["Source"],
        cast(Basis, _first_word(labels["Basis"])),
        labels["Basis"],
        labels["Remedy"],
        labels["Consequence"],
        labels["Example"],
    )


def _first_word(text: str) -> str:
    return text.partition(" ")[0]


def labelled(name: str, docstring: str | None, known: Collection[str]) -> tuple[str, dict[str, str]]:
    """The prose of a docstring, and the labels of its last paragraph with what stands behind them.

    RuleTextError where a label is missing, unknown, or there twice.
    """
    prose, _, last = inspect.cleandoc(docstring or "").rpartition("\n\n")
    labels: dict[str, str] = {}
    for line in re.sub(r"\n +", " ", last).splitlines():
        label, _, text = line.partition(":")
        if label not in known:
            raise RuleTextError(f"{name}: “{label}” is not a label; the docstring ends with {listed([*known])}")
        if label in labels:
            raise RuleTextError(f"{name}: the label {label} is there twice; remove one of them")
        labels[label] = text.strip()
    for label in known:
        if label not in labels:
            raise RuleTextError(f"{name}: the label {label} is missing; end the docstring with {listed([*known])}")
    return " ".join(prose.split()), labels
