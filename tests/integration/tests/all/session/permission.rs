//! Calls that wait for a person.

use lucid_core::{Confirmation, Event, IdleReason};
use lucid_runtime::{Approval, RunOptions};

use super::{answering, kinds, missions, once, results, solo};

const SCRIPT: &str = r#"
call write {"file_path": "/workspace/a.txt", "content": "one"}
call read {"file_path": "/workspace/a.txt"}
say It says {result}
"#;

const ASK: &str = r#"permissions = { "files.write" = "always_ask" }"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_allowed_runs_and_one_that_is_denied_does_not() {
    let missions = missions(&solo(SCRIPT, ASK));
    let (runtime, mission) = missions.load().await;
    let (_, end) = once(&runtime, &mission, &answering(Approval::Allow)).await;
    assert_eq!(end.last_text, "It says one");
    let reason = Some("Not on my disk.".to_owned());
    let (session, end) = once(&runtime, &mission, &answering(Approval::Deny { reason })).await;
    assert!(!end.last_text.contains("It says one"), "{}", end.last_text);
    let results = results(&runtime, &session.id).await;
    let (is_error, text) = &results[0];
    assert!(is_error & text.contains("Permission to use write has been denied."), "{text}");
    assert!(text.contains("Not on my disk.") && text.contains("always_ask"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nobody_is_there_to_ask_a_call_is_denied() {
    let missions = missions(&solo(SCRIPT, ASK));
    let (runtime, mission) = missions.load().await;
    let (session, _) = once(&runtime, &mission, &RunOptions::default()).await;
    let results = results(&runtime, &session.id).await;
    assert!(results[0].0 && results[0].1.contains("nobody to ask"), "{results:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_nobody_decides_waits_in_its_session_until_somebody_does() {
    let missions = missions(&solo(SCRIPT, ASK));
    let (runtime, mission) = missions.load().await;
    let (session, end) = once(&runtime, &mission, &answering(Approval::Later)).await;
    let IdleReason::RequiresAction { event_ids } = end.idle else { panic!("{:?}", end.idle) };
    assert_eq!(event_ids.len(), 1);
    // Another call than one that waits is refused, and nothing is written.
    let before = kinds(&runtime, &session.id).await;
    let confirm = |call: &lucid_core::EventId| Event::ToolConfirmation {
        tool_use_id: call.clone(),
        result: Confirmation::Allow,
        deny_message: None,
    };
    let wrong = lucid_core::EventId::parse("sevt_01nothing").unwrap();
    let refused = runtime.post(&session.id, vec![confirm(&wrong)]).await.unwrap_err();
    assert!(refused.message.contains("sevt_01nothing"), "{refused}");
    assert!(refused.hint.unwrap().contains(event_ids[0].as_str()));
    assert_eq!(kinds(&runtime, &session.id).await, before);
    let posted = runtime.post(&session.id, vec![confirm(&event_ids[0])]).await.unwrap();
    assert!(!posted.is_running);
    let end = runtime.resume(&session.id, &RunOptions::default()).await.unwrap();
    assert_eq!(end.last_text, "It says one");
    let again = runtime.post(&session.id, vec![confirm(&event_ids[0])]).await.unwrap_err();
    assert!(again.message.contains("waits for nobody"), "{again}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_was_allowed_while_nobody_ran_the_session_runs_once() {
    // Neither idempotent nor read-only: it is never begun twice.
    let edit = r#"call edit {"file_path": "/workspace/a.txt", "old_string": "one",
 "new_string": "two"}"#
        .replace('\n', "");
    let script = SCRIPT.replace("call read", &format!("{edit}\ncall read"));
    let missions = missions(&solo(&script, r#"permissions = { edit = "always_ask" }"#));
    let (runtime, mission) = missions.load().await;
    let (session, end) = once(&runtime, &mission, &answering(Approval::Later)).await;
    let IdleReason::RequiresAction { event_ids } = end.idle else { panic!("{:?}", end.idle) };
    let (tool_use_id, result) = (event_ids[0].clone(), Confirmation::Allow);
    let allow = Event::ToolConfirmation { tool_use_id, result, deny_message: None };
    // Of two decisions at once the second makes no sense, and neither is written.
    let before = kinds(&runtime, &session.id).await;
    let twice = runtime.post(&session.id, vec![allow.clone(), allow.clone()]).await.unwrap_err();
    assert!(twice.message.contains("waits for nobody"), "{twice}");
    assert_eq!(kinds(&runtime, &session.id).await, before);
    runtime.post(&session.id, vec![allow]).await.unwrap();
    let end = runtime.resume(&session.id, &RunOptions::default()).await.unwrap();
    assert_eq!(end.last_text, "It says two");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupt_ends_a_turn_that_waits_for_a_person() {
    let missions = missions(&solo(SCRIPT, ASK));
    let (runtime, mission) = missions.load().await;
    let (session, _) = once(&runtime, &mission, &answering(Approval::Later)).await;
    let interrupt = Event::Interrupt { session_thread_id: None };
    runtime.post(&session.id, vec![interrupt]).await.unwrap();
    let end = runtime.resume(&session.id, &answering(Approval::Allow)).await.unwrap();
    assert_eq!(end.idle, IdleReason::EndTurn);
    let results = results(&runtime, &session.id).await;
    assert_eq!(results.len(), 1);
    assert!(results[0].0 && results[0].1.starts_with("interrupted: "), "{results:?}");
    let kinds = kinds(&runtime, &session.id).await;
    let idle = ["session.thread_status_idle", "session.usage", "session.status_idle"];
    assert!(kinds.iter().map(String::as_str).rev().take(3).eq(idle.into_iter().rev()), "{kinds:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tool_that_is_denied_never_runs() {
    let missions = missions(&solo(SCRIPT, r#"permissions = { "write" = "deny" }"#));
    let (runtime, mission) = missions.load().await;
    let (session, end) = once(&runtime, &mission, &answering(Approval::Allow)).await;
    let results = results(&runtime, &session.id).await;
    assert!(results[0].0 && results[0].1.contains("has been denied. (deny)"), "{results:?}");
    assert!(!end.workspace.outputs_folder().join("../workspace/a.txt").exists());
}
