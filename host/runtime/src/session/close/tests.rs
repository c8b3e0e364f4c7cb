use std::sync::Arc;

use lucid_core::{
    Content, EventRecord, OutcomeId, Permission, SeededEntropy, Session, SessionId, StepClock,
    Timestamp,
};
use lucid_store::{InMemoryStore, Store};
use serde_json::json;

use super::*;

async fn log() -> (Arc<dyn Store>, SessionId, SessionLog) {
    let store: Arc<dyn Store> = Arc::new(InMemoryStore::new());
    let clock = Arc::new(StepClock::starting_at(Timestamp(1_000)));
    let entropy = Arc::new(SeededEntropy::new(1));
    let id = SessionId::new(clock.as_ref(), entropy.as_ref());
    let session = Session {
        id: id.clone(),
        title: String::new(),
        agent: "lead".into(),
        metadata: [].into(),
        created_at: Timestamp(1),
    };
    store.create_session(&session).await.unwrap();
    let log = SessionLog::new(store.clone(), id.clone(), 0, clock, entropy);
    (store, id, log)
}

fn called(name: &str, permission: Permission) -> Event {
    Event::ToolUse {
        name: name.to_owned(),
        input: json!({}),
        evaluated_permission: permission,
        evaluation: None,
        lucid: None,
    }
}

fn answered(start: EventId) -> Event {
    Event::ModelRequestEnd {
        model_request_start_id: start,
        model_usage: ModelUsage::default(),
        is_error: false,
        lucid: None,
    }
}

fn runs(thread: &ThreadId, agent: &str) -> Event {
    Event::ThreadRunning { session_thread_id: thread.clone(), agent_name: agent.to_owned() }
}

fn failure() -> Failure {
    Failure::invalid("the mission is gone").hint("put it back")
}

async fn folded(store: &Arc<dyn Store>, id: &SessionId) -> (SessionState, Vec<EventRecord>) {
    let events = store.events(id, None, u32::MAX).await.unwrap();
    let records: Vec<_> = events.into_iter().map(|(_, record)| record).collect();
    (SessionState::of(&records), records)
}

#[tokio::test]
async fn what_cannot_go_on_leaves_nothing_open_in_any_thread() {
    let (store, id, mut log) = log().await;
    let (lead, one, two) = (log.new_thread(), log.new_thread(), log.new_thread());
    let said = Event::UserMessage { content: Content::text("Go.") };
    for event in [Event::StatusRunning {}, runs(&lead, "lead"), said] {
        log.write(Some(&lead), &event).unwrap();
    }
    let start = log.write(Some(&lead), &Event::ModelRequestStart {}).unwrap();
    // One call would run, one waits for a person.
    log.write(Some(&lead), &called("run", Permission::Allow)).unwrap();
    log.write(Some(&lead), &called("ask", Permission::Ask)).unwrap();
    log.write(Some(&lead), &answered(start)).unwrap();
    // One of the team waits for its model, and one rests.
    for thread in [&one, &two] {
        let (session_thread_id, agent_name) = (thread.clone(), "worker".to_owned());
        let created = Event::ThreadCreated { session_thread_id, agent_name };
        log.write(Some(&lead), &created).unwrap();
    }
    log.write(Some(&one), &runs(&one, "worker")).unwrap();
    log.write(Some(&one), &Event::UserMessage { content: Content::text("Do.") }).unwrap();
    log.write(Some(&one), &Event::ModelRequestStart {}).unwrap();
    log.flush().await.unwrap();
    log.cannot_go_on(&failure()).await.unwrap();
    let (state, records) = folded(&store, &id).await;
    assert_eq!(state.idle, Some(IdleReason::RetriesExhausted));
    assert!(!has_work(&state));
    for thread in &state.threads {
        assert_eq!(thread.status, SessionStatus::Idle, "{thread:?}");
        assert!(thread.asked.is_none() && thread.open_calls().next().is_none());
    }
    // All in the order that readers rely on: the session's rest is the last.
    let kinds: Vec<_> = records.iter().map(|record| record.kind.as_str()).collect();
    assert_eq!(kinds.last(), Some(&"session.status_idle"));
    let count = |kind: &str| kinds.iter().filter(|found| **found == kind).count();
    assert_eq!((count("agent.tool_result"), count("span.model_request_end")), (2, 2));
    assert_eq!(count("session.error"), 2, "the lead and who worked for it");
    // The next message is asked with every call answered.
    let mut log = log;
    log.write(Some(&lead), &Event::UserMessage { content: Content::text("On.") }).unwrap();
    log.write(Some(&lead), &Event::ModelRequestStart {}).unwrap();
    let blocks: Vec<_> = log.state().threads[0].messages.iter().flat_map(|m| &m.content).collect();
    let results = blocks.iter().filter(|b| matches!(b, lucid_core::Block::ToolResult { .. }));
    assert_eq!(results.count(), 2);
}

#[tokio::test]
async fn an_evaluation_that_cannot_go_on_ends_and_says_why() {
    let (store, id, mut log) = log().await;
    let lead = log.new_thread();
    let outcome_id = OutcomeId::new(log.clock(), log.entropy());
    let defined = Event::DefineOutcome {
        outcome_id: outcome_id.clone(),
        description: "d".into(),
        rubric: json!({"type": "text", "content": "- c"}),
        max_iterations: 3,
    };
    let started = Event::EvaluationStart { outcome_id, iteration: 0 };
    for event in [Event::StatusRunning {}, runs(&lead, "lead"), defined, started] {
        log.write(Some(&lead), &event).unwrap();
    }
    log.flush().await.unwrap();
    log.cannot_go_on(&failure()).await.unwrap();
    let (state, _) = folded(&store, &id).await;
    let outcome = state.outcome.unwrap();
    assert_eq!((outcome.result, outcome.evaluating), (Some(OutcomeResult::Failed), None));
    assert!(outcome.explanation.unwrap().contains("the mission is gone"));
    assert_eq!(state.status, SessionStatus::Idle);
}

#[tokio::test]
async fn a_session_that_nobody_waits_for_is_left_as_it_is() {
    let (store, id, mut log) = log().await;
    let lead = log.new_thread();
    let (start, agent_name) = (json!({}), Some("lead".to_owned()));
    log.write(Some(&lead), &Event::SessionStarted { start, agent_name }).unwrap();
    log.flush().await.unwrap();
    log.cannot_go_on(&failure()).await.unwrap();
    assert_eq!(store.head(&id).await.unwrap(), Some(1));
    // One whose process ended between its last turn and its rest is waited for.
    log.write(Some(&lead), &Event::StatusRunning {}).unwrap();
    log.flush().await.unwrap();
    log.cannot_go_on(&failure()).await.unwrap();
    let (state, _) = folded(&store, &id).await;
    assert_eq!(state.status, SessionStatus::Idle);
}
