//! Schedules whose time comes while the store fails.

use lucid_core::{Clock as _, DreamStatus, FailureKind, ReviewPolicy, Schedule, Timestamp};
use lucid_runtime::{ScheduleAsked, Scheduler, SchedulerNote, SystemClock};
use rusqlite::Connection;
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

use super::told::Told;

/// A schedule whose time came an hour ago.
async fn due(told: &Told) -> Schedule {
    let asked = ScheduleAsked {
        memory_store: told.store.clone(),
        strategy: told.strategy().to_str().unwrap().to_owned(),
        instructions: Some(json!([{"step": "merge"}]).to_string()),
        cron: "0 3 1 1 *".to_owned(),
        time_zone: "UTC".to_owned(),
        policy: ReviewPolicy::Review,
        mission: None,
        last_n: None,
        min_new: 0,
        jitter_ms: 0,
    };
    let hour_ago = SystemClock::default().now().as_millis() - 3_600_000;
    let schedule = told.runtime.add_schedule(&asked).await.unwrap();
    let due = Schedule { next_run_at: Some(Timestamp(hour_ago)), ..schedule };
    told.runtime.store.put_schedule(&due).await.unwrap();
    due
}

/// Lets the store refuse something, until it is dropped from there again.
fn refuse(told: &Told, name: &str, what: &str) -> Connection {
    let database = Connection::open(told.state().join("lucid.db")).unwrap();
    let text = format!(
        "CREATE TRIGGER {name} BEFORE {what} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
    );
    database.execute_batch(&text).unwrap();
    database
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_time_at_which_no_dream_can_be_written_down_is_due_until_one_can() {
    let told = Told::new().await;
    told.sessions(1, &["slow down"]).await;
    let due = due(&told).await;
    let database = refuse(&told, "no_dreams", "INSERT ON dreams");
    let (notes, mut noted) = mpsc::unbounded_channel();
    let (stop, stopped) = oneshot::channel::<()>();
    let another = told.another();
    let run = tokio::spawn(async move {
        let mut scheduler = Scheduler::new(&another).unwrap();
        let tell = |note: SchedulerNote<'_>| {
            let short = match note {
                SchedulerNote::Waits { failure, .. } => format!("waits {}", failure.message),
                SchedulerNote::Began { .. } => "began".to_owned(),
                SchedulerNote::Ended { dream } => dream.status.as_str().to_owned(),
                SchedulerNote::Started { .. } | SchedulerNote::Stopped => return,
                other => format!("{other:?}"),
            };
            notes.send(short).unwrap();
        };
        scheduler.run(false, async move { stopped.await.unwrap() }, &tell).await
    });
    let waits = noted.recv().await.unwrap();
    assert!(waits.starts_with("waits") && waits.contains("the disk is full"), "{waits}");
    let now = told.runtime.store.schedule(&due.id).await.unwrap().unwrap();
    assert_eq!(now.next_run_at, due.next_run_at);
    assert!(told.runtime.store.dreams().await.unwrap().is_empty());
    database.execute_batch("DROP TRIGGER no_dreams").unwrap();
    // Whatever looks there were until then: it was told once.
    assert_eq!(noted.recv().await.unwrap(), "began");
    assert_eq!(noted.recv().await.unwrap(), DreamStatus::Completed.as_str());
    stop.send(()).unwrap();
    run.await.unwrap().unwrap();
    let now = told.runtime.store.schedule(&due.id).await.unwrap().unwrap();
    assert!(now.next_run_at > due.next_run_at);
    assert_eq!(told.runtime.store.dreams().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_time_that_cannot_be_kept_at_all_is_told() {
    let told = Told::new().await;
    told.sessions(1, &["slow down"]).await;
    let due = due(&told).await;
    let _dreams = refuse(&told, "no_dreams", "INSERT ON dreams");
    // Its time can be taken, but not given back.
    let ran = "UPDATE ON schedules WHEN json_extract(old.body, '$.last_run_at') IS NOT NULL";
    let database = refuse(&told, "none_back", ran);
    let mut scheduler = Scheduler::new(&told.runtime).unwrap();
    let (notes, mut noted) = mpsc::unbounded_channel();
    let tell = |note: SchedulerNote<'_>| match note {
        SchedulerNote::Waits { failure, .. } => notes.send(("waits", failure.clone())).unwrap(),
        SchedulerNote::Failed { failure, .. } => notes.send(("failed", failure.clone())).unwrap(),
        SchedulerNote::Started { .. } | SchedulerNote::Stopped => {}
        other => panic!("{other:?}"),
    };
    scheduler.run(true, std::future::pending(), &tell).await.unwrap();
    assert_eq!(noted.recv().await.unwrap().0, "waits");
    let (what, failure) = noted.recv().await.unwrap();
    let time = due.next_run_at.unwrap().to_string();
    assert!(what == "failed" && failure.message.contains(&time), "{failure}");
    assert_eq!(failure.kind, FailureKind::Failed);
    assert!(failure.hint.is_some());
    drop(notes);
    assert!(noted.recv().await.is_none());
    // The next one is kept.
    database.execute_batch("DROP TRIGGER none_back").unwrap();
    let now = told.runtime.store.schedule(&due.id).await.unwrap().unwrap();
    assert!(now.next_run_at > due.next_run_at);
}
