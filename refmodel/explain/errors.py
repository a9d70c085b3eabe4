"""Explaining a rule, a field, or the text of an error: which rules may be the cause, and what to do.

SAYINGS are the messages that rows carry field by field, TEXTS the refusals in one string; what the platform says today
in other words stands in `platformtexts`. What a person pastes is read kindly: a whole response, also one with braces
or quotes missing as the articles print it, a part of one, a text in other words, a name with a slip in it.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from attrs import evolve, frozen

from refmodel.catalogue import CATALOGUE, PHASES, Entry
from refmodel.columns import BY_HEADER, COLUMNS, YEAR_ALIAS, Column, Kind
from refmodel.explain.platform_texts import PLATFORM_TEXTS, recognised, tidied
from refmodel.failures import BLANK, END_BEFORE_START, INVALID, NOT_IN_LIST, SENSITIVE_FIELDS, TAKEN, TOO_LONG
from refmodel.rules import action, cell, effect, file, identity, lookup, refusal, validation
from refmodel.ruleset import Rule
from refmodel.wording import listed, nearest

# Which rule says what about which field.


@frozen
class Saying:
    """A message that a rule has about some columns."""

    rule: Rule
    message: str
    columns: tuple[Column, ...]


def _columns(*headers: str) -> tuple[Column, ...]:
    return tuple(BY_HEADER[header] for header in headers)


def _kinds(*kinds: Kind) -> tuple[Column, ...]:
    return tuple(column for column in COLUMNS if column.kind in kinds)


SAYINGS: tuple[Saying, ...] = (
    Saying(identity.username_and_email_are_required, BLANK, _columns("email_address", "username")),
    Saying(cell.identity_cannot_be_cleared, BLANK, tuple(column for column in COLUMNS if column.identity)),
    Saying(validation.a_new_student_has_a_name, BLANK, _columns("first_name", "last_name")),
    Saying(validation.email_is_unique_everywhere, TAKEN, _columns("email_address")),
    Saying(validation.auth_identifier_is_unique_in_the_institution, TAKEN, _columns("auth_identifier")),
    Saying(validation.card_id_is_unique_in_the_institution, TAKEN, _columns("card_id")),
    Saying(validation.username_is_unique_in_the_institution, TAKEN, _columns("username")),
    Saying(cell.emails_ignore_case, INVALID, _kinds(Kind.EMAIL)),
    Saying(validation.email_domain_is_not_anothers, INVALID, _columns("email_address")),
    Saying(cell.dates_are_real, INVALID, _kinds(Kind.DATE)),
    Saying(cell.dates_follow_the_job, INVALID, _columns("primary_education:end_date")),
    Saying(cell.start_date_follows_the_job_too, INVALID, _columns("primary_education:start_date")),
    Saying(cell.mobile_is_digits, INVALID, _kinds(Kind.MOBILE)),
    Saying(cell.clear_token_clears, INVALID, _kinds(Kind.LIST, Kind.LABELS)),
    Saying(cell.enumerations_match_exactly, NOT_IN_LIST, _kinds(Kind.LEVEL, Kind.YEAR)),
    Saying(cell.booleans_are_upper_case, NOT_IN_LIST, _kinds(Kind.BOOLEAN)),
    Saying(cell.booleans_cannot_be_cleared, NOT_IN_LIST, _kinds(Kind.BOOLEAN)),
    Saying(validation.assignee_is_own_staff, NOT_IN_LIST, _columns("assigned_to_email_address")),
    Saying(validation.campus_is_known, NOT_IN_LIST, _columns("campus_name")),
    Saying(cell.course_names_have_255_characters_at_most, TOO_LONG, _columns("primary_education:major_names")),
    Saying(validation.end_date_is_not_before_start_date, END_BEFORE_START, _columns("primary_education:end_date")),
)
MESSAGES: tuple[str, ...] = tuple(dict.fromkeys(saying.message for saying in SAYINGS))

# Rules that have something to do with a column beyond what they say about it.
CONCERNS: Mapping[Rule, tuple[str, ...]] = {
    refusal.sensitive_fields_need_the_setting: ("email_address", "username", "auth_identifier", "card_id"),
    identity.rows_that_share_an_identifier_fail: ("email_address", "username", "auth_identifier", "card_id"),
    lookup.username_is_looked_up_first: ("username",),
    lookup.email_is_looked_up_second: ("email_address",),
    effect.imports_need_no_confirmation: ("email_address",),
    validation.end_date_is_not_before_start_date: ("primary_education:start_date",),
    file.institution_year_name_is_an_alias: ("school_year_name",),
    file.campus_needs_campuses: ("campus_name",),
    cell.blank_labels_clear: ("system_label_names",),
    effect.labels_are_exactly_the_cell: ("system_label_names",),
    cell.lists_split_on_semicolon: tuple(column.header for column in COLUMNS if column.holds_list),
    cell.list_items_are_trimmed: tuple(column.header for column in COLUMNS if column.holds_list),
    effect.disabled_only_by_word: ("disabled",),
    action.set_disabled: ("disabled",),
    action.sign_in: ("auth_identifier",),
}

ARRIVALS = (action.request_access, action.add_by_email, action.switch_institution)
OWN_STUDENTS = (action.change_email, action.set_disabled, action.edit_profile, action.set_excluded)
ACTIONS = PHASES["action"]

# Patterns of the refusals in one string (and of the warning), and the rules that they may come from.
TEXTS: tuple[tuple[str, tuple[Rule, ...]], ...] = (
    (re.escape(SENSITIVE_FIELDS), (refusal.sensitive_fields_need_the_setting,)),
    (
        "attempting to update sensitive fields without sensitive fields setting",
        (refusal.sensitive_fields_need_the_setting,),
    ),
    ("only a manual job can change sensitive fields.*", (refusal.sensitive_fields_need_the_setting,)),
    (r"the student is excluded from the sync", (refusal.excluded_students_are_not_updated,)),
    (
        r"the student is not connected (here|to the institution):? .*",
        (refusal.an_unconnected_student_needs_the_setting,),
    ),
    (r"the institution has declined the student", (refusal.a_declined_student_is_not_connected, action.request_access)),
    (r"the row has \d+ cells and the header \d+.*", (identity.ragged_rows_fail,)),
    (r"(row \d+ runs from line|[\d,]+ rows run over) .*", (identity.ragged_rows_fail, file.file_is_utf8_csv)),
    (r"row \d+ has the same .*", (identity.rows_that_share_an_identifier_fail,)),
    (
        r".*(not utf-8|nul byte|never closed|after the closing quote|quote inside a quoted cell).*",
        (file.file_is_utf8_csv,),
    ),
    (r"the header lacks .*", (file.required_headers_are_present,)),
    (r"the header has .* more than once.*", (file.no_header_appears_twice,)),
    (r"the header runs from line .*", (file.file_is_utf8_csv,)),
    (r"the header .* names no column.*", (file.headers_match_exactly,)),
    (r"(headers that name no column|columns with a blank header) were ignored.*", (file.headers_match_exactly,)),
    (r"no student has this e-mail address", (*ARRIVALS[:2], action.confirm_email)),
    (r"no student with this e-mail address is connected to the institution.*", OWN_STUDENTS),
    (r"no student with this e-mail address is pending.*", (action.approve, action.decline, action.delete_pending)),
    (r"no connected student has this e-mail address", (action.switch_institution,)),
    (r"the e-mail address is invalid", (action.sign_up, action.change_email, cell.emails_ignore_case)),
    (
        r"the e-mail address has already been taken",
        (action.sign_up, action.change_email, action.confirm_email, validation.email_is_unique_everywhere),
    ),
    (r"a first and a last name are needed", (action.sign_up,)),
    (r"the student is connected or pending already", (action.request_access,)),
    (r"the student is connected already", (action.add_by_email,)),
    (r"the student is at the institution already", (action.switch_institution,)),
    (
        r"the domain of the e-mail address is another institution's",
        (action.change_email, validation.email_domain_is_not_anothers),
    ),
    (r"no e-mail address was asked for", (action.confirm_email,)),
    (r"only the profile can be edited.*", (action.edit_profile,)),
    (r"a column is named twice", (action.edit_profile, file.no_header_appears_twice)),
    (r"the text has a nul or a lone surrogate.*", ACTIONS),
    (r"this action is not supported here", ACTIONS),
)


# What is found.


@frozen
class Explanation:
    """What a text may mean: the rules that may be behind it, and what it was taken for.

    `remark` says how the articles differ where the text is one of the platform's own.
    """

    text: str
    taken_for: str
    rules: tuple[Entry, ...]
    remark: str = ""


def explain(text: str) -> Explanation:
    """Which rules a rule's name, a field, a message, a refusal or a whole response points to.

    `rules` is empty where nothing comes near; then `taken_for` says what comes nearest, or nothing.
    """
    readings = (as_rule, as_platform_text, as_response, as_field, as_message, as_refusal, as_scraps, as_part)
    found = (read(tidied(text)) for read in (*readings, in_other_words))
    explanation = next(filter(None, found), None)
    return evolve(explanation, text=text.strip()) if explanation else _nothing(text)


def _explanation(text: str, taken_for: str, rules: Iterable[Rule], remark: str = "") -> Explanation | None:
    entries = tuple(CATALOGUE[rule.__name__] for rule in dict.fromkeys(rules))
    return Explanation(text, taken_for, entries, remark) if entries else None


def as_rule(text: str) -> Explanation | None:
    """The name of a rule, with underscores, dashes or spaces, in whatever capitals."""
    name = re.sub(r"[\s-]+", "_", text.lower())
    return _explanation(text, "a rule", [CATALOGUE[name].rule] if name in CATALOGUE else [])


def as_platform_text(text: str) -> Explanation | None:
    """A text that the platform gives today, in whatever stands around it."""
    found = recognised(text)
    return _explanation(text, found.meaning, found.text.rules, found.text.remark) if found else None


def as_response(text: str) -> Explanation | None:
    """A response, whole or cut: its fields with their messages, or its one text."""
    if fields := fields_of(text):
        return _of_fields(text, fields)
    if match := re.search(r'"errors"\s*:\s*\{?\s*"((?:[^"\\]|\\.)*)', text):
        refusal = _unquoted(match[1])
        found = as_refusal(refusal) or in_other_words(refusal)
        return found and evolve(found, text=text)
    return None


def _of_fields(text: str, fields: Sequence[tuple[str, str]]) -> Explanation | None:
    taken_for = "a failed row: " + "; ".join(f"{name} {message}" for name, message in fields)
    return _explanation(text, taken_for, (rule for field in fields for rule in rules_about(*field)))


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text


def fields_of(text: str) -> list[tuple[str, str]]:
    """Each field of a response with its messages, found by their quotes alone: braces may be missing."""
    pairs = re.findall(r'"([^"]+)"\s*:\s*\[([^\]]*)', text)
    return [
        (name, _unquoted(message))
        for name, messages in pairs
        for message in re.findall(r'"((?:[^"\\]|\\.)*)"', messages)
    ]


def rules_about(name: str, message: str) -> list[Rule]:
    """The rules that may say a message about a field; those about the field where the message is unknown."""
    column = column_of(name)
    known = message_of(message)
    said = [s.rule for s in SAYINGS if s.message == known and (column is None or column in s.columns)]
    return said or (rules_of_field(column) if column else [])


def column_of(name: str) -> Column | None:
    """The column of a header or of a response's key; capitals and the alias are forgiven."""
    header = name.strip().lower().replace("primary_education.", "primary_education:")
    header = header.replace("location_attributes.", "location_attributes:")
    return BY_HEADER.get("school_year_name" if header == YEAR_ALIAS else header)


def message_of(text: str) -> str | None:
    """The message that a text is, whatever its capitals and its spaces."""
    return next((message for message in MESSAGES if _bare(message) == _bare(text)), None)


def _bare(text: str) -> str:
    return re.sub(r"[\s.’']", "", text).lower()


def rules_of_field(column: Column) -> list[Rule]:
    """The rules that are about one column."""
    said = [saying.rule for saying in SAYINGS if column in saying.columns]
    return said + [rule for rule, headers in CONCERNS.items() if column.header in headers]


def as_field(text: str) -> Explanation | None:
    """A field: the rules that are about it, or those about every column if none is about it alone."""
    column = column_of(text)
    if column is None:
        return None
    rules = rules_of_field(column) or [cell.values_are_verbatim, cell.blank_keeps, effect.values_replace]
    return _explanation(text, f"the column {column.header} ({column.kind.value})", rules)


def as_message(text: str) -> Explanation | None:
    """A message, alone or behind the field that it is about, such as an edited profile is refused with."""
    rules = [rule for part in text.split("; ") for rule in _rules_of_message(part)]
    return _explanation(text, "a message", rules)


def _rules_of_message(text: str) -> list[Rule]:
    if message_of(text):
        return rules_about("", text)
    first, _, rest = text.partition(" ")
    arriving = rest.endswith(" at the institution")
    message = rest.removesuffix(" at the institution")
    if column_of(first.rstrip(":")) is None or message_of(message) is None:
        return []
    return rules_about(first.rstrip(":"), message) + list(ARRIVALS if arriving else ())


def as_refusal(text: str) -> Explanation | None:
    """A refusal in one string, or a warning."""
    bare = " ".join(text.split()).rstrip(".")
    found = (rules for pattern, rules in TEXTS if re.fullmatch(pattern, bare, re.IGNORECASE))
    return _explanation(text, "a refusal", next(found, ()))


NAMES_OF_COLUMNS = {*BY_HEADER, *(column.key for column in COLUMNS), YEAR_ALIAS}
SCRAPS = re.compile(
    rf"(?<![\w.:])({'|'.join(map(re.escape, sorted(NAMES_OF_COLUMNS, key=len, reverse=True)))})\W{{1,8}}?"
    rf"({'|'.join(re.escape(message).replace(' ', ' ?') for message in MESSAGES)})",
    re.IGNORECASE,
)


def as_scraps(text: str) -> Explanation | None:
    """Columns, each with a message behind it, wherever they stand: brackets, braces and quotes may all be lost."""
    found = [(name, message_of(message) or message) for name, message in SCRAPS.findall(text)]
    return _of_fields(text, found) if found else None


LEAST_WORDS = 3  # of a part of a sentence, so that it says something


def as_part(text: str) -> Explanation | None:
    """A part of a message, a refusal or a sentence of the platform's: three words of it or more."""
    part = _plain(text).strip(" .:;,\"'{}[]")
    if len(part.split()) < LEAST_WORDS:
        return None
    found = [rule for sentence, rules in sentences().items() if part in _plain(sentence) for rule in rules]
    return _explanation(text, "a part of a message", found)


def sentences() -> dict[str, tuple[Rule, ...]]:
    """Every sentence that is known: a message, a refusal or the platform's own, with the rules behind it."""
    messages = {message: tuple(s.rule for s in SAYINGS if s.message == message) for message in MESSAGES}
    platform = {known.example: known.rules for known in PLATFORM_TEXTS}
    return {**messages, **{_plain(pattern): rules for pattern, rules in TEXTS}, **platform}


def in_other_words(text: str) -> Explanation | None:
    """A text that resembles a message or a refusal closely enough to be meant."""
    known = {_plain(words): words for words in sentences()}
    near = nearest(_plain(text), known, count=1, cutoff=0.75)
    if not near:
        return None
    words = known[near[0]]
    what = "a message" if words in MESSAGES else "a refusal"
    return _explanation(text, f"{what}, in other words: “{words}”", sentences()[words])


def _plain(text: str) -> str:
    words = re.sub(r"\(.*?\)|\\d\+|:?\??\s?\.\*", "…", text).replace("\\", "")
    return " ".join(words.lower().split())


def _nothing(text: str) -> Explanation:
    wanted, names = text.strip().lower(), [*BY_HEADER, *CATALOGUE]
    near = nearest(wanted, names) or [name for name in names if wanted and wanted in name][:3]
    near = near or [f"“{words}”" for words in nearest(wanted, sentences(), count=2, cutoff=0.55)]
    return Explanation(text, f"did you mean {listed(near, 'or')}?" if near else "", ())


# As data.


def entry_as_data(entry: Entry) -> dict[str, object]:
    """A rule as plain data, for programs."""
    return {
        "rule": entry.name,
        "statement": entry.statement,
        "details": entry.details,
        "source": entry.source,
        "basis": entry.basis,
        "basis_in_full": entry.basis_in_full,
        "phase": entry.phase,
        "what_to_do": entry.remedy,
    }
