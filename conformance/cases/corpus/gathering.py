"""All cases of the corpus, in the order of their value.

First comes one case for each rule, then one of each side; then the parts are woven together, each in its own order, so
that however few cases are asked for, all parts and all rules are there.
"""

from collections.abc import Callable, Iterator, Sequence
from heapq import merge

from conformance.cases.corpus.actions import action_cases
from conformance.cases.corpus.arrays import rows_of
from conformance.cases.corpus.blocks import BLOCKS, STUDENT
from conformance.cases.corpus.cases import CorpusCase
from conformance.cases.corpus.interactions import RuleInteraction, rule_interactions, scenario_name
from conformance.cases.corpus.rows import case_of, cell_cases, student_cases
from conformance.cases.corpus.whole_files import file_cases
from conformance.cases.edge_cases import edge_cases
from conformance.cases.edge_cases.building import EdgeCase
from conformance.cases.scenarios.parser import Example, examples, full_world
from refmodel.catalogue import CATALOGUE

Late = Callable[[], CorpusCase]  # a case that is made only if it is wanted
PRIMES = (37, 31, 29, 23, 19, 17, 13, 11, 7, 5, 3, 2)


def gathered(count: int, seed: int) -> list[CorpusCase]:
    """So many cases, the most valuable ones; fewer where there are not so many."""
    first = list(_one_of_each_polarity())
    names = {case.name for case in first}
    chosen = first[:count]
    for late in woven(seed):
        if len(chosen) >= count:
            break
        case = late()
        if case.name not in names:
            chosen.append(case)
    return chosen


def _one_of_each_polarity() -> Iterator[CorpusCase]:
    there = sorted(cell_cases(), key=lambda case: case.choices[STUDENT] == "nobody")  # who is there shows more
    polarities: dict[tuple[str, str], CorpusCase] = {}
    for case in (*file_cases(), *there, *student_cases(), *action_cases(), *scenario_cases()):
        if case.polarity != "several":
            polarities.setdefault((case.case.rules[0], case.polarity), case)
    rules: dict[str, CorpusCase] = {}
    for case in polarities.values():
        rules.setdefault(case.case.rules[0], case)
    yield from dict.fromkeys((*rules.values(), *polarities.values()))


def woven(seed: int) -> Iterator[Late]:
    """The cases of all parts: at any place about as large a share of each part has come, times its weight."""
    parts = [
        (16.0, _as_they_are(file_cases())),
        (5.0, _as_they_are([*map(_edge, edge_cases())])),
        (20.0, _as_they_are(scenario_cases())),
        (2.0, _as_they_are(interaction_cases())),
        (3.0, _as_they_are(cell_cases())),
        (3.0, _as_they_are(student_cases())),
        (2.0, _as_they_are(action_cases())),
        *((1.0, pair_cases(number, seed)) for number in range(len(BLOCKS))),
    ]
    placed = (_placed(weight, number, part) for number, (weight, part) in enumerate(parts))
    return (late for *_, late in merge(*placed, key=lambda entry: entry[:2]))


def _placed(weight: float, number: int, part: Sequence[Late]) -> Iterator[tuple[float, int, Late]]:
    for place, late in enumerate(part):
        yield (place + 1) / (len(part) * weight), number, late


def _as_they_are(cases: Sequence[CorpusCase]) -> list[Late]:
    return [_made(case) for case in _spread(cases)]


def _made(case: CorpusCase) -> Late:
    return lambda: case


def _spread(cases: Sequence[CorpusCase]) -> Iterator[CorpusCase]:
    """The same cases in another order, in which neighbours stand far apart: columns, students and actions alternate."""
    if cases:
        step = next(n for n in PRIMES if len(cases) % n)  # without a common factor every place is met once
        yield from (cases[place * step % len(cases)] for place in range(len(cases)))


def pair_cases(number: int, seed: int) -> list[Late]:
    """The cases of one block of choices."""
    block = BLOCKS[number]

    def late(place: int, choices: dict[str, str]) -> Late:
        return lambda: case_of(f"{block.name}_{place:04}", "pairs", choices)

    return [late(place, dict(choices)) for place, choices in enumerate(rows_of(block, seed), start=1)]


def _edge(case: EdgeCase) -> CorpusCase:
    return CorpusCase(case, "files")


def scenario_cases() -> tuple[CorpusCase, ...]:
    """The examples of the scenario pages."""
    return tuple(map(_scenario, examples()))


def _scenario(example: Example) -> CorpusCase:
    name = scenario_name(example)
    wrong, world = CATALOGUE[example.rules[0]].consequence, full_world(example.world)
    return CorpusCase(EdgeCase(name, example.rules, example.heading, wrong, world, example.requests), "scenarios")


def interaction_cases() -> tuple[CorpusCase, ...]:
    """The histories in which rules meet that are not among the examples."""
    found = [interaction for interaction in rule_interactions() if interaction.history]
    return tuple(_interaction(number, interaction) for number, interaction in enumerate(found, start=1))


def _interaction(number: int, interaction: RuleInteraction) -> CorpusCase:
    title = f"Where {' and '.join(interaction.rules)} meet, each decides as it does alone."
    wrong, history = CATALOGUE[interaction.rules[0]].consequence, interaction.the_history
    requests = tuple(history.requests())
    case = EdgeCase(f"meeting_{number:04}", interaction.rules, title, wrong, history.world, requests)
    return CorpusCase(case, "meetings")
