"""The formats of the files that are written here: each file names its format and its version.

A file of an earlier version is read, for whoever has it cannot write it anew. One of a later version is refused in
a sentence, because what its version has added would be lost or misread.
"""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from refmodel import __version__
from refmodel.wording import as_found, expected, listed


class LaterVersionError(ValueError):
    """A file of a version that does not exist yet; the text says what to do."""


@frozen
class Format:
    """A format: its name, what a file of it is called, the version that is written, and how version 1 said its own."""

    name: str
    noun: str
    version: int
    first_key: str | None = None  # in version 1, this key held the version and there was no format

    @property
    def head(self) -> dict[str, Any]:
        """What a file begins with."""
        return {"format": self.name, "version": self.version}

    @property
    def beginning(self) -> str:
        """The same, for people."""
        return f'{{"format":"{self.name}","version":{self.version},…}}'

    def version_of(self, data: Mapping[str, Any]) -> int:
        """The version of a file, of what stands at its beginning. ValueError where it is no file of this format, and
        LaterVersionError where its version is not known yet."""
        if self.first_key is not None and self.first_key in data and "format" not in data:
            return self._checked(self.first_key, data[self.first_key], named=False)
        if data.get("format") != self.name:
            found = f", but its format is {as_found(data['format'])}" if "format" in data else ""
            raise ValueError(f"this is not a {self.noun}: a {self.noun} begins with {self.beginning}{found}")
        return self._checked("version", data.get("version"), named=True)

    def _checked(self, key: str, version: Any, named: bool) -> int:
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise ValueError(f"{key}: {expected(f'a version such as {self.version if named else 1}', version)}")
        if version > self.version:
            raise LaterVersionError(
                f"this {self.noun} is of version {version}; this refmodel {__version__} reads {self._known()}: "
                "install a newer refmodel"
            )
        if version > 1 and not named:
            raise ValueError(f"a {self.noun} of version {version} begins with {self.beginning}")
        return version

    def _known(self) -> str:
        numbers = [str(number) for number in range(1, self.version + 1)]
        return f"version{'s' if len(numbers) > 1 else ''} {listed(numbers)}"
