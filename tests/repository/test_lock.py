"""What is installed for us is pinned: the locks say the same as pyproject.toml and each other, and name no place.

Whether a lock is complete and its hashes are right, pip says whenever it installs it; here nothing is fetched.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

import pytest
from attrs import frozen
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.paths import ROOT

LOCKS = ROOT / ".ci" / "lock"
NPM = ROOT / ".ci" / "stryker"
PROJECT: Mapping[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
CONTENTS = dict(re.findall(r"^LOCKED_(\w+) := (.+)$", MAKEFILE, re.MULTILINE))  # lock → what uv is told to put in it
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
PLACES = re.compile(r"://|^-|^/|\s/| @ |\b[\w-]+\.(?:com|org|io|net|dev)\b", re.MULTILINE)


@frozen
class Pin:
    """One version of one package in a lock, where it counts, and how many files may be taken for it."""

    name: str
    version: str
    marker: Marker | None
    hashes: int

    def counts_on(self, python: str) -> bool:
        """Whether it is what a Python on Linux gets."""
        return self.marker is None or self.marker.evaluate(environment(python))


def environment(python: str) -> dict[str, str]:
    """What markers are asked about: a CPython on Linux."""
    found = {
        "python_version": python,
        "python_full_version": f"{python}.9",
        "platform_python_implementation": "CPython",
    }
    return found | {"implementation_name": "cpython", "sys_platform": "linux", "os_name": "posix"}


def pins(text: str) -> list[Pin]:
    """What a lock names; a line that ends in a backslash goes on in the next."""
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [pin(line) for line in lines if line.strip() and not line.startswith("#")]


def pin(line: str) -> Pin:
    """What one line names; it must name one version."""
    required = Requirement(line.partition("--hash")[0])
    (version,) = (each.version for each in required.specifier if each.operator == "==")
    return Pin(canonicalize_name(required.name), version, required.marker, len(HASH.findall(line)))


def lock(name: str) -> str:
    """The text of a lock."""
    return (LOCKS / f"{name}.txt").read_text("utf-8")


# What pyproject.toml asks for.


def of_extra(name: str) -> Iterator[str]:
    """The requirements of an extra, with those of the extras that it names."""
    for text in PROJECT["project"]["optional-dependencies"][name]:
        required = Requirement(text)
        if required.name == "refmodel":
            for extra in required.extras:
                yield from of_extra(extra)
        else:
            yield text


def of_group(name: str) -> Iterator[str]:
    """The requirements of a group, with those of the groups that it includes."""
    for entry in PROJECT["dependency-groups"][name]:
        yield from of_group(entry["include-group"]) if isinstance(entry, dict) else (entry,)


def declared(name: str) -> list[Requirement]:
    """What has to stand in a lock."""
    asked = CONTENTS[name]
    texts = [text for group in re.findall(r"--group (\w+)", asked) for text in of_group(group)]
    texts += [text for extra in re.findall(r"--extra (\w+)", asked) for text in of_extra(extra)]
    return list(map(Requirement, [*texts, *(PROJECT["project"]["dependencies"] if "pyproject.toml" in asked else ())]))


def complaints(required: Iterable[Requirement], found: Iterable[Pin]) -> Iterator[str]:
    """What a lock lacks, for each Python, and what it has in another version than is allowed."""
    there = list(found)
    for python in PYTHONS:
        versions = {pin.name: pin.version for pin in there if pin.counts_on(python)}
        for each in required:
            version = versions.get(canonicalize_name(each.name))
            if version is None or not each.specifier.contains(version, prereleases=True):
                yield f"Python {python}: {each} is declared, and {version} is locked: `make lock` writes it anew"


@pytest.mark.parametrize("name", CONTENTS)
def test_each_lock_fits_what_is_declared(name: str) -> None:
    """Every requirement stands there for every Python, in a version that its range allows."""
    assert declared(name)
    assert list(complaints(declared(name), pins(lock(name)))) == []


@pytest.mark.parametrize("name", CONTENTS)
def test_each_lock_is_whole(name: str) -> None:
    """Every line has hashes, and no Python gets two versions of a package."""
    found = pins(lock(name))
    assert [pin.name for pin in found if not pin.hashes] == []
    for python in PYTHONS:
        names = sorted(pin.name for pin in found if pin.counts_on(python))
        assert [name for name, several in groupby(names) if len(list(several)) > 1] == []


@pytest.mark.parametrize("name", CONTENTS)
def test_no_lock_names_a_place(name: str) -> None:
    """No index, no address, no path and no option stands in a lock: where packages come from is the user's to say."""
    assert PLACES.findall(lock(name)) == []


@pytest.mark.parametrize("name", ["conformance", "mutants"])
def test_the_locks_agree(name: str) -> None:
    """What two locks name, they name in the same version, for every Python."""
    for python in PYTHONS:
        versions = {pin.name: pin.version for pin in pins(lock("test")) if pin.counts_on(python)}
        found = [pin for pin in pins(lock(name)) if pin.counts_on(python) and pin.name in versions]
        assert len(found) > 1
        assert [pin for pin in found if versions[pin.name] != pin.version] == []


def test_every_lock_is_written_by_make() -> None:
    """There is no lock that `make lock` does not write, and each that an installation is told to use is there."""
    assert {path.stem for path in LOCKS.iterdir()} == set(CONTENTS) == set(re.findall(r"write-lock,(\w+)\)", MAKEFILE))
    assert set(re.findall(r"--require-hashes -r \$\(LOCK\)/(\w+)\.txt", MAKEFILE)) == set(CONTENTS)


def test_the_locks_that_matter_have_all_that_is_ours() -> None:
    """The judging of an importer has every extra, and our own tests have it too."""
    assert all("pyproject.toml --extra all" in CONTENTS[name] for name in ("conformance", "test"))
    assert {"attrs", "msgspec", "pytest", "hatchling"} <= {each.name for each in declared("conformance")}
    assert {"ruff", "mypy", "coverage", "django", "hatchling"} <= {each.name for each in declared("test")}


def test_the_lock_of_npm_is_whole_and_names_no_registry() -> None:
    """What npm installs is asked for, has one version and a hash, and comes from wherever the user's npm takes it."""
    asked, locked = (json.loads((NPM / f"{name}.json").read_text("utf-8")) for name in ("package", "package-lock"))
    packages = locked["packages"]
    assert packages.pop("")["dependencies"] == asked["dependencies"]
    assert {f"node_modules/{name}" for name in asked["dependencies"]} <= set(packages)
    assert [name for name, each in packages.items() if not (each.get("version") and each.get("integrity"))] == []
    assert [name for name, each in packages.items() if "resolved" in each] == []


def test_the_build_backend_is_locked() -> None:
    """What builds the package is in the group that the locks have, so that installing it fetches nothing else."""
    assert set(PROJECT["build-system"]["requires"]) <= set(of_group("build"))


@pytest.mark.parametrize(
    ("required", "line", "complains"),
    [
        ("attrs>=23.2", "attrs==26.1.0 --hash=sha256:" + "0" * 64, False),
        ("attrs>=27", "attrs==26.1.0", True),
        ("nobody", "attrs==26.1.0", True),
        ("types_psutil", "types-psutil==7.2", False),
        ("attrs", "attrs==26.1.0 ; python_full_version < '3.12'", True),
        ("attrs", "attrs==26.1.0 ; sys_platform == 'win32'", True),
    ],
)
def test_a_lock_that_is_stale_is_noticed(required: str, line: str, complains: bool) -> None:
    """The check can fail: another range, a package that is not there, or not on every Python."""
    assert bool(list(complaints([Requirement(required)], pins(line)))) is complains


def test_a_place_is_noticed() -> None:
    """The check can fail: an index, a file, a path of a machine, a host."""
    texts = (
        "--index-url https://host/simple",
        "a @ file:///a.whl",
        "#    uv -o /home/me/lock.txt",
        "# from a.example.org",
    )
    assert all(map(PLACES.search, texts))
