"""The moves of the search: one generator of histories, over a source of choices.

Every move looks at the model's world as it is now, so that its rows are about students who are there: one with
something changed, the row that was applied last, a failed row under the setting, two or three who exchange a value.

Each history has a theme, drawn in its beginning: which moves it takes and how often, which columns it is about, and how
long it is. So the few moves and columns that have to meet do meet, which they would not in a mixture of everything.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define, evolve, field, frozen

from conformance.filemoves import FileMoves
from conformance.histories import ActionStep, FileStep, Step, Texts
from conformance.rows import AUTH, DATES, HEADERS, OTHERS, SENSITIVE, STARRED, account_texts, with_columns
from conformance.universe import ADDRESSES, INSTITUTIONS, ODD_ADDRESSES, RIGHT, USUAL, WORLDS, WRONG
from refmodel.schema import CLEAR_TOKEN, SCHOOL_YEAR_NAME, YEAR_ALIAS
from refmodel.world import Account, World

__all__ = ["FITS", "STARRED", "Moves", "with_columns"]

NOT_EDITED: Texts = ("disabled", "system_label_names")
MEMORABLE = 10_000  # characters; a file with a longer cell is not sent again and again
Arguments = dict[str, Any]


@define
class Moves(FileMoves):
    """Makes the next step of a history, from the world as the model has it and from what was sent before."""

    drawn: "Theme | None" = None
    about: int = 0  # the key of the student whom a story is about
    plan: list["Chapter"] = field(factory=list)  # what is to happen next in it

    def start(self) -> Mapping[str, Any]:
        """Draw a theme, and the world that it begins in."""
        return self.one_of(self.theme.worlds)

    @property
    def theme(self) -> "Theme":
        """What the history is about; drawn when it is asked for first."""
        if self.drawn is None:
            self.drawn = self.one_of(THEMES)
            self.chosen = self.columns_for(self.drawn)
        return self.drawn

    @property
    def steps(self) -> int:
        """How long the history is to be."""
        return self.theme.steps

    def columns_for(self, theme: "Theme") -> Texts:
        """The columns of a theme and some others, or all, among those that there are."""
        there = [name for name in OTHERS if name in self.columns]
        more = self.one_of(theme.more)
        some = {*theme.columns, *self.shuffled(there)[:more]}
        return tuple(name for name in there if name in some)

    def next_step(self, world: World) -> Step:
        """A step of the history's theme; or a file, where it has none that can happen."""
        step = self.one_of(self.theme.moves)(self, world) or self.file(world)
        if isinstance(step, FileStep) and self.previews and self.chance(8):
            return evolve(step, preview=True)
        return step

    def remember(self, step: FileStep, outcomes: Sequence[str]) -> None:
        """Keep a file that was sent, and those of its rows that failed."""
        if any(len(cell) > MEMORABLE for row in step.rows for cell in row):
            return
        self.files.append(step)
        rows = tuple(row for row, outcome in zip(step.rows, outcomes) if outcome == "failed")
        if rows and len(outcomes) == len(step.rows):
            self.failed.append(evolve(step, rows=rows))

    def file(self, world: World) -> FileStep:
        """A file of one kind or another."""
        return self.one_of(FILES)(self, world)

    # Actions.

    def action(self, world: World) -> ActionStep | None:
        """Something that somebody does: about a student to whom it can happen, mostly, by whom it may concern."""
        if not self.actions:
            return None
        action = self.one_of([name for name in FREQUENT if name in self.actions] or self.actions)
        action = action if self.chance(2) else self.one_of(self.actions)
        students = list(world.students())
        fitting = [student for student in students if FITS.get(action, bool)(student)]
        if not fitting and action != "sign_up" and not self.chance(6):
            return None
        student = self.one_of(fitting if fitting and not self.chance(6) else students or [None])
        return ActionStep(action, self.arguments(action, student))

    def arguments(self, action: str, student: Account | None) -> Arguments:
        """The arguments of an action."""
        email = student.email_address if student and not self.chance(10) else self.address()
        home = student.home if student and student.home and not self.chance(5) else self.one_of(INSTITUTIONS)
        given = {"email": email.upper() if self.chance(12) else email, "institution": home}
        return ARGUMENTS[action](self, given, student)

    def address(self) -> str:
        """An e-mail address."""
        return self.one_of(ODD_ADDRESSES if self.chance(4) else ADDRESSES)

    def sign_up(self, email: str) -> ActionStep | None:
        """Somebody signs up with an address."""
        if "sign_up" not in self.actions:
            return None
        return ActionStep("sign_up", {"email": email, "first_name": "Ada", "last_name": "Lee"})

    # A story about one student: plans of some chapters, one after the other.

    def story(self, world: World) -> Step | None:
        """The next chapter; or something else now and then."""
        student = self.subject(world)
        if student is None:
            return self.beginning(world)
        if not self.plan:
            state = "connected" if student.institution else "pending" if student.pending_at else "unconnected"
            self.plan = list(self.one_of(PLANS[state]))
        chapter = Moves.happening if self.chance(8) else self.plan.pop(0)
        return chapter(self, student, world) or self.happening(student, world)

    def subject(self, world: World) -> Account | None:
        """The student whom the story is about: the same one as before, as long as there is one."""
        if self.about not in world.accounts and world.accounts:
            self.about = self.one_of(list(world.accounts))
        return world.accounts.get(self.about)

    def beginning(self, world: World) -> Step:
        """Somebody signs up, or is created."""
        signing_up = self.sign_up(self.one_of(ADDRESSES)) if not self.chance(3) else None
        return signing_up or self.newcomers_file(world)

    def done(self, action: str, student: Account, **arguments: Any) -> ActionStep | None:
        """An action about a student, by the right institution mostly, if the importer has it."""
        if action not in self.actions:
            return None
        if self.chance(8) and "institution" in arguments:
            arguments["institution"] = self.other(arguments["institution"])
        return ActionStep(action, {"email": student.email_address, **arguments})

    def happening(self, student: Account, world: World) -> Step | None:
        """An action that can happen to a student, mostly."""
        fitting = [name for name in self.actions if name in STORY and (name not in FITS or FITS[name](student))]
        if not fitting:
            return None
        action = self.one_of(self.actions) if self.chance(6) else self.one_of(fitting)
        return ActionStep(action, self.arguments(action, student))

    def requesting(self, student: Account, world: World) -> Step | None:
        """The student asks an institution for access."""
        return self.done("request_access", student, institution=self.one_of(INSTITUTIONS))

    def answering(self, student: Account, world: World) -> Step | None:
        """What becomes of a request: an answer; or staff, or a job with the setting, here or elsewhere."""
        home, anywhere = student.home or INSTITUTIONS[0], self.one_of((*sorted(student.declined_by), *INSTITUTIONS))
        if self.chance(4):
            return self.file_from(anywhere, student, world, setting=True)
        if self.chance(4):
            return self.done(self.one_of(ELSEWHERE), student, institution=anywhere)
        return self.done(self.one_of(ANSWERS), student, institution=home)

    def standing(self, student: Account, world: World) -> Step | None:
        """What changes where a student stands."""
        if student.pending_at:
            return self.answering(student, world)
        if student.institution:
            return self.leaving(student, world)
        if self.chance(3):
            home = self.one_of((*sorted(student.declined_by), *INSTITUTIONS))
            return self.file_from(home, student, world, setting=not self.chance(4))
        return self.done(self.one_of(ELSEWHERE), student, institution=self.one_of(INSTITUTIONS))

    def leaving(self, student: Account, world: World) -> Step | None:
        """What makes a student leave: a refusal, support, a job or the staff of another institution."""
        home = student.home or INSTITUTIONS[0]
        if student.institution:
            return self.done("switch_institution", student, institution=self.other(home))
        if self.chance(2):
            return self.done("decline", student, institution=home)
        if self.chance(2):
            return self.done("add_by_email", student, institution=self.other(home))
        return self.file_from(self.other(home), student, world, setting=True)

    def other(self, home: str) -> str:
        """Another institution."""
        return self.one_of([name for name in INSTITUTIONS if name != home])

    def placing(self, student: Account, world: World) -> FileStep:
        """A file of the student's own institution that fills what only it gives."""
        return self.file_from(student.home or self.one_of(INSTITUTIONS), student, world, setting=False, filled=True)

    def file_about(self, student: Account, world: World) -> FileStep:
        """A file of an institution that the student has to do with."""
        home = student.home or self.one_of(INSTITUTIONS)
        institution = self.one_of((home, home, *sorted(student.declined_by), *INSTITUTIONS))
        return self.file_from(institution, student, world, setting=self.chance(2))

    def file_from(
        self, institution: str, student: Account, world: World, *, setting: bool, filled: bool = False
    ) -> FileStep:
        """A file of one row that says of a student what is stored, with a little changed."""
        header = self.header(institution, world)
        if student.disabled and "disabled" not in header and "disabled" in self.columns:
            header = (*header, "disabled")
        texts = dict(account_texts(student))
        if self.chance(2 if setting else 4) and not filled:
            name = self.one_of(("username", "email_address", *SENSITIVE))
            texts[name] = self.one_of((self.filled_cell(name, institution), self.altered(texts[name]), CLEAR_TOKEN))
        change = self.filled_cell if filled else self.changed_cell
        fixed = {name: texts[name] for name in (*STARRED, *SENSITIVE)}
        row = tuple(
            fixed[n] if n in fixed else texts[n] if self.chance(4 if filled else 2) else change(n, institution)
            for n in header
        )
        mode = "manual" if setting or self.chance(2) else "automatic"
        return FileStep(institution, header, (row,), mode, change_sensitive_fields=setting)

    def changed_cell(self, name: str, institution: str) -> str:
        """What is probably not stored: a usual text, a blank or the token."""
        return self.one_of((CLEAR_TOKEN, "", *(self.filled_cell(name, institution) for _ in range(3))))

    def touched(self, student: Account, world: World) -> Step | None:
        """A change in the app, after which it shows whether the last row is remembered."""
        home = student.home or INSTITUTIONS[0]
        kind = self.source.pick(4)
        if kind == 0:
            return self.done("set_excluded", student, institution=home, excluded=not student.excluded_from_sync)
        if kind == 1:
            return self.done("set_disabled", student, institution=home, disabled=not student.disabled)
        names = [name for name in (self.files[-1].header if self.files else ()) if name in EDITED]
        name = self.one_of(names or ["first_name"])
        return self.done("edit_profile", student, institution=home, changes={name: self.changed_cell(name, home)})

    def same_file(self, student: Account, world: World) -> Step | None:
        """The last file once more, as it was."""
        return evolve(self.files[-1], preview=False) if self.files else None

    def nearly_the_same_file(self, student: Account, world: World) -> Step | None:
        """A file that was sent, with something changed, perhaps."""
        return self.one_of((Moves.again, Moves.last_again))(self, world)

    def asking(self, student: Account, world: World) -> Step | None:
        """The student asks for another address: one that is free, mostly."""
        new = self.address() if self.chance(4) else self.one_of(ADDRESSES)
        return self.done("change_email", student, institution=student.home or INSTITUTIONS[0], new_email=new)

    def readmitted(self, student: Account, world: World) -> Step | None:
        """The sync has the student again."""
        return self.done("set_excluded", student, institution=student.home or INSTITUTIONS[0], excluded=False)

    def answered(self, student: Account, world: World) -> Step | None:
        """The address that was asked for comes by a confirmation, or by a file; or the file has another one."""
        if self.chance(2):
            return self.done("confirm_email", student)
        if student.excluded_from_sync and self.chance(2):
            return self.readmitted(student, world)
        asked_for = student.requested_email or self.one_of(ADDRESSES)
        email = self.one_of((asked_for, self.one_of(ADDRESSES), self.one_of(ADDRESSES), student.email_address))
        texts = {**account_texts(student), "email_address": email}
        header = (*STARRED, AUTH)
        row = tuple(texts[name] for name in header)
        return FileStep(student.home or INSTITUTIONS[0], header, (row,), "manual", change_sensitive_fields=True)

    # Others come near the student.

    def rival(self, student: Account, world: World) -> Step | None:
        """Somebody else comes who has, or nearly has, what identifies the student, mostly elsewhere."""
        institution = self.one_of(INSTITUTIONS) if self.chance(4) else self.other(student.home or "")
        return self.newcomer(institution, self.borrowed_from(student), world)

    def rival_for_the_address(self, student: Account, world: World) -> Step | None:
        """Somebody else comes with the address that the student has asked for, or has."""
        email = student.requested_email or student.email_address
        signing_up = self.sign_up(email) if self.chance(2) else None
        return signing_up or self.newcomer(self.one_of(INSTITUTIONS), {"email_address": email}, world)

    def newcomer(self, institution: str, identity: Mapping[str, str], world: World) -> Step | None:
        """A file that creates somebody."""
        people = self.newcomers(institution, world)
        if not people:
            return None
        texts = {**people[0], **identity}
        header = tuple(name for name in (*STARRED, AUTH, "card_id") if name in (*STARRED, AUTH) or name in self.columns)
        row = tuple(texts.get(name, "") for name in header)
        return FileStep(institution, header, (row,), "manual", change_sensitive_fields=self.chance(2))

    def rival_arrives(self, student: Account, world: World) -> Step | None:
        """Whoever came last comes to the institution of the student, by an action."""
        rival = list(world.students())[-1]
        home = student.home or self.one_of(INSTITUTIONS)
        if rival.institution:
            return self.done(
                "switch_institution", rival, institution=home if home != rival.institution else self.other(home)
            )
        return self.done(self.one_of(("request_access", "add_by_email")), rival, institution=home)

    def another(self, student: Account, world: World) -> Step | None:
        """The story goes on with another student."""
        others = [key for key in world.accounts if key != student.key]
        if others:
            self.about = self.one_of(others)
        return self.standing(world.accounts[self.about], world)

    def in_between(self, world: World) -> Step | None:
        """A chapter of a story."""
        return self.story(world)

    def arrival(self, world: World) -> Step | None:
        """Somebody signs up with an address or a name that may not be right, or asks for one."""
        if not self.chance(3) or not world.accounts:
            emails = [*ADDRESSES, *ODD_ADDRESSES, *(student.email_address for student in world.students())]
            names = ("Ada", "Ada", "Ada", "", " ", CLEAR_TOKEN, " Ada", "clear")
            given = {"first_name": self.one_of(names), "last_name": self.one_of(("Lee", "Lee", *names))}
            return ActionStep("sign_up", {"email": self.one_of(emails), **given}) if "sign_up" in self.actions else None
        student = self.one_of(list(world.students()))
        return self.one_of((Moves.asking, Moves.standing))(self, student, world)

    # In the app.

    def in_the_app(self, world: World) -> Step | None:
        """A profile is edited, somebody signs in, is archived or excluded, asks for an address."""
        anybody = self.chance(4)
        students = [student for student in world.students() if anybody or student.institution]
        names = [name for name in IN_THE_APP if name in self.actions]
        if not students or not names:
            return self.newcomers_file(world)
        action = self.one_of(names)
        return ActionStep(action, self.arguments(action, self.one_of(students)))

    def profile(self, student: Account | None) -> dict[str, str]:
        """Changes for a profile: one, mostly; or two; or one that cannot be, beside one that can."""
        names = [name for name in HEADERS if name in self.columns and name not in (*SENSITIVE, *NOT_EDITED)]
        kind = self.source.pick(10)
        if kind == 0:
            return {SCHOOL_YEAR_NAME.header: self.one_of(("", "Alumni", "x")), YEAR_ALIAS: self.one_of(("Alumni", ""))}
        chosen = [self.one_of([*names, *(name for name in OF_AN_INSTITUTION if name in names)])]
        if kind <= 3:
            chosen.append(self.one_of((*SENSITIVE, *NOT_EDITED, "nonsense")))
        elif kind <= 5:
            chosen = [name for name in DATES if name in names] if self.chance(2) else [self.one_of(DATES), *chosen]
            chosen = [name for name in chosen if name in names]
        home = (student.home if student else None) or INSTITUTIONS[0]
        return {name: self.profile_text(name, home) for name in dict.fromkeys(chosen)}

    def profile_text(self, name: str, home: str) -> str:
        """A text in a profile: blank or the token more often than in a file."""
        if name not in USUAL:
            return self.one_of(("x", ""))
        if name in (*SENSITIVE, *NOT_EDITED):
            return self.one_of(("", USUAL[name][0], USUAL[name][-1]))
        texts = RIGHT if self.chance(4 if name in OF_AN_INSTITUTION else 2) else WRONG
        odd = self.one_of(texts[home][name] or USUAL[name])
        return self.one_of(("", CLEAR_TOKEN, odd, odd, self.filled_cell(name, home), self.cell(name)))

    def attribute(self, student: Account | None) -> str:
        """What an identity provider returns: the identifier, nearly that, or something else of the student."""
        if student is None:
            return self.one_of(("", "i"))
        known = student.auth_identifier or ""
        others = (known.swapcase(), student.username or "", student.email_address, "", "i")
        return self.one_of((known, known, known, *others))


OF_AN_INSTITUTION: Texts = ("assigned_to_email_address", "campus_name") * 4
FREQUENT: Texts = ("sign_up", "request_access", "change_email")  # what others can follow upon
IN_THE_APP: Texts = (
    *("edit_profile", "edit_profile", "edit_profile", "sign_in", "sign_in", "sign_in"),
    *("set_disabled", "change_email", "confirm_email", "set_excluded"),
)
EDITED: Texts = tuple(name for name in HEADERS if name not in (*SENSITIVE, *NOT_EDITED))
STORY: Texts = (  # what can happen to a student in a story
    *("request_access", "approve", "decline", "delete_pending", "add_by_email", "switch_institution"),
    *("change_email", "confirm_email", "set_disabled", "edit_profile", "set_excluded"),
)
ANSWERS: Texts = ("approve", "approve", "approve", "decline", "decline", "decline", "delete_pending", "delete_pending")
ELSEWHERE: Texts = ("add_by_email", "add_by_email", "request_access", "switch_institution")

Chapter = Callable[[Moves, Account, World], Step | None]
PLANS: Mapping[str, tuple[tuple[Chapter, ...], ...]] = {  # by where the student stands
    "unconnected": (
        *((Moves.requesting,),) * 4,
        *((Moves.standing,),) * 3,
        (Moves.rival_for_the_address,),
        (Moves.rival, Moves.standing),
    ),
    "pending": (
        (Moves.placing, Moves.answering),
        (Moves.placing, Moves.answering),
        (Moves.placing, Moves.touched, Moves.answering),
        (Moves.placing, Moves.answering, Moves.touched, Moves.same_file),
        (Moves.touched, Moves.answering),
        (Moves.asking, Moves.answering),
        (Moves.asking, Moves.readmitted, Moves.answered),
        (Moves.asking, Moves.readmitted, Moves.answering),
        (Moves.answering,),
        (Moves.answering,),
        (Moves.rival, Moves.answering),
        (Moves.rival, Moves.rival_arrives),
        (Moves.file_about, Moves.same_file),
    ),
    "connected": (
        (Moves.placing, Moves.touched, Moves.same_file),
        (Moves.placing, Moves.touched, Moves.touched, Moves.same_file),
        (Moves.placing, Moves.leaving, Moves.leaving, Moves.same_file),
        (Moves.placing, Moves.leaving),
        (Moves.asking, Moves.readmitted, Moves.answered),
        (Moves.asking, Moves.rival_for_the_address, Moves.answered),
        (Moves.asking, Moves.leaving),
        (Moves.placing, Moves.asking, Moves.answered, Moves.touched, Moves.same_file),
        (Moves.rival, Moves.rival_arrives),
        (Moves.rival, Moves.rival_arrives),
        (Moves.file_about, Moves.nearly_the_same_file),
        (Moves.touched, Moves.file_about),
        (Moves.happening, Moves.another),
    ),
}


# Themes.

Move = Callable[[Moves, World], Step | None]
FILES: tuple[Callable[[Moves, World], FileStep], ...] = (
    *(Moves.fresh_file,) * 3,
    *(Moves.sweep,) * 2,
    Moves.failed_rows,
    *(Moves.again,) * 2,
    Moves.ring,
    Moves.sharing,
    Moves.dates,
    Moves.odd_file,
)


@frozen(eq=False)
class Theme:
    """What a history is about: its moves, each as often as it stands there, its columns, its worlds and its length."""

    moves: tuple[Move, ...]
    columns: Texts = ()
    more: tuple[int, ...] = (0, 1, 2)  # columns beside these
    steps: int = 7
    worlds: tuple[Mapping[str, Any], ...] = WORLDS


LISTS: Texts = ("primary_education:college_names",)
PLACED: Texts = ("system_label_names", "assigned_to_email_address", "campus_name", "disabled")
ALL = len(OTHERS)
ANYTHING = Theme((*(Moves.file,) * 3, *(Moves.action,) * 2, Moves.story, Moves.in_the_app), more=(2, 4, 6, ALL))
CELLS = Theme((*(Moves.sweep,) * 3, Moves.again), more=(3, 6, ALL, ALL), steps=6)
ONE_STUDENT = Theme((Moves.story,), PLACED, more=(0, 0, 1, 2), steps=14)
IDENTITY_MOVES: tuple[Move, ...] = (
    *(Moves.sharing,) * 2,
    *(Moves.borrowing,) * 2,
    *(Moves.identifiers_changed,) * 2,
    *(Moves.ring,) * 2,
    *(Moves.arrival,) * 2,
    *(Moves.story, Moves.newcomers_file, Moves.failed_rows),
)
IDENTITY = Theme(IDENTITY_MOVES, (AUTH, "card_id"), steps=10)
MEMORY = Theme((*(Moves.last_again,) * 3, Moves.again, Moves.in_the_app, Moves.story), LISTS, more=(1, 2, 3), steps=10)
FORMAT = Theme((*(Moves.odd_file,) * 5, Moves.failed_rows), more=(0, 1, 2), steps=10)
DATED = Theme((*(Moves.dates,) * 4, Moves.newcomers_file), DATES[:1], more=(0,), steps=6)
APP = Theme(
    (*(Moves.in_the_app,) * 8, Moves.newcomers_file, Moves.arrival),
    (AUTH, *PLACED),
    steps=14,
    worlds=(*WORLDS, WORLDS[1]),
)
ARRIVALS = Theme((*(Moves.arrival,) * 4, Moves.story), PLACED, steps=12)
THEMES: tuple[Theme, ...] = (
    *(ANYTHING,) * 2,
    *(CELLS,) * 3,
    *(ONE_STUDENT,) * 10,
    *(IDENTITY,) * 3,
    *(MEMORY,) * 3,
    *(FORMAT,) * 3,
    *(DATED,) * 2,
    *(APP,) * 3,
    ARRIVALS,
)


FITS: Mapping[str, Callable[[Account], bool]] = {  # to whom an action can happen, where that is not everybody
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
ARGUMENTS: Mapping[str, Callable[[Moves, Arguments, Account | None], Arguments]] = {
    "sign_up": lambda moves, given, student: {
        "email": given["email"] if moves.chance(3) else moves.address(),
        "first_name": moves.cell("first_name") if moves.chance(4) else "Ada",
        "last_name": moves.cell("last_name") if moves.chance(4) else "Lee",
    },
    "request_access": lambda moves, given, student: given | {"institution": moves.one_of(INSTITUTIONS)},
    "approve": lambda moves, given, student: given,
    "decline": lambda moves, given, student: given,
    "delete_pending": lambda moves, given, student: given,
    "add_by_email": lambda moves, given, student: given | {"institution": moves.one_of(INSTITUTIONS)},
    "change_email": lambda moves, given, student: given | {"new_email": moves.address()},
    "confirm_email": lambda moves, given, student: {"email": given["email"]},
    "set_disabled": lambda moves, given, student: (
        given | {"disabled": not student.disabled if student and not moves.chance(4) else moves.chance(2)}
    ),
    "edit_profile": lambda moves, given, student: given | {"changes": moves.profile(student)},
    "set_excluded": lambda moves, given, student: given | {"excluded": not (student and student.excluded_from_sync)},
    "switch_institution": lambda moves, given, student: given | {"institution": moves.one_of(INSTITUTIONS)},
    "sign_in": lambda moves, given, student: (
        {"email": given["email"], "via": "password"}
        if moves.chance(3)
        else {
            **given,
            "institution": moves.one_of((given["institution"], given["institution"], *INSTITUTIONS)),
            "via": "sso",
            "attribute": moves.attribute(student),
        }
    ),
}
