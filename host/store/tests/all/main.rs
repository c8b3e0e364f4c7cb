//! What every store promises, held against each one; and what only SQLite does.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod conformance;
mod kit;
mod processes;
mod sqlite;

/// Runs every promise against a store: `$new` gives it, with what has to outlive it.
macro_rules! conforms {
    ($store:ident, $new:expr, $($group:ident: $($promise:ident)+;)+) => {
        mod $store {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $promise() {
                    let (store, _keep) = $new;
                    crate::conformance::$group::$promise(store).await;
                }
            )+)+
        }
    };
}

macro_rules! stores_conform {
    ($($promises:tt)+) => {
        conforms!(in_memory, crate::kit::in_memory(), $($promises)+);
        conforms!(in_sqlite, crate::kit::in_sqlite(), $($promises)+);
    };
}

stores_conform! {
    events:
        acknowledged_events_are_dense_and_in_order
        bodies_come_back_byte_for_byte
        events_are_read_in_pages
        a_page_of_large_events_ends_early_and_never_before_the_first
        an_event_is_found_by_its_id_in_its_session_only
        a_failed_append_leaves_nothing_behind
        nothing_is_appended_to_a_session_that_is_not_there
        concurrent_appends_to_many_sessions_all_arrive
        concurrent_appends_to_one_session_stay_whole
        an_acknowledged_append_is_seen_at_once
        posted_and_appended_events_are_numbered_together
        a_failed_post_leaves_nothing_behind
        an_archived_session_takes_no_posts_and_its_owner_still_appends
        the_head_is_how_many_events_there_are
        posting_while_another_appends_loses_nothing;
    leases:
        a_session_nobody_claimed_takes_epoch_zero_only
        a_stale_epoch_cannot_append
        a_claim_keeps_others_out_until_it_ends
        an_owner_takes_over_from_itself_at_once
        a_lost_claim_has_no_heartbeat
        a_released_session_can_be_claimed
        of_many_that_claim_at_once_one_gets_it
        a_lease_says_who_has_claimed_a_session
        a_dead_owners_session_is_taken_over_at_once
        what_a_claim_gets_a_take_over_gets_too
        a_zombie_can_do_nothing_after_a_take_over
        of_many_that_take_over_at_once_one_gets_it;
    sessions:
        a_session_comes_back_as_it_was
        a_session_is_made_once
        summaries_follow_the_log
        the_last_evaluation_is_the_outcome
        a_body_that_is_not_json_spoils_no_list
        sessions_are_listed_in_order_and_in_pages
        sessions_are_found_by_all_their_metadata
        sessions_are_found_that_do_not_rest
        sessions_are_found_by_where_they_stand
        a_deleted_session_leaves_nothing
        a_session_is_deleted_by_who_may_append_only
        imported_sessions_come_back_as_they_were
        an_import_with_one_bad_session_changes_nothing
        a_page_behind_an_unknown_session_is_refused
        sessions_are_found_by_when_they_were_made
        sessions_are_found_by_the_start_of_their_ids
        a_changed_session_keeps_its_log_and_is_found_by_its_new_metadata;
    watches:
        every_write_that_adds_events_is_told_before_it_is_answered
        only_the_session_that_is_watched_is_told_of
        a_write_that_nobody_waits_for_is_told_nevertheless
        who_watches_a_deleted_session_wakes_a_last_time
        an_id_that_is_used_again_can_be_watched_again
        who_watches_misses_nothing_while_many_write;
    documents:
        a_document_comes_back_as_it_was
        a_document_is_made_once
        a_document_is_put_only_as_it_was_read
        a_document_keeps_its_place
        older_versions_are_there_to_be_read
        a_write_is_done_whole_or_not_at_all
        changes_of_one_write_meet_what_those_before_them_left
        keys_are_unique_among_what_is_not_archived
        a_deleted_document_takes_its_family_along
        a_family_that_goes_in_a_circle_is_deleted_too
        of_many_that_change_a_document_at_once_all_get_through
        of_many_that_want_a_key_at_once_one_gets_it;
    document_lists:
        documents_are_listed_in_order_and_in_pages
        cursors_survive_what_is_made_and_deleted_meanwhile
        documents_are_found_by_what_they_are_and_belong_to
        documents_are_found_by_when_they_were_made;
    document_model:
        documents_are_what_a_simple_model_says;
    memories:
        a_memory_store_comes_back_as_it_was
        memory_stores_are_found_by_the_start_of_their_ids
        memories_are_listed_by_path_as_they_are_now
        every_change_is_a_version
        paths_are_unique_among_live_memories
        a_path_is_free_again_after_a_delete
        a_memory_can_move
        a_path_is_not_both_a_file_and_a_folder
        a_failed_write_leaves_nothing_behind
        versions_that_do_not_fit_are_refused
        a_memory_is_at_most_so_large
        a_store_has_at_most_so_many_memories
        lists_in_short_have_all_but_the_texts
        a_write_over_what_somebody_else_changed_changes_nothing
        a_memory_store_is_called_something_else_and_stays_the_same
        a_deleted_memory_store_leaves_nothing;
    dreams:
        a_dream_comes_back_as_it_was
        a_dream_can_be_changed
        dreams_are_listed_newest_first
        dreams_are_found_by_the_start_of_their_ids
        the_newest_dream_is_the_first_that_is_listed
        dreams_in_short_are_the_same_without_what_is_large
        a_dream_is_made_once_with_what_it_takes_to_run_it
        numbers_of_a_dream_come_back_to_the_last_digit
        a_change_of_a_dream_happens_whole_or_not_at_all
        who_read_a_dream_before_it_changed_changes_nothing
        who_read_a_job_before_it_changed_changes_nothing
        of_two_that_mark_a_dream_at_once_both_marks_stay
        that_somebody_wants_a_dream_to_stop_is_seen
        dreams_are_found_by_what_they_read_and_made
        a_log_that_grew_has_another_hash_and_the_same_log_the_same
        digests_are_kept_by_component_session_and_key
        sessions_are_read_at_a_glance_in_the_order_asked_for
        a_version_is_redacted_once_and_never_while_a_memory_stands_on_it
        a_schedule_is_changed_only_as_it_was_read
        a_schedule_is_claimed_once_for_each_time;
}
