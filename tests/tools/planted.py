"""Judge importers with mistakes that were planted by hand: `python -m tests.tools.planted`.

The suite's own mutants are mistakes in the reference model, made by those who made the suite. The mistakes in
`tests/planted/` are in the two independent importers, and were made without a look at the suite's: what a report says
of them is a fair sample of what it says of an importer that is not its own. Each is a patch with the rules that it
really breaks, so that the names in a report can be counted as right and wrong. A combination is several of them at
once; the rules that it breaks are those of all of them, although one mistake may hide another.

The mistakes of the first round lie in `tests/planted/`, those of the second in `tests/planted/round_2/`: they were made
from public reports of other imports (`tests/planted/reports.toml`). Combinations are of the first round.
"""

import argparse
import os
import random
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any, Literal

import msgspec
from msgspec import Struct

from tests.support.arguments import whole_number
from tests.support.paths import ROOT

FOLDER = ROOT / "tests" / "planted"
ROUNDS = {1: FOLDER, 2: FOLDER / "round_2"}  # round → where its mistakes are
RESULTS = FOLDER / "results.json"
IMPLEMENTATIONS = Path("conformance", "implementations")
CAUGHT = ("violates", "differs")
COMBINATIONS, LEAST, MOST = 20, 2, 12
Importer = Literal["sql", "javascript"]


class BadPlanting(ValueError):
    """A mistake or a file of ours that is of no use; the text says which, and why."""


class Mistake(Struct, frozen=True, forbid_unknown_fields=True):
    """A mistake: which importer makes it, what it does, and the rules that it really breaks."""

    name: str
    importer: Importer
    kind: str
    what: str
    rules: tuple[str, ...]
    round: int = 1

    @property
    def patch(self) -> Path:
        """The change to the importer."""
        return ROUNDS[self.round] / f"{self.name}.patch"


class Combination(Struct, frozen=True, forbid_unknown_fields=True):
    """Several mistakes at once, by their names."""

    name: str
    mistakes: tuple[str, ...]


class Subject(Struct, frozen=True):
    """What is judged: one mistake or several in the same importer."""

    name: str
    mistakes: tuple[Mistake, ...]

    @property
    def importer(self) -> Importer:
        """The importer that makes them."""
        return self.mistakes[0].importer

    @property
    def rules(self) -> frozenset[str]:
        """The rules that it breaks."""
        return frozenset(rule for mistake in self.mistakes for rule in mistake.rules)


class Claim(Struct, frozen=True):
    """A cause in a report: the rules that may be broken, the mistakes that are named, and whether that is sure."""

    rules: tuple[str, ...]
    mutants: tuple[str, ...]
    sure: bool


class Result(Struct, frozen=True):
    """What a run of the suite said of a subject."""

    name: str
    budget: str
    verdict: str
    broken: tuple[str, ...]
    in_doubt: tuple[str, ...]
    causes: tuple[Claim, ...]
    seconds: float


class Results(Struct, frozen=True):
    """The file of the results."""

    results: tuple[Result, ...]
    format: Literal["refmodel-planted-results"] = "refmodel-planted-results"
    version: Literal[2] = 2


class Figures(Struct, frozen=True):
    """Counts over some results: runs, and rules in them."""

    runs: int
    caught: int
    called: int  # rules called broken
    rightly: int  # … that are
    truly: int  # rules that are broken
    found_or_doubted: int  # … that are called broken or in doubt
    sure: int  # causes that are said to be sure
    surely: int  # … whose rule in front is broken
    first: int  # runs that name a cause
    firstly: int  # … in which the rule in front of the first is broken

    @property
    def shares(self) -> Mapping[str, float]:
        """Of the runs those caught; precision, recall, also with the rules in doubt; how often what is said is true.

        A share of nothing is 1.
        """
        counts = {
            "caught": (self.caught, self.runs),
            "precision": (self.rightly, self.called),
            "recall": (self.rightly, self.truly),
            "recall_with_doubt": (self.found_or_doubted, self.truly),
            "sure": (self.surely, self.sure),
            "first": (self.firstly, self.first),
        }
        return {name: part / whole if whole else 1.0 for name, (part, whole) in counts.items()}


# What there is.


def mistakes() -> dict[str, Mistake]:
    """Name → mistake, the first round's first."""
    return {mistake.name: mistake for number in ROUNDS for mistake in of_round(number)}


def of_round(number: int) -> list[Mistake]:
    """The mistakes of a round."""
    listed = msgspec.convert(_toml(ROUNDS[number] / "mistakes.toml")["mistakes"], list[Mistake])
    return [msgspec.structs.replace(mistake, round=number) for mistake in listed]


def subjects() -> dict[str, Subject]:
    """Name → what can be judged: each mistake by itself, then the combinations."""
    single = mistakes()
    alone = {name: Subject(name, (mistake,)) for name, mistake in single.items()}
    listed = msgspec.convert(_toml(FOLDER / "combinations.toml")["combinations"], list[Combination])
    return alone | {one.name: Subject(one.name, tuple(single[name] for name in one.mistakes)) for one in listed}


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


# An importer with mistakes.


def plant(importer: Importer, patches: Iterable[Path], folder: Path) -> Path:
    """Copy the importer into the folder and change it there; where it is. BadPlanting if a patch does not apply."""
    there = folder / IMPLEMENTATIONS / importer
    copytree(ROOT / IMPLEMENTATIONS / importer, there, ignore=lambda *_: ["__pycache__"])
    for patch in patches:
        apply(patch, folder)
    return there


def apply(patch: Path, folder: Path) -> None:
    """Apply a patch in the folder, whatever repository that lies in. BadPlanting if it does not apply."""
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.resolve().parent)}
    done = subprocess.run(["git", "apply", str(patch)], cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise BadPlanting(f"{patch.name} does not apply: {done.stderr.strip()}")


def target_of(importer: Importer, there: Path) -> str:
    """The target that names the copy, for a process whose PYTHONPATH has the folder in which it lies."""
    return "python:sql:importer" if importer == "sql" else f"cmd:node {there / 'importer.mjs'}"


def environment_of(there: Path) -> dict[str, str]:
    """The environment in which the copy can be imported."""
    paths = [str(there.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


# One run.


def judged(subject: Subject, budget: str) -> Result:
    """Run the suite against the subject. BadPlanting where there comes no report of it."""
    with TemporaryDirectory(prefix="planted-") as name:
        there = plant(subject.importer, [mistake.patch for mistake in subject.mistakes], Path(name))
        begun, report = time.monotonic(), Path(name, "report")
        command = [sys.executable, "-m", "pytest", "--pyargs", "conformance", "-q", "-p", "no:cacheprovider"]
        command += ["--importer", target_of(subject.importer, there), "--report", str(report), "--budget", budget]
        done = subprocess.run(command, cwd=ROOT, env=environment_of(there), capture_output=True, text=True)
        if not (report / "report.json").exists():
            raise BadPlanting(f"{subject.name}: the suite wrote no report: {(done.stdout + done.stderr)[-500:]}")
        said = msgspec.json.decode((report / "report.json").read_bytes())
    return result_of(subject.name, budget, said, time.monotonic() - begun)


def result_of(name: str, budget: str, said: Mapping[str, Any], seconds: float) -> Result:
    """What a report says."""
    by_word = partial(_rules_that_are, said["rules"])
    claims = tuple(Claim(tuple(c["rules"]), tuple(c["mutants"]), c["sure"]) for c in said["causes"])
    return Result(name, budget, said["verdict"], by_word("broken"), by_word("in_doubt"), claims, round(seconds, 1))


def _rules_that_are(rules: Mapping[str, str], word: str) -> tuple[str, ...]:
    return tuple(rule for rule, standing in rules.items() if standing == word)


# Many.


def all_judged(chosen: Sequence[Subject], budget: str, workers: int) -> Iterator[Result]:
    """The results, as they come."""
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(partial(judged, budget=budget), chosen)


def figures(results: Iterable[Result], truth: Mapping[str, frozenset[str]]) -> Figures:
    """Counts over results; `truth` has the rules that each really breaks."""
    counts = [_counts(result, truth[result.name]) for result in results]
    return Figures(len(counts), *(sum(column) for column in zip(*counts)) if counts else (0,) * 9)


def _counts(result: Result, truth: frozenset[str]) -> tuple[int, ...]:
    broken, doubted = truth.intersection(result.broken), truth.intersection(result.in_doubt)
    rules = (len(result.broken), len(broken), len(truth), len(broken | doubted))
    sure, first = [claim for claim in result.causes if claim.sure], result.causes[:1]
    claims = (len(sure), _true(sure, truth), len(first), _true(first, truth))
    return (result.verdict in CAUGHT, *rules, *claims)


def _true(claims: Iterable[Claim], truth: frozenset[str]) -> int:
    """How many of some claims have a rule in front that is broken."""
    return sum(claim.rules[0] in truth for claim in claims)


def told(result: Result, truth: frozenset[str]) -> str:
    """A line about a result: what was called broken wrongly, and what was missed."""
    wrongly, missed = sorted(set(result.broken) - truth), sorted(truth - set(result.broken))
    remarks = [f"{word}: {', '.join(rules)}" for word, rules in (("wrongly", wrongly), ("missed", missed)) if rules]
    return "; ".join([f"{result.name}: {result.verdict} in {result.seconds:.0f} s", *remarks])


def told_figures(title: str, found: Figures) -> str:
    """A line about some figures."""
    shares = ", ".join(f"{name} {share:.0%}" for name, share in found.shares.items())
    return f"{title}: {found.caught} of {found.runs} caught; {shares}"


def kept(path: Path = RESULTS) -> Iterator[str]:
    """Lines about the results in a file: of each round under each budget, and of the combinations."""
    every, results = subjects(), known(path).values()
    truth = {name: subject.rules for name, subject in every.items()}
    groups: dict[str, list[Result]] = {}
    for result in results:
        subject = every[result.name]
        of = f"round {subject.mistakes[0].round}" if len(subject.mistakes) == 1 else "combinations"
        groups.setdefault(f"Planted mistakes, {of}, budget {result.budget}", []).append(result)
    return (told_figures(title, figures(found, truth)) for title, found in groups.items())


def known(path: Path) -> dict[str, Result]:
    """Name → result, of a file that is there; else nothing. BadPlanting where it cannot be read."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Results) if path.exists() else Results(())
    except (OSError, msgspec.DecodeError) as error:
        raise BadPlanting(f"{path}: cannot be read: {error}; name another file with --out") from None
    return {result.name: result for result in found.results}


def as_text(results: Iterable[Result]) -> str:
    """The file of the results, a line for each."""
    lines = ",\n".join(msgspec.json.encode(result).decode() for result in results)
    head = Results(())
    return f'{{"format": "{head.format}", "version": {head.version},\n"results": [\n{lines}\n]}}\n'


def write(path: Path, results: Mapping[str, Result]) -> None:
    """The file, in the order of what there is."""
    path.write_text(as_text(results[name] for name in subjects() if name in results), "utf-8")


# Combinations.


def combined(single: Sequence[Mistake], seed: int) -> Iterator[Combination]:
    """Combinations of mistakes in one importer whose patches apply together, the same for the same seed."""
    source = random.Random(seed)
    for number in range(1, COMBINATIONS + 1):
        first, count = source.choice(single), source.randint(LEAST, MOST)
        others = [mistake for mistake in single if mistake.importer == first.importer and mistake != first]
        yield Combination(f"combination_{number:02}", together(first, source.sample(others, len(others)), count))


def together(first: Mistake, others: Iterable[Mistake], count: int) -> tuple[str, ...]:
    """The first and others, so many in all, that apply one after the other."""
    with TemporaryDirectory(prefix="planted-") as name:
        plant(first.importer, [first.patch], Path(name))
        names = [first.name]
        for other in others:
            if len(names) < count and applies(other.patch, Path(name)):
                names.append(other.name)
    return tuple(names)


def applies(patch: Path, folder: Path) -> bool:
    """Apply a patch in the folder, if that can be done."""
    try:
        apply(patch, folder)
    except BadPlanting:
        return False
    return True


def combinations_file(seed: int) -> str:
    """The file of the combinations."""
    parts = [f"# Written by `python -m tests.tools.planted --combine {seed}`."]
    for one in combined(of_round(1), seed):
        lines = "".join(f'    "{name}",\n' for name in one.mistakes)
        parts.append(f'[[combinations]]\nname = "{one.name}"\nmistakes = [\n{lines}]')
    return "\n\n".join(parts) + "\n"


# The command line.


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.tools.planted", description=__doc__.partition(":")[0] + ".")
    parser.add_argument("names", nargs="*", metavar="NAME", help="of mistakes or combinations (all mistakes)")
    parser.add_argument("--round", type=int, choices=ROUNDS, help="where no names are given: its mistakes only (all)")
    parser.add_argument("--budget", default="default", help="of the suite's search (default)")
    parser.add_argument("--workers", type=whole_number, default=1, metavar="N", help="runs side by side (1)")
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="FILE", help="the results; others stay in it")
    parser.add_argument("--missing", action="store_true", help="leave out what the file has under this budget already")
    parser.add_argument("--combine", type=int, metavar="SEED", help="judge nothing, make the combinations anew")
    return parser.parse_args(words)


def chosen_subjects(names: Sequence[str], number: int | None, every: Mapping[str, Subject]) -> list[Subject]:
    """The subjects of these names, else all single mistakes, of a round if one is given.

    BadPlanting for a name that is unknown.
    """
    unknown = [name for name in names if name not in every]
    if unknown:
        raise BadPlanting(f"{unknown[0]}: there is no such mistake; tests/planted/ and its round_2/ list them all")
    rounds = tuple(ROUNDS) if number is None else (number,)
    single = [one for one in every.values() if len(one.mistakes) == 1]
    return [every[name] for name in names] or [one for one in single if one.mistakes[0].round in rounds]


def run(chosen: argparse.Namespace, say: Callable[[str], None]) -> None:
    """Judge what was asked for, and say what came of it."""
    every, results = subjects(), known(chosen.out)
    wanted = chosen_subjects(chosen.names, chosen.round, every)
    there = {name for name, result in results.items() if chosen.missing and result.budget == chosen.budget}
    for result in all_judged([one for one in wanted if one.name not in there], chosen.budget, chosen.workers):
        results[result.name] = result
        write(chosen.out, results)
        say(told(result, every[result.name].rules))
    truth = {name: subject.rules for name, subject in every.items()}
    say(told_figures("In all", figures([results[one.name] for one in wanted], truth)))


def main(words: Sequence[str] | None = None) -> int:
    """The exit status: 2 where it came to nothing, 130 where it was stopped."""
    chosen = arguments(words)
    try:
        if chosen.combine is not None:
            (FOLDER / "combinations.toml").write_text(combinations_file(chosen.combine), "utf-8")
        else:
            run(chosen, partial(print, flush=True))
    except (BadPlanting, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; --missing goes on from here", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
