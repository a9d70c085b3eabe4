"""Traces as files: every version that was ever written is read, the present one is written, anything else is named."""

import json
from pathlib import Path

import pytest

from conformance.cli.judge import judge_traces
from conformance.oracle.state import OracleState
from conformance.protocol.trace import TRACE, read, write
from refmodel import __version__

SAMPLES = Path(__file__).parent / "traces"
NAMES = ("v1.jsonl", "v2.jsonl")
HEAD = {"format": "refmodel-trace", "version": 2, "title": "t", "rules": ["blank_keeps"], "world": {"institutions": []}}
FIRST = {"trace": 1, "title": "t", "rules": [], "world": {}}
STEP = {"request": {"op": "observe"}, "response": {"accounts": []}}
BEGINS = 'a trace begins with {"format":"refmodel-trace","version":2,…}'
READS = f"this refmodel {__version__} reads versions 1 and 2: install a newer refmodel"


def written(folder: Path, *entries: object) -> Path:
    """A file of some lines, each as JSON, or as it is."""
    path = folder / "t.jsonl"
    path.write_text("".join(f"{e if isinstance(e, str) else json.dumps(e)}\n" for e in entries), "utf-8")
    return path


class TestVersions:
    """A trace outlives the program that wrote it. Each sample was written by the program of its version."""

    def test_there_is_a_sample_of_each(self) -> None:
        """The samples are of all versions, and begin as theirs did."""
        heads = [json.loads((SAMPLES / name).read_text().splitlines()[0]) for name in NAMES]
        assert [TRACE.version_of(head) for head in heads] == list(range(1, TRACE.version + 1))
        assert (heads[0]["trace"], heads[1]["format"], heads[1]["version"]) == (1, "refmodel-trace", 2)

    @pytest.mark.parametrize("name", NAMES)
    def test_a_sample_is_read(self, name: str, tmp_path: Path) -> None:
        """All that it says is there, writing it gives the present version, and it can be judged."""
        trace = read(SAMPLES / name)
        said = [json.loads(line) for line in (SAMPLES / name).read_text().splitlines()]
        assert (trace.title, list(trace.rules), trace.world) == tuple(
            said[0][key] for key in ("title", "rules", "world")
        )
        assert [{"request": e.request, "response": e.response} for e in trace.exchanges] == said[1:]
        write(trace, tmp_path / "again.jsonl")
        assert (tmp_path / "again.jsonl").read_bytes() == (SAMPLES / NAMES[-1]).read_bytes()
        assert judge_traces([SAMPLES / name], OracleState(), False) == 0

    def test_the_first_version_passed_unknown_keys_over(self, tmp_path: Path) -> None:
        """A trace of version 1 that somebody added a key to is read as it was."""
        assert read(written(tmp_path, {**FIRST, "recorded_by": "me"}, STEP)).title == "t"


class TestWhatIsNoTrace:
    """It is said with the file and the line, what is expected and what is there."""

    @pytest.mark.parametrize(
        ("entries", "said"),
        [
            ([], f": the file is empty; {BEGINS}"),
            ([{**HEAD, "version": 3}], f", line 1: this trace is of version 3; {READS}"),
            ([{**FIRST, "trace": 3}], f", line 1: this trace is of version 3; {READS}"),
            (
                [{**FIRST, "trace": 2}],
                ', line 1: a trace of version 2 begins with {"format":"refmodel-trace","version":2,…}',
            ),
            ([{**FIRST, "trace": "1"}], ', line 1: trace: expected a version such as 1, but found "1"'),
            ([{}], f", line 1: this is not a trace: {BEGINS}"),
            (
                [{**HEAD, "format": "refmodel-state"}],
                f', line 1: this is not a trace: {BEGINS}, but its format is "refmodel-state"',
            ),
            ([{**HEAD, "rule": []}], ', line 1: "rule" is not a key of a trace (did you mean rules?)'),
            (
                [{**HEAD, "world": None}],
                ", line 1: world: expected an object with institutions and employers, but found null",
            ),
            ([{**HEAD, "title": 5}], ", line 1: title: expected a text, but found 5"),
            ([{**HEAD, "rules": 7}], ", line 1: rules: expected a list of names, but found 7"),
            ([{**HEAD, "rules": [7]}], ", line 1: rules: expected a list of names, but found [7]"),
            (["[1]"], ", line 1: expected a JSON object, but found [1]"),
            ([HEAD, "nonsense"], ", line 2, column 1: this is not JSON (Expecting value)"),
            (
                [HEAD, "[" * 100_000],
                ", line 2: this JSON cannot be read: it is nested too deeply, or a number in it is too long",
            ),
            (
                [HEAD, STEP, {"request": {}, "respons": {}}],
                ', line 3: a step is {"request":{…},"response":{…}}; response: expected an object, but found null',
            ),
        ],
    )
    def test_said(self, tmp_path: Path, entries: list[object], said: str) -> None:
        """In a sentence, without a name of Python's."""
        path = written(tmp_path, *entries)
        with pytest.raises(ValueError, match=r"\w") as caught:
            read(path)
        assert str(caught.value) == f"{path}{said}"
