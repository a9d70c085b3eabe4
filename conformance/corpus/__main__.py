"""`python -m conformance.corpus`: find anew what the corpus keeps, for whoever has changed what it is found from."""

import sys
from pathlib import Path

from conformance.corpus.finding_arrays import found_arrays
from conformance.corpus.finding_meetings import found_meetings

FOLDER = Path(__file__).parent
SECONDS, MOST = 180.0, 1500.0  # for making random histories, and for everything


def main() -> int:
    """Find what the arguments name, and write it beside this module."""
    (what,) = sys.argv[1:] or ("",)
    if what == "arrays":
        (FOLDER / "arrays.txt").write_text("".join(f"{line}\n" for line in found_arrays()), "ascii")
        return 0
    if what == "meetings":
        (FOLDER / "meetings.jsonl").write_text(found_meetings(SECONDS, MOST), "ascii")
        return 0
    print("python -m conformance.corpus arrays|meetings: find anew what is kept", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
