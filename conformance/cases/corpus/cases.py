"""The cases of the corpus, and the model's responses to them."""

import hashlib
import json
from collections.abc import Mapping
from typing import Literal, get_args

from attrs import define, field, frozen

from conformance.cases.edge_cases.building import EdgeCase
from conformance.oracle.answers import NOWHERE, answer
from conformance.protocol.requests import Request
from conformance.protocol.trace import Exchange
from refmodel.world import World

Part = Literal["cells", "students", "actions", "files", "pairs", "meetings", "scenarios"]
Polarity = Literal["negative", "positive", "refused", "several", "story"]
PARTS: tuple[Part, ...] = get_args(Part)
Choices = Mapping[str, str]


@frozen(eq=False)
class CorpusCase:
    """A case and the part of the corpus that it is of.

    `side` is of cases that are there for one rule: `negative` breaks it and no other, `positive` holds it, `refused` is
    an action that cannot happen; `several` rules may have something against the row, or it is a `story`. `choices` are
    those of its row, if it is systematic. The first `shared` requests are the same objects in other cases as well.
    """

    case: EdgeCase
    part: Part
    polarity: Polarity = "story"
    choices: Choices = field(factory=dict)
    shared: int = 0

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.case.name

    @property
    def id(self) -> str:
        """Sixteen digits that change if and only if what is sent changes."""
        said = json.dumps([self.case.world, self.case.requests], sort_keys=True)
        return hashlib.sha256(said.encode("ascii")).hexdigest()[:16]


@define
class Answers:
    """The model's responses; those to the requests that many cases share are computed once."""

    known: dict[tuple[int, int], tuple[Exchange, World, World]] = field(factory=dict)

    def of(self, requests: tuple[Request, ...], shared: int = 0) -> tuple[Exchange, ...]:
        """A conversation, from its reset on, as the model answers it."""
        world, exchanges = NOWHERE, []
        for number, request in enumerate(requests):
            exchange, world = self._shared(world, request) if number < shared else _answered(world, request)
            exchanges.append(exchange)
        return tuple(exchanges)

    def _shared(self, world: World, request: Request) -> tuple[Exchange, World]:
        key = (id(world), id(request))  # both are kept, so that no other object can have these ids
        if key not in self.known:
            self.known[key] = (*_answered(world, request), world)
        return self.known[key][:2]


def _answered(world: World, request: Request) -> tuple[Exchange, World]:
    response, after = answer(world, request)
    return Exchange(request, response), after
