"""The earlier name of `conformance.implementations.sql`, in targets and as `python -m conformance.importers.sql`."""

import warnings

from conformance.implementations.sql import importer, staging_importer

__all__ = ["importer", "staging_importer"]

with warnings.catch_warnings():
    warnings.simplefilter("always")  # also where warnings are errors: a name that works must work there too
    warnings.warn(
        "conformance.importers.sql is conformance.implementations.sql now: write that in the target or the command",
        FutureWarning,
        stacklevel=2,
    )

if __name__ == "__main__":
    import sys

    from conformance.implementations.sql.__main__ import main

    sys.exit(main())
