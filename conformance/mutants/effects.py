"""Mutants of effects: values, labels, archiving, effects of failed rows."""

from collections.abc import Callable

from conformance.mutants.connections import is_address_changed
from conformance.mutants.operators import Mutant, drop_rule, in_place
from refmodel.cell import CLEAR, Malformed
from refmodel.columns import (
    ASSIGNED_TO,
    BY_HEADER,
    DISABLED,
    EMAIL_ADDRESS,
    END_DATE,
    FIRST_NAME,
    SCHOOL_YEAR_NAME,
    SENSITIVE,
    SYSTEM_LABEL_NAMES,
    Column,
    Kind,
)
from refmodel.row import Changes, Row
from refmodel.rules.effect import (
    a_failed_row_changes_nothing,
    a_sensitive_update_connects_and_approves,
    disabled_only_by_word,
    labels_are_exactly_the_cell,
    labels_stay_behind,
    values_replace,
)
from refmodel.value_lists import ALUMNI
from refmodel.world import NOTHING

# Values.


def values_changed(name: str, statement: str, change: Callable[[Row, Changes], Changes]) -> Mutant:
    """Other changes by a row's values, made from the right ones."""
    return in_place(values_replace, name, statement, lambda row: change(row, values_replace(row)))


def where_empty(row: Row, changes: Changes) -> Changes:
    """Only changes that fill an empty field."""
    return {name: value for name, value in changes.items() if not (row.student and getattr(row.student, name))}


def without_clears(row: Row, changes: Changes) -> Changes:
    """Only changes that store a value."""
    return {name: value for name, value in changes.items() if value not in (None, ())}


def with_empty_texts(row: Row, changes: Changes) -> Changes:
    """Changes with empty texts for cleared ones."""
    cleared = [c for c in row.columns if c.kind is Kind.TEXT and row.cell(c) is CLEAR]
    return {**changes, **{column.attribute: "" for column in cleared}}


def appended(row: Row, changes: Changes) -> Changes:
    """Changes with lists appended to the stored ones."""
    lists = {c.attribute: c for c in row.columns if c.kind is Kind.LIST and isinstance(row.cell(c), tuple)}
    stored = {name: row.student.stored(column) if row.student else () for name, column in lists.items()}
    return {**changes, **{name: tuple(dict.fromkeys((*stored[name], *changes[name]))) for name in lists}}


def _without(column: Column, name: str, statement: str, where: Callable[[Row], bool]) -> Mutant:
    return values_changed(
        name,
        statement,
        lambda row, changes: {n: v for n, v in changes.items() if n != column.attribute or not where(row)},
    )


def _swapped(one: str, other: str, name: str, statement: str) -> Mutant:
    fields = BY_HEADER[one].attribute, BY_HEADER[other].attribute
    meant = dict(zip(fields, reversed(fields)))
    return values_changed(name, statement, lambda row, changes: {meant.get(n, n): v for n, v in changes.items()})


values_stored_otherwise = (
    values_changed("only_empty_fields_are_filled", "A value does not replace one that is stored.", where_empty),
    values_changed(
        "clears_are_accepted_and_forgotten", "The token is accepted and nothing is emptied.", without_clears
    ),
    values_changed(
        "cleared_texts_are_empty_texts",
        "A cleared text is stored as a text without characters.",
        with_empty_texts,
    ),
    values_changed("lists_are_appended", "The items of a list are added to those that are stored.", appended),
    values_changed(
        "archived_students_are_not_updated",
        "A row about an archived student succeeds and stores nothing.",
        lambda row, changes: {} if row.student and row.student.disabled else changes,
    ),
    values_changed(
        "the_end_date_of_alumni_stays",
        "The end date of one of the alumni is never replaced.",
        lambda row, changes: {
            n: v
            for n, v in changes.items()
            if n != END_DATE.attribute or not (row.student and row.student.school_year_name == ALUMNI)
        },
    ),
    _without(
        FIRST_NAME,
        "first_names_stay",
        "A first name is stored once and never replaced.",
        lambda r: r.student is not None,
    ),
    _without(
        EMAIL_ADDRESS,
        "addresses_stay",
        "A new address is accepted and not stored.",
        lambda row: row.student is not None,
    ),
    _without(
        EMAIL_ADDRESS,
        "addresses_of_the_pending_stay",
        "A pending student's new address is accepted and not stored.",
        lambda row: row.student is not None and row.student.pending_at is not None,
    ),
    _without(BY_HEADER["gender"], "gender_is_not_stored", "A gender is accepted and not stored.", lambda row: True),
    _without(
        BY_HEADER["hometown_location_attributes:name"],
        "hometowns_of_new_students_are_lost",
        "A new student's hometown is accepted and not stored.",
        lambda row: row.student is None,
    ),
    _swapped(
        "primary_education:major_names",
        "primary_education:minor_names",
        "majors_and_minors_are_mixed_up",
        "Majors are stored as minors, and minors as majors.",
    ),
    _swapped("middle_name", "preferred_name", "names_are_mixed_up", "A middle name is stored as the preferred one."),
)

# Labels.


def _labels(name: str, statement: str, labels: Callable[[Row, frozenset[str]], frozenset[str]]) -> Mutant:
    """Other labels, made from the right ones, where the column is present."""

    def change(row: Row) -> Changes:
        changes = labels_are_exactly_the_cell(row)
        return {field: labels(row, value) for field, value in changes.items()}

    return in_place(labels_are_exactly_the_cell, name, statement, change)


def labels_before(row: Row) -> frozenset[str]:
    """The stored labels of the student."""
    return row.student.system_label_names if row.student else frozenset()


def first_of(labels: frozenset[str], most: int) -> frozenset[str]:
    """The first labels, in alphabetical order."""
    return frozenset(sorted(labels)[:most])


labels_stored_otherwise = (
    drop_rule(labels_are_exactly_the_cell, "labels_are_not_stored", "Labels are accepted and not stored."),
    _labels(
        "labels_are_added",
        "Labels are added to those that are there.",
        lambda row, new: labels_before(row) | new,
    ),
    _labels(
        "labels_are_added_unless_blank",
        "Labels are added, and only a blank cell takes any away.",
        lambda row, new: labels_before(row) | new if new else new,
    ),
    _labels(
        "labels_are_set_once",
        "Labels of a student who already has some are not changed.",
        lambda row, new: labels_before(row) or new,
    ),
    _labels("there_is_one_label", "A student has one label at most.", lambda row, new: first_of(new, 1)),
    _labels("there_are_two_labels", "A student has two labels at most.", lambda row, new: first_of(new, 2)),
    _labels("there_are_ten_labels", "A student has ten labels at most.", lambda row, new: first_of(new, 10)),
    _labels(
        "labels_of_new_students_are_lost",
        "A row that creates stores no labels.",
        lambda row, new: new if row.student else frozenset(),
    ),
    _labels(
        "numeric_labels_are_dropped",
        "A label of digits only is not stored.",
        lambda row, new: frozenset(label for label in new if not label.isdecimal()),
    ),
    _labels(
        "labels_of_the_archived_stay",
        "An archived student's labels are not changed.",
        lambda row, new: labels_before(row) if row.student and row.student.disabled else new,
    ),
)

# Archived or not.


def _disabled(name: str, statement: str, disabled: Callable[[Row], bool | None]) -> Mutant:
    """Archiving by another rule: True archives, False brings back, None is neither."""

    def change(row: Row) -> Changes:
        after = disabled(row)
        return {} if after is None else {DISABLED.attribute: after}

    return in_place(disabled_only_by_word, name, statement, change)


def said(row: Row) -> bool | None:
    """What a row says under `disabled`."""
    cell = row.cell(DISABLED)
    return cell if isinstance(cell, bool) else None


def brings_news(row: Row) -> bool:
    """Whether a row changes a stored value of a student."""
    return row.student is not None and any(row.would_be(c) != row.student.stored(c) for c in row.columns)


archived_otherwise = (
    drop_rule(disabled_only_by_word, "disabled_is_not_stored", "TRUE and FALSE are accepted and not stored."),
    _disabled(
        "a_blank_disabled_brings_back",
        "A blank cell under disabled brings a student back.",
        lambda row: False if DISABLED in row.columns and said(row) is None else said(row),
    ),
    _disabled("any_row_brings_back", "Any row without TRUE brings its student back.", lambda row: said(row) is True),
    _disabled(
        "news_brings_back",
        "New data for an archived student brings them back.",
        lambda row: False if said(row) is None and brings_news(row) else said(row),
    ),
    _disabled(
        "alumni_are_archived",
        "A row that makes one of the alumni archives them.",
        lambda row: True if said(row) is None and row.cell(SCHOOL_YEAR_NAME) == ALUMNI else said(row),
    ),
    _disabled("nobody_is_brought_back", "FALSE brings nobody back.", lambda row: said(row) or None),
    _disabled(
        "new_students_are_active",
        "A row that creates does not archive.",
        lambda row: said(row) if row.student else None,
    ),
    _disabled(
        "the_setting_brings_back",
        "A job with the setting brings its students back.",
        lambda row: False if said(row) is None and row.job.change_sensitive_fields else said(row),
    ),
    _disabled(
        "automatic_jobs_do_not_archive",
        "TRUE archives in a manual job only.",
        lambda row: said(row) if row.job.mode == "manual" else None,
    ),
)


def _archiving_empties(column: Column, name: str, statement: str) -> Mutant:
    def change(row: Row) -> Changes:
        changes = disabled_only_by_word(row)
        archived = changes.get(DISABLED.attribute) is True
        return {**changes, column.attribute: NOTHING[column]} if archived else changes

    return in_place(disabled_only_by_word, name, statement, change)


emptied_by_archiving = (
    _archiving_empties(
        SYSTEM_LABEL_NAMES, "archiving_takes_the_labels", "A student archived by a row loses the labels."
    ),
    _archiving_empties(ASSIGNED_TO, "archiving_takes_the_assignee", "A student archived by a row loses the assignee."),
)


# Effects of failed rows.


def _left_by_failure(name: str, statement: str, left: Callable[[Row], Changes]) -> Mutant:
    return in_place(a_failed_row_changes_nothing, name, statement, left)


def sound_values(row: Row) -> Changes:
    """The changes by cells that are neither sensitive nor malformed."""
    sensitive = [column.attribute for column in SENSITIVE]
    return {
        name: v for name, v in values_replace(row).items() if name not in sensitive and not isinstance(v, Malformed)
    }


left_by_failed_rows = (
    _left_by_failure("labels_of_failed_rows_stay", "A failed row leaves its labels behind.", labels_stay_behind),
    _left_by_failure(
        "failed_rows_archive", "A failed row archives or brings back all the same.", disabled_only_by_word
    ),
    _left_by_failure(
        "failed_rows_connect",
        "A failed row connects an unconnected student all the same.",
        a_sensitive_update_connects_and_approves,
    ),
    _left_by_failure("failed_rows_are_applied_in_part", "A failed row changes what is not sensitive.", sound_values),
    _left_by_failure(
        "failed_rows_are_remembered",
        "A failed row counts as applied, and is unchanged when it comes again.",
        lambda row: {"last_applied": row.cells},
    ),
    _left_by_failure(
        "failed_rows_make_the_last_one_forgotten",
        "A failed row makes the one applied before it forgotten.",
        lambda row: {"last_applied": None},
    ),
    _left_by_failure(
        "failed_rows_take_their_student_out_of_the_sync",
        "A student whose row failed is excluded from the sync.",
        lambda row: {"excluded_from_sync": True},
    ),
    _left_by_failure(
        "failed_rows_ask_for_their_address",
        "A row that fails for its address asks for that address.",
        lambda row: {"requested_email": row.would_be(EMAIL_ADDRESS)} if is_address_changed(row) else {},
    ),
)
