"""What the command lines of our tools have in common."""


def whole_number(text: str) -> int:
    """A whole number from 1. ValueError for anything else."""
    found = int(text)
    if found < 1:
        raise ValueError(text)
    return found
