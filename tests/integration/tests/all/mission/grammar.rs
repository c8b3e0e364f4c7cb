//! What holds for every log of a session, whatever the mission.

use std::collections::{BTreeMap, BTreeSet};

use lucid_core::{Event, EventId, EventRecord, ThreadId};

/// One event with its number, as it stands in the log, and as a type.
pub(super) type Line = (u32, EventRecord, Event);

/// Checks the whole log of one session.
pub(super) fn check(log: &[Line]) {
    check_form(log);
    check_pairs(log);
    check_threads(log);
    let kinds: Vec<_> = log.iter().map(|(_, record, _)| record.kind.as_str()).collect();
    assert_eq!(kinds.first(), Some(&"session.status_running"), "{kinds:?}");
    let ends = ["session.status_idle", "session.status_terminated"];
    assert!(ends.contains(kinds.last().unwrap()), "{kinds:?}");
}

/// Numbers are dense, ids are unique, times do not go back, bodies say what the index says.
fn check_form(log: &[Line]) {
    let mut ids = BTreeSet::new();
    let mut latest = lucid_core::Timestamp(0);
    for (expected, (seq, record, _)) in (0..).zip(log) {
        assert_eq!(*seq, expected);
        assert!(ids.insert(&record.id), "{} is there twice", record.id);
        assert!(record.created_at >= latest, "{} is earlier than the one before", record.id);
        latest = record.created_at;
        let body: serde_json::Value = serde_json::from_str(&record.body).unwrap();
        assert_eq!(body["id"], record.id.as_str());
        assert_eq!(body["type"], record.kind.as_str());
        assert_eq!(body["processed_at"], record.created_at.to_string());
        assert_eq!(body.to_string(), record.body, "a body is kept as it was written");
    }
}

/// What begins ends exactly once, later, and nothing ends that did not begin.
fn check_pairs(log: &[Line]) {
    let mut open: BTreeMap<EventId, &str> = BTreeMap::new();
    for (_, record, event) in log {
        let ended = match event {
            Event::ToolUse { .. } | Event::ModelRequestStart {} | Event::EvaluationStart { .. } => {
                open.insert(record.id.clone(), record.kind.as_str());
                continue;
            }
            Event::ToolResult { tool_use_id, .. } => (tool_use_id, "agent.tool_use"),
            Event::ModelRequestEnd { model_request_start_id, .. } => {
                (model_request_start_id, "span.model_request_start")
            }
            Event::EvaluationEnd { outcome_evaluation_start_id: Some(start), .. } => {
                (start, "span.outcome_evaluation_start")
            }
            _ => continue,
        };
        assert_eq!(open.remove(ended.0), Some(ended.1), "{}", record.body);
    }
    assert!(open.is_empty(), "these never ended: {open:?}");
}

/// A thread is created before it does anything; only the lead's is there from the start.
fn check_threads(log: &[Line]) {
    let mut known: BTreeSet<&ThreadId> = BTreeSet::new();
    let first = log.iter().find_map(|(_, record, _)| record.thread_id.as_ref());
    known.extend(first);
    for (_, record, event) in log {
        if let Event::ThreadCreated { session_thread_id, .. } = event {
            assert!(known.insert(session_thread_id), "{session_thread_id} is created twice");
        }
        let thread = record.thread_id.as_ref();
        assert!(thread.is_none_or(|thread| known.contains(thread)), "{}", record.body);
    }
}
