"""The state of the oracle while it judges a conversation with an importer."""

from typing import Literal

from attrs import frozen

from conformance.oracle.answers import NOWHERE
from refmodel.columns import COLUMNS
from refmodel.ruleset import STANDARD, Ruleset
from refmodel.world import World

Strictness = Literal["outcome", "fields", "exact"]
ALL_HEADERS = frozenset(column.header for column in COLUMNS)


@frozen
class OracleState:
    """The world, the rules in force, and how the importer is compared."""

    world: World = NOWHERE
    ruleset: Ruleset = STANDARD
    strictness: Strictness = "exact"
    columns: frozenset[str] = ALL_HEADERS  # those that the importer stores
