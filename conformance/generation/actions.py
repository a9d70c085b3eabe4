"""Actions in the app: mostly ones that are possible, by the institution concerned."""

from collections.abc import Callable, Mapping
from typing import get_args, get_origin

from attrs import define

from conformance.generation.arguments import arguments_for
from conformance.generation.files import Files
from conformance.generation.history import ActionStep, Step, Texts
from conformance.generation.rows import DATES, HEADERS, SENSITIVE
from conformance.generation.value_pools import ADDRESSES, EDGE, EDGE_ADDRESSES, INSTITUTIONS, INVALID, TYPICAL, VALID
from conformance.protocol.requests import ACTIONS
from refmodel.columns import CLEAR_TOKEN, SCHOOL_YEAR_NAME, YEAR_ALIAS
from refmodel.world import Account, World

NOT_EDITED: Texts = ("disabled", "system_label_names")
Arguments = dict[str, object]


@define
class Actions(Files):
    """Generates actions."""

    def action(self, world: World) -> ActionStep | None:
        """An action: mostly about a student for whom it is possible, by the institution concerned."""
        if not self.actions:
            return None
        action = self.one_of([name for name in FREQUENT if name in self.actions] or self.actions)
        action = action if self.one_in(2) else self.one_of(self.actions)
        students = list(world.students())
        fitting = [student for student in students if PRECONDITIONS.get(action, bool)(student)]
        if not fitting and action != "sign_up" and not self.one_in(6):
            return None
        student = self.one_of(fitting if fitting and not self.one_in(6) else students or [None])
        return ActionStep(action, self.arguments(action, student))

    def arguments(self, action: str, student: Account | None) -> Arguments:
        """The arguments of an action."""
        email = student.email_address if student and not self.one_in(10) else self.address()
        home = student.home if student and student.home and not self.one_in(5) else self.one_of(INSTITUTIONS)
        given: Arguments = {"email": email.upper() if self.one_in(12) else email, "institution": home}
        if action in ARGUMENTS:
            return ARGUMENTS[action](self, given, student)
        return arguments_for(action, given, lambda kind: self.argument(kind, student))

    def argument(self, kind: object, student: Account | None) -> object:
        """A value for an argument of which only the type is known."""
        if get_origin(kind) is Mapping:
            return self.profile(student)
        return self.one_of(get_args(kind) or ((True, False) if kind is bool else EDGE["middle_name"]))

    def address(self) -> str:
        """An e-mail address."""
        return self.one_of(EDGE_ADDRESSES if self.one_in(4) else ADDRESSES)

    def sign_up(self, email: str) -> ActionStep | None:
        """A sign-up with an address."""
        if "sign_up" not in self.actions:
            return None
        return ActionStep("sign_up", {"email": email, "first_name": "Ada", "last_name": "Lee"})

    # In the app.

    def in_the_app(self, world: World) -> Step | None:
        """A change in the app: to a profile, a sign-in, an archived or excluded student, a new address."""
        anybody = self.one_in(4)
        students = [student for student in world.students() if anybody or student.institution]
        names = [name for name in IN_THE_APP if name in self.actions]
        if not students or not names:
            return self.newcomers_file(world)
        action = self.one_of(names)
        return ActionStep(action, self.arguments(action, self.one_of(students)))

    def profile(self, student: Account | None) -> dict[str, str]:
        """Changes of a profile: mostly one; or two; or an allowed one beside a forbidden one."""
        names = [name for name in HEADERS if name in self.columns and name not in (*SENSITIVE, *NOT_EDITED)]
        kind = self.source.randbelow(10)
        if kind == 0:
            return {SCHOOL_YEAR_NAME.header: self.one_of(("", "Alumni", "x")), YEAR_ALIAS: self.one_of(("Alumni", ""))}
        chosen = [self.one_of([*names, *(name for name in OF_AN_INSTITUTION if name in names)])]
        if kind <= 3:
            chosen.append(self.one_of((*SENSITIVE, *NOT_EDITED, "nonsense")))
        elif kind <= 5:
            chosen = [name for name in DATES if name in names] if self.one_in(2) else [self.one_of(DATES), *chosen]
            chosen = [name for name in chosen if name in names]
        home = (student.home if student else None) or INSTITUTIONS[0]
        return {name: self.profile_text(name, home) for name in dict.fromkeys(chosen)}

    def profile_text(self, name: str, home: str) -> str:
        """A value in a profile: blank or the token more often than in a file."""
        if name not in TYPICAL:
            return self.one_of(("x", ""))
        if name in (*SENSITIVE, *NOT_EDITED):
            return self.one_of(("", TYPICAL[name][0], TYPICAL[name][-1]))
        texts = VALID if self.one_in(4 if name in OF_AN_INSTITUTION else 2) else INVALID
        edge = self.one_of(texts[home][name] or TYPICAL[name])
        return self.one_of(("", CLEAR_TOKEN, edge, edge, self.filled_cell(name, home), self.cell(name)))

    def attribute(self, student: Account | None) -> str:
        """What an identity provider returns: the identifier, nearly the same, or another value of the student."""
        if student is None:
            return self.one_of(("", "i"))
        known = student.auth_identifier or ""
        others = (known.swapcase(), known.swapcase(), student.username or "", student.email_address, "", "i")
        return self.one_of((known, known, known, *others))


OF_AN_INSTITUTION: Texts = ("assigned_to_email_address", "campus_name") * 4
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
ARGUMENTS: Mapping[str, Callable[[Actions, Arguments, Account | None], Arguments]] = {
    "sign_up": lambda make, given, student: {
        "email": given["email"] if make.one_in(3) else make.address(),
        "first_name": make.cell("first_name") if make.one_in(4) else "Ada",
        "last_name": make.cell("last_name") if make.one_in(4) else "Lee",
    },
    "request_access": lambda make, given, student: given | {"institution": make.one_of(INSTITUTIONS)},
    "add_by_email": lambda make, given, student: given | {"institution": make.one_of(INSTITUTIONS)},
    "change_email": lambda make, given, student: given | {"new_email": make.address()},
    "set_disabled": lambda make, given, student: (
        given | {"disabled": not student.disabled if student and not make.one_in(4) else make.one_in(2)}
    ),
    "edit_profile": lambda make, given, student: given | {"changes": make.profile(student)},
    "set_excluded": lambda make, given, student: given | {"excluded": not (student and student.excluded_from_sync)},
    "switch_institution": lambda make, given, student: given | {"institution": make.one_of(INSTITUTIONS)},
    "sign_in": lambda make, given, student: (
        {"email": given["email"], "via": "password"}
        if make.one_in(3)
        else {
            **given,
            "institution": make.one_of((given["institution"], given["institution"], *INSTITUTIONS)),
            "via": "sso",
            "attribute": make.attribute(student),
        }
    ),
}
OTHERS: Texts = tuple(name for name in ACTIONS if name not in PRECONDITIONS and name not in ARGUMENTS)
IN_THE_APP: Texts = (
    *("edit_profile", "edit_profile", "edit_profile", "sign_in", "sign_in", "sign_in"),
    *("set_disabled", "change_email", "confirm_email", "set_excluded"),
    *OTHERS,
)
