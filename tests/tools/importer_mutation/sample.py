"""A sample of the mutants, for a few seconds: those named must be noticed, and the importers as they are must not."""

import tomllib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec
from attrs import evolve
from msgspec import Struct

from tests.tools.importer_mutation.conversations import Conversation, Order
from tests.tools.importer_mutation.judging import Verdict, apart, asked, targets_of
from tests.tools.importer_mutation.mutants import Importer, Mutant, sources

SAMPLE = Path(__file__).with_name("sample.toml")
SMALL = 2_000  # characters of the files of a conversation, for a quick look at the importers as they are


class Named(Struct, frozen=True, forbid_unknown_fields=True):
    """A mutant of the sample, by its text."""

    importer: Importer
    module: str
    before: str
    after: str

    def __str__(self) -> str:
        """The mutant on several lines."""
        return f"{self.importer}.{self.module}\n    - {self.before}\n    + {self.after}"

    def is_named(self, mutant: Mutant) -> bool:
        """Whether it is this one."""
        return (mutant.importer, mutant.module, mutant.before, mutant.after) == (
            self.importer,
            self.module,
            self.before,
            self.after,
        )


def sample() -> list[Named]:
    """The mutants of the sample."""
    return msgspec.convert(tomllib.loads(SAMPLE.read_text("utf-8"))["mutant"], list[Named])


def modules() -> list[str]:
    """The modules that the sample needs."""
    return list(dict.fromkeys(f"{each.importer}.{each.module}" for each in sample()))


def unchanged(mutant: Mutant) -> Mutant:
    """The importer of a mutant, as it is."""
    source = sources("sql")[mutant.module].read_text("utf-8") if mutant.importer == "sql" else ""
    return evolve(mutant, source=source, after=mutant.before)


def failures(mutants: Sequence[Mutant], conversations: Sequence[Conversation], copy: Path) -> Iterator[str]:
    """What is not as it should be, in words."""
    order = Order(tuple(conversations))
    for named in sample():
        mutant = next(filter(named.is_named, mutants), None)
        if mutant is None:
            yield f"is not made: {named}"
            continue
        if not verdict(mutant, order.of(mutant.module), copy).killed:
            yield f"is not noticed: {mutant}"
    small = [one for one in conversations if one.size <= SMALL and not one.name.startswith("edge:")]
    for mutant in {mutant.importer: mutant for mutant in mutants}.values():
        found = verdict(unchanged(mutant), small, copy)
        if found.killed:
            yield f"the {mutant.importer} importer as it is does not pass: {found.by}"


def verdict(mutant: Mutant, conversations: Sequence[Conversation], copy: Path) -> Verdict:
    """What some conversations say of a mutant."""
    return apart(mutant, partial(asked, targets_of(mutant, copy)[:1], conversations))
