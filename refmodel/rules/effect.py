"""Effects: what a row changes, the later ones upon the earlier."""

from collections.abc import Callable

from refmodel.cell import CLEAR, KEEP, Malformed
from refmodel.columns import (
    DISABLED,
    EMAIL_ADDRESS,
    REPLACED,
    SYSTEM_LABEL_NAMES,
)
from refmodel.row import Changes, Move, Row, connection
from refmodel.ruleset import fallback
from refmodel.world import NOTHING

EffectRule = Callable[[Row], Changes]


def leaving_leaves_nothing_behind(move: Move) -> Changes:
    """An account that leaves an institution loses what was that institution's.

    Its labels, assignee and campus, the exclusion from the sync, the e-mail address asked for, and the
    memory of the row last applied.

    Source: the articles are silent
    Basis: chosen
    Remedy: Note down labels, assignee and campus first if they will be wanted again.
    Consequence: Labels and advisers of the old university follow a student to the new one.
    Example: a_student_with_labels_and_a_campus_moves
    """
    student = move.student
    if student is None or student.home in (None, move.destination):
        return {}
    return {
        "system_label_names": frozenset(),
        "assigned_to_email_address": None,
        "campus_name": None,
        "excluded_from_sync": False,
        "requested_email": None,
        "last_applied": None,
    }


def values_replace(row: Row) -> Changes:
    """Values take the place of what is stored, and clears empty it.

    Source: 000:5
    Basis: stated
    Remedy: Leave blank what should stay; every value that is there takes the old one's place.
    Consequence: Updates are reported as done and do not arrive.
    Example: another_last_name
    """
    return {
        column.attribute: NOTHING[column] if cell is CLEAR else cell
        for column in REPLACED
        if (cell := row.cells[column.index]) is not KEEP and not isinstance(cell, Malformed)
    }


def labels_are_exactly_the_cell(row: Row) -> Changes:
    """Where the labels column is there, the labels become exactly what its cell says, however many.

    Source: 002:36, 002:45
    Basis: stated
    Remedy: List every label that the student should have, the old ones too.
    Consequence: Labels only ever grow, because new ones are added to those that were there.
    Example: other_labels
    """
    cell = row.cell(SYSTEM_LABEL_NAMES)
    if cell is KEEP or isinstance(cell, Malformed):
        return {}
    return {SYSTEM_LABEL_NAMES.attribute: NOTHING[SYSTEM_LABEL_NAMES] if cell is CLEAR else cell}


def disabled_only_by_word(row: Row) -> Changes:
    """TRUE archives, FALSE brings back, and nothing else in a file does either.

    Source: 000:34, 001:14-17, 002:35
    Basis: stated
    Remedy: Send disabled TRUE to archive and FALSE to bring back; nothing else does.
    Consequence: Archived students come back, or others are archived, though no file said so.
    Example: a_row_that_archives
    """
    cell = row.cell(DISABLED)
    if cell is KEEP or isinstance(cell, Malformed):
        return {}
    return {DISABLED.attribute: cell is True}


def a_sensitive_update_connects_and_approves(row: Row) -> Changes:
    """A manual job with the setting connects the unconnected student whom it updates, pending or not.

    Whether or not a sensitive field differed. A job without the setting leaves a pending student pending.

    Source: 003:15, 004:40
    Basis: stated
    Remedy: Look at pending requests first: the job approves those it updates.
    Consequence: Students wait for an approval that has been given already.
    Example: a_row_about_a_pending_student
    """
    if row.student and row.student.institution is None and row.job.change_sensitive_fields:
        return connection(row.institution.id, row.student)
    return {}


def a_created_student_is_connected(row: Row) -> Changes:
    """A row that finds nobody creates an account, connected to the institution, with the row's values.

    Source: 000:5, 002:3
    Basis: stated
    Remedy: Preview the file: a misspelt username and e-mail make a second account.
    Consequence: New students come in unconnected or archived, and do not see their university.
    Example: a_new_student
    """
    return connection(row.institution.id, None) if row.student is None else {}


def imports_need_no_confirmation(row: Row) -> Changes:
    """An import changes an e-mail address at once, and drops the request for one that it makes equal.

    Source: the product's other public pages
    Basis: chosen
    Remedy: Check the address well, for the student is not asked to confirm it.
    Consequence: A changed address waits for a code that nobody sends.
    Example: a_row_with_the_address_asked_for
    """
    if row.student and row.student.requested_email == row.would_be(EMAIL_ADDRESS):
        return {"requested_email": None}
    return {}


EFFECTS: tuple[EffectRule, ...] = (
    leaving_leaves_nothing_behind,
    values_replace,
    labels_are_exactly_the_cell,
    disabled_only_by_word,
    a_sensitive_update_connects_and_approves,
    a_created_student_is_connected,
    imports_need_no_confirmation,
)


# What a failed row leaves behind.


def labels_stay_behind(row: Row) -> Changes:
    """An importer that writes the labels before it validates the row."""
    return labels_are_exactly_the_cell(row)


@fallback(labels_stay_behind)
def a_failed_row_changes_nothing(row: Row) -> Changes:
    """A row does all that it says or nothing, and what happens to it does not stop another.

    Source: 003:7
    Basis: stated
    Remedy: Correct the row and send it again; nothing of it was stored.
    Consequence: A row that is reported as failed has changed half of the student all the same.
    Example: a_failed_row_with_blank_labels
    """
    return {}
