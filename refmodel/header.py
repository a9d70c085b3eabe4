"""The header of a file: its cells, and the columns that they name."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from refmodel.cell import is_blank
from refmodel.columns import Column


@frozen
class Header:
    """The first row: its cells as they came, and where each known column stands, which it should do once."""

    cells: Sequence[str]
    known: Mapping[Column, Sequence[int]]
    has_blank: bool  # whether one of its cells is blank

    @classmethod
    def of(cls, cells: Sequence[str], columns: Iterable[Column | None]) -> "Header":
        """A header from its cells and the known column in each place, if there is one."""
        known: dict[Column, array[int]] = {}  # arrays, since a header may be very wide
        for place, column in enumerate(columns):
            if column:
                known.setdefault(column, array("Q")).append(place)
        return cls(cells, known, any(map(is_blank, cells)))

    @property
    def columns(self) -> tuple[Column | None, ...]:
        """The known column in each place, if there is one."""
        column_in = {place: column for column, places in self.known.items() for place in places}
        return tuple(map(column_in.get, range(len(self.cells))))

    @property
    def places(self) -> dict[Column, int]:
        """The place of each known column; of one that stands twice the last."""
        return {column: places[-1] for column, places in self.known.items()}

    @property
    def blank(self) -> Iterator[int]:
        """The places of the cells that are blank."""
        return (place for place, cell in enumerate(self.cells) if is_blank(cell)) if self.has_blank else iter(())

    def ends_with(self, names: Sequence[str]) -> bool:
        """Whether these are its last cells."""
        return [*self.cells[-len(names) :]] == [*names]

    @property
    def unknown(self) -> Iterator[tuple[int, str]]:
        """The cells that name no column, each with its place."""
        known = {place for places in self.known.values() for place in places}
        return ((place, cell) for place, cell in enumerate(self.cells) if place not in known)
