"""What was measured, in a file outside the repository, a line each: a run that was stopped goes on where it was.

A mutant that was noticed stays so as long as the conversation is there, word for word, that showed it; one that was not
is asked again where any conversation is another. What a search said counts as long as the search is the same.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec
from attrs import define, field, frozen

from tests.tools.importer_mutation.conversations import Conversation
from tests.tools.importer_mutation.judging import Verdict
from tests.tools.importer_mutation.mutants import Mutant, digest
from tests.tools.mutation_matrix.findings import BadData, as_json
from tests.tools.mutation_matrix.running import meant, sources

Way = Literal["written", "searched"]
MACHINE = "conformance/search/state_machine.py"


@frozen
class Basis:
    """What verdicts rest on: the conversations by name, all of them, and the search."""

    conversations: dict[str, str]
    everything: str
    search: str

    @classmethod
    def of(cls, conversations: Sequence[Conversation]) -> "Basis":
        """The basis as it is now."""
        keys = {one.name: one.key for one in conversations}
        search = digest(*(meant(path) for path in sorted(sources("machine", MACHINE))))
        return cls(keys, digest(*sorted(keys.values())), search)

    def of_written(self, verdict: Verdict) -> str:
        """The digest of what a verdict of the conversations rests on."""
        return self.conversations.get(verdict.by, "") if verdict.killed else self.everything


@define
class Memory:
    """Verdicts by the key of their mutant; with each, what it rests on."""

    path: Path
    basis: Basis
    written: dict[str, Verdict] = field(factory=dict)
    searched: dict[str, Verdict] = field(factory=dict)

    @classmethod
    def of(cls, path: Path, basis: Basis) -> "Memory":
        """What still counts of a file, nothing where there is none. BadData where it cannot be read."""
        memory = cls(path, basis)
        try:
            lines = path.read_text("utf-8").splitlines() if path.exists() else []
        except (OSError, UnicodeDecodeError) as error:
            raise BadData(f"{path}: cannot be read: {error}; name another file with --cache") from None
        for line in lines:
            memory.learn(line)
        return memory

    def learn(self, line: str) -> None:
        """Read a line; one that was cut off when a run was stopped is as good as none."""
        try:
            way, key, rests_on, value = json.loads(line)
            verdict = msgspec.convert(value, Verdict)
        except (ValueError, TypeError, msgspec.ValidationError):
            return
        if way == "written" and rests_on == self.basis.of_written(verdict):
            self.written[key] = verdict
        if way == "searched" and rests_on == self.basis.search:
            self.searched[key] = verdict

    def keep(self, way: Way, mutant: Mutant, verdict: Verdict) -> None:
        """Write down a verdict. BadData where that cannot be done."""
        kept, rests_on = (
            (self.written, self.basis.of_written(verdict)) if way == "written" else (self.searched, self.basis.search)
        )
        kept[mutant.key] = verdict
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(as_json([way, mutant.key, rests_on, verdict]) + "\n")
        except OSError as error:
            raise BadData(f"{self.path}: cannot be written: {error.strerror}; name another file with --cache") from None
