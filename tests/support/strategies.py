"""Worlds, files, actions and whole histories for Hypothesis: small universes in which everything collides.

Strategies are plural nouns. A history is data: a world without students, and the files and actions that
follow. Most of its steps are made from the state that the steps before them have led to, because rows about
people whom nobody has heard of reach little.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any

from attrs import evolve, field, frozen
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from conformance.generation.arguments import arguments_for
from conformance.generation.value_pools import EDGE, TYPICAL
from refmodel.actions import (
    NAMED,
    Action,
    AddByEmail,
    Approve,
    ChangeEmail,
    ConfirmEmail,
    Decline,
    DeletePending,
    Done,
    EditProfile,
    Refused,
    RequestAccess,
    SetDisabled,
    SetExcluded,
    SignIn,
    SignUp,
    SwitchInstitution,
    name_of,
)
from refmodel.cell import is_blank
from refmodel.columns import BY_HEADER, COLUMNS, YEAR_ALIAS, required_headers
from refmodel.dispatch import act
from refmodel.engine import import_file
from refmodel.job import DateFormat, Job
from refmodel.report import Report
from refmodel.ruleset import STANDARD, Ruleset
from refmodel.world import Account, Institution, World

ROUNDS = int(os.environ.get("ROUNDS", "8"))  # more of them for a long night
EXAMPLES_A_ROUND = 10  # in a longer run Hypothesis turns to variations of what it has seen


def bounded(examples: int = EXAMPLES_A_ROUND, **more: Any) -> settings:
    """Settings under which a property sees the same examples every time it is run."""
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        **more,
    )


# What a file and a history are.


@frozen
class Sheet:
    """A file before it is bytes; `tail` is put behind its last row, to spoil it."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    tail: bytes = b""
    data: bytes = field(init=False, eq=False, repr=False)

    @data.default
    def _data(self) -> bytes:
        output = io.StringIO(newline="")
        csv.writer(output).writerows([self.header, *self.rows])
        return output.getvalue().encode() + self.tail

    @classmethod
    def of(cls, header: Iterable[str], rows: Iterable[Mapping[str, str]]) -> Sheet:
        """The sheet with these columns; a row says nothing in those that it does not mention."""
        names = tuple(header)
        return cls(names, tuple(tuple(row.get(name, "") for name in names) for row in rows))

    @classmethod
    def read(cls, data: bytes) -> Sheet:
        """The sheet that a sound file is."""
        header, *rows = csv.reader(io.StringIO(data.decode(), newline=""))
        return cls(tuple(header), tuple(map(tuple, rows)))

    @property
    def numbered(self) -> dict[int, tuple[str, ...]]:
        """The rows by their number: those of blank cells only have none."""
        counted = (row for row in self.rows if not all(map(is_blank, row)))
        return dict(enumerate(counted, start=1))

    def texts(self, number: int) -> dict[str, str]:
        """Header → text of the row with a number, in the columns that are known; nothing where it is too short."""
        named = ("school_year_name" if name == YEAR_ALIAS else name for name in self.header)
        row = self.numbered[number] + ("",) * len(self.header)
        return {name: text for name, text in zip(named, row) if name in BY_HEADER}


@frozen
class Import:
    """One step of a history: a file is imported."""

    job: Job
    sheet: Sheet


Step = Import | Action
Answer = Report | Done | Refused


@frozen
class History:
    """A world without students and what happens in it."""

    world: World
    steps: tuple[Step, ...]


@frozen
class Moment:
    """A step that was played: the world on both sides of it, and what was answered."""

    before: World
    step: Step
    after: World
    answer: Answer


def played(world: World, step: Step, ruleset: Ruleset = STANDARD) -> tuple[World, Answer]:
    """One step: the world after it, and the answer."""
    if isinstance(step, Import):
        return import_file(world, step.job, step.sheet.data, ruleset)
    return act(world, step, ruleset)


def play(world: World, steps: Iterable[Step], ruleset: Ruleset = STANDARD) -> Iterator[Moment]:
    """The steps of a history, one after the other."""
    for step in steps:
        after, answer = played(world, step, ruleset)
        yield Moment(world, step, after, answer)
        world = after


# The universe.

EMAILS = (
    "a@north.edu",
    "b@north.edu",
    "c@north.edu",
    "A@North.EDU",
    "a@home.example",
    "b@home.example",
    "a@south.edu",
    "a@both.edu",
)
STRANGERS = ("advisor@north.edu", "tutor@south.edu", "hr@employer.example")
NO_EMAILS = ("", "a", "@north.edu", "a@b@north.edu", "a b@north.edu", "**CLEAR**")
USERNAMES = ("1", "2", "3", "01", "a@home.example", "b@home.example")
AUTHS = ("x", "y", "X", " x")
CARDS = ("7", "007", "8")
FIRST_NAMES = ("Ada", "Bo", " Ada", "Zoë")
LABELS = ("green;blue", "blue", "Blue;green", "1;2;3")

TEXTS: Mapping[str, tuple[str, ...]] = {  # what the cells of a column say, apart from what they all may say
    "email_address": (*EMAILS, *STRANGERS, *NO_EMAILS),
    "username": (*USERNAMES, " 1"),
    "first_name": FIRST_NAMES,
    "last_name": ("Lovelace", "Peep", "**clear**"),
    "middle_name": ("M", " M "),
    "preferred_name": ("P", "**CLEAR** "),
    "auth_identifier": AUTHS,
    "primary_education:education_level_name": (
        "Undergraduate",
        "Certificate",
        "Masters",
        "Further education",
        "certificate",
    ),
    "primary_education:start_date": (
        "2020-02-29",
        "2016-09-16",
        "2016-09-17",
        "02/29/2020",
        "2021-02-29",
        "2020-2-29",
    ),
    "primary_education:end_date": (
        "2016-09-16",
        "2020-02-28",
        "2020-02-29",
        "09/16/2016",
        "9999-12-31",
        "0000-01-01",
        "soon",
    ),
    "primary_education:college_names": ("Arts", "Arts;Law", "Law;Arts", " ; ", "Arts; Arts ;;Law"),
    "school_year_name": ("Alumni", "alumni", "Senior", "Gap Year"),
    "primary_education:currently_attending": ("TRUE", "FALSE", "true", "1"),
    "primary_education:major_names": ("History;Biology", "h" * 255, "h" * 256, "History; **CLEAR** "),
    "primary_education:minor_names": ("Music", "m" * 256),
    "card_id": CARDS,
    "mobile_number": ("+441", "441", "+", "44 1"),
    "gender": ("any text", "f"),
    "disabled": ("TRUE", "FALSE", "TRUE", "FALSE", "True"),
    "system_label_names": (*LABELS, "", ";"),
    "assigned_to_email_address": ("advisor@north.edu", "Advisor@North.edu ", "tutor@south.edu", "nobody"),
    "hometown_location_attributes:name": ("N1 9AG", "Lima, Peru"),
    "campus_name": ("Main", "Quay", "main"),
}
MET_BY_RULES = (
    "card_id",
    "disabled",
    "system_label_names",
    "primary_education:start_date",
    "primary_education:end_date",
)
ANYWHERE = ("", " \u00a0", "**CLEAR**", "CLEAR")
IDENTITY = ("email_address", "username")
OPTIONAL = tuple(column.header for column in COLUMNS if column.header not in required_headers(True))
LAYOUTS = (  # columns that stand beside the required ones
    (),
    ("disabled", "system_label_names", "card_id"),
    ("disabled", "auth_identifier", "primary_education:start_date", "campus_name"),
    ("card_id", "assigned_to_email_address", "primary_education:start_date", "mobile_number"),
    OPTIONAL,
    OPTIONAL,
)


def institutions(name: str, domains: tuple[str, ...], staff: tuple[str, ...]) -> st.SearchStrategy[Institution]:
    """One institution, with or without campuses and single sign-on, of either vocabulary."""
    return st.builds(
        Institution,
        id=st.just(name),
        domains=st.just(domains),
        campuses=st.sampled_from([("Main", "Quay"), ()]),
        uses_sso=st.booleans(),
        vocabulary=st.sampled_from(["eu", "us"]),
        staff=st.just(staff),
    )


def worlds() -> st.SearchStrategy[World]:
    """Two institutions that share one domain, and an employer."""
    north = institutions("north", ("north.edu", "Both.edu"), ("advisor@north.edu", "dean@north.edu"))
    south = institutions("south", ("south.edu", "both.EDU"), ("Tutor@south.edu",))
    return st.builds(lambda *both: World.of(*both, employers=["HR@employer.example"]), north, south)


PLACES = ("north", "north", "south")  # most of it happens at one place, or little would meet
MODES: tuple[tuple[Any, bool], ...] = (("automatic", False), ("manual", False), ("manual", True))
FORMATS: tuple[DateFormat, ...] = ("yyyy-mm-dd", "yyyy-mm-dd", "mm/dd/yyyy")
JOBS = tuple(Job(place, mode, setting, dates) for place in PLACES for mode, setting in MODES for dates in FORMATS)


def jobs() -> st.SearchStrategy[Job]:
    """Every job that can be expressed, at one institution more often than at the other."""
    return st.sampled_from(JOBS)


# Rows.

Texts = dict[str, str]  # header → text


def cells(header: str) -> st.SearchStrategy[str]:
    """Texts of one column: blank, white space, the clear token and near misses, valid, borderline, malformed."""
    texts = TEXTS.get(header) or (*TYPICAL[header], *EDGE[header])
    return st.sampled_from((*texts[:2] * 4, *texts, *ANYWHERE))


def written(account: Account, dates: DateFormat = "yyyy-mm-dd") -> Texts:
    """The row of a file that says what an account holds."""
    return {column.header: text_of(account.stored(column), dates) for column in COLUMNS}


def text_of(value: Any, dates: DateFormat) -> str:
    """A stored value as the text of a cell."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case str():
            return value
        case tuple() | frozenset():
            return ";".join(sorted(value) if isinstance(value, frozenset) else value)
        case _:
            return f"{value:%m/%d/}{value.year:04}" if dates == "mm/dd/yyyy" else str(value.isoformat())


PEOPLE: tuple[tuple[str, str], ...] = (  # username and e-mail of those whom the student system knows
    ("1", "a@north.edu"),
    ("2", "b@north.edu"),
    ("3", "c@north.edu"),
    ("01", "a@both.edu"),
    ("4", "a@home.example"),
    ("b@home.example", "b@home.example"),
    ("5", "d@north.edu"),
    ("1", "a@south.edu"),
    ("7", "ada@home.example"),
    ("8", "A@North.EDU"),
)


def people(job: Job) -> st.SearchStrategy[Texts]:
    """A row that no account has led to, mostly of somebody who belongs where the job is."""
    own = [(username, email.replace("north", job.institution)) for username, email in PEOPLE]
    return st.sampled_from([person(username, email) for username, email in (*own, *own, *PEOPLE)])


def person(username: str, email: str, **more: str) -> Texts:
    """The row of somebody with a name."""
    names = {"first_name": "Ada", "last_name": "Lovelace"}
    return {"email_address": email, "username": username, **names, **more}


@st.composite
def edits(draw: st.DrawFn, headers: tuple[str, ...], least: int = 0, most: int = 2) -> Texts:
    """A few cells that say something else, in those columns most of all on which rules meet."""
    weighed = [*headers, *[header for header in MET_BY_RULES if header in headers] * 2]
    named = draw(st.lists(st.sampled_from(weighed), min_size=least, max_size=most, unique=True))
    return {header: draw(cells(header)) for header in named}


def rows(world: World, job: Job, known: tuple[str, ...]) -> st.SearchStrategy[Texts]:
    """A stranger's row, or what is stored of a student of whom the institution knows, with a little changed."""
    here = [account for account in world.students() if account.home in (None, job.institution)]
    stored = st.sampled_from([written(account, job.date_format) for account in here])
    strangers = st.builds(lambda texts, edited: {**texts, **edited}, people(job), edits(known))
    if not here:
        return strangers
    acquaintances = st.builds(lambda texts, edited: {**texts, **edited}, stored, edits(known, least=1))
    return st.one_of(strangers, acquaintances, acquaintances)


# Files.


@st.composite
def headers(draw: st.DrawFn, world: World, job: Job) -> tuple[str, ...]:
    """The required headers and some others, in some order; now and then spoilt."""
    required = required_headers(world.institution(job.institution).uses_sso)
    names = list(dict.fromkeys((*required, *draw(st.sampled_from(LAYOUTS)))))
    whim = draw(st.sampled_from([*[""] * 12, "alias", "unknown", "turned", "lacking", "twice", "status"]))
    match whim:
        case "alias":
            names[names.index("school_year_name")] = YEAR_ALIAS
        case "unknown":
            names.insert(3, draw(st.sampled_from(["Email_Address", "note", " username", ""])))
        case "turned":
            names.reverse()
        case "lacking":
            names.remove(draw(st.sampled_from(required)))
        case "twice":
            names.append(draw(st.sampled_from((YEAR_ALIAS, "username"))))
        case "status":
            names += ["status", "response"]
    return tuple(names)


@st.composite
def files(draw: st.DrawFn, world: World, job: Job) -> Sheet:
    """A file of a few rows, most of them about students who are there."""
    names = draw(headers(world, job))
    known = tuple(name for name in names if name in BY_HEADER and name != "email_address")
    key = draw(st.sampled_from([None, *[tuple(map(itemgetter, IDENTITY))] * 5]))
    texts = draw(st.lists(rows(world, job, known), min_size=draw(st.integers(0, 3)), max_size=5, unique_by=key))
    return draw(spoilt(Sheet.of(names, texts)))


@st.composite
def spoilt(draw: st.DrawFn, sheet: Sheet) -> Sheet:
    """The sheet, and sometimes one with something wrong in it: a ragged or a blank row, no CSV at all."""
    match draw(st.sampled_from([*[""] * 18, "short", "long", "blank", "e-mail", "e-mail", "tail"])):
        case "short":
            return evolve(sheet, rows=(*sheet.rows, ("a@north.edu", "1", "Ada")))
        case "long":
            return evolve(sheet, rows=tuple((*row, "more") for row in sheet.rows[:1]) + sheet.rows[1:])
        case "blank":
            return evolve(sheet, rows=((), *sheet.rows[:1], (" ",) * len(sheet.header), *sheet.rows[1:]))
        case "e-mail" if sheet.rows and "email_address" in sheet.header:
            place = sheet.header.index("email_address")
            row = list(sheet.rows[0])
            row[place] = draw(st.sampled_from((*NO_EMAILS, *STRANGERS)))
            return evolve(sheet, rows=(tuple(row), *sheet.rows[1:]))
        case "tail":
            return evolve(sheet, tail=draw(st.sampled_from([b"\xff", b'"', b"\0", b'"a"b', b"\xed\xa0\x80"])))
        case _:
            return sheet


# What follows a file.


@st.composite
def imports(draw: st.DrawFn, world: World) -> Import:
    """A file of its own."""
    job = draw(jobs())
    return Import(job, draw(files(world, job)))


def at_home(world: World, institution: str) -> list[Account]:
    """The students connected to or pending at an institution."""
    return [account for account in world.students() if account.home == institution]


@st.composite
def updates(draw: st.DrawFn, world: World) -> Import:
    """What is stored of the students of one institution, with a little changed that is not sensitive."""
    job = draw(jobs())
    names = draw(headers(world, job))
    harmless = tuple(name for name in names if name in BY_HEADER and not BY_HEADER[name].sensitive)
    texts = [
        {**written(account, job.date_format), **draw(edits(harmless, least=1))}
        for account in draw(st.permutations(at_home(world, job.institution)))[:3]
    ]
    return Import(job, Sheet.of(names, texts))


@st.composite
def rings(draw: st.DrawFn, world: World) -> Import:
    """Students of one institution whose values of one column have gone round among them."""
    job = draw(jobs().filter(lambda job: job.mode == "manual"))
    header = draw(st.sampled_from(("card_id", "auth_identifier", "username", "email_address")))
    circle = [written(account, job.date_format) for account in at_home(world, job.institution)]
    values = [texts[header] for texts in circle]
    turned = [{**texts, header: value} for texts, value in zip(circle, values[1:] + values[:1])]
    return Import(job, Sheet.of((*required_headers(True), "card_id"), turned))


@st.composite
def sequels(draw: st.DrawFn, last: Import, report: Report) -> Import:
    """The last file once more: as it was, in another order, one half of it, or what failed, corrected."""
    sheet = last.sheet
    match draw(st.sampled_from(["again", "reordered", "split", "failed", "failed", "elsewhere"])):
        case "reordered":
            sheet = evolve(sheet, rows=sheet.rows[::-1])
        case "split":
            sheet = evolve(sheet, rows=sheet.rows[: len(sheet.rows) // 2])
        case "failed" if report.failed:
            again = Sheet.read(report.failed_rows(sheet.data))
            return Import(evolve(last.job, mode="manual", change_sensitive_fields=True), again)
        case "elsewhere":
            return Import(draw(jobs()), sheet)
    return Import(last.job, sheet)


@st.composite
def arrivals(draw: st.DrawFn, world: World) -> Import:
    """The rows of the students who are pending, as the student system knows them: with a username of its own,
    or with the one that they have."""
    waiting = [account for account in world.students() if account.institution is None]
    job = draw(jobs())
    names = draw(headers(world, job))
    own = draw(st.sampled_from([{}, {}, {"username": draw(st.sampled_from(USERNAMES))}]))
    person = st.sampled_from(waiting)
    texts = {**written(draw(person), job.date_format), **draw(edits(OPTIONAL, most=1)), **own}
    return Import(job, Sheet.of(names, [texts]))


# Actions.

WEIGHTED: tuple[type, ...] = (
    SignUp,
    RequestAccess,
    RequestAccess,
    Approve,
    Decline,
    DeletePending,
    AddByEmail,
    ChangeEmail,
    ChangeEmail,
    ConfirmEmail,
    ConfirmEmail,
    SetDisabled,
    SetExcluded,
    EditProfile,
    EditProfile,
    SwitchInstitution,
    SwitchInstitution,
    SignIn,
)
KINDS = (*WEIGHTED, *(kind for kind in NAMED.values() if kind not in WEIGHTED))


def changes() -> st.SearchStrategy[Texts]:
    """What may be typed into a profile: now and then what no profile takes."""
    more = st.sampled_from([{}, {}, {}, {}, {YEAR_ALIAS: "Alumni"}, {"nonsense": ""}])
    editable = tuple(column.header for column in COLUMNS if not column.sensitive and column.header != "disabled")
    return st.builds(lambda edited, odd: {**edited, **odd}, edits(editable), more)


@st.composite
def actions(draw: st.DrawFn, world: World) -> Action:
    """What people do, mostly about students who are there and mostly where they are at home."""
    accounts = list(world.students())
    known: dict[str, str | None] = {account.email_address: account.home for account in accounts}
    email = draw(st.sampled_from([*list(known) * 3, *STRANGERS, *EMAILS]))
    home = known.get(email) or "north"
    place = draw(st.sampled_from([home, home, home, "north", "south"]))
    anywhere = st.sampled_from(["north", "south"])
    new = st.sampled_from((*EMAILS, *EMAILS, *STRANGERS, *NO_EMAILS))
    names = st.sampled_from((*FIRST_NAMES * 2, *ANYWHERE, "\0", "\ud800"))
    arguments: Mapping[type, tuple[Any, ...]] = {
        SignUp: (draw(new), draw(names), "Byron"),
        RequestAccess: (email, draw(anywhere)),
        ChangeEmail: (place, email, draw(new)),
        ConfirmEmail: (email,),
        SetDisabled: (place, email, draw(st.booleans())),
        EditProfile: (place, email, draw(changes())),
        SetExcluded: (place, email, draw(st.booleans())),
        SwitchInstitution: (email, draw(anywhere)),
    }
    kind = draw(st.sampled_from(KINDS))
    if kind is SignIn:
        return draw(sign_ins(email))
    known = {"institution": place, "email": email}
    action: Action = kind(*arguments[kind]) if kind in arguments else kind(**arguments_for(name_of(kind), known))
    return action


def sign_ins(email: str) -> st.SearchStrategy[SignIn]:
    """Both ways in."""
    attributes = st.sampled_from((*AUTHS, ""))
    sso = st.builds(SignIn, st.just(email), st.just("sso"), st.sampled_from(PLACES), attributes)
    return st.one_of(st.just(SignIn(email, "password")), sso)


# Histories.

COLUMNS_OF_TERM = (*required_headers(True), "primary_education:start_date", "card_id", "system_label_names")
START, END = "primary_education:start_date", "primary_education:end_date"
TERM = Import(
    Job("north"),
    Sheet.of(
        COLUMNS_OF_TERM,
        [
            person("1", "a@north.edu", card_id="7", system_label_names="green;blue"),
            person("2", "b@north.edu", auth_identifier="x", **{START: "2016-09-16", END: "2020-02-28"}),
            person("b@home.example", "c@north.edu", **{START: "2016-09-17", "system_label_names": "blue"}),
        ],
    ),
)
ELSEWHERE = Import(
    Job("south"),
    Sheet.of(
        COLUMNS_OF_TERM,
        [
            person("1", "a@south.edu"),
            person("5", "a@both.edu", card_id="7", system_label_names="1;2"),
            person("6", "ada@home.example", auth_identifier="x"),
        ],
    ),
)
ASKED = (SignUp("a@home.example", "Ada", "Byron"), RequestAccess("a@home.example", "north"))
EPISODES: tuple[tuple[Step, ...], ...] = (  # what may have happened before, in this order
    (ELSEWHERE,),
    (SignUp("b@home.example", "Bo", "Peep"),),
    ASKED,
    (SignUp("d@home.example", "Di", "Byron"), RequestAccess("d@home.example", "north")),
    (TERM,),
    (Decline("north", "a@home.example"),),
    (SetDisabled("north", "a@north.edu", disabled=True), SetDisabled("north", "a@home.example", disabled=True)),
    (ChangeEmail("north", "b@north.edu", "c@home.example"),),
    (SetExcluded("north", "b@north.edu", excluded=False),),
)


@st.composite
def openings(draw: st.DrawFn) -> tuple[Step, ...]:
    """Some of what may have happened before; with none of it everybody is new."""
    missing = draw(st.sets(st.sampled_from(range(len(EPISODES))), max_size=len(EPISODES)))
    return tuple(step for place, steps in enumerate(EPISODES) if place not in missing for step in steps)


@st.composite
def histories(draw: st.DrawFn, most: int = 6) -> History:
    """A world and up to `most` steps in it, after an opening; each is made from the state before it."""
    start = world = draw(worlds())
    steps: list[Step] = list(draw(openings()))
    last: tuple[Import, Report] | None = None
    for moment in play(world, steps):
        world = moment.after
    for _ in range(draw(st.integers(2, most))):
        step = draw(next_steps(world, last))
        world, answer = played(world, step)
        steps.append(step)
        if isinstance(step, Import) and isinstance(answer, Report):
            last = None if answer.refused else (step, answer)
    return History(start, tuple(steps))


# Drawn by name: one_of would give every kind of action the weight of all files.
WHAT_HAPPENS = ("file", "file", "update", "update", "ring", "action", "action", "sequel", "arrival")


@st.composite
def next_steps(draw: st.DrawFn, world: World, last: tuple[Import, Report] | None) -> Step:
    """What may happen next: a file, a file that follows the last one, or an action."""
    match draw(st.sampled_from(WHAT_HAPPENS)):
        case "action":
            return draw(actions(world))
        case "update":
            return draw(updates(world))
        case "ring":
            return draw(rings(world))
        case "sequel" if last:
            return draw(sequels(*last))
        case "arrival" if any(account.institution is None for account in world.students()):
            return draw(arrivals(world))
        case _:
            return draw(imports(world))
