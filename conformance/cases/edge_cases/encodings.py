"""Encodings: what is no UTF-8, and what is though it looks odd, in every place where it can stand."""

from collections.abc import Iterator

from conformance.cases.edge_cases.building import (
    ADA,
    BEN,
    CLEO,
    FIRST_NAME,
    HEADER,
    EdgeCase,
    but,
    edge_case,
    line,
    lines,
)

WRONG = {  # what is wrong → the bytes, in words, and what careless readers do
    "latin_1": (b"\xe9", "a letter in Latin-1", "The byte is guessed to be Latin-1, or stored as a question mark."),
    "windows_1252": (b"\x93Bee\x94", "a quotation mark in Windows-1252", "The bytes are guessed to be Windows-1252."),
    "nul": (b"\0", "a NUL byte", "The NUL ends the text there, is dropped, or stops the database."),
    "truncated": (b"\xf0\x9f\x8e", "a character that is cut off", "What is left of the character is replaced."),
    "lone_continuation": (b"\x80", "a byte that continues nothing", "The byte is passed over."),
    "overlong_slash": (b"\xc0\xaf", "a slash in two bytes", "The overlong form is decoded, past every check."),
    "overlong_nul": (b"\xc0\x80", "a NUL in two bytes", "The modified UTF-8 of Java is decoded, to a NUL."),
    "half_a_surrogate_pair": (b"\xed\xa0\x80", "a lone surrogate", "A text is stored that no other can hold."),
    "surrogates_of_cesu_8": (
        b"\xed\xa0\xbd\xed\xb8\x80",
        "a pair of surrogates in three bytes each",
        "The CESU-8 of some databases is decoded as if it were UTF-8.",
    ),
    "beyond_unicode": (b"\xf4\x90\x80\x80", "a number behind the last character", "The number is replaced."),
    "five_bytes": (b"\xf8\x88\x80\x80\x80", "a character in five bytes", "The form that was given up is decoded."),
    "byte_ff": (b"\xff", "the byte FF", "The byte, which no UTF-8 has, is passed over."),
}
EVERYWHERE = ("latin_1", "nul", "truncated", "half_a_surrogate_pair")
AT_LEAST = ("in_the_first_row", "in_the_last_row")


def files_with(wrong: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Where some bytes can stand: a name, in words, and the file."""
    name = line(but(BEN, FIRST_NAME, "Ben?"))
    yield "in_the_first_row", "in the first row", lines(HEADER, name.replace(b"?", wrong), CLEO)
    yield "in_the_last_row", "in the last row", lines(HEADER, ADA, name.replace(b"?", wrong))
    yield "in_a_quoted_cell", "in a quoted cell", lines(HEADER, name.replace(b"Ben?", b'"Ben' + wrong + b'"'), CLEO)
    noted = (*HEADER, "note")
    yield "in_a_header", "in a header that nobody knows", lines(line(noted) + wrong, (*ADA, ""))
    yield "in_an_unread_cell", "in a column that is not read", lines(noted, line((*ADA, "")) + wrong)
    yield "at_the_very_end", "at the very end of the file", lines(noted, (*ADA, ""), (*BEN, ""))[:-1] + wrong
    yield "in_a_ragged_row", "in a row that is too long", lines(HEADER, ADA, line((*BEN, "")) + wrong)


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    for kind, (wrong, words, mistake) in WRONG.items():
        for place, where, file in files_with(wrong):
            if place in AT_LEAST or kind in EVERYWHERE:
                title = f"A file with {words} {where} is refused whole."
                yield edge_case(f"{kind}_{place}", "file_is_utf8_csv", title, mistake, file)
    yield from wholly()
    yield from sound()


def wholly() -> Iterator[EdgeCase]:
    """Files in another encoding from their first byte to the last."""
    text = lines(HEADER, ADA).decode()
    wrong = "The encoding is guessed from the mark or from the many NULs, and the file is taken."
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        name = encoding.replace("-", "_")
        title = f"A file in {encoding.upper()} is refused."
        yield edge_case(f"whole_file_in_{name}", "file_is_utf8_csv", title, wrong, text.encode(encoding))
    yield edge_case(
        "rows_in_utf_16",
        "file_is_utf8_csv",
        "Rows in UTF-16 below a header in UTF-8 refuse the file.",
        "The NUL bytes are dropped, and what is left is a row.",
        lines(HEADER) + lines(ADA).decode().encode("utf-16-le"),
    )


SOUND = {
    "two_bytes": ("Zoë", "A letter of two bytes"),
    "three_bytes": ("学生", "A letter of three bytes"),
    "four_bytes": ("🎓", "A character of four bytes, beyond the basic plane,"),
    "replacement_character": ("Ren\ufffd", "The replacement character itself"),
    "noncharacter": ("Ada\uffff", "A code point that will never be a character"),
    "private_use": ("Ada\ue000", "A character of private use"),
    "last_code_point": ("Ada\U0010ffff", "The last code point that there is"),
    "tag_characters": ("Ada\U000e0041", "A tag, which nobody sees,"),
}


def sound() -> Iterator[EdgeCase]:
    """What is UTF-8 and has to arrive as it was sent."""
    wrong = "The text is stored with a question mark in it, shortened, or the file is refused."
    for kind, (text, words) in SOUND.items():
        title = f"{words} is stored as it was sent."
        yield edge_case(f"text_with_{kind}", "values_are_verbatim", title, wrong, lines(HEADER, but(ADA, 2, text)))
