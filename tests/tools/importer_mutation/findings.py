"""What came of the mutants of the importers, as it stands in the file beside the matrix, and the explanations."""

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from tests.tools.importer_mutation.mutants import Importer, Mutant
from tests.tools.mutation_matrix.findings import FOLDER, BadData, as_json

DATA = FOLDER / "importers.json"
SURVIVORS = Path(__file__).with_name("survivors.toml")
Search = Literal["not_asked", "noticed", "survives"]
Reason = Literal["same_answers", "speed", "not_compared", "never_asked", "other_database"]


class Survivor(Struct, frozen=True):
    """A mutant that the examples and edge cases do not show; and whether the search, if it was asked, shows it."""

    importer: Importer
    module: str
    function: str
    operator: str
    before: str
    after: str
    search: Search = "not_asked"
    is_current: bool = True  # whether it was asked the newest conversations too

    def __str__(self) -> str:
        """The survivor on several lines."""
        return (
            f"{self.importer}.{self.module} {self.function} ({self.operator})\n    - {self.before}\n    + {self.after}"
        )


class Module(Struct, frozen=True):
    """How many mutants of a module were made, asked, and noticed by what is written down.

    `staged` counts those of the noticed that are noticed only where every file takes the way of the long ones.
    """

    importer: Importer
    name: str
    made: int
    asked: int
    noticed: int
    staged: int
    survivors: tuple[Survivor, ...] = ()


class Findings(Struct, frozen=True):
    """The file."""

    modules: tuple[Module, ...]
    format: Literal["refmodel-importer-mutants"] = "refmodel-importer-mutants"
    version: Literal[1] = 1


class Explanation(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a mutant, or several that are alike, cannot be noticed; what is left out fits all."""

    importer: Importer
    module: str
    why: str
    reason: Reason
    function: str | None = None
    operator: str | None = None
    before: str | None = None
    contains: str | None = None  # of `before`
    after: tuple[str, ...] | None = None

    def fits(self, one: Survivor | Mutant) -> bool:
        """Whether it explains a mutant."""
        return (
            (one.importer, one.module) == (self.importer, self.module)
            and all(
                wanted in (None, there)
                for wanted, there in (
                    (self.function, one.function),
                    (self.operator, one.operator),
                    (self.before, one.before),
                )
            )
            and (self.contains is None or self.contains in one.before)
            and (self.after is None or one.after in self.after)
        )


def explanations(path: Path = SURVIVORS) -> list[Explanation]:
    """The explanations of a file. BadData where one has no reason, or cannot be read."""
    try:
        found = msgspec.convert(tomllib.loads(path.read_text("utf-8")).get("survivor", []), list[Explanation])
    except (OSError, ValueError) as error:
        raise BadData(f"{path}: cannot be read: {error}") from None
    if blank := next((one for one in found if not one.why.strip()), None):
        raise BadData(f"{path}: {blank.importer}.{blank.module}: say `why` the survivor cannot be noticed")
    return found


def explained(one: Survivor | Mutant, known: Iterable[Explanation]) -> Explanation | None:
    """The first explanation that fits."""
    return next((each for each in known if each.fits(one)), None)


def problems(modules: Sequence[Module], known: Sequence[Explanation]) -> list[str]:
    """Survivors that nobody has explained, and explanations that fit none, of modules that were asked as a whole."""
    survivors = [one for module in modules for one in module.survivors]
    open_ones = [one for one in survivors if one.search != "noticed" and not explained(one, known)]
    said = [f"{state(one)}, and is not explained: {one}" for one in open_ones]
    said += [f"is explained, and the search notices it: {one}" for one in survivors if is_refuted(one, known)]
    whole = {(each.importer, each.name) for each in modules if each.asked == each.made}
    idle = [
        each
        for each in known
        if (each.importer, each.module) in whole and not any(explained(one, [each]) for one in survivors)
    ]
    return said + [f"explains nothing that survives: {each.importer}.{each.module}: {each.why}" for each in idle]


def state(one: Survivor) -> str:
    """How far a survivor has come."""
    return "survives" if one.search == "survives" else "is not noticed by what is written down"


def is_refuted(one: Survivor, known: Sequence[Explanation]) -> bool:
    """Whether a search has noticed what is said to be beyond notice."""
    return one.search == "noticed" and explained(one, known) is not None


def read(path: Path = DATA) -> Findings:
    """The findings of a file. BadData where there are none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Findings)
    except (OSError, msgspec.DecodeError) as error:
        raise BadData(f"{path}: cannot be read: {error}; `make mutate-importers` writes it") from None


def as_text(findings: Findings) -> str:
    """The file of the findings, with a line for each module and each survivor."""
    plain = msgspec.to_builtins(findings)
    rows = ",\n".join(map(module_as_text, plain.pop("modules")))
    head = "".join(f"{as_json(name)}: {as_json(value)},\n" for name, value in plain.items())
    return f'{{\n{head}"modules": [\n{rows}\n]\n}}\n'


def module_as_text(plain: dict[str, object]) -> str:
    """A module on one line, its survivors on lines of their own."""
    survivors = plain.pop("survivors")
    assert isinstance(survivors, (list, tuple))
    lines = ",\n  ".join(map(as_json, survivors))
    return f'{as_json(plain)[:-1]},"survivors":[{lines and chr(10)}{"  " * bool(lines)}{lines}]}}'
