"""Finding covering arrays, with covertable: slow, and done by maintainers only."""

from collections.abc import Iterable, Iterator, Sequence

from covertable import criteria, make

from conformance.cases.corpus.arrays import written
from conformance.cases.corpus.blocks import BLOCKS, INSTITUTION, SETTING, STUDENT, Block, Choices
from conformance.generation.rows import HEADERS

IMPOSSIBLE = {  # what `is_possible` says, as the library takes it
    "operator": "or",
    "conditions": [
        {"operator": "ne", "left": INSTITUTION, "value": "signs"},
        {"operator": "ne", "left": "auth_identifier", "value": "absent"},
    ],
}


def found_arrays() -> Iterator[str]:
    """The lines to keep: the rows of each block, those of the last one only as far as the others leave something."""
    before: list[Choices] = []
    for block in BLOCKS:
        rows = list(covering(block, before if block.deep else ()))
        before += rows
        yield from written(block, rows)


def covering(block: Block, before: Sequence[Choices]) -> Iterator[Choices]:
    """Rows of choices in which every pair that is possible meets and has not met before."""
    deep = [{"fields": [header, STUDENT, SETTING], "strength": 3} for header in HEADERS] if block.deep else []
    rows: Iterable[Choices] = make(
        {factor: list(levels) for factor, levels in block.space.items()},
        criterion=criteria.simple,
        sub_models=deep,
        presets=[dict(row) for row in before],
        constraints=[IMPOSSIBLE],
    )
    for number, row in enumerate(rows):
        if number >= len(before):
            yield {factor: row[factor] for factor in block.space}
