#![allow(clippy::disallowed_methods, reason = "makes folders to run in")]

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use lucid_core::{
    Clock as _, Dream, DreamId, DreamStatus, EventId, EventRecord, Failure, FailureKind,
    MemoryStore, MemoryStoreId, Result, ReviewPolicy, Schedule, Session, SessionId, Timestamp,
};
use lucid_store::{DreamJob, StrategySource};

use super::{ScheduleAsked, Scheduler, SchedulerNote, SchedulerPlace, Taken};
use crate::ambient::{SystemClock, SystemEntropy};
use crate::state::{Runtime, RuntimeOptions};

/// A runtime whose one strategy is no component: whatever loads it fails.
pub(super) fn runtime(folder: &Path) -> Runtime {
    let bundled = folder.join("bundled");
    std::fs::create_dir_all(&bundled).unwrap();
    std::fs::write(bundled.join("broken.wasm"), "no component").unwrap();
    let state = folder.join("state");
    Runtime::open(RuntimeOptions { bundled: vec![bundled], ..RuntimeOptions::new(state) }).unwrap()
}

pub(super) async fn store(runtime: &Runtime) -> MemoryStoreId {
    let (clock, entropy) = (SystemClock::default(), SystemEntropy);
    let store = MemoryStore {
        id: MemoryStoreId::new(&clock, &entropy),
        name: "notes".to_owned(),
        description: String::new(),
        created_at: clock.now(),
        dreamt_from: None,
    };
    runtime.store.create_memory_store(&store).await.unwrap();
    store.id
}

pub(super) fn asked(memory_store: MemoryStoreId) -> ScheduleAsked {
    ScheduleAsked {
        memory_store,
        strategy: "broken".to_owned(),
        instructions: None,
        // No test runs while its time comes.
        cron: "@weekly".to_owned(),
        time_zone: "UTC".to_owned(),
        policy: ReviewPolicy::Review,
        mission: None,
        last_n: None,
        min_new: 1,
        jitter_ms: 0,
    }
}

/// A dream as a schedule asks for it.
pub(super) fn dream(schedule: &Schedule, status: DreamStatus) -> Dream {
    let (clock, entropy) = (SystemClock::default(), SystemEntropy);
    let (id, store) = (DreamId::new(&clock, &entropy), schedule.memory_store.clone());
    Dream {
        status,
        instructions: schedule.instructions.clone(),
        policy: schedule.policy,
        ..Dream::pending(id, schedule.strategy.clone(), store, Vec::new(), clock.now())
    }
}

/// Writes a dream down that waits to be run.
pub(super) async fn plan(runtime: &Runtime, dream: &Dream) {
    let source = StrategySource::Named { strategy: dream.strategy.clone(), model: None };
    let job = DreamJob::new(source, "", 0);
    runtime.store.create_dream(dream, &job).await.unwrap();
}

/// Lets a schedule's time have come an hour ago.
pub(super) async fn overdue(runtime: &Runtime, schedule: &Schedule) {
    let hour_ago = SystemClock::default().now().as_millis() - 3_600_000;
    let late = Schedule { next_run_at: Some(Timestamp(hour_ago)), ..schedule.clone() };
    runtime.store.put_schedule(&late).await.unwrap();
}

/// Runs what is due once, and gives what was told, in short.
async fn run_once(runtime: &Runtime) -> Vec<String> {
    let told = Mutex::new(Vec::new());
    let tell = |note: SchedulerNote<'_>| {
        let short = match note {
            SchedulerNote::Started { schedules, .. } => format!("started {schedules}"),
            SchedulerNote::NothingNew { found, next, .. } => {
                format!("nothing new {found} {}", next.is_some())
            }
            SchedulerNote::Failed { .. } => "failed".to_owned(),
            SchedulerNote::Stopped => "stopped".to_owned(),
            other => format!("{other:?}"),
        };
        told.lock().unwrap().push(short);
    };
    let mut scheduler = Scheduler::new(runtime).unwrap();
    scheduler.run(true, std::future::pending(), &tell).await.unwrap();
    told.into_inner().unwrap()
}

#[tokio::test]
async fn a_schedule_without_new_sessions_is_left_out_and_moved_on() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = runtime(folder.path());
    let schedule = runtime.add_schedule(&asked(store(&runtime).await)).await.unwrap();
    assert_eq!(run_once(&runtime).await, ["started 1", "stopped"]);
    overdue(&runtime, &schedule).await;
    let told = run_once(&runtime).await;
    assert_eq!(told, ["started 1", "nothing new 0 true", "stopped"]);
    let now = runtime.store.schedule(&schedule.id).await.unwrap().unwrap();
    assert!(now.next_run_at > Some(SystemClock::default().now()));
    assert_eq!(now.last_run_at, None);
}

#[tokio::test]
async fn a_schedule_that_cannot_dream_says_so_once_and_is_due_at_its_next_time() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = runtime(folder.path());
    let any = ScheduleAsked { min_new: 0, ..asked(store(&runtime).await) };
    let schedule = runtime.add_schedule(&any).await.unwrap();
    overdue(&runtime, &schedule).await;
    assert_eq!(run_once(&runtime).await, ["started 1", "failed", "stopped"]);
    assert_eq!(run_once(&runtime).await, ["started 1", "stopped"]);
}

#[tokio::test]
async fn a_dream_that_was_asked_for_and_never_began_is_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = runtime(folder.path());
    let schedule = runtime.add_schedule(&asked(store(&runtime).await)).await.unwrap();
    let ran = Schedule { last_run_at: Some(SystemClock::default().now()), ..schedule };
    runtime.store.put_schedule(&ran).await.unwrap();
    let its = dream(&ran, DreamStatus::Pending);
    let theme = "another theme".to_owned();
    let others = Dream { instructions: theme, ..dream(&ran, DreamStatus::Pending) };
    for dream in [&its, &others] {
        plan(&runtime, dream).await;
    }
    let told = run_once(&runtime).await;
    assert!(told.len() == 4 && told[1].contains(its.id.as_str()), "{told:#?}");
    let status = async |id: &DreamId| runtime.store.dream(id).await.unwrap().unwrap().status;
    assert_eq!(status(&its.id).await, DreamStatus::Failed, "its strategy is no component");
    assert_eq!(status(&others.id).await, DreamStatus::Pending, "somebody else's");
}

/// A place in which nobody may dream, or where all dreams are run by somebody else.
#[derive(Clone, Copy)]
enum Narrow {
    Denies,
    RunsThem,
}

#[async_trait::async_trait]
impl SchedulerPlace for Narrow {
    async fn check(&self, _memory_store: &MemoryStoreId, _policy: ReviewPolicy) -> Result<()> {
        match self {
            Self::Denies => Err(Failure::denied("nobody dreams here")),
            Self::RunsThem => Ok(()),
        }
    }

    async fn take(&self, _id: &DreamId) -> Result<Option<Taken>> {
        Ok(match self {
            Self::Denies => Some(Box::new(|_| ())),
            Self::RunsThem => None,
        })
    }
}

#[tokio::test]
async fn a_dream_that_was_left_is_not_gone_on_with_where_its_place_does_not_want_it() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = runtime(folder.path());
    let schedule = runtime.add_schedule(&asked(store(&runtime).await)).await.unwrap();
    let ran = Schedule { last_run_at: Some(SystemClock::default().now()), ..schedule };
    runtime.store.put_schedule(&ran).await.unwrap();
    let left = dream(&ran, DreamStatus::Pending);
    plan(&runtime, &left).await;
    for (place, expected) in [(Narrow::Denies, 1), (Narrow::RunsThem, 0)] {
        let failed = AtomicU32::new(0);
        let tell = |note: SchedulerNote<'_>| match note {
            SchedulerNote::Failed { failure, .. } => {
                assert_eq!(failure.kind, FailureKind::Denied);
                failed.fetch_add(1, Ordering::Relaxed);
            }
            SchedulerNote::Started { .. } | SchedulerNote::Stopped => {}
            other => panic!("{other:?}"),
        };
        let mut scheduler = Scheduler::within(&runtime, Arc::new(place)).unwrap();
        scheduler.run(true, std::future::pending(), &tell).await.unwrap();
        assert_eq!(failed.into_inner(), expected);
        let now = runtime.store.dream(&left.id).await.unwrap().unwrap();
        assert_eq!(now.status, DreamStatus::Pending);
    }
}

#[tokio::test]
async fn a_schedule_that_its_place_denies_leaves_its_time_out_and_asks_for_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = runtime(folder.path());
    let any = ScheduleAsked { min_new: 0, ..asked(store(&runtime).await) };
    let schedule = runtime.add_schedule(&any).await.unwrap();
    overdue(&runtime, &schedule).await;
    let mut scheduler = Scheduler::within(&runtime, Arc::new(Narrow::Denies)).unwrap();
    scheduler.run(true, std::future::pending(), &|_| ()).await.unwrap();
    let now = runtime.store.schedule(&schedule.id).await.unwrap().unwrap();
    assert_eq!(now.last_run_at, None);
    assert!(now.next_run_at > Some(SystemClock::default().now()));
    assert!(runtime.store.dreams().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_dream_about_one_theme_leaves_the_sessions_new_for_another() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = runtime(folder.path());
    let (clock, entropy) = (SystemClock::default(), SystemEntropy);
    let theme = ScheduleAsked {
        instructions: Some("preferences".to_owned()),
        ..asked(store(&runtime).await)
    };
    let schedule = runtime.add_schedule(&theme).await.unwrap();
    let session = Session {
        id: SessionId::new(&clock, &entropy),
        title: String::new(),
        agent: "lead".to_owned(),
        metadata: std::collections::BTreeMap::new(),
        created_at: Timestamp(1_000),
    };
    let rests = EventRecord {
        id: EventId::new(&clock, &entropy),
        kind: "session.status_idle".to_owned(),
        thread_id: None,
        created_at: Timestamp(2_000),
        body: "{}".to_owned(),
    };
    runtime.store.import_sessions(vec![(session, vec![rests])]).await.unwrap();
    let new = async |instructions: &str| {
        let store = &schedule.memory_store;
        runtime.new_sessions(store, &schedule.strategy, instructions).await.unwrap()
    };
    assert_eq!((new("preferences").await, new("failures").await), (1, 1));
    plan(&runtime, &dream(&schedule, DreamStatus::Completed)).await;
    assert_eq!((new("preferences").await, new("failures").await), (0, 1));
}

#[tokio::test]
async fn a_paused_schedule_is_not_run_and_goes_on_from_its_next_time() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = runtime(folder.path());
    let schedule = runtime.add_schedule(&asked(store(&runtime).await)).await.unwrap();
    overdue(&runtime, &schedule).await;
    let paused = runtime.pause_schedule(&schedule.id).await.unwrap();
    assert_eq!((paused.paused, paused.next_run_at), (true, None));
    assert_eq!(run_once(&runtime).await, ["started 0", "stopped"]);
    let resumed = runtime.resume_schedule(&schedule.id).await.unwrap();
    assert!(resumed.next_run_at > Some(SystemClock::default().now()));
    assert_eq!(runtime.upcoming(&resumed, 3).unwrap().len(), 3);
    runtime.remove_schedule(&schedule.id).await.unwrap();
    assert!(runtime.remove_schedule(&schedule.id).await.is_err());
}

#[tokio::test]
async fn a_state_folder_has_one_scheduler() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = runtime(folder.path());
    let first = Scheduler::new(&runtime).unwrap();
    let second = Scheduler::new(&runtime).err().unwrap();
    assert!(second.message.contains("another process"), "{}", second.message);
    drop(first);
    assert!(Scheduler::new(&runtime).is_ok());
}

#[tokio::test]
async fn what_a_schedule_cannot_do_is_refused_when_it_is_added() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = runtime(folder.path());
    let good = asked(store(&runtime).await);
    let none = MemoryStoreId::parse("memstore_01none").unwrap();
    let wrong = [
        ScheduleAsked { memory_store: none, ..good.clone() },
        ScheduleAsked { strategy: "no-such".to_owned(), ..good.clone() },
        ScheduleAsked { strategy: "no/such.wasm".to_owned(), ..good.clone() },
        ScheduleAsked { instructions: Some(String::new()), ..good.clone() },
        ScheduleAsked { instructions: Some("x".repeat(4_097)), ..good.clone() },
        ScheduleAsked { cron: "@daily".to_owned(), ..good.clone() },
        ScheduleAsked { time_zone: "Mars/Olympus".to_owned(), ..good.clone() },
        ScheduleAsked { mission: Some("no/such".into()), ..good.clone() },
        ScheduleAsked { last_n: Some(0), ..good.clone() },
        ScheduleAsked { jitter_ms: 3_600_001, ..good.clone() },
    ];
    for asked in wrong {
        let failure = runtime.add_schedule(&asked).await.unwrap_err();
        assert_eq!(failure.kind, lucid_core::FailureKind::Invalid, "{asked:?}");
        assert!(failure.hint.is_some(), "{asked:?}");
    }
    assert!(runtime.schedules().await.unwrap().is_empty());
}
