"""Mutants that make texts, addresses and numbers look better, or read them as something that they only resemble."""

import html
import re
import unicodedata
from urllib.parse import unquote, unquote_plus

from conformance.mutants.cell_parsing import addresses_read, also_clears
from conformance.mutants.coercion import items_changed, text_stored
from conformance.mutants.collations import Fold, finding, seeing_no_change, seeing_repeats
from conformance.mutants.identifiers import chosen_from
from conformance.mutants.lookups import found_by_email, found_by_username, sharing, with_cells
from conformance.mutants.operators import Mutant, in_place, replace_rule
from conformance.mutants.values import mobiles_cleaned, own_list, value_listed
from refmodel.cell import Cell, Place, is_email, normal_email
from refmodel.columns import CAMPUS_NAME, FIRST_NAME, LAST_NAME
from refmodel.rules.cell import lists_split_on_semicolon, values_are_verbatim
from refmodel.rules.validation import campus_is_known

# Texts.

STRAIGHT = str.maketrans("‘’´“”–—‑", "'''\"\"---") | {ord("…"): "..."}


def straightened(text: str) -> str:
    """A text with straight quotes and plain hyphens."""
    return text.translate(STRAIGHT)


def curled(text: str) -> str:
    """A text with an apostrophe and quotes as printers set them."""
    return re.sub('"([^"]*)"', "“\\1”", text.replace("'", "’"))


def set_by_printers(text: str) -> str:
    """A text with dashes and an ellipsis as printers set them."""
    return text.replace("--", "—").replace("...", "…")


def with_plain_spaces(text: str) -> str:
    """A text with an ordinary space for every other one."""
    return re.sub("[\u00a0\u202f]", " ", text)


def with_single_spaces(text: str) -> str:
    """A text with one space where there are more."""
    return re.sub(" {2,}", " ", text)


def without_quotes(text: str) -> str:
    """A text without the quotes around it."""
    return re.sub(r"""^(['"])(.+)\1$""", r"\2", text)


def without_backslashes(text: str) -> str:
    """A text whose escapes are read."""
    return re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), text).replace("\\", "")


def without_pictures(text: str) -> str:
    """A text without emoji and smileys."""
    return re.sub("[\U00010000-\U0010ffff]| ?:\\)", "", text)


def without_markup(text: str) -> str:
    """A text without tags and emphasis."""
    return re.sub(r"<[^>]*>|\*", "", text)


def decoded_again(text: str) -> str:
    """A text whose letters seem to have been decoded wrongly, decoded anew."""
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


def capitalised(text: str) -> str:
    """A name with the capitals that most names have, if it has none or nothing else."""
    return text.title() if text in (text.upper(), text.lower()) else text


def with_small_particles(text: str) -> str:
    """A name with de, la and van in small letters."""
    return re.sub(r"\b(De|La|Van|Der)\b", lambda m: m[0].lower(), text)


def with_scottish_capitals(text: str) -> str:
    """A name with a capital behind Mc and O'."""
    return re.sub(r"\b(Mc|O')([a-z])", lambda m: m[1] + m[2].upper(), text)


def without_titles(text: str) -> str:
    """A name without titles, degrees and suffixes."""
    return re.sub(r"^(Dr|Prof|Ms|Mr)\. |,? (PhD|Jr\.)$", "", text)


def in_order(text: str) -> str:
    """A name whose last name stood in front of a comma, the other way round."""
    return re.sub(r"^(\w+), (\w+)$", r"\2 \1", text)


def spelled_in_ascii(text: str) -> str:
    """A text in the letters of ASCII that are nearest."""
    spelled = text.replace("ü", "ue").replace("Ł", "L")
    return "".join(c for c in unicodedata.normalize("NFD", spelled) if not unicodedata.combining(c))


def with_words_for_signs(text: str) -> str:
    """A text with `and` for an ampersand."""
    return text.replace(" & ", " and ")


TEXTS: dict[str, tuple[str, Fold]] = {  # what is done to texts: in words, by a function
    "curly_quotes_are_straightened": ("Curly quotes become straight ones, and dashes hyphens.", straightened),
    "quotes_are_curled": ("Straight quotes become curly ones.", curled),
    "dashes_are_set_by_printers": ("Two hyphens become a dash, and three points an ellipsis.", set_by_printers),
    "no_break_spaces_become_spaces": ("No-break spaces become ordinary ones.", with_plain_spaces),
    "spaces_are_squeezed": ("Two spaces become one.", with_single_spaces),
    "quotes_around_texts_are_dropped": ("Quotes around a text are dropped.", without_quotes),
    "php_stripslashes_texts": ("Backslashes in a text are read as escapes.", without_backslashes),
    "doubled_apostrophes_become_one": ("Two apostrophes become one.", lambda t: t.replace("''", "'")),
    "apostrophes_are_dropped": ("Apostrophes are dropped.", lambda t: t.replace("'", "")),
    "apostrophes_are_escaped": ("An apostrophe is stored as &#x27;.", html.escape),
    "entities_are_read": ("An entity of HTML is stored as its character.", html.unescape),
    "percent_escapes_are_read": ("%20 is stored as a space.", unquote),
    "pluses_become_spaces": ("A plus is stored as a space.", unquote_plus),
    "underscores_become_spaces": ("An underscore is stored as a space.", lambda t: t.replace("_", " ")),
    "emoji_are_stripped": ("Emoji and smileys are dropped.", without_pictures),
    "markup_is_stripped": ("Tags and asterisks are dropped.", without_markup),
    "utf_8_is_decoded_again": ("Letters that seem to be wrongly decoded are decoded anew.", decoded_again),
    "texts_are_spelled_in_ascii": ("Letters beyond ASCII become the nearest that it has.", spelled_in_ascii),
    "ampersands_become_words": ("An ampersand is stored as the word and.", with_words_for_signs),
}
NAMES: dict[str, tuple[str, Fold]] = {  # what is done to names: in words, by a function
    "names_in_capitals_are_capitalised": ("BYRON is stored as Byron.", capitalised),
    "particles_become_small": ("De La Cruz is stored as de la Cruz.", with_small_particles),
    "scottish_names_get_capitals": ("Mcdonald is stored as McDonald.", with_scottish_capitals),
    "titles_are_dropped": ("Titles, degrees and suffixes of a name are dropped.", without_titles),
    "names_are_put_in_order": ("Byron, Ada is stored as Ada Byron.", in_order),
    "parts_of_names_get_capitals": (
        "Anne-marie is stored as Anne-Marie.",
        lambda t: re.sub(r"(?<=-)[a-z]", lambda m: m[0].upper(), t),
    ),
    "initials_lose_their_points": ("J. R. is stored as J R.", lambda t: re.sub(r"\b([A-Z])\.", r"\1", t)),
}


def _of_names(name: str, statement: str, change: Fold) -> Mutant:
    def read(cell: Cell, place: Place) -> Cell:
        return change(str(cell)) if place.column in (FIRST_NAME, LAST_NAME) else cell

    return in_place(values_are_verbatim, name, statement, read)


texts_made_to_look_better = tuple(text_stored(name, *each) for name, each in TEXTS.items())
names_made_to_look_better = tuple(_of_names(name, *each) for name, each in NAMES.items())


texts_compared_by_their_looks = (
    found_by_username(
        "usernames_find_by_their_looks", "The username O’Neil finds the student O'Neil.", finding(straightened)
    ),
    seeing_repeats("an_importer_that_straightens_quotes", "the forms of quotes and dashes", straightened),
    seeing_no_change("an_importer_that_straightens_quotes", "the forms of quotes and dashes", straightened),
    seeing_no_change(
        "an_importer_that_squeezes_spaces",
        "the kinds and numbers of spaces",
        lambda t: with_single_spaces(with_plain_spaces(t)),
    ),
)
items_made_to_look_better = (
    items_changed("quotes_around_items_are_dropped", "Quotes around an item are dropped.", without_quotes),
    items_changed(
        "curly_quotes_of_items_are_straightened", "Curly quotes and dashes in items become plain.", straightened
    ),
    items_changed("spaces_of_items_are_squeezed", "Two spaces in an item become one.", with_single_spaces),
    items_changed("items_are_capitalised", "Items in small letters are written Like This.", capitalised),
    items_changed(
        "items_become_slugs", "The label Chess Club is stored as chess-club.", lambda t: t.strip().replace(" ", "-")
    ),
    items_changed("items_lose_their_markup", "Tags and asterisks in items are dropped.", without_markup),
    items_changed(
        "items_are_spelled_in_ascii", "Letters of items become the nearest that ASCII has.", spelled_in_ascii
    ),
)


@replace_rule(lists_split_on_semicolon)
def entities_of_items_are_read_first(cell: Cell, place: Place) -> Cell:
    """Entities of HTML are read before a list is split, so that theirs is no separator."""
    return lists_split_on_semicolon(html.unescape(str(cell)), place)


# Addresses.

PROVIDERS = {"googlemail.com": "gmail.com", "pm.me": "protonmail.com", "outlook.com": "hotmail.com"}


def at_gmail(text: str) -> str:
    """An address as Gmail reads it, without dots and tags, or as Yahoo does."""
    local, at, domain = normal_email(text).partition("@")
    read = {"gmail.com": local.partition("+")[0].replace(".", ""), "yahoo.com": local.partition("-")[0]}
    return read.get(domain, local) + at + domain


def without_dots(text: str) -> str:
    """An address without the dots in front of its @."""
    local, at, domain = normal_email(text).partition("@")
    return local.replace(".", "") + at + domain


def at_its_first_name(text: str) -> str:
    """An address under the first name of a provider that has several."""
    local, at, domain = normal_email(text).partition("@")
    return local + at + PROVIDERS.get(domain, domain)


def in_punycode(text: str) -> str:
    """An address whose domain is written in ASCII."""
    local, at, domain = normal_email(text).partition("@")
    try:
        return local + at + domain.encode("idna").decode()
    except UnicodeError:
        return normal_email(text)


def alone(text: str) -> str:
    """An address without scheme, brackets, comment, quotes and the name of a host."""
    return re.sub(r"^mailto:|[<>\"]|\([^)]*\)|(?<=@)www\.", "", normal_email(text))


def corrected(text: str) -> str:
    """An address whose provider is spelled rightly."""
    return normal_email(text).replace("@gmial.", "@gmail.")


def _canonical(text: str) -> str:
    return at_its_first_name(at_gmail(text))


addresses_made_canonical = (
    addresses_read("dots_of_gmail_are_dropped", "Dots and tags of a Gmail address are dropped.", at_gmail, is_email),
    addresses_read("dots_of_addresses_are_dropped", "Dots in front of the @ are dropped.", without_dots, is_email),
    addresses_read("googlemail_is_gmail", "A provider's other name becomes its first.", at_its_first_name, is_email),
    addresses_read("domains_become_punycode", "A domain is stored in the letters of ASCII.", in_punycode, is_email),
    addresses_read("addresses_are_unwrapped", "mailto: and brackets are taken off an address.", alone, is_email),
    addresses_read("addresses_are_corrected", "gmial.com becomes gmail.com.", corrected, is_email),
    addresses_read(
        "addresses_are_straightened",
        "Curly quotes in an address become straight ones.",
        lambda t: straightened(normal_email(t)),
        is_email,
    ),
    addresses_read(
        "addresses_need_plain_names",
        "An address with quotes, percent or brackets is malformed.",
        normal_email,
        lambda t: is_email(t) and not re.search(r"[\"%<>():’]", t),
    ),
)
addresses_compared_by_their_provider = (
    found_by_email(
        "gmail_addresses_find_without_dots",
        "An address finds the student whom its provider would reach.",
        lambda s, email, i: s.institution in (None, i.id) and _canonical(s.email_address) == _canonical(email),
    ),
    sharing(
        "gmail_addresses_are_repeats",
        "Rows share an address that their provider takes for one.",
        lambda cells: with_cells(cells, lambda c, cell: _canonical(str(cell)) if "@" in str(cell) else cell),
    ),
)

# Numbers, and what is listed.

mobile_numbers_made_international = (
    mobiles_cleaned("two_zeros_become_a_plus", "0045 in front becomes +45.", lambda t: re.sub("^00", "+", t)),
    mobiles_cleaned(
        "mobile_numbers_get_a_plus", "A mobile number gets a + in front.", lambda t: re.sub("^(?=[1-9])", "+", t)
    ),
    mobiles_cleaned(
        "national_zeros_are_dropped", "The 0 behind a country is dropped.", lambda t: t.replace("+440", "+44")
    ),
)


def _words(text: str) -> str:
    plain = straightened(with_words_for_signs(text)).lower().replace(".", "")
    return plain.removeprefix("the ").removesuffix(" campus")


campuses_found_by_their_looks = (
    chosen_from(
        CAMPUS_NAME,
        campus_is_known,
        "campuses_are_found_by_their_words",
        "The campus Main Campus is found as Main.",
        lambda row, campus: _words(campus) in map(_words, row.institution.campuses),
    ),
    chosen_from(
        CAMPUS_NAME,
        campus_is_known,
        "campuses_are_found_by_their_beginning",
        "A campus is known by the beginning of its name.",
        lambda row, campus: any(known.startswith(campus) for known in row.institution.campuses),
    ),
)
MEANT = {"MBA": "Masters of Business Administration", "PhD": "Doctorate", "Alumnus": "Alumni", "Alunmi": "Alumni"}
FIRST_OF = {"Bachelor First": "Bachelor 1st", "Bachelor 1 ": "Bachelor 1st "}


def _meant(text: str) -> str:
    for written, listed in FIRST_OF.items():
        text = text.replace(written, listed)
    return MEANT.get(text, text)


years_found_by_what_is_meant = (
    value_listed(
        "years_are_found_by_what_is_meant",
        "MBA and Bachelor First year are taken for what they mean.",
        lambda t, p: _meant(t) if _meant(t) in own_list(p) else None,
    ),
    value_listed(
        "years_are_found_by_their_beginning",
        "A year is known by the beginning of its name.",
        lambda t, p: next((value for value in own_list(p) if value.startswith(t)), None),
    ),
)
tokens_made_to_look_better = (
    also_clears(
        "clear_in_full_width_clears",
        "The token clears with asterisks of any kind.",
        lambda t: re.sub("[＊∗]", "*", t) == "**CLEAR**",
    ),
    also_clears(
        "clear_clears_without_its_wrapping",
        "The token clears in quotes, behind backslashes or as markup.",
        lambda t: re.sub(r"[\\'\u200b]|</?b>", "", t).strip("*") == "CLEAR" and t != "CLEAR",
    ),
)
