"""An example for each rule that shows it at work: a small world, what happened in it, and one thing more.

Nothing here says how an example ends: `play` finds out, by the model, then and there. What happened before
goes by the standard rules; only the last thing is played by the rules that are handed in.
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
    EditProfile,
    Refused,
    RequestAccess,
    SetDisabled,
    SetExcluded,
    SignIn,
    SignUp,
    SwitchInstitution,
)
from refmodel.columns import required_headers
from refmodel.dispatch import act
from refmodel.engine import import_file, preview
from refmodel.job import DateFormat, Job
from refmodel.report import Report, as_json
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
    return after, ("done" if answer.access is None else f"access: {'yes' if answer.access else 'no'}",)


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

EXAMPLES: Mapping[str, Example] = {
    # A file.
    "file_is_utf8_csv": Example(Sent(lines(STARRED, 'ada@north.edu,1001,"Ada,Lovelace,,'))),
    "empty_rows_are_ignored": Example(Sent(lines(STARRED, ",,,,,", "ada@north.edu,1001,Ada,Lovelace,,"))),
    "headers_match_exactly": Example(sync({**ADA, "Card_ID": "C7"})),
    "institution_year_name_is_an_alias": Example(
        Sent(
            lines(
                STARRED.replace("school_year_name", "institution_year_name"),
                "ada@north.edu,1001,Ada,Lovelace,,Alumni",
            )
        )
    ),
    "required_headers_are_present": Example(Sent(lines("email_address,username,disabled", "ada@north.edu,1001,TRUE"))),
    "no_header_appears_twice": Example(
        Sent(lines(f"{STARRED},institution_year_name", "ada@north.edu,1001,Ada,Lovelace,,Alumni,Placement"))
    ),
    "campus_needs_campuses": Example(sync({**ADA, "campus_name": "Main"}), world=ONE_CAMPUS),
    # Cells.
    "blank_labels_clear": Example(
        sync({**ADA, "system_label_names": "", "gender": "woman"}),
        (sync({**ADA, "system_label_names": "honours;rowing"}),),
    ),
    "blank_keeps": Example(sync({**ADA, "card_id": "", "gender": ""}), (sync({**ADA, "gender": "woman"}),)),
    "identity_cannot_be_cleared": Example(sync({**ADA, "last_name": "**CLEAR**"}), ADA_IS_THERE),
    "booleans_cannot_be_cleared": Example(sync({**ADA, "disabled": "**CLEAR**"})),
    "clear_token_clears": Example(sync({**ADA, END: "**CLEAR**"}), (sync({**ADA, END: "2027-06-30"}),)),
    "emails_ignore_case": Example(sync({**ADA, "email_address": " Ada@North.edu "}), ADA_IS_THERE),
    "lists_split_on_semicolon": Example(sync({**ADA, MAJORS: "History;Biology"})),
    "list_items_are_trimmed": Example(sync({**ADA, MAJORS: "History; Biology;;History"})),
    "course_names_have_255_characters_at_most": Example(sync({**ADA, MAJORS: "H" * 256})),
    "enumerations_match_exactly": Example(sync({**ADA, "school_year_name": "alumni"})),
    "booleans_are_upper_case": Example(sync({**ADA, "disabled": "true"})),
    "dates_are_real": Example(sync({**ADA, END: "2027-02-30"})),
    "dates_follow_the_job": Example(in_format("mm/dd/yyyy", {**ADA, END: "2027-06-30"})),
    "start_date_follows_the_job_too": Example(in_format("mm/dd/yyyy", {**ADA, START: "2024-09-01"})),
    "mobile_is_digits": Example(sync({**ADA, "mobile_number": "(020) 7946-0000"})),
    "values_are_verbatim": Example(sync({**ADA, "first_name": " Ada"})),
    # A file as a whole.
    "rows_run_in_order": Example(
        sensitive({**ADA, "card_id": "C8"}, {**BOB, "card_id": "C7"}), (sync({**ADA, "card_id": "C7"}),)
    ),
    "absent_column_keeps": Example(sync({**ADA, "gender": "woman"}), (sync({**ADA, "system_label_names": "honours"}),)),
    "absence_changes_nothing": Example(sync(BOB), ADA_IS_THERE),
    "a_failed_row_changes_nothing": Example(
        sync({**ADA, "system_label_names": "", "disabled": "yes"}),
        (sync({**ADA, "system_label_names": "honours"}),),
    ),
    # Identity.
    "ragged_rows_fail": Example(Sent(lines(STARRED, "ada@north.edu,1001,Ada,Lovelace"))),
    "username_and_email_are_required": Example(sync({**ADA, "username": ""})),
    "rows_that_share_an_identifier_fail": Example(sync({**ADA, "card_id": "C7"}, {**BOB, "card_id": "C7"})),
    # Finding the student.
    "username_is_looked_up_first": Example(sensitive({**ADA, "email_address": "ada.lovelace@north.edu"}), ADA_IS_THERE),
    "email_is_looked_up_second": Example(sensitive({**ADA, "username": "2001"}), ADA_IS_THERE),
    "other_schools_students_are_invisible": Example(sensitive(EVE), (elsewhere({**EVE, "username": "77"}),), CAMPUS),
    "unchanged_rows_are_skipped": Example(
        sync({**ADA, "gender": "woman"}), (sync({**ADA, "gender": "woman"}), edit(gender="non-binary"))
    ),
    # Refusals.
    "excluded_students_are_not_updated": Example(
        sync({**ADA, "gender": "woman"}), (*ADA_IS_THERE, SetExcluded("north", "ada@north.edu", True))
    ),
    "sensitive_fields_need_the_setting": Example(sync({**ADA, "card_id": "C7"}), ADA_IS_THERE),
    "an_unconnected_student_needs_the_setting": Example(
        sync({**EVE, "username": "eve@mail.example", "gender": "woman"}), (EVE_SIGNS_UP,)
    ),
    "a_declined_student_is_not_connected": Example(
        sensitive(EVE), (*EVE_IS_PENDING, Decline("north", "eve@mail.example"))
    ),
    # Validations.
    "cells_are_well_formed": Example(sync({**ADA, "mobile_number": "none"})),
    "a_new_student_has_a_name": Example(sync({**ADA, "last_name": ""})),
    "email_is_unique_everywhere": Example(sync({**ADA, "email_address": "hr@employer.example"}), world=CAMPUS),
    "email_domain_is_not_anothers": Example(sync({**ADA, "email_address": "ada@south.edu"}), world=CAMPUS),
    "auth_identifier_is_unique_in_the_institution": Example(
        sync({**BOB, "auth_identifier": "al7"}), (sync({**ADA, "auth_identifier": "al7"}),)
    ),
    "card_id_is_unique_in_the_institution": Example(sync({**BOB, "card_id": "C7"}), (sync({**ADA, "card_id": "C7"}),)),
    "end_date_is_not_before_start_date": Example(
        sync({**ADA, START: "2027-09-01"}), (sync({**ADA, END: "2027-06-30"}),)
    ),
    "assignee_is_own_staff": Example(sync({**ADA, "assigned_to_email_address": "someone@north.edu"}), world=CAMPUS),
    "campus_is_known": Example(sync({**ADA, "campus_name": "main"}), world=CAMPUS),
    "username_is_unique_in_the_institution": Example(
        RequestAccess("eve@mail.example", "north"),
        (EVE_SIGNS_UP, sync({**ADA, "username": "eve@mail.example"})),
    ),
    # Effects.
    "leaving_leaves_nothing_behind": Example(
        SwitchInstitution("eve@mail.example", "south"),
        (sync({**EVE, "system_label_names": "honours", "campus_name": "Main"}),),
        CAMPUS,
    ),
    "values_replace": Example(sync({**ADA, "last_name": "King"}), ADA_IS_THERE),
    "labels_are_exactly_the_cell": Example(
        sync({**ADA, "system_label_names": "rowing"}), (sync({**ADA, "system_label_names": "honours"}),)
    ),
    "disabled_only_by_word": Example(sync({**ADA, "disabled": "TRUE"}), ADA_IS_THERE),
    "a_sensitive_update_connects_and_approves": Example(sensitive(EVE), EVE_IS_PENDING),
    "a_created_student_is_connected": Example(sync(ADA)),
    "imports_need_no_confirmation": Example(
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
    "preview": Example(Sent(rows(ADA, {**BOB, "disabled": "yes"}), preview=True)),
    "failed_rows_file": Example(Sent(rows(ADA, {**BOB, "disabled": "yes"}), failed_rows=True)),
    # What people do.
    "sign_up": Example(EVE_SIGNS_UP),
    "request_access": Example(EVE_ASKS, (EVE_SIGNS_UP,)),
    "approve": Example(Approve("north", "eve@mail.example"), EVE_IS_PENDING),
    "decline": Example(Decline("north", "eve@mail.example"), EVE_IS_PENDING),
    "delete_pending": Example(DeletePending("north", "eve@mail.example"), EVE_IS_PENDING),
    "add_by_email": Example(AddByEmail("north", "eve@mail.example"), (EVE_SIGNS_UP,)),
    "change_email": Example(ChangeEmail("north", "ada@north.edu", "ada@mail.example"), ADA_IS_THERE),
    "confirm_email": Example(
        ConfirmEmail("ada@north.edu"),
        (*ADA_IS_THERE, ChangeEmail("north", "ada@north.edu", "ada@mail.example")),
    ),
    "set_disabled": Example(SetDisabled("north", "ada@north.edu", True), ADA_IS_THERE),
    "edit_profile": Example(edit(gender="woman"), ADA_IS_THERE),
    "set_excluded": Example(SetExcluded("north", "ada@north.edu", True), ADA_IS_THERE),
    "switch_institution": Example(SwitchInstitution("eve@mail.example", "south"), (sync(EVE),), CAMPUS),
    "sign_in": Example(
        SignIn("ada@north.edu", "sso", "north", "al7"),
        (
            Sent(
                lines(f"{STARRED},auth_identifier", "ada@north.edu,1001,Ada,Lovelace,,,al7"),
            ),
        ),
        SIGNS_ON,
    ),
}
