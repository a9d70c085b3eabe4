"""The students that rows of the corpus are about: how each came to stand where they stand, and what is stored of them.

Beside the student there are always two others: one at the institution, who holds the identifiers of `ANOTHER`, and one
elsewhere. Nothing can be set up but by what people do, for importers know no other way.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping

from attrs import frozen

from conformance.generation.rows import HEADERS, STARRED
from conformance.generation.value_pools import EMPLOYERS, NORTH, SOUTH
from conformance.protocol import requests
from conformance.protocol.requests import Request
from refmodel.columns import COLUMNS, Kind
from refmodel.serialization import world_of
from refmodel.value_lists import LEVELS, YEARS

SOUTHERN = {**SOUTH, "staff": ["advisor@south.edu", "coach@south.edu"]}
SIGNS = {
    **NORTH,
    "id": "signs",
    "domains": ["signs.edu", "shared.edu"],
    "uses_sso": True,
    "staff": ["advisor@signs.edu", "coach@signs.edu"],
}
WORLD = requests.world(NORTH, SOUTHERN, SIGNS, employers=EMPLOYERS)
INSTITUTIONS = world_of(WORLD).directory.institutions
OTHER = {"north": "south", "south": "north", "signs": "north"}

Cells = dict[str, str]  # header → text
EMAIL = "a@mail.example"
SIGNED_UP: Cells = {"email_address": EMAIL, "username": EMAIL, "first_name": "Ada", "last_name": "Lee"}
BARE: Cells = SIGNED_UP | {"username": "1"}
ANOTHER: Cells = {
    "email_address": "b@mail.example",
    "username": "2",
    "first_name": "Bo",
    "last_name": "Kim",
    "auth_identifier": "j",
    "card_id": "9",
}
ONE_ELSEWHERE: Cells = ANOTHER | {"email_address": "e@mail.example", "username": "5", "auth_identifier": "k"}

PARTICULAR: Cells = BARE | {
    "auth_identifier": "i",
    "primary_education:start_date": "2016-09-01",
    "card_id": "8",
    "disabled": "FALSE",
    "campus_name": "Main",
}


def full(institution: str) -> Cells:
    """A student of whom everything is stored that an institution can store."""
    vocabulary = INSTITUTIONS[institution].vocabulary
    texts: Mapping[Kind, str] = {
        Kind.EMAIL: f"advisor@{institution}.edu",
        Kind.TEXT: "v",
        Kind.LEVEL: LEVELS[vocabulary][0],
        Kind.YEAR: YEARS[vocabulary][0],
        Kind.DATE: "2020-06-30",
        Kind.LIST: "x;y",
        Kind.LABELS: "x;y",
        Kind.BOOLEAN: "TRUE",
        Kind.MOBILE: "+4420",
    }
    return {column.header: PARTICULAR.get(column.header, texts[column.kind]) for column in COLUMNS}


def table(rows: Iterable[Cells], headers: Iterable[str]) -> bytes:
    """A file of some columns, in which what a row does not say is blank."""
    names, output = tuple(headers), io.StringIO(newline="")
    csv.writer(output, lineterminator="\n").writerows((names, *(tuple(r.get(n, "") for n in names) for r in rows)))
    return output.getvalue().encode()


def headers_of(*rows: Cells) -> tuple[str, ...]:
    """The starred columns and those that some rows name, in the order of the table."""
    named = {*STARRED, *(name for row in rows for name in row)}
    return tuple(name for name in HEADERS if name in named)


def sent(institution: str, *rows: Cells) -> Request:
    """An automatic import of some rows."""
    headers = headers_of(*rows, {"auth_identifier": ""})
    return requests.import_(institution, table(rows, headers), "automatic", False, "yyyy-mm-dd")


def do(action: str, **arguments: object) -> Request:
    """Something done about the student."""
    return requests.do(action, **({"email": EMAIL} | arguments))


Way = Callable[[str, str], Iterator[Request]]  # from the institution and another one


def nobody(here: str, there: str) -> Iterator[Request]:
    yield sent(here, ANOTHER)


def connected(here: str, there: str) -> Iterator[Request]:
    yield sent(here, full(here), ANOTHER)


def connected_bare(here: str, there: str) -> Iterator[Request]:
    yield sent(here, BARE, ANOTHER)


def archived(here: str, there: str) -> Iterator[Request]:
    yield sent(here, {**full(here), "disabled": "TRUE"}, ANOTHER)


def unconnected(here: str, there: str) -> Iterator[Request]:
    yield sent(here, ANOTHER)
    yield do("sign_up", first_name="Ada", last_name="Lee")


def connected_elsewhere(here: str, there: str) -> Iterator[Request]:
    yield sent(here, ANOTHER)
    yield sent(there, full(there))


def then(before: Way, action: str, *, there: bool = False, **arguments: object) -> Way:
    """A way that goes on with an action at the institution, or at the other one."""

    def way(here: str, elsewhere: str) -> Iterator[Request]:
        yield from before(here, elsewhere)
        yield do(action, institution=elsewhere if there else here, **arguments)

    return way


PENDING_HERE = then(unconnected, "request_access")
PENDING_ELSEWHERE = then(unconnected, "request_access", there=True)
DECLINED_HERE = then(PENDING_HERE, "decline")
ASKING_FOR_AN_ADDRESS = then(connected, "change_email", new_email="z@mail.example")
EDITS = {"gender": "edited", "mobile_number": "99", "primary_education:minor_names": "edited"}


@frozen
class StudentState:
    """The state of a student: how it comes about, and whether a job can update them without and with the setting."""

    name: str
    way: Way
    without_setting: bool = True
    with_setting: bool = True


NOBODY = StudentState("nobody", nobody)
STUDENT_STATES: Mapping[str, StudentState] = {
    state.name: state
    for state in (
        NOBODY,
        StudentState("connected", connected),
        StudentState("connected_bare", connected_bare),
        StudentState("archived", archived),
        StudentState("asked_for_an_address", then(ASKING_FOR_AN_ADDRESS, "set_excluded", excluded=False)),
        StudentState("edited", then(connected, "edit_profile", changes=EDITS)),
        StudentState("pending_here", PENDING_HERE),
        StudentState("pending_here_archived", then(PENDING_HERE, "set_disabled", disabled=True)),
        StudentState("approved", then(PENDING_HERE, "approve")),
        StudentState("came_over", then(connected_elsewhere, "switch_institution")),
        StudentState("came_back", then(then(connected, "switch_institution", there=True), "switch_institution")),
        StudentState("unconnected", unconnected, without_setting=False),
        StudentState("pending_elsewhere", PENDING_ELSEWHERE, without_setting=False),
        StudentState("declined_elsewhere", then(PENDING_ELSEWHERE, "decline", there=True), without_setting=False),
        StudentState("excluded", then(connected, "set_excluded", excluded=True), False, False),
        StudentState("pending_here_excluded", then(PENDING_HERE, "set_excluded", excluded=True), False, False),
        StudentState("declined_here", DECLINED_HERE, False, False),
        StudentState(
            "declined_here_pending_elsewhere", then(DECLINED_HERE, "request_access", there=True), False, False
        ),
        StudentState("connected_elsewhere", connected_elsewhere, False, False),
    )
}


def beginning(state: StudentState, institution: str) -> Iterator[Request]:
    """All that happens before the file: first the one elsewhere, then what is particular to the student."""
    other = OTHER[institution]
    yield sent(other, ONE_ELSEWHERE)
    yield from state.way(institution, other)
