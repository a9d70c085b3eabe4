"""The command: make every mutant of the model, run the tests on each, and fail unless all are killed or explained.

python -m tests.tools.mutation_testing [MODULE …]

Cosmic Ray makes the mutants, one at a time, in a copy of the code: what is interrupted leaves nothing behind. Every
mutant is run in a process of its own, because the model remembers what it has read.
"""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from tests.support.paths import ROOT

SURVIVORS = Path(__file__).with_name("survivors.toml")
COPIED = ("refmodel", "conformance", "tests", "pyproject.toml")
MEMORY = 4_000_000  # kilobytes: a mutant that never ends may never end taking more
QUIET = "-x -q --no-header --tb=no -p no:cacheprovider"
DOTTED = "'PythonNode' object has no attribute 'value'"  # what the tool says of an exception whose name has a dot
SETTINGS = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "CI": "1"}  # a quick start; Hypothesis draws the same every time


def own_tests(module: str) -> str:
    """The file with a module's own tests, below the repository: of `rules.cell`, those of refmodel/rules/cell.py."""
    *rooms, name = module.split(".")
    return "/".join(["tests", "refmodel", *rooms, f"test_{name}.py"])


def pytest(tests: Iterable[str]) -> str:
    """The command that runs tests; a module without tests of its own is left to the others."""
    paths = [test for test in tests if (ROOT / test).exists()]
    return f"{shlex.quote(sys.executable)} -m pytest {QUIET} {' '.join(paths)}"


@frozen
class Plan:
    """What is changed, by which operators, and which tests have to notice."""

    modules: tuple[str, ...]
    quick: tuple[str, ...]
    thorough: tuple[str, ...]
    operators: tuple[str, ...]
    timeout: float  # seconds

    def command(self, module: str) -> str:
        """The quick tests, those of the module itself first; only if they notice nothing, its own, and then the rest.

        Its own run in a process apart: what others import can mark the rules of the module as its decorators do.
        """
        mine = own_tests(module)
        quick = sorted(self.quick, key=lambda test: test != mine)
        own = [test for test in (mine,) if test not in quick and (ROOT / test).exists()]
        rest = [test for test in self.thorough if test not in (*quick, *own)]
        stages = [pytest(tests) for tests in (quick, own, rest) if tests]
        return f"sh -c {shlex.quote(f'ulimit -v {MEMORY}; ' + ' && '.join(stages))}"

    def configuration(self, module: str, timeout: float) -> str:
        """The same in the tool's own words; JSON's texts and lists are TOML's too."""
        others = f"(?!core/({'|'.join(self.operators)})$)"
        return (
            f'[cosmic-ray]\nmodule-path = "refmodel/{module.replace(".", "/")}.py"\n'
            f"timeout = {timeout}\nexcluded-modules = []\n"
            f"test-command = {json.dumps(self.command(module))}\n"
            '[cosmic-ray.distributor]\nname = "local"\n'
            f"[cosmic-ray.filters.operators-filter]\nexclude-operators = {json.dumps([others])}\n"
        )


@frozen
class Mutant:
    """One change: where it is, by its text and not by its number, so that it is known again when lines move."""

    module: str
    function: str  # or nothing, outside of all
    before: str
    after: str


@frozen
class Measured:
    """What became of the mutants of a module."""

    module: str
    made: int
    survivors: tuple[Mutant, ...]
    seconds: float
    unmade: int = 0  # that the tool cannot make


def plan() -> Plan:
    """The plan of pyproject.toml."""
    chosen = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mutants"]
    modules, quick, thorough, operators = (tuple(chosen[key]) for key in ("modules", "quick", "thorough", "operators"))
    return Plan(modules, quick, thorough, operators, chosen["timeout"])


def explained() -> list[Mutant]:
    """The survivors that are known; ValueError where one has no reason."""
    entries = tomllib.loads(SURVIVORS.read_text("utf-8")).get("survivor", [])
    if any(not entry["why"].strip() for entry in entries):
        raise ValueError(f"{SURVIVORS.name}: a survivor is explained, or killed by a test")
    return [Mutant(e["module"], e["function"], e["before"], after) for e in entries for after in e["after"]]


def copy(folder: Path) -> None:
    """The code in another folder, compiled so that a mutant is never mistaken for what it was made of."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    # By default the time of a file decides, in whole seconds, and mutants come faster.
    run(folder, sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "checked-hash", "refmodel")


def run(folder: Path, *command: str) -> str:
    """What a program prints that runs on the copy; CalledProcessError where it fails."""
    environ = environment(folder)
    return subprocess.run(command, cwd=folder, env=environ, check=True, stdout=subprocess.PIPE, text=True).stdout


def environment(folder: Path) -> dict[str, str]:
    """The variables under which the copy runs, and not what it was made of."""
    return {**os.environ, **SETTINGS, "PYTHONPATH": str(folder)}


def tool(name: str) -> str:
    """A program of the mutation tool, which stands beside this Python."""
    return str(Path(sys.executable).with_name(name))


Made = tuple[Mapping[str, Any], Mapping[str, Any]]  # a mutant, and what became of it


def results(folder: Path, session: str) -> Iterator[Made]:
    """Each mutant that was made and run, and what became of it."""
    for line in run(folder, tool("cosmic-ray"), "dump", session).splitlines():
        work, result = json.loads(line)
        if result and result["worker_outcome"] != "skipped":
            yield work["mutations"][0], result


def mutant(module: str, made: Mapping[str, Any], result: Mapping[str, Any]) -> Mutant:
    """A mutant as it is known again."""
    lines = [line for line in result["diff"].splitlines() if not line.startswith(("---", "+++"))]
    before, after = (" ".join(" ".join(line[1:] for line in lines if line.startswith(sign)).split()) for sign in "-+")
    return Mutant(module, made["definition_name"] or "", before, after)


def measure(folder: Path, chosen: Plan, module: str) -> Measured:
    """All mutants of a module, run one after the other; ValueError where the tests fail without any."""
    began = time.monotonic()
    run(folder, *shlex.split(chosen.command(module)))
    config, session = f"{module}.toml", f"{module}.sqlite"
    (folder / config).write_text(chosen.configuration(module, chosen.timeout), "utf-8")
    run(folder, tool("cosmic-ray"), "init", config, session)
    run(folder, tool("cr-filter-operators"), session, config)
    run(folder, tool("cosmic-ray"), "exec", config, session)
    found = list(results(folder, session))
    ran = those_run(module, found)
    left = [
        (made, result)
        for made, result in ran
        if result["test_outcome"] == "survived"
        or (result["output"] == "timeout" and not fails_alone(folder, chosen, module, made))
    ]
    survivors = tuple(mutant(module, *pair) for pair in left)
    return Measured(module, len(ran), survivors, time.monotonic() - began, len(found) - len(ran))


def those_run(module: str, found: Iterable[Made]) -> list[Made]:
    """The mutants without those that the tool cannot make; ValueError where one was not run for another reason."""
    ran = []
    for made, result in found:
        if result["worker_outcome"] == "normal":
            ran.append((made, result))
        elif DOTTED not in result["output"]:
            raise ValueError(f"{module}: a mutant could not be run: {result['output']}")
    return ran


def fails_alone(folder: Path, chosen: Plan, module: str, made: Mapping[str, Any]) -> bool:
    """Whether the tests notice a mutant that took too long, or do not end in three times the time either."""
    path = folder / "refmodel" / f"{module}.py"
    source = path.read_bytes()
    try:
        run(folder, tool("cosmic-ray"), "apply", str(path), made["operator_name"], str(made["occurrence"]))
        command = shlex.split(chosen.command(module))
        with subprocess.Popen(
            command, cwd=folder, env=environment(folder), stdout=subprocess.DEVNULL, start_new_session=True
        ) as tests:
            return ended(tests, 3 * chosen.timeout) != 0
    finally:
        path.write_bytes(source)


def ended(tests: subprocess.Popen[bytes], timeout: float) -> int:
    """How a program that leads its own group ended, or was ended with all that it started."""
    try:
        return tests.wait(timeout)
    except subprocess.TimeoutExpired:
        os.killpg(tests.pid, signal.SIGKILL)
        return -signal.SIGKILL


def unexpected(measured: Sequence[Measured], known: Sequence[Mutant]) -> list[str]:
    """What is wrong: survivors that nobody has explained, and explanations of mutants that do not survive."""
    survivors = Counter(survivor for module in measured for survivor in module.survivors)
    there = Counter(entry for entry in known if entry.module in {module.module for module in measured})
    new = [f"survives, and is not explained: {told(one)}" for one in (survivors - there).elements()]
    return new + [f"is explained, and does not survive: {told(one)}" for one in (there - survivors).elements()]


def told(one: Mutant) -> str:
    """A mutant on several lines."""
    return f"{one.module} {one.function}\n    - {one.before}\n    + {one.after}"


def main(names: Sequence[str]) -> int:
    """Measure the modules, or those named, and say what came of it; 1 where anything is not as it is explained."""
    chosen, known, measured = plan(), explained(), []
    if wrong := set(names) - set(chosen.modules):
        print(f"there is no such module: {', '.join(sorted(wrong))}; there are {', '.join(chosen.modules)}")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        copy(Path(folder))
        for module in names or chosen.modules:
            measured.append(measure(Path(folder), chosen, module))
            one = measured[-1]
            killed, left = one.made - len(one.survivors), len(one.survivors)
            unmade = f", {one.unmade} could not be made" if one.unmade else ""
            print(
                f"{module}: {one.made} mutants, {killed} killed, {left} survive{unmade}, {one.seconds:.0f} s",
                flush=True,
            )
    problems = unexpected(measured, known)
    print("\n".join(problems) or "every mutant is killed or explained")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
