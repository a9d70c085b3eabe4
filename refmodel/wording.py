"""Words that many messages need: what was meant, what was found instead, and a list of what there is."""

import difflib
import json
from collections.abc import Iterable, Sequence

LONGEST = 60  # characters of a value that a message shows


def nearest(word: str, known: Iterable[str], count: int = 3, cutoff: float = 0.6) -> list[str]:
    """The known words that come nearest to a word, whatever its capitals."""
    by_lower = {name.lower(): name for name in known}
    return [by_lower[name] for name in difflib.get_close_matches(word.lower(), by_lower, count, cutoff)]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a message about a word that is not known: the nearest known ones, or nothing where none is near."""
    near = nearest(word, known)
    return f" (did you mean {listed(near, 'or')}?)" if near else ""


def listed(words: Sequence[str], last: str = "and") -> str:
    """Words as a sentence lists them: a, b and c."""
    return f" {last} ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def counted(number: int, noun: str) -> str:
    """So many of a thing, as a sentence has it: 1 case, 2 cases."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def as_found(value: object) -> str:
    """A value as it stands in a JSON file, in a few words where it is long."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def expected(what: str, value: object) -> str:
    """What should stand in a place, and what stands there."""
    return f"expected {what}, but found {as_found(value)}"


def in_words(name: str) -> str:
    """A value of a report as people read it: not_applicable is not applicable."""
    return name.replace("_", " ")
