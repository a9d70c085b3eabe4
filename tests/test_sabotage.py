"""The suite catches the wrong importers of the catalogue: by the examples of the broken rule, and by the search."""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache

import pytest

import conformance.sabotage
from conformance.judge import COMPARISONS, Exchange, Known
from conformance.playing import introduced, play
from conformance.reference import ReferenceImporter
from conformance.sabotage import SABOTAGES, importer
from conformance.scenarios import examples
from conformance.search import Lockstep, RandomSource, Searched, moves_for, one_history
from conformance.targets import BadTarget, connect
from refmodel.catalogue import CATALOGUE

SEEDS = ("0", "1")
HISTORIES = 60  # of each seed


def is_shown(name: str, rules: set[str]) -> bool:
    """Whether a wrong importer answers an example of some rules otherwise than a right one."""
    with connect(f"python:conformance.sabotage:{name}") as target:
        guest = introduced(target)
        conversations = (example.requests for example in examples() if example.rules[0] in rules)
        return any(play(guest, requests, guest.known()).differs for requests in conversations)


@cache
def conversations() -> tuple[tuple[Exchange, ...], ...]:
    """What the search says to any importer, whose answers do not change it, and what a right one answers."""
    return tuple(conversation for seed in SEEDS for conversation in conversations_of(seed))


def conversations_of(seed: str) -> Iterator[tuple[Exchange, ...]]:
    """The conversations of one seed."""
    with connect("python:conformance.reference:importer") as target:
        guest, source = introduced(target), RandomSource.seeded(seed)
        for _ in range(HISTORIES):
            yield one_history(Lockstep(guest, guest.known()), moves_for(guest, source), Searched())[1]


def is_found(name: str) -> bool:
    """Whether the search finds that an importer is a wrong one."""
    guest = importer(name)
    return any(differs(guest, conversation) for conversation in conversations())


def differs(guest: ReferenceImporter, conversation: tuple[Exchange, ...]) -> bool:
    """Whether an importer answers a conversation otherwise than a right one does."""
    for exchange in conversation:
        response, compare = guest.handle(dict(exchange.request)), COMPARISONS[exchange.request["op"]]
        if response != exchange.response:
            if any(compare(exchange.response, response, Known(), exchange.request)):
                return True
    return False
