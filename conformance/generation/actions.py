"""Actions in the app: mostly ones that are possible, by the institution concerned."""

from collections.abc import Callable, Mapping
from typing import get_args, get_origin

from conformance.generation.arguments import arguments_for
from conformance.generation.deceptive_values import twin_of
from conformance.generation.files import newcomers_file
from conformance.generation.history import ActionStep, Step, Texts
from conformance.generation.randomness import Choices, weights
from conformance.generation.rows import DATES, HEADERS, SENSITIVE, filled_cell, some_cell
from conformance.generation.scene import Scene
from conformance.generation.value_pools import ADDRESSES, EDGE, EDGE_ADDRESSES, TYPICAL
from conformance.protocol.requests import ACTIONS
from refmodel.columns import CLEAR_TOKEN, SCHOOL_YEAR_NAME, YEAR_ALIAS
from refmodel.world import Account

NOT_EDITED: Texts = ("disabled", "system_label_names")
Arguments = dict[str, object]


def named_action(draw: Choices, scene: Scene, action: str) -> ActionStep:
    """An action of one name: mostly about a student for whom it is possible."""
    students = list(scene.world.students())
    fitting = [student for student in students if PRECONDITIONS.get(action, bool)(student)]
    anybody = draw.one_in(6) or not fitting
    student = draw.one_of(students if anybody else fitting) if students else None
    return ActionStep(action, action_arguments(draw, scene, action, student))


def is_possible(scene: Scene, action: str) -> bool:
    """Whether the importer claims an action, and it is possible for some student, or makes one."""
    if action not in scene.actions:
        return False
    fits = PRECONDITIONS.get(action, bool)
    return action == "sign_up" or any(map(fits, scene.world.students()))


def possible_action(draw: Choices, scene: Scene, action: str) -> ActionStep:
    """An action that is possible for the student whom the history is about, or for another."""
    students = list(scene.world.students())
    fits = PRECONDITIONS.get(action, bool)
    student = scene.world.accounts.get(scene.about)
    if student is None or not fits(student) or draw.one_in(4):
        fitting = [each for each in students if fits(each)]
        student = draw.one_of(students if draw.one_in(8) else fitting) if fitting else None
    if student:
        scene.about = student.key
    return ActionStep(action, action_arguments(draw, scene, action, student))


def some_action(draw: Choices, scene: Scene) -> ActionStep | None:
    """An action: mostly about a student for whom it is possible, by the institution concerned."""
    if not scene.actions:
        return None
    action = draw.one_of([name for name in FREQUENT if name in scene.actions] or scene.actions)
    action = action if draw.one_in(2) else draw.one_of(scene.actions)
    students = list(scene.world.students())
    fitting = [student for student in students if PRECONDITIONS.get(action, bool)(student)]
    if not fitting and action != "sign_up" and not draw.one_in(6):
        return None
    student = draw.one_of(fitting if fitting and not draw.one_in(6) else students or [None])
    return ActionStep(action, action_arguments(draw, scene, action, student))


def action_arguments(draw: Choices, scene: Scene, action: str, student: Account | None) -> Arguments:
    """The arguments of an action."""
    email = student.email_address if student and not draw.one_in(10) else some_address(draw)
    home = student.home if student and student.home and not draw.one_in(5) else draw.one_of(scene.institutions)
    given: Arguments = {"email": email.upper() if draw.one_in(12) else email, "institution": home}
    if action in ARGUMENTS:
        return ARGUMENTS[action](draw, scene, given, student)
    return arguments_for(action, given, lambda kind: argument_of_type(draw, scene, kind, student))


def argument_of_type(draw: Choices, scene: Scene, kind: object, student: Account | None) -> object:
    """A value for an argument of which only the type is known."""
    if get_origin(kind) is Mapping:
        return profile_changes(draw, scene, student)
    return draw.one_of(get_args(kind) or ((True, False) if kind is bool else EDGE["middle_name"]))


def some_address(draw: Choices) -> str:
    """An e-mail address."""
    return draw.one_of(EDGE_ADDRESSES if draw.one_in(4) else ADDRESSES)


def sign_up_as(draw: Choices, scene: Scene, email: str) -> ActionStep | None:
    """A sign-up with an address."""
    if "sign_up" not in scene.actions:
        return None
    return ActionStep("sign_up", {"email": email, "first_name": "Ada", "last_name": "Lee"})


# In the app.


def in_the_app(draw: Choices, scene: Scene) -> Step | None:
    """A change in the app: to a profile, a sign-in, an archived or excluded student, a new address."""
    anybody = draw.one_in(4)
    students = [student for student in scene.world.students() if anybody or student.institution]
    names = [(name, weight) for name, weight in IN_THE_APP.items() if name in scene.actions]
    if not students or not names:
        return newcomers_file(draw, scene)
    action = draw.weighted(weights(*names))
    return ActionStep(action, action_arguments(draw, scene, action, draw.one_of(students)))


def profile_changes(draw: Choices, scene: Scene, student: Account | None) -> dict[str, str]:
    """Changes of a profile: mostly one; or two; or an allowed one beside a forbidden one."""
    names = [name for name in HEADERS if name in scene.columns and name not in (*SENSITIVE, *NOT_EDITED)]
    kind = draw.randbelow(10)
    if kind == 0:
        return {SCHOOL_YEAR_NAME.header: draw.one_of(("", "Alumni", "x")), YEAR_ALIAS: draw.one_of(("Alumni", ""))}
    chosen = [draw.weighted(weights(*((name, 5 if name in OF_AN_INSTITUTION else 1) for name in names)))]
    if kind <= 3:
        chosen.append(draw.one_of((*SENSITIVE, *NOT_EDITED, "nonsense")))
    elif kind <= 5:
        chosen = [name for name in DATES if name in names] if draw.one_in(2) else [draw.one_of(DATES), *chosen]
        chosen = [name for name in chosen if name in names]
    home = (student.home if student else None) or scene.institutions[0]
    return {name: profile_text(draw, scene, name, home) for name in dict.fromkeys(chosen)}


def profile_text(draw: Choices, scene: Scene, name: str, home: str) -> str:
    """A value in a profile: blank or the token more often than in a file."""
    if name not in TYPICAL:
        return draw.one_of(("x", ""))
    if name in (*SENSITIVE, *NOT_EDITED):
        return draw.one_of(("", TYPICAL[name][0], TYPICAL[name][-1]))
    kind = draw.randbelow(6)
    if kind <= 1:
        return ("", CLEAR_TOKEN)[kind]
    if kind <= 3:
        return filled_cell(draw, scene, name, home) if kind == 2 else some_cell(draw, name)
    valid = draw.one_in(4 if name in OF_AN_INSTITUTION else 2)
    return draw.one_of(scene.values[home].edge(valid=valid)[name] or TYPICAL[name])


def nearly_equal(draw: Choices, text: str) -> str:
    """What is equal to a text, where it is compared loosely: as a number, trimmed, or by its beginning."""
    return draw.one_of((f"{text} ", f"0{text}", f"{text}.0", text[:-1], f"{text}@north.edu", f"{text}x"))


def returned_attribute(draw: Choices, scene: Scene, student: Account | None) -> str:
    """What an identity provider returns: the identifier, nearly the same, or another value of the student."""
    if student is None:
        return draw.one_of(("", "i"))
    known = student.auth_identifier or ""
    nearly = twin_of(known, scene.twins) or known.swapcase()
    others = (nearly, nearly, student.username or "", student.email_address, "", "i", nearly_equal(draw, known))
    return draw.one_of((known, known, known, *others))


OF_AN_INSTITUTION: Texts = ("assigned_to_email_address", "campus_name")
FREQUENT: Texts = ("sign_up", "request_access", "change_email")  # other actions depend on these
PRECONDITIONS: Mapping[str, Callable[[Account], bool]] = {  # students an action is possible for, if not all
    "request_access": lambda student: student.home is None,
    "approve": lambda student: student.pending_at is not None,
    "decline": lambda student: student.pending_at is not None,
    "delete_pending": lambda student: student.pending_at is not None,
    "add_by_email": lambda student: student.institution is None,
    "confirm_email": lambda student: student.requested_email is not None,
    "switch_institution": lambda student: student.institution is not None,
    "set_excluded": lambda student: student.home is not None,
    "change_email": lambda student: student.home is not None,
    "set_disabled": lambda student: student.home is not None,
    "edit_profile": lambda student: student.home is not None,
}
ARGUMENTS: Mapping[str, Callable[[Choices, Scene, Arguments, Account | None], Arguments]] = {
    "sign_up": lambda draw, scene, given, student: {
        "email": given["email"] if draw.one_in(3) else some_address(draw),
        "first_name": some_cell(draw, "first_name") if draw.one_in(4) else "Ada",
        "last_name": some_cell(draw, "last_name") if draw.one_in(4) else "Lee",
    },
    "request_access": lambda draw, scene, given, student: given | {"institution": draw.one_of(scene.institutions)},
    "add_by_email": lambda draw, scene, given, student: given | {"institution": draw.one_of(scene.institutions)},
    "change_email": lambda draw, scene, given, student: given | {"new_email": some_address(draw)},
    "set_disabled": lambda draw, scene, given, student: (
        given | {"disabled": not student.disabled if student and not draw.one_in(4) else draw.one_in(2)}
    ),
    "edit_profile": lambda draw, scene, given, student: given | {"changes": profile_changes(draw, scene, student)},
    "set_excluded": lambda draw, scene, given, student: (
        given | {"excluded": not (student and student.excluded_from_sync)}
    ),
    "switch_institution": lambda draw, scene, given, student: given | {"institution": draw.one_of(scene.institutions)},
    "sign_in": lambda draw, scene, given, student: (
        {"email": given["email"], "via": "password"}
        if draw.one_in(3)
        else {
            **given,
            "institution": draw.one_of((given["institution"], given["institution"], *scene.institutions)),
            "via": "sso",
            "attribute": returned_attribute(draw, scene, student),
        }
    ),
}
OTHERS: Texts = tuple(name for name in ACTIONS if name not in PRECONDITIONS and name not in ARGUMENTS)
IN_THE_APP: Mapping[str, int] = {
    "edit_profile": 3,
    "sign_in": 3,
    "set_disabled": 1,
    "change_email": 1,
    "confirm_email": 1,
    "set_excluded": 1,
    **dict.fromkeys(OTHERS, 1),
}
