"""What the platform says today, as its public help pages print it, where the articles print something else or nothing.

The values inside a text vary, so each text is a pattern that may stand anywhere in what was pasted: a whole response,
one with braces or quotes missing, or the sentence alone.
"""

import re
from collections.abc import Iterator

from attrs import field, frozen

from refmodel.columns import SENSITIVE
from refmodel.failures import SENSITIVE_FIELDS
from refmodel.rules.refusal import sensitive_fields_need_the_setting
from refmodel.rules.validation import email_domain_is_not_anothers
from refmodel.ruleset import Rule

COLUMNS = "|".join(column.header for column in SENSITIVE)
TYPOGRAPHIC = str.maketrans("“”„‟«»″‘’‚‛′ʼ\u00a0\u202f", '"""""""\'\'\'\'\'\'  ')
SETTING_TODAY = "This job changes identifier data"
CHANGED_VALUE = (
    f"The article quotes “{SENSITIVE_FIELDS}” (003:13); today the platform names the column and its two values, and "
    f"calls the setting “{SETTING_TODAY}”."
)
DOMAIN_CHECK = (
    "The articles quote no text for this; today the platform warns of it on the job's page and skips the rows, and "
    "here each of them fails."
)


def _compiled(pattern: str) -> "re.Pattern[str]":
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


@frozen
class PlatformText:
    """A text of today: an example, its pattern, the rules behind it, what it means and how the articles differ."""

    example: str
    pattern: "re.Pattern[str]" = field(converter=_compiled)
    rules: tuple[Rule, ...]
    meaning: str
    remark: str


@frozen
class Recognised:
    """A text of the platform that was found in what was pasted: with what it says of columns and values."""

    text: PlatformText
    details: tuple[str, ...]

    @property
    def meaning(self) -> str:
        """What it means, with the columns and the values that it names."""
        return "; ".join(filter(None, (self.text.meaning, *self.details)))


PLATFORM_TEXTS: tuple[PlatformText, ...] = (
    PlatformText(
        "Attempted to update username from 17 to 1001",
        rf"\b(?:attempt(?:ed|ing)?\s+to\s+(?:update|change)\s+|update\s+)(?P<column>{COLUMNS})\b"
        r'(?:\s+from(?:\s+(?P<before>[^"{}]*?))?\s+to\b(?:\s+(?P<after>[^"{}]*?))?)?'
        r'\s*(?=$|["{}]|[,;.]?\s*attempted\s)',
        (sensitive_fields_need_the_setting,),
        "a failed row of a job without the setting",
        CHANGED_VALUE,
    ),
    PlatformText(
        "username from 17 to 1001",
        rf'^\s*(?P<column>{COLUMNS})\s+from(?:\s+(?P<before>[^"{{}}]*?))?\s+to\b(?:\s+(?P<after>[^"{{}}]*?))?\s*(?=$|["}}])',
        (sensitive_fields_need_the_setting,),
        "a failed row of a job without the setting",
        CHANGED_VALUE,
    ),
    PlatformText(
        "attempted to change sensitive fields",
        r"\battempt(?:ed|ing)?\s+to\s+change\s+(?:a\s+)?sensitive\s+fields?\b",
        (sensitive_fields_need_the_setting,),
        "a failed row of a job without the setting",
        f"The article has other words for it: “{SENSITIVE_FIELDS}” (003:13).",
    ),
    PlatformText(
        SETTING_TODAY,
        r"\bthis\s+job\s+changes\s+identifier\s+data\b",
        (sensitive_fields_need_the_setting,),
        "the setting of a job that may change sensitive fields",
        "The articles call the setting change_sensitive_fields; this is its name today.",
    ),
    PlatformText(
        "This job has users with email addresses not associated with your school. These users will be skipped. If you "
        "feel this is an error and this domain belongs to your institutions, please contact support.",
        r"\be-?mail\s+address(?:es)?\s+(?:that\s+)?(?:are\s+|is\s+)?not\s+associated\s+with\s+your\s+(?:school|institution)",
        (email_domain_is_not_anothers,),
        "a warning about addresses of another institution's domain",
        DOMAIN_CHECK,
    ),
    PlatformText(
        "School Domain Check (Analyzers::Users::SchoolDomain)",
        r"\bschool\s+domain\s+check\b|\banaly[sz]ers::users::schooldomain\b",
        (email_domain_is_not_anothers,),
        "the list of the addresses of other institutions' domains",
        DOMAIN_CHECK,
    ),
)


def tidied(text: str) -> str:
    """A text as it was before it was copied: straight quotes, plain spaces, and no quotes doubled by a CSV file."""
    straight = text.translate(TYPOGRAPHIC).strip()
    return straight.replace('""', '"') if '""' in straight else straight


def recognised(text: str) -> Recognised | None:
    """The text of the platform that a tidied text is, or that stands in it."""
    for known in PLATFORM_TEXTS:
        found = list(known.pattern.finditer(text))
        if found:
            return Recognised(known, tuple(dict.fromkeys(filter(None, map(_detail, found)))))
    return None


def _detail(match: "re.Match[str]") -> str:
    said = match.groupdict()
    if "column" not in said:
        return ""
    before, after = (_value(said[name]) for name in ("before", "after"))
    return "".join((said["column"].lower(), " would change", *_part(" from ", before), *_part(" to ", after)))


def _value(text: str | None) -> str:
    # Help pages leave the values out, or print a line in their place.
    value = (text or "").strip().rstrip(".,;")
    return value if value.strip("_") else ""


def _part(word: str, value: str) -> Iterator[str]:
    if value:
        yield f"{word}{value}"
