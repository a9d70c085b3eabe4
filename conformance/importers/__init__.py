"""The earlier name of `conformance.implementations`, which works for one release more; and how earlier names warn."""

import warnings


def warn_of(earlier: str, now: str) -> None:
    """Say what to write instead; also where warnings are errors, for a name that works must work there too."""
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"{earlier} is {now}", FutureWarning, stacklevel=3)
