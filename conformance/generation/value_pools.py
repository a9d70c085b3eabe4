"""The small world in which the search looks for collisions: institutions, and a few values for each column.

Each column has typical values and edge values: blanks, the clear token and what resembles it, values on both sides of
a boundary, and malformed ones. The pools are small on purpose: usernames, addresses and numbers must collide.
"""

from collections.abc import Mapping
from functools import cache, lru_cache

from attrs import frozen

from conformance.generation.deceptive_values import (
    COURSES_THAT_FIT,
    COURSES_TOO_LONG,
    DAYS,
    LONG_MOBILES,
    MEANT_YEARS,
    MOBILES_OF_ONE_PHONE,
    NEARLY_TOKENS,
    NEARLY_YEARS,
    NO_DAYS,
)
from conformance.generation.randomness import Choices, Weights, mixed, weights
from conformance.protocol.requests import institution, world
from refmodel.cell import Malformed, is_blank, is_email, normal_email
from refmodel.columns import BY_HEADER, CAMPUS_NAME, CLEAR_TOKEN, COLUMNS, Kind
from refmodel.rules.cell import decoder
from refmodel.serialization import world_of
from refmodel.value_lists import Vocabulary
from refmodel.world import Institution, World

Texts = tuple[str, ...]

NORTH = institution(
    "north",
    ["north.edu", "shared.edu"],
    campuses=["Main", "Quay"],
    staff=["advisor@north.edu", "coach@north.edu"],
)
SOUTH = institution("south", ["South.edu", "shared.edu"], vocabulary="us", staff=["dean@south.edu"])
EMPLOYERS = ("hr@employer.example",)
WORLDS: tuple[Mapping[str, object], ...] = tuple(
    world({**NORTH, "uses_sso": uses_sso}, SOUTH, employers=EMPLOYERS) for uses_sso in (False, True)
)
EMPTY = world_of(WORLDS[0])  # the first of them in the model
INSTITUTIONS = ("north", "south")

ADDRESSES = ("a@north.edu", "b@north.edu", "c@mail.example", "d@shared.edu", "e@south.edu", "f@mail.example")
EDGE_ADDRESSES = (
    "A@North.edu",
    " b@north.edu ",
    "\u00a0c@mail.example",
    "advisor@north.edu",
    "dean@south.edu",
    "hr@employer.example",
    "I@MAIL.example",  # in Turkish its lower case is not i
    "c+x@mail.example",
    "x@localhost",
    "a@mynorth.edu",
    "a@sub.north.edu",
    "bad",
    "a@@north.edu",
    "a b@north.edu",
    "@north.edu",
    "a@",
    "\u212a@mail.example",  # the Kelvin sign, which is not the letter K
    "e@south.edu\u200b",  # what cannot be seen, and dots at the ends of a domain, make it look like South's
    "e@sou\u00adth.edu",
    "\ufeffa@north.edu",
    "e@south.edu.",
    "e@.south.edu",
    "f.@mail..example",
)
BLANKS = ("", "", " ", "\u00a0\t")
TOKENS = ("**CLEAR**", "**CLEAR**", "CLEAR", "**clear**", " **CLEAR**", "**CLEAR** ")
UNSEEN = ("\u200b", *NEARLY_TOKENS.values())  # a character without a width, which is no white space; no tokens

_LONG = "x" * 255
_TEXTS = (" v ", "V", "007", "7", "e\u0301", "\u00e9", "=1+1", "a,b", 'say "x"', "two\nlines", "z" * 300)
_BY_KIND: Mapping[Kind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Kind.TEXT: (("v", "w"), (*_TEXTS, "0", "00", "-0", "NULL", "\U0001f600", "<b>", "x\\y")),
    Kind.LEVEL: (
        ("Doctorate", "Certificate"),
        ("Undergraduate", "Masters", "undergraduate", "Further education", " Doctorate"),
    ),
    Kind.YEAR: (
        ("Alumni", "Doctorate"),
        (
            "Senior",
            "Gap Year",
            "alumni",
            "Further Education",
            "Undergraduate",
            "Alumni ",
            *NEARLY_YEARS.values(),
            *MEANT_YEARS.values(),
        ),
    ),
    Kind.DATE: (
        ("2016-09-01", "2018-09-01", "2020-06-30"),
        (
            "09/01/2016",
            "06/30/2020",
            "2020-02-30",
            "2020-02-29",
            "2019-02-29",
            "1900-02-29",
            "0001-01-01",
            "0000-01-01",
            "2100-01-01",
            "2020-6-30",
            "20200630",
            "2020/06/30",
            "2020-W10-1",
            "2020-06-30 ",
            "2020-06-30T00:00:00",
            "\u0662\u0660\u0662\u0660-06-30",
            "2016-03-01",
            *DAYS,
            *(text for text, _ in NO_DAYS.values()),
        ),
    ),
    Kind.LIST: (
        ("x;y", "y;x", "x"),
        (" x ; y ", "x;;y", ";", "x;X", "x;x", "x;y;x", "x; **CLEAR**", "X", "x,y", "x\ny"),
    ),
    Kind.LABELS: (
        ("p;q", "q;p", "p"),
        (" p ; q ", "p;;q", ";", "p;P", "p;p", "p;**CLEAR**", "CLEAR", "q;r;s", "7;p", "a;b;c;d;e;f;g;h;i;j;k", "p,q"),
    ),
    Kind.BOOLEAN: (("TRUE", "FALSE"), ("true", "False", "1", "yes", " TRUE")),
    Kind.MOBILE: (
        ("+4420", "4421"),
        (
            "0",
            "+",
            "++44",
            "44 20",
            "(44)",
            "\u0664\u0664",
            "4420+",
            "44\n",
            "0044",
            "1" * 16,
            *LONG_MOBILES.values(),
            *(text for pair in MOBILES_OF_ONE_PHONE.values() for text in pair),
        ),
    ),
}
_BY_HEADER: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "email_address": (ADDRESSES, EDGE_ADDRESSES),
    "username": (
        ("1", "2", "u3", "c@mail.example"),
        ("01", " 1", "a@north.edu", "S", "s", "1 ", "8", "i", "U3", "C@mail.example"),
    ),
    "first_name": (("Ada", "Bo"), (" Ada", "ADA", "<script>")),
    "last_name": (("Lee", "Kim"), ("lee", "O'Neil")),
    "auth_identifier": (("i", "j", "k"), ("I", "J", " i", "a@north.edu", "1", "01")),
    "card_id": (("8", "9", "c10"), ("08", "8 ", "1", "C10")),
    "primary_education:major_names": (
        ("x;y", "y", "x"),
        (
            *(_LONG, _LONG + "x", "y;" + "\u00e9" * 255, "y; " + _LONG + " ", "x;" + _LONG + "x", "\U0001f600" * 200),
            *(";", "x;y;x", "x,y", "x\ny", "x;X"),
            *(text for _, text in (*COURSES_THAT_FIT.values(), *COURSES_TOO_LONG.values())),
        ),
    ),
    "primary_education:minor_names": (("x;y", "y;x", "x"), (_LONG + "x", "x;y;x", ";", "x;X", "x,y", "x\ny")),
    "assigned_to_email_address": (
        ("advisor@north.edu", "dean@south.edu"),
        ("Coach@NORTH.edu ", "Dean@south.edu", "a@north.edu", "nobody@north.edu", "e@south.edu", "bad"),
    ),
    "campus_name": (("Main", "Quay"), ("main", "Moon", " Main")),
}


def texts(header: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The typical and the edge values of a column."""
    return _BY_HEADER.get(header) or _BY_KIND[BY_HEADER[header].kind]


TYPICAL: Mapping[str, tuple[str, ...]] = {c.header: texts(c.header)[0] for c in COLUMNS}
EDGE: Mapping[str, tuple[str, ...]] = {c.header: (*texts(c.header)[1], *BLANKS, *TOKENS, *UNSEEN) for c in COLUMNS}
UNKNOWN_HEADERS = ("status", "response", "Username", " username", "notes", "")
TRAILING_GARBAGE = (b"\x00\n", b"\xe9\n", b'"open', b'"a"b\n')


# What stands in the cells of a file of one institution.


@frozen(eq=False)
class Values:
    """The typical values of an institution's own files, and the edge values that it accepts, or does not."""

    own: Mapping[str, Texts]
    valid: Mapping[str, Texts]
    invalid: Mapping[str, Texts]
    typical: Mapping[str, Weights[str]]  # mostly one of its own values, or a blank where that is valid
    mostly_valid: Mapping[str, Weights[str]]  # mostly an edge value, and else a typical one or the clear token
    mostly_invalid: Mapping[str, Weights[str]]

    @classmethod
    def of(cls, own: Mapping[str, Texts], valid: Mapping[str, Texts], invalid: Mapping[str, Texts]) -> "Values":
        """The values of an institution, and how likely each is."""
        usual = {header: mixed((_blank(header), 1), (texts, 2)) for header, texts in own.items()}
        both = ({name: _mostly(edge[name], own[name], name) for name in own} for edge in (valid, invalid))
        return cls(own, valid, invalid, usual, *both)

    def edge(self, *, valid: bool) -> Mapping[str, Texts]:
        """The edge values that the institution accepts, or those that it does not."""
        return self.valid if valid else self.invalid

    def mostly_edge(self, *, valid: bool) -> Mapping[str, Weights[str]]:
        """The same, among typical values."""
        return self.mostly_valid if valid else self.mostly_invalid


def _blank(header: str) -> Texts:
    return () if BY_HEADER[header].identity else ("",)


def _mostly(edge: Texts, own: Texts, header: str) -> Weights[str]:
    clear = () if BY_HEADER[header].identity else (CLEAR_TOKEN,)
    return mixed((_blank(header), 7), (own, 14), (clear, 3), (edge, 48))


OWN_ADDRESSES: Mapping[str, Texts] = {  # of the institutions that the search knows
    "north": ("a@north.edu", "b@north.edu", "c@mail.example", "d@shared.edu", "f@mail.example"),
    "south": ("e@south.edu", "a@mail.example", "c@mail.example", "d@shared.edu", "f@mail.example"),
}
OWN_DATES: Mapping[str, Texts] = {
    "primary_education:start_date": ("2016-09-01", "2018-09-01"),
    "primary_education:end_date": ("2020-06-30", "2018-09-01", "2016-09-01"),
}


def own_values(institution: Institution) -> Mapping[str, Texts]:
    """Typical values of one institution."""
    own = {**TYPICAL, "email_address": own_addresses(institution), **OWN_DATES}
    return own | ({"assigned_to_email_address": tuple(sorted(institution.staff))} if institution.staff else {})


def own_addresses(institution: Institution) -> Texts:
    """Addresses at the domains of an institution, and personal ones."""
    known = EMPTY.directory.institutions.get(institution.id)
    if known and known.domains == institution.domains:
        return OWN_ADDRESSES[institution.id]
    domains = sorted(institution.domains)
    own = (f"{name}@{domain}" for name, domain in zip("abd", domains * 3))
    return (*own, "c@mail.example", "f@mail.example")


def accepts(world: World, institution: Institution, header: str, text: str) -> bool:
    """Whether a value is accepted in a row about a new student, as far as that depends on the value alone."""
    column = BY_HEADER[header]
    if column.identity and (is_blank(text) or text == CLEAR_TOKEN):
        return False
    if is_malformed(header, institution.vocabulary, text):
        return False
    if column.kind is Kind.EMAIL and not (is_blank(text) or text == CLEAR_TOKEN):
        return accepts_address(world, institution, header, normal_email(text))
    if column is CAMPUS_NAME and institution.campuses and text not in (*BLANKS, CLEAR_TOKEN):
        return text in institution.campuses
    return True


@cache
def is_malformed(header: str, vocabulary: Vocabulary, text: str) -> bool:
    """Whether no institution of this vocabulary can read a value of a column."""
    return isinstance(decoder(BY_HEADER[header], vocabulary, "yyyy-mm-dd")(text), Malformed)


def accepts_address(world: World, institution: Institution, header: str, email: str) -> bool:
    """Whether an address may be a student's, or that of the staff they are assigned to."""
    if header != "email_address":
        return email in institution.staff
    if world.another_user_has(email, None) or world.domain_is_anothers(email, institution.id):
        return False
    return is_email(email)


def edge_values(world: World, institution: Institution) -> tuple[Mapping[str, Texts], Mapping[str, Texts]]:
    """The edge values of each column that an institution accepts, and those that it does not."""
    right: dict[str, Texts] = {}
    wrong: dict[str, Texts] = {}
    for header, texts in EDGE.items():
        accepted = {text: accepts(world, institution, header, text) for text in texts}
        right[header] = tuple(text for text, is_right in accepted.items() if is_right)
        wrong[header] = tuple(text for text, is_right in accepted.items() if not is_right)
    return right, wrong


def some_world(draw: Choices) -> World:
    """A world without students: one or two institutions, with or without campuses, single sign-on and so on."""
    number = draw.weighted(HOW_MANY)
    there = [some_institution(draw, each) for each in (NORTH, SOUTH)[:number]]
    return world_of(world(*there, employers=EMPLOYERS))


HOW_MANY = weights((1, 1), (2, 7))


def some_institution(draw: Choices, like: Mapping[str, object]) -> Mapping[str, object]:
    """An institution with the name, domains and staff of this one."""
    campuses = draw.one_of(((), ("Main", "Quay")))
    return {**like, "uses_sso": draw.one_in(2), "campuses": [*campuses], "vocabulary": draw.one_of(("eu", "us"))}


@lru_cache
def values_of(institutions: tuple[Institution, ...], employers: frozenset[str]) -> Mapping[str, Values]:
    """The values of each institution of a world, by its id."""
    world = World.of(*institutions, employers=employers)
    return {
        institution.id: Values.of(
            own_values(institution),
            *edge_values(world, institution),
        )
        for institution in institutions
    }
