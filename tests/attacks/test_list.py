"""The list of threats that the design began with: each has tests by name, or stands among the known gaps.

The numbers are the design's; ``test_attack_NN_…`` here and in the neighbours bear them.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
SECURITY = TESTS.parent / "SECURITY.md"

HELD: dict[int, tuple[str, ...]] = {
    1: (
        "attacks/test_records_and_case.py::test_attack_01_forged_record",
        "records/test_envelopes.py::test_every_flipped_bit_of_an_envelope_is_refused",
    ),
    2: (
        "attacks/test_records_and_case.py::test_attack_02_weak_key_repudiation",
        "attacks/test_keys.py::test_attack_02_no_weak_key_verifies_anything",
    ),
    3: (
        "attacks/test_records_and_case.py::test_attack_03_transplant_to_another_case",
        "attacks/test_records_and_case.py::test_attack_03_replay",
    ),
    4: (
        "attacks/test_records_and_case.py::test_attack_04_equivocation",
        "attacks/test_witness.py::test_one_lying_witness_of_three",
    ),
    5: (
        "exchange/test_recovery.py::test_a_restored_home_asks_is_refused_and_recovers",
        "cli/test_restore.py::test_restore_is_refused_then_recovered_and_goes_on",
    ),
    6: (
        "attacks/test_records_and_case.py::test_attack_06_back_dating",
        "attacks/test_time.py::test_one_lying_authority_of_two",
    ),
    7: (
        "attacks/test_records_and_case.py::test_attack_07_leap_second",
        "attacks/test_records_and_case.py::test_attack_07_skewed_clocks_change_no_judgement",
        "attacks/test_time.py::test_a_clock_that_jumps_under_a_running_node",
    ),
    9: (
        "exchange/test_couriering.py::test_an_unanswered_notice_is_carried_by_itself_and_each_try_is_signed",
        "case/test_equivocation.py::test_attempts_by_couriers_make_a_notice_attempted_until_it_is_received",
    ),
    10: (
        "exchange/test_scripted_case.py::test_a_wrong_address_signs_and_writes_nothing",
        "records/test_contacts.py::test_a_stolen_key_redirects_nothing",
    ),
    11: (
        "exchange/test_quotas.py::test_beyond_its_quota_a_party_waits_and_loses_nothing",
        "attacks/test_exchange.py::test_a_stranger_cannot_fill_a_node_with_cards",
    ),
    12: (
        "attacks/test_facts.py::test_a_finding_that_names_more_rows_than_memory_holds",
        "attacks/test_facts.py::test_a_chain_of_citations_longer_than_any_stack",
    ),
    13: (
        "attacks/test_exchange.py::test_one_damaged_case_stops_no_other",
        "attacks/test_exchange.py::test_a_second_opening_poisons_no_case",
        "attacks/test_exchange.py::test_every_answer_is_one_of_our_errors",
    ),
    14: (
        "attacks/test_records_and_case.py::test_attack_14_the_fold_diverges",
        "laws/test_fold.py::test_ten_thousand_shuffles_give_one_state",
    ),
    15: (
        "attacks/test_records_and_case.py::test_attack_15_two_spellings",
        "interop/test_statements.py::test_cwt_refuses_every_altered_statement",
    ),
    16: (
        "web/test_plain.py::test_nothing_unseen_is_left",
        "dossier/test_render_text.py::test_a_name_cannot_turn_the_page_round",
        "attacks/test_facts.py::test_a_name_that_only_looks_the_same_answers_nothing",
    ),
    17: (
        "attacks/test_records_and_case.py::test_attack_17_algorithm_confusion",
        "attacks/test_keys.py::test_attack_17_what_one_purpose_signs_is_nothing_for_another",
    ),
    18: (
        "attacks/test_bombs.py::test_a_bomb_is_sealed_whole_and_not_set_off",
        "dossier/test_container.py::test_the_limits_hold",
    ),
    19: (
        "dossier/test_container.py::test_no_other_name_is_taken",
        "contracts/test_public.py::test_no_name_leads_outside",
    ),
    20: (
        "attacks/test_hostile_parsers.py::test_it_ends_with_a_word_and_the_next_log_is_read",
        "attacks/test_hostile_parsers.py::test_it_holds_nothing_but_its_log_and_leaves_nothing_for_the_next",
    ),
    21: ("attacks/test_hostile_rows.py::test_an_expression_that_runs_away_elsewhere_does_not_here",),
    22: (
        "adapters/test_file_blobs.py::test_nothing_is_readable_on_disk",
        "web/test_pages.py::test_every_page_renders_with_its_headers",
        "web/test_public.py::test_a_dossier_is_downloaded_under_its_digest",
    ),
    23: (
        "adapters/test_http_peers.py::test_no_spelling_leads_into_this_network",
        "adapters/test_http_peers.py::test_the_address_that_was_checked_is_the_one_connected_to",
        "adapters/test_http_peers.py::test_a_redirect_is_never_followed",
    ),
    24: (
        "web/test_in_browser.py::test_hostile_text_stays_text",
        "cli/test_output.py::test_nothing_printed_controls_hides_or_turns",
    ),
    25: (
        "attacks/test_keys.py::test_attack_25_a_stolen_statement_key_cannot_pre_date",
        "attacks/test_stolen_ledger_keys.py::test_a_head_by_a_stolen_key_holds_its_owner_until_it_is_revoked",
    ),
    26: (
        "dossier/test_build.py::test_a_record_left_out_is_refused",
        "interop/test_tlog_scales.py::test_every_older_checkpoint_and_the_way_between_any_two",
    ),
    27: ("attacks/test_acts.py::test_attack_27_each_act_is_one_record_and_a_refused_one_is_none",),
    28: ("campaigns/test_rot.py::test_every_fault_is_listed",),
    29: (
        "attacks/test_faults.py::test_a_fault_at_every_operation_of_an_act",
        "attacks/test_low_space.py::test_below_the_floor_nothing_is_begun_and_reading_goes_on",
    ),
    30: (
        "attacks/test_exchange.py::test_public_files_name_no_case_and_no_member",
        "laws/test_linkage.py::test_no_shared_value_links_two_parties",
    ),
    31: (
        "attacks/test_disclosure.py::test_addresses_that_stay_closed_cannot_be_guessed",
        "evidence/test_seal.py::test_the_public_file_lets_nobody_test_a_guess",
    ),
    32: (
        "attacks/test_acts.py::test_attack_32_what_is_not_for_the_public_changes_nothing_that_the_public_reads",
        "attacks/test_exchange.py::test_public_files_name_no_case_and_no_member",
    ),
    33: ("exchange/test_matching.py::test_a_client_that_walks_a_network_is_stopped_and_shown",),
    34: (
        "evidence/test_singling.py::test_a_shown_row_warns_exactly_where_its_value_is_rare",
        "exchange/test_disclosing.py::test_a_case_that_asks_for_two_approvals_gets_two",
    ),
    36: (
        "attacks/test_records_and_case.py::test_attack_36_planted_evidence_gains_nothing_by_being_sealed_and_re_run",
    ),
    37: (
        "attacks/test_records_and_case.py::test_attack_37_circular_endorsement",
        "laws/test_endorsement_graphs.py::test_copies_of_one_origin_count_once",
    ),
    39: (
        "web/test_entry.py::test_every_route_that_is_not_public_wants_the_token",
        "attacks/test_acting_pages.py::test_the_month_of_reading_gives_no_pen",
    ),
    40: (
        "dossier/test_verify.py::test_it_says_what_it_did_not_check_and_does_not_show",
        "dossier/test_verify.py::test_every_changed_byte_fails",
    ),
    41: (
        "attacks/test_exchange.py::test_public_files_name_no_case_and_no_member",
        "adapters/test_key_files.py::test_what_is_sealed_to_a_node_only_it_opens",
    ),
}

GAPS = {
    8: "never serves its ledger",
    35: "Nothing looks for secrets in a rule",
    38: "no list of materials",
}
"""What is not, or not wholly, defended against: words of the known gaps in ``SECURITY.md``."""


def test_the_list_is_whole() -> None:
    assert not HELD.keys() & GAPS.keys()
    assert sorted(HELD | GAPS) == list(range(1, 42))


@pytest.mark.parametrize("number", HELD)
def test_a_threat_has_its_tests(number: int) -> None:
    for named in HELD[number]:
        path, _, name = named.partition("::")
        assert re.search(rf"^(async )?def {name}\(", (TESTS / path).read_text("utf-8"), re.MULTILINE), named


@pytest.mark.parametrize("number", GAPS)
def test_a_gap_is_told(number: int) -> None:
    told = SECURITY.read_text("utf-8").split("## Known gaps")[1]
    assert GAPS[number] in " ".join(told.split())
