"""Covering arrays: rows of choices in which every pair of a block meets, found once and kept beside this module.

Finding them takes a minute, so it is done by whoever changes the blocks (`python -m conformance.cases.corpus arrays`),
and a test holds what is kept true of them. A seed renames what there is to choose: every pair meets in the new rows
as well.
"""

import random
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import combinations
from string import ascii_lowercase, digits

from conformance.cases.corpus.blocks import INSTITUTION, SETTING, STUDENT, Block, Choices
from conformance.generation.randomness import RandomSource
from conformance.generation.rows import HEADERS

DIGITS = digits + ascii_lowercase
DATA = files("conformance.cases.corpus") / "arrays.txt"
FIXED = (INSTITUTION, "auth_identifier")  # which cannot be renamed, for there is something that they cannot be together

Combination = tuple[tuple[str, str], ...]  # factors and what is chosen, two of them or three


@cache
def kept() -> Mapping[str, tuple[str, ...]]:
    """Name of a block → its rows, each a digit a factor."""
    found: dict[str, list[str]] = {}
    for line in DATA.read_text("ascii").splitlines():
        if line.startswith("# "):
            rows = found.setdefault(line.removeprefix("# "), [])
        else:
            rows.append(line)
    return {name: tuple(rows) for name, rows in found.items()}


def rows_of(block: Block, seed: int) -> Iterator[Choices]:
    """The rows of a block's covering array; the same for the same seed, on any machine."""
    names = {factor: renamed(factor, levels, block, seed) for factor, levels in block.space.items()}
    for row in kept()[block.name]:
        yield {factor: names[factor][DIGITS.index(digit)] for factor, digit in zip(block.space, row)}


def renamed(factor: str, levels: Iterable[str], block: Block, seed: int) -> list[str]:
    """What there is to choose, in the order of a seed; as it is for seed 0."""
    left, order = list(levels), []
    if seed == 0 or factor in FIXED:
        return left
    source = RandomSource(random.Random(f"{seed} {block.name} {factor}"))
    while left:
        order.append(left.pop(source.randbelow(len(left))))
    return order


def written(block: Block, rows: Iterable[Choices]) -> Iterator[str]:
    """A block's rows as they are kept."""
    yield f"# {block.name}"
    for row in rows:
        yield "".join(DIGITS[levels.index(row[factor])] for factor, levels in block.space.items())


def combinations_in(choices: Choices) -> Iterator[Combination]:
    """What meets in a row: every pair of choices, and each cell with the student and the job."""
    yield from combinations(choices.items(), 2)
    for header in HEADERS:
        yield ((STUDENT, choices[STUDENT]), (SETTING, choices[SETTING]), (header, choices[header]))
