"""The kill matrix is what the wrong importers come to now, as far as that can be seen in a few seconds."""

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest
from attrs import evolve

from conformance import mutants as mutant
from conformance.generation.randomness import RandomSource
from conformance.mutants import MUTANTS
from conformance.search.budget import AT_ONCE
from conformance.search.random_search import generator_for, one_history
from conformance.search.results import SearchResult
from conformance.session.lockstep import Lockstep
from refmodel.catalogue import CATALOGUE
from tests.support.paths import ROOT
from tests.tools.mutation_matrix import __main__ as command
from tests.tools.mutation_matrix import catching, running
from tests.tools.mutation_matrix.catching import (
    LATER_ACTIONS,
    as_measured,
    drawn,
    guest,
    of_the_edges,
    of_the_pages,
    shown,
)
from tests.tools.mutation_matrix.figures import (
    acceptance,
    accepted,
    cells,
    equivalents,
    median,
    shortcomings,
    surprises,
    survivors,
    totals,
)
from tests.tools.mutation_matrix.findings import (
    DATA,
    WAYS,
    BadData,
    Breaking,
    Matrix,
    Plan,
    Row,
    Shown,
    Trial,
    Way,
    as_text,
    read,
)
from tests.tools.mutation_matrix.page import HTML, LEGEND, MARKDOWN, SIGNS, html, markdown
from tests.tools.mutation_matrix.running import Memory, Task, measured

MATRIX = read()
EVERY = 50  # of the wrong importers one is looked at more closely
NAME = "a_plus_is_needed"  # is caught by everything but laws
FILES = "conformance/mutants/file_format.py"
CALM = Plan(seeds=2, driver_cap=0.05, machine_cap=0.05, histories=3)


# The file is fresh.


def test_every_wrong_importer_has_its_row() -> None:
    """The rows are those of the catalogue, rule by rule."""
    missing = set(command.NAMES) - {row.name for row in MATRIX.rows}
    assert not missing, f"`python -m tests.tools.mutation_matrix --only {' '.join(missing)}` measures them"
    assert [row.name for row in MATRIX.rows] == command.NAMES
    assert set(command.NAMES) == set(MUTANTS)
    assert [row.name for row in command.matrix_of({}, Plan()).rows] == command.NAMES


def test_the_pages_say_what_the_data_says() -> None:
    """Both pages, and the file of the data itself, are byte for byte what they are made of."""
    again = "`python -m tests.tools.mutation_matrix --render` writes it anew"
    assert DATA.read_bytes() == as_text(MATRIX).encode(), again
    assert MARKDOWN.read_bytes() == markdown(MATRIX).encode(), again
    assert HTML.read_bytes() == html(MATRIX).encode(), again


def test_who_survives_is_listed() -> None:
    """Nobody survives who is not on the list, and nobody is on it who does not."""
    assert list(surprises(shortcomings(MATRIX), accepted())) == []


@pytest.mark.parametrize(
    ("way", "conversations", "step", "every"),
    [("examples", of_the_pages, 1, EVERY), ("edges", of_the_edges, 16, 4 * EVERY)],
)
def test_conversations_catch_what_the_matrix_says(way: Way, conversations: Any, step: int, every: int) -> None:
    """As many examples of its own rule catch each wrong importer as it says, and for some of them edge cases too."""
    found = [(row.name, getattr(row, way)) for row in MATRIX.rows if getattr(row, way) is not None]
    assert len(found) > 500
    for name, there in found[::step]:
        rule = MUTANTS[name].rule
        own = shown(name, rule, [pair for pair in conversations() if pair[0] == rule]).own
        if MUTANTS[name].custom_importer:  # may remember what came before, and then it counts what else was played
            own, there = bool(own), Shown(bool(there.own), 0)
        assert own == there.own, f"{name}: `make matrix`"
    for name, there in found[::every]:
        assert shown(name, MUTANTS[name].rule, conversations()) == there, f"{name}: `make matrix`"


def soon() -> list[Row]:
    """Some of those that the random search has caught soon, under its first seed, some forty of them."""
    found = [row for row in MATRIX.rows if row.driver and row.driver[0].caught and row.driver[0].histories < 50]
    return found[:: len(found) // 40 + 1]


@pytest.mark.parametrize("row", soon(), ids=[row.name for row in soon()])
def test_the_fast_driver_catches_it_as_soon(row: Row) -> None:
    """What is caught in so many histories takes three times as many and twenty more, at most, in the moves of now."""
    with guest(row.name) as everything:
        importer = everything if MUTANTS[row.name].rule in LATER_ACTIONS else as_measured(everything)
        lockstep, source = Lockstep(importer, importer.known()), RandomSource.seeded("0-0")
        for _ in range(3 * row.driver[0].histories + 20):
            if one_history(lockstep, generator_for(importer, source), SearchResult())[2]:
                return
    pytest.fail("it takes longer than it took: `make matrix`")


def test_there_is_something_to_try() -> None:
    """The sample of the random search is one."""
    assert len(soon()) > 10


# What is made of the findings.


def trials(*steps: int | None) -> tuple[Trial, ...]:
    """Trials that took so many steps each; None is a seed without a catch."""
    return tuple(Trial(seed, n is not None, 1, n or 99, (n or 99) / 100) for seed, n in enumerate(steps))


def test_the_median_counts_seeds_in_vain() -> None:
    """A seed without a catch takes for ever; where most do, there is no median."""
    assert median(trials(5, None, 1, 3, None), lambda trial: trial.steps) == 5
    assert median(trials(5, None, None, 3, None), lambda trial: trial.steps) is None
    assert median(trials(4, 2), lambda trial: trial.steps) == 2


@pytest.mark.parametrize(
    ("changes", "standings"),
    [
        ({}, "unknown unknown unknown unknown unknown unknown"),
        ({"examples": Shown(2, 5), "first": "mobile_is_digits"}, "caught caught unknown unknown unknown unknown"),
        ({"examples": Shown(0, 5), "first": "preview"}, "survives survives unknown unknown unknown unknown"),
        ({"examples": Shown(0, 0), "first": ""}, "survives survives unknown unknown unknown unknown"),
        ({"edges": Shown(0, 0), "laws": Breaking(None, 9)}, "unknown unknown passed unknown unknown passed"),
        ({"edges": Shown(0, 1), "laws": Breaking(5, 9)}, "unknown unknown nearly unknown unknown caught"),
        ({"driver": trials(1, 2), "machine": trials(1, None)}, "unknown unknown unknown caught nearly unknown"),
        ({"driver": trials(None, None)}, "unknown unknown unknown survives unknown unknown"),
    ],
)
def test_how_each_way_stands(changes: dict[str, Any], standings: str) -> None:
    """By its own rule's examples and name is caught, by another's is not; under most seeds is nearly."""
    found = cells(Row(NAME, **changes))
    assert tuple(cell.way for cell in found) == WAYS
    assert [cell.standing for cell in found] == standings.split()


def matrix_with(*rows: Row) -> Matrix:
    """A matrix of some rows."""
    return Matrix(Plan(), rows)


def test_only_what_catches_as_it_should_leaves_no_survivor() -> None:
    """Examples of another rule, and another rule's name in front, do not do; most seeds do."""
    row = Row(NAME, Shown(0, 3), "preview", Shown(0, 0), trials(1, 2, None), trials(None, None), Breaking(None, 1))
    assert survivors(matrix_with(row)) == {"examples": [NAME], "first": [NAME], "driver": [], "machine": [NAME]}
    fine = Row(NAME, Shown(1, 1), "mobile_is_digits", None, trials(1), trials(1))
    assert not any(survivors(matrix_with(fine)).values())
    assert shortcomings(matrix_with(fine))["unmeasured"] == ["edges", "laws"]


def test_surprises_are_told() -> None:
    """A survivor that is not listed, and one that is listed and caught, are both said."""
    said = list(surprises({"driver": ["one", "two"]}, {"driver": ["two", "three"]}))
    assert said == ["driver: one is not listed", "driver: three is listed, and need not be any more"]


def test_the_list_reads_as_it_is_written(tmp_path: Path) -> None:
    """What is written down as known is what is read."""
    found = {"unmeasured": ["laws"], "examples": [], "driver": [NAME, "b"]}
    (tmp_path / "list.toml").write_text(acceptance(found), "utf-8")
    assert accepted(tmp_path / "list.toml") == found
    (tmp_path / "list.toml").write_text("driver = [", "utf-8")
    with pytest.raises(BadData, match=r"list\.toml: cannot be read"):
        accepted(tmp_path / "list.toml")


def test_totals() -> None:
    """The means are geometric, of the medians of those that were caught; the slowest stand in front."""
    others = ("two_pluses_are_one", "a_plus_is_a_number")
    rows = [Row(name, driver=t) for name, t in zip((NAME, *others), (trials(2), trials(8), trials(None, None)))]
    total = next(total for total in totals(matrix_with(*rows)) if total.way == "driver")
    assert (total.counts["caught"], total.counts["survives"], total.tried) == (2, 1, 3)
    assert total.steps == pytest.approx(4)
    assert total.seconds == pytest.approx(0.04)
    assert [name for name, *_ in total.slowest] == [others[0], NAME]


@pytest.fixture
def proved(monkeypatch: pytest.MonkeyPatch) -> str:
    """What is said of a wrong importer that nothing can catch."""
    proof = "No request <tells> them apart."
    monkeypatch.setitem(mutant.MUTANTS, NAME, evolve(MUTANTS[NAME], equivalent=proof))
    return proof


def test_equivalents_stand_apart(proved: str) -> None:
    """One of which it is proved that nothing can catch it is shown with the proof, and is no survivor."""
    matrix = matrix_with(Row(NAME, driver=trials(None, None)), Row("two_pluses_are_one", driver=trials(1)))
    assert [line.row.name for line in equivalents(matrix)] == [NAME]
    assert survivors(matrix)["driver"] == []
    assert totals(matrix)[3].tried == 1
    assert proved in markdown(matrix)
    assert "No request &lt;tells&gt; them apart." in html(matrix)
    assert "None is known" not in html(matrix)


# The pages.


class Page(HTMLParser):
    """The elements of a page, each with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.found.append((tag, dict(attrs)))

    def values(self, name: str) -> list[str]:
        """All values of an attribute."""
        return [value for _, attributes in self.found if (value := attributes.get(name)) is not None]


@pytest.fixture(scope="module")
def page() -> Page:
    """The page as it is."""
    return Page(html(MATRIX))


def test_the_page_shows_every_wrong_importer(page: Page) -> None:
    """Each has a row, and a square for each way; each rule that is broken has its place."""
    mortal = [name for name in command.NAMES if not MUTANTS[name].equivalent]
    there = page.values("id")
    assert [name for name in there if name in MUTANTS] == mortal
    assert [f"rule-{name}" for name in CATALOGUE if any(s.rule == name for s in MUTANTS.values())] == [
        name for name in there if name.startswith("rule-")
    ]
    squares = [tag for tag, attributes in page.found if attributes.get("class") in LEGEND and tag in ("i", "a")]
    assert len(squares) == len(mortal) * len(WAYS) + len(LEGEND)


def test_the_page_needs_nothing_else(page: Page) -> None:
    """Links lead to places of the page; nothing is loaded, and nothing runs."""
    assert {link for link in page.values("href") if not link.startswith("#")} == set()
    assert {link.removeprefix("#") for link in page.values("href")} <= set(page.values("id"))
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in page.found}
    assert page.values("src") == []


def test_survivors_can_be_told_without_colours(page: Page) -> None:
    """Each standing has its own sign; a survivor's square says its name, and is a link."""
    assert len(set(SIGNS.values())) == len(SIGNS) == len(LEGEND)
    linked = [a for tag, a in page.found if tag == "a" and a.get("class") == "survives"]
    surviving = [cell for row in MATRIX.rows for cell in cells(row) if cell.standing == "survives"]
    assert len(linked) == len(surviving)
    assert all(str(a["aria-label"]).endswith(" survives") and a["title"] for a in linked)


def test_the_markdown_page_has_a_line_for_each() -> None:
    """Each wrong importer has one line in the tables of the rules, with all ways."""
    text = markdown(MATRIX).partition("## All of them")[2]
    lines = [re.split(r"(?<!\\)\|", line) for line in text.splitlines() if line.startswith("| `")]
    assert [line[1].strip(" `") for line in lines] == command.NAMES
    assert {len(line) for line in lines} == {len(WAYS) + 4}


# Measuring.


def quiet(text: str) -> None:
    """Say nothing."""


def test_each_way_catches(tmp_path: Path) -> None:
    """All ways, tried on one that is easily caught, come to what they should, and nobody catches the right importer."""
    plan = Plan(seeds=1, histories=5)
    values = measured([NAME], WAYS, plan, Memory(tmp_path / "known"), 1, quiet)
    row = command.with_values(Row(NAME), {way: values[way, NAME] for way in WAYS})
    assert row.examples is not None
    assert 0 < row.examples.own < row.examples.all
    assert row.first == MUTANTS[NAME].rule
    assert row.laws == Breaking(None, 5)
    for (trial,) in (row.driver, row.machine):
        assert trial.caught
        assert trial.histories <= trial.steps
        assert trial.seconds > 0


def test_the_state_machine_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A right importer is never caught: it goes on drawing, a few histories at a time, until its time is up."""
    seconds = itertools.count()  # the processor's clock goes on by one with each look at it
    monkeypatch.setattr(catching, "processor", lambda: float(next(seconds)))
    long, short = drawn("", 0, 200.0), drawn("", 0, 1.0)
    assert not long.caught
    assert long.histories > AT_ONCE
    assert (long.steps, short.steps, short.caught) == (200, 1, False)


def test_what_is_known_is_not_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second run takes from the file what stands there, and measures what is new only."""
    monkeypatch.setattr(running, "measures", lambda rule, plan: {"driver": driver})
    tried: list[int] = []

    def driver(name: str, seed: int) -> Trial:
        tried.append(seed)
        return Trial(seed, True, 1, 1, 0.1)

    path = tmp_path / "known"
    first = measured([NAME], ["driver"], CALM, Memory.of(path), 1, quiet)
    with path.open("a") as file:
        file.write('["driver", "cut o')
    more = measured([NAME], ["driver"], msgspec.structs.replace(CALM, seeds=3), Memory.of(path), 1, quiet)
    assert tried == [0, 1, 2]
    assert list(more["driver", NAME].values())[:2] == list(first["driver", NAME].values())


def test_two_seeds_in_vain_are_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After two seeds without a catch no other is tried; after one with a catch all are."""

    def tried(caught: Mapping[int, bool]) -> list[int]:
        found = {"driver": lambda name, seed: Trial(seed, caught.get(seed, False), 1, 1, 0.1)}
        monkeypatch.setattr(running, "measures", lambda rule, plan: found)
        return list(Task("driver", NAME, Plan()).values())

    assert tried({}) == [0, 1]
    assert tried({1: True}) == [0, 1, 2, 3, 4]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose sources count instead of ours."""
    caches = (running.digest, running.sources, running.imported, running.meant)
    monkeypatch.setattr(running, "ROOT", tmp_path)
    monkeypatch.setattr(running, "SOURCES", {"driver": "module.py", "first": "module.py"})
    monkeypatch.setattr(running, "BLAME", ("blame.py",))
    for each in caches:
        each.cache_clear()
    yield tmp_path
    for each in caches:
        each.cache_clear()


def digest_of(folder: Path, way: Way = "driver", **texts: str) -> str:
    """The digest of some modules."""
    for each in (running.digest, running.sources, running.imported, running.meant):
        each.cache_clear()
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text)
    return running.digest(way, "module.py", "")


def test_other_sources_are_another_digest(elsewhere: Path) -> None:
    """What was measured with other sources is not known; comments and docstrings are no sources."""
    texts = ("a = 1\n", "# why\na = 1\n", '"""What."""\na = 1\n', "a = 2\n")
    found = [digest_of(elsewhere, module=text) for text in texts]
    assert found[0] == found[1] == found[2] != found[3]


def test_what_is_imported_counts(elsewhere: Path) -> None:
    """So do the sources of what is imported; what says who is to blame counts only where that is what is measured."""
    first = digest_of(elsewhere, module="from other import a\n", other="from blame import a\n", blame="a = 1\n")
    blamed = digest_of(elsewhere, "first")
    assert digest_of(elsewhere, blame="a = 2\n") == first
    assert digest_of(elsewhere, "first") != blamed
    assert digest_of(elsewhere, other="a = 2\n") != first


@pytest.mark.parametrize("way", WAYS)
def test_sources_are_there(way: Way) -> None:
    """Whatever a way is said to depend on exists."""
    assert [word for word in running.SOURCES[way].split() if not list(ROOT.glob(word))] == []
    assert [place for place in running.BLAME if not (ROOT / place).exists()] == []


def test_a_way_depends_on_what_it_uses() -> None:
    """The searches depend on the moves and the model, examples on their pages; and on how much is tried."""
    used = {way: {str(path.relative_to(ROOT)) for path in running.sources(way, FILES)} for way in WAYS}
    for way in ("driver", "machine", "laws"):
        assert {
            "conformance/generation/generator.py",
            "conformance/generation/value_pools.py",
            "refmodel/rules/effect.py",
        } <= used[way]
        assert FILES in used[way]
        assert "conformance/mutants/cell_parsing.py" not in used[way]
    assert "conformance/cases/scenarios/pages/files.md" in used["examples"]
    assert "conformance/verdict/verdict.py" in used["first"]
    assert len({Task("driver", NAME, Plan(driver_cap=cap)).key for cap in (1.0, 2.0)}) == 2


def test_several_processes_find_the_same(tmp_path: Path) -> None:
    """Side by side or one after the other, the same comes of it, in the same order."""
    names = [NAME, "two_pluses_are_one"]
    one, two = (measured(names, ["examples"], CALM, Memory(tmp_path / f"{n}"), n, quiet) for n in (1, 2))
    assert list(one.items()) == list(two.items())
    assert one["examples", names[0]] != one["examples", names[1]]


# The command.


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a copy of the matrix and of the list."""
    (tmp_path / "matrix.json").write_bytes(DATA.read_bytes())
    (tmp_path / "known.toml").write_text(acceptance(shortcomings(MATRIX)), "utf-8")
    monkeypatch.setattr(command, "ACCEPTED", tmp_path / "known.toml")
    monkeypatch.setattr(command, "accepted", lambda: accepted(tmp_path / "known.toml"))
    return tmp_path


def run(desk: Path, *words: str) -> int:
    """The exit status of the command, with all its files in a folder."""
    return command.main([*words, "--data", f"{desk / 'matrix.json'}", "--cache", f"{desk / 'cache.jsonl'}"])


def test_only_what_is_asked_for_changes(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One way of one importer, measured anew, changes its row only; the pages are made of the rest as well."""
    data = json.loads(DATA.read_bytes())
    row = next(row for row in data["rows"] if row["name"] == NAME)
    row["examples"] = {"own": 0, "all": 0}
    (desk / "matrix.json").write_text(json.dumps(data))
    assert run(desk, "--render") == 1
    assert f"examples: {NAME} is not listed" in capsys.readouterr().out
    assert run(desk, "--only", NAME, "--ways", "examples") == 0
    assert (desk / "matrix.json").read_bytes() == as_text(msgspec.structs.replace(MATRIX, plan=Plan())).encode()
    assert (desk / "matrix.html").exists()


def test_accepting_is_said(desk: Path) -> None:
    """What survives is listed where that is asked for, and only then."""
    (desk / "known.toml").write_text("")
    assert run(desk, "--render") == 1
    assert run(desk, "--render", "--accept") == 0
    assert accepted(desk / "known.toml") == shortcomings(MATRIX)


@pytest.mark.parametrize(
    ("data", "complaint"), [("{", "is no matrix"), ('{"rows": []}', "is no matrix"), (None, "cannot be read")]
)
def test_a_file_that_is_none(desk: Path, data: str | None, complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A matrix that cannot be read is said with its file, and nothing is written."""
    (desk / "matrix.json").unlink()
    if data is not None:
        (desk / "matrix.json").write_text(data)
    assert run(desk, "--render") == 2
    assert complaint in capsys.readouterr().err
    assert not (desk / "matrix.html").exists()


def test_a_run_that_is_stopped(desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Who stops a run is told that nothing is lost, and the matrix stays as it was."""

    def stop(chosen: object) -> Matrix:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "examined", stop)
    assert run(desk) == 130
    assert "goes on from here" in capsys.readouterr().err
    assert not (desk / "matrix.html").exists()


def test_a_name_that_is_none(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong importer that is not there is said, and nothing is measured."""
    with pytest.raises(SystemExit):
        run(desk, "--only", "nobody")
    assert "there is no wrong importer 'nobody'" in capsys.readouterr().err


def test_a_row_of_nobody_is_said(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A matrix with a row that the catalogue has not is not shown."""
    with pytest.raises(BadData, match="there is no wrong importer nobody"):
        html(matrix_with(Row("nobody")))
