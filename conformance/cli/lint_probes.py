"""What the lint sends: a world, students, unusual texts, malformed requests, and an action of each kind."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from conformance.generation.arguments import arguments_for
from conformance.generation.history import FileStep
from conformance.generation.value_pools import TYPICAL
from conformance.protocol import requests
from conformance.protocol.requests import ACTIONS, OBSERVE, Request
from refmodel.columns import COLUMNS

RESET: Request = requests.reset(
    requests.world(
        requests.institution(
            "north", ["north.edu"], uses_sso=True, campuses=["Main", "Quay"], staff=["advisor@north.edu"]
        ),
        requests.institution("south", ["south.edu"], vocabulary="us"),
        employers=["hr@employer.example"],
    )
)
SAID: Mapping[str, str] = {
    "email_address": "ada@north.edu",
    "username": "1001",
    "first_name": "Ada",
    "last_name": "Lee",
    "middle_name": "Grace",
    "preferred_name": "Addie",
    "auth_identifier": "sso-1001",
    "primary_education:education_level_name": "Undergraduate",
    "primary_education:start_date": "2016-09-01",
    "primary_education:end_date": "2019-06-30",
    "primary_education:college_names": "Science;Arts",
    "school_year_name": "Alumni",
    "primary_education:currently_attending": "TRUE",
    "primary_education:major_names": "Physics;History",
    "primary_education:minor_names": "Music",
    "card_id": "C-77",
    "mobile_number": "+44201234",
    "gender": "female",
    "disabled": "TRUE",
    "system_label_names": "chess;rowing",
    "assigned_to_email_address": "advisor@north.edu",
    "hometown_location_attributes:name": "York",
    "campus_name": "Quay",
}
FULL: Mapping[str, str] = {  # a student with a value in every column
    column.header: SAID.get(column.header) or TYPICAL[column.header][0] for column in COLUMNS
}
PLAIN: Mapping[str, str] = {  # a student with the required columns only
    "email_address": "bo@north.edu",
    "username": "bo@north.edu",
    "first_name": "Bo",
    "last_name": "Kim",
    "auth_identifier": "",
    "primary_education:end_date": "",
    "school_year_name": "Alumni",
}
ODD_NAMES = (
    'Zo\u00eb "Quote" O\'Neil',
    "back\\slash\\n and\ttab",
    "line\u2028separator\u2029paragraph\u0085next",
    "two\nlines",
    "\u5c0f\u660e \U0001f393 \u05d0\u05d1",
    "e\u0301 is not \u00e9",
)
MALFORMED: tuple[Request, ...] = (
    {},
    {"op": "no_such_op"},
    {"op": "import"},
    {"op": "import", "institution": "north", "mode": "manual", "date_format": "yyyy-mm-dd", "csv": "?"},
    {"op": "do"},
    {"op": "do", "action": "no_such_action"},
    {"op": 7},
)
PARTICULAR: Mapping[str, Mapping[str, object]] = {
    "sign_up": {"email": "cy@mail.example", "first_name": "Cy", "last_name": "Poe"},
    "request_access": {"email": "cy@mail.example", "institution": "north"},
    "decline": {"institution": "north", "email": "cy@mail.example"},
    "add_by_email": {"institution": "south", "email": "cy@mail.example"},
    "approve": {"institution": "north", "email": "cy@mail.example"},
    "delete_pending": {"institution": "north", "email": "cy@mail.example"},
    "edit_profile": {"institution": "north", "email": "ada@north.edu", "changes": {"middle_name": "Zo\u00eb"}},
    "set_disabled": {"institution": "north", "email": "ada@north.edu", "disabled": False},
    "set_excluded": {"institution": "north", "email": "ada@north.edu", "excluded": True},
    "sign_in": {"email": "ada@north.edu", "via": "sso", "institution": "north", "attribute": "sso-1001"},
    "change_email": {"institution": "north", "email": "ada@north.edu", "new_email": "ada@mail.example"},
    "switch_institution": {"email": "bo@north.edu", "institution": "south"},
    "confirm_email": {"email": "ada@north.edu"},
}
OF_ADA = {"institution": "north", "email": "ada@north.edu"}
ARGUMENTS: Mapping[str, Mapping[str, object]] = {  # of each action, so that most of them happen in this order
    **{name: arguments_for(name, OF_ADA) for name in ACTIONS if name not in PARTICULAR},
    **PARTICULAR,
}


def student(name: str, number: int, **more: str) -> Mapping[str, str]:
    """A row about a student of North."""
    own = {"email_address": f"{name}@north.edu", "username": str(number), "first_name": name.title()}
    return {**PLAIN, **own, "auth_identifier": f"sso-{number}", **more}


DI, FAY, GUS, HAL = student("di", 1002), student("fay", 1003), student("gus", 1004), student("hal", 1005)
IDENTIFIERS = ("email_address", "username", "auth_identifier", "card_id")


def marked(row: Mapping[str, str], mark: str) -> Mapping[str, str]:
    """The same student under other identifiers: with a mark behind each, in an address before its @."""
    return {**row, **{name: _marked(row[name], mark) for name in IDENTIFIERS if row.get(name)}}


def _marked(text: str, mark: str) -> str:
    name, at, domain = text.partition("@")
    return f"{name}-{mark}{at}{domain}"


def life(columns: Collection[str], supports: Collection[str], mark: str) -> tuple[Request, ...]:
    """Every operation that an importer claims, done at least once, with observations between them.

    Each is about a student of its own. If a reset left anything of it, then in a repetition an address would be taken,
    a row unchanged, or a request there already. The mark is in all identifiers, so that these students are new even to
    a server that cannot be started anew.
    """
    ada, bo, di, fay, gus, hal = (marked(row, mark) for row in (FULL, PLAIN, DI, FAY, GUS, HAL))
    emails = {row["first_name"]: row["email_address"] for row in (ada, bo, di, fay, gus)}
    headers = [header for header in FULL if header in columns]
    file = file_request((ada, bo, di, fay, gus), headers)
    kim, other = f"kim-{mark}@mail.example", f"fay-{mark}@mail.example"
    steps: tuple[Request, ...] = (
        requests.do("sign_up", email=emails["Bo"], first_name="Bo", last_name="Kim"),
        requests.do("add_by_email", institution="north", email=emails["Bo"]),
        file,
        file,
        OBSERVE,
        file_request([hal], headers, "preview"),
        *_asking(f"cy-{mark}@mail.example", "decline"),
        *_asking(f"jo-{mark}@mail.example", "approve"),
        OBSERVE,
        *_asking(kim, "delete_pending"),
        requests.do("sign_up", email=kim, first_name="Kim", last_name="Poe"),
        requests.do("sign_in", email=kim, via="password", institution=None, attribute=None),
        OBSERVE,
        requests.do("edit_profile", institution="north", email=emails["Ada"], changes={"middle_name": "Zo\u00eb"}),
        requests.do("set_disabled", institution="north", email=emails["Bo"], disabled=True),
        requests.do("set_excluded", institution="north", email=emails["Di"], excluded=True),
        file_request([{**di, "last_name": "New"}, {**bo, "last_name": "New"}], headers),
        requests.do("change_email", institution="north", email=emails["Fay"], new_email=other),
        OBSERVE,
        requests.do("confirm_email", email=emails["Fay"]),
        requests.do("switch_institution", email=emails["Gus"], institution="south"),
        requests.do("sign_in", email=emails["Di"], via="sso", institution="north", attribute=di["auth_identifier"]),
        bytes_request(b"first_name\nAda\n"),
        OBSERVE,
    )
    done = {step.get("action") for step in steps}
    of_ada = {"institution": "north", "email": emails["Ada"]}
    others = [requests.do(name, **arguments_for(name, of_ada)) for name in ACTIONS if name not in done]
    return tuple(step for step in (*steps, *others, *([OBSERVE] if others else [])) if _is_claimed(step, supports))


def _asking(email: str, answer: str) -> tuple[Request, ...]:
    return (
        requests.do("sign_up", email=email, first_name="Cy", last_name="Poe"),
        requests.do("request_access", email=email, institution="north"),
        requests.do(answer, institution="north", email=email),
    )


def _is_claimed(step: Request, supports: Collection[str]) -> bool:
    return step["op"] in ("import", "observe") or step.get("action", step["op"]) in supports


def file_request(rows: Sequence[Mapping[str, str]], headers: Iterable[str], op: str = "import") -> Request:
    """The request that sends some rows, with the setting, under some headers."""
    header = tuple(headers)
    cells = tuple(tuple(row.get(name, "") for name in header) for row in rows)
    file = FileStep("north", header, cells, "manual", change_sensitive_fields=True, preview=op == "preview")
    return file.request()


def bytes_request(data: bytes) -> Request:
    """The request that sends some bytes."""
    return requests.import_("north", data, "automatic", False, "yyyy-mm-dd")
