"""Histories: what happens to a world, step by step, as data that can be generated, shrunk, sent and saved."""

import csv
import io
from collections.abc import Iterator, Mapping
from itertools import cycle
from typing import Any, Literal

from attrs import field, fields, frozen

from conformance.protocol import requests
from conformance.protocol.requests import OBSERVE, Request
from refmodel.job import DateFormat, Job, Mode

Texts = tuple[str, ...]
Quoting = Literal["needed", "all", "bare"]  # bare: a quote inside a cell is not doubled
QUOTING: Mapping[str, Literal[0, 1]] = {"needed": csv.QUOTE_MINIMAL, "all": csv.QUOTE_ALL}


@frozen(repr=False)
class FileStep:
    """A file that is imported or previewed: its job, its header and rows, and how it is written."""

    institution: str
    header: Texts
    rows: tuple[Texts, ...]
    mode: Mode = "automatic"
    change_sensitive_fields: bool = False
    date_format: DateFormat = "yyyy-mm-dd"
    preview: bool = False
    line_ending: str = "\n"  # or "mixed"
    bom: bool = False
    before: str = ""  # text in front of the header
    quoting: Quoting = "needed"
    separator: str = ","
    final_line_ending: bool = True  # whether the last row has one
    trailing_garbage: bytes = b""  # after the last row, so that the file is refused

    @classmethod
    def read(cls, institution: str, data: bytes) -> "FileStep":
        """The step that imports a sound file by an automatic job."""
        header, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        return cls(institution, tuple(header), tuple(map(tuple, rows)))

    def __repr__(self) -> str:
        return f"FileStep({', '.join(f'{name}={value!r}' for name, value in self._told())})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What IPython prints, and Hypothesis: the same in lines that are not too long."""
        with printer.group(4, "FileStep(", ")"):
            for number, (name, value) in enumerate(self._told()):
                if number:
                    printer.text(",")
                    printer.breakable()
                printer.text(f"{name}=")
                printer.pretty(value)

    def _told(self) -> Iterator[tuple[str, object]]:
        """The fields that are not as in any file, by name."""
        for each in fields(FileStep):
            value = getattr(self, each.name)
            if value != each.default:
                yield each.name, value

    @property
    def job(self) -> Job:
        """The job that imports it."""
        return Job(self.institution, self.mode, self.change_sensitive_fields, self.date_format)

    def data(self) -> bytes:
        """The bytes of the file."""
        text = self.before + (self._text() if self.final_line_ending else self._text().rstrip("\r\n"))
        return (b"\xef\xbb\xbf" if self.bom else b"") + text.encode() + self.trailing_garbage

    def _text(self) -> str:
        lines = (self.header, *self.rows)
        if self.quoting == "bare":
            return "".join(self._line(row) + end for row, end in zip(lines, self._line_endings()))
        output = io.StringIO(newline="")
        quoting = QUOTING[self.quoting]
        for row, end in zip(lines, self._line_endings()):
            csv.writer(output, lineterminator=end, delimiter=self.separator, quoting=quoting).writerow(row)
        return output.getvalue()

    def _line_endings(self) -> Iterator[str]:
        return cycle(("\r\n", "\n", "\r") if self.line_ending == "mixed" else (self.line_ending,))

    def _line(self, row: Texts) -> str:
        return self.separator.join(map(self._bare, row))

    def _bare(self, cell: str) -> str:
        if cell.startswith('"') or any(sign in cell for sign in (self.separator, "\r", "\n")):
            return '"' + cell.replace('"', '""') + '"'
        return cell

    def request(self) -> Request:
        """The request that sends the file."""
        ask = requests.preview if self.preview else requests.import_
        return ask(self.institution, self.data(), self.mode, self.change_sensitive_fields, self.date_format)


@frozen
class ActionStep:
    """An action in the app."""

    action: str
    arguments: Mapping[str, object] = field(factory=dict)

    def request(self) -> Request:
        """The request that does it."""
        return {"op": "do", "action": self.action, **self.arguments}


Step = FileStep | ActionStep


@frozen
class History:
    """A world without students, and what happens in it."""

    world: Mapping[str, object]
    steps: tuple[Step, ...] = ()

    def requests(self) -> Iterator[Request]:
        """The conversation: a reset, and each step followed by an observation."""
        yield {"op": "reset", "world": self.world}
        for step in self.steps:
            yield step.request()
            yield OBSERVE
