"""What the oracle knows of an importer while it judges a conversation with it."""

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
    """What the oracle knows: the world, the rules it goes by, and how the importer is to be compared."""

    world: World = NOWHERE
    ruleset: Ruleset = STANDARD
    strictness: Strictness = "exact"
    columns: frozenset[str] = ALL_HEADERS  # those that the importer stores
