"""Writing a report into a folder: each file at once or not at all, and nothing left of an earlier report."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from errno import EEXIST
from pathlib import Path

from conformance.report.counterexample_view import CounterexampleView, counterexample_views
from conformance.report.html_report import page
from conformance.report.json_report import as_json, badge, report
from conformance.report.junit import junit
from conformance.report.markdown_report import readme
from conformance.verdict.verdict import Verdict
from refmodel.catalogue import CATALOGUE

FOLDER = "counterexamples"
MARKS: Mapping[str, bytes] = {  # texts that identify each file of a report
    "junit.xml": b'<testsuites name="conformance"',
    "report.html": b'<meta name="generator" content="refmodel ',
    "badge.json": b'"label": "conformance"',
    "report.json": b'"name": "refmodel"',
    "judged-by.json": b'"known_deviations"',
}
NUMBERED = re.compile(r"(?P<rule>.+?)(_[0-9]+)?", re.ASCII)  # the name of a counterexample
TRACE_MARKS = (b'"format": "refmodel-trace"', b'{"trace": 1')  # of both versions


def write(verdict: Verdict, folder: Path) -> None:
    """Write all reports. OSError where the folder cannot be written to."""
    contents = all_files(verdict)
    folder.mkdir(parents=True, exist_ok=True)
    remove_counterexamples(folder)
    for name, data in contents.items():
        replace(folder / name, data)


def all_files(verdict: Verdict) -> Mapping[str, bytes]:
    """Path below the folder → what is written there; the report comes last, for it names the others."""
    views = counterexample_views(verdict)
    contents = report(verdict, views)
    found = {path: data for view in views for path, data in files_of(view)}
    return found | {
        "junit.xml": junit(verdict),
        "report.html": page(verdict, contents, views).encode(),
        "badge.json": as_json(badge(verdict)),
        "report.json": as_json(contents),
    }


def files_of(view: CounterexampleView) -> Iterator[tuple[str, bytes]]:
    """The trace of a counterexample, its files, and its Markdown page."""
    yield view.example.path, view.example.trace.text.encode("ascii")
    yield from view.files.items()
    yield f"{view.folder}/README.md", readme(view).encode()


def replace(path: Path, data: bytes) -> None:
    """Put a file in its place once it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def check_writable(folder: Path) -> None:
    """OSError where a folder cannot be written to, or a report would replace a file of something else.

    The folder is made if it is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in foreign(folder):
        raise FileExistsError(EEXIST, f"{path.name} is there and does not belong to a report; name another folder")
    trial = folder / f".writable-{os.getpid()}"
    trial.write_bytes(b"")
    trial.unlink()


def foreign(folder: Path) -> Iterator[Path]:
    """The files that a report would replace or remove, and that do not belong to a report."""
    marks: dict[Path, tuple[bytes, ...]] = {folder / name: (mark,) for name, mark in MARKS.items()}
    for name, rule in shown(folder / FOLDER):
        marks[folder / FOLDER / f"{name}.jsonl"] = TRACE_MARKS
        marks[folder / FOLDER / name / "README.md"] = (f"# {rule}: ".encode(),)
    for path, ours in marks.items():
        if os.path.lexists(path) and not (path.is_file() and any(mark in path.read_bytes() for mark in ours)):
            yield path


def remove_counterexamples(folder: Path) -> None:
    """Remove the counterexamples of an earlier report; files with other names stay."""
    for path in list(earlier(folder / FOLDER)):
        path.unlink()
    for name, _ in shown(folder / FOLDER):
        _remove_if_empty(folder / FOLDER / name)
    _remove_if_empty(folder / FOLDER)


def earlier(folder: Path) -> Iterator[Path]:
    """The files with the names of a report's counterexamples."""
    for name, _ in shown(folder):
        candidates = [folder / f"{name}.jsonl", folder / name / "README.md", *(folder / name).glob("step-*.csv")]
        yield from (path for path in candidates if path.is_file() and _is_ours(path))


def shown(folder: Path) -> Iterator[tuple[str, str]]:
    """The names that counterexamples have, or could have, in a folder, and their rules: RULE, RULE_2, RULE_3, …"""
    names = {path.name.removesuffix(".jsonl") for path in folder.glob("*")}
    for name in sorted(names):
        if (match := NUMBERED.fullmatch(name)) and match["rule"] in CATALOGUE:
            yield name, match["rule"]


def _is_ours(path: Path) -> bool:
    number = path.stem.removeprefix("step-")
    return path.suffix != ".csv" or (number.isascii() and number.isdigit())


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()
