"""Plans about one student: a few steps each, leading to states that random steps would rarely reach."""

from collections.abc import Mapping

from attrs import evolve

from conformance.generation.actions import (
    NOT_EDITED,
    PRECONDITIONS,
    action_arguments,
    sign_up_as,
    some_address,
)
from conformance.generation.files import another_identifier, earlier_file, identifier_of, last_file, newcomers_file
from conformance.generation.history import ActionStep, FileStep, Step, Texts
from conformance.generation.randomness import Choices, Weights, weights
from conformance.generation.rows import (
    AUTH,
    HEADERS,
    SENSITIVE,
    STARRED,
    account_texts,
    altered,
    filled_cell,
    make_header,
    newcomers,
)
from conformance.generation.scene import PlanStep, Scene
from conformance.generation.value_pools import ADDRESSES, EDGE_ADDRESSES
from refmodel.columns import CLEAR_TOKEN
from refmodel.job import Mode
from refmodel.world import Account


def planned(draw: Choices, scene: Scene) -> Step | None:
    """The next step of the plan, or sometimes another action."""
    student = subject(draw, scene)
    if student is None:
        return beginning(draw, scene)
    if not scene.plan:
        state = "connected" if student.institution else "pending" if student.pending_at else "unconnected"
        scene.plan = list(draw.weighted(PLANS[state]))
    step = happening if draw.one_in(8) else scene.plan.pop(0)
    return step(draw, scene, student) or happening(draw, scene, student)


def subject(draw: Choices, scene: Scene) -> Account | None:
    """The student that the plan is about: the same one as before, as long as the account exists."""
    if scene.about not in scene.world.accounts and scene.world.accounts:
        scene.about = draw.one_of(list(scene.world.accounts))
    return scene.world.accounts.get(scene.about)


def beginning(draw: Choices, scene: Scene) -> Step:
    """The first student: a sign-up, or a file that creates one."""
    signing_up = sign_up_as(draw, scene, draw.one_of(ADDRESSES)) if not draw.one_in(3) else None
    return signing_up or newcomers_file(draw, scene)


def done(
    draw: Choices, scene: Scene, action: str, student: Account, institution: str | None = None, **more: object
) -> ActionStep | None:
    """An action about a student, mostly by the right institution, if the importer supports it."""
    if action not in scene.actions:
        return None
    by_another = draw.one_in(8)
    if institution is not None:
        more = {"institution": other_institution(draw, scene, institution) if by_another else institution, **more}
    return ActionStep(action, {"email": student.email_address, **more})


def happening(draw: Choices, scene: Scene, student: Account) -> Step | None:
    """Mostly an action that is possible for the student."""
    fitting = [
        name
        for name in scene.actions
        if name in PLANNED and (name not in PRECONDITIONS or PRECONDITIONS[name](student))
    ]
    if not fitting:
        return None
    action = draw.one_of(scene.actions) if draw.one_in(6) else draw.one_of(fitting)
    return ActionStep(action, action_arguments(draw, scene, action, student))


def requesting(draw: Choices, scene: Scene, student: Account) -> Step | None:
    """The student asks an institution for access."""
    return done(draw, scene, "request_access", student, institution=draw.one_of(scene.institutions))


def answering(draw: Choices, scene: Scene, student: Account) -> Step | None:
    """The answer to a request; or an action of staff or a job with the setting, at any institution."""
    home, anywhere = (
        student.home or scene.institutions[0],
        draw.one_of((*sorted(student.declined_by), *scene.institutions)),
    )
    if draw.one_in(4):
        return file_from(draw, scene, anywhere, student, setting=True)
    if draw.one_in(4):
        return done(draw, scene, draw.weighted(ELSEWHERE), student, institution=anywhere)
    return done(draw, scene, draw.weighted(ANSWERS), student, institution=home)


def standing(draw: Choices, scene: Scene, student: Account) -> Step | None:
    """A step that changes whether and where the student is connected or pending."""
    if student.pending_at:
        return answering(draw, scene, student)
    if student.institution:
        return leaving(draw, scene, student)
    if draw.one_in(3):
        home = draw.one_of((*sorted(student.declined_by), *scene.institutions))
        return file_from(draw, scene, home, student, setting=not draw.one_in(4))
    return done(draw, scene, draw.weighted(ELSEWHERE), student, institution=draw.one_of(scene.institutions))


def leaving(draw: Choices, scene: Scene, student: Account) -> Step | None:
    """A step that makes the student leave: a refusal, support, or a job or the staff of another institution."""
    home = student.home or scene.institutions[0]
    if student.institution:
        return done(draw, scene, "switch_institution", student, institution=other_institution(draw, scene, home))
    if draw.one_in(2):
        return done(draw, scene, "decline", student, institution=home)
    if draw.one_in(2):
        return done(draw, scene, "add_by_email", student, institution=other_institution(draw, scene, home))
    return file_from(draw, scene, other_institution(draw, scene, home), student, setting=True)


def other_institution(draw: Choices, scene: Scene, home: str) -> str:
    """Another institution."""
    return draw.one_of([name for name in scene.institutions if name != home] or [home])


def placing(draw: Choices, scene: Scene, student: Account) -> FileStep:
    """A file of the student's own institution that fills the columns only it can fill."""
    return file_from(draw, scene, student.home or draw.one_of(scene.institutions), student, setting=False, filled=True)


def file_about(draw: Choices, scene: Scene, student: Account) -> FileStep:
    """A file mostly of the student's own institution or of one that declined them."""
    home = student.home or draw.one_of(scene.institutions)
    institution = draw.one_of((home, home, *sorted(student.declined_by), *scene.institutions))
    return file_from(draw, scene, institution, student, setting=draw.one_in(2))


def from_elsewhere(draw: Choices, scene: Scene, student: Account) -> FileStep:
    """A file of an institution other than the student's own; it may have declined them."""
    elsewhere = [name for name in scene.institutions if name != student.home] or scene.institutions
    institution = draw.one_of((*sorted(student.declined_by - {student.home}), *elsewhere))
    return file_from(draw, scene, institution, student, setting=draw.one_in(2))


def without_the_setting(draw: Choices, scene: Scene, student: Account) -> FileStep:
    """A file of the student's own institution that changes a sensitive field without the setting."""
    home = student.home or draw.one_of(scene.institutions)
    step = file_from(draw, scene, home, student, setting=False)
    place = step.header.index(draw.one_of(("username", "email_address")))
    row = list(step.rows[0])
    row[place] = altered(draw, scene, row[place]) if draw.one_in(3) else row[place].swapcase()
    return evolve(step, rows=(tuple(row),))


def file_from(
    draw: Choices, scene: Scene, institution: str, student: Account, *, setting: bool, filled: bool = False
) -> FileStep:
    """A file of one row with the student's stored values, slightly changed."""
    header = make_header(draw, scene, institution)
    if student.disabled and "disabled" not in header and "disabled" in scene.columns:
        header = (*header, "disabled")
    texts = dict(account_texts(student))
    if draw.one_in(2 if setting else 4) and not filled:
        name = draw.one_of(("username", "email_address", *SENSITIVE))
        texts[name] = another_identifier(draw, scene, institution, name, texts[name])
    change = filled_cell if filled else changed_cell
    fixed = {name: texts[name] for name in (*STARRED, *SENSITIVE)}
    row = tuple(
        fixed[n] if n in fixed else texts[n] if draw.one_in(4 if filled else 2) else change(draw, scene, n, institution)
        for n in header
    )
    mode: Mode = "manual" if setting or draw.one_in(2) else "automatic"
    return FileStep(institution, header, (row,), mode, change_sensitive_fields=setting)


def changed_cell(draw: Choices, scene: Scene, name: str, institution: str) -> str:
    """A value that is probably not stored: a typical value, a blank or the token."""
    kind = draw.randbelow(5)
    return ("", CLEAR_TOKEN)[kind] if kind <= 1 else filled_cell(draw, scene, name, institution)


def touched(draw: Choices, scene: Scene, student: Account) -> Step | None:
    """A change in the app, after which sending the last file again shows whether its row is remembered."""
    home = student.home or scene.institutions[0]
    kind = draw.randbelow(4)
    if kind == 0:
        return done(draw, scene, "set_excluded", student, institution=home, excluded=not student.excluded_from_sync)
    if kind == 1:
        return done(draw, scene, "set_disabled", student, institution=home, disabled=not student.disabled)
    names = [name for name in (scene.files[-1].header if scene.files else ()) if name in EDITED]
    name = draw.one_of(names or ["first_name"])
    return done(
        draw, scene, "edit_profile", student, institution=home, changes={name: changed_cell(draw, scene, name, home)}
    )


def same_file(draw: Choices, scene: Scene, student: Account) -> Step | None:
    """The last file again, unchanged."""
    return evolve(scene.files[-1], preview=False) if scene.files else None


def same_file_with_the_setting(draw: Choices, scene: Scene, student: Account) -> Step | None:
    """The last file again, by a job with the setting."""
    last = same_file(draw, scene, student)
    return evolve(last, mode="manual", change_sensitive_fields=True) if isinstance(last, FileStep) else None


def approving(draw: Choices, scene: Scene, student: Account) -> Step | None:
    """The institution approves the student."""
    return done(draw, scene, "approve", student, institution=student.home or scene.institutions[0])


def nearly_the_same_file(draw: Choices, scene: Scene, student: Account) -> Step | None:
    """An earlier file, perhaps with changes."""
    return draw.one_of((earlier_file, last_file))(draw, scene)


def asking(draw: Choices, scene: Scene, student: Account) -> Step | None:
    """The student asks for another address, mostly a free one."""
    new = some_address(draw) if draw.one_in(4) else draw.one_of(ADDRESSES)
    return done(draw, scene, "change_email", student, institution=student.home or scene.institutions[0], new_email=new)


def excluding(draw: Choices, scene: Scene, student: Account) -> Step | None:
    """The student is excluded from the sync."""
    return done(draw, scene, "set_excluded", student, institution=student.home or scene.institutions[0], excluded=True)


def readmitted(draw: Choices, scene: Scene, student: Account) -> Step | None:
    """The student is no longer excluded from the sync."""
    return done(draw, scene, "set_excluded", student, institution=student.home or scene.institutions[0], excluded=False)


def answered(draw: Choices, scene: Scene, student: Account) -> Step | None:
    """The requested address is confirmed or comes in a file; or the file has another one."""
    if draw.one_in(2):
        return done(draw, scene, "confirm_email", student)
    if student.excluded_from_sync and draw.one_in(2):
        return readmitted(draw, scene, student)
    asked_for = student.requested_email or draw.one_of(ADDRESSES)
    email = draw.one_of((asked_for, student.email_address)) if draw.one_in(2) else draw.one_of(ADDRESSES)
    texts = {**account_texts(student), "email_address": email}
    header = (*STARRED, AUTH)
    row = tuple(texts[name] for name in header)
    return FileStep(student.home or scene.institutions[0], header, (row,), "manual", change_sensitive_fields=True)


def file_about_somebody(draw: Choices, scene: Scene) -> FileStep:
    """A file about the student of whom the history is, or sometimes about another, of whom it then is."""
    scene.about = 0 if draw.one_in(6) else scene.about
    student = subject(draw, scene)
    step = draw.weighted(ABOUT)(draw, scene, student) if student else None
    return step if isinstance(step, FileStep) else newcomers_file(draw, scene)


# Competing students.


def competing_student(draw: Choices, scene: Scene, student: Account) -> Step | None:
    """Another student gets the same, or nearly the same, identifier, mostly at another institution."""
    institution = (
        draw.one_of(scene.institutions) if draw.one_in(4) else other_institution(draw, scene, student.home or "")
    )
    return newcomer(draw, scene, institution, identifier_of(draw, scene, student))


def competitor_for_the_address(draw: Choices, scene: Scene, student: Account) -> Step | None:
    """Another student gets the address that the student has or has asked for."""
    email = student.requested_email or student.email_address
    signing_up = sign_up_as(draw, scene, email) if draw.one_in(2) else None
    return signing_up or newcomer(draw, scene, draw.one_of(scene.institutions), {"email_address": email})


def newcomer(draw: Choices, scene: Scene, institution: str, identity: Mapping[str, str]) -> Step | None:
    """A file that creates a student."""
    people = newcomers(draw, scene, institution, 1)
    if not people:
        return None
    texts = {**people[0], **identity}
    header = tuple(name for name in (*STARRED, AUTH, "card_id") if name in (*STARRED, AUTH) or name in scene.columns)
    row = tuple(texts.get(name, "") for name in header)
    return FileStep(institution, header, (row,), "manual", change_sensitive_fields=draw.one_in(2))


def competing_student_arrives(draw: Choices, scene: Scene, student: Account) -> Step | None:
    """An action moves the newest student to the institution of the student."""
    last = list(scene.world.students())[-1]
    home = student.home or draw.one_of(scene.institutions)
    if last.institution:
        there = home if home != last.institution else other_institution(draw, scene, home)
        return done(draw, scene, "switch_institution", last, institution=there)
    return done(draw, scene, draw.one_of(("request_access", "add_by_email")), last, institution=home)


def another(draw: Choices, scene: Scene, student: Account) -> Step | None:
    """The plan continues with another student."""
    others = [key for key in scene.world.accounts if key != student.key]
    if others:
        scene.about = draw.one_of(others)
    return standing(draw, scene, scene.world.accounts[scene.about])


def arrival(draw: Choices, scene: Scene) -> Step | None:
    """A sign-up whose address or name may be invalid, or a request for an address or access."""
    if not draw.one_in(3) or not scene.world.accounts:
        emails = [*ADDRESSES, *EDGE_ADDRESSES, *(student.email_address for student in scene.world.students())]
        names = ("Ada", "Ada", "Ada", "", " ", CLEAR_TOKEN, " Ada", "clear")
        given = {"first_name": draw.one_of(names), "last_name": draw.one_of(("Lee", "Lee", *names))}
        return ActionStep("sign_up", {"email": draw.one_of(emails), **given}) if "sign_up" in scene.actions else None
    student = draw.one_of(list(scene.world.students()))
    return draw.one_of((asking, standing))(draw, scene, student)


EDITED: Texts = tuple(name for name in HEADERS if name not in (*SENSITIVE, *NOT_EDITED))
PLANNED: Texts = (  # actions in a plan
    *("request_access", "approve", "decline", "delete_pending", "add_by_email", "switch_institution"),
    *("change_email", "confirm_email", "set_disabled", "edit_profile", "set_excluded"),
)
# Actions by which somebody arrives somewhere.
ARRIVING: Texts = ("change_email", "request_access", "add_by_email", "switch_institution", "decline")
ABOUT: Weights[PlanStep] = weights(
    (placing, 4),
    (file_about, 3),
    (from_elsewhere, 2),
    (same_file, 2),
    (without_the_setting, 1),
    (same_file_with_the_setting, 1),
    (competing_student, 1),
    (competitor_for_the_address, 1),
)
ANSWERS = weights(("approve", 3), ("decline", 3), ("delete_pending", 2))
ELSEWHERE = weights(("add_by_email", 2), ("request_access", 1), ("switch_institution", 1))
PLANS: Mapping[str, Weights[tuple[PlanStep, ...]]] = {  # by the state of the student
    "unconnected": weights(
        ((requesting,), 4),
        ((requesting, from_elsewhere), 2),
        ((standing,), 3),
        ((competitor_for_the_address,), 1),
        ((competing_student, standing), 1),
    ),
    "pending": weights(
        ((placing, answering), 2),
        ((placing, touched, answering), 1),
        ((placing, answering, touched, same_file), 1),
        ((placing, approving, same_file), 1),
        ((placing, same_file_with_the_setting), 1),
        ((from_elsewhere, answering), 1),
        ((placing, from_elsewhere), 1),
        ((excluding, from_elsewhere), 1),
        ((asking, approving, answered), 1),
        ((without_the_setting, answering), 1),
        ((touched, answering), 1),
        ((asking, answering), 1),
        ((asking, readmitted, answered), 1),
        ((asking, readmitted, answering), 1),
        ((answering,), 2),
        ((competing_student, answering), 1),
        ((competing_student, competing_student_arrives), 1),
        ((file_about, same_file), 1),
    ),
    "connected": weights(
        ((placing, touched, same_file), 1),
        ((placing, touched, touched, same_file), 1),
        ((placing, leaving, leaving, same_file), 1),
        ((placing, leaving), 1),
        ((asking, readmitted, answered), 1),
        ((asking, competitor_for_the_address, answered), 1),
        ((asking, leaving), 1),
        ((without_the_setting, nearly_the_same_file), 1),
        ((placing, asking, answered, touched, same_file), 1),
        ((competing_student, competing_student_arrives), 2),
        ((file_about, nearly_the_same_file), 1),
        ((touched, file_about), 1),
        ((happening, another), 1),
    ),
}
