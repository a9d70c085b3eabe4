"""The suite catches the wrong importers of the catalogue: by the examples of the broken rule, and by the search."""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache

import pytest

import conformance.sabotage
from conformance.judge import COMPARISONS, Exchange, Known
from conformance.playing import introduced, play
from conformance.reference import ReferenceImporter
from conformance.sabotage import MODULES, SABOTAGES, importer
from conformance.scenarios import examples
from conformance.search import Lockstep, RandomSource, Searched, moves_for, one_history
from conformance.targets import BadTarget, connect
from refmodel.catalogue import CATALOGUE

SEEDS = ("0", "1")
HISTORIES = 100  # of each seed

# What is not caught as it should be. The list may only become shorter: what is caught after all has to go.


def listed(text: str) -> tuple[str, ...]:
    """The names that stand in a text."""
    return tuple(text.split())


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


def is_shown(name: str) -> bool:
    """Whether a wrong importer answers an example of the rule that it breaks otherwise than a right one."""
    with connect(f"python:conformance.sabotage:{name}") as target:
        guest = introduced(target)
        requests = (example.requests for example in examples() if example.rules[0] == SABOTAGES[name].rule)
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
    """The list of what the search does not find names wrong importers that there are, each once."""
    names = [name for names in UNFOUND.values() for name in names]
    assert len(set(names)) == len(names)
    assert set(names) <= set(SABOTAGES)


# By examples.


@pytest.mark.parametrize("name", SABOTAGES)
def test_an_example_of_the_broken_rule_catches_it(name: str) -> None:
    """An importer that breaks a rule in one small point fails an example that is there for that rule."""
    assert is_shown(name)


# By the search.


@pytest.mark.parametrize("name", [name for name in SABOTAGES if not any(name in names for names in UNFOUND.values())])
def test_the_search_finds_it(name: str) -> None:
    """A wrong importer is found in few histories of the fast driver."""
    assert is_found(name)


@pytest.mark.parametrize("name", [name for names in UNFOUND.values() for name in names])
def test_the_search_does_not_find_it_so_soon(name: str) -> None:
    """The list of what is not found in so few histories is true."""
    assert not is_found(name), "the search finds it now: take it off UNFOUND"
