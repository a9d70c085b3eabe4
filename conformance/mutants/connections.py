"""Mutants of connecting students, and of what a leaving student keeps."""

from collections.abc import Callable

from conformance.mutants.operators import Mutant, and_replace_rule, drop_rule, in_place
from refmodel.columns import EMAIL_ADDRESS, SENSITIVE
from refmodel.readings import any_success_approves, emails_wait_for_confirmation
from refmodel.row import Changes, Move, Row
from refmodel.rules.effect import (
    a_created_student_is_connected,
    a_sensitive_update_connects_and_approves,
    imports_need_no_confirmation,
    leaving_leaves_nothing_behind,
)

# Leaving an institution.


def _leaving(name: str, statement: str, left: Callable[[Move, Changes], Changes]) -> Mutant:
    """Leaving with other changes, made from the right ones."""

    def leave(move: Move) -> Changes:
        changes = leaving_leaves_nothing_behind(move)
        return left(move, changes) if changes else {}

    return in_place(leaving_leaves_nothing_behind, name, statement, leave)


def _taken_along(field: str, what: str) -> Mutant:
    return _leaving(
        f"{field}_of_who_leaves_stays",
        f"A student who leaves an institution keeps {what}.",
        lambda move, changes: {name: value for name, value in changes.items() if name != field},
    )


leavings = (
    drop_rule(
        leaving_leaves_nothing_behind,
        "who_leaves_takes_all_along",
        "A student who leaves keeps everything.",
    ),
    _taken_along("system_label_names", "the labels"),
    _taken_along("assigned_to_email_address", "the assignee"),
    _taken_along("campus_name", "the campus"),
    _taken_along("excluded_from_sync", "the exclusion from the sync"),
    _taken_along("requested_email", "the address asked for"),
    _taken_along("last_applied", "the memory of the row last applied"),
    _leaving(
        "who_leaves_is_brought_back",
        "A student who leaves is no longer archived.",
        lambda move, changes: {**changes, "disabled": False},
    ),
    _leaving(
        "who_leaves_loses_identifiers",
        "A student who leaves loses auth_identifier and card_id.",
        lambda move, changes: {**changes, "auth_identifier": None, "card_id": None},
    ),
    _leaving(
        "a_decline_takes_nothing_away",
        "A declined student keeps the institution's values.",
        lambda move, changes: changes if move.destination else {},
    ),
    _leaving(
        "a_job_takes_nothing_away",
        "A student connected elsewhere by a job keeps the previous institution's values.",
        lambda move, changes: {} if isinstance(move, Row) else changes,
    ),
    _leaving(
        "a_switch_takes_nothing_away",
        "A switched student keeps the previous institution's values.",
        lambda move, changes: {} if move.student and move.student.institution else changes,
    ),
)
leaving_comes_last = and_replace_rule(
    imports_need_no_confirmation,
    lambda row: {**imports_need_no_confirmation(row), **leaving_leaves_nothing_behind(row)},
    in_place(
        leaving_leaves_nothing_behind,
        "leaving_comes_last",
        "A row that connects a student from elsewhere loses its own labels, assignee and campus.",
        lambda move: {} if isinstance(move, Row) else leaving_leaves_nothing_behind(move),
    ),
)

# Connecting.


def _connecting(name: str, statement: str, change: Callable[[Row, Changes], Changes]) -> Mutant:
    """Connecting by a job with other changes, made from the right ones."""

    def connect(row: Row) -> Changes:
        changes = a_sensitive_update_connects_and_approves(row)
        return change(row, changes) if changes else {}

    return in_place(a_sensitive_update_connects_and_approves, name, statement, connect)


def was_pending(row: Row) -> bool:
    """Whether the student is pending at any institution."""
    return row.student is not None and row.student.pending_at is not None


def is_identity_changed(row: Row) -> bool:
    """Whether a row changes a sensitive field."""
    return row.student is not None and any(row.would_be(c) != row.student.stored(c) for c in SENSITIVE)


def without_fields(changes: Changes, *names: str) -> Changes:
    """The changes without some fields."""
    return {name: value for name, value in changes.items() if name not in names}


connected_otherwise = (
    drop_rule(
        a_sensitive_update_connects_and_approves,
        "jobs_connect_nobody",
        "A job with the setting updates an unconnected student and leaves them unconnected.",
    ),
    _connecting(
        "only_the_pending_are_connected",
        "The setting connects a student only if they are pending.",
        lambda row, changes: changes if was_pending(row) else {},
    ),
    _connecting(
        "only_those_pending_here_are_connected",
        "The setting leaves a student pending at another institution.",
        lambda row, changes: (
            {} if was_pending(row) and row.student and row.student.pending_at != row.institution.id else changes
        ),
    ),
    _connecting(
        "the_pending_are_not_approved",
        "The setting updates a pending student and leaves them pending.",
        lambda row, changes: {} if was_pending(row) else changes,
    ),
    _connecting(
        "the_request_stays",
        "A student connected by a job stays pending.",
        lambda row, changes: without_fields(changes, "pending_at"),
    ),
    _connecting(
        "only_the_own_request_is_dropped",
        "A student connected by a job stays pending at another institution.",
        lambda row, changes: (
            changes
            if row.student and row.student.pending_at == row.institution.id
            else without_fields(changes, "pending_at")
        ),
    ),
    _connecting(
        "all_declines_are_forgotten",
        "A job that connects a student forgets the refusals of all institutions.",
        lambda row, changes: {**changes, "declined_by": frozenset()},
    ),
    _connecting(
        "only_a_changed_identity_connects",
        "The setting connects only where a sensitive field differs.",
        lambda row, changes: changes if is_identity_changed(row) else {},
    ),
    _connecting(
        "who_is_connected_is_brought_back",
        "A job that connects a student brings them back.",
        lambda row, changes: {**changes, "disabled": False},
    ),
    _connecting(
        "an_approval_forgets_the_request_for_an_address",
        "A job that connects a student drops the address asked for.",
        lambda row, changes: {**changes, "requested_email": None},
    ),
)
any_success_connects = in_place(
    a_sensitive_update_connects_and_approves,
    "any_success_connects",
    "A row that is applied to a pending student approves them under any setting.",
    any_success_approves,
)


def left_pending(row: Row, changes: Changes) -> Changes:
    """The changes that leave the student pending, not connected."""
    return {**changes, "institution": None, "pending_at": row.institution.id}


def _created(name: str, statement: str, change: Callable[[Row, Changes], Changes]) -> Mutant:
    def create(row: Row) -> Changes:
        return change(row, a_created_student_is_connected(row)) if row.student is None else {}

    return in_place(a_created_student_is_connected, name, statement, create)


created_otherwise = (
    drop_rule(
        a_created_student_is_connected,
        "new_students_are_connected_nowhere",
        "A row creates, and connects to nothing.",
    ),
    _created(
        "new_students_are_pending",
        "A row that creates leaves the student pending.",
        left_pending,
    ),
    _created(
        "automatic_jobs_leave_new_students_pending",
        "An automatic job that creates leaves the student pending.",
        lambda row, changes: changes if row.job.mode == "manual" else left_pending(row, changes),
    ),
    _created(
        "new_students_without_an_own_address_are_pending",
        "A new student whose address is personal is left pending.",
        lambda row, changes: (
            changes
            if any(str(row.cell(EMAIL_ADDRESS)).endswith(f"@{d}") for d in row.institution.domains)
            else left_pending(row, changes)
        ),
    ),
    _created(
        "new_students_are_excluded",
        "A new student is excluded from the sync.",
        lambda row, changes: {**changes, "excluded_from_sync": True},
    ),
)

# Requested addresses.


def _confirmed(name: str, statement: str, change: Callable[[Row], Changes]) -> Mutant:
    return in_place(imports_need_no_confirmation, name, statement, change)


def is_address_changed(row: Row) -> bool:
    """Whether a row changes an address."""
    return row.student is not None and row.would_be(EMAIL_ADDRESS) != row.student.email_address


imported_addresses = (
    drop_rule(
        imports_need_no_confirmation,
        "the_address_asked_for_stays",
        "An import leaves the address asked for there.",
    ),
    _confirmed(
        "any_import_drops_the_address_asked_for",
        "A row that is applied drops the address asked for.",
        lambda row: {"requested_email": None},
    ),
    _confirmed(
        "any_new_address_drops_the_one_asked_for",
        "Any new address drops the requested one.",
        lambda row: {"requested_email": None} if is_address_changed(row) else imports_need_no_confirmation(row),
    ),
    _confirmed(
        "an_imported_address_excludes",
        "A row that changes the address excludes the student from the sync.",
        lambda row: {
            **imports_need_no_confirmation(row),
            **({"excluded_from_sync": True} if is_address_changed(row) else {}),
        },
    ),
)
imported_addresses_wait = in_place(
    imports_need_no_confirmation,
    "imported_addresses_wait",
    "A row only asks for a new address, and the student has to confirm it.",
    emails_wait_for_confirmation,
)
