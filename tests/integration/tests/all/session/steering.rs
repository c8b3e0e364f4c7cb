//! People who speak while an agent works.

use lucid_core::{Content, Event, IdleReason};
use lucid_runtime::RunOptions;

use super::{kinds, missions, once, results, solo, until};

fn says(text: &str) -> Event {
    Event::UserMessage { content: Content::text(text) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_to_a_session_that_rests_is_answered_when_somebody_goes_on() {
    let missions = missions(&solo("say First.\nsay Second.", ""));
    let (runtime, mission) = missions.load().await;
    let (session, end) = once(&runtime, &mission, &RunOptions::default()).await;
    assert_eq!(end.last_text, "First.");
    let posted = runtime.post(&session.id, vec![says("And?")]).await.unwrap();
    assert!(!posted.is_running);
    let end = runtime.resume(&session.id, &RunOptions::default()).await.unwrap();
    assert_eq!(end.last_text, "Second.");
    // Nothing is left: going on again changes nothing.
    let before = kinds(&runtime, &session.id).await;
    runtime.resume(&session.id, &RunOptions::default()).await.unwrap();
    assert_eq!(kinds(&runtime, &session.id).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupt_stops_a_call_and_what_was_said_meanwhile_is_read_next() {
    let script = "call spin {}\nsay Rather that.";
    let missions = missions(&solo(script, "limits = { deadline_ms = \"20 s\" }"));
    let (runtime, mission) = missions.load().await;
    let other = runtime.clone();
    let begun = std::time::Instant::now();
    let run = tokio::spawn(async move { once(&runtime, &mission, &RunOptions::default()).await });
    let (id, _) = until(&other, None, |event| matches!(event, Event::ToolUse { .. })).await;
    let interrupt = Event::Interrupt { session_thread_id: None };
    let posted = other.post(&id, vec![says("Rather that."), interrupt]).await.unwrap();
    assert!(posted.is_running);
    let (session, end) = run.await.unwrap();
    assert_eq!(session.id, id);
    assert_eq!(end.last_text, "Rather that.");
    let results = results(&other, &id).await;
    assert_eq!(results.len(), 1);
    assert!(results[0].0 && results[0].1.starts_with("interrupted: "), "{results:?}");
    // The call was stopped, not waited for: its deadline was never reached.
    assert!(begun.elapsed() < std::time::Duration::from_secs(20));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archived_session_takes_nothing_more_and_a_deleted_one_is_gone() {
    let missions = missions(&solo("say First.", ""));
    let (runtime, mission) = missions.load().await;
    let (session, end) = once(&runtime, &mission, &RunOptions::default()).await;
    assert_eq!(end.idle, IdleReason::EndTurn);
    runtime.archive(&session.id).await.unwrap();
    let refused = runtime.post(&session.id, vec![says("And?")]).await.unwrap_err();
    assert!(refused.message.contains(session.id.as_str()), "{refused}");
    let refused = runtime.resume(&session.id, &RunOptions::default()).await.unwrap_err();
    assert!(refused.message.contains("archived"), "{refused}");
    let folder = end.workspace.outputs_folder();
    assert!(folder.exists());
    runtime.delete(&session.id).await.unwrap();
    assert!(!folder.exists());
    assert!(runtime.store.session(&session.id).await.unwrap().is_none());
    let gone = runtime.delete(&session.id).await.unwrap_err();
    assert!(gone.message.contains("there is no session"), "{gone}");
}
