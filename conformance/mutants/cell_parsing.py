"""Mutants of reading cells: blanks, the clear token, texts, addresses."""

import html
import re
import unicodedata
from collections.abc import Callable

from conformance.mutants.operators import Mutant, and_replace_rule, drop_rule, in_place, replace_rule
from refmodel.cell import (
    CLEAR,
    INVISIBLE,
    KEEP,
    Cell,
    Malformed,
    Place,
    is_blank,
    is_email,
    is_shaped_as_an_email,
    normal_email,
)
from refmodel.columns import (
    ASSIGNED_TO,
    AUTH_IDENTIFIER,
    CAMPUS_NAME,
    CARD_ID,
    CLEAR_TOKEN,
    COLUMNS,
    DISABLED,
    FIRST_NAME,
    SENSITIVE,
    START_DATE,
    SYSTEM_LABEL_NAMES,
    USERNAME,
    Column,
    Kind,
)
from refmodel.failures import BLANK, INVALID, Complaint
from refmodel.readings import emails_are_compared_exactly
from refmodel.row import Row
from refmodel.rules.cell import (
    blank_keeps,
    blank_labels_clear,
    booleans_cannot_be_cleared,
    clear_token_clears,
    emails_ignore_case,
    identity_cannot_be_cleared,
    values_are_verbatim,
)
from refmodel.rules.validation import campus_is_known, cells_are_well_formed

# Blank cells.


blank_labels_keep = drop_rule(blank_labels_clear, "blank_labels_keep", "A blank labels cell keeps the labels.")


@replace_rule(blank_labels_clear)
def white_space_keeps_the_labels(cell: Cell, place: Place) -> Cell:
    """Only an empty labels cell takes the labels away, and one of white space keeps them."""
    return CLEAR if cell == "" else cell


def _blank_clears(name: str, statement: str, where: Callable[[Column], bool]) -> Mutant:
    def read(cell: Cell, place: Place) -> Cell:
        return cell if where(place.column) else blank_keeps(cell, place)

    return in_place(blank_keeps, name, statement, read)


blanks_that_clear = (
    _blank_clears("blank_clears", "A blank cell empties the field.", lambda c: c.clearable),
    _blank_clears("blank_lists_clear", "A blank list is emptied.", lambda c: c.kind is Kind.LIST),
    _blank_clears("blank_dates_clear", "A blank date is emptied.", lambda c: c.kind is Kind.DATE),
    _blank_clears("blank_start_date_clears", "A blank start date is emptied.", lambda c: c is START_DATE),
    _blank_clears(
        "blank_auth_identifier_clears", "A blank auth_identifier is emptied.", lambda c: c is AUTH_IDENTIFIER
    ),
    _blank_clears("blank_assignee_clears", "A blank assignee is emptied.", lambda c: c is ASSIGNED_TO),
)


@replace_rule(blank_keeps)
def white_space_clears(cell: Cell, place: Place) -> Cell:
    """An empty cell keeps, and one of white space empties the field."""
    return KEEP if cell == "" else cell


class Visible(str):
    """A text that never counts as blank."""

    __slots__ = ()

    def isspace(self) -> bool:
        """Never."""
        return False


@replace_rule(blank_keeps)
def only_ascii_is_white_space(cell: Cell, place: Place) -> Cell:
    """A cell of no-break spaces, or of other white space beyond ASCII, is a value."""
    text = str(cell)
    return Visible(text) if text.strip(" \t\n\v\f\r\x1c\x1d\x1e\x1f") else blank_keeps(cell, place)


@replace_rule(blank_keeps)
def what_cannot_be_seen_is_white_space(cell: Cell, place: Place) -> Cell:
    """A cell of zero-width spaces is blank."""
    return KEEP if is_blank(str(cell).replace("\u200b", "").replace("\ufeff", "")) else cell


@replace_rule(blank_keeps, breaks=values_are_verbatim)
def not_available_is_blank(cell: Cell, place: Place) -> Cell:
    """Texts like NULL, None and N/A are blank."""
    return KEEP if cell in ("NULL", "null", "None", "NA", "N/A", "nan") else blank_keeps(cell, place)


@replace_rule(blank_keeps)
def blank_booleans_are_false(cell: Cell, place: Place) -> Cell:
    """A blank currently_attending is FALSE."""
    if place.column.kind is Kind.BOOLEAN and place.column is not DISABLED and is_blank(str(cell)):
        return "FALSE"
    return blank_keeps(cell, place)


# The clear token.


def also_clears(name: str, statement: str, meant: Callable[[str], bool]) -> Mutant:
    """A text that means the token clears as the token does."""

    def read(cell: Cell, place: Place) -> Cell:
        return CLEAR if place.column.clearable and meant(str(cell)) else clear_token_clears(cell, place)

    return in_place(clear_token_clears, name, statement, read)


what_clears_too = (
    also_clears("clear_ignores_case", "The token clears in any capitals.", lambda t: t.upper() == CLEAR_TOKEN),
    also_clears("clear_is_trimmed", "White space around the token is overlooked.", lambda t: t.strip() == CLEAR_TOKEN),
    also_clears("clear_needs_no_asterisks", "The word CLEAR alone clears.", lambda t: t.strip("*") == "CLEAR"),
    also_clears("clear_among_items_clears", "A list with the token in it is emptied.", lambda t: CLEAR_TOKEN in t),
)


@replace_rule(clear_token_clears)
def clear_among_items_is_an_item(cell: Cell, place: Place) -> Cell:
    """The token among the items of a list is an item like the others."""
    return CLEAR if cell == CLEAR_TOKEN else cell


def _never_clears(name: str, statement: str, where: Callable[[Column], bool]) -> Mutant:
    def read(cell: Cell, place: Place) -> Cell:
        return cell if where(place.column) else clear_token_clears(cell, place)

    return in_place(clear_token_clears, name, statement, read)


what_never_clears = (
    _never_clears("clear_clears_dates_only", "The token clears dates only.", lambda c: c.kind is not Kind.DATE),
    _never_clears("clear_is_a_label", "The token under the labels is a label.", lambda c: c is SYSTEM_LABEL_NAMES),
    _never_clears("clear_is_a_text", "The token is a text in text columns.", lambda c: c.kind is Kind.TEXT),
    _never_clears("clear_is_no_list", "The token is an item of lists.", lambda c: c.kind is Kind.LIST),
    _never_clears("clear_is_an_identifier", "The token in a sensitive column is a value.", lambda c: c.sensitive),
)


@replace_rule(cells_are_well_formed, breaks=clear_token_clears)
def clear_of_nothing_fails(row: Row) -> tuple[Complaint, ...]:
    """The token on a field that is empty fails."""
    complaints = tuple(
        Complaint("clear_token_clears", column, INVALID)
        for column in COLUMNS
        if column is not SYSTEM_LABEL_NAMES and row.cell(column) is CLEAR
        if row.student is None or not row.student.stored(column)
    )
    return cells_are_well_formed(row) + complaints


booleans_can_be_cleared = drop_rule(
    booleans_cannot_be_cleared,
    "booleans_can_be_cleared",
    "The token empties currently_attending, and brings back.",
)


@replace_rule(booleans_cannot_be_cleared)
def disabled_can_be_cleared(cell: Cell, place: Place) -> Cell:
    """The token under disabled brings a student back."""
    return cell if place.column is DISABLED else booleans_cannot_be_cleared(cell, place)


@replace_rule(booleans_cannot_be_cleared)
def a_cleared_boolean_keeps(cell: Cell, place: Place) -> Cell:
    """The token in a boolean column is overlooked."""
    return KEEP if cell == CLEAR_TOKEN else cell


names_can_be_cleared = drop_rule(
    identity_cannot_be_cleared, "names_can_be_cleared", "The token empties a first or a last name."
)


@replace_rule(identity_cannot_be_cleared)
def a_cleared_name_keeps(cell: Cell, place: Place) -> Cell:
    """The token under a first or a last name is overlooked."""
    return KEEP if cell == CLEAR_TOKEN else cell


@replace_rule(identity_cannot_be_cleared)
def a_cleared_last_name_is_taken(cell: Cell, place: Place) -> Cell:
    """The token empties a last name, though not a first name."""
    malformed = cell == CLEAR_TOKEN and place.column in (*SENSITIVE, FIRST_NAME)
    return Malformed("identity_cannot_be_cleared", BLANK) if malformed else cell


clear_is_a_username = and_replace_rule(
    clear_token_clears,
    lambda cell, place: clear_token_clears(cell, place) if place.column.clearable else cell,
    in_place(
        identity_cannot_be_cleared,
        "clear_is_a_username",
        "The token is a username, or a name, like any other.",
        lambda cell, place: cell,
    ),
)


# Texts.


def _stored_otherwise(name: str, statement: str, change: Callable[[str], str], *where: Column) -> Mutant:
    def read(cell: Cell, place: Place) -> Cell:
        return change(str(cell)) if not where or place.column in where else cell

    return in_place(values_are_verbatim, name, statement, read)


def without_leading_zeros(text: str) -> str:
    """Digits as a spreadsheet shows them."""
    return str(int(text)) if re.fullmatch("[0-9]+", text) else text


def neutralised(text: str) -> str:
    """A text that a spreadsheet does not read as a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


texts_are_trimmed = drop_rule(values_are_verbatim, "texts_are_trimmed", "Texts are trimmed.")
texts_stored_otherwise = (
    _stored_otherwise(
        "texts_are_normalised", "Texts are put into normal form C.", lambda t: unicodedata.normalize("NFC", t)
    ),
    _stored_otherwise("leading_zeros_are_lost", "007 is stored as 7.", without_leading_zeros),
    _stored_otherwise("texts_are_cut", "Texts are cut at 255 characters.", lambda t: t[:255]),
    _stored_otherwise("texts_are_escaped", "Texts are stored as HTML.", lambda t: html.escape(t, quote=False)),
    _stored_otherwise("formulas_are_neutralised", "A text like =1+1 gets an apostrophe in front.", neutralised),
    _stored_otherwise("texts_have_one_line", "Line breaks in a text become spaces.", lambda t: t.replace("\n", " ")),
    _stored_otherwise("texts_end_where_their_white_space_begins", "White space behind a text is lost.", str.rstrip),
    _stored_otherwise("names_are_capitalised", "First names are written Like This.", str.title, FIRST_NAME),
    _stored_otherwise("usernames_are_lower_cased", "Usernames are stored in lower case.", str.lower, USERNAME),
    _stored_otherwise("usernames_are_trimmed", "Usernames are trimmed, other texts are not.", str.strip, USERNAME),
    _stored_otherwise(
        "card_numbers_are_numbers", "Leading zeros of card numbers are lost.", without_leading_zeros, CARD_ID
    ),
    _stored_otherwise(
        "rare_characters_are_lost",
        "Characters beyond the basic plane become question marks.",
        lambda t: "".join("?" if c > "\uffff" else c for c in t),
    ),
)


@replace_rule(values_are_verbatim, breaks=campus_is_known)
def campuses_are_trimmed(cell: Cell, place: Place) -> Cell:
    """White space around a campus is overlooked."""
    return str(cell).strip() if place.column is CAMPUS_NAME else cell


# E-mail addresses.


def addresses_read(name: str, statement: str, normal: Callable[[str], str], valid: Callable[[str], bool]) -> Mutant:
    """An address is made normal, and judged, in another way."""

    def read(cell: Cell, place: Place) -> Cell:
        address = normal(str(cell))
        return address if valid(address) else Malformed("emails_ignore_case", INVALID)

    return in_place(emails_ignore_case, name, statement, read)


def lowered_in_turkish(text: str) -> str:
    """Lower case in Turkish, where I becomes a dotless i."""
    return text.strip().replace("I", "\u0131").lower()


def with_its_local_part_as_typed(text: str) -> str:
    """An address with only its domain in lower case."""
    local, at, domain = text.strip().rpartition("@")
    return local + at + normal_email(domain)


def without_its_tag(text: str) -> str:
    """An address without the +tag in its local part."""
    return re.sub(r"\+[^@]*@", "@", normal_email(text))


addresses_read_otherwise = (
    addresses_read(
        "emails_are_lowered_by_unicode",
        "Capitals beyond A-Z are lowered too.",
        lambda t: t.strip().lower(),
        is_email,
    ),
    addresses_read("emails_are_lowered_in_turkish", "I is lowered to a dotless i.", lowered_in_turkish, is_email),
    addresses_read(
        "local_parts_keep_their_case", "Only the domain ignores case.", with_its_local_part_as_typed, is_email
    ),
    addresses_read("tags_are_dropped", "What follows a + in an address is dropped.", without_its_tag, is_email),
    addresses_read(
        "two_at_signs_are_taken",
        "An address may have several @.",
        normal_email,
        lambda t: "@" in t[1:-1] and " " not in t,
    ),
    addresses_read(
        "spaces_in_addresses_are_taken",
        "An address may have white space inside.",
        normal_email,
        lambda t: is_email("".join(t.split())),
    ),
    addresses_read(
        "addresses_need_a_dot",
        "The domain of an address needs a dot.",
        normal_email,
        lambda t: is_email(t) and "." in t.rpartition("@")[2],
    ),
    addresses_read(
        "addresses_may_lack_a_side",
        "An @ is enough for an address.",
        normal_email,
        lambda t: t.count("@") == 1 and " " not in t,
    ),
    addresses_read(
        "addresses_are_ascii",
        "An address with a character beyond ASCII is malformed.",
        normal_email,
        lambda t: t.isascii() and is_email(t),
    ),
    addresses_read(
        "hidden_characters_are_taken",
        "An address may hold what cannot be seen.",
        normal_email,
        lambda t: is_email(INVISIBLE.sub("", t)) and is_shaped_as_an_email(t),
    ),
    addresses_read(
        "hidden_characters_are_dropped",
        "What cannot be seen is dropped from an address.",
        lambda t: normal_email(INVISIBLE.sub("", t)),
        is_email,
    ),
    addresses_read(
        "only_zero_width_spaces_are_refused",
        "Of what cannot be seen an address may hold all but the zero-width space.",
        normal_email,
        lambda t: "\u200b" not in t and is_email(INVISIBLE.sub("", t)) and is_shaped_as_an_email(t),
    ),
    addresses_read(
        "domains_may_end_with_a_dot",
        "The domain of an address may end with a dot.",
        normal_email,
        lambda t: is_email(t.removesuffix(".")),
    ),
    addresses_read(
        "domains_may_begin_with_a_dot",
        "The domain of an address may begin with a dot.",
        normal_email,
        lambda t: is_email(t.replace("@.", "@")),
    ),
    addresses_read(
        "a_dot_at_the_end_is_dropped",
        "A dot behind an address is dropped.",
        lambda t: normal_email(t).removesuffix("."),
        is_email,
    ),
    addresses_read(
        "two_dots_in_a_row_are_refused",
        "An address with two dots in a row is malformed.",
        normal_email,
        lambda t: is_email(t) and ".." not in t,
    ),
    addresses_read(
        "local_parts_have_no_dot_at_an_end",
        "An address whose local part begins or ends with a dot is malformed.",
        normal_email,
        lambda t: is_email(t) and ".@" not in t and not t.startswith("."),
    ),
    addresses_read(
        "only_spaces_are_trimmed_from_addresses",
        "Other white space than spaces makes an address malformed.",
        lambda t: normal_email(t) if t.strip(" ") == t.strip() else t,
        is_email,
    ),
    addresses_read(
        "addresses_are_not_trimmed",
        "White space around an address makes it malformed.",
        lambda t: normal_email(t) if t == t.strip() else t,
        lambda t: is_email(t) and t == t.strip(),
    ),
)
emails_are_compared_with_case = in_place(
    emails_ignore_case,
    "emails_are_compared_with_case",
    "Addresses are taken as they are typed.",
    emails_are_compared_exactly,
)


@replace_rule(emails_ignore_case)
def assignees_are_compared_with_case(cell: Cell, place: Place) -> Cell:
    """The address of an assignee is compared with case, and then not found among the staff."""
    return cell if place.column is ASSIGNED_TO and is_email(str(cell)) else emails_ignore_case(cell, place)
