"""Growth: a full import of ever more students, each in a process of its own that tells time and memory.

    python -m tests.benchmarks.growth FILE    prints {"seconds": …, "bytes": …, "created": …}

The memory is the highest that the process held during the import, less what it held just before it: the
interpreter, the model's modules and the file's bytes are not in it; the file's rows, both worlds and the
report are.
"""

import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from attrs import frozen

from refmodel.engine import import_file
from tests.benchmarks.students import JOB, empty_world, write_file
from tests.support.paths import ROOT

STATUS = Path("/proc/self/status")  # Linux; elsewhere a process is asked for its maximum in another way


@frozen
class Size:
    """A full import of one length: the processor's seconds, the best of its rounds; memory, the worst; or None."""

    students: int
    seconds: float | None = None
    bytes_per_student: float | None = None
    rounds: int = 0
    remark: str = ""
    wrong: str | None = None


# The child.


def import_and_tell(path: Path) -> dict[str, float]:
    """Import a file into an empty world: seconds, bytes of memory, and how many students came of it."""
    data, world = path.read_bytes(), empty_world()
    gc.collect()
    before, start = memory("VmRSS"), time.process_time()
    _, report = import_file(world, JOB, data)
    seconds = time.process_time() - start
    return {"seconds": seconds, "bytes": memory("VmHWM") - before, "created": report.count("created")}


def memory(name: str) -> int:
    """Bytes that this process holds (VmRSS) or has held at most (VmHWM).

    Where there is no /proc the maximum has to do for both: it can only make the import look smaller by what
    reading the file took for a moment, which is nothing.
    """
    if not STATUS.exists():
        return maximum()
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024


def maximum() -> int:
    """What the operating system says was the most, in bytes; 0 where it says nothing."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


# The parent.


def grow(plan: Sequence[tuple[int, int]], limit: float) -> Iterator[Size]:
    """The sizes of a plan of (students, rounds), as long as one run is expected to take `limit` seconds or less."""
    a_student = 0.0  # seconds, in the size before
    for students, rounds in plan:
        if a_student * students > limit:
            yield Size(students, remark=f"not measured: it would take {a_student * students:.0f} s")
            return
        size = size_of(students, rounds)
        yield size
        if size.seconds is None:
            return
        a_student = size.seconds / students


def size_of(students: int, rounds: int) -> Size:
    """What the import of so many students takes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "students.csv")
        write_file(path, students)
        told = [in_a_child(path) for _ in range(rounds)]
    if any(answer is None for answer in told):
        return Size(students, remark="not measured: the process was stopped, perhaps for want of memory")
    return judged(students, [answer for answer in told if answer is not None])


def judged(students: int, told: Sequence[dict[str, float]]) -> Size:
    """What the children's answers come to."""
    seconds, most = min(answer["seconds"] for answer in told), max(answer["bytes"] for answer in told)
    created = {answer["created"] for answer in told}
    wrong = None if created == {students} else f"growth: {created} students created of {students}"
    return Size(students, seconds, most / students if most else None, len(told), wrong=wrong)


def in_a_child(path: Path) -> dict[str, float] | None:
    """The answer of a process of its own; None where the system stopped it. An error in it is an error here."""
    command = [sys.executable, "-m", "tests.benchmarks.growth", str(path)]
    child = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if child.returncode < 0:
        return None
    if child.returncode:
        raise ChildProcessError(child.stderr)
    answer: dict[str, float] = json.loads(child.stdout)
    return answer


def over_linear(sizes: Sequence[Size]) -> float | None:
    """The worst factor, from one size to the next, by which seconds grew more than students did."""
    measured = [(size.students, size.seconds) for size in sizes if size.seconds]
    factors = [b_seconds / a_seconds / (b / a) for (a, a_seconds), (b, b_seconds) in pairwise(measured)]
    return max(factors, default=None)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(import_and_tell(Path(sys.argv[1]))))
