//! A dream as a job: it runs to its end, stops when it is told to, and survives its process.

use std::time::Duration;

use lucid_core::{DreamErrorKind, DreamStatus, Event, FailureKind, SessionStatus};
use lucid_runtime::{DreamRun, LimitChanges, Runtime, SessionChoice, WaitsFor};
use serde_json::json;

use super::told::{NOTES, Told, say_and_merge};

/// Waits until a dream of a store runs.
async fn running(runtime: &Runtime) -> lucid_core::Dream {
    loop {
        let dreams = runtime.store.dreams().await.unwrap();
        if let Some(dream) = dreams.into_iter().next()
            && dream.status == DreamStatus::Running
        {
            return dream;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dream_is_pending_then_completed_and_its_session_tells_it_all() {
    let told = Told::new().await;
    let sessions = told.sessions(1, &["slow down", "slow down, please", "nothing"]).await;
    let planned = told.runtime.plan_dream(&told.asked(&say_and_merge())).await.unwrap();
    assert_eq!(planned.status, DreamStatus::Pending);
    assert_eq!((&planned.session_id, &planned.memory_store_out), (&None, &None));
    assert_eq!(told.runtime.dream_queue().await.unwrap()[0].why, WaitsFor::ToRun);
    let dream = told.runtime.run_dream(&planned.id, &DreamRun::default()).await.unwrap();
    assert_eq!((dream.status, &dream.error), (DreamStatus::Completed, &None));
    assert_eq!(dream.input_session_ids, sessions);
    assert_eq!(dream.operations.len(), 2, "{:?}", dream.operations);
    let ids: Vec<_> = dream.operations.iter().map(|operation| operation.id.as_str()).collect();
    assert_eq!(ids, ["dop_1", "dop_2"]);
    assert_eq!(told.input().await["/notes.md"], NOTES);
    assert_eq!(told.output(&dream).await, told.input().await, "nothing was accepted");
    let events = told.events(&dream).await;
    let read = events.iter().filter_map(|event| match event {
        Event::DreamProgress { session_id, .. } => session_id.clone(),
        _ => None,
    });
    assert_eq!(read.collect::<Vec<_>>(), sessions, "which session it reads, once each");
    let proposed = events.iter().filter_map(|event| match event {
        Event::DreamOperation { operation_id, class, .. } => operation_id.clone().zip(*class),
        _ => None,
    });
    let kept = dream.operations.iter().map(|operation| (operation.id.clone(), operation.class));
    assert_eq!(proposed.collect::<Vec<_>>(), kept.collect::<Vec<_>>());
    assert!(matches!(events.last(), Some(Event::StatusTerminated {})));
    let again = told.runtime.run_dream(&dream.id, &DreamRun::default()).await.unwrap_err();
    assert_eq!(again.kind, FailureKind::Invalid);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dream_that_computes_for_ever_stops_when_another_process_cancels_it() {
    let told = Told::new().await;
    told.sessions(1, &["slow down"]).await;
    let asked = told.asked(&json!([{"step": "merge"}, {"step": "spin"}]));
    let runtime = told.runtime.clone();
    let run = tokio::spawn(async move { runtime.start_dream(&asked, &DreamRun::default()).await });
    let another = told.another();
    let dream = running(&another).await;
    assert!(another.is_dreaming(&dream.id).await.unwrap());
    another.cancel_dream(&dream.id).await.unwrap();
    let ended = another.await_dream(&dream.id).await.unwrap();
    assert_eq!(ended.status, DreamStatus::Canceled);
    assert_eq!(run.await.unwrap().unwrap().status, DreamStatus::Canceled);
    assert!(!another.is_dreaming(&dream.id).await.unwrap());
    assert_eq!(told.input().await["/notes.md"], NOTES);
    assert_eq!(told.output(&ended).await, told.input().await, "a copy is what is left");
    let session = ended.session_id.as_ref().unwrap();
    let summary = told.runtime.store.session_summary(session).await.unwrap().unwrap();
    assert_eq!(summary.status, SessionStatus::Terminated);
    let again = another.cancel_dream(&dream.id).await.unwrap();
    assert_eq!(again.status, DreamStatus::Canceled, "once more is fine");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dream_that_waits_is_canceled_at_once_and_one_that_completed_is_not() {
    let told = Told::new().await;
    told.sessions(1, &["slow down"]).await;
    let planned = told.runtime.plan_dream(&told.asked(&say_and_merge())).await.unwrap();
    let canceled = told.runtime.cancel_dream(&planned.id).await.unwrap();
    assert_eq!(canceled.status, DreamStatus::Canceled);
    let run = told.runtime.run_dream(&planned.id, &DreamRun::default()).await;
    assert_eq!(run.unwrap_err().kind, FailureKind::Invalid);
    let completed = told.dream(&say_and_merge()).await;
    let late = told.runtime.cancel_dream(&completed.id).await.unwrap_err();
    assert_eq!(late.kind, FailureKind::Invalid);
    let after = told.runtime.store.dream(&completed.id).await.unwrap();
    assert_eq!(after, Some(completed));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dream_whose_process_died_is_found_and_runs_again_with_nothing_twice() {
    let told = Told::new().await;
    told.sessions(1, &["slow down", "slow down"]).await;
    let steps = json!([
        {"step": "merge"},
        {"step": "spin_once"},
        {"step": "say", "path": "/playbook.md", "quote": "slow down"},
    ]);
    let (runtime, asked) = (told.runtime.clone(), told.asked(&steps));
    let run = tokio::spawn(async move { runtime.start_dream(&asked, &DreamRun::default()).await });
    let dream = running(&told.runtime).await;
    // It has kept what it read, and computes.
    loop {
        let events = told.events(&dream).await;
        if events.iter().any(|event| matches!(event, Event::DreamOperation { .. })) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    run.abort();
    assert!(run.await.unwrap_err().is_cancelled());
    // The claim is given back beside.
    while told.runtime.is_dreaming(&dream.id).await.unwrap() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let another = told.another();
    let interrupted = another.interrupted_dreams().await.unwrap();
    assert_eq!(interrupted, std::slice::from_ref(&dream.id));
    assert_eq!(another.dream_queue().await.unwrap()[0].why, WaitsFor::ToRunAgain);
    assert_eq!(told.output(&dream).await, told.input().await, "nothing is half done");
    let ended = another.run_dream(&dream.id, &DreamRun::default()).await.unwrap();
    assert_eq!((ended.status, ended.operations.len()), (DreamStatus::Completed, 2));
    assert_eq!(ended.memory_store_out, dream.memory_store_out);
    assert_ne!(ended.session_id, dream.session_id);
    let before = told.events(&dream).await;
    assert!(matches!(before.last(), Some(Event::StatusTerminated {})), "nobody waits for it");
    assert!(another.interrupted_dreams().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dream_that_takes_too_long_has_failed_with_the_apis_word_for_it() {
    let limits = LimitChanges::parse(["deadline_ms=1000"]).unwrap();
    let told = Told::with_limits(limits).await;
    told.sessions(1, &["slow down"]).await;
    let dream = told.dream(&json!([{"step": "spin"}])).await;
    assert_eq!(dream.status, DreamStatus::Failed);
    assert_eq!(dream.error.unwrap().kind, DreamErrorKind::Timeout);
    assert_eq!(told.input().await["/notes.md"], NOTES);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_dream_reads_what_is_new_and_gives_what_a_full_one_gives() {
    let said = ["slow down", "look left", "slow down", "slow down twice", "look left"];
    let told = Told::new().await;
    told.sessions(1, &said[..3]).await;
    told.dream(&say_and_merge()).await;
    let new = told.sessions(4, &said[3..]).await;
    let next = told.dream(&say_and_merge()).await;
    let events = told.events(&next).await;
    let read = events.into_iter().filter_map(|event| match event {
        Event::DreamProgress { session_id, .. } => session_id,
        _ => None,
    });
    assert_eq!(read.collect::<Vec<_>>(), new);
    let fresh = Told::new().await;
    fresh.sessions(1, &said).await;
    let full = fresh.dream(&say_and_merge()).await;
    assert_eq!((next.operations, next.ledger), (full.operations, full.ledger));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_goes_while_it_is_read_fails_the_dream_by_its_name() {
    let told = Told::new().await;
    let sessions = told.sessions(1, &["slow down", "look left"]).await;
    let planned = told.runtime.plan_dream(&told.asked(&say_and_merge())).await.unwrap();
    told.runtime.forget_session(&sessions[1]).await.unwrap();
    let dream = told.runtime.run_dream(&planned.id, &DreamRun::default()).await.unwrap();
    let error = dream.error.unwrap();
    assert_eq!(error.kind, DreamErrorKind::InputSessionUnavailable);
    assert!(error.message.contains(sessions[1].as_str()), "{}", error.message);
    assert_eq!(told.input().await["/notes.md"], NOTES);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_sessions_that_rest_and_are_no_dreams_are_chosen() {
    let told = Told::new().await;
    let sessions = told.sessions(1, &["slow down", "look left", "slow down"]).await;
    let first = told.dream(&say_and_merge()).await;
    assert_eq!(first.input_session_ids, sessions);
    let mut asked = told.asked(&say_and_merge());
    asked.sessions = SessionChoice::Last(2);
    let last = told.runtime.plan_dream(&asked).await.unwrap();
    assert_eq!(last.input_session_ids, sessions[1..]);
    let theme = first.instructions.as_str();
    let new = told.runtime.new_sessions(&told.store, "told-dream", theme).await.unwrap();
    assert_eq!(new, 0, "the dream's own session is none");
}
