"""Cases about actions: every action on every student, with the arguments that make a difference."""

from collections.abc import Iterator, Mapping
from functools import cache

from conformance.cases.corpus.blocks import INSTITUTION, STUDENT
from conformance.cases.corpus.cases import Choices, CorpusCase, Polarity
from conformance.cases.corpus.rows import begun
from conformance.cases.corpus.students import EMAIL, STUDENT_STATES, WORLD
from conformance.cases.edge_cases.building import EdgeCase
from conformance.generation.arguments import arguments_for
from conformance.oracle.answers import answer
from conformance.protocol import requests
from conformance.protocol.requests import OBSERVE
from conformance.protocol.responses import Response
from refmodel.catalogue import CATALOGUE

HERE, THERE = "north", "south"
NAMES = {"first_name": "Zoe", "last_name": "Ng"}
Arguments = Mapping[str, object]

PARTICULAR: Mapping[str, Mapping[str, Arguments]] = {  # where one case here and one elsewhere are not enough
    "sign_up": {"own_address": NAMES},
    "change_email": {
        "here": {"institution": HERE, "new_email": "y@mail.example"},
        "elsewhere": {"institution": THERE, "new_email": "y@mail.example"},
    },
    "confirm_email": {"own_address": {}},
    "set_disabled": {
        "archive": {"institution": HERE, "disabled": True},
        "bring_back": {"institution": HERE, "disabled": False},
        "elsewhere": {"institution": THERE, "disabled": True},
    },
    "edit_profile": {
        "here": {"institution": HERE, "changes": {"gender": "w"}},
        "elsewhere": {"institution": THERE, "changes": {"gender": "w"}},
    },
    "set_excluded": {
        "exclude": {"institution": HERE, "excluded": True},
        "include": {"institution": HERE, "excluded": False},
        "elsewhere": {"institution": THERE, "excluded": True},
    },
    "sign_in": {"password": {"via": "password"}},
}


def here_and_elsewhere(action: str) -> Mapping[str, Arguments]:
    """The arguments of an institution for its own student, and for another's."""
    places = {"here": HERE, "elsewhere": THERE}
    return {way: arguments_for(action, {"email": EMAIL, "institution": place}) for way, place in places.items()}


FOR_EVERY_STUDENT: Mapping[str, Mapping[str, Arguments]] = {
    action: PARTICULAR.get(action) or here_and_elsewhere(action) for action in requests.ACTIONS
}
SSO = {"via": "sso", "institution": "signs"}
FOR_ONE: Mapping[str, Mapping[str, Arguments]] = {
    "sign_up": {
        "new_address": {**NAMES, "email": "y@mail.example"},
        "capitals": {**NAMES, "email": " Y@Mail.Example "},
        "taken_in_capitals": {**NAMES, "email": EMAIL.upper()},
        "staffs": {**NAMES, "email": "advisor@south.edu"},
        "employers": {**NAMES, "email": "hr@employer.example"},
        "no_address": {**NAMES, "email": "y"},
        "no_first_name": {"first_name": " ", "last_name": "Ng", "email": "y@mail.example"},
        "no_last_name": {"first_name": "Zoe", "last_name": "", "email": "y@mail.example"},
        "token_for_a_name": {"first_name": "**CLEAR**", "last_name": "Ng", "email": "y@mail.example"},
    },
    "change_email": {
        "own_address": {"institution": HERE, "new_email": EMAIL},
        "taken": {"institution": HERE, "new_email": "e@mail.example"},
        "staffs": {"institution": HERE, "new_email": "coach@north.edu"},
        "no_address": {"institution": HERE, "new_email": "y@@mail.example"},
        "own_domain": {"institution": HERE, "new_email": "y@north.edu"},
        "shared_domain": {"institution": HERE, "new_email": "y@shared.edu"},
        "anothers_domain": {"institution": HERE, "new_email": "y@SOUTH.edu"},
        "in_capitals": {"institution": HERE, "new_email": " Y@MAIL.example "},
    },
    "edit_profile": {
        name: {"institution": HERE, "changes": changes}
        for name, changes in {
            "nothing": {},
            "blank": {"gender": ""},
            "token": {"gender": "**CLEAR**"},
            "first_name": {"first_name": "Zoe"},
            "first_name_token": {"first_name": "**CLEAR**"},
            "year": {"school_year_name": "Alumni"},
            "year_by_its_alias": {"institution_year_name": "Alumni"},
            "year_beside_its_alias": {"institution_year_name": "Alumni", "school_year_name": "Alumni"},
            "unlisted_year": {"school_year_name": "alumni"},
            "address": {"email_address": EMAIL},
            "username_blank": {"username": ""},
            "card": {"card_id": "77"},
            "auth_identifier": {"auth_identifier": ""},
            "labels": {"system_label_names": "q"},
            "archiving": {"disabled": "TRUE"},
            "unknown_header": {"nonsense": ""},
            "dates": {"primary_education:start_date": "2017-09-01", "primary_education:end_date": "2017-09-01"},
            "date_in_the_other_format": {"primary_education:end_date": "06/30/2021"},
            "end_before_start": {"primary_education:end_date": "2016-08-31"},
            "start_behind_the_end": {"primary_education:start_date": "2020-07-01"},
            "assignee": {"assigned_to_email_address": "COACH@north.edu"},
            "unknown_assignee": {"assigned_to_email_address": "advisor@south.edu"},
            "campus": {"campus_name": "Quay"},
            "unknown_campus": {"campus_name": "quay"},
            "list": {"primary_education:minor_names": " z ; y;z"},
            "one_good_one_bad": {"gender": "w", "mobile_number": "++1"},
        }.items()
    },
    "switch_institution": {"to_another": {"institution": "signs"}},
    "sign_in": {
        "own_attribute": {**SSO, "attribute": "i"},
        "anothers_attribute": {**SSO, "attribute": "j"},
        "attribute_in_capitals": {**SSO, "attribute": "I"},
        "no_attribute": {**SSO, "attribute": ""},
        "capitals": {"via": "password", "email": EMAIL.upper()},
        "staffs": {"via": "password", "email": "advisor@north.edu"},
        "nobodys": {"via": "password", "email": "nobody@mail.example"},
    },
}


@cache
def action_cases() -> tuple[CorpusCase, ...]:
    """A case for each action and student; what depends on the arguments alone, for a connected one."""
    return tuple(_cases())


def _cases() -> Iterator[CorpusCase]:
    for action, ways in FOR_EVERY_STUDENT.items():
        for way, arguments in ways.items():
            for student in STUDENT_STATES:
                yield action_case(action, way, arguments, student)
    for action, ways in FOR_ONE.items():
        for way, arguments in ways.items():
            yield action_case(action, way, arguments, "connected")
    for way, arguments in FOR_ONE["sign_in"].items():
        yield action_case("sign_in", f"{way}_with_sso", arguments, "connected", "signs")


def action_case(action: str, way: str, arguments: Arguments, student: str, institution: str = HERE) -> CorpusCase:
    """The case of one action."""
    begin = begun(student, institution)
    request = requests.do(action, **{"email": EMAIL, **arguments})
    response, _ = answer(begin.world, request)
    rules = rules_shown(action, response)
    title = f"{action}, {way.replace('_', ' ')}, about a student ({student.replace('_', ' ')}): {outcome_of(response)}."
    name = f"{action}_{way}_{student}"
    asked = (*begin.requests, request, OBSERVE)
    case = EdgeCase(name, rules, title, CATALOGUE[action].consequence, WORLD, asked)
    choices: Choices = {STUDENT: student, INSTITUTION: institution}
    polarity: Polarity = "positive" if response["done"] else "refused"
    return CorpusCase(case, "actions", polarity, choices, len(begin.requests))


def rules_shown(action: str, response: Response) -> tuple[str, ...]:
    """The action's own rule, and that of an identifier that is taken."""
    taken = [rule for column, rule in TAKEN.items() if response.get("refused", "").startswith(f"{column} has already")]
    return (action, *taken)


TAKEN = {
    "username": "username_is_unique_in_the_institution",
    "auth_identifier": "auth_identifier_is_unique_in_the_institution",
    "card_id": "card_id_is_unique_in_the_institution",
}


def outcome_of(response: Response) -> str:
    """The outcome of an action in a few words."""
    if not response["done"]:
        return "refused"
    return {None: "done", True: "they get in", False: "they do not get in"}[response.get("access")]
