"""Finding the histories in which rules meet: slow, and done by maintainers only.

The examples of the pages are asked first which rules they tell about. For each pair of rules that does not meet there,
a random history is shrunk to what still tells about both; where no random history has the two, a history of the one is
put behind one of the other. A shrunk history often tells about more rules than two, and stands for all their pairs.
"""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, product

from attrs import evolve

from conformance.attribution.relevance import discriminating_rules
from conformance.cases.corpus.decisions import DecisionRecorder
from conformance.cases.corpus.interactions import RuleInteraction, named_scenarios, written
from conformance.generation.generator import HistoryGenerator, simulate
from conformance.generation.history import FileStep, History
from conformance.generation.randomness import RandomSource
from conformance.generation.rows import STARRED, with_columns
from conformance.generation.shrinking import fewer_rows, plainer_flags
from conformance.generation.value_pools import WORLDS
from conformance.oracle.judge import own_answers
from conformance.oracle.state import ALL_HEADERS, OracleState
from conformance.protocol.requests import ACTIONS, Request
from refmodel.catalogue import CATALOGUE

KNOWN = OracleState()
STEPS = 8
Pair = tuple[str, str]
Tells = Callable[[History], bool]


def found_interactions(seconds: float, most: float) -> str:
    """What to keep; `seconds` is how long random histories are made, `most` how long anything is begun."""
    until = time.monotonic() + most
    kept = list(scenarios())
    done = pairs_of(kept)
    say(f"{len(kept)} examples, {len(done)} pairs")
    known = list(random_histories(seconds))
    say(f"{len(known)} random histories, {len(pairs_of(known) - done)} pairs more")
    kept += smallest(known, done, until)
    say(f"{len(done)} pairs, without those that are put together")
    kept += joined(known, done, until)
    kept = list(fewest(kept))
    say(f"{len(done)} pairs, in {len(kept)} examples and histories")
    return written(kept)


def fewest(kept: Sequence[RuleInteraction]) -> Iterator[RuleInteraction]:
    """Those that are needed for all pairs, each time the one that adds most; examples first, which are there anyhow."""
    done: set[Pair] = set()
    left = list(kept)
    while left:
        added = {id(interaction): len(pairs_of([interaction]) - done) for interaction in left}
        left = [interaction for interaction in left if added[id(interaction)]]
        if left:
            best = max(left, key=lambda interaction: (interaction.scenario is not None, added[id(interaction)]))
            done |= pairs_of([best])
            yield best


def say(text: str) -> None:
    """What has been reached, for whoever waits."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stderr.flush()


def pairs_of(found: Iterable[RuleInteraction]) -> set[Pair]:
    """All pairs of rules that meet in some histories."""
    return {pair for interaction in found for pair in combinations(interaction.rules, 2)}


# Which rules a conversation tells about.


def discriminated(requests: Sequence[Request]) -> tuple[str, ...]:
    """All rules about which a conversation tells; of those that only rest in it none is asked."""
    acting = {name for name, how in DecisionRecorder().over(requests) if how != "rests"}
    return discriminating_rules([name for name in CATALOGUE if name in acting], own_answers(requests, KNOWN), KNOWN)


def scenarios() -> Iterator[RuleInteraction]:
    """The examples of the pages, as far as each adds a pair."""
    done: set[Pair] = set()
    for name, requests in named_scenarios().items():
        rules = discriminated(requests)
        if set(combinations(rules, 2)) - done:
            done |= set(combinations(rules, 2))
            yield RuleInteraction(rules, scenario=name)


def random_histories(seconds: float) -> Iterator[RuleInteraction]:
    """Random histories, each with all its rules."""
    source, until = RandomSource.seeded("meetings"), time.monotonic() + seconds
    while time.monotonic() < until:
        history = random_history(source)
        yield RuleInteraction(discriminated(tuple(history.requests())), history)


def random_history(source: RandomSource) -> History:
    """A history of the search's own moves."""
    generator = HistoryGenerator.of(source, ALL_HEADERS, tuple(ACTIONS), previews=True)
    return simulate(generator, generator.draw.one_of(WORLDS), STEPS, KNOWN)[0]


def smallest(known: Sequence[RuleInteraction], done: set[Pair], until: float) -> Iterator[RuleInteraction]:
    """For each pair that has not met a shrunk history; the rarest pairs in front."""
    having: dict[Pair, list[RuleInteraction]] = {}
    for interaction in known:
        for pair in combinations(interaction.rules, 2):
            having.setdefault(pair, []).append(interaction)
    for pair in sorted(having, key=lambda pair: (len(having[pair]), pair)):
        if pair not in done and time.monotonic() < until:
            interaction = shrunk_to(pair, min(having[pair], key=weight).the_history)
            done |= set(combinations(interaction.rules, 2))
            yield interaction


def weight(interaction: RuleInteraction) -> tuple[int, int]:
    """How much there is in a history: steps, and cells."""
    steps = interaction.the_history.steps
    return len(steps), sum(len(row) for step in steps if isinstance(step, FileStep) for row in step.rows)


def joined(known: Sequence[RuleInteraction], done: set[Pair], until: float) -> Iterator[RuleInteraction]:
    """For each pair that has not met: a history of the one rule behind one of the other, if that tells about both."""
    alone: dict[str, list[RuleInteraction]] = {}
    for pair in combinations(CATALOGUE, 2):
        if pair not in done and time.monotonic() < until:
            for name in pair:
                alone.setdefault(name, list(singles(name, known)))
            if interaction := interaction_of(pair, alone[pair[0]], alone[pair[1]]):
                done |= set(combinations(interaction.rules, 2))
                yield interaction


def singles(name: str, known: Sequence[RuleInteraction]) -> Iterator[RuleInteraction]:
    """A shrunk history that tells about a rule, in each world."""
    for world in WORLDS:
        found = [m for m in known if name in m.rules and m.the_history.world == world]
        if found:
            yield shrunk_to((name,), min(found, key=weight).the_history)


def interaction_of(
    pair: Pair, ones: Sequence[RuleInteraction], others: Sequence[RuleInteraction]
) -> RuleInteraction | None:
    """Two histories in one, in either order, shrunk; None where none of these tells about both rules."""
    for one, other in (*product(ones, others), *product(others, ones)):
        first, second = one.the_history, other.the_history
        if first.world == second.world:
            history = evolve(first, steps=(*first.steps, *second.steps))
            if tells(pair)(history):
                return shrunk_to(pair, history)
    return None


# Shrinking, in one sweep after the other: coarser than the search's, and much faster.


def tells(names: Sequence[str]) -> Tells:
    """Whether a history tells about all of some rules."""

    def check(history: History) -> bool:
        own = own_answers(tuple(history.requests()), KNOWN)
        return all(discriminating_rules((name,), own, KNOWN) for name in names)

    return check


def shrunk_to(names: Sequence[str], history: History) -> RuleInteraction:
    """A small history that tells about some rules still, and all the rules that it tells about."""
    check = tells(names)
    for sweep in (without_steps, without_rows, without_columns, without_flags):
        history = sweep(history, check)
    return RuleInteraction(discriminated(tuple(history.requests())), history)


def without_steps(history: History, check: Tells) -> History:
    """Without the steps that need not be there, the last in front."""
    for place in reversed(range(len(history.steps))):
        smaller = evolve(history, steps=(*history.steps[:place], *history.steps[place + 1 :]))
        history = smaller if check(smaller) else history
    return history


def _stepwise(history: History, check: Tells, smaller: Callable[[FileStep], Iterable[FileStep]]) -> History:
    for place in range(len(history.steps)):
        progress = True
        while progress:
            progress = False
            step = history.steps[place]
            for other in smaller(step) if isinstance(step, FileStep) else ():
                candidate = evolve(history, steps=(*history.steps[:place], other, *history.steps[place + 1 :]))
                if check(candidate):
                    history, progress = candidate, True
                    break
    return history


def without_rows(history: History, check: Tells) -> History:
    """Without the rows that need not be there."""
    return _stepwise(history, check, fewer_rows)


def without_columns(history: History, check: Tells) -> History:
    """Without the columns that need not be there: all that can be spared at once, or one by one."""
    return _stepwise(history, check, fewer_columns)


def fewer_columns(file: FileStep) -> Iterator[FileStep]:
    """The file with the starred columns only, and else with one column less."""
    if any(len(row) != len(file.header) for row in file.rows) or len(set(file.header)) < len(file.header):
        return
    spare = [name for name in file.header if name not in STARRED]
    if len(spare) > 1:
        yield with_columns(file, tuple(name for name in file.header if name in STARRED))
    for name in spare:
        yield with_columns(file, tuple(other for other in file.header if other != name))


def without_flags(history: History, check: Tells) -> History:
    """Under plainer jobs."""
    return _stepwise(history, check, plainer_flags)
