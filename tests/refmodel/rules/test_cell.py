"""Cells: what each text says in each kind of column."""

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmodel.cell import CLEAR, KEEP, Cell, Malformed, calendar_date, normal_email
from refmodel.columns import BY_HEADER, COLUMNS, Column
from refmodel.job import DateFormat
from refmodel.rules.cell import decoder, remembering
from refmodel.ruleset import STANDARD, Ruleset
from refmodel.value_lists import LEVELS, YEARS, Vocabulary
from tests.support.strategies import bounded
from tests.support.world_builder import ATTENDING, END, LABELS, MAJORS, START, without

WHITE_SPACE = [
    *map(chr, [*range(0x09, 0x0E), *range(0x1C, 0x20), 0x20, 0x85, 0xA0, 0x1680]),
    *map(chr, [*range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000]),
]
NOT_WHITE_SPACE = ["\u200b", "\ufeff", "\u180e", "\u2060", "\x08", "\x1b", "\x7f", "\u200e"]
CLEARABLE = [column.header for column in COLUMNS if column.clearable]
NEAR_MISSES = ["CLEAR", "**clear**", " **CLEAR**", "**CLEAR** ", "*CLEAR*", "** CLEAR **", "**CLEAR**\n"]


def read(
    header: str,
    text: str,
    dates: DateFormat = "yyyy-mm-dd",
    vocabulary: Vocabulary = "eu",
    ruleset: Ruleset = STANDARD,
) -> Cell:
    """What a text says in a column."""
    return decoder(BY_HEADER[header], vocabulary, dates, ruleset)(text)


def message(cell: Cell) -> str:
    """Why a cell is malformed."""
    assert isinstance(cell, Malformed)
    return cell.message


def is_malformed(cell: Cell, rule: str) -> bool:
    """Whether a cell is malformed, and for that reason."""
    return isinstance(cell, Malformed) and cell.rule == rule


class TestBlank:
    """A cell that is empty or white space only says nothing, but for the labels."""

    @pytest.mark.parametrize("text", ["", *WHITE_SPACE, "".join(WHITE_SPACE)])
    def test_white_space_keeps(self, text: str) -> None:
        """Every character of the list counts as white space, in every column."""
        for column in COLUMNS:
            assert read(column.header, text) is (CLEAR if column.header == LABELS else KEEP)

    @pytest.mark.parametrize("text", NOT_WHITE_SPACE)
    def test_nothing_else_is_white_space(self, text: str) -> None:
        """Characters that are invisible and not on the list are a value."""
        assert read("gender", text) == text
        assert read(LABELS, text) == frozenset({text})

    def test_left_out_blanks_clear(self) -> None:
        """Without the rules about blanks, a blank cell empties its field."""
        assert read("gender", " ", ruleset=without("blank_keeps")) is CLEAR
        assert read(LABELS, " ", ruleset=without("blank_labels_clear")) is KEEP


class TestClearToken:
    """Exactly the token clears, where clearing is possible."""

    @pytest.mark.parametrize("header", CLEARABLE)
    def test_the_token_clears(self, header: str) -> None:
        """The token empties every column that can be emptied."""
        assert read(header, "**CLEAR**") is CLEAR

    @pytest.mark.parametrize("text", NEAR_MISSES)
    def test_near_misses_are_values(self, text: str) -> None:
        """Whatever only resembles the token is stored as it is."""
        assert read("gender", text) == text
        assert read("first_name", text) == text
        assert is_malformed(read(END, text), "dates_are_real")

    @pytest.mark.parametrize("header", ["email_address", "username", "first_name", "last_name"])
    def test_identity_cannot_be_cleared(self, header: str) -> None:
        """The token in one of the four fails: it cannot be blank."""
        assert is_malformed(read(header, "**CLEAR**"), "identity_cannot_be_cleared")
        assert message(read(header, "**CLEAR**")) == "can't be blank"

    @pytest.mark.parametrize("header", ["disabled", ATTENDING])
    def test_booleans_cannot_be_cleared(self, header: str) -> None:
        """The token is no boolean."""
        assert is_malformed(read(header, "**CLEAR**"), "booleans_cannot_be_cleared")
        left_out = read(header, "**CLEAR**", ruleset=without("booleans_cannot_be_cleared"))
        assert left_out is CLEAR

    @pytest.mark.parametrize("text", ["History;**CLEAR**", "**CLEAR**;", " **CLEAR** ", ";;**CLEAR**\t;Art"])
    @pytest.mark.parametrize("header", [MAJORS, LABELS])
    def test_the_token_is_no_item(self, header: str, text: str) -> None:
        """In a list an item that is the token once trimmed is malformed."""
        assert is_malformed(read(header, text), "clear_token_clears")

    def test_items_near_the_token(self) -> None:
        """An item that only resembles the token is an item."""
        assert read(MAJORS, "**clear**; CLEAR") == ("**clear**", "CLEAR")

    def test_left_out_the_token_is_a_value(self) -> None:
        """Without the rule the token is text, and no date."""
        assert read("gender", "**CLEAR**", ruleset=without("clear_token_clears")) == "**CLEAR**"
        assert isinstance(read(END, "**CLEAR**", ruleset=without("clear_token_clears")), Malformed)


class TestTexts:
    """A text is stored as it came."""

    @pytest.mark.parametrize("text", ["007", "7", " Ada ", "é", "e\u0301", "ﬁ", "a\r\nb", 'say "hi"', "x" * 10_000])
    def test_values_are_verbatim(self, text: str) -> None:
        """No trimming, no folding, no normalisation, no limit."""
        assert read("username", text) == text
        assert read("card_id", text) == text

    def test_left_out_texts_are_trimmed(self) -> None:
        """Without the rule, white space around a text is lost; what is no text is read as ever."""
        loosely = without("values_are_verbatim")
        assert read("gender", " f ", ruleset=loosely) == "f"
        assert read(MAJORS, "a;b", ruleset=loosely) == ("a", "b")


UNSEEN_RANGES = (
    (0x00, 0x1F),
    (0x7F, 0x9F),
    (0xAD, 0xAD),
    (0x061C, 0x061C),
    (0x180E, 0x180E),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x2064),
    (0x2066, 0x206F),
    (0xFEFF, 0xFEFF),
    (0xFFF9, 0xFFFB),
)
UNSEEN = [point for first, last in UNSEEN_RANGES for point in range(first, last + 1)]
NEXT_TO_UNSEEN = [
    point
    for first, last in UNSEEN_RANGES
    for point in (first - 1, last + 1)
    if point > 0 and not chr(point).isspace() and point not in UNSEEN
]


class TestEmails:
    """E-mail addresses are compared without the white space around them and without the case of A-Z."""

    @pytest.mark.parametrize(
        ("text", "email"),
        [
            ("Ada@North.EDU", "ada@north.edu"),
            ("\u00a0ada@north.edu\t", "ada@north.edu"),
            ("ÀDA@north.edu", "Àda@north.edu"),
            ("\u212a@north.edu", "\u212a@north.edu"),
            ("İ@X", "İ@x"),
            ("a@b", "a@b"),
            ("**@**", "**@**"),
            (".a.@b.c", ".a.@b.c"),
            ("a@b..c", "a@b..c"),
        ],
    )
    def test_the_form_in_which_they_are_compared(self, text: str, email: str) -> None:
        """A-Z, and only these, are lower-cased; white space around is dropped; nothing else happens."""
        assert read("email_address", text) == read("assigned_to_email_address", text) == email

    @pytest.mark.parametrize("text", ["a", "@", "a@", "@b", "a@b@c", "a@@b", "a b@c", "a@b\u2003c", "a@ b"])
    def test_malformed_addresses(self, text: str) -> None:
        """An address has one @ with something on each side and no white space inside."""
        assert is_malformed(read("email_address", text), "emails_ignore_case")
        assert message(read("assigned_to_email_address", text)) == "is invalid"

    @pytest.mark.parametrize("point", UNSEEN, ids="{:04X}".format)
    def test_nothing_that_cannot_be_seen(self, point: int) -> None:
        """An address with what cannot be seen looks like another: in front, inside, behind the @ and at the end."""
        unseen = chr(point)
        places = (f"{unseen}a@b", f"a{unseen}a@b", f"a@{unseen}b", f"a@b{unseen}b", f"a@b{unseen}")
        for text in places if not unseen.isspace() else places[1:2]:
            assert is_malformed(read("email_address", text), "emails_ignore_case")

    @pytest.mark.parametrize("point", NEXT_TO_UNSEEN, ids="{:04X}".format)
    def test_what_stands_beside_it_can_be_seen(self, point: int) -> None:
        """The ranges end where the specification says."""
        assert read("email_address", f"a{chr(point)}@b") == f"a{chr(point)}@b"

    @pytest.mark.parametrize("text", ["a@.b", "a@b.", "a@.", "a@b.c."])
    def test_a_domain_has_no_dot_at_either_end(self, text: str) -> None:
        """It would be another domain than the one that it looks like."""
        assert is_malformed(read("email_address", text), "emails_ignore_case")
        assert message(read("assigned_to_email_address", text)) == "is invalid"

    @bounded(100)
    @given(st.text())
    def test_the_form_is_stable(self, text: str) -> None:
        """What is in its normal form stays as it is."""
        assert normal_email(normal_email(text)) == normal_email(text)

    def test_left_out_case_counts(self) -> None:
        """Without the rule an address is a text."""
        assert read("email_address", "A", ruleset=without("emails_ignore_case")) == "A"


class TestLists:
    """A list is its items between semicolons."""

    def test_items_are_trimmed(self) -> None:
        """White space around items, empty items and repeats go; the first of a repeat stays, the order too."""
        assert read(MAJORS, " Law ;;Art;\u3000Law;  ;art") == ("Law", "Art", "art")

    @pytest.mark.parametrize("text", [";", " ; ;", ";;\u2003"])
    @pytest.mark.parametrize("header", [MAJORS, LABELS])
    def test_only_separators_clear(self, header: str, text: str) -> None:
        """Where no item is left the list is cleared."""
        assert read(header, text) is CLEAR

    def test_labels_are_a_set(self) -> None:
        """Labels have no order; capitals make a difference."""
        assert read(LABELS, "b;B; b;a") == frozenset({"a", "b", "B"})

    def test_255_characters(self) -> None:
        """A course has 255 code points at most, each item by itself, once trimmed; other lists have no limit."""
        longest = "𝄞" * 255
        assert read(MAJORS, f" {longest} ;Art") == (longest, "Art")
        assert is_malformed(read(MAJORS, f"Art;{longest}x"), "course_names_have_255_characters_at_most")
        assert message(read(MAJORS, "x" * 256)) == "is too long (maximum is 255 characters)"
        assert read("primary_education:minor_names", "x" * 256) == ("x" * 256,)
        assert read(LABELS, "x" * 256) == frozenset({"x" * 256})

    def test_left_out_the_cell_is_one_item(self) -> None:
        """Without splitting, or without trimming, the items are what is there."""
        assert read(MAJORS, "a;b", ruleset=without("lists_split_on_semicolon")) == ("a;b",)
        assert read(MAJORS, " a;;a", ruleset=without("list_items_are_trimmed")) == (" a", "", "a")
        only_limit = without("lists_split_on_semicolon", "list_items_are_trimmed")
        assert isinstance(read(MAJORS, "x" * 256, ruleset=only_limit), Malformed)


class TestEnumerations:
    """A level and a year are spelled as the institution's vocabulary spells them."""

    @pytest.mark.parametrize("vocabulary", ["eu", "us"])
    def test_every_listed_value(self, vocabulary: Vocabulary) -> None:
        """Every value of the lists is taken, each in its own column."""
        level = "primary_education:education_level_name"
        assert all(read(level, text, vocabulary=vocabulary) == text for text in LEVELS[vocabulary])
        assert all(read("school_year_name", text, vocabulary=vocabulary) == text for text in YEARS[vocabulary])

    @pytest.mark.parametrize(
        ("header", "text"),
        [
            ("primary_education:education_level_name", "Further education"),
            ("school_year_name", "Further Education"),
            ("school_year_name", "alumni"),
            ("school_year_name", " Alumni"),
            ("school_year_name", "Senior"),
            ("primary_education:education_level_name", "Bachelors"),
        ],
    )
    def test_nothing_else(self, header: str, text: str) -> None:
        """Other capitals, the other list, the other vocabulary and white space are malformed."""
        assert is_malformed(read(header, text), "enumerations_match_exactly")
        assert message(read(header, text)) == "is not included in the list"

    def test_left_out_anything_goes(self) -> None:
        """Without the rule any text is a year."""
        assert read("school_year_name", "alumni", ruleset=without("enumerations_match_exactly")) == "alumni"


class TestBooleans:
    """TRUE and FALSE."""

    @pytest.mark.parametrize("header", ["disabled", ATTENDING])
    def test_the_two_words(self, header: str) -> None:
        """The two words are the two booleans."""
        assert read(header, "TRUE") is True
        assert read(header, "FALSE") is False

    @pytest.mark.parametrize("text", ["true", "True", "1", "0", "yes", " TRUE", "FALSE ", "T", "_TRUE"])
    def test_nothing_else(self, text: str) -> None:
        """Any other spelling is malformed."""
        assert is_malformed(read("disabled", text), "booleans_are_upper_case")

    def test_left_out_case_does_not_count(self) -> None:
        """Without the rule the words are read in any case; what is no such word stays malformed."""
        loosely = without("booleans_are_upper_case")
        assert read("disabled", " True", ruleset=loosely) is True
        assert isinstance(read("disabled", "1", ruleset=loosely), Malformed)


NO_DAYS = ["2021-02-29", "1900-02-29", "2020-04-31", "2020-13-01", "2020-00-10", "2020-01-00", "0000-01-01"]
NO_DATES = [
    *["2020-2-29", "20-02-2020", "20200229", "2020/02/29", " 2020-02-29", "2020-02-29\n", "2020-02-29 "],
    *["٢٠٢٠-02-29", "2020-02-29T00:00", "10000-01-01", "soon", "2020-W01-1"],
]


class TestDates:
    """A date is a day of the calendar in the job's format."""

    @pytest.mark.parametrize("header", [START, END])
    @pytest.mark.parametrize(
        ("dates", "text", "date"),
        [
            ("yyyy-mm-dd", "2016-09-16", datetime.date(2016, 9, 16)),
            ("mm/dd/yyyy", "09/16/2016", datetime.date(2016, 9, 16)),
            ("yyyy-mm-dd", "2020-02-29", datetime.date(2020, 2, 29)),
            ("yyyy-mm-dd", "2000-02-29", datetime.date(2000, 2, 29)),
            ("yyyy-mm-dd", "0001-01-01", datetime.date(1, 1, 1)),
            ("mm/dd/yyyy", "12/31/9999", datetime.date(9999, 12, 31)),
        ],
    )
    def test_dates(self, header: str, dates: DateFormat, text: str, date: datetime.date) -> None:
        """Both columns follow the job; leap days and the first and last year are days like others."""
        assert read(header, text, dates) == date

    @pytest.mark.parametrize("header", [START, END])
    @pytest.mark.parametrize(
        "text",
        [*NO_DAYS, *NO_DATES],
    )
    def test_what_is_no_date(self, header: str, text: str) -> None:
        """Days that no calendar has, other shapes and other digits are malformed."""
        assert is_malformed(read(header, text), "dates_are_real")
        assert message(read(header, text)) == "is invalid"

    @pytest.mark.parametrize(
        ("header", "rule"), [(START, "start_date_follows_the_job_too"), (END, "dates_follow_the_job")]
    )
    def test_the_other_format(self, header: str, rule: str) -> None:
        """A date in the format that the job has not is malformed."""
        assert is_malformed(read(header, "09/16/2016"), rule)
        assert is_malformed(read(header, "2016-09-16", "mm/dd/yyyy"), rule)
        assert read(header, "2016-09-16", "mm/dd/yyyy", ruleset=without(rule)) == datetime.date(2016, 9, 16)

    def test_left_out_no_date_clears(self) -> None:
        """Without the rule a text of the right shape that is no day clears."""
        assert read(END, "2021-02-29", ruleset=without("dates_are_real")) is CLEAR

    @bounded(100)
    @given(st.dates())
    def test_every_day(self, date: datetime.date) -> None:
        """Every day has its text in both formats."""
        assert calendar_date(date.isoformat()) == date
        assert calendar_date(f"{date.month:02}/{date.day:02}/{date.year:04}") == date


class TestMobiles:
    """A mobile number is digits, with a plus in front or not."""

    @pytest.mark.parametrize("text", ["1", "+1", "0044", "+" + "9" * 100])
    def test_numbers(self, text: str) -> None:
        """One digit is enough; the text stays as it is."""
        assert read("mobile_number", text) == text

    @pytest.mark.parametrize("text", ["+", "++1", "1+", "(1)", "1-2", "1 2", " 1", "1\n", "١", "²", "+CLEAR"])
    def test_nothing_else(self, text: str) -> None:
        """No other sign, no white space, no digits of other scripts."""
        assert is_malformed(read("mobile_number", text), "mobile_is_digits")


@bounded(300)
@given(st.sampled_from(COLUMNS), st.text(), st.sampled_from(["yyyy-mm-dd", "mm/dd/yyyy"]))
def test_every_text_says_something(column: Column, text: str, dates: DateFormat) -> None:
    """Any text in any column keeps, clears, is a value or is malformed; the same text always says the same."""
    decode = decoder(column, "eu", dates)
    cell: Any = decode(text)
    assert cell == decode(text) == remembering(column, decode)(text)
    assert cell in (KEEP, CLEAR) or isinstance(cell, (Malformed, str, bool, datetime.date, tuple, frozenset))
    assert cell not in ("", (), frozenset())
