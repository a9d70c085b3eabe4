"""Texts: what is stored as it came, and identifiers that only look alike."""

from collections.abc import Iterator

from conformance.cases.edge_cases.building import (
    ADA,
    BEN,
    EMAIL,
    FIRST_NAME,
    HEADER,
    USERNAME,
    EdgeCase,
    but,
    edge_case,
    importing,
    lines,
    quoted,
    with_column,
)

VERBATIM = {  # what a text may be: the text, and what importers make of it
    "formula": ("=1+1", "An apostrophe or a blank is put in front, or it is computed."),
    "formula_with_a_plus": ("+1+1", "An apostrophe or a blank is put in front, or the plus is lost."),
    "formula_with_a_minus": ("-1+1", "An apostrophe or a blank is put in front."),
    "formula_with_an_at_sign": ("@SUM(1;1)", "An apostrophe or a blank is put in front."),
    "formula_behind_a_tab": ("\t=1+1", "The tab is trimmed, or an apostrophe is put in front."),
    "formula_that_calls": ("=cmd|' /C calc'!A0", "An apostrophe or a blank is put in front."),
    "formula_with_a_link": ('=HYPERLINK("http://mail.example";"Ada")', "An apostrophe is put in front."),
    "lone_equals_sign": ("=", "An apostrophe is put in front."),
    "lone_minus": ("-", "The text is taken for a blank one."),
    "apostrophe_in_front": ("'007", "The apostrophe is taken off, as spreadsheets do."),
    "hebrew": ("\u05d0\u05d3\u05d4", "The letters are turned round, or replaced."),
    "arabic_with_marks": ("\u0645\u064f\u062d\u064e\u0645\u064e\u0651\u062f", "The marks are dropped."),
    "right_to_left_override": ("Ada \u202eeeB\u202c", "The character is dropped as dangerous."),
    "isolates": ("\u2067\u05d0\u05d3\u05d4\u2069 Ada", "The characters are dropped as dangerous."),
    "composed_accent": ("Ren\u00e9", "The text is taken apart (NFD)."),
    "combining_accent": ("Rene\u0301", "The text is put together (NFC)."),
    "accents_in_another_order": ("a\u0323\u0307 a\u0307\u0323", "The marks are put in order, as normal forms do."),
    "hangul_in_parts": ("\u1112\u1161\u11ab", "The syllable is put together (NFC)."),
    "ligature": ("Je\ufb00", "The ligature is taken apart (NFKC)."),
    "full_width_letters": ("\uff21\uff44\uff41", "The letters are made narrow (NFKC)."),
    "angstrom_sign": ("\u212bsa", "The sign becomes the letter (NFC)."),
    "sharp_s": ("Stra\u00dfe", "The letter becomes two, where capitals are folded."),
    "dotted_capital_i": ("\u0130da", "The letter is lower-cased to two characters."),
    "family_of_joined_characters": ("\U0001f469\u200d\U0001f393", "The joiner is dropped, and two pictures are left."),
    "flag_of_two_letters": ("\U0001f1e9\U0001f1f0", "The characters beyond the basic plane are replaced."),
    "variation_selector": ("\u2764\ufe0f", "The selector is dropped."),
    "zero_width_space_inside": ("A\u200bda", "The character is dropped because nobody sees it."),
    "zero_width_space_around": ("\u200bAda\u200b", "The characters are trimmed."),
    "soft_hyphen_inside": ("A\u00adda", "The character is dropped because nobody sees it."),
    "no_break_space_inside": ("Ada\u00a0Bee", "The space becomes an ordinary one."),
    "no_break_spaces_around": ("\u00a0Ada\u00a0", "The spaces are trimmed."),
    "ideographic_space_around": ("\u3000Ada\u3000", "The spaces are trimmed."),
    "blanks_around": (" Ada ", "The blanks are trimmed."),
    "blank_behind": ("Ada ", "The blank is lost, as in databases with texts of a fixed width."),
    "two_blanks_inside": ("Ada  Bee", "Two blanks become one."),
    "tab_inside": ("Ada\tBee", "The tab becomes a blank, or separates."),
    "escape_character": ("Ada\x1b[31m", "The control character is dropped."),
    "control_character": ("Ada\x01", "The control character is dropped."),
    "delete_character": ("Ada\x7f", "The control character is dropped."),
    "leading_zeros": ("007", "The text is taken for a number, and is 7 then."),
    "number_with_a_point": ("1.0", "The text is taken for a number, and is 1 then."),
    "number_with_an_exponent": ("1e5", "The text is taken for a number, and is 100000 then."),
    "number_beyond_precision": ("12345678901234567890", "The text is taken for a number, and loses its last digits."),
    "number_with_a_comma": ("1,000", "The comma is lost, or separates."),
    "hexadecimal_number": ("0x1F", "The text is taken for a number."),
    "word_true": ("TRUE", "The text is taken for a boolean."),
    "word_null": ("NULL", "The text is taken for nothing."),
    "word_none": ("None", "The text is taken for nothing."),
    "word_nan": ("NaN", "The text is taken for a number that is none."),
    "word_undefined": ("undefined", "The text is taken for nothing."),
    "not_available": ("N/A", "The text is taken for nothing."),
    "word_like_a_month": ("MARCH1", "The text is taken for a date, as spreadsheets do."),
    "what_looks_like_a_date": ("1/2/2016", "The text is taken for a date."),
    "markup": ("<b>Ada</b> &amp; Bee", "The text is escaped, or its markup dropped."),
    "statement_of_a_database": ("Robert'); DROP TABLE students;--", "The text ends up in a statement."),
    "written_escapes": ("Ada\\nBee\\u0041\\x00", "The escapes are read, and become other characters."),
    "placeholders": ("%s {0} ${Ada} {{Bee}}", "The text is used as a pattern."),
    "percent_escapes": ("Ada%20Bee+C", "The escapes are read as those of an address."),
    "item_separator": ("Ada;Bee", "A text that is no list is split."),
    "clear_token_in_capitals_only": ("CLEAR", "The text is taken for the clear token."),
    "clear_token_in_lower_case": ("**clear**", "The text is taken for the clear token."),
    "clear_token_with_blanks": (" **CLEAR** ", "The text is trimmed and taken for the clear token."),
}
PAIRS = {  # identifiers that are not the same
    "leading_zeros": ("7", "007"),
    "numbers_of_equal_value": ("1", "1.0"),
    "capitals": ("abc", "ABC"),
    "accents": ("Rene", "Ren\u00e9"),
    "normal_forms": ("Ren\u00e9", "Rene\u0301"),
    "blanks_behind": ("1007", "1007 "),
    "blanks_in_front": ("1007", " 1007"),
    "no_break_spaces": ("1007", "1007\u00a0"),
    "zero_width_spaces": ("1007", "10\u200b07"),
    "full_width_digits": ("1007", "\uff11\uff10\uff10\uff17"),
    "digits_of_another_script": ("1007", "\u0661\u0660\u0660\u0667"),
    "sharp_s": ("strasse", "stra\u00dfe"),
    "letters_of_another_script": ("ape", "\u0430\u0440\u0435"),
    "quotes": ("1007", '"1007"'),
}


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    for name, (text, wrong) in VERBATIM.items():
        words = f"{'An' if name[0] in 'aeiou' else 'A'} {name.replace('_', ' ')}"
        title = f"{words} is a text, and stored as it came."
        file = lines(HEADER, but(ADA, FIRST_NAME, written(text)))
        yield edge_case(f"text_of_{name}", "values_are_verbatim", title, wrong, file)
    yield from alike()
    yield from said_again()


def written(text: str) -> str:
    """A text as it stands in a file: in quotes where it needs them."""
    return quoted(text) if any(character in text for character in '",\r\n') else text


def alike() -> Iterator[EdgeCase]:
    """Identifiers that only look alike are those of two students."""
    for name, (one, other) in PAIRS.items():
        words = name.replace("_", " ")
        first, second = but(ADA, USERNAME, written(one)), but(BEN, USERNAME, written(other))
        yield edge_case(
            f"usernames_that_differ_in_{name}",
            "values_are_verbatim",
            f"Two usernames of one file that differ in {words} are two.",
            "They are taken for the same one, and both rows fail.",
            lines(HEADER, first, second),
        )
        yield edge_case(
            f"student_looked_up_with_other_{name}",
            "username_is_looked_up_first",
            f"A username that differs in {words} finds nobody, and the very same finds its student.",
            "The student with the similar username is found, and updated with somebody else's data.",
            lines(HEADER, first),
            lines(HEADER, second),
            importing(lines(HEADER, but(first, EMAIL, "ada@mail.example")), sensitive=True),
        )


def said_again() -> Iterator[EdgeCase]:
    """What differs only in a way that some comparisons overlook is a change."""
    for name, (one, other) in PAIRS.items():
        yield edge_case(
            f"name_changed_in_{name}",
            "values_replace",
            f"A name that changes in {name.replace('_', ' ')} only is updated.",
            "Old and new name are taken for equal, and the old one stays.",
            lines(HEADER, but(ADA, FIRST_NAME, written(one))),
            lines(HEADER, but(ADA, FIRST_NAME, written(other))),
        )
    yield edge_case(
        "card_numbers_that_differ_in_leading_zeros",
        "values_are_verbatim",
        "Two card numbers of one file that differ in leading zeros are two.",
        "They are taken for the same number, and both rows fail.",
        with_column("card_id", (ADA, "7"), (BEN, "007")),
    )
    yield edge_case(
        "card_number_changed_in_leading_zeros",
        "sensitive_fields_need_the_setting",
        "A card number that gains zeros is another one, and needs the setting.",
        "The two are taken for equal, and the row is applied.",
        with_column("card_id", (ADA, "7")),
        with_column("card_id", (ADA, "007")),
        importing(with_column("card_id", (ADA, "007")), sensitive=True),
    )
