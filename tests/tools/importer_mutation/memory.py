"""What was measured, in a file outside the repository, a line each: a run that was stopped goes on where it was.

A mutant that was noticed stays so as long as the conversation is there, word for word, that showed it; one that was not
is asked those conversations that are new. Where answers are compared in another way, every conversation is a new one.
What a search said counts as long as the search is the same.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import msgspec
from attrs import define, field, frozen

from tests.tools.importer_mutation.conversations import Conversation
from tests.tools.importer_mutation.judging import Verdict
from tests.tools.importer_mutation.mutants import Mutant, digest
from tests.tools.mutation_matrix.findings import BadData, as_json
from tests.tools.mutation_matrix.running import lines_of, meant, sources

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

    @property
    def keys(self) -> frozenset[str]:
        """The digests of the conversations."""
        return frozenset(self.conversations.values())

    def of_written(self, verdict: Verdict) -> str:
        """The digest of what a verdict of the conversations rests on."""
        return self.conversations.get(verdict.by, "") if verdict.killed else self.everything


@define
class Memory:
    """Verdicts by the key of their mutant; with each, what it rests on."""

    path: Path
    basis: Basis
    noticed: dict[str, Verdict] = field(factory=dict)
    searched: dict[str, Verdict] = field(factory=dict)
    # The conversations, by their digests, that did not show a mutant; and those of each earlier basis.
    in_vain: dict[str, frozenset[str]] = field(factory=dict)
    earlier: dict[str, frozenset[str]] = field(factory=dict)

    @classmethod
    def of(cls, path: Path, basis: Basis) -> "Memory":
        """What still counts of a file, nothing where there is none. BadData where it cannot be read."""
        memory = cls(path, basis)
        for line in lines_of(path):
            memory.learn(line)
        return memory

    def learn(self, line: str) -> None:
        """Read a line; one that was cut off when a run was stopped is as good as none."""
        try:
            way, key, rests_on, value = json.loads(line)
            if way == "basis":
                self.earlier[key] = frozenset(value)
            else:
                self.note(way, key, rests_on, msgspec.convert(value, Verdict))
        except (ValueError, TypeError, msgspec.ValidationError):
            return

    def note(self, way: Way, key: str, rests_on: str, verdict: Verdict) -> None:
        """Take a verdict in, as far as it still counts."""
        if way == "searched":
            if rests_on == self.basis.search:
                self.searched[key] = verdict
        elif not verdict.killed:
            self.in_vain[key] = self.in_vain.get(key, frozenset()) | self.earlier.get(rests_on, frozenset())
        elif rests_on == self.basis.of_written(verdict):
            self.noticed[key] = verdict

    def left(self, mutant: Mutant, conversations: Iterable[Conversation]) -> list[Conversation]:
        """The conversations that a mutant was not asked yet; none where one has shown it."""
        asked = self.in_vain.get(mutant.key, frozenset())
        return [] if mutant.key in self.noticed else [one for one in conversations if one.key not in asked]

    def is_survivor(self, mutant: Mutant) -> bool:
        """Whether a mutant was asked all that was written down at the time, and was not noticed."""
        return mutant.key in self.in_vain and mutant.key not in self.noticed

    def is_current(self, mutant: Mutant) -> bool:
        """Whether a mutant was asked all that is written down now, or was noticed."""
        asked = self.in_vain.get(mutant.key, frozenset())
        return mutant.key in self.noticed or self.basis.keys <= asked

    def keep(self, way: Way, mutant: Mutant, verdict: Verdict) -> None:
        """Write down a verdict, before the first of its kind what it rests on. BadData where that cannot be done."""
        rests_on = self.basis.search if way == "searched" else self.basis.of_written(verdict)
        lines = [[way, mutant.key, rests_on, verdict]]
        if self.basis.everything not in self.earlier:
            self.earlier[self.basis.everything] = self.basis.keys
            lines.insert(0, ["basis", self.basis.everything, "", sorted(self.basis.keys)])
        self.note(way, mutant.key, rests_on, verdict)
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.writelines(as_json(line) + "\n" for line in lines)
        except OSError as error:
            raise BadData(f"{self.path}: cannot be written: {error.strerror}; name another file with --cache") from None
