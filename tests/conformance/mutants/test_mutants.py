"""The suite catches the wrong importers of the catalogue: by the examples of the broken rule, and by the search."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, combinations

import pytest

import conformance.mutants
from conformance.attribution.divergence import Divergences, find_divergences
from conformance.generation.randomness import RandomSource
from conformance.mutants import MODULES, MUTANTS, importer
from conformance.mutants.combination import Incompatible, changes_of, check_apart
from conformance.mutants.operators import Mutant
from conformance.oracle.answers import NOWHERE
from conformance.search.random_search import generator_for, one_history
from conformance.search.results import SearchResult
from conformance.session.client import introduced
from conformance.session.lockstep import Lockstep, play
from conformance.transport.faults import BadTarget
from conformance.transport.targets import connect
from refmodel.catalogue import CATALOGUE
from refmodel.ruleset import STANDARD
from tests.tools.mutation_matrix.catching import (
    LATER_ACTIONS,
    Conversation,
    as_measured,
    differs,
    of_the_edges,
    of_the_pages,
)

SEEDS = ("0", "1")
HISTORIES = 100  # of each seed
# What is not caught as it should be. The list may only become shorter: what is caught after all has to go.


def listed(text: str) -> tuple[str, ...]:
    """The names that stand in a text."""
    return tuple(text.split())


UNFOUND: Mapping[str, tuple[str, ...]] = {  # not found in so few histories: what finding it needs → names
    "a file that is seldom written so": listed("""
        previews_take_each_row_alone
    """),
    "one odd text in one column, about a student who has another stored": listed("""
        alias_ignores_case blank_lists_clear blanks_are_overlooked booleans_are_trimmed campuses_are_trimmed
        campuses_ignore_case cards_are_compared_before_the_file failed_rows_make_the_last_one_forgotten
        separators_alone_keep the_same_row_twice_is_one white_space_keeps_the_labels
    """),
    "a long story of one student": listed("""
        a_confirmation_forgets_the_last_row a_new_request_makes_up_for_a_decline
        addresses_of_the_pending_are_free addresses_of_the_unconnected_are_free
        an_approval_forgets_the_last_row any_edited_campus_is_stored any_new_address_drops_the_one_asked_for
        archived_students_may_have_several_rows auth_identifier_of_who_arrives_is_not_checked
        card_id_of_the_archived_is_free card_id_of_who_arrives_is_not_checked employers_sign_up
        pending_students_may_have_several_rows requests_are_not_compared the_added_are_not_compared
        the_added_take_all_along the_approved_are_brought_back the_archived_do_not_ask the_connected_ask_too
        the_end_of_an_exclusion_forgets_the_last_row the_pending_are_not_added the_pending_are_switched
    """),
    "a preview of what is seldom in a file, of many rows, or twice of one file": listed("""
        previews_are_cached previews_show_the_first_10_rows previews_show_the_first_500_rows
        previews_skip_a_declined_student_is_not_connected previews_skip_assignee_is_own_staff
        previews_skip_booleans_are_upper_case previews_skip_booleans_cannot_be_cleared
        previews_skip_campus_is_known previews_skip_card_id_is_unique_in_the_institution
        previews_skip_course_names_have_255_characters_at_most previews_skip_file_is_utf8_csv
        previews_skip_no_header_appears_twice previews_stop_at_a_hundred_failures
    """),
    "a failed row with nearly a status and a response": listed("""
        any_json_is_an_old_response blank_cells_behind_the_status_are_passed_over
        blank_cells_under_status_stay failed_is_trimmed old_responses_have_to_be_json
        only_failed_is_replaced only_responses_are_replaced response_alone_is_enough responses_are_trimmed
        rows_that_have_grown_whole_lose_two_cells status_columns_are_trimmed status_columns_ignore_case
        the_two_cells_may_change_places
    """),
    "two rows that only a fingerprint takes for the same": listed("""
        adler32_is_the_fingerprint cells_are_joined_with_colons cells_are_joined_with_commas
        cells_are_joined_with_commas_and_blanks cells_are_joined_with_hyphens
        cells_are_joined_with_line_feeds cells_are_joined_with_semicolons cells_are_joined_with_slashes
        cells_are_joined_with_tabs cells_are_joined_with_two_pipes cells_are_joined_with_underscores
        cells_are_joined_with_unit_separators cells_are_sorted
        cells_lose_their_quotes_before_they_are_compared changed_gender_is_overlooked
        changed_hometown_location_attributes_name_is_overlooked changed_last_name_is_overlooked
        changed_middle_name_is_overlooked changed_primary_education_education_level_name_is_overlooked
        concat_ws_skips_blank_cells crc32_is_the_fingerprint djb2_is_the_fingerprint
        php_hashes_cells_without_separators white_space_is_narrowed_before_cells_are_compared
    """),
    "a large file, a long cell, a long list, or characters that are counted in two ways": listed("""
        a_hundred_failures_stop_the_file excel_cuts_texts_at_32767_characters failed_rows_are_capped_at_5000
        files_of_more_than_5000_rows_are_refused latin_1_columns_cut_first_names_at_255_bytes
        lists_have_100_items long_assignees_are_unknown long_campuses_are_unknown long_lists_are_empty
        mobile_numbers_are_cut mysql_group_concat_cuts_lists mysql_text_cuts_texts_at_65535_bytes
        mysql_varchar_cuts_usernames old_django_refuses_long_first_names only_the_first_1000_rows_are_read
        oracle_cuts_texts_at_4000_bytes rails_strings_refuse_long_last_names
        repeats_are_noticed_within_a_batch rows_behind_the_first_2000_are_only_reported
        tags_are_cut_at_100_characters the_last_row_of_each_batch_is_lost
        the_same_student_is_noticed_within_a_batch varchar_cuts_hometowns workers_take_the_last_batch_first
    """),
    "a certain text in a sign-in": listed("""
        sso_compares_addresses the_unconnected_do_not_sign_in
    """),
    "two texts that a database takes for one": listed("""
        a_german_collation_finds_campuses a_german_collation_finds_staff a_german_collation_finds_usernames
        a_german_collation_takes_addresses a_long_index_finds_usernames a_turkish_collation_finds_usernames
        a_varchar_index_finds_usernames a_varchar_index_sees_no_change campuses_are_found_by_their_words
        icu_ignoring_the_unseen_finds_usernames icu_ignoring_the_unseen_sees_no_change
        mysql_general_ci_finds_campuses mysql_general_ci_finds_staff mysql_pad_space_finds_campuses
        mysql_pad_space_takes_each_auth_identifier mysql_prefix_index_finds_addresses
        mysql_prefix_index_finds_labels mysql_prefix_index_finds_usernames
        mysql_prefix_index_takes_each_auth_identifier mysql_utf8mb3_finds_addresses
        mysql_utf8mb3_finds_usernames mysql_utf8mb3_sees_repeats
        mysql_without_weights_for_emoji_finds_usernames mysql_without_weights_for_emoji_sees_no_change
        mysql_without_weights_for_emoji_writes_nothing normalised_keys_finds_labels
        normalised_keys_finds_staff normalised_keys_finds_usernames normalised_keys_needs_no_setting
        normalised_keys_sees_no_change normalised_keys_sees_repeats normalised_keys_takes_addresses
        normalised_keys_takes_each_card_id sql_server_varchar_finds_usernames
        sql_server_varchar_sees_no_change sql_server_varchar_takes_each_auth_identifier
        sql_server_width_insensitive_finds_addresses sql_server_width_insensitive_finds_usernames
        sql_server_width_insensitive_sees_no_change sql_server_word_sort_finds_addresses
        sql_server_word_sort_finds_usernames sql_server_word_sort_finds_years
        sql_server_word_sort_sees_repeats
    """),
    "a text that a language takes for another value": listed("""
        a_dash_is_nothing a_plus_in_front_is_lost a_plus_loses_its_zeros a_point_gets_a_zero
        commas_between_digits_are_lost dashes_are_no_items excel_writes_exponents_out exponents_overflow
        hexadecimal_numbers_are_read items_lose_their_zeros items_pass_through_a_float
        javascript_ids_pass_through_a_float javascript_sso_compares_floats json_reads_items
        mobile_numbers_pass_through_a_float mysql_takes_backslash_n_for_nothing nobody_is_called_0
        php_sso_compares_numbers php_sso_takes_0_for_nothing php_takes_false_words_for_no_word
        python_reads_underscores sso_drops_the_domain sso_drops_zeros the_epoch_is_not_compared
        the_year_0000_is_2000 two_pluses_are_one yaml_reads_no_as_false zeros_behind_a_point_are_lost
    """),
    "a day that a calendar or a clock moves": listed("""
        the_days_of_1582_are_none the_last_day_is_nothing
    """),
    "a text that a helpful importer changes": listed("""
        addresses_are_corrected addresses_are_straightened ampersands_become_words
        an_importer_that_squeezes_spaces_sees_no_change an_importer_that_straightens_quotes_sees_no_change
        campuses_are_found_by_their_beginning dashes_are_set_by_printers dots_of_gmail_are_dropped
        entities_are_read entities_of_items_are_read_first initials_lose_their_points names_are_put_in_order
        particles_become_small parts_of_names_get_capitals percent_escapes_are_read
        scottish_names_get_capitals spaces_are_squeezed spaces_of_items_are_squeezed titles_are_dropped
        utf_8_is_decoded_again
    """),
}

# The two ways of catching one.


def is_shown(name: str) -> bool:
    """Whether a wrong importer answers an example, or an edge case, of the rule that it breaks as no right one does.

    Some mistakes take a file of thousands of rows, which no page can print.
    """
    guest, played = importer(name), list[Conversation]()
    for conversation in about(MUTANTS[name].rule):
        played.append(conversation)
        if differs(guest, conversation):
            return is_seen_to_differ(name, played)
    return False


@cache
def about(rule: str) -> tuple[Conversation, ...]:
    """The examples and the edge cases that are there for a rule, as a right importer answers them."""
    return tuple(conversation for shown, conversation in (*of_the_pages(), *of_the_edges()) if shown == rule)


def is_seen_to_differ(name: str, played: Sequence[Conversation]) -> bool:
    """Whether the suite itself, which reaches an importer by its target, sees the last of some conversations differ.

    Those before it are played too where the importer may remember something of them.
    """
    decisive = played if MUTANTS[name].custom_importer else played[-1:]
    with connect(f"python:conformance.mutants:{name}") as target:
        guest = introduced(target)
        return play(guest, (each.request for each in chain(*decisive)), guest.known()).differs


@cache
def conversations(is_later: bool) -> tuple[Conversation, ...]:
    """What the search says to any importer, for no answer changes what it says, and what a right one answers."""
    return tuple(conversation for seed in SEEDS for conversation in conversations_of(seed, is_later))


def conversations_of(seed: str, is_later: bool) -> Iterator[Conversation]:
    """The conversations of one seed."""
    with connect("python:conformance.reference:importer") as target:
        guest, source = introduced(target) if is_later else as_measured(introduced(target)), RandomSource.seeded(seed)
        for _ in range(HISTORIES):
            yield one_history(Lockstep(guest, guest.known()), generator_for(guest, source), SearchResult())[1]


def is_found(name: str) -> bool:
    """Whether the search finds that an importer is a wrong one."""
    guest = importer(name)
    return any(differs(guest, conversation) for conversation in worth_playing(MUTANTS[name]))


def worth_playing(mutant: Mutant) -> Iterator[Conversation]:
    """The conversations in which what a mutant changes is called, and gives something else; all, where that is unknown.

    To play all of them to every mutant takes minutes, nearly all in vain.
    """
    is_later, changes = mutant.rule in LATER_ACTIONS, changes_of([mutant])
    for number, conversation in enumerate(conversations(is_later)):
        if mutant.custom_importer or divergences(is_later, number).until(changes) < len(conversation):
            yield conversation


@cache
def divergences(is_later: bool, number: int) -> Divergences:
    """Where in a conversation each mutant first does otherwise than the model: all are asked while it answers once."""
    requests = [exchange.request for exchange in conversations(is_later)[number]]
    return find_divergences(requests, NOWHERE, STANDARD, changes_of(MUTANTS.values()))


def unfound() -> list[str]:
    """What UNFOUND has to list; for whoever has changed the moves."""
    return [name for name in MUTANTS if not is_found(name)]


# The catalogue.


def test_every_rule_is_broken_by_somebody() -> None:
    """Each rule of the catalogue has a wrong importer, and each wrong importer breaks a rule that there is."""
    broken = {mutant.rule for mutant in MUTANTS.values()}
    assert broken <= set(CATALOGUE)
    assert not CATALOGUE.keys() - broken, "conformance/mutants/ needs a wrong importer for each of these rules"


def test_no_two_are_alike() -> None:
    """No statement and no way of being wrong stands in the catalogue twice."""
    statements = Counter(mutant.statement for mutant in MUTANTS.values())
    ways = Counter(mutant.custom_importer or mutant.ruleset for mutant in MUTANTS.values())
    assert (statements.most_common(1)[0][1], ways.most_common(1)[0][1]) == (1, 1)


def test_every_statement_is_one_line_and_a_sentence() -> None:
    """What a wrong importer does wrong is said in a sentence, which fits into a line."""
    unfit = [s.name for s in MUTANTS.values() if not 15 < len(s.statement) <= 110 or not s.statement.endswith(".")]
    assert unfit == []


def test_every_name_names_a_target() -> None:
    """No name is hidden by something else in the package, and each makes a new importer every time."""
    modules = {module.__name__.rpartition(".")[2] for module in MODULES}
    assert not (set(MUTANTS) & (set(vars(conformance.mutants)) | modules))
    factory = conformance.mutants.blank_labels_keep
    assert factory() is not factory()


def test_a_name_that_there_is_not_is_told() -> None:
    """A misspelt name is an error that says so."""
    with pytest.raises(ValueError, match="there is no mutant 'blank_label_keeps'"):
        importer("blank_label_keeps")
    with pytest.raises(BadTarget, match="blank_label_keeps"):
        connect("python:conformance.mutants:blank_label_keeps")


def test_what_excludes_two_mutants_is_named_in_words() -> None:
    """The error says what two mutants both change: a rule or a part of the importer, and no class."""
    custom = [mutant for mutant in MUTANTS.values() if mutant.custom_importer]
    messages = [str(error) for pair in combinations(custom, 2) if (error := exclusion_of(*pair))]
    classes = {kind.__name__ for mutant in custom if mutant.custom_importer for kind in mutant.custom_importer.__mro__}
    assert len(messages) > 50
    assert not [message for message in messages if classes & set(re.findall(r"\w+", message))]


def exclusion_of(one: Mutant, other: Mutant) -> Incompatible | None:
    """Why two mutants cannot be combined, if they cannot."""
    try:
        check_apart([one, other])
    except Incompatible as error:
        return error
    return None


def test_what_is_listed_is_there() -> None:
    """The list of what the search does not find names wrong importers that there are, each once."""
    names = [name for names in UNFOUND.values() for name in names]
    assert len(set(names)) == len(names)
    assert set(names) <= set(MUTANTS)


# By examples.


@pytest.mark.parametrize("name", MUTANTS)
def test_an_example_of_the_broken_rule_catches_it(name: str) -> None:
    """An importer that breaks a rule in one small point fails an example, or an edge case, that is there for it."""
    rule = MUTANTS[name].rule
    assert is_shown(name), (
        f"conformance/cases/scenarios/pages/ needs an example of {rule}, as its first rule, that shows it; "
        "conformance/cases/edge_cases/ a case, if a page cannot print its file"
    )


# By the search.


@pytest.mark.parametrize("name", [name for name in MUTANTS if not any(name in names for names in UNFOUND.values())])
def test_the_search_finds_it(name: str) -> None:
    """A wrong importer is found in few histories of the random search."""
    sent = f"{HISTORIES} histories of each seed do not find it"
    assert is_found(name), f"{sent}: let conformance/generation/ send what it takes, or add a mutant that is found"


@pytest.mark.parametrize("name", [name for names in UNFOUND.values() for name in names])
def test_the_search_does_not_find_it_so_soon(name: str) -> None:
    """The list of what is not found in so few histories is true."""
    assert not is_found(name), "the search finds it now: take it off UNFOUND"
