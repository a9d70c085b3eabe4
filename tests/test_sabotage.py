"""The suite catches the wrong importers of the catalogue: by the examples of the broken rule, and by the search."""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache

import pytest

import conformance.sabotage
from conformance.histories import ActionStep, FileStep, History, Step
from conformance.judge import COMPARISONS, Exchange, Known, own_answers
from conformance.playing import introduced, play
from conformance.reference import ReferenceImporter
from conformance.sabotage import MODULES, SABOTAGES, importer
from conformance.scenarios import examples
from conformance.search import Lockstep, RandomSource, Searched, moves_for, one_history
from conformance.targets import BadTarget, connect
from conformance.universe import WORLDS
from refmodel.catalogue import CATALOGUE

SEEDS = ("0", "1")
HISTORIES = 100  # of each seed

# What is not caught as it should be. The lists may only become shorter: what is caught after all has to go.


def listed(text: str) -> tuple[str, ...]:
    """The names that stand in a text."""
    return tuple(text.split())


ELSEWHERE: Mapping[str, str] = {  # caught by examples of another rule than the broken one only: name → that rule
    "semicolons_separate_where_the_header_has_them": "required_headers_are_present",
    "alias_ignores_case": "required_headers_are_present",
    "texts_are_cut": "file_is_utf8_csv",
    "texts_have_one_line": "file_is_utf8_csv",
    "card_numbers_are_numbers": "card_id_is_unique_in_the_institution",
    "rare_characters_are_lost": "file_is_utf8_csv",
    "repeats_ignore_case": "emails_ignore_case",
    "repeats_ignore_zeros": "values_are_verbatim",
    "usernames_find_the_unconnected": "username_is_unique_in_the_institution",
    "usernames_find_in_any_case": "a_created_student_is_connected",
    "usernames_find_without_zeros": "a_created_student_is_connected",
    "requested_addresses_find": "a_created_student_is_connected",
    "requested_addresses_hide": "a_created_student_is_connected",
    "archived_students_are_not_found": "disabled_only_by_word",
    "usernames_do_not_find_the_archived": "sensitive_fields_need_the_setting",
    "students_pending_elsewhere_are_invisible": "leaving_leaves_nothing_behind",
    "those_who_asked_to_move_are_found": "switch_institution",
    "missing_students_lose_their_labels": "ragged_rows_fail",
    "changed_lists_are_overlooked": "lists_split_on_semicolon",
    "changed_labels_are_overlooked": "blank_labels_clear",
    "changed_disabled_is_overlooked": "disabled_only_by_word",
    "clears_are_overlooked": "clear_token_clears",
    "blanks_are_overlooked": "values_replace",
    "changed_capitals_are_overlooked": "sensitive_fields_need_the_setting",
    "the_order_of_items_is_overlooked": "lists_split_on_semicolon",
    "malformed_cells_are_overlooked": "clear_token_clears",
    "pending_students_rows_are_skipped_too": "a_sensitive_update_connects_and_approves",
    "every_institution_honours_an_exclusion": "leaving_leaves_nothing_behind",
    "blank_sensitive_cells_need_the_setting": "blank_keeps",
    "pending_students_need_no_setting": "email_is_looked_up_second",
    "pending_students_need_the_setting": "leaving_leaves_nothing_behind",
    "students_pending_elsewhere_fail": "leaving_leaves_nothing_behind",
    "a_decline_holds_for_all": "a_sensitive_update_connects_and_approves",
    "updates_need_a_name": "blank_keeps",
    "requested_addresses_are_reserved": "a_created_student_is_connected",
    "clears_are_accepted_and_forgotten": "clear_token_clears",
    "cleared_texts_are_empty_texts": "clear_token_clears",
    "archived_students_are_not_updated": "disabled_only_by_word",
    "the_end_date_of_alumni_stays": "end_date_is_not_before_start_date",
    "addresses_of_the_pending_stay": "username_is_looked_up_first",
    "hometowns_of_new_students_are_lost": "clear_token_clears",
    "archiving_takes_the_labels": "absent_column_keeps",
    "failed_rows_connect": "a_declined_student_is_not_connected",
    "who_leaves_is_brought_back": "switch_institution",
    "repeats_do_not_come_back": "rows_that_share_an_identifier_fail",
    "cells_come_back_neutralised": "dates_are_real",
    "cells_come_back_in_ascii": "dates_are_real",
    "failed_rows_are_sorted": "identity_cannot_be_cleared",
    "failed_rows_come_back_once": "rows_that_share_an_identifier_fail",
    "lists_come_back_in_another_order": "lists_split_on_semicolon",
    "rows_are_remembered_by_username": "leaving_leaves_nothing_behind",
    "rows_are_remembered_for_ever": "leaving_leaves_nothing_behind",
    "failed_rows_share_identifiers_too": "username_and_email_are_required",
    "addresses_asked_for_are_reserved": "confirm_email",
    "the_declined_ask_again": "decline",
    "requests_are_not_compared": "username_is_unique_in_the_institution",
    "an_approval_forgets_the_last_row": "unchanged_rows_are_skipped",
    "the_approved_are_brought_back": "set_disabled",
    "the_added_are_not_compared": "username_is_unique_in_the_institution",
    "the_added_take_all_along": "leaving_leaves_nothing_behind",
    "a_confirmation_forgets_the_last_row": "unchanged_rows_are_skipped",
    "archiving_takes_labels_and_assignee": "emails_ignore_case",
    "archiving_forgets_the_last_row": "unchanged_rows_are_skipped",
    "the_end_of_an_exclusion_drops_the_address": "imports_need_no_confirmation",
    "the_end_of_an_exclusion_forgets_the_last_row": "unchanged_rows_are_skipped",
    "a_switch_keeps_the_last_row": "leaving_leaves_nothing_behind",
    "the_switched_are_not_compared": "username_is_unique_in_the_institution",
    "edits_forget_the_last_row": "unchanged_rows_are_skipped",
}
UNSHOWN = listed("""
    long_cells_refuse_the_file lists_split_on_line_breaks_too white_space_around_course_names_is_measured
    other_separators_are_taken mobile_numbers_have_15_digits usernames_are_card_numbers
    usernames_are_auth_identifiers addresses_of_the_pending_are_free username_of_the_archived_is_free
    username_is_unique_in_any_case labels_of_the_archived_stay archiving_takes_the_assignee
    an_approval_forgets_the_request_for_an_address labels_of_previews_stay previews_archive
    previews_remember_nothing previews_compare_no_rows the_archived_do_not_ask
    an_approval_forgets_all_declines only_own_addresses_are_added disabled_is_a_switch
""")  # caught by no example yet
UNFOUND: Mapping[str, tuple[str, ...]] = {  # not found in so few histories: what finding it needs → names
    "no text of the small world shows it": listed("""
        addresses_need_a_dot card_id_is_unique_in_any_case course_names_are_counted_in_code_units
        dates_end_in_2099 every_fourth_year_leaps lists_split_on_commas_too
        lists_split_on_line_breaks_too minors_are_measured_too mobile_numbers_have_15_digits
        mobile_numbers_lose_their_zeros not_available_is_blank numeric_labels_are_dropped
        only_spaces_are_trimmed_from_addresses only_years_are_compared other_separators_are_taken
        rare_characters_are_lost tags_are_dropped the_first_course_name_has_255 the_last_repeat_stays
        there_are_ten_labels times_are_taken usernames_are_auth_identifiers
        what_cannot_be_seen_is_white_space
    """),
    "no file is written so": listed("""
        a_quote_inside_a_cell_refuses_the_file alias_ignores_case blank_cells_too_many_do_not_count
        long_cells_refuse_the_file ragged_rows_lose_two_cells school_year_name_may_be_missing
        semicolons_separate_where_the_header_has_them status_columns_are_doubled the_alias_is_a_key
        the_first_line_is_the_header unknown_headers_count_too
    """),
    "two odd cells have to meet, or an odd one a certain student": listed("""
        capitals_need_no_setting cleared_dates_still_count clears_count_as_the_same
        clears_need_no_setting malformed_dates_leave_the_stored_one nobody_is_brought_back
        separators_alone_keep username_is_unique_in_any_case usernames_find_in_any_case
        white_space_keeps_the_labels
    """),
    "a long story of one request": listed("""
        a_confirmation_is_not_checked a_new_request_makes_up_for_a_decline
        a_refused_confirmation_drops_the_request an_approval_forgets_all_declines
        an_approval_forgets_the_last_row an_approval_forgets_the_request_for_an_address
        an_approval_takes_the_labels any_new_address_drops_the_one_asked_for
        only_the_last_decline_is_remembered the_added_take_all_along the_approved_are_brought_back
        the_archived_do_not_ask the_connected_are_added the_end_of_an_exclusion_forgets_the_last_row
        the_pending_are_switched username_of_the_pending_is_free
    """),
    "a student leaves, and perhaps comes back": listed("""
        a_switch_keeps_the_decline a_switch_keeps_the_last_row
        auth_identifier_of_who_arrives_is_not_checked card_id_of_who_arrives_is_not_checked
        last_applied_of_who_leaves_stays rows_are_remembered_by_username rows_are_remembered_for_ever
        the_switched_are_not_compared
    """),
    "a certain text in a profile, about a student who has another stored": listed("""
        a_header_beside_its_alias_is_edited blanks_in_profiles_clear card_id_is_edited
        edited_dates_are_not_compared unknown_headers_are_edited username_is_edited
    """),
    "single sign-on of a certain student with a certain attribute": listed("""
        attributes_ignore_case nothing_matches_nothing others_sign_on sso_compares_addresses
        the_archived_sign_in_by_sso
    """),
    "chance: more histories of the same kind find it": listed("""
        a_blank_disabled_brings_back a_confirmation_forgets_the_last_row a_decline_holds_for_all
        a_decline_takes_nothing_away a_job_takes_nothing_away
        a_plus_is_a_number absent_columns_count_as_kept addresses_asked_for_are_reserved
        addresses_of_employers_are_free addresses_of_the_deleted_stay_taken
        addresses_of_the_pending_stay alias_does_not_count_as_the_year all_declines_are_forgotten
        an_old_username_follows_the_address any_edited_campus_is_stored
        any_import_drops_the_address_asked_for anybody_deletes anybody_excludes
        archiving_forgets_the_last_row assigned_to_email_address_of_who_leaves_stays
        assignees_are_compared_with_case blank_labels_keep blank_sensitive_cells_need_the_setting
        blank_start_date_clears campus_name_of_who_leaves_stays campuses_ignore_case
        changed_capitals_are_overlooked clear_is_an_identifier clears_are_overlooked
        course_names_are_cut course_names_have_256_characters dates_are_compared_with_a_new_end_date
        dates_are_compared_with_a_new_start_date dates_are_trimmed digits_of_any_script_make_a_date
        disabled_can_be_cleared edits_forget_the_last_row end_date_may_be_missing
        every_institution_honours_an_exclusion excluded_from_sync_of_who_leaves_stays
        exclusions_of_the_pending_are_forgotten february_29_never_passes first_name_may_be_missing
        headers_are_trimmed last_name_may_be_missing levels_and_years_are_one_list
        malformed_emails_are_seen_late malformed_texts_are_overlooked manual_jobs_apply_every_row
        names_may_be_the_token only_dates_of_the_file_are_compared only_one_identity_error_is_told
        own_domains_are_assignees pending_students_rows_are_skipped_too previews_take_each_row_alone
        repeats_of_auth_identifier_are_overlooked repeats_stay requested_email_of_who_leaves_stays
        rows_that_change_nothing_are_not_remembered rows_that_would_change_something_are_not_skipped
        sso_compares_usernames sso_replaces_the_password students_are_assignees texts_are_cut
        texts_are_escaped texts_have_one_line the_added_are_declined_nowhere the_added_stay_declined
        the_address_asked_for_stays the_archived_sign_in the_declined_are_not_added
        the_first_address_asked_for_stays the_order_of_items_is_overlooked the_pending_are_not_edited
        the_pending_ask_for_no_address the_setting_applies_every_row the_setting_connects_the_declined
        those_pending_elsewhere_are_not_added tokens_in_profiles_keep two_pluses_are_one
        username_may_be_missing usernames_are_card_numbers white_space_around_course_names_is_measured
    """),
}

# The two ways of catching one.


def is_shown(name: str, rules: set[str]) -> bool:
    """Whether a wrong importer answers an example of some rules otherwise than a right one."""
    with connect(f"python:conformance.sabotage:{name}") as target:
        guest = introduced(target)
        requests = (example.requests for example in examples() if example.rules[0] in rules)
        return any(play(guest, conversation, guest.known()).differs for conversation in requests)


@cache
def conversations() -> tuple[tuple[Exchange, ...], ...]:
    """What the search says to any importer, for no answer changes what it says, and what a right one answers."""
    return tuple(conversation for seed in SEEDS for conversation in conversations_of(seed))


def conversations_of(seed: str) -> Iterator[tuple[Exchange, ...]]:
    """The conversations of one seed."""
    with connect("python:conformance.reference:importer") as target:
        guest, source = introduced(target), RandomSource.seeded(seed)
        for _ in range(HISTORIES):
            yield one_history(Lockstep(guest, guest.known()), moves_for(guest, source), Searched())[1]


def is_found(name: str) -> bool:
    """Whether the search finds that an importer is a wrong one."""
    guest = importer(name)
    return any(differs(guest, conversation) for conversation in conversations())


def differs(guest: ReferenceImporter, conversation: tuple[Exchange, ...]) -> bool:
    """Whether an importer answers a conversation otherwise than a right one does."""
    for exchange in conversation:
        response, compare = guest.handle(dict(exchange.request)), COMPARISONS[exchange.request["op"]]
        if response != exchange.response and any(compare(exchange.response, response, Known(), exchange.request)):
            return True
    return False


def unfound() -> list[str]:
    """What UNFOUND has to list; for whoever has changed the moves."""
    return [name for name in SABOTAGES if not is_found(name)]


# What neither an example nor the search shows, shown here.


def file(rows: str, institution: str = "north", *, sensitive: bool = False) -> FileStep:
    """A file whose rows, and before them the columns beside the starred ones, stand between bars."""
    names, *lines = (tuple(line.split("|")) for line in rows.split(" / "))
    starred = ("email_address", "username", "first_name", "last_name", "school_year_name", "primary_education:end_date")
    given = tuple((email, username, "Ada", "Lee", "", end, *more) for email, username, end, *more in lines)
    return FileStep(institution, (*starred, *filter(None, names)), given, "manual", sensitive)


def do(action: str, institution: str | None = None, **arguments: object) -> ActionStep:
    """An action, about the student who signed up unless it says another."""
    given = {"email": "c@mail.example", **arguments}
    return ActionStep(action, given if institution is None else given | {"institution": institution})


SIGN_UP = do("sign_up", first_name="Cleo", last_name="Kim")
WITNESSES: Mapping[str, tuple[Step, ...]] = {
    "long_cells_refuse_the_file": (file(f"gender / a@north.edu|1||{'x' * 131_073}"),),
    "lists_split_on_line_breaks_too": (file("primary_education:major_names / a@north.edu|1||x\ny"),),
    "other_separators_are_taken": (file(" / a@north.edu|1|2020/06/30"),),
    "mobile_numbers_have_15_digits": (file("mobile_number / a@north.edu|1||4420123456789012"),),
    "white_space_around_course_names_is_measured": (
        file(f"primary_education:major_names / a@north.edu|1||{'x' * 255} ;y"),
    ),
    "usernames_are_card_numbers": (
        file("card_id / a@north.edu|1||8"),
        file("card_id / b@north.edu|8||", sensitive=True),
    ),
    "usernames_are_auth_identifiers": (
        file("auth_identifier / a@north.edu|1||i"),
        file("auth_identifier / b@north.edu|i||", sensitive=True),
    ),
    "username_is_unique_in_any_case": (
        file(" / a@north.edu|s|"),
        file(" / c@mail.example|S|", "south"),
        do("switch_institution", "north"),
    ),
    "an_approval_forgets_the_request_for_an_address": (
        SIGN_UP,
        do("request_access", "north"),
        do("change_email", "north", new_email="f@mail.example"),
        do("set_excluded", "north", excluded=False),
        file(" / c@mail.example|1|", sensitive=True),
    ),
    "the_archived_do_not_ask": (
        SIGN_UP,
        do("request_access", "north"),
        do("set_disabled", "north", disabled=True),
        do("decline", "north"),
        do("request_access", "south"),
    ),
    "an_approval_forgets_all_declines": (
        SIGN_UP,
        do("request_access", "north"),
        do("decline", "north"),
        do("request_access", "south"),
        do("approve", "south"),
    ),
}


# The catalogue.


def test_every_rule_is_broken_by_somebody() -> None:
    """Each rule of the catalogue has a wrong importer, and each wrong importer breaks a rule that there is."""
    assert {sabotage.rule for sabotage in SABOTAGES.values()} == set(CATALOGUE)


def test_no_two_are_alike() -> None:
    """No statement and no way of being wrong stands in the catalogue twice."""
    statements = Counter(sabotage.statement for sabotage in SABOTAGES.values())
    ways = Counter(sabotage.by_hand or sabotage.ruleset for sabotage in SABOTAGES.values())
    assert (statements.most_common(1)[0][1], ways.most_common(1)[0][1]) == (1, 1)


def test_every_statement_is_one_line_and_a_sentence() -> None:
    """What a wrong importer does wrong is said in a sentence, which fits into a line."""
    unfit = [s.name for s in SABOTAGES.values() if not 15 < len(s.statement) <= 110 or not s.statement.endswith(".")]
    assert unfit == []


def test_every_name_names_a_target() -> None:
    """No name is hidden by something else in the package, and each makes a new importer every time."""
    modules = {module.__name__.rpartition(".")[2] for module in MODULES}
    assert not (set(SABOTAGES) & (set(vars(conformance.sabotage)) | modules))
    factory = conformance.sabotage.blank_labels_keep
    assert factory() is not factory()


def test_a_name_that_there_is_not_is_told() -> None:
    """A misspelt name is an error that says so."""
    with pytest.raises(ValueError, match="there is no sabotage 'blank_label_keeps'"):
        importer("blank_label_keeps")
    with pytest.raises(BadTarget, match="blank_label_keeps"):
        connect("python:conformance.sabotage:blank_label_keeps")


def test_what_is_listed_is_there() -> None:
    """The lists of what is not caught name wrong importers that there are, each once, and rules that there are."""
    unfound_names = [name for names in UNFOUND.values() for name in names]
    for names in ([*ELSEWHERE, *UNSHOWN], unfound_names, list(WITNESSES)):
        assert len(set(names)) == len(names)
        assert set(names) <= set(SABOTAGES)
    assert set(ELSEWHERE.values()) <= set(CATALOGUE)
    assert set(UNSHOWN) & set(unfound_names) == set(WITNESSES)


# By examples.


@pytest.mark.parametrize("name", [name for name in SABOTAGES if name not in ELSEWHERE and name not in UNSHOWN])
def test_an_example_of_the_broken_rule_catches_it(name: str) -> None:
    """An importer that breaks a rule in one small point fails an example that is there for that rule."""
    assert is_shown(name, {SABOTAGES[name].rule})


@pytest.mark.parametrize("name", ELSEWHERE)
def test_an_example_of_another_rule_catches_it(name: str) -> None:
    """An importer for which the broken rule has no example fails one of another rule; and the list is true."""
    assert is_shown(name, {ELSEWHERE[name]})
    assert not is_shown(name, {SABOTAGES[name].rule}), "an example catches it now: take it off ELSEWHERE"


@pytest.mark.parametrize("name", UNSHOWN)
def test_no_example_catches_it(name: str) -> None:
    """The list of what no example catches is true."""
    assert not is_shown(name, set(CATALOGUE)), "an example catches it now: take it off UNSHOWN"


# By the search.


@pytest.mark.parametrize("name", [name for name in SABOTAGES if not any(name in names for names in UNFOUND.values())])
def test_the_search_finds_it(name: str) -> None:
    """A wrong importer is found in few histories of the fast driver."""
    assert is_found(name)


@pytest.mark.parametrize("name", [name for names in UNFOUND.values() for name in names])
def test_the_search_does_not_find_it_so_soon(name: str) -> None:
    """The list of what is not found in so few histories is true."""
    assert not is_found(name), "the search finds it now: take it off UNFOUND"


@pytest.mark.parametrize("name", WITNESSES)
def test_it_is_wrong_all_the_same(name: str) -> None:
    """What neither way catches does answer otherwise than a right importer, and so is worth catching."""
    requests = tuple(History(WORLDS[0], WITNESSES[name]).requests())
    assert differs(importer(name), own_answers(requests, Known()))
