"""The earlier name of `conformance.implementations.sql`, in targets and as `python -m conformance.importers.sql`."""

from conformance.implementations.sql import importer, staging_importer
from conformance.importers import warn_of

__all__ = ["importer", "staging_importer"]

warn_of("conformance.importers.sql", "conformance.implementations.sql now: write that in the target or the command")

if __name__ == "__main__":
    import sys

    from conformance.implementations.sql.__main__ import main

    sys.exit(main())
