"""Histories: what happens to a world, step by step, in a form that can be made, shrunk, sent and written down."""

import base64
import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import field, frozen

from conformance.oracle import OBSERVE, Request

Texts = tuple[str, ...]


@frozen
class FileStep:
    """A file that is imported or previewed: its job, its header and rows, and how it is written."""

    institution: str
    header: Texts
    rows: tuple[Texts, ...]
    mode: str = "automatic"
    change_sensitive_fields: bool = False
    date_format: str = "yyyy-mm-dd"
    preview: bool = False
    line_end: str = "\n"
    mark: bool = False
    spoilt: bytes = b""  # put behind the last row, where the file is to be refused

    def data(self) -> bytes:
        """The bytes of the file."""
        output = io.StringIO(newline="")
        csv.writer(output, lineterminator=self.line_end).writerows((self.header, *self.rows))
        return (b"\xef\xbb\xbf" if self.mark else b"") + output.getvalue().encode() + self.spoilt

    def request(self) -> Request:
        """The request that sends the file."""
        return {
            "op": "preview" if self.preview else "import",
            "institution": self.institution,
            "mode": self.mode,
            "change_sensitive_fields": self.change_sensitive_fields,
            "date_format": self.date_format,
            "csv": base64.b64encode(self.data()).decode("ascii"),
        }


@frozen
class ActionStep:
    """Something that somebody does in the app."""

    action: str
    arguments: Mapping[str, Any] = field(factory=dict)

    def request(self) -> Request:
        """The request that says it."""
        return {"op": "do", "action": self.action, **self.arguments}


Step = FileStep | ActionStep


@frozen
class History:
    """A world without students, and what happens in it."""

    world: Mapping[str, Any]
    steps: tuple[Step, ...] = ()

    def requests(self) -> Iterator[Request]:
        """The conversation: a reset, and each step followed by an observation."""
        yield {"op": "reset", "world": self.world}
        for step in self.steps:
            yield step.request()
            yield OBSERVE
