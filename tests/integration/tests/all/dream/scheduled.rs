//! Dreams that a schedule asks for, in whose middle the scheduler is stopped.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use lucid_core::{
    Clock as _, Dream, DreamStatus, Event, Result, ReviewPolicy, Schedule, Timestamp,
};
use lucid_runtime::{DreamRun, ScheduleAsked, Scheduler, SchedulerNote, SystemClock};
use lucid_server::{Server, ServerOptions, Shutdown};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::told::Told;

/// How often it is looked whether something has come.
const LOOK: Duration = Duration::from_millis(5);

/// Writes a schedule down that runs at New Year.
async fn schedule(told: &Told, steps: &Value) -> Schedule {
    let asked = ScheduleAsked {
        memory_store: told.store.clone(),
        strategy: told.strategy().to_str().unwrap().to_owned(),
        instructions: Some(steps.to_string()),
        cron: "0 3 1 1 *".to_owned(),
        time_zone: "UTC".to_owned(),
        policy: ReviewPolicy::Review,
        mission: None,
        last_n: None,
        min_new: 1,
        jitter_ms: 0,
    };
    told.runtime.add_schedule(&asked).await.unwrap()
}

/// Writes a schedule down whose time came an hour ago.
async fn due(told: &Told, steps: &Value) -> Schedule {
    let hour_ago = SystemClock::default().now().as_millis() - 3_600_000;
    let next_run_at = Some(Timestamp(hour_ago));
    let due = Schedule { next_run_at, ..schedule(told, steps).await };
    told.runtime.store.put_schedule(&due).await.unwrap();
    due
}

/// A server of the folder, until it is told to stop.
async fn serve(told: &Told) -> (Shutdown, JoinHandle<Result<()>>) {
    let here = SocketAddr::from(([127, 0, 0, 1], 0));
    let options = ServerOptions::new(told.state());
    let server = Server::bind(told.another(), options, here).await.unwrap();
    let shutdown = Shutdown::new();
    (shutdown.clone(), tokio::spawn(server.run(shutdown)))
}

/// The newest dream, when it is as somebody waits for it to be.
async fn newest(told: &Told, is_so: impl AsyncFn(&Dream) -> bool) -> Dream {
    loop {
        let dreams = told.runtime.store.dreams().await.unwrap();
        if let Some(dream) = dreams.into_iter().next()
            && is_so(&dream).await
        {
            return dream;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Whether a dream runs, and has kept what it read: it has proposed something by then.
async fn computes(told: &Told, dream: &Dream) -> bool {
    if dream.status != DreamStatus::Running {
        return false;
    }
    let events = told.events(dream).await;
    events.iter().any(|event| matches!(event, Event::DreamOperation { .. }))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schedule_is_due_again_when_its_server_stops_in_the_middle_of_its_dream() {
    let told = Told::new().await;
    told.sessions(1, &["slow down", "slow down"]).await;
    let steps = json!([
        {"step": "merge"},
        {"step": "spin_once"},
        {"step": "say", "path": "/playbook.md", "quote": "slow down"},
    ]);
    let due = due(&told, &steps).await;
    let next_run_at = due.next_run_at;
    let now = async || told.runtime.store.schedule(&due.id).await.unwrap().unwrap();

    let (shutdown, served) = serve(&told).await;
    let first = newest(&told, async |dream| computes(&told, dream).await).await;
    assert!(now().await.next_run_at > next_run_at, "its time was taken");
    shutdown.signal();
    served.await.unwrap().unwrap();
    let canceled = told.runtime.store.dream(&first.id).await.unwrap().unwrap();
    assert_eq!(canceled.status, DreamStatus::Canceled);
    assert_eq!(now().await.next_run_at, next_run_at, "it is due as it was");

    let (shutdown, served) = serve(&told).await;
    let is_done = async |dream: &Dream| dream.id != first.id && dream.status.is_terminal();
    let second = newest(&told, is_done).await;
    assert_eq!((second.status, second.operations.len()), (DreamStatus::Completed, 2));
    shutdown.signal();
    served.await.unwrap().unwrap();
    assert!(now().await.next_run_at > next_run_at);
    assert_eq!(told.runtime.store.dreams().await.unwrap().len(), 2, "it dreamt once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schedule_is_due_again_when_its_dream_is_stopped_before_it_begins() {
    let told = Told::new().await;
    told.sessions(1, &["slow down"]).await;
    let due = due(&told, &json!([{"step": "merge"}])).await;
    let (began, failed) = (AtomicU32::new(0), AtomicU32::new(0));
    let tell = |note: SchedulerNote<'_>| {
        match note {
            SchedulerNote::Began { .. } => began.fetch_add(1, Ordering::Relaxed),
            SchedulerNote::Failed { .. } => failed.fetch_add(1, Ordering::Relaxed),
            _ => 0,
        };
    };
    // Before it has done anything, and when all it has done is to ask the store what it is to do.
    for (round, has_asked) in (1..).zip([false, true]) {
        let stop = async move {
            if has_asked {
                tokio::task::yield_now().await;
            }
        };
        let mut scheduler = Scheduler::new(&told.runtime).unwrap();
        scheduler.run(false, stop, &tell).await.unwrap();
        assert_eq!(began.load(Ordering::Relaxed), round, "its time had come");
        let now = told.runtime.store.schedule(&due.id).await.unwrap().unwrap();
        assert_eq!(now.next_run_at, due.next_run_at, "round {round}");
        let dreams = told.runtime.store.dreams().await.unwrap();
        assert_eq!(dreams.len(), round as usize);
        for dream in &dreams {
            assert_eq!(dream.status, DreamStatus::Canceled, "{dream:?}");
            let of_its_own = (&dream.session_id, &dream.memory_store_out);
            assert_eq!(of_its_own, (&None, &None), "it did not begin");
        }
    }
    // Whoever comes next makes up for both of them, once.
    let mut scheduler = Scheduler::new(&told.runtime).unwrap();
    scheduler.run(true, std::future::pending(), &tell).await.unwrap();
    let dreams = told.runtime.store.dreams().await.unwrap();
    let completed = dreams.iter().filter(|dream| dream.status == DreamStatus::Completed);
    assert_eq!((completed.count(), dreams.len()), (1, 3));
    assert_eq!(failed.load(Ordering::Relaxed), 0, "to be stopped is no failure");
    let now = told.runtime.store.schedule(&due.id).await.unwrap().unwrap();
    assert!(now.next_run_at > due.next_run_at);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dream_that_a_scheduler_only_went_on_with_is_not_lost_when_it_stops() {
    let told = Told::new().await;
    told.sessions(1, &["slow down", "slow down"]).await;
    let steps = json!([{"step": "merge"}, {"step": "spin"}]);
    schedule(&told, &steps).await;
    let (runtime, asked) = (told.runtime.clone(), told.asked(&steps));
    let run = tokio::spawn(async move { runtime.start_dream(&asked, &DreamRun::default()).await });
    let left = newest(&told, async |dream| computes(&told, dream).await).await;
    run.abort();
    assert!(run.await.unwrap_err().is_cancelled());
    // The claim is given back beside.
    while told.runtime.is_dreaming(&left.id).await.unwrap() {
        tokio::time::sleep(LOOK).await;
    }

    let another = told.another();
    let (stop, stopped) = oneshot::channel::<()>();
    let run = tokio::spawn(async move {
        let mut scheduler = Scheduler::new(&another).unwrap();
        let stopped = async move { stopped.await.unwrap() };
        scheduler.run(false, stopped, &|_| ()).await.unwrap();
        another
    });
    let goes_on =
        async |dream: &Dream| dream.session_id != left.session_id && computes(&told, dream).await;
    let again = newest(&told, goes_on).await;
    assert_eq!(again.id, left.id);
    stop.send(()).unwrap();
    let another = run.await.unwrap();
    while another.is_dreaming(&left.id).await.unwrap() {
        tokio::time::sleep(LOOK).await;
    }
    let now = told.runtime.store.dream(&left.id).await.unwrap().unwrap();
    assert_eq!(now.status, DreamStatus::Running, "nobody canceled it");
    assert_eq!(told.runtime.interrupted_dreams().await.unwrap(), [left.id]);
}
