"""Plans about one student: a few steps each, leading to states that random steps would rarely reach."""

from collections.abc import Callable, Mapping

from attrs import define, evolve, field

from conformance.generation.actions import NOT_EDITED, PRECONDITIONS, Actions
from conformance.generation.history import ActionStep, FileStep, Step, Texts
from conformance.generation.rows import AUTH, HEADERS, SENSITIVE, STARRED, account_texts
from conformance.generation.value_pools import ADDRESSES, EDGE_ADDRESSES, INSTITUTIONS
from refmodel.columns import CLEAR_TOKEN
from refmodel.world import Account, World


@define
class Plans(Actions):
    """Generates the steps of plans."""

    about: int = 0  # the key of the student that the plan is about
    plan: list["PlanStep"] = field(factory=list)  # the remaining steps

    def planned(self, world: World) -> Step | None:
        """The next step of the plan, or sometimes another action."""
        student = self.subject(world)
        if student is None:
            return self.beginning(world)
        if not self.plan:
            state = "connected" if student.institution else "pending" if student.pending_at else "unconnected"
            self.plan = list(self.one_of(PLANS[state]))
        step = Plans.happening if self.one_in(8) else self.plan.pop(0)
        return step(self, student, world) or self.happening(student, world)

    def subject(self, world: World) -> Account | None:
        """The student that the plan is about: the same one as before, as long as the account exists."""
        if self.about not in world.accounts and world.accounts:
            self.about = self.one_of(list(world.accounts))
        return world.accounts.get(self.about)

    def beginning(self, world: World) -> Step:
        """The first student: a sign-up, or a file that creates one."""
        signing_up = self.sign_up(self.one_of(ADDRESSES)) if not self.one_in(3) else None
        return signing_up or self.newcomers_file(world)

    def done(self, action: str, student: Account, institution: str | None = None, **more: object) -> ActionStep | None:
        """An action about a student, mostly by the right institution, if the importer supports it."""
        if action not in self.actions:
            return None
        by_another = self.one_in(8)
        if institution is not None:
            more = {"institution": self.other(institution) if by_another else institution, **more}
        return ActionStep(action, {"email": student.email_address, **more})

    def happening(self, student: Account, world: World) -> Step | None:
        """Mostly an action that is possible for the student."""
        fitting = [
            name
            for name in self.actions
            if name in PLANNED and (name not in PRECONDITIONS or PRECONDITIONS[name](student))
        ]
        if not fitting:
            return None
        action = self.one_of(self.actions) if self.one_in(6) else self.one_of(fitting)
        return ActionStep(action, self.arguments(action, student))

    def requesting(self, student: Account, world: World) -> Step | None:
        """The student asks an institution for access."""
        return self.done("request_access", student, institution=self.one_of(INSTITUTIONS))

    def answering(self, student: Account, world: World) -> Step | None:
        """The answer to a request; or an action of staff or a job with the setting, at any institution."""
        home, anywhere = student.home or INSTITUTIONS[0], self.one_of((*sorted(student.declined_by), *INSTITUTIONS))
        if self.one_in(4):
            return self.file_from(anywhere, student, world, setting=True)
        if self.one_in(4):
            return self.done(self.one_of(ELSEWHERE), student, institution=anywhere)
        return self.done(self.one_of(ANSWERS), student, institution=home)

    def standing(self, student: Account, world: World) -> Step | None:
        """A step that changes whether and where the student is connected or pending."""
        if student.pending_at:
            return self.answering(student, world)
        if student.institution:
            return self.leaving(student, world)
        if self.one_in(3):
            home = self.one_of((*sorted(student.declined_by), *INSTITUTIONS))
            return self.file_from(home, student, world, setting=not self.one_in(4))
        return self.done(self.one_of(ELSEWHERE), student, institution=self.one_of(INSTITUTIONS))

    def leaving(self, student: Account, world: World) -> Step | None:
        """A step that makes the student leave: a refusal, support, or a job or the staff of another institution."""
        home = student.home or INSTITUTIONS[0]
        if student.institution:
            return self.done("switch_institution", student, institution=self.other(home))
        if self.one_in(2):
            return self.done("decline", student, institution=home)
        if self.one_in(2):
            return self.done("add_by_email", student, institution=self.other(home))
        return self.file_from(self.other(home), student, world, setting=True)

    def other(self, home: str) -> str:
        """Another institution."""
        return self.one_of([name for name in INSTITUTIONS if name != home])

    def placing(self, student: Account, world: World) -> FileStep:
        """A file of the student's own institution that fills the columns only it can fill."""
        return self.file_from(student.home or self.one_of(INSTITUTIONS), student, world, setting=False, filled=True)

    def file_about(self, student: Account, world: World) -> FileStep:
        """A file mostly of the student's own institution or of one that declined them."""
        home = student.home or self.one_of(INSTITUTIONS)
        institution = self.one_of((home, home, *sorted(student.declined_by), *INSTITUTIONS))
        return self.file_from(institution, student, world, setting=self.one_in(2))

    def from_elsewhere(self, student: Account, world: World) -> FileStep:
        """A file of an institution other than the student's own; it may have declined them."""
        elsewhere = [name for name in INSTITUTIONS if name != student.home]
        institution = self.one_of((*sorted(student.declined_by - {student.home}), *elsewhere))
        return self.file_from(institution, student, world, setting=self.one_in(2))

    def without_the_setting(self, student: Account, world: World) -> FileStep:
        """A file of the student's own institution that changes a sensitive field without the setting."""
        home = student.home or self.one_of(INSTITUTIONS)
        step = self.file_from(home, student, world, setting=False)
        place = step.header.index(self.one_of(("username", "email_address")))
        row = list(step.rows[0])
        row[place] = self.one_of((row[place].swapcase(), row[place].swapcase(), self.altered(row[place])))
        return evolve(step, rows=(tuple(row),))

    def file_from(
        self, institution: str, student: Account, world: World, *, setting: bool, filled: bool = False
    ) -> FileStep:
        """A file of one row with the student's stored values, slightly changed."""
        header = self.header(institution, world)
        if student.disabled and "disabled" not in header and "disabled" in self.columns:
            header = (*header, "disabled")
        texts = dict(account_texts(student))
        if self.one_in(2 if setting else 4) and not filled:
            name = self.one_of(("username", "email_address", *SENSITIVE))
            texts[name] = self.one_of((self.filled_cell(name, institution), self.altered(texts[name]), CLEAR_TOKEN))
        change = self.filled_cell if filled else self.changed_cell
        fixed = {name: texts[name] for name in (*STARRED, *SENSITIVE)}
        row = tuple(
            fixed[n] if n in fixed else texts[n] if self.one_in(4 if filled else 2) else change(n, institution)
            for n in header
        )
        mode = "manual" if setting or self.one_in(2) else "automatic"
        return FileStep(institution, header, (row,), mode, change_sensitive_fields=setting)

    def changed_cell(self, name: str, institution: str) -> str:
        """A value that is probably not stored: a typical value, a blank or the token."""
        return self.one_of((CLEAR_TOKEN, "", *(self.filled_cell(name, institution) for _ in range(3))))

    def touched(self, student: Account, world: World) -> Step | None:
        """A change in the app, after which sending the last file again shows whether its row is remembered."""
        home = student.home or INSTITUTIONS[0]
        kind = self.source.randbelow(4)
        if kind == 0:
            return self.done("set_excluded", student, institution=home, excluded=not student.excluded_from_sync)
        if kind == 1:
            return self.done("set_disabled", student, institution=home, disabled=not student.disabled)
        names = [name for name in (self.files[-1].header if self.files else ()) if name in EDITED]
        name = self.one_of(names or ["first_name"])
        return self.done("edit_profile", student, institution=home, changes={name: self.changed_cell(name, home)})

    def same_file(self, student: Account, world: World) -> Step | None:
        """The last file again, unchanged."""
        return evolve(self.files[-1], preview=False) if self.files else None

    def same_file_with_the_setting(self, student: Account, world: World) -> Step | None:
        """The last file again, by a job with the setting."""
        last = self.same_file(student, world)
        return evolve(last, mode="manual", change_sensitive_fields=True) if isinstance(last, FileStep) else None

    def approving(self, student: Account, world: World) -> Step | None:
        """The institution approves the student."""
        return self.done("approve", student, institution=student.home or INSTITUTIONS[0])

    def nearly_the_same_file(self, student: Account, world: World) -> Step | None:
        """An earlier file, perhaps with changes."""
        return self.one_of((Plans.again, Plans.last_again))(self, world)

    def asking(self, student: Account, world: World) -> Step | None:
        """The student asks for another address, mostly a free one."""
        new = self.address() if self.one_in(4) else self.one_of(ADDRESSES)
        return self.done("change_email", student, institution=student.home or INSTITUTIONS[0], new_email=new)

    def excluding(self, student: Account, world: World) -> Step | None:
        """The student is excluded from the sync."""
        return self.done("set_excluded", student, institution=student.home or INSTITUTIONS[0], excluded=True)

    def readmitted(self, student: Account, world: World) -> Step | None:
        """The student is no longer excluded from the sync."""
        return self.done("set_excluded", student, institution=student.home or INSTITUTIONS[0], excluded=False)

    def answered(self, student: Account, world: World) -> Step | None:
        """The requested address is confirmed or comes in a file; or the file has another one."""
        if self.one_in(2):
            return self.done("confirm_email", student)
        if student.excluded_from_sync and self.one_in(2):
            return self.readmitted(student, world)
        asked_for = student.requested_email or self.one_of(ADDRESSES)
        email = self.one_of((asked_for, self.one_of(ADDRESSES), self.one_of(ADDRESSES), student.email_address))
        texts = {**account_texts(student), "email_address": email}
        header = (*STARRED, AUTH)
        row = tuple(texts[name] for name in header)
        return FileStep(student.home or INSTITUTIONS[0], header, (row,), "manual", change_sensitive_fields=True)

    # Competing students.

    def competing_student(self, student: Account, world: World) -> Step | None:
        """Another student gets the same, or nearly the same, identifier, mostly at another institution."""
        institution = self.one_of(INSTITUTIONS) if self.one_in(4) else self.other(student.home or "")
        return self.newcomer(institution, self.identifier_of(student), world)

    def competitor_for_the_address(self, student: Account, world: World) -> Step | None:
        """Another student gets the address that the student has or has asked for."""
        email = student.requested_email or student.email_address
        signing_up = self.sign_up(email) if self.one_in(2) else None
        return signing_up or self.newcomer(self.one_of(INSTITUTIONS), {"email_address": email}, world)

    def newcomer(self, institution: str, identity: Mapping[str, str], world: World) -> Step | None:
        """A file that creates a student."""
        people = self.newcomers(institution, world)
        if not people:
            return None
        texts = {**people[0], **identity}
        header = tuple(name for name in (*STARRED, AUTH, "card_id") if name in (*STARRED, AUTH) or name in self.columns)
        row = tuple(texts.get(name, "") for name in header)
        return FileStep(institution, header, (row,), "manual", change_sensitive_fields=self.one_in(2))

    def competing_student_arrives(self, student: Account, world: World) -> Step | None:
        """An action moves the newest student to the institution of the student."""
        last = list(world.students())[-1]
        home = student.home or self.one_of(INSTITUTIONS)
        if last.institution:
            there = home if home != last.institution else self.other(home)
            return self.done("switch_institution", last, institution=there)
        return self.done(self.one_of(("request_access", "add_by_email")), last, institution=home)

    def another(self, student: Account, world: World) -> Step | None:
        """The plan continues with another student."""
        others = [key for key in world.accounts if key != student.key]
        if others:
            self.about = self.one_of(others)
        return self.standing(world.accounts[self.about], world)

    def arrival(self, world: World) -> Step | None:
        """A sign-up whose address or name may be invalid, or a request for an address or access."""
        if not self.one_in(3) or not world.accounts:
            emails = [*ADDRESSES, *EDGE_ADDRESSES, *(student.email_address for student in world.students())]
            names = ("Ada", "Ada", "Ada", "", " ", CLEAR_TOKEN, " Ada", "clear")
            given = {"first_name": self.one_of(names), "last_name": self.one_of(("Lee", "Lee", *names))}
            return ActionStep("sign_up", {"email": self.one_of(emails), **given}) if "sign_up" in self.actions else None
        student = self.one_of(list(world.students()))
        return self.one_of((Plans.asking, Plans.standing))(self, student, world)


EDITED: Texts = tuple(name for name in HEADERS if name not in (*SENSITIVE, *NOT_EDITED))
PLANNED: Texts = (  # actions in a plan
    *("request_access", "approve", "decline", "delete_pending", "add_by_email", "switch_institution"),
    *("change_email", "confirm_email", "set_disabled", "edit_profile", "set_excluded"),
)
ANSWERS: Texts = ("approve", "approve", "approve", "decline", "decline", "decline", "delete_pending", "delete_pending")
ELSEWHERE: Texts = ("add_by_email", "add_by_email", "request_access", "switch_institution")

PlanStep = Callable[[Plans, Account, World], Step | None]
PLANS: Mapping[str, tuple[tuple[PlanStep, ...], ...]] = {  # by the state of the student
    "unconnected": (
        *((Plans.requesting,),) * 4,
        *((Plans.requesting, Plans.from_elsewhere),) * 2,
        *((Plans.standing,),) * 3,
        (Plans.competitor_for_the_address,),
        (Plans.competing_student, Plans.standing),
    ),
    "pending": (
        (Plans.placing, Plans.answering),
        (Plans.placing, Plans.answering),
        (Plans.placing, Plans.touched, Plans.answering),
        (Plans.placing, Plans.answering, Plans.touched, Plans.same_file),
        (Plans.placing, Plans.approving, Plans.same_file),
        (Plans.placing, Plans.same_file_with_the_setting),
        (Plans.from_elsewhere, Plans.answering),
        (Plans.placing, Plans.from_elsewhere),
        (Plans.excluding, Plans.from_elsewhere),
        (Plans.asking, Plans.approving, Plans.answered),
        (Plans.without_the_setting, Plans.answering),
        (Plans.touched, Plans.answering),
        (Plans.asking, Plans.answering),
        (Plans.asking, Plans.readmitted, Plans.answered),
        (Plans.asking, Plans.readmitted, Plans.answering),
        (Plans.answering,),
        (Plans.answering,),
        (Plans.competing_student, Plans.answering),
        (Plans.competing_student, Plans.competing_student_arrives),
        (Plans.file_about, Plans.same_file),
    ),
    "connected": (
        (Plans.placing, Plans.touched, Plans.same_file),
        (Plans.placing, Plans.touched, Plans.touched, Plans.same_file),
        (Plans.placing, Plans.leaving, Plans.leaving, Plans.same_file),
        (Plans.placing, Plans.leaving),
        (Plans.asking, Plans.readmitted, Plans.answered),
        (Plans.asking, Plans.competitor_for_the_address, Plans.answered),
        (Plans.asking, Plans.leaving),
        (Plans.without_the_setting, Plans.nearly_the_same_file),
        (
            Plans.placing,
            Plans.asking,
            Plans.answered,
            Plans.touched,
            Plans.same_file,
        ),
        (Plans.competing_student, Plans.competing_student_arrives),
        (Plans.competing_student, Plans.competing_student_arrives),
        (Plans.file_about, Plans.nearly_the_same_file),
        (Plans.touched, Plans.file_about),
        (Plans.happening, Plans.another),
    ),
}
