"""`python -m conformance.cases.corpus`: find anew what the corpus keeps."""

import sys
from pathlib import Path

FOLDER = Path(__file__).parent
SECONDS, MOST = 180.0, 1500.0  # for making random histories, and for everything
USAGE = """\
python -m conformance.cases.corpus arrays         find the covering arrays anew (needs: pip install --group arrays)
python -m conformance.cases.corpus interactions   find the histories in which rules interact anew (half an hour)"""


def main() -> int:
    """Find what the arguments name, and write it beside this module."""
    match sys.argv[1:]:
        case ["arrays"]:
            return arrays()
        case ["interactions" | "meetings"]:  # the second is the earlier name
            return interactions()
    print(USAGE, file=sys.stderr)
    return 2


def arrays() -> int:
    """Find the covering arrays."""
    try:
        from conformance.cases.corpus.finding_arrays import found_arrays
    except ModuleNotFoundError as missing:
        print(f"conformance.cases.corpus: {missing.name} is missing: pip install --group arrays", file=sys.stderr)
        return 2
    (FOLDER / "arrays.txt").write_text("".join(f"{line}\n" for line in found_arrays()), "ascii")
    return 0


def interactions() -> int:
    """Find the histories in which rules interact."""
    from conformance.cases.corpus.finding_interactions import found_interactions

    (FOLDER / "interactions.jsonl").write_text(found_interactions(SECONDS, MOST), "ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
