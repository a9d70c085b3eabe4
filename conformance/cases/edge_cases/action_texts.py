"""Texts of actions: what no file could hold is refused in every action, and what an identity provider may return."""

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.cases.edge_cases.building import ADA, HEADER, NORTH, EdgeCase, edge_case, importing, lines, with_column
from conformance.protocol import requests
from conformance.protocol.requests import Request

SSO_WORLD: Mapping[str, Any] = requests.world({**NORTH, "uses_sso": True})
LEA = {"email": "lea@mail.example", "first_name": "Lea", "last_name": "Fox"}
LEA_SIGNS_UP = requests.do("sign_up", **LEA)
LEA_ASKS = requests.do("request_access", email=LEA["email"], institution="north")
OWN = {"institution": "north", "email": "ada@north.edu"}
LEAS = {"institution": "north", "email": LEA["email"]}
ADAS = {"email": OWN["email"], "via": "password"}
NEW_ADDRESS = {**OWN, "new_email": "ada@mail.example"}
TEXTS: Mapping[str, tuple[Mapping[str, Any], tuple[str, ...], tuple[Request, ...]]] = {
    # action → its arguments, the texts in which a NUL may stand, and what has to happen before
    "sign_up": (LEA, ("email", "first_name", "last_name"), ()),
    "request_access": (LEAS, ("email",), (LEA_SIGNS_UP,)),
    "approve": (LEAS, ("email",), (LEA_SIGNS_UP, LEA_ASKS)),
    "decline": (LEAS, ("email",), (LEA_SIGNS_UP, LEA_ASKS)),
    "delete_pending": (LEAS, ("email",), (LEA_SIGNS_UP, LEA_ASKS)),
    "add_by_email": (LEAS, ("email",), (LEA_SIGNS_UP,)),
    "change_email": (NEW_ADDRESS, ("email", "new_email"), ()),
    "confirm_email": ({"email": OWN["email"]}, ("email",), (requests.do("change_email", **NEW_ADDRESS),)),
    "set_disabled": ({**OWN, "disabled": True}, ("email",), ()),
    "set_excluded": ({**OWN, "excluded": True}, ("email",), ()),
    "sign_in": (ADAS, ("email",), ()),
}
EDITED = ("first_name", "middle_name", "gender", "hometown_location_attributes:name", "primary_education:minor_names")
ATTRIBUTES = {  # what an identity provider returns: in words, and the text
    "none": ("nothing", None),
    "blank": ("a blank text", ""),
    "white_space": ("white space", " "),
    "word_null": ("the word null", "null"),
    "word_none": ("the word None", "None"),
    "word_undefined": ("the word undefined", "undefined"),
    "clear_token": ("the clear token", "**CLEAR**"),
    "capitals": ("the identifier in capitals", "ADA1"),
    "blank_behind": ("the identifier with a blank behind it", "ada1 "),
    "address": ("the e-mail address", "ada@north.edu"),
    "username": ("the username", "1001"),
}


NAMES = {  # what is a name, though it resembles the clear token or begins with a sign that stands in front of it
    "apostrophe_in_front": "'t Hooft",
    "quote_in_front": '"Bob"',
    "bracket_in_front": "(Ada)",
    "exclamation_mark": "!Xóõ",
    "blank_in_front": " Ada",
    "asterisk": "*",
    "two_asterisks": "**",
    "token_in_lower_case": "**clear**",
    "token_cut_short": "**CLEAR",
    "token_and_more": "**CLEAR**s",
    "token_behind_a_blank": " **CLEAR**",
    "token_without_asterisks": "CLEAR",
}


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    yield from names()
    yield from identifiers_elsewhere()
    yield from nuls()
    yield from nuls_in_profiles()
    yield from nuls_in_attributes()
    yield from lone_surrogates()
    yield from attributes()


def nul_case(action: str, name: str, words: str, *steps: bytes | Request, world: Mapping[str, Any]) -> EdgeCase:
    """A case of an action that is refused for its NUL, and then done without."""
    wrong = "The text is cut at the NUL or loses it, or the database fails at it."
    return edge_case(f"nul_in_{name}", action, f"An action with a NUL {words} is refused.", wrong, *steps, world=world)


def nuls() -> Iterator[EdgeCase]:
    """A NUL in each text of each action; then the same without it."""
    for action, (arguments, names, before) in TEXTS.items():
        for name in names:
            refused = [requests.do(action, **{**arguments, name: text}) for text in with_nuls(arguments[name])]
            steps: tuple[bytes | Request, ...] = (
                lines(HEADER, ADA),
                *before,
                *refused,
                requests.do(action, **arguments),
            )
            words = f"in its {name.replace('_', ' ')} ({action})"
            yield nul_case(action, f"{name}_of_{action}", words, *steps, world=requests.world(NORTH))


def with_nuls(text: str) -> list[str]:
    """A text with a NUL in each place."""
    return [f"{text}\0", f"\0{text}", f"{text}\0{text}", "\0"]


def nuls_in_profiles() -> Iterator[EdgeCase]:
    """A NUL in each sort of text that a profile has, alone and beside another change."""
    for header in EDITED:
        refused = [requests.do("edit_profile", **OWN, changes={header: text}) for text in with_nuls("Bee")]
        refused.append(requests.do("edit_profile", **OWN, changes={"preferred_name": "Bea", header: "Bee\0"}))
        done = requests.do("edit_profile", **OWN, changes={header: "Bee"})
        name = f"{header.rpartition(':')[2]}_of_edit_profile"
        steps: tuple[bytes | Request, ...] = (lines(HEADER, ADA), *refused, done)
        yield nul_case("edit_profile", name, f"under {header}", *steps, world=requests.world(NORTH))


def nuls_in_attributes() -> Iterator[EdgeCase]:
    """A NUL in what an identity provider returns."""
    file = with_column("auth_identifier", (ADA, "ada1"))
    steps: tuple[bytes | Request, ...] = (file, *map(signing_in, (*with_nuls("ada1"), "ada1")))
    yield nul_case("sign_in", "attribute_of_sign_in", "in its attribute", *steps, world=SSO_WORLD)


def lone_surrogates() -> Iterator[EdgeCase]:
    """Half of a surrogate pair, which JSON can write and no file can hold, in a text that is stored or compared."""
    high, low = "Bee\ud83d", "\udf93Bee"
    named = [{**LEA, name: text} for name in ("first_name", "last_name") for text in (high, low)]
    signs_up = [requests.do("sign_up", **each) for each in named]
    edited = requests.do("edit_profile", **OWN, changes={"gender": "x"})
    known = with_column("auth_identifier", (ADA, "ada1"))
    edits = [requests.do("edit_profile", **OWN, changes={"gender": text}) for text in (high, low)]
    looks = [requests.do("sign_in", email=f"{OWN['email']}{half}", via="password") for half in ("\ud83d", "\udf93")]
    halves: Mapping[str, tuple[str, tuple[bytes | Request, ...]]] = {
        "a_name": ("sign_up", (*signs_up, LEA_SIGNS_UP)),
        "a_profile": ("edit_profile", (lines(HEADER, ADA), *edits, edited)),
        "an_address": ("sign_in", (lines(HEADER, ADA), *looks, requests.do("sign_in", **ADAS))),
        "an_attribute": ("sign_in", (known, *map(signing_in, ("ada1\ud83d", "ada1")))),
    }
    for name, (action, steps) in halves.items():
        yield edge_case(
            f"lone_surrogate_in_{name}",
            action,
            f"An action with half of a surrogate pair in {name.replace('_', ' ')} is refused ({action}).",
            "The half is replaced by another character, or is stored and stops whoever writes it into a file.",
            *steps,
            world=SSO_WORLD if name == "an_attribute" else requests.world(NORTH),
        )


def signing_in(attribute: str | None) -> Request:
    """Ada signs in by single sign-on; a provider may return no attribute."""
    return {**requests.do("sign_in", email="ada@north.edu", via="sso", institution="north"), "attribute": attribute}


def attributes() -> Iterator[EdgeCase]:
    """What an identity provider returns, for a student with an identifier and for one without."""
    wrong = "Nothing equals nothing, or the texts are compared loosely, and somebody gets in."
    for name, (words, attribute) in ATTRIBUTES.items():
        for has, cell in {"an": "ada1", "no": ""}.items():
            yield edge_case(
                f"sign_in_with_{has}_identifier_and_attribute_{name}",
                "sign_in",
                f"A student with {has} identifier does not get in where the provider returns {words}.",
                wrong,
                with_column("auth_identifier", (ADA, cell)),
                signing_in(attribute),
                signing_in("ada1"),
                world=SSO_WORLD,
            )


def names() -> Iterator[EdgeCase]:
    """Names of somebody who signs up."""
    for name, text in NAMES.items():
        yield edge_case(
            f"sign_up_with_{name}",
            "sign_up",
            f"Somebody who signs up may be called {text!a}, first name or last.",
            "The name is taken for a blank one or for the clear token, or is tidied.",
            requests.do("sign_up", **{**LEA, "first_name": text}),
            requests.do("sign_up", **{**LEA, "email": "max@mail.example", "last_name": text}),
        )


def identifiers_elsewhere() -> Iterator[EdgeCase]:
    """Single sign-on at another institution, whose id comes before the student's or behind it."""
    for own, other in (("north", "south"), ("south", "north")):
        ids = (own, other)
        world = requests.world(*(requests.institution(id_, [f"{id_}.edu"], uses_sso=True) for id_ in ids))
        file = with_column("auth_identifier", (ADA, "ada1")).replace(b"north.edu", f"{own}.edu".encode())
        arguments = {"email": f"ada@{own}.edu", "via": "sso", "attribute": "ada1"}
        yield edge_case(
            f"sign_in_of_a_student_of_{own}_at_{other}",
            "sign_in",
            f"A student of {own} does not get in by the single sign-on of {other}.",
            "Whoever has the identifier gets in, at whatever institution it was said.",
            {**importing(file), "institution": own},
            requests.do("sign_in", **arguments, institution=other),
            requests.do("sign_in", **arguments, institution=own),
            world=world,
        )
