"""How many faults of an importer are borne."""

from attrs import define


@define
class Patience:
    """How many faults of an importer are borne before it is asked no more.

    What it answers well in between makes up for other faults, but not for time-outs, for which everybody waits. What is
    no answer at all is seldom about one request only, and counts for several.
    """

    faults: int = 400
    timeouts: int = 6

    def lose(self, kind: str) -> None:
        """Bear a fault of some kind."""
        if kind == "timeout":
            self.timeouts -= 1
        else:
            self.faults -= 8 if kind in ("malformed", "unreachable") else 1

    def regain(self) -> None:
        """A conversation went well as such, whatever was said."""
        self.faults = min(self.faults + 1, Patience().faults)

    @property
    def is_lost(self) -> bool:
        """Whether it is enough."""
        return self.faults <= 0 or self.timeouts <= 0
