"""The small world in which the search looks for collisions: institutions, and for each column a few texts.

Each column has the texts that are usual in it, and odd ones: blanks, the clear token and what resembles it, values on
both sides of a boundary, and malformed ones. Few texts on purpose: usernames, addresses and numbers must meet.
"""

from collections.abc import Mapping
from typing import Any

from refmodel.schema import BY_HEADER, COLUMNS, Kind

WORLDS: tuple[Mapping[str, Any], ...] = tuple(
    {
        "institutions": [
            {
                "id": "north",
                "domains": ["north.edu", "shared.edu"],
                "uses_sso": uses_sso,
                "campuses": ["Main", "Quay"],
                "vocabulary": "eu",
                "staff": ["advisor@north.edu", "coach@north.edu"],
            },
            {
                "id": "south",
                "domains": ["South.edu", "shared.edu"],
                "uses_sso": False,
                "campuses": [],
                "vocabulary": "us",
                "staff": ["dean@south.edu"],
            },
        ],
        "employers": ["hr@employer.example"],
    }
    for uses_sso in (False, True)
)
INSTITUTIONS = ("north", "south")

ADDRESSES = ("a@north.edu", "b@north.edu", "c@mail.example", "d@shared.edu", "e@south.edu", "f@mail.example")
ODD_ADDRESSES = (
    "A@North.edu",
    " b@north.edu ",
    "advisor@north.edu",
    "dean@south.edu",
    "hr@employer.example",
    "B@mail.example",
    "a@sub.north.edu",
    "bad",
    "a@@north.edu",
    "a b@north.edu",
    "@north.edu",
    "a@",
    "\u212a@mail.example",  # the Kelvin sign, which is no K in A-Z
)
BLANKS = ("", "", " ", "\u00a0\t")
TOKENS = ("**CLEAR**", "**CLEAR**", "CLEAR", "**clear**", " **CLEAR**", "**CLEAR** ")

_LONG = "x" * 255
_BY_KIND: Mapping[Kind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Kind.TEXT: (
        ("v", "w"),
        (" v ", "V", "007", "7", "e\u0301", "\u00e9", "=1+1", "a,b", 'say "x"', "two\nlines", "z" * 300),
    ),
    Kind.LEVEL: (
        ("Doctorate", "Certificate"),
        ("Undergraduate", "Masters", "undergraduate", "Further education", " Doctorate"),
    ),
    Kind.YEAR: (
        ("Alumni", "Doctorate"),
        ("Senior", "Gap Year", "alumni", "Further Education", "Undergraduate", "Alumni "),
    ),
    Kind.DATE: (
        ("2016-09-01", "2018-09-01", "2020-06-30"),
        (
            "09/01/2016",
            "06/30/2020",
            "2020-02-30",
            "2020-02-29",
            "2019-02-29",
            "0001-01-01",
            "0000-01-01",
            "2020-6-30",
            "20200630",
            "2020-W10-1",
            "2020-06-30 ",
            "\u0662\u0660\u0662\u0660-06-30",
        ),
    ),
    Kind.LIST: (("x;y", "y;x", "x"), (" x ; y ", "x;;y", ";", "x;X", "x;x", "x; **CLEAR**", "X")),
    Kind.LABELS: (("p;q", "q;p", "p"), (" p ; q ", "p;;q", ";", "p;P", "p;p", "p;**CLEAR**", "CLEAR", "q;r;s")),
    Kind.BOOLEAN: (("TRUE", "FALSE"), ("true", "False", "1", "yes", " TRUE")),
    Kind.MOBILE: (("+4420", "4421"), ("0", "+", "++44", "44 20", "(44)", "\u0664\u0664", "4420+", "44\n")),
}
_BY_HEADER: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "email_address": (ADDRESSES, ODD_ADDRESSES),
    "username": (("1", "2", "3", "c@mail.example"), ("01", " 1", "a@north.edu", "S", "s", "1 ")),
    "first_name": (("Ada", "Bo"), (" Ada", "ADA", "<script>")),
    "last_name": (("Lee", "Kim"), ("lee", "O'Neil")),
    "auth_identifier": (("i", "j", "k"), ("I", " i", "a@north.edu")),
    "card_id": (("8", "9", "10"), ("08", "8 ", "1")),
    "primary_education:major_names": (
        ("x;y", "y", "x"),
        (_LONG, _LONG + "x", "y;" + "\u00e9" * 255, "y; " + _LONG + " "),
    ),
    "assigned_to_email_address": (("advisor@north.edu", "dean@south.edu"), ("Coach@NORTH.edu ", "a@north.edu", "bad")),
    "campus_name": (("Main", "Quay"), ("main", "Moon", " Main")),
}


def texts(header: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The usual and the odd texts of a column."""
    return _BY_HEADER.get(header) or _BY_KIND[BY_HEADER[header].kind]


USUAL: Mapping[str, tuple[str, ...]] = {c.header: texts(c.header)[0] for c in COLUMNS}
ODD: Mapping[str, tuple[str, ...]] = {c.header: (*texts(c.header)[1], *BLANKS, *TOKENS) for c in COLUMNS}
OWN: Mapping[str, Mapping[str, tuple[str, ...]]] = {  # what is usual at one institution
    "north": {
        "email_address": ("a@north.edu", "b@north.edu", "c@mail.example", "d@shared.edu", "f@mail.example"),
        "assigned_to_email_address": ("advisor@north.edu", "coach@north.edu"),
        "primary_education:start_date": ("2016-09-01", "2018-09-01"),
        "primary_education:end_date": ("2020-06-30", "2018-09-01", "2016-09-01"),
    },
    "south": {
        "email_address": ("e@south.edu", "a@mail.example", "c@mail.example", "d@shared.edu", "f@mail.example"),
        "assigned_to_email_address": ("dean@south.edu",),
        "primary_education:start_date": ("2016-09-01", "2018-09-01"),
        "primary_education:end_date": ("2020-06-30", "2018-09-01", "2016-09-01"),
    },
}
UNKNOWN_HEADERS = ("status", "response", "Username", " username", "notes", "")
SPOILT = (b"\x00\n", b"\xe9\n", b'"open', b'"a"b\n')
