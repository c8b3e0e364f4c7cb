//! Sessions whose process ended.

use lucid_core::{Event, SessionState};
use lucid_runtime::{RunOptions, Runtime};
use lucid_tests::{Missions, log};

use super::{missions, once, results, solo, until};

/// Runs a session and ends it, as a process that is killed would, once an event is there.
async fn killed(missions: &Missions, when: impl Fn(&Event) -> bool) -> lucid_core::SessionId {
    let (runtime, mission) = missions.load().await;
    let watching = runtime.clone();
    let run = tokio::spawn(async move { once(&runtime, &mission, &RunOptions::default()).await });
    let (id, _) = until(&watching, None, when).await;
    run.abort();
    let _ = run.await;
    id
}

fn open(missions: &Missions) -> Runtime {
    Runtime::open(Missions::options(&missions.state())).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_end_nobody_saw_is_told_so_and_not_repeated() {
    let missions = missions(&solo("call spin {}\nsay {result}", ""));
    let id = killed(&missions, |event| matches!(event, Event::ToolUse { .. })).await;
    let runtime = open(&missions);
    let end = runtime.resume(&id, &RunOptions::default()).await.unwrap();
    assert!(end.last_text.starts_with("unknown: the host was stopped"), "{}", end.last_text);
    assert_eq!(results(&runtime, &id).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_runs_is_what_its_log_says_it_is() {
    let script = "call fine {\"text\": \"x\"}\nand call glob {\"pattern\": \"*\"}\nsay {result}";
    let missions = missions(&solo(script, ""));
    let (runtime, mission) = missions.load().await;
    let (session, end) = once(&runtime, &mission, &RunOptions::default()).await;
    let log = log(&runtime, &session.id).await;
    let state = SessionState::of(log.iter().map(|(_, record, _)| record));
    assert_eq!(state.last_text(), end.last_text);
    assert_eq!((state.tool_calls, state.events), (end.tool_calls, end.events));
    // A process that begins where the log ends at any point finds something it can go on with.
    for cut in 1..log.len() {
        let state = SessionState::of(log[..cut].iter().map(|(_, record, _)| record));
        let Some(lead) = state.threads.first() else { continue };
        let open = lead.open_calls().count();
        let ways = usize::from(lead.asked.is_some()) + usize::from(lead.wants_model());
        assert!(ways <= 1 && (open == 0 || !lead.wants_model()), "after {cut} events");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_a_living_process_runs_is_left_to_it() {
    let missions =
        missions(&solo("call spin {}\nsay Done.", "limits = { deadline_ms = \"20 s\" }"));
    let (runtime, mission) = missions.load().await;
    let other = open(&missions);
    let run = tokio::spawn(async move { once(&runtime, &mission, &RunOptions::default()).await });
    let (id, _) = until(&other, None, |event| matches!(event, Event::ToolUse { .. })).await;
    for refused in [
        other.resume(&id, &RunOptions::default()).await.map(drop),
        other.archive(&id).await,
        other.delete(&id).await,
    ] {
        let refused = refused.unwrap_err();
        assert!(refused.message.contains("another process runs session"), "{refused}");
    }
    other.post(&id, vec![Event::Interrupt { session_thread_id: None }]).await.unwrap();
    run.await.unwrap();
}
