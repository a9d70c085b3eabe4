"""Texts that importers take for others, change, cut or lose: by what their database, language or habit does.

Pairs of texts are equal somewhere; single ones are nothing, numbers or other values somewhere. The edge cases ask for
each of them, one by one; histories of the search are about a pair, or come to the others among the edge values.
"""

from collections.abc import Sequence

Pair = tuple[str, str]

EQUAL_SOMEWHERE = {  # what two texts differ in: the two
    "accents": ("Zoe", "Zo\u00eb"),
    "accents_of_cyrillic": ("\u041d\u0438\u043a", "\u041d\u0439\u043a"),
    "strokes": ("Soren", "S\u00f8ren"),
    "capitals": ("zoe", "ZOE"),
    "capitals_beyond_ascii": ("\u00e9va", "\u00c9va"),
    "blanks_behind": ("Zoe", "Zoe "),
    "kinds_of_kana": ("\u304b\u306a", "\u30ab\u30ca"),
    "half_width_kana": ("\u30ab\u30ca", "\uff76\uff85"),
    "full_width_letters": ("Zoe1", "\uff3a\uff4f\uff451"),
    "sharp_s": ("Weiss", "Wei\u00df"),
    "dotless_i": ("Isik", "Is\u0131k"),
    "dotted_capital_i": ("Ilker", "\u0130lker"),
    "ligatures": ("Aesop", "\u00c6sop"),
    "final_sigma": ("\u03bf\u03c3", "\u03bf\u03c2"),
    "emoji": ("Zoe\U0001f363", "Zoe\U0001f37a"),
    "what_follows_an_emoji": ("Zoe\U0001f3931", "Zoe\U0001f3932"),
    "letters_beyond_latin_1": ("\u0416oe", "\u0429oe"),
    "joiners": ("Zoe", "Z\u200doe"),
    "soft_hyphens": ("Zoe", "Zo\u00ade"),
    "control_characters": ("Zoe", "Zoe\x01"),
    "hyphens": ("coop", "co-op"),
    "normal_forms": ("Zo\u00eb", "Zoe\u0308"),
    "character_192": ("z" * 191 + "1", "z" * 191 + "2"),
    "character_256": ("z" * 255 + "1", "z" * 255 + "2"),
    "character_769": ("z" * 768 + "1", "z" * 768 + "2"),
}
NEARLY_YEARS = {  # what differs from a listed year in what a collation overlooks
    "accent": "Al\u00famni",
    "combining_accent": "Alu\u0301mni",
    "dotless_i": "Alumn\u0131",
    "full_width_letter": "\uff21lumni",
    "joiner": "Alu\u200dmni",
    "letter_of_another_script": "\u0391lumni",
    "blank": "Gap  Year",
    "no_break_space": "Gap\u00a0Year",
    "hyphen": "Gap-Year",
}
NORMALISED = {  # what one is made the other in: the two
    "curly_apostrophes": ("O'Neil", "O\u2019Neil"),
    "accents_for_apostrophes": ("O'Neil", "O\u00b4Neil"),
    "missing_apostrophes": ("ONeil", "O'Neil"),
    "doubled_apostrophes": ("O'Neil", "O''Neil"),
    "backslashes": ("O'Neil", "O\\'Neil"),
    "curly_quotes": ('Zoe "Z"', "Zoe \u201cZ\u201d"),
    "quotes_around": ("Zoe", '"Zoe"'),
    "apostrophes_around": ("Zoe", "'Zoe'"),
    "dashes": ("Zoe-Z", "Zoe\u2013Z"),
    "hyphens_that_do_not_break": ("Zoe-Z", "Zoe\u2011Z"),
    "two_hyphens": ("Zoe\u2014Z", "Zoe--Z"),
    "dots_of_an_ellipsis": ("Zoe...", "Zoe\u2026"),
    "no_break_spaces": ("Zoe Z", "Zoe\u00a0Z"),
    "narrow_spaces": ("Zoe Z", "Zoe\u202fZ"),
    "number_of_spaces": ("Zoe Z", "Zoe  Z"),
    "percent_escapes": ("Zoe Z", "Zoe%20Z"),
    "plus_for_a_space": ("Zoe Z", "Zoe+Z"),
    "underscores_for_spaces": ("Zoe Z", "Zoe_Z"),
    "markup": ("Zoe", "<b>Zoe</b>"),
    "emphasis": ("Zoe", "*Zoe*"),
    "capitals_of_a_mac": ("Mcdonald", "McDonald"),
    "capitals_of_particles": ("de la Cruz", "De La Cruz"),
    "capitals_behind_an_apostrophe": ("O'neil", "O'Neil"),
    "capitals_behind_a_hyphen": ("Anne-marie", "Anne-Marie"),
    "capitals_throughout": ("Byron", "BYRON"),
    "titles": ("Zoe", "Dr. Zoe"),
    "degrees": ("Zoe", "Zoe PhD"),
    "suffixes": ("Zoe", "Zoe Jr."),
    "points_behind_initials": ("J R", "J. R."),
    "order_of_names": ("Ada Byron", "Byron, Ada"),
    "emoji_behind": ("Zoe", "Zoe\U0001f393"),
    "smileys": ("Zoe \U0001f642", "Zoe :)"),
    "signs_for_words": ("Zoe and Z", "Zoe & Z"),
    "umlauts_for_two_letters": ("Mueller", "M\u00fcller"),
    "letters_beyond_ascii": ("Lukasz", "\u0141ukasz"),
    "escapes_of_unicode": ("Zo\u00eb", "Zo\\u00eb"),
    "wrongly_decoded_letters": ("Zo\u00eb", "Zo\u00c3\u00ab"),
}
ENTITIES = {  # what stands for another character in HTML
    "ampersand": "R&amp;D",
    "letter": "Zo&euml;",
    "number": "O&#39;Neil",
    "space": "Zoe&nbsp;Z",
    "bracket": "&lt;Zoe&gt;",
    "none": "R&D",
}
GMAIL, OTHER = "gmail.com", "mail.example"
ADDRESSES_OF_ONE_PERSON = {  # addresses that reach one person at some providers, named by what they differ in
    "dots_at_gmail": (f"ada.byron@{GMAIL}", f"adabyron@{GMAIL}"),
    "tags_at_gmail": (f"ada@{GMAIL}", f"ada+uni@{GMAIL}"),
    "names_of_gmail": (f"ada@{GMAIL}", "ada@googlemail.com"),
    "dots_elsewhere": (f"ada.byron@{OTHER}", f"adabyron@{OTHER}"),
    "tags_elsewhere": (f"ada@{OTHER}", f"ada+uni@{OTHER}"),
    "tags_behind_a_hyphen": ("ada@yahoo.com", "ada-uni@yahoo.com"),
    "names_of_proton": ("ada@protonmail.com", "ada@pm.me"),
    "names_of_microsoft": ("ada@hotmail.com", "ada@outlook.com"),
    "punycode": ("ada@m\u00fcnchen.example", "ada@xn--mnchen-3ya.example"),
    "curly_apostrophes_of_names": (f"o'neil@{OTHER}", f"o\u2019neil@{OTHER}"),
    "quotes_around_names": (f"ada@{OTHER}", f'"ada"@{OTHER}'),
    "percent_escapes_of_names": (f"ada_b@{OTHER}", f"ada%5fb@{OTHER}"),
    "brackets_around_addresses": (f"ada@{OTHER}", f"<ada@{OTHER}>"),
    "schemes": (f"ada@{OTHER}", f"mailto:ada@{OTHER}"),
    "names_of_hosts": (f"ada@{OTHER}", f"ada@www.{OTHER}"),
    "comments": (f"ada@{OTHER}", f"ada(uni)@{OTHER}"),
    "slips_of_the_pen": ("ada@gmail.com", "ada@gmial.com"),
}
MOBILES_OF_ONE_PHONE = {  # mobile numbers that call the same phone, named by what they differ in
    "zeros_for_a_plus": ("+45123456", "0045123456"),
    "country": ("45123456", "+45123456"),
    "zero_of_the_country": ("+44712345", "+440712345"),
    "national_zero": ("712345", "0712345"),
}
CAMPUSES_OF_ONE_NAME = {  # campuses that mean the same to people, named by what they differ in
    "word_behind_it": ("Main", "Main Campus"),
    "article_in_front": ("Quay", "The Quay"),
    "sign_for_a_word": ("Arts & Law", "Arts and Law"),
    "point_of_a_saint": ("St Mary", "St. Mary"),
    "letters_at_its_end": ("Main", "Mai"),
    "curly_apostrophe": ("King's", "King\u2019s"),
}
MEANT_YEARS = {  # what people write for a listed year
    "beginning_alone": "Bachelor 1st year",
    "number_as_a_word": "Bachelor First year or equivalent",
    "number_alone": "Bachelor 1 year or equivalent",
    "abbreviation": "MBA",
    "singular": "Alumnus",
    "synonym": "PhD",
    "other_capitals": "Gap year",
    "slip_of_the_pen": "Alunmi",
    "words_of_the_other_vocabulary": "Freshman",
}
NEARLY_TOKENS = {  # what is like the clear token
    "full_width_asterisks": "\uff0a\uff0aCLEAR\uff0a\uff0a",
    "other_asterisks": "\u2217\u2217CLEAR\u2217\u2217",
    "backslashes": "\\*\\*CLEAR\\*\\*",
    "emphasis": "<b>CLEAR</b>",
    "zero_width_space": "**CLEAR**\u200b",
    "one_asterisk": "*CLEAR*",
    "quotes": "'**CLEAR**'",
}
WORDS = {  # texts that are nothing, true or false somewhere: the text, and to whom
    "zero": ("0", "PHP, and every test for truth of a number, takes it for nothing."),
    "two_zeros": ("00", "It is taken for a number, and that for nothing."),
    "zero_with_a_point": ("0.0", "It is taken for a number, and that for nothing."),
    "minus_zero": ("-0", "It is taken for a number, and becomes 0."),
    "false": ("false", "It is taken for a boolean, and that for nothing."),
    "false_in_capitals": ("FALSE", "It is taken for a boolean, and that for nothing."),
    "null": ("null", "JSON and YAML take it for nothing."),
    "tilde": ("~", "YAML takes it for nothing."),
    "none": ("None", "Python's word for nothing is taken for nothing."),
    "nil": ("nil", "Ruby's word for nothing is taken for nothing."),
    "nan": ("NaN", "It is taken for a number that is none, and that for nothing."),
    "undefined": ("undefined", "JavaScript's word for nothing is taken for nothing."),
    "not_available": ("N/A", "Spreadsheets and pandas take it for nothing."),
    "na": ("NA", "R and pandas take it for nothing."),
    "error_of_a_spreadsheet": ("#N/A", "Spreadsheets and pandas take it for nothing."),
    "backslash_n": ("\\N", "MySQL and PostgreSQL load it as nothing."),
    "dash": ("-", "It is taken for an empty cell."),
    "two_dashes": ("--", "It is taken for an empty cell."),
    "point": (".", "Statistics programs take it for nothing."),
    "no": ("no", "YAML takes it for false."),
    "infinity": ("Infinity", "It is taken for a number."),
    "empty_list": ("[]", "It is read as JSON, and is an empty list then."),
    "empty_object": ("{}", "It is read as JSON, and is an empty object then."),
    "empty_quotes": ("''", "The quotes are taken off, and nothing is left."),
}
NUMBERS = {  # texts that are equal as numbers, named by what they differ in
    "zeros_in_front": ("7", "007"),
    "number_of_zeros": ("0", "00"),
    "trailing_zeros": ("1", "1.0"),
    "exponents": ("1000", "1e3"),
    "capital_exponents": ("1e3", "1E3"),
    "exponents_of_zero": ("0e1234", "0e5678"),
    "exponents_that_overflow": ("1e400", "1e401"),
    "exponents_that_underflow": ("1e-400", "0"),
    "hexadecimal_digits": ("16", "0x10"),
    "octal_digits": ("8", "0o10"),
    "underscores": ("1000", "1_000"),
    "grouping_commas": ("1000", "1,000"),
    "plus_signs": ("5", "+5"),
    "signs_of_zero": ("0", "-0"),
    "zeros_in_front_of_a_point": ("0.5", ".5"),
    "digit_17": ("90071992547409921", "90071992547409922"),
    "digit_20": ("12345678901234567890", "12345678901234567891"),
    "digits_of_another_script": ("1007", "\u0661\u0660\u0660\u0667"),
    "words_for_numbers": ("1", "true"),
    "words_for_zero": ("0", "null"),
}
LONG_MOBILES = {  # digits that are more than a number
    "zero": "0",
    "zeros_in_front": "0045123456",
    "plus_and_zeros": "+0045123456",
    "30_digits": "123456789012345678901234567890",
    "plus_and_17_digits": "+90071992547409921",
}
CALENDARS = {  # days that depend on the calendar: the day, and what goes wrong
    "end_of_the_julian_calendar": ("1582-10-04", "Java and SQL have another calendar before it, and the day moves."),
    "day_left_out_in_1582": ("1582-10-10", "The day is refused or moves, for no Julian calendar has it."),
    "begin_of_the_gregorian_calendar": ("1582-10-15", "The day before it is ten days earlier."),
    "day_left_out_in_1752": ("1752-09-08", "The day is refused or moves, for no British calendar has it."),
    "begin_of_the_british_calendar": ("1752-09-14", "The day before it is eleven days earlier."),
    "march_1_of_1500": ("1500-03-01", "The day moves, for 1500 leaps in the Julian calendar."),
    "march_1_of_1700": ("1700-03-01", "The day moves, for 1700 leaps in the Julian calendar."),
    "march_1_of_1900": ("1900-03-01", "Excel has a day more before it, and the day moves."),
    "march_1_of_2100": ("2100-03-01", "Every fourth year is taken to leap."),
    "leap_day_of_1600": ("1600-02-29", "The day is refused or moves, for no century is taken to leap."),
    "leap_day_of_1712": ("1712-02-29", "The Swedish calendar of that year is meant to matter."),
    "middle_ages": ("1066-10-14", "The day moves to the one that it was called then."),
    "second_day": ("0001-01-02", "The day before it, the first one, is taken for nothing."),
    "last_day_but_one": ("9999-12-30", "The day after it, the last one, is taken for nothing or for ever."),
    "year_of_two_digits": ("0016-01-02", "The year is taken for 1916 or 2016."),
    "year_69": ("0069-06-15", "The year is taken for 1969 or 2069."),
    "end_of_the_first_century": ("0099-12-31", "The year is taken for 1999."),
    "first_day_of_mysql": ("1000-01-01", "The day before it is refused or becomes nothing."),
    "first_day_of_sql_server": ("1753-01-01", "The day before it is refused or becomes nothing."),
    "first_nanosecond": ("1677-09-22", "Days that do not fit into nanoseconds become nothing."),
    "last_nanosecond": ("2262-04-11", "Days that do not fit into nanoseconds become nothing."),
    "zero_of_excel": ("1899-12-31", "Days are counted from it, and it is taken for nothing."),
    "zero_of_delphi": ("1899-12-30", "Days are counted from it, and it is taken for nothing."),
    "first_day_of_excel": ("1900-01-01", "The day is moved by one, or the day before it is refused."),
    "zero_of_the_macintosh": ("1904-01-01", "Days are counted from it, and it is taken for nothing."),
    "first_second_of_32_bits": ("1901-12-14", "The day before it does not fit, and is another one."),
    "last_second_of_32_bits": ("2038-01-19", "The day after it does not fit, and is another one."),
    "last_unsigned_second": ("2106-02-07", "The day after it does not fit, and is another one."),
    "last_small_day_of_sql_server": ("2079-06-06", "The day after it is refused."),
    "gap_in_short_years": ("1950-01-01", "The year is written with two digits on its way, and read as 2050."),
    "hundred_years_ago": ("1915-06-15", "The year is written with two digits on its way, and read as 2015."),
}
CLOCKS = {  # days that depend on a clock: the day, and what goes wrong
    "epoch": ("1970-01-01", "The number of its seconds is 0, and it is taken for nothing."),
    "day_before_the_epoch": ("1969-12-31", "Its number is -1, which is taken for an error, or is rounded up."),
    "day_long_before_the_epoch": ("1968-06-30", "A negative number of seconds is rounded the wrong way."),
    "begin_of_summer_time_in_europe": ("2016-03-27", "A day of 23 hours makes it the day before."),
    "end_of_summer_time_in_europe": ("2016-10-30", "A day of 25 hours makes it the day before or the day after."),
    "summer_in_europe": ("2016-07-01", "It is midnight in summer time, and the day before without it."),
    "begin_of_summer_time_in_america": ("2016-03-13", "A day of 23 hours makes it the day before."),
    "end_of_summer_time_in_america": ("2016-11-06", "A day of 25 hours makes it the day before or the day after."),
    "day_without_midnight_in_brazil": ("2018-11-04", "It begins at one there, and is refused or moves."),
    "day_without_midnight_in_chile": ("2019-09-08", "It begins at one there, and is refused or moves."),
    "day_without_midnight_in_cuba": ("2018-03-11", "It begins at one there, and is refused or moves."),
    "day_left_out_in_samoa": ("2011-12-30", "There is no such day there, and it is refused or moves."),
    "day_left_out_in_kiribati": ("1994-12-31", "There is no such day there, and it is refused or moves."),
    "day_twice_in_alaska": ("1867-10-18", "There are two of them there, and it moves."),
    "five_minutes_in_shanghai": ("1928-01-01", "The clock went back there, and it moves."),
    "time_of_the_railways": ("1883-11-18", "The clock went back in America, and it moves."),
    "double_summer_time": ("1945-07-15", "It is midnight in double summer time, and the day before without it."),
    "leap_second": ("2017-01-01", "The second before it is the 61st of its minute."),
    "new_years_day": ("2016-01-01", "It is the year before in a zone west of Greenwich, or by the week's year."),
    "week_of_the_next_year": ("2018-12-31", "The year of its week is written, which is 2019."),
    "leap_day": ("2016-02-29", "It moves to March 1, or the day before it."),
}
NO_DAYS = {  # days that are none: the text, and what goes wrong
    "leap_day_of_1500": ("1500-02-29", "The Julian calendar has the day."),
    "leap_day_of_1700": ("1700-02-29", "The Julian calendar has the day."),
    "leap_day_of_the_year_100": ("0100-02-29", "The Julian calendar has the day."),
    "leap_day_of_2100": ("2100-02-29", "Every fourth year is taken to leap."),
    "february_30_of_1712": ("1712-02-30", "The Swedish calendar had the day."),
}
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"  # five code points, which look like one character
COURSES_THAT_FIT = {  # courses of 255 code points or little less: what they are made of, in words; the course
    "two_bytes_each": ("letters of two bytes each", "\u00e9" * 255),
    "three_bytes_each": ("letters of three bytes each", "\u4e00" * 255),
    "four_bytes_each": ("characters beyond the basic plane", "\U0001f393" * 255),
    "combining_accents": ("letters with combining accents", "e\u0301" * 127 + "e"),
    "joined_characters": ("characters that are joined to one picture", FAMILY * 51),
    "flags": ("flags of two letters each", "\U0001f1e9\U0001f1f0" * 127),
    "syllables_in_parts": ("syllables in three parts", "\u1112\u1161\u11ab" * 85),
    "ligatures": ("ligatures, which stand for two letters", "\ufb01" * 255),
    "letters_that_nfc_takes_apart": ("letters that normalisation takes apart", "\u0958" * 255),
    "composed_accents": ("composed letters, which are two code points taken apart", "\u1e69" * 255),
}
COURSES_TOO_LONG = {  # courses of more than 255 code points
    "combining_accents": ("letters with combining accents", "e\u0301" * 128),
    "joined_characters": ("characters that are joined to one picture", FAMILY * 52),
    "flags": ("flags of two letters each", "\U0001f1e9\U0001f1f0" * 128),
    "syllables_in_parts": ("syllables in three parts", "\u1112\u1161\u11ab" * 86),
    "zero_width_spaces": ("spaces that nobody sees", "a" + "\u200b" * 254 + "a"),
    "variation_selectors": ("hearts with a variation selector", "\u2764\ufe0f" * 128),
}
WIDTHS = (20, 30, 32, 40, 50, 64, 80, 100, 128, 150, 191, 254, 255, 256, 320, 500, 512, 1000, 1024)
GREAT_WIDTHS = (2000, 4000, 8000, 16_383, 32_767, 65_535)
RESPONSE = '{"success":false,"errors":"too short"}'
LAST_TWO = {  # the last two cells of a row that is too short for its header: in words, the cells
    "and_no_json": ("failed and what only begins like a response", ("failed", "{not JSON")),
    "and_a_brace": ("failed and a brace", ("failed", "{")),
    "and_nothing": ("failed and nothing", ("failed", "")),
    "and_words": ("failed and a reason in words", ("failed", "the year is missing")),
    "and_a_json_list": ("failed and a list of JSON", ("failed", "[]")),
    "and_a_blank_in_front": ("failed and a response behind a blank", ("failed", f" {RESPONSE}")),
    "with_a_capital": ("Failed with a capital, and a response", ("Failed", RESPONSE)),
    "in_capitals": ("FAILED in capitals, and a response", ("FAILED", RESPONSE)),
    "behind_a_blank": ("failed behind a blank, and a response", (" failed", RESPONSE)),
    "in_front_of_a_blank": ("failed with a blank behind it, and a response", ("failed ", RESPONSE)),
    "as_another_word": ("another status and a response", ("error", RESPONSE)),
    "as_nothing": ("no status and a response", ("", RESPONSE)),
    "changing_places": ("a response and failed", (RESPONSE, "failed")),
}
OWN_TWO = {  # the last two cells of a row that is as wide as its header, and fails for its date
    "words": ("two words", ("sent", "on Monday")),
    "nothing": ("nothing", ("", "")),
    "another_status": ("another status", ("ok", RESPONSE)),
    "a_status_in_capitals": ("a status in capitals", ("FAILED", RESPONSE)),
    "a_response_in_words": ("a response in words", ("failed", "wrong date")),
}
NEARLY_STATUS = {  # the last columns of a header that are nearly the two: in words, the headers
    "capitals": ("in capitals", ("Status", "Response")),
    "places_changed": ("in the other order", ("response", "status")),
    "column_behind": ("with a column behind them", ("status", "response", "note")),
    "column_between": ("with a column between them", ("status", "note", "response")),
    "status_alone": ("of which only the status is there", ("note", "status")),
    "response_alone": ("of which only the response is there", ("note", "response")),
    "blanks_around": ("with blanks around them", (" status", "response ")),
    "twice": ("that are there twice", ("status", "response", "status", "response")),
}
SEPARATORS = {  # what importers write between the cells of a row before they compare it, or hash it
    "nothing": "",
    "comma": ",",
    "comma_and_blank": ", ",
    "semicolon": ";",
    "tab": "\t",
    "blank": " ",
    "line_feed": "\n",
    "pipe": "|",
    "two_pipes": "||",
    "hyphen": "-",
    "underscore": "_",
    "colon": ":",
    "two_colons": "::",
    "slash": "/",
    "number_sign": "#",
    "unit_separator": "\x1f",
    "quotes_and_comma": '","',
}
EQUAL_CHECKSUMS = {  # names that weak checksums take for equal: the checksum, one, the other
    "crc32": ("CRC-32", "plumless", "buckeroo"),
    "adler32": ("Adler-32", "bcb", "cac"),
    "java_hash": ("the hash of Java's texts", "AaAa", "BBBB"),
    "hash_of_33": ("a hash that multiplies by 33", "az", "bY"),
    "sum_of_bytes": ("a sum of bytes", "ad", "bc"),
    "letters_in_another_order": ("an exclusive or of bytes", "amy", "may"),
    "length": ("the length of the row", "Amy", "Eve"),
}

# What a history of the search is about: two texts, of which some importers make one.

TEXTS: Sequence[Pair] = (*EQUAL_SOMEWHERE.values(), *NORMALISED.values(), *((text, "R") for text in ENTITIES.values()))
NUMERALS: Sequence[Pair] = tuple(NUMBERS.values())
PEOPLE: Sequence[Pair] = tuple(ADDRESSES_OF_ONE_PERSON.values())
CHECKSUMS: Sequence[Pair] = tuple((one, other) for _, one, other in EQUAL_CHECKSUMS.values())
NOTHINGS: Sequence[Pair] = tuple((text, "x") for text, _ in WORDS.values())
SIZES: Sequence[Pair] = tuple((f"{'z' * width}1", f"{'z' * width}2") for width in WIDTHS)
LISTS: Sequence[Pair] = tuple(
    (";".join(map(str, range(number))), ";".join(map(str, range(number + 1)))) for number in (50, 100, 130)
)
KINDS = {  # what the two texts of a history are, in words
    "texts that a database takes for one": TEXTS,
    "numbers written otherwise": NUMERALS,
    "addresses of one person": PEOPLE,
    "checksums that are equal": CHECKSUMS,
    "words for nothing": NOTHINGS,
    "texts as wide as a column": SIZES,
    "long lists": LISTS,
}
DAYS = tuple(day for day, _ in (*CALENDARS.values(), *CLOCKS.values()))


def kind_of(twins: Sequence[str]) -> str | None:
    """What the two texts of a history are, in words; None where it is about none."""
    return next((kind for kind, pairs in KINDS.items() if tuple(twins) in pairs), None)


def twin_of(text: str, twins: Sequence[str]) -> str | None:
    """The same text with one of two twins in place of the other, if either is in it: as a whole, or as an item."""
    if len(twins) < 2:
        return None
    one, other = twins
    if text in twins:
        return other if text == one else one
    items = text.split(";")
    changed = [{one: other, other: one}.get(item, item) for item in items]
    return ";".join(changed) if changed != items else None
