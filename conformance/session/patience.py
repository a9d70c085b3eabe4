"""How many faults of an importer are tolerated."""

from attrs import define


@define
class Patience:
    """How many faults of an importer are tolerated before it is given up.

    Conversations without a fault make up for faults, but not for time-outs, which cost time. A malformed response, or
    none, seldom depends on one request, and counts for several faults.
    """

    faults: int = 400
    timeouts: int = 6

    def lose(self, kind: str) -> None:
        """Count a fault."""
        if kind == "timeout":
            self.timeouts -= 1
        else:
            self.faults -= 8 if kind in ("malformed", "unreachable") else 1

    def regain(self) -> None:
        """Count a conversation without a fault, whatever its differences."""
        self.faults = min(self.faults + 1, Patience().faults)

    @property
    def is_lost(self) -> bool:
        """Whether the importer is given up."""
        return self.faults <= 0 or self.timeouts <= 0
