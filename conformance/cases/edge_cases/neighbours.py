"""Neighbours: what is done to one of several students, or holds at one of several institutions, is about no other.

The one in question stands between the others, by age and by name, so that nothing that looks at what comes before, or
behind, can be right.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from conformance.cases.edge_cases.building import (
    ADA,
    BEN,
    CLEO,
    HEADER,
    NORTH,
    EdgeCase,
    edge_case,
    importing,
    lines,
    with_column,
)
from conformance.protocol import requests
from conformance.protocol.requests import Request

IDS = ("alpha", "north", "zeta")


def beside(place: str) -> Mapping[str, Any]:
    """An institution that is unlike the one in the middle in everything."""
    return requests.institution(
        place,
        [f"{place}.edu"],
        uses_sso=True,
        campuses=[f"{place} hall"],
        vocabulary="us",
        staff=[f"staff@{place}.edu"],
    )


WORLD: Mapping[str, Any] = requests.world(beside("alpha"), {**NORTH, "campuses": ["Main"]}, beside("zeta"))
OWN = tuple(row[0] for row in (ADA, BEN, CLEO))
NEW = tuple(f"{name}@mail.example" for name in ("kim", "lea", "max"))
MIDDLE = 1


@frozen
class Among:
    """Three students in the same state, and what is done to the one in the middle."""

    name: str
    action: str
    before: tuple[bytes | Request, ...]
    done: Request
    after: tuple[Request, ...] = ()


def cases() -> Iterator[EdgeCase]:
    """The cases of this group."""
    for each in (*of_their_own(), *of_requests(), *of_refusals()):
        yield edge_case(
            f"one_of_three_{each.name}",
            each.action,
            f"What staff or a student do to one of three accounts leaves the other two as they are ({each.name}).",
            "The statement that changes or deletes an account reaches others too.",
            *each.before,
            each.done,
            *each.after,
            world=WORLD,
        )
    yield from at_others()


def of_their_own() -> Iterator[Among]:
    """What is done to a connected student."""
    connected = (lines(HEADER, ADA, BEN, CLEO),)
    here = {"institution": "north", "email": OWN[MIDDLE]}
    asked = tuple(
        requests.do("change_email", institution="north", email=email, new_email=new) for email, new in zip(OWN, NEW)
    )
    yield Among("asks_for_an_address", "change_email", connected, asked[MIDDLE])
    yield Among(
        "confirms_an_address", "confirm_email", (*connected, *asked), requests.do("confirm_email", email=OWN[1])
    )
    yield Among("is_archived", "set_disabled", connected, requests.do("set_disabled", **here, disabled=True))
    yield Among("is_excluded", "set_excluded", connected, requests.do("set_excluded", **here, excluded=True))
    edited = requests.do("edit_profile", **here, changes={"gender": "x", "middle_name": "Bee"})
    yield Among("is_edited", "edit_profile", connected, edited)
    for place in ("alpha", "zeta"):
        switched = requests.do("switch_institution", email=OWN[MIDDLE], institution=place)
        yield Among(f"is_switched_to_{place}", "switch_institution", connected, switched)


def signed_up() -> tuple[Request, ...]:
    """Three students who are connected nowhere."""
    return tuple(requests.do("sign_up", email=email, first_name="Kim", last_name="Fox") for email in NEW)


def asking(place: str) -> tuple[Request, ...]:
    """All three ask to be let in somewhere."""
    return tuple(requests.do("request_access", email=email, institution=place) for email in NEW)


def of_requests() -> Iterator[Among]:
    """What becomes of a pending student."""
    pending = (*signed_up(), *asking("north"))
    for action in ("approve", "decline", "delete_pending"):
        done = requests.do(action, institution="north", email=NEW[MIDDLE])
        yield Among(f"meets_{action}", action, pending, done)
    done = requests.do("request_access", email=NEW[MIDDLE], institution="north")
    yield Among("asks_to_be_let_in", "request_access", signed_up(), done)


def of_refusals() -> Iterator[Among]:
    """What becomes of a student whom all three institutions have declined, when one of them connects the student."""
    declined = [
        step
        for place in IDS
        for step in (*asking(place), *(requests.do("decline", institution=place, email=email) for email in NEW))
    ]
    before = (*signed_up(), *declined)
    again = tuple(
        requests.do("request_access", email=email, institution=place) for email in NEW for place in ("zeta", "alpha")
    )
    for place in IDS:
        done = requests.do("add_by_email", institution=place, email=NEW[MIDDLE])
        yield Among(f"is_added_at_{place}_in_spite_of_refusals", "add_by_email", before, done, again)


def at_others() -> Iterator[EdgeCase]:
    """What holds at the institutions beside, and not at the one of the job."""
    wrong = "What other institutions have is taken for this one's."
    rules = {
        "staff": ("assignee_is_own_staff", "assigned_to_email_address", "staff@{}.edu"),
        "campus": ("campus_is_known", "campus_name", "{} hall"),
    }
    for name, (rule, column, text) in rules.items():
        file = with_column(column, (ADA, text.format("alpha")), (BEN, text.format("zeta")), (CLEO, ""))
        title = f"The {name} of another institution is none of this one, whichever of the two comes first."
        yield edge_case(f"{name}_of_neighbours", rule, title, wrong, file, world=WORLD)
    yield edge_case(
        "vocabulary_of_neighbours",
        "enumerations_match_exactly",
        "A level of the vocabulary of other institutions fails, and one of this institution's own is taken.",
        wrong,
        with_column("primary_education:education_level_name", (ADA, "Bachelors"), (BEN, "Undergraduate"), (CLEO, "")),
        world=WORLD,
    )
    level = lines((*HEADER, "auth_identifier", "primary_education:education_level_name"), (*ADA, "", "Bachelors"))
    yield edge_case(
        "vocabulary_of_the_first_and_the_last",
        "enumerations_match_exactly",
        "A level of an institution's own vocabulary is taken, though the one in the middle has another vocabulary.",
        wrong,
        *({**importing(level.replace(b"north", place.encode())), "institution": place} for place in ("alpha", "zeta")),
        world=WORLD,
    )
    yield edge_case(
        "single_sign_on_of_neighbours",
        "required_headers_are_present",
        "A file needs auth_identifier at institutions with single sign-on, and at no other.",
        wrong,
        lines(HEADER, ADA),
        {**importing(lines(HEADER, BEN)), "institution": "alpha"},
        {**importing(lines(HEADER, CLEO)), "institution": "zeta"},
        world=WORLD,
    )
