"""An example for each rule that shows it at work: a small world, what happened in it, and one thing more.

The docstring of a rule names its example. Nothing here says how an example ends: `play` finds out, by the model, then
and there. What happened before goes by the standard rules; only the last thing is played by the rules that are handed
in.
"""

from collections.abc import Iterator, Mapping

from attrs import frozen

from refmodel.actions import (
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
)
from refmodel.catalogue import CATALOGUE, Entry
from refmodel.columns import required_headers
from refmodel.dispatch import act
from refmodel.engine import import_file, preview
from refmodel.job import DateFormat, Job
from refmodel.report import Report, as_json
from refmodel.rule_text import RuleTextError
from refmodel.rules.report import failed_rows_file
from refmodel.ruleset import STANDARD, Ruleset
from refmodel.serialization import observed
from refmodel.world import Account, Institution, World

AUTOMATIC = Job("north")
JUST_NORTH = World.of(Institution("north"))


@frozen
class Sent:
    """A file that is sent in, under a job; `preview` if it is only tried, `failed_rows` to have them back."""

    data: bytes
    job: Job = AUTOMATIC
    preview: bool = False
    failed_rows: bool = False


Happening = Sent | Action


@frozen
class Example:
    """What happens in a world in the end, after some other things."""

    last: Happening
    before: tuple[Happening, ...] = ()
    world: World = JUST_NORTH


@frozen
class Outcome:
    """How an example ends: the answers that were given, and the differences that it made to students."""

    answers: tuple[str, ...]
    differences: tuple[str, ...]


# Playing.


def play(example: Example, ruleset: Ruleset = STANDARD) -> Outcome:
    """How an example ends under some rules."""
    world = example.world
    for happening in example.before:
        world, _ = happen(world, happening, STANDARD)
    after, answers = happen(world, example.last, ruleset)
    return Outcome(answers, tuple(differences(world, after)))


def happen(world: World, happening: Happening, ruleset: Ruleset) -> tuple[World, tuple[str, ...]]:
    """The world after something has happened, and what was answered."""
    if isinstance(happening, Sent):
        return send(world, happening, ruleset)
    after, answer = act(world, happening, ruleset)
    if isinstance(answer, Refused):
        return after, (f"refused: {answer.text}",)
    return after, (done_in_words(answer),)


def done_in_words(done: Done) -> str:
    """That an action happened, and whether a sign-in gave access."""
    return "done" if done.access is None else f"access: {'yes' if done.access else 'no'}"


def send(world: World, sent: Sent, ruleset: Ruleset) -> tuple[World, tuple[str, ...]]:
    """The world after a file was sent, and what was answered row by row."""
    if sent.preview:
        does = ruleset[preview]
        report = does(world, sent.job, sent.data) if does else None
        return world, answers_of(report) if report else ("refused: nothing can be tried here",)
    after, report = import_file(world, sent.job, sent.data, ruleset)
    answers = answers_of(report)
    if sent.failed_rows and ruleset[failed_rows_file]:
        answers += tuple(report.failed_rows(sent.data).decode().splitlines())
    return after, answers


def answers_of(report: Report) -> tuple[str, ...]:
    """What a report says: that the file is refused, or a line for each row, and the warnings."""
    if report.refused:
        return (f"the file is refused: {report.refused.text}",)
    rows = [f"row {r.row} {r.outcome} {as_json(r.response)}" for r in report.results]
    return (*rows, *(f"warning: {text}" for text in report.warnings))


# The differences between two worlds.


def differences(before: World, after: World) -> Iterator[str]:
    """What became of students: a line for each who came, who went, and for each value that changed."""
    for key, account in after.accounts.items():
        if key not in before.accounts:
            yield f"{account.email_address} is new: {described(account)}"
        elif account is not before.accounts[key]:
            yield from changed_values(before.accounts[key], account)
    for key, account in before.accounts.items():
        if key not in after.accounts:
            yield f"{account.email_address} is gone"


def changed_values(before: Account, after: Account) -> Iterator[str]:
    """The values of a student that changed, a line each."""
    was, becomes = observed(before), observed(after)
    for name, value in becomes.items():
        if value != was[name]:
            yield f"{before.email_address}: {name}: {shown(was[name])} → {shown(value)}"


def described(account: Account) -> str:
    """All that an account has, but the address that it goes by."""
    values = observed(account).items()
    return ", ".join(f"{n} = {shown(v)}" for n, v in values if v not in (None, [], False) and n != "email_address")


def shown(value: object) -> str:
    """A value for people to read."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(map(str, value)) or "nothing"
    return "nothing" if value is None else str(value)


# What the examples are made of.

CAMPUS = World.of(
    Institution("north", domains=("north.edu",), campuses=("Main", "Quay"), staff=("advisor@north.edu",)),
    Institution("south", domains=("south.edu",)),
    employers=("hr@employer.example",),
)
ONE_CAMPUS = World.of(Institution("north", domains=("north.edu",)))
SIGNS_ON = World.of(Institution("north", domains=("north.edu",), uses_sso=True))

Cells = Mapping[str, str]  # header → text

ADA: Cells = {
    "email_address": "ada@north.edu",
    "username": "1001",
    "first_name": "Ada",
    "last_name": "Lovelace",
}
BOB: Cells = {"email_address": "bob@north.edu", "username": "1002", "first_name": "Bob", "last_name": "Boole"}
START, END = "primary_education:start_date", "primary_education:end_date"
MAJORS, ATTENDING = "primary_education:major_names", "primary_education:currently_attending"


def lines(*texts: str) -> bytes:
    """A file of these lines."""
    return "".join(f"{text}\n" for text in texts).encode()


def rows(*cells: Cells) -> bytes:
    """A file of these rows, with the columns that every file has and those that the rows name."""
    headers = tuple(dict.fromkeys((*required_headers(False), *(name for row in cells for name in row))))
    return lines(",".join(headers), *(",".join(row.get(name, "") for name in headers) for row in cells))


def sync(*cells: Cells) -> Sent:
    """An automatic job of north."""
    return Sent(rows(*cells))


def sensitive(*cells: Cells) -> Sent:
    """A manual job of north that changes sensitive fields."""
    return Sent(rows(*cells), Job("north", "manual", change_sensitive_fields=True))


def in_format(date_format: DateFormat, *cells: Cells) -> Sent:
    """A job of north with a date format."""
    return Sent(rows(*cells), Job("north", date_format=date_format))


def elsewhere(*cells: Cells) -> Sent:
    """An automatic job of south."""
    return Sent(rows(*cells), Job("south"))


def edit(**changes: str) -> EditProfile:
    """Ada's profile is edited."""
    return EditProfile("north", "ada@north.edu", changes)


STARRED = ",".join(required_headers(False))
EVE: Cells = {"email_address": "eve@mail.example", "username": "1005", "first_name": "Eve", "last_name": "Ng"}
EVE_SIGNS_UP = SignUp("eve@mail.example", "Eve", "Ng")
EVE_ASKS = RequestAccess("eve@mail.example", "north")
EVE_IS_PENDING: tuple[Happening, ...] = (EVE_SIGNS_UP, EVE_ASKS)
ADA_IS_THERE = (sync(ADA),)

NAMED: Mapping[str, Example] = {
    # A file.
    "a_quote_that_is_never_closed": Example(Sent(lines(STARRED, 'ada@north.edu,1001,"Ada,Lovelace,,'))),
    "a_row_of_blank_cells": Example(Sent(lines(STARRED, ",,,,,", "ada@north.edu,1001,Ada,Lovelace,,"))),
    "a_header_in_capitals": Example(sync({**ADA, "Card_ID": "C7"})),
    "the_alias_of_the_year": Example(
        Sent(
            lines(
                STARRED.replace("school_year_name", "institution_year_name"),
                "ada@north.edu,1001,Ada,Lovelace,,Alumni",
            )
        )
    ),
    "a_file_of_three_columns": Example(Sent(lines("email_address,username,disabled", "ada@north.edu,1001,TRUE"))),
    "the_year_and_its_alias": Example(
        Sent(lines(f"{STARRED},institution_year_name", "ada@north.edu,1001,Ada,Lovelace,,Alumni,Placement"))
    ),
    "a_campus_where_there_are_none": Example(sync({**ADA, "campus_name": "Main"}), world=ONE_CAMPUS),
    # Cells.
    "a_blank_labels_cell": Example(
        sync({**ADA, "system_label_names": "", "gender": "woman"}),
        (sync({**ADA, "system_label_names": "honours;rowing"}),),
    ),
    "a_blank_cell": Example(sync({**ADA, "card_id": "", "gender": ""}), (sync({**ADA, "gender": "woman"}),)),
    "a_cleared_last_name": Example(sync({**ADA, "last_name": "**CLEAR**"}), ADA_IS_THERE),
    "a_cleared_boolean": Example(sync({**ADA, "disabled": "**CLEAR**"})),
    "a_cleared_end_date": Example(sync({**ADA, END: "**CLEAR**"}), (sync({**ADA, END: "2027-06-30"}),)),
    "an_address_in_capitals": Example(sync({**ADA, "email_address": " Ada@North.edu "}), ADA_IS_THERE),
    "two_courses": Example(sync({**ADA, MAJORS: "History;Biology"})),
    "a_course_listed_twice": Example(sync({**ADA, MAJORS: "History; Biology;;History"})),
    "a_course_name_of_256_characters": Example(sync({**ADA, MAJORS: "H" * 256})),
    "a_year_in_lower_case": Example(sync({**ADA, "school_year_name": "alumni"})),
    "a_boolean_in_lower_case": Example(sync({**ADA, "disabled": "true"})),
    "the_30th_of_february": Example(sync({**ADA, END: "2027-02-30"})),
    "an_end_date_in_another_format": Example(in_format("mm/dd/yyyy", {**ADA, END: "2027-06-30"})),
    "a_start_date_in_another_format": Example(in_format("mm/dd/yyyy", {**ADA, START: "2024-09-01"})),
    "a_mobile_number_with_brackets": Example(sync({**ADA, "mobile_number": "(020) 7946-0000"})),
    "a_space_in_front_of_a_name": Example(sync({**ADA, "first_name": " Ada"})),
    # A file as a whole.
    "a_card_changes_hands": Example(
        sensitive({**ADA, "card_id": "C8"}, {**BOB, "card_id": "C7"}), (sync({**ADA, "card_id": "C7"}),)
    ),
    "a_file_without_labels": Example(
        sync({**ADA, "gender": "woman"}), (sync({**ADA, "system_label_names": "honours"}),)
    ),
    "a_file_without_a_student": Example(sync(BOB), ADA_IS_THERE),
    "a_failed_row_with_blank_labels": Example(
        sync({**ADA, "system_label_names": "", "disabled": "yes"}),
        (sync({**ADA, "system_label_names": "honours"}),),
    ),
    # Identity.
    "a_short_row": Example(Sent(lines(STARRED, "ada@north.edu,1001,Ada,Lovelace"))),
    "a_row_without_a_username": Example(sync({**ADA, "username": ""})),
    "two_rows_with_one_card": Example(sync({**ADA, "card_id": "C7"}, {**BOB, "card_id": "C7"})),
    # Finding the student.
    "another_address_for_a_known_username": Example(
        sensitive({**ADA, "email_address": "ada.lovelace@north.edu"}), ADA_IS_THERE
    ),
    "another_username_for_a_known_address": Example(sensitive({**ADA, "username": "2001"}), ADA_IS_THERE),
    "a_row_about_another_schools_student": Example(sensitive(EVE), (elsewhere({**EVE, "username": "77"}),), CAMPUS),
    "the_same_row_after_an_edit": Example(
        sync({**ADA, "gender": "woman"}), (sync({**ADA, "gender": "woman"}), edit(gender="non-binary"))
    ),
    # Refusals.
    "a_row_about_an_excluded_student": Example(
        sync({**ADA, "gender": "woman"}), (*ADA_IS_THERE, SetExcluded("north", "ada@north.edu", True))
    ),
    "a_card_without_the_setting": Example(sync({**ADA, "card_id": "C7"}), ADA_IS_THERE),
    "a_row_about_an_unconnected_student": Example(
        sync({**EVE, "username": "eve@mail.example", "gender": "woman"}), (EVE_SIGNS_UP,)
    ),
    "a_row_about_a_declined_student": Example(sensitive(EVE), (*EVE_IS_PENDING, Decline("north", "eve@mail.example"))),
    # Validations.
    "a_mobile_number_of_letters": Example(sync({**ADA, "mobile_number": "none"})),
    "a_new_student_without_a_last_name": Example(sync({**ADA, "last_name": ""})),
    "the_address_of_an_employer": Example(sync({**ADA, "email_address": "hr@employer.example"}), world=CAMPUS),
    "an_address_of_another_institution": Example(sync({**ADA, "email_address": "ada@south.edu"}), world=CAMPUS),
    "an_auth_identifier_that_is_taken": Example(
        sync({**BOB, "auth_identifier": "al7"}), (sync({**ADA, "auth_identifier": "al7"}),)
    ),
    "a_card_that_is_taken": Example(sync({**BOB, "card_id": "C7"}), (sync({**ADA, "card_id": "C7"}),)),
    "a_start_date_after_the_stored_end_date": Example(
        sync({**ADA, START: "2027-09-01"}), (sync({**ADA, END: "2027-06-30"}),)
    ),
    "an_assignee_who_is_not_staff": Example(
        sync({**ADA, "assigned_to_email_address": "someone@north.edu"}), world=CAMPUS
    ),
    "a_campus_in_lower_case": Example(sync({**ADA, "campus_name": "main"}), world=CAMPUS),
    "a_request_with_a_username_that_is_taken": Example(
        RequestAccess("eve@mail.example", "north"),
        (EVE_SIGNS_UP, sync({**ADA, "username": "eve@mail.example"})),
    ),
    # Effects.
    "a_student_with_labels_and_a_campus_moves": Example(
        SwitchInstitution("eve@mail.example", "south"),
        (sync({**EVE, "system_label_names": "honours", "campus_name": "Main"}),),
        CAMPUS,
    ),
    "another_last_name": Example(sync({**ADA, "last_name": "King"}), ADA_IS_THERE),
    "other_labels": Example(
        sync({**ADA, "system_label_names": "rowing"}), (sync({**ADA, "system_label_names": "honours"}),)
    ),
    "a_row_that_archives": Example(sync({**ADA, "disabled": "TRUE"}), ADA_IS_THERE),
    "a_row_about_a_pending_student": Example(sensitive(EVE), EVE_IS_PENDING),
    "a_new_student": Example(sync(ADA)),
    "a_row_with_the_address_asked_for": Example(
        Sent(
            rows({**ADA, "email_address": "ada@mail.example"}),
            Job("north", "manual", change_sensitive_fields=True),
        ),
        (
            *ADA_IS_THERE,
            ChangeEmail("north", "ada@north.edu", "ada@mail.example"),
            SetExcluded("north", "ada@north.edu", False),
        ),
    ),
    # Reports.
    "a_file_is_tried": Example(Sent(rows(ADA, {**BOB, "disabled": "yes"}), preview=True)),
    "a_failed_row_is_given_back": Example(Sent(rows(ADA, {**BOB, "disabled": "yes"}), failed_rows=True)),
    # What people do.
    "a_student_signs_up": Example(EVE_SIGNS_UP),
    "a_student_asks_for_access": Example(EVE_ASKS, (EVE_SIGNS_UP,)),
    "a_request_is_approved": Example(Approve("north", "eve@mail.example"), EVE_IS_PENDING),
    "a_request_is_declined": Example(Decline("north", "eve@mail.example"), EVE_IS_PENDING),
    "a_pending_account_is_deleted": Example(DeletePending("north", "eve@mail.example"), EVE_IS_PENDING),
    "a_student_is_added_by_email": Example(AddByEmail("north", "eve@mail.example"), (EVE_SIGNS_UP,)),
    "another_address_is_asked_for": Example(ChangeEmail("north", "ada@north.edu", "ada@mail.example"), ADA_IS_THERE),
    "an_address_is_confirmed": Example(
        ConfirmEmail("ada@north.edu"),
        (*ADA_IS_THERE, ChangeEmail("north", "ada@north.edu", "ada@mail.example")),
    ),
    "a_student_is_archived": Example(SetDisabled("north", "ada@north.edu", True), ADA_IS_THERE),
    "a_profile_is_edited": Example(edit(gender="woman"), ADA_IS_THERE),
    "a_student_is_excluded": Example(SetExcluded("north", "ada@north.edu", True), ADA_IS_THERE),
    "a_student_moves": Example(SwitchInstitution("eve@mail.example", "south"), (sync(EVE),), CAMPUS),
    "a_student_signs_in": Example(
        SignIn("ada@north.edu", "sso", "north", "al7"),
        (
            Sent(
                lines(f"{STARRED},auth_identifier", "ada@north.edu,1001,Ada,Lovelace,,,al7"),
            ),
        ),
        SIGNS_ON,
    ),
}


def example_of(entry: Entry) -> Example:
    """The example that a rule names; RuleTextError where there is none of that name."""
    if entry.example not in NAMED:
        raise RuleTextError(
            f"{entry.name}: “Example: {entry.example}” is not one of refmodel/explain/examples.py; add it there"
        )
    return NAMED[entry.example]


EXAMPLES: Mapping[str, Example] = {name: example_of(entry) for name, entry in CATALOGUE.items()}
